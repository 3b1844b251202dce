/* SPDX-License-Identifier: MIT */
/*
 * Rows about user copies, faults that the kernel takes, and hostile programs (catalogue X2,
 * X5, X7, X8, X10-X16, N7).  Their programs are in user/rows/ and user/attack.c; what only
 * the kernel can do for them is behind the knob exc=WHAT:ADDR, run in their context.
 */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/counters.h>
#include <kernel/ctype.h>
#include <kernel/extable.h>
#include <kernel/irq.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/errno.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "little.h"
#include "user_knobs.h"
#include "walk.h"

#define PATTERN		0xa5
#define WAIT_NS		2000000000ull	/* for what another thread does */

static struct row *exc_row;		/* the row that runs */

/* Kernel memory that no program may change: some of each kind. */
static u8 *pattern_page, *pattern_area;

static const u8 *pattern_end(const u8 *p)
{
	return p + PAGE_SIZE;
}

/* ---- what must stay as it is ---------------------------------------------------- */

static u64 checksum(const void *from, const void *to)
{
	const unsigned long *p = from;
	u64 sum = 0;

	for (; p < (const unsigned long *)to; p++)
		sum = (sum << 7 | sum >> 57) ^ *p;
	return sum;
}

struct sums {
	u64 text, rodata, pattern;
};

static struct sums take_sums(void)
{
	return (struct sums){
		.text = checksum(_text, _etext),
		.rodata = checksum(_rodata, _erodata),
		.pattern = checksum(pattern_page, pattern_end(pattern_page)) ^
			   checksum(pattern_area, pattern_end(pattern_area)) * 3,
	};
}

static bool patterns_begin(struct row *r)
{
	pattern_page = (u8 *)__get_free_page(GFP_KERNEL);
	pattern_area = vmalloc(PAGE_SIZE);
	if (!row_ok(r, pattern_page && pattern_area, "no memory for the row"))
		return false;
	memset(pattern_page, PATTERN, PAGE_SIZE);
	memset(pattern_area, PATTERN, PAGE_SIZE);
	return true;
}

static void patterns_end(void)
{
	vfree(pattern_area);
	if (pattern_page)
		free_page((unsigned long)pattern_page);
	pattern_area = pattern_page = NULL;
}

static void compare_sums(struct row *r, const struct sums *before)
{
	struct sums after = take_sums();

	row_eq(r, after.text, before->text, "checksum of the kernel's text");
	row_eq(r, after.rodata, before->rodata, "checksum of the kernel's constants");
	row_eq(r, after.pattern, before->pattern, "checksum of kernel pages full of %#x", PATTERN);
}

/* ---- X5: a fault at every primitive --------------------------------------------- */

#define X5_BYTES	100

static u8 x5_buffer[X5_BYTES];

static void x5_values(struct row *r, void *p)
{
	u64 v8 = 1;
	u32 v4 = 1;
	u16 v2 = 1;
	u8 v1 = 1;

	row_eq(r, get_user(v1, (u8 *)p), (u64)-EFAULT, "get_user of 1 byte");
	row_eq(r, get_user(v2, (u16 *)p), (u64)-EFAULT, "get_user of 2 bytes");
	row_eq(r, get_user(v4, (u32 *)p), (u64)-EFAULT, "get_user of 4 bytes");
	row_eq(r, get_user(v8, (u64 *)p), (u64)-EFAULT, "get_user of 8 bytes");
	row_eq(r, v1 | v2 | v4 | v8, 0, "values of the failed get_user");
	row_eq(r, put_user((u8)1, (u8 *)p), (u64)-EFAULT, "put_user of 1 byte");
	row_eq(r, put_user((u16)1, (u16 *)p), (u64)-EFAULT, "put_user of 2 bytes");
	row_eq(r, put_user((u32)1, (u32 *)p), (u64)-EFAULT, "put_user of 4 bytes");
	row_eq(r, put_user((u64)1, (u64 *)p), (u64)-EFAULT, "put_user of 8 bytes");
}

/* Nothing is mapped at addr.  The word of a copy faults, then its byte. */
static int x5_force(unsigned long addr)
{
	unsigned long before = fault_counters.fixup, i, dirty = 0;
	void *p = (void *)addr;
	struct row *r = exc_row;

	row_eq(r, copy_to_user(p, x5_buffer, X5_BYTES), X5_BYTES, "left by copy_to_user");
	memset(x5_buffer, PATTERN, X5_BYTES);
	row_eq(r, copy_from_user(x5_buffer, p, X5_BYTES), X5_BYTES, "left by copy_from_user");
	for (i = 0; i < X5_BYTES; i++)
		dirty += x5_buffer[i] != 0;
	row_eq(r, dirty, 0, "bytes that copy_from_user could not read and did not clear");
	row_eq(r, clear_user(p, X5_BYTES), X5_BYTES, "left by clear_user");
	x5_values(r, p);
	row_eq(r, strnlen_user(p, X5_BYTES), 0, "strnlen_user");
	row_eq(r, (u64)strncpy_from_user((char *)x5_buffer, p, X5_BYTES), (u64)-EFAULT,
	       "strncpy_from_user");
	row_eq(r, (u64)probe_kernel_read(x5_buffer, p, X5_BYTES), (u64)-EFAULT, "probe_kernel_read");
	row_eq(r, (u64)probe_kernel_write(p, x5_buffer, X5_BYTES), (u64)-EFAULT,
	       "probe_kernel_write");
	row_eq(r, fault_counters.fixup - before, 3 * 2 + 8 + 1 + 1 + 2,
	       "faults that ended at a fix-up");
	return 0;
}

/* Present and checked; then another thread takes it away before it is used. */
static int x5_stall(unsigned long addr)
{
	u64 until = ktime_ns() + WAIT_NS;
	u8 byte;

	row_ok(exc_row, access_ok((void *)addr, X5_BYTES) && !get_user(byte, (u8 *)addr) &&
	       WALK(addr).present, "the page is not there yet");
	while (WALK(addr).present && ktime_ns() < until)
		msleep(1);
	row_ok(exc_row, !WALK(addr).present, "nobody took the page away");
	row_eq(exc_row, copy_to_user((void *)addr, x5_buffer, X5_BYTES), X5_BYTES,
	       "left by copy_to_user to a page that went away after the check");
	row_eq(exc_row, copy_from_user(x5_buffer, (void *)addr, X5_BYTES), X5_BYTES,
	       "left by copy_from_user from that page");
	return 0;
}

/* ---- X8: no faults are served in an interrupt ----------------------------------- */

static struct x8 {
	struct ktimer timer;
	u8 *addr, value;
	int got;
	unsigned depth;
	volatile bool done;
} x8;

static void x8_in_timer(struct ktimer *t)
{
	x8.value = 0;
	x8.depth = irq_depth;
	x8.got = get_user(x8.value, x8.addr);
	x8.done = true;
}

/* The timer interrupts this very task: it does not sleep, so its tables stay. */
static void x8_run(unsigned long addr)
{
	u64 until = ktime_ns() + WAIT_NS;

	x8 = (struct x8){ .addr = (u8 *)addr };
	x8.timer.fn = x8_in_timer;
	ktimer_start(&x8.timer, ktime_ns());
	while (!x8.done && ktime_ns() < until)
		cpu_relax();
	ktimer_cancel(&x8.timer);
	row_ok(exc_row, x8.done && x8.depth > 0, "the timer did not come from an interrupt");
}

/* An untouched page of a region that allows everything. */
static int x8_absent(unsigned long addr)
{
	unsigned long served = vm_counters.kernel_mode, fixed = fault_counters.fixup;
	u8 byte;

	x8_run(addr);
	row_eq(exc_row, (u64)x8.got, (u64)-EFAULT, "get_user in an interrupt, page absent");
	pagefault_disable();
	row_eq(exc_row, (u64)get_user(byte, (u8 *)addr), (u64)-EFAULT,
	       "get_user with page faults disabled");
	pagefault_enable();
	row_eq(exc_row, vm_counters.kernel_mode - served, 0, "faults served");
	row_eq(exc_row, fault_counters.fixup - fixed, 2, "faults that ended at a fix-up");
	row_ok(exc_row, !WALK(addr).present, "the page was made present");
	row_eq(exc_row, (u64)get_user(byte, (u8 *)addr), 0, "get_user where sleeping is allowed");
	row_ok(exc_row, WALK(addr).present, "the page was not made present");
	return 0;
}

static int x8_present(unsigned long addr)
{
	unsigned long faults = fault_counters.total;

	x8_run(addr);
	row_eq(exc_row, (u64)x8.got, 0, "get_user in an interrupt, page present");
	row_eq(exc_row, x8.value, PATTERN, "the byte that it read");
	row_eq(exc_row, fault_counters.total - faults, 0, "faults");
	return 0;
}

/* ---- X10: what is left of a copy across a seam ---------------------------------- */

#define SEAM_MAX	9000u
#define SEAM_PAGES	3		/* usable ones before the seam */

static u8 *seam_buffer;			/* SEAM_PAGES + 1 pages */

static u8 seam_byte(unsigned i)
{
	return (u8)(i % 251 + 1);
}

static u8 user_byte(unsigned long addr)
{
	u8 byte = 0;

	return get_user(byte, (u8 *)addr) ? 0 : byte;
}

/*
 * Where a copy of alignment `a` starts, in bytes before the seam.  What happens depends on
 * the alignment, on the length, and on how much of it lies before the seam; mostly little
 * does, so that most time goes into the seams and not into the copies.
 */
static unsigned seam_distance(unsigned a, unsigned n)
{
	unsigned h = (n * 8 + a) * 2654435761u >> 8, words = h % 12;

	if (h / 16 % 64 == 0)
		words = h / 1024 % (SEAM_MAX / 8);
	else if (h / 16 % 64 == 1 && n < SEAM_MAX)
		words = n / 8;			/* ends at the seam, or just behind it */
	return words * 8 + a;
}

static bool seam_to(unsigned long seam, unsigned d, unsigned n)
{
	unsigned done = min(n, d), left;
	unsigned long to = seam - d;
	u8 before = user_byte(to - 1);

	left = (unsigned)copy_to_user((void *)to, seam_buffer, n);
	return left == n - done && user_byte(to - 1) == before &&
	       (!done || (user_byte(to) == seam_byte(0) &&
			  user_byte(to + done - 1) == seam_byte(done - 1)));
}

/* What was pattern before is zero now, nothing before and (if there is room) behind it. */
static bool seam_clear(unsigned long seam, unsigned d, unsigned n)
{
	unsigned done = min(n, d), left;
	unsigned long to = seam - d;
	u8 before = user_byte(to - 1);

	left = (unsigned)clear_user((void *)to, n);
	return left == n - done && user_byte(to - 1) == before &&
	       (!done || (!user_byte(to) && !user_byte(to + done - 1)));
}

static bool seam_from(unsigned long seam, unsigned d, unsigned n)
{
	unsigned done = min(n, d), left;
	u8 *to = seam_buffer + SEAM_PAGES * PAGE_SIZE / 2;
	u8 first = user_byte(seam - d), last = done ? user_byte(seam - d + done - 1) : 0;

	to[n] = PATTERN;
	if (done)
		to[done - 1] = (u8)~last;
	if (n > done)
		to[done] = to[n - 1] = PATTERN;
	left = (unsigned)copy_from_user(to, (void *)(seam - d), n);
	return left == n - done && to[n] == PATTERN &&
	       (!done || (to[0] == first && to[done - 1] == last)) &&
	       (n == done || (!to[done] && !to[n - 1]));
}

/* Every length at every alignment; reads only where the second page is not even readable. */
static void seam_copies(unsigned long seam, bool absent)
{
	unsigned n, a, d, wrong = 0, bad_n = 0, bad_d = 0, i;

	for (i = 0; i < SEAM_MAX; i++)
		seam_buffer[i] = seam_byte(i);
	for (n = 0; n <= SEAM_MAX; n++) {
		for (a = 0; a < 8; a++) {
			d = seam_distance(a, n);
			if (seam_to(seam, d, n) && seam_clear(seam, d, n))
				continue;
			wrong++;
			bad_n = n;
			bad_d = d;
		}
	}
	row_eq(exc_row, wrong, 0, "copies to a seam (%s) and clears with a wrong end, the last of %u bytes %u before it",
	       absent ? "absent" : "read-only", bad_n, bad_d);
}

static void seam_reads(unsigned long seam)
{
	unsigned n, a, d, wrong = 0, bad_n = 0, bad_d = 0;

	_Static_assert(SEAM_MAX + SEAM_PAGES * PAGE_SIZE / 2 < (SEAM_PAGES + 1) * PAGE_SIZE, "fits");
	for (n = 0; n <= SEAM_MAX; n++) {
		for (a = 0; a < 8; a++) {
			d = seam_distance(a, n);
			if (seam_from(seam, d, n))
				continue;
			wrong++;
			bad_n = n;
			bad_d = d;
		}
	}
	row_eq(exc_row, wrong, 0, "reads across a seam with a wrong end, the last of %u bytes %u before it",
	       bad_n, bad_d);
}

static int seam_get(unsigned long at, unsigned size, u64 *value)
{
	u8 v1;
	u16 v2;
	u32 v4;
	int err;

	switch (size) {
	case 1:
		err = get_user(v1, (u8 *)at);
		*value = v1;
		return err;
	case 2:
		err = get_user(v2, (u16 *)at);
		*value = v2;
		return err;
	case 4:
		err = get_user(v4, (u32 *)at);
		*value = v4;
		return err;
	default:
		return get_user(*value, (u64 *)at);
	}
}

static int seam_put(unsigned long at, unsigned size, u64 value)
{
	switch (size) {
	case 1:
		return put_user((u8)value, (u8 *)at);
	case 2:
		return put_user((u16)value, (u16 *)at);
	case 4:
		return put_user((u32)value, (u32 *)at);
	default:
		return put_user(value, (u64 *)at);
	}
}

/* All that fits is stored and read back; of what does not, not one byte is. */
static void seam_values(unsigned long seam, bool absent)
{
	const u64 value = 0x8877665544332211ull, other = 0x1122334455667788ull;
	unsigned size, before, i;
	unsigned long at;
	u64 v;

	for (size = 1; size <= 8; size *= 2) {
		for (before = 1; before <= 16; before++) {
			bool fits = before >= size;
			u64 mask = size == 8 ? ~0ull : (1ull << 8 * size) - 1;

			at = seam - before;
			for (i = 0; i < before; i++)
				put_user((u8)(other >> 8 * (i % 8)), (u8 *)at + i);
			row_eq(exc_row, (u64)seam_put(at, size, value), fits ? 0 : (u64)-EFAULT,
			       "put_user of %u bytes, %u before the seam", size, before);
			for (i = 0; i < before; i++)
				row_eq(exc_row, user_byte(at + i),
				       (u8)((fits && i < size ? value : other) >> 8 * (i % 8)),
				       "byte %u after put_user of %u, %u before the seam", i, size, before);
			v = 1;
			row_eq(exc_row, (u64)seam_get(at, size, &v),
			       fits || !absent ? 0 : (u64)-EFAULT,
			       "get_user of %u bytes, %u before the seam", size, before);
			if (fits || absent)
				row_eq(exc_row, v, fits ? value & mask : 0,
				       "value of get_user of %u bytes, %u before the seam", size, before);
		}
	}
}

static int seam(unsigned long addr, bool absent)
{
	seam_buffer = vmalloc((SEAM_PAGES + 1) * PAGE_SIZE);
	if (!seam_buffer)
		return -ENOMEM;
	seam_copies(addr, absent);
	if (absent)
		seam_reads(addr);
	seam_values(addr, absent);
	vfree(seam_buffer);
	return 0;
}

static int x10_absent(unsigned long addr)	{ return seam(addr, true); }
static int x10_readonly(unsigned long addr)	{ return seam(addr, false); }

/* The program looks at the trace: by which instructions? */
static int x10_get8(unsigned long addr)
{
	u64 value;

	return get_user(value, (u64 *)addr);
}

/* ---- X11: out of range ---------------------------------------------------------- */

static void x11_range(unsigned long addr, unsigned long n, const char *what)
{
	void *p = (void *)addr;
	u64 v = 1;

	row_ok(exc_row, !access_ok(p, n), "access_ok says yes to %s", what);
	row_eq(exc_row, copy_to_user(p, x5_buffer, n), n, "left by copy_to_user: %s", what);
	row_eq(exc_row, clear_user(p, n), n, "left by clear_user: %s", what);
	if (n > 8)
		return;
	row_eq(exc_row, copy_from_user(x5_buffer, p, n), n, "left by copy_from_user: %s", what);
	row_eq(exc_row, (u64)get_user(v, (u64 *)p), (u64)-EFAULT, "get_user: %s", what);
	row_eq(exc_row, v, 0, "value of get_user: %s", what);
	row_eq(exc_row, (u64)put_user(v, (u64 *)p), (u64)-EFAULT, "put_user: %s", what);
	p = (u8 *)p + (addr < TASK_SIZE ? n - 1 : 0);
	row_eq(exc_row, (u64)put_user((u8)1, (u8 *)p), (u64)-EFAULT,
	       "put_user of a byte: %s", what);
}

/* addr: a page of the program that is mapped, with room behind it. */
static int x11_ranges(unsigned long addr)
{
	unsigned long faults = fault_counters.total;

	x11_range(TASK_SIZE - 1, 2, "TASK_SIZE - 1");
	x11_range(TASK_SIZE, 8, "TASK_SIZE");
	x11_range(PAGE_OFFSET, 8, "PAGE_OFFSET");
	x11_range((unsigned long)pattern_page, 8, "a page of the direct map");
	x11_range((unsigned long)pattern_area, 8, "a page of vmalloc");
	x11_range((unsigned long)_text, 8, "the kernel's text");
	x11_range(~0ul, 1, "the last address");
	x11_range(~0ul - 6, 8, "a range that wraps");
	x11_range(addr, TASK_SIZE, "a range that ends in the kernel");
	x11_range(addr, ~0ul, "a range as long as all memory");
	x11_range(addr, -addr, "a range that ends at 0");
	if (sizeof(long) == 8)
		x11_range(1ul << (sizeof(long) * 8 - 17), 8, "an address that is not canonical");
	row_eq(exc_row, (u64)strncpy_from_user((char *)x5_buffer, (char *)pattern_page, 8),
	       (u64)-EFAULT, "strncpy_from_user from the kernel");
	row_eq(exc_row, strnlen_user((char *)pattern_page, 8), 0, "strnlen_user in the kernel");
	row_eq(exc_row, fault_counters.total - faults, 0, "faults: nothing may be touched at all");
	return 0;
}

/* ---- X12: strings --------------------------------------------------------------- */

/* Before the seam the page is full of 'x'; behind it is nothing. */
static void x12_string(unsigned long seam, unsigned length, bool terminated)
{
	static char buffer[256];
	char *p = (char *)seam - length - terminated;
	unsigned limit;

	if (terminated)
		put_user('\0', (char *)seam - 1);
	row_eq(exc_row, strnlen_user(p, 200), terminated ? length + 1 : 0,
	       "strnlen_user, %u characters before the seam", length);
	memset(buffer, PATTERN, sizeof(buffer));
	row_eq(exc_row, (u64)strncpy_from_user(buffer, p, 200),
	       terminated ? length : (u64)-EFAULT,
	       "strncpy_from_user, %u characters before the seam", length);
	if (terminated) {
		row_eq(exc_row, strlen(buffer), length, "length of the copy");
		row_eq(exc_row, (u8)buffer[length + 1], PATTERN, "byte behind the copy");
	}
	/* Bounded so that the seam is not reached: no fault, no terminator. */
	for (limit = length ? length - 1 : 0; limit <= length; limit++) {
		row_eq(exc_row, strnlen_user(p, limit), limit + 1, "strnlen_user of at most %u of %u",
		       limit, length);
		row_eq(exc_row, (u64)strncpy_from_user(buffer, p, limit), limit,
		       "strncpy_from_user of at most %u of %u", limit, length);
	}
	if (terminated)
		put_user('x', (char *)seam - 1);
}

static int x12_strings(unsigned long seam)
{
	unsigned length;

	for (length = 0; length <= 40; length++) {
		x12_string(seam, length, true);
		x12_string(seam, length, false);
	}
	/* The last word of the stack, a zero in every program. */
	put_user(0x78787878u, (u32 *)(TASK_SIZE - 4));
	row_eq(exc_row, (u64)strncpy_from_user((char *)x5_buffer, (char *)TASK_SIZE - 4, 8),
	       (u64)-EFAULT, "strncpy_from_user up to the end of user space");
	row_eq(exc_row, strnlen_user((char *)TASK_SIZE - 4, 8), 0,
	       "strnlen_user up to the end of user space");
	put_user(0u, (u32 *)(TASK_SIZE - 4));
	for (length = 0; length <= 40; length++) {
		row_eq(exc_row, clear_user((char *)seam - length, length), 0,
		       "left by clear_user of the last %u bytes", length);
		row_eq(exc_row, clear_user((char *)seam - length, length + 9), 9,
		       "left by clear_user of 9 more");
	}
	return 0;
}

/* ---- X16: a stray pointer ------------------------------------------------------- */

/* A driver that takes a user pointer for one of its own. */
static noinline int stray_user_read(unsigned long addr)
{
	return READ_ONCE(*(int *)addr);
}

static int x16_stray(unsigned long addr)
{
	pr_info("exc=stray: read %#x from a user pointer\n", (unsigned)stray_user_read(addr));
	return 0;
}

/* The same by an instruction that may fault, so that the run goes on. */
static int x16_probe(unsigned long addr)
{
	bool on = (read_cr4() & X86_CR4_SMAP) != 0;
	unsigned long fixed = fault_counters.fixup;
	u32 word = 0;
	int ret = probe_kernel_read(&word, (void *)addr, sizeof(word));

	row_eq(exc_row, (u64)ret, on ? (u64)-EFAULT : 0, "reading user memory without leave");
	row_eq(exc_row, fault_counters.fixup - fixed, on, "faults of it");
	row_eq(exc_row, on, cpu_has(X86_FEATURE_SMAP), "SMAP is on, where the processor has it");
	row_eq(exc_row, smap_on, on, "the copies know about it");
	user_access_begin();
	ret = probe_kernel_read(&word, (void *)addr, sizeof(word));
	user_access_end();
	row_eq(exc_row, (u64)ret, 0, "reading user memory with leave");
	row_info(exc_row, "SMAP %s", on ? "on: a stray read faults" : "not in this processor");
	return 0;
}

/* ---- the knob ------------------------------------------------------------------- */

static const struct exc_command {
	const char *name;
	int (*fn)(unsigned long addr);
} commands[] = {
	{ "force", x5_force }, { "stall", x5_stall },
	{ "irq-absent", x8_absent }, { "irq-present", x8_present },
	{ "seam-absent", x10_absent }, { "seam-readonly", x10_readonly }, { "get8", x10_get8 },
	{ "range", x11_ranges }, { "strings", x12_strings },
	{ "probe", x16_probe }, { "stray", x16_stray },
};

static int knob_exc(const char *value)
{
	const char *colon = strchr(value, ':');
	unsigned long addr = 0;
	unsigned i;

	if (!exc_row || !colon || colon[1] != '0' || colon[2] != 'x')
		return -EINVAL;
	for (i = 3; hex_value(colon[i]) >= 0; i++)
		addr = addr << 4 | (unsigned long)hex_value(colon[i]);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strlen(commands[i].name) == (size_t)(colon - value) &&
		    strncmp(commands[i].name, value, (size_t)(colon - value)) == 0)
			return commands[i].fn(addr);
	return -ENOENT;
}

/* ---- rows ----------------------------------------------------------------------- */

static const char *argv_text[8];

static void run_argv(struct row *r, const char *program, const char *what, unsigned long number)
{
	static char text[24];

	scnprintf(text, sizeof(text), "%#lx", number);
	argv_text[0] = program;
	argv_text[1] = what;
	argv_text[2] = text;
	argv_text[3] = NULL;
	register_knob("exc", knob_exc);		/* only the first time says 0 */
	exc_row = r;
	run_user_with_knobs(r, argv_text);
	exc_row = NULL;
}

static void exc_program(struct row *r)
{
	run_argv(r, "/bin/rows", r->id, 0);
}

/* Bit 0: NX. */
static void exc_program_nx(struct row *r)
{
	run_argv(r, "/bin/rows", r->id, supported_pte_mask & _PAGE_NX ? 1 : 0);
}

static void x2_reasons(struct row *r)
{
	if (!little_swap(r, 64))
		return;
	drop_empty_vmalloc_tables();
	run_argv(r, "/bin/rows", "X2", 0);
	little_end(r);
	drop_empty_vmalloc_tables();
}
ROW(X2, "the table of fault reasons: each alone, counted in its column", x2_reasons);

static void x5_table(struct row *r)
{
	bool sorted;
	size_t n = extable_check(&sorted), i, outside = 0;

	row_ok(r, n > 20, "%zu entries in the exception table", n);
	row_ok(r, sorted, "the exception table is not sorted");
	for (i = 0; i < n; i++)
		outside += extable_insn(i) < (unsigned long)_text ||
			   extable_insn(i) >= (unsigned long)_etext;
	/* The smoke check of NX has one at data that it jumps to. */
	row_eq(r, outside, sizeof(long) == 8, "entries whose instruction is not in the kernel's text");
	run_argv(r, "/bin/rows", "X5", 0);
	row_info(r, "%zu entries, sorted; a forced fault at each primitive is an error", n);
}
ROW(X5, "exception table: a kernel fault on a user address ends at its fix-up", x5_table);

ROW(X7, "kernel mode: a user page that is absent is served like any other", exc_program);
ROW(X8, "no fault is served in an interrupt, only fixed up", exc_program);
ROW(X10, "user copies: every alignment and length across a seam, exact residue", exc_program);

static void x11_range_row(struct row *r)
{
	struct sums before;

	if (patterns_begin(r)) {
		before = take_sums();
		run_argv(r, "/bin/rows", "X11", (unsigned long)pattern_page);
		compare_sums(r, &before);
	}
	patterns_end();
}
ROW(X11, "kernel addresses and ranges that wrap are refused, mapped or not", x11_range_row);

ROW(X12, "strings that end at a seam, strings that do not end", exc_program);
ROW(X13, "kernel writes obey the protection of user pages", exc_program);
ROW(X15, "data are not executable where the tables have NX, and are where not", exc_program_nx);
ROW(X16, "supervisor access guard: the kernel reaches user memory only with leave", exc_program);
ROW(N7, "copy on write also for writes of the kernel", exc_program);

/* A boot of its own: ends in an oops where the processor has SMAP. */
static void stray_row(struct row *r)
{
	run_argv(r, "/bin/rows", "STRAY", 0);
}
ROW_FLAGS(STRAY, "a stray kernel read of user memory", stray_row, ROW_EXPLICIT);

/* ---- hostile programs ----------------------------------------------------------- */

static void attack(struct row *r, const char *what, unsigned long number)
{
	struct sums before;

	if (patterns_begin(r)) {
		before = take_sums();
		run_argv(r, "/bin/attack", what, number ? number : (unsigned long)pattern_page);
		compare_sums(r, &before);
	}
	patterns_end();
}

static void hostile_scripted(struct row *r)	{ attack(r, "scripted", 0); }
static void hostile_int(struct row *r)		{ attack(r, "int", 20261127); }
static void hostile_segments(struct row *r)	{ attack(r, "segments", 20261127); }
static void hostile_elf(struct row *r)		{ attack(r, "elf", 20261127); }

#define X14_PART	50000u		/* calls of one program, which has 60 s */
#define X14_SEED	20261127

/* What a program does that exists no more is not worth a line here. */
static void random_calls(struct row *r, unsigned long count)
{
	const char *argv[] = { "/bin/attack", "calls", NULL, NULL, NULL, NULL };
	unsigned long from = 0, forks = sched_counters.forks;
	char text[3][24];
	struct sums before;
	int level = printk_loglevel();
	unsigned i;

	if (patterns_begin(r)) {
		before = take_sums();
		printk_set_loglevel(LOGLEVEL_WARNING);
		for (from = 0; from < count && !r->failed; from += X14_PART) {
			const unsigned long numbers[] = { X14_PART, X14_SEED, from };

			for (i = 0; i < ARRAY_SIZE(numbers); i++) {
				scnprintf(text[i], sizeof(text[i]), "%lu", numbers[i]);
				argv[2 + i] = text[i];
			}
			run_user_argv(r, argv);
		}
		printk_set_loglevel(level);
		compare_sums(r, &before);
	}
	patterns_end();
	row_info(r, "seed %u, %lu calls by %lu processes", X14_SEED, from, sched_counters.forks - forks);
}

static void x14_random(struct row *r)		{ random_calls(r, 1000000); }
static void x14_random_long(struct row *r)	{ random_calls(r, 10000000); }

ROW_FLAGS(HOSTILE, "scripted attacks: each ends as it should, the others run on",
	  hostile_scripted, ROW_EXPLICIT);
ROW_FLAGS(INTN, "int n, with every n and random registers", hostile_int, ROW_EXPLICIT);
ROW_FLAGS(SEGMENTS, "segment registers, far jumps and returns with every selector",
	  hostile_segments, ROW_EXPLICIT);
ROW_FLAGS(BADELF, "mutations of a good ELF file", hostile_elf, ROW_EXPLICIT);
ROW_FLAGS(X14, "10^6 random system calls", x14_random, ROW_EXPLICIT);
ROW_FLAGS(X14LONG, "10^7 random system calls", x14_random_long, ROW_EXPLICIT);
