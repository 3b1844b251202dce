/* SPDX-License-Identifier: MIT */
/*
 * F2, F3 and F4 with the log of requests: files and programs on /data as test/boot/data.t has
 * made it.  bigprog-BITS is /bin/bigprog, but in page CHANGED of its table the first word is
 * CHANGED_WORD: who shows another one has not read the file on the disk.
 */
#include "../bigprog.h"
#include "requests.h"

#define CHANGED		600u
#define CHANGED_WORD	0x600dda7au

static const char *const big_path = LONG64 ? "/data/bigprog-64" : "/data/bigprog-32";

static void big_start(struct child *c)
{
	const char *argv[] = { big_path, NULL };
	struct big_report report;
	int down[2], up[2];
	u32 any = 0;

	sys_pipe(down);
	sys_pipe(up);
	*c = (struct child){ .down = down[1], .up = up[0], .pid = (int)sys_fork() };
	if (c->pid == 0) {
		/* Any of the four may be BIG_IN or BIG_OUT. */
		sys_close(down[1]);
		sys_close(up[0]);
		sys_dup2(up[1], BIG_OUT + 50);
		sys_dup2(down[0], BIG_IN);
		sys_dup2(BIG_OUT + 50, BIG_OUT);
		sys_close(BIG_OUT + 50);
		sys_exit_group((int)-sys_execve(big_path, argv, argv + 1));
	}
	sys_close(down[0]);
	sys_close(up[1]);
	sys_read(c->up, &report, sizeof(report));
	sys_write(c->down, &any, sizeof(any));
	CHECK_EQ(sys_read(c->up, &report, sizeof(report)), sizeof(report), "report of %s",
		 big_path);
}

static u32 big_word(struct child *c, u32 page)
{
	u32 word = 0;

	sys_write(c->down, &page, sizeof(page));
	sys_read(c->up, &word, sizeof(word));
	return word;
}

static void big_end(struct child *c)
{
	sys_close(c->down);
	CHECK_EQ(wait_for(c->pid), 0, "wait status of %s", big_path);
	sys_close(c->up);
}

/* The table is the last of the read-only segment that begins the file: where it is mapped. */
static ulong big_table_at(int pid)
{
	char path[32], maps[512], *p;
	ulong end;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	read_file(path, maps, sizeof(maps));
	p = strchr(maps, '-');
	if (!CHECK(p != NULL, "%s has no region", path))
		exit(2);
	end = (ulong)parse_hex(p + 1, NULL);
	return end - BIG_PAGES * PAGE_SIZE;
}

/* ---- F2 ---------------------------------------------------------------------------------- */

static void f2_from_disk(void)
{
	u8 sector[512];
	struct child c;
	unsigned n;
	u64 seq;

	drop_caches();
	big_start(&c);
	seq = last_request();
	sleep_ms(20);
	CHECK_EQ(last_request(), seq, "requests before the touch");
	CHECK_EQ(big_word(&c, CHANGED), CHANGED_WORD, "word that was changed on the disk");
	n = read_log(seq);
	CHECK_EQ(n, 1, "requests for one touch");
	CHECK_EQ(requests[0].op, PAGEWALK_DISK_READ, "a read");
	CHECK_EQ(requests[0].count, 16 * PAGE_SECTORS, "its sectors");
	CHECK_EQ(requests[0].pid, (u32)c.pid, "who asked");
	seq = last_request();
	CHECK_EQ(big_word(&c, CHANGED + 64), BIG_WORD(CHANGED + 64), "word of a page far away");
	CHECK_EQ(read_log(seq), 1, "requests for it");
	/* The table begins each of its pages with its word: find the one of the touched page. */
	for (n = 0; n < 16; n++) {
		disk_sector(&requests[0], n * PAGE_SIZE, sector);
		if (*(u32 *)sector == BIG_WORD(CHANGED + 64))
			break;
	}
	CHECK(n < 16, "the request was not for the sectors that have the word");
	big_end(&c);
	CHECK_INFO("%#x of the disk; one request for each window that was touched", CHANGED_WORD);
}
TEST(F2D, f2_from_disk);

/* ---- F3 ---------------------------------------------------------------------------------- */

static void f3_one_reader(void)
{
	static u8 data[16 * PAGE_SIZE];
	int a = open_or_exit(BIG_FILE, O_RDONLY), b;
	u8 *p, *q;
	unsigned i;
	u64 seq;

	drop_caches();
	seq = last_request();
	p = map_file(a, 16 * PAGE_SIZE, PROT_READ, MAP_PRIVATE);
	for (i = 0; i < 16; i++)
		CHECK_EQ(p[i * PAGE_SIZE + 3], big_byte(i * PAGE_SIZE + 3), "byte of page %u", i);
	CHECK(read_log(seq) > 0, "no request for pages that were not in the cache");
	seq = last_request();
	b = open_or_exit(BIG_FILE, O_RDONLY);
	q = map_file(b, 16 * PAGE_SIZE, PROT_READ, MAP_SHARED);
	for (i = 0; i < 16; i++) {
		CHECK_EQ(q[i * PAGE_SIZE + 3], big_byte(i * PAGE_SIZE + 3),
			 "byte of page %u, second reader", i);
		CHECK_EQ(pw_pfn(q + i * PAGE_SIZE), pw_pfn(p + i * PAGE_SIZE), "its frame");
	}
	CHECK_EQ(sys_pread(b, data, sizeof(data), 0), sizeof(data), "read(2), third reader");
	CHECK_EQ(memcmp(data, p, sizeof(data)), 0, "difference between read(2) and the mapping");
	CHECK_EQ(last_request(), seq, "the last request, after the second and third reader");
}
TEST(F3D, f3_one_reader);

/* ---- F4 ---------------------------------------------------------------------------------- */

/* Frame of page 300 of the table in a process; how often it is mapped. */
static u64 table_frame(struct child *c, int *mapcount)
{
	struct pagewalk_walk w;
	struct pagewalk_frame f;

	if (!pw_walk_pid(c->pid, (void *)(big_table_at(c->pid) + 300 * PAGE_SIZE), &w) ||
	    !(w.flags & PAGEWALK_PRESENT))
		return 0;
	pw_frame(w.phys / PAGE_SIZE, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FILE, "type: a page of the cache");
	*mapcount = f.mapcount;
	return w.phys / PAGE_SIZE;
}

static void f4_one_read(void)
{
	struct child c[3];
	u64 seq, pfn = 0;
	int i, mapcount;

	drop_caches();
	for (i = 0; i < 3; i++) {
		seq = last_request();
		big_start(&c[i]);
		if (i)
			CHECK_EQ(last_request(), seq, "the last request, after process %d began", i);
		seq = last_request();
		CHECK_EQ(big_word(&c[i], 300), BIG_WORD(300), "word in process %d", i);
		CHECK_EQ(read_log(seq), i == 0, "requests for the page in process %d", i);
		mapcount = 0;
		if (!i)
			pfn = table_frame(&c[i], &mapcount);
		else
			CHECK_EQ(table_frame(&c[i], &mapcount), pfn, "frame in process %d", i);
		CHECK_EQ(mapcount, i + 1, "entries that name it");
	}
	CHECK(pfn != 0, "the page is not mapped");
	big_end(&c[2]);
	table_frame(&c[0], &mapcount);
	CHECK_EQ(mapcount, 2, "entries after one has ended");
	big_end(&c[1]);
	big_end(&c[0]);
	CHECK_INFO("frame %#llx in three processes by one request", (unsigned long long)pfn);
}
TEST(F4D, f4_one_read);
