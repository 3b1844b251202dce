/* SPDX-License-Identifier: MIT */
/*
 * The menu: which paging mode, how much memory, which tests, before firmware is left.
 *
 * After ExitBootServices there may be no keyboard at all (USB), so every choice is made
 * here, with the firmware's keyboard and text screen.  Keys are polled between short
 * Stall()s, since waiting for events is broken in some firmware, and no wait is endless:
 * the countdown, 60 s without a key, ten minutes in all.
 *
 * Only what the user changed goes into the configuration and into last.conf; when the time
 * is up the configuration holds as it is.
 */
#include "loader.h"

#define SLICE_MS	20
#define IDLE_S		60
#define LIMIT_S		600		/* a stuck key must not keep us here */
#define WIDTH		66		/* of the box */
#define INSIDE		(WIDTH - 2)

#define NORMAL		(EFI_LIGHTGRAY | EFI_BACKGROUND_BLACK)
#define BRIGHT		(EFI_WHITE | EFI_BACKGROUND_BLACK)
#define FRAME		(EFI_CYAN | EFI_BACKGROUND_BLACK)
#define KEY		(EFI_YELLOW | EFI_BACKGROUND_BLACK)
#define VALUE		(EFI_LIGHTGREEN | EFI_BACKGROUND_BLACK)
#define LEVELS		(EFI_LIGHTCYAN | EFI_BACKGROUND_BLACK)
#define BAR		(EFI_WHITE | EFI_BACKGROUND_BLUE)
#define BAR_KEY		(EFI_YELLOW | EFI_BACKGROUND_BLUE)
#define BAR_TEXT	(EFI_LIGHTCYAN | EFI_BACKGROUND_BLUE)

struct start {
	char key;
	const char *paging;		/* NULL: leave it */
	const char *name, *text;
};

static const struct start starts[] = {
	{ '1', "4", "4-level page tables", "x86-64, 48-bit addresses" },
	{ '2', "2", "legacy 2-level page tables", "i386, 32-bit addresses" },
	{ '3', "both", "both, then report", "one kernel starts the other" },
	{ '4', NULL, "smoke test only", "is this machine really ours?" },
};

#define STARTS		ARRAY_SIZE(starts)
#define SMOKE		3

struct choice {
	const char *value;		/* NULL: key not set */
	const char *shown;
};

static const struct choice mem_choices[] = {
	{ NULL, "all" }, { "64M", "64 MiB" }, { "128M", "128 MiB" }, { "256M", "256 MiB" },
	{ "512M", "512 MiB" }, { "1G", "1 GiB" }, { "2G", "2 GiB" }, { "4G", "4 GiB" },
};

static const struct choice lowmem_choices[] = {
	{ NULL, "no limit" }, { "32M", "32 MiB" }, { "48M", "48 MiB" }, { "64M", "64 MiB" },
	{ "128M", "128 MiB" }, { "256M", "256 MiB" }, { "512M", "512 MiB" },
};

static const struct choice test_choices[] = {
	{ "off", "none" }, { "smoke", "smoke test, seconds" }, { "all", "all, minutes" },
};

static const struct choice exit_choices[] = {
	{ "halt", "stay, to be read" }, { "poweroff", "power off" }, { "reboot", "reboot" },
};

struct row {
	char key;
	const char *option, *name;
	const struct choice *choices;
	unsigned count;
	unsigned now;			/* index; count stands for `custom` */
	unsigned before;		/* as the configuration had it */
	char custom[24];		/* a configured value that is not in the list */
};

#define ROW(key, option, name, list) { key, option, name, list, ARRAY_SIZE(list), 0, 0, "" }

static struct row rows[] = {
	ROW('m', "mem", "memory in use", mem_choices),
	ROW('l', "lowmem", "direct map, the rest is highmem", lowmem_choices),
	ROW('t', "test", "self-tests", test_choices),
	ROW('e', "exit", "when all is done", exit_choices),
};

#define ROWS		ARRAY_SIZE(rows)
#define LINES		(STARTS + ROWS)

static struct {
	unsigned columns, lines;	/* of the text screen */
	unsigned x, y;			/* upper left corner of the box */
	unsigned selected;		/* 0 .. LINES - 1 */
	unsigned start;			/* last start line that was selected */
	bool large;			/* letters.c draws, not the firmware */
} menu;

/* ---- drawing ----------------------------------------------------------------------- */

static void put_wide(unsigned x, unsigned y, UINTN attribute, const CHAR16 *s)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = st->ConOut;

	if (x >= menu.columns || y >= menu.lines)
		return;
	if (menu.large) {
		letters_put(x, y, attribute, s);
		return;
	}
	out->SetCursorPosition(out, x, y);
	out->SetAttribute(out, attribute);
	out->OutputString(out, (CHAR16 *)s);
}

static void put(unsigned x, unsigned y, UINTN attribute, const char *s)
{
	CHAR16 wide[160];

	wide_from_ascii(wide, ARRAY_SIZE(wide), s);
	if (x + wide_len(wide) > menu.columns && x < menu.columns)
		wide[menu.columns - x] = 0;
	put_wide(x, y, attribute, wide);
}

/* A text in the middle of a line that is blank otherwise. */
static void put_centred(unsigned y, UINTN attribute, const char *s)
{
	char line[160];
	size_t n = strlen(s), width = menu.columns - 1;

	if (width >= sizeof(line))
		width = sizeof(line) - 1;
	if (n > width)
		n = width;
	memset(line, ' ', width);
	line[width] = 0;
	memcpy(line + (width + 1 - n) / 2, s, n);
	put((unsigned)(menu.columns - 1 - width) / 2, y, attribute, line);
}

/* A horizontal line of the frame, with its corners. */
static void put_rule(unsigned y, CHAR16 left, CHAR16 right)
{
	CHAR16 line[WIDTH + 1];
	unsigned i;

	line[0] = left;
	for (i = 1; i < WIDTH - 1; i++)
		line[i] = BOXDRAW_HORIZONTAL;
	line[WIDTH - 1] = right;
	line[WIDTH] = 0;
	put_wide(menu.x, y, FRAME, line);
}

static unsigned line_y(unsigned line)
{
	return menu.y + 1 + line + (line >= STARTS);
}

static const char *shown(const struct row *r)
{
	return r->now < r->count ? r->choices[r->now].shown : r->custom;
}

static void draw_start(unsigned y, const struct start *s, bool bar)
{
	char key[2] = { s->key, 0 };

	/* The mark stays here while the bar is among the values. */
	if (s == &starts[menu.start])
		put_wide(menu.x + 2, y, bar ? BAR_KEY : KEY, L"\x25ba");
	put(menu.x + 4, y, bar ? BAR_KEY : KEY, key);
	put(menu.x + 7, y, bar ? BAR : BRIGHT, s->name);
	put(menu.x + 35, y, bar ? BAR_TEXT : NORMAL, s->text);
}

static void draw_row(unsigned y, const struct row *r, bool bar)
{
	unsigned x = menu.x + 42;
	char key[2] = { r->key - 'a' + 'A', 0 };

	put(menu.x + 4, y, bar ? BAR_KEY : KEY, key);
	put(menu.x + 7, y, bar ? BAR : NORMAL, r->name);
	put(x, y, bar ? BAR : VALUE, shown(r));
	if (!bar)
		return;
	put_wide(x - 2, y, BAR_KEY, L"\x25c4");
	put_wide(x + 1 + (unsigned)strlen(shown(r)), y, BAR_KEY, L"\x25ba");
}

static void draw_line(unsigned line)
{
	bool bar = line == menu.selected;
	unsigned y = line_y(line);
	char blank[INSIDE + 1];

	memset(blank, ' ', INSIDE);
	blank[INSIDE] = 0;
	put(menu.x + 1, y, bar ? BAR : NORMAL, blank);
	if (line < STARTS)
		draw_start(y, &starts[line], bar);
	else
		draw_row(y, &rows[line - STARTS], bar);
}

/* The walk that the selected mode makes, above the box. */
static void draw_levels(void)
{
	static const char *const four = "pgd > pud > pmd > pte > page";
	static const char *const two = "pgd > pte > page";
	const char *p = starts[menu.start].paging, *s;

	if (!p)
		p = config_get("paging");
	s = p && !strcmp(p, "2") ? two : four;
	if (p && !strcmp(p, "both"))
		s = "pgd > pud > pmd > pte > page     pgd > pte > page";
	put_centred(menu.y - 2, LEVELS, s);
}

static void draw_facts(unsigned y)
{
	int secure = platform_secure_boot();
	char vendor[32] = "unknown firmware", text[100];

	if (st->FirmwareVendor)
		ascii_from_wide(vendor, sizeof(vendor), st->FirmwareVendor);
	snprintf(text, sizeof(text), "%s, UEFI %u.%u, %u bits    Secure Boot: %s", vendor,
		 st->Hdr.Revision >> 16, (st->Hdr.Revision & 0xffff) / 10,
		 (unsigned)sizeof(void *) * 8,
		 secure < 0 ? "not known" : secure ? "on" : "off");
	put_centred(y, NORMAL, text);
}

static void draw_warnings(unsigned y)
{
	unsigned n = log_warnings(), show = n > 3 ? 2 : n, i;
	char more[64], line[80];

	for (i = 0; i < show; i++) {
		strlcpy(line, log_warning(i), sizeof(line) - 1);
		if (strlen(log_warning(i)) >= sizeof(line) - 1)
			strlcpy(line + sizeof(line) - 5, "...", 4);
		put_centred(y + i, KEY, line);
	}
	if (n > show) {
		snprintf(more, sizeof(more), "and %u more messages, see the log", n - show);
		put_centred(y + i, KEY, more);
	}
}

static void draw_all(void)
{
	unsigned i, bottom = line_y(LINES);

	st->ConOut->SetAttribute(st->ConOut, NORMAL);
	st->ConOut->ClearScreen(st->ConOut);
	st->ConOut->EnableCursor(st->ConOut, FALSE);
	put_centred(menu.y - 3, BRIGHT, "P A G E W A L K");
	draw_levels();
	put_rule(menu.y, BOXDRAW_DOWN_RIGHT, BOXDRAW_DOWN_LEFT);
	for (i = 0; i < LINES; i++) {
		put_wide(menu.x, line_y(i), FRAME, L"\x2502");
		put_wide(menu.x + WIDTH - 1, line_y(i), FRAME, L"\x2502");
		draw_line(i);
	}
	put_rule(line_y(STARTS) - 1, BOXDRAW_VERTICAL_RIGHT, BOXDRAW_VERTICAL_LEFT);
	put_rule(bottom, BOXDRAW_UP_RIGHT, BOXDRAW_UP_LEFT);
	draw_facts(bottom + 3);
	draw_warnings(bottom + 5);
}

/* The line below the box: the countdown, or what the keys do. */
static void draw_hint(unsigned seconds, bool counting)
{
	unsigned y = line_y(LINES) + 1;
	char text[80];

	if (counting) {
		snprintf(text, sizeof(text), "starting in %u s, any key stops the clock", seconds);
		put_centred(y, BRIGHT, text);
		return;
	}
	put_centred(y, NORMAL, "arrows choose and change   Enter starts   or use the yellow keys");
}

/* ---- state ------------------------------------------------------------------------- */

static void load_row(struct row *r)
{
	const char *value = config_get(r->option);

	if (!value && r->choices[0].value)
		value = config_preset(r->option);
	for (r->now = 0; r->now < r->count; r->now++) {
		if (!value && !r->choices[r->now].value)
			break;
		if (value && r->choices[r->now].value && !strcmp(value, r->choices[r->now].value))
			break;
	}
	if (r->now == r->count)
		strlcpy(r->custom, value, sizeof(r->custom));
	r->before = r->now;
}

static void turn(struct row *r, int step)
{
	unsigned n = r->count + (r->custom[0] ? 1 : 0);

	r->now = (r->now + n + (unsigned)step) % n;
}

static void load(const struct options *opt)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = st->ConOut;
	const char *test = config_get("test");
	UINTN columns = 0, lines = 0;
	unsigned i;

	if (!out->Mode || EFI_ERROR(out->QueryMode(out, (UINTN)out->Mode->Mode, &columns,
						   &lines)) || !columns || !lines) {
		columns = 80;
		lines = 25;
	}
	menu.columns = (unsigned)columns;
	menu.lines = (unsigned)lines;
	menu.large = letters_init(&menu.columns, &menu.lines);
	menu.x = menu.columns > WIDTH ? (menu.columns - WIDTH) / 2 : 0;
	/* 3 lines above the box, 11 of it, 8 below. */
	menu.y = 3 + (menu.lines > 22 ? (menu.lines - 22) / 2 : 0);
	menu.selected = opt->paging == PAGING_2 ? 1 : opt->paging == PAGING_BOTH ? 2 : 0;
	if (test && !strcmp(test, "smoke"))
		menu.selected = SMOKE;
	menu.start = menu.selected;
	for (i = 0; i < ROWS; i++)
		load_row(&rows[i]);
}

/* Put what was changed into the configuration. */
static void apply(struct options *opt)
{
	const struct start *s = &starts[menu.start];
	const char *paging = config_get("paging");
	const char *test = config_get("test");
	unsigned i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].now != rows[i].before && rows[i].now < rows[i].count)
			config_set(opt, rows[i].option, rows[i].choices[rows[i].now].value);
	if (s->paging && strcmp(s->paging, paging ? paging : config_preset("paging")))
		config_set(opt, "paging", s->paging);
	if (menu.start == SMOKE && (!test || strcmp(test, "smoke")))
		config_set(opt, "test", "smoke");
}

static void select_line(unsigned line)
{
	unsigned old = menu.selected, old_start = menu.start;

	menu.selected = line;
	if (line < STARTS)
		menu.start = line;
	draw_line(old);
	if (old_start != old && old_start != menu.start)
		draw_line(old_start);
	draw_line(line);
	if (old_start != menu.start)
		draw_levels();
}

/* ---- keys -------------------------------------------------------------------------- */

/* One key, if there is one.  What has neither code is not a key. */
static bool read_key(EFI_INPUT_KEY *key)
{
	memset(key, 0, sizeof(*key));
	if (EFI_ERROR(st->ConIn->ReadKeyStroke(st->ConIn, key)))
		return false;
	return key->ScanCode || key->UnicodeChar;
}

/* A letter or digit; true: start now. */
static bool shortcut(char c)
{
	unsigned i;

	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	for (i = 0; i < STARTS; i++) {
		if (c == starts[i].key) {
			select_line(i);
			return true;
		}
	}
	for (i = 0; i < ROWS; i++) {
		if (c == rows[i].key) {
			turn(&rows[i], 1);
			draw_line(STARTS + i);
		}
	}
	return false;
}

static void turn_selected(int step)
{
	if (menu.selected < STARTS)
		return;
	turn(&rows[menu.selected - STARTS], step);
	draw_line(menu.selected);
}

/* True: start now. */
static bool handle(const EFI_INPUT_KEY *key)
{
	switch (key->ScanCode) {
	case SCAN_UP:
		select_line((menu.selected + LINES - 1) % LINES);
		return false;
	case SCAN_DOWN:
		select_line((menu.selected + 1) % LINES);
		return false;
	case SCAN_LEFT:
		turn_selected(-1);
		return false;
	case SCAN_RIGHT:
		turn_selected(1);
		return false;
	case SCAN_HOME:
		select_line(0);
		return false;
	}
	if (key->UnicodeChar == CHAR_CARRIAGE_RETURN || key->UnicodeChar == CHAR_LINEFEED)
		return true;
	if (key->UnicodeChar == ' ')
		turn_selected(1);
	return key->UnicodeChar < 128 && shortcut((char)key->UnicodeChar);
}

/* True if the user chose, false if time ran out. */
static bool wait_for_choice(unsigned timeout)
{
	const unsigned second = 1000 / SLICE_MS;
	unsigned left = timeout * second, total = (timeout + LIMIT_S) * second;
	bool counting = true, touched = false;
	EFI_INPUT_KEY key;

	draw_hint(timeout, true);
	for (; left && total; left--, total--) {
		while (total && read_key(&key)) {
			touched = true;
			total--;
			if (counting)
				draw_hint(0, false);
			counting = false;
			left = IDLE_S * second;
			if (handle(&key))
				return true;
		}
		if (counting && left % second == 0)
			draw_hint(left / second, true);
		bs->Stall(SLICE_MS * 1000);
	}
	return touched && total;
}

void menu_run(struct options *opt)
{
	EFI_INPUT_KEY key;
	unsigned i;
	bool chosen;

	if (!opt->timeout)
		return;
	if (!log_has_conout() || !st->ConIn || !st->ConIn->ReadKeyStroke) {
		log_line("pagewalk: no %s for the menu, starting at once",
			 log_has_conout() ? "keyboard" : "text console");
		return;
	}
	/* Keys typed at the firmware's own boot menu are not meant for us. */
	for (i = 0; i < 32 && read_key(&key); i++)
		;
	load(opt);
	draw_all();
	chosen = wait_for_choice(opt->timeout);
	if (menu.large)
		letters_clear();
	st->ConOut->SetAttribute(st->ConOut, NORMAL);
	st->ConOut->ClearScreen(st->ConOut);
	if (!chosen)
		return;
	apply(opt);
	config_remember();
}
