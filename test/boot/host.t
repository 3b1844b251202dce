#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The host tests: mm and lib as ordinary programs under ASan and UBSan, both word sizes.
# A program passes if it ends with status 0 and prints no `not ok`.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();
my @programs = split ' ', $ENV{HOST_PROGRAMS} // '';
plan(skip_all => 'no host tests') unless @programs;

my ($status, $text) = sh('make', '-s', '-k', '-C', $top, "O=$O", 'host');
is($status, 0, 'all host tests build') or diag($text);
unlike($text, qr/warning:/, 'without warnings');

for my $program (@programs) {
	($status, $text) = sh("$top/tools/run-host", $program);
	my @bad = grep { /^\s*not ok/ } split /\n/, $text;
	my $name = $program =~ s{.*/}{}r;
	ok($status == 0 && !@bad, $name) or diag("status $status\n", substr($text, -4000));
}
done_testing;
