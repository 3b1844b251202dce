/* SPDX-License-Identifier: MIT */
/*
 * Faults, fork, copy on write and exit on the simulated machine, with exact counts: each
 * step says how many faults, new pages, copies and flushes it needs.
 */
#include "tap.h"
#include "audit.h"
#include <mm/syscalls_mm.h>
#include <asm/tlbflush.h>
#include <linux/mman.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define MAY	(VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

static struct baseline base;
static struct vm_counters before;
static struct tlb_counters tlb_before;

static void mark(void)
{
	before = vm_counters;
	tlb_before = tlb_counters;
	host_user_faults = host_user_flushes = 0;
}

#define DELTA(field)	(vm_counters.field - before.field)
#define TLB(field)	(tlb_counters.field - tlb_before.field)

static struct mm_struct *start_mm(void)
{
	struct mm_struct *mm = mm_alloc();

	BUG_ON(!mm);
	host_switch_mm(mm);
	return mm;
}

/* The end of a task: the address space stays loaded while it goes, as in do_exit(). */
static void end_mm(struct mm_struct *mm)
{
	if (current->mm == mm)
		current->mm = NULL;
	mmput(mm);
}

static unsigned long map(unsigned long pages, unsigned long prot, unsigned long flags,
			 struct file *f)
{
	unsigned long addr = do_mmap(f, 0, pages * PAGE_SIZE, prot, flags, 0, MAY);

	BUG_ON(IS_ERR_VALUE(addr));
	return addr;
}

static unsigned long pfn_at(struct mm_struct *mm, unsigned long addr)
{
	return (host_entry(mm, addr) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

static bool is_writable(struct mm_struct *mm, unsigned long addr)
{
	return host_entry(mm, addr) & _PAGE_RW;
}

#define audit_is_content(...) do { \
	struct mm_struct *const _mms[] = { __VA_ARGS__ }; \
	const char *_wrong = audit(_mms, ARRAY_SIZE(_mms)); \
	ok(!_wrong, "audit: %s", _wrong ? _wrong : "entries and counts agree"); \
} while (0)

/* ---- anonymous memory -------------------------------------------------------------- */

static void test_read(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long addr = map(1000, RW, ANON, NULL), i, other = 0, sum = 0;
	int count = page_count(zero_page), mapcount = page_mapcount(zero_page);

	mark();
	for (i = 0; i < 1000; i++) {
		sum += host_peek(addr + i * PAGE_SIZE) != 0;
		other += pfn_at(mm, addr + i * PAGE_SIZE) != zero_pfn ||
			 is_writable(mm, addr + i * PAGE_SIZE);
	}
	is(sum, 0, "1000 untouched pages read as zero");
	is(other, 0, "all of them are the zero page, read-only");
	is(host_user_faults, 1000, "one fault a page");
	is(DELTA(zero_maps), 1000, "the zero page was mapped as often");
	is(DELTA(anon_new), 0, "no page was allocated");
	is(mm->rss[MM_ANONPAGES], 0, "rss: the zero page is not counted");
	ok(page_count(zero_page) == count && page_mapcount(zero_page) == mapcount,
	   "its counts are as before");
	audit_is_content(mm);

	mark();
	is(host_poke(addr + PAGE_SIZE, 7), HOST_OK, "a write to it");
	is(host_user_faults, 1, "one fault");
	is(DELTA(zero_cows), 1, "the zero page was replaced");
	is(host_user_flushes, 1, "with one flush of the page");
	ok(pfn_at(mm, addr + PAGE_SIZE) != zero_pfn, "by another frame");
	is(host_peek(addr + PAGE_SIZE), 7, "which has the byte");
	is(host_peek(addr + PAGE_SIZE + 1), 0, "and zeroes");
	is(mm->rss[MM_ANONPAGES], 1, "rss 1");
	audit_is_content(mm);
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

static void test_write(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long addr = map(64, RW, ANON, NULL), i, bad = 0, high = 0;
	static char dirty[PAGE_SIZE], seen[PAGE_SIZE];
	struct page *page;

	/* What is free now has been written to before. */
	memset(dirty, 0x5a, sizeof(dirty));
	page = alloc_page(GFP_HIGHUSER);
	host_write_frame(page_to_pfn(page), dirty);
	__free_page(page);
	mark();
	for (i = 0; i < 64; i++)
		host_poke(addr + i * PAGE_SIZE + 9, (u8)i);
	is(host_user_faults, 64, "write first: one fault a page");
	is(DELTA(anon_new), 64, "64 new pages");
	is(DELTA(zero_maps), 0, "the zero page was not needed");
	is(host_user_flushes + TLB(flush_mm), 0, "and no flush of user addresses");
	for (i = 0; i < 64; i++) {
		host_read(addr + i * PAGE_SIZE, seen, PAGE_SIZE);
		memset(dirty, 0, sizeof(dirty));
		dirty[9] = (char)i;
		bad += memcmp(seen, dirty, PAGE_SIZE) != 0;
		high += pfn_at(mm, addr + i * PAGE_SIZE) >= host_machine->low_end;
	}
	is(bad, 0, "all are zero but for the byte");
	is(high, 64, "and in high memory");
	audit_is_content(mm);
	mark();
	is(do_munmap(mm, addr, 64 * PAGE_SIZE), 0, "munmap");
	is(TLB(flush_mm), 1, "one flush for 64 pages");
	is(DELTA(zapped), 64, "64 entries removed");
	is(mm->nr_ptes + mm->nr_pmds + mm->nr_puds, 0, "no table is left");
	is(host_peek(addr), -1 - HOST_MAPERR, "nothing there any more");
	audit_is_content(mm);
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* A program that writes a page it has only read from the page cache or shares. */
static void test_protection(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long addr = map(4, RW, ANON, NULL);

	host_poke(addr, 1);
	host_poke(addr + PAGE_SIZE, 2);
	mark();
	is(do_mprotect(mm, addr, 2 * PAGE_SIZE, PROT_READ), 0, "mprotect to read-only");
	is(host_user_flushes, 2, "two pages flushed");
	is(host_poke(addr, 3), HOST_ACCERR, "a write is refused");
	is(host_peek(addr), 1, "the contents stay");
	mark();
	is(do_mprotect(mm, addr, 2 * PAGE_SIZE, RW), 0, "and back");
	is(host_user_flushes, 0, "rights are raised without a flush");
	is(host_poke(addr, 4), HOST_OK, "a write works");
	is(DELTA(pgfault), DELTA(spurious), "at most the old translation is in the way");
	is(DELTA(cow_copies), 0, "and without a copy");
	is(do_mprotect(mm, addr, PAGE_SIZE, PROT_NONE), 0, "mprotect to nothing");
	is(host_peek(addr), -1 - HOST_ACCERR, "a read is refused");
	audit_is_content(mm);
	is(do_mprotect(mm, addr, PAGE_SIZE, PROT_READ), 0, "back to readable");
	mark();
	is(host_peek(addr), 4, "the contents stayed");
	is(DELTA(pgfault), 0, "in the table");
	is(do_mprotect(mm, addr, PAGE_SIZE, PROT_NONE), 0, "mprotect to nothing again");
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* ---- fork -------------------------------------------------------------------------- */

static void test_fork(void)
{
	struct mm_struct *parent = start_mm(), *child;
	unsigned long addr = map(20, RW, ANON, NULL), shared, i, wrong = 0, pfn;

	shared = map(3, RW, MAP_SHARED | MAP_ANONYMOUS, NULL);
	for (i = 0; i < 10; i++)
		host_poke(addr + i * PAGE_SIZE, (u8)(100 + i));
	host_peek(addr + 15 * PAGE_SIZE);
	host_poke(shared, 77);
	mark();
	child = dup_mm(parent);
	ok(child, "fork");
	is(TLB(flush_mm), 1, "one flush of the parent");
	is(TLB(cr3_loads), 1, "that is one CR3 load");
	is(DELTA(cow_copies) + DELTA(anon_new), 0, "no page copied");
	is(child->rss[MM_ANONPAGES], 10, "rss of the child");
	for (i = 0; i < 10; i++) {
		pfn = pfn_at(parent, addr + i * PAGE_SIZE);
		wrong += pfn != pfn_at(child, addr + i * PAGE_SIZE) ||
			 is_writable(parent, addr + i * PAGE_SIZE) ||
			 is_writable(child, addr + i * PAGE_SIZE) ||
			 page_mapcount(pfn_to_page(pfn)) != 2;
	}
	is(wrong, 0, "all pages: one frame, mapped twice, read-only in both");
	is(pfn_at(child, addr + 15 * PAGE_SIZE), zero_pfn, "the zero page is there too");
	audit_is_content(parent, child);

	host_switch_mm(child);
	mark();
	is(host_poke(addr, 1), HOST_OK, "the child writes");
	is(DELTA(cow_copies), 1, "one copy");
	is(host_user_flushes, 1, "one flush");
	is(host_peek(addr), 1, "it sees its byte");
	is(host_peek(shared), 77, "and what is shared");
	host_poke(shared, 78);
	audit_is_content(parent, child);
	host_switch_mm(parent);
	mark();
	is(host_peek(addr), 100, "the parent still has its own");
	is(host_poke(addr, 2), HOST_OK, "the parent writes");
	is(DELTA(cow_copies), 0, "no copy");
	is(DELTA(cow_reuses), 1, "the last owner keeps the page");
	is(host_peek(shared), 78, "the shared page shows the child's store");
	host_poke(addr + 5 * PAGE_SIZE, 9);
	host_switch_mm(child);
	is(host_peek(addr + 5 * PAGE_SIZE), 105, "the child keeps what the parent changes");
	audit_is_content(parent, child);
	mark();
	end_mm(child);
	is(TLB(flush_mm), 1, "exit of what is in CR3: one flush");
	is(host_user_flushes, 0, "and none a page");
	host_switch_mm(parent);
	audit_is_content(parent);
	mark();
	host_poke(addr + 7 * PAGE_SIZE, 3);
	is(DELTA(cow_reuses), 1, "after the child's end the parent reuses");
	end_mm(parent);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* A child that never ran, and one that somebody else's tables are loaded for. */
static void test_exit_elsewhere(void)
{
	struct mm_struct *parent = start_mm(), *child;
	unsigned long addr = map(4, RW, ANON, NULL);

	host_poke(addr, 1);
	child = dup_mm(parent);
	mark();
	mmput(child);
	is(TLB(flush_mm) + host_user_flushes, 0, "exit of what is not in CR3: no flush");
	mmgrab(parent);
	end_mm(parent);
	is(parent->mm_count, 1, "a borrower keeps the descriptor");
	is(parent->nr_ptes, 0, "but no tables");
	mmdrop(parent);
	ok(at_baseline(&base), "exit: everything is as before");
}

static void test_fork_flags(void)
{
	struct mm_struct *parent = start_mm(), *child;
	unsigned long kept = map(2, RW, ANON, NULL), wiped, left;

	wiped = map(2, RW, ANON, NULL);
	left = map(2, RW, ANON, NULL);
	is(sys_madvise(wiped, 2 * PAGE_SIZE, MADV_WIPEONFORK), 0, "wipe on fork");
	is(sys_madvise(left, 2 * PAGE_SIZE, MADV_DONTFORK), 0, "no fork");
	host_poke(kept, 1);
	host_poke(wiped, 2);
	host_poke(left, 3);
	child = dup_mm(parent);
	host_switch_mm(child);
	is(host_peek(kept), 1, "an ordinary region is there");
	is(host_peek(wiped), 0, "one to be wiped is empty");
	is(host_peek(left), -1 - HOST_MAPERR, "one not to be copied is not");
	is(child->total_vm, 4, "total_vm of the child");
	audit_is_content(parent, child);
	end_mm(child);
	host_switch_mm(parent);
	is(host_peek(wiped), 2, "the parent has all");
	end_mm(parent);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* ---- files ------------------------------------------------------------------------- */

static void test_file(void)
{
	struct file *f = host_file(40, 3);
	struct mm_struct *mm = start_mm(), *child;
	unsigned long addr = map(64, RW, ANON, NULL) & -(16 * PAGE_SIZE), i, wrong = 0, pfn;
	struct page *page;

	addr = do_mmap(f, addr, 44 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_FIXED, 0, MAY);

	mark();
	is(host_peek(addr), 3, "the first page of a file");
	is(f->reads, 1, "read once");
	is(DELTA(file_maps), 1, "and mapped");
	ok(!is_writable(mm, addr), "read-only, since private");
	for (i = 0; i < 40; i++) {
		BUG_ON(read_mapping_page(&f->mapping, i, &page));
		put_page(page);
	}
	mark();
	for (i = 0; i < 40; i++)
		wrong += host_peek(addr + i * PAGE_SIZE) != (u8)((i + 1) * 3);
	is(wrong, 0, "all pages are right");
	is(host_user_faults, 3, "three faults for 39 cached pages: their neighbours came along");
	is(DELTA(fault_around) + DELTA(file_maps), 39, "39 entries");
	is(mm->rss[MM_FILEPAGES], 40, "rss");
	is(host_peek(addr + 40 * PAGE_SIZE), -1 - HOST_SIGBUS, "behind the end: SIGBUS");
	audit_is_content(mm);

	pfn = pfn_at(mm, addr + PAGE_SIZE);
	mark();
	is(host_poke(addr + PAGE_SIZE, 200), HOST_OK, "a private write to a mapped page");
	is(DELTA(cow_copies), 1, "is a copy");
	ok(pfn != pfn_at(mm, addr + PAGE_SIZE), "in another frame");
	is(host_peek(addr + PAGE_SIZE + 1), 6, "with the old contents");
	ok(mm->rss[MM_FILEPAGES] == 39 && mm->rss[MM_ANONPAGES] == 1, "rss moved");
	child = dup_mm(mm);
	is(child->rss[MM_ANONPAGES] + child->rss[MM_FILEPAGES], 40,
	   "fork copies the entries of a region with private pages");
	audit_is_content(mm, child);
	end_mm(child);
	is(sys_madvise(addr, 44 * PAGE_SIZE, MADV_DONTNEED), 0, "MADV_DONTNEED");
	is(host_peek(addr + PAGE_SIZE), 6, "shows the file again");
	is(do_munmap(mm, addr, 44 * PAGE_SIZE), 0, "munmap");

	addr = map(4, RW, MAP_PRIVATE, f);
	mark();
	is(host_poke(addr, 1), HOST_OK, "a private write first");
	is(host_user_faults, 1, "is one fault");
	is(DELTA(cow_copies), 1, "one copy");
	is(DELTA(file_maps), 0, "and no mapping of the cache's page");
	is(mm->rss[MM_FILEPAGES], 0, "rss");

	addr = map(4, RW, MAP_SHARED, f);
	mark();
	is(host_poke(addr + 2 * PAGE_SIZE, 99), HOST_OK, "a shared write");
	is(host_user_faults, 1, "is one fault");
	page = find_get_page(&f->mapping, 2);
	ok(pfn_at(mm, addr + 2 * PAGE_SIZE) == page_to_pfn(page) && PageDirty(page),
	   "into the cache's page, which is dirty");
	put_page(page);
	child = dup_mm(mm);
	host_switch_mm(child);
	is(child->rss[MM_FILEPAGES], 0, "fork leaves to faults what the cache has");
	is(host_peek(addr + 2 * PAGE_SIZE), 99, "the child sees it");
	audit_is_content(mm, child);
	end_mm(child);
	host_switch_mm(mm);
	end_mm(mm);
	is(f->count, 1, "no region holds the file any more");
	fput(f);
	ok(at_baseline(&base), "everything is as before");
}

static void test_file_errors(void)
{
	struct file *f = host_file(4, 1);
	struct mm_struct *mm = start_mm();
	unsigned long addr = map(4, PROT_READ, MAP_PRIVATE, f);

	f->fail = -EIO;
	is(host_peek(addr), -1 - HOST_SIGBUS, "a page that cannot be read: SIGBUS");
	is(f->mapping.nrpages, 0, "and is not cached");
	f->fail = -ENOMEM;
	is(host_peek(addr), -1 - HOST_OOM, "no memory to read it");
	f->fail = 0;
	is(host_peek(addr), 1, "later it works");
	end_mm(mm);
	fput(f);
	ok(at_baseline(&base), "everything is as before");
}

/* ---- the stack --------------------------------------------------------------------- */

static void test_stack(void)
{
	struct mm_struct *mm = start_mm();
	struct vm_area_struct *stack;
	unsigned long top = TASK_SIZE, below, addr;

	current->rlim[RLIMIT_STACK].cur = 256 * PAGE_SIZE;
	stack = setup_stack_vma(mm, top);
	ok(stack && stack->vm_end == top && vma_pages(stack) == 1, "a stack of one page");
	is(host_poke(top - 8, 1), HOST_OK, "its top");
	is(host_poke(top - 100 * PAGE_SIZE, 1), HOST_OK, "grows 99 pages in one jump");
	is(vma_pages(stack), 100, "to 100 pages");
	is(mm->rss[MM_ANONPAGES], 2, "of which two are there");
	is(host_poke(top - 256 * PAGE_SIZE, 1), HOST_OK, "up to the limit");
	is(host_poke(top - 257 * PAGE_SIZE, 1), HOST_MAPERR, "and no further");
	current->rlim[RLIMIT_STACK].cur = 2048 * PAGE_SIZE;
	is(host_poke(top - 257 * PAGE_SIZE, 1), HOST_OK, "the limit is read at the fault");
	below = stack->vm_start - STACK_GUARD_GAP - 10 * PAGE_SIZE;
	addr = do_mmap(NULL, below, PAGE_SIZE, RW, ANON | MAP_FIXED, 0, MAY);
	is(addr, below, "a region below the guard gap");
	is(host_poke(below + PAGE_SIZE + STACK_GUARD_GAP, 1), HOST_OK, "grows down to the gap");
	is(host_poke(below + STACK_GUARD_GAP, 1), HOST_MAPERR, "not into it");
	is(do_munmap(mm, below, PAGE_SIZE), 0, "without the neighbour");
	current->rlim[RLIMIT_AS].cur = (mm->total_vm + 5) * PAGE_SIZE;
	is(host_poke(stack->vm_start - 6 * PAGE_SIZE, 1), HOST_MAPERR, "RLIMIT_AS counts");
	is(host_poke(stack->vm_start - 5 * PAGE_SIZE, 1), HOST_OK, "exactly");
	current->rlim[RLIMIT_AS].cur = ~0ul;
	audit_is_content(mm);
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* ---- the kernel's own eyes --------------------------------------------------------- */

static void test_access(void)
{
	struct mm_struct *mm = start_mm(), *other;
	unsigned long addr = map(3, RW, ANON, NULL), ro = map(1, PROT_READ, ANON, NULL);
	struct page *page;
	char buf[64];

	host_poke(addr + PAGE_SIZE - 1, 'a');
	host_poke(addr + PAGE_SIZE, 'b');
	other = dup_mm(mm);
	is(access_mm(other, addr + PAGE_SIZE - 2, buf, 4, false), 4, "read across a page");
	ok(!memcmp(buf, "\0ab", 4), "what the program has");
	is(access_mm(other, addr + PAGE_SIZE - 1, (void *)"XY", 2, true), 2, "write");
	is(host_peek(addr + PAGE_SIZE), 'b', "copies: the other program keeps its page");
	is(access_mm(other, addr + 3 * PAGE_SIZE - 10, buf, 20, false),
	   ro == addr + 3 * PAGE_SIZE ? 20 : 10, "up to the end of the region");
	is(access_mm(other, ro, (void *)"XY", 2, true), 0, "not into a read-only region");
	down_read(&other->mmap_sem);
	page = get_user_page(other, addr, false);
	ok(page, "a page with a reference");
	up_read(&other->mmap_sem);
	end_mm(other);
	is(page_count(page), 1, "survives the address space");
	put_page(page);
	audit_is_content(mm);
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* ---- no memory --------------------------------------------------------------------- */

static void test_failures(void)
{
	struct mm_struct *mm = start_mm(), *child = NULL;
	unsigned long addr = map(2048, RW, ANON, NULL), i, n, forks = 0, bad = 0;
	struct mm_struct *const mms[] = { mm };
	struct baseline here;

	for (i = 0; i < 2048; i += 300)
		host_poke(addr + i * PAGE_SIZE, (u8)i);
	take_baseline(&here);
	for (n = 1; !child; n++) {
		alloc_fail_arm(n, 1000);
		child = dup_mm(mm);
		alloc_fail_arm(0, 0);
		if (child)
			break;
		forks++;
		bad += !at_baseline(&here) || audit(mms, 1) || host_peek(addr) < 0;
	}
	ok(forks >= 4, "fork failed at each of its %lu allocations", forks);
	is(bad, 0, "and left nothing behind");
	mmput(child);
	ok(at_baseline(&here), "the child that worked went");
	for (n = 1; n < 10; n++) {
		alloc_fail_arm(n, 1000);
		i = host_poke(addr + 2047 * PAGE_SIZE, 1);
		alloc_fail_arm(0, 0);
		if (i == HOST_OK)
			break;
		bad += i != HOST_OOM || audit(mms, 1) != NULL;
	}
	ok(n > 1 && n < 10, "a fault failed %lu times", n - 1);
	is(bad, 0, "with the right answer");
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* Real shortage: memory is filled until a fault cannot be served. */
static void test_exhaustion(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long addr = map(1 << 15, RW, ANON | MAP_NORESERVE, NULL), i;
	struct mm_struct *const mms[] = { mm };
	const char *wrong;
	int result;

	for (i = 0; i < 1 << 15; i++) {
		result = host_poke(addr + i * PAGE_SIZE, 1);
		if (result != HOST_OK)
			break;
	}
	is(result, HOST_OOM, "memory is full after %lu pages", i);
	wrong = audit(mms, 1);
	ok(!wrong, "audit: %s", wrong ? wrong : "fine");
	ok(nr_free_pages() > 0, "the reserve is untouched: %lu pages", nr_free_pages());
	is(host_peek(addr + 5 * PAGE_SIZE), 1, "what is there works");
	end_mm(mm);
	ok(at_baseline(&base), "exit: everything is as before");
}

/* ---- who has to go ----------------------------------------------------------------- */

static unsigned int victims(struct task_struct *const *tasks, unsigned int n)
{
	unsigned int i, mask = 0;

	for (i = 0; i < n; i++) {
		mask |= !!(tasks[i]->flags & PF_OOM_VICTIM) << i;
		tasks[i]->flags &= ~PF_OOM_VICTIM;
	}
	return mask;
}

static void nobody_else(void)
{
}

static void test_oom(void)
{
	static struct task_struct init, small, big, thread, idle;
	struct task_struct *const tasks[] = { &init, &small, &big, &thread, &idle };
	struct task_struct *old = host_current;
	struct mm_struct mm[3] = {
		{ .rss = { 0, 900 } }, { .rss = { 0, 10 } }, { .rss = { 20, 80 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tasks); i++) {
		tasks[i]->pid = (int)i + 1;
		list_add_tail(&tasks[i]->tasks, &init_task.tasks);
	}
	init.mm = &mm[0];
	small.mm = &mm[1];
	big.mm = thread.mm = &mm[2];
	host_schedule = nobody_else;
	host_current = &small;
	pagefault_out_of_memory();
	is(host_signal, SIGKILL, "out of memory: somebody is killed");
	is(big.flags & thread.flags & PF_OOM_VICTIM, PF_OOM_VICTIM, "who has most, and all of it");
	host_signal = 0;
	pagefault_out_of_memory();
	is(host_signal, 0, "while they end nobody else is");
	is(victims(tasks, 5), 0xc, "those two only, never pid 1");
	thread.mm = NULL;
	host_current = &big;
	pagefault_out_of_memory();
	ok(host_signal == SIGKILL && host_signalled == &big, "who asks can be the one");
	is(victims(tasks, 5), 0x4, "alone");
	big.flags = PF_FIRST_PROGRAM;
	pagefault_out_of_memory();
	is(victims(tasks, 5), 0x2, "not the first program, though it has most");
	small.flags = 0;
	small.mm = NULL;
	pagefault_out_of_memory();
	is(victims(tasks, 5), 0x4, "unless nobody else is left");
	small.mm = &mm[1];
	big.flags = 0;
	thread.mm = &mm[0];
	pagefault_out_of_memory();
	is(victims(tasks, 5), 0x8, "a child that shares init's memory goes, init stays");
	big.mm = small.mm = thread.mm = NULL;
	host_current = &init;
	pagefault_out_of_memory();
	ok(host_signalled == &init, "if there is nobody else, whoever it is");
	victims(tasks, 5);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		list_del(&tasks[i]->tasks);
	host_schedule = NULL;
	host_current = old;
}

int main(void)
{
	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_read();
	test_write();
	test_protection();
	test_fork();
	test_exit_elsewhere();
	test_fork_flags();
	test_file();
	test_file_errors();
	test_stack();
	test_access();
	test_failures();
	test_exhaustion();
	test_oom();
	return done();
}
