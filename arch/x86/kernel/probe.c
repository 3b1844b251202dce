/* SPDX-License-Identifier: MIT */
/*
 * Copies that may fault.  One string instruction each, so that what is left in the
 * counter after a fault tells how far it came.  No fault is served here, wherever it is.
 */
#include <linux/errno.h>
#include <asm/uaccess.h>
#include <kernel/extable.h>

static size_t copy_may_fault(void *dst, const void *src, size_t n)
{
	pagefault_disable();
	__asm__ __volatile__("1:	rep movsb\n"
			     "2:\n"
			     _ASM_EXTABLE(1b, 2b)
			     : "+D" (dst), "+S" (src), "+c" (n) : : "memory");
	pagefault_enable();
	return n;
}

int probe_kernel_read(void *dst, const void *src, size_t n)
{
	return copy_may_fault(dst, src, n) ? -EFAULT : 0;
}

int probe_kernel_write(void *dst, const void *src, size_t n)
{
	return copy_may_fault(dst, src, n) ? -EFAULT : 0;
}
