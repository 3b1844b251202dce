/* SPDX-License-Identifier: MIT */
/*
 * boot_info: the one structure that the loader hands to either kernel.
 *
 * Everything is fixed-width and little-endian, so that a 64-bit loader can feed the
 * 32-bit kernel and the other way round.  All addresses are physical.  The structure
 * stands at the start of the `info` range of its package; what has a variable length
 * (command line, loader messages, memory map) follows it in the same range and is named
 * by its offset from the start of the structure.
 *
 * A package is what one kernel needs to start, in one contiguous, page-aligned piece of
 * memory, because the provisional tables of head_*.S map just this piece:
 *
 *	image (with .bss) | info (this structure and its tail) | bitmap (for bootmem)
 *
 * Package 0 is the kernel that reads the structure, package 1 the other one; package 1
 * has size 0 unless paging=both.  The loader prepares both completely (segments copied,
 * relocated, .bss zeroed, an info area of its own), so that the first kernel starts the
 * second by filling in `results` there and going through the trampoline.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stdint.h>

#define BOOT_INFO_MAGIC		0x6b6c617765676150ull	/* "Pagewalk" */
#define BOOT_INFO_VERSION	4

/* Nothing that either kernel must reach by its direct map lies at or above this. */
#define BOOT_LOW_LIMIT		0x30000000ull		/* 768 MiB */

/* A piece of physical memory, in bytes.  size 0: absent. */
struct boot_range {
	uint64_t base;
	uint64_t size;
};

struct boot_package {
	uint32_t paging;		/* 4 or 2; 0: no such package */
	uint32_t pad;
	uint64_t entry;			/* physical address of the first instruction */
	struct boot_range image;	/* segments and .bss, page aligned */
	struct boot_range info;		/* boot_info and its tail */
	struct boot_range bitmap;	/* room for one bit per page below 64 GiB */
};

enum boot_fb_format {
	BOOT_FB_NONE = 0,		/* no GOP at all */
	BOOT_FB_RGB = 1,		/* byte 0 is red */
	BOOT_FB_BGR = 2,		/* byte 0 is blue */
	BOOT_FB_MASK = 3,		/* see the masks */
	BOOT_FB_BLT_ONLY = 4,		/* a screen, but no linear frame buffer */
};

struct boot_fb {
	uint64_t base;
	uint64_t size;
	uint32_t width, height;		/* pixels */
	uint32_t stride;		/* pixels from one line to the next */
	uint32_t format;		/* enum boot_fb_format */
	uint32_t red_mask, green_mask, blue_mask, reserved_mask;
	uint32_t modes;			/* how many modes the GOP offers */
	uint32_t mode;			/* the one in use */
};

/* The processor as the firmware left it, read before anything was changed. */
struct boot_cpu_state {
	uint64_t cr0, cr3, cr4, efer, pat, apic_base, rflags;
	uint16_t cs, ss;
	uint8_t  pic_mask[2];
	uint16_t pad;
};

/*
 * One thing that the application carries.  `manifest_crc` is the CRC-32 (IEEE 802.3,
 * reflected) computed at build time, `loader_crc` what the loader computed over the copy.
 */
struct boot_blob {
	struct boot_range where;
	uint32_t manifest_crc;
	uint32_t loader_crc;
};

enum { BOOT_BLOB_KERNEL64, BOOT_BLOB_KERNEL32, BOOT_BLOB_INITRAMFS, BOOT_BLOBS };

#define BOOT_MAX_CPIO	16		/* extra archives from the stick */
#define BOOT_MAX_SCREENS	4

/* What an earlier kernel of the same run found (paging=both). */
struct boot_results {
	uint32_t paging;		/* 0: no kernel ran before */
	uint32_t pass, fail, skip;
};

/* firmware_flags */
#define BOOT_FW_SECURE_BOOT	0x0001	/* SecureBoot == 1 */
#define BOOT_FW_SETUP_MODE	0x0002	/* SetupMode == 1 */
#define BOOT_FW_SECURE_KNOWN	0x0004	/* the variable exists */
#define BOOT_FW_MAP_SELF_CONSISTENT 0x0008 /* two GetMemoryMap calls in a row agreed */
#define BOOT_FW_TIME_VALID	0x0010	/* GetTime succeeded */
#define BOOT_FW_NO_CONOUT	0x0020	/* the firmware has no text console */
#define BOOT_FW_MEMATTR		0x0040	/* the memory-attribute protocol exists */
#define BOOT_FW_QEMU_FWCFG	0x0080	/* a fw_cfg with the "QEMU" signature answered */
#define BOOT_FW_VAR_SPACE	0x0100	/* QueryVariableInfo succeeded */
#define BOOT_FW_PLACED_LATE	0x0200	/* kernels or blobs found room only after the exit */

struct boot_info {
	/* 0x000 */
	uint64_t magic;			/* BOOT_INFO_MAGIC */
	uint32_t version;		/* BOOT_INFO_VERSION */
	uint32_t size;			/* sizeof(struct boot_info) */
	uint32_t total_size;		/* with the tail, bytes used of the info range */
	uint32_t firmware_width;	/* 32 or 64 */
	/* 0x018 */
	struct boot_package package[2];
	/* 0x098 */
	struct boot_range trampoline;	/* code, then data: include/boot/trampoline.h */
	struct boot_range identity;	/* identity tables for 64-bit mode; base = CR3 */
	struct boot_range loader_image;	/* the PE as loaded; free after the hand-over */

	struct boot_blob blob[BOOT_BLOBS];
	uint32_t cpio_count;
	uint32_t pad0;
	struct boot_range cpio[BOOT_MAX_CPIO];	/* extra archives, in name order */

	/* Variable parts: offsets from the start of this structure, lengths in bytes. */
	uint32_t cmdline_off, cmdline_len;	/* NUL-terminated, validated key=value */
	uint32_t log_off, log_len;		/* NUL-terminated loader messages, a line each */
	uint32_t memmap_off, memmap_len;	/* the firmware's last map, untouched */
	uint32_t memmap_desc_size, memmap_desc_version;
	uint32_t memmap_count, memmap_crc;	/* CRC-32 taken right after the exit */

	/* Leaving boot services. */
	uint32_t ebs_tries;		/* calls of ExitBootServices, the good one included */
	uint32_t firmware_flags;	/* BOOT_FW_* */
	uint64_t ebs_tsc;		/* TSC ticks spent in that loop */
	uint64_t ebs_key;		/* the map key that was accepted */
	uint64_t stall_tsc;		/* TSC ticks of Stall(stall_us) */
	uint64_t stall_us;
	uint64_t handover_tsc;		/* TSC when the loader jumped */

	/* Firmware. */
	uint64_t system_table, runtime_services, reset_system, get_time;
	uint64_t rsdp, rsdp1, smbios, smbios3;	/* 0: not there */
	uint32_t uefi_revision, firmware_revision;
	char vendor[64];		/* ASCII, NUL-terminated */
	char device_path[128];		/* of the loaded image, as text */
	uint8_t image_sha256[32];	/* of the file that was started; all 0: unreadable */
	uint64_t image_file_size;
	uint64_t var_max, var_free;	/* bytes, by QueryVariableInfo */
	uint16_t year; uint8_t month, day, hour, minute, second, pad1;
	uint32_t esp_other_loaders;	/* files *.EFI on the ESP that are not ours */
	uint32_t esp_writable;		/* 1: the stick can be written */

	struct boot_fb fb;
	struct boot_cpu_state cpu;	/* at efi_main */

	/* 32-bit firmware wants this back before a runtime call. */
	uint64_t fw_gdtr_base, fw_idtr_base;
	uint16_t fw_gdtr_limit, fw_idtr_limit, fw_cs, fw_ds, fw_es, fw_fs, fw_gs, fw_ss;

	struct boot_results results;	/* of the kernel that ran before this one */

	/* Linear frame buffers of all screens: never free memory, wherever they lie. */
	struct boot_range screen[BOOT_MAX_SCREENS];

	/* The report ring is the end of package[0].info: include/boot/report.h; 0: none. */
	uint32_t report_size, pad2;

	uint64_t trace_stop;		/* trace_stopped.at: include/kernel/trace.h */
};

/* The UEFI memory descriptor; step by memmap_desc_size, never by sizeof. */
struct boot_memdesc {
	uint32_t type;
	uint32_t pad;
	uint64_t phys;
	uint64_t virt;
	uint64_t pages;
	uint64_t attribute;
};

#define BOOT_OFF_PACKAGE	0x18
#define BOOT_OFF_INFO_RANGE	(BOOT_OFF_PACKAGE + 0x20)	/* package[0].info */
#define BOOT_OFF_BITMAP_RANGE	(BOOT_OFF_PACKAGE + 0x30)	/* package[0].bitmap */
#define BOOT_OFF_IMAGE_RANGE	(BOOT_OFF_PACKAGE + 0x10)	/* package[0].image */

_Static_assert(__builtin_offsetof(struct boot_info, package) == BOOT_OFF_PACKAGE, "asm");
_Static_assert(__builtin_offsetof(struct boot_package, image) == 0x10, "asm");
_Static_assert(__builtin_offsetof(struct boot_package, info) == 0x20, "asm");
_Static_assert(__builtin_offsetof(struct boot_package, bitmap) == 0x30, "asm");
_Static_assert(sizeof(struct boot_package) == 0x40, "fixed layout in both widths");
_Static_assert(__builtin_offsetof(struct boot_info, trampoline) == 0x98, "fixed layout");
_Static_assert(sizeof(struct boot_info) == 1208, "fixed layout");

#endif
