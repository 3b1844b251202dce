# SPDX-License-Identifier: MIT
obj-y += dma_mask.o ramdisk.o virtio_blk.o
