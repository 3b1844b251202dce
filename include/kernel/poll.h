/* SPDX-License-Identifier: MIT */
/*
 * Bounded waiting.  There is no other way to wait for hardware in this kernel.
 *
 *	if (!poll_until(inb(port) & READY, 1000))
 *		return -ETIMEDOUT;
 *
 * evaluates the condition again and again for at least the given microseconds and says
 * whether it came true; it is always evaluated once more after the time is over, so a
 * delay from outside (an SMI, a busy host) never turns into a false time-out.  All time
 * spent here and in udelay() is summed up in busy_wait_us_total, for which a whole boot
 * has a budget of 20 ms.  Any context, works before time_init().
 */
#ifndef KERNEL_POLL_H
#define KERNEL_POLL_H

#include <kernel/types.h>

struct poll_timer {
	u64 start, ticks;
};

extern u64 busy_wait_us_total;

void poll_start(struct poll_timer *t, unsigned us);
bool poll_expired(const struct poll_timer *t);	/* pauses the CPU for a moment */
void poll_end(const struct poll_timer *t);

#define poll_until(cond, us) ({				\
	struct poll_timer _pt;				\
	bool _pok = !!(cond);				\
	if (!_pok) {					\
		poll_start(&_pt, (us));			\
		for (;;) {				\
			bool _pend = poll_expired(&_pt);	\
			_pok = !!(cond);		\
			if (_pok || _pend)		\
				break;			\
		}					\
		poll_end(&_pt);				\
	}						\
	_pok;						\
})

/* Wait at least so many microseconds. */
void udelay(unsigned us);

#endif
