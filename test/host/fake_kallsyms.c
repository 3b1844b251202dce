/* SPDX-License-Identifier: MIT */
/* A symbol table for %pS with one symbol, from 0x1000 to 0x10ff. */
#include <kernel/kallsyms.h>

const char *kallsyms_lookup(unsigned long addr, unsigned long *off, unsigned long *size)
{
	if (addr < 0x1000 || addr > 0x10ff)
		return NULL;
	*off = addr - 0x1000;
	*size = 0x100;
	return "start_kernel";
}
