/* SPDX-License-Identifier: MIT */
/*
 * F13: /dev/fb0 in a program.  Arguments: physical address of the frame buffer, and the
 * bits of an entry that make it write-combining.
 */
#include <linux/fb.h>
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define CACHE_BITS	0x98ull		/* PWT, PCD, PAT */
#define PAGES		4

static volatile u8 *pixels;
static u64 first_frame, wc;

/* Pages of [pixels, + n) that are not the frame buffer's, or cached otherwise. */
static unsigned wrong_entries(int pid, unsigned n, u32 rights)
{
	struct pagewalk_walk w;
	unsigned i, wrong = 0;

	for (i = 0; i < n; i++) {
		const volatile u8 *p = pixels + i * PAGE_SIZE;
		bool found = pid ? pw_walk_pid(pid, p, &w) : pw_walk(p, &w);

		wrong += !found || !(w.flags & PAGEWALK_PRESENT) ||
			 w.phys / PAGE_SIZE != first_frame + i ||
			 (w.flags & PAGEWALK_WRITE) != (rights & PAGEWALK_WRITE) ||
			 (w.entry[w.depth - 1] & CACHE_BITS) != wc;
	}
	return wrong;
}

static int step(int command)
{
	if (command)
		pixels[1] = (u8)command;
	return pixels[1];
}

static void rights(void)
{
	void *p = (void *)pixels;

	CHECK_EQ(sys_mprotect(p, PAGES * PAGE_SIZE, PROT_READ), 0, "mprotect to read-only");
	CHECK_EQ(wrong_entries(0, PAGES, 0), 0, "entries wrong when read-only");
	CHECK_EQ(catch_access(ACCESS_WRITE, (ulong)p).sig, 11, "signal of a write");
	CHECK_EQ(sys_mprotect(p, PAGES * PAGE_SIZE, RW), 0, "mprotect to writable");
	CHECK_EQ(catch_access(ACCESS_WRITE, (ulong)p).sig, 0, "signal of a write afterwards");
	CHECK_EQ(wrong_entries(0, PAGES, PAGEWALK_WRITE), 0, "entries wrong when writable");
	CHECK_EQ(sys_madvise(p, PAGE_SIZE, MADV_DONTNEED), -EINVAL, "MADV_DONTNEED");
	CHECK_EQ(sys_mlock(p, PAGE_SIZE), 0, "mlock");
	CHECK_EQ(locked_pages(), 0, "locked pages");
	CHECK_EQ((long)sys_mremap(p, PAGES * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE, NULL),
		 -EFAULT,
		 "mremap to a larger region");
}

static void refused(int fd, u32 len)
{
	void *p;

	p = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	CHECK_EQ((long)p, -EINVAL, "mmap(MAP_PRIVATE)");
	p = sys_mmap(NULL, 2 * PAGE_SIZE, RW, MAP_SHARED, fd, len - PAGE_SIZE);
	CHECK_EQ((long)p, -EINVAL, "mmap beyond the end");
	p = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED, fd, len - PAGE_SIZE);
	CHECK(!IS_ERR(p), "mmap of the last page: %ld", (long)p);
	sys_munmap(p, PAGE_SIZE);
}

static void f13_framebuffer(void)
{
	int fd = (int)sys_open("/dev/fb0", O_RDWR, 0);
	struct fb_var_screeninfo var;
	struct fb_fix_screeninfo fix;
	struct pw_snapshot before, after;
	u64 base = parse_u64(row_argv[0], NULL);
	struct child c;
	u8 *moved, old[2], byte;

	wc = row_number(1);
	first_frame = base / PAGE_SIZE;
	if (!CHECK(fd >= 0, "open of /dev/fb0: %d", fd))
		return;
	CHECK_EQ(sys_ioctl(fd, FBIOGET_VSCREENINFO, &var), 0, "FBIOGET_VSCREENINFO");
	CHECK_EQ(sys_ioctl(fd, FBIOGET_FSCREENINFO, &fix), 0, "FBIOGET_FSCREENINFO");
	CHECK_EQ(fix.smem_start, (ulong)base, "smem_start");
	CHECK(fix.line_length * var.yres <= fix.smem_len &&
	      var.xres * var.bits_per_pixel / 8 <= fix.line_length, "%ux%u in %u bytes", var.xres,
	      var.yres, fix.smem_len);
	CHECK_EQ(sys_ioctl(fd, 0x46ff, &var), -ENOTTY, "an ioctl that is not there");
	CHECK_EQ(sys_pread(fd, old, 2, 0), 2, "read");
	refused(fd, fix.smem_len);

	pixels = sys_mmap(NULL, PAGES * PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	if (!CHECK(!IS_ERR(pixels), "mmap: %ld", (long)pixels))
		return;
	catch_begin();
	CHECK_EQ(wrong_entries(0, PAGES, PAGEWALK_WRITE), 0, "entries of the region that are wrong");
	pw_snapshot(&after);
	pw_snapshot(&before);
	pixels[1] = 0x5a;
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "pgfault"), 0, "faults of a store");
	CHECK_EQ(sys_pread(fd, &byte, 1, 1), 1, "read");
	CHECK_EQ(byte, 0x5a, "a store, seen by read(2)");
	byte = 0xa5;
	sys_lseek(fd, 1, SEEK_SET);
	CHECK_EQ(sys_write(fd, &byte, 1), 1, "write");
	CHECK_EQ(pixels[1], 0xa5, "a write(2), seen in memory");
	CHECK_EQ(region_kb(pixels, "Rss:"), 0, "Rss of the region");
	CHECK(region_has(pixels, "pf") && region_has(pixels, "io") && region_has(pixels, "de") &&
	      region_has(pixels, "dd"), "VmFlags of the region");
	rights();
	child_start(&c, step);
	CHECK_EQ(wrong_entries(c.pid, PAGES, PAGEWALK_WRITE), 0, "entries of the child that are wrong");
	CHECK_EQ(child_do(&c, 0x3c), 0x3c, "a store of the child");
	CHECK_EQ(pixels[1], 0x3c, "the same, seen by the parent");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	moved = sys_mremap((void *)pixels, PAGES * PAGE_SIZE, PAGES * PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, (void *)EMPTY_PLACE);
	CHECK_EQ((ulong)moved, EMPTY_PLACE, "mremap to another place");
	pixels = moved;
	CHECK_EQ(wrong_entries(0, PAGES, PAGEWALK_WRITE), 0, "entries wrong after mremap");
	pixels[1] = old[1];
	pixels[0] = old[0];
	CHECK_EQ(sys_munmap(moved, PAGES * PAGE_SIZE), 0, "munmap");
	CHECK_INFO("%ux%u, %u KiB at %#llx", var.xres, var.yres, fix.smem_len >> 10,
		   (unsigned long long)base);
	catch_end();
}
TEST(F13, f13_framebuffer);
