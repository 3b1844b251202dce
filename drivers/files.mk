# SPDX-License-Identifier: MIT
obj-y += init.o
obj-y += char/mem.o char/random.o char/tty.o char/tty_job.o
obj-y += input/i8042.o input/keyboard.o input/keymaps.o
obj-y += serial/debugcon.o
obj-y += serial/setup.o
obj-y += serial/uart16550.o
obj-y += video/early_screen.o
obj-y += video/fb_big.o
obj-y += video/fb_dev.o
obj-y += video/fb_draw.o
obj-y += video/fb_shot.o
obj-y += video/fbcon.o
obj-y += video/fbcon_area.o
obj-y += video/fbcon_panel.o
obj-y += video/fbcon_table.o
obj-y += video/fbcon_term.o
