/* SPDX-License-Identifier: MIT */
/*
 * The command line: key=value words that the loader has merged and validated, later ones
 * win.  The kernel never fails on a bad value; it uses the default and says so.
 */
#ifndef KERNEL_PARAMS_H
#define KERNEL_PARAMS_H

#include <kernel/types.h>

/* Take over the text (copied; what does not fit into 4 KiB is reported and dropped). */
void params_init(const char *cmdline);

/* The last value of `key`, "" for a key without value, NULL when it is not there. */
const char *param_get(const char *key);

/* A number with an optional K, M, G suffix, decimal or 0x.  False: absent or bad. */
bool param_u64(const char *key, u64 *value);

/* Present, and not "0", "no" or "off". */
bool param_bool(const char *key);

/*
 * Test knobs, knob=NAME[:VALUE],...: conditions that a test provokes.  A knob never
 * changes what the code does.
 */
bool knob(const char *name);
bool knob_u64(const char *name, u64 *value);

#endif
