/* SPDX-License-Identifier: MIT */
/* Formatted output; see lib.h for what the format knows. */
#include "lib.h"

#define LINE_SIZE	1024

struct out {
	char *buf;
	size_t size, n;		/* n: characters of the whole text */
};

struct spec {
	bool left, zero, alternate, upper;
	int width, precision;	/* precision -1: none given */
	int longs;		/* l: 1, ll: 2 */
};

static void put(struct out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n] = c;
	o->n++;
}

static void pad(struct out *o, int n, char c)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	int n = 0, i;

	while (text[n] && n != s->precision)
		n++;
	pad(o, s->left ? 0 : s->width - n, ' ');
	for (i = 0; i < n; i++)
		put(o, text[i]);
	pad(o, s->left ? s->width - n : 0, ' ');
}

static void put_number(struct out *o, const struct spec *s, u64 value, unsigned base,
		       const char *sign)
{
	const char *digits = s->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24];
	int n = 0, len, zeros;

	do
		text[n++] = digits[value % base];
	while (value /= base);
	zeros = s->precision > n ? s->precision - n : 0;
	len = n + zeros + (int)strlen(sign);
	if (s->zero && !s->left && s->precision < 0 && s->width > len) {
		zeros += s->width - len;
		len = s->width;
	}
	pad(o, s->left ? 0 : s->width - len, ' ');
	while (*sign)
		put(o, *sign++);
	pad(o, zeros, '0');
	while (n)
		put(o, text[--n]);
	pad(o, s->left ? s->width - len : 0, ' ');
}

static u64 get_unsigned(const struct spec *s, va_list *args)
{
	if (s->longs == 2)
		return va_arg(*args, unsigned long long);
	return s->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
}

static s64 get_signed(const struct spec *s, va_list *args)
{
	if (s->longs == 2)
		return va_arg(*args, long long);
	return s->longs ? va_arg(*args, long) : va_arg(*args, int);
}

static int get_width(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		return va_arg(*args, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = n * 10 + **fmt - '0';
	return n;
}

static const char *parse_spec(struct spec *s, const char *fmt, va_list *args)
{
	*s = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			s->left = true;
		else if (*fmt == '0')
			s->zero = true;
		else if (*fmt == '#')
			s->alternate = true;
		else
			break;
	}
	s->width = get_width(&fmt, args);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*fmt == '.') {
		fmt++;
		s->precision = get_width(&fmt, args);
	}
	for (; *fmt == 'l' || *fmt == 'z' || *fmt == 'h'; fmt++)
		s->longs += *fmt != 'h';
	return fmt;
}

/* One conversion; s is what stands before its letter. */
static void convert(struct out *o, struct spec *s, char letter, va_list *args)
{
	char text[2] = { 0, 0 };
	const char *string;
	s64 value;

	switch (letter) {
	case 'd':
	case 'i':
		value = get_signed(s, args);
		put_number(o, s, value < 0 ? -(u64)value : (u64)value, 10, value < 0 ? "-" : "");
		break;
	case 'u':
		put_number(o, s, get_unsigned(s, args), 10, "");
		break;
	case 'X':
		s->upper = true;
		/* fall through */
	case 'x':
		put_number(o, s, get_unsigned(s, args), 16, s->alternate ? "0x" : "");
		break;
	case 'p':
		s->precision = 2 * sizeof(void *);
		put_number(o, s, (ulong)va_arg(*args, void *), 16, "0x");
		break;
	case 'c':
		text[0] = (char)va_arg(*args, int);
		put_string(o, s, text);
		break;
	case 's':
		string = va_arg(*args, const char *);
		put_string(o, s, string ? string : "(null)");
		break;
	default:
		put(o, letter);
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	va_list copy;

	va_copy(copy, args);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(&s, fmt + 1, &copy);
		if (!*fmt)
			break;
		convert(&o, &s, *fmt, &copy);
	}
	va_end(copy);
	if (size)
		buf[o.n < size ? o.n : size - 1] = '\0';
	return (int)o.n;
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

static int print(int fd, const char *fmt, va_list args)
{
	char line[LINE_SIZE];
	int n = vsnprintf(line, sizeof(line), fmt, args);

	if (n > LINE_SIZE - 1)
		n = LINE_SIZE - 1;
	return (int)sys_write(fd, line, n);
}

int printf(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = print(1, fmt, args);
	va_end(args);
	return n;
}

int dprintf(int fd, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = print(fd, fmt, args);
	va_end(args);
	return n;
}
