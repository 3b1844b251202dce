/* SPDX-License-Identifier: MIT */
/* Children, files, limits: what many cases do in the same few lines. */
#include "oracle.h"
#include <linux/stat.h>

int in_child(void (*fn)(void))
{
	int pid = (int)sys_fork();

	if (pid == 0) {
		fn();
		exit(0);
	}
	return wait_for(pid);
}

long exec_self(const char *name, const char *arg, const char *arg2)
{
	char word[32];
	const char *argv[] = { SELF, word, arg, arg ? arg2 : NULL, NULL };
	const char *envp[] = { "PATH=/bin", NULL };

	snprintf(word, sizeof(word), "=%s", name);
	return sys_execve(SELF, argv, envp);
}

int run_self(const char *name, const char *arg, const char *arg2)
{
	int pid = (int)sys_fork();

	if (pid == 0)
		exit((int)-exec_self(name, arg, arg2));
	return wait_for(pid);
}

int open_or_die(const char *path, int flags)
{
	long fd = sys_open(path, flags, 0644);

	if (fd < 0) {
		say("open %s: %s", path, ret(fd));
		exit(92);
	}
	return (int)fd;
}

int make_file(const char *path, size_t len)
{
	static char page[PAGE_SIZE];
	int fd = open_or_die(path, O_RDWR | O_CREAT | O_TRUNC);
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < PAGE_SIZE ? len - at : PAGE_SIZE;
		memset(page, 'A' + (int)(at / PAGE_SIZE), n);
		if (sys_write(fd, page, n) != (long)n)
			say("make_file: a short write");
	}
	sys_lseek(fd, 0, SEEK_SET);
	return fd;
}

long file_size(int fd)
{
	struct statx st;
	long err = sc(statx, fd, "", 0x1000 /* AT_EMPTY_PATH */, STATX_SIZE, &st);

	return err ? err : (long)st.stx_size;
}

long read_at(int fd, void *buf, size_t n, u64 pos)
{
	return sys_pread(fd, buf, n, pos);
}

long write_at(int fd, const void *buf, size_t n, u64 pos)
{
#ifdef __x86_64__
	return sc(pwrite64, fd, buf, n, pos);
#else
	return sc(pwrite64, fd, buf, n, (u32)pos, pos >> 32);
#endif
}

void set_limit(int resource, ulong cur)
{
	struct rlimit r;

	sys_getrlimit(resource, &r);
	r.cur = cur;
	sys_setrlimit(resource, &r);
}

void touch(volatile void *p, size_t len, int byte)
{
	volatile char *c = p;
	size_t i;

	for (i = 0; i < len; i += PAGE_SIZE)
		c[i] = (char)byte;
}

const char *core(const volatile void *p, size_t len)
{
	static char texts[8][40];
	static unsigned next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];
	unsigned char vec[32];
	long err = sc(mincore, p, len, vec);
	unsigned i, n = (unsigned)((len + PAGE_SIZE - 1) / PAGE_SIZE);

	if (err)
		return ret(err);
	for (i = 0; i < n && i < sizeof(vec); i++)
		text[i] = '0' + (vec[i] & 1);
	text[i] = 0;
	return text;
}
