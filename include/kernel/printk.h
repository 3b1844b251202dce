/* SPDX-License-Identifier: MIT */
/*
 * printk: messages into the log ring and from there to the consoles; and the formatter.
 *
 * May be called from the first C instruction of the kernel, with interrupts on or off,
 * from interrupts, NMI and exception handlers; never sleeps.  Without a console the text
 * waits in the ring (64 KiB, oldest lines go first) and a console that is registered
 * later gets it replayed.  A line is one record: text is split at newlines, and a text
 * that does not end in a newline waits for its continuation (KERN_CONT).
 *
 * The format starts with an optional level, KERN_INFO "text"; without one it is
 * KERN_INFO.  ANSI colour sequences (\033[1;32m) may stand in the text; consoles that
 * cannot show them leave them out.
 */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <stdarg.h>
#include <kernel/kernel.h>

#define KERN_SOH	"\001"		/* start of a level */
#define KERN_EMERG	KERN_SOH "0"	/* the machine stops */
#define KERN_ALERT	KERN_SOH "1"
#define KERN_CRIT	KERN_SOH "2"
#define KERN_ERR	KERN_SOH "3"	/* something failed */
#define KERN_WARNING	KERN_SOH "4"	/* suspicious, survived */
#define KERN_NOTICE	KERN_SOH "5"
#define KERN_INFO	KERN_SOH "6"
#define KERN_DEBUG	KERN_SOH "7"	/* in the ring, normally not on a console */
#define KERN_CONT	KERN_SOH "c"	/* goes on where the last text ended */
#define KERN_RAW	KERN_SOH "r"	/* test output: no time stamp, never filtered */
#define KERN_TABLE	KERN_SOH "t"	/* the same, but not on the screen: its table has it */

enum {
	LOGLEVEL_EMERG, LOGLEVEL_ALERT, LOGLEVEL_CRIT, LOGLEVEL_ERR,
	LOGLEVEL_WARNING, LOGLEVEL_NOTICE, LOGLEVEL_INFO, LOGLEVEL_DEBUG,
	LOGLEVEL_RAW, LOGLEVEL_TABLE,
};

#define LOG_RING_SIZE	(64 * 1024)	/* bytes, records included */
#define LOG_LINE_MAX	1000		/* longer texts are cut and end in "..." */

/* Returns the number of characters of the text, the level not counted. */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list args) __printf(1, 0);

/* Test output: exactly these characters, on every console whatever the log level. */
#define printk_raw(fmt, ...)	printk(KERN_RAW fmt, ##__VA_ARGS__)

#define pr_emerg(fmt, ...)	printk(KERN_EMERG fmt, ##__VA_ARGS__)
#define pr_crit(fmt, ...)	printk(KERN_CRIT fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...)	printk(KERN_ERR fmt, ##__VA_ARGS__)
#define pr_warn(fmt, ...)	printk(KERN_WARNING fmt, ##__VA_ARGS__)
#define pr_notice(fmt, ...)	printk(KERN_NOTICE fmt, ##__VA_ARGS__)
#define pr_info(fmt, ...)	printk(KERN_INFO fmt, ##__VA_ARGS__)
#define pr_debug(fmt, ...)	printk(KERN_DEBUG fmt, ##__VA_ARGS__)
#define pr_cont(fmt, ...)	printk(KERN_CONT fmt, ##__VA_ARGS__)

/*
 * Messages of this level and less urgent ones stay off the consoles (loglevel=).  0 and 1:
 * only KERN_EMERG appears, 8: everything; any other number changes nothing.
 */
void printk_set_loglevel(int level);
int printk_loglevel(void);

/*
 * Nanoseconds for the time stamp; 0 means that time is not known yet and gives lines
 * without one.  A weak default returns 0; the clock's owner defines the real one, which
 * must be callable from NMI.
 */
u64 printk_clock_ns(void);

/*
 * Read the ring.  *seq is the sequence number of the wanted record; if that one has been
 * overwritten already it moves to the oldest there is.  Returns the length of the text
 * (at most size - 1 bytes are copied, NUL-terminated) and stores *seq of the record,
 * or -1 when no record with that number or a later one exists.  The next call wants
 * *seq + 1.  Lines of the last `lines` records: start at log_next_seq() - lines.
 */
struct log_info {
	u64 seq;
	u64 ns;			/* 0: before time was known */
	int level;		/* LOGLEVEL_* */
};
int log_read(u64 *seq, char *buf, size_t size, struct log_info *info);
u64 log_first_seq(void);
u64 log_next_seq(void);

/*
 * The formatter: what ISO C's vsnprintf does for %d %i %u %x %X %o %c %s %p %% with the
 * flags "-0+ #", width, precision, `*`, and the lengths hh h l ll z t j; plus
 *	%pS	symbol+0xoffset/0xsize of a code address (the number if it has no symbol)
 *	%ps	the symbol alone
 * %p prints 0x and all digits.  A NULL string prints "(null)".  Always NUL-terminated if
 * size > 0.  vsnprintf returns the length the whole text has, vscnprintf the length that
 * was stored.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif
