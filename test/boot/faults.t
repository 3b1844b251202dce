#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Faults that end a run: each is reported, none resets the machine.
# E5: three places before the page tables are ready, on serial line and screen.
use strict;
use warnings;
use PagewalkTest;
use PagewalkScreen;

rows_here(qw(E5));

my %page_offset = (4 => 'ffff888000000000', 2 => 'c0000000');

sub minus {
	my ($hex, $n) = @_;
	no warnings 'portable';
	return sprintf '%x', hex($hex) - $n;
}

for my $mode (4, 2) {
	for my $place (1, 2, 3) {
		my $r = boot(name => "early-$place-$mode", paging => $mode,
			cmdline => "test=E2 knob=early-fault:$place");
		# Places 1 and 2 write below PAGE_OFFSET, place 3 is an undefined instruction.
		my ($vector, $code, $cr2) = $place == 3 ? (6, 0, qr/[0-9a-f]+/)
			: (14, 2, minus($page_offset{$mode}, 0x1000 * $place));
		my ($line) = grep { /early fault:/ && /vector/ } split /\r?\n/, $r->{serial} =~ s/\e\[[0-9;]*m//gr;
		$line //= 'no such line';
		my $good = $line =~ /early fault: vector $vector \(.*\bCR2 (0x)?$cr2, error code (0x)?$code\b/
			&& $r->{exit} == 37;
		record_row('E5', $mode, $good, "place $place: exit $r->{exit}, expected 37; expected vector $vector, error code $code: $line")
			or trouble($r);
		next if $place != 2;
		like($r->{serial}, qr/start_kernel\+0x/, "place $place, paging=$mode: names the function");
	}

	# The same on the screen, which stays when the kernel has stopped.
	my $r = boot(name => "early-screen-$mode", paging => $mode,
		cmdline => 'test=E2 exit=halt screen=800x600 knob=early-fault:2', script => sub {
		my ($vm) = @_;
		$vm->must_see(qr/early fault: vector.*\n/);
		sleep 2;
		$vm->screen_png("$vm->{dir}/screen.png");
		my $picture = $vm->screen;
		my @texts = ('early fault', 'vector 14', 'CR2', 'error code');
		my @missing = grep { !find_text($picture, $_) } @texts;
		record_row('E5', $mode, !@missing, sprintf 'the screen shows %d of %d texts of an early fault; missing: %s',
			@texts - @missing, scalar @texts, join(', ', @missing) || 'none');
		$vm->quit;
	});
	ok(!$r->{script_error}, "early fault on the screen, paging=$mode") or trouble($r);
}
done_testing;
