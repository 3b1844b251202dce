#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The power is cut while files are written: QEMU is killed at random moments, in both modes in turn,
# each boot on the disk that the last one has left.  After each cut
#
#	every sector outside our two partitions is as it was, the system partition included;
#	files that were not being written are whole: those that no boot ever touches, and those of
#	which the guest has said so;
#	the next boot is normal.
#
# CUTS=N of `make powercut` [4]; SEED=N repeats a run's random choices, though not its moments.
use strict;
use warnings;
use PagewalkTest;
use Time::HiRes qw(sleep);

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my $cuts = $ENV{CUTS} || 4;
my $seed = $ENV{SEED} || time & 0xffff;
srand $seed;
$ENV{CUTS} ? diag("SEED=$seed") : note("SEED=$seed");
END { diag("repeat its choices with SEED=$seed") if $? }

# A file of scribbler's: $size bytes by the seed.
sub contents {
	my ($size, $seed) = @_;
	use integer;
	my $s = ($seed % 256) * 31;
	return pack 'C*', map { ($s + $_ * 7 + $_ / 509) & 255 } 0 .. $size - 1;
}

# ---- the disk --------------------------------------------------------------------------

my $dir = scratch('disk');
my $image = "$dir/disk.img";
my (undef, $data, $swap) = @{ gpt(image())->{parts} };
my $fs = "$image\@\@" . $data->{first} * 512;
my %still = map { ("still$_" => contents(3000 + 20000 * $_, 1000 + $_)) } 0 .. 4;

must('cp', '--sparse=always', image(), $image);
must('mmd', '-i', $fs, '::/work');
for my $name (sort keys %still) {
	spew("$dir/$name", $still{$name});
	must('mcopy', '-i', $fs, "$dir/$name", "::/$name");
}

# A file as it is on the disk now; undef: it cannot be read.
sub file_on_disk {
	my ($name) = @_;
	my ($status, $text) = sh('mtype', '-i', $fs, "::/$name");
	return $status ? undef : $text;
}

# What must be there: scribbler's name => [size, seed].
my %safe;
sub read_promises {
	my ($log) = @_;
	my $begun = 0;
	for (split /\r?\n/, $log) {
		$begun++ if /^scribbler: begin,/;
		delete $safe{$1} if /^scribbler: unsafe (\w+)$/;
		$safe{$1} = [$2, $3] if /^scribbler: safe (\w+) (\d+) (\d+)$/;
	}
	return $begun;
}

# ---- cuts ------------------------------------------------------------------------------

my $promises = 0;
for my $cut (1 .. $cuts) {
	my $mode = $cut % 2 ? 4 : 2;
	my $after;
	my $r = boot(name => "cut-$cut", uboot(), paging => $mode, mem => '64M', stick => $image, writable => 1,
		cmdline => 'report=off test=off swap=auto init="/bin/scribbler ' . ($seed * 1000 + $cut) . ' /data/work"', script => sub {
		my ($vm) = @_;
		$vm->must_see(qr/^scribbler: begin,.*\n/m);
		$after = rand($ENV{CUTS} ? 3 : 1);
		sleep $after;
		$vm->kill_now;
	});
	my ($memory, $out) = $r->{serial} =~ /^scribbler: begin, memory of (\d+) pages, (\d+) swapped out/m;
	my $begun = read_promises($r->{serial});
	my $what = sprintf 'cut %d, paging=%d, after %.3f s', $cut, $mode, $after // -1;
	is($begun, 1, "$what: the boot was normal") or trouble($r);
	cmp_ok($memory // 0, '>', 16384, "$what: more memory is in use than there is");
	cmp_ok($out // 0, '>', 0, "$what: some of it is on the disk");
	unlike($r->{serial}, qr/scribbler: FAILED|not mounted|BUG|Oops/, "$what: nothing went wrong before") or trouble($r);
	like($r->{serial}, qr{/dev/vda2: mounted on /data\r?$}m, "$what: /data is mounted");
	is(must('cmp', '-n', $data->{first} * 512, image(), $image), '', "$what: what is before our partitions is as it was");
	is(must('cmp', '-i', ($swap->{last} + 1) * 512, image(), $image), '', "$what: what is behind them, too");
	my @lost = grep { (file_on_disk($_) // '') ne $still{$_} } sort keys %still;
	is("@lost", '', "$what: files that nobody writes are whole");
	@lost = grep { (file_on_disk("work/$_") // '') ne contents(@{ $safe{$_} }) } sort keys %safe;
	is("@lost", '', "$what: files that were synced are whole (" . keys(%safe) . ')');
	$promises += keys %safe;
}
cmp_ok($promises, '>', 0, 'files were synced');

# What is left over may be lost clusters, a second table that is a step behind the first, and the mark
# that says so; and no damage.
must('dd', "if=$image", "of=$dir/part.img", 'bs=1M', 'skip=' . ($data->{first} >> 11),
	'count=' . ($data->{last} + 1 - $data->{first} >> 11), 'conv=sparse', 'status=none');
my (undef, $fsck) = sh('fsck.vfat', '-n', '-v', "$dir/part.img");
unlike($fsck, qr/share clusters|bad|Circular|Invalid|Illegal|start cluster beyond|cross|loop/i,
	'fsck.vfat finds no damage') or diag($fsck);
done_testing;
