/* SPDX-License-Identifier: MIT */
/*
 * Memory, strings, checksums and unpacking: the part of efi.h that knows nothing of a
 * firmware, so that files which need no more can be tested on the host.
 */
#ifndef EFI_TEXT_H
#define EFI_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* lib.c: no firmware call in any of these. */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* Copies at most size - 1 characters and ends with NUL; returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);

/*
 * %d %i %u %x %X %c %s %p %%, with h, l, ll, z and the flags `-`, `0`, a width and (for
 * strings) a precision, each also as `*`.  %ls takes a CHAR16 string.  `long` has 32 bits
 * here (Windows ABI): print a uint64_t with %llu or %llx.  Always ends with NUL when
 * size > 0; returns the length that the whole text has.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The kernel's (lib/crc32.c).  Start with crc = 0; feed the result on. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t n);

/* ---- inflate.c --------------------------------------------------------------------- */

/* Unpack a gzip file piece by piece; false if it is damaged (some may have been put). */
bool gunzip(const void *file, size_t size,
	    void (*put)(void *ctx, const void *data, size_t n), void *ctx);

#endif
