/* SPDX-License-Identifier: MIT */
/*
 * What the model of model.h does not have: places that the kernel chooses, stacks, locked
 * memory, advice, mremap, writes to files, fork with all of it.  Each operation is done in the
 * kernel and in the model; the answer of the call is compared at once, the rest by the walker
 * (test_mmfuzz.c).
 */
#ifndef TEST_HOST_FUZZ_OPS_H
#define TEST_HOST_FUZZ_OPS_H

#include "model_ops.h"
#include <asm-generic/resource.h>

#define PROCS		6u
#define GUARD_PAGES	256u
#define STACK_PAGES	400u		/* RLIMIT_STACK */
#define BRK_PAGE	1100u
#define LOCKS		((u32)VM_LOCK_FLAGS)

static struct model_proc procs[PROCS];
static u32 def_flags[PROCS];		/* mlockall(MCL_FUTURE) */

/* ---- what happened ----------------------------------------------------------------- */

#define RECORDS		32u
static struct record {
	unsigned long step;
	const char *what;
	unsigned int proc, arg[4];
	long result;
} *records, *record;			/* RECORDS of them, in memory that outlives a crash */

static void note(const struct model_proc *m, const char *what, unsigned int a, unsigned int b,
		 unsigned int c, unsigned int d)
{
	record->what = what;
	record->proc = (unsigned int)(m - procs);
	record->arg[0] = a;
	record->arg[1] = b;
	record->arg[2] = c;
	record->arg[3] = d;
}

/* Compare an answer. */
static void answer(long seen, long expected)
{
	record->result = seen;
	if (seen != expected)
		model_differs("%s: %ld (%#lx), expected %ld (%#lx)", record->what, seen, seen,
			      expected, expected);
}

/* The pages that the walker looks at after this operation: two ranges, and those of a file. */
static struct { unsigned int first, n; } touched[2];
static const struct model_obj *touched_obj;

static void touches(unsigned int which, unsigned int first, unsigned int n)
{
	touched[which].first = first ? first - 1 : 0;
	touched[which].n = min(n + 2, MODEL_PAGES - touched[which].first);
}

static u32 *def_of(const struct model_proc *m)
{
	return &def_flags[m - procs];
}

static void set_more(struct model_proc *m, unsigned int first, unsigned int n, u32 clear, u32 set)
{
	for (; n; n--, first++)
		m->page[first].more = (m->page[first].more & ~clear) | set;
}

/* How many pages from here on are mapped. */
static unsigned int mapped_from(const struct model_proc *m, unsigned int first, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && m->page[first + i].kind != M_NONE)
		i++;
	return i;
}

static unsigned int next_mapped(const struct model_proc *m, unsigned int i)
{
	while (i < MODEL_PAGES && m->page[i].kind == M_NONE)
		i++;
	return i;
}

/* The end of the kernel's region around a mapped page: where it is was compared before. */
static unsigned int region_end(const struct model_proc *m, unsigned int i)
{
	struct vm_area_struct *vma = find_vma(m->mm, model_addr(i));

	return (unsigned int)((vma->vm_end - MODEL_BASE) >> PAGE_SHIFT);
}

static int fd_of(const struct model_obj *obj)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(model_files); i++)
		if (obj == model_files[i])
			return (int)i;
	return -1;
}

/* ---- places ------------------------------------------------------------------------ */

/* The highest free place below mmap_base, by a look at every gap. */
static unsigned long brute_place(struct mm_struct *mm, unsigned long len)
{
	unsigned long start = 65536, end, best = 0;
	struct vm_area_struct *vma = mm->mmap;

	for (;; vma = vma->vm_next) {
		end = vma ? min(vm_start_gap(vma), mm->mmap_base) : mm->mmap_base;
		if (end > start && end - start >= len)
			best = end - len;
		if (!vma)
			return best;
		start = max(start, vma->vm_end);
	}
}

/* Is a hint taken?  Not in the guard gap of a stack. */
static bool hint_free(const struct model_proc *m, unsigned int first, unsigned int n)
{
	unsigned int next = next_mapped(m, first);

	if (next == MODEL_PAGES)
		return true;
	if (m->page[next].more & VM_GROWSDOWN)
		return first + n + GUARD_PAGES <= next;
	return first + n <= next;
}

static bool in_window(unsigned long addr, unsigned int n)
{
	return addr >= MODEL_BASE && addr + n * PAGE_SIZE <= model_addr(MODEL_PAGES);
}

static unsigned int page_of(unsigned long addr)
{
	return (unsigned int)((addr - MODEL_BASE) >> PAGE_SHIFT);
}

/* ---- pages that are faulted in ahead ------------------------------------------------ */

/* As populate_vma(): private and writable pages become one's own.  False: it cannot be. */
static bool populate_page(struct model_page *p)
{
	if (p->more & VM_LOCKONFAULT)
		return true;
	if (!p->prot || model_behind_end(p))
		return false;
	if (p->obj && !p->own)
		model_cached(p->obj, p->index);
	if (p->kind == M_PRIVATE && p->prot & PROT_WRITE && !p->own)
		model_copy(p);
	p->touched = true;
	return true;
}

/* One region, or a part of it, up to what cannot be. */
static bool populate_part(struct model_proc *m, unsigned int first, unsigned int n)
{
	for (; n; n--, first++)
		if (!populate_page(&m->page[first]))
			return false;
	return true;
}

/* ---- stacks ------------------------------------------------------------------------ */

/* find_extend_vma(): an access to a page where nothing is may make the stack above grow. */
static void model_grow(struct model_proc *m, unsigned int i)
{
	unsigned int above, below, j;
	struct model_page *p;

	if (m->page[i].kind != M_NONE)
		return;
	for (above = i; m->page[above].kind == M_NONE; above++)
		if (above == MODEL_PAGES - 1 || above - i == STACK_PAGES)
			return;
	if (!(m->page[above].more & VM_GROWSDOWN))
		return;
	for (below = i; below && m->page[below - 1].kind == M_NONE; )
		below--;
	p = below ? &m->page[below - 1] : NULL;
	if (p && !(p->more & VM_GROWSDOWN) && p->prot && i - below < GUARD_PAGES)
		return;
	if (region_end(m, above) - i > STACK_PAGES)
		return;
	p = &m->page[above];
	for (j = i; j < above; j++) {
		m->page[j] = (struct model_page){
			.kind = M_ANON, .prot = p->prot, .account = p->account,
			.noreserve = p->noreserve, .more = p->more,
			.index = p->index - (above - j),
		};
	}
	/* Another stack below stays another region. */
	m->page[i].border = true;
}

/* ---- accesses ---------------------------------------------------------------------- */

static void fetch(struct model_proc *m, unsigned int i)
{
	struct model_page *p = &m->page[i];
	enum host_result expected = HOST_OK, seen;
	bool may = p->prot & PROT_EXEC;
	u8 got = 0;

	/* Without NX in the tables only the fault can refuse. */
	if (!_PAGE_NX && p->prot && host_entry(m->mm, model_addr(i)) & _PAGE_PRESENT)
		may = true;
	if (p->kind == M_NONE)
		expected = HOST_MAPERR;
	else if (!may)
		expected = HOST_ACCERR;
	else if (model_behind_end(p))
		expected = HOST_SIGBUS;
	seen = host_fetch(model_addr(i), &got);
	if (seen != expected)
		model_differs("fetch from %u (kind %u, prot %u): %d, expected %d", i, p->kind,
			      p->prot, seen, expected);
	if (seen != HOST_OK)
		return;
	if (got != model_value(p))
		model_differs("fetch from %u: %u, expected %u", i, got, model_value(p));
	model_touch(p, false, 0);
}

static void op_access(struct model_proc *m, bool failing)
{
	unsigned int first, n, i, kind = model_random(5);
	u8 value = (u8)model_random(256);

	model_range(&first, &n);
	n = min(n, 32u);
	note(m, kind < 2 ? "write" : kind < 4 ? "read" : "fetch", first, n, value, failing);
	touches(0, first, n);
	for (i = first; i < first + n; i++) {
		model_grow(m, i);
		if (kind == 4) {
			fetch(m, i);
			continue;
		}
		if (failing && m->page[i].kind != M_NONE)
			model_op_failing_access(m, i, kind < 2);
		model_access(m, i, kind < 2, (u8)(value + i));
	}
}

/* By the kernel for somebody else, who may be running or not. */
static void op_foreign(struct model_proc *m)
{
	unsigned int i = model_random(MODEL_PAGES);

	note(m, "foreign access", i, 0, 0, 0);
	touches(0, i, 1);
	model_grow(m, i);
	model_foreign(m, i);
}

/* ---- mmap, brk --------------------------------------------------------------------- */

static const u32 map_extra[16] = {
	MAP_GROWSDOWN, MAP_GROWSDOWN, MAP_LOCKED, MAP_POPULATE,
};

static void mapped(struct model_proc *m, unsigned int first, unsigned int n,
		   const struct model_mapping *w)
{
	u32 more = *def_of(m) | (w->flags & MAP_LOCKED ? (u32)VM_LOCKED : 0) |
		   (w->flags & MAP_GROWSDOWN ? (u32)VM_GROWSDOWN : 0);
	struct model_obj *obj = w->obj;

	if (w->kind == M_SHARED && !obj)
		obj = model_new_obj(find_vma(m->mm, model_addr(first))->vm_file, true);
	model_map(m, first, n, w->kind, w->prot, obj, w->index, w->flags & MAP_NORESERVE);
	set_more(m, first, n, 0, more);
	if (w->flags & MAP_POPULATE || more & VM_LOCKED)
		populate_part(m, first, n);
}

/* What populating a mapping that the model does not have leaves in the cache. */
static void read_elsewhere(const struct model_proc *m, const struct model_mapping *w,
			   unsigned int n)
{
	unsigned int end = min_t(unsigned long, w->index + n, w->obj->file->pages), i;

	if (!w->prot || *def_of(m) & VM_LOCKONFAULT ||
	    !(w->flags & (MAP_POPULATE | MAP_LOCKED) || *def_of(m) & VM_LOCKED))
		return;
	for (i = w->index; i < end; i++)
		model_cached(w->obj, i);
}

static void op_mmap(struct model_proc *m, bool failing)
{
	unsigned int first, n, how = model_random(8), extra = map_extra[model_random(16)];
	unsigned long addr, expected, ret;
	struct model_mapping w;

	model_range(&first, &n);
	model_random_mapping(&w, &n);
	if (w.kind == M_ANON || extra != MAP_GROWSDOWN)
		w.flags |= extra;
	failing &= !(w.flags & (MAP_LOCKED | MAP_POPULATE)) && !*def_of(m);
	addr = expected = model_addr(first);
	w.flags |= how < 5 ? MAP_FIXED : how == 5 ? MAP_FIXED_NOREPLACE : 0;
	if (how == 7)
		addr = 0;
	if (how > 5 && (!addr || !hint_free(m, first, n)))
		expected = brute_place(m->mm, n * PAGE_SIZE);
	if (how == 5 && !model_is_free(m, first, n))
		expected = (unsigned long)-EEXIST;
	note(m, "mmap", first, n, (unsigned int)w.flags, w.prot);
	touches(0, first, n);
	model_arm(failing);
	ret = (unsigned long)sys_mmap_pgoff(addr, n * PAGE_SIZE, w.prot, w.flags,
					    w.obj ? fd_of(w.obj) : -1, w.index);
	if (model_injected((long)ret)) {
		record->result = -ENOMEM;
		if (how < 5 && !find_vma_intersection(m->mm, addr, addr + n * PAGE_SIZE))
			model_unmap(m, first, n);
		return;
	}
	answer((long)ret, (long)expected);
	if (ret != expected || IS_ERR_VALUE(ret))
		return;
	if (in_window(ret, n)) {
		touches(0, page_of(ret), n);
		mapped(m, page_of(ret), n, &w);
		return;
	}
	/* No room in the window: it was right, and goes again. */
	if (w.obj)
		read_elsewhere(m, &w, n);
	if (do_munmap(m->mm, ret, n * PAGE_SIZE))
		model_differs("munmap of %#lx", ret);
}

static void op_brk(struct model_proc *m, bool failing)
{
	unsigned long to = m->mm->start_brk + model_random(200 * PAGE_SIZE), old = m->mm->brk, got;
	unsigned int first = page_of(PAGE_ALIGN(old)), end = page_of(PAGE_ALIGN(to));
	unsigned int next = next_mapped(m, first);
	bool possible = true;

	if (end > first && next < MODEL_PAGES)
		possible = end + 1 + (m->page[next].more & VM_GROWSDOWN ? GUARD_PAGES : 0) <= next;
	note(m, "brk", first, end, possible, 0);
	touches(0, min(first, end), first > end ? first - end : end - first);
	model_arm(failing && !*def_of(m));
	got = (unsigned long)sys_brk(to);
	if (model_injected(got == old && possible ? -ENOMEM : 0))
		return;
	answer((long)got, (long)(possible ? to : old));
	if (!possible)
		return;
	if (end < first) {
		model_unmap(m, end, first - end);
	} else if (end > first) {
		model_map(m, first, end - first, M_ANON, RW, NULL, 0, false);
		set_more(m, first, end - first, 0, *def_of(m));
		if (*def_of(m) & VM_LOCKED)
			populate_part(m, first, end - first);
	}
}

static void op_munmap(struct model_proc *m, bool failing)
{
	unsigned int first, n;
	int err;

	model_range(&first, &n);
	note(m, "munmap", first, n, failing, 0);
	touches(0, first, n);
	model_arm(failing);
	err = (int)sys_munmap(model_addr(first), n * PAGE_SIZE - model_random(PAGE_SIZE));
	record->result = err;
	if (model_injected(err))
		return;
	answer(err, 0);
	model_unmap(m, first, n);
}

/* ---- mprotect, mlock, madvise --------------------------------------------------------- */

/* Locked memory that becomes writable gets its copies at once. */
static void protect_part(struct model_proc *m, unsigned int first, unsigned int end, u8 prot)
{
	const struct model_page old = m->page[first];
	unsigned int i;

	for (i = first; i < end; i++)
		model_protect(&m->page[i], prot);
	if (old.kind != M_SHARED && old.more & VM_LOCKED && !(old.prot & PROT_WRITE) &&
	    prot & PROT_WRITE)
		populate_part(m, first, end - first);
}

static void op_mprotect(struct model_proc *m, bool failing)
{
	unsigned int first, n, done, i, next, ends[MODEL_PAGES];
	u8 prot = model_random_prot();

	if (failing && !m->mm->locked_vm) {
		note(m, "mprotect, failing", 0, 0, 0, 0);
		model_op_mprotect(m, true);
		touches(0, 0, 0);
		return;
	}
	model_range(&first, &n);
	done = mapped_from(m, first, n);
	note(m, "mprotect", first, n, prot, 0);
	touches(0, first, n);
	for (i = first; i < first + done; i = ends[i])
		ends[i] = min(region_end(m, i), first + n);
	answer(sys_mprotect(model_addr(first), n * PAGE_SIZE, prot), done == n ? 0 : -ENOMEM);
	for (i = first; i < first + done; i = next) {
		next = ends[i];
		protect_part(m, i, next, prot);
	}
}

static void op_mlock(struct model_proc *m)
{
	unsigned int first, n, done, how = model_random(4);
	u32 lock = how == 3 ? LOCKS : (u32)VM_LOCKED;
	long err;

	model_range(&first, &n);
	if (model_random(4))
		n = min(n, 60u);
	done = mapped_from(m, first, n);
	note(m, how < 2 ? "munlock" : how == 2 ? "mlock" : "mlock2", first, n, 0, 0);
	touches(0, first, n);
	if (how < 2)
		err = sys_munlock(model_addr(first) + 5, n * PAGE_SIZE - 5);
	else
		err = sys_mlock2(model_addr(first), n * PAGE_SIZE, how == 3 ? MLOCK_ONFAULT : 0);
	set_more(m, first, done, LOCKS, how < 2 ? 0 : lock);
	if (done == n && (how < 2 || populate_part(m, first, n)))
		answer(err, 0);
	else
		answer(err, -ENOMEM);
}

static void op_mlockall(struct model_proc *m)
{
	static const int kinds[] = {
		0, 0, MCL_CURRENT, MCL_FUTURE, MCL_CURRENT | MCL_FUTURE, MCL_CURRENT | MCL_ONFAULT,
	};
	int flags = kinds[model_random(ARRAY_SIZE(kinds))];
	u32 lock = VM_LOCKED | (flags & MCL_ONFAULT ? (u32)VM_LOCKONFAULT : 0);
	unsigned int i;

	note(m, flags ? "mlockall" : "munlockall", (unsigned int)flags, 0, 0, 0);
	touches(0, 0, 0);
	answer(flags ? sys_mlockall(flags) : sys_munlockall(), 0);
	*def_of(m) = flags & MCL_FUTURE ? lock : 0;
	for (i = 0; (flags & MCL_CURRENT || !flags) && i < MODEL_PAGES; i++)
		if (m->page[i].kind != M_NONE)
			set_more(m, i, 1, LOCKS, flags ? lock : 0);
	if (!(flags & MCL_CURRENT))
		return;
	for (i = next_mapped(m, 0); i < MODEL_PAGES; i = next_mapped(m, region_end(m, i)))
		populate_part(m, i, region_end(m, i) - i);
}

/* One region: 0, or why the call ends there. */
static int advise_part(struct model_proc *m, unsigned int first, unsigned int end, int advice)
{
	const struct model_page *p = &m->page[first];
	unsigned int n = end - first, i;

	switch (advice) {
	case MADV_DONTNEED:
		if (p->more & VM_LOCKED)
			return -EINVAL;
		/* fallthrough */
	case MADV_DONTNEED_LOCKED:
		for (i = first; i < end; i++)
			model_dontneed(&m->page[i]);
		return 0;
	case MADV_FREE:
		return p->more & VM_LOCKED || p->kind != M_ANON ? -EINVAL : 0;
	case MADV_COLD:
		return p->more & VM_LOCKED ? -EINVAL : 0;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		if (!(p->prot & (advice == MADV_POPULATE_READ ? PROT_READ : PROT_WRITE)))
			return -EINVAL;
		for (i = first; i < end; i++) {
			if (model_behind_end(&m->page[i]))
				return -EFAULT;
			model_touch(&m->page[i], advice == MADV_POPULATE_WRITE,
				    model_value(&m->page[i]));
		}
		return 0;
	case MADV_NORMAL:
		set_more(m, first, n, VM_RAND_READ | VM_SEQ_READ, 0);
		return 0;
	case MADV_RANDOM:
		set_more(m, first, n, VM_SEQ_READ, VM_RAND_READ);
		return 0;
	case MADV_DONTFORK:
		set_more(m, first, n, 0, VM_DONTCOPY);
		return 0;
	case MADV_DOFORK:
		set_more(m, first, n, VM_DONTCOPY, 0);
		return 0;
	case MADV_WIPEONFORK:
		if (p->obj || p->kind == M_SHARED)
			return -EINVAL;
		set_more(m, first, n, 0, VM_WIPEONFORK);
		return 0;
	default:
		set_more(m, first, n, VM_WIPEONFORK, 0);
		return 0;
	}
}

static void op_madvise(struct model_proc *m)
{
	static const int kinds[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE, MADV_COLD,
		MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_NORMAL, MADV_RANDOM, MADV_DONTFORK,
		MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
	};
	int advice = kinds[model_random(ARRAY_SIZE(kinds))], expected = 0, err;
	unsigned int first, n, i, next, ends[MODEL_PAGES];

	model_range(&first, &n);
	note(m, "madvise", first, n, (unsigned int)advice, 0);
	touches(0, first, n);
	for (i = next_mapped(m, first); i < first + n; i = next_mapped(m, next))
		next = ends[i] = min(region_end(m, i), first + n);
	if (!model_is_mapped(m, first, n))
		expected = -ENOMEM;
	err = (int)sys_madvise(model_addr(first), n * PAGE_SIZE, advice);
	for (i = next_mapped(m, first); i < first + n; i = next_mapped(m, next)) {
		next = ends[i];
		int ret = advise_part(m, i, next, advice);

		if (!ret)
			continue;
		expected = ret;
		break;
	}
	answer(err, expected);
}

/* ---- mremap ------------------------------------------------------------------------ */

struct remap_op {
	unsigned int from, n, to_n, to;
	bool fixed, may_move, dontunmap;
};

/* Pages [i, i + n) of one region go on for `more` pages; nothing is there. */
static void extend_pages(struct model_proc *m, unsigned int i, unsigned int more)
{
	struct model_page like = m->page[i - 1];
	unsigned int k;

	like.own = like.touched = like.border = false;
	like.value = 0;
	for (k = 0; k < more; k++) {
		like.index++;
		m->page[i + k] = like;
		if (like.obj)
			like.obj->refs++;
	}
	if (like.more & VM_LOCKED)
		populate_part(m, i, more);
}

/* The records themselves go; `fresh`: nothing binds the region to where it was. */
static void move_pages(struct model_proc *m, const struct remap_op *r, bool fresh)
{
	static struct model_page moved[MODEL_PAGES];
	unsigned int i, n = min(r->n, r->to_n);

	memcpy(moved, &m->page[r->from], n * sizeof(moved[0]));
	for (i = 0; i < n; i++) {
		if (r->dontunmap) {
			model_dontneed(&m->page[r->from + i]);
			if (moved[i].obj)
				moved[i].obj->refs++;
		} else {
			memset(&m->page[r->from + i], 0, sizeof(moved[0]));
		}
	}
	for (i = 0; i < n; i++) {
		if (fresh)
			moved[i].index = r->to + i;
		m->page[r->to + i] = moved[i];
	}
	if (r->to_n > n)
		extend_pages(m, r->to + n, r->to_n - n);
}

/* DONTUNMAP leaves its old region unlocked, all of it, and does not look for neighbours. */
static void unlock_old(struct model_proc *m, unsigned int i)
{
	struct vm_area_struct *vma = find_vma(m->mm, model_addr(i));
	unsigned int first = page_of(vma->vm_start), end = page_of(vma->vm_end);

	if (!(m->page[i].more & VM_LOCKED))
		return;
	set_more(m, first, end - first, LOCKS, 0);
	m->page[first].border = true;
	if (end < MODEL_PAGES)
		m->page[end].border = true;
}

/* Another view of shared memory. */
static void duplicate(struct model_proc *m, const struct remap_op *r)
{
	struct model_page like = m->page[r->from];
	unsigned int k;

	like.own = like.touched = like.border = false;
	for (k = 0; k < r->to_n; k++, like.index++) {
		m->page[r->to + k] = like;
		like.obj->refs++;
	}
	if (like.more & VM_LOCKED)
		populate_part(m, r->to, r->to_n);
}

/* What the move to a place does before it can still fail. */
static void clear_target(struct model_proc *m, struct remap_op *r)
{
	if (r->fixed)
		model_unmap(m, r->to, r->to_n);
	if (r->n > r->to_n) {
		model_unmap(m, r->from + r->to_n, r->n - r->to_n);
		r->n = r->to_n;
	}
}

/* The answer that the model expects: 0 for "it moves to r->to", else what is returned. */
static long remap_plan(struct model_proc *m, struct remap_op *r, bool *in_place)
{
	unsigned int rest, next;
	unsigned long to;

	*in_place = false;
	if (m->page[r->from].kind == M_NONE)
		return -EFAULT;
	rest = region_end(m, r->from) - r->from;
	if (r->fixed || r->dontunmap) {
		if (r->fixed && r->from + r->n > r->to && r->to + r->to_n > r->from)
			return -EINVAL;
		clear_target(m, r);
		/* Another view of a page at the place of that page itself. */
		if (m->page[r->from].kind == M_NONE)
			return -EFAULT;
	} else if (r->n > r->to_n) {
		model_unmap(m, r->from + r->to_n, r->n - r->to_n);
		return (long)model_addr(r->from);
	} else if (r->n == r->to_n) {
		return (long)model_addr(r->from);
	}
	if (!r->n && m->page[r->from].kind != M_SHARED)
		return -EINVAL;
	if (r->n > rest)
		return -EFAULT;
	if (r->fixed)
		return 0;
	next = next_mapped(m, r->from + r->n);
	if (!r->dontunmap && r->n == rest && next >= r->from + r->to_n) {
		*in_place = true;
		return (long)model_addr(r->from);
	}
	if (!r->may_move)
		return -ENOMEM;
	to = brute_place(m->mm, r->to_n * PAGE_SIZE);
	r->to = in_window(to, r->to_n) ? page_of(to) : MODEL_PAGES;
	return 0;
}

static bool remap_fits(const struct model_proc *m, const struct remap_op *r)
{
	const struct model_page *p = &m->page[r->from];
	unsigned long to;

	if (r->from + max(r->n, r->to_n) > MODEL_PAGES || r->to + r->to_n > MODEL_PAGES)
		return false;
	if (p->obj && p->index + r->to_n > OBJ_PAGES)
		return false;
	/* Where the kernel looks for a place, it must find one in the window. */
	to = brute_place(m->mm, r->to_n * PAGE_SIZE);
	return r->fixed || in_window(to, r->to_n);
}

static void op_mremap(struct model_proc *m)
{
	struct remap_op r = { .to = model_random(MODEL_PAGES) };
	unsigned int how = model_random(8), end;
	struct vm_area_struct *vma;
	unsigned long flags;
	long expected, got;
	bool in_place, fresh, locked;

	model_range(&r.from, &r.n);
	r.from = next_mapped(m, r.from);
	if (r.from == MODEL_PAGES || !model_random(16))
		r.from = model_random(MODEL_PAGES);
	/* Mostly inside one region, often up to its end. */
	if (m->page[r.from].kind != M_NONE && model_random(8)) {
		end = region_end(m, r.from);
		r.n = model_random(2) ? end - r.from : min(r.n, end - r.from);
	}
	r.n = model_random(16) ? r.n : 0;
	r.to_n = model_random(3) ? r.n : 1 + model_random(r.n + 20);
	r.to_n = max(r.to_n, 1u);
	r.fixed = how < 4;
	r.dontunmap = model_random(6) == 0 && r.n;
	r.may_move = how < 7 || r.dontunmap;
	if (r.dontunmap)
		r.to_n = r.n;
	if (!remap_fits(m, &r))
		return;
	flags = (r.fixed ? MREMAP_FIXED : 0) | (r.may_move ? MREMAP_MAYMOVE : 0) |
		(r.dontunmap ? MREMAP_DONTUNMAP : 0);
	vma = find_vma(m->mm, model_addr(r.from));
	fresh = vma && !vma->vm_ops && !vma->anon_pages;
	note(m, "mremap", r.from, r.n, r.fixed ? r.to : 0, r.to_n | (unsigned int)flags << 16);
	touches(0, r.from, max(r.n, r.to_n));
	/* The plan first, since it looks at the kernel's gaps; then the call. */
	struct remap_op before = r;

	expected = remap_plan(m, &r, &in_place);
	got = sys_mremap(model_addr(r.from), before.n * PAGE_SIZE, r.to_n * PAGE_SIZE, flags,
			 r.fixed ? model_addr(r.to) : 0);
	if (expected) {
		answer(got, expected);
		if (in_place)
			extend_pages(m, r.from + r.n, r.to_n - r.n);
		return;
	}
	answer(got, (long)model_addr(r.to));
	touches(1, r.to, r.to_n);
	locked = m->page[r.from].more & VM_LOCKED;
	if (r.n)
		move_pages(m, &r, fresh);
	else
		duplicate(m, &r);
	if (r.dontunmap && locked)
		unlock_old(m, r.from);
}

/* ---- files, processes -------------------------------------------------------------- */

/* write(2), as a file system does it: into the page of the cache. */
static void op_file_write(struct model_proc *m)
{
	struct model_obj *o = model_files[model_random(ARRAY_SIZE(model_files))];
	unsigned int i = model_random((u32)o->file->pages);
	u8 value = (u8)model_random(256);
	struct page *page;

	note(m, "write to a file", (unsigned int)fd_of(o), i, value, 0);
	if (!o->file->pages)
		return;
	if (read_mapping_page(&o->file->mapping, i, &page)) {
		model_differs("page %u of a file cannot be read", i);
		return;
	}
	memcpy_to_page(page, 0, &value, 1);
	SetPageDirty(page);
	put_page(page);
	model_cached(o, i);
	o->value[i] = value;
}

static void cut_pages(struct model_proc *m, const struct model_obj *o)
{
	struct model_page *p = m->page;

	for (; p < m->page + MODEL_PAGES; p++)
		if (p->obj == o)
			model_cut_page(p);
}

/* ftruncate: half the time to about all that it can have, so that it mostly has something. */
static void op_truncate(struct model_proc *m)
{
	struct model_obj *o = model_files[model_random(ARRAY_SIZE(model_files))];
	const u32 most = OBJ_PAGES << PAGE_SHIFT;
	unsigned long size;
	unsigned int i;

	size = model_random(2) ? most - model_random(8 * PAGE_SIZE) : model_random(most + 1);
	if (model_random(4) == 0)
		size &= PAGE_MASK;
	note(m, "ftruncate", (unsigned int)fd_of(o), (unsigned int)size,
	     (unsigned int)o->file->size, 0);
	model_cut_obj(o, min(size, o->file->size));
	host_truncate(o->file, size);
	for (i = 0; i < PROCS; i++)
		if (procs[i].mm)
			cut_pages(&procs[i], o);
	touched_obj = o;
}

static void op_drop_cache(struct model_proc *m)
{
	note(m, "drop_page_cache", 0, 0, 0, 0);
	drop_page_cache();
	model_recount_cache();
}

static struct model_proc *random_proc(bool alive)
{
	unsigned int i = model_random(PROCS), n;

	for (n = 0; n < PROCS; n++, i = (i + 1) % PROCS)
		if (alive == (procs[i].mm != NULL))
			return &procs[i];
	return NULL;
}

/* What a child does not get, or gets empty; its locks are gone, borders stay. */
static void fork_pages(struct model_proc *child, const struct model_proc *parent)
{
	struct model_page *p = child->page;
	unsigned int i;

	model_fork(child, parent);
	for (i = 0; i < MODEL_PAGES; i++, p++) {
		if (p->more & VM_DONTCOPY) {
			model_clear(p);
			continue;
		}
		if (p->more & VM_WIPEONFORK)
			model_dontneed(p);
		if (i && (p->more ^ parent->page[i - 1].more) & LOCKS)
			p->border = true;
		p->more &= ~LOCKS;
	}
	*def_of(child) = *def_of(parent) & ~LOCKS;
}

static void op_fork(struct model_proc *m, bool failing)
{
	struct model_proc *child = random_proc(false);

	note(m, "fork", child ? (unsigned int)(child - procs) : PROCS, failing, 0, 0);
	if (!child)
		return;
	if (failing)
		alloc_fail_arm(1 + model_random(12), 1000);
	child->mm = dup_mm(m->mm);
	record->result = child->mm ? 0 : -ENOMEM;
	if (!child->mm) {
		model_failures++;
		if (!alloc_fail.failed)
			model_differs("fork failed");
		alloc_fail_arm(0, 0);
		return;
	}
	alloc_fail_arm(0, 0);
	fork_pages(child, m);
}

static void end_proc(struct model_proc *m)
{
	model_unmap(m, 0, MODEL_PAGES);
	*def_of(m) = 0;
	if (current->mm == m->mm)
		current->mm = NULL;
	mmput(m->mm);
	m->mm = NULL;
}

/* The last one stays. */
static void op_exit(struct model_proc *m)
{
	unsigned int i, alive = 0;

	note(m, "exit", 0, 0, 0, 0);
	for (i = 0; i < PROCS; i++)
		alive += procs[i].mm != NULL;
	if (alive > 1)
		end_proc(m);
}

#endif
