/* SPDX-License-Identifier: MIT */
/* madvise. */
#include "oracle.h"

CASE(madvise_arguments)
{
	static const int advice[] = { 0, 1, 2, 3, 4, 8, 10, 11, 16, 17, 18, 19, 99, -1 };
	char *p = map(4 * PG, RW, PRIV);
	unsigned i;

	say("not aligned: %s", ret(sys_madvise(p + 1, PG, MADV_NORMAL)));
	say("length 0: %s", ret(sys_madvise(p, 0, MADV_NORMAL)));
	say("length 0 of nothing: %s", ret(sys_madvise((void *)0x10000, 0, MADV_DONTNEED)));
	say("length 0, unknown advice: %s", ret(sys_madvise(p, 0, 99)));
	say("wraps: %s", ret(sys_madvise(p, -PG, MADV_NORMAL)));
	say("-1: %s", ret(sys_madvise(p, -1ul, MADV_NORMAL)));
	say("a hole: %s", ret(sys_madvise((void *)0x10000, PG, MADV_NORMAL)));
	for (i = 0; i < ARRAY_SIZE(advice); i++)
		say("advice %d: %s", advice[i], ret(sys_madvise(p, PG, advice[i])));
}

CASE(madvise_dontneed_anonymous)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	touch(p, 4 * PG, 'd');
	say("%s", ret(sys_madvise(p + PG, 2 * PG, MADV_DONTNEED)));
	probe_begin();
	say("core %s", core(p, 4 * PG));
	say("%s %s %s %s", rd(p), rd(p + PG), rd(p + 2 * PG), rd(p + 3 * PG));
}

CASE(madvise_dontneed_file)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map_file(fd, 2 * PG, RW, MAP_PRIVATE, 0);
	char *s = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);

	p[0] = 'p';
	s[PG] = 's';
	say("private %c%c", p[0], p[PG]);
	say("%s", ret(sys_madvise(p, 2 * PG, MADV_DONTNEED)));
	say("private %c%c", p[0], p[PG]);
	say("%s", ret(sys_madvise(s, 2 * PG, MADV_DONTNEED)));
	say("shared %c%c", s[0], s[PG]);
}

CASE(madvise_dontneed_shared)
{
	char *p = map(2 * PG, RW, SHAR);

	p[0] = 'x';
	say("%s %c", ret(sys_madvise(p, 2 * PG, MADV_DONTNEED)), p[0]);
}

CASE(madvise_dontneed_no_access)
{
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	touch(p, 2 * PG, 'n');
	sys_mprotect(p, PG, PROT_NONE);
	say("%s", ret(sys_madvise(p, 2 * PG, MADV_DONTNEED)));
	sys_mprotect(p, PG, RW);
	probe_begin();
	say("%s %s", rd(p), rd(p + PG));
}

CASE(madvise_hole)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	touch(p, 8 * PG, 'h');
	unmap(p + 3 * PG, 2 * PG);
	say("%s", ret(sys_madvise(p + PG, 6 * PG, MADV_DONTNEED)));
	probe_begin();
	say("%s %s %s %s", rd(p), rd(p + PG), rd(p + 6 * PG), rd(p + 7 * PG));
	say("begins in it: %s", ret(sys_madvise(p + 4 * PG, 4 * PG, MADV_DONTNEED)));
	say("%s", rd(p + 7 * PG));
}

CASE(madvise_free)
{
	int fd = make_file("/tmp/f", PG);
	char *p = map(2 * PG, RW, PRIV);

	p[0] = 'f';
	say("%s", ret(sys_madvise(p, 2 * PG, MADV_FREE)));
	p[0] = 'g';
	say("%c", p[0]);
	say("file: %s", ret(sys_madvise(map_file(fd, PG, RW, MAP_PRIVATE, 0), PG, MADV_FREE)));
	say("shared: %s", ret(sys_madvise(map(PG, RW, SHAR), PG, MADV_FREE)));
}

CASE(madvise_dontfork)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	touch(p, 4 * PG, 'k');
	say("%s", ret(sys_madvise(p + PG, 2 * PG, MADV_DONTFORK)));
	if (sys_fork() == 0) {
		probe_begin();
		say("child %s %s %s", rd(p), rd(p + PG), rd(p + 3 * PG));
		say_maps(p, 4 * PG);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	say("%s", ret(sys_madvise(p, 4 * PG, MADV_DOFORK)));
	say_maps(p, 4 * PG);
	if (sys_fork() == 0) {
		probe_begin();
		say("child %s", rd(p + PG));
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
}

CASE(madvise_wipeonfork)
{
	int fd = make_file("/tmp/f", PG);
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	touch(p, 2 * PG, 'w');
	say("%s", ret(sys_madvise(p, PG, MADV_WIPEONFORK)));
	say("shared: %s", ret(sys_madvise(map(PG, RW, SHAR), PG, MADV_WIPEONFORK)));
	say("file: %s", ret(sys_madvise(map_file(fd, PG, RW, MAP_PRIVATE, 0), PG, MADV_WIPEONFORK)));
	if (sys_fork() == 0) {
		probe_begin();
		say("child %s %s", rd(p), rd(p + PG));
		if (sys_fork() == 0) {
			touch(p, PG, 1);
			say("grandchild %s", rd(p));
			exit(0);
		}
		sys_wait4(-1, NULL, 0, NULL);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	say("parent %c; keep: %s", p[0], ret(sys_madvise(p, PG, MADV_KEEPONFORK)));
	say_maps(p, 2 * PG);
}

CASE(madvise_splits)
{
	char *p = map(6 * PG, RW, PRIV);

	base(p);
	sys_madvise(p + PG, PG, MADV_RANDOM);
	sys_madvise(p + 3 * PG, PG, MADV_DONTDUMP);
	say_maps(p, 6 * PG);
	sys_madvise(p, 6 * PG, MADV_NORMAL);
	sys_madvise(p, 6 * PG, MADV_DODUMP);
	say_maps(p, 6 * PG);
}

CASE(madvise_willneed)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map(2 * PG, RW, PRIV);

	say("%s core %s", ret(sys_madvise(p, 2 * PG, MADV_WILLNEED)), core(p, 2 * PG));
	p = map_file(fd, 4 * PG, R, MAP_SHARED, 0);
	say("%s", ret(sys_madvise(p, 4 * PG, MADV_WILLNEED)));
}

CASE(madvise_populate)
{
	char *p = map(4 * PG, RW, PRIV), *q = map(4 * PG, R, PRIV);

	say("read: %s %s", ret(sys_madvise(p, 2 * PG, 22)), core(p, 4 * PG));
	say("write: %s %s", ret(sys_madvise(p, 4 * PG, 23)), core(p, 4 * PG));
	say("write of read-only: %s", ret(sys_madvise(q, PG, 23)));
	unmap(p + PG, PG);
	say("a hole: %s", ret(sys_madvise(p, 4 * PG, 22)));
}
