/* SPDX-License-Identifier: MIT */
/*
 * Smoke: out of this kernel's paging mode and back.
 *
 * Through the trampoline to its hub, 32-bit with paging off, and on processors with long
 * mode to 64-bit mode on the identity tables: the two halves of every change of mode and
 * of every firmware call.
 */
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/tramp.h>
#include <kernel/time.h>
#include "smoke.h"

struct cpu_words {
	unsigned long cr0, cr3, cr4, flags;
	u64 efer;
};

static struct cpu_words cpu_words(void)
{
	struct cpu_words w = {
		.cr0 = read_cr0(), .cr3 = read_cr3(), .cr4 = read_cr4(),
		.flags = local_save_flags() & X86_EFLAGS_IF,
	};

	rdmsr_safe(MSR_EFER, &w.efer);
	return w;
}

/* One trip; what the processor was like there. */
static bool trip(struct row *r, u32 target, u64 *seen)
{
	struct tramp_request req = { .target = target, .cr3 = boot_info->identity.base };
	struct cpu_words before = cpu_words(), after;

	if (!row_ok(r, tramp_call(&req) == 0, "the trampoline is missing: loader and kernel do not fit"))
		return false;
	after = cpu_words();
	row_eq(r, after.cr0, before.cr0, "CR0 after the trip");
	row_eq(r, after.cr3, before.cr3, "CR3 after the trip");
	row_eq(r, after.cr4, before.cr4, "CR4 after the trip");
	row_eq(r, after.efer, before.efer, "EFER after the trip");
	row_eq(r, after.flags, before.flags, "interrupt flag after the trip");
	*seen = req.result;
	return true;
}

void smoke_mode32_round_trip(struct row *r)
{
	bool has64 = cpu_has(X86_FEATURE_LM) && boot_info->identity.size;
	u64 cr0 = 0, efer = 0, start = rdtsc(), ticks;

	if (!trip(r, TRAMP_HUB, &cr0))
		return;
	row_ok(r, (cr0 & (X86_CR0_PE | X86_CR0_PG | X86_CR0_WP | X86_CR0_CD)) == X86_CR0_PE,
	       "32-bit mode without paging was not reached: CR0 was %#llx", ULL(cr0));
	ticks = rdtsc() - start;
	if (has64 && trip(r, TRAMP_PROBE64, &efer))
		row_ok(r, efer & EFER_LME && efer & EFER_LMA,
		       "64-bit mode was not reached: EFER was %#llx", ULL(efer));
	row_info(r, "hub CR0=%llx, 64-bit EFER=%llx%s, there and back in %llu us",
		 ULL(cr0), ULL(efer), has64 ? "" : " (not there)",
		 ULL(tsc_to_ns(ticks) / 1000));
}
