# SPDX-License-Identifier: MIT
#
# Objects of the loader, lib/ being the kernel's.  efi-y goes into both PE files, efi-x64
# into BOOTX64.EFI, efi-ia32 into BOOTIA32.EFI.  trampoline.S is assembled apart (i686-elf,
# flat binary); blobs.S includes it together with both kernels and the initramfs, by name
# from the build directory (-I$(O)); load.c takes the checksums of the unpacked files from
# manifest.h there.
#
# gnu-efi's headers are asked for as <efi/efi.h>, since "efi.h" is ours.

efi-cppflags := -idirafter /usr/include

efi-y += main.o elf.o inflate.o load.o alloc.o memmap.o exit.o identity.o busmaster.o
efi-y += lib.o blobs.o lib/crc32.o
efi-y += log.o config.o options.o fwcfg.o file.o menu.o letters.o gop.o platform.o cpustate.o devpath.o sha256.o cpio.o report.o report_text.o
efi-x64 += enter_64.o
efi-ia32 += enter_32.o math_32.o

# What it carries travels packed (inflate.c): without name and time, so that it is the
# same each time.
$(O)/%.gz: $(O)/%
	$(call say,GZIP,$@)gzip -9nc $< >$@

$(O)/efi/x64/blobs.o $(O)/efi/ia32/blobs.o: \
	$(O)/kernel64.elf.gz $(O)/kernel32.elf.gz $(O)/initramfs.cpio.gz $(O)/trampoline.bin
