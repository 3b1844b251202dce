/* SPDX-License-Identifier: MIT */
/*
 * Files: inodes, names, open files (fs/).  A small VFS in the classic shape (Love ch. 13):
 *
 *	inode	a file: what it is, its data or its driver.  Referenced by dentries and by
 *		open files without a name; the last iput() frees it.
 *	dentry	a name in a directory.  In memory file systems (ramfs, devfs) the tree holds
 *		one reference to each linked dentry, and the dentry one to its inode; file
 *		systems on disks have a dentry linked while somebody uses it, one for each
 *		inode; others with ->lookup (procfs) get a dentry for each walk, which dies
 *		with it.
 *	file	an open file: mode, position; shared by dup() and fork().
 *
 * One processor, and the kernel is not preempted: fields need no lock, only sequences that
 * may sleep do.  Changes of names hold namespace_sem (fs/namei.c); data of a file has none,
 * a transfer is atomic between two page faults.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <kernel/list.h>
#include <kernel/wait.h>
#include <mm/file.h>
#include <mm/filemap.h>

struct inode;
struct file;
struct dentry;
struct poll_table;
struct dir_context;
struct super_block;

typedef s64 loff_k;

#define PATH_MAX_K	4096		/* with the NUL */
#define NAME_MAX_K	255
#define PIPE_BUF_K	4096

struct iovec;

struct file_operations {
	/* Byte counts or -errno.  *pos is the position to use and to move by what was
	 * transferred.  buf is a user address, never kernel memory: copy_to_user(). */
	long (*read)(struct file *f, char *buf, size_t n, loff_k *pos);
	long (*write)(struct file *f, const char *buf, size_t n, loff_k *pos);
	/* The same out of kernel memory, for sendfile(2); NULL: -EINVAL. */
	long (*write_kernel)(struct file *f, const char *data, size_t n, loff_k *pos);
	/* writev() of 1 to PIPE_BUF_K bytes in all: as one.  NULL: piece by piece. */
	long (*write_vector)(struct file *f, const struct iovec *iov, unsigned long n, size_t all);
	/* NULL: by size of the inode; no_llseek: -ESPIPE. */
	loff_k (*llseek)(struct file *f, loff_k offset, int whence);
	/* Call dir_emit() for each entry from ctx->pos on, moving it; 0 or -errno. */
	int (*iterate)(struct file *f, struct dir_context *ctx);
	long (*ioctl)(struct file *f, unsigned cmd, unsigned long arg);	/* NULL: -ENOTTY */
	int (*mmap)(struct file *f, struct vm_area_struct *vma);	/* NULL: -ENODEV */
	/* POLL* bits that hold now; NULL: always readable and writable.  With pt not NULL
	 * also poll_wait() for each queue whose wake-up may change the answer. */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct file *f);				/* last reference gone */
	/* All of the file that a power cut must not lose is on the disk; 0 or -errno.
	 * NULL: there is nothing to do. */
	int (*fsync)(struct file *f);
};

struct inode_operations {
	/* The inode called name[0..len) (not NUL-terminated, never "." or ".."), with a
	 * reference for the caller, or -ENOENT, -ENOMEM, -EIO.  File systems with it do
	 * not keep dentries that nobody uses; those without keep all of them. */
	int (*lookup)(struct inode *dir, const char *name, size_t len, struct inode **inode);
	/* Make an inode for the new name d (d->inode still NULL) and d_instantiate() it. */
	int (*create)(struct inode *dir, struct dentry *d, unsigned mode);
	int (*mkdir)(struct inode *dir, struct dentry *d, unsigned mode);
	int (*mknod)(struct inode *dir, struct dentry *d, unsigned mode, u64 rdev);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	/*
	 * Of file systems on disks; namespace_sem is held, everything was checked but what
	 * only the disk knows (-ENOTEMPTY).  The name d goes; or it becomes name[0..len) in
	 * newdir, in place of `to` (NULL: a free name).  0, or -errno with nothing changed.
	 */
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*rename)(struct inode *olddir, struct dentry *d, struct inode *newdir,
		      const char *name, size_t len, struct dentry *to);
	/* The target into a kernel buffer, not terminated; its length or -errno. */
	int (*readlink)(struct inode *inode, char *buf, size_t n);
	/* Other size: data behind it is gone, a longer file reads zero; 0 or -errno. */
	int (*truncate)(struct inode *inode, loff_k size);
	/* Pages for [start, end), which stay; size is the caller's.  0, -ENOSPC, -ENOMEM. */
	int (*allocate)(struct inode *inode, loff_k start, loff_k end);
	/* [start, end) reads zero from now on, and its whole pages are given back. */
	int (*punch_hole)(struct inode *inode, loff_k start, loff_k end);
	/* Last reference: free what `private` holds.  May be NULL. */
	void (*evict)(struct inode *inode);
};

struct inode {
	unsigned long ino;
	unsigned mode;			/* S_IF* and permissions */
	unsigned nlink, uid, gid;
	u32 dev;			/* number of the file system */
	u64 rdev;			/* device nodes: major << 8 | minor */
	loff_k size;
	u64 atime_ns, mtime_ns, ctime_ns;
	int count;			/* references: dentries, open files without a name */
	int writecount;			/* > 0 writers, < 0 running programs (ETXTBSY) */
	unsigned long committed;	/* shared memory: pages of it in vm_committed */
	bool sealed_dir;		/* directory: removed, nothing can be made in it */
	const struct inode_operations *op;
	const struct file_operations *fop;
	struct address_space mapping;
	void *private;			/* of the file system */
	unsigned long private_size;

	/* Of file systems on disks (fs/icache.c); sb is NULL for all others. */
	struct super_block *sb;
	u64 key;			/* where it is found again; unique in sb */
	struct list_head sb_list;	/* of sb->inodes; empty: nobody finds it any more */
	struct list_head hash;
	struct list_head unused;	/* count is 0: kept for its pages */
	struct dentry *alias;		/* the linked dentry, if there is one; no reference */
	bool dirty;			/* what the disk says of it is old */
	u64 dirtied_ns;			/* ktime_ns() since when */
};

#define DNAME_INLINE	24

struct dentry {
	int count;
	u32 hash;
	u32 len;
	bool linked;			/* found by lookup; the tree holds a reference, unless */
	bool weak;			/* it has none: linked while somebody else has one */
	struct dentry *parent;		/* with a reference; the root is its own */
	struct inode *inode;		/* with a reference; NULL only while being made */
	const char *name;		/* NUL-terminated; name_inline or kmalloc */
	struct dentry *hash_next;
	struct list_head children;	/* linked ones, in the order of their cookies */
	struct list_head child;
	u64 cookie;			/* directory position of this entry */
	u64 next_cookie;		/* directory: for the next child */
	struct dentry *mounted;		/* root that covers this directory, or NULL */
	struct dentry *covers;		/* root of a mount: the directory it covers */
	const char *fs_name;		/* root of a mount: "ramfs", for /proc/mounts */
	char name_inline[DNAME_INLINE];
};

struct file {
	int count;
	unsigned flags;			/* O_* as fcntl(F_GETFL) shows them */
	unsigned mode;			/* FMODE_* */
	loff_k pos;
	struct inode *inode;		/* the dentry's, or with a reference of its own */
	struct dentry *dentry;		/* with a reference; NULL: pipe, shared memory */
	const struct file_operations *op;
	struct file_ra_state ra;	/* read-ahead: mm/filemap.h */
	void *private;
};
#define FMODE_READ	1u
#define FMODE_WRITE	2u
#define FMODE_UNSIGNED	8u	/* positions are addresses: all 64 bits count */
#define FMODE_EXEC	4u	/* a program: the last fput() calls allow_write_access() */

extern unsigned long nr_inodes, nr_dentries, nr_open_files;	/* in existence */

/* ---- inodes (inode.c) -------------------------------------------------------------- */

/* count 1, nlink 1, times now, a number of its own, mapping without operations; NULL. */
struct inode *inode_alloc(unsigned mode, const struct inode_operations *op,
			  const struct file_operations *fop, void *private);
void __iput(struct inode *inode);

static inline struct inode *iget(struct inode *inode)
{
	inode->count++;
	return inode;
}

static inline void iput(struct inode *inode)
{
	if (inode && --inode->count == 0)
		__iput(inode);
}

/* What the disk says of the inode is old; the flusher or fsync() writes it.  No sleep. */
void mark_inode_dirty(struct inode *inode);

/* Nanoseconds since 1970 (or since boot if nobody knows), for time stamps. */
u64 fs_now_ns(void);

/* MAY_* of current's user: 0 or -EACCES. */
#define MAY_EXEC	1u
#define MAY_WRITE	2u
#define MAY_READ	4u
int inode_permission(const struct inode *inode, unsigned mask);

/* exec and writers exclude each other: 0 or -ETXTBSY; undone by the second. */
int deny_write_access(struct inode *inode);
void allow_write_access(struct inode *inode);
int get_write_access(struct inode *inode);
void put_write_access(struct inode *inode);

/* ---- names (dcache.c, namei.c) ----------------------------------------------------- */

static inline struct dentry *dget(struct dentry *d)
{
	d->count++;
	return d;
}

void __dput(struct dentry *d);
static inline void dput(struct dentry *d)
{
	if (d && --d->count == 0)
		__dput(d);
}

/* A new dentry, not linked, inode NULL; NULL without memory.  Takes a parent reference. */
struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len);
/* A root of its own; takes over the inode reference, also on failure (NULL). */
struct dentry *d_alloc_root(struct inode *inode, const char *fs_name);
/* Give d its inode (the reference goes over). */
void d_instantiate(struct dentry *d, struct inode *inode);
/* Path from the root, in buf; the start of the text or NULL if it does not fit. */
char *d_path(const struct dentry *d, char *buf, size_t size);
/* The same for any open file: "pipe:[7]", "/dev/zero (deleted)". */
char *file_path(const struct file *f, char *buf, size_t size);

extern struct dentry *root_dentry;

/*
 * Cover the directory `path` with the file system whose root directory is `root` (the
 * reference goes over, also on failure).  0 or -errno.
 */
int fs_mount(const char *path, struct inode *root, const char *fs_name);

/* Walk a kernel path from the root (absolute or not); *d with a reference, or -errno. */
int kern_path(const char *path, bool follow, struct dentry **d);

/* Make files and directories from kernel code: 0 or -errno (-EEXIST). */
int kern_mkdir(const char *path, unsigned mode);
int kern_mknod(const char *path, unsigned mode, u64 rdev);
int kern_symlink(const char *target, const char *path);
int kern_link(const char *old, const char *path);

/* ---- open files (file.c, open.c, read_write.c) ------------------------------------- */

void __fput(struct file *f);

/* Open by kernel path; *f with a reference, or -errno. */
int file_open(const char *path, unsigned flags, unsigned mode, struct file **f);
/* Open what a dentry names (permissions are checked); no reference is taken over. */
int dentry_open(struct dentry *d, unsigned flags, struct file **f);

/* A regular file's bytes into kernel memory, through the page cache; bytes or -errno. */
long kernel_read(struct file *f, void *buf, size_t n, loff_k pos);

/* A file that lives in kernel code only: `op` and private data, no name.  NULL. */
struct file *file_create_anon(const struct file_operations *op, unsigned flags, void *private);
/* The same around an inode, whose reference goes over (also on failure). */
struct file *file_create_inode(struct inode *inode, unsigned flags);

/* Shared memory without a name, `size` bytes, zero; NULL.  MAP_SHARED | MAP_ANONYMOUS. */
struct file *shmem_file(unsigned long size, bool charge);

/* For file systems whose files are in the page cache. */
long generic_file_read(struct file *f, char *buf, size_t n, loff_k *pos);
long generic_file_write(struct file *f, const char *buf, size_t n, loff_k *pos);
long generic_file_write_kernel(struct file *f, const char *data, size_t n, loff_k *pos);
int generic_file_mmap(struct file *f, struct vm_area_struct *vma);
loff_k generic_llseek(struct file *f, loff_k offset, int whence);
/* The same where the inode does not know the size. */
loff_k llseek_by_size(struct file *f, loff_k offset, int whence, loff_k size);
loff_k no_llseek(struct file *f, loff_k offset, int whence);

/* For files that are a text in kernel memory: copy out of data[0..size) at *pos. */
long simple_read(char *buf, size_t n, loff_k *pos, const void *data, size_t size);

/* ---- directories (readdir.c) ------------------------------------------------------- */

struct dir_context {
	loff_k pos;			/* where the next entry is */
	bool (*actor)(struct dir_context *ctx, const char *name, size_t len,
		      unsigned long ino, unsigned type);
};

/* False: no room, stop and leave pos.  type: DT_* (mode >> 12). */
static inline bool dir_emit(struct dir_context *ctx, const char *name, size_t len,
			    unsigned long ino, unsigned type)
{
	return ctx->actor(ctx, name, len, ino, type);
}

/* "." and "..", positions 0 and 1; false: no room. */
bool dir_emit_dots(struct file *f, struct dir_context *ctx);

/* ->iterate of file systems that keep their dentries. */
int dcache_readdir(struct file *f, struct dir_context *ctx);

/* ---- waiting for several (select.c) ------------------------------------------------ */

/* Wake-ups of wq end this poll. */
void poll_wait(struct file *f, struct wait_queue_head *wq, struct poll_table *pt);

/* ---- descriptors (fdtable.c) ------------------------------------------------------- */

/* Table of descriptors; shared by CLONE_FILES. */
struct files_struct;
struct files_struct *files_alloc(void);
struct files_struct *files_dup(struct files_struct *old);	/* fork; NULL: no memory */
struct files_struct *files_get(struct files_struct *files);	/* CLONE_FILES; NULL stays */
void files_put(struct files_struct *files);			/* NULL is allowed */
bool files_shared(const struct files_struct *files);		/* by CLONE_FILES; NULL: no */
void files_exec(struct files_struct *files);			/* close O_CLOEXEC */
struct file *fd_file(int fd);			/* of current, no reference taken; NULL */
struct file *fget(int fd);			/* of current, with a reference; NULL */
struct file *files_lookup(struct files_struct *files, unsigned fd);	/* no reference */
unsigned files_max(const struct files_struct *files);	/* descriptors are below this */
int fd_install_at(struct files_struct *files, int fd, struct file *f);	/* takes the reference */
int fd_alloc(unsigned from, unsigned flags);	/* of current, lowest; O_CLOEXEC; -errno */
void fd_install(unsigned fd, struct file *f);	/* into one from fd_alloc() */
void fd_release(unsigned fd);			/* give one from fd_alloc() back */
int fd_close(unsigned fd);			/* 0 or -EBADF */

/* Descriptors 0, 1, 2 on /dev/console, for the first program: 0 or -errno. */
int console_open_std(struct files_struct *files);

/* Root and current directory; a task without one (fs NULL) stands in the root. */
struct fs_struct {
	int count;
	unsigned umask;
	struct dentry *pwd;		/* with a reference */
};
struct fs_struct *fs_alloc(void);
struct fs_struct *fs_dup(struct fs_struct *old);		/* NULL: no memory */
struct fs_struct *fs_get(struct fs_struct *fs);			/* CLONE_FS; NULL stays */
void fs_put(struct fs_struct *fs);				/* NULL is allowed */

/* ---- start ------------------------------------------------------------------------- */

/* Caches; mount ramfs with the initramfs's files, devfs on /dev, procfs on /proc. */
void vfs_init(void);

/* fs/proc.c: make the tree and fs_mount() it on /proc, which exists. */
void proc_init(void);

/* exec.c: replace current's program.  Kernel strings.  Does not return an error after the
 * old program is gone: then the task is killed.  0: regs point at the new program. */
int kernel_execve(const char *path, const char *const *argv, const char *const *envp);

#endif
