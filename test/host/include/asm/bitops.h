/* SPDX-License-Identifier: MIT */
/* Host build: plain C. */
#include <asm-generic/bitops.h>
