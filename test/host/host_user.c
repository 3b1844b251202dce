/* SPDX-License-Identifier: MIT */
/* The processor's side of user memory: see host_user.h. */
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include "host_user.h"

unsigned long host_user_faults, host_user_flushes;

static const pgd_t *cr3;

/* ---- the TLB ----------------------------------------------------------------------- */

#define TLB_SIZE	4096

static struct {
	unsigned long vpn, entry;	/* entry 0: empty */
} tlb[TLB_SIZE];

/* The slots that may not be empty, so that flushing and checking need not look at all. */
static u16 tlb_used[TLB_SIZE];
static unsigned int tlb_nr_used;
static bool tlb_listed[TLB_SIZE];

static void drop(unsigned long addr)
{
	unsigned long vpn = addr >> PAGE_SHIFT;

	if (tlb[vpn % TLB_SIZE].vpn == vpn)
		tlb[vpn % TLB_SIZE].entry = 0;
}

static void fill(unsigned long vpn, unsigned long entry)
{
	unsigned int slot = vpn % TLB_SIZE;

	tlb[slot].vpn = vpn;
	tlb[slot].entry = entry;
	if (tlb_listed[slot])
		return;
	tlb_listed[slot] = true;
	tlb_used[tlb_nr_used++] = (u16)slot;
}

static void load_cr3(const pgd_t *pgd)
{
	cr3 = pgd;
	tlb_counters.cr3_loads++;
	for (; tlb_nr_used; tlb_nr_used--) {
		tlb[tlb_used[tlb_nr_used - 1]].entry = 0;
		tlb_listed[tlb_used[tlb_nr_used - 1]] = false;
	}
}

void host_switch_mm(struct mm_struct *mm)
{
	current->mm = current->active_mm = mm;
	if (cr3 != mm->pgd)
		load_cr3(mm->pgd);
}

void flush_tlb_page(struct mm_struct *mm, unsigned long addr)
{
	if (mm->pgd != cr3)
		return;
	host_user_flushes++;
	drop(addr);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	if (mm->pgd != cr3)
		return;
	tlb_counters.flush_mm++;
	load_cr3(cr3);
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	if (mm->pgd != cr3)
		return;
	if ((end - start) >> PAGE_SHIFT > 32) {
		flush_tlb_mm(mm);
		return;
	}
	for (; start < end; start += PAGE_SIZE)
		flush_tlb_page(mm, start);
}

/* ---- the walk ---------------------------------------------------------------------- */

/* Numbers only: the frame of the table that has the entry of an address, 0 if there is none. */
static unsigned long table_of(const pgd_t *pgd, unsigned long addr)
{
	const unsigned int bits = __SIZEOF_LONG__ == 8 ? 9 : 10;
	int shift = __SIZEOF_LONG__ == 8 ? 39 : 22;
	unsigned long table = __pa(pgd) >> PAGE_SHIFT, entry;

	for (; shift > 12; shift -= bits) {
		entry = host_view(table)[(addr >> shift) & ((1ul << bits) - 1)];
		if (!(entry & _PAGE_PRESENT))
			return 0;
		table = (entry & PTE_PFN_MASK) >> PAGE_SHIFT;
	}
	return table;
}

static unsigned long place_in_table(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) % HOST_TABLE;
}

static unsigned long walk(const pgd_t *pgd, unsigned long addr)
{
	unsigned long table = table_of(pgd, addr);

	return table ? host_view(table)[place_in_table(addr)] : 0;
}

unsigned long host_entry(struct mm_struct *mm, unsigned long addr)
{
	return walk(mm->pgd, addr);
}

const unsigned long *host_table(struct mm_struct *mm, unsigned long addr)
{
	unsigned long table = table_of(mm->pgd, addr);

	return table ? host_view(table) : NULL;
}

static bool allows(unsigned long entry, unsigned int flags)
{
	return entry & _PAGE_PRESENT && entry & _PAGE_USER &&
	       (!(flags & FAULT_FLAG_WRITE) || entry & _PAGE_RW) &&
	       (!(flags & FAULT_FLAG_INSTR) || !(entry & _PAGE_NX));
}

bool host_tlb_is_stale(unsigned long *addr)
{
	unsigned long entry, seen;
	unsigned int i, slot;

	for (i = 0; i < tlb_nr_used; i++) {
		slot = tlb_used[i];
		seen = tlb[slot].entry;
		if (!seen)
			continue;
		*addr = tlb[slot].vpn << PAGE_SHIFT;
		entry = walk(cr3, *addr);
		if ((entry ^ seen) & PTE_PFN_MASK || !(entry & _PAGE_PRESENT) ||
		    seen & ~entry & (_PAGE_RW | _PAGE_USER) || entry & ~seen & _PAGE_NX)
			return true;
	}
	return false;
}

/* The frame for one access, or false: a fault, which also drops the translation. */
static bool translate(unsigned long addr, unsigned int flags, unsigned long *frame)
{
	unsigned long vpn = addr >> PAGE_SHIFT, table, entry, set;

	entry = tlb[vpn % TLB_SIZE].vpn == vpn ? tlb[vpn % TLB_SIZE].entry : 0;
	if (!entry) {
		entry = walk(cr3, addr);
		if (!allows(entry, flags))
			return false;
	}
	if (!allows(entry, flags)) {
		drop(addr);
		return false;
	}
	set = _PAGE_ACCESSED | (flags & FAULT_FLAG_WRITE ? _PAGE_DIRTY : 0);
	if (~entry & set) {
		table = table_of(cr3, addr);
		if (!table) {
			drop(addr);
			return false;
		}
		entry = host_view(table)[place_in_table(addr)] | set;
		host_frame(table, place_in_table(addr) * sizeof(long), &entry, sizeof(entry), true);
	}
	fill(vpn, entry);
	*frame = (entry & PTE_PFN_MASK) >> PAGE_SHIFT;
	return true;
}

/* ---- the fault --------------------------------------------------------------------- */

static enum host_result fault(unsigned long addr, unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	enum host_result result = HOST_OK;
	struct vm_area_struct *vma;
	int ret;

	host_user_faults++;
	down_read(&mm->mmap_sem);
	vma = find_extend_vma(mm, addr);
	if (!vma || !vma_permits(vma, flags)) {
		up_read(&mm->mmap_sem);
		return vma ? HOST_ACCERR : HOST_MAPERR;
	}
	ret = handle_mm_fault(vma, addr, flags);
	up_read(&mm->mmap_sem);
	BUG_ON(kmap_local_held());
	if (ret & VM_FAULT_OOM)
		result = HOST_OOM;
	else if (ret & VM_FAULT_SIGBUS)
		result = HOST_SIGBUS;
	else if (ret & VM_FAULT_ERROR)
		result = HOST_MAPERR;
	return result;
}

static enum host_result access(unsigned long addr, void *buf, size_t n, unsigned int kind)
{
	const unsigned int flags = FAULT_FLAG_USER | kind;
	unsigned long frame, offset, piece, tries;
	enum host_result result;

	for (; n; n -= piece, addr += piece, buf = (char *)buf + piece) {
		for (tries = 0; !translate(addr, flags, &frame); tries++) {
			BUG_ON(tries > 3);
			result = fault(addr, flags);
			if (result != HOST_OK)
				return result;
		}
		offset = addr & ~PAGE_MASK;
		piece = min_t(size_t, n, PAGE_SIZE - offset);
		host_frame(frame, offset, buf, piece, kind & FAULT_FLAG_WRITE);
	}
	return HOST_OK;
}

enum host_result host_read(unsigned long addr, void *buf, size_t n)
{
	return access(addr, buf, n, 0);
}

enum host_result host_write(unsigned long addr, const void *buf, size_t n)
{
	return access(addr, (void *)buf, n, FAULT_FLAG_WRITE);
}

enum host_result host_fetch(unsigned long addr, u8 *value)
{
	return access(addr, value, 1, FAULT_FLAG_INSTR);
}

int host_peek(unsigned long addr)
{
	u8 value = 0;
	enum host_result result = host_read(addr, &value, 1);

	return result == HOST_OK ? value : -1 - (int)result;
}

enum host_result host_poke(unsigned long addr, u8 value)
{
	return host_write(addr, &value, 1);
}

/* All or nothing: enough for what mm/ copies. */
unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	return host_write((unsigned long)to, from, n) == HOST_OK ? 0 : n;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	return host_read((unsigned long)from, to, n) == HOST_OK ? 0 : n;
}
