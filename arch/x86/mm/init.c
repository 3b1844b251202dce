/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own page tables: the chain of the LinuxMM wiki page VirtualMemory.
 *
 *	paging_init
 *	  pagetable_init
 *	    kernel_physical_mapping_init	the direct map
 *	      one_md_table_init			middle levels (init_64.c, init_32.c)
 *	      one_page_table_init		page tables, a boot page each
 *	    permanent_kmaps_init		the pkmap window
 *	  load CR3, flush, kmap_init
 *
 * The final tables are built in place: swapper_pg_dir is the provisional directory too and
 * is in CR3 all the time.  Where a provisional table (inside the image) is in the way, a
 * boot page takes over its entries first, so nothing that is in use is ever unmapped.
 * Before CR3 is loaded a boot page has no address of its own and is written through a
 * fixmap slot; from then on every table is in the direct map.
 */
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <kernel/extable.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/bootmem.h>
#include <mm/highmem.h>

#include "internal.h"

struct paging_log paging_log;
bool use_large_pages;

const char *const boot_step_name[BOOT_STEPS] = {
	"paging_init", "pagetable_init", "kernel_physical_mapping_init", "one_md_table_init",
	"one_page_table_init", "permanent_kmaps_init", "load_cr3", "flush_tlb_all", "kmap_init",
};

/* ---- the log of steps (catalogue K1) ----------------------------------------------- */

static enum boot_step step_stack[8];
static unsigned step_depth;
static unsigned tables_at_enter[8];

static unsigned tables_made(void)
{
	return paging_log.md_tables + paging_log.pte_tables;
}

void boot_step_enter(enum boot_step step)
{
	struct boot_step_log *s = &paging_log.step[step];

	paging_log.sequence++;
	if (!s->calls++)
		s->first_enter = paging_log.sequence;
	BUG_ON(step_depth == ARRAY_SIZE(step_stack));
	tables_at_enter[step_depth] = tables_made();
	step_stack[step_depth++] = step;
}

void boot_step_leave(enum boot_step step)
{
	struct boot_step_log *s = &paging_log.step[step];

	BUG_ON(!step_depth || step_stack[step_depth - 1] != step);
	step_depth--;
	s->last_leave = ++paging_log.sequence;
	s->tables += tables_made() - tables_at_enter[step_depth];
}

/* ---- tables under construction ----------------------------------------------------- */

void *boot_table(enum fixed_addresses slot, unsigned long phys)
{
	static unsigned long seen[3];
	unsigned i = slot - FIX_BOOT_PUD;

	if (seen[i] != phys) {
		set_fixmap(slot, phys);
		seen[i] = phys;
	}
	return (void *)fix_to_virt(slot);
}

bool table_is_provisional(unsigned long phys)
{
	return phys >= __pa(provisional_tables) && phys < __pa(provisional_tables_end);
}

unsigned long boot_table_alloc(enum fixed_addresses slot, unsigned long old)
{
	phys_addr_t phys = bootmem_alloc_phys(PAGE_SIZE, PAGE_SIZE, 0, PFN_PHYS(max_low_pfn));
	void *table;

	if (!phys)
		panic("no memory for the kernel's page tables: the machine needs more RAM");
	table = boot_table(slot, phys);
	if (old)
		copy_page(table, _head + (old - phys_base));
	else
		clear_page(table);
	if (step_depth)
		paging_log.step[step_stack[step_depth - 1]].own_tables++;
	return phys;
}

pte_t *one_page_table_init(pmd_t *pmd)
{
	unsigned long phys = pmd_present(*pmd) ? pmd_table_phys(*pmd) : 0;

	boot_step_enter(STEP_ONE_PAGE_TABLE_INIT);
	if (!phys || pmd_large(*pmd) || table_is_provisional(phys)) {
		phys = boot_table_alloc(FIX_BOOT_PTE, phys);
		paging_log.pte_tables++;
		set_pmd(pmd, __pmd(phys | _KERNPG_TABLE));
	}
	boot_step_leave(STEP_ONE_PAGE_TABLE_INIT);
	return boot_table(FIX_BOOT_PTE, phys);
}

/* ---- the direct map ---------------------------------------------------------------- */

pgprot_t kernel_image_prot(unsigned long offset)
{
	const char *p = _head + offset;

	if (p < _head + PAGE_SIZE || (p >= _text && p < (char *)PAGE_ALIGN((unsigned long)_etext)))
		return PAGE_KERNEL_RX;
	if (p >= _rodata && p < (char *)PAGE_ALIGN((unsigned long)_erodata))
		return PAGE_KERNEL_RO;
	return PAGE_KERNEL;
}

/*
 * Text and read-only data are read-only by their address in the direct map too.  There
 * the text is not executable either where the image has a window of its own.
 */
static pgprot_t direct_map_prot(unsigned long phys)
{
	unsigned long offset = phys - phys_base;
	pgprot_t prot = PAGE_KERNEL;

	if (offset < (unsigned long)(_end - _head))
		prot = kernel_image_prot(offset);
	if (KERNEL_IMAGE_BASE != PAGE_OFFSET)
		prot = __pgprot(pgprot_val(prot) | (_PAGE_NX & supported_pte_mask));
	return prot;
}

/*
 * The first megabytes get small pages (fixed-range MTRRs would cut a large one), and so
 * does the image, whose parts have protections of their own.
 */
bool large_page_fits(unsigned long phys, unsigned long end, unsigned long size)
{
	if (!use_large_pages || !IS_ALIGNED(phys, size) || end - phys < size || phys < PMD_SIZE)
		return false;
	return phys + size <= phys_base || phys >= phys_base + (unsigned long)(_end - _head);
}

static void direct_map_ptes(pmd_t *pmd, unsigned long phys, unsigned long end)
{
	pte_t *pte = one_page_table_init(pmd) + pte_index(PAGE_OFFSET + phys);

	for (; phys < end; phys += PAGE_SIZE, pte++)
		set_pte(pte, pfn_pte(phys >> PAGE_SHIFT, direct_map_prot(phys)));
}

/* Map [phys, end) at PAGE_OFFSET, with the largest pages that fit. */
static void direct_map_span(unsigned long phys, unsigned long end)
{
	unsigned long addr, next;
	pgd_t *pgd;
	pmd_t *pmd;

	for (; phys < end; phys = next) {
		addr = PAGE_OFFSET + phys;
		pgd = pgd_offset_k(addr);
		if (large_pud_init(pgd, addr, PAGE_OFFSET + end)) {
			next = phys + PUD_SIZE;
			paging_log.large_1g++;
			continue;
		}
		pmd = one_md_table_init(pgd, addr);
		next = min(end, (phys + PGTABLE_SPAN) & ~(PGTABLE_SPAN - 1));
		if (large_page_fits(phys, end, PGTABLE_SPAN)) {
			set_pmd(pmd, __pmd(phys | pgprot_val(PAGE_KERNEL) | _PAGE_PSE));
			paging_log.large_pmd++;
		} else {
			direct_map_ptes(pmd, phys, next);
		}
	}
}

static void kernel_physical_mapping_init(void)
{
	u64 limit = PFN_PHYS(max_low_pfn);
	unsigned i;

	boot_step_enter(STEP_KERNEL_PHYSICAL_MAPPING_INIT);
	for (i = 0; i < span_count && spans[i].start < limit; i++)
		direct_map_span(spans[i].start, min(spans[i].end, limit));
	paging_log.direct_pte_tables = paging_log.pte_tables;
	paging_log.direct_md_tables = paging_log.md_tables;
	boot_step_leave(STEP_KERNEL_PHYSICAL_MAPPING_INIT);
}

/* ---- the other windows ------------------------------------------------------------- */

/* [start, end) lies in one top-level entry, or the tables are page tables (two levels). */
void page_table_range_init(unsigned long start, unsigned long end, bool leaf)
{
	unsigned long addr;
	pmd_t *pmd;

	for (addr = start; addr != end; addr += PGTABLE_SPAN) {
		pmd = one_md_table_init(pgd_offset_k(addr), addr);
		if (!leaf && PGTABLE_LEVELS > 2)
			return;
		if (!pmd_present(*pmd) || table_is_provisional(pmd_table_phys(*pmd)))
			one_page_table_init(pmd);
		if (addr + PGTABLE_SPAN == 0)
			return;
	}
}

/* The table of the pkmap window exists from now on, all entries empty (catalogue H2). */
static void permanent_kmaps_init(void)
{
	boot_step_enter(STEP_PERMANENT_KMAPS_INIT);
	page_table_range_init(PKMAP_BASE, PKMAP_BASE + LAST_PKMAP * PAGE_SIZE, true);
	boot_step_leave(STEP_PERMANENT_KMAPS_INIT);
}

/* What moves from the provisional mapping into the direct map. */
static void relocate_handover(void)
{
	boot_info = __va(boot_info->package[0].info.base);
	bootmem_map_moved(__va(boot_info->package[0].bitmap.base));
}

static void pagetable_init(void)
{
	const char *userpte = param_get("userpte");

	boot_step_enter(STEP_PAGETABLE_INIT);
	use_large_pages = cpu_has(X86_FEATURE_PSE) && !param_bool("nolargepages");
	if (userpte && !strcmp(userpte, "nohigh"))
		user_pte_gfp = 0;
	kernel_physical_mapping_init();
	relocate_handover();
	own_windows_init();
	page_table_range_init(KSTACK_START, KSTACK_END, false);
	page_table_range_init(IOREMAP_START, IOREMAP_END, false);
	page_table_range_init(TRACE_START, TRACE_END, false);
	fixmap_move();
	permanent_kmaps_init();
	boot_step_leave(STEP_PAGETABLE_INIT);
}

/* ---- paging_init ------------------------------------------------------------------- */

/* Can this byte be read?  A fault is fixed up by the exception table. */
static bool readable(unsigned long addr)
{
	char byte;

	return probe_kernel_read(&byte, (void *)addr, 1) == 0;
}

void paging_init(void)
{
	boot_step_enter(STEP_PAGING_INIT);
	pagetable_init();

	/* K7: bring a translation into the TLB that the final tables do not have. */
	paging_log.primed_addr = phys_base;
	paging_log.primed_before = readable(phys_base);
	zap_provisional();

	boot_step_enter(STEP_LOAD_CR3);
	load_cr3(__pa(swapper_pg_dir));
	boot_step_leave(STEP_LOAD_CR3);
	boot_step_enter(STEP_FLUSH_TLB_ALL);
	if (cpu_has(X86_FEATURE_PGE))
		write_cr4(read_cr4() | X86_CR4_PGE);
	flush_tlb_all();
	boot_step_leave(STEP_FLUSH_TLB_ALL);
	fixmap_settle();
	paging_log.primed_after = readable(paging_log.primed_addr);

	boot_step_enter(STEP_KMAP_INIT);
	kmap_init();
	boot_step_leave(STEP_KMAP_INIT);
	boot_step_leave(STEP_PAGING_INIT);
}
