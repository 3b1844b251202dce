/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: a table of open files, with one bitmap of those in use and one of those
 * that exec closes.
 *
 * A descriptor is first taken (its bit set) and later gets its file: what happens in
 * between may sleep and fail.  Small tables live inside files_struct; larger ones are one
 * kmalloc of pointers and both bitmaps.  The limit is RLIMIT_NOFILE.
 */
#include <linux/resource.h>
#include <kernel/bitmap.h>
#include "internal.h"

#define INLINE_FDS	BITS_PER_LONG
#define FDS_MAX		(1u << 16)	/* whatever the limit says */

struct files_struct {
	int count;
	unsigned max;			/* a multiple of BITS_PER_LONG */
	unsigned lowest;		/* all below are in use */
	struct file **fd;
	unsigned long *open, *cloexec;
	unsigned long open_inline, cloexec_inline;
	struct file *fd_inline[INLINE_FDS];
};

static struct kmem_cache *files_cachep, *fs_cachep;

void fdtable_init(void)
{
	files_cachep = kmem_cache_create("files_struct", sizeof(struct files_struct), 0,
					 SLAB_PANIC, NULL);
	fs_cachep = kmem_cache_create("fs_struct", sizeof(struct fs_struct), 0, SLAB_PANIC, NULL);
}

/* ---- the table --------------------------------------------------------------------- */

struct files_struct *files_alloc(void)
{
	struct files_struct *files = kmem_cache_zalloc(files_cachep, GFP_KERNEL);

	if (!files)
		return NULL;
	files->count = 1;
	files->max = INLINE_FDS;
	files->fd = files->fd_inline;
	files->open = &files->open_inline;
	files->cloexec = &files->cloexec_inline;
	return files;
}

static void free_table(struct files_struct *files)
{
	if (files->fd != files->fd_inline)
		kfree(files->fd);
}

/* At least `want` descriptors.  May sleep: others may use the table meanwhile.  0 or -ENOMEM. */
static int grow(struct files_struct *files, unsigned want)
{
	unsigned max = files->max, words;
	unsigned long *open;
	struct file **fd;

	while (max < want)
		max *= 2;
	if (max == files->max)
		return 0;
	words = max / BITS_PER_LONG;
	fd = kzalloc(max * sizeof(*fd) + 2 * words * sizeof(long), GFP_KERNEL);
	if (!fd)
		return -ENOMEM;
	/* Another thread may have been faster, and want more. */
	if (files->max >= want) {
		kfree(fd);
		return 0;
	}
	open = (unsigned long *)(fd + max);
	memcpy(fd, files->fd, files->max * sizeof(*fd));
	memcpy(open, files->open, files->max / 8);
	memcpy(open + words, files->cloexec, files->max / 8);
	free_table(files);
	files->fd = fd;
	files->open = open;
	files->cloexec = open + words;
	files->max = max;
	return 0;
}

struct files_struct *files_get(struct files_struct *files)
{
	if (files)
		files->count++;
	return files;
}

bool files_shared(const struct files_struct *files)
{
	return files && files->count > 1;
}

struct files_struct *files_dup(struct files_struct *old)
{
	struct files_struct *files = files_alloc();
	unsigned word, fd;

	if (!files || !old)
		return files;
	while (files->max < old->max)
		if (grow(files, old->max)) {
			files_put(files);
			return NULL;
		}
	for (word = 0; word < old->max / BITS_PER_LONG; word++) {
		unsigned long bits = old->open[word];

		files->cloexec[word] = old->cloexec[word];
		for (; bits; bits &= bits - 1) {
			fd = word * BITS_PER_LONG + __ffs(bits);
			if (!old->fd[fd])
				continue;	/* taken, but not there yet */
			files->fd[fd] = get_file(old->fd[fd]);
			__set_bit(fd, files->open);
		}
	}
	files->lowest = 0;
	return files;
}

/* Take the file out of a descriptor; NULL: there was none. */
static struct file *take(struct files_struct *files, unsigned fd)
{
	struct file *f = fd < files->max ? files->fd[fd] : NULL;

	if (!f)
		return NULL;
	files->fd[fd] = NULL;
	__clear_bit(fd, files->open);
	__clear_bit(fd, files->cloexec);
	if (fd < files->lowest)
		files->lowest = fd;
	return f;
}

void files_put(struct files_struct *files)
{
	unsigned word;

	if (!files || --files->count)
		return;
	for (word = 0; word < files->max / BITS_PER_LONG; word++)
		while (files->open[word]) {
			unsigned fd = word * BITS_PER_LONG + __ffs(files->open[word]);

			if (!files->fd[fd])
				__clear_bit(fd, files->open);
			else
				fput(take(files, fd));
		}
	free_table(files);
	kmem_cache_free(files_cachep, files);
}

void files_exec(struct files_struct *files)
{
	unsigned word;

	for (word = 0; files && word < files->max / BITS_PER_LONG; word++)
		while (files->cloexec[word]) {
			unsigned fd = word * BITS_PER_LONG + __ffs(files->cloexec[word]);

			__clear_bit(fd, files->cloexec);
			fput(take(files, fd));
		}
}

struct file *files_lookup(struct files_struct *files, unsigned fd)
{
	return files && fd < files->max ? files->fd[fd] : NULL;
}

unsigned files_max(const struct files_struct *files)
{
	return files->max;
}

int fd_install_at(struct files_struct *files, int fd, struct file *f)
{
	if (fd < 0 || (unsigned)fd >= FDS_MAX)
		return -EBADF;
	if (grow(files, (unsigned)fd + 1))
		return -ENOMEM;
	fput(take(files, (unsigned)fd));
	files->fd[fd] = f;
	__set_bit((unsigned)fd, files->open);
	return 0;
}

/* ---- descriptors of current -------------------------------------------------------- */

struct file *fd_file(int fd)
{
	return files_lookup(current->files, (unsigned)fd);
}

struct file *fget(int fd)
{
	struct file *f = fd_file(fd);

	return f ? get_file(f) : NULL;
}

int fget_mode(int fd, unsigned mode, struct file **f)
{
	*f = fd_file(fd);
	if (!*f || ((*f)->mode & mode) != mode || (*f)->flags & O_PATH)
		return -EBADF;
	(*f)->count++;
	return 0;
}

static unsigned fd_limit(void)
{
	unsigned long limit = current->rlim[RLIMIT_NOFILE].cur;

	return (unsigned)min(limit, (unsigned long)FDS_MAX);
}

int fd_alloc(unsigned from, unsigned flags)
{
	struct files_struct *files = current->files;
	unsigned fd;

	if (!files)
		return -EMFILE;
	for (;;) {
		fd = max(from, files->lowest);
		if (fd < files->max)
			fd = (unsigned)find_next_zero_bit(files->open, files->max, fd);
		if (fd >= fd_limit())
			return -EMFILE;
		if (likely(fd < files->max))
			break;
		if (grow(files, fd + 1))
			return -ENOMEM;
	}
	if (from <= files->lowest)
		files->lowest = fd + 1;
	__set_bit(fd, files->open);
	if (flags & O_CLOEXEC)
		__set_bit(fd, files->cloexec);
	else
		__clear_bit(fd, files->cloexec);
	return (int)fd;
}

void fd_install(unsigned fd, struct file *f)
{
	current->files->fd[fd] = f;
}

void fd_release(unsigned fd)
{
	struct files_struct *files = current->files;

	__clear_bit(fd, files->open);
	__clear_bit(fd, files->cloexec);
	if (fd < files->lowest)
		files->lowest = fd;
}

int fd_close(unsigned fd)
{
	struct file *f = current->files ? take(current->files, fd) : NULL;

	if (!f)
		return -EBADF;
	fput(f);
	return 0;
}

int fd_get_cloexec(unsigned fd)
{
	if (!fd_file((int)fd))
		return -EBADF;
	return test_bit(fd, current->files->cloexec);
}

int fd_set_cloexec(unsigned fd, bool on)
{
	if (!fd_file((int)fd))
		return -EBADF;
	if (on)
		__set_bit(fd, current->files->cloexec);
	else
		__clear_bit(fd, current->files->cloexec);
	return 0;
}

/* dup2(): `f`'s reference goes over on success. */
int fd_replace(unsigned fd, struct file *f, unsigned flags)
{
	struct files_struct *files = current->files;

	if (fd >= fd_limit())
		return -EBADF;
	if (grow(files, fd + 1))
		return -ENOMEM;
	if (!files->fd[fd] && test_bit(fd, files->open))
		return -EBUSY;		/* another thread is opening it */
	fd_install_at(files, (int)fd, f);
	if (flags & O_CLOEXEC)
		__set_bit(fd, files->cloexec);
	return (int)fd;
}

/* ---- current directory ------------------------------------------------------------- */

struct fs_struct *fs_alloc(void)
{
	struct fs_struct *fs = kmem_cache_alloc(fs_cachep, GFP_KERNEL);

	if (!fs)
		return NULL;
	fs->count = 1;
	fs->umask = 022;
	fs->pwd = dget(root_dentry);
	return fs;
}

struct fs_struct *fs_dup(struct fs_struct *old)
{
	struct fs_struct *fs = fs_alloc();

	if (!fs || !old)
		return fs;
	fs->umask = old->umask;
	dput(fs->pwd);
	fs->pwd = dget(old->pwd);
	return fs;
}

struct fs_struct *fs_get(struct fs_struct *fs)
{
	if (fs)
		fs->count++;
	return fs;
}

void fs_put(struct fs_struct *fs)
{
	if (!fs || --fs->count)
		return;
	dput(fs->pwd);
	kmem_cache_free(fs_cachep, fs);
}
