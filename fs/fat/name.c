/* SPDX-License-Identifier: MIT */
/*
 * Names: UTF-8 outside, UTF-16 in long entries, eleven bytes of code page 437 in short ones
 * (contracts: fat.h).  Upper and lower case are the same for ASCII letters.
 */
#include "fat.h"

/* Code page 437 above 0x7f. */
static const u16 cp437[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7,
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
	0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba,
	0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556,
	0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
	0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4,
	0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

static u8 upper(u8 c)
{
	return c >= 'a' && c <= 'z' ? (u8)(c - 32) : c;
}

static u8 lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? (u8)(c + 32) : c;
}

u8 fat_checksum(const u8 name[11])
{
	u8 sum = 0;
	unsigned i;

	for (i = 0; i < 11; i++)
		sum = (u8)((u8)(sum >> 1 | sum << 7) + name[i]);
	return sum;
}

/* ---- Unicode ------------------------------------------------------------------------- */

/* The character at s, as UTF-8 must spell it; its bytes, or 0. */
static unsigned decode(const u8 *s, size_t len, u32 *c)
{
	static const u32 smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned n, i;

	if (s[0] < 0x80) {
		*c = s[0];
		return 1;
	}
	n = s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
	if (!n || n > len)
		return 0;
	*c = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < smallest[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

int fat_utf16(const char *name, size_t len, u16 *units, unsigned max)
{
	const u8 *s = (const u8 *)name;
	unsigned n = 0, bytes;
	u32 c;

	for (; len; s += bytes, len -= bytes) {
		bytes = decode(s, len, &c);
		if (!bytes)
			return -EINVAL;
		if (n + 1 + (c > 0xffff) > max)
			return -ENAMETOOLONG;
		if (c > 0xffff) {
			units[n++] = (u16)(0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		units[n++] = (u16)c;
	}
	return (int)n;
}

static unsigned encode(u32 c, char *out)
{
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	if (n == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (i = n - 1; i; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(0xf00u >> n | c);
	return n;
}

int fat_utf8(const u16 *units, unsigned n, char *name, size_t size)
{
	unsigned i, len = 0, bytes;
	char text[4];
	u32 c;

	for (i = 0; i < n; i++) {
		c = units[i];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < n && units[i + 1] >= 0xdc00 &&
		    units[i + 1] < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (units[++i] - 0xdc00u);
		else if (!c || c == '/' || (c >= 0xd800 && c < 0xe000))
			return -EINVAL;
		bytes = encode(c, text);
		if (len + bytes >= size)
			return -ENAMETOOLONG;
		memcpy(name + len, text, bytes);
		len += bytes;
	}
	name[len] = '\0';
	return (int)len;
}

/* ---- short names --------------------------------------------------------------------- */

/* The capitals that the code page has besides ASCII, but for a few Greek ones. */
static u32 lower_latin(u32 c)
{
	return c >= 0xc0 && c <= 0xde && c != 0xd7 ? c + 32 : c;
}

static unsigned put_part(const u8 *part, unsigned n, bool low, char *text)
{
	unsigned i, len = 0;
	u8 c;

	while (n && part[n - 1] == ' ')
		n--;
	for (i = 0; i < n; i++) {
		c = part[i];
		if (c >= 0x80)
			len += encode(low ? lower_latin(cp437[c - 0x80]) : cp437[c - 0x80],
				      text + len);
		else
			text[len++] = (char)(c == '/' || c < 0x20 ? '_' : low ? lower(c) : c);
	}
	return len;
}

/* text: 11 characters of up to three bytes, a point, NUL. */
unsigned fat_short_text(const struct fat_entry *e, char *text)
{
	u8 name[11];
	unsigned len, ext;

	memcpy(name, e->name, 11);
	if (name[0] == 0x05)
		name[0] = 0xe5;
	len = put_part(name, 8, e->lower & 0x08, text);
	ext = put_part(name + 8, 3, e->lower & 0x10, text + len + 1);
	if (ext) {
		text[len] = '.';
		len += 1 + ext;
	}
	text[len] = '\0';
	return len;
}

bool fat_same_name(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t i;

	if (alen != blen)
		return false;
	for (i = 0; i < alen; i++)
		if (lower((u8)a[i]) != lower((u8)b[i]))
			return false;
	return true;
}

int fat_check_name(const char *name, size_t len)
{
	u16 units[LONG_MAX_UNITS];
	size_t i;
	int n;

	for (i = 0; i < len; i++)
		if ((u8)name[i] < 0x20 || strchr("\"*/:<>?\\|", name[i]))
			return -EINVAL;
	if (!len || name[len - 1] == '.' || name[len - 1] == ' ')
		return -EINVAL;
	n = fat_utf16(name, len, units, LONG_MAX_UNITS);
	return n < 0 ? n : 0;
}

/* May it stand in a short name? */
static bool short_char(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'()-@^_`{}~", c));
}

/* The last point that has something before it; len if there is none. */
static size_t last_point(const char *name, size_t len)
{
	size_t i;

	for (i = len; i > 1; i--)
		if (name[i - 1] == '.')
			return i - 1;
	return len;
}

bool fat_is_short(const char *name, size_t len, u8 out[11])
{
	size_t point = last_point(name, len), i;
	unsigned at;

	if (!point || point > 8 || len > point + 4)
		return false;
	memset(out, ' ', 11);
	for (i = 0; i < len; i++) {
		if (i == point)
			continue;
		if (!short_char((u8)name[i]))
			return false;
		at = i < point ? (unsigned)i : 8 + (unsigned)(i - point - 1);
		out[at] = (u8)name[i];
	}
	return true;
}

/* Capitals and what is allowed; up to max characters, others are '_'; spaces and points go. */
static unsigned squeeze(const char *name, size_t len, u8 *out, unsigned max)
{
	unsigned n = 0;
	size_t i;
	u8 c;

	for (i = 0; i < len && n < max; i++) {
		c = upper((u8)name[i]);
		if (c == ' ' || c == '.' || (c & 0xc0) == 0x80)
			continue;	/* also: further bytes of a UTF-8 character */
		out[n++] = short_char(c) ? c : '_';
	}
	return n;
}

static u32 name_hash(const char *name, size_t len, u32 h)
{
	while (len--)
		h = (h ^ (u8)*name++) * 16777619u;
	return h ^ h >> 16;
}

#define PLAIN_TRIES	4u

void fat_make_short(const char *name, size_t len, unsigned n, u8 out[11])
{
	static const char hex[] = "0123456789ABCDEF";
	size_t point = last_point(name, len);
	unsigned base, i;
	u32 h;

	memset(out, ' ', 11);
	base = squeeze(name, point, out, n < PLAIN_TRIES ? 6 : 2);
	if (point < len)
		squeeze(name + point + 1, len - point - 1, out + 8, 3);
	if (!base)
		out[base++] = '_';
	if (n >= PLAIN_TRIES) {
		h = name_hash(name, len, 2166136261u + n);
		for (i = 0; i < 4; i++, h >>= 4)
			out[base++] = (u8)hex[h & 15];
	}
	out[base++] = '~';
	out[base] = (u8)('1' + n % PLAIN_TRIES);
}
