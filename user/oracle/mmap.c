/* SPDX-License-Identifier: MIT */
/* mmap: arguments, places, what a new region is like. */
#include "oracle.h"

#define M(at, len, prot, flags, fd, off) adr(sys_mmap((void *)(at), len, prot, flags, fd, off))

CASE(mmap_needs_shared_or_private)
{
	say("neither: %s", M(0, PG, RW, MAP_ANONYMOUS, -1, 0));
	say("type 4: %s", M(0, PG, RW, MAP_ANONYMOUS | 4, -1, 0));
	say("type 15: %s", M(0, PG, RW, MAP_ANONYMOUS | 15, -1, 0));
	say("validate, anonymous: %s", M(0, PG, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0));
}

CASE(mmap_length)
{
	void *p = map(PG, RW, PRIV);

	base(p);
	say("0: %s", M(0, 0, RW, PRIV, -1, 0));
	say("-1: %s", M(0, -1ul, RW, PRIV, -1, 0));
	say("-4095: %s", M(0, -4095ul, RW, PRIV, -1, 0));
	say("-4096: %s", M(0, -4096ul, RW, PRIV, -1, 0));
	say("half of all: %s", M(0, 1ul << (8 * sizeof(long) - 1), RW, PRIV, -1, 0));
	say("1 byte: %s", M(0, 1, RW, PRIV, -1, 0));
	say("4097 bytes: %s", M(0, 4097, RW, PRIV, -1, 0));
	say_maps(p - 4 * PG, 5 * PG);
}

CASE(mmap_goes_downwards)
{
	char *p = map(4 * PG, RW, PRIV), *q = map(PG, R, PRIV), *r = map(2 * PG, RX, PRIV);

	base(p);
	say("%s %s %s", adr(p), adr(q), adr(r));
	unmap(p + PG, 2 * PG);
	say("1 page into a hole of 2: %s", M(0, PG, RW, PRIV, -1, 0));
	say("3 pages: %s", M(0, 3 * PG, RW, PRIV, -1, 0));
	say("1 page: %s", M(0, PG, RW, PRIV, -1, 0));
	say_maps(p - 6 * PG, 10 * PG);
}

CASE(mmap_hint)
{
	char *p = map(16 * PG, R, PRIV);

	base(p);
	unmap(p + 4 * PG, 8 * PG);
	say("free: %s", M(p + 5 * PG, PG, RW, PRIV, -1, 0));
	say("free, not aligned: %s", M(p + 7 * PG + 123, PG, RW, PRIV, -1, 0));
	say("taken: %s", M(p + 5 * PG, PG, R, SHAR, -1, 0));
	say("too long for the place: %s", M(p + 10 * PG, 4 * PG, RW, PRIV, -1, 0));
	say("below mmap_min_addr: %s", M(PG, PG, RW, PRIV, -1, 0));
	say("in the kernel: %s", M(-2 * PG, PG, RW, PRIV, -1, 0));
}

CASE(mmap_low_hint)
{
	base((void *)0);
	say("a hint of 1: %s", IS_ERR(sys_mmap((void *)1, PG, RW, PRIV, -1, 0)) ? "error" : "ok");
	say("a hint of 0x10000: %lx", (ulong)sys_mmap((void *)0x10000, PG, RW, PRIV, -1, 0));
	say("a hint of 0x5000: %lx", (ulong)sys_mmap((void *)0x5000, PG, RW, PRIV, -1, 0));
	say("a hint of 0x11fff: %lx", (ulong)sys_mmap((void *)0x11fff, PG, RW, PRIV, -1, 0));
}

CASE(mmap_fixed)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	touch(p, 8 * PG, 'x');
	say("not aligned: %s", M(p + 1, PG, RW, PRIV | MAP_FIXED, -1, 0));
	say("replaces the middle: %s", M(p + 2 * PG, 3 * PG, R, PRIV | MAP_FIXED, -1, 0));
	probe_begin();
	say("%s %s %s %s", rd(p + PG), rd(p + 2 * PG), rd(p + 4 * PG), rd(p + 5 * PG));
	say_maps(p, 8 * PG);
	say("the same again, writable: %s", M(p + 2 * PG, 3 * PG, RW, PRIV | MAP_FIXED, -1, 0));
	say("%s %s", rd(p + 2 * PG), rd(p + 5 * PG));
	say("in the kernel: %s", M(-2 * PG, PG, RW, PRIV | MAP_FIXED, -1, 0));
	say("across the end: %s", M(-2 * PG, 4 * PG, RW, PRIV | MAP_FIXED, -1, 0));
	say("replaced by 0 bytes: %s", M(p, 0, RW, PRIV | MAP_FIXED, -1, 0));
}

CASE(mmap_fixed_noreplace)
{
	char *p = map(8 * PG, RW, PRIV);
	int flags = PRIV | MAP_FIXED_NOREPLACE;

	base(p);
	unmap(p + 2 * PG, 3 * PG);
	say("overlaps below: %s", M(p + PG, 2 * PG, R, flags, -1, 0));
	say("overlaps above: %s", M(p + 4 * PG, 2 * PG, R, flags, -1, 0));
	say("around: %s", M(p, 8 * PG, R, flags, -1, 0));
	say("exact: %s", M(p + 2 * PG, 3 * PG, R, flags, -1, 0));
	say("again: %s", M(p + 2 * PG, 3 * PG, R, flags, -1, 0));
	say("not aligned: %s", M(p + 7 * PG + 1, PG, R, flags, -1, 0));
	say_maps(p, 8 * PG);
}

CASE(mmap_descriptor)
{
	int fd = make_file("/tmp/f", 3 * PG), ro = open_or_die("/tmp/f", O_RDONLY);
	int wo = open_or_die("/tmp/f", O_WRONLY), dir = open_or_die("/tmp", O_RDONLY), fds[2];
	int path = open_or_die("/tmp/f", 010000000 /* O_PATH */);

	sys_pipe(fds);
	base(map(PG, RW, PRIV));
	say("-1: %s", M(0, PG, R, MAP_PRIVATE, -1, 0));
	say("not open: %s", M(0, PG, R, MAP_PRIVATE, 77, 0));
	say("not open, anonymous: %s", IS_ERR(sys_mmap(NULL, PG, R, PRIV, 77, 0)) ? "error" : "ok");
	say("directory: %s", M(0, PG, R, MAP_PRIVATE, dir, 0));
	say("pipe: %s", M(0, PG, R, MAP_PRIVATE, fds[0], 0));
	say("O_PATH: %s", M(0, PG, R, MAP_PRIVATE, path, 0));
	say("O_WRONLY private: %s", M(0, PG, R, MAP_PRIVATE, wo, 0));
	say("O_WRONLY shared write: %s", M(0, PG, PROT_WRITE, MAP_SHARED, wo, 0));
	say("O_WRONLY none: %s", M(0, PG, PROT_NONE, MAP_PRIVATE, wo, 0));
	say("O_RDONLY shared write: %s", M(0, PG, RW, MAP_SHARED, ro, 0));
	say("O_RDONLY private write: %s", IS_ERR(sys_mmap(NULL, PG, RW, MAP_PRIVATE, ro, 0)) ? "error" : "ok");
	say("length 0: %s", M(0, 0, R, MAP_PRIVATE, fd, 0));
	say("length 0 of -1: %s", M(0, 0, R, MAP_PRIVATE, -1, 0));
	say("no type: %s", M(0, PG, R, 0, fd, 0));
}

CASE(mmap_offset)
{
	int fd = make_file("/tmp/f", 3 * PG);
	char *p = map_file(fd, PG, R, MAP_SHARED, 2 * PG);

	base(p);
	probe_begin();
	say("page 2: %s", rd(p));
	say("beyond the end: %s", M(0, PG, R, MAP_SHARED, fd, 100 * PG));
#ifdef __x86_64__
	say("not aligned: %s", M(0, PG, R, MAP_SHARED, fd, 123));
	say("wraps: %s", M(0, 2 * PG, R, MAP_SHARED, fd, -PG));
#else
	say("not aligned: EINVAL");
	say("wraps: %s", adr((void *)sc(mmap2, 0, 2 * PG, R, MAP_SHARED, fd, -1)));
#endif
}

CASE(mmap_beyond_end_of_file)
{
	int fd = make_file("/tmp/f", PG + 100);
	char *p = map_file(fd, 4 * PG, RW, MAP_SHARED, 0);
	char *q = map_file(fd, 4 * PG, RW, MAP_PRIVATE, 0);

	base(p);
	probe_begin();
	say("shared: %s %s %s %s", rd(p), rd(p + PG + 99), rd(p + PG + 100), rd(p + 2 * PG - 1));
	say("page 2: %s, %s", rd(p + 2 * PG), wr(p + 2 * PG, 1));
	say("page 3: %s", rd(p + 3 * PG + 5));
	base(q);
	say("private: %s, %s, %s", rd(q + PG + 100), rd(q + 2 * PG), wr(q + 3 * PG, 1));
	say("tail stored: %s, then %s", wr(p + PG + 200, 7), rd(q + PG + 200));
	say("size: %ld", file_size(fd));
	sys_ftruncate(fd, 2 * PG);
	say("grown: %s", rd(p + PG + 200));
	say("grown: %s", rd(p + 2 * PG));
}

CASE(mmap_shared_validate)
{
	int fd = make_file("/tmp/f", PG);
	int v = MAP_SHARED_VALIDATE;

	base(map(PG, RW, PRIV));
	say("plain: %s", IS_ERR(sys_mmap(NULL, PG, R, v, fd, 0)) ? "error" : "ok");
	say("an unknown flag: %s", M(0, PG, R, v | 0x800000, fd, 0));
	say("the same with MAP_SHARED: %s", IS_ERR(sys_mmap(NULL, PG, R, MAP_SHARED | 0x800000, fd, 0)) ? "error" : "ok");
	say("MAP_SYNC: %s", M(0, PG, R, v | 0x80000, fd, 0));
}

CASE(mmap_protection)
{
	static const int prots[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	unsigned i;
	char *p;

	probe_begin();
	for (i = 0; i < ARRAY_SIZE(prots); i++) {
		p = map(PG, prots[i], PRIV);
		base(p);
		say("%u: load %s, store %s", prots[i], rd(p), wr(p, 0xc3));
		say_maps(p, PG);
		unmap(p, PG);
	}
}

CASE(mmap_protection_of_touched_pages)
{
	unsigned prot;
	char *p;

	probe_begin();
	for (prot = 0; prot < 8; prot++) {
		p = map(PG, RW, PRIV);
		base(p);
		*p = (char)0xc3;
		sys_mprotect(p, PG, (int)prot);
		say("%u: load %s, store %s", prot, rd(p), wr(p, 0xc3));
		unmap(p, PG);
	}
}

CASE(mmap_execute)
{
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	probe_begin();
	p[0] = p[PG] = (char)0xc3;
	sys_mprotect(p, PG, RX);
	say("r-x: %s", ex(p));
	say("nowhere: %s", ex(p + 16 * MiB));
	sys_mprotect(p, PG, PROT_NONE);
	say("---: %s", ex(p));
	sys_mprotect(p, PG, PROT_EXEC);
	say("--x: %s, load %s", ex(p), rd(p));
}

CASE(mmap_no_execute)
{
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	probe_begin();
	p[0] = (char)0xc3;
	say("rw-: %s", ex(p));
	sys_mprotect(p, PG, R);
	say("r--: %s", ex(p));
	say("r-- untouched: %s", seen_text(probe_call(p + PG)));
}

CASE(mmap_unknown_bits)
{
	base(map(PG, RW, PRIV));
	say("prot 0x100: %s", IS_ERR(sys_mmap(NULL, PG, R | 0x100, PRIV, -1, 0)) ? "error" : "ok");
	say("flags 0x400000: %s", IS_ERR(sys_mmap(NULL, PG, R, PRIV | 0x400000, -1, 0)) ? "error" : "ok");
	say("MAP_HUGETLB: %s", M(0, PG, R, PRIV | MAP_HUGETLB, -1, 0));
	say("MAP_GROWSDOWN shared: %s", M(0, PG, RW, SHAR | MAP_GROWSDOWN, -1, 0));
}

CASE(mmap_zero_filled)
{
	char *p = map(4 * PG, RW, PRIV);
	unsigned i, sum = 0;

	touch(p, 4 * PG, 'z');
	unmap(p, 4 * PG);
	p = map(4 * PG, RW, PRIV);
	for (i = 0; i < 4 * PG; i++)
		sum += p[i];
	say("%u", sum);
}

CASE(mmap_merges)
{
	char *p = map(8 * PG, PROT_NONE, PRIV);

	base(p);
	map_at(p + 2 * PG, PG, RW, PRIV);
	map_at(p + 4 * PG, PG, RW, PRIV);
	say_maps(p, 8 * PG);
	map_at(p + 3 * PG, PG, RW, PRIV);
	say_maps(p, 8 * PG);
	map_at(p + 5 * PG, PG, RW, PRIV | MAP_NORESERVE);
	map_at(p + PG, PG, RW, SHAR);
	say_maps(p, 8 * PG);
}

CASE(mmap_file_merges)
{
	int fd = make_file("/tmp/f", 8 * PG), other = open_or_die("/tmp/f", O_RDWR);
	char *p = map(8 * PG, PROT_NONE, PRIV);

	base(p);
	sys_mmap(p, PG, R, MAP_PRIVATE | MAP_FIXED, fd, 0);
	sys_mmap(p + PG, PG, R, MAP_PRIVATE | MAP_FIXED, fd, PG);
	sys_mmap(p + 2 * PG, PG, R, MAP_PRIVATE | MAP_FIXED, fd, 3 * PG);
	sys_mmap(p + 3 * PG, PG, R, MAP_PRIVATE | MAP_FIXED, other, 4 * PG);
	sys_mmap(p + 4 * PG, PG, R, MAP_SHARED | MAP_FIXED, fd, 5 * PG);
	sys_mmap(p + 5 * PG, PG, R, MAP_SHARED | MAP_FIXED, fd, 6 * PG);
	say_maps(p, 8 * PG);
}

CASE(mmap_zero_device)
{
	int fd = open_or_die("/dev/zero", O_RDWR);
	volatile char *p = map_file(fd, 2 * PG, RW, MAP_PRIVATE, 0);
	volatile char *s = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);
	int pid;

	probe_begin();
	base(p);
	say("private %s %s %s", rd(p), wr(p, 5), rd(p));
	base(s);
	say("shared %s", rd(s));
	pid = (int)sys_fork();
	if (pid == 0) {
		s[0] = 9;
		p[0] = 9;
		exit(0);
	}
	wait_for(pid);
	say("after the child's stores: %s %s", rd(p), rd(s));
	say("null: %s", M(0, PG, R, MAP_PRIVATE, open_or_die("/dev/null", O_RDWR), 0));
}

CASE(mmap_populate)
{
	int fd = make_file("/tmp/f", 4 * PG);
	char *p = map(4 * PG, RW, PRIV | MAP_POPULATE), *q = map(4 * PG, R, PRIV | MAP_POPULATE);
	char *r = map(4 * PG, PROT_NONE, PRIV | MAP_POPULATE), *s;

	say("rw %s r %s none %s", core(p, 4 * PG), core(q, 4 * PG), core(r, 4 * PG));
	s = map_file(fd, 8 * PG, R, MAP_SHARED | MAP_POPULATE, 0);
	base(s);
	probe_begin();
	say("file %s, behind its end %s", core(s, 4 * PG), rd(s + 4 * PG));
}

CASE(mmap_old_call)
{
#ifdef __x86_64__
	say("not aligned: EINVAL");
	say("mapped");
#else
	u32 args[6] = { 0, PG, RW, PRIV, (u32)-1, 1 };

	say("not aligned: %s", ret(sc(mmap, args)));
	args[5] = 0;
	say("%s", IS_ERR(sc(mmap, args)) ? "an error" : "mapped");
#endif
}

CASE(mmap_order_of_checks)
{
	int wo = make_file("/tmp/f", PG);

	sys_close(wo);
	wo = open_or_die("/tmp/f", O_WRONLY);
	base(map(PG, RW, PRIV));
	say("not open and length 0: %s", M(0, 0, R, MAP_SHARED, 77, 0));
	say("length 0 and no type: %s", M(0, 0, R, MAP_ANONYMOUS, -1, 0));
	say("too long and no type: %s", M(0, -4096ul, R, MAP_ANONYMOUS, -1, 0));
	say("O_WRONLY and a bad place: %s", M(1, PG, R, MAP_SHARED | MAP_FIXED, wo, 0));
	say("O_WRONLY and no type: %s", M(0, PG, R, 0, wo, 0));
	say("no type and a bad place: %s", M(1, PG, R, MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

CASE(mmap_growsdown)
{
	char *p = map(600 * PG, PROT_NONE, PRIV);

	base(p);
	unmap(p, 600 * PG);
	map_at(p + 590 * PG, 2 * PG, RW, PRIV | MAP_GROWSDOWN);
	probe_begin();
	say("one below: %s", wr(p + 589 * PG, 1));
	say("far below: %s", wr(p + 500 * PG, 1));
	say_maps(p, 600 * PG);
	map_at(p + 100 * PG, PG, RW, PRIV);
	say("within 256 pages of a neighbour: %s", wr(p + 300 * PG, 1));
	say("just outside: %s", wr(p + 357 * PG, 1));
	say_maps(p, 600 * PG);
}
