/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees: every red node has black children, and every way from a node down to
 * nothing meets the same number of black nodes; so no way is more than twice as long as
 * another.  Contracts: kernel/rbtree.h.
 */
#include <kernel/rbtree.h>

#define BLACK	1ul

static bool is_red(const struct rb_node *node)
{
	return node && !(node->parent_colour & BLACK);
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->parent_colour = (unsigned long)parent | (node->parent_colour & BLACK);
}

static void set_red(struct rb_node *node)
{
	node->parent_colour &= ~BLACK;
}

static void set_black(struct rb_node *node)
{
	node->parent_colour |= BLACK;
}

/* The pointer that leads to `node`, now to lead to `other`. */
static void replace_child(struct rb_node *parent, struct rb_node *node, struct rb_node *other,
			  struct rb_root *root)
{
	if (!parent)
		root->node = other;
	else if (parent->left == node)
		parent->left = other;
	else
		parent->right = other;
	if (other)
		set_parent(other, parent);
}

/* `node` goes down on the left (or right), its child on the other side comes up. */
static void rotate(struct rb_node *node, bool left, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *child = left ? node->right : node->left;
	struct rb_node *inner = left ? child->left : child->right;

	replace_child(rb_parent(node), node, child, root);
	if (left) {
		node->right = inner;
		child->left = node;
	} else {
		node->left = inner;
		child->right = node;
	}
	set_parent(node, child);
	if (inner)
		set_parent(inner, node);
	if (update) {
		update(node);
		update(child);
	}
}

void rb_insert_fixup(struct rb_node *node, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *parent, *grand, *uncle;
	bool left;

	while (is_red(parent = rb_parent(node))) {
		grand = rb_parent(parent);
		left = parent == grand->left;
		uncle = left ? grand->right : grand->left;
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (node == (left ? parent->right : parent->left)) {
			rotate(parent, left, root, update);
			parent = node;
		}
		set_black(parent);
		set_red(grand);
		rotate(grand, !left, root, update);
		break;
	}
	set_black(root->node);
}

/* A subtree that looks as before leaves all above it as it was, rotations too. */
void rb_insert(struct rb_node *node, struct rb_node *parent, struct rb_node **link,
	       struct rb_root *root, rb_update_fn update)
{
	rb_link(node, parent, link);
	if (update)
		rb_announce(node, update);
	rb_insert_fixup(node, root, update);
}

/*
 * Below `parent`, on the side of `node` (which may be NULL), one black node is missing.
 */
static void erase_fixup(struct rb_node *node, struct rb_node *parent, struct rb_root *root,
			rb_update_fn update)
{
	struct rb_node *sibling, *near, *far;
	bool left;

	while (node != root->node && !is_red(node)) {
		left = node == parent->left;
		sibling = left ? parent->right : parent->left;
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(parent, left, root, update);
			sibling = left ? parent->right : parent->left;
		}
		near = left ? sibling->left : sibling->right;
		far = left ? sibling->right : sibling->left;
		if (!is_red(near) && !is_red(far)) {
			set_red(sibling);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!is_red(far)) {
			set_black(near);
			set_red(sibling);
			rotate(sibling, !left, root, update);
			far = sibling;
			sibling = near;
		}
		if (is_red(parent))
			set_red(sibling);
		else
			set_black(sibling);
		set_black(parent);
		set_black(far);
		rotate(parent, left, root, update);
		return;
	}
	if (node)
		set_black(node);
}

void rb_cut(struct rb_node *node, struct rb_root *root, struct rb_cut *cut)
{
	struct rb_node *child, *parent, *heir = node;

	/* Two children: the successor takes the node's place, and what it leaves is cut out. */
	if (node->left && node->right)
		for (heir = node->right; heir->left; heir = heir->left)
			;
	child = heir->left ? heir->left : heir->right;
	parent = rb_parent(heir);
	cut->black = !is_red(heir);
	cut->heir = NULL;
	replace_child(parent, heir, child, root);
	if (heir != node) {
		if (parent == node)
			parent = heir;
		replace_child(rb_parent(node), node, heir, root);
		heir->parent_colour = node->parent_colour;
		heir->left = node->left;
		heir->right = node->right;
		set_parent(heir->left, heir);
		if (heir->right)
			set_parent(heir->right, heir);
		cut->heir = heir;
	}
	cut->parent = parent;
	cut->child = child;
}

void rb_erase_fixup(const struct rb_cut *cut, struct rb_root *root, rb_update_fn update)
{
	if (cut->black && root->node)
		erase_fixup(cut->child, cut->parent, root, update);
}

void rb_erase(struct rb_node *node, struct rb_root *root, rb_update_fn update)
{
	struct rb_cut cut;

	rb_cut(node, root, &cut);
	if (update)
		rb_cut_propagate(&cut, update);
	rb_erase_fixup(&cut, root, update);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->left)
		node = node->left;
	return node;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->right)
		node = node->right;
	return node;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->right) {
		for (node = node->right; node->left; node = node->left)
			;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->right)
		node = parent;
	return parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->left) {
		for (node = node->left; node->right; node = node->right)
			;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->left)
		node = parent;
	return parent;
}

/* Black nodes from here on down; 0 with *wrong set if the subtree is broken. */
static unsigned black_height(const struct rb_node *node, const char **wrong,
			     unsigned long *count)
{
	unsigned left, right;

	if (!node)
		return 1;
	(*count)++;
	if ((node->left && rb_parent(node->left) != node) ||
	    (node->right && rb_parent(node->right) != node))
		*wrong = "a child has another parent";
	if (is_red(node) && (is_red(node->left) || is_red(node->right)))
		*wrong = "a red node has a red child";
	left = black_height(node->left, wrong, count);
	right = black_height(node->right, wrong, count);
	if (left != right)
		*wrong = "black heights differ";
	return left + !is_red(node);
}

const char *rb_check(const struct rb_root *root, unsigned long *count)
{
	const char *wrong = NULL;

	*count = 0;
	if (root->node && rb_parent(root->node))
		wrong = "the root has a parent";
	else if (is_red(root->node))
		wrong = "the root is red";
	black_height(root->node, &wrong, count);
	return wrong;
}
