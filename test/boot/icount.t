#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The cost of booting, in figures that repeat exactly: under -icount one TSC tick is one
# instruction.  The kernel prints them, this asserts them, at 2 GiB in both modes.
use strict;
use warnings;
use JSON::PP ();
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my $r = boot(name => 'icount', quick(), paging => 'both', mem => '2G', icount => 0,
	cmdline => 'test=E2 init="/bin/explain --json /bin/hello"', timeout => 240);
is(verdict($r), 'passed', 'boots under icount, one kernel starting the other') or trouble($r);
# What a fault costs is instructions here: explain knows by itself.  Of the program's only new frame of
# zeroes the figure is that of each mode, as long as the compiler makes the same of the fault path.
my (undef, @logs) = split /^KTAP version 1\r?$/m, $r->{serial};
my @faults = map { [map { JSON::PP::decode_json($_) } grep { /^\{"seq"/ } PagewalkTest::clean_lines($logs[$_] // '')] } 0, 1;
my %units = map { ($_->{unit} => 1) } map { @$_ } @faults;
is_deeply(\%units, { instructions => 1 }, 'faults, explained with their instructions') or trouble($r);
for (0, 1) {
	my @anon = map { $_->{ticks} } grep { $_->{comm} eq 'hello' && $_->{decision} eq 'anon_new' } @{ $faults[$_] };
	is(scalar @anon, 1, "kernel $_: one frame of zeroes");
	my $expected = (1249, 1978)[$_];
	ok(abs(($anon[0] // 0) - $expected) <= $expected / 10, "kernel $_: it costs @anon instructions, $expected give or take a tenth");
}
for my $mode (4, 2) {
	my ($run) = grep { ($_->{paging} // 0) == $mode } @{ $r->{runs} };
	my $f = $run ? figures($run) : {};
	for (qw(init_insns busy_wait_us free_pages usable_pages kept_pages)) {
		ok(defined $f->{$_}, "mode $mode: the kernel prints $_") or trouble($r), last;
	}
	cmp_ok($f->{init_insns} // 1e12, '<=', 50e6,
		"mode $mode: " . ($f->{init_insns} // '?') . ' instructions from entry to the end of init');
	cmp_ok($f->{busy_wait_us} // 1e12, '<=', 20_000,
		"mode $mode: " . ($f->{busy_wait_us} // '?') . ' us of busy waits');
	# Initramfs and screen shadow are not counted.
	my $all = ($f->{usable_pages} // 1e12) - ($f->{kept_pages} // 0);
	cmp_ok($f->{free_pages} // 0, '>=', 0.98 * $all,
		"mode $mode: " . ($f->{free_pages} // '?') . " pages free of $all");
}
done_testing;
