/* SPDX-License-Identifier: MIT */
/* What /bin/bigprog and row F1 say to each other. */
#ifndef USER_BIGPROG_H
#define USER_BIGPROG_H

#include "lib/types.h"

#define BIG_IN		10
#define BIG_OUT		11
#define BIG_PAGES	1024
#define BIG_WORD(n)	(0xb1600000u + (n))

struct big_report {
	u32 argc;
	u32 tail, tail_bytes;	/* bytes not zero behind the data in their page; how many */
	u32 bss;		/* bytes not zero up to the end of the bss */
	u32 data;		/* an initialised byte: 3 */
	u32 args, arg_bytes, envs, env_bytes;
	u64 sp;			/* at entry: points to argc */
};

#endif
