/* SPDX-License-Identifier: MIT */
/*
 * GDT and TSS, 64-bit mode.  The TSS only tells the CPU which stacks to take: sp0 for
 * whoever comes from ring 3, and the IST stacks for what may hit with a bad stack.
 */
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/percpu.h>
#include <kernel/sched.h>

#define DESC_CODE64	0x00af9b000000ffffull
#define DESC_CODE32	0x00cf9b000000ffffull
#define DESC_DATA	0x00cf93000000ffffull
#define DESC_RING3	(3ull << 45)
#define DESC_TSS	(0x89ull << 40)		/* available 64-bit TSS */
#define DESC_BUSY	(0x02ull << 40)

u64 gdt_table[GDT_ENTRIES] __aligned(16) = {
	[GDT_ENTRY_KERNEL32_CS] = DESC_CODE32,
	[GDT_ENTRY_KERNEL_CS] = DESC_CODE64,
	[GDT_ENTRY_KERNEL_DS] = DESC_DATA,
	[GDT_ENTRY_USER32_CS] = DESC_CODE32 | DESC_RING3,
	[GDT_ENTRY_USER_DS] = DESC_DATA | DESC_RING3,
	[GDT_ENTRY_USER_CS] = DESC_CODE64 | DESC_RING3,
};

struct tss_struct cpu_tss __aligned(64);
struct cpu_area cpu_area __aligned(64) = { .current_task = &init_task };

static u8 exception_stacks[IST_STACKS][EXCEPTION_STACK_SIZE] __aligned(16);

static void load_segments(void)
{
	unsigned long scratch;

	__asm__ __volatile__(
		"	pushq %1\n"
		"	leaq 1f(%%rip), %0\n"
		"	pushq %0\n"
		"	lretq\n"
		"1:	movl %2, %k0\n"
		"	movl %k0, %%ds\n"
		"	movl %k0, %%es\n"
		"	movl %k0, %%ss\n"
		"	xorl %k0, %k0\n"
		"	movl %k0, %%fs\n"
		"	movl %k0, %%gs\n"
		: "=&r" (scratch)
		: "i" (__KERNEL_CS), "i" (__KERNEL_DS) : "memory", "cc");
}

void desc_load(void)
{
	struct desc_ptr p = {
		.limit = sizeof(gdt_table) - 1,
		.base = (unsigned long)gdt_table,
	};

	/* LTR refuses a TSS that is busy, and that is what it makes of it. */
	gdt_table[GDT_ENTRY_TSS] &= ~DESC_BUSY;
	__asm__ __volatile__("lgdt %0" : : "m" (p) : "memory");
	load_segments();
	__asm__ __volatile__("ltr %w0; lldt %w1" : : "r" (__TSS), "r" (0) : "memory");
	wrmsr(MSR_GS_BASE, (unsigned long)&cpu_area);
}

void desc_init(void)
{
	unsigned long base = (unsigned long)&cpu_tss;
	unsigned long limit = sizeof(cpu_tss) - 1;
	unsigned i;

	for (i = 0; i < IST_STACKS; i++)
		cpu_tss.ist[i] = (unsigned long)exception_stacks[i] + EXCEPTION_STACK_SIZE;
	cpu_tss.io_bitmap_base = sizeof(cpu_tss);
	cpu_area.self = &cpu_area;

	gdt_table[GDT_ENTRY_TSS] = DESC_TSS | limit | (base & 0xffffff) << 16 |
				   (base >> 24 & 0xff) << 56;
	gdt_table[GDT_ENTRY_TSS + 1] = base >> 32;
	desc_load();
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}

void set_kernel_stack(unsigned long top)
{
	cpu_tss.sp0 = top;
	cpu_area.kernel_sp = top;
}
