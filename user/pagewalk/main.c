/* SPDX-License-Identifier: MIT */
/* pagewalk ADDRESS [PID] and pagewalk --frame FRAME: options (--help). */
#include <stdarg.h>
#include "pagewalk.h"

#define LINE_MAX	64

static const char help[] =
	"usage: pagewalk [--json] ADDRESS [PID]\n"
	"       pagewalk [--json | --raw] - [PID]\n"
	"       pagewalk [--json] --frame FRAME\n"
	"\n"
	"What the processor makes of an address, from CR3 to the byte: how it is split, each entry\n"
	"with every bit in words, what the kernel's own lookup says, and how the other mode would\n"
	"split it.  ADDRESS is hexadecimal, with or without 0x; PID a process (this one by\n"
	"default) or \"kernel\".\n"
	"\n"
	"  -                    addresses from standard input, one a line\n"
	"  -f, --frame FRAME    a frame of RAM (0x... or decimal): what it is used for, who maps\n"
	"                       it, by reverse mapping and by a scan of all tables, and what\n"
	"                       became of it, as far as the trace ring goes back (trace=on)\n"
	"  -j, --json           an object a line\n"
	"  -r, --raw            hexadecimal: ADDRESS DEPTH PHYS SIZE RIGHTS ENTRY...\n"
	"  -h, --help           this text\n"
	"\n"
	"Status 1: no such process or frame, or the views do not agree; 2: wrong arguments.\n";

void give_up(int status, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	dprintf(2, "pagewalk: %s\n", line);
	exit(status);
}

/* ---- arguments ------------------------------------------------------------------------- */

static bool is(const char *arg, const char *brief, const char *name)
{
	return strcmp(arg, brief) == 0 || strcmp(arg, name) == 0;
}

/* At most 16 digits, as many as 64 bits have. */
static u64 address_of(const char *arg)
{
	const char *digits = arg, *end;
	u64 address;

	if (digits[0] == '0' && (digits[1] | 0x20) == 'x')
		digits += 2;
	address = parse_hex(digits, &end);
	if (end == digits || *end)
		give_up(2, "\"%s\" is no hexadecimal address", arg);
	while (*digits == '0')
		digits++;
	if (end - digits > 16)
		give_up(2, "%s has more than 64 bits", arg);
	if (!FOUR_LEVELS && address >> 32)
		give_up(2, "%s has more than 32 bits: with two levels there is no such address", arg);
	return address;
}

static u64 number_of(const char *what, const char *arg)
{
	const char *end;
	u64 n = parse_u64(arg, &end);

	if (end == arg || *end || end - arg > 18)
		give_up(2, "\"%s\" is no %s", arg, what);
	return n;
}

static int pid_of(const char *arg)
{
	u64 pid;

	if (!arg)
		return (int)sys_getpid();
	if (strcmp(arg, "kernel") == 0)
		return KERNEL_PID;
	pid = number_of("process number; a number or \"kernel\" is wanted", arg);
	if (!pid)
		give_up(2, "no process has the number 0; for the kernel's tables say \"kernel\"");
	if (pid > 0x7fffffff)
		give_up(1, "there is no process %s; ls /proc shows which there are", arg);
	return (int)pid;
}

/* ---- many addresses ---------------------------------------------------------------------- */

static int one_address(int pid, const char *text, enum format format)
{
	struct view v;

	look(pid, address_of(text), format == AS_RAW, &v);
	return show_address(&v, format);
}

static int all_addresses(int pid, enum format format)
{
	char buf[4096], line[LINE_MAX];
	int status = 0;
	size_t used = 0;
	long n, i;

	while ((n = sys_read(0, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++) {
			if (buf[i] != '\n' && used < sizeof(line) - 1) {
				line[used++] = buf[i];
				continue;
			}
			line[used] = '\0';
			if (used)
				status |= one_address(pid, line, format);
			used = 0;
		}
	}
	line[used] = '\0';
	if (used)
		status |= one_address(pid, line, format);
	flush_lines();
	return status;
}

/* ---- main ---------------------------------------------------------------------------------- */

struct options {
	enum format format;
	const char *frame;
	char **rest;
};

static void take_options(char **argv, struct options *o)
{
	for (argv++; *argv && argv[0][0] == '-' && argv[0][1]; argv++) {
		if (is(*argv, "-h", "--help")) {
			sys_write(1, help, sizeof(help) - 1);
			exit(0);
		}
		if (is(*argv, "-j", "--json"))
			o->format = AS_JSON;
		else if (is(*argv, "-r", "--raw"))
			o->format = AS_RAW;
		else if (!is(*argv, "-f", "--frame"))
			give_up(2, "there is no option \"%s\"; pagewalk --help lists them", *argv);
		else if (!argv[1])
			give_up(2, "the frame is missing behind %s", *argv);
		else
			o->frame = *++argv;
	}
	o->rest = argv;
}

int main(int argc, char **argv, char **envp)
{
	struct options o = { .format = AS_TEXT };
	int pid, status;

	take_options(argv, &o);
	if (o.frame) {
		if (*o.rest)
			give_up(2, "--frame wants one frame and nothing else, not \"%s\"", *o.rest);
		if (o.format == AS_RAW)
			give_up(2, "--raw is for addresses; --frame has --json");
		return show_frame(number_of("frame number", o.frame), o.format);
	}
	if (!*o.rest)
		give_up(2, "an address is missing; pagewalk --help says more");
	if (o.rest[1] && o.rest[2])
		give_up(2, "after address and process \"%s\" is too much", o.rest[2]);
	pid = pid_of(o.rest[1]);
	if (strcmp(o.rest[0], "-") == 0)
		return all_addresses(pid, o.format);
	status = one_address(pid, o.rest[0], o.format);
	flush_lines();
	return status;
}
