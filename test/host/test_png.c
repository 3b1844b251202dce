/* SPDX-License-Identifier: MIT */
/*
 * PNG files: chunks, checksums, and an unpacker written from RFC 1950 and 1951 gives back
 * every pixel, whatever the picture; a buffer that is too small is noticed, not overrun.
 */
#include <kernel/crc32.h>
#include <kernel/png.h>
#include <kernel/random.h>
#include <stdlib.h>

#include "tap.h"

#define ROOM	(4u << 20)

static u8 file[ROOM], pixels[ROOM], unpacked[ROOM];
static struct rnd rnd;

static u32 big(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* ---- unpacking --------------------------------------------------------------------- */

static struct {
	const u8 *in, *end;
	unsigned bit;
	bool bad;
} z;

static unsigned bits(unsigned n)
{
	unsigned v = 0, i;

	for (i = 0; i < n; i++) {
		if (z.in >= z.end) {
			z.bad = true;
			return 0;
		}
		v |= (unsigned)(*z.in >> z.bit & 1) << i;
		if (++z.bit == 8) {
			z.bit = 0;
			z.in++;
		}
	}
	return v;
}

static unsigned code(unsigned n, unsigned v)
{
	while (n--)
		v = v << 1 | bits(1);
	return v;
}

/* A symbol of the fixed code. */
static unsigned symbol(void)
{
	unsigned v = code(7, 0);

	if (v <= 0x17)
		return v + 256;
	v = code(1, v);
	if (v >= 0x30 && v <= 0xbf)
		return v - 0x30;
	if (v >= 0xc0 && v <= 0xc7)
		return v - 0xc0 + 280;
	return code(1, v) - 0x190 + 144;
}

static const u16 length_base[29] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
	131, 163, 195, 227, 258,
};
static const u8 length_extra[29] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
};
static const u16 distance_base[30] = {
	1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
	2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
};

/* The bytes that a zlib stream holds; 0: it is damaged. */
static size_t unzip(const u8 *in, size_t n)
{
	unsigned s, length, distance, a = 1, b = 0;
	size_t out = 0, i;

	z.in = in + 2;
	z.end = in + n - 4;
	z.bit = 0;
	z.bad = (in[0] << 8 | in[1]) % 31 || (in[0] & 15) != 8 || bits(1) != 1 || bits(2) != 1;
	while (!z.bad && (s = symbol()) != 256) {
		if (s < 256) {
			unpacked[out++] = (u8)s;
			continue;
		}
		if (s > 285)
			return 0;
		length = length_base[s - 257] + bits(length_extra[s - 257]);
		s = code(5, 0);
		if (s > 29)
			return 0;
		distance = distance_base[s] + bits(s < 4 ? 0 : s / 2 - 1);
		if (distance > out || out + length > ROOM)
			return 0;
		for (; length--; out++)
			unpacked[out] = unpacked[out - distance];
	}
	for (i = 0; i < out; i++) {
		a = (a + unpacked[i]) % 65521;
		b = (b + a) % 65521;
	}
	return !z.bad && (b << 16 | a) == big(in + n - 4) ? out : 0;
}

/* ---- the file ---------------------------------------------------------------------- */

/* All chunks in their order with good checksums; the image data is found. */
static bool chunks_good(const u8 *p, size_t n, const u8 **idat, size_t *idat_len)
{
	static const char *const order[] = { "IHDR", "PLTE", "IDAT", "IEND" };
	size_t at = 8, len;
	unsigned i;

	if (n < 8 || memcmp(p, "\x89PNG\r\n\x1a\n", 8))
		return false;
	for (i = 0; i < 4; i++, at += 12 + len) {
		if (at + 12 > n)
			return false;
		len = big(p + at);
		if (at + 12 + len > n || memcmp(p + at + 4, order[i], 4) ||
		    crc32(p + at + 4, 4 + len) != big(p + at + 8 + len))
			return false;
		if (i == 2) {
			*idat = p + at + 8;
			*idat_len = len;
		}
	}
	return at == n;
}

static size_t make(u32 w, u32 h, size_t room)
{
	static u32 rgb[256];
	struct png png;
	u32 y;

	for (y = 0; y < 256; y++)
		rgb[y] = y * 0x010307;
	png_begin(&png, file, room, w, h);
	for (y = 0; y < h; y++)
		png_row(&png, pixels + (size_t)y * w);
	return png_end(&png, rgb, 256);
}

/* Made, looked at, unpacked and compared with the pixels. */
static size_t round_trip(const char *what, u32 w, u32 h)
{
	size_t n = make(w, h, ROOM), idat_len = 0, out, x, y, wrong = 0;
	const u8 *idat = NULL;

	ok(n && chunks_good(file, n, &idat, &idat_len), "%s: the chunks", what);
	is(big(file + 16), w, "%s: width", what);
	is(big(file + 20), h, "%s: height", what);
	is(big(file + 8 + 25 + 8 + 3 * 200 - 1) & 0xffffff, 200 * 0x010307, "%s: a colour", what);
	out = idat ? unzip(idat, idat_len) : 0;
	is(out, (size_t)(w + 1) * h, "%s: bytes", what);
	for (y = 0; out && y < h; y++) {
		wrong += unpacked[y * (w + 1)] != 0;
		for (x = 0; x < w; x++)
			wrong += unpacked[y * (w + 1) + 1 + x] != pixels[y * w + x];
	}
	is(wrong, 0, "%s: pixels", what);
	return n;
}

/*
 * A screen as the console draws it: letters of 8 x 16 with strokes of two pixels, a third of
 * the places blank.
 */
static void draw_text(u32 w, u32 h)
{
	u32 x, y, letter, stroke;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			letter = (x / 8 * 7 + y / 16 * 13) % 60;
			stroke = letter * 2654435761u >> ((x % 8 / 2 + y % 16 / 4 * 4) % 28) & 1;
			pixels[(size_t)y * w + x] = letter < 40 && stroke ? 7 : 16;
		}
}

int main(void)
{
	static const size_t rooms[] = { 0, 7, 8, 40, 800, 850, 860, 1000, 3000 };
	size_t i, n, full, bad = 0;

	plan(0);
	rnd_seed(&rnd, 1);
	memset(pixels, 3, ROOM);
	n = round_trip("one colour", 640, 480);
	ok(n < 4000, "one colour: %zu bytes", n);
	for (i = 0; i < ROOM; i++)
		pixels[i] = (u8)rnd_u32(&rnd);
	round_trip("noise", 300, 200);
	round_trip("one pixel", 1, 1);
	round_trip("wide", PNG_MAX_WIDTH, 5);
	round_trip("narrow", 1, 40000);
	for (i = 0; i < ROOM; i++)
		pixels[i] = (u8)(rnd_below(&rnd, 40) ? i / 3000 : rnd_u32(&rnd));
	round_trip("runs", 1021, 700);
	draw_text(1280, 800);
	n = round_trip("text", 1280, 800);
	ok(n < 128 * 1024, "text fits into a ring: %zu bytes", n);

	full = make(1280, 800, n);
	is(full, n, "a buffer of just the size");
	is(make(1280, 800, n - 1), 0, "one that is a byte too small");
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		memset(file, 0xa5, ROOM);
		bad += make(640, 480, rooms[i]) != 0;
		for (n = rooms[i]; n < 8192; n++)
			bad += file[n] != 0xa5;
	}
	is(bad, 0, "nothing is written behind a small buffer");
	return done();
}
