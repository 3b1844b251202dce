# SPDX-License-Identifier: MIT
obj-y += ahci.o dma_mask.o nvme.o ramdisk.o virtio_blk.o
