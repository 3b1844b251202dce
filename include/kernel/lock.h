/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks on one processor: interrupts off, and assertions.  A lock that is taken
 * twice would dead-lock a second processor, so it stops the machine here.
 */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H

#include <kernel/kernel.h>
#include <asm/irqflags.h>

typedef struct {
	bool held;
} spinlock_t;

#define SPIN_LOCK_UNLOCKED	{ false }
#define DEFINE_SPINLOCK(name)	spinlock_t name = SPIN_LOCK_UNLOCKED

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

static inline unsigned long spin_lock_irqsave(spinlock_t *lock)
{
	unsigned long flags = local_irq_save();

	BUG_ON(lock->held);
	lock->held = true;
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	BUG_ON(!lock->held);
	lock->held = false;
	local_irq_restore(flags);
}

static inline void assert_spin_locked(const spinlock_t *lock)
{
	BUG_ON(!lock->held);
}

#endif
