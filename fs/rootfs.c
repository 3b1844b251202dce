/* SPDX-License-Identifier: MIT */
/*
 * The first tree: a ramfs with a name for every file of the initramfs, whose bytes stay in
 * the archive until somebody reads them.  What is made there later shares a limit, so that
 * no file takes the memory that is needed to remove it.
 */
#include <kernel/initramfs.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "internal.h"

/* Of new files; those of the archive can be read again, and do not count. */
static struct page_quota rootfs_quota = { .limit = ~0ul };

/* Directories above the last component that the archive forgot. */
static void make_parents(char *path)
{
	char *p;

	for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		kern_mkdir(path, 0755);
		*p = '/';
	}
}

/* The first name of each file that may have several, by the place of its contents. */
#define LINKED_HASH	1024
static struct initramfs_file *linked[LINKED_HASH];

/* The name under which the file of this entry exists already, or NULL. */
static const char *other_name(struct initramfs_file *entry)
{
	struct initramfs_file **first = &linked[((unsigned long)entry->data >> 2) % LINKED_HASH];
	const struct initramfs_file *f;

	if (!entry->linked || !entry->size)
		return NULL;
	for (f = *first; f; f = f->next_linked)
		if (f->data == entry->data)
			return f->name;
	entry->next_linked = *first;
	*first = entry;
	return NULL;
}

static int make_file(struct initramfs_file *entry, const char *path)
{
	const char *other = other_name(entry);
	int err = other ? kern_link(other, path) : -ENOENT;

	return err == -ENOENT ? kern_mknod(path, entry->mode, 0) : err;
}

static int make_entry(struct initramfs_file *entry, const char *path)
{
	switch (entry->mode & S_IFMT) {
	case S_IFDIR:
		return kern_mkdir(path, entry->mode & 07777);
	case S_IFLNK:
		return kern_symlink("?", path);
	case S_IFREG:
		return make_file(entry, path);
	}
	return -EOPNOTSUPP;		/* devices: devfs makes its own */
}

/* What the archive says of the inode. */
static void set_inode(struct inode *inode, const struct initramfs_file *entry)
{
	inode->mode = (inode->mode & S_IFMT) | (entry->mode & 07777);
	inode->uid = inode->gid = 0;
	inode->mtime_ns = inode->ctime_ns = inode->atime_ns = entry->mtime * NSEC_PER_SEC;
	if (S_ISDIR_K(inode->mode))
		return;
	if (S_ISLNK_K(inode->mode))
		inode->op->evict(inode);
	inode->mapping.quota = NULL;
	ramfs_set_backing(inode, entry->data, entry->size);
}

static int add_entry(struct initramfs_file *entry, char *path)
{
	struct dentry *d;
	int err;

	if (strlen(entry->name) + 2 > PATH_MAX_K)
		return -ENAMETOOLONG;
	path[0] = '/';
	strlcpy(path + 1, entry->name, PATH_MAX_K - 1);
	make_parents(path);
	err = make_entry(entry, path);
	if (err == -EOPNOTSUPP)
		return 0;
	if (err && err != -EEXIST)
		return err;
	err = kern_path(path, false, &d);
	if (err)
		return err;
	if ((d->inode->mode ^ entry->mode) & S_IFMT)
		err = -EEXIST;
	else
		set_inode(d->inode, entry);
	dput(d);
	return err;
}

void initramfs_populate(void)
{
	struct initramfs_file *entry;
	char *path = name_alloc();
	int err;

	if (!path)
		panic("no memory to read the initramfs: the machine needs more RAM");
	root_dentry->inode->mapping.quota = &rootfs_quota;
	list_for_each_entry(entry, &initramfs_list, list) {
		err = add_entry(entry, path);
		if (err)
			pr_warn("initramfs: /%s is left out (error %d): check the archives\n",
				entry->name, -err);
	}
	putname(path);
	rootfs_quota.limit = nr_free_pages() / 2;	/* as Linux's rootfs, which is a tmpfs */
}
