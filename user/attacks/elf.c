/* SPDX-License-Identifier: MIT */
/*
 * Mutations of a good ELF file: bytes and whole fields of its headers, its length.  Whatever
 * exec says, and whatever the program does if it starts, only the child may notice.
 */
#include "../attack.h"

#define FILES	1000
#define NAME	"/tmp/attack-elf"
#define HEADERS	512u			/* ELF header and program headers of a small program */

static u8 good[65536], bad[65536];
static long good_size;
static unsigned refused, killed, ran, too_long;

static void mutate(u64 *state, long *size)
{
	static const u64 interesting[] = {
		0, 1, 0xff, 0x7f, 0xffff, 0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000, 0xffffffff,
		0xfffff000, 0xc0000000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		0xffff888000000000, 0xffffffffffffffff, 0xfffffffffffff000,
	};
	unsigned n = 1 + next_random(state) % 4, at, width;
	u64 value;

	while (n--) {
		at = (unsigned)(next_random(state) % HEADERS);
		width = 1u << next_random(state) % 4;
		value = next_random(state) & 1 ? next_random(state) :
			interesting[next_random(state) % ARRAY_SIZE(interesting)];
		if (next_random(state) & 1)
			at &= ~(width - 1);
		memcpy(bad + at, &value, width);
	}
	if (next_random(state) % 8 == 0)
		*size = (long)(next_random(state) % (u64)good_size);
}

static int exec_it(void *arg)
{
	static const char *const argv[] = { NAME, NULL };

	/* A mutant may do anything: as somebody who may do little. */
	become_nobody();
	return sys_execve(NAME, argv, argv + 1) < 0 ? 99 : 98;
}

static void one_file(u64 *state)
{
	long size = good_size, fd;
	int status;

	memcpy(bad, good, (size_t)good_size);
	mutate(state, &size);
	fd = sys_open(NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (!CHECK(fd >= 0, "the file cannot be written: error %ld", -fd))
		return;
	sys_write((int)fd, bad, (size_t)size);
	sys_close((int)fd);
	status = in_child(exec_it, NULL, 200);
	if (status == 99 << 8)
		refused++;
	else if (status == TOOK_TOO_LONG)
		too_long++;
	else if (status & 0x7f)
		killed++;
	else
		ran++;
}

void attack_elf(u64 seed)
{
	static const char *const tiny[] = { "/bin/tiny", NULL };
	u64 state = seed;
	unsigned i;
	int status;

	good_size = read_file("/bin/tiny", good, sizeof(good));
	if (!CHECK(good_size > (long)HEADERS, "/bin/tiny: error %ld", -good_size))
		return;
	for (i = 0; i < FILES && !checks_failed; i++)
		one_file(&state);
	CHECK_EQ(refused + killed + ran + too_long, FILES, "files tried");
	CHECK(refused > FILES / 8 && killed > 0 && ran > 0,
	      "mutations of one kind only: %u refused, %u killed, %u ran", refused, killed, ran);
	sys_unlink(NAME);
	kill_nobodies();
	status = (int)sys_fork();
	if (status == 0) {
		sys_execve("/bin/tiny", tiny, tiny + 1);
		exit(99);
	}
	CHECK_EQ(wait_for(status) & 0x7f, 0, "the good file is still good");
	CHECK_INFO("seed %llu: %u files: %u refused, %u killed, %u ran, %u stopped",
		   (unsigned long long)seed, FILES, refused, killed, ran, too_long);
}
