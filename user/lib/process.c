/* SPDX-License-Identifier: MIT */
/* Processes, time, small files, memory: what most programs do in the same few lines. */
#include "lib.h"

long spawn(int (*fn)(void *arg), void *arg)
{
	long pid = sys_fork();

	if (pid == 0)
		exit(fn(arg));
	return pid;
}

long start_program(const char *who, const char *const *argv, const char *const *envp,
		   const char *no_file)
{
	long pid = sys_fork(), err;

	if (pid)
		return pid;
	err = sys_execve(argv[0], argv, envp);
	dprintf(2, "%s: %s cannot be started: error %ld%s\n", who, argv[0], -err,
		err == -ENOENT && no_file ? no_file : "");
	exit(127);
}

int wait_for(int pid)
{
	int status = 0;
	long ret;

	do
		ret = sys_wait4(pid, &status, 0, NULL);
	while (ret == -EINTR);
	return ret < 0 ? (int)ret : status;
}

unsigned list_pids(int *pids, unsigned n)
{
	static u8 buf[4096] __attribute__((__aligned__(8)));
	int fd = (int)sys_open("/proc", O_RDONLY | O_DIRECTORY, 0);
	const struct dirent64 *d;
	unsigned found = 0;
	long len, at;

	while (fd >= 0 && (len = syscall3(__NR_getdents64, fd, (long)buf, sizeof(buf))) > 0)
		for (at = 0; at < len; at += d->reclen) {
			d = (const struct dirent64 *)(buf + at);
			if (d->name[0] >= '1' && d->name[0] <= '9' && found < n)
				pids[found++] = (int)parse_u64(d->name, NULL);
		}
	if (fd >= 0)
		sys_close(fd);
	return found;
}

void process_name(int pid, char *to, size_t size)
{
	char path[40], comm[24];
	char *end;

	*to = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (read_file(path, comm, sizeof(comm)) < 0)
		return;
	end = strchr(comm, '\n');
	if (end)
		*end = '\0';
	strlcpy(to, comm, size);
}

u64 now_ns(void)
{
	struct timespec t = { 0, 0 };

	sys_clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000u + t.tv_nsec;
}

void sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	while (sys_nanosleep(&t, &t) == -EINTR)
		;
}

long read_file(const char *path, void *buf, size_t size)
{
	char *p = buf;
	size_t used = 0;
	long fd, n;

	fd = sys_open(path, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	do {
		n = sys_read(fd, p + used, size - 1 - used);
		if (n > 0)
			used += n;
	} while (n > 0 && used < size - 1);
	p[used] = '\0';
	sys_close(fd);
	return n < 0 ? n : (long)used;
}

void sibling_path(char *to, size_t size, const char *path, const char *name)
{
	size_t n = strlen(path);

	while (n && path[n - 1] != '/')
		n--;
	if (n)
		snprintf(to, size, "%.*s%s", (int)n, path, name);
	else
		snprintf(to, size, "/bin/%s", name);
}

void *map_anon(size_t len)
{
	void *p = sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (IS_ERR(p)) {
		dprintf(2, "no memory: mmap of %zu bytes returns %ld\n", len, (long)p);
		exit(1);
	}
	return p;
}
