/* SPDX-License-Identifier: MIT */
/* Host build: user memory is behind the simulated processor (test/host/host_user.c). */
#ifndef ASM_UACCESS_H
#define ASM_UACCESS_H

#ifdef HOST_USER_ARRAY
#include <asm/uaccess_array.h>
#else

#include <kernel/kernel.h>
#include <asm/layout.h>

static inline bool access_ok(const void *addr, unsigned long size)
{
	return size <= TASK_SIZE && (unsigned long)addr <= TASK_SIZE - size;
}

unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);

#endif /* HOST_USER_ARRAY */
#endif
