/* SPDX-License-Identifier: MIT */
/*
 * The writer of the report ring: contracts in include/kernel/report.h, layout in
 * include/boot/report.h.
 *
 * It hears everything as a console that wants no colours.  Each piece of text extends the
 * current block and its checksum; where the kernel is and how it ended stands in two
 * copies that are written in turn, so that one of them is always whole.
 */
#include <asm/irqflags.h>
#include <asm/setup.h>
#include <boot/report.h>
#include <kernel/console.h>
#include <kernel/crc32.h>
#include <kernel/fbcon.h>
#include <kernel/printk.h>
#include <kernel/report.h>
#include <kernel/string.h>

static bool active;
static struct report_status status;
unsigned report_steps;

/* The block that is being filled; what counts is here, the ring has copies. */
static struct {
	u32 number, used, crc;
} block;

/* boot_info moves into the direct map when that is there. */
static char *ring(void)
{
	return (char *)boot_info + boot_info->package[0].info.size - boot_info->report_size;
}

static struct report_head *head(void)
{
	return (struct report_head *)ring();
}

/* ---- text -------------------------------------------------------------------------- */

static struct report_block *slot(void)
{
	u32 n = block.number % head()->text_blocks;

	return (struct report_block *)(ring() + REPORT_TEXT_OFF + (size_t)n * REPORT_BLOCK);
}

static void open_block(u32 number)
{
	block.number = number;
	block.used = 0;
	block.crc = crc32(&number, sizeof(number));
	*(struct report_block *)slot() = (struct report_block){
		.magic = REPORT_BLOCK_MAGIC, .number = number, .crc = block.crc,
	};
}

static void add_bytes(const char *s, size_t n)
{
	struct report_block *b;
	size_t room;

	while (n) {
		room = min(n, sizeof(b->data) - block.used);
		b = slot();
		memcpy(b->data + block.used, s, room);
		block.crc = crc32_add(block.crc, s, room);
		block.used += room;
		b->crc = block.crc;
		b->used = block.used;
		arch_clean_cache(b, 16);
		arch_clean_cache(b->data + block.used - room, room);
		if (block.used == sizeof(b->data))
			open_block(block.number + 1);
		s += room;
		n -= room;
	}
}

/* A program may write what would be taken for our own marks. */
static void report_write(struct console *con, const char *s, size_t n)
{
	char kind = console_line_level() == LOGLEVEL_RAW ? REPORT_TEST : REPORT_SAYS;
	size_t piece;

	add_bytes(&kind, 1);
	while (n) {
		for (piece = 0; piece < n && s[piece] != REPORT_TEST && s[piece] != REPORT_SAYS;)
			piece++;
		add_bytes(s, piece);
		if (piece < n) {
			add_bytes("?", 1);
			piece++;
		}
		s += piece;
		n -= piece;
	}
}

static struct console console = { .name = "report", .write = report_write };

/* ---- where the kernel is ----------------------------------------------------------- */

static void publish(void)
{
	char *copy;

	status.seq++;
	status.crc = crc32(&status, offsetof(struct report_status, crc));
	copy = ring() + REPORT_STATUS_OFF + (status.seq & 1) * REPORT_STATUS_OFF;
	memcpy(copy, &status, sizeof(status));
	arch_clean_cache(copy, sizeof(status));
}

void report_init(void)
{
	const struct report_head *h;

	if (!boot_info->report_size)
		return;
	h = head();
	if (h->magic != REPORT_MAGIC || h->version != REPORT_VERSION || !h->text_blocks)
		return;
	active = true;
	status = (struct report_status){ .state = REPORT_RUNNING };
	open_block(0);
	report_step("start_kernel");
	register_console(&console);
}

void report_step(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	flags = local_irq_save();
	report_steps++;
	va_start(args, fmt);
	vscnprintf(status.step, sizeof(status.step), fmt, args);
	va_end(args);
	if (active)
		publish();
	local_irq_restore(flags);
}

const char *report_last_step(void)
{
	return status.step;
}

void report_result(unsigned pass, unsigned fail, unsigned skip)
{
	status.pass = pass;
	status.fail = fail;
	status.skip = skip;
	if (active)
		publish();
}

static void end(u32 state, u32 flags)
{
	if (!active)
		return;
	status.state = state;
	status.flags = flags;
	publish();
}

void report_handover(bool failed)
{
	end(failed ? REPORT_FAIL : REPORT_PASS, REPORT_NEXT);
}

void report_end(enum exit_status how, bool restarts)
{
	end(how == KERNEL_PASS ? REPORT_PASS : how == KERNEL_FAIL ? REPORT_FAIL : REPORT_PANIC,
	    restarts ? REPORT_RESTARTS : 0);
}

void report_picture(void)
{
	char *to;
	size_t n;

	if (!active || !head()->picture_off)
		return;
	to = ring() + head()->picture_off;
	n = fbcon_picture(to, boot_info->report_size - head()->picture_off);
	arch_clean_cache(to, n);
	status.picture_len = (u32)n;
	status.picture_crc = crc32(to, n);
	publish();
}
