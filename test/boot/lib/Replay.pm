# SPDX-License-Identifier: MIT
package Replay;
#
# A machine that repeats itself to the instruction (row O8, `make replay`): the processor
# counts instructions, all clocks follow them, QEMU's chance comes from a seed, the kernel comes
# from QEMU's hands so that no disk of the host decides when something arrives, and nobody types.
#
#	my %o = Replay::options(paging => 4, seed => 1, program => '/bin/chance 1');
#	my $vm = PagewalkVM->start(dir => $dir, limit => 300, kernel => "$O/BOOTX64.EFI", %o);
#	my $gdb = Replay::gdb_script(...);
#
use strict;
use warnings;

# 64 ns an instruction: a slow machine, on which the firmware's fixed delays pass quickly.
my $shift = 6;

# paging, seed, program (with arguments), mem, record => options of /bin/record, cmdline,
# until => a fault for gdb.  The loader gets its number in every run, none as 0, always with ten
# digits, a zero first: so a run with gdb has as many instructions.
sub options {
	my (%o) = @_;
	my $record = join ' ', '/bin/record', $o{record} || (), $o{program};
	return (
		firmware => '4m', icount => $shift, seed => $o{seed}, mem => $o{mem} // '256M',
		trace_stop => sprintf('%010d', $o{until} // 0),
		cmdline => join(' ', "paging=$o{paging} timeout=0 exit=qemu test=off trace=65536",
			$o{cmdline} || (), qq(init="$record")),
	);
}

# Where the kernel of a log lies, as the loader said.
sub kernel_address {
	my ($log, $paging) = @_;
	return $log =~ /kernel for $paging-level paging at (0x[0-9a-f]+)/ ? $1 : undef;
}

# What the run of a log says of itself.
sub result {
	my ($log) = @_;
	return $log =~ /^record: (\d+) events, (\d+) lost, sum ([0-9a-f]{16}): (.*?)\r?$/m
		? { events => $1, lost => $2, sum => $3, kinds => $4 } : undef;
}

# gdb's commands to stop at the fault `until` of options(), before anything is done about it.
# There is no other stop before: QEMU's clock goes on to its next timer in each.  For the i386
# kernel, which is relocated, the address of an earlier run is the same in this one.
sub gdb_script {
	my (%o) = @_;
	my $elf = "$o{build}/" . ($o{paging} == 4 ? 'x86_64' : 'i386') . '/pagewalk.elf';
	my $symbols = $o{paging} == 4 ? "file $elf" : "add-symbol-file $elf -o $o{address}";
	return <<"END";
set pagination off
set confirm off
set architecture i386:x86-64
$symbols
target remote $o{socket}
hbreak trace_stop
continue
printf "replay: stopped at fault %llu: pid %u, address 0x%llx, error code 0x%llx, instruction 0x%llx\\n", trace_stopped.at, trace_stopped.pid, trace_stopped.address, trace_stopped.error_code, trace_stopped.ip
END
}

1;
