/* SPDX-License-Identifier: MIT */
/*
 * The log ring, and the way of its lines to the consoles.
 *
 * Records lie one after the other in a static ring and never wrap: a filler closes the
 * end of the buffer.  `head` and `tail` run freely, their difference is the bytes in
 * use, and each is moved only when what it will point to is complete, so that the ring
 * is consistent whenever a panic cuts a printk short.
 *
 * Two flags order everything on the one processor.  `storing`: the ring changes; a
 * printk that comes in between (NMI, or a fault inside printk) goes to a small side
 * buffer that the interrupted one takes over.  `printing`: a console drain runs, with
 * interrupts as its caller had them; others only store and it prints their lines too.
 * console_panic_mode() breaks both.
 *
 * Callers: everybody, in every context.  Consoles are in drivers/.
 */
#include <asm/irqflags.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define RECORD_FILLER	0xffff		/* record.len of the filler */

struct record {
	u16 size;		/* whole record, a multiple of 8 */
	u16 len;		/* bytes of text, which follows */
	u8 level;		/* LOGLEVEL_* */
	u8 unused[3];
	u64 ns;
	u64 seq;
	char text[];
};

static struct {
	char buf[LOG_RING_SIZE] __aligned(8);
	u32 head, tail;			/* oldest record; end of the newest */
	u64 next_seq;
	u32 hint_pos;			/* a record found before, to start from */
	bool storing;
} ring;

/* The line that is being put together. */
static struct {
	char text[LOG_LINE_MAX];
	size_t len;
	int level;
	bool open;
} line;

/* What a printk inside a printk said: texts with their levels, NUL after each. */
static struct {
	char buf[2048];
	size_t len;
	bool busy;
	unsigned int lost;
} nested;

static LIST_HEAD(consoles);
static bool printing;
static int panic_depth;
static int loglevel = LOGLEVEL_DEBUG;
static bool quiet;

__weak u64 printk_clock_ns(void)
{
	return 0;
}

/* --- the ring -------------------------------------------------------------------- */

static struct record *record_at(u32 pos)
{
	return (struct record *)(ring.buf + pos % LOG_RING_SIZE);
}

static void make_room(u32 need)
{
	u32 head = ring.head;

	while (ring.tail + need - head > LOG_RING_SIZE)
		head += record_at(head)->size;
	WRITE_ONCE(ring.head, head);
	barrier();
}

/* Fill the end of the buffer if a record of `size` does not fit before it. */
static void close_end(u32 size)
{
	u32 rest = LOG_RING_SIZE - ring.tail % LOG_RING_SIZE;

	if (rest >= size)
		return;
	make_room(rest);
	record_at(ring.tail)->size = rest;
	record_at(ring.tail)->len = RECORD_FILLER;
	barrier();
	WRITE_ONCE(ring.tail, ring.tail + rest);
}

static void store_record(int level, const char *text, size_t len)
{
	u32 size = ALIGN(sizeof(struct record) + len, 8);
	struct record *r;

	close_end(size);
	make_room(size);
	r = record_at(ring.tail);
	r->size = size;
	r->len = len;
	r->level = level;
	r->ns = printk_clock_ns();
	r->seq = ring.next_seq;
	memcpy(r->text, text, len);
	barrier();
	WRITE_ONCE(ring.tail, ring.tail + size);
	ring.next_seq++;
}

/* The first real record at or behind pos; NULL at the end. */
static struct record *skip_filler(u32 *pos)
{
	while (*pos != ring.tail && record_at(*pos)->len == RECORD_FILLER)
		*pos += record_at(*pos)->size;
	return *pos == ring.tail ? NULL : record_at(*pos);
}

/* The record `seq`, or the oldest one behind it; NULL if there is none. */
static struct record *find_record(u64 seq)
{
	u32 pos = ring.hint_pos;
	struct record *r;

	if (ring.tail - pos > ring.tail - ring.head)
		pos = ring.head;
	r = skip_filler(&pos);
	if (!r || r->seq > seq) {
		pos = ring.head;
		r = skip_filler(&pos);
	}
	while (r && r->seq < seq) {
		pos += r->size;
		r = skip_filler(&pos);
	}
	if (r)
		ring.hint_pos = pos;
	return r;
}

u64 log_next_seq(void)
{
	return ring.next_seq;
}

u64 log_first_seq(void)
{
	unsigned long flags = local_irq_save();
	struct record *r = find_record(0);
	u64 seq = r ? r->seq : ring.next_seq;

	local_irq_restore(flags);
	return seq;
}

int log_read(u64 *seq, char *buf, size_t size, struct log_info *info)
{
	unsigned long flags = local_irq_save();
	struct record *r = ring.storing ? NULL : find_record(*seq);
	int len = -1;

	if (r && size) {
		size_t n = min_t(size_t, r->len, size - 1);

		memcpy(buf, r->text, n);
		buf[n] = '\0';
		len = r->len;
		*seq = r->seq;
		*info = (struct log_info){ r->seq, r->ns, r->level };
	}
	local_irq_restore(flags);
	return len;
}

/* --- from texts to records ------------------------------------------------------- */

static void end_line(void)
{
	if (!line.open)
		return;
	store_record(line.level, line.text, line.len);
	line.open = false;
	line.len = 0;
}

static void append_line(const char *text, size_t n)
{
	size_t room = LOG_LINE_MAX - line.len;

	memcpy(line.text + line.len, text, min(n, room));
	line.len += min(n, room);
	if (n > room)
		memcpy(line.text + LOG_LINE_MAX - 3, "...", 3);
}

/* Split at newlines; each piece goes to the open line, each newline closes it. */
static void add_text(int level, const char *text, size_t n)
{
	const char *eol;
	size_t piece;

	while (n) {
		if (!line.open) {
			line.open = true;
			line.level = level;
		}
		eol = memchr(text, '\n', n);
		piece = eol ? (size_t)(eol - text) : n;
		append_line(text, piece);
		if (!eol)
			return;
		end_line();
		text += piece + 1;
		n -= piece + 1;
	}
}

/* A formatted text, perhaps with a level in front.  Returns its length without that. */
static int add_message(const char *text, size_t n)
{
	int level = LOGLEVEL_INFO;
	bool cont = false;

	if (n >= 2 && text[0] == KERN_SOH[0]) {
		if (text[1] == 'r')
			level = LOGLEVEL_RAW;
		else if (text[1] == 't')
			level = LOGLEVEL_TABLE;
		else if (text[1] == 'c')
			cont = true;
		else if (text[1] >= '0' && text[1] <= '7')
			level = text[1] - '0';
		text += 2;
		n -= 2;
	}
	if (!cont)
		end_line();
	add_text(level, text, n);
	return n;
}

static int store_nested(const char *fmt, va_list args)
{
	size_t room = sizeof(nested.buf) - nested.len;
	int n;

	if (nested.busy || room < 128) {
		nested.lost++;
		return 0;
	}
	nested.busy = true;
	n = vscnprintf(nested.buf + nested.len, room, fmt, args);
	nested.len += n + 1;
	nested.busy = false;
	return n;
}

static void take_nested(void)
{
	static const char lost[] = KERN_WARNING "printk: nested messages were lost\n";
	size_t pos = 0;

	while (pos < nested.len) {
		size_t n = strlen(nested.buf + pos);

		add_message(nested.buf + pos, n);
		pos += n + 1;
	}
	if (nested.lost)
		add_message(lost, sizeof(lost) - 1);
	nested.len = 0;
	nested.lost = 0;
}

/* Caller: interrupts off, `storing` set. */
static int store_message(const char *fmt, va_list args)
{
	static char text[2048];
	int n = vsnprintf(text, sizeof(text), fmt, args);

	if (n >= (int)sizeof(text)) {
		n = sizeof(text) - 1;
		memcpy(text + n - 4, "...\n", 4);
	}
	return add_message(text, n);
}

/* --- from records to consoles ---------------------------------------------------- */

/* One record as the consoles want it; filled and used under `printing`. */
static struct {
	char text[LOG_LINE_MAX + 1];
	char stamp[32];
	char out[LOG_LINE_MAX + 96];
	size_t len;
	struct log_info info;
} shown;

static char *add(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n);
	return p + n;
}

/* Copy without the colour sequences: ESC [ ... up to a byte from @ to ~. */
static char *add_plain(char *p, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		if (*s != '\033') {
			*p++ = *s++;
			continue;
		}
		s++;
		if (s < end && *s == '[')
			for (s++; s < end && (*s < '@' || *s > '~'); s++)
				;
		s += s < end;
	}
	return p;
}

static const char *level_style(int level)
{
	switch (level) {
	case LOGLEVEL_EMERG ... LOGLEVEL_CRIT: return "\033[1;31m";
	case LOGLEVEL_ERR: return "\033[31m";
	case LOGLEVEL_WARNING: return "\033[33m";
	case LOGLEVEL_NOTICE: return "\033[1m";
	case LOGLEVEL_DEBUG: return "\033[90m";
	}
	return "";
}

/* Compose shown.out for a console with these flags.  Returns the length. */
static size_t compose(unsigned int flags)
{
	bool raw = shown.info.level >= LOGLEVEL_RAW;
	const char *style = flags & CON_STYLE ? level_style(shown.info.level) : "";
	char *p = shown.out;

	if (!raw && shown.stamp[0]) {
		p = flags & CON_STYLE ? add(p, "\033[90m") : p;
		p = add(p, shown.stamp);
		p = flags & CON_STYLE ? add(p, "\033[0m") : p;
	}
	p = add(p, style);
	if (flags & CON_STYLE || (flags & CON_ANSI && !raw)) {
		memcpy(p, shown.text, shown.len);
		p += shown.len;
	} else {
		p = add_plain(p, shown.text, shown.len);
	}
	p = *style ? add(p, "\033[0m") : p;
	*p++ = '\n';
	return p - shown.out;
}

static void write_console(struct console *con, const char *s, size_t n)
{
	con->flags |= CON_WRITING;
	con->write(con, s, n);
	con->flags &= ~CON_WRITING;
}

static bool level_wanted(int level)
{
	if (level >= LOGLEVEL_RAW)
		return true;
	return level < (quiet ? min(loglevel, LOGLEVEL_WARNING) : loglevel);
}

/* Fetch the record that the most backward console waits for; false if none waits. */
static bool fetch_record(void)
{
	struct console *con;
	u64 seq = ~0ull, sec;
	int n;

	list_for_each_entry(con, &consoles, list)
		if (!(con->flags & CON_DEAD) && con->seq < seq)
			seq = con->seq;
	n = log_read(&seq, shown.text, sizeof(shown.text), &shown.info);
	if (n < 0)
		return false;
	shown.len = n;
	shown.stamp[0] = '\0';
	sec = shown.info.ns / 1000000000u;
	if (shown.info.ns)
		snprintf(shown.stamp, sizeof(shown.stamp), "[%5lu.%06lu] ",
			 (unsigned long)sec,
			 (unsigned long)(shown.info.ns / 1000 - sec * 1000000));
	return true;
}

static int line_level = -1;

int console_line_level(void)
{
	return line_level;
}

/* A program's text did not end its line here: the log begins on one of its own. */
static void end_text(struct console *con)
{
	if (con->flags & CON_MID_LINE)
		write_console(con, "\n", 1);
	con->flags &= ~CON_MID_LINE;
}

/* Does it print records of this level?  Its table may have them in another form. */
static bool prints(const struct console *con, int level)
{
	return level_wanted(level) && !(level == LOGLEVEL_TABLE && con->flags & CON_TABLE);
}

static void print_record(void)
{
	struct console *con;

	list_for_each_entry(con, &consoles, list) {
		if (con->flags & CON_DEAD || con->seq > shown.info.seq)
			continue;
		if (prints(con, shown.info.level)) {
			end_text(con);
			line_level = shown.info.level;
			write_console(con, shown.out, compose(con->flags));
			line_level = -1;
		}
		con->seq = shown.info.seq + 1;
	}
}

static void flush_consoles(bool now)
{
	struct console *con;

	list_for_each_entry(con, &consoles, list)
		if (con->flush && !(con->flags & CON_DEAD)) {
			con->flags |= CON_WRITING;
			con->flush(con, now);
			con->flags &= ~CON_WRITING;
		}
}

static bool records_pending(void)
{
	struct console *con;

	list_for_each_entry(con, &consoles, list)
		if (!(con->flags & CON_DEAD) && con->seq < ring.next_seq)
			return true;
	return false;
}

/* Bring every console up to date, unless somebody else is at it. */
static void drain(bool now)
{
	unsigned long flags = local_irq_save();

	if (printing || ring.storing)
		goto out;
	printing = true;
	do {
		local_irq_restore(flags);
		while (fetch_record())
			print_record();
		flush_consoles(now || panic_depth);
		local_irq_disable();
	} while (records_pending());
	printing = false;
out:
	local_irq_restore(flags);
}

int vprintk(const char *fmt, va_list args)
{
	unsigned long flags = local_irq_save();
	int n;

	if (ring.storing) {
		n = store_nested(fmt, args);
	} else {
		ring.storing = true;
		n = store_message(fmt, args);
		take_nested();
		ring.storing = false;
	}
	local_irq_restore(flags);
	drain(false);
	return n;
}

int printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

/* --- text of programs ------------------------------------------------------------ */

/* The consoles that want no colour sequences get the text without them. */
static void write_plain(struct console *con, const char *s, size_t n)
{
	char plain[128];
	size_t piece;

	for (; n; s += piece, n -= piece) {
		piece = min(n, sizeof(plain));
		write_console(con, plain, add_plain(plain, s, piece) - plain);
	}
}

static void write_text(struct console *con, const char *s, size_t n)
{
	con->flags |= CON_WRITING;
	(con->text ? con->text : con->write)(con, s, n);
	con->flags &= ~CON_WRITING;
}

bool console_write(const char *s, size_t n)
{
	unsigned long flags;
	struct console *con;

	drain(false);
	flags = local_irq_save();
	if (printing || !n) {
		local_irq_restore(flags);
		return !n;
	}
	printing = true;
	local_irq_restore(flags);
	list_for_each_entry(con, &consoles, list) {
		if (con->flags & CON_DEAD)
			continue;
		if (con->flags & CON_ANSI)
			write_text(con, s, n);
		else
			write_plain(con, s, n);
		con->flags &= ~CON_MID_LINE;
		con->flags |= s[n - 1] != '\n' ? CON_MID_LINE : 0;
	}
	flush_consoles(s[n - 1] != '\n');
	local_irq_disable();
	printing = false;
	local_irq_restore(flags);
	drain(false);
	return true;
}

/* --- console control ------------------------------------------------------------- */

void register_console(struct console *con)
{
	unsigned long flags = local_irq_save();

	con->seq = 0;
	con->flags &= ~(CON_WRITING | CON_DEAD | CON_MID_LINE);
	list_add_tail(&con->list, &consoles);
	local_irq_restore(flags);
	drain(false);
}

void unregister_console(struct console *con)
{
	unsigned long flags = local_irq_save();

	list_del(&con->list);
	local_irq_restore(flags);
}

void console_flush(void)
{
	unsigned long flags = local_irq_save();

	if (!ring.storing) {
		ring.storing = true;
		end_line();
		ring.storing = false;
	}
	local_irq_restore(flags);
	drain(true);
}

void console_poll(void)
{
	drain(false);
}

bool console_set_quiet(bool on)
{
	bool old = quiet;

	quiet = on;
	return old;
}

void printk_set_loglevel(int level)
{
	if (level >= 0 && level <= 8)
		loglevel = max(level, 1);
}

int printk_loglevel(void)
{
	return loglevel;
}

/* Forget whatever was going on.  The next number follows from the newest record. */
static void break_printk(void)
{
	u32 pos = ring.head;
	struct record *r;

	while ((r = skip_filler(&pos))) {
		ring.next_seq = r->seq + 1;
		pos += r->size;
	}
	nested.busy = false;
	ring.storing = true;
	take_nested();
	ring.storing = false;
	printing = false;
	line_level = -1;
}

void console_panic_mode(void)
{
	unsigned long flags = local_irq_save();
	bool again = panic_depth++ > 0;
	struct console *con;

	list_for_each_entry(con, &consoles, list) {
		if (!(con->flags & CON_WRITING))
			continue;
		con->flags &= ~CON_WRITING;
		if (again)
			con->flags |= CON_DEAD;
		else
			write_console(con, "\n", 1);
	}
	break_printk();
	local_irq_restore(flags);
	drain(true);
}

void console_panic_end(void)
{
	if (panic_depth)
		panic_depth--;
}

bool console_in_panic(void)
{
	return panic_depth;
}
