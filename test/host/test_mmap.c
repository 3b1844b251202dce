/* SPDX-License-Identifier: MIT */
/*
 * One program's mmap, munmap, mprotect, brk, madvise and mincore: the error table of
 * Linux, limits to the page, and random operations against the model of model.h.
 */
#include "one_mm.h"
#include <asm-generic/resource.h>
#include <linux/capability.h>

/* ---- errors ------------------------------------------------------------------------ */

static void test_mmap_errors(void)
{
	const unsigned long any = PAGES(3), all = TASK_SIZE;
	struct mm_struct *mm = start_mm();
	struct vm_area_struct *vma;
	struct file *f = host_file(8, 1), *ro = host_file(8, 2), *dir = host_file(1, 3);
	unsigned long addr, at = MODEL_BASE, i;
	const struct {
		unsigned long addr, len, prot, flags;
		long fd;
		unsigned long pgoff;
		long result;
		const char *what;
	} table[] = {
		{ 0, any, RW, MAP_ANONYMOUS, -1, 0, -EINVAL, "neither SHARED nor PRIVATE" },
		{ 0, any, RW, MAP_ANONYMOUS | 3, -1, 0, -EINVAL, "anonymous SHARED_VALIDATE" },
		{ 0, any, RW, MAP_ANONYMOUS | 4, -1, 0, -EINVAL, "an unknown map type" },
		{ 0, 0, RW, ANON, -1, 0, -EINVAL, "length 0" },
		{ 0, ~0ul, RW, ANON, -1, 0, -ENOMEM, "a length that wraps" },
		{ 0, all + 1, PROT_NONE, ANON, -1, 0, -ENOMEM, "more than the user half" },
		{ 0, all, PROT_NONE, ANON, -1, 0, -ENOMEM, "all of it, without the lowest page" },
		{ at + 1, any, RW, ANON | MAP_FIXED, -1, 0, -EINVAL, "FIXED unaligned" },
		{ all, any, RW, ANON | MAP_FIXED, -1, 0, -ENOMEM, "FIXED behind the user half" },
		{ all - PAGE_SIZE, any, RW, ANON | MAP_FIXED, -1, 0, -ENOMEM, "FIXED across its end" },
		{ -PAGE_SIZE, any, RW, ANON | MAP_FIXED, -1, 0, -ENOMEM, "FIXED at the top" },
		{ 0, any, RW, MAP_PRIVATE, 3, 0, -EBADF, "no such descriptor" },
		{ 0, 0, RW, MAP_PRIVATE, 0, 0, -EINVAL, "length 0 of a file" },
		{ 0, any, RW, MAP_SHARED, 1, 0, -EACCES, "SHARED and writable, but the file is not" },
		{ 0, any, RW, MAP_PRIVATE, 2, 0, -ENODEV, "what cannot be mapped" },
		{ 0, any, RW, 3 | 0x800000, 0, 0, -EOPNOTSUPP, "SHARED_VALIDATE, unknown flag" },
		{ 0, any, RW, MAP_PRIVATE, 0, -2ul, -EOVERFLOW, "offset + length wraps" },
		{ 0, any, RW, ANON, -1, -2ul, -EOVERFLOW, "also if nobody wants the offset" },
		{ 0, any, RW, ANON | MAP_SHARED | MAP_GROWSDOWN, -1, 0, -EINVAL, "3 and GROWSDOWN" },
		{ 0, any, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0, -EINVAL,
		  "a shared stack" },
		{ 0, any, RW, MAP_PRIVATE | MAP_GROWSDOWN, 0, 0, -EINVAL, "a stack in a file" },
	};

	host_fd[0] = f;
	host_fd[1] = ro;
	host_fd[2] = dir;
	ro->writable = false;
	dir->unmappable = true;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		is(sys_mmap_pgoff(table[i].addr, table[i].len, table[i].prot, table[i].flags,
				  table[i].fd, table[i].pgoff), table[i].result, "%s",
		   table[i].what);
	is(mm->map_count, 0, "nothing was mapped");
	is(sys_mmap(0, any, RW, MAP_PRIVATE, 0, 5), -EINVAL, "an unaligned offset");
	addr = sys_mmap_pgoff(0, any, RW, MAP_SHARED | 0x10000000, 0, 0);
	ok(!IS_ERR_VALUE(addr), "plain SHARED ignores an unknown flag");
	addr = sys_mmap_pgoff(0, any, RW, MAP_PRIVATE, 0, 100);
	ok(!IS_ERR_VALUE(addr), "an offset beyond the end can be mapped");
	is(host_peek(addr), -1 - HOST_SIGBUS, "the touch is SIGBUS");
	is(host_poke(addr, 1), HOST_SIGBUS, "a write too");
	addr = sys_mmap_pgoff(0, any, PROT_READ, MAP_SHARED, 1, 0);
	ok(!IS_ERR_VALUE(addr), "a read-only shared map of a read-only file");
	is(sys_mprotect(addr, PAGE_SIZE, RW), -EACCES, "cannot be made writable later");
	is(sys_mprotect(addr, PAGE_SIZE, PROT_NONE), 0, "but less");
	is(sys_munmap(addr, any), 0, "munmap");
	addr = sys_mmap_pgoff(0, any, PROT_READ, MAP_PRIVATE, 1, 0);
	is(sys_mprotect(addr, PAGE_SIZE, RW), 0, "a private one can");
	is(host_poke(addr, 9), HOST_OK, "and be written to");
	is(sys_munmap(addr, any), 0, "munmap");

	is(map_at(at, 4, RW, ANON | MAP_FIXED), at, "FIXED");
	host_poke(at + PAGES(1), 7);
	is((long)map_at(at + PAGES(3), 4, RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST,
	   "FIXED_NOREPLACE on a page that is taken");
	is(host_peek(at + PAGES(1)), 7, "the old map survives");
	is(map_at(at + PAGES(4), 4, PROT_READ, ANON | MAP_FIXED_NOREPLACE), at + PAGES(4),
	   "and beside it");
	is(map_at(at + PAGES(1), 1, RW, ANON | MAP_FIXED), at + PAGES(1), "FIXED replaces");
	is(host_peek(at + PAGES(1)), 0, "by new memory");
	addr = map_at(at + PAGES(2), 1, RW, ANON);
	ok(addr != at + PAGES(2) && !IS_ERR_VALUE(addr), "a taken hint moves");
	is(map_at(at + PAGES(20) + 123, 1, RW, ANON), at + PAGES(20), "a free one is rounded down");
	is(map_at(all - PAGE_SIZE, 1, RW, ANON | MAP_FIXED), all - PAGE_SIZE, "the last page");
	is(host_poke(all - 1, 5), HOST_OK, "can be used");
	is((long)map_at(0, 1, RW, ANON | MAP_FIXED), -EPERM, "the first is no place for everybody");
	current->cap_effective = 1ull << CAP_SYS_RAWIO;
	is(map_at(0, 1, RW, ANON | MAP_FIXED), 0, "root may have it");
	current->cap_effective = 0;
	is(host_poke(0, 6), HOST_OK, "if somebody insists");
	vma = find_vma(mm, 0);
	ok(vma && vma->vm_start == 0, "it is a region like others");
	is(sys_munmap(0, PAGE_SIZE), 0, "and goes like others");
	is(ro->count + dir->count, 2, "no region holds the other files");
	host_fd[0] = host_fd[1] = host_fd[2] = NULL;
	fput(ro);
	fput(dir);
	end_mm(mm, f, "mmap");
}

static void test_munmap_errors(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE;

	is(sys_munmap(at + 1, PAGE_SIZE), -EINVAL, "munmap unaligned");
	is(sys_munmap(at, 0), -EINVAL, "length 0");
	is(sys_munmap(at, ~0ul), -EINVAL, "a length that wraps");
	is(sys_munmap(at, TASK_SIZE - at + 1), -EINVAL, "beyond the end of the user half");
	is(sys_munmap(at, TASK_SIZE - at), 0, "up to it");
	is(sys_munmap(TASK_SIZE, PAGE_SIZE), -EINVAL, "behind it");
	is(sys_munmap(-PAGE_SIZE, PAGE_SIZE), -EINVAL, "at the top");
	is(sys_munmap(at, PAGES(10)), 0, "a hole is no error");
	map_at(at, 10, RW, ANON | MAP_FIXED);
	is(sys_munmap(at + PAGES(3), 1), 0, "one byte is a page");
	is(mm->map_count, 2, "two regions are left");
	is(mm->total_vm, 9, "of nine pages");
	is(sys_munmap(0, TASK_SIZE), 0, "everything at once");
	is(mm->map_count, 0, "nothing is left");
	end_mm(mm, NULL, "munmap");
}

static void test_mprotect_errors(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE;

	map_at(at, 4, RW, ANON | MAP_FIXED);
	map_at(at + PAGES(6), 4, RW, ANON | MAP_FIXED);
	is(sys_mprotect(at + 1, PAGE_SIZE, RW), -EINVAL, "mprotect unaligned");
	is(sys_mprotect(at, PAGE_SIZE, 0x40), -EINVAL, "unknown bits");
	is(sys_mprotect(at, PAGE_SIZE, RW | PROT_GROWSDOWN), -EINVAL, "GROWSDOWN, no stack");
	is(sys_mprotect(at, PAGE_SIZE, RW | PROT_GROWSUP), -EINVAL, "GROWSUP");
	is(sys_mprotect(at, PAGE_SIZE, RW | PROT_GROWSDOWN | PROT_GROWSUP), -EINVAL, "both");
	is(sys_mprotect(at, 0, PROT_NONE), 0, "length 0 is nothing");
	is(sys_mprotect(at, ~0ul, RW), -ENOMEM, "a length that wraps");
	is(sys_mprotect(at, -at, RW), -ENOMEM, "one that reaches 0");
	is(sys_mprotect(TASK_SIZE, PAGE_SIZE, RW), -ENOMEM, "behind the user half");
	is(sys_mprotect(at + PAGES(4), PAGE_SIZE, RW), -ENOMEM, "a hole");
	is(sys_mprotect(at + PAGES(5), PAGES(2), PROT_READ), -ENOMEM, "that starts in a hole");
	is(host_poke(at + PAGES(6), 1), HOST_OK, "does nothing");
	is(sys_mprotect(at + PAGES(2), PAGES(6), PROT_READ), -ENOMEM, "across a hole");
	is(host_poke(at + PAGES(1), 1), HOST_OK, "what was before is as it was");
	is(host_poke(at + PAGES(3), 1), HOST_ACCERR, "what came before the hole is done");
	is(host_poke(at + PAGES(6), 1), HOST_OK, "what comes behind is not");
	is(sys_mprotect(at + PAGES(2), PAGES(2), RW), 0, "and back");
	is(mm->map_count, 2, "the regions are one again");
	is(sys_mprotect(at, PAGE_SIZE, PROT_WRITE), 0, "WRITE alone");
	is(host_peek(at), 0, "can be read");
	is(sys_mprotect(at, PAGE_SIZE, PROT_EXEC), 0, "EXEC alone");
	is(host_peek(at), 0, "too");
	end_mm(mm, NULL, "mprotect");
}

static void test_madvise_errors(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE;
	struct file *f = host_file(8, 1);
	unsigned long addr;

	map_at(at, 4, RW, ANON | MAP_FIXED);
	map_at(at + PAGES(6), 4, RW, ANON | MAP_FIXED);
	is(sys_madvise(at + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL, "madvise unaligned");
	is(sys_madvise(at, PAGE_SIZE, 4711), -EINVAL, "unknown advice");
	is(sys_madvise(at, ~0ul, MADV_DONTNEED), -EINVAL, "a length that wraps");
	is(sys_madvise(at, -at, MADV_DONTNEED), -EINVAL, "one that reaches 0");
	is(sys_madvise(at, 0, MADV_DONTNEED), 0, "length 0 is nothing");
	is(sys_madvise(TASK_SIZE, PAGE_SIZE, MADV_DONTNEED), -ENOMEM, "behind the user half");
	is(sys_madvise(at + PAGES(4), PAGE_SIZE, MADV_DONTNEED), -ENOMEM, "a hole");
	host_poke(at + PAGES(3), 1);
	host_poke(at + PAGES(6), 2);
	is(sys_madvise(at, PAGES(8), MADV_DONTNEED), -ENOMEM, "across a hole");
	ok(host_peek(at + PAGES(3)) == 0 && host_peek(at + PAGES(6)) == 0,
	   "everything that is there is done");
	host_poke(at, 3);
	is(sys_madvise(at, PAGE_SIZE, MADV_NORMAL), 0, "NORMAL");
	is(sys_madvise(at, PAGE_SIZE, MADV_RANDOM), 0, "RANDOM");
	is(mm->map_count, 3, "makes it a region of its own");
	is(sys_madvise(at, PAGE_SIZE, MADV_NORMAL), 0, "NORMAL again");
	is(mm->map_count, 2, "joins it with its neighbour");
	is(host_peek(at), 3, "contents stay");
	addr = do_mmap(f, 0, PAGES(4), RW, MAP_SHARED, 0, MODEL_MAY);
	host_poke(addr, 77);
	is(sys_madvise(addr, PAGES(4), MADV_DONTNEED), 0, "DONTNEED of a shared map");
	is(host_peek(addr), 77, "changes nothing");
	is(sys_madvise(addr, PAGES(4), MADV_WIPEONFORK), -EINVAL, "WIPEONFORK of a file");
	is(sys_madvise(addr, PAGES(4), MADV_FREE), -EINVAL, "FREE of a file");
	end_mm(mm, f, "madvise");
}

static void test_mincore(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE, vec = at + PAGES(100), addr;
	unsigned char *out = (unsigned char *)vec, seen[4];
	struct file *f = host_file(8, 1);
	struct page *page;

	map_at(vec, 1, RW, ANON | MAP_FIXED);
	map_at(at, 4, RW, ANON | MAP_FIXED);
	is(sys_mincore(at + 1, PAGE_SIZE, out), -EINVAL, "mincore unaligned");
	is(sys_mincore(TASK_SIZE, PAGE_SIZE, out), -ENOMEM, "behind the user half");
	is(sys_mincore(at, ~0ul, out), -ENOMEM, "a length that wraps");
	is(sys_mincore(at, PAGE_SIZE, (unsigned char *)TASK_SIZE), -EFAULT, "a bad vector");
	is(sys_mincore(at, PAGE_SIZE, (unsigned char *)at + PAGES(50)), -EFAULT, "an unmapped one");
	is(sys_mincore(at, PAGES(5), out), -ENOMEM, "a hole");
	is(sys_mincore(at, 0, out), 0, "length 0");
	host_peek(at);
	host_poke(at + PAGES(1), 1);
	host_poke(at + PAGES(2), 1);
	sys_mprotect(at + PAGES(2), PAGE_SIZE, PROT_NONE);
	is(sys_mincore(at, PAGES(3) + 1, out), 0, "four pages, the last in part");
	host_read(vec, seen, 4);
	ok(seen[0] == 1 && seen[1] == 1 && seen[2] == 1 && seen[3] == 0,
	   "read, written, inaccessible: 1; untouched: 0");
	addr = do_mmap(f, 0, PAGES(2), PROT_READ, MAP_SHARED, 0, MODEL_MAY);
	BUG_ON(read_mapping_page(&f->mapping, 1, &page));
	put_page(page);
	is(sys_mincore(addr, PAGES(2), out), 0, "a file");
	host_read(vec, seen, 2);
	ok(seen[0] == 0 && seen[1] == 1, "pages count if cached, whoever read them");
	end_mm(mm, f, "mincore");
}

/* ---- limits ------------------------------------------------------------------------ */

static void test_limits(void)
{
	const unsigned long ram = zones[ZONE_DMA].managed_pages + zones[ZONE_NORMAL].managed_pages +
				  zones[ZONE_HIGHMEM].managed_pages;
	struct rlimit_k *rlim = current->rlim;
	struct mm_struct *mm = start_mm();
	struct file *f = host_file(8, 1);
	unsigned long at = MODEL_BASE, addr;

	rlim[RLIMIT_AS].cur = PAGES(10) + 1;
	is((long)map_at(at, 11, PROT_NONE, ANON | MAP_FIXED), -ENOMEM, "RLIMIT_AS: a page too many");
	is(map_at(at, 10, PROT_NONE, ANON | MAP_FIXED), at, "exactly; PROT_NONE counts");
	is((long)map_at(0, 1, RW, ANON), -ENOMEM, "no page more");
	is(map_at(at + PAGES(2), 8, RW, ANON | MAP_FIXED), at + PAGES(2), "what is replaced is free");
	is((long)map_at(at + PAGES(3), 8, RW, ANON | MAP_FIXED), -ENOMEM, "one page of it is not");
	is(host_poke(at + PAGES(3), 1), HOST_OK, "and nothing was replaced");
	rlim[RLIMIT_AS].cur = ~0ul;
	is(sys_munmap(at, PAGES(10)), 0, "munmap");

	rlim[RLIMIT_DATA].cur = PAGES(10);
	is((long)map_at(at, 11, RW, ANON | MAP_FIXED), -ENOMEM, "RLIMIT_DATA: a page too many");
	is(map_at(at, 8, RW, ANON | MAP_FIXED), at, "eight");
	is(map_at(at + PAGES(8), 8, PROT_READ, ANON | MAP_FIXED), at + PAGES(8), "read-only is free");
	is(sys_mprotect(at + PAGES(8), PAGES(3), RW), -ENOMEM, "and counts when it becomes writable");
	rlim[RLIMIT_AS].cur = 0;
	is(sys_mprotect(at + PAGES(8), PAGES(3), RW), 0, "unless RLIMIT_AS is passed already");
	is(sys_mprotect(at + PAGES(8), PAGES(3), PROT_READ), 0, "back");
	rlim[RLIMIT_AS].cur = ~0ul;
	is(sys_mprotect(at + PAGES(8), PAGES(2), RW), 0, "up to the limit");
	is(mm->data_vm, 10, "ten pages of data");
	mm->start_brk = mm->brk = at + PAGES(100);
	is(sys_brk(at + PAGES(101)), at + PAGES(100), "the break counts with them");
	rlim[RLIMIT_DATA].cur = PAGES(11);
	is(sys_brk(at + PAGES(101)), at + PAGES(101), "up to the limit");
	addr = map_at(0, 64, RW, MAP_SHARED | MAP_ANONYMOUS);
	ok(!IS_ERR_VALUE(addr), "shared memory does not");
	rlim[RLIMIT_DATA].cur = ~0ul;

	is((long)map_at(0, ram + 1, RW, ANON), -ENOMEM, "more than RAM");
	is((long)map_at(0, ram + 1, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM, "shared, too");
	addr = map_at(0, ram + 1, RW, ANON | MAP_NORESERVE);
	ok(!IS_ERR_VALUE(addr), "with NORESERVE");
	addr = map_at(0, ram + 1, PROT_NONE, ANON);
	ok(!IS_ERR_VALUE(addr), "or PROT_NONE");
	is(sys_mprotect(addr, PAGES(ram + 1), RW), -ENOMEM, "which cannot become writable");
	addr = do_mmap(f, 0, PAGES(ram + 1), RW, MAP_SHARED, 0, MODEL_MAY);
	ok(!IS_ERR_VALUE(addr), "a shared file can be as large as it likes");
	end_mm(mm, f, "limits");
}

static void test_brk(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE + 123;

	mm->start_brk = mm->brk = at;
	is(sys_brk(0), at, "brk(0) says where the break is");
	is(sys_brk(at - 1), at, "not below its start");
	is(sys_brk(~0ul), at, "not to the top");
	is(sys_brk(-PAGE_SIZE), at, "nor near it");
	is(sys_brk(TASK_SIZE + 1), at, "nor out of the user half");
	is(sys_brk(at + 10), at + 10, "byte-exact");
	is(mm->total_vm, 0, "which needs no page within the last one");
	is(sys_brk(at + PAGES(5)), at + PAGES(5), "five pages");
	is(mm->total_vm, 5, "they are there");
	is(host_poke(at + PAGES(5) - 1, 1), HOST_OK, "up to the last byte");
	is(sys_brk(at + PAGES(2)), at + PAGES(2), "back");
	is(mm->total_vm, 2, "unmaps");
	is(sys_brk(at + PAGES(5)), at + PAGES(5), "forth");
	is(host_peek(at + PAGES(5) - 1), 0, "is zero");
	map_at(MODEL_BASE + PAGES(9), 1, RW, ANON | MAP_FIXED);
	is(sys_brk(at + PAGES(8)), at + PAGES(5), "stopped by what lies above");
	is(sys_brk(at + PAGES(7)), at + PAGES(7), "a page before it");
	is(sys_brk(at), at, "all of it away");
	is(mm->total_vm, 1, "nothing is left");
	end_mm(mm, NULL, "brk");
}

static unsigned long check_failed;

static void still_sound(struct mm_struct *mm, int count, const char *what)
{
	const char *wrong = vma_check(mm);

	check_failed += wrong != NULL;
	ok(!wrong && mm->map_count == count, "%s changes nothing%s%s", what, wrong ? ": " : "",
	   wrong ? wrong : "");
}

/* As many regions as there may be. */
static void test_map_count(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = MODEL_BASE, i, bad = 0;
	int full = sysctl_max_map_count;

	map_at(at, 8, RW, ANON | MAP_FIXED);
	at += PAGES(16);
	for (i = 0; mm->map_count < full; i++)
		bad += map_at(at + PAGES(2 * i), 1, RW, ANON | MAP_FIXED) != at + PAGES(2 * i);
	is(bad, 0, "%lu regions", i + 1);
	is((long)map_at(at + PAGES(2 * i), 1, RW, ANON | MAP_FIXED), -ENOMEM, "no more of them");
	still_sound(mm, full, "that");
	is((long)map_at(at + PAGES(1), 1, PROT_READ, ANON), -ENOMEM, "nor by a hint");
	is(map_at(at + PAGES(2), 1, PROT_READ, ANON | MAP_FIXED), at + PAGES(2),
	   "but one that replaces a region");
	still_sound(mm, full, "the number");
	host_poke(MODEL_BASE + PAGES(3), 3);
	is((long)map_at(MODEL_BASE + PAGES(2), 2, PROT_READ, ANON | MAP_FIXED), -ENOMEM,
	   "one that cuts a region in two");
	is(host_peek(MODEL_BASE + PAGES(3)), 3, "leaves it alone");
	still_sound(mm, full, "that");
	is(sys_munmap(MODEL_BASE + PAGES(2), PAGE_SIZE), -ENOMEM, "munmap that cuts a region");
	is(host_peek(MODEL_BASE + PAGES(3)), 3, "leaves it alone");
	is(sys_mprotect(MODEL_BASE + PAGES(2), PAGE_SIZE, PROT_READ), -ENOMEM, "mprotect in the middle");
	is(sys_mprotect(MODEL_BASE, PAGE_SIZE, PROT_READ), -ENOMEM, "mprotect at the start");
	is(sys_madvise(MODEL_BASE, PAGE_SIZE, MADV_RANDOM), -EAGAIN, "madvise");
	still_sound(mm, full, "all that");
	is(sys_munmap(MODEL_BASE, PAGES(2)), 0, "munmap at an end");
	is(sys_mprotect(MODEL_BASE + PAGES(2), PAGES(6), PROT_READ), 0, "mprotect of a whole region");
	is(sys_mprotect(MODEL_BASE + PAGES(2), PAGES(6), RW), 0, "and back");
	is(host_peek(MODEL_BASE + PAGES(3)), 3, "work");
	is(sys_munmap(at + PAGES(4), PAGE_SIZE), 0, "with one less");
	is(sys_mprotect(MODEL_BASE + PAGES(2), PAGE_SIZE, PROT_READ), 0, "there is room for a border");
	still_sound(mm, full, "as many as before: that");
	is(sys_munmap(0, TASK_SIZE), 0, "all at once");
	end_mm(mm, NULL, "map count");
}

/* ---- stacks ------------------------------------------------------------------------ */

static void test_stacks(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long top = MODEL_BASE + PAGES(2000), low;

	current->rlim[RLIMIT_STACK].cur = PAGES(1024);
	is(map_at(top - PAGES(16), 16, RW, ANON | MAP_FIXED | MAP_GROWSDOWN), top - PAGES(16),
	   "a stack by mmap");
	is(host_poke(top - PAGES(20), 1), HOST_OK, "grows");
	is(map_at(top - PAGES(10), 4, PROT_READ, ANON | MAP_FIXED), top - PAGES(10),
	   "FIXED in its middle");
	is(mm->map_count, 3, "makes three regions");
	is(host_poke(top - PAGES(30), 2), HOST_OK, "the lower part still grows");
	is(host_poke(top - PAGES(8), 1), HOST_ACCERR, "the new region is no stack");
	is(host_poke(top - PAGES(1), 1), HOST_OK, "the upper part is one");
	is(sys_munmap(top - PAGES(10), PAGES(4)), 0, "the middle goes");
	is(host_poke(top - PAGES(7), 4), HOST_OK, "the upper part grows into the hole");
	is(host_poke(top - PAGES(10), 4), HOST_OK, "to the lower part");
	is(host_peek(top - PAGES(20)), 1, "whose contents stay");
	is(sys_munmap(top - PAGES(1000), PAGES(1000)), 0, "all of it goes");
	is(host_poke(top - PAGES(1), 1), HOST_MAPERR, "and grows no more");
	is(mm->map_count, 0, "nothing is left");

	/* At the bottom: no stack reaches the pages that catch null pointers. */
	low = PAGES(64);
	is(map_at(low, 4, RW, ANON | MAP_FIXED | MAP_GROWSDOWN), low, "a stack far down");
	is(host_poke(PAGES(16), 1), HOST_OK, "grows to 64 KiB");
	is(host_poke(PAGES(16) - 1, 1), HOST_MAPERR, "and no further");
	is(host_poke(0, 1), HOST_MAPERR, "least of all to 0");
	is(sys_munmap(0, PAGES(100)), 0, "it goes");

	/* The gap below a stack is not free for others, but for who insists. */
	is(map_at(top - PAGES(4), 4, RW, ANON | MAP_FIXED | MAP_GROWSDOWN), top - PAGES(4), "a stack");
	ok(map_at(top - PAGES(100), 4, RW, ANON) != top - PAGES(100), "a hint in its gap moves");
	is(map_at(top - PAGES(100), 4, RW, ANON | MAP_FIXED), top - PAGES(100), "FIXED does not");
	is(host_poke(top - PAGES(5), 1), HOST_MAPERR, "then it cannot grow: too near");
	is(sys_mprotect(top - PAGES(100), PAGES(4), PROT_NONE), 0, "to an inaccessible one");
	is(host_poke(top - PAGES(5), 1), HOST_OK, "it may");
	is(host_poke(top - PAGES(96), 1), HOST_OK, "down to its end");
	is(host_poke(top - PAGES(97), 1), HOST_ACCERR, "not into it");
	is(sys_mprotect(top - PAGES(3), PAGE_SIZE, PROT_READ | PROT_GROWSDOWN), 0,
	   "mprotect with GROWSDOWN");
	is(host_poke(top - PAGES(96), 1), HOST_ACCERR, "goes down to its start");
	is(host_poke(top - PAGES(1), 1), HOST_OK, "not up");
	current->rlim[RLIMIT_STACK].cur = ~0ul;
	end_mm(mm, NULL, "stacks");
}

/* ---- large regions ----------------------------------------------------------------- */

/* Most of the user half: offsets and sizes that do not fit a signed word under two levels. */
static void test_huge(void)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = 1ul << 20, len = (TASK_SIZE - at) & -(16ul << 20);
	unsigned long cut = len - (1ul << 20);
	struct file *f = host_file(8, 1);
	struct vm_area_struct *vma;

	is(do_mmap(NULL, at, len, RW, ANON | MAP_FIXED | MAP_NORESERVE, 0, MODEL_MAY), at,
	   "a region of nearly all the user half");
	is(host_poke(at, 1), HOST_OK, "its first page");
	is(host_poke(at + len - 1, 2), HOST_OK, "its last");
	is(mm->rss[MM_ANONPAGES], 2, "that is all");
	is(sys_munmap(at, cut), 0, "nearly all of it goes");
	vma = find_vma(mm, at);
	ok(vma && vma->vm_start == at + cut && vma->vm_pgoff == vma->vm_start >> PAGE_SHIFT,
	   "the rest knows where it is");
	is(mm->total_vm, (len - cut) >> PAGE_SHIFT, "total_vm");
	is(host_peek(at + len - 1), 2, "the last page is there");
	is(do_mmap(NULL, at, cut, RW, ANON | MAP_FIXED | MAP_NORESERVE, 0, MODEL_MAY), at, "again");
	is(mm->map_count, 1, "joins what is left");
	is(find_vma(mm, at)->vm_pgoff, at >> PAGE_SHIFT, "at the right offset");
	is(sys_mprotect(at, cut, PROT_NONE), 0, "mprotect of it");
	is(sys_mprotect(at, cut, RW), 0, "and back");
	is(mm->map_count, 1, "is one region");
	is(sys_munmap(at, len), 0, "munmap");
	is(do_mmap(f, at, len, PROT_READ, MAP_SHARED | MAP_FIXED, 0, MODEL_MAY), at, "a file");
	is(sys_munmap(at, cut), 0, "nearly all of it goes");
	is(find_vma(mm, at)->vm_pgoff, cut >> PAGE_SHIFT, "its offset");
	end_mm(mm, f, "huge");
}

/* ---- at random --------------------------------------------------------------------- */

static struct model_proc one;
static unsigned long brk_moves;

static void random_brk(bool failing)
{
	unsigned long to = one.mm->start_brk + model_random(200 * PAGE_SIZE);
	unsigned long old = one.mm->brk, got;
	unsigned int first = (unsigned int)((PAGE_ALIGN(old) - MODEL_BASE) >> PAGE_SHIFT);
	unsigned int end = (unsigned int)((PAGE_ALIGN(to) - MODEL_BASE) >> PAGE_SHIFT);
	bool possible = end <= first || model_is_free(&one, first, end + 1 - first);

	model_arm(failing);
	got = (unsigned long)sys_brk(to);
	if (model_injected(got == old && possible ? -ENOMEM : 0))
		return;
	if (got != (possible ? to : old))
		model_differs("brk from %#lx to %#lx: %#lx", old, to, got);
	if (!possible)
		return;
	brk_moves++;
	if (end < first)
		model_unmap(&one, end, first - end);
	else
		model_map(&one, first, end - first, M_ANON, RW, NULL, 0, false);
}

static void random_mincore(unsigned long vec)
{
	unsigned char seen[MODEL_PAGES];
	unsigned int first, n, i;
	long err;

	model_range(&first, &n);
	n = min(n, 600u);
	err = sys_mincore(model_addr(first), n * PAGE_SIZE, (unsigned char *)vec);
	if (err != (model_is_mapped(&one, first, n) ? 0 : -ENOMEM))
		model_differs("mincore of [%u, %u): %ld", first, first + n, err);
	if (err)
		return;
	host_read(vec, seen, n);
	for (i = 0; i < n; i++) {
		struct model_page *p = &one.page[first + i];

		if (seen[i] != (p->own || (p->obj ? p->obj->cached[p->index] : p->touched)))
			model_differs("mincore of page %u (kind %u): %u", first + i, p->kind, seen[i]);
	}
}

static void random_step(unsigned long vec)
{
	bool failing = model_random(4) == 0;

	switch (model_random(16)) {
	case 0: case 1: case 2:
		model_op_mmap(&one, failing);
		break;
	case 3: case 4:
		model_op_munmap(&one, failing);
		break;
	case 5: case 6: case 7:
		model_op_mprotect(&one, failing);
		break;
	case 8:
		model_op_dontneed(&one);
		break;
	case 9:
		random_brk(failing);
		break;
	case 10:
		random_mincore(vec);
		break;
	case 11:
		model_op_hint(&one);
		break;
	case 12:
		model_op_foreign(&one);
		if (model_random(8) == 0) {
			drop_page_cache();
			model_recount_cache();
		}
		break;
	default:
		model_op_access(&one, failing);
	}
}

static void test_random(u32 seed, unsigned int steps)
{
	struct model_proc *const procs[] = { &one };
	unsigned long vec, old_failures = model_failures;
	unsigned int i;

	model_seed = seed;
	memset(&one, 0, sizeof(one));
	one.mm = start_mm();
	model_open_files();
	vec = map_at(TASK_SIZE - PAGES(8), 4, RW, ANON | MAP_FIXED | MAP_NORESERVE | MAP_GROWSDOWN);
	BUG_ON(IS_ERR_VALUE(vec));
	one.extra = 1;
	one.mm->start_brk = one.mm->brk = model_addr(1100) + 99;
	for (i = 0; i < steps && !model_wrong; i++) {
		random_step(vec);
		if (i % 8 == 0 || model_wrong)
			model_check(procs, 1);
	}
	is(model_wrong, 0, "%u random operations: %lu failed allocations, %lu moves of the break", i,
	   model_failures - old_failures, brk_moves);
	model_unmap(&one, 0, MODEL_PAGES);
	ok(!do_munmap(one.mm, 0, TASK_SIZE), "everything unmapped");
	model_close_files();
	end_mm(one.mm, NULL, "random");
	is(model_wrong, 0, "at the end, too");
}

int main(int argc, char **argv)
{
	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_mmap_errors();
	test_munmap_errors();
	test_mprotect_errors();
	test_madvise_errors();
	test_mincore();
	test_limits();
	test_brk();
	test_map_count();
	test_stacks();
	test_huge();
	test_random(argc > 1 ? (u32)atoi(argv[1]) : 1,
		    argc > 2 ? (unsigned int)atoi(argv[2]) : 4000);
	return done();
}
