/* SPDX-License-Identifier: MIT */
/* Interval trees against an array that is searched from end to end. */
#include "tap.h"
#include <kernel/interval_tree.h>
#include <kernel/random.h>

#define ITEMS	200

static struct interval_node nodes[ITEMS];
static bool in_tree[ITEMS];
static struct rb_root root;
static struct rnd rnd;
static unsigned long range;

static void some_interval(unsigned long *start, unsigned long *last)
{
	unsigned long a = (unsigned long)rnd_u64(&rnd), b = (unsigned long)rnd_u64(&rnd);

	if (range) {
		a %= range;
		b = a + b % (range / 8 + 1);
	}
	*start = min(a, b);
	*last = max(a, b);
}

static bool meets(unsigned int i, unsigned long start, unsigned long last)
{
	return in_tree[i] && nodes[i].start <= last && nodes[i].last >= start;
}

/* All answers, each once, by rising starts. */
static bool question_agrees(void)
{
	unsigned long start, last, before = 0;
	unsigned int i, expected = 0, seen = 0;
	struct interval_node *node;

	some_interval(&start, &last);
	for (i = 0; i < ITEMS; i++)
		expected += meets(i, start, last);
	for (node = interval_first(&root, start, last); node;
	     node = interval_next(node, start, last)) {
		if (!meets((unsigned int)(node - nodes), start, last) || node->start < before)
			return false;
		before = node->start;
		if (++seen > expected)
			return false;
	}
	return seen == expected;
}

static void random_use(const char *what)
{
	unsigned int i, n = 0, bad = 0, wrong = 0, at;
	unsigned long count;

	for (i = 0; i < 20000; i++) {
		at = (unsigned int)rnd_below(&rnd, ITEMS);
		if (in_tree[at]) {
			interval_remove(&nodes[at], &root);
			n--;
		} else {
			some_interval(&nodes[at].start, &nodes[at].last);
			interval_insert(&nodes[at], &root);
			n++;
		}
		in_tree[at] = !in_tree[at];
		bad += !question_agrees();
		if (i % 16 == 0)
			wrong += interval_check(&root, &count) || count != n;
	}
	is(bad, 0, "%s: 20000 questions answered like the array does", what);
	is(wrong, 0, "%s: the tree is in order all the time", what);
	for (i = 0; i < ITEMS; i++)
		if (in_tree[i])
			interval_remove(&nodes[i], &root);
	memset(in_tree, 0, sizeof(in_tree));
	ok(!root.node, "%s: empty again", what);
}

int main(void)
{
	static const struct {
		unsigned long range;
		const char *what;
	} kinds[] = { { 16, "crowded" }, { 3000, "sparse" }, { 0, "all numbers" } };
	unsigned int i;

	plan(13);
	rnd_seed(&rnd, 4);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		range = kinds[i].range;
		random_use(kinds[i].what);
	}
	ok(!interval_first(&root, 0, ~0ul), "nothing is found in an empty tree");
	nodes[0].start = nodes[0].last = ~0ul;
	interval_insert(&nodes[0], &root);
	ok(interval_first(&root, ~0ul, ~0ul) == &nodes[0], "the last number is found");
	ok(!interval_first(&root, 0, ~0ul - 1), "and only it");
	interval_remove(&nodes[0], &root);

	/* The root must hear of an end that its child had before. */
	nodes[0].start = nodes[0].last = 0;
	nodes[1].start = nodes[1].last = 9;
	interval_insert(&nodes[0], &root);
	interval_insert(&nodes[1], &root);
	interval_remove(&nodes[1], &root);
	interval_insert(&nodes[1], &root);
	ok(interval_first(&root, 9, 9) == &nodes[1], "a node that comes back is found");
	return done();
}
