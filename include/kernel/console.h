/* SPDX-License-Identifier: MIT */
/*
 * Consoles: where the lines of the log ring go.
 *
 * Each console has a position in the ring (seq); after every printk the records behind
 * that position are handed to it, one line per call, newline included.  All consoles get
 * the same text.  Output happens in the context of the printk that finds no other output
 * going on; a printk from an interrupt that comes in between only stores its line and
 * the interrupted one prints it.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include <kernel/list.h>

/* console.flags */
#define CON_ANSI	0x01	/* understands colour sequences, else they are left out */
#define CON_STYLE	0x02	/* colour by level, dim time stamps, coloured test lines */
#define CON_DEAD	0x04	/* gets nothing any more */
#define CON_TABLE	0x10	/* has a table of tasks of its own: leaves out KERN_TABLE */
#define CON_WRITING	0x08	/* inside ->write (kept by kernel/printk.c) */
#define CON_MID_LINE	0x20	/* a program's text did not end its line (printk.c keeps it) */

struct console {
	const char *name;
	/*
	 * Put out n bytes: one line ending in \n (the driver adds \r where its device
	 * wants one).  Interrupts as in the caller of printk; must not sleep, must not
	 * wait without a bound, must not call printk.
	 */
	void (*write)(struct console *con, const char *s, size_t n);
	/* The same with bytes of a program, which end anywhere; NULL: write() is good for both. */
	void (*text)(struct console *con, const char *s, size_t n);
	/*
	 * End of a burst; may be NULL.  `now`: whatever was put off must become visible
	 * (panic, console_flush); otherwise the driver may wait for more.
	 */
	void (*flush)(struct console *con, bool now);
	unsigned int flags;
	u64 seq;		/* next record to print */
	struct list_head list;
};

/* Add a console at the end of the list and replay the log to it.  Does not fail. */
void register_console(struct console *con);
void unregister_console(struct console *con);

/* Print everything pending and make the consoles show it now. */
void console_flush(void);

/*
 * Bytes of a program, to all consoles as they are, at once; a line need not be complete.
 * The log ring does not get them.  False: from an interrupt that came into other output;
 * nothing was written.
 */
bool console_write(const char *s, size_t n);

/* For the timer tick and the idle loop: show what a console has put off.  Cheap. */
void console_poll(void);

/*
 * For ->write: the level (LOGLEVEL_*) of the record that is being written; -1 when it is the
 * text of a program.
 */
int console_line_level(void);

/*
 * Quiet: only test output (KERN_RAW) and messages of level KERN_ERR and more urgent reach
 * the consoles; the ring keeps all.  Returns the former state.
 */
bool console_set_quiet(bool quiet);

/*
 * An oops or panic begins: whatever printk was doing when it happened is cut short, the
 * cut line is repeated, and from now on every line becomes visible at once.  If this
 * happens while a console was writing *in panic mode*, that console is the culprit and
 * is not used again.  Never fails; also from NMI.  Nests with console_panic_end().
 */
void console_panic_mode(void);
void console_panic_end(void);
bool console_in_panic(void);

/*
 * The console= value, a list separated by ',' or '+':
 *	auto		COM1, port 0xE9 and the screen, each if it is there (the default)
 *	none		no console at all; the log ring still has everything
 *	plain		no colour sequences on serial lines (combines with the others)
 *	screen, serial, e9	that console; naming any leaves out those not named
 *	com1 ... com4		the PC's serial ports; `serial` is com1
 *	uart,io,0x2f8[,BAUD]	a UART at a port; 115200 unless said; 0 keeps the speed
 *	uart,mmio,0xADDR[,BAUD]	a UART at an address, registers 1 byte apart; keeps the
 *				speed unless said
 *	uart,mmio32,0xADDR[,BAUD]	the same, registers 4 bytes apart
 *
 * early_console_init() parses it (NULL is auto), probes and registers what is reached by
 * ports: callable before paging.  Returns 0, or -EINVAL after a message for every item
 * that it does not understand (the others count).
 * console_late_init() registers the MMIO UARTs: `map` gives an uncached mapping of size
 * bytes at a physical address or NULL.  Returns how many were added.
 */
int early_console_init(const char *spec);
int console_late_init(volatile void *(*map)(phys_addr_t addr, size_t size));
bool console_wants_screen(void);

#endif
