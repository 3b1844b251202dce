/* SPDX-License-Identifier: MIT */
/*
 * Page faults in words: from the events of the trace ring to a sentence (/bin/explain, the
 * ticker of the picture, the tour).
 *
 *	static struct explainer x;		all zero at first
 *	struct explained f;
 *	for each event, in order:
 *		if (explain_event(&x, event, &f))
 *			explain_sentence(&f, text, sizeof(text));
 *
 * Sections are those of Gorman's text on the web, where the process address space is chapter 5
 * (in the printed book it is chapter 4).
 */
#ifndef USER_EXPLAIN_H
#define USER_EXPLAIN_H

#include "json.h"
#include "pagewalk.h"

#define EXPLAIN_PATH_MAX	44
#define EXPLAIN_PENDING		16
#define EXPLAIN_TEXT_MAX	640		/* every sentence fits */

/* One fault that is over. */
struct explained {
	u64 seq, ns;			/* of its last event */
	u32 pid;
	char comm[17];
	u64 address, ip;
	unsigned error;			/* the processor's code */
	unsigned decision;		/* enum pagewalk_decision */
	unsigned signal;		/* 0: none */
	u64 flags;			/* PAGEWALK_EXPLAIN_* */
	u64 before, after;		/* the entry */
	u64 from, to;			/* frames before and after; 0: none */
	u64 ticks;			/* TSC: see explain_unit(); 0: not known */
	u64 start, end;			/* its region; end 0: none */
	unsigned region;		/* PAGEWALK_REGION_* */
	char name[EXPLAIN_PATH_MAX];	/* "/bin/hello", "[heap]", "[stack]", "anonymous", "" */
	bool grew;			/* the stack grew for it */
	unsigned neighbours;		/* pages of the file that were mapped besides */
};

/* What was seen of faults that are not over; of the event before. */
struct explainer {
	struct pagewalk_event region, path;
	struct explain_pending {
		u32 pid;
		unsigned neighbours;
		u64 page, cow_page, cow_from, stack_page;
		bool cow, stack;
	} pending[EXPLAIN_PENDING];
	unsigned next;			/* the pending one that is forgotten first */
};

/* True if this event ends a fault, which is *f then.  One that was cut off is left out. */
bool explain_event(struct explainer *x, const struct pagewalk_event *e, struct explained *f);

/* What is said of each decision. */
struct explain_words {
	const char *name;		/* "anon_new" */
	const char *section;		/* "5.6.2" */
	const char *path;		/* functions of the kernel: "handle_pte_fault > ..." */
	const char *why, *what;		/* "nothing was there", "it got a frame of zeroes" */
};					/* what is NULL if the access was not served */

/* NULL: a decision that this program does not know. */
const struct explain_words *explain_words(unsigned decision);

/*
 * The whole sentence, without a line's end; or a short one: who, what, where, and what came of
 * it.  The length.
 */
int explain_sentence(const struct explained *f, char *to, size_t size);
int explain_short(const struct explained *f, char *to, size_t size);

/* The same as members of the object that is open. */
void explain_json(const struct explained *f, struct json *j);

/* "read from", "wrote to", "executed" */
const char *explain_access(unsigned error);

/*
 * What a tick of the TSC is: "instructions" under QEMU's -icount shift=0, where this program's
 * own instructions take one each, else "cycles".
 */
const char *explain_unit(void);

#endif
