/* SPDX-License-Identifier: MIT */
/* Signals: the raw call, and names. */
#include "lib.h"

#define SA_RESTORER	0x04000000ul

void __restore_rt(void);		/* crt0.S */
void __restore(void);

#ifdef __x86_64__
#define way_back(flags)	__restore_rt
#else
#define way_back(flags)	((flags) & SA_SIGINFO ? __restore_rt : __restore)
#endif

static const char *const names[SIGNAL_NAMES_MAX] = {
	"0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS",
	"SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM",
	"SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
	"SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
	"SIGSYS",
};

const char *signal_name(int sig)
{
	return sig > 0 && sig < SIGNAL_NAMES_MAX ? names[sig] : "an unknown signal";
}

static int set(int sig, void *handler, ulong flags, void (*restorer)(void))
{
	struct kernel_sigaction action = {
		.handler = handler, .flags = flags, .restorer = restorer,
	};

	return (int)syscall4(__NR_rt_sigaction, sig, (long)&action, 0, 8);
}

int set_signal(int sig, void *handler, ulong flags)
{
	return set(sig, handler, flags | SA_RESTORER, way_back(flags));
}

int set_signal_raw(int sig, void *handler, ulong flags)
{
	return set(sig, handler, flags, NULL);
}
