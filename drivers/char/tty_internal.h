/* SPDX-License-Identifier: MIT */
/* The terminal: what tty.c (input, output) and tty_job.c (whose it is) share. */
#ifndef DRIVERS_CHAR_TTY_INTERNAL_H
#define DRIVERS_CHAR_TTY_INTERNAL_H

#include <linux/errno.h>
#include <asm/uaccess.h>
#include <kernel/tty.h>

struct file;

/*
 * The session that the terminal belongs to, 0: none, and its process group in the foreground.
 */
struct tty_owner {
	int session, pgrp;
	bool taken;		/* by a program; the first one has it from the kernel */
};

/* `lender`: the sessions that had to give it away, and get it back; the last one first. */
#define TTY_LENDERS	8
struct tty_job {
	struct tty_owner now, lender[TTY_LENDERS];
	unsigned lenders;
};

extern struct tty_job tty_job;

/* A session leader without a terminal opens a terminal without a session: it has one now. */
void tty_job_open(bool noctty);

/* Is it the controlling terminal of current? */
bool tty_job_mine(void);

/*
 * current wants to read (SIGTTIN) or to change something (SIGTTOU).  0: it may.  -ERESTARTSYS:
 * it is in the background, and its group has got the signal.  -EIO: nobody could bring it to
 * the foreground.
 */
long tty_job_check(int sig);

/* To the group in the foreground. */
void tty_job_signal(int sig);

/* TIOCGPGRP TIOCSPGRP TIOCGSID TIOCSCTTY TIOCNOTTY; -ENOIOCTLCMD: none of these. */
long tty_job_ioctl(unsigned cmd, unsigned long arg);
#define ENOIOCTLCMD	515

/* An ioctl's answer: to the int at `arg`. */
static inline long put_int(unsigned long arg, int value)
{
	return put_user(value, (int *)arg) ? -EFAULT : 0;
}

/* The session has gone: the terminal is as it was at first (tty.c). */
void tty_reset(void);

#endif
