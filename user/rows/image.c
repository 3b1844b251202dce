/* SPDX-License-Identifier: MIT */
/*
 * Programs and the address spaces that exec makes for them (catalogue F1, M1, M7).
 */
#include <linux/auxvec.h>
#include <linux/elf.h>
#include "../bigprog.h"
#include "rows.h"

#ifdef __x86_64__
typedef Elf64_Ehdr elf_ehdr;
typedef Elf64_Phdr elf_phdr;
#else
typedef Elf32_Ehdr elf_ehdr;
typedef Elf32_Phdr elf_phdr;
#endif

static struct pw_snapshot before, after;

static u64 growth(const char *counter)
{
	return (u64)pw_diff(&before, &after, counter);
}

/* The program headers of a file; how many. */
static unsigned read_headers(const char *path, elf_phdr *ph, unsigned max)
{
	long fd = sys_open(path, O_RDONLY, 0);
	elf_ehdr e;

	if (!CHECK(fd >= 0, "%s: open returns %ld", path, fd))
		return 0;
	if (!CHECK_EQ(sys_pread((int)fd, &e, sizeof(e), 0), sizeof(e), "%s: header", path))
		return 0;
	if (!CHECK(e.e_phnum <= max, "%s: %u program headers", path, e.e_phnum))
		return 0;
	CHECK_EQ(sys_pread((int)fd, ph, e.e_phnum * sizeof(*ph), e.e_phoff),
		 e.e_phnum * sizeof(*ph), "%s: program headers", path);
	sys_close((int)fd);
	return e.e_phnum;
}

static s64 pid_field(int pid, const char *file, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return pw_field(path, name);
}

/* ---- F1: exec reads nothing ---------------------------------------------------------- */

#define BIG		"/bin/bigprog"
#define WINDOW		(16 * PAGE_SIZE)	/* what one file fault may map */
#define F1_TOUCHES	10

static const char *const big_argv[] = { BIG, "one", "two words", "", "four", NULL };
static const char *const big_envp[] = { "A=1", "PATH=/bin", NULL };

struct big {
	struct child c;
	elf_phdr ph[8];
	unsigned phnum;
	struct big_report report;
};

static u32 vector_bytes(const char *const *v, u32 *n)
{
	u32 bytes = 0;

	for (*n = 0; v[*n]; ++*n)
		bytes += strlen(v[*n]) + 1;
	return bytes;
}

static const elf_phdr *segment(const struct big *b, unsigned flags)
{
	unsigned i;

	for (i = 0; i < b->phnum; i++)
		if (b->ph[i].p_type == PT_LOAD && b->ph[i].p_flags == flags)
			return &b->ph[i];
	return NULL;
}

static void big_start(struct big *b)
{
	int down[2], up[2];

	sys_pipe(down);
	sys_pipe(up);
	b->c = (struct child){ .down = down[1], .up = up[0], .pid = (int)sys_fork() };
	if (b->c.pid == 0) {
		sys_dup2(down[0], BIG_IN);
		sys_dup2(up[1], BIG_OUT);
		sys_close(down[1]);
		sys_close(up[0]);
		sys_exit_group((int)-sys_execve(BIG, big_argv, big_envp));
	}
	sys_close(down[0]);
	sys_close(up[1]);
	CHECK_EQ(sys_read(b->c.up, &b->report, sizeof(b->report)), sizeof(b->report),
		 "first report of " BIG);
}

/* Only the page of code that runs, the page of data whose tail was cleared, and stack. */
static void f1_after_exec(struct big *b, struct space *s)
{
	const elf_phdr *text = segment(b, PF_R | PF_X), *data = segment(b, PF_R | PF_W);
	unsigned i, file = 0, anon = 0, stack = 0, other = 0;
	ulong sp = (ulong)b->report.sp, va;

	if (!CHECK(text && data, BIG " has other segments than expected"))
		return;
	CHECK(text->p_filesz <= PAGE_SIZE, "the code of " BIG " has more than a page");
	space_scan(b->c.pid, s);
	for (i = 0; i < s->n; i++) {
		va = s->leaf[i].va;
		if (s->leaf[i].type == PAGEWALK_FRAME_FILE && va == (text->p_vaddr & -PAGE_SIZE))
			file++;
		else if (va == ((data->p_vaddr + data->p_filesz) & -PAGE_SIZE))
			anon++;
		else if (va >= (sp & -PAGE_SIZE) - PAGE_SIZE)
			stack++;
		else
			other++;
	}
	CHECK_EQ(file, 1, "resident file pages, the page of code");
	CHECK_EQ(anon, 1, "resident pages of data, the one whose tail is cleared");
	CHECK(stack >= 1 && stack <= 3, "%u resident pages of stack", stack);
	CHECK_EQ(other, 0, "other resident pages");
	CHECK(s->n < 20, "%u resident pages right after exec of 4 MiB", s->n);
	CHECK_EQ(pid_field(b->c.pid, "status", "RssFile:"), file * 4, "RssFile, in KiB");
	CHECK_EQ(pid_field(b->c.pid, "status", "VmRSS:"), s->n * 4, "VmRSS, in KiB");
	CHECK(pid_field(b->c.pid, "status", "VmSize:") > 4096, "VmSize is less than the program");
}

static void f1_contents(struct big *b)
{
	u32 args, envs, arg_bytes = vector_bytes(big_argv, &args), word = 0;
	u32 env_bytes = vector_bytes(big_envp, &envs);
	struct big_report *r = &b->report;

	sys_write(b->c.down, &word, sizeof(word));
	CHECK_EQ(sys_read(b->c.up, r, sizeof(*r)), sizeof(*r), "second report");
	CHECK(r->tail_bytes > 1000, "only %u bytes of tail behind the data", r->tail_bytes);
	CHECK_EQ(r->tail, 0, "bytes not zero in the tail of the last page of data");
	CHECK_EQ(r->bss, 0, "bytes not zero in the bss");
	CHECK_EQ(r->data, 3, "third byte of the data");
	CHECK_EQ(r->argc, args, "argc");
	CHECK_EQ(r->args, args, "argument strings");
	CHECK_EQ(r->arg_bytes, arg_bytes, "bytes of arguments");
	CHECK_EQ(r->envs, envs, "environment strings");
	CHECK_EQ(r->env_bytes, env_bytes, "bytes of environment");
	CHECK_EQ(r->sp % 16, 0, "stack pointer at entry, modulo 16");
}

/* Pages of the table come one window for one touch, and no other. */
static void f1_touch(struct big *b, struct space *s)
{
	const elf_phdr *table = segment(b, PF_R);
	u32 page, word, touched = 0, outside = 0, file = 0;
	ulong first, va;
	unsigned i;

	if (!CHECK(table && table->p_memsz >= BIG_PAGES * PAGE_SIZE, "no table in " BIG))
		return;
	first = (table->p_vaddr + table->p_memsz - BIG_PAGES * PAGE_SIZE) & -PAGE_SIZE;
	space_scan(b->c.pid, s);
	pw_snapshot(&before);
	file = space_count(s, PAGEWALK_FRAME_FILE);
	for (i = 0; i < F1_TOUCHES; i++) {
		page = 5 + i * 100;
		sys_write(b->c.down, &page, sizeof(page));
		sys_read(b->c.up, &word, sizeof(word));
		touched += word == BIG_WORD(page);
	}
	pw_snapshot(&after);
	space_scan(b->c.pid, s);
	file = space_count(s, PAGEWALK_FRAME_FILE) - file;
	CHECK_EQ(touched, F1_TOUCHES, "pages of the table with the right word");
	CHECK_EQ(growth("file_maps"), F1_TOUCHES, "file pages mapped by faults");
	CHECK_EQ(file, growth("file_maps") + growth("fault_around"), "resident file pages more");
	CHECK_EQ(growth("pages_anon"), 0, "anonymous frames more");
	for (va = first; va < first + BIG_PAGES * PAGE_SIZE; va += PAGE_SIZE) {
		for (i = 0; i < F1_TOUCHES; i++)
			if ((va & -WINDOW) == ((first + (5 + i * 100) * PAGE_SIZE) & -WINDOW))
				break;
		outside += i == F1_TOUCHES && space_find(s, va);
	}
	CHECK_EQ(outside, 0, "resident pages of the table far from any that was touched");
}

static void f1_exec(void)
{
	struct space *s = space_alloc();
	static struct big b;
	unsigned resident;

	b.phnum = read_headers(BIG, b.ph, ARRAY_SIZE(b.ph));
	big_start(&b);
	f1_after_exec(&b, s);
	resident = s->n;
	f1_contents(&b);
	pw_snapshot(&after);
	f1_touch(&b, s);
	sys_close(b.c.down);
	CHECK_EQ(wait_for(b.c.pid), 0, "wait status of " BIG);
	sys_close(b.c.up);
	CHECK_INFO("4 MiB program: %u pages resident after exec, 1 of them from the file", resident);
}
TEST(F1, f1_exec);

/* ---- M1: limits ---------------------------------------------------------------------- */

/* Fields of /proc/PID/stat: man 5 proc. */
enum { STARTCODE = 26, ENDCODE = 27, STARTSTACK = 28, START_DATA = 45, END_DATA = 46,
       START_BRK = 47, ARG_START = 48, ARG_END = 49, ENV_START = 50, ENV_END = 51, FIELDS };

static void read_stat(int pid, ulong *field)
{
	char text[512], path[32];
	const char *p;
	unsigned i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	memset(field, 0, FIELDS * sizeof(*field));
	if (!CHECK(read_file(path, text, sizeof(text)) > 0, "%s cannot be read", path))
		return;
	p = strchr(text, ')');
	for (i = 2; p && i < FIELDS; i++) {
		field[i] = (ulong)parse_u64(p, NULL);
		p = strchr(p + 1, ' ');
		p = p ? p + 1 : NULL;
	}
}

/* What the headers say, by Linux's rules: load_elf_binary(). */
static void check_limits(const char *path, const ulong *stat)
{
	ulong start_code = ~0ul, end_code = 0, start_data = 0, end_data = 0, end_bss = 0;
	elf_phdr ph[8];
	unsigned i, n = read_headers(path, ph, ARRAY_SIZE(ph));

	for (i = 0; i < n; i++) {
		ulong start = ph[i].p_vaddr, end = start + ph[i].p_filesz;

		if (ph[i].p_type != PT_LOAD)
			continue;
		if (ph[i].p_flags & PF_X) {
			start_code = start < start_code ? start : start_code;
			end_code = end > end_code ? end : end_code;
		}
		start_data = start > start_data ? start : start_data;
		end_data = end > end_data ? end : end_data;
		end = start + ph[i].p_memsz;
		end_bss = end > end_bss ? end : end_bss;
	}
	CHECK_EQ(stat[STARTCODE], start_code, "start_code");
	CHECK_EQ(stat[ENDCODE], end_code, "end_code");
	CHECK_EQ(stat[START_DATA], start_data, "start_data");
	CHECK_EQ(stat[END_DATA], end_data, "end_data");
	CHECK_EQ(stat[START_BRK], (end_bss + PAGE_SIZE - 1) & -PAGE_SIZE, "start_brk");
	CHECK(start_code < end_code && end_code <= start_data && start_data < end_data,
	      "the limits of %s are too much alike to be told apart", path);
}

/* Of the running program itself, by what it was given at its start. */
static void check_own_stack(const ulong *stat)
{
	char **argv = row_argv - 2;
	int argc = row_argc + 2;
	char *last = argv[argc - 1], **e;

	CHECK_EQ(stat[STARTSTACK], (ulong)(argv - 1), "start_stack: where argc stands");
	CHECK_EQ(stat[ARG_START], (ulong)argv[0], "arg_start");
	CHECK_EQ(stat[ARG_END], (ulong)last + strlen(last) + 1, "arg_end");
	CHECK_EQ(stat[ENV_START], (ulong)environ[0], "env_start");
	for (e = environ; e[1]; e++)
		;
	CHECK_EQ(stat[ENV_END], (ulong)*e + strlen(*e) + 1, "env_end");
	CHECK_EQ((ulong)sys_brk(NULL), stat[START_BRK], "the break before any brk()");
}

/* The heap, which may be one region with the bss, ends where brk() says. */
static void check_own_brk(const ulong *stat)
{
	ulong brk = stat[START_BRK] + 5 * PAGE_SIZE;
	char maps[4096], end[32];

	CHECK_EQ((ulong)sys_brk((void *)brk), brk, "brk() 5 pages up");
	read_file("/proc/self/maps", maps, sizeof(maps));
	snprintf(end, sizeof(end), "-%08lx rw-p ", brk);
	CHECK(strstr(maps, end) != NULL, "no region \"%s\" in /proc/self/maps", end);
	CHECK(strstr(maps, "[heap]") != NULL, "no heap in /proc/self/maps");
}

/* Another process: its cmdline is its memory from arg_start to arg_end. */
static void check_other(void)
{
	static const char *const argv[] = { "/bin/rows", "M1-other", "argument", "", "last one",
					    NULL };
	static const char text[] = "/bin/rows\0M1-other\0argument\0\0last one";
	static const char changed[] = "/bin/rows\0M1-other\0ARGUMENT\0\0last one";
	ulong stat[FIELDS];
	char path[32], seen[256];
	struct child c;

	child_exec(&c, argv);
	read_stat(c.pid, stat);
	check_limits("/bin/rows", stat);
	CHECK_EQ(stat[ARG_END] - stat[ARG_START], sizeof(text), "arg_end - arg_start");
	snprintf(path, sizeof(path), "/proc/%d/cmdline", c.pid);
	CHECK_EQ(read_file(path, seen, sizeof(seen)), sizeof(text), "bytes of %s", path);
	CHECK(memcmp(seen, changed, sizeof(changed)) == 0,
	      "%s is \"%s\" \"%s\" \"%s\": not what the program has there now", path, seen,
	      seen + 10, seen + 19);
	child_end(&c);
}

static void m1_limits(void)
{
	ulong stat[FIELDS];

	read_stat((int)sys_getpid(), stat);
	check_limits("/proc/self/exe", stat);
	check_own_stack(stat);
	check_own_brk(stat);
	check_other();
	CHECK_INFO("code %lx-%lx data %lx-%lx brk %lx args %lx-%lx, as in the ELF file and argv",
		   stat[STARTCODE], stat[ENDCODE], stat[START_DATA], stat[END_DATA],
		   stat[START_BRK], stat[ARG_START], stat[ARG_END]);
}
TEST(M1, m1_limits);

/* The other process: writes over one of its arguments. */
static void m1_other(void)
{
	memcpy(row_argv[0], "ARGUMENT", 8);
	child_wait_here();
}
HELPER(M1_other, "M1-other", m1_other);

/* ---- M7: exec replaces the mm --------------------------------------------------------- */

#define M7_PAGES 300

static volatile u8 *m7_data;

static unsigned maps_lines(int pid)
{
	char path[32], text[8192];
	unsigned n = 0;
	const char *p;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	for (p = text; *p; p++)
		n += *p == '\n';
	return n;
}

/* Anonymous frames that nobody else has. */
static unsigned own_frames(const struct space *s, struct pagewalk_frame *f)
{
	unsigned i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->leaf[i].type != PAGEWALK_FRAME_ANON)
			continue;
		pw_frame(s->leaf[i].pfn, f);
		n += f->mapcount == 1;
	}
	return n;
}

/*
 * Of the frames that were the old program's alone: how many are neither free nor given
 * out again, which the new program's tables would show.
 */
static unsigned still_held(const struct space *old, const struct space *now, u32 *recycled)
{
	struct pagewalk_frame f;
	const struct leaf *l;
	unsigned i, held = 0;

	for (i = 0; i < old->n; i++) {
		l = &old->leaf[i];
		if (l->type != PAGEWALK_FRAME_ANON || !(l->flags & PAGEWALK_WRITE))
			continue;
		if (space_frame(now, l->pfn)) {
			++*recycled;
			continue;
		}
		pw_frame(l->pfn, &f);
		held += f.type == PAGEWALK_FRAME_ANON || f.mapcount > 0;
	}
	return held;
}

static int m7_step(int command)
{
	static const char *const argv[] = { "/bin/rows", "M7-new", NULL };
	unsigned i;

	if (command)
		child_become(argv);
	for (i = 0; i < M7_PAGES; i++)
		m7_data[i * PAGE_SIZE] = 0xee;
	return 0;
}

static void m7_check(const struct space *old, const struct space *now, unsigned own,
		     unsigned lines, int pid)
{
	struct pagewalk_frame f;
	unsigned held;
	u32 recycled = 0;

	CHECK_EQ(growth("execs"), 1, "execs");
	CHECK_EQ(growth("mms"), 0, "address spaces more");
	CHECK_EQ(growth("slab_mm_struct"), 0, "mm_struct objects more");
	CHECK_EQ(growth("tasks"), 0, "tasks more");
	CHECK_EQ(growth("slab_vm_area_struct"), (s64)maps_lines(pid) - lines, "regions more");
	CHECK(now->top != old->top, "the top-level table is still that at %#llx",
	      (unsigned long long)old->top);
	CHECK_EQ(growth("page_tables"), (s64)now->tables - old->tables,
		 "page tables more: new ones less old ones");
	CHECK_EQ(growth("pages_anon"), (s64)own_frames(now, &f) - own,
		 "anonymous frames more: new ones less old ones");
	held = still_held(old, now, &recycled);
	CHECK_EQ(held, 0, "frames of the old program that are in use, and not by the new one");
	CHECK(!space_find(now, EMPTY_PLACE), "old memory is mapped in the new program");
	CHECK_INFO("%u frames of the old program: %u in the new one's tables, the others free; "
		   "%u tables became %u", own, recycled, old->tables, now->tables);
}

static void m7_exec(void)
{
	struct space *old = space_alloc(), *now = space_alloc();
	struct pagewalk_frame f;
	unsigned own, lines;
	struct child c;

	m7_data = map_at(EMPTY_PLACE, M7_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	child_start(&c, m7_step);
	child_do(&c, 0);
	pw_snapshot(&after);
	pw_snapshot(&before);
	space_scan(c.pid, old);
	own_frames(old, &f);
	/* Again: what was written above has made pages the child's own. */
	space_scan(c.pid, old);
	own = own_frames(old, &f);
	lines = maps_lines(c.pid);
	CHECK(own >= M7_PAGES, "only %u frames are the old program's own", own);
	pw_snapshot(&before);
	child_do(&c, 1);
	pw_snapshot(&after);
	space_scan(c.pid, now);
	m7_check(old, now, own, lines, c.pid);
	CHECK_EQ(child_end(&c), 0, "wait status of the new program");
}
TEST(M7, m7_exec);
HELPER(M7_new, "M7-new", child_wait_here);
