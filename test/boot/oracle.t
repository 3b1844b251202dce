#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Linux as the judge: every case of /bin/oracle and 50 random programs, in both modes,
# against what Debian's kernels said (test/linux/expected, recorded by `make oracle
# RECORD=1`).  No Linux is needed here.
use strict;
use warnings;
use PagewalkTest;
use lib "$PagewalkTest::top/test/linux";
use Oracle ();

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my ($status, $text) = sh('make', '-s', '-C', $top, "O=$O", 'oracle-image');
is($status, 0, 'the stick of make oracle is built') or diag($text);

my %name;
for my $mode (4, 2) {
	my $linux = Oracle::expected($mode);
	my $random = grep { /^random_/ } keys %$linux;
	my ($log, $r) = Oracle::run_pagewalk($mode, "cases random=1,$random", dir => scratch("mode$mode"),
		timeout => 240);
	my ($ours, $done) = Oracle::transcript($log);
	ok($done, "mode $mode: the programs come to their end") or trouble($r);
	my %seen;
	for (@$ours) {
		my ($name, @lines) = @$_;
		$seen{$name} = $name{$name} = 1;
		my $bad = Oracle::compare($mode, $name, $linux->{$name}, \@lines);
		ok(!defined $bad, "mode $mode: $name") or diag($bad);
	}
	my @missing = grep { !$seen{$_} } sort keys %$linux;
	ok(!@missing, "mode $mode: all that is recorded ran") or diag("not: @missing");
	cmp_ok($random, '>=', 50, "mode $mode: random programs");
	is($r->{exit}, 33, "mode $mode: and the machine ends well") or trouble($r);
}
cmp_ok(scalar(grep { !/^random_/ } keys %name), '>=', 150, 'hand-written cases');
my @unused = Oracle::unused();
ok(!@unused, 'every allowed difference is one') or diag(map { "$_\n" } @unused);
done_testing;
