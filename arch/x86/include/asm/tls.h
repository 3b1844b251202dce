/* SPDX-License-Identifier: MIT */
/*
 * Thread-local storage: the FS and GS bases in 64-bit mode, three GDT entries in 32-bit
 * mode; and the selectors that a program loaded (arch/x86/kernel/tls.c).
 */
#ifndef ASM_TLS_H
#define ASM_TLS_H

#include <asm/thread.h>

/* Selectors from the registers to t; TLS and selectors from t to the registers. */
void save_segments(struct thread_struct *t);
void load_segments(const struct thread_struct *t);

static inline void copy_tls(struct thread_struct *to, const struct thread_struct *from)
{
#ifdef __x86_64__
	to->fsbase = from->fsbase;
	to->gsbase = from->gsbase;
#else
	to->tls[0] = from->tls[0];
	to->tls[1] = from->tls[1];
	to->tls[2] = from->tls[2];
#endif
}

static inline void clear_tls(struct thread_struct *t)
{
	static const struct thread_struct none;

	copy_tls(t, &none);
}

/* clone(CLONE_SETTLS): 0; -EFAULT, -EINVAL, -EPERM. */
int clone_tls(struct task_struct *p, unsigned long tls);

#endif
