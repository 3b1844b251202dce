/* SPDX-License-Identifier: MIT */
/*
 * badfw: where the list of misbehaviours comes from.
 *
 * The file \badfw.conf of the stick, then QEMU's fw_cfg file opt/badfw: one list of words
 * separated by blanks, commas or newlines, `name` or `name=value`.  An unknown word is an
 * error, since a misspelt test would pass.
 */
#include "badfw.h"

struct options opt;

static const struct word {
	const char *name;
	UINTN *field;
	UINTN value;		/* for a plain word, or the default of NAME= */
	BOOLEAN number;		/* NAME=N allowed */
} words[] = {
	{ "nx", &opt.nx, 1 },
	{ "la57", &opt.la57, 1 },
	{ "smep", &opt.smep, 1 },
	{ "smap", &opt.smap, 1 },
	{ "cet", &opt.cet, 1 },
	{ "cr4=all", &opt.cr4, 1 },
	{ "pat", &opt.pat, 1 },
	{ "pae", &opt.pae, 1 },
	{ "nopaging", &opt.nopaging, 1 },
	{ "high", &opt.high, 1 },
	{ "desc", &opt.desc, 56, TRUE },
	{ "many", &opt.many, 800, TRUE },
	{ "reverse", &opt.reverse, 1 },
	{ "shuffle", &opt.shuffle, 1 },
	{ "overlap", &opt.overlap, 1 },
	{ "zero", &opt.zero, 1 },
	{ "types", &opt.types, 1 },
	{ "toosmall", &opt.toosmall, 2, TRUE },
	{ "nolow", &opt.nolow, 1 },
	{ "no64", &opt.no64, 1 },
	{ "highram", &opt.highram, 256, TRUE },
	{ "ebs-fail", &opt.ebs_fail, 1, TRUE },
	{ "ebs-grow", &opt.ebs_grow, 5, TRUE },
	{ "garbage", &opt.garbage, 1 },
	{ "pic", &opt.pic, 1 },
	{ "if", &opt.intr, 1 },
	{ "lapic", &opt.lapic, 0x20, TRUE },
	{ "lint0", &opt.lint0, 1 },
	{ "nogop", &opt.nogop, 1 },
	{ "pixel=rgb", &opt.pixel, PIXEL_RGB },
	{ "pixel=bgr", &opt.pixel, PIXEL_BGR },
	{ "pixel=mask", &opt.pixel, PIXEL_MASK },
	{ "pixel=mask16", &opt.pixel, PIXEL_MASK16 },
	{ "pixel=blt", &opt.pixel, PIXEL_BLT },
	{ "fb=low", &opt.fb, FB_LOW },
	{ "fb=high", &opt.fb, FB_HIGH },
	{ "fb=highram", &opt.fb, FB_HIGHRAM },
	{ "stride", &opt.stride, 64, TRUE },
	{ "noacpi", &opt.noacpi, 1 },
	{ "nosmbios", &opt.nosmbios, 1 },
	{ "noconout", &opt.noconout, 1 },
	{ "noconin", &opt.noconin, 1 },
	{ "reset", &opt.reset, 1 },
	{ "gettime", &opt.gettime, 1 },
	{ "novars", &opt.novars, 1 },
	{ "memattr=none", &opt.memattr, MEMATTR_NONE },
	{ "memattr=fail", &opt.memattr, MEMATTR_FAIL },
	{ "memattr=ok", &opt.memattr, MEMATTR_OK },
	{ "watchdog", &opt.watchdog, 10, TRUE },
	{ "loadopts", &opt.loadopts, 1 },
};

static BOOLEAN starts(const char *s, const char *prefix, UINTN *len)
{
	UINTN i;

	for (i = 0; prefix[i]; i++)
		if (s[i] != prefix[i])
			return FALSE;
	*len = i;
	return TRUE;
}

static BOOLEAN parse_number(const char *s, UINTN *v)
{
	if (!*s)
		return FALSE;
	for (*v = 0; *s; s++) {
		if (*s < '0' || *s > '9')
			return FALSE;
		*v = *v * 10 + (*s - '0');
	}
	return TRUE;
}

static BOOLEAN set_word(const char *s)
{
	UINTN i, len;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const struct word *w = &words[i];

		if (!starts(s, w->name, &len))
			continue;
		if (!s[len]) {
			*w->field = w->value;
			return TRUE;
		}
		if (w->number && s[len] == '=' && parse_number(s + len + 1, w->field))
			return TRUE;
	}
	say("ERROR: unknown option '%s'", s);
	return FALSE;
}

static BOOLEAN is_gap(char c)
{
	return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t';
}

static BOOLEAN parse(char *s)
{
	BOOLEAN good = TRUE;
	char *word, c;

	while (*s) {
		while (is_gap(*s))
			s++;
		for (word = s; *s && !is_gap(*s); s++)
			;
		c = *s;
		*s = 0;
		if (*word && *word != '#')
			good &= set_word(word);
		if (c)
			s++;
	}
	return good;
}

static void fwcfg_read(UINT8 *to, UINTN n)
{
	while (n--)
		*to++ = inb(0x511);
}

static void fwcfg_select(UINT16 key)
{
	__asm__ volatile("outw %0, %1" :: "a"(key), "Nd"((UINT16)0x510));
}

UINTN fwcfg_file(const char *name, char *to, UINTN room)
{
	UINT8 sig[4], n[4], e[64];
	UINTN count, size, len;

	fwcfg_select(0);
	fwcfg_read(sig, 4);
	if (sig[0] != 'Q' || sig[1] != 'E' || sig[2] != 'M' || sig[3] != 'U')
		return 0;
	fwcfg_select(0x19);
	fwcfg_read(n, 4);
	for (count = (n[2] << 8) | n[3]; count; count--) {
		fwcfg_read(e, 64);
		if (!starts((char *)e + 8, name, &len) || e[8 + len])
			continue;
		size = (e[2] << 8) | e[3];
		if (size > room)
			size = room;
		fwcfg_select((e[4] << 8) | e[5]);
		fwcfg_read((UINT8 *)to, size);
		return size;
	}
	return 0;
}

static UINTN conf_file(EFI_HANDLE device, char *to, UINTN room)
{
	static EFI_GUID fs_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_FILE_IO_INTERFACE *fs;
	EFI_FILE *root, *file;
	UINTN size = 0;

	if (real_bs->HandleProtocol(device, &fs_guid, (void **)&fs) ||
	    fs->OpenVolume(fs, &root))
		return 0;
	if (!root->Open(root, &file, L"\\badfw.conf", EFI_FILE_MODE_READ, 0)) {
		size = room;
		if (file->Read(file, &size, to))
			size = 0;
		file->Close(file);
	}
	root->Close(root);
	return size;
}

/* An option that does nothing by itself brings what it needs. */
static void implied(void)
{
	if (opt.ebs_grow && !opt.ebs_fail)
		opt.ebs_fail = 1;
	if ((opt.stride || opt.pixel == PIXEL_MASK16) && !opt.fb)
		opt.fb = FB_LOW;
}

EFI_STATUS options_read(EFI_HANDLE device)
{
	static char text[2048];
	BOOLEAN good;

	text[conf_file(device, text, sizeof(text) - 1)] = 0;
	if (text[0])
		say("badfw.conf: %s", text);
	good = parse(text);
	text[fwcfg_file("opt/badfw", text, sizeof(text) - 1)] = 0;
	say("options: %s", text);
	good &= parse(text);
	implied();
	return good ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}
