# SPDX-License-Identifier: MIT
#
# make deps: the Debian packages that building, running and testing need.  Asks dpkg
# first, so that once they are there no network is needed.

packages := clang lld llvm gcc-multilib libc6-dev linux-libc-dev make perl gnu-efi \
	musl-tools console-setup-linux patch mtools dosfstools gdisk sbsigntool openssl \
	qemu-system-x86 qemu-user ovmf ovmf-ia32 u-boot-qemu

deps:
	tools/deps $(packages)
	tools/deps-musl '$(MUSL_I386)'

.PHONY: deps
