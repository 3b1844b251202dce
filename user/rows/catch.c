/* SPDX-License-Identifier: MIT */
/*
 * One access that may fail, and what its signal handler was told.
 *
 * The handler goes on behind the access: at a RET for reads and writes, at the return
 * address on the stack for a jump.  Only offsets of the ucontext are used (asm/ucontext.h,
 * asm/sigcontext.h).
 */
#include "rows.h"

#define SIGBUS	7
#define SIGSEGV	11

#ifdef __x86_64__
#define UC_SP	(40 + 15 * 8)
#define UC_IP	(40 + 16 * 8)
#define UC_ERR	(40 + 19 * 8)
#define UC_TRAP	(40 + 20 * 8)
#define UC_CR2	(40 + 22 * 8)
#define SI_ADDR	16
__asm__(".text\n"
	".globl probe_read, probe_read_insn, probe_write, probe_write_insn, probe_ret, probe_jump\n"
	"probe_read:\n"
	"probe_read_insn:\n"
	"	movb (%rdi), %al\n"
	"	ret\n"
	"probe_write:\n"
	"probe_write_insn:\n"
	"	movb $0, (%rdi)\n"
	"probe_ret:\n"
	"	ret\n"
	"probe_jump:\n"
	"	call *%rdi\n"
	"	ret\n");
#else
#define UC_SP	(20 + 7 * 4)
#define UC_IP	(20 + 14 * 4)
#define UC_ERR	(20 + 13 * 4)
#define UC_TRAP	(20 + 12 * 4)
#define UC_CR2	(20 + 21 * 4)
#define SI_ADDR	12
__asm__(".text\n"
	".globl probe_read, probe_read_insn, probe_write, probe_write_insn, probe_ret, probe_jump\n"
	"probe_read:\n"
	"	movl 4(%esp), %eax\n"
	"probe_read_insn:\n"
	"	movb (%eax), %al\n"
	"	ret\n"
	"probe_write:\n"
	"	movl 4(%esp), %eax\n"
	"probe_write_insn:\n"
	"	movb $0, (%eax)\n"
	"probe_ret:\n"
	"	ret\n"
	"probe_jump:\n"
	"	call *4(%esp)\n"
	"	ret\n");
#endif

void probe_read(ulong addr);
void probe_write(ulong addr);
void probe_jump(ulong addr);

static struct caught seen;

static ulong *word(void *base, unsigned offset)
{
	return (ulong *)((char *)base + offset);
}

static void on_fault(int sig, void *info, void *uc)
{
	ulong ip = *word(uc, UC_IP), *sp;

	if (seen.sig)
		exit(99);		/* twice: going on did not work */
	seen = (struct caught){
		.sig = sig, .code = ((int *)info)[2], .addr = *word(info, SI_ADDR),
		.err = *word(uc, UC_ERR), .trap = *word(uc, UC_TRAP),
		.cr2 = *word(uc, UC_CR2), .ip = ip,
	};
	if (ip == (ulong)probe_read_insn || ip == (ulong)probe_write_insn) {
		*word(uc, UC_IP) = (ulong)probe_ret;
		return;
	}
	sp = (ulong *)*word(uc, UC_SP);
	*word(uc, UC_IP) = *sp;
	*word(uc, UC_SP) = (ulong)(sp + 1);
}

void catch_begin(void)
{
	set_signal(SIGSEGV, (void *)on_fault, SA_SIGINFO);
	set_signal(SIGBUS, (void *)on_fault, SA_SIGINFO);
}

void catch_end(void)
{
	set_signal(SIGSEGV, SIG_DFL, 0);
	set_signal(SIGBUS, SIG_DFL, 0);
}

struct caught catch_access(enum access kind, ulong addr)
{
	static void (*const probe[])(ulong addr) = { probe_read, probe_write, probe_jump };

	seen = (struct caught){ 0 };
	__asm__ volatile("" ::: "memory");
	probe[kind](addr);
	__asm__ volatile("" ::: "memory");
	return *(volatile struct caught *)&seen;
}
