/* SPDX-License-Identifier: MIT */
/* The trampoline at identity, two levels: its pages may lie astride two entries. */
#include <boot/trampoline.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

#include "internal.h"

bool tramp_pgd_identity(pgd_t *pgd)
{
	static pte_t tables[2][PTRS_PER_PTE] __aligned(4096);
	unsigned long first = (unsigned long)boot_info->trampoline.base, addr;
	pte_t *table;

	memset(tables, 0, sizeof(tables));
	for (addr = first; addr < first + TRAMP_SIZE; addr += PAGE_SIZE) {
		table = tables[pgd_index(addr) - pgd_index(first)];
		set_pte(&table[pte_index(addr)], __pte(addr | _PAGE_PRESENT | _PAGE_RW));
		set_pgd(&pgd[pgd_index(addr)], __pgd(__pa(table) | _KERNPG_TABLE));
	}
	return true;
}
