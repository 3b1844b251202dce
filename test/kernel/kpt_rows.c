/* SPDX-License-Identifier: MIT */
/* KPT rows: how the kernel's own page tables were made, and what they say now. */
#include <asm/exec_probe.h>
#include <asm/fixmap.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <test/row.h>

#include "walk.h"

#define KERNEL_LAST	(~0ul)

/* ---- K1: the chain ----------------------------------------------------------------- */

static bool is_maker(unsigned step)
{
	return step == STEP_ONE_MD_TABLE_INIT || step == STEP_ONE_PAGE_TABLE_INIT;
}

/* Steps in the order of the seed; each one's first entry comes after the one before. */
static void k1_order(struct row *r)
{
	static const u8 order[] = {
		STEP_PAGING_INIT, STEP_PAGETABLE_INIT, STEP_KERNEL_PHYSICAL_MAPPING_INIT,
		STEP_ONE_MD_TABLE_INIT, STEP_ONE_PAGE_TABLE_INIT, STEP_PERMANENT_KMAPS_INIT,
		STEP_LOAD_CR3, STEP_FLUSH_TLB_ALL, STEP_KMAP_INIT,
	};
	const struct boot_step_log *s = paging_log.step;
	unsigned i;

	for (i = 1; i < ARRAY_SIZE(order); i++)
		row_ok(r, s[order[i - 1]].first_enter < s[order[i]].first_enter,
		       "%s was entered before %s", boot_step_name[order[i]],
		       boot_step_name[order[i - 1]]);
	row_ok(r, s[STEP_KERNEL_PHYSICAL_MAPPING_INIT].last_leave <
	       s[STEP_PERMANENT_KMAPS_INIT].first_enter, "kmaps before the direct map was done");
	row_ok(r, s[STEP_PERMANENT_KMAPS_INIT].last_leave < s[STEP_PAGETABLE_INIT].last_leave &&
	       s[STEP_PAGETABLE_INIT].last_leave < s[STEP_LOAD_CR3].first_enter,
	       "CR3 was loaded before pagetable_init had ended");
	row_ok(r, s[STEP_KMAP_INIT].last_leave < s[STEP_PAGING_INIT].last_leave,
	       "kmap_init is not the end of paging_init");
}

static void k1_chain(struct row *r)
{
	const struct boot_step_log *s = paging_log.step;
	unsigned made = paging_log.md_tables + paging_log.pte_tables, by_makers = 0, i;
	unsigned long reachable;

	k1_order(r);
	for (i = 0; i < BOOT_STEPS; i++) {
		if (is_maker(i)) {
			by_makers += s[i].own_tables;
			row_ok(r, s[i].calls > 1, "%s was called %u times", boot_step_name[i], s[i].calls);
		} else {
			row_eq(r, s[i].calls, 1, "calls of %s", boot_step_name[i]);
			row_eq(r, s[i].own_tables, 0, "tables made by %s itself", boot_step_name[i]);
		}
	}
	row_eq(r, by_makers, made, "tables made inside the two makers");
	row_eq(r, s[STEP_PAGING_INIT].tables, made, "tables made during paging_init");
	row_eq(r, s[STEP_PERMANENT_KMAPS_INIT].tables, 1,
	       "tables made by permanent_kmaps_init");
	reachable = walk_count_tables(PAGE_OFFSET, KERNEL_LAST);
	row_eq(r, reachable, made - paging_log.replaced_tables + paging_log.vmemmap_tables +
			     nr_page_table_pages,
	       "tables that WALK reaches against those that were made");
	row_info(r, "%u middle tables, %u page tables, %u steps", paging_log.md_tables,
		 paging_log.pte_tables, paging_log.sequence);
}
ROW(K1, "paging_init chain in the documented order; tables made only by the two makers", k1_chain);

/* ---- K2: direct map ---------------------------------------------------------------- */

struct k2 {
	unsigned long leaves, wrong_pa, wrong_prot, wrong_bits;
	u64 bytes, beyond;
	unsigned long first_wrong;
};

static bool in_span(u64 pa, u64 size)
{
	unsigned i;

	for (i = 0; i < span_count; i++)
		if (pa >= spans[i].start && pa + size <= spans[i].end)
			return true;
	return false;
}

/* Text and read-only data may not be written by any address. */
static bool frame_is_read_only(u64 pa)
{
	unsigned long va = (unsigned long)_head + (unsigned long)(pa - phys_base);

	if (pa < phys_base || pa >= phys_base + (unsigned long)(_end - _head))
		return false;
	return va < (unsigned long)swapper_pg_dir ||
	       (va >= (unsigned long)_text && va < (unsigned long)_data);
}

static void k2_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct k2 *k = arg;
	u64 pa = va - PAGE_OFFSET;
	bool bad = false;

	k->leaves++;
	k->bytes += w->size;
	bad |= (w->pa & ~(w->size - 1)) != pa || !in_span(pa, w->size);
	k->wrong_pa += bad;
	if (w->user || w->write == frame_is_read_only(pa)) {
		k->wrong_prot++;
		bad = true;
	}
	if (w->global != cpu_has(X86_FEATURE_PGE) || w->pcd || w->pwt || w->pat) {
		k->wrong_bits++;
		bad = true;
	}
	if (bad && !k->first_wrong)
		k->first_wrong = va;
}

static u64 direct_map_bytes(void)
{
	u64 bytes = 0, limit = PFN_PHYS(max_low_pfn);
	unsigned i;

	for (i = 0; i < span_count && spans[i].start < limit; i++)
		bytes += min(spans[i].end, limit) - spans[i].start;
	return bytes;
}

/* A frame has a second address: what is written by the one is read by the other. */
static void k2_two_addresses(struct row *r)
{
	unsigned long faults = counter("fault_total");
	struct page *page = alloc_pages(GFP_KERNEL, 0);
	u32 *p;

	if (!row_ok(r, page != NULL, "no page"))
		return;
	p = page_address(page);
	*p = 0x6b326b32;
	row_eq(r, phys_read(page_to_phys(page), 4), 0x6b326b32, "word by the physical window");
	phys_write(page_to_phys(page), 0x326b326b, 4);
	row_eq(r, READ_ONCE(*p), 0x326b326b, "word by the direct map");
	row_eq(r, counter("fault_total"), faults, "faults taken meanwhile");
	__free_pages(page, 0);
}

static void k2_direct_map(struct row *r)
{
	struct k2 k = { 0 };
	unsigned long beyond;

	walk_leaves(PAGE_OFFSET, (unsigned long)high_memory - 1, k2_leaf, &k);
	row_eq(r, k.wrong_pa, 0, "entries that lead elsewhere (first at %#lx)", k.first_wrong);
	row_eq(r, k.wrong_prot, 0, "entries with wrong rights (first at %#lx)", k.first_wrong);
	row_eq(r, k.wrong_bits, 0, "entries with wrong global or caching bits (first at %#lx)", k.first_wrong);
	row_eq(r, k.bytes, direct_map_bytes(), "bytes mapped against the runs of RAM");
	beyond = PGTABLE_LEVELS == 4 ? PAGE_OFFSET + DIRECT_MAP_SIZE : VMALLOC_START;
	row_eq(r, walk_leaves((unsigned long)high_memory, beyond - 1, NULL, NULL), 0,
	       "pages mapped beyond the limit");
	k2_two_addresses(r);
	row_info(r, "%lu entries map %llu MiB", k.leaves, (unsigned long long)(k.bytes >> 20));
}
ROW(K2, "direct map: every frame below the limit at PAGE_OFFSET + physical, nothing beyond",
    k2_direct_map);

/* ---- K3, K4: makers ---------------------------------------------------------------- */

struct k3 {
	unsigned long large, tables;
	u64 last_table;
};

static void k3_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct k3 *k = arg;
	u64 table = w->table[w->depth - 1];

	k->large += w->large;
	if (!w->large && table != k->last_table) {
		k->last_table = table;
		k->tables++;
	}
}

/* Blocks of `size` bytes that the runs of RAM touch, below the limit. */
static unsigned long blocks_touched(u64 size)
{
	u64 limit = PFN_PHYS(max_low_pfn), last = ~0ull, first, end;
	unsigned long n = 0;
	unsigned i;

	for (i = 0; i < span_count && spans[i].start < limit; i++) {
		first = spans[i].start & ~(size - 1);
		end = (min(spans[i].end, limit) - 1) & ~(size - 1);
		n += (unsigned long)((end - first) >> __builtin_ctzll(size)) + (first != last);
		last = end;
	}
	return n;
}

static void k3_page_tables(struct row *r)
{
	struct k3 k = { 0, 0, 0 };

	row_ok(r, param_bool("nolargepages") || !cpu_has(X86_FEATURE_PSE),
	       "this row wants a boot with nolargepages");
	walk_leaves(PAGE_OFFSET, (unsigned long)high_memory - 1, k3_leaf, &k);
	row_eq(r, k.large, 0, "large pages in the direct map");
	row_eq(r, k.tables, blocks_touched(PGTABLE_SPAN), "page tables against low frames / entries");
	row_eq(r, paging_log.direct_pte_tables, k.tables, "page tables that one_page_table_init made");
	row_info(r, "%lu page tables of %d entries for %lu low frames", k.tables, PTRS_PER_PTE,
		 max_low_pfn);
}
ROW_FLAGS(K3, "one_page_table_init: one boot page per page table, as many as needed",
	  k3_page_tables, ROW_EXPLICIT);

static void k4_middle(struct row *r)
{
	pgd_t *pgd = pgd_offset_k(PAGE_OFFSET);
	struct walk w = WALK(PAGE_OFFSET + phys_base);
	unsigned long expected;

	if (PGTABLE_LEVELS == 2) {
		row_eq(r, paging_log.md_tables, 0, "middle tables made");
		row_eq(r, (unsigned long)pmd_offset(pud_offset(pgd, PAGE_OFFSET), PAGE_OFFSET),
		       (unsigned long)pgd, "address of the pmd entry against the pgd entry");
		row_eq(r, w.depth, 2, "entries that the hardware reads");
		row_info(r, "0 middle tables, pmd entry is the pgd entry");
		return;
	}
	expected = blocks_touched(1ull << PGDIR_SHIFT) + blocks_touched(1ull << PUD_SHIFT) -
		   paging_log.large_1g;
	row_eq(r, paging_log.direct_md_tables, expected, "middle tables of the direct map");
	row_eq(r, w.depth, 4, "entries that the hardware reads");
	row_info(r, "%u middle tables in the direct map, %u large pages of 1 GiB",
		 paging_log.direct_md_tables, paging_log.large_1g);
}
ROW(K4, "one_md_table_init: middle levels real in four levels, folded in two", k4_middle);

/* ---- K5: capabilities -------------------------------------------------------------- */

struct k5 {
	unsigned long global, not_global, nx, pmd_large, large_1g;
};

static void k5_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct k5 *k = arg;

	*(w->global ? &k->global : &k->not_global) += 1;
	k->nx += !w->exec;
	k->large_1g += w->size == 1ull << 30;
	k->pmd_large += w->large && w->size != 1ull << 30;
}

static u32 cpuid_bit(u32 leaf, char reg, unsigned bit)
{
	u32 max, a, b, c, d;

	cpuid(leaf & 0x80000000, &max, &b, &c, &d);
	if (max < leaf)
		return 0;
	cpuid(leaf, &a, &b, &c, &d);
	return (reg == 'b' ? b : reg == 'c' ? c : d) >> bit & 1;
}

static void k5_capabilities(struct row *r)
{
	bool four = PGTABLE_LEVELS == 4, large_ok;
	u32 pse = cpuid_bit(1, 'd', 3), pge = cpuid_bit(1, 'd', 13);
	u32 nx = cpuid_bit(0x80000001, 'd', 20), gb = cpuid_bit(0x80000001, 'd', 26);
	u64 value = 0;
	struct k5 k = { 0 };

	walk_leaves(PAGE_OFFSET, (unsigned long)high_memory - 1, k5_leaf, &k);
	large_ok = pse && !param_bool("nolargepages");
	rdmsr_safe(MSR_EFER, &value);
	row_eq(r, !!(read_cr4() & X86_CR4_PSE), pse, "CR4.PSE against CPUID");
	row_eq(r, !!(read_cr4() & X86_CR4_PGE), pge, "CR4.PGE against CPUID");
	row_eq(r, !!(read_cr4() & X86_CR4_PAE), four, "CR4.PAE");
	row_eq(r, !!(read_cr4() & X86_CR4_SMEP), cpuid_bit(7, 'b', 7), "CR4.SMEP against CPUID");
	row_eq(r, !!(read_cr4() & X86_CR4_SMAP), cpuid_bit(7, 'b', 20), "CR4.SMAP against CPUID");
	row_eq(r, !!(read_cr4() & X86_CR4_UMIP), cpuid_bit(7, 'c', 2), "CR4.UMIP against CPUID");
	row_eq(r, !!(value & EFER_NXE), four && nx, "EFER.NXE against CPUID");
	row_eq(r, k.pmd_large != 0, large_ok, "large pages in use");
	row_eq(r, k.pmd_large, paging_log.large_pmd, "large pages by WALK and by count");
	row_eq(r, k.large_1g != 0, four && large_ok && gb && max_low_pfn >= 2 << 18,
	       "1-GiB pages in use");
	row_eq(r, (pge ? k.not_global : k.global), 0, "entries with the wrong global bit");
	row_eq(r, k.nx != 0, four && nx, "no-execute entries");
	row_info(r, "PSE %u PGE %u NX %u 1G %u: %lu large, %lu of 1 GiB, %lu global", pse, pge, nx,
		 gb, k.pmd_large, k.large_1g, k.global);
}
ROW(K5, "control bits and tables use exactly what CPUID offers", k5_capabilities);

/* ---- K6: __va and __pa ------------------------------------------------------------- */

static void k6_va_pa(struct row *r)
{
	unsigned long i, pa, wrong = 0, walked = 0;
	struct rnd rnd;

	rnd_seed(&rnd, 6);
	for (i = 0; i < 1000000; i++) {
		pa = (unsigned long)(rnd_u64(&rnd) % PFN_PHYS(max_low_pfn));
		wrong += (unsigned long)__va(pa) - pa != PAGE_OFFSET || __pa(__va(pa)) != pa;
		if (i % 1000 || !in_span(pa, 1))
			continue;
		walked++;
		wrong += WALK(PAGE_OFFSET + pa).pa != pa;
	}
	row_eq(r, wrong, 0, "round trips that went wrong");
	row_eq(r, __pa(swapper_pg_dir), WALK((unsigned long)swapper_pg_dir).pa, "__pa of a symbol");
	row_info(r, "1000000 round trips, %lu checked by WALK", walked);
}
ROW(K6, "__va and __pa differ by PAGE_OFFSET only", k6_va_pa);

/* ---- K7: CR3 load and flush -------------------------------------------------------- */

static void k7_flush(struct row *r)
{
	unsigned long all;

	row_eq(r, paging_log.primed_addr, phys_base, "primed address: the image at identity");
	row_eq(r, paging_log.primed_before, 1, "readable while only the provisional tables had it");
	row_eq(r, paging_log.primed_after, 0, "readable after CR3 was loaded");
	row_eq(r, !!(read_cr4() & X86_CR4_PGE), cpu_has(X86_FEATURE_PGE), "CR4.PGE");
	all = counter("tlb_flush_all");
	flush_tlb_all();
	row_eq(r, counter("tlb_flush_all"), all + 1, "full flushes");
	row_info(r, "identity %#lx: readable before, fault after", paging_log.primed_addr);
}
ROW(K7, "CR3 load and TLB flush drop what only the provisional tables mapped", k7_flush);

/* ---- K8, K9: fixmap and write protection ------------------------------------------- */

static void k8_fixmap(struct row *r)
{
	unsigned long va = fix_to_virt(FIX_TEST), fixups;
	unsigned long top = PGTABLE_LEVELS == 4 ? ~0ul << 12 : 0xfffff000ul;
	struct page *a = alloc_pages(GFP_KERNEL, 0), *b = alloc_pages(GFP_KERNEL, 0);
	u32 word;

	if (!row_ok(r, a && b, "no pages"))
		return;
	row_eq(r, va, top - FIX_TEST * PAGE_SIZE, "address of the slot");
	*(u32 *)page_address(a) = 0xaaaa5555;
	*(u32 *)page_address(b) = 0xbbbb6666;
	set_fixmap(FIX_TEST, page_to_phys(a));
	row_eq(r, WALK(va).pa, page_to_phys(a), "WALK of the slot");
	row_eq(r, *(volatile u32 *)va, 0xaaaa5555, "word in the slot");
	set_fixmap(FIX_TEST, page_to_phys(b));
	row_eq(r, WALK(va).pa, page_to_phys(b), "WALK of the changed slot");
	row_eq(r, *(volatile u32 *)va, 0xbbbb6666, "word in the changed slot");
	clear_fixmap(FIX_TEST);
	fixups = counter("fault_fixup");
	row_eq(r, WALK(va).present, 0, "WALK of the cleared slot");
	row_eq(r, (u32)probe_kernel_read(&word, (void *)va, 4), (u32)-EFAULT, "reading the cleared slot");
	row_eq(r, counter("fault_fixup"), fixups + 1, "faults fixed up");
	__free_pages(a, 0);
	__free_pages(b, 0);
	row_info(r, "slot %d at %#lx", FIX_TEST, va);
}
ROW(K8, "fixed mappings at compile-time addresses: set, change, clear", k8_fixmap);

static void k9_write_protect(struct row *r)
{
	unsigned long va = fix_to_virt(FIX_WP_TEST), fixups = counter("fault_fixup");
	struct page *page = alloc_pages(GFP_KERNEL, 0);
	u32 word = 0x99999999;
	bool honoured;

	if (!row_ok(r, page != NULL, "no page"))
		return;
	*(u32 *)page_address(page) = 0x11111111;
	__set_fixmap(FIX_WP_TEST, page_to_phys(page), PAGE_KERNEL_RO);
	honoured = probe_kernel_write((void *)va, &word, 4) == -EFAULT;
	row_eq(r, honoured, 1, "writing a read-only page in kernel mode faults");
	row_eq(r, counter("fault_fixup"), fixups + 1, "faults fixed up by the exception table");
	row_eq(r, *(u32 *)page_address(page), 0x11111111, "contents after the refused write");
	__set_fixmap(FIX_WP_TEST, page_to_phys(page), PAGE_KERNEL);
	row_eq(r, (u32)probe_kernel_write((void *)va, &word, 4), 0, "writing it when it is writable");
	row_eq(r, *(u32 *)page_address(page), 0x99999999, "contents after the write");
	row_eq(r, !!(read_cr0() & X86_CR0_WP), 1, "CR0.WP");
	clear_fixmap(FIX_WP_TEST);
	__free_pages(page, 0);
	row_info(r, "write protection in kernel mode: %s", honoured ? "Ok" : "not honoured");
}
ROW(K9, "the processor honours read-only in kernel mode; the fault is fixed up", k9_write_protect);

/* ---- K12: the limit ---------------------------------------------------------------- */

struct k12 {
	unsigned long high;
};

/* Device windows aside, does any kernel mapping lead to a high frame? */
static void k12_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct k12 *k = arg;

	if (va >= IOREMAP_START && va < IOREMAP_END)
		return;
	if (va == fix_to_virt(FIX_WALK) || (va >= KSTACK_START && va < KSTACK_END) ||
	    (va >= TRACE_START && va < TRACE_END) || (va >= VMALLOC_START && va < VMALLOC_END) ||
	    va >= FIXADDR_BASE)
		return;
	k->high += PFN_DOWN(w->pa + w->size - 1) >= max_low_pfn;
}

static void k12_limit(struct row *r)
{
	unsigned long limit = PFN_DOWN(896ul << 20), expected;
	struct k12 k = { 0 };
	u64 lowmem;
	char byte;

	if (PGTABLE_LEVELS == 4)
		row_ok(r, param_u64("lowmem", &lowmem) && lowmem == 896ull << 20,
		       "this row wants a boot with lowmem=896M in four levels");
	else
		limit = PFN_DOWN(MAXMEM);
	expected = max_pfn < limit ? max_pfn : limit;
	row_eq(r, max_low_pfn, expected, "first frame above the direct map");
	row_eq(r, (unsigned long)high_memory, PAGE_OFFSET + expected * PAGE_SIZE, "high_memory");
	row_eq(r, zones[ZONE_HIGHMEM].present_pages != 0, max_pfn > limit, "high memory");
	row_eq(r, WALK((unsigned long)high_memory).present, 0, "the first address beyond is mapped");
	row_eq(r, (u32)probe_kernel_read(&byte, high_memory, 1), (u32)-EFAULT, "reading the gap");
	kmap_flush_unused();		/* slots that only wait for their flush */
	walk_leaves(PAGE_OFFSET, KERNEL_LAST, k12_leaf, &k);
	row_eq(r, k.high, 0, "permanent mappings of high frames");
	if (PGTABLE_LEVELS == 2)
		row_eq(r, VMALLOC_START - (unsigned long)high_memory, 8ul << 20, "gap below vmalloc");
	row_info(r, "direct map ends at %#lx (%lu MiB), %lu MiB high", (unsigned long)high_memory,
		 max_low_pfn >> 8, (max_pfn - max_low_pfn) >> 8);
}
ROW_FLAGS(K12, "the 896 MiB limit: high_memory, the gap, no high frame in the direct map",
	  k12_limit, ROW_EXPLICIT);

/* ---- K15: text and data ------------------------------------------------------------ */

struct k15 {
	unsigned long wx, text_writable, text_pages, exec_writable_known;
};

static void k15_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct k15 *k = arg;

	if (w->write && w->exec)
		k->wx++;
	if (w->pa >= phys_base && w->pa < phys_base + (unsigned long)(_end - _head) && !w->large &&
	    va != fix_to_virt(FIX_WALK) && frame_is_read_only(w->pa)) {
		k->text_pages++;
		k->text_writable += w->write;
	}
}

static const u8 ret_instruction[16] = { 0xc3 };

static void k15_text(struct row *r)
{
	static u8 code[16] = { 0xc3 };
	bool nx = PGTABLE_LEVELS == 4 && cpu_has(X86_FEATURE_NX);
	unsigned long flags;
	struct k15 k = { 0 };
	u8 byte = 0xcc;
	int ret;

	row_eq(r, (u32)probe_kernel_write((void *)(unsigned long)k15_leaf, &byte, 1), (u32)-EFAULT, "writing text");
	row_eq(r, (u32)probe_kernel_write((void *)(unsigned long)ret_instruction, &byte, 1), (u32)-EFAULT, "writing constants");
	row_eq(r, (u32)probe_kernel_write(__va(__pa(k15_leaf)), &byte, 1), (u32)-EFAULT,
	       "writing text by its address in the direct map");
	flags = local_irq_save();
	ret = exec_probe(code);
	row_eq(r, (u32)ret, nx ? (u32)-EFAULT : 0, "jumping to data");
	ret = exec_probe(__va(__pa(code)));
	row_eq(r, (u32)ret, nx ? (u32)-EFAULT : 0, "jumping to data by the direct map");
	local_irq_restore(flags);
	walk_leaves(PAGE_OFFSET, KERNEL_LAST, k15_leaf, &k);
	row_ok(r, k.text_pages > 0, "WALK found no text at all");
	row_eq(r, k.text_writable, 0, "writable mappings of text or constants");
	if (nx)
		row_eq(r, k.wx, 0, "writable and executable pages");
	else
		row_ok(r, k.wx > 0, "no page is writable and executable, although there is no NX here");
	row_info(r, "%lu read-only mappings, %lu writable and executable%s", k.text_pages, k.wx,
		 nx ? "" : " (known: no NX)");
}
ROW(K15, "text and constants are read-only; data is not executable where the CPU can", k15_text);

/* ---- H13: memory above 4 GiB ------------------------------------------------------- */

static void h13_unreachable(struct row *r)
{
	u64 above = 0, limit = 1ull << 32;
	const struct boot_memdesc *d;
	unsigned long in_zones = 0;
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		if (memdesc_class(d) <= MEM_LOADER && d->phys >= limit)
			above += d->pages << PAGE_SHIFT;
	}
	for (i = 0; i < MAX_NR_ZONES; i++)
		if (zones[i].end_pfn > PFN_DOWN(limit))
			in_zones += zones[i].end_pfn - PFN_DOWN(limit);
	row_ok(r, above > 0, "this row wants a machine with RAM above 4 GiB");
	row_eq(r, unreachable_bytes, PGTABLE_LEVELS == 2 ? above : 0, "bytes reported as unreachable");
	row_eq(r, in_zones != 0, PGTABLE_LEVELS == 4, "frames above 4 GiB in a zone");
	row_info(r, "%llu MiB above 4 GiB, %llu MiB out of reach", (unsigned long long)(above >> 20),
		 (unsigned long long)(unreachable_bytes >> 20));
}
ROW_FLAGS(H13, "memory above 4 GiB is reported when two levels cannot reach it",
	  h13_unreachable, ROW_EXPLICIT);
