/* SPDX-License-Identifier: MIT */
/*
 * mprotect (catalogue A18): the regions, the entries and the TLB all follow.  Argument: 1 if
 * the processor has NX.
 */
#include "counting.h"
#include "rows.h"

#define SIGSEGV		11
#define ACCERR		2
#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)

static void refused(enum access kind, volatile u8 *p, ulong err, const char *what)
{
	struct caught c = catch_access(kind, (ulong)p);

	CHECK_EQ(c.sig, SIGSEGV, "%s: signal", what);
	CHECK_EQ(c.code, ACCERR, "%s: si_code", what);
	CHECK_EQ(c.addr, (ulong)p, "%s: si_addr", what);
	CHECK_EQ(c.err, err, "%s: error code", what);
}

static u32 flags_of(const volatile u8 *p)
{
	struct pagewalk_walk w;

	pw_walk(p, &w);
	return w.flags & (PAGEWALK_PRESENT | PAGEWALK_WRITE | PAGEWALK_USER);
}

/* One page of eight: the entry changes, and the translation that the TLB has of it. */
static void check_one(volatile u8 *p)
{
	volatile u8 *page = p + PAGES(3);
	u64 pfn = pw_pfn(page);

	start_count();
	CHECK_EQ(sys_mprotect((void *)page, PAGE_SIZE, PROT_READ), 0, "mprotect to read-only");
	pw_snapshot(&after);
	CHECK_EQ(growth("tlb_flush_one") - growth("kmap_local_maps"), 1,
		 "INVLPG for one page that lost a right");
	CHECK_EQ(growth("cr3_loads"), 0, "CR3 loads");
	CHECK_EQ(regions_in(p, PAGES(8)), 3, "regions");
	CHECK_EQ(flags_of(page), PAGEWALK_PRESENT | PAGEWALK_USER, "flags of the entry");
	refused(ACCESS_WRITE, page, 7, "a write to it");
	CHECK_EQ(*page, 4, "a read of it");
	start_count();
	CHECK_EQ(sys_mprotect((void *)page, PAGE_SIZE, RW), 0, "mprotect back");
	pw_snapshot(&after);
	CHECK_EQ(growth("tlb_flush_one") - growth("kmap_local_maps") + growth("cr3_loads"), 0,
		 "flushes: nothing was taken away");
	CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions");
	start_count();
	*page = 40;
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_copies") + growth("anon_new"), 0, "pages made by the next write");
	CHECK_EQ(pw_pfn(page), pfn, "its frame");
	*page = 4;
}

static void check_none(volatile u8 *p)
{
	u64 pfn = pw_pfn(p);

	CHECK_EQ(sys_mprotect((void *)p, PAGES(2), PROT_NONE), 0, "mprotect to nothing");
	CHECK_EQ(flags_of(p) & PAGEWALK_PRESENT, 0, "the processor still sees the page");
	refused(ACCESS_READ, p, 4, "a read of PROT_NONE");
	refused(ACCESS_WRITE, p + PAGE_SIZE, 6, "a write to PROT_NONE");
	CHECK_EQ(sys_mprotect((void *)p, PAGES(2), RW), 0, "mprotect back");
	CHECK(p[0] == 1 && p[PAGE_SIZE] == 2, "contents after PROT_NONE");
	CHECK_EQ(pw_pfn(p), pfn, "the frame");
	CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions");
}

/* WRITE or EXEC alone can be read; a jump needs EXEC where there is NX. */
static void check_exec(volatile u8 *p, bool nx)
{
	p[PAGES(5)] = 0xc3;		/* ret */
	CHECK_EQ(sys_mprotect((void *)p, PAGES(8), PROT_WRITE), 0, "WRITE alone");
	CHECK_EQ(p[PAGES(1)], 2, "a read of it");
	if (nx)
		refused(ACCESS_JUMP, p + PAGES(5), 0x15, "a jump into it");
	CHECK_EQ(sys_mprotect((void *)p, PAGES(8), PROT_EXEC), 0, "EXEC alone");
	CHECK_EQ(p[PAGES(1)], 2, "a read of it");
	CHECK_EQ(catch_access(ACCESS_JUMP, (ulong)p + PAGES(5)).sig, 0, "a jump into it: signal");
	refused(ACCESS_WRITE, p + PAGES(5), 7, "a write to it");
	CHECK_EQ(sys_mprotect((void *)p, PAGES(8), RW), 0, "mprotect back");
	p[PAGES(5)] = 6;
}

/* A page that a child shares does not become writable by a right. */
static volatile u8 *shared_page;

static int look(int command)
{
	return shared_page[0];
}

static void check_cow(volatile u8 *p)
{
	struct child c;

	shared_page = p;
	child_start(&c, look);
	CHECK_EQ(sys_mprotect((void *)p, PAGE_SIZE, PROT_READ), 0, "mprotect of a shared page");
	CHECK_EQ(sys_mprotect((void *)p, PAGE_SIZE, RW), 0, "and back");
	start_count();
	p[0] = 99;
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_copies"), 1, "copies made by the write");
	CHECK_EQ(child_do(&c, 1), 1, "what the child sees");
	child_end(&c);
	p[0] = 1;
}

static void check_errors(volatile u8 *p)
{
	char *q = (char *)p;

	CHECK_EQ(sys_mprotect(q + 1, PAGE_SIZE, RW), -EINVAL, "unaligned");
	CHECK_EQ(sys_mprotect(q, PAGE_SIZE, 0x40), -EINVAL, "unknown bits");
	CHECK_EQ(sys_mprotect(q, PAGE_SIZE, RW | PROT_GROWSDOWN), -EINVAL, "GROWSDOWN of no stack");
	CHECK_EQ(sys_mprotect(q, 0, PROT_NONE), 0, "length 0");
	CHECK_EQ(sys_mprotect(q, ~0ul, RW), -ENOMEM, "a length that wraps");
	CHECK_EQ(sys_mprotect(q + PAGES(6), PAGES(4), PROT_READ), -ENOMEM, "across the end");
	refused(ACCESS_WRITE, p + PAGES(7), 7, "what came before the hole");
	CHECK_EQ(sys_mprotect(q + PAGES(6), PAGES(2), RW), 0, "back");
	CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions");
}

static void check_file(void)
{
	long fd = sys_open("/bin/rows", O_RDONLY, 0);
	char *p = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, (int)fd, 0);

	CHECK_EQ(sys_mprotect(p, PAGE_SIZE, RW), -EACCES, "a shared map of a file open for reading");
	sys_munmap(p, PAGE_SIZE);
	p = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	CHECK_EQ(sys_mprotect(p, PAGE_SIZE, RW), 0, "a private one");
	p[0] = 1;
	CHECK_EQ(p[0], 1, "which can be written");
	sys_munmap(p, PAGE_SIZE);
	sys_close((int)fd);
}

static void a18_mprotect(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, PAGES(8), RW);
	bool nx = row_number(0);
	unsigned i;

	for (i = 0; i < 8; i++)
		p[PAGES(i)] = (u8)(i + 1);
	catch_begin();
	check_one(p);
	check_none(p);
	check_exec(p, nx);
	check_cow(p);
	check_errors(p);
	check_file();
	for (i = 0; i < 8; i++)
		CHECK_EQ(p[PAGES(i)], i + 1, "byte of page %u", i);
	catch_end();
	CHECK_INFO("split 1-3-1 regions, one INVLPG, ACCERR by the processor%s; contents kept",
		   nx ? ", NX" : "");
}
TEST(A18, a18_mprotect);
