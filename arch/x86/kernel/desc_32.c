/* SPDX-License-Identifier: MIT */
/*
 * GDT and TSS, 32-bit mode, and the task that takes double faults.
 *
 * A double fault mostly means that the kernel stack is gone.  The CPU then cannot push
 * anything there, so vector 8 is a task gate: the CPU saves the registers of the victim
 * into cpu_tss and takes everything, stack and CR3 too, from doublefault_tss.
 */
#include <asm/desc.h>
#include <asm/page.h>
#include <asm/percpu.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/traps.h>
#include <kernel/panic.h>
#include <kernel/sched.h>

#define DESC_CODE	0x00cf9b000000ffffull
#define DESC_DATA	0x00cf93000000ffffull
#define DESC_RING3	(3ull << 45)
#define DESC_TSS	(0x89ull << 40)		/* available 32-bit TSS */
#define DESC_BUSY	(0x02ull << 40)
#define GATE_TASK	0x85

extern char swapper_pg_dir[];

void double_fault_task(void);
void double_fault_report(unsigned long address);

u64 gdt_table[GDT_ENTRIES] __aligned(16) = {
	[GDT_ENTRY_KERNEL_CS] = DESC_CODE,
	[GDT_ENTRY_KERNEL_DS] = DESC_DATA,
	[GDT_ENTRY_USER_CS] = DESC_CODE | DESC_RING3,
	[GDT_ENTRY_USER_DS] = DESC_DATA | DESC_RING3,
};

struct tss_struct cpu_tss __aligned(64);
struct tss_struct doublefault_tss __aligned(64);
struct cpu_area cpu_area = { .current_task = &init_task };

static u8 doublefault_stack[EXCEPTION_STACK_SIZE] __aligned(16);

static u64 tss_desc(const struct tss_struct *tss)
{
	u64 base = (unsigned long)tss;

	return DESC_TSS | (sizeof(*tss) - 1) | (base & 0xffffff) << 16 |
	       (base >> 24 & 0xff) << 56;
}

void desc_load(void)
{
	struct desc_ptr p = {
		.limit = sizeof(gdt_table) - 1,
		.base = (unsigned long)gdt_table,
	};

	/* LTR refuses a TSS that is busy, and that is what it makes of it. */
	gdt_table[GDT_ENTRY_TSS] &= ~DESC_BUSY;
	__asm__ __volatile__(
		"	lgdt %0\n"
		"	ljmp %1, $1f\n"
		"1:	movl %2, %%ds\n"
		"	movl %2, %%es\n"
		"	movl %2, %%ss\n"
		"	movl %3, %%fs\n"
		"	movl %3, %%gs\n"
		"	ltr %w4\n"
		"	lldt %w3\n"
		: : "m" (p), "i" (__KERNEL_CS), "r" (__KERNEL_DS), "r" (0), "r" (__TSS)
		: "memory");
}

static void doublefault_init(void)
{
	doublefault_tss = (struct tss_struct){
		.cr3 = __pa(swapper_pg_dir),
		.ip = (unsigned long)double_fault_task,
		.flags = 2,
		.sp = (unsigned long)doublefault_stack + EXCEPTION_STACK_SIZE,
		.es = __KERNEL_DS, .cs = __KERNEL_CS, .ss = __KERNEL_DS, .ds = __KERNEL_DS,
		.io_bitmap_base = sizeof(struct tss_struct),
	};
	gdt_table[GDT_ENTRY_DOUBLEFAULT_TSS] = tss_desc(&doublefault_tss);
	idt_table[X86_TRAP_DF] = (struct gate_desc){
		.selector = __DOUBLEFAULT_TSS, .type = GATE_TASK,
	};
}

void desc_init(void)
{
	cpu_tss.ss0 = __KERNEL_DS;
	cpu_tss.cr3 = __pa(swapper_pg_dir);
	cpu_tss.io_bitmap_base = sizeof(cpu_tss);
	cpu_area.self = &cpu_area;
	gdt_table[GDT_ENTRY_TSS] = tss_desc(&cpu_tss);
	doublefault_init();
	desc_load();
}

void set_kernel_stack(unsigned long top)
{
	cpu_tss.sp0 = top;
	cpu_area.kernel_sp = top;
}

/* First C code of the double-fault task: put the victim's registers in the usual form. */
void double_fault_report(unsigned long address)
{
	static struct pt_regs regs;
	const struct tss_struct *t = &cpu_tss;

	regs = (struct pt_regs){
		.bx = t->bx, .cx = t->cx, .dx = t->dx, .si = t->si, .di = t->di,
		.bp = t->bp, .ax = t->ax, .ds = t->ds, .es = t->es, .fs = t->fs,
		.vector = X86_TRAP_DF, .ip = t->ip, .cs = t->cs, .flags = t->flags,
		.sp = t->sp, .ss = t->ss,
	};
	do_double_fault(&regs, address);
}
