/* SPDX-License-Identifier: MIT */
/*
 * Looking at a whole user half through /proc/pagewalk/walk: every present leaf, every
 * table.  Holes are skipped by the size that the walk reports for them.
 */
#include <linux/kernel-page-flags.h>
#include "rows.h"

#define CHUNK	64		/* walks read at once inside a page table */

static __noreturn void give_up(const char *what, long error)
{
	printf("not ok: %s: error %ld\n", what, -error);
	exit(3);
}

/* ---- memory ------------------------------------------------------------------------ */

ulong task_size(void)
{
	static char maps[8192];
	const char *p, *line = maps;
	long n = read_file("/proc/self/maps", maps, sizeof(maps));

	if (n <= 0)
		give_up("/proc/self/maps", n);
	for (p = maps; *p; p++)
		if (p[0] == '\n' && p[1])
			line = p + 1;
	parse_hex(line, &p);
	return (ulong)parse_hex(p + 1, NULL);
}

void *map_at(ulong addr, size_t len, int prot)
{
	void *p = sys_mmap((void *)addr, len, prot,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)addr)
		give_up("mmap at an address that should be free", (long)p);
	return p;
}

void *map_shared(size_t len)
{
	char *p = sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (IS_ERR(p))
		give_up("mmap of shared memory", (long)p);
	for (i = 0; i < len; i += PAGE_SIZE)
		WRITE_ONCE(p[i], 0);
	return p;
}

/* ---- scanning ---------------------------------------------------------------------- */

struct scan {
	int fd, frames;
	struct space *s;
	u64 seen[PAGEWALK_LEVELS_MAX];	/* the table counted last, of each level */
};

struct space *space_alloc(void)
{
	return map_shared(sizeof(struct space));
}

static unsigned frame_type(const struct scan *c, u64 pfn)
{
	struct pagewalk_frame f;

	if (sys_pread(c->frames, &f, sizeof(f), pfn * sizeof(f)) != sizeof(f))
		return PAGEWALK_FRAME_ABSENT;
	return f.flags & 1ull << KPF_ZERO_PAGE ? FRAME_ZERO : f.type;
}

static void count_tables(struct scan *c, const struct pagewalk_walk *w)
{
	unsigned level;

	for (level = 0; level < w->depth; level++) {
		if (c->seen[level] == w->table[level])
			continue;
		c->seen[level] = w->table[level];
		c->s->tables++;
	}
}

static void take_leaf(struct scan *c, const struct pagewalk_walk *w)
{
	struct leaf *l = &c->s->leaf[c->s->n];

	if (c->s->n++ == ARRAY_SIZE(c->s->leaf))
		give_up("more pages than a scan can hold", -ENOSPC);
	l->va = (ulong)w->address;
	l->pfn = (u32)(w->phys >> 12);
	l->flags = (u16)w->flags;
	l->type = (u16)frame_type(c, w->phys >> 12);
}

/* Some entries from `va` on; the address behind what they tell about. */
static u64 scan_some(struct scan *c, u64 va)
{
	static struct pagewalk_walk walks[CHUNK];
	unsigned n = 1, i;

	if (va % (CHUNK * PAGE_SIZE) == 0)
		n = CHUNK;
	if (sys_pread(c->fd, walks, n * sizeof(walks[0]), va) != (long)(n * sizeof(walks[0])))
		give_up("/proc/pagewalk/walk", -EIO);
	for (i = 0; i < n; i++) {
		count_tables(c, &walks[i]);
		if (walks[i].flags & PAGEWALK_PRESENT)
			take_leaf(c, &walks[i]);
		va = (walks[i].address & -walks[i].size) + walks[i].size;
		if (walks[i].size > PAGE_SIZE)
			break;
	}
	c->s->top = walks[0].cr3;
	return va;
}

void space_scan(int pid, struct space *s)
{
	struct scan c = { .s = s };
	u64 va = 0, end = task_size();
	char line[24];
	long ret;

	c.fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	c.frames = (int)sys_open("/proc/pagewalk/frames", O_RDONLY, 0);
	if (c.fd < 0 || c.frames < 0)
		give_up("/proc/pagewalk", c.fd < 0 ? c.fd : c.frames);
	ret = sys_write(c.fd, line, snprintf(line, sizeof(line), "pid=%d", pid));
	if (ret < 0)
		give_up("/proc/pagewalk/walk: pid", ret);
	s->n = s->tables = 0;
	while (va < end)
		va = scan_some(&c, va);
	sys_close(c.frames);
	sys_close(c.fd);
}

const struct leaf *space_find(const struct space *s, ulong va)
{
	unsigned i;

	for (i = 0; i < s->n; i++)
		if (s->leaf[i].va == (va & -PAGE_SIZE))
			return &s->leaf[i];
	return NULL;
}

const struct leaf *space_frame(const struct space *s, u32 pfn)
{
	unsigned i;

	for (i = 0; i < s->n; i++)
		if (s->leaf[i].pfn == pfn)
			return &s->leaf[i];
	return NULL;
}

unsigned space_count(const struct space *s, unsigned type)
{
	unsigned i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->leaf[i].type == type;
	return n;
}
