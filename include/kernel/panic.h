/* SPDX-License-Identifier: MIT */
/*
 * The ways out of a kernel that found something broken.
 *
 *	WARN_ON  a line and a backtrace, then on
 *	die      an exception in kernel mode that nobody expected: oops, then the end
 *	panic    a broken invariant: message, backtrace, the end
 *
 * The end is exit_kernel(KERNEL_PANIC): what `exit=` says, 0x12 to QEMU with exit=qemu.
 * All may be called in any context, with any lock held, also from each other: the second
 * time around only a line is printed, the third time the machine just stops.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <kernel/kernel.h>

struct pt_regs;

#define NO_ERROR_CODE	(-1l)	/* for die: no exception, the CPU pushed none */
#define NO_ADDRESS	(~0ul)	/* for die_at: nothing to walk */

extern int oops_in_progress;	/* > 0: some message may be cut short to be seen at all */
extern unsigned warn_count;	/* WARN_ONs and other suspicious things since boot */

/* panic() and warn_at() are declared in <kernel/kernel.h>. */

/*
 * Report an exception in kernel mode and end.  `what` is the one-line reason ("unable to
 * handle kernel NULL pointer dereference at 0000000000000010"), error_code what the CPU
 * pushed.  Prints registers, code bytes, backtrace.
 */
__noreturn void die(const char *what, struct pt_regs *regs, long error_code);

/* The same for a fault at a data address: prints the page-table walk of it too. */
__noreturn void die_at(const char *what, struct pt_regs *regs, long error_code,
		       unsigned long address);

/*
 * Bracket a report: interrupts off, consoles taken by force, nesting counted.  oops_begin
 * returns false if the report must be dropped because it is a report of a report; what it
 * stores in *flags belongs to oops_end.
 */
bool oops_begin(unsigned long *flags);
void oops_end(unsigned long flags);

/* The pieces of a report, for whoever needs one alone. */
void show_regs(const struct pt_regs *regs);
void show_code(const struct pt_regs *regs);

/* Backtrace of the caller, or of `regs` (NULL: the caller). */
void dump_stack(void);
void show_backtrace(const struct pt_regs *regs);

/*
 * Return addresses from frame pointer `bp` on into ip[0..n): how many were found.  Each
 * step is checked (inside one stack's reach, ascending) and read fault-safe, so any garbage
 * is tolerated.  Frames of interrupted code are followed through their pt_regs.
 */
size_t stack_walk(unsigned long bp, unsigned long *ip, size_t n);

#endif
