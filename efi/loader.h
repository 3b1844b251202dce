/* SPDX-License-Identifier: MIT */
/*
 * The loader's private interface: what talks to the user and to the firmware (log,
 * configuration, menu, GOP, platform, files) on one side, what loads and starts the
 * kernels (main, load, exit, memmap) on the other.
 *
 * Order of calls in efi_main, all before ExitBootServices:
 *
 *	cpu_state_read()	first instruction after the watchdog is off
 *	log_init()		then log_line() works
 *	file_init()		the volume we were started from; may fail, then no files
 *	config_read(&opt)	last.conf, pagewalk.conf, LoadOptions, fw_cfg
 *	report_pickup()		the report of the run before; may stop here
 *	menu_run(&opt)		may change opt, rewrites last.conf
 *	config_cmdline(&opt)	opt.cmdline is final after this
 *	gop_init(&opt)		chooses the screen and sets its mode
 *	cpio_read(&info)	extra archives (uses low_alloc)
 *	platform_fill(&info)	firmware, tables, variables, clock, hash, device path
 *	... load kernels ...
 *	gop_fill(&info.fb)	last: console output may have changed the mode
 *	log_leaving()		"leaving boot services" on every console
 *	log_text(&len)		copied to the tail of boot_info; nothing is logged after it
 *	GetMemoryMap / ExitBootServices
 *
 * Nothing here is fatal: a missing console, volume, protocol or variable is logged and
 * leaves zeros behind.  Every wait is bounded.
 *
 * Objects of this side: log, config, options, fwcfg, file, menu, letters, gop, platform,
 * cpustate, devpath, sha256, cpio, report.  From the other side it uses efi.h (st, bs, rt, self,
 * lib.c) and of core.h low_alloc(), low_free(), memmap_*().
 */
#ifndef EFI_LOADER_H
#define EFI_LOADER_H

#include "efi.h"
#include "core.h"
#include <boot/boot_info.h>

#define CMDLINE_MAX	4096		/* boot_info.cmdline with its NUL */

enum { PAGING_2 = 2, PAGING_4 = 4, PAGING_BOTH = 6 };

/*
 * The merged, validated configuration.  Plain values are only those that the loader
 * itself acts on; the kernel parses `cmdline`, which holds every key that was given.
 */
struct options {
	unsigned paging;		/* PAGING_4 (default), PAGING_2 or PAGING_BOTH */
	unsigned timeout;		/* seconds of menu, 0: no menu; default 3 */
	uint64_t mem;			/* bytes, 0: all */
	uint64_t lowmem;		/* bytes, 0: all */
	unsigned fragment;		/* one-page pool allocations to make a large map; 0: none */
	int gop;			/* index among the distinct screens, -1: choose */
	unsigned screen_w, screen_h;	/* wanted mode, 0: keep the current one */
	char cmdline[CMDLINE_MAX];	/* "key=value key=\"a b\" ...", NUL-terminated */
	uint32_t cmdline_len;		/* without the NUL */
};

/* ---- log.c ------------------------------------------------------------------------- */

/* Probe COM1 and port 0xE9.  Safe with st->ConOut == NULL.  Call once, first. */
void log_init(void);
/*
 * One line (no '\n' in fmt, at most 500 characters) to ConOut, COM1, port 0xE9 and the
 * buffer.  Never fails; what does not fit into the buffer is only shown.
 */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same in yellow, for what the user should correct; the menu repeats these. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Not on the firmware's screen, which the menu owns at that time. */
void log_quiet(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* How many log_warn() so far, and the text of number i (NUL-terminated; "" if forgotten). */
unsigned log_warnings(void);
const char *log_warning(unsigned i);
/* "leaving boot services" on every console; from here on ConOut is not touched. */
void log_leaving(void);
/* The collected lines, '\n' after each, NUL-terminated; len without the NUL, < 32 KiB. */
const char *log_text(uint32_t *len);
/* After the exit: COM1 and port 0xE9 only (no firmware call); for last-resort errors. */
void log_raw(const char *s);
/* A few words for an EFI_STATUS ("not found"); a hex figure for what we do not know. */
const char *status_text(EFI_STATUS status);
/* Is there a text console of the firmware?  (BOOT_FW_NO_CONOUT) */
bool log_has_conout(void);
/* edk2 puts this on each device that is part of its text console. */
extern EFI_GUID console_out_guid;

/* ---- config.c, options.c, fwcfg.c -------------------------------------------------- */

/* Fill opt from all four sources, report what is wrong.  Never fails. */
void config_read(struct options *opt);
/*
 * What the user chose in the menu: holds for this run, over all sources, and is put into
 * last.conf by config_remember().  value NULL: not set.  A bad value is ignored.
 */
void config_set(struct options *opt, const char *key, const char *value);
/* The value of a key, NULL if it is not set. */
const char *config_get(const char *key);
/* What holds when the key is not set, as text. */
const char *config_preset(const char *key);
/* Write the merged keys to opt->cmdline and log them. */
void config_cmdline(struct options *opt);
/* Rewrite last.conf if config_set() changed something that it says. */
void config_remember(void);

/* One key of <boot/options.h>. */
struct option_def {
	const char *name;
	unsigned kind;
	const char *values;
	uint64_t min, max;
	const char *preset, *help;
};

#define VALUE_MAX	1024		/* longest value with its NUL */

/* Definition of key i; index of a name or -1. */
const struct option_def *option_def(unsigned i);
int option_find(const char *name);
/* Is the value allowed? */
bool option_valid(const struct option_def *def, const char *value);
/* "paging=4|2|both": how to write the key, for messages. */
void option_usage(const struct option_def *def, char *buf, size_t size);
/* "yes", "on", "true", "1" (1), "no", "off", "false", "0" (0), anything else -1. */
int option_flag(const char *value);
/* "800x600"; false if it is not a size. */
bool option_screen(const char *value, unsigned *w, unsigned *h);

/* fw_cfg file `name` into buf (size bytes); the length, or -1: no fw_cfg or no file. */
int fwcfg_read(const char *name, char *buf, unsigned size);
/* Did a fw_cfg device with the "QEMU" signature answer?  (BOOT_FW_QEMU_FWCFG) */
bool fwcfg_present(void);

/* ---- menu.c ------------------------------------------------------------------------ */

/* The timed menu on firmware console.  Returns at once if opt->timeout is 0. */
void menu_run(struct options *opt);

/* ---- letters.c --------------------------------------------------------------------- */

/*
 * Can text be drawn in large letters, and is the screen large enough to need it?  Then
 * true, *columns and *lines are cut to what fits, and letters_put() takes the place of
 * OutputString on all of the console.
 */
bool letters_init(unsigned *columns, unsigned *lines);
void letters_put(unsigned x, unsigned y, UINTN attribute, const CHAR16 *s);
/* Black again, before the firmware draws its own text. */
void letters_clear(void);

/* ---- gop.c ------------------------------------------------------------------------- */

/* Choose the GOP (ConOut's first, deduplicated by base, gop=N), apply screen=. */
void gop_init(const struct options *opt);
/* Current state of the chosen GOP; fb->format BOOT_FB_NONE if there is none. */
void gop_fill(struct boot_fb *fb);
/*
 * Every linear frame buffer of the machine, the unused ones too: they must be taken out
 * of free memory, since one can lie inside RAM.  Returns how many (at most max).
 */
unsigned gop_ranges(struct boot_range *ranges, unsigned max);

/* ---- platform.c, cpustate.c, devpath.c --------------------------------------------- */

/* Control registers, MSRs, 8259 masks; for 32-bit firmware GDTR, IDTR, segments. */
void cpu_state_read(void);
/*
 * Fill the firmware part of info: cpu, fw_*, system_table .. get_time, rsdp, smbios,
 * revisions, vendor, device_path, image_sha256, image_file_size, var_*, the date,
 * stall_*, esp_*, and firmware_flags (ORed in, without BOOT_FW_MAP_SELF_CONSISTENT).
 */
void platform_fill(struct boot_info *info);
/* The part of it that cpu_state_read() found. */
void cpu_state_fill(struct boot_info *info);
/* Append a device path to the text in buf (size with its NUL; cut if it is longer). */
void device_path_text(const void *path, char *buf, size_t size);
/* 1: SecureBoot on, 0: off, -1: the firmware does not say. */
int platform_secure_boot(void);

/* ---- file.c ------------------------------------------------------------------------ */

/*
 * Find our loaded image and open the volume of its DeviceHandle.  EFI_NOT_FOUND: no file
 * system (started from a network or from memory).
 */
EFI_STATUS file_init(void);
/*
 * At most `max` bytes of a file into buf; *got is what was read, *size the file's size.
 * `path` has backslashes and starts at the root.
 */
EFI_STATUS file_read(const CHAR16 *path, void *buf, UINTN max, UINTN *got, uint64_t *size);
/* Replace the file's contents; the file and our directory are made if need be. */
EFI_STATUS file_write(const CHAR16 *path, const void *buf, UINTN len);
/* Open for reading; close with (*f)->Close(*f). */
EFI_STATUS file_open(const CHAR16 *path, EFI_FILE_HANDLE *f);
/*
 * Call fn for each entry of a directory (not "." and "..") until it returns false or
 * `max` entries were seen.  `name` is valid during the call only.
 */
EFI_STATUS file_list(const CHAR16 *dir, unsigned max,
		     bool (*fn)(const CHAR16 *name, uint64_t size, bool is_dir, void *arg),
		     void *arg);
/* Can files be written, as far as the firmware says and as earlier writes went? */
bool file_writable(void);
/* The path that we were started by, with backslashes; "" if the firmware gave none. */
void file_own_path(CHAR16 *path, size_t n);
/* The protocol on `self`; NULL if the firmware does not have it. */
EFI_LOADED_IMAGE *file_loaded_image(void);
/* Compare names as FAT does, without case; < 0, 0, > 0. */
int file_name_cmp(const CHAR16 *a, const CHAR16 *b);
/* Does the name end with this suffix, in any case? */
bool file_name_ends(const CHAR16 *name, const CHAR16 *suffix);
/* Our own directory on the stick. */
#define OUR_DIR		L"\\EFI\\pagewalk"
#define PATH_MAX_CHARS	256

/* Make a directory, unless it is there; its parent must be. */
void file_mkdir(const CHAR16 *path);
void file_delete(const CHAR16 *path);

/* ---- report.c ---------------------------------------------------------------------- */

/*
 * Before the menu, and before anything is allocated: rings that a run before this one has
 * left in memory become files on the stick.  Does not return before a key is pressed, or
 * switches off, when that run reset the machine by itself.
 */
void report_pickup(void);
/* Name of this run; sets info->report_size: at the end of each package's info range. */
void report_begin(struct boot_info *info);
/* Write the rings' heads into filled packages.  Calls no firmware. */
void report_rings(const struct boot_info *info);
/* The record of this run on the stick: the last thing before the firmware is left. */
void report_write_record(const struct boot_info *info);

/* ---- cpio.c ------------------------------------------------------------------------ */

/* Read \EFI\pagewalk\*.cpio in name order; fills cpio_count and cpio[]. */
void cpio_read(struct boot_info *info);

/* ---- sha256.c ---------------------------------------------------------------------- */

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);
void sha256_final(struct sha256 *s, uint8_t hash[32]);

#endif
