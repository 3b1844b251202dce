/* SPDX-License-Identifier: MIT */
/*
 * Who asked for memory?  Every function of the test is instrumented and none is inlined, so
 * the stack says it: when the injector is asked, the first function above it that is not of the
 * allocators is the site of the allocation.  Names are those of the program's symbol table,
 * static functions included.
 */
#ifndef TEST_HOST_ALLOC_SITES_H
#define TEST_HOST_ALLOC_SITES_H

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mm/gfp.h>

#define PLAIN	__attribute__((__no_instrument_function__, __no_sanitize__("address", "undefined")))

#ifdef __x86_64__
typedef Elf64_Ehdr elf_header;
typedef Elf64_Shdr elf_section;
typedef Elf64_Sym elf_symbol;
#else
typedef Elf32_Ehdr elf_header;
typedef Elf32_Shdr elf_section;
typedef Elf32_Sym elf_symbol;
#endif

static char *image;
static const elf_symbol *symbols;
static unsigned long nr_symbols, load_offset;
static const char *symbol_names;

struct alloc_site {
	const char *name;
	unsigned long asked, failed;	/* how often it asked for memory, and got none */
};
static struct alloc_site sites[128];
static unsigned int nr_sites;
static struct alloc_site *last_site;
static bool count_sites;

PLAIN static const char *symbol_at(unsigned long addr)
{
	unsigned long i;

	addr -= load_offset;
	for (i = 0; i < nr_symbols; i++)
		if ((symbols[i].st_info & 15) == STT_FUNC && addr >= symbols[i].st_value &&
		    addr < symbols[i].st_value + symbols[i].st_size)
			return symbol_names + symbols[i].st_name;
	return "?";
}

/* The symbols of this program; `known` is one of its functions, called `name`. */
static bool read_symbols(const void *known, const char *name)
{
	FILE *f = fopen("/proc/self/exe", "r");
	const elf_section *s;
	long size;
	unsigned long i;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) <= 0)
		return false;
	rewind(f);
	image = malloc((size_t)size);
	if (!image || fread(image, 1, (size_t)size, f) != (size_t)size)
		return false;
	fclose(f);
	s = (const elf_section *)(image + ((elf_header *)image)->e_shoff);
	for (i = 0; i < ((elf_header *)image)->e_shnum; i++) {
		if (s[i].sh_type != SHT_SYMTAB)
			continue;
		symbols = (const elf_symbol *)(image + s[i].sh_offset);
		nr_symbols = s[i].sh_size / sizeof(*symbols);
		symbol_names = image + s[s[i].sh_link].sh_offset;
	}
	for (i = 0; i < nr_symbols; i++)
		if (!strcmp(symbol_names + symbols[i].st_name, name))
			load_offset = (unsigned long)known - symbols[i].st_value;
	return nr_symbols && !strcmp(symbol_at((unsigned long)known), name);
}

/* Functions of mm/page_alloc.c and mm/slab.c, on whose behalf nobody is named. */
PLAIN static bool is_allocator(const char *name)
{
	static const char *const names[] = {
		"__alloc_should_fail", "alloc_should_fail", "alloc_pages", "alloc_page",
		"alloc_page_nowait", "__get_free_pages", "get_free_page", "get_zeroed_page",
		"__get_free_page", "kmem_cache_alloc", "kmem_cache_zalloc", "kmalloc", "kzalloc",
		"kcalloc", "kmalloc_large", "new_slab", "refill",
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

PLAIN static struct alloc_site *site_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_sites; i++)
		if (!strcmp(sites[i].name, name))
			return &sites[i];
	if (nr_sites < sizeof(sites) / sizeof(sites[0]))
		nr_sites++;
	sites[nr_sites - 1].name = name;
	return &sites[nr_sites - 1];
}

PLAIN void __cyg_profile_func_enter(void *fn, void *from)
{
	unsigned long *frame = __builtin_frame_address(0);
	const char *name;
	unsigned int depth;

	(void)from;
	if (fn != (void *)__alloc_should_fail || !count_sites)
		return;
	for (depth = 0; depth < 12; depth++, frame = (unsigned long *)frame[0]) {
		name = symbol_at(frame[1]);
		if (is_allocator(name))
			continue;
		last_site = site_of(name);
		last_site->asked++;
		last_site->failed += alloc_fail.countdown == 1 &&
				     alloc_fail.failed < alloc_fail.times;
		return;
	}
}

PLAIN void __cyg_profile_func_exit(void *fn, void *from)
{
	(void)fn;
	(void)from;
}

#endif
