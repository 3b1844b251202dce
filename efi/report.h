/* SPDX-License-Identifier: MIT */
/*
 * Reports on the stick: what report_text.c makes of a ring and of file names.
 *
 * Nothing of that file calls the firmware or trusts what it reads: memory after a reset,
 * files that anybody may have changed.  report.c does the rest.
 */
#ifndef EFI_REPORT_H
#define EFI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <boot/report.h>

#define REPORT_RINGS		2	/* kernels of a run */
#define REPORT_KEEP		64	/* reports on the stick; older ones are deleted */
#define REPORT_NUMBER_MAX	999999u

/* "20261127-12.json" */
struct report_name {
	char date[REPORT_DATE];
	uint32_t number;
	char kind[5];			/* tap, json, txt, png */
};

/* False: this is no name of ours. */
bool report_name_parse(const char *s, struct report_name *name);
void report_name_text(const struct report_name *name, char *buf, size_t size);
/* "20261127", or "nodate" if that is no date. */
void report_date(char date[REPORT_DATE], unsigned year, unsigned month, unsigned day);

/* Begin a ring of `size` bytes, all of them zero, for kernel `index` of `kernels`. */
void report_ring_make(void *mem, uint32_t size, const struct report_name *name, uint64_t run,
		      uint32_t paging, uint32_t index, uint32_t kernels);

/* A ring that was checked. */
struct report_ring {
	struct report_head head;
	struct report_status status;
	const uint8_t *mem;
	uint32_t first, end;		/* the good blocks: first to end - 1 */
	bool damaged;			/* text after them is lost */
	const uint8_t *picture;		/* NULL: none */
};

/*
 * Look at `room` bytes that begin with REPORT_MAGIC.  NULL and *ring filled in, or what is
 * wrong with them, in a few words.
 */
const char *report_ring_open(struct report_ring *ring, const void *mem, uint64_t room);

/* A run by its rings, in the order of its kernels. */
struct report_run {
	struct report_name name;
	struct report_ring *ring[REPORT_RINGS];
	unsigned rings;
	const char *machine;		/* the record's line about the machine, or NULL */
	size_t machine_len;
};

/* "passed", "failed", "panic", "unfinished" */
const char *report_state_word(const struct report_run *run);
/* One line: how it ended, or where it was. */
void report_summary(const struct report_run *run, char *buf, size_t size);
/* Does the ring's kernel reset the machine so that its report is written? */
bool report_restarted(const struct report_run *run);

/* Text that grows up to `size` bytes; `full`: something did not fit. */
struct report_out {
	char *buf;
	size_t size, len;
	bool full;
};

void report_put(struct report_out *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes. */
void report_put_json(struct report_out *out, const char *s);

/* The three files of a run. */
void report_tap(struct report_out *out, const struct report_run *run);
void report_txt(struct report_out *out, const struct report_run *run);
void report_json(struct report_out *out, const struct report_run *run);

/* What was known when a run began; `state` is "started", or "lost" with a finding. */
void report_record(struct report_out *out, const struct report_name *name, uint64_t run,
		   const char *state, const char *finding, const char *machine, size_t len);
/*
 * Read it again: true if it is a record of a run that has no result yet; its number, and its
 * line about the machine (NULL: there is none that can be used).
 */
bool report_record_parse(const char *text, size_t len, uint64_t *run, const char **machine,
			 size_t *machine_len);

#endif
