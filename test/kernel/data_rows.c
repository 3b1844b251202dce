/* SPDX-License-Identifier: MIT */
/* Rows about files on a disk: they need the disk of test/boot/data.t. */
#include <test/row.h>

USER_ROW_FLAGS(F5, "a page of a mapped file comes by the request that the policy says",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F6, "who touches first has a major fault, who comes second a minor one",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F7, "stores through a shared mapping reach the disk, also without a fault",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F9, "read-ahead: windows grow for a sequential reader and for no other",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F14, "two dynamic programs share the text of their library", "/bin/rows",
	       ROW_EXPLICIT);
