/* SPDX-License-Identifier: MIT */
/*
 * Signal frames of 32-bit mode: Linux's rt_sigframe for handlers with SA_SIGINFO, and the
 * old sigframe for all others.  From the handler's stack pointer up: return address, the
 * arguments, context, and above, so that its FXSAVE image is 64-byte aligned, the FPU
 * state.
 *
 * A program that gives no SA_RESTORER returns to code in the frame itself; this mode has no
 * NX bit, so that works.
 */
#include <asm/fpu.h>
#include <asm/ptrace.h>
#include <asm/tls.h>
#include <asm/uaccess.h>
#include <kernel/string.h>

#include "signal_frame.h"

struct ucontext {
	u32 flags;
	u32 link;
	struct stack_k stack;
	struct sigcontext_32 mc;
	u64 mask __attribute__((__aligned__(4), __packed__));
};

struct rt_sigframe {
	u32 return_address;
	s32 sig;
	u32 pinfo, puc;
	struct siginfo_frame info;
	struct ucontext uc;
	u8 code[8];
};

struct sigframe {
	u32 return_address;
	s32 sig;
	struct sigcontext_32 mc;
	struct _fpstate_32 unused;	/* where old kernels had the FPU state */
	u32 mask_high;
	u8 code[8];
};

_Static_assert(sizeof(struct ucontext) == 116, "Linux's layout");
_Static_assert(offsetof(struct rt_sigframe, uc) == 144, "Linux's layout");
_Static_assert(offsetof(struct sigframe, mask_high) == 8 + 88 + 624, "Linux's layout");

/* movl $173, %eax; int $0x80: rt_sigreturn */
static const u8 rt_code[8] = { 0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0 };
/* popl %eax; movl $119, %eax; int $0x80: sigreturn */
static const u8 old_code[8] = { 0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80 };

static void save_registers(struct sigcontext_32 *mc, const struct pt_regs *regs,
			   unsigned long fpstate, ksigset_t oldset)
{
	struct thread_struct *t = &current->thread;

	save_segments(t);
	*mc = (struct sigcontext_32){
		.gs = t->gsindex, .fs = t->fsindex, .es = (u16)regs->es, .ds = (u16)regs->ds,
		.di = regs->di, .si = regs->si, .bp = regs->bp, .sp = regs->sp,
		.bx = regs->bx, .dx = regs->dx, .cx = regs->cx, .ax = regs->ax,
		.trapno = t->trap_nr, .err = t->error_code, .ip = regs->ip,
		.cs = (u16)regs->cs, .flags = regs->flags, .sp_at_signal = regs->sp,
		.ss = (u16)regs->ss, .fpstate = fpstate, .oldmask = (u32)oldset, .cr2 = t->cr2,
	};
}

/* Arguments are on the stack and in the first three registers, for either kind of code. */
static void enter_handler(struct pt_regs *regs, const struct ksigaction *ka, int sig,
			  unsigned long sp, unsigned long arg2, unsigned long arg3)
{
	regs->ax = (unsigned long)sig;
	regs->dx = arg2;
	regs->cx = arg3;
	regs->ip = ka->handler;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ds = regs->es = regs->ss = __USER_DS;
	regs->flags &= ~(unsigned long)(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
}

static u32 return_address(const struct ksigaction *ka, const void *code)
{
	return ka->flags & SA_RESTORER ? ka->restorer : (u32)code;
}

static bool setup_old_frame(const struct ksigaction *ka, const struct ksiginfo *info,
			    ksigset_t oldset, struct pt_regs *regs)
{
	unsigned long fpstate, sp = place_frame(ka, regs, sizeof(struct sigframe), &fpstate);
	struct sigframe *frame = (struct sigframe *)sp, f = {
		.return_address = return_address(ka, frame->code),
		.sig = info->signo,
		.mask_high = (u32)(oldset >> 32),
	};

	if (!sp)
		return false;
	save_registers(&f.mc, regs, fpstate, oldset);
	memcpy(f.code, old_code, sizeof(f.code));
	if (copy_to_user(frame, &f, sizeof(f)) || fpu_to_frame((void *)fpstate))
		return false;
	enter_handler(regs, ka, info->signo, sp, 0, 0);
	return true;
}

static bool setup_siginfo_frame(const struct ksigaction *ka, const struct ksiginfo *info,
				ksigset_t oldset, struct pt_regs *regs)
{
	unsigned long fpstate, sp = place_frame(ka, regs, sizeof(struct rt_sigframe), &fpstate);
	struct rt_sigframe *frame = (struct rt_sigframe *)sp, f = {
		.return_address = return_address(ka, frame->code),
		.sig = info->signo,
		.pinfo = (u32)&frame->info,
		.puc = (u32)&frame->uc,
		.uc.mask = oldset,
	};

	if (!sp)
		return false;
	save_altstack(&f.uc.stack);
	save_registers(&f.uc.mc, regs, fpstate, oldset);
	fill_siginfo(&f.info, info);
	memcpy(f.code, rt_code, sizeof(f.code));
	if (copy_to_user(frame, &f, sizeof(f)) || fpu_to_frame((void *)fpstate))
		return false;
	enter_handler(regs, ka, info->signo, sp, f.pinfo, f.puc);
	return true;
}

bool setup_rt_frame(const struct ksigaction *ka, const struct ksiginfo *info,
		    ksigset_t oldset, struct pt_regs *regs)
{
	if (ka->flags & SA_SIGINFO)
		return setup_siginfo_frame(ka, info, oldset, regs);
	return setup_old_frame(ka, info, oldset, regs);
}

/*
 * Selectors are always ring 3's; a bad CS or SS is IRET's business, the others become null
 * selectors.
 */
static void restore_registers(struct pt_regs *regs, const struct sigcontext_32 *mc)
{
	struct thread_struct *t = &current->thread;

	t->fsindex = mc->fs ? mc->fs | 3 : 0;
	t->gsindex = mc->gs ? mc->gs | 3 : 0;
	load_segments(t);
	regs->ds = mc->ds ? mc->ds | 3 : 0;
	regs->es = mc->es ? mc->es | 3 : 0;
	regs->di = mc->di;
	regs->si = mc->si;
	regs->bp = mc->bp;
	regs->sp = mc->sp;
	regs->bx = mc->bx;
	regs->dx = mc->dx;
	regs->cx = mc->cx;
	regs->ax = mc->ax;
	regs->ip = mc->ip;
	regs->cs = mc->cs | 3;
	regs->ss = mc->ss | 3;
	regs->orig_ax = ~0ul;
	restore_flags(regs, mc->flags);
	work_set(&current->work, TIF_REGS_CHANGED);
}

/* The handler's RET took the return address, the code took the signal number. */
long sys_sigreturn(void)
{
	struct pt_regs *regs = current_pt_regs();
	const struct sigframe *frame = (void *)(regs->sp - 8);
	struct sigcontext_32 mc;
	u32 mask_high;

	if (copy_from_user(&mc, &frame->mc, sizeof(mc)) ||
	    get_user(mask_high, &frame->mask_high) || fpu_from_frame((void *)mc.fpstate))
		return bad_frame(regs, "sigreturn");
	set_blocked(mc.oldmask | (u64)mask_high << 32);
	restore_registers(regs, &mc);
	return (long)regs->ax;
}

long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = current_pt_regs();
	const struct rt_sigframe *frame = (void *)(regs->sp - 4);
	struct ucontext uc;

	if (copy_from_user(&uc, &frame->uc, sizeof(uc)) ||
	    fpu_from_frame((void *)uc.mc.fpstate))
		return bad_frame(regs, "rt_sigreturn");
	set_blocked(uc.mask);
	restore_registers(regs, &uc.mc);
	restore_altstack(&uc.stack, regs->sp);
	return (long)regs->ax;
}
