/* SPDX-License-Identifier: MIT */
/*
 * The interpreter that a program names in PT_INTERP, its dynamic linker (gABI chapter 5,
 * "program interpreter"): a second ELF file in the same address space.  It is entered in
 * place of the program and finds the program by the auxiliary vector.
 *
 * The kernel's part ends here: shared libraries are files that the linker maps, and whoever
 * maps the same file has the same pages.
 */
#include <fs/exec.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/mman.h>

/* The name, NUL-terminated, in a buffer of INTERP_MAX; 0 or -errno. */
static int read_name(const struct binprm *b, char *name)
{
	long n = kernel_read(b->file, name, b->image.interp_size,
			     (loff_k)b->image.interp_offset);

	if (n < 0)
		return (int)n;
	if (n != (long)b->image.interp_size || name[n - 1] || strlen(name) + 1 != (size_t)n)
		return -ENOEXEC;
	return 0;
}

static int open_and_check(struct binprm *b, struct binprm *interp, const char *name)
{
	int ret = bprm_open(interp, name);

	if (ret) {
		pr_notice("exec: %s: its dynamic linker %s cannot be opened (error %d)\n",
			  b->filename, name, -ret);
		return ret;
	}
	ret = elf_check(interp->head, interp->head_size, (u64)interp->file->inode->size,
			TASK_SIZE, &interp->image);
	if (!ret)
		return 0;
	pr_notice("exec: %s: its dynamic linker %s: %s\n", b->filename, name,
		  interp->image.why ? interp->image.why : "it is no program");
	bprm_close(interp);
	return -ELIBBAD;
}

int interp_prepare(struct binprm *b)
{
	char *name;
	int ret;

	if (!b->image.interp_size)
		return 0;
	name = kmalloc(INTERP_MAX, GFP_KERNEL);
	b->interp = kzalloc(sizeof(*b->interp), GFP_KERNEL);
	ret = name && b->interp ? read_name(b, name) : -ENOMEM;
	if (!ret)
		ret = open_and_check(b, b->interp, name);
	if (ret) {
		kfree(b->interp);
		b->interp = NULL;
	}
	kfree(name);
	return ret;
}

void interp_close(struct binprm *b)
{
	if (!b->interp)
		return;
	bprm_close(b->interp);
	kfree(b->interp);
	b->interp = NULL;
}

int interp_place(struct binprm *b)
{
	struct mm_struct *mm = current->mm;
	struct elf_image *image = &b->interp->image;
	unsigned long len = image->high - image->low, at;
	int ret = 0;

	if (!image->movable)
		return 0;
	down_write(&mm->mmap_sem);
	at = do_mmap(NULL, 0, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0);
	if (IS_ERR_VALUE(at))
		ret = (int)at;
	else
		ret = do_munmap(mm, at, len);
	up_write(&mm->mmap_sem);
	if (!ret)
		elf_move(image, at);
	return ret;
}
