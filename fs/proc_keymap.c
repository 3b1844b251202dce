/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/keymap: the keyboard layout.  Read: all names, the one in force in brackets.
 * Written: a name; EINVAL if there is no such layout.
 */
#include <fs/proc.h>
#include <kernel/keyboard.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

static long keymap_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	const char *name;
	char text[128];
	size_t len = 0;
	unsigned i;
	bool now;

	for (i = 0; (name = keyboard_layout_name(i)) != NULL; i++) {
		now = !strcmp(name, keyboard_layout());
		len += scnprintf(text + len, sizeof(text) - len, "%s%s%s%s", i ? " " : "",
				 now ? "[" : "", name, now ? "]" : "");
	}
	len += scnprintf(text + len, sizeof(text) - len, "\n");
	return simple_read(buf, n, pos, text, len);
}

static long keymap_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	char name[16];
	long ret = proc_get_text(name, sizeof(name), buf, n);

	if (ret < 0)
		return ret;
	return keyboard_set_layout(name) ? (long)n : -EINVAL;
}

const struct file_operations pagewalk_keymap_ops = {
	.read = keymap_read, .write = keymap_write,
};
