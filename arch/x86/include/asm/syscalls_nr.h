/* SPDX-License-Identifier: MIT */
/* The system-call tables in numbers; for assembly too. */
#ifndef ASM_SYSCALLS_NR_H
#define ASM_SYSCALLS_NR_H

#define NR_SYSCALLS		464	/* entries of each table */

/* What a call that goes on where it was is repeated as. */
#ifdef __x86_64__
#define NR_RESTART_SYSCALL	219
#else
#define NR_RESTART_SYSCALL	0
#endif

#endif
