/* SPDX-License-Identifier: MIT */
/* The last faults, as short sentences (user/lib/explain.h), from the trace ring. */
#include "../lib/explain.h"
#include "picture.h"

#define BATCH	64
#define BEHIND	4096ull		/* events: older ones are not looked at, to keep up */

bool faults_recorded;
u64 faults_seen;

static struct fault ring[FAULTS_MAX];
static struct explainer explainer;
static u64 seq;				/* of the last event that was looked at */
static u32 self;

static int open_trace(void)
{
	return (int)sys_open("/proc/pagewalk/trace", O_RDONLY, 0);
}

void faults_init(void)
{
	int fd = open_trace();
	long end;

	self = (u32)sys_getpid();
	faults_recorded = pw_counter("trace_size") != 0;
	if (fd < 0)
		return;
	end = sys_lseek(fd, 0, SEEK_END);
	seq = end > (long)BEHIND ? (u64)end - BEHIND : 0;
	sys_close(fd);
}

/* Our own would never come to an end. */
static void take(const struct pagewalk_event *e)
{
	const struct explain_words *w;
	struct explained f;
	struct fault *to;

	if (!explain_event(&explainer, e, &f) || f.pid == self)
		return;
	to = &ring[faults_seen++ % FAULTS_MAX];
	to->pid = (int)f.pid;
	to->address = f.address;
	w = explain_words(f.decision);
	to->bad = f.signal || (w && !w->what);
	explain_short(&f, to->text, sizeof(to->text));
}

void faults_look(void)
{
	static struct pagewalk_event events[BATCH];
	int fd = open_trace();
	long end = fd < 0 ? 0 : sys_lseek(fd, 0, SEEK_END), n, i;

	if (end > 0 && (u64)end - seq > BEHIND)
		seq = (u64)end - BEHIND;
	while (end > 0 && seq < (u64)end) {
		n = sys_pread(fd, events, sizeof(events), seq) / (long)sizeof(events[0]);
		for (i = 0; i < n; i++)
			take(&events[i]);
		if (n <= 0)
			break;
		seq = events[n - 1].seq;
	}
	if (fd >= 0)
		sys_close(fd);
}

const struct fault *fault_back(unsigned n)
{
	if (n >= FAULTS_MAX || n >= faults_seen)
		return NULL;
	return &ring[(faults_seen - 1 - n) % FAULTS_MAX];
}
