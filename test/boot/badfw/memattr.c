/* SPDX-License-Identifier: MIT */
/*
 * badfw: the memory-attribute protocol, working on our page tables, or refusing.
 */
#include "badfw.h"

struct memattr {
	EFI_STATUS (EFIAPI *get)(struct memattr *, EFI_PHYSICAL_ADDRESS, UINT64, UINT64 *);
	EFI_STATUS (EFIAPI *set)(struct memattr *, EFI_PHYSICAL_ADDRESS, UINT64, UINT64);
	EFI_STATUS (EFIAPI *clear)(struct memattr *, EFI_PHYSICAL_ADDRESS, UINT64, UINT64);
};

EFI_GUID memattr_guid = { 0xf4560cf6, 0x40ec, 0x4b4a,
			  { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };

#define MEM_RP	0x2000ull
#define MEM_XP	0x4000ull
#define MEM_RO	0x20000ull

static BOOLEAN bad(UINT64 base, UINT64 len)
{
	return !len || ((base | len) & (PAGE - 1));
}

static EFI_STATUS EFIAPI attr_get(struct memattr *this, EFI_PHYSICAL_ADDRESS base,
				  UINT64 len, UINT64 *attr)
{
	UINT64 e = paging_lookup(base), at;

	if (opt.memattr == MEMATTR_FAIL)
		return EFI_UNSUPPORTED;
	if (bad(base, len) || !attr)
		return EFI_INVALID_PARAMETER;
	for (at = base; at < base + len; at += PAGE)
		if ((paging_lookup(at) ^ e) & (PTE_P | PTE_W | PTE_NX))
			return EFI_NO_MAPPING;
	*attr = (e & PTE_P ? 0 : MEM_RP) | (e & PTE_W ? 0 : MEM_RO) |
		(e & PTE_NX ? MEM_XP : 0);
	return EFI_SUCCESS;
}

static EFI_STATUS change(EFI_PHYSICAL_ADDRESS base, UINT64 len, UINT64 attr, BOOLEAN on)
{
	UINT64 set = 0, clear = 0;

	if (opt.memattr == MEMATTR_FAIL)
		return EFI_UNSUPPORTED;
	if (bad(base, len) || (attr & ~(MEM_RP | MEM_XP | MEM_RO)))
		return EFI_INVALID_PARAMETER;
	if (attr & MEM_XP)
		*(on ? &set : &clear) |= PTE_NX;
	if (attr & MEM_RO)
		*(on ? &clear : &set) |= PTE_W;
	say("memattr: %s %X at %X+%X", on ? "set" : "clear", attr, base, len);
	return paging_attr(base, base + len, set, clear);
}

static EFI_STATUS EFIAPI attr_set(struct memattr *this, EFI_PHYSICAL_ADDRESS base,
				  UINT64 len, UINT64 attr)
{
	return change(base, len, attr, TRUE);
}

static EFI_STATUS EFIAPI attr_clear(struct memattr *this, EFI_PHYSICAL_ADDRESS base,
				    UINT64 len, UINT64 attr)
{
	return change(base, len, attr, FALSE);
}

void *memattr_protocol(void)
{
	static struct memattr protocol;

	if (opt.memattr != MEMATTR_OK && opt.memattr != MEMATTR_FAIL)
		return NULL;
	protocol.get = attr_get;
	protocol.set = attr_set;
	protocol.clear = attr_clear;
	return &protocol;
}
