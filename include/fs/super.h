/* SPDX-License-Identifier: MIT */
/*
 * Mounted file systems that live on block devices, and their inodes in memory.
 *
 *	fs/super.c	mounting, unmounting, file system types
 *	fs/icache.c	inodes: found again by key, kept while they have pages
 *	fs/writeback.c	sync, fsync, and the flusher that writes what is old
 */
#ifndef FS_SUPER_H
#define FS_SUPER_H

#include <fs/fs.h>

struct block_device;

struct super_operations {
	/*
	 * All dirty pages of the inode and what the disk says of it: data first, so that the
	 * disk never promises bytes that are not there.  0, or the first -errno; what could
	 * not be written is still dirty.  Sleeps.
	 */
	int (*write_inode)(struct inode *inode);
	/* Whatever else has not been written; then nothing is left in the device's cache. */
	int (*sync_fs)(struct super_block *sb);
	/* Blocks (bytes in *block_size) in all, and free ones; 0 or -errno. */
	int (*statfs)(struct super_block *sb, u64 *blocks, u64 *free, unsigned *block_size);
	/* Unmounted, all inodes are gone: free sb->private. */
	void (*put_super)(struct super_block *sb);
};

struct super_block {
	struct list_head list;		/* of super_blocks */
	struct list_head inodes;	/* inode->sb_list: all that can be found */
	u32 dev;
	bool read_only;			/* as it was asked for; the device is open so */
	bool broken;			/* set by the file system: nothing more can be written */
	const struct file_system_type *type;
	const struct super_operations *op;
	struct block_device *bdev;
	char source[32];		/* as mount(2) was told: "/dev/vda2" */
	long magic;			/* for statfs(2) */
	struct dentry *root;		/* with the reference of the mount */
	void *private;			/* of the file system */
};

/* Can nothing be changed on it, whatever was asked for? */
static inline bool sb_is_read_only(const struct super_block *sb)
{
	return sb->read_only || sb->broken;
}

struct file_system_type {
	const char *name;
	/*
	 * Read what is on sb->bdev and fill in op, magic, private; *root gets the root
	 * directory with a reference.  sb->read_only says what was asked for and may be set.
	 * 0, or -EINVAL (not this file system, or damaged: one line says what), -EIO,
	 * -ENOMEM with nothing left behind.  Sleeps.
	 */
	int (*fill_super)(struct super_block *sb, struct inode **root);
	struct list_head list;
};

extern struct list_head super_blocks, file_systems;
/*
 * For writing: what is mounted changes, on disks or in memory.  Taken before anything of a file
 * system.
 */
extern struct rw_semaphore super_sem;

void register_filesystem(struct file_system_type *type);

/* NULL: there is none. */
struct file_system_type *get_fs_type(const char *name);

/*
 * Mount the device on the directory `path`.  0, or -errno of blkdev_get_mount() or fill_super(),
 * -ENOTDIR, -EBUSY, ...  Sleeps.
 */
int mount_bdev(struct block_device *bdev, const char *source, const struct file_system_type *type,
	       const char *path, bool read_only);

/*
 * Take it down: everything is written first; what cannot be is lost, and a line says so.
 * -EBUSY: somebody uses a file or directory of it.  super_sem is held for writing, and has been
 * since it was found.  Sleeps.
 */
int umount_sb(struct super_block *sb);

/*
 * read-only from now on, or not; -EBUSY: files are open for writing; -EROFS: it cannot be.  A
 * broken one is read-only as it is.
 * super_sem as for umount_sb().
 */
int remount_sb(struct super_block *sb, bool read_only);

/* ---- inodes (icache.c) --------------------------------------------------------------- */

/* The one with this key, with a reference, or NULL.  No sleep. */
struct inode *icache_find(struct super_block *sb, u64 key);

/* From now on `inode` is found under the key, which is free.  Also moves it. */
void icache_insert(struct super_block *sb, struct inode *inode, u64 key);

/* Nobody finds it any more; it goes with its last reference. */
void icache_remove(struct inode *inode);

/* Free unused inodes that have neither pages nor anything to write; how many.  Sleeps. */
unsigned long prune_icache(void);

/* ---- writing (writeback.c) ----------------------------------------------------------- */

/* One inode, all of it, and the device's cache; 0 or -errno, once for each failure. */
int sync_inode(struct inode *inode);
/* All of a file system; 0 or the first -errno. */
int sync_sb(struct super_block *sb);
/* All file systems, as sync(2) does. */
void sync_all(void);

/* generic: ->fsync of files whose inodes have a super block. */
int generic_fsync(struct file *f);

/* A writer has made pages dirty: if there are too many, he writes some himself.  Sleeps. */
void balance_dirty_pages(struct inode *inode);

/* Start the flusher thread. */
void flusher_start(void);

/* Something has become dirty, or can without a word: it is mapped shared.  No sleep. */
void flusher_wake(void);

/* automount.c: /data, /esp, and the flusher, when the disks are there.  By process 1. */
void mount_disks(void);
/* Before the machine gets another owner.  Sleeps. */
void unmount_disks(void);

/* /proc/sys/vm: how old dirty data may become; how often the flusher looks. */
extern int dirty_expire_centisecs;
int dirty_writeback_get(void);
int dirty_writeback_set(int centisecs);	/* from now on; 0 */

#endif
