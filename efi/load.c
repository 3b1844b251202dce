/* SPDX-License-Identifier: MIT */
/*
 * What a kernel finds in memory: blobs, packages, the trampoline.
 *
 * A blob is an exact copy of a file inside our image, so that the kernel can compute the
 * checksum again.  A package is a kernel ready to run, with its boot_info and the bitmap
 * for its boot allocator in the same piece of memory.  All lie below BOOT_LOW_LIMIT.
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

static const char *too_little(const char *what, uint64_t size)
{
	return say("too little memory: %s needs %llu KiB in one piece below 768 MiB, the "
		   "largest has %llu KiB; give the machine more memory", what,
		   (unsigned long long)size / 1024, (unsigned long long)low_largest() / 1024);
}

/* ---- blobs ---- */

static const struct {
	const char *what;
	const uint8_t *start, *end;
	uint32_t crc;
} carried[BOOT_BLOBS] = {
	[BOOT_BLOB_KERNEL64] = { "kernel for 4-level paging",
		blob_kernel64, blob_kernel64_end, MANIFEST_KERNEL64_CRC },
	[BOOT_BLOB_KERNEL32] = { "kernel for 2-level paging",
		blob_kernel32, blob_kernel32_end, MANIFEST_KERNEL32_CRC },
	[BOOT_BLOB_INITRAMFS] = { "initramfs",
		blob_initramfs, blob_initramfs_end, MANIFEST_INITRAMFS_CRC },
};

static unsigned kernel_blob(unsigned paging)
{
	return paging == 4 ? BOOT_BLOB_KERNEL64 : BOOT_BLOB_KERNEL32;
}

static const char *blob_check(unsigned n, const void *data, uint64_t size, uint32_t *crc)
{
	*crc = crc32(0, data, (size_t)size);
	if (*crc == carried[n].crc)
		return NULL;
	return say("%s is damaged: CRC %08x, expected %08x; write the stick again",
		   carried[n].what, *crc, carried[n].crc);
}

const char *blobs_check(void)
{
	const char *err = NULL;
	uint32_t crc;
	unsigned n;

	for (n = 0; n < BOOT_BLOBS && !err; n++)
		err = blob_check(n, carried[n].start, carried[n].end - carried[n].start, &crc);
	return err;
}

/*
 * Where memory is so short that the copy finds no place, the original will do if a kernel
 * can reach it there.
 */
static const char *blob_load(struct boot_blob *blob, unsigned n)
{
	uint64_t size = carried[n].end - carried[n].start;
	uint64_t own = (uintptr_t)carried[n].start;

	blob->manifest_crc = carried[n].crc;
	blob->where.size = size;
	blob->where.base = low_alloc(size);
	if (blob->where.base)
		memcpy(phys_ptr(blob->where.base), carried[n].start, (size_t)size);
	else if (own + size <= BOOT_LOW_LIMIT)
		blob->where.base = own;
	else
		return too_little(carried[n].what, size);
	return blob_check(n, phys_ptr(blob->where.base), size, &blob->loader_crc);
}

const char *blobs_load(struct boot_info *info)
{
	const char *err;
	unsigned n;

	for (n = 0; n < BOOT_BLOBS; n++) {
		err = blob_load(&info->blob[n], n);
		if (err)
			return err;
	}
	return NULL;
}

/* ---- packages ---- */

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

const char *package_load(struct boot_info *info, unsigned n, unsigned paging,
			 uint64_t info_room)
{
	struct boot_package *p = &info->package[n];
	unsigned blob = kernel_blob(paging);
	const uint8_t *file = carried[blob].start;
	uint64_t len = carried[blob].end - file;
	uint64_t bitmap = bitmap_size(), base;
	struct elf_size es;
	const char *err;

	if (!bitmap)
		return "the firmware does not give its memory map";
	err = elf_measure(file, len, paging, &es);
	if (err)
		return say("%s: %s; build the image again", carried[blob].what, err);

	info_room = ROUND_UP(info_room, PAGE_SIZE);
	base = low_alloc_type(es.size + info_room + bitmap, EfiLoaderCode);
	if (!base)
		return too_little(carried[blob].what, es.size + info_room + bitmap);
	err = elf_load(file, len, paging, &es, base);
	if (err)
		return say("%s: %s; build the image again", carried[blob].what, err);

	p->paging = paging;
	p->entry = base + es.entry;
	p->image = (struct boot_range){ base, es.size };
	p->info = (struct boot_range){ base + es.size, info_room };
	p->bitmap = (struct boot_range){ base + es.size + info_room, bitmap };
	memset(phys_ptr(p->info.base), 0, (size_t)(info_room + bitmap));
	log_line("pagewalk: %s at 0x%llx, %llu KiB", carried[blob].what, (unsigned long long)base,
		 (unsigned long long)(es.size + info_room + bitmap) / 1024);
	return NULL;
}

/* ---- trampoline ---- */

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
		return too_little("the trampoline", TRAMP_SIZE);
	info->trampoline = (struct boot_range){ base, TRAMP_SIZE };
	memset(phys_ptr(base), 0, TRAMP_SIZE);
	memcpy(phys_ptr(base), blob_tramp, size);
	make_executable(info, base, TRAMP_REQUEST);
	keep_firmware_gdt(info);
	return NULL;
}
