/* SPDX-License-Identifier: MIT */
/*
 * mremap: a region grows, shrinks or moves (Gorman 5.4.7; contract: mm/mmap.h).
 *
 * A move takes the entries along, table by table: the same frames, rights and Dirty bits,
 * the same zero page; contents are never looked at.  What can fail comes first: limits,
 * cutting the region out of its neighbours, tables at the new place.  Then the region goes
 * over in one step, and the old translations are dropped by one flush.
 */
#include <asm/tlbflush.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>

/* What one mremap is about; lengths are whole pages. */
struct remap {
	struct mm_struct *mm;
	unsigned long old, old_len, new, new_len, flags;
	bool populate;			/* the part that was added is locked */
};

/* ---- entries ----------------------------------------------------------------------- */

struct move {
	struct mm_struct *mm;
	unsigned long delta;		/* from an old address to the new one */
	unsigned long addr;		/* -EAGAIN: the new table for this one is missing */
	unsigned long first, end;	/* old addresses that had entries */
	bool dry;			/* only see that the tables are there */
};

/* Part of one table (n > 0) to part of another; Dirty may be set by the processor until the end. */
static void move_entries(pte_t *from, pte_t *to, unsigned long n)
{
	pte_t *const end = from + n;

	do {
		if (likely(!pte_none(*from)))
			set_pte(to, ptep_get_and_clear(from));
	} while (to++, ++from != end);
}

/* They are about to move from addr to addr + m->delta. */
static noinline void trace_moves(const struct move *m, const pte_t *from, unsigned long addr,
				 unsigned long n)
{
	for (; n; n--, from++, addr += PAGE_SIZE) {
		if (pte_none(*from))
			continue;
		trace(TRACE_UNMAP, addr, pte_val(*from), mm_top_frame(m->mm), TRACE_BY_MOVE);
		trace(TRACE_MAP, addr + m->delta, pte_val(*from), mm_top_frame(m->mm),
		      TRACE_BY_MOVE);
	}
}

/* One old table, whose entries may go to two new ones. */
static int move_table(pte_t *from, unsigned long addr, unsigned long end, void *arg)
{
	struct move *m = arg;
	unsigned long n, room;
	pte_t *to;

	for (; addr != end; addr += n << PAGE_SHIFT, from += n) {
		room = PTRS_PER_PTE - pte_index(addr + m->delta);
		n = min((end - addr) >> PAGE_SHIFT, room);
		to = pte_lookup(m->mm, addr + m->delta);
		if (!to) {
			if (ptes_are_none(from, n))
				continue;
			m->addr = addr;
			return -EAGAIN;
		}
		if (!m->dry) {
			if (unlikely(trace_on))
				trace_moves(m, from, addr, n);
			move_entries(from, to, n);
		}
		pte_unmap(to);
		m->first = min(m->first, addr);
		m->end = addr + (n << PAGE_SHIFT);
	}
	return 0;
}

/* 0, or -ENOMEM: what came before m->addr has moved, nothing else. */
static int move_range(struct move *m, unsigned long start, unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = move_table };
	int err;

	m->addr = start;
	for (;;) {
		err = walk_page_range(m->mm, m->addr, end, &ops, m);
		if (err != -EAGAIN)
			return err;
		err = pte_alloc(m->mm, m->addr + m->delta);
		if (err)
			return err;
	}
}

void free_empty_tables(struct zap_batch *b, unsigned long start, unsigned long end)
{
	struct vm_area_struct *prev, *next = find_vma_prev(b->mm, start, &prev);
	unsigned long floor = prev ? prev->vm_end : 0, last = next ? next->vm_start - 1 : ~0ul;
	unsigned long first = start & -PGTABLE_SPAN;

	if (first < floor)
		first += PGTABLE_SPAN;
	if (first >= end || first + (PGTABLE_SPAN - 1) > last)
		return;
	free_pgtables(b->mm, start, end, floor, last + 1, &b->tables);
	zap_flush_tables(b, start);
}

/*
 * All entries of r->old to r->new, which has none.  -ENOMEM: they are where they were.
 * m->first and m->end say what has to be flushed.
 *
 * A file may be truncated while tables are made: then its entries must be where the file
 * finds them, so they move once all tables are there, without sleeping.
 */
static int move_page_tables(struct remap *r, struct move *m, bool file)
{
	struct zap_batch b;
	int err;

	*m = (struct move){ .mm = r->mm, .delta = r->new - r->old, .first = ~0ul, .dry = file };
	err = move_range(m, r->old, r->old + r->old_len);
	if (!err && file) {
		m->dry = false;
		err = move_range(m, r->old, r->old + r->old_len);
	}
	if (!err)
		return 0;
	/* The tables of the way back are all there. */
	m->delta = r->old - r->new;
	BUG_ON(move_range(m, r->new, r->new + (m->addr - r->old)));
	zap_begin(&b, r->mm);
	free_empty_tables(&b, r->new, r->new + r->old_len);
	zap_finish(&b);
	return err;
}

/* ---- the move ---------------------------------------------------------------------- */

/* The region itself goes; its struct goes with it. */
static int move_region(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start, end = vma->vm_end, old_end = r->old + r->old_len;
	struct zap_batch b;
	struct move m;
	int err;

	vma = vma_isolate(r->mm, vma, r->old, old_end);
	if (!vma)
		return -ENOMEM;
	err = move_page_tables(r, &m, vma->vm_file);
	if (err) {
		vma_rejoin(r->mm, vma, start, end);
		return err;
	}
	vma_move(r->mm, vma, r->new, r->new + r->new_len);
	zap_begin(&b, r->mm);
	b.start = m.first;
	b.end = m.end;
	free_empty_tables(&b, r->old, old_end);
	zap_finish(&b);
	return 0;
}

/*
 * DONTUNMAP has emptied [r->old, + r->old_len) of this region, which may have become one with
 * its copy.  The whole of it is not locked any more (as in Linux).
 */
static void start_over(const struct remap *r, struct vm_area_struct *vma)
{
	if (vma->vm_start == r->old && vma->vm_end == r->old + r->old_len)
		vma->anon_pages = false;
	if (vma->vm_flags & VM_LOCKED) {
		r->mm->locked_vm -= vma_pages(vma);
		munlock_pages(vma, vma->vm_start, vma->vm_end);
	}
	vma->vm_flags &= ~VM_LOCK_FLAGS;
}

/*
 * A second region, which gets the entries: the old one starts over (DONTUNMAP), or had
 * asked for no more than another view of what is shared (old_len 0).
 */
static int copy_region(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long pgoff = vma->vm_pgoff + ((r->old - vma->vm_start) >> PAGE_SHIFT);
	struct vm_area_struct *new = vma_dup(vma, pgoff, r->new, r->new + r->new_len);
	struct move m;
	int err;

	if (!new)
		return -ENOMEM;
	err = move_page_tables(r, &m, vma->vm_file);
	if (err) {
		vma_release(new);
		return err;
	}
	vma_add(r->mm, new);
	if (m.first < m.end)
		flush_tlb_range(r->mm, m.first, m.end);
	if (r->flags & MREMAP_DONTUNMAP)
		start_over(r, find_vma(r->mm, r->old));
	return 0;
}

/* To r->new, where nothing is: 0 or -errno, nothing is changed. */
static int move_vma(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long more = r->new_len - (r->flags & MREMAP_DONTUNMAP ? 0 : r->old_len);
	bool locked = vma->vm_flags & VM_LOCKED;
	int err;

	/* Cutting it out of the middle of another one takes two more for a while. */
	if (r->mm->map_count >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (vma->vm_flags & VM_ACCOUNT && !vm_enough_memory(more >> PAGE_SHIFT))
		return -ENOMEM;
	if (r->old_len && !(r->flags & MREMAP_DONTUNMAP))
		err = move_region(r, vma);
	else
		err = copy_region(r, vma);
	r->populate = !err && locked;
	return err;
}

/* ---- limits ------------------------------------------------------------------------ */

/* May r->old_len bytes of this region, from r->old on, become r->new_len?  0 or -errno. */
static int check_resize(const struct remap *r, const struct vm_area_struct *vma)
{
	unsigned long pgoff, more = r->new_len - r->old_len;

	/* Nothing old: another view of shared memory, but private memory has only one. */
	if (!r->old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	if (r->flags & MREMAP_DONTUNMAP && vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EINVAL;
	if (r->old_len > vma->vm_end - r->old)
		return -EFAULT;
	if (!more)
		return 0;
	pgoff = vma->vm_pgoff + ((r->old - vma->vm_start) >> PAGE_SHIFT);
	if (pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EFAULT;
	if (!may_lock_more(r->mm, vma->vm_flags, more >> PAGE_SHIFT))
		return -EAGAIN;
	return may_expand_vm(r->mm, vma->vm_flags, more >> PAGE_SHIFT) ? 0 : -ENOMEM;
}

/* ---- in place ---------------------------------------------------------------------- */

static bool room_behind(const struct remap *r, const struct vm_area_struct *vma)
{
	unsigned long end = r->old + r->new_len;

	if (vma->vm_end != r->old + r->old_len || end < vma->vm_end || end > r->mm->task_size)
		return false;
	return !vma->vm_next || vma->vm_next->vm_start >= end;
}

/* Over the free range behind it, and on to the next region if that fits. */
static int grow_in_place(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long end = r->old + r->new_len;
	const struct vma_desc d = {
		.start = vma->vm_end, .end = end, .flags = vma->vm_flags, .file = vma->vm_file,
		.pgoff = vma->vm_pgoff + vma_pages(vma), .ops = vma->vm_ops,
		.private_data = vma->vm_private_data, .anon_shift = vma->anon_shift,
	};

	if (vma->vm_flags & VM_ACCOUNT && !vm_enough_memory((end - d.start) >> PAGE_SHIFT))
		return -ENOMEM;
	r->populate = vma->vm_flags & VM_LOCKED;
	if (!vma_merge_new(r->mm, &d))
		vma_set_bounds(vma, vma->vm_start, end);
	return 0;
}

/* ---- the call ---------------------------------------------------------------------- */

/* MREMAP_FIXED and MREMAP_DONTUNMAP: always a move.  The new address, or -errno. */
static unsigned long mremap_to(struct remap *r)
{
	struct mm_struct *mm = r->mm;
	struct vm_area_struct *vma;
	unsigned long to;
	int err;

	if (r->new & ~PAGE_MASK)
		return -EINVAL;
	if (r->new_len > mm->task_size || r->new > mm->task_size - r->new_len)
		return -EINVAL;
	if (r->old + r->old_len > r->new && r->new + r->new_len > r->old)
		return -EINVAL;
	/* Before anything goes: two regions may be cut, and the move itself wants room. */
	if (mm->map_count + 2 >= sysctl_max_map_count - 3)
		return -ENOMEM;
	err = r->flags & MREMAP_FIXED ? do_munmap(mm, r->new, r->new_len) : 0;
	if (!err && r->old_len > r->new_len) {
		err = do_munmap(mm, r->old + r->new_len, r->old_len - r->new_len);
		r->old_len = r->new_len;
	}
	if (err)
		return err;
	/* What was unmapped may have been a part of it. */
	vma = find_vma(mm, r->old);
	err = vma && vma->vm_start <= r->old ? check_resize(r, vma) : -EFAULT;
	if (err)
		return err;
	if (r->flags & MREMAP_DONTUNMAP &&
	    !may_expand_vm(mm, vma->vm_flags, r->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	to = get_unmapped_area(mm, r->new, r->new_len, r->flags & MREMAP_FIXED ? MAP_FIXED : 0);
	if (IS_ERR_VALUE(to))
		return to;
	r->new = to;
	err = move_vma(r, vma);
	return err ? (unsigned long)err : to;
}

static unsigned long mremap_grow(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long to;
	int err = check_resize(r, vma);

	if (err)
		return err;
	if (room_behind(r, vma)) {
		r->new = r->old;
		err = grow_in_place(r, vma);
		return err ? (unsigned long)err : r->old;
	}
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = get_unmapped_area(r->mm, 0, r->new_len, 0);
	if (IS_ERR_VALUE(to))
		return to;
	r->new = to;
	err = move_vma(r, vma);
	return err ? (unsigned long)err : to;
}

static unsigned long do_mremap(struct remap *r)
{
	struct vm_area_struct *vma = find_vma(r->mm, r->old);
	int err;

	if (!vma || vma->vm_start > r->old)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return mremap_to(r);
	if (r->old_len < r->new_len)
		return mremap_grow(r, vma);
	if (r->old_len == r->new_len)
		return r->old;
	err = do_munmap(r->mm, r->old + r->new_len, r->old_len - r->new_len);
	return err ? (unsigned long)err : r->old;
}

long sys_mremap(unsigned long old, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new)
{
	struct remap r = {
		.mm = current->mm, .old = old, .old_len = PAGE_ALIGN(old_len),
		.new = new, .new_len = PAGE_ALIGN(new_len), .flags = flags,
	};
	unsigned long to;

	if (flags & ~(unsigned long)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (flags & MREMAP_DONTUNMAP && old_len != new_len)
		return -EINVAL;
	if (old & ~PAGE_MASK || !r.new_len)
		return -EINVAL;
	down_write(&r.mm->mmap_sem);
	to = do_mremap(&r);
	up_write(&r.mm->mmap_sem);
	if (r.populate && r.new_len > r.old_len)
		mm_populate(r.mm, r.new + r.old_len, r.new + r.new_len);
	return to;
}
