/* SPDX-License-Identifier: MIT */
/*
 * The checks of an ELF file before anything of it is mapped (gABI chapters 4 and 5).
 *
 * Nothing here trusts a number of the file: sums are compared by subtraction, so that
 * none can wrap, and the headers have to lie in the bytes that the caller has.  Segments
 * must ascend without overlap, as every linker makes them; Linux lets some others pass
 * and kills the program later.  That a segment ends inside the file is checked too, where
 * Linux would let the program die of SIGBUS: a truncated file says so at once.
 */
#include <fs/elf_check.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <linux/errno.h>

#define PAGE_LEN	(1ul << PAGE_SHIFT)
#define PAGE_OF(x)	((x) & ~(PAGE_LEN - 1))

static int refuse(struct elf_image *image, int error, const char *why)
{
	image->why = why;
	return error;
}

static int check_ident(const Elf_Ehdr *e, struct elf_image *image)
{
	if (memcmp(e->e_ident, ELFMAG, SELFMAG))
		return refuse(image, -ENOEXEC, NULL);
	if (e->e_ident[EI_CLASS] != ELF_CLASS || e->e_machine != ELF_MACHINE)
		return refuse(image, -ENOEXEC, "it is not " ELF_NAME);
	if (e->e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(image, -ENOEXEC, "its byte order is wrong");
	if (e->e_ident[EI_VERSION] != EV_CURRENT || e->e_version != EV_CURRENT)
		return refuse(image, -ENOEXEC, "its ELF version is unknown");
	if (e->e_type != ET_EXEC && e->e_type != ET_DYN)
		return refuse(image, -ENOEXEC, "it is no executable (an object or core file)");
	return 0;
}

/* The table of program headers, inside the bytes that are there. */
static int check_table(const Elf_Ehdr *e, size_t head_size, struct elf_image *image)
{
	if (e->e_phentsize != sizeof(Elf_Phdr))
		return refuse(image, -ENOEXEC, "its program headers have a wrong size");
	if (e->e_phnum < 1 || e->e_phnum > ELF_MAX_PHNUM)
		return refuse(image, -ENOEXEC, "it has no or too many program headers");
	if (e->e_phoff % sizeof(long) || e->e_phoff > head_size ||
	    e->e_phnum * sizeof(Elf_Phdr) > head_size - e->e_phoff)
		return refuse(image, -ENOEXEC,
			      "its program headers are not in the first page of the file");
	image->phdr = (const Elf_Phdr *)((const char *)e + e->e_phoff);
	image->phnum = e->e_phnum;
	return 0;
}

/* One PT_LOAD by itself, without the load bias. */
static int check_segment(const Elf_Phdr *p, u64 file_size, unsigned long limit,
			 struct elf_image *image)
{
	if (p->p_filesz > p->p_memsz)
		return refuse(image, -EINVAL, "a segment is larger in the file than in memory");
	if ((p->p_offset ^ p->p_vaddr) & (PAGE_LEN - 1))
		return refuse(image, -EINVAL,
			      "a segment's offset and address differ modulo the page size");
	if (p->p_vaddr > limit || p->p_memsz > limit - p->p_vaddr)
		return refuse(image, -ENOMEM, "a segment does not fit into user memory");
	if (p->p_filesz && (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset))
		return refuse(image, -ENOEXEC, "it is truncated: a segment ends behind the file");
	return 0;
}

/* Largest power-of-two alignment that a segment asks for. */
static unsigned long wanted_align(const struct elf_image *image)
{
	unsigned long align = PAGE_LEN;
	unsigned i;

	for (i = 0; i < image->phnum; i++) {
		const Elf_Phdr *p = &image->phdr[i];

		if (p->p_type == PT_LOAD && p->p_align > align &&
		    !(p->p_align & (p->p_align - 1)))
			align = p->p_align;
	}
	return align;
}

static int set_bias(const Elf_Ehdr *e, unsigned long limit, struct elf_image *image)
{
	unsigned long base;

	if (e->e_type == ET_EXEC) {
		if (image->low < PAGE_LEN)
			return refuse(image, -EINVAL, "it wants to be mapped at address 0");
		return 0;
	}
	base = ELF_ET_DYN_BASE & ~(wanted_align(image) - 1);
	if (base < PAGE_LEN || base > limit || image->high - image->low > limit - base)
		return refuse(image, -ENOMEM, "it does not fit into user memory");
	image->movable = true;
	image->bias = base - image->low;
	image->low += image->bias;
	image->high += image->bias;
	return 0;
}

/* Fold a segment into the limits that /proc shows, as Linux computes them. */
static void note_segment(const Elf_Phdr *p, u64 phoff, struct elf_image *image)
{
	unsigned long start = p->p_vaddr, file_end = start + p->p_filesz;

	if (p->p_flags & PF_X) {
		if (start < image->start_code)
			image->start_code = start;
		if (file_end > image->end_code)
			image->end_code = file_end;
	}
	if (start > image->start_data)
		image->start_data = start;
	if (file_end > image->end_data)
		image->end_data = file_end;
	if (start + p->p_memsz > image->end_bss)
		image->end_bss = start + p->p_memsz;
	if (p->p_offset <= phoff && phoff - p->p_offset < p->p_filesz)
		image->phdr_addr = start + (unsigned long)(phoff - p->p_offset);
}

/* The name of the dynamic linker: one, inside the file. */
static int check_interp(const Elf_Phdr *p, u64 file_size, struct elf_image *image)
{
	if (image->interp_size)
		return refuse(image, -ENOEXEC, "it names two dynamic linkers");
	if (p->p_filesz < 2 || p->p_filesz > INTERP_MAX || p->p_offset > file_size ||
	    p->p_filesz > file_size - p->p_offset)
		return refuse(image, -ENOEXEC, "the name of its dynamic linker is not in the file");
	image->interp_offset = p->p_offset;
	image->interp_size = (unsigned)p->p_filesz;
	return 0;
}

static int check_segments(const Elf_Ehdr *e, u64 file_size, unsigned long limit,
			  struct elf_image *image)
{
	unsigned long end = 0;
	bool first = true;
	unsigned i;
	int ret;

	for (i = 0; i < image->phnum; i++) {
		const Elf_Phdr *p = &image->phdr[i];

		if (p->p_type == PT_INTERP) {
			ret = check_interp(p, file_size, image);
			if (ret)
				return ret;
		}
		if (p->p_type == PT_GNU_STACK)
			image->exec_stack = p->p_flags & PF_X;
		if (p->p_type != PT_LOAD)
			continue;
		ret = check_segment(p, file_size, limit, image);
		if (ret)
			return ret;
		if (!p->p_memsz)
			continue;
		if (!first && p->p_vaddr < end)
			return refuse(image, -ENOEXEC, "its segments overlap or are not in order");
		if (first)
			image->low = PAGE_OF(p->p_vaddr);
		first = false;
		end = p->p_vaddr + p->p_memsz;
		note_segment(p, e->e_phoff, image);
	}
	if (first)
		return refuse(image, -ENOEXEC, "it has nothing to load");
	image->high = PAGE_OF(end - 1) + PAGE_LEN;
	return 0;
}

/* The first instruction has to be in a segment that may be executed. */
static int check_entry(const Elf_Ehdr *e, struct elf_image *image)
{
	unsigned i;

	for (i = 0; i < image->phnum; i++) {
		const Elf_Phdr *p = &image->phdr[i];

		if (p->p_type == PT_LOAD && p->p_flags & PF_X && e->e_entry >= p->p_vaddr &&
		    e->e_entry - p->p_vaddr < p->p_memsz)
			return 0;
	}
	return refuse(image, -ENOEXEC, "its entry point lies outside its code");
}

/* All but bias, low and high. */
static void shift(struct elf_image *image, unsigned long by)
{
	image->entry += by;
	if (image->phdr_addr)
		image->phdr_addr += by;
	image->start_code += by;
	image->end_code += by;
	image->start_data += by;
	image->end_data += by;
	image->end_bss += by;
}

void elf_move(struct elf_image *image, unsigned long low)
{
	unsigned long by = low - image->low;

	image->bias += by;
	image->low += by;
	image->high += by;
	shift(image, by);
}

int elf_check(const void *head, size_t head_size, u64 file_size, unsigned long limit,
	      struct elf_image *image)
{
	const Elf_Ehdr *e = head;
	int ret;

	*image = (struct elf_image){
		.start_code = ~0ul, .exec_stack = ELF_STACK_EXEC_DEFAULT,
	};
	if (head_size < sizeof(*e))
		return refuse(image, -ENOEXEC, NULL);
	ret = check_ident(e, image);
	if (!ret)
		ret = check_table(e, head_size, image);
	if (!ret)
		ret = check_segments(e, file_size, limit, image);
	if (!ret)
		ret = check_entry(e, image);
	if (!ret)
		ret = set_bias(e, limit, image);
	if (!ret) {
		image->entry = e->e_entry;
		shift(image, image->bias);
	}
	return ret;
}
