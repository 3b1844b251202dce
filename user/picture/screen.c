/* SPDX-License-Identifier: MIT */
/*
 * The canvas on the screen: a part of /dev/fb0, borrowed from the console.  Video memory is
 * slow and is only written, and only where the screen differs from the canvas.
 */
#include <linux/fb.h>
#include "picture.h"

static struct {
	u8 *origin;			/* the pixel at the top left of our part */
	long step_x, step_y;		/* bytes to the next pixel right, below */
	unsigned bytes;			/* of a pixel */
	u32 pixel[COLORS];
	u8 *shown;			/* the canvas as it was shown last */
	bool painted;
} screen;

/* ---- opening ----------------------------------------------------------------------- */

static u32 component(u32 value, const struct fb_bitfield *field)
{
	u64 top = (1ull << field->length) - 1;

	return (u32)((value * top + 127) / 255) << field->offset;
}

static void make_pixels(const struct fb_var_screeninfo *v)
{
	unsigned i;

	for (i = 0; i < COLORS; i++)
		screen.pixel[i] = component(palette[i] >> 16 & 0xff, &v->red) |
				  component(palette[i] >> 8 & 0xff, &v->green) |
				  component(palette[i] & 0xff, &v->blue);
}

static void take(int fd, struct pagewalk_fb_take *t)
{
	long err = sys_ioctl(fd, PAGEWALK_FB_TAKE, t);

	if (err == -EBUSY)
		die("another program has the screen: end it first, or use --png or --text");
	if (err == -EINVAL)
		die("--region: the part must be %d to %d per cent of the screen",
		    PAGEWALK_FB_PERCENT_MIN, PAGEWALK_FB_PERCENT_MAX);
	if (err)
		die("the screen cannot be borrowed: error %ld", -err);
	if (t->width < LEAST_W || t->height < LEAST_H)
		die("--region: that part of the screen has %ux%u pixels, the picture needs %dx%d",
		    t->width, t->height, LEAST_W, LEAST_H);
}

/* Directions of the picture in video memory, as the screen is turned. */
static void orient(u8 *video, long line, const struct fb_var_screeninfo *v, unsigned rotate)
{
	long pixel = (long)screen.bytes;
	long right = pixel * ((long)v->xres - 1), down = line * ((long)v->yres - 1);

	screen.origin = video + (rotate == 90 ? right : rotate == 180 ? down + right :
				 rotate == 270 ? down : 0);
	screen.step_x = rotate == 90 ? line : rotate == 180 ? -pixel : rotate == 270 ? -line :
			pixel;
	screen.step_y = rotate == 90 ? -pixel : rotate == 180 ? -line : rotate == 270 ? pixel :
			line;
}

void screen_open(enum pagewalk_fb_part part, unsigned percent, int *width, int *height)
{
	int fd = (int)sys_open("/dev/fb0", O_RDWR, 0);
	struct pagewalk_fb_take t = { .part = part, .percent = percent };
	struct fb_var_screeninfo var;
	struct fb_fix_screeninfo fix;
	u8 *video;

	if (fd < 0)
		die("/dev/fb0 cannot be opened (error %d): this machine has no screen that programs can use; try --text or --png FILE", -fd);
	if (sys_ioctl(fd, FBIOGET_VSCREENINFO, &var) || sys_ioctl(fd, FBIOGET_FSCREENINFO, &fix))
		die("/dev/fb0 does not say what it is");
	screen.bytes = var.bits_per_pixel / 8;
	video = sys_mmap(NULL, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (IS_ERR(video))
		die("/dev/fb0 cannot be mapped: error %ld", -(long)video);
	take(fd, &t);
	make_pixels(&var);
	orient(video, fix.line_length, &var, t.rotate);
	screen.origin += (long)t.x * screen.step_x + (long)t.y * screen.step_y;
	screen.shown = map_anon((size_t)t.width * t.height);
	*width = (int)t.width;
	*height = (int)t.height;
}

void screen_pretend(int width, int height)
{
	static const struct fb_var_screeninfo usual = {
		.red = { .offset = 16, .length = 8 }, .green = { .offset = 8, .length = 8 },
		.blue = { .length = 8 },
	};

	screen.bytes = 4;
	make_pixels(&usual);
	screen.step_x = 4;
	screen.step_y = 4l * width;
	screen.origin = map_anon((size_t)screen.step_y * height);
	screen.shown = map_anon((size_t)width * height);
}

/* ---- showing ----------------------------------------------------------------------- */

static void put_pixels(u8 *to, const u8 *colors, int n)
{
	u32 pixel;
	unsigned i;

	for (; n > 0; n--, to += screen.step_x) {
		pixel = screen.pixel[*colors++];
		if (screen.bytes == 4)
			*(volatile u32 *)to = pixel;
		else
			for (i = 0; i < screen.bytes; i++)
				((volatile u8 *)to)[i] = (u8)(pixel >> 8 * i);
	}
}

/* Eight pixels at a time: equal ones are one comparison. */
static void show_row(const u8 *now, u8 *before, u8 *to, int width)
{
	u64 a, b;
	int x, n;

	for (x = 0; x < width; x += n) {
		n = min(8, width - x);
		if (n == 8 && screen.painted) {
			__builtin_memcpy(&a, now + x, 8);
			__builtin_memcpy(&b, before + x, 8);
			if (a == b)
				continue;
		}
		put_pixels(to + x * screen.step_x, now + x, n);
		__builtin_memcpy(before + x, now + x, (size_t)n);
	}
}

void screen_show(void)
{
	size_t row = 0;
	int y;

	for (y = 0; y < canvas.height; y++, row += (size_t)canvas.width)
		show_row(canvas.pixels + row, screen.shown + row,
			 screen.origin + y * screen.step_y, canvas.width);
	__asm__ volatile("lock; addl $0, (%0)" : : "r"(&row) : "memory");	/* drain the WC buffers */
	screen.painted = true;
}
