#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The second compiler: gcc builds the C files of both kernels without a warning.  Those that host tests
# link are compiled by it there (host.t), and most i386 files are the x86-64 ones: the rest is here.
# `make gcc-warnings` builds all of them, twice, with the kernels' own flags.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();
my ($status, $text) = sh('make', '-s', '-k', '-C', $top, "O=$O", 'gcc-warnings-rest');
is($status, 0, 'gcc compiles the rest with -Werror') or diag($text);
done_testing;
