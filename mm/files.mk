# SPDX-License-Identifier: MIT
obj-y += access.o bootmem.o copy.o debug.o filemap.o highmem.o init.o madvise.o memory.o mm.o
obj-y += mlock.o mmap.o mprotect.o mremap.o oom.o overcommit.o page_alloc.o page_init.o pagewalk.o pgtable.o populate.o remap.o slab.o
obj-y += stack.o syscalls.o truncate.o vma.o vmalloc.o zap.o
