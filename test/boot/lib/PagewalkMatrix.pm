# SPDX-License-Identifier: MIT
package PagewalkMatrix;
#
# The machines and firmwares that the image must boot on.  One cell is one machine, booted
# with paging=4 and paging=2 (or `both`, one kernel starting the other).  `make matrix` runs
# all, test/boot/firmware.t those marked `fast`.
#
use strict;
use warnings;
no warnings 'once';
use Exporter 'import';
our @EXPORT = qw(cells run_cell);

# name, options of Qemu::command, and of ours:
#	fast => 1		in make check too; a list: in these modes
#	modes => [4, 2]		what to boot; ['both'] for both in a row
#	badfw => 'options'	start through the misbehaving firmware application, test/boot/badfw
#	test => 'smoke'		what the kernel runs
#	finds => 'a b'		checks of the smoke test that must fail here, and no others:
#				it is there to find such firmware
my @cpu = (PagewalkTest::ovmf(), test => 'K5,K2');	# neither firmware nor bus matters
my @cells = (
	# Firmware
	['fw-4m', fast => ['both', 2], modes => [4, 2, 'both']],
	['fw-2m', fast => 1, firmware => '2m'],
	['fw-ia32', fast => ['both', 2], firmware => 'ia32', modes => [4, 2, 'both']],
	['fw-uboot', firmware => 'uboot', bus => 'ehci', modes => [4, 2, 'both']],
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
	['bus-virtio-blk-uboot', fast => ['both', 2], firmware => 'uboot', bus => 'virtio-blk', modes => [4, 2, 'both']],

	# Memory: the least that each firmware boots with, then up
	['mem-52M-4m', fast => 1, mem => '52M'],
	['mem-48M-2m', firmware => '2m', mem => '48M'],
	['mem-75M-smm', firmware => 'smm', mem => '75M'],
	['mem-64M-ia32', fast => 1, firmware => 'ia32', mem => '64M'],
	['mem-64M-uboot', firmware => 'uboot', bus => 'ehci', mem => '64M'],
	['mem-96M', mem => '96M'],
	['mem-512M', mem => '512M'],
	['mem-3G', mem => '3G'],
	['mem-5G', fast => 1, PagewalkTest::ovmf(), mem => '5G'],
	['mem-8G', mem => '8G'],
	['mem-8G-pc', machine => 'pc', mem => '8G'],
	['mem-5G-ia32', firmware => 'ia32', mem => '5G'],

	# Processor
	['cpu-qemu64', @cpu, fast => 1, cpu => 'qemu64'],
	['cpu-core2duo', @cpu, cpu => 'core2duo'],
	['cpu-Nehalem', @cpu, cpu => 'Nehalem'],
	['cpu-Skylake-Client', @cpu, cpu => 'Skylake-Client'],
	['cpu-EPYC', @cpu, cpu => 'EPYC'],
	['cpu-max', @cpu, cpu => 'max'],
	['cpu-no-nx', @cpu, fast => 1, cpu => 'max,-nx'],
	['cpu-no-pge', @cpu, fast => 1, cpu => 'max,-pge'],
	['cpu-no-pse', @cpu, fast => 1, cpu => 'max,-pse,-pse36,-pdpe1gb'],
	['cpu-no-1gb', @cpu, cpu => 'max,-pdpe1gb'],
	['cpu-no-apic', @cpu, fast => 1, cpu => 'max,-apic,-x2apic'],
	['smp-4', fast => 1, PagewalkTest::ovmf(), smp => 4],

	# Screen and console
	['no-gop', fast => 1, vga => 'none'],
	['virtio-gpu', fast => 1, vga => 'virtio-gpu'],
	['ramfb', vga => 'ramfb'],
	['no-serial', fast => 1, PagewalkTest::ovmf(), no_serial => 1],
	['no-serial-no-gop', no_serial => 1, vga => 'none'],

	# Legacy devices
	['no-i8042', machine => 'q35,i8042=off'],
	['no-pit', fast => 1, PagewalkTest::ovmf(), machine => 'q35,pit=off'],
	['no-hpet', machine => 'q35,hpet=off'],
	['no-i8042-pit-hpet', machine => 'q35,i8042=off,pit=off,hpet=off'],
	['no-apic-no-hpet', machine => 'pc,hpet=off', cpu => 'qemu64,-apic'],

	['no-pic', machine => 'q35,pic=off'],
	['no-pat', cpu => 'max,-pat'],
);

# Firmware that behaves worse than OVMF does: test/boot/badfw/cells.list.
my %fast_badfw = map { $_ => 1 } qw(nx la57 fb-high all-cpu all-low all-ia32);

sub badfw_cells {
	my @list;
	open my $fh, '<', "$PagewalkTest::top/test/boot/badfw/cells.list" or die "badfw/cells.list: $!\n";
	while (<$fh>) {
		chomp;
		next if /^#/ || !/\S/;
		my ($name, $options, $args, $modes, $firmware) = split /\t/;
		# Machines without badfw stand in the list above.
		next if $options eq '-' && $args ne '-';
		my %o = (name => "bad-$name", badfw => $options eq '-' ? '' : $options,
			modes => [split ' ', $modes], firmware => $firmware // '4m');
		my %args = $args eq '-' ? () : split ' ', $args;
		$o{mem} = delete $args{'-m'} if $args{'-m'};
		$o{cpu} = delete $args{'-cpu'} if $args{'-cpu'};
		$o{smp} = delete $args{'-smp'} if $args{'-smp'};
		$o{machine} = 'q35,' . delete $args{'-M'} if $args{'-M'};
		$o{no_serial} = 1 if (delete $args{'-serial'} // '') eq 'none';
		$o{extra} = [%args] if %args;
		my @finds;
		push @finds, 'map.no-overlap' if $options =~ /\boverlap\b/;
		push @finds, 'map.fb-not-in-ram' if $options =~ /\bfb=(low|highram)\b/;
		push @finds, 'rt.gettime' if $options =~ /\bgettime\b/;
		$o{finds} = "@finds" if @finds;
		if ($fast_badfw{$name}) {
			$o{fast} = 1;
			$o{bus} = 'virtio-blk';
			$o{modes} = ['both'];
		}
		push @list, \%o;
	}
	return @list;
}

sub cells {
	return (map({ my ($name, %o) = @$_; { name => $name, %o } } @cells), badfw_cells());
}

# Boot one cell in one mode; (verdict, result of boot).
sub run_cell {
	my ($cell, $mode) = @_;
	my %o = %$cell;
	my ($name, $test, $badfw, $finds) = delete @o{qw(name test badfw finds)};
	delete @o{qw(fast modes)};
	$o{cmdline} = join ' ', 'test=' . ($test // 'smoke'), $o{cmdline} // ();
	if ($name !~ /^(fw|mem)-/) {
		# Not about the firmware's own ways or sizes of memory: short (the smoke test writes to all of it).
		$o{tpm} //= 1;
		$o{mem} //= '256M';
	}
	if (defined $badfw) {
		my $image = ($o{firmware} // '') eq 'ia32' ? 'ia32' : 'x64';
		$o{stick} = "$PagewalkTest::O/badfw/$image.img";
		$o{extra} = [@{ $o{extra} // [] }, $badfw eq '' ? ()
			: ('-fw_cfg', 'name=opt/badfw,string=' . Qemu::quote($badfw))];
	}
	my $r = PagewalkTest::boot(name => "$name-$mode", paging => $mode, timeout => 120, %o);
	my $verdict = PagewalkTest::verdict($r);
	$verdict = found($r, $verdict, split ' ', $finds) if $finds;
	if (defined $badfw) {
		# It says on port 0xE9 whether the misbehaviour is in force, and what we did wrong.
		my ($bad) = $r->{debugcon} =~ /(badfw: (?:ERROR|VIOLATION)[^\r\n]*)/;
		$verdict = $bad if $bad;
		$verdict = 'badfw is not armed' if $r->{debugcon} !~ /badfw: armed/;
	}
	return ($verdict, $r);
}

# `passed` if in each run just these checks failed and the exit code says so (35).
sub found {
	my ($r, $verdict, @names) = @_;
	return $verdict if $r->{timed_out} || !@{ $r->{runs} } || $r->{exit} == 37;
	return "$verdict, although it should find @names" if $r->{exit} != 35;
	for my $run (@{ $r->{runs} }) {
		my @bad = sort grep { !$run->{rows}{$_}{ok} } @{ $run->{order} };
		return "paging=$run->{paging}: not ok: @bad; expected: @names" if "@bad" ne join ' ', sort @names;
	}
	return 'passed';
}

1;
