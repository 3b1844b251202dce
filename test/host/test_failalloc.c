/* SPDX-License-Identifier: MIT */
/*
 * Memory that fails: for each kind of work the n-th allocation of pages or slab objects
 * fails for every n until none does, once alone and once with all that follow.  Afterwards
 * books and tables agree, what must be unchanged is, the same work succeeds, and at the end
 * nothing is left behind.  Every site that asked for memory (alloc_sites.h) has been refused.
 */
#include "tap.h"
#include "model_ops.h"
#include "alloc_sites.h"

#define PAGES(n)	((unsigned long)(n) * PAGE_SIZE)
#define AT		MODEL_BASE
#define AWAY		(MODEL_BASE + PAGES(1500))

static struct baseline base;
static struct mm_struct *mm, *child;
static struct file *file;
static struct page *pages[40];
static void *area;

/* One kind of work: 0 or -ENOMEM.  prepare and undo have all the memory they want. */
struct work {
	const char *name;
	void (*prepare)(void);
	long (*act)(void);
	void (*undo)(void);		/* after success */
	bool atomic;			/* a failure leaves regions and pages as they were */
};

static unsigned long map_at(unsigned long addr, unsigned long n, unsigned long prot)
{
	return do_mmap(NULL, addr, PAGES(n), prot, ANON | MAP_FIXED, 0, MODEL_MAY);
}

static void some_memory(void)
{
	unsigned int i;

	map_at(AT, 1200, RW);
	for (i = 0; i < 1200; i += 100)
		host_poke(AT + PAGES(i), (u8)i);
	do_mmap(file, AT + PAGES(1300), PAGES(16), RW, MAP_PRIVATE | MAP_FIXED, 0, MODEL_MAY);
	host_poke(AT + PAGES(1301), 9);
}

/* ---- fork, exec -------------------------------------------------------------------- */

static long act_fork(void)
{
	child = dup_mm(mm);
	return child ? 0 : -ENOMEM;
}

static void undo_fork(void)
{
	mmput(child);
}

/* What exec does: a new address space, arguments on its stack, segments, bss and heap. */
static long act_exec(void)
{
	char args[3000] = "argument";
	unsigned long addr;
	long err = -ENOMEM;

	child = mm_alloc();
	if (!child)
		return -ENOMEM;
	current->mm = child;
	if (!setup_stack_vma(child, TASK_SIZE))
		goto out;
	if (access_mm(child, TASK_SIZE - 6000, args, sizeof(args), true) != sizeof(args))
		goto out;
	addr = do_mmap(file, AT, PAGES(4), PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, 0,
		       MODEL_MAY);
	err = IS_ERR_VALUE(addr) ? (long)addr : 0;
	if (!err) {
		addr = do_mmap(file, AT + PAGES(4), PAGES(2), RW, MAP_PRIVATE | MAP_FIXED, 4,
			       MODEL_MAY);
		err = IS_ERR_VALUE(addr) ? (long)addr : 0;
	}
	if (!err)
		err = vm_brk_flags(child, AT + PAGES(6), PAGES(3), 0);
	if (!err && access_mm(child, AT + PAGES(5), args, 100, true) != 100)
		err = -ENOMEM;
out:
	current->mm = mm;
	if (!err)
		return 0;
	mmput(child);
	return err;
}

/* ---- regions ----------------------------------------------------------------------- */

static long act_mmap(void)
{
	unsigned long a = map_at(AWAY, 4, RW), b, c;

	if (IS_ERR_VALUE(a))
		return (long)a;
	b = do_mmap(file, AWAY + PAGES(4), PAGES(4), PROT_READ, MAP_SHARED | MAP_FIXED, 0,
		    MODEL_MAY);
	c = IS_ERR_VALUE(b) ? b : do_mmap(NULL, AWAY + PAGES(8), PAGES(4), RW,
					  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, 0, MODEL_MAY);
	if (IS_ERR_VALUE(c))
		do_munmap(mm, AWAY, PAGES(12));
	return IS_ERR_VALUE(c) ? (long)c : 0;
}

static void undo_mmap(void)
{
	do_munmap(mm, AWAY, PAGES(12));
}

static long act_munmap(void)
{
	return do_munmap(mm, AT + PAGES(100), PAGES(100));
}

static void undo_munmap(void)
{
	map_at(AT + PAGES(100), 100, RW);
	host_poke(AT + PAGES(100), 100);
}

static long act_mprotect(void)
{
	return do_mprotect(mm, AT + PAGES(100), PAGES(100), PROT_READ);
}

static void undo_mprotect(void)
{
	do_mprotect(mm, AT + PAGES(100), PAGES(100), RW);
}

static long act_mremap(void)
{
	long to = sys_mremap(AT + PAGES(100), PAGES(1000), PAGES(1000),
			     MREMAP_MAYMOVE | MREMAP_FIXED, AWAY);

	return to == (long)AWAY ? 0 : to;
}

static void undo_mremap(void)
{
	sys_mremap(AWAY, PAGES(1000), PAGES(1000), MREMAP_MAYMOVE | MREMAP_FIXED, AT + PAGES(100));
}

static long act_dup(void)
{
	long to = sys_mremap(AT, PAGES(50), PAGES(50),
			     MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
			     AWAY);

	return to == (long)AWAY ? 0 : to;
}

static void undo_dup(void)
{
	do_munmap(mm, AT, PAGES(50));
	sys_mremap(AWAY, PAGES(50), PAGES(50), MREMAP_MAYMOVE | MREMAP_FIXED, AT);
}

/* ---- faults ------------------------------------------------------------------------ */

static long touch(unsigned long addr, bool write)
{
	u8 byte = 1;
	enum host_result r = write ? host_write(addr, &byte, 1) : host_read(addr, &byte, 1);

	return r == HOST_OK ? 0 : r == HOST_OOM ? -ENOMEM : -EFAULT;
}

static void nothing(void)
{
}

static void new_region(void)
{
	map_at(AWAY, 600, RW);
}

static void drop_region(void)
{
	do_munmap(mm, AWAY, PAGES(600));
}

static long act_anon(void)
{
	return touch(AWAY + PAGES(3), true);
}

static long act_zero_page(void)
{
	long err = touch(AWAY + PAGES(3), false);

	return err ? err : touch(AWAY + PAGES(3), true);
}

static void fork_first(void)
{
	new_region();
	host_poke(AWAY, 5);
	child = dup_mm(mm);
}

static long act_cow(void)
{
	return touch(AWAY, true);
}

static void undo_cow(void)
{
	mmput(child);
	drop_region();
}

static void file_region(void)
{
	drop_page_cache();
	do_mmap(file, AWAY, PAGES(16), RW, MAP_PRIVATE | MAP_FIXED, 70, MODEL_MAY);
}

static long act_file_fault(void)
{
	return touch(AWAY + PAGES(5), false);
}

static long act_file_cow(void)
{
	return touch(AWAY + PAGES(5), true);
}

static long act_grow_stack(void)
{
	return touch(TASK_SIZE - PAGES(30), true);
}

static void new_stack(void)
{
	setup_stack_vma(mm, TASK_SIZE);
}

static void drop_stack(void)
{
	do_munmap(mm, TASK_SIZE - PAGES(100), PAGES(100));
}

/* ---- the rest ---------------------------------------------------------------------- */

static void drop_cache(void)
{
	truncate_pages(&file->mapping, 40, ~0ul);
}

static long act_cache(void)
{
	struct page *page;
	int err = grab_cache_page(&file->mapping, 65, &page);

	if (!err)
		put_page(page);
	return err;
}

/* Truncate needs no memory: it must succeed with none at all. */
static long act_truncate(void)
{
	truncate_pages(&file->mapping, 40, ~0ul);
	return 0;
}

static void fill_cache(void)
{
	unsigned int i;

	for (i = 40; i < 60; i++) {
		BUG_ON(grab_cache_page(&file->mapping, i, &pages[0]));
		put_page(pages[0]);
	}
}

static long act_vmalloc(void)
{
	area = vmalloc(PAGES(20));
	return area ? 0 : -ENOMEM;
}

static void undo_vmalloc(void)
{
	vfree(area);
	vm_unmap_aliases();
}

static long act_mlock(void)
{
	return sys_mlock(AWAY + PAGES(10), PAGES(5));
}

static long act_brk(void)
{
	unsigned long to = mm->start_brk + PAGES(5);

	return (unsigned long)sys_brk(to) == to ? 0 : -ENOMEM;
}

static void undo_brk(void)
{
	sys_brk(mm->start_brk);
}

static long act_kmap(void)
{
	u8 *p;

	if (!pages[0])
		pages[0] = alloc_page(GFP_HIGHUSER);
	if (!pages[0])
		return -ENOMEM;
	p = kmap(pages[0]);
	p[0] = 1;
	kunmap(pages[0]);
	return 0;
}

static void undo_kmap(void)
{
	kmap_flush_unused();
	put_page(pages[0]);
	pages[0] = NULL;
}

static void no_page(void)
{
	pages[0] = NULL;
}

static const struct work works[] = {
	{ "fork", nothing, act_fork, undo_fork, true },
	{ "exec", nothing, act_exec, undo_fork, true },
	{ "mmap", nothing, act_mmap, undo_mmap, true },
	{ "munmap that splits", nothing, act_munmap, undo_munmap, true },
	{ "mprotect that splits", nothing, act_mprotect, undo_mprotect, true },
	{ "mremap that moves", nothing, act_mremap, undo_mremap, true },
	{ "mremap that leaves the region", nothing, act_dup, undo_dup, true },
	{ "fault: first write", new_region, act_anon, drop_region, true },
	{ "fault: zero page, then a write", new_region, act_zero_page, drop_region, false },
	{ "fault: copy on write", fork_first, act_cow, undo_cow, true },
	{ "fault: file", file_region, act_file_fault, drop_region, true },
	{ "fault: private copy of a file", file_region, act_file_cow, drop_region, true },
	{ "fault: stack", new_stack, act_grow_stack, drop_stack, false },
	{ "page cache", drop_cache, act_cache, drop_cache, true },
	{ "truncate", fill_cache, act_truncate, nothing, true },
	{ "vmalloc", nothing, act_vmalloc, undo_vmalloc, true },
	{ "kmap", no_page, act_kmap, undo_kmap, true },
	{ "mlock", new_region, act_mlock, drop_region, false },
	{ "brk", nothing, act_brk, undo_brk, true },
};

/* ---- the runs ---------------------------------------------------------------------- */

static unsigned long kernel_tables;	/* made once, for vmalloc, and kept */

static const char *sound(void)
{
	struct mm_struct *const mms[] = { mm, child };
	const char *wrong;

	nr_page_table_pages -= kernel_tables;
	wrong = audit(mms, child ? 2 : 1);
	nr_page_table_pages += kernel_tables;
	return wrong;
}

/* What a failure must not change. */
struct state {
	int map_count;
	unsigned long total_vm, locked_vm, rss;
	long committed;
};

static struct state state(void)
{
	return (struct state){ mm->map_count, mm->total_vm, mm->locked_vm, mm_rss(mm),
			       vm_committed };
}

/* Every n, with so many failures in a row; how many n there are. */
static unsigned long every_allocation(const struct work *w, unsigned long times)
{
	unsigned long n, failed, silent = 0, wrong = 0, changed = 0, stuck = 0;
	struct state before, after;
	const char *why = NULL;
	long err;

	for (n = 1; n < 500; n++) {
		child = NULL;
		w->prepare();
		/* Objects at hand would hide allocations of slabs, hot pages nothing. */
		objects_in_use();
		before = state();
		alloc_fail_arm(n, times);
		count_sites = true;
		err = w->act();
		count_sites = false;
		failed = alloc_fail.failed;
		alloc_fail_arm(0, 0);
		after = state();
		if (err && child && w->act != act_cow)
			child = NULL;
		if (sound()) {
			why = sound();
			wrong++;
		}
		silent += failed && !err && times > 1 && w->act != act_truncate;
		wrong += !failed && err;
		if (err && w->atomic)
			changed += memcmp(&before, &after, sizeof(before)) != 0;
		if (err)
			stuck += w->act() != 0;
		w->undo();
		if (!failed)
			break;
	}
	ok(!wrong && !silent && !changed && !stuck && n < 500,
	   "%s: %lu allocations, %s: %lu unsound (%s), %lu silent, %lu changed, %lu stuck", w->name, n - 1,
	   times > 1 ? "each with all that follow" : "one by one", wrong, why ? why : "-", silent, changed,
	   stuck);
	return n - 1;
}

/* The sites that these kinds of work reach; each must have been refused. */
static const char *const expected_sites[] = {
	"new_mm", "alloc_table", "copy_region", "vma_alloc", "alloc_anon_slow", "map_private_copy",
	"find_or_add_page", "new_node", "get_vm_area_align", "alloc_frames",
};

static void check_sites(void)
{
	unsigned int i, k, spared = 0;

	for (i = 0; i < nr_sites; i++) {
		diag("%s: asked %lu times, refused %lu times", sites[i].name, sites[i].asked,
		     sites[i].failed);
		if (!sites[i].failed)
			spared++;
	}
	is(spared, 0, "all %u sites that asked have been refused", nr_sites);
	for (i = 0; i < ARRAY_SIZE(expected_sites); i++) {
		for (k = 0; k < nr_sites && strcmp(sites[k].name, expected_sites[i]); k++)
			;
		ok(k < nr_sites, "%s is among them", expected_sites[i]);
	}
}

int main(void)
{
	unsigned int i;

	ok(read_symbols((void *)__alloc_should_fail, "__alloc_should_fail"), "symbols of the program");
	host_boot(&host_small);
	mm_cache_init();
	kernel_tables = nr_page_table_pages;
	act_vmalloc();
	undo_vmalloc();
	kernel_tables = nr_page_table_pages - kernel_tables;
	take_baseline(&base);
	file = host_file(96, 3);
	mm = mm_alloc();
	host_switch_mm(mm);
	mm->start_brk = mm->brk = AT + PAGES(1400);
	some_memory();
	for (i = 0; i < ARRAY_SIZE(works); i++) {
		every_allocation(&works[i], 1);
		every_allocation(&works[i], 1000000);
	}
	check_sites();
	current->mm = NULL;
	mmput(mm);
	fput(file);
	vm_unmap_aliases();
	ok(at_baseline(&base), "nothing is left behind");
	return done();
}
