/* SPDX-License-Identifier: MIT */
/* What the files that build the kernel's page tables share, and nobody else includes. */
#ifndef ARCH_X86_MM_INTERNAL_H
#define ARCH_X86_MM_INTERNAL_H

#include <asm/fixmap.h>
#include <asm/setup.h>

/*
 * A table under construction.  Before CR3 is loaded a boot page has no address, so it is
 * seen through one fixmap slot a level; a pointer is valid until the next call for the
 * same slot.
 */
void *boot_table(enum fixed_addresses slot, unsigned long phys);

/*
 * A fresh, cleared boot page for a table, seen through `slot`.  If `old` is the physical
 * address of a provisional table, its entries are taken over, so that what is mapped stays
 * mapped.  Stops the machine when there is no memory.
 */
unsigned long boot_table_alloc(enum fixed_addresses slot, unsigned long old);

/* Is this frame one of the provisional tables inside the image? */
bool table_is_provisional(unsigned long phys);

/* Bookkeeping for the rows K1 and K4. */
void boot_step_enter(enum boot_step step);
void boot_step_leave(enum boot_step step);

/*
 * Middle levels for `addr` below the top-level entry: make what is missing, return the
 * entry that will hold a page table or a large page.  Folded in two levels: the entry is
 * the top-level entry itself, and no memory is used.
 */
pmd_t *one_md_table_init(pgd_t *pgd, unsigned long addr);

/* The page table below `pmd`: made if missing, its first entry returned. */
pte_t *one_page_table_init(pmd_t *pmd);

/* Map a 1-GiB page at `addr` if the processor has them and [addr, end) holds one whole. */
bool large_pud_init(pgd_t *pgd, unsigned long addr, unsigned long end);

/*
 * Windows of one mode only: the image where it does not run in the direct map, and vmalloc
 * where its top-level entry is not learned lazily.
 */
void own_windows_init(void);

/* Drop what only the provisional tables mapped (identity; the image window's tail). */
void zap_provisional(void);

/* Tables for a whole window: its top-level entries, and the page tables if `leaf`. */
void page_table_range_init(unsigned long start, unsigned long end, bool leaf);

/* May [phys, phys + size) be one large page of this direct map? */
bool large_page_fits(unsigned long phys, unsigned long end, unsigned long size);

/* The fixmap's own table moves from the image to a boot page. */
void fixmap_move(void);
void fixmap_settle(void);

/*
 * Visit each entry that may point to a page table below one top-level entry.  table()
 * turns a frame into an address or says NULL.  For the snapshot of the provisional tables.
 */
void early_walk_pgd(pgd_t *pgd, unsigned long va, void *(*table)(unsigned long phys),
		    void (*fn)(pmd_t *pmd, unsigned long va));

/* Map the trampoline at identity in a directory of its own; false: not reachable. */
bool tramp_pgd_identity(pgd_t *pgd);

extern bool use_large_pages;

/* ---- explain.c: page faults in words; only while the trace ring records ---------------- */

struct pt_regs;
struct vm_area_struct;

/* It begins: TRACE_FAULT, and the time. */
void explain_begin(const struct pt_regs *regs, unsigned long error_code, unsigned long address);

/* TSC ticks since then; 0: tracing was off then.  Only once for each fault. */
u64 fault_ticks(const struct pt_regs *regs, unsigned long address);

/*
 * A fault that nobody serves, with its PAGEWALK_NO_* decision.  vma is the region above if
 * there is none for the address, or NULL; mmap_sem is held if it is given.
 */
void explain_refusal(const struct pt_regs *regs, unsigned long error_code,
		     unsigned long address, struct vm_area_struct *vma, unsigned decision);

#define explain_if_tracing(...) do { \
	if (unlikely(trace_on)) \
		explain_refusal(__VA_ARGS__); \
} while (0)

/* handle_mm_fault() with its contract, and what it did. */
int explain_mm_fault(struct vm_area_struct *vma, const struct pt_regs *regs,
		     unsigned long error_code, unsigned long address, unsigned int flags);

/*
 * The decision of a refusal: no region for the address (vma is the one above), or one that
 * does not allow the access (code is SEGV_ACCERR).
 */
unsigned why_refused(const struct vm_area_struct *vma, int code);

#endif
