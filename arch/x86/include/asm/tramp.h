/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of the trampoline: leave this paging mode and come back, or not
 * (include/boot/trampoline.h).  The trampoline, the identity tables and package 1 must
 * still be reserved.
 */
#ifndef ASM_TRAMP_H
#define ASM_TRAMP_H

#include <boot/trampoline.h>

#ifndef __ASSEMBLER__
#include <kernel/kernel.h>

/*
 * Run one TRAMP_CALL*, TRAMP_HUB or TRAMP_PROBE64 request: the caller fills target, entry,
 * cr3 and arg; the way back is filled in here.  On return everything is as before
 * (tables, segments, CR0-CR4, EFER, interrupt flag) and req->result is set.  Interrupts
 * are off meanwhile.  0; -ENODEV if there is no trampoline.  Does not sleep.
 */
int tramp_call(struct tramp_request *req);

/* A request through which the firmware function at `entry` is called; then tramp_call. */
int firmware_call(u64 entry, u64 a0, u64 a1, u64 a2, u64 a3, u64 *result);

/* Is there a second package to start?  (paging=both, first kernel) */
bool other_kernel_present(void);

/*
 * Hand the results (pass, fail, skip) and the machine to the other kernel.  Does not
 * return; panics if there is no other kernel.
 */
__noreturn void start_other_kernel(unsigned pass, unsigned fail, unsigned skip);

#endif /* __ASSEMBLER__ */
#endif
