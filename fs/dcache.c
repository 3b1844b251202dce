/* SPDX-License-Identifier: MIT */
/*
 * Names: the tree of dentries and the hash table that finds one by parent and name.
 *
 * A linked dentry is in the hash table and in its parent's list of children, and the tree
 * holds a reference to it; a removed one lives on, unlinked, while somebody uses it.  Of a
 * file system on a disk the tree holds none (`weak`): the disk keeps the names, and a
 * dentry unlinks itself when the last user goes.  Each
 * dentry holds its parent, so a path upwards always exists.  Children are kept in the order
 * of their cookies, the positions that readdir() hands out: they never change while an
 * entry exists, so a directory can be read while it is changed.
 */
#include "internal.h"

#define HASH_BITS	10

static struct dentry *buckets[1 << HASH_BITS];
static struct kmem_cache *dentry_cachep;
unsigned long nr_dentries, names_gone;
struct dentry *root_dentry;

void dcache_init(void)
{
	dentry_cachep = kmem_cache_create("dentry", sizeof(struct dentry), 0, SLAB_PANIC, NULL);
}

/* FNV-1a over the name, the parent's address as the start. */
static u32 name_hash(const struct dentry *parent, const char *name, size_t len)
{
	u32 h = (u32)((unsigned long)parent >> 5) ^ 2166136261u;

	while (len--)
		h = (h ^ (u8)*name++) * 16777619u;
	return h;
}

static struct dentry **bucket_of(u32 hash)
{
	return &buckets[(hash ^ hash >> 16) & ((1 << HASH_BITS) - 1)];
}

static bool set_name(struct dentry *d, const char *name, size_t len)
{
	char *text = d->name_inline;

	if (len >= DNAME_INLINE) {
		text = kmalloc(len + 1, GFP_KERNEL);
		if (!text)
			return false;
	}
	memcpy(text, name, len);
	text[len] = '\0';
	d->name = text;
	d->len = (u32)len;
	return true;
}

static void free_name(const struct dentry *d)
{
	if (d->name != d->name_inline)
		kfree(d->name);
}

struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len)
{
	struct dentry *d = kmem_cache_zalloc(dentry_cachep, GFP_KERNEL);

	if (!d)
		return NULL;
	if (!set_name(d, name, len)) {
		kmem_cache_free(dentry_cachep, d);
		return NULL;
	}
	d->count = 1;
	d->next_cookie = 2;		/* 0 and 1 are "." and ".." */
	INIT_LIST_HEAD(&d->children);
	d->parent = parent ? dget(parent) : d;
	nr_dentries++;
	return d;
}

struct dentry *d_alloc_root(struct inode *inode, const char *fs_name)
{
	struct dentry *d = inode ? d_alloc(NULL, "", 0) : NULL;

	if (!d) {
		iput(inode);
		return NULL;
	}
	d->inode = inode;
	d->fs_name = fs_name;
	return d;
}

void d_instantiate(struct dentry *d, struct inode *inode)
{
	d->inode = inode;
}

/* Out of hash table and list of children. */
static void take_out(struct dentry *d)
{
	struct dentry **p = bucket_of(d->hash);

	while (*p != d)
		p = &(*p)->hash_next;
	*p = d->hash_next;
	list_del(&d->child);
	d->linked = false;
	if (d->inode->alias == d)
		d->inode->alias = NULL;
}

/* The last reference is gone; the parent's may be the last of its own, and so on up. */
void __dput(struct dentry *d)
{
	struct dentry *parent;

	do {
		parent = d->parent == d ? NULL : d->parent;
		if (d->linked && d->weak)
			take_out(d);
		BUG_ON(d->linked);
		iput(d->inode);
		free_name(d);
		kmem_cache_free(dentry_cachep, d);
		nr_dentries--;
		d = parent;
	} while (d && --d->count == 0);
}

struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len)
{
	u32 hash = name_hash(parent, name, len);
	struct dentry *d;

	for (d = *bucket_of(hash); d; d = d->hash_next)
		if (d->hash == hash && d->parent == parent && d->len == len &&
		    !memcmp(d->name, name, len))
			return dget(d);
	return NULL;
}

void d_link(struct dentry *d)
{
	struct dentry **bucket;

	d->hash = name_hash(d->parent, d->name, d->len);
	bucket = bucket_of(d->hash);
	d->hash_next = *bucket;
	*bucket = d;
	d->cookie = d->parent->next_cookie++;
	list_add_tail(&d->child, &d->parent->children);
	d->linked = true;
	d->weak = d->inode->sb;
	if (d->weak)
		d->inode->alias = d;
	else
		d->count++;
}

void d_unlink(struct dentry *d)
{
	take_out(d);
	names_gone++;
	if (!d->weak)
		dput(d);
}

int d_move(struct dentry *d, struct dentry *to, const char *name, size_t len)
{
	struct dentry old = *d, *from = d->parent;

	if (!set_name(d, name, len))
		return -ENOMEM;
	dget(d);
	if (old.name == d->name_inline) {
		/* d_unlink() goes by the hash, not by the name: overwriting it is safe. */
		old.name = NULL;
	}
	d_unlink(d);
	if (old.name)
		kfree(old.name);
	if (to != from) {
		d->parent = dget(to);
		dput(from);
	}
	d_link(d);
	dput(d);
	return 0;
}

bool d_is_below(const struct dentry *d, const struct dentry *top)
{
	for (;;) {
		if (d == top)
			return true;
		if (d->parent != d)
			d = d->parent;
		else if (d->covers)
			d = d->covers;
		else
			return false;
	}
}

struct dentry *d_follow_mount(struct dentry *d)
{
	while (unlikely(d->mounted)) {
		struct dentry *root = dget(d->mounted);

		dput(d);
		d = root;
	}
	return d;
}

/* Is a dentry that is not linked one that was removed? */
static bool keeps_dentries(const struct inode *dir)
{
	return dir->sb || !dir->op || !dir->op->lookup;
}

bool d_is_removed(const struct dentry *d)
{
	return d->parent != d && !d->linked && keeps_dentries(d->parent->inode);
}

char *d_path(const struct dentry *d, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)";
	bool gone = d_is_removed(d);
	char *p = buf + size;

	if (size < sizeof(deleted) + 1)
		return NULL;
	if (gone) {
		p -= sizeof(deleted);
		memcpy(p, deleted, sizeof(deleted));
	} else {
		*--p = '\0';
	}
	if (d == root_dentry)
		*--p = '/';
	while (d != root_dentry) {
		if (d->parent == d) {
			if (!d->covers)
				break;		/* a root that is mounted nowhere */
			d = d->covers;
			continue;
		}
		if ((size_t)(p - buf) < d->len + 1u)
			return NULL;
		p -= d->len;
		memcpy(p, d->name, d->len);
		*--p = '/';
		d = d->parent;
	}
	return p;
}
