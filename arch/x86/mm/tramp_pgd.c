/* SPDX-License-Identifier: MIT */
/*
 * A directory for the way through the trampoline: the kernel half as everybody has it, and
 * the trampoline at identity, so that the code that changes CR3 goes on running.  It lies in
 * the image, hence below 4 GiB, where 32-bit code can load it.
 */
#include <asm/tramp.h>
#include <kernel/string.h>

#include "internal.h"

static pgd_t tramp_pgd[PTRS_PER_PGD] __aligned(4096);

unsigned long tramp_pgd_build(void)
{
	unsigned long half = pgd_index(PAGE_OFFSET);

	memset(tramp_pgd, 0, sizeof(tramp_pgd));
	memcpy(tramp_pgd + half, swapper_pg_dir + half, (PTRS_PER_PGD - half) * sizeof(pgd_t));
	return tramp_pgd_identity(tramp_pgd) ? __pa(tramp_pgd) : 0;
}
