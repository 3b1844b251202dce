/* SPDX-License-Identifier: MIT */
/*
 * /bin/record [-f|-x] COMMAND [ARG...]: what the trace ring gets while COMMAND runs: how many
 * events of which kind, and a sum over all their bytes (FNV-1a, 64 bits), by which two runs are
 * compared.  -f prints each fault with its number since boot, -x each event: its number, its
 * time and the rest in hexadecimal.
 *
 * Status 0: COMMAND ended with 0 and no event was lost.  The ring must be large enough for what
 * happens between two looks at it: trace=N at the boot prompt makes it larger.
 */
#include "lib/lib.h"
#include "lib/pagewalk.h"

#define BATCH		64
#define PAUSE_MS	20

static const char *const kinds[TRACE_KINDS] = {
	[TRACE_FAULT] = "fault", [TRACE_CR3_LOAD] = "cr3", [TRACE_MAP] = "map",
	[TRACE_UNMAP] = "unmap", [TRACE_KMAP] = "kmap", [TRACE_SWITCH] = "switch",
	[TRACE_MARK] = "mark", [TRACE_COW] = "cow", [TRACE_STACK] = "stack",
	[TRACE_REGION] = "region", [TRACE_PATH] = "path", [TRACE_EXPLAIN] = "explain",
	[TRACE_RECLAIM] = "reclaim", [TRACE_ALLOC] = "alloc", [TRACE_FREE] = "free",
	[TRACE_DIRTY] = "dirty", [TRACE_SWAP_OUT] = "swap_out", [TRACE_SWAP_IN] = "swap_in",
	[TRACE_SPACE] = "space",
};
_Static_assert(TRACE_KINDS == TRACE_SPACE + 1, "a kind of event has no name here");

static struct {
	u64 events, lost, of_kind[TRACE_KINDS + 1];	/* the last: unknown */
	u64 sum;
} seen = { .sum = 0xcbf29ce484222325ull };

static bool faults, all;

static void add_bytes(const void *from, size_t n)
{
	const u8 *p = from;

	while (n--)
		seen.sum = (seen.sum ^ *p++) * 0x100000001b3ull;
}

static void take(const struct pagewalk_event *e)
{
	seen.events++;
	seen.of_kind[e->kind < TRACE_KINDS ? e->kind : TRACE_KINDS]++;
	add_bytes(e, sizeof(*e));
	if (faults && e->kind == TRACE_FAULT)
		printf("fault %llu: pid %u, address %#llx, error code %#llx, instruction %#llx\n",
		       (unsigned long long)e->arg[3], e->pid, (unsigned long long)e->arg[0],
		       (unsigned long long)e->arg[1], (unsigned long long)e->arg[2]);
	if (all)
		printf("%llu %llu %u %u %llx %llx %llx %llx %llx\n", (unsigned long long)e->seq,
		       (unsigned long long)e->ns, e->kind, e->pid, (unsigned long long)e->arg[0],
		       (unsigned long long)e->arg[1], (unsigned long long)e->arg[2],
		       (unsigned long long)e->arg[3], (unsigned long long)e->more);
}

/* All events up to `until` behind `seq`; the number of the last one. */
static u64 drain(u64 seq, u64 until)
{
	static struct pagewalk_event events[BATCH];
	unsigned n, i;

	while (seq < until) {
		n = pw_trace(seq, events, BATCH);
		if (!n)
			break;
		for (i = 0; i < n && events[i].seq <= until; i++) {
			seen.lost += events[i].seq - seq - 1;
			seq = events[i].seq;
			take(&events[i]);
		}
		if (!i) {		/* the next one is newer: all of ours were overwritten */
			seen.lost += until - seq;
			return until;
		}
	}
	return seq;
}

static void report(void)
{
	unsigned i;

	printf("record: %llu events, %llu lost, sum %016llx:", (unsigned long long)seen.events,
	       (unsigned long long)seen.lost, (unsigned long long)seen.sum);
	for (i = 0; i <= TRACE_KINDS; i++)
		if (seen.of_kind[i])
			printf(" %s %llu", i < TRACE_KINDS && kinds[i] ? kinds[i] : "other",
			       (unsigned long long)seen.of_kind[i]);
	printf("\n");
}

int main(int argc, char **argv, char **envp)
{
	int status = 0;
	long pid;
	u64 seq;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if (strcmp(argv[1], "-x") == 0)
			all = true;
		else if (strcmp(argv[1], "-f") == 0)
			faults = true;
		else
			argc = 1;
	}
	if (argc < 2) {
		printf("usage: record [-f|-x] COMMAND [ARG...]\n");
		return 2;
	}
	if (pw_knob("trace=1") && !pw_counter("trace_size")) {
		printf("record: nothing is recorded; boot with trace=on, or trace=N for a ring of N events\n");
		return 1;
	}
	seq = pw_trace_seq();
	pid = start_program("record", (const char *const *)argv + 1, (const char *const *)environ,
			    NULL);
	if (pid < 0) {
		printf("record: no process: error %ld\n", -pid);
		return 1;
	}
	while (!sys_wait4((int)pid, &status, WNOHANG, NULL)) {
		seq = drain(seq, pw_trace_seq());
		sleep_ms(PAUSE_MS);
	}
	drain(seq, pw_trace_seq());
	report();
	return status || seen.lost ? 1 : 0;
}
