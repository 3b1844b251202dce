/* SPDX-License-Identifier: MIT */
/*
 * The user half of the simulated machine: a processor that walks the tables itself, has a
 * TLB that only flushes empty, sets Accessed and Dirty, and faults; a task to run on it;
 * files to map.
 */
#ifndef TEST_HOST_HOST_USER_H
#define TEST_HOST_HOST_USER_H

#include "host.h"
#include <kernel/sched.h>
#include <mm/fault.h>
#include <mm/file.h>
#include <mm/filemap.h>
#include <mm/mmap.h>

/* What an access ends in. */
enum host_result { HOST_OK, HOST_MAPERR, HOST_ACCERR, HOST_SIGBUS, HOST_OOM };

extern unsigned long host_user_faults;		/* taken */
extern unsigned long host_user_flushes;		/* of single user pages */
extern void (*host_schedule)(void);		/* what happens when somebody sleeps */
extern int host_signal;				/* the last send_sig() */
extern struct task_struct *host_signalled;

/* Run in this address space: the load of CR3 drops all translations. */
void host_switch_mm(struct mm_struct *mm);

/* As the program of current would; faults are served until it works or cannot. */
enum host_result host_read(unsigned long addr, void *buf, size_t n);
enum host_result host_write(unsigned long addr, const void *buf, size_t n);

/* Fetch an instruction byte: refused by NX where the processor has it, else like a read. */
enum host_result host_fetch(unsigned long addr, u8 *value);

/*
 * Does the TLB hold anything that the tables in CR3 do not say any more: another
 * frame, or more rights?  A flush was forgotten; *addr is the first such address.
 */
bool host_tlb_is_stale(unsigned long *addr);

/* One byte; -1 - result if that is not HOST_OK. */
int host_peek(unsigned long addr);
enum host_result host_poke(unsigned long addr, u8 value);

/* The entry for an address, 0 if there is none; without the code under test. */
unsigned long host_entry(struct mm_struct *mm, unsigned long addr);

/* All HOST_TABLE entries of its table until the next call, NULL if there is no table. */
#define HOST_TABLE	(PAGE_SIZE / sizeof(long))
const unsigned long *host_table(struct mm_struct *mm, unsigned long addr);

/* A file of so many pages; each byte of page p holds (p + 1) * seed. */
struct file {
	int count;
	struct address_space mapping;
	struct file_ra_state ra;
	unsigned long pages, committed;
	unsigned long size, data;	/* bytes; behind the first `data` of them it is empty */
	u8 seed;
	bool writable, unmappable;
	unsigned long reads;		/* readpage calls */
	int fail;			/* readpage returns this */
};
struct file *host_file(unsigned long pages, u8 seed);
/* ftruncate(): as ramfs does it.  Cut off is cut off: a file that grows again is empty there. */
void host_truncate(struct file *f, unsigned long size);
extern struct file *host_fd[4];		/* what file_for_mmap() finds */

#endif
