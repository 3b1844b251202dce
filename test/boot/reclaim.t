#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Swap on machines with little memory, and with high memory: twice of all memory cycled with
# checksums on the disk's partition (R8), four programs that change their address spaces all the time, a hundred
# times out of memory.  The kernel compares free pages, slabs, tables and slots before and
# after.
#
# SWAPSOAK=1 (`make swapsoak`): only the four programs, ten minutes in each mode.
use strict;
use warnings;
use PagewalkTest;

my @boots = $ENV{SWAPSOAK} ? (
	['soak-64M', mem => '64M', timeout => 3000, cmdline => 'test=SWAPSOAK'],
) : (
	['64M', mem => '64M', cmdline => 'test=R3,R4,R18,SWAPMIX'],
	['64M-disk', mem => '64M', cmdline => 'test=R8ALL swap=auto', disk => 1],
	['96M-disk', mem => '96M', cmdline => 'test=R8ALL swap=auto', disk => 1],
	['high', mem => '512M', cmdline => 'test=R4,R8,R10,R15,R17,P7,SWAPMIX lowmem=48M'],
	# The clock counts instructions: what the others must do within a second, they do.
	['oom', mem => '64M', icount => 0, cmdline => 'test=OOM100'],
);
rows_here(qw(R3 R4 R8 R10 R15 R17 R18 P7));

# Of rows that are no rows of the catalogue: what they are evidence for.
my %proves = (R8ALL => 'R8', SWAPMIX => 'R8', OOM100 => 'R18');

my $dir = scratch('disks');
for (@boots) {
	my ($name, %o) = @$_;
	if (delete $o{disk}) {
		$o{stick} = "$dir/$name.img";
		sh('cp', '--sparse=always', image(), $o{stick});
		$o{writable} = 1;
	}
	my $r = boot(name => $name, quick(), paging => 'both', timeout => 300, %o);
	is(verdict($r), 'passed', "$name: $o{cmdline}") or trouble($r);
	record_rows($r);
	like($r->{serial}, qr{swap: \d+ KiB on /dev/vda3}, "$name: on a disk") if $o{writable};
	unlink $o{stick} if $o{writable};
	for my $run (@{ $r->{runs} }) {
		for my $id (grep { $run->{rows}{$_} } sort keys %proves) {
			evidence($proves{$id}, $run->{paging}, $run->{rows}{$id}{ok}, $run->{rows}{$id}{line});
		}
	}
}
done_testing;
