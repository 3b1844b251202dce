/* SPDX-License-Identifier: MIT */
/*
 * Host build: user memory.  For mm/ it is behind the simulated processor (test/host/host_user.c);
 * for fs/ an array of pages, each of which can be missing (test/host/fake_user.c).  Copies are
 * exact to the byte, as on the real machine.
 */
#ifndef ASM_UACCESS_H
#define ASM_UACCESS_H

#include <kernel/kernel.h>
#include <asm/layout.h>
#include <linux/errno.h>

/* fake_user.c: */
#define USER_BASE	0x10000ul
#define USER_PAGES	64
extern bool user_missing[USER_PAGES];	/* touching it is a fault nobody can serve */
extern char user_memory[USER_PAGES][1ul << PAGE_SHIFT];

static inline bool access_ok(const void *addr, unsigned long size)
{
	return size <= TASK_SIZE && (unsigned long)addr <= TASK_SIZE - size;
}

unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long clear_user(void *to, unsigned long n);
long strncpy_from_user(char *to, const char *from, unsigned long n);
unsigned long strnlen_user(const char *s, unsigned long n);

#define put_user(value, ptr) ({ \
	__typeof__(*(ptr)) _pv = (value); \
	copy_to_user((ptr), &_pv, sizeof(_pv)) ? -EFAULT : 0; \
})

#define get_user(var, ptr) ({ \
	__typeof__(var) _gv; \
	int _gerr = copy_from_user(&_gv, (ptr), sizeof(*(ptr))) ? -EFAULT : 0; \
	(var) = _gv; \
	_gerr; \
})

static inline void pagefault_disable(void) { }
static inline void pagefault_enable(void) { }

#endif
