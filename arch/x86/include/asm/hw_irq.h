/* SPDX-License-Identifier: MIT */
/*
 * Interrupt vectors.  0x00-0x1f exceptions, 0x20-0x2f the two 8259, 0x30-0xdf free for
 * devices (MSI), 0x80 system calls in i386, 0xec up the local APIC.
 */
#ifndef ASM_HW_IRQ_H
#define ASM_HW_IRQ_H

#define FIRST_DEVICE_VECTOR	0x20
#define ISA_IRQ_VECTOR(irq)	(0x20 + (irq))
#define FIRST_MSI_VECTOR	0x30
#define SYSCALL_VECTOR		0x80
#define LOCAL_TIMER_VECTOR	0xec
#define ERROR_APIC_VECTOR	0xfe
#define SPURIOUS_APIC_VECTOR	0xff	/* low four bits set, as old CPUs want it */
#define NR_VECTORS		256

#endif
