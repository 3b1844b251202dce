/* SPDX-License-Identifier: MIT */
/* Results as text without anything that differs between two runs. */
#include "oracle.h"

#define RING	24
#define TEXT	120

static const volatile char *origin;

static char *ring(void)
{
	static char texts[RING][TEXT];
	static unsigned next;

	return texts[next++ % RING];
}

void say(const char *fmt, ...)
{
	char line[600];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	sys_write(1, line, n);
}

void base(const volatile void *p)
{
	origin = p;
}

static const struct {
	int number;
	const char *name;
} errors[] = {
#define E(name) { name, #name }
	E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF),
	E(ECHILD), E(EAGAIN), E(ENOMEM), E(EACCES), E(EFAULT), E(EBUSY), E(EEXIST), E(EXDEV),
	E(ENODEV), E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY),
	E(EFBIG), E(ENOSPC), E(ESPIPE), E(EROFS), E(EMLINK), E(EPIPE), E(EDOM), E(ERANGE),
	E(ENAMETOOLONG), E(ENOSYS), E(ENOTEMPTY), E(ELOOP), E(EOVERFLOW), E(EOPNOTSUPP),
	E(ETIMEDOUT), E(ELIBBAD), E(EDEADLK),
};

const char *ret(long result)
{
	char *text = ring();
	unsigned i;

	if (!IS_ERR(result)) {
		snprintf(text, TEXT, "%ld", result);
		return text;
	}
	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].number == -result)
			return errors[i].name;
	snprintf(text, TEXT, "E%ld", -result);
	return text;
}

#define NEAR	(1l << 30)

const char *adr(const volatile void *p)
{
	char *text = ring();
	long d = (const volatile char *)p - origin;

	if (IS_ERR(p))
		return ret((long)p);
	if ((ulong)p < 65536)
		snprintf(text, TEXT, "%#lx", (ulong)p);
	else if (origin && d < NEAR && d > -NEAR)
		snprintf(text, TEXT, "%c%#lx", d < 0 ? '-' : '+', d < 0 ? -d : d);
	else
		snprintf(text, TEXT, "elsewhere");
	return text;
}

const char *status(int s)
{
	char *text = ring();

	if (s < 0)
		return ret(s);
	if ((s & 0xff) == 0x7f)
		snprintf(text, TEXT, "stopped by %s", signal_name(s >> 8 & 0xff));
	else if (s & 0x7f)
		snprintf(text, TEXT, "killed by %s%s", signal_name(s & 0x7f),
			 s & 0x80 ? ", core dumped" : "");
	else
		snprintf(text, TEXT, "exit %d", s >> 8 & 0xff);
	return text;
}

const char *bytes(const volatile void *p, unsigned n)
{
	const volatile u8 *b = p;
	char *text = ring();
	unsigned i, at = 0;

	text[0] = 0;
	for (i = 0; i < n && at < TEXT - 4; i++)
		at += snprintf(text + at, TEXT - at, "%s%02x", i ? " " : "", b[i]);
	return text;
}

/* ---- /proc --------------------------------------------------------------------------- */

static char text[65536];

static const char *past(const char *s, char c)
{
	while (*s && *s != c)
		s++;
	return *s ? s + 1 : s;
}

/* START-END PERM OFFSET DEV INODE NAME; device and inode are nobody's business. */
static void say_region(const char *line, const char *end)
{
	ulong from = (ulong)parse_hex(line, &line), to = (ulong)parse_hex(line + 1, &line);
	const char *perm = line + 1, *offset = past(perm, ' '), *name = past(offset, ' ');

	name = past(past(name, ' '), ' ');
	while (name < end && *name == ' ')
		name++;
	say("%s-%s %.4s %.8s %.*s", adr((void *)from), adr((void *)to), perm, offset,
	    name > end ? 0 : (int)(end - name), name);
}

void say_maps(const volatile void *p, size_t len)
{
	ulong low = (ulong)p, high = low + len, from, to;
	const char *line = text, *next, *end;
	long n = read_file("/proc/self/maps", text, sizeof(text));

	if (n < 0)
		say("maps: %s", ret(n));
	for (; n > 0 && *line; line = next) {
		next = past(line, '\n');
		from = (ulong)parse_hex(line, &end);
		to = (ulong)parse_hex(end + 1, NULL);
		end = next > line && next[-1] == '\n' ? next - 1 : next;
		if (from < high && to > low)
			say_region(line, end);
	}
}

long figure(const char *path, const char *name)
{
	const char *p;

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	for (p = text; *p; p = past(p, '\n')) {
		if (strncmp(p, name, strlen(name)))
			continue;
		for (p += strlen(name); *p == ' ' || *p == '\t'; p++)
			;
		return (long)parse_u64(p, NULL);
	}
	return -1;
}
