/* SPDX-License-Identifier: MIT */
/*
 * The boot sector and FSInfo: each field that anything depends on is checked, sums by
 * subtraction so that none can wrap.  Pure functions (contracts: fat.h).
 */
#include "fat.h"

#define REFUSE(text) do { *why = (text); return -EINVAL; } while (0)

static u16 get16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static u32 get32(const u8 *p)
{
	return get16(p) | (u32)get16(p + 2) << 16;
}

static bool power_of_two(u32 n)
{
	return n && !(n & (n - 1));
}

static unsigned log2_of(u32 n)
{
	return 31 - (unsigned)__builtin_clz(n);
}

/* Is it a FAT file system at all? */
static int check_signature(const u8 *b, const char **why)
{
	if (get16(b + 510) != 0xaa55)
		REFUSE("no boot sector: the signature 55 AA is missing");
	if (b[0] != 0xeb && b[0] != 0xe9)
		REFUSE("no FAT boot sector: it does not begin with a jump");
	if (!memcmp(b + 3, "NTFS    ", 8) || !memcmp(b + 3, "EXFAT   ", 8))
		REFUSE("it is NTFS or exFAT: only FAT32 can be read");
	return 0;
}

static int check_geometry(const u8 *b, const char **why)
{
	u32 sector = get16(b + 11), per_cluster = b[13];

	if (!power_of_two(sector) || sector < 512 || sector > 4096)
		REFUSE("bytes per sector are not 512, 1024, 2048 or 4096");
	if (!power_of_two(per_cluster))
		REFUSE("sectors per cluster are not a power of two");
	if (sector * per_cluster > 65536)
		REFUSE("a cluster is larger than 64 KiB");
	if (!get16(b + 14))
		REFUSE("there are no reserved sectors");
	if (b[16] != 1 && b[16] != 2)
		REFUSE("the number of FATs is neither 1 nor 2");
	if (b[21] != 0xf0 && b[21] < 0xf8)
		REFUSE("the media byte is invalid");
	return 0;
}

/* What FAT12 and FAT16 have in other places. */
static int check_type(const u8 *b, const char **why)
{
	if (get16(b + 17) || get16(b + 22))
		REFUSE("it is FAT12 or FAT16: only FAT32 can be read");
	if (get16(b + 19) || !get32(b + 32))
		REFUSE("the total number of sectors is not in its FAT32 field");
	if (!get32(b + 36))
		REFUSE("sectors per FAT are 0");
	if (get16(b + 42))
		REFUSE("its FAT32 version is not 0.0");
	return 0;
}

/* The parts follow each other: reserved, tables, clusters. */
static int set_layout(const u8 *b, u64 capacity, struct fat_layout *l, const char **why)
{
	u32 sector = get16(b + 11), reserved = get16(b + 14), per_fat = get32(b + 36);
	u32 total = get32(b + 32), nfats = b[16];
	u64 head = reserved + (u64)nfats * per_fat;
	unsigned shift = log2_of(sector);

	if ((u64)total << (shift - SECTOR_SHIFT) > capacity)
		REFUSE("it is larger than its partition");
	if (head >= total)
		REFUSE("the FATs leave no room for clusters");
	l->sector_size = sector;
	l->cluster_shift = shift + log2_of(b[13]);
	l->clusters = (u32)((total - head) >> log2_of(b[13]));
	if (l->clusters < FAT_MIN_CLUSTERS)
		REFUSE("it has too few clusters for FAT32: FAT12 and FAT16 cannot be read");
	if (l->clusters > FAT_MAX_CLUSTERS)
		REFUSE("it has more clusters than FAT32 can have");
	l->fat_bytes = (u64)per_fat << shift;
	if (l->fat_bytes / 4 < l->clusters + (u64)FAT_FIRST)
		REFUSE("the FAT is too small for the clusters");
	l->reserved_bytes = (u64)reserved << shift;
	l->fat_pos[0] = l->reserved_bytes;
	l->fat_pos[1] = nfats == 2 ? l->fat_pos[0] + l->fat_bytes : 0;
	l->data_pos = head << shift;
	return 0;
}

/* Extended flags: one of the tables may be the only one that is kept. */
static int choose_table(const u8 *b, struct fat_layout *l, const char **why)
{
	u32 flags = get16(b + 40);

	if (!(flags & 0x80))
		return 0;
	if ((flags & 15) >= b[16])
		REFUSE("the active FAT does not exist");
	if (flags & 15)
		l->fat_pos[0] = l->fat_pos[1];
	l->fat_pos[1] = 0;
	return 0;
}

static int check_places(const u8 *b, struct fat_layout *l, const char **why)
{
	u32 reserved = get16(b + 14), info = get16(b + 48);

	l->root = get32(b + 44) & FAT_ENTRY_MASK;
	if (l->root < FAT_FIRST || l->root - FAT_FIRST >= l->clusters)
		REFUSE("the root directory's first cluster does not exist");
	if (!info || info >= reserved)
		REFUSE("FSInfo does not lie in the reserved sectors");
	l->fsinfo_pos = (u64)info * l->sector_size;
	l->volume_id = get32(b + 67);
	return 0;
}

int fat_check_boot(const u8 *boot, u64 capacity, struct fat_layout *l, const char **why)
{
	int err;

	*l = (struct fat_layout){ 0 };
	err = check_signature(boot, why);
	if (!err)
		err = check_geometry(boot, why);
	if (!err)
		err = check_type(boot, why);
	if (!err)
		err = set_layout(boot, capacity, l, why);
	if (!err)
		err = choose_table(boot, l, why);
	if (!err)
		err = check_places(boot, l, why);
	return err;
}

const char *fat_check_fsinfo(const u8 *info, const struct fat_layout *l, u32 *next)
{
	u32 free = get32(info + 488);

	if (get32(info) != 0x41615252 || get32(info + 484) != 0x61417272 ||
	    get32(info + 508) != 0xaa550000)
		return "FSInfo has not its three signatures";
	if (free != ~0u && free > l->clusters)
		return "FSInfo counts more free clusters than there are";
	*next = get32(info + 492);
	if (*next == ~0u)
		*next = 0;
	else if (*next < FAT_FIRST || *next - FAT_FIRST > l->clusters)
		return "FSInfo's next free cluster does not exist";
	return NULL;
}
