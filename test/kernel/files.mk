# SPDX-License-Identifier: MIT
obj-y += runner.o knobs.o walk.o boot_rows.o early_rows.o pmm_rows.o kpt_rows.o vmalloc_rows.o
-include test/kernel/smoke.mk
