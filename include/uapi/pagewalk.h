/* SPDX-License-Identifier: MIT */
/* Layouts of /proc/pagewalk, shared with user programs.  Fixed width in both modes. */
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
	TRACE_MARK,		/* four numbers of whoever made it */
	TRACE_KINDS
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

#endif
