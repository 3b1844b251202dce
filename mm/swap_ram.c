/* SPDX-License-Identifier: MIT */
/* A swap device in RAM: an array of frames (contract: mm/swap.h). */
#include <mm/swap.h>
#include "internal.h"
#include <linux/errno.h>

struct ram_disk {
	unsigned long slots;
	struct page *page[];		/* by slot */
};

static int ram_rw(void *dev, unsigned long slot, struct page **pages, unsigned int n, bool write)
{
	struct ram_disk *disk = dev;
	unsigned int i;

	if (slot >= disk->slots || n > disk->slots - slot)
		return -EIO;
	for (i = 0; i < n; i++, slot++)
		copy_highpage(write ? disk->page[slot] : pages[i],
			      write ? pages[i] : disk->page[slot]);
	return 0;
}

static void ram_release(void *dev)
{
	struct ram_disk *disk = dev;
	unsigned long slot;

	for (slot = 0; slot < disk->slots; slot++)
		if (disk->page[slot])
			__free_page(disk->page[slot]);
	vfree(disk);
}

static const struct swap_ops ram_ops = { .rw = ram_rw, .release = ram_release };

/* All frames at once: later there would be none. */
static int fill_disk(struct ram_disk *disk)
{
	unsigned long slot;

	for (slot = 0; slot < disk->slots; slot++) {
		disk->page[slot] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
		if (!disk->page[slot])
			return -ENOMEM;
	}
	swap_make_header(disk->page[0], disk->slots);
	return 0;
}

int swap_ram_add(unsigned long n, int priority)
{
	struct ram_disk *disk = vzalloc(sizeof(*disk) + (n + 1) * sizeof(disk->page[0]));
	int ret;

	if (!disk)
		return -ENOMEM;
	disk->slots = n + 1;
	ret = fill_disk(disk);
	if (!ret)
		ret = swap_device_add("ram", "ramdisk", &ram_ops, disk, disk->slots, priority);
	if (ret < 0)
		ram_release(disk);
	return ret;
}
