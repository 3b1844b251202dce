/* SPDX-License-Identifier: MIT */
/*
 * Signal frames of 64-bit mode: Linux's rt_sigframe.  From the handler's stack pointer up:
 * return address, ucontext, siginfo, and above, 64-byte aligned, the FXSAVE image.
 */
#include <asm/fpu.h>
#include <asm/ptrace.h>
#include <asm/uaccess.h>
#include <kernel/string.h>

#include "signal_frame.h"

#define UC_SIGCONTEXT_SS	0x2	/* ss is in the frame */
#define UC_STRICT_RESTORE_SS	0x4	/* ... and counts */

struct ucontext {
	unsigned long flags;
	unsigned long link;
	struct stack_k stack;
	struct sigcontext_64 mc;
	u64 mask;
};

struct rt_sigframe {
	unsigned long return_address;
	struct ucontext uc;
	struct siginfo_frame info;
};

_Static_assert(sizeof(struct ucontext) == 304 && sizeof(struct rt_sigframe) == 440,
	       "Linux's layout");

static void save_registers(struct sigcontext_64 *mc, const struct pt_regs *regs)
{
	const struct thread_struct *t = &current->thread;

	*mc = (struct sigcontext_64){
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10, .r11 = regs->r11,
		.r12 = regs->r12, .r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
		.di = regs->di, .si = regs->si, .bp = regs->bp, .bx = regs->bx,
		.dx = regs->dx, .ax = regs->ax, .cx = regs->cx, .sp = regs->sp,
		.ip = regs->ip, .flags = regs->flags, .cs = (u16)regs->cs, .ss = (u16)regs->ss,
		.err = t->error_code, .trapno = t->trap_nr, .cr2 = t->cr2,
	};
}

bool setup_rt_frame(const struct ksigaction *ka, const struct ksiginfo *info,
		    ksigset_t oldset, struct pt_regs *regs)
{
	unsigned long fpstate, sp = place_frame(ka, regs, sizeof(struct rt_sigframe), &fpstate);
	struct rt_sigframe *frame = (struct rt_sigframe *)sp, f = {
		.return_address = ka->restorer,
		.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
		.uc.mask = oldset,
	};

	/* Nowhere else to return to: the stack is not executable. */
	if (!sp || !(ka->flags & SA_RESTORER))
		return false;
	save_altstack(&f.uc.stack);
	save_registers(&f.uc.mc, regs);
	f.uc.mc.oldmask = oldset;
	f.uc.mc.fpstate = fpstate;
	fill_siginfo(&f.info, info);
	if (copy_to_user(frame, &f, sizeof(f)) || fpu_to_frame((void *)fpstate))
		return false;

	regs->di = (unsigned long)info->signo;
	regs->si = (unsigned long)&frame->info;
	regs->dx = (unsigned long)&frame->uc;
	regs->ax = 0;			/* a handler without a prototype may want it so */
	regs->ip = ka->handler;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags &= ~(unsigned long)(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	return true;
}

/* Selectors are always ring 3's; whether they are any good, IRET will say. */
static void restore_registers(struct pt_regs *regs, const struct ucontext *uc)
{
	const struct sigcontext_64 *mc = &uc->mc;

	regs->r8 = mc->r8;
	regs->r9 = mc->r9;
	regs->r10 = mc->r10;
	regs->r11 = mc->r11;
	regs->r12 = mc->r12;
	regs->r13 = mc->r13;
	regs->r14 = mc->r14;
	regs->r15 = mc->r15;
	regs->di = mc->di;
	regs->si = mc->si;
	regs->bp = mc->bp;
	regs->bx = mc->bx;
	regs->dx = mc->dx;
	regs->ax = mc->ax;
	regs->cx = mc->cx;
	regs->sp = mc->sp;
	regs->ip = mc->ip;
	regs->cs = mc->cs | 3;
	regs->ss = uc->flags & UC_STRICT_RESTORE_SS ? mc->ss | 3 : __USER_DS;
	regs->orig_ax = ~0ul;
	restore_flags(regs, mc->flags);
}

long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = current_pt_regs();
	const struct rt_sigframe *frame = (void *)(regs->sp - sizeof(long));
	struct ucontext uc;

	if (copy_from_user(&uc, &frame->uc, sizeof(uc)) ||
	    fpu_from_frame((void *)uc.mc.fpstate))
		return bad_frame(regs, "rt_sigreturn");
	set_blocked(uc.mask);
	restore_registers(regs, &uc);
	restore_altstack(&uc.stack, regs->sp);
	work_set(&current->work, TIF_REGS_CHANGED);
	return (long)regs->ax;
}
