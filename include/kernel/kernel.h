/* SPDX-License-Identifier: MIT */
/* Small things that every file uses.  No dependency but types.h and panic(). */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <kernel/types.h>

#define __init		__attribute__((__section__(".init.text")))
#define __initdata	__attribute__((__section__(".init.data")))
#define __aligned(n)	__attribute__((__aligned__(n)))
#define __packed	__attribute__((__packed__))
#define __weak		__attribute__((__weak__))
#define __used		__attribute__((__used__))
#define __unused	__attribute__((__unused__))
#define __noreturn	__attribute__((__noreturn__))
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))
#define __must_check	__attribute__((__warn_unused_result__))
#define noinline	__attribute__((__noinline__))
#undef __always_inline			/* the C library of the host has one too */
#define __always_inline	inline __attribute__((__always_inline__))

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))

#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); \
	(void)(&_a == &_b); _a < _b ? _a : _b; })
#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); \
	(void)(&_a == &_b); _a > _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

/* Powers of two only. */
#define ALIGN(x, a)		(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#define static_assert		_Static_assert
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* A broken invariant stops the machine; a suspicious one is reported and survived. */
__noreturn void panic(const char *fmt, ...) __printf(1, 2);
void warn_at(const char *file, int line, const char *what);

#define BUG()		panic("bug at %s:%d", __FILE__, __LINE__)
#define BUG_ON(c)	do { if (unlikely(c)) \
	panic("bug at %s:%d: %s", __FILE__, __LINE__, #c); } while (0)
#define WARN_ON(c)	({ bool _w = !!(c); \
	if (unlikely(_w)) \
		warn_at(__FILE__, __LINE__, #c); \
	_w; })

#endif
