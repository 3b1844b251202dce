/* SPDX-License-Identifier: MIT */
/*
 * /bin/tour [OPTION...] [STOP...]: the book on this machine.
 *
 *	STOP			a section (5.6.4, W.3), a number of the list, or G K W I A: all
 *				stops of one source.  Without: all of them
 *	--list			what there is
 *	--seconds N		time for a guess, and again for reading (20), which has no limit
 *				for whoever has guessed; 0: do not wait
 *	--transcript FILE	everything that is shown, without colours
 *	--plain			no colours
 *	--picture PID		the live picture beside it: a shell (key s) says how to end it
 *
 * Each stop says what a mechanism is, lets one guess, and then does it here and looks at
 * entries, frames and counters.  It ends in a line `ok SECTION ...` or `not ok SECTION ...`,
 * or `skip SECTION ...` if this machine lacks what it needs.  Status 0: nothing failed.
 */
#include "tour.h"

#define STOPS_MAX	96
#define SECONDS		20

static const struct source *const sources[] = {
	&gorman_space, &gorman_regions, &gorman_changes, &gorman_faults, &knapka, &wiki_kernel,
	&wiki_user, &irc, &mauerer,
};

static const struct stop *route[STOPS_MAX];
static enum result results[STOPS_MAX];
static unsigned route_len;
static unsigned seconds = SECONDS;
static unsigned right, guessed;
static bool reader;			/* who has guessed reads the answer: no clock until Enter */

/* ---- what there is ---------------------------------------------------------------- */

static unsigned total(void)
{
	unsigned i, n = 0;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		n += sources[i]->count;
	return n;
}

static const struct stop *stop_at(unsigned n)
{
	const struct source *const *s = sources;

	for (; n >= (*s)->count; s++)
		n -= (*s)->count;
	return &(*s)->stops[n];
}

static unsigned number_of(const struct stop *stop)
{
	unsigned i = 0;

	while (stop_at(i) != stop)
		i++;
	return i + 1;
}

static const struct source *source_of(const struct stop *stop)
{
	const struct source *const *s = sources;

	while (stop < (*s)->stops || stop >= (*s)->stops + (*s)->count)
		s++;
	return *s;
}

static void list(void)
{
	const char *name = "";
	unsigned i, n = total();

	for (i = 0; i < n; i++) {
		const struct stop *s = stop_at(i);

		if (strcmp(name, source_of(s)->name) != 0) {
			name = source_of(s)->name;
			show(TONE_TITLE, 0, "%s: %s", source_of(s)->letter, name);
		}
		show(TONE_PLAIN, 2, "%2u  %-6s %s", i + 1, s->section, s->title);
	}
}

/* ---- what is asked for ------------------------------------------------------------ */

static void add(const struct stop *s)
{
	if (route_len < STOPS_MAX)
		route[route_len++] = s;
}

static bool same_word(const char *a, const char *b)
{
	for (; *a && (*a | 0x20) == (*b | 0x20); a++, b++)
		;
	return !*a && !*b;
}

/* A section.  In the printed book chapter 5 of the text on the web is chapter 4. */
static const struct stop *find_section(const char *word)
{
	unsigned i, n = total();

	for (i = 0; i < n; i++) {
		const struct stop *s = stop_at(i);

		if (same_word(word, s->section) ||
		    (strncmp(word, "4.", 2) == 0 && s->section[0] == '5' &&
		     strcmp(word + 1, s->section + 1) == 0))
			return s;
	}
	return NULL;
}

/* All of a source; false: it is no letter of one. */
static bool add_source(const char *word)
{
	unsigned i, k;
	bool found = false;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		if (!same_word(word, sources[i]->letter))
			continue;
		found = true;
		for (k = 0; k < sources[i]->count; k++)
			add(&sources[i]->stops[k]);
	}
	return found;
}

static bool add_word(const char *word)
{
	const struct stop *s = find_section(word);
	const char *end;
	u64 n = parse_u64(word, &end);

	if (s)
		add(s);
	else if (!*end && n >= 1 && n <= total())
		add(stop_at((unsigned)n - 1));
	else
		return add_source(word);
	return true;
}

static __noreturn void wrong(const char *fmt, const char *word)
{
	char text[200];

	snprintf(text, sizeof(text), fmt, word);
	dprintf(2, "tour: %s\n", text);
	exit(2);
}

/* ---- a stop ----------------------------------------------------------------------- */

static void show_question(const struct stop *s)
{
	unsigned i;

	show_blank();
	show(TONE_QUESTION, 0, "%s", s->question);
	for (i = 0; i < ARRAY_SIZE(s->choice) && s->choice[i]; i++)
		show(TONE_PLAIN, 2, "%u) %s", i + 1, s->choice[i]);
}

/* A guess, the answer; KEY_BACK and KEY_QUIT are for the caller. */
static enum key ask(const struct stop *s)
{
	enum key key;
	unsigned guess;

	show_question(s);
	if (seconds)
		show(TONE_FAINT, 0, "[1 2 3: guess, clock stops  Enter: answer  b: back%s  q: quit  %u s]",
		     shell_hint(), seconds);
	key = keys_wait(seconds);
	if (key == KEY_BACK || key == KEY_QUIT)
		return key;
	guess = key >= KEY_1 ? (unsigned)(key - KEY_1) + 1 : 0;
	reader = guess != 0;
	guessed += guess != 0;
	right += guess == s->answer;
	show(TONE_PLAIN, 0, "%sAnswer %u: %s", !guess ? "" : guess == s->answer ? "Right. " :
	     "Not quite. ", s->answer, s->why);
	return KEY_NEXT;
}

/* The asserted line; it has the rows that prove the same at length. */
static void show_result(const struct stop *s, enum result r)
{
	static const char *const word[] = {
		[HOLDS] = "ok", [FAILS] = "not ok", [SKIPPED] = "skip",
	};
	static const enum tone tone[] = {
		[HOLDS] = TONE_GOOD, [FAILS] = TONE_BAD, [SKIPPED] = TONE_FAINT,
	};

	show(tone[r], 0, "%s %s %s (rows %s)", word[r], s->section, s->title, s->rows);
}

static enum key visit(unsigned i)
{
	const struct stop *s = route[i];
	enum key key;

	show_fit();
	if (seconds)
		show_mark();
	show_rule(" %u/%u  %s  %s ", number_of(s), total(), s->section, s->title);
	show(TONE_FAINT, 0, "%s", source_of(s)->name);
	show(TONE_PLAIN, 0, "%s", s->text);
	key = ask(s);
	if (key != KEY_NEXT)
		return key;
	show_blank();
	show(TONE_TITLE, 0, "On this machine, with %s:",
	     BY_MODE("four levels of page tables", "two levels of page tables"));
	results[i] = prove(s);
	show_result(s, results[i]);
	if (!seconds || i + 1 == route_len)
		return KEY_NEXT;
	if (reader)
		show(TONE_FAINT, 0, "[Enter: next  b: back%s  q: quit  no clock]", shell_hint());
	else
		show(TONE_FAINT, 0, "[Enter: next  b: back  p: pause%s  q: quit  %u s]", shell_hint(),
		     seconds);
	key = keys_wait(reader ? KEYS_FOREVER : seconds);
	return key == KEY_BACK || key == KEY_QUIT ? key : KEY_NEXT;
}

static void walk_route(void)
{
	unsigned i = 0;
	enum key key;

	while (i < route_len) {
		key = visit(i);
		if (key == KEY_QUIT)
			return;
		if (key != KEY_BACK)
			i++;
		else if (i)
			i--;
	}
}

/* ---- the whole -------------------------------------------------------------------- */

static int finish(void)
{
	unsigned count[SKIPPED + 1] = { 0 }, i;

	for (i = 0; i < route_len; i++)
		count[results[i]]++;
	show_blank();
	if (guessed)
		show(TONE_PLAIN, 0, "%u of %u guesses were right.", right, guessed);
	show(count[FAILS] ? TONE_BAD : TONE_GOOD, 0,
	     "tour: %u of %u stops visited: %u ok, %u not ok, %u skipped",
	     route_len - count[NOT_VISITED], route_len, count[HOLDS], count[FAILS], count[SKIPPED]);
	return count[FAILS] != 0;
}

static void help(void)
{
	printf("usage: tour [--list] [--seconds N] [--transcript FILE] [--plain] [--picture PID]\n"
	       "            [STOP...]\n"
	       "STOP is a section (5.6.4, W.3), a number of the list, or a source (G K W I A);\n"
	       "without one: all.  Keys: 1 2 3 guess, Enter goes on, b back, p pause, s a shell,\n"
	       "q quit; without a key it goes on by itself after N seconds (%u; 0: at once), but\n"
	       "who has guessed reads as long as he likes.\n", SECONDS);
}

static const char *transcript;
static bool plain, only_list, named;
static u64 picture;

/* The value of option argv[*i]. */
static const char *value_of(char **argv, int *i)
{
	if (!argv[*i + 1])
		wrong("%s wants a value: tour --help shows how", argv[*i]);
	return argv[++*i];
}

static void read_seconds(const char *text)
{
	const char *end;
	u64 n = parse_u64(text, &end);

	if (*end || end == text || n > 86400)
		wrong("--seconds %s: a number from 0 to 86400 is wanted", text);
	seconds = (unsigned)n;
}

static void read_picture(const char *text)
{
	if (!number_after(text, "", 1, 4194304, &picture))
		wrong("--picture %s: the number of a process is wanted", text);
}

static void read_arguments(char **argv)
{
	int i;

	for (i = 1; argv[i]; i++) {
		if (!strcmp(argv[i], "--list"))
			only_list = true;
		else if (!strcmp(argv[i], "--plain"))
			plain = true;
		else if (!strcmp(argv[i], "--seconds"))
			read_seconds(value_of(argv, &i));
		else if (!strcmp(argv[i], "--transcript"))
			transcript = value_of(argv, &i);
		else if (!strcmp(argv[i], "--picture"))
			read_picture(value_of(argv, &i));
		else if (!strcmp(argv[i], "--help")) {
			help();
			exit(0);
		} else if (argv[i][0] == '-')
			wrong("there is no option %s: tour --help shows all", argv[i]);
		else if (add_word(argv[i]))
			named = true;
		else
			wrong("there is no stop \"%s\": tour --list shows all", argv[i]);
	}
}

static void open_transcript(void)
{
	char text[120];
	long err = transcript ? show_transcript(transcript) : 0;

	if (!err)
		return;
	snprintf(text, sizeof(text), "%s cannot be written: error %ld", transcript, -err);
	wrong("--transcript %s", text);
}

int main(int argc, char **argv, char **envp)
{
	unsigned i;

	read_arguments(argv);
	show_begin(plain);
	open_transcript();
	if (only_list) {
		list();
		return 0;
	}
	for (i = 0; !named && i < total(); i++)
		add(stop_at(i));
	shell_begin(argv[0], picture);
	keys_begin();
	walk_route();
	keys_end();
	return finish();
}
