/* SPDX-License-Identifier: MIT */
/*
 * The pkmap window: slots through which the kernel reaches frames above its direct map.
 * A slot has the colour of the frame that it maps now (/proc/pagewalk/walk of the kernel).
 */
#include "picture.h"

#define BATCH	32

struct kmap kmap;

/* "ffffffffea00000-... pkmap" of /proc/pagewalk/windows. */
void kmap_init(void)
{
	static char text[2048];
	const char *s;
	u64 end;

	if (read_file("/proc/pagewalk/windows", text, sizeof(text)) <= 0)
		return;
	s = strstr(text, " pkmap");
	while (s && s > text && s[-1] != '\n')
		s--;
	if (!s)
		return;
	kmap.start = parse_hex(s, &s);
	end = parse_hex(s + 1, NULL);
	kmap.slots = (unsigned)min((end - kmap.start) / PAGE_SIZE, (u64)ARRAY_SIZE(kmap.state));
}

static void take(const struct pagewalk_walk *w)
{
	u64 slot = (w->address - kmap.start) / PAGE_SIZE;

	if (slot >= kmap.slots || !(w->flags & PAGEWALK_PRESENT))
		return;
	kmap.state[slot] = (u8)state_of(frame_byte(w->phys / PAGE_SIZE));
	kmap.used++;
}

void kmap_look(void)
{
	static struct pagewalk_walk w[BATCH];
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	u64 at = kmap.start, end = kmap.start + kmap.slots * PAGE_SIZE;
	long n, i;

	memset(kmap.state, STATES, sizeof(kmap.state));
	kmap.used = 0;
	if (fd < 0)
		return;
	if (sys_write(fd, "pid=kernel", 10) == 10 && sys_write(fd, "holes=hidden", 12) == 12)
		while (at - kmap.start < end - kmap.start) {
			n = sys_pread(fd, w, sizeof(w), at) / (long)sizeof(w[0]);
			for (i = 0; i < n; i++)
				take(&w[i]);
			if (n <= 0)
				break;
			at = w[n - 1].address + PAGE_SIZE;
		}
	sys_close(fd);
}

void kmap_draw(int x, int y, int w, int h)
{
	int size = scaled(4), per_row = max(w / size, 1);
	unsigned i;

	fill(x, y, w, h, COLOR_BACK);
	for (i = 0; i < kmap.slots; i++)
		fill(x + (int)i % per_row * size, y + (int)i / per_row * size, size - 1, size - 1,
		     kmap.state[i] == STATES ? COLOR_EMPTY : STATE_COLOR(kmap.state[i], 0));
}
