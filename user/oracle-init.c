/* SPDX-License-Identifier: MIT */
/*
 * The first program of Linux's initramfs in `make oracle` (test/linux): mounts what
 * Pagewalk has from the start, runs the command in /command, powers off.
 *
 * Lines go to the serial port directly, so that the kernel's own do not come between.
 */
#include <linux/reboot.h>
#include "lib/lib.h"

static void mount(const char *type, const char *where)
{
	long err;

	syscall2(__NR_mkdir, (long)where, 01777);
	err = syscall5(__NR_mount, (long)type, (long)where, (long)type, 0, 0);

	if (err)
		printf("oracle-init: %s on %s: error %ld\n", type, where, -err);
}

/* Words of the command, separated by single spaces or a newline. */
static unsigned split(char *text, const char **words, unsigned max)
{
	unsigned n = 0;
	char *p = text;

	while (*p && n < max - 1) {
		words[n++] = p;
		while (*p && *p != ' ' && *p != '\n')
			p++;
		while (*p == ' ' || *p == '\n')
			*p++ = '\0';
	}
	words[n] = NULL;
	return n;
}

static int run(void *text)
{
	const char *argv[16], *envp[] = { "PATH=/bin", NULL };

	split(text, argv, ARRAY_SIZE(argv));
	return (int)-sys_execve(argv[0], argv, envp);
}

int main(int argc, char **argv, char **envp)
{
	static char command[512];
	long fd;
	int i;

	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("devtmpfs", "/dev");
	mount("tmpfs", "/dev/shm");
	mount("tmpfs", "/tmp");
	fd = sys_open("/dev/ttyS0", O_RDWR, 0);
	for (i = 0; fd >= 0 && i < 3; i++)
		sys_dup2((int)fd, i);
	if (fd > 2)
		sys_close((int)fd);
	if (read_file("/command", command, sizeof(command)) > 0)
		wait_for((int)spawn(run, command));
	syscall4(__NR_reboot, (int)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		 (int)LINUX_REBOOT_CMD_POWER_OFF, 0);
	return 0;
}
