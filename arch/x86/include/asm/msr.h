/* SPDX-License-Identifier: MIT */
/*
 * Model-specific registers and the time-stamp counter.
 *
 * rdmsr/wrmsr of a register that the CPU does not have is a general-protection fault and
 * so an oops; the _safe forms go through the exception table and return -EIO instead.
 * All work from the first C instruction after early_idt_init().
 */
#ifndef ASM_MSR_H
#define ASM_MSR_H

#define MSR_APIC_BASE		0x0000001b
#define MSR_SYSENTER_CS		0x00000174
#define MSR_MTRRCAP		0x000000fe
#define MSR_PLATFORM_INFO	0x000000ce
#define MSR_MISC_ENABLE		0x000001a0
#define MSR_PAT			0x00000277
#define MSR_MTRR_DEF_TYPE	0x000002ff
#define MSR_TSC_DEADLINE	0x000006e0
#define MSR_X2APIC_BASE		0x00000800	/* + register offset / 16 */
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SYSCALL_MASK	0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102

#define APIC_BASE_BSP		0x100ull
#define APIC_BASE_X2APIC	0x400ull
#define APIC_BASE_ENABLE	0x800ull

#ifndef __ASSEMBLER__
#include <linux/errno.h>
#include <kernel/types.h>
#include <kernel/extable.h>

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ __volatile__("rdmsr" : "=a" (low), "=d" (high) : "c" (msr) : "memory");
	return low | (u64)high << 32;
}

static inline void wrmsr(u32 msr, u64 v)
{
	__asm__ __volatile__("wrmsr" : : "c" (msr), "a" ((u32)v), "d" ((u32)(v >> 32))
			     : "memory");
}

/* 0 and the value, or -EIO and 0. */
static inline int rdmsr_safe(u32 msr, u64 *v)
{
	u32 low = 0, high = 0;
	int err = -EIO;

	__asm__ __volatile__("1:	rdmsr\n"
			     "	xorl %0, %0\n"
			     "2:\n"
			     _ASM_EXTABLE(1b, 2b)
			     : "+r" (err), "+a" (low), "+d" (high) : "c" (msr) : "memory", "cc");
	*v = low | (u64)high << 32;
	return err;
}

/* 0, or -EIO and nothing written (no such register, or a reserved bit set). */
static inline int wrmsr_safe(u32 msr, u64 v)
{
	int err = -EIO;

	__asm__ __volatile__("1:	wrmsr\n"
			     "	xorl %0, %0\n"
			     "2:\n"
			     _ASM_EXTABLE(1b, 2b)
			     : "+r" (err)
			     : "c" (msr), "a" ((u32)v), "d" ((u32)(v >> 32)) : "memory", "cc");
	return err;
}

/* The counter as it is when the instruction happens to execute. */
static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return low | (u64)high << 32;
}

#endif /* __ASSEMBLER__ */
#endif
