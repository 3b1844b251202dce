/* SPDX-License-Identifier: MIT */
/*
 * /dev/console and /dev/tty: the terminal that all programs share.
 *
 * Input comes one character at a time, from interrupts or from the tick, and goes through
 * a small line discipline: erase, kill, end of file, signals, echo.  What is complete
 * stands in a ring for readers: in canonical mode up to `ready`, the end of the last line,
 * else all of it.  Output is changed as OPOST and ONLCR say and goes to the consoles.
 *
 * Who may read, and to whom ^C goes: tty_job.c.
 *
 * Interrupts are off while the ring is changed; output (echo included) may be asked for in
 * an interrupt and is then put off until a task or the tick can do it.
 */
#include <linux/errno.h>
#include <asm/irqflags.h>
#include <asm/termios.h>
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <kernel/console.h>
#include <kernel/fbcon.h>
#include <kernel/keyboard.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/serial.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <kernel/wait.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include "tty_internal.h"

#define RING		4096u
#define CONTROLLING	MKDEV(5, 0)	/* /dev/tty: one's own terminal */
#define EOF_MARK	0x100		/* in the ring: an end of file stood here */

static struct {
	u16 ring[RING];
	u32 head, ready, tail;		/* filled to; readable to; read from */
	struct termios t;
	struct winsize size;
	int rows, columns;		/* of the screen when it was looked at last */
	bool from_keyboard;		/* what was typed last */
	u8 echo[256];			/* waits for a context that can print */
	unsigned echo_len;
	struct wait_queue_head wait;
} tty = {
	.wait = WAIT_QUEUE_INIT(tty.wait),
};

static bool flag_l(tcflag_t flag)
{
	return tty.t.c_lflag & flag;
}

/* ^S does not stop output: a line that is only noise must not stop a run. */
static void set_defaults(struct termios *t)
{
	static const u8 cc[NCCS] = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4,
		[VTIME] = 0, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26,
		[VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22,
	};

	*t = (struct termios){
		.c_iflag = ICRNL | IUTF8, .c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	};
	memcpy(t->c_cc, cc, NCCS);
}

/* ---- output ------------------------------------------------------------------------ */

/* The serial console makes \r\n of \n by itself, so ONLCR is nothing to do here. */
static void put_out(const char *s, size_t n)
{
	console_write(s, n);
}

/* What cannot be written now stays for the next time. */
static void flush_echo(void)
{
	unsigned long flags;

	if (likely(!tty.echo_len))
		return;
	flags = local_irq_save();
	if (console_write((char *)tty.echo, tty.echo_len))
		tty.echo_len = 0;
	local_irq_restore(flags);
}

static void key_typed(u8 c)
{
	tty.from_keyboard = true;
	tty_receive(c);
}

static void byte_arrived(u8 c)
{
	tty.from_keyboard = false;
	tty_receive(c);
}

void tty_reply(const char *s)
{
	while (tty.from_keyboard && *s)
		tty_receive((u8)*s++);
}

/* The table above the text has grown, say: programs lay out their pictures anew. */
static void look_at_size(void)
{
	int rows = fbcon_rows(), columns = fbcon_columns();

	if (likely(rows == tty.rows && columns == tty.columns))
		return;
	tty.rows = rows;
	tty.columns = columns;
	if (!tty.size.ws_row)
		tty_job_signal(SIGWINCH);
}

void tty_poll(void)
{
	i8042_poll(key_typed);
	uart_poll(byte_arrived);
	flush_echo();
	look_at_size();
}

static void echo_bytes(const char *s, unsigned n)
{
	if (tty.echo_len + n > sizeof(tty.echo))
		return;
	memcpy(tty.echo + tty.echo_len, s, n);
	tty.echo_len += n;
}

static void echo_char(u8 c)
{
	char text[2] = { '^', (char)(c ^ 0x40) };

	if (!flag_l(ECHO) && !(c == '\n' && flag_l(ECHONL)))
		return;
	if (c == '\n' || c == '\t' || (c >= ' ' && c != 127))
		echo_bytes((char *)&c, 1);
	else if (flag_l(ECHOCTL))
		echo_bytes(text, 2);
}

static long tty_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	char text[256];
	size_t done = 0, piece;
	long ret = flag_l(TOSTOP) ? tty_job_check(SIGTTOU) : 0;

	if (ret)
		return ret;
	flush_echo();
	while (done < n) {
		piece = min_t(size_t, n - done, sizeof(text));
		if (copy_from_user(text, buf + done, piece))
			return done ? (long)done : -EFAULT;
		put_out(text, piece);
		done += piece;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return (long)done;
}

static long tty_write_kernel(struct file *f, const char *data, size_t n, loff_k *pos)
{
	flush_echo();
	put_out(data, n);
	return (long)n;
}

/* ---- input: interrupts off --------------------------------------------------------- */

static void store(u16 c)
{
	if (tty.head - tty.tail == RING)
		return;
	tty.ring[tty.head++ % RING] = c;
}

/* Take back the last character of the line that is being typed. */
static bool erase_one(void)
{
	u8 c;

	if (tty.head == tty.ready)
		return false;
	c = (u8)tty.ring[--tty.head % RING];
	while ((c & 0xc0) == 0x80 && tty.head != tty.ready)	/* UTF-8 */
		c = (u8)tty.ring[--tty.head % RING];
	if (flag_l(ECHO) && flag_l(ECHOE)) {
		echo_bytes("\b \b", 3);
		if (c < ' ' && flag_l(ECHOCTL))
			echo_bytes("\b \b", 3);
	}
	return true;
}

static bool is_cc(int which, u8 c)
{
	return tty.t.c_cc[which] && tty.t.c_cc[which] == c;
}

static bool signal_char(u8 c)
{
	int sig = is_cc(VINTR, c) ? SIGINT : is_cc(VQUIT, c) ? SIGQUIT :
		  is_cc(VSUSP, c) ? SIGTSTP : 0;

	if (!sig || !flag_l(ISIG))
		return false;
	echo_char(c);
	if (!flag_l(NOFLSH))
		tty.head = tty.ready = tty.tail;
	tty_job_signal(sig);
	return true;
}

static void line_done(u16 c)
{
	store(c);
	tty.ready = tty.head;
	wake_up(&tty.wait);
}

/* The last word, and the blanks behind it. */
static void erase_word(void)
{
	bool word = false;
	u8 c;

	while (tty.head != tty.ready) {
		c = (u8)tty.ring[(tty.head - 1) % RING];
		if (word && (c == ' ' || c == '\t'))
			return;
		word |= c != ' ' && c != '\t';
		erase_one();
	}
}

static void canonical_char(u8 c)
{
	if (is_cc(VERASE, c) || c == '\b') {
		erase_one();
	} else if (is_cc(VKILL, c)) {
		while (erase_one())
			;
	} else if (is_cc(VWERASE, c) && flag_l(IEXTEN)) {
		erase_word();
	} else if (is_cc(VEOF, c)) {
		line_done(EOF_MARK);
	} else if (c == '\n' || is_cc(VEOL, c)) {
		echo_char(c);
		line_done(c);
	} else if (tty.head - tty.tail < RING - 1) {	/* room for the newline */
		echo_char(c);
		store(c);
	}
}

void tty_receive(u8 c)
{
	unsigned long flags = local_irq_save();

	if (c == '\r' && tty.t.c_iflag & ICRNL)
		c = '\n';
	else if (c == '\n' && tty.t.c_iflag & INLCR)
		c = '\r';
	if (signal_char(c)) {
		wake_up(&tty.wait);
	} else if (flag_l(ICANON)) {
		canonical_char(c);
	} else {
		echo_char(c);
		store(c);
		tty.ready = tty.head;
		wake_up(&tty.wait);
	}
	local_irq_restore(flags);
}

/* ---- reading ----------------------------------------------------------------------- */

/* The next readable character, or -1; *eof: it was an end of file. */
static int take(bool *eof)
{
	unsigned long flags = local_irq_save();
	int c = -1;

	if (tty.tail != tty.ready)
		c = tty.ring[tty.tail++ % RING];
	local_irq_restore(flags);
	*eof = c == EOF_MARK;
	return c;
}

/* In canonical mode at most one line; the count, or -EFAULT. */
static long take_chars(char *buf, size_t n)
{
	size_t done = 0;
	bool eof;
	int c;

	while (done < n) {
		c = take(&eof);
		if (c < 0 || eof)
			break;
		if (put_user((char)c, buf + done))
			return done ? (long)done : -EFAULT;
		done++;
		if (flag_l(ICANON) && c == '\n')
			break;
	}
	return (long)done;
}

/* Bytes that end a wait: any line, or MIN of them (but no more than the reader has room for). */
static u32 enough(size_t n)
{
	u32 least = max_t(u32, tty.t.c_cc[VMIN], 1);

	if (flag_l(ICANON))
		return 1;
	return n < least ? (u32)n : least;
}

/*
 * Without lines: when the wait is over by TIME (tenths of a second).  With MIN the time runs
 * from the last byte on, without MIN from the beginning.
 */
static u64 wait_limit(u32 have)
{
	u8 tenths = tty.t.c_cc[VTIME];

	if (flag_l(ICANON) || !tenths || (tty.t.c_cc[VMIN] && !have))
		return KTIME_NEVER;
	return ktime_ns() + tenths * 100000000ull;
}

/* 0: look what there is now; -ERESTARTSYS. */
static long wait_for_input(size_t n)
{
	struct wait_queue_entry entry = { .task = current };
	u32 have = tty.ready - tty.tail, before = have;
	u64 until = wait_limit(have);
	long ret = 0;

	if (!flag_l(ICANON) && !tty.t.c_cc[VMIN] && !tty.t.c_cc[VTIME])
		return 0;
	for (;;) {
		prepare_to_wait(&tty.wait, &entry, TASK_INTERRUPTIBLE);
		have = tty.ready - tty.tail;
		if (have >= enough(n))
			break;
		if (have != before)
			until = wait_limit(have);
		before = have;
		ret = signal_pending(current) ? -ERESTARTSYS : 0;
		if (ret || !schedule_until(until))
			break;
	}
	finish_wait(&tty.wait, &entry);
	return ret && !have ? ret : 0;
}

static long read_waiting(struct file *f, char *buf, size_t n)
{
	long ret = tty_job_check(SIGTTIN);

	if (!ret && tty.ready - tty.tail < enough(n)) {
		if (f->flags & O_NONBLOCK)
			ret = tty.ready == tty.tail ? -EAGAIN : 0;
		else
			ret = wait_for_input(n);
	}
	if (!ret)
		ret = tty_job_check(SIGTTIN);	/* it may have become another's meanwhile */
	return ret ? ret : take_chars(buf, n);
}

static long tty_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	long ret;

	if (!n)
		return 0;
	flush_echo();
	fbcon_terminal(!flag_l(ICANON), true);
	ret = read_waiting(f, buf, n);
	fbcon_terminal(!flag_l(ICANON), !flag_l(ICANON));
	flush_echo();
	return ret;
}

static unsigned tty_poll_mask(struct file *f, struct poll_table *pt)
{
	poll_wait(f, &tty.wait, pt);
	return POLLOUT | POLLWRNORM | (tty.tail != tty.ready ? POLLIN | POLLRDNORM : 0);
}

/* ---- ioctl ------------------------------------------------------------------------- */

static void set_termios(const struct termios *t, bool flush)
{
	unsigned long flags = local_irq_save();

	tty.t = *t;
	if (flush)
		tty.head = tty.ready = tty.tail;
	if (!flag_l(ICANON))
		tty.ready = tty.head;
	local_irq_restore(flags);
	fbcon_terminal(!flag_l(ICANON), !flag_l(ICANON));
	wake_up(&tty.wait);
}

void tty_reset(void)
{
	struct termios t;

	set_defaults(&t);
	set_termios(&t, false);
	memset(&tty.size, 0, sizeof(tty.size));
}

static void window_size(struct winsize *w)
{
	*w = tty.size;
	if (w->ws_row)
		return;
	w->ws_row = (u16)(fbcon_rows() ? fbcon_rows() : 24);
	w->ws_col = (u16)(fbcon_columns() ? fbcon_columns() : 80);
}

static long termios_ioctl(unsigned cmd, unsigned long arg)
{
	struct termios t = tty.t;
	long ret = cmd == TCGETS ? 0 : tty_job_check(SIGTTOU);

	if (ret)
		return ret;
	if (cmd == TCGETS)
		return copy_to_user((void *)arg, &t, sizeof(t)) ? -EFAULT : 0;
	if (copy_from_user(&t, (void *)arg, sizeof(t)))
		return -EFAULT;
	set_termios(&t, cmd == TCSETSF);
	return 0;
}

static long set_window_size(unsigned long arg)
{
	struct winsize w;

	if (copy_from_user(&w, (void *)arg, sizeof(w)))
		return -EFAULT;
	if (!memcmp(&w, &tty.size, sizeof(w)))
		return 0;
	tty.size = w;
	tty_job_signal(SIGWINCH);
	return 0;
}

static long winsize_ioctl(unsigned cmd, unsigned long arg)
{
	struct winsize w;

	if (cmd == TIOCSWINSZ)
		return set_window_size(arg);
	window_size(&w);
	return copy_to_user((void *)arg, &w, sizeof(w)) ? -EFAULT : 0;
}

/* Of input; output is never kept. */
static long flush_ioctl(unsigned long which)
{
	if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH)
		return -EINVAL;
	if (which != TCOFLUSH)
		set_termios(&tty.t, true);
	return 0;
}

static long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	long ret = tty_job_ioctl(cmd, arg);

	if (ret != -ENOIOCTLCMD)
		return ret;
	switch (cmd) {
	case TCGETS:
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return termios_ioctl(cmd, arg);
	case TIOCGWINSZ:
	case TIOCSWINSZ:
		return winsize_ioctl(cmd, arg);
	case FIONREAD:
		return put_int(arg, (int)(tty.ready - tty.tail));
	case TCFLSH:
		return flush_ioctl(arg);
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
		return 0;
	}
	return -ENOTTY;
}

static int tty_open(struct inode *inode, struct file *f)
{
	if (inode->rdev == CONTROLLING && !tty_job_mine())
		return -ENXIO;
	tty_job_open(f->flags & O_NOCTTY);
	return 0;
}

static const struct file_operations tty_ops = {
	.read = tty_read, .write = tty_write, .write_kernel = tty_write_kernel,
	.llseek = no_llseek, .poll = tty_poll_mask, .ioctl = tty_ioctl, .open = tty_open,
};

static struct chrdev devices[] = {
	{ .name = "tty", .rdev = CONTROLLING, .mode = 0666, .op = &tty_ops },
	{ .name = "console", .rdev = MKDEV(5, 1), .mode = 0600, .op = &tty_ops },
	{ .name = "tty1", .rdev = MKDEV(4, 1), .mode = 0600, .op = &tty_ops },
	{ .name = "ttyS0", .rdev = MKDEV(4, 64), .mode = 0600, .op = &tty_ops },
};

void tty_init(void)
{
	const char *layout = param_get("keymap");
	unsigned i;

	set_defaults(&tty.t);
	i8042_init();
	if (layout && !keyboard_set_layout(layout))
		pr_warn("keymap=%s: there are us, de and fr; the keys are those of a US keyboard\n",
			layout);
	for (i = 0; i < ARRAY_SIZE(devices); i++)
		chrdev_add(&devices[i]);
}

int console_open_std(struct files_struct *files)
{
	struct file *f;
	int fd, err = file_open("/dev/console", O_RDWR, 0, &f);

	if (err)
		return err;
	for (fd = 0; fd < 3 && !err; fd++) {
		err = fd_install_at(files, fd, get_file(f));
		if (err)
			fput(f);
	}
	fput(f);
	return err;
}
