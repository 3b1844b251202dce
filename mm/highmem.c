/* SPDX-License-Identifier: MIT */
/*
 * Addresses for frames above the direct map (Gorman chapter 9).  Contracts: mm/highmem.h.
 *
 * The pkmap window has LAST_PKMAP slots; pkmap_count[] says for each:
 *	0	entry empty, no translation anywhere
 *	1	nobody uses it, but entry and translation still stand
 *	n + 1	n users
 * Slots are taken in turn.  When the turn comes round, all slots with count 1 are cleared
 * and flushed together, so a slot is never reused before its old translation is gone, and
 * there is one flush for many unmappings.  Until then a page can have its slot back.
 *
 * Locks: kmap_lock protects the pool; interrupts do not use it.  The fixmap slots need no
 * lock: each context has its own and gives them back last-in first-out.
 */
#include <asm/tlbflush.h>
#include <kernel/wait.h>
#include "internal.h"

struct kmap_stats kmap_stats;
pte_t *pkmap_page_table;
u16 pkmap_count[LAST_PKMAP];
unsigned int kmap_current_context;
unsigned int kmap_local_depth[KMAP_CONTEXTS];

static pte_t *kmap_pte;			/* of FIX_KMAP_LOCAL_END; the next slots lie below */
static DEFINE_SPINLOCK(kmap_lock);
static unsigned int last_pkmap_nr;
static DECLARE_WAIT_QUEUE_HEAD(pkmap_waitq);
static unsigned long pkmap_released;	/* times that a slot lost its last user */
static unsigned int pkmap_waiters;

/* Which slot has a page: chains of slot numbers, from a hash of the frame number. */
#define PKMAP_HASH	128
#define NO_SLOT		LAST_PKMAP

static struct page *pkmap_page[LAST_PKMAP];
static u16 pkmap_next[LAST_PKMAP];
static u16 pkmap_head[PKMAP_HASH];

static_assert(LAST_PKMAP < 65535, "slot numbers are u16");

void kmap_init(void)
{
	unsigned int i;

	pkmap_page_table = pte_lookup(&init_mm, PKMAP_BASE);
	kmap_pte = pte_lookup(&init_mm, KMAP_LOCAL_TOP);
	BUG_ON(!pkmap_page_table || !kmap_pte);
	for (i = 0; i < PKMAP_HASH; i++)
		pkmap_head[i] = NO_SLOT;
}

void no_lowmem_address(const struct page *page)
{
	panic("frame %#lx is in high memory: it has no address, use kmap()", page_to_pfn(page));
}

/* ---- the pool ---------------------------------------------------------------------- */

static u16 *hash_chain(const struct page *page)
{
	return &pkmap_head[page_to_pfn(page) % PKMAP_HASH];
}

static unsigned int find_slot(const struct page *page)
{
	unsigned int nr = *hash_chain(page);

	while (nr != NO_SLOT && pkmap_page[nr] != page)
		nr = pkmap_next[nr];
	return nr;
}

static void hash_add(unsigned int nr, struct page *page)
{
	u16 *head = hash_chain(page);

	pkmap_page[nr] = page;
	pkmap_next[nr] = *head;
	*head = nr;
}

static void hash_del(unsigned int nr)
{
	u16 *link = hash_chain(pkmap_page[nr]);

	while (*link != nr)
		link = &pkmap_next[*link];
	*link = pkmap_next[nr];
	pkmap_page[nr] = NULL;
}

static void flush_all_zero_pkmaps(void)
{
	bool need_flush = false;
	unsigned int nr;

	assert_spin_locked(&kmap_lock);
	for (nr = 0; nr < LAST_PKMAP; nr++) {
		if (pkmap_count[nr] != 1)
			continue;
		pkmap_count[nr] = 0;
		pte_clear(&pkmap_page_table[nr]);
		hash_del(nr);
		need_flush = true;
	}
	if (!need_flush)
		return;
	kmap_stats.flushes++;
	flush_tlb_kernel_range(PKMAP_ADDR(0), PKMAP_ADDR(LAST_PKMAP));
}

void kmap_flush_unused(void)
{
	unsigned long flags = spin_lock_irqsave(&kmap_lock);

	flush_all_zero_pkmaps();
	spin_unlock_irqrestore(&kmap_lock, flags);
}

/* The next empty slot in turn, mapped to the page but not yet counted for a user. */
static unsigned int map_new_slot(struct page *page)
{
	unsigned int tries;

	/* A whole round after the flush: it may have emptied slots already passed. */
	for (tries = LAST_PKMAP; tries; tries--) {
		last_pkmap_nr = (last_pkmap_nr + 1) % LAST_PKMAP;
		if (!last_pkmap_nr) {
			flush_all_zero_pkmaps();
			tries = LAST_PKMAP;
		}
		if (pkmap_count[last_pkmap_nr])
			continue;
		set_pte(&pkmap_page_table[last_pkmap_nr], mk_pte(page, PAGE_KERNEL));
		pkmap_count[last_pkmap_nr] = 1;
		hash_add(last_pkmap_nr, page);
		kmap_stats.maps++;
		return last_pkmap_nr;
	}
	return NO_SLOT;
}

/* All slots are held: sleep until somebody gives one back, then try again. */
static void pkmap_wait(void)
{
	unsigned long seen = pkmap_released;

	pkmap_waiters++;
	wait_event(pkmap_waitq, pkmap_released != seen);
	pkmap_waiters--;
}

unsigned int kmap_nr_waiting(void)
{
	return pkmap_waiters;
}

void *kmap_high(struct page *page, bool may_wait)
{
	unsigned long flags = spin_lock_irqsave(&kmap_lock);
	unsigned int nr;

	for (;;) {
		nr = find_slot(page);
		if (nr != NO_SLOT) {
			kmap_stats.hits++;
			break;
		}
		nr = map_new_slot(page);
		if (nr != NO_SLOT || !may_wait)
			break;
		kmap_stats.waits++;
		spin_unlock_irqrestore(&kmap_lock, flags);
		pkmap_wait();
		flags = spin_lock_irqsave(&kmap_lock);
	}
	if (nr != NO_SLOT)
		pkmap_count[nr]++;
	spin_unlock_irqrestore(&kmap_lock, flags);
	return nr != NO_SLOT ? (void *)PKMAP_ADDR(nr) : NULL;
}

void kunmap_high(struct page *page)
{
	unsigned long flags = spin_lock_irqsave(&kmap_lock);
	unsigned int nr = find_slot(page);
	bool wake = false;

	if (nr == NO_SLOT || pkmap_count[nr] < 2)
		bad_page(page, "kunmap without kmap");
	if (--pkmap_count[nr] == 1) {
		pkmap_released++;
		wake = pkmap_waiters;
	}
	spin_unlock_irqrestore(&kmap_lock, flags);
	if (wake)
		wake_up_all(&pkmap_waitq);
}

void *page_address_high(const struct page *page)
{
	unsigned long flags = spin_lock_irqsave(&kmap_lock);
	unsigned int nr = find_slot(page);

	spin_unlock_irqrestore(&kmap_lock, flags);
	return nr != NO_SLOT ? (void *)PKMAP_ADDR(nr) : NULL;
}

/* ---- fixmap slots ------------------------------------------------------------------ */

/* Slots are numbered downwards from KMAP_LOCAL_TOP, and so are their entries. */
static unsigned int local_slot(unsigned int depth)
{
	return kmap_current_context * KMAP_LOCAL_SLOTS + depth;
}

void *kmap_local_high(struct page *page)
{
	unsigned int depth = kmap_local_depth[kmap_current_context]++;
	unsigned int slot = local_slot(depth);
	pte_t *pte = kmap_pte - slot;

	if (unlikely(depth >= KMAP_LOCAL_SLOTS))
		panic("kmap_local: nested more than %u deep", KMAP_LOCAL_SLOTS);
	if (unlikely(!pte_none(*pte)))
		panic("kmap_local: slot %u is in use already", slot);
	set_pte(pte, mk_pte(page, PAGE_KERNEL));
	kmap_stats.local_maps++;
	if (depth >= kmap_stats.local_max)
		kmap_stats.local_max = depth + 1;
	return (void *)(KMAP_LOCAL_TOP - ((unsigned long)slot << PAGE_SHIFT));
}

/* The translation goes with the entry: a stale pointer faults instead of reading on. */
void kunmap_local_high(const void *addr)
{
	unsigned long page_addr = (unsigned long)addr & PAGE_MASK;
	unsigned int slot = (KMAP_LOCAL_TOP - page_addr) >> PAGE_SHIFT;

	if (unlikely(!kmap_local_held() ||
		     slot != local_slot(kmap_local_held() - 1)))
		panic("kunmap_local: %p was not mapped last", addr);
	pte_clear(kmap_pte - slot);
	flush_tlb_one(page_addr);
	kmap_local_depth[kmap_current_context]--;
}
