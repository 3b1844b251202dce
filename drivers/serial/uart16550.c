/* SPDX-License-Identifier: MIT */
/*
 * The 16550 UART as a console, polled.
 *
 * Real machines have none, or one that is half there: every register reads 0xff, or the
 * transmitter never becomes empty.  So a port is used only if three different registers
 * behave, each byte waits at most 20 ms for room, and the third time-out drops the port.
 * Registers are reached by ports or by memory; the rest of the file does not care.
 *
 * Callers: drivers/serial/setup.c and ACPI code register ports, kernel/printk.c writes.
 */
#include <linux/errno.h>
#include <asm/io.h>
#include <kernel/console.h>
#include <kernel/poll.h>
#include <kernel/serial.h>

#define UART_MAX	4
#define CHAR_WAIT_US	20000
#define TIMEOUTS_MAX	3
#define FIFO_SIZE	16

enum { DATA = 0, IER = 1, FCR = 2, IIR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

#define LCR_8N1		0x03
#define LCR_DLAB	0x80		/* registers 0 and 1 are the divisor */
#define FCR_ON_CLEAR	0x07		/* FIFOs on, both emptied */
#define IIR_FIFO	0xc0		/* a FIFO that works */
#define MCR_DTR_RTS	0x03
#define MCR_TEST	0x1a		/* loopback, with RTS and OUT2 set */
#define MSR_TEST	0x90		/* what loopback makes of these: CTS and DCD */
#define LSR_DATA	0x01		/* a byte came in */
#define LSR_THRE	0x20		/* room for a byte (for all of the FIFO) */
#define LSR_TEMT	0x40		/* nothing left, not even in the shift register */

struct uart {
	struct console con;
	u16 port;			/* 0: memory-mapped */
	volatile u8 *regs;
	unsigned int shift;
	int fifo;			/* bytes that may follow one THRE */
	int room;			/* of these, how many are left */
	int timeouts;
};

static struct uart uarts[UART_MAX];
static int uart_count;

static u8 get(const struct uart *u, int reg)
{
	return u->port ? inb(u->port + reg) : readb(u->regs + (reg << u->shift));
}

static void set(const struct uart *u, int reg, u8 v)
{
	if (u->port)
		outb(v, u->port + reg);
	else
		writeb(v, u->regs + (reg << u->shift));
}

static void send(struct uart *u, u8 c)
{
	if (u->con.flags & CON_DEAD)
		return;
	if (!u->room) {
		if (!poll_until(get(u, LSR) & LSR_THRE, CHAR_WAIT_US)) {
			if (++u->timeouts == TIMEOUTS_MAX)
				u->con.flags |= CON_DEAD;
			return;
		}
		u->room = u->fifo;
	}
	set(u, DATA, c);
	u->room--;
}

static void uart_write(struct console *con, const char *s, size_t n)
{
	struct uart *u = container_of(con, struct uart, con);

	u->room = 0;
	for (; n; n--, s++) {
		if (*s == '\n')
			send(u, '\r');
		send(u, *s);
	}
}

void uart_poll(void (*receive)(u8 c))
{
	struct uart *u;
	int n;
	u8 lsr;

	for (u = uarts; u < uarts + uart_count; u++)
		for (n = 0; n < FIFO_SIZE && !(u->con.flags & CON_DEAD); n++) {
			lsr = get(u, LSR);
			if (lsr == 0xff || !(lsr & LSR_DATA))
				break;
			receive(get(u, DATA));
		}
}

/* A register that must keep what is written to the bits of `mask`. */
static bool keeps(const struct uart *u, int reg, u8 mask)
{
	u8 old = get(u, reg), low, high;

	set(u, reg, 0x5a & mask);
	low = get(u, reg) & mask;
	set(u, reg, 0xa5 & mask);
	high = get(u, reg) & mask;
	set(u, reg, old);
	return low == (0x5a & mask) && high == (0xa5 & mask);
}

static bool loops_back(const struct uart *u)
{
	u8 mcr = get(u, MCR), msr;

	set(u, MCR, MCR_TEST);
	msr = get(u, MSR);
	set(u, MCR, mcr);
	return (msr & 0xf0) == MSR_TEST;
}

static bool is_uart(const struct uart *u)
{
	bool there;
	u8 lcr = get(u, LCR);

	if (get(u, LSR) == 0xff)
		return false;
	set(u, LCR, LCR_8N1);		/* the divisor must not hide IER */
	there = keeps(u, SCR, 0xff) && keeps(u, IER, 0x0f) && loops_back(u);
	if (!there)
		set(u, LCR, lcr);
	return there;
}

/* Let the firmware's last bytes out, then take over. */
static void setup(struct uart *u, u32 baud)
{
	u16 divisor = baud ? UART_BAUD / baud : 0;

	poll_until(get(u, LSR) & LSR_TEMT, CHAR_WAIT_US);
	set(u, IER, 0);
	if (divisor) {
		set(u, LCR, LCR_8N1 | LCR_DLAB);
		set(u, DATA, divisor & 0xff);
		set(u, IER, divisor >> 8);
		set(u, LCR, LCR_8N1);
	}
	set(u, FCR, FCR_ON_CLEAR);
	set(u, MCR, MCR_DTR_RTS);
	u->fifo = (get(u, IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
}

static int add(const struct uart *wanted, u32 baud, bool ansi)
{
	struct uart *u = &uarts[uart_count];
	int i;

	if (baud && (baud > UART_BAUD || UART_BAUD % baud))
		return -EINVAL;
	for (i = 0; i < uart_count; i++)
		if (uarts[i].port == wanted->port && uarts[i].regs == wanted->regs)
			return -EEXIST;
	if (uart_count == UART_MAX)
		return -ENOSPC;
	if (!is_uart(wanted))
		return -ENODEV;
	*u = *wanted;
	u->con.name = "serial";
	u->con.write = uart_write;
	u->con.flags = ansi ? CON_ANSI : 0;
	uart_count++;
	setup(u, baud);
	register_console(&u->con);
	return 0;
}

int uart_add_io(u16 port, u32 baud, bool ansi)
{
	struct uart u = { .port = port };

	return add(&u, baud, ansi);
}

int uart_add_mmio(volatile void *regs, unsigned int shift, u32 baud, bool ansi)
{
	struct uart u = { .regs = regs, .shift = shift };

	return add(&u, baud, ansi);
}
