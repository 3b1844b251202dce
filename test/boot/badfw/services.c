/* SPDX-License-Identifier: MIT */
/*
 * badfw: the fake system table, boot services, runtime services and their hooks.
 *
 * Once ExitBootServices has been called, even in vain, only GetMemoryMap and
 * ExitBootServices may follow; every other boot service and the console then print a
 * line with the word VIOLATION, which fails a test.
 */
#include "badfw.h"

#define MAX_CONFIG	32

EFI_SYSTEM_TABLE *fake_st;
EFI_BOOT_SERVICES fake_bs;

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static EFI_TEXT_OUTPUT_STRING real_output;
static UINTN exits;

/* What stands in every entry of the table after the first exit call. */
static EFI_STATUS EFIAPI violation(void)
{
	say("VIOLATION: boot service called after ExitBootServices, from %x",
	    (UINTN)__builtin_return_address(0));
	return EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI violation_output(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *s)
{
	say("VIOLATION: OutputString called after ExitBootServices, from %x",
	    (UINTN)__builtin_return_address(0));
	return EFI_UNSUPPORTED;
}

static void close_services(void)
{
	void **entry = (void **)(&fake_bs.Hdr + 1);
	void **end = (void **)(&fake_bs + 1);

	for (; entry < end; entry++)
		if (*entry != (void *)fake_get_map &&
		    *entry != (void *)fake_bs.ExitBootServices)
			*entry = (void *)violation;
	if (real_st->ConOut && !real_output) {
		real_output = real_st->ConOut->OutputString;
		real_st->ConOut->OutputString = violation_output;
	}
}

static EFI_STATUS real_exit(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS st;

	paging_relax();
	st = real_bs->ExitBootServices(image, key);
	paging_strict();
	return st;
}

static EFI_STATUS EFIAPI fake_exit_boot(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS st;

	exits++;
	if (exits <= opt.ebs_fail) {
		map_grow(opt.ebs_grow ? opt.ebs_grow : 2);
		st = real_exit(image, key);	/* the key is stale: firmware says no */
		say("exit %d: refused (%X), the map has changed", exits, (UINT64)st);
		close_services();
		return st ? st : EFI_INVALID_PARAMETER;
	}
	st = real_exit(image, key);
	close_services();
	if (st) {
		say("exit %d: firmware says %X", exits, (UINT64)st);
		return st;
	}
	say("exit %d: done", exits);
	if (opt.garbage)
		map_poison();
	if (opt.pic || opt.intr || opt.lapic || opt.lint0)
		cpu_exit_state();
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_handle_protocol(EFI_HANDLE h, EFI_GUID *guid, void **out)
{
	EFI_STATUS st;

	if (opt.nogop && same_guid(guid, &gop_guid))
		return EFI_UNSUPPORTED;
	st = real_bs->HandleProtocol(h, guid, out);
	if (!st && same_guid(guid, &gop_guid))
		*out = gop_wrap(*out);
	return st;
}

static EFI_STATUS EFIAPI fake_open_protocol(EFI_HANDLE h, EFI_GUID *guid, void **out,
					    EFI_HANDLE agent, EFI_HANDLE ctl, UINT32 attr)
{
	EFI_STATUS st;

	if (opt.nogop && same_guid(guid, &gop_guid))
		return EFI_UNSUPPORTED;
	st = real_bs->OpenProtocol(h, guid, out, agent, ctl, attr);
	if (!st && out && attr != EFI_OPEN_PROTOCOL_TEST_PROTOCOL &&
	    same_guid(guid, &gop_guid))
		*out = gop_wrap(*out);
	return st;
}

static EFI_STATUS EFIAPI fake_locate_protocol(EFI_GUID *guid, void *reg, void **out)
{
	EFI_STATUS st;

	if (opt.nogop && same_guid(guid, &gop_guid))
		return EFI_NOT_FOUND;
	if (opt.memattr && same_guid(guid, &memattr_guid)) {
		*out = memattr_protocol();
		return *out ? EFI_SUCCESS : EFI_NOT_FOUND;
	}
	st = real_bs->LocateProtocol(guid, reg, out);
	if (!st && same_guid(guid, &gop_guid))
		*out = gop_wrap(*out);
	return st;
}

static BOOLEAN hidden(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid)
{
	return type == ByProtocol && guid && opt.nogop && same_guid(guid, &gop_guid);
}

static EFI_STATUS EFIAPI fake_locate_handle(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid,
					    void *key, UINTN *size, EFI_HANDLE *buf)
{
	if (hidden(type, guid))
		return EFI_NOT_FOUND;
	return real_bs->LocateHandle(type, guid, key, size, buf);
}

static EFI_STATUS EFIAPI fake_handle_buffer(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid,
					    void *key, UINTN *n, EFI_HANDLE **buf)
{
	if (hidden(type, guid))
		return EFI_NOT_FOUND;
	return real_bs->LocateHandleBuffer(type, guid, key, n, buf);
}

/* The image was not started by firmware, so firmware cannot end it. */
static EFI_STATUS EFIAPI fake_exit(EFI_HANDLE image, EFI_STATUS status, UINTN size,
				   CHAR16 *data)
{
	bf_longret(status);
	return status;
}

static void crc(EFI_TABLE_HEADER *h)
{
	h->CRC32 = 0;
	real_bs->CalculateCrc32(h, h->HeaderSize, &h->CRC32);
}

static void config_tables(EFI_CONFIGURATION_TABLE *to)
{
	static EFI_GUID acpi1 = ACPI_TABLE_GUID, acpi2 = ACPI_20_TABLE_GUID;
	static EFI_GUID smbios = SMBIOS_TABLE_GUID;
	static EFI_GUID smbios3 = { 0xf2fd1544, 0x9794, 0x4a2c,
				    { 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94 } };
	UINTN i, n = 0;

	for (i = 0; i < real_st->NumberOfTableEntries && n < MAX_CONFIG; i++) {
		EFI_CONFIGURATION_TABLE *t = &real_st->ConfigurationTable[i];

		if (opt.noacpi && (same_guid(&t->VendorGuid, &acpi1) ||
				   same_guid(&t->VendorGuid, &acpi2)))
			continue;
		if (opt.nosmbios && (same_guid(&t->VendorGuid, &smbios) ||
				     same_guid(&t->VendorGuid, &smbios3)))
			continue;
		to[n++] = *t;
	}
	fake_st->ConfigurationTable = to;
	fake_st->NumberOfTableEntries = n;
}

static void runtime_services(EFI_RUNTIME_SERVICES *rt, char *code)
{
	*rt = *real_st->RuntimeServices;
	bf_memcpy(code, rt_stubs_start, (UINTN)(rt_stubs_end - rt_stubs_start));
	if (opt.reset)
		rt->ResetSystem = (void *)(code + (rt_reset - rt_stubs_start));
	if (opt.gettime)
		rt->GetTime = (void *)(code + (rt_gettime - rt_stubs_start));
	if (opt.novars) {
		void *no = code + (rt_unsupported - rt_stubs_start);

		rt->GetVariable = no;
		rt->SetVariable = no;
		rt->GetNextVariableName = no;
		rt->QueryVariableInfo = no;
	}
	crc(&rt->Hdr);
	fake_st->RuntimeServices = rt;
}

static void boot_services(void)
{
	fake_bs = *real_bs;
	fake_bs.GetMemoryMap = fake_get_map;
	fake_bs.AllocatePages = fake_alloc_pages;
	fake_bs.AllocatePool = fake_alloc_pool;
	fake_bs.ExitBootServices = fake_exit_boot;
	fake_bs.HandleProtocol = fake_handle_protocol;
	fake_bs.OpenProtocol = fake_open_protocol;
	fake_bs.LocateProtocol = fake_locate_protocol;
	fake_bs.LocateHandle = fake_locate_handle;
	fake_bs.LocateHandleBuffer = fake_handle_buffer;
	fake_bs.Exit = fake_exit;
	/* Old firmware has a shorter table: keep its size, and its end. */
	if (fake_bs.Hdr.HeaderSize > sizeof(fake_bs))
		fake_bs.Hdr.HeaderSize = sizeof(fake_bs);
	crc(&fake_bs.Hdr);
	fake_st->BootServices = &fake_bs;
}

/* One page of runtime data: system table, runtime services, configuration; one of code. */
EFI_STATUS services_init(void)
{
	EFI_PHYSICAL_ADDRESS data = 4 * GIB - 1, code = 4 * GIB - 1;
	char *p;

	if (bf_alloc(AllocateMaxAddress, EfiRuntimeServicesData, 1, &data) ||
	    bf_alloc(AllocateMaxAddress, EfiRuntimeServicesCode, 1, &code))
		return EFI_OUT_OF_RESOURCES;
	p = (char *)(UINTN)data;
	fake_st = (void *)p;
	*fake_st = *real_st;
	runtime_services((void *)(p + 0x400), (char *)(UINTN)code);
	config_tables((void *)(p + 0x800));
	boot_services();
	if (opt.noconout) {
		fake_st->ConOut = NULL;
		fake_st->StdErr = NULL;
		fake_st->ConsoleOutHandle = NULL;
		fake_st->StandardErrorHandle = NULL;
	}
	if (opt.noconin) {
		fake_st->ConIn = NULL;
		fake_st->ConsoleInHandle = NULL;
	}
	crc(&fake_st->Hdr);
	return EFI_SUCCESS;
}
