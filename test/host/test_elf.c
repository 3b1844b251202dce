/* SPDX-License-Identifier: MIT */
/*
 * The checks of program files: good ones, each kind of damage by itself, and mutations by
 * the hundred thousand, of which none may make the checker read outside the bytes it has
 * or accept what cannot be mapped.  Runs in both word sizes: ELF64 and ELF32.
 */
#include <fs/elf_check.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <linux/errno.h>
#include <stdlib.h>

#include "tap.h"

#define PAGE		4096ul
#define FILE_SIZE	0x5000u
#define BASE		0x400000ul

/* A static program as lld makes it: R, RX, RW with bss, stack, TLS. */
struct program {
	Elf_Ehdr e;
	Elf_Phdr p[5];
};

static Elf_Phdr segment(unsigned flags, unsigned long offset, unsigned long filesz,
			unsigned long memsz)
{
	return (Elf_Phdr){
		.p_type = PT_LOAD, .p_flags = flags, .p_offset = offset,
		.p_vaddr = BASE + offset, .p_paddr = BASE + offset,
		.p_filesz = filesz, .p_memsz = memsz, .p_align = PAGE,
	};
}

static struct program good_program(void)
{
	struct program x = {
		.e = {
			.e_type = ET_EXEC, .e_machine = ELF_MACHINE, .e_version = EV_CURRENT,
			.e_entry = BASE + 0x1010, .e_phoff = sizeof(Elf_Ehdr),
			.e_ehsize = sizeof(Elf_Ehdr), .e_phentsize = sizeof(Elf_Phdr),
			.e_phnum = 5,
		},
		.p = {
			segment(PF_R, 0, 0xa00, 0xa00),
			segment(PF_R | PF_X, 0x1000, 0x1800, 0x1800),
			segment(PF_R | PF_W, 0x3800, 0x900, 0x5000),
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },
			{ .p_type = PT_TLS, .p_flags = PF_R, .p_vaddr = BASE + 0x3800 },
		},
	};

	memcpy(x.e.e_ident, ELFMAG, SELFMAG);
	x.e.e_ident[EI_CLASS] = ELF_CLASS;
	x.e.e_ident[EI_DATA] = ELFDATA2LSB;
	x.e.e_ident[EI_VERSION] = EV_CURRENT;
	return x;
}

/* Check a copy of exactly `size` bytes, so that the sanitizer sees the end. */
static int check_copy(const void *data, size_t size, u64 file_size, struct elf_image *image)
{
	char *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, data, size);
	ret = elf_check(copy, size, file_size, TASK_SIZE, image);
	free(copy);
	return ret;
}

static int check(const struct program *x, struct elf_image *image)
{
	return check_copy(x, sizeof(*x), FILE_SIZE, image);
}

static void good(void)
{
	struct program x = good_program();
	struct elf_image i;

	is(check(&x, &i), 0, "a static program is accepted");
	is(i.bias, 0, "at its own address");
	is(i.entry, BASE + 0x1010, "entry");
	is(i.low, BASE, "first page");
	is(i.high, BASE + 0x9000, "end, in whole pages");
	is(i.start_code, BASE + 0x1000, "start_code");
	is(i.end_code, BASE + 0x2800, "end_code");
	is(i.start_data, BASE + 0x3800, "start_data: the last segment's");
	is(i.end_data, BASE + 0x4100, "end_data");
	is(i.end_bss, BASE + 0x8800, "end of bss");
	is(i.phdr_addr, BASE + sizeof(Elf_Ehdr), "where the program finds its headers");
	ok(!i.exec_stack, "PT_GNU_STACK without X");

	x.p[3].p_flags |= PF_X;
	is(check(&x, &i), 0, "one that wants an executable stack");
	ok(i.exec_stack, "gets it");
	x.p[3].p_type = PT_NULL;
	is(check(&x, &i), 0, "one that says nothing about its stack");
	is(i.exec_stack, ELF_STACK_EXEC_DEFAULT, "gets what was usual in its time");
}

static void pie(void)
{
	struct program x = good_program();
	struct elf_image i;
	unsigned k;

	x.e.e_type = ET_DYN;
	x.e.e_entry -= BASE;
	for (k = 0; k < 3; k++)
		x.p[k].p_vaddr -= BASE;
	is(check(&x, &i), 0, "a static position-independent program");
	is(i.low, ELF_ET_DYN_BASE & ~(PAGE - 1), "goes to the fixed base");
	is(i.bias, i.low, "the bias is added");
	is(i.entry, i.low + 0x1010, "to its entry");
	is(i.start_data, i.low + 0x3800, "and to its limits");
	is(i.phdr_addr, i.low + sizeof(Elf_Ehdr), "and to its headers");
	x.p[1].p_align = 0x200000;
	is(check(&x, &i), 0, "one that is aligned to 2 MiB");
	is(i.low & 0x1fffff, 0, "is put there");
	x.p[1].p_align = 1ul << (sizeof(long) * 8 - 1);
	is(check(&x, &i), -ENOMEM, "an alignment without room: ENOMEM");
	x.p[1].p_align = PAGE;
	x.p[2].p_memsz = TASK_SIZE - 0x10000;
	is(check(&x, &i), -ENOMEM, "larger than what is above the base: ENOMEM");
	x.e.e_type = ET_EXEC;
	x.p[2].p_memsz = 0x5000;
	is(check(&x, &i), -EINVAL, "a fixed program at address 0: EINVAL");
}

/* One field changed, the errno that comes of it. */
#define bad(error, what, change) do { \
	struct program x = good_program(); \
	struct elf_image i; \
	change; \
	is(check(&x, &i), -(error), "%s: %s", what, #error); \
	if ((error) != ENOEXEC || x.e.e_ident[0] == 0x7f) \
		ok(i.why && *i.why, "with a reason"); \
} while (0)

static void bad_header(void)
{
	bad(ENOEXEC, "not ELF", x.e.e_ident[0] = 'M');
	bad(ENOEXEC, "other width", x.e.e_ident[EI_CLASS] = ELFCLASS32 + ELFCLASS64 - ELF_CLASS);
	bad(ENOEXEC, "class 0", x.e.e_ident[EI_CLASS] = 0);
	bad(ENOEXEC, "other machine", x.e.e_machine = EM_AARCH64);
	bad(ENOEXEC, "big-endian", x.e.e_ident[EI_DATA] = ELFDATA2MSB);
	bad(ENOEXEC, "ident version", x.e.e_ident[EI_VERSION] = 2);
	bad(ENOEXEC, "file version", x.e.e_version = 0);
	bad(ENOEXEC, "an object file", x.e.e_type = ET_REL);
	bad(ENOEXEC, "a core file", x.e.e_type = ET_CORE);
	bad(ENOEXEC, "phentsize too small", x.e.e_phentsize--);
	bad(ENOEXEC, "phentsize too large", x.e.e_phentsize++);
	bad(ENOEXEC, "phentsize 0", x.e.e_phentsize = 0);
	bad(ENOEXEC, "no program headers", x.e.e_phnum = 0);
	bad(ENOEXEC, "one header too many", x.e.e_phnum = 6);
	bad(ENOEXEC, "65535 program headers", x.e.e_phnum = 0xffff);
	bad(ENOEXEC, "headers behind the file", x.e.e_phoff = 0x100000);
	bad(ENOEXEC, "headers at the end of memory", x.e.e_phoff = ~7ul);
	bad(ENOEXEC, "headers one word too far", x.e.e_phoff += sizeof(long));
	bad(ENOEXEC, "headers at an odd offset", (x.e.e_phoff--, x.e.e_phnum--));
	bad(ENOEXEC, "nothing to load", x.p[0].p_type = x.p[1].p_type = x.p[2].p_type = PT_NULL);
}

static void bad_segments(void)
{
	bad(EINVAL, "filesz above memsz", x.p[1].p_memsz--);
	bad(EINVAL, "offset and address differ", x.p[1].p_offset++);
	bad(EINVAL, "address and offset differ", x.p[2].p_vaddr += 0x10);
	bad(ENOMEM, "behind user memory", x.p[2].p_vaddr = TASK_SIZE + 0x800);
	bad(ENOMEM, "one page too far", x.p[2].p_vaddr = TASK_SIZE - 0x5000 + 0x800);
	bad(ENOMEM, "the last page of all", x.p[2].p_vaddr = -0x1000ul + 0x800);
	bad(ENOMEM, "gigantic", x.p[2].p_memsz = TASK_SIZE);
	bad(ENOMEM, "size wraps round", x.p[2].p_memsz = ~0ul);
	bad(ENOMEM, "size wraps round to just below",
	    x.p[2].p_memsz = 0ul - x.p[2].p_vaddr + 0x1000);
	bad(ENOEXEC, "truncated by one byte",
	    (x.p[2].p_offset += 0x1000, x.p[2].p_filesz = 0x801));
	bad(ENOEXEC, "offset far behind the end", x.p[2].p_offset = 0x10000800);
	bad(ENOEXEC, "offset at the end of numbers", x.p[2].p_offset = -0x1000ul + 0x800);
	bad(ENOEXEC, "contents wrap round",
	    (x.p[2].p_offset = -0x1000ul + 0x800, x.p[2].p_filesz = x.p[2].p_memsz = 0x2000));
	bad(ENOEXEC, "overlap by one byte", x.p[1].p_memsz = 0x2801);
	bad(ENOEXEC, "the same segment twice", x.p[2] = x.p[1]);
	bad(ENOEXEC, "not in order", (x.p[4] = x.p[0], x.p[0].p_type = PT_NULL));
	bad(ENOEXEC, "entry 0", x.e.e_entry = 0);
	bad(ENOEXEC, "entry in data", x.e.e_entry = BASE + 0x3810);
	bad(ENOEXEC, "entry behind the code", x.e.e_entry = BASE + 0x2800);
	bad(ENOEXEC, "entry in the kernel", x.e.e_entry = ~0ul);
	bad(ENOEXEC, "a dynamic linker without a name",
	    (x.p[4].p_type = PT_INTERP, x.p[4].p_filesz = 1));
	bad(ENOEXEC, "its name is behind the file",
	    (x.p[4].p_type = PT_INTERP, x.p[4].p_filesz = 20, x.p[4].p_offset = 0x10000000));
	bad(ENOEXEC, "its name is too long",
	    (x.p[4].p_type = PT_INTERP, x.p[4].p_filesz = INTERP_MAX + 1));
}

static void lengths(void)
{
	struct program x = good_program();
	struct elf_image i;
	unsigned refused = 0;
	size_t n;

	for (n = 0; n < sizeof(x); n++)
		refused += check_copy(&x, n, n, &i) == -ENOEXEC;
	is(refused, sizeof(x), "the first page cut off after each byte: ENOEXEC");
	for (n = refused = 0; n < 0x4100; n++)
		refused += check_copy(&x, sizeof(x), n, &i) == -ENOEXEC;
	is(refused, 0x4100, "the file cut off after each byte: ENOEXEC");
	is(check_copy(&x, sizeof(x), 0x4100, &i), 0, "but not behind its last segment");

	x.p[2].p_vaddr = TASK_SIZE - 0x6000 + 0x800;
	is(check(&x, &i), 0, "up to the last page is possible");
	ok(i.high <= TASK_SIZE, "and not further");
	x = good_program();
	x.p[2].p_filesz = 0;
	x.p[2].p_offset = 0x7ffff800;
	is(check(&x, &i), 0, "a segment of zeroes has no contents to check");
	x = good_program();
	x.p[4] = segment(PF_R, 0, 0, 0);
	x.p[4].p_vaddr = 0;
	is(check(&x, &i), 0, "an empty segment anywhere is left out");
}

/* What was accepted must be possible to map. */
static bool sane(const struct elf_image *i)
{
	return i->low < i->high && i->high <= TASK_SIZE && i->low >= PAGE && !(i->low % PAGE) &&
	       !(i->high % PAGE) && i->entry >= i->low && i->entry < i->high &&
	       i->end_bss <= i->high && i->end_bss > i->low && i->start_code >= i->low &&
	       i->end_code <= i->end_bss && i->start_data >= i->low &&
	       i->end_data <= i->end_bss && (!i->phdr_addr || i->phdr_addr < i->high);
}

static const u8 edge[] = { 0x00, 0x01, 0x02, 0x07, 0x08, 0x0f, 0x10, 0x7f, 0x80, 0xff };

static void mutate(struct rnd *r, u8 *data, size_t size)
{
	unsigned n = 1 + rnd_below(r, 6), k, len;
	size_t at;

	while (n--) {
		at = rnd_below(r, size);
		switch (rnd_below(r, 4)) {
		case 0:
			data[at] ^= 1u << rnd_below(r, 8);
			break;
		case 1:
			data[at] = edge[rnd_below(r, sizeof(edge))];
			break;
		case 2:
			data[at] = rnd_u32(r);
			break;
		default:	/* a field to all ones or zero */
			len = 1u << rnd_below(r, 4);
			for (k = 0; k < len && at + k < size; k++)
				data[at + k] = len & 4 ? 0xff : 0;
		}
	}
}

static void fuzz(bool dyn, u64 seed)
{
	unsigned accepted = 0, refused = 0, insane = 0, strange = 0, n;
	struct elf_image i;
	struct program x;
	struct rnd r;
	int ret;

	rnd_seed(&r, seed);
	for (n = 0; n < 300000; n++) {
		x = good_program();
		if (dyn)
			x.e.e_type = ET_DYN;
		mutate(&r, (u8 *)&x, sizeof(x));
		ret = check_copy(&x, rnd_below(&r, 8) ? sizeof(x) : rnd_below(&r, sizeof(x)),
				 rnd_below(&r, 8) ? FILE_SIZE : rnd_u64(&r), &i);
		accepted += !ret;
		refused += ret < 0;
		insane += !ret && !sane(&i);
		strange += ret > 0 || (ret && ret != -ENOEXEC && ret != -EINVAL &&
				       ret != -ENOMEM);
	}
	is(insane, 0, "fuzz, %s: nothing impossible is accepted", dyn ? "ET_DYN" : "ET_EXEC");
	is(strange, 0, "no other errno");
	ok(accepted > 1000 && refused > 10000, "both answers happen (%u, %u)", accepted, refused);
}

int main(void)
{
	good();
	pie();
	bad_header();
	bad_segments();
	lengths();
	fuzz(false, 1);
	fuzz(true, 2);
	return done();
}
