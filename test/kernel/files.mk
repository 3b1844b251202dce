# SPDX-License-Identifier: MIT
obj-y += data_rows.o disk_rows.o exc_rows.o
obj-y += file_rows.o
obj-y += vmcall_rows.o
obj-y += region_rows.o
obj-y += thread_rows.o swap_rows.o swapdev_rows.o little.o resident_rows.o
obj-y += fault_knob.o high_rows.o high_user_rows.o mm_rows.o user_knobs.o sched_rows.o stress_rows.o show_rows.o
obj-y += runner.o baseline.o user_run.o user_rows.o knobs.o walk.o boot_rows.o early_rows.o pmm_rows.o kpt_rows.o vmalloc_rows.o
-include test/kernel/smoke.mk
