/* SPDX-License-Identifier: MIT */
/*
 * The loader's half of the reports (efi/report_text.c), with the kernel's checksum in place of
 * the loader's, which has the same name and other arguments.
 */
#include <kernel/crc32.h>

#define crc32 loader_crc32
u32 loader_crc32(u32 crc, const void *data, size_t n);
u32 loader_crc32(u32 crc, const void *data, size_t n)
{
	return crc32_add(crc, data, n);
}

#undef ARRAY_SIZE
#include "../../efi/report_text.c"
