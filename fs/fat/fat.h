/* SPDX-License-Identifier: MIT */
/*
 * FAT32 (Microsoft's "FAT: General Overview of On-Disk Format", version 1.03).
 *
 *	bpb.c	boot sector and FSInfo: every field checked
 *	meta.c	tables and directories: cached by page, written through by sector
 *	table.c	the allocation table: chains, free clusters
 *	runs.c	a file's chain as runs of clusters, in memory
 *	name.c	long and short names
 *	dir.c	entries of a directory: reading		entry.c	making and removing them
 *	namei.c	lookup, create, unlink, rename, ...	inode.c	inodes, their entry, truncate
 *	data.c	pages of files				super.c	mount, sync, statfs
 *	intent.c what a rename is about to do, for the mount after a power cut
 *
 * What survives a power cut (doc/fat.md).  Tables and directories are written through, so
 * between two operations the disk has what memory has; only contents and sizes of files that
 * are being written wait.  Inside an operation the order is
 *
 *	growing:	data, then both tables, then the entry that names the clusters
 *	shrinking:	the entry, then both tables; then the clusters can be used again
 *
 * with a flush of the device between, so at any moment whatever an entry names is complete;
 * a cut costs at most clusters that nobody names.
 *
 * Lock: fat->sem.  For writing: tables, free count, entries, and runs of any inode change.
 * For reading: entries and tables are looked at.  Never taken with a page locked, never held
 * while user memory is touched.  Runs are loaded when a file is opened, and from then on they
 * are read without it, between two sleeps: so filling a page needs no lock.
 */
#ifndef FS_FAT_FAT_H
#define FS_FAT_FAT_H

#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include "../internal.h"

/* ---- on the disk --------------------------------------------------------------------- */

#define FAT_BOOT_SIZE	512u		/* of the boot sector that is looked at */
#define FAT_ENTRY_MASK	0x0fffffffu	/* the top four bits of an entry are kept as they are */
#define FAT_FREE	0u
#define FAT_BAD		0x0ffffff7u
#define FAT_END		0x0ffffff8u	/* from here on: the last cluster of a chain */
#define FAT_END_MARK	0x0fffffffu
#define FAT_FIRST	2u		/* the first cluster's number */
#define FAT_MIN_CLUSTERS 65525u		/* fewer: FAT12 or FAT16, by definition */
#define FAT_MAX_CLUSTERS 0x0ffffff5u
#define FAT_MAX_SIZE	0xffffffffll	/* of a file */

#define ATTR_READ_ONLY	0x01
#define ATTR_HIDDEN	0x02
#define ATTR_SYSTEM	0x04
#define ATTR_VOLUME	0x08
#define ATTR_DIR	0x10
#define ATTR_ARCHIVE	0x20
#define ATTR_LONG	0x0f
#define ATTR_LONG_MASK	0x3f

#define ENTRY_SIZE	32u
#define ENTRY_FREE	0xe5
#define ENTRY_END	0x00
#define DIR_MAX_ENTRIES	65536u		/* of one directory */

struct fat_entry {
	u8 name[11];
	u8 attr;
	u8 lower;			/* 0x08: the name is in lower case, 0x10: the extension */
	u8 ctime_10ms;
	u16 ctime, cdate, adate;
	u16 start_hi;
	u16 mtime, mdate;
	u16 start_lo;
	u32 size;
};

struct fat_long_entry {
	u8 seq;				/* 1 ... 20, from the end of the name; 0x40: comes first */
	u16 name1[5];
	u8 attr;			/* ATTR_LONG */
	u8 type;
	u8 checksum;			/* of the short name that it belongs to */
	u16 name2[6];
	u16 start;			/* 0 */
	u16 name3[2];
} __packed;

static_assert(sizeof(struct fat_entry) == ENTRY_SIZE, "as on the disk");
static_assert(sizeof(struct fat_long_entry) == ENTRY_SIZE, "as on the disk");

#define LONG_UNITS	13u		/* UTF-16 units in one long entry */
#define LONG_MAX_UNITS	255u
#define LONG_MAX_ENTRIES 20u

/* ---- bpb.c --------------------------------------------------------------------------- */

/* Where everything is: bytes from the start of the partition. */
struct fat_layout {
	u32 sector_size;
	unsigned cluster_shift;		/* log2 of a cluster's bytes */
	u32 clusters;			/* numbers are 2 ... clusters + 1 */
	u64 fat_pos[2];			/* the table that is read, and its copy or 0 */
	u64 fat_bytes;
	u64 reserved_bytes;		/* before the tables */
	u64 data_pos;			/* of cluster 2 */
	u64 fsinfo_pos;
	u32 root;			/* first cluster of the root directory */
	u32 volume_id;
};

static inline u32 fat_cluster_size(const struct fat_layout *l)
{
	return 1u << l->cluster_shift;
}

/*
 * Check a boot sector (FAT_BOOT_SIZE bytes) of a partition of `capacity` sectors of 512
 * bytes.  0, or -EINVAL and *why says what is wrong.  Pure.
 */
int fat_check_boot(const u8 *boot, u64 capacity, struct fat_layout *l, const char **why);

/* FSInfo (512 bytes): NULL, or what is wrong.  *next gets the hint, 0 if it is none. */
const char *fat_check_fsinfo(const u8 *info, const struct fat_layout *l, u32 *next);

/* ---- in memory ----------------------------------------------------------------------- */

struct fat_fs {
	struct super_block *sb;
	struct block_device *bdev;
	struct fat_layout l;
	struct rw_semaphore sem;
	struct inode *meta;		/* its mapping caches the partition, by page */
	u64 intent_pos;			/* where a rename says what it does; 0: nowhere */
	u32 unit;			/* bytes that are written at once: they change as one */
	u32 free;			/* clusters; counted when it is mounted for writing */
	u32 reserved;			/* of them promised to written data without clusters */
	u32 next;			/* where to look for free ones */
	bool counted;
	bool fsinfo_old;		/* FSInfo has another free count */
	bool pending;			/* fat_meta_change() since fat_begin(), not flushed yet */
	bool warned;
};

struct fat_intent;

/* n clusters that follow each other on the disk, from `start`; `at` in the file. */
struct fat_run {
	u32 at, start, n;
};

struct fat_runs {
	struct fat_run *v;
	unsigned nr, room;
	u32 clusters;			/* in all */
};

struct fat_inode {
	struct fat_fs *fat;
	struct fat_runs runs;
	bool loaded;			/* runs are what the disk has */
	bool elsewhere;			/* it could not be written where it was to go on */
	bool overlong;			/* the chain goes on behind what the size needs */
	u32 start;			/* first cluster, 0: none */
	u32 reserved;			/* clusters promised beyond runs.clusters */
	unsigned writers;		/* inside write(2): the promise is not lowered */
	loff_k disk_size;		/* bytes that the entry promises */
	loff_k written;			/* while it grows: so far the data is on the disk */
	u8 attr;
	u64 entry_pos;			/* of its (short) entry on the disk; 0: the root, removed */
	u32 parent_index, parent_entries;	/* entries in the parent: the first, how many */
};

static inline struct fat_fs *fat_of(const struct super_block *sb)
{
	return sb->private;
}

static inline struct fat_inode *FAT_I(const struct inode *inode)
{
	return inode->private;
}

/* One line, once for each mount, that the file system is damaged; -EIO. */
int fat_damaged(struct fat_fs *fat, const char *what, u32 number);

/* ---- meta.c -------------------------------------------------------------------------- */

/* The page that holds a position, read, with a reference; sleeps; 0 or -EIO, -ENOMEM. */
int fat_meta_page(struct fat_fs *fat, u64 pos, struct page **page);

/* Bytes from pos to the end of its page, at most n. */
size_t fat_in_page(u64 pos, u64 n);

/* n bytes at a position of the partition; sleeps; 0 or -EIO, -ENOMEM. */
int fat_meta_read(struct fat_fs *fat, u64 pos, void *buf, size_t n);

/* Change them in memory only: what is read from now on.  The page must be cached or read. */
int fat_meta_change(struct fat_fs *fat, u64 pos, const void *buf, size_t n);

/* Write the units that hold [pos, pos + n), ascending. */
int fat_meta_write_back(struct fat_fs *fat, u64 pos, u64 n);

/* Both. */
int fat_meta_write(struct fat_fs *fat, u64 pos, const void *buf, size_t n);

/* [pos, pos + n) becomes zero, in memory and on the disk. */
int fat_meta_zero(struct fat_fs *fat, u64 pos, size_t n);

int fat_meta_init(struct fat_fs *fat);		/* 0, -ENOMEM */
void fat_meta_free(struct fat_fs *fat);

/*
 * sem for reading.  Whoever holds sem must not wait for the flusher, which waits for it: while
 * memory is short he gets some of the reserves.
 */
static inline void fat_lock_shared(struct fat_fs *fat)
{
	down_read(&fat->sem);
	current->flags |= PF_FS_LOCKED;
}

static inline void fat_unlock_shared(struct fat_fs *fat)
{
	current->flags &= ~PF_FS_LOCKED;
	up_read(&fat->sem);
}

/* A change of tables or directories: sem for writing, and its end, which is fat_failed() too. */
void fat_begin(struct fat_fs *fat);
int fat_end(struct fat_fs *fat, int err);

/*
 * There was an error, whichever: if memory was changed and the disk perhaps not, the mount is
 * broken (sb->broken): the disk has half a change, and gets no more of them.  To be asked
 * before something else is flushed.  Returns err.
 */
int fat_failed(struct fat_fs *fat, int err);

/*
 * It is broken anyway: an error between two steps of which one without the other leaves two
 * names for one chain.  Returns err.
 */
int fat_set_broken(struct fat_fs *fat, int err);

/* What was changed since the last flush is in free clusters, or a hint: no harm if it is lost. */
static inline void fat_forget_change(struct fat_fs *fat)
{
	fat->pending = false;
}

/* The device: what was written so far is durable before what comes.  0, -EIO. */
int fat_flush(struct fat_fs *fat);

/* ---- table.c ------------------------------------------------------------------------- */

/* Position of a cluster's first byte. */
static inline u64 fat_cluster_pos(const struct fat_fs *fat, u32 cluster)
{
	return fat->l.data_pos + ((u64)(cluster - FAT_FIRST) << fat->l.cluster_shift);
}

static inline bool fat_is_cluster(const struct fat_fs *fat, u32 cluster)
{
	return cluster >= FAT_FIRST && cluster - FAT_FIRST < fat->l.clusters;
}

/* Some entries of the table as they were when they were looked at: for one walk, under sem. */
#define FAT_WINDOW	128u
struct fat_window {
	u32 first;			/* a multiple of FAT_WINDOW */
	bool valid;
	u32 entry[FAT_WINDOW];
};

/*
 * What follows `cluster` in its chain: *next is a cluster, or FAT_END.  0, or -EIO: it
 * cannot be read, or is free, bad or out of range, which is reported.  sem held; w begins
 * as zero.
 */
int fat_next(struct fat_fs *fat, struct fat_window *w, u32 cluster, u32 *next);

/* Count free clusters; -EIO.  sem held for writing, or nobody else knows the mount. */
int fat_count_free(struct fat_fs *fat);

/*
 * Choose n free clusters, near `goal` if it is not 0, as runs from `at` on, added to
 * `runs`; nothing is written or changed in the table.  -ENOSPC, -ENOMEM, -EIO: runs as
 * before.  sem held for writing.
 */
int fat_find_free(struct fat_fs *fat, u32 goal, u32 n, struct fat_runs *runs);

/*
 * Make a chain of the runs, write it, flush; then hang it behind `last` (0: it is a new
 * chain), write that, flush.  An error in reading the tables, -EIO or -ENOMEM, comes before
 * anything is changed; after any other the mount is broken.  sem for writing.
 */
int fat_write_chain(struct fat_fs *fat, const struct fat_runs *runs, u32 last);

/*
 * End the chain behind its first `keep` clusters, write, flush; then free the others, write,
 * flush; `runs` stay.  An error in reading the tables, -EIO or -ENOMEM, comes before anything
 * is changed; after any other the mount is broken.  sem for writing.
 */
int fat_cut_chain(struct fat_fs *fat, const struct fat_runs *runs, u32 keep);

/* Read what that is going to change, while it can still be left: 0, -EIO, -ENOMEM. */
int fat_prepare_cut(struct fat_fs *fat, const struct fat_runs *runs, u32 keep);

/* ---- runs.c -------------------------------------------------------------------------- */

void fat_runs_free(struct fat_runs *runs);

/* One more cluster at the end; -ENOMEM. */
int fat_runs_add(struct fat_runs *runs, u32 cluster);

/* Drop what is behind the first n clusters. */
void fat_runs_cut(struct fat_runs *runs, u32 n);

/* Where more clusters are looked for: behind the last one, or where nobody has tried yet. */
u32 fat_goal(const struct fat_inode *fi);

/* The run that holds cluster `at` of the file, or NULL. */
const struct fat_run *fat_runs_find(const struct fat_runs *runs, u32 at);

/* Cluster `at` of the file, 0 if there is none. */
u32 fat_runs_at(const struct fat_runs *runs, u32 at);

/* The last cluster, 0 if there is none. */
u32 fat_runs_last(const struct fat_runs *runs);

/*
 * Read the chain from fi->start as far as the size needs it (a directory: to its end).
 * 0; -EIO: it ends too early, goes round, or leads out of range; -ENOMEM.  Sleeps; sem
 * held, for reading is enough.
 */
int fat_load_runs(struct inode *inode);
/* The same, taking sem if it has to. */
int fat_need_runs(struct inode *inode);

/* ---- name.c -------------------------------------------------------------------------- */

#define FAT_NAME_UTF8	(NAME_MAX_K + 1)

/* The checksum that ties long entries to a short name. */
u8 fat_checksum(const u8 name[11]);

/* UTF-8 to UTF-16: units, or -EINVAL (not UTF-8), -ENAMETOOLONG. */
int fat_utf16(const char *name, size_t len, u16 *units, unsigned max);
/* UTF-16 to UTF-8: bytes, or -EINVAL (half a pair, NUL), -ENAMETOOLONG.  Terminated. */
int fat_utf8(const u16 *units, unsigned n, char *name, size_t size);

/* A short name as text; bytes. */
unsigned fat_short_text(const struct fat_entry *e, char *text);

/* The same name, but for the case of ASCII letters? */
bool fat_same_name(const char *a, size_t alen, const char *b, size_t blen);

/* May a file be called so?  0, -EINVAL, -ENAMETOOLONG. */
int fat_check_name(const char *name, size_t len);

/* If it is a short name as it stands (8.3, capitals): true, and `out` has it. */
bool fat_is_short(const char *name, size_t len, u8 out[11]);

/* The n-th try (0, 1, ...) at a short name for a long one: "LONGNA~1TXT", later a hash. */
void fat_make_short(const char *name, size_t len, unsigned n, u8 out[11]);

/* ---- dir.c --------------------------------------------------------------------------- */

/* A file's name in a directory. */
struct fat_slot {
	u32 index, entries;		/* first entry of it, how many */
	u64 pos;			/* of the short entry on the disk */
	struct fat_entry e;
	char name[FAT_NAME_UTF8];	/* the long one if there is one that can be shown */
	unsigned len;
	char alias[40];			/* the short one */
	unsigned alias_len;
};

/* Position of entry `index`; 0: behind the end of the directory.  Runs are loaded. */
u64 fat_entry_pos(const struct inode *dir, u32 index);

/*
 * The next file at or behind entry *index, which moves behind it.  0; -ENOENT: no more;
 * -EIO.  "." and ".." and volume labels are left out.  sem held, runs loaded.
 */
int fat_next_slot(struct inode *dir, u32 *index, struct fat_slot *slot);

/* By name, long or short: 0, -ENOENT, -EIO.  sem held. */
int fat_find_slot(struct inode *dir, const char *name, size_t len, struct fat_slot *slot);

/*
 * Which of n <= 32 short names are in use: a bit for each in *used; 0 or -EIO.  sem held.
 */
int fat_short_used(struct inode *dir, const u8 (*names)[11], unsigned n, u32 *used);

/* Entries of a directory, read by sector: the last one is kept for its neighbours. */
struct fat_reader {
	u64 pos;			/* of `bytes`, 0: nothing yet */
	u8 bytes[SECTOR_SIZE] __aligned(4);
};

/* Entry `index`: 0; -ENOENT behind the end; -EIO.  *pos is its place.  reader begins as 0. */
int fat_read_entry(const struct inode *dir, struct fat_reader *reader, u32 index,
		   struct fat_entry *e, u64 *pos);

/* No files in it?  1, 0, or -errno.  sem held. */
int fat_dir_empty(struct inode *dir);

extern const struct file_operations fat_dir_ops;

/* ---- entry.c: sem held for writing, runs of dir loaded ------------------------------- */

/*
 * A new name with the rest of the entry from `e` (whose own name is replaced); the
 * directory grows if it has to.  slot gets where it is.  0, -ENOSPC, -EIO, -ENOMEM, names'
 * errors.  Durable when it returns.  `intent` (or NULL) begins before the name is written.
 */
int fat_add_name(struct inode *dir, const char *name, size_t len, const struct fat_entry *e,
		 struct fat_intent *intent, struct fat_slot *slot);

/* Remove `entries` entries from `index` on, the last one (the short name) first. */
int fat_remove_name(struct inode *dir, u32 index, u32 entries);

/* ---- intent.c ------------------------------------------------------------------------ */

#define FAT_MAX_NAME_ENTRIES	(LONG_MAX_ENTRIES + 1)

/* In a reserved sector: "new_pos gets the name, then old_pos lose it". */
struct fat_intent {
	u8 magic[8];
	u64 new_pos;			/* the short entry that the file gets */
	u64 old_pos[FAT_MAX_NAME_ENTRIES];	/* entries that go, the short one last */
	struct fat_entry entry;		/* that short one as it is */
	u64 dotdot_pos;			/* ".." of a directory that moves, 0: none */
	u32 dotdot;			/* first cluster that it gets */
	u32 n;				/* of old_pos */
	u32 crc;			/* of all before it */
	u32 zero;
};
static_assert(sizeof(struct fat_intent) <= SECTOR_SIZE, "in one sector");

/*
 * At a mount for writing, before anything else is written: if a cut has left both names of
 * a file, the old one goes.  0, -EIO, -ENOMEM.
 */
int fat_intent_recover(struct fat_fs *fat);

/* For the name that `inode` has in olddir, whose runs are loaded; kfree() it; NULL: no memory. */
struct fat_intent *fat_intent_alloc(struct inode *olddir, const struct inode *inode);

/* Write it, durable, before the entry at new_pos; forget it.  sem held for writing. */
int fat_intent_begin(struct fat_fs *fat, struct fat_intent *in, u64 new_pos);
int fat_intent_end(struct fat_fs *fat);

/* ---- inode.c ------------------------------------------------------------------------- */

/* For the entry that slot describes: *inode with a reference; -ENOMEM, -EIO.  Sleeps. */
int fat_iget(struct super_block *sb, const struct fat_slot *slot, struct inode **inode);
int fat_root_inode(struct super_block *sb, struct inode **inode);

/* Write what the inode says into its entry, durable; sem held for writing. */
int fat_write_entry(struct inode *inode);

/*
 * The same for a file; then clusters that its size on the disk does not need are free.  After
 * an error that leaves the mount as it is they are kept, and the next time frees them.
 */
int fat_write_size(struct inode *inode);

/* The times of an entry.  FAT knows local time; here it is UTC.  2 s steps from 1980 on. */
void fat_set_time(u64 ns, u16 *date, u16 *time);
u64 fat_get_time(u16 date, u16 time);

u32 fat_start(const struct fat_entry *e);
void fat_set_start(struct fat_entry *e, u32 start);

/* Clusters for so many bytes. */
static inline u32 fat_clusters_for(const struct fat_fs *fat, loff_k size)
{
	return (u32)(((u64)size + fat_cluster_size(&fat->l) - 1) >> fat->l.cluster_shift);
}

/* Free all clusters of an inode whose entry is gone; sem held for writing. */
int fat_free_all(struct inode *inode);

/*
 * Promise clusters for data up to `size`, which is written when the inode is: -ENOSPC.  The
 * promise only grows until fat_unreserve() makes it what the inode's size needs.  Runs are
 * loaded.  No sleep.
 */
int fat_reserve(struct inode *inode, loff_k size);
void fat_unreserve(struct inode *inode);

/* The cached bytes between the end of the file and the end of its page become zero. */
void fat_clear_tail(struct inode *inode);

int fat_truncate(struct inode *inode, loff_k size);
void fat_evict(struct inode *inode);

/* Is a change allowed at all?  0, -EROFS. */
int fat_may_change(const struct fat_fs *fat);

/* ---- data.c, namei.c, super.c -------------------------------------------------------- */

int fat_write_inode(struct inode *inode);
extern const struct address_space_operations fat_aops;
extern const struct file_operations fat_file_ops;
extern const struct inode_operations fat_file_inode_ops, fat_dir_inode_ops;

#endif
