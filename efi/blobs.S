/* SPDX-License-Identifier: MIT */
/*
 * What the application carries: both kernels, the initramfs, the trampoline, and the
 * SBAT record that shim asks for.
 *
 * The files are found in the build directory (-I), packed by the rules in files.mk.
 */
#ifdef __x86_64__
#define SYM(name)	name
#else
#define SYM(name)	_##name			/* the 32-bit Windows ABI */
#endif

	.macro	blob name, file
	.balign	16
	.globl	\name, \name\()_end
\name:
	.incbin	"\file"
\name\()_end:
	.endm

	.section .rdata, "dr"
	blob	SYM(blob_kernel64), kernel64.elf.gz
	blob	SYM(blob_kernel32), kernel32.elf.gz
	blob	SYM(blob_initramfs), initramfs.cpio.gz
	blob	SYM(blob_tramp), trampoline.bin

	/* Nothing may follow in this section: its size must be that of the text. */
	.section .sbat, "dr"
	.ascii	"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii	"pagewalk,1,Pagewalk,pagewalk,", PAGEWALK_VERSION, ",https://pagewalk.invalid/\n"
