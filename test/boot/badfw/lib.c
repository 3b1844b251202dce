/* SPDX-License-Identifier: MIT */
/*
 * badfw: output on port 0xE9, memory helpers.
 *
 * Nothing here calls firmware, so all of it may be used between a failed and the next
 * ExitBootServices and after the last one.
 */
#include <stdarg.h>
#include "badfw.h"

const char *say_prefix = "badfw: ";

void outb(UINT16 port, UINT8 v)
{
	__asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(port));
}

UINT8 inb(UINT16 port)
{
	UINT8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static void put(char c)
{
	if (inb(0xe9) == 0xe9)
		outb(0xe9, c);
}

static void put_hex(UINT64 v)
{
	int shift = 60;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[(v >> shift) & 15]);
}

static void put_dec(UINT32 v)
{
	if (v >= 10)
		put_dec(v / 10);
	put('0' + v % 10);
}

void say(const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	for (s = say_prefix; *s; s++)
		put(*s);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		switch (*++fmt) {
		case 's':
			for (s = va_arg(ap, const char *); *s; s++)
				put(*s);
			break;
		case 'd':
			put_dec((UINT32)va_arg(ap, UINTN));
			break;
		case 'x':
			put_hex(va_arg(ap, UINTN));
			break;
		case 'X':
			put_hex(va_arg(ap, UINT64));
			break;
		}
	}
	va_end(ap);
	put('\n');
}

void *bf_memcpy(void *to, const void *from, UINTN n)
{
	void *d = to;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n) :: "memory");
	return to;
}

void bf_memset(void *to, int c, UINTN n)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
}

/* What the compiler emits by itself. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	return bf_memcpy(to, from, n);
}

void *memset(void *to, int c, size_t n)
{
	bf_memset(to, c, n);
	return to;
}

BOOLEAN same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
	const UINT32 *x = (const UINT32 *)a, *y = (const UINT32 *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

static void store(void *to, UINTN v, UINTN n)
{
	if (sizeof(v) == 8)
		/* REX.W: stosq, which the other width's assembler does not know */
		__asm__ volatile("rep; .byte 0x48; stosl" : "+D"(to), "+c"(n) : "a"(v) : "memory");
	else
		__asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(v) : "memory");
}

void fill_garbage(UINT64 start, UINT64 end)
{
	UINT64 page, next;

	if (end > (UINT64)(UINTN)-1)
		end = (UINTN)-1 & ~(PAGE - 1);
	for (page = start; page < end; page = next) {
		/* Present, writable, user; a high address with reserved bits set. */
		UINT32 half = 0xdeadb007 ^ (UINT32)(page >> 12 << 13);
		UINTN v = (UINTN)(half | (UINT64)half << 32);
		void *to = (void *)(UINTN)page;
		UINTN n;

		next = (page | (PAGE - 1)) + 1;
		if (next > end)
			next = end;
		n = (UINTN)(next - page) / sizeof(v);
		store(to, v, n);
	}
}
