/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/walk and cr3: page tables as the processor sees them.
 *
 * The walk begins at the value of CR3 and decodes entries with constants of its own (Intel
 * SDM volume 3, 4.3 and 4.5), so that it shows what is, not what mm/ believes.  Of the
 * kernel it uses kmap_local_page() to read a frame, nothing else.
 */
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/highmem.h>
#include <mm/mm.h>
#include "internal.h"

#define LEVELS		(sizeof(long) == 8 ? 4u : 2u)
#define ENTRY_BYTES	sizeof(long)
#define INDEX_BITS	(sizeof(long) == 8 ? 9u : 10u)

#define BIT_P		0x001u
#define BIT_W		0x002u
#define BIT_U		0x004u
#define BIT_A		0x020u
#define BIT_D		0x040u
#define BIT_PS		0x080u
#define BIT_G		0x100u
#define BIT_NX		(1ull << 63)

static unsigned level_shift(unsigned level)
{
	return 12 + (LEVELS - 1 - level) * INDEX_BITS;
}

static u64 frame_of(u64 entry)
{
	return (LEVELS == 4 ? entry & 0x000ffffffffff000ull : entry & 0xfffff000ull) >> 12;
}

/* Bytes that a large entry maps to begin here; two levels: PSE-36 has bits 32..39 at 13. */
static u64 large_base(u64 entry, unsigned shift)
{
	if (LEVELS == 2)
		return (entry & 0xffc00000ull) | (entry >> 13 & 0xff) << 32;
	return frame_of(entry) << 12 & ~((1ull << shift) - 1);
}

static bool read_entry(u64 frame, unsigned index, u64 *entry)
{
	unsigned long value;

	if (!pfn_valid((unsigned long)frame))
		return false;		/* a table outside RAM: broken, and nothing to show */
	memcpy_from_page(&value, pfn_to_page((unsigned long)frame), index * ENTRY_BYTES,
			 ENTRY_BYTES);
	*entry = value;
	return true;
}

static void finish_walk(struct pagewalk_walk *w, u64 entry, unsigned level)
{
	bool large = level != LEVELS - 1;

	w->flags |= PAGEWALK_PRESENT;
	w->flags |= large ? PAGEWALK_LARGE : 0;
	w->flags |= entry & BIT_G ? PAGEWALK_GLOBAL : 0;
	w->flags |= entry & BIT_A ? PAGEWALK_ACCESSED : 0;
	w->flags |= entry & BIT_D ? PAGEWALK_DIRTY : 0;
	w->phys = large ? large_base(entry, level_shift(level)) : frame_of(entry) << 12;
	w->phys += w->address & (w->size - 1);
}

static void walk(struct pagewalk_walk *w)
{
	u64 table = frame_of(w->cr3), entry;
	unsigned level;

	w->levels = LEVELS;
	w->flags = PAGEWALK_WRITE | PAGEWALK_USER | PAGEWALK_EXEC;
	for (level = 0; level < LEVELS; level++) {
		w->size = 1ull << level_shift(level);
		w->table[level] = table;
		if (!read_entry(table, (unsigned)(w->address >> level_shift(level)) &
				       ((1u << INDEX_BITS) - 1), &entry))
			break;
		w->entry[level] = entry;
		w->depth = level + 1;
		if (!(entry & BIT_P))
			break;
		w->flags &= entry & BIT_W ? ~0u : ~PAGEWALK_WRITE;
		w->flags &= entry & BIT_U ? ~0u : ~PAGEWALK_USER;
		w->flags &= LEVELS == 2 || !(entry & BIT_NX) ? ~0u : ~PAGEWALK_EXEC;
		if (level == LEVELS - 1 || (entry & BIT_PS && (level || LEVELS == 2))) {
			finish_walk(w, entry, level);
			return;
		}
		table = frame_of(entry);
	}
	w->flags = 0;
}

/* ---- the file ------------------------------------------------------------------------ */

struct walk_file {
	struct proc_ref ref;		/* whose address space; pid 0: the reader's */
	bool kernel;			/* the kernel's own tables instead */
	bool skip;			/* only what is present */
};

static int walk_open(struct inode *inode, struct file *f)
{
	struct walk_file *wf = kzalloc(sizeof(*wf), GFP_KERNEL);

	if (!wf)
		return -ENOMEM;
	f->mode |= FMODE_UNSIGNED;
	f->private = wf;
	return 0;
}

static void walk_release(struct file *f)
{
	kfree(f->private);
}

/* Any position is an address. */
static loff_k walk_llseek(struct file *f, loff_k offset, int whence)
{
	if (whence != 0 && whence != 1)
		return -EINVAL;
	f->pos = whence ? (loff_k)((u64)f->pos + (u64)offset) : offset;
	return f->pos;
}

static int begin_walk(const struct walk_file *wf, struct pagewalk_walk *w)
{
	const struct task_struct *p = current;

	if (wf->kernel) {
		w->cr3 = __pa(swapper_pg_dir);
		return 0;
	}
	if (wf->ref.pid) {
		p = proc_ref_task(&wf->ref);
		if (!p)
			return -ESRCH;
	}
	if (p == current)
		w->cr3 = read_cr3();
	else if (p->mm)
		w->cr3 = __pa(p->mm->pgd);
	else
		w->cr3 = __pa(swapper_pg_dir);
	w->pid = p->mm ? p->pid : 0;
	return 0;
}

/* Behind what the last entry stands for; 0: the top of memory. */
static unsigned long behind_entry(const struct pagewalk_walk *w)
{
	return (unsigned long)((w->address | (w->size - 1)) + 1);
}

/* Four levels translate 48 bits: from behind the lower half to the upper one. */
static unsigned long skip_non_canonical(unsigned long address)
{
	u64 a = address;

	if (LEVELS == 4 && (u64)((s64)(a << 16) >> 16) != a)
		a = 0xffff800000000000ull;
	return (unsigned long)a;
}

/* The first entry from `index` on of a page table that is not empty, or the table's end. */
static unsigned next_entry(u64 table, unsigned index)
{
	u64 entry;

	while (index >> INDEX_BITS == 0 && read_entry(table, index, &entry) && !(entry & BIT_P))
		index++;
	return index;
}

/*
 * To the first page from w->address on that is present: an absent entry of an upper level
 * is one step, a page table one pass.  1; 0: none up to the top; -ESRCH.  The process may end
 * or exec in each pause, and its tables go: they are looked up anew.
 */
static int walk_present(const struct walk_file *wf, struct pagewalk_walk *w)
{
	unsigned long address = skip_non_canonical((unsigned long)w->address), next;
	unsigned index;
	int ret;

	for (;;) {
		*w = (struct pagewalk_walk){ .address = address };
		ret = begin_walk(wf, w);
		if (ret)
			return ret;
		walk(w);
		if (w->flags & PAGEWALK_PRESENT)
			return 1;
		next = behind_entry(w);
		if (w->depth == LEVELS) {
			index = (unsigned)(address >> 12) & ((1u << INDEX_BITS) - 1);
			next = address + ((unsigned long)(next_entry(w->table[LEVELS - 1], index) -
							  index) << PAGE_SHIFT);
		}
		if (next <= address || signal_pending(current))
			return 0;
		address = skip_non_canonical(next);
		cond_resched();
	}
}

/* One record: 1; 0: no more, because what is left is absent; -ESRCH. */
static int make_record(const struct walk_file *wf, struct pagewalk_walk *w)
{
	int ret;

	if (wf->skip)
		return walk_present(wf, w);
	ret = begin_walk(wf, w);
	if (ret)
		return ret;
	walk(w);
	return 1;
}

static long walk_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	const struct walk_file *wf = f->private;
	unsigned long address = (unsigned long)*pos & PAGE_MASK;
	struct pagewalk_walk w;
	size_t done = 0;
	int ret;

	if (n < sizeof(w))
		return -EINVAL;
	for (; n - done >= sizeof(w); done += sizeof(w)) {
		w = (struct pagewalk_walk){ .address = address };
		ret = make_record(wf, &w);
		if (ret <= 0)
			return done ? (long)done : ret;
		if (copy_to_user(buf + done, &w, sizeof(w)))
			return done ? (long)done : -EFAULT;
		address = wf->skip ? behind_entry(&w) : address + PAGE_SIZE;
		*pos = (loff_k)address;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return (long)done;
}

static long walk_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	struct walk_file *wf = f->private;
	struct task_struct *p;
	char text[24];
	unsigned pid;
	long len = proc_get_text(text, sizeof(text), buf, n);

	if (len < 0)
		return len;
	if (!strcmp(text, "holes=hidden")) {
		wf->skip = true;
		return (long)n;
	}
	if (!strcmp(text, "pid=kernel")) {
		wf->kernel = true;
		return (long)n;
	}
	if (strncmp(text, "pid=", 4) || !proc_number(text + 4, (size_t)len - 4, &pid))
		return -EINVAL;
	p = pid ? find_task((int)pid) : NULL;
	if (pid && !p)
		return -ESRCH;
	wf->ref = (struct proc_ref){ 0 };
	wf->kernel = false;
	if (p)
		proc_ref_take(&wf->ref, p);
	return (long)n;
}

const struct file_operations pagewalk_walk_ops = {
	.open = walk_open, .release = walk_release, .llseek = walk_llseek, .read = walk_read,
	.write = walk_write,
};

/* ---- cr3 ----------------------------------------------------------------------------- */

int proc_show_cr3(struct seq *s, struct task_struct *p)
{
	seq_printf(s, "cr3 %#lx\n", (unsigned long)read_cr3());
	seq_printf(s, "pgd %#lx\n", current->mm ? __pa(current->mm->pgd) : 0);
	seq_printf(s, "kernel_pgd %#lx\n", __pa(swapper_pg_dir));
	seq_printf(s, "pid %d\n", current->pid);
	return 0;
}
