/* SPDX-License-Identifier: MIT */
/*
 * Serial console and console= against imitated hardware: a good UART, an absent one that
 * reads 0xff, one that reads 0, one whose transmitter gets stuck.  Port accesses and the
 * bounded wait are replaced here; the drivers are compiled in as they are.
 */
#include "tap.h"
#include <errno.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/types.h>

#define ASM_IO_H		/* instead of <asm/io.h> */
#define KERNEL_POLL_H		/* instead of <kernel/poll.h> */

enum kind { ABSENT, ZERO, GOOD, NO_FIFO, NO_LOOPBACK };

/* A 16550 at 0x3f8, another at 0x2f8, a third in memory, and the debug port. */
struct chip {
	enum kind kind;
	u8 reg[8], divisor[2];
	bool stuck;
	char sent[4096];
	size_t len;
	int burst, longest;		/* bytes since LSR was read */
};
static struct chip com1, com2, mmio_chip;
static bool have_e9;
static char e9_text[4096];
static size_t e9_len;
static u64 waited_us;

static u8 chip_read(struct chip *c, int reg)
{
	if (c->kind == ABSENT)
		return 0xff;
	if (c->kind == ZERO)
		return 0;
	switch (reg) {
	case 5:
		c->burst = 0;
		return c->stuck ? 0 : 0x60;
	case 6:
		return c->kind == NO_LOOPBACK || !(c->reg[4] & 0x10) ? 0xb0 :
		       (c->reg[4] & 2 ? 0x10 : 0) | (c->reg[4] & 1 ? 0x20 : 0) |
		       (c->reg[4] & 8 ? 0x80 : 0);
	case 2:
		return c->kind == NO_FIFO ? 0x01 : 0xc1;
	}
	return c->reg[3] & 0x80 && reg < 2 ? c->divisor[reg] : c->reg[reg];
}

static void chip_write(struct chip *c, int reg, u8 v)
{
	if (c->kind < GOOD)
		return;
	if (c->reg[3] & 0x80 && reg < 2) {
		c->divisor[reg] = v;
	} else if (reg) {
		c->reg[reg] = v;
	} else if (c->len < sizeof(c->sent) - 1) {
		c->sent[c->len++] = v;
		c->burst++;
		c->longest = c->burst > c->longest ? c->burst : c->longest;
	}
}

static u8 inb(u16 port)
{
	if (port >= 0x3f8 && port < 0x400)
		return chip_read(&com1, port - 0x3f8);
	if (port >= 0x2f8 && port < 0x300)
		return chip_read(&com2, port - 0x2f8);
	return port == 0xe9 && have_e9 ? 0xe9 : 0xff;
}

static void outb(u8 v, u16 port)
{
	if (port >= 0x3f8 && port < 0x400)
		chip_write(&com1, port - 0x3f8, v);
	if (port >= 0x2f8 && port < 0x300)
		chip_write(&com2, port - 0x2f8, v);
}

static void outsb(u16 port, const void *from, size_t n)
{
	if (port == 0xe9 && e9_len + n < sizeof(e9_text)) {
		memcpy(e9_text + e9_len, from, n);
		e9_len += n;
	}
}

/* The third chip: register n at byte 4 * n of this "memory". */
static volatile u8 mmio_window[32];

static u8 readb(const volatile void *p)
{
	return chip_read(&mmio_chip, ((const volatile u8 *)p - mmio_window) / 4);
}

static void writeb(u8 v, volatile void *p)
{
	chip_write(&mmio_chip, ((volatile u8 *)p - mmio_window) / 4, v);
}

#define poll_until(cond, us) ({ \
	bool _ok = !!(cond); \
	if (!_ok) \
		waited_us += (us); \
	_ok; })

#include "../../drivers/serial/uart16550.c"
#include "../../drivers/serial/debugcon.c"
#include "../../drivers/serial/setup.c"

static void forget(void)
{
	int i;

	for (i = 0; i < uart_count; i++)
		unregister_console(&uarts[i].con);
	if (debugcon.list.next)
		unregister_console(&debugcon);
	memset(&debugcon.list, 0, sizeof(debugcon.list));
	memset(uarts, 0, sizeof(uarts));
	uart_count = 0;
	memset(&com1, 0, sizeof(com1));
	memset(&com2, 0, sizeof(com2));
	memset(&mmio_chip, 0, sizeof(mmio_chip));
	have_e9 = false;
	e9_len = 0;
	waited_us = 0;
}

/* What a chip sent since the last call. */
static const char *sent(struct chip *c)
{
	c->sent[c->len] = '\0';
	c->len = 0;
	return c->sent;
}

static const char *e9(void)
{
	e9_text[e9_len] = '\0';
	e9_len = 0;
	return e9_text;
}

static void test_probe(void)
{
	forget();
	is(uart_add_io(COM1_PORT, 115200, true), -ENODEV, "a port that reads 0xff");
	com1.kind = ZERO;
	is(uart_add_io(COM1_PORT, 115200, true), -ENODEV, "a port that reads 0");
	com1.kind = NO_LOOPBACK;
	is(uart_add_io(COM1_PORT, 115200, true), -ENODEV, "no loopback");
	is(waited_us, 0, "nothing of this waits");
	com1.kind = GOOD;
	com1.reg[7] = 0x77;
	is(uart_add_io(COM1_PORT, 7000, true), -EINVAL, "a speed that does not divide 115200");
	is(uart_add_io(COM1_PORT, 38400, true), 0, "a good port");
	ok(com1.divisor[0] == 3 && !com1.divisor[1], "38400 is divisor 3");
	ok(com1.reg[3] == 3 && com1.reg[1] == 0 && com1.reg[4] == 3 && com1.reg[2] == 7,
	   "8N1, no interrupts, DTR and RTS, FIFOs on");
	is(com1.reg[7], 0x77, "the scratch register is as it was");
	is(uart_add_io(COM1_PORT, 115200, true), -EEXIST, "not twice");
}

static void test_output(void)
{
	printk_raw("0123456789abcdef0123456789abcdef\n");
	is_str(sent(&com1) + strlen(com1.sent) - 34, "0123456789abcdef0123456789abcdef\r\n",
	       "a line ends in CR LF");
	is(com1.longest, 16, "16 bytes at a time into the FIFO");
	forget();
	com1.kind = NO_FIFO;
	uart_add_io(COM1_PORT, 0, false);
	ok(!com1.divisor[0], "speed 0 leaves the divisor alone");
	printk_raw("0123456789\n");
	is(com1.longest, 1, "one byte at a time without a FIFO");
}

static void test_stuck(void)
{
	forget();
	com1.kind = GOOD;
	uart_add_io(COM1_PORT, 115200, false);
	waited_us = 0;
	com1.stuck = true;
	sent(&com1);
	printk_raw("this line is lost\n");
	printk_raw("this one too\n");
	is(waited_us, 3 * 20000, "a stuck port costs three time-outs of 20 ms and no more");
	is_str(sent(&com1), "", "nothing was written to it");
	ok(uarts[0].con.flags & CON_DEAD, "and it is dropped");
}

static void test_spec(void)
{
	bool ansi;

	forget();
	com1.kind = com2.kind = GOOD;
	have_e9 = true;
	is(early_console_init(NULL), 0, "console= not given");
	e9();
	sent(&com1);
	printk("\033[31mtext\033[0m\n");
	is_str(e9(), "\033[31mtext\033[0m\n", "goes to port 0xE9");
	is_str(sent(&com1), "\033[31mtext\033[0m\r\n", "and to COM1");
	is_str(sent(&com2), "", "and not to COM2");
	ok(console_wants_screen() && console_wants_serial(&ansi) && ansi, "and to a screen");

	forget();
	com1.kind = com2.kind = GOOD;
	have_e9 = true;
	is(early_console_init("uart,io,0x2f8,9600+plain"), 0, "a port, plain");
	sent(&com2);
	printk("\033[31mtext\033[0m\n");
	is_str(sent(&com2), "text\r\n", "goes to COM2 without colours");
	is(com2.divisor[0], 12, "at 9600");
	is_str(sent(&com1), "", "and not to COM1");
	ok(!console_wants_screen() && e9_len == 0, "nor anywhere else");

	forget();
	com1.kind = GOOD;
	have_e9 = true;
	is(early_console_init("none"), 0, "none");
	ok(uart_count == 0 && !debugcon.list.next && !console_wants_screen(),
	   "leaves no console");

	forget();
	com1.kind = GOOD;
	have_e9 = true;
	is(early_console_init("screen,e9"), 0, "words with a comma");
	ok(uart_count == 0 && debugcon.list.next && console_wants_screen(), "screen and E9");

	forget();
	com1.kind = GOOD;
	is(early_console_init("plain"), 0, "plain alone");
	ok(uart_count == 1 && !(uarts[0].con.flags & CON_ANSI) && console_wants_screen(),
	   "changes nothing but the colours");
}

static volatile void *fake_map(phys_addr_t addr, size_t size)
{
	return addr == 0xfe032000 && size == 32 ? mmio_window : NULL;
}

static void test_mmio(void)
{
	forget();
	mmio_chip.kind = GOOD;
	is(early_console_init("uart,mmio32,0xfe032000+uart,mmio,0x1000"), 0, "UARTs in memory");
	is(uart_count, 0, "wait for a mapping");
	is(console_late_init(fake_map), 1, "one of them can be mapped");
	sent(&mmio_chip);
	printk_raw("hello\n");
	is_str(sent(&mmio_chip), "hello\r\n", "and works");
	ok(!mmio_chip.divisor[0], "at the speed it had");
}

static void test_bad_spec(void)
{
	static const char *const bad[] = {
		"serail", "uart", "uart,foo", "uart,io", "uart,io,xyz", "uart,io,0",
		"uart,io,0x10000", "com5", "com1+com2+com3+com4+com1",
	};
	int accepted = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		forget();
		accepted += early_console_init(bad[i]) != -EINVAL;
	}
	is(accepted, 0, "every bad value is reported");
	forget();
	com1.kind = com2.kind = GOOD;
	is(early_console_init("rubbish+com2"), -EINVAL, "a bad word and a good one");
	is(uart_count, 1, "the good one counts");
	forget();
	com1.kind = GOOD;
	is(early_console_init(""), 0, "an empty value");
	is(uart_count, 1, "is auto");
	forget();
	com1.kind = GOOD;
	early_console_init("nonsense");
	sent(&com1);
	ok(uart_count == 1 && console_wants_screen(), "nothing but nonsense is auto too");
}

int main(void)
{
	plan(44);
	test_probe();
	test_output();
	test_stuck();
	test_spec();
	test_mmio();
	test_bad_spec();
	forget();
	return done();
}
