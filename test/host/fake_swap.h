/* SPDX-License-Identifier: MIT */
/* A swap device of the host tests: an array, which can be made to fail. */
#ifndef TEST_HOST_FAKE_SWAP_H
#define TEST_HOST_FAKE_SWAP_H

#include <stdlib.h>
#include <string.h>
#include "host_user.h"
#include <mm/swap.h>
#include <linux/errno.h>

struct fake_disk {
	unsigned long slots;
	u8 (*data)[4096];
	bool *bad;			/* per slot: neither read nor written */
	unsigned long reads, writes;	/* pages */
	bool released;
};

static int disk_rw(void *dev, unsigned long slot, struct page **pages, unsigned int n, bool write)
{
	struct fake_disk *d = dev;
	unsigned int i;

	for (i = 0; i < n; i++, slot++) {
		BUG_ON(slot >= d->slots);
		if (d->bad[slot])
			return -EIO;
		if (write)
			host_read_frame(page_to_pfn(pages[i]), d->data[slot]);
		else
			host_write_frame(page_to_pfn(pages[i]), d->data[slot]);
	}
	*(write ? &d->writes : &d->reads) += n;
	return 0;
}

static void disk_release(void *dev)
{
	((struct fake_disk *)dev)->released = true;
}

static const struct swap_ops disk_ops = { .rw = disk_rw, .release = disk_release };

/* With a header, or without one. */
__attribute__((__unused__))
static void disk_make(struct fake_disk *d, unsigned long slots, bool header)
{
	struct page *page = alloc_page(GFP_KERNEL);

	memset(d, 0, sizeof(*d));
	d->slots = slots;
	d->data = calloc(slots, sizeof(d->data[0]));
	d->bad = calloc(slots, sizeof(d->bad[0]));
	BUG_ON(!page || !d->data || !d->bad);
	if (header) {
		swap_make_header(page, slots);
		host_read_frame(page_to_pfn(page), d->data[0]);
	}
	__free_page(page);
}

__attribute__((__unused__))
static void disk_free(struct fake_disk *d)
{
	free(d->data);
	free(d->bad);
}

#endif
