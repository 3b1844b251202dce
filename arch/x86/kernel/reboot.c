/* SPDX-License-Identifier: MIT */
/*
 * How a PC is restarted and switched off.  No method works everywhere: firmware services
 * return or do nothing, the keyboard controller is not there, the FADT names no register.
 * So each is tried, given a bounded time, and the next one follows.
 */
#include <asm/desc.h>
#include <asm/fixmap.h>
#include <asm/io.h>
#include <asm/irqflags.h>
#include <asm/page.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/tramp.h>
#include <asm/traps.h>
#include <kernel/acpi.h>
#include <kernel/irq.h>
#include <kernel/poll.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/time.h>

#define EFI_RESET_WARM		1	/* keeps memory, and the report in it */
#define EFI_RESET_SHUTDOWN	2
#define EFI_TIMEOUT_LOW		0x12	/* EFI_TIMEOUT: this and the top bit of its width */

#define SETTLE_US	100000	/* how long a reset may take to bite */
#define FIRMWARE_MS	5000	/* how long the firmware may take for it */
#define DEBUG_EXIT_PORT	0xf4
#define PM1_SCI_EN	0x0001
#define PM1_SLP_TYP	10	/* shift; three bits */
#define PM1_SLP_EN	0x2000

/* Call ResetSystem; if that returns, say so. */
static void efi_reset_system(unsigned type)
{
	u64 entry = traps_ready() ? firmware_service(RUNTIME_RESET_SYSTEM) : 0;
	u64 status = 0, args[4] = { type };

	if (firmware_call_timed(entry, args, FIRMWARE_MS, &status))
		return;
	if ((status & 0xff) == EFI_TIMEOUT_LOW && status >> 31)
		pr_warn("the firmware's ResetSystem did not come back within %u s\n",
			FIRMWARE_MS / 1000);
	else
		pr_warn("the firmware's ResetSystem came back with status %llx\n",
			(unsigned long long)status);
}

static void efi_reset(void)
{
	efi_reset_system(EFI_RESET_WARM);
}

static void reset_by_memory(u64 address, u8 value)
{
	char *p = (char *)fix_to_virt(FIX_IOAPIC) + (address & (PAGE_SIZE - 1));

	set_fixmap_nocache(FIX_IOAPIC, address & ~(u64)(PAGE_SIZE - 1));
	writeb(value, p);
}

/* Bus 0; device in bits 32 to 47, function in 16 to 31, offset in 0 to 15. */
static void reset_by_pci(u64 address, u8 value)
{
	u32 offset = (u32)address & 0xff;

	outl(0x80000000 | ((u32)(address >> 32) & 31) << 11 |
	     ((u32)address >> 16 & 7) << 8 | (offset & 0xfc), 0xcf8);
	outb(value, (u16)(0xcfc + (offset & 3)));
}

static void acpi_reset(void)
{
	const struct acpi_gas *r = &acpi_info.reset_reg;

	if (!r->width || !r->address)
		return;
	if (r->space == 0)
		reset_by_memory(r->address, acpi_info.reset_value);
	else if (r->space == 1)
		outb(acpi_info.reset_value, (u16)r->address);
	else if (r->space == 2)
		reset_by_pci(r->address, acpi_info.reset_value);
	udelay(SETTLE_US);
}

static void cf9_reset(void)
{
	u8 v = inb(0xcf9) & (u8)~0x0e;

	outb(v | 0x02, 0xcf9);		/* system reset ... */
	udelay(50);
	outb(v | 0x06, 0xcf9);		/* ... now */
	udelay(SETTLE_US);
}

static void kbc_reset(void)
{
	if (inb(0x64) == 0xff)		/* no controller */
		return;
	poll_until(!(inb(0x64) & 0x02), 10000);
	outb(0xfe, 0x64);		/* pulse the reset line */
	udelay(SETTLE_US);
}

/* An exception without an IDT: the CPU shuts down, which every PC turns into a reset. */
static void triple_fault(void)
{
	struct desc_ptr none = { 0 };

	__asm__ __volatile__("lidt %0; int3" : : "m" (none) : "memory");
}

const struct reset_method reset_methods[] = {
	{ "efi", efi_reset },
	{ "acpi", acpi_reset },
	{ "cf9", cf9_reset },
	{ "kbc", kbc_reset },
	{ "triple", triple_fault },
};
const unsigned reset_method_count = ARRAY_SIZE(reset_methods);

/* The machine may still be in legacy mode: ACPI mode comes first. */
static void acpi_enable(u16 pm1a)
{
	if (inw(pm1a) & PM1_SCI_EN || !acpi_info.smi_cmd || !acpi_info.acpi_enable)
		return;
	outb(acpi_info.acpi_enable, (u16)acpi_info.smi_cmd);
	poll_until(inw(pm1a) & PM1_SCI_EN, 300000);
}

static void sleep_port(u32 port, unsigned type)
{
	u16 v;

	if (!acpi_port_sane(port))
		return;
	v = (u16)(inw((u16)port) & ~(7u << PM1_SLP_TYP | PM1_SLP_EN));
	outw((u16)(v | type << PM1_SLP_TYP), (u16)port);
	outw((u16)(v | type << PM1_SLP_TYP | PM1_SLP_EN), (u16)port);
}

static void acpi_s5(void)
{
	if (!acpi_info.s5 || !acpi_port_sane(acpi_info.pm1a_cnt))
		return;
	acpi_enable((u16)acpi_info.pm1a_cnt);
	sleep_port(acpi_info.pm1a_cnt, acpi_info.s5_typa & 7);
	sleep_port(acpi_info.pm1b_cnt, acpi_info.s5_typb & 7);
	udelay(5 * SETTLE_US);
}

void arch_power_off(void)
{
	efi_reset_system(EFI_RESET_SHUTDOWN);
	acpi_s5();
}

void arch_debug_exit(unsigned status)
{
	outb((u8)status, DEBUG_EXIT_PORT);
}

void arch_quiesce(void)
{
	local_irq_disable();
	time_stop();
	irq_shutdown();
}

void arch_halt(void)
{
	local_irq_disable();
	for (;;)
		cpu_halt();
}
