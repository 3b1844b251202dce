/* SPDX-License-Identifier: MIT */
/* From a page to its entries: the idea and the contracts are in mm/rmap.h. */
#include <asm/tlbflush.h>
#include <kernel/trace.h>
#include <mm/rmap.h>
#include "internal.h"

struct rmap_stats rmap_stats;
static struct kmem_cache *family_cachep;

void rmap_init(void)
{
	family_cachep = kmem_cache_create("anon_family", sizeof(struct anon_family), 0,
					  SLAB_PANIC, NULL);
}

/* ---- families ---------------------------------------------------------------------- */

struct anon_family *anon_family_alloc(void)
{
	struct anon_family *family = kmem_cache_alloc(family_cachep, GFP_KERNEL);

	if (family) {
		family->users = 1;
		family->regions = RB_ROOT;
	}
	return family;
}

void anon_family_put(struct anon_family *family)
{
	if (--family->users)
		return;
	BUG_ON(family->users < 0 || family->regions.node);
	kmem_cache_free(family_cachep, family);
}

/* ---- regions ----------------------------------------------------------------------- */

static inline unsigned long last_index(const struct vm_area_struct *vma)
{
	return vma->vm_pgoff + vma_pages(vma) - 1;
}

noinline void anon_link(struct vm_area_struct *vma)
{
	vma->anon.start = vma->vm_pgoff;
	vma->anon.last = last_index(vma);
	interval_insert(&vma->anon, &vma->vm_mm->anon->regions);
}

noinline void anon_unlink(struct vm_area_struct *vma)
{
	interval_remove(&vma->anon, &vma->vm_mm->anon->regions);
}

/* Most often it is the end that moves: brk, munmap, merging. */
noinline void anon_update(struct vm_area_struct *vma)
{
	if (likely(vma->anon.start == vma->vm_pgoff)) {
		interval_set_last(&vma->anon, last_index(vma));
		return;
	}
	anon_unlink(vma);
	anon_link(vma);
}

noinline void __anon_prepare(struct vm_area_struct *vma)
{
	vma->anon_pages = true;
	anon_link(vma);
}

void anon_forget(struct vm_area_struct *vma)
{
	if (!vma->anon_pages)
		return;
	anon_unlink(vma);
	vma->anon_pages = false;
}

void anon_unlink_all(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	if (mm->anon->users == 1) {
		mm->anon->regions = RB_ROOT;
		return;
	}
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		if (vma->anon_pages)
			anon_unlink(vma);
}

/* ---- the walk ---------------------------------------------------------------------- */

/* The regions that may map the page; NULL: none. */
static const struct rb_root *regions_of(const struct page *page)
{
	if (page_type(page) == PGT_ANON)
		return &page->anon->regions;
	return page->mapping ? &page->mapping->i_mmap : NULL;
}

static inline struct vm_area_struct *region_of(struct interval_node *node, bool anon)
{
	return anon ? container_of(node, struct vm_area_struct, anon) :
		      container_of(node, struct vm_area_struct, shared);
}

/* The entry for that address if it names the page, mapped; else NULL. */
static pte_t *entry_of(const struct page *page, struct mm_struct *mm, unsigned long addr)
{
	pte_t *ptep = pte_lookup(mm, addr);

	if (!ptep)
		return NULL;
	if (pte_present(*ptep) && pte_pfn(*ptep) == page_to_pfn(page))
		return ptep;
	pte_unmap(ptep);
	return NULL;
}

/* All are found as soon as there are as many as entries that name it. */
int rmap_walk(struct page *page, rmap_fn fn, void *arg)
{
	const bool anon = page_type(page) == PGT_ANON;
	const unsigned long index = page->index;
	int left = page_mapcount(page), ret = 0;
	struct interval_node *node = NULL;
	struct vm_area_struct *vma;
	const struct rb_root *root;
	unsigned long addr;
	pte_t *ptep;

	rmap_stats.walks++;
	root = left ? regions_of(page) : NULL;
	if (root)
		node = interval_first(root, index, index);
	for (; node && left && !ret; node = interval_next(node, index, index)) {
		rmap_stats.regions++;
		vma = region_of(node, anon);
		addr = vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
		ptep = entry_of(page, vma->vm_mm, addr);
		if (!ptep)
			continue;
		rmap_stats.entries++;
		left--;
		ret = fn(page, vma, addr, ptep, arg);
		pte_unmap(ptep);
	}
	return ret;
}

/* ---- what is asked ----------------------------------------------------------------- */

struct referenced {
	unsigned int count;
	unsigned long vm_flags;
};

static int take_accessed(struct page *page, struct vm_area_struct *vma, unsigned long addr,
			 pte_t *ptep, void *arg)
{
	struct referenced *r = arg;

	r->vm_flags |= vma->vm_flags;
	if (!pte_young(*ptep))
		return 0;
	set_pte(ptep, pte_mkold(ptep_get_and_clear(ptep)));
	flush_tlb_page(vma->vm_mm, addr);
	r->count++;
	return 0;
}

unsigned int page_referenced(struct page *page, unsigned long *vm_flags)
{
	struct referenced r = { 0, 0 };

	rmap_walk(page, take_accessed, &r);
	*vm_flags = r.vm_flags;
	return r.count;
}

static int take_dirty(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		      pte_t *ptep, void *arg)
{
	bool *dirty = arg;

	if (!pte_dirty(*ptep))
		return 0;
	set_pte(ptep, pte_mkclean(ptep_get_and_clear(ptep)));
	flush_tlb_page(vma->vm_mm, addr);
	*dirty = true;
	return 0;
}

bool page_mkclean(struct page *page)
{
	bool dirty = false;

	rmap_walk(page, take_dirty, &dirty);
	return dirty;
}

/* ---- unmapping --------------------------------------------------------------------- */

static int unmap_one(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		     pte_t *ptep, void *arg)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t old;

	if (vma->vm_flags & VM_LOCKED)
		return UNMAP_LOCKED;
	if (page_type(page) == PGT_ANON && !swap_duplicate(page_swp(page)))
		return UNMAP_AGAIN;
	update_hiwater(mm);
	old = ptep_get_and_clear(ptep);
	if (page_type(page) == PGT_ANON) {
		set_pte(ptep, swp_to_pte(page_swp(page)));
		mm->rss[MM_ANONPAGES]--;
		mm->rss[MM_SWAPENTS]++;
	} else {
		mm->rss[MM_FILEPAGES]--;
	}
	flush_tlb_page(mm, addr);
	if (pte_dirty(old)) {
		if (page_type(page) == PGT_ANON)
			SetPageDirty(page);
		else
			set_page_dirty(page);
	}
	trace(TRACE_UNMAP, addr, pte_val(old), 0, 0);
	page->_mapcount--;
	put_page(page);
	return 0;
}

enum unmap_result try_to_unmap(struct page *page)
{
	int ret = rmap_walk(page, unmap_one, NULL);

	if (ret)
		return (enum unmap_result)ret;
	return page_mapcount(page) ? UNMAP_AGAIN : UNMAP_DONE;
}
