/* SPDX-License-Identifier: MIT */
/*
 * Serving page faults (Gorman 4.6; contracts: mm/fault.h).
 *
 * The way of a fault: find or make the table, look at the entry, and by what it holds
 * choose who serves it: handle_pte_fault() is the whole policy.  Everything is decided
 * under the mapped entry without sleeping; who has to sleep gives the entry back, and
 * looks again afterwards: if it changed, the program will simply fault again.
 *
 * Bookkeeping: an entry that names a page holds one reference (_refcount), one _mapcount
 * and one of mm->rss[]; the zero page has none of these.
 */
#include <asm/tlbflush.h>
#include <kernel/printk.h>
#include <kernel/trace.h>
#include <mm/rmap.h>
#include "internal.h"

struct vm_counters vm_counters;
struct page *zero_page;
unsigned long zero_pfn;

void zero_page_init(void)
{
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!zero_page)
		panic("no memory for the zero page");
	zero_pfn = page_to_pfn(zero_page);
}

/* One fault being served. */
struct fault {
	struct vm_area_struct *vma;
	unsigned long address;		/* of the page */
	unsigned int flags;		/* FAULT_FLAG_* */
	pte_t *pte;			/* mapped */
	pte_t orig;			/* what it was when it was looked at */
};

/* ---- entries ----------------------------------------------------------------------- */

/* Entries of private regions are read-only by vm_page_prot: a writer's page is his own. */
static inline pte_t writable_pte(const struct vm_area_struct *vma, struct page *page)
{
	pte_t pte = pte_mkdirty(mk_pte(page, vma->vm_page_prot));

	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

static inline void install_pte(struct fault *f, pte_t pte)
{
	set_pte(f->pte, pte);
	trace(TRACE_MAP, f->address, pte_val(pte), mm_top_frame(f->vma->vm_mm), TRACE_BY_ITSELF);
}

/* A new anonymous page becomes the contents of the entry, which had none. */
static inline void install_anon(struct fault *f, struct page *page)
{
	struct vm_area_struct *vma = f->vma;

	page->_mapcount = 1;
	page->anon = vma->vm_mm->anon;
	page->index = anon_index(vma, f->address);
	vma->anon_pages = true;
	lru_add_new(page);
	vma->vm_mm->rss[MM_ANONPAGES]++;
	install_pte(f, writable_pte(vma, page));
}

/* Map the entry again after sleeping; false: it is not what it was. */
static bool remap_entry(struct fault *f)
{
	f->pte = pte_lookup(f->vma->vm_mm, f->address);
	if (!f->pte)
		return false;
	if (pte_val(*f->pte) == pte_val(f->orig))
		return true;
	pte_unmap(f->pte);
	return false;
}

/* The tables are damaged: nobody is given a frame by such an entry. */
static noinline int bad_entry(const struct fault *f, const char *why)
{
	pr_err("page table: the entry %#lx for address %#lx %s; the task gets SIGBUS\n",
	       (unsigned long)pte_val(f->orig), f->address, why);
	pte_unmap(f->pte);
	return VM_FAULT_SIGBUS | VM_FAULT_DID(BAD_ENTRY);
}

/* Memory is short: give the entry back and wait.  *err is meant if it returns NULL. */
static noinline struct page *alloc_anon_slow(struct fault *f, int *err)
{
	struct page *page;

	pte_unmap(f->pte);
	page = alloc_page(GFP_HIGHUSER | __GFP_ANON);
	*err = page ? VM_FAULT_DID(RACE) : VM_FAULT_OOM;
	if (!page || remap_entry(f))
		return page;
	__free_page(page);
	vm_counters.spurious++;
	return NULL;
}

/*
 * A page for the program, contents undefined.  NULL: *err is the fault's result, and the
 * entry is not mapped any more.
 */
static inline struct page *alloc_anon(struct fault *f, int *err)
{
	struct page *page = alloc_page_nowait(__GFP_HIGHMEM | __GFP_ANON);

	return likely(page) ? page : alloc_anon_slow(f, err);
}

/* ---- anonymous memory -------------------------------------------------------------- */

static int do_anonymous_page(struct fault *f)
{
	struct page *page;
	int err;

	if (!(f->flags & FAULT_FLAG_WRITE)) {
		install_pte(f, pfn_pte(zero_pfn, f->vma->vm_page_prot));
		vm_counters.zero_maps++;
		pte_unmap(f->pte);
		return VM_FAULT_DID(ZERO_MAP);
	}
	page = alloc_anon(f, &err);
	if (unlikely(!page))
		return err;
	clear_highpage(page);
	install_anon(f, page);
	vm_counters.anon_new++;
	pte_unmap(f->pte);
	return VM_FAULT_DID(ANON_NEW);
}

/* ---- swapped pages (Gorman 11.6) ----------------------------------------------------- */

static int raced(struct page *page)
{
	unlock_page(page);
	put_page(page);
	vm_counters.spurious++;
	return VM_FAULT_DID(RACE);
}

/*
 * The page comes back into the entry, which is mapped; its lock is held, and a reference that
 * becomes the entry's.  Who writes gets it for himself if nobody else can want it; true if
 * a writer still needs a copy.
 */
static bool map_swapped(struct fault *f, struct page *page, swp_entry_t entry)
{
	struct vm_area_struct *vma = f->vma;
	struct mm_struct *mm = vma->vm_mm;
	bool write = f->flags & FAULT_FLAG_WRITE, own;
	pte_t pte = mk_pte(page, vma->vm_page_prot);

	page->_mapcount++;
	page->anon = mm->anon;
	page->index = anon_index(vma, f->address);
	mm->rss[MM_ANONPAGES]++;
	mm->rss[MM_SWAPENTS]--;
	swap_free(entry);
	own = write && page_count(page) == 2 && try_to_free_swap(page);
	/* Slots are short: better free one than keep a copy that saves a write. */
	if (!own && nr_swap_pages() < total_swap_pages / 2)
		try_to_free_swap(page);
	install_pte(f, own ? writable_pte(vma, page) : pte);
	f->orig = own ? writable_pte(vma, page) : pte;
	unlock_page(page);
	return write && !own;
}

static int do_wp_page(struct fault *f);

/* The order of the book: swap cache, swap device; a new page is for entries with neither. */
static int do_swap_page(struct fault *f)
{
	swp_entry_t entry = pte_to_swp(f->orig);
	int ret = VM_FAULT_DID(SWAP_CACHE);
	struct page *page;

	pte_unmap(f->pte);
	page = lookup_swap_cache(entry);
	if (page) {
		swap_counters.cache_hits++;
	} else {
		ret = VM_FAULT_MAJOR | VM_FAULT_DID(SWAP_IN);
		page = swapin(entry);
	}
	if (!page) {
		if (!remap_entry(f))
			return VM_FAULT_DID(RACE);
		pte_unmap(f->pte);
		return VM_FAULT_OOM;
	}
	lock_page(page);
	if (!PageUptodate(page)) {
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	if (!PageSwapCache(page) || page_swp(page).val != entry.val || !remap_entry(f))
		return raced(page);
	activate_page(page);
	if (map_swapped(f, page, entry))
		return do_wp_page(f) | (ret & VM_FAULT_MAJOR);
	pte_unmap(f->pte);
	return ret;
}

/* ---- copy on write (Gorman 4.6.4) -------------------------------------------------- */

/* The entry gives up the page that it named. */
static void drop_old_page(struct fault *f, struct page *old)
{
	struct mm_struct *mm = f->vma->vm_mm;

	mm->rss[page_type(old) == PGT_ANON ? MM_ANONPAGES : MM_FILEPAGES]--;
	old->_mapcount--;
	if (unlikely(PageMlocked(old)))
		lru_rescue(old);
	if (unlikely(PageSwapCache(old)))
		free_swap_cache(old);
	put_page(old);
}

/* Does this entry alone have the anonymous page?  A copy on the device is given up for that. */
static inline bool owned_alone(struct page *page)
{
	bool alone;

	if (likely(page->_refcount == 1))
		return true;
	if (page->_refcount != 2 || !PageSwapCache(page) || TestSetPageLocked(page))
		return false;
	alone = try_to_free_swap(page);
	unlock_page(page);
	return alone;
}

/*
 * A write to a read-only entry.  The last owner keeps his page; everybody else gets a
 * copy.  Entries of a shared region may be written from the start if the region may, so
 * one that comes here is damaged.  Raising rights needs no flush: the fault itself has
 * dropped the translation, and a translation with fewer rights leads to a spurious fault
 * at worst.
 */
static int do_wp_page(struct fault *f)
{
	struct vm_area_struct *vma = f->vma;
	unsigned long old_pfn = pte_pfn(f->orig);
	struct page *old = pfn_to_page(old_pfn), *page;
	int err;

	if (unlikely(vma->vm_flags & VM_SHARED))
		return bad_entry(f, "is read-only, in a shared region that may be written");
	if (page_type(old) == PGT_ANON && owned_alone(old)) {
		set_pte(f->pte, pte_mkyoung(pte_mkdirty(pte_mkwrite(f->orig))));
		trace(TRACE_DIRTY, f->address, pte_val(*f->pte), mm_top_frame(vma->vm_mm), 0);
		vm_counters.cow_reuses++;
		pte_unmap(f->pte);
		return VM_FAULT_DID(COW_REUSE);
	}
	page = alloc_anon(f, &err);
	if (unlikely(!page))
		return err;
	if (is_zero_pfn(old_pfn)) {
		clear_highpage(page);
		vm_counters.zero_cows++;
	} else {
		copy_highpage(page, old);
		vm_counters.cow_copies++;
	}
	install_anon(f, page);
	flush_tlb_page(vma->vm_mm, f->address);
	trace(TRACE_COW, f->address, old_pfn, page_to_pfn(page), 1);
	pte_unmap(f->pte);
	if (is_zero_pfn(old_pfn))
		return VM_FAULT_DID(ZERO_COW);
	drop_old_page(f, old);
	return VM_FAULT_DID(COW_COPY);
}

/* ---- files and devices ------------------------------------------------------------- */

/* A private region is written to: the program's own copy, in the same fault. */
static int map_private_copy(struct fault *f, struct page *from)
{
	const struct address_space *mapping = from->mapping;
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_ANON);

	if (!page)
		return VM_FAULT_OOM;
	copy_highpage(page, from);
	/* It may have slept: the page can have been truncated, the entry be another one. */
	if (from->mapping != mapping || !remap_entry(f)) {
		__free_page(page);
		vm_counters.spurious++;
		return VM_FAULT_DID(RACE);
	}
	install_anon(f, page);
	vm_counters.cow_copies++;
	trace(TRACE_COW, f->address, page_to_pfn(from), page_to_pfn(page), 0);
	pte_unmap(f->pte);
	return VM_FAULT_DID(FILE_COPY);
}

/* The page itself; the reference that the fault method returned becomes the entry's. */
static int map_file_page(struct fault *f, struct page *page)
{
	struct vm_area_struct *vma = f->vma;
	bool write = f->flags & FAULT_FLAG_WRITE;

	if (!remap_entry(f)) {
		put_page(page);
		vm_counters.spurious++;
		return VM_FAULT_DID(RACE);
	}
	page->_mapcount++;
	vma->vm_mm->rss[page_type(page) == PGT_ANON ? MM_ANONPAGES : MM_FILEPAGES]++;
	if (write)
		set_page_dirty(page);
	install_pte(f, write ? writable_pte(vma, page) : mk_pte(page, vma->vm_page_prot));
	vm_counters.file_maps++;
	pte_unmap(f->pte);
	return VM_FAULT_DID(FILE_MAP);
}

static int do_file_page(struct fault *f)
{
	struct vm_area_struct *vma = f->vma;
	struct vm_fault vmf = {
		.address = f->address,
		.pgoff = vma->vm_pgoff + ((f->address - vma->vm_start) >> PAGE_SHIFT),
		.flags = f->flags,
	};
	int ret, err;

	pte_unmap(f->pte);
	if (!vma->vm_ops->fault)
		return VM_FAULT_SIGBUS;
	ret = vma->vm_ops->fault(vma, &vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (f->flags & FAULT_FLAG_WRITE && !(vma->vm_flags & VM_SHARED)) {
		err = map_private_copy(f, vmf.page);
		put_page(vmf.page);
	} else {
		err = map_file_page(f, vmf.page);
	}
	return ret | err;
}

/* ---- the policy -------------------------------------------------------------------- */

static int handle_pte_fault(struct fault *f)
{
	if (!pte_present(f->orig)) {
		if (unlikely(!pte_none(f->orig)))
			return swap_entry_valid(pte_to_swp(f->orig)) ? do_swap_page(f) :
						bad_entry(f, "names no frame and no slot");
		if (likely(!f->vma->vm_ops))
			return do_anonymous_page(f);
		return do_file_page(f);
	}
	if (f->flags & FAULT_FLAG_WRITE && !pte_write(f->orig))
		return do_wp_page(f);
	vm_counters.spurious++;
	pte_unmap(f->pte);
	return 0;
}

int handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct fault f = { .vma = vma, .address = address & PAGE_MASK, .flags = flags };
	int ret;

	vm_counters.pgfault++;
	f.pte = pte_alloc_map(vma->vm_mm, address);
	if (unlikely(!f.pte))
		return VM_FAULT_OOM;
	f.orig = *f.pte;
	ret = handle_pte_fault(&f);
	if (unlikely(ret & VM_FAULT_MAJOR))
		vm_counters.pgmajfault++;
	return ret & ~VM_FAULT_NOPAGE;
}
