/* SPDX-License-Identifier: MIT */
/* mlock and its kin. */
#include "oracle.h"

#define LCK	figure(STATUS, "VmLck:")
#define RLIMIT_MEMLOCK	8
#define RLIMIT_AS	9

static void no_privilege(void)
{
	sc(setresuid, 1000, 1000, 1000);
}

CASE(mlock_counts)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	say("before %ld", LCK);
	say("%s %ld core %s", ret(sc(mlock, p, 4 * PG)), LCK, core(p, 8 * PG));
	say("twice: %s %ld", ret(sc(mlock, p, 4 * PG)), LCK);
	say("overlapping: %s %ld", ret(sc(mlock, p + 2 * PG, 4 * PG)), LCK);
	say_maps(p, 8 * PG);
	say("a part of it back: %s %ld", ret(sc(munlock, p + PG, 2 * PG)), LCK);
	say_maps(p, 8 * PG);
	say("all of it: %s %ld", ret(sc(munlock, p, 8 * PG)), LCK);
	say("core %s", core(p, 8 * PG));
}

CASE(mlock_arguments)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	say("not aligned: %s %ld", ret(sc(mlock, p + 100, PG)), LCK);
	say("length 0: %s %ld", ret(sc(mlock, p + 4 * PG, 0)), LCK);
	say("wraps: %s", ret(sc(mlock, p, -PG)));
	say("-1: %s", ret(sc(mlock, p, -1)));
	say("mlock2 flags: %s", ret(sc(mlock2, p, PG, 8)));
	say("mlockall 0: %s", ret(sc(mlockall, 0)));
	say("mlockall 8: %s", ret(sc(mlockall, 8)));
	say("mlockall ONFAULT alone: %s", ret(sc(mlockall, MCL_ONFAULT)));
	say("munlock length 0: %s", ret(sc(munlock, p, 0)));
}

CASE(mlock_hole)
{
	char *p = map(8 * PG, RW, PRIV);

	base(p);
	unmap(p + 4 * PG, 2 * PG);
	say("%s %ld", ret(sc(mlock, p, 8 * PG)), LCK);
	say("core %s %s", core(p, 4 * PG), core(p + 6 * PG, 2 * PG));
	say("begins in it: %s %ld", ret(sc(mlock, p + 5 * PG, 2 * PG)), LCK);
	say("munlock: %s %ld", ret(sc(munlock, p, 8 * PG)), LCK);
	say("munlock of the hole: %s", ret(sc(munlock, p + 4 * PG, PG)));
}

CASE(mlock_no_access)
{
	char *p = map(4 * PG, PROT_NONE, PRIV);

	base(p);
	say("%s %ld", ret(sc(mlock, p, 4 * PG)), LCK);
	sys_mprotect(p, 4 * PG, RW);
	say("core %s", core(p, 4 * PG));
	say("later: %ld", LCK);
}

CASE(mlock_beyond_file)
{
	int fd = make_file("/tmp/f", PG);
	char *p = map_file(fd, 3 * PG, RW, MAP_SHARED, 0);

	say("%s %ld", ret(sc(mlock, p, 3 * PG)), LCK);
}

CASE(mlock_write_protected)
{
	char *p = map(4 * PG, R, PRIV);

	base(p);
	say("%s core %s", ret(sc(mlock, p, 4 * PG)), core(p, 4 * PG));
}

CASE(mlock_dontneed)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	touch(p, 4 * PG, 'l');
	sc(mlock, p + PG, PG);
	say("all: %s", ret(sys_madvise(p, 4 * PG, MADV_DONTNEED)));
	probe_begin();
	say("%s %s %s", rd(p), rd(p + PG), rd(p + 2 * PG));
	say("msync INVALIDATE: %s", ret(sc(msync, p, 4 * PG, MS_INVALIDATE)));
	say("msync SYNC: %s", ret(sc(msync, p, 4 * PG, MS_SYNC)));
	sc(munlock, p, 4 * PG);
	say("unlocked: %s", ret(sys_madvise(p, 4 * PG, MADV_DONTNEED)));
}

CASE(mlock_limit)
{
	char *p = map(8 * PG, RW, PRIV);

	set_limit(RLIMIT_MEMLOCK, 4 * PG);
	say("privileged: %s %ld", ret(sc(mlock, p, 8 * PG)), LCK);
	sc(munlock, p, 8 * PG);
	no_privilege();
	say("5: %s %ld", ret(sc(mlock, p, 5 * PG)), LCK);
	say("4: %s %ld", ret(sc(mlock, p, 4 * PG)), LCK);
	say("the same 4: %s %ld", ret(sc(mlock, p, 4 * PG)), LCK);
	say("one more: %s %ld", ret(sc(mlock, p + 4 * PG, PG)), LCK);
	say("2 to 5: %s %ld", ret(sc(mlock, p + 2 * PG, 3 * PG)), LCK);
	say("MAP_LOCKED: %s", adr(sys_mmap(NULL, PG, RW, PRIV | MAP_LOCKED, -1, 0)));
	say("mlockall: %s", ret(sc(mlockall, MCL_CURRENT)));
	say("mlockall FUTURE: %s", ret(sc(mlockall, MCL_FUTURE)));
	say("munlock: %s", ret(sc(munlock, p, 4 * PG)));
}

CASE(mlock_limit_zero)
{
	char *p = map(2 * PG, RW, PRIV);

	sc(mlock, p, PG);
	set_limit(RLIMIT_MEMLOCK, 0);
	no_privilege();
	say("mlock: %s", ret(sc(mlock, p + PG, PG)));
	say("mlockall: %s", ret(sc(mlockall, MCL_CURRENT)));
	say("MAP_LOCKED: %s", adr(sys_mmap(NULL, PG, RW, PRIV | MAP_LOCKED, -1, 0)));
	say("munlock: %s %ld", ret(sc(munlock, p, PG)), LCK);
	say("munlockall: %s", ret(sc(munlockall)));
}

CASE(mlock_map_locked)
{
	char *p = map(4 * PG, RW, PRIV | MAP_LOCKED);

	base(p);
	say("%ld core %s", LCK, core(p, 4 * PG));
	p = map(4 * PG, PROT_NONE, PRIV | MAP_LOCKED);
	say("no access: %ld", LCK);
}

CASE(mlock_onfault)
{
	char *p = map(4 * PG, RW, PRIV);

	base(p);
	touch(p, PG, 1);
	say("%s %ld core %s", ret(sc(mlock2, p, 4 * PG, 1)), LCK, core(p, 4 * PG));
	touch(p + 2 * PG, PG, 1);
	say("core %s", core(p, 4 * PG));
	say("then mlock: %s core %s", ret(sc(mlock, p, 2 * PG)), core(p, 4 * PG));
	say_maps(p, 4 * PG);
}

CASE(mlock_all_current)
{
	char *p = map(4 * PG, RW, PRIV);
	long vm;

	base(p);
	say("%s core %s", ret(sc(mlockall, MCL_CURRENT)), core(p, 4 * PG));
	vm = figure(STATUS, "VmSize:");
	say("all but what cannot: %s", LCK == vm ? "equal" : "not equal");
	p = map(4 * PG, RW, PRIV);
	say("later: core %s", core(p, 4 * PG));
	say("%s %ld", ret(sc(munlockall)), LCK);
}

CASE(mlock_all_future)
{
	char *p, *end;

	say("%s %ld", ret(sc(mlockall, MCL_FUTURE)), LCK);
	p = map(4 * PG, RW, PRIV);
	say("mmap: %ld core %s", LCK, core(p, 4 * PG));
	end = (char *)sc(brk, 0);
	sc(brk, (((ulong)end + PG - 1) & -PG) + 2 * PG);
	say("brk: %ld", LCK);
	say("%s %ld", ret(sc(munlockall)), LCK);
	p = map(4 * PG, RW, PRIV);
	say("afterwards: %ld core %s", LCK, core(p, 4 * PG));
}

CASE(mlock_all_onfault)
{
	char *p = map(4 * PG, RW, PRIV), *q;

	say("%s core %s", ret(sc(mlockall, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)), core(p, 4 * PG));
	q = map(4 * PG, RW, PRIV);
	say("core %s", core(q, 4 * PG));
}

static void child_of_locker(void)
{
	say("child: %ld", LCK);
	map(4 * PG, RW, PRIV);
	say("child after mmap: %ld", LCK);
}

HELPER(locked)
{
	say("after exec: %ld", LCK);
	map(PG, RW, PRIV);
	say("after mmap: %ld", LCK);
	return 0;
}

CASE(mlock_fork_and_exec)
{
	char *p = map(4 * PG, RW, PRIV);

	sc(mlock, p, 4 * PG);
	sc(mlockall, MCL_FUTURE);
	say("%s", status(in_child(child_of_locker)));
	say("parent: %ld", LCK > 0 ? 1l : 0l);
	exec_self("locked", NULL, NULL);
}

CASE(mlock_munmap)
{
	char *p = map(4 * PG, RW, PRIV);

	sc(mlock, p, 4 * PG);
	unmap(p + PG, 2 * PG);
	say("%ld", LCK);
	sys_mmap(p, PG, RW, PRIV | MAP_FIXED, -1, 0);
	say("replaced: %ld", LCK);
}

CASE(mlock_mprotect)
{
	char *p = map(4 * PG, R, PRIV);

	base(p);
	sc(mlock, p, 4 * PG);
	say("core %s", core(p, 4 * PG));
	say("%s %ld", ret(sys_mprotect(p, 4 * PG, RW)), LCK);
	probe_begin();
	say("%s %s", rd(p), wr(p, 1));
}

/* ---- mincore and msync ------------------------------------------------------------------ */

CASE(mincore_anonymous)
{
	char *p = map(6 * PG, RW, PRIV);

	base(p);
	probe_begin();
	say("%s", core(p, 6 * PG));
	p[PG] = 1;
	say("%s after a load %s", rd(p + 3 * PG), core(p, 6 * PG));
	sys_madvise(p + PG, PG, MADV_DONTNEED);
	say("%s", core(p, 6 * PG));
	sys_mprotect(p, 6 * PG, PROT_NONE);
	say("%s", core(p, 6 * PG));
}

CASE(mincore_arguments)
{
	char *p = map(6 * PG, RW, PRIV);
	unsigned char vec[8];

	say("not aligned: %s", ret(sc(mincore, p + 1, PG, vec)));
	say("length 0: %s", ret(sc(mincore, p, 0, vec)));
	say("length 1: %s", ret(sc(mincore, p, 1, vec)));
	say("bad vector: %s", ret(sc(mincore, p, PG, 16)));
	say("kernel vector: %s", ret(sc(mincore, p, PG, -PG)));
	say("in the kernel: %s", ret(sc(mincore, -PG, PG, vec)));
	unmap(p + 2 * PG, PG);
	say("a hole: %s", ret(sc(mincore, p, 4 * PG, vec)));
	say("wraps: %s", ret(sc(mincore, p, -PG, vec)));
	vec[0] = vec[1] = vec[2] = 7;
	sc(mincore, p, 4 * PG, vec);
	say("the vector before a hole: %s", bytes(vec, 3));
}

CASE(mincore_file)
{
	int fd = make_file("/tmp/f", 4 * PG), holes = make_file("/tmp/g", 0);
	char *p = map_file(fd, 6 * PG, R, MAP_SHARED, 0), *q;

	say("written: %s", core(p, 6 * PG));
	sys_ftruncate(holes, 4 * PG);
	q = map_file(holes, 4 * PG, RW, MAP_SHARED, 0);
	say("holes: %s", core(q, 4 * PG));
	q[PG] = 1;
	say("stored: %s", core(q, 4 * PG));
	say("others see it: %s", core(map_file(holes, 4 * PG, R, MAP_SHARED, 0), 4 * PG));
}

CASE(msync_arguments)
{
	int fd = make_file("/tmp/f", 4 * PG);
	char *p = map_file(fd, 4 * PG, RW, MAP_SHARED, 0);

	say("SYNC|ASYNC: %s", ret(sc(msync, p, PG, MS_SYNC | MS_ASYNC)));
	say("unknown: %s", ret(sc(msync, p, PG, 8)));
	say("not aligned: %s", ret(sc(msync, p + 1, PG, MS_SYNC)));
	say("0: %s", ret(sc(msync, p, PG, 0)));
	say("length 0: %s", ret(sc(msync, p, 0, MS_SYNC)));
	say("length 0, unmapped: %s", ret(sc(msync, 0x10000, 0, MS_SYNC)));
	say("SYNC: %s ASYNC: %s INVALIDATE: %s", ret(sc(msync, p, 4 * PG, MS_SYNC)),
	    ret(sc(msync, p, 4 * PG, MS_ASYNC)), ret(sc(msync, p, 4 * PG, MS_INVALIDATE)));
	say("wraps: %s", ret(sc(msync, p, -PG, MS_SYNC)));
	unmap(p + PG, PG);
	say("a hole: %s", ret(sc(msync, p, 4 * PG, MS_SYNC)));
	say("a hole, async: %s", ret(sc(msync, p, 4 * PG, MS_ASYNC)));
	say("anonymous: %s", ret(sc(msync, map(PG, RW, PRIV), PG, MS_SYNC)));
}
