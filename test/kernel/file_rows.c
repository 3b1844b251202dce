/* SPDX-License-Identifier: MIT */
/*
 * Rows about files in memory; their programs are user/rows/files.c, truncate.c and
 * regionops.c.  Here are the parts that only the kernel can look at: the trees of regions
 * (i_mmap), and a driver with region methods of its own.
 */
#include <asm/cpufeature.h>
#include <asm/setup.h>
#include <asm/uaccess.h>
#include <boot/boot_info.h>
#include <fs/fs.h>
#include <fs/proc.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <test/row.h>

#include "user_knobs.h"

static struct row *row;			/* that runs the program */

static void with_knobs(struct row *r, const char *argument)
{
	const char *const argv[] = { "/bin/rows", r->id, argument, NULL };

	row = r;
	run_user_with_knobs(r, argv);
	row = NULL;
}

/* ---- A7, F12: every region of every process against the trees ------------------------- */

#define AUDIT_MAX	64

static struct {
	struct address_space *mapping;
	unsigned long private, shared;		/* regions by the scan */
} found[AUDIT_MAX];
static struct mm_struct *seen[AUDIT_MAX];
static unsigned int found_n, seen_n;

static bool in_tree(const struct vm_area_struct *vma, struct address_space *mapping)
{
	unsigned long last = vma->vm_pgoff + vma_pages(vma) - 1;
	struct interval_node *node = interval_first(&mapping->i_mmap, vma->vm_pgoff, last);

	while (node && node != &vma->shared)
		node = interval_next(node, vma->vm_pgoff, last);
	return node && node->start == vma->vm_pgoff && node->last == last;
}

static void scan_region(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file ? file_mapping(vma->vm_file) : NULL;
	unsigned int i;

	if (!mapping)
		return;
	row_ok(row, in_tree(vma, mapping), "region %lx-%lx is not in its file's tree",
	       vma->vm_start, vma->vm_end);
	for (i = 0; i < found_n && found[i].mapping != mapping; i++)
		;
	if (i == AUDIT_MAX)
		return;
	if (i == found_n) {
		found_n++;
		found[i].mapping = mapping;
		found[i].private = found[i].shared = 0;
	}
	*(vma->vm_flags & VM_SHARED ? &found[i].shared : &found[i].private) += 1;
}

static void scan_mm(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	const char *wrong;
	unsigned int i;

	for (i = 0; i < seen_n; i++)
		if (seen[i] == mm)
			return;
	if (!row_ok(row, seen_n < AUDIT_MAX, "more than %u address spaces", AUDIT_MAX))
		return;
	seen[seen_n++] = mm;
	wrong = vma_check(mm);
	row_ok(row, !wrong, "regions: %s", wrong ? wrong : "");
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		scan_region(vma);
}

static void compare_tree(struct address_space *mapping, unsigned long private,
			 unsigned long shared)
{
	unsigned long count, n[2] = { 0, 0 };
	const char *wrong = interval_check(&mapping->i_mmap, &count);
	struct interval_node *node;

	row_ok(row, !wrong, "the tree of a file: %s", wrong ? wrong : "");
	for (node = interval_first(&mapping->i_mmap, 0, ~0ul); node;
	     node = interval_next(node, 0, ~0ul))
		n[!!(container_of(node, struct vm_area_struct, shared)->vm_flags & VM_SHARED)]++;
	row_eq(row, n[0], private, "private regions in the tree of a file");
	row_eq(row, n[1], shared, "shared regions in the tree of a file");
}

/* i_mmap=audit: 0, or -EUCLEAN after telling the row; i_mmap=count:FD regions of one file. */
static int knob_i_mmap(const char *value)
{
	unsigned int failed, i;
	struct task_struct *p;
	unsigned long fd, count;
	struct file *f;

	if (!row)
		return -EPERM;
	if (!strncmp(value, "count:", 6)) {
		f = knob_hex(value + 6, &fd) ? fd_file((int)fd) : NULL;
		if (!f)
			return -EBADF;
		row_ok(row, !interval_check(&f->inode->mapping.i_mmap, &count), "broken tree");
		return -(int)count;
	}
	failed = row->failed;
	found_n = seen_n = 0;
	for_each_task(p)
		if (p->mm)
			scan_mm(p->mm);
	for (i = 0; i < found_n; i++)
		compare_tree(found[i].mapping, found[i].private, found[i].shared);
	return row->failed == failed ? 0 : -EUCLEAN;
}

static void file_knobs(void);

static void a7_link(struct row *r)
{
	file_knobs();
	with_knobs(r, NULL);
}
ROW(A7, "regions of files are linked into list, tree and the file's own tree", a7_link);

static void f12_list(struct row *r)
{
	file_knobs();
	with_knobs(r, NULL);
}
ROW(F12, "a file knows all regions that map it, private and shared", f12_list);

/* ---- A19: two drivers with methods of their own ---------------------------------------- */

struct driver {
	unsigned long opens, closes, faults, mmaps;
	u8 byte;			/* what its pages are full of */
};
static struct driver drivers[2] = { { .byte = 0xa1 }, { .byte = 0xb2 } };

static struct driver *driver_of(const struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

static void driver_open(struct vm_area_struct *vma)
{
	driver_of(vma)->opens++;
}

static void driver_close(struct vm_area_struct *vma)
{
	driver_of(vma)->closes++;
}

static int give_page(struct vm_area_struct *vma, struct vm_fault *vmf, u8 byte)
{
	vmf->page = alloc_page(GFP_HIGHUSER | __GFP_FILE);
	if (!vmf->page)
		return VM_FAULT_OOM;
	memset_page(vmf->page, 0, byte, PAGE_SIZE);
	driver_of(vma)->faults++;
	return 0;
}

static int first_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return give_page(vma, vmf, drivers[0].byte);
}

static int second_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return vmf->pgoff == 7 ? VM_FAULT_SIGBUS : give_page(vma, vmf, drivers[1].byte);
}

static const struct vm_operations_struct driver_vm_ops[2] = {
	{ .open = driver_open, .close = driver_close, .fault = first_fault },
	{ .open = driver_open, .close = driver_close, .fault = second_fault },
};

static int driver_mmap(struct file *f, struct vm_area_struct *vma)
{
	struct driver *d = f->private;

	d->mmaps++;
	vma->vm_ops = &driver_vm_ops[d - drivers];
	vma->vm_private_data = d;
	return 0;
}

static const struct file_operations driver_ops = { .mmap = driver_mmap };

/* Eight pages of driver n, shared, at an address of the program. */
static int map_driver(unsigned long n, unsigned long addr)
{
	struct file *f = file_create_anon(&driver_ops, O_RDWR, &drivers[n]);
	struct mm_struct *mm = current->mm;

	if (!f)
		return -ENOMEM;
	down_write(&mm->mmap_sem);
	addr = do_mmap(f, addr, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, 0,
		       VM_MAYREAD | VM_MAYWRITE);
	up_write(&mm->mmap_sem);
	fput(f);
	return IS_ERR_VALUE(addr) ? (int)addr : 0;
}

/* driver=map:N:ADDR, driver=get:N:ADDR (four words: mmaps, opens, closes, faults). */
static int knob_driver(const char *value)
{
	unsigned long n, addr;
	bool map = !strncmp(value, "map:", 4);
	const char *s = knob_hex(value + 4, &n);
	u64 out[4];

	if (!row || !s || n > 1 || *s != ':' || !knob_hex(s + 1, &addr))
		return -EINVAL;
	if (map)
		return map_driver(n, addr);
	out[0] = drivers[n].mmaps;
	out[1] = drivers[n].opens;
	out[2] = drivers[n].closes;
	out[3] = drivers[n].faults;
	return copy_to_user((void *)addr, out, sizeof(out)) ? -EFAULT : 0;
}

static void file_knobs(void)
{
	register_knob("i_mmap", knob_i_mmap);
	register_knob("driver", knob_driver);
}

static void a19_methods(struct row *r)
{
	unsigned int i;

	file_knobs();
	for (i = 0; i < 2; i++)
		drivers[i].mmaps = drivers[i].opens = drivers[i].closes = drivers[i].faults = 0;
	with_knobs(r, NULL);
	for (i = 0; i < 2; i++)
		row_eq(r, drivers[i].closes, drivers[i].mmaps + drivers[i].opens,
		       "regions of driver %u closed in the end", i);
}
ROW(A19, "methods of regions: open, close and fault are the driver's own", a19_methods);

/* ---- rows of programs alone -------------------------------------------------------------- */

USER_ROW(A21, "processes share memory: one frame, seen at once", "/bin/rows");
USER_ROW(X4, "behind the end of a mapped file: zeros in its last page, then SIGBUS", "/bin/rows");
USER_ROW(N8, "a private file page: the first write copies, file and cache stay", "/bin/rows");
USER_ROW(F2, "the fault handler of a file brings the right page", "/bin/rows");
USER_ROW(F3, "the page cache: one frame for each page of a file", "/bin/rows");
USER_ROW(F4, "processes that run one program share its text", "/bin/rows");
USER_ROW(F8, "read, write and mmap see the same page", "/bin/rows");
USER_ROW(F10, "truncate takes pages beyond the end out of all tables", "/bin/rows");
USER_ROW(F11, "a running program cannot be overwritten", "/bin/rows");
USER_ROW(F15, "one link address: the same text, other data for each process", "/bin/rows");

/* ---- F13: the frame buffer ------------------------------------------------------------- */

/* Its address, its size, and how an entry is cached. */
static void f13_device(struct row *r)
{
	const struct boot_fb *fb = &boot_info->fb;
	char base[24], wc[24];
	const char *const argv[] = { "/bin/rows", r->id, base, wc, NULL };

	if (!fb->base) {
		row_skip(r, "the machine has no frame buffer");
		return;
	}
	scnprintf(base, sizeof(base), "%#llx", (unsigned long long)fb->base);
	scnprintf(wc, sizeof(wc), "%#lx", cpu_wc_bits(false));
	run_user_with_knobs(r, argv);
}
ROW(F13, "a program maps the frame buffer: its frames, write-combining, not counted", f13_device);
