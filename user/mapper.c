/* SPDX-License-Identifier: MIT */
/*
 * /bin/mapper: a file by mmap and by read is the same file.  Maps its own program privately,
 * compares, overwrites the map, and finds the file unchanged.
 */
#include "lib/worker.h"

#define BYTES_MAX	(64 * 1024)

static u8 by_read[BYTES_MAX];

static void one_round(int fd, size_t size)
{
	u8 *p = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	size_t i;

	if (IS_ERR(p))
		worker_fail("mmap of my own program: error %ld", -(long)p);
	if (memcmp(p, by_read, size))
		worker_fail("the map is not what read() gave");
	for (i = 0; i < size; i += 1000)
		p[i] = ~by_read[i];
	for (i = 0; i < size; i += 1000)
		if (p[i] != (u8)~by_read[i])
			worker_fail("byte %zu of the private copy is lost", i);
	sys_munmap(p, size);
	memset(by_read, 0, size);
	if (sys_pread(fd, by_read, size, 0) != (long)size)
		worker_fail("the program cannot be read again");
	if (memcmp(by_read, "\177ELF", 4))
		worker_fail("the private copy went into the file");
}

int main(int argc, char **argv, char **envp)
{
	long fd = sys_open(argv[0], O_RDONLY, 0), size;

	worker_begin("mapper");
	size = fd < 0 ? fd : sys_pread((int)fd, by_read, sizeof(by_read), 0);
	if (size <= 0)
		worker_fail("%s cannot be read: error %ld", argv[0], -size);
	while (worker_round()) {
		one_round((int)fd, size);
		worker_pause(30);
	}
	return worker_end("%ld bytes", size);
}
