#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Files on a disk: the image is a virtio disk, so its data partition is mounted at start; programs
# run from it, and what they write is there when the machine is off.  One boot for both modes: the
# second kernel mounts what the first one has left.
use strict;
use warnings;
use PagewalkTest;

# F2D, F3D, F4D: what F2, F3 and F4 say of a disk's requests.
my @rows = qw(F2D F3D F4D F5 F6 F7 F9 F14);
rows_here(qw(F2 F3 F4 F5 F6 F7 F9 F14));

my $dir = scratch('disks');

# ---- the disk --------------------------------------------------------------------------

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

# The programs' table has one word on the disk that no other copy of it has.
for my $bits (64, 32) {
	my $program = slurp(sprintf '%s/bin/bigprog', "$O/" . ($bits == 64 ? 'x86_64' : 'i386'));
	my $old = pack 'V V', 0xb1600000 + 600, 0x5a5a5a5a;
	is(() = $program =~ /\Q$old\E/g, 1, "$bits bits: the word to change is there once");
	$program =~ s/\Q$old\E/pack 'V V', 0x600dda7a, 0x5a5a5a5a/e;
	spew("$dir/bigprog-$bits", $program);
	must('mcopy', '-i', $fs, "$dir/bigprog-$bits", '::/');
}

# ---- boots -----------------------------------------------------------------------------

my $r = boot(name => 'data', quick(), paging => 'both', mem => '256M', stick => $image, writable => 1,
	cmdline => 'report=off test=' . join(',', @rows));	# the kernel alone writes
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
for my $run (@{ $r->{runs} }) {
	for my $id (qw(F2 F3 F4)) {
		my $row = $run->{rows}{"${id}D"} // { ok => 0, line => 'no row' };
		evidence($id, $run->{paging}, $row->{ok}, $row->{line});
	}
}

# ---- bad sectors -----------------------------------------------------------------------
#
# A second disk, vdb, whose files have a page each that cannot be read or written, and a
# directory that cannot be written.

my $bad = "$dir/bad.img";
must('cp', '--sparse=always', image(), $bad);
spew("$dir/bad-read.bin", substr slurp("$dir/big.bin"), 0, 64 * 4096);
spew("$dir/bad-write.bin", "\0" x (64 * 4096));
must('mcopy', '-i', "$bad\@\@$offset", "$dir/bad-read.bin", "$dir/bad-write.bin", '::/');
must('mmd', '-i', "$bad\@\@$offset", '::/bad-dir');

# The first sector of what lies in one piece of so many sectors, as the tables say.
sub first_sector {
	my ($name, $sectors) = @_;
	my $boot = read_at($bad, $offset, 512);
	my ($per_cluster, $reserved, $fats) = unpack 'x13 C v C', $boot;
	my ($fat_size) = unpack 'x36 V', $boot;
	my $shown = must('mshowfat', '-i', "$bad\@\@$offset", "::/$name");
	my ($first, $last) = $shown =~ /<(\d+)(?:-(\d+))?>\s*\z/ or die "$name is in pieces: $shown\n";
	$sectors //= $per_cluster;
	die "$name is in pieces: $shown\n" if (($last // $first) - $first + 1) * $per_cluster != $sectors;
	return $offset / 512 + $reserved + $fats * $fat_size + ($first - 2) * $per_cluster;
}

# Page 37 of the files; the directory, of one cluster.
my $page37 = 37 * 8;
my $rules = spew("$dir/bad.conf", sprintf qq([inject-error]\nevent = "%s"\nerrno = "5"\nsector = "%d"\n\n) x 3,
	'read_aio', first_sector('bad-read.bin', 64 * 8) + $page37 + 5,
	'write_aio', first_sector('bad-write.bin', 64 * 8) + $page37 + 2,
	'write_aio', first_sector('bad-dir'));
my @drive = ('-drive', "if=none,id=bad,format=raw,file.driver=blkdebug,file.config=$rules,"
	. "file.image.driver=file,file.image.filename=$bad", '-device', 'virtio-blk-pci,drive=bad');
$r = boot(name => 'bad', quick(), paging => 'both', mem => '256M', extra => \@drive,
	cmdline => 'test=BADSECTOR');
is(verdict($r), 'passed', 'bad sectors') or trouble($r);
record_rows($r);
$data = must('mtype', '-i', "$bad\@\@$offset", '::/bad-write.bin');
is(join(' ', map { sprintf '%d:%d', $_, ord substr $data, $_ * 4096, 1 } 2, 35 .. 39, 63), '2:1 35:2 36:2 37:0 38:2 39:2 63:2',
	'all pages but the bad one were written');
is(must('mtype', '-i', "$bad\@\@$offset", '::/other.bin'), 'other', 'the other file, too');
done_testing;
