# SPDX-License-Identifier: MIT
obj-y += access.o bootmem.o copy.o debug.o filemap.o highmem.o init.o madvise.o memory.o mm.o
obj-y += mlock.o mmap.o mprotect.o mremap.o msync.o oom.o overcommit.o page_alloc.o page_init.o pagewalk.o pgtable.o populate.o remap.o rmap.o slab.o
obj-y += readahead.o stack.o swap.o swap_ram.o swap_state.o swapfile.o syscalls.o truncate.o vma.o vmalloc.o vmscan.o writeback.o zap.o
