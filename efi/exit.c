/* SPDX-License-Identifier: MIT */
/*
 * Leaving boot services.
 *
 * ExitBootServices takes the key of the latest map, and events of the firmware may change
 * the map between the two calls; real servers need two or three rounds.  From the first
 * failed call on the firmware is half shut down: only GetMemoryMap and ExitBootServices
 * may be called, so there is no message, no allocation and no larger buffer in this loop.
 */
#include "core.h"

/* Test knob: an allocation after the map makes its key stale. */
static void spoil_key(void)
{
	EFI_PHYSICAL_ADDRESS at;

	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &at);
}

EFI_STATUS leave_firmware(struct boot_info *info, struct memmap *m, bool stale)
{
	EFI_STATUS status = EFI_ABORTED;
	uint64_t start = rdtsc();
	unsigned try;

	for (try = 1; try <= MAX_EXIT_TRIES; try++) {
		info->ebs_tries = try;
		status = memmap_read(m);
		if (EFI_ERROR(status))
			continue;
		if (stale && try == 1)
			spoil_key();
		status = bs->ExitBootServices(self, m->key);
		if (!EFI_ERROR(status))
			break;
	}
	__asm__ volatile("cli");
	info->ebs_tsc = rdtsc() - start;
	if (EFI_ERROR(status))
		return status;

	info->ebs_key = m->key;
	info->memmap_len = (uint32_t)m->used;
	info->memmap_desc_size = (uint32_t)m->desc_size;
	info->memmap_desc_version = m->desc_version;
	info->memmap_count = memmap_count(m);
	info->memmap_crc = crc32_add(0, m->buf, m->used);
	return EFI_SUCCESS;
}
