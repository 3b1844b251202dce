/* SPDX-License-Identifier: MIT */
/*
 * CRC-32 of IEEE 802.3 (zip, PNG, GPT, UEFI tables): reflected, polynomial 0xedb88320,
 * start and end inverted.  crc32("123456789", 9) is 0xcbf43926.
 */
#ifndef KERNEL_CRC32_H
#define KERNEL_CRC32_H

#include <kernel/types.h>

u32 crc32(const void *data, size_t n);

/* In pieces: crc32_add(crc32_add(0, a, m), b, n) is the CRC of a followed by b. */
u32 crc32_add(u32 crc, const void *data, size_t n);

#endif
