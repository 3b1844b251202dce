#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Faults that end a run: each is reported, none resets the machine.
# E5: three places before the page tables are ready, on serial line and screen.
# X6: a bad pointer in a driver: registers, symbol, walk of CR2.  K12: the same just behind
# the direct map.  H1: the linear address of a high frame.  X9: kernel stack overflow and
# double fault, and a loop without end that the watchdog ends.
use strict;
use warnings;
use PagewalkTest;
use PagewalkScreen;

rows_here(qw(E5 X6 X9 K12 H1));

my %page_offset = (4 => 'ffff888000000000', 2 => 'c0000000');
my %elf = (4 => "$O/x86_64/pagewalk.elf", 2 => "$O/i386/pagewalk.elf");
my %width = (4 => 16, 2 => 8);

sub number { no warnings 'portable'; return hex $_[0] }
sub text_of { return join "\n", map { s/^\[ *[\d.]+\] //r } split /\r?\n/, $_[0]{serial} =~ s/\e\[[0-9;]*m//gr }

# Which function the address lies in, by the ELF file and the place of the image.
sub function_at {
	my ($mode, $text, $ip) = @_;
	my ($phys) = $text =~ /paging, image at 0x([0-9a-f]+)/ or return 'no image line';
	my (%type, $best);
	my $symbols = elf_symbols($elf{$mode}, \%type);
	my $at = number($ip) - ($mode == 2 ? number($phys) : 0);
	for my $name (grep { $type{$_} =~ /t/i } keys %$symbols) {
		my $addr = $symbols->{$name};
		next if $addr > $at;
		$best = $name if !defined $best || $addr > $symbols->{$best};
	}
	return $best // 'nothing';
}

# The fault must be on the screen too.
sub early_screen {
	my ($mode, $vm) = @_;
	$vm->must_see(qr/early fault: vector.*\n/);
	sleep 2;
	$vm->screen_png("$vm->{dir}/screen.png");
	my $picture = $vm->screen;
	my @texts = ('early fault', 'vector 14', 'CR2', 'error code');
	my @missing = grep { !find_text($picture, $_) } @texts;
	record_row('E5', $mode, !@missing, sprintf 'the screen shows %d of %d texts of an early fault; missing: %s',
		@texts - @missing, scalar @texts, join(', ', @missing) || 'none');
	$vm->quit;
	return;
}

sub early_faults {
	my ($mode) = @_;
	for my $place (1, 2, 3) {
		# At place 2 the machine stays on, so that the screen can be looked at.
		my $r = boot(name => "early-$place-$mode", $place == 2 ? ovmf() : quick(), paging => $mode,
			cmdline => "test=E2 knob=early-fault:$place" . ($place == 2 ? ' exit=halt screen=800x600' : ''),
			script => $place == 2 ? sub { early_screen($mode, @_) } : undef);
		# Places 1 and 2 write below PAGE_OFFSET, place 3 is an undefined instruction.
		my ($vector, $code, $cr2) = $place == 3 ? (6, 0, qr/[0-9a-f]+/)
			: (14, 2, sprintf '%x', number($page_offset{$mode}) - 0x1000 * $place);
		my ($line) = text_of($r) =~ /^(early fault: vector.*)/m;
		$line //= 'no such line';
		my $good = $line =~ /early fault: vector $vector \(.*start_kernel\+.*\bCR2 (0x)?$cr2, error code (0x)?$code\b/
			&& $r->{exit} == ($place == 2 ? 0 : 37);
		record_row('E5', $mode, $good, "place $place: exit $r->{exit}, expected @{[$place == 2 ? '0 (halt)' : 37]}; expected vector $vector, error code $code: $line")
			or trouble($r);
	}
	return;
}

# A fault after initialisation: (row, knob, function, first line, lines of the table walk).
sub late_fault {
	my ($mode, $row, $knob, $function, $first, $levels) = @_;
	# OVMF keeps the top of memory, so the table behind the direct map is there.
	my $r = boot(name => $knob =~ s/:.*//r . "-$mode", $knob eq 'gap' ? ovmf() : quick(), paging => $mode, cmdline => "test=E2 knob=$knob");
	my $text = text_of($r);
	my ($head, $address) = $text =~ /(kernel oops: $first(?: at ([0-9a-f]+))?)/;
	my ($ip, $symbol) = $text =~ /^IP [0-9a-f]{4}:([0-9a-f]+)  (\w+)\+/m;
	my ($cr2) = $text =~ /^CR0 .*\bCR2 ([0-9a-f]+)/m;
	my ($ax) = $text =~ /^AX +([0-9a-f]+)/m;
	my $real = defined $ip ? function_at($mode, $text, $ip) : 'no IP';
	my ($first_call) = $text =~ /^ *#0 +[0-9a-f]+ +(\w+)/m;
	my @walk = $text =~ /^ *((?:pgd|pud|pmd|pte)\[\d+\] = [0-9a-f]+ .*)/mg;
	my $good = $r->{exit} == 37 && defined $head && $text !~ /^KTAP/m
		&& ($symbol // '') eq $function && $real eq $function && ($first_call // '') eq $function
		&& length($ax // '') == $width{$mode} && (!defined $address || number($address) == number($cr2 // '1'))
		&& @walk == $levels && (!$levels || $walk[-1] =~ /NOT PRESENT/);
	record_row($row, $mode, $good, sprintf '%s: exit %d, expected 37; %s; IP %s in %s, expected %s, by the ELF file %s; %d levels walked, expected %d',
		$knob, $r->{exit}, $head // "no '$first'", $ip // '?', $symbol // '?', $function, $real, scalar @walk, $levels)
		or trouble($r);
	return;
}

# No high frame has a linear address, and whoever asks for one is stopped.
sub high_address {
	my ($mode) = @_;
	my ($first, %o) = $mode == 4 ? (0x10000, cmdline => 'test=E2 knob=va-high lowmem=256M')
		: (0x38000, mem => '2G', cmdline => 'test=E2 knob=va-high');
	my $r = boot(name => "va-high-$mode", quick(), paging => $mode, %o);
	my $text = text_of($r);
	my ($line, $frame) = $text =~ /(kernel panic: frame 0x([0-9a-f]+) is in high memory.*?) *$/m;
	my $good = $r->{exit} == 37 && defined $frame && number($frame) >= $first && $text !~ /^KTAP/m;
	record_row('H1', $mode, $good, sprintf 'the address of a high frame: exit %d, expected 37; %s, expected a panic about a frame from 0x%x on',
		$r->{exit}, $line // 'no such panic', $first)
		or trouble($r);
	return;
}

for my $mode (4, 2) {
	early_faults($mode) if wanted('E5');
	late_fault($mode, 'X6', 'oops', 'broken_driver_read', 'unable to handle kernel NULL pointer dereference', 1) if wanted('X6');
	late_fault($mode, 'K12', 'gap', 'read_behind_direct_map', 'unable to handle kernel paging request', $mode) if wanted('K12');
	high_address($mode) if wanted('H1');
	late_fault($mode, 'X9', 'stack-overflow', 'recurse_for_ever', 'kernel stack overflow \(double fault\), guard page hit', 0) if wanted('X9');
	late_fault($mode, 'X9', 'double-fault', 'call_on_stack', 'double fault', 0) if wanted('X9');
	# 100 ticks of 4 ms, and no error code, since there was no exception.
	late_fault($mode, 'X9', 'lockup:100', 'turn_for_ever', 'soft lockup: the kernel has run for 0\.4 s without a pause, '
		. 'now at turn_for_ever\+0x[0-9a-f]+/0x[0-9a-f]+ \(task init, pid 1, step "tests"\): '
		. 'a loop there has no end, or no cond_resched\(\) *\n(?:\[[ \d.]+\] )?IP ', 0) if wanted('X9');
}
done_testing;
