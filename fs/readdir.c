/* SPDX-License-Identifier: MIT */
/*
 * Reading directories: ->iterate hands entries to an actor that packs them into the
 * user's buffer until it is full.  The file position is a cookie, not a byte offset.
 */
#include <linux/stddef.h>
#include "internal.h"

/* Layouts of getdents64() and of getdents(), where the type is the record's last byte. */
struct dirent64_k {
	u64 ino;
	s64 off;
	u16 reclen;
	u8 type;
	char name[];
} __packed;

struct dirent_k {
	unsigned long ino;
	unsigned long off;
	u16 reclen;
	char name[];
};

struct fill {
	struct dir_context ctx;
	char *buf;
	size_t room;
	size_t last;			/* length of the record before, to set its `off` */
	size_t off_field, off_size;	/* where `off` is in a record */
	int err;
};

/* The record before learns where the next one is. */
static bool set_last_off(struct fill *f)
{
	u64 off = (u64)f->ctx.pos;

	return !f->last ||
	       !copy_to_user(f->buf - f->last + f->off_field, &off, f->off_size);
}

static bool store(struct fill *f, const void *head, size_t head_size, const char *name,
		  size_t len, size_t reclen, int tail)
{
	char zero[8] = { 0 };
	size_t rest = reclen - head_size - len;

	if (tail >= 0)
		zero[rest - 1] = (char)tail;
	if (!set_last_off(f) || copy_to_user(f->buf, head, head_size) ||
	    copy_to_user(f->buf + head_size, name, len) ||
	    copy_to_user(f->buf + head_size + len, zero, rest)) {
		f->err = -EFAULT;
		return false;
	}
	f->buf += reclen;
	f->room -= reclen;
	f->last = reclen;
	return true;
}

/* Not even one entry fits: an error. */
static bool no_room(struct fill *f)
{
	if (!f->last)
		f->err = -EINVAL;
	return false;
}

static bool fill64(struct dir_context *ctx, const char *name, size_t len, unsigned long ino,
		   unsigned type)
{
	struct fill *f = container_of(ctx, struct fill, ctx);
	struct dirent64_k d = { .ino = ino, .type = (u8)type };

	d.reclen = (u16)ALIGN(sizeof(d) + len + 1, 8);
	if (d.reclen > f->room)
		return no_room(f);
	return store(f, &d, sizeof(d), name, len, d.reclen, -1);
}

static bool fill_old(struct dir_context *ctx, const char *name, size_t len,
		     unsigned long ino, unsigned type)
{
	struct fill *f = container_of(ctx, struct fill, ctx);
	struct dirent_k d = { .ino = ino };
	size_t head = offsetof(struct dirent_k, name);

	d.reclen = (u16)ALIGN(head + len + 2, sizeof(long));
	if (d.reclen > f->room)
		return no_room(f);
	return store(f, &d, head, name, len, d.reclen, (int)type);
}

static long do_getdents(int fd, void *buf, unsigned size, struct fill *fill)
{
	struct file *f;
	long ret = fget_mode(fd, FMODE_READ, &f);

	if (ret)
		return ret;
	fill->buf = buf;
	fill->room = min_t(size_t, size, MAX_TRANSFER);
	fill->ctx.pos = f->pos;
	if (!f->op->iterate)
		ret = -ENOTDIR;
	else if (!f->inode->nlink)
		ret = -ENOENT;
	else
		ret = f->op->iterate(f, &fill->ctx);
	if (!ret && fill->last) {
		ret = set_last_off(fill) ? fill->buf - (char *)buf : -EFAULT;
		f->pos = fill->ctx.pos;
	} else if (!ret) {
		ret = fill->err;
	}
	fput(f);
	return ret;
}

long sys_getdents64(int fd, void *buf, unsigned size)
{
	struct fill fill = {
		.ctx.actor = fill64,
		.off_field = offsetof(struct dirent64_k, off), .off_size = 8,
	};

	return do_getdents(fd, buf, size, &fill);
}

long sys_getdents(int fd, void *buf, unsigned size)
{
	struct fill fill = {
		.ctx.actor = fill_old,
		.off_field = offsetof(struct dirent_k, off), .off_size = sizeof(long),
	};

	return do_getdents(fd, buf, size, &fill);
}

bool dir_emit_dots(struct file *f, struct dir_context *ctx)
{
	const struct dentry *d = f->dentry;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, d->inode->ino, S_IFDIR >> 12))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		if (!dir_emit(ctx, "..", 2, d->parent->inode->ino, S_IFDIR >> 12))
			return false;
		ctx->pos = 2;
	}
	return true;
}

/* The first child at or behind a cookie, with a reference; NULL. */
static struct dentry *child_from(struct dentry *dir, u64 cookie)
{
	struct dentry *d;

	list_for_each_entry(d, &dir->children, child)
		if (d->cookie >= cookie)
			return dget(d);
	return NULL;
}

/* The actor may sleep, and the directory may change meanwhile. */
static struct dentry *next_child(struct dentry *dir, struct dentry *d, u64 cookie)
{
	struct dentry *next = NULL;

	if (!d->linked || d->parent != dir || d->cookie + 1 != cookie)
		next = child_from(dir, cookie);
	else if (d->child.next != &dir->children)
		next = dget(list_next_entry(d, child));
	dput(d);
	return next;
}

int dcache_readdir(struct file *f, struct dir_context *ctx)
{
	struct dentry *dir = f->dentry, *d;

	if (!dir_emit_dots(f, ctx))
		return 0;
	for (d = child_from(dir, (u64)ctx->pos); d; d = next_child(dir, d, (u64)ctx->pos)) {
		ctx->pos = (loff_k)d->cookie;
		if (!dir_emit(ctx, d->name, d->len, d->inode->ino, d->inode->mode >> 12)) {
			dput(d);
			return 0;
		}
		ctx->pos = (loff_k)d->cookie + 1;
	}
	return 0;
}
