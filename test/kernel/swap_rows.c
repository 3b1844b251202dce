/* SPDX-License-Identifier: MIT */
/*
 * Reverse mapping, reclaim and swap (catalogue R1 to R19).  What needs a swap device gets one
 * in RAM for the time of its row; the programs are user/rows/rmap.c and user/rows/swap.c.
 * They ask the kernel by
 *
 *	rmap=audit		compare reverse mapping with a scan of all tables
 *	swap=squeeze:N		N (hex) rounds of direct reclaim
 *	swap=out:ADDR		the page of that address goes, whoever has it
 *	swap=count:PTR		*PTR: an address; becomes how many entries name its slot
 *	swap=direct:FRAME	the direct map leads to that frame
 *	swap=off		swapoff of the row's device
 *	swap=marks		every zone has pages_high free pages
 */
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/ctype.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "swap_rows.h"
#include "walk.h"

#define ENTRY_BYTES	sizeof(long)
#define ENTRIES		(PAGE_SIZE / ENTRY_BYTES)
#define LEVELS		(sizeof(long) == 8 ? 4u : 2u)
#define NAMES_FRAME	0x101u		/* Present, or the bit of PROT_NONE entries */
#define FRAME_MASK	(sizeof(long) == 8 ? 0x000ffffffffff000ull : 0xfffff000ull)

static struct row *swap_row;		/* the row that runs */
static int swap_type = -1;		/* its device */

/* ---- R1, R2: a scan of all tables, entry by entry --------------------------------------- */

static u16 *scanned;			/* per frame: entries that name it */
static unsigned long scan_total;

static void scan_table(u64 table, unsigned level, unsigned n)
{
	unsigned i;
	u64 entry;

	for (i = 0; i < n; i++) {
		entry = phys_read(table + i * ENTRY_BYTES, ENTRY_BYTES);
		if (level > 1 && entry & 1)
			scan_table(entry & FRAME_MASK, level - 1, ENTRIES);
		if (level > 1 || !(entry & NAMES_FRAME) ||
		    (entry & FRAME_MASK) >> PAGE_SHIFT >= max_pfn)
			continue;
		scanned[(entry & FRAME_MASK) >> PAGE_SHIFT]++;
		scan_total++;
	}
}

static void scan_everything(void)
{
	const unsigned shift = LEVELS == 4 ? 39 : 22;
	struct mm_struct *mm;

	memset(scanned, 0, max_pfn * sizeof(*scanned));
	scan_total = 0;
	list_for_each_entry(mm, &all_mms, mms)
		scan_table(__pa(mm->pgd), LEVELS, (unsigned)(mm->task_size >> shift));
}

#define FOUND_MAX	512

struct found {
	unsigned n;
	bool good;
	u64 entry[FOUND_MAX];		/* physical address of each */
};

/* By a walk of our own: the entry names the page, and is not one that was found before. */
static int take_entry(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		      pte_t *ptep, void *arg)
{
	struct walk w = walk_from(__pa(vma->vm_mm->pgd), addr);
	u64 value = w.depth == LEVELS ? w.entry[LEVELS - 1] : 0;
	struct found *f = arg;
	unsigned i;
	u64 at = w.table[w.depth - 1] + (addr >> PAGE_SHIFT) % ENTRIES * ENTRY_BYTES;

	f->good &= value & NAMES_FRAME && (value & FRAME_MASK) >> PAGE_SHIFT == page_to_pfn(page);
	for (i = 0; i < f->n; i++)
		f->good &= f->entry[i] != at;
	if (f->n < FOUND_MAX)
		f->entry[f->n++] = at;
	return 0;
}

/* Where the page can be: address spaces of its family and regions that were moved, or regions. */
static unsigned long places_of_object(const struct page *page)
{
	bool anon = page_type(page) == PGT_ANON;
	unsigned long n = 0;
	struct mm_struct *mm;

	interval_check(anon ? &page->anon->moved : &page->mapping->i_mmap, &n);
	if (anon)
		list_for_each_entry(mm, &page->anon->mms, relatives)
			n++;
	return n;
}

static struct {
	unsigned long audits, frames, entries;
} audits;

static void audit_frame(struct page *page, unsigned long entries)
{
	static struct found found;
	struct rmap_stats before = rmap_stats;
	unsigned long steps;

	found.n = 0;
	found.good = true;
	row_eq(swap_row, page_mapcount(page), entries, "mapcount of frame %#lx (%s)",
	       page_to_pfn(page), page_type_name(page_type(page)));
	if (page_type(page) == PGT_FILE && !page->mapping)
		return;
	rmap_walk(page, take_entry, &found);
	row_eq(swap_row, found.n, entries, "entries of frame %#lx that reverse mapping finds",
	       page_to_pfn(page));
	row_ok(swap_row, found.good, "an entry that was found does not name frame %#lx",
	       page_to_pfn(page));
	steps = rmap_stats.places - before.places + rmap_stats.entries - before.entries;
	row_ok(swap_row, steps <= entries + places_of_object(page),
	       "%lu steps for %lu entries and %lu places", steps, entries,
	       places_of_object(page));
	audits.frames++;
	audits.entries += entries;
}

static int knob_rmap(const char *value)
{
	unsigned long pfn;
	struct page *page;

	if (!swap_row || !scanned || strcmp(value, "audit"))
		return -EINVAL;
	scan_everything();
	for (pfn = 0; pfn < max_pfn; pfn++) {
		page = pfn_to_page(pfn);
		if (!scanned[pfn] || !pfn_valid(pfn) || is_zero_pfn(pfn))
			continue;
		if (page_type(page) == PGT_ANON || page_type(page) == PGT_FILE)
			audit_frame(page, scanned[pfn]);
	}
	audits.audits++;
	return 0;
}

/* Whatever the audits find counts for the row, so both are one program's work. */
static void run_audits(struct row *r, const char *arg)
{
	register_knob("rmap", knob_rmap);	/* only the first time says 0 */
	memset(&audits, 0, sizeof(audits));
	scanned = vmalloc(max_pfn * sizeof(*scanned));
	if (!row_ok(r, scanned != NULL, "no memory for the scan"))
		return;
	swap_row = r;
	run_user_row(r, "/bin/rows", arg);
	swap_row = NULL;
	vfree(scanned);
	scanned = NULL;
	row_eq(r, audits.audits, 100, "audits");
	row_info(r, "100 audits, %lu frames, %lu entries: found = scanned", audits.frames,
		 audits.entries);
}

static void r1_rmap(struct row *r)
{
	run_audits(r, "R1");
}
ROW(R1, "reverse mapping finds exactly the entries that a scan of all tables finds", r1_rmap);

static void r2_mapcount(struct row *r)
{
	run_audits(r, "R2");
}
ROW(R2, "mapcount is the number of entries that name the frame", r2_mapcount);

/* ---- the knob of the swap rows ---------------------------------------------------------- */

/* "NAME:HEX" */
static bool command(const char *value, const char *name, unsigned long *number)
{
	size_t n = strlen(name);

	if (strncmp(value, name, n) || value[n] != ':' || hex_value(value[n + 1]) < 0)
		return false;
	*number = 0;
	for (value += n + 1; hex_value(*value) >= 0; value++)
		*number = *number << 4 | (unsigned long)hex_value(*value);
	return !*value;
}

static int page_out(unsigned long addr)
{
	pte_t *ptep = pte_lookup(current->mm, addr);
	struct page *page = NULL;
	LIST_HEAD(pages);

	if (ptep && pte_present(*ptep))
		page = pte_page(*ptep);
	if (ptep)
		pte_unmap(ptep);
	if (!page || !isolate_page(page))
		return -ENOENT;
	list_add(&page->lru, &pages);
	return reclaim_isolated(&pages) == 1 ? 0 : -EBUSY;
}

static int count_of_slot(u64 *user)
{
	pte_t *ptep, pte = __pte(0);
	u64 addr;

	if (get_user(addr, user))
		return -EFAULT;
	ptep = pte_lookup(current->mm, (unsigned long)addr);
	if (ptep) {
		pte = *ptep;
		pte_unmap(ptep);
	}
	if (!pte_swapped(pte))
		return -ENOENT;
	return put_user((u64)swap_count(pte_to_swp(pte)), user);
}

static int switch_off(void)
{
	int ret = swap_type < 0 ? -ENODEV : swap_device_remove((unsigned)swap_type);

	if (!ret)
		swap_type = -1;
	return ret;
}

static int check_marks(void)
{
	const struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		if (zone->managed_pages)
			row_ok(swap_row, zone->free_pages >= zone->pages_high,
			       "zone %s: %lu pages free, pages_high is %lu", zone->name,
			       zone->free_pages, zone->pages_high);
	return 0;
}

static int knob_swap(const char *value)
{
	unsigned long n;
	struct walk w;

	if (!swap_row)
		return -EPERM;
	if (command(value, "squeeze", &n)) {
		while (n--)
			reclaim_pages(GFP_HIGHUSER);
		return 0;
	}
	if (command(value, "out", &n))
		return page_out(n);
	if (command(value, "count", &n))
		return count_of_slot((u64 *)n);
	if (command(value, "direct", &n)) {
		w = WALK((unsigned long)pfn_to_kaddr(n));
		row_ok(swap_row, w.present && w.pa == PFN_PHYS(n) && !w.user,
		       "the direct map does not lead to frame %#lx", n);
		return 0;
	}
	if (!strcmp(value, "marks"))
		return check_marks();
	return strcmp(value, "off") ? -EINVAL : switch_off();
}

void run_with_knob(struct row *r)
{
	register_knob("swap", knob_swap);
	swap_row = r;
	run_user_row(r, "/bin/rows", r->id);
	swap_row = NULL;
}

#define SWAP_PAGES	2048u

static void run_with_swap(struct row *r)
{
	swap_type = swap_ram_add(SWAP_PAGES, 0);
	if (!row_ok(r, swap_type >= 0, "no swap device: error %d", -swap_type))
		return;
	run_with_knob(r);
	row_eq(r, swap_pages_used + nr_swapcache, 0, "slots in use afterwards");
	if (swap_type >= 0)
		row_eq(r, switch_off(), 0, "swapoff");
	row_eq(r, total_swap_pages, 0, "slots without a device");
}

ROW(R5, "unmapping a shared anonymous page: all its entries name the same slot", run_with_swap);
ROW(R7, "none, swapped and present are three states of an entry", run_with_swap);
ROW(R9, "the swap cache: one frame for a slot", run_with_swap);
ROW(R10, "contents are pageable, frames are not: a frame goes to others and contents come back",
    run_with_swap);
ROW(R11, "anonymous faults: swap cache, then swap device, then a new page", run_with_swap);
ROW(R12, "swap-in reads a cluster", run_with_swap);
ROW(R13, "slot counts across fork, unmap and exit", run_with_swap);
ROW(R14, "swapoff brings everything back", run_with_swap);
ROW(R15, "locked pages are never taken", run_with_swap);
ROW(R17, "high frames are swapped through slots", run_with_swap);
ROW(R19, "without a device files' pages are taken and anonymous ones are kept", run_with_knob);

/* ---- little memory ---------------------------------------------------------------------- */

static LIST_HEAD(balloon);

void balloon_blow(unsigned long left)
{
	struct page *page;
	struct zone *zone;

	while ((page = alloc_page(__GFP_HIGHMEM | __GFP_NOWARN)) != NULL)
		list_add_tail(&page->lru, &balloon);
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		left += zone->pages_high - zone->pages_min;
	/* The first came from the zone that programs get most from. */
	for (; left && !list_empty(&balloon); left--) {
		page = list_first_entry(&balloon, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
}

void balloon_burst(void)
{
	struct page *page;

	while (!list_empty(&balloon)) {
		page = list_first_entry(&balloon, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
}

/* The program counts on this many pages, and on a device of twice as many and some more. */
#define LEFT_PAGES	2048u

static void run_with_little(struct row *r)
{
	swap_type = swap_ram_add(2 * LEFT_PAGES + 512, 0);
	if (!row_ok(r, swap_type >= 0, "no swap device: error %d", -swap_type))
		return;
	balloon_blow(LEFT_PAGES);
	run_with_knob(r);
	balloon_burst();
	row_eq(r, swap_pages_used + nr_swapcache, 0, "slots in use afterwards");
	row_eq(r, switch_off(), 0, "swapoff");
}

ROW(R3, "pages in use survive a sweep over three times the memory", run_with_little);
ROW(R4, "kswapd wakes below pages_low and sleeps at pages_high; direct reclaim", run_with_little);
ROW(R8, "integrity: twice the memory, five passes", run_with_little);
ROW(R18, "swap full: one task is killed, the others' data are intact", run_with_little);
