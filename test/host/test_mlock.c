/* SPDX-License-Identifier: MIT */
/*
 * mlock and its kin: what is locked is there, regions are split and joined, limits and
 * privilege, what locks do to other calls, and the failure of every allocation.
 */
#include "one_mm.h"
#include <asm-generic/resource.h>
#include <linux/capability.h>

#define AT		MODEL_BASE

/* As the system call: with what comes after it. */
static unsigned long sys_map(unsigned long addr, unsigned long pages, unsigned long prot,
			     unsigned long flags)
{
	return (unsigned long)sys_mmap_pgoff(addr, PAGES(pages), prot, flags, -1, 0);
}

static unsigned long present(struct mm_struct *mm, unsigned long addr, unsigned long pages)
{
	unsigned long i, n = 0;

	for (i = 0; i < pages; i++)
		n += host_entry(mm, addr + PAGES(i)) & 1;
	return n;
}

static unsigned long flags_at(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma->vm_flags & VM_LOCK_FLAGS : 1;
}

/* ---- errors and limits ------------------------------------------------------------- */

static void test_errors(void)
{
	struct rlimit_k *limit = &current->rlim[RLIMIT_MEMLOCK];
	struct mm_struct *mm = start_mm();

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	map_at(AT + PAGES(6), 4, RW, ANON | MAP_FIXED);
	is(sys_mlock2(AT, PAGES(4), 2), -EINVAL, "mlock2: an unknown flag");
	is(sys_mlockall(0), -EINVAL, "mlockall: no flag");
	is(sys_mlockall(8), -EINVAL, "an unknown one");
	is(sys_mlockall(MCL_ONFAULT), -EINVAL, "ONFAULT alone");
	is(sys_mlock(AT, -PAGE_SIZE), -EINVAL, "mlock: a length that wraps");
	is(sys_munlock(AT, -PAGE_SIZE), -EINVAL, "munlock: the same");
	is(sys_mlock(AT, ~0ul), 0, "which rounded up is nothing");
	is(sys_mlock(AT, 0), 0, "length 0");
	is(sys_mlock(AT + PAGES(50), 0), 0, "of nothing");
	is(sys_mlock(AT + PAGES(50), 1), -ENOMEM, "nothing there");
	is(mm->locked_vm, 0, "nothing is locked");
	is(sys_mlock(AT + PAGES(2), PAGES(6)), -ENOMEM, "across a hole");
	is(mm->locked_vm, 2, "what came before is locked");
	is(mm->rss[MM_ANONPAGES], 0, "but not read: that was an error");
	is(sys_munlock(AT, PAGES(8)), -ENOMEM, "munlock across a hole");
	is(mm->locked_vm, 0, "has unlocked what came before");
	is(mm->map_count, 2, "and joined it");

	limit->cur = PAGES(4) + 4095;
	is(sys_mlock(AT + 4095, 2), 0, "two bytes are two pages");
	is(mm->locked_vm, 2, "of four");
	is(sys_mlock(AT, PAGES(4)), 0, "what is locked already counts once");
	is(mm->locked_vm, 4, "four");
	is(sys_mlock(AT + PAGES(6), 1), -ENOMEM, "a fifth");
	is(sys_mlock(AT, PAGES(7)), -ENOMEM, "also with the four");
	is(sys_mlockall(MCL_CURRENT), -ENOMEM, "all there is");
	is(sys_mlockall(MCL_FUTURE), 0, "what is to come is not counted yet");
	is((long)sys_map(0, 1, RW, ANON), -EAGAIN, "but then");
	is((long)sys_map(0, 1, RW, ANON | MAP_LOCKED), -EAGAIN, "as with MAP_LOCKED");
	is(sys_munlockall(), 0, "munlockall");
	is(mm->locked_vm, 0, "unlocks all");
	is(mm->def_flags, 0, "of the future, too");
	limit->cur = 0;
	is(sys_mlock(AT, 1), -EPERM, "no right to lock at all");
	is(sys_mlock(AT, 0), -EPERM, "not even nothing");
	is(sys_mlockall(MCL_CURRENT), -EPERM, "mlockall");
	is((long)sys_map(0, 1, RW, ANON | MAP_LOCKED), -EPERM, "MAP_LOCKED");
	is(sys_munlock(AT, PAGES(4)), 0, "munlock wants no right");
	current->cap_effective = 1ull << CAP_IPC_LOCK;
	is(sys_mlock(AT, PAGES(4)), 0, "the privilege");
	is(sys_mlockall(MCL_CURRENT | MCL_FUTURE), 0, "is enough");
	ok(!IS_ERR_VALUE(sys_map(0, 1, RW, ANON)), "for all");
	current->cap_effective = 0;
	limit->cur = ~0ul;
	end_mm(mm, NULL, "errors");
}

static void test_prot_none(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(2, 1);

	map_at(AT, 2, PROT_NONE, ANON | MAP_FIXED);
	is(sys_mlock(AT, PAGES(2)), -ENOMEM, "PROT_NONE cannot be read");
	is(mm->locked_vm, 2, "but is locked");
	map_at(AT + PAGES(2), 2, RW, ANON | MAP_FIXED);
	is(sys_mlock(AT, PAGES(4)), -ENOMEM, "with what follows");
	is(mm->locked_vm, 4, "which is locked");
	is(present(mm, AT, 4), 0, "and not read");
	map_at(AT + PAGES(2), 2, PROT_READ, ANON | MAP_FIXED);
	is(sys_mlock(AT + PAGES(2), PAGES(2)), 0, "read-only memory");
	is(present(mm, AT, 4), 2, "is there");
	is(mm->rss[MM_ANONPAGES], 0, "as the zero page");
	is(sys_mprotect(AT + PAGES(2), PAGES(2), RW), 0, "that becomes writable");
	is(mm->rss[MM_ANONPAGES], 2, "gets its own pages at once");
	map_at(AT + PAGES(8), 2, PROT_WRITE, ANON | MAP_FIXED);
	is(sys_mlock(AT + PAGES(8), PAGES(2)), 0, "write-only memory");
	is(mm->rss[MM_ANONPAGES], 4, "too");
	do_mmap(f, AT + PAGES(16), PAGES(4), PROT_READ, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY);
	is(sys_mlock(AT + PAGES(16), PAGES(4)), -ENOMEM, "a file that ends too soon");
	is(present(mm, AT + PAGES(16), 4), 2, "what there is, is there");
	end_mm(mm, f, "rights");
}

/* ---- fix-up (Gorman 5.4.10) -------------------------------------------------------- */

static void test_fixup(void)
{
	const struct {
		unsigned int first, n;
		int regions;
		const char *what;
	} parts[] = {
		{ 0, 8, 1, "whole" }, { 0, 3, 2, "start" }, { 2, 3, 3, "middle" }, { 5, 3, 2, "end" },
	};
	struct mm_struct *mm = start_mm();
	unsigned int i, page, wrong;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		map_at(AT, 8, RW, ANON | MAP_FIXED);
		is(sys_mlock(AT + PAGES(parts[i].first), PAGES(parts[i].n)), 0, "%s", parts[i].what);
		is(mm->map_count, parts[i].regions, "regions");
		is(mm->locked_vm, parts[i].n, "locked pages");
		is(mm->rss[MM_ANONPAGES], parts[i].n, "pages that are there");
		for (page = wrong = 0; page < 8; page++)
			wrong += (flags_at(mm, AT + PAGES(page)) == VM_LOCKED) !=
				 (page >= parts[i].first && page < parts[i].first + parts[i].n);
		is(wrong, 0, "pages with a wrong flag");
		is(sys_munlock(AT, PAGES(8)), 0, "munlock");
		is(mm->map_count, 1, "one region again");
		is(mm->locked_vm, 0, "nothing locked");
		is(mm->rss[MM_ANONPAGES], parts[i].n, "pages stay");
		sound(mm, parts[i].what);
		sys_munmap(AT, PAGES(8));
	}
	map_at(AT, 8, RW, ANON | MAP_FIXED);
	sys_mlock(AT, PAGES(8));
	is(sys_munlock(AT + PAGES(3), PAGES(2)), 0, "munlock in the middle");
	is(mm->map_count, 3, "three regions");
	is(sys_munmap(AT + PAGES(6), PAGES(1)), 0, "munmap of a locked page");
	is(mm->locked_vm, 5, "five locked pages are left");
	end_mm(mm, NULL, "fix-up");
}

static void test_onfault(void)
{
	struct mm_struct *mm = start_mm();

	map_at(AT, 8, RW, ANON | MAP_FIXED);
	is(sys_mlock2(AT, PAGES(8), MLOCK_ONFAULT), 0, "ONFAULT");
	is(flags_at(mm, AT), VM_LOCKED | VM_LOCKONFAULT, "has its flag");
	is(mm->locked_vm, 8, "counts");
	is(present(mm, AT, 8), 0, "reads nothing");
	host_poke(AT, 1);
	is(sys_mlock(AT, PAGES(4)), 0, "mlock of a part");
	is(flags_at(mm, AT), VM_LOCKED, "takes the flag away");
	is(present(mm, AT, 8), 4, "and reads that part");
	is(mm->locked_vm, 8, "it counts once");
	is(sys_mlock2(AT, PAGES(4), MLOCK_ONFAULT), 0, "and back");
	is(mm->map_count, 1, "is one region");
	is(mm->locked_vm, 8, "eight pages");
	end_mm(mm, NULL, "ONFAULT");
}

static void test_all(void)
{
	struct mm_struct *mm = start_mm(), *child;
	unsigned long addr;

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	map_at(AT + PAGES(4), 4, PROT_NONE, ANON | MAP_FIXED);
	map_at(AT + PAGES(8), 4, PROT_READ, ANON | MAP_FIXED);
	is(sys_mlockall(MCL_CURRENT), 0, "mlockall(CURRENT) passes over what it cannot read");
	is(mm->locked_vm, 12, "everything is locked");
	is(present(mm, AT, 12), 8, "and there, but for PROT_NONE");
	addr = sys_map(0, 4, RW, ANON);
	is(flags_at(mm, addr), 0, "what comes later is not");
	is(sys_mlockall(MCL_FUTURE), 0, "mlockall(FUTURE)");
	is(flags_at(mm, AT), VM_LOCKED, "leaves what there is");
	is(flags_at(mm, addr), 0, "as it is");
	addr = sys_map(AT + PAGES(20), 4, RW, ANON | MAP_FIXED);
	is(present(mm, addr, 4), 4, "a new map is locked");
	is(sys_map(AT + PAGES(30), 4, PROT_NONE, ANON | MAP_FIXED), AT + PAGES(30), "PROT_NONE");
	is(sys_mprotect(AT + PAGES(30), PAGES(4), RW), 0, "that becomes writable");
	is(present(mm, AT + PAGES(30), 4), 4, "is there then");
	is(sys_mremap(addr, PAGES(4), PAGES(6), 0, 0), addr, "what grows");
	is(present(mm, addr, 6), 6, "is there");
	mm->start_brk = mm->brk = AT + PAGES(100) + 5;
	is(sys_brk(AT + PAGES(103)), AT + PAGES(103), "so is the heap");
	is(present(mm, AT + PAGES(101), 2), 2, "when it grows");
	current->rlim[RLIMIT_STACK].cur = PAGES(1000);
	map_at(AT + PAGES(900), 4, RW, ANON | MAP_FIXED | MAP_GROWSDOWN);
	is(host_poke(AT + PAGES(890), 1), HOST_OK, "a stack grows");
	is(flags_at(mm, AT + PAGES(895)), VM_LOCKED, "locked");
	current->rlim[RLIMIT_MEMLOCK].cur = PAGES(mm->locked_vm + 3);
	is(host_poke(AT + PAGES(886), 1), HOST_MAPERR, "not beyond RLIMIT_MEMLOCK");
	is(host_poke(AT + PAGES(887), 1), HOST_OK, "but up to it");
	is(sys_brk(AT + PAGES(104)), AT + PAGES(103), "then the heap does not");
	current->rlim[RLIMIT_STACK].cur = current->rlim[RLIMIT_MEMLOCK].cur = ~0ul;

	child = dup_mm(mm);
	is(child->locked_vm, 0, "a child has nothing locked");
	is(child->def_flags, 0, "and will not have");
	is(flags_at(child, AT), 0, "by any region");
	ok(!vma_check(child), "its counts agree");
	mmput(child);
	host_poke(AT, 1);
	is(sys_mlockall(MCL_CURRENT | MCL_ONFAULT), 0, "CURRENT and ONFAULT");
	is(flags_at(mm, AT), VM_LOCKED | VM_LOCKONFAULT, "for all");
	is(mm->def_flags, 0, "and FUTURE is over");
	is(sys_mlockall(MCL_FUTURE | MCL_ONFAULT), 0, "FUTURE and ONFAULT");
	addr = sys_map(AT + PAGES(40), 4, RW, ANON | MAP_FIXED);
	is(flags_at(mm, addr), VM_LOCKED | VM_LOCKONFAULT, "for what comes");
	is(present(mm, addr, 4), 0, "which is not read");
	is(sys_munlockall(), 0, "munlockall");
	is(mm->locked_vm, 0, "all unlocked");
	end_mm(mm, NULL, "all");
}

/* ---- other calls ------------------------------------------------------------------- */

static void test_others(void)
{
	struct mm_struct *mm = start_mm(), *child;
	struct vm_area_struct *vma;
	struct file *f = host_file(8, 1);

	is(sys_map(AT, 4, RW, ANON | MAP_FIXED | MAP_LOCKED), AT, "MAP_LOCKED");
	is(present(mm, AT, 4), 4, "is there");
	is(mm->locked_vm, 4, "and locked");
	is(sys_madvise(AT, PAGES(4), MADV_DONTNEED), -EINVAL, "DONTNEED of locked memory");
	is(sys_madvise(AT, PAGES(4), MADV_FREE), -EINVAL, "FREE");
	is(sys_madvise(AT, PAGES(4), MADV_COLD), -EINVAL, "COLD");
	is(sys_madvise(AT, PAGES(4), MADV_PAGEOUT), -EINVAL, "PAGEOUT");
	is(sys_madvise(AT, PAGES(4), MADV_DONTNEED_LOCKED), 0, "DONTNEED_LOCKED");
	is(present(mm, AT, 4), 0, "takes it away");
	is(sys_msync(AT, PAGES(4), MS_INVALIDATE), -EBUSY, "msync(INVALIDATE)");
	is(sys_msync(AT, PAGES(4), MS_SYNC), 0, "msync(SYNC)");
	is(sys_map(AT + PAGES(8), 4, RW, ANON | MAP_FIXED | MAP_POPULATE | MAP_NONBLOCK),
	   AT + PAGES(8), "POPULATE and NONBLOCK");
	is(present(mm, AT + PAGES(8), 4), 0, "is nothing");

	/* What was shared with a child is one's own when it is locked. */
	host_poke(AT + PAGES(8), 1);
	child = dup_mm(mm);
	is(sys_mlock(AT + PAGES(8), PAGES(1)), 0, "a page shared with a child");
	ok(host_entry(mm, AT + PAGES(8)) != host_entry(child, AT + PAGES(8)),
	   "is copied when it is locked");
	mmput(child);

	do_mmap(f, AT + PAGES(16), PAGES(4), RW, MAP_PRIVATE | MAP_FIXED, 0, MODEL_MAY);
	is(sys_mlock(AT + PAGES(16), PAGES(4)), 0, "a private file map");
	is(f->reads, 4, "is read");
	is(mm->rss[MM_FILEPAGES], 0, "and copied");
	do_mmap(f, AT + PAGES(24), PAGES(4), RW, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY);
	is(sys_mlock(AT + PAGES(24), PAGES(4)), 0, "a shared one");
	is(mm->rss[MM_FILEPAGES], 4, "is only mapped");
	vma = find_vma(mm, AT + PAGES(24));
	sys_munlock(AT + PAGES(24), PAGES(4));
	vma->vm_flags |= VM_IO;
	is(sys_mlock(AT + PAGES(24), PAGES(2)), 0, "device memory");
	is(vma->vm_flags & VM_LOCKED, 0, "is not locked");
	ok(vma->vm_end - vma->vm_start == PAGES(4), "nor cut");
	vma->vm_flags &= ~VM_IO;
	end_mm(mm, f, "others");
}

static void test_populate(void)
{
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(2, 1);

	map_at(AT, 4, RW, ANON | MAP_FIXED);
	is(sys_madvise(AT, PAGES(2), MADV_POPULATE_READ), 0, "POPULATE_READ");
	is(mm->rss[MM_ANONPAGES], 0, "maps the zero page");
	is(present(mm, AT, 4), 2, "twice");
	is(sys_madvise(AT, PAGES(4), MADV_POPULATE_WRITE), 0, "POPULATE_WRITE");
	is(mm->rss[MM_ANONPAGES], 4, "makes pages");
	is(sys_madvise(AT, PAGES(5), MADV_POPULATE_READ), -ENOMEM, "across the end");
	map_at(AT, 2, PROT_READ, ANON | MAP_FIXED);
	is(sys_madvise(AT, PAGES(2), MADV_POPULATE_WRITE), -EINVAL, "a write without the right");
	map_at(AT, 2, PROT_NONE, ANON | MAP_FIXED);
	is(sys_madvise(AT, PAGES(2), MADV_POPULATE_READ), -EINVAL, "a read without any");
	do_mmap(f, AT, PAGES(4), PROT_READ, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY);
	is(sys_madvise(AT, PAGES(4), MADV_POPULATE_READ), -EFAULT, "behind the end of a file");
	is(present(mm, AT, 4), 2, "what there is, is there");
	end_mm(mm, f, "populate");
}

/* ---- without memory ---------------------------------------------------------------- */

static long lock_middle(void)
{
	return sys_mlock(AT + PAGES(100), PAGES(300));
}

static long lock_all(void)
{
	return sys_mlock(AT, PAGES(600));
}

/* The n-th allocation fails, for each n; what is locked then is for munlock to undo. */
static void test_failures(long (*call)(void), long last, const char *name)
{
	struct mm_struct *mm;
	unsigned long n, bad = 0, failed;
	long ret;

	for (n = 1;; n++) {
		mm = start_mm();
		map_at(AT, 600, RW, ANON | MAP_FIXED);
		alloc_fail_arm(n, 1000000);
		ret = call();
		failed = alloc_fail.failed;
		alloc_fail_arm(0, 0);
		bad += vma_check(mm) != NULL;
		/* No border without its region: only if that failed nothing is locked. */
		bad += ret == -ENOMEM && (mm->map_count != 1 || mm->locked_vm);
		bad += failed && ret != -ENOMEM && ret != -EAGAIN;
		is(sys_munlockall(), 0, "%s: %lu: munlockall", name, n);
		bad += mm->map_count != 1;
		current->mm = NULL;
		mmput(mm);
		bad += !at_baseline(&base);
		if (!failed)
			break;
		if (n > 40)
			n += 97;
	}
	is(bad, 0, "%s: nothing is left behind", name);
	is(ret, last, "%s: at last it works", name);
}

int main(void)
{
	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_errors();
	test_prot_none();
	test_fixup();
	test_onfault();
	test_all();
	test_others();
	test_populate();
	test_failures(lock_middle, 0, "the middle");
	test_failures(lock_all, 0, "all");
	return done();
}
