/* SPDX-License-Identifier: MIT */
/*
 * The life of an address space (Gorman 4.3).  Contracts: mm/mmap.h.
 *
 *	mm_users	tasks that run in it; the last one takes pages and tables along
 *	mm_count	who needs the descriptor: all users together are one, and so is each
 *			kernel thread that borrowed the tables; the last one frees it with
 *			its top-level table
 *
 * Between the two an mm is empty but can stay in CR3.  Its user half then has no entries,
 * and no translation of it is left in the TLB (exit_mmap flushes before tables are freed).
 */
#include <asm/tlbflush.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/fault.h>
#include <mm/file.h>
#include <mm/rmap.h>
#include "internal.h"
#include <linux/resource.h>

static struct kmem_cache *mm_cachep;
unsigned long nr_mms;
LIST_HEAD(all_mms);

void mm_cache_init(void)
{
	mm_cachep = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, SLAB_PANIC, NULL);
	vma_cache_init();
	rmap_init();
	protection_map_init();
	radix_tree_init();
	zero_page_init();
}

/*
 * Free areas are searched downwards from below the largest stack and its guard gap; the
 * stack gets between 128 MiB and five sixths of the user half.
 */
void set_mmap_base(struct mm_struct *mm, unsigned long stack_top)
{
	unsigned long gap = rlimit_cur(RLIMIT_STACK), most = mm->task_size / 6 * 5;

	gap = gap < most - STACK_GUARD_GAP ? gap + STACK_GUARD_GAP : most;
	gap = max(gap, 128ul << 20);
	mm->mmap_base = PAGE_ALIGN(stack_top - gap);
	mm->free_area_cache = NULL;
}

/* Everything is zero but saved_auxv, of which saved_auxc says what counts. */
static struct mm_struct *new_mm(struct anon_family *family)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cachep, GFP_KERNEL);

	if (!mm)
		return NULL;
	memset(mm, 0, offsetof(struct mm_struct, saved_auxv));
	mm->saved_auxc = 0;
	if (mm_alloc_tables(mm))
		goto no_tables;
	if (anon_family_join(mm, family))
		goto no_family;
	list_add_tail(&mm->mms, &all_mms);
	mm->task_size = TASK_SIZE;
	mm->mm_users = 1;
	mm->mm_count = 1;
	init_rwsem(&mm->mmap_sem);
	nr_mms++;
	return mm;

no_family:
	mm_free_tables(mm);
no_tables:
	kmem_cache_free(mm_cachep, mm);
	return NULL;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = new_mm(NULL);

	if (mm)
		set_mmap_base(mm, mm->task_size);
	return mm;
}

/* ---- fork -------------------------------------------------------------------------- */

static void copy_limits(struct mm_struct *mm, const struct mm_struct *old)
{
	mm->mmap_base = old->mmap_base;
	mm->def_flags = old->def_flags & ~VM_LOCK_FLAGS;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
	mm->saved_auxc = old->saved_auxc;
	memcpy(mm->saved_auxv, old->saved_auxv, old->saved_auxc * sizeof(old->saved_auxv[0]));
	if (old->exe_file)
		mm->exe_file = get_file(old->exe_file);
}

/*
 * One region and what it maps, behind the last one.  What the parent was promised, the child
 * is; locks are not.
 */
static int copy_region(struct mm_struct *mm, struct vm_area_struct *from,
		       struct vm_area_struct **last)
{
	struct vm_area_struct *vma;

	if (from->vm_flags & VM_ACCOUNT && !vm_enough_memory(vma_pages(from)))
		return -ENOMEM;
	vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
	if (!vma)
		return -ENOMEM;
	*vma = *from;
	vma->vm_mm = mm;
	vma->vm_flags &= ~VM_LOCK_FLAGS;
	if (vma->vm_flags & VM_WIPEONFORK)
		vma->anon_pages = false;
	if (vma->vm_file)
		get_file(vma->vm_file);
	vma_link(mm, vma, *last);
	*last = vma;
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	return vma->vm_flags & VM_WIPEONFORK ? 0 : copy_page_range(mm, from->vm_mm, from);
}

/* The parent's writable entries have become read-only: one flush for all of them. */
struct mm_struct *dup_mm(struct mm_struct *old)
{
	struct mm_struct *mm = new_mm(old->anon);
	struct vm_area_struct *vma, *last = NULL;
	int err = 0;

	if (!mm)
		return NULL;
	down_write(&old->mmap_sem);
	copy_limits(mm, old);
	for (vma = old->mmap; vma && !err; vma = vma->vm_next)
		if (!(vma->vm_flags & VM_DONTCOPY))
			err = copy_region(mm, vma, &last);
	flush_tlb_mm(old);
	up_write(&old->mmap_sem);
	mm->hiwater_rss = mm_rss(mm);
	mm->hiwater_vm = mm->total_vm;
	if (!err)
		return mm;
	mmput(mm);
	return NULL;
}

/* ---- end --------------------------------------------------------------------------- */

/* Regions, all of them, without keeping the tree in order (Gorman 5.4.12). */
static void free_regions(struct mm_struct *mm)
{
	struct vm_area_struct *vma = mm->mmap, *next;

	anon_unlink_all(mm);
	mm->mmap = mm->mmap_cache = mm->free_area_cache = NULL;
	mm->mm_rb = RB_ROOT;
	mm->highest_vm_end = 0;
	for (; vma; vma = next) {
		next = vma->vm_next;
		if (vma->vm_flags & VM_ACCOUNT)
			vm_committed -= vma_pages(vma);
		if (vma->vm_file)
			vma_unlink_file(vma);
		vma_release(vma);
	}
	mm->map_count = 0;
	mm->total_vm = mm->data_vm = mm->locked_vm = 0;
}

/*
 * Pages go back at once, although the TLB still knows them: no program runs in this
 * address space any more, and the kernel does not look at user addresses by itself.  Tables
 * are different, the processor walks them when it likes: flush, then free.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct zap_batch b;

	if (!mm->mmap)
		return;
	update_hiwater(mm);
	zap_begin(&b, mm);
	b.exiting = true;
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		zap_range(&b, vma, vma->vm_start, vma->vm_end);
	zap_tables(&b, mm->mmap, 0, mm->highest_vm_end, 0, 0);
	b.start = 0;
	b.end = mm->task_size;
	zap_finish(&b);
	free_regions(mm);
}

/* An mm that still counts pages or tables has lost track of them. */
static void check_empty_mm(const struct mm_struct *mm)
{
	unsigned int i;

	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (unlikely(mm->rss[i]))
			panic("address space at its end with %ld resident pages of kind %u", mm->rss[i], i);
	if (unlikely(mm->nr_ptes || mm->nr_pmds || mm->nr_puds))
		panic("address space at its end with %lu/%lu/%lu page tables", mm->nr_ptes,
		      mm->nr_pmds, mm->nr_puds);
}

void mmput(struct mm_struct *mm)
{
	if (--mm->mm_users)
		return;
	BUG_ON(mm->mm_users < 0);
	list_del(&mm->mms);
	exit_mmap(mm);
	check_empty_mm(mm);
	anon_family_leave(mm);
	fput(mm->exe_file);
	mm->exe_file = NULL;
	mmdrop(mm);
}

void mmdrop(struct mm_struct *mm)
{
	if (--mm->mm_count)
		return;
	BUG_ON(mm->mm_count < 0 || mm == &init_mm || mm->mm_users);
	mm_free_tables(mm);
	kmem_cache_free(mm_cachep, mm);
	nr_mms--;
}
