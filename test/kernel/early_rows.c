/* SPDX-License-Identifier: MIT */
/* EARLY rows: provisional tables, switching paging on, translation by hardware. */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/printk.h>
#include <mm/mm.h>
#include <test/row.h>

#include "walk.h"

/*
 * E1: the snapshot taken by the first C code holds the package twice (identity and high)
 * and nothing more.  The expected figures come from boot_info, not from the tables.
 */
static void e1_provisional(struct row *r)
{
	const struct boot_package *p = &boot_info->package[0];
	u64 size = p->bitmap.base + p->bitmap.size - p->image.base;
	unsigned long pages = PFN_UP(size);
	const struct early_snapshot *s = &early_snapshot;

	row_eq(r, s->pages, 2 * pages, "pages mapped by the provisional tables");
	row_eq(r, s->runs, 2, "runs of mapped pages");
	row_eq(r, s->run[0].va, p->image.base, "first run: identity");
	row_eq(r, s->run[0].pa, p->image.base, "first run: frame");
	row_eq(r, s->run[0].pages, pages, "first run: pages");
	row_eq(r, s->run[1].va, (unsigned long)_head, "second run: high address");
	row_eq(r, s->run[1].pa, p->image.base, "second run: frame");
	row_eq(r, s->run[1].pages, pages, "second run: pages");
	row_eq(r, s->shared, PGTABLE_LEVELS == 2, "identity and high half share page tables");
	row_ok(r, !WALK(p->image.base).present, "the identity mapping is still there");
	row_info(r, "%lu pages twice, %lu tables", pages, s->tables);
}
ROW(E1, "provisional tables: image and boot bitmap at identity and high, nothing more",
    e1_provisional);

static void e2_swapper(struct row *r)
{
	row_eq(r, (unsigned long)swapper_pg_dir - (unsigned long)_head, 0x1000,
	       "offset of swapper_pg_dir in the image");
	row_eq(r, read_cr3() & PAGE_MASK, phys_base + 0x1000, "CR3");
	row_eq(r, early_snapshot.cr3 & PAGE_MASK, phys_base + 0x1000, "CR3 at the first C code");
	row_eq(r, WALK((unsigned long)swapper_pg_dir).pa, read_cr3() & PAGE_MASK,
	       "frame of swapper_pg_dir by WALK");
	row_info(r, "image base + 0x1000 = CR3 %#lx", read_cr3());
}
ROW(E2, "swapper_pg_dir at image base + 0x1000 is what CR3 names", e2_swapper);

static void e3_activate(struct row *r)
{
	const struct early_log *l = &early_log;
	unsigned long pg = X86_CR0_PG;

	row_ok(r, l->ip_after >= PAGE_OFFSET, "IP after the jump is %#lx", l->ip_after);
	row_eq(r, l->ip_before, phys_base, "IP before, by image base");
	row_eq(r, l->cr0_after & pg, pg, "CR0.PG after");
	if (PGTABLE_LEVELS == 2) {
		row_eq(r, l->cr0_before & pg, 0, "CR0.PG before");
		row_eq(r, l->cr3_before, 0, "CR3 before");
		row_eq(r, l->cr4_after & X86_CR4_PAE, 0, "CR4.PAE");
	} else {
		row_eq(r, l->cr0_before & pg, pg, "CR0.PG before: long mode is never unpaged");
		row_ok(r, l->cr3_before != l->cr3_after, "CR3 was not replaced: %#lx", l->cr3_after);
		row_eq(r, l->cr3_before & PAGE_MASK, boot_info->identity.base, "CR3 before");
		row_eq(r, l->cr4_after & X86_CR4_PAE, X86_CR4_PAE, "CR4.PAE");
	}
	row_eq(r, l->cr3_after, phys_base + 0x1000, "CR3 after");
	row_ok(r, (unsigned long)e3_activate >= PAGE_OFFSET, "the kernel is linked low");
	row_ok(r, WALK(l->ip_after).present, "WALK finds nothing at the high IP");
	row_info(r, "CR0 %#lx -> %#lx, CR3 %#lx -> %#lx, IP %#lx -> %#lx", l->cr0_before,
		 l->cr0_after, l->cr3_before, l->cr3_after, l->ip_before, l->ip_after);
}
ROW(E3, "paging switched on: control registers, then a jump to the high address", e3_activate);

/* ---- E6: Accessed bits ------------------------------------------------------------- */

#define E6_MAX 4096

struct e6 {
	u64 entry_pa[E6_MAX];		/* physical address of each leaf entry */
	unsigned long va[E6_MAX];
	unsigned n;
};

/* Entries of the direct map that nothing but this test touches just now: free frames. */
static bool span_is_free(u64 pa, u64 size)
{
	unsigned long pfn = PFN_DOWN(pa), end = PFN_DOWN(pa + size);

	for (; pfn < end; pfn++)
		if (!pfn_valid(pfn) || page_type(pfn_to_page(pfn)) != PGT_FREE)
			return false;
	return true;
}

static void e6_collect(unsigned long va, const struct walk *w, void *arg)
{
	struct e6 *e = arg;
	unsigned last = w->depth - 1;

	if (e->n == E6_MAX || !span_is_free(w->pa, w->size))
		return;
	e->va[e->n] = va;
	e->entry_pa[e->n++] = w->table[last] +
		(va >> __builtin_ctzll(w->size) & (PTRS_PER_PTE - 1)) * sizeof(long);
}

/*
 * Touch each third page and clear the Accessed bit of all.  The walker's slot is moved
 * before the touch: its INVLPG may drop more than one translation.
 */
static void e6_clear(const struct e6 *e, unsigned limit)
{
	unsigned i;
	u64 entry;

	for (i = 0; i < limit; i++) {
		entry = phys_read(e->entry_pa[i], sizeof(long)) & ~(u64)_PAGE_ACCESSED;
		if (i % 3 == 0)
			(void)*(volatile char *)e->va[i];
		phys_write(e->entry_pa[i], entry, sizeof(long));
	}
}

/* Backwards: what was touched last is what a translation buffer still holds. */
static void e6_touch(const struct e6 *e, unsigned limit)
{
	unsigned i;

	for (i = (limit - 1) / 3 + 1; i-- > 0; )
		(void)*(volatile char *)e->va[3 * i];
}

static void e6_accessed(struct row *r)
{
	struct e6 *e = vzalloc(sizeof(*e));
	unsigned i, seen = 0, wrong = 0, limit;
	bool touched, accessed;

	if (!row_ok(r, e != NULL, "no memory for the test"))
		return;
	walk_leaves(PAGE_OFFSET, (unsigned long)high_memory - 1, e6_collect, e);
	limit = e->n < 1000 ? e->n : 1000;
	if (!row_ok(r, limit >= 2, "only %u entries of the direct map lead to free frames", e->n))
		goto out;

	e6_clear(e, limit);
	flush_tlb_all();
	e6_touch(e, limit);
	for (i = 0; i < limit; i++) {
		touched = i % 3 == 0;
		accessed = phys_read(e->entry_pa[i], sizeof(long)) & _PAGE_ACCESSED;
		seen += accessed;
		wrong += accessed != touched;
	}
	row_eq(r, wrong, 0, "entries whose Accessed bit is wrong");
	row_eq(r, seen, (limit + 2) / 3, "entries that the processor marked");
	row_info(r, "%u entries cleared, %u touched, %u marked by the MMU", limit,
		 (limit + 2) / 3, seen);
out:
	vfree(e);
}
ROW(E6, "memory is accessed through the MMU: Accessed bits appear where it was touched",
    e6_accessed);
