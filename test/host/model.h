/* SPDX-License-Identifier: MIT */
/*
 * What the pages of programs should hold, as plain arrays: for each page of a window of
 * user addresses what is mapped there, with which rights, and the byte at its start.  The
 * random tests do everything twice, in the kernel and here, and compare: contents,
 * regions, mincore, and the errors of accesses.
 *
 * The window lies across a boundary of the topmost level, so its tables differ in all.
 */
#ifndef TEST_HOST_MODEL_H
#define TEST_HOST_MODEL_H

#include <stdlib.h>
#include "audit.h"
#include <mm/syscalls_mm.h>
#include <linux/errno.h>
#include <linux/mman.h>

/* Each test takes of this what it needs. */
#pragma GCC diagnostic ignored "-Wunused-function"

#define MODEL_PAGES	2304u
#define MODEL_BASE	((TASK_SIZE / 2 & PGDIR_MASK) - 1000 * PAGE_SIZE)
#define MODEL_MAY	(VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)

enum model_kind { M_NONE, M_ANON, M_PRIVATE, M_SHARED };

/* What is behind pages that are not anonymous: a file, or shared memory without a name. */
#define OBJ_PAGES	96u
struct model_obj {
	struct file *file;
	unsigned int refs;		/* model pages; shared memory goes with the last */
	bool unnamed;
	u8 value[OBJ_PAGES], tail[OBJ_PAGES];	/* first and last byte of each page */
	bool cached[OBJ_PAGES];			/* was read, and may have been dropped since */
	unsigned int nr_cached;
};

struct model_page {
	union {
		struct {
			u8 kind, prot;
			bool account, noreserve;
		};
		u32 common;		/* these four at once: pages of one region are equal */
	};
	u8 value, tail;			/* first byte; last byte of a private page of its own */
	bool own : 1;			/* a private page of its own: written to */
	bool touched : 1;		/* anonymous: has an entry */
	bool border : 1;		/* a region may begin here although it need not */
	u32 more;			/* other flags of the region: locks, advice, stack */
	unsigned int index;		/* in obj; anonymous: where the page was mapped first */
	struct model_obj *obj;
};

struct model_proc {
	struct mm_struct *mm;
	unsigned int extra;		/* regions outside the window */
	struct model_page page[MODEL_PAGES];
};

#define MODEL_OBJS	64
static struct model_obj model_objs[MODEL_OBJS];
static unsigned long model_wrong;	/* differences found */

static unsigned long model_addr(unsigned int i)
{
	return MODEL_BASE + i * PAGE_SIZE;
}

__attribute__((__format__(__printf__, 1, 2)))
static void model_differs(const char *text, ...)
{
	va_list args;

	if (model_wrong++ > 10)
		return;
	printf("# ");
	va_start(args, text);
	vprintf(text, args);
	va_end(args);
	printf("\n");
}

/* ---- objects ----------------------------------------------------------------------- */

static struct model_obj *model_new_obj(struct file *file, bool unnamed)
{
	struct model_obj *o = model_objs;
	unsigned int i;

	while (o < model_objs + MODEL_OBJS && o->file)
		o++;
	BUG_ON(o == model_objs + MODEL_OBJS);
	memset(o, 0, sizeof(*o));
	o->file = file;
	o->unnamed = unnamed;
	for (i = 0; i < OBJ_PAGES; i++)
		o->value[i] = o->tail[i] = (u8)((i + 1) * file->seed);
	return o;
}

static bool model_room_for_obj(void)
{
	unsigned int i, used = 0;

	for (i = 0; i < MODEL_OBJS; i++)
		used += model_objs[i].file != NULL;
	return used < MODEL_OBJS - 1;
}

/* An access has read the page, if it was not in the cache. */
static void model_cached(struct model_obj *o, unsigned int i)
{
	o->nr_cached += !o->cached[i];
	o->cached[i] = true;
}

static void model_recount_obj(struct model_obj *o)
{
	struct page *page;
	unsigned int i;

	o->nr_cached = 0;
	for (i = 0; i < OBJ_PAGES; i++) {
		page = find_get_page(&o->file->mapping, i);
		if (page && !o->cached[i])
			model_differs("page %u of a file is cached, and nobody read it", i);
		o->cached[i] = page != NULL;
		if (!page)
			continue;
		o->nr_cached++;
		put_page(page);
	}
}

/*
 * ftruncate: what is cut off is gone, private copies too, and in the last page what is behind
 * the end.  The pages themselves: model_cut_page().
 */
static void model_cut_obj(struct model_obj *o, unsigned long size)
{
	unsigned int i = (unsigned int)(size >> PAGE_SHIFT);

	if (i < OBJ_PAGES && size & ~PAGE_MASK)
		o->tail[i++] = 0;
	for (; i < OBJ_PAGES; i++) {
		o->value[i] = o->tail[i] = 0;
		o->nr_cached -= o->cached[i];
		o->cached[i] = false;
	}
}

/* What is cached was put there by an access that the model knows of; forget what is gone. */
static void model_recount_cache(void)
{
	struct model_obj *o;

	for (o = model_objs; o < model_objs + MODEL_OBJS; o++)
		if (o->file)
			model_recount_obj(o);
}

/* The same after what takes pages away or leaves all of them; not where others come in. */
static void model_recount_losses(void)
{
	struct model_obj *o;

	for (o = model_objs; o < model_objs + MODEL_OBJS; o++)
		if (o->file && o->nr_cached != o->file->mapping.nrpages)
			model_recount_obj(o);
}

/* ---- pages ------------------------------------------------------------------------- */

static void model_clear(struct model_page *p)
{
	if (p->obj && !--p->obj->refs && p->obj->unnamed)
		p->obj->file = NULL;
	*p = (struct model_page){ 0 };
}

static void model_unmap(struct model_proc *m, unsigned int first, unsigned int n)
{
	while (n--)
		model_clear(&m->page[first++]);
}

static void model_map(struct model_proc *m, unsigned int first, unsigned int n,
		      enum model_kind kind, u8 prot, struct model_obj *obj, unsigned int index,
		      bool noreserve)
{
	struct model_page *p;

	model_unmap(m, first, n);
	if (!obj)
		index = first;
	for (p = &m->page[first]; n; n--, p++, index++) {
		p->kind = kind;
		p->prot = prot;
		p->noreserve = noreserve;
		p->account = kind != M_SHARED && prot & PROT_WRITE && !noreserve;
		p->obj = obj;
		p->index = index;
		if (obj)
			obj->refs++;
	}
}

static bool model_is_mapped(const struct model_proc *m, unsigned int first, unsigned int n)
{
	for (; n; n--, first++)
		if (m->page[first].kind == M_NONE)
			return false;
	return true;
}

static bool model_is_free(const struct model_proc *m, unsigned int first, unsigned int n)
{
	for (; n; n--, first++)
		if (m->page[first].kind != M_NONE)
			return false;
	return true;
}

/* mprotect of one page; what becomes private and writable is charged for from then on. */
static void model_protect(struct model_page *p, u8 prot)
{
	if (prot & PROT_WRITE && p->kind != M_SHARED && !p->noreserve &&
	    !(p->prot & PROT_WRITE))
		p->account = true;
	p->prot = prot;
}

/* MADV_DONTNEED of one page. */
static void model_dontneed(struct model_page *p)
{
	p->own = p->touched = false;
	if (p->kind != M_SHARED)
		p->value = 0;
}

/* Of a file that has become shorter. */
static void model_cut_page(struct model_page *p)
{
	if (p->index >= p->obj->file->pages)
		model_dontneed(p);
}

static u8 model_value(const struct model_page *p)
{
	return p->kind == M_ANON || p->own ? p->value : p->obj->value[p->index];
}

static u8 model_tail(const struct model_page *p)
{
	if (p->kind == M_ANON)
		return 0;
	return p->own ? p->tail : p->obj->tail[p->index];
}

/* A private page becomes a copy, and from then on one's own. */
static void model_copy(struct model_page *p)
{
	p->value = model_value(p);
	p->tail = model_tail(p);
	p->own = true;
}

static bool model_behind_end(const struct model_page *p)
{
	return p->obj && !p->own && p->index >= p->obj->file->pages;
}

static enum host_result model_result(const struct model_page *p, bool write)
{
	if (p->kind == M_NONE)
		return HOST_MAPERR;
	if (write ? !(p->prot & PROT_WRITE) : !p->prot)
		return HOST_ACCERR;
	if (!model_behind_end(p))
		return HOST_OK;
	/* A page that is in the table needs no file; beyond its end none ever gets there. */
	return HOST_SIGBUS;
}

/* An access that worked has made the page resident. */
static void model_touch(struct model_page *p, bool write, u8 value)
{
	p->touched = true;
	if (p->obj && !p->own)
		model_cached(p->obj, p->index);
	if (!write)
		return;
	if (p->kind == M_SHARED) {
		p->obj->value[p->index] = value;
		return;
	}
	if (p->kind == M_PRIVATE && !p->own)
		model_copy(p);
	p->value = value;
}

static void model_fork(struct model_proc *child, const struct model_proc *parent)
{
	struct model_page *p = child->page;

	memcpy(child->page, parent->page, sizeof(child->page));
	for (; p < child->page + MODEL_PAGES; p++) {
		if (p->obj)
			p->obj->refs++;
		if (!p->value)
			p->touched = false;	/* what faults bring back need not be copied */
	}
}

/* ---- the two sides ----------------------------------------------------------------- */

/* One access by the program that runs, and by the model. */
static void model_access(struct model_proc *m, unsigned int i, bool write, u8 value)
{
	struct model_page *p = &m->page[i];
	enum host_result expected = model_result(p, write), seen;
	u8 got = value;

	seen = write ? host_write(model_addr(i), &value, 1) : host_read(model_addr(i), &got, 1);
	if (seen != expected)
		model_differs("%s page %u (kind %u, prot %u): result %d, expected %d",
			      write ? "write to" : "read of", i, p->kind, p->prot, seen, expected);
	if (seen != HOST_OK)
		return;
	if (!write && got != model_value(p))
		model_differs("page %u (kind %u, own %d) holds %u, expected %u", i, p->kind,
			      p->own, got, model_value(p));
	model_touch(p, write, value);
}

/* What is resident must be right; looks without touching. */
static void model_check_entry(const struct model_page *p, unsigned int i, unsigned long entry)
{
	const u8 *frame;

	if (!entry) {
		if (p->own || (p->kind == M_ANON && p->touched))
			model_differs("page %u has lost its entry", i);
		return;
	}
	if (p->kind == M_NONE) {
		model_differs("page %u is still in the table", i);
		return;
	}
	if (!p->prot != !(entry & _PAGE_PRESENT))
		model_differs("page %u: rights %u, entry %#lx", i, p->prot, entry);
	if (entry & _PAGE_RW && !(p->prot & PROT_WRITE))
		model_differs("page %u is writable", i);
	if (_PAGE_NX && entry & _PAGE_PRESENT && !(entry & _PAGE_NX) && !(p->prot & PROT_EXEC))
		model_differs("page %u is executable", i);
	if (model_behind_end(p)) {
		model_differs("page %u is behind the end of its file, and in the table", i);
		return;
	}
	frame = (const u8 *)host_view((entry & PTE_PFN_MASK) >> PAGE_SHIFT);
	if (frame[0] != model_value(p) || frame[PAGE_SIZE - 1] != model_tail(p))
		model_differs("page %u (kind %u, own %d): its frame holds %u .. %u, expected %u .. %u",
			      i, p->kind, p->own, frame[0], frame[PAGE_SIZE - 1], model_value(p),
			      model_tail(p));
}

/* Pages [first, first + n): one walk for each page table. */
static void model_check_pages(struct model_proc *m, unsigned int first, unsigned int n)
{
	unsigned int i, place = HOST_TABLE;
	const unsigned long *table = NULL;

	for (i = first; i < first + n; i++, place++) {
		if (place == HOST_TABLE || i == first) {
			table = host_table(m->mm, model_addr(i));
			place = (unsigned int)(model_addr(i) >> PAGE_SHIFT) % HOST_TABLE;
		}
		model_check_entry(&m->page[i], i, table ? table[place] : 0);
	}
}

static void model_check_contents(struct model_proc *m)
{
	model_check_pages(m, 0, MODEL_PAGES);
}

static unsigned long model_vm_flags(const struct model_page *p)
{
	return p->prot | MODEL_MAY | p->more | (p->account ? VM_ACCOUNT : 0) |
	       (p->noreserve ? VM_NORESERVE : 0) |
	       (p->kind == M_SHARED ? VM_SHARED | VM_MAYSHARE : 0);
}

/* Do two neighbours belong to one region? */
static bool model_same_region(const struct model_page *p, const struct model_page *q)
{
	return p->common == q->common && p->more == q->more && p->obj == q->obj &&
	       p->index + 1 == q->index;
}

/* What vm_pgoff is for a region that begins with this page. */
static unsigned long model_pgoff(const struct model_page *p)
{
	return p->obj ? p->index : (MODEL_BASE >> PAGE_SHIFT) + (long)(int)p->index;
}

/* The regions are the longest runs of equal pages: exactly these borders, no others. */
static void model_check_regions(struct model_proc *m)
{
	unsigned int i = 0, end, regions = 0;
	struct vm_area_struct *vma;

	while (i < MODEL_PAGES) {
		struct model_page *p = &m->page[i];

		end = i + 1;
		if (p->kind == M_NONE) {
			i = end;
			continue;
		}
		vma = find_vma(m->mm, model_addr(i));
		while (end < MODEL_PAGES && model_same_region(&m->page[end - 1], &m->page[end]) &&
		       !(m->page[end].border && vma && vma->vm_end == model_addr(end)))
			end++;
		regions++;
		if (!vma || vma->vm_start != model_addr(i) || vma->vm_end != model_addr(end))
			model_differs("no region [%u, %u) but [%ld, %ld)", i, end,
				      vma ? (long)(vma->vm_start - MODEL_BASE) / 4096 : -1,
				      vma ? (long)(vma->vm_end - MODEL_BASE) / 4096 : -1);
		else if (vma->vm_flags != model_vm_flags(p))
			model_differs("region [%u, %u): flags %#lx, expected %#lx", i, end,
				      vma->vm_flags, model_vm_flags(p));
		else if (vma->vm_file != (p->obj ? p->obj->file : NULL) ||
			 vma->vm_pgoff != model_pgoff(p))
			model_differs("region [%u, %u): file or offset", i, end);
		i = end;
	}
	regions += m->extra;
	if (regions != (unsigned int)m->mm->map_count)
		model_differs("%d regions, expected %u", m->mm->map_count, regions);
}

/* Books and tables of all programs, contents and regions of each. */
static void model_check(struct model_proc *const *procs, unsigned int n)
{
	struct mm_struct *mms[16] = { NULL };
	const char *wrong;
	unsigned int i, live = 0;

	for (i = 0; i < n; i++)
		if (procs[i]->mm)
			mms[live++] = procs[i]->mm;
	wrong = audit(mms, live);
	if (wrong)
		model_differs("audit: %s", wrong);
	for (i = 0; i < n; i++) {
		if (!procs[i]->mm)
			continue;
		model_check_contents(procs[i]);
		model_check_regions(procs[i]);
	}
}

/* ---- random numbers ---------------------------------------------------------------- */

static u32 model_seed;

static u32 model_random(u32 below)
{
	model_seed = model_seed * 1103515245 + 12345;
	return (u32)(((u64)(model_seed >> 1) * below) >> 31);
}

/* Mostly short, sometimes across several tables. */
static void model_range(unsigned int *first, unsigned int *n)
{
	*first = model_random(MODEL_PAGES);
	*n = 1 + (model_random(16) ? model_random(24) : model_random(MODEL_PAGES));
	if (model_random(4) == 0)		/* many where they can meet */
		*first = 980 + model_random(64);
	if (*n > MODEL_PAGES - *first)
		*n = MODEL_PAGES - *first;
}

#endif
