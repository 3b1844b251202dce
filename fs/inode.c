/* SPDX-License-Identifier: MIT */
/*
 * Inodes: birth, death, permissions, and who may write to what (Love ch. 13).
 *
 * An inode lives as long as something refers to it: dentries, open files without a name,
 * whoever holds one in between.  Its pages in the page cache go with it.  `writecount` is
 * the classic rule of ETXTBSY: positive counts open files for writing, negative running
 * programs.
 */
#include <kernel/time.h>
#include "internal.h"

static struct kmem_cache *inode_cachep;
static unsigned long last_ino;
unsigned long nr_inodes;

void inode_cache_init(void)
{
	inode_cachep = kmem_cache_create("inode", sizeof(struct inode), 0, SLAB_PANIC, NULL);
}

struct inode *inode_alloc(unsigned mode, const struct inode_operations *op,
			  const struct file_operations *fop, void *private)
{
	struct inode *inode = kmem_cache_zalloc(inode_cachep, GFP_KERNEL);

	if (!inode)
		return NULL;
	inode->ino = ++last_ino;
	inode->mode = mode;
	inode->nlink = 1;
	inode->count = 1;
	inode->uid = current->euid;
	inode->gid = current->egid;
	inode->atime_ns = inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	inode->op = op;
	inode->fop = fop;
	inode->private = private;
	address_space_init(&inode->mapping, inode, NULL);
	INIT_LIST_HEAD(&inode->sb_list);
	INIT_LIST_HEAD(&inode->hash);
	INIT_LIST_HEAD(&inode->unused);
	nr_inodes++;
	return inode;
}

/* The last reference is gone. */
void __iput(struct inode *inode)
{
	if (!inode->sb || !icache_keep(inode))
		inode_free(inode);
}

void inode_free(struct inode *inode)
{
	if (inode->mapping.nrpages)
		truncate_pages(&inode->mapping, 0, ~0ul);
	if (inode->op && inode->op->evict)
		inode->op->evict(inode);
	vm_committed -= (long)inode->committed;
	nr_inodes--;
	kmem_cache_free(inode_cachep, inode);
}

u64 fs_now_ns(void)
{
	return realtime_ns();
}

static bool in_group(unsigned gid)
{
	return current->egid == gid;
}

int inode_permission(const struct inode *inode, unsigned mask)
{
	unsigned mode = inode->mode;

	if (current->euid == inode->uid)
		mode >>= 6;
	else if (in_group(inode->gid))
		mode >>= 3;
	if ((mode & mask) == mask)
		return 0;
	/* Privileged: everything, but run only what somebody may run. */
	if (capable(CAP_DAC_OVERRIDE) &&
	    (!(mask & MAY_EXEC) || S_ISDIR_K(inode->mode) || inode->mode & 0111))
		return 0;
	if (capable(CAP_DAC_READ_SEARCH) &&
	    (mask == MAY_READ || (S_ISDIR_K(inode->mode) && !(mask & MAY_WRITE))))
		return 0;
	return -EACCES;
}

int deny_write_access(struct inode *inode)
{
	if (inode->writecount > 0)
		return -ETXTBSY;
	inode->writecount--;
	return 0;
}

void allow_write_access(struct inode *inode)
{
	inode->writecount++;
}

int get_write_access(struct inode *inode)
{
	if (inode->writecount < 0)
		return -ETXTBSY;
	inode->writecount++;
	return 0;
}

void put_write_access(struct inode *inode)
{
	inode->writecount--;
}
