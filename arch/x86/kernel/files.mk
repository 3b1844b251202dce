# SPDX-License-Identifier: MIT
obj-y += msi.o setup.o memmap.o cpu.o
obj-y += idt.o traps.o stacktrace.o probe.o nmi.o
obj-y += process.o fpu.o tls.o signal.o
obj-y += irq.o i8259.o apic.o
obj-y += time.o tsc.o pit.o hpet.o pmtimer.o
obj-y += acpi.o cacheflush.o reboot.o tramp.o kallsyms_empty.o
obj-x86_64 += entry_64.o desc_64.o syscalls_64.o signal_64.o tramp_64.o
obj-i386 += entry_32.o desc_32.o syscalls_32.o compat_32.o signal_32.o tramp_32.o
