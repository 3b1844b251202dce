/* SPDX-License-Identifier: MIT */
/* The key swap=: where to swap to from the start. */
#include <kernel/main.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/mmzone.h>
#include <mm/swap.h>

#define RAM_SHARE	4	/* swap=ram takes a quarter of the memory */

void swap_setup(void)
{
	const char *where = param_get("swap");
	int ret;

	if (!where || !*where || !strcmp(where, "off"))
		return;
	if (strcmp(where, "ram")) {
		pr_warn("swap=%s: there is no such device; off and ram are possible\n", where);
		return;
	}
	ret = swap_ram_add(totalram_pages / RAM_SHARE, -1);
	if (ret < 0)
		pr_warn("swap=ram: error %d, going on without\n", -ret);
}
