/* SPDX-License-Identifier: MIT */
/*
 * Access to user memory (Gorman 4.7, chapter 5.7): the only way.  A fault on a user address
 * in here is served like any other; one that cannot be served ends at the fix-up, and the
 * caller gets what is left.  SMAP is open only inside.  May sleep; not with a spinlock or
 * kmap_local slot held, unless page faults are disabled (pagefault_disable()): then what
 * is not present is an error at once.
 */
#ifndef ASM_UACCESS_H
#define ASM_UACCESS_H

#include <linux/errno.h>
#include <kernel/extable.h>
#include <kernel/kernel.h>
#include <asm/layout.h>

/* Does [addr, addr + size) lie below TASK_SIZE?  Wrapping ranges do not. */
static inline bool access_ok(const void *addr, unsigned long size)
{
	return size <= TASK_SIZE && (unsigned long)addr <= TASK_SIZE - size;
}

/* Bytes that were NOT copied; 0 is success.  Checks the range (kernel range: all are left,
 * nothing touched).  copy_from_user clears what it could not read. */
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long clear_user(void *to, unsigned long n);

/* Length with the NUL, up to n + 1; n + 1: longer; 0: fault. */
unsigned long strnlen_user(const char *s, unsigned long n);
/* Length without the NUL; n: no NUL in n bytes (then not terminated); -EFAULT. */
long strncpy_from_user(char *to, const char *from, unsigned long n);

/* One value of 1, 2, 4 or 8 bytes: 0 or -EFAULT (get_user: value 0). */
#define put_user(value, ptr) __put_user_check(value, ptr)
#define get_user(var, ptr) __get_user_check(var, ptr)

/* Nesting; a fault on a user address then goes straight to the fix-up. */
extern int pagefault_disabled;
static inline void pagefault_disable(void) { pagefault_disabled++; barrier(); }
static inline void pagefault_enable(void) { barrier(); pagefault_disabled--; }

/* ---- what the macros are made of --------------------------------------------------- */

/* Supervisor access prevention is on: user memory is open between STAC and CLAC only. */
extern bool smap_on;

static __always_inline void user_access_begin(void)
{
	if (smap_on)
		__asm__ __volatile__(".byte 0x0f, 0x01, 0xcb" : : : "memory", "cc");
}

static __always_inline void user_access_end(void)
{
	if (smap_on)
		__asm__ __volatile__(".byte 0x0f, 0x01, 0xca" : : : "memory", "cc");
}

#define __get_user_insn(mov, reg, value, src, err) \
	__asm__ __volatile__("1:	" mov " %2, %" reg "1\n" \
			     "	xor %0, %0\n" \
			     "2:\n" \
			     _ASM_EXTABLE(1b, 2b) \
			     : "+r" (err), "+q" (value) \
			     : "m" (*(const char (*)[sizeof(value)])(src)) : "cc")

#define __put_user_insn(mov, reg, value, dst, err) \
	__asm__ __volatile__("1:	" mov " %" reg "2, %1\n" \
			     "	xor %0, %0\n" \
			     "2:\n" \
			     _ASM_EXTABLE(1b, 2b) \
			     : "+r" (err), "=m" (*(char (*)[sizeof(value)])(dst)) \
			     : "q" (value) : "cc")

static __always_inline int __get_user_1(u8 *v, const void *src)
{
	int err = -EFAULT;
	u8 value = 0;

	__get_user_insn("movb", "b", value, src, err);
	*v = value;
	return err;
}

static __always_inline int __get_user_2(u16 *v, const void *src)
{
	int err = -EFAULT;
	u16 value = 0;

	__get_user_insn("movw", "w", value, src, err);
	*v = value;
	return err;
}

static __always_inline int __get_user_4(u32 *v, const void *src)
{
	int err = -EFAULT;
	u32 value = 0;

	__get_user_insn("movl", "k", value, src, err);
	*v = value;
	return err;
}

static __always_inline int __put_user_1(u8 value, void *dst)
{
	int err = -EFAULT;

	__put_user_insn("movb", "b", value, dst, err);
	return err;
}

static __always_inline int __put_user_2(u16 value, void *dst)
{
	int err = -EFAULT;

	__put_user_insn("movw", "w", value, dst, err);
	return err;
}

static __always_inline int __put_user_4(u32 value, void *dst)
{
	int err = -EFAULT;

	__put_user_insn("movl", "k", value, dst, err);
	return err;
}

#ifdef __x86_64__
static __always_inline int __get_user_8(u64 *v, const void *src)
{
	int err = -EFAULT;
	u64 value = 0;

	__get_user_insn("movq", "q", value, src, err);
	*v = value;
	return err;
}

static __always_inline int __put_user_8(u64 value, void *dst)
{
	int err = -EFAULT;

	__put_user_insn("movq", "q", value, dst, err);
	return err;
}
#else
static __always_inline int __get_user_8(u64 *v, const void *src)
{
	u32 low, high = 0;
	int err = __get_user_4(&low, src);

	if (!err)
		err = __get_user_4(&high, (const u32 *)src + 1);
	*v = err ? 0 : low | (u64)high << 32;
	return err;
}

/* The upper half first: nothing is stored if that is not possible on the next page. */
static __always_inline int __put_user_8(u64 value, void *dst)
{
	int err = __put_user_4((u32)(value >> 32), (u32 *)dst + 1);

	return err ? err : __put_user_4((u32)value, dst);
}
#endif

static __always_inline int __get_user_size(void *v, const void *src, size_t size)
{
	int err = -EFAULT;

	if (!access_ok(src, size)) {
		__builtin_memset(v, 0, size);
		return err;
	}
	user_access_begin();
	if (size == 1)
		err = __get_user_1(v, src);
	else if (size == 2)
		err = __get_user_2(v, src);
	else if (size == 4)
		err = __get_user_4(v, src);
	else
		err = __get_user_8(v, src);
	user_access_end();
	return err;
}

static __always_inline int __put_user_size(const void *v, void *dst, size_t size)
{
	int err = -EFAULT;

	if (!access_ok(dst, size))
		return err;
	user_access_begin();
	if (size == 1)
		err = __put_user_1(*(const u8 *)v, dst);
	else if (size == 2)
		err = __put_user_2(*(const u16 *)v, dst);
	else if (size == 4)
		err = __put_user_4(*(const u32 *)v, dst);
	else
		err = __put_user_8(*(const u64 *)v, dst);
	user_access_end();
	return err;
}

#define __user_size_ok(ptr) \
	_Static_assert(sizeof(*(ptr)) == 1 || sizeof(*(ptr)) == 2 || sizeof(*(ptr)) == 4 || \
		       sizeof(*(ptr)) == 8, "get_user and put_user: 1, 2, 4 or 8 bytes")

#define __get_user_check(var, ptr) ({ \
	union { \
		__typeof__(*(ptr)) value; \
		char raw[sizeof(*(ptr))]; \
	} __gu; \
	__user_size_ok(ptr); \
	int __gu_err = __get_user_size(&__gu, (ptr), sizeof(__gu)); \
	(var) = (__typeof__(var))__gu.value; \
	__gu_err; \
})

#define __put_user_check(x, ptr) ({ \
	__typeof__(*(ptr)) __pu = (x); \
	__user_size_ok(ptr); \
	__put_user_size(&__pu, (void *)(ptr), sizeof(__pu)); \
})

#endif
