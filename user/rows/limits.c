/* SPDX-License-Identifier: MIT */
/*
 * The borders of the user half (catalogue M13, E4), and entering the kernel without
 * leaving the program's tables (M10).
 */
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define SI_KERNEL	0x80
#define TRAP_GP		13
#define TRAP_PF		14

/* ---- M13: the last page ---------------------------------------------------------------- */

static noinline __noreturn void last_page(ulong addr, volatile char *stack)
{
	volatile ulong *p = (volatile ulong *)addr, last = PAGE_SIZE / sizeof(long) - 1;

	if (sys_mmap((void *)addr, PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (void *)addr)
		sys_exit_group(1);
	if (p[0] || p[last] || stack[0] != 1)
		sys_exit_group(2);
	p[0] = p[last] = addr;
	if (p[0] != addr || p[last] != addr || !pw_pfn(p))
		sys_exit_group(3);
	sys_exit_group(sys_munmap((void *)addr, PAGE_SIZE) ? 4 : 0);
}

/* Our stack begins in that page: replace it from further down. */
static int use_last_page(void *addr)
{
	volatile char deeper[16 * PAGE_SIZE];

	deeper[0] = deeper[sizeof(deeper) - 1] = 1;
	last_page((ulong)addr, deeper);	/* it has the array: no jump that drops it first */
}

static long map_fixed(ulong addr, size_t len)
{
	return (long)sys_mmap((void *)addr, len, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void refused_by_calls(ulong end)
{
	static char byte;
	long zero = sys_open("/dev/zero", O_RDONLY, 0);

	CHECK_EQ(map_fixed(end, PAGE_SIZE), -ENOMEM, "mmap behind the last page");
	CHECK_EQ(map_fixed(end - PAGE_SIZE, 2 * PAGE_SIZE), -ENOMEM, "mmap across the end");
	CHECK_EQ(sys_munmap((void *)end, PAGE_SIZE), -EINVAL, "munmap behind the last page");
	CHECK_EQ(sys_read((int)zero, (void *)end, 1), -EFAULT, "read(2) to behind the last page");
	CHECK_EQ(sys_read((int)zero, (void *)(end - 1), 1), 1, "read(2) to the last byte");
	CHECK_EQ(sys_read((int)zero, &byte, 1), 1, "read(2) to a variable");
	sys_close((int)zero);
}

static void refused(ulong addr, int code, ulong si_addr, ulong trap, ulong err)
{
	struct caught c = catch_access(ACCESS_READ, addr);

	CHECK_EQ(c.sig, SIGSEGV, "read of %#lx: signal", addr);
	CHECK_EQ(c.code, code, "read of %#lx: si_code", addr);
	CHECK_EQ(c.addr, si_addr, "read of %#lx: si_addr", addr);
	CHECK_EQ(c.trap, trap, "read of %#lx: trap number", addr);
	CHECK_EQ(c.err, err, "read of %#lx: error code", addr);
}

static void m13_borders(void)
{
	ulong end = row_number(0);

	if (LONG64)
		CHECK_EQ(end, (ulong)0x7ffffffff000ull, "end of the user half");
	else
		CHECK(end == 0xc0000000ul || end == 0x80000000ul || end == 0x40000000ul,
		      "end of the user half: %#lx", end);
	CHECK_EQ(task_size(), end, "end of the stack");
	CHECK_EQ(wait_for((int)spawn(use_last_page, (void *)(end - PAGE_SIZE))), 0,
		 "wait status of a child that uses the last page, %#lx", end - PAGE_SIZE);
	refused_by_calls(end);
	catch_begin();
	refused(end, MAPERR, end, TRAP_PF, 5);
	refused(end + 0x123, MAPERR, end + 0x123, TRAP_PF, 5);
	refused(~0ul, MAPERR, ~0ul, TRAP_PF, 5);
#ifdef __x86_64__
	refused(0x800000000000ul, SI_KERNEL, 0, TRAP_GP, 0);
	refused(0x8000000000000000ul, SI_KERNEL, 0, TRAP_GP, 0);
	refused(0xffff7fffffffffffull, SI_KERNEL, 0, TRAP_GP, 0);
	refused(0xffff800000000000ull, MAPERR, 0xffff800000000000ull, TRAP_PF, 5);
#endif
	catch_end();
	CHECK_INFO("last user page %#lx used, %#lx refused%s", end - PAGE_SIZE, end,
		   LONG64 ? ", non-canonical addresses are #GP" : "");
}
TEST(M13, m13_borders);

/* ---- E4: the low addresses are the program's ---------------------------------------------- */

static void e4_low_map(void)
{
	volatile u32 *p = map_at(0x10000, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct pagewalk_walk w;

	p[0] = 0xe4;
	p[PAGE_SIZE / 4] = 0xe5;
	CHECK(pw_walk(p, &w), "64 KiB is not mapped after a write to it");
	CHECK(w.flags & PAGEWALK_USER, "64 KiB is mapped, but not for programs");
	/* Process 1 is a kernel thread here: its walk begins at swapper_pg_dir. */
	CHECK(!pw_walk_pid(1, p, &w) || !(w.flags & PAGEWALK_PRESENT),
	      "64 KiB is mapped in swapper_pg_dir");
	CHECK_EQ(w.depth, 1, "levels that swapper_pg_dir has for 64 KiB");
	CHECK_EQ(w.entry[0], 0, "entry of swapper_pg_dir for 64 KiB");
	CHECK_EQ(p[0], 0xe4, "word at 64 KiB");
	CHECK_EQ(pw_knob("e4=look"), 0, "the kernel's look at it");
	CHECK_INFO("user half of swapper_pg_dir empty, also while a program has 64 KiB mapped");
}
TEST(E4, e4_low_map);

/* ---- M10: no other tables in the kernel ---------------------------------------------------- */

#define M10_CALLS	1000000

static u32 accessed_dirty(const volatile void *p)
{
	struct pagewalk_walk w;

	pw_walk(p, &w);
	return w.flags & (PAGEWALK_ACCESSED | PAGEWALK_DIRTY);
}

/*
 * The processor marks the program's own entry when the kernel copies: a copy through some
 * other address of the frame leaves no mark.
 */
static void marks_by_copies(void)
{
	volatile u8 *p = map_anon(PAGE_SIZE);
	char clear[48];
	int fds[2];

	p[0] = 1;
	sys_pipe(fds);
	snprintf(clear, sizeof(clear), "clear_marks=%#lx", (ulong)p);
	CHECK_EQ(pw_knob(clear), 0, "knob %s", clear);
	CHECK_EQ(accessed_dirty(p), 0, "Accessed and Dirty after they were cleared");
	sys_write(fds[1], (const void *)p, 1);
	CHECK_EQ(accessed_dirty(p), PAGEWALK_ACCESSED, "marks after the kernel read the page");
	pw_knob(clear);
	sys_read(fds[0], (void *)p, 1);
	CHECK_EQ(accessed_dirty(p), PAGEWALK_ACCESSED | PAGEWALK_DIRTY,
		 "marks after the kernel wrote to the page");
	sys_close(fds[0]);
	sys_close(fds[1]);
}

/* A page that the kernel has never heard of: nobody touched it before the copy. */
static void copy_to_untouched(void)
{
	static struct pw_snapshot before, after;
	volatile u8 *p = map_anon(4 * PAGE_SIZE);
	long fd = sys_open("/proc/self/exe", O_RDONLY, 0);

	p[0] = 0;			/* the table */
	pw_snapshot(&after);
	pw_snapshot(&before);
	CHECK_EQ(sys_pread((int)fd, (void *)(p + PAGE_SIZE), 4, 0), 4, "pread to an untouched page");
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "kernel_mode_faults"), 1, "faults taken in kernel mode");
	CHECK(p[PAGE_SIZE] == 0x7f && p[PAGE_SIZE + 1] == 'E', "what was copied is not there");
	sys_close((int)fd);
}

static void m10_same_tables(void)
{
	static struct pw_snapshot before, after;
	u64 cr3 = pw_cr3(), pgd = (u64)pw_field("/proc/pagewalk/cr3", "pgd ");
	unsigned i;

	CHECK_EQ(cr3, pgd, "CR3 in a system call: the program's own table");
	CHECK(cr3 != (u64)pw_field("/proc/pagewalk/cr3", "kernel_pgd "), "CR3 is swapper_pg_dir");
	pw_snapshot(&after);
	pw_snapshot(&before);
	for (i = 0; i < M10_CALLS; i++)
		sys_getppid();
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "cr3_loads"), 0, "CR3 loads of %d system calls", M10_CALLS);
	CHECK_EQ(pw_diff(&before, &after, "mm_switches"), 0, "address spaces switched meanwhile");
	CHECK_EQ(pw_cr3(), cr3, "CR3 afterwards");
	marks_by_copies();
	copy_to_untouched();
	CHECK_INFO("%d system calls, 0 CR3 loads; copies mark the program's own entries", M10_CALLS);
}
TEST(M10, m10_same_tables);
