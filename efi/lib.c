/* SPDX-License-Identifier: MIT */
/*
 * Strings and formatting for the loader.
 *
 * Nothing here calls the firmware, so all of it also works after ExitBootServices.  The
 * compiler may turn any loop into a call of memcpy or memset; those two are string
 * instructions, which it cannot turn into themselves: the kernel's.
 */
#include "efi.h"
#include <asm/string.h>

/* The header's macros are for who calls them. */
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

void *memcpy(void *dst, const void *src, size_t n)
{
	arch_memcpy(dst, src, n);
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	arch_memset(dst, (uint8_t)c, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	while (n--)
		*(volatile uint8_t *)(d + n) = s[n];
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (((const volatile char *)s)[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n = len < size ? len : size - 1;

	if (size) {
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

size_t wide_len(const CHAR16 *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t wide_from_ascii(CHAR16 *dst, size_t n, const char *src)
{
	size_t i = 0;

	if (!n)
		return 0;
	for (; src[i] && i < n - 1; i++)
		dst[i] = (uint8_t)src[i] < 0x80 ? (CHAR16)src[i] : '?';
	dst[i] = 0;
	return i;
}

size_t ascii_from_wide(char *dst, size_t n, const CHAR16 *src)
{
	size_t i = 0;

	if (!n)
		return 0;
	for (; src[i] && i < n - 1; i++)
		dst[i] = src[i] < 0x80 ? (char)src[i] : '?';
	dst[i] = '\0';
	return i;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

bool parse_u64(const char *s, uint64_t *value)
{
	unsigned base = 10, shift = 0, digits = 0;
	uint64_t v = 0;

	if (s[0] == '0' && (s[1] | 0x20) == 'x') {
		base = 16;
		s += 2;
	}
	for (; digit_value(*s) < base; s++, digits++) {
		if (v >> 59)
			return false;	/* the next digit could overflow */
		v = v * base + digit_value(*s);
	}
	switch (*s | 0x20) {
	case 'g':
		shift += 10;
		/* fall through */
	case 'm':
		shift += 10;
		/* fall through */
	case 'k':
		shift += 10;
		s++;
	}
	if (*s || !digits || (shift && v >> (64 - shift)))
		return false;
	*value = v << shift;
	return true;
}

/* ---- formatting -------------------------------------------------------------------- */

struct out {
	char *buf;
	size_t size, len;
};

struct spec {
	bool left, zero, upper, wide;
	int width, precision;		/* precision -1: none */
	unsigned longs;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_number(struct out *o, const struct spec *sp, uint64_t v, unsigned base,
		       bool negative)
{
	const char *digits = sp->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	int n = 0, len;

	do {
		tmp[n++] = digits[v % base];
		v /= base;
	} while (v);
	len = n + negative;
	if (!sp->left && !sp->zero)
		pad(o, ' ', sp->width - len);
	if (negative)
		put(o, '-');
	if (!sp->left && sp->zero)
		pad(o, '0', sp->width - len);
	while (n)
		put(o, tmp[--n]);
	if (sp->left)
		pad(o, ' ', sp->width - len);
}

static void put_string(struct out *o, const struct spec *sp, const void *p)
{
	const char *s = p ? p : "(null)";
	const CHAR16 *w = p;
	bool wide = sp->wide && p;
	int n = 0, i;

	while ((sp->precision < 0 || n < sp->precision) && (wide ? w[n] : (CHAR16)s[n]))
		n++;
	if (!sp->left)
		pad(o, ' ', sp->width - n);
	for (i = 0; i < n; i++)
		put(o, !wide ? s[i] : w[i] < 0x80 ? (char)w[i] : '?');
	if (sp->left)
		pad(o, ' ', sp->width - n);
}

static int parse_count(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		return va_arg(*ap, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

static void parse_spec(const char **fmt, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1 };
	for (;; ++*fmt) {
		if (**fmt == '-')
			sp->left = true;
		else if (**fmt == '0')
			sp->zero = true;
		else
			break;
	}
	sp->width = parse_count(fmt, ap);
	if (**fmt == '.') {
		++*fmt;
		sp->precision = parse_count(fmt, ap);
	}
	for (;; ++*fmt) {
		if (**fmt == 'l')
			sp->longs++;
		else if (**fmt == 'z')
			sp->longs = sizeof(size_t) == 8 ? 2 : 0;
		else if (**fmt != 'h')
			break;
	}
	sp->wide = sp->longs > 0;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct spec sp;
	va_list ap;
	int64_t v;

	va_copy(ap, args);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt++;
		parse_spec(&fmt, &sp, &ap);
		switch (*fmt) {
		case 'd':
		case 'i':
			v = sp.longs > 1 ? va_arg(ap, int64_t) : va_arg(ap, int);
			put_number(&o, &sp, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0);
			break;
		case 'X':
			sp.upper = true;
			/* fall through */
		case 'x':
		case 'u':
			v = sp.longs > 1 ? va_arg(ap, int64_t) : va_arg(ap, unsigned);
			put_number(&o, &sp, v, *fmt == 'u' ? 10 : 16, false);
			break;
		case 'p':
			sp.zero = true;
			sp.width = 2 * sizeof(void *);
			put_number(&o, &sp, (uintptr_t)va_arg(ap, void *), 16, false);
			break;
		case 's':
			put_string(&o, &sp, va_arg(ap, const void *));
			break;
		case 'c':
			put(&o, (char)va_arg(ap, int));
			break;
		case '\0':
			fmt--;
			break;
		default:
			put(&o, *fmt);
		}
	}
	va_end(ap);
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
