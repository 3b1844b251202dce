/* SPDX-License-Identifier: MIT */
/* Files as mm/ sees them: counted, mappable, with pages from nowhere. */
#include <stdlib.h>
#include "host_user.h"
#include <linux/errno.h>
#include <linux/mman.h>

struct file *host_fd[4];

static int fake_readpage(struct address_space *mapping, struct page *page)
{
	unsigned long start = page->index << PAGE_SHIFT, n = 0;
	struct file *f = mapping->host;

	f->reads++;
	if (f->fail)
		return f->fail;
	if (start < f->data)
		n = min(f->data - start, PAGE_SIZE);
	memset_page(page, 0, (int)((page->index + 1) * f->seed), n);
	memset_page(page, n, 0, PAGE_SIZE - n);
	return 0;
}

static const struct address_space_operations fake_aops = { .readpage = fake_readpage };

struct file *host_file(unsigned long pages, u8 seed)
{
	struct file *f = calloc(1, sizeof(*f));

	BUG_ON(!f);
	f->count = 1;
	f->pages = pages;
	f->size = pages << PAGE_SHIFT;
	f->data = ~0ul;
	f->seed = seed;
	f->writable = true;
	address_space_init(&f->mapping, f, &fake_aops);
	return f;
}

/* The rest of the page that the file ends in; one that is read later is empty there anyway. */
static void clear_tail(struct file *f, unsigned long end)
{
	unsigned long offset = end & ~PAGE_MASK;
	struct page *page = offset ? find_get_page(&f->mapping, end >> PAGE_SHIFT) : NULL;

	if (!page)
		return;
	memset_page(page, offset, 0, PAGE_SIZE - offset);
	put_page(page);
}

void host_truncate(struct file *f, unsigned long size)
{
	unsigned long old = f->size, kept = min(old, size);

	f->size = size;
	f->pages = DIV_ROUND_UP(size, PAGE_SIZE);
	f->data = min(f->data, kept);
	if (size < old)
		truncate_range(&f->mapping, f->pages, ~0ul, true);
	clear_tail(f, kept);
}

struct file *get_file(struct file *f)
{
	BUG_ON(f->count < 1);
	f->count++;
	return f;
}

void fput(struct file *f)
{
	if (!f)
		return;
	BUG_ON(f->count < 1);
	if (--f->count)
		return;
	truncate_pages(&f->mapping, 0, ~0ul);
	BUG_ON(f->mapping.nrpages);
	vm_committed -= (long)f->committed;
	free(f);
}

static int fake_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	struct file *f = vma->vm_file;
	int ret = filemap_fault(&f->mapping, vma, vmf, f->pages, &f->ra);

	if (ret || vmf->pgoff < f->pages)
		return ret;
	put_page(vmf->page);		/* it became shorter during a sleep */
	truncate_range(&f->mapping, f->pages, ~0ul, true);
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct fake_ops = { .fault = fake_fault };

int file_mmap(struct file *f, struct vm_area_struct *vma)
{
	if (f->unmappable)
		return -ENODEV;
	vma->vm_ops = &fake_ops;
	return 0;
}

struct file *shmem_file(unsigned long size, bool charge)
{
	struct file *f = host_file(size >> PAGE_SHIFT, 0);

	f->mapping.unevictable = true;
	f->committed = charge ? f->pages : 0;
	vm_committed += (long)f->committed;
	return f;
}

int file_sync(struct file *f)
{
	return 0;
}

struct address_space *file_mapping(struct file *f)
{
	return &f->mapping;
}

struct file *file_for_mmap(int fd, unsigned long prot, unsigned long flags,
			   unsigned long *vm_may)
{
	struct file *f = fd >= 0 && fd < 4 ? host_fd[fd] : NULL;
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;

	if (!f)
		return NULL;
	*vm_may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	if (shared && !f->writable)
		*vm_may &= ~VM_MAYWRITE;
	if (shared && prot & PROT_WRITE && !f->writable)
		*vm_may = -EACCES;
	return get_file(f);
}
