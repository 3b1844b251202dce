/* SPDX-License-Identifier: MIT */
/*
 * /dev/console and /dev/tty: the terminal that all programs share.
 *
 * Input comes one character at a time, from interrupts or from the tick, and goes through
 * a small line discipline: erase, kill, end of file, signals, echo.  What is complete
 * stands in a ring for readers: in canonical mode up to `ready`, the end of the last line,
 * else all of it.  Output is changed as OPOST and ONLCR say and goes to the consoles.
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
#include <kernel/sched.h>
#include <kernel/serial.h>
#include <kernel/string.h>
#include <kernel/tty.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#define RING		4096u
#define EOF_MARK	0x100		/* in the ring: an end of file stood here */

static struct {
	u16 ring[RING];
	u32 head, ready, tail;		/* filled to; readable to; read from */
	struct termios t;
	struct winsize size;
	int pgrp, session;
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

static void set_defaults(struct termios *t)
{
	static const u8 cc[NCCS] = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4,
		[VTIME] = 0, [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26,
		[VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22,
	};

	*t = (struct termios){
		.c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR,
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

void tty_poll(void)
{
	i8042_poll();
	uart_poll(tty_receive);
	flush_echo();
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

static void signal_group(int sig)
{
	struct task_struct *p;

	for_each_task(p)
		if (tty.pgrp > 0 ? p->pgrp == tty.pgrp && p->tgid == p->pid : false)
			send_sig(sig, p);
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
	signal_group(sig);
	return true;
}

static void line_done(u16 c)
{
	store(c);
	tty.ready = tty.head;
	wake_up(&tty.wait);
}

static void canonical_char(u8 c)
{
	if (is_cc(VERASE, c) || c == '\b') {
		erase_one();
	} else if (is_cc(VKILL, c)) {
		while (erase_one())
			;
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

static long tty_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	long ret;

	if (!n)
		return 0;
	flush_echo();
	if (tty.tail == tty.ready) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (!flag_l(ICANON) && !tty.t.c_cc[VMIN])
			return 0;
		ret = wait_event_interruptible(tty.wait, tty.tail != tty.ready);
		if (ret)
			return ret;
	}
	ret = take_chars(buf, n);
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
	wake_up(&tty.wait);
}

static void window_size(struct winsize *w)
{
	*w = tty.size;
	if (w->ws_row)
		return;
	w->ws_row = (u16)(fbcon_rows() ? fbcon_rows() : 24);
	w->ws_col = (u16)(fbcon_columns() ? fbcon_columns() : 80);
}

static long put_int(unsigned long arg, int value)
{
	return put_user(value, (int *)arg) ? -EFAULT : 0;
}

static long set_pgrp(unsigned long arg)
{
	int pgrp;

	if (get_user(pgrp, (int *)arg))
		return -EFAULT;
	if (pgrp <= 0)
		return -EINVAL;
	tty.pgrp = pgrp;
	return 0;
}

static long termios_ioctl(unsigned cmd, unsigned long arg)
{
	struct termios t = tty.t;

	if (cmd == TCGETS)
		return copy_to_user((void *)arg, &t, sizeof(t)) ? -EFAULT : 0;
	if (copy_from_user(&t, (void *)arg, sizeof(t)))
		return -EFAULT;
	set_termios(&t, cmd == TCSETSF);
	return 0;
}

static long winsize_ioctl(unsigned cmd, unsigned long arg)
{
	struct winsize w;

	if (cmd == TIOCSWINSZ)
		return copy_from_user(&tty.size, (void *)arg, sizeof(w)) ? -EFAULT : 0;
	window_size(&w);
	return copy_to_user((void *)arg, &w, sizeof(w)) ? -EFAULT : 0;
}

static void take_over(void)
{
	tty.session = current->session;
	tty.pgrp = current->pgrp;
}

static long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case TCGETS:
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return termios_ioctl(cmd, arg);
	case TIOCGWINSZ:
	case TIOCSWINSZ:
		return winsize_ioctl(cmd, arg);
	case TIOCGPGRP:
		return put_int(arg, tty.pgrp);
	case TIOCSPGRP:
		return set_pgrp(arg);
	case TIOCGSID:
		return put_int(arg, tty.session);
	case TIOCSCTTY:
		take_over();
		return 0;
	case TIOCNOTTY:
		return 0;
	case FIONREAD:
		return put_int(arg, (int)(tty.ready - tty.tail));
	case TCFLSH:
		set_termios(&tty.t, true);
		return 0;
	case TCSBRK:
	case TCXONC:
		return 0;
	}
	return -ENOTTY;
}

/* The first program that opens it is who ^C is for. */
static int tty_open(struct inode *inode, struct file *f)
{
	if (!tty.pgrp)
		take_over();
	return 0;
}

static const struct file_operations tty_ops = {
	.read = tty_read, .write = tty_write, .write_kernel = tty_write_kernel,
	.llseek = no_llseek, .poll = tty_poll_mask, .ioctl = tty_ioctl, .open = tty_open,
};

static struct chrdev devices[] = {
	{ .name = "tty", .rdev = MKDEV(5, 0), .mode = 0666, .op = &tty_ops },
	{ .name = "console", .rdev = MKDEV(5, 1), .mode = 0600, .op = &tty_ops },
	{ .name = "tty1", .rdev = MKDEV(4, 1), .mode = 0600, .op = &tty_ops },
	{ .name = "ttyS0", .rdev = MKDEV(4, 64), .mode = 0600, .op = &tty_ops },
};

void tty_init(void)
{
	unsigned i;

	set_defaults(&tty.t);
	i8042_init();
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
