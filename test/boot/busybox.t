#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A program that nobody here has made: BusyBox of Debian, static with glibc, as an extra
# archive on the stick.  Its shell forks, makes a pipe, lists a directory and prints its own
# memory map, which is compared with the program headers of the file.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'the rows asked for are proven elsewhere') if rows_wanted();

my $archive = "$O/busybox.cpio";
-e $archive or sh('make', '-s', $archive);
my %dir = (4 => 'amd64', 2 => 'i386');
my $unpacked = $ENV{UNPACKED} // ($ENV{XDG_CACHE_HOME} || ($ENV{HOME} || '/var/tmp') . '/.cache') . '/pagewalk';

sub page_down { my ($n) = @_; return $n - $n % 4096 }
sub page_up { my ($n) = @_; return page_down($n + 4095) }

# What maps must say of the file: [start, end, rights, offset], then the anonymous rest of
# the last segment, up to where the heap begins.
sub regions_of {
	my ($file) = @_;
	my ($status, $text) = sh('readelf', '-lW', $file);
	my (@regions, $bss, @relro);
	for (split /\n/, $text) {
		my ($type, @n) = /^\s+(LOAD|GNU_RELRO)\s+(0x\w+)\s+(0x\w+)\s+0x\w+\s+(0x\w+)\s+(0x\w+)\s+(.{3})/ or next;
		my ($offset, $at, $size, $memory) = map { hex } @n[0 .. 3];
		my $rights = join '', map { $n[4] =~ /$_->[0]/ ? $_->[1] : '-' } ['R', 'r'], ['W', 'w'], ['E', 'x'];
		if ($type eq 'GNU_RELRO') {
			@relro = (page_down($at), page_down($at + $memory));
			next;
		}
		push @regions, [page_down($at), page_up($at + $size), "${rights}p", page_down($offset)];
		$bss = page_up($at + $memory) if $memory > $size;
	}
	# The C library takes the right to write away from what was relocated.
	my $data = pop @regions;
	push @regions, [$relro[0], $relro[1], 'r--p', $data->[3]],
		[$relro[1], $data->[1], $data->[2], $data->[3] + $relro[1] - $data->[0]];
	return ($bss, map { sprintf '%08x-%08x %s %08x', @$_ } @regions);
}

for my $mode (4, 2) {
	my ($bss, @file) = regions_of("$unpacked/busybox-$dir{$mode}/bin/busybox");
	my $stick = stick(scratch("stick-$mode") . '/stick.img',
		add => { 'EFI/pagewalk/busybox.cpio' => \$archive });
	my $r = boot(name => "busybox-$mode", quick(), paging => $mode, mem => '512M', stick => $stick,
		cmdline => 'test=off loglevel=4 init=/bin/busybox-try');
	is($r->{exit}, 33, "paging=$mode: the script ended with status 0") or trouble($r);
	my @lines = PagewalkTest::clean_lines($r->{serial});
	shift @lines while @lines && $lines[0] ne 'busybox: begin';
	my @said;
	for (@lines[1 .. $#lines]) {
		push @said, $_;
		last if /^busybox: status/;
	}
	my ($count, @maps) = @said;
	like($count // '', qr/^\d+$/, 'ls / | wc -l');
	is($count, 8, "names in / with paging=$mode");
	is(pop @maps, 'busybox: status 0', 'status of the shell');

	my (%where, @seen);
	for (@maps[0 .. $#file]) {
		my ($head, $where) = ($_ // '') =~ m{^(\S+ \S+ \S+) (\S+ \d+) +/bin/busybox$};
		push @seen, $head;
		$where{$where // 'none'}++;
	}
	is_deeply(\@seen, \@file, "paging=$mode: the file's regions, as its headers say");
	is(scalar keys %where, 1, 'all of one file');
	my ($last) = $file[-1] =~ /-(\w+)/;
	my $width = $mode == 4 ? 16 : 8;
	# Nothing is randomised: heap, a buffer of the C library, stack.
	my @rest = @maps[@file .. $#maps];
	like($rest[0] // '', qr/^$last-[0-9a-f]{8} rw-p 00000000 00:00 0 +\[heap\]$/, 'bss and heap in one');
	like($rest[-1] // '', qr/^[0-9a-f]+-[0-9a-f]+ rw-p 00000000 00:00 0 +\[stack\]$/, 'the stack is the last');
	is(scalar(grep { !/^[0-9a-f]{8,12}-[0-9a-f]{8,12} rw-p 00000000 00:00 0 *(\[heap\]|\[stack\])?$/ } @rest), 0,
		'what is left is memory of its own');
}
done_testing;
