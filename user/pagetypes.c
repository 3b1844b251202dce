/* SPDX-License-Identifier: MIT */
/*
 * pagetypes [ROUNDS]: how many frames have which flags, from /proc/kpageflags and kpagecount,
 * in the manner of Linux's tools/mm/page-types; and how many mappings they have together.  It
 * knows nothing of Pagewalk: on Linux it prints the same sums as page-types there (as root).
 * In the second round it does not change what it counts any more.
 */
#include <linux/kernel-page-flags.h>
#include "lib/lib.h"

#define KINDS_MAX	256
#define BATCH		1024

static struct kind {
	u64 flags, frames;
} kinds[KINDS_MAX];
static unsigned nr_kinds;

/* page-types' letters and names, by number of the flag. */
static const struct {
	unsigned char bit, letter;
	const char *name;
} names[] = {
	{ KPF_LOCKED, 'L', "locked" }, { KPF_ERROR, 'E', "error" },
	{ KPF_REFERENCED, 'R', "referenced" }, { KPF_UPTODATE, 'U', "uptodate" },
	{ KPF_DIRTY, 'D', "dirty" }, { KPF_LRU, 'l', "lru" }, { KPF_ACTIVE, 'A', "active" },
	{ KPF_SLAB, 'S', "slab" }, { KPF_WRITEBACK, 'W', "writeback" },
	{ KPF_RECLAIM, 'I', "reclaim" }, { KPF_BUDDY, 'B', "buddy" }, { KPF_MMAP, 'M', "mmap" },
	{ KPF_ANON, 'a', "anonymous" }, { KPF_SWAPCACHE, 's', "swapcache" },
	{ KPF_SWAPBACKED, 'b', "swapbacked" }, { KPF_COMPOUND_HEAD, 'H', "compound_head" },
	{ KPF_COMPOUND_TAIL, 'T', "compound_tail" }, { KPF_HUGE, 'G', "huge" },
	{ KPF_UNEVICTABLE, 'u', "unevictable" }, { KPF_HWPOISON, 'X', "hwpoison" },
	{ KPF_NOPAGE, 'n', "nopage" }, { KPF_KSM, 'x', "ksm" }, { KPF_THP, 't', "thp" },
	{ KPF_OFFLINE, 'o', "offline" }, { KPF_ZERO_PAGE, 'z', "zero_page" },
	{ KPF_IDLE, 'i', "idle_page" }, { KPF_PGTABLE, 'g', "pgtable" },
};

static bool count(u64 flags)
{
	unsigned i;

	for (i = 0; i < nr_kinds && kinds[i].flags != flags; i++)
		;
	if (i == KINDS_MAX)
		return false;
	if (i == nr_kinds)
		kinds[nr_kinds++] = (struct kind){ flags, 0 };
	kinds[i].frames++;
	return true;
}

static void print_kind(const struct kind *k)
{
	char letters[ARRAY_SIZE(names) + 1], words[256];
	size_t used = 0;
	unsigned i;

	words[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		bool set = k->flags >> names[i].bit & 1;

		letters[i] = set ? names[i].letter : '_';
		if (set && used < sizeof(words))
			used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s",
						 used ? "," : "", names[i].name);
	}
	letters[i] = '\0';
	printf("0x%016llx %10llu %8llu  %s  %s\n", (unsigned long long)k->flags,
	       (unsigned long long)k->frames, (unsigned long long)(k->frames >> 8), letters, words);
}

/* Calls fn for each word of the file; the number of words or -errno. */
static long each_word(const char *path, void (*fn)(u64 word))
{
	static u64 words[BATCH];
	long fd = sys_open(path, O_RDONLY, 0), n, i, total = 0;

	if (fd < 0)
		return fd;
	while ((n = sys_read((int)fd, words, sizeof(words))) > 0) {
		for (i = 0; i < n / (long)sizeof(words[0]); i++)
			fn(words[i]);
		total += i;
	}
	sys_close((int)fd);
	return n < 0 ? n : total;
}

static u64 mappings, mapped;
static bool overflow;

static void take_flags(u64 word)
{
	if (!count(word))
		overflow = true;
}

static void take_count(u64 word)
{
	mappings += word;
	mapped += word != 0;
}

static int round_of_all(void)
{
	long frames, counts;
	unsigned i;

	nr_kinds = 0;
	mappings = mapped = 0;
	frames = each_word("/proc/kpageflags", take_flags);
	counts = each_word("/proc/kpagecount", take_count);
	if (frames < 0 || counts < 0) {
		printf("pagetypes: error %ld: only root may read /proc/kpage*\n",
		       frames < 0 ? -frames : -counts);
		return 1;
	}
	printf("%-18s %10s %8s  flags\n", "", "page-count", "MB");
	for (i = 0; i < nr_kinds; i++)
		print_kind(&kinds[i]);
	printf("%-18s %10ld %8ld\n", "total", frames, frames >> 8);
	printf("mapped %llu mappings %llu\n", (unsigned long long)mapped, (unsigned long long)mappings);
	if (overflow)
		printf("pagetypes: more than %d combinations of flags\n", KINDS_MAX);
	return overflow;
}

int main(int argc, char **argv, char **envp)
{
	u64 rounds = argc > 1 ? parse_u64(argv[1], NULL) : 1;
	int status = 0;

	for (; rounds && !status; rounds--)
		status = round_of_all();
	return status;
}
