/* SPDX-License-Identifier: MIT */
/*
 * What is given at once and what on demand (catalogue P6), what objects that costs (P5),
 * and kernel mappings that a process learns late (V3); company for K14.
 */
#include "counting.h"
#include "rows.h"

/* ---- P6: user memory comes page by page -------------------------------------------------- */

#define P6_PAGES	256

static unsigned present(const struct pagewalk_walk *w, unsigned n)
{
	unsigned i, k = 0;

	for (i = 0; i < n; i++)
		k += w[i].flags & PAGEWALK_PRESENT;
	return k;
}

static void p6_user_lazy(void)
{
	static struct pagewalk_walk w[P6_PAGES];
	volatile u8 *p = map_at(EMPTY_PLACE, P6_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	bool high = row_number(0);
	struct pagewalk_frame f;
	unsigned i, wrong = 0;

	pw_walk_range(p, w, P6_PAGES);
	CHECK_EQ(present(w, P6_PAGES), 0, "pages present before the first touch");
	start_count();
	for (i = 0; i < P6_PAGES; i++) {
		p[i * PAGE_SIZE] = 1;
		if (i % 64 == 63) {
			pw_snapshot(&after);
			CHECK_EQ(growth("pgfault"), i + 1, "faults after %u touches", i + 1);
			CHECK_EQ(growth("pages_anon"), i + 1, "frames after %u touches", i + 1);
			pw_walk_range(p, w, P6_PAGES);
			CHECK_EQ(present(w, P6_PAGES), i + 1, "pages present after %u touches", i + 1);
		}
	}
	for (i = 0; i < P6_PAGES; i++) {
		pw_frame(w[i].phys >> 12, &f);
		wrong += (f.zone == 3) != high;
	}
	CHECK_EQ(wrong, 0, "frames that are not %s memory", high ? "high" : "low");
	CHECK_INFO("kernel 1 MiB: 256 entries, 0 faults; user 1 MiB: 0 entries, then one for each "
		   "touch, %s frames", high ? "high" : "low");
}
TEST(P6, p6_user_lazy);

/* ---- P5: objects ------------------------------------------------------------------------- */

static unsigned regions(void)
{
	static char text[8192];
	unsigned n = 0;
	const char *p;

	read_file("/proc/self/maps", text, sizeof(text));
	for (p = text; *p; p++)
		n += *p == '\n';
	return n;
}

/* Objects since start_count(): regions, address spaces, tasks, tables of open files. */
static void objects(const char *when, s64 vmas, s64 mms, s64 tasks, s64 files)
{
	pw_snapshot(&after);
	CHECK_EQ(growth("slab_vm_area_struct"), vmas, "%s: vm_area_struct", when);
	CHECK_EQ(growth("slab_mm_struct"), mms, "%s: mm_struct", when);
	CHECK_EQ(growth("slab_task_struct"), tasks, "%s: task_struct", when);
	CHECK_EQ(growth("slab_files_struct"), files, "%s: files_struct", when);
	CHECK_EQ(growth("slab_sighand_struct"), files, "%s: sighand_struct", when);
	CHECK_EQ(growth("tasks"), tasks, "%s: tasks", when);
}

static void p5_regions(void)
{
	char *p;

	start_count();
	p = map_at(EMPTY_PLACE, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	objects("mmap", 1, 0, 0, 0);
	sys_munmap(p + 4 * PAGE_SIZE, PAGE_SIZE);
	objects("munmap in the middle", 2, 0, 0, 0);
	sys_mprotect(p + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	objects("mprotect in the middle", 4, 0, 0, 0);
	sys_mprotect(p + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	objects("mprotect back", 2, 0, 0, 0);
	map_at((ulong)p + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	objects("the hole filled", 1, 0, 0, 0);
	sys_munmap(p, 16 * PAGE_SIZE);
	objects("munmap of all", 0, 0, 0, 0);
}

static int p5_step(int command)
{
	return 0;
}

/* The child's second stack; a thread of its own would do nothing else with it. */
static u8 p5_stack[2][PAGE_SIZE] __attribute__((__aligned__(16)));
static volatile int p5_stop[2];

static __noreturn void p5_thread(volatile int *stop)
{
	while (!*stop)
		sys_sched_yield();
	sys_exit(0);
}

static __noreturn __used void p5_first(void)	{ p5_thread(&p5_stop[0]); }
static __noreturn __used void p5_second(void)	{ p5_thread(&p5_stop[1]); }

/* clone() onto another stack, on which stands where to go; the child never returns. */
static long start_on(u8 *stack, void (*fn)(void), ulong flags)
{
	ulong *sp = (ulong *)(stack + PAGE_SIZE) - 2;
	long ret;

	sp[0] = (ulong)fn;
#ifdef __x86_64__
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;

	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tret\n1:"
			 : "=a"(ret) : "0"(__NR_clone), "D"(flags), "S"(sp), "d"(0), "r"(r10),
			 "r"(r8) : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80\n\ttest %%eax, %%eax\n\tjnz 1f\n\tret\n1:"
			 : "=a"(ret) : "0"(__NR_clone), "b"(flags), "c"(sp), "d"(0), "S"(0), "D"(0)
			 : "memory");
#endif
	return ret;
}

#define SHARE_ALL (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)
#define SIGCHLD_	17

/* Processes that come and go in this order: fork, a task in the same memory, another. */
static void p5_tasks(void)
{
	unsigned n;
	struct child c;
	long one, two;

	child_start(&c, p5_step);	/* so that what a fork touches has been touched */
	child_do(&c, 0);
	child_end(&c);
	start_count();
	n = regions();
	start_count();
	child_start(&c, p5_step);
	child_do(&c, 0);
	objects("fork", n, 1, 1, 1);
	one = start_on(p5_stack[0], p5_first, SHARE_ALL | SIGCHLD_);
	objects("a task that shares all", n, 1, 2, 1);
	two = start_on(p5_stack[1], p5_second, CLONE_VM | SIGCHLD_);
	objects("a task that shares memory alone", n, 1, 3, 2);
	child_end(&c);
	objects("the forked child ended", 0, 0, 2, 1);
	p5_stop[0] = 1;
	wait_for((int)one);
	objects("the first task ended", 0, 0, 1, 1);
	p5_stop[1] = 1;
	wait_for((int)two);
	objects("all ended", 0, 0, 0, 0);
}

static void p5_objects(void)
{
	p5_regions();
	p5_tasks();
	CHECK_INFO("objects of 12 steps of mmap, munmap, mprotect, fork, clone and exit are exact");
}
TEST(P5, p5_objects);

/* ---- V3: a vmalloc area that an older process learns -------------------------------------- */

static ulong v3_make(void)
{
	volatile u64 *answer = map_shared(PAGE_SIZE);
	char text[48];
	long pid;
	int status;

	/* A child asks for the area, so that this process, which is older, never sees it. */
	pid = sys_fork();
	if (pid == 0) {
		snprintf(text, sizeof(text), "v3=make:%#lx", (ulong)answer);
		exit(pw_knob(text) ? 1 : 0);
	}
	status = wait_for((int)pid);
	CHECK_EQ(status, 0, "wait status of the child that asked for the area");
	return (ulong)*answer;
}

static void v3_touch(ulong addr, s64 learned, const char *when)
{
	char text[48];

	snprintf(text, sizeof(text), "v3=touch:%#lx", addr);
	start_count();
	CHECK_EQ(pw_knob(text), 0, "%s: the pattern in the area", when);
	pw_snapshot(&after);
	CHECK_EQ(growth("fault_vmalloc"), learned, "%s: entries learned by a fault", when);
	CHECK_EQ(growth("fault_kernel_address"), learned, "%s: faults at kernel addresses", when);
	CHECK_EQ(growth("pgfault"), 0, "%s: faults of user addresses", when);
}

static void v3_learn(void)
{
	struct pagewalk_walk mine, kernel;
	ulong addr = v3_make();

	if (!CHECK(addr, "no area"))
		return;
	pw_walk((void *)addr, &mine);
	CHECK(pw_walk_pid(1, (void *)addr, &kernel) && kernel.flags & PAGEWALK_PRESENT,
	      "the area is not mapped in swapper_pg_dir");
	if (LONG64)
		CHECK_EQ(mine.entry[0], kernel.entry[0], "top-level entry before the touch: preset");
	else
		CHECK_EQ(mine.entry[0], 0, "top-level entry of this process before its touch");
	v3_touch(addr, !LONG64, "first touch");
	pw_walk((void *)addr, &mine);
	CHECK_EQ(mine.entry[0], kernel.entry[0], "top-level entry after the touch: that of the kernel");
	CHECK_EQ(mine.phys, kernel.phys, "frame behind the address");
	v3_touch(addr, 0, "second touch");
	CHECK_EQ(pw_knob("v3=drop"), 0, "knob v3=drop");
	CHECK_INFO(LONG64 ? "area at %#lx: entry preset, 0 faults" :
		   "area at %#lx: entry empty, 1 fault at the first touch, 0 at the second", addr);
}
TEST(V3, v3_learn);

/* ---- K14: company -------------------------------------------------------------------------- */

#define K14_CHILDREN	4

static int k14_step(int command)
{
	return 0;
}

static void k14_company(void)
{
	static const char *const argv[] = { "/bin/rows", "K14-new", NULL };
	struct child c[K14_CHILDREN];
	unsigned i;

	for (i = 0; i < K14_CHILDREN; i++) {
		if (i % 2)
			child_exec(&c[i], argv);
		else
			child_start(&c[i], k14_step);
	}
	CHECK_EQ(pw_knob("k14=compare"), 0, "the kernel's comparison of all address spaces");
	for (i = 0; i < K14_CHILDREN; i++)
		CHECK_EQ(child_end(&c[i]), 0, "wait status of child %u", i);
}
TEST(K14, k14_company);
HELPER(K14_new, "K14-new", child_wait_here);
