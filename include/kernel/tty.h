/* SPDX-License-Identifier: MIT */
/*
 * The console as a terminal: one line discipline for keyboard and serial line, whose
 * output goes to all consoles (drivers/char/tty.c, tty_job.c).
 */
#ifndef KERNEL_TTY_H
#define KERNEL_TTY_H

#include <kernel/types.h>

/*
 * A character from a keyboard or serial line.  Interrupt context or task context, with
 * interrupts on or off; what there is no room for is dropped.
 */
void tty_receive(u8 c);

/*
 * Once per tick, interrupts off: look whether something was typed, and whether rows and columns
 * have changed (then the programs in the foreground get SIGWINCH).  Cheap.
 */
void tty_poll(void);

/*
 * What a terminal answers to a question of a program (ESC [ 6 n), if it is the one that is
 * typed at: the screen answers for keyboards, whatever hangs on a serial line for itself.
 */
void tty_reply(const char *s);

/*
 * A session leader has ended: its terminal belongs to nobody.  hang_up: who uses it is told
 * (SIGHUP); what a program leaves that the kernel has started is the kernel's business.
 */
void tty_session_ended(int session, bool hang_up);

/*
 * Has a program made the terminal its own: as the leader of a session that it took it for, or
 * by job control?  Somebody sits at a shell then, and what the kernel prints without need is in
 * his way.  Any context.
 */
bool tty_is_taken(void);

/*
 * For /proc/PID/stat: the device number of p's controlling terminal, 0: it has none; the group
 * in the foreground there, -1: none.
 */
#define TTY_NUMBER	0x401		/* tty1 */
struct task_struct;
int tty_number(const struct task_struct *p);
int tty_foreground(const struct task_struct *p);

#endif
