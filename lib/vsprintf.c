/* SPDX-License-Identifier: MIT */
/*
 * vsnprintf and its relatives.  Contract: include/kernel/printk.h.
 *
 * Text is put out through struct out, which counts everything and stores what fits, so
 * that no conversion has to think about the end of the buffer.  Runs in any context,
 * NMI included: no static data is written, no lock taken, nothing allocated.
 */
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/string.h>

struct out {
	char *buf;
	size_t size;		/* bytes of buf */
	size_t len;		/* length of the text so far, stored or not */
};

struct spec {
	bool left, plus, space, zero, alt;
	int width;		/* 0: as long as needed */
	int precision;		/* -1: none */
	int length;		/* bytes of the integer: 1, 2, 4, 8 */
	bool upper;
};

/* kernel/kallsyms.c has the real one; a program without a symbol table needs none. */
const char *kallsyms_lookup(unsigned long addr, unsigned long *off, unsigned long *size);

__weak const char *kallsyms_lookup(unsigned long addr, unsigned long *off,
				   unsigned long *size)
{
	return NULL;
}

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_many(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const char *s, size_t n)
{
	while (n--)
		put(o, *s++);
}

/*
 * Digits of v, written backward so that they end before `end`.  Decimal in 32 bits as
 * long as possible: a division of 64 by 32 bits is a function call on i386.
 */
static char *digits(char *end, u64 v, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	u32 low;

	while (v >> 32) {
		if (base == 10) {
			u64 q = v / 10;

			*--end = set[(u32)v - (u32)q * 10];
			v = q;
		} else {
			*--end = set[v & (base - 1)];
			v >>= base == 16 ? 4 : 3;
		}
	}
	for (low = v; low; low /= base)
		*--end = set[low % base];
	return end;
}

/* prefix (sign or 0x), zeros up to the precision or width, digits, padding around. */
static void put_number(struct out *o, struct spec *s, u64 v, unsigned int base,
		       const char *prefix)
{
	char buf[24], *end = buf + sizeof(buf), *p = digits(end, v, base, s->upper);
	int n = end - p, prefix_len = strlen(prefix), zeros = 1 - n, pad;

	if (s->precision >= 0)
		zeros = s->precision - n;
	else if (s->zero && !s->left)
		zeros = max(zeros, s->width - prefix_len - n);
	if (base == 8 && s->alt)
		zeros = max(zeros, 1);
	zeros = max(zeros, 0);
	pad = s->width - prefix_len - zeros - n;

	if (!s->left)
		put_many(o, ' ', pad);
	put_text(o, prefix, prefix_len);
	put_many(o, '0', zeros);
	put_text(o, p, n);
	if (s->left)
		put_many(o, ' ', pad);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t n;
	int pad;

	if (!text)
		text = "(null)";
	n = s->precision >= 0 ? strnlen(text, s->precision) : strlen(text);
	pad = s->width - (int)n;
	if (!s->left)
		put_many(o, ' ', pad);
	put_text(o, text, n);
	if (s->left)
		put_many(o, ' ', pad);
}

static void put_pointer(struct out *o, struct spec *s, unsigned long v)
{
	s->precision = 2 * sizeof(void *);
	put_number(o, s, v, 16, "0x");
}

/* %pS and %ps */
static void put_symbol(struct out *o, struct spec *s, unsigned long addr, bool offset)
{
	unsigned long off = 0, size = 0;
	const char *name = kallsyms_lookup(addr, &off, &size);
	char buf[128];

	if (!name) {
		put_pointer(o, s, addr);
		return;
	}
	if (offset)
		snprintf(buf, sizeof(buf), "%.96s+0x%lx/0x%lx", name, off, size);
	else
		snprintf(buf, sizeof(buf), "%.96s", name);
	put_string(o, s, buf);
}

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		switch (*f) {
		case '-': s->left = true; break;
		case '+': s->plus = true; break;
		case ' ': s->space = true; break;
		case '0': s->zero = true; break;
		case '#': s->alt = true; break;
		default: return f;
		}
	}
}

static const char *parse_int(const char *f, int *v)
{
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		if (*v < 100000)
			*v = *v * 10 + *f - '0';
	return f;
}

static const char *parse_length(const char *f, struct spec *s)
{
	s->length = sizeof(int);
	switch (*f) {
	case 'h':
		s->length = f[1] == 'h' ? sizeof(char) : sizeof(short);
		return f + (f[1] == 'h' ? 2 : 1);
	case 'l':
		s->length = f[1] == 'l' ? sizeof(long long) : sizeof(long);
		return f + (f[1] == 'l' ? 2 : 1);
	case 'z':
	case 't':
		s->length = sizeof(size_t);
		return f + 1;
	case 'j':
		s->length = sizeof(intmax_t);
		return f + 1;
	}
	return f;
}

/* A va_list in a structure, so that helpers can take the next argument. */
struct args {
	va_list v;
};

static u64 next_unsigned(struct args *a, int length)
{
	u64 v = length == 8 ? va_arg(a->v, u64) : va_arg(a->v, unsigned int);

	return length >= 4 ? v : v & ((1u << (length * 8)) - 1);
}

static s64 next_signed(struct args *a, int length)
{
	s64 v = length == 8 ? va_arg(a->v, s64) : va_arg(a->v, int);

	if (length == 1)
		return (s8)v;
	return length == 2 ? (s16)v : v;
}

static void put_signed(struct out *o, struct spec *s, s64 v)
{
	const char *sign = v < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(o, s, v < 0 ? -(u64)v : (u64)v, 10, sign);
}

static void put_hex(struct out *o, struct spec *s, u64 v)
{
	put_number(o, s, v, 16, s->alt && v ? (s->upper ? "0X" : "0x") : "");
}

static const char *parse_width(const char *f, struct spec *s, struct args *a)
{
	if (*f == '*') {
		s->width = va_arg(a->v, int);
		if (s->width < 0) {
			s->left = true;
			s->width = -s->width;
		}
		f++;
	} else {
		f = parse_int(f, &s->width);
	}
	if (*f != '.')
		return f;
	if (f[1] == '*') {
		s->precision = va_arg(a->v, int);
		return f + 2;
	}
	return parse_int(f + 1, &s->precision);
}

static const char *convert_pointer(struct out *o, struct spec *s, const char *f,
				   struct args *a)
{
	unsigned long v = (unsigned long)va_arg(a->v, void *);

	if (*f != 'S' && *f != 's') {
		put_pointer(o, s, v);
		return f;
	}
	put_symbol(o, s, v, *f == 'S');
	return f + 1;
}

/* One conversion; f stands after the percent sign.  Returns where the text goes on. */
static const char *convert(struct out *o, const char *f, struct args *a)
{
	struct spec s = { .precision = -1 };
	char c;

	f = parse_flags(f, &s);
	f = parse_width(f, &s, a);
	f = parse_length(f, &s);
	switch (*f) {
	case 'd':
	case 'i':
		put_signed(o, &s, next_signed(a, s.length));
		break;
	case 'u':
		put_number(o, &s, next_unsigned(a, s.length), 10, "");
		break;
	case 'o':
		put_number(o, &s, next_unsigned(a, s.length), 8, "");
		break;
	case 'X':
		s.upper = true;
		/* fall through */
	case 'x':
		put_hex(o, &s, next_unsigned(a, s.length));
		break;
	case 'c':
		c = va_arg(a->v, int);
		put_many(o, ' ', s.left ? 0 : s.width - 1);
		put(o, c);
		put_many(o, ' ', s.left ? s.width - 1 : 0);
		break;
	case 's':
		put_string(o, &s, va_arg(a->v, const char *));
		break;
	case 'p':
		return convert_pointer(o, &s, f + 1, a);
	case '%':
		put(o, '%');
		break;
	case '\0':
		return f;
	default:		/* unknown: show it as it stands */
		put(o, '%');
		put(o, *f);
	}
	return f + 1;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct args a;

	va_copy(a.v, args);
	while (*fmt) {
		if (*fmt == '%')
			fmt = convert(&o, fmt + 1, &a);
		else
			put(&o, *fmt++);
	}
	va_end(a.v);
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return o.len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return (size_t)n < size ? n : (int)size - 1;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}
