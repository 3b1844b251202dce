/* SPDX-License-Identifier: MIT */
/*
 * Power cuts: twelve workloads on a FAT32 file system, and after every single sector that one of
 * them writes the disk as it is then, read by fat_reader.h with either table: files that were
 * not being written are intact, and a file that is replaced by rename is the old one or the
 * new one.  The disk may also have written any part of what was not flushed yet.
 */
#include "fat_frame.h"

#define BYSTANDERS	14
#define MAX_SIZE	30000

static const struct {
	const char *path;
	size_t size;
} bystanders[BYSTANDERS] = {
	{ "a", 100 }, { "b.bin", 512 }, { "c with a long name.txt", 5000 }, { "d", 29000 },
	{ "dir/e", 700 }, { "dir/f", 12000 }, { "dir/a longer name in a directory", 1 },
	{ "dir/deeper/g", 4096 }, { "dir/deeper/h", 20000 }, { "dir/deeper/i", 513 },
	{ "other/j", 9000 }, { "other/k", 300 }, { "other/l", 16384 }, { "m", 25000 },
};

static u8 want[BYSTANDERS][MAX_SIZE], old_text[8000], new_text[8000];
static bool replacing;			/* "replaced" is the old text or the new one */

static void fill(const char *path, size_t n, u64 seed, int flags)
{
	pattern(DATA, n, seed);
	BUG_ON(store(path, n, flags));
}

/* Bystanders, with holes between their clusters. */
static void make_files(void)
{
	char path[80];
	unsigned i;

	sys_mkdir(u("/data/dir"), 0755);
	sys_mkdir(u("/data/dir/deeper"), 0755);
	sys_mkdir(u("/data/other"), 0755);
	for (i = 0; i < BYSTANDERS; i++) {
		snprintf(path, sizeof(path), "/data/hole%u", i);
		fill(path, 700 * i, 900 + i, 0);
		sync_file(path);
		snprintf(path, sizeof(path), "/data/%s", bystanders[i].path);
		fill(path, bystanders[i].size, i, 0);
		sync_file(path);
		pattern(want[i], bystanders[i].size, i);
	}
	for (i = 0; i < BYSTANDERS; i += 2) {
		snprintf(path, sizeof(path), "/data/hole%u", i);
		sys_unlink(u(path));
	}
	fill("/data/victim", 21000, 50, 0);
	fill("/data/replaced", sizeof(old_text), 60, 0);
	pattern(old_text, sizeof(old_text), 60);
	pattern(new_text, sizeof(new_text), 61);
}

/* ---- what happens before the power goes ---------------------------------------------- */

static void create_files(void)
{
	fill("/data/new", 3000, 100, 0);
	sys_sync();
	fill("/data/dir/another new one", 9000, 101, 0);
	sys_sync();
}

static void append(void)
{
	unsigned i;

	for (i = 0; i < 6; i++) {
		fill("/data/victim", 1500, 110 + i, O_APPEND);
		sync_file("/data/victim");
	}
}

static void overwrite(void)
{
	fill("/data/victim", 21000, 120, 0);
	sys_sync();
}

static void truncate_down(void)
{
	sys_truncate(u("/data/victim"), 10000);
	sys_truncate(u("/data/victim"), 1);
	sys_truncate(u("/data/victim"), 0);
	sys_sync();
}

static void rewrite(void)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		fill("/data/victim", 7000 + 3000 * i, 130 + i, O_TRUNC);
		sys_sync();
	}
}

static void unlink_files(void)
{
	sys_unlink(u("/data/victim"));
	sys_unlink(u("/data/hole1"));
	sys_unlink(u("/data/hole13"));
	fill("/data/in its place", 25000, 140, 0);
	sys_sync();
}

static void rename_files(void)
{
	sys_rename(u("/data/victim"), u("/data/dir/deeper/VICTIM with another name"));
	sys_rename(u("/data/hole3"), u("/data/h3"));
	sys_rename(u("/data/h3"), u("/data/H3"));
	sys_sync();
}

/* How a careful program saves a file. */
static void replace(void)
{
	replacing = true;
	fill("/data/temporary", sizeof(new_text), 61, 0);
	sync_file("/data/temporary");
	sys_rename(u("/data/temporary"), u("/data/replaced"));
	sys_sync();
}

static void make_dirs(void)
{
	char path[80];
	unsigned i;

	sys_mkdir(u("/data/made"), 0755);
	for (i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/data/made/file number %u of a directory", i);
		fill(path, 100 * (i % 7), 150 + i, 0);
	}
	sys_mkdir(u("/data/made/inner"), 0755);
	sys_sync();
}

static void move_dirs(void)
{
	sys_mkdir(u("/data/x"), 0755);
	sys_mkdir(u("/data/x/y"), 0755);
	sys_rename(u("/data/x/y"), u("/data/dir/y"));
	sys_rename(u("/data/dir/y"), u("/data/dir/deeper/z"));
	sys_rmdir(u("/data/x"));
	sys_rmdir(u("/data/dir/deeper/z"));
	sys_sync();
}

/* Two files in turn, in the holes: many runs. */
static void fragments(void)
{
	unsigned i;

	for (i = 0; i < 12; i++) {
		fill("/data/odd", 700, 200 + i, O_APPEND);
		sync_file("/data/odd");
		fill("/data/even", 600, 220 + i, O_APPEND);
		sync_file("/data/even");
	}
	sys_truncate(u("/data/odd"), 2000);
	fill("/data/even", 9000, 240, O_APPEND);
	sys_sync();
}

static void mixture(void)
{
	u64 seed = 99;
	char path[80];
	unsigned i;

	for (i = 0; i < 60; i++) {
		snprintf(path, sizeof(path), "/data/dir/mix %u", (unsigned)(splitmix64(&seed) % 6));
		switch (splitmix64(&seed) % 6) {
		case 0:
			sys_unlink(u(path));
			break;
		case 1:
			sys_truncate(u(path), (long)(splitmix64(&seed) % 9000));
			break;
		case 2:
			sys_rename(u(path), u("/data/other/mixed"));
			break;
		case 3:
			sys_sync();
			break;
		default:
			fill(path, splitmix64(&seed) % 6000, i,
			     splitmix64(&seed) & 1 ? O_APPEND : 0);
			break;
		}
	}
	sys_sync();
}

static const struct {
	const char *name;
	void (*run)(void);
} workloads[] = {
	{ "new files", create_files }, { "appending", append }, { "overwriting", overwrite },
	{ "truncating", truncate_down }, { "rewriting", rewrite }, { "unlinking", unlink_files },
	{ "renaming", rename_files }, { "replacing", replace }, { "a directory grows", make_dirs },
	{ "directories move", move_dirs }, { "fragments", fragments }, { "a mixture", mixture },
};

/* ---- the disk at that moment --------------------------------------------------------- */

static bool same_file(const struct fr *f, unsigned copy, const char *path, const u8 *text,
		      size_t n)
{
	static u8 seen[MAX_SIZE];

	return fr_read(f, copy, path, seen, sizeof(seen)) == (long)n && !memcmp(seen, text, n);
}

/* The second table is written after the first: by itself it leads through old and new chains. */
static bool is_intact(const u8 *disk)
{
	struct fr f = fr_open(disk);
	unsigned i, copy;

	for (copy = 0; copy < 2; copy++) {
		for (i = 0; i < BYSTANDERS; i++)
			if (!same_file(&f, copy, bystanders[i].path, want[i], bystanders[i].size)) {
				diag("'%s' is damaged, by table %u", bystanders[i].path, copy);
				return false;
			}
		if (!same_file(&f, copy, "replaced", old_text, sizeof(old_text)) &&
		    (!replacing ||
		     !same_file(&f, copy, "replaced", new_text, sizeof(new_text)))) {
			diag("'replaced' is neither old nor new, by table %u", copy);
			return false;
		}
	}
	return true;
}

static void apply(u8 *disk, const struct host_write *w)
{
	memcpy(disk + w->sector * SECTOR_SIZE, w->data, SECTOR_SIZE);
}

/* Writes [from, n) were not flushed: some of them arrived, others did not. */
static bool any_part_is_intact(u8 *disk, unsigned long from, unsigned long n, u64 *seed)
{
	unsigned long i, k = n - from;
	u8 *saved = malloc(k * SECTOR_SIZE);
	bool good;

	for (i = 0; i < k; i++)
		memcpy(saved + i * SECTOR_SIZE, disk + host_log[from + i].sector * SECTOR_SIZE,
		       SECTOR_SIZE);
	for (i = from; i < n; i++)
		if (splitmix64(seed) & 1)
			apply(disk, &host_log[i]);
	good = is_intact(disk);
	for (i = k; i--;)
		memcpy(disk + host_log[from + i].sector * SECTOR_SIZE, saved + i * SECTOR_SIZE,
		       SECTOR_SIZE);
	free(saved);
	return good;
}

/* All moments of a workload; `disk` is what it began with. */
static void check_cuts(const char *name, u8 *disk)
{
	unsigned long cut, end, bad = 0, parts = 0, bad_parts = 0;
	u64 seed = 5;

	for (cut = 0; cut < host_log_n && !bad && !bad_parts; cut = end) {
		for (end = cut; end < host_log_n && host_log[end].epoch == host_log[cut].epoch;)
			end++;
		if (end - cut > 1) {
			bad_parts += !any_part_is_intact(disk, cut, end, &seed);
			parts++;
		}
		for (; cut < end && !bad; cut++) {
			apply(disk, &host_log[cut]);
			bad += !is_intact(disk);
		}
	}
	if (bad)
		diag("after write %lu, sector %llu", cut,
		     (unsigned long long)host_log[cut - 1].sector);
	is(bad, 0, "%s: %lu cuts", name, host_log_n);
	is(bad_parts, 0, "%s: %lu reordered groups", name, parts);
}

/*
 * After every cut of a rename the next mount leaves one name for each chain: whoever removes
 * one of two would damage the other.
 */
static void check_names(const char *name, const u8 *before)
{
	size_t bytes = host_disk.capacity * SECTOR_SIZE;
	unsigned long n = host_log_n, cut, twice = 0, damaged = 0;
	struct host_write *log = malloc(n * sizeof(*log));

	memcpy(log, host_log, n * sizeof(*log));
	for (cut = 1; cut <= n; cut++) {
		unsigned long i;

		memcpy(host_disk_bytes, before, bytes);
		for (i = 0; i < cut; i++)
			apply(host_disk_bytes, &log[i]);
		BUG_ON(mount_data(false));
		BUG_ON(umount_data());
		shell("fsck.vfat -n %s >%s/fsck.out 2>&1", image, scratch);
		twice += shell("grep -q 'share clusters' %s/fsck.out", scratch) == 0;
		damaged += !is_intact(host_disk_bytes);
	}
	is(twice, 0, "%s: cuts of %lu after which two names have one chain", name, n);
	is(damaged, 0, "%s: cuts after which the next mount damages anything", name);
	free(log);
}

/* The next start: after a cut in the middle it mounts, reads, writes, and fsck repairs. */
static void check_next_start(const char *name, const u8 *before)
{
	size_t bytes = host_disk.capacity * SECTOR_SIZE;
	unsigned long n = host_log_n, i;

	memcpy(host_disk_bytes, before, bytes);
	for (i = 0; i < n / 2; i++)
		apply(host_disk_bytes, &host_log[i]);
	is(mount_data(false), 0, "%s: mounted after a cut", name);
	fill("/data/after the cut", 20000, 300, 0);
	fill("/data/victim", 3000, 301, O_APPEND);
	is(umount_data(), 0, "written to");
	ok(is_intact(host_disk_bytes), "the others are still intact");
	/* A directory under two names takes it three goes: it leaves long names behind. */
	shell("for i in 1 2 3; do fsck.vfat -a %s >%s/fsck.out 2>&1; done", image, scratch);
	ok(is_intact(host_disk_bytes), "also after fsck.vfat");
	if (shell("fsck.vfat -n %s >%s/fsck.out 2>&1", image, scratch))
		shell("cat %s/fsck.out", scratch);
	is(shell("fsck.vfat -n %s >%s/fsck.out 2>&1", image, scratch), 0, "which is content then");
}

int main(void)
{
	u8 *before, *disk;
	size_t bytes;
	unsigned i;

	frame_start();
	make_image(34, 1, "");
	BUG_ON(mount_data(false));
	make_files();
	BUG_ON(umount_data());
	bytes = host_disk.capacity * SECTOR_SIZE;
	before = malloc(bytes);
	disk = malloc(bytes);
	memcpy(before, host_disk_bytes, bytes);
	ok(is_intact(before), "the files are there");
	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		memcpy(host_disk_bytes, before, bytes);
		memcpy(disk, before, bytes);
		replacing = false;
		BUG_ON(mount_data(false));
		host_disk_log_start();
		workloads[i].run();
		BUG_ON(umount_data());
		is(shell("fsck.vfat -n %s >%s/fsck.out 2>&1", image, scratch), 0, "%s: no cut",
		   workloads[i].name);
		check_cuts(workloads[i].name, disk);
		check_next_start(workloads[i].name, before);
		if (workloads[i].run == rename_files || workloads[i].run == replace ||
		    workloads[i].run == move_dirs) {
			memcpy(host_disk_bytes, before, bytes);
			BUG_ON(mount_data(false));
			host_disk_log_start();
			workloads[i].run();
			BUG_ON(umount_data());
			check_names(workloads[i].name, before);
		}
	}
	free(before);
	free(disk);
	return done();
}
