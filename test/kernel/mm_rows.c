/* SPDX-License-Identifier: MIT */
/*
 * Rows about address spaces that need no program: what every top-level table shares, what
 * it does not, and what is left of the provisional tables.
 */
#include <asm/kstack.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <test/row.h>

#include "user_knobs.h"
#include "walk.h"

#define ENTRY_BYTES	sizeof(long)
#define TOP_ENTRIES	(PAGE_SIZE / ENTRY_BYTES)
#define KERNEL_FIRST	(sizeof(long) == 8 ? TOP_ENTRIES / 2 : PAGE_OFFSET >> 22)

/*
 * Without Accessed and Dirty: under two levels the entry may be a large page, and the
 * processor sets its bits in the copy that it happened to walk.
 */
static u64 top_entry(u64 table, unsigned long i)
{
	return phys_read(table + i * ENTRY_BYTES, ENTRY_BYTES) & ~0x60ull;
}

/* ---- E4: nothing low is mapped ------------------------------------------------------- */

static void e4_low(struct row *r)
{
	u64 swapper = __pa(swapper_pg_dir);
	unsigned long i, present = 0, entries = 0, va;
	struct rnd rnd;
	int word;

	rnd_seed(&rnd, 4);
	for (i = 0; i < KERNEL_FIRST; i++)
		entries += top_entry(swapper, i) != 0;
	row_eq(r, entries, 0, "top-level entries of the user half");
	for (i = 0; i < 100; i++) {
		va = i < 50 ? i * PAGE_SIZE : (unsigned long)rnd_u64(&rnd) % TASK_SIZE;
		present += walk_from(swapper, va).present;
	}
	row_eq(r, present, 0, "of 100 low addresses mapped");
	row_eq(r, probe_kernel_read(&word, (void *)0, sizeof(word)), (u64)(long)-EFAULT,
	       "result of a kernel read of address 0");
	row_eq(r, probe_kernel_read(&word, (void *)phys_base, sizeof(word)), (u64)(long)-EFAULT,
	       "result of a read of the image at its identity address");
}

/* Again while a program has memory at 64 KiB: it is in its own tables alone. */
void e4_look(struct row *r)
{
	u64 swapper = __pa(swapper_pg_dir);
	unsigned long i, entries = 0;

	for (i = 0; i < KERNEL_FIRST; i++)
		entries += top_entry(swapper, i) != 0;
	row_eq(r, entries, 0, "entries of swapper_pg_dir's user half while a program uses 64 KiB");
	row_ok(r, WALK(0x10000).present, "64 KiB is not mapped in the program's tables");
}

static void e4_low_memory(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "E4", NULL };

	e4_low(r);
	run_user_with_knobs(r, argv);
}
ROW(E4, "identity mapping removed before the first task; address 0 unmapped", e4_low_memory);

/* ---- K13: which paging this is --------------------------------------------------------- */

static void k13_no_pae(struct row *r)
{
	bool two = sizeof(long) == 4;
	struct walk w;
	void *p = vmalloc(PAGE_SIZE);

	if (!row_ok(r, p != NULL, "no memory"))
		return;
	memset(p, 0, PAGE_SIZE);
	w = WALK((unsigned long)p);
	row_eq(r, w.depth, two ? 2 : 4, "levels from CR3 to a 4-KiB page");
	row_eq(r, !!(read_cr4() & X86_CR4_PAE), !two, "CR4.PAE");
	row_eq(r, paging_log.md_tables == 0, two, "no middle table was made");
	row_eq(r, PTRS_PER_PTE, two ? 1024 : 512, "entries in a table");
	/* 10/10/12 or 9/9/9/9/12: the next entry of the same table is the next page. */
	row_eq(r, phys_read(w.table[w.depth - 1] + ((unsigned long)p >> 12) % (two ? 1024 : 512) *
			    (two ? 4 : 8), two ? 4 : 8), w.entry[w.depth - 1],
	       "the entry, found by index arithmetic of this mode");
	row_info(r, two ? "entries of 4 bytes, 10/10/12, CR4.PAE=0; with PAE they would have 8, in three levels"
			: "entries of 8 bytes, 9/9/9/9/12, CR4.PAE=1");
	vfree(p);
}
ROW(K13, "entry size, split and CR4.PAE of this mode", k13_no_pae);

/* ---- M2: a new page directory ---------------------------------------------------------- */

static void m2_new_pgd(struct row *r)
{
	u64 swapper = __pa(swapper_pg_dir), table;
	unsigned long i, tables = nr_page_table_pages, user = 0, differ = 0;
	struct mm_struct *mm = mm_alloc();

	if (!row_ok(r, mm != NULL, "no memory for an mm_struct"))
		return;
	table = __pa(mm->pgd);
	row_eq(r, nr_page_table_pages - tables, 1, "tables of an empty address space");
	for (i = 0; i < TOP_ENTRIES; i++) {
		if (i < KERNEL_FIRST)
			user += top_entry(table, i) != 0;
		else
			differ += top_entry(table, i) != top_entry(swapper, i);
	}
	row_eq(r, user, 0, "entries of the user half in use");
	row_eq(r, differ, 0, "entries of the kernel half that differ from swapper_pg_dir");
	row_eq(r, mm->mm_users, 1, "mm_users");
	row_eq(r, mm->mm_count, 1, "mm_count");
	mmput(mm);
	row_eq(r, nr_page_table_pages, tables, "tables afterwards");
	row_info(r, "%lu user entries empty, %lu kernel entries copied", (unsigned long)KERNEL_FIRST,
		 (unsigned long)(TOP_ENTRIES - KERNEL_FIRST));
}
ROW(M2, "new page directory: kernel part copied, user part empty", m2_new_pgd);

/* ---- M4: init_mm ----------------------------------------------------------------------- */

static void m4_init_mm(struct row *r)
{
	row_ok(r, (char *)&init_mm >= _head && (char *)&init_mm < _end,
	       "init_mm at %p is not in the image", (void *)&init_mm);
	row_eq(r, (unsigned long)init_mm.pgd, (unsigned long)swapper_pg_dir, "init_mm.pgd");
	row_eq(r, init_mm.map_count, 0, "regions of init_mm");
	row_ok(r, !init_mm.mmap && !init_mm.mm_rb.node, "init_mm has a region in its list or tree");
	row_ok(r, init_mm.mm_users > 0 && init_mm.mm_count > 0, "init_mm could be freed");
	row_info(r, "owns swapper_pg_dir, no regions");
}
ROW(M4, "init_mm: static owner of the kernel's tables", m4_init_mm);

/* ---- K14: one kernel part for all ------------------------------------------------------- */

#define K14_SPACES 3

static bool in_vmalloc(unsigned long i)
{
	unsigned long shift = sizeof(long) == 8 ? 39 : 22;
	unsigned long va = sizeof(long) == 8 ? ~0ul << 47 | i << shift : i << shift;
	unsigned long last = va + (1ul << shift) - 1;

	return last >= VMALLOC_START && va < VMALLOC_END;
}

/* Kernel entries that are not swapper's; a vmalloc entry may lag, but not lie. */
static unsigned long foreign_entries(const struct mm_struct *mm, unsigned long *lagging)
{
	u64 swapper = __pa(swapper_pg_dir), table = __pa(mm->pgd), mine, theirs;
	unsigned long i, differ = 0;

	for (i = KERNEL_FIRST; i < TOP_ENTRIES; i++) {
		theirs = top_entry(swapper, i);
		mine = top_entry(table, i);
		if (mine == theirs)
			continue;
		if (sizeof(long) == 4 && !mine && in_vmalloc(i))
			++*lagging;
		else
			differ++;
	}
	return differ;
}

static void k14_compare(struct row *r, struct mm_struct *const *mm, unsigned long *lagging,
			const char *when)
{
	struct task_struct *p;
	unsigned i;

	*lagging = 0;
	for (i = 0; i < K14_SPACES; i++)
		row_eq(r, foreign_entries(mm[i], lagging), 0, "%s: entries that differ from swapper_pg_dir",
		       when);
	for_each_task(p)
		if (p->mm)
			row_eq(r, foreign_entries(p->mm, lagging), 0, "%s: entries of pid %d that differ",
			       when, p->pid);
}

static void k14_change_maps(struct row *r, struct mm_struct *const *mm)
{
	unsigned long lagging, size = 2 * PGTABLE_SPAN;
	void *stack, *area, *device;

	k14_compare(r, mm, &lagging, "as made");
	row_eq(r, lagging, 0, "vmalloc entries that lag behind in new tables");
	stack = kstack_alloc();
	device = ioremap(0xfee00000, PAGE_SIZE);
	k14_compare(r, mm, &lagging, "after a stack and a device were mapped");
	row_eq(r, lagging, 0, "entries that lag behind after that");
	area = vmalloc(size);
	row_ok(r, stack && device && area, "stack %p, device %p, area %p", stack, device, area);
	k14_compare(r, mm, &lagging, "after vmalloc of two table spans");
	if (sizeof(long) == 8)
		row_eq(r, lagging, 0, "vmalloc entries that lag behind: the one entry is preset");
	row_info(r, "%lu address spaces; %lu vmalloc entries not yet learned", nr_mms, lagging);
	vfree(area);
	if (device)
		iounmap(device);
	if (stack)
		kstack_free(stack);
}

/* While processes are alive, those that share pages with their parent and new programs. */
void k14_look(struct row *r)
{
	struct mm_struct *mm[K14_SPACES];
	unsigned i, n;

	for (n = 0; n < K14_SPACES; n++) {
		mm[n] = mm_alloc();
		if (!mm[n])
			break;
	}
	if (row_eq(r, n, K14_SPACES, "address spaces made"))
		k14_change_maps(r, mm);
	for (i = 0; i < n; i++)
		mmput(mm[i]);
}

static void k14_shared(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "K14", NULL };

	run_user_with_knobs(r, argv);
}
ROW(K14, "kernel parts of all page directories are the same", k14_shared);
