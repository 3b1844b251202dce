/* SPDX-License-Identifier: MIT */
/*
 * The loader's unpacking (efi/inflate.c) against gzip: contents of every kind come back as they
 * were, and of damaged and cut files no byte outside is ever read or written, which the
 * sanitizers see.  What gzip does not make, copies from the edge of the window, is made here.
 */
#include <kernel/random.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#undef ARRAY_SIZE
#include "../../efi/inflate.c"

#define MOST	(1024 * 1024)
/* In 32 bits each instruction is emulated. */
#define DAMAGES	(sizeof(long) == 8 ? 5000u : 300u)

static unsigned char contents[MOST], packed[MOST + MOST / 8 + 100], unpacked[MOST];
static struct rnd rnd;

/* ---- contents ------------------------------------------------------------------------ */

static void zeroes(size_t n)
{
	memset(contents, 0, n);
}

/* Nothing to save: gzip stores it, and damage to it is for the checksum of the caller. */
static void noise(size_t n)
{
	while (n--)
		contents[n] = (unsigned char)rnd_u32(&rnd);
}

/* Words again and again, at all distances. */
static void text(size_t n)
{
	static const char *const words[] = { "page ", "frame ", "fault\n", "swap ", "entry, " };
	const char *w = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (!*w)
			w = words[rnd_below(&rnd, 5)];
		contents[i] = (unsigned char)*w++;
	}
}

/* Each byte half as often as the one before: codes of all lengths up to 15 bits. */
static void skewed(size_t n)
{
	while (n--)
		contents[n] = (unsigned char)__builtin_ctz(rnd_u32(&rnd) | 1u << 30);
}

/* Pieces of all these, and old ones again from as far back as gzip looks, and farther. */
static void mixed(size_t n)
{
	size_t at = 0, part, from;

	noise(n);
	while (at < n) {
		part = 1 + rnd_below(&rnd, 3000);
		if (part > n - at)
			part = n - at;
		from = rnd_below(&rnd, WINDOW + 2);
		if (from && from <= at)
			memcpy(contents + at, contents + at - from, part < from ? part : from);
		else if (from & 1)
			memset(contents + at, 'x', part);
		at += part;
	}
}

static const struct {
	const char *name;
	void (*make)(size_t n);
} kinds[] = {
	{ "zeroes", zeroes }, { "noise", noise }, { "text", text }, { "skewed", skewed },
	{ "mixed", mixed },
};

/* ---- gzip, and back ------------------------------------------------------------------- */

static size_t pack(size_t n, const char *level)
{
	char in[] = "/tmp/inflateXXXXXX", command[100];
	int fd = mkstemp(in);
	size_t size = 0;
	FILE *gz;

	if (fd < 0)
		return 0;
	snprintf(command, sizeof(command), "gzip %s -nc <%s", level, in);
	gz = write(fd, contents, n) == (ssize_t)n ? popen(command, "r") : NULL;
	if (gz) {
		size = fread(packed, 1, sizeof(packed), gz);
		if (pclose(gz))
			size = 0;
	}
	close(fd);
	unlink(in);
	return size;
}

static size_t got;

static void take(void *ctx, const void *data, size_t n)
{
	if (got + n <= sizeof(unpacked))
		memcpy(unpacked + got, data, n);
	got += n;
}

/* From memory of just this size. */
static bool unpack(size_t size)
{
	unsigned char *file = malloc(size ? size : 1);
	bool fine;

	memcpy(file, packed, size);
	got = 0;
	fine = gunzip(file, size, take, NULL);
	free(file);
	return fine;
}

static void check_kind(unsigned kind, const char *level)
{
	static const size_t sizes[] = { 0, 1, 2, 100, 4096, WINDOW - 1, WINDOW, WINDOW + 1,
					3 * WINDOW, 300000, MOST };
	unsigned i, wrong = 0;
	size_t size;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		kinds[kind].make(sizes[i]);
		size = pack(sizes[i], level);
		if (!size || !unpack(size) || got != sizes[i] ||
		    memcmp(contents, unpacked, got)) {
			wrong++;
			diag("%zu bytes come back as %zu", sizes[i], got);
		}
	}
	ok(!wrong, "%s, gzip %s: %zu files come back as they were", kinds[kind].name, level,
	   ARRAY_SIZE(sizes));
}

/* ---- copies from the edge of the window ------------------------------------------------- */

static unsigned bit_at;

/* From the lowest bit on; Huffman codes are given from their highest one. */
static void put_bits(unsigned value, unsigned n)
{
	for (; n; n--, value >>= 1, bit_at++)
		packed[bit_at / 8] |= (unsigned char)((value & 1) << bit_at % 8);
}

static void put_code(unsigned code, unsigned n)
{
	while (n--)
		put_bits(code >> n & 1, 1);
}

/*
 * `stored` bytes as they are, then three from `distance` back, by the fixed codes: RFC 1951,
 * 3.2.4 and 3.2.6.  Its size.
 */
static size_t make_copy(unsigned stored, unsigned distance)
{
	static const unsigned char head[GZIP_HEADER] = { 0x1f, 0x8b, 8 };
	unsigned code = 0, extra = 0, base = 1;

	memset(packed, 0, sizeof(packed));
	memcpy(packed, head, sizeof(head));
	bit_at = GZIP_HEADER * 8;
	put_bits(0, 3);				/* not the last, stored */
	bit_at += -bit_at % 8;
	put_bits(stored, 16);
	put_bits(~stored & 0xffff, 16);
	memcpy(packed + bit_at / 8, contents, stored);
	bit_at += stored * 8;
	put_bits(1 | 1 << 1, 3);		/* the last, fixed codes */
	put_code(257 - 256, 7);			/* three bytes */
	while (base + (1u << extra) <= distance) {
		base += 1u << extra;
		code++;
		extra = code < 2 ? 0 : code / 2 - 1;
	}
	put_code(code, 5);
	put_bits(distance - base, extra);
	put_code(0, 7);				/* the end */
	return (bit_at + 7) / 8;
}

static void check_edge(unsigned stored, unsigned distance, bool there)
{
	bool fine;

	noise(stored);
	/* What an earlier file has left in the window is not this one's. */
	memset(window, 'x', sizeof(window));
	fine = unpack(make_copy(stored, distance));
	ok(fine == there && (!there || (got == stored + 3 &&
	   !memcmp(unpacked, contents, stored) &&
	   !memcmp(unpacked + stored, contents + stored - distance, 3))),
	   "three bytes from %u back, of %u: %s", distance, stored, there ? "there" : "refused");
}

static void check_edges(void)
{
	check_edge(100, 100, true);
	check_edge(100, 101, false);
	check_edge(WINDOW - 1, WINDOW - 1, true);
	check_edge(WINDOW - 1, WINDOW, false);
	check_edge(WINDOW, WINDOW, true);
	check_edge(WINDOW + 1, WINDOW, true);
	check_edge(WINDOW + WINDOW - 1, WINDOW, true);
}

/* ---- damage --------------------------------------------------------------------------- */

/* Behind the last block are eight bytes that nobody looks at. */
static void check_cut(void)
{
	size_t size, i, accepted = 0;

	text(20000);
	size = pack(20000, "-9");
	for (i = 0; i + 8 < size; i++)
		accepted += unpack(i);
	ok(size > 1000 && !accepted, "cut at each of %zu places: none is accepted", i);
	ok(unpack(size - 8), "but without what follows the last block it is");
}

static void check_damage(unsigned kind)
{
	size_t size, i, n, most = 0;
	unsigned refused = 0;
	unsigned char old[4];
	size_t where[4];

	kinds[kind].make(5000);
	size = pack(5000, "-9");
	for (i = 0; i < DAMAGES; i++) {
		for (n = 0; n < 4; n++) {
			where[n] = rnd_below(&rnd, n ? size : 20);	/* one in the headers */
			old[n] = packed[where[n]];
			packed[where[n]] = (unsigned char)rnd_u32(&rnd);
		}
		refused += !unpack(size);
		most = got > most ? got : most;
		while (n--)
			packed[where[n]] = old[n];
	}
	/* A code has at least a bit, and gives at most 258 bytes. */
	ok(refused > DAMAGES / 10 && most <= size * 8 * 258,
	   "%s: %u damaged files, %u refused, at most %zu bytes of them", kinds[kind].name, DAMAGES,
	   refused, most);
	ok(unpack(size) && got == 5000 && !memcmp(contents, unpacked, got),
	   "the good one after them");
}

int main(void)
{
	unsigned i;

	plan(ARRAY_SIZE(kinds) * 4 + 2 + 7);
	rnd_seed(&rnd, 1);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		check_kind(i, "-1");
		check_kind(i, "-9");
		check_damage(i);
	}
	check_cut();
	check_edges();
	return done();
}
