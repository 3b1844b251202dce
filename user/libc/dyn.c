/* SPDX-License-Identifier: MIT */
/*
 * A dynamic program for row F14: writes the address of its C library's code as a line and
 * waits until its input ends.  Built twice, with another NAME.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char name[] = NAME;

int main(void)
{
	size_t (*length)(const char *) = strlen;
	char c;

	/* strlen() is chosen at start; printf() is the address itself. */
	printf("%lx\n", (unsigned long)printf);
	fflush(stdout);
	while (read(0, &c, 1) == 1)
		;
	return length(name) != sizeof(name) - 1;
}
