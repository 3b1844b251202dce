/* SPDX-License-Identifier: MIT */
/*
 * PNG files of screens: 8 bits a pixel with a palette, packed by looking for what was there
 * before (LZ77 with two candidates, the newest place with the same four bytes and the row
 * above, and Deflate's fixed codes), which makes a screen of text some twenty times
 * smaller.  Contract: include/kernel/png.h.
 */
#include <kernel/crc32.h>
#include <kernel/png.h>
#include <kernel/string.h>

#define WINDOW		32768u
#define MIN_MATCH	4u
#define MAX_MATCH	258u
#define HASH_BITS	12
#define ADLER		65521u

/* The bytes that were packed last, and where a hash of four was seen, plus one. */
static u8 window[WINDOW];
static u32 seen[1 << HASH_BITS];

static u8 at(u32 pos)
{
	return window[pos % WINDOW];
}

/* ---- bytes and bits ---------------------------------------------------------------- */

static void put_byte(struct png *p, u8 byte)
{
	if (p->len < p->size)
		p->out[p->len++] = byte;
	else
		p->full = true;
}

static void put_bytes(struct png *p, const void *data, size_t n)
{
	const u8 *s = data;

	while (n--)
		put_byte(p, *s++);
}

static void big_endian(u8 to[4], u32 v)
{
	to[0] = (u8)(v >> 24);
	to[1] = (u8)(v >> 16);
	to[2] = (u8)(v >> 8);
	to[3] = (u8)v;
}

static void put_u32(struct png *p, u32 v)
{
	u8 bytes[4];

	big_endian(bytes, v);
	put_bytes(p, bytes, 4);
}

/* The lowest bit first. */
static void put_bits(struct png *p, u32 value, unsigned n)
{
	p->bits |= value << p->nbits;
	for (p->nbits += n; p->nbits >= 8; p->nbits -= 8) {
		put_byte(p, (u8)p->bits);
		p->bits >>= 8;
	}
}

/* Codes go the other way round. */
static void put_code(struct png *p, u32 code, unsigned n)
{
	u32 reversed = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		reversed |= (code >> i & 1) << (n - 1 - i);
	put_bits(p, reversed, n);
}

/* RFC 1951, 3.2.6. */
static void put_symbol(struct png *p, u32 symbol)
{
	if (symbol < 144)
		put_code(p, 0x30 + symbol, 8);
	else if (symbol < 256)
		put_code(p, 0x190 + symbol - 144, 9);
	else if (symbol < 280)
		put_code(p, symbol - 256, 7);
	else
		put_code(p, 0xc0 + symbol - 280, 8);
}

static unsigned log2_of(u32 v)
{
	return 31 - (unsigned)__builtin_clz(v);
}

static void put_length(struct png *p, u32 length)
{
	u32 n = length - 3;
	unsigned extra;

	if (length == MAX_MATCH) {
		put_symbol(p, 285);
	} else if (n < 8) {
		put_symbol(p, 257 + n);
	} else {
		extra = log2_of(n) - 2;
		put_symbol(p, 261 + 4 * extra + (n >> extra & 3));
		put_bits(p, n & ((1u << extra) - 1), extra);
	}
}

static void put_distance(struct png *p, u32 distance)
{
	u32 n = distance - 1;
	unsigned extra;

	if (n < 4) {
		put_code(p, n, 5);
		return;
	}
	extra = log2_of(n) - 1;
	put_code(p, 2 * extra + 2 + (n >> extra & 1), 5);
	put_bits(p, n & ((1u << extra) - 1), extra);
}

/* ---- what was there before --------------------------------------------------------- */

static unsigned hash_at(u32 pos)
{
	u32 v = at(pos) | at(pos + 1) << 8 | at(pos + 2) << 16 | (u32)at(pos + 3) << 24;

	return v * 2654435761u >> (32 - HASH_BITS);
}

static u32 match_length(u32 a, u32 b, u32 end)
{
	u32 n = 0, most = min(end - b, MAX_MATCH);

	while (n < most && at(a + n) == at(b + n))
		n++;
	return n;
}

/* The longest of the places where the bytes from pos on stood before; 0 in *length: none. */
static u32 find(const struct png *p, u32 pos, u32 end, u32 *length)
{
	u32 *slot = &seen[hash_at(pos)], before = *slot, row = p->width + 1, n;
	u32 best = pos;

	*slot = pos + 1;
	*length = 0;
	if (before && end - (before - 1) <= WINDOW) {
		best = before - 1;
		*length = match_length(best, pos, end);
	}
	if (pos < row || end - (pos - row) > WINDOW)
		return best;
	n = match_length(pos - row, pos, end);
	if (n <= *length)
		return best;
	*length = n;
	return pos - row;
}

/* Pack the bytes from pos to end, which are in the window. */
static void pack(struct png *p, u32 pos, u32 end)
{
	u32 before = 0, n, i;

	for (; pos < end && !p->full; pos += n) {
		n = 0;
		if (end - pos >= MIN_MATCH)
			before = find(p, pos, end, &n);
		if (n < MIN_MATCH) {
			n = 1;
			put_symbol(p, at(pos));
			continue;
		}
		put_length(p, n);
		put_distance(p, pos - before);
		for (i = 1; i < n && end - (pos + i) >= MIN_MATCH; i++)
			seen[hash_at(pos + i)] = pos + i + 1;
	}
}

/* ---- the file ---------------------------------------------------------------------- */

static size_t begin_chunk(struct png *p, const char *type, u32 length)
{
	put_u32(p, length);
	put_bytes(p, type, 4);
	return p->len - 4;
}

static void end_chunk(struct png *p, size_t type_at)
{
	if (!p->full)
		put_u32(p, crc32(p->out + type_at, p->len - type_at));
}

void png_begin(struct png *p, void *buf, size_t size, u32 width, u32 height)
{
	static const u8 kind[5] = { 8, 3, 0, 0, 0 };	/* 8 bits, palette */
	static const u8 zero[3 * 256 + 4];		/* and the checksum, at the end */
	size_t at_type;

	*p = (struct png){ .out = buf, .size = size, .width = width, .adler = { 1, 0 } };
	memset(seen, 0, sizeof(seen));
	put_bytes(p, "\x89PNG\r\n\x1a\n", 8);
	at_type = begin_chunk(p, "IHDR", 13);
	put_u32(p, width);
	put_u32(p, height);
	put_bytes(p, kind, sizeof(kind));
	end_chunk(p, at_type);
	p->palette = begin_chunk(p, "PLTE", 3 * 256);
	put_bytes(p, zero, sizeof(zero));
	p->image = begin_chunk(p, "IDAT", 0);
	put_bytes(p, "\x78\x01", 2);
	put_bits(p, 1, 1);			/* the only block, */
	put_bits(p, 1, 2);			/* with fixed codes */
}

static void add(struct png *p, u8 byte)
{
	window[p->pos++ % WINDOW] = byte;
	p->adler[0] += byte;
	p->adler[0] -= p->adler[0] >= ADLER ? ADLER : 0;
	p->adler[1] += p->adler[0];
	p->adler[1] -= p->adler[1] >= ADLER ? ADLER : 0;
}

void png_row(struct png *p, const u8 *row)
{
	u32 start = p->pos, x;

	add(p, 0);				/* no filter */
	for (x = 0; x < p->width; x++)
		add(p, row[x]);
	pack(p, start, p->pos);
}

size_t png_end(struct png *p, const u32 *rgb, unsigned colours)
{
	u8 *to = p->out + p->palette + 4;
	unsigned i;

	put_symbol(p, 256);
	if (p->nbits)
		put_bits(p, 0, 8 - p->nbits);
	put_u32(p, p->adler[1] << 16 | p->adler[0]);
	end_chunk(p, p->image);
	end_chunk(p, begin_chunk(p, "IEND", 0));
	if (p->full)
		return 0;
	for (i = 0; i < colours; i++) {
		*to++ = (u8)(rgb[i] >> 16);
		*to++ = (u8)(rgb[i] >> 8);
		*to++ = (u8)rgb[i];
	}
	big_endian(p->out + p->palette + 4 + 3 * 256, crc32(p->out + p->palette, 4 + 3 * 256));
	/* IEND with its frame has 12 bytes, the checksum before it 4. */
	big_endian(p->out + p->image - 4, (u32)(p->len - 16 - (p->image + 4)));
	return p->len;
}
