/* SPDX-License-Identifier: MIT */
/*
 * badfw: the processor and its interrupt sources, as bad firmware leaves them.
 *
 * Entry state is set right before the application starts.  Exit state is set after the
 * real ExitBootServices: everything runs, with handlers that are gone as soon as
 * somebody reuses our memory, as a firmware's are.
 */
#include "badfw.h"

#define CR4_UMIP	0x00000800ul
#define CR4_FSGSBASE	0x00010000ul
#define CR4_PCIDE	0x00020000ul
#define CR4_OSXSAVE	0x00040000ul
#define CR4_SMEP	0x00100000ul
#define CR4_SMAP	0x00200000ul
#define CR4_PKE		0x00400000ul
#define CR4_CET		0x00800000ul
#define CR4_PGE		0x00000080ul
#define MSR_APIC_BASE	0x1bu
#define MSR_PAT		0x277u

static UINTN entry_cr4, saved_cr4;
static UINT64 saved_pat;

void cpuid(UINT32 leaf, UINT32 sub, UINT32 r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(sub));
}

UINT64 rdmsr(UINT32 msr)
{
	UINT32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return ((UINT64)hi << 32) | lo;
}

void wrmsr(UINT32 msr, UINT64 v)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((UINT32)v), "d"((UINT32)(v >> 32)));
}

#define CR_ACCESS(n)							\
UINTN read_cr##n(void)							\
{									\
	UINTN v;							\
									\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v));		\
	return v;							\
}									\
									\
void write_cr##n(UINTN v)						\
{									\
	__asm__ volatile("mov %0, %%cr" #n :: "r"(v) : "memory");	\
}

CR_ACCESS(0)
CR_ACCESS(3)
CR_ACCESS(4)

static EFI_STATUS lacking(const char *what)
{
	say("ERROR: %s: this CPU has none", what);
	return EFI_UNSUPPORTED;
}

/* Collect the CR4 bits to set; an option that the CPU cannot do fails the run. */
EFI_STATUS cpu_check(void)
{
	UINT32 one[4], seven[4] = { 0 }, ext[4], max[4];
	BOOLEAN all = opt.cr4 != 0, wide = sizeof(UINTN) == 8;

	cpuid(0, 0, max);
	cpuid(1, 0, one);
	if (max[0] >= 7)
		cpuid(7, 0, seven);
	cpuid(0x80000001, 0, ext);
	if (opt.nx && !(ext[3] & (1u << 20)))
		return lacking("nx");
	if (opt.la57 && (!wide || !(seven[2] & (1u << 16))))
		return lacking("la57");
	if (opt.smep && !(seven[1] & (1u << 7)))
		return lacking("smep");
	if (opt.smap && !(seven[1] & (1u << 20)))
		return lacking("smap");
	if (opt.pae && (wide || !(one[3] & (1u << 6))))
		return lacking("pae");
	if (opt.nopaging && (wide || opt.nx || opt.pae || opt.memattr == MEMATTR_OK))
		return lacking("nopaging");
	if (opt.cet && !(seven[2] & (1u << 7)) && !(seven[3] & (1u << 20)))
		say("cet: this CPU has none, left out");
	else if (opt.cet || (all && (seven[2] & (1u << 7))))
		entry_cr4 |= CR4_CET;
	if (opt.smep || (all && (seven[1] & (1u << 7))))
		entry_cr4 |= CR4_SMEP;
	if (opt.smap || (all && (seven[1] & (1u << 20))))
		entry_cr4 |= CR4_SMAP;
	if (all && (seven[1] & 1) && wide)
		entry_cr4 |= CR4_FSGSBASE;
	if (all && (seven[2] & (1u << 2)))
		entry_cr4 |= CR4_UMIP;
	if (all && (seven[2] & (1u << 3)) && wide)
		entry_cr4 |= CR4_PKE;
	if (all && (one[2] & (1u << 17)) && wide)
		entry_cr4 |= CR4_PCIDE;
	if (all && (one[2] & (1u << 26)))
		entry_cr4 |= CR4_OSXSAVE;
	if (all && (one[3] & (1u << 13)))
		entry_cr4 |= CR4_PGE;
	return EFI_SUCCESS;
}

void cpu_entry_state(void)
{
	saved_cr4 = read_cr4();
	if (entry_cr4)
		write_cr4(saved_cr4 | entry_cr4);
	if (opt.pat) {
		/* WB WT UC- UC as after reset, then WC WP WB UC-. */
		saved_pat = rdmsr(MSR_PAT);
		wrmsr(MSR_PAT, 0x0706050100070406ull);
	}
	say("entry: cr0=%x cr3=%x cr4=%x", read_cr0(), read_cr3(), read_cr4());
}

void cpu_restore(void)
{
	write_cr4(saved_cr4);
	if (opt.pat)
		wrmsr(MSR_PAT, saved_pat);
}

static void install_stub(UINT8 *gate, UINT16 cs)
{
	UINTN at = (UINTN)irq_stub;

	bf_memset(gate, 0, sizeof(UINTN) * 2);
	*(UINT16 *)gate = (UINT16)at;
	*(UINT16 *)(gate + 2) = cs;
	gate[5] = 0x8e;
	*(UINT16 *)(gate + 6) = (UINT16)(at >> 16);
	if (sizeof(UINTN) == 8)
		*(UINT32 *)(gate + 8) = (UINT32)((UINT64)at >> 32);
}

/* Firmware's exceptions, our handler for every interrupt from 0x20 up. */
static void own_idt(void)
{
	static UINT8 idt[256 * 16] __attribute__((aligned(16)));
	struct table_reg r;
	UINTN gate = sizeof(UINTN) * 2, v, old;
	UINT16 cs;

	__asm__ volatile("sidt %0" : "=m"(r));
	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	old = (UINTN)r.limit + 1;
	bf_memcpy(idt, (void *)table_base(&r), old < gate * 32 ? old : gate * 32);
	for (v = 32; v < 256; v++)
		install_stub(idt + v * gate, cs);
	r.limit = (UINT16)(256 * gate - 1);
	set_table_base(&r, (UINTN)idt);
	__asm__ volatile("lidt %0" :: "m"(r));
}

static volatile UINT32 *lapic(void)
{
	UINT32 r[4];
	UINT64 base;

	cpuid(1, 0, r);
	if (!(r[3] & (1u << 9)))
		return NULL;
	base = rdmsr(MSR_APIC_BASE);
	return base & 0x800 ? (UINT32 *)(UINTN)(base & ~0xfffull & 0xffffffff) : NULL;
}

static void lapic_state(volatile UINT32 *apic)
{
	if (!apic) {
		say("lapic, lint0: no LAPIC, left out");
		return;
	}
	if (opt.lapic) {
		apic[0xf0 / 4] = 0x1ff;			/* on, spurious vector 0xff */
		apic[0x80 / 4] = 0;			/* TPR: let everything in */
		apic[0x3e0 / 4] = 0xb;			/* divide by 1 */
		apic[0x320 / 4] = 0x20000 | (UINT32)opt.lapic;	/* periodic */
		apic[0x380 / 4] = 2000000;		/* 1 GHz in QEMU: 2 ms */
	}
	if (opt.lint0) {
		apic[0x350 / 4] |= 0x10000;
		apic[0x360 / 4] |= 0x10000;
	}
}

/* 8259 as firmware with a PIT timer leaves it: bases 0x68 and 0x70, nothing masked. */
static void pic_state(void)
{
	static const UINT8 init[] = { 0x11, 0x68, 0x04, 0x01, 0x11, 0x70, 0x02, 0x01 };
	UINTN i;

	for (i = 0; i < 4; i++) {
		outb(i ? 0x21 : 0x20, init[i]);
		outb(i ? 0xa1 : 0xa0, init[i + 4]);
	}
	outb(0x43, 0x34);			/* PIT channel 0: rate, 1 kHz */
	outb(0x40, 0xa9);
	outb(0x40, 0x04);
	/*
	 * A level-triggered line that nobody serves would never let go of the CPU: with
	 * IF on these stay masked, as on a machine that lives.
	 */
	outb(0x21, opt.intr ? inb(0x4d0) : 0);
	outb(0xa1, opt.intr ? inb(0x4d1) : 0);
}

void cpu_exit_state(void)
{
	volatile UINT32 *apic = lapic();
	UINTN i;

	__asm__ volatile("cli");
	own_idt();
	irq_lapic_eoi = apic ? (UINTN)apic + 0xb0 : 0;
	if (opt.lapic || opt.lint0)
		lapic_state(apic);
	if (opt.pic)
		pic_state();
	if (opt.intr) {
		__asm__ volatile("sti");
		if (opt.pic || opt.lapic)
			for (i = 0; i < 20000000 && *(volatile UINTN *)&irq_count < 3; i++)
				__asm__ volatile("pause");
		say("exit: IF on, %d interrupts so far", irq_count);
	}
	if (opt.pic || opt.lapic || opt.lint0)
		say("exit: pic=%x/%x lvt-timer=%x lint0=%x", (UINTN)inb(0x21),
		    (UINTN)inb(0xa1), apic ? (UINTN)apic[0x320 / 4] : 0,
		    apic ? (UINTN)apic[0x350 / 4] : 0);
}

EFI_STATUS cpu_tables_high(void)
{
	EFI_PHYSICAL_ADDRESS at;
	struct table_reg g, i;
	EFI_STATUS st;

	st = alloc_above_4g(EfiBootServicesData, 4, &at);
	if (st)
		return st;
	__asm__ volatile("sgdt %0" : "=m"(g));
	__asm__ volatile("sidt %0" : "=m"(i));
	bf_memcpy((void *)(UINTN)at, (void *)table_base(&g), (UINTN)g.limit + 1);
	bf_memcpy((void *)(UINTN)(at + 0x2000), (void *)table_base(&i), (UINTN)i.limit + 1);
	set_table_base(&g, (UINTN)at);
	set_table_base(&i, (UINTN)(at + 0x2000));
	__asm__ volatile("lgdt %0" :: "m"(g));
	__asm__ volatile("lidt %0" :: "m"(i));
	return EFI_SUCCESS;
}
