/* SPDX-License-Identifier: MIT */
/* Is there a shell?  BusyBox is no part of the programs that are built in. */
#include "lib.h"

bool shell_is_there(void)
{
	long fd = sys_open("/bin/sh", O_RDONLY, 0);

	if (fd >= 0)
		sys_close((int)fd);
	return fd != -ENOENT;
}
