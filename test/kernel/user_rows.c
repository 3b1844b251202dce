/* SPDX-License-Identifier: MIT */
/* Rows whose checks are made by user programs: /bin/rows (user/rows) and others. */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <fs/fs.h>
#include <kernel/counters.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "baseline.h"
#include "high.h"
#include "user_knobs.h"
#include "walk.h"

static bool exists(const char *path)
{
	struct dentry *d;

	if (kern_path(path, true, &d))
		return false;
	dput(d);
	return true;
}

/*
 * Programs that were linked with C libraries of Debian; every forbidden thing we know.  The
 * largest ones come from an archive on the stick, which may be another stick than ours;
 * test/boot asserts the number.
 */
static void o3_calls(struct row *r)
{
	static const char *const programs[][3] = {
		{ "/bin/crash", "all", NULL }, { "/bin/hello-musl", NULL },
		{ "/bin/hello-pie", NULL }, { "/bin/hello-glibc", NULL },
	};
	unsigned i, n = 0;

	run_user_row(r, "/bin/rows", "O3");
	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!exists(programs[i][0]))
			continue;
		run_user_plain(r, programs[i], 0);
		n++;
	}
	row_info(r, "%u of %lu programs besides", n, (unsigned long)ARRAY_SIZE(programs));
}
ROW(O3, "system calls of ordinary Linux programs, static musl and glibc among them", o3_calls);

/* ---- anonymous memory ---------------------------------------------------------------- */

USER_ROW(N1, "a read of untouched memory maps the one zero page, read-only", "/bin/rows");

/* baseline.c looks at the zero page after every row; here it is part of what is proven. */
static void n2_first_write(struct row *r)
{
	run_user_row(r, "/bin/rows", "N2");
	row_eq(r, zero_page_dirt(), 0, "words of the zero page that are not zero");
}
ROW(N2, "the first write replaces the zero page by a zeroed frame", n2_first_write);

USER_ROW(N3, "a page that is written first takes one fault", "/bin/rows");
USER_ROW(N5, "fork shares pages until one side writes", "/bin/rows");

/* ---- address spaces ------------------------------------------------------------------ */

USER_ROW(M1, "mm_struct: limits as in the ELF headers, arguments as given", "/bin/rows");
USER_ROW(M5, "fork copies regions and tables, and no page", "/bin/rows");
USER_ROW(M7, "exec replaces the address space", "/bin/rows");
USER_ROW(M12, "no process sees another one's private memory", "/bin/rows");
USER_ROW(F1, "exec maps segments and reads nothing yet; bss, tail and stack", "/bin/rows");

/* Numbers for a program's command line. */
struct row_args {
	const char *argv[64];
	char text[56][24];
	unsigned n;
};

static void args_begin(struct row_args *a, const char *id)
{
	a->n = 0;
	a->argv[0] = "/bin/rows";
	a->argv[1] = id;
	a->argv[2] = NULL;
}

static void args_add(struct row_args *a, unsigned long number)
{
	if (a->n == ARRAY_SIZE(a->text))
		return;
	scnprintf(a->text[a->n], sizeof(a->text[0]), "%#lx", number);
	a->argv[2 + a->n] = a->text[a->n];
	a->argv[2 + ++a->n] = NULL;
}

static struct row_args args;

/* Bits: 1 NX, 2 SMEP, 4 SMAP. */
static unsigned long protections(void)
{
	unsigned long cr4 = read_cr4();

	return (supported_pte_mask & _PAGE_NX ? 1 : 0) | (cr4 & X86_CR4_SMEP ? 2 : 0) |
	       (cr4 & X86_CR4_SMAP ? 4 : 0);
}

static void m13_borders(struct row *r)
{
	args_begin(&args, "M13");
	args_add(&args, TASK_SIZE);
	run_user_argv(r, args.argv);
}
ROW(M13, "the last user page is usable, the next address is refused", m13_borders);

/*
 * No instruction of the entry code loads CR3 (0f 22 /3), so there are no other tables to
 * go to; the program counts what C code does.
 */
static void m10_same_tables(struct row *r)
{
	const u8 *p = (const u8 *)entry_text_start;
	unsigned long loads = 0;

	for (; p + 2 < (const u8 *)entry_text_end; p++)
		loads += p[0] == 0x0f && p[1] == 0x22 && (p[2] & 0xf8) == 0xd8;
	row_eq(r, loads, 0, "instructions of the entry code that load CR3");
	args_begin(&args, "M10");
	run_user_with_knobs(r, args.argv);
}
ROW(M10, "entering the kernel changes no tables; it follows user pointers directly",
    m10_same_tables);

static void v3_learn(struct row *r)
{
	unsigned long lagging;

	drop_empty_vmalloc_tables();
	args_begin(&args, "V3");
	run_user_with_knobs(r, args.argv);
	lagging = drop_empty_vmalloc_tables();
	row_ok(r, sizeof(long) == 8 || lagging, "the area needed no table of its own");
}
ROW(V3, "an older process learns a new vmalloc area by one kernel fault", v3_learn);

/* ---- faults ---------------------------------------------------------------------------- */

static void x1_codes(struct row *r)
{
	args_begin(&args, "X1");
	args_add(&args, (unsigned long)swapper_pg_dir);
	args_add(&args, protections());
	run_user_with_knobs(r, args.argv);
}
ROW(X1, "vector 14: CR2 and error code of every kind of fault", x1_codes);

static void x3_signal(struct row *r)
{
	args_begin(&args, "X3");
	args_add(&args, protections());
	run_user_argv(r, args.argv);
}
ROW(X3, "a bad access in user mode is a SIGSEGV with its address; only that task ends", x3_signal);

/* ---- the kernel half ------------------------------------------------------------------- */

#define K10_ADDRESSES	50

static void k10_add(unsigned long va)
{
	if (args.n <= K10_ADDRESSES && WALK(va).present)
		args_add(&args, va);
}

/* One of each window that has something mapped, the rest from all over the direct map. */
static void k10_addresses(const void *area, const void *slot)
{
	unsigned long pages = max_low_pfn, pfn;
	struct rnd rnd;

	k10_add((unsigned long)swapper_pg_dir);
	k10_add((unsigned long)k10_addresses);
	k10_add((unsigned long)_head);
	k10_add((unsigned long)_end - 1);
	k10_add((unsigned long)&init_mm);
	k10_add((unsigned long)mem_map);
	k10_add((unsigned long)pfn_to_page(max_low_pfn - 1));
	k10_add((unsigned long)current->stack + THREAD_SIZE - 64);
	k10_add((unsigned long)area);
	k10_add((unsigned long)area + PAGE_SIZE + 5);
	k10_add((unsigned long)slot);
	k10_add(fix_to_virt(FIX_WALK));
	k10_add(TRACE_START);
	k10_add(PAGE_OFFSET + PAGE_SIZE);
	k10_add((unsigned long)pfn_to_kaddr(max_low_pfn - 1) + PAGE_SIZE - 1);
	rnd_seed(&rnd, 10);
	while (args.n <= K10_ADDRESSES) {
		pfn = (unsigned long)rnd_u64(&rnd) % pages;
		k10_add((unsigned long)pfn_to_kaddr(pfn) + pfn % PAGE_SIZE);
	}
}

static void k10_privileged(struct row *r)
{
	u8 *area = vmalloc(2 * PAGE_SIZE);
	struct page *page = alloc_page(GFP_HIGHUSER);
	unsigned long i, changed = 0;
	u8 *slot;

	if (!row_ok(r, area && page, "no memory for the row"))
		goto out;
	slot = kmap(page);
	memset(slot, 0xa5, PAGE_SIZE);
	memset(area, 0xa5, 2 * PAGE_SIZE);
	args_begin(&args, "K10");
	args_add(&args, protections());
	trace_set(true);		/* so that the ring is there */
	k10_addresses(area, slot);
	run_user_argv(r, args.argv);
	for (i = 0; i < PAGE_SIZE; i++)
		changed += slot[i] != 0xa5 || area[i] != 0xa5 || area[PAGE_SIZE + i] != 0xa5;
	row_eq(r, changed, 0, "bytes that the program has changed");
	trace_set(false);
	kunmap(page);
out:
	kmap_flush_unused();
	vfree(area);
	if (page)
		__free_page(page);
}
ROW(K10, "kernel pages are privileged: mapped for programs too, and out of reach", k10_privileged);

USER_ROW(K16, "kernel addresses are never filled on a fault, but for vmalloc entries", "/bin/rows");

/* ---- at once, or on demand ------------------------------------------------------------- */

#define P6_PAGES	256

static unsigned long entries_present(const void *p)
{
	unsigned long i, n = 0;

	for (i = 0; i < P6_PAGES; i++)
		n += WALK((unsigned long)p + i * PAGE_SIZE).present;
	return n;
}

static void p6_kernel(struct row *r, u8 *p, const char *what)
{
	unsigned long faults = fault_counters.total, i;

	if (!row_ok(r, p != NULL, "no memory: 1 MiB of %s", what))
		return;
	row_eq(r, entries_present(p), P6_PAGES, "pages of %s present before a touch", what);
	for (i = 0; i < P6_PAGES; i++)
		WRITE_ONCE(p[i * PAGE_SIZE], 1);
	row_eq(r, fault_counters.total - faults, 0, "faults while touching %s", what);
}

static void p6_lazy(struct row *r)
{
	unsigned long block = __get_free_pages(GFP_KERNEL, 8);
	u8 *area = vmalloc(P6_PAGES * PAGE_SIZE);

	p6_kernel(r, (u8 *)block, "the direct map");
	p6_kernel(r, area, "vmalloc");
	vfree(area);
	free_pages(block, 8);
	args_begin(&args, "P6");
	args_add(&args, have_high_memory());
	run_user_argv(r, args.argv);
}
ROW(P6, "kernel memory is there at once, user memory page by page", p6_lazy);

USER_ROW(P5, "object caches: exact counts of mm_struct, vm_area_struct and friends", "/bin/rows");
