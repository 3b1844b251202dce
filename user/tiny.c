/* SPDX-License-Identifier: MIT */
/* /bin/tiny: does nothing and ends with status 0; for measuring exec and exit. */
#include "lib/lib.h"

int main(int argc, char **argv, char **envp)
{
	return 0;
}
