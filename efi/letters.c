/* SPDX-License-Identifier: MIT */
/*
 * Large letters for the menu: firmware draws its text with 8 x 19 pixels whatever the
 * screen, which nobody can read from a step away on 1920 x 1080 or more.
 *
 * The glyphs are the firmware's own, from its HII font protocol, magnified by a whole
 * number and drawn by the console's GOP (Blt, so a linear frame buffer is not needed; the
 * screen's mode stays as it is).  Terminals on serial lines, which are part of the same
 * console, get the text as text.  Without HII font or GOP the menu uses plain text.
 */
#include "loader.h"

#define GLYPH_W		8
#define GLYPH_H		19
#define MAX_SCALE	6
#define MAX_TERMINALS	4
#define CACHE		160

struct hii_image {
	UINT16 width, height;
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL *bitmap;
};

/* UEFI 2.7 section 34.1, as far as it is used here. */
struct hii_font {
	void *string_to_image;
	void *string_id_to_image;
	EFI_STATUS (EFIAPI *get_glyph)(struct hii_font *font, CHAR16 c, void *info,
				       struct hii_image **image, UINTN *baseline);
	void *get_font_info;
};

struct glyph {
	CHAR16 c;
	uint8_t rows[GLYPH_H];
};

static EFI_GRAPHICS_OUTPUT_PROTOCOL *gop;
static struct hii_font *font;
static SIMPLE_TEXT_OUTPUT_INTERFACE *terminals[MAX_TERMINALS];
static unsigned terminal_count;
static unsigned scale, left, top;	/* pixels around the text */
static struct glyph cache[CACHE];
static unsigned cached;

/* The sixteen colours of a text attribute: blue, green, red, and a reserved byte. */
static const EFI_GRAPHICS_OUTPUT_BLT_PIXEL palette[16] = {
	{ 0, 0, 0, 0 }, { 150, 62, 22, 0 }, { 40, 150, 40, 0 }, { 160, 140, 30, 0 },
	{ 40, 40, 170, 0 }, { 150, 40, 150, 0 }, { 30, 110, 170, 0 }, { 190, 185, 180, 0 },
	{ 110, 105, 100, 0 }, { 250, 140, 90, 0 }, { 110, 220, 90, 0 }, { 240, 220, 110, 0 },
	{ 100, 100, 250, 0 }, { 240, 120, 240, 0 }, { 90, 215, 250, 0 }, { 255, 255, 255, 0 },
};

static const struct glyph *get_glyph(CHAR16 c)
{
	struct hii_image *image = NULL;
	struct glyph *g = cache;
	unsigned x, y;

	for (; g < cache + cached; g++)
		if (g->c == c)
			return g;
	if (cached == CACHE || EFI_ERROR(font->get_glyph(font, c, NULL, &image, NULL)) || !image)
		return NULL;
	memset(g, 0, sizeof(*g));
	g->c = c;
	for (y = 0; image->bitmap && y < image->height && y < GLYPH_H; y++)
		for (x = 0; x < image->width && x < GLYPH_W; x++)
			if (image->bitmap[y * image->width + x].Green)
				g->rows[y] |= (uint8_t)(0x80 >> x);
	if (image->bitmap)
		bs->FreePool(image->bitmap);
	bs->FreePool(image);
	cached++;
	return g;
}

static void draw_glyph(unsigned x, unsigned y, const struct glyph *g, unsigned attribute)
{
	static EFI_GRAPHICS_OUTPUT_BLT_PIXEL cell[GLYPH_W * GLYPH_H * MAX_SCALE * MAX_SCALE];
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL ink = palette[attribute & 15];
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL paper = palette[attribute >> 4 & 7], *p = cell;
	unsigned i, j;

	for (j = 0; j < GLYPH_H * scale; j++)
		for (i = 0; i < GLYPH_W * scale; i++)
			*p++ = g->rows[j / scale] & 0x80 >> i / scale ? ink : paper;
	gop->Blt(gop, cell, EfiBltBufferToVideo, 0, 0, x, y, GLYPH_W * scale, GLYPH_H * scale, 0);
}

static void draw_text(unsigned x, unsigned y, unsigned attribute, const CHAR16 *s)
{
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL paper = palette[attribute >> 4 & 7];
	unsigned px = left + x * GLYPH_W * scale, py = top + y * GLYPH_H * scale;
	const struct glyph *g;

	gop->Blt(gop, &paper, EfiBltVideoFill, 0, 0, px, py,
		 wide_len(s) * GLYPH_W * scale, GLYPH_H * scale, 0);
	for (; *s; s++, px += GLYPH_W * scale) {
		g = *s == ' ' ? NULL : get_glyph(*s);
		if (g)
			draw_glyph(px, py, g, attribute);
	}
}

void letters_put(unsigned x, unsigned y, UINTN attribute, const CHAR16 *s)
{
	unsigned i;

	draw_text(x, y, (unsigned)attribute, s);
	for (i = 0; i < terminal_count; i++) {
		terminals[i]->SetCursorPosition(terminals[i], x, y);
		terminals[i]->SetAttribute(terminals[i], attribute);
		terminals[i]->OutputString(terminals[i], (CHAR16 *)s);
	}
}

void letters_clear(void)
{
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL black = palette[0];

	gop->Blt(gop, &black, EfiBltVideoFill, 0, 0, 0, 0, gop->Mode->Info->HorizontalResolution,
		 gop->Mode->Info->VerticalResolution, 0);
}

/* Parts of the console that are not screens: edk2 marks what belongs to the console. */
static void find_terminals(void)
{
	static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	static EFI_GUID text_guid = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0, i;
	void *p;

	terminal_count = 0;
	if (EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &console_out_guid, NULL, &count,
					     &handles)))
		return;
	for (i = 0; i < count && terminal_count < MAX_TERMINALS; i++) {
		if (handles[i] == st->ConsoleOutHandle ||
		    !EFI_ERROR(bs->HandleProtocol(handles[i], &gop_guid, &p)) ||
		    EFI_ERROR(bs->HandleProtocol(handles[i], &text_guid, &p)))
			continue;
		terminals[terminal_count++] = p;
	}
	bs->FreePool(handles);
}

bool letters_init(unsigned *columns, unsigned *lines)
{
	static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	static EFI_GUID font_guid = {
		0xe9ca4775, 0x8657, 0x47fc, {0x97, 0xe7, 0x7e, 0xd6, 0x5a, 0x08, 0x43, 0x24}
	};
	unsigned w, h, max;

	if (!st->ConsoleOutHandle ||
	    EFI_ERROR(bs->HandleProtocol(st->ConsoleOutHandle, &gop_guid, (void **)&gop)) ||
	    EFI_ERROR(bs->LocateProtocol(&font_guid, NULL, (void **)&font)))
		return false;
	if (!gop || !font || !gop->Mode || !gop->Mode->Info)
		return false;
	w = gop->Mode->Info->HorizontalResolution;
	h = gop->Mode->Info->VerticalResolution;
	scale = w / (80 * GLYPH_W);
	max = h / (25 * GLYPH_H);
	scale = scale > max ? max : scale;
	scale = scale > MAX_SCALE ? MAX_SCALE : scale;
	if (scale < 2 || !get_glyph('A') || !get_glyph(BOXDRAW_HORIZONTAL))
		return false;
	if (*columns > w / (GLYPH_W * scale))
		*columns = w / (GLYPH_W * scale);
	if (*lines > h / (GLYPH_H * scale))
		*lines = h / (GLYPH_H * scale);
	left = (w - *columns * GLYPH_W * scale) / 2;
	top = (h - *lines * GLYPH_H * scale) / 2;
	find_terminals();
	return true;
}
