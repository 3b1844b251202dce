/* SPDX-License-Identifier: MIT */
/*
 * Scripts: "#! interpreter [argument]".  The interpreter is opened in the script's place
 * and gets its own name, the one argument (blanks inside it and all) and the script's
 * name in front of what argv[1] and on say.  An interpreter may be a script again, up to
 * SCRIPT_DEPTH times; then it is ELOOP.
 */
#include <fs/exec.h>
#include <kernel/string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * The #! line without "#!" and blanks around it, NUL-terminated.  -ENOEXEC: no such line; as
 * in Linux an empty one that has no end is the current directory, which is no program.
 */
static int copy_line(const struct binprm *b, char *line)
{
	size_t n = min(b->head_size, (size_t)SCRIPT_LINE), i, start = 2;
	bool newline;

	for (i = 2; i < n && b->head[i] != '\n' && b->head[i] != '\0'; i++)
		;
	if (i == SCRIPT_LINE)
		return -ENOEXEC;	/* cut off: the name may not be complete */
	newline = i < n && b->head[i] == '\n';
	while (start < i && is_blank(b->head[start]))
		start++;
	while (i > start && is_blank(b->head[i - 1]))
		i--;
	memcpy(line, b->head + start, i - start);
	line[i - start] = '\0';
	return i > start ? 0 : newline ? -ENOEXEC : -EACCES;
}

/* Cut the line behind the interpreter's name; the argument, or NULL. */
static char *split_argument(char *line)
{
	char *s = line;

	while (*s && !is_blank(*s))
		s++;
	if (!*s)
		return NULL;
	*s++ = '\0';
	while (is_blank(*s))
		s++;
	return s;
}

/* In front of all others: interpreter and argument take the place of the old name. */
static void prepend(struct script *s, const char *interpreter, const char *argument,
		    const char *name)
{
	unsigned add = argument ? 2 : 1;

	if (!s->n)
		s->prefix[s->n++] = name;
	memmove(s->prefix + add, s->prefix, s->n * sizeof(s->prefix[0]));
	s->prefix[0] = interpreter;
	if (argument)
		s->prefix[1] = argument;
	s->n += add;
}

int script_resolve(struct binprm *b)
{
	unsigned depth = 0;
	char *line;
	int ret;

	while (b->head_size >= 2 && b->head[0] == '#' && b->head[1] == '!') {
		if (depth == SCRIPT_DEPTH)
			return -ELOOP;
		if (!b->script)
			b->script = kzalloc(sizeof(*b->script), GFP_KERNEL);
		if (!b->script)
			return -ENOMEM;
		line = b->script->line[depth++];
		ret = copy_line(b, line);
		if (ret)
			return ret;
		prepend(b->script, line, split_argument(line), b->filename);
		bprm_close(b);
		ret = bprm_open(b, line);
		if (ret)
			return ret;
	}
	return 0;
}
