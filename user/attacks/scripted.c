/* SPDX-License-Identifier: MIT */
/*
 * Attacks that know what they do, one child each.  A signal is how the child must end; 0:
 * it is refused and comes back; ANY: as the model of the processor has it (QEMU raises no
 * alignment or SSE exceptions and knows SYSEXIT or ICEBP by its vendor only).
 */
#include "../attack.h"

#define ANY	(-1)
#define RLIMIT_NOFILE	7

typedef void attack_fn(void);

static __noreturn void fail(const char *why, long value)
{
	printf("attack: %s: %ld\n", why, value);
	exit(1);
}

static void must(long seen, long expected, const char *what)
{
	if (seen != expected)
		fail(what, seen);
}

/* ---- memory that is not ours ---------------------------------------------------- */

static inline void read_at(ulong a)	{ (void)*(volatile char *)a; }
static inline void write_at(ulong a)	{ *(volatile char *)a = 1; }
static inline void jump_to(ulong a)	{ ((void (*)(void))READ_ONCE(a))(); }

static const char constant[16] = "constant";
static u8 data_code[16] = { 0x0f, 0x0b };	/* ud2 */

static void kernel_read(void)		{ read_at(kernel_page); }
static void kernel_write(void)		{ write_at(kernel_page); }
static void kernel_jump(void)		{ jump_to(kernel_page); }
static void edge_read(void)		{ read_at(USER_END); }
static void edge_word(void)		{ (void)*(volatile ulong *)(USER_END - 1); }
static void last_byte(void)		{ write_at(~0ul); }
static void odd_read(void)		{ read_at(NON_CANONICAL); }
static void odd_write(void)		{ write_at(NON_CANONICAL + 8); }
static void odd_jump(void)		{ jump_to(NON_CANONICAL); }
static void null_read(void)		{ read_at(0); }
static void null_write(void)		{ write_at(8); }
static void null_jump(void)		{ jump_to(0); }
static void text_write(void)		{ write_at((ulong)null_read); }
static void constant_write(void)	{ write_at((ulong)constant); }
static void data_jump(void)		{ jump_to((ulong)data_code); }

static void stack_jump(void)
{
	volatile u8 code[4] = { 0x0f, 0x0b };

	jump_to((ulong)code);
}

static void none_read(void)
{
	char *p = map_anon(PAGE_SIZE);

	*p = 1;
	sys_mprotect(p, PAGE_SIZE, PROT_NONE);
	read_at((ulong)p);
}

static void none_jump(void)
{
	char *p = map_anon(PAGE_SIZE);

	sys_mprotect(p, PAGE_SIZE, PROT_NONE);
	jump_to((ulong)p);
}

static void readonly_write(void)
{
	char *p = map_anon(PAGE_SIZE);

	*p = 1;
	sys_mprotect(p, PAGE_SIZE, PROT_READ);
	write_at((ulong)p);
}

static void locked_kernel(void)
{
	__asm__ volatile("lock; incl (%0)" : : "r"(kernel_page) : "memory");
}

/* A string instruction that starts on our side. */
static void string_over_edge(void)
{
	ulong from = USER_END - 64, n = 4096;
	static char to[4096];
	void *p = to;

	__asm__ volatile("rep movsb" : "+S"(from), "+D"(p), "+c"(n) : : "memory");
}

static void unmapped_text(void)
{
	sys_munmap((void *)((ulong)unmapped_text & -PAGE_SIZE), 2 * PAGE_SIZE);
}

static void unmapped_stack(void)
{
	ulong here = (ulong)__builtin_frame_address(0) & -PAGE_SIZE;

	sys_munmap((void *)(here - 16 * PAGE_SIZE), USER_END - here + 16 * PAGE_SIZE);
}

static void unmapped_all(void)
{
	sys_munmap(NULL, USER_END);
}

/* ---- privileged instructions ---------------------------------------------------- */

#define INSN(name, text) \
	static void name(void) { __asm__ volatile(text ::: "memory", "eax", "ecx", "edx", "cc"); }
#ifdef __x86_64__
#define XAX "%%rax"
#define XSP "%%rsp"
#define IRET "iretq"
#define PUSHF "pushfq"
#define POPF "popfq"
#else
#define XAX "%%eax"
#define XSP "%%esp"
#define IRET "iretl"
#define PUSHF "pushfl"
#define POPF "popfl"
#endif

INSN(i_hlt, "hlt")
INSN(i_cli, "cli")
INSN(i_sti, "sti")
INSN(i_in, "inb $0x60, %%al")
INSN(i_out, "outb %%al, $0x64")
INSN(i_out_dx, "movl $0xcf9, %%edx; movb $6, %%al; outb %%al, %%dx")
INSN(i_read_cr0, "mov %%cr0, " XAX)
INSN(i_read_cr3, "mov %%cr3, " XAX)
INSN(i_write_cr0, "xor %%eax, %%eax; mov " XAX ", %%cr0")
INSN(i_write_cr3, "xor %%eax, %%eax; mov " XAX ", %%cr3")
INSN(i_write_cr4, "xor %%eax, %%eax; mov " XAX ", %%cr4")
INSN(i_read_dr7, "mov %%dr7, " XAX)
INSN(i_write_dr7, "xor %%eax, %%eax; mov " XAX ", %%dr7")
INSN(i_clts, "clts")
INSN(i_invd, "invd")
INSN(i_wbinvd, "wbinvd")
INSN(i_rdmsr, "movl $0xc0000080, %%ecx; rdmsr")
INSN(i_wrmsr, "movl $0xc0000082, %%ecx; wrmsr")
INSN(i_sysexit, "sysexit")
INSN(i_ud2, "ud2")
INSN(i_int1, ".byte 0xf1")
INSN(i_int3, "int3")
INSN(i_int_df, "int $8")
INSN(i_int_pf, "int $14")
INSN(i_int_timer, "int $0x30")
INSN(i_int_last, "int $0xff")
INSN(i_divide, "xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx")
INSN(i_divide_overflow, "movl $0x80000000, %%eax; cltd; movl $-1, %%ecx; idivl %%ecx")
INSN(i_xsetbv, "xorl %%ecx, %%ecx; movl $1, %%eax; xorl %%edx, %%edx; .byte 0x0f, 0x01, 0xd1")
INSN(i_vmcall, ".byte 0x0f, 0x01, 0xc1")
INSN(i_stac, ".byte 0x0f, 0x01, 0xcb")
INSN(i_clac, ".byte 0x0f, 0x01, 0xca")
INSN(i_trap_flag, PUSHF "; orl $0x100, (" XSP "); " POPF "; nop; nop")
#ifdef __x86_64__
INSN(i_swapgs, "swapgs")
INSN(i_sysret, "sysretq")
INSN(i_int80, "movl $39, %%eax; int $0x80")
INSN(i_sysenter, "sysenter")
INSN(i_iret_kernel, "mov %%rsp, %%rax; pushq $0x18; pushq %%rax; pushfq; pushq $0x10; lea 1f(%%rip), %%rax; pushq %%rax; iretq; 1:")
INSN(i_retf_kernel, "pushq $0x10; lea 1f(%%rip), %%rax; pushq %%rax; lretq; 1:")
INSN(i_write_cr8, "xor %%eax, %%eax; mov %%rax, %%cr8")
INSN(i_kernel_sp, "movq %%rsp, %%rcx; movq $0xffffffff80001000, %%rax; movq %%rax, %%rsp; pushq %%rax")
INSN(i_odd_sp, "movq $0x8000000000000000, %%rax; movq %%rax, %%rsp; pushq %%rax")
INSN(i_load_ss0, "xorl %%eax, %%eax; movl %%eax, %%ss")
#else
INSN(i_syscall, "syscall")
INSN(i_sysenter, "sysenter")
INSN(i_iret_kernel, "pushfl; pushl $0x60; pushl $1f; iretl; 1:")
INSN(i_retf_kernel, "pushl $0x60; pushl $1f; lretl; 1:")
INSN(i_into, "movb $0x7f, %%al; addb $1, %%al; into")
INSN(i_kernel_sp, "movl $0xc0101000, %%esp; pushl %%eax")
INSN(i_load_ss0, "xorl %%eax, %%eax; movl %%eax, %%ss")
INSN(i_load_ds_kernel, "movl $0x68, %%eax; movl %%eax, %%ds")
INSN(i_vm86, "pushfl; orl $0x20000, (%%esp); popfl")

static const int limits[2] = { 0, 3 };

static void i_bound(void)
{
	/* bound %eax, (%ecx) */
	__asm__ volatile(".byte 0x62, 0x01" : : "a"(7), "c"(limits));
}

static void i_virtual_8086(void)
{
	i_vm86();
}
#endif

static void table_loads(unsigned which)
{
	static u8 table[16];

	switch (which) {
	case 0: __asm__ volatile("lgdt %0" : : "m"(table)); break;
	case 1: __asm__ volatile("lidt %0" : : "m"(table)); break;
	case 2: __asm__ volatile("lldt %w0" : : "r"(0)); break;
	case 3: __asm__ volatile("ltr %w0" : : "r"(0x40)); break;
	case 4: __asm__ volatile("lmsw %w0" : : "r"(1)); break;
	case 5: __asm__ volatile("invlpg %0" : : "m"(table)); break;
	}
}

static void i_lgdt(void)	{ table_loads(0); }
static void i_lidt(void)	{ table_loads(1); }
static void i_lldt(void)	{ table_loads(2); }
static void i_ltr(void)		{ table_loads(3); }
static void i_lmsw(void)	{ table_loads(4); }
static void i_invlpg(void)	{ table_loads(5); }

/* IOPL and IF cannot be had by POPF; nothing says so, they just stay. */
static void flags_tricks(void)
{
	ulong flags;

	__asm__ volatile(PUSHF "; orl $0x3000, (" XSP "); andl $~0x200, (" XSP "); " POPF
			 "; " PUSHF "; pop %0" : "=r"(flags) : : "memory", "cc");
	must((long)(flags & 0x3200), 0x200, "IOPL and IF after POPF");
}

/* IRET with NT set is a task switch, or a fault. */
static void nested_task(void)
{
	__asm__ volatile(PUSHF "; orl $0x4000, (" XSP "); " POPF "; " IRET ::: "memory", "cc");
}

/* NT set goes into the kernel and comes back; the kernel's own IRET must not see it. */
static void nested_task_call(void)
{
	unsigned i;

	__asm__ volatile(PUSHF "; orl $0x4000, (" XSP "); " POPF ::: "memory", "cc");
	for (i = 0; i < 100; i++)
		sys_sched_yield();
	*(volatile char *)map_anon(PAGE_SIZE) = 1;
}

static void unaligned(void)
{
	static ulong words[2];

	__asm__ volatile(PUSHF "; orl $0x40000, (" XSP "); " POPF "; movl 1(%0), %%eax"
			 : : "r"(words) : "eax", "memory", "cc");
}

/* With AC set the kernel must still not reach our pages by mistake, nor fault at its own. */
static void ac_call(void)
{
	char *p = map_anon(PAGE_SIZE) + 1;

	p[0] = '/';
	__asm__ volatile(PUSHF "; orl $0x40000, (" XSP "); " POPF ::: "memory", "cc");
	must(syscall2(__NR_access, (long)p, 0), 0, "access(2) with AC set");
	__asm__ volatile(PUSHF "; andl $~0x40000, (" XSP "); " POPF ::: "memory", "cc");
}

/* Direction flag down in a call: the kernel's copies go up. */
static void backwards_call(void)
{
	char name[16] = "upwards", back[16] = "";

	__asm__ volatile("std" ::: "cc");
	syscall2(__NR_prctl, 15, (long)name);
	syscall2(__NR_prctl, 16, (long)back);
	__asm__ volatile("cld" ::: "cc");
	must(strcmp(name, back), 0, "name set and read with DF set");
}

static void x87_exception(void)
{
	static const u16 control = 0x0370;
	static const float zero = 0.0f;

	__asm__ volatile("fninit; fldcw %0; fld1; fdivs %1; fwait" : : "m"(control), "m"(zero));
}

static void sse_exception(void)
{
	static const u32 control = 0x1000;
	static const float one = 1.0f, zero = 0.0f;

	__asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0"
			 : : "m"(control), "m"(one), "m"(zero) : "xmm0");
}

static void sse_reserved(void)
{
	static const u32 control = 0xffff0000;

	__asm__ volatile("ldmxcsr %0" : : "m"(control));
}

/* ---- forged frames -------------------------------------------------------------- */

static void (*forge)(void *uc);

static void on_usr1(int sig, void *info, void *uc)
{
	forge(uc);
}

static void forged(void (*how)(void *uc))
{
	forge = how;
	set_signal(SIGUSR1, (void *)on_usr1, SA_SIGINFO);
	syscall2(__NR_tkill, sys_gettid(), SIGUSR1);
}

#define FORGE(name, statement) \
	static void name##_uc(void *uc) { statement; } \
	static void name(void) { forged(name##_uc); }

static inline void put16(void *uc, unsigned at, u16 value)
{
	*(u16 *)((char *)uc + at) = value;
}

FORGE(f_cs_null, put16(uc, UC_CS, 0))
FORGE(f_cs_kernel, put16(uc, UC_CS, LONG64 ? 0x10 : 0x60))
FORGE(f_cs_data, put16(uc, UC_CS, *(u16 *)((char *)uc + UC_SS)))
FORGE(f_cs_high, put16(uc, UC_CS, 0xffff))
FORGE(f_cs_tss, put16(uc, UC_CS, LONG64 ? 0x40 : 0x80))
FORGE(f_ss_null, put16(uc, UC_SS, 0))
FORGE(f_ss_kernel, put16(uc, UC_SS, LONG64 ? 0x18 : 0x68))
FORGE(f_ss_code, put16(uc, UC_SS, *(u16 *)((char *)uc + UC_CS)))
FORGE(f_ss_high, put16(uc, UC_SS, 0xfff7))
FORGE(f_ip_kernel, *word_at(uc, UC_IP) = kernel_page)
FORGE(f_ip_odd, *word_at(uc, UC_IP) = NON_CANONICAL)
FORGE(f_ip_edge, *word_at(uc, UC_IP) = USER_END)
FORGE(f_sp_kernel, *word_at(uc, UC_SP) = kernel_page)
FORGE(f_sp_odd, *word_at(uc, UC_SP) = NON_CANONICAL)
FORGE(f_flags_trap, *word_at(uc, UC_FLAGS) |= 0x100)
FORGE(f_fp_kernel, *word_at(uc, UC_FPSTATE) = kernel_page)
FORGE(f_fp_odd, *word_at(uc, UC_FPSTATE) = NON_CANONICAL)
FORGE(f_fp_unmapped, *word_at(uc, UC_FPSTATE) = EMPTY_PLACE)
FORGE(f_fp_edge, *word_at(uc, UC_FPSTATE) = USER_END - 16)
FORGE(f_fp_null, *word_at(uc, UC_FPSTATE) = 0)
FORGE(f_fp_unaligned, (*word_at(uc, UC_FPSTATE))++)
FORGE(f_fp_garbage, memset((void *)*word_at(uc, UC_FPSTATE), 0xff, 512))
FORGE(f_ends_of_all, memset((char *)uc + UC_WORD(0), 0xff, UC_FPSTATE - UC_WORD(0)))
FORGE(f_zero, memset((char *)uc + UC_WORD(0), 0, UC_FPSTATE - UC_WORD(0)))

/* The sizes of an extended state that the frame claims to have, and does not. */
static void f_xstate_uc(void *uc)
{
	u32 *words = (u32 *)(*word_at(uc, UC_FPSTATE) + (LONG64 ? 464 : 112 + 464));

	words[0] = 0x46505853;			/* FP_XSTATE_MAGIC1 */
	words[1] = 0xffffffff;
	words[2] = words[3] = 0xffffffff;
	words[4] = 0xffffffff;
}
static void f_xstate(void)	{ forged(f_xstate_uc); }

/* IOPL, VM, VIF, VIP, ID, NT, IF off: only what a program may set is taken. */
static void f_flags_uc(void *uc)
{
	*word_at(uc, UC_FLAGS) = 0x1b7002;
}

static void f_flags(void)
{
	ulong flags;

	forged(f_flags_uc);
	__asm__ volatile(PUSHF "; pop %0" : "=r"(flags) : : "memory");
	must((long)(flags & 0x1b7200), 0x200, "privileged flags after sigreturn");
}

/* A mask with everything blocked: SIGKILL is not. */
static void f_mask_uc(void *uc)
{
	memset((char *)uc + (LONG64 ? 40 + 256 : 20 + 88), 0xff, 8);
}

static void f_mask(void)
{
	forged(f_mask_uc);
	sys_kill((int)sys_getpid(), SIGKILL);
}

static void f_altstack_uc(void *uc)
{
	ulong *stack = word_at(uc, LONG64 ? 16 : 8);

	stack[0] = kernel_page;
	stack[1] = 0;
	stack[2] = 1ul << 20;
}

static void nothing(int sig)
{
}

/* The next handler that wants the alternate stack cannot have it. */
static void f_altstack(void)
{
	forged(f_altstack_uc);
	set_signal(12, (void *)nothing, SA_ONSTACK);
	syscall2(__NR_tkill, sys_gettid(), 12);
}

static void return_from(ulong sp)
{
#ifdef __x86_64__
	__asm__ volatile("mov %0, %%rsp; movl $15, %%eax; syscall; ud2" : : "r"(sp));
#else
	__asm__ volatile("mov %0, %%esp; movl $173, %%eax; int $0x80; ud2" : : "r"(sp));
#endif
}

static void r_null(void)	{ return_from(0); }
static void r_kernel(void)	{ return_from(kernel_page + 8); }
static void r_odd(void)		{ return_from(NON_CANONICAL); }
static void r_edge(void)	{ return_from(USER_END - 64); }

static void r_zeros(void)
{
	return_from((ulong)map_anon(2 * PAGE_SIZE) + 64);
}

static void r_ones(void)
{
	char *p = map_anon(2 * PAGE_SIZE);

	memset(p, 0xff, 2 * PAGE_SIZE);
	return_from((ulong)p + 64);
}

#ifndef __x86_64__
static void r_old(void)
{
	char *p = map_anon(2 * PAGE_SIZE);

	memset(p, 0xff, 2 * PAGE_SIZE);
	__asm__ volatile("mov %0, %%esp; movl $119, %%eax; int $0x80; ud2" : : "r"(p + 64));
}

FORGE(f_ds_kernel, *word_at(uc, UC_WORD(3)) = 0x68)
FORGE(f_es_kernel, *word_at(uc, UC_WORD(2)) = 0x68)
FORGE(f_gs_kernel, *word_at(uc, UC_WORD(0)) = 0x68)
FORGE(f_fs_tss, *word_at(uc, UC_WORD(1)) = 0x80)
FORGE(f_segments_ldt, *word_at(uc, UC_WORD(0)) = *word_at(uc, UC_WORD(1)) = 0x7)
#endif

/* ---- stacks and guards ---------------------------------------------------------- */

static noinline ulong recurse(ulong depth)
{
	volatile char frame[2048];

	frame[0] = (char)depth;
	return depth == ~0ul ? 0 : recurse(depth + 1) + frame[0];
}

static void overflow(void)	{ recurse(0); }

/* Overflow of the stack with nothing left for the handler. */
static void overflow_handler(void)
{
	set_signal(SIGSEGV, (void *)nothing, 0);
	recurse(0);
}

static void recurse_arg(ulong arg)
{
	recurse(arg);
}

/* Three times over, out of the handler by longjmp. */
static void overflow_survived(void)
{
	struct seen s;
	unsigned i;

	for (i = 0; i < 3; i++) {
		s = survive(recurse_arg, 0);
		must(s.sig, SIGSEGV, "signal of a stack overflow");
		must(s.code, 1, "si_code of a stack overflow (limit, so no region)");
	}
}

static void overflow_bad_altstack(void)
{
	struct { ulong sp; int flags; size_t size; } stack = { kernel_page, 0, 1 << 20 };

	must(syscall2(__NR_sigaltstack, (long)&stack, 0), 0, "sigaltstack takes any address");
	set_signal(SIGSEGV, (void *)nothing, SA_ONSTACK);
	recurse(0);
}

static void altstack_games(void)
{
	struct { void *sp; int flags; size_t size; } stack = { map_anon(65536), 0, 100 };

	must(syscall2(__NR_sigaltstack, (long)&stack, 0), -ENOMEM, "a tiny alternate stack");
	stack.size = 65536;
	stack.flags = 0x7777;
	must(syscall2(__NR_sigaltstack, (long)&stack, 0), -EINVAL, "flags that do not exist");
	stack.flags = 0;
	must(syscall2(__NR_sigaltstack, (long)&stack, 0), 0, "an alternate stack");
}

/* Far below the stack, past its limit. */
static void below_stack(void)
{
	write_at((ulong)__builtin_frame_address(0) - (64ul << 20));
}

/* A map just under the stack: the guard gap stays, and growing stops there. */
static void stack_collision(void)
{
	ulong here = (ulong)__builtin_frame_address(0) & -PAGE_SIZE;

	sys_mmap((void *)(here - 100 * PAGE_SIZE), PAGE_SIZE, RW,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	recurse(0);
}

static void grows_into_nothing(void)
{
	char *p = sys_mmap((void *)(16 * PAGE_SIZE), PAGE_SIZE, RW,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);

	if (IS_ERR(p))
		i_ud2();
	for (;; p -= PAGE_SIZE)
		*(volatile char *)p = 1;
}

/* A handler that faults, and faults, and ... */
static void fault_again(int sig)
{
	*(volatile char *)16 = 1;
}

static void fault_in_handler(void)
{
	set_signal(SIGSEGV, (void *)fault_again, SA_NODEFER);
	null_write();
}

static void fault_in_handler_blocked(void)
{
	set_signal(SIGSEGV, (void *)fault_again, 0);
	null_write();
}

static void handler_in_kernel(void)
{
	set_signal(SIGUSR1, (void *)kernel_page, 0);
	syscall2(__NR_tkill, sys_gettid(), SIGUSR1);
}

static void handler_odd(void)
{
	set_signal(SIGUSR1, (void *)NON_CANONICAL, SA_SIGINFO);
	syscall2(__NR_tkill, sys_gettid(), SIGUSR1);
}

static void ignored_fault(void)
{
	set_signal(SIGSEGV, SIG_IGN, 0);
	null_write();
}

static void blocked_fault(void)
{
	u64 all = ~0ull;

	syscall4(__NR_rt_sigprocmask, 0, (long)&all, 0, 8);
	i_divide();
}

/* ---- calls that ask for too much ------------------------------------------------ */

static void many_regions(void)
{
	char *p = (char *)EMPTY_PLACE;
	unsigned n = 0;
	void *got;

	for (;; p += 2 * PAGE_SIZE, n++) {
		got = sys_mmap(p, PAGE_SIZE, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (IS_ERR(got))
			break;
	}
	must((long)got, -ENOMEM, "the region too many");
	if (n < 65500 || n > 65530)
		fail("regions", n);
	/* One more by a split: refused too, and nothing changed. */
	must(sys_munmap((void *)EMPTY_PLACE, n * 2 * PAGE_SIZE), 0, "munmap of all");
}

static void kernel_ranges(void)
{
	must((long)sys_mmap((void *)kernel_page, PAGE_SIZE, RW,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM, "mmap in the kernel");
	must((long)sys_mmap((void *)(USER_END - PAGE_SIZE), 2 * PAGE_SIZE, RW,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM, "mmap across the edge");
	must((long)sys_mmap(NULL, -PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), -ENOMEM,
	     "mmap of all addresses");
	must(sys_munmap((void *)kernel_page, PAGE_SIZE), -EINVAL, "munmap in the kernel");
	must(sys_munmap((void *)PAGE_SIZE, -PAGE_SIZE), -EINVAL, "munmap that wraps");
	must(sys_mprotect((void *)kernel_page, PAGE_SIZE, RW), -ENOMEM, "mprotect in the kernel");
	must(sys_madvise((void *)kernel_page, PAGE_SIZE, MADV_DONTNEED), -ENOMEM,
	     "madvise in the kernel");
}

static void brk_to_kernel(void)
{
	void *now = sys_brk(NULL);

	must((long)sys_brk((void *)kernel_page), (long)now, "brk to the kernel");
	must((long)sys_brk((void *)~0ul), (long)now, "brk to the end");
	must((long)sys_brk((void *)USER_END), (long)now, "brk to the edge");
}

static void remap_to_kernel(void)
{
	char *p = map_anon(PAGE_SIZE);

	must((long)sys_mremap(p, PAGE_SIZE, PAGE_SIZE, 3, (void *)kernel_page), -EINVAL,
	     "mremap into the kernel");
	must((long)sys_mremap((void *)kernel_page, PAGE_SIZE, PAGE_SIZE, 1, NULL), -EFAULT,
	     "mremap of the kernel");
	must((long)sys_mremap(p, PAGE_SIZE, -PAGE_SIZE, 1, NULL), -ENOMEM, "mremap to all addresses");
}

static void files_too_many(void)
{
	struct rlimit r = { 100, 100 };
	unsigned n = 0;
	long fd;

	sys_setrlimit(RLIMIT_NOFILE, &r);
	while ((fd = sys_open("/dev/null", O_RDONLY, 0)) >= 0)
		n++;
	must(fd, -EMFILE, "open of the file too many");
	must(sys_dup2(1, 100), -EBADF, "dup2 to a number too large");
	must(sys_dup2(1, -1), -EBADF, "dup2 to -1");
	must(sys_dup2(1, 0x7fffffff), -EBADF, "dup2 to the largest number");
}

static void lengths(void)
{
	struct iovec iov[2] = {
		{ map_anon(PAGE_SIZE), ~0ul / 2 }, { map_anon(PAGE_SIZE), ~0ul / 2 },
	};
	int null = (int)sys_open("/dev/zero", O_RDWR, 0);

	must(sys_writev(null, iov, 0x7fffffff), -EINVAL, "writev of very many");
	must(sys_writev(null, iov, -1), -EINVAL, "writev of -1");
	must(sys_read(null, (void *)kernel_page, ~0ul), -EFAULT, "read of everything to the kernel");
	must(sys_write(null, (void *)kernel_page, 8), -EFAULT, "write from the kernel");
	must(sys_read(null, (void *)(USER_END - 8), 64), -EFAULT, "read across the edge");
	must(syscall3(__NR_poll, (long)iov, 0x7fffffff, 0), -EINVAL, "poll of very many");
}

static void execs(void)
{
	const char *bad[] = { (char *)kernel_page, NULL }, *good[] = { "x", NULL };

	must(sys_execve((char *)kernel_page, good, good), -EFAULT, "exec of a kernel address");
	must(sys_execve("/bin/tiny", bad, good), -EFAULT, "exec with an argument in the kernel");
	must(sys_execve("/bin/tiny", (void *)kernel_page, good), -EFAULT, "exec with argv in the kernel");
	must(sys_execve("/bin/tiny", good, (void *)(USER_END - 4)), -EFAULT, "exec with envp at the edge");
	must(sys_execve("/dev/null", good, good), -EACCES, "exec of a device");
	must(sys_execve("/proc/self/maps", good, good), -EACCES, "exec of a /proc file");
	must(sys_execve("/", good, good), -EACCES, "exec of a directory");
}

static void privileged_calls(void)
{
	become_nobody();
	must(syscall3(__NR_setresuid, 0, 0, 0), -EPERM, "back to root");
	must(syscall3(__NR_setresgid, 0, 0, 0), -EPERM, "back to group 0");
	must(sys_kill(1, SIGKILL), -EPERM, "kill of the first process");
	must(syscall2(__NR_sethostname, (long)"x", 1), -EPERM, "sethostname");
	must(syscall4(__NR_reboot, 0xfee1deadl, 672274793, 0x4321fedc, 0) < 0, 1, "reboot");
	must(syscall2(__NR_setpriority, 0, 0) > 0, 0, "setpriority");
}

static void thread_pointers(void)
{
#ifdef __x86_64__
	must(syscall2(__NR_arch_prctl, 0x1002, (long)kernel_page), -EPERM, "FS base in the kernel");
	must(syscall2(__NR_arch_prctl, 0x1001, (long)NON_CANONICAL), -EPERM, "GS base that is odd");
	must(syscall2(__NR_arch_prctl, 0x1001, (long)USER_END + 4096), -EPERM, "GS base behind the edge");
#else
	u32 desc[4] = { 1, 0, 0xfffff, 0x11 };

	must(syscall1(__NR_set_thread_area, (long)desc), -EINVAL, "a GDT entry of the kernel");
	desc[0] = 13;
	must(syscall1(__NR_set_thread_area, (long)desc), -EINVAL, "another one");
	desc[0] = ~1u;
	must(syscall1(__NR_set_thread_area, (long)desc), -EINVAL, "entry -2");
	desc[0] = ~0u;
	desc[3] = 2 << 1 | 1;
	must(syscall1(__NR_set_thread_area, (long)desc), -EINVAL, "a code segment");
#endif
	must(syscall3(__NR_modify_ldt, 1, 0, 0) < 0, 1, "modify_ldt");
	must(syscall1(__NR_iopl, 3) < 0, 1, "iopl");
	must(syscall3(__NR_ioperm, 0, 1024, 1) < 0, 1, "ioperm");
}

/* ---- bombs, within limits ------------------------------------------------------- */

static int bomb(void *arg)
{
	become_nobody();
	for (;;)
		if (sys_fork() < 0)
			return 0;
}

static void fork_bomb(void)
{
	spawn(bomb, NULL);
	sleep_ms(60);
	kill_nobodies();
}

static int vfork_bomb_child(void *arg)
{
	unsigned i, refused = 0;
	long pid;

	become_nobody();
	for (i = 0; i < 64; i++) {
		pid = sys_fork();
		if (pid == 0) {
			sleep_ms(1000);
			sys_exit_group(0);
		}
		if (pid == -EAGAIN)
			refused++;
		else if (pid < 0)
			return 2;
	}
	return refused >= 64 - 8 ? 0 : 3;
}

static void process_limit(void)
{
	must(in_child(vfork_bomb_child, NULL, 5000), 0, "more processes than RLIMIT_NPROC");
	kill_nobodies();
}

static int pipe_bomb_child(void *arg)
{
	int fds[2];
	long ret;

	become_nobody();
	while ((ret = sys_pipe(fds)) == 0)
		;
	return ret == -EMFILE ? 0 : 2;
}

static void pipe_bomb(void)
{
	must(in_child(pipe_bomb_child, NULL, 5000), 0, "pipes until there are no more numbers");
}

static int memory_bomb_child(void *arg)
{
	long n = 0;

	become_nobody();
	while (!IS_ERR(sys_mmap(NULL, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS | 0x8000, -1, 0)))
		n++;
	return n > 10 && n <= 48 ? 0 : 2;
}

static void memory_bomb(void)
{
	must(in_child(memory_bomb_child, NULL, 5000), 0, "memory up to RLIMIT_AS");
}

/* ---- what a handler is told: Linux's values ------------------------------------- */

#define AT_IP	1ul			/* si_addr is the instruction */
#define SKIP	999u			/* differs by processor */

/* Behind the end of the file. */
static ulong beyond_end(void)
{
	long fd = sys_open("/bin/tiny", O_RDONLY, 0);
	char *p = sys_mmap(NULL, 64 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, (int)fd, 0);

	sys_close((int)fd);
	return (ulong)p + 63 * PAGE_SIZE + 7;
}

static void read_it(ulong addr)
{
	read_at(addr);
}

static void call_it(ulong fn)
{
	((attack_fn *)fn)();
}

static void told(const char *what, struct seen s, int sig, int code, ulong addr, unsigned trap,
		 unsigned err)
{
	if (s.sig == sig && s.code == code && s.addr == (addr == AT_IP ? s.ip : addr) &&
	    s.trap == trap && (err == SKIP || s.err == err))
		return;
	printf("attack: %s: signal %d, si_code %d, si_addr %#lx, trap %lu, error code %#lx\n", what,
	       s.sig, s.code, s.addr, s.trap, s.err);
	exit(1);
}

#define TOLD(fn, ...)	told(#fn, survive(call_it, (ulong)fn), __VA_ARGS__)

static void signal_values(void)
{
	ulong file = beyond_end();

	TOLD(i_divide, SIGFPE, 1, AT_IP, 0, 0);
	TOLD(i_divide_overflow, SIGFPE, 1, AT_IP, 0, 0);
	TOLD(x87_exception, SIGFPE, 3, AT_IP, 16, 0);
	TOLD(i_trap_flag, SIGTRAP, 2, AT_IP, 1, 0);
	TOLD(i_int3, SIGTRAP, SI_KERNEL, 0, 3, 0);
	TOLD(i_ud2, SIGILL, 2, AT_IP, 6, 0);
	TOLD(i_hlt, SIGSEGV, SI_KERNEL, 0, 13, 0);
	TOLD(i_write_cr3, SIGSEGV, SI_KERNEL, 0, 13, 0);
	TOLD(null_read, SIGSEGV, 1, 0, 14, 4);
	TOLD(null_write, SIGSEGV, 1, 8, 14, 6);
	TOLD(kernel_read, SIGSEGV, 1, kernel_page, 14, 5);
	TOLD(kernel_write, SIGSEGV, 1, kernel_page, 14, 7);
	TOLD(kernel_jump, SIGSEGV, 1, kernel_page, 14, SKIP);
	TOLD(edge_read, SIGSEGV, 1, USER_END, 14, 5);
	TOLD(text_write, SIGSEGV, 2, (ulong)null_read, 14, 7);
	TOLD(constant_write, SIGSEGV, 2, (ulong)constant, 14, 7);
	told("behind the end of a file", survive(read_it, file), SIGBUS, 2, file, 14, 4);
#ifdef __x86_64__
	TOLD(odd_read, SIGSEGV, SI_KERNEL, 0, 13, 0);
	TOLD(odd_write, SIGSEGV, SI_KERNEL, 0, 13, 0);
	TOLD(data_jump, SIGSEGV, 2, (ulong)data_code, 14, 0x15);
#else
	TOLD(odd_read, SIGSEGV, 1, NON_CANONICAL, 14, 5);
	TOLD(data_jump, SIGILL, 2, AT_IP, 6, 0);
	TOLD(i_into, SIGSEGV, SI_KERNEL, 0, 4, 0);
	TOLD(i_bound, SIGSEGV, SI_KERNEL, 0, 5, 0);
#endif
}

/* ---- the table ------------------------------------------------------------------ */

#define A(name, end)	{ #name, name, end }

static const struct scripted {
	const char *name;
	attack_fn *fn;
	int end;
} attacks[] = {
	A(kernel_read, SIGSEGV), A(kernel_write, SIGSEGV), A(kernel_jump, SIGSEGV),
	A(edge_read, SIGSEGV), A(edge_word, SIGSEGV), A(last_byte, SIGSEGV),
	A(odd_read, SIGSEGV), A(odd_write, SIGSEGV), A(odd_jump, SIGSEGV),
	A(null_read, SIGSEGV), A(null_write, SIGSEGV), A(null_jump, SIGSEGV),
	A(text_write, SIGSEGV), A(constant_write, SIGSEGV),
	A(data_jump, LONG64 ? SIGSEGV : SIGILL), A(stack_jump, LONG64 ? SIGSEGV : SIGILL),
	A(none_read, SIGSEGV), A(none_jump, SIGSEGV), A(readonly_write, SIGSEGV),
	A(locked_kernel, SIGSEGV), A(string_over_edge, SIGSEGV),
	A(unmapped_text, SIGSEGV), A(unmapped_stack, SIGSEGV), A(unmapped_all, SIGSEGV),
	A(i_hlt, SIGSEGV), A(i_cli, SIGSEGV), A(i_sti, SIGSEGV), A(i_in, SIGSEGV),
	A(i_out, SIGSEGV), A(i_out_dx, SIGSEGV), A(i_read_cr0, SIGSEGV), A(i_read_cr3, SIGSEGV),
	A(i_write_cr0, SIGSEGV), A(i_write_cr3, SIGSEGV), A(i_write_cr4, SIGSEGV),
	A(i_read_dr7, SIGSEGV), A(i_write_dr7, SIGSEGV), A(i_clts, SIGSEGV), A(i_invd, SIGSEGV),
	A(i_wbinvd, SIGSEGV), A(i_rdmsr, SIGSEGV), A(i_wrmsr, SIGSEGV), A(i_sysexit, ANY),
	A(i_lgdt, SIGSEGV), A(i_lidt, SIGSEGV), A(i_lldt, SIGSEGV), A(i_ltr, SIGSEGV),
	A(i_lmsw, SIGSEGV), A(i_invlpg, SIGSEGV), A(i_ud2, SIGILL), A(i_int1, ANY),
	A(i_int3, SIGTRAP), A(i_int_df, SIGSEGV), A(i_int_pf, SIGSEGV), A(i_int_timer, SIGSEGV),
	A(i_int_last, SIGSEGV), A(i_divide, SIGFPE), A(i_divide_overflow, SIGFPE),
	A(i_xsetbv, ANY), A(i_vmcall, ANY), A(i_stac, ANY), A(i_clac, ANY),
	A(i_trap_flag, SIGTRAP), A(i_sysenter, ANY), A(i_iret_kernel, SIGSEGV),
	A(i_retf_kernel, SIGSEGV), A(i_kernel_sp, SIGSEGV), A(i_load_ss0, SIGSEGV),
#ifdef __x86_64__
	A(i_swapgs, SIGSEGV), A(i_sysret, SIGSEGV), A(i_int80, SIGSEGV), A(i_write_cr8, SIGSEGV),
	A(i_odd_sp, ANY),
#else
	A(i_syscall, SIGILL), A(i_into, SIGSEGV), A(i_bound, SIGSEGV), A(i_virtual_8086, 0),
	A(i_load_ds_kernel, SIGSEGV), A(f_ds_kernel, ANY), A(f_es_kernel, ANY),
	A(f_gs_kernel, 0), A(f_fs_tss, 0), A(f_segments_ldt, 0), A(r_old, SIGSEGV),
#endif
	A(flags_tricks, 0), A(nested_task, ANY), A(nested_task_call, 0), A(unaligned, ANY),
	A(ac_call, 0), A(backwards_call, 0), A(x87_exception, SIGFPE), A(sse_exception, ANY),
	A(sse_reserved, ANY),
	A(f_cs_null, SIGSEGV), A(f_cs_kernel, SIGSEGV), A(f_cs_data, SIGSEGV),
	A(f_cs_high, SIGSEGV), A(f_cs_tss, SIGSEGV), A(f_ss_null, ANY), A(f_ss_kernel, SIGSEGV),
	A(f_ss_code, SIGSEGV), A(f_ss_high, SIGSEGV), A(f_ip_kernel, SIGSEGV),
	A(f_ip_odd, SIGSEGV), A(f_ip_edge, SIGSEGV), A(f_sp_kernel, SIGSEGV), A(f_sp_odd, ANY),
	A(f_flags_trap, SIGTRAP), A(f_fp_kernel, SIGSEGV), A(f_fp_odd, SIGSEGV),
	A(f_fp_unmapped, SIGSEGV), A(f_fp_edge, SIGSEGV), A(f_fp_null, 0), A(f_fp_unaligned, ANY),
	A(f_fp_garbage, ANY), A(f_ends_of_all, SIGSEGV), A(f_zero, SIGSEGV), A(f_xstate, ANY),
	A(f_flags, 0), A(f_mask, SIGKILL), A(f_altstack, SIGSEGV),
	A(r_null, SIGSEGV), A(r_kernel, SIGSEGV), A(r_odd, SIGSEGV), A(r_edge, SIGSEGV),
	A(r_zeros, SIGSEGV), A(r_ones, SIGSEGV),
	A(overflow, SIGSEGV), A(overflow_handler, SIGSEGV), A(overflow_survived, 0),
	A(overflow_bad_altstack, SIGSEGV), A(altstack_games, 0), A(below_stack, SIGSEGV),
	A(stack_collision, SIGSEGV), A(grows_into_nothing, ANY), A(fault_in_handler, SIGSEGV),
	A(fault_in_handler_blocked, SIGSEGV), A(handler_in_kernel, SIGSEGV),
	A(handler_odd, SIGSEGV), A(ignored_fault, SIGSEGV), A(blocked_fault, SIGFPE),
	A(many_regions, 0), A(kernel_ranges, 0), A(brk_to_kernel, 0), A(remap_to_kernel, 0),
	A(files_too_many, 0), A(lengths, 0), A(execs, 0), A(privileged_calls, 0),
	A(thread_pointers, 0), A(fork_bomb, 0), A(process_limit, 0), A(pipe_bomb, 0),
	A(memory_bomb, 0), A(signal_values, 0),
};

static int run_one(void *arg)
{
	((const struct scripted *)arg)->fn();
	return 0;
}

static bool as_expected(int status, int end)
{
	int sig = status & 0x7f;

	if (status < 0)
		return false;
	if (end == ANY)
		return status == 0 || sig == SIGSEGV || sig == SIGBUS || sig == SIGILL ||
		       sig == SIGFPE || sig == SIGTRAP;
	return end ? sig == end : status == 0;
}

void attack_scripted(void)
{
	unsigned i, signals = 0;
	int status;

	for (i = 0; i < ARRAY_SIZE(attacks); i++) {
		status = in_child(run_one, (void *)&attacks[i], 20000);
		CHECK(as_expected(status, attacks[i].end), "%s: wait status %#x, expected %s",
		      attacks[i].name, (unsigned)status, attacks[i].end == ANY ? "any signal" :
		      attacks[i].end ? signal_name(attacks[i].end) : "survival");
		signals += (status & 0x7f) != 0;
	}
	CHECK_INFO("%u attacks, %u ended by signals, the others refused",
		   (unsigned)ARRAY_SIZE(attacks), signals);
}
