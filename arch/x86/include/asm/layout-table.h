/* SPDX-License-Identifier: MIT */
/* The kernel's windows as a table: who owns which addresses. */
#ifndef ASM_LAYOUT_TABLE_H
#define ASM_LAYOUT_TABLE_H

struct window {
	const char *name;
	unsigned long start, end;	/* [start, end) */
	const char *top_level;		/* who fills its top-level entries, and when */
};

extern struct window window_table[];
extern const unsigned window_count;

/* Fill in what is known only at run time; after mem_map_init() and vmalloc_init(). */
void window_table_init(void);

#endif
