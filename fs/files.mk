# SPDX-License-Identifier: MIT
obj-y += cpio.o initramfs.o rootfs.o vfs.o
obj-y += automount.o super.o icache.o writeback.o inode.o dcache.o namei.o dirops.o mount.o attr.o
obj-y += file.o fdtable.o open.o read_write.o fcntl.o ioctl.o select.o splice.o tmpfs.o
obj-y += pagecache.o ramfs.o shmem.o devfs.o pipe.o readdir.o stat.o statfs.o
obj-x86_64 += stat_64.o
obj-i386 += stat_32.o compat_32.o
obj-y += exec.o exec_args.o exec_script.o elf_check.o binfmt_elf.o binfmt_interp.o
obj-y += blk_core.o blk_rw.o blk_timeout.o blk_bounce.o blk_dev.o blk_disk.o blk_gpt.o
obj-y += blk_log.o blk_node.o blk_swap.o swapon.o proc_blk.o
obj-y += proc.o proc_seq.o proc_task.o proc_fd.o proc_framemap.o proc_maps.o proc_pages.o proc_system.o
obj-y += proc_pagewalk.o proc_walk.o proc_knob.o proc_sys.o proc_explain.o
obj-y += proc_rmap.o proc_keymap.o proc_devices.o sys_reboot.o memmount.o
