/* SPDX-License-Identifier: MIT */
/*
 * The books of mm/ against the page tables: every present entry of the given address
 * spaces is counted, and rss, _mapcount and the number of tables must agree.  Slow, small,
 * and without a look at any counter.
 */
#ifndef TEST_HOST_AUDIT_H
#define TEST_HOST_AUDIT_H

#include "host_user.h"
#include <mm/rmap.h>
#include <mm/swap.h>

struct baseline {
	struct page_accounting pages;
	unsigned long tables, mms, file_pages, objects;
	long committed;
};

__attribute__((__unused__))
static unsigned long objects_in_use(void)
{
	struct kmem_cache *c;
	unsigned long n = 0;

	for_each_kmem_cache(c) {
		kmem_cache_shrink(c);
		n += kmem_cache_inuse(c);
	}
	return n;
}

static void take_baseline(struct baseline *b)
{
	memset(b, 0, sizeof(*b));
	b->objects = objects_in_use();
	account_pages(&b->pages);
	b->tables = nr_page_table_pages;
	b->mms = nr_mms;
	b->file_pages = nr_file_pages;
	b->committed = vm_committed;
}

/* Everything is as it was, and the allocator is sound. */
__attribute__((__unused__))
static bool at_baseline(const struct baseline *then)
{
	struct page_accounting scanned;
	struct baseline now;
	unsigned long bad = 0;
	const char *wrong;

	take_baseline(&now);
	wrong = check_free_lists();
	if (wrong)
		printf("# free lists: %s\n", wrong);
	if (recount_pages(&scanned, &bad) || !accounting_identity(&now.pages, &scanned)) {
		printf("# accounting: bad frame %#lx\n", bad);
		return false;
	}
	if (memcmp(&now, then, sizeof(now)) == 0)
		return !wrong;
	printf("# free %ld anon %ld file %ld table %ld slab %ld objects %ld mms %ld committed %ld\n",
	       (long)(now.pages.free - then->pages.free),
	       (long)(now.pages.anon - then->pages.anon),
	       (long)(now.pages.file - then->pages.file), (long)(now.tables - then->tables),
	       (long)(now.pages.slab - then->pages.slab), (long)(now.objects - then->objects),
	       (long)(now.mms - then->mms), now.committed - then->committed);
	return false;
}

/* ---- entries ----------------------------------------------------------------------- */

/* Made once, for vmalloc, and kept. */
static unsigned long audit_kernel_tables;

static u16 named[MAX_SWAPFILES][1 << 14];	/* per slot: entries seen */

struct audit {
	u16 *mapped;			/* per frame: entries seen */
	struct mm_struct *mm;
	long rss[NR_MM_COUNTERS];
	const char *wrong;
};

static int audit_pte(pte_t *ptep, unsigned long addr, unsigned long next, void *arg)
{
	struct audit *a = arg;
	struct vm_area_struct *vma = find_vma(a->mm, addr);
	struct page *page = pte_page(*ptep);

	if (!pte_present(*ptep)) {
		if (!swap_entry_valid(pte_to_swp(*ptep)))
			a->wrong = "an entry that names neither frame nor slot";
		else if (!vma || vma->vm_start > addr || !vma->anon_pages)
			a->wrong = "a swapped page outside all anonymous regions";
		else
			named[pte_swp_type(*ptep)][pte_swp_offset(*ptep)]++;
		a->rss[MM_SWAPENTS]++;
		return 0;
	}
	if (!vma || vma->vm_start > addr) {
		a->wrong = "an entry outside all regions";
		return 0;
	}
	if (is_zero_pfn(pte_pfn(*ptep))) {
		if (pte_write(*ptep))
			a->wrong = "the zero page is writable";
		return 0;
	}
	a->mapped[pte_pfn(*ptep)]++;
	a->rss[page_type(page) == PGT_ANON ? MM_ANONPAGES : MM_FILEPAGES]++;
	if (page_type(page) != PGT_ANON && page_type(page) != PGT_FILE)
		a->wrong = "a page that is neither anonymous nor of a file";
	if (pte_write(*ptep) && !(vma->vm_flags & VM_WRITE))
		a->wrong = "a writable entry in a read-only region";
	if (pte_write(*ptep) && !(vma->vm_flags & VM_SHARED) &&
	    (page_type(page) != PGT_ANON || page->_refcount != 1))
		a->wrong = "a writable entry of a private page with two owners";
	if (page_type(page) == PGT_ANON && vma->vm_ops && !vma->anon_pages)
		a->wrong = "an anonymous page in a region that says it has none";
	return 0;
}

static const char *audit_mm(struct mm_struct *mm, u16 *mapped)
{
	static const struct mm_walk_ops ops = {
		.flags = WALK_SKIP_NONE, .pte_entry = audit_pte,
	};
	struct audit a = { .mapped = mapped, .mm = mm };
	const char *wrong = vma_check(mm);
	const struct vm_area_struct *vma;

	if (wrong)
		return wrong;
	walk_page_range(mm, 0, mm->task_size, &ops, &a);
	if (a.rss[MM_ANONPAGES] != mm->rss[MM_ANONPAGES])
		return "rss of anonymous pages";
	if (a.rss[MM_FILEPAGES] != mm->rss[MM_FILEPAGES])
		return "rss of file pages";
	if (a.rss[MM_SWAPENTS] != mm->rss[MM_SWAPENTS])
		return "swapped pages of an address space";
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		if (!vma->vm_ops && vma->vm_pgoff != anon_index(vma, vma->vm_start))
			return "the offset of an anonymous region";
	return a.wrong;
}

/* ---- reverse mapping ---------------------------------------------------------------- */

struct found {
	struct mm_struct *mm;
	unsigned long addr;
};

static struct found found[1 << 12];
static unsigned int nr_found;

/* Is it an entry, the only one so far, and does it name the page?  By another walk. */
static int note_entry(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		      pte_t *ptep, void *arg)
{
	unsigned long entry = host_entry(vma->vm_mm, addr);
	bool *good = arg;
	unsigned int i;

	*good &= (entry & PTE_PFN_MASK) >> PAGE_SHIFT == page_to_pfn(page);
	*good &= entry == pte_val(*ptep) && addr >= vma->vm_start && addr < vma->vm_end;
	for (i = 0; i < nr_found; i++)
		*good &= found[i].mm != vma->vm_mm || found[i].addr != addr;
	BUG_ON(nr_found == ARRAY_SIZE(found));
	found[nr_found++] = (struct found){ vma->vm_mm, addr };
	return 0;
}

/* Found are `mapped` different entries that name the page: there are no others. */
static bool rmap_is_right(struct page *page, unsigned int mapped)
{
	bool good = true;

	nr_found = 0;
	rmap_walk(page, note_entry, &good);
	return good && nr_found == mapped;
}

/* ---- lists and slots ----------------------------------------------------------------- */

/* Pages of one list, or ~0: one of them belongs elsewhere, or they are miscounted. */
static unsigned long audit_list(const struct zone *zone, enum lru_list which)
{
	const struct list_head *list = &zone->lru[which], *pos;
	const struct page *page;
	unsigned long n = 0;

	for (pos = list->next; pos != list; pos = pos->next, n++) {
		page = list_entry(pos, struct page, lru);
		if (!PageLRU(page) || page_lru(page) != which || page_zone(page) != zone)
			return ~0ul;
	}
	return n == zone->nr_lru[which] ? n : ~0ul;
}

static const char *audit_lru(void)
{
	unsigned long n, on_lists = 0, flagged = 0, mlocked = 0, pfn;
	struct page *page;
	struct zone *zone;
	unsigned int i;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
		for (i = 0; i < NR_LRU_LISTS; i++, on_lists += n) {
			n = audit_list(zone, (enum lru_list)i);
			if (n == ~0ul)
				return "a page on the wrong list, or its length";
		}
	}
	for (pfn = 0; pfn < max_pfn; pfn++) {
		page = pfn_to_page(pfn);
		if (!pfn_valid(pfn) || page_type(page) >= PGT_RESERVED)
			continue;
		flagged += PageLRU(page) != 0;
		mlocked += PageMlocked(page) != 0;
		if (page_mapcount(page) && !PageLRU(page) &&
		    (page_type(page) == PGT_ANON || page->mapping))
			return "a mapped page on no list";
	}
	if (mlocked != nr_mlocked)
		return "the number of pages set aside";
	return flagged == on_lists ? NULL : "pages with PG_lru on no list";
}

static const char *audit_swap(void)
{
	unsigned long slot, used, all = 0, cached = 0;
	const struct swap_device *d;
	struct page *page;
	unsigned int i;

	for (i = 0; i < MAX_SWAPFILES; i++) {
		d = &swap_devices[i];
		for (slot = 1, used = 0; d->ops && slot < d->slots; slot++) {
			if ((d->map[slot] & SWAP_COUNT) != named[i][slot])
				return "the count of a slot";
			used += (d->map[slot] & ~SWAP_IS_BAD) != 0;
			page = radix_tree_lookup(&d->cache, slot);
			if (!page != !(d->map[slot] & SWAP_HAS_CACHE))
				return "a slot and the swap cache";
			if (page && (!PageSwapCache(page) ||
				     page->private != swp_entry(i, slot).val))
				return "a page of the swap cache";
			cached += page != NULL;
		}
		if (d->ops && used != d->used)
			return "the number of slots in use";
		all += used;
	}
	if (cached != nr_swapcache)
		return "the size of the swap cache";
	return all == swap_pages_used ? NULL : "the number of all slots in use";
}

/* NULL, or what is wrong with these address spaces, which are all there are. */
__attribute__((__unused__))
static const char *audit(struct mm_struct *const *mms, unsigned int n)
{
	static u16 mapped[1 << 16];
	unsigned long tables = 0, pfn;
	const char *wrong = NULL;
	struct page *page;
	unsigned int i;

	memset(mapped, 0, sizeof(mapped));
	memset(named, 0, sizeof(named));
	for (i = 0; i < n && !wrong; i++) {
		if (!mms[i])
			continue;
		wrong = audit_mm(mms[i], mapped);
		tables += 1 + mms[i]->nr_ptes + mms[i]->nr_pmds + mms[i]->nr_puds;
	}
	for (pfn = 0; pfn < max_pfn && !wrong; pfn++) {
		page = pfn_to_page(pfn);
		if (!pfn_valid(pfn) || page_type(page) >= PGT_RESERVED)
			continue;
		if (page_mapcount(page) != mapped[pfn])
			wrong = "_mapcount of a page";
		else if (!rmap_is_right(page, mapped[pfn]))
			wrong = "the entries that reverse mapping finds";
		if (page_type(page) == PGT_ANON &&
		    page_count(page) != mapped[pfn] + !!PageSwapCache(page))
			wrong = "_refcount of an anonymous page";
		if (page_type(page) == PGT_FILE &&
		    page_count(page) != mapped[pfn] + !!page->mapping)
			wrong = "_refcount of a file page";
	}
	if (!wrong)
		wrong = audit_lru();
	if (!wrong)
		wrong = audit_swap();
	if (!wrong && tables + audit_kernel_tables != nr_page_table_pages)
		wrong = "the number of page tables";
	return wrong;
}

#endif
