/* SPDX-License-Identifier: MIT */
/*
 * The processor as the firmware left it, read before anything of ours changes it.
 *
 * It is evidence (the smoke test shows it) and, under 32-bit firmware, what must be put
 * back before a runtime service is called.  A register that this CPU does not have is 0.
 */
#include "loader.h"

#define MSR_APIC_BASE	0x1b
#define MSR_PAT		0x277
#define MSR_EFER	0xc0000080u

static struct boot_cpu_state cpu;

static struct __attribute__((packed)) table_register {
	uint16_t limit;
	uintptr_t base;
} gdtr, idtr;

_Static_assert(sizeof(gdtr) == 2 + sizeof(uintptr_t), "as sgdt stores it");

static uint16_t segments[6];		/* cs ds es fs gs ss */

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static void read_msrs(void)
{
	uint32_t r[4];
	uint32_t edx;

	cpuid(1, 0, r);
	edx = r[3];
	if (!(edx & 1u << 5))		/* no MSRs */
		return;
	if (edx & 1u << 9)
		cpu.apic_base = rdmsr(MSR_APIC_BASE);
	if (edx & 1u << 16)
		cpu.pat = rdmsr(MSR_PAT);
	cpuid(0x80000000, 0, r);
	if (r[0] < 0x80000001)
		return;
	cpuid(0x80000001, 0, r);
	if (r[3] & (1u << 11 | 1u << 20 | 1u << 29))	/* syscall, NX, long mode */
		cpu.efer = rdmsr(MSR_EFER);
}

void cpu_state_read(void)
{
	uintptr_t v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	cpu.cr0 = v;
	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	cpu.cr3 = v;
	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	cpu.cr4 = v;
	__asm__ volatile("pushf; pop %0" : "=r"(v));
	cpu.rflags = v;
	__asm__ volatile("mov %%cs, %0" : "=m"(segments[0]));
	__asm__ volatile("mov %%ds, %0" : "=m"(segments[1]));
	__asm__ volatile("mov %%es, %0" : "=m"(segments[2]));
	__asm__ volatile("mov %%fs, %0" : "=m"(segments[3]));
	__asm__ volatile("mov %%gs, %0" : "=m"(segments[4]));
	__asm__ volatile("mov %%ss, %0" : "=m"(segments[5]));
	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	__asm__ volatile("sidt %0" : "=m"(idtr));
	cpu.cs = segments[0];
	cpu.ss = segments[5];
	cpu.pic_mask[0] = inb(0x21);
	cpu.pic_mask[1] = inb(0xa1);
	read_msrs();
}

void cpu_state_fill(struct boot_info *info)
{
	info->cpu = cpu;
	info->fw_gdtr_base = gdtr.base;
	info->fw_gdtr_limit = gdtr.limit;
	info->fw_idtr_base = idtr.base;
	info->fw_idtr_limit = idtr.limit;
	info->fw_cs = segments[0];
	info->fw_ds = segments[1];
	info->fw_es = segments[2];
	info->fw_fs = segments[3];
	info->fw_gs = segments[4];
	info->fw_ss = segments[5];
}
