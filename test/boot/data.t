#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A virtio disk with an EFI system partition and a data partition of ours: mounted at start,
# programs run from it, and what they write is there when the machine is off.  In both modes.
use strict;
use warnings;
use Compress::Zlib ();
use PagewalkTest;

my @rows = qw(F5 F6 F7 F9 F14);
rows_here(@rows);

my $MiB = 1 << 20;
my $dir = scratch('disks');

# ---- the disk --------------------------------------------------------------------------

my $data_type = '50414745-5741-4c4b-8000-446174610001';

sub must {
	my ($status, $text) = sh(@_);
	die "@_: $text\n" if $status;
	return $text;
}

# Our signature at byte 2048 of the partition (include/uapi/pagewalk_disk.h).
sub sign {
	my ($image, $start, $sectors) = @_;
	my ($guid) = must('sgdisk', '-i', 2, $image) =~ /unique GUID: ([0-9A-F-]+)/i;
	my @part = split /-/, $guid;
	my $uuid = pack('V v v', map { hex } @part[0 .. 2]) . pack('H4 H12', @part[3, 4]);
	my $super = pack('a16 Q< a16 V', 'PAGEWALK-DATA-01', $sectors, $uuid, 0);
	my $crc = Compress::Zlib::crc32($super . pack('V', 0));
	open(my $f, '+<', $image) or die "$image: $!\n";
	seek($f, $start * 512 + 2048, 0);
	print $f $super . pack('V', $crc);
	close $f;
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

# [partition, first sector, sectors]
my ($esp_start, $esp_size, $start, $size) = (2048, 40 * 2048, 45056 * 2, 48 * 2048);
my $offset = $start * 512;

sub make_disk {
	my ($image, $mode) = @_;
	my $total = 96 * $MiB;
	must('truncate', '-s', $total, $image);
	must('sgdisk', '-a', 2048, '-n', "1:$esp_start:+$esp_size", '-t', '1:ef00',
		'-n', "2:$start:" . ($start + $size - 1), '-t', "2:$data_type", $image);
	must('mkfs.vfat', '-F', 32, '-s', 1, '--offset', $esp_start, $image, $esp_size / 2);
	must('mkfs.vfat', '-F', 32, '-s', 1, '--offset', $start, $image, $size / 2);
	sign($image, $start, $size);
	spew("$dir/big.bin", join '', map { my $p = $_; pack 'C*', map { ($_ * 7 + $p) & 255 } 0 .. 4095 } 0 .. 255);
	spew("$dir/stored.bin", "\0" x 32768);
	spew("$dir/esp.txt", "this is the system partition\n");
	must('mcopy', '-i', "$image\@\@" . $esp_start * 512, "$dir/esp.txt", '::/ESP.TXT');
	must('mmd', '-i', "$image\@\@$offset", '::/lib64', '::/lib32');
	must('mcopy', '-i', "$image\@\@$offset", $_->[1], "::/$_->[0]")
		for ['big.bin', "$dir/big.bin"], ['stored.bin', "$dir/stored.bin"], dynamic_programs($mode);
}

# ---- boots -----------------------------------------------------------------------------

for my $mode (4, 2) {
	my $image = "$dir/disk-$mode.img";
	make_disk($image, $mode);
	my $before = slurp($image);
	my $r = boot(name => "data-$mode", paging => $mode, mem => '256M',
		cmdline => 'test=' . join(',', @rows),
		extra => ['-drive', "if=none,id=d,format=raw,file=$image",
			  '-device', 'virtio-blk-pci,drive=d']);
	is(verdict($r), 'passed', "paging=$mode: rows") or trouble($r);
	like($r->{serial}, qr{/dev/vda2: mounted on /data\s}, 'the data partition is mounted');
	like($r->{serial}, qr{/dev/vda1: mounted on /esp, read-only\s}, 'and the system partition');
	my $after = slurp($image);
	my $text = must('mtype', '-i', "$image\@\@$offset", '::/stored.bin');
	is(unpack('H*', join '', map { substr $text, $_ * 4096, 1 } 0 .. 3), '22334400',
		'what was stored, also before an exit, is on the disk');
	ok(substr($before, 0, $offset) eq substr($after, 0, $offset), 'the rest of the disk is as it was')
		or diag('a sector before the data partition has changed');
	my ($status, $said) = sh('sh', '-c',
		"dd if=$image of=$dir/part.img bs=1M skip=44 count=48 status=none; fsck.vfat -n $dir/part.img");
	is($status, 0, 'fsck.vfat') or diag($said);
	record_rows($r);
}
done_testing;
