/* SPDX-License-Identifier: MIT */
/*
 * Smoke: the frame buffer's geometry, and whether write-combining makes it fast.
 *
 * The speed test writes back what it has read, interrupts off, so nothing changes on the
 * screen; where the frame buffer is longer than the picture it works behind it.
 */
#include <asm/io.h>
#include <asm/irqflags.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <kernel/console.h>
#include <kernel/time.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include "smoke.h"

#define AREA		8192u		/* bytes written at a time */
#define WORDS		(AREA / sizeof(u32))
#define SPEED_TRIES	3
#define FAST_ENOUGH	400		/* MB/s: a 4K screen in 80 ms */

static const struct boot_fb *usable_fb(struct row *r)
{
	const struct boot_fb *fb = &boot_info->fb;

	if (fb->base && fb->size)
		return fb;
	row_skip(r, fb->format == BOOT_FB_BLT_ONLY ? "the screen has no linear frame buffer" :
		 "the firmware offers no screen (GOP)");
	return NULL;
}

static unsigned pixel_bytes(const struct boot_fb *fb)
{
	u32 all = fb->red_mask | fb->green_mask | fb->blue_mask | fb->reserved_mask;

	if (fb->format != BOOT_FB_MASK)
		return 4;
	return all >> 24 ? 4 : all >> 16 ? 3 : 2;
}

static u64 picture_bytes(const struct boot_fb *fb)
{
	return (u64)fb->stride * fb->height * pixel_bytes(fb);
}

static bool masks_sane(const struct boot_fb *fb)
{
	u32 r = fb->red_mask, g = fb->green_mask, b = fb->blue_mask;

	return fb->format != BOOT_FB_MASK || (r && g && b && !(r & g) && !(g & b) && !(r & b));
}

void smoke_gop_stride(struct row *r)
{
	static const char *const order[] = { "?", "RGB", "BGR", "masks", "blt" };
	const struct boot_fb *fb = usable_fb(r);

	if (!fb)
		return;
	row_info(r, "%ux%u %s, %u pixels a line, %llu KiB at %#llx", fb->width, fb->height,
		 fb->format < ARRAY_SIZE(order) ? order[fb->format] : "?", fb->stride,
		 ULL(fb->size >> 10), ULL(fb->base));
	row_ok(r, fb->width && fb->height && fb->stride >= fb->width,
	       "a line is shorter than the picture is wide: firmware bug, try screen=");
	row_ok(r, fb->size >= picture_bytes(fb),
	       "the picture needs %llu KiB, more than the frame buffer has: firmware bug, try screen=",
	       ULL(picture_bytes(fb) >> 10));
	row_ok(r, masks_sane(fb), "colour masks %08x %08x %08x overlap or are empty: firmware bug",
	       fb->red_mask, fb->green_mask, fb->blue_mask);
	row_ok(r, fb->base + fb->size <= 1ull << max(boot_cpu.phys_bits, 32u),
	       "the frame buffer ends above %u address bits: firmware bug", boot_cpu.phys_bits);
	if (fb->base % SMOKE_PAGE)
		row_warn(r, "the frame buffer does not start on a page");
}

static u64 time_writes(volatile u32 *to, const u32 *from)
{
	u64 start = rdtsc();
	unsigned i;

	for (i = 0; i < WORDS; i++)
		to[i] = from[i];
	mmio_wmb();
	return rdtsc() - start;
}

static u64 best_time(volatile u32 *to, const u32 *from)
{
	u64 best = ~0ull;
	unsigned i;

	for (i = 0; i < SPEED_TRIES; i++)
		best = min(best, time_writes(to, from));
	return best;
}

static unsigned megabytes_per_second(u64 ticks)
{
	u64 ns = max_t(u64, tsc_to_ns(ticks), 1);

	return (unsigned)(AREA * 1000ull / ns);
}

/* Both mappings of the same place; the picture does not change. */
static void measure(volatile u32 *uc, volatile u32 *wc, u32 *copy, u64 *uc_ticks, u64 *wc_ticks)
{
	unsigned long flags;
	unsigned i;

	console_flush();
	flags = local_irq_save();
	for (i = 0; i < WORDS; i++)
		copy[i] = uc[i];
	*uc_ticks = best_time(uc, copy);
	*wc_ticks = best_time(wc, copy);
	local_irq_restore(flags);
}

static void judge_speed(struct row *r, u64 uc_ticks, u64 wc_ticks)
{
	unsigned uc = megabytes_per_second(uc_ticks), wc = megabytes_per_second(wc_ticks);
	u64 ratio = uc_ticks * 10 / (wc_ticks ? wc_ticks : 1);
	unsigned tenths = (unsigned)min_t(u64, ratio, 99999);

	row_info(r, "%u.%u times: %u MB/s uncached, %u MB/s combined", tenths / 10, tenths % 10, uc, wc);
	if (smoke_virtual())
		row_skip(r, "a virtual machine: memory types have no effect here");
	else if (tenths >= 20 || wc >= FAST_ENOUGH)
		smoke_pass(r);
	else
		row_warn(r, "write-combining has no effect: scrolling will be slow (%s)",
			 cpu_has(X86_FEATURE_PAT) ? "MTRRs?" : "the processor has no PAT");
}

void smoke_gop_wc_speedup(struct row *r)
{
	const struct boot_fb *fb = usable_fb(r);
	u64 offset, uc_ticks, wc_ticks;
	u32 *copy;
	void *uc, *wc;

	if (!fb)
		return;
	if (fb->size < AREA) {
		row_skip(r, "a frame buffer of %llu bytes is too small to be measured", ULL(fb->size));
		return;
	}
	offset = (fb->size - AREA) & ~(SMOKE_PAGE - 1);
	copy = kmalloc(AREA, GFP_KERNEL);
	uc = ioremap(fb->base + offset, AREA);
	wc = ioremap_wc(fb->base + offset, AREA);
	if (copy && uc && wc) {
		measure(uc, wc, copy, &uc_ticks, &wc_ticks);
		judge_speed(r, uc_ticks, wc_ticks);
	} else {
		row_skip(r, "the frame buffer at %#llx cannot be mapped a second time", ULL(fb->base));
	}
	if (wc)
		iounmap(wc);
	if (uc)
		iounmap(uc);
	kfree(copy);
}
