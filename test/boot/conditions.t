#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Rows that need a machine or a command line of their own: memory sizes and machine types
# (B4, K12, H13), high memory in both modes (H1 to H12 and what uses it), small pages only
# (K3), a stale map key (B3), memory that runs out (N11).
use strict;
use warnings;
use PagewalkTest;

my @high = qw(H1 H2 H3 H4 H5 H6 H7 H8 H9 H10 H12 P6 V3 N5 A10 R8 R17);
rows_here(qw(B3 B4 K3 K12 H13 N11), @high);

my $high = join ',', 'test=K12,B4', @high;

# name, mode, options; each boot prints its rows.
my @boots = (
	['2G', 4, ovmf(), mem => '2G', cmdline => "$high lowmem=896M"],
	['2G', 2, ovmf(), mem => '2G', cmdline => $high],
	['2G-48M', 'both', uboot(), mem => '2G', cmdline => 'test=B4 lowmem=48M'],	# raised
	['512M', 'both', ovmf(), mem => '512M', cmdline => 'test=K1,K12,B4 lowmem=896M'],
	['5G', 'both', ovmf(), mem => '5G', cmdline => 'test=H13,B4'],
	['pc-96M', 'both', ovmf(), mem => '96M', machine => 'pc', cmdline => 'test=B4'],
	['pc-3G', 'both', ovmf(), mem => '3G', machine => 'pc', cmdline => 'test=B4'],
	['small-pages', 'both', quick(), cmdline => 'test=K3,K2,E6 nolargepages'],
	['nohigh', 'both', quick(), mem => '512M', cmdline => 'test=H9 lowmem=256M userpte=nohigh'],
	['128M', 'both', quick(), mem => '128M', cmdline => 'test=N11'],
	['pc-3400M', 'both', uboot(), mem => '3400M', machine => 'pc', cmdline => 'test=H1 lowmem=896M'],
	['stale-key', 'both', ovmf(), cmdline => 'test=B3 knob=ebs-stale'],
);

my %b4;
for (@boots) {
	my ($name, $mode, %o) = @$_;
	my $r = boot(name => "$name-$mode", paging => $mode, %o);
	is(verdict($r), 'passed', "$name, paging=$mode: $o{cmdline}") or trouble($r);
	record_rows($r);
	for my $run (@{ $r->{runs} }) {
		my $row = $run->{rows}{B4} or next;
		$b4{ $run->{paging} }{$name} = $1 if $row->{line} =~ /(\d+) pages managed/;
	}
	if ($name eq '2G-48M') {
		# mem_map of 2 GiB: 32 MiB under four levels, 16 under two.
		my @raised = $r->{serial} =~ /lowmem=49152K is too small for image, initramfs and mem_map: raised to (\d+)K/g;
		is("@{[map { $_ > 49152 ? 'raised' : $_ } @raised]}", 'raised', 'lowmem=48M is too small for four levels alone');
	}
	if ($name eq 'pc-3400M') {
		# U-Boot gives this much RAM to programs, and part of the same addresses to devices.
		my @refused = $r->{serial} =~ /the firmware put its registers to \w+, where RAM is: device not used/g;
		is(scalar @refused, 4, 'registers in RAM: both windows of the disk, said by both kernels');
	}
	if ($name eq 'stale-key') {
		like($_->{rows}{B3}{line} // '', qr/\b2 tries/, "stale key, paging=$_->{paging}: the second exit succeeded")
			for @{ $r->{runs} };
	}
}

# A kernel that knows its memory by heart would say the same everywhere.
for my $mode (4, 2) {
	my %sums = reverse %{ $b4{$mode} // {} };
	record_row('B4', $mode, keys %sums == 6, scalar(keys %sums) . ' different sums on 6 machines, expected 6: '
		. join ', ', map { "$_ $b4{$mode}{$_}" } sort keys %{ $b4{$mode} // {} });
}
done_testing;
