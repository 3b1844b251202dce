#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# 100,000 random operations on the regions of a program, each judged by the program's own
# model (user/rows/regionset.c); both modes must write the same transcript, in which addresses
# are page numbers.
use strict;
use warnings;
use PagewalkTest;

rows_here('A22');

my $r = boot(name => 'regions', quick(), paging => 'both', mem => '128M', cmdline => 'test=REGIONS',
	timeout => 300);
is(verdict($r), 'passed', 'kernel and model agree') or trouble($r);

my %hash;
for my $run (@{ $r->{runs} }) {
	my @lines = map { /transcript of 10000 steps: ([0-9a-f]{16})$/ ? $1 : () } @{ $run->{info} };
	is(@lines, 10, "mode $run->{paging}: ten transcripts") or trouble($r);
	$hash{ $run->{paging} } = "@lines";
}
my $same = ($hash{4} // '') eq ($hash{2} // ' ');
ok($same, 'the transcripts are equal') or diag("mode 4 $hash{4}\nmode 2 $hash{2}");
record_row('A22', $_, $same && verdict($r) eq 'passed', "100000 steps, transcripts $hash{$_}") for 4, 2;
done_testing;
