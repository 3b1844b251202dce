# SPDX-License-Identifier: MIT
# Host tests of fs/: all of it but exec and /proc, on the simulated machine's memory, with
# user memory of its own.
fs-src := $(addprefix test/host/,host.c fake_task.c fake_user.c fake_disk.c) \
	$(addprefix lib/,bitmap.c crc32.c interval_tree.c radix_tree.c random.c rbtree.c strlcpy.c) \
	kernel/rwsem.c kernel/wait.c drivers/char/mem.c \
	$(addprefix mm/,bootmem.c debug.c filemap.c highmem.c init.c overcommit.c page_alloc.c page_init.c \
	pagewalk.c pgtable.c readahead.c slab.c swap.c truncate.c vmalloc.c writeback.c) \
	$(addprefix fs/fat/,bpb.c data.c dir.c entry.c inode.c intent.c meta.c name.c namei.c runs.c super.c \
	table.c) \
	$(addprefix fs/,attr.c dcache.c devfs.c dirops.c fcntl.c fdtable.c file.c icache.c inode.c \
	ioctl.c memmount.c mount.c namei.c open.c pagecache.c pipe.c ramfs.c read_write.c readdir.c rootfs.c \
	select.c shmem.c splice.c stat.c statfs.c super.c tmpfs.c vfs.c writeback.c)

host-tests += test_vfs
test_vfs-src := test/host/test_vfs.c $(fs-src)

# It includes fs/fdtable.c.
host-tests += test_fdtable
test_fdtable-src := test/host/test_fdtable.c $(filter-out fs/fdtable.c,$(fs-src))

host-tests += test_fat
test_fat-src := test/host/test_fat.c $(fs-src)

# What is written in which order does not depend on the width; test_fat has both.
host-tests += test_fatcut
test_fatcut-bits := 64
test_fatcut-src := test/host/test_fatcut.c $(fs-src)

host-tests += test_keyboard
test_keyboard-src := test/host/test_keyboard.c drivers/input/keyboard.c drivers/input/keymaps.c
