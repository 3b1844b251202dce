/* SPDX-License-Identifier: MIT */
/*
 * The events of one page fault that is over (kernel/trace.h): who, in which region, and what
 * was decided.  They are written in one go, so that a reader finds them side by side.
 */
#include <asm/irqflags.h>
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/mm.h>
#include "internal.h"

#define PATH_BYTES	40	/* arg and more of an event */

static u64 region_kind(const struct vm_area_struct *vma)
{
	const char *name = vma->vm_file ? NULL : region_name(vma);
	unsigned long flags = vma->vm_flags;

	return (flags & VM_READ ? PAGEWALK_REGION_READ : 0) |
	       (flags & VM_WRITE ? PAGEWALK_REGION_WRITE : 0) |
	       (flags & VM_EXEC ? PAGEWALK_REGION_EXEC : 0) |
	       (flags & VM_MAYSHARE ? PAGEWALK_REGION_SHARED : 0) |
	       (vma->vm_file ? PAGEWALK_REGION_FILE : 0) |
	       (name && name[1] == 'h' ? PAGEWALK_REGION_HEAP : 0) |
	       (name && name[1] == 's' ? PAGEWALK_REGION_STACK : 0) |
	       (flags & VM_GROWSDOWN ? PAGEWALK_REGION_GROWS : 0) |
	       (flags & VM_PFNMAP ? PAGEWALK_REGION_DEVICE : 0);
}

/* Interrupts off: the buffer is everybody's. */
static void trace_path(const struct file *file)
{
	static char buf[PATH_MAX_K];
	u64 word[PATH_BYTES / sizeof(u64)] = { 0 };
	const char *path = file_path(file, buf, sizeof(buf));
	size_t n = path ? strlen(path) : 0, skip = n > PATH_BYTES ? n - PATH_BYTES : 0;

	if (path)
		memcpy(word, path + skip, n - skip);
	__trace_more(TRACE_PATH, word, word[4]);
}

void explain_fault(const struct explained_fault *e)
{
	u64 region[4] = { 0 }, fault[4];
	unsigned long flags = local_irq_save();

	if (e->vma) {
		region[0] = e->vma->vm_start;
		region[1] = e->vma->vm_end;
	}
	strlcpy((char *)&region[2], current->comm, 2 * sizeof(u64));
	__trace_more(TRACE_REGION, region, (e->vma ? region_kind(e->vma) : 0) | e->ticks << 16);
	if (e->vma && e->vma->vm_file)
		trace_path(e->vma->vm_file);
	fault[0] = e->address;
	fault[1] = (e->error_code & 0xffff) | (u64)e->decision << 16 | (u64)e->signal << 24 |
		   e->flags;
	fault[2] = e->before;
	fault[3] = e->after;
	__trace_more(TRACE_EXPLAIN, fault, e->ip);
	local_irq_restore(flags);
}
