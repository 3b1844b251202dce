/* SPDX-License-Identifier: MIT */
/*
 * The firmware's memory map.
 *
 * The one rule: descriptors are stepped by the size that the firmware reports (40, 48 and
 * 56 bytes have been seen), never by sizeof.  The map may be unsorted, have empty
 * descriptors and change with every allocation, also with the one for its own buffer.
 */
#include "core.h"

#define RAM_CEILING	(64 * GiB)	/* a kernel's bitmap ends here */

UINTN memmap_bytes(UINTN *desc_size)
{
	struct memmap m = { .size = 0 };
	UINTN size = 0;

	/* No buffer: the answer is "too small" and how much it takes. */
	if (bs->GetMemoryMap(&size, NULL, &m.key, &m.desc_size, &m.desc_version)
	    != EFI_BUFFER_TOO_SMALL)
		return 0;
	if (m.desc_size < sizeof(EFI_MEMORY_DESCRIPTOR))
		return 0;
	*desc_size = m.desc_size;
	return size;
}

EFI_STATUS memmap_read(struct memmap *m)
{
	m->used = m->size;
	return bs->GetMemoryMap(&m->used, m->buf, &m->key, &m->desc_size, &m->desc_version);
}

EFI_STATUS memmap_get(struct memmap *m)
{
	EFI_STATUS status;
	UINTN desc_size;
	int tries;

	m->buf = NULL;
	for (tries = 0; tries < 4; tries++) {
		m->size = memmap_bytes(&desc_size);
		if (!m->size)
			return EFI_UNSUPPORTED;
		m->size += 16 * desc_size;
		status = bs->AllocatePool(EfiLoaderData, m->size, &m->buf);
		if (EFI_ERROR(status)) {
			m->buf = NULL;
			return status;
		}
		status = memmap_read(m);
		if (!EFI_ERROR(status))
			return EFI_SUCCESS;
		memmap_put(m);
		if (status != EFI_BUFFER_TOO_SMALL)
			return status;
	}
	return EFI_BUFFER_TOO_SMALL;
}

void memmap_put(struct memmap *m)
{
	if (m->buf)
		bs->FreePool(m->buf);
	m->buf = NULL;
}

unsigned memmap_count(const struct memmap *m)
{
	return (unsigned)(m->used / m->desc_size);
}

const EFI_MEMORY_DESCRIPTOR *memmap_desc(const struct memmap *m, unsigned i)
{
	return (const void *)((const uint8_t *)m->buf + i * m->desc_size);
}

static bool can_be_ram(UINT32 type)
{
	switch (type) {
	case EfiLoaderCode:
	case EfiLoaderData:
	case EfiBootServicesCode:
	case EfiBootServicesData:
	case EfiRuntimeServicesCode:
	case EfiRuntimeServicesData:
	case EfiConventionalMemory:
	case EfiACPIReclaimMemory:
	case EfiACPIMemoryNVS:
		return true;
	}
	return false;
}

uint64_t memmap_ram_end(const struct memmap *m)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	uint64_t end = 0;
	unsigned i;

	for (i = 0; i < memmap_count(m); i++) {
		d = memmap_desc(m, i);
		if (!can_be_ram(d->Type) || d->PhysicalStart >= RAM_CEILING)
			continue;
		if (d->NumberOfPages > RAM_CEILING / PAGE_SIZE)
			return RAM_CEILING;
		if (d->PhysicalStart + d->NumberOfPages * PAGE_SIZE > end)
			end = d->PhysicalStart + d->NumberOfPages * PAGE_SIZE;
	}
	return end < RAM_CEILING ? end : RAM_CEILING;
}

uint64_t memmap_ram_bytes(void)
{
	struct memmap m;
	uint64_t sum = 0;
	unsigned i;

	if (EFI_ERROR(memmap_get(&m)))
		return 0;
	for (i = 0; i < memmap_count(&m); i++)
		if (can_be_ram(memmap_desc(&m, i)->Type))
			sum += memmap_desc(&m, i)->NumberOfPages * PAGE_SIZE;
	memmap_put(&m);
	return sum;
}

bool memmap_self_consistent(void)
{
	struct memmap a, b;
	bool same = false;

	if (EFI_ERROR(memmap_get(&a)))
		return false;
	b.size = a.size;
	if (EFI_ERROR(bs->AllocatePool(EfiLoaderData, b.size, &b.buf)))
		goto out_a;
	/* Both buffers exist now, so nothing changes between these two. */
	if (!EFI_ERROR(memmap_read(&a)) && !EFI_ERROR(memmap_read(&b)))
		same = a.used == b.used && a.key == b.key && a.desc_size == b.desc_size &&
		       !memcmp(a.buf, b.buf, a.used);
	memmap_put(&b);
out_a:
	memmap_put(&a);
	return same;
}
