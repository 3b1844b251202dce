/* SPDX-License-Identifier: MIT */
/*
 * FAT32 against the tools of the host and a second reader: images made by mkfs.vfat and
 * mcopy, written here, read back by mtype, fsck.vfat and fat_reader.h; a model fuzz; damaged
 * images, which may be refused but not believed; failing disks.
 */
#include "fat_frame.h"
#include "../../fs/fat/fat.h"
#include <linux/mount.h>
#include <ucontext.h>

/* ---- the boot sector ----------------------------------------------------------------- */

static void put(u8 *p, u32 value, unsigned bytes)
{
	for (; bytes--; value >>= 8)
		*p++ = (u8)value;
}

static const struct {
	unsigned offset, bytes;
	u32 value;
	const char *why;
} bad_fields[] = {
	{ 510, 2, 0, "no boot sector: the signature 55 AA is missing" },
	{ 0, 1, 0x90, "no FAT boot sector: it does not begin with a jump" },
	{ 11, 2, 0, "bytes per sector are not 512, 1024, 2048 or 4096" },
	{ 11, 2, 513, "bytes per sector are not 512, 1024, 2048 or 4096" },
	{ 11, 2, 8192, "bytes per sector are not 512, 1024, 2048 or 4096" },
	{ 13, 1, 0, "sectors per cluster are not a power of two" },
	{ 13, 1, 3, "sectors per cluster are not a power of two" },
	{ 14, 2, 0, "there are no reserved sectors" },
	{ 16, 1, 0, "the number of FATs is neither 1 nor 2" },
	{ 16, 1, 3, "the number of FATs is neither 1 nor 2" },
	{ 17, 2, 512, "it is FAT12 or FAT16: only FAT32 can be read" },
	{ 19, 2, 9, "the total number of sectors is not in its FAT32 field" },
	{ 21, 1, 0xf1, "the media byte is invalid" },
	{ 22, 2, 9, "it is FAT12 or FAT16: only FAT32 can be read" },
	{ 32, 4, 0, "the total number of sectors is not in its FAT32 field" },
	{ 32, 4, 80000, "it is larger than its partition" },
	{ 32, 4, 1000, "the FATs leave no room for clusters" },
	{ 32, 4, 60000, "it has too few clusters for FAT32: FAT12 and FAT16 cannot be read" },
	{ 36, 4, 0, "sectors per FAT are 0" },
	{ 36, 4, 400, "the FAT is too small for the clusters" },
	{ 36, 4, ~0u, "the FATs leave no room for clusters" },
	{ 40, 2, 0x82, "the active FAT does not exist" },
	{ 42, 2, 1, "its FAT32 version is not 0.0" },
	{ 44, 4, 1, "the root directory's first cluster does not exist" },
	{ 44, 4, 70000, "the root directory's first cluster does not exist" },
	{ 48, 2, 0, "FSInfo does not lie in the reserved sectors" },
	{ 48, 2, 32, "FSInfo does not lie in the reserved sectors" },
};

static void test_boot_sector(void)
{
	u8 good[512], sector[512], info[512];
	struct fat_layout l;
	const char *why = "";
	u32 next;
	unsigned i;

	make_image(34, 1, "-n TEST");
	memcpy(good, host_disk_bytes, 512);
	memcpy(info, host_disk_bytes + 512, 512);
	is(fat_check_boot(good, host_disk.capacity, &l, &why), 0, "what mkfs.vfat makes is good");
	is(l.clusters, (69632 - 32 - 2 * fr32(good + 36)), "clusters");
	is(l.root, 2, "the root's cluster");
	for (i = 0; i < ARRAY_SIZE(bad_fields); i++) {
		memcpy(sector, good, 512);
		put(sector + bad_fields[i].offset, bad_fields[i].value, bad_fields[i].bytes);
		why = "(accepted)";
		fat_check_boot(sector, host_disk.capacity, &l, &why);
		is_str(why, bad_fields[i].why, "byte %u = %#x", bad_fields[i].offset,
		       bad_fields[i].value);
	}
	fat_check_boot(good, host_disk.capacity, &l, &why);
	ok(!fat_check_fsinfo(info, &l, &next), "FSInfo of mkfs.vfat is good");
	info[0] ^= 1;
	ok(fat_check_fsinfo(info, &l, &next), "a signature is wrong");
	info[0] ^= 1;
	put(info + 488, 70000, 4);
	ok(fat_check_fsinfo(info, &l, &next), "too many free clusters");
	put(info + 488, ~0u, 4);
	put(info + 492, 70000, 4);
	ok(fat_check_fsinfo(info, &l, &next), "the next free one does not exist");
}

/* All of it through mount: one line each, nothing left. */
static void test_refused(void)
{
	static const char *const makers[] = { "-F 12 -C %s 2048", "-F 16 -C %s 20480" };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		char options[200];

		shell("rm -f %s", image);
		snprintf(options, sizeof(options), makers[i], image);
		BUG_ON(shell("mkfs.vfat %s >/dev/null", options));
		host_disk_open(image);
		is(mount_data(true), -EINVAL, "FAT%d is refused", i ? 16 : 12);
		ok(strstr(host_last_message, "FAT12 or FAT16"), "and the line says so");
	}
	is(host_disk.readers, 0, "the device is closed");
}

/* ---- what others wrote --------------------------------------------------------------- */

static const char *listing(const char *path)
{
	static char text[4096];
	long fd = sys_open(u(path), O_RDONLY | O_DIRECTORY, 0), n, at;

	text[0] = '\0';
	if (fd < 0)
		return "(error)";
	while ((n = sys_getdents64((int)fd, UDATA, 300)) > 0)
		for (at = 0; at < n; at += *(u16 *)(DATA + at + 16)) {
			strcat(text, (char *)DATA + at + 19);
			strcat(text, DATA[at + 18] == 4 ? "/ " : " ");
		}
	sys_close((int)fd);
	return n ? "(error)" : text;
}

static void test_read(void)
{
	static u8 want[100000];
	long n;

	make_image(34, 1, "");
	pattern(want, sizeof(want), 1);
	shell("cd %s; head -c 0 /dev/null >empty; printf hello >SHORT.TXT", scratch);
	snprintf((char *)DATA, 100, "%s/big", scratch);
	FILE *f = fopen((char *)DATA, "w");
	fwrite(want, 1, sizeof(want), f);
	fclose(f);
	is(shell("cd %s; export MTOOLS_SKIP_CHECK=1; mmd -i image ::/sub ::/sub/deeper && "
		 "mcopy -i image empty SHORT.TXT ::/ && "
		 "mcopy -i image big '::/sub/deeper/A rather long name.with points' && "
		 "mcopy -i image SHORT.TXT '::/sub/gr\xc3\xbc\xc3\x9f.txt' && "
		 "mcopy -i image SHORT.TXT ::/lower.txt", scratch), 0, "mtools fill an image");
	is(mount_data(true), 0, "mounted");
	is_str(listing("/data"), "./ ../ sub/ empty SHORT.TXT lower.txt ", "the root");
	is_str(listing("/data/sub"), "./ ../ deeper/ gr\xc3\xbc\xc3\x9f.txt ", "a directory");
	is(slurp("/data/SHORT.TXT"), 5, "a short name");
	ok(!memcmp(DATA, "hello", 5), "its contents");
	is(slurp("/data/short.txt"), 5, "in another spelling");
	is(slurp("/data/sub/gr\xc3\xbc\xc3\x9f.TXT"), 5, "a name in UTF-8");
	is(slurp("/data/empty"), 0, "an empty file");
	n = slurp("/data/sub/deeper/A rather long name.with points");
	is(n, sizeof(want), "a long name");
	ok(!memcmp(DATA, want, sizeof(want)), "its contents");
	is(slurp("/data/SUB/DEEPER/ARATHE~1.WIT"), sizeof(want), "by its short name");
	is(slurp("/data/nothing"), -ENOENT, "a name that is not there");
	is(store("/data/new", 5, 0), -EROFS, "mounted read-only: no new file");
	is(store("/data/SHORT.TXT", 5, 0), -EROFS, "no writing");
	is(sys_unlink(u("/data/empty")), -EROFS, "no unlink");
	is(sys_mkdir(u("/data/d"), 0755), -EROFS, "no mkdir");
	is(sys_rename(u("/data/empty"), u("/data/e")), -EROFS, "no rename");
	is(sys_truncate(u("/data/SHORT.TXT"), 0), -EROFS, "no truncate");
	is(sys_chmod(u("/data/SHORT.TXT"), 0), -EROFS, "no chmod");
	is(host_disk_writes, 0, "and nothing was written");
	is(umount_data(), 0, "unmounted");
}

/* Requests: one for each run of pages that the disk has in a row. */
static void test_requests(void)
{
	unsigned long before, windows = ra_counters.sequential;
	long fd;

	is(mount_data(true), 0, "mounted again");
	fd = sys_open(u("/data/sub/deeper/A rather long name.with points"), O_RDONLY, 0);
	before = host_disk_reads;
	is(sys_read((int)fd, UDATA, 100), 100, "the first bytes");
	is(host_disk_reads - before, 1, "one request");
	is(ra_counters.sequential - windows, 1, "of a sequential reader");
	before = host_disk_sectors_read;
	is(sys_pread64((int)fd, UDATA, 10, 70000), 10, "somewhere else");
	is(host_disk_sectors_read - before, 8, "one page");
	before = host_disk_reads;
	is(sys_read((int)fd, UDATA, DATA_BYTES), 99900, "the rest");
	ok(host_disk_reads - before <= 4, "in %lu requests", host_disk_reads - before);
	before = host_disk_reads;
	slurp("/data/sub/deeper/A rather long name.with points");
	is(host_disk_reads - before, 0, "again: none");
	sys_close((int)fd);
	before = host_disk_reads;
	slurp("/data/sub/deeper/A rather long name.with points");
	is(host_disk_reads - before, 0, "the pages stay when nobody has it open");
	is(umount_data(), 0, "unmounted");
}

/* ---- what we write ------------------------------------------------------------------- */

static void check_fsck(const char *what)
{
	is(shell("fsck.vfat -n %s >%s/fsck.out 2>&1", image, scratch), 0, "fsck.vfat: %s", what);
}

/* Is the file what DATA has, by both tables? */
static bool disk_has(const char *path, size_t n)
{
	static u8 seen[1 << 18];
	struct fr f = fr_open(host_disk_bytes);
	unsigned copy;

	for (copy = 0; copy < f.nfats; copy++)
		if (fr_read(&f, copy, path, seen, sizeof(seen)) != (long)n || memcmp(seen, DATA, n))
			return false;
	return true;
}

static struct fat_fs *mounted_fat(void)
{
	return fat_of(list_first_entry(&super_blocks, struct super_block, list));
}

/* An empty image of its own, mounted for writing. */
static struct fat_fs *mount_new(void)
{
	make_image(34, 1, "");
	is(mount_data(false), 0, "mounted for writing");
	return mounted_fat();
}

static void test_write(void)
{
	struct fr f;
	struct fr_entry e;
	long fd;

	mount_new();
	pattern(DATA, 20000, 2);
	is(store("/data/one.bin", 20000, 0), 0, "a file of 20,000 bytes");
	f = fr_open(host_disk_bytes);
	ok(fr_find(&f, "one.bin", &e) && e.size == 0, "the disk knows its name only");
	is(nr_dirty, 5, "five dirty pages");
	is(sync_file("/data/one.bin"), 0, "fsync");
	is(nr_dirty, 0, "none");
	ok(disk_has("one.bin", 20000), "the disk has it");
	fd = sys_open(u("/data/one.bin"), O_WRONLY | O_APPEND, 0);
	pattern(DATA + 20000, 1000, 3);
	is(sys_write((int)fd, UDATA + 20000, 1000), 1000, "append");
	is(sys_fsync((int)fd), 0, "fsync");
	ok(disk_has("one.bin", 21000), "the disk has it");
	is(sys_fallocate((int)fd, 0, 0, 50000), -EOPNOTSUPP, "no clusters without data");
	is(sys_pwrite64((int)fd, UDATA, 1, 0), 1, "O_APPEND: at the end, whatever pwrite says");
	sys_close((int)fd);
	is(sys_truncate(u("/data/one.bin"), 700), 0, "truncate");
	ok(disk_has("one.bin", 700), "at once on the disk");
	is(sys_truncate(u("/data/one.bin"), 5000), 0, "make it longer");
	memset(DATA + 700, 0, 4300);
	sys_sync();
	ok(disk_has("one.bin", 5000), "zero behind the cut");
	fd = sys_open(u("/data/Sparse file"), O_RDWR | O_CREAT, 0);
	is(sys_pwrite64((int)fd, UDATA, 3, 100000), 3, "write behind the end");
	memmove(DATA + 100000, DATA, 3);
	memset(DATA, 0, 100000);
	is(sys_fsync((int)fd), 0, "fsync");
	ok(disk_has("Sparse file", 100003), "zero in between");
	sys_close((int)fd);
	check_fsck("files");
	is(umount_data(), 0, "unmounted");
	check_fsck("after unmount");
}

static void test_names(void)
{
	static const struct {
		const char *name;
		long want;
	} t[] = {
		{ "a:b", -EINVAL }, { "a*", -EINVAL }, { "a.", -EINVAL }, { "a ", -EINVAL },
		{ "a\x01", -EINVAL }, { "\xff", -EINVAL }, { "\xc0\x80", -EINVAL },
		{ "\xed\xa0\x80", -EINVAL }, { "...", -EINVAL },
		{ "UPPER.TXT", 0 }, { "Mixed.Case", 0 }, { ".hidden", 0 }, { "a.b.c", 0 },
		{ "with space", 0 }, { "\xf0\x9f\x98\x80", 0 }, { "name+comma,;=[].x", 0 },
		{ "LONGEXT.ABCD", 0 }, { "NINECHARS", 0 },
	};
	char path[300], list[200];
	struct fr f;
	struct fr_entry e;
	unsigned i;

	is(mount_data(false), 0, "mounted for writing");
	sys_unlink(u("/data/one.bin"));
	sys_unlink(u("/data/Sparse file"));
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		snprintf(path, sizeof(path), "/data/%s", t[i].name);
		is(store(path, 1, 0), t[i].want, "a file called '%s'", t[i].name);
		f = fr_open(host_disk_bytes);
		is(fr_find(&f, t[i].name, &e), !t[i].want, "the disk agrees");
	}
	snprintf(path, sizeof(path), "/data/%0255d", 7);
	is(store(path, 1, 0), 0, "a name of 255 characters");
	is(slurp(path), 1, "can be opened");
	for (i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/data/the same beginning %u", i);
		if (store(path, 0, 0))
			break;
	}
	is(i, 300, "three hundred files with one beginning");
	is(slurp("/data/The Same Beginning 299"), 0, "each found, in any spelling");
	is(sys_open(u("/data/mixed.case"), O_CREAT | O_EXCL | O_RDWR, 0), -EEXIST,
	   "another spelling is the same name");
	is(sys_rename(u("/data/Mixed.Case"), u("/data/MIXED.case")), 0, "rename to it");
	f = fr_open(host_disk_bytes);
	ok(fr_find(&f, "MIXED.case", &e) && !fr_find(&f, "Mixed.Case", &e), "changes it");
	sys_sync();
	check_fsck("names");
	snprintf(list, sizeof(list), "mdir -b -i %s ::/ | wc -l | grep -q '^310$'", image);
	is(shell("%s", list), 0, "mtools see 310 files");
	is(umount_data(), 0, "unmounted");
}

/* A current directory that is moved and removed under its user. */
static void test_cwd(void)
{
	is(sys_mkdir(u("/data/top"), 0755), 0, "a directory");
	is(sys_mkdir(u("/data/top/cwd"), 0755), 0, "and one in it");
	is(sys_chdir(u("/data/top/cwd")), 0, "which becomes the current one");
	is(sys_rename(u("/data/top"), u("/data/peak")), 0, "the upper one gets another name");
	is(sys_getcwd(UDATA, 100), 15, "getcwd");
	is_str((char *)DATA, "/data/peak/cwd", "follows");
	is(sys_rmdir(u("/data/peak/cwd")), 0, "it is removed");
	is(sys_getcwd(UDATA, 100), -ENOENT, "now it is nowhere");
	is(store("x", 0, 0), -ENOENT, "nothing can be made in it");
	is(sys_rmdir(u("/data/peak")), 0, "the upper one goes, too");
	is(sys_getcwd(UDATA, 100), -ENOENT, "it is still nowhere");
	is(sys_mkdir(u("/data/peak"), 0755), 0, "both names are used again");
	is(sys_mkdir(u("/data/peak/cwd"), 0755), 0, "for others");
	is(sys_getcwd(UDATA, 100), -ENOENT, "which changes nothing");
	is(sys_chdir(u("/data")), 0, "a directory that exists");
	is(sys_getcwd(UDATA, 100), 6, "has a name");
	is(sys_chdir(u("/")), 0, "away");
}

static void test_dirs(void)
{
	mount_new();
	is(sys_mkdir(u("/data/a"), 0755), 0, "mkdir");
	is(sys_mkdir(u("/data/a/b"), 0755), 0, "in it another one");
	is(sys_mkdir(u("/data/A"), 0755), -EEXIST, "it exists");
	pattern(DATA, 3000, 5);
	is(store("/data/a/b/file", 3000, 0), 0, "and a file");
	is(sys_rmdir(u("/data/a/b")), -ENOTEMPTY, "not empty");
	is(sys_unlink(u("/data/a")), -EISDIR, "unlink of a directory");
	is(sys_rename(u("/data/a"), u("/data/a/b/c")), -EINVAL, "not into itself");
	is(sys_mkdir(u("/data/c"), 0755), 0, "a third one");
	is(sys_rename(u("/data/a/b"), u("/data/c/moved")), 0, "a directory moves");
	sys_sync();
	pattern(DATA, 3000, 5);
	ok(disk_has("c/moved/file", 3000), "the disk agrees");
	check_fsck("'..' leads to the new place");
	is(slurp("/data/c/moved/../moved/file"), 3000, "here too");
	pattern(DATA, 100, 6);
	is(store("/data/victim", 100, 0), 0, "another file");
	is(sys_rename(u("/data/c/moved/file"), u("/data/victim")), 0, "rename over it");
	sys_sync();
	pattern(DATA, 3000, 5);
	ok(disk_has("victim", 3000), "the name leads to the other file");
	is(sys_rmdir(u("/data/c/moved")), 0, "empty now");
	is(sys_link(u("/data/victim"), u("/data/link")), -EPERM, "no second names");
	is(sys_symlink(u("x"), u("/data/link")), -EPERM, "no symbolic links");
	test_cwd();
	is(sys_umount2(u("/data"), 0), 0, "unmounted");
	check_fsck("directories");
}

/* An open file that has lost its name. */
static void test_unlinked(void)
{
	struct fr f;
	long fd;

	is(mount_data(false), 0, "mounted for writing");
	fd = sys_open(u("/data/ghost"), O_RDWR | O_CREAT, 0);
	pattern(DATA, 9000, 7);
	is(sys_write((int)fd, UDATA, 9000), 9000, "a file");
	is(sys_fsync((int)fd), 0, "on the disk");
	is(sys_unlink(u("/data/ghost")), 0, "loses its name");
	is(umount_data(), -EBUSY, "busy");
	drop_page_cache();
	memset(DATA, 0, 9000);
	is(sys_pread64((int)fd, UDATA, 9000, 0), 9000, "and can be read");
	pattern(DATA + 10000, 9000, 7);
	ok(!memcmp(DATA, DATA + 10000, 9000), "its clusters are still its own");
	sys_close((int)fd);
	is(sys_statfs(u("/data"), UDATA), 0, "statfs");
	is(umount_data(), 0, "unmounted");
	f = fr_open(host_disk_bytes);
	ok(fr_next(&f, 0, 5) == 0 || f.clusters, "clusters are free again");
	check_fsck("no cluster is lost");
}

static void test_full(void)
{
	long n, size;
	int i;

	mount_new();
	pattern(DATA, DATA_BYTES, 8);
	for (i = 0; !store("/data/filler", DATA_BYTES, O_APPEND); i++)
		;
	size = file_size("/data/filler");
	ok(size > 33 << 20, "full after %ld bytes", size);
	is(store("/data/more", 1, 0), -ENOSPC, "not one more");
	is(sys_mkdir(u("/data/dir"), 0755), -ENOSPC, "no directory");
	sys_sync();
	is(nr_dirty, 0, "all that was promised found its place");
	check_fsck("full");
	is(sys_truncate(u("/data/filler"), size - 512), 0, "one cluster less");
	pattern(DATA, 512, 9);
	is(store("/data/more", 512, 0), 0, "room for one");
	n = sync_file("/data/more");
	is(n, 0, "written");
	ok(disk_has("more", 512), "on the disk");
	is(sys_unlink(u("/data/filler")), 0, "remove the big one");
	is(sys_truncate(u("/data/more"), 0x100000000l >> 1 >> 1), -ENOSPC, "a gigabyte is too much");
	is(umount_data(), 0, "unmounted");
	check_fsck("after that");
}

/* ---- used once ----------------------------------------------------------------------- */

#define STREAM	256u			/* pages of a file that is read from end to end */

static unsigned long read_stream(void)
{
	unsigned long before = ra_counters.dropped;
	long fd = sys_open(u("/data/stream"), O_RDONLY, 0);

	while (sys_read((int)fd, UDATA, PAGE_SIZE) > 0)
		;
	sys_close((int)fd);
	return ra_counters.dropped - before;
}

static void test_drop_behind(void)
{
	struct page *held = NULL, *page;
	unsigned long cached;
	unsigned i;

	mount_new();
	for (i = 0; i < STREAM / 32; i++)
		store("/data/stream", 32 * PAGE_SIZE, O_APPEND);
	sys_sync();
	drop_page_cache();
	is(read_stream(), 0, "with memory free nothing is dropped behind a reader");
	drop_page_cache();
	while (nr_free_pages() >= totalram_pages / 8) {
		page = alloc_page(GFP_KERNEL);
		page->private = (unsigned long)held;
		held = page;
	}
	cached = nr_file_pages;
	/* The last window is a small one, where he is not known as a sequential reader. */
	is(read_stream(), STREAM - 4 - 2 * RA_MAX, "with an eighth of it, all but two windows");
	is(nr_file_pages - cached, 1 + 4 + 2 * RA_MAX, "these stay, and one of the directory");
	for (; held; held = page) {
		page = (struct page *)held->private;
		held->private = 0;
		__free_page(held);
	}
	is(umount_data(), 0, "unmounted");
}

/* ---- others meanwhile ---------------------------------------------------------------- */

static long come_result;

/* What one does who needs no lock of the file system's: once. */
static void come_in(void)
{
	host_disk_sleep = NULL;
	come_result = sys_chdir(u("/data"));
}

/* A file that was written and closed: where its name was known no lock was needed. */
static void make_dirty_again(void)
{
	struct super_block *sb = list_first_entry(&super_blocks, struct super_block, list);
	struct inode *inode;
	struct page *page;

	host_disk_sleep = NULL;
	list_for_each_entry(inode, &sb->inodes, sb_list)
		if (inode->size == 8192)
			break;
	page = find_get_page(&inode->mapping, 0);
	memcpy_to_page(page, 0, DATA, PAGE_SIZE);
	set_page_dirty(page);
	put_page(page);
	mark_inode_dirty(inode);
}

static void test_unmount(void)
{
	mount_new();
	pattern(DATA, 8192, 21);
	is(store("/data/file", 8192, 0), 0, "a dirty file");
	host_disk_sleep = come_in;
	is(umount_data(), -EBUSY, "somebody comes in while it is written");
	is(come_result, 0, "he is there");
	is(store("/data/more", 100, 0), 0, "all is as before");
	is(sys_chdir(u("/")), 0, "he goes");
	sys_sync();
	is(store("/data/more", 100, 0), 0, "a dirty file");
	pattern(DATA, 4096, 22);
	host_disk_sleep = make_dirty_again;
	is(umount_data(), 0, "unmounted while another was written and closed");
	is(nr_dirty, 0, "nothing is dirty");
	ok(disk_has("file", 8192), "what came meanwhile is on the disk");
	check_fsck("after unmount");
}

/* Another task, on a stack of its own; it runs when the test sleeps, until it sleeps itself. */
extern struct task_struct *host_current;
static struct task_struct other_task;
static ucontext_t main_context, other_context;
static char other_stack[256 << 10];
static long (*other_fn)(void);
static long other_result;
static bool other_done;

static void other_main(void)
{
	other_result = other_fn();
	other_done = true;
}

static void run_other(void)
{
	struct task_struct *self = host_current;

	host_current = &other_task;
	swapcontext(&main_context, &other_context);
	host_current = self;
}

static void switch_tasks(void)
{
	if (host_current == &other_task)
		swapcontext(&other_context, &main_context);
	else if (!other_done)
		run_other();
}

/* At the next request. */
static void start_other(void)
{
	host_disk_sleep = NULL;
	other_done = false;
	other_task = *host_current;
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = other_stack;
	other_context.uc_stack.ss_size = sizeof(other_stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, other_main, 0);
	host_schedule = switch_tasks;
	run_other();
}

static long open_for_writing(void)
{
	return sys_open(u("/data/one"), O_RDWR, 0);
}

static long remount_data(void)
{
	return sys_mount(NULL, u("/data"), NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

static void test_at_once(void)
{
	mount_new();
	pattern(DATA, 8192, 23);
	is(store("/data/one", 8192, 0), 0, "a dirty file");
	is(store("/data/two", 8192, 0), 0, "and another one");
	other_fn = open_for_writing;
	host_disk_sleep = start_other;
	is(remount_data(), -EBUSY, "somebody opens a file while a remount writes");
	ok(other_done, "he is through");
	is(other_result, 0, "and has it");
	pattern(DATA, 8192, 24);
	is(sys_pwrite64(0, UDATA, 8192, 0), 8192, "and can write to it");
	is(sys_fsync(0), 0, "the mount is not read-only");
	ok(disk_has("one", 8192), "the disk has it");
	sys_close(0);
	is(store("/data/two", 8192, 0), 0, "another dirty file");
	other_fn = remount_data;
	host_disk_sleep = start_other;
	is(remount_data(), 0, "two remounts at once");
	ok(!other_done, "the second waits");
	run_other();
	ok(other_done, "then it goes on");
	is(other_result, 0, "and finds it done");
	is(store("/data/two", 100, 0), -EROFS, "read-only");
	is(sys_mount(NULL, u("/data"), NULL, MS_REMOUNT, NULL), -EROFS, "it stays so");
	is(mount_data(true), -EBUSY, "nor is it mounted twice");
	ok(disk_has("two", 8192), "all is on the disk");
	is(umount_data(), 0, "unmounted");
	is(mount_data(false), 0, "mounted for writing");
	is(store("/data/two", 8192, 0), 0, "a dirty file");
	other_fn = umount_data;
	host_disk_sleep = start_other;
	is(umount_data(), 0, "unmounted by two at once");
	ok(!other_done, "the second waits");
	run_other();
	ok(other_done, "then it goes on");
	is(other_result, -EINVAL, "and finds no mount");
	host_schedule = NULL;
	check_fsck("after that");
}

/* ---- dates --------------------------------------------------------------------------- */

/* Whether mdir shows this day for a file. */
static bool dated(const char *name, const char *day)
{
	return !shell("mdir -i %s ::/%s | grep -q ' %s '", image, name, day);
}

static void test_dates(void)
{
	mount_new();
	is(store("/data/EARLY.TXT", 1, 0), 0, "a file while nobody knows the time");
	host_realtime_offset = 1792310400 * NSEC_PER_SEC;	/* 2026-10-18 */
	is(store("/data/LATER.TXT", 1, 0), 0, "one when the clock is set");
	sys_sync();
	host_realtime_offset = 0;
	ok(dated("EARLY.TXT", "1980-01-01"), "the first is of the first day that FAT knows");
	ok(dated("LATER.TXT", "2026-10-18"), "the other of its day");
	is(umount_data(), 0, "unmounted");
}

/* ---- failing disks ------------------------------------------------------------------- */

static void test_io_errors(void)
{
	long fd, err;

	mount_new();
	pattern(DATA, 20000, 10);
	is(store("/data/keep", 20000, 0), 0, "a file");
	is(sync_file("/data/keep"), 0, "on the disk");
	drop_page_cache();
	fd = sys_open(u("/data/keep"), O_RDONLY, 0);
	host_disk_fail_at = 1;
	is(sys_read((int)fd, UDATA, 100), -EIO, "a read that fails");
	host_disk_fail_at = 0;
	is(sys_read((int)fd, UDATA, 20000), 20000, "and then does not");
	sys_close((int)fd);
	is(store("/data/lost", 8192, 0), 0, "a file in memory");
	fd = sys_open(u("/data/lost"), O_RDWR, 0);
	host_disk_fail_at = 1;
	is(sys_fsync((int)fd), -EIO, "its data cannot be written");
	host_disk_fail_at = 0;
	is(nr_dirty, 2, "and is still dirty");
	is(sys_fsync((int)fd), 0, "then it can");
	sys_close((int)fd);
	pattern(DATA, 8192, 10);
	ok(disk_has("lost", 8192), "and is there");
	host_disk_fail_at = 2;
	err = store("/data/third", 10, 0);
	host_disk_fail_at = 0;
	is(err, -EIO, "a directory that cannot be written");
	is(store("/data/fourth", 10, 0), -EROFS, "is the end of writing");
	is(sys_open(u("/data/keep"), O_RDWR, 0), -EROFS, "nothing is opened for it");
	is(sys_mount(NULL, u("/data"), NULL, MS_REMOUNT, NULL), -EROFS, "the mount is read-only");
	is(remount_data(), 0, "who asks for that has it");
	is(slurp("/data/keep"), 20000, "not of reading");
	is(umount_data(), 0, "unmounted");
	is(nr_dirty, 0, "nothing is left dirty");
	check_fsck("what was there");
}

/* The sector of a file's cluster number `at`, as the table on the disk has it. */
static u64 sector_of(const char *path, unsigned at)
{
	struct fr f = fr_open(host_disk_bytes);
	struct fr_entry e;
	u32 c;

	BUG_ON(!fr_find(&f, path, &e));
	for (c = e.start; at--;)
		c = fr_next(&f, 0, c);
	return (u64)(fr_at(&f, c) - host_disk_bytes) / SECTOR_SIZE;
}

#define GROWN	((WRITEBACK_BATCH + 8) * PAGE_SIZE)

static unsigned wrong_looks, looks;

/* Memory is short, and somebody reads: the page is dropped if it is clean, and read again. */
static void look_again(void)
{
	void (*self)(void) = host_disk_sleep;

	host_disk_sleep = NULL;
	drop_page_cache();
	looks++;
	if (sys_pread64(0, UDATA + GROWN, PAGE_SIZE, 0) != (long)PAGE_SIZE ||
	    memcmp(DATA + GROWN, DATA, PAGE_SIZE))
		wrong_looks++;
	host_disk_sleep = self;
}

/* A file of more than a batch that is new, in descriptor 0, with the pattern in DATA. */
static void new_file(const char *path, u64 seed)
{
	long fd = sys_open(u(path), O_RDWR | O_CREAT | O_TRUNC, 0644);

	BUG_ON(fd);
	pattern(DATA, GROWN, seed);
	BUG_ON(sys_write(0, UDATA, GROWN) != GROWN);
}

static bool file_is(u64 seed)
{
	static u8 want[GROWN];

	pattern(want, GROWN, seed);
	memset(DATA, 0, GROWN);
	return sys_pread64(0, UDATA, GROWN, 0) == GROWN && !memcmp(DATA, want, GROWN);
}

static long disk_size(const char *path)
{
	struct fr f = fr_open(host_disk_bytes);
	struct fr_entry e;

	return fr_find(&f, path, &e) ? (long)e.size : -1;
}

/* A growing file, of which pages are dropped and read again before the table knows them. */
static void test_growing(unsigned per_cluster)
{
	const u32 bytes = per_cluster * 512, cut = max(bytes, (u32)PAGE_SIZE);
	const u32 bad_at = (WRITEBACK_BATCH + 3) * PAGE_SIZE;
	struct fat_fs *fat;

	make_image(34 * per_cluster, per_cluster, "");
	is(mount_data(false), 0, "clusters of %u bytes", bytes);
	new_file("/data/grows", 31);
	wrong_looks = looks = 0;
	host_disk_sleep = look_again;
	is(sys_fsync(0), 0, "fsync while pages are dropped");
	host_disk_sleep = NULL;
	ok(looks > 3, "%u looks", looks);
	is(wrong_looks, 0, "and read: never a wrong byte");
	pattern(DATA, GROWN, 31);
	ok(disk_has("grows", GROWN), "the disk has it");

	/* Everything fails from the second batch on. */
	is(sys_truncate(u("/data/grows"), 0), 0, "it becomes empty");
	pattern(DATA, GROWN, 32);
	is(sys_pwrite64(0, UDATA, GROWN, 0), GROWN, "and is written again");
	host_disk_fail_at = 2;
	is(sys_fsync(0), -EIO, "all fails behind the first batch");
	host_disk_fail_at = 0;
	drop_page_cache();
	ok(file_is(32), "no byte is lost");
	is(sys_fsync(0), 0, "then it can be written");
	pattern(DATA, GROWN, 32);
	ok(disk_has("grows", GROWN), "and is there");
	sys_close(0);

	/* One bad sector where the file would like to go on. */
	fat = mounted_fat();
	host_disk_bad = (fat_cluster_pos(fat, fat->next) + bad_at) / 512 + per_cluster % 8;
	host_disk_bad_len = 1;
	new_file("/data/third", 34);
	pattern(DATA, 4096, 35);
	is(sys_pwrite64(0, UDATA, 4096, 0), 4096, "a file");
	is(sys_fsync(0), -EIO, "comes to the bad sector");
	is(disk_size("third"), bad_at / cut * cut,
	   "the disk has all of it up to there");
	drop_page_cache();
	memset(DATA, 0, 4096);
	is(sys_pread64(0, UDATA, 4096, 0), 4096, "read");
	pattern(DATA + 4096, 4096, 35);
	ok(!memcmp(DATA, DATA + 4096, 4096), "its first page is as it was written");
	pattern(DATA, 4096, 34);
	is(sys_pwrite64(0, UDATA, 4096, 0), 4096, "and written once more");
	is(sys_fsync(0), 0, "the next time another place is taken");
	drop_page_cache();
	ok(file_is(34), "no byte is lost");
	pattern(DATA, GROWN, 34);
	ok(disk_has("third", GROWN), "all is on the disk");
	sys_close(0);
	is(umount_data(), 0, "unmounted");
	host_disk_bad_len = 0;
	check_fsck("no cluster is lost");
}

/* A bad sector behind the end does not keep what is before it from being written. */
static void test_old_part(void)
{
	mount_new();
	new_file("/data/old", 36);
	is(sys_fsync(0), 0, "a file");
	host_disk_bad = sector_of("old", GROWN / 512 - 1) + 1;
	host_disk_bad_len = 8;
	pattern(DATA, 4096, 37);
	is(sys_pwrite64(0, UDATA, 4096, 4096), 4096, "changed");
	is(sys_pwrite64(0, UDATA, 4096, GROWN), 4096, "and longer");
	is(sys_fsync(0), -EIO, "it cannot grow there");
	is(disk_size("old"), GROWN, "the disk has the old size");
	is(nr_dirty, 1, "one page is dirty");
	is(sys_fsync(0), 0, "but elsewhere");
	is(disk_size("old"), GROWN + 4096, "the disk has the new size");
	host_disk_bad_len = 0;
	sys_close(0);
	is(umount_data(), 0, "unmounted");
	check_fsck("after that");
}

/* A directory does the same. */
static void test_growing_dir(void)
{
	char path[64];
	unsigned i;
	long err = 0;

	mount_new();
	is(sys_mkdir(u("/data/dir"), 0755), 0, "a directory");
	host_disk_bad = sector_of("dir", 0) + 1;
	host_disk_bad_len = 1;
	for (i = 0; i < 14 && !err; i++) {
		snprintf(path, sizeof(path), "/data/dir/FILE%u", i);
		err = store(path, 0, 0);
	}
	is(i, 14, "files fill its cluster");
	is(err, 0, "all of them");
	is(store("/data/dir/FILE14", 0, 0), -EIO, "it cannot grow there");
	is(store("/data/dir/FILE14", 0, 0), 0, "but elsewhere");
	host_disk_bad_len = 0;
	is(umount_data(), 0, "unmounted");
	check_fsck("after that");
}

/* Clusters that are promised to a file without a name stay promised. */
static void test_promises(void)
{
	struct fat_fs *fat;
	long size;

	fat = mount_new();
	new_file("/data/ghost", 41);
	is(fat->reserved, GROWN / 512, "promised");
	is(sys_unlink(u("/data/ghost")), 0, "it loses its name");
	is(sys_pwrite64(0, UDATA, 1, 0), 1, "and is written to");
	is(fat->reserved, GROWN / 512, "promised still");
	while (!store("/data/filler", DATA_BYTES, O_APPEND))
		;
	size = file_size("/data/filler");
	is(size, ((long)fat->l.clusters - 1) * 512 - (long)GROWN, "another file gets the rest");
	is(sys_fsync(0), 0, "the first one is written");
	ok(fat->free >= fat->reserved, "no promise is broken");
	sys_sync();
	is(nr_dirty, 0, "the second too");
	is(fat->free, 0, "the disk is full");
	is(fat->reserved, 0, "and nothing is promised");
	sys_close(0);
	is(fat->free, GROWN / 512, "the nameless one gives its clusters back");
	is(umount_data(), 0, "unmounted");
	check_fsck("after that");
}

/* ---- memory that fails --------------------------------------------------------------- */

#define PIECES	12u
#define PIECE	2048u

/* A file in pieces, far from each other, so that many pages of the tables have a part of it. */
static void store_pieces(void)
{
	static u8 all[PIECES * PIECE];
	unsigned i, k;

	pattern(all, sizeof(all), 61);
	for (i = 0; i < PIECES; i++) {
		memcpy(DATA, all + i * PIECE, PIECE);
		BUG_ON(store("/data/pieces", PIECE, O_APPEND));
		BUG_ON(sync_file("/data/pieces"));
		for (k = 0; k < (640 << 10) / DATA_BYTES; k++)
			BUG_ON(store("/data/between", DATA_BYTES, O_APPEND));
		BUG_ON(sync_file("/data/between"));
	}
}

/* The file of descriptor 0 is as long as said and has what was written. */
static bool pieces_are(long size)
{
	static u8 want[PIECES * PIECE];

	pattern(want, sizeof(want), 61);
	return file_size("/data/pieces") == size &&
	       sys_pread64(0, UDATA, DATA_BYTES, 0) == size && !memcmp(DATA, want, (size_t)size);
}

/*
 * ftruncate from one size to another with a first allocation that fails, for each of them.
 * With one that fails alone it may succeed: the page cache is dropped and asked again.
 */
static void shorten(long from, long to, unsigned long times)
{
	struct fat_fs *fat = mounted_fat();
	u32 before = fat->free;
	unsigned n, other = 0, changed = 0;
	u8 *good = malloc(34 << 20);
	long err = -ENOMEM;

	BUG_ON(sys_fsync(0));
	memcpy(good, host_disk_bytes, 34 << 20);
	for (n = 0; err && n < 100; n++) {
		drop_page_cache();
		alloc_fail_arm(n + 1, times);
		err = sys_ftruncate(0, to);
		alloc_fail_arm(0, 0);
		if (!err)
			break;
		other += err != -ENOMEM;
		changed += !pieces_are(from) || sys_fsync(0) || fat->free != before ||
			   memcmp(good, host_disk_bytes, 34 << 20);
	}
	ok(n >= 2, "%ld to %ld bytes: without memory in %u places", from, to, n);
	is(other, 0, "it is always ENOMEM");
	is(changed, 0, "and changes neither the file nor the disk");
	is(err, 0, "then it can");
	is(fat->free - before, fat_clusters_for(fat, from) - fat_clusters_for(fat, to),
	   "so many clusters are free");
	ok(pieces_are(to), "it is shorter");
	ok(disk_has("pieces", (size_t)to), "on the disk too");
	free(good);
}

static void test_cut_memory(void)
{
	mount_new();
	store_pieces();
	is(sys_open(u("/data/pieces"), O_RDWR, 0), 0, "a file in pieces");
	shorten(PIECES * PIECE, PIECES * PIECE - 700, 1);
	shorten(PIECES * PIECE - 700, 3 * PIECE + 100, ~0ul);
	shorten(3 * PIECE + 100, 3 * PIECE + 50, ~0ul);
	shorten(3 * PIECE + 50, 0, ~0ul);
	sys_close(0);
	is(umount_data(), 0, "unmounted");
	check_fsck("no cluster is lost");
}

/* While the entry is written the tables are dropped, and cannot be read again. */
static void forget_tables(void)
{
	host_disk_sleep = NULL;
	drop_page_cache();
	alloc_fail_arm(1, ~0ul);
}

#define MORE		(3 * PIECE)

/* Clusters have their data, and then there is no memory for the table that they belong in. */
static void test_grow_memory(void)
{
	static u8 text[PIECES * PIECE + MORE];
	struct fat_fs *fat = mount_new();
	u32 free, used;

	store_pieces();
	is(sys_open(u("/data/pieces"), O_RDWR, 0), 0, "a file in pieces");
	free = fat->free;
	used = fat_clusters_for(fat, sizeof(text)) - fat_clusters_for(fat, PIECES * PIECE);
	pattern(text, sizeof(text), 61);
	memcpy(DATA, text + PIECES * PIECE, MORE);
	is(sys_pwrite64(0, UDATA, MORE, PIECES * PIECE), MORE, "more is written");
	host_disk_sleep = forget_tables;
	is(sys_fsync(0), -ENOMEM, "it cannot grow on the disk while memory fails");
	ok(alloc_fail.failed, "which it does");
	alloc_fail_arm(0, 0);
	is(fat->sb->broken, false, "the mount is as good as before");
	is(disk_size("pieces"), PIECES * PIECE, "the disk has what it had");
	is(fat->free, free, "its clusters are not taken");
	is(fat->reserved, used, "and promised still");
	is(sys_fsync(0), 0, "with memory it can");
	memcpy(DATA, text, sizeof(text));
	ok(disk_has("pieces", sizeof(text)), "it is on the disk");
	is(free - fat->free, used, "with so many clusters");
	is(fat->reserved, 0, "nothing is promised");
	sys_close(0);

	free = fat->free;
	host_disk_sleep = forget_tables;
	is(sys_mkdir(u("/data/new"), 0755), -ENOMEM, "a directory, while memory fails");
	alloc_fail_arm(0, 0);
	is(fat->sb->broken, false, "costs nothing");
	is(fat->free, free, "no cluster");
	is(sys_mkdir(u("/data/new"), 0755), 0, "with memory it can be made");
	is(umount_data(), 0, "unmounted");
	check_fsck("no cluster is lost");
}

/* What a cut could not do any more the next write-back does, whatever was written meanwhile. */
static void test_late_cut(long to, long more)
{
	static u8 text[PIECES * PIECE];
	struct fat_fs *fat;
	u32 free;

	fat = mount_new();
	store_pieces();
	is(sys_open(u("/data/pieces"), O_RDWR, 0), 0, "a file in pieces");
	free = fat->free;
	host_disk_sleep = forget_tables;
	is(sys_ftruncate(0, to), 0, "it becomes %ld bytes long while memory fails", to);
	ok(alloc_fail.failed, "which it does");
	alloc_fail_arm(0, 0);
	ok(pieces_are(to), "it is");
	is(disk_size("pieces"), to, "the disk knows");
	is(fat->free, free, "its clusters are not free");
	pattern(text, sizeof(text), 61);
	memcpy(DATA, text + to, (size_t)more);
	is(sys_pwrite64(0, UDATA, (size_t)more, to), more, "%ld bytes are written behind it", more);
	is(sys_fsync(0), 0, "fsync");
	is(fat->free - free,
	   fat_clusters_for(fat, PIECES * PIECE) - fat_clusters_for(fat, to + more), "now they are");
	ok(pieces_are(to + more), "what is left can be read");
	ok(disk_has("pieces", (size_t)(to + more)), "from the disk too");
	is(fat->reserved, 0, "nothing is promised");
	check_fsck("no cluster is lost");
	sys_close(0);
	is(umount_data(), 0, "unmounted");
}

/* A removed file whose clusters cannot be freed: they are lost, and nothing else. */
static void test_lost(void)
{
	struct fat_fs *fat;
	u32 free;

	fat = mount_new();
	store_pieces();
	free = fat->free;
	host_disk_sleep = forget_tables;
	is(sys_unlink(u("/data/pieces")), 0, "a file goes while memory fails");
	ok(alloc_fail.failed, "which it does");
	alloc_fail_arm(0, 0);
	ok(strstr(host_last_message, "clusters of a removed file are lost"), "a line says it");
	is(fat->free, free, "its clusters are not free");
	is(file_size("/data/pieces"), -ENOENT, "it is gone");
	pattern(DATA, 5000, 63);
	is(store("/data/pieces", 5000, 0), 0, "the mount can be written");
	is(sync_file("/data/pieces"), 0, "fsync");
	ok(disk_has("pieces", 5000), "the disk has another of this name");
	is(umount_data(), 0, "unmounted");
	is(shell("fsck.vfat -n %s | grep -q 'Reclaimed %u unused clusters'", image,
		 PIECES * PIECE / 512), 0, "fsck.vfat finds them");
}

/* In the middle of a cut. */
static void write_behind(void)
{
	host_disk_sleep = NULL;
	come_result = sys_pwrite64(0, UDATA, 4096, 4096);
}

/* Who writes while a file becomes shorter is promised clusters, not those that are going. */
static void test_write_in_cut(void)
{
	struct fat_fs *fat;

	fat = mount_new();
	new_file("/data/file", 62);
	is(sys_fsync(0), 0, "a file");
	host_disk_sleep = write_behind;
	is(sys_ftruncate(0, 0), 0, "becomes empty");
	is(come_result, 4096, "while somebody writes");
	is(fat->reserved, 8192 / 512, "clusters for that are promised");
	is(sys_fsync(0), 0, "and found");
	memmove(DATA + 4096, DATA, 4096);
	memset(DATA, 0, 4096);
	ok(disk_has("file", 8192), "the disk has it");
	sys_close(0);
	is(umount_data(), 0, "unmounted");
	check_fsck("after that");
}

/* ---- changes that are cut off -------------------------------------------------------- */

enum cut_off { RENAME, REPLACE, MOVE_DIR, CREATE, UNLINK, MKDIR };

static long change(enum cut_off what)
{
	switch (what) {
	case RENAME:
		return sys_rename(u("/data/a long name"), u("/data/another long name"));
	case REPLACE:
		return sys_rename(u("/data/a long name"), u("/data/victim"));
	case MOVE_DIR:
		return sys_rename(u("/data/dir/below"), u("/data/above"));
	case CREATE:
		return store("/data/one more file", 0, 0);
	case UNLINK:
		return sys_unlink(u("/data/a long name"));
	default:
		return sys_mkdir(u("/data/one more"), 0755);
	}
}

/*
 * A change whose n-th request fails: either nothing of it happened, or the mount does not
 * change any more.
 */
static void test_cut_off(enum cut_off what, const char *name)
{
	unsigned n, open = 0, wrong = 0;
	u8 *good = malloc(34 << 20);
	long err = -EIO;

	make_image(34, 1, "");
	BUG_ON(mount_data(false));
	pattern(DATA, 3000, 51);
	store("/data/a long name", 3000, 0);
	store("/data/victim", 100, 0);
	sys_mkdir(u("/data/dir"), 0755);
	sys_mkdir(u("/data/dir/below"), 0755);
	BUG_ON(umount_data());
	memcpy(good, host_disk_bytes, 34 << 20);
	for (n = 1; err == -EIO && n < 40; n++) {
		memcpy(host_disk_bytes, good, 34 << 20);
		BUG_ON(mount_data(false));
		/* All that it looks at is in memory. */
		slurp("/data/a long name");
		is(sys_rmdir(u("/data/dir")), -ENOTEMPTY, "%s, try %u", name, n);
		is(sys_mkdir(u("/data/dir/below/x"), 0755), 0, "%s, try %u", name, n);
		is(sys_rmdir(u("/data/dir/below/x")), 0, "%s, try %u", name, n);
		host_disk_fail_at = n;
		err = change(what);
		host_disk_fail_at = 0;
		if (err != -EIO && err)
			wrong++;
		if (err && store("/data/next", 0, 0) != -EROFS)
			open++;
		BUG_ON(umount_data());
	}
	free(good);
	is(err, 0, "%s: at last it can", name);
	is(wrong, 0, "%s: no other error in %u tries", name, n - 1);
	/* What fails before the new directory's cluster is in the table leaves it free. */
	is(open, what == MKDIR ? 3 : 0, "%s: changes go on after so many of them", name);
}

/* ---- a model ------------------------------------------------------------------------- */

#define MODEL_FILES	24
#define MODEL_SIZE	40000

static struct {
	bool exists;
	size_t size;
	u8 data[MODEL_SIZE];
} model[MODEL_FILES];

static const char *model_path(unsigned i)
{
	static char path[3][64];
	static unsigned turn;

	turn = (turn + 1) % 3;
	snprintf(path[turn], 64, "%s/a file with number %u%s", i % 3 ? "/data/dir" : "/data", i,
		 i % 2 ? ".odd" : "");
	return path[turn];
}

static bool model_read(unsigned i)
{
	long n = slurp(model_path(i));

	if (!model[i].exists)
		return n == -ENOENT;
	return n == (long)model[i].size && !memcmp(DATA, model[i].data, model[i].size);
}

static bool model_write(unsigned i, u64 *seed)
{
	size_t at = splitmix64(seed) % (model[i].size + 1), n = splitmix64(seed) % 9000;
	long fd = sys_open(u(model_path(i)), O_CREAT | O_WRONLY, 0644), ret;

	if (splitmix64(seed) % 8 == 0)
		at += splitmix64(seed) % 9000;
	if (at + n > MODEL_SIZE)
		n = at < MODEL_SIZE ? MODEL_SIZE - at : 0;
	if (!n)
		at = 0;
	pattern(DATA, n, *seed);
	ret = sys_pwrite64((int)fd, UDATA, n, (s64)at);
	sys_close((int)fd);
	if (!model[i].exists)
		model[i].size = 0;
	model[i].exists = true;
	if (n && at > model[i].size)
		memset(model[i].data + model[i].size, 0, at - model[i].size);
	memcpy(model[i].data + at, DATA, n);
	if (n && at + n > model[i].size)
		model[i].size = at + n;
	return ret == (long)n;
}

static bool model_truncate(unsigned i, u64 *seed)
{
	size_t size = splitmix64(seed) % MODEL_SIZE;
	long err = sys_truncate(u(model_path(i)), (long)size);

	if (!model[i].exists)
		return err == -ENOENT;
	if (size > model[i].size)
		memset(model[i].data + model[i].size, 0, size - model[i].size);
	model[i].size = size;
	return err == 0;
}

static bool model_rename(unsigned i, unsigned k)
{
	long err = sys_rename(u(model_path(i)), u(model_path(k)));

	if (!model[i].exists)
		return err == -ENOENT;
	if (i != k) {
		model[k] = model[i];
		model[i].exists = false;
	}
	return err == 0;
}

static bool model_unlink(unsigned i)
{
	long err = sys_unlink(u(model_path(i)));
	bool was = model[i].exists;

	model[i].exists = false;
	return err == (was ? 0 : -ENOENT);
}

static bool model_step(u64 *seed)
{
	unsigned what = splitmix64(seed) % 20, i = splitmix64(seed) % MODEL_FILES;

	if (what < 6)
		return model_write(i, seed);
	if (what < 8)
		return model_truncate(i, seed);
	if (what < 10)
		return model_rename(i, splitmix64(seed) % MODEL_FILES);
	if (what < 12)
		return model_unlink(i);
	if (what == 12)
		return sync_file(model_path(i)) == (model[i].exists ? 0 : -ENOENT);
	if (what == 13)
		drop_page_cache();
	if (what == 14 && splitmix64(seed) % 8 == 0)
		return !umount_data() && !mount_data(false);
	if (what == 15 && splitmix64(seed) % 4 == 0)
		sys_sync();
	return model_read(i);
}

static bool model_on_disk(void)
{
	struct fr f = fr_open(host_disk_bytes);
	static u8 seen[MODEL_SIZE];
	struct fr_entry e;
	unsigned i, copy;

	for (i = 0; i < MODEL_FILES; i++) {
		const char *path = model_path(i) + 6;

		if (fr_find(&f, path, &e) != model[i].exists)
			return false;
		for (copy = 0; copy < 2 && model[i].exists; copy++)
			if (fr_read(&f, copy, path, seen, MODEL_SIZE) != (long)model[i].size ||
			    memcmp(seen, model[i].data, model[i].size))
				return false;
	}
	return true;
}

static void test_model(unsigned per_cluster, unsigned mib, unsigned steps, u64 seed)
{
	unsigned i, bad = 0;

	memset(model, 0, sizeof(model));
	make_image(mib, per_cluster, "");
	is(mount_data(false), 0, "clusters of %u bytes", per_cluster * 512);
	sys_mkdir(u("/data/dir"), 0755);
	for (i = 0; i < steps && !bad; i++)
		bad = !model_step(&seed);
	is(i, steps, "so many random steps as the model says");
	is(umount_data(), 0, "unmounted");
	ok(model_on_disk(), "the disk has what the model has");
	check_fsck("after all that");
}

/* ---- damage -------------------------------------------------------------------------- */

/* Look at everything, and try to change it; what comes is an error or not, but it ends. */
static void use_all(const char *dir, unsigned depth)
{
	static char names[4][8192];
	char path[600];
	long fd, n, at;

	if (depth == 4)
		return;
	fd = sys_open(u(dir), O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return;
	n = sys_getdents64((int)fd, UDATA, sizeof(names[0]));
	sys_close((int)fd);
	if (n <= 0)
		return;
	memcpy(names[depth], DATA, (size_t)n);
	for (at = 0; at < n; at += *(u16 *)(names[depth] + at + 16)) {
		const char *name = names[depth] + at + 19;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		slurp(path);
		if (names[depth][at + 18] == 4) {
			use_all(path, depth + 1);
			continue;
		}
		store(path, 700, O_APPEND);
		if (at % 3 == 0)
			sys_truncate(u(path), 300);
		if (at % 5 == 0)
			sys_unlink(u(path));
	}
}

static void test_damage(unsigned rounds)
{
	unsigned i, k, refused = 0;
	size_t n = 34u << 20;
	unsigned long w;
	u64 seed = 77;
	u8 *good;

	make_image(34, 1, "");
	mount_data(false);
	sys_mkdir(u("/data/dir"), 0755);
	sys_mkdir(u("/data/dir/deeper"), 0755);
	for (i = 0; i < 20; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/some file %u", i % 2 ? "/data" : "/data/dir/deeper", i);
		store(path, 100 * i * i, 0);
	}
	umount_data();
	good = malloc(n);
	memcpy(good, host_disk_bytes, n);
	for (i = 0; i < rounds; i++) {
		size_t flipped[40];

		host_disk_log_start();
		for (k = 0; k < 1 + i % 40; k++) {
			/* The boot sector, the used parts of both tables, directories. */
			u64 r = splitmix64(&seed);
			size_t at = r % 7 == 0 ? r / 7 % 1024 : r % 7 < 4 ?
				(r % 2 ? 16384 : 16384 + fr32(good + 36) * 512) + r / 7 % 2048 :
				(32 + 2 * fr32(good + 36)) * 512 + r / 7 % 24576;

			flipped[k] = at;
			host_disk_bytes[at] ^= (u8)(1 << r % 8);
		}
		if (mount_data(false)) {
			refused++;
		} else {
			use_all("/data", 0);
			BUG_ON(umount_data());
		}
		for (k = 0; k < 1 + i % 40; k++)
			host_disk_bytes[flipped[k]] = good[flipped[k]];
		for (w = 0; w < host_log_n; w++)
			memcpy(host_disk_bytes + host_log[w].sector * 512,
			       good + host_log[w].sector * 512, 512);
		BUG_ON(nr_dirty);
	}
	free(good);
	ok(refused < rounds, "%u damaged images, %u of them refused: it ends", rounds, refused);
}

/* ---- books --------------------------------------------------------------------------- */

static unsigned long in_use[64];

static void take_books(void)
{
	struct kmem_cache *c;
	unsigned i = 0;

	for_each_kmem_cache(c)
		in_use[i++] = kmem_cache_inuse(c);
}

static void check_books(void)
{
	struct kmem_cache *c;
	unsigned i = 0;

	for_each_kmem_cache(c)
		is(kmem_cache_inuse(c), in_use[i++], "objects of %s", c->name);
}

int main(int argc, char **argv)
{
	unsigned steps = argc > 1 ? (unsigned)atoi(argv[1]) : 500;

	frame_start();
	take_books();
	test_boot_sector();
	test_refused();
	test_read();
	test_requests();
	test_write();
	test_names();
	test_dirs();
	test_unlinked();
	test_full();
	test_drop_behind();
	test_dates();
	test_growing(1);
	if (sizeof(long) == 8)
		test_growing(16);
	test_old_part();
	test_growing_dir();
	test_promises();
	test_cut_memory();
	test_grow_memory();
	test_late_cut(3 * PIECE, 0);
	test_late_cut(3 * PIECE, 1000);
	test_late_cut(0, 0);
	test_late_cut(0, 1000);
	test_lost();
	test_write_in_cut();
	test_cut_off(RENAME, "rename");
	test_cut_off(REPLACE, "rename over a file");
	test_cut_off(MOVE_DIR, "rename of a directory");
	test_cut_off(CREATE, "create");
	test_cut_off(UNLINK, "unlink");
	test_cut_off(MKDIR, "mkdir");
	test_unmount();
	test_at_once();
	test_io_errors();
	test_model(1, 34, steps, 1);
	test_model(2, 68, steps / 2, 2);
	/* The whole image is mapped: half a gigabyte is too much for 32 bits. */
	test_model(sizeof(long) == 8 ? 16 : 4, sizeof(long) == 8 ? 520 : 136, steps / 2, 3);
	test_damage(steps / 10);
	check_books();
	is(nr_file_pages, 0, "no page is cached");
	return done();
}
