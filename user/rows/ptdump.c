/* SPDX-License-Identifier: MIT */
/*
 * What /bin/ptdump says of tables with everything in them (catalogue O5).  Its raw lists go
 * to the kernel's test, which makes the same lists by WALK (test/kernel/show_rows.c); its
 * words are checked here.
 */
#include "rows.h"

#define RW	(PROT_READ | PROT_WRITE)
#define RWX	(RW | PROT_EXEC)

static char text[256 * 1024];

static void make_tables(void)
{
	ulong at = EMPTY_PLACE;
	int fd = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	volatile u8 *p;
	unsigned i;

	p = map_at(at, 8 * PAGE_SIZE, RW);
	p[0] = p[PAGE_SIZE] = p[4 * PAGE_SIZE] = 1;
	(void)*(volatile u8 *)(p + 2 * PAGE_SIZE);	/* the zero page: read-only */
	/* Shared: fork leaves it writable. */
	p = sys_mmap((void *)(at + 16 * PAGE_SIZE), 2 * PAGE_SIZE, RWX,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	p[0] = p[PAGE_SIZE] = 1;
	p = map_at(at + 32 * PAGE_SIZE, PAGE_SIZE, RW);
	p[0] = 1;
	sys_mprotect((void *)p, PAGE_SIZE, PROT_NONE);	/* an entry, but not present */
	p = map_at(at + 3 * TABLE_SPAN, 5 * TABLE_SPAN, RW);
	for (i = 0; i < 5; i++)
		p[i * TABLE_SPAN + i * PAGE_SIZE] = 1;
	p = sys_mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	(void)p[0];
}

static __noreturn void exec_ptdump(const char *option, const char *who)
{
	static const char *const envp[] = { "PATH=/bin", NULL };
	const char *const argv[] = { "/bin/ptdump", option ? option : who, option ? who : NULL, NULL };

	exit((int)-sys_execve(argv[0], argv, envp));
}

/* Its lines go where ours go: to the kernel. */
static void dump_raw(const char *who)
{
	long pid;

	printf("dump %s\n", who);
	pid = sys_fork();
	if (!pid)
		exec_ptdump("-r", who);
	CHECK_EQ(wait_for((int)pid), 0, "wait status of ptdump -r %s", who);
	printf("dump end\n");
}

static void read_dump(const char *who)
{
	size_t used = 0;
	int fds[2];
	long pid, n;

	sys_pipe(fds);
	pid = sys_fork();
	if (!pid) {
		sys_dup2(fds[1], 1);
		sys_close(fds[0]);
		exec_ptdump(NULL, who);
	}
	sys_close(fds[1]);
	while ((n = sys_read(fds[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	sys_close(fds[0]);
	CHECK_EQ(wait_for((int)pid), 0, "wait status of ptdump %s", who);
}

static unsigned count(const char *word)
{
	const char *p = text;
	unsigned n = 0;

	while ((p = strstr(p, word)) != NULL) {
		n++;
		p++;
	}
	return n;
}

static void has(const char *line)
{
	CHECK(strstr(text, line) != NULL, "ptdump has no \"%s\"", line);
}

static void check_words(const char *self)
{
	char line[96];

	read_dump(self);
	has("---[ /bin/rows ]---");
	has("---[ [stack] ]---");
	snprintf(line, sizeof(line), "%0*lx-%0*lx       8K       4K rwx u", LONG64 ? 16 : 8,
		 EMPTY_PLACE + 16 * PAGE_SIZE, LONG64 ? 16 : 8, EMPTY_PLACE + 18 * PAGE_SIZE);
	has(line);
	if (LONG64) {
		CHECK_EQ(count("W+X: writable and executable"), 1, "W+X ranges of the program");
		has(", 1 W+X\n");
	} else {
		has("no NX bit in two levels");
	}
	read_dump("kernel");
	has("---[ direct map ]---");
	has("---[ kernel stacks ]---");
	if (LONG64)
		has(", 0 W+X\n");
}

static void o5_ptdump(void)
{
	char self[16];

	snprintf(self, sizeof(self), "%ld", sys_getpid());
	make_tables();
	dump_raw(self);
	dump_raw("kernel");
	check_words(self);
}
TEST(O5, o5_ptdump);
