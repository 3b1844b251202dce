/* SPDX-License-Identifier: MIT */
/*
 * The machine that mm/ runs on in host tests (test/host/host.c): RAM is a sparse file in
 * memory, mapped at PAGE_OFFSET; the other kernel windows are filled page by page from
 * swapper_pg_dir when they are touched, and keep what they have until it is flushed.
 */
#ifndef TEST_HOST_HOST_H
#define TEST_HOST_HOST_H

#include <mm/bootmem.h>
#include <mm/mm.h>

#define MIB(n)		((u64)(n) << 20)
/*
 * A hint for mmap.  In 32 bits the top of the address space, where mappings go by themselves, has
 * its shadow at 0x3e000000 and above; the emulator that runs these programs on kernels without
 * IA32 has stack and libraries there, and the sanitizer takes them for poison.
 */
#define HOST_PLACE(addr) ((void *)(sizeof(long) == 4 ? (addr) : 0ul))

#define MIB_PFN(n)	((unsigned long)(MIB(n) >> PAGE_SHIFT))

struct host_range {
	unsigned long start_pfn, end_pfn;	/* RAM; need not be aligned */
};

struct host_machine {
	struct host_range ram[8];		/* ascending; the first empty one ends it */
	unsigned long dma_end;			/* pfn; 0: 16 MiB */
	unsigned long dma32_end;		/* pfn; 0: none */
	unsigned long low_end;			/* pfn: end of the direct map */
	unsigned long bootmem_end;		/* pfn; 0: all RAM */
};

/* DMA 16 MiB, NORMAL to 48 MiB, HIGHMEM to 96 MiB, with a hole at 20 MiB. */
extern const struct host_machine host_small;

/* Map RAM and make the provisional machine: nothing of mm/ has run yet.  Once. */
void host_power_on(const struct host_machine *m);

/* init_bootmem() with the machine's RAM free; frames below 1 MiB and the map are not. */
void host_bootmem(void);

/* Tables for the windows from bootmem, kmap_init(), mem_map. */
void host_paging(void);

/* All of it, up to vmalloc_init(). */
void host_boot(const struct host_machine *m);

extern const struct host_machine *host_machine;

/* Contents of a frame, whatever is mapped; for checks from outside. */
void host_read_frame(unsigned long pfn, void *buf);
void host_write_frame(unsigned long pfn, const void *buf);

/* The same for a part of it. */
void host_frame(unsigned long pfn, unsigned long offset, void *buf, size_t n, bool write);

/* The words of a frame, to look at until the next call. */
const unsigned long *host_view(unsigned long pfn);

/* True if reading one byte of kernel address space faults. */
bool host_faults(const void *addr);

/* Translations made so far. */
extern unsigned long host_tlb_fills;

/* The independent walk of swapper_pg_dir: the entry for an address, 0 if there is none. */
unsigned long host_walk(const pgd_t *pgd, unsigned long addr);

/* Run fn in a copy of the machine; true if it panicked with a message that contains that. */
bool host_panics(void (*fn)(void), const char *message);

/* Run fn in a copy of the machine, or in a process without one yet; true if it returned true. */
bool host_in_copy(bool (*fn)(void));

/* Zeroed memory that such copies have in common. */
void *host_shared(size_t size);

/* The last message of printk(), and how many there were. */
extern char host_last_message[1024];
extern unsigned long host_messages;

#endif
