/* SPDX-License-Identifier: MIT */
/*
 * strlcpy, in a file of its own: the C library of the build host has all of
 * lib/string.c, but not yet this one, so host tests link only this file.
 */
#include <kernel/string.h>

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);
	size_t n = len < size ? len : size - 1;

	if (size) {
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}
