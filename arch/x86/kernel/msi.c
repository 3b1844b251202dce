/* SPDX-License-Identifier: MIT */
/*
 * Messages that are interrupts: a write to 0xFEExxxxx by a device (Intel SDM volume 3, 11.11).
 * Fixed delivery, edge, to this processor by its physical APIC ID, which has eight bits there.
 */
#include <linux/errno.h>
#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <kernel/irq.h>

#define MSI_BASE	0xfee00000u
#define MSI_DEST_SHIFT	12

int irq_install_msi(void (*fn)(struct pt_regs *, void *), void *arg, const char *name,
		    struct msi_msg *msg)
{
	u32 id = lapic_present ? lapic_read(APIC_ID) : 0;
	unsigned vector;

	if (!lapic_x2)
		id >>= 24;
	if (!lapic_present || id > 0xff)
		return -ENODEV;
	for (vector = FIRST_MSI_VECTOR; vector < SYSCALL_VECTOR; vector++) {
		if (irq_install(vector, fn, arg, name))
			continue;
		msg->address = MSI_BASE | id << MSI_DEST_SHIFT;
		msg->data = vector;
		return (int)vector;
	}
	return -EBUSY;
}
