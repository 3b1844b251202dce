/* SPDX-License-Identifier: MIT */
/* What the parts of /bin/attack share. */
#ifndef USER_ATTACK_H
#define USER_ATTACK_H

#include "lib/check.h"

#define LONG64		(sizeof(long) == 8)
#define RW		(PROT_READ | PROT_WRITE)
#define RWX		(RW | PROT_EXEC)

#define SIGILL		4
#define SIGTRAP		5
#define SIGBUS		7
#define SIGFPE		8
#define SIGKILL		9
#define SIGUSR1		10
#define SIGSEGV		11
#define SIGALRM		14
#define SI_KERNEL	0x80

#define EMPTY_PLACE	(LONG64 ? (ulong)0x400000000ull : 0x40000000ul)
#define USER_END	(LONG64 ? (ulong)0x7ffffffff000ull : 0xc0000000ul)
#define NON_CANONICAL	(LONG64 ? (ulong)0x8000000000000000ull : 0xfffff000ul)

/* Words of the ucontext (asm/ucontext.h, asm/sigcontext.h) that attacks forge. */
#ifdef __x86_64__
#define UC_WORD(n)	(40 + (n) * 8)
#define UC_SP		UC_WORD(15)
#define UC_IP		UC_WORD(16)
#define UC_FLAGS	UC_WORD(17)
#define UC_CS		UC_WORD(18)
#define UC_SS		(UC_WORD(18) + 6)
#define UC_ERR		UC_WORD(19)
#define UC_TRAP		UC_WORD(20)
#define UC_FPSTATE	UC_WORD(23)
#define SI_ADDR		16
#else
#define UC_WORD(n)	(20 + (n) * 4)
#define UC_SP		UC_WORD(7)
#define UC_IP		UC_WORD(14)
#define UC_FLAGS	UC_WORD(16)
#define UC_CS		UC_WORD(15)
#define UC_SS		UC_WORD(18)
#define UC_ERR		UC_WORD(13)
#define UC_TRAP		UC_WORD(12)
#define UC_FPSTATE	UC_WORD(19)
#define SI_ADDR		12
#endif

extern ulong kernel_page;		/* mapped, full of 0xa5; from the command line */

static inline ulong *word_at(void *base, unsigned offset)
{
	return (ulong *)((char *)base + offset);
}

/* ---- signals that are survived (attack.c) ------------------------------------------------ */

struct seen {
	int sig, code;			/* 0: none */
	ulong addr, err, trap, ip;
};

/* Run fn(arg) with handlers on a stack of their own; what ended it. */
struct seen survive(void (*fn)(ulong arg), ulong arg);

/* ---- children with a time limit ------------------------------------------------------------- */

#define TOOK_TOO_LONG	(-1000)

/* The wait status of fn(arg) in a child; what takes longer is killed. */
int in_child(int (*fn)(void *arg), void *arg, unsigned limit_ms);

/* Become an ordinary user with little: processes, files, memory. */
void become_nobody(void);

/* Everything that runs as this user ends. */
void kill_nobodies(void);

/* ---- the parts ------------------------------------------------------------------------------- */

void attack_scripted(void);
void attack_int(u64 seed);
void attack_segments(u64 seed);
void attack_elf(u64 seed);
void attack_calls(u64 count, u64 seed, u64 from);

#endif
