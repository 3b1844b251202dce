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

my ($begin, @none) = (time, times);
my ($status, $text) = sh('make', '-s', '-k', '-C', $top, "O=$O", 'host');
record_cost('compile', time - $begin, @none);
is($status, 0, 'all host tests build') or diag($text);
unlike($text, qr/warning:/, 'without warnings');

for my $program (@programs) {
	my $name = $program =~ s{.*/}{}r;
	my ($start, @before) = (time, times);
	($status, $text) = sh("$top/tools/run-host", $program);
	record_cost($name, time - $start, @before);
	my @bad = grep { /^\s*not ok/ } split /\n/, $text;
	ok($status == 0 && !@bad, $name) or diag("status $status\n", substr($text, -4000));
}
done_testing;
