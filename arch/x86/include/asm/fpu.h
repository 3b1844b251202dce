/* SPDX-License-Identifier: MIT */
/*
 * The FPU and SSE registers: user programs own them, the kernel never computes with them.
 * They are saved when another program is switched in, not before (process.c).
 */
#ifndef ASM_FPU_H
#define ASM_FPU_H

#include <asm/thread.h>

/* Boot: learn the format, make the clean state that every program starts with. */
void fpu_init(void);

/* Registers to memory and back; images are 16-byte aligned. */
void fpu_save(u8 *image);
void fpu_load(const u8 *image);

/* The state of a new program. */
void fpu_load_clean(void);

/* si_code of a SIGFPE for the exception that is pending in the registers. */
int fpu_exception_code(bool sse);

/*
 * Signal frames.  fpu_frame_size(): bytes that the frame's FPU part takes; its FXSAVE image
 * starts fpu_frame_header() bytes into it and wants 64-byte alignment.
 */
unsigned long fpu_frame_size(void);
unsigned long fpu_frame_header(void);

/* Write current's state to the frame; then it has a clean one.  0 or -EFAULT. */
int fpu_to_frame(void *frame);

/* Take current's state from a frame (NULL: the clean state), made harmless.  0, -EFAULT. */
int fpu_from_frame(const void *frame);

#endif
