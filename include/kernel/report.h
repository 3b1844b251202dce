/* SPDX-License-Identifier: MIT */
/*
 * The report of this run, kept in the ring that outlives a warm reset (boot/report.h); the
 * loader of the next start puts it on the stick.  Without a ring (report=off, or started by
 * something that made none) all of this does nothing.
 *
 * Everything that consoles get goes in by itself.  Any context from report_init() on; nothing
 * here prints, sleeps or fails.
 */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include <kernel/reboot.h>

/* Find the ring; the lines that printk has are taken over.  After boot_info is known. */
void report_init(void);

/* What begins now: the last one is what a report says of a run that did not end. */
void report_step(const char *fmt, ...) __printf(1, 2);

/* That one, and how many there were: with or without a ring. */
const char *report_last_step(void);
extern unsigned report_steps;

/* The tests' result in this kernel. */
void report_result(unsigned pass, unsigned fail, unsigned skip);

/* This kernel is done, and starts the other one. */
void report_handover(bool failed);

/* The run ends; restarts: by a reset of our own. */
void report_end(enum exit_status status, bool restarts);

/* Keep a picture of the screen as it is now.  Takes the time of reading it once. */
void report_picture(void);

/* arch/: what was written to these bytes survives a reset that empties the caches. */
void arch_clean_cache(const void *addr, size_t n);

#endif
