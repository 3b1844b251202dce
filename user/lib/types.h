/* SPDX-License-Identifier: MIT */
/* Short names for the basic types; the user programs include no C library header. */
#ifndef USER_TYPES_H
#define USER_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef unsigned long ulong;

#define PAGE_SIZE	4096ul
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define noinline	__attribute__((__noinline__))
#define __noreturn	__attribute__((__noreturn__))
#define __used		__attribute__((__used__))
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))

#endif
