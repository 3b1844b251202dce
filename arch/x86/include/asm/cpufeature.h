/* SPDX-License-Identifier: MIT */
/*
 * What CPUID says, read once.  Nothing is assumed: every use of a feature asks
 * cpu_has(), and the tests compare the tables with the answer (catalogue, K5).
 */
#ifndef ASM_CPUFEATURE_H
#define ASM_CPUFEATURE_H

#ifndef __ASSEMBLER__
#include <kernel/types.h>

/* word * 32 + bit; the words are in the order of cpuinfo.word[]. */
enum cpu_feature {
	/* word 0: leaf 1 EDX */
	X86_FEATURE_FPU		= 0 * 32 + 0,
	X86_FEATURE_PSE		= 0 * 32 + 3,
	X86_FEATURE_TSC		= 0 * 32 + 4,
	X86_FEATURE_MSR		= 0 * 32 + 5,
	X86_FEATURE_PAE		= 0 * 32 + 6,
	X86_FEATURE_MCE		= 0 * 32 + 7,
	X86_FEATURE_APIC	= 0 * 32 + 9,
	X86_FEATURE_SEP		= 0 * 32 + 11,
	X86_FEATURE_PGE		= 0 * 32 + 13,
	X86_FEATURE_PAT		= 0 * 32 + 16,
	X86_FEATURE_PSE36	= 0 * 32 + 17,
	X86_FEATURE_FXSR	= 0 * 32 + 24,
	X86_FEATURE_SSE		= 0 * 32 + 25,
	X86_FEATURE_SSE2	= 0 * 32 + 26,
	/* word 1: leaf 1 ECX */
	X86_FEATURE_X2APIC	= 1 * 32 + 21,
	X86_FEATURE_TSC_DEADLINE = 1 * 32 + 24,
	X86_FEATURE_HYPERVISOR	= 1 * 32 + 31,
	/* word 2: leaf 0x80000001 EDX */
	X86_FEATURE_SYSCALL	= 2 * 32 + 11,
	X86_FEATURE_NX		= 2 * 32 + 20,
	X86_FEATURE_GBPAGES	= 2 * 32 + 26,
	X86_FEATURE_LM		= 2 * 32 + 29,
	/* word 3: leaf 7 EBX */
	X86_FEATURE_SMEP	= 3 * 32 + 7,
	X86_FEATURE_SMAP	= 3 * 32 + 20,
	/* word 4: leaf 7 ECX */
	X86_FEATURE_UMIP	= 4 * 32 + 2,
	X86_FEATURE_LA57	= 4 * 32 + 16,
	/* word 5: leaf 0x80000007 EDX */
	X86_FEATURE_INVARIANT_TSC = 5 * 32 + 8,
};

#define CPU_FEATURE_WORDS	6

struct cpuinfo {
	u32 word[CPU_FEATURE_WORDS];
	u32 max_leaf, max_ext_leaf;
	u32 family, model, stepping;
	u32 phys_bits, virt_bits;
	char vendor[13];
	char name[49];
};

extern struct cpuinfo boot_cpu;

static inline bool cpu_has(enum cpu_feature f)
{
	return boot_cpu.word[f / 32] >> (f % 32) & 1;
}

/* Read CPUID into boot_cpu.  First thing after the early IDT. */
void cpu_identify(void);

/*
 * Set CR0, CR4, EFER and PAT to our values (not the firmware's), as far as the processor
 * has the bits, and derive supported_pte_mask.  CR4.PGE is left to paging_init().
 */
void cpu_control_init(void);

/* PAT index 4 or 1 is write-combining after cpu_control_init(): the bits for a PTE. */
unsigned long cpu_wc_bits(bool large);
#endif

#endif
