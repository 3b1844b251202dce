# SPDX-License-Identifier: MIT
# Host tests of the scheduler and of futexes; test_sched.c includes kernel/sched.c.
host-tests += test_sched
test_sched-src := test/host/test_sched.c kernel/timer.c lib/rbtree.c lib/random.c lib/strlcpy.c

# test_futex.c includes kernel/futex.c.
host-tests += test_futex
test_futex-src := test/host/test_futex.c lib/random.c
