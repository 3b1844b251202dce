/* SPDX-License-Identifier: MIT */
/* Rows whose program asks the kernel for something: see user_knobs.c. */
#ifndef TEST_USER_KNOBS_H
#define TEST_USER_KNOBS_H

#include <mm/mm.h>
#include <test/row.h>

/* As run_user_argv(); while it runs the knobs of these rows work and check for this row. */
void run_user_with_knobs(struct row *r, const char *const *argv);

/* A number in hexadecimal behind any blanks, which the pointer then is behind; 0 without digits. */
u64 hex_number(const char **s);

/* "NAME:0x1f" or "NAME:1f": the number behind the name; false: not this name, or no number. */
bool knob_number(const char *value, const char *name, unsigned long *number);

/* "0x1f": what follows the number; NULL: it does not begin so. */
const char *knob_hex(const char *s, unsigned long *number);

/* fault_knob.c: faults that need somebody else at the wrong moment, or a damaged entry. */
int knob_fault(const char *value);

/* The program's entry for addr, as the kernel finds it; empty where there is no table. */
pte_t knob_entry(unsigned long addr);

/* The bits of `keep` stay in it and those of `set` are added, as WALK finds it: 0 or -EFAULT. */
int knob_change_entry(unsigned long addr, pteval_t keep, pteval_t set);

/* mm_rows.c: what the knobs of these rows look at. */
void e4_look(struct row *r);
void k14_look(struct row *r);

/*
 * Take the page tables of the vmalloc window away that have no entries, and their
 * top-level entries, so that the next area is new to every process again.  Returns how
 * many.  No process but kernel threads may exist.
 */
unsigned drop_empty_vmalloc_tables(void);

#endif
