/* SPDX-License-Identifier: MIT */
/*
 * Non-maskable interrupts.  Laptops raise them in the middle of long runs for reasons of
 * their own (power management, parity), so one is counted, said at most once a second,
 * and survived.  Machine checks are the end.
 */
#include <asm/io.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/traps.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <mm/highmem.h>

#define PORT_NMI_REASON		0x61
#define NMI_REASON_SERR		0x80
#define NMI_REASON_IOCHK	0x40
#define NMI_CLEAR_BOTH		0x0c	/* SERR and IOCHK, while set */

#define MSR_MCG_CAP		0x179
#define MSR_MC0_STATUS		0x401
#define MCI_STATUS_VALID	(1ull << 63)

unsigned long nmi_count;

/* What the chip set says about it; the latch must be cleared or no second one comes. */
static const char *nmi_reason(void)
{
	u8 reason = inb(PORT_NMI_REASON), keep = reason & 0x03;

	if (reason == 0xff || !(reason & (NMI_REASON_SERR | NMI_REASON_IOCHK)))
		return "unknown source";
	outb(keep | NMI_CLEAR_BOTH, PORT_NMI_REASON);
	outb(keep, PORT_NMI_REASON);
	return reason & NMI_REASON_SERR ? "PCI system error" : "I/O check";
}

void do_nmi(struct pt_regs *regs)
{
	static u64 last;
	static unsigned long reported;
	const char *reason = nmi_reason();
	unsigned int context;
	u64 now = rdtsc();

	nmi_count++;
	if (last && now - last < ns_to_tsc(NSEC_PER_SEC))
		return;
	last = now;
	context = kmap_context_enter(KMAP_OOPS);
	pr_warn("nmi: %s, %lu since the last line, %lu in all; going on\n", reason,
		nmi_count - reported, nmi_count);
	reported = nmi_count;
	kmap_context_leave(context);
}

/* The banks say which part of the hardware it was. */
static void show_mce_banks(void)
{
	u64 cap, status;
	unsigned bank;

	if (rdmsr_safe(MSR_MCG_CAP, &cap))
		return;
	for (bank = 0; bank < (cap & 0xff) && bank < 32; bank++) {
		if (rdmsr_safe(MSR_MC0_STATUS + 4 * bank, &status) ||
		    !(status & MCI_STATUS_VALID))
			continue;
		pr_emerg("machine check: bank %u status %016llx\n", bank,
			 (unsigned long long)status);
	}
}

void do_machine_check(struct pt_regs *regs)
{
	show_mce_banks();
	die("machine check: the processor reports broken hardware", regs, 0);
}
