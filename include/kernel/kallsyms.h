/* SPDX-License-Identifier: MIT */
/*
 * Kernel symbol names for the oops, %pS and the trace.
 *
 * tools/mkkallsyms turns `nm -n` of a first link into three tables, which the final link
 * takes in: kallsyms_offsets[] (32-bit distances from the image base, ascending),
 * kallsyms_names[] (NUL-terminated, in the same order), kallsyms_num.  Without them (first
 * link) every look-up answers "unknown".
 */
#ifndef KERNEL_KALLSYMS_H
#define KERNEL_KALLSYMS_H

#include <kernel/types.h>

extern const u32 kallsyms_offsets[];
extern const char kallsyms_names[];
extern const u32 kallsyms_num;

/*
 * The symbol that contains `addr`: its name, and through the pointers (either may be NULL)
 * the distance from its start and its size.  NULL if addr lies outside the image or there
 * are no symbols.  Any context; reads only constant data.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *off, unsigned long *size);

/* Address of the first symbol of that name, or 0. */
unsigned long kallsyms_addr(const char *name);

#endif
