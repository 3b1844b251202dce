#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# What must leave nothing behind, on a machine with 64 MiB: 10,000 cycles of fork, exec and
# exit, 1,000 killed tasks; memory that fails at each allocation in turn, memory that is
# really used up; arguments that are too long; files that are no programs, which come in an
# archive of their own on the stick.  The kernel compares free pages, slab objects, page
# tables and vmalloc areas before and after; time is counted in instructions.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my %dir = (4 => 'x86_64', 2 => 'i386');

# ---- files that must not run ----------------------------------------------------------

# Change one field of a header: offsets and formats by word size.
my %ehdr = (
	4 => { type => [16, 'v'], machine => [18, 'v'], entry => [24, 'Q'], phoff => [32, 'Q'], phentsize => [54, 'v'], phnum => [56, 'v'] },
	2 => { type => [16, 'v'], machine => [18, 'v'], entry => [24, 'V'], phoff => [28, 'V'], phentsize => [42, 'v'], phnum => [44, 'v'] },
);
my %phdr = (
	4 => { size => 56, offset => [8, 'Q'], vaddr => [16, 'Q'], filesz => [32, 'Q'], memsz => [40, 'Q'] },
	2 => { size => 32, offset => [4, 'V'], vaddr => [8, 'V'], filesz => [16, 'V'], memsz => [20, 'V'] },
);

sub get { my ($data, $at, $field) = @_; return unpack $field->[1], substr $data, $at + $field->[0], 8 }

sub put {
	my ($data, $at, $field, $value) = @_;
	my $bytes = pack $field->[1], $value;
	substr $data, $at + $field->[0], length $bytes, $bytes;
	return $data;
}

# name => contents; "E8-..." must fail with error 8, "K11-..." die of signal 11.
sub bad_files {
	my ($mode) = @_;
	my $good = slurp("$O/$dir{$mode}/bin/tiny");
	my ($e, $p) = ($ehdr{$mode}, $phdr{$mode});
	my $table = get($good, 0, $e->{phoff});
	my @load = grep { unpack('V', substr $good, $_, 4) == 1 }
		map { $table + $_ * $p->{size} } 0 .. get($good, 0, $e->{phnum}) - 1;
	my ($first, $second, $last) = @load[0, 1, -1];
	my $all = $mode == 4 ? ~0 : (1 << 32) - 1;
	my $swapped = $good;
	substr $swapped, $first, $p->{size}, substr $good, $second, $p->{size};
	substr $swapped, $second, $p->{size}, substr $good, $first, $p->{size};
	return (
		'E8-empty' => '',
		'E8-one-byte' => "\x7f",
		'E8-text' => "hello\n" x 20,
		'E8-truncated-header' => substr($good, 0, 30),
		'E8-truncated-table' => substr($good, 0, $table + 20),
		'E8-truncated-segment' => substr($good, 0, length($good) / 2),
		'E8-other-width' => slurp("$O/$dir{6 - $mode}/bin/tiny"),
		'E8-other-machine' => put($good, 0, $e->{machine}, 40),
		'E8-object-file' => put($good, 0, $e->{type}, 1),
		'E8-no-segments' => put($good, 0, $e->{phnum}, 0),
		'E8-too-many-segments' => put($good, 0, $e->{phnum}, 65535),
		'E8-table-elsewhere' => put($good, 0, $e->{phoff}, $all - 7),
		'E8-odd-table-entries' => put($good, 0, $e->{phentsize}, 1),
		'E8-entry-outside' => put($good, 0, $e->{entry}, 0x1000),
		'E8-overlap' => put(put($good, $second, $p->{vaddr}, get($good, $first, $p->{vaddr})),
			$second, $p->{offset}, get($good, $first, $p->{offset})),
		'E8-unordered' => $swapped,
		'E22-more-in-file-than-in-memory' => put($good, $first, $p->{memsz}, 1),
		'E22-misaligned' => put($good, $last, $p->{offset}, get($good, $last, $p->{offset}) + 1),
		'E8-behind-the-end' => put($good, $second, $p->{offset}, get($good, $second, $p->{offset}) + (1 << 30)),
		'E12-gigantic' => put($good, $last, $p->{memsz}, $mode == 4 ? 1 << 47 : 0xf000_0000),
		'E12-wraps' => put($good, $last, $p->{memsz}, $all),
		'E12-in-the-kernel' => put($good, $last, $p->{vaddr}, ($mode == 4 ? ~0 << 46 : 0xf000_0000) + get($good, $last, $p->{vaddr}) % 4096),
		# Fits the address space, but not this machine: found out when the old program is gone.
		'K11-too-large-for-memory' => put($good, $last, $p->{memsz}, $mode == 4 ? 1 << 40 : 0x6000_0000),
		'E2-no-interpreter' => "#!/bin/nothing\n",
		'E13-no-x' => $good,
	);
}

sub bad_archive {
	my ($dir) = @_;
	my @entries;
	for my $mode (4, 2) {
		my %files = bad_files($mode);
		for my $name (sort keys %files) {
			my $file = spew("$dir/$mode-$name", $files{$name});
			chmod($name eq 'E13-no-x' ? 0644 : 0755, $file);
			push @entries, "$dir{$mode}/bad/$name=$file";
		}
	}
	my ($status, $text) = sh("$top/tools/mkinitramfs", "$dir/bad.cpio", @entries);
	is($status, 0, 'an archive of bad files') or diag($text);
	return "$dir/bad.cpio";
}

# ---- the boot -------------------------------------------------------------------------

my $dir = scratch('bad');
my $archive = bad_archive($dir);
my $stick = stick("$dir/stick.img", add => { 'EFI/pagewalk/bad.cpio' => \$archive });

my $r = boot(name => 'stress', quick(), paging => 'both', mem => '64M', stick => $stick, icount => 2,
	timeout => 300, cmdline => 'test=STRESS,NOMEM,EXHAUST,BADFILES');
is(verdict($r), 'passed', 'nothing is left behind, 64 MiB') or trouble($r);
record_rows($r);

# The kernel's figures, compared once more here.
for my $run (@{ $r->{runs} }) {
	my (@seen, @differ);
	for (@{ $run->{info} }) {
		next unless my ($who, $figures) = /^# (\w+ .*?) *: (free pages .*)/;
		push @seen, $who;
		my %f = map { /^(.*?) (\d+),(?: then)? (\d+)$/ ? ($1 => [$2, $3]) : () } split /; /, $figures;
		# Kernel tables are made once and stay; they cost their pages and nothing else.
		my $tables = $f{'kernel tables'}[1] - $f{'kernel tables'}[0];
		push @differ, "$who: $_ $f{$_}[0] $f{$_}[1]" for
			grep { $_ ne 'kernel tables' && $f{$_}[0] != $f{$_}[1] + ($_ eq 'free pages' ? $tables : 0) } sort keys %f;
	}
	is(@seen, 10, "mode $run->{paging}: before and after of 10 runs");
	is("@differ", '', "mode $run->{paging}: all as it was");
	my ($fork) = grep { /^# EXHAUST: fork fails/ } @{ $run->{info} };
	diag("mode $run->{paging}: ", $fork // 'the forking task was killed') if !@seen;
}
done_testing;
