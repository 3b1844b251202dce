/* SPDX-License-Identifier: MIT */
/* May the kernel execute what lies at an address? */
#ifndef ASM_EXEC_PROBE_H
#define ASM_EXEC_PROBE_H

struct exec_probe {
	unsigned long target;	/* being jumped to; 0: none */
	unsigned long fixup;	/* where to go on when that faults */
	unsigned long sp;	/* with this stack pointer */
};
extern struct exec_probe exec_probe_state;

/*
 * Call the code at `addr`, which must return at once.  0, or -EFAULT when the jump was a
 * page fault.  Not nested, interrupts off.
 */
int exec_probe(const void *addr);

#endif
