/* SPDX-License-Identifier: MIT */
/*
 * mount(2) and umount(2) of file systems that live in memory: tmpfs, with a limit of its own
 * (size=), and procfs, as often as somebody wants.
 *
 * Everything in such a tree hangs on its dentries: who uses something of it holds one, or an
 * open file that does.  So a tree in which every dentry is only held by the tree is nobody's.
 */
#include <kernel/ctype.h>
#include <fs/mode.h>
#include "internal.h"

#define FIRST_DEV	256u		/* numbers of these mounts: above those of disks */

/* ---- options of tmpfs ---------------------------------------------------------------- */

struct tmpfs_options {
	unsigned long pages;
	unsigned mode;
};

/* "10M", "50%": to the end or a comma. */
static const char *parse_size(const char *s, unsigned long *pages)
{
	u64 n = 0;
	int shift = 0;

	if (!isdigit(*s))
		return NULL;
	for (; isdigit(*s); s++)
		n = n < 1ull << 40 ? n * 10 + (u64)(*s - '0') : n;
	if (*s == '%') {
		*pages = (unsigned long)(n > 100 ? totalram_pages : totalram_pages * n / 100);
		return s + 1;
	}
	switch (*s | 0x20) {
	case 'k': shift = 10; break;
	case 'm': shift = 20; break;
	case 'g': shift = 30; break;
	}
	n = min_t(u64, n, ~0ull >> (shift + 1));
	n = ((n << shift) + PAGE_SIZE - 1) >> PAGE_SHIFT;
	*pages = n > totalram_pages ? totalram_pages : (unsigned long)n;
	return shift ? s + 1 : s;
}

static const char *parse_mode(const char *s, unsigned *mode)
{
	if (*s < '0' || *s > '7')
		return NULL;
	for (*mode = 0; *s >= '0' && *s <= '7'; s++)
		*mode = (*mode << 3 | (unsigned)(*s - '0')) & 07777;
	return s;
}

static int parse_options(const char *s, struct tmpfs_options *o)
{
	while (s && *s) {
		if (strncmp(s, "size=", 5) == 0)
			s = parse_size(s + 5, &o->pages);
		else if (strncmp(s, "mode=", 5) == 0)
			s = parse_mode(s + 5, &o->mode);
		else
			return -EINVAL;
		if (!s || (*s && *s != ','))
			return -EINVAL;
		s += *s == ',';
	}
	return 0;
}

/* ---- mount --------------------------------------------------------------------------- */

static u32 next_dev(void)
{
	static u32 dev = FIRST_DEV;

	return dev++;
}

int mount_tmpfs(const char *where, const char *options)
{
	struct tmpfs_options o = { .pages = totalram_pages / 2, .mode = 01777 };
	struct page_quota *quota;
	struct inode *root;
	int err = parse_options(options, &o);

	if (err)
		return err;
	quota = kzalloc(sizeof(*quota), GFP_KERNEL);
	root = quota ? ramfs_inode(S_IFDIR | o.mode, 0, next_dev()) : NULL;
	if (!root) {
		kfree(quota);
		return -ENOMEM;
	}
	quota->limit = o.pages;
	root->mapping.quota = quota;
	root->private = quota;		/* says that it goes with the mount */
	err = fs_mount(where, root, "tmpfs");
	if (err)
		kfree(quota);
	return err;
}

int mount_proc(const char *where)
{
	struct inode *root = proc_root_inode();

	return root ? fs_mount(where, root, "proc") : -ENOMEM;
}

/* ---- umount -------------------------------------------------------------------------- */

/* The next dentry of the tree below `top`, each before what is in it; NULL: that was all. */
static struct dentry *next_below(struct dentry *d, const struct dentry *top)
{
	if (!list_empty(&d->children))
		return list_first_entry(&d->children, struct dentry, child);
	while (d != top && list_is_last(&d->child, &d->parent->children))
		d = d->parent;
	return d == top ? NULL : list_next_entry(d, child);
}

/* Somebody besides the tree holds it: one reference of the tree, one of each child. */
static bool is_used(const struct dentry *d)
{
	const struct dentry *c;
	int own = 1;

	list_for_each_entry(c, &d->children, child)
		own++;
	return d->count != own;
}

static bool tree_is_used(struct dentry *top)
{
	struct dentry *d;

	for (d = top; d; d = next_below(d, top))
		if (is_used(d))
			return true;
	return false;
}

/* Nobody can find it any more. */
static void free_tree(struct dentry *top)
{
	struct dentry *d = top;

	while (!list_empty(&top->children)) {
		d = list_first_entry(&top->children, struct dentry, child);
		while (!list_empty(&d->children))
			d = list_first_entry(&d->children, struct dentry, child);
		d_unlink(d);
	}
}

int umount_memory(const char *where)
{
	struct page_quota *quota;
	struct dentry *top;
	int err = kern_path(where, true, &top);

	if (err)
		return err;
	dput(top);			/* the mount holds it, and super_sem the mount */
	if (top->parent != top || top == root_dentry || top->inode->sb)
		return -EINVAL;
	if (tree_is_used(top))
		return -EBUSY;
	quota = top->inode->private == top->inode->mapping.quota ? top->inode->private : NULL;
	unmount_root(top);
	free_tree(top);
	dput(top);
	kfree(quota);
	return 0;
}
