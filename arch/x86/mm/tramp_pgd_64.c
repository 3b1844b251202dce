/* SPDX-License-Identifier: MIT */
/* The trampoline at identity, four levels: entry 0 of the loader's identity tables. */
#include <kernel/kernel.h>
#include <mm/ioremap.h>

#include "internal.h"

bool tramp_pgd_identity(pgd_t *pgd)
{
	u64 *identity = memremap(boot_info->identity.base, sizeof(u64));

	if (!identity)
		return false;
	set_pgd(pgd, __pgd(*identity));
	memunmap(identity);
	return true;
}
