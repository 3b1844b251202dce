# SPDX-License-Identifier: MIT
#
# Objects of the loader.  efi-y goes into both PE files, efi-x64 into BOOTX64.EFI,
# efi-ia32 into BOOTIA32.EFI.  trampoline.S is assembled apart (i686-elf, flat binary);
# blobs.S includes it together with both kernels and the initramfs, by name from the
# build directory (-I$(O)); load.c takes their checksums from manifest.h there.
#
# gnu-efi's headers are asked for as <efi/efi.h>, since "efi.h" is ours.

efi-cppflags := -idirafter /usr/include

efi-y += main.o elf.o load.o alloc.o memmap.o exit.o identity.o busmaster.o
efi-y += lib.o blobs.o
efi-y += log.o config.o options.o fwcfg.o file.o menu.o letters.o gop.o platform.o cpustate.o devpath.o sha256.o cpio.o
efi-x64 += enter_64.o
efi-ia32 += enter_32.o math_32.o
