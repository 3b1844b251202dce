/* SPDX-License-Identifier: MIT */
/* Calls by number, and the forms of mmap that most cases want. */
#include "oracle.h"

long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	return syscall6(nr, a, b, c, d, e, f);
}

static void *must(void *p, const char *what)
{
	if (IS_ERR(p)) {
		say("%s: %s", what, ret((long)p));
		exit(90);
	}
	return p;
}

void *map(size_t len, int prot, int flags)
{
	return must(sys_mmap(NULL, len, prot, flags, -1, 0), "map");
}

void *map_at(void *at, size_t len, int prot, int flags)
{
	return must(sys_mmap(at, len, prot, flags | MAP_FIXED, -1, 0), "map_at");
}

void *map_file(int fd, size_t len, int prot, int flags, u64 offset)
{
	return must(sys_mmap(NULL, len, prot, flags, fd, offset), "map_file");
}

void unmap(void *p, size_t len)
{
	sys_munmap(p, len);
}
