/* SPDX-License-Identifier: MIT */
/*
 * /bin/bigprog: 4 MiB of initialised table, of which next to nothing is touched.  Row F1
 * starts it on two pipes (descriptors 10 and 11): it sends a report about what it got from
 * exec, then answers each page number with the word that the table has there.
 *
 * It is written so that its own code fits into one page.
 */
#include "lib/lib.h"
#include "bigprog.h"

/* 1024 pages; the first word of page n is BIG_WORD(n). */
extern const u32 big_table[BIG_PAGES][PAGE_SIZE / 4];
__asm__(".pushsection .rodata.big, \"a\"\n"
	".balign 4096\n"
	".globl big_table\n"
	"big_table:\n"
	".set n, 0\n"
	".rept 1024\n"
	".long 0xb1600000 + n\n"
	".fill 1023, 4, 0x5a5a5a5a\n"
	".set n, n + 1\n"
	".endr\n"
	".popsection\n");

/* The data end inside a page; what follows in it, and three pages more, must be zero. */
static volatile u8 some_data[100] = { 1, 2, 3 };
static volatile u8 bss[3 * PAGE_SIZE];
extern char edata[] __asm__("_edata"), end[] __asm__("_end");

/* What the start-up code has written since does not count. */
static bool written_at_start(const volatile char *p)
{
	return (ulong)p - (ulong)&environ < sizeof(environ) ||
	       (ulong)p - (ulong)&auxv < sizeof(auxv);
}

static u32 nonzero(const volatile char *from, const volatile char *to)
{
	u32 n = 0;

	for (; from < to; from++)
		n += *from && !written_at_start(from);
	return n;
}

static u32 strings(char **v, u32 *bytes)
{
	u32 n;

	for (n = 0; v[n]; n++)
		*bytes += strlen(v[n]) + 1;
	return n;
}

int main(int argc, char **argv, char **envp)
{
	struct big_report r = { .argc = argc, .sp = (ulong)(argv - 1) };
	u32 page;

	sys_write(BIG_OUT, &r, sizeof(r));
	if (sys_read(BIG_IN, &page, sizeof(page)) != sizeof(page))
		return 1;
	r.tail = nonzero(edata, (char *)(((ulong)edata + PAGE_SIZE - 1) & -PAGE_SIZE));
	r.bss = nonzero(edata, end) + (bss[1] != 0);
	r.tail_bytes = (u32)(-(ulong)edata % PAGE_SIZE);
	r.data = some_data[2];
	r.args = strings(argv, &r.arg_bytes);
	r.envs = strings(envp, &r.env_bytes);
	sys_write(BIG_OUT, &r, sizeof(r));
	while (sys_read(BIG_IN, &page, sizeof(page)) == sizeof(page))
		sys_write(BIG_OUT, &big_table[page][0], 4);
	return 0;
}
