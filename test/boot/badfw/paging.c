/* SPDX-License-Identifier: MIT */
/*
 * badfw: page tables of our own, in which only code that must run can be executed.
 *
 * x86-64: a deep copy of the firmware's tables with NX everywhere but in boot-services
 * and runtime code and in the code sections of the two images; LA57 puts a fifth level
 * above either set.  ia32: PAE tables, because only they have NX; a real 32-bit firmware
 * with PAE on is what the option `pae` is about.  All tables lie below 4 GiB, because
 * firmware starts the other processors with our CR3.
 */
#include "badfw.h"

#define ADDR_MASK	0x000ffffffffff000ull
#define WIDE		(sizeof(UINTN) == 8)

static UINT64 *root;		/* our top level: 4 (x64) or 3 (ia32) */
static UINT64 strict_cr3, relaxed_cr3, firmware_cr3;
static UINTN firmware_cr0, firmware_cr4;
static BOOLEAN own, failed;
static void (EFIAPI *detour)(UINTN cr3, UINTN cr4);

BOOLEAN paging_own(void)
{
	return own;
}

static UINT64 *new_table(void)
{
	EFI_PHYSICAL_ADDRESS at = 4 * GIB - 1;

	if (bf_alloc(AllocateMaxAddress, EfiBootServicesData, 1, &at)) {
		failed = TRUE;
		return NULL;
	}
	bf_memset((void *)(UINTN)at, 0, PAGE);
	return (void *)(UINTN)at;
}

static UINT64 *table_of(UINT64 entry)
{
	return (UINT64 *)(UINTN)(entry & ADDR_MASK);
}

static BOOLEAN is_leaf(UINT64 e, int level)
{
	return level == 1 || (level < 4 && (e & PTE_PS));
}

static UINT64 *copy_tables(const UINT64 *from, int level)
{
	UINT64 *to = new_table(), *sub;
	UINTN i;

	if (!to)
		return NULL;
	for (i = 0; i < 512; i++) {
		if (!(from[i] & PTE_P))
			continue;
		if (is_leaf(from[i], level)) {
			to[i] = from[i] & ~(PTE_G | PTE_U);
			if (opt.nx)
				to[i] |= PTE_NX;
			continue;
		}
		sub = copy_tables(table_of(from[i]), level - 1);
		if (!sub)
			return NULL;
		to[i] = (UINTN)sub | PTE_P | PTE_W;
	}
	return to;
}

/* 4 GiB in 2-MiB pages: three levels, of which the top one takes no attributes. */
static UINT64 *pae_tables(void)
{
	UINT64 *top = new_table(), *pd, i, j;

	for (i = 0; top && i < 4; i++) {
		pd = new_table();
		if (!pd)
			return NULL;
		for (j = 0; j < 512; j++)
			pd[j] = (i << 30) | (j << 21) | PTE_PS | PTE_P | PTE_W |
				(opt.nx ? PTE_NX : 0);
		top[i] = (UINTN)pd | PTE_P;
	}
	return top;
}

static void split(UINT64 *e, int level)
{
	UINT64 *sub = new_table(), attr = *e & ~(ADDR_MASK | PTE_PS), base, i;
	int shift = 12 + 9 * (level - 2);

	if (!sub)
		return;
	base = *e & ADDR_MASK & ~((1ull << (shift + 9)) - 1);
	for (i = 0; i < 512; i++)
		sub[i] = (base + (i << shift)) | attr | (level > 2 ? PTE_PS : 0);
	*e = (UINTN)sub | PTE_P | (level == 3 && !WIDE ? 0 : PTE_W);
}

static void set_range(UINT64 *table, int level, UINT64 base, UINT64 start, UINT64 end,
		      UINT64 set, UINT64 clear)
{
	int shift = 12 + 9 * (level - 1);
	UINT64 size = 1ull << shift, i, at;
	UINTN entries = level == 3 && !WIDE ? 4 : 512;

	i = start > base ? (start - base) >> shift : 0;
	for (; i < entries && base + i * size < end && !failed; i++) {
		at = base + i * size;
		if (!(table[i] & PTE_P))
			continue;
		if (is_leaf(table[i], level)) {
			if (start <= at && end >= at + size) {
				table[i] = (table[i] | set) & ~clear;
				continue;
			}
			split(&table[i], level);
			if (failed)
				return;
		}
		set_range(table_of(table[i]), level - 1, at, start, end, set, clear);
	}
}

static void flush(void)
{
	write_cr3(read_cr3());
}

EFI_STATUS paging_attr(UINT64 start, UINT64 end, UINT64 set, UINT64 clear)
{
	set_range(root, WIDE ? 4 : 3, 0, start, end, set, clear);
	if (own && root)
		flush();
	return failed ? EFI_OUT_OF_RESOURCES : EFI_SUCCESS;
}

UINT64 paging_lookup(UINT64 addr)
{
	UINT64 *t = root, e = 0;
	int level;

	for (level = WIDE ? 4 : 3; t && level; level--) {
		e = t[(addr >> (12 + 9 * (level - 1))) & 511];
		if (!(e & PTE_P))
			return 0;
		if (is_leaf(e, level))
			return e;
		t = table_of(e);
	}
	return e;
}

void paging_image(UINTN base)
{
	UINT8 *pe = (UINT8 *)base + *(UINT32 *)(base + 0x3c), *s;
	UINT16 n = *(UINT16 *)(pe + 6);
	UINT64 start, end;

	if (*(UINT16 *)base != 0x5a4d) {
		say("ERROR: no PE header at %x", base);
		return;
	}
	for (s = pe + 24 + *(UINT16 *)(pe + 20); n--; s += 40) {
		start = base + *(UINT32 *)(s + 12);
		end = (start + *(UINT32 *)(s + 8) + PAGE - 1) & ~(PAGE - 1);
		if (*(UINT32 *)(s + 36) & 0x20000000)		/* execute */
			paging_attr(start, end, 0, PTE_NX | PTE_W);
		else if (!(*(UINT32 *)(s + 36) & 0x80000000))	/* read only */
			paging_attr(start, end, 0, PTE_W);
	}
}

static void firmware_code(UINT32 type, UINT64 start, UINT64 end)
{
	if (type == EfiBootServicesCode || type == EfiRuntimeServicesCode)
		set_range(root, WIDE ? 4 : 3, 0, start, end, 0, PTE_NX);
}

/* A fifth level whose first entry is `top`. */
static UINT64 fifth(UINT64 top)
{
	UINT64 *p5 = new_table();

	if (!p5)
		return 0;
	p5[0] = (top & ADDR_MASK) | PTE_P | PTE_W;
	return (UINTN)p5;
}

static EFI_STATUS detour_init(void)
{
	EFI_PHYSICAL_ADDRESS at = 4 * GIB - 1;
	UINTN len = (UINTN)(detour_end - detour_start);

	if (bf_alloc(AllocateMaxAddress, EfiBootServicesCode, 1, &at))
		return EFI_OUT_OF_RESOURCES;
	bf_memcpy((void *)(UINTN)at, detour_start, len);
	detour = (void (EFIAPI *)(UINTN, UINTN))(UINTN)at;
	return EFI_SUCCESS;
}

EFI_STATUS paging_init(void)
{
	firmware_cr0 = read_cr0();
	firmware_cr3 = read_cr3();
	firmware_cr4 = read_cr4();
	if (!opt.nx && !opt.la57 && !opt.pae && !opt.smep && !opt.smap && !opt.cr4 &&
	    opt.memattr != MEMATTR_OK)
		return EFI_SUCCESS;
	if (!WIDE && !opt.nx && !opt.pae && opt.memattr != MEMATTR_OK)
		return EFI_SUCCESS;
	root = WIDE ? copy_tables(table_of(firmware_cr3), 4) : pae_tables();
	strict_cr3 = (UINTN)root;
	relaxed_cr3 = WIDE ? firmware_cr3 : strict_cr3;
	if (!failed && opt.la57) {
		if (detour_init())
			return EFI_OUT_OF_RESOURCES;
		strict_cr3 = fifth(strict_cr3);
		relaxed_cr3 = fifth(relaxed_cr3);
	}
	if (!failed && opt.nx)
		map_each(firmware_code);
	return failed ? EFI_OUT_OF_RESOURCES : EFI_SUCCESS;
}

/* ia32 only: the three registers in the order in which they may change. */
static void switch_32(UINTN cr0, UINTN cr3, UINTN cr4)
{
	write_cr0(read_cr0() & ~CR0_PG);
	write_cr4(cr4);
	write_cr3(cr3);
	write_cr0(cr0);
}

EFI_STATUS paging_on(void)
{
	if (!root && !opt.nopaging)
		return EFI_SUCCESS;
	__asm__ volatile("cli");
	if (opt.nopaging)
		switch_32(firmware_cr0 & ~CR0_PG, 0, firmware_cr4 & ~CR4_PAE);
	if (opt.nx)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	if (!WIDE && root)
		switch_32(firmware_cr0 | CR0_PG, (UINTN)strict_cr3, firmware_cr4 | CR4_PAE);
	else if (WIDE && opt.la57)
		detour((UINTN)strict_cr3, read_cr4() | CR4_LA57);
	else if (WIDE)
		write_cr3((UINTN)strict_cr3);
	own = TRUE;
	__asm__ volatile("sti");
	return EFI_SUCCESS;
}

void paging_off(void)
{
	if (!own)
		return;
	own = FALSE;
	__asm__ volatile("cli");
	if (!WIDE)
		switch_32(firmware_cr0, (UINTN)firmware_cr3, firmware_cr4);
	else if (opt.la57)
		detour((UINTN)firmware_cr3, read_cr4() & ~CR4_LA57);
	else
		write_cr3((UINTN)firmware_cr3);
	__asm__ volatile("sti");
}

void paging_relax(void)
{
	if (own && WIDE)
		write_cr3((UINTN)relaxed_cr3);
}

void paging_strict(void)
{
	if (own && WIDE)
		write_cr3((UINTN)strict_cr3);
}
