# SPDX-License-Identifier: MIT
package Bench;
#
# What bench, events, profile and quick share: the machine on which Linux was measured, the
# boots of our kernel on it, and the tables they are compared with.
#
# The build directory is $ENV{O}; its bench/bench.img is the stick.  Everything of a boot is
# kept in $O/bench/run/NAME.
#
use strict;
use warnings;
use Exporter 'import';
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Path qw(make_path remove_tree);
use Time::HiRes qw(sleep time);
use PagewalkImage ();
use PagewalkVM;

our @EXPORT = qw($O $home modes arch names table errno_name run_all figures read_tsv write_tsv linux goals
	windows lead_windows program_symbols plugin_ranges read_stamps per_op fail);

our $home = abs_path(dirname(__FILE__));
our $O = abs_path($ENV{O} || "$home/../../build");

sub fail { print STDERR "bench: ", @_, "\n"; exit 2 }

sub arch { return { 4 => 'x86_64', 2 => 'i386' }->{ $_[0] } }

# "4 2", "4,2", "x86_64": levels, in the order given.
sub modes {
	my ($text) = @_;
	my %mode = (4 => 4, 2 => 2, x86_64 => 4, i386 => 2);
	my @modes = map { $mode{$_} // fail("\"$_\" is no mode: 4 or 2") } split /[\s,]+/, $text;
	fail('no mode given: MODES="4 2"') unless @modes;
	return @modes;
}

# ---- the tables ----------------------------------------------------------------------

# The benchmarks as mmbench.c has them: ([name, operations a round, rounds, regions], ...)
my @table;
sub table {
	return @table if @table;
	open my $fh, '<', "$home/mmbench.c" or fail("mmbench.c: $!");
	while (<$fh>) {
		push @table, [$1, $2, $3, $4] if /^\s*\{"(\w+)", \w+, (\d+), (\d+), (\d+), \d+\},/;
	}
	fail('mmbench.c: no table found') unless @table;
	return @table;
}

# The benchmarks with one of these prefixes, all without any.
sub names {
	my @prefixes = @_;
	my @names = map { $_->[0] } table();
	return @names unless @prefixes;
	for my $prefix (@prefixes) {
		fail("BENCH=$prefix: no benchmark begins with this; there are @names")
			unless grep { index($_, $prefix) == 0 } @names;
	}
	return grep { my $n = $_; grep { index($n, $_) == 0 } @prefixes } @names;
}

# A table with a head line: { first column => { column => value } }.
sub read_tsv {
	my ($file) = @_;
	open my $fh, '<', $file or fail("$file: $!");
	my (@head, %rows);
	while (<$fh>) {
		chomp;
		next if /^#/ || !/\S/;
		my @f = split /\t/;
		@head = @f, next unless @head;
		@{ $rows{$f[0]} }{@head} = @f;
	}
	return (\%rows, \@head);
}

sub write_tsv {
	my ($file, $rows) = @_;
	open my $fh, '>', $file or fail("$file: $!");
	print $fh join("\t", @$_), "\n" for @$rows;
	close $fh or fail("$file: $!");
	print "table: $file\n";
	return;
}

# Linux's figures: { benchmark => { "x86_64-lean" => instructions, ... } }
sub linux { return (read_tsv("$home/results.tsv"))[0] }

# ({ benchmark => { gate, floor-x86_64, floor-i386 } }, [[big, small, most], ...])
sub goals {
	my (%goals, @growth, @head);
	open my $fh, '<', "$home/goals.tsv" or fail("goals.tsv: $!");
	while (<$fh>) {
		chomp;
		next if /^#/ || !/\S/;
		my @f = split /\t/;
		if (!@head) { @head = @f; next }
		if ($f[0] eq 'growth') { push @growth, [@f[1 .. 3]]; next }
		for my $i (1 .. $#head) {
			$goals{$f[0]}{$head[$i]} = $f[$i] if $f[$i] ne '-';
		}
	}
	return (\%goals, \@growth);
}

my %errno = (1 => 'EPERM', 2 => 'ENOENT', 5 => 'EIO', 9 => 'EBADF', 11 => 'EAGAIN', 12 => 'ENOMEM',
	13 => 'EACCES', 14 => 'EFAULT', 16 => 'EBUSY', 19 => 'ENODEV', 22 => 'EINVAL', 24 => 'EMFILE',
	28 => 'ENOSPC', 32 => 'EPIPE', 38 => 'ENOSYS', 95 => 'EOPNOTSUPP');
sub errno_name { return $errno{$_[0]} // "errno $_[0]" }

# ---- what the program prints ---------------------------------------------------------

# { name => { ops, ticks, mean, best } or { skip => errno } or { fail => status } }
sub figures {
	my ($log) = @_;
	my %f;
	for (split /\r?\n/, $log =~ s/\e\[[0-9;?]*[A-Za-z]//gr) {
		if (/MMB\t(\w+)\t(\d+)\t(\d+)\t([\d.]+)\t([\d.]+)\s*$/) {
			$f{$1} = { ops => $2, ticks => $3, mean => $4, best => $5 };
		} elsif (/MMB\t(\w+)\tSKIP\t(\d+)/) {
			$f{$1} = { skip => $2 };
		} elsif (/MMB\t(\w+)\tFAIL\t(\d+)/) {
			$f{$1} = { fail => $2 };
		}
	}
	return \%f;
}

# ---- the windows that a benchmark measures -------------------------------------------
#
# A window lies between two rdtsc of the program.  A round has `pairs` of them; of these
# `first` and every `step`-th after it belong to the benchmark.

sub windows {
	my ($name) = @_;
	my ($row) = grep { $_->[0] eq $name } table();
	my ($ops, $rounds, $vmas) = @{$row}[1 .. 3];
	my %w = (ops => $ops, rounds => $rounds, pairs => 1, first => 0, step => 1, lead => 0);
	# The child's writes first, then the parent's.
	@w{qw(pairs step)} = (2, 2) if $name =~ /^(cow_fault|wp_reuse_fault)$/;
	$w{first} = 1 if $name eq 'wp_reuse_fault';
	$w{pairs} = $ops / 256 if $name eq 'munmap_1m';
	$w{pairs} = $ops if $name =~ /^(cal_rdtsc_pair|(read|write)_file_64k)$/;
	# The regions are made once, in a window of their own.
	$w{lead} = 1 if $vmas > 1;
	if ($name =~ /^vma_create/) {
		@w{qw(lead pairs rounds warm)} = (0, 1, 1, 0);
	}
	$w{warm} //= 1;
	return \%w;
}

# Windows before the first that counts.
sub lead_windows { my ($w) = @_; return $w->{lead} + $w->{warm} * $w->{pairs} }

# ---- the plugin ----------------------------------------------------------------------

sub program_symbols { return PagewalkImage::elf_symbols("$O/bench/" . arch($_[0]) . '/mmbench') }

# Where our code runs, so that the firmware is not slowed down; and where the program is.
sub plugin_ranges {
	my ($mode) = @_;
	my $s = program_symbols($mode);
	my $run1 = $s->{run1} // fail('mmbench has no symbol run1');
	return join ',', sprintf('begin=%x', $run1), $mode == 4
		? ('user=400000-410000', 'range=400000-410000', 'range=ffffffff80000000-ffffffffffffffff')
		: ('user=8048000-8058000', 'range=8048000-8058000', 'range=80000000-ff7fffff');
}

# The stamps of a plugin's file, for each benchmark that ran: ([column...], [[row...], ...]).
sub read_stamps {
	my ($file) = @_;
	open my $fh, '<', $file or fail("$file: $!");
	my ($head, @runs);
	while (<$fh>) {
		chomp;
		my ($kind, undef, @f) = split /\t/;
		if ($kind eq 'begin') { push @runs, [] }
		elsif ($kind ne 'r') { next }
		elsif (!$head) { $head = \@f }
		elsif (@runs) { push @{ $runs[-1] }, \@f }
	}
	return ($head, \@runs);
}

# { column => figure per operation } of one benchmark's stamps; undef if it did not finish.
sub per_op {
	my ($name, $head, $rows) = @_;
	my $w = windows($name);
	my $lead = lead_windows($w);
	return undef if @$rows != 2 * ($lead + $w->{rounds} * $w->{pairs});
	my %sum;
	for (my $i = $lead; 2 * $i < @$rows; $i++) {
		my $n = ($i - $lead) % $w->{pairs};
		next if $n < $w->{first} || ($n - $w->{first}) % $w->{step};
		my ($from, $to) = @{$rows}[2 * $i, 2 * $i + 1];
		$sum{ $head->[$_] } += $to->[$_] - $from->[$_] for 0 .. $#$head;
	}
	return { map { $_ => $sum{$_} / ($w->{ops} * $w->{rounds}) } keys %sum };
}

# ---- booting -------------------------------------------------------------------------

# The machine of linux-peer, with firmware and a stick instead of -kernel and -initrd, and with the
# TPM that OVMF gives up at once.
my $cpu = 'max,vendor=GenuineIntel,family=6,model=94,stepping=3,la57=off,pku=off,svm=off,'
	. 'rdrand=off,rdseed=off,erms=off';
sub machine {
	my $firmware = $ENV{FIRMWARE} || '2m';
	return (machine => 'q35', cpu => $cpu, mem => 2048, smp => 1, icount => 0, vga => 'none',
		firmware => $firmware, tpm => 1, bus => $firmware eq 'uboot' ? 'ide' : 'ahci',
		stick => "$O/bench/bench.img");
}
my @clock = ('-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', 1);

# run_all(modes => [4, 2], args => [names], plugin => { 4 => "options" }, name => ...):
# one boot for each mode, side by side.  { 4 => { log, dir, trouble, seconds }, ... }
sub run_all {
	my (%o) = @_;
	fail("$O/bench/bench.img is missing: make bench-image") unless -f "$O/bench/bench.img";
	my $limit = ($o{timeout} // 1500) * ($ENV{PAGEWALK_SLOW} // 1);
	my (%vm, %r, %seen);
	for my $mode (@{ $o{modes} }) {
		my $dir = "$O/bench/run/$o{name}-" . arch($mode);
		remove_tree($dir);
		make_path($dir);
		my $init = join ' ', '/mmbench', @{ $o{args} };
		my @extra = @clock;
		push @extra, '-plugin', "$O/bench/insnprof.so,out=$dir/prof,$o{plugin}{$mode}"
			if $o{plugin}{$mode};
		$vm{$mode} = PagewalkVM->start(dir => $dir, limit => $limit, machine(),
			%{ $o{machine} // {} }, extra => \@extra,
			cmdline => "timeout=0 exit=qemu test=off paging=$mode init=\"$init\""
				. ($ENV{CMDLINE} ? " $ENV{CMDLINE}" : ''));
	}
	while (%vm) {
		sleep 0.3;
		for my $mode (sort keys %vm) {
			my $vm = $vm{$mode};
			my $log = $vm->serial;
			progress($mode, $vm, $log, \%seen) if $o{progress} // -t STDERR;
			my $done = $log =~ /MMB\tend\r?$/m;
			next unless $done || $vm->ended || $vm->left <= 0;
			$r{$mode} = finish($vm, $done);
			delete $vm{$mode};
		}
	}
	return \%r;
}

sub progress {
	my ($mode, $vm, $log, $seen) = @_;
	my @lines = $log =~ /(?:MMB\t\w+|pagewalk: kernel for \d-level)/mg;
	my $n = $seen->{$mode} // 0;
	printf STDERR "# %d levels, %4.0f s: %s\n", $mode, $vm->elapsed, $lines[-1] =~ s/MMB\t//r
		if @lines > $n;
	$seen->{$mode} = @lines;
	return;
}

# The program's last line is the end: whatever the kernel does then is not measured.
sub finish {
	my ($vm, $done) = @_;
	if ($done && !$vm->ended) {
		$vm->quit;			# a plugin writes its tables on the way out
		my $until = time + 60;
		sleep 0.1 while !$vm->ended && time < $until;
		$vm->kill_now;
	}
	my $r = $vm->finish;
	my %out = (log => $r->{serial}, dir => $r->{dir}, seconds => $r->{seconds});
	if (!$done) {
		my @lines = split /\r?\n/, $r->{serial};
		splice @lines, 0, @lines - 12 if @lines > 12;
		$out{trouble} = ($r->{timed_out} ? "no end after $r->{limit} s"
				: "QEMU ended with $r->{exit} before the program did")
			. join '', map { "\n  | $_" } @lines, split /\n/, $r->{stderr};
	}
	return \%out;
}

1;
