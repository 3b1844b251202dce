/* SPDX-License-Identifier: MIT */
/*
 * From a path to a dentry.
 *
 * A walk goes component by component and always stops before the last one, because what
 * happens to that depends on who asks.  A symbolic link puts its target in front of the
 * rest of the path, in a buffer of the walk's own, and the walk goes on with that text: no
 * recursion, and ELOOP is a count.
 *
 * Looking up does not lock.  Whoever changes names holds namespace_sem for writing from
 * the look at the last component to the change.
 */
#include "internal.h"

struct rw_semaphore namespace_sem = RWSEM_INIT(namespace_sem);

/* ---- texts ------------------------------------------------------------------------- */

char *name_alloc(void)
{
	return kmalloc(PATH_MAX_K, GFP_KERNEL);
}

void putname(char *name)
{
	kfree(name);
}

int getname(const char *user, char **name)
{
	char *text = name_alloc();
	long n;

	if (!text)
		return -ENOMEM;
	n = strncpy_from_user(text, user, PATH_MAX_K);
	if (n < 0 || n == PATH_MAX_K) {
		putname(text);
		return n < 0 ? (int)n : -ENAMETOOLONG;
	}
	*name = text;
	return 0;
}

/* ---- one component ----------------------------------------------------------------- */

static struct dentry *cwd(void)
{
	return current->fs ? current->fs->pwd : root_dentry;
}

static struct dentry *parent_of(struct dentry *d)
{
	while (d->parent == d && d->covers)
		d = d->covers;
	return dget(d->parent);
}

/* A new dentry for an inode that the file system has found (the reference goes over). */
static int dentry_for(struct dentry *dir, const char *name, size_t len, struct inode *inode,
		      struct dentry **d)
{
	*d = d_alloc(dir, name, len);
	if (!*d) {
		iput(inode);
		return -ENOMEM;
	}
	if (inode->alias) {
		dput(*d);
		*d = dget(inode->alias);
		iput(inode);
		return 0;
	}
	d_instantiate(*d, inode);
	if (inode->sb)
		d_link(*d);
	return 0;
}

/*
 * Ask the file system.  The dentry that it gets is in nobody's table; but on a disk inodes
 * stay the same while they are used, and so do their dentries: one for each, whatever
 * spelling of the name it was found by.  It may sleep, and a name go away meanwhile: then
 * the dentry could be linked for ever, so ask again.
 */
static int lookup_inode(struct dentry *dir, const char *name, size_t len, struct dentry **d)
{
	unsigned long changes;
	struct inode *inode;
	int err;

	for (;;) {
		*d = NULL;
		changes = names_gone;
		err = dir->inode->op->lookup(dir->inode, name, len, &inode);
		if (err)
			return err == -ENOENT ? 0 : err;
		err = dentry_for(dir, name, len, inode, d);
		if (err || !inode->sb || changes == names_gone)
			return err;
		dput(*d);
	}
}

/* *d NULL: no such name. */
static int lookup_component(struct dentry *dir, const char *name, size_t len,
			    struct dentry **d)
{
	int err = 0;

	if (name[0] == '.' && len == 1) {
		*d = dget(dir);
		return 0;
	}
	if (name[0] == '.' && name[1] == '.' && len == 2) {
		*d = parent_of(dir);
		return 0;
	}
	*d = dir->inode->op->lookup && !dir->inode->sb ? NULL : d_lookup(dir, name, len);
	if (!*d && dir->inode->op->lookup)
		err = lookup_inode(dir, name, len, d);
	if (*d)
		*d = d_follow_mount(*d);
	return err;
}

/* ---- walks ------------------------------------------------------------------------- */

int walk_start_at(struct walk *w, struct dentry *at, const char *path)
{
	*w = (struct walk){ .rest = path };
	if (!*path)
		return -ENOENT;
	w->dentry = dget(*path == '/' ? root_dentry : at);
	return 0;
}

int walk_start(struct walk *w, int dfd, const char *path)
{
	struct file *f;

	if (dfd == AT_FDCWD || *path == '/')
		return walk_start_at(w, cwd(), path);
	*w = (struct walk){ .rest = path };
	f = fd_file(dfd);
	if (!f)
		return -EBADF;
	if (!f->dentry || !S_ISDIR_K(f->inode->mode))
		return -ENOTDIR;
	return walk_start_at(w, f->dentry, path);
}

void walk_end(struct walk *w)
{
	dput(w->dentry);
	putname(w->buffer);
}

static void walk_to(struct walk *w, struct dentry *d)
{
	dput(w->dentry);
	w->dentry = d;
}

int walk_link(struct walk *w, struct dentry *d)
{
	const struct inode_operations *op = d->inode->op;
	char *text = NULL;
	size_t rest = strlen(w->rest);
	int n = -ELOOP;

	if (++w->links > MAX_LINKS)
		goto fail;
	text = name_alloc();
	n = -ENOMEM;
	if (!text)
		goto fail;
	n = op && op->readlink ? op->readlink(d->inode, text, PATH_MAX_K) : -EINVAL;
	if (n <= 0) {
		n = n ? n : -ENOENT;
		goto fail;
	}
	if (n + 1 + rest + 1 > PATH_MAX_K) {
		n = -ENAMETOOLONG;
		goto fail;
	}
	if (w->slash || rest)
		text[n++] = '/';
	memcpy(text + n, w->rest, rest + 1);
	putname(w->buffer);
	w->buffer = text;
	w->rest = text;
	w->slash = false;
	if (*text == '/')
		walk_to(w, dget(root_dentry));
	dput(d);
	return 0;
fail:
	putname(text);
	dput(d);
	return n;
}

/* The next component of the text, and whether it is the last one. */
static int next_component(struct walk *w)
{
	const char *p = w->rest;

	while (*p == '/')
		p++;
	w->last = p;
	while (*p && *p != '/')
		p++;
	w->last_len = (size_t)(p - w->last);
	w->slash = *p == '/';
	while (*p == '/')
		p++;
	w->rest = p;
	return w->last_len > NAME_MAX_K ? -ENAMETOOLONG : 0;
}

int walk_parent(struct walk *w)
{
	struct dentry *d;
	int err;

	for (;;) {
		err = next_component(w);
		if (err)
			return err;
		if (!S_ISDIR_K(w->dentry->inode->mode))
			return -ENOTDIR;
		err = inode_permission(w->dentry->inode, MAY_EXEC);
		if (err || !*w->rest)
			return err;
		err = lookup_component(w->dentry, w->last, w->last_len, &d);
		if (err)
			return err;
		if (!d)
			return -ENOENT;
		if (S_ISLNK_K(d->inode->mode)) {
			err = walk_link(w, d);
			if (err)
				return err;
		} else {
			walk_to(w, d);
		}
	}
}

int walk_last(struct walk *w, struct dentry **d)
{
	unsigned mode;
	int err;

	if (!w->last_len) {
		*d = dget(w->dentry);
		return 0;
	}
	err = lookup_component(w->dentry, w->last, w->last_len, d);
	if (err || !*d)
		return err;
	mode = (*d)->inode->mode;
	if (w->slash && !S_ISDIR_K(mode) && !S_ISLNK_K(mode)) {
		dput(*d);
		*d = NULL;
		return -ENOTDIR;
	}
	return 0;
}

static int walk_all(struct walk *w, bool follow, struct dentry **d)
{
	int err;

	for (;;) {
		err = walk_parent(w);
		if (!err)
			err = walk_last(w, d);
		if (err)
			return err;
		if (!*d)
			return -ENOENT;
		if (!S_ISLNK_K((*d)->inode->mode) || !(follow || w->slash))
			return 0;
		err = walk_link(w, *d);
		if (err)
			return err;
	}
}

int path_lookup(int dfd, const char *path, bool follow, struct dentry **d)
{
	struct walk w;
	int err = walk_start(&w, dfd, path);

	if (!err)
		err = walk_all(&w, follow, d);
	walk_end(&w);
	return err;
}

int kern_path(const char *path, bool follow, struct dentry **d)
{
	struct walk w;
	int err = walk_start_at(&w, root_dentry, path);

	if (!err)
		err = walk_all(&w, follow, d);
	walk_end(&w);
	return err;
}

/* AT_EMPTY_PATH: the descriptor itself, if it has a name. */
static int fd_dentry(int dfd, struct dentry **d)
{
	struct file *f;

	if (dfd == AT_FDCWD) {
		*d = dget(cwd());
		return 0;
	}
	f = fd_file(dfd);
	if (!f)
		return -EBADF;
	if (!f->dentry)
		return -ENOTDIR;
	*d = dget(f->dentry);
	return 0;
}

int user_path(int dfd, const char *path, int at_flags, struct dentry **d)
{
	char *name;
	int err = getname(path, &name);

	if (err)
		return err;
	if (!*name && (at_flags & AT_EMPTY_PATH))
		err = fd_dentry(dfd, d);
	else
		err = path_lookup(dfd, name, !(at_flags & AT_SYMLINK_NOFOLLOW), d);
	putname(name);
	return err;
}
