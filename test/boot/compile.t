#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The second compiler: gcc builds every C file of the x86-64 kernel without a warning.  `make
# gcc-warnings` builds the other one, too; of its files few are its own.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();
my ($status, $text) = sh('make', '-s', '-k', '-C', $top, "O=$O", 'gcc-warnings-x86_64');
is($status, 0, 'gcc compiles the x86-64 kernel with -Werror') or diag($text);
done_testing;
