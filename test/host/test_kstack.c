/* SPDX-License-Identifier: MIT */
/*
 * arch/x86/mm/kstack.c: stacks are apart from each other, also when an allocation sleeps and
 * somebody else forks meanwhile; without memory nothing is left behind.
 */
#include "tap.h"
#include "host.h"
#include <asm/tlbflush.h>
#include <mm/gfp.h>
#include <mm/pgtable.h>

#define KSTACK_START	IOREMAP_START
#define KSTACK_END	IOREMAP_END
#define THREAD_SIZE	0x4000ul

static void *other;
static int sleep_in, fail_in;

static struct page *sleepy_alloc_pages(gfp_t gfp, unsigned int order);

/* The n-th allocation from now on sleeps: another fork runs from beginning to end. */
#define alloc_pages sleepy_alloc_pages
#include "../../arch/x86/mm/kstack.c"
#undef alloc_pages

static struct page *sleepy_alloc_pages(gfp_t gfp, unsigned int order)
{
	if (sleep_in && !--sleep_in)
		other = kstack_alloc();
	if (fail_in && !--fail_in)
		return NULL;
	return alloc_pages(gfp, order);
}

#define PAGES		((int)(THREAD_SIZE / PAGE_SIZE))
#define STACKS		(2 * KSTACK_CACHE)

static struct page_accounting start;

static bool as_at_start(void)
{
	struct page_accounting now;

	kstack_cache_drain();
	account_pages(&now);
	return !nr_kstacks && memcmp(&now, &start, sizeof(now)) == 0;
}

static void fill(void *stack, int with)
{
	memset(stack, with, THREAD_SIZE);
}

static unsigned long others(const u8 *stack, int than)
{
	unsigned long i, n = 0;

	for (i = 0; i < THREAD_SIZE; i++)
		n += stack[i] != than;
	return n;
}

static void test_apart(void)
{
	void *stack[STACKS];
	unsigned long wrong = 0;
	int i;

	for (i = 0; i < STACKS; i++) {
		stack[i] = kstack_alloc();
		fill(stack[i], i);
	}
	for (i = 0; i < STACKS; i++) {
		wrong += others(stack[i], i);
		wrong += !kstack_guard_hit((unsigned long)stack[i] - 1) ||
			 !host_faults((char *)stack[i] - 1);
	}
	is(wrong, 0, "each stack has its own frames and its guard page");
	for (i = 0; i < STACKS; i++)
		kstack_free(stack[i]);
	ok(as_at_start(), "all of it comes back");
}

static void test_sleeps(void)
{
	void *mine;
	int n, same = 0, lost = 0;
	unsigned long wrong = 0;

	for (n = 1; n <= PAGES; n++) {
		sleep_in = n;
		other = NULL;
		mine = kstack_alloc();
		if (!mine || !other || mine == other) {
			same++;
			continue;
		}
		fill(mine, 1);
		fill(other, 2);
		wrong += others(mine, 1) + others(other, 2);
		kstack_free(mine);
		kstack_free(other);
		lost += !as_at_start();
	}
	is(same, 0, "a fork while another one's allocation sleeps gets another stack");
	is(wrong, 0, "of its own frames");
	is(lost, 0, "and both come back");
}

static void test_fails(void)
{
	int n, got = 0, lost = 0;
	void *next;

	for (n = 1; n <= PAGES; n++) {
		fail_in = n;
		got += kstack_alloc() != NULL;
		lost += !as_at_start();
		next = kstack_alloc();
		lost += next != (void *)(KSTACK_START + PAGE_SIZE);
		kstack_free(next);
		kstack_cache_drain();
	}
	is(got, 0, "without memory there is none");
	is(lost, 0, "neither frame nor place is lost");
}

int main(void)
{
	unsigned long addr;

	host_boot(&host_small);
	for (addr = KSTACK_START; addr < KSTACK_END; addr += PMD_SIZE)
		pte_alloc_kernel(addr);
	account_pages(&start);
	test_apart();
	test_sleeps();
	test_fails();
	return done();
}
