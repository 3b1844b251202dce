/* SPDX-License-Identifier: MIT */
/*
 * Replacing a program (Gorman 4.3.2 "exec", Love 3): what exec.c and its helpers share.
 *
 *	exec.c		the order of things; the point of no return
 *	exec_args.c	argv and envp into the stack of the new address space
 *	exec_script.c	#! lines
 *	elf_check.c	is it a program?		binfmt_elf.c	mapping it
 *	binfmt_interp.c	its dynamic linker
 *
 * Until begin_new_exec() every failure leaves the caller as it was; after it the old
 * program is gone and a failure ends the task.
 */
#ifndef FS_EXEC_H
#define FS_EXEC_H

#include <fs/elf_check.h>
#include <fs/fs.h>
#include <mm/mmap.h>

#define MAX_ARG_STRLEN	(32 * PAGE_SIZE)	/* one string with its NUL */
#define MAX_ARG_STRINGS	0x7fffffff
#define ARG_MAX_MIN	(128ul << 10)		/* always allowed for all of them */
#define SCRIPT_LINE	256			/* of a #! line is looked at */
#define SCRIPT_DEPTH	5			/* interpreters that are scripts themselves */

/* argv or envp: an array of strings, in user or in kernel memory. */
struct arg_vector {
	const char *const *v;	/* NULL: empty */
	bool user;
};

/* What scripts put in front of the arguments, in order; the lines they point into. */
struct script {
	const char *prefix[2 * SCRIPT_DEPTH + 1];
	unsigned n;
	char line[SCRIPT_DEPTH][SCRIPT_LINE + 1];
};

/* A program on its way into an address space. */
struct binprm {
	const char *filename;		/* as the caller named it: AT_EXECFN, comm */
	struct file *file;		/* the program: of a script, its interpreter */
	struct page *head_page;		/* first page of the file, */
	const char *head;		/* mapped by kmap() */
	size_t head_size;
	struct script *script;		/* NULL: no script */
	struct elf_image image;
	struct binprm *interp;		/* its dynamic linker: file, head and image; NULL */

	struct mm_struct *mm;		/* new; NULL once it is current's */
	struct vm_area_struct *stack;
	unsigned long p;		/* the stack is filled down to here */
	unsigned long p_min;		/* and not further */
	unsigned long execfn;		/* user address of the file name */
	int argc, envc;
	struct page *page;		/* of the stack, being filled, */
	char *kaddr;			/* mapped by kmap() */
	unsigned long page_addr;
};

/* exec.c: open `path` as the program of b, its first page mapped; 0 or -errno. */
int bprm_open(struct binprm *b, const char *path);
void bprm_close(struct binprm *b);

/* exec_script.c: while the file is a script, replace it by its interpreter. */
int script_resolve(struct binprm *b);

/*
 * exec_args.c: count the strings and copy them into b->mm.  -E2BIG, -EFAULT, -ENOMEM.
 * bprm_put_page() ends it, on success and on failure.
 */
int bprm_copy_args(struct binprm *b, struct arg_vector argv, struct arg_vector envp);
void bprm_put_page(struct binprm *b);

/* binfmt_elf.c: is it a program that fits below b's stack?  Says why not by printk. */
int elf_prepare(struct binprm *b);

/*
 * binfmt_interp.c: open and check the dynamic linker that the program names, if it does:
 * 0; -ENOENT and other errors of open; -ENOEXEC, -ELIBBAD.  bprm_close() closes it.
 */
int interp_prepare(struct binprm *b);
void interp_close(struct binprm *b);
/* Find it a place in current's new address space, where the program is mapped already. */
int interp_place(struct binprm *b);

/* Map it into current's new address space and point regs at its entry; 0 or -errno. */
struct pt_regs;
int elf_load(struct binprm *b, struct pt_regs *regs);

#endif
