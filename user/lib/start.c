/* SPDX-License-Identifier: MIT */
/* From _start to main(): arguments, environment, auxiliary vector. */
#include "lib.h"

char **environ;
const ulong *auxv;

__noreturn void __start_c(ulong *sp);

__noreturn void __start_c(ulong *sp)
{
	int argc = (int)sp[0];
	char **argv = (char **)(sp + 1), **p;

	environ = argv + argc + 1;
	for (p = environ; *p; p++)
		;
	auxv = (const ulong *)(p + 1);
	exit(main(argc, argv, environ));
}

__noreturn void exit(int status)
{
	sys_exit_group(status);
}

const char *getenv(const char *name)
{
	size_t n = strlen(name);
	char **p;

	for (p = environ; *p; p++)
		if (strncmp(*p, name, n) == 0 && (*p)[n] == '=')
			return *p + n + 1;
	return NULL;
}

bool auxv_get(ulong type, ulong *value)
{
	const ulong *p;

	for (p = auxv; p[0]; p += 2) {
		if (p[0] == type) {
			*value = p[1];
			return true;
		}
	}
	return false;
}
