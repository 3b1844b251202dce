/* SPDX-License-Identifier: MIT */
/* The start of the file systems, and what of other areas may be missing. */
#include <kernel/printk.h>
#include "internal.h"

__weak struct inode *proc_root_inode(void)
{
	return NULL;
}

__weak void proc_init(void)
{
}

/* Directories that things are mounted on or that programs expect. */
static void make_standard_dirs(void)
{
	static const struct {
		const char *path;
		unsigned mode;
	} dirs[] = {
		{ "/dev", 0755 }, { "/proc", 0555 }, { "/tmp", 01777 }, { "/etc", 0755 },
		{ "/bin", 0755 }, { "/root", 0700 }, { "/esp", 0755 }, { "/data", 0755 },
	};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		kern_mkdir(dirs[i].path, dirs[i].mode);
}

void vfs_init(void)
{
	inode_cache_init();
	icache_init();
	dcache_init();
	file_cache_init();
	fdtable_init();
	pipe_init();
	root_dentry = d_alloc_root(ramfs_inode(S_IFDIR | 0755, 0, 1), "rootfs");
	if (!root_dentry)
		panic("no memory for the root directory: the machine needs more RAM");
	initramfs_populate();
	make_standard_dirs();
	devfs_init();
	tmpfs_init();
	fat_init();
	proc_init();
	pr_info("vfs: %lu files and directories, /dev and /proc\n", nr_dentries);
}
