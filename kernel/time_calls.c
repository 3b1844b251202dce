/* SPDX-License-Identifier: MIT */
/*
 * System calls about time.  CLOCK_MONOTONIC and BOOTTIME are ktime_ns(); REALTIME is that
 * plus an offset, at first by the date that the firmware told the loader (1970 if it told none).
 */
#include <asm/uaccess.h>
#include <asm/setup.h>
#include <kernel/date.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/capability.h>
#include <linux/time.h>

#define SEC_MAX		9000000000ull	/* more is for ever: ns must fit in 64 bits */

static s64 realtime_offset;

/* ---- clocks ------------------------------------------------------------------------ */

/* The firmware said it shortly before the loader jumped; another kernel may have run since. */
void realtime_init(void)
{
	const struct boot_info *b = boot_info;
	u64 sec;

	if (b->year < 1998 || b->year > 2199 || b->month < 1 || b->month > 12 || b->day < 1 ||
	    b->day > 31 || b->hour > 23 || b->minute > 59 || b->second > 60)
		return;
	sec = (u64)date_to_days(b->year, b->month, b->day) * 86400 + b->hour * 3600u +
	      b->minute * 60u + b->second;
	realtime_offset = (s64)(sec * NSEC_PER_SEC);
	if (entry_tsc > b->handover_tsc)
		realtime_offset += (s64)tsc_to_ns(entry_tsc - b->handover_tsc);
}

u64 realtime_ns(void)
{
	return ktime_ns() + (u64)realtime_offset;
}

static u64 group_runtime(struct task_struct *p)
{
	struct task_struct *t = p;
	u64 ns = 0;

	do {
		ns += task_runtime_ns(t);
		t = next_thread(t);
	} while (t != p);
	return ns;
}

static long read_clock(int clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = ktime_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = group_runtime(current);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = task_runtime_ns(current);
		return 0;
	}
	return -EINVAL;
}

static struct timespec64_k to_timespec(u64 ns)
{
	return (struct timespec64_k){ .sec = (s64)(ns / NSEC_PER_SEC),
				      .nsec = (s64)(ns % NSEC_PER_SEC) };
}

static long put_timespec(struct timespec_k *to, u64 ns)
{
	const struct timespec64_k t = to_timespec(ns);
	const struct timespec_k k = { .sec = (long)t.sec, .nsec = (long)t.nsec };

	return copy_to_user(to, &k, sizeof(k)) ? -EFAULT : 0;
}

static long put_timespec64(struct timespec64_k *to, u64 ns)
{
	const struct timespec64_k t = to_timespec(ns);

	return copy_to_user(to, &t, sizeof(t)) ? -EFAULT : 0;
}

long sys_clock_gettime(int clock, struct timespec_k *ts)
{
	u64 ns;
	long ret = read_clock(clock, &ns);

	return ret ? ret : put_timespec(ts, ns);
}

long sys_clock_gettime64(int clock, struct timespec64_k *ts)
{
	u64 ns;
	long ret = read_clock(clock, &ns);

	return ret ? ret : put_timespec64(ts, ns);
}

static u64 resolution(int clock)
{
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		return NSEC_PER_SEC / hz;
	return 1;
}

long sys_clock_getres(int clock, struct timespec_k *ts)
{
	u64 ns;
	long ret = read_clock(clock, &ns);

	return ret || !ts ? ret : put_timespec(ts, resolution(clock));
}

long sys_clock_getres_time64(int clock, struct timespec64_k *ts)
{
	u64 ns;
	long ret = read_clock(clock, &ns);

	return ret || !ts ? ret : put_timespec64(ts, resolution(clock));
}

long sys_time(long *t)
{
	long now = (long)(realtime_ns() / NSEC_PER_SEC);

	return t && put_user(now, t) ? -EFAULT : now;
}

long sys_gettimeofday(struct timeval_k *tv, int *tz)
{
	const struct timespec64_k t = to_timespec(realtime_ns());
	const struct timeval_k k = { .sec = (long)t.sec, .usec = (long)t.nsec / 1000 };
	static const int utc[2];

	if (tv && copy_to_user(tv, &k, sizeof(k)))
		return -EFAULT;
	return tz && copy_to_user(tz, utc, sizeof(utc)) ? -EFAULT : 0;
}

bool timespec_to_ns(const struct timespec64_k *t, u64 *ns)
{
	if (t->sec < 0 || t->nsec < 0 || t->nsec >= (s64)NSEC_PER_SEC)
		return false;
	*ns = (u64)t->sec > SEC_MAX ? SEC_MAX * NSEC_PER_SEC :
	      (u64)t->sec * NSEC_PER_SEC + (u64)t->nsec;
	return true;
}

u64 realtime_to_ktime(u64 ns)
{
	s64 t = (s64)ns - realtime_offset;

	return t < 0 ? 0 : (u64)t;
}

/* ---- setting ----------------------------------------------------------------------- */

static long set_realtime(s64 sec, s64 nsec)
{
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (sec < 0 || (u64)sec > SEC_MAX || nsec < 0 || nsec >= (s64)NSEC_PER_SEC)
		return -EINVAL;
	realtime_offset = (s64)((u64)sec * NSEC_PER_SEC + (u64)nsec - ktime_ns());
	return 0;
}

long sys_clock_settime64(int clock, const struct timespec64_k *ts)
{
	struct timespec64_k t;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (copy_from_user(&t, ts, sizeof(t)))
		return -EFAULT;
	return set_realtime(t.sec, t.nsec);
}

long sys_clock_settime(int clock, const struct timespec_k *ts)
{
	struct timespec_k t;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (copy_from_user(&t, ts, sizeof(t)))
		return -EFAULT;
	return set_realtime(t.sec, t.nsec);
}

long sys_settimeofday(const struct timeval_k *tv, const int *tz)
{
	struct timeval_k t;

	if (!tv)
		return 0;
	if (copy_from_user(&t, tv, sizeof(t)))
		return -EFAULT;
	return set_realtime(t.sec, (s64)t.usec * 1000);
}

long sys_stime(const long *t)
{
	long sec;

	if (copy_from_user(&sec, t, sizeof(sec)))
		return -EFAULT;
	return set_realtime(sec, 0);
}

/* ---- sleeping ---------------------------------------------------------------------- */

static long put_remaining(void *rem, bool time64, u64 left)
{
	if (!rem)
		return 0;
	return time64 ? put_timespec64(rem, left) : put_timespec(rem, left);
}

/* Until the time or a signal: 0, or the ns that are left. */
static u64 sleep_till_ktime(u64 until)
{
	u64 left;

	do {
		set_current_state(TASK_INTERRUPTIBLE);
		left = schedule_until(until);
	} while (left && !signal_pending(current));
	return left;
}

static long restart_sleep(void);

/* Restarted after a signal without handler: the same end, not the same length again. */
static long sleep_restartable(u64 until, void *rem, bool time64)
{
	u64 left = sleep_till_ktime(until);

	if (!left)
		return 0;
	if (put_remaining(rem, time64, left))
		return -EFAULT;
	current->restart.fn = restart_sleep;
	current->restart.until = until;
	current->restart.rem = rem;
	current->restart.time64 = time64;
	return -ERESTART_RESTARTBLOCK;
}

static long restart_sleep(void)
{
	return sleep_restartable(current->restart.until, current->restart.rem,
				 current->restart.time64);
}

long sys_restart_syscall(void)
{
	long (*fn)(void) = current->restart.fn;

	current->restart.fn = NULL;
	return fn ? fn() : -EINTR;
}

/* CLOCK_REALTIME is not followed when it is set while somebody sleeps for it. */
static long do_sleep(int clock, int flags, const struct timespec64_k *req, void *rem,
		     bool time64)
{
	u64 now, ns, until;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
	    clock != CLOCK_TAI)
		return clock == CLOCK_PROCESS_CPUTIME_ID ? -EOPNOTSUPP : -EINVAL;
	if (!timespec_to_ns(req, &ns))
		return -EINVAL;
	if (flags & TIMER_ABSTIME) {
		read_clock(clock, &now);
		if (ns <= now)
			return 0;
		return sleep_till_ktime(ktime_ns() + (ns - now)) ? -ERESTARTNOHAND : 0;
	}
	until = ktime_ns() + ns;
	return ns ? sleep_restartable(until, rem, time64) : 0;
}

long sys_clock_nanosleep(int clock, int flags, const struct timespec_k *req,
			 struct timespec_k *rem)
{
	struct timespec64_k t;
	struct timespec_k k;

	if (copy_from_user(&k, req, sizeof(k)))
		return -EFAULT;
	t = (struct timespec64_k){ .sec = k.sec, .nsec = k.nsec };
	return do_sleep(clock, flags, &t, rem, false);
}

long sys_clock_nanosleep_time64(int clock, int flags, const struct timespec64_k *req,
				struct timespec64_k *rem)
{
	struct timespec64_k t;

	if (copy_from_user(&t, req, sizeof(t)))
		return -EFAULT;
	return do_sleep(clock, flags, &t, rem, true);
}

long sys_nanosleep(const struct timespec_k *req, struct timespec_k *rem)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, req, rem);
}

/* ---- alarms ------------------------------------------------------------------------ */

static void real_timer_fires(struct ktimer *t)
{
	struct task_struct *p = container_of(t, struct task_struct, real_timer);

	if (p->real_interval)
		ktimer_start(t, max(t->expires + p->real_interval, ktime_ns() + 1));
	send_sig(SIGALRM, p);
}

/* Sets the timer of the process (0: off) and says what was left of the last one. */
static u64 set_real_timer(u64 ns, u64 interval)
{
	struct task_struct *p = current->group_leader;
	u64 now = ktime_ns(), left = 0;

	if (ktimer_cancel(&p->real_timer))
		left = p->real_timer.expires > now ? p->real_timer.expires - now : 1;
	p->real_timer.fn = real_timer_fires;
	p->real_interval = interval;
	if (ns)
		ktimer_start(&p->real_timer, now + ns);
	return left;
}

/* Rounded, but never to 0 while an alarm is on. */
long sys_alarm(unsigned seconds)
{
	u64 left = set_real_timer((u64)seconds * NSEC_PER_SEC, 0);

	if (!left)
		return 0;
	left = (left + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
	return left ? (long)left : 1;
}

static struct timeval_k ns_to_timeval(u64 ns)
{
	const struct timespec64_k t = to_timespec(ns);

	return (struct timeval_k){ .sec = (long)t.sec, .usec = (long)t.nsec / 1000 };
}

static long put_itimer(struct itimerval_k *to, u64 left, u64 interval)
{
	const struct itimerval_k v = { .interval = ns_to_timeval(interval),
				       .value = ns_to_timeval(left) };

	return copy_to_user(to, &v, sizeof(v)) ? -EFAULT : 0;
}

static bool to_ns(const struct timeval_k *tv, u64 *ns)
{
	if (tv->sec < 0 || tv->usec < 0 || tv->usec >= 1000000)
		return false;
	*ns = (u64)tv->sec > SEC_MAX ? SEC_MAX * NSEC_PER_SEC :
	      (u64)tv->sec * NSEC_PER_SEC + (u64)tv->usec * NSEC_PER_USEC;
	return true;
}

long sys_setitimer(int which, const struct itimerval_k *new, struct itimerval_k *old)
{
	struct itimerval_k v = { { 0, 0 }, { 0, 0 } };
	u64 ns, interval, left, old_interval = current->group_leader->real_interval;

	if (new && copy_from_user(&v, new, sizeof(v)))
		return -EFAULT;
	if (!to_ns(&v.value, &ns) || !to_ns(&v.interval, &interval))
		return -EINVAL;
	if (which != ITIMER_REAL)
		return -EINVAL;
	left = set_real_timer(ns, interval);
	return old ? put_itimer(old, left, old_interval) : 0;
}

long sys_getitimer(int which, struct itimerval_k *old)
{
	const struct task_struct *p = current->group_leader;
	u64 now = ktime_ns(), left = 0;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (p->real_timer.queued)
		left = p->real_timer.expires > now ? p->real_timer.expires - now : 1;
	return put_itimer(old, left, p->real_interval);
}
