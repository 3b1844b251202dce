# SPDX-License-Identifier: MIT
obj-y += early.o init.o fixmap.o tlb.o ioremap.o fault.o explain.o dump.o kstack.o layout.o tramp_pgd.o
obj-x86_64 += init_64.o tramp_pgd_64.o
obj-i386 += init_32.o tramp_pgd_32.o
