/* SPDX-License-Identifier: MIT */
/*
 * Which ELF files this kernel runs, and what it tells them about the machine.  Host tests
 * use this file as it is: gcc -m32 gives the two-level half.
 */
#ifndef ASM_ELF_H
#define ASM_ELF_H

#include <asm/layout.h>
#include <elf.h>
#include <kernel/const.h>

#ifdef __x86_64__
#define ELF_CLASS		ELFCLASS64
#define ELF_MACHINE		EM_X86_64
#define ELF_PLATFORM		"x86_64"
#define ELF_NAME		"ELF64 for x86-64"
#define ELF_STACK_EXEC_DEFAULT	false	/* no PT_GNU_STACK: an old file wants it executable */
/* Where a position-independent program goes: two thirds up, far below the stack. */
#define ELF_ET_DYN_BASE		(TASK_SIZE / 3 * 2)

typedef Elf64_Ehdr Elf_Ehdr;
typedef Elf64_Phdr Elf_Phdr;
#else
#define ELF_CLASS		ELFCLASS32
#define ELF_MACHINE		EM_386
#define ELF_PLATFORM		"i686"
#define ELF_NAME		"ELF32 for i386"
#define ELF_STACK_EXEC_DEFAULT	true
#define ELF_ET_DYN_BASE		_UL(0x00400000)

typedef Elf32_Ehdr Elf_Ehdr;
typedef Elf32_Phdr Elf_Phdr;
#endif

#define ELF_CLKTCK		100	/* of times(2), whatever hz= says */

#endif
