/* SPDX-License-Identifier: MIT */
/*
 * The firmware's headers and what every file of the loader needs besides.
 *
 * gnu-efi's headers are used for the types and tables of the UEFI specification only; we
 * link none of its library.  The loader is compiled for the Windows ABI, so a service is
 * an ordinary function call: st->ConOut->OutputString(st->ConOut, text).
 *
 * Strings: everything inside the loader is ASCII `char`; CHAR16 exists only at the border
 * to the firmware (wide_from_ascii, ascii_from_wide).  Sizes are bytes unless said so.
 */
#ifndef EFI_EFI_H
#define EFI_EFI_H

#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdarg.h>

#ifndef GNU_EFI_USE_MS_ABI
#define GNU_EFI_USE_MS_ABI 1
#endif
#include <efi/efi.h>		/* gnu-efi, from /usr/include: efi-cppflags in files.mk */

/* With the Windows target gnu-efi makes all attributes vanish; we want ours. */
#undef __attribute__

#include "text.h"

#define PAGE_SIZE	4096ull
#define MiB		(1024ull * 1024)
#define GiB		(1024ull * MiB)

/* Round up or down to a power of two. */
#define ROUND_UP(x, a)		(((x) + ((a) - 1)) & ~((uint64_t)(a) - 1))
#define ROUND_DOWN(x, a)	((x) & ~((uint64_t)(a) - 1))

/* Set by efi_main before anything else runs; valid until ExitBootServices. */
extern EFI_SYSTEM_TABLE *st;
extern EFI_BOOT_SERVICES *bs;
extern EFI_RUNTIME_SERVICES *rt;
extern EFI_HANDLE self;			/* our image handle */

/* Both copy at most n - 1 characters and end with NUL; what is not ASCII becomes '?'. */
size_t wide_from_ascii(CHAR16 *dst, size_t n, const char *src);
size_t ascii_from_wide(char *dst, size_t n, const CHAR16 *src);
size_t wide_len(const CHAR16 *s);

/* Decimal or 0x hex, with an optional K, M or G; false if anything else is in it. */
bool parse_u64(const char *s, uint64_t *value);

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* Where the processor's own pointers lead: addresses that are in use for certain. */
static inline uint64_t cpu_stack(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}

struct table_pointer {
	uint16_t limit;
	uintptr_t base;
} __attribute__((packed));

static inline uint64_t cpu_idt(void)
{
	struct table_pointer p;

	__asm__ volatile("sidt %0" : "=m"(p));
	return p.base;
}

static inline uint64_t cpu_gdt(void)
{
	struct table_pointer p;

	__asm__ volatile("sgdt %0" : "=m"(p));
	return p.base;
}

static inline uint64_t cpu_tables(void)
{
	uintptr_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v & ~(uintptr_t)0xfff;
}

static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(sub));
}

#endif
