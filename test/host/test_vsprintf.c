/* SPDX-License-Identifier: MIT */
/*
 * lib/vsprintf.c: exact texts, and agreement with libc over many formats.  fake_kallsyms.c
 * is the symbol table.
 */
#include "tap.h"
#include <inttypes.h>
#include <limits.h>

#define vsnprintf kern_vsnprintf
#define snprintf kern_snprintf
#include "../../lib/vsprintf.c"
#undef vsnprintf
#undef snprintf

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"

#define gives(expected, ...) do { \
	char _buf[200]; \
	int _n = kern_snprintf(_buf, sizeof(_buf), __VA_ARGS__); \
	is_str(_buf, expected, "%s", #__VA_ARGS__); \
	if (_n != (int)strlen(expected)) \
		ok(false, "return value %d", _n); \
} while (0)

/* Every combination of flags, width, precision, length and conversion, as libc does it. */
static void test_like_libc(void)
{
	static const char *const flags[] = {
		"", "-", "0", "+", " ", "#", "-0", "+0", " -", "#0", "-#", "+ ", "0+#-",
	};
	static const char *const widths[] = { "", "1", "5", "12", "*" };
	static const char *const precisions[] = { "", ".", ".0", ".1", ".4", ".9", ".*" };
	static const struct { const char *text; int wide; } lengths[] = {
		{ "", 0 }, { "h", 0 }, { "hh", 0 }, { "ll", 1 }, { "j", 1 },
	};
	static const long long values[] = {
		0, 1, -1, 7, 8, 10, 255, 256, -128, 32767, -32768, 65536, INT_MAX, INT_MIN,
		4294967296ll, 9999999999ll, -10000000000ll, LLONG_MAX, LLONG_MIN,
	};
	static const char kinds[] = "diuoxX";
	char fmt[32], a[200], b[200];
	size_t f, w, p, l, k, v;
	int bad = 0, n, m, count = 0;

#define TRY(...) do { \
	n = kern_snprintf(a, sizeof(a), fmt, __VA_ARGS__); \
	m = snprintf(b, sizeof(b), fmt, __VA_ARGS__); \
} while (0)
#define TRY_STARS(value) do { \
	bool _w = *widths[w] == '*', _p = strchr(precisions[p], '*'); \
	if (_w && _p) \
		TRY(-9, 6, value); \
	else if (_w) \
		TRY(9, value); \
	else if (_p) \
		TRY(-1, value); \
	else \
		TRY(value); \
} while (0)
	for (f = 0; f < ARRAY_SIZE(flags); f++)
	for (w = 0; w < ARRAY_SIZE(widths); w++)
	for (p = 0; p < ARRAY_SIZE(precisions); p++)
	for (l = 0; l < ARRAY_SIZE(lengths); l++)
	for (k = 0; kinds[k]; k++)
	for (v = 0; v < ARRAY_SIZE(values); v++) {
		snprintf(fmt, sizeof(fmt), "<%%%s%s%s%s%c>", flags[f], widths[w],
			 precisions[p], lengths[l].text, kinds[k]);
		if (lengths[l].wide)
			TRY_STARS(values[v]);
		else
			TRY_STARS((int)values[v]);
		count++;
		if ((n != m || strcmp(a, b)) && bad++ < 10)
			diag("%s of %lld: '%s', libc '%s'", fmt, values[v], a, b);
	}
	is(bad, 0, "%d number conversions as libc does them", count);
}

static void test_strings(void)
{
	gives("hello", "hello");
	gives("100%", "100%%");
	gives("[abc]", "[%s]", "abc");
	gives("[  abc]", "[%5s]", "abc");
	gives("[abc  ]", "[%-5s]", "abc");
	gives("[ab]", "[%.2s]", "abc");
	gives("[   ab]", "[%5.2s]", "abc");
	gives("[ab   ]", "[%-*.*s]", 5, 2, "abc");
	gives("[(null)]", "[%s]", (char *)NULL);
	gives("[x]", "[%c]", 'x');
	gives("[  x]", "[%3c]", 'x');
	gives("[x  ]", "[%-3c]", 'x');
	gives("%y", "%y");
	gives("end ", "end %");
}

static void test_numbers(void)
{
	gives("18446744073709551615", "%llu", ~0ull);
	gives("-9223372036854775808", "%lld", LLONG_MIN);
	gives("10000000000000000000", "%llu", 10000000000000000000ull);
	gives("4294967296", "%llu", 1ull << 32);
	gives("0xffffffff80000000", "%#llx", 0xffffffff80000000ull);
	gives("[mem 0x0000000000100000-0x000000007fffffff]",
	      "[mem 0x%016llx-0x%016llx]", 0x100000ull, 0x7fffffffull);
	gives("1777777777777777777777", "%llo", ~0ull);
	gives("4096 -1", "%zu %td", (size_t)4096, (ptrdiff_t)-1);
	gives("1 2 3", "%d %s %llu", 1, "2", 3ull);
}

static void test_pointers(void)
{
	gives(sizeof(void *) == 8 ? "0x000000000000beef" : "0x0000beef",
	      "%p", (void *)0xbeef);
	gives(sizeof(void *) == 8 ? "0x0000000000000000" : "0x00000000", "%p", NULL);
	gives("start_kernel+0x10/0x100", "%pS", (void *)0x1010);
	gives("start_kernel", "%ps", (void *)0x1010);
	gives("[            start_kernel]", "[%24ps]", (void *)0x1000);
	gives(sizeof(void *) == 8 ? "0x0000000000002000." : "0x00002000.",
	      "%pS.", (void *)0x2000);
}

static void test_limits(void)
{
	char buf[8] = "#######";

	is(kern_snprintf(NULL, 0, "%d", 12345), 5, "size 0 only counts");
	is(kern_snprintf(buf, 1, "%s", "abc"), 3, "size 1 returns the whole length");
	is_str(buf, "", "and stores the NUL");
	ok(buf[1] == '#', "and nothing behind it");
	is(kern_snprintf(buf, 5, "%s%d", "abc", 789), 6, "cut text");
	is_str(buf, "abc7", "keeps what fits");
	ok(buf[5] == '#', "and nothing behind it");
	is(scnprintf(buf, 5, "%s", "abcdefgh"), 4, "scnprintf returns what it stored");
	is(scnprintf(buf, 0, "x"), 0, "scnprintf with no room");
	is(scnprintf(buf, 8, "%s", "ab"), 2, "scnprintf with room");
}

int main(void)
{
	plan(40);
	test_like_libc();
	test_strings();
	test_numbers();
	test_pointers();
	test_limits();
	return done();
}
