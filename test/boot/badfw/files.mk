# SPDX-License-Identifier: MIT
# Objects, paths relative to this directory.  badfw-y and victim-y are for both widths.
#	badfw.efi (x64)     badfw-y badfw-x86_64
#	badfwia32.efi       badfw-y badfw-i386
#	victim.efi (x64)    victim-y victim-x86_64	checks badfw itself, see verify
#	victimia32.efi      victim-y victim-i386
badfw-y += main.o opts.o lib.o memmap.o services.o image.o gop.o memattr.o paging.o cpu.o
badfw-x86_64 += asm_64.o
badfw-i386 += asm_32.o

victim-y += victim.o lib.o
victim-x86_64 += victim_64.o
victim-i386 += victim_32.o
