/* SPDX-License-Identifier: MIT */
/*
 * The half of the loader that places, fills and starts the kernels.
 *
 * Order of calls in efi_main (main.c): everything of loader.h that talks to the user;
 * blobs_check(), load_place(), tramp_load(), identity_alloc(), load_fill();
 * leave_firmware(); identity_fill(), take_over(), bus_masters_off(), tramp_enter().
 *
 * Addresses are physical and 64 bits wide in both widths of firmware.  Boot services are
 * identity-mapped, so a pointer is (type *)(uintptr_t)address for whatever lies where the
 * firmware can reach it.
 */
#ifndef EFI_CORE_H
#define EFI_CORE_H

#include "efi.h"
#include <boot/boot_info.h>
#include <boot/trampoline.h>

#define LOW_START	(1 * MiB)		/* nothing of ours lies below */
#define SPARE_DESCRIPTORS 128			/* the map may grow until we have left */
#define MAX_EXIT_TRIES	16

static inline void *phys_ptr(uint64_t phys)
{
	return (void *)(uintptr_t)phys;
}

struct memmap;

/* ---- alloc.c ----------------------------------------------------------------------- */

/*
 * The lowest free piece of `size` bytes (rounded up to pages) from 1 MiB up and below
 * BOOT_LOW_LIMIT, as EfiLoaderData; its address, or 0 if there is none.  Not cleared.
 */
uint64_t low_alloc(uint64_t size);
/* The same for any type; executable things are EfiLoaderCode. */
uint64_t low_alloc_type(uint64_t size, EFI_MEMORY_TYPE type);
/* Give back what low_alloc gave; size as it was asked for. */
void low_free(uint64_t base, uint64_t size);
/*
 * The same from memory of boot services, too, for use after the exit: start with a map,
 * then allocate.  Calls no firmware; low_alloc must have been called before.  Before the
 * exit it may be used to find out whether there will be enough; start anew then.
 */
void late_alloc_start(const struct memmap *m);
uint64_t late_alloc(uint64_t size);
/* Bytes of the largest such piece, for the message when there is not enough. */
uint64_t late_largest(void);
/* `fragment=N`: N pages of alternating type, so that the memory map gets long. */
void fragment_memory(unsigned pages);

/* ---- memmap.c ---------------------------------------------------------------------- */

struct memmap {
	void *buf;
	UINTN size;			/* of the buffer */
	UINTN used;			/* bytes that the firmware filled */
	UINTN key;
	UINTN desc_size;
	UINT32 desc_version;
};

/* Bytes of the current map; 0 if the firmware cannot say.  Sets *desc_size. */
UINTN memmap_bytes(UINTN *desc_size);
/* The current map into m->buf (m->size bytes).  The only call made while leaving. */
EFI_STATUS memmap_read(struct memmap *m);
/* A pool buffer with room to spare, filled.  buf stays NULL on failure. */
EFI_STATUS memmap_get(struct memmap *m);
void memmap_put(struct memmap *m);
/* Descriptors are stepped by the firmware's size, never by sizeof. */
unsigned memmap_count(const struct memmap *m);
const EFI_MEMORY_DESCRIPTOR *memmap_desc(const struct memmap *m, unsigned i);
/* First address above all memory that can ever be used as RAM, at most 64 GiB. */
uint64_t memmap_ram_end(const struct memmap *m);
/* All memory of a kind that can be used as RAM, in bytes. */
uint64_t memmap_ram_bytes(void);
/* Do two calls in a row give the same bytes?  BOOT_FW_MAP_SELF_CONSISTENT. */
bool memmap_self_consistent(void);

/* ---- elf.c ------------------------------------------------------------------------- */

/* What an ELF file needs in memory. */
struct elf_size {
	uint64_t virt;			/* lowest address, page aligned */
	uint64_t size;			/* bytes with .bss, page aligned */
	uint64_t entry;			/* offset of the entry from virt */
};

/*
 * Read the headers, which are in the first head_len bytes of a file of len bytes; NULL, or
 * a text that says what is wrong with it.
 */
const char *elf_measure(const void *head, uint64_t head_len, uint64_t len, unsigned paging,
			struct elf_size *es);
/*
 * Copy the segments to `base` (es->size bytes), clear .bss, apply R_386_RELATIVE (each
 * word grows by base).  Returns NULL or what is wrong; then `base` holds garbage.
 */
const char *elf_load(const void *file, uint64_t len, unsigned paging,
		     const struct elf_size *es, uint64_t base);

/* ---- load.c: blobs, packages, trampoline ------------------------------------------- */

/*
 * All return NULL or one line that says what is wrong and what to do.  The order is:
 * blobs_check, load_place, then load_fill before the exit, or if load_is_late() is true
 * load_place_late and load_fill after it.
 */

/* Unpack everything once and compare it with the build's checksums. */
const char *blobs_check(void);
/*
 * Find room for the kernels (`second` 0: only one), each with info_room bytes for its
 * boot_info, and for the blobs: info->package[], info->blob[].
 */
const char *load_place(struct boot_info *info, unsigned first, unsigned second,
		       uint64_t info_room);
/* Did something find no room that is free before the exit? */
bool load_is_late(void);
/* Room for the rest in memory of boot services.  Calls no firmware. */
const char *load_place_late(struct boot_info *info, const struct memmap *m);
/* Unpack the blobs and set up the kernels in their places.  Calls no firmware. */
const char *load_fill(struct boot_info *info);
/* Trampoline in low memory, executable also where the firmware gives data NX. */
const char *tramp_load(struct boot_info *info);

/* ---- identity.c -------------------------------------------------------------------- */

/*
 * Tables for 64-bit mode: the first 4 GiB, our image and stack, all EFI_MEMORY_RUNTIME.
 * Allocates room for what the current map asks for and some more; nothing is filled in.
 */
const char *identity_alloc(struct boot_info *info);
/* After the exit, from the final map.  False: a range found no table (it is left out). */
bool identity_fill(struct boot_info *info, const struct memmap *m);
/* A top table for a CPU in 5-level mode: entry 0 leads to identity.base. */
uint64_t identity_pml5(const struct boot_info *info);

/* ---- exit.c ------------------------------------------------------------------------ */

/*
 * GetMemoryMap + ExitBootServices until it works, at most MAX_EXIT_TRIES times.  m->buf
 * and m->size are set; nothing else is called in between or after a failure.  Fills in
 * ebs_* and memmap_* of info.  `stale`: spoil the key of the first try (a test knob).
 */
EFI_STATUS leave_firmware(struct boot_info *info, struct memmap *m, bool stale);

/* ---- busmaster.c ------------------------------------------------------------------- */

/* Bus mastering off for all of PCI but bridges and displays; how many were on. */
unsigned bus_masters_off(void);

/* ---- enter_64.S, enter_32.S -------------------------------------------------------- */

/*
 * Leave the firmware's processor state: interrupts off; PCIDE, CET, SMEP, SMAP, PKE, PGE
 * off; own tables (64-bit firmware: pml4, or pml5 when the CPU is in 5-level mode) or none
 * (32-bit firmware); own stack.  Then next(), which must not return.  From here on memory
 * of boot services may be overwritten.
 */
void __attribute__((noreturn)) take_over(uint64_t pml4, uint64_t pml5, void (*next)(void));
/* Into the trampoline at `tramp`, whose request is filled in; after take_over(). */
void __attribute__((noreturn)) tramp_enter(uint64_t tramp);

/* ---- blobs.S ----------------------------------------------------------------------- */

extern const uint8_t blob_kernel64[], blob_kernel64_end[];
extern const uint8_t blob_kernel32[], blob_kernel32_end[];
extern const uint8_t blob_initramfs[], blob_initramfs_end[];
extern const uint8_t blob_tramp[], blob_tramp_end[];

#endif
