/* SPDX-License-Identifier: MIT */
/*
 * efi_main: from the firmware's start of us to the jump into a kernel.
 *
 * Until leave_firmware() everything may fail: then one line says what and what to do, it
 * stays on the screen for a few seconds, and the status goes back to the firmware, which
 * tries its next boot entry.  After it nothing of the firmware is used, and nothing can
 * fail but a machine without memory for tables, which was counted before.
 */
#include "core.h"
#include "loader.h"

#define ERROR_SECONDS	5
#define LOG_SLACK	2048		/* for what is logged after the info is sized */
#define QEMU_EXIT_PORT	0xf4
#define QEMU_EXIT_BAD	0x12

EFI_SYSTEM_TABLE *st;
EFI_BOOT_SERVICES *bs;
EFI_RUNTIME_SERVICES *rt;
EFI_HANDLE self;

static struct options opt;
static struct boot_info info;
static struct memmap final_map;

/* Is NAME among the values of knob=NAME[:VALUE],...? */
static bool knob(const char *name)
{
	const char *p = config_get("knob");
	size_t len = strlen(name);

	while (p && *p) {
		if (!strncmp(p, name, len) && (!p[len] || p[len] == ',' || p[len] == ':'))
			return true;
		p = strchr(p, ',');
		if (p)
			p++;
	}
	return false;
}

static bool exit_to_qemu(void)
{
	const char *value = config_get("exit");

	return value && !strcmp(value, "qemu");
}

/* The one line is on all consoles; leave it there long enough to be read. */
static EFI_STATUS give_up(const char *why)
{
	log_line("pagewalk: cannot start: %s", why);
	if (exit_to_qemu())
		outb(QEMU_EXIT_PORT, QEMU_EXIT_BAD);
	bs->Stall(ERROR_SECONDS * 1000000);
	return EFI_LOAD_ERROR;
}

/* The firmware is half gone: no service may be called but reset, and that ends it. */
static EFI_STATUS give_up_late(EFI_STATUS status)
{
	log_raw("pagewalk: cannot start: the firmware refuses to leave boot services (");
	log_raw(status_text(status));
	log_raw("); look for a firmware update\n");
	if (exit_to_qemu())
		outb(QEMU_EXIT_PORT, QEMU_EXIT_BAD);
	rt->ResetSystem(EfiResetShutdown, status, 0, NULL);
	return status;
}

static bool has_long_mode(void)
{
	uint32_t r[4];

	cpuid(0x80000000, 0, r);
	if (r[0] < 0x80000001 || r[0] > 0x80ffffff)
		return false;
	cpuid(0x80000001, 0, r);
	return r[3] & 1u << 29;
}

/* What can be started on this CPU; NULL or why not. */
static const char *choose_paging(void)
{
	if (has_long_mode() || opt.paging == PAGING_2)
		return NULL;
	if (opt.paging == PAGING_BOTH) {
		log_line("pagewalk: this CPU has no 64-bit mode: starting with 2-level paging only");
		opt.paging = PAGING_2;
		return NULL;
	}
	return "this CPU has no 64-bit mode, so no 4-level paging; choose paging=2";
}

static void talk_to_user(void)
{
	log_init();
	file_init();
	config_read(&opt);
	report_pickup();
	menu_run(&opt);
	config_cmdline(&opt);
	gop_init(&opt);
}

static void describe_self(void)
{
	EFI_LOADED_IMAGE *image = file_loaded_image();

	info.magic = BOOT_INFO_MAGIC;
	info.version = BOOT_INFO_VERSION;
	info.size = sizeof(info);
	info.firmware_width = 8 * sizeof(void *);
	if (image) {
		uint64_t base = (uintptr_t)image->ImageBase;

		/* Not everybody rounds the size up to pages. */
		info.loader_image.base = ROUND_DOWN(base, PAGE_SIZE);
		info.loader_image.size = ROUND_UP(base + image->ImageSize, PAGE_SIZE) -
					 info.loader_image.base;
	}
	platform_fill(&info);
	if (memmap_self_consistent())
		info.firmware_flags |= BOOT_FW_MAP_SELF_CONSISTENT;
}

/* How much the info range must hold; the map can only be estimated yet. */
static uint64_t info_room(void)
{
	UINTN desc_size, map = memmap_bytes(&desc_size);
	uint32_t log_len;

	if (!map)
		return 0;
	log_text(&log_len);
	return sizeof(info) + opt.cmdline_len + 1 + log_len + LOG_SLACK + 4 * 16 +
	       map + SPARE_DESCRIPTORS * desc_size + info.report_size;
}

/*
 * When the firmware has left too little free, everything waits for the exit; find out now
 * whether there will be enough then.
 */
static const char *check_late(void)
{
	static struct boot_info trial;
	const char *err;
	struct memmap m;

	if (EFI_ERROR(memmap_get(&m)))
		return "the firmware does not give its memory map";
	trial = info;
	err = load_place_late(&trial, &m);
	memmap_put(&m);
	if (!err)
		log_line("pagewalk: little free memory: the kernels take that of the firmware");
	return err;
}

static void log_places(void)
{
	unsigned n;

	for (n = 0; n < 2 && info.package[n].paging; n++)
		log_line("pagewalk: kernel for %u-level paging at 0x%llx, %llu KiB",
			 info.package[n].paging,
			 (unsigned long long)info.package[n].image.base,
			 (unsigned long long)(info.package[n].bitmap.base +
					      info.package[n].bitmap.size -
					      info.package[n].image.base) / 1024);
}

static const char *load_all(void)
{
	uint64_t room;
	const char *err;

	if (opt.fragment)
		fragment_memory(opt.fragment);
	err = choose_paging();
	if (!err)
		err = blobs_check();
	if (err)
		return err;
	report_begin(&info);
	room = info_room();
	if (!room)
		return "the firmware does not give its memory map";
	err = tramp_load(&info);
	if (!err)
		err = identity_alloc(&info);
	if (!err)
		err = load_place(&info, opt.paging == PAGING_2 ? 2 : 4,
				 opt.paging == PAGING_BOTH ? 2 : 0, room);
	if (err)
		return err;
	cpio_read(&info);
	if (load_is_late())
		return check_late();
	err = load_fill(&info);
	if (!err) {
		report_rings(&info);
		log_places();
	}
	return err;
}

/* The last map goes into a buffer of its own, since the kernels may not have a place. */
static const char *map_buffer(void)
{
	UINTN desc_size = 0, bytes = memmap_bytes(&desc_size);

	final_map.size = bytes + SPARE_DESCRIPTORS * desc_size;
	if (!bytes || EFI_ERROR(bs->AllocatePool(EfiLoaderData, final_map.size, &final_map.buf)))
		return "too little memory: no room for the memory map; give the machine more";
	return NULL;
}

static uint32_t append(uint8_t *base, uint32_t *at, const void *data, uint32_t len)
{
	uint32_t off = *at;

	memcpy(base + off, data, len);
	*at = (uint32_t)ROUND_UP(off + len, 16);
	return off;
}

/*
 * The structure and its tail into package 0, and a copy of all into the other package.
 * The map comes first: it must be whole; the messages take what is left.
 */
static void info_publish(void)
{
	struct boot_info *first = phys_ptr(info.package[0].info.base);
	struct boot_info *second = phys_ptr(info.package[1].info.base);
	uint32_t room = (uint32_t)info.package[0].info.size - info.report_size;
	uint32_t at = ROUND_UP(sizeof(info), 16);
	uint8_t *base = (uint8_t *)first;
	const char *log = log_text(&info.log_len);

	info.memmap_off = append(base, &at, final_map.buf, info.memmap_len);
	info.cmdline_len = opt.cmdline_len;
	info.cmdline_off = append(base, &at, opt.cmdline, opt.cmdline_len + 1);
	if (info.log_len >= room - at)
		info.log_len = room - at - 1;
	info.log_off = append(base, &at, log, info.log_len);
	base[info.log_off + info.log_len] = '\0';

	info.total_size = info.log_off + info.log_len + 1;
	info.handover_tsc = rdtsc();
	memcpy(first, &info, sizeof(info));
	if (!info.package[1].paging)
		return;
	memcpy(second, first, info.total_size);
	second->package[0] = info.package[1];
	second->package[1] = info.package[0];
}

static void request_kernel(void)
{
	struct tramp_request *req = phys_ptr(info.trampoline.base + TRAMP_REQUEST);

	req->target = info.package[0].paging == 4 ? TRAMP_ENTER_L4 : TRAMP_ENTER_L2;
	req->back_mode = 0;
	req->entry = info.package[0].entry;
	req->cr3 = info.identity.base;
	req->arg[0] = info.package[0].info.base;
}

/* On our own stack and tables; the firmware's memory is ours. */
static void __attribute__((noreturn)) without_firmware(void)
{
	const char *err = NULL;

	bus_masters_off();
	if (load_is_late()) {
		err = load_place_late(&info, &final_map);
		if (!err)
			err = load_fill(&info);
		if (!err)
			report_rings(&info);
	}
	if (err) {
		log_raw("pagewalk: cannot start: ");
		log_raw(err);
		log_raw("\n");
		if (exit_to_qemu())
			outb(QEMU_EXIT_PORT, QEMU_EXIT_BAD);
		for (;;)
			__asm__ volatile("hlt");
	}
	info_publish();
	request_kernel();
	tramp_enter(info.trampoline.base);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_STATUS status;
	const char *err;

	self = image;
	st = table;
	bs = table->BootServices;
	rt = table->RuntimeServices;
	bs->SetWatchdogTimer(0, 0, 0, NULL);
	cpu_state_read();

	talk_to_user();
	describe_self();
	err = load_all();
	if (!err) {
		report_write_record(&info);
		err = map_buffer();
	}
	if (err)
		return give_up(err);

	gop_fill(&info.fb);
	gop_ranges(info.screen, BOOT_MAX_SCREENS);
	log_leaving();
	status = leave_firmware(&info, &final_map, knob("ebs-stale"));
	if (EFI_ERROR(status))
		return give_up_late(status);

	if (!identity_fill(&info, &final_map))
		log_raw("pagewalk: page tables: some firmware memory is not mapped\n");
	take_over(info.identity.base, identity_pml5(&info), without_firmware);
}
