/* SPDX-License-Identifier: MIT */
/*
 * QEMU's fw_cfg device by its two ports: `make run CMDLINE="..."` hands over keys without
 * touching the image, and tools/replay the fault at which gdb is to stop.
 *
 * Found by its "QEMU" signature and not by CPUID, since `-cpu` can hide the hypervisor.
 * On a PC the ports are not decoded and read 0xff.  The data port advances by itself at
 * each read, so selecting an item again starts it from its beginning.
 */
#include "loader.h"

#define FWCFG_SELECT	0x510
#define FWCFG_DATA	0x511
#define ITEM_SIGNATURE	0x0000
#define ITEM_DIRECTORY	0x0019
#define MAX_FILES	1024		/* QEMU itself allows far fewer */

struct fwcfg_file {			/* big-endian */
	uint32_t size;
	uint16_t select;
	uint16_t reserved;
	char name[56];
};

static void fetch(void *buf, unsigned n)
{
	uint8_t *p = buf;

	while (n--)
		*p++ = inb(FWCFG_DATA);
}

bool fwcfg_present(void)
{
	static int known = -1;
	char sig[4];

	if (known < 0) {
		outw(FWCFG_SELECT, ITEM_SIGNATURE);
		fetch(sig, sizeof(sig));
		known = !memcmp(sig, "QEMU", 4);
	}
	return known;
}

int fwcfg_read(const char *name, char *buf, unsigned size)
{
	struct fwcfg_file file;
	uint32_t count, len;

	if (!fwcfg_present())
		return -1;
	outw(FWCFG_SELECT, ITEM_DIRECTORY);
	fetch(&count, sizeof(count));
	count = __builtin_bswap32(count);
	if (count > MAX_FILES)
		count = MAX_FILES;
	while (count--) {
		fetch(&file, sizeof(file));
		file.name[sizeof(file.name) - 1] = 0;
		if (strcmp(file.name, name))
			continue;
		len = __builtin_bswap32(file.size);
		if (len > size)
			len = size;
		outw(FWCFG_SELECT, __builtin_bswap16(file.select));
		fetch(buf, len);
		return (int)len;
	}
	return -1;
}
