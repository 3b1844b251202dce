/* SPDX-License-Identifier: MIT */
/*
 * Port I/O and accesses to memory-mapped registers.
 *
 * read?/write? take a pointer that ioremap() (or a fixmap slot) gave and are one
 * instruction of exactly that width each; the compiler neither merges nor reorders them
 * with each other or with other memory accesses.  On uncached memory the CPU keeps their
 * order too, so no fence is needed between two of them.  readq is two 32-bit reads in
 * i386: low word first.
 */
#ifndef ASM_IO_H
#define ASM_IO_H

#include <kernel/types.h>

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ __volatile__("inb %1, %0" : "=a" (v) : "Nd" (port) : "memory");
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ __volatile__("inw %1, %0" : "=a" (v) : "Nd" (port) : "memory");
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ __volatile__("inl %1, %0" : "=a" (v) : "Nd" (port) : "memory");
	return v;
}

static inline void outb(u8 v, u16 port)
{
	__asm__ __volatile__("outb %0, %1" : : "a" (v), "Nd" (port) : "memory");
}

static inline void outw(u16 v, u16 port)
{
	__asm__ __volatile__("outw %0, %1" : : "a" (v), "Nd" (port) : "memory");
}

static inline void outl(u32 v, u16 port)
{
	__asm__ __volatile__("outl %0, %1" : : "a" (v), "Nd" (port) : "memory");
}

/* `rep outsb`/`insw` and friends: n units between memory and one port. */
static inline void outsb(u16 port, const void *from, size_t n)
{
	__asm__ __volatile__("rep outsb" : "+S" (from), "+c" (n) : "d" (port) : "memory");
}

static inline void insw(u16 port, void *to, size_t n)
{
	__asm__ __volatile__("rep insw" : "+D" (to), "+c" (n) : "d" (port) : "memory");
}

static inline void outsw(u16 port, const void *from, size_t n)
{
	__asm__ __volatile__("rep outsw" : "+S" (from), "+c" (n) : "d" (port) : "memory");
}

/* A short pause that old ISA devices want between two accesses (about 1 us). */
static inline void io_delay(void)
{
	outb(0, 0x80);
}

static inline u8 readb(const volatile void *p)
{
	u8 v;

	__asm__ __volatile__("movb %1, %0" : "=q" (v)
			     : "m" (*(const volatile u8 *)p) : "memory");
	return v;
}

static inline u16 readw(const volatile void *p)
{
	u16 v;

	__asm__ __volatile__("movw %1, %0" : "=r" (v)
			     : "m" (*(const volatile u16 *)p) : "memory");
	return v;
}

static inline u32 readl(const volatile void *p)
{
	u32 v;

	__asm__ __volatile__("movl %1, %0" : "=r" (v)
			     : "m" (*(const volatile u32 *)p) : "memory");
	return v;
}

static inline void writeb(u8 v, volatile void *p)
{
	__asm__ __volatile__("movb %0, %1" : : "q" (v), "m" (*(volatile u8 *)p) : "memory");
}

static inline void writew(u16 v, volatile void *p)
{
	__asm__ __volatile__("movw %0, %1" : : "r" (v), "m" (*(volatile u16 *)p) : "memory");
}

static inline void writel(u32 v, volatile void *p)
{
	__asm__ __volatile__("movl %0, %1" : : "r" (v), "m" (*(volatile u32 *)p) : "memory");
}

#ifdef __x86_64__
static inline u64 readq(const volatile void *p)
{
	u64 v;

	__asm__ __volatile__("movq %1, %0" : "=r" (v)
			     : "m" (*(const volatile u64 *)p) : "memory");
	return v;
}

static inline void writeq(u64 v, volatile void *p)
{
	__asm__ __volatile__("movq %0, %1" : : "r" (v), "m" (*(volatile u64 *)p) : "memory");
}
#else
static inline u64 readq(const volatile void *p)
{
	u32 low = readl(p);

	return low | (u64)readl((const volatile u8 *)p + 4) << 32;
}

static inline void writeq(u64 v, volatile void *p)
{
	writel((u32)v, p);
	writel((u32)(v >> 32), (volatile u8 *)p + 4);
}
#endif

/*
 * Fences.  x86 orders ordinary loads and stores by itself except a load after a store;
 * write-combining stores are ordered by nothing else than mmio_wmb.  mb() is a locked
 * no-op, since old CPUs of the i386 kernel have no mfence.
 */
#ifdef __x86_64__
#define mb()		__asm__ __volatile__("lock; addl $0, (%%rsp)" : : : "memory", "cc")
#else
#define mb()		__asm__ __volatile__("lock; addl $0, (%%esp)" : : : "memory", "cc")
#endif
#define rmb()		__asm__ __volatile__("" : : : "memory")
#define wmb()		__asm__ __volatile__("" : : : "memory")
#define mmio_wmb()	mb()

#endif
