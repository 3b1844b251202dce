/* SPDX-License-Identifier: MIT */
/*
 * Kernel addresses outside the direct map (Gorman chapter 7).  Contracts: mm/vmalloc.h.
 *
 * vm_areas lists all areas of all windows by address; a new one goes into the lowest gap.
 * An area goes through three states: live, dead (unmapped, on the lazy list, addresses and
 * frames still held) and gone.  Only vm_unmap_aliases() leads from the second to the
 * third, after a flush: no address or frame is reused while a stale translation can exist.
 *
 * The frames of a vmalloc() area are linked by page->lru in the order of their addresses.
 *
 * Locks: vm_lock for both lists and the counts; not held while pages are allocated.
 * Nothing here is called from interrupts.
 */
#include <asm/tlbflush.h>
#include <kernel/printk.h>
#include "internal.h"
#include <linux/errno.h>

unsigned long VMALLOC_START, VMALLOC_END;
LIST_HEAD(vm_areas);
struct vmalloc_stats vmalloc_stats;
unsigned long vmalloc_lazy_max = 256;

static LIST_HEAD(lazy_areas);
static DEFINE_SPINLOCK(vm_lock);
static struct kmem_cache *vm_struct_cache;

void __init vmalloc_init(void)
{
	BUG_ON(VMALLOC_START >= VMALLOC_END || (VMALLOC_START | VMALLOC_END) & ~PAGE_MASK);
	vm_struct_cache = kmem_cache_create("vm_struct", sizeof(struct vm_struct), 0,
					    SLAB_PANIC, NULL);
}

/* ---- mapping ----------------------------------------------------------------------- */

struct map_phys {
	phys_addr_t phys;
	pgprot_t prot;
};

static void set_new_pte(pte_t *pte, unsigned long addr, pte_t val)
{
	if (unlikely(!pte_none(*pte)))
		panic("vmalloc: address %#lx is mapped already, entry %#lx", addr,
		      (unsigned long)pte_val(*pte));
	set_pte(pte, val);
}

static int map_phys_pte(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	struct map_phys *map = arg;

	set_new_pte(pte, addr, pfn_pte(PFN_DOWN(map->phys), map->prot));
	map->phys += PAGE_SIZE;
	return 0;
}

/* Nothing stays mapped after a failure; the CPU may have looked at what was. */
static int map_or_undo(unsigned long addr, unsigned long size, const struct mm_walk_ops *ops,
		       void *arg)
{
	int err = walk_page_range(&init_mm, addr, addr + size, ops, arg);

	if (err) {
		unmap_kernel_range(addr, size);
		flush_tlb_kernel_range(addr, addr + size);
	}
	return err;
}

int map_kernel_range(unsigned long addr, phys_addr_t phys, unsigned long size, pgprot_t prot)
{
	static const struct mm_walk_ops ops = { .flags = WALK_ALLOC, .pte_entry = map_phys_pte };
	struct map_phys map = { phys, prot };

	return map_or_undo(addr, size, &ops, &map);
}

struct map_array {
	struct page **pages;
	pgprot_t prot;
};

static int map_array_pte(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	struct map_array *map = arg;

	set_new_pte(pte, addr, mk_pte(*map->pages++, map->prot));
	return 0;
}

int map_kernel_pages(unsigned long addr, struct page **pages, unsigned long n, pgprot_t prot)
{
	static const struct mm_walk_ops ops = { .flags = WALK_ALLOC, .pte_entry = map_array_pte };
	struct map_array map = { pages, prot };

	return map_or_undo(addr, n << PAGE_SHIFT, &ops, &map);
}

struct map_list {
	struct list_head *next;
	pgprot_t prot;
};

static int map_list_pte(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	struct map_list *map = arg;

	set_new_pte(pte, addr, mk_pte(list_entry(map->next, struct page, lru), map->prot));
	map->next = map->next->next;
	return 0;
}

static int map_area_frames(struct vm_struct *area, pgprot_t prot)
{
	static const struct mm_walk_ops ops = { .flags = WALK_ALLOC, .pte_entry = map_list_pte };
	struct map_list map = { area->frames.next, prot };

	return map_or_undo(area->addr, area->size, &ops, &map);
}

static int clear_kernel_pte(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	pte_clear(pte);
	return 0;
}

void unmap_kernel_range(unsigned long addr, unsigned long size)
{
	static const struct mm_walk_ops ops = {
		.flags = WALK_SKIP_NONE, .pte_entry = clear_kernel_pte,
	};

	walk_page_range(&init_mm, addr, addr + size, &ops, NULL);
}

/* ---- areas ------------------------------------------------------------------------- */

/* The lowest fitting gap of a window, and the area that follows it; vm_lock is held. */
static bool find_gap(unsigned long size, unsigned long align, unsigned long start,
		     unsigned long end, unsigned long *addr, struct list_head **before)
{
	unsigned long try = ALIGN(start, align);
	struct vm_struct *area;

	*before = &vm_areas;
	list_for_each_entry(area, &vm_areas, list) {
		if (area->addr + area->size + PAGE_SIZE <= start)
			continue;
		if (try < start || try >= end || area->addr >= end ||
		    (area->addr > try && area->addr - try >= size)) {
			*before = &area->list;
			break;
		}
		try = ALIGN(area->addr + area->size + PAGE_SIZE, align);
	}
	*addr = try;
	return try >= start && try < end && end - try >= size;
}

static bool insert_area(struct vm_struct *area, unsigned long align, unsigned long start,
			unsigned long end)
{
	unsigned long flags = spin_lock_irqsave(&vm_lock);
	struct list_head *before;
	bool found;

	found = find_gap(area->size + PAGE_SIZE, align, start, end, &area->addr, &before);
	if (found) {
		list_add_tail(&area->list, before);
		vmalloc_stats.areas++;
	}
	spin_unlock_irqrestore(&vm_lock, flags);
	return found;
}

struct vm_struct *get_vm_area_align(unsigned long size, unsigned long align,
				    unsigned long start, unsigned long end,
				    unsigned int flags)
{
	struct vm_struct *area;

	BUG_ON(align & (align - 1) || align < PAGE_SIZE || start >= end);
	size = PAGE_ALIGN(size);
	if (!size || size >= end - start)
		return NULL;
	area = kmem_cache_zalloc(vm_struct_cache, GFP_KERNEL);
	if (!area)
		return NULL;
	area->size = size;
	area->flags = flags;
	area->caller = __builtin_return_address(0);
	INIT_LIST_HEAD(&area->frames);
	if (insert_area(area, align, start, end))
		return area;
	vm_unmap_aliases();
	if (insert_area(area, align, start, end))
		return area;
	vmalloc_stats.failed++;
	kmem_cache_free(vm_struct_cache, area);
	return NULL;
}

struct vm_struct *find_vm_area(unsigned long addr)
{
	unsigned long flags = spin_lock_irqsave(&vm_lock);
	struct vm_struct *area, *found = NULL;

	list_for_each_entry(area, &vm_areas, list) {
		if (area->addr > addr)
			break;
		if (addr - area->addr < area->size) {
			found = area->dead ? NULL : area;
			break;
		}
	}
	spin_unlock_irqrestore(&vm_lock, flags);
	return found;
}

static void free_frames(struct list_head *frames)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, frames, lru)
		__free_page(page);
}

static unsigned long span_pages(const struct vm_struct *area)
{
	return (area->size >> PAGE_SHIFT) + 1;
}

void free_vm_area(struct vm_struct *area)
{
	unsigned long flags, lazy;

	unmap_kernel_range(area->addr, area->size);
	flags = spin_lock_irqsave(&vm_lock);
	BUG_ON(area->dead);
	area->dead = true;
	list_add_tail(&area->lazy, &lazy_areas);
	vmalloc_stats.areas--;
	vmalloc_stats.pages -= area->nr_pages;
	vmalloc_stats.lazy_areas++;
	vmalloc_stats.lazy_pages += span_pages(area);
	lazy = vmalloc_stats.lazy_pages;
	spin_unlock_irqrestore(&vm_lock, flags);
	if (lazy > vmalloc_lazy_max)
		vm_unmap_aliases();
}

/* Move all dead areas to `dead` and find the range that they span. */
static bool collect_lazy(struct list_head *dead, unsigned long *start, unsigned long *end)
{
	unsigned long flags = spin_lock_irqsave(&vm_lock);
	struct vm_struct *area, *next;

	*start = ~0ul;
	*end = 0;
	list_for_each_entry_safe(area, next, &lazy_areas, lazy) {
		*start = min(*start, area->addr);
		*end = max(*end, area->addr + area->size);
		list_move_tail(&area->lazy, dead);
	}
	spin_unlock_irqrestore(&vm_lock, flags);
	return !list_empty(dead);
}

void vm_unmap_aliases(void)
{
	unsigned long start, end, flags;
	struct vm_struct *area, *next;
	LIST_HEAD(dead);

	if (!collect_lazy(&dead, &start, &end))
		return;
	flush_tlb_kernel_range(start, end);
	vmalloc_stats.purges++;
	list_for_each_entry_safe(area, next, &dead, lazy) {
		flags = spin_lock_irqsave(&vm_lock);
		list_del(&area->list);
		vmalloc_stats.lazy_areas--;
		vmalloc_stats.lazy_pages -= span_pages(area);
		spin_unlock_irqrestore(&vm_lock, flags);
		free_frames(&area->frames);
		kmem_cache_free(vm_struct_cache, area);
	}
}

/* An area that was never mapped needs no flush. */
static void discard_area(struct vm_struct *area)
{
	unsigned long flags = spin_lock_irqsave(&vm_lock);

	list_del(&area->list);
	vmalloc_stats.areas--;
	spin_unlock_irqrestore(&vm_lock, flags);
	free_frames(&area->frames);
	kmem_cache_free(vm_struct_cache, area);
}

/* ---- vmalloc and vmap -------------------------------------------------------------- */

static int alloc_frames(struct vm_struct *area, gfp_t gfp)
{
	struct page *page;

	while (area->nr_pages < area->size >> PAGE_SHIFT) {
		page = alloc_page(gfp);
		if (!page)
			return -ENOMEM;
		list_add_tail(&page->lru, &area->frames);
		area->nr_pages++;
	}
	return 0;
}

void *__vmalloc(unsigned long size, gfp_t gfp, pgprot_t prot)
{
	struct vm_struct *area = get_vm_area(size, VMALLOC_START, VMALLOC_END, VM_ALLOC);
	unsigned long flags;

	if (!area)
		return NULL;
	area->caller = __builtin_return_address(0);
	gfp &= ~PGT_MASK;
	if (alloc_frames(area, gfp | __GFP_VMALLOC) || map_area_frames(area, prot)) {
		discard_area(area);
		return NULL;
	}
	flags = spin_lock_irqsave(&vm_lock);
	vmalloc_stats.pages += area->nr_pages;
	spin_unlock_irqrestore(&vm_lock, flags);
	return (void *)area->addr;
}

void *vmalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_HIGHMEM, PAGE_KERNEL);
}

void *vzalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO, PAGE_KERNEL);
}

void *vmap(struct page **pages, unsigned long n, pgprot_t prot)
{
	struct vm_struct *area;

	if (!n || n > (VMALLOC_END - VMALLOC_START) >> PAGE_SHIFT)
		return NULL;
	area = get_vm_area(n << PAGE_SHIFT, VMALLOC_START, VMALLOC_END, VM_MAP);
	if (!area)
		return NULL;
	area->caller = __builtin_return_address(0);
	if (map_kernel_pages(area->addr, pages, n, prot)) {
		discard_area(area);
		return NULL;
	}
	return (void *)area->addr;
}

static void free_by_addr(const void *addr, unsigned int flags, const char *what)
{
	struct vm_struct *area;

	if (!addr)
		return;
	area = find_vm_area((unsigned long)addr);
	if (!area || area->addr != (unsigned long)addr || area->flags != flags)
		panic("%s(%p): no such area", what, addr);
	free_vm_area(area);
}

void vfree(const void *addr)
{
	free_by_addr(addr, VM_ALLOC, __func__);
}

void vunmap(const void *addr)
{
	free_by_addr(addr, VM_MAP, __func__);
}

struct page *vmalloc_to_page(const void *addr)
{
	pte_t *ptep = pte_lookup(&init_mm, (unsigned long)addr);

	if (!ptep || !pte_present(*ptep))
		return NULL;
	return pte_page(*ptep);
}
