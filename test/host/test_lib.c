/* SPDX-License-Identifier: MIT */
/*
 * lib/: strings, bitmaps, CRC, sort, random numbers and 64-bit division, with exact
 * expectations and against naive models.  lib/string.c and lib/div64.c are compiled in
 * here under other names, so that libc keeps its own.
 */
#include "tap.h"
#include <stdlib.h>

#define memcpy kern_memcpy
#define memmove kern_memmove
#define memset kern_memset
#define memcmp kern_memcmp
#define memchr kern_memchr
#define strlen kern_strlen
#define strnlen kern_strnlen
#define strcmp kern_strcmp
#define strncmp kern_strncmp
#define strchr kern_strchr
#define strrchr kern_strrchr
#define strstr kern_strstr
#define strlcpy kern_strlcpy
#include "../../lib/string.c"
#include "../../lib/strlcpy.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef strlcpy

#include <kernel/bitmap.h>
#include <kernel/crc32.h>
#include <kernel/date.h>
#include <kernel/random.h>
#include <kernel/sort.h>

static struct rnd rnd;

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

/* memcpy, memmove, memset against byte loops, all small sizes and offsets. */
static void test_memory(void)
{
	unsigned char a[96], b[96];
	int bad_copy = 0, bad_move = 0, bad_set = 0;
	size_t from, to, n, i;

	for (from = 0; from < 24; from++)
		for (to = 0; to < 24; to++)
			for (n = 0; n <= 40; n++) {
				for (i = 0; i < sizeof(a); i++)
					a[i] = b[i] = i * 7 + n;
				kern_memmove(a + to, a + from, n);
				memmove(b + to, b + from, n);
				bad_move += !!memcmp(a, b, sizeof(a));
				kern_memcpy(a + 48 + to % 8, a + from % 8, n);
				memcpy(b + 48 + to % 8, b + from % 8, n);
				bad_copy += !!memcmp(a, b, sizeof(a));
				kern_memset(a + to, from - 5, n);
				memset(b + to, from - 5, n);
				bad_set += !!memcmp(a, b, sizeof(a));
			}
	is(bad_copy, 0, "memcpy at every offset and size");
	is(bad_move, 0, "memmove, overlapping both ways");
	is(bad_set, 0, "memset at every offset and size");
	ok(kern_memcpy(a, b, 0) == a && kern_memmove(a, b, 3) == a &&
	   kern_memset(a, 0, 2) == a, "they return their destination");
}

static void test_memcmp(void)
{
	unsigned char a[40], b[40];
	int bad = 0;
	size_t n, at;

	for (n = 1; n <= 32; n++)
		for (at = 0; at < n; at++) {
			memset(a, 0x55, sizeof(a));
			memset(b, 0x55, sizeof(b));
			b[at + 3] = 0xf0;
			bad += kern_memcmp(a + 3, b + 3, n) >= 0;
			bad += kern_memcmp(b + 3, a + 3, n) <= 0;
			bad += kern_memcmp(a + 3, b + 3, at) != 0;
			bad += kern_memchr(b + 3, 0xf0, n) != b + 3 + at;
			bad += kern_memchr(b + 3, 0xf0, at) != NULL;
		}
	is(bad, 0, "memcmp and memchr find the one different byte, unsigned");
	is(kern_memcmp("a", "b", 0), 0, "memcmp of nothing");
}

static void test_strings(void)
{
	static const char *const words[] = {
		"", "a", "b", "ab", "abc", "abd", "ABC", "abcabcabd", "\x80", "x\xffy",
	};
	int bad = 0;
	size_t i, j, n;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		for (j = 0; j < ARRAY_SIZE(words); j++) {
			const char *p = words[i], *q = words[j];

			bad += sign(kern_strcmp(p, q)) != sign(strcmp(p, q));
			bad += kern_strstr(p, q) != strstr(p, q);
			bad += kern_strchr(p, q[0]) != strchr(p, q[0]);
			bad += kern_strrchr(p, q[0]) != strrchr(p, q[0]);
			for (n = 0; n < 12; n++) {
				bad += sign(kern_strncmp(p, q, n)) !=
				       sign(strncmp(p, q, n));
				bad += kern_strnlen(p, n) != strnlen(p, n);
			}
			bad += kern_strlen(p) != strlen(p);
		}
	is(bad, 0, "str* agree with libc on all pairs of words");
}

static void test_strlcpy(void)
{
	char buf[8] = "#######";

	is(kern_strlcpy(buf, "abc", 0), 3, "strlcpy with size 0 returns the length");
	is_str(buf, "#######", "and touches nothing");
	is(kern_strlcpy(buf, "abc", 3), 3, "cut copy returns the length");
	is_str(buf, "ab", "and ends with NUL");
	is(kern_strlcpy(buf, "abcdefg", 8), 7, "exact fit");
	is_str(buf, "abcdefg", "is whole");
}

/* Bitmap functions against a byte per bit. */
static void test_bitmap(void)
{
	enum { BITS = 200 };
	DECLARE_BITMAP(map, BITS);
	unsigned char model[BITS];
	unsigned long i, from, n, weight;
	int bad_next = 0, bad_weight = 0, bad_range = 0, round;

	memset(model, 0, sizeof(model));
	bitmap_zero(map, BITS);
	for (round = 0; round < 400; round++) {
		bool value = rnd_u32(&rnd) & 1;

		from = rnd_below(&rnd, BITS);
		n = rnd_below(&rnd, BITS - from + 1);
		(value ? bitmap_set : bitmap_clear)(map, from, n);
		memset(model + from, value, n);
		for (weight = 0, i = 0; i < BITS; i++) {
			weight += model[i];
			bad_range += test_bit(i, map) != model[i];
		}
		bad_weight += bitmap_weight(map, BITS) != weight;
		for (from = 0; from <= BITS; from++) {
			for (i = from; i < BITS && !model[i]; i++)
				;
			bad_next += find_next_bit(map, BITS, from) != i;
			for (i = from; i < BITS && model[i]; i++)
				;
			bad_next += find_next_zero_bit(map, BITS, from) != i;
		}
	}
	is(bad_range, 0, "bitmap_set and bitmap_clear change exactly their range");
	is(bad_next, 0, "find_next_bit and find_next_zero_bit from every start");
	is(bad_weight, 0, "bitmap_weight counts");
}

static void test_bitmap_free(void)
{
	DECLARE_BITMAP(map, 128);
	unsigned long bit, sum = 0;

	bitmap_fill(map, 128);
	is(bitmap_find_free(map, 128, 0, 1, 1), 128, "nothing free in a full bitmap");
	bitmap_clear(map, 30, 5);
	bitmap_clear(map, 61, 8);
	bitmap_clear(map, 120, 8);
	is(bitmap_find_free(map, 128, 0, 5, 1), 30, "first fit");
	is(bitmap_find_free(map, 128, 0, 6, 1), 61, "first fit that is long enough");
	is(bitmap_find_free(map, 128, 0, 4, 8), 64, "aligned");
	is(bitmap_find_free(map, 128, 62, 8, 1), 120, "from a start, up to the very end");
	is(bitmap_find_free(map, 128, 0, 9, 1), 128, "none long enough");
	bitmap_zero(map, 128);
	__set_bit(0, map);
	__set_bit(64, map);
	__set_bit(127, map);
	for_each_set_bit(bit, map, 128)
		sum = sum * 1000 + bit;
	is(sum, 64127, "for_each_set_bit visits 0, 64, 127");
}

static void test_bitops(void)
{
	unsigned long word = 0;

	ok(!test_and_set_bit(5, &word) && word == BIT(5), "test_and_set_bit on a clear bit");
	ok(test_and_set_bit(5, &word) && word == BIT(5), "test_and_set_bit on a set bit");
	set_bit(BITS_PER_LONG - 1, &word);
	is(__fls(word), BITS_PER_LONG - 1, "__fls");
	is(__ffs(word), 5, "__ffs");
	is(ffz(0x17), 3, "ffz");
	ok(test_and_clear_bit(5, &word) && !test_and_clear_bit(5, &word),
	   "test_and_clear_bit");
	change_bit(0, &word);
	clear_bit(BITS_PER_LONG - 1, &word);
	is(word, 1, "change_bit and clear_bit");
	ok(fls(0) == 0 && fls(1) == 1 && fls(0x80000000u) == 32, "fls");
	ok(fls64(0) == 0 && fls64(1ull << 32) == 33 && fls64(~0ull) == 64, "fls64");
	ok(order_base_2(0) == 0 && order_base_2(1) == 0 && order_base_2(2) == 1 &&
	   order_base_2(4096) == 12 && order_base_2(4097) == 13, "order_base_2");
	ok(hweight32(0) == 0 && hweight32(~0u) == 32 && hweight64(0xf0f0f0f0f0f0f0f0) == 32 &&
	   hweight_long(BIT(BITS_PER_LONG - 1) | 1) == 2, "hweight");
	ok(!is_power_of_2(0) && is_power_of_2(1ull << 63) && !is_power_of_2(6),
	   "is_power_of_2");
}

static void test_crc32(void)
{
	static const unsigned char zero[64];
	static unsigned char data[1000];
	u32 whole;
	size_t i;
	int bad = 0;

	is(crc32("123456789", 9), 0xcbf43926u, "crc32 of the standard check");
	is(crc32("", 0), 0, "crc32 of nothing");
	is(crc32(zero, 32), 0x190a55adu, "crc32 of 32 zero bytes");
	for (i = 0; i < sizeof(data); i++)
		data[i] = rnd_u32(&rnd);
	whole = crc32(data, sizeof(data));
	for (i = 0; i <= 40; i++)
		bad += crc32_add(crc32(data, i), data + i, sizeof(data) - i) != whole;
	is(bad, 0, "crc32 in two pieces, cut anywhere");
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

struct odd_size {
	char key[5];
};

static int compare_odd(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct odd_size));
}

static void test_sort(void)
{
	static int v[500], w[500];
	static struct odd_size odd[100];
	int bad = 0, lost = 0;
	size_t n, i;

	for (n = 0; n < 500; n += n < 20 ? 1 : 37) {
		for (i = 0; i < n; i++)
			v[i] = w[i] = rnd_below(&rnd, n / 2 + 1);
		sort(v, n, sizeof(v[0]), compare_ints);
		qsort(w, n, sizeof(w[0]), compare_ints);
		bad += !!memcmp(v, w, n * sizeof(v[0]));
		for (i = 0; i < n; i++) {
			const int *hit = binary_search(&w[i], v, n, sizeof(v[0]),
						       compare_ints);

			lost += !hit || *hit != w[i];
		}
	}
	is(bad, 0, "sort agrees with qsort");
	is(lost, 0, "binary_search finds every element");
	n = 100000;
	ok(!binary_search(&n, v, 500, sizeof(v[0]), compare_ints), "and no other");
	for (i = 0; i < 100; i++)
		odd[i].key[rnd_below(&rnd, 5)] = rnd_u32(&rnd);
	sort(odd, 100, sizeof(odd[0]), compare_odd);
	for (bad = 0, i = 1; i < 100; i++)
		bad += compare_odd(&odd[i - 1], &odd[i]) > 0;
	is(bad, 0, "elements of 5 bytes");
}

static void test_random(void)
{
	u64 state = 1234567;
	struct rnd a, b;
	int i, bad = 0, seen[10] = { 0 };

	ok(splitmix64(&state) == 6457827717110365317ull &&
	   splitmix64(&state) == 3203168211198807973ull, "splitmix64 reference values");
	a.state = 1;
	ok(rnd_u64(&a) == 5180492295206395165ull, "xorshift64* reference value");
	rnd_seed(&a, 42);
	rnd_seed(&b, 42);
	for (i = 0; i < 1000; i++)
		bad += rnd_u64(&a) != rnd_u64(&b);
	is(bad, 0, "the same seed gives the same numbers");
	for (i = 0; i < 10000; i++)
		seen[rnd_below(&a, 10)]++;
	for (i = 0; i < 10; i++)
		bad += seen[i] < 850 || seen[i] > 1150;
	is(bad, 0, "rnd_below is flat");
}

/* Against Python's datetime. */
static void test_date(void)
{
	static const struct {
		unsigned year, month, day, days;
	} known[] = {
		{ 1970, 1, 1, 0 }, { 1980, 1, 1, 3652 }, { 1999, 12, 31, 10956 },
		{ 2000, 2, 29, 11016 }, { 2000, 3, 1, 11017 }, { 2026, 11, 27, 20784 },
		{ 2099, 12, 31, 47481 }, { 2100, 3, 1, 47541 },
	};
	unsigned i, bad = 0;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		bad += date_to_days(known[i].year, known[i].month, known[i].day) != known[i].days;
	is(bad, 0, "days since 1970");
}

int main(void)
{
	plan(48);
	rnd_seed(&rnd, 2024);
	test_memory();
	test_memcmp();
	test_strings();
	test_strlcpy();
	test_bitmap();
	test_bitmap_free();
	test_bitops();
	test_crc32();
	test_sort();
	test_random();
	test_date();
	return done();
}
