/* SPDX-License-Identifier: MIT */
/* Processes, their regions, and the kernel's windows: by /proc. */
#include "pagewalk.h"

#define PROCESSES_MAX	512
#define PIDS_MAX	4096		/* of them many have no address space */
#define TEXT_SIZE	(512 * 1024)

static char *text;			/* of a file */

static long read_text(const char *path)
{
	if (!text)
		text = map_anon(TEXT_SIZE);
	return read_file(path, text, TEXT_SIZE);
}

int open_walk(int pid)
{
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	char line[24];
	long err;

	if (fd < 0)
		return fd;
	if (pid == KERNEL_PID)
		snprintf(line, sizeof(line), "pid=kernel");
	else
		snprintf(line, sizeof(line), "pid=%d", pid);
	err = sys_write(fd, line, strlen(line));
	if (err < 0)
		sys_close(fd);
	return err < 0 ? (int)err : fd;
}

/* ---- regions ------------------------------------------------------------------------- */

/* "START-END WORD... NAME": the name follows `words` words, the first one goes to rights. */
static const char *take_line(const char *p, unsigned words, struct region *r)
{
	const char *end = strchr(p, '\n');
	size_t n;
	unsigned i;

	if (!end)
		end = p + strlen(p);
	r->start = parse_hex(p, &p);
	r->end = parse_hex(p + (*p == '-'), &p);
	r->rights[0] = '\0';
	for (i = 0; i < words; i++) {
		while (*p == ' ')
			p++;
		if (!i && end - p >= 4) {
			memcpy(r->rights, p, 4);
			r->rights[4] = '\0';
		}
		while (p < end && *p != ' ')
			p++;
	}
	while (p < end && *p == ' ')
		p++;
	n = (size_t)(end - p);
	if (n >= sizeof(r->name))
		n = sizeof(r->name) - 1;
	memcpy(r->name, p, n);
	r->name[n] = '\0';
	return *end ? end + 1 : end;
}

/* The smallest one that has the address: windows may lie in each other. */
static void search_text(unsigned words, u64 address, struct region *r)
{
	const char *p = text;
	struct region one;

	*r = (struct region){ 0 };
	while (*p) {
		p = take_line(p, words, &one);
		if (address >= one.start && address - one.start < one.end - one.start &&
		    (!r->end || one.start >= r->start))
			*r = one;
	}
}

long find_region(int pid, u64 address, struct region *r)
{
	char path[40];
	long n;

	*r = (struct region){ 0 };
	if (address >= kernel_start()) {
		n = read_text("/proc/pagewalk/windows");
		if (n >= 0)
			search_text(0, address, r);
		return n;
	}
	if (pid == KERNEL_PID)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	n = read_text(path);
	if (n < 0)
		return n;
	search_text(4, address, r);
	if (r->end && !r->name[0])
		strlcpy(r->name, "anonymous", sizeof(r->name));
	return 0;
}

/* ---- the kernel's half ----------------------------------------------------------------- */

bool direct_map(struct region *r)
{
	const char *p;

	if (read_text("/proc/pagewalk/windows") < 0)
		return false;
	for (p = text; *p; ) {
		p = take_line(p, 0, r);
		if (strcmp(r->name, "direct map") == 0)
			return true;
	}
	return false;
}

u64 kernel_start(void)
{
	static u64 lowest;
	struct region r;
	const char *p;

	if (lowest)
		return lowest;
	if (FOUR_LEVELS)
		return lowest = 0xffff800000000000ull;
	lowest = ~0ull;
	if (read_text("/proc/pagewalk/windows") < 0)
		return lowest;
	for (p = text; *p; ) {
		p = take_line(p, 0, &r);
		if (r.start && r.start < lowest)
			lowest = r.start;
	}
	return lowest;
}

/* ---- processes ------------------------------------------------------------------------- */

/* False: it has ended, or has no address space. */
static bool look_at_process(int pid, struct process *p)
{
	static struct pagewalk_walk w;
	int fd = open_walk(pid);
	long n;

	if (fd < 0)
		return false;
	n = sys_pread(fd, &w, sizeof(w), 0);
	sys_close(fd);
	if (n != (long)sizeof(w) || w.pid != pid)
		return false;
	*p = (struct process){ .pid = pid, .top = w.cr3 >> 12 };
	process_name(pid, p->comm, sizeof(p->comm));
	return true;
}

unsigned list_processes(const struct process **result)
{
	static struct process list[PROCESSES_MAX];
	static int pids[PIDS_MAX];
	unsigned found = list_pids(pids, PIDS_MAX), n = 0, i;

	*result = list;
	for (i = 0; i < found && n < PROCESSES_MAX; i++)
		n += look_at_process(pids[i], &list[n]);
	return n;
}
