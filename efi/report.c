/* SPDX-License-Identifier: MIT */
/*
 * Reports on the stick: the results of the run before this one, and a record that this one
 * has begun (doc/report.md).
 *
 *	report_pickup()	rings of an earlier run are looked for in memory, checked, written
 *			to \EFI\pagewalk\reports, and wiped; a record without a result is
 *			closed
 *	report_begin()	number and name of this run, size of its rings
 *	report_rings()	they are made, once their packages have a place; calls no firmware
 *	report_write_record()	"started", right before the firmware is left
 *
 * Nothing here is fatal.  What cannot be written is said, and the run goes on.
 */
#include "loader.h"
#include "report.h"

#define DIR		OUR_DIR L"\\reports"
#define ENTRIES_MAX	1024
#define RECORD_MAX	(16 * 1024)
#define OLD_MAX		16		/* files deleted at one start */
#define SCAN_FROM	(1 * MiB)
#define SCAN_TO		(128 * MiB)	/* packages lie as low as can be */
#define CANDIDATES	8
#define QEMU_EXIT_PORT	0xf4

static bool wanted;
static struct report_name newest;	/* on the stick; number 0: none */
static uint64_t this_run;
static struct report_name this_name;

/* ---- files ------------------------------------------------------------------------- */

static void make_path(CHAR16 path[PATH_MAX_CHARS], const char *file)
{
	size_t n = wide_len(DIR);

	memcpy(path, DIR, n * sizeof(CHAR16));
	path[n++] = '\\';
	wide_from_ascii(path + n, PATH_MAX_CHARS - n, file);
}

/* False after a line that says why not. */
static bool write_file(const struct report_name *base, const char *kind, const void *data,
		       size_t len)
{
	struct report_name name = *base;
	CHAR16 path[PATH_MAX_CHARS];
	EFI_STATUS status;
	char text[40];

	strlcpy(name.kind, kind, sizeof(name.kind));
	report_name_text(&name, text, sizeof(text));
	make_path(path, text);
	status = file_write(path, data, len);
	if (!EFI_ERROR(status))
		return true;
	log_warn("pagewalk: report: %s cannot be written to the stick: %s; make room on it or take off its write protection",
		 text, status_text(status));
	return false;
}

/* Is there a stick, and does it take files?  Else one line says so. */
static bool stick_ready(void)
{
	static bool said;

	if (!file_writable()) {
		if (!said)
			log_line("pagewalk: report: the stick cannot be written: no report is left on it");
		said = true;
		return false;
	}
	file_mkdir(OUR_DIR);
	file_mkdir(DIR);
	return true;
}

static bool note_newest(const CHAR16 *name, uint64_t size, bool is_dir, void *arg)
{
	struct report_name found;
	char text[40];

	ascii_from_wide(text, sizeof(text), name);
	if (!is_dir && report_name_parse(text, &found) && !strcmp(found.kind, "json") &&
	    found.number > newest.number)
		newest = found;
	return true;
}

static unsigned next_number(void)
{
	return newest.number < REPORT_NUMBER_MAX ? newest.number + 1 : 1;
}

struct old_files {
	unsigned n;
	char name[OLD_MAX][40];
};

static bool note_old(const CHAR16 *name, uint64_t size, bool is_dir, void *arg)
{
	struct old_files *old = arg;
	struct report_name found;
	char text[40];

	ascii_from_wide(text, sizeof(text), name);
	if (!is_dir && report_name_parse(text, &found) &&
	    found.number + REPORT_KEEP <= newest.number)
		strlcpy(old->name[old->n++], text, sizeof(old->name[0]));
	return old->n < OLD_MAX;
}

static void delete_old(void)
{
	static struct old_files old;
	CHAR16 path[PATH_MAX_CHARS];

	if (newest.number <= REPORT_KEEP)
		return;
	old.n = 0;
	file_list(DIR, ENTRIES_MAX, note_old, &old);
	while (old.n--) {
		make_path(path, old.name[old.n]);
		file_delete(path);
	}
}

/* ---- rings ------------------------------------------------------------------------- */

struct candidate {
	uint64_t base, room;
	bool claimed;
};

static unsigned scan_range(uint64_t base, uint64_t end, struct candidate *found, unsigned n)
{
	uint64_t p;

	for (p = base; p < end && n < CANDIDATES; p += PAGE_SIZE)
		if (*(const volatile uint64_t *)(uintptr_t)p == REPORT_MAGIC)
			found[n++] = (struct candidate){ .base = p, .room = end - p };
	return n;
}

/* Only memory that the firmware calls free: whatever it uses now is no ring any more. */
static unsigned scan(struct candidate *found)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	uint64_t base, end;
	unsigned i, n = 0;
	struct memmap m;

	if (EFI_ERROR(memmap_get(&m)))
		return 0;
	for (i = 0; i < memmap_count(&m); i++) {
		d = memmap_desc(&m, i);
		base = d->PhysicalStart;
		end = base + d->NumberOfPages * PAGE_SIZE;
		if (d->Type != EfiConventionalMemory || end < base)
			continue;
		if (base < SCAN_FROM)
			base = SCAN_FROM;
		if (end > SCAN_TO)
			end = SCAN_TO;
		n = scan_range(base, end, found, n);
	}
	memmap_put(&m);
	return n;
}

static UINTN claim_pages(const struct candidate *c)
{
	return (UINTN)((c->room < REPORT_SIZE ? c->room : REPORT_SIZE) / PAGE_SIZE);
}

/* So that no buffer of ours lands in it. */
static void claim(struct candidate *c)
{
	EFI_PHYSICAL_ADDRESS at = c->base;

	c->claimed = !EFI_ERROR(bs->AllocatePages(AllocateAddress, EfiLoaderData,
						  claim_pages(c), &at));
}

/* It has been read: no later start shall find it again. */
static void wipe(const struct candidate *c)
{
	*(volatile uint64_t *)(uintptr_t)c->base = 0;
	if (c->claimed)
		bs->FreePages(c->base, claim_pages(c));
}

/* Rings of one run, in the order of its kernels; others of it are dropped. */
static void add_ring(struct report_run *run, struct report_ring *ring)
{
	unsigned i;

	if (run->rings == REPORT_RINGS ||
	    (run->rings && run->ring[0]->head.run != ring->head.run)) {
		log_line("pagewalk: report: another ring in memory is not of this run, dropped");
		return;
	}
	i = run->rings++;
	if (i && run->ring[0]->head.index > ring->head.index) {
		run->ring[i] = run->ring[0];
		i = 0;
	}
	run->ring[i] = ring;
}

static void find_rings(struct report_run *run, struct candidate *found, unsigned n)
{
	static struct report_ring ring[CANDIDATES];
	const char *why;
	unsigned i;

	for (i = 0; i < n; i++) {
		claim(&found[i]);
		why = report_ring_open(&ring[i], (const void *)(uintptr_t)found[i].base,
				       found[i].room);
		if (why)
			log_line("pagewalk: report: the ring at 0x%llx is damaged, dropped: %s",
				 (unsigned long long)found[i].base, why);
		else
			add_ring(run, &ring[i]);
	}
}

/* ---- a report ---------------------------------------------------------------------- */

/* The text of all rings, twice over for JSON, and some more. */
static size_t room_for(const struct report_run *run)
{
	size_t n = 64 * 1024;
	unsigned i;

	for (i = 0; i < run->rings; i++)
		n += 3 * (size_t)(run->ring[i]->end - run->ring[i]->first) * REPORT_BLOCK;
	return n;
}

static bool write_text(const struct report_run *run, const char *kind, struct report_out *out,
		       void (*make)(struct report_out *out, const struct report_run *run))
{
	out->len = 0;
	out->full = false;
	make(out, run);
	if (out->full)
		log_line("pagewalk: report: the .%s file is not complete: it is too long", kind);
	return write_file(&run->name, kind, out->buf, out->len);
}

/* The ring with the picture that was made last. */
static const struct report_ring *picture_of(const struct report_run *run)
{
	unsigned i;

	for (i = run->rings; i-- > 0;)
		if (run->ring[i]->picture)
			return run->ring[i];
	return NULL;
}

static bool write_picture(const struct report_run *run)
{
	const struct report_ring *r = picture_of(run);

	return !r || write_file(&run->name, "png", r->picture, r->status.picture_len);
}

static void write_report(const struct report_run *run)
{
	struct report_out out = { .size = room_for(run) };
	void *buf = NULL;
	char text[40];

	if (!stick_ready())
		return;
	if (EFI_ERROR(bs->AllocatePool(EfiLoaderData, out.size, &buf))) {
		log_warn("pagewalk: report: too little memory to write it");
		return;
	}
	out.buf = buf;
	report_name_text(&run->name, text, sizeof(text));
	if (write_text(run, "json", &out, report_json) && write_text(run, "tap", &out, report_tap) &&
	    write_text(run, "txt", &out, report_txt) && write_picture(run))
		log_line("pagewalk: report: written to \\EFI\\pagewalk\\reports\\%s.txt, .tap, .json%s",
			 text, picture_of(run) ? ", .png" : "");
	bs->FreePool(buf);
}

/* What the record of the newest run says. */
struct pending {
	bool open;
	uint64_t run;
	const char *machine;
	size_t machine_len;
	char text[RECORD_MAX];
};

static void read_pending(struct pending *p)
{
	CHAR16 path[PATH_MAX_CHARS];
	uint64_t size;
	char file[40];
	UINTN got;

	p->open = false;
	p->machine = NULL;
	file_list(DIR, ENTRIES_MAX, note_newest, NULL);
	if (!newest.number)
		return;
	report_name_text(&newest, file, sizeof(file));
	make_path(path, file);
	if (!EFI_ERROR(file_read(path, p->text, sizeof(p->text), &got, &size)))
		p->open = report_record_parse(p->text, got, &p->run, &p->machine, &p->machine_len);
}

/* A run that left no result: that is a finding. */
static void close_record(const struct pending *p)
{
	static const char finding[] = "lost: the run never came back after the step \"leaving boot "
		"services\"; it hung, or memory was not kept until the next start: power off, or a firmware that clears it";
	struct report_out out = { .size = 4096 };
	void *buf = NULL;

	log_line("pagewalk: report: run %s-%u %s", newest.date, newest.number, finding);
	if (!stick_ready() || EFI_ERROR(bs->AllocatePool(EfiLoaderData, out.size, &buf)))
		return;
	out.buf = buf;
	report_record(&out, &newest, p->run, "lost", finding, p->machine, p->machine_len);
	write_file(&newest, "json", out.buf, out.len);
	bs->FreePool(buf);
}

/* The name that the record gave; a run of another stick gets the next number on this one. */
static void name_report(struct report_run *run, const struct pending *p)
{
	const struct report_head *h = &run->ring[0]->head;

	if (p->open && p->run == h->run) {
		run->name = newest;
		run->machine = p->machine;
		run->machine_len = p->machine_len;
	} else {
		strlcpy(run->name.date, h->date, sizeof(run->name.date));
		run->name.number = newest.number >= h->number ? next_number() : h->number;
	}
	run->name.kind[0] = '\0';
}

/* ---- stopping ---------------------------------------------------------------------- */

static uint8_t qemu_status(const char *state)
{
	return !strcmp(state, "passed") ? 0x10 : !strcmp(state, "failed") ? 0x11 : 0x12;
}

static void wait_for_key(void)
{
	EFI_INPUT_KEY key;

	log_line("pagewalk: report: stopped; a key starts a new run");
	if (st->ConIn)
		st->ConIn->Reset(st->ConIn, false);
	while (!st->ConIn || EFI_ERROR(st->ConIn->ReadKeyStroke(st->ConIn, &key)))
		bs->Stall(50000);
}

/*
 * A run that resets the machine by itself must not begin again by itself: its report was
 * what the reset was for, or it would fail again and again.
 */
static void stop(const char *state)
{
	const char *how = config_get("exit");

	if (how && !strcmp(how, "qemu"))
		outb(QEMU_EXIT_PORT, qemu_status(state));
	if (how && !strcmp(how, "poweroff"))
		rt->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	wait_for_key();
}

static void show(const struct report_run *run)
{
	char name[40], text[240];

	report_name_text(&run->name, name, sizeof(name));
	report_summary(run, text, sizeof(text));
	log_line("pagewalk: report: run %s %s", name, text);
}

void report_pickup(void)
{
	static struct report_run run;
	struct candidate found[CANDIDATES];
	struct pending *p;
	const char *state = NULL;
	unsigned n, i;
	void *buf = NULL;

	wanted = !config_get("report") || strcmp(config_get("report"), "off");
	if (!wanted)
		return;
	n = scan(found);
	find_rings(&run, found, n);
	if (EFI_ERROR(bs->AllocatePool(EfiLoaderData, sizeof(*p), &buf)))
		return;
	p = buf;
	read_pending(p);
	if (run.rings) {
		name_report(&run, p);
		show(&run);
		write_report(&run);
		if (run.name.number > newest.number)
			newest = run.name;
		state = report_state_word(&run);
	} else if (p->open) {
		close_record(p);
	}
	for (i = 0; i < n; i++)
		wipe(&found[i]);
	bs->FreePool(buf);
	if (state && (report_restarted(&run) || (strcmp(state, "passed") && strcmp(state, "failed"))))
		stop(state);
}

/* ---- this run ---------------------------------------------------------------------- */

static void describe_machine(struct report_out *out, const struct boot_info *info)
{
	UINTN desc_size = 1, map = memmap_bytes(&desc_size);
	int secure = platform_secure_boot();
	char time[24] = "unknown";
	unsigned i;

	if (info->firmware_flags & BOOT_FW_TIME_VALID)
		snprintf(time, sizeof(time), "%04u-%02u-%02u %02u:%02u:%02u", info->year, info->month,
			 info->day, info->hour, info->minute, info->second);
	report_put(out, "  \"machine\": {\"time\": \"%s\", \"firmware\": ", time);
	report_put_json(out, info->vendor);
	report_put(out, ", \"revision\": \"0x%08x\", \"uefi\": \"%u.%u\", \"bits\": %u, \"secure_boot\": \"%s\", ",
		   info->firmware_revision, info->uefi_revision >> 16,
		   (info->uefi_revision & 0xffff) / 10, info->firmware_width,
		   secure < 0 ? "unknown" : secure ? "on" : "off");
	report_put(out, "\"map_descriptors\": %u, \"rsdp\": \"0x%llx\", \"smbios\": \"0x%llx\", \"stall_us\": %llu, \"stall_tsc\": %llu, ",
		   (unsigned)(map / desc_size), (unsigned long long)info->rsdp,
		   (unsigned long long)(info->smbios3 ? info->smbios3 : info->smbios),
		   (unsigned long long)info->stall_us, (unsigned long long)info->stall_tsc);
	report_put(out, "\"started_from\": ");
	report_put_json(out, info->device_path);
	report_put(out, ", \"image_sha256\": \"");
	for (i = 0; i < sizeof(info->image_sha256); i++)
		report_put(out, "%02x", info->image_sha256[i]);
	report_put(out, "\"},");
}

void report_write_record(const struct boot_info *info)
{
	struct report_out out = { .size = 4096 }, machine = { .size = 2048 };
	char text[40];
	void *buf = NULL;

	if (!info->report_size || !stick_ready())
		return;
	if (EFI_ERROR(bs->AllocatePool(EfiLoaderData, out.size + machine.size, &buf)))
		return;
	out.buf = buf;
	machine.buf = out.buf + out.size;
	describe_machine(&machine, info);
	report_record(&out, &this_name, this_run, "started", "leaving boot services", machine.buf,
		      machine.len);
	if (!out.full && write_file(&this_name, "json", out.buf, out.len)) {
		report_name_text(&this_name, text, sizeof(text));
		log_line("pagewalk: report: this is run %s", text);
		newest = this_name;
		delete_old();
	}
	bs->FreePool(buf);
}

void report_begin(struct boot_info *info)
{
	info->report_size = 0;
	if (!wanted)
		return;
	info->report_size = memmap_ram_bytes() < REPORT_SMALL_RAM ? REPORT_SIZE_SMALL : REPORT_SIZE;
	report_date(this_name.date, info->year, info->month, info->day);
	this_name.number = next_number();
	this_run = rdtsc() ^ (uint64_t)info->second << 58 ^ (uint64_t)this_name.number << 40;
}

void report_rings(const struct boot_info *info)
{
	unsigned n, kernels = info->package[1].paging ? 2 : 1;

	for (n = 0; n < kernels && info->report_size; n++) {
		const struct boot_package *p = &info->package[n];

		report_ring_make(phys_ptr(p->info.base + p->info.size - info->report_size),
				 info->report_size, &this_name, this_run, p->paging, n, kernels);
	}
}
