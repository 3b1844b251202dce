/* SPDX-License-Identifier: MIT */
/*
 * One access that may fail, and what its signal handler was told.  The handler goes on at a
 * RET, after a jump at the return address.  Offsets of the ucontext: asm/sigcontext.h.
 */
#include "oracle.h"

#ifdef __x86_64__
#define UC_SP	(40 + 15 * 8)
#define UC_IP	(40 + 16 * 8)
#define UC_ERR	(40 + 19 * 8)
#define UC_TRAP	(40 + 20 * 8)
#define UC_CR2	(40 + 22 * 8)
#define SI_ADDR	16
__asm__(".text\n"
	"access_load:	movzbl (%rdi), %eax\n"
	"access_ret:	ret\n"
	"access_load4:	movl (%rdi), %eax\n"
	"	ret\n"
	"access_store:	movb %sil, (%rdi)\n"
	"	ret\n"
	"access_call:	call *%rdi\n"
	"	ret\n");
#else
#define UC_SP	(20 + 7 * 4)
#define UC_IP	(20 + 14 * 4)
#define UC_ERR	(20 + 13 * 4)
#define UC_TRAP	(20 + 12 * 4)
#define UC_CR2	(20 + 21 * 4)
#define SI_ADDR	12
__asm__(".text\n"
	"access_load:	movl 4(%esp), %eax\n"
	"	movzbl (%eax), %eax\n"
	"access_ret:	ret\n"
	"access_load4:	movl 4(%esp), %eax\n"
	"	movl (%eax), %eax\n"
	"	ret\n"
	"access_store:	movl 4(%esp), %eax\n"
	"	movl 8(%esp), %ecx\n"
	"	movb %cl, (%eax)\n"
	"	ret\n"
	"access_call:	call *4(%esp)\n"
	"	ret\n");
#endif

int access_load(const volatile void *p);
int access_load4(const volatile void *p);
int access_store(volatile void *p, int byte);
int access_call(const volatile void *p);
extern const char access_ret[];

static struct seen now;
static bool jumping;

static ulong *word(void *at, unsigned offset)
{
	return (ulong *)((char *)at + offset);
}

static void on_fault(int sig, void *info, void *uc)
{
	ulong *sp = (ulong *)*word(uc, UC_SP);

	if (now.sig) {
		say("a second signal while the first is looked at: %s", signal_name(sig));
		exit(91);
	}
	now = (struct seen){
		.sig = sig, .code = ((int *)info)[2], .addr = *word(info, SI_ADDR),
		.err = *word(uc, UC_ERR), .trap = *word(uc, UC_TRAP), .cr2 = *word(uc, UC_CR2),
	};
	if (!jumping) {
		*word(uc, UC_IP) = (ulong)access_ret;
		return;
	}
	*word(uc, UC_IP) = *sp;
	*word(uc, UC_SP) = (ulong)(sp + 1);
}

static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };

static void catch(ulong flags)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		set_signal(signals[i], (void *)on_fault, SA_SIGINFO | SA_NODEFER | flags);
}

void probe_begin(void)
{
	catch(0);
}

void probe_catch_on_altstack(void)
{
	catch(SA_ONSTACK);
}

void probe_end(void)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		set_signal(signals[i], SIG_DFL, 0);
}

static struct seen probed(int value)
{
	struct seen s = *(volatile struct seen *)&now;

	s.value = value;
	now.sig = 0;
	return s;
}

static void begin(bool jump)
{
	now = (struct seen){ 0 };
	jumping = jump;
	__asm__ volatile("" ::: "memory");
}

struct seen probe_load(const volatile void *p)
{
	begin(false);
	return probed(access_load(p));
}

struct seen probe_load4(const volatile void *p)
{
	begin(false);
	return probed(access_load4(p));
}

struct seen probe_store(volatile void *p, int byte)
{
	begin(false);
	return probed(access_store(p, byte));
}

struct seen probe_call(const volatile void *p)
{
	begin(true);
	return probed(access_call(p));
}

/* ---- as text --------------------------------------------------------------------------- */

static const char *code_name(int sig, int code)
{
	if (code == 0x80)
		return "SI_KERNEL";
	if (sig == SIGSEGV)
		return code == 1 ? "SEGV_MAPERR" : code == 2 ? "SEGV_ACCERR" : "SEGV_?";
	if (sig == SIGBUS)
		return code == 2 ? "BUS_ADRERR" : "BUS_?";
	return signal_name(sig);
}

const char *seen_text(struct seen s)
{
	static char texts[8][100];
	static unsigned next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	snprintf(text, sizeof(texts[0]), "%s %s err=%lu", code_name(s.sig, s.code),
		 adr((void *)s.addr), s.err);
	return text;
}

const char *rd(const volatile void *p)
{
	struct seen s = probe_load(p);
	static char texts[16][8];
	static unsigned next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	if (s.sig)
		return seen_text(s);
	snprintf(text, sizeof(texts[0]), "=%02x", s.value);
	return text;
}

const char *wr(volatile void *p, int byte)
{
	struct seen s = probe_store(p, byte);

	return s.sig ? seen_text(s) : "ok";
}

const char *ex(const volatile void *p)
{
	struct seen s = probe_call(p);

	return s.sig ? seen_text(s) : "ok";
}
