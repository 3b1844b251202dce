/* SPDX-License-Identifier: MIT */
/*
 * argv and envp: from the caller's memory straight into the stack pages of the new
 * address space (Gorman 4.3.2).  From the top of the stack down there are
 *
 *	one zero word, the file name, the strings of envp, the strings of argv
 *
 * the last string of each highest.  Pages appear as they are needed, through the ordinary
 * fault path of the new mm; the one being filled is held by kmap(), since reading the
 * caller's strings may sleep.
 */
#include <asm/uaccess.h>
#include <fs/exec.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/resource.h>

void bprm_put_page(struct binprm *b)
{
	if (!b->page)
		return;
	kunmap(b->page);
	put_page(b->page);
	b->page = NULL;
}

/* Make the page of `addr` the one that is being filled. */
static int take_page(struct binprm *b, unsigned long addr)
{
	unsigned long page_addr = addr & PAGE_MASK;
	int ret = 0;

	if (b->page && b->page_addr == page_addr)
		return 0;
	bprm_put_page(b);
	down_read(&b->mm->mmap_sem);
	if (page_addr < b->stack->vm_start)
		ret = expand_stack(b->stack, page_addr);
	if (!ret)
		b->page = get_user_page(b->mm, page_addr, true);
	up_read(&b->mm->mmap_sem);
	if (ret)
		return -E2BIG;
	if (!b->page)
		return -ENOMEM;
	b->page_addr = page_addr;
	b->kaddr = kmap(b->page);
	return 0;
}

/* Put n bytes (NUL included) below what is there already; pages from the top down. */
static int push(struct binprm *b, const char *from, size_t n, bool user)
{
	unsigned long at = b->p;
	size_t part;
	int ret;

	if (n > b->p - b->p_min)
		return -E2BIG;
	b->p -= n;
	while (n) {
		part = min(n, (size_t)((at - 1) & ~PAGE_MASK) + 1);
		at -= part;
		n -= part;
		ret = take_page(b, at);
		if (ret)
			return ret;
		if (!user)
			memcpy(b->kaddr + (at & ~PAGE_MASK), from + n, part);
		else if (copy_from_user(b->kaddr + (at & ~PAGE_MASK), from + n, part))
			return -EFAULT;
	}
	return 0;
}

static int push_kernel_string(struct binprm *b, const char *s)
{
	return push(b, s, strlen(s) + 1, false);
}

static int push_user_string(struct binprm *b, const char *s)
{
	unsigned long n = strnlen_user(s, MAX_ARG_STRLEN);

	if (!n)
		return -EFAULT;
	if (n > MAX_ARG_STRLEN)
		return -E2BIG;
	return push(b, s, n, true);
}

/* Entry i of the array; *s is NULL behind the last. */
static int entry(struct arg_vector vec, int i, const char **s)
{
	*s = NULL;
	if (!vec.user) {
		*s = vec.v[i];
		return 0;
	}
	return get_user(*s, &vec.v[i]);
}

static int count(struct arg_vector vec)
{
	const char *s;
	int n = 0, ret;

	if (!vec.v)
		return 0;
	for (;;) {
		ret = entry(vec, n, &s);
		if (ret)
			return ret;
		if (!s)
			return n;
		if (n == MAX_ARG_STRINGS)
			return -E2BIG;
		n++;
		if (!(n & 0xff)) {
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
}

/* Strings first ... n - 1 of the array, the last one first. */
static int push_vector(struct binprm *b, struct arg_vector vec, int first, int n)
{
	const char *s;
	int ret;

	while (n-- > first) {
		ret = entry(vec, n, &s);
		if (ret)
			return ret;
		if (!s)
			return -EFAULT;		/* it changed since it was counted */
		ret = vec.user ? push_user_string(b, s) : push_kernel_string(b, s);
		if (ret)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/*
 * All strings and pointers together may fill a quarter of the stack limit, and no more
 * than 6 MiB, but 128 KiB always (as Linux: bprm_stack_limits()).
 */
static int set_limit(struct binprm *b)
{
	unsigned long limit = min(rlimit_cur(RLIMIT_STACK) / 4, 6ul << 20);
	unsigned long pointers = (unsigned long)b->argc + (unsigned long)b->envc;

	limit = max(limit, ARG_MAX_MIN);
	if (pointers >= limit / sizeof(void *))
		return -E2BIG;
	limit -= pointers * sizeof(void *);
	b->p_min = b->p > limit ? b->p - limit : 0;
	return 0;
}

static int push_prefix(struct binprm *b)
{
	unsigned i = b->script->n;
	int ret = 0;

	while (i-- && !ret)
		ret = push_kernel_string(b, b->script->prefix[i]);
	return ret;
}

int bprm_copy_args(struct binprm *b, struct arg_vector argv, struct arg_vector envp)
{
	int argc = count(argv), envc = count(envp), skip = 0, ret;

	if (argc < 0 || envc < 0)
		return argc < 0 ? argc : envc;
	b->argc = argc;
	b->envc = envc;
	if (b->script) {		/* its own name replaces argv[0] */
		skip = argc > 0;
		b->argc += (int)b->script->n - skip;
	}
	if (!b->argc)
		b->argc = 1;		/* a program always has a name: "" */
	ret = set_limit(b);
	if (!ret)
		ret = push_kernel_string(b, b->filename);
	b->execfn = b->p;
	if (!ret)
		ret = push_vector(b, envp, 0, envc);
	if (!ret)
		ret = push_vector(b, argv, skip, argc);
	if (!ret && b->script)
		ret = push_prefix(b);
	else if (!ret && !argc)
		ret = push_kernel_string(b, "");
	return ret;
}
