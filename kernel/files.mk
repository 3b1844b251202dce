# SPDX-License-Identifier: MIT
obj-y += main.o params.o counters.o trace.o banner.o finish.o
obj-y += printk.o panic.o kallsyms.o extable.o time.o irq.o reboot.o
