/* SPDX-License-Identifier: MIT */
/*
 * One frame: what it is used for; who maps it, by the kernel's reverse mapping and by a scan of
 * all tables; what became of it.
 */
#include <linux/kernel-page-flags.h>
#include "pagewalk.h"

#define MAPPINGS_MAX	4096
#define BATCH		32
#define JSON_MAX	(1024 * 1024)

/* Entries that name the frame. */
struct mappings {
	unsigned n;			/* all that were found */
	unsigned present;		/* of these: the processor uses them */
	bool whole;			/* list has all of them */
	struct pagewalk_mapping *list;
};

const char *frame_type_name(unsigned type)
{
	static const char *const names[PAGEWALK_FRAME_TYPES] = {
		"kernel data", "slab", "page table", "vmalloc", "anonymous", "file", "reserved",
		"free", "absent",
	};

	return type < PAGEWALK_FRAME_TYPES ? names[type] : "unknown";
}

const char *zone_name(unsigned zone)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem" };

	return zone < ARRAY_SIZE(names) ? names[zone] : "unknown";
}

void frame_flags(u64 flags, char *to, size_t size)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ KPF_LOCKED, "locked" }, { KPF_ERROR, "error" },
		{ KPF_REFERENCED, "referenced" }, { KPF_UPTODATE, "uptodate" },
		{ KPF_DIRTY, "dirty" }, { KPF_LRU, "lru" }, { KPF_ACTIVE, "active" },
		{ KPF_SLAB, "slab" }, { KPF_WRITEBACK, "writeback" }, { KPF_RECLAIM, "reclaim" },
		{ KPF_BUDDY, "buddy" }, { KPF_MMAP, "mmap" }, { KPF_ANON, "anon" },
		{ KPF_SWAPCACHE, "swapcache" }, { KPF_SWAPBACKED, "swapbacked" },
		{ KPF_UNEVICTABLE, "unevictable" }, { KPF_NOPAGE, "nopage" },
		{ KPF_ZERO_PAGE, "zero page" }, { KPF_PGTABLE, "pgtable" },
	};
	size_t used = 0;
	unsigned i;

	strlcpy(to, "no flags", size);
	for (i = 0; i < ARRAY_SIZE(names) && used < size; i++)
		if (flags >> names[i].bit & 1)
			used += (size_t)snprintf(to + used, size - used, "%s%s", used ? "," : "",
						 names[i].name);
}

bool read_frame(u64 pfn, struct pagewalk_frame *f)
{
	long fd = sys_open("/proc/pagewalk/frames", O_RDONLY, 0), n;

	if (fd < 0)
		give_up(1, "/proc/pagewalk/frames cannot be opened: error %ld%s", -fd,
			fd == -EACCES ? " (only root may)" : "");
	n = sys_pread((int)fd, f, sizeof(*f), pfn * sizeof(*f));
	sys_close((int)fd);
	return n == (long)sizeof(*f);
}

/* ---- reverse mapping --------------------------------------------------------------------- */

static void add(struct mappings *m, const struct pagewalk_mapping *one)
{
	if (m->n < MAPPINGS_MAX)
		m->list[m->n] = *one;
	else
		m->whole = false;
	m->n++;
	m->present += one->entry & ENTRY_P;
}

static void ask_rmap(u64 pfn, struct mappings *m)
{
	static struct pagewalk_mapping batch[BATCH];
	long fd = sys_open("/proc/pagewalk/rmap", O_RDWR, 0), n, i;
	char line[40];

	*m = (struct mappings){ .whole = true, .list = map_anon(MAPPINGS_MAX * sizeof(*m->list)) };
	if (fd < 0)
		give_up(1, "/proc/pagewalk/rmap cannot be opened: error %ld", -fd);
	n = sys_write((int)fd, line, (size_t)snprintf(line, sizeof(line), "frame=%llu", (ull)pfn));
	if (n < 0)
		give_up(1, "the kernel does not say who maps frame %#llx: error %ld", (ull)pfn, -n);
	while ((n = sys_read((int)fd, batch, sizeof(batch))) > 0)
		for (i = 0; i < n / (long)sizeof(batch[0]); i++)
			add(m, &batch[i]);
	sys_close((int)fd);
}

/* ---- the scan ------------------------------------------------------------------------------ */

/* All pages of one process.  Large ones are the kernel's business. */
static void scan_process(const struct process *p, u64 pfn, struct mappings *m)
{
	static struct pagewalk_walk w[BATCH];
	int fd = open_walk(p->pid);
	u64 top = kernel_start();
	long n, i;

	if (fd < 0)
		return;
	sys_write(fd, "holes=hidden", 12);
	while ((n = sys_read(fd, w, sizeof(w))) > 0) {
		for (i = 0; i < n / (long)sizeof(w[0]) && w[i].address < top; i++)
			if (w[i].size == PAGE_SIZE && w[i].phys >> 12 == pfn)
				add(m, &(struct pagewalk_mapping){
					.address = w[i].address, .top = p->top, .pid = p->pid,
					.entry = w[i].entry[w[i].depth - 1] });
		if (i < n / (long)sizeof(w[0]))
			break;
	}
	sys_close(fd);
}

/* After a vfork two processes have one address space: it is scanned once. */
static void scan_all(u64 pfn, struct mappings *m)
{
	const struct process *list;
	unsigned n = list_processes(&list), i, k;

	*m = (struct mappings){ .whole = true, .list = map_anon(MAPPINGS_MAX * sizeof(*m->list)) };
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && list[k].top != list[i].top; k++)
			;
		if (k == i)
			scan_process(&list[i], pfn, m);
	}
}

static bool has(const struct mappings *m, const struct pagewalk_mapping *one)
{
	unsigned i;

	for (i = 0; i < m->n && i < MAPPINGS_MAX; i++)
		if (m->list[i].top == one->top && m->list[i].address == one->address)
			return true;
	return false;
}

/* Every present entry of one is in the other.  Entries of PROT_NONE the scan cannot see. */
static bool same(const struct mappings *rmap, const struct mappings *scan)
{
	unsigned i;

	if (rmap->present != scan->n || !rmap->whole || !scan->whole)
		return false;
	for (i = 0; i < rmap->n; i++)
		if (rmap->list[i].entry & ENTRY_P && !has(scan, &rmap->list[i]))
			return false;
	return true;
}

/* ---- in words ------------------------------------------------------------------------------ */

/* All that is known of one frame. */
struct facts {
	struct pagewalk_frame f;
	bool zero;			/* the zero page: nobody counts its entries */
	struct mappings rmap, scan;
	bool agree;
	u64 kernel_address;		/* 0: none, high memory */
	bool recorded;			/* the ring has these events */
	u64 first_event, last_event;
};

static u64 direct_address(const struct pagewalk_frame *f)
{
	struct pagewalk_walk w;
	struct region r;
	u64 address;
	int fd;
	long n;

	if (!direct_map(&r) || f->pfn >= (r.end - r.start) / PAGE_SIZE)
		return 0;
	address = r.start + f->pfn * PAGE_SIZE;
	fd = open_walk(KERNEL_PID);
	n = sys_pread(fd, &w, sizeof(w), address);
	sys_close(fd);
	return n == (long)sizeof(w) && w.flags & PAGEWALK_PRESENT && w.phys >> 12 == f->pfn ?
	       address : 0;
}

static void gather(u64 pfn, struct facts *x)
{
	*x = (struct facts){ .zero = false };
	/* First: what is done here leaves events, too. */
	x->recorded = read_ring(&x->first_event, &x->last_event);
	if (!read_frame(pfn, &x->f))
		give_up(1, "there is no frame %#llx: RAM ends before it", (ull)pfn);
	if (x->f.type == PAGEWALK_FRAME_ABSENT)
		give_up(1, "there is no RAM behind frame %#llx (%#llx): a hole in the memory map, or a "
			"device", (ull)pfn, (ull)pfn << 12);
	x->zero = x->f.flags >> KPF_ZERO_PAGE & 1;
	x->kernel_address = direct_address(&x->f);
	ask_rmap(pfn, &x->rmap);
	scan_all(pfn, &x->scan);
	x->agree = x->zero || same(&x->rmap, &x->scan);
}

static void print_mappings(const struct mappings *m)
{
	struct region r;
	char name[20], words[200];
	unsigned i;

	for (i = 0; i < m->n && i < MAPPINGS_MAX; i++) {
		const struct pagewalk_mapping *e = &m->list[i];

		process_name(e->pid, name, sizeof(name));
		if (find_region(e->pid, e->address, &r) < 0)
			r.end = 0;
		entry_words(FOUR_LEVELS ? 4 : 2, FOUR_LEVELS ? 3 : 1, e->entry, words,
			    sizeof(words));
		printf("  %s[%d] at %#llx%s%s, entry %#llx\n    %s\n", name, e->pid, (ull)e->address,
		       r.end ? " in " : "", r.end ? r.name : "", (ull)e->entry, words);
	}
	if (!m->whole)
		printf("  and %u more\n", m->n - MAPPINGS_MAX);
}

static void print_who(const struct facts *x)
{
	if (x->zero) {
		printf("the zero page: no entry of it is counted; a scan of all tables finds %u\n",
		       x->scan.n);
		print_mappings(&x->scan);
		return;
	}
	printf("reverse mapping finds %u entr%s that name%s it\n", x->rmap.n,
	       x->rmap.n == 1 ? "y" : "ies", x->rmap.n == 1 ? "s" : "");
	print_mappings(&x->rmap);
	if (x->agree) {
		printf("a scan of all tables finds the same\n");
		return;
	}
	printf("a scan of all tables finds %u: it changed meanwhile, or the kernel is broken\n",
	       x->scan.n);
	print_mappings(&x->scan);
}

static void print_event(const struct life_event *e, void *arg)
{
	printf("  #%llu  %llu.%06u s  %s[%u]  %s\n", (ull)e->seq, (ull)e->ns / 1000000000,
	       (unsigned)(e->ns % 1000000000 / 1000), e->comm, e->pid, e->text);
}

static void print_life(const struct facts *x)
{
	if (!x->recorded) {
		printf("nothing was recorded of what became of it: boot with trace=on\n");
		return;
	}
	printf("what became of it, from event #%llu to #%llu of the trace ring\n",
	       (ull)x->first_event, (ull)x->last_event);
	if (!biography(x->f.pfn, print_event, NULL))
		printf("  nothing\n");
}

static void print_frame(const struct facts *x)
{
	const struct pagewalk_frame *f = &x->f;
	char flags[256];

	frame_flags(f->flags, flags, sizeof(flags));
	printf("frame %#llx: physical address %#llx, zone %s\n", (ull)f->pfn, (ull)f->pfn << 12,
	       zone_name(f->zone));
	printf("%s; references %d, entries of programs that name it %d; %s\n",
	       frame_type_name(f->type), f->refcount, f->mapcount, flags);
	if (x->kernel_address)
		printf("the kernel has it at %#llx, in its direct map\n", (ull)x->kernel_address);
	else
		printf("the direct map does not have it: the kernel has to map it when it needs it\n");
	print_who(x);
	print_life(x);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void json_mappings(struct json *j, const char *name, const struct mappings *m)
{
	char comm[20];
	unsigned i;

	json_open(j, name, '[');
	for (i = 0; i < m->n && i < MAPPINGS_MAX; i++) {
		process_name(m->list[i].pid, comm, sizeof(comm));
		json_open(j, NULL, '{');
		json_number(j, "pid", (u64)m->list[i].pid);
		json_string(j, "comm", comm);
		json_hex(j, "address", m->list[i].address);
		json_hex(j, "entry", m->list[i].entry);
		json_hex(j, "top", m->list[i].top);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_event(const struct life_event *e, void *arg)
{
	struct json *j = arg;

	json_open(j, NULL, '{');
	json_number(j, "seq", e->seq);
	json_number(j, "ns", e->ns);
	json_number(j, "pid", e->pid);
	json_string(j, "comm", e->comm);
	json_string(j, "text", e->text);
	json_close(j, '}');
}

static void json_frame(const struct facts *x)
{
	const struct pagewalk_frame *f = &x->f;
	struct json j;

	json_begin(&j, map_anon(JSON_MAX), JSON_MAX);
	json_open(&j, NULL, '{');
	json_hex(&j, "frame", f->pfn);
	json_string(&j, "type", frame_type_name(f->type));
	json_string(&j, "zone", zone_name(f->zone));
	json_number(&j, "references", (u64)f->refcount);
	json_number(&j, "mapped", (u64)f->mapcount);
	json_hex(&j, "flags", f->flags);
	json_bool(&j, "zero_page", x->zero);
	if (x->kernel_address)
		json_hex(&j, "kernel_address", x->kernel_address);
	else
		json_null(&j, "kernel_address");
	json_mappings(&j, "rmap", &x->rmap);
	json_mappings(&j, "scan", &x->scan);
	json_bool(&j, "agree", x->agree);
	json_open(&j, "biography", '[');
	if (x->recorded)
		biography(f->pfn, json_event, &j);
	json_close(&j, ']');
	json_number(&j, "first_event", x->first_event);
	json_number(&j, "last_event", x->last_event);
	json_close(&j, '}');
	if (!json_print(&j))
		give_up(1, "the object of frame %#llx is too long", (ull)f->pfn);
}

int show_frame(u64 pfn, enum format format)
{
	static struct facts x;

	gather(pfn, &x);
	if (format == AS_JSON)
		json_frame(&x);
	else
		print_frame(&x);
	return !x.agree;
}
