/* SPDX-License-Identifier: MIT */
/*
 * execve: another program in the same task (Gorman 4.3.2, Love 3 "the exec family").
 *
 * Everything that can fail is done first, on the side: the file is opened and checked, an
 * address space is made, its stack filled with the arguments.  begin_new_exec() is the
 * point of no return: the old address space is left with the one CR3 load of an exec, and
 * whatever of the task belonged to the old program is reset.  What fails after that ends
 * the task as a fault would.
 */
#include <asm/mmu_context.h>
#include <asm/uaccess.h>
#include <fs/exec.h>
#include <fs/syscalls_fs.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/stat.h>
#include <mm/highmem.h>
#include <mm/mm.h>

#define STACK_EXPAND	(128ul << 10)	/* what the stack region has below the arguments */
#define EXEC_DIED	1		/* do_execve(): the old program is gone, no new one */

/* ---- the file ------------------------------------------------------------------------ */

static int may_exec(const struct file *f)
{
	const struct inode *inode = f->inode;

	if ((inode->mode & S_IFMT) != S_IFREG || !f->op || !f->op->mmap)
		return -EACCES;
	return inode_permission(inode, MAY_EXEC);
}

/* The first page stays mapped while its headers are in use: nothing is copied. */
static int map_head(struct binprm *b)
{
	loff_k size = b->file->inode->size;
	int ret;

	if (size <= 0)
		return -ENOEXEC;
	ret = read_mapping_page(&b->file->inode->mapping, 0, &b->head_page);
	if (ret) {
		b->head_page = NULL;
		return ret;
	}
	b->head = kmap(b->head_page);
	b->head_size = size < (loff_k)PAGE_SIZE ? (size_t)size : PAGE_SIZE;
	return 0;
}

int bprm_open(struct binprm *b, const char *path)
{
	int ret = file_open(path, O_RDONLY, 0, &b->file);

	if (ret) {
		b->file = NULL;
		return ret;
	}
	ret = may_exec(b->file);
	if (!ret)
		ret = deny_write_access(b->file->inode);
	if (!ret) {
		/* The last fput(), ours or that of an mm that runs it, allows writing again. */
		b->file->mode |= FMODE_EXEC;
		ret = map_head(b);
	}
	if (ret)
		bprm_close(b);
	return ret;
}

void bprm_close(struct binprm *b)
{
	if (b->head_page) {
		kunmap(b->head_page);
		put_page(b->head_page);
		b->head_page = NULL;
	}
	fput(b->file);
	b->file = NULL;
	interp_close(b);
}

/* ---- the new address space ----------------------------------------------------------- */

/* An empty address space with a stack; one zero word stands at its very top. */
static int make_mm(struct binprm *b)
{
	b->mm = mm_alloc();
	if (!b->mm)
		return -ENOMEM;
	down_write(&b->mm->mmap_sem);
	b->stack = setup_stack_vma(b->mm, TASK_SIZE);
	if (b->stack && b->image.exec_stack) {
		b->stack->vm_flags |= VM_EXEC;
		b->stack->vm_page_prot = vm_get_page_prot(b->stack->vm_flags);
	}
	up_write(&b->mm->mmap_sem);
	if (!b->stack)
		return -ENOMEM;
	b->p = TASK_SIZE - sizeof(void *);
	return 0;
}

/* Room below the arguments, so that the first calls of the program need no growing. */
static int expand_for_start(struct binprm *b)
{
	unsigned long limit = rlimit_cur(RLIMIT_STACK) & PAGE_MASK, bottom;
	struct vm_area_struct *stack = b->stack;
	int ret = 0;

	bottom = stack->vm_start - STACK_EXPAND;
	if (stack->vm_end - bottom > limit)
		bottom = stack->vm_end - limit;
	down_write(&b->mm->mmap_sem);
	if (bottom < stack->vm_start)
		ret = expand_stack(stack, bottom);
	up_write(&b->mm->mmap_sem);
	if (!ret && b->image.high > vm_start_gap(stack))
		ret = -ENOMEM;		/* the program would lie over its own stack */
	return ret;
}

/* current leaves its address space for the new one: the only CR3 load of an exec. */
static void exec_mmap(struct mm_struct *mm)
{
	struct mm_struct *old = current->mm, *active = current->active_mm;
	unsigned long flags;

	flags = local_irq_save();
	current->mm = current->active_mm = mm;
	switch_mm(active, mm);
	local_irq_restore(flags);
	if (old)
		mmput(old);
	else
		mmdrop(active);		/* a kernel thread had borrowed it */
}

/* ---- the point of no return ---------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Failure of this function is still harmless; after it the old program is gone. */
static int begin_new_exec(struct binprm *b)
{
	struct files_struct *files = NULL;
	int ret;

	ret = kill_other_threads();
	if (!ret)
		ret = unshare_sighand();
	if (!ret && files_shared(current->files)) {
		files = files_dup(current->files);
		ret = files ? 0 : -ENOMEM;
	}
	if (ret)
		return ret;
	if (files) {
		files_put(current->files);
		current->files = files;
	}
	b->mm->exe_file = get_file(b->file);
	release_mm();
	exec_mmap(b->mm);
	b->mm = NULL;
	trace(TRACE_SPACE, mm_top_frame(current->mm), (u64)current->tgid, 1, 0);

	current->flags &= ~(PF_FORKNOEXEC | PF_KTHREAD);
	current->exit_signal = SIGCHLD;
	cred_exec(current);
	strlcpy(current->comm, base_name(b->filename), sizeof(current->comm));
	signal_exec(current);
	files_exec(current->files);
	flush_thread();
	sched_counters.execs++;
	return 0;
}

static int do_execve(const char *path, struct arg_vector argv, struct arg_vector envp)
{
	struct binprm b = { .filename = path };
	int ret;

	ret = bprm_open(&b, path);
	if (!ret)
		ret = script_resolve(&b);
	if (!ret)
		ret = elf_prepare(&b);
	if (!ret)
		ret = make_mm(&b);
	if (!ret)
		ret = bprm_copy_args(&b, argv, envp);
	bprm_put_page(&b);
	if (!ret)
		ret = expand_for_start(&b);
	if (!ret)
		ret = begin_new_exec(&b);
	if (!ret && elf_load(&b, current_pt_regs()))
		ret = EXEC_DIED;
	if (b.mm)
		mmput(b.mm);
	bprm_close(&b);
	kfree(b.script);
	return ret;
}

/* As an unhandled fault of the new program. */
static __noreturn void exec_died(void)
{
	pr_err("exec: %s (pid %d): its address space could not be set up: killed\n",
	       current->comm, current->pid);
	do_group_exit(SIGSEGV);
}

/* ---- entries ------------------------------------------------------------------------- */

static const char *error_text(int error)
{
	switch (error) {
	case -ENOENT:	return "it, its directory or its interpreter does not exist";
	case -EACCES:	return "it is no regular file or has no x permission";
	case -ENOEXEC:	return "it is damaged or not " ELF_NAME;
	case -ELIBBAD:	return "its dynamic linker is no program";
	case -ENOMEM:	return "there is no memory for it";
	case -EINVAL:	return "its headers are impossible";
	case -ELOOP:	return "too many scripts or links";
	default:	return "see the error number";
	}
}

int kernel_execve(const char *path, const char *const *argv, const char *const *envp)
{
	struct arg_vector args = { .v = argv }, env = { .v = envp };
	int ret = do_execve(path, args, env);

	if (ret == EXEC_DIED)
		exec_died();
	if (ret)
		pr_err("exec: %s cannot be started (error %d): %s; check init= and the initramfs\n",
		       path, -ret, error_text(ret));
	return ret;
}

static char *get_path(const char *user_path, long *error)
{
	char *path = kmalloc(PATH_MAX_K, GFP_KERNEL);
	long n;

	*error = -ENOMEM;
	if (!path)
		return NULL;
	n = strncpy_from_user(path, user_path, PATH_MAX_K);
	if (n > 0 && n < PATH_MAX_K)
		return path;
	*error = n < 0 ? n : n ? -ENAMETOOLONG : -ENOENT;
	kfree(path);
	return NULL;
}

static long user_execve(char *path, const char *const *argv, const char *const *envp)
{
	struct arg_vector args = { .v = argv, .user = true };
	struct arg_vector env = { .v = envp, .user = true };
	int ret = do_execve(path, args, env);

	kfree(path);
	if (ret == EXEC_DIED)
		exec_died();
	return ret;
}

long sys_execve(const char *user_path, const char *const *argv, const char *const *envp)
{
	long error;
	char *path = get_path(user_path, &error);

	return path ? user_execve(path, argv, envp) : error;
}

/* The path of an open file or directory, with "/" and `path` behind it. */
static int prepend_dir(int dfd, char *path)
{
	struct file *dir = fd_file(dfd);
	size_t n = strlen(path), room = PATH_MAX_K - n - 2, m;
	char *buf, *s;
	int ret = -ENAMETOOLONG;

	if (!dir)
		return -EBADF;
	if (!dir->dentry || n + 2 >= PATH_MAX_K)
		return -EACCES;
	buf = kmalloc(PATH_MAX_K, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	s = d_path(dir->dentry, buf, room);
	if (s) {
		m = strlen(s);
		memmove(path + m + (n ? 1 : 0), path, n + 1);
		memcpy(path, s, m);
		if (n)
			path[m] = '/';
		ret = 0;
	}
	kfree(buf);
	return ret;
}

long sys_execveat(int dfd, const char *user_path, const char *const *argv,
		  const char *const *envp, int flags)
{
	long error;
	char *path;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	path = get_path(user_path, &error);
	if (!path && error == -ENOENT && flags & AT_EMPTY_PATH)
		path = kzalloc(PATH_MAX_K, GFP_KERNEL);
	if (!path)
		return error;
	if (*path != '/' && dfd != AT_FDCWD) {
		error = prepend_dir(dfd, path);
		if (error) {
			kfree(path);
			return error;
		}
	}
	return user_execve(path, argv, envp);
}
