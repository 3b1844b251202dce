/* SPDX-License-Identifier: MIT */
/*
 * Random operations on the pages of model.h, in the kernel and in the model.  With
 * `failing` an allocation on the way may fail: then the answer may also be ENOMEM, and
 * either nothing is changed or what abi.md allows: a fixed mapping has taken the old
 * contents away, mprotect has done the regions before.
 */
#ifndef TEST_HOST_MODEL_OPS_H
#define TEST_HOST_MODEL_OPS_H

#include "model.h"

static struct model_obj *model_files[4];
static unsigned long model_failures;	/* operations that an injected failure ended */

static void model_open_files(void)
{
	unsigned int i;
	struct file *f;

	for (i = 0; i < ARRAY_SIZE(model_files); i++) {
		f = host_file(i == 3 ? 40 : OBJ_PAGES, (u8)(10 * i + 7));
		model_files[i] = model_new_obj(f, false);
	}
}

static void model_close_files(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(model_files); i++) {
		if (model_files[i]->file->count != 1)
			model_differs("file %u is still in use", i);
		fput(model_files[i]->file);
		model_files[i]->file = NULL;
	}
}

static void model_arm(bool failing)
{
	if (failing)
		alloc_fail_arm(1 + model_random(4), 1000);
}

static bool model_injected(long result)
{
	bool injected = result == -ENOMEM && alloc_fail.failed;

	alloc_fail_arm(0, 0);
	model_failures += injected;
	return injected;
}

static u8 model_random_prot(void)
{
	static const u8 prots[] = {
		0, PROT_READ, RW, RW, RW, PROT_READ | PROT_EXEC, PROT_WRITE,
		PROT_READ | PROT_WRITE | PROT_EXEC, PROT_EXEC,
	};

	return prots[model_random(ARRAY_SIZE(prots))];
}

/* ---- mmap -------------------------------------------------------------------------- */

struct model_mapping {
	enum model_kind kind;
	u8 prot;
	unsigned long flags;
	struct model_obj *obj;		/* NULL: anonymous, or to be made */
	unsigned int index;
};

static void model_random_mapping(struct model_mapping *w, unsigned int *n)
{
	memset(w, 0, sizeof(*w));
	w->prot = model_random_prot();
	w->kind = (enum model_kind)(1 + model_random(3));
	w->flags = w->kind == M_SHARED ? MAP_SHARED : MAP_PRIVATE;
	if (model_random(8) == 0 && w->kind != M_SHARED)
		w->flags |= MAP_NORESERVE;
	if (w->kind == M_ANON) {
		w->flags |= MAP_ANONYMOUS;
		return;
	}
	*n = min(*n, OBJ_PAGES / 2);
	if (w->kind == M_SHARED && model_random(3) == 0 && model_room_for_obj()) {
		w->flags |= MAP_ANONYMOUS;
		return;
	}
	w->obj = model_files[model_random(ARRAY_SIZE(model_files))];
	w->index = model_random(OBJ_PAGES - *n + 1);
}

static void model_op_mmap(struct model_proc *m, bool failing)
{
	unsigned int first, n;
	struct model_mapping w;
	unsigned long ret, addr;
	bool noreplace = model_random(8) == 0;

	model_range(&first, &n);
	model_random_mapping(&w, &n);
	addr = model_addr(first);
	model_arm(failing);
	ret = do_mmap(w.obj ? w.obj->file : NULL, addr, n * PAGE_SIZE, w.prot,
		      w.flags | (noreplace ? MAP_FIXED_NOREPLACE : MAP_FIXED), w.index, MODEL_MAY);
	if (model_injected((long)ret)) {
		if (!find_vma_intersection(m->mm, addr, addr + n * PAGE_SIZE))
			model_unmap(m, first, n);
		return;
	}
	if (noreplace && !model_is_free(m, first, n)) {
		if (ret != (unsigned long)-EEXIST)
			model_differs("mmap on something: %#lx", ret);
		return;
	}
	if (ret != addr) {
		model_differs("mmap of [%u, %u): %#lx", first, first + n, ret);
		return;
	}
	if (w.kind == M_SHARED && !w.obj)
		w.obj = model_new_obj(find_vma(m->mm, addr)->vm_file, true);
	model_map(m, first, n, w.kind, w.prot, w.obj, w.index, w.flags & MAP_NORESERVE);
}

/* A hint: taken if it is free, else something that is; gone again at once. */
static void model_op_hint(struct model_proc *m)
{
	unsigned int first, n;
	unsigned long ret, addr;

	model_range(&first, &n);
	addr = model_addr(first);
	ret = do_mmap(NULL, addr + model_random(PAGE_SIZE), n * PAGE_SIZE, PROT_NONE, ANON, 0,
		      MODEL_MAY);
	if (IS_ERR_VALUE(ret)) {
		model_differs("mmap with a hint: %ld", (long)ret);
		return;
	}
	if (model_is_free(m, first, n) != (ret == addr))
		model_differs("hint %#lx became %#lx", addr, ret);
	if (do_munmap(m->mm, ret, n * PAGE_SIZE))
		model_differs("munmap of %#lx", ret);
}

/* ---- munmap, madvise --------------------------------------------------------------- */

static void model_op_munmap(struct model_proc *m, bool failing)
{
	unsigned int first, n;
	int err;

	model_range(&first, &n);
	model_arm(failing);
	err = do_munmap(m->mm, model_addr(first), n * PAGE_SIZE - model_random(PAGE_SIZE));
	if (model_injected(err))
		return;
	if (err)
		model_differs("munmap of [%u, %u): %d", first, first + n, err);
	model_unmap(m, first, n);
}

static void model_op_dontneed(struct model_proc *m)
{
	unsigned int first, n, i;
	long err;

	model_range(&first, &n);
	err = sys_madvise(model_addr(first), n * PAGE_SIZE, MADV_DONTNEED);
	if (err != (model_is_mapped(m, first, n) ? 0 : -ENOMEM))
		model_differs("madvise of [%u, %u): %ld", first, first + n, err);
	for (i = first; i < first + n; i++)
		model_dontneed(&m->page[i]);
}

/* ---- mprotect ---------------------------------------------------------------------- */

/* The kernel stopped at some region: how far it came; whole regions only. */
static unsigned int model_protected(struct model_proc *m, unsigned int first, unsigned int n,
				    u8 prot)
{
	unsigned int i, done = 0;
	struct vm_area_struct *vma;
	struct model_page p;

	for (i = first; i < first + n && m->page[i].kind != M_NONE; i++) {
		p = m->page[i];
		model_protect(&p, prot);
		vma = find_vma(m->mm, model_addr(i));
		if (!vma || vma->vm_flags != model_vm_flags(&p))
			break;
		done = i + 1 - first;
	}
	if (done && done < n && model_same_region(&m->page[i - 1], &m->page[i]))
		model_differs("mprotect stopped inside a region, at %u", i);
	return done;
}

static void model_op_mprotect(struct model_proc *m, bool failing)
{
	unsigned int first, n, i, done;
	u8 prot = model_random_prot();
	int err;

	model_range(&first, &n);
	model_arm(failing);
	err = do_mprotect(m->mm, model_addr(first), n * PAGE_SIZE, prot);
	if (model_injected(err)) {
		done = model_protected(m, first, n, prot);
	} else {
		if (err != (model_is_mapped(m, first, n) ? 0 : -ENOMEM))
			model_differs("mprotect of [%u, %u): %d", first, first + n, err);
		for (done = 0; done < n && m->page[first + done].kind != M_NONE; )
			done++;
	}
	for (i = first; i < first + done; i++)
		model_protect(&m->page[i], prot);
}

/* ---- accesses ---------------------------------------------------------------------- */

/* An access without memory: the file's page may be read, and others be given up for it. */
static void model_op_failing_access(struct model_proc *m, unsigned int i, bool write)
{
	struct model_page *p = &m->page[i];
	enum host_result seen;
	u8 value = 1;

	if (model_result(p, write) != HOST_OK)
		return;
	model_arm(true);
	seen = write ? host_write(model_addr(i), &value, 1) : host_read(model_addr(i), &value, 1);
	model_injected(seen == HOST_OOM ? -ENOMEM : 0);
	if (seen == HOST_OK)
		model_touch(p, write, value);
	else if (seen != HOST_OOM)
		model_differs("access to %u without memory: %d", i, seen);
	else if (p->obj)
		model_cached(p->obj, p->index);
	model_recount_losses();
}

static void model_op_access(struct model_proc *m, bool failing)
{
	unsigned int first, n, i;
	bool write = model_random(2);

	model_range(&first, &n);
	n = min(n, 80u);
	for (i = first; i < first + n; i++) {
		if (failing)
			model_op_failing_access(m, i, write);
		model_access(m, i, write, (u8)model_random(256));
	}
}

/* The kernel's way in: another program's memory, by access_mm(). */
static void model_foreign(struct model_proc *m, unsigned int i)
{
	bool write = model_random(2);
	struct model_page *p = &m->page[i];
	enum host_result expected = model_result(p, write);
	u8 value = (u8)model_random(256), old = value;
	unsigned long n = access_mm(m->mm, model_addr(i), &value, 1, write);

	if (n != (expected == HOST_OK))
		model_differs("access_mm to %u: %lu, expected result %d", i, n, expected);
	if (expected != HOST_OK)
		return;
	if (!write && value != model_value(p))
		model_differs("access_mm: page %u holds %u, expected %u", i, value, model_value(p));
	model_touch(p, write, old);
	/* A translation that the program has of the old page must be gone. */
	if (current->mm == m->mm && model_result(p, false) == HOST_OK)
		model_access(m, i, false, 0);
}

static void model_op_foreign(struct model_proc *m)
{
	model_foreign(m, model_random(MODEL_PAGES));
}

#endif
