/* SPDX-License-Identifier: MIT */
/* What the files of fs/ share among themselves. */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <fs/fs.h>
#include <fs/mode.h>
#include <kernel/kernel.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <mm/mm.h>
#include <asm/uaccess.h>

#define MAX_LINKS	40		/* symbolic links in one walk: ELOOP */
#define MAX_TRANSFER	0x7ffff000ul	/* bytes of one read or write, as in Linux */

/* Page numbers are unsigned long: 16 TiB in i386; positions stay positive. */
#define MAX_FILE_SIZE	((loff_k)(BITS_PER_LONG == 64 ? ~0ull >> 1 : 0xffffffffull << PAGE_SHIFT))

/* ---- path walk (namei.c) ----------------------------------------------------------- */

/*
 * A walk.  It stops before the last component: then `dentry` is the directory and `last`
 * the name in it (length 0: there is none, the path is "/").
 */
struct walk {
	struct dentry *dentry;		/* where it stands, with a reference */
	const char *last;		/* inside `rest`'s text, not terminated */
	size_t last_len;
	bool slash;			/* something like "name/": must be a directory */
	const char *rest;
	char *buffer;			/* text after a symbolic link; NULL: caller's text */
	unsigned links;
};

/* Start at dfd (AT_FDCWD: current directory): 0, -ENOENT (empty path), -EBADF, -ENOTDIR. */
int walk_start(struct walk *w, int dfd, const char *path);
int walk_start_at(struct walk *w, struct dentry *at, const char *path);
int walk_parent(struct walk *w);	/* to the last component; 0 or -errno */
/* The last component: *d with a reference, NULL if the name is free or on -errno; or 0. */
int walk_last(struct walk *w, struct dentry **d);
/* Go on at the target of the symbolic link d (drops d): then walk_parent() again. */
int walk_link(struct walk *w, struct dentry *d);
void walk_end(struct walk *w);

/* All of it: *d with a reference, or -errno. */
int path_lookup(int dfd, const char *path, bool follow, struct dentry **d);
/* From user space; AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH count, AT_SYMLINK_FOLLOW does not. */
int user_path(int dfd, const char *path, int at_flags, struct dentry **d);

/* A user's path in kernel memory; 0, -EFAULT, -ENAMETOOLONG, -ENOMEM.  Empty is allowed. */
int getname(const char *user, char **name);
char *name_alloc(void);			/* PATH_MAX_K bytes */
void putname(char *name);

/* Held for writing by whoever changes names. */
extern struct rw_semaphore namespace_sem;

/* ---- dentries (dcache.c) ----------------------------------------------------------- */

void dcache_init(void);
/* A linked child with a reference, or NULL. */
struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len);
void d_link(struct dentry *d);		/* into the tree, which takes a reference */
void d_unlink(struct dentry *d);	/* out of it */
extern unsigned long names_gone;		/* how often that has happened */
/* rename: same parent or other; 0 or -ENOMEM with nothing changed. */
int d_move(struct dentry *d, struct dentry *to, const char *name, size_t len);
bool d_is_below(const struct dentry *d, const struct dentry *top);	/* or top itself */
bool d_is_removed(const struct dentry *d);	/* its name is gone: unlink, rmdir, renamed over */
/* The directory that is seen here: the root of what is mounted.  Reference moves over. */
struct dentry *d_follow_mount(struct dentry *d);

/*
 * mount.c: cover the directory `path` with the tree of `top`, whose reference goes over only
 * on success; -errno as fs_mount().  unmount_root() takes it off; the reference is the
 * caller's again.
 */
int mount_root(const char *path, struct dentry *top);
void unmount_root(struct dentry *top);

/* mount.c: the device of a node; -ENOTBLK: it is none of a block device; -ENXIO: none is there. */
struct block_device;
int node_bdev(const struct inode *inode, struct block_device **bdev);

/* On a file system that is mounted read-only? */
bool is_read_only(const struct inode *inode);

/* ---- inodes (inode.c, icache.c) ------------------------------------------------------ */

void icache_init(void);
/* Unmounting: all inodes but the root go, with their pages.  Nobody uses one (fs/super.c). */
void icache_empty(struct super_block *sb, const struct inode *root);
bool icache_keep(struct inode *inode);
void inode_free(struct inode *inode);	/* count is 0, nobody can find it; may sleep */

/* ---- the rest ---------------------------------------------------------------------- */

void inode_cache_init(void);
void file_cache_init(void);
void fdtable_init(void);
void pipe_init(void);

/* An open file of current that was opened for `mode` (0: any): reference or -EBADF. */
int fget_mode(int fd, unsigned mode, struct file **f);

/* fdtable.c: of current; 0 or 1, -EBADF.  fd_replace(): dup2, the reference goes over if
 * it returns fd; -EBADF, -ENOMEM, -EBUSY. */
int fd_get_cloexec(unsigned fd);
int fd_set_cloexec(unsigned fd, bool on);
int fd_replace(unsigned fd, struct file *f, unsigned flags);

loff_k vfs_llseek(struct file *f, loff_k offset, int whence);
int vfs_truncate(struct inode *inode, loff_k size);	/* 0 or -errno; not the checks */
unsigned current_umask(void);

/* file.c: dentry_open(), without the look at permissions if the caller has made the file. */
int dentry_open_checked(struct dentry *d, unsigned flags, bool created, struct file **f);

/* open.c: with everything that open(2) does; *f with a reference. */
int do_open(int dfd, const char *path, unsigned flags, unsigned mode, struct file **f);

/* Kernel copies of what stat(2) says. */
struct kstat {
	u64 ino, rdev, size, blocks;
	u64 atime_ns, mtime_ns, ctime_ns;
	u32 dev, mode, nlink, uid, gid, blksize;
};
void inode_stat(const struct inode *inode, struct kstat *st);
int user_stat(int dfd, const char *path, int at_flags, struct kstat *st);
int fd_stat(int fd, struct kstat *st);

/* ns to seconds and the rest; a 64-bit division, not for hot paths. */
void ns_split(u64 ns, u64 *sec, u32 *nsec);

/* Pages that a file of this size has, or could have. */
static inline unsigned long inode_pages(const struct inode *inode)
{
	return (unsigned long)((inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/* ramfs.c */
extern const struct inode_operations ramfs_dir_inode_ops;
extern const struct file_operations ramfs_dir_ops;
struct inode *ramfs_inode(unsigned mode, u64 rdev, u32 dev);
int ramfs_truncate(struct inode *inode, loff_k size);
int ramfs_allocate(struct inode *inode, loff_k start, loff_k end);
int ramfs_punch_hole(struct inode *inode, loff_k start, loff_k end);
/* A regular file or symbolic link whose bytes are data[0..size) until it is written. */
void ramfs_set_backing(struct inode *inode, const void *data, unsigned long size);

/*
 * memmount.c: where is absolute; options as mount(8) gives them, or NULL.  0 or -errno.
 * super_sem is held for writing, but when the machine starts.
 */
int mount_tmpfs(const char *where, const char *options);
int mount_proc(const char *where);
int umount_memory(const char *where);		/* -EINVAL: no such mount is there */
struct inode *proc_root_inode(void);		/* proc.c; NULL: no memory */

/* All mounts but the first one, by the `child` of their roots, in the order of mounting. */
extern struct list_head mount_list;

/* devfs.c: the operations of a device node, or of one that does not exist (-ENXIO). */
const struct file_operations *device_ops(unsigned mode, u64 rdev);
/* What opens a block device by its number; they all have the same operations. */
void devfs_set_block_ops(const struct file_operations *op);
void tmpfs_init(void);

/* fat/super.c: make the type known. */
void fat_init(void);
void devfs_init(void);
void initramfs_populate(void);

#endif
