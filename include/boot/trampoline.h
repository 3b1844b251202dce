/* SPDX-License-Identifier: MIT */
/*
 * The trampoline: position-independent code below 768 MiB that changes the paging mode.
 *
 * Every transition goes through one hub state (32-bit flat protected mode, PG=0, WP=0,
 * EFER.LME=NXE=0, CR4 = MCE|OSFXSR|OSXMMEXCPT, CR3=0), so each direction is half a path.
 * The loader copies it to boot_info.trampoline and uses it to start a kernel; a kernel
 * uses it to start the other kernel, and to call firmware and come back.
 *
 * Layout of the range: code first (TRAMP_FROM32 and TRAMP_FROM64 are its entries), the
 * request at TRAMP_REQUEST, own stack growing down from the end of the range.
 *
 * Calling it: fill in the request, interrupts off, CR4.PCIDE/CET/SMEP/SMAP/PGE off, the
 * trampoline identity-mapped and executable in the current CR3 (or paging off); then
 * jump to base + TRAMP_FROM64 in 64-bit mode or base + TRAMP_FROM32 in 32-bit mode
 * (flat segments).  No register carries an argument.
 */
#ifndef BOOT_TRAMPOLINE_H
#define BOOT_TRAMPOLINE_H

#define TRAMP_FROM32	0x00	/* 32-bit entry */
#define TRAMP_FROM64	0x10	/* 64-bit entry */
#define TRAMP_REQUEST	0x1000	/* struct tramp_request */
#define TRAMP_SIZE	0x3000	/* code, request, stack: a page each */

/* tramp_request.target */
#define TRAMP_ENTER_L2	2	/* jump to entry: 32-bit, PG=0, ESI = arg[0]; no return */
#define TRAMP_ENTER_L4	4	/* jump to entry: 64-bit, CR3 = cr3, RSI = arg[0]; no return */
#define TRAMP_CALL64	64	/* call entry in 64-bit mode on cr3, Microsoft x64 ABI, arg[0..3] */
#define TRAMP_CALL32	32	/* call entry as 32-bit firmware left the CPU, cdecl, arg[0..3] */
#define TRAMP_HUB	1	/* to the hub and back: result = CR0 seen there */
#define TRAMP_PROBE64	65	/* to 64-bit mode and back: result = EFER seen there */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct tramp_request {
	/* 0x00 */ uint32_t target;
	/* 0x04 */ uint32_t back_mode;		/* 4 or 2: the mode to come back to; 0: none */
	/* 0x08 */ uint64_t entry;		/* physical */
	/* 0x10 */ uint64_t cr3;		/* identity tables for 64-bit targets */
	/* 0x18 */ uint64_t arg[4];
	/* 0x38 */ uint64_t result;
	/*
	 * The way back, filled in by the caller: the trampoline restores these four
	 * registers, loads ESP/RSP and jumps to back_ip (a kernel virtual address valid
	 * under back_cr3, which must also map the trampoline at identity).  The caller
	 * reloads GDT, IDT, TR and segments itself.
	 */
	/* 0x40 */ uint64_t back_cr0;
	/* 0x48 */ uint64_t back_cr3;
	/* 0x50 */ uint64_t back_cr4;		/* PGE, PCIDE, SMEP, SMAP, CET must be clear */
	/* 0x58 */ uint64_t back_efer;		/* ignored when the CPU has no EFER and it is 0 */
	/* 0x60 */ uint64_t back_ip;
	/* 0x68 */ uint64_t back_sp;
	/* 32-bit firmware's own state for TRAMP_CALL32, copied from boot_info. */
	/* 0x70 */ uint32_t fw_cr0, fw_cr3, fw_cr4;
	/*
	 * 0x7c: not 0: interrupts are on during TRAMP_CALL64 and TRAMP_CALL32, and vector 31,
	 * the caller's timer, gives up the call with EFI_TIMEOUT as its result.
	 */
	uint32_t fw_timed;
	/* 0x80 */ uint32_t fw_gdtr_base, fw_idtr_base;
	/* 0x88 */ uint16_t fw_gdtr_limit, fw_idtr_limit, fw_cs, fw_ds, fw_es, fw_fs, fw_gs, fw_ss;
};

_Static_assert(__builtin_offsetof(struct tramp_request, back_cr0) == 0x40, "asm");
_Static_assert(__builtin_offsetof(struct tramp_request, fw_cr0) == 0x70, "asm");
_Static_assert(__builtin_offsetof(struct tramp_request, fw_gdtr_limit) == 0x88, "asm");
#endif

#endif
