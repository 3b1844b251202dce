/* SPDX-License-Identifier: MIT */
/* munmap and mprotect. */
#include "oracle.h"

CASE(munmap_arguments)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	say("not aligned: %s", ret(sys_munmap(p + 1, PG)));
	say("length 0: %s", ret(sys_munmap(p, 0)));
	say("length 1: %s", ret(sys_munmap(p, 1)));
	say("in the kernel: %s", ret(sys_munmap((void *)-PG, PG)));
	say("across the end: %s", ret(sys_munmap(p, -1ul - (ulong)p)));
	say("-1: %s", ret(sys_munmap(p, -1ul)));
	say("a hole: %s", ret(sys_munmap(p, PG)));
	say_maps(p, 4 * PG);
}

CASE(munmap_parts)
{
	char *p = map(9 * PG, RW, PRIV);

	base(p);
	touch(p, 9 * PG, 'q');
	say("middle: %s", ret(sys_munmap(p + 4 * PG, PG)));
	say("head: %s", ret(sys_munmap(p, PG)));
	say("tail: %s", ret(sys_munmap(p + 8 * PG, PG)));
	say_maps(p, 9 * PG);
	probe_begin();
	say("%s %s %s", rd(p + 3 * PG), rd(p + 4 * PG), rd(p + 5 * PG));
	say("over the hole: %s", ret(sys_munmap(p + 3 * PG, 3 * PG)));
	say_maps(p, 9 * PG);
}

CASE(munmap_many)
{
	char *p = map(64 * PG, RW, PRIV);
	unsigned i;

	base(p);
	for (i = 0; i < 64; i += 2)
		sys_mprotect(p + i * PG, PG, R);
	touch(p + PG, PG, 1);
	say("all at once: %s", ret(sys_munmap(p, 64 * PG)));
	probe_begin();
	say("%s %s", rd(p), rd(p + PG));
}

CASE(munmap_wakes_no_data)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0), c;

	p[10] = 'S';
	sys_munmap(p, 2 * PG);
	read_at(fd, &c, 1, 10);
	say("a shared store stays in the file: %c", c);
	p = map_file(fd, 2 * PG, RW, MAP_PRIVATE, 0);
	p[11] = 'P';
	sys_munmap(p, 2 * PG);
	read_at(fd, &c, 1, 11);
	say("a private one does not: %c", c);
}

CASE(munmap_closed_descriptor)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);

	sys_close(fd);
	sys_unlink("/tmp/f");
	probe_begin();
	base(p);
	say("%s %s", rd(p), rd(p + PG));
	say_maps(p, 2 * PG);
}

/* ---- mprotect ------------------------------------------------------------------------- */

CASE(mprotect_arguments)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	say("not aligned: %s", ret(sys_mprotect(p + 1, PG, R)));
	say("length 0: %s", ret(sys_mprotect(p, 0, R)));
	say("length 0, bad bits: %s", ret(sys_mprotect(p, 0, 0x100)));
	say("bad bits: %s", ret(sys_mprotect(p, PG, 0x100)));
	say("PROT_SEM: %s", ret(sys_mprotect(p, PG, R | PROT_SEM)));
	say("GROWSDOWN of a plain region: %s", ret(sys_mprotect(p, PG, R | PROT_GROWSDOWN)));
	say("GROWSUP: %s", ret(sys_mprotect(p, PG, R | PROT_GROWSUP)));
	say("both: %s", ret(sys_mprotect(p, PG, R | PROT_GROWSDOWN | PROT_GROWSUP)));
	say("wraps: %s", ret(sys_mprotect(p, -PG, R)));
	say("-1: %s", ret(sys_mprotect(p, -1ul, R)));
	say("in the kernel: %s", ret(sys_mprotect((void *)(-16 * PG), PG, R)));
	say_maps(p, 4 * PG);
}

CASE(mprotect_hole)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	unmap(p + 3 * PG, 2 * PG);
	say("%s", ret(sys_mprotect(p + PG, 6 * PG, R)));
	say_maps(p, 8 * PG);
	say("begins in a hole: %s", ret(sys_mprotect(p + 4 * PG, 3 * PG, R)));
	say("all of it a hole: %s", ret(sys_mprotect(p + 3 * PG, PG, R)));
	say_maps(p, 8 * PG);
}

CASE(mprotect_split_and_merge)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	touch(p, 8 * PG, 'm');
	sys_mprotect(p + 2 * PG, 2 * PG, R);
	say_maps(p, 8 * PG);
	sys_mprotect(p + 4 * PG, PG, R);
	say_maps(p, 8 * PG);
	sys_mprotect(p + 2 * PG, PG, RW);
	say_maps(p, 8 * PG);
	sys_mprotect(p + 3 * PG, 2 * PG, RW);
	say_maps(p, 8 * PG);
	sys_mprotect(p, 8 * PG, PROT_NONE);
	say_maps(p, 8 * PG);
}

CASE(mprotect_across_regions)
{
	char *p = map(6 * PG, PROT_NONE, PRIV);

	base(p);
	map_at(p + PG, PG, R, PRIV);
	map_at(p + 2 * PG, PG, RW, PRIV);
	map_at(p + 3 * PG, PG, RX, PRIV);
	sys_mprotect(p + PG, 3 * PG, R);
	say_maps(p, 6 * PG);
	sys_mprotect(p, 6 * PG, RW);
	say_maps(p, 6 * PG);
}

CASE(mprotect_file_rights)
{
	int fd = make_file("/tmp/f", 2 * PG), ro;
	char *p, *q;

	sys_close(fd);
	ro = open_or_die("/tmp/f", O_RDONLY);
	p = map_file(ro, 2 * PG, R, MAP_SHARED, 0);
	q = map_file(ro, 2 * PG, R, MAP_PRIVATE, 0);
	base(p);
	say("shared of O_RDONLY: %s", ret(sys_mprotect(p, PG, RW)));
	say("exec: %s", ret(sys_mprotect(p, PG, RX)));
	base(q);
	say("private of O_RDONLY: %s", ret(sys_mprotect(q, PG, RW)));
	probe_begin();
	say("store %s, load %s, untouched %s", wr(q, 'n'), rd(q), rd(q + PG));
}

CASE(mprotect_partial_then_refused)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map(4 * PG, R, PRIV);

	base(p);
	sys_close(fd);
	fd = open_or_die("/tmp/f", O_RDONLY);
	sys_mmap(p + 2 * PG, PG, R, MAP_SHARED | MAP_FIXED, fd, 0);
	say("%s", ret(sys_mprotect(p, 4 * PG, RW)));
	say_maps(p, 4 * PG);
}

CASE(mprotect_zero_page)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	probe_begin();
	say("%s", rd(p));
	sys_mprotect(p, 4 * PG, R);
	say("%s %s", rd(p), wr(p, 1));
	sys_mprotect(p, 4 * PG, RW);
	say("%s %s %s", wr(p, 1), rd(p), rd(p + PG));
	say("core %s", core(p, 4 * PG));
}

CASE(mprotect_none_keeps)
{
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	probe_begin();
	p[5] = 'K';
	sys_mprotect(p, 2 * PG, PROT_NONE);
	say("%s %s", rd(p + 5), wr(p + 5, 1));
	say("core %s", core(p, 2 * PG));
	sys_mprotect(p, 2 * PG, R);
	say("%s", rd(p + 5));
}

static char *cow;

static void cow_child(void)
{
	sys_mprotect(cow, PG, R);
	sys_mprotect(cow, PG, RW);
	cow[0] = 'C';
}

CASE(mprotect_keeps_copy_on_write)
{
	cow = map(PG, RW, PRIV);
	cow[0] = 'P';
	say("%s", status(in_child(cow_child)));
	say("%c", cow[0]);
}

CASE(mprotect_growsdown)
{
	char *p = map(16 * PG, PROT_NONE, PRIV);

	base(p);
	unmap(p, 16 * PG);
	map_at(p + 8 * PG, 4 * PG, RW, PRIV | MAP_GROWSDOWN);
	say("from the middle: %s", ret(sys_mprotect(p + 10 * PG, PG, R | PROT_GROWSDOWN)));
	say_maps(p, 16 * PG);
	say("below: %s", ret(sys_mprotect(p + 6 * PG, PG, R | PROT_GROWSDOWN)));
}

CASE(mprotect_shared_dirty)
{
	int fd = make_file("/tmp/f", PG);
	char *p = map_file(fd, PG, RW, MAP_SHARED, 0), c;

	base(p);
	probe_begin();
	sys_mprotect(p, PG, R);
	say("%s", wr(p, 'x'));
	sys_mprotect(p, PG, RW);
	say("%s", wr(p, 'y'));
	read_at(fd, &c, 1, 0);
	say("%c", c);
}
