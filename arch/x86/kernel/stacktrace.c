/* SPDX-License-Identifier: MIT */
/*
 * What an oops shows: registers, code bytes, backtrace.
 *
 * Everything here runs when something is broken, so no pointer is believed: memory is
 * read by probe_kernel_read(), the number of frames is bounded, and within one stack each
 * frame must lie above the one before.
 */
#include <asm/page.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/traps.h>
#include <kernel/extable.h>
#include <kernel/kallsyms.h>
#include <kernel/panic.h>
#include <kernel/printk.h>

#define MAX_FRAMES	1000
#define MAX_LINES	16
#define STACK_REACH	(16 * PAGE_SIZE)	/* no kernel stack is larger */
#define CODE_BEFORE	8
#define CODE_BYTES	24	/* one line of 100 columns */

/* Between the red lines of a report in the plain colour, with names that stand out. */
#define PLAIN		"\033[0m"
#define BRIGHT		"\033[1;37m"
#define pr_body(fmt, ...)	printk(KERN_EMERG PLAIN fmt, ##__VA_ARGS__)

/* What a frame pointer points to. */
struct frame {
	unsigned long next;
	unsigned long ret;
};

static bool in_entry_code(unsigned long ip)
{
	return ip >= (unsigned long)entry_text_start && ip < (unsigned long)entry_text_end;
}

/* Where a walk stands: the next frame to look at, and the address last found. */
struct walk {
	unsigned long bp, ip;
	unsigned long entry_frame;	/* the frame that ip was found in */
	bool at_regs;			/* ip is where regs were taken, no return address */
};

static bool user_regs(const struct pt_regs *regs)
{
	return regs && user_mode(regs);
}

/* One step up.  bp 0 ends it; a small step down means garbage, a large one another stack. */
static bool next_frame(struct walk *w)
{
	struct frame f;

	if (w->bp < PAGE_OFFSET || w->bp % sizeof(long) ||
	    probe_kernel_read(&f, (const void *)w->bp, sizeof(f)) || !f.ret)
		return false;
	w->ip = f.ret;
	if (f.next <= w->bp && w->bp - f.next < STACK_REACH)
		f.next = 0;
	w->bp = f.next;
	w->at_regs = false;
	return true;
}

/*
 * The frame of the C function that an entry stub called has the stub's return address;
 * the stub's pt_regs lie right above that and tell where the interrupted code was.
 */
static bool through_entry(struct walk *w, unsigned long frame)
{
	struct pt_regs regs;
	const void *at = (const void *)(frame + sizeof(struct frame));

	if (w->ip == (unsigned long)call_done)
		return false;			/* a system call: always from ring 3 */
	/* In i386 the last two words are there only for ring 3; nobody looks then. */
	if (probe_kernel_read(&regs, at, PT_CS + sizeof(long)) || user_mode(&regs))
		return false;
	w->ip = regs.ip;
	w->bp = regs.bp;
	w->at_regs = true;
	return true;
}

/* The next address of the walk; false at its end. */
static bool walk_next(struct walk *w)
{
	unsigned long frame = w->bp;

	if (in_entry_code(w->ip) && !w->at_regs)
		return through_entry(w, w->entry_frame);
	if (!next_frame(w))
		return false;
	w->entry_frame = frame;
	return true;
}

size_t stack_walk(unsigned long bp, unsigned long *ip, size_t n)
{
	struct walk w = { .bp = bp };
	size_t i = 0;

	while (i < n && walk_next(&w))
		ip[i++] = w.ip;
	return i;
}

/*
 * The byte before a return address belongs to the caller even if the call was the last
 * thing in it (a function that does not return).
 */
static void print_trace_line(unsigned n, const struct walk *w, unsigned times)
{
	unsigned long off = 0, size = 0;
	unsigned back = w->at_regs ? 0 : 1;
	const char *name = kallsyms_lookup(w->ip - back, &off, &size);

	pr_body("  #%-3u %0*lx", n, (int)sizeof(long) * 2, w->ip);
	if (name)
		printk(KERN_CONT "  " BRIGHT "%s" PLAIN "+0x%lx/0x%lx", name, off + back, size);
	if (times > 1)
		printk(KERN_CONT "  (%u times)", times);
	printk(KERN_CONT "\n");
}

/* A recursion that overflowed its stack is one line and a count, and then comes its root. */
void show_backtrace(const struct pt_regs *regs)
{
	struct walk w = { .bp = (unsigned long)__builtin_frame_address(0) }, shown;
	unsigned n = 0, lines = 0, times;
	bool more;

	if (regs)
		w = (struct walk){ .bp = regs->bp, .ip = regs->ip, .at_regs = true };
	pr_body("Call trace (innermost first):\n");
	more = regs ? true : walk_next(&w);
	while (more && lines++ < MAX_LINES) {
		shown = w;
		times = 0;
		do {
			times++;
			more = n + times < MAX_FRAMES && !user_regs(regs) && walk_next(&w);
		} while (more && w.ip == shown.ip);
		print_trace_line(n, &shown, times);
		n += times;
	}
	if (more)
		pr_body("  ... and more\n");
}

void dump_stack(void)
{
	show_backtrace(NULL);
}

void show_code(const struct pt_regs *regs)
{
	char line[CODE_BYTES * 4 + 16];
	size_t n = 0;
	int i;

	for (i = -CODE_BEFORE; i < CODE_BYTES - CODE_BEFORE; i++) {
		u8 byte;

		if (probe_kernel_read(&byte, (const void *)(regs->ip + (unsigned long)i), 1))
			n += (size_t)scnprintf(line + n, sizeof(line) - n, "?? ");
		else
			n += (size_t)scnprintf(line + n, sizeof(line) - n,
					       i ? "%02x " : "<%02x> ", byte);
	}
	pr_body("Code: %s\n", line);
}

static void flag_names(char *buf, size_t size, unsigned long flags)
{
	static const struct { unsigned long bit; const char *name; } names[] = {
		{ 0x001, "CF" }, { 0x040, "ZF" }, { 0x080, "SF" }, { 0x100, "TF" },
		{ 0x200, "IF" }, { 0x400, "DF" }, { 0x800, "OF" }, { 0x4000, "NT" },
		{ 0x40000, "AC" },
	};
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].bit)
			n += (size_t)scnprintf(buf + n, size - n, " %s", names[i].name);
}

static void show_control_registers(void)
{
	pr_body("CR0 %08lx  CR2 %0*lx  CR3 %08lx  CR4 %08lx\n", read_cr0(),
		 (int)sizeof(long) * 2, read_cr2(), read_cr3(), read_cr4());
}

#ifdef __x86_64__
static void show_general_registers(const struct pt_regs *r)
{
	pr_body("AX  %016lx  BX  %016lx  CX  %016lx\n", r->ax, r->bx, r->cx);
	pr_body("DX  %016lx  SI  %016lx  DI  %016lx\n", r->dx, r->si, r->di);
	pr_body("BP  %016lx  R8  %016lx  R9  %016lx\n", r->bp, r->r8, r->r9);
	pr_body("R10 %016lx  R11 %016lx  R12 %016lx\n", r->r10, r->r11, r->r12);
	pr_body("R13 %016lx  R14 %016lx  R15 %016lx\n", r->r13, r->r14, r->r15);
}
#else
static void show_general_registers(const struct pt_regs *r)
{
	pr_body("AX %08lx  BX %08lx  CX %08lx  DX %08lx\n", r->ax, r->bx, r->cx, r->dx);
	pr_body("SI %08lx  DI %08lx  BP %08lx\n", r->si, r->di, r->bp);
	pr_body("DS %04lx  ES %04lx  FS %04lx\n", r->ds & 0xffff, r->es & 0xffff,
		 r->fs & 0xffff);
}
#endif

void show_regs(const struct pt_regs *regs)
{
	char flags[40];

	flag_names(flags, sizeof(flags), regs->flags);
	pr_body("IP %04lx:%0*lx  " BRIGHT "%pS" PLAIN "\n", regs->cs & 0xffff,
		(int)sizeof(long) * 2, regs->ip, (void *)regs->ip);
	pr_body("SP %0*lx  flags %08lx%s\n", (int)sizeof(long) * 2, regs_sp(regs),
		 regs->flags, flags);
	show_general_registers(regs);
	show_control_registers();
}
