/* SPDX-License-Identifier: MIT */
/* /bin/keymap [NAME]: the keyboard's layout; without a name all there are. */
#include "lib/lib.h"

#define KEYMAP	"/proc/pagewalk/keymap"

static char text[128];

static int set(const char *name)
{
	long fd = sys_open(KEYMAP, O_WRONLY, 0), ret;

	ret = fd < 0 ? fd : sys_write((int)fd, name, strlen(name));
	if (ret >= 0)
		return 0;
	if (ret == -EINVAL)
		printf("keymap: no layout %s; there are: %s", name, text);
	else
		printf("keymap: " KEYMAP " cannot be written: error %ld\n", -ret);
	return 1;
}

int main(int argc, char **argv, char **envp)
{
	long n = read_file(KEYMAP, text, sizeof(text));

	if (n < 0) {
		printf("keymap: " KEYMAP " cannot be read: error %ld\n", -n);
		return 1;
	}
	if (argc > 2) {
		printf("keymap: one layout at a time: keymap NAME; there are: %s", text);
		return 2;
	}
	if (argc == 2)
		return set(argv[1]);
	printf("%s", text);
	return 0;
}
