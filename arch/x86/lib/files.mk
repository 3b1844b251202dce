# SPDX-License-Identifier: MIT
obj-y += usercopy.o
obj-x86_64 += call_on_stack_64.o exec_probe_64.o
obj-i386 += call_on_stack_32.o exec_probe_32.o
