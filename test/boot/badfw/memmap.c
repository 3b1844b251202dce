/* SPDX-License-Identifier: MIT */
/*
 * badfw: lies about the memory map, and makes them true.
 *
 * The real map is read, cut along a list of lies (a range shown with another type, or
 * not at all), reordered and written with another descriptor size.  Whatever shall not
 * exist has been allocated before, so no allocation can return it.  No function that
 * runs inside the fake GetMemoryMap allocates: the map key must stay good.
 */
#include "badfw.h"

#define MAX_ENTRIES	8000
#define MAX_LIES	48
#define TYPE_CONVENTIONAL	7

struct entry {
	UINT64 start, end;
	UINT64 attr;
	UINT32 type;
};

struct lie {
	UINT64 start, end;
	UINT64 set, clear;
	UINT32 type;
	BOOLEAN usable_only;	/* leave what nobody could use anyway */
};

static struct lie lies[MAX_LIES];
static UINTN nlies;
static struct entry *told, *spare;	/* the map as last told; scratch */
static UINTN ntold;
static char *raw;			/* firmware's map */
static UINTN raw_room;
static UINT64 overlap_at;		/* 16 pages, reserved by an overlapping entry */

static BOOLEAN usable(UINT32 type)
{
	return (type >= EfiLoaderCode && type <= EfiBootServicesData) ||
	       type == EfiConventionalMemory;
}

static void add_lie(UINT64 start, UINT64 end, UINT32 type, UINT64 set, UINT64 clear,
		    BOOLEAN usable_only)
{
	if (nlies == MAX_LIES) {
		say("ERROR: too many lies");
		return;
	}
	lies[nlies++] = (struct lie){ start, end, set, clear, type, usable_only };
}

void map_lie(UINT64 start, UINT64 end, UINT32 type, UINT64 set, UINT64 clear)
{
	add_lie(start, end, type, set, clear, FALSE);
}

static EFI_STATUS read_raw(UINTN *size, UINTN *key, UINTN *step)
{
	UINT32 version;

	*size = raw_room;
	return real_bs->GetMemoryMap(size, (EFI_MEMORY_DESCRIPTOR *)raw, key, step, &version);
}

void map_each(void (*fn)(UINT32 type, UINT64 start, UINT64 end))
{
	UINTN size, key, step, off, n = 0;
	struct entry *list = spare;

	if (read_raw(&size, &key, &step))
		return;
	/* fn may allocate and so change the map: work on a copy. */
	for (off = 0; off < size && n < MAX_ENTRIES; off += step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(raw + off);

		list[n++] = (struct entry){ d->PhysicalStart,
			d->PhysicalStart + d->NumberOfPages * PAGE, d->Attribute, d->Type };
	}
	for (off = 0; off < n; off++)
		fn(list[off].type, list[off].start, list[off].end);
}

/* Cut `from` along one lie into `to`. */
static UINTN apply_lie(const struct lie *l, const struct entry *from, UINTN n,
		       struct entry *to)
{
	UINTN i, m = 0;

	for (i = 0; i < n && m + 3 < MAX_ENTRIES; i++) {
		struct entry e = from[i];

		if (e.end <= l->start || e.start >= l->end ||
		    (l->usable_only && !usable(e.type))) {
			to[m++] = e;
			continue;
		}
		if (e.start < l->start) {
			to[m] = e;
			to[m++].end = l->start;
			e.start = l->start;
		}
		if (e.end > l->end) {
			to[m] = e;
			to[m++].start = l->end;
			e.end = l->end;
		}
		if (l->type == MAP_ABSENT)
			continue;
		e.type = l->type;
		e.attr = (e.attr | l->set) & ~l->clear;
		to[m++] = e;
	}
	return m;
}

/* Neighbours that lies made equal become one, as a real map would have it. */
static UINTN merge(struct entry *e, UINTN n)
{
	UINTN i, m = 0;

	for (i = 1; i < n; i++) {
		if (e[i].start == e[m].end && e[i].type == e[m].type &&
		    e[i].attr == e[m].attr && !opt.many)
			e[m].end = e[i].end;
		else
			e[++m] = e[i];
	}
	return n ? m + 1 : 0;
}

static UINTN add_nonsense(struct entry *e, UINTN n)
{
	UINTN i, big = 0;

	for (i = 1; i < n; i++)
		if (e[i].type == TYPE_CONVENTIONAL &&
		    (e[big].type != TYPE_CONVENTIONAL ||
		     e[i].end - e[i].start > e[big].end - e[big].start))
			big = i;
	if (opt.overlap) {
		struct entry half = e[big];

		e[n++] = (struct entry){ overlap_at, overlap_at + 16 * PAGE, 0xf,
					 EfiReservedMemoryType };
		half.end = half.start + ((half.end - half.start) / 2 & ~(PAGE - 1));
		e[n++] = half;
	}
	if (opt.zero) {
		e[n++] = (struct entry){ 0, 0, 0xf, TYPE_CONVENTIONAL };
		e[n] = e[big];
		e[n].start = e[n].end = e[big].start + PAGE;
		e[n++].type = EfiReservedMemoryType;
	}
	return n;
}

static void reorder(struct entry *e, UINTN n)
{
	UINT32 seed = 12345;
	UINTN i, j;

	for (i = 0; opt.reverse && i < n / 2; i++) {
		struct entry t = e[i];

		e[i] = e[n - 1 - i];
		e[n - 1 - i] = t;
	}
	for (i = n; opt.shuffle && i > 1; i--) {
		struct entry t = e[i - 1];

		seed = seed * 1103515245 + 12345;
		j = (seed >> 8) % i;
		e[i - 1] = e[j];
		e[j] = t;
	}
}

/* Rebuild told[] from firmware's map. */
static EFI_STATUS build(UINTN *key, UINTN *step)
{
	UINTN size, off, i, n = 0;
	struct entry *t;
	EFI_STATUS st = read_raw(&size, key, step);

	if (st)
		return st;
	for (off = 0; off < size && n < MAX_ENTRIES - 8; off += *step) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(raw + off);

		told[n++] = (struct entry){ d->PhysicalStart,
			d->PhysicalStart + d->NumberOfPages * PAGE, d->Attribute, d->Type };
	}
	for (i = 0; i < nlies; i++) {
		n = apply_lie(&lies[i], told, n, spare);
		t = told;
		told = spare;
		spare = t;
	}
	if (nlies)
		n = merge(told, n);
	n = add_nonsense(told, n);
	reorder(told, n);
	ntold = n;
	return EFI_SUCCESS;
}

EFI_STATUS EFIAPI fake_get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
			       UINTN *desc_size, UINT32 *desc_version)
{
	UINTN k, step, need, i;
	EFI_STATUS st;

	if (!size)
		return EFI_INVALID_PARAMETER;
	st = build(&k, &step);
	if (st)
		return st;
	if (opt.desc)
		step = opt.desc;
	need = ntold * step;
	if (desc_size)
		*desc_size = step;
	if (desc_version)
		*desc_version = 1;
	if (*size < need) {
		*size = need;
		if (opt.toosmall) {
			opt.toosmall--;
			map_grow(8);	/* the size just told is too small already */
			say("GetMemoryMap: buffer too small, map grows");
		}
		return EFI_BUFFER_TOO_SMALL;
	}
	if (!map)
		return EFI_INVALID_PARAMETER;
	*size = need;
	if (key)
		*key = k;
	for (i = 0; i < ntold; i++) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)((char *)map + i * step);

		bf_memset(d, 0xa5, step);
		d->Type = told[i].type;
		d->PhysicalStart = told[i].start;
		d->VirtualStart = 0;
		d->NumberOfPages = (told[i].end - told[i].start) / PAGE;
		d->Attribute = told[i].attr;
	}
	return EFI_SUCCESS;
}

/* Is any of it in a range that does not exist for the application? */
static BOOLEAN in_hole(UINT64 start, UINT64 end)
{
	UINTN i;

	for (i = 0; i < nlies; i++)
		if (lies[i].usable_only && start < lies[i].end && end > lies[i].start)
			return TRUE;
	return FALSE;
}

/*
 * Memory that the application must never write: it holds the pattern of fill_garbage(),
 * and a test finds it so at the end (`intact`).
 */
static void keep(UINT64 start, UINT64 end)
{
	if (!start)
		start = PAGE;
	fill_garbage(start, end);
	say("keep: %X to %X", start, end);
}

/* What firmware returns from a hole is kept and the call repeated. */
EFI_STATUS bf_alloc(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
		    EFI_PHYSICAL_ADDRESS *addr)
{
	EFI_PHYSICAL_ADDRESS at;
	EFI_STATUS st;
	UINTN tries;

	for (tries = 0; tries < 4096; tries++) {
		at = *addr;
		st = real_bs->AllocatePages(how, type, pages, &at);
		if (st)
			return st;
		if (!in_hole(at, at + pages * PAGE)) {
			*addr = at;
			return EFI_SUCCESS;
		}
		if (how == AllocateAddress) {
			real_bs->FreePages(at, pages);
			return EFI_NOT_FOUND;
		}
	}
	return EFI_OUT_OF_RESOURCES;
}

EFI_STATUS EFIAPI fake_alloc_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				   EFI_PHYSICAL_ADDRESS *addr)
{
	EFI_STATUS st = bf_alloc(how, type, pages, addr);

	if (!st && opt.garbage)
		fill_garbage(*addr, *addr + pages * PAGE);
	return st;
}

EFI_STATUS EFIAPI fake_alloc_pool(EFI_MEMORY_TYPE type, UINTN size, void **buf)
{
	EFI_STATUS st;
	UINTN tries;

	for (tries = 0; tries < 4096; tries++) {
		st = real_bs->AllocatePool(type, size, buf);
		if (st)
			return st;
		if (!in_hole((UINTN)*buf, (UINTN)*buf + size)) {
			if (opt.garbage)
				bf_memset(*buf, 0xa7, size);
			return EFI_SUCCESS;
		}
	}
	return EFI_OUT_OF_RESOURCES;
}

/* The biggest piece of Conventional memory between two bounds. */
static UINT64 want_from, want_to, best_start, best_end;

static void find_best(UINT32 type, UINT64 start, UINT64 end)
{
	if (type != EfiConventionalMemory)
		return;
	if (start < want_from)
		start = want_from;
	if (end > want_to)
		end = want_to;
	if (start < end && end - start > best_end - best_start) {
		best_start = start;
		best_end = end;
	}
}

static UINT64 find_piece(UINT64 from, UINT64 to, UINT64 *end)
{
	want_from = from;
	want_to = to;
	best_start = best_end = 0;
	map_each(find_best);
	*end = best_end;
	return best_start;
}

EFI_STATUS alloc_above_4g(EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *addr)
{
	UINT64 end, start = find_piece(4 * GIB, ~0ull, &end);

	if (end - start < pages * PAGE)
		return EFI_NOT_FOUND;
	*addr = (end - pages * PAGE) & ~(2 * MIB - 1);
	if (*addr < start)
		*addr = start;
	return real_bs->AllocatePages(AllocateAddress, type, pages, addr);
}

/* One page of each kind in turn, so that no two neighbours merge. */
static void checker(UINT64 at, UINTN descriptors)
{
	static const UINT8 kind[] = { EfiLoaderData, EfiBootServicesData,
				      EfiConventionalMemory, EfiReservedMemoryType };
	EFI_PHYSICAL_ADDRESS page;
	UINTN i;

	for (i = 0; i < descriptors; i++) {
		page = at + i * PAGE;
		if (kind[i % 4] != EfiConventionalMemory)
			real_bs->AllocatePages(AllocateAddress, kind[i % 4], 1, &page);
	}
}

static UINT64 grow_at, grow_end;	/* where map_grow() takes its pages */

void map_grow(UINTN n)
{
	EFI_PHYSICAL_ADDRESS page;

	/* A used page between free ones: two descriptors more. */
	for (; n > 1 && grow_at < grow_end; n -= 2, grow_at += 2 * PAGE) {
		page = grow_at;
		real_bs->AllocatePages(AllocateAddress, EfiBootServicesData, 1, &page);
	}
}

void map_poison(void)
{
	UINT64 pages = 0;
	UINTN i;

	for (i = 0; i < ntold; i++) {
		struct entry *e = &told[i];

		if (e->type != TYPE_CONVENTIONAL || !(e->attr & EFI_MEMORY_WB) ||
		    (e->attr & EFI_MEMORY_RUNTIME))
			continue;
		if (opt.overlap && e->start < overlap_at + 16 * PAGE && e->end > overlap_at) {
			fill_garbage(e->start ? e->start : PAGE, overlap_at);
			fill_garbage(overlap_at + 16 * PAGE, e->end);
		} else {
			fill_garbage(e->start ? e->start : PAGE, e->end);
		}
		pages += (e->end - e->start) / PAGE;
	}
	say("garbage in %X free pages", pages);
}

static UINT64 hole_start, hole_end;

static void fill_hole(UINT32 type, UINT64 start, UINT64 end)
{
	EFI_PHYSICAL_ADDRESS at;

	if (type != EfiConventionalMemory)
		return;
	if (start < hole_start)
		start = hole_start;
	if (end > hole_end)
		end = hole_end;
	at = start;
	if (start >= end)
		return;
	if (!real_bs->AllocatePages(AllocateAddress, EfiReservedMemoryType,
				    (UINTN)((end - start) / PAGE), &at))
		keep(start, end);
}

static void make_hole(const char *name, UINT64 start, UINT64 end)
{
	hole_start = start;
	hole_end = end;
	map_each(fill_hole);
	add_lie(start, end, EfiReservedMemoryType, 0, 0, TRUE);
	say("%s: no RAM from %X to %X", name, start, end);
}

/* A 16-page piece per odd type, in the middle of free memory. */
static void odd_types(UINT64 at)
{
	static const UINT32 odd[] = { 0x70000005, 0x80000005, 14, 15 };
	EFI_PHYSICAL_ADDRESS p = at;
	const UINT64 each = 16 * PAGE;
	UINTN i;

	if (real_bs->AllocatePages(AllocateAddress, EfiReservedMemoryType, 7 * 16, &p))
		return;
	keep(at, at + 7 * each);
	for (i = 0; i < 4; i++)
		map_lie(at + i * each, at + (i + 1) * each, odd[i], 0, 0);
	/* soft-reserved; no write-back; runtime: free by type, not by attribute */
	map_lie(at + 4 * each, at + 5 * each, TYPE_CONVENTIONAL, 0x40000, 0);
	map_lie(at + 5 * each, at + 6 * each, TYPE_CONVENTIONAL, 0, EFI_MEMORY_WB);
	map_lie(at + 6 * each, at + 7 * each, EfiLoaderData, EFI_MEMORY_RUNTIME, 0);
	say("types: odd types at %X", at);
}

static void poison_now(UINT32 type, UINT64 start, UINT64 end)
{
	if (type == EfiConventionalMemory)
		fill_garbage(start ? start : PAGE, end);
}

EFI_STATUS map_init(void)
{
	static const CHAR16 uboot[] = L"Das U-Boot";
	EFI_PHYSICAL_ADDRESS buf = 0;
	UINT64 start, end, mid;
	UINTN one = MAX_ENTRIES * sizeof(struct entry) / PAGE + 1, i;

	raw_room = MAX_ENTRIES * 48;
	if (real_bs->AllocatePages(AllocateAnyPages, EfiBootServicesData,
				   2 * one + raw_room / PAGE + 1, &buf))
		return EFI_OUT_OF_RESOURCES;
	told = (void *)(UINTN)buf;
	spare = (void *)(UINTN)(buf + one * PAGE);
	raw = (char *)(UINTN)(buf + 2 * one * PAGE);

	if (opt.nolow)
		make_hole("nolow", 0, MIB);
	if (opt.no64)
		make_hole("no64", MIB, 64 * MIB);
	if (opt.highram)
		make_hole("highram", opt.highram * MIB, 4 * GIB);

	start = find_piece(MIB, 4 * GIB, &end);
	mid = (start + (end - start) / 2) & ~(PAGE - 1);
	grow_at = mid;
	grow_end = mid + 256 * PAGE;
	if (opt.types)
		odd_types(mid + 512 * PAGE);
	if (opt.overlap) {
		EFI_PHYSICAL_ADDRESS p = overlap_at = mid + 768 * PAGE;

		real_bs->AllocatePages(AllocateAddress, EfiReservedMemoryType, 16, &p);
		keep(p, p + 16 * PAGE);
		map_lie(p, p + 16 * PAGE, TYPE_CONVENTIONAL, 0, 0);
		say("overlap: 16 pages reserved by a second entry at %X", overlap_at);
	}
	if (opt.many) {
		checker(mid + 1024 * PAGE, opt.many);
		say("many: %d descriptors more", opt.many);
	}
	/* U-Boot lives in memory that it calls free. */
	for (i = 0; i < 4 && real_st->FirmwareVendor[i] == uboot[i]; i++)
		;
	if (opt.garbage && i < 4)
		map_each(poison_now);
	return EFI_SUCCESS;
}
