/* SPDX-License-Identifier: MIT */
/*
 * /dev/fb0: the frame buffer for programs, as Linux has it: read, write, seek, two ioctls,
 * and mmap of the video memory itself, write-combining.  The console goes on drawing, but
 * for what a program has borrowed (include/uapi/pagewalk_fb.h).
 */
#include <asm/setup.h>
#include <asm/uaccess.h>
#include <boot/boot_info.h>
#include <fs/devfs.h>
#include <kernel/fbcon.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/sched.h>
#include <linux/errno.h>
#include <linux/fb.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <uapi/pagewalk_fb.h>

#include "fb.h"

#define PIECE	(16 * PAGE_SIZE)	/* mapped at a time for read and write */

static const struct boot_fb *fb;
static unsigned long fb_len;		/* bytes, whole pages */
static unsigned rotate;			/* how the screen is looked at */
static struct file *borrower;		/* who has a part of the screen; no reference */

/* ---- what it is ------------------------------------------------------------------------ */

static struct fb_bitfield field(u32 mask)
{
	struct fb_bitfield f = { 0 };

	if (!mask)
		return f;
	f.offset = (u32)__builtin_ctz(mask);
	f.length = (u32)__builtin_popcount(mask);
	return f;
}

static long get_var(struct fb_var_screeninfo *to)
{
	struct fb_var_screeninfo v = {
		.xres = fb->width, .yres = fb->height, .xres_virtual = fb->width,
		.yres_virtual = fb->height, .bits_per_pixel = 8 * (u32)fb_pixel_bytes(fb),
		.height = ~0u, .width = ~0u,
	};

	v.red = field(fb->format == BOOT_FB_RGB ? 0xff : fb->format == BOOT_FB_BGR ? 0xff0000 :
		      fb->red_mask);
	v.green = field(fb->format == BOOT_FB_MASK ? fb->green_mask : 0xff00);
	v.blue = field(fb->format == BOOT_FB_RGB ? 0xff0000 : fb->format == BOOT_FB_BGR ? 0xff :
		       fb->blue_mask);
	return copy_to_user(to, &v, sizeof(v)) ? -EFAULT : 0;
}

static long get_fix(struct fb_fix_screeninfo *to)
{
	struct fb_fix_screeninfo f = {
		.id = "EFI VGA", .smem_start = (unsigned long)fb->base, .smem_len = (u32)fb_len,
		.type = FB_TYPE_PACKED_PIXELS, .visual = FB_VISUAL_TRUECOLOR,
		.line_length = fb->stride * (u32)fb_pixel_bytes(fb),
	};

	return copy_to_user(to, &f, sizeof(f)) ? -EFAULT : 0;
}

/* ---- borrowing ------------------------------------------------------------------------- */

struct rect {
	u32 x, y, width, height;
};

/* Cut `percent` off one side of *from; the rest stays in *from. */
static struct rect cut(struct rect *from, enum pagewalk_fb_part part, u32 percent)
{
	struct rect piece = *from;

	if (part == PAGEWALK_FB_LEFT || part == PAGEWALK_FB_RIGHT) {
		piece.width = from->width * percent / 100;
		from->width -= piece.width;
		if (part == PAGEWALK_FB_LEFT)
			from->x = piece.width;
		else
			piece.x = from->width;
	} else {
		piece.height = from->height * percent / 100;
		from->height -= piece.height;
		if (part == PAGEWALK_FB_TOP)
			from->y = piece.height;
		else
			piece.y = from->height;
	}
	return piece;
}

static bool part_is_valid(const struct pagewalk_fb_take *t)
{
	if (t->part == PAGEWALK_FB_ALL)
		return t->percent == 0;
	return t->part < PAGEWALK_FB_PARTS && t->percent >= PAGEWALK_FB_PERCENT_MIN &&
	       t->percent <= PAGEWALK_FB_PERCENT_MAX;
}

static long fb_take(struct file *f, struct pagewalk_fb_take *arg)
{
	bool sideways = rotate == 90 || rotate == 270;
	struct rect rest = {
		.width = sideways ? fb->height : fb->width,
		.height = sideways ? fb->width : fb->height,
	}, taken = rest;
	struct pagewalk_fb_take t;

	if (copy_from_user(&t, arg, sizeof(t)))
		return -EFAULT;
	if (!part_is_valid(&t))
		return -EINVAL;
	if (borrower && borrower != f)
		return -EBUSY;
	if (t.part == PAGEWALK_FB_ALL)
		rest.width = rest.height = 0;
	else
		taken = cut(&rest, t.part, t.percent);
	t.x = taken.x;
	t.y = taken.y;
	t.width = taken.width;
	t.height = taken.height;
	t.rotate = rotate;
	if (copy_to_user(arg, &t, sizeof(t)))
		return -EFAULT;
	/* Copying may have slept. */
	if (borrower && borrower != f)
		return -EBUSY;
	borrower = f;
	fbcon_keep_to((int)rest.x, (int)rest.y, (int)rest.width, (int)rest.height);
	return 0;
}

static void fb_release(struct file *f)
{
	if (borrower != f)
		return;
	borrower = NULL;
	fbcon_take_back();
}

static long fb_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case FBIOGET_VSCREENINFO:
		return get_var((void *)arg);
	case FBIOGET_FSCREENINFO:
		return get_fix((void *)arg);
	case PAGEWALK_FB_TAKE:
		return fb_take(f, (void *)arg);
	default:
		return -ENOTTY;
	}
}

/* ---- read and write -------------------------------------------------------------------- */

/* What of n bytes at `at` lies within one piece. */
static size_t piece_at(loff_k at, size_t n)
{
	size_t left = PIECE - ((size_t)at & (PIECE - 1));

	n = min(n, left);
	return min_t(size_t, n, fb_len - (size_t)at);
}

static long transfer(char *buf, size_t n, loff_k *pos, bool write)
{
	size_t done = 0, left = 0, piece;
	void *va;

	if (!phys_mappable(fb->base, fb_len))
		return -ENXIO;
	for (; done < n && *pos < (loff_k)fb_len && !left; done += piece - left) {
		piece = piece_at(*pos, n - done);
		va = ioremap_wc(fb->base + (u64)*pos, piece);
		if (!va)
			return done ? (long)done : -ENOMEM;
		left = write ? copy_from_user(va, buf + done, piece) :
			       copy_to_user(buf + done, va, piece);
		iounmap(va);
		*pos += piece - left;
		cond_resched();
	}
	return done || !left ? (long)done : -EFAULT;
}

static long fb_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return *pos < 0 ? -EINVAL : transfer(buf, n, pos, false);
}

static long fb_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	long ret;

	if (*pos < 0)
		return -EINVAL;
	if (*pos > (loff_k)fb_len)
		return -EFBIG;
	ret = transfer((char *)buf, n, pos, true);
	return !ret && n ? -ENOSPC : ret;
}

/* Without a size: the end is the end of the memory. */
static loff_k fb_llseek(struct file *f, loff_k offset, int whence)
{
	if (whence == 1)
		offset += f->pos;
	else if (whence == 2)
		offset += (loff_k)fb_len;
	else if (whence)
		return -EINVAL;
	return offset < 0 ? -EINVAL : (f->pos = offset);
}

/* ---- mmap ------------------------------------------------------------------------------ */

static int fb_mmap(struct file *f, struct vm_area_struct *vma)
{
	unsigned long pages = fb_len >> PAGE_SHIFT, n = vma_pages(vma);

	if (vma->vm_pgoff > pages || n > pages - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, (fb->base >> PAGE_SHIFT) + vma->vm_pgoff,
			       n << PAGE_SHIFT);
}

static const struct file_operations fb_ops = {
	.read = fb_read, .write = fb_write, .llseek = fb_llseek, .ioctl = fb_ioctl,
	.mmap = fb_mmap, .release = fb_release,
};

static struct chrdev fb_chrdev = {
	.name = "fb0", .rdev = MKDEV(29, 0), .mode = 0660, .op = &fb_ops,
};

void fb_dev_init(void)
{
	const struct boot_fb *info = &boot_info->fb;
	u64 size = (u64)info->stride * info->height * (u64)fb_pixel_bytes(info), angle = 0;

	if (info->format < BOOT_FB_RGB || info->format > BOOT_FB_MASK || !info->base ||
	    info->base & (PAGE_SIZE - 1) || !size || size > 1ull << 30 ||
	    (info->size && size > info->size))
		return;
	fb = info;
	param_u64("rotate", &angle);
	rotate = angle == 90 || angle == 180 || angle == 270 ? (unsigned)angle : 0;
	fb_len = PAGE_ALIGN((unsigned long)size);
	chrdev_add(&fb_chrdev);
}
