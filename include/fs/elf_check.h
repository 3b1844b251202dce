/* SPDX-License-Identifier: MIT */
/*
 * Is this file a program that can be mapped?  A pure function over the bytes of the file's
 * first page, so that the host tests can feed it anything (test/host/test_elf.c).
 */
#ifndef FS_ELF_CHECK_H
#define FS_ELF_CHECK_H

#include <asm/elf.h>
#include <kernel/types.h>

/* More program headers would not fit into the first page anyway. */
#define ELF_MAX_PHNUM	70

/* Bytes of PT_INTERP at most. */
#define INTERP_MAX	4096u

/* What exec has to know; addresses are final, the load bias added. */
struct elf_image {
	const Elf_Phdr *phdr;		/* in the caller's buffer */
	unsigned phnum;
	unsigned long bias;		/* to be added to every p_vaddr */
	unsigned long entry;
	unsigned long phdr_addr;	/* where the program finds its headers; 0: nowhere */
	unsigned long low, high;	/* all segments lie in [low, high), in whole pages */
	unsigned long start_code, end_code, start_data, end_data, end_bss;
	bool exec_stack;
	bool movable;			/* ET_DYN: bias may be another one */
	u64 interp_offset;		/* the name of its dynamic linker in the file, */
	unsigned interp_size;		/* with the NUL; 0: it has none */
	const char *why;		/* on failure: what is wrong with the file */
};

/*
 * `head` is the beginning of a file of file_size bytes, aligned to 8; head_size of them
 * are there.  Segments must end at or below `limit`.  0; -ENOEXEC: no program for this
 * kernel, or damaged; -EINVAL: impossible addresses; -ENOMEM: does not fit below `limit`.
 */
int elf_check(const void *head, size_t head_size, u64 file_size, unsigned long limit,
	      struct elf_image *image);

/* Move an image that is movable so that it begins at `low`, page aligned. */
void elf_move(struct elf_image *image, unsigned long low);

#endif
