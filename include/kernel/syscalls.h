/* SPDX-License-Identifier: MIT */
/*
 * System calls: ordinary functions of up to six word-sized arguments, -errno on failure.
 * The tables in arch/x86/kernel/syscalls_*.c give them Linux's numbers.  What is not
 * written yet is sys_ni_syscall (kernel/sys_ni.c): ENOSYS, said once per program.
 *
 * Each area declares its calls in a header of its own, included here.
 */
#ifndef KERNEL_SYSCALLS_H
#define KERNEL_SYSCALLS_H

#include <kernel/types.h>

#define __user			/* a pointer into the user half: uaccess.h only */

typedef long (*syscall_fn)(unsigned long, unsigned long, unsigned long, unsigned long,
			   unsigned long, unsigned long);

long sys_ni_syscall(void);

#include <kernel/syscalls_task.h>	/* kernel/: processes, signals, time, limits */
#include <mm/syscalls_mm.h>		/* mm/: mmap family */
#include <fs/syscalls_fs.h>		/* fs/: files, exec */
#include <asm/syscalls_arch.h>		/* arch: TLS, sigreturn, wrappers */

#endif
