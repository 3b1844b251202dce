/* SPDX-License-Identifier: MIT */
/* VMALLOC rows: addresses outside the direct map. */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/acpi.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include <test/row.h>

#include "walk.h"

#define MIB	(1ul << 20)

static bool faults(const void *addr)
{
	char byte;

	return probe_kernel_read(&byte, addr, 1) == -EFAULT;
}

/* ---- V1: fragmented memory --------------------------------------------------------- */

static struct list_head held[MAX_ORDER];	/* pages of each order */

static void hold_all(unsigned order)
{
	struct page *page;

	while ((page = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, order)) != NULL)
		list_add(&page->lru, &held[order]);
}

/*
 * Take every page, give back those with an even frame number, and take the larger blocks
 * that the zones kept in reserve: no two free frames touch.
 */
static void fragment(void)
{
	struct page *page, *next;
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++)
		INIT_LIST_HEAD(&held[order]);
	hold_all(0);
	list_for_each_entry_safe(page, next, &held[0], lru) {
		if (page_to_pfn(page) & 1)
			continue;
		list_del(&page->lru);
		__free_pages(page, 0);
	}
	for (order = MAX_ORDER; order-- > 1; )
		hold_all(order);
}

static void release(void)
{
	struct page *page, *next;
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++) {
		list_for_each_entry_safe(page, next, &held[order], lru) {
			list_del(&page->lru);
			__free_pages(page, order);
		}
	}
}

static void v1_vmalloc(struct row *r)
{
	unsigned long i, contiguous = 0, outside = 0, wrong = 0;
	struct page *block;
	u64 pa, last = 0;
	u32 *p;

	fragment();
	block = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, 4);
	row_ok(r, !block, "an order-4 block exists: memory is not fragmented");
	if (block)
		__free_pages(block, 4);
	p = vmalloc(MIB);
	if (!row_ok(r, p != NULL, "vmalloc of 1 MiB failed"))
		goto out;
	for (i = 0; i < MIB / PAGE_SIZE; i++) {
		pa = WALK((unsigned long)p + i * PAGE_SIZE).pa;
		contiguous += pa == last + PAGE_SIZE;
		last = pa;
		p[i * PAGE_SIZE / 4] = ~(u32)i;
		wrong += phys_read(pa, 4) != ~(u32)i;
	}
	outside = (unsigned long)p < VMALLOC_START || (unsigned long)p + MIB > VMALLOC_END;
	row_eq(r, outside, 0, "outside the vmalloc window");
	row_ok(r, contiguous < MIB / PAGE_SIZE / 2, "%lu of 255 neighbours have neighbouring frames", contiguous);
	row_eq(r, wrong, 0, "pages whose contents are elsewhere");
	row_eq(r, faults((char *)p + MIB), 1, "the guard page faults");
	row_info(r, "256 pages, %lu neighbouring frames, guard at %#lx", contiguous,
		 (unsigned long)p + MIB);
	vfree(p);
out:
	release();
}
ROW(V1, "vmalloc: contiguous addresses over scattered frames, a guard page behind", v1_vmalloc);

/* ---- V2: vfree --------------------------------------------------------------------- */

static void v2_vfree(struct row *r)
{
	unsigned long pages, purges;
	void *a, *b, *c;

	vm_unmap_aliases();
	pages = counter("pages_vmalloc");
	a = vmalloc(5 * PAGE_SIZE);
	if (!row_ok(r, a != NULL, "vmalloc failed"))
		return;
	row_eq(r, counter("pages_vmalloc"), pages + 5, "pages of type vmalloc");
	memset(a, 0x5a, 5 * PAGE_SIZE);
	vfree(a);
	row_eq(r, WALK((unsigned long)a).present, 0, "WALK after vfree");
	purges = counter("vmalloc_purges");
	b = vmalloc(5 * PAGE_SIZE);
	row_ok(r, b != a, "the address was reused before a flush");
	vfree(b);
	vm_unmap_aliases();
	row_eq(r, counter("vmalloc_purges"), purges + 1, "flushes for both areas");
	row_eq(r, faults(a), 1, "reading after vfree faults");
	row_eq(r, counter("pages_vmalloc"), pages, "pages of type vmalloc after vfree");
	c = vmalloc(5 * PAGE_SIZE);
	row_eq(r, (unsigned long)c, (unsigned long)a, "address of the next area after the flush");
	vfree(c);
	vm_unmap_aliases();
	row_info(r, "%#lx, then %#lx, after the flush %#lx", (unsigned long)a, (unsigned long)b,
		 (unsigned long)c);
}
ROW(V2, "vfree: frames back, access faults, the address comes back only after a flush", v2_vfree);

/* ---- V4: the range ----------------------------------------------------------------- */

/* Fill the window with address space of `size` each until there is no room. */
static unsigned long exhaust(unsigned long size, struct vm_struct **area, unsigned long max)
{
	unsigned long n = 0;

	while (n < max) {
		area[n] = get_vm_area(size, VMALLOC_START, VMALLOC_END, VM_ALLOC);
		if (!area[n])
			break;
		n++;
	}
	return n;
}

static void v4_range(struct row *r)
{
	bool four = PGTABLE_LEVELS == 4;
	unsigned long window = VMALLOC_END - VMALLOC_START;
	unsigned long size = four ? (unsigned long)(1ull << 36) : MIB;
	unsigned long taken = 0, n, i;
	struct vm_struct *area[130], *a;

	if (four) {
		row_eq(r, VMALLOC_START, VMALLOC_FIRST(0), "VMALLOC_START");
		row_eq(r, (u64)window, 512ull << 30, "size of the range");
	} else {
		row_eq(r, VMALLOC_START, (unsigned long)high_memory + 8 * MIB, "VMALLOC_START");
		row_ok(r, window <= 128 * MIB, "the range has %lu MiB", window / MIB);
	}
	row_ok(r, VMALLOC_END <= PKMAP_BASE, "the range ends above pkmap");
	row_eq(r, faults(high_memory), 1, "the gap faults at its start");
	row_eq(r, faults((void *)(VMALLOC_START - 1)), 1, "the gap faults at its end");
	list_for_each_entry(a, &vm_areas, list)
		if (a->addr >= VMALLOC_START && a->addr < VMALLOC_END)
			taken++;
	n = exhaust(size, area, ARRAY_SIZE(area));
	row_ok(r, n > 0 && n < ARRAY_SIZE(area), "%lu areas fit", n);
	if (!taken)
		row_eq(r, n, window / (size + PAGE_SIZE), "areas with guard page that fit");
	for (i = 0; i < n; i++) {
		row_ok(r, area[i]->addr >= VMALLOC_START && area[i]->addr + size <= VMALLOC_END,
		       "an area lies at %#lx", area[i]->addr);
		free_vm_area(area[i]);
	}
	vm_unmap_aliases();
	row_info(r, "%#lx-%#lx, %lu areas of %lu MiB", VMALLOC_START, VMALLOC_END, n, size / MIB);
}
ROW(V4, "vmalloc range: gap after the direct map, end below pkmap, exhaustion", v4_range);

/* ---- V5: device memory ------------------------------------------------------------- */

static void v5_devices(struct row *r)
{
	phys_addr_t phys = acpi_info.hpet_phys ? acpi_info.hpet_phys : 0xfee00000;
	const struct boot_fb *fb = &boot_info->fb;
	void *p = ioremap(phys, PAGE_SIZE), *wc;
	struct walk w;

	if (!row_ok(r, p != NULL, "ioremap failed"))
		return;
	w = WALK((unsigned long)p);
	row_eq(r, w.pa, phys, "frame of the device");
	row_eq(r, w.pcd && w.pwt && !w.pat, 1, "uncached by PCD and PWT");
	row_eq(r, w.user, 0, "user bit");
	row_ok(r, !pfn_valid(PFN_DOWN(phys)) ||
	       page_type(pfn_to_page(PFN_DOWN(phys))) >= PGT_RESERVED,
	       "the device's frame is RAM");
	row_ok(r, (unsigned long)p >= IOREMAP_START && (unsigned long)p < IOREMAP_END,
	       "%p is outside the device window", p);
	iounmap(p);
	vm_unmap_aliases();
	row_eq(r, faults(p), 1, "reading after iounmap faults");
	wc = fb->size ? ioremap_wc(fb->base, PAGE_SIZE) : ioremap_wc(phys, PAGE_SIZE);
	if (!row_ok(r, wc != NULL, "ioremap_wc failed"))
		return;
	w = WALK((unsigned long)wc);
	row_eq(r, w.entry[w.depth - 1] & (0x98 | 0x1000 * w.large), cpu_wc_bits(w.large) & 0x1098,
	       "caching bits of the write-combining mapping");
	iounmap(wc);
	row_info(r, "device at %#llx uncached; write-combining bits %#lx", (unsigned long long)phys,
		 cpu_wc_bits(false));
}
ROW(V5, "device memory: uncached and write-combining mappings of frames that are no RAM", v5_devices);
