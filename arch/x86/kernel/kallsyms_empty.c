/* SPDX-License-Identifier: MIT */
/*
 * Empty symbol tables for the first link; the ones of tools/mkkallsyms take precedence.
 * A file of its own, so that no compiler can look through the weak definitions.
 */
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>

const u32 kallsyms_offsets[1] __weak = { 0 };
const char kallsyms_names[1] __weak = "";
const u32 kallsyms_num __weak = 0;
