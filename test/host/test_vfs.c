/* SPDX-License-Identifier: MIT */
/*
 * fs/ on the simulated machine: paths, files, descriptors, pipes, directories, with exact
 * results and errors; and everything counted: at the end there is not one inode, dentry,
 * open file or page more than before, also when memory fails anywhere on the way.
 */
#include "tap.h"
#include "host.h"
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <fs/mode.h>
#include <kernel/initramfs.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/uio.h>
#include <asm/statfs.h>
#include <mm/mmap.h>
#include <limits.h>

/* No address space maps anything here. */
void zap_file_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool private_too)
{
	BUG();
}

#define FIRST_DATA	16			/* user pages before it hold strings */
#define DATA_PAGES	(USER_PAGES - FIRST_DATA)
#define UDATA		((char *)(USER_BASE + FIRST_DATA * PAGE_SIZE))
#define DATA		(&user_memory[FIRST_DATA][0])

extern int host_signal;
extern void (*host_schedule)(void);

/* A string in user memory; eight at a time. */
static const char *u(const char *s)
{
	static unsigned next;
	unsigned page = next++ % 8;

	strncpy(user_memory[page], s, PAGE_SIZE);
	return (const char *)(USER_BASE + page * PAGE_SIZE);
}

static long xopen(const char *path, int flags)
{
	return sys_open(u(path), flags, 0644);
}

static long put(long fd, const char *s)
{
	memcpy(DATA, s, strlen(s));
	return sys_write((int)fd, UDATA, strlen(s));
}

/* What a read of up to n bytes gives, as a string. */
static const char *get(long fd, size_t n)
{
	long got = sys_read((int)fd, UDATA, n);
	static char text[256];

	if (got < 0 || got > 255)
		return "(error)";
	memcpy(text, DATA, (size_t)got);
	text[got] = '\0';
	return text;
}

static long size_of(const char *path)
{
	struct statx *st = (struct statx *)DATA;
	long err = sys_statx(AT_FDCWD, u(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, UDATA);

	return err ? err : (long)st->stx_size;
}

static long links_of(const char *path)
{
	struct statx *st = (struct statx *)DATA;
	long err = sys_statx(AT_FDCWD, u(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, UDATA);

	return err ? err : (long)st->stx_nlink;
}

static long mode_of(const char *path)
{
	struct statx *st = (struct statx *)DATA;
	long err = sys_statx(AT_FDCWD, u(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, UDATA);

	return err ? err : st->stx_mode;
}

/* ---- books ------------------------------------------------------------------------- */

struct books {
	unsigned long inodes, dentries, files, pages, free, objects;
};

static struct books books(void)
{
	struct books b = { nr_inodes, nr_dentries, nr_open_files, nr_file_pages, 0, 0 };
	struct kmem_cache *c;

	for_each_kmem_cache(c) {
		kmem_cache_shrink(c);
		b.objects += kmem_cache_inuse(c);
	}
	b.free = nr_free_pages();
	return b;
}

static bool same_books(const struct books *then)
{
	struct books now = books();

	if (memcmp(&now, then, sizeof(now)) == 0)
		return true;
	diag("inodes %ld dentries %ld files %ld cached %ld free %ld objects %ld",
	     (long)(now.inodes - then->inodes), (long)(now.dentries - then->dentries),
	     (long)(now.files - then->files), (long)(now.pages - then->pages),
	     (long)(now.free - then->free), (long)(now.objects - then->objects));
	return false;
}

/* ---- the initramfs ----------------------------------------------------------------- */

static char big[3 * 4096 + 100];
static const char twice[] = "twice";

static struct initramfs_file entries[] = {
	{ .name = "bin", .mode = S_IFDIR | 0755 },
	{ .name = "bin/prog", .mode = S_IFREG | 0755, .data = big, .size = sizeof(big), .mtime = 7 },
	{ .name = "bin/sh", .mode = S_IFLNK | 0777, .data = "prog", .size = 4 },
	{ .name = "deep/er/file", .mode = S_IFREG | 0400, .data = "deep\n", .size = 5 },
	{ .name = "one", .mode = S_IFREG | 0644, .data = twice, .size = 5, .linked = true },
	{ .name = "two", .mode = S_IFREG | 0644, .data = twice, .size = 5, .linked = true },
	{ .name = "three", .mode = S_IFREG | 0644, .data = twice, .size = 5 },
	{ .name = "empty", .mode = S_IFREG | 0644, .data = "", .size = 0 },
	{ .name = "node", .mode = S_IFCHR | 0644 },
};

static void fill_initramfs(void)
{
	unsigned i;

	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 4096);
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		list_add_tail(&entries[i].list, &initramfs_list);
}

static void test_initramfs(void)
{
	struct books before = books();
	long fd;

	is(mode_of("/bin/prog"), S_IFREG | 0755, "a program of the initramfs");
	is(mode_of("/deep/er"), S_IFDIR | 0755, "a directory that the archive left out");
	is(mode_of("/node"), -ENOENT, "device nodes are not made");
	is(size_of("/bin/sh"), 4, "a symbolic link");
	is(links_of("/one"), 2, "hard links in the archive");
	is(links_of("/two"), 2, "are links");
	is(size_of("/two"), 5, "to one file");
	is(links_of("/three"), 1, "the same bytes alone do not make a link");
	is(mode_of("/dev/null"), S_IFCHR | 0666, "devfs is mounted");
	is(nr_file_pages, before.pages, "nothing has been read so far");
	fd = xopen("/bin/sh", O_RDONLY);
	is(sys_read((int)fd, UDATA, sizeof(big) + 50), sizeof(big), "read all through the link");
	ok(!memcmp(DATA, big, sizeof(big)), "the bytes of the archive");
	is(nr_file_pages, before.pages + 4, "four pages are cached");
	is(drop_page_cache(), 4, "and can be dropped");
	is(sys_pread64((int)fd, UDATA, 10, 8190), 10, "read again");
	ok(!memcmp(DATA, big + 8190, 10), "the same bytes");
	sys_close((int)fd);
	drop_page_cache();
	ok(same_books(&before), "nothing is left");
}

static void test_copy_up(void)
{
	long fd = xopen("/bin/prog", O_RDWR);

	is(sys_pwrite64((int)fd, u("XYZ"), 3, 4095), 3, "write into a file of the initramfs");
	is(drop_page_cache(), 0, "its pages stay from now on");
	is(sys_pread64((int)fd, UDATA, 6, 4093), 6, "read it back");
	ok(DATA[1] == big[4094] && !memcmp(DATA + 2, "XYZ", 3) && DATA[5] == big[4098],
	   "old bytes around new ones");
	is(sys_ftruncate((int)fd, 5000), 0, "cut it");
	is(sys_ftruncate((int)fd, sizeof(big)), 0, "and make it longer again");
	is(sys_pread64((int)fd, UDATA, 8192, 4096), 8192, "read");
	ok(!memcmp(DATA, "YZ", 2) && DATA[903] == big[4999] && !DATA[904] && !DATA[8191],
	   "zero behind the cut, not what the archive has there");
	sys_close((int)fd);
}

/* ---- paths ------------------------------------------------------------------------- */

static void test_paths(void)
{
	static const struct {
		const char *path;
		int flags;
		long want;		/* 0: opens */
	} t[] = {
		{ "", O_RDONLY, -ENOENT },
		{ "/", O_RDONLY, 0 },
		{ "//bin///prog", O_RDONLY, 0 },
		{ "/bin/../bin/./prog", O_RDONLY, 0 },
		{ "/../../bin", O_RDONLY, 0 },
		{ "bin/prog", O_RDONLY, 0 },
		{ "/bin/prog/", O_RDONLY, -ENOTDIR },
		{ "/bin/prog/x", O_RDONLY, -ENOTDIR },
		{ "/bin/prog/..", O_RDONLY, -ENOTDIR },
		{ "/none", O_RDONLY, -ENOENT },
		{ "/none/x", O_RDONLY | O_CREAT, -ENOENT },
		{ "/bin", O_WRONLY, -EISDIR },
		{ "/bin/", O_RDONLY | O_CREAT, -EISDIR },
		{ "/new/", O_RDWR | O_CREAT, -EISDIR },
		{ "/bin/prog", O_RDONLY | O_DIRECTORY, -ENOTDIR },
		{ "/bin", O_RDONLY | O_DIRECTORY, 0 },
		{ "/bin/prog", O_RDONLY | O_CREAT | O_EXCL, -EEXIST },
		{ "/bin/sh", O_RDONLY | O_CREAT | O_EXCL, -EEXIST },
		{ "/bin/sh", O_RDONLY | O_NOFOLLOW, -ELOOP },
		{ "/bin/sh", O_PATH | O_NOFOLLOW, 0 },
		{ "/loop/x", O_RDONLY, -ELOOP },
		{ "/loop", O_RDONLY | O_CREAT, -ELOOP },
		{ "/tobin/prog", O_RDONLY, 0 },
		{ "/tobin/", O_RDONLY, 0 },
		{ "/dangle", O_RDONLY, -ENOENT },
		{ "/dangle", O_RDONLY | O_CREAT | O_EXCL, -EEXIST },
		{ "/dev/none", O_RDONLY, -ENOENT },
		{ "/dev/../bin/prog", O_RDONLY, 0 },
	};
	struct books before;
	char text[80], path[300];
	unsigned i;
	long fd;

	sys_symlink(u("loop"), u("/loop"));
	sys_symlink(u("/bin"), u("/tobin"));
	sys_symlink(u("tmp/target"), u("/dangle"));
	before = books();
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		fd = xopen(t[i].path, t[i].flags);
		snprintf(text, sizeof(text), "open(\"%s\", %#x)", t[i].path, t[i].flags);
		is(fd < 0 ? fd : 0, t[i].want, "%s", text);
		if (fd >= 0)
			sys_close((int)fd);
	}
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[256] = '\0';
	fd = xopen(path, O_RDWR | O_CREAT);
	ok(fd >= 0, "a name of 255 characters");
	sys_close((int)fd);
	is(sys_unlink(u(path)), 0, "unlink it");
	path[256] = 'a';
	path[257] = '\0';
	is(xopen(path, O_RDWR | O_CREAT), -ENAMETOOLONG, "256 are too many");
	memset(user_memory[8], '/', 4096);
	is(sys_open((char *)USER_BASE + 8 * PAGE_SIZE, 0, 0), -ENAMETOOLONG, "4096 bytes");
	user_missing[9] = true;
	is(sys_open((char *)USER_BASE + 9 * PAGE_SIZE, 0, 0), -EFAULT, "no memory at the path");
	user_missing[9] = false;
	ok(same_books(&before), "no walk leaves a reference");
	fd = xopen("/dangle", O_RDWR | O_CREAT);
	is(mode_of("/tmp/target"), S_IFREG | 0644, "O_CREAT makes the target of a dangling link");
	sys_close((int)fd);
	sys_unlink(u("/tmp/target"));
	sys_unlink(u("/loop"));
	sys_unlink(u("/tobin"));
	sys_unlink(u("/dangle"));
}

/* ---- regular files ----------------------------------------------------------------- */

static void test_read_write(void)
{
	struct books before = books();
	long fd = xopen("/tmp/f", O_RDWR | O_CREAT), fd2;

	is(put(fd, "hello"), 5, "write");
	is(sys_lseek((int)fd, 0, 1), 5, "the position");
	is(sys_lseek((int)fd, 1, 0), 1, "seek");
	is_str(get(fd, 100), "ello", "read to the end");
	is_str(get(fd, 100), "", "end of file");
	is(sys_lseek((int)fd, -9, 2), -EINVAL, "not before the start");
	is(sys_lseek((int)fd, LONG_MAX, 0), LONG_MAX, "to the last position");
	is(sys_lseek((int)fd, 1, 1), sizeof(long) == 8 ? -EINVAL : -EOVERFLOW, "not behind it");
	is(sys_lseek((int)fd, LONG_MAX, 2), sizeof(long) == 8 ? -EINVAL : -EOVERFLOW, "that far");
	is(sys_lseek((int)fd, LONG_MAX, 0), LONG_MAX, "where it was");
	is(sys_pwrite64((int)fd, UDATA, 1, LLONG_MAX), -EINVAL, "nothing ends behind the last");
	is(sys_pread64((int)fd, UDATA, 1, LLONG_MAX), -EINVAL, "reads neither");
	is(sys_pread64((int)fd, UDATA, 1, LLONG_MAX - 1), 0, "the last byte there could be");
	is(sys_lseek((int)fd, 10000, 0), 10000, "beyond the end");
	is(put(fd, "X"), 1, "write there");
	is(size_of("/tmp/f"), 10001, "size");
	memset(DATA, 1, 20000);
	is(sys_pread64((int)fd, UDATA, 20000, 0), 10001, "read all");
	ok(!memcmp(DATA, "hello\0", 6) && !DATA[9999] && DATA[10000] == 'X', "holes are zero");
	is(nr_file_pages, before.pages + 2, "a hole has no page");
	fd2 = xopen("/tmp/f", O_WRONLY | O_APPEND);
	is(put(fd2, "end"), 3, "append");
	is(sys_lseek((int)fd2, 0, 1), 10004, "moves the position to the end");
	is(sys_read((int)fd2, UDATA, 1), -EBADF, "write-only");
	is(sys_ftruncate((int)fd, 3), 0, "truncate");
	is(sys_ftruncate((int)fd, 10), 0, "longer");
	is(sys_pread64((int)fd, UDATA, 100, 0), 10, "read");
	ok(!memcmp(DATA, "hel\0\0\0\0\0\0\0", 10), "zero behind the old end");
	is(sys_ftruncate((int)fd, -1), -EINVAL, "negative");
	sys_close((int)fd2);
	fd2 = xopen("/tmp/f", O_WRONLY | O_TRUNC);
	is(size_of("/tmp/f"), 0, "O_TRUNC");
	sys_close((int)fd2);
	is(sys_unlink(u("/tmp/f")), 0, "unlink an open file");
	is(put(fd, "still"), 5, "it can be written");
	sys_close((int)fd);
	is(xopen("/tmp/f", O_RDONLY), -ENOENT, "the name is gone");
	ok(same_books(&before), "and so is everything else");
}

/* The last data page is missing: transfers stop there, to the byte. */
static void test_bad_memory(void)
{
	char *edge = UDATA + (DATA_PAGES - 1) * PAGE_SIZE;
	char *kedge = DATA + (DATA_PAGES - 1) * PAGE_SIZE;
	long fd = xopen("/tmp/f", O_RDWR | O_CREAT);
	struct iovec *iov = (struct iovec *)user_memory[8];
	struct iovec *uiov = (struct iovec *)(USER_BASE + 8 * PAGE_SIZE);

	memset(kedge - 300, 'a', 300);
	user_missing[USER_PAGES - 1] = true;
	is(sys_write((int)fd, edge - 100, 300), 100, "100 of 300 bytes could be written");
	is(sys_lseek((int)fd, 0, 1), 100, "the position counts them");
	is(sys_write((int)fd, edge, 10), -EFAULT, "none");
	is(sys_lseek((int)fd, 0, 1), 100, "the position stays");
	sys_pwrite64((int)fd, u("0123456789"), 10, 4090);
	is(sys_pwrite64((int)fd, edge - 3, 10, 4091), 3, "3 bytes over old ones");
	is(sys_pread64((int)fd, UDATA, 10, 4090), 10, "read");
	ok(!memcmp(DATA, "0aaa456789", 10), "what was not written keeps its bytes");
	is(sys_pread64((int)fd, edge - 50, 200, 0), 50, "50 of 200 bytes could be read");
	sys_lseek((int)fd, 0, 0);
	is(sys_read((int)fd, edge, 10), -EFAULT, "none");
	is(sys_lseek((int)fd, 0, 1), 0, "the position stays");
	iov[0] = (struct iovec){ (void *)u("one"), 3 };
	iov[1] = (struct iovec){ edge, 5 };
	iov[2] = (struct iovec){ (void *)u("two"), 3 };
	is(sys_writev((int)fd, uiov, 3), 3, "writev stops at the bad vector");
	is(sys_writev((int)fd, uiov + 1, 2), -EFAULT, "bad from the start");
	iov[0].iov_len = ~0ul;
	is(sys_writev((int)fd, uiov, 1), -EINVAL, "negative length");
	is(sys_writev((int)fd, uiov, 1025), -EINVAL, "too many");
	is(sys_writev((int)fd, (void *)edge, 1), -EFAULT, "no memory at the vectors");
	is(sys_read((int)fd, (char *)~0ul - 5, 10), -EFAULT, "kernel addresses");
	user_missing[USER_PAGES - 1] = false;
	sys_close((int)fd);
	sys_unlink(u("/tmp/f"));
}

static void test_busy_text(void)
{
	struct dentry *d;
	long fd;

	kern_path("/empty", true, &d);
	fd = xopen("/empty", O_WRONLY);
	is(deny_write_access(d->inode), -ETXTBSY, "a file open for writing cannot run");
	sys_close((int)fd);
	is(deny_write_access(d->inode), 0, "now it can");
	is(xopen("/empty", O_WRONLY), -ETXTBSY, "and cannot be written");
	is(sys_truncate(u("/empty"), 5), -ETXTBSY, "or cut");
	fd = xopen("/empty", O_RDONLY);
	ok(fd >= 0, "but read");
	sys_close((int)fd);
	allow_write_access(d->inode);
	is(d->inode->writecount, 0, "all undone");
	dput(d);
}

static void test_map(void)
{
	unsigned long may;
	long fd = xopen("/empty", O_RDONLY), wr = xopen("/empty", O_WRONLY);
	long dir = xopen("/bin", O_RDONLY);
	struct file *f;

	f = file_for_mmap((int)fd, PROT_READ, MAP_SHARED, &may);
	ok(f && may == (VM_MAYREAD | VM_MAYEXEC), "shared and read-only: never writable");
	fput(f);
	f = file_for_mmap((int)fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, &may);
	ok(f && may & VM_MAYWRITE, "private: writable");
	fput(f);
	f = file_for_mmap((int)fd, PROT_WRITE, MAP_SHARED, &may);
	is((long)may, -EACCES, "shared and writable needs O_RDWR");
	fput(f);
	f = file_for_mmap((int)wr, PROT_READ, MAP_PRIVATE, &may);
	is((long)may, -EACCES, "O_WRONLY is not mapped at all");
	fput(f);
	f = file_for_mmap((int)dir, PROT_READ, MAP_PRIVATE, &may);
	is((long)may, -ENODEV, "a directory is no device");
	fput(f);
	ok(!file_for_mmap(99, PROT_READ, MAP_PRIVATE, &may), "no file");
	sys_close((int)fd);
	sys_close((int)wr);
	sys_close((int)dir);
}

/* ---- descriptors ------------------------------------------------------------------- */

static void test_fds(void)
{
	struct books before = books();
	struct files_struct *copy;
	long fd = xopen("/empty", O_RDONLY), i, last = 0;

	is(fd, 0, "the lowest descriptor");
	is(sys_dup((int)fd), 1, "dup");
	is(sys_dup2(0, 70), 70, "dup2 beyond the first table");
	is(sys_dup2(70, 70), 70, "dup2 onto itself");
	is(sys_dup2(99, 99), -EBADF, "which must be open");
	is(sys_dup3(0, 0, 0), -EINVAL, "dup3 refuses that");
	is(sys_dup3(0, 5, O_CLOEXEC), 5, "dup3");
	is(sys_fcntl(5, F_GETFD, 0), FD_CLOEXEC, "close on exec");
	is(sys_fcntl(70, F_GETFD, 0), 0, "not this one");
	is(sys_fcntl(0, F_DUPFD, 3), 3, "F_DUPFD");
	is(sys_fcntl(0, F_DUPFD_CLOEXEC, 3), 4, "F_DUPFD_CLOEXEC");
	is(sys_fcntl(0, F_DUPFD, current->rlim[RLIMIT_NOFILE].cur), -EINVAL, "beyond the limit");
	is(sys_close(1), 0, "close");
	is(sys_close(1), -EBADF, "twice");
	is(sys_dup(0), 1, "the gap is filled");
	is(nr_open_files, before.files + 1, "all are one open file");
	copy = files_dup(current->files);
	ok(files_lookup(copy, 70) && files_lookup(copy, 5) && !files_lookup(copy, 6), "a copy");
	files_exec(copy);
	ok(files_lookup(copy, 70) && !files_lookup(copy, 5) && !files_lookup(copy, 4), "exec");
	files_put(copy);
	current->rlim[RLIMIT_NOFILE].cur = 200;
	for (i = 0; i < 300 && last >= 0; i++)
		last = sys_dup(0);
	is(last, -EMFILE, "no more");
	is(sys_dup2(0, 199), 199, "the last one that is allowed");
	is(sys_dup2(0, 200), -EBADF, "one too many");
	is(xopen("/empty", O_RDONLY), -EMFILE, "open fails too");
	current->rlim[RLIMIT_NOFILE].cur = 1024;
	is(sys_close_range(0, ~0u, 0), 0, "close all");
	is(sys_close(0), -EBADF, "all are closed");
	is(nr_open_files, before.files, "and the file is");
}

/* ---- pipes ------------------------------------------------------------------------- */

static int pipe_fd[2];

static void make_pipe(int flags)
{
	int *fds = (int *)DATA;

	is(sys_pipe2((int *)UDATA, flags), 0, "pipe");
	pipe_fd[0] = fds[0];
	pipe_fd[1] = fds[1];
}

/* Up to 4096 bytes are one message, from however many pieces. */
static void test_pipe_vectors(void)
{
	struct iovec *iov = (struct iovec *)user_memory[8];
	struct iovec *uiov = (struct iovec *)(USER_BASE + 8 * PAGE_SIZE);

	iov[0] = (struct iovec){ (void *)u("one"), 3 };
	iov[1] = (struct iovec){ (void *)8, 0 };
	iov[2] = (struct iovec){ (void *)u("two"), 3 };
	is(sys_writev(pipe_fd[1], uiov, 3), 6, "writev");
	is_str(get(pipe_fd[0], 10), "onetwo", "all pieces");
	iov[1] = (struct iovec){ (void *)8, 1 };
	is(sys_writev(pipe_fd[1], uiov, 3), -EFAULT, "a bad piece behind a good one");
	is(sys_read(pipe_fd[0], UDATA, 1), -EAGAIN, "nothing was written");
}

static void test_pipe(void)
{
	struct books before = books();

	make_pipe(O_NONBLOCK);
	is(sys_read(pipe_fd[0], UDATA, 1), -EAGAIN, "nothing there");
	is(put(pipe_fd[1], "abc"), 3, "write");
	is_str(get(pipe_fd[0], 2), "ab", "read some");
	is_str(get(pipe_fd[0], 10), "c", "and the rest");
	is(sys_write(pipe_fd[0], UDATA, 1), -EBADF, "one end reads");
	is(sys_read(pipe_fd[1], UDATA, 1), -EBADF, "the other writes");
	is(sys_lseek(pipe_fd[0], 0, 0), -ESPIPE, "no positions");
	is(sys_pread64(pipe_fd[0], UDATA, 1, 0), -ESPIPE, "no pread");
	test_pipe_vectors();
	is(sys_write(pipe_fd[1], UDATA, 100000), 65536, "what it holds");
	is(sys_write(pipe_fd[1], UDATA, 1), -EAGAIN, "full");
	is(sys_read(pipe_fd[0], UDATA, 4095), 4095, "read");
	is(sys_write(pipe_fd[1], UDATA, 4096), -EAGAIN, "up to 4096 bytes go in whole or not");
	is(sys_write(pipe_fd[1], UDATA, 4097), 4095, "more may be split");
	sys_close(pipe_fd[1]);
	is(sys_read(pipe_fd[0], UDATA, 100000), 65536, "what was in it comes out");
	is(sys_read(pipe_fd[0], UDATA, 1), 0, "then the end");
	sys_close(pipe_fd[0]);
	make_pipe(0);
	sys_close(pipe_fd[0]);
	host_signal = 0;
	is(sys_write(pipe_fd[1], UDATA, 1), -EPIPE, "nobody reads");
	is(host_signal, SIGPIPE, "SIGPIPE");
	sys_close(pipe_fd[1]);
	ok(same_books(&before), "nothing is left");
}

/* Random lengths against a plain array; the bytes are a count. */
static void test_pipe_ring(void)
{
	unsigned long in = 0, out = 0, bad = 0, i, n;
	struct rnd r;
	long got;
	int round;

	make_pipe(O_NONBLOCK);
	rnd_seed(&r, 42);
	for (round = 0; round < 3000; round++) {
		n = rnd_below(&r, 9000) + 1;
		for (i = 0; i < n; i++)
			DATA[i] = (char)((in + i) * 31 >> 3);
		got = sys_write(pipe_fd[1], UDATA, n);
		if (got != -EAGAIN)
			in += (unsigned long)got;
		bad += n <= 4096 && got != -EAGAIN && got != (long)n;
		n = rnd_below(&r, 9000) + 1;
		got = sys_read(pipe_fd[0], UDATA, n);
		bad += got != (long)min(n, in - out) && !(got == -EAGAIN && in == out);
		for (i = 0; got > 0 && i < (unsigned long)got; i++)
			bad += DATA[i] != (char)((out + i) * 31 >> 3);
		out += got > 0 ? (unsigned long)got : 0;
	}
	is(bad, 0, "%lu bytes come out as they went in", out);
	sys_close(pipe_fd[0]);
	sys_close(pipe_fd[1]);
}

/* The other side acts while this one sleeps. */
static int sleeps;

static void write_later(void)
{
	sleeps++;
	put(pipe_fd[1], "late");
}

static void close_writer(void)
{
	sleeps++;
	sys_close(pipe_fd[1]);
}

static void drain_later(void)
{
	sleeps++;
	sys_read(pipe_fd[0], UDATA, 4096);
}

static void test_pipe_waits(void)
{
	make_pipe(0);
	host_schedule = write_later;
	is_str(get(pipe_fd[0], 10), "late", "a reader sleeps until something is written");
	is(sleeps, 1, "once");
	sys_write(pipe_fd[1], UDATA, 65536);
	host_schedule = drain_later;
	is(sys_write(pipe_fd[1], UDATA, 8000), 8000, "a writer sleeps until all is in");
	is(sleeps, 3, "twice more");
	while (sleeps < 100 && sys_ioctl(pipe_fd[0], 0x541b, (unsigned long)UDATA) == 0 &&
	       *(int *)DATA)
		sys_read(pipe_fd[0], UDATA, 65536);
	host_schedule = close_writer;
	is(sys_read(pipe_fd[0], UDATA, 10), 0, "or until the last writer is gone");
	sys_close(pipe_fd[0]);
	make_pipe(0);
	current->work |= TIF_SIGPENDING;
	is(sys_read(pipe_fd[0], UDATA, 10), -ERESTARTSYS, "or a signal comes");
	current->work = 0;
	sys_close(pipe_fd[0]);
	sys_close(pipe_fd[1]);
	host_schedule = NULL;
}

static void poll_writes(void)
{
	sleeps++;
	if (sleeps == 2)
		put(pipe_fd[1], "x");
}

static void test_poll(void)
{
	struct pollfd *p = (struct pollfd *)user_memory[8];
	void *up = (void *)(USER_BASE + 8 * PAGE_SIZE);
	struct books before = books();

	make_pipe(0);
	p[0] = (struct pollfd){ .fd = pipe_fd[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = pipe_fd[1], .events = POLLOUT };
	p[2] = (struct pollfd){ .fd = 77, .events = POLLIN };
	p[3] = (struct pollfd){ .fd = -1, .events = POLLIN };
	is(sys_poll(up, 4, 0), 2, "poll: two say something");
	ok(!p[0].revents && p[1].revents == POLLOUT && p[2].revents == POLLNVAL &&
	   !p[3].revents, "the right ones");
	is(sys_poll(up, 1, 0), 0, "no time to wait");
	sleeps = 0;
	host_schedule = poll_writes;
	is(sys_poll(up, 1, -1), 1, "poll sleeps until there is something");
	is(p[0].revents, POLLIN, "to read");
	is(sleeps, 2, "and looks after each wake-up");
	host_schedule = NULL;
	sys_close(pipe_fd[1]);
	sys_read(pipe_fd[0], UDATA, 1);
	is(sys_poll(up, 1, 0), 1, "the writer is gone");
	is(p[0].revents, POLLHUP, "POLLHUP");
	is(sys_poll((void *)~0ul, 0, 0), -EFAULT, "no descriptors at a bad place");
	sys_close(pipe_fd[0]);
	ok(same_books(&before), "nothing is left");
}

/* Descriptors beyond 1023 count, those that the table has no room for do not. */
static void test_select(void)
{
	struct books before;
	unsigned long *set = (unsigned long *)DATA;
	struct timeval_k *time = (struct timeval_k *)user_memory[8];
	void *utime = (void *)(USER_BASE + 8 * PAGE_SIZE);

	current->rlim[RLIMIT_NOFILE].cur = 65536;
	make_pipe(0);
	is(sys_dup2(pipe_fd[0], 5000), 5000, "a high descriptor");
	is(sys_close_range(0, ~0u, 0), 0, "the table stays that large");
	before = books();
	make_pipe(0);
	sys_dup2(pipe_fd[0], 5000);
	memset(time, 0, sizeof(*time));
	memset(DATA, 0, 8192);
	set[5000 / BITS_PER_LONG] = 1ul << 5000 % BITS_PER_LONG;
	is(sys_select(5001, UDATA, NULL, NULL, utime), 0, "select: nothing to read");
	is(set[5000 / BITS_PER_LONG], 0, "so the bit is cleared");
	put(pipe_fd[1], "x");
	memset(DATA, 0, 8192);
	set[5000 / BITS_PER_LONG] = 1ul << 5000 % BITS_PER_LONG;
	is(sys_select(5000, UDATA, NULL, NULL, utime), 0, "one less is without it");
	set[5000 / BITS_PER_LONG] = 1ul << 5000 % BITS_PER_LONG;
	is(sys_select(5001, UDATA, NULL, NULL, utime), 1, "select sees it");
	is(sys_select(INT_MAX, UDATA, NULL, NULL, utime), 1, "also with the largest n");
	is(set[5000 / BITS_PER_LONG], 1ul << 5000 % BITS_PER_LONG, "its bit");
	set[8192 / BITS_PER_LONG] = 1;
	is(sys_select(INT_MAX, UDATA, NULL, NULL, utime), 1, "behind the table nothing counts");
	is(set[8192 / BITS_PER_LONG], 1, "nor is it touched");
	set[6000 / BITS_PER_LONG] |= 1ul << 6000 % BITS_PER_LONG;
	is(sys_select(6001, UDATA, NULL, NULL, utime), -EBADF, "one that is not open");
	is(sys_select(-1, UDATA, NULL, NULL, utime), -EINVAL, "negative");
	is(sys_close_range(0, ~0u, 0), 0, "close all");
	current->rlim[RLIMIT_NOFILE].cur = 1024;
	ok(same_books(&before), "nothing is left");
}

/* ---- directories ------------------------------------------------------------------- */

/* Names of a directory, blank after each; buffers of `size` bytes. */
static const char *list(const char *path, unsigned size)
{
	static char names[1024];
	long fd = xopen(path, O_RDONLY | O_DIRECTORY), n, at;
	char *out = names;

	while ((n = sys_getdents64((int)fd, UDATA, size)) > 0)
		for (at = 0; at < n; at += *(u16 *)(DATA + at + 16))
			out += sprintf(out, "%s ", DATA + at + 19);
	if (n < 0)
		out += sprintf(out, "(error %ld)", n);
	sys_close((int)fd);
	return names;
}

static void make_file(const char *path)
{
	sys_close((int)xopen(path, O_RDWR | O_CREAT));
}

static void test_directories(void)
{
	struct books before = books();
	long fd;

	is(sys_mkdir(u("/tmp/d"), 0777), 0, "mkdir");
	is(mode_of("/tmp/d"), S_IFDIR | 0755, "umask");
	is(sys_mkdir(u("/tmp/d"), 0777), -EEXIST, "twice");
	is(sys_mkdir(u("/tmp/d/e/"), 0777), 0, "with a slash at the end");
	make_file("/tmp/d/one");
	make_file("/tmp/d/two");
	make_file("/tmp/d/three");
	is_str(list("/tmp/d", 4096), ". .. e one two three ", "readdir");
	is_str(list("/tmp/d", 40), ". .. e one two three ", "in small pieces");
	is_str(list("/tmp/d", 20), "(error -22)", "too small for anything");
	fd = xopen("/tmp/d", O_RDONLY);
	is(sys_getdents64((int)fd, UDATA, 100), 96, "four entries");
	sys_unlink(u("/tmp/d/two"));
	is(sys_getdents64((int)fd, UDATA, 100), 32, "the next one is gone meanwhile");
	is_str(DATA + 19, "three", "the last one is not missed");
	sys_close((int)fd);
	is(sys_rmdir(u("/tmp/d")), -ENOTEMPTY, "rmdir");
	is(sys_unlink(u("/tmp/d")), -EISDIR, "unlink of a directory");
	is(sys_rmdir(u("/tmp/d/one")), -ENOTDIR, "rmdir of a file");
	is(sys_rmdir(u("/tmp/d/.")), -EINVAL, "rmdir .");
	is(sys_rmdir(u("/tmp/d/..")), -ENOTEMPTY, "rmdir ..");
	is(sys_rmdir(u("/dev")), -EBUSY, "something is mounted there");
	is(sys_chdir(u("/tmp/d/e")), 0, "chdir");
	is(sys_getcwd(UDATA, 100), 9, "getcwd");
	is_str(DATA, "/tmp/d/e", "where it is");
	is(sys_getcwd(UDATA, 5), -ERANGE, "too small");
	is(sys_rmdir(u("/tmp/d/e")), 0, "remove it");
	is(sys_getcwd(UDATA, 100), -ENOENT, "now it is nowhere");
	is(xopen("x", O_RDWR | O_CREAT), -ENOENT, "nothing can be made in it");
	is(sys_mkdir(u("x"), 0777), -ENOENT, "no directory either");
	sys_chdir(u("/"));
	sys_unlink(u("/tmp/d/one"));
	sys_unlink(u("/tmp/d/three"));
	is(sys_rmdir(u("/tmp/d")), 0, "all gone");
	ok(same_books(&before), "nothing is left");
}

static void test_rename(void)
{
	static const struct {
		const char *old, *new;
		long want;
	} t[] = {
		{ "/tmp/a", "/tmp/a", 0 },
		{ "/tmp/a", "/tmp/none/x", -ENOENT },
		{ "/tmp/none", "/tmp/x", -ENOENT },
		{ "/tmp/a", "/tmp/dir", -EISDIR },
		{ "/tmp/dir", "/tmp/a", -ENOTDIR },
		{ "/tmp/a", "/tmp/b/", -ENOTDIR },
		{ "/tmp/dir", "/tmp/dir/sub/x", -EINVAL },
		{ "/tmp/dir/sub", "/tmp/dir", -ENOTEMPTY },
		{ "/tmp/.", "/tmp/x", -EBUSY },
		{ "/dev", "/tmp/x", -EXDEV }, { "/dev", "/x", -EBUSY },
		{ "/tmp/a", "/dev/a", -EXDEV },
		{ "/tmp/a", "/tmp/a-name-that-does-not-fit-into-the-dentry", 0 },
		{ "/tmp/a-name-that-does-not-fit-into-the-dentry", "/tmp/b", 0 },
		{ "/tmp/dir/sub", "/tmp/sub/", 0 },
		{ "/tmp/dir", "/tmp/sub", 0 },
	};
	struct books before = books();
	unsigned i;
	long fd;

	make_file("/tmp/a");
	fd = xopen("/tmp/b", O_RDWR | O_CREAT);
	put(fd, "old");
	sys_mkdir(u("/tmp/dir"), 0777);
	sys_mkdir(u("/tmp/dir/sub"), 0777);
	for (i = 0; i < ARRAY_SIZE(t); i++)
		is(sys_rename(u(t[i].old), u(t[i].new)), t[i].want, "rename %s %s", t[i].old,
		   t[i].new);
	is_str(list("/tmp", 4096), ". .. b sub ", "what is left");
	sys_lseek((int)fd, 0, 0);
	is_str(get(fd, 10), "old", "a file that was replaced lives while it is open");
	sys_close((int)fd);
	is(sys_link(u("/tmp/b"), u("/tmp/c")), 0, "link");
	is(sys_rename(u("/tmp/b"), u("/tmp/c")), 0, "two names of one file");
	is_str(list("/tmp", 4096), ". .. b sub c ", "both stay");
	is(sys_link(u("/tmp/sub"), u("/tmp/x")), -EPERM, "no links to directories");
	is(sys_renameat2(AT_FDCWD, u("/tmp/b"), AT_FDCWD, u("/tmp/sub"), 1), -EEXIST,
	   "RENAME_NOREPLACE");
	sys_unlink(u("/tmp/b"));
	sys_unlink(u("/tmp/c"));
	sys_rmdir(u("/tmp/sub"));
	ok(same_books(&before), "nothing is left");
}

static unsigned long blocks_free(const char *path)
{
	struct statfs *st = (struct statfs *)DATA;

	is(sys_statfs(u(path), UDATA), 0, "statfs of %s", path);
	return (unsigned long)st->f_bfree;
}

/* A new file gets its share and not a page more, and the file system gets all of it back. */
static void test_limit(const char *root, const char *path)
{
	struct books before = books();
	unsigned long left = blocks_free(root);
	long fd = xopen(path, O_RDWR | O_CREAT);

	ok(left > 100 && left <= nr_free_pages() / 2 + 100, "%s: %lu pages are left", root, left);
	is(sys_fallocate((int)fd, 0, 0, (s64)(left + 1) * PAGE_SIZE), -ENOSPC, "one too many");
	is(blocks_free(root), left, "so none was taken");
	is(sys_fallocate((int)fd, 0, 0, (s64)left * PAGE_SIZE), 0, "all of them");
	is(blocks_free(root), 0, "nothing is left");
	is(sys_pwrite64((int)fd, UDATA, 1, (s64)left * PAGE_SIZE), -ENOSPC, "a write behind them");
	is(sys_unlink(u(path)), 0, "unlink");
	sys_close((int)fd);
	is(blocks_free(root), left, "all are back");
	ok(same_books(&before), "no page is lost");
}

/* Files of the archive can be read again, and do not count. */
static void test_limits(void)
{
	unsigned long left = blocks_free("/");
	long fd = xopen("/bin/prog", O_RDONLY);

	is(sys_read((int)fd, UDATA, 4096), 4096, "read of a file of the archive");
	is(blocks_free("/"), left, "it does not count");
	sys_close((int)fd);
	test_limit("/", "/f");
	test_limit("/tmp", "/tmp/f");
}

static void test_links(void)
{
	struct books before = books();

	is(sys_symlink(u("where/ever"), u("/tmp/l")), 0, "symlink");
	is(sys_readlink(u("/tmp/l"), UDATA, 100), 10, "readlink");
	ok(!memcmp(DATA, "where/ever", 10), "the target");
	is(sys_readlink(u("/tmp/l"), UDATA, 5), 5, "cut");
	is(sys_readlink(u("/tmp"), UDATA, 5), -EINVAL, "no link");
	is(sys_symlink(u(""), u("/tmp/m")), -ENOENT, "an empty target");
	is(sys_symlink(u("x"), u("/tmp/l")), -EEXIST, "the name is taken");
	is(sys_unlink(u("/tmp/l")), 0, "unlink removes the link");
	ok(same_books(&before), "nothing is left");
}

static void test_devices(void)
{
	long fd = xopen("/dev/null", O_RDWR);

	is(sys_write((int)fd, UDATA, 65536), 65536, "/dev/null takes all");
	is(sys_read((int)fd, UDATA, 10), 0, "and has nothing");
	sys_close((int)fd);
	fd = xopen("/dev/zero", O_RDWR);
	memset(DATA, 1, 100);
	is(sys_read((int)fd, UDATA, 99), 99, "/dev/zero");
	ok(!DATA[0] && !DATA[98] && DATA[99] == 1, "zeros");
	sys_close((int)fd);
	is(sys_mknod(u("/tmp/fifo"), S_IFIFO | 0666, 0), -EOPNOTSUPP, "pipes have no names");
	is(sys_mknod(u("/tmp/z"), S_IFCHR | 0666, 0x105), 0, "mknod");
	fd = xopen("/tmp/z", O_RDONLY);
	is(sys_read((int)fd, UDATA, 10), 10, "the same device");
	sys_close((int)fd);
	sys_unlink(u("/tmp/z"));
	sys_mknod(u("/tmp/z"), S_IFCHR | 0666, 0x7777);
	is(xopen("/tmp/z", O_RDONLY), -ENXIO, "nobody answers for that number");
	sys_unlink(u("/tmp/z"));
}

/* ---- rights ------------------------------------------------------------------------ */

static void test_rights(void)
{
	make_file("/tmp/mine");
	sys_chmod(u("/tmp/mine"), 0640);
	current->euid = current->egid = 7;
	current->cap_effective = 0;
	is(xopen("/tmp/mine", O_RDONLY), -EACCES, "others may not read");
	is(xopen("/deep/x", O_RDWR | O_CREAT), -EACCES, "nor make files");
	is(sys_unlink(u("/tmp/mine")), -EPERM, "the sticky bit keeps others' files");
	is(sys_chmod(u("/tmp/mine"), 0777), -EPERM, "only the owner changes modes");
	is(sys_access(u("/tmp/mine"), 4), -EACCES, "access");
	is(sys_chown(u("/tmp/mine"), 7, ~0u), -EPERM, "or gives files away");
	current->cap_effective = 1ull << CAP_CHOWN;
	is(sys_chown(u("/tmp/mine"), 7, ~0u), 0, "chown is a privilege");
	current->cap_effective = 0;
	is(sys_access(u("/tmp/mine"), 6), 0, "the owner may");
	is(sys_unlink(u("/tmp/mine")), 0, "and remove it");
	current->euid = current->egid = 0;
	current->cap_effective = ~0ull;
}

/* ---- without memory ---------------------------------------------------------------- */

static unsigned long failures;		/* of allocations, in the last scenario() */

static long scenario(void)
{
	long err = 0, fd, n;

#define STEP(call) do { long _r = (call); if (_r < 0) err = _r; } while (0)
	STEP(fd = xopen("/tmp/a-file-with-a-rather-long-name", O_RDWR | O_CREAT));
	if (fd >= 0) {
		n = sys_write((int)fd, UDATA, 10000);
		if (n != 10000)
			err = n < 0 ? n : -ENOMEM;
		sys_close((int)fd);
	}
	STEP(sys_symlink(u("a-file-with-a-rather-long-name"), u("/tmp/l")));
	STEP(sys_mkdir(u("/tmp/dir"), 0777));
	STEP(sys_rename(u("/tmp/l"), u("/tmp/dir/another-rather-long-name-for-it")));
	STEP(fd = xopen("/tmp/dir/another-rather-long-name-for-it", O_RDONLY));
	if (fd >= 0)
		sys_close((int)fd);
	STEP(sys_pipe2((int *)UDATA, 0));
	if (!err) {
		pipe_fd[0] = ((int *)DATA)[0];
		pipe_fd[1] = ((int *)DATA)[1];
		STEP(sys_write(pipe_fd[1], UDATA, 5000));
	}
	STEP(sys_fcntl(0, F_DUPFD, 100));
	sys_close_range(0, ~0u, 0);
	failures = alloc_fail.failed;
	alloc_fail_arm(0, 0);
	sys_unlink(u("/tmp/dir/another-rather-long-name-for-it"));
	sys_unlink(u("/tmp/l"));
	sys_rmdir(u("/tmp/dir"));
	sys_unlink(u("/tmp/a-file-with-a-rather-long-name"));
	return err;
}

static void test_no_memory(void)
{
	unsigned long i, failed = 0, silent = 0, leaks = 0;
	struct books before;
	long err;

	make_file("/tmp/x");
	scenario();
	before = books();
	for (i = 1; i < 200; i++) {
		alloc_fail_arm(i, 1);
		err = scenario();
		if (!failures)
			break;
		failed++;
		silent += !err;
		leaks += !same_books(&before);
	}
	ok(failed > 15, "%lu places where memory can fail", failed);
	is(silent, 0, "each failure is an error");
	is(leaks, 0, "and leaves nothing behind");
	sys_unlink(u("/tmp/x"));
}

/* ---- mounts ------------------------------------------------------------------------ */

static long mount_tmpfs_on(const char *where, const char *options)
{
	strcpy(DATA + 512, options);
	return sys_mount(u("none"), u(where), u("tmpfs"), 0, UDATA + 512);
}

/* What statfs(2) says of a tmpfs with these options, in pages. */
static unsigned long blocks_with(const char *options)
{
	struct statfs s;
	long err = mount_tmpfs_on("/m", options);

	if (!err)
		err = sys_statfs(u("/m"), (void *)UDATA);
	memcpy(&s, DATA, sizeof(s));
	sys_umount2(u("/m"), 0);
	return err ? 0 : (unsigned long)s.f_blocks;
}

static void test_mounts(void)
{
	struct books before;
	long fd;

	is(sys_mkdir(u("/m"), 0755), 0, "a directory");
	before = books();
	is(mount_tmpfs_on("/m", "size=x"), -EINVAL, "a size that is none");
	is(mount_tmpfs_on("/m", "colour=red"), -EINVAL, "an option that is none");
	is(mount_tmpfs_on("/none", "size=8k"), -ENOENT, "nowhere");
	is(sys_mount(u("/tmp"), u("/m"), NULL, MS_BIND, NULL), -EINVAL, "a second place");
	is(sys_mount(u("/tmp"), u("/m"), u("none"), MS_MOVE, NULL), -EINVAL, "another place");
	is(sys_mount(u("/tmp"), u("/m"), NULL, 0, NULL), -EINVAL, "of no type");
	is(sys_mount(u("/tmp"), u("/m"), u("ext4"), 0, NULL), -ENODEV, "of a type that is unknown");
	is(sys_mount(u("/tmp"), u("/m"), (const char *)1, 0, NULL), -EFAULT, "of one nowhere");
	ok(same_books(&before), "nothing is left of these");
	is(blocks_with("size=17179869184g"), totalram_pages, "2^64 bytes are all of RAM");
	is(blocks_with("size=8k"), 2, "8 KiB are two pages");
	is(mount_tmpfs_on("/m", "size=8k,mode=700"), 0, "a tmpfs");
	is(mode_of("/m"), S_IFDIR | 0700, "with its mode");
	is(sys_mkdir(u("/m/d"), 0755), 0, "a directory in it");
	is(mount_tmpfs_on("/m/d", "size=50%"), 0, "another one on that");
	is(sys_mount(NULL, u("/m"), NULL, MS_REMOUNT | MS_RDONLY, NULL), -EINVAL, "it stays as it is");
	is(sys_umount2(u("/m"), 0), -EBUSY, "something is mounted on it");
	is(sys_umount2(u("/m/d"), 0), 0, "not any more");
	fd = sys_open(u("/m/d/f"), O_RDWR | O_CREAT, 0644);
	is(sys_write((int)fd, UDATA, 8192), 8192, "two pages");
	is(sys_write((int)fd, UDATA, 1), -ENOSPC, "its size is its limit");
	is(sys_umount2(u("/m"), 0), -EBUSY, "a file is open");
	is(sys_unlink(u("/m/d/f")), 0, "without a name");
	is(sys_umount2(u("/m"), 0), -EBUSY, "it is still open");
	sys_close((int)fd);
	fd = sys_open(u("/m/rest"), O_RDWR | O_CREAT, 0644);
	is(put(fd, "rest"), 4, "a file that stays");
	sys_close((int)fd);
	is(sys_umount2(u("/m"), 0), 0, "now it can go");
	is(size_of("/m/rest"), -ENOENT, "with all that was in it");
	is(sys_umount2(u("/m"), 0), -EINVAL, "nothing is mounted there");
	is(sys_umount2(u("/"), 0), -EINVAL, "the root stays");
	ok(same_books(&before), "nothing is left");
	is(sys_rmdir(u("/m")), 0, "the directory can go");
}

int main(void)
{
	host_boot(&host_small);
	radix_tree_init();
	fill_initramfs();
	current->rlim[RLIMIT_NOFILE].cur = 1024;
	current->cap_effective = ~0ull;
	vfs_init();
	current->files = files_alloc();
	current->fs = fs_alloc();

	test_initramfs();
	test_copy_up();
	test_paths();
	test_read_write();
	test_bad_memory();
	test_busy_text();
	test_map();
	test_fds();
	test_pipe();
	test_pipe_ring();
	test_pipe_waits();
	test_poll();
	test_select();
	test_directories();
	test_rename();
	test_limits();
	test_links();
	test_devices();
	test_rights();
	test_mounts();
	test_no_memory();
	return done();
}
