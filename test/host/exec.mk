# SPDX-License-Identifier: MIT
# Host tests of exec: what reads the headers of program files.
host-tests += test_elf
test_elf-src := test/host/test_elf.c fs/elf_check.c lib/random.c
