/* SPDX-License-Identifier: MIT */
/*
 * The two 8259 interrupt controllers.  With a local APIC they are only moved out of the
 * way of the exception vectors and masked; without one they deliver the PIT's tick.
 */
#include <asm/io.h>
#include <asm/irq.h>
#include <kernel/kernel.h>

#define MASTER_CMD	0x20
#define MASTER_DATA	0x21
#define SLAVE_CMD	0xa0
#define SLAVE_DATA	0xa1
#define CASCADE_IRQ	2
#define EOI_SPECIFIC	0x60
#define READ_ISR	0x0b

bool i8259_present;

static u16 mask = 0xffff & ~(1u << CASCADE_IRQ);

static void write_mask(void)
{
	outb((u8)mask, MASTER_DATA);
	outb((u8)(mask >> 8), SLAVE_DATA);
}

void i8259_mask_all(void)
{
	mask = 0xffff & ~(1u << CASCADE_IRQ);
	outb(0xff, SLAVE_DATA);
	outb(0xff, MASTER_DATA);
}

/* The mask register is the only one that can be read back without side effects. */
static bool probe(void)
{
	u8 seen;

	outb(0xff, SLAVE_DATA);
	outb(0xfb, MASTER_DATA);
	seen = inb(MASTER_DATA);
	outb(0xff, MASTER_DATA);
	return seen == 0xfb && inb(MASTER_DATA) == 0xff;
}

static void init_one(u16 port, u8 vector, u8 cascade)
{
	outb(0x11, port);		/* ICW1: edge triggered, cascaded, ICW4 follows */
	io_delay();
	outb(vector, port + 1);		/* ICW2: first vector */
	io_delay();
	outb(cascade, port + 1);	/* ICW3: who is where */
	io_delay();
	outb(0x01, port + 1);		/* ICW4: 8086 mode, normal EOI */
	io_delay();
}

void i8259_init(void)
{
	i8259_present = probe();
	if (!i8259_present)
		return;
	init_one(MASTER_CMD, ISA_IRQ_VECTOR(0), 1 << CASCADE_IRQ);
	init_one(SLAVE_CMD, ISA_IRQ_VECTOR(8), CASCADE_IRQ);
	i8259_mask_all();
	outb(0xfb, MASTER_DATA);
}

void i8259_enable(unsigned irq)
{
	mask &= (u16)~(1u << irq);
	write_mask();
}

void i8259_disable(unsigned irq)
{
	mask |= (u16)(1u << irq);
	write_mask();
}

bool i8259_is_real(unsigned irq)
{
	u16 port = irq < 8 ? MASTER_CMD : SLAVE_CMD;

	if ((irq & 7) != 7)
		return true;
	outb(READ_ISR, port);
	if (inb(port) & 0x80)
		return true;
	if (irq == 15)			/* the master did see a real cascade request */
		outb(EOI_SPECIFIC | CASCADE_IRQ, MASTER_CMD);
	return false;
}

void i8259_eoi(unsigned irq)
{
	if (irq >= 8) {
		outb((u8)(EOI_SPECIFIC | (irq & 7)), SLAVE_CMD);
		irq = CASCADE_IRQ;
	}
	outb((u8)(EOI_SPECIFIC | irq), MASTER_CMD);
}
