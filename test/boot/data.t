#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Files on a disk: the image is a virtio disk, so its data partition is mounted at start; programs
# run from it, and what they write is there when the machine is off.  One boot for both modes: the
# second kernel mounts what the first one has left.
use strict;
use warnings;
use PagewalkTest;

my @rows = qw(F5 F6 F7 F9 F14);
rows_here(@rows);

my $dir = scratch('disks');

# ---- the disk --------------------------------------------------------------------------

sub must {
	my ($status, $text) = sh(@_);
	die "@_: $text\n" if $status;
	return $text;
}

sub dynamic_programs {
	my ($mode) = @_;
	my $bits = $mode == 4 ? 64 : 32;
	my $cc = $ENV{CC} // 'gcc';
	my ($libc) = must($cc, "-m$bits", '-print-file-name=libc.so.6') =~ /(\S+)/;
	my $ld = $mode == 4 ? '/lib64/ld-linux-x86-64.so.2' : '/lib/ld-linux.so.2';
	my @files = (["lib$bits/libc.so.6", $libc], ["lib$bits/ld.so", $ld]);
	for my $name ('a', 'b') {
		my $out = "$dir/dyn-$name-$bits";
		must($cc, "-m$bits", '-O1', "-DNAME=\"program $name\"", '-o', $out,
			"-Wl,--dynamic-linker=/data/lib$bits/ld.so", "-Wl,-rpath,/data/lib$bits",
			'user/libc/dyn.c');
		push @files, ["dyn-$name-$bits", $out];
	}
	return @files;
}

my (undef, $data, undef) = @{ gpt(image())->{parts} };
my ($offset, $end) = ($data->{first} * 512, ($data->{last} + 1) * 512);
my $image = "$dir/disk.img";
my $fs = "$image\@\@$offset";

must('cp', '--sparse=always', image(), $image);
spew("$dir/big.bin", join '', map { my $p = $_; pack 'C*', map { ($_ * 7 + $p) & 255 } 0 .. 4095 } 0 .. 255);
spew("$dir/stored.bin", "\0" x 32768);
must('mmd', '-i', $fs, '::/lib64', '::/lib32');
must('mcopy', '-i', $fs, $_->[1], "::/$_->[0]")
	for ['big.bin', "$dir/big.bin"], ['stored-64.bin', "$dir/stored.bin"], ['stored-32.bin', "$dir/stored.bin"],
	dynamic_programs(4), dynamic_programs(2);

# ---- boots -----------------------------------------------------------------------------

my $r = boot(name => 'data', quick(), paging => 'both', mem => '256M', stick => $image, writable => 1,
	cmdline => 'test=' . join(',', @rows));
is(verdict($r), 'passed', 'rows') or trouble($r);
my $said = $r->{serial} =~ tr/\r//dr;
is(() = $said =~ m{/dev/vda2: mounted on /data$}mg, 2, 'the data partition is mounted');
is(() = $said =~ m{/dev/vda1: mounted on /esp, read-only$}mg, 2, 'and the system partition');
for my $bits (64, 32) {
	my $text = must('mtype', '-i', $fs, "::/stored-$bits.bin");
	is(unpack('H*', join '', map { substr $text, $_ * 4096, 1 } 0 .. 3), '22334400',
		"$bits bits: what was stored, also before an exit, is on the disk");
}
is(must('cmp', '-n', $offset, image(), $image), '', 'what is before the data partition is as it was');
is(must('cmp', '-i', $end, image(), $image), '', 'what is behind it, too');
must('dd', "if=$image", "of=$dir/part.img", 'bs=1M', 'skip=' . ($offset >> 20),
	'count=' . ($end - $offset >> 20), 'conv=sparse', 'status=none');
my ($status, $fsck) = sh('fsck.vfat', '-n', "$dir/part.img");
is($status, 0, 'fsck.vfat') or diag($fsck);
record_rows($r);
done_testing;
