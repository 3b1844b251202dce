/* SPDX-License-Identifier: MIT */
/*
 * badfw: entry, order of the steps.
 *
 * Holes in memory come before everything that allocates, the image before the page
 * tables (which must know its sections), the processor last.  A misbehaviour that cannot
 * be brought about stops the run with a line "badfw: ERROR", because a test that goes on
 * without it would prove nothing.
 */
#include "badfw.h"

EFI_SYSTEM_TABLE *real_st;
EFI_BOOT_SERVICES *real_bs;
EFI_HANDLE self;

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *st);

#define STACK_PAGES	32	/* what the UEFI specification promises: 128 KiB */

static EFI_STATUS make_stack(struct image *img)
{
	EFI_PHYSICAL_ADDRESS at = 4 * GIB - 1;
	EFI_STATUS st;

	if (opt.high)
		st = alloc_above_4g(EfiBootServicesData, STACK_PAGES, &at);
	else
		st = bf_alloc(AllocateMaxAddress, EfiBootServicesData, STACK_PAGES, &at);
	if (st)
		return st;
	if (opt.garbage)
		fill_garbage(at, at + STACK_PAGES * PAGE);
	img->stack_top = (UINTN)(at + STACK_PAGES * PAGE);
	return EFI_SUCCESS;
}

static void load_options(struct image *img)
{
	static UINT8 binary[37];
	UINTN i;

	for (i = 0; i < sizeof(binary); i++)
		binary[i] = (UINT8)(0x80 + 7 * i);
	img->info->LoadOptions = binary;
	img->info->LoadOptionsSize = sizeof(binary);
}

static EFI_STATUS prepare(struct image *img, EFI_LOADED_IMAGE *me)
{
	EFI_STATUS st;

	st = options_read(me->DeviceHandle);
	if (!st)
		st = cpu_check();
	if (!st)
		st = map_init();
	if (!st)
		st = gop_init();
	if (!st)
		st = services_init();
	if (!st)
		st = image_load(img);
	if (!st && opt.high)
		st = sizeof(UINTN) == 8 ? image_move_high(img) : EFI_UNSUPPORTED;
	if (!st)
		st = make_stack(img);
	if (!st && opt.high)
		st = cpu_tables_high();
	if (!st)
		st = paging_init();
	if (st)
		return st;
	if (opt.nx) {
		paging_image((UINTN)me->ImageBase);
		paging_image((UINTN)img->info->ImageBase);
	}
	if (opt.loadopts)
		load_options(img);
	if (opt.watchdog) {
		st = real_bs->SetWatchdogTimer(opt.watchdog, 0x10000, 0, NULL);
		say("watchdog: %d s, status %X", opt.watchdog, (UINT64)st);
	}
	return EFI_SUCCESS;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *st)
{
	static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
	static struct image img;
	EFI_LOADED_IMAGE *me;
	EFI_STATUS status;

	self = handle;
	real_st = st;
	real_bs = st->BootServices;
	status = real_bs->HandleProtocol(handle, &image_guid, (void **)&me);
	if (!status)
		status = prepare(&img, me);
	if (status) {
		say("ERROR: not armed: %X", (UINT64)status);
		return status;
	}
	say("image at %x, stack at %x", (UINTN)img.info->ImageBase, img.stack_top);
	paging_on();
	cpu_entry_state();
	say("armed, starting the application");
	status = bf_call(img.entry, img.handle, fake_st, img.stack_top);
	say("the application returned %X", (UINT64)status);
	cpu_restore();
	paging_off();
	return status;
}
