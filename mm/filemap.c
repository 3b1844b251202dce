/* SPDX-License-Identifier: MIT */
/*
 * The page cache (Gorman chapter 10; contracts: mm/filemap.h).
 *
 * A page in the cache has one reference from it, and page->mapping and page->index say
 * where.  It leaves the cache by losing mapping; who still uses it then keeps it by his own
 * reference.  PG_locked is held while contents are made: PG_uptodate is set under it, once,
 * and never cleared.
 *
 * The tree is changed without sleeping between look and change, which is the lock.
 */
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include "internal.h"
#include <linux/errno.h>

unsigned long nr_file_pages;

static LIST_HEAD(all_mappings);		/* address_spaces that have pages */
static DECLARE_WAIT_QUEUE_HEAD(page_wait);

void address_space_init(struct address_space *mapping, void *host,
			const struct address_space_operations *ops)
{
	mapping->host = host;
	mapping->pages = (struct radix_tree_root){ 0, NULL };
	mapping->nrpages = 0;
	mapping->a_ops = ops;
	INIT_LIST_HEAD(&mapping->mappings);
	mapping->i_mmap = RB_ROOT;
	mapping->quota = NULL;
	mapping->unevictable = false;
	mapping->wb_err = 0;
	mapping->nrdirty = 0;
}

/* ---- the lock of a page ------------------------------------------------------------ */

void lock_page(struct page *page)
{
	while (TestSetPageLocked(page))
		wait_event(page_wait, !PageLocked(page));
}

void unlock_page(struct page *page)
{
	ClearPageLocked(page);
	wake_up_all(&page_wait);
}

/* ---- in and out -------------------------------------------------------------------- */

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page = radix_tree_lookup(&mapping->pages, index);

	if (page)
		get_page(page);
	return page;
}

static int add_to_page_cache(struct address_space *mapping, struct page *page,
			     unsigned long index)
{
	struct page_quota *quota = mapping->quota;
	int err;

	if (quota && quota->used >= quota->limit)
		return -ENOSPC;
	err = radix_tree_insert(&mapping->pages, index, page);
	if (err == -ENOMEM && drop_page_cache())
		err = radix_tree_insert(&mapping->pages, index, page);
	if (err)
		return err;
	get_page(page);
	page->mapping = mapping;
	page->index = index;
	if (!mapping->nrpages++)
		list_add_tail(&mapping->mappings, &all_mappings);
	nr_file_pages++;
	if (mapping->unevictable)
		SetPageUnevictable(page);
	lru_add(page);
	if (quota)
		quota->used++;
	return 0;
}

void remove_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;

	cancel_dirty_page(page);
	BUG_ON(radix_tree_delete(&mapping->pages, page->index) != page);
	page->mapping = NULL;
	if (!--mapping->nrpages)
		list_del_init(&mapping->mappings);
	nr_file_pages--;
	if (mapping->quota)
		mapping->quota->used--;
	put_page(page);
}

/* The page, or a new one, locked; with a reference.  0, -ENOMEM. */
static int find_or_add_page(struct address_space *mapping, unsigned long index,
			    struct page **pagep)
{
	struct page *page;
	int err;

	for (;;) {
		page = find_get_page(mapping, index);
		if (page) {
			lock_page(page);
			if (likely(page->mapping == mapping))
				break;
			unlock_page(page);
			put_page(page);
			continue;
		}
		page = alloc_page(GFP_HIGHUSER | __GFP_FILE);
		if (!page)
			return -ENOMEM;
		SetPageLocked(page);
		err = add_to_page_cache(mapping, page, index);
		if (!err)
			break;
		ClearPageLocked(page);
		put_page(page);
		if (err != -EEXIST)
			return err;
	}
	*pagep = page;
	return 0;
}

int read_mapping_page(struct address_space *mapping, unsigned long index, struct page **pagep)
{
	struct page *page = find_get_page(mapping, index);
	int err = 0;

	if (likely(page && PageUptodate(page))) {
		*pagep = page;
		return 0;
	}
	if (page)
		put_page(page);
	err = find_or_add_page(mapping, index, &page);
	if (err)
		return err;
	if (!PageUptodate(page)) {
		err = mapping->a_ops->readpage(mapping, page);
		if (!err)
			SetPageUptodate(page);
		else if (page->mapping)
			remove_from_page_cache(page);
	}
	unlock_page(page);
	if (err)
		put_page(page);
	else
		*pagep = page;
	return err;
}

/* Pages of one request, locked and in the cache, not uptodate. */
struct batch {
	struct page *page[RA_MAX];
	unsigned n;
};

static void read_batch(struct address_space *mapping, struct batch *b)
{
	unsigned i;
	int err = 0;

	if (b->n)
		err = mapping->a_ops->readpages(mapping, b->page, b->n);
	for (i = 0; i < b->n; i++) {
		if (!err)
			SetPageUptodate(b->page[i]);
		else if (b->page[i]->mapping)
			remove_from_page_cache(b->page[i]);
		unlock_page(b->page[i]);
		put_page(b->page[i]);
	}
	b->n = 0;
}

/* False: no memory, or the page is there by now. */
static bool add_to_batch(struct address_space *mapping, unsigned long index, struct batch *b)
{
	struct page *page = alloc_page_nowait(__GFP_HIGHMEM | __GFP_FILE);

	if (!page)
		return false;
	SetPageLocked(page);
	if (add_to_page_cache(mapping, page, index)) {
		ClearPageLocked(page);
		put_page(page);
		return false;
	}
	b->page[b->n++] = page;
	return true;
}

unsigned read_cache_pages(struct address_space *mapping, unsigned long index, unsigned long n)
{
	unsigned long end = index + min_t(unsigned long, n, RA_MAX);
	struct batch b = { .n = 0 };
	unsigned added = 0;

	for (; index < end; index++) {
		if (radix_tree_lookup(&mapping->pages, index)) {
			read_batch(mapping, &b);
			continue;
		}
		if (!add_to_batch(mapping, index, &b))
			break;
		added++;
	}
	read_batch(mapping, &b);
	return added;
}

int grab_cache_page(struct address_space *mapping, unsigned long index, struct page **pagep)
{
	struct page *page = find_get_page(mapping, index);
	int err;

	if (page && PageUptodate(page)) {
		*pagep = page;
		return 0;
	}
	if (page)
		put_page(page);
	err = find_or_add_page(mapping, index, &page);
	if (err)
		return err;
	if (!PageUptodate(page)) {
		clear_highpage(page);
		SetPageUptodate(page);
	}
	unlock_page(page);
	*pagep = page;
	return 0;
}

#define GANG	16

void truncate_pages(struct address_space *mapping, unsigned long first, unsigned long last)
{
	unsigned long indices[GANG];
	struct page *page;
	void *pages[GANG];
	unsigned int n;

	for (;;) {
		n = radix_tree_gang_lookup(&mapping->pages, first, pages, indices, 1);
		if (!n || indices[0] > last)
			return;
		page = pages[0];
		get_page(page);
		lock_page(page);		/* may sleep: look again */
		if (page->mapping == mapping)
			remove_from_page_cache(page);
		unlock_page(page);
		put_page(page);
	}
}

/* So many references, the cache's among them, and no other user; it can be read again. */
static bool is_droppable(const struct page *page, int references)
{
	return page_count(page) == references && !PageLocked(page) && !PageDirty(page) &&
	       PageUptodate(page);
}

bool drop_clean_page(struct page *page)
{
	const struct address_space *mapping = page->mapping;

	if (!mapping || mapping->unevictable || !is_droppable(page, 2))
		return false;
	remove_from_page_cache(page);
	return true;
}

static unsigned long drop_mapping_pages(struct address_space *mapping)
{
	unsigned long indices[GANG], next = 0, dropped = 0;
	void *pages[GANG];
	unsigned int n, i;

	do {
		n = radix_tree_gang_lookup(&mapping->pages, next, pages, indices, GANG);
		for (i = 0; i < n; i++) {
			next = indices[i] + 1;
			if (!is_droppable(pages[i], 1))
				continue;
			remove_from_page_cache(pages[i]);
			dropped++;
		}
	} while (n == GANG && next);
	return dropped;
}

unsigned long drop_page_cache(void)
{
	struct address_space *mapping, *next;
	unsigned long dropped = 0;

	list_for_each_entry_safe(mapping, next, &all_mappings, mappings)
		if (!mapping->unevictable)
			dropped += drop_mapping_pages(mapping);
	return dropped;
}

/* ---- faults ------------------------------------------------------------------------ */

/*
 * The window of neighbours that one fault maps: naturally aligned, inside everything; none
 * where MADV_RANDOM says that they will not be wanted.
 */
static void fault_window(const struct vm_area_struct *vma, unsigned long address,
			 unsigned long pgoff, unsigned long size, unsigned long *first,
			 unsigned long *end)
{
	const unsigned long span = vma->vm_flags & VM_RAND_READ ? PAGE_SIZE : GANG * PAGE_SIZE;
	unsigned long base = ALIGN_DOWN(address, span), last;

	*first = max(base, vma->vm_start);
	/* Last page, so that the top of memory is no special case. */
	last = min(base + span - PAGE_SIZE, vma->vm_end - PAGE_SIZE);
	last = min((last - address) >> PAGE_SHIFT, size - 1 - pgoff);
	*end = address + ((last + 1) << PAGE_SHIFT);
}

/*
 * Map what is cached of the window around a read fault.  Entries that are not empty stay.
 * True if the faulting page was among them.
 */
static bool map_cached_pages(struct address_space *mapping, struct vm_area_struct *vma,
			     struct vm_fault *vmf, unsigned long size)
{
	unsigned long indices[GANG], first, end, base, addr, n, i, mapped = 0;
	bool found = false;
	void *pages[GANG];
	struct page *page;
	pte_t *ptes, *pte;

	fault_window(vma, vmf->address, vmf->pgoff, size, &first, &end);
	base = vmf->pgoff - ((vmf->address - first) >> PAGE_SHIFT);
	n = radix_tree_gang_lookup(&mapping->pages, base, pages, indices,
				   (end - first) >> PAGE_SHIFT);
	ptes = pte_lookup(vma->vm_mm, first);
	if (!ptes)
		return false;
	for (i = 0; i < n; i++) {
		addr = first + ((indices[i] - base) << PAGE_SHIFT);
		if (indices[i] < base || addr >= end)
			break;
		page = pages[i];
		pte = ptes + (indices[i] - base);
		if (!pte_none(*pte) || !PageUptodate(page) || PageLocked(page))
			continue;
		found |= addr == vmf->address;
		page->_refcount++;
		page->_mapcount++;
		mapped++;
		set_pte(pte, mk_pte(page, vma->vm_page_prot));
		trace(TRACE_MAP, addr, pte_val(*pte), mm_top_frame(vma->vm_mm), TRACE_BY_ITSELF);
	}
	pte_unmap(ptes);
	vma->vm_mm->rss[MM_FILEPAGES] += mapped;
	vm_counters.file_maps += found;
	vm_counters.fault_around += mapped - found;
	return found;
}

int filemap_fault(struct address_space *mapping, struct vm_area_struct *vma,
		  struct vm_fault *vmf, unsigned long size, struct file_ra_state *ra)
{
	int err, major = 0;
	struct page *page;

	if (vmf->pgoff >= size)
		return VM_FAULT_SIGBUS;
	if (!(vmf->flags & FAULT_FLAG_WRITE) && map_cached_pages(mapping, vma, vmf, size))
		return VM_FAULT_NOPAGE | VM_FAULT_DID(FILE_MAP);
	page = find_get_page(mapping, vmf->pgoff);
	if (likely(page && PageUptodate(page))) {
		vmf->page = page;
		return 0;
	}
	if (page) {
		put_page(page);
	} else {
		major = mapping_has_device(mapping) ? VM_FAULT_MAJOR : 0;
		readahead_fault(mapping, ra, vma, vmf->pgoff, size);
		if (major && !(vmf->flags & FAULT_FLAG_WRITE) &&
		    map_cached_pages(mapping, vma, vmf, size))
			return VM_FAULT_NOPAGE | VM_FAULT_MAJOR | VM_FAULT_DID(FILE_MAP);
	}
	err = read_mapping_page(mapping, vmf->pgoff, &vmf->page);
	if (err)
		return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	/* It was truncated while this slept: the next fault sees what is there now. */
	if (unlikely(vmf->page->mapping != mapping)) {
		put_page(vmf->page);
		return VM_FAULT_NOPAGE | VM_FAULT_DID(RACE);
	}
	return major;
}
