/* SPDX-License-Identifier: MIT */
/*
 * Unpacking what the application carries: gzip files, that is DEFLATE (RFC 1951) with the
 * header of RFC 1952.
 *
 * The firmware holds our file and our image in memory at the same time, and on a machine
 * with 48 or 64 MiB that decides whether it can start us at all; so kernels and initramfs
 * travel packed.  Output goes through a window of 32 KiB to a function, so that a checksum
 * can be computed before there is memory for the whole.  The gzip trailer is not looked
 * at: the build's checksum is compared by the caller.
 *
 * A code of up to FAST_BITS bits is one look into a table; longer ones, which are rare, are
 * decoded bit by bit from the counts of codes of each length.  No table can be overrun by
 * damaged input, and what is read behind its end counts as zeroes until it is consumed.
 */
#include "text.h"

#define WINDOW		32768u
#define MAX_BITS	15
#define LENGTH_CODES	286
#define DISTANCE_CODES	30
#define GZIP_HEADER	10
#define FAST_BITS	10
#define FAST(symbol, bits)	((uint16_t)((symbol) << 4 | (bits)))

struct codes {
	uint16_t fast[1 << FAST_BITS];	/* by the next bits: FAST(); 0: longer, or no code */
	uint16_t count[MAX_BITS + 1];	/* how many codes have this many bits */
	uint16_t symbol[288];		/* symbols in the order of their codes */
};

static struct {
	const uint8_t *in, *end;
	size_t bits;			/* a machine word of input, the next bit first */
	unsigned nbits;			/* of them are there */
	bool failed;
	unsigned fill;			/* bytes in the window since the last flush */
	bool wrapped;			/* the whole window holds history */
	void (*put)(void *ctx, const void *data, size_t n);
	void *ctx;
} z;

static uint8_t window[WINDOW];
static struct codes lengths, distances;

/* All that fit in bytes, at least 25 bits; less only at the end. */
static void refill(void)
{
	while (z.nbits <= sizeof(z.bits) * 8 - 8 && z.in < z.end) {
		z.bits |= (size_t)*z.in++ << z.nbits;
		z.nbits += 8;
	}
}

static void drop_bits(unsigned n)
{
	if (n > z.nbits) {
		z.failed = true;
		return;
	}
	z.bits >>= n;
	z.nbits -= n;
}

/* n is less than 16. */
static unsigned get_bits(unsigned n)
{
	unsigned v;

	if (z.nbits < n)
		refill();
	v = (unsigned)z.bits & ((1u << n) - 1);
	drop_bits(n);
	return v;
}

static void flush(void)
{
	if (z.fill)
		z.put(z.ctx, window, z.fill);
	if (z.fill == WINDOW) {
		z.wrapped = true;
		z.fill = 0;
	}
}

static void put_byte(uint8_t c)
{
	window[z.fill++] = c;
	if (z.fill == WINDOW)
		flush();
}

static void copy_back(unsigned distance, unsigned n)
{
	if (distance > z.fill && (!z.wrapped || distance > WINDOW)) {
		z.failed = true;
		return;
	}
	while (n) {
		unsigned from = (z.fill - distance) & (WINDOW - 1), part = n, i;

		if (part > WINDOW - z.fill)
			part = WINDOW - z.fill;
		if (part > WINDOW - from)
			part = WINDOW - from;
		/* By bytes: what is copied may have been written by this very copy. */
		for (i = 0; i < part; i++)
			window[z.fill + i] = window[from + i];
		z.fill += part;
		n -= part;
		if (z.fill == WINDOW)
			flush();
	}
}

static unsigned reversed(unsigned code, unsigned bits)
{
	unsigned v = 0;

	for (; bits; bits--, code >>= 1)
		v = v << 1 | (code & 1);
	return v;
}

/* Every number whose low bits are a short code leads to its symbol. */
static void fill_fast(struct codes *c)
{
	unsigned code = 0, index = 0, bits, i, at;

	for (bits = 1; bits <= FAST_BITS; bits++, code <<= 1)
		for (i = 0; i < c->count[bits] && code < 1u << bits; i++, code++, index++)
			for (at = reversed(code, bits); at < 1u << FAST_BITS; at += 1u << bits)
				c->fast[at] = FAST(c->symbol[index], bits);
}

static void make_codes(struct codes *c, const uint8_t *len, unsigned n)
{
	uint16_t at[MAX_BITS + 1];
	unsigned i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < n; i++)
		c->count[len[i]]++;
	at[1] = 0;
	for (i = 1; i < MAX_BITS; i++)
		at[i + 1] = at[i] + c->count[i];
	for (i = 0; i < n; i++)
		if (len[i])
			c->symbol[at[len[i]]++] = (uint16_t)i;
	c->count[0] = 0;
	fill_fast(c);
}

/* Codes of one length are consecutive numbers, and longer ones follow shorter ones. */
static unsigned get_long_symbol(const struct codes *c)
{
	unsigned code = 0, first = 0, index = 0, bits;

	for (bits = 1; bits <= MAX_BITS; bits++) {
		code |= (unsigned)(z.bits >> (bits - 1)) & 1;
		if (code < first + c->count[bits]) {
			drop_bits(bits);
			return c->symbol[index + code - first];
		}
		index += c->count[bits];
		first = (first + c->count[bits]) << 1;
		code <<= 1;
	}
	z.failed = true;
	return 0;
}

static unsigned get_symbol(const struct codes *c)
{
	unsigned fast;

	if (z.nbits < MAX_BITS)
		refill();
	fast = c->fast[z.bits & ((1u << FAST_BITS) - 1)];
	if (!fast)
		return get_long_symbol(c);
	drop_bits(fast & 15);
	return fast >> 4;
}

static void stored_block(void)
{
	unsigned n;

	/* It starts at a byte; whole ones that are here already go back. */
	z.in -= z.nbits / 8;
	z.bits = 0;
	z.nbits = 0;
	if (z.end - z.in < 4) {
		z.failed = true;
		return;
	}
	n = z.in[0] | z.in[1] << 8;
	z.in += 4;
	if (z.end - z.in < (ptrdiff_t)n) {
		z.failed = true;
		return;
	}
	while (n--)
		put_byte(*z.in++);
}

static void coded_block(void)
{
	static const uint16_t base[] = {
		3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31,
		35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
	};
	unsigned symbol, n, extra, d;

	while (!z.failed) {
		symbol = get_symbol(&lengths);
		if (z.failed || symbol == 256)
			return;
		if (symbol < 256) {
			put_byte((uint8_t)symbol);
			continue;
		}
		symbol -= 257;
		if (symbol >= ARRAY_SIZE(base))
			break;
		extra = symbol < 8 || symbol == 28 ? 0 : symbol / 4 - 1;
		n = base[symbol] + get_bits(extra);
		d = get_symbol(&distances);
		if (d >= DISTANCE_CODES)
			break;
		extra = d < 2 ? 0 : d / 2 - 1;
		d = d < 2 ? d + 1 : ((2 + (d & 1)) << extra) + 1 + get_bits(extra);
		if (!z.failed)
			copy_back(d, n);
	}
	z.failed = true;
}

static void fixed_codes(void)
{
	uint8_t len[288];

	memset(len, 8, 144);
	memset(len + 144, 9, 112);
	memset(len + 256, 7, 24);
	memset(len + 280, 8, 8);
	make_codes(&lengths, len, 288);
	memset(len, 5, DISTANCE_CODES);
	make_codes(&distances, len, DISTANCE_CODES);
}

/* The code lengths are themselves packed, by a third code that comes first. */
static void dynamic_codes(void)
{
	static const uint8_t order[19] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
	};
	unsigned nlen = get_bits(5) + 257, ndist = get_bits(5) + 1, ncode = get_bits(4) + 4;
	uint8_t len[LENGTH_CODES + DISTANCE_CODES] = { 0 };
	unsigned i, symbol, repeat;
	uint8_t last;

	if (nlen > LENGTH_CODES || ndist > DISTANCE_CODES) {
		z.failed = true;
		return;
	}
	for (i = 0; i < ncode; i++)
		len[order[i]] = (uint8_t)get_bits(3);
	make_codes(&lengths, len, 19);
	memset(len, 0, sizeof(len));
	for (i = 0; i < nlen + ndist && !z.failed; ) {
		symbol = get_symbol(&lengths);
		if (symbol < 16) {
			len[i++] = (uint8_t)symbol;
			continue;
		}
		last = 0;
		if (symbol == 16 && i)
			last = len[i - 1];
		repeat = symbol == 16 ? 3 + get_bits(2) :
			 symbol == 17 ? 3 + get_bits(3) : 11 + get_bits(7);
		if (i + repeat > nlen + ndist)
			z.failed = true;
		while (!z.failed && repeat--)
			len[i++] = last;
	}
	make_codes(&lengths, len, nlen);
	make_codes(&distances, len + nlen, ndist);
}

bool gunzip(const void *file, size_t size,
	    void (*put)(void *ctx, const void *data, size_t n), void *ctx)
{
	const uint8_t *in = file;
	unsigned last;

	/* method 8, no optional fields: gzip -n */
	if (size < GZIP_HEADER || in[0] != 0x1f || in[1] != 0x8b || in[2] != 8 || in[3])
		return false;
	memset(&z, 0, sizeof(z));
	z.in = in + GZIP_HEADER;
	z.end = in + size;
	z.put = put;
	z.ctx = ctx;
	do {
		last = get_bits(1);
		switch (get_bits(2)) {
		case 0:
			stored_block();
			break;
		case 1:
			fixed_codes();
			coded_block();
			break;
		case 2:
			dynamic_codes();
			coded_block();
			break;
		default:
			z.failed = true;
		}
	} while (!last && !z.failed);
	flush();
	return !z.failed;
}
