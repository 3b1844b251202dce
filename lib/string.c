/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions.  Contracts: ISO C and include/kernel/string.h.
 *
 * The symbols below are also what the compiler calls for structure copies, so this file
 * must not contain a loop that the compiler recognises as one of them: barrier() where
 * that could happen.  Names in parentheses are those that <asm/string.h> has macros for.
 */
#include <kernel/kernel.h>
#include <kernel/string.h>

/* A word at any address, of whatever type: x86 does not mind. */
struct any_word {
	unsigned long v;
} __packed __attribute__((__may_alias__));

void *(memcpy)(void *dst, const void *src, size_t n)
{
	arch_memcpy(dst, src, n);
	return dst;
}

static void copy_backward(u8 *d, const u8 *s, size_t n)
{
	while (n >= sizeof(long)) {
		n -= sizeof(long);
		((struct any_word *)(d + n))->v = ((const struct any_word *)(s + n))->v;
		barrier();
	}
	while (n--) {
		d[n] = s[n];
		barrier();
	}
}

void *(memmove)(void *dst, const void *src, size_t n)
{
	/* One comparison: below src, or at least n above it, forward is safe. */
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		arch_memcpy(dst, src, n);
	else
		copy_backward(dst, src, n);
	return dst;
}

void *(memset)(void *dst, int c, size_t n)
{
	arch_memset(dst, (u8)c, n);
	return dst;
}

int (memcmp)(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	while (n >= sizeof(long)) {
		if (((const struct any_word *)p)->v != ((const struct any_word *)q)->v)
			break;
		p += sizeof(long);
		q += sizeof(long);
		n -= sizeof(long);
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p) {
		p++;
		barrier();
	}
	return p - s;
}

size_t strnlen(const char *s, size_t n)
{
	size_t len = 0;

	while (len < n && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (; strncmp(s, what, len); s++)
		if (!*s)
			return NULL;
	return (char *)s;
}
