#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Block devices: virtio-blk, NVMe and AHCI disks of QEMU's, in both modes.  What the guest reads
# is what the host wrote; bad sectors are errors of those who read them; and no foreign disk
# has changed afterwards (O11), whatever it looks like.
#
# The stick is a virtio disk besides, vda.  Every boot is one for both modes, four levels first: the
# second kernel finds the devices as the first one has left them.
use strict;
use warnings;
use Compress::Zlib ();
use PagewalkTest;

rows_here(qw(H11 O11));

my $MiB = 1 << 20;

# The bytes of a disk: every sector different, by a seed.
sub pattern {
	my ($sectors, $seed) = @_;
	return join '', map { pack('V', $_ * 2654435761 + $seed & 0xffffffff) x 128 } 0 .. $sectors - 1;
}

# The log without the line ends of a terminal.
sub text { return $_[0]{serial} =~ tr/\r//dr }

# What the guest has read, of a log: name => { bytes, crc, bad }
sub sums {
	my ($log) = @_;
	my %sum;
	$sum{$1} = { bytes => $2, crc => hex $3, bad => $4 }
		while $log =~ /^disk: (\S+) bytes (\d+) crc ([0-9a-f]+) bad (\d+)/mg;
	return \%sum;
}

# The three kinds of disk, as QEMU's arguments.
sub devices {
	my ($files, $name) = @_;
	my @device = ('virtio-blk-pci', 'nvme,serial=1', 'ide-hd,bus=ide.1');
	return map { ('-drive', "if=none,id=disk$_,format=raw,$files->[$_]",
		'-device', "$device[$_],drive=disk$_") } 0 .. $#$files;
}
my @names = qw(vdb nvme0n1 sda);

# ---- what is on them -------------------------------------------------------------------

my $dir = scratch('images');
my @plain = map { { path => "$dir/plain$_.img", data => pattern(4096 + 1024 * $_, $_) } } 0 .. 2;
spew($_->{path}, $_->{data}) for @plain;

# A GPT with a partition of each type, by sgdisk; `super` puts our signature into some.
my $data_type = '50414745-5741-4c4b-8000-446174610001';
my $swap_type = '50414745-5741-4c4b-8000-537761700001';

sub gpt_disk {
	my ($path, @types) = @_;
	spew($path, pattern(8192, 77));
	my @args = ('--clear');
	my $start = 2048;
	for my $i (1 .. @types) {
		push @args, "--new=$i:$start:" . ($start + 2047), "--typecode=$i:$types[$i - 1]";
		$start += 2048;
	}
	my ($status, $text) = sh('sgdisk', @args, $path);
	die "sgdisk: $text\n" if $status;
	return $path;
}

# Where two files of one size differ, by sectors: "OFFSET+LENGTH" of what spans all of it.
sub differences {
	my ($old, $new) = @_;
	return 'other size' if -s $old != -s $new;
	open my $a, '<:raw', $old or die "$old: $!\n";
	open my $b, '<:raw', $new or die "$new: $!\n";
	my ($at, $from, $to) = (0);
	while (read $a, my $x, 1 << 20) {
		read $b, my $y, 1 << 20;
		for ($x eq $y ? () : grep { substr($x, $_ * 512, 512) ne substr($y, $_ * 512, 512) } 0 .. 2047) {
			$from //= $at + $_ * 512;
			$to = $at + ($_ + 1) * 512;
		}
		$at += length $x;
	}
	return defined $from ? "$from+" . ($to - $from) : 'none';
}

sub damage {
	my ($path, $at) = @_;
	open my $fh, '+<:raw', $path or die "$path: $!\n";
	seek $fh, $at, 0;
	print $fh "\xff" x 16;
	close $fh;
	return $path;
}

my @foreign = (
	gpt_disk("$dir/foreign.img", '8300', '0700'),
	gpt_disk("$dir/nosignature.img", $data_type, $swap_type),
	damage(gpt_disk("$dir/damaged.img", $data_type, '8300'), 512 + 60),
);

# ---- boots -----------------------------------------------------------------------------

# Calls check(mode, log) for each mode.
sub boot_both {
	my ($what, $disks, $check, %o) = @_;
	my $r = boot(name => $what, quick(), paging => 'both', timeout => 180, extra => $disks, %o);
	is(verdict($r), 'passed', "$what: $o{cmdline}") or trouble($r);
	my (undef, @logs) = split /^KTAP version 1$/m, text($r);
	unlike(text($r), qr/mastered the bus/, "$what: nothing masters the bus when a kernel starts");
	$check->($_, $logs[$_ == 2] // '') for 4, 2;
	record_rows($r);
	return $r;
}

sub check_sums {
	my ($what, @want) = @_;
	return sub {
		my ($mode, $log) = @_;
		my $sum = sums($log);
		for (0 .. $#want) {
			my $s = $sum->{$names[$_]} // { bytes => -1, bad => -1, crc => -1 };
			my $bad = $want[$_]{bad} // 0;
			is($s->{bytes}, $bad * 4096 + length $want[$_]{data}, "$what, paging=$mode: the size of $names[$_]");
			is($s->{bad}, $bad, "$what, paging=$mode: pieces of it that cannot be read");
			is($s->{crc}, Compress::Zlib::crc32($want[$_]{data}), "$what, paging=$mode: all other bytes of it");
		}
	};
}

my $sum = "init=\"/bin/disks sum @names\"";
my @plain_disks = devices([map { "file=$_->{path}" } @plain]);

# OVMF puts registers above 4 GiB; most of memory is high.
boot_both('read', \@plain_disks, check_sums('read', @plain), firmware => '4m', mem => '2G',
	cmdline => "lowmem=896M test=H11,O11,R8 $sum");

# No interrupts, and blocks of 4 KiB (QEMU has no such SATA disk).
boot_both('no interrupts', [map { s/(disk[01])$/$1,logical_block_size=4096,physical_block_size=4096/r } @plain_disks],
	check_sums('no interrupts, blocks of 4 KiB', @plain), cmdline => "test=DISKS $sum", cpu => 'max,-apic');

# One bad sector on each disk: one piece of 4 KiB cannot be read, all others can.  Row DISKS meets
# it with many requests under way: 40 of 4 pages each, of which those that begin at page 0 to 2 fail.
my $rules = spew("$dir/bad.conf", "[inject-error]\nevent = \"read_aio\"\nerrno = \"5\"\nsector = \"20\"\n");
my @bad = map { { data => $_->{data}, bad => 1 } } @plain;
substr($_->{data}, 16 * 512, 4096, '') for @bad;
my $failing = 0;
for my $pages (map { length($_->{data}) / 4096 } @plain) {
	$failing += grep { $_ * 6151 % ($pages - 4) <= 2 } 0 .. 39;
}
# NVMe is behind a bridge that the firmware has left closed.
boot_both('bad sectors', ['-device', 'pcie-root-port,id=above', map { s/^nvme,/nvme,bus=above,/r } devices([map { "file.driver=blkdebug,file.config=$rules,file.image.driver=file,"
		. "file.image.filename=$_->{path}" } @plain])],
	sub {
		my ($mode, $log) = @_;
		like($log, qr/^ok 1 - DISKS .* of 4 disks, $failing with errors; 1 bridges/m,
			"bad sectors, paging=$mode: among many requests only those that touch them fail");
		check_sums('bad sectors', @bad)->($mode, $log);
	}, cmdline => "test=DISKS knob=bridges-off $sum");

# Our own image on each kind of disk: disks that do not answer are reset and are there again; then the
# swap partition is written, and nothing else.
my $gpt = gpt(image());
my ($swap) = grep { lc $_->{type} eq $swap_type } @{ $gpt->{parts} };
my ($first, $count) = (1000, 300);
my $written = join '', map { pack('V', $_ * 2654435761 & 0xffffffff) x 128 } $first .. $first + $count - 1;
my @own = map { "$dir/own$_.img" } 0 .. 2;
sh('cp', '--sparse=always', image(), $_) for @own;
boot_both('our disks', [devices([map { "file=$_" } @own])], sub {
		my ($mode, $log) = @_;
		like($log, qr/^ok 2 - STUCK .*: 4 disks did not answer/m, "stuck, paging=$mode: all came back");
		for (0 .. 2) {
			my $part = $names[$_] . ($_ == 1 ? 'p3' : '3');
			like($log, qr/^fill: $part open 0 errors 0 wrong 0$/m, "paging=$mode: $part is written and read back");
		}
	}, cmdline => "report=off test=STUCK,O11 knob=blk-timeout:1000 init=\"/bin/disks fill $first $count\"");
for (0 .. 2) {
	my $at = ($swap->{first} + $first) * 512;
	is(differences(image(), $own[$_]), "$at+" . length $written, "nothing else of $names[$_] has changed");
	is(read_at($own[$_], $at, length $written) eq $written, 1, 'it holds what the guest wrote');
}
unlink @own;

# Foreign disks: other types, ours without signature, a damaged table.  All is read, through
# bounce pages, because the devices reach little of RAM.
my @before = map { { data => slurp($_) } } @foreign;
my $r = boot_both('foreign disks', [devices([map { "file=$_" } @foreign])], check_sums('little reach', @before),
	cmdline => "test=O11 knob=dma-mask:64M $sum");
my $said = text($r);
is(() = $said =~ /nvme0n1p[12]: .*our type without our signature/g, 4, 'partitions without signature are not ours');
is(() = $said =~ /vdb[12]: .*foreign/g, 4, 'those of other types neither');
is(() = $said =~ /sda: the partition table is damaged: its copy is used, all read-only/g, 2, 'a damaged table is said');
my @changed = grep { slurp($foreign[$_]) ne $before[$_]{data} } 0 .. 2;
my $whole = verdict($r) eq 'passed';	# one that stops early has not tried to write
record_row('O11', $_, $whole && !@changed, @changed . ' of 3 foreign disks changed, compared from outside'
	. ($whole ? '' : ', but the run failed')) for 4, 2;
is(slurp($_->{path}) eq $_->{data}, 1, "$_->{path} has not changed") for @plain;
done_testing;
