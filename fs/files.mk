# SPDX-License-Identifier: MIT
obj-y += cpio.o initramfs.o
