/* SPDX-License-Identifier: MIT */
/* SHOW rows whose programs need the kernel's hand. */
#include <asm/layout.h>
#include <kernel/kernel.h>
#include <kernel/ctype.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/kernel-page-flags.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vmalloc.h>
#include <test/row.h>
#include <uapi/pagewalk.h>

#include "user_knobs.h"
#include "walk.h"

/* The area must be new to every process: then touching it is a fault (two levels). */
static void o9_explained(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "O9", NULL };

	drop_empty_vmalloc_tables();
	run_user_with_knobs(r, argv);
	drop_empty_vmalloc_tables();
}
ROW(O9, "each fault is explained in the trace, entries before and after as WALK sees them", o9_explained);

/* With the reasons that need a swap device (test/boot/explain.t). */
static void explain_all(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "EXPLAIN", NULL };

	drop_empty_vmalloc_tables();
	run_user_with_knobs(r, argv);
	drop_empty_vmalloc_tables();
}
ROW_FLAGS(EXPLAIN, "each fault has its sentence, for each reason that a program can give",
	  explain_all, ROW_EXPLICIT);

USER_ROW_FLAGS(BIOGRAPHY, "a frame's biography is what was done to it", "/bin/rows", ROW_EXPLICIT);

/* ---- regions: arguments, and taking away ------------------------------------------------ */

USER_ROW(A1, "regions as /proc/PID/maps shows them, line by line as on Linux", "/bin/rows");
USER_ROW(A3, "mmap checks all its arguments, in Linux's order", "/bin/rows");
USER_ROW(A13, "munmap of whole regions and parts, of many regions with holes", "/bin/rows");
USER_ROW(A14, "empty page tables go with the last region of their span", "/bin/rows");
USER_ROW(A15, "exit and exec leave nothing of the old address space", "/bin/rows");

/* By the independent walker, from these tables. */
static void walk_space(u64 cr3, unsigned long va, unsigned long last,
		       void (*fn)(unsigned long va, const struct walk *w))
{
	unsigned bits = sizeof(long) == 8 ? 9 : 10, levels = sizeof(long) == 8 ? 4 : 2;
	unsigned long span, next;
	struct walk w;

	for (;;) {
		w = walk_from(cr3, va);
		span = 1ul << (12 + (levels - w.depth) * bits);
		next = (va & -span) + span;
		if (w.present)
			fn(va & -span, &w);
		if (!next || next - 1 >= last)
			return;
		va = next;
	}
}

/* ---- O4: the sums of pagetypes ------------------------------------------------------------- */

static unsigned long o4_mappings, o4_flags[64], o4_frames;
static unsigned o4_rounds;

/* A page of a program that is not the zero page. */
static void o4_leaf(unsigned long va, const struct walk *w)
{
	o4_mappings += PFN_DOWN(w->pa) != zero_pfn && pfn_valid(PFN_DOWN(w->pa));
}

static void o4_count_mappings(void)
{
	struct task_struct *p;

	o4_mappings = 0;
	for_each_task(p)
		if (p->mm && p == p->group_leader)
			walk_space(__pa(p->mm->pgd), 0, TASK_SIZE - 1, o4_leaf);
}

static u64 decimal(const char *s)
{
	u64 n = 0;

	while (*s && !isdigit(*s))
		s++;
	for (; isdigit(*s); s++)
		n = n * 10 + (u64)(*s - '0');
	return n;
}

static void o4_judge(struct row *r, const char *line)
{
	const char *s = line;

	o4_count_mappings();
	while (*s && strncmp(s, "mappings", 8))
		s++;
	row_eq(r, decimal(s), o4_mappings, "mappings that pagetypes counts, all processes by WALK");
	row_eq(r, o4_frames, max_pfn, "frames that pagetypes counts");
	row_eq(r, o4_flags[KPF_ANON], page_type_count[PGT_ANON], "anonymous frames of pagetypes");
	row_eq(r, o4_flags[KPF_SLAB], page_type_count[PGT_SLAB], "slab frames of pagetypes");
	row_eq(r, o4_flags[KPF_PGTABLE], page_type_count[PGT_TABLE], "table frames of pagetypes");
	row_eq(r, o4_flags[KPF_BUDDY], nr_free_pages(), "free frames of pagetypes");
}

/* "0xFLAGS FRAMES ...", "total FRAMES ...", "mapped N mappings N"; the last round counts. */
static bool o4_line(struct row *r, const char *s)
{
	u64 flags = 0, n;
	unsigned i;

	if (s[0] == '0' && s[1] == 'x') {
		for (s += 2; hex_value(*s) >= 0; s++)
			flags = flags << 4 | (u64)hex_value(*s);
		n = decimal(s);
		for (i = 0; i < 64; i++)
			o4_flags[i] += flags >> i & 1 ? (unsigned long)n : 0;
		return true;
	}
	if (strncmp(s, "total ", 6) == 0) {
		o4_frames = (unsigned long)decimal(s);
		return true;
	}
	if (strncmp(s, "mapped ", 7) == 0) {
		if (++o4_rounds == 2)
			o4_judge(r, s);
		memset(o4_flags, 0, sizeof(o4_flags));
		return true;
	}
	return *s == ' ';
}

static void o4_sums(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "O4", NULL };

	o4_rounds = 0;
	o4_frames = 0;
	memset(o4_flags, 0, sizeof(o4_flags));
	run_user_lines(r, argv, o4_line);
	row_eq(r, o4_rounds, 2, "rounds of pagetypes");
}
ROW(O4, "/proc adds up: regions, pages and frames, and what pagetypes makes of them", o4_sums);

/* The slots of the fixmap change with every look. */
static bool restless(u64 address)
{
	return address >= FIXADDR_START && address < FIXADDR_TOP;
}

/* ---- pagewalk against WALK ---------------------------------------------------------------- */

static struct {
	u64 cr3;			/* whose tables; 0: no lines are expected */
	unsigned long lines, present, large, odd;
} pagewalk;

static bool canonical(u64 address)
{
	return sizeof(long) == 4 ? !(address >> 32) : (u64)((s64)(address << 16) >> 16) == address;
}

/* The eight letters of a line, as WALK would write them. */
static void rights_of(const struct walk *w, char rights[9])
{
	const bool set[8] = {
		w->present, w->present && w->write, w->present && w->exec, w->present && w->user,
		w->present && w->large, w->present && w->global, w->present && w->accessed,
		w->present && w->dirty,
	};
	unsigned i;

	for (i = 0; i < 8; i++)
		rights[i] = set[i] ? "pwxulgad"[i] : '-';
	rights[8] = '\0';
}

/* "ADDRESS DEPTH PHYS SIZE RIGHTS ENTRY...": the rest of it. */
static void judge_walk(struct row *r, unsigned long va, const char *s)
{
	struct walk w = walk_from(pagewalk.cr3, va);
	bool entries = true, absent;
	char rights[9];
	u64 depth, phys, size;
	unsigned i;

	rights_of(&w, rights);
	depth = hex_number(&s);
	while (*s == ' ')
		s++;
	absent = *s == '-';
	s += absent;
	phys = absent ? 0 : hex_number(&s);
	size = hex_number(&s);
	row_eq(r, depth, w.depth, "%#lx: entries read", va);
	row_eq(r, absent, !w.present, "%#lx: absent", va);
	row_eq(r, phys, w.present ? w.pa : 0, "%#lx: physical address", va);
	if (w.present)
		row_eq(r, size, w.size, "%#lx: size of the page", va);
	row_ok(r, !strncmp(s + 1, rights, 8), "%#lx: rights %.8s, WALK says %s", va, s + 1, rights);
	for (i = 0, s += 9; i < w.depth; i++)
		entries &= hex_number(&s) == w.entry[i];
	row_ok(r, entries && !*s, "%#lx: not the entries that WALK reads", va);
	pagewalk.present += w.present;
	pagewalk.large += w.present && w.large;
}

static void pagewalk_judge(struct row *r, const char *s)
{
	u64 address = hex_number(&s);

	pagewalk.lines++;
	if (!canonical(address)) {
		row_ok(r, !strcmp(s, " -"), "%#llx is not canonical, pagewalk says:%s",
		       (unsigned long long)address, s);
		pagewalk.odd++;
	} else if (!restless(address)) {
		judge_walk(r, (unsigned long)address, s);
	}
}

static bool pagewalk_line(struct row *r, const char *s)
{
	struct task_struct *p;
	int pid = 0;

	if (!strcmp(s, "walk end")) {
		pagewalk.cr3 = 0;
		return true;
	}
	if (!strncmp(s, "walk ", 5)) {
		for (s += 5; isdigit(*s); s++)
			pid = pid * 10 + (*s - '0');
		p = find_task(pid);
		if (row_ok(r, p && p->mm, "there is no process %d", pid))
			pagewalk.cr3 = __pa(p->mm->pgd);
		return true;
	}
	if (!pagewalk.cr3)
		return false;
	pagewalk_judge(r, s);
	return true;
}

#define PAGEWALK_LINES	100000

static void pagewalk_row(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "PAGEWALK", NULL };

	memset(&pagewalk, 0, sizeof(pagewalk));
	run_user_lines(r, argv, pagewalk_line);
	row_eq(r, pagewalk.lines, PAGEWALK_LINES, "addresses walked");
	row_info(r, "%lu addresses, each as WALK has it: %lu present, %lu of these large, %lu not canonical",
		 pagewalk.lines, pagewalk.present, pagewalk.large, pagewalk.odd);
}
ROW_FLAGS(PAGEWALK, "pagewalk decodes the entries of any address as WALK does", pagewalk_row,
	  ROW_EXPLICIT);

/* ---- O5: ptdump against WALK -------------------------------------------------------------- */

#define O5_RUNS		8192

struct o5_run {
	u64 start, last, size;
	unsigned flags;
};

static struct o5_run *o5_runs;
static unsigned o5_count, o5_next, o5_lists, o5_total;
static bool o5_dumping;
static char o5_who[16];

static unsigned o5_flags(const struct walk *w)
{
	return (w->write ? PAGEWALK_WRITE : 0) | (w->user ? PAGEWALK_USER : 0) |
	       (w->exec ? PAGEWALK_EXEC : 0) | (w->large ? PAGEWALK_LARGE : 0) |
	       (w->global ? PAGEWALK_GLOBAL : 0) | (w->pwt ? 0x100 : 0) | (w->pcd ? 0x200 : 0) |
	       (w->pat ? 0x400 : 0);
}

static void o5_leaf(unsigned long va, const struct walk *w)
{
	struct o5_run *r = o5_count ? &o5_runs[o5_count - 1] : NULL;
	unsigned flags = o5_flags(w);

	if (restless(va))
		return;
	if (r && r->last + 1 == va && r->size == w->size && r->flags == flags) {
		r->last = va | (w->size - 1);
		return;
	}
	if (o5_count < O5_RUNS)
		o5_runs[o5_count++] = (struct o5_run){ va, va | (w->size - 1), w->size, flags };
}

/* At the first line of a dump: in the process that dumps, whose parent waits. */
static void o5_make_list(struct row *r)
{
	unsigned long pid = 0;
	const char *s;
	struct task_struct *p;

	o5_count = o5_next = 0;
	o5_dumping = true;
	if (!strcmp(o5_who, "kernel")) {
		walk_space(__pa(swapper_pg_dir), PAGE_OFFSET, ~0ul, o5_leaf);
		return;
	}
	for (s = o5_who; isdigit(*s); s++)
		pid = pid * 10 + (unsigned long)(*s - '0');
	p = find_task((int)pid);
	if (row_ok(r, p && p->mm, "there is no process %s", o5_who))
		walk_space(__pa(p->mm->pgd), 0, TASK_SIZE - 1, o5_leaf);
}

static void o5_compare(struct row *r, const char *s)
{
	const struct o5_run *e = &o5_runs[o5_next];
	struct o5_run seen;

	seen.start = hex_number(&s);
	seen.last = hex_number(&s);
	seen.size = hex_number(&s);
	seen.flags = (unsigned)hex_number(&s);
	if (restless(seen.start))
		return;
	if (!row_ok(r, o5_next++ < o5_count, "%s: ptdump has a range at %#llx, WALK has none", o5_who,
		    (unsigned long long)seen.start))
		return;
	row_ok(r, seen.start == e->start && seen.last == e->last && seen.size == e->size &&
	       seen.flags == e->flags,
	       "%s: ptdump %llx-%llx size %llx flags %x, WALK %llx-%llx size %llx flags %x", o5_who,
	       (unsigned long long)seen.start, (unsigned long long)seen.last,
	       (unsigned long long)seen.size, seen.flags, (unsigned long long)e->start,
	       (unsigned long long)e->last, (unsigned long long)e->size, e->flags);
}

static bool o5_line(struct row *r, const char *s)
{
	if (!strcmp(s, "dump end")) {
		row_eq(r, o5_next, o5_count, "ranges that ptdump printed of %s", o5_who);
		o5_total += o5_count;
		o5_lists++;
		o5_who[0] = '\0';
		return true;
	}
	if (!strncmp(s, "dump ", 5)) {
		strlcpy(o5_who, s + 5, sizeof(o5_who));
		o5_dumping = false;
		return true;
	}
	if (!o5_who[0] || hex_value(*s) < 0)
		return false;
	if (!o5_dumping)
		o5_make_list(r);
	o5_compare(r, s);
	return true;
}

static void o5_ptdump(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "O5", NULL };

	o5_lists = o5_total = 0;
	o5_who[0] = '\0';
	o5_runs = vmalloc(O5_RUNS * sizeof(*o5_runs));
	if (!row_ok(r, o5_runs != NULL, "no memory for the row"))
		return;
	run_user_lines(r, argv, o5_line);
	row_eq(r, o5_lists, 2, "lists compared");
	row_info(r, "a program and the kernel: %u ranges, each as WALK has it", o5_total);
	vfree(o5_runs);
}
ROW(O5, "ptdump shows the tables of a program and of the kernel, as WALK finds them", o5_ptdump);
