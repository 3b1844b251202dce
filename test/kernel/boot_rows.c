/* SPDX-License-Identifier: MIT */
/* BOOT rows that one boot can prove from inside. */
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/acpi.h>
#include <kernel/crc32.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <mm/bootmem.h>
#include <mm/mm.h>
#include <test/row.h>
#include <test/test.h>

#include "walk.h"

static u32 blob_crc[BOOT_BLOBS];

static void take_crc(unsigned i)
{
	const struct boot_range *where = &boot_info->blob[i].where;

	if (where->size)
		blob_crc[i] = crc32(__va(where->base), where->size);
}

/* What is free memory soon; the archive stays, and the row itself looks at it. */
void test_check_blobs(void)
{
	unsigned i;

	for (i = 0; i < BOOT_BLOBS; i++)
		if (i != BOOT_BLOB_INITRAMFS)
			take_crc(i);
}

static void b8_blobs(struct row *r)
{
	const struct boot_blob *b = boot_info->blob;
	unsigned i;

	take_crc(BOOT_BLOB_INITRAMFS);
	for (i = 0; i < BOOT_BLOBS; i++) {
		row_ok(r, b[i].where.size > 0, "blob %u is not there", i);
		row_eq(r, b[i].loader_crc, b[i].manifest_crc, "blob %u: loader's CRC against the build's", i);
		row_eq(r, blob_crc[i], b[i].manifest_crc, "blob %u: kernel's CRC against the build's", i);
		row_ok(r, b[i].where.base + b[i].where.size <= BOOT_LOW_LIMIT,
		       "blob %u ends at %#llx, above 768 MiB", i,
		       (unsigned long long)(b[i].where.base + b[i].where.size));
	}
	row_info(r, "kernel64 %08x kernel32 %08x initramfs %08x", blob_crc[BOOT_BLOB_KERNEL64],
		 blob_crc[BOOT_BLOB_KERNEL32], blob_crc[BOOT_BLOB_INITRAMFS]);
}
ROW(B8, "kernels and initramfs arrive unchanged", b8_blobs);

/* ---- B3: the map and the exit ------------------------------------------------------ */

struct table_register {
	u16 limit;
	unsigned long base;
} __packed;

static bool in_image(unsigned long addr)
{
	return addr >= (unsigned long)_head && addr < (unsigned long)_end;
}

static void b3_exit(struct row *r)
{
	struct table_register gdt, idt;

	__asm__ __volatile__("sgdt %0" : "=m" (gdt));
	__asm__ __volatile__("sidt %0" : "=m" (idt));
	row_eq(r, boot_info->ebs_tries, knob("ebs-stale") ? 2 : 1, "calls of ExitBootServices");
	row_eq(r, crc32(memdesc(0), boot_info->memmap_len), boot_info->memmap_crc,
	       "CRC of the kernel's map against that of the accepted one");
	row_eq(r, boot_info->memmap_len,
	       (u64)boot_info->memmap_count * boot_info->memmap_desc_size, "length of the map");
	row_ok(r, in_image(gdt.base), "the GDT at %#lx is not in the image", gdt.base);
	row_ok(r, in_image(idt.base), "the IDT at %#lx is not in the image", idt.base);
	row_eq(r, read_cr3() & PAGE_MASK, __pa(swapper_pg_dir), "CR3");
	row_info(r, "%u descriptors, key %#llx, %u tries", boot_info->memmap_count,
		 (unsigned long long)boot_info->ebs_key, boot_info->ebs_tries);
}
ROW(B3, "final memory map and ExitBootServices; GDT, IDT and CR3 are ours", b3_exit);

/* ---- B4: memory types -------------------------------------------------------------- */

/* Pages of [base, base + size) that the allocator may hand out or has handed out. */
static unsigned long allocatable(u64 base, u64 size, unsigned long *valid)
{
	unsigned long pfn = PFN_DOWN(base), end = PFN_UP(base + size), n = 0;
	enum page_type type;

	for (; pfn < end && pfn < max_pfn; pfn++) {
		if (!pfn_valid(pfn))
			continue;
		(*valid)++;
		type = page_type(pfn_to_page(pfn));
		n += type != PGT_RESERVED && type != PGT_ABSENT;
	}
	return n;
}

static bool is_usable(u64 phys)
{
	const struct boot_memdesc *d;
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		if (phys - d->phys < d->pages << PAGE_SHIFT)
			return phys >= 1 << 20 && memdesc_class(d) <= MEM_LOADER;
	}
	return false;
}

/* The frames of range i of what ACPI has, RSDPs first. */
static void acpi_frames(unsigned i, unsigned long *first, unsigned long *end)
{
	u64 root = i ? boot_info->rsdp1 : boot_info->rsdp;
	u64 base = i < 2 ? root : acpi_info.table[i - 2].phys;
	u64 size = i < 2 ? PAGE_SIZE : acpi_info.table[i - 2].length;

	*first = PFN_DOWN(base);
	*end = base ? PFN_UP(base + size) : *first;
}

/* Frames of usable memory that hold ACPI tables, which the next kernel wants to read. */
static unsigned long acpi_pages(void)
{
	unsigned long pfn, end, first, last, n = 0;
	unsigned i, k;

	for (i = 0; i < 2 + acpi_info.table_count; i++) {
		acpi_frames(i, &pfn, &end);
		for (; pfn < end; pfn++) {
			for (k = 0; k < i; k++) {
				acpi_frames(k, &first, &last);
				if (pfn >= first && pfn < last)
					break;
			}
			n += k == i && is_usable(PFN_PHYS(pfn));
		}
	}
	return n;
}

static unsigned long kept_pages(void)
{
	const struct boot_info *bi = boot_info;
	unsigned long n = PFN_UP(bi->package[0].image.size) + PFN_UP(bi->package[0].info.size) +
		PFN_UP(bi->package[1].image.size) + PFN_UP(bi->package[1].info.size) +
		PFN_UP(bi->package[1].bitmap.size) + PFN_UP(bi->trampoline.size) +
		PFN_UP(bi->identity.size) + PFN_UP(bi->blob[BOOT_BLOB_INITRAMFS].where.size);
	unsigned i;

	for (i = 0; i < bi->cpio_count; i++)
		n += PFN_UP(bi->cpio[i].size);
	for (i = 0; other_kernel_follows() && i < BOOT_BLOB_INITRAMFS; i++)
		n += PFN_UP(bi->blob[i].where.size);
	if (other_kernel_follows())
		n += acpi_pages();
	return n;
}

static void b4_types(struct row *r)
{
	unsigned long wrong = 0, valid = 0, managed = 0, low = 0, pfn;
	const struct boot_memdesc *d;
	u64 by_class = 0, by_map = 0;
	enum mem_class class;
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		by_map += d->pages << PAGE_SHIFT;
		class = memdesc_class(d);
		if (class > MEM_LOADER)
			wrong += allocatable(d->phys, d->pages << PAGE_SHIFT, &valid);
	}
	for (i = 0; i < MEM_CLASSES; i++)
		by_class += mem_class_bytes[i];
	for (i = 0; i < MAX_NR_ZONES; i++)
		managed += zones[i].managed_pages;
	for (pfn = 0; pfn < 256; pfn++)
		low += pfn_valid(pfn) && page_type(pfn_to_page(pfn)) != PGT_RESERVED &&
		       page_type(pfn_to_page(pfn)) != PGT_ABSENT;
	row_eq(r, wrong, 0, "frames of runtime, ACPI, reserved, MMIO memory in the allocator");
	row_eq(r, low, 0, "frames below 1 MiB in the allocator");
	row_eq(r, by_class, by_map, "bytes of all classes against the firmware's map");
	row_eq(r, managed + bootmem_log.pages - paging_log.replaced_tables + kept_pages(),
	       PFN_DOWN(usable_bytes),
	       "pages managed, used at boot and kept against the usable ones");
	row_info(r, "%lu pages managed, %lu not usable ones checked", managed, valid);
}
ROW(B4, "memory types honoured; sums equal the firmware's map", b4_types);

/* ---- B5, B6: the mode -------------------------------------------------------------- */

/* Is the current code segment a 64-bit one, and is its default size 32 bits? */
static void code_segment(bool *is64, bool *is32)
{
	u32 rights = 0;
	u16 cs;

	__asm__ __volatile__("mov %%cs, %0" : "=r" (cs));
	__asm__ __volatile__("lar %1, %0" : "=r" (rights) : "r" ((u32)cs) : "cc");
	*is64 = rights & 1u << 21;
	*is32 = rights & 1u << 22;
}

static u64 efer(void)
{
	u64 value = 0;

	if (cpu_has(X86_FEATURE_LM) || cpu_has(X86_FEATURE_NX) || cpu_has(X86_FEATURE_SYSCALL))
		rdmsr_safe(MSR_EFER, &value);
	return value;
}

static void b5_mode(struct row *r)
{
	bool four = PGTABLE_LEVELS == 4, is64, is32;
	struct walk w = WALK((unsigned long)b5_mode);

	code_segment(&is64, &is32);
	row_eq(r, !!(efer() & EFER_LME), four, "EFER.LME");
	row_eq(r, !!(efer() & EFER_LMA), four, "EFER.LMA");
	row_eq(r, !!(read_cr4() & X86_CR4_PAE), four, "CR4.PAE");
	row_eq(r, !!(read_cr0() & X86_CR0_PG), 1, "CR0.PG");
	row_eq(r, is64, four, "64-bit code segment");
	row_eq(r, is32, !four, "32-bit code segment");
	row_eq(r, sizeof(pte_t), four ? 8 : 4, "bytes of an entry");
	row_eq(r, w.depth, four ? 4 : 2, "levels that WALK reads");
	row_info(r, "CR0 %#lx CR4 %#lx EFER %#llx", read_cr0(), read_cr4(),
		 (unsigned long long)efer());
}
ROW(B5, "the paging mode is the one that was chosen, by control registers", b5_mode);

static void b6_own_tables(struct row *r)
{
	u64 fw_cr3 = boot_info->cpu.cr3 & ~0xfffull;

	row_eq(r, read_cr4() & X86_CR4_LA57, 0, "CR4.LA57");
	row_eq(r, read_cr4() & X86_CR4_PCIDE, 0, "CR4.PCIDE");
	row_ok(r, (read_cr3() & PAGE_MASK) != fw_cr3 || !fw_cr3,
	       "CR3 %#lx still is the firmware's", read_cr3());
	row_eq(r, WALK((unsigned long)_head).pa, phys_base, "frame of the image by WALK");
	row_info(r, "firmware's CR3 %#llx, CR4 %#llx; ours %#lx, %#lx",
		 (unsigned long long)fw_cr3, (unsigned long long)boot_info->cpu.cr4,
		 read_cr3(), read_cr4());
}
ROW(B6, "own tables: not the firmware's CR3, no 5-level paging", b6_own_tables);
