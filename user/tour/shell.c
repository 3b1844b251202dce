/* SPDX-License-Identifier: MIT */
/*
 * A shell in the place of the tour, while it waits.  /bin/shell gives it a session of its own
 * that borrows the terminal, so what is typed there, ^C and ^Z included, is nothing to us.
 */
#include "tour.h"

static const char *self;
static char beside[24];			/* "picture=12" */

void shell_begin(const char *path, u64 picture)
{
	self = path;
	if (picture)
		snprintf(beside, sizeof(beside), "picture=%u", (unsigned)picture);
}

const char *shell_hint(void)
{
	return is_terminal(0) && shell_is_there() ? "  s: shell" : "";
}

static void run_shell(void)
{
	char path[64];
	const char *const argv[] = { path, "now", *beside ? beside : NULL, NULL };
	long pid;

	sibling_path(path, sizeof(path), self, "shell");
	pid = start_program("tour", argv, (const char *const *)environ, NULL);
	if (pid < 0)
		show(TONE_BAD, 0, "(no process for %s: error %ld)", path, -pid);
	else
		wait_for((int)pid);
}

void shell_visit(void)
{
	bool ours = terminal_is_ours();

	if (!is_terminal(0)) {
		show(TONE_FAINT, 0, "(no shell: keys do not come from a terminal)");
		return;
	}
	if (!shell_is_there()) {
		show(TONE_FAINT, 0, "(%s)", NO_SHELL);
		return;
	}
	keys_end();
	run_shell();
	/* Somebody may have killed /bin/shell, and then the shell itself is still there. */
	terminal_await(ours);
	terminal_raw(true);
	terminal_flush();
	show_fit();
	show_again();
}
