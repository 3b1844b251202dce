/* SPDX-License-Identifier: MIT */
/*
 * What became of a frame, from the trace ring: allocated, mapped, copied, made dirty, swapped
 * out, freed; and to which frame its contents came back.
 *
 * The ring is read as a whole, first thing, so that what is told does not change while it is
 * told, and is not overwritten by the telling.
 */
#include "pagewalk.h"

static struct pagewalk_event *events;
static unsigned nr_events;
static const struct process *processes;
static unsigned nr_processes;

bool read_ring(u64 *first, u64 *last)
{
	u64 size = pw_counter("trace_size"), seq = 0;
	long fd, n;

	if (!size)
		return false;
	nr_processes = list_processes(&processes);
	events = map_anon(size * sizeof(*events));
	memset(events, 0, size * sizeof(*events));
	fd = sys_open("/proc/pagewalk/trace", O_RDONLY, 0);
	if (fd < 0)
		return false;
	while (nr_events < size) {
		n = sys_pread((int)fd, &events[nr_events], (size - nr_events) * sizeof(*events),
			      seq);
		if (n < (long)sizeof(*events))
			break;
		nr_events += (unsigned)(n / (long)sizeof(*events));
		seq = events[nr_events - 1].seq;
	}
	sys_close((int)fd);
	if (!nr_events)
		return false;
	*first = events[0].seq;
	*last = events[nr_events - 1].seq;
	return true;
}

/* ---- who ----------------------------------------------------------------------------------- */

static bool is_block(const struct pagewalk_event *e, u64 pfn)
{
	return (e->kind == TRACE_ALLOC || e->kind == TRACE_FREE) && pfn >= e->arg[0] &&
	       pfn - e->arg[0] < 1ull << e->arg[1];
}

/* Whose tables began with this frame when event i happened; 0: nothing tells. */
static u32 owner_of(u64 top, unsigned i)
{
	unsigned k;

	for (k = i; k-- > 0 && !is_block(&events[k], top); )
		if (events[k].kind == TRACE_SPACE && events[k].arg[0] == top)
			return (u32)events[k].arg[1];
	/* Its entries come before its number. */
	for (k = i; k < nr_events && !is_block(&events[k], top); k++)
		if (events[k].kind == TRACE_SPACE && events[k].arg[0] == top)
			return (u32)events[k].arg[1];
	for (k = 0; k < nr_processes; k++)
		if (processes[k].top == top)
			return (u32)processes[k].pid;
	return 0;
}

/* Its name when event i happened: what the fault before it said, or the next one. */
static void name_of(u32 pid, unsigned i, char *to, size_t size)
{
	char name[17] = "";
	unsigned k;

	for (k = i + 1; k-- > 0 && !name[0]; )
		if (events[k].kind == TRACE_REGION && events[k].pid == pid)
			memcpy(name, &events[k].arg[2], 16);
	for (k = i; k < nr_events && !name[0]; k++)
		if (events[k].kind == TRACE_REGION && events[k].pid == pid)
			memcpy(name, &events[k].arg[2], 16);
	if (name[0])
		strlcpy(to, name, size);
	else
		process_name((int)pid, to, size);
}

/* "0x404000 of rows[57]".  Nobody but reclaim and swapoff works on tables of others. */
static void place_text(u64 address, u64 top, unsigned i, char *to, size_t size)
{
	u32 pid = owner_of(top, i);
	char name[20];

	if (!pid && events[i].kind != TRACE_MAP && events[i].arg[3] == TRACE_BY_ITSELF)
		pid = events[i].pid;
	if (!pid) {
		snprintf(to, size, "%#llx of the address space at frame %#llx", (ull)address, (ull)top);
		return;
	}
	name_of(pid, i, name, sizeof(name));
	snprintf(to, size, "%#llx of %s[%u]", (ull)address, name, pid);
}

/* ---- what ---------------------------------------------------------------------------------- */

static bool names_frame(u64 entry, u64 pfn)
{
	return entry & (ENTRY_P | ENTRY_G) && entry_frame(entry) == pfn;
}

static const char *state_of(u64 entry)
{
	if (!(entry & ENTRY_P))
		return "no access";
	if (entry & ENTRY_W)
		return entry & ENTRY_D ? "writable, dirty" : "writable, clean";
	return entry & ENTRY_D ? "read-only, dirty" : "read-only, clean";
}

static void block_text(const struct pagewalk_event *e, char *to, size_t size)
{
	const char *type = frame_type_name((unsigned)e->arg[2]);
	bool alloc = e->kind == TRACE_ALLOC;

	if (e->arg[1])
		snprintf(to, size, "%s in a block of %llu frames: %s", alloc ? "allocated" : "freed",
			 1ull << e->arg[1], type);
	else
		snprintf(to, size, "%s%s", alloc ? "allocated: " : "freed; it was ", type);
}

static void map_text(const struct pagewalk_event *e, unsigned i, char *to, size_t size)
{
	static const char *const ways[] = { "", " by fork", " by mremap", "" };
	char place[96];

	place_text(e->arg[0], e->arg[2], i, place, sizeof(place));
	snprintf(to, size, "mapped at %s%s: entry %#llx, %s", place, ways[e->arg[3] & 3],
		 (ull)e->arg[1], state_of(e->arg[1]));
}

static void unmap_text(const struct pagewalk_event *e, unsigned i, char *to, size_t size)
{
	static const char *const ways[] = { "", "", " by mremap", " by reclaim" };
	char place[96];

	place_text(e->arg[0], e->arg[2], i, place, sizeof(place));
	snprintf(to, size, "unmapped at %s%s: entry was %#llx, %s", place, ways[e->arg[3] & 3],
		 (ull)e->arg[1], state_of(e->arg[1]));
}

static void dirty_text(const struct pagewalk_event *e, unsigned i, char *to, size_t size)
{
	char place[96];

	place_text(e->arg[0], e->arg[2], i, place, sizeof(place));
	snprintf(to, size, "written to at %s, its only owner or all share it: entry %#llx, %s", place,
		 (ull)e->arg[1], state_of(e->arg[1]));
}

static void copy_text(const struct pagewalk_event *e, u64 pfn, unsigned i, char *to, size_t size)
{
	char name[20];

	if (e->arg[2] == pfn) {
		snprintf(to, size, "filled with the contents of frame %#llx", (ull)e->arg[1]);
		return;
	}
	name_of(e->pid, i, name, sizeof(name));
	snprintf(to, size, "copied to frame %#llx, since %s[%u] wrote to %#llx%s", (ull)e->arg[2], name,
		 e->pid, (ull)e->arg[0], e->arg[3] ? "; its entry names the copy now" : "");
}

/* What the event says of the frame; false: it is about others. */
static bool tell(u64 pfn, unsigned i, char *to, size_t size)
{
	const struct pagewalk_event *e = &events[i];

	switch (e->kind) {
	case TRACE_ALLOC:
	case TRACE_FREE:
		if (!is_block(e, pfn))
			return false;
		block_text(e, to, size);
		return true;
	case TRACE_MAP:
		if (!names_frame(e->arg[1], pfn))
			return false;
		map_text(e, i, to, size);
		return true;
	case TRACE_UNMAP:
		if (!names_frame(e->arg[1], pfn))
			return false;
		unmap_text(e, i, to, size);
		return true;
	case TRACE_DIRTY:
		if (!names_frame(e->arg[1], pfn))
			return false;
		dirty_text(e, i, to, size);
		return true;
	case TRACE_COW:
		if (e->arg[1] != pfn && e->arg[2] != pfn)
			return false;
		copy_text(e, pfn, i, to, size);
		return true;
	case TRACE_SWAP_OUT:
		snprintf(to, size, "written to slot %llu of swap device %llu", (ull)e->arg[2],
			 (ull)e->arg[1]);
		return e->arg[0] == pfn;
	case TRACE_SWAP_IN:
		snprintf(to, size, "filled from slot %llu of swap device %llu", (ull)e->arg[2],
			 (ull)e->arg[1]);
		return e->arg[0] == pfn;
	case TRACE_RECLAIM:
		snprintf(to, size, "reclaimed");
		return e->arg[0] == pfn;
	}
	return false;
}

/* ---- where its contents went ----------------------------------------------------------------- */

/* A page of another frame is read from a slot that has the contents of this one. */
static bool comes_back(u64 pfn, unsigned i)
{
	const struct pagewalk_event *e = &events[i];
	unsigned k;

	if (e->kind != TRACE_SWAP_IN || e->arg[0] == pfn)
		return false;
	for (k = i; k-- > 0; )
		if (events[k].kind == TRACE_SWAP_OUT && events[k].arg[1] == e->arg[1] &&
		    events[k].arg[2] == e->arg[2])
			return events[k].arg[0] == pfn;
	return false;
}

unsigned biography(u64 pfn, void (*fn)(const struct life_event *e, void *arg), void *arg)
{
	struct life_event life;
	unsigned i, n = 0;

	for (i = 0; i < nr_events; i++) {
		if (comes_back(pfn, i))
			snprintf(life.text, sizeof(life.text),
				 "its contents, from slot %llu of swap device %llu, come back in frame %#llx",
				 (ull)events[i].arg[2], (ull)events[i].arg[1],
				 (ull)events[i].arg[0]);
		else if (!tell(pfn, i, life.text, sizeof(life.text)))
			continue;
		life.seq = events[i].seq;
		life.ns = events[i].ns;
		life.pid = events[i].pid;
		name_of(life.pid, i, life.comm, sizeof(life.comm));
		fn(&life, arg);
		n++;
	}
	return n;
}
