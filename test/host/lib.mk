# SPDX-License-Identifier: MIT
# Host tests of lib/, printk and the consoles.  What a test compiles in by #include is
# not listed here.
host-tests += test_lib
test_lib-src := test/host/test_lib.c lib/bitmap.c lib/crc32.c lib/random.c lib/sort.c

host-tests += test_div64
test_div64-src := test/host/test_div64.c lib/random.c

host-tests += test_vsprintf
test_vsprintf-src := test/host/test_vsprintf.c test/host/fake_kallsyms.c

host-tests += test_printk
test_printk-src := test/host/test_printk.c kernel/printk.c lib/vsprintf.c lib/random.c \
	test/host/fake_irq.c

host-tests += test_serial
test_serial-src := test/host/test_serial.c kernel/printk.c lib/vsprintf.c \
	test/host/fake_irq.c

host-tests += test_report
test_report-src := test/host/test_report.c test/host/report_reader.c kernel/printk.c \
	lib/crc32.c lib/random.c lib/strlcpy.c lib/vsprintf.c test/host/fake_irq.c

host-tests += test_png
test_png-src := test/host/test_png.c lib/png.c lib/crc32.c lib/random.c

host-tests += test_fbcon
test_fbcon-src := test/host/test_fbcon.c drivers/video/fbcon_panel.c \
	drivers/video/fbcon_area.c drivers/video/fbcon_table.c drivers/video/fbcon_term.c \
	drivers/video/fb_draw.c drivers/video/fb_big.c kernel/printk.c lib/vsprintf.c \
	test/host/fake_irq.c $(O)/gen/drivers/video/font.c

host-tests += test_rbtree
test_rbtree-src := test/host/test_rbtree.c lib/rbtree.c lib/random.c

host-tests += test_interval
test_interval-src := test/host/test_interval.c lib/interval_tree.c lib/rbtree.c lib/random.c

# It includes efi/inflate.c.
host-tests += test_inflate
test_inflate-src := test/host/test_inflate.c lib/random.c
