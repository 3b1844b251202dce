/* SPDX-License-Identifier: MIT */
/* Rows about files on a disk: they need the disks of test/boot/data.t. */
#include <test/row.h>

USER_ROW_FLAGS(F2D, "a page of a program's image comes from the disk, when it is touched",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F3D, "the second and third reader of a page make no request", "/bin/rows",
	       ROW_EXPLICIT);
USER_ROW_FLAGS(F4D, "three processes have a page of their program by one request", "/bin/rows",
	       ROW_EXPLICIT);
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
USER_ROW_FLAGS(BADSECTOR, "a bad sector is the trouble of who needs it, and of nobody else",
	       "/bin/rows", ROW_EXPLICIT);
