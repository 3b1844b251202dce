/* SPDX-License-Identifier: MIT */
/* The simulated machine of the mm tests: see host.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host.h"
#include <asm/tlbflush.h>
#include <kernel/printk.h>

pgd_t swapper_pg_dir[PTRS_PER_PGD] __aligned(4096);
pteval_t supported_pte_mask = ~0ul;
unsigned long phys_base;
struct tlb_counters tlb_counters;
bool host_irqs_off;
void (*host_interrupt)(void);
unsigned long host_tlb_fills;
char host_last_message[1024];
unsigned long host_messages;
const struct host_machine *host_machine;

#ifndef __x86_64__
struct page *mem_map;
#endif

static int ram_fd = -1;
static u64 ram_size;
static char *ram_view;			/* all of it, on small machines: no call for each access */
static int panic_fd = -1;		/* in a copy: where the message goes */

const struct host_machine host_small = {
	.ram = { { 0, MIB_PFN(20) }, { MIB_PFN(21) + 3, MIB_PFN(96) } },
	.low_end = MIB_PFN(48),
};

/* ---- messages ---------------------------------------------------------------------- */

int printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(host_last_message, sizeof(host_last_message), fmt, args);
	va_end(args);
	host_messages++;
	if (getenv("HOST_VERBOSE"))
		fprintf(stderr, "%s", host_last_message + (*host_last_message == 1 ? 2 : 0));
	return n;
}

void panic(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (panic_fd >= 0) {
		if (write(panic_fd, text, strlen(text)) < 0)
			_exit(1);
		_exit(77);
	}
	fprintf(stderr, "panic: %s\n", text);
	abort();
}

void warn_at(const char *file, int line, const char *what)
{
	panic("warning at %s:%d: %s", file, line, what);
}

void host_deliver_interrupt(void)
{
	void (*handler)(void) = host_interrupt;
	unsigned int context = kmap_context_enter(KMAP_IRQ);

	host_interrupt = NULL;		/* no nesting */
	host_irqs_off = true;
	handler();
	host_irqs_off = false;
	kmap_context_leave(context);
	host_interrupt = handler;
}

static __noreturn void die_errno(const char *what)
{
	fprintf(stderr, "host: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- RAM --------------------------------------------------------------------------- */

static void map_fixed(unsigned long addr, size_t size, int prot, int fd, u64 offset, int extra)
{
	int flags = (fd < 0 ? MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED) | extra;
	void *p = mmap((void *)addr, size, prot, flags, fd, (off_t)offset);

	if (p != (void *)addr)
		die_errno("mmap");
}

static void new_ram(void)
{
	ram_fd = memfd_create("ram", 0);
	if (ram_fd < 0 || ftruncate(ram_fd, (off_t)ram_size) < 0)
		die_errno("memfd");
	if (ram_size > MIB(128))
		return;
	if (ram_view)
		munmap(ram_view, ram_size);
	ram_view = mmap(HOST_PLACE(0xa0000000ul), ram_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			ram_fd, 0);
	if (ram_view == MAP_FAILED)
		die_errno("view of RAM");
}

void host_read_frame(unsigned long pfn, void *buf)
{
	if (pread(ram_fd, buf, PAGE_SIZE, (off_t)PFN_PHYS(pfn)) != PAGE_SIZE)
		die_errno("pread");
}

void host_write_frame(unsigned long pfn, const void *buf)
{
	if (pwrite(ram_fd, buf, PAGE_SIZE, (off_t)PFN_PHYS(pfn)) != PAGE_SIZE)
		die_errno("pwrite");
}

/* The words of a frame, until the next call. */
const unsigned long *host_view(unsigned long pfn)
{
	static unsigned long copy[4096 / sizeof(long)];

	if (ram_view && PFN_PHYS(pfn) < ram_size)
		return (const unsigned long *)(ram_view + PFN_PHYS(pfn));
	host_read_frame(pfn, copy);
	return copy;
}

void host_frame(unsigned long pfn, unsigned long offset, void *buf, size_t n, bool write)
{
	off_t at = (off_t)(PFN_PHYS(pfn) + offset);

	if (ram_view && at + n <= ram_size) {
		memcpy(write ? ram_view + at : buf, write ? buf : ram_view + at, n);
		return;
	}
	if ((write ? pwrite(ram_fd, buf, n, at) : pread(ram_fd, buf, n, at)) != (ssize_t)n)
		die_errno("access to a frame");
}

/* ---- the MMU ----------------------------------------------------------------------- */

/* Which pages of a window have a translation: the others need no system call to have none. */
static char filled_vmalloc[(VMALLOC_TOP - VMALLOC_BASE) / PAGE_SIZE];
static char filled_ioremap[(IOREMAP_END - IOREMAP_START) / PAGE_SIZE];
static char filled_pkmap[LAST_PKMAP];
static char filled_fixmap[(FIXADDR_TOP + PAGE_SIZE - FIXADDR_BASE) / PAGE_SIZE];

static const struct window {
	unsigned long start, end;
	char *filled;
} windows[] = {
	{ VMALLOC_BASE, VMALLOC_TOP, filled_vmalloc },
	{ IOREMAP_START, IOREMAP_END, filled_ioremap },
	{ PKMAP_BASE, PKMAP_BASE + LAST_PKMAP * PAGE_SIZE, filled_pkmap },
	{ FIXADDR_BASE, FIXADDR_TOP + PAGE_SIZE, filled_fixmap },
};

static const struct window *window_of(unsigned long addr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++)
		if (addr >= windows[i].start && addr < windows[i].end)
			return &windows[i];
	return NULL;
}

/* [start, end) lies in the window. */
static void drop_part(const struct window *w, unsigned long start, unsigned long end)
{
	char *filled = w->filled + ((start - w->start) >> PAGE_SHIFT);
	unsigned long pages = (end - start) >> PAGE_SHIFT;

	if (!memchr(filled, 1, pages))
		return;
	memset(filled, 0, pages);
	map_fixed(start, end - start, PROT_NONE, -1, 0, MAP_FIXED);
}

static void drop_translations(unsigned long start, unsigned long end)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		unsigned long first = max(start, windows[i].start);
		unsigned long last = min(end, windows[i].end);

		if (first < last)
			drop_part(&windows[i], first, last);
	}
}

void flush_tlb_one(unsigned long addr)
{
	tlb_counters.flush_one++;
	drop_translations(addr & PAGE_MASK, (addr & PAGE_MASK) + PAGE_SIZE);
}

void flush_tlb_all(void)
{
	tlb_counters.flush_all++;
	drop_translations(0, ~0ul);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	tlb_counters.flush_all++;
	drop_translations(start, end);
}

/* Numbers only: shares nothing with the code under test but the format of an entry. */
unsigned long host_walk(const pgd_t *pgd, unsigned long addr)
{
	unsigned int bits = __SIZEOF_LONG__ == 8 ? 9 : 10;
	int shift = __SIZEOF_LONG__ == 8 ? 39 : 22;
	const unsigned long *table = (const unsigned long *)pgd;
	unsigned long entry;

	for (;; shift -= bits) {
		entry = table[(addr >> shift) & ((1ul << bits) - 1)];
		if (!(entry & 1) || shift == 12 || entry & 0x80)
			return entry;
		table = host_view((entry & PTE_PFN_MASK) >> 12);
	}
}

static sigjmp_buf probe;
static volatile sig_atomic_t probing;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	unsigned long addr = (unsigned long)info->si_addr, entry;
	const struct window *w = window_of(addr);

	if (w) {
		entry = host_walk(swapper_pg_dir, addr);
		if (entry & _PAGE_PRESENT) {
			host_tlb_fills++;
			w->filled[(addr - w->start) >> PAGE_SHIFT] = 1;
			map_fixed(addr & PAGE_MASK, PAGE_SIZE,
				  entry & _PAGE_RW ? PROT_READ | PROT_WRITE : PROT_READ,
				  ram_fd, entry & PTE_PFN_MASK, MAP_FIXED | MAP_POPULATE);
			return;
		}
	}
	if (probing) {
		probing = 0;
		siglongjmp(probe, 1);
	}
	fprintf(stderr, "host: unexpected fault at %#lx\n", addr);
	signal(sig, SIG_DFL);
}

bool host_faults(const void *addr)
{
	volatile bool faulted = true;

	if (!sigsetjmp(probe, 1)) {
		probing = 1;
		*(volatile const char *)addr;
		faulted = false;
	}
	probing = 0;
	return faulted;
}

/* ---- copies ------------------------------------------------------------------------ */

/* A child shares its parent's RAM; give it its own. */
static void own_ram(void)
{
	int old = ram_fd;
	off_t data = 0, hole;
	char buf[4096];

	new_ram();
	while ((data = lseek(old, data, SEEK_DATA)) >= 0) {
		hole = lseek(old, data, SEEK_HOLE);
		for (; data < hole; data += sizeof(buf))
			if (pread(old, buf, sizeof(buf), data) != sizeof(buf) ||
			    pwrite(ram_fd, buf, sizeof(buf), data) != sizeof(buf))
				die_errno("copy of RAM");
	}
	map_fixed(PAGE_OFFSET, PFN_PHYS(host_machine->low_end), PROT_READ | PROT_WRITE,
		  ram_fd, 0, MAP_FIXED);
	drop_translations(0, ~0ul);
}

static int run_in_copy(bool (*fn)(void), char *text, size_t size)
{
	int fds[2], status;
	ssize_t n = 0, got;
	pid_t child;

	fflush(stdout);
	if (pipe(fds) < 0 || (child = fork()) < 0)
		die_errno("fork");
	if (!child) {
		close(fds[0]);
		panic_fd = fds[1];
		if (host_machine)
			own_ram();
		_exit(fn() ? 0 : 2);
	}
	close(fds[1]);
	while ((got = read(fds[0], text + n, size - 1 - n)) > 0)
		n += got;
	text[n] = 0;
	close(fds[0]);
	if (waitpid(child, &status, 0) < 0)
		die_errno("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void (*panicking)(void);

static bool call_panicking(void)
{
	panicking();
	return true;
}

bool host_panics(void (*fn)(void), const char *message)
{
	char text[1024];
	int status;

	panicking = fn;
	status = run_in_copy(call_panicking, text, sizeof(text));
	if (status == 77 && strstr(text, message))
		return true;
	printf("# exit status %d, message '%s', wanted '%s'\n", status, text, message);
	return false;
}

bool host_in_copy(bool (*fn)(void))
{
	char text[1024];
	int status = run_in_copy(fn, text, sizeof(text));

	if (status)
		printf("# exit status %d %s\n", status, text);
	return status == 0;
}

void *host_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die_errno("shared memory");
	return p;
}

/* ---- booting ----------------------------------------------------------------------- */

static const struct host_range *last_ram(void)
{
	const struct host_range *r = host_machine->ram;

	while (r[1].end_pfn)
		r++;
	return r;
}

void host_power_on(const struct host_machine *m)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	host_machine = m;
	max_low_pfn = m->low_end;
	max_pfn = ALIGN(last_ram()->end_pfn, MAX_ORDER_NR_PAGES);
	high_memory = pfn_to_kaddr(max_low_pfn);
	ram_size = PFN_PHYS(max_pfn);
	new_ram();
	map_fixed(PAGE_OFFSET, PFN_PHYS(m->low_end), PROT_READ | PROT_WRITE, ram_fd, 0,
		  MAP_FIXED_NOREPLACE);
	for (i = 0; i < ARRAY_SIZE(windows); i++)
		map_fixed(windows[i].start, windows[i].end - windows[i].start, PROT_NONE, -1, 0,
			  MAP_FIXED_NOREPLACE);
	if (sigaction(SIGSEGV, &sa, NULL) < 0 || sigaction(SIGBUS, &sa, NULL) < 0)
		die_errno("sigaction");
}

static unsigned long bootmem_end(void)
{
	unsigned long end = host_machine->bootmem_end;

	return end ? end : last_ram()->end_pfn;
}

void host_bootmem(void)
{
	const struct host_range *r;
	unsigned long map = MIB(2), size = bootmem_map_size(0, bootmem_end());

	init_bootmem(__va(map), 0, bootmem_end());
	for (r = host_machine->ram; r->end_pfn; r++)
		free_bootmem(PFN_PHYS(r->start_pfn), PFN_PHYS(r->end_pfn - r->start_pfn));
	reserve_bootmem(0, MIB(1), BOOTMEM_SHARED);
	BUG_ON(reserve_bootmem(map, size, 0));
}

/* Tables down to the page table for an address, from bootmem. */
static void boot_page_table(unsigned long addr)
{
	pgd_t *pgd = pgd_offset_k(addr);
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(*pgd))
		pgd_populate(pgd, __pa(alloc_bootmem_low_pages(1)), _KERNPG_TABLE);
	pud = pud_offset(pgd, addr);
	if (pud_none(*pud))
		pud_populate(pud, __pa(alloc_bootmem_low_pages(1)), _KERNPG_TABLE);
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd))
		pmd_populate(pmd, __pa(alloc_bootmem_low_pages(1)), _KERNPG_TABLE);
}

static void make_mem_map(void)
{
#ifdef __x86_64__
	map_fixed(VMEMMAP_START, VMEMMAP_SIZE, PROT_READ | PROT_WRITE, -1, 0,
		  MAP_FIXED_NOREPLACE);
#else
	size_t size = max_pfn * sizeof(struct page);

	mem_map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, -1, 0);
	if (mem_map == MAP_FAILED)
		die_errno("mem_map");
#endif
}

/* What firmware leaves behind is not zero. */
static void init_range(unsigned long start, unsigned long end, bool present)
{
	if (start < end)
		memset(pfn_to_page(start), 0xa5, (end - start) * sizeof(struct page));
	memmap_init_range(start, end, present);
}

/* Descriptors for all blocks that contain RAM. */
static void init_mem_map(void)
{
	const unsigned long block = MAX_ORDER_NR_PAGES;
	const struct host_range *r;
	unsigned long done = 0;

	for (r = host_machine->ram; r->end_pfn; r++) {
		if (ALIGN_DOWN(r->start_pfn, block) > done) {
			init_range(done, ALIGN(done, block), false);
			done = ALIGN_DOWN(r->start_pfn, block);
		}
		init_range(done, r->start_pfn, false);
		init_range(r->start_pfn, r->end_pfn, true);
		done = r->end_pfn;
	}
	init_range(done, ALIGN(done, block), false);
}

void host_paging(void)
{
	const struct host_machine *m = host_machine;
	unsigned long dma = m->dma_end ? m->dma_end : MIB_PFN(16);
	const unsigned long max_zone_pfn[MAX_NR_ZONES] = {
		dma, m->dma32_end, m->low_end, last_ram()->end_pfn,
	};

	boot_page_table(PKMAP_BASE);
	boot_page_table(FIXADDR_BASE);
	VMALLOC_START = VMALLOC_BASE;
	VMALLOC_END = VMALLOC_TOP;
	kmap_init();
	make_mem_map();
	free_area_init(max_zone_pfn);
	init_mem_map();
}

void host_boot(const struct host_machine *m)
{
	host_power_on(m);
	host_bootmem();
	host_paging();
	free_all_bootmem();
	if (m->bootmem_end)
		free_pages_bulk_range(m->bootmem_end, last_ram()->end_pfn);
	page_alloc_init();
	kmem_cache_init();
	vmalloc_init();
}
