/* SPDX-License-Identifier: MIT */
/*
 * A second reader of FAT32, for tests: from an image in memory, by the specification, and
 * nothing of the code under test.  It trusts nothing: what is wrong gives an error.
 */
#ifndef TEST_HOST_FAT_READER_H
#define TEST_HOST_FAT_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct fr {
	const uint8_t *img;
	uint32_t sector, cluster, first_fat, fat_sectors, nfats, data, clusters, root;
};

static inline uint32_t fr16(const uint8_t *p)
{
	return (uint32_t)(p[0] | p[1] << 8);
}

static inline uint32_t fr32(const uint8_t *p)
{
	return fr16(p) | fr16(p + 2) << 16;
}

static inline struct fr fr_open(const uint8_t *img)
{
	struct fr f = { .img = img, .sector = fr16(img + 11) };

	f.cluster = f.sector * img[13];
	f.first_fat = fr16(img + 14);
	f.nfats = img[16];
	f.fat_sectors = fr32(img + 36);
	f.data = f.first_fat + f.nfats * f.fat_sectors;
	f.clusters = (fr32(img + 32) - f.data) / img[13];
	f.root = fr32(img + 44);
	return f;
}

static inline uint32_t fr_next(const struct fr *f, unsigned copy, uint32_t c)
{
	return fr32(f->img + (f->first_fat + copy * f->fat_sectors) * (size_t)f->sector + c * 4u) &
	       0xfffffff;
}

static inline const uint8_t *fr_at(const struct fr *f, uint32_t c)
{
	return f->img + f->data * (size_t)f->sector + (c - 2) * (size_t)f->cluster;
}

static inline bool fr_valid(const struct fr *f, uint32_t c)
{
	return c >= 2 && c < f->clusters + 2;
}

struct fr_entry {
	char name[800];			/* long name in UTF-8, or the short one */
	uint8_t attr;
	uint32_t start, size;
};

/* A walk through one directory. */
struct fr_dir {
	const struct fr *f;
	uint32_t cluster, offset, steps;
	uint16_t units[260];
	unsigned parts, left;
	uint8_t sum;
};

static inline void fr_utf8(const uint16_t *u, char *out)
{
	for (; *u && *u != 0xffff; u++) {
		uint32_t c = *u;

		if (c >= 0xd800 && c < 0xdc00)
			c = 0x10000 + ((c & 0x3ff) << 10) + (*++u & 0x3ff);
		if (c < 0x80) {
			*out++ = (char)c;
		} else if (c < 0x800) {
			*out++ = (char)(0xc0 | c >> 6);
			*out++ = (char)(0x80 | (c & 63));
		} else if (c < 0x10000) {
			*out++ = (char)(0xe0 | c >> 12);
			*out++ = (char)(0x80 | (c >> 6 & 63));
			*out++ = (char)(0x80 | (c & 63));
		} else {
			*out++ = (char)(0xf0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 63));
			*out++ = (char)(0x80 | (c >> 6 & 63));
			*out++ = (char)(0x80 | (c & 63));
		}
	}
	*out = '\0';
}

static inline void fr_short(const uint8_t *e, char *out)
{
	unsigned i;

	for (i = 0; i < 8 && e[i] != ' '; i++)
		*out++ = (char)e[i];
	if (e[8] != ' ')
		*out++ = '.';
	for (i = 8; i < 11 && e[i] != ' '; i++)
		*out++ = (char)e[i];
	*out = '\0';
}

static inline uint8_t fr_sum(const uint8_t *e)
{
	uint8_t s = 0;
	unsigned i;

	for (i = 0; i < 11; i++)
		s = (uint8_t)((s & 1 ? 0x80 : 0) + (s >> 1) + e[i]);
	return s;
}

static inline void fr_long(struct fr_dir *d, const uint8_t *e)
{
	unsigned seq = e[0] & 63, i;
	uint16_t *u;

	if (e[0] & 0x40) {
		d->parts = d->left = seq;
		d->sum = e[13];
		memset(d->units, 0, sizeof(d->units));
	}
	if (!d->left || seq != d->left || seq > 20 || e[13] != d->sum) {
		d->parts = d->left = 0;
		return;
	}
	u = d->units + (seq - 1) * 13;
	for (i = 0; i < 5 && u + i < d->units + 259; i++)
		u[i] = (uint16_t)fr16(e + 1 + 2 * i);
	for (i = 0; i < 6 && u + 5 + i < d->units + 259; i++)
		u[5 + i] = (uint16_t)fr16(e + 14 + 2 * i);
	for (i = 0; i < 2 && u + 11 + i < d->units + 259; i++)
		u[11 + i] = (uint16_t)fr16(e + 28 + 2 * i);
	d->left--;
}

/* 1: an entry; 0: the end; -1: damaged. */
static inline int fr_readdir(struct fr_dir *d, struct fr_entry *out)
{
	const uint8_t *e;

	for (;;) {
		if (d->offset == d->f->cluster) {
			d->cluster = fr_next(d->f, 0, d->cluster);
			d->offset = 0;
			if (d->cluster >= 0xffffff8)
				return 0;
		}
		if (!fr_valid(d->f, d->cluster) || d->steps++ > 100000)
			return -1;
		e = fr_at(d->f, d->cluster) + d->offset;
		d->offset += 32;
		if (!e[0])
			return 0;
		if (e[0] == 0xe5) {
			d->parts = 0;
			continue;
		}
		if ((e[11] & 63) == 15) {
			fr_long(d, e);
			continue;
		}
		if (e[11] & 8 || e[0] == '.') {
			d->parts = 0;
			continue;
		}
		if (d->parts && !d->left && d->sum == fr_sum(e))
			fr_utf8(d->units, out->name);
		else
			fr_short(e, out->name);
		d->parts = 0;
		out->attr = e[11];
		out->start = (fr16(e + 20) << 16 | fr16(e + 26)) & 0xfffffff;
		out->size = fr32(e + 28);
		return 1;
	}
}

static inline struct fr_dir fr_opendir(const struct fr *f, uint32_t cluster)
{
	return (struct fr_dir){ .f = f, .cluster = cluster };
}

/* Exact spelling; "/" separates; false: not there. */
static inline bool fr_find(const struct fr *f, const char *path, struct fr_entry *out)
{
	uint32_t at = f->root;

	*out = (struct fr_entry){ .attr = 16, .start = at };
	while (*path) {
		size_t len = strcspn(path, "/");
		struct fr_dir d = fr_opendir(f, at);
		bool found = false;

		while (!found && fr_readdir(&d, out) == 1)
			found = strlen(out->name) == len && !memcmp(out->name, path, len);
		if (!found)
			return false;
		at = out->start ? out->start : f->root;
		path += len;
		if (*path == '/')
			path++;
	}
	return true;
}

/*
 * The bytes of a file by one of the tables, into buf of `max`; how many, or -1: not there, a
 * chain that does not hold, or too long.
 */
static inline long fr_read(const struct fr *f, unsigned copy, const char *path, uint8_t *buf,
			   size_t max)
{
	struct fr_entry e;
	uint32_t c, done = 0, n;

	if (!fr_find(f, path, &e) || e.attr & 16 || e.size > max)
		return -1;
	for (c = e.start; done < e.size; done += n, c = fr_next(f, copy, c)) {
		if (!fr_valid(f, c))
			return -1;
		n = e.size - done < f->cluster ? e.size - done : f->cluster;
		memcpy(buf + done, fr_at(f, c), n);
	}
	return (long)done;
}

#endif
