/* SPDX-License-Identifier: MIT */
/*
 * reboot(2): a program ends the run, without a verdict.  What file systems have to write is
 * written first, and disks prepare for power off, as at the end of any run; everything else
 * stops where it is.
 */
#include <asm/irqflags.h>
#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <linux/reboot.h>
#include "internal.h"

static bool is_magic(u32 first, u32 second)
{
	return first == LINUX_REBOOT_MAGIC1 &&
	       (second == LINUX_REBOOT_MAGIC2 || second == LINUX_REBOOT_MAGIC2A ||
		second == LINUX_REBOOT_MAGIC2B || second == LINUX_REBOOT_MAGIC2C);
}

static void leave(const char *how)
{
	unmount_disks();
	blk_finish();
	printk_raw("# %s[%d] asked for %s: no verdict\n", current->comm, current->pid, how);
	console_flush();
	local_irq_disable();
	run_shutdown();
}

long sys_reboot(u32 magic1, u32 magic2, u32 what, void *arg)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (!is_magic(magic1, magic2))
		return -EINVAL;
	switch (what) {
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;		/* Ctrl-Alt-Del does nothing in either case */
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		leave("a restart");
		machine_restart();
	case LINUX_REBOOT_CMD_POWER_OFF:
		leave("power off");
		machine_power_off();
	case LINUX_REBOOT_CMD_HALT:
		leave("a halt");
		pr_notice("The machine is stopped: you can switch it off now.\n");
		machine_halt();
	}
	return -EINVAL;
}
