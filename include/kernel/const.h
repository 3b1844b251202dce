/* SPDX-License-Identifier: MIT */
/* Constants for C and assembly: the assembler knows no suffixes. */
#ifndef KERNEL_CONST_H
#define KERNEL_CONST_H

#ifdef __ASSEMBLER__
#define _UL(x)		x
#else
#define __UL(x)		x##ul
#define _UL(x)		__UL(x)
#endif

#endif
