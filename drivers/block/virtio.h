/* SPDX-License-Identifier: MIT */
/* Virtio 1.0: what of the specification virtio_blk.c uses.  All fields little-endian. */
#ifndef DRIVERS_BLOCK_VIRTIO_H
#define DRIVERS_BLOCK_VIRTIO_H

#include <kernel/kernel.h>

#define VIRTIO_VENDOR		0x1af4
#define VIRTIO_BLK_MODERN	0x1042		/* 0x1040 + device type 2 */
#define VIRTIO_BLK_TRANSITIONAL	0x1001		/* speaks the old way too; we do not */

/* ---- 4.1.4: capabilities in configuration space ---------------------------------------- */

#define VIRTIO_CAP_TYPE		3		/* one byte each */
#define VIRTIO_CAP_BAR		4
#define VIRTIO_CAP_OFFSET	8		/* 32 bits */
#define VIRTIO_CAP_LENGTH	12
#define VIRTIO_CAP_NOTIFY_MUL	16		/* of the notify capability */

#define VIRTIO_CAP_COMMON	1
#define VIRTIO_CAP_NOTIFY	2
#define VIRTIO_CAP_DEVICE	4

/* ---- 4.1.4.3: common configuration ----------------------------------------------------- */

#define COMMON_FEATURE_SELECT	0x00
#define COMMON_FEATURE		0x04
#define COMMON_DRIVER_SELECT	0x08
#define COMMON_DRIVER_FEATURE	0x0c
#define COMMON_MSIX_CONFIG	0x10		/* 16 bits */
#define COMMON_STATUS		0x14		/* 8 bits */
#define COMMON_QUEUE_SELECT	0x16		/* 16 bits each: */
#define COMMON_QUEUE_SIZE	0x18
#define COMMON_QUEUE_VECTOR	0x1a
#define COMMON_QUEUE_ENABLE	0x1c
#define COMMON_QUEUE_NOTIFY	0x1e
#define COMMON_QUEUE_DESC	0x20		/* 64 bits each: */
#define COMMON_QUEUE_DRIVER	0x28
#define COMMON_QUEUE_DEVICE	0x30
#define COMMON_SIZE		0x38

#define STATUS_ACKNOWLEDGE	0x01
#define STATUS_DRIVER		0x02
#define STATUS_DRIVER_OK	0x04
#define STATUS_FEATURES_OK	0x08
#define STATUS_FAILED		0x80

#define NO_VECTOR		0xffff

#define FEATURE_INDIRECT	28
#define FEATURE_VERSION_1	32

/* ---- 2.6: split virtqueues ------------------------------------------------------------- */

struct vring_desc {
	u64 address;
	u32 len;
	u16 flags;
	u16 next;
};
#define DESC_NEXT		1
#define DESC_WRITE		2		/* the device writes it */
#define DESC_INDIRECT		4

struct vring_avail {
	u16 flags, idx;
	u16 ring[];
};

struct vring_used_elem {
	u32 id, len;
};

struct vring_used {
	u16 flags, idx;
	struct vring_used_elem ring[];
};

/* ---- 5.2: block device ----------------------------------------------------------------- */

#define BLK_CAPACITY		0x00		/* 64 bits, sectors of 512 */
#define BLK_SEG_MAX		0x0c
#define BLK_BLOCK_SIZE		0x14

#define FEATURE_BLK_SEG_MAX	2
#define FEATURE_BLK_RO		5
#define FEATURE_BLK_SIZE	6
#define FEATURE_BLK_FLUSH	9

struct virtio_blk_header {
	u32 type, reserved;
	u64 sector;
};
#define BLK_T_IN		0
#define BLK_T_OUT		1
#define BLK_T_FLUSH		4
#define BLK_S_OK		0

#endif
