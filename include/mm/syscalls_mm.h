/* SPDX-License-Identifier: MIT */
/* System calls of mm/: the mmap family; Linux man pages, section 2, are the contract. */
#ifndef MM_SYSCALLS_MM_H
#define MM_SYSCALLS_MM_H

#include <kernel/types.h>

/* offset in bytes; the other in pages of 4 KiB (mmap2). */
long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, long fd, unsigned long offset);
long sys_mmap_pgoff(unsigned long addr, unsigned long len, unsigned long prot,
		    unsigned long flags, long fd, unsigned long pgoff);
long sys_mremap(unsigned long old, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new);
long sys_munmap(unsigned long addr, unsigned long len);
long sys_brk(unsigned long brk);
long sys_mprotect(unsigned long start, unsigned long len, unsigned long prot);
long sys_madvise(unsigned long start, unsigned long len, int behavior);
long sys_mincore(unsigned long start, unsigned long len, unsigned char *vec);
long sys_msync(unsigned long start, unsigned long len, int flags);
long sys_mlock(unsigned long start, unsigned long len);
long sys_mlock2(unsigned long start, unsigned long len, int flags);
long sys_munlock(unsigned long start, unsigned long len);
long sys_mlockall(int flags);
long sys_munlockall(void);

#endif
