/* SPDX-License-Identifier: MIT */
/*
 * Words on the screen: wrapped to the terminal's width, in colour if it has any, and in the
 * transcript.  A line leaves in one write(2), so that other programs' lines do not mix.
 */
#include "tour.h"

#define WIDTH_MIN	40u
#define WIDTH_MAX	100u
#define TEXT_MAX	3072

static unsigned width = 80;
static bool colours;
static int transcript = -1;
static int shown = -1;			/* since show_mark(), as it went to the terminal */

static const char *const tone_code[] = {
	[TONE_PLAIN] = "", [TONE_TITLE] = "\033[1;36m", [TONE_QUESTION] = "\033[1;33m",
	[TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[1;31m", [TONE_FAINT] = "\033[36m",
};

void show_begin(bool plain)
{
	const char *term = getenv("TERM");

	if (!is_terminal(1))
		return;			/* 80 columns, no colours */
	colours = !plain && term && *term && strcmp(term, "dumb") != 0;
	show_fit();
}

void show_fit(void)
{
	unsigned columns = terminal_columns(1);

	if (!columns)
		return;
	width = columns < WIDTH_MIN ? WIDTH_MIN : columns > WIDTH_MAX ? WIDTH_MAX : columns;
}

long show_transcript(const char *path)
{
	long fd = sys_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return fd;
	transcript = (int)fd;
	return 0;
}

static void put_line(enum tone tone, unsigned indent, const char *text, unsigned n)
{
	char line[WIDTH_MAX + 32];
	unsigned len;

	while (n && text[n - 1] == ' ')
		n--;
	len = (unsigned)snprintf(line, sizeof(line), "%*s%.*s\n", (int)indent, "", (int)n, text);
	if (transcript >= 0)
		sys_write(transcript, line, len);
	if (colours && tone != TONE_PLAIN)
		len = (unsigned)snprintf(line, sizeof(line), "%*s%s%.*s\033[0m\n", (int)indent, "",
					 tone_code[tone], (int)n, text);
	sys_write(1, line, len);
	if (shown >= 0)
		sys_write(shown, line, len);
}

/* A file: the lines of a proof come from another process. */
void show_mark(void)
{
	if (shown < 0)
		shown = (int)sys_memfd_create("shown", MFD_CLOEXEC);
	if (shown < 0)
		return;
	sys_ftruncate(shown, 0);
	sys_lseek(shown, 0, SEEK_SET);
}

void show_again(void)
{
	char text[1024];
	long n;

	if (shown < 0)
		return;
	sys_lseek(shown, 0, SEEK_SET);
	while ((n = sys_read(shown, text, sizeof(text))) > 0)
		sys_write(1, text, (size_t)n);
}

/* How much of the text fits into `room` columns: up to a space, or cut. */
static unsigned fit(const char *text, unsigned room)
{
	unsigned n = 0, space = 0;

	while (text[n] && text[n] != '\n') {
		if (text[n] == ' ')
			space = n;
		if (n++ == room)
			return space ? space : room;
	}
	return n;
}

/* Lines that go on are set in further, behind a mark like "[ok] ". */
static void put_wrapped(enum tone tone, unsigned indent, const char *text)
{
	const unsigned hang = *text == '[' && indent ? 5 : indent ? 2 : 0;
	unsigned n;

	while (*text) {
		n = fit(text, width - 1 - indent);
		put_line(tone, indent, text, n);
		text += n;
		if (*text == '\n') {
			text++;
			continue;
		}
		while (*text == ' ')
			text++;
		indent = indent < 2 + hang ? indent + hang : indent;
	}
}

void show(enum tone tone, unsigned indent, const char *fmt, ...)
{
	static char text[TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_wrapped(tone, indent, text);
}

void show_blank(void)
{
	put_line(TONE_PLAIN, 0, "", 0);
}

void show_rule(const char *fmt, ...)
{
	char line[WIDTH_MAX + 1];
	va_list args;
	int n;

	memset(line, '-', sizeof(line));
	va_start(args, fmt);
	n = vsnprintf(line + 3, width - 4, fmt, args);
	va_end(args);
	if (n > (int)width - 5)
		n = (int)width - 5;
	line[3 + n] = '-';
	show_blank();
	put_line(TONE_TITLE, 0, line, width - 1);
}
