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
 * are off meanwhile.  0; -ENODEV if there is no trampoline, or 64-bit mode is
 * wanted and the CPU has none.  Does not sleep.
 */
int tramp_call(struct tramp_request *req);

/*
 * The directory for such a trip, filled anew (arch/x86/mm/tramp_pgd.c).  Its physical
 * address, or 0: the trampoline cannot be mapped.
 */
unsigned long tramp_pgd_build(void);

/* A request through which the firmware function at `entry` is called; then tramp_call. */
int firmware_call(u64 entry, u64 a0, u64 a1, u64 a2, u64 a3, u64 *result);

/*
 * The same with a limit: if the service has not returned after `ms` (at most 10000), the
 * trampoline comes back without it and the result is EFI_TIMEOUT.  Works by the LAPIC timer,
 * with interrupts on during the call; without a LAPIC there is no limit.  Only after
 * arch_quiesce(), since every other interrupt must be masked.
 */
int firmware_call_timed(u64 entry, const u64 args[4], unsigned ms, u64 *result);

#define TRAMP_TIMEOUT_VECTOR	31

/* Position in EFI_RUNTIME_SERVICES, behind its header (UEFI specification 4.5). */
enum runtime_service {
	RUNTIME_GET_TIME = 0,
	RUNTIME_RESET_SYSTEM = 10,
};

/* Physical address of a runtime service, 0 if the firmware's table cannot be read. */
u64 firmware_service(enum runtime_service n);

/* Is there a second package to start?  (paging=both, first kernel) */
bool other_kernel_present(void);

/*
 * Hand the results (pass, fail, skip) and the machine to the other kernel.  Does not
 * return; panics if there is no other kernel.
 */
__noreturn void start_other_kernel(unsigned pass, unsigned fail, unsigned skip);

#endif /* __ASSEMBLER__ */
#endif
