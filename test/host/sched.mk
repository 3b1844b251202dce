# SPDX-License-Identifier: MIT
# Host tests of the scheduler, its watchdog, of futexes and of the table of tasks; test_sched.c includes kernel/sched.c.
host-tests += test_sched
test_sched-src := test/host/test_sched.c kernel/timer.c lib/rbtree.c lib/random.c lib/strlcpy.c

# test_softlockup.c includes kernel/softlockup.c.
host-tests += test_softlockup
test_softlockup-src := test/host/test_softlockup.c

# test_futex.c includes kernel/futex.c.
host-tests += test_futex
test_futex-src := test/host/test_futex.c lib/random.c

# test_taskview.c includes kernel/taskview.c.
host-tests += test_taskview
test_taskview-src := test/host/test_taskview.c lib/vsprintf.c lib/strlcpy.c test/host/fake_kallsyms.c
