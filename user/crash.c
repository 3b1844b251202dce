/* SPDX-License-Identifier: MIT */
/*
 * /bin/crash MODE: does one forbidden thing.  It should be killed by the signal that the
 * table names; the others run on.  If it survives it says so and ends with status 1.
 * Without an argument it lists the modes; "all" tries each in a child.
 */
#include "lib/lib.h"

#define SIGILL	4
#define SIGTRAP	5
#define SIGBUS	7
#define SIGFPE	8
#define SIGSEGV	11

#ifdef __x86_64__
#define KERNEL_ADDRESS	0xffffffff80000000ul
#else
#define KERNEL_ADDRESS	0xc0100000ul
#endif

static const char constant[] = "cannot be written";

static void null_read(void)	{ (void)*(volatile int *)16; }
static void null_write(void)	{ *(volatile int *)16 = 1; }
static void null_jump(void)	{ ((void (*)(void))READ_ONCE(environ[-1]))(); }
static void kernel_read(void)	{ (void)*(volatile int *)KERNEL_ADDRESS; }
static void kernel_write(void)	{ *(volatile int *)KERNEL_ADDRESS = 1; }
static void kernel_jump(void)	{ ((void (*)(void))KERNEL_ADDRESS)(); }
static void text_write(void)	{ *(volatile char *)(ulong)null_read = 1; }
static void rodata_write(void)	{ *(volatile char *)(ulong)constant = 1; }
static void undefined(void)	{ __asm__ volatile("ud2"); }
static void breakpoint(void)	{ __asm__ volatile("int3"); }
static void privileged(void)	{ __asm__ volatile("hlt"); }
static void disable_irqs(void)	{ __asm__ volatile("cli"); }
static void port(void)		{ __asm__ volatile("outb %%al, $0x80" : : "a"(0)); }
static void load_cr3(void)	{ __asm__ volatile("mov %0, %%cr3" : : "r"(0ul)); }
static void bad_segment(void)	{ __asm__ volatile("mov %0, %%es" : : "r"(0x10)); }
static void int_gate(void)	{ __asm__ volatile("int $0x20"); }

static void divide(void)
{
	__asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; xorl %%edx, %%edx; divl %%ecx"
			 : : : "eax", "ecx", "edx");
}

static void non_canonical(void)
{
#ifdef __x86_64__
	(void)*(volatile int *)0x8000000000000000ul;
#else
	(void)*(volatile int *)0xfffff000ul;
#endif
}

static noinline ulong recurse(ulong depth)
{
	volatile char frame[512];

	frame[0] = (char)depth;
	return depth == ~0ul ? 0 : recurse(depth + 1) + frame[0];
}

static void stack_overflow(void)	{ recurse(0); }

/* The stack pointer leads nowhere: neither program nor signal frame can use it. */
static void bad_stack(void)
{
#ifdef __x86_64__
	__asm__ volatile("movq %0, %%rsp; pushq %%rax" : : "r"(64ul));
#else
	__asm__ volatile("movl %0, %%esp; pushl %%eax" : : "r"(64));
#endif
}

static const struct mode {
	const char *name;
	void (*fn)(void);
	int signal;
} modes[] = {
	{ "null-read", null_read, SIGSEGV },
	{ "null-write", null_write, SIGSEGV },
	{ "null-jump", null_jump, SIGSEGV },
	{ "kernel-read", kernel_read, SIGSEGV },
	{ "kernel-write", kernel_write, SIGSEGV },
	{ "kernel-jump", kernel_jump, SIGSEGV },
	{ "text-write", text_write, SIGSEGV },
	{ "rodata-write", rodata_write, SIGSEGV },
	{ "non-canonical", non_canonical, SIGSEGV },
	{ "ud2", undefined, SIGILL },
	{ "int3", breakpoint, SIGTRAP },
	{ "divide", divide, SIGFPE },
	{ "hlt", privileged, SIGSEGV },
	{ "cli", disable_irqs, SIGSEGV },
	{ "port", port, SIGSEGV },
	{ "cr3", load_cr3, SIGSEGV },
	{ "segment", bad_segment, SIGSEGV },
	{ "int", int_gate, SIGSEGV },
	{ "stack-overflow", stack_overflow, SIGSEGV },
	{ "bad-stack", bad_stack, SIGSEGV },
};

static int try_mode(void *arg)
{
	const struct mode *m = arg;

	m->fn();
	return 1;
}

static int try_all(void)
{
	int failed = 0, status;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		status = wait_for((int)spawn(try_mode, (void *)&modes[i]));
		if (KILLED(status, modes[i].signal))
			continue;
		failed++;
		printf("crash: %s: wait status %#x, expected %s\n", modes[i].name, status,
		       signal_name(modes[i].signal));
	}
	printf("crash: %u ways, %d with another end than expected\n",
	       (unsigned)ARRAY_SIZE(modes), failed);
	return failed != 0;
}

int main(int argc, char **argv, char **envp)
{
	unsigned i;

	if (argc > 1 && strcmp(argv[1], "all") == 0)
		return try_all();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (argc < 2) {
			printf("%s\n", modes[i].name);
		} else if (strcmp(argv[1], modes[i].name) == 0) {
			modes[i].fn();
			printf("crash: %s: survived\n", argv[1]);
			return 1;
		}
	}
	return argc < 2 ? 0 : 2;
}
