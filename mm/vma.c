/* SPDX-License-Identifier: MIT */
/*
 * Regions: the sorted list and the gap-augmented tree, always consistent with each other
 * (contracts: mm/vma.h; Gorman 5.4).
 *
 * A region's gap is what is free below it, down to the end of its predecessor; each tree
 * node knows the largest gap of its subtree, so a free area is found without visiting
 * regions whose gaps are too small.  Since a gap depends on the predecessor, linking and
 * unlinking change the successor's gap too.
 *
 * Most changes are small, so nothing is recomputed that they do not touch: a border that
 * moves between two neighbours changes no gap at all, the place of a new region in the tree
 * follows from its neighbours, and a search starts where the last one ended.
 */
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/file.h>
#include <mm/filemap.h>
#include <mm/mmap.h>
#include <mm/rmap.h>
#include <mm/slab.h>

struct vma_stats vma_stats;
struct kmem_cache *vm_area_cachep;

#define vma_of(node)	rb_entry((node), struct vm_area_struct, vm_rb)

void vma_cache_init(void)
{
	vm_area_cachep = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0,
					   SLAB_PANIC, NULL);
}

struct vm_area_struct *vma_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_zalloc(vm_area_cachep, GFP_KERNEL);

	if (vma)
		vma->vm_mm = mm;
	return vma;
}

void vma_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vm_area_cachep, vma);
}

void vma_release(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	fput(vma->vm_file);
	vma_free(vma);
}

/* ---- what a region counts for ------------------------------------------------------ */

static void account(struct mm_struct *mm, unsigned long flags, long pages)
{
	mm->total_vm += pages;
	if (is_data_mapping(flags))
		mm->data_vm += pages;
	if (flags & VM_LOCKED)
		mm->locked_vm += pages;
	if (flags & VM_ACCOUNT)
		vm_committed += pages;
}

/* ---- gaps -------------------------------------------------------------------------- */

static unsigned long prev_end(const struct vm_area_struct *vma)
{
	return vma->vm_prev ? vma->vm_prev->vm_end : 0;
}

static unsigned long gap_below(const struct vm_area_struct *vma)
{
	unsigned long start = vm_start_gap(vma), end = prev_end(vma);

	return start > end ? start - end : 0;
}

static inline unsigned long subtree_gap(const struct rb_node *node)
{
	return node ? vma_of(node)->rb_subtree_gap : 0;
}

/* Callback of the tree: recompute from the node and its children. */
static bool gap_update(struct rb_node *node)
{
	struct vm_area_struct *vma = vma_of(node);
	unsigned long gap = vma->vm_gap, below = subtree_gap(node->left);
	bool changed;

	if (gap < below)
		gap = below;
	below = subtree_gap(node->right);
	if (gap < below)
		gap = below;
	changed = gap != vma->rb_subtree_gap;
	vma->rb_subtree_gap = gap;
	return changed;
}

/*
 * The region's own gap may be another one: tell those above.  If it is large enough now and
 * higher than what is remembered, searches start here (free_area_cache).
 */
static void gap_changed(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long gap = gap_below(vma);

	if (gap == vma->vm_gap)
		return;
	vma->vm_gap = gap;
	if (mm->free_area_cache && gap >= mm->cached_hole_size &&
	    vma->vm_start > mm->free_area_cache->vm_start)
		mm->free_area_cache = vma;
	rb_propagate(&vma->vm_rb, gap_update);
}

/* ---- who maps a file (catalogue F12) ------------------------------------------------ */

static void link_to_file(struct vm_area_struct *vma, struct address_space *mapping)
{
	vma->shared.start = vma->vm_pgoff;
	vma->shared.last = vma->vm_pgoff + vma_pages(vma) - 1;
	interval_insert(&vma->shared, &mapping->i_mmap);
}

/* Devices have no pages, and nobody who looks for their regions. */
static noinline void file_link(struct vm_area_struct *vma)
{
	struct address_space *mapping = file_mapping(vma->vm_file);

	if (mapping)
		link_to_file(vma, mapping);
}

noinline void vma_unlink_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = file_mapping(vma->vm_file);

	if (mapping)
		interval_remove(&vma->shared, &mapping->i_mmap);
}

/* ---- find (Gorman 5.4.3) ----------------------------------------------------------- */

/* The cached region is the answer for the gap below it too. */
static noinline struct vm_area_struct *find_vma_slow(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = mm->mmap_cache, *found = NULL;
	unsigned long steps = 0;
	struct rb_node *node;

	if (vma && addr < vma->vm_end && addr >= prev_end(vma)) {
		vma_stats.cache_hits++;
		return vma;
	}
	for (node = mm->mm_rb.node; node; steps++) {
		vma = vma_of(node);
		if (addr >= vma->vm_end) {
			node = node->right;
			continue;
		}
		found = vma;
		if (addr >= vma->vm_start)
			break;
		node = node->left;
	}
	vma_stats.steps += steps;
	if (found)
		mm->mmap_cache = found;
	return found;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = mm->mmap_cache;

	vma_stats.finds++;
	if (unlikely(!vma || addr >= vma->vm_end || addr < vma->vm_start))
		return find_vma_slow(mm, addr);
	vma_stats.cache_hits++;
	return vma;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	struct rb_node *last;

	if (vma) {
		*pprev = vma->vm_prev;
	} else {
		last = rb_last(&mm->mm_rb);
		*pprev = last ? vma_of(last) : NULL;
	}
	return vma;
}

/* ---- link and unlink (Gorman 5.4.5) ------------------------------------------------ */

static void list_link(struct mm_struct *mm, struct vm_area_struct *vma,
		      struct vm_area_struct *prev, struct vm_area_struct *next)
{
	vma->vm_prev = prev;
	vma->vm_next = next;
	if (prev)
		prev->vm_next = vma;
	else
		mm->mmap = vma;
	if (next)
		next->vm_prev = vma;
	else
		mm->highest_vm_end = vma->vm_end;
}

static void list_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	if (prev)
		prev->vm_next = next;
	else
		mm->mmap = next;
	if (next)
		next->vm_prev = prev;
	else
		mm->highest_vm_end = prev ? prev->vm_end : 0;
}

/*
 * Of two neighbours in order one is below the other and has nothing on that side: there
 * is the place for what comes between them.
 */
static void tree_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	if (next && !next->vm_rb.left)
		rb_link(&vma->vm_rb, &next->vm_rb, &next->vm_rb.left);
	else if (prev)
		rb_link(&vma->vm_rb, &prev->vm_rb, &prev->vm_rb.right);
	else
		rb_link(&vma->vm_rb, NULL, &mm->mm_rb.node);
}

/* Between prev and what follows it; what regions count for is the caller's business. */
static void hang(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev)
{
	struct vm_area_struct *next = prev ? prev->vm_next : mm->mmap;

	list_link(mm, vma, prev, next);
	tree_link(mm, vma);
	vma->vm_gap = vma->rb_subtree_gap = 0;
	gap_changed(vma);
	if (next) {
		gap_changed(next);
		/* A gap that is filled from above goes on below the new region. */
		if (next == mm->free_area_cache && !next->vm_gap)
			mm->free_area_cache = vma;
	}
	rb_insert_fixup(&vma->vm_rb, &mm->mm_rb, gap_update);
	if (unlikely(vma->vm_file))
		file_link(vma);
	if (unlikely(vma->anon_shift))
		anon_link(vma);
	mm->map_count++;
}

/* The opposite.  No cache may lead to the region any more; its next is as good a start. */
static void unhang(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma->vm_next;
	struct rb_cut cut;

	if (mm->mmap_cache == vma)
		mm->mmap_cache = next;
	if (mm->free_area_cache == vma)
		mm->free_area_cache = next;
	list_unlink(mm, vma);
	rb_cut(&vma->vm_rb, &mm->mm_rb, &cut);
	rb_cut_propagate(&cut, gap_update);
	if (next)
		gap_changed(next);
	rb_erase_fixup(&cut, &mm->mm_rb, gap_update);
	if (unlikely(vma->vm_file))
		vma_unlink_file(vma);
	if (unlikely(vma->anon_shift))
		anon_unlink(vma);
	mm->map_count--;
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev)
{
	hang(mm, vma, prev);
	account(mm, vma->vm_flags, vma_pages(vma));
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, vma->vm_start, &prev);

	if (next && next->vm_start < vma->vm_end)
		return -ENOMEM;
	vma_link(mm, vma, prev);
	/* What is new is touched next. */
	mm->mmap_cache = vma;
	return 0;
}

void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	unhang(mm, vma);
	account(mm, vma->vm_flags, -(long)vma_pages(vma));
}

/* The numbers alone, of a region that is not linked: pgoff follows the start. */
static void set_numbers(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	/* In pages from the start: a difference in bytes may not fit a signed word. */
	vma->vm_pgoff += (start >> PAGE_SHIFT) - (vma->vm_start >> PAGE_SHIFT);
	vma->vm_start = start;
	vma->vm_end = end;
}

/* Of a linked one; gaps and accounts are the caller's business. */
static void set_bounds(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	if (unlikely(vma->vm_file))
		vma_unlink_file(vma);
	if (unlikely(vma->anon_shift))
		anon_unlink(vma);
	set_numbers(vma, start, end);
	if (unlikely(vma->vm_file))
		file_link(vma);
	if (unlikely(vma->anon_shift))
		anon_link(vma);
}

void vma_set_bounds(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	long more = (long)((end - start) >> PAGE_SHIFT) - (long)vma_pages(vma);

	account(vma->vm_mm, vma->vm_flags, more);
	set_bounds(vma, start, end);
	gap_changed(vma);
	if (vma->vm_next)
		gap_changed(vma->vm_next);
	else
		vma->vm_mm->highest_vm_end = end;
}

/* ---- split ------------------------------------------------------------------------- */

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
	      bool new_below)
{
	return mm->map_count >= sysctl_max_map_count ? -ENOMEM :
						     __split_vma(mm, vma, addr, new_below);
}

int __split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
		bool new_below)
{
	struct vm_area_struct *new;
	unsigned long start = vma->vm_start, end = vma->vm_end;

	BUG_ON(addr <= start || addr >= end || addr & ~PAGE_MASK);
	new = vma_alloc(mm);
	if (!new)
		return -ENOMEM;
	*new = *vma;
	if (new->vm_file)
		get_file(new->vm_file);
	if (new_below) {
		new->vm_end = addr;
		set_bounds(vma, addr, end);
		hang(mm, new, vma->vm_prev);
	} else {
		set_numbers(new, addr, end);
		set_bounds(vma, start, addr);
		hang(mm, new, vma);
	}
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	vma_stats.splits++;
	return 0;
}

/* ---- merge (Gorman 5.4.6) ---------------------------------------------------------- */

/*
 * Regions with a close method count their mappings: they are never made one.  Anonymous
 * pages of a region are all found by one shift.
 */
static inline bool mergeable(const struct vm_area_struct *vma, const struct vma_desc *d)
{
	if (vma->vm_flags != d->flags || d->flags & VM_SPECIAL)
		return false;
	if (vma->vm_file != d->file || vma->vm_ops != d->ops ||
	    vma->vm_private_data != d->private_data || vma->anon_shift != d->anon_shift)
		return false;
	return !vma->vm_ops || !vma->vm_ops->close;
}

/* Do the offsets go on?  Anonymous private regions have none that matter to a user. */
static inline bool fits_behind(const struct vm_area_struct *prev, const struct vma_desc *d)
{
	return prev && prev->vm_end == d->start && mergeable(prev, d) &&
	       prev->vm_pgoff + vma_pages(prev) == d->pgoff;
}

static inline bool fits_before(const struct vm_area_struct *next, const struct vma_desc *d)
{
	return next && next->vm_start == d->end && mergeable(next, d) &&
	       next->vm_pgoff == d->pgoff + ((d->end - d->start) >> PAGE_SHIFT);
}

/* `pages` of a region count for its neighbour. */
static void hand_over(struct mm_struct *mm, const struct vm_area_struct *from,
		      struct vm_area_struct *to, long pages)
{
	account(mm, from->vm_flags, -pages);
	account(mm, to->vm_flags, pages);
	to->anon_pages |= from->anon_pages;
}

/* `gone` becomes part of its neighbour `into`, which has the same file: no gap changes. */
static void absorb(struct mm_struct *mm, struct vm_area_struct *into,
		   struct vm_area_struct *gone)
{
	hand_over(mm, gone, into, vma_pages(gone));
	if (into == gone->vm_prev)
		set_bounds(into, into->vm_start, gone->vm_end);
	else
		set_bounds(into, gone->vm_start, into->vm_end);
	unhang(mm, gone);
	mm->mmap_cache = into;
	fput(gone->vm_file);
	vma_free(gone);
	vma_stats.merges++;
}

struct vm_area_struct *vma_merge_new(struct mm_struct *mm, const struct vma_desc *d)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, d->start, &prev);
	bool left = fits_behind(prev, d), right = fits_before(next, d);

	if (left && right) {
		vma_set_bounds(prev, prev->vm_start, d->end);
		absorb(mm, prev, next);
		return prev;
	}
	if (left) {
		vma_set_bounds(prev, prev->vm_start, d->end);
		vma_stats.merges++;
		return prev;
	}
	if (right) {
		vma_set_bounds(next, d->start, next->vm_end);
		vma_stats.merges++;
		return next;
	}
	return NULL;
}

/* ---- change a part ----------------------------------------------------------------- */

/* The whole region becomes part of one neighbour, or joins both. */
static struct vm_area_struct *merge_whole(struct mm_struct *mm, struct vm_area_struct *vma,
					  bool left, bool right)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	if (!left) {
		absorb(mm, next, vma);
		return next;
	}
	absorb(mm, prev, vma);
	if (right)
		absorb(mm, prev, next);
	return prev;
}

/* A border moves: the neighbour grows by what the region loses, and no gap changes. */
static struct vm_area_struct *shift_border(struct vm_area_struct *vma, unsigned long start,
					   unsigned long end, bool left)
{
	struct vm_area_struct *other = left ? vma->vm_prev : vma->vm_next;

	vma_stats.shifts++;
	hand_over(vma->vm_mm, vma, other, (end - start) >> PAGE_SHIFT);
	if (left) {
		set_bounds(other, other->vm_start, end);
		set_bounds(vma, end, vma->vm_end);
	} else {
		set_bounds(other, start, other->vm_end);
		set_bounds(vma, vma->vm_start, start);
	}
	return other;
}

/* Undo a split: the lower part swallows the upper one again. */
static void unsplit(struct mm_struct *mm, struct vm_area_struct *low)
{
	struct vm_area_struct *high = low->vm_next;

	if (high->vm_ops && high->vm_ops->close)
		high->vm_ops->close(high);
	absorb(mm, low, high);
}

struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma,
				   unsigned long start, unsigned long end)
{
	struct vm_area_struct *low = NULL;

	if (start > vma->vm_start) {
		low = vma;
		if (split_vma(mm, vma, start, false))
			return NULL;
		vma = low->vm_next;
	}
	if (end < vma->vm_end && split_vma(mm, vma, end, false)) {
		if (low)
			unsplit(mm, low);
		return NULL;
	}
	return vma;
}

void vma_rejoin(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
		unsigned long end)
{
	if (vma->vm_end < end)
		unsplit(mm, vma);
	if (vma->vm_start > start)
		unsplit(mm, vma->vm_prev);
}

/* It joins a neighbour, gives a part of itself to one, or is split. */
struct vm_area_struct *vma_modify_part(struct mm_struct *mm, struct vm_area_struct *vma,
				       unsigned long start, unsigned long end,
				       unsigned long flags)
{
	struct vm_area_struct *prev = start == vma->vm_start ? vma->vm_prev : NULL;
	struct vm_area_struct *next = end == vma->vm_end ? vma->vm_next : NULL;
	bool left = false, right = false;

	if (vma->vm_flags == flags)
		return vma;
	if (vma_has_flags(prev, flags) || vma_has_flags(next, flags)) {
		const struct vma_desc d = {
			.start = start, .end = end, .flags = flags, .file = vma->vm_file,
			.pgoff = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT),
			.ops = vma->vm_ops, .private_data = vma->vm_private_data,
			.anon_shift = vma->anon_shift,
		};

		left = fits_behind(prev, &d);
		right = fits_before(next, &d);
	}
	if ((left || right) && end - start == vma->vm_end - vma->vm_start)
		return merge_whole(mm, vma, left, right);
	if (left || right)
		return shift_border(vma, start, end, left);
	vma = vma_isolate(mm, vma, start, end);
	if (vma)
		vma_set_flags(mm, vma, flags);
	return vma;
}

/* ---- move (Gorman 5.4.7) ----------------------------------------------------------- */

/* Nothing binds an anonymous region to where it came from before its first page. */
static bool is_unused_anon(const struct vm_area_struct *vma)
{
	return !vma->vm_ops && !vma->anon_pages;
}

static struct vma_desc desc_of(const struct vm_area_struct *vma)
{
	return (struct vma_desc){
		.start = vma->vm_start, .end = vma->vm_end, .flags = vma->vm_flags,
		.pgoff = vma->vm_pgoff, .file = vma->vm_file, .ops = vma->vm_ops,
		.private_data = vma->vm_private_data, .anon_shift = vma->anon_shift,
	};
}

/* Its pages, if it has any, keep the index that they have: see mm/rmap.h. */
static unsigned long shift_at(const struct vm_area_struct *vma, unsigned long pgoff,
			      unsigned long start)
{
	unsigned long was = (vma->vm_start >> PAGE_SHIFT) + pgoff - vma->vm_pgoff;

	return vma->anon_pages ? vma->anon_shift + (start >> PAGE_SHIFT) - was : 0;
}

struct vm_area_struct *vma_add(struct mm_struct *mm, struct vm_area_struct *vma)
{
	const struct vma_desc d = desc_of(vma);
	struct vm_area_struct *merged = vma_merge_new(mm, &d);

	if (!merged) {
		BUG_ON(insert_vm_struct(mm, vma));
		return vma;
	}
	merged->anon_pages |= vma->anon_pages;
	fput(vma->vm_file);
	vma_free(vma);
	return merged;
}

/* Without a file, with the same neighbours there, and unlike them? */
static bool stays_between(const struct vm_area_struct *vma, const struct vma_desc *d)
{
	const struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	if (vma->vm_file || (prev && prev->vm_end > d->start) || (next && next->vm_start < d->end))
		return false;
	return !fits_behind(prev, d) && !fits_before(next, d);
}

struct vm_area_struct *vma_move(struct mm_struct *mm, struct vm_area_struct *vma,
				unsigned long start, unsigned long end)
{
	struct vma_desc d = desc_of(vma);

	d.start = start;
	d.end = end;
	d.anon_shift = shift_at(vma, vma->vm_pgoff, start);
	if (is_unused_anon(vma))
		d.pgoff = start >> PAGE_SHIFT;
	if (stays_between(vma, &d)) {
		anon_set_shift(vma, 0);
		vma_set_bounds(vma, start, end);
		vma->vm_pgoff = d.pgoff;
		anon_set_shift(vma, d.anon_shift);
		return vma;
	}
	vma_unlink(mm, vma);
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = d.pgoff;
	vma->anon_shift = d.anon_shift;
	return vma_add(mm, vma);
}

struct vm_area_struct *vma_dup(const struct vm_area_struct *vma, unsigned long pgoff,
			       unsigned long start, unsigned long end)
{
	struct vm_area_struct *new = vma_alloc(vma->vm_mm);

	if (!new)
		return NULL;
	*new = *vma;
	new->vm_start = start;
	new->vm_end = end;
	new->vm_pgoff = is_unused_anon(vma) ? start >> PAGE_SHIFT : pgoff;
	new->anon_shift = shift_at(vma, pgoff, start);
	if (new->vm_file)
		get_file(new->vm_file);
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	return new;
}

/* ---- free areas (Gorman 5.4.4) ----------------------------------------------------- */

/* The highest region of this subtree with a gap of at least `length`; there is one. */
static struct rb_node *highest_gap(struct rb_node *node, unsigned long length)
{
	for (;;) {
		if (subtree_gap(node->right) >= length)
			node = node->right;
		else if (vma_of(node)->vm_gap >= length)
			return node;
		else
			node = node->left;
	}
}

static struct rb_node *lowest_gap(struct rb_node *node, unsigned long length)
{
	for (;;) {
		if (subtree_gap(node->left) >= length)
			node = node->left;
		else if (vma_of(node)->vm_gap >= length)
			return node;
		else
			node = node->right;
	}
}

/* The next lower region with such a gap, or NULL. */
static struct rb_node *lower_gap(struct rb_node *node, unsigned long length)
{
	struct rb_node *parent;

	if (subtree_gap(node->left) >= length)
		return highest_gap(node->left, length);
	for (; (parent = rb_parent(node)) != NULL; node = parent) {
		if (node == parent->left)
			continue;
		if (vma_of(parent)->vm_gap >= length)
			return parent;
		if (subtree_gap(parent->left) >= length)
			return highest_gap(parent->left, length);
	}
	return NULL;
}

static struct rb_node *higher_gap(struct rb_node *node, unsigned long length)
{
	struct rb_node *parent;

	if (subtree_gap(node->right) >= length)
		return lowest_gap(node->right, length);
	for (; (parent = rb_parent(node)) != NULL; node = parent) {
		if (node == parent->right)
			continue;
		if (vma_of(parent)->vm_gap >= length)
			return parent;
		if (subtree_gap(parent->right) >= length)
			return lowest_gap(parent->right, length);
	}
	return NULL;
}

/* The part of [start, end) inside [low, high) has room: clip it there. */
static bool clip_gap(unsigned long *start, unsigned long *end, unsigned long low,
		     unsigned long high, unsigned long length)
{
	*start = max(*start, low);
	*end = min(*end, high);
	return *end > *start && *end - *start >= length;
}

/* The page at 0 is never given out, so that 0 can mean "none". */
static unsigned long lowest_address(unsigned long low)
{
	return max(low, PAGE_SIZE);
}

/*
 * The highest region that can have `length` free bytes below it and below `high`; NULL.
 * Searches of mmap have one `high` and start where the last one ended, unless a smaller
 * length is wanted now (contract: free_area_cache in mm/mm_types.h).
 */
static struct rb_node *highest_candidate(struct mm_struct *mm, unsigned long length,
					 unsigned long high)
{
	struct vm_area_struct *vma = mm->free_area_cache;
	struct rb_node *node;

	if (!vma || length < mm->cached_hole_size || high != mm->mmap_base)
		vma = find_vma(mm, high - 1);
	node = vma ? &vma->vm_rb : rb_last(&mm->mm_rb);
	return node && vma_of(node)->vm_gap < length ? lower_gap(node, length) : node;
}

static void remember_area(struct mm_struct *mm, struct vm_area_struct *vma,
			  unsigned long length)
{
	if (mm->free_area_cache == vma && length >= mm->cached_hole_size)
		return;
	mm->free_area_cache = vma;
	mm->cached_hole_size = length;
}

unsigned long unmapped_area_topdown(struct mm_struct *mm, unsigned long length,
				    unsigned long low, unsigned long high)
{
	unsigned long start = mm->highest_vm_end, end = high;
	struct vm_area_struct *vma;
	struct rb_node *node;

	low = lowest_address(low);
	if (!length || clip_gap(&start, &end, low, high, length))
		return length ? end - length : 0;
	node = highest_candidate(mm, length, high);
	for (; node; node = lower_gap(node, length)) {
		vma = vma_of(node);
		start = prev_end(vma);
		end = vm_start_gap(vma);
		if (end <= low)
			return 0;
		if (!clip_gap(&start, &end, low, high, length))
			continue;
		if (high == mm->mmap_base)
			remember_area(mm, vma, length);
		/* The caller will ask for the neighbours. */
		mm->mmap_cache = vma;
		return end - length;
	}
	return 0;
}

unsigned long unmapped_area(struct mm_struct *mm, unsigned long length, unsigned long low,
			    unsigned long high)
{
	struct vm_area_struct *vma;
	unsigned long start, end;
	struct rb_node *node;

	low = lowest_address(low);
	if (!length)
		return 0;
	vma = find_vma(mm, low);
	node = vma ? &vma->vm_rb : NULL;
	if (node && vma->vm_gap < length)
		node = higher_gap(node, length);
	for (; node; node = higher_gap(node, length)) {
		vma = vma_of(node);
		start = prev_end(vma);
		end = vm_start_gap(vma);
		if (start >= high)
			return 0;
		if (clip_gap(&start, &end, low, high, length))
			return start;
	}
	start = mm->highest_vm_end;
	end = high;
	return clip_gap(&start, &end, low, high, length) ? start : 0;
}

/* ---- the validator (catalogue A2) -------------------------------------------------- */

/* The rule of one node: where all keep it, it is true of every subtree. */
static bool subtree_gap_is_right(const struct vm_area_struct *vma)
{
	unsigned long below = max(subtree_gap(vma->vm_rb.left), subtree_gap(vma->vm_rb.right));

	return vma->rb_subtree_gap == max(below, vma->vm_gap);
}

/* What free_area_cache promises: no higher gap below mmap_base is large enough. */
static bool cached_area_is_right(const struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->free_area_cache;
	unsigned long start, end;

	for (vma = vma ? vma->vm_next : NULL; vma; vma = vma->vm_next) {
		start = prev_end(vma);
		end = min(vm_start_gap(vma), mm->mmap_base);
		if (end > start && end - start >= mm->cached_hole_size)
			return false;
	}
	return true;
}

/* Is it in the tree of its file, with the pages that it maps? */
static bool knows_its_file(const struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file ? file_mapping(vma->vm_file) : NULL;
	const struct rb_node *node = &vma->shared.rb;

	if (!mapping)
		return true;
	while (rb_parent(node))
		node = rb_parent(node);
	return node == mapping->i_mmap.node && vma->shared.start == vma->vm_pgoff &&
	       vma->shared.last == vma->vm_pgoff + vma_pages(vma) - 1;
}

/* Is it in the tree of its family if it has been moved, with the pages that it maps? */
static bool knows_its_family(const struct vm_area_struct *vma)
{
	const struct rb_node *node = &vma->anon.rb;

	if (!vma->anon_shift)
		return true;
	while (rb_parent(node))
		node = rb_parent(node);
	return node == vma->vm_mm->anon->moved.node &&
	       vma->anon.start == anon_index(vma, vma->vm_start) &&
	       vma->anon.last == anon_index(vma, vma->vm_end - 1);
}

const char *vma_check(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *prev = NULL;
	unsigned long nodes, count = 0, pages = 0, data = 0, locked = 0;
	const char *wrong = rb_check(&mm->mm_rb, &nodes);
	struct rb_node *node = rb_first(&mm->mm_rb);

	if (wrong)
		return wrong;
	for (vma = mm->mmap; vma; prev = vma, vma = vma->vm_next, node = rb_next(node)) {
		count++;
		pages += vma_pages(vma);
		data += is_data_mapping(vma->vm_flags) ? vma_pages(vma) : 0;
		locked += vma->vm_flags & VM_LOCKED ? vma_pages(vma) : 0;
		if (!node || vma_of(node) != vma)
			return "list and tree differ";
		if (vma->vm_prev != prev)
			return "a region's vm_prev is wrong";
		if (vma->vm_start >= vma->vm_end || (prev && prev->vm_end > vma->vm_start))
			return "regions overlap or are empty";
		if (vma->vm_mm != mm)
			return "a region belongs to another address space";
		if (!knows_its_file(vma))
			return "a region is not in its file's tree as it should be";
		if (!knows_its_family(vma))
			return "a region that was moved is not in its family's tree as it should be";
		if (vma->vm_gap != gap_below(vma))
			return "a region's gap is wrong";
		if (!subtree_gap_is_right(vma))
			return "a subtree's largest gap is wrong";
	}
	if (node || count != nodes || count != (unsigned long)mm->map_count)
		return "the number of regions is wrong";
	if (pages != mm->total_vm || data != mm->data_vm || locked != mm->locked_vm)
		return "total_vm, data_vm or locked_vm is wrong";
	if (mm->highest_vm_end != (prev ? prev->vm_end : 0))
		return "highest_vm_end is wrong";
	if (!cached_area_is_right(mm))
		return "free_area_cache has missed a gap";
	return NULL;
}
