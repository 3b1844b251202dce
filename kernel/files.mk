# SPDX-License-Identifier: MIT
obj-y += main.o params.o counters.o trace.o banner.o finish.o
obj-y += printk.o panic.o kallsyms.o extable.o time.o irq.o reboot.o report.o
obj-y += taskview.o loadavg.o syslog.o softlockup.o
obj-y += cred.o init.o sched.o wait.o rwsem.o timer.o pid.o fork.o kthread.o exit.o reap.o
obj-y += futex.o futex_calls.o futex_robust.o
obj-y += signal.o sys_signal.o jobctl.o sys.o sys_sched.o sys_ni.o rlimit.o time_calls.o
