/* SPDX-License-Identifier: MIT */
/*
 * Every key of the configuration: one table for the loader (which validates), the kernel
 * (which only looks keys up in boot_info's command line) and the documentation.
 *
 * BOOT_OPTIONS(X) expands to one X(name, kind, values, min, max, preset, help) per key:
 *
 *	name	as it is written, a string
 *	kind	enum boot_option_kind
 *	values	OPT_CHOICE: what is allowed, '|' between; OPT_LIST: the words that may stand
 *		in a comma-separated list, "" for any word; others: how to write the value
 *	min,max	OPT_NUMBER and OPT_SIZE (bytes): limits, both allowed
 *	preset	what holds when the key is not given, as text
 *	help	one line for menu and manual
 *
 * Sources, later wins: \EFI\pagewalk\last.conf, \EFI\pagewalk\pagewalk.conf, LoadOptions,
 * fw_cfg file opt/pagewalk/cmdline.  Keys stand in the order in which the manual lists them.
 */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

enum boot_option_kind {
	OPT_NUMBER,		/* decimal or 0x hex */
	OPT_SIZE,		/* a number with an optional K, M or G */
	OPT_FLAG,		/* the bare key, or =1 yes on true, =0 no off false */
	OPT_CHOICE,		/* exactly one of `values` */
	OPT_LIST,		/* words with commas between */
	OPT_SCREEN,		/* WIDTHxHEIGHT */
	OPT_TESTS,		/* all, smoke, off, or row IDs with commas between */
	OPT_TEXT,		/* anything printable */
};

#define BOOT_OPTIONS(X) \
	X("paging", OPT_CHOICE, "4|2|both", 0, 0, "4", \
	  "page tables: 4 levels (x86-64), 2 levels (i386), or one kernel after the other") \
	X("timeout", OPT_NUMBER, "SECONDS", 0, 3600, "3", \
	  "how long the menu waits; 0: no menu") \
	X("mem", OPT_SIZE, "SIZE", 0, ~0ull, "all", \
	  "use no RAM above this much; 0: all") \
	X("lowmem", OPT_SIZE, "SIZE", 0, ~0ull, "all", \
	  "limit of the direct map, the rest is high memory; 0: no limit") \
	X("nolargepages", OPT_FLAG, "", 0, 1, "off", \
	  "map everything with the smallest pages") \
	X("userpte", OPT_CHOICE, "high|nohigh", 0, 0, "high", \
	  "where page tables of programs may be: in high memory, too, or only in low memory") \
	X("screen", OPT_SCREEN, "WIDTHxHEIGHT", 0, 0, "as it is", \
	  "screen mode to ask the firmware for") \
	X("gop", OPT_NUMBER, "NUMBER", 0, 63, "the console's", \
	  "which screen, counted from 0, when there are several") \
	X("rotate", OPT_CHOICE, "0|90|180|270", 0, 0, "0", \
	  "turn the picture clockwise, for panels that are built in sideways") \
	X("console", OPT_TEXT, "auto|none|plain|screen|serial|e9|uart,io,PORT|uart,mmio,ADDR,+...", 0, 0, "auto", \
	  "where messages go; plain: no colours on the serial line") \
	X("loglevel", OPT_NUMBER, "LEVEL", 0, 8, "7", \
	  "print messages below this level; 0: emergencies only, 8: everything") \
	X("keymap", OPT_CHOICE, "us|de|fr", 0, 0, "us", \
	  "keyboard layout") \
	X("hz", OPT_NUMBER, "RATE", 10, 10000, "250", \
	  "timer interrupts a second") \
	X("init", OPT_TEXT, "\"/PATH ARGUMENTS\"", 0, 0, "/bin/init", \
	  "the first user program and its arguments") \
	X("test", OPT_TESTS, "all|smoke|off|ROW,ROW", 0, 0, "smoke", \
	  "self-tests: all, the smoke test, none, or these rows") \
	X("exit", OPT_CHOICE, "poweroff|reboot|halt|qemu", 0, 0, "halt", \
	  "what to do when everything is done; qemu: its debug-exit port") \
	X("report", OPT_CHOICE, "on|off", 0, 0, "on", \
	  "leave a record of this run on the stick, and pick up the results of the one before") \
	X("reset", OPT_LIST, "efi|acpi|cf9|kbc|triple", 0, 0, "efi,acpi,cf9,kbc,triple", \
	  "ways to reset the machine, in this order") \
	X("swap", OPT_TEXT, "off|auto|ram|DEVICE", 0, 0, "auto", \
	  "where to swap to; ram: a RAM disk") \
	X("ramdisk", OPT_SIZE, "SIZE", 0, ~0ull, "none", \
	  "make a disk of RAM, ram0, of this size; it can be swap") \
	X("trace", OPT_LIST, "", 0, 0, "off", \
	  "record events from the start: off, on, or how many the ring shall hold") \
	X("knob", OPT_TEXT, "NAME[:VALUE],...", 0, 0, "none", \
	  "test conditions to provoke") \
	X("fragment", OPT_NUMBER, "PIECES", 0, 65536, "0", \
	  "make the firmware's memory map this much longer, as a test")

#endif
