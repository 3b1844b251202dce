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
 *			reader's own, "pid=kernel": of the kernel's tables.  Written
 *			"holes=hidden": only what is present, from the position on; the next
 *			structure is of the next page, small or large, and a read returns 0
 *			when there is none
 *	frames		struct pagewalk_frame of frame n at n * sizeof
 *	rmap		written "frame=N": the entries that name frame N, as reverse mapping finds
 *			them then; read: a struct pagewalk_mapping of each
 *	framemap	struct pagewalk_framemap, then a byte for each frame: the whole of
 *			memory at one moment, if it is read by one read(2)
 *	cr3		text: cr3, pgd, pid, kernel_pgd
 *	windows		text: START-END NAME of each window of the kernel half
 *	knob		written name=value; only when booted with test=, else EPERM
 */
#ifndef UAPI_PAGEWALK_H
#define UAPI_PAGEWALK_H

#include <linux/types.h>

/* The kinds of event in the trace ring and what their arguments are. */
enum pagewalk_trace {
	TRACE_NONE,
	TRACE_FAULT,		/* address, error code, instruction, its number since boot */
	TRACE_CR3_LOAD,		/* new value, old value, 0, 0 */
	TRACE_MAP,		/* address, entry, whose: frame of its top table, TRACE_BY_* */
	TRACE_UNMAP,		/* address, old entry, whose, TRACE_BY_* */
	TRACE_KMAP,		/* not written: the slots are in walk, their counts in counters */
	TRACE_SWITCH,		/* pid of the old task, of the new one, its CR3, why: TRACE_SW_* */
	TRACE_MARK,		/* four numbers of whoever made it */
	TRACE_COW,		/* address, old frame, new frame, 1: the entry named the old one */
	TRACE_STACK,		/* a stack grew: address, its start before, after, 0 */
	TRACE_REGION,		/* start, end, two words of the program's name (NUL-padded); more:
				 * PAGEWALK_REGION_*, ticks.  No region: start and end are 0 */
	TRACE_PATH,		/* of that region's file: arg and more are 40 bytes of text, the
				 * end of it if it is longer, NUL-padded */
	TRACE_EXPLAIN,		/* address, PAGEWALK_EXPLAIN_*, entry before, entry after; more:
				 * instruction */
	TRACE_RECLAIM,		/* frame that became free, 1: anonymous or 0: of a file, 0, 0 */
	TRACE_ALLOC,		/* first frame, order, enum pagewalk_frame_type, 0 */
	TRACE_FREE,		/* first frame, order, type that it had, 0 */
	TRACE_DIRTY,		/* a write fault made an entry writable: address, entry, whose, 0 */
	TRACE_SWAP_OUT,		/* frame that was written, device, slot, 0 */
	TRACE_SWAP_IN,		/* frame that was read, device, slot, 0 */
	TRACE_SPACE,		/* a new address space: whose, its pid, 0: fork or 1: exec, 0 */
	TRACE_KINDS
};

/*
 * Each page fault is explained when it is over: TRACE_REGION, TRACE_PATH if there is a file,
 * TRACE_EXPLAIN, with nothing in between.  TRACE_COW and TRACE_STACK of the same task and
 * address, before them, tell what else was done.
 *
 * arg[1] of TRACE_EXPLAIN: the processor's error code, what was decided, the signal (0: none)
 * and flags.
 */
#define PAGEWALK_EXPLAIN_ERROR(x)	((unsigned)((x) & 0xffff))
#define PAGEWALK_EXPLAIN_DECISION(x)	((unsigned)((x) >> 16 & 0xff))
#define PAGEWALK_EXPLAIN_SIGNAL(x)	((unsigned)((x) >> 24 & 0xff))
#define PAGEWALK_EXPLAIN_MAJOR		(1ull << 32)	/* needed I/O */
#define PAGEWALK_EXPLAIN_FIXUP		(1ull << 33)	/* the kernel goes on at its fix-up */
#define PAGEWALK_EXPLAIN_OOPS		(1ull << 34)	/* a bug of the kernel */

enum pagewalk_decision {
	PAGEWALK_NOTHING,	/* the entry allows it already: a stale translation, or a race */
	PAGEWALK_ZERO_MAP,	/* read: the zero page */
	PAGEWALK_ANON_NEW,	/* write: a zeroed frame */
	PAGEWALK_ZERO_COW,	/* write to the zero page: a zeroed frame */
	PAGEWALK_COW_COPY,	/* write to a shared page: a copy */
	PAGEWALK_COW_REUSE,	/* write to a page of one owner: writable */
	PAGEWALK_FILE_MAP,	/* a page of the cache */
	PAGEWALK_FILE_COPY,	/* write to a private region: a copy of a page of the cache */
	PAGEWALK_RACE,		/* the entry changed while this one slept: try again */
	PAGEWALK_SWAP_CACHE,	/* swapped out, but its frame was still there */
	PAGEWALK_SWAP_IN,	/* swapped out, read from the device */
	PAGEWALK_VMALLOC,	/* the kernel's top-level entry was copied from swapper_pg_dir */
	/* Not served: */
	PAGEWALK_NO_REGION,	/* no region there */
	PAGEWALK_NO_STACK,	/* too far below a stack, or beyond its limit */
	PAGEWALK_NO_RIGHT,	/* the region does not allow it */
	PAGEWALK_NO_PAGE,	/* beyond the end of the file, or it cannot be read */
	PAGEWALK_BAD_ENTRY,	/* the entry is none that the region can have */
	PAGEWALK_NO_MEMORY,
	PAGEWALK_KERNEL_ADDRESS,	/* an address of the kernel half */
	PAGEWALK_NOT_HERE,	/* kernel code that must not touch user memory */
	PAGEWALK_DECISIONS
};

/*
 * more of TRACE_REGION: what kind of region it is, and how many ticks of the TSC the kernel needed
 * from the first line of its handler to the end of the fault, the events that it wrote meanwhile
 * among them (0: not known).  Under QEMU's -icount shift=0 a tick is an instruction.
 */
#define PAGEWALK_REGION_KINDS		0xffffu
#define PAGEWALK_REGION_TICKS(x)	((x) >> 16)
#define PAGEWALK_REGION_READ	0x001
#define PAGEWALK_REGION_WRITE	0x002
#define PAGEWALK_REGION_EXEC	0x004
#define PAGEWALK_REGION_SHARED	0x008
#define PAGEWALK_REGION_FILE	0x010	/* TRACE_PATH follows */
#define PAGEWALK_REGION_HEAP	0x020
#define PAGEWALK_REGION_STACK	0x040	/* the first one */
#define PAGEWALK_REGION_GROWS	0x080
#define PAGEWALK_REGION_DEVICE	0x100	/* frames that are no RAM */

/* Why a task was switched away: TRACE_SWITCH. */
enum pagewalk_switch {
	TRACE_SW_SLEEP,
	TRACE_SW_YIELD,
	TRACE_SW_PREEMPT,
	TRACE_SW_EXIT,
	TRACE_SW_IDLE,		/* the idle loop found work */
};

/* Why an entry came or went: TRACE_MAP, TRACE_UNMAP. */
enum pagewalk_by {
	TRACE_BY_ITSELF,	/* touched or wanted; unmapped, or its program has ended */
	TRACE_BY_FORK,		/* the child's */
	TRACE_BY_MOVE,		/* mremap */
	TRACE_BY_RECLAIM,
};

/* One event, oldest first. */
struct pagewalk_event {
	__u64 seq;		/* 1, 2, 3, ... since boot */
	__u64 ns;		/* since kernel entry */
	__u32 kind;		/* enum pagewalk_trace */
	__u32 pid;
	__u64 arg[4];
	__u64 more;
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

/* rmap: an entry of a user's page table that names the frame. */
struct pagewalk_mapping {
	__u64 address;
	__u64 entry;			/* as in memory */
	__u64 top;			/* frame of the top-level table */
	__s32 pid;			/* of a process that runs with it; 0: none does (yet) */
	__u32 unused;
};

/*
 * framemap: a byte for each frame.  The low half is enum pagewalk_frame_type, or
 * PAGEWALK_MAP_ZERO for the zero page, which is one of the PAGEWALK_FRAME_KERNEL frames.
 */
#define PAGEWALK_MAP_TYPE(byte)	((byte) & 0x0f)
#define PAGEWALK_MAP_ZERO	PAGEWALK_FRAME_TYPES
#define PAGEWALK_MAP_MAPPED	0x10	/* by an entry of a user page table */
#define PAGEWALK_MAP_DIRTY	0x20
#define PAGEWALK_MAP_SWAPCACHE	0x40
#define PAGEWALK_MAP_MLOCKED	0x80	/* reclaim has met it in a locked region */

/*
 * The counts are those that the allocator keeps, not sums of the bytes: they are equal if
 * `changes` is 0.  It is not when the buffer was not in memory, and others ran meanwhile.
 */
struct pagewalk_framemap {
	__u32 size;			/* of this structure: where the bytes begin */
	__u32 changes;			/* allocations and frees while it was read */
	__u64 frames;			/* how many bytes there are */
	__u64 ns;			/* since kernel entry */
	__u64 count[PAGEWALK_FRAME_TYPES];
	__u64 swapcache, mlocked;	/* frames with these flags */
	struct {
		__u64 start, end;	/* frames; equal: there is no such zone */
		__u64 free;
	} zone[4];			/* as pagewalk_frame.zone */
};

#ifdef __cplusplus
#define PAGEWALK_ASSERT static_assert
#else
#define PAGEWALK_ASSERT _Static_assert
#endif
PAGEWALK_ASSERT(sizeof(struct pagewalk_event) == 64, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_walk) == 112, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_frame) == 32, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_mapping) == 32, "same layout in both modes");
PAGEWALK_ASSERT(sizeof(struct pagewalk_framemap) == 208, "same layout in both modes");

#endif
