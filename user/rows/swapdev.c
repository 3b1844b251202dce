/* SPDX-License-Identifier: MIT */
/*
 * Swap on the disks of test/boot/swap.t: R6, R16, and SWAPIO, which looks at the requests of what
 * R9, R11, R12 and X2 say about swap; DIRTY, SWAPERR and SWAPBAD (test/kernel/swapdev_rows.c).
 *
 * R6 leaves a pattern in slots of each swap partition and prints a line for the host:
 *
 *	slots DEVICE first N pages N seed N
 *
 * Page i from slot first + i has the word seed + i * 2654435761 + w * 40503 at 4 * w.
 */
#include "requests.h"
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((n) * (ulong)PAGE_SIZE)
#define PREFER(n)	(0x8000 | (n))
#define WORDS		(PAGE_SIZE / 4)
#define PARTITIONS	4			/* of ours for swap: more are not looked at */

struct partition {
	char name[16], path[24];
	u64 start, sectors;
};

static struct partition swap[PARTITIONS];
static char text[8192];
static u32 page0[WORDS], damaged[WORDS];

static long sys_swapon(const char *path, unsigned flags)
{
	return syscall2(__NR_swapon, (long)path, flags);
}

static long sys_swapoff(const char *path)
{
	return syscall1(__NR_swapoff, (long)path);
}

/* "NAME start N sectors N block N rw type GUID" */
static unsigned find_partitions(void)
{
	char *line = text, *end;
	unsigned n = 0;

	read_file("/proc/pagewalk/disks", text, sizeof(text));
	for (; *line && n < PARTITIONS; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		if (!strstr(line, " rw type " PAGEWALK_TYPE_SWAP))
			continue;
		swap[n].start = parse_u64(strstr(line, " start ") + 7, NULL);
		swap[n].sectors = parse_u64(strstr(line, " sectors ") + 9, NULL);
		*strchr(line, ' ') = '\0';
		snprintf(swap[n].name, sizeof(swap[n].name), "%s", line);
		snprintf(swap[n].path, sizeof(swap[n].path), "/dev/%s", line);
		n++;
	}
	return n;
}

static volatile u32 *anonymous(ulong pages)
{
	return sys_mmap(NULL, PAGES(pages), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void out(volatile void *p, ulong pages)
{
	CHECK_EQ(sys_madvise((void *)p, PAGES(pages), MADV_PAGEOUT), 0, "MADV_PAGEOUT");
}

/* ---- R6: refused ------------------------------------------------------------------------ */

static void set_page0(const struct partition *s, const u32 *words)
{
	int fd = open_or_exit(s->path, O_RDWR);

	CHECK_EQ(sys_pwrite(fd, words, PAGE_SIZE, 0), PAGE_SIZE, "page 0 of %s", s->name);
	sys_close(fd);
}

/* Word w of the header is n: refused. */
static void damage(const struct partition *s, unsigned w, u32 n, const char *what)
{
	memcpy(damaged, page0, PAGE_SIZE);
	damaged[w] = n;
	set_page0(s, damaged);
	CHECK_EQ(-sys_swapon(s->path, 0), EINVAL, "%s: %s", s->name, what);
}

#define VERSION		256			/* words of the header */
#define LAST_PAGE	257
#define NR_BAD		258
#define BAD_PAGES	384
#define SIGNATURE	1022

static void r6_headers(const struct partition *s)
{
	int fd = open_or_exit(s->path, O_RDONLY);

	CHECK_EQ(sys_pread(fd, page0, PAGE_SIZE, 0), PAGE_SIZE, "page 0 of %s", s->name);
	sys_close(fd);
	CHECK_EQ(page0[LAST_PAGE], s->sectors / PAGE_SECTORS - 1, "the last page in its header");
	damage(s, SIGNATURE, page0[SIGNATURE] + 1, "another signature");
	damage(s, VERSION, 2, "version 2");
	damage(s, LAST_PAGE, page0[LAST_PAGE] + 1, "a page more than there are");
	damage(s, LAST_PAGE, 0, "no page at all");
	damage(s, NR_BAD, 129, "129 bad pages");
	damage(s, NR_BAD, 1, "page 0 is bad");
	/* A list that is right: that page less. */
	memcpy(damaged, page0, PAGE_SIZE);
	damaged[NR_BAD] = 2;
	damaged[BAD_PAGES] = 3;
	damaged[BAD_PAGES + 1] = 7;
	set_page0(s, damaged);
	CHECK_EQ(sys_swapon(s->path, 0), 0, "%s: two bad pages", s->name);
	CHECK_EQ(pw_field("/proc/meminfo", "SwapTotal:"), (page0[LAST_PAGE] - 2) * 4ull, "SwapTotal");
	CHECK_EQ(sys_swapoff(s->path), 0, "swapoff");
	set_page0(s, page0);
}

static void as_nobody(void *unused)
{
	syscall1(__NR_setuid, 1000);
	CHECK_EQ(-sys_swapon(swap[0].path, 0), EPERM, "swapon without privilege");
	CHECK_EQ(-sys_swapon(swap[0].path, 0x100000), EINVAL, "with an unknown flag");
	CHECK_EQ(-sys_swapoff(swap[0].path), EPERM, "swapoff without privilege");
}

static void r6_refused(void)
{
	CHECK_EQ(-sys_swapon(swap[0].path, 0x100000), EINVAL, "an unknown flag");
	CHECK_EQ(-sys_swapon("/dev/nothing", 0), ENOENT, "no such file");
	CHECK_EQ(-sys_swapon("/bin/rows", 0), EINVAL, "a file");
	CHECK_EQ(-sys_swapon("/dev/null", 0), EINVAL, "a character device");
	CHECK_EQ(-sys_swapon("/dev", 0), EISDIR, "a directory");
	CHECK_EQ(-sys_swapon((const char *)8, 0), EFAULT, "a bad pointer");
	CHECK_EQ(-sys_swapon("/dev/vda", 0), EPERM, "a whole disk");
	CHECK_EQ(-sys_swapon("/dev/vda1", 0), EPERM, "a partition that is not ours");
	CHECK_EQ(-sys_swapon("/dev/vda2", 0), EBUSY, "the data partition, which is mounted");
	CHECK_EQ(-sys_swapoff("/dev/nothing"), ENOENT, "swapoff of nothing");
	CHECK_EQ(-sys_swapoff(swap[0].path), EINVAL, "swapoff of what is not in use");
	check_in_child(as_nobody, NULL, "without privilege");
}

/* ---- R6: used ---------------------------------------------------------------------------- */

#define R6_PAGES	300u
/* Slots taken before: other rows and the other mode use the disks, too. */
#define R6_BEFORE	(LONG64 ? 512u : 100u)

static u32 r6_word(u32 seed, unsigned i, unsigned w)
{
	return seed + i * 2654435761u + w * 40503u;
}

static void r6_table(const struct partition *s)
{
	unsigned n, column = (unsigned)strlen(s->path);
	char want[256];

	read_file("/proc/swaps", text, sizeof(text));
	n = (unsigned)snprintf(want, sizeof(want),
			       "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n%s", s->path);
	while (column++ < 40)
		want[n++] = ' ';
	snprintf(want + n, sizeof(want) - n, "partition\t%llu\t\t0\t\t7\n",
		 (unsigned long long)(s->sectors / 2 - 4));
	CHECK(!strcmp(text, want), "/proc/swaps is not as on Linux: %s", text);
}

/* The pages went to consecutive slots by writes of those sectors and nothing else. */
static void r6_log(const struct partition *s, u64 seq, u64 first)
{
	unsigned n = read_log(seq), i;
	u64 next = s->start + first * PAGE_SECTORS;

	CHECK_EQ(n, (R6_PAGES + 31) / 32, "requests");
	for (i = 0; i < n; i++) {
		CHECK(!strcmp(requests[i].device, s->name), "%s was written", requests[i].device);
		CHECK_EQ(requests[i].op, PAGEWALK_DISK_WRITE, "a write");
		CHECK_EQ(requests[i].error, 0, "its error");
		CHECK_EQ(requests[i].sector, next, "its sector");
		next += requests[i].count;
	}
	CHECK_EQ(next - s->start, (first + R6_PAGES) * PAGE_SECTORS, "the end of the last one");
}

static void r6_pattern(const struct partition *s, u32 seed)
{
	volatile u32 *before = anonymous(R6_BEFORE), *p = anonymous(R6_PAGES);
	unsigned i, w, wrong = 0, apart = 0;
	u64 first, seq;

	for (i = 0; i < R6_BEFORE; i++)
		before[(ulong)i * WORDS] = 1;
	out(before, R6_BEFORE);
	for (i = 0; i < R6_PAGES; i++)
		for (w = 0; w < WORDS; w++)
			p[(ulong)i * WORDS + w] = r6_word(seed, i, w);
	seq = last_request();
	out(p, R6_PAGES);
	first = pw_slot(p);
	for (i = 0; i < R6_PAGES; i++)
		apart += pw_slot(p + (ulong)i * WORDS) != first + i;
	CHECK_EQ(first, R6_BEFORE + 1, "the first slot");
	CHECK_EQ(apart, 0, "pages that are not in the next slot");
	r6_log(s, seq, first);
	CHECK_EQ(pw_field("/proc/self/status", "VmSwap:"), (R6_BEFORE + R6_PAGES) * 4, "VmSwap");
	printf("slots %s first %llu pages %u seed %u\n", s->name, (unsigned long long)first,
	       R6_PAGES, seed);
	for (i = 0; i < R6_PAGES; i += 2)
		for (w = 0; w < WORDS; w++)
			wrong += p[(ulong)i * WORDS + w] != r6_word(seed, i, w);
	/* The other half comes back by this. */
	CHECK_EQ(sys_swapoff(s->path), 0, "swapoff");
	for (i = 1; i < R6_PAGES; i += 2)
		for (w = 0; w < WORDS; w++)
			wrong += p[(ulong)i * WORDS + w] != r6_word(seed, i, w);
	CHECK_EQ(wrong, 0, "words that differ");
	CHECK_EQ(pw_slot(p + WORDS), 0, "nothing is swapped any more");
	sys_munmap((void *)before, PAGES(R6_BEFORE));
	sys_munmap((void *)p, PAGES(R6_PAGES));
}

static u64 free_pages(void)
{
	pw_knob("drop_caches=1");
	return pw_counter("pages_free");
}

static void r6_use(const struct partition *s, u32 seed)
{
	u64 before;

	/* Once before it counts: a name in the directory cache, an open file. */
	CHECK_EQ(sys_swapon(s->path, 0), 0, "%s: swapon", s->name);
	CHECK_EQ(sys_swapoff(s->path), 0, "%s: swapoff", s->name);
	before = free_pages();
	CHECK_EQ(sys_swapon(s->path, PREFER(7)), 0, "%s: swapon", s->name);
	CHECK_EQ(-sys_swapon(s->path, 0), EBUSY, "%s: swapon again", s->name);
	CHECK_EQ(-sys_open(s->path, O_RDWR, 0), EBUSY, "%s: opened for writing", s->name);
	CHECK_EQ(pw_field("/proc/meminfo", "SwapTotal:"), s->sectors / 2 - 4, "SwapTotal");
	r6_table(s);
	r6_pattern(s, seed);
	CHECK_EQ(pw_field("/proc/meminfo", "SwapTotal:"), 0, "SwapTotal after swapoff");
	CHECK_EQ(free_pages(), before, "free pages after swapoff");
}

static void r6_device(void)
{
	unsigned n = find_partitions(), i;

	if (!CHECK(n != 0, "there is no swap partition of ours"))
		return;
	r6_refused();
	for (i = 0; i < n; i++) {
		r6_headers(&swap[i]);
		r6_use(&swap[i], 1000000 * (i + 1) + (LONG64 ? 64 : 32));
	}
	CHECK_INFO("%u partitions: 6 bad headers refused, %u pages written to slots and back", n,
		   R6_PAGES);
}
TEST(R6, r6_device);

/* ---- SWAPIO ------------------------------------------------------------------------------ */

/* Requests since seq; the first, if it is the only one, is a read of so many pages. */
static void expect_read(u64 seq, unsigned n, u64 slot, unsigned pages, const char *what)
{
	CHECK_EQ(read_log(seq), n, "requests: %s", what);
	if (!n)
		return;
	CHECK_EQ(requests[0].op, PAGEWALK_DISK_READ, "a read: %s", what);
	CHECK_EQ(requests[0].sector, swap[0].start + slot * PAGE_SECTORS, "its sector: %s", what);
	CHECK_EQ(requests[0].count, pages * PAGE_SECTORS, "its length: %s", what);
}

static volatile u32 *shared_page;

static int look(int command)
{
	return (int)*shared_page;
}

static void swapio_cache(void)
{
	volatile u32 *p = anonymous(1);
	u64 slot, seq, major, hits;
	struct child c;
	char knob[40];

	*p = 55;
	shared_page = p;
	child_start(&c, look);
	snprintf(knob, sizeof(knob), "swap=out:%lx", (ulong)p);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	slot = pw_slot(p);
	CHECK(slot != 0, "the page is swapped out");
	major = pw_counter("pgmajfault");
	seq = last_request();
	CHECK_EQ(*p, 55, "the first sharer reads");
	expect_read(seq, 1, slot, 1, "first sharer");
	CHECK_EQ(pw_counter("pgmajfault") - major, 1, "major faults");
	hits = pw_counter("swap_cache_hits");
	seq = last_request();
	CHECK_EQ(child_do(&c, 0), 55, "the second reads");
	expect_read(seq, 0, 0, 0, "second sharer");
	CHECK_EQ(pw_counter("pgmajfault") - major, 1, "major faults of both");
	CHECK_EQ(pw_counter("swap_cache_hits") - hits, 1, "found in the cache");
	child_end(&c);
	out(p, 1);
	CHECK_EQ(pw_slot(p), slot, "clean, it goes back to its slot");
	expect_read(seq, 0, 0, 0, "clean page out again");
	sys_munmap((void *)p, PAGE_SIZE);
	seq = last_request();
	p = anonymous(1);
	*p = 1;
	expect_read(seq, 0, 0, 0, "a new page");
}

static void swapio_cluster(void)
{
	volatile u32 *p = anonymous(4 * SWAP_CLUSTER);
	unsigned i, first, sum = 0;
	u64 seq;

	for (i = 0; i < 4 * SWAP_CLUSTER; i++)
		p[(ulong)i * WORDS] = i;
	out(p, 4 * SWAP_CLUSTER);
	first = first_of_cluster(p, 3 * SWAP_CLUSTER);
	if (!CHECK(first < 3 * SWAP_CLUSTER, "no page is in the first slot of a cluster"))
		return;
	seq = last_request();
	CHECK_EQ(p[(ulong)(first + 3) * WORDS], first + 3, "one page of a cluster");
	CHECK_EQ(read_log(seq), 1, "requests for a page of a cluster");
	CHECK_EQ(requests[0].count, SWAP_CLUSTER * PAGE_SECTORS, "its length");
	CHECK_EQ((requests[0].sector - swap[0].start) % (SWAP_CLUSTER * PAGE_SECTORS), 0, "its place");
	seq = last_request();
	for (i = 0; i < SWAP_CLUSTER; i++)
		sum += p[(ulong)(first + i) * WORDS] == first + i;
	CHECK_EQ(sum, SWAP_CLUSTER, "pages of the cluster");
	CHECK_EQ(read_log(seq), 0, "requests for its other pages");
}

static void swapio_requests(void)
{
	if (!CHECK(find_partitions() != 0, "there is no swap partition of ours"))
		return;
	CHECK_EQ(sys_swapon(swap[0].path, 0), 0, "swapon");
	swapio_cache();
	swapio_cluster();
	CHECK_EQ(sys_swapoff(swap[0].path), 0, "swapoff");
	CHECK_INFO("2 sharers: 1 request; clean page out: 0; new page: 0; cluster: 1 of 64 sectors");
}
TEST(SWAPIO, swapio_requests);

/* ---- R16 --------------------------------------------------------------------------------- */

#define TEXT_PAGES	64u
#define R16_ANON	40u
#define FILE_NAME	(LONG64 ? "/data/text-64" : "/data/text-32")

static u32 text_word(unsigned page, unsigned w)
{
	return 0x7e870000u + page * 4099u + w;
}

static int text_file(void)
{
	int fd = (int)sys_open(FILE_NAME, O_RDWR | O_CREAT, 0755);
	unsigned i, w;

	CHECK(fd >= 0, "%s: error %d", FILE_NAME, -fd);
	for (i = 0; i < TEXT_PAGES; i++) {
		for (w = 0; w < WORDS; w++)
			damaged[w] = text_word(i, w);
		sys_pwrite(fd, damaged, PAGE_SIZE, PAGES(i));
	}
	CHECK_EQ(syscall1(__NR_fsync, fd), 0, "fsync");
	return fd;
}

static unsigned read_whole_log(u64 seq)
{
	unsigned n = read_log(seq);

	CHECK(n < LOG_MAX, "more requests than are looked at");
	return n;
}

/* Requests to this device since seq. */
static unsigned count_log(u64 seq, const char *device, unsigned op)
{
	unsigned n = read_whole_log(seq), i, count = 0;

	for (i = 0; i < n; i++)
		count += !strcmp(requests[i].device, device) && requests[i].op == op;
	return count;
}

static unsigned wrong_text(const volatile u32 *t, unsigned from, unsigned n)
{
	unsigned i, wrong = 0;

	for (i = from; i < from + n; i++)
		wrong += t[(ulong)i * WORDS + 9] != text_word(i, 9);
	return wrong;
}

/* ... and their sectors. */
static unsigned sectors_of(u64 seq, const char *device, unsigned op)
{
	unsigned n = read_whole_log(seq), i, sectors = 0;

	for (i = 0; i < n; i++)
		if (!strcmp(requests[i].device, device) && requests[i].op == op)
			sectors += requests[i].count;
	return sectors;
}

/* Slots that the kernel has written, on the disk: a page of text in one of them? */
static unsigned text_in_slots(const volatile u32 *p)
{
	int fd = open_or_exit(swap[0].path, O_RDONLY);
	unsigned i, k, found = 0, other = 0;
	u64 slot;

	for (i = 0; i < R16_ANON; i++) {
		slot = pw_slot(p + (ulong)i * WORDS);
		sys_pread(fd, damaged, PAGE_SIZE, slot * PAGE_SIZE);
		for (k = 0; k < TEXT_PAGES; k++)
			found += damaged[9] == text_word(k, 9);
		other += damaged[9] != 0xa0a00000u + i;
	}
	sys_close(fd);
	CHECK_EQ(other, 0, "slots without their anonymous page");
	return found;
}

static void r16_files(void)
{
	volatile u32 *p = anonymous(R16_ANON), *t, *shared;
	unsigned i, sectors = 0, n;
	int fd;
	u64 seq;

	if (!CHECK(find_partitions() != 0, "there is no swap partition of ours"))
		return;
	fd = text_file();
	CHECK_EQ(sys_swapon(swap[0].path, 0), 0, "swapon");
	t = sys_mmap(NULL, PAGES(TEXT_PAGES), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	CHECK_EQ(wrong_text(t, 0, TEXT_PAGES), 0, "pages of text that differ");
	for (i = 0; i < R16_ANON; i++)
		p[(ulong)i * WORDS + 9] = 0xa0a00000u + i;
	seq = last_request();
	out(t, TEXT_PAGES);
	for (i = 0, n = 0; i < TEXT_PAGES; i++)
		n += pw_entry(0, t + (ulong)i * WORDS) == 0;
	CHECK_EQ(n, TEXT_PAGES, "entries of text that are empty");
	CHECK_EQ(read_log(seq), 0, "requests for clean text that goes");
	out(p, R16_ANON);
	n = read_whole_log(seq);
	for (i = 0; i < n; i++) {
		CHECK(!strcmp(requests[i].device, swap[0].name), "write to %s", requests[i].device);
		sectors += requests[i].count;
	}
	CHECK_EQ(sectors, R16_ANON * PAGE_SECTORS, "sectors written to swap");
	CHECK_EQ(text_in_slots(p), 0, "slots with text");
	seq = last_request();
	CHECK_EQ(wrong_text(t, 0, TEXT_PAGES), 0, "pages of text that differ");
	CHECK_EQ(sectors_of(seq, "vda2", PAGEWALK_DISK_READ), TEXT_PAGES * PAGE_SECTORS,
		 "sectors of text read from its file");
	CHECK_EQ(count_log(seq, swap[0].name, PAGEWALK_DISK_READ), 0, "and not from swap");
	/* A dirty page is written to its file before it goes. */
	shared = sys_mmap(NULL, PAGES(TEXT_PAGES), RW, MAP_SHARED, fd, 0);
	shared[5 * WORDS + 9] = 0xd1d1d1d1u;
	sys_munmap((void *)t, PAGES(TEXT_PAGES));
	seq = last_request();
	for (i = 0; i < 100 && pw_entry(0, shared + 5 * WORDS + 9) | pw_counter("dirty_pages"); i++) {
		out(shared, TEXT_PAGES);
		sleep_ms(10);
	}
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages after reclaim has met one");
	CHECK(count_log(seq, "vda2", PAGEWALK_DISK_WRITE) != 0, "it was not written to its file");
	CHECK_EQ(count_log(seq, swap[0].name, PAGEWALK_DISK_WRITE), 0, "writes to swap for it");
	drop_caches();
	seq = last_request();
	CHECK_EQ(shared[5 * WORDS + 9], 0xd1d1d1d1u, "it comes back");
	CHECK(count_log(seq, "vda2", PAGEWALK_DISK_READ) != 0, "it did not come from its file");
	for (i = 0, n = 0; i < R16_ANON; i++)
		n += p[(ulong)i * WORDS + 9] != 0xa0a00000u + i;
	CHECK_EQ(n, 0, "anonymous pages that differ");
	CHECK_EQ(sys_swapoff(swap[0].path), 0, "swapoff");
	sys_close(fd);
	sys_unlink(FILE_NAME);
	CHECK_INFO("%u pages of text dropped without a write and read again from the file; 1 dirty "
		   "page written there; %u anonymous pages to swap", TEXT_PAGES, R16_ANON);
}
TEST(R16, r16_files);

/* ---- DIRTY ------------------------------------------------------------------------------- */

#define DIRTY_PAGES	3072u		/* half as much again as the row leaves */
#define DIRTY_NAME	(LONG64 ? "/data/dirty-64" : "/data/dirty-32")

static void dirty_pages(void)
{
	int fd = (int)sys_open(DIRTY_NAME, O_RDWR | O_CREAT, 0644);
	unsigned i, wrong = 0;
	volatile u32 *p;

	CHECK_EQ(sys_ftruncate(fd, PAGES(DIRTY_PAGES)), 0, "ftruncate");
	p = sys_mmap(NULL, PAGES(DIRTY_PAGES), RW, MAP_SHARED, fd, 0);
	for (i = 0; i < DIRTY_PAGES; i++)
		p[(ulong)i * WORDS + 3] = text_word(i, 3);
	for (i = 0; i < DIRTY_PAGES; i++)
		wrong += p[(ulong)i * WORDS + 3] != text_word(i, 3);
	CHECK_EQ(wrong, 0, "pages that differ");
	sys_munmap((void *)p, PAGES(DIRTY_PAGES));
	CHECK_EQ(syscall1(__NR_fsync, fd), 0, "fsync");
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages afterwards");
	sys_close(fd);
	sys_unlink(DIRTY_NAME);
	CHECK_INFO("%u pages made dirty by stores, %u are there at most", DIRTY_PAGES, 2048u);
}
TEST(DIRTY, dirty_pages);

/* ---- SWAPERR: a RAM disk that fails -------------------------------------------------------- */

#define EACH		8u		/* pages: one cluster */

static volatile u32 *mine;

static void fault(char kind, u64 first, u64 end)
{
	char knob[64];

	snprintf(knob, sizeof(knob), "swapdev=%c:%llx:%llx", kind, (unsigned long long)first,
		 (unsigned long long)end);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
}

/* n pages with their numbers, out; the first slot is a cluster's first. */
static volatile u32 *swapped_pages(unsigned n)
{
	volatile u32 *p = anonymous(n);
	unsigned i;

	for (i = 0; i < n; i++)
		p[(ulong)i * WORDS] = i + 1;
	out(p, n);
	return p;
}

static unsigned wrong_pages(volatile u32 *p, unsigned n, unsigned without)
{
	unsigned i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += i != without && p[(ulong)i * WORDS] != i + 1;
	return wrong;
}

/* 0: a cluster of its own; 1: the slot of its page 3; 2: read that. */
static int owner(int command)
{
	if (command == 0)
		mine = swapped_pages(EACH);
	if (command == 1)
		return (int)pw_slot(mine + 3 * WORDS);
	return command == 2 ? (int)mine[3 * WORDS] : 0;
}

/* A child's page is lost: the child ends by SIGBUS, its parent has all its pages. */
static void err_owner(char kind)
{
	volatile u32 *p = swapped_pages(EACH);
	struct child c;
	u8 byte = 2;
	int slot, status = 0;

	child_start(&c, owner);
	child_do(&c, 0);
	slot = child_do(&c, 1);
	CHECK(slot > 0, "kind %c: the child's page is swapped", kind);
	fault(kind, (u64)slot, (u64)slot + 1);
	sys_write(c.down, &byte, 1);
	CHECK_EQ(sys_wait4(c.pid, &status, 0, NULL), c.pid, "kind %c: wait4", kind);
	CHECK_EQ(status, 7, "kind %c: the end of its owner", kind);
	sys_close(c.down);
	sys_close(c.up);
	CHECK_EQ(wrong_pages(p, EACH, EACH), 0, "kind %c: pages of another program that differ", kind);
	fault('f', 0, 0);
	sys_munmap((void *)p, PAGES(EACH));
	CHECK_EQ(pw_counter("swap_used"), 0, "kind %c: slots in use afterwards", kind);
}

/* Neighbours in the same request are not lost, and the page itself only as long as it fails. */
static void err_neighbours(char kind)
{
	volatile u32 *p = swapped_pages(EACH);
	struct caught c;
	u64 slot = pw_slot(p + 2 * WORDS);

	fault(kind, slot, slot + 1);
	catch_begin();
	c = catch_access(ACCESS_READ, (ulong)(p + 2 * WORDS));
	CHECK_EQ(c.sig, 7, "kind %c: signal", kind);
	CHECK_EQ(c.addr, (ulong)(p + 2 * WORDS), "kind %c: si_addr", kind);
	CHECK_EQ(wrong_pages(p, EACH, 2), 0, "kind %c: neighbours that differ", kind);
	catch_end();
	fault('f', 0, 0);
	CHECK_EQ(wrong_pages(p, EACH, EACH), 0, "kind %c: pages that differ when it can be read", kind);
	sys_munmap((void *)p, PAGES(EACH));
}

/* Nothing can be written: all stays.  Later it goes, but not to those slots. */
static void err_writes(void)
{
	volatile u32 *p = anonymous(EACH);
	u64 bad = pw_counter("swap_bad_slots"), reads, old[EACH], total;
	unsigned i, k, again = 0, swapped = 0;

	total = (u64)pw_field("/proc/meminfo", "SwapTotal:");
	fault('f', 0, 1024);
	sys_munmap((void *)p, PAGES(EACH));
	p = swapped_pages(EACH);
	reads = pw_counter("pswpin");
	for (i = 0; i < EACH; i++)
		old[i] = pw_slot(p + (ulong)i * WORDS);
	CHECK_EQ(pw_counter("swap_bad_slots") - bad, EACH, "slots that cannot be written");
	CHECK_EQ(wrong_pages(p, EACH, EACH), 0, "pages that differ");
	CHECK_EQ(pw_counter("pswpin"), reads, "pages read for that");
	fault('f', 0, 0);
	out(p, EACH);
	for (i = 0; i < EACH; i++) {
		swapped += pw_slot(p + (ulong)i * WORDS) != 0;
		for (k = 0; k < EACH; k++)
			again += pw_slot(p + (ulong)i * WORDS) == old[k];
	}
	CHECK_EQ(swapped, EACH, "pages swapped when the device works");
	CHECK_EQ(again, 0, "of them in bad slots");
	CHECK_EQ(wrong_pages(p, EACH, EACH), 0, "pages that differ");
	CHECK_EQ((u64)pw_field("/proc/meminfo", "SwapTotal:"), total - EACH * 4, "SwapTotal without them");
	sys_munmap((void *)p, PAGES(EACH));
}

static void swaperr(void)
{
	static const char kinds[] = "fsn";
	u64 bad = pw_counter("swap_bad_slots");
	unsigned i;

	for (i = 0; i < 3; i++) {
		err_owner(kinds[i]);
		err_neighbours(kinds[i]);
	}
	CHECK_EQ(pw_counter("swap_bad_slots") - bad, 6, "slots that could not be read");
	err_writes();
	CHECK_INFO("fails, short, never: 3 owners ended, their neighbours not; 8 pages not written stay");
}
TEST(SWAPERR, swaperr);

/* ---- SWAPBAD: slot 5 of the NVMe disk cannot be read, slot 9 not written -------------------- */

static void swapbad(void)
{
	struct partition *s = NULL;
	unsigned n = find_partitions(), i, lost = 16, swapped = 0;
	volatile u32 *p;
	struct caught c;

	for (i = 0; i < n; i++)
		if (!strcmp(swap[i].name, "nvme0n1p3"))
			s = &swap[i];
	if (!CHECK(s != NULL, "there is no NVMe disk of ours"))
		return;
	CHECK_EQ(sys_swapon(s->path, 0), 0, "swapon");
	p = swapped_pages(16);
	for (i = 0; i < 16; i++) {
		swapped += pw_slot(p + (ulong)i * WORDS) != 0;
		if (pw_slot(p + (ulong)i * WORDS) == 5)
			lost = i;
	}
	CHECK_EQ(swapped, 16, "entries that name a slot");
	CHECK_EQ(pw_counter("swap_bad_slots"), 1, "slots that could not be written");
	catch_begin();
	c = catch_access(ACCESS_READ, (ulong)(p + (ulong)lost * WORDS));
	CHECK_EQ(c.sig, 7, "signal of the page in the bad sector");
	catch_end();
	CHECK_EQ(wrong_pages(p, 16, lost), 0, "other pages that differ");
	CHECK_EQ(-sys_swapoff(s->path), EIO, "swapoff while a page cannot be read");
	sys_munmap((void *)p, PAGES(16));
	CHECK_EQ(pw_field("/proc/meminfo", "SwapTotal:"), s->sectors / 2 - 4 - 8, "SwapTotal without two");
	CHECK_EQ(sys_swapoff(s->path), 0, "swapoff");
	CHECK_INFO("slot 5 cannot be read: SIGBUS for its page; slot 9 not written: the page stays");
}
TEST(SWAPBAD, swapbad);
