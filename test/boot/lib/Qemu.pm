# SPDX-License-Identifier: MIT
package Qemu;
#
# The QEMU command line for a machine, a firmware and a stick: used by `make run`
# (tools/qemu-run) and by every test, so that both boot the same machine.
#
#	my @argv = Qemu::command(dir => $scratch, firmware => '4m', ...);
#
# Options, with defaults:
#	dir		scratch directory for the copy of the firmware variables (needed)
#	firmware	4m | 2m | ia32 | uboot | secboot (4m with SMM and the snakeoil keys)
#			| path of a firmware file			[4m]
#	machine		q35 or pc, with options ("q35,hpet=off")	[q35]
#	cpu mem smp	as QEMU takes them				[max, 512M, 1]
#	accel		tcg or kvm					[tcg]
#	icount		shift of -icount, with a deterministic clock	[off]
#	stick		disk image; never written unless `writable`	[none]
#	read_only	the stick's own switch is on: the guest cannot write it	[off]
#	kernel		EFI application that OVMF starts from QEMU's hands, without a disk	[none]
#	seed		the machine repeats itself to the instruction: needs `icount`, no
#			stick, no input; what QEMU draws by chance comes from this	[none]
#	bus		xhci ehci uhci ahci ide nvme virtio-blk virtio-scsi  [xhci]
#	vga		std virtio ramfb none ...			[std]
#	tpm		OVMF is not to look for a TPM for two seconds; not with `seed`	[off]
#	cmdline		for opt/pagewalk/cmdline			[none]
#	trace_stop	for opt/pagewalk/trace_stop: the fault where gdb is to stop	[none]
#	serial		QEMU chardev for COM1, 'none' for no COM1	[none]
#	debugcon	file for port 0xE9, undef for no such port	[none]
#	display		-display					[none]
#	extra		more arguments
#
use strict;
use warnings;
use File::Copy ();
use POSIX ();

my $ovmf = '/usr/share/OVMF';

# code file, variables, machine options it needs
my %firmware = (
	'4m' => { code => "$ovmf/OVMF_CODE_4M.fd", vars => "$ovmf/OVMF_VARS_4M.fd" },
	'2m' => { code => "$ovmf/OVMF_CODE.fd", vars => "$ovmf/OVMF_VARS.fd" },
	'ia32' => { code => "$ovmf/OVMF32_CODE_4M.secboot.fd",
		    vars => "$ovmf/OVMF32_VARS_4M.fd", smm => 1 },
	'secboot' => { code => "$ovmf/OVMF_CODE_4M.secboot.fd",
		       vars => "$ovmf/OVMF_VARS_4M.snakeoil.fd", smm => 1 },
	'smm' => { code => "$ovmf/OVMF_CODE_4M.secboot.fd",
		   vars => "$ovmf/OVMF_VARS_4M.fd", smm => 1 },
	'uboot' => { bios => '/usr/lib/u-boot/qemu-x86_64/u-boot.rom' },
);

sub firmware_names { return sort keys %firmware }

# A file that is not one of ours: CODE with VARS beside it, a .rom for -bios, or one
# file with both parts in it.
sub firmware_file {
	my ($path) = @_;
	die "FIRMWARE=$path: no such file; it can be a path or one of "
		. join(' ', firmware_names()) . "\n" unless -f $path;
	return { bios => $path } if $path =~ /\.(rom|bin)$/i;
	if ($path =~ m{CODE[^/]*$}) {
		my $smm = $path =~ /secboot|\.ms\.|snakeoil/ ? 1 : 0;
		(my $vars = $path) =~ s/CODE([^\/]*)$/VARS$1/;
		(my $plain = $vars) =~ s/\.(secboot)\.fd$/.fd/;
		for ($vars, $plain) {
			return { code => $path, vars => $_, smm => $smm } if -f;
		}
	}
	return { vars => $path };	# one flash chip, code and variables
}

sub quote { my ($s) = @_; $s =~ s/,/,,/g; return $s }

sub firmware_args {
	my ($fw, $dir) = @_;
	return ('-bios', $fw->{bios}) if $fw->{bios};
	my $vars = "$dir/vars.fd";
	unlink $vars;
	File::Copy::copy($fw->{vars}, $vars) or die "$fw->{vars}: $!\n";
	chmod 0644, $vars;
	my @args;
	push @args, '-drive', 'if=pflash,unit=0,format=raw,readonly=on,file=' . quote($fw->{code})
		if $fw->{code};
	push @args, '-drive', 'if=pflash,unit=' . ($fw->{code} ? 1 : 0)
		. ',format=raw,file=' . quote($vars);
	push @args, '-global', 'driver=cfi.pflash01,property=secure,value=on' if $fw->{smm};
	return @args;
}

# Controllers that the stick hangs on.
my %bus = (
	'xhci' => ['-device', 'qemu-xhci,id=usb',
		   '-device', 'usb-storage,bus=usb.0,drive=stick,removable=on'],
	'ehci' => ['-device', 'usb-ehci,id=usb',
		   '-device', 'usb-storage,bus=usb.0,drive=stick,removable=on'],
	'uhci' => ['-device', 'piix3-usb-uhci,id=usb',
		   '-device', 'usb-storage,bus=usb.0,drive=stick,removable=on'],
	'ahci' => ['-device', 'ich9-ahci,id=sata',
		   '-device', 'ide-hd,bus=sata.0,drive=stick'],
	'ide' => ['-device', 'ide-hd,bus=ide.0,drive=stick'],
	'nvme' => ['-device', 'nvme,serial=pagewalk,drive=stick'],
	'virtio-blk' => ['-device', 'virtio-blk-pci,drive=stick'],
	'virtio-scsi' => ['-device', 'virtio-scsi-pci,id=scsi',
			  '-device', 'scsi-hd,bus=scsi.0,drive=stick'],
);

sub bus_names { return sort keys %bus }

sub stick_args {
	my ($o) = @_;
	return () unless $o->{stick};
	my $name = $o->{bus} // 'xhci';
	my @device = @{ $bus{$name} // die "bus $name: unknown; one of @{[bus_names()]}\n" };
	# bootindex keeps the firmware from asking other devices first.
	$device[-1] .= ',bootindex=0';
	return ('-drive', 'if=none,id=stick,format=raw,file=' . quote($o->{stick})
		. ($o->{read_only} ? ',readonly=on' : $o->{writable} ? '' : ',snapshot=on'), @device);
}

# Where no device is, QEMU reads 0 and a PC 0xFF.  OVMF takes the zeroes at 0xFED40000 for a TPM that
# is busy, and waits for it.  This one is there: it gives every command back as the answer,
# since the host's TPM that it is to pass through is a FIFO, and OVMF gives it up at once.
sub tpm_args {
	my ($dir) = @_;
	unlink "$dir/tpm";
	POSIX::mkfifo("$dir/tpm", 0600) or die "$dir/tpm: $!\n";
	return ('-tpmdev', 'passthrough,id=tpm,cancel-path=/dev/null,path=' . quote("$dir/tpm"), '-device', 'tpm-tis,tpmdev=tpm');
}

# All clocks follow the instructions.
sub repeatable {
	my ($seed) = @_;
	return ('-seed', $seed, '-rtc', 'base=2026-01-01T00:00:00,clock=vm');
}

sub command {
	my (%o) = @_;
	my $name = $o{firmware} // '4m';
	my $fw = $firmware{$name} // firmware_file($name);
	my $machine = $o{machine} // 'q35';
	$machine .= ',smm=on' if $fw->{smm};
	my @argv = ('qemu-system-x86_64', '-nodefaults', '-no-user-config', '-nic', 'none',
		'-machine', $machine, '-accel', $o{accel} // 'tcg',
		'-cpu', $o{cpu} // 'max', '-m', $o{mem} // '512M', '-smp', $o{smp} // 1);
	push @argv, firmware_args($fw, $o{dir}), stick_args(\%o);
	die "a TPM answers when the host lets it: not with a seed\n" if $o{tpm} && defined $o{seed};
	push @argv, tpm_args($o{dir}) if $o{tpm} && !$fw->{bios};

	my $vga = $o{vga} // 'std';
	push @argv, $vga eq 'ramfb' ? ('-vga', 'none', '-device', 'ramfb')
		: $vga eq 'virtio-gpu' ? ('-vga', 'none', '-device', 'virtio-gpu-pci')
		: ('-vga', $vga);
	push @argv, '-kernel', $o{kernel} if $o{kernel};
	push @argv, repeatable($o{seed}) if defined $o{seed};
	push @argv, '-icount', "shift=$o{icount},sleep=off,align=off" if defined $o{icount};
	push @argv, '-fw_cfg', 'name=opt/pagewalk/cmdline,string=' . quote($o{cmdline})
		if defined $o{cmdline} && $o{cmdline} ne '';
	push @argv, '-fw_cfg', "name=opt/pagewalk/trace_stop,string=$o{trace_stop}" if defined $o{trace_stop};
	push @argv, '-serial', $o{serial} if ($o{serial} // 'none') ne 'none';
	push @argv, '-debugcon', "file:$o{debugcon}" if defined $o{debugcon};
	push @argv, '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04', '-no-reboot',
		'-display', $o{display} // 'none', @{ $o{extra} // [] };
	return @argv;
}

1;
