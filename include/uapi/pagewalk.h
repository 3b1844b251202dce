/* SPDX-License-Identifier: MIT */
/*
 * Layouts of /proc/pagewalk, shared with user programs.  Fixed width in both modes.
 *
 *	counters	text, "name value" a line
 *	trace		struct pagewalk_event; the position counts events: after n events it
 *			is n larger, lseek(n) goes behind the event with number n.  Events
 *			that have been overwritten are skipped (see seq)
 *	walk		struct pagewalk_walk of the page at the position, which is an address
 *			(unsigned: kernel addresses too); n structures are those of n pages
 *			in a row.  Written "pid=N": of that task's address space, 0: of the
 *			reader's own
 *	frames		struct pagewalk_frame of frame n at n * sizeof
 *	cr3		text: cr3, pgd, pid, kernel_pgd
 *	knob		written name=value; only when booted with test=, else EPERM
 */
#ifndef UAPI_PAGEWALK_H
#define UAPI_PAGEWALK_H

#include <linux/types.h>

/* The kinds of event in the trace ring and what their arguments are. */
enum pagewalk_trace {
	TRACE_NONE,
	TRACE_FAULT,		/* address, error code, instruction, 0 */
	TRACE_CR3_LOAD,		/* new value, old value, 0, 0 */
	TRACE_MAP,		/* address, entry, 0, 0 */
	TRACE_UNMAP,		/* address, old entry, 0, 0 */
	TRACE_KMAP,		/* frame, address, slot count, 0 */
	TRACE_SWITCH,		/* pid of the old task, of the new one, its CR3, why: TRACE_SW_* */
	TRACE_MARK,		/* four numbers of whoever made it */
	TRACE_COW,		/* address, old frame, new frame, 0 */
	TRACE_KINDS
};

/* Why a task was switched away: TRACE_SWITCH. */
enum pagewalk_switch {
	TRACE_SW_SLEEP,
	TRACE_SW_YIELD,
	TRACE_SW_PREEMPT,
	TRACE_SW_EXIT,
	TRACE_SW_IDLE,		/* the idle loop found work */
};

/* One event, oldest first. */
struct pagewalk_event {
	__u64 seq;		/* 1, 2, 3, ... since boot */
	__u64 ns;		/* since kernel entry */
	__u32 kind;		/* enum pagewalk_trace */
	__u32 pid;
	__u64 arg[4];
	__u64 reserved;
};

#define PAGEWALK_LEVELS_MAX	4

/* walk: flags */
#define PAGEWALK_PRESENT	0x01	/* translated; rights are those of all levels together */
#define PAGEWALK_WRITE		0x02
#define PAGEWALK_USER		0x04
#define PAGEWALK_EXEC		0x08
#define PAGEWALK_LARGE		0x10	/* by an entry of an upper level */
#define PAGEWALK_GLOBAL		0x20	/* bits of the last entry */
#define PAGEWALK_ACCESSED	0x40
#define PAGEWALK_DIRTY		0x80

/* What the processor would read for an address; entry[0] is of the top level. */
struct pagewalk_walk {
	__u64 address;			/* of the page */
	__u64 cr3;			/* where the walk began */
	__u32 levels;			/* of this mode: 2 or 4 */
	__u32 depth;			/* entries read: 1 ... levels */
	__u32 flags;			/* PAGEWALK_* */
	__s32 pid;			/* whose address space; 0: a kernel thread's */
	__u64 table[PAGEWALK_LEVELS_MAX];	/* frame number of the table of each entry */
	__u64 entry[PAGEWALK_LEVELS_MAX];	/* as in memory */
	__u64 phys;			/* of the byte at `address`, if present */
	__u64 size;			/* bytes that the last entry maps, or leaves out */
};

/* frames: type */
enum pagewalk_frame_type {
	PAGEWALK_FRAME_KERNEL,		/* kernel data and stacks */
	PAGEWALK_FRAME_SLAB,
	PAGEWALK_FRAME_TABLE,		/* page table of any level */
	PAGEWALK_FRAME_VMALLOC,
	PAGEWALK_FRAME_ANON,
	PAGEWALK_FRAME_FILE,		/* page cache */
	PAGEWALK_FRAME_RESERVED,	/* image, boot data, firmware */
	PAGEWALK_FRAME_FREE,
	PAGEWALK_FRAME_ABSENT,		/* no RAM behind it */
	PAGEWALK_FRAME_TYPES
};

struct pagewalk_frame {
	__u64 pfn;
	__u32 type;			/* enum pagewalk_frame_type */
	__u32 zone;			/* 0 DMA, 1 DMA32, 2 normal, 3 high */
	__s32 refcount;
	__s32 mapcount;			/* entries of user page tables that name it */
	__u64 flags;			/* 1 << KPF_*: linux/kernel-page-flags.h */
};

#ifdef __cplusplus
#define PAGEWALK_ASSERT static_assert
#else
#define PAGEWALK_ASSERT _Static_assert
#endif
PAGEWALK_ASSERT(sizeof(struct pagewalk_event) == 64, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_walk) == 112, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_frame) == 32, "same layout in both modes");

#endif
