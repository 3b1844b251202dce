#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Bad input: each gives one clear line (what, where, what to do) and the documented end.
# What can be ignored is, and the boot passes (33); what cannot ends before or in the
# kernel with 37.  No hang, no reset.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my $dir = scratch('sticks');
my $conf = 'EFI/pagewalk/pagewalk.conf';
my $test = 'test=E2';

# One line of the log, and no second one, says it; the exit code is as documented.
sub says {
	my ($r, $line, $exit, $what) = @_;
	my @lines = grep { /$line/ } split /\r*\n/, $r->{serial} =~ s/\e\[[0-9;?]*[A-Za-z]//gr;
	# The loader's line is on the firmware's console as well, which may mirror to COM1,
	# and the kernel shows the loader's messages again.
	my %different = map { s/^.*?(?=$line)//r => 1 } @lines;
	my $good = is(scalar keys %different, 1, "$what: one line says so");
	$good = is($r->{exit}, $exit, "$what: exit code $exit") && $good;
	$good = ok(!$r->{timed_out}, "$what: in time") && $good;
	trouble($r) unless $good;
	note($_) for sort keys %different;
	return $good;
}

sub passes {
	my ($r, $what) = @_;
	return is(verdict($r), 'passed', "$what: the boot passes") || trouble($r);
}

# ---- the configuration file: several faults in one ----------------------------------------

my $r = boot(name => 'bad-conf', quick(), paging => 4, cmdline => $test, stick => stick("$dir/conf.img", add => {
	$conf => "# a comment\r\ncolour=blue\r\nhz=fast\r\n\r\nlowmem\r\nmem=\"256M\r\n\0\1\2\xff\r\n",
}));
says($r, qr/pagewalk\.conf:2: unknown key "colour"/, 33, 'unknown key');
says($r, qr/pagewalk\.conf:3: bad value "fast" for hz, ignored; use/, 33, 'bad value');
says($r, qr/pagewalk\.conf:5: lowmem has no value/, 33, 'no value');
says($r, qr/pagewalk\.conf:6: no closing "/, 33, 'open quote');
says($r, qr/pagewalk\.conf:7: characters that are not plain/, 33, 'binary garbage');
passes($r, 'bad configuration');

$r = boot(name => 'long-conf', quick(), paging => 2, cmdline => $test, stick => stick("$dir/long.img", add => {
	$conf => "hz=300\n" . "# a comment that goes on and on and on, to no end at all ...\n" x 1050,
}));
says($r, qr/pagewalk\.conf: has \d+ bytes, only the first 16 KiB/, 33, '64 KiB configuration file');
passes($r, '64 KiB configuration file');

$r = boot(name => 'bad-cmdline', quick(), paging => 4, cmdline => "$test colour=blue hz=99999999 test=,,");
says($r, qr/fw_cfg[^:]*: unknown key "colour"/, 33, 'unknown key in the command line');
says($r, qr/fw_cfg[^:]*: bad value "99999999" for hz/, 33, 'number out of range');
passes($r, 'bad command line');

# ---- archives ------------------------------------------------------------------------

my $archive = slurp("$O/initramfs.cpio");
substr(my $damaged = $archive, 54, 8) = 'zzzzzzzz';
my $cut = substr $archive, 0, 700;
# In the order of their names: the third is BusyBox.
for my $mode (4, 2) {
	$r = boot(name => "bad-cpio-$mode", quick(), paging => $mode, cmdline => $test, stick => stick("$dir/cpio.img", add => {
		'EFI/pagewalk/a.cpio' => $damaged,
		'EFI/pagewalk/b.cpio' => "this is not an archive\n" x 100,
		'EFI/pagewalk/c.cpio' => $cut,
	}));
	says($r, qr/(a\.cpio|number 1) is damaged at byte \d+: a header field/, 33, "paging=$mode: damaged header in an archive");
	says($r, qr/(b\.cpio|number 2) is damaged at byte 0: no newc header/, 33, "paging=$mode: no archive at all");
	says($r, qr/(c\.cpio|number 4) is damaged at byte \d+: an entry is longer/, 33, "paging=$mode: an archive that was cut off");
	passes($r, "paging=$mode: bad archives");
}

$r = boot(name => 'big-cpio', quick(), paging => 4, mem => '64M', cmdline => $test, stick => stick("$dir/big.img", add => {
	'EFI/pagewalk/big.cpio' => "\0" x (24 << 20),
}));
says($r, qr/big\.cpio: \d+ KiB are more than a quarter of memory/, 33, 'oversized archive');
passes($r, 'oversized archive');

for my $mode (4, 2) {
	$r = boot(name => "no-init-$mode", quick(), paging => $mode, cmdline => 'test=off init=/bin/nothing');
	says($r, qr{no /bin/nothing in the initramfs .*: check init=}, 37, "paging=$mode: missing init");
}

# What is looked at before is the word that is started.
$r = boot(name => 'space-init', quick(), paging => 'both', cmdline => 'test=off init=" /bin/hello"');
is($r->{exit}, 33, 'init= that begins with a space') or trouble($r);
is(() = $r->{serial} =~ m{init: /bin/hello ended with status 0}g, 2, 'both kernels have started the program');

# ---- what the application carries ---------------------------------------------------------

# The application with some bytes of a blob turned over: with a single bit the unpacked file can
# be the same, where a match is as good from elsewhere.
sub damage {
	my ($blob) = @_;
	my $efi = slurp("$O/BOOTX64.EFI");
	my $data = slurp("$O/$blob.gz");
	my $at = length $data ? index($efi, $data) : -1;
	die "$blob is not in BOOTX64.EFI\n" if $at < 0;
	substr($efi, $at + length($data) / 2, 16) ^= "\xff" x 16;
	return stick("$dir/$blob.img", add => { 'EFI/BOOT/BOOTX64.EFI' => $efi });
}

for (['kernel64.elf', 4], ['kernel32.elf', 2], ['initramfs.cpio', 4]) {
	my ($blob, $mode) = @$_;
	$r = boot(name => "damaged-$blob", quick(), paging => $mode, cmdline => $test, stick => damage($blob));
	says($r, qr/is damaged\b.*; write the stick again/, 37, "damaged $blob");
}

# ---- machines that cannot do it ------------------------------------------------------------

# 52 MiB are enough; `fragment` takes away all that the firmware has left.
for my $mode (4, 2) {
	$r = boot(name => "little-memory-$mode", paging => $mode, mem => '52M', cmdline => "$test fragment=4000");
	says($r, qr/cannot start: too little memory: .* needs \d+ KiB .*; give the machine more memory/, 37,
		"paging=$mode: too little memory");
}

my @old = (firmware => 'ia32', bus => 'virtio-blk', cpu => 'max,-lm', cmdline => $test);
$r = boot(name => 'no-lm-2', paging => 2, @old);
passes($r, 'no 64-bit mode, paging=2');
$r = boot(name => 'no-lm-4', paging => 4, @old);
says($r, qr/no 64-bit mode/, 37, 'no 64-bit mode, paging=4');

done_testing;
