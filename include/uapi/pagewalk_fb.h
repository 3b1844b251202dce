/* SPDX-License-Identifier: MIT */
/*
 * /dev/fb0: borrowing the screen, or a part of it, from the console.
 *
 * While an open file of /dev/fb0 has a part, the console keeps to the rest (its rows and
 * columns change: TIOCGWINSZ, SIGWINCH), or draws nothing if that is too small for text.
 * The part goes back with the last reference to that file, so also when its program is
 * killed.  A kernel that has to say something important takes all of the screen back.
 */
#ifndef UAPI_PAGEWALK_FB_H
#define UAPI_PAGEWALK_FB_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum pagewalk_fb_part {
	PAGEWALK_FB_ALL,
	PAGEWALK_FB_LEFT,
	PAGEWALK_FB_RIGHT,
	PAGEWALK_FB_TOP,
	PAGEWALK_FB_BOTTOM,
	PAGEWALK_FB_PARTS
};

#define PAGEWALK_FB_PERCENT_MIN	10
#define PAGEWALK_FB_PERCENT_MAX	90

struct pagewalk_fb_take {
	__u32 part;			/* enum pagewalk_fb_part */
	__u32 percent;			/* how much of the screen; 0 for all of it */
	/* Filled in by the kernel: what it is, in pixels as one looks at the screen. */
	__u32 x, y, width, height;
	__u32 rotate;			/* 0, 90, 180, 270: rotate= */
	__u32 reserved;
};

/*
 * Take a part, or another one than before.  EINVAL: no such part, or a percentage out of
 * range; EBUSY: another open file has one.
 */
#define PAGEWALK_FB_TAKE	_IOWR('P', 0x40, struct pagewalk_fb_take)

#endif
