/* SPDX-License-Identifier: MIT */
/*
 * /dev/fb0: the frame buffer for programs, as Linux has it: read, write, seek, two ioctls,
 * and mmap of the video memory itself, write-combining.  The console goes on drawing.
 */
#include <asm/setup.h>
#include <asm/uaccess.h>
#include <boot/boot_info.h>
#include <fs/devfs.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <linux/fb.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include <mm/mmap.h>

#include "fb.h"

#define PIECE	(16 * PAGE_SIZE)	/* mapped at a time for read and write */

static const struct boot_fb *fb;
static unsigned long fb_len;		/* bytes, whole pages */

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

static long fb_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case FBIOGET_VSCREENINFO:
		return get_var((void *)arg);
	case FBIOGET_FSCREENINFO:
		return get_fix((void *)arg);
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
	.mmap = fb_mmap,
};

static struct chrdev fb_chrdev = {
	.name = "fb0", .rdev = MKDEV(29, 0), .mode = 0660, .op = &fb_ops,
};

void fb_dev_init(void)
{
	const struct boot_fb *info = &boot_info->fb;
	u64 size = (u64)info->stride * info->height * (u64)fb_pixel_bytes(info);

	if (info->format < BOOT_FB_RGB || info->format > BOOT_FB_MASK || !info->base ||
	    info->base & (PAGE_SIZE - 1) || !size || size > 1ull << 30 ||
	    (info->size && size > info->size))
		return;
	fb = info;
	fb_len = PAGE_ALIGN((unsigned long)size);
	chrdev_add(&fb_chrdev);
}
