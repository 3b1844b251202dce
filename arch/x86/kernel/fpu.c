/* SPDX-License-Identifier: MIT */
/*
 * FPU and SSE state: FXSAVE images where the processor has that, else FNSAVE images (Intel
 * SDM volume 1, chapter 10.5 and 8.1.10).  CR4.OSXSAVE stays off, so there is no AVX state.
 *
 * Signal frames hold the state in Linux's layout: in 64-bit mode the FXSAVE image; in
 * 32-bit mode the older FNSAVE image with a status word, and the FXSAVE image behind it.
 */
#include <linux/errno.h>
#include <asm/sigcontext.h>
#include <asm/fpu.h>
#include <asm/irqflags.h>
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <kernel/extable.h>
#include <kernel/sched.h>
#include <kernel/string.h>

#define MXCSR_DEFAULT		0x1f80u
#define MXCSR_MASK_DEFAULT	0xffbfu

#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTINV	7

_Static_assert(sizeof(struct _fpstate_64) == FPU_IMAGE_SIZE, "hardware");

static struct _fpstate_64 clean_state __aligned(16);
static u32 mxcsr_mask;
static bool has_fxsr;

void fpu_save(u8 *image)
{
	if (likely(has_fxsr)) {
#ifdef __x86_64__
		__asm__ __volatile__("fxsave64 (%0)" : : "r" (image) : "memory");
#else
		__asm__ __volatile__("fxsave (%0)" : : "r" (image) : "memory");
#endif
	} else {
		/* FNSAVE leaves a clean FPU behind. */
		__asm__ __volatile__("fnsave (%0); fwait; frstor (%0)" : : "r" (image) : "memory");
	}
}

void fpu_load(const u8 *image)
{
	if (likely(has_fxsr)) {
#ifdef __x86_64__
		__asm__ __volatile__("fxrstor64 (%0)" : : "r" (image) : "memory");
#else
		__asm__ __volatile__("fxrstor (%0)" : : "r" (image) : "memory");
#endif
	} else {
		__asm__ __volatile__("frstor (%0)" : : "r" (image) : "memory");
	}
}

void fpu_load_clean(void)
{
	fpu_load((const u8 *)&clean_state);
}

void fpu_init(void)
{
	has_fxsr = cpu_has(X86_FEATURE_FXSR);
	__asm__ __volatile__("fninit");
	fpu_save((u8 *)&clean_state);
	if (!has_fxsr)
		return;
	mxcsr_mask = clean_state.mxcsr_mask ? clean_state.mxcsr_mask : MXCSR_MASK_DEFAULT;
	memset(clean_state.st_space, 0, sizeof(clean_state.st_space));
	memset(clean_state.xmm_space, 0, sizeof(clean_state.xmm_space));
	clean_state.mxcsr = MXCSR_DEFAULT;
}

/* The highest-priority exception of those that are set and not masked (SDM 1, 4.9.2). */
static int exception_code(unsigned exceptions)
{
	if (exceptions & 0x01)
		return FPE_FLTINV;
	if (exceptions & 0x04)
		return FPE_FLTDIV;
	if (exceptions & 0x08)
		return FPE_FLTOVF;
	if (exceptions & 0x12)		/* denormal operand too, as Linux says it */
		return FPE_FLTUND;
	if (exceptions & 0x20)
		return FPE_FLTRES;
	return 0;
}

int fpu_exception_code(bool sse)
{
	struct _fpstate_64 *s = (void *)current->thread.fpu;
	u16 cw, sw;

	if (sse) {
		fpu_save(current->thread.fpu);
		return exception_code(s->mxcsr & ~(s->mxcsr >> 7) & 0x3f);
	}
	__asm__ __volatile__("fnstcw %0" : "=m" (cw));
	__asm__ __volatile__("fnstsw %0" : "=m" (sw));
	return exception_code(sw & ~cw & 0x3f);
}

/*
 * A state that a program made up: bits that the processor does not have would make FXRSTOR
 * fault.  Installed without sleeping in between, so that no switch saves over it.
 */
static void install(const u8 *image)
{
	struct _fpstate_64 *s = (void *)current->thread.fpu;
	unsigned long flags = local_irq_save();

	memcpy(s, image, sizeof(*s));
	if (has_fxsr)
		s->mxcsr &= mxcsr_mask;
	fpu_load(current->thread.fpu);
	local_irq_restore(flags);
}

#ifdef __x86_64__

unsigned long fpu_frame_size(void)
{
	return FPU_IMAGE_SIZE;
}

unsigned long fpu_frame_header(void)
{
	return 0;
}

int fpu_to_frame(void *frame)
{
	u8 *image = current->thread.fpu;

	fpu_save(image);
	memset(image + offsetof(struct _fpstate_64, sw_reserved), 0, sizeof(struct _fpx_sw_bytes));
	if (copy_to_user(frame, image, FPU_IMAGE_SIZE))
		return -EFAULT;
	fpu_load_clean();
	return 0;
}

int fpu_from_frame(const void *frame)
{
	u8 image[FPU_IMAGE_SIZE] __aligned(16);

	if (!frame) {
		fpu_load_clean();
		return 0;
	}
	if (copy_from_user(image, frame, sizeof(image)))
		return -EFAULT;
	install(image);
	return 0;
}

#else /* 32 bits */

/* The FNSAVE part of the frame: seven words and eight registers of ten bytes. */
#define FNSAVE_SIZE	offsetof(struct _fpstate_32, status)
#define HEADER_SIZE	offsetof(struct _fpstate_32, _fxsr_env)
#define FX_SELECTOR(p)	((u16)((p) >> 32))

_Static_assert(FNSAVE_SIZE == 108 && HEADER_SIZE == 112, "Linux's layout");
_Static_assert(sizeof(struct _fpstate_32) == HEADER_SIZE + FPU_IMAGE_SIZE, "Linux's layout");

unsigned long fpu_frame_size(void)
{
	return HEADER_SIZE + (has_fxsr ? FPU_IMAGE_SIZE : 0);
}

unsigned long fpu_frame_header(void)
{
	return HEADER_SIZE;
}

/* Two bits a register: 0 valid, 1 zero, 2 special, 3 empty; FXSAVE keeps "empty" only. */
static unsigned tag_of(const u8 *reg)
{
	const u16 *part = (const u16 *)reg;
	unsigned exponent = part[4] & 0x7fff;
	bool fraction = part[0] | part[1] | part[2] | (part[3] & 0x7fff);

	if (exponent == 0x7fff)
		return 2;
	if (exponent == 0)
		return part[3] & 0x8000 || fraction ? 2 : 1;
	return part[3] & 0x8000 ? 0 : 2;
}

static u32 full_tags(const struct _fpstate_64 *fx)
{
	unsigned top = fx->swd >> 11 & 7, i, tag;
	u32 tags = 0xffff0000;

	for (i = 0; i < 8; i++) {
		tag = 3;
		if (fx->twd >> i & 1)
			tag = tag_of((const u8 *)fx->st_space + ((i - top) & 7) * 16);
		tags |= tag << (2 * i);
	}
	return tags;
}

static void fx_to_fnsave(struct _fpstate_32 *s, const struct _fpstate_64 *fx)
{
	unsigned i;

	s->cw = fx->cwd | 0xffff0000;
	s->sw = fx->swd | 0xffff0000;
	s->tag = full_tags(fx);
	s->ipoff = (u32)fx->rip;
	s->cssel = FX_SELECTOR(fx->rip) | (u32)fx->fop << 16;
	s->dataoff = (u32)fx->rdp;
	s->datasel = FX_SELECTOR(fx->rdp) | 0xffff0000;
	for (i = 0; i < 8; i++)
		memcpy(&s->_st[i], (const u8 *)fx->st_space + i * 16, 10);
	s->status = fx->swd;
	s->magic = X86_FXSR_MAGIC;
}

/* The older part counts for the x87, as in Linux. */
static void fnsave_to_fx(struct _fpstate_64 *fx, const struct _fpstate_32 *s)
{
	unsigned i;

	fx->cwd = (u16)s->cw;
	fx->swd = (u16)s->sw;
	fx->fop = (u16)(s->cssel >> 16);
	fx->rip = s->ipoff | (u64)(u16)s->cssel << 32;
	fx->rdp = s->dataoff | (u64)(u16)s->datasel << 32;
	fx->twd = 0;
	for (i = 0; i < 8; i++) {
		if ((s->tag >> (2 * i) & 3) != 3)
			fx->twd |= (u16)(1u << i);
		memcpy((u8 *)fx->st_space + i * 16, &s->_st[i], 10);
	}
}

int fpu_to_frame(void *frame)
{
	u8 *image = current->thread.fpu;
	struct _fpstate_32 s;

	fpu_save(image);
	if (has_fxsr) {
		memset(image + offsetof(struct _fpstate_64, sw_reserved), 0,
		       sizeof(struct _fpx_sw_bytes));
		fx_to_fnsave(&s, (struct _fpstate_64 *)image);
		memcpy((u8 *)&s + HEADER_SIZE, image, FPU_IMAGE_SIZE);
	} else {
		memcpy(&s, image, FNSAVE_SIZE);
		s.status = (u16)s.sw;
		s.magic = 0xffff;
	}
	if (copy_to_user(frame, &s, fpu_frame_size()))
		return -EFAULT;
	fpu_load_clean();
	return 0;
}

int fpu_from_frame(const void *frame)
{
	struct _fpstate_32 s;
	u8 *image = (u8 *)&s;

	if (!frame) {
		fpu_load_clean();
		return 0;
	}
	if (copy_from_user(&s, frame, fpu_frame_size()))
		return -EFAULT;
	if (has_fxsr) {
		image += HEADER_SIZE;
		fnsave_to_fx((struct _fpstate_64 *)image, &s);
	}
	install(image);
	return 0;
}
#endif
