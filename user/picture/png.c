/* SPDX-License-Identifier: MIT */
/*
 * A PNG file (RFC 2083) of the canvas: one byte a pixel and a palette.  The data is one block
 * of deflate (RFC 1951) with the fixed codes.  Matches are looked for at two distances, one
 * byte and one row back, which is where flat colours and squares repeat.
 */
#include <kernel/crc32.h>
#include "picture.h"

#define MATCH_MIN	3
#define MATCH_MAX	258
#define WINDOW		32768
#define ADLER		65521u

static struct {
	int fd;
	const char *path;
	u8 buf[8192];
	size_t n, summed;		/* bytes of buf; those that crc has, or no chunk needs */
	u32 crc;			/* of the chunk so far */
	u64 bits;			/* of deflate, not yet a byte */
	unsigned nr_bits;
} out;

/* ---- bytes and chunks -------------------------------------------------------------- */

static void sum_up(void)
{
	out.crc = crc32_add(out.crc, out.buf + out.summed, out.n - out.summed);
	out.summed = out.n;
}

static void flush(void)
{
	size_t done = 0;
	long n;

	sum_up();
	for (; done < out.n; done += (size_t)n) {
		n = sys_write(out.fd, out.buf + done, out.n - done);
		if (n <= 0)
			die("%s cannot be written: error %ld", out.path, -n);
	}
	out.n = out.summed = 0;
}

static void put_byte(u8 byte)
{
	out.buf[out.n++] = byte;
	if (out.n == sizeof(out.buf))
		flush();
}

static void put_u32(u32 value)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		put_byte((u8)(value >> shift));
}

static void put_bytes(const void *data, size_t n)
{
	const u8 *p = data;

	while (n--)
		put_byte(*p++);
}

static void chunk_begin(u32 len, const char *name)
{
	put_u32(len);
	out.crc = 0;
	out.summed = out.n;
	put_bytes(name, 4);
}

static void chunk_end(void)
{
	sum_up();
	put_u32(out.crc);
}

/* ---- deflate ----------------------------------------------------------------------- */

static void put_bits(u32 value, unsigned n)
{
	out.bits |= (u64)value << out.nr_bits;
	for (out.nr_bits += n; out.nr_bits >= 8; out.nr_bits -= 8, out.bits >>= 8)
		put_byte((u8)out.bits);
}

/* Codes are written from their highest bit on. */
static void put_code(u32 code, unsigned n)
{
	u32 turned = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		turned |= (code >> i & 1) << (n - 1 - i);
	put_bits(turned, n);
}

/* A literal, or the code of a length (RFC 1951, 3.2.6). */
static void put_symbol(unsigned s)
{
	if (s < 144)
		put_code(0x30 + s, 8);
	else if (s < 256)
		put_code(0x190 + s - 144, 9);
	else if (s < 280)
		put_code(s - 256, 7);
	else
		put_code(0xc0 + s - 280, 8);
}

/*
 * A length or distance that is `value` above the least one (3.2.5): 2^per_step codes have the
 * same count of extra bits; each step has one more.
 */
static unsigned code_of(unsigned value, unsigned per_step, unsigned *extra)
{
	unsigned bits = 0;

	while (value >> bits >> (per_step + 1))
		bits++;
	*extra = bits;
	return (bits << per_step) + (value >> bits);
}

static void put_match(unsigned len, unsigned distance)
{
	unsigned extra, code;

	if (len == MATCH_MAX) {
		put_symbol(285);
	} else {
		code = code_of(len - MATCH_MIN, 2, &extra);
		put_symbol(257 + code);
		put_bits((len - MATCH_MIN) & ((1u << extra) - 1), extra);
	}
	code = code_of(distance - 1, 1, &extra);
	put_code(code, 5);
	put_bits((distance - 1) & ((1u << extra) - 1), extra);
}

static unsigned match(const u8 *data, size_t at, size_t n, size_t distance)
{
	unsigned len = 0;

	if (distance > at || distance > WINDOW)
		return 0;
	while (len < MATCH_MAX && at + len < n && data[at + len] == data[at + len - distance])
		len++;
	return len;
}

static void deflate(const u8 *data, size_t n, size_t row)
{
	unsigned near, above, len;
	size_t at;

	put_bits(3, 3);				/* the last block, fixed codes */
	for (at = 0; at < n; at += len) {
		near = match(data, at, n, 1);
		above = match(data, at, n, row);
		len = max(near, above);
		if (len >= MATCH_MIN) {
			put_match(len, near >= above ? 1 : (unsigned)row);
		} else {
			put_symbol(data[at]);
			len = 1;
		}
	}
	put_symbol(256);
	put_bits(0, 7);				/* to a whole byte: */
	out.bits = out.nr_bits = 0;		/* what is left of the 7 was only filling */
}

static u32 adler32(const u8 *data, size_t n)
{
	u32 a = 1, b = 0;

	while (n--) {
		a = (a + *data++) % ADLER;
		b = (b + a) % ADLER;
	}
	return b << 16 | a;
}

/* ---- the file ---------------------------------------------------------------------- */

static void put_header(void)
{
	static const u8 magic[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	static const u8 kind[5] = { 8, 3, 0, 0, 0 };	/* 8 bits, palette */
	unsigned i;

	put_bytes(magic, sizeof(magic));
	chunk_begin(13, "IHDR");
	put_u32((u32)canvas.width);
	put_u32((u32)canvas.height);
	put_bytes(kind, sizeof(kind));
	chunk_end();
	chunk_begin(3 * COLORS, "PLTE");
	for (i = 0; i < COLORS; i++) {
		put_byte((u8)(palette[i] >> 16));
		put_byte((u8)(palette[i] >> 8));
		put_byte((u8)palette[i]);
	}
	chunk_end();
}

/* Rows with the byte in front that says "no filter". */
static u8 *make_rows(size_t *n)
{
	size_t row = (size_t)canvas.width + 1;
	u8 *rows;
	int y;

	*n = row * (size_t)canvas.height;
	rows = map_anon(*n);
	for (y = 0; y < canvas.height; y++) {
		rows[y * row] = 0;
		memcpy(rows + y * row + 1, canvas.pixels + y * (row - 1), row - 1);
	}
	return rows;
}

/* Its length stands before the data: written when it is known. */
static void put_image(void)
{
	size_t n, begin, end;
	u8 *rows = make_rows(&n), len[4];
	int i;

	flush();
	begin = (size_t)sys_lseek(out.fd, 0, SEEK_CUR);
	chunk_begin(0, "IDAT");
	put_byte(0x78);				/* zlib, RFC 1950 */
	put_byte(0x01);
	deflate(rows, n, (size_t)canvas.width + 1);
	put_u32(adler32(rows, n));
	chunk_end();
	flush();
	end = (size_t)sys_lseek(out.fd, 0, SEEK_CUR);
	for (i = 0; i < 4; i++)
		len[i] = (u8)((end - begin - 12) >> (24 - 8 * i));
	if (sys_pwrite(out.fd, len, 4, begin) != 4)
		die("%s cannot be written", out.path);
	sys_lseek(out.fd, (long)end, SEEK_SET);
	sys_munmap(rows, n);
}

void png_write(const char *path)
{
	out.path = path;
	out.n = out.summed = 0;
	out.fd = (int)sys_open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (out.fd < 0)
		die("%s cannot be written: error %d", path, -out.fd);
	put_header();
	put_image();
	chunk_begin(0, "IEND");
	chunk_end();
	flush();
	sys_close(out.fd);
}
