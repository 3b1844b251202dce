/* SPDX-License-Identifier: MIT */
/*
 * The interrupt descriptor table: one static table, first filled with the generic stubs
 * (early_idt_init), later with the special entries (trap_init).  Vectors without a
 * handler are reported by do_trap() or do_irq(), never by the CPU's triple fault.
 */
#include <asm/desc.h>

#define GATE_INTERRUPT	0x8e	/* present, ring 0, interrupt gate of the mode's width */
#define STUB_SIZE	16

extern const char idt_stubs[];

struct gate_desc idt_table[NR_VECTORS] __aligned(16);

static void write_gate(unsigned vector, unsigned long entry, unsigned cs, unsigned dpl,
		       unsigned ist)
{
	struct gate_desc g = {
		.offset_low = (u16)entry,
		.selector = (u16)cs,
		.ist = (u8)ist,
		.type = (u8)(GATE_INTERRUPT | dpl << 5),
#ifdef __x86_64__
		.offset_middle = (u16)(entry >> 16),
		.offset_high = (u32)(entry >> 32),
#else
		.offset_high = (u16)(entry >> 16),
#endif
	};

	idt_table[vector] = g;
}

void set_intr_gate(unsigned vector, const void *entry, unsigned dpl, unsigned ist)
{
	write_gate(vector, (unsigned long)entry, __KERNEL_CS, dpl, ist);
}

void idt_user_gate(unsigned vector)
{
	idt_table[vector].type |= 3 << 5;
}

void idt_fill(unsigned cs)
{
	unsigned v;

	for (v = 0; v < NR_VECTORS; v++)
		write_gate(v, (unsigned long)idt_stubs + v * STUB_SIZE, cs, 0, 0);
}

void idt_load(void)
{
	struct desc_ptr p = {
		.limit = sizeof(idt_table) - 1,
		.base = (unsigned long)idt_table,
	};

	__asm__ __volatile__("lidt %0" : : "m" (p) : "memory");
}
