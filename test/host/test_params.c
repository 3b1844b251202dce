/* SPDX-License-Identifier: MIT */
/* The command line: words, quotes, numbers, knobs, and too much of everything. */
#include <kernel/params.h>
#include <kernel/printk.h>
#include <stdlib.h>

#include "tap.h"

static int warnings;

int printk(const char *fmt, ...)
{
	warnings++;
	return 0;
}

static void words(void)
{
	params_init("paging=2 test=K1,P4 \t\n nolargepages init=\"/bin/sh -c 'x y'\" paging=4 empty=");
	is_str(param_get("paging"), "4", "the last one wins");
	is_str(param_get("test"), "K1,P4", "a list");
	is_str(param_get("init"), "/bin/sh -c 'x y'", "quotes hold spaces");
	is_str(param_get("nolargepages"), "", "a key without value");
	is_str(param_get("empty"), "", "an empty value");
	ok(param_get("mem") == NULL, "an absent key");
	ok(param_bool("nolargepages"), "a bare key is true");
	ok(!param_bool("absent"), "an absent key is false");
	params_init("a=0 b=no c=off d=1 e=\"open quote");
	ok(!param_bool("a") && !param_bool("b") && !param_bool("c") && param_bool("d"), "truth");
	is_str(param_get("e"), "open quote", "an open quote ends with the text");
	params_init("");
	ok(param_get("paging") == NULL, "an empty command line");
}

static void numbers(void)
{
	u64 v = 0;

	warnings = 0;
	params_init("a=48M b=0x10 c=1G d=7k e=12x f= g=0xffffffffffff h=-1");
	ok(param_u64("a", &v) && v == 48ull << 20, "48M");
	ok(param_u64("b", &v) && v == 16, "0x10");
	ok(param_u64("c", &v) && v == 1ull << 30, "1G");
	ok(param_u64("d", &v) && v == 7168, "7k");
	ok(param_u64("g", &v) && v == 0xffffffffffffull, "hexadecimal");
	is(warnings, 0, "no warning so far");
	ok(!param_u64("e", &v) && !param_u64("f", &v) && !param_u64("h", &v), "no numbers");
	is(warnings, 3, "a warning for each");
	ok(!param_u64("z", &v), "an absent number");
	is(warnings, 3, "is no mistake");
}

static void knobs(void)
{
	u64 v = 0;

	params_init("knob=early-fault:2,oops,x:0x20");
	ok(knob("oops") && knob("early-fault") && knob("x"), "knobs by name");
	ok(!knob("oop") && !knob("early") && !knob("fault"), "no part of a name");
	ok(knob_u64("early-fault", &v) && v == 2, "a knob's value");
	ok(knob_u64("x", &v) && v == 32, "the last knob's value");
	ok(!knob_u64("oops", &v), "a knob without value");
}

static void too_much(void)
{
	char *line = malloc(20000), *p = line;
	int i;

	for (i = 0; i < 200; i++)
		p += sprintf(p, "k%d=%d ", i, i);
	warnings = 0;
	params_init(line);
	is_str(param_get("k127"), "127", "128 words are kept");
	ok(param_get("k128") == NULL, "no more");
	is(warnings, 1, "and that is said");
	memset(line, 'x', 19999);
	line[19999] = '\0';
	warnings = 0;
	params_init(line);
	is(warnings, 1, "a line of 20000 bytes is cut, and that is said");
	free(line);
}

int main(void)
{
	plan(11 + 10 + 5 + 4);
	words();
	numbers();
	knobs();
	too_much();
	return done();
}
