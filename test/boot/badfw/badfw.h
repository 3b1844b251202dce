/* SPDX-License-Identifier: MIT */
/*
 * badfw: a UEFI application that makes firmware misbehave, then starts the real one.
 *
 * It gives the real application a copy of the system table whose entries are ours, so
 * that firmware's own drivers never see the lies; what is CPU state (page tables, LA57,
 * interrupt sources) is really switched on.  README.md lists every option.
 *
 * Lifetimes: hooks of boot services live in our image (loader memory, good until the
 * exit has returned); what may be called later - the runtime stubs, the fake system and
 * runtime tables - lives in runtime memory.
 */
#ifndef BADFW_H
#define BADFW_H

#include <stdint.h>
#include <efi.h>

#define PAGE		4096ull
#define MIB		0x100000ull
#define GIB		0x40000000ull
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What \badfw.conf or the fw_cfg file opt/badfw asked for; 0 = behave. */
struct options {
	/* processor */
	UINTN nx, la57, smep, smap, cet, cr4, pat, pae, nopaging;
	/* placement */
	UINTN high;
	/* memory map */
	UINTN desc, many, reverse, shuffle, overlap, zero, types, toosmall;
	UINTN nolow, no64, highram;
	/* ExitBootServices */
	UINTN ebs_fail, ebs_grow, garbage;
	/* interrupts */
	UINTN pic, intr, lapic, lint0;
	/* screen */
	UINTN nogop, pixel, fb, stride;
	/* tables, consoles, runtime services */
	UINTN noacpi, nosmbios, noconout, noconin, reset, gettime, novars;
	UINTN memattr, watchdog, loadopts;
};

enum { PIXEL_REAL, PIXEL_RGB, PIXEL_BGR, PIXEL_MASK, PIXEL_MASK16, PIXEL_BLT };
enum { FB_REAL, FB_LOW, FB_HIGH, FB_HIGHRAM };
enum { MEMATTR_REAL, MEMATTR_NONE, MEMATTR_FAIL, MEMATTR_OK };

extern struct options opt;
extern EFI_SYSTEM_TABLE *real_st;	/* firmware's own */
extern EFI_BOOT_SERVICES *real_bs;
extern EFI_SYSTEM_TABLE *fake_st;	/* what the application gets */
extern EFI_BOOT_SERVICES fake_bs;
extern EFI_HANDLE self;

/* lib.c: output goes to port 0xE9, if it answers there, and to nothing else. */
extern const char *say_prefix;
void say(const char *fmt, ...);		/* %s %d %x (UINTN) %X (UINT64), no more */
void *bf_memcpy(void *to, const void *from, UINTN n);
void bf_memset(void *to, int c, UINTN n);
BOOLEAN same_guid(const EFI_GUID *a, const EFI_GUID *b);
/*
 * Overwrite [start, end) with a pattern that is poison as pointer, PTE or code: each four
 * bytes are 0xdeadb007 ^ (page frame number << 13), cut to 32 bits.
 */
void fill_garbage(UINT64 start, UINT64 end);
void outb(UINT16 port, UINT8 v);
UINT8 inb(UINT16 port);

/*
 * The operand of lgdt, sidt...  In halfwords, because UINTN keeps its alignment even in a
 * packed structure of this target.
 */
struct table_reg {
	UINT16 limit;
	UINT16 half[sizeof(UINTN) / 2];
};

static inline UINTN table_base(const struct table_reg *r)
{
	UINTN v = 0, i;

	for (i = 0; i < ARRAY_SIZE(r->half); i++)
		v |= (UINTN)r->half[i] << (16 * i);
	return v;
}

static inline void set_table_base(struct table_reg *r, UINTN v)
{
	UINTN i;

	for (i = 0; i < ARRAY_SIZE(r->half); i++)
		r->half[i] = (UINT16)(v >> (16 * i));
}

/* opts.c: EFI_SUCCESS, or the reason why the options cannot be used. */
EFI_STATUS options_read(EFI_HANDLE device);
/* Read a file of QEMU's fw_cfg; bytes read, 0 without such a file. */
UINTN fwcfg_file(const char *name, char *to, UINTN room);

/*
 * memmap.c: the lies about memory.
 *
 * map_init() makes them true as far as possible: what shall not exist is allocated, so
 * that no later allocation can return it.  bf_alloc() is AllocatePages within the lie.
 */
EFI_STATUS map_init(void);
EFI_STATUS bf_alloc(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
		    EFI_PHYSICAL_ADDRESS *addr);
/* Pages of real Conventional memory at or above 4 GiB; EFI_NOT_FOUND if there is none. */
EFI_STATUS alloc_above_4g(EFI_MEMORY_TYPE type, UINTN pages, EFI_PHYSICAL_ADDRESS *addr);
/* Show [start, end) in the map as `type`; MAP_ABSENT leaves it out of the map. */
void map_lie(UINT64 start, UINT64 end, UINT32 type, UINT64 set, UINT64 clear);
#define MAP_ABSENT	0xffffffffu
/* Grow the firmware's real map by about `n` descriptors. */
void map_grow(UINTN n);
/* Poison what the application was last told is Conventional. */
void map_poison(void);
/* Call fn for each real piece of Conventional, BootServicesCode... memory. */
void map_each(void (*fn)(UINT32 type, UINT64 start, UINT64 end));
EFI_STATUS EFIAPI fake_get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
			       UINTN *desc_size, UINT32 *desc_version);
EFI_STATUS EFIAPI fake_alloc_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				   EFI_PHYSICAL_ADDRESS *addr);
EFI_STATUS EFIAPI fake_alloc_pool(EFI_MEMORY_TYPE type, UINTN size, void **buf);

/* paging.c: own page tables.  Attributes are those of a page-table entry. */
#define PTE_P	0x001ull
#define PTE_W	0x002ull
#define PTE_U	0x004ull
#define PTE_PS	0x080ull
#define PTE_G	0x100ull
#define PTE_NX	0x8000000000000000ull
EFI_STATUS paging_init(void);		/* build; nothing is switched yet */
EFI_STATUS paging_on(void);		/* our tables; with la57, five levels */
void paging_off(void);			/* back to the firmware's */
/* During a firmware call that starts other processors: all memory executable. */
void paging_relax(void);
void paging_strict(void);
BOOLEAN paging_own(void);
EFI_STATUS paging_attr(UINT64 start, UINT64 end, UINT64 set, UINT64 clear);
UINT64 paging_lookup(UINT64 addr);	/* the leaf entry, 0 = not mapped */
/* Make the code sections of a loaded PE executable and read-only. */
void paging_image(UINTN base);

/* cpu.c */
EFI_STATUS cpu_check(void);		/* has this CPU what the options need? */
void cpu_entry_state(void);		/* CR4 bits, PAT: right before the start */
void cpu_exit_state(void);		/* interrupt sources: right after the exit */
void cpu_restore(void);
EFI_STATUS cpu_tables_high(void);	/* GDT and IDT above 4 GiB */
void cpuid(UINT32 leaf, UINT32 sub, UINT32 r[4]);
UINT64 rdmsr(UINT32 msr);
void wrmsr(UINT32 msr, UINT64 v);
UINTN read_cr0(void);
void write_cr0(UINTN v);
UINTN read_cr3(void);
void write_cr3(UINTN v);
UINTN read_cr4(void);
void write_cr4(UINTN v);
#define CR0_PG		0x80000000ul
#define CR4_PAE		0x00000020ul
#define CR4_LA57	0x00001000ul
#define MSR_EFER	0xc0000080u
#define EFER_NXE	0x800ull

/* services.c: hooks of the boot and runtime services, configuration tables. */
EFI_STATUS services_init(void);
/* gop.c */
EFI_STATUS gop_init(void);
void *gop_wrap(void *real);		/* the fake protocol for a real one */
/* memattr.c: the protocol to hand out, NULL if there shall be none. */
void *memattr_protocol(void);
extern EFI_GUID memattr_guid;

/* image.c */
struct image {
	EFI_HANDLE handle;
	EFI_LOADED_IMAGE *info;
	EFI_IMAGE_ENTRY_POINT entry;
	UINTN stack_top;
};
EFI_STATUS image_load(struct image *img);
EFI_STATUS image_move_high(struct image *img);

/* asm_64.S, asm_32.S */
UINTN EFIAPI bf_call(EFI_IMAGE_ENTRY_POINT entry, EFI_HANDLE handle, EFI_SYSTEM_TABLE *st,
		     UINTN stack_top);
void EFIAPI bf_longret(UINTN status) __attribute__((noreturn));
void EFIAPI irq_stub(void);		/* counts, EOIs both controllers, returns */
extern UINTN irq_count, irq_lapic_eoi;
extern char detour_start[], detour_end[];
extern char rt_stubs_start[], rt_stubs_end[], rt_reset[], rt_gettime[], rt_unsupported[];

#endif
