# SPDX-License-Identifier: MIT
obj-y += serial/debugcon.o
obj-y += serial/setup.o
obj-y += serial/uart16550.o
obj-y += video/fb_big.o
obj-y += video/fb_draw.o
obj-y += video/fbcon.o
obj-y += video/fbcon_panel.o
