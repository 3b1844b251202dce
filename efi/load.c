/* SPDX-License-Identifier: MIT */
/*
 * What a kernel finds in memory: blobs, packages, the trampoline.
 *
 * A blob is a file that travels packed in our image, unpacked as it was built, so that the
 * kernel can compute the checksum again.  A package is a kernel ready to run, with its
 * boot_info and the bitmap for its boot allocator in the same piece of memory.  All lie
 * below BOOT_LOW_LIMIT.
 *
 * A place is found for everything before the exit, and normally it is filled then, while
 * errors can still be shown.  Where the firmware itself holds nearly all memory, placing
 * and filling wait until after the exit.
 *
 * Errors are one line of text for the user, in a static buffer where it needs figures.
 */
#include "core.h"
#include "loader.h"
#include "manifest.h"		/* checksums, from the build */

/* Where the trampoline's spare room keeps a copy of 32-bit firmware's GDT. */
#define TRAMP_FW_GDT	0x1800
#define TRAMP_FW_GDT_MAX 0x800

static char message[200];

static const char *say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	return message;
}

/* ---- blobs ------------------------------------------------------------------------- */

#define HEAD_SIZE	1024		/* ELF header and program headers */

static const struct {
	const char *what;
	const uint8_t *start, *end;	/* packed */
	uint32_t size, crc;		/* unpacked */
} carried[BOOT_BLOBS] = {
	[BOOT_BLOB_KERNEL64] = { "kernel for 4-level paging",
		blob_kernel64, blob_kernel64_end,
		MANIFEST_KERNEL64_SIZE, MANIFEST_KERNEL64_CRC },
	[BOOT_BLOB_KERNEL32] = { "kernel for 2-level paging",
		blob_kernel32, blob_kernel32_end,
		MANIFEST_KERNEL32_SIZE, MANIFEST_KERNEL32_CRC },
	[BOOT_BLOB_INITRAMFS] = { "initramfs",
		blob_initramfs, blob_initramfs_end,
		MANIFEST_INITRAMFS_SIZE, MANIFEST_INITRAMFS_CRC },
};

/* The start of each blob, from which a kernel's size in memory can be told. */
static uint64_t head[BOOT_BLOBS][HEAD_SIZE / 8];

static unsigned kernel_blob(unsigned paging)
{
	return paging == 4 ? BOOT_BLOB_KERNEL64 : BOOT_BLOB_KERNEL32;
}

/* Where unpacked bytes go; what is beyond `room` is only counted. */
struct sink {
	uint8_t *to;
	uint64_t room, size;
	uint32_t crc;
};

static void sink_put(void *ctx, const void *data, size_t n)
{
	struct sink *s = ctx;
	uint64_t left = s->size < s->room ? s->room - s->size : 0;

	memcpy(s->to + (left ? s->size : 0), data, n < left ? n : (size_t)left);
	s->crc = crc32_add(s->crc, data, n);
	s->size += n;
}

/* Unpack blob n to `to`; the checksum is that of what the packed file gave. */
static const char *unpack(unsigned n, void *to, uint64_t room)
{
	struct sink s = { .to = to, .room = room };
	bool ok = gunzip(carried[n].start, carried[n].end - carried[n].start, sink_put, &s);

	if (ok && s.size == carried[n].size && s.crc == carried[n].crc)
		return NULL;
	return say("%s is damaged: CRC %08x, expected %08x; write the stick again",
		   carried[n].what, s.crc, carried[n].crc);
}

const char *blobs_check(void)
{
	const char *err = NULL;
	unsigned n;

	for (n = 0; n < BOOT_BLOBS && !err; n++)
		err = unpack(n, head[n], HEAD_SIZE);
	return err;
}

static const char *blob_fill(struct boot_blob *blob, unsigned n)
{
	const char *err = unpack(n, phys_ptr(blob->where.base), blob->where.size);

	blob->manifest_crc = carried[n].crc;
	/* over the copy, not over what went there */
	blob->loader_crc = crc32_add(0, phys_ptr(blob->where.base), (size_t)blob->where.size);
	if (!err && blob->loader_crc != carried[n].crc)
		err = say("%s did not survive in memory at 0x%llx; test the machine's memory",
			  carried[n].what, (unsigned long long)blob->where.base);
	return err;
}

/* ---- packages ---------------------------------------------------------------------- */

static struct elf_size elf[2];		/* of package[0] and [1] */

static uint64_t bitmap_size(void)
{
	struct memmap m;
	uint64_t end;

	if (EFI_ERROR(memmap_get(&m)))
		return 0;
	end = memmap_ram_end(&m);
	memmap_put(&m);
	return ROUND_UP(end / PAGE_SIZE / 8 + 1, PAGE_SIZE);
}

static uint64_t package_size(const struct boot_package *p)
{
	return p->image.size + p->info.size + p->bitmap.size;
}

static void package_at(struct boot_package *p, unsigned n, uint64_t base)
{
	p->entry = base + elf[n].entry;
	p->image.base = base;
	p->info.base = base + p->image.size;
	p->bitmap.base = p->info.base + p->info.size;
}

/* Sizes of everything, so that only addresses are missing. */
static const char *package_measure(struct boot_package *p, unsigned n, unsigned paging,
				   uint64_t info_room)
{
	unsigned blob = kernel_blob(paging);
	const char *err = elf_measure(head[blob], HEAD_SIZE, carried[blob].size, paging, &elf[n]);

	if (err)
		return say("%s: %s; build the image again", carried[blob].what, err);
	p->paging = paging;
	p->image.size = elf[n].size;
	p->info.size = ROUND_UP(info_room, PAGE_SIZE);
	p->bitmap.size = bitmap_size();
	return p->bitmap.size ? NULL : "the firmware does not give its memory map";
}

static const char *package_fill(const struct boot_info *info, unsigned n)
{
	const struct boot_package *p = &info->package[n];
	unsigned blob = kernel_blob(p->paging);
	const struct boot_range *file = &info->blob[blob].where;
	const char *err;

	err = elf_load(phys_ptr(file->base), file->size, p->paging, &elf[n], p->image.base);
	if (err)
		return say("%s: %s; build the image again", carried[blob].what, err);
	memset(phys_ptr(p->info.base), 0, (size_t)(p->info.size + p->bitmap.size));
	return NULL;
}

/* ---- all of it --------------------------------------------------------------------- */

static bool late;

static const char *too_little(const char *what, uint64_t size)
{
	return say("too little memory: %s needs %llu KiB in one piece below 768 MiB, the "
		   "largest has %llu KiB; give the machine more memory", what,
		   (unsigned long long)size / 1024, (unsigned long long)late_largest() / 1024);
}

const char *load_place(struct boot_info *info, unsigned first, unsigned second,
		       uint64_t info_room)
{
	unsigned paging[2] = { first, second }, n;
	struct boot_package *p;
	const char *err;
	uint64_t base;

	for (n = 0; n < 2 && paging[n]; n++) {
		p = &info->package[n];
		err = package_measure(p, n, paging[n], info_room);
		if (err)
			return err;
		base = low_alloc_type(package_size(p), EfiLoaderCode);
		package_at(p, n, base);
		late |= !base;
	}
	for (n = 0; n < BOOT_BLOBS; n++) {
		info->blob[n].where.size = carried[n].size;
		info->blob[n].where.base = low_alloc(carried[n].size);
		late |= !info->blob[n].where.base;
	}
	return NULL;
}

bool load_is_late(void)
{
	return late;
}

const char *load_place_late(struct boot_info *info, const struct memmap *m)
{
	struct boot_package *p;
	struct boot_range *r;
	unsigned n;

	late_alloc_start(m);
	info->firmware_flags |= BOOT_FW_PLACED_LATE;
	for (n = 0; n < 2; n++) {
		p = &info->package[n];
		if (!p->paging || p->image.base)
			continue;
		package_at(p, n, late_alloc(package_size(p)));
		if (!p->image.base)
			return too_little(carried[kernel_blob(p->paging)].what,
					  package_size(p));
	}
	for (n = 0; n < BOOT_BLOBS; n++) {
		r = &info->blob[n].where;
		if (!r->base)
			r->base = late_alloc(r->size);
		if (!r->base)
			return too_little(carried[n].what, r->size);
	}
	return NULL;
}

const char *load_fill(struct boot_info *info)
{
	const char *err = NULL;
	unsigned n;

	for (n = 0; n < BOOT_BLOBS && !err; n++)
		err = blob_fill(&info->blob[n], n);
	for (n = 0; n < 2 && !err; n++)
		if (info->package[n].paging)
			err = package_fill(info, n);
	return err;
}

/* ---- trampoline -------------------------------------------------------------------- */

/* EFI_MEMORY_ATTRIBUTE_PROTOCOL (UEFI 2.10), which gnu-efi does not have. */
struct memory_attributes {
	EFI_STATUS (EFIAPI *get)(struct memory_attributes *this, EFI_PHYSICAL_ADDRESS base,
				 UINT64 size, UINT64 *attributes);
	EFI_STATUS (EFIAPI *set)(struct memory_attributes *this, EFI_PHYSICAL_ADDRESS base,
				 UINT64 size, UINT64 attributes);
	EFI_STATUS (EFIAPI *clear)(struct memory_attributes *this, EFI_PHYSICAL_ADDRESS base,
				   UINT64 size, UINT64 attributes);
};

#define ATTRIBUTE_XP	0x4000ull

static void make_executable(struct boot_info *info, uint64_t base, uint64_t size)
{
	EFI_GUID guid = { 0xf4560cf6, 0x40ec, 0x4b4a,
			  { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } };
	struct memory_attributes *ma;
	EFI_STATUS status;
	void *interface;

	if (EFI_ERROR(bs->LocateProtocol(&guid, NULL, &interface)))
		return;
	ma = interface;
	info->firmware_flags |= BOOT_FW_MEMATTR;
	status = ma->clear(ma, base, size, ATTRIBUTE_XP);
	/* We jump there on our own tables, or with paging off, so this is not the end. */
	if (EFI_ERROR(status))
		log_line("pagewalk: memory attributes: trampoline stays NX: %s", status_text(status));
}

/*
 * A 32-bit firmware's runtime services load their own selectors; its GDT lies in memory
 * that the kernel takes over, so the trampoline carries a copy.
 */
static void keep_firmware_gdt(struct boot_info *info)
{
	uint32_t size = info->fw_gdtr_limit + 1u;
	uint64_t copy = info->trampoline.base + TRAMP_FW_GDT;

	if (info->firmware_width != 32 || size > TRAMP_FW_GDT_MAX)
		return;
	memcpy(phys_ptr(copy), phys_ptr(info->fw_gdtr_base), size);
	info->fw_gdtr_base = copy;
}

const char *tramp_load(struct boot_info *info)
{
	size_t size = blob_tramp_end - blob_tramp;
	uint64_t base;

	if (size > TRAMP_REQUEST)
		return "the trampoline has outgrown its page; build the image again";
	base = low_alloc_type(TRAMP_SIZE, EfiLoaderCode);
	if (!base)
		return "too little memory: the trampoline needs 12 KiB below 768 MiB; give the "
		       "machine more memory";
	info->trampoline = (struct boot_range){ base, TRAMP_SIZE };
	memset(phys_ptr(base), 0, TRAMP_SIZE);
	memcpy(phys_ptr(base), blob_tramp, size);
	make_executable(info, base, TRAMP_REQUEST);
	keep_firmware_gdt(info);
	return NULL;
}
