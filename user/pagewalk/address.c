/* SPDX-License-Identifier: MIT */
/*
 * One address, seen three ways: by the entries themselves (decode.c), by the independent walk of
 * /proc/pagewalk/walk, which decodes them too, and by the kernel's own lookup: its regions and
 * the word of /proc/PID/pagemap.
 */
#include "pagewalk.h"

#define WORD_PRESENT	(1ull << 63)
#define WORD_SWAPPED	(1ull << 62)
#define WORD_FRAME	((1ull << 55) - 1)

static __noreturn void no_process(int pid, long err)
{
	if (err == -ESRCH || err == -ENOENT)
		give_up(1, "there is no process %d; ls /proc shows which there are", pid);
	give_up(1, "process %d cannot be looked at: error %ld", pid, -err);
}

/* All addresses of a run are in one process: its files stay open. */
static void walk(int pid, u64 address, struct pagewalk_walk *w)
{
	static int fd = -1;
	long n;

	if (fd < 0)
		fd = open_walk(pid);
	if (fd < 0)
		no_process(pid, fd);
	n = sys_pread(fd, w, sizeof(*w), address & -(u64)PAGE_SIZE);
	if (n != (long)sizeof(*w))
		no_process(pid, n < 0 ? n : -EIO);
}

static bool pagemap_word(int pid, u64 address, u64 *word)
{
	static int fd = -1;
	char path[40];

	if (fd < 0) {
		snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
		fd = (int)sys_open(path, O_RDONLY, 0);
	}
	return sys_pread(fd, word, sizeof(*word), address / PAGE_SIZE * sizeof(*word)) ==
	       (long)sizeof(*word);
}

/* The byte, not the page that it is in. */
static void move_to(struct view *v)
{
	u64 offset = v->address & (PAGE_SIZE - 1);

	v->w.address += offset;
	if (v->w.flags & PAGEWALK_PRESENT)
		v->w.phys += offset;
}

static void ask_kernel(struct view *v)
{
	long err;

	if (v->pid != KERNEL_PID && v->address < kernel_start())
		v->has_word = pagemap_word(v->pid, v->address, &v->word);
	if (v->brief)
		return;
	err = find_region(v->pid, v->address, &v->region);
	if (err < 0)
		no_process(v->pid, err);
	if (v->d.present)
		v->has_frame = read_frame(v->d.phys >> 12, &v->frame);
}

void look(int pid, u64 address, bool brief, struct view *v)
{
	*v = (struct view){
		.address = address, .pid = pid, .brief = brief, .canonical = is_canonical(address),
	};
	if (pid != KERNEL_PID && !brief)
		process_name(pid, v->comm, sizeof(v->comm));
	if (!v->canonical) {
		/* The process must exist all the same. */
		walk(pid, 0, &v->w);
		return;
	}
	walk(pid, address, &v->w);
	move_to(v);
	decode_walk(&v->w, &v->d);
	ask_kernel(v);
}

/* ---- do they agree? ------------------------------------------------------------------ */

static const char *decoded_otherwise(const struct view *v)
{
	const struct decoded *d = &v->d;
	u32 flags = v->w.flags;

	if (d->present != !!(flags & PAGEWALK_PRESENT))
		return "whether it is present";
	if (!d->present)
		return NULL;
	if (d->phys != v->w.phys || d->size != v->w.size || d->large != !!(flags & PAGEWALK_LARGE))
		return "the physical address";
	if (d->write != !!(flags & PAGEWALK_WRITE) || d->user != !!(flags & PAGEWALK_USER) ||
	    d->exec != !!(flags & PAGEWALK_EXEC) || d->global != !!(flags & PAGEWALK_GLOBAL))
		return "the rights";
	if (d->accessed != !!(flags & PAGEWALK_ACCESSED) || d->dirty != !!(flags & PAGEWALK_DIRTY))
		return "Accessed or Dirty";
	return NULL;
}

/* A word of pagemap: PROT_NONE is present for the kernel, not for the processor. */
static const char *lookup_otherwise(const struct view *v)
{
	const struct decoded *d = &v->d;
	u64 entry = v->w.entry[v->w.depth - 1];

	if (!!(v->word & WORD_PRESENT) != (d->present || d->protnone))
		return "whether the kernel has a page there";
	if (!!(v->word & WORD_SWAPPED) != d->swapped)
		return "whether it is swapped out";
	if (v->word & WORD_PRESENT &&
	    (v->word & WORD_FRAME) != (d->protnone ? entry_frame(entry) : d->phys >> 12))
		return "the frame";
	if (d->swapped && v->word != (WORD_SWAPPED | d->device | d->slot << 5))
		return "the slot";
	if (d->present && !v->brief && !v->region.end)
		return "whether there is a region";
	return NULL;
}

const char *disagreement(const struct view *v)
{
	const char *what;

	if (!v->canonical)
		return NULL;
	what = decoded_otherwise(v);
	return what || !v->has_word ? what : lookup_otherwise(v);
}
