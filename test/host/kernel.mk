# SPDX-License-Identifier: MIT
# Host tests of what reads other people's input.
host-tests += test_cpio
test_cpio-src := test/host/test_cpio.c fs/cpio.c lib/random.c

host-tests += test_params
test_params-src := test/host/test_params.c kernel/params.c lib/strlcpy.c
