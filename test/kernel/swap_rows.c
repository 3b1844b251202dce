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
 *	swap=nowhere:FRAME	no address of the kernel leads to that frame
 *	swap=peek:PTR		*PTR: a frame; becomes the 8 bytes at the kernel's address for it
 *	swap=off		swapoff of the row's device
 *	swap=marks		kswapd works; then every zone has pages_high free pages
 */
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/errno.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "baseline.h"
#include "little.h"
#include "swap_rows.h"
#include "user_knobs.h"
#include "walk.h"

#define ENTRY_BYTES	sizeof(long)
#define ENTRIES		(PAGE_SIZE / ENTRY_BYTES)
#define LEVELS		(sizeof(long) == 8 ? 4u : 2u)
#define NAMES_FRAME	0x101u		/* Present, or the bit of PROT_NONE entries */
#define FRAME_MASK	(sizeof(long) == 8 ? 0x000ffffffffff000ull : 0xfffff000ull)

static struct row *swap_row;		/* the row that runs */

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
	pte_t pte;
	u64 addr;

	if (get_user(addr, user))
		return -EFAULT;
	pte = knob_entry((unsigned long)addr);
	if (!pte_swapped(pte))
		return -ENOENT;
	return put_user((u64)swap_count(pte_to_swp(pte)), user);
}

/*
 * pages_high, unless that is more than all that could be taken: a zone of high memory that is
 * hardly larger than its mark may have little but page tables in it.
 */
static void check_zone_mark(const struct zone *zone)
{
	unsigned long left = 0;
	int list;

	for (list = 0; list < LRU_UNEVICTABLE; list++)
		left += zone->nr_lru[list];
	row_ok(swap_row, zone->free_pages >= zone->pages_high ||
			 zone->free_pages + left < zone->pages_high,
	       "zone %s: %lu pages free, pages_high is %lu, %lu more could be taken", zone->name,
	       zone->free_pages, zone->pages_high, left);
}

/* It may be at work still.  Then it is woken, and nobody runs who could want a page. */
static int check_marks(void)
{
	const struct zone *zone;
	unsigned long wakes;

	msleep(200);
	wakes = scan_counters.kswapd_wakes;
	wake_reclaim();
	msleep(200);
	row_eq(swap_row, scan_counters.kswapd_wakes, wakes + 1, "wakes of kswapd");
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		if (zone->managed_pages)
			check_zone_mark(zone);
	return 0;
}

static void compare_frame(unsigned long va, const struct walk *w, void *arg)
{
	u64 at = PFN_PHYS(*(unsigned long *)arg), first = w->pa - w->pa % w->size;

	row_ok(swap_row, at < first || at >= first + w->size, "%#lx leads to frame %#llx", va,
	       (unsigned long long)at >> PAGE_SHIFT);
}

/*
 * What an address of the kernel's leads to at this moment, all of them.  A slot of pkmap that
 * nobody uses may still have the frame from an earlier owner, as long as it is not needed.
 */
static int check_nowhere(unsigned long pfn)
{
	kmap_flush_unused();
	walk_leaves(PAGE_OFFSET, ~0ul, compare_frame, &pfn);
	return 0;
}

static int peek(u64 *user)
{
	u64 pfn;

	if (get_user(pfn, user))
		return -EFAULT;
	if (pfn >= max_low_pfn)
		return -ENXIO;
	return put_user(*(u64 *)pfn_to_kaddr((unsigned long)pfn), user);
}

static int knob_swap(const char *value)
{
	unsigned long n;
	struct walk w;

	if (!swap_row)
		return -EPERM;
	if (knob_number(value, "squeeze", &n)) {
		while (n--)
			reclaim_pages(GFP_HIGHUSER);
		return 0;
	}
	if (knob_number(value, "out", &n))
		return page_out(n);
	if (knob_number(value, "count", &n))
		return count_of_slot((u64 *)n);
	if (knob_number(value, "direct", &n)) {
		w = WALK((unsigned long)pfn_to_kaddr(n));
		row_ok(swap_row, w.present && w.pa == PFN_PHYS(n) && !w.user,
		       "the direct map does not lead to frame %#lx", n);
		return 0;
	}
	if (knob_number(value, "nowhere", &n))
		return check_nowhere(n);
	if (knob_number(value, "peek", &n))
		return peek((u64 *)n);
	if (!strcmp(value, "marks"))
		return check_marks();
	return strcmp(value, "off") ? -EINVAL : little_swapoff();
}

static void run_argv_with_knob(struct row *r, const char *const *argv)
{
	register_knob("swap", knob_swap);
	swap_row = r;
	run_user_argv(r, argv);
	swap_row = NULL;
}

void run_with_knob(struct row *r)
{
	const char *const argv[] = { "/bin/rows", r->id, NULL };

	run_argv_with_knob(r, argv);
}

static void run_with_swap(struct row *r)
{
	if (!little_swap(r, 2048))
		return;
	run_with_knob(r);
	little_end(r);
}

ROW(R5, "unmapping a shared anonymous page: all its entries name the same slot", run_with_swap);
ROW(R7, "none, swapped and present are three states of an entry", run_with_swap);
ROW(R9, "the swap cache: one frame for a slot", run_with_swap);

/* Once with low frames only, and once with high ones if there are any. */
static void r10_riel(struct row *r)
{
	const char *argv[] = { "/bin/riel", "low", NULL };

	if (!little_swap(r, 64))
		return;
	little_hold_high();
	run_argv_with_knob(r, argv);
	little_end(r);
	argv[1] = "high";
	if (!zones[ZONE_HIGHMEM].managed_pages || !little_swap(r, 64))
		return;
	run_argv_with_knob(r, argv);
	little_end(r);
}
ROW(R10, "contents are pageable, frames are not: a frame goes to others and contents come back",
    r10_riel);

ROW(R11, "anonymous faults: swap cache, then swap device, then a new page", run_with_swap);
ROW(R12, "swap-in reads a cluster", run_with_swap);
ROW(R13, "slot counts across fork, unmap and exit", run_with_swap);
ROW(R14, "swapoff brings everything back", run_with_swap);
ROW(R15, "locked pages are never taken", run_with_swap);
ROW(R17, "high frames are swapped through slots", run_with_swap);
ROW(R19, "without a device files' pages are taken and anonymous ones are kept", run_with_knob);

/* ---- little memory ---------------------------------------------------------------------- */

/* The program counts on this many pages, and on a device of twice as many and some more. */
#define LEFT_PAGES	2048u
#define SLACK		512u

static void run_little_argv(struct row *r, unsigned long slots, const char *const *argv)
{
	if (!little_swap(r, slots))
		return;
	little_hold(LEFT_PAGES);
	run_argv_with_knob(r, argv);
	little_end(r);
}

static void run_little(struct row *r, unsigned long slots)
{
	const char *const argv[] = { "/bin/rows", r->id, NULL };

	run_little_argv(r, slots, argv);
}

static void run_with_little(struct row *r)
{
	run_little(r, 2 * LEFT_PAGES + SLACK);
}

ROW(R3, "pages in use survive a sweep over three times the memory", run_with_little);
ROW(R4, "kswapd wakes below pages_low and sleeps at pages_high; direct reclaim", run_with_little);
ROW(R18, "swap full: one task is killed, the others' data are intact", run_with_little);

/* ---- twice the memory ------------------------------------------------------------------- */

/* The working set, and whether it must be seen in high memory. */
static void run_twice(struct row *r, unsigned long left)
{
	const char *argv[] = { "/bin/rows", "R8", NULL, NULL, NULL };
	char pages[24], high[4];

	little_hold(left);
	scnprintf(pages, sizeof(pages), "%lu", 2 * left);
	scnprintf(high, sizeof(high), "%u", zones[ZONE_HIGHMEM].managed_pages != 0);
	argv[2] = pages;
	argv[3] = high;
	run_argv_with_knob(r, argv);
	little_end(r);
}

static void r8_integrity(struct row *r)
{
	if (little_swap(r, 2 * LEFT_PAGES + SLACK))
		run_twice(r, LEFT_PAGES);
}
ROW(R8, "integrity: twice the memory, five passes", r8_integrity);

/*
 * The same with all memory that there is: on a disk as it is; a device in RAM takes half of
 * it, so that what is left is all that there is.  Some of either is for tables, descriptors
 * of the cache, and marks.
 */
static void r8_all(struct row *r)
{
	unsigned long half = nr_free_pages() / 2;

	if (!total_swap_pages && !little_swap(r, half + half / 16))
		return;
	run_twice(r, min(nr_free_pages(), total_swap_pages - total_swap_pages / 16));
}
ROW_FLAGS(R8ALL, "integrity: twice all memory, five passes", r8_all, ROW_EXPLICIT);

/* ---- four programs that change their address spaces all the time ------------------------- */

static void mix(struct row *r, const char *seed)
{
	const char *const argv[] = { "/bin/rows", "SWAPMIX", seed, NULL };

	run_little_argv(r, 4 * LEFT_PAGES, argv);
}

static void mix_row(struct row *r)
{
	mix(r, "1");
}
ROW_FLAGS(SWAPMIX, "integrity: four programs fork, share, unmap, remap and exec meanwhile",
	  mix_row, ROW_EXPLICIT);

#define SOAK_NS		600000000000ull

/* The same with other seeds, for ten minutes; after each nothing may be left behind. */
static void soak_row(struct row *r)
{
	static struct baseline before;
	u64 start = ktime_ns();
	unsigned long runs;
	char seed[24];

	baseline_take(&before);
	for (runs = 0; !r->failed && ktime_ns() - start < SOAK_NS; runs++) {
		scnprintf(seed, sizeof(seed), "%lu", runs + 2);
		mix(r, seed);
		baseline_check(r, &before);
		printk_raw("# %s seed %s: %s\n", r->id, seed, r->figure);
	}
	row_info(r, "%lu runs, each with a seed of its own", runs);
}
ROW_FLAGS(SWAPSOAK, "ten minutes of SWAPMIX", soak_row, ROW_EXPLICIT);

/* ---- out of memory, a hundred times ------------------------------------------------------ */

static void oom_row(struct row *r)
{
	run_little(r, SLACK);
}
ROW_FLAGS(OOM100, "100 times out of memory: one victim each, everybody else goes on", oom_row,
	  ROW_EXPLICIT);
