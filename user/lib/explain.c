/* SPDX-License-Identifier: MIT */
/* Page faults in words; see explain.h. */
#include "entry.h"
#include "explain.h"

#define ERROR_WRITE	2u
#define ERROR_USER	4u
#define ERROR_FETCH	0x10u
#define REGION_EVENTS	2	/* TRACE_REGION, TRACE_PATH: at most so far before TRACE_EXPLAIN */

static const struct explain_words decisions[PAGEWALK_DECISIONS] = {
	[PAGEWALK_NOTHING] = { "nothing", "5.6.1", "handle_pte_fault",
		"the entry allows it already", "nothing was left to do" },
	[PAGEWALK_ZERO_MAP] = { "zero_map", "5.6.2", "handle_pte_fault > do_anonymous_page",
		"nothing was there", "it sees the zero page, read-only" },
	[PAGEWALK_ANON_NEW] = { "anon_new", "5.6.2", "handle_pte_fault > do_anonymous_page",
		"nothing was there", "it got a frame of zeroes" },
	[PAGEWALK_ZERO_COW] = { "zero_cow", "5.6.2", "handle_pte_fault > do_wp_page",
		"the zero page was there", "it got a frame of zeroes" },
	[PAGEWALK_COW_COPY] = { "cow_copy", "5.6.4", "handle_pte_fault > do_wp_page",
		"others have the page too", "it got a copy" },
	[PAGEWALK_COW_REUSE] = { "cow_reuse", "5.6.4", "handle_pte_fault > do_wp_page",
		"nobody else has the page any more", "it may write there now" },
	[PAGEWALK_FILE_MAP] = { "file_map", "5.6.3", "handle_pte_fault > do_file_page",
		"nothing was there", "it got the page of the file" },
	[PAGEWALK_FILE_COPY] = { "file_copy", "5.6.4",
		"handle_pte_fault > do_file_page > map_private_copy",
		"the region is private", "it got a copy of the page of the file" },
	[PAGEWALK_RACE] = { "race", "5.6.1", "handle_pte_fault",
		"the entry changed meanwhile", "it tries again" },
	[PAGEWALK_SWAP_CACHE] = { "swap_cache", "5.6.3", "handle_pte_fault > do_swap_page",
		"swapped out, but still in memory", "its frame was mapped again" },
	[PAGEWALK_SWAP_IN] = { "swap_in", "5.6.3", "handle_pte_fault > do_swap_page > swapin",
		"swapped out", "it was read from the swap device" },
	[PAGEWALK_VMALLOC] = { "vmalloc", "5.6.1", "kernel_address > vmalloc_fault",
		"its tables are older than this part of vmalloc", "the top-level entry was copied" },
	[PAGEWALK_NO_REGION] = { "no_region", "5.6.1", "user_address > find_vma > bad_area",
		"there is no region", NULL },
	[PAGEWALK_NO_STACK] = { "no_stack", "5.6.1", "user_address > expand_stack > bad_area",
		"the stack may not grow that far", NULL },
	[PAGEWALK_NO_RIGHT] = { "no_right", "5.6.1", "user_address > access_refused > bad_area",
		"the region does not allow it", NULL },
	[PAGEWALK_NO_PAGE] = { "no_page", "5.6.3", "handle_pte_fault > do_file_page > fault_failed",
		"the file has no such page", NULL },
	[PAGEWALK_BAD_ENTRY] = { "bad_entry", "5.6.1", "handle_pte_fault > bad_entry",
		"the entry is none that this region can have", NULL },
	[PAGEWALK_NO_MEMORY] = { "no_memory", "5.6.1", "handle_mm_fault > pagefault_out_of_memory",
		"there is no memory", NULL },
	[PAGEWALK_KERNEL_ADDRESS] = { "kernel_address", "5.1", "kernel_address > bad_area",
		"that is the kernel's", NULL },
	[PAGEWALK_NOT_HERE] = { "not_here", "5.5", "kernel_at_user_address > no_context",
		"user memory may not be touched there", NULL },
};

const struct explain_words *explain_words(unsigned decision)
{
	if (decision >= PAGEWALK_DECISIONS || !decisions[decision].why)
		return NULL;
	return &decisions[decision];
}

/* ---- events ------------------------------------------------------------------------ */

static u64 page_of(u64 address)
{
	return address & ~(u64)(PAGE_SIZE - 1);
}

static struct explain_pending *find_pending(struct explainer *x, u32 pid)
{
	unsigned i;

	for (i = 0; i < EXPLAIN_PENDING; i++)
		if (x->pending[i].pid == pid)
			return &x->pending[i];
	return NULL;
}

static struct explain_pending *new_pending(struct explainer *x, u32 pid)
{
	struct explain_pending *p = find_pending(x, pid);

	if (!p)
		p = &x->pending[x->next++ % EXPLAIN_PENDING];
	*p = (struct explain_pending){ .pid = pid };
	return p;
}

/* What was done for a fault that goes on. */
static void note(struct explainer *x, const struct pagewalk_event *e)
{
	struct explain_pending *p = find_pending(x, e->pid);

	if (e->kind == TRACE_FAULT)
		new_pending(x, e->pid)->page = page_of(e->arg[0]);
	if (!p)
		return;
	switch (e->kind) {
	case TRACE_COW:
		p->cow = true;
		p->cow_page = page_of(e->arg[0]);
		p->cow_from = e->arg[1];
		break;
	case TRACE_STACK:
		p->stack = true;
		p->stack_page = page_of(e->arg[0]);
		break;
	case TRACE_MAP:
		p->neighbours += e->arg[0] != p->page;
		break;
	}
}

static void take_region(const struct explainer *x, struct explained *f)
{
	const struct pagewalk_event *r = &x->region;

	memcpy(f->comm, &r->arg[2], sizeof(f->comm) - 1);
	f->ticks = PAGEWALK_REGION_TICKS(r->more);
	f->region = (unsigned)r->more & PAGEWALK_REGION_KINDS;
	f->start = r->arg[0];
	f->end = r->arg[1];
	if (!f->end)
		return;
	if (f->region & PAGEWALK_REGION_FILE) {
		memcpy(f->name, x->path.arg, 32);
		memcpy(f->name + 32, &x->path.more, 8);
		if (strlen(f->name) == 40) {		/* the end of a longer one */
			memmove(f->name + 3, f->name, 40);
			memcpy(f->name, "...", 3);
		}
	} else {
		strlcpy(f->name, f->region & PAGEWALK_REGION_HEAP ? "[heap]" :
			f->region & PAGEWALK_REGION_STACK ? "[stack]" : "anonymous",
			sizeof(f->name));
	}
}

static void take_pending(struct explainer *x, struct explained *f)
{
	struct explain_pending *p = find_pending(x, f->pid);

	f->from = f->before & ENTRY_P ? entry_frame(f->before) : 0;
	f->to = f->after & ENTRY_P ? entry_frame(f->after) : 0;
	if (!p)
		return;
	if (p->cow && p->cow_page == page_of(f->address))
		f->from = p->cow_from;
	f->grew = p->stack && p->stack_page == page_of(f->address);
	f->neighbours = p->neighbours;
	*p = (struct explain_pending){ 0 };
}

static void take(struct explainer *x, const struct pagewalk_event *e, struct explained *f)
{
	*f = (struct explained){
		.seq = e->seq, .ns = e->ns, .pid = e->pid, .address = e->arg[0], .ip = e->more,
		.error = PAGEWALK_EXPLAIN_ERROR(e->arg[1]),
		.decision = PAGEWALK_EXPLAIN_DECISION(e->arg[1]),
		.signal = PAGEWALK_EXPLAIN_SIGNAL(e->arg[1]),
		.flags = e->arg[1] & -PAGEWALK_EXPLAIN_MAJOR,
		.before = e->arg[2], .after = e->arg[3],
	};
	take_region(x, f);
	take_pending(x, f);
}

bool explain_event(struct explainer *x, const struct pagewalk_event *e, struct explained *f)
{
	switch (e->kind) {
	case TRACE_REGION:
		x->region = *e;
		break;
	case TRACE_PATH:
		x->path = *e;
		break;
	case TRACE_EXPLAIN:
		if (!x->region.seq || e->seq - x->region.seq > REGION_EVENTS)
			return false;
		take(x, e, f);
		return true;
	default:
		note(x, e);
	}
	return false;
}

/* ---- words ------------------------------------------------------------------------- */

const char *explain_access(unsigned error)
{
	if (error & ERROR_FETCH)
		return "executed";
	return error & ERROR_WRITE ? "wrote to" : "read from";
}

/* "rw-p", as maps has it. */
static void rights_text(const struct explained *f, char to[5])
{
	to[0] = f->region & PAGEWALK_REGION_READ ? 'r' : '-';
	to[1] = f->region & PAGEWALK_REGION_WRITE ? 'w' : '-';
	to[2] = f->region & PAGEWALK_REGION_EXEC ? 'x' : '-';
	to[3] = f->region & PAGEWALK_REGION_SHARED ? 's' : 'p';
	to[4] = '\0';
}

/* " in /bin/rows rw-p 400000-401000", or "" without a region. */
static void region_text(const struct explained *f, char *to, size_t size)
{
	char rights[5];

	*to = '\0';
	rights_text(f, rights);
	if (f->end)
		snprintf(to, size, " in %s %s %llx-%llx", f->name, rights,
			 (unsigned long long)f->start, (unsigned long long)f->end);
}

/* What was done, or what becomes of an access that was not served. */
static const char *outcome(const struct explained *f, char *to, size_t size)
{
	const struct explain_words *w = &decisions[f->decision];

	if (w->what)
		return w->what;
	if (f->flags & PAGEWALK_EXPLAIN_OOPS)
		return "that is a bug of the kernel";
	if (f->flags & PAGEWALK_EXPLAIN_FIXUP)
		return "the kernel goes on at its fix-up (5.5)";
	if (!f->signal)
		return "somebody is killed and it tries again";
	snprintf(to, size, "it gets %s", signal_name((int)f->signal));
	return to;
}

/* ", frame 0x12 -> 0x34", with a slot of the swap device in place of a frame; "" for neither. */
static void frames_text(const struct explained *f, char *to, size_t size)
{
	unsigned long long from = f->from, after = f->to;
	unsigned device;
	u64 slot;

	*to = '\0';
	if (after && entry_swapped(f->before, &device, &slot))
		snprintf(to, size, ", slot %llu -> frame %#llx", (unsigned long long)slot, after);
	else if (from && from != after)
		snprintf(to, size, ", frame %#llx -> %#llx", from, after);
	else if (after)
		snprintf(to, size, ", frame %#llx", after);
}

static void details_text(const struct explained *f, char *to, size_t size)
{
	int n = 0;

	*to = '\0';
	if (f->flags & PAGEWALK_EXPLAIN_MAJOR)
		n = snprintf(to, size, ", after reading it");
	if (f->neighbours)
		snprintf(to + n, size - (size_t)n, ", and %u around it", f->neighbours);
}

int explain_sentence(const struct explained *f, char *to, size_t size)
{
	char region[160], result[64], frames[64], details[64], spent[48] = "";
	const struct explain_words *w = explain_words(f->decision);

	if (!w)
		return snprintf(to, size,
				"%s[%u]: a fault that this program does not know: decision %u",
				f->comm, f->pid, f->decision);
	region_text(f, region, sizeof(region));
	frames_text(f, frames, sizeof(frames));
	details_text(f, details, sizeof(details));
	if (f->ticks)
		snprintf(spent, sizeof(spent), "; %llu %s", (unsigned long long)f->ticks,
			 explain_unit());
	return snprintf(to, size, "%s%s[%u] %s %#llx%s: %s%s, so %s%s; %s; PTE %#llx -> %#llx%s%s "
			"(Gorman %s)", f->error & ERROR_USER ? "" : "kernel for ", f->comm, f->pid,
			explain_access(f->error), (unsigned long long)f->address, region,
			f->grew ? "the stack grew; " : "", w->why,
			outcome(f, result, sizeof(result)), details, w->path,
			(unsigned long long)f->before, (unsigned long long)f->after, frames, spent,
			w->section);
}

int explain_short(const struct explained *f, char *to, size_t size)
{
	const struct explain_words *w = explain_words(f->decision);
	char result[64], frames[64];

	if (!w)
		return explain_sentence(f, to, size);
	frames_text(f, frames, sizeof(frames));
	return snprintf(to, size, "%s[%u] %s %#llx: %s%s", f->comm, f->pid,
			explain_access(f->error), (unsigned long long)f->address,
			outcome(f, result, sizeof(result)), frames);
}

/* ---- JSON -------------------------------------------------------------------------- */

static void json_region(const struct explained *f, struct json *j)
{
	char rights[5];

	if (!f->end) {
		json_null(j, "region");
		return;
	}
	rights_text(f, rights);
	json_open(j, "region", '{');
	json_hex(j, "start", f->start);
	json_hex(j, "end", f->end);
	json_string(j, "rights", rights);
	json_string(j, "name", f->name);
	json_close(j, '}');
}

static void json_frame(struct json *j, const char *name, u64 frame)
{
	if (frame)
		json_hex(j, name, frame);
	else
		json_null(j, name);
}

static void json_slot(struct json *j, u64 entry)
{
	unsigned device;
	u64 slot;

	if (!entry_swapped(entry, &device, &slot)) {
		json_null(j, "slot");
		return;
	}
	json_open(j, "slot", '{');
	json_number(j, "device", device);
	json_number(j, "slot", slot);
	json_close(j, '}');
}

static void json_words(const struct explained *f, struct json *j)
{
	const struct explain_words *w = explain_words(f->decision);
	char text[EXPLAIN_TEXT_MAX];

	json_string(j, "decision", w ? w->name : NULL);
	json_string(j, "path", w ? w->path : NULL);
	json_string(j, "why", w ? w->why : NULL);
	json_string(j, "so", w ? outcome(f, text, sizeof(text)) : NULL);
	json_string(j, "section", w ? w->section : NULL);
	explain_sentence(f, text, sizeof(text));
	json_string(j, "sentence", text);
}

void explain_json(const struct explained *f, struct json *j)
{
	json_number(j, "seq", f->seq);
	json_number(j, "ns", f->ns);
	json_number(j, "pid", f->pid);
	json_string(j, "comm", f->comm);
	json_string(j, "mode", f->error & ERROR_USER ? "user" : "kernel");
	json_string(j, "access", f->error & ERROR_FETCH ? "execute" :
		    f->error & ERROR_WRITE ? "write" : "read");
	json_hex(j, "address", f->address);
	json_hex(j, "ip", f->ip);
	json_hex(j, "error", f->error);
	json_region(f, j);
	json_hex(j, "pte_before", f->before);
	json_hex(j, "pte_after", f->after);
	json_slot(j, f->before);
	json_frame(j, "frame_before", f->from);
	json_frame(j, "frame_after", f->to);
	json_number(j, "ticks", f->ticks);
	json_string(j, "unit", explain_unit());
	json_string(j, "signal", f->signal ? signal_name((int)f->signal) : NULL);
	json_bool(j, "major", f->flags & PAGEWALK_EXPLAIN_MAJOR);
	json_bool(j, "fixup", f->flags & PAGEWALK_EXPLAIN_FIXUP);
	json_bool(j, "oops", f->flags & PAGEWALK_EXPLAIN_OOPS);
	json_bool(j, "stack_grew", f->grew);
	json_number(j, "neighbours", f->neighbours);
	json_words(f, j);
}

/* ---- instructions or cycles -------------------------------------------------------- */

#define UNIT_TRIES	8

/* TSC ticks from one RDTSC to the next, with a MOV and `nops` NOPs in between. */
#define TICKS_OF(nops) ({ \
	u32 first_, low_, high_; \
	__asm__ volatile("rdtsc\n\tmov %%eax, %0\n\t.rept " #nops "\n\tnop\n\t.endr\n\trdtsc" \
			 : "=&r"(first_), "=a"(low_), "=d"(high_)); \
	low_ - first_; })

/* An interrupt in between spoils one try, not all. */
const char *explain_unit(void)
{
	static const char *unit;
	unsigned i;

	for (i = 0; i < UNIT_TRIES && !unit; i++)
		if (TICKS_OF(40) == 42 && TICKS_OF(97) == 99 && TICKS_OF(8) == 10)
			unit = "instructions";
	if (!unit)
		unit = "cycles";
	return unit;
}
