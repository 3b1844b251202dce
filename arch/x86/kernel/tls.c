/* SPDX-License-Identifier: MIT */
/*
 * Thread-local storage and the user's segment registers.
 *
 * 64-bit mode: a base in FS (and GS), set by arch_prctl().  Programs there hardly ever load
 * selectors; what they load is kept.  Bases are written only when they differ from what is
 * in the register, since WRMSR is slow.
 *
 * 32-bit mode: set_thread_area() fills GDT entries 6 to 8, and the program loads a selector
 * of one of them into GS.  The kernel leaves FS and GS alone.
 */
#include <linux/errno.h>
#include <asm/desc.h>
#include <asm/irqflags.h>
#include <asm/msr.h>
#include <asm/tls.h>
#include <asm/uaccess.h>
#include <kernel/extable.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>

#define SELECTOR(name) \
static inline u16 read_##name(void) \
{ \
	u32 sel; \
\
	__asm__ __volatile__("mov %%" #name ", %0" : "=r" (sel)); \
	return (u16)sel; \
} \
\
/* A selector that is no good any more gives the null selector. */ \
static inline void write_##name(u16 sel) \
{ \
	u32 v = sel; \
\
	__asm__ __volatile__("1:	mov %0, %%" #name "\n" \
			     "	jmp 3f\n" \
			     "2:	xor %0, %0\n" \
			     "	jmp 1b\n" \
			     "3:\n" \
			     _ASM_EXTABLE(1b, 2b) \
			     : "+r" (v) : : "memory", "cc"); \
}
SELECTOR(fs)
SELECTOR(gs)

#ifdef __x86_64__
#include <asm/prctl.h>

/* What the registers hold now; UNKNOWN after a selector was loaded. */
#define UNKNOWN		(~0ul)
static unsigned long fsbase_now = UNKNOWN, gsbase_now = UNKNOWN;

void save_segments(struct thread_struct *t)
{
	t->fsindex = read_fs();
	t->gsindex = read_gs();
}

static void load_fsbase(unsigned long base)
{
	if (base == fsbase_now)
		return;
	wrmsr(MSR_FS_BASE, base);
	fsbase_now = base;
}

/* The user's GS base waits in the other register until SWAPGS. */
static void load_gsbase(unsigned long base)
{
	if (base == gsbase_now)
		return;
	wrmsr(MSR_KERNEL_GS_BASE, base);
	gsbase_now = base;
}

/* Loading GS changes the active base, so it must be the user's then.  Interrupts off. */
static void load_selectors(const struct thread_struct *t)
{
	write_fs(t->fsindex);
	__asm__ __volatile__("swapgs" : : : "memory");
	write_gs(t->gsindex);
	__asm__ __volatile__("swapgs" : : : "memory");
	fsbase_now = gsbase_now = UNKNOWN;
}

void load_segments(const struct thread_struct *t)
{
	if (unlikely(read_fs() | read_gs() | t->fsindex | t->gsindex))
		load_selectors(t);
	if (likely(!t->fsindex))
		load_fsbase(t->fsbase);
	if (likely(!t->gsindex))
		load_gsbase(t->gsbase);
}

int clone_tls(struct task_struct *p, unsigned long tls)
{
	if (tls >= TASK_SIZE)
		return -EPERM;
	p->thread.fsbase = tls;
	p->thread.fsindex = 0;
	return 0;
}

/* A base replaces the selector. */
static long set_base(unsigned long *base, unsigned long value)
{
	unsigned long flags;

	if (value >= TASK_SIZE)
		return -EPERM;
	flags = local_irq_save();
	*base = value;
	save_segments(&current->thread);
	if (base == &current->thread.fsbase)
		current->thread.fsindex = 0;
	else
		current->thread.gsindex = 0;
	load_segments(&current->thread);
	local_irq_restore(flags);
	return 0;
}

long sys_arch_prctl(int option, unsigned long arg)
{
	struct thread_struct *t = &current->thread;

	switch (option) {
	case ARCH_SET_FS:
		return set_base(&t->fsbase, arg);
	case ARCH_SET_GS:
		return set_base(&t->gsbase, arg);
	case ARCH_GET_FS:
		return put_user(t->fsbase, (unsigned long *)arg);
	case ARCH_GET_GS:
		return put_user(t->gsbase, (unsigned long *)arg);
	}
	return -EINVAL;
}

#else /* 32 bits */
#include <asm/ldt.h>

#define DESC_S		(1ull << 44)	/* code or data */
#define DESC_DPL3	(3ull << 45)
#define DESC_PRESENT	(1ull << 47)

void save_segments(struct thread_struct *t)
{
	t->fsindex = read_fs();
	t->gsindex = read_gs();
}

/* A selector is loaded again even if it is the same: its descriptor may have changed. */
void load_segments(const struct thread_struct *t)
{
	u64 *gdt = &gdt_table[GDT_ENTRY_TLS_MIN];
	bool same = gdt[0] == t->tls[0] && gdt[1] == t->tls[1] && gdt[2] == t->tls[2];

	if (!same)
		memcpy(gdt, t->tls, sizeof(t->tls));
	if (!same || read_fs() != t->fsindex)
		write_fs(t->fsindex);
	if (!same || read_gs() != t->gsindex)
		write_gs(t->gsindex);
}

static bool desc_is_empty(const struct user_desc *u)
{
	if (u->base_addr || u->limit || u->contents || u->seg_32bit || u->limit_in_pages ||
	    u->useable)
		return false;
	return u->read_exec_only == u->seg_not_present;
}

/* Flat 32-bit data or code segments for ring 3, nothing else. */
static bool desc_is_good(const struct user_desc *u)
{
	return desc_is_empty(u) || (u->seg_32bit && u->contents <= 1 && !u->seg_not_present);
}

static u64 make_desc(const struct user_desc *u)
{
	u64 base = u->base_addr, limit = u->limit & 0xfffff;
	u64 type = 1 | (u64)!u->read_exec_only << 1 | (u64)u->contents << 2;

	if (desc_is_empty(u))
		return 0;
	return (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 | DESC_S | DESC_DPL3 |
	       DESC_PRESENT | limit >> 16 << 48 | (u64)u->useable << 52 |
	       (u64)u->seg_32bit << 54 | (u64)u->limit_in_pages << 55 | base >> 24 << 56;
}

static void read_desc(struct user_desc *u, u64 d)
{
	*u = (struct user_desc){
		.entry_number = u->entry_number,
		.base_addr = (u32)(d >> 16 & 0xffffff) | (u32)(d >> 56) << 24,
		.limit = (u32)(d & 0xffff) | (u32)(d >> 48 & 15) << 16,
		.seg_32bit = d >> 54 & 1,
		.contents = d >> 42 & 3,
		.read_exec_only = !(d >> 41 & 1),
		.limit_in_pages = d >> 55 & 1,
		.seg_not_present = !(d >> 47 & 1),
		.useable = d >> 52 & 1,
	};
}

static int free_tls_entry(const struct thread_struct *t)
{
	int i;

	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		if (!t->tls[i])
			return GDT_ENTRY_TLS_MIN + i;
	return -ESRCH;
}

static u64 *tls_entry(struct thread_struct *t, unsigned number)
{
	unsigned i = number - GDT_ENTRY_TLS_MIN;

	return i < GDT_ENTRY_TLS_ENTRIES ? &t->tls[i] : NULL;
}

static void set_current_entry(u64 *entry, u64 desc)
{
	unsigned long flags = local_irq_save();

	*entry = desc;
	save_segments(&current->thread);
	load_segments(&current->thread);
	local_irq_restore(flags);
}

int clone_tls(struct task_struct *p, unsigned long tls)
{
	struct user_desc u;
	u64 *entry;

	if (copy_from_user(&u, (void *)tls, sizeof(u)))
		return -EFAULT;
	entry = tls_entry(&p->thread, u.entry_number);
	if (!entry || !desc_is_good(&u))
		return -EINVAL;
	*entry = make_desc(&u);
	return 0;
}

long sys_set_thread_area(struct user_desc *user)
{
	struct user_desc u;
	u64 *entry;
	int nr;

	if (copy_from_user(&u, user, sizeof(u)))
		return -EFAULT;
	if (!desc_is_good(&u))
		return -EINVAL;
	if (u.entry_number == ~0u) {
		nr = free_tls_entry(&current->thread);
		if (nr < 0)
			return nr;
		if (put_user((unsigned)nr, &user->entry_number))
			return -EFAULT;
		u.entry_number = (unsigned)nr;
	}
	entry = tls_entry(&current->thread, u.entry_number);
	if (!entry)
		return -EINVAL;
	set_current_entry(entry, make_desc(&u));
	return 0;
}

long sys_get_thread_area(struct user_desc *user)
{
	struct user_desc u = { 0 };
	const u64 *entry;

	if (get_user(u.entry_number, &user->entry_number))
		return -EFAULT;
	entry = tls_entry(&current->thread, u.entry_number);
	if (!entry)
		return -EINVAL;
	read_desc(&u, *entry);
	return copy_to_user(user, &u, sizeof(u)) ? -EFAULT : 0;
}
#endif
