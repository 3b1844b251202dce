/* SPDX-License-Identifier: MIT */
/*
 * Extra files for the initramfs: every \EFI\pagewalk\*.cpio, in name order.
 *
 * Archives are read as they are (the kernel unpacks and checks them) into loader data
 * below 768 MiB.  One that is too large or unreadable is skipped with a line that says so:
 * a copied stick must boot even if somebody put a DVD image next to us.
 */
#include "loader.h"

#define NAME_CHARS	64

struct archive {
	CHAR16 name[NAME_CHARS];
	uint64_t size;
};

static struct archive list[BOOT_MAX_CPIO];
static unsigned list_len;
static unsigned too_many;

static const char *shown(const CHAR16 *name)
{
	static char text[NAME_CHARS];

	ascii_from_wide(text, sizeof(text), name);
	return text;
}

/* Keep the list sorted; with more than fit, the last names are left out. */
static bool collect(const CHAR16 *name, uint64_t size, bool is_dir, void *arg)
{
	unsigned at = list_len;

	if (is_dir || !file_name_ends(name, L".cpio"))
		return true;
	if (wide_len(name) >= NAME_CHARS) {
		log_warn("a .cpio file with a name of more than %u characters is skipped; "
			 "rename it", NAME_CHARS - 1);
		return true;
	}
	while (at && file_name_cmp(name, list[at - 1].name) < 0)
		at--;
	if (list_len == BOOT_MAX_CPIO)
		too_many++;
	else
		list_len++;
	if (at == BOOT_MAX_CPIO)
		return true;
	memmove(&list[at + 1], &list[at], (list_len - 1 - at) * sizeof(list[0]));
	memcpy(list[at].name, name, (wide_len(name) + 1) * sizeof(CHAR16));
	list[at].size = size;
	return true;
}

/* Bytes of RAM that will be ours after the exit. */
static uint64_t memory_total(void)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	struct memmap m;
	uint64_t pages = 0;
	unsigned i;

	memset(&m, 0, sizeof(m));
	if (EFI_ERROR(memmap_get(&m)))
		return 0;
	for (i = 0; i < memmap_count(&m); i++) {
		d = memmap_desc(&m, i);
		if (d->Type >= EfiLoaderCode && d->Type <= EfiConventionalMemory &&
		    d->Type != EfiRuntimeServicesCode && d->Type != EfiRuntimeServicesData)
			pages += d->NumberOfPages;
	}
	memmap_put(&m);
	return pages * PAGE_SIZE;
}

static bool read_one(const struct archive *a, uint64_t limit, struct boot_range *range)
{
	CHAR16 path[NAME_CHARS + 32] = OUR_DIR L"\\";
	EFI_STATUS status;
	uint64_t base, size;
	UINTN got;

	if (!a->size) {
		log_warn("%s: is empty, skipped; copy it to the stick again", shown(a->name));
		return false;
	}
	if (a->size > limit) {
		log_warn("%s: %llu KiB are more than a quarter of memory (%llu KiB), skipped; "
			 "make it smaller", shown(a->name),
			 (unsigned long long)a->size >> 10, (unsigned long long)limit >> 10);
		return false;
	}
	base = low_alloc(a->size);
	if (!base) {
		log_warn("%s: no free memory for its %llu KiB; skipped, make it smaller",
			 shown(a->name), (unsigned long long)a->size >> 10);
		return false;
	}
	memcpy(path + wide_len(path), a->name, sizeof(a->name));
	status = file_read(path, phys_ptr(base), (UINTN)a->size, &got, &size);
	if (!EFI_ERROR(status) && got == a->size) {
		range->base = base;
		range->size = a->size;
		return true;
	}
	log_warn("%s: cannot be read (%s), skipped; copy it to the stick again", shown(a->name),
		 EFI_ERROR(status) ? status_text(status) : "it is shorter than its directory says");
	low_free(base, a->size);
	return false;
}

void cpio_read(struct boot_info *info)
{
	uint64_t limit;
	unsigned i;

	info->cpio_count = 0;
	list_len = 0;
	too_many = 0;
	if (EFI_ERROR(file_list(OUR_DIR, 1024, collect, NULL)) || !list_len)
		return;
	if (too_many)
		log_warn("\\EFI\\pagewalk: only the first %u .cpio files are used, %u are left "
			 "out; join some of them", BOOT_MAX_CPIO, too_many);
	limit = memory_total() / 4;
	for (i = 0; i < list_len; i++) {
		if (!read_one(&list[i], limit, &info->cpio[info->cpio_count]))
			continue;
		log_line("pagewalk: %s, %llu KiB, goes over the initramfs", shown(list[i].name),
			 (unsigned long long)list[i].size >> 10);
		info->cpio_count++;
	}
}
