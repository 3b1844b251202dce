/* SPDX-License-Identifier: MIT */
/* Reading numbers, and a generator of pseudo-random ones. */
#include "lib.h"

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static u64 parse(const char *s, const char **end, unsigned base)
{
	u64 n = 0;

	for (; digit(*s) < base; s++)
		n = n * base + digit(*s);
	if (end)
		*end = s;
	return n;
}

u64 parse_hex(const char *s, const char **end)
{
	return parse(s, end, 16);
}

u64 parse_u64(const char *s, const char **end)
{
	if (s[0] == '0' && (s[1] | 0x20) == 'x' && digit(s[2]) < 16)
		return parse(s + 2, end, 16);
	return parse(s, end, 10);
}

bool number_after(const char *arg, const char *name, u64 least, u64 most, u64 *value)
{
	size_t n = strlen(name);
	const char *end;

	if (strncmp(arg, name, n))
		return false;
	*value = parse_u64(arg + n, &end);
	return end != arg + n && !*end && *value >= least && *value <= most;
}

u64 next_random(u64 *state)
{
	u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}
