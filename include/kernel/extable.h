/* SPDX-License-Identifier: MIT */
/*
 * The exception table (Gorman 4.3 / 5.5; Bovet & Cesati ch. 10): pairs of an instruction
 * that may fault in kernel mode and the place to go on if it does.
 *
 * Both members are 32-bit distances from their own address, in both modes, so the table
 * needs no relocation when the image moves.  The linker gathers section __ex_table between
 * __start___ex_table and __stop___ex_table; tools/sortextable sorts it in the finished ELF
 * file, so that the search is binary and works from the first instruction.
 */
#ifndef KERNEL_EXTABLE_H
#define KERNEL_EXTABLE_H

#ifdef __ASSEMBLER__

.macro _ASM_EXTABLE from, to
	.pushsection __ex_table, "a"
	.balign 4
	.long \from - .
	.long \to - .
	.popsection
.endm

#else

#include <kernel/types.h>

/* For inline assembly: if the instruction at `from` faults, go on at `to`. */
#define _ASM_EXTABLE(from, to)			\
	"	.pushsection __ex_table, \"a\"\n"	\
	"	.balign 4\n"				\
	"	.long " #from " - .\n"			\
	"	.long " #to " - .\n"			\
	"	.popsection\n"

struct exception_table_entry {
	s32 insn, fixup;
};

struct pt_regs;

/*
 * If regs->ip is in the table, point it at the fixup and return true; else change nothing
 * and return false.  Callable in any context, before any initialisation.
 */
bool fixup_exception(struct pt_regs *regs);

/* Address of the fixup for the instruction at `ip`, or 0.  Same contexts. */
unsigned long search_extable(unsigned long ip);

/* Number of entries; *sorted says whether they ascend strictly. For the self tests. */
size_t extable_check(bool *sorted);

/* Instruction address of entry n (n < extable_check()). */
unsigned long extable_insn(size_t n);

/*
 * Copy `n` bytes from or to a kernel address that may be bad.  0, or -EFAULT with part of
 * the copy done.  Never sleeps, usable in any context (backtrace of a broken stack).
 * User addresses are refused unless mapped: a fault there is fixed up, not served.
 */
int probe_kernel_read(void *dst, const void *src, size_t n);
int probe_kernel_write(void *dst, const void *src, size_t n);

#endif /* __ASSEMBLER__ */
#endif
