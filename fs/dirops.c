/* SPDX-License-Identifier: MIT */
/*
 * Making, removing, renaming names.  Each call walks to the directory, takes
 * namespace_sem, looks at the last component, and changes the tree before it lets go.
 */
#include "internal.h"

/* A walk that stands before the last component of a user's path. */
static int start_user_walk(struct walk *w, char **name, int dfd, const char *path)
{
	int err = getname(path, name);

	if (err)
		return err;
	err = walk_start(w, dfd, *name);
	if (!err)
		err = walk_parent(w);
	if (!err)
		return 0;
	walk_end(w);
	putname(*name);
	return err;
}

static void end_user_walk(struct walk *w, char *name)
{
	walk_end(w);
	putname(name);
}

static bool is_dots(const struct walk *w)
{
	return w->last[0] == '.' &&
	       (w->last_len == 1 || (w->last_len == 2 && w->last[1] == '.'));
}

static int may_change(const struct inode *dir)
{
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/* /proc keeps what it has. */
static bool is_fixed(const struct inode *dir)
{
	return dir->op->lookup && !dir->sb;
}

/* Sticky directories: only who owns the file or the directory may take a name away. */
static int may_remove(const struct inode *dir, const struct inode *inode)
{
	int err = may_change(dir);

	if (!err && dir->mode & S_ISVTX && current->euid != inode->uid &&
	    current->euid != dir->uid && !capable(CAP_FOWNER))
		err = -EPERM;
	return err;
}

/* ---- making ------------------------------------------------------------------------ */

/* What is made: one of directory, device node, symbolic link. */
struct making {
	unsigned mode;			/* with S_IF* */
	u64 rdev;
	const char *target;
};

static int make_inode(struct inode *dir, struct dentry *d, const struct making *m)
{
	const struct inode_operations *op = dir->op;
	int err = -EPERM;

	switch (m->mode & S_IFMT) {
	case S_IFDIR:
		if (op->mkdir)
			err = op->mkdir(dir, d, m->mode & 07777);
		if (!err && !dir->sb)	/* FAT does not count */
			dir->nlink++;
		return err;
	case S_IFLNK:
		return op->symlink ? op->symlink(dir, d, m->target) : err;
	case S_IFREG:
		return op->create ? op->create(dir, d, m->mode & 07777) : err;
	default:
		return op->mknod ? op->mknod(dir, d, m->mode, m->rdev) : err;
	}
}

/* namespace_sem is held. */
static int make_last(struct walk *w, const struct making *m)
{
	struct inode *dir = w->dentry->inode;
	struct dentry *d;
	int err = walk_last(w, &d);

	if (err)
		return err == -ENOTDIR ? -EEXIST : err;
	if (d) {
		dput(d);
		return -EEXIST;
	}
	if (w->slash && !S_ISDIR_K(m->mode))
		return -ENOENT;
	err = is_read_only(dir) ? -EROFS : may_change(dir);
	if (!err && dir->sealed_dir)
		err = -ENOENT;
	if (err)
		return err;
	d = d_alloc(w->dentry, w->last, w->last_len);
	if (!d)
		return -ENOMEM;
	err = make_inode(dir, d, m);
	if (!err)
		d_link(d);
	dput(d);
	return err;
}

static int make_walk(struct walk *w, const struct making *m)
{
	int err;

	down_write(&namespace_sem);
	err = make_last(w, m);
	up_write(&namespace_sem);
	return err;
}

static long make_user(int dfd, const char *path, const struct making *m)
{
	struct walk w;
	char *name;
	int err = start_user_walk(&w, &name, dfd, path);

	if (err)
		return err;
	err = make_walk(&w, m);
	end_user_walk(&w, name);
	return err;
}

static int make_kernel(const char *path, const struct making *m)
{
	struct walk w;
	int err = walk_start_at(&w, root_dentry, path);

	if (!err)
		err = walk_parent(&w);
	if (!err)
		err = make_walk(&w, m);
	walk_end(&w);
	return err;
}

int kern_mkdir(const char *path, unsigned mode)
{
	return make_kernel(path, &(struct making){ .mode = S_IFDIR | mode });
}

int kern_mknod(const char *path, unsigned mode, u64 rdev)
{
	return make_kernel(path, &(struct making){ .mode = mode, .rdev = rdev });
}

int kern_symlink(const char *target, const char *path)
{
	return make_kernel(path, &(struct making){ .mode = S_IFLNK, .target = target });
}

long sys_mkdirat(int dfd, const char *path, unsigned mode)
{
	mode = S_IFDIR | (mode & 01777 & ~current_umask());
	return make_user(dfd, path, &(struct making){ .mode = mode });
}

long sys_mkdir(const char *path, unsigned mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dfd, const char *path, unsigned mode, unsigned dev)
{
	struct making m = { .mode = mode & ~current_umask(), .rdev = dev };

	if (!(mode & S_IFMT))
		m.mode |= S_IFREG;
	switch (m.mode & S_IFMT) {
	case S_IFREG:
		break;
	case S_IFCHR:
	case S_IFBLK:
		if (!capable(CAP_MKNOD))
			return -EPERM;
		break;
	case S_IFIFO:			/* named pipes and sockets: not here */
	case S_IFSOCK:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	return make_user(dfd, path, &m);
}

long sys_mknod(const char *path, unsigned mode, unsigned dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_symlinkat(const char *target, int dfd, const char *path)
{
	struct making m = { .mode = S_IFLNK };
	char *text;
	long err = getname(target, &text);

	if (err)
		return err;
	m.target = text;
	err = *text ? make_user(dfd, path, &m) : -ENOENT;
	putname(text);
	return err;
}

long sys_symlink(const char *target, const char *path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

long sys_readlinkat(int dfd, const char *path, char *buf, int size)
{
	const struct inode_operations *op;
	struct dentry *d;
	char *text;
	long n;

	if (size <= 0)
		return -EINVAL;
	n = user_path(dfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &d);
	if (n)
		return n;
	op = d->inode->op;
	text = name_alloc();
	if (!text)
		n = -ENOMEM;
	else if (!S_ISLNK_K(d->inode->mode) || !op->readlink)
		n = -EINVAL;
	else
		n = op->readlink(d->inode, text, min_t(size_t, (size_t)size, PATH_MAX_K));
	if (n > 0 && copy_to_user(buf, text, (size_t)n))
		n = -EFAULT;
	putname(text);
	dput(d);
	return n;
}

long sys_readlink(const char *path, char *buf, int size)
{
	return sys_readlinkat(AT_FDCWD, path, buf, size);
}

/* A second name for an inode; namespace_sem is held. */
static int link_last(struct walk *w, struct dentry *old)
{
	struct inode *dir = w->dentry->inode;
	struct dentry *d;
	int err = walk_last(w, &d);

	if (err)
		return err;
	if (d) {
		dput(d);
		return -EEXIST;
	}
	if (w->slash)
		return -ENOENT;
	if (S_ISDIR_K(old->inode->mode))
		return -EPERM;
	if (dir->dev != old->inode->dev || (dir->op->lookup && !dir->sb))
		return -EXDEV;
	if (dir->sb)
		return -EPERM;		/* FAT has one name for a file */
	err = may_change(dir);
	if (!err && (dir->sealed_dir || !old->inode->nlink))
		err = -ENOENT;
	if (err)
		return err;
	d = d_alloc(w->dentry, w->last, w->last_len);
	if (!d)
		return -ENOMEM;
	d_instantiate(d, iget(old->inode));
	old->inode->nlink++;
	d_link(d);
	dput(d);
	return 0;
}

static int link_locked(struct walk *w, struct dentry *old)
{
	int err;

	down_write(&namespace_sem);
	err = link_last(w, old);
	up_write(&namespace_sem);
	return err;
}

int kern_link(const char *old, const char *path)
{
	struct dentry *d;
	struct walk w;
	int err = kern_path(old, false, &d);

	if (err)
		return err;
	err = walk_start_at(&w, root_dentry, path);
	if (!err)
		err = walk_parent(&w);
	if (!err)
		err = link_locked(&w, d);
	walk_end(&w);
	dput(d);
	return err;
}

long sys_linkat(int olddfd, const char *old, int newdfd, const char *new, int flags)
{
	struct dentry *d;
	struct walk w;
	char *name;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flags & AT_SYMLINK_FOLLOW))
		flags |= AT_SYMLINK_NOFOLLOW;
	err = user_path(olddfd, old, flags, &d);
	if (err)
		return err;
	err = start_user_walk(&w, &name, newdfd, new);
	if (!err) {
		err = link_locked(&w, d);
		end_user_walk(&w, name);
	}
	dput(d);
	return err;
}

long sys_link(const char *old, const char *new)
{
	return sys_linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

/* ---- removing ---------------------------------------------------------------------- */

/* The name goes; namespace_sem is held. */
static void remove_name(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d->inode;

	if (S_ISDIR_K(inode->mode)) {
		inode->nlink = 0;
		inode->sealed_dir = true;
		dir->nlink -= !dir->sb;
	} else {
		inode->nlink--;
	}
	dir->mtime_ns = dir->ctime_ns = inode->ctime_ns = fs_now_ns();
	mark_inode_dirty(dir);
	d_unlink(d);
}

/* The same, on the disk first. */
static int remove_entry(struct inode *dir, struct dentry *d)
{
	const struct inode_operations *op = dir->op;
	int err = 0;

	if (dir->sb)
		err = S_ISDIR_K(d->inode->mode) ? op->rmdir(dir, d) : op->unlink(dir, d);
	if (!err)
		remove_name(dir, d);
	return err;
}

static int check_remove(const struct inode *dir, const struct dentry *d, bool want_dir,
			bool slash)
{
	bool is_dir = S_ISDIR_K(d->inode->mode);
	int err;

	if (is_fixed(dir))
		return -EPERM;
	if (is_read_only(dir))
		return -EROFS;
	if (d->parent == d)
		return want_dir ? -EBUSY : -EISDIR;	/* something is mounted here */
	if (want_dir && !is_dir)
		return -ENOTDIR;
	if (!want_dir && is_dir)
		return -EISDIR;
	if (!want_dir && slash)
		return -ENOTDIR;
	err = may_remove(dir, d->inode);
	if (err)
		return err;
	return is_dir && !list_empty(&d->children) ? -ENOTEMPTY : 0;
}

static int remove_last(struct walk *w, bool want_dir)
{
	struct inode *dir = w->dentry->inode;
	struct dentry *d;
	int err = walk_last(w, &d);

	if (err)
		return err;
	if (!d)
		return -ENOENT;
	err = check_remove(dir, d, want_dir, w->slash);
	if (!err)
		err = remove_entry(dir, d);
	dput(d);
	return err;
}

static long remove_user(int dfd, const char *path, bool want_dir)
{
	struct walk w;
	char *name;
	int err = start_user_walk(&w, &name, dfd, path);

	if (err)
		return err;
	if (!w.last_len) {
		err = want_dir ? -EBUSY : -EISDIR;
	} else if (is_dots(&w)) {
		err = !want_dir ? -EISDIR : w.last_len == 1 ? -EINVAL : -ENOTEMPTY;
	} else {
		down_write(&namespace_sem);
		err = remove_last(&w, want_dir);
		up_write(&namespace_sem);
	}
	end_user_walk(&w, name);
	return err;
}

long sys_unlinkat(int dfd, const char *path, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_user(dfd, path, flags & AT_REMOVEDIR);
}

long sys_unlink(const char *path)
{
	return remove_user(AT_FDCWD, path, false);
}

long sys_rmdir(const char *path)
{
	return remove_user(AT_FDCWD, path, true);
}

/* ---- renaming ---------------------------------------------------------------------- */

#define RENAME_NOREPLACE_K	1u

/* May `from` take the place of `to` (NULL: a free name)? */
static int check_rename(const struct walk *a, struct dentry *from, const struct walk *b,
			struct dentry *to)
{
	struct inode *olddir = a->dentry->inode, *newdir = b->dentry->inode;
	bool dir = S_ISDIR_K(from->inode->mode);
	int err;

	if (olddir->dev != newdir->dev)
		return -EXDEV;
	if (is_fixed(olddir))
		return -EPERM;
	if (is_read_only(olddir))
		return -EROFS;
	if (from->parent == from || (to && to->parent == to))
		return -EBUSY;
	if (!dir && (a->slash || b->slash))
		return -ENOTDIR;
	if (dir && d_is_below(b->dentry, from))
		return -EINVAL;
	if (newdir->sealed_dir)
		return -ENOENT;
	err = may_remove(olddir, from->inode);
	if (!err)
		err = to ? may_remove(newdir, to->inode) : may_change(newdir);
	if (err || !to)
		return err;
	if (S_ISDIR_K(to->inode->mode) != dir)
		return dir ? -ENOTDIR : -EISDIR;
	return dir && !list_empty(&to->children) ? -ENOTEMPTY : 0;
}

/* Where names match in spite of their case, a rename may be about that. */
static bool only_spelling(const struct dentry *from, const struct walk *b)
{
	return from->inode->sb &&
	       (from->len != b->last_len || memcmp(from->name, b->last, b->last_len));
}

static int do_rename(const struct walk *a, struct dentry *from, const struct walk *b,
		     struct dentry *to)
{
	struct inode *olddir = a->dentry->inode, *newdir = b->dentry->inode;
	int err;

	if (to && to->inode == from->inode && !only_spelling(from, b))
		return 0;		/* two names of one file: nothing happens */
	if (to && to->inode == from->inode)
		to = NULL;
	if (to && d_is_below(a->dentry, to))
		return -ENOTEMPTY;
	err = check_rename(a, from, b, to);
	if (!err && olddir->sb)
		err = olddir->op->rename(olddir, from, newdir, b->last, b->last_len, to);
	if (err)
		return err;
	err = d_move(from, b->dentry, b->last, b->last_len);
	if (err && olddir->sb)
		d_unlink(from);		/* it will be looked up under its new name */
	else if (err)
		return err;
	if (to)
		remove_name(newdir, to);
	if (S_ISDIR_K(from->inode->mode) && !olddir->sb) {
		olddir->nlink--;
		newdir->nlink++;
	}
	olddir->mtime_ns = newdir->mtime_ns = from->inode->ctime_ns = fs_now_ns();
	return 0;
}

static int rename_locked(struct walk *a, struct walk *b, unsigned flags)
{
	struct dentry *from, *to = NULL;
	int err = walk_last(a, &from);

	if (err)
		return err;
	if (!from)
		return -ENOENT;
	err = walk_last(b, &to);
	if (!err && to && flags & RENAME_NOREPLACE_K)
		err = -EEXIST;
	else if (!err)
		err = do_rename(a, from, b, to);
	dput(to);
	dput(from);
	return err;
}

static int rename_walks(struct walk *a, struct walk *b, unsigned flags)
{
	int err;

	if (!a->last_len || !b->last_len || is_dots(a) || is_dots(b))
		return -EBUSY;
	down_write(&namespace_sem);
	err = rename_locked(a, b, flags);
	up_write(&namespace_sem);
	return err;
}

long sys_renameat2(int olddfd, const char *old, int newdfd, const char *new, unsigned flags)
{
	struct walk a, b;
	char *aname, *bname;
	int err;

	if (flags & ~RENAME_NOREPLACE_K)
		return -EINVAL;
	err = start_user_walk(&a, &aname, olddfd, old);
	if (err)
		return err;
	err = start_user_walk(&b, &bname, newdfd, new);
	if (!err) {
		err = rename_walks(&a, &b, flags);
		end_user_walk(&b, bname);
	}
	end_user_walk(&a, aname);
	return err;
}

long sys_renameat(int olddfd, const char *old, int newdfd, const char *new)
{
	return sys_renameat2(olddfd, old, newdfd, new, 0);
}

long sys_rename(const char *old, const char *new)
{
	return sys_renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}
