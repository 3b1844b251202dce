/* SPDX-License-Identifier: MIT */
/*
 * Reclaim and swap on a small machine: what an entry, a slot and the cache say at each step,
 * and then more memory than there is, with everything else going on meanwhile.
 */
#include "one_mm.h"
#include "fake_swap.h"
#include <mm/rmap.h>

static struct fake_disk disk;
static struct mm_struct *mm[3];

static unsigned long entry(unsigned int who, unsigned long addr)
{
	return host_entry(mm[who], addr);
}

static bool swapped(unsigned int who, unsigned long addr)
{
	return pte_swapped(__pte(entry(who, addr)));
}

static swp_entry_t slot_at(unsigned int who, unsigned long addr)
{
	return pte_to_swp(__pte(entry(who, addr)));
}

static bool all_sound(const char *after)
{
	const char *wrong = audit(mm, 3);
	unsigned long addr;

	if (!wrong && host_tlb_is_stale(&addr))
		wrong = "a stale translation";
	return ok(!wrong, "%s: audit: %s", after, wrong ? wrong : "everything agrees");
}

static unsigned long page_out(unsigned long addr, unsigned long pages)
{
	return (unsigned long)sys_madvise(addr, PAGES(pages), MADV_PAGEOUT);
}

static void begin(unsigned long *addr, unsigned long pages)
{
	unsigned long i;

	take_baseline(&base);
	mm[0] = start_mm();
	mm[1] = mm[2] = NULL;
	*addr = map_at(0, pages, RW, ANON);
	for (i = 0; i < pages; i++)
		host_poke(*addr + PAGES(i), (u8)(i + 1));
}

static void end(const char *what)
{
	unsigned int i;

	all_sound(what);
	current->mm = NULL;
	for (i = 0; i < 3; i++)
		if (mm[i])
			mmput(mm[i]);
	mm[0] = mm[1] = mm[2] = NULL;
	is(swap_pages_used + nr_swapcache, 0, "%s: no slot is in use afterwards", what);
	ok(at_baseline(&base), "%s: everything is as before", what);
}

/* ---- layout ------------------------------------------------------------------------- */

static void test_entries(void)
{
	static const unsigned long offsets[] = { 1, 2, 0x155555, 0x7fffff };
	unsigned int type, i, wrong = 0;

	for (type = 0; type < MAX_SWAPFILES; type++) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			pte_t pte = swp_pte(type, offsets[i]);

			wrong += pte_none(pte) || pte_present(pte) || !pte_swapped(pte) ||
				 pte_swp_type(pte) != type || pte_swp_offset(pte) != offsets[i];
		}
	}
	is(wrong, 0, "entries: type and slot come back; neither empty nor present");
}

/* ---- one page ------------------------------------------------------------------------ */

static void test_one(void)
{
	unsigned long addr, old, reads = disk.reads, writes = disk.writes;
	struct swap_counters c;
	swp_entry_t slot;

	begin(&addr, 1);
	old = entry(0, addr) & PTE_PFN_MASK;
	is(page_out(addr, 1), 0, "MADV_PAGEOUT");
	ok(swapped(0, addr), "the entry names a slot");
	slot = slot_at(0, addr);
	is(swap_count(slot), 1, "which one entry names");
	is(disk.writes - writes, 1, "one page was written");
	is(disk.data[swp_offset(slot)][0], 1, "with the contents");
	is(mm[0]->rss[MM_ANONPAGES] * 10 + mm[0]->rss[MM_SWAPENTS], 1, "rss 0, swapped 1");
	ok(page_type(pfn_to_page(old >> PAGE_SHIFT)) == PGT_FREE, "the frame is free");
	all_sound("out");
	c = swap_counters;
	is(host_peek(addr), 1, "a read brings it back");
	is(disk.reads - reads, 1, "by one read");
	is(swap_counters.pswpin - c.pswpin, 1, "counted");
	ok(!(entry(0, addr) & _PAGE_RW), "read-only: the device has a copy");
	all_sound("in");
	is(page_out(addr, 1), 0, "out again");
	ok(swapped(0, addr) && slot_at(0, addr).val == slot.val, "to the same slot");
	is(disk.writes - writes, 1, "clean: nothing is written");
	is(host_poke(addr, 77), HOST_OK, "a write brings it back");
	ok(entry(0, addr) & _PAGE_RW && !swap_pages_used, "for oneself: the slot is free");
	is(page_out(addr, 1), 0, "out, changed");
	is(disk.writes - writes, 2, "is written");
	is(host_peek(addr), 77, "and comes back");
	end("one page");
}

/* ---- sharing --------------------------------------------------------------------------- */

static unsigned long squeeze(void)
{
	return reclaim_pages(GFP_HIGHUSER);
}

static void test_sharing(void)
{
	unsigned long addr, reads, hits, tries;
	swp_entry_t slot;

	begin(&addr, 1);
	mm[1] = dup_mm(mm[0]);
	mm[2] = dup_mm(mm[1]);
	for (tries = 0; tries < 40 && !swapped(0, addr); tries++)
		squeeze();
	ok(swapped(0, addr), "reclaim takes a shared page");
	slot = slot_at(0, addr);
	ok(slot_at(1, addr).val == slot.val && slot_at(2, addr).val == slot.val,
	   "three equal entries");
	is(swap_count(slot), 3, "three entries name the slot");
	all_sound("shared, out");
	reads = disk.reads;
	hits = swap_counters.cache_hits;
	is(host_peek(addr), 1, "the first reader");
	host_switch_mm(mm[1]);
	is(host_peek(addr), 1, "the second");
	is(disk.reads - reads, 1, "one read for both");
	is(swap_counters.cache_hits - hits, 1, "the second found it in the cache");
	is(swap_count(slot), 1, "one entry still names the slot");
	is(host_poke(addr, 9), HOST_OK, "a writer gets a copy");
	host_switch_mm(mm[0]);
	is(host_peek(addr), 1, "which the others do not see");
	all_sound("shared, in");
	mmput(mm[2]);
	mm[2] = NULL;
	all_sound("the last one ends without a look");
	mm[2] = dup_mm(mm[0]);
	end("sharing");
}

/* ---- the calls ------------------------------------------------------------------------- */

static void test_calls(void)
{
	unsigned long addr, to, i, wrong = 0;
	swp_entry_t slot;

	begin(&addr, 8);
	is(page_out(addr, 8), 0, "eight pages out");
	slot = slot_at(0, addr + PAGES(3));
	is(mm[0]->rss[MM_SWAPENTS], 8, "all of them");
	to = (unsigned long)sys_mremap(addr, PAGES(8), PAGES(9), MREMAP_MAYMOVE, 0);
	if (to == addr)
		to = (unsigned long)sys_mremap(addr, PAGES(9), PAGES(9),
					       MREMAP_MAYMOVE | MREMAP_FIXED, addr - PAGES(64));
	is(slot_at(0, to + PAGES(3)).val, slot.val, "mremap takes entries along");
	is(sys_mprotect(to, PAGES(8), PROT_READ), 0, "mprotect leaves them");
	ok(swapped(0, to + PAGES(3)), "as they are");
	is(sys_munmap(to, PAGES(2)), 0, "munmap");
	is(swap_pages_used, 6, "frees slots");
	all_sound("calls");
	mm[1] = dup_mm(mm[0]);
	is(mm[1]->rss[MM_SWAPENTS], 6, "fork copies entries");
	all_sound("fork");
	is(host_peek(to + PAGES(5)), 6, "one is read");
	is(swap_counters.readahead > 0, 1, "its neighbours come along");
	for (i = 2; i < 8; i++)
		wrong += host_peek(to + PAGES(i)) != (int)i + 1;
	is(wrong, 0, "all are right");
	host_switch_mm(mm[1]);
	for (i = 2; i < 8; i++)
		wrong += host_peek(to + PAGES(i)) != (int)i + 1;
	is(wrong, 0, "also for the child");
	end("calls");
}

/* ---- locked memory ---------------------------------------------------------------------- */

static void test_locked(void)
{
	unsigned long addr, i, present = 0;

	begin(&addr, 16);
	is(sys_mlock(addr, PAGES(8)), 0, "mlock");
	for (i = 0; i < 40; i++)
		squeeze();
	for (i = 0; i < 8; i++)
		present += !swapped(0, addr + PAGES(i));
	is(present, 8, "locked pages stay");
	for (; i < 16; i++)
		present += !swapped(0, addr + PAGES(i));
	is(present, 8, "the others go");
	is(nr_mlocked, 8, "they are set aside");
	is(nr_lru_pages(LRU_UNEVICTABLE), 8, "on a list of their own");
	all_sound("locked");
	is(sys_munlock(addr, PAGES(8)), 0, "munlock");
	is(nr_mlocked + nr_lru_pages(LRU_UNEVICTABLE), 0, "nothing is set aside any more");
	for (i = 0; i < 40; i++)
		squeeze();
	for (i = 0, present = 0; i < 8; i++)
		present += !swapped(0, addr + PAGES(i));
	is(present, 0, "then they go");
	end("locked");
}

/* ---- errors ------------------------------------------------------------------------------ */

static void test_errors(void)
{
	unsigned long addr, i;
	swp_entry_t slot;

	begin(&addr, 8);
	page_out(addr, 8);
	slot = slot_at(0, addr + PAGES(4));
	disk.bad[swp_offset(slot)] = true;
	is(host_peek(addr + PAGES(3)), 4, "a neighbour of a bad slot");
	is(host_peek(addr + PAGES(5)), 6, "another");
	is(host_peek(addr + PAGES(4)), -1 - (int)HOST_SIGBUS, "the owner gets SIGBUS");
	is(host_peek(addr + PAGES(4)), -1 - (int)HOST_SIGBUS, "each time");
	all_sound("bad slot");
	is(swap_device_remove(0), -EIO, "swapoff cannot bring it back");
	ok(!disk.released, "and lets the device be");
	disk.bad[swp_offset(slot)] = false;
	is(host_peek(addr + PAGES(4)), 5, "until it can be read");
	for (i = 0; i < 8; i++)
		host_poke(addr + PAGES(i), (u8)(i + 1));
	memset(disk.bad, 1, disk.slots);
	page_out(addr, 8);
	is(mm[0]->rss[MM_ANONPAGES] + mm[0]->rss[MM_SWAPENTS], 8, "nothing can be written");
	all_sound("bad disk");
	is(host_peek(addr), 1, "what could not be written is still there");
	memset(disk.bad, 0, disk.slots);
	end("errors");
}

static void test_off(void)
{
	unsigned long addr, i, wrong = 0;

	begin(&addr, 64);
	page_out(addr, 64);
	mm[1] = dup_mm(mm[0]);
	is(mm[0]->rss[MM_SWAPENTS] + mm[1]->rss[MM_SWAPENTS], 128, "everything is out");
	is(swap_device_remove(0), 0, "swapoff");
	is(mm[0]->rss[MM_ANONPAGES] + mm[1]->rss[MM_ANONPAGES], 128, "brings it back");
	is(total_swap_pages + swap_pages_used + nr_swapcache, 0, "no slot is left");
	ok(disk.released, "the device is let go");
	for (i = 0; i < 64; i++)
		wrong += host_peek(addr + PAGES(i)) != (u8)(i + 1);
	is(wrong, 0, "with its contents");
	page_out(addr, 64);
	is(mm[0]->rss[MM_SWAPENTS], 0, "nothing goes out without a device");
	end("swapoff");
	is(swap_device_add("disk", "fake", &disk_ops, &disk, disk.slots, 0), 0, "on again");
}

/* ---- more than there is ------------------------------------------------------------------- */

#define BIG	(2 * 24 * 256ul)	/* pages: twice the machine */
#define PASSES	5u

static u32 sum_of(unsigned long i, unsigned int pass)
{
	return (u32)(i * 2654435761u) ^ pass * 0x9e3779b9u;
}

/* Other programs share, copy, move and unmap some of their own meanwhile. */
static void disturb(unsigned long step)
{
	static unsigned long addr, pages;

	if (step % 4 == 0 && mm[1]) {
		current->mm = NULL;
		mmput(mm[1]);
		mm[1] = NULL;
		host_switch_mm(mm[0]);
	}
	if (!mm[1]) {
		mm[1] = mm_alloc();
		if (!mm[1])
			return;
		host_switch_mm(mm[1]);
		pages = 40 + step % 60;
		addr = map_at(0, pages, RW, ANON);
		for (unsigned long i = 0; i < pages; i++)
			host_poke(addr + PAGES(i), (u8)(step + i));
		if (step % 3 == 0 && !mm[2])
			mm[2] = dup_mm(mm[1]);
	} else {
		host_switch_mm(mm[1]);
		addr = (unsigned long)sys_mremap(addr, PAGES(pages), PAGES(pages),
						 MREMAP_MAYMOVE | MREMAP_FIXED,
						 MODEL_BASE + PAGES(4096 * (step % 5)));
		sys_munmap(addr, PAGES(8));
		addr += PAGES(8);
		pages -= 8;
	}
	if (mm[2] && step % 5 == 0) {
		host_switch_mm(mm[2]);
		current->mm = NULL;
		mmput(mm[2]);
		mm[2] = NULL;
	}
	host_switch_mm(mm[0]);
}

static void test_big(void)
{
	unsigned long addr, i, wrong = 0, failed = 0, unsound = 0;
	unsigned int pass;
	u32 word;

	take_baseline(&base);
	mm[0] = start_mm();
	addr = map_at(0, BIG, RW, ANON | MAP_NORESERVE);
	for (pass = 0; pass < PASSES; pass++) {
		for (i = 0; i < BIG; i++) {
			if (pass) {
				failed += host_read(addr + PAGES(i), &word, 4) != HOST_OK;
				wrong += word != sum_of(i, pass - 1);
			}
			word = sum_of(i, pass);
			failed += host_write(addr + PAGES(i), &word, 4) != HOST_OK;
			if (i % 512 == 0)
				disturb(i / 512);
		}
		unsound += audit(mm, 3) != NULL;
	}
	is(failed, 0, "no access fails");
	is(wrong, 0, "no word is wrong");
	is(unsound, 0, "everything agrees after each pass");
	ok(disk.reads > BIG && disk.writes > BIG, "%lu pages read, %lu written", disk.reads,
	   disk.writes);
	diag("scanned %lu, taken %lu, rmap walks %lu, regions %lu, entries %lu",
	     scan_counters.pgscan_direct, scan_counters.pgsteal_direct, rmap_stats.walks,
	     rmap_stats.places, rmap_stats.entries);
	end("big");
}

/* ---- the flusher ------------------------------------------------------------------------- */

static struct {
	unsigned int asked, taken;
	struct page *page[MIB_PFN(24)];	/* all free memory */
} flusher;

static void take_all(void)
{
	struct page *page;

	while ((page = alloc_page(GFP_HIGHUSER & ~__GFP_WAIT)) != NULL)
		flusher.page[flusher.taken++] = page;
}

static void give_all(void)
{
	while (flusher.taken)
		__free_page(flusher.page[--flusher.taken]);
}

/* Writes nothing, as one that waits for a lock; at its second call a large task ends. */
static bool stuck_flusher(bool wait)
{
	flusher.asked += wait;
	if (flusher.asked == 2)
		give_all();
	return true;
}

static void test_flusher(void)
{
	struct file *f = host_file(8, 3);
	unsigned long addr, i, got;
	struct page *page;

	/* What the kernel keeps for later goes when memory runs out: it is no part of the test. */
	take_all();
	page = alloc_page(GFP_HIGHUSER);
	if (page)
		__free_page(page);
	give_all();
	begin(&addr, 1);
	is(page_out(addr, 1), 0, "MADV_PAGEOUT");
	addr = do_mmap(f, 0, PAGES(8), RW, MAP_SHARED, 0, MODEL_MAY);
	for (i = 0; i < 8; i++)
		host_poke(addr + PAGES(i), 1);
	sys_munmap(addr, PAGES(8));
	take_all();
	flush_for_reclaim = stuck_flusher;
	got = squeeze();
	flush_for_reclaim = NULL;
	is(flusher.asked, 2, "who finds only dirty pages asks the flusher until there is room");
	is(got, 1, "and tries once more");
	give_all();
	take_all();
	flusher.asked = 3;
	flush_for_reclaim = stuck_flusher;
	current->flags |= PF_FS_LOCKED;
	got = squeeze();
	page = alloc_page(GFP_HIGHUSER);
	current->flags &= ~PF_FS_LOCKED;
	flush_for_reclaim = NULL;
	is(flusher.asked, 3, "who holds a file system's lock does not wait for the flusher");
	is(got, 0, "and does not try for ever");
	ok(page != NULL, "he gets a page of the reserves");
	if (page)
		__free_page(page);
	give_all();
	fput(f);
	end("flusher");
}

static const struct host_machine small = {
	.ram = { { 0, MIB_PFN(17) }, { MIB_PFN(18) + 3, MIB_PFN(24) } }, .low_end = MIB_PFN(20),
};

int main(int argc, char **argv)
{
	struct fake_disk plain;
	struct swap_device *d = swap_devices;

	host_boot(&small);
	mm_cache_init();
	vmscan_init();
	test_entries();
	disk_make(&plain, 100, false);
	is(swap_device_add("plain", "fake", &disk_ops, &plain, 100, 0), -EINVAL,
	   "a device without a signature is refused");
	disk_free(&plain);
	disk_make(&disk, 8000, true);
	is(swap_device_add("disk", "fake", &disk_ops, &disk, 8000, 0), 0, "one with it is not");
	is(total_swap_pages, 7999, "slots");
	audit_kernel_tables = nr_page_table_pages;
	is(d->map[0], SWAP_IS_BAD, "the header is no slot");
	test_one();
	test_sharing();
	test_calls();
	test_locked();
	test_errors();
	test_off();
	test_flusher();
	test_big();
	return done();
}
