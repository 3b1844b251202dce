# SPDX-License-Identifier: MIT
# Host tests of the scheduler; test_sched.c includes kernel/sched.c.
host-tests += test_sched
test_sched-src := test/host/test_sched.c kernel/timer.c lib/rbtree.c lib/random.c lib/strlcpy.c
