/* SPDX-License-Identifier: MIT */
/* Drivers that look for their devices when the scheduler runs, in this order. */
#include <kernel/main.h>
#include <kernel/ramdisk.h>

void drivers_init(void)
{
	ramdisk_init();
}
