/* SPDX-License-Identifier: MIT */
/*
 * The boot memory allocator (Gorman chapter 5): a bitmap, one bit a frame, set while the
 * frame is not free.  Contracts: mm/bootmem.h.
 *
 * No bit below `first_free` is clear, so that page tables, which are asked for one by one
 * from the bottom, are found at once however much is in use.
 */
#include <kernel/bitmap.h>
#include <kernel/string.h>
#include <mm/bootmem.h>
#include <mm/mm.h>
#include <linux/errno.h>

struct bootmem_log bootmem_log;

static struct {
	unsigned long *map;
	unsigned long start_pfn;	/* of bit 0 */
	unsigned long nbits;
	unsigned long first_free;
	bool retired;
} bootmem;

static void assert_alive(const char *what)
{
	if (bootmem.retired)
		panic("bootmem: %s called after retirement: use alloc_pages()", what);
	if (!bootmem.map)
		panic("bootmem: %s called before init_bootmem()", what);
}

void init_bootmem(void *map, unsigned long start_pfn, unsigned long end_pfn)
{
	unsigned long size = bootmem_map_size(start_pfn, end_pfn);

	BUG_ON(bootmem.retired || (unsigned long)map & ~PAGE_MASK);
	BUG_ON(end_pfn <= start_pfn || end_pfn > BOOTMEM_MAX_PFN);
	memset(map, 0xff, size);
	bootmem.map = map;
	bootmem.start_pfn = start_pfn;
	bootmem.nbits = end_pfn - start_pfn;
	bootmem.first_free = bootmem.nbits;
	bootmem_log.map_pfn = PFN_DOWN(__pa(map));
	bootmem_log.map_pages = size >> PAGE_SHIFT;
}

void bootmem_map_moved(void *map)
{
	assert_alive("bootmem_map_moved");
	bootmem.map = map;
}

/* Turn frames [first, end) into bits [*bit, *bit + *n): the part that the map covers. */
static bool clip_to_map(u64 first, u64 end, unsigned long *bit, unsigned long *n)
{
	u64 low = bootmem.start_pfn, high = low + bootmem.nbits;

	first = max(first, low);
	end = min(end, high);
	if (first >= end)
		return false;
	*bit = first - low;
	*n = end - first;
	return true;
}

void free_bootmem(phys_addr_t phys, u64 size)
{
	u64 first = (phys + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 end = (phys + size) >> PAGE_SHIFT;
	unsigned long bit, n;

	assert_alive(__func__);
	if (!clip_to_map(first, end, &bit, &n))
		return;
	bitmap_clear(bootmem.map, bit, n);
	bootmem.first_free = min(bootmem.first_free, bit);
}

int reserve_bootmem(phys_addr_t phys, u64 size, unsigned int flags)
{
	u64 first = phys >> PAGE_SHIFT;
	u64 end = (phys + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long bit, n;

	assert_alive(__func__);
	if (!size || !clip_to_map(first, end, &bit, &n))
		return 0;
	if (!(flags & BOOTMEM_SHARED) && find_next_bit(bootmem.map, bit + n, bit) < bit + n)
		return -EBUSY;
	bitmap_set(bootmem.map, bit, n);
	return 0;
}

/* Lowest run of n clear bits in [from, to) whose first frame is a multiple of `align`. */
static bool find_run(unsigned long from, unsigned long to, unsigned long n,
		     unsigned long align, unsigned long *bit)
{
	unsigned long base = bootmem.start_pfn, used;

	for (;;) {
		from = find_next_zero_bit(bootmem.map, to, from);
		from = ALIGN(from + base, align) - base;
		if (from >= to || n > to - from)
			return false;
		used = find_next_bit(bootmem.map, from + n, from);
		if (used >= from + n)
			break;
		from = used + 1;
	}
	*bit = from;
	return true;
}

/* Neighbours of one caller become one entry; a few callers may take turns. */
static void log_allocation(const char *who, unsigned long pfn, unsigned long pages)
{
	struct bootmem_log *log = &bootmem_log;
	struct bootmem_log_entry *e;
	unsigned int i;

	log->calls++;
	log->pages += pages;
	for (i = 0; i < 4 && i < log->used; i++) {
		e = &log->entry[log->used - 1 - i];
		if (e->who != who || (e->pfn + e->pages != pfn && pfn + pages != e->pfn))
			continue;
		e->pfn = min(e->pfn, pfn);
		e->pages += pages;
		e->calls++;
		return;
	}
	if (log->used == BOOTMEM_LOG_SIZE) {
		log->lost++;
		return;
	}
	log->entry[log->used++] = (struct bootmem_log_entry){ who, pfn, pages, 1 };
}

bool bootmem_log_has(const char *who, unsigned long pfn)
{
	const struct bootmem_log_entry *e = bootmem_log.entry;

	for (; e < bootmem_log.entry + bootmem_log.used; e++) {
		if (who && strcmp(who, e->who) != 0)
			continue;
		if (pfn >= e->pfn && pfn - e->pfn < e->pages)
			return true;
	}
	return false;
}

phys_addr_t __bootmem_alloc_phys(unsigned long size, unsigned long align, phys_addr_t goal,
				 phys_addr_t limit, const char *who)
{
	unsigned long n = PFN_UP(size), from, to = bootmem.nbits, bit;
	u64 goal_pfn = goal >> PAGE_SHIFT, limit_pfn = limit >> PAGE_SHIFT;

	assert_alive(__func__);
	BUG_ON(!size || align & (align - 1));
	align = max(align >> PAGE_SHIFT, 1ul);
	if (limit && limit_pfn < (u64)bootmem.start_pfn + to)
		to = limit_pfn > bootmem.start_pfn ? limit_pfn - bootmem.start_pfn : 0;
	from = goal_pfn > bootmem.start_pfn ? goal_pfn - bootmem.start_pfn : 0;
	from = max(from, bootmem.first_free);
	if (!find_run(from, to, n, align, &bit) &&
	    !find_run(bootmem.first_free, to, n, align, &bit))
		return 0;
	bitmap_set(bootmem.map, bit, n);
	if (bit == bootmem.first_free)
		bootmem.first_free += n;
	log_allocation(who, bootmem.start_pfn + bit, n);
	return PFN_PHYS(bootmem.start_pfn + bit);
}

void *__alloc_bootmem_low_pages(unsigned long n, const char *who)
{
	phys_addr_t phys = __bootmem_alloc_phys(n << PAGE_SHIFT, PAGE_SIZE, 0,
						PFN_PHYS(max_low_pfn), who);
	void *addr = __va(phys);

	if (!phys)
		panic("bootmem: no %lu pages of low memory left for %s", n, who);
	memset(addr, 0, n << PAGE_SHIFT);
	return addr;
}

unsigned long free_all_bootmem(void)
{
	unsigned long bit = 0, end, pages = 0;

	assert_alive(__func__);
	for (;;) {
		bit = find_next_zero_bit(bootmem.map, bootmem.nbits, bit);
		if (bit >= bootmem.nbits)
			break;
		end = find_next_bit(bootmem.map, bootmem.nbits, bit);
		free_pages_bulk_range(bootmem.start_pfn + bit, bootmem.start_pfn + end);
		pages += end - bit;
		bit = end;
	}
	bootmem.retired = true;
	free_pages_bulk_range(bootmem_log.map_pfn, bootmem_log.map_pfn + bootmem_log.map_pages);
	return pages + bootmem_log.map_pages;
}

bool bootmem_retired(void)
{
	return bootmem.retired;
}
