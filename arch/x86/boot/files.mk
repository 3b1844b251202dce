# SPDX-License-Identifier: MIT
obj-x86_64 += head_64.o
obj-i386 += head_32.o
