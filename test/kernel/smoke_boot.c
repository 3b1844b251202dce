/* SPDX-License-Identifier: MIT */
/*
 * Smoke: leaving the firmware, and the processor as the firmware left it (UEFI 2.10, 2.3.2
 * and 2.3.4: what a loader may rely on at its entry).
 */
#include <asm/msr.h>
#include <asm/processor.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "smoke.h"

#define EBS_SLOW_MS	500
#define FLAGS_IF	0x200u
#define FLAGS_DF	0x400u

void smoke_ebs_tries(struct row *r)
{
	row_info(r, "%u", boot_info->ebs_tries);
	row_ok(r, boot_info->ebs_tries > 0, "the loader did not count its calls of ExitBootServices");
	if (boot_info->ebs_tries > 1)
		row_warn(r, "the map changed before the exit; legal, but a loader that tries once fails here");
}

void smoke_ebs_time(struct row *r)
{
	u64 us = tsc_to_ns(boot_info->ebs_tsc) / 1000;

	row_info(r, "%llu.%03llu ms", ULL(us / 1000), ULL(us % 1000));
	if (!row_ok(r, boot_info->ebs_tsc, "the loader measured nothing: does the TSC count?"))
		return;
	if (us >= EBS_SLOW_MS * 1000)
		row_warn(r, "a driver of the firmware takes long to stop; remove devices one by one to find it");
}

static void check_cr0(struct row *r, u64 cr0)
{
	row_ok(r, cr0 & X86_CR0_PE, "not in protected mode (CR0.PE): not an UEFI environment");
	row_ok(r, !(cr0 & (X86_CR0_EM | X86_CR0_TS)),
	       "CR0.EM or TS is set: floating point faults; UEFI wants both clear");
	if (cr0 & (X86_CR0_CD | X86_CR0_NW))
		row_warn(r, "caches were off (CR0.CD, NW): loaders crawl until a system turns them on");
}

static void check_long_mode(struct row *r, const struct boot_cpu_state *c)
{
	row_ok(r, c->cr0 & X86_CR0_PG && c->cr4 & X86_CR4_PAE && c->efer & EFER_LMA,
	       "64-bit firmware, but CR0.PG, CR4.PAE or EFER.LMA is clear");
	if (!(c->cr4 & X86_CR4_OSFXSR))
		row_warn(r, "CR4.OSFXSR is clear: a loader that uses SSE registers faults");
}

void smoke_entry_cpu_state(struct row *r)
{
	const struct boot_cpu_state *c = &boot_info->cpu;

	row_info(r, "CR0=%llx CR4=%llx EFER=%llx FLAGS=%llx PIC=%02x/%02x", ULL(c->cr0),
		 ULL(c->cr4), ULL(c->efer), ULL(c->rflags), c->pic_mask[0], c->pic_mask[1]);
	check_cr0(r, c->cr0);
	if (boot_info->firmware_width == 64)
		check_long_mode(r, c);
	row_ok(r, !(c->rflags & FLAGS_DF), "the direction flag is set: string copies run backwards");
	if (!(c->rflags & FLAGS_IF))
		row_warn(r, "interrupts were off, UEFI wants them on: the firmware's timers may stand still");
	if (c->pic_mask[0] != 0xff || c->pic_mask[1] != 0xff)
		row_warn(r, "lines of the 8259 are open: an interrupt can hit a kernel that is not ready");
}

void smoke_entry_la57(struct row *r)
{
	bool has = cpu_has(X86_FEATURE_LA57), was = boot_info->cpu.cr4 & X86_CR4_LA57;

	row_info(r, "%s at entry, processor %s five levels", was ? "on" : "off",
		 has ? "has" : "does not have");
	row_ok(r, !(read_cr4() & X86_CR4_LA57),
	       "five-level paging is still on: the change of mode did not reach CR4");
	row_ok(r, has || !was, "CR4.LA57 is set although CPUID does not offer it");
}
