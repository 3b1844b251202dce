/* SPDX-License-Identifier: MIT */
/* From a page to its entries: the idea and the contracts are in mm/rmap.h. */
#include <asm/tlbflush.h>
#include <kernel/trace.h>
#include <mm/rmap.h>
#include "internal.h"
#include <linux/errno.h>

struct rmap_stats rmap_stats;
static struct kmem_cache *family_cachep;

void rmap_init(void)
{
	family_cachep = kmem_cache_create("anon_family", sizeof(struct anon_family), 0,
					  SLAB_PANIC, NULL);
}

/* ---- families ---------------------------------------------------------------------- */

int anon_family_join(struct mm_struct *mm, struct anon_family *family)
{
	if (!family) {
		family = kmem_cache_alloc(family_cachep, GFP_KERNEL);
		if (!family)
			return -ENOMEM;
		INIT_LIST_HEAD(&family->mms);
		family->moved = RB_ROOT;
	}
	mm->anon = family;
	list_add_tail(&mm->relatives, &family->mms);
	return 0;
}

void anon_family_leave(struct mm_struct *mm)
{
	list_del(&mm->relatives);
	if (!list_empty(&mm->anon->mms))
		return;
	BUG_ON(mm->anon->moved.node);
	kmem_cache_free(family_cachep, mm->anon);
}

/* ---- regions that were moved ------------------------------------------------------- */

noinline void anon_link(struct vm_area_struct *vma)
{
	vma->anon.start = anon_index(vma, vma->vm_start);
	vma->anon.last = anon_index(vma, vma->vm_end - 1);
	interval_insert(&vma->anon, &vma->vm_mm->anon->moved);
}

noinline void anon_unlink(struct vm_area_struct *vma)
{
	interval_remove(&vma->anon, &vma->vm_mm->anon->moved);
}

void anon_set_shift(struct vm_area_struct *vma, unsigned long shift)
{
	if (vma->anon_shift)
		anon_unlink(vma);
	vma->anon_shift = shift;
	if (shift)
		anon_link(vma);
}

void anon_unlink_all(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	if (!mm->anon->moved.node)
		return;
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		anon_set_shift(vma, 0);
}

/* ---- the walk ---------------------------------------------------------------------- */

/* One walk: `left` entries are still to be found. */
struct walk {
	struct page *page;
	rmap_fn fn;
	void *arg;
	int left, ret;
};

/* The entry for that address if it names the page, mapped; else NULL. */
static pte_t *entry_of(const struct page *page, struct mm_struct *mm, unsigned long addr)
{
	pte_t *ptep = pte_lookup(mm, addr);

	rmap_stats.places++;
	if (!ptep)
		return NULL;
	if (pte_present(*ptep) && pte_pfn(*ptep) == page_to_pfn(page))
		return ptep;
	pte_unmap(ptep);
	return NULL;
}

static void found(struct walk *w, struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	rmap_stats.entries++;
	w->left--;
	w->ret = w->fn(w->page, vma, addr, ptep, w->arg);
	pte_unmap(ptep);
}

static void walk_regions(struct walk *w, const struct rb_root *root, bool anon)
{
	const unsigned long index = w->page->index;
	struct interval_node *node = interval_first(root, index, index);
	struct vm_area_struct *vma;
	unsigned long addr;
	pte_t *ptep;

	for (; node && w->left && !w->ret; node = interval_next(node, index, index)) {
		vma = anon ? container_of(node, struct vm_area_struct, anon) :
			     container_of(node, struct vm_area_struct, shared);
		addr = vma->vm_start + ((index - node->start) << PAGE_SHIFT);
		ptep = entry_of(w->page, vma->vm_mm, addr);
		if (ptep)
			found(w, vma, addr, ptep);
	}
}

/* Where it came into being. */
static void walk_relatives(struct walk *w, const struct anon_family *family)
{
	const unsigned long addr = w->page->index << PAGE_SHIFT;
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	pte_t *ptep;

	list_for_each_entry(mm, &family->mms, relatives) {
		ptep = entry_of(w->page, mm, addr);
		if (!ptep)
			continue;
		vma = find_vma(mm, addr);
		if (vma && vma->vm_start <= addr)
			found(w, vma, addr, ptep);
		else
			pte_unmap(ptep);	/* it is being unmapped, or moved here */
		if (!w->left || w->ret)
			return;
	}
}

/* All are found as soon as there are as many as entries that name it. */
int rmap_walk(struct page *page, rmap_fn fn, void *arg)
{
	struct walk w = { .page = page, .fn = fn, .arg = arg, .left = page_mapcount(page) };

	rmap_stats.walks++;
	if (!w.left)
		return 0;
	if (page_type(page) != PGT_ANON) {
		if (page->mapping)
			walk_regions(&w, &page->mapping->i_mmap, false);
		return w.ret;
	}
	walk_relatives(&w, page->anon);
	if (w.left && !w.ret)
		walk_regions(&w, &page->anon->moved, true);
	return w.ret;
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
	if (pte_dirty(old))
		set_page_dirty(page);
	trace(TRACE_UNMAP, addr, pte_val(old), mm_top_frame(mm), TRACE_BY_RECLAIM);
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
