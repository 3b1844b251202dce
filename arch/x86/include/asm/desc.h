/* SPDX-License-Identifier: MIT */
/*
 * GDT, IDT and TSS (Intel SDM volume 3, chapters 3, 6 and 7).
 *
 * All tables are static, in the kernel image, so they stay mapped in every address space
 * and in the trampoline's.
 */
#ifndef ASM_DESC_H
#define ASM_DESC_H

#include <kernel/kernel.h>
#include <asm/segment.h>
#include <asm/hw_irq.h>

/* IST stacks, 64-bit only; 0 in a gate means "no switch". */
#define IST_DOUBLE_FAULT	1
#define IST_NMI			2
#define IST_MCE			3
#define IST_DEBUG		4
#define IST_STACKS		4
#define EXCEPTION_STACK_SIZE	8192

struct desc_ptr {
	u16 limit;
	unsigned long base;
} __packed;

#ifdef __x86_64__

struct gate_desc {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_middle;
	u32 offset_high, zero;
};

struct tss_struct {
	u32 reserved0;
	u64 sp0, sp1, sp2;
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, io_bitmap_base;
} __packed;

_Static_assert(sizeof(struct gate_desc) == 16, "hardware");
_Static_assert(sizeof(struct tss_struct) == 104, "hardware");

#else

struct gate_desc {
	u16 offset_low, selector;
	u8 ist, type;		/* ist: always 0 here */
	u16 offset_high;
};

struct tss_struct {
	u32 back_link;
	u32 sp0, ss0, sp1, ss1, sp2, ss2;
	u32 cr3, ip, flags;
	u32 ax, cx, dx, bx, sp, bp, si, di;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trace, io_bitmap_base;
};

_Static_assert(sizeof(struct gate_desc) == 8, "hardware");
_Static_assert(sizeof(struct tss_struct) == 104, "hardware");

extern struct tss_struct doublefault_tss;

#endif

extern u64 gdt_table[GDT_ENTRIES];
extern struct tss_struct cpu_tss;
extern struct gate_desc idt_table[NR_VECTORS];

/* Fill GDT and TSS and load GDTR, TR and all segment registers. */
void desc_init(void);

/* Load GDTR, TR and segments from the tables as they are (again). */
void desc_load(void);

/* Load IDTR with idt_table. */
void idt_load(void);

/* The stack that the CPU takes when it comes from ring 3: top of a kernel stack. */
void set_kernel_stack(unsigned long top);

/* An interrupt gate: `dpl` 3 if ring 3 may raise it by INT, `ist` 0 or IST_*. */
void set_intr_gate(unsigned vector, const void *entry, unsigned dpl, unsigned ist);

/* Ring 3 may raise this one by an instruction (INT3, INTO). */
void idt_user_gate(unsigned vector);

/* Every gate to its generic stub; cs: the code segment to run in. */
void idt_fill(unsigned cs);

#endif
