/* SPDX-License-Identifier: MIT */
/*
 * mremap: errors in Linux's order, growing and shrinking, moves entry by entry, and the
 * failure of every single allocation.
 */
#include "one_mm.h"
#include <asm/tlbflush.h>
#include <asm-generic/resource.h>

#define AT		MODEL_BASE
#define AWAY		(MODEL_BASE + PAGES(1500))	/* behind a boundary of the top level */

static long remap(unsigned long from, unsigned long pages, unsigned long to_pages,
		  unsigned long flags, unsigned long to)
{
	return sys_mremap(from, PAGES(pages), PAGES(to_pages), flags, to);
}

#define MOVE		(MREMAP_MAYMOVE | MREMAP_FIXED)
#define DONTUNMAP	(MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

/* ---- errors ------------------------------------------------------------------------ */

static void test_errors(void)
{
	const unsigned long all = TASK_SIZE;
	struct mm_struct *mm = start_mm();
	unsigned long gap = AT + PAGES(50), i;
	const struct {
		unsigned long from, len, to_len, flags, to;
		long result;
		const char *what;
	} table[] = {
		{ AT, PAGES(1), PAGES(1), 8, 0, -EINVAL, "an unknown flag" },
		{ AT, PAGES(1), PAGES(1), MREMAP_FIXED, AWAY, -EINVAL, "FIXED without MAYMOVE" },
		{ AT, PAGES(1), PAGES(1), MREMAP_DONTUNMAP, 0, -EINVAL, "DONTUNMAP without it" },
		{ AT, PAGES(1), PAGES(2), DONTUNMAP, 0, -EINVAL, "DONTUNMAP with another length" },
		{ AT, 1, PAGES(1), DONTUNMAP, 0, -EINVAL, "compared before it is rounded" },
		{ AT + 1, PAGES(1), PAGES(1), 0, 0, -EINVAL, "unaligned" },
		{ AT, PAGES(1), 0, 0, 0, -EINVAL, "new length 0" },
		{ AT, PAGES(1), ~0ul, 0, 0, -EINVAL, "a new length that wraps" },
		{ gap, PAGES(1), PAGES(1), 0, 0, -EFAULT, "nothing there" },
		{ gap, PAGES(1), PAGES(1), MOVE, AT + 1, -EFAULT, "before the target is looked at" },
		{ all, PAGES(1), PAGES(1), 0, 0, -EFAULT, "behind the user half" },
		{ AT, 0, PAGES(1), MREMAP_MAYMOVE, 0, -EINVAL, "old length 0 of private memory" },
		{ AT, 0, PAGES(1), 0, 0, -EINVAL, "also if it may not move" },
		{ AT, PAGES(5), PAGES(6), MREMAP_MAYMOVE, 0, -EFAULT, "more than the region" },
		{ AT, PAGES(4), PAGES(5), 0, 0, -ENOMEM, "something is behind it" },
		{ AT, PAGES(3), PAGES(4), 0, 0, -ENOMEM, "not up to the end of the region" },
		{ AT, PAGES(4), PAGES(4), MOVE, AT + 1, -EINVAL, "an unaligned target" },
		{ AT, PAGES(4), PAGES(4), MOVE, all, -EINVAL, "one behind the user half" },
		{ AT, PAGES(4), PAGES(4), MOVE, all - PAGES(3), -EINVAL, "one across its end" },
		{ AT, PAGES(4), all + PAGE_SIZE, MOVE, 0, -EINVAL, "longer than the user half" },
		{ AT, PAGES(4), PAGES(4), MOVE, AT, -EINVAL, "onto itself" },
		{ AT, PAGES(4), PAGES(4), MOVE, AT + PAGES(3), -EINVAL, "onto its end" },
		{ AT, PAGES(1), PAGES(4), MOVE, AT - PAGES(3), -EINVAL, "onto its start" },
		{ AT, PAGES(4), all, MREMAP_MAYMOVE, 0, -ENOMEM, "all of the user half" },
	};

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	map_at(AT + PAGES(4), 4, PROT_READ, ANON | MAP_FIXED);
	for (i = 0; i < 8; i++)
		host_poke(AT + PAGES(i), (u8)i);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		is(sys_mremap(table[i].from, table[i].len, table[i].to_len, table[i].flags,
			      table[i].to), table[i].result, "%s", table[i].what);
	is(mm->map_count, 2, "nothing has changed");
	is(host_peek(AT + PAGES(3)), 3, "nor contents");

	/* FIXED takes the target away before it looks at the source. */
	map_at(AWAY, 8, RW, ANON | MAP_FIXED);
	is(remap(AT, 5, 5, MOVE, AWAY), -EFAULT, "two regions at once");
	is(mm->map_count, 3, "the target has gone");
	is(host_peek(AWAY), -1 - HOST_MAPERR, "as far as it would have gone");
	is(host_peek(AWAY + PAGES(5)), 0, "and no further");
	is(remap(AT, 4, 4, MREMAP_MAYMOVE, 0), AT, "the same length is no move");
	is(remap(AT, 100, 100, 0, 0), AT, "and nobody asks what is there");
	is(remap(AT, 6, 6, MREMAP_MAYMOVE, 0), AT, "two regions neither");
	end_mm(mm, NULL, "errors");
}

static void test_special(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(8, 1);
	struct vm_area_struct *vma;

	do_mmap(f, AT, PAGES(4), RW, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY);
	vma = find_vma(mm, AT);
	vma->vm_flags |= VM_DONTEXPAND;
	is(remap(AT, 4, 6, MREMAP_MAYMOVE, 0), -EFAULT, "DONTEXPAND does not grow");
	is(remap(AT, 0, 4, MREMAP_MAYMOVE, 0), -EFAULT, "nor from nothing");
	is(remap(AT, 4, 4, DONTUNMAP, 0), -EINVAL, "DONTUNMAP of it");
	is(remap(AT, 4, 4, MOVE, AWAY), AWAY, "it moves");
	is(host_peek(AWAY + PAGES(3)), 4, "with what it shows");
	is(remap(AWAY, 4, 3, 0, 0), AWAY, "and shrinks");
	do_mmap(f, AT, PAGES(4), RW, MAP_SHARED | MAP_FIXED, -5ul, MODEL_MAY);
	is(remap(AT, 4, 6, MREMAP_MAYMOVE, 0), -EINVAL, "offsets that wrap");
	end_mm(mm, f, "special regions");
}

static void test_limits(void)
{
	const unsigned long ram = zones[ZONE_DMA].managed_pages + zones[ZONE_NORMAL].managed_pages +
				  zones[ZONE_HIGHMEM].managed_pages;
	struct rlimit_k *rlim = current->rlim;
	struct mm_struct *mm = start_mm();
	int full = sysctl_max_map_count;

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	rlim[RLIMIT_AS].cur = PAGES(6) + 1;
	is(remap(AT, 4, 7, MREMAP_MAYMOVE, 0), -ENOMEM, "RLIMIT_AS");
	is(remap(AT, 4, 4, DONTUNMAP, AWAY), -ENOMEM, "DONTUNMAP counts twice");
	is(remap(AT, 4, 6, MREMAP_MAYMOVE, 0), AT, "up to it");
	is(remap(AT, 6, 6, MOVE, AWAY), AWAY, "a move costs nothing");
	rlim[RLIMIT_AS].cur = ~0ul;
	rlim[RLIMIT_DATA].cur = PAGES(7);
	is(remap(AWAY, 6, 8, 0, 0), -ENOMEM, "RLIMIT_DATA");
	is(remap(AWAY, 6, 7, 0, 0), AWAY, "up to it");
	rlim[RLIMIT_DATA].cur = ~0ul;
	is(sys_mlock(AWAY, PAGES(7)), 0, "lock");
	rlim[RLIMIT_MEMLOCK].cur = PAGES(8);
	is(remap(AWAY, 7, 9, 0, 0), -EAGAIN, "RLIMIT_MEMLOCK");
	is(remap(AWAY, 7, 9, MOVE, AT), -EAGAIN, "of a move too");
	is(remap(AWAY, 7, 8, 0, 0), AWAY, "up to it");
	is(mm->locked_vm, 8, "eight pages are locked");
	is(mm->rss[MM_ANONPAGES], 8, "and there");
	rlim[RLIMIT_MEMLOCK].cur = ~0ul;
	sys_munlock(AWAY, PAGES(8));
	is(remap(AWAY, 8, ram + 9, MREMAP_MAYMOVE, 0), -ENOMEM, "more at once than RAM");
	sysctl_overcommit_memory = OVERCOMMIT_ALWAYS;
	is(remap(AWAY, 8, ram + 9, MREMAP_MAYMOVE, 0), AWAY, "with overcommit_memory 1 it is not");
	is(remap(AWAY, ram + 9, 8, 0, 0), AWAY, "back");
	sysctl_overcommit_memory = OVERCOMMIT_NEVER;
	is(vm_committed, 8, "eight pages are promised");
	is(remap(AWAY, 8, vm_commit_limit(), MREMAP_MAYMOVE, 0), -ENOMEM, "2: CommitLimit");
	is(remap(AWAY, 8, ram / 4, MREMAP_MAYMOVE, 0), AWAY, "below it");
	is(vm_committed, ram / 4, "is promised");
	is(remap(AWAY, ram / 4, 8, 0, 0), AWAY, "back");
	sysctl_overcommit_memory = OVERCOMMIT_GUESS;

	sysctl_max_map_count = 7;
	is(remap(AWAY, 8, 8, MOVE, AT), AT, "a region and six more");
	sysctl_max_map_count = 6;
	is(remap(AT, 8, 8, MOVE, AWAY), -ENOMEM, "five are not enough to move to a place");
	map_at(AT + PAGES(8), 1, PROT_READ, ANON | MAP_FIXED);
	is(remap(AT, 8, 9, MREMAP_MAYMOVE, 0) < 0, 0, "to move anywhere they are");
	sysctl_max_map_count = full;
	end_mm(mm, NULL, "limits");
}

/* ---- shrink and grow --------------------------------------------------------------- */

static void test_in_place(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long i;

	map_at(AT, 10, RW, ANON | MAP_FIXED);
	for (i = 0; i < 10; i++)
		host_poke(AT + PAGES(i), (u8)(i + 1));
	is(remap(AT, 10, 4, 0, 0), AT, "shrink");
	is(mm->total_vm, 4, "four pages are left");
	is(mm->rss[MM_ANONPAGES], 4, "and their frames");
	is(host_peek(AT + PAGES(4)), -1 - HOST_MAPERR, "the rest has gone");
	is(remap(AT, 4, 10, 0, 0), AT, "grow in place");
	is(host_peek(AT + PAGES(3)), 4, "what was there is");
	is(host_peek(AT + PAGES(4)), 0, "what is new is zero");
	is(mm->map_count, 1, "one region");
	is(vm_committed, 10, "charged");
	map_at(AT + PAGES(12), 4, RW, ANON | MAP_FIXED);
	is(remap(AT, 10, 12, 0, 0), AT, "up to the next region");
	is(mm->map_count, 1, "is one with it");
	is(remap(AT, 12, 13, MREMAP_MAYMOVE, 0) == (long)AT, 0, "which is in the way now");
	is(remap(AT + PAGES(12), 2, 1, 0, 0), AT + PAGES(12), "shrink in the middle");
	is(host_peek(AT + PAGES(13)), -1 - HOST_MAPERR, "makes a hole");
	is(remap(AT + PAGES(12), 1, 2, 0, 0), AT + PAGES(12), "grow into it");
	is(remap(AT + PAGES(12), 100, 1, 0, 0), AT + PAGES(12), "shrink from far behind the end");
	is(sys_munmap(AT + PAGES(12), PAGES(4)), 0, "munmap");
	is(remap(AT, 1, 2, 0, 0), -EFAULT, "the start had moved away");
	sound(mm, "in place");
	end_mm(mm, NULL, "in place");
}

static void test_grow_file(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(8, 1);

	do_mmap(f, AT, PAGES(2), RW, MAP_PRIVATE | MAP_FIXED, 4, MODEL_MAY);
	is(host_poke(AT + PAGES(1), 99), HOST_OK, "a page of its own");
	is(remap(AT, 2, 8, 0, 0), AT, "a file map grows past the end");
	is(host_peek(AT + PAGES(1)), 99, "its own page");
	is(host_peek(AT + PAGES(3)), 8, "the last one of the file");
	is(host_peek(AT + PAGES(4)), -1 - HOST_SIGBUS, "behind it SIGBUS");
	is(remap(AT, 8, 8, MOVE, AWAY), AWAY, "moved");
	is(host_peek(AWAY + PAGES(1)), 99, "its own page");
	is(host_peek(AWAY), 5, "the first, of the same offset");
	is(host_peek(AWAY + PAGES(2)), 7, "one that was not there");
	is(find_vma(mm, AWAY)->vm_pgoff, 4, "the offset");
	is(remap(AWAY + PAGES(1), 2, 2, MOVE, AT), AT, "a part of it");
	is(find_vma(mm, AT)->vm_pgoff, 5, "has its own offset");
	is(host_peek(AT), 99, "and its page");
	is(mm->map_count, 3, "three regions");
	is(remap(AT, 2, 2, MOVE, AWAY + PAGES(1)), AWAY + PAGES(1), "and back");
	is(mm->map_count, 1, "is one again");
	is(f->count, 2, "which holds the file");
	end_mm(mm, f, "file maps");
}

static void test_duplicate(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(8, 1);
	unsigned long other;

	do_mmap(f, AT, PAGES(4), RW, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY);
	host_poke(AT + PAGES(1), 77);
	other = (unsigned long)remap(AT + PAGES(1), 0, 6, MREMAP_MAYMOVE, 0);
	ok(!IS_ERR_VALUE(other), "old length 0 of a shared map");
	is(host_peek(other), 77, "is another view");
	host_poke(other + PAGES(1), 55);
	is(host_peek(AT + PAGES(2)), 55, "of the same pages");
	is(host_peek(other + PAGES(6)), -1 - HOST_MAPERR, "of its own length");
	is(mm->map_count, 2, "two regions");
	is(remap(AT, 0, 2, MOVE, AWAY), AWAY, "FIXED too");
	is(host_peek(AWAY + PAGES(1)), 77, "shows them");
	end_mm(mm, f, "duplicate");
}

/* ---- moves ------------------------------------------------------------------------- */

#define N	600u		/* more than a table under four levels */

/* All kinds of entries: written, read only (zero page), none; some of them clean. */
static void make_contents(unsigned long at)
{
	unsigned long i;

	for (i = 0; i < N; i++) {
		if (i % 3 == 0)
			host_poke(at + PAGES(i), (u8)i);
		else if (i % 3 == 1)
			host_peek(at + PAGES(i));
	}
}

static unsigned long entries[N];

static void read_entries(struct mm_struct *mm, unsigned long at)
{
	unsigned long i;

	for (i = 0; i < N; i++)
		entries[i] = host_entry(mm, at + PAGES(i));
}

static unsigned long other_entries(struct mm_struct *mm, unsigned long at)
{
	unsigned long i, n = 0;

	for (i = 0; i < N; i++)
		n += entries[i] != host_entry(mm, at + PAGES(i));
	return n;
}

static unsigned long not_empty(struct mm_struct *mm, unsigned long at)
{
	unsigned long i, n = 0;

	for (i = 0; i < N; i++)
		n += host_entry(mm, at + PAGES(i)) != 0;
	return n;
}

static void test_move(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long to = AWAY + PAGES(3), tables, i, wrong = 0, flushes;
	struct vm_counters before;

	map_at(AT, N, RW, ANON | MAP_FIXED);
	make_contents(AT);
	read_entries(mm, AT);
	tables = mm->nr_ptes;
	before = vm_counters;
	flushes = tlb_counters.flush_mm;
	is(remap(AT, N, N, MOVE, to), to, "a move to where tables begin elsewhere");
	is(tlb_counters.flush_mm - flushes, 1, "one flush");
	is(memcmp(&before, &vm_counters, sizeof(before)), 0, "no fault, no copy, no page zapped");
	is(other_entries(mm, to), 0, "the same entries");
	is(not_empty(mm, AT), 0, "none where they were");
	ok(mm->nr_ptes <= tables + 1, "tables went with them: %lu, now %lu", tables, mm->nr_ptes);
	is(host_peek(AT), -1 - HOST_MAPERR, "the old place is no more");
	for (i = 0; i < N; i++)
		wrong += host_peek(to + PAGES(i)) != (i % 3 ? 0 : (u8)i);
	is(wrong, 0, "contents");
	sound(mm, "move");
	is(find_vma(mm, to)->vm_pgoff, AT >> PAGE_SHIFT, "pages stay what they are in the region");
	is(remap(to, N, N, MOVE, AT), AT, "back");
	is(remap(AT + PAGES(100), 400, 400, MOVE, to), to, "the middle");
	is(mm->map_count, 3, "three regions");
	is(mm->total_vm, N, "no page more");
	sound(mm, "middle");
	is(host_peek(to + PAGES(2)), (u8)102, "contents");
	is(remap(to, 400, 400, MOVE, AT + PAGES(100)), AT + PAGES(100), "and back");
	is(mm->map_count, 1, "is one again");
	is(remap(AT, N, 1000, MREMAP_MAYMOVE, 0), AT, "more of it");
	map_at(AT + PAGES(1000), 1, PROT_READ, ANON | MAP_FIXED);
	to = (unsigned long)remap(AT, 1000, 1100, MREMAP_MAYMOVE, 0);
	ok(!IS_ERR_VALUE(to) && to != AT, "where no room is, it moves");
	is(host_peek(to + PAGES(599 / 3 * 3)), (u8)(599 / 3 * 3), "with its contents");
	is(host_peek(to + PAGES(1099)), 0, "and grows");
	is(remap(to, 1100, 1100, MOVE, AT), AT, "FIXED replaces what is there");
	is(mm->map_count, 1, "all of it");
	end_mm(mm, NULL, "moves");
}

/* Nothing binds memory that nobody has written to. */
static void test_merge(void)
{
	struct mm_struct *mm = start_mm();

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	map_at(AWAY, 4, RW, ANON | MAP_FIXED);
	host_peek(AT);
	is(remap(AT, 4, 4, MOVE, AWAY + PAGES(4)), AWAY + PAGES(4), "next to another");
	is(mm->map_count, 1, "becomes one with it");
	host_poke(AWAY, 1);
	map_at(AT, 4, RW, ANON | MAP_FIXED);
	host_poke(AT, 2);
	is(remap(AT, 4, 4, MOVE, AWAY + PAGES(8)), AWAY + PAGES(8), "a page in it");
	is(mm->map_count, 2, "keeps them apart");
	is(host_peek(AWAY + PAGES(8)), 2, "its contents");
	end_mm(mm, NULL, "merging");
}

static void test_shared_pages(void)
{
	struct mm_struct *mm = start_mm(), *child, *mms[2];
	const char *wrong;

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	host_poke(AT, 1);
	child = dup_mm(mm);
	is(remap(AT, 4, 4, MOVE, AWAY), AWAY, "pages shared with a child move");
	is(host_poke(AWAY, 2), HOST_OK, "a write still makes a copy");
	host_switch_mm(child);
	is(host_peek(AT), 1, "the child's page is where it was");
	host_switch_mm(mm);
	mms[0] = mm;
	mms[1] = child;
	wrong = audit(mms, 2);
	ok(!wrong, "audit: %s", wrong ? wrong : "both agree");
	mmput(child);
	end_mm(mm, NULL, "shared pages");
}

static void test_dontunmap(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(8, 1);
	unsigned long to;

	map_at(AT, 8, RW, ANON | MAP_FIXED);
	host_poke(AT, 1);
	host_poke(AT + PAGES(7), 8);
	is(remap(AT, 8, 8, DONTUNMAP | MREMAP_FIXED, AWAY), AWAY, "DONTUNMAP");
	is(mm->map_count, 2, "two regions");
	is(mm->total_vm, 16, "of eight pages each");
	is(vm_committed, 16, "both charged");
	is(host_peek(AWAY), 1, "contents have moved");
	is(host_peek(AT), 0, "zero fill is left");
	is(host_poke(AT, 3), HOST_OK, "which can be written");
	is(host_peek(AWAY + PAGES(7)), 8, "both are there");
	sound(mm, "DONTUNMAP");
	to = (unsigned long)remap(AT, 8, 8, DONTUNMAP, AT + PAGES(100));
	is(to, AT + PAGES(100), "with a hint");
	is(host_peek(to), 3, "contents");
	is(remap(AT + PAGES(1), 2, 2, DONTUNMAP, AT), -EINVAL, "a hint that overlaps");
	sys_mlock(AT, PAGES(8));
	is(mm->locked_vm, 8, "locked");
	to = (unsigned long)remap(AT, 8, 8, DONTUNMAP, 0);
	is(mm->locked_vm, 8, "the lock goes with the pages");
	ok(find_vma(mm, to)->vm_flags & VM_LOCKED && !(find_vma(mm, AT)->vm_flags & VM_LOCKED),
	   "and leaves the old region");
	sys_munmap(0, TASK_SIZE);
	do_mmap(f, AT, PAGES(4), RW, MAP_PRIVATE | MAP_FIXED, 0, MODEL_MAY);
	host_poke(AT, 200);
	is(remap(AT, 4, 4, DONTUNMAP | MREMAP_FIXED, AWAY), AWAY, "of a private file map");
	is(host_peek(AWAY), 200, "contents have moved");
	is(host_peek(AT), 1, "the file is left");
	end_mm(mm, f, "DONTUNMAP");
}

/* ---- without memory ---------------------------------------------------------------- */

struct kind {
	const char *name;
	unsigned long from, pages, to_pages, flags;
};

/* The n-th allocation fails, for each n: nothing has changed, not even borders or tables. */
static void test_failures(const struct kind *k)
{
	struct mm_struct *mm = start_mm(), *const mms[] = { mm };
	unsigned long n, tables, bad = 0, free;
	int regions;
	long ret;

	map_at(AT, N, RW, ANON | MAP_FIXED);
	make_contents(AT);
	regions = mm->map_count;
	kmem_cache_shrink_all();
	for (n = 1;; n++) {
		read_entries(mm, AT);
		tables = nr_page_table_pages;
		free = nr_free_pages();
		alloc_fail_arm(n, 1000);
		ret = remap(k->from, k->pages, k->to_pages, k->flags, AWAY + PAGES(5));
		if (!alloc_fail.failed)
			break;
		alloc_fail_arm(0, 0);
		kmem_cache_shrink_all();
		bad += ret != -ENOMEM || mm->map_count != regions || other_entries(mm, AT) ||
		       nr_page_table_pages != tables || nr_free_pages() != free ||
		       mm->total_vm != N || vm_committed != (long)N || audit(mms, 1) != NULL;
	}
	alloc_fail_arm(0, 0);
	is(bad, 0, "%s: %lu failed allocations that leave something behind", k->name, n - 1);
	ok(!IS_ERR_VALUE(ret) && n > 1, "%s: then it works", k->name);
	end_mm(mm, NULL, k->name);
}

int main(void)
{
	static const struct kind kinds[] = {
		{ "all of it", AT, N, N, MOVE },
		{ "the start", AT, 300, 300, MOVE },
		{ "the end, growing", AT + PAGES(300), N - 300, N, MOVE },
		{ "the middle", AT + PAGES(100), 300, 300, MOVE },
		{ "DONTUNMAP", AT, N, N, DONTUNMAP | MREMAP_FIXED },
	};
	unsigned int i;

	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_errors();
	test_special();
	test_limits();
	test_in_place();
	test_grow_file();
	test_duplicate();
	test_move();
	test_merge();
	test_shared_pages();
	test_dontunmap();
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		test_failures(&kinds[i]);
	return done();
}
