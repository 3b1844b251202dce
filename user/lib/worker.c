/* SPDX-License-Identifier: MIT */
/* Frame of the long-running programs; see worker.h. */
#include "worker.h"

#define SIGTERM	15

volatile int worker_stop;
static const char *worker_name = "worker";
static unsigned long rounds;

static void on_term(int sig)
{
	worker_stop = 1;
}

void worker_begin(const char *name)
{
	int ret = set_signal(SIGTERM, on_term, 0);

	worker_name = name;
	if (ret)
		worker_fail("no handler for SIGTERM: error %d", -ret);
}

bool worker_round(void)
{
	if (worker_stop)
		return false;
	rounds++;
	return true;
}

static void say(const char *fmt, va_list args)
{
	char text[200];

	vsnprintf(text, sizeof(text), fmt, args);
	printf("%-8s%s\n", worker_name, text);
}

__noreturn void worker_fail(const char *fmt, ...)
{
	va_list args;

	printf("%s: round %lu: WRONG\n", worker_name, rounds);
	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	exit(1);
}

int worker_end(const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("%-8s %lu rounds%s%s, no error\n", worker_name, rounds, *text ? ", " : "", text);
	return 0;
}

void worker_pause(unsigned ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	sys_nanosleep(&t, NULL);	/* a signal may end it: then we stop anyway */
}
