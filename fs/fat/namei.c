/* SPDX-License-Identifier: MIT */
/*
 * Names: looking up, making, removing, renaming (contracts: fs/fs.h, fat.h).
 *
 * namespace_sem keeps changes of names apart; fat->sem keeps them apart from everything else.
 */
#include "fat.h"

static struct fat_slot *slot_alloc(void)
{
	return kmalloc(sizeof(struct fat_slot), GFP_KERNEL);
}

static int fat_lookup(struct inode *dir, const char *name, size_t len, struct inode **inode)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	struct fat_slot *slot = slot_alloc();
	int err;

	if (!slot)
		return -ENOMEM;
	fat_lock_shared(fat);
	err = fat_load_runs(dir);
	if (!err)
		err = fat_find_slot(dir, name, len, slot);
	if (!err)
		err = fat_iget(dir->sb, slot, inode);
	fat_unlock_shared(fat);
	kfree(slot);
	return err;
}

/* ---- making -------------------------------------------------------------------------- */

/* Name and inode for a new entry. */
static int add_inode(struct inode *dir, struct dentry *d, const struct fat_entry *e)
{
	struct fat_slot *slot = slot_alloc();
	struct inode *inode;
	int err;

	if (!slot)
		return -ENOMEM;
	err = fat_add_name(dir, d->name, d->len, e, NULL, slot);
	if (err)
		goto out;
	err = fat_iget(dir->sb, slot, &inode);
	if (err)
		fat_remove_name(dir, slot->index, slot->entries);
	else
		d_instantiate(d, inode);
out:
	kfree(slot);
	return err;
}

static struct fat_entry new_entry(u8 attr, u32 start)
{
	struct fat_entry e = { .attr = attr };

	fat_set_start(&e, start);
	fat_set_time(fs_now_ns(), &e.cdate, &e.ctime);
	e.mdate = e.adate = e.cdate;
	e.mtime = e.ctime;
	return e;
}

/* May this name be made in dir?  Its entries can be looked at then. */
static int prepare(struct inode *dir, const char *name, size_t len)
{
	int err = fat_may_change(FAT_I(dir)->fat);

	if (!err)
		err = fat_check_name(name, len);
	return err ? err : fat_load_runs(dir);
}

static void dir_changed(struct inode *dir)
{
	dir->mtime_ns = dir->ctime_ns = fs_now_ns();
	mark_inode_dirty(dir);
}

static int fat_create(struct inode *dir, struct dentry *d, unsigned mode)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	struct fat_entry e = new_entry(ATTR_ARCHIVE, 0);
	int err;

	fat_begin(fat);
	err = prepare(dir, d->name, d->len);
	if (!err)
		err = add_inode(dir, d, &e);
	if (!err)
		dir_changed(dir);
	return fat_end(fat, err);
}

/* Where ".." of a directory in `dir` leads: the root has no number there. */
static u32 dotdot_start(const struct inode *dir)
{
	return FAT_I(dir)->start == FAT_I(dir)->fat->l.root ? 0 : FAT_I(dir)->start;
}

/* A cluster with "." and "..", durable. */
static int write_dots(struct inode *dir, u32 cluster)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	struct fat_entry dots[2] = {
		new_entry(ATTR_DIR, cluster), new_entry(ATTR_DIR, dotdot_start(dir)),
	};
	u64 pos = fat_cluster_pos(fat, cluster);
	int err = fat_meta_zero(fat, pos, fat_cluster_size(&fat->l));

	memcpy(dots[0].name, ".          ", 11);
	memcpy(dots[1].name, "..         ", 11);
	if (!err)
		err = fat_meta_write(fat, pos, dots, sizeof(dots));
	return err ? err : fat_flush(fat);
}

static int make_dir(struct inode *dir, struct dentry *d)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	struct fat_runs new = { 0 };
	struct fat_entry e;
	int err = prepare(dir, d->name, d->len);

	if (!err && fat->free <= fat->reserved)
		err = -ENOSPC;
	if (!err)
		err = fat_find_free(fat, 0, 1, &new);
	if (!err)
		err = write_dots(dir, new.v[0].start);
	fat_forget_change(fat);
	if (!err)
		err = fat_write_chain(fat, &new, 0);
	if (err)
		goto out;
	e = new_entry(ATTR_DIR, new.v[0].start);
	err = add_inode(dir, d, &e);
	if (!err)
		dir_changed(dir);
	else if (!fat->sb->broken)
		fat_cut_chain(fat, &new, 0);
out:
	fat_runs_free(&new);
	return err;
}

static int fat_mkdir(struct inode *dir, struct dentry *d, unsigned mode)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	int err;

	fat_begin(fat);
	err = make_dir(dir, d);
	return fat_end(fat, err);
}

/* ---- removing ------------------------------------------------------------------------ */

/* Its entry is somebody else's now, or gone. */
static void forget_entry(struct inode *inode)
{
	icache_remove(inode);
	FAT_I(inode)->entry_pos = 0;
}

/* On a damaged disk a name can be in two directories; then the dentry is of the other one. */
static int check_parent(const struct inode *dir, const struct dentry *d)
{
	if (likely(d->parent->inode == dir))
		return 0;
	return fat_damaged(FAT_I(dir)->fat, "a name is in two directories, entry",
			   FAT_I(d->inode)->parent_index);
}

static int remove_entry(struct inode *dir, const struct dentry *d)
{
	struct inode *inode = d->inode;
	const struct fat_inode *fi = FAT_I(inode);
	int err = fat_may_change(fi->fat);

	if (!err)
		err = check_parent(dir, d);
	if (!err)
		err = fat_load_runs(dir);
	if (!err)
		err = fat_remove_name(dir, fi->parent_index, fi->parent_entries);
	if (!err)
		forget_entry(inode);
	return err;
}

/* The clusters go with the inode's last user (fat_evict). */
static int fat_unlink(struct inode *dir, struct dentry *d)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	int err;

	fat_begin(fat);
	err = remove_entry(dir, d);
	return fat_end(fat, err);
}

static int fat_rmdir(struct inode *dir, struct dentry *d)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	int err;

	fat_begin(fat);
	err = fat_dir_empty(d->inode);
	if (err >= 0)
		err = err ? remove_entry(dir, d) : -ENOTEMPTY;
	return fat_end(fat, err);
}

/* ---- renaming ------------------------------------------------------------------------ */

/*
 * The place of another name: its short entry gets everything of e but the name, in one
 * write, so at any moment the name leads to the one file or to the other.
 */
static int take_place(struct inode *victim, struct fat_entry *e, struct fat_intent *intent,
		      struct fat_slot *slot)
{
	struct fat_inode *vi = FAT_I(victim);
	struct fat_entry old;
	int err = fat_meta_read(vi->fat, vi->entry_pos, &old, sizeof(old));

	if (err)
		return err;
	memcpy(e->name, old.name, 11);
	e->lower = old.lower;
	err = fat_intent_begin(vi->fat, intent, vi->entry_pos);
	if (!err)
		err = fat_meta_write(vi->fat, vi->entry_pos, e, sizeof(*e));
	if (!err)
		err = fat_flush(vi->fat);
	if (err)
		return err;
	slot->pos = vi->entry_pos;
	slot->index = vi->parent_index;
	slot->entries = vi->parent_entries;
	forget_entry(victim);
	return 0;
}

/* ".." of a directory that moves: where it is and what it gets, for the intent too. */
static int find_dotdot(struct inode *inode, const struct inode *newdir, struct fat_intent *intent)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_entry e;
	int err = fat_load_runs(inode);
	u64 pos = err ? 0 : fat_entry_pos(inode, 1);

	if (!pos)
		return err;
	err = fat_meta_read(fi->fat, pos, &e, sizeof(e));
	if (err || memcmp(e.name, "..         ", 11))
		return err;
	intent->dotdot_pos = pos;
	intent->dotdot = dotdot_start(newdir);
	return 0;
}

static int set_dotdot(struct fat_fs *fat, const struct fat_intent *intent)
{
	struct fat_entry e;
	int err = fat_meta_read(fat, intent->dotdot_pos, &e, sizeof(e));

	if (err)
		return err;
	fat_set_start(&e, intent->dotdot);
	err = fat_meta_write(fat, intent->dotdot_pos, &e, sizeof(e));
	return err ? err : fat_flush(fat);
}

/* The new name, then the old one away: a cut in between leaves both, and the intent. */
static int move_name(struct inode *olddir, struct inode *inode, struct inode *newdir,
		     const char *name, size_t len, struct inode *victim,
		     struct fat_intent *intent, struct fat_slot *slot)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_entry e;
	int err = fat_meta_read(fi->fat, fi->entry_pos, &e, sizeof(e));

	intent->entry = e;
	if (!err && S_ISDIR_K(inode->mode) && olddir != newdir)
		err = find_dotdot(inode, newdir, intent);
	if (!err)
		err = victim ? take_place(victim, &e, intent, slot) :
			       fat_add_name(newdir, name, len, &e, intent, slot);
	if (err)
		return err;
	if (intent->dotdot_pos)
		err = set_dotdot(fi->fat, intent);
	if (!err)
		err = fat_remove_name(olddir, fi->parent_index, fi->parent_entries);
	if (!err)
		err = fat_intent_end(fi->fat);
	if (err)
		return fat_set_broken(fi->fat, err);
	fi->entry_pos = slot->pos;
	fi->parent_index = slot->index;
	fi->parent_entries = slot->entries;
	icache_insert(inode->sb, inode, slot->pos);
	return 0;
}

/* olddir's runs are loaded. */
static int rename_with_intent(struct inode *olddir, struct inode *inode, struct inode *newdir,
			      const char *name, size_t len, struct inode *victim,
			      struct fat_slot *slot)
{
	struct fat_intent *intent = fat_intent_alloc(olddir, inode);
	int err = -ENOMEM;

	if (intent)
		err = move_name(olddir, inode, newdir, name, len, victim, intent, slot);
	kfree(intent);
	return err;
}

static int fat_rename(struct inode *olddir, struct dentry *d, struct inode *newdir,
		      const char *name, size_t len, struct dentry *to)
{
	struct fat_fs *fat = FAT_I(olddir)->fat;
	struct fat_slot *slot = slot_alloc();
	int err;

	if (!slot)
		return -ENOMEM;
	fat_begin(fat);
	err = prepare(newdir, name, len);
	if (!err)
		err = check_parent(olddir, d);
	if (!err && to)
		err = check_parent(newdir, to);
	if (!err)
		err = fat_load_runs(olddir);
	if (!err && to && S_ISDIR_K(to->inode->mode)) {
		err = fat_dir_empty(to->inode);
		err = err > 0 ? 0 : err ? err : -ENOTEMPTY;
	}
	if (!err)
		err = rename_with_intent(olddir, d->inode, newdir, name, len,
					 to ? to->inode : NULL, slot);
	if (!err) {
		dir_changed(olddir);
		dir_changed(newdir);
	}
	kfree(slot);
	return fat_end(fat, err);
}

const struct inode_operations fat_dir_inode_ops = {
	.lookup = fat_lookup,
	.create = fat_create,
	.mkdir = fat_mkdir,
	.unlink = fat_unlink,
	.rmdir = fat_rmdir,
	.rename = fat_rename,
	.evict = fat_evict,
};
