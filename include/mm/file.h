/* SPDX-License-Identifier: MIT */
/*
 * What mm/ asks of open files; fs/ provides it, the host tests shadow it.  mm/ never looks
 * into a struct file.
 */
#ifndef MM_FILE_H
#define MM_FILE_H

#include <kernel/types.h>

struct file;
struct vm_area_struct;

struct file *get_file(struct file *file);	/* one more reference; the argument */
void fput(struct file *file);			/* one less; NULL is allowed; may sleep */

/*
 * The file gives a new region its vm_ops (and may change flags or refuse).  Called after
 * access modes were checked by the system call; 0 or -errno (-ENODEV: cannot be mapped).
 */
int file_mmap(struct file *file, struct vm_area_struct *vma);

/*
 * A file without a name for MAP_SHARED | MAP_ANONYMOUS; one reference, or NULL.  `charge`:
 * all of it counts in vm_committed until the file goes.
 */
struct file *shmem_file(unsigned long size, bool charge);

/*
 * The open file for mmap, with a reference for the caller; NULL: -EBADF.  *vm_may is the
 * VM_MAY that its access mode allows with prot and flags (MAP_SHARED, MAP_PRIVATE), or
 * -EACCES or -ENODEV, which do_mmap() returns once all else is right.
 */
struct file *file_for_mmap(int fd, unsigned long prot, unsigned long flags,
			   unsigned long *vm_may);

/* What is dirty of it is on its device when this returns; 0 or -errno.  Sleeps. */
int file_sync(struct file *file);

/* Where its pages are cached, or NULL; for mincore. */
struct address_space;
struct address_space *file_mapping(struct file *file);

#endif
