# SPDX-License-Identifier: MIT
#
# make deps: the Debian packages that building, running and testing need.  Asks dpkg
# first, so that once they are there no network is needed.

packages := clang lld llvm gcc-multilib libc6-dev linux-libc-dev make perl gnu-efi \
	musl-tools console-setup-linux patch mtools dosfstools gdisk sbsigntool openssl \
	gdb python3 qemu-system-x86 qemu-user ovmf ovmf-ia32 u-boot-qemu

deps:
	tools/deps $(packages)
	tools/deps-unpacked musl-dev i386 '$(MUSL_I386)' usr/lib/i386-linux-musl/libc.a
	tools/deps-unpacked busybox-static amd64 '$(UNPACKED)/busybox-amd64' bin/busybox
	tools/deps-unpacked busybox-static i386 '$(UNPACKED)/busybox-i386' bin/busybox

.PHONY: deps
