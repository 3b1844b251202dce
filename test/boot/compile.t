#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The second compiler: gcc builds every C file of both kernels without a warning.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();
my ($status, $text) = sh('make', '-s', '-k', '-C', $top, "O=$O", 'gcc-warnings');
is($status, 0, 'gcc compiles both kernels with -Werror') or diag($text);
done_testing;
