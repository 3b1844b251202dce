/* SPDX-License-Identifier: MIT */
/*
 * badfw: loading the real application, \EFI\pagewalk\REAL.EFI of our own volume.
 *
 * Firmware's LoadImage does the work, so the application finds a true LoadedImage
 * protocol and device path; we only start it ourselves, to hand it our system table.
 * `high` then moves the image above 4 GiB.
 */
#include "badfw.h"

static const CHAR16 file_name[] = L"\\EFI\\pagewalk\\REAL.EFI";

static UINTN path_length(EFI_DEVICE_PATH *p)
{
	UINT8 *n = (UINT8 *)p;

	while (n[0] != 0x7f)
		n += n[2] | (n[3] << 8);
	return (UINTN)(n - (UINT8 *)p);
}

/* The volume's device path with a file node behind it. */
static EFI_DEVICE_PATH *file_path(EFI_HANDLE volume)
{
	static EFI_GUID path_guid = DEVICE_PATH_PROTOCOL;
	static const UINT8 end[] = { 0x7f, 0xff, 4, 0 };
	UINTN len, node = 4 + sizeof(file_name);
	EFI_DEVICE_PATH *dev;
	UINT8 *p;

	if (real_bs->HandleProtocol(volume, &path_guid, (void **)&dev))
		return NULL;
	len = path_length(dev);
	if (real_bs->AllocatePool(EfiBootServicesData, len + node + 4, (void **)&p))
		return NULL;
	bf_memcpy(p, dev, len);
	p[len] = 4;
	p[len + 1] = 4;
	p[len + 2] = (UINT8)node;
	p[len + 3] = (UINT8)(node >> 8);
	bf_memcpy(p + len + 4, file_name, sizeof(file_name));
	bf_memcpy(p + len + node, end, 4);
	return (void *)p;
}

static UINT8 *pe_header(const void *base)
{
	return (UINT8 *)base + *(UINT32 *)((UINT8 *)base + 0x3c);
}

EFI_STATUS image_load(struct image *img)
{
	static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
	EFI_LOADED_IMAGE *me;
	EFI_STATUS st;

	st = real_bs->HandleProtocol(self, &image_guid, (void **)&me);
	if (!st)
		st = real_bs->LoadImage(FALSE, self, file_path(me->DeviceHandle), NULL, 0,
					&img->handle);
	if (!st)
		st = real_bs->HandleProtocol(img->handle, &image_guid, (void **)&img->info);
	if (st) {
		say("ERROR: LoadImage of \\EFI\\pagewalk\\REAL.EFI: %X", (UINT64)st);
		return st;
	}
	img->info->SystemTable = fake_st;
	img->entry = (EFI_IMAGE_ENTRY_POINT)((UINTN)img->info->ImageBase +
		*(UINT32 *)(pe_header(img->info->ImageBase) + 40));
	return EFI_SUCCESS;
}

/* Move an image that has been relocated already: add the distance once more. */
static EFI_STATUS relocate(UINT8 *to, const UINT8 *pe, UINT64 distance)
{
	UINT32 dirs = sizeof(UINTN) == 8 ? 24 + 112 : 24 + 96;
	UINT8 *r = to + *(UINT32 *)(pe + dirs + 5 * 8);
	UINT8 *end = r + *(UINT32 *)(pe + dirs + 5 * 8 + 4);
	UINT32 i;

	for (; r < end; r += *(UINT32 *)(r + 4)) {
		for (i = 8; i < *(UINT32 *)(r + 4); i += 2) {
			UINT16 e = *(UINT16 *)(r + i);
			UINT8 *at = to + *(UINT32 *)r + (e & 0xfff);

			if (e >> 12 == 10)
				*(UINT64 *)at += distance;
			else if (e >> 12)
				return EFI_LOAD_ERROR;
		}
	}
	return EFI_SUCCESS;
}

EFI_STATUS image_move_high(struct image *img)
{
	UINT8 *from = img->info->ImageBase, *to;
	UINTN size = (UINTN)img->info->ImageSize;
	EFI_PHYSICAL_ADDRESS at;
	EFI_STATUS st;

	st = alloc_above_4g(EfiLoaderCode, (UINTN)((size + PAGE - 1) / PAGE), &at);
	if (st)
		return st;
	to = (UINT8 *)(UINTN)at;
	bf_memcpy(to, from, size);
	st = relocate(to, pe_header(to), at - (UINTN)from);
	if (st)
		return st;
	img->entry = (EFI_IMAGE_ENTRY_POINT)((UINT8 *)img->entry - from + to);
	img->info->ImageBase = to;
	return EFI_SUCCESS;
}
