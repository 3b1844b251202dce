#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Swap on real devices: the image is a virtio disk, copies of it are an NVMe and an AHCI disk, so
# there are three swap partitions of ours.  One boot for both modes; then the host looks for the pages
# in their slots (R6).
use strict;
use warnings;
use PagewalkTest;

my @rows = qw(R6 R9 R11 R12 R16);
rows_here(@rows);

my $dir = scratch('disks');
my @part = @{ gpt(image())->{parts} };
my $swap = $part[2];
my ($offset, $end) = ($swap->{first} * 512, ($swap->{last} + 1) * 512);
my %image = map { $_ => "$dir/$_.img" } qw(vda3 nvme0n1p3 sda3);
sh('cp', '--sparse=always', image(), $_) for values %image;

# What `swapon` of Linux's would look at, as disk/mksuper has written it.
my $page0 = read_at($image{vda3}, $offset, 4096);
is(substr($page0, 4086), 'SWAPSPACE2', 'the signature of mkswap');
is(join(' ', unpack 'V3', substr $page0, 1024), join(' ', 1, ($end - $offset) / 4096 - 1, 0),
	'its header: version, last page, bad pages');
is(substr($page0, 2048, 16), 'PAGEWALK-SWAP-01', 'our superblock beside it');

my $r = boot(name => 'swap', quick(), paging => 'both', mem => '256M', timeout => 120,
	stick => $image{vda3}, writable => 1,
	extra => ['-drive', "if=none,id=disk1,format=raw,file=$image{nvme0n1p3}", '-device', 'nvme,serial=1,drive=disk1',
		'-drive', "if=none,id=disk2,format=raw,file=$image{sda3}", '-device', 'ide-hd,bus=ide.1,drive=disk2'],
	cmdline => 'report=off test=R6,SWAPIO,R16,DIRTY');	# the kernel alone writes
is(verdict($r), 'passed', 'rows') or trouble($r);
my $said = $r->{serial} =~ tr/\r//dr;
my (undef, @logs) = split /^KTAP version 1$/m, $said;

# R9, R11 and R12 have their figures elsewhere; here are their requests.
for my $run (@{ $r->{runs} }) {
	my $io = $run->{rows}{SWAPIO};
	record_row($_, $run->{paging}, $io && $io->{ok}, $io ? $io->{text} : 'no result') for qw(R9 R11 R12);
	delete $run->{rows}{SWAPIO};
	$run->{order} = [grep { $_ ne 'SWAPIO' } @{ $run->{order} }];
}
record_rows($r);

# ---- the pages in their slots ------------------------------------------------------------

sub page_of {
	my ($seed, $i) = @_;
	my $base = $seed + $i * 2654435761;
	return pack 'V*', map { $base + $_ * 40503 & 0xffffffff } 0 .. 1023;
}

for my $mode (4, 2) {
	my $log = $logs[$mode == 2] // '';
	my ($devices, $wrong) = (0, 0);
	while ($log =~ /slots (\S+) first (\d+) pages (\d+) seed (\d+)$/mg) {
		my ($name, $first, $pages, $seed) = ($1, $2, $3, $4);
		$devices++;
		my $data = read_at($image{$name}, $offset + $first * 4096, $pages * 4096);
		$wrong += grep { substr($data, $_ * 4096, 4096) ne page_of($seed, $_) } 0 .. $pages - 1;
	}
	record_row('R6', $mode, $devices == 3 && $wrong == 0,
		"$devices disks: $wrong pages are not at slot * 4096 of the image");
}
for (sort keys %image) {
	my ($part, $path) = ($_, $image{$_});
	next if $part eq 'vda3';	# its data partition is written, too
	is((sh('cmp', '-n', $offset, image(), $path))[1], '', "$part: what is before it is as it was");
	is((sh('cmp', '-i', $end, image(), $path))[1], '', "$part: what is behind it, too");
}
is(read_at($image{$_}, $offset, 4096) eq $page0, 1, "$_: page 0 is as it was") for sort keys %image;
unlink values %image;

# ---- devices that fail -------------------------------------------------------------------

# Slot 5 of the NVMe disk cannot be read, slot 9 not written.
my $bad = "$dir/bad.img";
sh('cp', '--sparse=always', image(), $bad);
my $rules = spew("$dir/bad.conf", join "\n", map { sprintf "[inject-error]\nevent = \"%s\"\nerrno = \"5\"\nsector = \"%d\"\n",
	$_->[0], $swap->{first} + $_->[1] * 8 } ['read_aio', 5], ['write_aio', 9]);
$r = boot(name => 'errors', quick(), paging => 'both', mem => '256M', timeout => 120,
	extra => ['-drive', "if=none,id=disk1,format=raw,file.driver=blkdebug,file.config=$rules,file.image.driver=file,"
		. "file.image.filename=$bad", '-device', 'nvme,serial=1,drive=disk1'],
	cmdline => 'test=SWAPERR,SWAPBAD knob=blk-timeout:300 swap=vdz9');
is(verdict($r), 'passed', 'devices that fail') or trouble($r);
record_rows($r);
is(() = $r->{serial} =~ /swap=vdz9: there is no such device;/g, 2, 'a device that is not there is said, and nothing more');
unlink $bad;

# ---- from the start ------------------------------------------------------------------------

for (['auto', 4, '131068 KiB on /dev/vda3 \(partition\)'], ['vda3', 2, '131068 KiB on /dev/vda3 \(partition\)'],
	['ram', 2, '\d+ KiB on /dev/ram0 \(ramdisk\)']) {
	my ($where, $mode, $line) = @$_;
	$r = boot(name => "swap-$where", quick(), paging => $mode, mem => '128M', timeout => 60,
		cmdline => "test=off init=/bin/hello swap=$where");
	is($r->{exit}, 33, "swap=$where") or trouble($r);
	is(() = $r->{serial} =~ /swap: $line/g, 1, "swap=$where, paging=$mode: used, and named what it is");
}
done_testing;
