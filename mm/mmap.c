/* SPDX-License-Identifier: MIT */
/*
 * Making regions: mmap, brk and the stack (Gorman 5.4.2, 5.4.4; contracts: mm/mmap.h).
 *
 * do_mmap() in three steps, like the book's: check what is asked for, find a place, make
 * the region.  Nothing is changed before all checks are done, but that MAP_FIXED has taken
 * the old contents down when the file refuses to be mapped.
 */
#include <kernel/sched.h>
#include <mm/file.h>
#include "internal.h"
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>

#define MMAP_MIN_ADDR		65536ul
#define TASK_UNMAPPED_BASE(mm)	PAGE_ALIGN((mm)->task_size / 3)
#define VM_MAY_ANY		(VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define MAP_HUGE_SIZES		0x7c000000ul	/* MAP_HUGE_2MB | MAP_HUGE_1GB */
#define VM_RWX			(VM_READ | VM_WRITE | VM_EXEC)

static_assert(VM_READ == PROT_READ && VM_WRITE == PROT_WRITE && VM_EXEC == PROT_EXEC,
	      "protections are the low bits of region flags");

/* ---- limits ------------------------------------------------------------------------ */

bool may_expand_vm(const struct mm_struct *mm, unsigned long flags, unsigned long pages)
{
	if (mm->total_vm + pages > rlimit_cur(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !is_data_mapping(flags) ||
	       mm->data_vm + pages <= rlimit_cur(RLIMIT_DATA) >> PAGE_SHIFT;
}

/*
 * What a fixed mapping replaces: the pages of [start, end) that are in regions now, and how
 * many regions there will be once they are gone.
 */
static unsigned long pages_in_range(struct mm_struct *mm, unsigned long start,
				    unsigned long end, int *map_count)
{
	struct vm_area_struct *vma = find_vma_intersection(mm, start, end);
	unsigned long pages = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next) {
		pages += (min(vma->vm_end, end) - max(vma->vm_start, start)) >> PAGE_SHIFT;
		*map_count += (vma->vm_start < start) + (vma->vm_end > end) - 1;
	}
	return pages;
}

/* ---- protections ------------------------------------------------------------------- */

/*
 * Entries of private regions are never writable from the start: the fault that makes the
 * page the program's own adds that.  What may be written may be read.
 */
static pgprot_t page_prot(unsigned long vm_flags)
{
	pteval_t prot = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED;

	if (!(vm_flags & VM_RWX))
		return __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED);
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		prot |= _PAGE_RW;
	if (!(vm_flags & VM_EXEC))
		prot |= _PAGE_NX & supported_pte_mask;
	return __pgprot(prot);
}

pgprot_t protection_map[PROTECTION_MAP_SIZE];

void protection_map_init(void)
{
	unsigned long flags;

	for (flags = 0; flags < PROTECTION_MAP_SIZE; flags++)
		protection_map[flags] = page_prot(flags);
}

/* ---- a place (Gorman 5.4.4) -------------------------------------------------------- */

static bool hint_is_free(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	struct vm_area_struct *prev, *vma;

	if (addr > mm->task_size - len)
		return false;
	vma = find_vma_prev(mm, addr, &prev);
	return (!vma || addr + len <= vm_start_gap(vma)) && (!prev || addr >= prev->vm_end);
}

unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr, unsigned long len,
				unsigned long flags)
{
	if (len > mm->task_size)
		return -ENOMEM;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr > mm->task_size - len)
			return -ENOMEM;
		if (addr & ~PAGE_MASK)
			return -EINVAL;
		/* Where null pointers point: only who could do worse may have it. */
		if (addr < MMAP_MIN_ADDR && !capable(CAP_SYS_RAWIO))
			return -EPERM;
		return addr;
	}
	addr &= PAGE_MASK;
	if (addr) {
		addr = max(addr, MMAP_MIN_ADDR);
		if (hint_is_free(mm, addr, len))
			return addr;
	}
	addr = unmapped_area_topdown(mm, len, MMAP_MIN_ADDR, mm->mmap_base);
	if (!addr)
		addr = unmapped_area(mm, len, TASK_UNMAPPED_BASE(mm), mm->task_size);
	return addr ? addr : (unsigned long)-ENOMEM;
}

/* ---- regions ----------------------------------------------------------------------- */

/* An anonymous private region: most of them only move a border. */
static int add_anon_region(struct mm_struct *mm, unsigned long start, unsigned long end,
			   unsigned long flags)
{
	const struct vma_desc d = {
		.start = start, .end = end, .flags = flags, .pgoff = start >> PAGE_SHIFT,
	};
	struct vm_area_struct *vma;

	if (vma_merge_new(mm, &d))
		return 0;
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	vma = vma_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_flags = flags;
	vma->vm_pgoff = d.pgoff;
	vma->vm_page_prot = vm_get_page_prot(flags);
	BUG_ON(insert_vm_struct(mm, vma));
	return 0;
}

/* A region with a file, or shared memory without a name. */
static int add_backed_region(struct mm_struct *mm, unsigned long start, unsigned long end,
			     unsigned long flags, unsigned long pgoff, struct file *file)
{
	struct vm_area_struct *vma;
	int err;

	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	vma = vma_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_flags = flags;
	vma->vm_pgoff = pgoff;
	vma->vm_page_prot = vm_get_page_prot(flags);
	vma->vm_file = file ? get_file(file) : shmem_file(end - start, !(flags & VM_NORESERVE));
	err = vma->vm_file ? file_mmap(vma->vm_file, vma) : -ENOMEM;
	if (err) {
		fput(vma->vm_file);
		vma_free(vma);
		return err;
	}
	if (vma->vm_flags & VM_SPECIAL)
		vma->vm_flags &= ~VM_LOCK_FLAGS;
	vma_add(mm, vma);
	return 0;
}

/* ---- mmap -------------------------------------------------------------------------- */

/* MAP_TYPE and what must fit it: region flags in *vm_flags, or -errno. */
static int map_type(struct file *file, unsigned long flags, unsigned long vm_may,
		    unsigned long *vm_flags)
{
	const unsigned long known = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN |
		MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE |
		MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_HUGE_SIZES | 0x40 /* 32BIT */;

	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (!file)
			return -EINVAL;
		if (flags & ~known)
			return -EOPNOTSUPP;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		break;
	case MAP_SHARED:
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (unlikely(IS_ERR_VALUE(vm_may)))
		return (int)vm_may;
	if (!(flags & MAP_GROWSDOWN))
		return 0;
	*vm_flags |= VM_GROWSDOWN;
	return file || *vm_flags & VM_SHARED ? -EINVAL : 0;
}

/* Limits and memory; `charged`: the pages are not a file's. */
static int check_room(struct mm_struct *mm, unsigned long addr, unsigned long len,
		      unsigned long *vm_flags, bool fixed, bool charged)
{
	unsigned long pages = len >> PAGE_SHIFT, old = 0;
	int map_count = mm->map_count;

	if (fixed)
		old = pages_in_range(mm, addr, addr + len, &map_count);
	/* Before the old contents go: without them there is no way back. */
	if (old && map_count >= sysctl_max_map_count)
		return -ENOMEM;
	if (!may_expand_vm(mm, *vm_flags, pages - old))
		return -ENOMEM;
	if (!charged || *vm_flags & VM_NORESERVE)
		return 0;
	if (!vm_enough_memory(pages))
		return -ENOMEM;
	if (!(*vm_flags & VM_SHARED))
		*vm_flags |= VM_ACCOUNT;
	return 0;
}

/* What will be memory of nobody else: shared without a name, or private and writable. */
static inline bool is_charged(const struct file *file, unsigned long vm_flags)
{
	return vm_flags & VM_SHARED ? !file : vm_flags & VM_WRITE;
}

unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, unsigned long pgoff,
		      unsigned long vm_may)
{
	struct mm_struct *mm = current->mm;
	unsigned long vm_flags;
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	int err;

	if (!len)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	addr = get_unmapped_area(mm, addr, len, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	if (flags & MAP_FIXED_NOREPLACE && find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;
	vm_flags = (prot & VM_RWX) | mm->def_flags | (vm_may & VM_MAY_ANY);
	if (flags & MAP_LOCKED) {
		vm_flags |= VM_LOCKED;
		if (!can_do_mlock())
			return -EPERM;
	}
	if (unlikely(vm_flags & VM_LOCKED) && !may_lock_more(mm, vm_flags, len >> PAGE_SHIFT))
		return -EAGAIN;
	err = map_type(file, flags, vm_may, &vm_flags);
	if (err)
		return err;
	if (vm_flags & ~(vm_flags >> 4) & VM_RWX)
		return -EACCES;
	if (flags & MAP_NORESERVE && sysctl_overcommit_memory != OVERCOMMIT_NEVER)
		vm_flags |= VM_NORESERVE;
	err = check_room(mm, addr, len, &vm_flags, fixed, is_charged(file, vm_flags));
	if (!err && fixed)
		err = do_munmap(mm, addr, len);
	if (err)
		return err;
	if (!file && !(vm_flags & VM_SHARED))
		err = add_anon_region(mm, addr, addr + len, vm_flags);
	else
		err = add_backed_region(mm, addr, addr + len, vm_flags, file ? pgoff : 0, file);
	return err ? (unsigned long)err : addr;
}

/* ---- munmap (Gorman 5.4.11) -------------------------------------------------------- */

/* Take the regions that lie inside out of list and tree; they stay chained by vm_next. */
static struct vm_area_struct *detach_inside(struct mm_struct *mm, struct vm_area_struct *vma,
					    unsigned long start, unsigned long end)
{
	struct vm_area_struct *gone = NULL, **tail = &gone, *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		if (vma->vm_start < start) {
			vma_set_bounds(vma, vma->vm_start, start);
		} else if (vma->vm_end > end) {
			vma_set_bounds(vma, end, vma->vm_end);
		} else {
			vma_unlink(mm, vma);
			*tail = vma;
			tail = &vma->vm_next;
		}
	}
	*tail = NULL;
	return gone;
}

static void zap_regions(struct mm_struct *mm, struct vm_area_struct *first,
			unsigned long start, unsigned long end)
{
	struct vm_area_struct *prev = first->vm_start < start ? first : first->vm_prev, *vma;
	unsigned long floor, ceiling = 0;
	struct zap_batch b;

	floor = prev ? min(prev->vm_end, start) : 0;
	zap_begin(&b, mm);
	update_hiwater(mm);
	for (vma = first; vma && vma->vm_start < end; vma = vma->vm_next) {
		zap_range(&b, vma, max(vma->vm_start, start), min(vma->vm_end, end));
		if (vma->vm_end > end)
			ceiling = end;
	}
	/* What follows is the first region that keeps something behind the range. */
	if (!ceiling && vma)
		ceiling = vma->vm_start;
	zap_tables(&b, first, start, end, floor, ceiling);
	zap_finish(&b);
}

int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	struct vm_area_struct *vma, *gone, *next;
	unsigned long end;

	if (start & ~PAGE_MASK || start > mm->task_size || len > mm->task_size - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	end = start + len;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	/* A hole in the middle is the only case that needs one region more. */
	if (vma->vm_start < start && vma->vm_end > end) {
		if (split_vma(mm, vma, end, false))
			return -ENOMEM;
	}
	zap_regions(mm, vma, start, end);
	for (gone = detach_inside(mm, vma, start, end); gone; gone = next) {
		next = gone->vm_next;
		vma_release(gone);
	}
	return 0;
}

/* ---- brk and stack ----------------------------------------------------------------- */

int vm_brk_flags(struct mm_struct *mm, unsigned long addr, unsigned long len,
		 unsigned long vm_flags)
{
	unsigned long pages;
	int err;

	len = PAGE_ALIGN(len);
	if (!len)
		return 0;
	if (addr & ~PAGE_MASK || addr > mm->task_size || len > mm->task_size - addr)
		return -EINVAL;
	vm_flags |= VM_READ | VM_WRITE | VM_MAY_ANY | VM_ACCOUNT | mm->def_flags;
	err = do_munmap(mm, addr, len);
	if (err)
		return err;
	pages = len >> PAGE_SHIFT;
	if (!may_expand_vm(mm, vm_flags, pages) || mm->map_count > sysctl_max_map_count ||
	    !vm_enough_memory(pages))
		return -ENOMEM;
	return add_anon_region(mm, addr, addr + len, vm_flags);
}

/* The break moves within what RLIMIT_DATA allows for it and the initialised data. */
static bool data_limit_allows(const struct mm_struct *mm, unsigned long brk)
{
	unsigned long limit = rlimit_cur(RLIMIT_DATA);

	return brk - mm->start_brk + (mm->end_data - mm->start_data) <= limit;
}

/* False: the break stays where it is. */
bool do_brk(struct mm_struct *mm, unsigned long brk)
{
	unsigned long old = PAGE_ALIGN(mm->brk), new = PAGE_ALIGN(brk);
	struct vm_area_struct *next;

	if (brk < mm->start_brk || new < brk || new > mm->task_size)
		return false;
	if (!data_limit_allows(mm, brk))
		return false;
	if (new > old && !may_lock_more(mm, mm->def_flags, (new - old) >> PAGE_SHIFT))
		return false;
	if (new < old) {
		if (do_munmap(mm, new, old - new))
			return false;
	} else if (new > old) {
		next = find_vma(mm, old);
		if (next && new + PAGE_SIZE > vm_start_gap(next))
			return false;
		if (vm_brk_flags(mm, old, new - old, 0))
			return false;
	}
	mm->brk = brk;
	return true;
}

struct vm_area_struct *setup_stack_vma(struct mm_struct *mm, unsigned long stack_top)
{
	struct vm_area_struct *vma = vma_alloc(mm);

	if (!vma)
		return NULL;
	set_mmap_base(mm, stack_top);
	vma->vm_end = stack_top;
	vma->vm_start = stack_top - PAGE_SIZE;
	vma->vm_flags = VM_READ | VM_WRITE | VM_MAY_ANY | VM_GROWSDOWN | VM_ACCOUNT |
			mm->def_flags;
	vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	if (!insert_vm_struct(mm, vma))
		return vma;
	vma_free(vma);
	return NULL;
}
