# SPDX-License-Identifier: MIT
obj-y += ramdisk.o
