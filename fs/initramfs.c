/* SPDX-License-Identifier: MIT */
/*
 * An index of the archives that came with the kernel (include/kernel/initramfs.h).  Files
 * stay where the loader put them; only names are kept.
 */
#include <asm/setup.h>
#include <elf.h>
#include <kernel/cpio.h>
#include <kernel/initramfs.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/slab.h>
#include "internal.h"

#define HASH_SIZE	4096

LIST_HEAD(initramfs_list);
static struct initramfs_file *bucket[HASH_SIZE];
unsigned initramfs_files, initramfs_damaged;

#define OWN_PREFIX	(BITS_PER_LONG == 64 ? "x86_64/" : "i386/")
#define OTHER_PREFIX	(BITS_PER_LONG == 64 ? "i386/" : "x86_64/")

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The directories that hold the trees are not part of any. */
static bool is_tree(const char *name)
{
	return !strcmp(name, "x86_64") || !strcmp(name, "i386") || !strcmp(name, "common");
}

/* FNV-1a, 32 bits. */
static unsigned hash(const char *s)
{
	u32 h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (u8)*s) * 16777619u;
	return h % HASH_SIZE;
}

static struct initramfs_file *find(const char *name)
{
	struct initramfs_file *f = bucket[hash(name)];

	while (f && strcmp(f->name, name))
		f = f->next_hash;
	return f;
}

static int add_file(const struct cpio_entry *entry, void *arg)
{
	const unsigned *archive = arg;
	const char *name = entry->name;
	struct initramfs_file *f;
	bool common = false;

	if (has_prefix(name, OTHER_PREFIX) || is_tree(name))
		return 0;
	if (has_prefix(name, OWN_PREFIX)) {
		name += strlen(OWN_PREFIX);
	} else if (has_prefix(name, "common/")) {
		name += strlen("common/");
		common = true;
	}
	if (!*name || strcmp(name, ".") == 0)
		return 0;
	f = find(name);
	if (!f) {
		f = kzalloc(sizeof(*f), GFP_KERNEL);
		if (!f)
			return -ENOMEM;
		f->name = name;
		f->next_hash = bucket[hash(name)];
		bucket[hash(name)] = f;
		list_add_tail(&f->list, &initramfs_list);
		initramfs_files++;
	} else if (common && !f->common && f->archive == *archive)
		return 0;
	f->common = common;
	f->linked = entry->linked;
	f->archive = *archive;
	f->data = entry->data;
	f->size = entry->size;
	f->mode = entry->mode;
	f->mtime = entry->mtime;
	return 0;
}

static void read_archive(const struct boot_range *where, const char *what, unsigned number)
{
	struct cpio_error error;
	int ret;

	if (!where->size)
		return;
	ret = cpio_for_each(__va(where->base), where->size, add_file, &number, &error);
	if (!ret)
		return;
	initramfs_damaged++;
	if (ret == -EINVAL)
		pr_err("initramfs: %s %u is damaged at byte %lu: %s; the files before it are used, write it again\n",
		       what, number, (unsigned long)error.offset, error.what);
	else
		pr_err("initramfs: %s %u: no memory for its names; the rest is left out\n",
		       what, number);
}

/* What is no program of an archive is left to exec: links, scripts, other file systems. */
static void check_program(const struct inode *inode, const char *path)
{
	const unsigned char *ident = inode->private;
	unsigned long size = inode->private_size;

	if (!S_ISREG_K(inode->mode) || inode->dev != root_dentry->inode->dev ||
	    (size > 2 && !memcmp(ident, "#!", 2))) {
		pr_info("initramfs: %u files, %s is a link, a script or in no archive\n",
			initramfs_files, path);
		return;
	}
	if (size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) ||
	    ident[EI_CLASS] != (BITS_PER_LONG == 64 ? ELFCLASS64 : ELFCLASS32))
		panic("%s is no ELF%d program: the %d-level kernel cannot start it",
		      path, BITS_PER_LONG, PGTABLE_LEVELS);
	pr_info("initramfs: %u files, %s is ELF%d, %lu bytes\n", initramfs_files, path,
		BITS_PER_LONG, size);
}

void initramfs_check_init(const char *path)
{
	struct dentry *d;

	if (kern_path(path, false, &d))
		panic("no %s in the initramfs (%u files): check init=, or add it by an archive \\EFI\\pagewalk\\*.cpio",
		      path, initramfs_files);
	check_program(d->inode, path);
	dput(d);
}

void initramfs_init(void)
{
	unsigned i;

	read_archive(&boot_info->blob[BOOT_BLOB_INITRAMFS].where, "built-in archive", 0);
	for (i = 0; i < boot_info->cpio_count && i < BOOT_MAX_CPIO; i++)
		read_archive(&boot_info->cpio[i], "archive from the stick, number", i + 1);
}
