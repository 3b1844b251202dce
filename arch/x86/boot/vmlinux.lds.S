/* SPDX-License-Identifier: MIT */
/*
 * The kernel image, both modes.
 *
 *	base + 0x0000	head: the first instructions
 *	base + 0x1000	swapper_pg_dir (catalogue E2)
 *	then		text, read-only data, data, .bss; each from a page of its own
 *
 * Four levels: linked where it runs, at KERNEL_IMAGE_BASE; the physical place does not
 * matter.  Two levels: linked for physical address 0 at PAGE_OFFSET; the loader adds the
 * real place to every R_386_RELATIVE relocation.
 */
#ifdef __x86_64__
#define LINK_BASE	0xffffffff80000000	/* KERNEL_IMAGE_BASE */
#else
#define LINK_BASE	PAGE_OFFSET_RAW
#endif

ENTRY(startup)

PHDRS {
	head PT_LOAD FLAGS(5);
	pgdir PT_LOAD FLAGS(6);
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
#ifdef __i386__
	dynamic PT_DYNAMIC FLAGS(4);
#endif
}

SECTIONS {
	. = LINK_BASE;
	_head = .;
	.head.text : { KEEP(*(.head.text)) } :head
	. = LINK_BASE + 0x1000;
	.pgdir : { KEEP(*(.pgdir)) } :pgdir
	. = ALIGN(0x1000);
	.text : {
		_text = .;
		*(.text .text.*)
		*(.init.text)
		_etext = .;
	} :text
	. = ALIGN(0x1000);
	.rodata : {
		_rodata = .;
		*(.rodata .rodata.*)
		. = ALIGN(16);
		__rows_start = .;
		KEEP(*(.rows))
		__rows_end = .;
	} :rodata
	__ex_table : ALIGN(8) {
		__start___ex_table = .;
		KEEP(*(__ex_table))
		__stop___ex_table = .;
	} :rodata
	.kallsyms : ALIGN(8) { KEEP(*(.kallsyms)) } :rodata
#ifdef __i386__
	.dynsym : { *(.dynsym) } :rodata
	.gnu.hash : { *(.gnu.hash) } :rodata
	.hash : { *(.hash) } :rodata
	.dynstr : { *(.dynstr) } :rodata
	.rel.dyn : { *(.rel.dyn) *(.rel.*) } :rodata
	.dynamic : { *(.dynamic) } :rodata :dynamic
#endif
	_erodata = .;
	. = ALIGN(0x1000);
	.data : {
		_data = .;
		*(.data .data.*)
		*(.init.data)
		. = ALIGN(16);
		*(.got .got.plt)
		_edata = .;
	} :data
	. = ALIGN(0x1000);
	.bss : {
		__bss_start = .;
		*(.bss.page_aligned)
		*(.bss .bss.*)
		*(COMMON)
		. = ALIGN(0x1000);
		__bss_stop = .;
	} :data
	_end = .;

	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_addr 0 : { *(.debug_addr) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_frame 0 : { *(.debug_frame) }
	.debug_info 0 : { *(.debug_info) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_ranges 0 : { *(.debug_ranges) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
	.debug_str 0 : { *(.debug_str) }
	.debug_str_offsets 0 : { *(.debug_str_offsets) }
	.symtab 0 : { *(.symtab) }
	.shstrtab 0 : { *(.shstrtab) }
	.strtab 0 : { *(.strtab) }

	/DISCARD/ : { *(.comment) *(.note.*) *(.eh_frame) *(.interp) *(.llvm_addrsig) *(.llvm.*) }
}

ASSERT(swapper_pg_dir == _head + 0x1000, "swapper_pg_dir must be at image base + 0x1000")
ASSERT(_end - _head <= 0x380000, "the provisional tables hold 3.5 MiB of image")
