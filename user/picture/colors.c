/* SPDX-License-Identifier: MIT */
/* What things look like. */
#include "picture.h"

const char *const state_names[STATES] = {
	[STATE_FREE] = "free", [STATE_RESERVED] = "reserved", [STATE_KERNEL] = "kernel",
	[STATE_SLAB] = "slab", [STATE_TABLE] = "page table", [STATE_VMALLOC] = "vmalloc",
	[STATE_ANON] = "anonymous", [STATE_FILE] = "file", [STATE_ZERO] = "zero page",
	[STATE_SWAPCACHE] = "swap cache", [STATE_LOCKED] = "locked", [STATE_ABSENT] = "no RAM",
};

/* Of a state: its colour when nothing happens, in the middle, and when it was just touched. */
#define HEAT(state, cold, warm, warmer, hot) \
	[(state) * HEATS] = cold, [(state) * HEATS + 1] = warm, \
	[(state) * HEATS + 2] = warmer, [(state) * HEATS + 3] = hot

u32 palette[COLORS] = {
	HEAT(STATE_FREE, 0x223040, 0x36485c, 0x4f6478, 0x6c8298),
	HEAT(STATE_RESERVED, 0x55606e, 0x7a8593, 0xa1abb8, 0xcbd3dd),
	HEAT(STATE_KERNEL, 0x3f6fd0, 0x6b92de, 0x9ab6ec, 0xcbdaf8),
	HEAT(STATE_SLAB, 0x8a63d2, 0xa585df, 0xc2abec, 0xe1d4f8),
	HEAT(STATE_TABLE, 0xe8503a, 0xee7764, 0xf49f92, 0xfaccc5),
	HEAT(STATE_VMALLOC, 0xb05a9c, 0xc37fb3, 0xd8a8cc, 0xedd3e6),
	HEAT(STATE_ANON, 0x3fae6a, 0x69c28a, 0x97d7ae, 0xc9edd5),
	HEAT(STATE_FILE, 0xd9a52c, 0xe3ba5b, 0xedd08e, 0xf7e7c5),
	HEAT(STATE_ZERO, 0xffffff, 0xfffffe, 0xfffffd, 0xfffffc),
	HEAT(STATE_SWAPCACHE, 0x2bb5b8, 0x5bc7c9, 0x8fdadb, 0xc5edee),
	HEAT(STATE_LOCKED, 0xe06aa8, 0xe88abb, 0xf0adcf, 0xf8d4e5),
	HEAT(STATE_ABSENT, 0x131a23, 0x141b24, 0x151c25, 0x161d26),
	[COLOR_BACK] = 0x0f141b, [COLOR_PANEL] = 0x18212d, [COLOR_TITLE] = 0x1f5396,
	[COLOR_RULE] = 0x3b82d8, [COLOR_DIM] = 0x8c9eb5, [COLOR_TEXT] = 0xd6dce6,
	[COLOR_BRIGHT] = 0xf4f7fb, [COLOR_EMPTY] = 0x2a3544, [COLOR_SWAPPED] = 0x1d7f8c,
	[COLOR_LIT] = 0xffd27a, [COLOR_BAD] = 0xf2706b, [COLOR_EXEC] = 0x5cc8d6,
	[COLOR_WRITE] = 0x8be3a6, [COLOR_READ] = 0x6f7d8f,
};
