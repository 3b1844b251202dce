/* SPDX-License-Identifier: MIT */
/*
 * Placing a kernel: ELF64 for x86-64, ELF32 for i386.
 *
 * Both are linked at one virtual address and may be put at any page.  The x86-64 kernel
 * keeps its window and learns where it is, so nothing in it changes.  The i386 kernel lies
 * in the direct map, so its addresses move with it: it is linked as if it were at physical
 * address 0, and each R_386_RELATIVE word grows by the place where it really is.
 *
 * The file's checksum has been compared by now, but its headers are still checked before
 * they are used as offsets: a damaged build must end in a line of text.
 */
#include "core.h"

#define EM_386		3
#define EM_X86_64	62
#define PT_LOAD		1
#define PT_DYNAMIC	2
#define DT_REL		17
#define DT_RELSZ	18
#define DT_RELENT	19
#define R_386_NONE	0
#define R_386_RELATIVE	8

/* The two ELF layouts, as far as we read them. */
struct elf32_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf32_segment {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct elf64_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf32_dyn {
	int32_t tag;
	uint32_t value;
};

struct elf32_rel {
	uint32_t offset, info;
};

/* Both widths, read into one form. */
struct elf {
	const uint8_t *file;
	uint64_t len, entry, phoff;
	unsigned phnum, phentsize;
	bool is64;
};

static const char *elf_open(struct elf *e, const void *file, uint64_t len, unsigned paging)
{
	const struct elf32_header *h32 = file;
	const struct elf64_header *h64 = file;

	*e = (struct elf){ .file = file, .len = len, .is64 = paging == 4 };
	if (len < sizeof(*h64) || memcmp(h32->ident, "\177ELF", 4))
		return "not an ELF file";
	if (h32->ident[4] != (e->is64 ? 2 : 1) ||
	    h32->machine != (e->is64 ? EM_X86_64 : EM_386))
		return "an ELF file for another machine";
	e->entry = e->is64 ? h64->entry : h32->entry;
	e->phoff = e->is64 ? h64->phoff : h32->phoff;
	e->phnum = e->is64 ? h64->phnum : h32->phnum;
	e->phentsize = e->is64 ? h64->phentsize : h32->phentsize;
	if (e->phentsize != (e->is64 ? sizeof(struct elf64_segment)
				     : sizeof(struct elf32_segment)) ||
	    e->phoff > len || e->phnum * (uint64_t)e->phentsize > len - e->phoff)
		return "ELF program headers not at the start of the file";
	return NULL;
}

static void elf_segment(const struct elf *e, unsigned i, struct elf64_segment *s)
{
	const void *at = e->file + e->phoff + i * e->phentsize;
	const struct elf32_segment *s32 = at;

	if (e->is64) {
		memcpy(s, at, sizeof(*s));
		return;
	}
	*s = (struct elf64_segment){
		.type = s32->type, .flags = s32->flags, .offset = s32->offset,
		.vaddr = s32->vaddr, .filesz = s32->filesz, .memsz = s32->memsz,
	};
}

const char *elf_measure(const void *head, uint64_t head_len, uint64_t len, unsigned paging,
			struct elf_size *es)
{
	uint64_t low = ~0ull, high = 0;
	struct elf64_segment s;
	const char *err;
	struct elf e;
	unsigned i;

	err = elf_open(&e, head, head_len, paging);
	if (err)
		return err;
	for (i = 0; i < e.phnum; i++) {
		elf_segment(&e, i, &s);
		if (s.type != PT_LOAD || !s.memsz)
			continue;
		if (s.filesz > s.memsz || s.offset > len || s.filesz > len - s.offset ||
		    s.memsz > BOOT_LOW_LIMIT || s.vaddr + s.memsz - 1 < s.vaddr)
			return "an ELF segment outside the file";
		if (s.vaddr < low)
			low = s.vaddr;
		/* of the last byte: a segment may end at 2^64 */
		if (s.vaddr + s.memsz - 1 > high)
			high = s.vaddr + s.memsz - 1;
	}
	es->virt = ROUND_DOWN(low, PAGE_SIZE);
	if (low > high || high - es->virt >= BOOT_LOW_LIMIT)
		return "ELF segments too far apart";
	es->size = ROUND_UP(high - es->virt + 1, PAGE_SIZE);
	es->entry = e.entry - es->virt;
	if (es->entry >= es->size)
		return "an ELF entry outside the segments";
	return NULL;
}

/* The i386 kernel's relocations; `image` is the copy. */
static const char *relocate_386(const struct elf *e, const struct elf_size *es,
				uint8_t *image, uint32_t delta)
{
	uint32_t rel = 0, relsz = 0, relent = sizeof(struct elf32_rel), off, i;
	struct elf64_segment s;
	struct elf32_dyn dyn;
	struct elf32_rel r;

	for (i = 0; i < e->phnum; i++) {
		elf_segment(e, i, &s);
		if (s.type == PT_DYNAMIC)
			break;
	}
	if (i == e->phnum)
		return "an i386 kernel without relocations";
	if (s.offset > e->len || s.filesz > e->len - s.offset)
		return "an ELF dynamic section outside the file";
	for (off = 0; off + sizeof(dyn) <= s.filesz; off += sizeof(dyn)) {
		memcpy(&dyn, e->file + s.offset + off, sizeof(dyn));
		if (!dyn.tag)
			break;
		if (dyn.tag == DT_REL)
			rel = dyn.value;
		else if (dyn.tag == DT_RELSZ)
			relsz = dyn.value;
		else if (dyn.tag == DT_RELENT)
			relent = dyn.value;
	}
	rel -= (uint32_t)es->virt;
	if (relent != sizeof(r) || rel > es->size || relsz > es->size - rel)
		return "an ELF relocation table outside the image";
	for (off = 0; off + sizeof(r) <= relsz; off += sizeof(r)) {
		uint32_t word;

		memcpy(&r, image + rel + off, sizeof(r));
		if ((r.info & 0xff) == R_386_NONE)
			continue;
		r.offset -= (uint32_t)es->virt;
		if ((r.info & 0xff) != R_386_RELATIVE || r.offset > es->size - sizeof(word))
			return "an ELF relocation that we do not know";
		memcpy(&word, image + r.offset, sizeof(word));
		word += delta;
		memcpy(image + r.offset, &word, sizeof(word));
	}
	return NULL;
}

const char *elf_load(const void *file, uint64_t len, unsigned paging,
		     const struct elf_size *es, uint64_t base)
{
	uint8_t *image = phys_ptr(base);
	struct elf64_segment s;
	const char *err;
	struct elf e;
	unsigned i;

	err = elf_open(&e, file, len, paging);
	if (err)
		return err;
	memset(image, 0, (size_t)es->size);
	for (i = 0; i < e.phnum; i++) {
		elf_segment(&e, i, &s);
		if (s.type == PT_LOAD && s.memsz)
			memcpy(image + (size_t)(s.vaddr - es->virt), e.file + s.offset,
			       (size_t)s.filesz);
	}
	return e.is64 ? NULL : relocate_386(&e, es, image, (uint32_t)base);
}
