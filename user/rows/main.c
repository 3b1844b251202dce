/* SPDX-License-Identifier: MIT */
/*
 * /bin/rows ID [ARG...]: the user side of one row of the catalogue.  The tests are in
 * user/rows/, each announces itself by TEST().  Without an argument: the list of IDs.
 */
#include "rows.h"
#include <linux/auxvec.h>
#include <linux/elf.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

#ifdef __x86_64__
typedef Elf64_Phdr elf_phdr;
#else
typedef Elf32_Phdr elf_phdr;
#endif

extern const struct user_test *const __start_tests[], *const __stop_tests[];

int row_argc;
char **row_argv;

ulong row_number(int i)
{
	if (i >= row_argc) {
		printf("not ok: rows: argument %d is missing\n", i + 1);
		exit(2);
	}
	return (ulong)parse_u64(row_argv[i], NULL);
}

/*
 * All pages of the program itself, so that no row counts a fault of its own code, and none
 * finds that two processes have touched a page for the first time.
 */
static void populate_self(void)
{
	ulong at, size, n, i;
	const elf_phdr *ph;

	if (!auxv_get(AT_PHDR, &at) || !auxv_get(AT_PHENT, &size) || !auxv_get(AT_PHNUM, &n))
		return;
	for (i = 0; i < n; i++) {
		ph = (const elf_phdr *)(at + i * size);
		if (ph->p_type != PT_LOAD)
			continue;
		sys_madvise((void *)(ph->p_vaddr & ~(ulong)(PAGE_SIZE - 1)),
			    ph->p_memsz + (ph->p_vaddr & (PAGE_SIZE - 1)),
			    ph->p_flags & PF_W ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
	}
}

int main(int argc, char **argv, char **envp)
{
	const struct user_test *const *t;

	for (t = __start_tests; t < __stop_tests; t++) {
		if (argc < 2) {
			printf("%s\n", (*t)->id);
		} else if (strcmp((*t)->id, argv[1]) == 0) {
			row_argc = argc - 2;
			row_argv = argv + 2;
			populate_self();
			(*t)->run();
			return check_result();
		}
	}
	if (argc < 2)
		return 0;
	printf("not ok: rows: there is no test for row \"%s\"\n", argv[1]);
	return 2;
}
