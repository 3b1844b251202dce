#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Determinism (row O8): on a machine that counts instructions, the same seed gives the same
# trace, byte for byte, and so does everything that is printed; and gdb stops at the fault that
# the trace names (`make replay UNTIL=N`).
use strict;
use warnings;
use PagewalkTest;
use Replay;

rows_here('O8');

# tools/replay as `make replay` calls it: (status, what it says, the log).
# Elsewhere than a user's own runs, whose logs are to stay.
my $dir = scratch('replay');
sub replay {
	my ($paging, $seed, %env) = @_;
	my %all = (DIR => $dir, PAGING => $paging, SEED => $seed, PROGRAM => "/bin/chance $seed 80", RECORD => '-x', %env);
	my ($status, $text) = sh('timeout', 120 * ($ENV{PAGEWALK_SLOW} // 1), qw(env -u UNTIL -u MEM -u CMDLINE),
		(map { "$_=$all{$_}" } sort keys %all), "$top/tools/replay", $O);
	return ($status, $text, slurp("$dir/$paging/serial.log"));
}

# Its events: [number, ns, kind, pid, four arguments and more in hexadecimal].
sub events { return map { [split ' '] } $_[0] =~ /^((?:\d+ ){4}(?:[0-9a-f]+ ?){5})\r?$/mg }

my $sum;	# of four levels, seed 1
for my $mode (4, 2) {
	my ($status, $text, $first) = replay($mode, 1);
	is($status, 0, "mode $mode: a run") or diag($text);
	my ($again, $says, $second) = replay($mode, 1);
	is($again, 0, "mode $mode: and once more") or diag($says);
	like($says, qr/^replay: the same as in the run before, to the byte$/m, "mode $mode: the tool finds them the same");
	ok(length $first && $first eq $second, "mode $mode: they print the same, " . length($first) . ' bytes')
		or diag(first_difference($first, $second));

	my ($x, $y) = map { Replay::result($_) // {} } $first, $second;
	my @events = events($first);
	is($x->{lost}, 0, "mode $mode: no event is lost");
	is(scalar @events, $x->{events}, "mode $mode: every event is printed");
	$sum //= $x->{sum};

	# A fault in the middle, by a process of the program.
	my @faults = grep { $_->[2] == 1 } @events;
	my $fault = $faults[@faults / 2] // [(0) x 9];
	my $n = hex $fault->[7];
	($status, $text) = replay($mode, 1, UNTIL => $n, GDB_BATCH => 1);
	my $there = $text =~ /^replay: stopped at fault $n: pid (\d+), address 0x(\w+), error code 0x(\w+), instruction 0x(\w+)/m
		? "$1 $2 $3 $4" : "no stop, status $status: $text";
	# Up to there it printed the same, so its clock showed the same times.
	my $log = slurp("$dir/$mode/gdb/serial.log");
	ok($log =~ /^\[.*initramfs: /m && $log eq substr($first, 0, length $log), "mode $mode: with gdb it prints the same before")
		or diag(first_difference($log, $first));
	my $expected = join ' ', $fault->[3], @$fault[4 .. 6];
	my $same = defined $x->{sum} && $x->{sum} eq ($y->{sum} // '') && $first eq $second;
	record_row('O8', $mode, $same && $there eq $expected,
		sprintf 'same seed, same trace: %s events of two runs, sums %s and %s, %d faults; gdb at fault %d: %s, expected %s',
		$x->{events} // '?', $x->{sum} // '?', $y->{sum} // '?', scalar @faults, $n, $there, $expected);
}

my ($status, $text, $log) = replay(4, 2);
is($status, 0, 'another seed') or diag($text);
isnt((Replay::result($log) // {})->{sum}, $sum, 'gives another trace');
($status, $text) = replay(4, 2, UNTIL => 999999, GDB_BATCH => 1);
like($text, qr/^replay: there is no fault 999999 while .* runs: they are \d+ to \d+ /m, 'a fault that is not there');

sub first_difference {
	my @a = split /\n/, $_[0];
	my @b = split /\n/, $_[1];
	for (0 .. $#a) {
		return "line $_:\n$a[$_]\n" . ($b[$_] // '(end)') if $a[$_] ne ($b[$_] // '');
	}
	return 'the second is longer';
}
done_testing;
