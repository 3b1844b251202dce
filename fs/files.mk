obj-y += cpio.o initramfs.o
