/* SPDX-License-Identifier: MIT */
/*
 * The test of badfw itself: put in place of the real application, it looks from inside
 * whether each misbehaviour is in force, and prints what it sees as `victim: key value`
 * lines on port 0xE9.  `verify` compares them with expect.list.
 *
 * It ends through port 0xf4 (isa-debug-exit) with 0x10.
 */
#include "badfw.h"

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *st);
UINTN EFIAPI try_exec(UINTN at);	/* 1: ran and returned, 0: page fault */
void EFIAPI pf_stub(void);
UINTN EFIAPI read_flags(void);

static EFI_SYSTEM_TABLE *st;
static EFI_BOOT_SERVICES *bs;
static UINT8 *map;
static UINTN map_size, map_key, map_step;
static UINT8 some_data[16] = { 0xc3 };

static UINT64 msr(UINT32 n)
{
	UINT32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(n));
	return ((UINT64)hi << 32) | lo;
}

#define CREG(n) ({ UINTN v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)); v; })

static void show_cpu(void)
{
	struct table_reg g;
	UINTN here;

	__asm__ volatile("sgdt %0" : "=m"(g));
	say("cr0 %x", CREG(0));
	say("cr4 %x", CREG(4));
	say("efer %X", sizeof(UINTN) == 8 ? msr(0xc0000080) : 0);
	say("pat %X", msr(0x277));
	say("code-above-4g %d", (UINTN)((UINT64)(UINTN)efi_main >> 32 != 0));
	say("stack-above-4g %d", (UINTN)((UINT64)(UINTN)&here >> 32 != 0));
	say("gdt-above-4g %d", (UINTN)((UINT64)table_base(&g) >> 32 != 0));
	say("if-in-boot-services %d", read_flags() >> 9 & 1);
}

static void set_pf_handler(UINT8 saved[16], BOOLEAN on)
{
	UINTN gate = 2 * sizeof(UINTN), at = (UINTN)pf_stub;
	struct table_reg i;
	UINT8 *g;

	__asm__ volatile("sidt %0" : "=m"(i));
	g = (UINT8 *)table_base(&i) + 14 * gate;
	if (!on) {
		bf_memcpy(g, saved, gate);
		return;
	}
	bf_memcpy(saved, g, gate);
	*(UINT16 *)g = (UINT16)at;
	g[4] = 0;
	*(UINT16 *)(g + 6) = (UINT16)(at >> 16);
	if (sizeof(UINTN) == 8)
		*(UINT32 *)(g + 8) = (UINT32)((UINT64)at >> 32);
}

static void show_exec(void)
{
	EFI_PHYSICAL_ADDRESS code = 0, data = 0;
	UINT8 stack[16], saved[16];
	UINTN r[5];
	void *heap;

	bs->AllocatePages(AllocateAnyPages, EfiLoaderCode, 1, &code);
	bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &data);
	bs->AllocatePool(EfiLoaderData, 16, &heap);
	say("fresh-page %x", (UINTN)*(UINT32 *)(UINTN)data);
	say("fresh-pool %x", (UINTN)*(UINT32 *)heap);
	stack[0] = *(UINT8 *)heap = *(UINT8 *)(UINTN)code = *(UINT8 *)(UINTN)data = 0xc3;
	__asm__ volatile("cli" ::: "memory");
	set_pf_handler(saved, TRUE);
	r[0] = try_exec((UINTN)heap);
	r[1] = try_exec((UINTN)stack);
	r[2] = try_exec((UINTN)code);
	r[3] = try_exec((UINTN)some_data);
	r[4] = try_exec((UINTN)data);
	set_pf_handler(saved, FALSE);
	__asm__ volatile("sti");
	say("exec heap=%d stack=%d loadercode=%d data=%d pages=%d", r[0], r[1], r[2], r[3],
	    r[4]);
	bs->FreePages(code, 1);
	bs->FreePages(data, 1);
	bs->FreePool(heap);
}

static EFI_STATUS get_map(UINTN *tries, UINTN spare)
{
	EFI_STATUS s = EFI_BUFFER_TOO_SMALL;
	UINTN need = 0;
	UINT32 version;

	for (*tries = 0; s == EFI_BUFFER_TOO_SMALL && *tries < 20; (*tries)++) {
		if (need) {
			if (map)
				bs->FreePool(map);
			bs->AllocatePool(EfiLoaderData, need, (void **)&map);
		}
		map_size = need;
		s = bs->GetMemoryMap(&map_size, (void *)map, &map_key, &map_step, &version);
		need = map_size + spare * map_step;
	}
	return s;
}

static BOOLEAN usable(EFI_MEMORY_DESCRIPTOR *d)
{
	return (d->Type >= 1 && d->Type <= 4) || d->Type == 7;
}

/* MiB of usable memory in a window, rounded up. */
static UINTN mib_between(UINT64 from, UINT64 to)
{
	UINT64 sum = 0;
	UINTN off;

	for (off = 0; off < map_size; off += map_step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(map + off);
		UINT64 s = d->PhysicalStart, e = s + d->NumberOfPages * PAGE;

		if (!usable(d))
			continue;
		if (s < from)
			s = from;
		if (e > to)
			e = to;
		if (s < e)
			sum += e - s;
	}
	return (UINTN)((sum + MIB - 1) >> 20);
}

static void show_map(void)
{
	UINTN tries, off, off2, up = 0, down = 0, zero = 0, overlap = 0, odd = 0, attr = 0;
	EFI_STATUS s = get_map(&tries, 4);

	for (off = 0; off < map_size; off += map_step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(map + off);
		EFI_MEMORY_DESCRIPTOR *n = (void *)(map + off + map_step);

		zero += !d->NumberOfPages;
		odd += d->Type > 13;
		attr += usable(d) && ((d->Attribute & 0x8000000000040000ull) ||
				      !(d->Attribute & EFI_MEMORY_WB));
		if (off + map_step < map_size)
			*(n->PhysicalStart > d->PhysicalStart ? &up : &down) += 1;
		for (off2 = 0; off2 < off; off2 += map_step) {
			EFI_MEMORY_DESCRIPTOR *o = (void *)(map + off2);

			overlap += o->PhysicalStart < d->PhysicalStart +
					d->NumberOfPages * PAGE &&
				   d->PhysicalStart < o->PhysicalStart +
					o->NumberOfPages * PAGE;
		}
	}
	say("map status=%X tries=%d step=%d", (UINT64)s, tries, map_step);
	say("map-descriptors %d", map_size / map_step);
	say("map-many %d", (UINTN)(map_size / map_step >= 800));
	say("map-up %d", up);
	say("map-order %s", !down ? "sorted" : down > up * 3 ? "reverse" :
	    up > down * 3 ? "nearly" : "mixed");
	say("map-zero %d", zero);
	say("map-overlap %d", (UINTN)(overlap != 0));
	say("map-odd-types %d odd-attributes %d", odd, attr);
	say("mib low=%d 1-64=%d", mib_between(0, MIB), mib_between(MIB, 64 * MIB));
	say("mib-below-4g %d", mib_between(0, 4 * GIB));
	say("mib-above-4g %d", mib_between(4 * GIB, ~0ull));
}

static void show_alloc(void)
{
	EFI_PHYSICAL_ADDRESS a = MIB - 1, b = 64 * MIB - 1, c = 4 * GIB - 1;
	EFI_STATUS x, y;

	x = bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &a);
	y = bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &b);
	say("alloc below-1m=%d below-64m=%d", (UINTN)!x, (UINTN)!y);
	x = bs->AllocatePages(AllocateMaxAddress, EfiLoaderData, 4096, &c);
	say("alloc-16m status=%X at-mib=%d", (UINT64)x, (UINTN)(c >> 20));
	if (!x)
		bs->FreePages(c, 4096);
}

static void show_gop(void)
{
	static EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *g = NULL, *h = NULL;
	EFI_HANDLE *handles;
	UINTN n = 0, i, off;
	EFI_STATUS s = bs->LocateProtocol(&guid, NULL, (void **)&g);

	say("gop-locate %X", (UINT64)s);
	if (bs->LocateHandleBuffer(ByProtocol, &guid, NULL, &n, &handles))
		n = 0;
	say("gop-handles %d", n);
	if (s || !n || bs->HandleProtocol(handles[0], &guid, (void **)&h))
		return;
	say("gop-info format=%d padding=%d", (UINTN)h->Mode->Info->PixelFormat,
	    (UINTN)h->Mode->Info->PixelsPerScanLine - h->Mode->Info->HorizontalResolution);
	say("gop-masks %x", (UINTN)h->Mode->Info->PixelInformation.RedMask);
	say("gop-fb %X size %x", h->Mode->FrameBufferBase, h->Mode->FrameBufferSize);
	i = 99;
	for (off = 0; off < map_size; off += map_step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(map + off);

		if (d->PhysicalStart <= h->Mode->FrameBufferBase && d->PhysicalStart +
		    d->NumberOfPages * PAGE > h->Mode->FrameBufferBase)
			i = d->Type;
	}
	say("gop-fb-type %d above-4g=%d", i, (UINTN)(h->Mode->FrameBufferBase >> 32 != 0));
	if (h->Mode->FrameBufferSize && i == 7)
		*(volatile UINT32 *)(UINTN)h->Mode->FrameBufferBase = 0x600df00d;
}

static void show_tables(EFI_HANDLE handle)
{
	static EFI_GUID acpi1 = ACPI_TABLE_GUID, acpi2 = ACPI_20_TABLE_GUID;
	static EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
	static EFI_GUID attr_guid = { 0xf4560cf6, 0x40ec, 0x4b4a,
				      { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };
	UINTN i, n = 0, size = 64;
	EFI_LOADED_IMAGE *me;
	EFI_STATUS s;
	EFI_TIME t;
	void *p;

	for (i = 0; i < st->NumberOfTableEntries; i++)
		n += same_guid(&st->ConfigurationTable[i].VendorGuid, &acpi1) ||
		     same_guid(&st->ConfigurationTable[i].VendorGuid, &acpi2);
	say("acpi-tables %d", n);
	say("conout %d conin %d", (UINTN)(st->ConOut != NULL), (UINTN)(st->ConIn != NULL));
	say("gettime %X", (UINT64)st->RuntimeServices->GetTime(&t, NULL));
	s = st->RuntimeServices->GetVariable(L"BootOrder", &acpi1, NULL, &size, NULL);
	say("getvariable %X", (UINT64)s);
	s = bs->LocateProtocol(&attr_guid, NULL, &p);
	say("memattr %X", (UINT64)s);
	bs->HandleProtocol(handle, &image_guid, (void **)&me);
	say("load-options %d", (UINTN)me->LoadOptionsSize);
}

/* Memory attributes, if there is a protocol: make a page executable with it. */
static void show_memattr(void)
{
	struct attr {
		EFI_STATUS (EFIAPI *get)(struct attr *, UINT64, UINT64, UINT64 *);
		EFI_STATUS (EFIAPI *set)(struct attr *, UINT64, UINT64, UINT64);
		EFI_STATUS (EFIAPI *clear)(struct attr *, UINT64, UINT64, UINT64);
	} *a;
	static EFI_GUID guid = { 0xf4560cf6, 0x40ec, 0x4b4a,
				 { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };
	EFI_PHYSICAL_ADDRESS code = 0;
	EFI_STATUS s, t;
	UINT8 saved[16];
	UINT64 was = 0;
	UINTN ran;

	if (bs->LocateProtocol(&guid, NULL, (void **)&a))
		return;
	bs->AllocatePages(AllocateAnyPages, EfiLoaderCode, 1, &code);
	*(UINT8 *)(UINTN)code = 0xc3;
	s = a->get(a, code, PAGE, &was);
	t = a->clear(a, code, PAGE, 0x4000);
	__asm__ volatile("cli");
	set_pf_handler(saved, TRUE);
	ran = try_exec((UINTN)code);
	set_pf_handler(saved, FALSE);
	__asm__ volatile("sti");
	say("memattr-page get=%X was=%X clear=%X exec=%d", (UINT64)s, was, (UINT64)t, ran);
}

static void leave(EFI_HANDLE handle)
{
	UINTN tries, maps, before, room;
	EFI_STATUS s;
	UINT32 version;

	get_map(&maps, 256);
	room = map_size + 250 * map_step;	/* less than was allocated */
	before = map_size / map_step;
	s = bs->ExitBootServices(handle, map_key);
	for (tries = 1; s && tries < 8; tries++) {
		map_size = room;
		bs->GetMemoryMap(&map_size, (void *)map, &map_key, &map_step, &version);
		s = bs->ExitBootServices(handle, map_key);
	}
	say("exit status=%X tries=%d more=%d", (UINT64)s, tries,
	    (UINTN)(map_size / map_step > before));
}

static UINTN bad_free_pages(void)
{
	UINTN off, bad = 0;
	UINT64 at;

	for (off = 0; off < map_size; off += map_step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(map + off);
		UINT64 end = d->PhysicalStart + d->NumberOfPages * PAGE;

		if (d->Type != 7 || end > 4 * GIB)
			continue;
		for (at = d->PhysicalStart; at < end; at += PAGE)
			bad += at && (*(UINT32 *)(UINTN)at & 0xfff) != 0x007;
	}
	return bad;
}

/* Does the LAPIC timer count; what would come in if it could? */
static void show_interrupts(void)
{
	volatile UINT32 *apic = (void *)(UINTN)0xfee00000;
	UINTN a, i;

	say("if-after-exit %d", read_flags() >> 9 & 1);
	__asm__ volatile("cli");
	say("pic %x %x", (UINTN)inb(0x21), (UINTN)inb(0xa1));
	if (!(msr(0x1b) & 0x800)) {
		say("lapic none");
		return;
	}
	a = apic[0x390 / 4];
	for (i = 0; i < 1000; i++)
		inb(0x80);
	say("lapic lvt=%x counts=%d", (UINTN)apic[0x320 / 4],
	    (UINTN)(apic[0x390 / 4] != a));
	say("lint0-masked %d", (UINTN)(apic[0x350 / 4] >> 16 & 1));
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table)
{
	say_prefix = "victim: ";
	st = table;
	bs = st->BootServices;
	show_cpu();
	show_exec();
	show_map();
	show_alloc();
	show_gop();
	show_tables(handle);
	show_memattr();
	leave(handle);
	show_interrupts();
	say("free-pages-without-garbage %d", bad_free_pages());
	say("late-call %X", (UINT64)bs->Stall(1));
	st->RuntimeServices->ResetSystem(EfiResetShutdown, 0, 0, NULL);
	say("reset-returned 1");
	outb(0xf4, 0x10);
	for (;;)
		__asm__ volatile("cli; hlt");
}
