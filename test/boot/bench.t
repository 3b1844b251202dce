#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# What `make bench` says, from logs whose verdicts are known: it must notice a gate that is
# missed by little, a benchmark that died, one that is missing, and a clock that does not
# count instructions.  Then its stick is booted, the clock as it is: the programs run.  The
# measuring itself takes minutes and is no part of make check.
use strict;
use warnings;
use PagewalkTest;
use lib "$PagewalkTest::top/test/bench";
use Bench ();

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my $dir = scratch('logs');
my ($goals) = Bench::goals();
my $linux = Bench::linux();
my @table = Bench::table();

cmp_ok(scalar @table, '>=', 50, 'the benchmarks of mmbench.c are found');
my @unknown = grep { my $n = $_; !grep { $_->[0] eq $n } @table } keys %$goals;
ok(!@unknown, 'every goal belongs to a benchmark') or diag("@unknown");
my @without = grep { my $n = $_; grep { !$linux->{$n}{"$_-lean"} } qw(x86_64 i386) } keys %$goals;
ok(!@without, 'every goal has figures of Linux in both modes') or diag("@without");

# A log with every figure at `part` of what its gate allows, some lines replaced.
sub log_with {
	my ($mode, $part, %line) = @_;
	my $log = "[ 0.1] a line of the kernel\r\nMMB\tbegin\t64\r\n";
	for (@table) {
		my $name = $_->[0];
		my $peer = $linux->{$name}{ Bench::arch($mode) . '-lean' };
		my $mean = sprintf '%.3f', $name =~ /^cal_/ ? $peer
			: $peer * ($goals->{$name}{gate} // 1) * $part;
		$log .= $line{$name} // "MMB\t$name\t1000\t" . int($mean * 1000) . "\t$mean\t$mean\r\n";
	}
	return spew("$dir/$mode.log", $log . "MMB\tend\r\n");
}

sub judged {
	my ($mode, $log, %env) = @_;
	local @ENV{keys %env} = values %env;
	return sh("$top/test/bench/bench", "$mode=$log");
}

delete @ENV{qw(BENCH STRICT MODES)};
for my $mode (4, 2) {
	my ($status, $text) = judged($mode, log_with($mode, 0.999));
	is($status, 0, "mode $mode: all gates met by little is status 0") or diag($text);
	unlike($text, qr/MISSED/, "mode $mode: and nothing is called missed");

	my $peer = $linux->{cow_fault}{ Bench::arch($mode) . '-lean' };
	my $much = sprintf '%.1f', $peer * $goals->{cow_fault}{gate} * 1.01;
	my %line = (cow_fault => "MMB\tcow_fault\t5120\t1\t$much\t$much\n");
	($status, $text) = judged($mode, log_with($mode, 0.9, %line));
	is($status, 1, "mode $mode: one figure above its gate is status 1") or diag($text);
	is(join(' ', $text =~ /^(\w+).*MISSED$/mg), 'cow_fault', "mode $mode: and it is named");
	is((judged($mode, "$dir/$mode.log", STRICT => 0))[0], 0, "mode $mode: STRICT=0 only reports");
	is((judged($mode, "$dir/$mode.log", BENCH => 'fork,pipe'))[0], 0, "mode $mode: BENCH= leaves it out");
}

my ($status, $text) = judged(4, log_with(4, 0.9, yield_switch => "MMB\tyield_switch\tSKIP\t38\n"));
is($status, 0, 'a call that is missing is no missed gate');
like($text, qr/^yield_switch .*skipped: ENOSYS$/m, 'but it is said');
is((judged(4, "$dir/4.log", STRICT => 1))[0], 1, 'and STRICT=1 counts it');

($status, $text) = judged(4, log_with(4, 0.9, pipe_hop_2 => "MMB\tpipe_hop_2\tFAIL\t11\n"));
is($status, 1, 'a benchmark that died is status 1');
like($text, qr/^pipe_hop_2 .*DIED: status 11$/m, 'and it is said');

($status, $text) = judged(4, log_with(4, 0.9, fork_exit_1m => ''));
is($status, 1, 'a benchmark without a line is status 1');
like($text, qr/^fork_exit_1m .*NO RESULT$/m, 'and it is said');

($status, $text) = judged(4, log_with(4, 0.9, cal_loop2 => "MMB\tcal_loop2\t3000000\t8090836\t2.6\t2.3\n"));
is($status, 1, 'a clock that does not count instructions is status 1');
like($text, qr/^cal_loop2 .*CLOCK WRONG$/m, 'and it is said');

# Events: two windows of warm-up (child, parent) and five rounds; only the child's count.
my @rows = "r\tpc\tinsns\tcr3\tinvlpg\tiret";
my ($insns, $cr3) = (0, 0);
for my $round (0 .. 5) {
	for my $who (0, 1) {
		push @rows, join "\t", 'r', '401000', $insns, $cr3, 0, 0;
		$insns += $round && !$who ? 1024 * 1000 : 7;
		$cr3 += $round && !$who ? 2048 : 0;
		push @rows, join "\t", 'r', '401010', $insns, $cr3, 0, 0;
	}
}
spew("$dir/prof", join "\n", $rows[0], "begin\t1", @rows[1 .. $#rows], '');
($status, $text) = sh("$top/test/bench/events", "4=$dir/prof:cow_fault");
like($text, qr/^cow_fault +1000 +2\.00 .*MORE: cr3$/m, 'events are those of the right windows')
	or diag($text);
is($status, 1, 'one cell above Linux is status 1');

($status, $text) = sh('make', '-C', $top, "O=$O", 'bench-image');
is($status, 0, 'the stick of make bench is built') or diag($text);
my @some = qw(null_syscall anon_write_fault cow_fault fork_exit_1m fork_exec_exit yield_switch pipe_hop_2);
for my $mode (4, 2) {
	my $r = boot(name => "mode$mode", quick(), paging => $mode, mem => '256M', stick => "$O/bench/bench.img",
		cmdline => "test=off init=\"/mmbench @some\"");
	my $f = Bench::figures($r->{serial});
	my @lost = grep { !$f->{$_}{mean} } @some;
	ok(!@lost, "mode $mode: " . @some . ' benchmarks run to their end') or diag("not: @lost"), trouble($r);
	is($r->{exit}, 33, "mode $mode: and the machine ends well") or trouble($r);
}
done_testing;
