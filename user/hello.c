/* SPDX-License-Identifier: MIT */
/* /bin/hello: says so, and what it was given. */
#include "lib/lib.h"

int main(int argc, char **argv, char **envp)
{
	int i;

	printf("hello from process %ld, %u-bit\n", sys_getpid(), (unsigned)sizeof(long) * 8);
	for (i = 0; i < argc; i++)
		printf("  argv[%d] = %s\n", i, argv[i]);
	for (i = 0; envp[i]; i++)
		printf("  envp[%d] = %s\n", i, envp[i]);
	return 0;
}
