/* SPDX-License-Identifier: MIT */
/*
 * O1: the programs of this machine.  Each file of /bin is read as any file is, and its size
 * and SHA-256 printed; the host compares with what it built.
 */
#include <linux/elf.h>
#include "rows.h"

#define PROGRAMS_MIN	12

/* ---- SHA-256 (FIPS 180-4) ---------------------------------------------------------------- */

static const u32 round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static u32 rotate(u32 x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void sha256_block(u32 *state, const u8 *block)
{
	u32 w[64], v[8], s0, s1, t1, t2;
	unsigned i;

	for (i = 0; i < 16; i++)
		w[i] = (u32)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 |
		       block[4 * i + 3];
	for (; i < 64; i++) {
		s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
		s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	memcpy(v, state, sizeof(v));
	for (i = 0; i < 64; i++) {
		s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constants[i] + w[i];
		s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		state[i] += v[i];
}

/* Of a whole file; its length, or -errno. */
static long sha256_file(const char *path, u32 *state)
{
	static const u32 start[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19,
	};
	u8 block[64];
	long fd = sys_open(path, O_RDONLY, 0), n, size = 0;
	u64 bits;
	int i;

	if (fd < 0)
		return fd;
	memcpy(state, start, sizeof(start));
	while ((n = sys_read((int)fd, block, 64)) == 64) {
		sha256_block(state, block);
		size += n;
	}
	sys_close((int)fd);
	if (n < 0)
		return n;
	size += n;
	block[n++] = 0x80;
	if (n > 56) {
		memset(block + n, 0, 64 - n);
		sha256_block(state, block);
		n = 0;
	}
	memset(block + n, 0, 56 - n);
	for (bits = (u64)size * 8, i = 63; i >= 56; i--, bits >>= 8)
		block[i] = (u8)bits;
	sha256_block(state, block);
	return size;
}

/* ---- /bin ------------------------------------------------------------------------------ */

#define DT_LNK	10		/* another name of a program */

/* An ELF file of our own width, by its first bytes. */
static bool is_elf(const char *path)
{
	u8 ident[EI_NIDENT] = { 0 };
	long fd = sys_open(path, O_RDONLY, 0);

	if (fd < 0)
		return false;
	sys_read((int)fd, ident, sizeof(ident));
	sys_close((int)fd);
	return memcmp(ident, ELFMAG, SELFMAG) == 0 &&
	       ident[EI_CLASS] == (LONG64 ? ELFCLASS64 : ELFCLASS32);
}

static bool print_program(const char *name)
{
	char path[64], hash[65];
	u32 state[8];
	long size;
	int i;

	snprintf(path, sizeof(path), "/bin/%s", name);
	size = sha256_file(path, state);
	if (!CHECK(size > 0, "%s cannot be read: %ld", path, size))
		return false;
	for (i = 0; i < 8; i++)
		snprintf(hash + 8 * i, 9, "%08x", state[i]);
	CHECK(is_elf(path), "%s is no ELF file of this mode's width", path);
	printf("program %s %ld %s\n", name, size, hash);
	return true;
}

static void o1_programs(void)
{
	static char buf[2048];
	const struct dirent64 *d;
	unsigned programs = 0;
	long fd = sys_open("/bin", O_RDONLY | O_DIRECTORY, 0), n, at;

	if (!CHECK(fd >= 0, "/bin cannot be opened: %ld", fd))
		return;
	while ((n = syscall3(__NR_getdents64, fd, (long)buf, sizeof(buf))) > 0) {
		for (at = 0; at < n; at += d->reclen) {
			d = (const void *)(buf + at);
			if (d->name[0] != '.' && d->type != DT_LNK)
				programs += print_program(d->name);
		}
	}
	sys_close((int)fd);
	CHECK_EQ(n, 0, "end of /bin");
	CHECK(programs >= PROGRAMS_MIN, "%u programs, expected at least %d", programs,
	      PROGRAMS_MIN);
	CHECK_INFO("%u programs, ELF%d", programs, LONG64 ? 64 : 32);
}
TEST(O1, o1_programs);
