#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The rows that one boot can prove: `test=all` with four levels and with two, with memory
# above 4 GiB.  (tasks.t has less memory, and both in a row, one kernel starting the other.)
# ROWS=K2,P4 boots with just these.
use strict;
use warnings;
use PagewalkTest;

# Of the rows asked for, those that the kernel has and that need no boot of their own.
my @rows;
if (rows_wanted()) {
	my %kernel = kernel_rows();
	@rows = grep { $kernel{$_} } rows_wanted();
	plan(skip_all => 'the rows asked for are proven elsewhere') unless @rows;
}
my $test = 'test=' . (@rows ? join(',', @rows) : 'all');

my %hash;
for my $mode (4, 2) {
	my $r = boot(name => "all-$mode", paging => $mode, mem => '5G', cmdline => $test, timeout => 300);
	is(verdict($r), 'passed', "test=all with paging=$mode") or trouble($r);
	record_rows($r);
	my ($run) = @{ $r->{runs} };
	is($run->{paging}, $mode, "mode $mode is what ran");
	# Without the archive on the stick the row would pass with less.
	if (my $o3 = $run->{rows}{O3}) {
		my ($n, $all) = $o3->{line} =~ /(\d+) of (\d+) programs besides/;
		record_row('O3', $mode, ($n // 0) >= 4 && $n == $all, sprintf '%d of %d programs of C libraries and attacks ran, expected all',
			$n // 0, $all // -1);
	}
	my ($hash) = $r->{serial} =~ /sha256[ =:]+([0-9a-f]{64})/i;
	$hash{$mode} = $hash // 'none';
}

if (!@rows) {
	chomp(my $built = qx(sha256sum '$O/BOOTX64.EFI'));
	$built =~ s/ .*//;
	record_row('B1', $_, $hash{$_} eq $built, "the loader read its own file with SHA-256 $hash{$_}, built was $built")
		for 4, 2;
}
done_testing;
