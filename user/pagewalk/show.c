/* SPDX-License-Identifier: MIT */
/* One address in words, as an object of JSON, or as a line for programs. */
#include "pagewalk.h"

#define JSON_MAX	8192
#define WORD_PRESENT	(1ull << 63)
#define WORD_FRAME	((1ull << 55) - 1)

/* ---- the address itself ---------------------------------------------------------------- */

static const char *whose(const struct view *v, char *to, size_t size)
{
	if (v->pid == KERNEL_PID)
		return "the kernel's tables";
	snprintf(to, size, "%s[%d]", v->comm, v->pid);
	return to;
}

static void print_split(unsigned levels, u64 address)
{
	unsigned i;

	printf("%u levels:", levels);
	if (levels == 4)
		printf(" bits 63-48 %#llx", (ull)(address >> 48));
	for (i = 0; i < levels; i++)
		printf("%s %s[%u] (bits %u-%u)", i || levels == 4 ? "," : "",
		       level_name(levels, i), index_of(levels, i, address),
		       index_shift(levels, i) + index_bits(levels) - 1, index_shift(levels, i));
	printf(", byte %#llx (bits 11-0)\n", (ull)(address & (PAGE_SIZE - 1)));
}

/* How the other mode would do it. */
static void print_other(u64 address)
{
	if (FOUR_LEVELS && address >> 32)
		printf("2 levels: they have 32 bits, this address has more\n");
	else
		print_split(FOUR_LEVELS ? 2 : 4, address);
}

static void print_entries(const struct view *v)
{
	const struct pagewalk_walk *w = &v->w;
	const int width = w->levels == 4 ? 16 : 8;
	char words[256];
	unsigned i;

	printf("CR3 %#llx: the top-level table is in frame %#llx\n", (ull)w->cr3,
	       (ull)w->table[0]);
	for (i = 0; i < w->depth; i++) {
		entry_words(w->levels, i, w->entry[i], words, sizeof(words));
		printf("%s[%u] in frame %#llx = 0x%0*llx\n    %s\n", level_name(w->levels, i),
		       index_of(w->levels, i, w->address), (ull)w->table[i], width,
		       (ull)w->entry[i], words);
	}
}

/* ---- three views ------------------------------------------------------------------------- */

static void rights_text(char *to, size_t size, bool write, bool exec, bool user)
{
	snprintf(to, size, "r%c%c %s", write ? 'w' : '-', exec ? 'x' : '-', user ? "user" : "kernel");
}

/* A frame, a slot or nothing; of the kernel: what pagemap says, or the direct map's rule. */
static void kernel_frame(const struct view *v, char *to, size_t size)
{
	const u64 word = v->word;

	if (!v->has_word && strcmp(v->region.name, "direct map") == 0)
		snprintf(to, size, "%#llx", (ull)(v->address - v->region.start) >> 12);
	else if (!v->has_word)
		snprintf(to, size, "-");
	else if (word & WORD_PRESENT)
		snprintf(to, size, "%#llx", (ull)(word & WORD_FRAME));
	else if (word)
		snprintf(to, size, "slot %llu", (ull)(word & WORD_FRAME) >> 5);
	else
		snprintf(to, size, "none");
}

/*
 * The three views side by side, on a line of the terminal: the widest thing in each column is
 * its heading, of the last one "0x1f7ab (PROT_NONE)"; on a narrow one headings are shorter, and
 * the rights of a region go without "(region)".
 */
#define WIDE		66

static bool narrow;

static void print_line(const char *name, const char *a, const char *b, const char *c)
{
	if (narrow)
		printf("%-8s %-10s %-10s %s\n", name, a, b, c);
	else
		printf("%-9s %-16s %-17s %s\n", name, a, b, c);
}

static const char *yes(bool b)
{
	return b ? "yes" : "no";
}

static void print_views(const struct view *v)
{
	const struct decoded *d = &v->d;
	const u32 f = v->w.flags;
	const unsigned columns = terminal_columns(1);
	char a[32], b[32], c[32];

	narrow = columns && columns < WIDE;
	if (narrow)
		print_line("", "kernel", "walk", "decoded here");
	else
		print_line("", "kernel's lookup", "independent walk", "entries decoded here");
	print_line("present", v->has_word ? yes(v->word & WORD_PRESENT) : "-",
		   yes(f & PAGEWALK_PRESENT), yes(d->present));
	kernel_frame(v, a, sizeof(a));
	strlcpy(b, "none", sizeof(b));
	strlcpy(c, "none", sizeof(c));
	if (f & PAGEWALK_PRESENT)
		snprintf(b, sizeof(b), "%#llx", (ull)v->w.phys >> 12);
	if (d->present)
		snprintf(c, sizeof(c), "%#llx", (ull)d->phys >> 12);
	else if (d->swapped)
		snprintf(c, sizeof(c), "slot %llu", (ull)d->slot);
	else if (d->protnone)
		snprintf(c, sizeof(c), narrow ? "%#llx PROT_NONE" : "%#llx (PROT_NONE)",
			 (ull)entry_frame(v->w.entry[v->w.depth - 1]));
	print_line("frame", a, b, c);
	snprintf(a, sizeof(a), "%s%s", v->region.rights[0] ? v->region.rights : "-",
		 v->region.rights[0] && !narrow ? " (region)" : "");
	strlcpy(b, "none", sizeof(b));
	strlcpy(c, "none", sizeof(c));
	if (f & PAGEWALK_PRESENT)
		rights_text(b, sizeof(b), f & PAGEWALK_WRITE, f & PAGEWALK_EXEC, f & PAGEWALK_USER);
	if (d->present)
		rights_text(c, sizeof(c), d->write, d->exec, d->user);
	print_line("rights", a, b, c);
	print_line("Accessed", "-", yes(f & PAGEWALK_ACCESSED), yes(d->accessed));
	print_line("Dirty", "-", yes(f & PAGEWALK_DIRTY), yes(d->dirty));
}

/* ---- the kernel's view --------------------------------------------------------------------- */

static void print_region(const struct view *v)
{
	const struct region *r = &v->region;

	if (v->address >= kernel_start())
		printf("kernel: %s%s\n", r->end ? "window " : "no window of the kernel has it",
		       r->end ? r->name : "");
	else if (r->end)
		printf("kernel: region %llx-%llx %s %s\n", (ull)r->start, (ull)r->end, r->rights,
		       r->name);
	else if (v->pid != KERNEL_PID)
		printf("kernel: no region; an access is a fault that ends in SIGSEGV\n");
}

static void print_frame_line(const struct view *v)
{
	const struct pagewalk_frame *f = &v->frame;
	char flags[256];

	if (!v->d.present)
		return;
	printf("physical address %#llx, page of %llu KiB\n", (ull)v->d.phys, (ull)v->d.size >> 10);
	if (!v->has_frame || f->type == PAGEWALK_FRAME_ABSENT) {
		printf("frame %#llx: no RAM, a device\n", (ull)v->d.phys >> 12);
		return;
	}
	frame_flags(f->flags, flags, sizeof(flags));
	printf("frame %#llx: %s, zone %s; references %d, entries of programs that name it %d; %s\n",
	       (ull)f->pfn, frame_type_name(f->type), zone_name(f->zone), f->refcount, f->mapcount,
	       flags);
}

static void print_text(const struct view *v)
{
	const char *what = disagreement(v);
	char name[32];

	printf("%#llx in %s\n", (ull)v->address, whose(v, name, sizeof(name)));
	if (!v->canonical) {
		printf(FOUR_LEVELS ? "not canonical: bits 63-48 do not continue bit 47, and an access is a "
		       "general protection fault before any table is looked at\n" :
		       "two levels have 32 bits, this address has more\n");
		return;
	}
	print_split(v->w.levels, v->address);
	print_entries(v);
	print_frame_line(v);
	print_region(v);
	print_views(v);
	if (what)
		printf("these do not agree on %s: it changed meanwhile, or the kernel is broken\n", what);
	print_other(v->address);
}

/* ---- JSON ------------------------------------------------------------------------------ */

static void json_split(struct json *j, const char *name, unsigned levels, u64 address)
{
	unsigned i;

	if (levels == 2 && address >> 32) {
		json_null(j, name);
		return;
	}
	json_open(j, name, '{');
	json_number(j, "levels", levels);
	json_open(j, "index", '[');
	for (i = 0; i < levels; i++)
		json_number(j, NULL, index_of(levels, i, address));
	json_close(j, ']');
	json_number(j, "offset", address & (PAGE_SIZE - 1));
	json_close(j, '}');
}

static void json_entries(struct json *j, const struct pagewalk_walk *w)
{
	char words[256];
	unsigned i;

	json_open(j, "entries", '[');
	for (i = 0; i < w->depth; i++) {
		json_open(j, NULL, '{');
		json_string(j, "level", level_name(w->levels, i));
		json_hex(j, "table", w->table[i]);
		json_number(j, "index", index_of(w->levels, i, w->address));
		json_hex(j, "entry", w->entry[i]);
		entry_words(w->levels, i, w->entry[i], words, sizeof(words));
		json_string(j, "words", words);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_decoded(struct json *j, const struct decoded *d)
{
	json_bool(j, "present", d->present);
	if (d->present) {
		json_hex(j, "phys", d->phys);
		json_hex(j, "frame", d->phys >> 12);
	} else {
		json_null(j, "phys");
		json_null(j, "frame");
	}
	json_number(j, "page_size", d->size);
	json_bool(j, "write", d->write);
	json_bool(j, "execute", d->exec);
	json_bool(j, "user", d->user);
	json_bool(j, "global", d->global);
	json_bool(j, "accessed", d->accessed);
	json_bool(j, "dirty", d->dirty);
	json_bool(j, "prot_none", d->protnone);
	if (!d->swapped) {
		json_null(j, "slot");
		return;
	}
	json_open(j, "slot", '{');
	json_number(j, "device", d->device);
	json_number(j, "slot", d->slot);
	json_close(j, '}');
}

static void json_kernel(struct json *j, const struct view *v)
{
	json_open(j, "kernel", '{');
	if (v->region.end) {
		json_open(j, "region", '{');
		json_hex(j, "start", v->region.start);
		json_hex(j, "end", v->region.end);
		json_string(j, "rights", v->region.rights[0] ? v->region.rights : NULL);
		json_string(j, "name", v->region.name);
		json_close(j, '}');
	} else {
		json_null(j, "region");
	}
	if (v->has_word)
		json_hex(j, "pagemap", v->word);
	else
		json_null(j, "pagemap");
	if (v->has_frame) {
		json_string(j, "type", frame_type_name(v->frame.type));
		json_number(j, "references", (u64)v->frame.refcount);
		json_number(j, "mapped", (u64)v->frame.mapcount);
		json_hex(j, "flags", v->frame.flags);
	}
	json_close(j, '}');
}

static void print_json(const struct view *v)
{
	static char buf[JSON_MAX];
	struct json j;

	json_begin(&j, buf, sizeof(buf));
	json_open(&j, NULL, '{');
	json_hex(&j, "address", v->address);
	if (v->pid == KERNEL_PID)
		json_string(&j, "pid", "kernel");
	else
		json_number(&j, "pid", (u64)v->pid);
	json_bool(&j, "canonical", v->canonical);
	if (v->canonical) {
		json_number(&j, "levels", v->w.levels);
		json_hex(&j, "cr3", v->w.cr3);
		json_split(&j, "split", v->w.levels, v->address);
		json_split(&j, "other_mode", v->w.levels == 4 ? 2 : 4, v->address);
		json_entries(&j, &v->w);
		json_decoded(&j, &v->d);
		json_kernel(&j, v);
		json_string(&j, "disagreement", disagreement(v));
	}
	json_close(&j, '}');
	json_print(&j);
}

/* ---- for programs ------------------------------------------------------------------------ */

static char lines[4096];
static size_t lines_used;

void flush_lines(void)
{
	size_t done = 0;
	long n;

	for (; done < lines_used; done += (size_t)n) {
		n = sys_write(1, lines + done, lines_used - done);
		if (n <= 0)
			exit(1);		/* nobody reads it any more */
	}
	lines_used = 0;
}

static void keep_line(const char *line)
{
	size_t n = strlen(line);

	if (n + 1 > sizeof(lines) - lines_used)
		flush_lines();
	memcpy(lines + lines_used, line, n);
	lines[lines_used + n] = '\n';
	lines_used += n + 1;
}

/* "ADDRESS -", or "ADDRESS DEPTH PHYS SIZE RIGHTS ENTRY...", hexadecimal; PHYS "-": absent. */
static void print_raw(const struct view *v)
{
	const struct decoded *d = &v->d;
	char line[160];
	unsigned i;
	int n;

	if (!v->canonical) {
		snprintf(line, sizeof(line), "%llx -", (ull)v->address);
		keep_line(line);
		return;
	}
	n = snprintf(line, sizeof(line), "%llx %x ", (ull)v->address, v->w.depth);
	if (d->present)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%llx", (ull)d->phys);
	else
		n += snprintf(line + n, sizeof(line) - (size_t)n, "-");
	n += snprintf(line + n, sizeof(line) - (size_t)n, " %llx %s%s%s%s%s%s%s%s", (ull)d->size,
		      d->present ? "p" : "-", d->write ? "w" : "-", d->exec ? "x" : "-",
		      d->user ? "u" : "-", d->large ? "l" : "-", d->global ? "g" : "-",
		      d->accessed ? "a" : "-", d->dirty ? "d" : "-");
	for (i = 0; i < v->w.depth; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " %llx", (ull)v->w.entry[i]);
	keep_line(line);
}

int show_address(const struct view *v, enum format format)
{
	if (format == AS_JSON)
		print_json(v);
	else if (format == AS_RAW)
		print_raw(v);
	else
		print_text(v);
	return disagreement(v) != NULL;
}
