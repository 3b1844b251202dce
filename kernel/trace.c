/* SPDX-License-Identifier: MIT */
/*
 * The trace ring (include/kernel/trace.h).
 *
 * Writers run with any interrupt state on one processor; an interrupt between taking a
 * number and writing the event takes the next number, so no event is written twice.
 */
#include <asm/layout.h>
#include <asm/page.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <mm/mm.h>

#define DEFAULT_EVENTS	16384
#define MEMORY_SHARE	8		/* the ring takes at most an eighth of free memory */
#define RING_PAGES_MAX	((TRACE_END - TRACE_START) >> PAGE_SHIFT)

static_assert(sizeof(struct pagewalk_event) == 64, "events divide a page");

bool trace_on;
static struct pagewalk_event *ring = (struct pagewalk_event *)TRACE_START;
static unsigned long ring_size;		/* events, a power of two; 0: no ring */
static u64 next_seq = 1;
static u32 kinds_wanted = ~0u;

static_assert(TRACE_KINDS <= 32, "a bit for each kind");

void trace_only(u32 kinds)
{
	kinds_wanted = kinds;
}

void __trace_more(unsigned kind, const u64 arg[4], u64 more)
{
	struct pagewalk_event *e;
	u64 seq;

	if (!(kinds_wanted >> kind & 1))
		return;
	seq = next_seq++;
	e = &ring[seq & (ring_size - 1)];
	e->seq = seq;
	e->ns = ktime_ns();
	e->kind = kind;
	e->pid = current ? current->pid : 0;
	memcpy(e->arg, arg, sizeof(e->arg));
	e->more = more;
}

void __trace(unsigned kind, u64 a, u64 b, u64 c, u64 d)
{
	const u64 arg[4] = { a, b, c, d };

	__trace_more(kind, arg, 0);
}

struct trace_stopped trace_stopped;

noinline void trace_stop(void)
{
	barrier();
}

void trace_fault(u64 address, u64 error_code, u64 ip, u64 n)
{
	__trace(TRACE_FAULT, address, error_code, ip, n);
	if (likely(n != trace_stopped.at))
		return;
	trace_stopped.address = address;
	trace_stopped.error_code = error_code;
	trace_stopped.ip = ip;
	trace_stopped.pid = current ? (unsigned)current->pid : 0;
	trace_stop();
}

/* What is mapped when memory runs out stays mapped, for the next try. */
static bool map_ring(unsigned long pages)
{
	static unsigned long mapped;
	struct page *page;

	for (; mapped < pages; mapped++) {
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 0);
		if (!page)
			return false;
		if (map_kernel_pages(TRACE_START + (mapped << PAGE_SHIFT), &page, 1, PAGE_KERNEL)) {
			__free_pages(page, 0);
			return false;
		}
	}
	return true;
}

static bool make_ring(void)
{
	unsigned long pages = 1;
	u64 events = DEFAULT_EVENTS;
	const char *s = param_get("trace");

	if (s && s[0] >= '1' && s[0] <= '9')
		param_u64("trace", &events);
	while (pages < RING_PAGES_MAX && pages * PAGE_SIZE / sizeof(*ring) < events)
		pages *= 2;
	while (pages > 1 && pages > nr_free_pages() / MEMORY_SHARE)
		pages /= 2;
	if (pages * PAGE_SIZE / sizeof(*ring) < events)
		pr_warn("trace=%llu is too much for this memory: the ring holds %lu events\n",
			(unsigned long long)events,
			(unsigned long)(pages * PAGE_SIZE / sizeof(*ring)));
	if (!map_ring(pages)) {
		pr_warn("trace: no memory for a ring of %llu events; tracing stays off\n",
			(unsigned long long)events);
		return false;
	}
	ring_size = pages * PAGE_SIZE / sizeof(*ring);
	return true;
}

void trace_init(void)
{
	if (param_bool("trace"))
		trace_set(true);
}

bool trace_set(bool on)
{
	trace_on = on && (ring_size || make_ring());
	return trace_on;
}

u64 trace_seq(void)
{
	return next_seq - 1;
}

unsigned long trace_size(void)
{
	return ring_size;
}

bool trace_read(u64 seq, struct pagewalk_event *event)
{
	if (!seq || seq >= next_seq || next_seq - seq > ring_size)
		return false;
	*event = ring[seq & (ring_size - 1)];
	return event->seq == seq;
}
