/* SPDX-License-Identifier: MIT */
/*
 * What this machine's firmware says about itself, for boot_info: tables, versions,
 * variables, clock, the file that was started and the volume it came from.
 *
 * All of it is evidence for the report, or for a debugger; nothing is needed to boot, so
 * whatever fails leaves zeros.  Every scan has a bound, since the contents of the volume and
 * of the firmware's tables are not ours.
 */
#include "loader.h"

#define FWCFG_TRACE_STOP	"opt/pagewalk/trace_stop"
#define STALL_US	10000
#define STALL_TRIES	5
#define MAX_TABLES	1024
#define DIR_DEPTH	4
#define DIR_ENTRIES	256

static EFI_GUID global_guid = {
	0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}
};

static int byte_variable(const CHAR16 *name)
{
	UINTN size = 1;
	uint8_t v = 0;

	if (EFI_ERROR(rt->GetVariable((CHAR16 *)name, &global_guid, NULL, &size, &v)) ||
	    size != 1)
		return -1;
	return v;
}

int platform_secure_boot(void)
{
	static int known = -2;

	if (known == -2)
		known = byte_variable(L"SecureBoot");
	return known;
}

static void fill_variables(struct boot_info *info)
{
	const UINT32 kind = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS |
			    EFI_VARIABLE_RUNTIME_ACCESS;
	UINT64 max = 0, left = 0, largest = 0;
	int secure = platform_secure_boot();

	if (secure >= 0)
		info->firmware_flags |= BOOT_FW_SECURE_KNOWN;
	if (secure == 1)
		info->firmware_flags |= BOOT_FW_SECURE_BOOT;
	if (byte_variable(L"SetupMode") == 1)
		info->firmware_flags |= BOOT_FW_SETUP_MODE;
	/* EFI 1.x does not have the call. */
	if (rt->Hdr.Revision < (2u << 16) || !rt->QueryVariableInfo)
		return;
	if (EFI_ERROR(rt->QueryVariableInfo(kind, &max, &left, &largest)))
		return;
	info->var_max = max;
	info->var_free = left;
	info->firmware_flags |= BOOT_FW_VAR_SPACE;
}

static void fill_tables(struct boot_info *info)
{
	static const EFI_GUID acpi2 = ACPI_20_TABLE_GUID, acpi1 = ACPI_TABLE_GUID;
	static const EFI_GUID smbios = SMBIOS_TABLE_GUID, smbios3 = SMBIOS3_TABLE_GUID;
	UINTN i, n = st->NumberOfTableEntries;
	uint64_t where;

	for (i = 0; i < n && i < MAX_TABLES; i++) {
		const EFI_CONFIGURATION_TABLE *t = &st->ConfigurationTable[i];

		where = (uintptr_t)t->VendorTable;
		if (!memcmp(&t->VendorGuid, &acpi2, sizeof(acpi2)))
			info->rsdp = where;
		else if (!memcmp(&t->VendorGuid, &acpi1, sizeof(acpi1)))
			info->rsdp1 = where;
		else if (!memcmp(&t->VendorGuid, &smbios, sizeof(smbios)))
			info->smbios = where;
		else if (!memcmp(&t->VendorGuid, &smbios3, sizeof(smbios3)))
			info->smbios3 = where;
	}
}

static void fill_clock(struct boot_info *info)
{
	EFI_TIME t;
	uint64_t start, ticks;
	unsigned i;

	memset(&t, 0, sizeof(t));
	if (!EFI_ERROR(rt->GetTime(&t, NULL))) {
		info->firmware_flags |= BOOT_FW_TIME_VALID;
		info->year = t.Year;
		info->month = t.Month;
		info->day = t.Day;
		info->hour = t.Hour;
		info->minute = t.Minute;
		info->second = t.Second;
	}
	/* A wait is never too short, so the shortest of a few is the truest. */
	for (i = 0; i < STALL_TRIES; i++) {
		start = rdtsc();
		if (EFI_ERROR(bs->Stall(STALL_US)))
			break;
		ticks = rdtsc() - start;
		if (!info->stall_tsc || ticks < info->stall_tsc)
			info->stall_tsc = ticks;
		info->stall_us = STALL_US;
	}
}

static void fill_firmware(struct boot_info *info)
{
	static EFI_GUID memattr = {
		0xf4560cf6, 0x40ec, 0x4b4a, {0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89}
	};
	void *protocol = NULL;

	info->firmware_width = sizeof(void *) * 8;
	info->system_table = (uintptr_t)st;
	info->runtime_services = (uintptr_t)rt;
	info->reset_system = (uintptr_t)rt->ResetSystem;
	info->get_time = (uintptr_t)rt->GetTime;
	info->uefi_revision = st->Hdr.Revision;
	info->firmware_revision = st->FirmwareRevision;
	if (st->FirmwareVendor)
		ascii_from_wide(info->vendor, sizeof(info->vendor), st->FirmwareVendor);
	if (!EFI_ERROR(bs->LocateProtocol(&memattr, NULL, &protocol)))
		info->firmware_flags |= BOOT_FW_MEMATTR;
	if (!log_has_conout())
		info->firmware_flags |= BOOT_FW_NO_CONOUT;
	if (fwcfg_present())
		info->firmware_flags |= BOOT_FW_QEMU_FWCFG;
}

/* The fault at which a debugger wants to stop: include/kernel/trace.h. */
static void fill_trace_stop(struct boot_info *info)
{
	char text[24];
	int len = fwcfg_read(FWCFG_TRACE_STOP, text, sizeof(text) - 1);

	if (len < 0)
		return;
	text[len] = 0;
	if (!parse_u64(text, &info->trace_stop))
		log_warn("fw_cfg " FWCFG_TRACE_STOP ": not the number of a fault, ignored");
}

static void fill_path(struct boot_info *info)
{
	static EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *li = file_loaded_image();
	void *path = NULL;

	if (!li)
		return;
	if (li->DeviceHandle &&
	    !EFI_ERROR(bs->HandleProtocol(li->DeviceHandle, &path_guid, &path)))
		device_path_text(path, info->device_path, sizeof(info->device_path));
	device_path_text(li->FilePath, info->device_path, sizeof(info->device_path));
}

/* Of the whole file; nothing if it cannot be read to its end. */
static void hash_file(EFI_FILE_HANDLE f, uint8_t *chunk, UINTN room, struct boot_info *info)
{
	struct sha256 sha;
	uint64_t size = 0;
	UINTN n;

	sha256_init(&sha);
	do {
		n = room;
		if (EFI_ERROR(f->Read(f, &n, chunk)))
			return;
		sha256_update(&sha, chunk, n);
		size += n;
	} while (n == room && size < 64 * MiB);
	sha256_final(&sha, info->image_sha256);
	info->image_file_size = size;
}

/*
 * SHA-256 of the file that we were started from: what `sha256sum` shows for it.  In few reads,
 * since U-Boot follows the cluster chain from the start of the file for each; but not with a
 * buffer in .bss, which would have to find room beside the file when that is loaded.
 */
static void fill_hash(struct boot_info *info)
{
	CHAR16 path[PATH_MAX_CHARS];
	EFI_FILE_HANDLE f;
	UINTN room = 256 * 1024;
	void *chunk = NULL;

	file_own_path(path, ARRAY_SIZE(path));
	if (!path[0] || EFI_ERROR(file_open(path, &f)))
		return;
	while (room >= 4096 && EFI_ERROR(bs->AllocatePool(EfiLoaderData, room, &chunk)))
		room /= 2;
	if (room >= 4096) {
		hash_file(f, chunk, room, info);
		bs->FreePool(chunk);
	}
	f->Close(f);
}

/* ---- who else lives on this volume ------------------------------------------------- */

struct scan {
	CHAR16 path[PATH_MAX_CHARS];	/* of the directory, without a backslash at the end */
	CHAR16 own[PATH_MAX_CHARS];	/* file that we were started from */
	unsigned depth;
	uint32_t found;
};

/* "<dir>\name" of the scan's directory; false if it does not fit. */
static bool push(struct scan *s, const CHAR16 *name, size_t *old)
{
	size_t n = wide_len(s->path), m = wide_len(name);

	*old = n;
	if (n + m + 2 > PATH_MAX_CHARS)
		return false;
	s->path[n] = '\\';
	memcpy(s->path + n + 1, name, (m + 1) * sizeof(CHAR16));
	return true;
}

/* Ours are the started file and, next to it, the one for the other firmware width. */
static bool is_ours(const struct scan *s, const CHAR16 *name, size_t dir_len)
{
	CHAR16 own_dir[PATH_MAX_CHARS], dir[PATH_MAX_CHARS];
	size_t n;

	if (!file_name_cmp(s->path, s->own))
		return true;
	if (file_name_cmp(name, L"BOOTX64.EFI") && file_name_cmp(name, L"BOOTIA32.EFI"))
		return false;
	memcpy(own_dir, s->own, sizeof(own_dir));
	for (n = wide_len(own_dir); n && own_dir[n] != '\\'; n--)
		;
	own_dir[n] = 0;
	memcpy(dir, s->path, sizeof(dir));
	dir[dir_len] = 0;
	return !file_name_cmp(dir, own_dir);
}

static bool scan_entry(const CHAR16 *name, uint64_t size, bool is_dir, void *arg)
{
	struct scan *s = arg;
	size_t old;

	if (!push(s, name, &old))
		return true;
	if (is_dir && s->depth < DIR_DEPTH && file_name_cmp(s->path, OUR_DIR)) {
		s->depth++;
		file_list(s->path, DIR_ENTRIES, scan_entry, s);
		s->depth--;
	} else if (!is_dir && file_name_ends(name, L".EFI") && !is_ours(s, name, old)) {
		s->found++;
	}
	s->path[old] = 0;
	return true;
}

static void fill_volume(struct boot_info *info)
{
	static struct scan s;

	memset(&s, 0, sizeof(s));
	memcpy(s.path, L"\\EFI", sizeof(L"\\EFI"));
	file_own_path(s.own, PATH_MAX_CHARS);
	file_list(s.path, DIR_ENTRIES, scan_entry, &s);
	info->esp_other_loaders = s.found;
	info->esp_writable = file_writable();
}

void platform_fill(struct boot_info *info)
{
	cpu_state_fill(info);
	fill_firmware(info);
	fill_trace_stop(info);
	fill_tables(info);
	fill_variables(info);
	fill_clock(info);
	fill_path(info);
	fill_hash(info);
	fill_volume(info);
	log_line("pagewalk: firmware %s, UEFI %u.%u, %u bits, Secure Boot %s",
		 info->vendor[0] ? info->vendor : "(no name)", info->uefi_revision >> 16,
		 (info->uefi_revision & 0xffff) / 10, info->firmware_width,
		 platform_secure_boot() < 0 ? "unknown" : platform_secure_boot() ? "on" : "off");
	log_line("pagewalk: started from %s", info->device_path[0] ? info->device_path :
		 "an unknown place");
}
