/* SPDX-License-Identifier: MIT */
/* INT n with every n, and everything that takes a selector. */
#include "../attack.h"

#define GP	13

/* ---- int n ---------------------------------------------------------------------- */

static u8 *code;			/* a page that may be written and executed */
static ulong regs[6];

/* Random registers, then the code. */
static void run_code(ulong at)
{
#ifdef __x86_64__
	__asm__ volatile("push %%rbx; push %%rbp; mov %1, %%rbx; mov %2, %%rcx; mov %3, %%rdx\n"
			 "	mov %4, %%rsi; mov %5, %%rdi; mov %0, %%rbp; mov $-1, %%rax; call *%6\n"
			 "	pop %%rbp; pop %%rbx"
			 : : "m"(regs[0]), "m"(regs[1]), "m"(regs[2]), "m"(regs[3]), "m"(regs[4]),
			   "m"(regs[5]), "r"(at) : "rax", "rcx", "rdx", "rsi", "rdi", "memory");
#else
	__asm__ volatile("pusha; movl %1, %%ecx; movl %2, %%edx; movl %3, %%esi\n"
			 "	movl $-1, %%eax; call *%0; popa"
			 : : "b"(at), "m"(regs[2]), "m"(regs[3]), "m"(regs[4])
			 : "memory");
#endif
}

static void one_vector(unsigned n)
{
	struct seen s;
	int sig = SIGSEGV, gate = n == 3 || n == 4 || (n == 0x80 && !LONG64);

	code[0] = 0xcd;
	code[1] = (u8)n;
	code[2] = 0xc3;
	if (n == 3)
		sig = SIGTRAP;
	if (n == 0x80 && !LONG64)
		sig = 0;			/* a system call that does not exist */
	s = survive(run_code, (ulong)code);
	CHECK_EQ(s.sig, sig, "int %#x: signal", n);
	if (!sig)
		return;
	CHECK_EQ(s.code, SI_KERNEL, "int %#x: si_code", n);
	CHECK_EQ(s.addr, 0, "int %#x: si_addr", n);
	CHECK_EQ(s.trap, gate ? n : GP, "int %#x: trap number", n);
	/* Gates of 16 bytes: QEMU counts the index by that size, processors by 8. */
	if (!LONG64 || gate || s.err != n * 16 + 2)
		CHECK_EQ(s.err, gate ? 0 : n * 8 + 2, "int %#x: error code", n);
	CHECK_EQ(s.ip, (ulong)code + (gate ? 2 : 0), "int %#x: instruction", n);
}

void attack_int(u64 seed)
{
	unsigned round, n, i;
	u64 state = seed;

	code = sys_mmap(NULL, PAGE_SIZE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (round = 0; round < 20; round++) {
		for (n = 0; n < 256; n++) {
			for (i = 0; i < ARRAY_SIZE(regs); i++)
				regs[i] = (ulong)next_random(&state);
			one_vector(n);
		}
	}
	CHECK_INFO("seed %llu: %u times int n, each with its signal, trap number and error code",
		   (unsigned long long)seed, round * n);
}

/* ---- selectors ------------------------------------------------------------------ */

#define ROUNDS	20000
#define CODE_PLACE	0x10000000ul

struct far {
	u32 offset;
	u16 selector;
} __attribute__((__packed__));

static struct far target;
static u16 selector, selector2;
static ulong flags;

/* What is jumped to: each ends by an undefined instruction at the latest. */
static const u8 stubs[][8] = {
	{ 0x0f, 0x0b },				/* ud2 */
	{ 0x0f, 0x05, 0x0f, 0x0b },		/* syscall */
	{ 0x0f, 0x34, 0x0f, 0x0b },		/* sysenter */
	{ 0xcd, 0x80, 0x0f, 0x0b },		/* int $0x80 */
	{ 0xcb, 0x0f, 0x0b },			/* lret */
	{ 0xcf, 0x0f, 0x0b },			/* iret */
	{ 0x50, 0x58, 0xe8, 0, 0, 0, 0, 0xf4 },	/* push, pop, call, hlt */
};

static void load_selector(ulong which)
{
	ulong v = selector;

	switch (which) {
	case 0: __asm__ volatile("mov %0, %%ds" : : "r"(v)); break;
	case 1: __asm__ volatile("mov %0, %%es" : : "r"(v)); break;
	case 2: __asm__ volatile("mov %0, %%fs" : : "r"(v)); break;
	case 3: __asm__ volatile("mov %0, %%gs" : : "r"(v)); break;
	case 4: __asm__ volatile("mov %0, %%ss" : : "r"(v)); break;
	}
}

static void far_call(ulong arg)
{
	__asm__ volatile("lcall *%0" : : "m"(target) : "memory");
}

static void far_jump(ulong arg)
{
	__asm__ volatile("ljmp *%0" : : "m"(target) : "memory");
}

static void far_return(ulong arg)
{
#ifdef __x86_64__
	__asm__ volatile("pushq %0; pushq %1; lretq" : : "r"((ulong)selector), "r"((ulong)target.offset));
#else
	__asm__ volatile("pushl %0; pushl %1; lretl" : : "r"((ulong)selector), "r"((ulong)target.offset));
#endif
}

static void interrupt_return(ulong arg)
{
#ifdef __x86_64__
	__asm__ volatile("mov %%rsp, %%rax; push %0; push %%rax; push %1; push %2; push %3; iretq"
			 : : "r"((ulong)selector2), "r"(flags), "r"((ulong)selector),
			     "r"((ulong)target.offset) : "rax");
#else
	__asm__ volatile("movl %%esp, %%eax; pushl %0; pushl %%eax; pushl %1; pushl %2; pushl %3; iretl"
			 : : "g"((ulong)selector2), "r"(flags), "r"((ulong)selector),
			     "r"((ulong)target.offset) : "eax");
#endif
}

/* These look at a descriptor, and only say whether it is there. */
static void look_at(ulong arg)
{
	ulong v = selector, out;

	__asm__ volatile("lar %1, %0; lsl %1, %0; verr %w1; verw %w1" : "=&r"(out) : "r"(v) : "cc");
}

/* Random contents for the three entries that a program may fill. */
static void random_descriptor(u64 *state)
{
#ifndef __x86_64__
	u32 desc[4] = { 6 + (u32)next_random(state) % 3, (u32)next_random(state),
			(u32)next_random(state) & 0xfffff, (u32)next_random(state) & 0x7f };

	if (next_random(state) & 1)
		desc[3] = 0x51;		/* flat data of 32 bits */
	syscall1(__NR_set_thread_area, (long)desc);
#else
	ulong base = (ulong)next_random(state) >> (next_random(state) & 63);

	syscall2(__NR_arch_prctl, next_random(state) & 1 ? 0x1001 : 0x1002, (long)base);
#endif
}

static u16 random_selector(u64 *state)
{
	u64 r = next_random(state);

	return r & 3 ? (u16)(r >> 8 & 0xff) : (u16)(r >> 8);
}

static void one_round(u64 *state)
{
	static void (*const act[])(ulong) = {
		load_selector, load_selector, far_call, far_jump, far_return, interrupt_return,
		look_at,
	};
	u64 r = next_random(state);

	selector = random_selector(state);
	selector2 = random_selector(state);
	target.selector = selector;
	target.offset = (u32)(ulong)(code + (r >> 8 & 0xff) % ARRAY_SIZE(stubs) * sizeof(stubs[0]));
	if ((r >> 16 & 15) == 0)
		target.offset = (u32)next_random(state);
	flags = (u32)next_random(state) & 0x3c7fd7;
	if (r >> 20 & 1)
		random_descriptor(state);
	survive(act[(r >> 24) % ARRAY_SIZE(act)], (r >> 32) % 5);
	if (r >> 40 & 1)
		sys_sched_yield();
}

static u64 selectors_seed;

/* In a child, so that whatever it does to itself is seen. */
static int all_rounds(void *arg)
{
	u64 state = selectors_seed;
	unsigned i;

	for (i = 0; i < ROUNDS; i++)
		one_round(&state);
	return 23;
}

void attack_segments(u64 seed)
{
	int status;

	/* Where code of 32 bits reaches it too. */
	code = sys_mmap((void *)CODE_PLACE, PAGE_SIZE, RWX,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (!CHECK((ulong)code == CODE_PLACE, "no page for the code: %ld", (long)code))
		return;
	memcpy(code, stubs, sizeof(stubs));
	selectors_seed = seed;
	status = in_child(all_rounds, NULL, 30000);
	CHECK_EQ(status, 23 << 8, "wait status of a child that survives %u loads and jumps", ROUNDS);
	CHECK_INFO("seed %llu: %u loads, far jumps and returns; the program survives them all",
		   (unsigned long long)seed, ROUNDS);
}
