/* SPDX-License-Identifier: MIT */
/*
 * An index of the archives that came with the kernel (include/kernel/initramfs.h).  Files
 * stay where the loader put them; only names are kept.
 */
#include <asm/setup.h>
#include <elf.h>
#include <kernel/cpio.h>
#include <kernel/initramfs.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <linux/stat.h>
#include <mm/slab.h>

#define HASH_SIZE	4096

LIST_HEAD(initramfs_list);
static struct initramfs_file *bucket[HASH_SIZE];
unsigned initramfs_files, initramfs_damaged;

#define OWN_PREFIX	(BITS_PER_LONG == 64 ? "x86_64/" : "i386/")
#define OTHER_PREFIX	(BITS_PER_LONG == 64 ? "i386/" : "x86_64/")

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The directories that hold the trees are not part of any. */
static bool is_tree(const char *name)
{
	return !strcmp(name, "x86_64") || !strcmp(name, "i386") || !strcmp(name, "common");
}

/* FNV-1a, 32 bits. */
static unsigned hash(const char *s)
{
	u32 h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (u8)*s) * 16777619u;
	return h % HASH_SIZE;
}

static struct initramfs_file *find(const char *name)
{
	struct initramfs_file *f = bucket[hash(name)];

	while (f && strcmp(f->name, name))
		f = f->next_hash;
	return f;
}

const struct initramfs_file *initramfs_find(const char *name)
{
	while (*name == '/')
		name++;
	return find(name);
}

static int add_file(const struct cpio_entry *entry, void *arg)
{
	const unsigned *archive = arg;
	const char *name = entry->name;
	struct initramfs_file *f;
	bool common = false;

	if (has_prefix(name, OTHER_PREFIX) || is_tree(name))
		return 0;
	if (has_prefix(name, OWN_PREFIX)) {
		name += strlen(OWN_PREFIX);
	} else if (has_prefix(name, "common/")) {
		name += strlen("common/");
		common = true;
	}
	if (!*name || strcmp(name, ".") == 0)
		return 0;
	f = find(name);
	if (!f) {
		f = kzalloc(sizeof(*f), GFP_KERNEL);
		if (!f)
			return -ENOMEM;
		f->name = name;
		f->next_hash = bucket[hash(name)];
		bucket[hash(name)] = f;
		list_add_tail(&f->list, &initramfs_list);
		initramfs_files++;
	} else if (common && !f->common && f->archive == *archive)
		return 0;
	f->common = common;
	f->linked = entry->linked;
	f->archive = *archive;
	f->data = entry->data;
	f->size = entry->size;
	f->mode = entry->mode;
	f->mtime = entry->mtime;
	return 0;
}

static void read_archive(const struct boot_range *where, const char *what, unsigned number)
{
	struct cpio_error error;
	int ret;

	if (!where->size)
		return;
	ret = cpio_for_each(__va(where->base), where->size, add_file, &number, &error);
	if (!ret)
		return;
	initramfs_damaged++;
	if (ret == -EINVAL)
		pr_err("initramfs: %s %u is damaged at byte %lu: %s; the files before it are used, write it again\n",
		       what, number, (unsigned long)error.offset, error.what);
	else
		pr_err("initramfs: %s %u: no memory for its names; the rest is left out\n",
		       what, number);
}

/* The first word of init=, or /bin/init; how long it is. */
static const char *init_path(size_t *len)
{
	const char *s = param_get("init");
	size_t n = 0;

	if (!s || !*s)
		s = "/bin/init";
	while (s[n] && s[n] != ' ')
		n++;
	*len = n;
	return s;
}

static bool is_link(const struct initramfs_file *f)
{
	return f && (f->mode & S_IFMT) == S_IFLNK;
}

/*
 * path[0..len) as names are kept here, without needless slashes and dots, in `name` (len + 1
 * bytes).  False: it goes up or through a link, and means what only a walk can find out.
 */
static bool plain_path(const char *path, size_t len, char *name)
{
	size_t i = 0, out = 0, n;

	name[0] = '\0';
	while (i < len) {
		for (n = 0; i + n < len && path[i + n] != '/'; n++)
			;
		if (n == 2 && !memcmp(path + i, "..", 2))
			return false;
		if (n && !(n == 1 && path[i] == '.')) {
			if (is_link(find(name)))
				return false;
			if (out)
				name[out++] = '/';
			memcpy(name + out, path + i, n);
			out += n;
			name[out] = '\0';
		}
		i += n + 1;
	}
	return true;
}

static void check_program(const struct initramfs_file *f, const char *path, int len)
{
	const unsigned char *ident = f->data;

	if (is_link(f) || (f->size > 2 && !memcmp(ident, "#!", 2))) {
		pr_info("initramfs: %u files, %.*s is a link or script\n", initramfs_files, len,
			path);
		return;			/* exec will see */
	}
	if (f->size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) ||
	    ident[EI_CLASS] != (BITS_PER_LONG == 64 ? ELFCLASS64 : ELFCLASS32))
		panic("%.*s is no ELF%d program: the %d-level kernel cannot start it",
		      len, path, BITS_PER_LONG, PGTABLE_LEVELS);
	pr_info("initramfs: %u files, %.*s is ELF%d, %u bytes\n", initramfs_files, len, path,
		BITS_PER_LONG, f->size);
}

static void check_init(void)
{
	const struct initramfs_file *f;
	size_t len;
	const char *path = init_path(&len);
	char *name = kmalloc(len + 1, GFP_KERNEL);

	if (!name || !plain_path(path, len, name)) {
		pr_info("initramfs: %u files, %.*s goes through a link or up\n", initramfs_files,
			(int)len, path);
		kfree(name);
		return;			/* exec will see */
	}
	f = find(name);
	kfree(name);
	if (!f)
		panic("no %.*s in the initramfs (%u files): check init=, or add it by an archive \\EFI\\pagewalk\\*.cpio",
		      (int)len, path, initramfs_files);
	check_program(f, path, (int)len);
}

void initramfs_init(void)
{
	unsigned i;

	read_archive(&boot_info->blob[BOOT_BLOB_INITRAMFS].where, "built-in archive", 0);
	for (i = 0; i < boot_info->cpio_count && i < BOOT_MAX_CPIO; i++)
		read_archive(&boot_info->cpio[i], "archive from the stick, number", i + 1);
	check_init();
}
