/* SPDX-License-Identifier: MIT */
/*
 * fs/fdtable.c: a table that grows while another thread uses it.  The allocation sleeps, and
 * meanwhile the other one opens a file, duplicates one, or makes the table larger still.
 */
#include "tap.h"
#include "host.h"
#include <kernel/sched.h>
#include <mm/slab.h>
#include <mm/mmap.h>
#include "../../fs/internal.h"

/* No address space maps anything here. */
void zap_file_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool private_too)
{
	BUG();
}

static void (*meanwhile)(void);

static void *sleepy_kzalloc(size_t size, gfp_t gfp)
{
	void (*fn)(void) = meanwhile;

	meanwhile = NULL;
	if (fn)
		fn();
	return kzalloc(size, gfp);
}

#define kzalloc sleepy_kzalloc
#include "../../fs/fdtable.c"
#undef kzalloc

static struct file file[3] = { { .count = 1000 }, { .count = 1000 }, { .count = 1000 } };
static int other_fd;

static void open_one(void)
{
	other_fd = fd_alloc(0, 0);
	fd_install((unsigned)other_fd, get_file(&file[1]));
}

static void duplicate_high(void)
{
	other_fd = fd_replace(1000, get_file(&file[1]), O_CLOEXEC);
}

/* A table whose first part is full. */
static void begin(void)
{
	unsigned i;

	current->files = files_alloc();
	for (i = 0; i < INLINE_FDS; i++)
		fd_install((unsigned)fd_alloc(0, 0), get_file(&file[0]));
	other_fd = -1;
}

static void end(const char *what)
{
	files_put(current->files);
	current->files = NULL;
	is(file[0].count + file[1].count + file[2].count, 3000, "%s: every reference is given back",
	   what);
}

static void test_open(void)
{
	begin();
	meanwhile = open_one;
	is(fd_alloc(0, 0), INLINE_FDS + 1, "open while another opens: the next but one");
	is(other_fd, INLINE_FDS, "the other has the next");
	ok(fd_file(other_fd) == &file[1], "with its file");
	end("open");
	begin();
	meanwhile = duplicate_high;
	is(fd_alloc(0, 0), INLINE_FDS, "open while another makes the table large");
	is(current->files->max, 1024, "as large as that wanted it");
	ok(fd_file(1000) == &file[1], "whose file is there");
	end("open, large");
}

static void test_replace(void)
{
	begin();
	meanwhile = duplicate_high;
	is(fd_replace(100, get_file(&file[2]), 0), 100, "dup2 while another's goes higher");
	ok(fd_file(100) == &file[2], "this one is there");
	ok(fd_file(1000) == &file[1], "the other, too");
	is(fd_get_cloexec(1000), 1, "and what exec does with it");
	end("dup2");
}

static void test_dup(void)
{
	struct files_struct *copy;

	begin();
	is(fd_replace(100, get_file(&file[2]), 0), 100, "a table that has grown");
	meanwhile = duplicate_high;
	copy = files_dup(current->files);
	ok(copy != NULL, "fork while another thread makes it larger");
	is(copy->max, 1024, "the copy is as large");
	ok(copy->fd[100] == &file[2] && copy->fd[1000] == &file[1], "and has all files");
	files_put(copy);
	end("fork");
}

int main(int argc, char **argv)
{
	host_boot(&host_small);
	fdtable_init();
	test_open();
	test_replace();
	test_dup();
	return done();
}
