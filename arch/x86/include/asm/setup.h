/* SPDX-License-Identifier: MIT */
/* What early boot leaves behind: the image, the hand-over, the first look at memory. */
#ifndef ASM_SETUP_H
#define ASM_SETUP_H

#include <boot/boot_info.h>
#include <asm/pgtable.h>
#include <mm/mm.h>

/* The image, by address; vmlinux.lds.S. */
extern char _head[], _text[], _etext[], _rodata[], _erodata[], _data[], _edata[];
extern char __bss_start[], __bss_stop[], _end[];
extern char provisional_tables[], provisional_tables_end[];
extern pte_t early_fix_pt[PTRS_PER_PTE];
extern char init_stack[];

/* Control registers around the load of CR3 in head_*.S; offsets known there. */
struct early_log {
	unsigned long cr0_before, cr3_before, cr4_before, ip_before;
	unsigned long cr0_after, cr3_after, cr4_after, ip_after;
};
extern struct early_log early_log;

/*
 * The hand-over, at an address that is valid now: first in the provisional mapping, from
 * paging_init() on in the direct map.  Its memory is never given away.
 */
extern struct boot_info *boot_info;

/* Will this kernel start the other one?  Then what both read must stay as it is. */
static inline bool other_kernel_follows(void)
{
	return boot_info->package[1].paging && !boot_info->results.paging;
}

/* Everything up to zones and mem_map; sleeps never, panics on what cannot be survived. */
void setup_arch(void);

/*
 * Sort out the memory that the loader named: free usable RAM without what is in use.
 * Callable once, before bootmem.
 */
#define RAM_MAX 2048

struct mem_range {
	u64 start, end;		/* bytes, page aligned, [start, end) */
};

enum mem_class {
	MEM_CONVENTIONAL,	/* free under the firmware */
	MEM_BOOT_SERVICES,	/* ours since ExitBootServices */
	MEM_LOADER,		/* what the loader used: free but for the packages */
	MEM_RUNTIME,
	MEM_ACPI,
	MEM_RESERVED,
	MEM_MMIO,
	MEM_OTHER,		/* persistent, unaccepted, special purpose, not WB, OEM */
	MEM_CLASSES
};

extern const char *const mem_class_name[MEM_CLASSES];

/* Bytes of each class as the firmware's map has them, before anything is taken away. */
extern u64 mem_class_bytes[MEM_CLASSES];

/* Free usable RAM, sorted, disjoint, not touching: what bootmem and the buddy get. */
extern struct mem_range ram[RAM_MAX];
extern unsigned ram_count;

/* Runs of RAM of any kind, small holes included: what the direct map and mem_map cover. */
#define SPAN_MAX 64
extern struct mem_range spans[SPAN_MAX];
extern unsigned span_count;

extern u64 usable_bytes;		/* above 1 MiB, usable by the map, mem= applied */
extern u64 unreachable_bytes;		/* usable, but above what this mode can address */
extern u64 lost_bytes;			/* usable, but more pieces than RAM_MAX */

/* The frames of span i that have descriptors: whole blocks of the buddy system. */
void span_pfns(unsigned i, unsigned long *start, unsigned long *end);

enum mem_class memdesc_class(const struct boot_memdesc *d);
const struct boot_memdesc *memdesc(unsigned i);	/* i < boot_info->memmap_count */
void memmap_setup(void);
void memmap_reserve(u64 start, u64 size, const char *what);

/* What paging_init() did, kept for the rows E1, K1, K4 and K7. */
enum boot_step {
	STEP_PAGING_INIT,
	STEP_PAGETABLE_INIT,
	STEP_KERNEL_PHYSICAL_MAPPING_INIT,
	STEP_ONE_MD_TABLE_INIT,
	STEP_ONE_PAGE_TABLE_INIT,
	STEP_PERMANENT_KMAPS_INIT,
	STEP_LOAD_CR3,
	STEP_FLUSH_TLB_ALL,
	STEP_KMAP_INIT,
	BOOT_STEPS
};

struct boot_step_log {
	unsigned calls;
	unsigned first_enter, last_leave;	/* sequence numbers, from 1 */
	unsigned tables;	/* table pages made inside, the makers' own included */
	unsigned own_tables;	/* made while this was the innermost step */
};

struct paging_log {
	struct boot_step_log step[BOOT_STEPS];
	unsigned sequence;
	unsigned md_tables;		/* middle-level pages made */
	unsigned pte_tables;		/* page tables made */
	unsigned direct_pte_tables;	/* those of the direct map */
	unsigned direct_md_tables;
	unsigned vmemmap_tables;	/* made for mem_map, after paging_init() */
	unsigned replaced_tables;	/* given back: a large entry of a device is there */
	unsigned large_1g, large_pmd;	/* large pages in the direct map */
	unsigned long primed_addr;	/* K7: identity address read before the load */
	bool primed_before, primed_after;	/* could it be read? */
};
extern struct paging_log paging_log;
extern const char *const boot_step_name[BOOT_STEPS];

/* E1: the provisional tables as the first C instruction found them. */
struct early_run {
	unsigned long va, pages;
	phys_addr_t pa;
};
#define EARLY_RUNS 8
struct early_snapshot {
	struct early_run run[EARLY_RUNS];
	unsigned runs;			/* > EARLY_RUNS: some were not kept */
	unsigned long pages;		/* mapped, all runs */
	unsigned long tables;		/* table pages reachable, the top one included */
	unsigned long cr3;
	bool shared;			/* identity and high half use the same page tables */
};
extern struct early_snapshot early_snapshot;
void early_snapshot_take(void);

/*
 * The chain of the books; called by setup_arch() with bootmem ready.  On return every
 * table is final and swapper_pg_dir is in CR3.
 */
void paging_init(void);
/* Memory for the descriptors of all spans, mapped at mem_map; not yet filled in. */
void mem_map_init(void);

/* Give what the zones and mem_map know to the buddy system; bootmem retires. */
void mem_init(void);

/* The protection that the image's page at `offset` must have where it runs. */
pgprot_t kernel_image_prot(unsigned long offset);

/* Early stack before the task stacks' window exists, later none of anybody's business. */
#define INIT_STACK_SIZE	0x4000

#endif
