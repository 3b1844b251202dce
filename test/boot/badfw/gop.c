/* SPDX-License-Identifier: MIT */
/*
 * badfw: a graphics protocol that says something else than the hardware.
 *
 * Each real protocol gets one fake, which calls it and then rewrites the mode: another
 * pixel format, a frame buffer in RAM (a test reads it there with pmemsave: the line
 * "badfw: fb" says where), a longer stride.  Blt goes to the real screen.
 */
#include "badfw.h"

#define MAX_FAKES	4
#define FB_ROOM		(32 * MIB)

struct fake_gop {
	EFI_GRAPHICS_OUTPUT_PROTOCOL gop;	/* first: This is cast to this struct */
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *real;
};

static struct fake_gop fakes[MAX_FAKES];
static EFI_PHYSICAL_ADDRESS fb_at;

static void lie_info(EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info)
{
	static const EFI_PIXEL_BITMASK wide = { 0xff000000, 0x00ff0000, 0x0000ff00, 0xff };
	static const EFI_PIXEL_BITMASK narrow = { 0xf800, 0x07e0, 0x001f, 0 };

	switch (opt.pixel) {
	case PIXEL_RGB:
		info->PixelFormat = PixelRedGreenBlueReserved8BitPerColor;
		break;
	case PIXEL_BGR:
		info->PixelFormat = PixelBlueGreenRedReserved8BitPerColor;
		break;
	case PIXEL_MASK:
	case PIXEL_MASK16:
		info->PixelFormat = PixelBitMask;
		info->PixelInformation = opt.pixel == PIXEL_MASK ? wide : narrow;
		break;
	case PIXEL_BLT:
		info->PixelFormat = PixelBltOnly;
		info->PixelsPerScanLine = 0;
		break;
	}
	if (fb_at && opt.pixel != PIXEL_BLT)
		info->PixelsPerScanLine = info->HorizontalResolution + (UINT32)opt.stride;
}

static void refresh(struct fake_gop *f)
{
	UINTN bytes = opt.pixel == PIXEL_MASK16 ? 2 : 4;

	f->mode = *f->real->Mode;
	f->info = *f->real->Mode->Info;
	f->mode.Info = &f->info;
	lie_info(&f->info);
	if (opt.pixel == PIXEL_BLT) {
		f->mode.FrameBufferBase = 0;
		f->mode.FrameBufferSize = 0;
	} else if (fb_at) {
		f->mode.FrameBufferBase = fb_at;
		f->mode.FrameBufferSize = (UINTN)((f->info.PixelsPerScanLine * bytes *
			f->info.VerticalResolution + PAGE - 1) & ~(PAGE - 1));
	}
	say("fb: at %X size %x %dx%d stride %d format %d", f->mode.FrameBufferBase,
	    f->mode.FrameBufferSize, (UINTN)f->info.HorizontalResolution,
	    (UINTN)f->info.VerticalResolution, (UINTN)f->info.PixelsPerScanLine,
	    (UINTN)f->info.PixelFormat);
}

static EFI_STATUS EFIAPI fake_query(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 n,
				    UINTN *size, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **info)
{
	struct fake_gop *f = (void *)this;
	EFI_STATUS st = f->real->QueryMode(f->real, n, size, info);

	if (!st)
		lie_info(*info);
	return st;
}

static EFI_STATUS EFIAPI fake_set(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 n)
{
	struct fake_gop *f = (void *)this;
	EFI_STATUS st = f->real->SetMode(f->real, n);

	refresh(f);
	return st;
}

static EFI_STATUS EFIAPI fake_blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
				  EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buf,
				  EFI_GRAPHICS_OUTPUT_BLT_OPERATION op, UINTN sx, UINTN sy,
				  UINTN dx, UINTN dy, UINTN w, UINTN h, UINTN delta)
{
	struct fake_gop *f = (void *)this;

	return f->real->Blt(f->real, buf, op, sx, sy, dx, dy, w, h, delta);
}

void *gop_wrap(void *real)
{
	UINTN i;

	if (!opt.pixel && !fb_at)
		return real;
	for (i = 0; i < MAX_FAKES && fakes[i].real; i++)
		if (fakes[i].real == real)
			return &fakes[i];
	if (i == MAX_FAKES)
		return real;
	fakes[i].real = real;
	fakes[i].gop.QueryMode = fake_query;
	fakes[i].gop.SetMode = fake_set;
	fakes[i].gop.Blt = fake_blt;
	fakes[i].gop.Mode = &fakes[i].mode;
	refresh(&fakes[i]);
	return &fakes[i];
}

/* RAM above 4 GiB that 32-bit firmware does not even list: QEMU knows. */
static EFI_STATUS ram_of_qemu(EFI_PHYSICAL_ADDRESS *at)
{
	static UINT32 e820[5 * 64];	/* address (2), length (2), type */
	UINTN n = fwcfg_file("etc/e820", (char *)e820, sizeof(e820)) / 20, i;
	UINT64 start, size;

	for (i = 0; i < n; i++) {
		UINT32 *e = e820 + 5 * i;

		start = e[0] | (UINT64)e[1] << 32;
		size = e[2] | (UINT64)e[3] << 32;
		if (e[4] == 1 && start >= 4 * GIB && size >= FB_ROOM) {
			*at = start + size - FB_ROOM;
			return EFI_SUCCESS;
		}
	}
	return EFI_NOT_FOUND;
}

/* The RAM that plays frame buffer: really allocated, then lied about in the map. */
EFI_STATUS gop_init(void)
{
	EFI_PHYSICAL_ADDRESS at = 3 * GIB - 1;
	EFI_STATUS st;

	if (!opt.fb)
		return EFI_SUCCESS;
	if (opt.fb == FB_LOW)
		st = bf_alloc(AllocateMaxAddress, EfiReservedMemoryType,
			      (UINTN)(FB_ROOM / PAGE), &at);
	else
		st = alloc_above_4g(EfiReservedMemoryType, (UINTN)(FB_ROOM / PAGE), &at);
	if (st && opt.fb == FB_HIGH && sizeof(UINTN) == 4)
		st = ram_of_qemu(&at);
	if (st) {
		say("ERROR: fb: no memory for it");
		return st;
	}
	map_lie(at, at + FB_ROOM, opt.fb == FB_HIGH ? MAP_ABSENT : EfiConventionalMemory, 0, 0);
	fb_at = at;
	return EFI_SUCCESS;
}
