/* SPDX-License-Identifier: MIT */
/*
 * /bin/picture: physical memory, address spaces, a page walk, kmap slots and page faults,
 * live on the screen, or in a file, or as text.  doc/picture.md tells what is to be seen.
 */
#include <asm/ioctls.h>
#include "picture.h"

#define WIDTH		1280
#define HEIGHT		800
#define LARGEST	16384
#define INTERVAL_MS	250
#define SIGINT		2
#define SIGTERM		15

static struct {
	bool screen, text, once;
	const char *png, *save;
	int width, height;		/* 0: not said */
	u64 seconds;			/* 0: for ever */
	bool timed;
	unsigned interval;
	enum pagewalk_fb_part part;
	unsigned percent;
	int pid;
	u64 address;
	bool cost;
	int ready;			/* a descriptor; 0: nobody waits for the first picture */
} opt = { .interval = INTERVAL_MS };

static const char usage[] =
	"usage: picture [OPTION...]\n"
	"  --region PART[:PERCENT]  of the screen: all, left, right, top, bottom (all; 50)\n"
	"  --png FILE               write a picture; --text: the figures; --save FILE: the frames,\n"
	"                           as /proc/pagewalk/framemap had them.  Without a screen then,\n"
	"                           unless there is --screen, too\n"
	"  --size WIDTHxHEIGHT      of a picture that is not for the screen (1280x800)\n"
	"  --once                   one picture; on the screen it stays as it is\n"
	"  --seconds N              end after that time; files show the last picture\n"
	"  --interval MS            between two pictures (250)\n"
	"  --pid N, --address A     whose page walk, and of which address\n"
	"  --ready FD               write a byte to this descriptor when the first picture is shown\n"
	"  --cost                   say how many ticks of the TSC a picture takes\n";

void die(const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	dprintf(2, "picture: %s\n", line);
	exit(1);
}

/* ---- options ----------------------------------------------------------------------- */

static __noreturn __printf(1, 2) void bad(const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	dprintf(2, "picture: %s; picture --help lists the options\n", line);
	exit(2);
}

static u64 number(const char *name, const char *s, u64 least, u64 most)
{
	const char *end;
	u64 n = parse_u64(s, &end);

	if (end == s || *end || n < least || n > most)
		bad("%s %s: a number from %llu to %llu is wanted", name, s,
		    (unsigned long long)least, (unsigned long long)most);
	return n;
}

static void parse_size(const char *s)
{
	const char *end;
	u64 w = parse_u64(s, &end), h = 0;

	if (end != s && *end == 'x')
		h = parse_u64(end + 1, &end);
	if (*end || w < LEAST_W || h < LEAST_H || w > LARGEST || h > LARGEST)
		bad("--size %s: WIDTHxHEIGHT is wanted, from %dx%d to %dx%d", s, LEAST_W,
		    LEAST_H, LARGEST, LARGEST);
	opt.width = (int)w;
	opt.height = (int)h;
}

static void parse_region(const char *s)
{
	static const char *const names[PAGEWALK_FB_PARTS] = {
		"all", "left", "right", "top", "bottom",
	};
	const char *colon = strchr(s, ':'), *end = "";
	size_t n = colon ? (size_t)(colon - s) : strlen(s);
	unsigned i;

	for (i = 0; i < PAGEWALK_FB_PARTS; i++)
		if (strlen(names[i]) == n && strncmp(s, names[i], n) == 0)
			break;
	if (i == PAGEWALK_FB_PARTS || (i == PAGEWALK_FB_ALL && colon))
		bad("--region %s: all, left, right, top or bottom is wanted, and how many per cent, as in right:60",
		    s);
	opt.part = (enum pagewalk_fb_part)i;
	opt.percent = i == PAGEWALK_FB_ALL ? 0 : 50;
	if (colon)
		opt.percent = (unsigned)parse_u64(colon + 1, &end);
	if (*end || (colon && (opt.percent < PAGEWALK_FB_PERCENT_MIN ||
			       opt.percent > PAGEWALK_FB_PERCENT_MAX)))
		bad("--region %s: a part is %d to %d per cent", s, PAGEWALK_FB_PERCENT_MIN,
		    PAGEWALK_FB_PERCENT_MAX);
	opt.screen = true;
}

/* Options without a value; false: not one of them. */
static bool plain_option(const char *name)
{
	if (strcmp(name, "--help") == 0) {
		printf("%s", usage);
		exit(0);
	}
	if (strcmp(name, "--screen") == 0)
		opt.screen = true;
	else if (strcmp(name, "--text") == 0)
		opt.text = true;
	else if (strcmp(name, "--once") == 0)
		opt.once = true;
	else if (strcmp(name, "--cost") == 0)
		opt.cost = true;
	else
		return false;
	return true;
}

/* False: not one of those that have a value. */
static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--png") == 0)
		opt.png = value;
	else if (strcmp(name, "--save") == 0)
		opt.save = value;
	else if (strcmp(name, "--size") == 0)
		parse_size(value);
	else if (strcmp(name, "--region") == 0)
		parse_region(value);
	else if (strcmp(name, "--seconds") == 0)
		opt.seconds = number(name, value, 0, 1000000), opt.timed = true;
	else if (strcmp(name, "--interval") == 0)
		opt.interval = (unsigned)number(name, value, 10, 60000);
	else if (strcmp(name, "--pid") == 0)
		opt.pid = (int)number(name, value, 1, 4194304);
	else if (strcmp(name, "--ready") == 0)
		opt.ready = (int)number(name, value, 1, 1023);
	else if (strcmp(name, "--address") == 0)
		opt.address = number(name, value, 0, ~0ul);
	else
		return false;
	return true;
}

static void parse_options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (plain_option(argv[i]))
			continue;
		if (!option(argv[i], i + 1 < argc ? argv[i + 1] : ""))
			bad("%s: there is no such option", argv[i]);
		i++;
	}
	if ((opt.png && !*opt.png) || (opt.save && !*opt.save))
		bad("--png and --save need the name of a file");
	if (!opt.png && !opt.text && !opt.save)
		opt.screen = true;
	if (opt.screen && opt.width)
		bad("--size is for pictures that are not on the screen, which has a size of its own");
}

bool ends_by_key(void)
{
	int foreground;

	return opt.screen && opt.part == PAGEWALK_FB_ALL &&
	       sys_ioctl(0, TIOCGPGRP, &foreground) == 0 && foreground == syscall0(__NR_getpgrp);
}

/* ---- the loop ---------------------------------------------------------------------- */

static u64 ticks(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/* Look at everything, draw it, show it. */
static void picture(bool whole)
{
	u64 begin = ticks(), drawn, end;

	memory_look();
	tasks_look();
	kmap_look();
	faults_look();
	walk_look(opt.pid, opt.address);
	if (whole) {
		if (!cells.total)
			layout_init();
		draw_all();
	} else {
		draw_changes();
	}
	drawn = ticks();
	if (opt.screen || opt.cost)
		screen_show();
	end = ticks();
	if (opt.cost)
		printf("picture: %s took %llu ticks, %llu of them to show it\n",
		       whole ? "all" : "what changed", (unsigned long long)(end - begin),
		       (unsigned long long)(end - drawn));
}

static void write_files(void)
{
	if (opt.save)
		memory_save(opt.save);
	if (opt.png)
		png_write(opt.png);
	if (opt.text)
		text_write();
}

static volatile bool stopped;		/* SIGTERM or SIGINT: end in good order */

static void stop(int sig)
{
	stopped = true;
}

/* Let time pass; false: it is over. */
static bool pause_ms(u64 ms, u64 end)
{
	u64 until = now_ns() + ms * 1000000;

	while (!stopped && now_ns() < until && (!opt.timed || now_ns() < end))
		sleep_ms(min(opt.interval, 100u));
	return !stopped && (!opt.timed || now_ns() < end);
}

/* One picture; on the screen it stays. */
static void show_once(u64 end)
{
	write_files();
	if (!opt.screen)
		return;
	printf("picture: shown%s\n", opt.timed ? "" : ", until it is stopped");
	while (pause_ms(1000, end))
		;
}

static void show_live(u64 end)
{
	while (pause_ms(opt.interval, end))
		picture(false);
	write_files();
}

int main(int argc, char **argv, char **envp)
{
	int width = WIDTH, height = HEIGHT;
	u64 end;

	parse_options(argc, argv);
	set_signal(SIGTERM, stop, 0);
	set_signal(SIGINT, stop, 0);
	memory_init();
	if (opt.width) {
		width = opt.width;
		height = opt.height;
	}
	if (opt.screen)
		screen_open(opt.part, opt.percent, &width, &height);
	else if (opt.cost)
		screen_pretend(width, height);
	canvas_init(width, height);
	kmap_init();
	faults_init();
	picture(true);
	if (opt.pid && !shown_walk.valid)
		die("--pid %d: there is no such process", opt.pid);
	if (opt.ready && sys_write(opt.ready, "", 1) < 0)
		die("--ready %d: nothing can be written there", opt.ready);
	if (opt.cost) {
		picture(true);			/* the first one has faults, too */
		picture(false);
	}
	end = now_ns() + opt.seconds * 1000000000ull;
	if (opt.once || (!opt.screen && !opt.timed))
		show_once(end);
	else
		show_live(end);
	return 0;
}
