/* SPDX-License-Identifier: MIT */
/* Doing it: memory, files, children, accesses that may fail, for the proofs. */
#include "tour.h"

#define REGIONS_MAX	64

static volatile struct caught *seen;	/* what try_access() saw, shared with its child */

/* ---- memory ----------------------------------------------------------------------- */

static volatile u8 *map_or_end(void *at, ulong pages, int flags)
{
	void *p = sys_mmap(at, pages * PAGE_SIZE, RW, flags | MAP_ANONYMOUS, -1, 0);

	if (IS_ERR(p))
		lacks("mmap of %lu pages: error %ld", pages, -(long)p);
	return p;
}

volatile u8 *fresh(ulong pages)
{
	return fresh_at(EMPTY_PLACE, pages);
}

volatile u8 *fresh_at(ulong address, ulong pages)
{
	return map_or_end((void *)address, pages, MAP_PRIVATE | MAP_FIXED_NOREPLACE);
}

volatile u8 *fresh_shared(ulong pages)
{
	return map_or_end(NULL, pages, MAP_SHARED);
}

ulong read_pages(volatile u8 *p, ulong pages)
{
	ulong i, sum = 0;

	for (i = 0; i < pages; i++)
		sum += p[i * PAGE_SIZE];
	return sum;
}

void write_pages(volatile u8 *p, ulong pages, u8 value)
{
	ulong i;

	for (i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = value;
}

int scratch_file(ulong pages)
{
	static u8 page[PAGE_SIZE];
	long fd = sys_open("/tmp/tour-scratch", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ulong i;

	for (i = 0; i < pages && fd >= 0; i++) {
		memset(page, (int)i + 1, sizeof(page));
		if (sys_write((int)fd, page, sizeof(page)) != sizeof(page))
			fd = -ENOSPC;
	}
	if (fd < 0)
		lacks("/tmp/tour-scratch cannot be written: error %ld", -fd);
	sys_unlink("/tmp/tour-scratch");
	return (int)fd;
}

/*
 * All regions of the program are filled: text and constants for reading, the rest for writing,
 * which also ends the sharing with the parent.
 */
static void fill_regions(void)
{
	static char text[8192];
	static struct {
		ulong from, to;
		bool write;
	} r[REGIONS_MAX];
	const char *p = text;
	unsigned i, n = 0;

	if (read_file("/proc/self/maps", text, sizeof(text)) <= 0)
		lacks("/proc/self/maps cannot be read");
	for (; *p && n < REGIONS_MAX; p = next_line(p), n++)
		r[n].write = line_bounds(p, &r[n].from, &r[n].to)[2] == 'w';
	for (i = 0; i < n; i++)
		sys_madvise((void *)r[i].from, r[i].to - r[i].from,
			    r[i].write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}

void settle(void)
{
	fill_regions();
	if (!seen)
		seen = (volatile struct caught *)fresh_shared(1);
	(void)seen->sig;
}

/* ---- accesses that may fail ------------------------------------------------------- */

#ifdef __x86_64__
#define UC_ERR		(40 + 19 * 8)
#define SI_ADDR		16
#else
#define UC_ERR		(20 + 13 * 4)
#define SI_ADDR		12
#endif

static ulong word(const void *base, unsigned offset)
{
	return *(const ulong *)((const char *)base + offset);
}

static void on_fault(int sig, void *info, void *uc)
{
	seen->sig = sig;
	seen->code = ((const int *)info)[2];
	seen->addr = word(info, SI_ADDR);
	seen->err = word(uc, UC_ERR);
	sys_exit_group(0);
}

static __noreturn void access_and_end(enum access kind, ulong address)
{
	set_signal(SIGSEGV, (void *)on_fault, SA_SIGINFO);
	set_signal(SIGBUS, (void *)on_fault, SA_SIGINFO);
	if (kind == ACCESS_READ)
		(void)*(volatile u8 *)address;
	else if (kind == ACCESS_WRITE)
		*(volatile u8 *)address = 1;
	else
		((void (*)(void))address)();
	sys_exit_group(0);
}

struct caught try_access(enum access kind, ulong address)
{
	long pid;

	*seen = (struct caught){ 0 };
	pid = sys_fork();
	if (pid == 0)
		access_and_end(kind, address);
	if (pid < 0)
		lacks("fork: error %ld", -pid);
	wait_for((int)pid);
	return *seen;
}

static const char *code_name(int sig, int code)
{
	if (sig == SIGSEGV)
		return code == SEGV_MAPERR ? " (SEGV_MAPERR)" : code == SEGV_ACCERR ? " (SEGV_ACCERR)" :
		       code == SI_KERNEL ? " (SI_KERNEL)" : "";
	return sig == SIGBUS && code == BUS_ADRERR ? " (BUS_ADRERR)" : "";
}

bool expect_signal(struct caught c, int sig, int code, const char *fmt, ...)
{
	bool ok = c.sig == sig && (!code || c.code == code);
	char text[240];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (ok)
		return expect(true, "%s: %s%s", text, sig ? signal_name(sig) : "no signal",
			      code_name(c.sig, c.code));
	return expect(false, "%s: signal %d, code %d; expected signal %d, code %d", text, c.sig, c.code,
		      sig, code);
}

/* ---- a child that does one step at a time ----------------------------------------- */

void helper_start(struct child *h, int (*step)(int command))
{
	int ends[2];
	long pid = child_fork(h, ends);

	if (pid < 0)
		lacks("no child: error %ld", -pid);
	if (pid == 0)
		child_steps(ends, step);
}

int helper_do(struct child *h, int command)
{
	int result = child_ask(h, command);

	if (result < 0) {
		expect(false, "the child (pid %d) has ended too early", h->pid);
		exit(1);
	}
	return result;
}

/* ---- swap ------------------------------------------------------------------------- */

bool have_swap(void)
{
	return pw_field("/proc/meminfo", "SwapTotal:") > 0;
}

void need_swap(void)
{
	if (!have_swap())
		lacks("This machine has no swap space: boot with swap=ram, or from a disk with a "
		      "swap partition of ours (the whole image, on a disk that has a driver).");
}

void swap_out(volatile u8 *p, ulong pages)
{
	long err = sys_madvise((void *)p, pages * PAGE_SIZE, MADV_PAGEOUT);

	if (err)
		expect_eq(err, 0, "madvise(MADV_PAGEOUT)");
}
