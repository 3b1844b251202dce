/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/maps line by line, after each of many operations (catalogue A1).  The expected
 * text is what Linux printed for this program (`rows A1-record` prints it in that form); the
 * places are fixed, so only device and inode numbers are left out of the comparison.
 */
#include <linux/elf.h>
#include "rows.h"

#define RW	(PROT_READ | PROT_WRITE)
#define AN	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define AT	0x20000000ul
#define END	0x20100000ul
#define P(n)	((void *)(AT + (ulong)(n) * PAGE_SIZE))
#define SIZE(n)	((size_t)(n) * PAGE_SIZE)

static int file;

static void map(unsigned page, unsigned n, int prot, int flags)
{
	sys_mmap(P(page), SIZE(n), prot, flags, -1, 0);
}

static void map_file(unsigned page, unsigned n, int prot, int flags, unsigned offset)
{
	sys_mmap(P(page), SIZE(n), prot, flags | MAP_FIXED, file, SIZE(offset));
}

static void anonymous(void)		{ map(0, 8, RW, AN); }
static void neighbour(void)		{ map(8, 4, RW, AN); }
static void other_rights(void)		{ map(12, 2, PROT_READ, AN); }
static void hole(void)			{ sys_munmap(P(3), SIZE(2)); }
static void fill_hole(void)		{ map(3, 2, RW, AN); }
static void protect_middle(void)	{ sys_mprotect(P(4), SIZE(2), PROT_READ); }
static void protect_back(void)		{ sys_mprotect(P(4), SIZE(2), RW); }
static void protect_none(void)		{ sys_mprotect(P(0), SIZE(1), PROT_NONE); }
static void protect_exec(void)		{ sys_mprotect(P(1), SIZE(1), RW | PROT_EXEC); }
static void shared(void)		{ map(20, 3, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED); }
static void file_private(void)		{ map_file(32, 2, PROT_READ, MAP_PRIVATE, 0); }
static void file_next(void)		{ map_file(34, 2, PROT_READ, MAP_PRIVATE, 2); }
static void file_other(void)		{ map_file(36, 1, PROT_READ, MAP_PRIVATE, 0); }
static void file_shared(void)		{ map_file(40, 4, PROT_READ, MAP_SHARED, 1); }
static void file_split(void)		{ sys_munmap(P(41), SIZE(1)); }
static void replace(void)		{ map(42, 4, RW, AN); }
static void grows(void)			{ map(64, 2, RW, AN | MAP_GROWSDOWN); }
static void everything(void)		{ sys_munmap(P(0), SIZE(60)); }

/* What maps says between AT and END after each of them, on Linux. */
static const struct step {
	const char *name;
	void (*fn)(void);
	const char *text;
} steps[] = {
#include "maps-expected.h"
};

/* ---- looking --------------------------------------------------------------------------- */

static char maps[32 * 1024], got[8 * 1024];

/* A line without device and inode, and of a path only the name. */
static size_t put_line(char *to, size_t size, const char *line, size_t len)
{
	char copy[160], *field[6] = { NULL }, *p = copy, *slash;
	unsigned n = 0;

	if (len >= sizeof(copy))
		len = sizeof(copy) - 1;
	memcpy(copy, line, len);
	copy[len] = '\0';
	while (*p && n < 6) {
		field[n++] = p;
		if (n == 6)
			break;			/* " (deleted)" is part of the name */
		while (*p && *p != ' ')
			p++;
		while (*p == ' ')
			*p++ = '\0';
	}
	if (n < 5)
		return (size_t)snprintf(to, size, "a line of %u fields\n", n);
	slash = field[5] ? strchr(field[5], '/') : NULL;
	while (slash && strchr(slash + 1, '/'))
		slash = strchr(slash + 1, '/');
	/* Blanks up to the column where names stand are part of the format. */
	return (size_t)snprintf(to, size, "%s %s %s%s%s%s\n", field[0], field[1], field[2],
				field[5] ? " " : "", slash && field[5][0] == '/' ? slash : field[5] ?
				field[5] : "", field[5] && field[5] - copy < 73 - 24 * !LONG64 ?
				" (wrong column)" : "");
}

/* All lines of [start, end) in `got`. */
static void look(ulong start, ulong end)
{
	const char *p, *next;
	size_t used = 0;
	ulong at;

	got[0] = '\0';
	read_file("/proc/self/maps", maps, sizeof(maps));
	for (p = maps; *p; p = next + 1) {
		next = strchr(p, '\n');
		if (!next)
			break;
		at = (ulong)parse_hex(p, NULL);
		if (at >= start && at < end)
			used += put_line(got + used, sizeof(got) - used, p, (size_t)(next - p));
	}
}

static void open_file(void)
{
	file = (int)sys_open("/tmp/rows-a1", O_RDWR | O_CREAT, 0600);
	sys_ftruncate(file, (long)SIZE(8));
}

/* For maintainers, on Linux. */
static void a1_record(void)
{
	const char *p;
	unsigned i;

	open_file();
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		steps[i].fn();
		look(AT, END);
		printf("\t{ \"%s\", %s,\n\t  \"", steps[i].name, steps[i].name);
		for (p = got; *p; p++)
			printf(*p == '\n' ? p[1] ? "\\n\"\n\t  \"" : "\\n" : "%c", *p);
		printf("\" },\n");
	}
	sys_unlink("/tmp/rows-a1");
	CHECK(true, "recorded");
}
HELPER(A1_record, "A1-record", a1_record);

/* ---- the program's own regions, by its headers --------------------------------------------- */

#ifdef __x86_64__
typedef struct elf64_phdr elf_phdr;
#else
typedef struct elf32_phdr elf_phdr;
#endif

static void check_segments(void)
{
	ulong table = 0, count = 0, start, end, file_end;
	const elf_phdr *ph;
	char line[96];
	unsigned i, seen = 0;

	auxv_get(3, &table);			/* AT_PHDR, AT_PHNUM */
	auxv_get(5, &count);
	for (i = 0, ph = (const elf_phdr *)table; i < count; i++, ph++) {
		if (ph->p_type != PT_LOAD)
			continue;
		start = ph->p_vaddr & -PAGE_SIZE;
		file_end = (ph->p_vaddr + ph->p_filesz + PAGE_SIZE - 1) & -PAGE_SIZE;
		end = (ph->p_vaddr + ph->p_memsz + PAGE_SIZE - 1) & -PAGE_SIZE;
		look(start, end);
		if (file_end > start) {
			snprintf(line, sizeof(line), "%08lx-%08lx %c%c%cp %08lx /rows\n", start, file_end,
				 ph->p_flags & PF_R ? 'r' : '-', ph->p_flags & PF_W ? 'w' : '-',
				 ph->p_flags & PF_X ? 'x' : '-', (ulong)ph->p_offset & -PAGE_SIZE);
			CHECK(strncmp(got, line, strlen(line)) == 0, "segment %u: seen \"%s\", expected \"%s\"",
			      i, got, line);
			seen++;
		}
		if (end > file_end) {
			snprintf(line, sizeof(line), "%08lx-", file_end);
			CHECK(strstr(got, line) != NULL, "segment %u: no bss at %#lx: \"%s\"", i, file_end, got);
		}
	}
	CHECK(seen >= 3, "only %u segments", seen);
}

/* The heap is named when there is one, the stack always; the top of the stack is the end. */
static void check_names(void)
{
	ulong brk = (ulong)sys_brk(NULL);
	const char *p;

	sys_brk((void *)(brk + 3 * PAGE_SIZE));
	read_file("/proc/self/maps", maps, sizeof(maps));
	p = strstr(maps, "[heap]\n");
	CHECK(p && strstr(p + 1, "[heap]") == NULL, "one region is the heap");
	p = strstr(maps, "[stack]\n");
	CHECK(p && strstr(p + 1, "[stack]") == NULL, "one region is the stack");
	sys_brk((void *)brk);
}

static void a1_maps(void)
{
	unsigned i;

	open_file();
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		steps[i].fn();
		look(AT, END);
		CHECK(strcmp(got, steps[i].text) == 0, "after %s: seen \"%s\", expected \"%s\"",
		      steps[i].name, got, steps[i].text);
	}
	sys_close(file);
	sys_unlink("/tmp/rows-a1");
	check_segments();
	check_names();
	CHECK_INFO("maps after %u operations as on Linux; the program's segments as in its headers", i);
}
TEST(A1, a1_maps);
