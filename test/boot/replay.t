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

my $steps = 80;

# One run, with every event of the ring on the serial line.
sub run {
	my ($paging, $seed, $name) = @_;
	my $vm = PagewalkVM->start(dir => scratch($name), limit => 120 * ($ENV{PAGEWALK_SLOW} // 1),
		kernel => "$O/BOOTX64.EFI",
		Replay::options(paging => $paging, seed => $seed, program => "/bin/chance $seed $steps", record => '-x'));
	my $r = $vm->finish;
	$r->{name} = $name;
	$r->{runs} = ktap($r->{serial});
	is($r->{exit}, 33, "$name: the run ends well") or trouble($r);
	return $r;
}

# Its events: [number, ns, kind, pid, four arguments and more in hexadecimal].
sub events { my ($r) = @_; return map { [split ' '] } $r->{serial} =~ /^((?:\d+ ){4}(?:[0-9a-f]+ ?){5})\r?$/mg }

# Where gdb is when it stops at a fault: pid, address, error code, instruction.
sub stop_at {
	my ($paging, $seed, $n, $log) = @_;
	my $dir = scratch("gdb-$paging");
	my $socket = "$dir/s";
	my $vm = PagewalkVM->start(dir => $dir, limit => 120 * ($ENV{PAGEWALK_SLOW} // 1), kernel => "$O/BOOTX64.EFI",
		Replay::options(paging => $paging, seed => $seed, program => "/bin/chance $seed $steps", record => '-x'),
		extra => ['-gdb', "unix:$socket,server=on,wait=off", '-S']);
	for (1 .. 100) { last if -S $socket; select undef, undef, undef, 0.1 }
	spew("$dir/commands", Replay::gdb_script(build => $O, paging => $paging, socket => $socket, until => $n,
		address => Replay::kernel_address($log, $paging)));
	my ($status, $text) = sh('timeout', 120 * ($ENV{PAGEWALK_SLOW} // 1), 'gdb', '-q', '-nx', '-batch', '-x', "$dir/commands");
	$vm->kill_now;
	return $text =~ /^replay: stopped at fault $n: pid (\d+), address 0x(\w+), error code 0x(\w+), instruction 0x(\w+)/m
		? "$1 $2 $3 $4" : "no stop, status $status: $text";
}

for my $mode (4, 2) {
	my ($a, $b) = map { run($mode, 1, "$_-$mode") } qw(first second);
	my ($x, $y) = map { Replay::result($_->{serial}) // {} } $a, $b;
	my @events = events($a);
	is($x->{lost}, 0, "mode $mode: no event is lost");
	is(scalar @events, $x->{events}, "mode $mode: every event is printed");
	ok($a->{serial} eq $b->{serial}, "mode $mode: two runs print the same, " . length($a->{serial}) . ' bytes')
		or diag(first_difference($a, $b));

	# A fault in the middle, by a process of the program.
	my @faults = grep { $_->[2] == 1 } @events;
	my $fault = $faults[@faults / 2] // [(0) x 9];
	my $n = hex $fault->[7];
	my $there = stop_at($mode, 1, $n, $a->{serial});
	my $expected = join ' ', $fault->[3], @$fault[4 .. 6];
	is($there, $expected, "mode $mode: gdb stops at fault $n, where pid, address, error code, instruction are those of the trace");

	my $same = defined $x->{sum} && $x->{sum} eq ($y->{sum} // '') && $a->{serial} eq $b->{serial};
	record_row('O8', $mode, $same && $there eq $expected,
		sprintf 'same seed, same trace: %s events of two runs, sums %s and %s, %d faults; gdb at fault %d: %s, expected %s',
		$x->{events} // '?', $x->{sum} // '?', $y->{sum} // '?', scalar @faults, $n, $there, $expected);
}

# Another seed, another program: by what is recorded anyway.
isnt(Replay::result(slurp("$O/test/replay.t/first-4/serial.log"))->{sum},
	Replay::result(slurp("$O/test/replay.t/first-2/serial.log"))->{sum}, 'other programs give other sums');

sub first_difference {
	my ($a, $b) = @_;
	my @a = split /\n/, $a->{serial};
	my @b = split /\n/, $b->{serial};
	for (0 .. $#a) {
		return "line $_:\n$a[$_]\n" . ($b[$_] // '(end)') if $a[$_] ne ($b[$_] // '');
	}
	return 'the second is longer';
}
done_testing;
