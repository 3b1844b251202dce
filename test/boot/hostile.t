#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Programs that mean harm, in both modes: scripted attacks, int n, selectors, malformed ELF
# files, a million random system calls (X14).  The kernel compares checksums of itself and
# everything that it counts before and after.  Besides: the exception table as it is in the
# ELF files (X5), and a stray kernel read with and without the processor's guard (X16).
use strict;
use warnings;
use PagewalkTest;

rows_here(qw(X5 X14 X16));

my %elf = (4 => "$O/x86_64/pagewalk.elf", 2 => "$O/i386/pagewalk.elf");

# Functions, inlined or not, whose instructions may fault.  The first group reaches user
# memory, the second kernel memory that may be bad, registers of the processor, and ring 3.
my %may_fault = map { $_ => 1 }
	qw(copy_bytes_left clear_user),
	(map { ("__get_user_$_", "__put_user_$_") } 1, 2, 4, 8),
	qw(copy_may_fault rdmsr_safe wrmsr_safe write_fs write_gs pop_ds pop_es iret_to_user),
	qw(nx_code);	# the smoke check of NX jumps to this

# Addresses of the instructions, in the order of the table.
sub exception_table {
	my ($mode) = @_;
	my %type;
	my $symbols = elf_symbols($elf{$mode}, \%type);
	my $at = $symbols->{__start___ex_table};
	my $file = scratch("extable-$mode") . '/table';
	my ($status, $text) = sh('llvm-objcopy', '-O', 'binary', '--only-section=__ex_table', $elf{$mode}, $file);
	is($status, 0, "mode $mode: the exception table") or diag($text);
	my @words = unpack 'l<*', slurp($file);
	my $mask = $mode == 4 ? ~0 : 0xffff_ffff;
	return map { ($at + 8 * $_ + $words[2 * $_]) & $mask } 0 .. @words / 2 - 1;
}

sub check_table {
	my ($mode) = @_;
	my @insn = exception_table($mode);
	my @unsorted = grep { $insn[$_ - 1] >= $insn[$_] } 1 .. $#insn;
	my ($status, $text) = sh('llvm-symbolizer', "--obj=$elf{$mode}", '--no-demangle', map { sprintf '0x%x', $_ } @insn);
	# A block for each address: function and place, the innermost first.
	my @function = map { (split /\n/)[0] // '' } split /\n\n/, $text;
	my @other = grep { !$may_fault{ $function[$_] // '' } } 0 .. $#insn;
	record_row('X5', $mode, @insn > 20 && !@unsorted && !@other && @function == @insn,
		sprintf '%d entries in the ELF file, %d not in order (expected 0), %d outside the routines that may fault (expected 0)%s',
		scalar @insn, scalar @unsorted, scalar @other,
		@other ? sprintf(': the first at 0x%x in %s', $insn[$other[0]], $function[$other[0]] // '?') : '');
	return;
}

# With the guard an oops that names the function, without it nothing happens.
sub stray_read {
	my ($mode) = @_;
	my $r = boot(name => "stray-$mode", quick(), paging => $mode, cmdline => 'test=STRAY');
	my $text = $r->{serial} =~ s/\e\[[0-9;]*m//gr;
	my ($head) = $text =~ /(kernel oops: unable to handle kernel paging request at [0-9a-f]+)/;
	my ($function) = $text =~ /\bIP [0-9a-f]{4}:[0-9a-f]+  (\w+)\+/;
	record_row('X16', $mode, $r->{exit} == 37 && $head && ($function // '') eq 'stray_user_read',
		sprintf 'a stray read of user memory: exit %d, expected 37; %s; in %s, expected stray_user_read',
		$r->{exit}, $head // 'no oops', $function // '?') or trouble($r);
	$r = boot(name => "no-smap-$mode", quick(), paging => $mode, cpu => 'max,-smap', cmdline => 'test=STRAY,X16');
	is(verdict($r), 'passed', "mode $mode: the same without SMAP: no guard, and the kernel knows") or trouble($r);
	return;
}

for my $mode (4, 2) {
	check_table($mode);
	stray_read($mode);
}

my $r = boot(name => 'hostile', quick(), paging => 'both', timeout => 300,
	cmdline => 'test=HOSTILE,INTN,SEGMENTS,BADELF,X14');
is(verdict($r), 'passed', 'hostile programs: each ends as it should, the kernel is as before') or trouble($r);
record_rows($r);
done_testing;
