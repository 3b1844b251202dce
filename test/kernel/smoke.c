/* SPDX-License-Identifier: MIT */
/* The checks of test=smoke as rows, in one place so that their order is the list's. */
#include "smoke.h"

#define SMOKE_ROW(sym, name) SMOKE(sym, name, smoke_##sym);
SMOKE_CHECKS(SMOKE_ROW)
