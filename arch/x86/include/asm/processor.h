/* SPDX-License-Identifier: MIT */
/*
 * Control registers, CPUID and what this processor can do.  Names of bits are those of
 * the Intel SDM, volume 3, 2.5.
 */
#ifndef ASM_PROCESSOR_H
#define ASM_PROCESSOR_H

#include <kernel/const.h>

#define X86_CR0_PE	_UL(0x00000001)
#define X86_CR0_MP	_UL(0x00000002)
#define X86_CR0_EM	_UL(0x00000004)
#define X86_CR0_TS	_UL(0x00000008)
#define X86_CR0_ET	_UL(0x00000010)
#define X86_CR0_NE	_UL(0x00000020)
#define X86_CR0_WP	_UL(0x00010000)
#define X86_CR0_AM	_UL(0x00040000)
#define X86_CR0_NW	_UL(0x20000000)
#define X86_CR0_CD	_UL(0x40000000)
#define X86_CR0_PG	_UL(0x80000000)

#define X86_CR4_VME	_UL(0x00000001)
#define X86_CR4_TSD	_UL(0x00000004)
#define X86_CR4_DE	_UL(0x00000008)
#define X86_CR4_PSE	_UL(0x00000010)
#define X86_CR4_PAE	_UL(0x00000020)
#define X86_CR4_MCE	_UL(0x00000040)
#define X86_CR4_PGE	_UL(0x00000080)
#define X86_CR4_OSFXSR	_UL(0x00000200)
#define X86_CR4_OSXMMEXCPT _UL(0x00000400)
#define X86_CR4_UMIP	_UL(0x00000800)
#define X86_CR4_LA57	_UL(0x00001000)
#define X86_CR4_PCIDE	_UL(0x00020000)
#define X86_CR4_OSXSAVE	_UL(0x00040000)
#define X86_CR4_SMEP	_UL(0x00100000)
#define X86_CR4_SMAP	_UL(0x00200000)
#define X86_CR4_PKE	_UL(0x00400000)
#define X86_CR4_CET	_UL(0x00800000)

#define MSR_APIC_BASE	0x0000001b
#define MSR_PAT		0x00000277
#define MSR_EFER	0xc0000080
#define EFER_SCE	_UL(0x001)
#define EFER_LME	_UL(0x100)
#define EFER_LMA	_UL(0x400)
#define EFER_NXE	_UL(0x800)

#ifndef __ASSEMBLER__
#include <kernel/types.h>

static inline unsigned long read_cr0(void)
{
	unsigned long v;

	__asm__ __volatile__("mov %%cr0, %0" : "=r" (v));
	return v;
}

static inline void write_cr0(unsigned long v)
{
	__asm__ __volatile__("mov %0, %%cr0" : : "r" (v) : "memory");
}

static inline unsigned long read_cr2(void)
{
	unsigned long v;

	__asm__ __volatile__("mov %%cr2, %0" : "=r" (v));
	return v;
}

static inline unsigned long read_cr3(void)
{
	unsigned long v;

	__asm__ __volatile__("mov %%cr3, %0" : "=r" (v) : : "memory");
	return v;
}

/* Uncounted: everybody but load_cr3() and the trampoline uses load_cr3(). */
static inline void write_cr3(unsigned long v)
{
	__asm__ __volatile__("mov %0, %%cr3" : : "r" (v) : "memory");
}

static inline unsigned long read_cr4(void)
{
	unsigned long v;

	__asm__ __volatile__("mov %%cr4, %0" : "=r" (v));
	return v;
}

static inline void write_cr4(unsigned long v)
{
	__asm__ __volatile__("mov %0, %%cr4" : : "r" (v) : "memory");
}

static inline void cpuid_count(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ __volatile__("cpuid"
		: "=a" (*a), "=b" (*b), "=c" (*c), "=d" (*d)
		: "0" (leaf), "2" (sub));
}

static inline void cpuid(u32 leaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	cpuid_count(leaf, 0, a, b, c, d);
}

static inline void cpu_relax(void)
{
	__asm__ __volatile__("rep; nop" : : : "memory");
}

static inline void cpu_halt(void)
{
	__asm__ __volatile__("hlt" : : : "memory");
}

/*
 * Wait for an interrupt.  Called with interrupts off; STI takes effect after the next
 * instruction, so one that is pending already ends the HLT and is not lost before it.
 */
static inline void cpu_idle_halt(void)
{
	__asm__ __volatile__("sti; hlt" : : : "memory");
}
#endif

#include <asm/cpufeature.h>

#endif
