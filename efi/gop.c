/* SPDX-License-Identifier: MIT */
/*
 * The screen: which of the firmware's graphics outputs, in which mode, where its pixels are.
 *
 * One screen often has two handles (the device and the console splitter on top of it), so
 * handles are listed once per frame buffer, the console's first; those without a linear
 * frame buffer (PixelBltOnly) come last, since a splitter over two screens is one of them.
 * The mode is kept as it is unless screen= asks for another one, since firmware's idea of
 * a better mode may be a dark panel.
 */
#include "loader.h"

#define MAX_SCREENS	16

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static EFI_GUID text_guid = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID;

static EFI_GRAPHICS_OUTPUT_PROTOCOL *screens[MAX_SCREENS];
static unsigned screen_count;
static EFI_GRAPHICS_OUTPUT_PROTOCOL *chosen;

/* Mode and Info are there and say something possible. */
static bool usable(EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = NULL;
	UINTN size = 0;

	if (!gop->Mode)
		return false;
	/* Some firmware leaves a screen off until a mode is set. */
	if (gop->QueryMode(gop, gop->Mode->Mode, &size, &info) == EFI_NOT_STARTED)
		gop->SetMode(gop, 0);
	else if (info)
		bs->FreePool(info);
	info = gop->Mode->Info;
	return info && info->HorizontalResolution && info->VerticalResolution &&
	       info->HorizontalResolution <= 65536 && info->VerticalResolution <= 65536;
}

static bool is_linear(const EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
	return gop->Mode->Info->PixelFormat < PixelBltOnly && gop->Mode->FrameBufferBase;
}

static bool same_screen(const EFI_GRAPHICS_OUTPUT_PROTOCOL *a,
			const EFI_GRAPHICS_OUTPUT_PROTOCOL *b)
{
	if (a == b)
		return true;
	if (is_linear(a) != is_linear(b))
		return false;
	if (is_linear(a))
		return a->Mode->FrameBufferBase == b->Mode->FrameBufferBase;
	return a->Mode->Info->HorizontalResolution == b->Mode->Info->HorizontalResolution &&
	       a->Mode->Info->VerticalResolution == b->Mode->Info->VerticalResolution;
}

static void add_screen(EFI_HANDLE handle)
{
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = NULL;
	unsigned i;

	if (!handle || screen_count == MAX_SCREENS ||
	    EFI_ERROR(bs->HandleProtocol(handle, &gop_guid, (void **)&gop)))
		return;
	if (!gop || !usable(gop))
		return;
	for (i = 0; i < screen_count; i++)
		if (same_screen(screens[i], gop))
			return;
	screens[screen_count++] = gop;
}

static void linear_first(void)
{
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop;
	unsigned i, n = 0;

	for (i = 0; i < screen_count; i++) {
		gop = screens[i];
		if (!is_linear(gop))
			continue;
		memmove(&screens[n + 1], &screens[n], (i - n) * sizeof(screens[0]));
		screens[n++] = gop;
	}
}

/* The console's own screen, then those that carry text, then the rest. */
static void find_screens(void)
{
	EFI_HANDLE *handles = NULL;
	UINTN count = 0, i;
	void *text;

	if (log_has_conout())
		add_screen(st->ConsoleOutHandle);
	if (EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &gop_guid, NULL, &count, &handles)))
		return;
	for (i = 0; i < count; i++)
		if (!EFI_ERROR(bs->HandleProtocol(handles[i], &text_guid, &text)))
			add_screen(handles[i]);
	for (i = 0; i < count; i++)
		add_screen(handles[i]);
	bs->FreePool(handles);
	linear_first();
}

static void choose(int wanted)
{
	chosen = screen_count ? screens[0] : NULL;
	if (wanted >= 0 && (unsigned)wanted < screen_count)
		chosen = screens[wanted];
	else if (wanted >= 0)
		log_warn("gop=%d: no such screen, %u found (counted from 0); using the first",
			 wanted, screen_count);
}

/* Add "1024x768 " to a list of modes, once. */
static void list_mode(char *list, size_t size, unsigned w, unsigned h)
{
	char mode[24];
	size_t n = strlen(list), m, i;

	m = (size_t)snprintf(mode, sizeof(mode), " %ux%u ", w, h);
	for (i = 0; i + m <= n; i++)
		if (!memcmp(list + i, mode, m))
			return;
	if (n + m < size)
		strlcpy(list + (n ? n - 1 : 0), mode, size - n);
}

/* Find screen=; a linear mode is better than one without frame buffer.  -1: none. */
static int find_mode(unsigned w, unsigned h, char *list, size_t size)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info;
	int found = -1;
	unsigned i;
	UINTN n;

	list[0] = 0;
	for (i = 0; i < chosen->Mode->MaxMode && i < 512; i++) {
		info = NULL;
		if (EFI_ERROR(chosen->QueryMode(chosen, i, &n, &info)) || !info)
			continue;
		list_mode(list, size, info->HorizontalResolution, info->VerticalResolution);
		if (info->HorizontalResolution == w && info->VerticalResolution == h &&
		    (found < 0 || info->PixelFormat < PixelBltOnly))
			found = (int)i;
		bs->FreePool(info);
	}
	return found;
}

static void set_mode(unsigned w, unsigned h)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *now = chosen->Mode->Info;
	EFI_STATUS status;
	char list[320];
	int mode;

	if (now->HorizontalResolution == w && now->VerticalResolution == h)
		return;
	mode = find_mode(w, h, list, sizeof(list));
	if (mode < 0) {
		log_warn("screen=%ux%u: not offered by the firmware, keeping %ux%u; it offers:%s",
			 w, h, now->HorizontalResolution, now->VerticalResolution, list);
		return;
	}
	status = chosen->SetMode(chosen, (UINT32)mode);
	if (EFI_ERROR(status))
		log_warn("screen=%ux%u: the firmware cannot set it (%s), keeping the mode as it is",
			 w, h, status_text(status));
}

void gop_init(const struct options *opt)
{
	struct boot_fb fb;

	find_screens();
	choose(opt->gop);
	if (!chosen) {
		log_line("pagewalk: no graphics output; messages go to the serial line only");
		return;
	}
	if (opt->screen_w)
		set_mode(opt->screen_w, opt->screen_h);
	gop_fill(&fb);
	if (fb.format == BOOT_FB_BLT_ONLY)
		log_line("pagewalk: screen %ux%u has no linear frame buffer; after the hand-over "
			 "messages go to the serial line only", fb.width, fb.height);
	else
		log_line("pagewalk: screen %ux%u at 0x%llx (%u found)", fb.width, fb.height,
			 (unsigned long long)fb.base, screen_count);
}

static void fill_masks(struct boot_fb *fb, const EFI_PIXEL_BITMASK *mask)
{
	static const uint32_t low = 0x0000ff, middle = 0x00ff00, high = 0xff0000;

	if (fb->format == BOOT_FB_MASK) {
		fb->red_mask = mask->RedMask;
		fb->green_mask = mask->GreenMask;
		fb->blue_mask = mask->BlueMask;
		fb->reserved_mask = mask->ReservedMask;
		return;
	}
	fb->red_mask = fb->format == BOOT_FB_RGB ? low : high;
	fb->green_mask = middle;
	fb->blue_mask = fb->format == BOOT_FB_RGB ? high : low;
	fb->reserved_mask = 0xff000000;
}

/* Some firmware gives a size of 0, or that of an earlier mode. */
static uint64_t fb_bytes(const EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = gop->Mode->Info;
	uint64_t size = gop->Mode->FrameBufferSize, need;
	unsigned stride = info->PixelsPerScanLine;

	if (stride < info->HorizontalResolution)
		stride = info->HorizontalResolution;
	need = (uint64_t)stride * info->VerticalResolution * 4;
	if (info->PixelFormat == PixelBitMask && size)
		return size;		/* may have fewer bytes a pixel */
	return size < need ? need : size;
}

void gop_fill(struct boot_fb *fb)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info;

	memset(fb, 0, sizeof(*fb));
	if (!chosen || !chosen->Mode || !chosen->Mode->Info)
		return;
	info = chosen->Mode->Info;
	fb->width = info->HorizontalResolution;
	fb->height = info->VerticalResolution;
	fb->stride = info->PixelsPerScanLine;
	fb->modes = chosen->Mode->MaxMode;
	fb->mode = chosen->Mode->Mode;
	if (!is_linear(chosen)) {
		fb->format = BOOT_FB_BLT_ONLY;
		return;
	}
	fb->format = info->PixelFormat == PixelRedGreenBlueReserved8BitPerColor ? BOOT_FB_RGB :
		     info->PixelFormat == PixelBlueGreenRedReserved8BitPerColor ? BOOT_FB_BGR :
		     BOOT_FB_MASK;
	fill_masks(fb, &info->PixelInformation);
	if (fb->stride < fb->width)
		fb->stride = fb->width;
	fb->base = chosen->Mode->FrameBufferBase;
	fb->size = fb_bytes(chosen);
}

unsigned gop_ranges(struct boot_range *ranges, unsigned max)
{
	unsigned i, n = 0;

	for (i = 0; i < screen_count && n < max; i++) {
		if (!is_linear(screens[i]))
			continue;
		ranges[n].base = screens[i]->Mode->FrameBufferBase;
		ranges[n++].size = fb_bytes(screens[i]);
	}
	return n;
}
