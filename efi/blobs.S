/* SPDX-License-Identifier: MIT */
/*
 * What the application carries: both kernels, the initramfs, the trampoline, and the
 * SBAT record that shim asks for.
 *
 * The files are found in the build directory (-I).  A blob starts on a page, so that in a
 * machine with very little memory it can be used where it lies.
 */
#ifdef __x86_64__
#define SYM(name)	name
#else
#define SYM(name)	_##name			/* the 32-bit Windows ABI */
#endif

	.macro	blob name, file
	.balign	4096
	.globl	\name, \name\()_end
\name:
	.incbin	"\file"
\name\()_end:
	.endm

	.section .rdata, "dr"
	blob	SYM(blob_kernel64), kernel64.elf
	blob	SYM(blob_kernel32), kernel32.elf
	blob	SYM(blob_initramfs), initramfs.cpio
	blob	SYM(blob_tramp), trampoline.bin

	/* Nothing may follow in this section: its size must be that of the text. */
	.section .sbat, "dr"
	.ascii	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii	"pagewalk,1,Pagewalk,pagewalk,", PAGEWALK_VERSION, ",https://pagewalk.invalid/\n"
