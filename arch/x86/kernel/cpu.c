/* SPDX-License-Identifier: MIT */
/*
 * The processor: what CPUID says, and control registers set to our values.
 *
 * Nothing of the firmware's state is kept, since it differs from machine to machine: CR0,
 * CR4, EFER and PAT are written whole, from what CPUID offers.  A bit that the processor
 * lacks is never set, so no write here can fault.
 */
#include <asm/msr.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

struct cpuinfo boot_cpu;
pteval_t supported_pte_mask = ~(pteval_t)(_PAGE_GLOBAL | _PAGE_NX);

/*
 * PAT entries, a byte each from entry 0 up: 6 WB, 4 WT, 7 UC-, 0 UC, 1 WC.  After reset
 * both halves are WB, WT, UC-, UC (Intel SDM volume 3, 11.12).
 */
#define PAT_WC_ENTRY4	0x0007040100070406ull
#define PAT_WC_ENTRY1	0x0007040600070106ull

static bool pat_wc_in_upper_half;

static void cpu_read_name(void)
{
	u32 *w = (u32 *)boot_cpu.name;
	unsigned i;

	if (boot_cpu.max_ext_leaf < 0x80000004)
		return;
	for (i = 0; i < 3; i++)
		cpuid(0x80000002 + i, &w[4 * i], &w[4 * i + 1], &w[4 * i + 2], &w[4 * i + 3]);
	while (boot_cpu.name[0] == ' ')
		memmove(boot_cpu.name, boot_cpu.name + 1, sizeof(boot_cpu.name) - 1);
}

static void cpu_read_model(u32 eax)
{
	boot_cpu.family = eax >> 8 & 15;
	boot_cpu.model = eax >> 4 & 15;
	boot_cpu.stepping = eax & 15;
	if (boot_cpu.family == 6 || boot_cpu.family == 15)
		boot_cpu.model |= (eax >> 16 & 15) << 4;
	if (boot_cpu.family == 15)
		boot_cpu.family += eax >> 20 & 255;
}

void cpu_identify(void)
{
	struct cpuinfo *c = &boot_cpu;
	u32 a, b, cx, d;

	cpuid(0, &c->max_leaf, &b, &cx, &d);
	memcpy(c->vendor + 0, &b, 4);
	memcpy(c->vendor + 4, &d, 4);
	memcpy(c->vendor + 8, &cx, 4);

	cpuid(1, &a, &b, &c->word[1], &c->word[0]);
	cpu_read_model(a);
	if (c->max_leaf >= 7)
		cpuid(7, &a, &c->word[3], &c->word[4], &d);

	cpuid(0x80000000, &c->max_ext_leaf, &b, &cx, &d);
	if (c->max_ext_leaf < 0x80000000 || c->max_ext_leaf > 0x8000ffff)
		c->max_ext_leaf = 0;
	if (c->max_ext_leaf >= 0x80000001)
		cpuid(0x80000001, &a, &b, &cx, &c->word[2]);
	if (c->max_ext_leaf >= 0x80000007)
		cpuid(0x80000007, &a, &b, &cx, &c->word[5]);

	c->phys_bits = cpu_has(X86_FEATURE_PSE36) ? 36 : 32;
	c->virt_bits = 32;
	if (c->max_ext_leaf >= 0x80000008) {
		cpuid(0x80000008, &a, &b, &cx, &d);
		c->phys_bits = a & 255;
		c->virt_bits = a >> 8 & 255;
	}
	cpu_read_name();
}

/*
 * Intel erratum, processors before family 15 and family 6 model 13: the upper half of the
 * PAT does not work for 4-KiB pages.  They get write-combining in entry 1 instead.
 */
static bool pat_upper_half_broken(void)
{
	return memcmp(boot_cpu.vendor, "GenuineIntel", 12) == 0 &&
	       boot_cpu.family == 6 && boot_cpu.model <= 14;
}

static void cpu_pat_init(void)
{
	if (!cpu_has(X86_FEATURE_PAT))
		return;
	pat_wc_in_upper_half = !pat_upper_half_broken();
	wrmsr(MSR_PAT, pat_wc_in_upper_half ? PAT_WC_ENTRY4 : PAT_WC_ENTRY1);
}

unsigned long cpu_wc_bits(bool large)
{
	if (!cpu_has(X86_FEATURE_PAT))
		return _PAGE_PCD;		/* UC-: the MTRRs may make it WC */
	if (!pat_wc_in_upper_half)
		return _PAGE_PWT;		/* entry 1 */
	return large ? _PAGE_PAT_LARGE : _PAGE_PAT;	/* entry 4 */
}

void cpu_control_init(void)
{
	unsigned long cr4 = read_cr4() & (X86_CR4_PAE | X86_CR4_LA57);

	if (cpu_has(X86_FEATURE_PSE))
		cr4 |= X86_CR4_PSE;
	if (cpu_has(X86_FEATURE_MCE))
		cr4 |= X86_CR4_MCE;
	if (cpu_has(X86_FEATURE_FXSR))
		cr4 |= X86_CR4_OSFXSR;
	if (cpu_has(X86_FEATURE_SSE))
		cr4 |= X86_CR4_OSXMMEXCPT;
	if (cpu_has(X86_FEATURE_SMEP))
		cr4 |= X86_CR4_SMEP;
	if (cpu_has(X86_FEATURE_SMAP))
		cr4 |= X86_CR4_SMAP;
	if (cpu_has(X86_FEATURE_UMIP))
		cr4 |= X86_CR4_UMIP;
	write_cr4(cr4);
	smap_on = cpu_has(X86_FEATURE_SMAP);
	user_access_end();

	if (_PAGE_NX && cpu_has(X86_FEATURE_NX)) {
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
		supported_pte_mask |= _PAGE_NX;
	}
	if (cpu_has(X86_FEATURE_PGE))
		supported_pte_mask |= _PAGE_GLOBAL;
	write_cr0(X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP |
		  X86_CR0_AM | X86_CR0_PG);
	cpu_pat_init();
}
