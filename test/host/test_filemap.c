/* SPDX-License-Identifier: MIT */
/*
 * The page cache: what is read once and kept, who may drop it, what a fault maps around
 * the page it wants, waiting for somebody else's read, errors and lack of memory.
 */
#include "tap.h"
#include "model.h"

static struct baseline base;
static struct file *f;

static u8 byte_of(struct page *page)
{
	u8 value;

	host_frame(page_to_pfn(page), 1000, &value, 1, false);
	return value;
}

static u8 file_byte(unsigned long index)
{
	return (u8)((index + 1) * f->seed);
}

/* A page by read_mapping_page(), checked and given back; its descriptor, or NULL. */
static struct page *read_page(unsigned long index)
{
	struct page *page = NULL;

	if (read_mapping_page(&f->mapping, index, &page))
		return NULL;
	if (byte_of(page) != file_byte(index) || !PageUptodate(page) || PageLocked(page) ||
	    page->index != index || page_type(page) != PGT_FILE)
		return NULL;
	put_page(page);
	return page;
}

static bool is_cached(unsigned long index)
{
	struct page *page = find_get_page(&f->mapping, index);

	if (page)
		put_page(page);
	return page != NULL;
}

static void new_file(unsigned long pages)
{
	f = host_file(pages, 7);
}

static void end_file(const char *what)
{
	is(f->count, 1, "%s: nobody else has the file", what);
	fput(f);
	is(nr_file_pages, base.file_pages, "%s: no page of it is cached", what);
	ok(at_baseline(&base), "%s: everything is as before", what);
}

static unsigned long map_file(unsigned long addr, unsigned long pages, unsigned long prot,
			      unsigned long flags, unsigned long pgoff)
{
	addr = do_mmap(f, addr, pages * PAGE_SIZE, prot, flags | MAP_FIXED, pgoff, MODEL_MAY);
	BUG_ON(IS_ERR_VALUE(addr));
	return addr;
}

/* ---- in and out -------------------------------------------------------------------- */

static void test_read(void)
{
	static const unsigned long indices[] = {
		0, 1, 63, 64, 4095, 4096, 1ul << 24, ~0ul - 1, ~0ul,
	};
	static u8 page_of[PAGE_SIZE];
	struct page *page, *again;
	unsigned long i, bad = 0;

	new_file(1);
	ok(!find_get_page(&f->mapping, 0), "nothing is cached at first");
	page = read_page(3);
	ok(page && f->reads == 1, "a page is read");
	is(page_count(page), 1, "the cache has the only reference");
	ok(page->mapping == &f->mapping && f->mapping.nrpages == 1, "it says where it belongs");
	ok(read_page(3) == page && f->reads == 1, "the second reader gets the same, not read again");
	BUG_ON(grab_cache_page(&f->mapping, 3, &again));
	ok(again == page, "so does a writer");
	put_page(again);

	memset(page_of, 0x5a, sizeof(page_of));
	page = alloc_page(GFP_HIGHUSER);
	host_write_frame(page_to_pfn(page), page_of);
	__free_page(page);
	BUG_ON(grab_cache_page(&f->mapping, 4, &page));
	host_read_frame(page_to_pfn(page), page_of);
	for (i = 0; i < PAGE_SIZE; i++)
		bad += page_of[i] != 0;
	is(bad, 0, "a page made by a writer is zero");
	is(f->reads, 1, "and was not read");
	put_page(page);

	for (i = 0; i < ARRAY_SIZE(indices); i++)
		bad += !read_page(indices[i]);
	is(bad, 0, "pages anywhere in the file");
	is(f->mapping.nrpages, ARRAY_SIZE(indices) + 2, "are counted");
	truncate_pages(&f->mapping, ~0ul, ~0ul);
	ok(!is_cached(~0ul) && is_cached(~0ul - 1), "the last one of all is cut off");
	truncate_pages(&f->mapping, 64, ~0ul);
	ok(is_cached(63) && !is_cached(64) && !is_cached(4096), "all from the 64th");
	is(f->mapping.nrpages, 5, "five stay");
	end_file("read");
}

static void test_errors(void)
{
	struct baseline here;
	struct page *page = NULL;
	unsigned long n, bad = 0;

	new_file(1);
	read_page(0);
	take_baseline(&here);
	f->fail = -EIO;
	is(read_mapping_page(&f->mapping, 5, &page), -EIO, "a page that cannot be read");
	ok(!page && !is_cached(5), "is not cached");
	is(read_mapping_page(&f->mapping, 1ul << 20, &page), -EIO, "nor one far away");
	ok(at_baseline(&here), "nothing is left of them");
	ok(read_page(0), "what is cached needs no reading");
	f->fail = 0;
	for (n = 1; n < 20; n++) {
		alloc_fail_arm(n, 1000);
		bad += read_mapping_page(&f->mapping, 1ul << 20, &page) != -ENOMEM;
		alloc_fail_arm(0, 0);
		if (bad)
			break;
		/* Without memory the cache gives up what it can. */
		bad += f->mapping.nrpages > 1;
		read_page(0);
		bad += !at_baseline(&here);
	}
	ok(n > 3 && n < 20 && page && f->mapping.nrpages >= 1,
	   "reading failed at each of %lu allocations", n - 1);
	if (page)
		put_page(page);
	is(bad, 1, "and left nothing behind, until it worked");
	ok(read_page(1ul << 20), "the page is there");
	end_file("errors");
}

/* ---- who may go -------------------------------------------------------------------- */

static void test_drop(void)
{
	struct mm_struct *mm = mm_alloc();
	struct page *held, *mapped, *dirty, *locked;
	unsigned long addr, i;

	new_file(8);
	for (i = 0; i < 8; i++)
		read_page(i);
	held = find_get_page(&f->mapping, 1);
	host_switch_mm(mm);
	addr = do_mmap(f, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 2, MODEL_MAY);
	host_peek(addr);
	mapped = find_get_page(&f->mapping, 2);
	put_page(mapped);
	dirty = find_get_page(&f->mapping, 3);
	SetPageDirty(dirty);
	put_page(dirty);
	locked = find_get_page(&f->mapping, 4);
	SetPageLocked(locked);
	put_page(locked);
	is(drop_page_cache(), 4, "dropped: four of eight pages");
	ok(is_cached(1) && is_cached(2) && is_cached(3) && is_cached(4),
	   "held, mapped, dirty and locked ones stay");
	ClearPageLocked(locked);
	put_page(held);
	f->mapping.unevictable = true;
	is(drop_page_cache(), 0, "a mapping that is the only copy keeps all");
	f->mapping.unevictable = false;
	is(drop_page_cache(), 2, "two more are free to go");

	/* The processor marks entries; what the kernel writes for a program it marks itself. */
	host_poke(map_file(MODEL_BASE, 1, RW, MAP_SHARED, 5), 77);
	is(do_munmap(mm, MODEL_BASE, PAGE_SIZE), 0, "what a program has written to and unmapped");
	map_file(MODEL_BASE, 1, RW, MAP_SHARED, 6);
	host_peek(MODEL_BASE);
	is(access_mm(mm, MODEL_BASE, (void *)"x", 1, true), 1, "or the kernel for it");
	is(do_munmap(mm, MODEL_BASE, PAGE_SIZE), 0, "and is unmapped");
	drop_page_cache();
	ok(is_cached(5) && is_cached(6), "is dirty, and stays");

	truncate_pages(&f->mapping, 0, ~0ul);
	is(f->mapping.nrpages, 0, "truncation takes all");
	ok(!mapped->mapping && page_count(mapped) == 1 && page_mapcount(mapped) == 1,
	   "who has mapped a page keeps it");
	is(host_peek(addr), (u8)(3 * 7), "with its contents");
	is(mm->rss[MM_FILEPAGES], 1, "and it is resident");
	is(do_munmap(mm, addr, PAGE_SIZE), 0, "until he unmaps it");
	current->mm = NULL;
	mmput(mm);
	end_file("drop");
}

/* ---- waiting for somebody else ----------------------------------------------------- */

static struct page *other_page;		/* being read by somebody else */
static void (*other_does)(void);
static unsigned int sleeps;

static void somebody_else(void)
{
	sleeps++;
	other_does();
}

static void other_finishes(void)
{
	memset_page(other_page, 0, file_byte(other_page->index), PAGE_SIZE);
	SetPageUptodate(other_page);
	ClearPageLocked(other_page);
}

/* His read fails, or the file is truncated: the page leaves the cache. */
static void other_gives_up(void)
{
	ClearPageLocked(other_page);
	truncate_pages(&f->mapping, other_page->index, ~0ul);
}

/* He has locked it for something else: it is still not uptodate. */
static void other_unlocks(void)
{
	ClearPageLocked(other_page);
}

/* He has just begun to read this page, and has a reference. */
static void locked_page(unsigned long index)
{
	BUG_ON(grab_cache_page(&f->mapping, index, &other_page));
	other_page->flags &= ~(1ul << PG_uptodate);
	SetPageLocked(other_page);
	sleeps = 0;
}

static void test_wait(void)
{
	unsigned long pfn;
	struct page *page;

	new_file(8);
	host_schedule = somebody_else;
	locked_page(1);
	put_page(other_page);
	other_does = other_finishes;
	ok(read_page(1) == other_page, "a page that is being read: wait for it");
	ok(sleeps == 1 && f->reads == 0, "asleep once, and not read again");

	locked_page(2);
	pfn = page_to_pfn(other_page);
	other_does = other_gives_up;
	page = read_page(2);
	ok(page && page_to_pfn(page) != pfn, "it is gone when he wakes: a new one is read");
	is(f->reads, 1, "by himself");
	is(page_count(other_page), 1, "the old one is whose reference it is");
	put_page(other_page);

	locked_page(3);
	put_page(other_page);
	other_does = other_unlocks;
	ok(read_page(3) == other_page && f->reads == 2, "it is still empty: he reads it");

	locked_page(4);
	put_page(other_page);
	other_does = other_finishes;
	truncate_pages(&f->mapping, 4, ~0ul);
	ok(sleeps == 1 && !is_cached(4), "truncation waits for a reader, too");
	host_schedule = NULL;
	end_file("wait");
}

/* ---- truncation under mappings ------------------------------------------------------- */

static unsigned long entries(struct mm_struct *mm, unsigned long addr, unsigned long pages);

static void other_truncates(void)
{
	ClearPageLocked(other_page);
	f->pages = 2;
	truncate_range(&f->mapping, 2, ~0ul, true);
}

static void test_truncate(void)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long shared, private, count, i;
	struct vm_area_struct *vma;

	new_file(8);
	host_switch_mm(mm);
	shared = map_file(MODEL_BASE, 8, RW, MAP_SHARED, 0);
	private = map_file(MODEL_BASE + 64 * PAGE_SIZE, 6, RW, MAP_PRIVATE, 2);
	ok(!interval_check(&f->mapping.i_mmap, &count), "the tree of regions is in order");
	is(count, 2, "and has both");
	for (i = 0; i < 8; i++)
		host_poke(shared + i * PAGE_SIZE, 50 + i);
	host_poke(private + PAGE_SIZE, 99);
	is(host_peek(private + 2 * PAGE_SIZE), 54, "a store is seen by the private region");
	truncate_range(&f->mapping, 3, 3, false);
	is(host_peek(private + PAGE_SIZE), 99, "a hole leaves a private copy");
	is(host_entry(mm, shared + 3 * PAGE_SIZE), 0, "and takes the page of the file");
	is(host_peek(shared + 3 * PAGE_SIZE), file_byte(3), "which is read again");
	is(host_peek(shared + 2 * PAGE_SIZE), 52, "its neighbour is what it was");
	f->pages = 3;
	truncate_range(&f->mapping, 3, ~0ul, true);
	is(entries(mm, shared, 8), 3, "truncated: three entries are left");
	is(entries(mm, private, 6), 1, "one of the private region, copies are gone too");
	is(mm->rss[MM_ANONPAGES] * 100 + mm->rss[MM_FILEPAGES], 4, "rss");
	is(f->mapping.nrpages, 3, "pages in the cache");
	is(host_peek(private + PAGE_SIZE), -1 - HOST_SIGBUS, "SIGBUS where the copy was");

	vma = find_vma(mm, shared);
	BUG_ON(split_vma(mm, vma, shared + 3 * PAGE_SIZE, false));
	ok(!vma_check(mm), "both parts of a split are in the tree");
	is(do_munmap(mm, shared, 2 * PAGE_SIZE), 0, "munmap of a part");
	ok(!vma_check(mm), "the rest is there with its own pages");

	/* A fault sleeps on a page that is being read, and the file is truncated. */
	f->pages = 8;
	host_schedule = somebody_else;
	other_does = other_truncates;
	locked_page(5);
	put_page(other_page);
	is(host_peek(shared + 5 * PAGE_SIZE), -1 - HOST_SIGBUS, "truncated under a fault: SIGBUS");
	is(sleeps, 1, "after a sleep");
	is(entries(mm, shared + 3 * PAGE_SIZE, 5), 0, "nothing is mapped");
	host_schedule = NULL;
	current->mm = NULL;
	mmput(mm);
	ok(!interval_check(&f->mapping.i_mmap, &count), "after exit the tree is in order");
	is(count, 0, "and empty");
	end_file("truncate");
}

/* ---- fault-around ------------------------------------------------------------------ */

static unsigned long entries(struct mm_struct *mm, unsigned long addr, unsigned long pages)
{
	unsigned long i, n = 0;

	for (i = 0; i < pages; i++)
		n += host_entry(mm, addr + i * PAGE_SIZE) != 0;
	return n;
}

static void test_around(void)
{
	const unsigned long at = MODEL_BASE & -PGTABLE_SPAN;	/* a table begins here */
	struct mm_struct *mm = mm_alloc();
	unsigned long i, reads, bad = 0, addr;
	struct page *page;

	new_file(50);
	host_switch_mm(mm);
	for (i = 0; i < 64; i++)
		read_page(i);
	addr = map_file(at - 40 * PAGE_SIZE, 64, PROT_READ, MAP_PRIVATE, 0);
	reads = f->reads;
	is(host_peek(at), (u8)(41 * 7), "a fault at the start of a table");
	is(entries(mm, addr, 64), 10, "maps up to the end of the file");
	is(entries(mm, at, 10), 10, "all of them in this window");
	is(host_peek(at - PAGE_SIZE), (u8)(40 * 7), "one before it");
	is(entries(mm, addr, 40), 16, "maps its own window of 16");
	is(host_peek(at - 40 * PAGE_SIZE), 7, "at the start of the region");
	is(entries(mm, addr, 40), 24, "maps eight: none before the region");
	is(host_peek(at + 10 * PAGE_SIZE), -1 - HOST_SIGBUS, "behind the end of the file: SIGBUS");
	is(f->reads, reads, "nothing was read");
	is(mm->rss[MM_FILEPAGES], 34, "rss");
	is(do_munmap(mm, addr, 64 * PAGE_SIZE), 0, "munmap");

	addr = map_file(at, 16, RW, MAP_PRIVATE, 0);
	page = find_get_page(&f->mapping, 2);
	SetPageLocked(page);
	truncate_pages(&f->mapping, 48, ~0ul);
	host_poke(at + 3 * PAGE_SIZE, 99);
	is(entries(mm, addr, 16), 1, "a write maps nothing around");
	host_peek(at + 5 * PAGE_SIZE);
	is(entries(mm, addr, 16), 15, "a read maps all but a locked page");
	is(host_entry(mm, at + 2 * PAGE_SIZE), 0, "that one");
	is(host_peek(at + 3 * PAGE_SIZE), 99, "what was there stays");
	ClearPageLocked(page);
	put_page(page);
	for (i = 0; i < 16; i++)
		bad += host_peek(at + i * PAGE_SIZE) != (i == 3 ? 99 : file_byte(i));
	is(bad, 0, "all contents are right");
	is(mm->rss[MM_ANONPAGES] * 100 + mm->rss[MM_FILEPAGES], 115, "rss");
	is(do_munmap(mm, addr, 16 * PAGE_SIZE), 0, "munmap");

	/* What is not cached is not read for it. */
	truncate_pages(&f->mapping, 0, ~0ul);
	read_page(1);
	addr = map_file(at, 16, PROT_READ, MAP_SHARED, 0);
	reads = f->reads;
	host_peek(at);
	is(f->reads, reads + 1, "one page is read");
	is(entries(mm, addr, 16), 2, "it is mapped, and the one that was cached");
	host_peek(at + 9 * PAGE_SIZE);
	is(f->reads, reads + 2, "the next is read when it is touched");

	/* Offsets that are not multiples of the window. */
	addr = map_file(at + 5 * PAGE_SIZE, 4, PROT_READ, MAP_SHARED, 46);
	for (i = 40; i < 50; i++)
		read_page(i);
	is(host_peek(addr + PAGE_SIZE), file_byte(47), "a small region");
	is(entries(mm, addr, 4), 4, "gets all its pages");
	for (i = 0; i < 4; i++)
		bad += host_peek(addr + i * PAGE_SIZE) != file_byte(46 + i);
	is(bad, 0, "the right ones");
	current->mm = NULL;
	mmput(mm);
	end_file("around");
}

/* Each allocation of each kind of file fault fails once. */
static void test_fault_failures(void)
{
	static const struct {
		unsigned long flags;
		bool write;
	} kinds[] = { { MAP_SHARED, false }, { MAP_SHARED, true }, { MAP_PRIVATE, false },
		      { MAP_PRIVATE, true } };
	const unsigned long addr = MODEL_BASE + 200 * PAGE_SIZE;
	unsigned long i, n, bad = 0, failures = 0;
	enum host_result result;
	struct mm_struct *mm;
	u8 byte = 1;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (n = 1, result = HOST_OOM; result == HOST_OOM && n < 20; n++) {
			new_file(300);
			mm = mm_alloc();
			host_switch_mm(mm);
			map_file(MODEL_BASE, 300, RW, kinds[i].flags, 0);
			alloc_fail_arm(n, 1000);
			if (kinds[i].write)
				result = host_write(addr, &byte, 1);
			else
				result = host_read(addr, &byte, 1);
			alloc_fail_arm(0, 0);
			failures += result == HOST_OOM;
			bad += audit(&mm, 1) != NULL || kmap_local_held() ||
			       host_peek(addr + 1) != file_byte(200);
			current->mm = NULL;
			mmput(mm);
			fput(f);
			bad += !at_baseline(&base);
		}
	}
	ok(failures > 12, "%lu allocations of file faults failed", failures);
	is(bad, 0, "none left anything, and the next try worked");
}

/* ---- at random --------------------------------------------------------------------- */

#define INDICES	200u

static void test_random(u32 seed, unsigned int steps)
{
	static u8 state[INDICES];	/* 0 absent, 1 clean, 2 dirty */
	unsigned int step, i, index, n, wrong = 0, failed = 0, count;
	unsigned long spread;
	struct page *page;
	int err;

	memset(state, 0, sizeof(state));
	model_seed = seed;
	spread = model_random(2) ? 1 : 977;
	new_file(1);
	for (step = 0; step < steps && !wrong; step++) {
		index = model_random(INDICES);
		f->fail = model_random(10) ? 0 : -EIO;
		if (model_random(4) == 0)
			alloc_fail_arm(1 + model_random(3), 1);
		switch (model_random(8)) {
		case 0:
			truncate_pages(&f->mapping, index * spread, ~0ul);
			memset(state + index, 0, INDICES - index);
			break;
		case 1:
			for (i = n = 0; i < INDICES; i++) {
				n += state[i] == 1;
				state[i] = state[i] == 1 ? 0 : state[i];
			}
			wrong += drop_page_cache() != n;
			break;
		case 2:
			if (!state[index])
				break;
			page = find_get_page(&f->mapping, index * spread);
			SetPageDirty(page);
			put_page(page);
			state[index] = 2;
			break;
		default:
			err = read_mapping_page(&f->mapping, index * spread, &page);
			if (err == -ENOMEM && alloc_fail.failed)
				failed++;
			else if (err)
				wrong += state[index] || err != f->fail;
			else
				wrong += byte_of(page) != file_byte(index * spread);
			if (!err) {
				state[index] = max(state[index], (u8)1);
				put_page(page);
			}
		}
		/* Lack of memory may have dropped clean pages, and nothing else. */
		n = alloc_fail.failed;
		alloc_fail_arm(0, 0);
		for (i = count = 0; i < INDICES; i++) {
			if (n && state[i] == 1)
				state[i] = is_cached(i * spread);
			wrong += is_cached(i * spread) != !!state[i];
			count += !!state[i];
		}
		wrong += count != f->mapping.nrpages || count != nr_file_pages - base.file_pages;
	}
	is(wrong, 0, "%u random operations, %u without memory", step, failed);
	f->fail = 0;
	end_file("random");
}

int main(int argc, char **argv)
{
	u32 seed = argc > 1 ? (u32)atoi(argv[1]) : 1, i;

	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_read();
	test_errors();
	test_drop();
	test_wait();
	test_truncate();
	test_around();
	test_fault_failures();
	for (i = 0; i < 4; i++)
		test_random(seed + i, 3000);
	return done();
}
