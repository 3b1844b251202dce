# SPDX-License-Identifier: MIT
package PagewalkMatrix;
#
# The machines and firmwares that the image must boot on.  One cell is one machine, booted
# with paging=4 and paging=2 (or `both`, one kernel starting the other).  `make matrix` runs
# all, test/boot/firmware.t those marked `fast`.
#
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(cells run_cell);

# name, options of Qemu::command, and of ours:
#	fast => 1		in make check too
#	modes => [4, 2]		what to boot; ['both'] for both in a row
#	badfw => 'options'	start through the misbehaving firmware application
#	test => 'smoke'		what the kernel runs
my @cells = (
	# Firmware
	['fw-4m', fast => 1, modes => [4, 2, 'both']],
	['fw-2m', fast => 1, firmware => '2m'],
	['fw-ia32', fast => 1, firmware => 'ia32', modes => [4, 2, 'both']],
	['fw-uboot', fast => 1, firmware => 'uboot', bus => 'ehci', modes => [4, 2, 'both']],
	['fw-secboot-smm', firmware => 'smm'],

	# Machine and bus
	['pc', fast => 1, machine => 'pc'],
	['pc-2m', machine => 'pc', firmware => '2m'],
	['pc-uboot', machine => 'pc', firmware => 'uboot', bus => 'ehci'],
	['bus-ehci', fast => 1, bus => 'ehci'],
	['bus-ahci', bus => 'ahci'],
	['bus-nvme', fast => 1, bus => 'nvme'],
	['bus-virtio-blk', bus => 'virtio-blk'],
	['bus-ahci-uboot', firmware => 'uboot', bus => 'ahci'],
	['bus-virtio-blk-uboot', firmware => 'uboot', bus => 'virtio-blk'],

	# Memory: the least that each firmware boots with, then up
	['mem-48M-4m', fast => 1, mem => '48M'],
	['mem-48M-2m', firmware => '2m', mem => '48M'],
	['mem-64M-smm', firmware => 'smm', mem => '64M'],
	['mem-64M-ia32', fast => 1, firmware => 'ia32', mem => '64M'],
	['mem-64M-uboot', firmware => 'uboot', bus => 'ehci', mem => '64M'],
	['mem-96M', mem => '96M'],
	['mem-512M', mem => '512M'],
	['mem-3G', mem => '3G'],
	['mem-5G', fast => 1, mem => '5G'],
	['mem-8G', mem => '8G'],
	['mem-8G-pc', machine => 'pc', mem => '8G'],
	['mem-5G-ia32', firmware => 'ia32', mem => '5G'],

	# Processor
	['cpu-qemu64', test => 'K5,K2', fast => 1, cpu => 'qemu64'],
	['cpu-core2duo', test => 'K5,K2', cpu => 'core2duo'],
	['cpu-Nehalem', test => 'K5,K2', cpu => 'Nehalem'],
	['cpu-Skylake-Client', test => 'K5,K2', cpu => 'Skylake-Client'],
	['cpu-EPYC', test => 'K5,K2', cpu => 'EPYC'],
	['cpu-max', test => 'K5,K2', cpu => 'max'],
	['cpu-no-nx', test => 'K5,K2', fast => 1, cpu => 'max,-nx'],
	['cpu-no-pge', test => 'K5,K2', fast => 1, cpu => 'max,-pge'],
	['cpu-no-pse', test => 'K5,K2', fast => 1, cpu => 'max,-pse,-pse36,-pdpe1gb'],
	['cpu-no-1gb', test => 'K5,K2', cpu => 'max,-pdpe1gb'],
	['cpu-no-apic', test => 'K5,K2', fast => 1, cpu => 'max,-apic,-x2apic'],
	['smp-4', fast => 1, smp => 4],

	# Screen and console
	['no-gop', fast => 1, vga => 'none'],
	['virtio-gpu', fast => 1, vga => 'virtio-gpu'],
	['ramfb', vga => 'ramfb'],
	['no-serial', fast => 1, no_serial => 1],
	['no-serial-no-gop', no_serial => 1, vga => 'none'],

	# Legacy devices
	['no-i8042', machine => 'q35,i8042=off'],
	['no-pit', fast => 1, machine => 'q35,pit=off'],
	['no-hpet', machine => 'q35,hpet=off'],
	['no-i8042-pit-hpet', machine => 'q35,i8042=off,pit=off,hpet=off'],
	['no-apic-no-hpet', machine => 'pc,hpet=off', cpu => 'qemu64,-apic'],

	['no-pic', machine => 'q35,pic=off'],
	['no-pat', cpu => 'max,-pat'],

	# Firmware that behaves worse than OVMF does: test/boot/badfw.  Each word alone ...
	['bad-nx', fast => 1, badfw => 'nx'],
	['bad-la57', fast => 1, badfw => 'la57'],
	['bad-smep-smap', badfw => 'smep smap'],
	['bad-cr4', badfw => 'cr4=all'],
	['bad-pat', badfw => 'pat'],
	['bad-high', mem => '5G', badfw => 'high'],
	['bad-ebs-fail-1', badfw => 'ebs-fail=1'],
	['bad-ebs-fail-2', badfw => 'ebs-fail=2'],
	['bad-ebs-fail-3', badfw => 'ebs-fail=3'],
	['bad-ebs-grow', badfw => 'ebs-grow=5'],
	['bad-desc-40', badfw => 'desc=40'],
	['bad-desc-48', badfw => 'desc=48'],
	['bad-desc-56', badfw => 'desc=56'],
	['bad-many', badfw => 'many=800'],
	['bad-many-3000', badfw => 'many=3000'],
	['bad-reverse', badfw => 'reverse'],
	['bad-shuffle', badfw => 'shuffle'],
	['bad-overlap', badfw => 'overlap'],
	['bad-zero', badfw => 'zero'],
	['bad-types', badfw => 'types'],
	['bad-toosmall', badfw => 'toosmall'],
	['bad-nolow', badfw => 'nolow'],
	['bad-no64', badfw => 'no64'],
	['bad-highram', mem => '5G', badfw => 'highram'],
	['bad-nogop', badfw => 'nogop'],
	['bad-pixel-rgb', badfw => 'pixel=rgb'],
	['bad-pixel-mask', badfw => 'pixel=mask'],
	['bad-pixel-mask16', badfw => 'pixel=mask16'],
	['bad-pixel-blt', badfw => 'pixel=blt'],
	['bad-fb-low', badfw => 'fb=low'],
	['bad-fb-high', fast => 1, mem => '5G', badfw => 'fb=high'],
	['bad-fb-highram', mem => '5G', badfw => 'fb=highram'],
	['bad-stride', badfw => 'stride'],
	['bad-noacpi', badfw => 'noacpi'],
	['bad-nosmbios', badfw => 'nosmbios'],
	['bad-noconout', badfw => 'noconout noconin'],
	['bad-garbage', badfw => 'garbage'],
	['bad-pic', badfw => 'pic'],
	['bad-if', badfw => 'if'],
	['bad-lapic', badfw => 'lapic'],
	['bad-lint0', badfw => 'lint0'],
	['bad-reset', badfw => 'reset'],
	['bad-gettime-novars', badfw => 'gettime novars'],
	['bad-memattr-none', badfw => 'memattr=none'],
	['bad-memattr-fail', badfw => 'memattr=fail'],
	['bad-memattr-ok', badfw => 'memattr=ok'],
	['bad-watchdog', badfw => 'watchdog'],
	['bad-loadopts', badfw => 'loadopts'],
	['bad-ia32-pae', firmware => 'ia32', badfw => 'pae'],

	# ... and together.
	['bad-map', fast => 1, badfw => 'many=800 reverse desc=56 ebs-fail=3 garbage overlap zero'],
	['bad-cpu', fast => 1, badfw => 'nx la57 smep smap pat pic if lapic lint0'],
	['bad-devices', badfw => 'nogop noacpi noconout noconin reset gettime novars memattr=fail',
	 no_serial => 1, machine => 'q35,i8042=off,pit=off,hpet=off'],
	['bad-ia32-map', firmware => 'ia32', badfw => 'many=800 reverse desc=48 ebs-fail=2 garbage'],
);

sub cells {
	return map { my ($name, %o) = @$_; { name => $name, %o } } @cells;
}

# Boot one cell in one mode; (verdict, result of boot).
sub run_cell {
	my ($cell, $mode) = @_;
	my %o = %$cell;
	my ($name, $test, $badfw) = delete @o{qw(name test badfw)};
	delete @o{qw(fast modes)};
	$o{cmdline} = join ' ', 'test=' . ($test // 'smoke'), $o{cmdline} // ();
	if (defined $badfw) {
		my $image = ($o{firmware} // '') eq 'ia32' ? 'ia32' : 'pagewalk';
		$o{stick} = "$PagewalkTest::O/badfw/$image.img";
		$o{extra} = [@{ $o{extra} // [] }, '-fw_cfg',
			'name=opt/badfw,string=' . Qemu::quote($badfw)];
	}
	my $r = PagewalkTest::boot(name => "$name-$mode", paging => $mode, timeout => 120, %o);
	return (PagewalkTest::verdict($r), $r);
}

1;
