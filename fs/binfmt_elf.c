/* SPDX-License-Identifier: MIT */
/*
 * Mapping an ELF program and giving it its first stack (gABI chapter 5, psABI "process
 * initialization"; Gorman 4.3.2).
 *
 * A dynamic linker is mapped in the same way, wherever there is room (binfmt_interp.c).
 *
 * Nothing of the file is read here but its headers, which elf_check() has found good:
 * every segment becomes a region, and its pages come when they are touched.  The one
 * exception is the page where file contents end and zeroes begin: its tail is cleared
 * through the user address, so it goes through the ordinary fault path too.
 */
#include <asm/cpufeature.h>
#include <asm/uaccess.h>
#include <fs/exec.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/auxvec.h>
#include <linux/mman.h>

int elf_prepare(struct binprm *b)
{
	int ret = elf_check(b->head, b->head_size, (u64)b->file->inode->size, TASK_SIZE,
			    &b->image);

	/* Damaged files must not fill the log. */
	if (ret && b->image.why)
		pr_debug("exec: %s: %s\n", b->filename, b->image.why);
	return ret ? ret : interp_prepare(b);
}

/* ---- segments ------------------------------------------------------------------------ */

static unsigned long segment_prot(const Elf_Phdr *p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/*
 * One segment: file pages, then anonymous pages up to its end in memory.  *mapped is the
 * end of what the segments before it cover.
 */
static int map_segment(const struct binprm *b, const Elf_Phdr *p, unsigned long *mapped)
{
	unsigned long start = p->p_vaddr + b->image.bias, page = start & PAGE_MASK;
	unsigned long end = PAGE_ALIGN(start + p->p_memsz), bss, ret;
	int err;

	if (p->p_filesz) {
		bss = PAGE_ALIGN(start + p->p_filesz);
		ret = do_mmap(b->file, page, bss - page, segment_prot(p),
			      MAP_FIXED | MAP_PRIVATE | MAP_DENYWRITE,
			      (p->p_offset - (start - page)) >> PAGE_SHIFT,
			      VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC);
		if (IS_ERR_VALUE(ret))
			return (int)ret;
	} else {
		bss = max(page, *mapped);
	}
	if (end > bss) {
		err = vm_brk_flags(current->mm, bss, end - bss, p->p_flags & PF_X ? VM_EXEC : 0);
		if (err)
			return err;
	}
	*mapped = max(end, bss);
	return 0;
}

#define for_each_segment(p, image) \
	for (p = (image)->phdr; p < (image)->phdr + (image)->phnum; p++) \
		if (p->p_type == PT_LOAD && p->p_memsz)

static int map_segments(const struct binprm *b)
{
	struct mm_struct *mm = current->mm;
	unsigned long mapped = 0;
	const Elf_Phdr *p;
	int ret = 0;

	down_write(&mm->mmap_sem);
	for_each_segment(p, &b->image) {
		ret = map_segment(b, p, &mapped);
		if (ret)
			break;
	}
	up_write(&mm->mmap_sem);
	return ret;
}

/* The end of p's bytes to clear: its page's end, unless the next segment starts there. */
static unsigned long tail_end(const struct elf_image *image, const Elf_Phdr *segment,
			      unsigned long start)
{
	unsigned long end = PAGE_ALIGN(start), next;
	const Elf_Phdr *p;

	for_each_segment(p, image) {
		next = p->p_vaddr + image->bias;
		if (p > segment && next < end)
			return next;
	}
	return end;
}

/*
 * Where file contents end inside a page and zeroes follow.  A segment without contents
 * has such a page only if it begins in the last page of the segment before it.
 */
static int clear_tails(const struct binprm *b)
{
	unsigned long start, end, covered = 0;
	const Elf_Phdr *p;

	for_each_segment(p, &b->image) {
		start = p->p_vaddr + b->image.bias + p->p_filesz;
		end = tail_end(&b->image, p, start);
		if (p->p_filesz < p->p_memsz && p->p_flags & PF_W && end > start &&
		    (p->p_filesz || start < covered) &&
		    clear_user((void *)start, end - start))
			return -EFAULT;
		covered = PAGE_ALIGN(start - p->p_filesz + p->p_memsz);
	}
	return 0;
}

static int map_image(const struct binprm *b)
{
	int ret = map_segments(b);

	return ret ? ret : clear_tails(b);
}

static void set_limits(const struct elf_image *image)
{
	struct mm_struct *mm = current->mm;

	mm->start_code = image->start_code;
	mm->end_code = image->end_code;
	mm->start_data = image->start_data;
	mm->end_data = image->end_data;
	mm->start_brk = mm->brk = PAGE_ALIGN(image->end_bss);
}

/* ---- the first stack ----------------------------------------------------------------- */

static void aux(struct mm_struct *mm, unsigned long type, unsigned long value)
{
	mm->saved_auxv[mm->saved_auxc++] = type;
	mm->saved_auxv[mm->saved_auxc++] = value;
}

static void fill_auxv(const struct binprm *b, unsigned long platform, unsigned long random)
{
	struct mm_struct *mm = current->mm;

	mm->saved_auxc = 0;
	aux(mm, AT_HWCAP, boot_cpu.word[0]);
	aux(mm, AT_PAGESZ, PAGE_SIZE);
	aux(mm, AT_CLKTCK, ELF_CLKTCK);
	aux(mm, AT_PHDR, b->image.phdr_addr);
	aux(mm, AT_PHENT, sizeof(Elf_Phdr));
	aux(mm, AT_PHNUM, b->image.phnum);
	aux(mm, AT_BASE, b->interp ? b->interp->image.bias : 0);
	aux(mm, AT_FLAGS, 0);
	aux(mm, AT_ENTRY, b->image.entry);
	aux(mm, AT_UID, current->uid);
	aux(mm, AT_EUID, current->euid);
	aux(mm, AT_GID, current->gid);
	aux(mm, AT_EGID, current->egid);
	aux(mm, AT_SECURE, current->uid != current->euid || current->gid != current->egid);
	aux(mm, AT_RANDOM, random);
	aux(mm, AT_HWCAP2, 0);
	aux(mm, AT_EXECFN, b->execfn);
	aux(mm, AT_PLATFORM, platform);
	aux(mm, AT_NULL, 0);
	BUG_ON(mm->saved_auxc > ARRAY_SIZE(mm->saved_auxv));
}

/* Not secret, only different each time: stack protector seeds and hash seeds want that. */
static void random_bytes(u64 value[2])
{
	static u64 state;

	state ^= ktime_ns();
	value[0] = splitmix64(&state);
	value[1] = splitmix64(&state);
}

/* Pointers to n strings that lie one behind the other from *string on, and a NULL. */
static int put_vector(unsigned long **to, int n, unsigned long *string)
{
	unsigned long len;

	while (n--) {
		if (put_user(*string, (*to)++))
			return -EFAULT;
		len = strnlen_user((const char *)*string, MAX_ARG_STRLEN);
		if (!len || len > MAX_ARG_STRLEN)
			return -EINVAL;		/* the caller changed it while it was copied */
		*string += len;
	}
	return put_user(0ul, (*to)++);
}

/* argc, argv, envp, auxv from *sp up; the strings are there already. */
static int put_tables(const struct binprm *b, unsigned long sp)
{
	struct mm_struct *mm = current->mm;
	unsigned long string = b->p, *to = (unsigned long *)sp;
	int ret;

	ret = put_user((unsigned long)b->argc, to++);
	mm->arg_start = string;
	if (!ret)
		ret = put_vector(&to, b->argc, &string);
	mm->arg_end = mm->env_start = string;
	if (!ret)
		ret = put_vector(&to, b->envc, &string);
	mm->env_end = string;
	if (!ret && copy_to_user(to, mm->saved_auxv, mm->saved_auxc * sizeof(*to)))
		ret = -EFAULT;
	return ret;
}

/*
 * Below the strings: platform, 16 random bytes, then the tables with argc at the stack
 * pointer, which is a multiple of 16 (both ABIs).
 */
static int make_stack(const struct binprm *b, unsigned long *sp)
{
	static const char platform[] = ELF_PLATFORM;
	unsigned long u_platform, u_random, words;
	u64 random[2];

	random_bytes(random);
	u_platform = (b->p & ~15ul) - sizeof(platform);
	u_random = u_platform - sizeof(random);
	if (copy_to_user((void *)u_platform, platform, sizeof(platform)) ||
	    copy_to_user((void *)u_random, random, sizeof(random)))
		return -EFAULT;
	fill_auxv(b, u_platform, u_random);
	words = 1 + b->argc + 1 + b->envc + 1 + current->mm->saved_auxc;
	*sp = ((u_random & ~15ul) - words * sizeof(long)) & ~15ul;
	return put_tables(b, *sp);
}

int elf_load(struct binprm *b, struct pt_regs *regs)
{
	unsigned long sp;
	int ret;

	ret = map_image(b);
	if (!ret && b->interp)
		ret = interp_place(b);
	if (!ret && b->interp)
		ret = map_image(b->interp);
	if (!ret)
		ret = make_stack(b, &sp);
	if (ret)
		return ret;
	set_limits(&b->image);
	current->mm->start_stack = sp;
	start_thread(regs, (b->interp ? b->interp : b)->image.entry, sp);
	return 0;
}
