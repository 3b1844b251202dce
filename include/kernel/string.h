/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions with the meaning that ISO C gives them.
 *
 * The compiler emits calls to memcpy, memmove, memset and memcmp by itself, so these four
 * exist as symbols in both kernels (lib/string.c); <asm/string.h> supplies the fast loops
 * and lets the compiler expand small constant sizes in place.  None of them sleeps, none
 * of them may be given memory that can fault: user memory goes through <asm/uaccess.h>.
 */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H

#include <kernel/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/*
 * Copy at most size - 1 bytes and end them with NUL (size 0: touch nothing).  Returns
 * strlen(src): a result >= size means that the copy was cut.
 */
size_t strlcpy(char *dst, const char *src, size_t size);

#include <asm/string.h>

#endif
