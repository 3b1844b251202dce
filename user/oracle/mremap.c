/* SPDX-License-Identifier: MIT */
/* mremap. */
#include "oracle.h"

#define MAY	MREMAP_MAYMOVE
#define FIXED	(MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP	(MREMAP_MAYMOVE | MREMAP_DONTUNMAP)
#define X(p, from, to, flags, where) adr(sys_mremap(p, from, to, flags, where))

/* A place of n pages with nothing in it and nothing near. */
static char *place(unsigned n)
{
	char *p = map(n * PG, PROT_NONE, PRIV);

	unmap(p, n * PG);
	return p;
}

CASE(mremap_arguments)
{
	char *p = place(32);

	base(p);
	map_at(p + 8 * PG, 4 * PG, RW, PRIV);
	say("not aligned: %s", X(p + 8 * PG + 1, PG, 2 * PG, MAY, 0));
	say("new length 0: %s", X(p + 8 * PG, PG, 0, MAY, 0));
	say("unknown flag: %s", X(p + 8 * PG, PG, 2 * PG, 8, 0));
	say("FIXED alone: %s", X(p + 8 * PG, PG, PG, MREMAP_FIXED, p));
	say("FIXED not aligned: %s", X(p + 8 * PG, PG, PG, FIXED, p + 1));
	say("FIXED overlaps: %s", X(p + 8 * PG, 2 * PG, 2 * PG, FIXED, p + 9 * PG));
	say("FIXED onto itself: %s", X(p + 8 * PG, PG, PG, FIXED, p + 8 * PG));
	say("FIXED in the kernel: %s", X(p + 8 * PG, PG, PG, FIXED, (char *)-PG));
	say("unmapped: %s", X(p, PG, 2 * PG, MAY, 0));
	say("starts before the region: %s", X(p + 7 * PG, 2 * PG, 3 * PG, MAY, 0));
	say("beyond the region: %s", X(p + 11 * PG, 2 * PG, 3 * PG, MAY, 0));
	say("beyond the region, shrunk: %s", X(p + 11 * PG, 3 * PG, 2 * PG, MAY, 0));
	say("too long: %s", X(p + 8 * PG, PG, -PG, MAY, 0));
	say("longer than all: %s", X(p + 8 * PG, PG, ~0ul >> 1, MAY, 0));
	say_maps(p, 32 * PG);
}

CASE(mremap_same_size)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	say("%s %s", X(p, 4 * PG, 4 * PG, 0, 0), X(p + PG, 100, 200, 0, 0));
	say("of a part: %s", X(p + PG, PG, PG, MAY, 0));
	say_maps(p, 4 * PG);
}

CASE(mremap_shrink)
{
	char *p = place(16);

	base(p);
	map_at(p + 4 * PG, 8 * PG, RW, PRIV);
	touch(p + 4 * PG, 8 * PG, 's');
	say("%s", X(p + 4 * PG, 8 * PG, 5 * PG, 0, 0));
	say("in the middle: %s", X(p + 5 * PG, 3 * PG, PG, 0, 0));
	say_maps(p, 16 * PG);
	probe_begin();
	say("%s %s %s", rd(p + 5 * PG), rd(p + 6 * PG), rd(p + 8 * PG));
}

CASE(mremap_grow_in_place)
{
	char *p = place(16);

	base(p);
	map_at(p + 4 * PG, 2 * PG, RW, PRIV);
	touch(p + 4 * PG, 2 * PG, 'g');
	say("%s", X(p + 4 * PG, 2 * PG, 6 * PG, 0, 0));
	probe_begin();
	say("%s %s %s", rd(p + 5 * PG), rd(p + 6 * PG), rd(p + 10 * PG));
	map_at(p + 12 * PG, PG, R, PRIV);
	say("blocked: %s", X(p + 4 * PG, 6 * PG, 10 * PG, 0, 0));
	say("up to the neighbour: %s", X(p + 4 * PG, 6 * PG, 8 * PG, 0, 0));
	say("not from the end: %s", X(p + 4 * PG, 2 * PG, 3 * PG, 0, 0));
	say_maps(p, 16 * PG);
}

CASE(mremap_grow_by_moving)
{
	char *p = place(64), *q;

	base(p);
	map_at(p + 16 * PG, 3 * PG, RW, PRIV);
	map_at(p + 19 * PG, PG, R, PRIV);
	touch(p + 16 * PG, 3 * PG, 'v');
	q = sys_mremap(p + 16 * PG, 3 * PG, 5 * PG, MAY, 0);
	say("%s", adr(q));
	probe_begin();
	say("%s %s %s old %s", rd(q), rd(q + 2 * PG), rd(q + 3 * PG), rd(p + 16 * PG));
	say_maps(p, 64 * PG);
}

CASE(mremap_move_a_part)
{
	char *p = place(64);

	base(p);
	map_at(p + 8 * PG, 6 * PG, RW, PRIV);
	touch(p + 8 * PG, 6 * PG, 'p');
	p[10 * PG] = 'q';
	say("%s", X(p + 10 * PG, 2 * PG, 2 * PG, FIXED, p + 32 * PG));
	probe_begin();
	say("%s %s %s", rd(p + 32 * PG), rd(p + 33 * PG), rd(p + 10 * PG));
	say_maps(p, 64 * PG);
	say("back: %s", X(p + 32 * PG, 2 * PG, 2 * PG, FIXED, p + 10 * PG));
	say_maps(p, 64 * PG);
}

CASE(mremap_fixed_replaces)
{
	char *p = place(64);

	base(p);
	map_at(p, 4 * PG, RW, PRIV);
	map_at(p + 16 * PG, 8 * PG, R, PRIV);
	touch(p, 4 * PG, 'f');
	say("%s", X(p, 4 * PG, 6 * PG, FIXED, p + 18 * PG));
	say_maps(p, 64 * PG);
	probe_begin();
	say("%s %s %s", rd(p + 18 * PG), rd(p + 22 * PG), wr(p + 23 * PG, 1));
	say("shrunk: %s", X(p + 18 * PG, 6 * PG, 2 * PG, FIXED, p + 40 * PG));
	say_maps(p, 64 * PG);
}

CASE(mremap_fixed_unmaps_first)
{
	char *p = place(32);

	base(p);
	map_at(p + 8 * PG, 2 * PG, RW, PRIV);
	say("from nowhere: %s", X(p, 2 * PG, 2 * PG, FIXED, p + 8 * PG));
	say_maps(p, 32 * PG);
}

CASE(mremap_two_regions)
{
	char *p = place(32);

	base(p);
	map_at(p + 4 * PG, 2 * PG, RW, PRIV);
	map_at(p + 6 * PG, 2 * PG, R, PRIV);
	say("moved: %s", X(p + 4 * PG, 4 * PG, 8 * PG, MAY, 0));
	say("shrunk: %s", X(p + 4 * PG, 4 * PG, PG, MAY, 0));
	say_maps(p, 32 * PG);
}

static char *inherited;

static void write_c(void)
{
	inherited[0] = 'C';
	inherited[PG] = 'C';
}

CASE(mremap_copy_on_write_moves)
{
	char *p = place(32);

	base(p);
	map_at(p, 2 * PG, RW, PRIV);
	touch(p, 2 * PG, 'P');
	if (sys_fork() == 0) {
		inherited = sys_mremap(p, 2 * PG, 2 * PG, FIXED, p + 16 * PG);
		say("child: %c", p[16 * PG]);
		write_c();
		say("child: %c", p[16 * PG]);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	say("parent: %c %c", p[0], p[PG]);
}

CASE(mremap_zero_page_moves)
{
	char *p = place(32);

	base(p);
	map_at(p, 2 * PG, RW, PRIV);
	probe_begin();
	say("%s", rd(p));
	say("%s core %s", X(p, 2 * PG, 2 * PG, FIXED, p + 16 * PG), core(p + 16 * PG, 2 * PG));
	say("%s %s", rd(p + 16 * PG), wr(p + 16 * PG, 1));
}

CASE(mremap_file)
{
	int fd = make_file("/tmp/f", 4 * PG);
	char *p = place(32);

	base(p);
	sys_mmap(p, 2 * PG, RW, MAP_SHARED | MAP_FIXED, fd, PG);
	probe_begin();
	say("%s %s", rd(p), X(p, 2 * PG, 6 * PG, FIXED, p + 16 * PG));
	say("%s %s %s %s", rd(p + 16 * PG), rd(p + 18 * PG), rd(p + 19 * PG), rd(p + 20 * PG));
	say_maps(p, 32 * PG);
	say("tail: %s", X(p + 17 * PG, PG, PG, FIXED, p));
	say_maps(p, 32 * PG);
}

CASE(mremap_private_file)
{
	int fd = make_file("/tmp/f", 4 * PG);
	char *p = place(32);

	base(p);
	sys_mmap(p, 3 * PG, RW, MAP_PRIVATE | MAP_FIXED, fd, 0);
	p[0] = 'w';
	say("%s", X(p, 3 * PG, 3 * PG, FIXED, p + 16 * PG));
	probe_begin();
	say("%s %s", rd(p + 16 * PG), rd(p + 17 * PG));
	say_maps(p, 32 * PG);
}

CASE(mremap_duplicate)
{
	char *p = place(32), *q;
	int fd = make_file("/tmp/f", 2 * PG);

	base(p);
	map_at(p, 2 * PG, RW, SHAR);
	p[0] = 'd';
	say("shared: %s", X(p, 0, 2 * PG, FIXED, p + 8 * PG));
	p[0] = 'e';
	probe_begin();
	say("%s %s", rd(p + 8 * PG), rd(p));
	map_at(p + 16 * PG, 2 * PG, RW, PRIV);
	say("private: %s", X(p + 16 * PG, 0, 2 * PG, MAY, 0));
	q = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);
	say("without MAYMOVE: %s", X(q, 0, 2 * PG, 0, 0));
	say_maps(p, 32 * PG);
}

CASE(mremap_dontunmap)
{
	char *p = place(32);

	base(p);
	map_at(p, 2 * PG, RW, PRIV);
	touch(p, 2 * PG, 'u');
	say("%s", X(p, 2 * PG, 2 * PG, KEEP | MREMAP_FIXED, p + 16 * PG));
	probe_begin();
	say("new %s, old %s", rd(p + 16 * PG), rd(p));
	say("%s", wr(p + PG, 2));
	say("core %s", core(p, 2 * PG));
	say("other size: %s", X(p, 2 * PG, 3 * PG, KEEP, 0));
	say("without MAYMOVE: %s", X(p, 2 * PG, 2 * PG, MREMAP_DONTUNMAP, 0));
	say_maps(p, 32 * PG);
}

CASE(mremap_dontunmap_shared)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = place(32);

	base(p);
	sys_mmap(p, 2 * PG, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	say("%s", X(p, 2 * PG, 2 * PG, KEEP | MREMAP_FIXED, p + 16 * PG));
	probe_begin();
	say("%s %s", rd(p), rd(p + 16 * PG));
}

CASE(mremap_locked)
{
	char *p = place(32);

	base(p);
	map_at(p, 2 * PG, RW, PRIV);
	sc(mlock, p, 2 * PG);
	say("VmLck %ld", figure(STATUS, "VmLck:"));
	say("%s", X(p, 2 * PG, 4 * PG, FIXED, p + 16 * PG));
	say("VmLck %ld core %s", figure(STATUS, "VmLck:"), core(p + 16 * PG, 4 * PG));
	say("%s", X(p + 16 * PG, 4 * PG, PG, 0, 0));
	say("VmLck %ld", figure(STATUS, "VmLck:"));
}

CASE(mremap_protections_stay)
{
	char *p = place(32);

	base(p);
	map_at(p, PG, RW, PRIV);
	p[0] = 'r';
	sys_mprotect(p, PG, R);
	say("%s", X(p, PG, PG, FIXED, p + 16 * PG));
	probe_begin();
	say("%s %s", rd(p + 16 * PG), wr(p + 16 * PG, 1));
	say("%s", ret(sys_mprotect(p + 16 * PG, PG, RW)));
	say("%s", wr(p + 16 * PG, 1));
}

CASE(mremap_limit)
{
	char *p = place(32);

	base(p);
	map_at(p, 2 * PG, RW, PRIV);
	set_limit(9 /* AS */, (ulong)figure(STATUS, "VmSize:") * KiB);
	say("%s", X(p, 2 * PG, 4 * PG, 0, 0));
	say("same size: %s", X(p, 2 * PG, 2 * PG, 0, 0));
	say("moved: %s", X(p, 2 * PG, 2 * PG, FIXED, p + 16 * PG));
	say("shrunk: %s", X(p, 2 * PG, PG, 0, 0));
}

CASE(mremap_merges)
{
	char *p = place(32);

	base(p);
	map_at(p + 10 * PG, 2 * PG, RW, PRIV);
	map_at(p + 14 * PG, 2 * PG, RW, PRIV);
	say("untouched, beside another: %s", X(p + 14 * PG, 2 * PG, 2 * PG, FIXED, p + 12 * PG));
	say_maps(p, 32 * PG);
	say("grown into a third: %s", X(p + 10 * PG, 4 * PG, 6 * PG, 0, 0));
	say_maps(p, 32 * PG);
}

CASE(mremap_brk)
{
	char *end = (char *)sc(brk, 0), *p = place(16);

	sc(brk, end + 4 * PG);
	end = (char *)(((ulong)end + PG - 1) & -PG);
	base(p);
	end[0] = 'h';
	say("%s", X(end, 2 * PG, 2 * PG, FIXED, p));
	probe_begin();
	say("%s", rd(p));
	base(end);
	say("%s", rd(end));
	say("grow: %s", (char *)sc(brk, end + 6 * PG) == end + 6 * PG ? "ok" : "refused");
}
