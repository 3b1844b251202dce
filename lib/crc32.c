/* SPDX-License-Identifier: MIT */
/*
 * CRC-32, four bytes a step ("slicing by four"), from tables that are made at the first
 * use: 4 KiB of .bss instead of as much in each image.  Not to be used from NMI.
 */
#include <kernel/crc32.h>
#include <kernel/kernel.h>

#define POLYNOMIAL	0xedb88320u

static u32 table[4][256];

static void make_tables(void)
{
	u32 crc;
	int i, bit, t;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		table[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (t = 1; t < 4; t++)
			table[t][i] = table[t - 1][i] >> 8 ^
				      table[0][table[t - 1][i] & 0xff];
}

static u32 load_le32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

u32 crc32_add(u32 crc, const void *data, size_t n)
{
	const u8 *p = data;

	if (!table[0][1])
		make_tables();
	crc = ~crc;
	for (; n >= 4; n -= 4, p += 4) {
		crc ^= load_le32(p);
		crc = table[3][crc & 0xff] ^ table[2][crc >> 8 & 0xff] ^
		      table[1][crc >> 16 & 0xff] ^ table[0][crc >> 24];
	}
	for (; n; n--, p++)
		crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
	return ~crc;
}

u32 crc32(const void *data, size_t n)
{
	return crc32_add(0, data, n);
}
