/* SPDX-License-Identifier: MIT */
/*
 * The page-table walk of an address in an oops: one line a level, from CR3 to the page.
 * Tables are read fault-safe, because broken tables are one reason to be here.
 */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <kernel/extable.h>
#include <kernel/printk.h>

/* Names of the attribute bits that are set, as text; large: bit 7 says "large page". */
static void print_bits(unsigned long v, bool upper)
{
	printk(KERN_CONT "%s%s%s%s%s%s%s%s%s%s",
	       v & _PAGE_RW ? " rw" : " ro", v & _PAGE_USER ? " user" : " kernel",
	       v & _PAGE_PWT ? " pwt" : "", v & _PAGE_PCD ? " pcd" : "",
	       v & _PAGE_ACCESSED ? " accessed" : "", v & _PAGE_DIRTY ? " dirty" : "",
	       v & _PAGE_PSE ? (upper ? " large" : " pat") : "",
	       v & _PAGE_GLOBAL ? " global" : "", v & _PAGE_NX ? " nx" : "",
	       v & _PAGE_PRESENT ? "" : " NOT PRESENT");
}

/* Read and print one entry.  True: there is a next level, whose frame is in *table. */
static bool dump_level(const char *name, unsigned long *table, unsigned long index, bool upper)
{
	unsigned long v, phys = *table + index * sizeof(v);

	if (probe_kernel_read(&v, __va(phys), sizeof(v))) {
		printk(KERN_EMERG "  %s[%lu] at physical %#lx cannot be read\n", name, index, phys);
		return false;
	}
	printk(KERN_EMERG "  %s[%lu] = %0*lx", name, index, (int)(2 * sizeof(v)), v);
	print_bits(v, upper);
	printk(KERN_CONT "\n");
	*table = v & PTE_PFN_MASK;
	return upper && (v & _PAGE_PRESENT) && !(v & _PAGE_PSE);
}

void dump_pagetable(unsigned long addr)
{
	unsigned long table = read_cr3() & PAGE_MASK;

	printk(KERN_EMERG "Page-table walk of %0*lx, CR3 = %lx:\n",
	       (int)(2 * sizeof(addr)), addr, read_cr3());
	if (!dump_level("pgd", &table, pgd_index(addr), true))
		return;
	if (PGTABLE_LEVELS > 2) {
		if (!dump_level("pud", &table, (addr >> PUD_SHIFT) & (PTRS_PER_PUD - 1), true) ||
		    !dump_level("pmd", &table, (addr >> PMD_SHIFT) & (PTRS_PER_PMD - 1), true))
			return;
	}
	dump_level("pte", &table, pte_index(addr), false);
}
