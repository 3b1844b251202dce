/* SPDX-License-Identifier: MIT */
/*
 * Which consoles there are: the console= value and what follows from it.  The syntax is
 * described in include/kernel/console.h.
 *
 * Parsed before memory management exists, so everything is static; memory-mapped UARTs
 * are remembered until console_late_init() brings a way to map them.
 */
#include <linux/errno.h>
#include <kernel/console.h>
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/serial.h>
#include <kernel/string.h>

#define PORTS_MAX	4

struct port {
	bool mmio;
	unsigned int shift;
	u64 addr;
	u32 baud;
};

static struct {
	bool none, plain, screen, serial, e9;
	struct port port[PORTS_MAX];
	int ports;
} wish;

static const u16 com_ports[] = { COM1_PORT, 0x2f8, 0x3e8, 0x2e8 };

struct token {
	const char *text;
	size_t len;
};

/* The next piece up to a ',' or '+'; false at the end. */
static bool next_token(const char **spec, struct token *t)
{
	const char *p = *spec;

	if (!*p)
		return false;
	t->text = p;
	while (*p && *p != ',' && *p != '+')
		p++;
	t->len = p - t->text;
	*spec = *p ? p + 1 : p;
	return true;
}

static bool token_is(const struct token *t, const char *word)
{
	return t->len == strlen(word) && !strncmp(t->text, word, t->len);
}

/* Decimal or 0x hexadecimal; -EINVAL if the token is anything else. */
static int token_number(const struct token *t, u64 *v)
{
	bool hex = t->len > 2 && t->text[0] == '0' && tolower(t->text[1]) == 'x';
	size_t i = hex ? 2 : 0;

	if (i >= t->len)
		return -EINVAL;
	for (*v = 0; i < t->len; i++) {
		int c = tolower(t->text[i]);

		if (!(hex ? isxdigit(c) : isdigit(c)))
			return -EINVAL;
		*v = *v * (hex ? 16 : 10) + (isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return 0;
}

static int add_port(const struct port *p)
{
	if (wish.ports == PORTS_MAX)
		return -ENOSPC;
	wish.port[wish.ports++] = *p;
	return 0;
}

/* What follows "uart": kind, address, perhaps a speed. */
static int parse_uart(const char **spec)
{
	struct port p = { .baud = 0 };
	const char *rest;
	struct token t;
	u64 v;

	if (!next_token(spec, &t))
		return -EINVAL;
	if (token_is(&t, "mmio") || token_is(&t, "mmio32")) {
		p.mmio = true;
		p.shift = token_is(&t, "mmio32") ? 2 : 0;
	} else if (token_is(&t, "io")) {
		p.baud = UART_BAUD;
	} else {
		return -EINVAL;
	}
	if (!next_token(spec, &t) || token_number(&t, &p.addr))
		return -EINVAL;
	rest = *spec;
	if (next_token(&rest, &t) && !token_number(&t, &v)) {
		p.baud = v;
		*spec = rest;
	}
	if (!p.mmio && (!p.addr || p.addr > 0xfff8))
		return -EINVAL;
	return add_port(&p);
}

static int parse_token(const struct token *t, const char **spec)
{
	struct port p = { .baud = UART_BAUD };

	if (!t->len || token_is(t, "auto"))
		return 0;
	if (token_is(t, "none"))
		wish.none = true;
	else if (token_is(t, "plain"))
		wish.plain = true;
	else if (token_is(t, "screen"))
		wish.screen = true;
	else if (token_is(t, "e9"))
		wish.e9 = true;
	else if (token_is(t, "serial"))
		wish.serial = true;
	else if (token_is(t, "uart"))
		return parse_uart(spec);
	else if (t->len == 4 && !strncmp(t->text, "com", 3) &&
		 t->text[3] >= '1' && t->text[3] <= '4') {
		p.addr = com_ports[t->text[3] - '1'];
		return add_port(&p);
	} else
		return -EINVAL;
	return 0;
}

static int parse_spec(const char *spec)
{
	struct token t;
	int err = 0;

	memset(&wish, 0, sizeof(wish));
	while (next_token(&spec, &t)) {
		if (!parse_token(&t, &spec))
			continue;
		pr_warn("console: '%.*s' is not understood or one too many, ignored; "
			"try screen, serial, e9, uart,io,0x2f8, plain or none\n",
			(int)t.len, t.text);
		err = -EINVAL;
	}
	if (!wish.screen && !wish.serial && !wish.e9 && !wish.ports)
		wish.screen = wish.serial = wish.e9 = true;
	return err;
}

static int early_added;		/* consoles that early_console_init() found */

int early_console_init(const char *spec)
{
	int err = parse_spec(spec ? spec : "");
	int i, failed;

	if (wish.none)
		return err;
	early_added = 0;
	if (wish.e9)
		early_added += !debugcon_add(!wish.plain);
	if (wish.serial)
		early_added += !uart_add_io(COM1_PORT, UART_BAUD, !wish.plain);
	for (i = 0; i < wish.ports; i++) {
		const struct port *p = &wish.port[i];

		if (p->mmio)
			continue;
		failed = uart_add_io(p->addr, p->baud, !wish.plain);
		early_added += !failed;
		if (failed && failed != -EEXIST)
			pr_warn("console: no UART at port 0x%llx (error %d), ignored; "
				"check the console= setting\n", (unsigned long long)p->addr, -failed);
	}
	return err;
}

int console_late_init(volatile void *(*map)(phys_addr_t addr, size_t size))
{
	int i, added = 0, failed;

	for (i = 0; i < wish.ports && !wish.none; i++) {
		const struct port *p = &wish.port[i];
		volatile void *regs;

		if (!p->mmio)
			continue;
		regs = map(p->addr, 8u << p->shift);
		failed = regs ? uart_add_mmio(regs, p->shift, p->baud, !wish.plain)
			      : -ENOMEM;
		added += !failed;
		if (failed && failed != -EEXIST)
			pr_warn("console: no UART at address 0x%llx (error %d), ignored; "
				"check the console= setting\n", (unsigned long long)p->addr, -failed);
	}
	if (!added && !early_added && !wish.screen && !wish.none) {
		pr_warn("console: nothing that console= names is there: using what there is\n");
		wish.screen = true;
		debugcon_add(!wish.plain);
		uart_add_io(COM1_PORT, UART_BAUD, !wish.plain);
	}
	return added;
}

bool console_wants_screen(void)
{
	return wish.screen && !wish.none;
}

bool console_wants_serial(bool *ansi)
{
	*ansi = !wish.plain;
	return wish.serial && !wish.none;
}
