# SPDX-License-Identifier: MIT
obj-y += bootmem.o debug.o highmem.o init.o page_alloc.o page_init.o pagewalk.o pgtable.o
obj-y += slab.o vma.o vmalloc.o
