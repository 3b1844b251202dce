/* SPDX-License-Identifier: MIT */
/*
 * Address spaces, by /proc/PID/maps and pagemap: each is a ribbon of its regions, one after
 * the other, as wide as they are large (but all can be seen).  A column of a region shows how
 * much of it is in memory, from the bottom up and in the colours of its frames, and above
 * that what is swapped out; what nobody has touched stays dark.
 */
#include "picture.h"

#define MAPS_SIZE	(32 * 1024)
#define BATCH		512u		/* words of pagemap at a time */
#define SAMPLE		16u		/* pages of a column of a very large region */
#define WHOLE_MAX	65536ull	/* pages of a region that is looked at page by page */
#define RIGHTS_H	scaled(2)	/* the line under a region that tells its rights */

#define LATELY_NS	1000000000ull
#define NEVER		(~0ull)

#define PM_PRESENT	(1ull << 63)
#define PM_SWAP		(1ull << 62)
#define PM_FRAME	((1ull << 55) - 1)

struct task tasks[TASKS_MAX];
unsigned nr_tasks, more_tasks;

/* ---- who there is ------------------------------------------------------------------ */

/* "400000-401000 r-xp ..." */
static const char *parse_region(struct region *r, const char *s)
{
	r->start = parse_hex(s, &s);
	r->end = parse_hex(s + 1, &s);
	s++;
	r->color = s[2] == 'x' ? COLOR_EXEC : s[1] == 'w' ? COLOR_WRITE : COLOR_READ;
	for (r->stack = false; *s && *s != '\n'; s++)
		if (*s == '[' && strncmp(s, "[stack]", 7) == 0)
			r->stack = true;
	return *s ? s + 1 : s;
}

static void add_region(struct task *t, const struct region *r)
{
	t->regions++;
	t->pages += (r->end - r->start) / PAGE_SIZE;
	if (r->stack)
		t->stack = r->end - PAGE_SIZE;
	if (t->regions <= REGIONS_MAX)
		t->region[t->regions - 1] = *r;
}

/* ---- who runs ---------------------------------------------------------------------- */

/* Ticks of the processor that it has used: fields 14 and 15, the name in brackets is the second. */
static u64 ticks_of(int pid)
{
	static char stat[512];
	const char *s, *last = stat;
	char path[32];
	unsigned field;
	u64 user;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, stat, sizeof(stat)) <= 0)
		return 0;
	for (s = stat; *s; s++)
		if (*s == ')')
			last = s;
	for (s = last, field = 2; *s && field < 14; s++)
		field += *s == ' ';
	user = parse_u64(s, &s);
	return *s ? user + parse_u64(s + 1, NULL) : 0;
}

/* True: its ticks have become more, at a look not long ago. */
static bool ran_lately(int pid)
{
	static struct {
		int pid;
		u64 ticks, grown_at;
	} known[64], *k;		/* who has another one's place is new to us */
	u64 ticks = ticks_of(pid);

	k = &known[(unsigned)pid % ARRAY_SIZE(known)];
	if (k->pid != pid) {
		k->pid = pid;
		k->grown_at = NEVER;
	} else if (k->ticks != ticks) {
		k->grown_at = memory.ns;
	}
	k->ticks = ticks;
	return k->grown_at != NEVER && memory.ns - k->grown_at < LATELY_NS;
}

/* 0: has a ribbon already. */
static u64 worth(const struct task *t)
{
	if (t->drawn)
		return 0;
	return t->pid == sys_getpid() ? 1 : (u64)t->ran << 32 | (u32)t->pid;
}

void tasks_choose(unsigned n)
{
	struct task *best;
	unsigned i;

	for (; n; n--) {
		best = &tasks[0];
		for (i = 1; i < nr_tasks; i++)
			if (worth(&tasks[i]) > worth(best))
				best = &tasks[i];
		best->drawn = true;
	}
}

/* ---- each of them ------------------------------------------------------------------ */

/* False: it has no address space, or is gone. */
static bool look_at(struct task *t, int pid)
{
	static char maps[MAPS_SIZE];
	struct region r;
	char path[32];
	const char *s;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (read_file(path, maps, sizeof(maps)) <= 0)
		return false;
	*t = (struct task){ .pid = pid };
	for (s = maps; *s;) {
		s = parse_region(&r, s);
		add_region(t, &r);
	}
	process_name(pid, t->name, sizeof(t->name));
	return t->regions > 0;
}

void tasks_look(void)
{
	static int pids[256];
	unsigned n = list_pids(pids, ARRAY_SIZE(pids)), i;
	static struct task extra;

	nr_tasks = more_tasks = 0;
	for (i = 0; i < n; i++) {
		if (nr_tasks == TASKS_MAX) {
			more_tasks += look_at(&extra, pids[i]);
		} else if (look_at(&tasks[nr_tasks], pids[i])) {
			tasks[nr_tasks].ran = ran_lately(pids[i]);
			nr_tasks++;
		}
	}
}

const struct task *find_task(int pid)
{
	unsigned i;

	for (i = 0; i < nr_tasks; i++)
		if (tasks[i].pid == pid)
			return &tasks[i];
	return NULL;
}

/* ---- pages ------------------------------------------------------------------------- */

/* What is at some pages in a row. */
struct pages {
	u32 of_state[STATES], swapped, all;
};

static void count_words(struct pages *p, const u64 *words, unsigned n)
{
	unsigned i;

	p->all += n;
	for (i = 0; i < n; i++) {
		if (words[i] & PM_PRESENT)
			p->of_state[state_of(frame_byte(words[i] & PM_FRAME))]++;
		else if (words[i] & PM_SWAP)
			p->swapped++;
	}
}

static struct {
	u64 first, n;			/* n is 0 when another file begins */
	u64 words[BATCH];
} ahead;

/*
 * Words of pagemap from `first` on, *n of them at most, as many as there are then.  They are read
 * ahead up to the page `end`, so that narrow columns do not cost a system call each.
 */
static const u64 *words_at(int fd, u64 first, unsigned *n, u64 end)
{
	long got;

	if (first < ahead.first || first >= ahead.first + ahead.n) {
		got = sys_pread(fd, ahead.words, min(end - first, (u64)BATCH) * sizeof(u64),
				first * sizeof(u64));
		ahead.first = first;
		ahead.n = got > 0 ? (u64)got / sizeof(u64) : 0;
	}
	*n = (unsigned)min((u64)*n, ahead.first + ahead.n - first);
	return ahead.words + (first - ahead.first);
}

/* Pages [first, first + n) of an address space; what cannot be read is empty. */
static void look_at_pages(int fd, struct pages *p, u64 first, u64 n, u64 end)
{
	const u64 *words;
	unsigned got;

	memset(p, 0, sizeof(*p));
	for (; n; first += got, n -= got) {
		got = (unsigned)min(n, (u64)BATCH);
		words = words_at(fd, first, &got, end);
		if (!got)
			break;
		count_words(p, words, got);
	}
	p->all += (u32)n;
}

/* ---- the ribbon -------------------------------------------------------------------- */

static void draw_column(const struct pages *p, int x, int y, int h)
{
	u64 upto = 0;
	int from = h, to;
	unsigned s;

	for (s = 0; s <= STATES; s++) {
		upto += s < STATES ? p->of_state[s] : p->swapped;
		to = h - (int)((upto * (u64)h + p->all - 1) / p->all);
		if (to < from)
			fill(x, y + to, 1, from - to,
			     s < STATES ? STATE_COLOR(s, 0) : COLOR_SWAPPED);
		from = min(from, to);
	}
	fill(x, y, 1, from, COLOR_EMPTY);
}

static void draw_region(struct task *t, int fd, const struct region *r, int x, int y, int w, int h)
{
	u64 first = r->start / PAGE_SIZE, n = r->end / PAGE_SIZE - first, from, to;
	struct pages p;
	int column;
	unsigned s;

	for (column = 0; column < w; column++) {
		from = n * (u64)column / (u64)w;
		to = max(n * (u64)(column + 1) / (u64)w, from + 1);
		if (n > WHOLE_MAX)
			to = min(to, from + SAMPLE);
		look_at_pages(fd, &p, first + from, to - from,
			      first + (n > WHOLE_MAX ? to : n));
		draw_column(&p, x + column, y, h - RIGHTS_H - 1);
		if (column && n * (u64)column / (u64)w == n * (u64)(column - 1) / (u64)w)
			continue;		/* the same page again */
		t->swapped += p.swapped;
		for (s = 0; s < STATE_ABSENT; s++)	/* what is no RAM is a device's */
			t->resident += p.of_state[s];
	}
	fill(x, y + h - RIGHTS_H, w, RIGHTS_H, r->color);
}

/* Each region has a pixel, one of distance, and its part of the rest. */
void task_draw(struct task *t, int x, int y, int w, int h)
{
	unsigned n = min(t->regions, (unsigned)REGIONS_MAX), i;
	int rest = w - 3 * (int)n, fd, width;
	char path[32];
	u64 pages, done = 0;

	fill(x, y, w, h, COLOR_BACK);
	snprintf(path, sizeof(path), "/proc/%d/pagemap", t->pid);
	fd = (int)sys_open(path, O_RDONLY, 0);
	if (fd < 0)
		return;
	t->resident = t->swapped = ahead.n = 0;
	for (i = 0; i < n && rest > 0; i++) {
		pages = (t->region[i].end - t->region[i].start) / PAGE_SIZE;
		width = 2 + (int)((u64)rest * (done + pages) / t->pages -
				  (u64)rest * done / t->pages);
		draw_region(t, fd, &t->region[i], x, y, width, h);
		x += width + 1;
		done += pages;
	}
	sys_close(fd);
}
