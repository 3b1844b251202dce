# SPDX-License-Identifier: MIT
#
# The named checks of test=smoke, by theme; smoke.h lists them in their order.  Included by
# files.mk.

obj-y += smoke.o smoke_map.o smoke_boot.o smoke_pages.o smoke_mode.o smoke_time.o \
	smoke_irq.o smoke_screen.o smoke_acpi.o smoke_firmware.o
