/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/knob for rows that need the kernel's hand or eye at one moment of their
 * program.  A knob runs in the context of the process that writes it; what it checks counts
 * for the row that runs.
 *
 *	x1=read|write|exec:ADDR	touch user memory in kernel mode without licence (SMAP, SMEP)
 *	clear_marks=ADDR	clear Accessed and Dirty of the program's entry
 *	v3=make:PTR		a new vmalloc area; the address of a page of it goes to *PTR
 *	v3=touch:ADDR		read the pattern there
 *	v3=drop			free the area
 *	high=scan		no kernel address leads to a high frame
 *	e4=look, k14=compare	checks of mm_rows.c
 *	fault=...		see fault_knob.c
 */
#include <asm/exec_probe.h>
#include <asm/irqflags.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/ctype.h>
#include <kernel/extable.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vmalloc.h>

#include "high.h"
#include "user_knobs.h"
#include "walk.h"

#define ENTRY_BYTES	sizeof(long)
#define TOP_SHIFT	(sizeof(long) == 8 ? 39 : 22)
#define TOP_ENTRIES	(PAGE_SIZE / ENTRY_BYTES)
#define MARKS		0x60ul		/* Accessed, Dirty */

static struct row *knob_row;		/* the row that runs */

u64 hex_number(const char **s)
{
	u64 n = 0;

	while (**s == ' ')
		++*s;
	for (; hex_value(**s) >= 0; ++*s)
		n = n << 4 | (u64)hex_value(**s);
	return n;
}

bool knob_number(const char *value, const char *name, unsigned long *number)
{
	size_t n = strlen(name);

	if (strncmp(value, name, n) || value[n] != ':')
		return false;
	value += n + 1;
	value += value[0] == '0' && value[1] == 'x' ? 2 : 0;
	if (hex_value(*value) < 0)
		return false;
	*number = (unsigned long)hex_number(&value);
	return !*value;
}

const char *knob_hex(const char *s, unsigned long *number)
{
	*number = 0;
	if (s[0] != '0' || s[1] != 'x')
		return NULL;
	s += 2;
	*number = (unsigned long)hex_number(&s);
	return s;
}

/* ---- X1: no licence ------------------------------------------------------------------ */

static int knob_x1(const char *value)
{
	unsigned long addr, flags;
	char byte = 0;
	int ret;

	if (!knob_row)
		return -EPERM;
	if (knob_number(value, "read", &addr))
		return probe_kernel_read(&byte, (void *)addr, 1);
	if (knob_number(value, "write", &addr))
		return probe_kernel_write((void *)addr, &byte, 1);
	if (!knob_number(value, "exec", &addr))
		return -EINVAL;
	flags = local_irq_save();
	ret = exec_probe((void *)addr);
	local_irq_restore(flags);
	return ret;
}

/* ---- M10: marks of the program's entry ------------------------------------------------- */

static int knob_clear_marks(const char *value)
{
	unsigned long addr;
	char text[40];

	scnprintf(text, sizeof(text), "at:%s", value);
	if (!knob_row || !knob_number(text, "at", &addr) || addr >= TASK_SIZE)
		return -EINVAL;
	return WALK(addr).present ? knob_change_entry(addr, ~(pteval_t)MARKS, 0) : -EFAULT;
}

/* ---- V3: an area that older processes do not have ---------------------------------------- */

#define V3_SIZE		(2 * PGTABLE_SPAN)
#define V3_PATTERN	0x76330a5a

static char *v3_area;
static bool v3_had[TOP_ENTRIES];	/* top-level entries of its maker before it was made */

static u64 top_entry(u64 table, unsigned long va)
{
	return phys_read(table + (va >> TOP_SHIFT) % TOP_ENTRIES * ENTRY_BYTES, ENTRY_BYTES);
}

/* A page of the area whose top-level entry is as new as the area; four levels: any. */
static unsigned long v3_new_page(void)
{
	unsigned long va = (unsigned long)v3_area, end = va + V3_SIZE;

	for (; va < end; va += PAGE_SIZE)
		if (sizeof(long) == 8 || !v3_had[(va >> TOP_SHIFT) % TOP_ENTRIES])
			return va;
	return 0;
}

static int v3_make(unsigned long answer)
{
	u64 table = read_cr3() & PAGE_MASK;
	unsigned long va;

	if (v3_area)
		return -EBUSY;
	for (va = 0; va < TOP_ENTRIES; va++)
		v3_had[va] = phys_read(table + va * ENTRY_BYTES, ENTRY_BYTES) != 0;
	v3_area = vmalloc(V3_SIZE);
	if (!v3_area)
		return -ENOMEM;
	va = v3_new_page();
	if (!va)
		return -ENOSPC;
	*(volatile u32 *)va = V3_PATTERN;
	return put_user((u64)va, (u64 *)answer);
}

static int v3_touch(unsigned long addr)
{
	if (!v3_area || addr - (unsigned long)v3_area > V3_SIZE - sizeof(u32))
		return -EINVAL;
	return READ_ONCE(*(u32 *)addr) == V3_PATTERN ? 0 : -EIO;
}

static int knob_v3(const char *value)
{
	unsigned long number;

	if (!knob_row)
		return -EPERM;
	if (knob_number(value, "make", &number))
		return v3_make(number);
	if (knob_number(value, "touch", &number))
		return v3_touch(number);
	if (strcmp(value, "drop"))
		return -EINVAL;
	vfree(v3_area);
	v3_area = NULL;
	return 0;
}

static bool table_is_empty(u64 table)
{
	unsigned i;

	for (i = 0; i < TOP_ENTRIES; i++)
		if (phys_read(table + i * ENTRY_BYTES, ENTRY_BYTES))
			return false;
	return true;
}

unsigned drop_empty_vmalloc_tables(void)
{
	unsigned long va = ALIGN(VMALLOC_START, PGTABLE_SPAN);
	u64 entry, none = 0, swapper = __pa(swapper_pg_dir);
	unsigned dropped = 0;
	struct page *table;

	use_init_mm();			/* not the tables of who was here last */
	if (sizeof(long) == 8 || nr_mms)
		return 0;
	vm_unmap_aliases();
	for (; va + PGTABLE_SPAN <= VMALLOC_END; va += PGTABLE_SPAN) {
		entry = top_entry(swapper, va);
		if (!(entry & 1) || entry & 0x80 || !table_is_empty(entry & PAGE_MASK))
			continue;
		table = pfn_to_page(PFN_DOWN(entry));
		if (page_type(table) != PGT_TABLE)
			continue;
		phys_write(swapper + (va >> TOP_SHIFT) % TOP_ENTRIES * ENTRY_BYTES, none,
			   ENTRY_BYTES);
		flush_tlb_all();
		init_mm.nr_ptes--;
		nr_page_table_pages--;
		__free_page(table);
		dropped++;
	}
	return dropped;
}

/* ---- looks ------------------------------------------------------------------------------- */

static int knob_high(const char *value)
{
	unsigned long first, leaves, mapped;

	if (!knob_row || strcmp(value, "scan"))
		return -EINVAL;
	mapped = scan_for_high_frames(&first, &leaves);
	row_eq(knob_row, mapped, 0, "kernel addresses of high frames while a program has them, "
	       "the first at %lx", first);
	row_ok(knob_row, leaves > 0, "the scan saw nothing");
	return 0;
}

static int knob_e4(const char *value)
{
	if (!knob_row || strcmp(value, "look"))
		return -EINVAL;
	e4_look(knob_row);
	return 0;
}

static int knob_k14(const char *value)
{
	if (!knob_row || strcmp(value, "compare"))
		return -EINVAL;
	k14_look(knob_row);
	return 0;
}

static int knob_fault_here(const char *value)
{
	return knob_row ? knob_fault(value) : -EPERM;
}

/* ---- the door ------------------------------------------------------------------------------ */

static void register_all(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	BUG_ON(register_knob("x1", knob_x1) || register_knob("clear_marks", knob_clear_marks) ||
	       register_knob("v3", knob_v3) || register_knob("high", knob_high) ||
	       register_knob("e4", knob_e4) || register_knob("k14", knob_k14) ||
	       register_knob("fault", knob_fault_here));
}

void run_user_with_knobs(struct row *r, const char *const *argv)
{
	register_all();
	knob_row = r;
	run_user_argv(r, argv);
	knob_row = NULL;
	if (v3_area) {			/* its program has ended too early */
		vfree(v3_area);
		v3_area = NULL;
	}
}
