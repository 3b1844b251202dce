/* SPDX-License-Identifier: MIT */
/*
 * Tests of one address space: it begins, is looked over, and ends with everything as it was
 * when the test filled in `base`.
 */
#ifndef TEST_HOST_ONE_MM_H
#define TEST_HOST_ONE_MM_H

#include "tap.h"
#include "model_ops.h"

#define PAGES(n)	((unsigned long)(n) * PAGE_SIZE)

static struct baseline base;

static struct mm_struct *start_mm(void)
{
	struct mm_struct *mm = mm_alloc();

	BUG_ON(!mm);
	host_switch_mm(mm);
	return mm;
}

static bool sound(struct mm_struct *mm, const char *after)
{
	struct mm_struct *const mms[] = { mm };
	const char *wrong = audit(mms, 1);

	return ok(!wrong, "%s: audit: %s", after, wrong ? wrong : "entries and counts agree");
}

static void end_mm(struct mm_struct *mm, struct file *f, const char *after)
{
	sound(mm, after);
	current->mm = NULL;
	mmput(mm);
	if (f) {
		is(f->count, 1, "%s: no region holds the file", after);
		fput(f);
	}
	ok(at_baseline(&base), "%s: exit leaves everything as before", after);
}

/* Anonymous memory, without what the system call does besides. */
static unsigned long map_at(unsigned long addr, unsigned long pages, unsigned long prot,
			    unsigned long flags)
{
	return do_mmap(NULL, addr, PAGES(pages), prot, flags, 0, MODEL_MAY);
}

#endif
