/* SPDX-License-Identifier: MIT */
/*
 * Reports: what the kernel writes into a ring the loader reads out of it, word for word; a
 * ring that was damaged in any way is noticed or gives what is whole; names and records.
 */
#include <kernel/random.h>
#include <stdlib.h>

#include "../../efi/report.h"
#include "../../kernel/report.c"
#include "tap.h"

#define INFO_SIZE	(8192 + REPORT_SIZE)
#define OUT_SIZE	(4u << 20)

struct boot_info *boot_info;
static char *info_mem;
static struct report_name name = { .date = "20261127", .number = 7 };
static char out_text[OUT_SIZE];

void arch_clean_cache(const void *addr, size_t n)
{
}

/* A "picture" of the screen: what the PNG looks like is another test. */
size_t fbcon_picture(void *buf, size_t size)
{
	memcpy(buf, "\x89PNG and more", 13);
	return 13;
}

static void *ring_mem(void)
{
	return info_mem + INFO_SIZE - boot_info->report_size;
}

/* A package's info range as the loader hands it over. */
static void new_ring(u32 size, unsigned index, unsigned kernels)
{
	if (!info_mem)
		info_mem = malloc(INFO_SIZE);
	if (active)
		unregister_console(&console);
	active = false;
	memset(info_mem, 0, INFO_SIZE);
	boot_info = (struct boot_info *)info_mem;
	boot_info->package[0].info.size = INFO_SIZE;
	boot_info->report_size = size;
	report_ring_make(ring_mem(), size, &name, 0x123456789abcdef0ull, index ? 2 : 4, index,
			 kernels);
}

/* A ring in memory of its exact size, so that ASan sees each byte too many. */
static const char *open_copy(struct report_ring *ring, const void *from, size_t n)
{
	static void *copy;

	free(copy);
	copy = malloc(n);
	memcpy(copy, from, n);
	return report_ring_open(ring, copy, n);
}

static const char *made(void (*make)(struct report_out *out, const struct report_run *run),
			const struct report_run *run)
{
	struct report_out out = { .buf = out_text, .size = OUT_SIZE - 1 };

	make(&out, run);
	out_text[out.len] = '\0';
	return out.full ? "full" : out_text;
}

/* ---- names ------------------------------------------------------------------------- */

static void test_names(void)
{
	static const char *const good[] = { "20261127-1.json", "nodate-999999.png", "20000101-42.tap" };
	static const char *const bad[] = {
		"", "-1.txt", "20261127-.txt", "20261127-0.txt", "20261127-1", "20261127-1.", "2026112-1.txt",
		"2026112x-1.txt", "20261127-1234567.txt", "20261127-1.html", "20261127-1.exe", "20261127.1-txt",
		"nodate-x.txt", "last.conf", "20261127-1.txt.bak", "20261127--1.txt", "202611270-1.txt",
	};
	struct report_name n;
	char text[40], date[REPORT_DATE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ok(report_name_parse(good[i], &n), "%s is a name", good[i]);
		report_name_text(&n, text, sizeof(text));
		is_str(text, good[i], "%s comes back", good[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!report_name_parse(bad[i], &n), "'%s' is none", bad[i]);
	ok(report_name_parse("NODATE-12.TXT", &n) && !strcmp(n.date, "nodate") &&
	   !strcmp(n.kind, "txt") && n.number == 12, "capitals, as old file systems have them");
	report_date(date, 2026, 11, 7);
	is_str(date, "20261107", "a date");
	report_date(date, 0, 0, 0);
	is_str(date, "nodate", "no clock");
	report_date(date, 2026, 13, 1);
	is_str(date, "nodate", "a clock that was never set");
}

/* ---- a run, word for word ---------------------------------------------------------- */

static void say_a_run(void)
{
	report_init();
	printk_raw("KTAP version 1\n");
	printk_raw("1..2\n");
	report_step("row %s", "K5");
	printk_raw("ok 1 - K5 text with \"quotes\": 3\n");
	printk(KERN_INFO "a message \033[1mbold\033[0m, ok 9 - not a row\n");
	console_write("ok 7 - a program\001says\n", 22);
	printk_raw("not ok 2 - K6 other: seen 3, expected 4\n");
	report_result(1, 1, 0);
	report_step("finish");
	report_picture();
	report_end(KERNEL_FAIL, true);
}

static void test_run(void)
{
	struct report_ring ring;
	struct report_run run = { .name = name, .ring = { &ring }, .rings = 1 };

	new_ring(REPORT_SIZE, 0, 1);
	say_a_run();
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE), "the ring is good");
	is(ring.status.state, REPORT_FAIL, "its state");
	is(report_restarted(&run), 1, "it restarts");
	is_str(report_state_word(&run), "failed", "in words");
	ok(ring.picture && !memcmp(ring.picture, "\x89PNG and more", 13), "the picture");
	is(ring.status.picture_len, 13, "its length");
	is_str(made(report_tap, &run),
	       "KTAP version 1\n1..1\n# Subtest: paging=4\n  KTAP version 1\n  1..2\n"
	       "  ok 1 - K5 text with \"quotes\": 3\n  not ok 2 - K6 other: seen 3, expected 4\n"
	       "not ok 1 - paging=4 failed: pass=1 fail=1 skip=0, last step \"finish\"\n", "TAP");
	is_str(made(report_txt, &run),
	       "Pagewalk report 20261127-7\n\nfailed: pass=1 fail=1 skip=0\n\n"
	       "4-level page tables: failed, pass=1 fail=1 skip=0, last step \"finish\"\n\n"
	       "KTAP version 1\n1..2\nok 1 - K5 text with \"quotes\": 3\n"
	       "a message bold, ok 9 - not a row\nok 7 - a program?says\n"
	       "not ok 2 - K6 other: seen 3, expected 4\n", "text");
	is_str(made(report_json, &run),
	       "{\n  \"report\": 1,\n  \"number\": 7,\n  \"date\": \"20261127\",\n"
	       "  \"run\": \"123456789abcdef0\",\n  \"state\": \"failed\",\n"
	       "  \"summary\": \"failed: pass=1 fail=1 skip=0\",\n  \"kernels\": [\n"
	       "    {\"paging\": 4, \"state\": \"failed\", \"step\": \"finish\", \"pass\": 1, \"fail\": 1,"
	       " \"skip\": 0, \"lost_bytes\": 0, \"damaged\": false,\n      \"rows\": [\n"
	       "        {\"id\": \"K5\", \"ok\": true, \"text\": \"text with \\\"quotes\\\": 3\"},\n"
	       "        {\"id\": \"K6\", \"ok\": false, \"text\": \"other: seen 3, expected 4\"}\n"
	       "      ]}\n  ],\n  \"picture\": \"20261127-7.png\"\n}\n", "JSON");
}

/* The kernel stopped somewhere: the step says where. */
static void test_unfinished(void)
{
	struct report_ring ring, second;
	struct report_run run = { .name = name, .ring = { &ring, &second }, .rings = 1 };
	char text[200];

	new_ring(REPORT_SIZE_SMALL, 0, 1);
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE_SMALL), "a ring that no kernel has seen");
	report_summary(&run, text, sizeof(text));
	is_str(text, "unfinished: the 4-level kernel never came back after the step \"leaving boot services\"",
	       "what is known of it");
	report_init();
	report_step("row %s", "B4");
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE_SMALL), "a ring of a kernel that hangs");
	report_summary(&run, text, sizeof(text));
	is_str(text, "unfinished: the 4-level kernel never came back after the step \"row B4\"", "where");
	report_end(KERNEL_PANIC, false);
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE_SMALL), "a ring of a panic");
	report_summary(&run, text, sizeof(text));
	is_str(text, "panic of the 4-level kernel in the step \"row B4\"", "where");
	is_str(report_state_word(&run), "panic", "its state");
	is(ring.picture != NULL, 0, "no picture where there is no room");

	new_ring(REPORT_SIZE_SMALL, 0, 2);
	report_init();
	report_handover(false);
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE_SMALL), "one kernel of two, which passed");
	is_str(report_state_word(&run), "unfinished", "the other one's ring is lost");
	memset(info_mem, 0, INFO_SIZE);
	report_ring_make(info_mem, REPORT_SIZE_SMALL, &name, 1, 2, 1, 2);
	ok(!report_ring_open(&second, info_mem, REPORT_SIZE_SMALL), "the other one never began");
	run.rings = 2;
	report_summary(&run, text, sizeof(text));
	is_str(text, "unfinished: the 2-level kernel never came back after the step \"waiting for the first kernel\"",
	       "and that is said");
}

/* ---- more than fits ---------------------------------------------------------------- */

static void test_full(void)
{
	struct report_ring ring;
	struct report_run run = { .name = name, .ring = { &ring }, .rings = 1 };
	unsigned i, last = 0, n, good = 1;
	char *s;

	new_ring(REPORT_SIZE_SMALL, 0, 1);
	report_init();
	for (i = 0; i < 20000; i++)
		printk_raw("# line %u\n", i);
	ok(!open_copy(&ring, ring_mem(), REPORT_SIZE_SMALL), "a ring that is full is good");
	is(ring.end - ring.first, ring.head.text_blocks, "all blocks count");
	made(report_tap, &run);
	s = strstr(out_text, "  # line ");
	for (i = 0; s && sscanf(s, "  # line %u\n", &n) == 1; i++) {
		good &= !i || n == last + 1;
		last = n;
		s = strchr(s, '\n') + 1;
	}
	is(last, 19999, "the newest line is the last");
	ok(good && i > 3000, "none is missing before it (%u lines)", i);
	is(strstr(out_text, "bytes were lost") != NULL, 1, "and what was lost is said");
}

/* ---- damage ------------------------------------------------------------------------ */

static void test_damage(void)
{
	static u8 good[REPORT_SIZE_SMALL], bad[REPORT_SIZE_SMALL];
	struct report_ring ring;
	struct report_run run = { .name = name, .ring = { &ring }, .rings = 1 };
	unsigned number, bit, noticed = 0, survived = 0, fallen = 0, i;
	struct rnd rnd;

	new_ring(REPORT_SIZE_SMALL, 0, 1);
	say_a_run();
	memcpy(good, ring_mem(), sizeof(good));
	for (bit = 0; bit < 8 * sizeof(struct report_head); bit++) {
		memcpy(bad, good, sizeof(bad));
		bad[bit / 8] ^= (u8)(1 << bit % 8);
		noticed += report_ring_open(&ring, bad, sizeof(bad)) != NULL;
	}
	is(noticed, bit, "each bit of the head counts");

	/* Either copy of the state alone is enough; which one is the newer one is seen. */
	for (bit = 0; bit < 8 * sizeof(struct report_status); bit++) {
		memcpy(bad, good, sizeof(bad));
		bad[REPORT_STATUS_OFF + bit / 8] ^= (u8)(1 << bit % 8);
		survived += !report_ring_open(&ring, bad, sizeof(bad));
		bad[2 * REPORT_STATUS_OFF + bit / 8] ^= (u8)(1 << bit % 8);
		fallen += report_ring_open(&ring, bad, sizeof(bad)) != NULL;
	}
	is(survived, bit, "one damaged copy of the state is survived");
	is(fallen, bit, "two are not");

	number = ((struct report_block *)(good + REPORT_TEXT_OFF))->number;
	for (noticed = 0, bit = 0; bit < 8 * 200; bit++) {
		memcpy(bad, good, sizeof(bad));
		bad[REPORT_TEXT_OFF + bit / 8] ^= (u8)(1 << bit % 8);
		noticed += !report_ring_open(&ring, bad, sizeof(bad)) &&
			   (number < ring.first || number >= ring.end);
	}
	is(noticed, bit, "a damaged block of text is left out");
	for (i = 0, noticed = 0; i < sizeof(good); i += 4096)
		noticed += open_copy(&ring, good, i) != NULL;
	is(noticed, 16, "a ring that is cut off is none");

	/* Garbage with all checksums right: the figures are looked at as well. */
	rnd_seed(&rnd, 20261127);
	/* In 32 bits each instruction is emulated. */
	for (i = 0; i < (sizeof(long) == 8 ? 3000 : 600); i++) {
		struct report_head *h = (struct report_head *)bad;
		unsigned k;

		memcpy(bad, good, sizeof(bad));
		for (k = 0; k < 8; k++)
			bad[rnd_below(&rnd, i % 2 ? sizeof(bad) : 6000)] = (u8)rnd_u32(&rnd);
		((u32 *)bad)[2 + rnd_below(&rnd, 12)] = (u32)rnd_u32(&rnd) >> rnd_below(&rnd, 32);
		h->version = REPORT_VERSION;
		h->magic = REPORT_MAGIC;
		h->crc = crc32_add(0, h, offsetof(struct report_head, crc));
		if (!open_copy(&ring, bad, sizeof(bad))) {
			made(report_tap, &run);
			made(report_txt, &run);
			made(report_json, &run);
		}
	}
	ok(true, "no garbage makes it read what is not there");
}

/* ---- records ----------------------------------------------------------------------- */

static void test_records(void)
{
	static const char machine[] = "  \"machine\": {\"time\": \"x\"},";
	struct report_out out = { .buf = out_text, .size = OUT_SIZE - 1 };
	const char *found;
	size_t len, i, seen = 0;
	u64 run = 0;

	report_record(&out, &name, 0xfeedull, "started", "leaving boot services", machine,
		      sizeof(machine) - 1);
	out_text[out.len] = '\0';
	is_str(out_text, "{\n  \"report\": 1,\n  \"number\": 7,\n  \"date\": \"20261127\",\n"
	       "  \"run\": \"000000000000feed\",\n  \"state\": \"started\",\n"
	       "  \"summary\": \"leaving boot services\",\n  \"machine\": {\"time\": \"x\"},\n"
	       "  \"kernels\": [],\n  \"picture\": null\n}\n", "a record");
	ok(report_record_parse(out_text, out.len, &run, &found, &len), "it is read again");
	is(run, 0xfeed, "its run");
	ok(len == sizeof(machine) - 1 && !memcmp(found, machine, len), "its machine");
	for (i = 0; i < out.len; i++) {
		char *cut = malloc(i + 1);

		memcpy(cut, out_text, i);
		seen += report_record_parse(cut, i, &run, &found, &len);
		free(cut);
	}
	is(seen, out.len - (size_t)(strstr(out_text, "  \"summary\"") - out_text),
	   "cut off behind its state it still is one, before it is none");
	out.len = 0;
	report_record(&out, &name, 1, "lost", "x", NULL, 0);
	ok(!report_record_parse(out_text, out.len, &run, &found, &len), "a closed record is not open");
	ok(!found, "and one without a machine has none");
}

static void test_strings(void)
{
	struct report_out out = { .buf = out_text, .size = 200 };

	report_put_json(&out, "a\tb\\\x1b[0m \xc3\xa9 \xe2\x86\x92 \xff \xc3 \xed\xa0\x80");
	out_text[out.len] = '\0';
	is_str(out_text, "\"a\\u0009b\\\\\\u001b[0m \xc3\xa9 \xe2\x86\x92 \\u00ff \\u00c3 \\u00ed\\u00a0\\u0080\"",
	       "what JSON must not have");
	out.len = 0;
	out.size = 10;
	report_put_json(&out, "0123456789");
	is(out.full, 1, "what does not fit is noticed");
	ok(out.len <= 10, "and not written");
}

int main(void)
{
	plan(0);
	test_names();
	test_run();
	test_unfinished();
	test_full();
	test_damage();
	test_records();
	test_strings();
	return done();
}
