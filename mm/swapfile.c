/* SPDX-License-Identifier: MIT */
/*
 * Swap devices and their slots (Gorman 11.1 to 11.3; contracts: mm/swap.h).
 *
 * map[] says of each slot how many entries of page tables name it and whether the swap
 * cache has its page; a slot is free when both are gone, unless the device has failed to
 * read or write it.  Free slots are found by going on from the last one (so pages that go out
 * together lie together), from the device with the highest priority that has one.
 */
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/fault.h>
#include <mm/swap.h>
#include "internal.h"
#include <linux/errno.h>

struct swap_device swap_devices[MAX_SWAPFILES];
unsigned long swap_pages_used;

#define MAX_BADPAGES	128u	/* in a header; mkswap's has room for more */

/* ---- slots ------------------------------------------------------------------------- */

static inline u16 *slot_of(swp_entry_t entry)
{
	return &swap_devices[swp_type(entry)].map[swp_offset(entry)];
}

bool swap_entry_valid(swp_entry_t entry)
{
	const struct swap_device *d = &swap_devices[swp_type(entry)];
	unsigned long offset = swp_offset(entry);

	return d->ops && offset && offset < d->slots && d->map[offset] & ~SWAP_IS_BAD;
}

unsigned int swap_count(swp_entry_t entry)
{
	return swap_entry_valid(entry) ? *slot_of(entry) & SWAP_COUNT : 0;
}

static unsigned long find_free_slot(struct swap_device *d)
{
	unsigned long slot = d->next, tried;

	if (!d->ops || !d->writable || d->used == d->usable)
		return 0;
	for (tried = 1; tried < d->slots; tried++, slot++) {
		if (slot >= d->slots)
			slot = 1;
		if (!d->map[slot])
			return slot;
	}
	return 0;
}

/* The device with the highest priority among those below `priority` that are in use. */
static struct swap_device *next_device(int priority, const struct swap_device *after)
{
	struct swap_device *d, *best = NULL;

	for (d = swap_devices; d < swap_devices + MAX_SWAPFILES; d++) {
		if (!d->ops || d->priority > priority || (d->priority == priority && d <= after))
			continue;
		if (!best || d->priority > best->priority)
			best = d;
	}
	return best;
}

swp_entry_t get_swap_page(void)
{
	struct swap_device *d = next_device(0x7fffffff, NULL);
	unsigned long slot;

	for (; d; d = next_device(d->priority, d)) {
		slot = find_free_slot(d);
		if (!slot)
			continue;
		d->map[slot] = SWAP_HAS_CACHE;
		d->next = slot + 1;
		d->used++;
		swap_pages_used++;
		return swp_entry((unsigned int)(d - swap_devices), slot);
	}
	return (swp_entry_t){ 0 };
}

bool swap_duplicate(swp_entry_t entry)
{
	u16 *slot = slot_of(entry);

	if ((*slot & SWAP_COUNT) >= SWAP_MAX_COUNT)
		return false;
	++*slot;
	return true;
}

/* Nothing is left in a slot that turned out bad: it is not used again. */
static void retire_slot(struct swap_device *d)
{
	d->usable--;
	if (d->writable)
		total_swap_pages--;
}

#define BAD_SLOTS_SAID	8ul

void swap_mark_bad(swp_entry_t entry)
{
	struct swap_device *d = &swap_devices[swp_type(entry)];
	u16 *slot = slot_of(entry);

	if (*slot & SWAP_IS_BAD)
		return;
	*slot |= SWAP_IS_BAD;
	swap_counters.bad_slots++;
	d->bad++;
	/* One that has died would fill the log: the first ones, then each power of two. */
	if (d->bad <= BAD_SLOTS_SAID)
		pr_err("swap: %s: slot %lu is bad and not used again\n", d->name, swp_offset(entry));
	else if (!(d->bad & (d->bad - 1)))
		pr_err("swap: %s: %lu slots are bad so far\n", d->name, d->bad);
}

bool swap_is_bad(swp_entry_t entry)
{
	return *slot_of(entry) & SWAP_IS_BAD;
}

/* Take this from what uses the slot: an entry (1), or the cache. */
static void slot_put(swp_entry_t entry, u16 what)
{
	struct swap_device *d = &swap_devices[swp_type(entry)];
	u16 *slot = slot_of(entry);

	if (unlikely(what == 1 ? !(*slot & SWAP_COUNT) : !(*slot & what)))
		panic("swap: slot %lu of %s is freed once too often", swp_offset(entry), d->name);
	*slot -= what;
	if (*slot & ~SWAP_IS_BAD)
		return;
	d->used--;
	swap_pages_used--;
	if (unlikely(*slot))
		retire_slot(d);
}

void swap_free(swp_entry_t entry)
{
	slot_put(entry, 1);
}

void swapcache_get(swp_entry_t entry)
{
	*slot_of(entry) |= SWAP_HAS_CACHE;
}

void swapcache_put(swp_entry_t entry)
{
	slot_put(entry, SWAP_HAS_CACHE);
}

void free_swap_and_cache(swp_entry_t entry)
{
	struct page *page;

	slot_put(entry, 1);
	if ((*slot_of(entry) & ~SWAP_IS_BAD) != SWAP_HAS_CACHE)
		return;
	page = lookup_swap_cache(entry);
	if (!TestSetPageLocked(page)) {
		/* Only the cache has it, and this reference. */
		if (page_count(page) == 2 && !PageWriteback(page))
			delete_from_swap_cache(page);
		unlock_page(page);
	}
	put_page(page);
}

/* ---- the header -------------------------------------------------------------------- */

/* What mkswap writes, version 1; the signature ends the page. */
struct swap_header {
	u8 boot[1024];
	u32 version, last_page, nr_badpages;
	u8 uuid[16], label[16];
	u32 padding[117];
	u32 badpages[MAX_BADPAGES];
	/* A partition of ours has its superblock here: uapi/pagewalk_disk.h. */
};
_Static_assert(sizeof(struct swap_header) == 2048, "as on the disk");

#define SIGNATURE	"SWAPSPACE2"
#define SIGNATURE_AT	(PAGE_SIZE - 10)

void swap_make_header(struct page *page, unsigned long slots)
{
	struct swap_header *h = kmap_local_page(page);

	memset(h, 0, sizeof(*h));
	h->version = 1;
	h->last_page = (u32)(slots - 1);
	memcpy((char *)h + SIGNATURE_AT, SIGNATURE, 10);
	kunmap_local(h);
}

static bool bad_list_ok(const struct swap_header *h)
{
	u32 i;

	if (h->nr_badpages > MAX_BADPAGES || h->nr_badpages >= h->last_page)
		return false;
	for (i = 0; i < h->nr_badpages; i++)
		if (!h->badpages[i] || h->badpages[i] > h->last_page)
			return false;
	return true;
}

/* What is wrong with the header of a device of so many pages; NULL: nothing. */
static const char *check_header(const struct swap_header *h, unsigned long slots)
{
	if (memcmp((const char *)h + SIGNATURE_AT, SIGNATURE, 10))
		return "has no swap signature: run mkswap on it";
	if (h->version != 1)
		return "has a swap header of another version than 1";
	if (!h->last_page)
		return "has no page to swap to";
	if (h->last_page >= slots)
		return "is smaller than its swap header says";
	if (!bad_list_ok(h))
		return "has a wrong list of bad pages in its swap header";
	return NULL;
}

/* Slots and map of a device, by its header, which was read into memory. */
static int take_header(struct swap_device *d, const struct swap_header *h, unsigned long slots)
{
	const char *wrong = check_header(h, slots);
	u32 i;

	if (wrong) {
		pr_err("swap: %s %s\n", d->name, wrong);
		return -EINVAL;
	}
	d->slots = min_t(unsigned long, h->last_page, SWP_MAX_OFFSET) + 1;
	d->map = vzalloc(d->slots * sizeof(*d->map));
	if (!d->map)
		return -ENOMEM;
	d->map[0] = SWAP_IS_BAD;
	d->usable = d->slots - 1;
	d->bad = 0;
	for (i = 0; i < h->nr_badpages; i++) {
		if (h->badpages[i] >= d->slots || d->map[h->badpages[i]])
			continue;
		d->map[h->badpages[i]] = SWAP_IS_BAD;
		d->usable--;
	}
	return 0;
}

static int read_header(struct swap_device *d, unsigned long slots)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int err = -ENOMEM;

	if (!page)
		return err;
	err = d->ops->rw(d->dev, 0, &page, 1, false);
	if (!err)
		err = take_header(d, page_address(page), slots);
	__free_page(page);
	return err;
}

/* ---- on and off -------------------------------------------------------------------- */

static struct swap_device *free_device(void)
{
	struct swap_device *d;

	for (d = swap_devices; d < swap_devices + MAX_SWAPFILES; d++)
		if (!d->ops)
			return d;
	return NULL;
}

/* Behind all that have been added without a priority: -2, -3, ... */
static int default_priority(void)
{
	int lowest = -1;
	const struct swap_device *d;

	for (d = swap_devices; d < swap_devices + MAX_SWAPFILES; d++)
		if (d->ops && d->priority < lowest)
			lowest = d->priority;
	return lowest - 1;
}

/* A gap among those priorities is closed. */
static void close_gap(int priority)
{
	struct swap_device *d;

	for (d = swap_devices; priority < 0 && d < swap_devices + MAX_SWAPFILES; d++)
		if (d->ops && d->priority < priority)
			d->priority++;
}

int swap_device_add(const char *name, const char *kind, const struct swap_ops *ops, void *dev,
		    unsigned long slots, int priority)
{
	struct swap_device new = {
		.ops = ops, .dev = dev, .kind = kind, .next = 1, .writable = true,
	};
	struct swap_device *d;
	int err;

	memcpy(new.name, name, min_t(size_t, strlen(name), sizeof(new.name) - 1));
	err = read_header(&new, slots);
	if (err)
		return err;
	d = free_device();
	if (!d) {
		vfree(new.map);
		return -EPERM;
	}
	new.priority = priority < 0 ? default_priority() : priority;
	*d = new;
	total_swap_pages += d->usable;
	pr_info("swap: %lu KiB on %s (%s)\n", d->usable << (PAGE_SHIFT - 10), name, kind);
	return (int)(d - swap_devices);
}

struct unuse {
	unsigned int type;
	unsigned long addr;
};

static int find_swapped(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	struct unuse *u = arg;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (!pte_swapped(*ptep) || pte_swp_type(*ptep) != u->type)
			continue;
		u->addr = addr;
		return 1;
	}
	return 0;
}

/* Everything of one address space that is on the device is touched; mmap_sem held. */
static int unuse_mm(struct mm_struct *mm, unsigned int type)
{
	static const struct mm_walk_ops ops = { .pte_range = find_swapped };
	struct unuse u = { .type = type };
	struct vm_area_struct *vma;
	int ret;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		if (!vma->anon_pages)
			continue;
		u.addr = vma->vm_start;
		while (walk_page_range(mm, u.addr, vma->vm_end, &ops, &u)) {
			ret = handle_mm_fault(vma, u.addr, 0);
			if (ret & VM_FAULT_ERROR)
				return ret & VM_FAULT_OOM ? -ENOMEM : -EIO;
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	return 0;
}

/* All of them; new ones come at the end, the one at hand is held. */
static int unuse_everybody(unsigned int type)
{
	struct mm_struct *mm, *next;
	int err = 0;

	if (list_empty(&all_mms))
		return 0;
	mm = list_first_entry(&all_mms, struct mm_struct, mms);
	mmget(mm);
	for (;;) {
		down_read(&mm->mmap_sem);
		err = unuse_mm(mm, type);
		up_read(&mm->mmap_sem);
		next = mm->mms.next == &all_mms ? NULL : list_next_entry(mm, mms);
		if (err || !next) {
			mmput(mm);
			return err;
		}
		mmget(next);
		mmput(mm);
		mm = next;
	}
}

/* What only the cache still has on the device. */
static void unuse_cache(unsigned int type)
{
	struct swap_device *d = &swap_devices[type];
	unsigned long slot;
	struct page *page;

	for (slot = 1; slot < d->slots; slot++) {
		if (!(d->map[slot] & SWAP_HAS_CACHE))
			continue;
		page = lookup_swap_cache(swp_entry(type, slot));
		if (!page)
			continue;
		lock_page(page);
		if (PageSwapCache(page))
			try_to_free_swap(page);
		unlock_page(page);
		put_page(page);
	}
}

#define UNUSE_ROUNDS	8	/* what fork and unmap did meanwhile is found in the next one */

static int unuse_device(unsigned int type)
{
	struct swap_device *d = &swap_devices[type];
	unsigned int round;
	int err;

	for (round = 0; d->used && round < UNUSE_ROUNDS; round++) {
		err = unuse_everybody(type);
		if (err)
			return err;
		unuse_cache(type);
	}
	return d->used ? -EBUSY : 0;
}

int swap_device_remove(unsigned int type)
{
	struct swap_device *d = &swap_devices[type];
	int err;

	if (type >= MAX_SWAPFILES || !d->ops || !d->writable)
		return -EINVAL;
	if (!vm_enough_memory(d->usable))
		return -ENOMEM;
	d->writable = false;
	total_swap_pages -= d->usable;
	err = unuse_device(type);
	if (err) {
		d->writable = true;
		total_swap_pages += d->usable;
		return err;
	}
	if (d->ops->release)
		d->ops->release(d->dev);
	vfree(d->map);
	d->map = NULL;
	d->ops = NULL;
	close_gap(d->priority);
	return 0;
}
