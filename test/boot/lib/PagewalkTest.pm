# SPDX-License-Identifier: MIT
package PagewalkTest;
#
# What the boot tests share: start QEMU with a hard time limit, watch the serial line, talk
# QMP, read KTAP, judge, keep the evidence for build/rows.tsv, and look into images.
#
#	use PagewalkTest;
#	my $r = boot(name => 'four', paging => 4, cmdline => 'test=all');
#	is(verdict($r), 'passed', 'all rows of mode 4') or trouble($r);
#	record_rows($r);
#
# A boot counts as passed only if the last line says so AND QEMU left through the debug
# port with 33.  A missing last line, a reset, a time-out are failures.
#
# The build directory is $ENV{O} (build).  Everything is kept under $O/test/NAME.t/, so
# that tests can run side by side and a failure can be looked at.
#
use strict;
use warnings;
use Exporter 'import';
use Cwd 'abs_path';
use File::Basename qw(basename dirname);
use File::Path qw(make_path remove_tree);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use PagewalkVM;
use PagewalkImage;

our @EXPORT = (
	@Test::More::EXPORT, @PagewalkImage::EXPORT,
	qw($top $O boot quick uboot ovmf verdict trouble record_rows record_row evidence rows_here rows_wanted
	   wanted kernel_rows figures slurp spew scratch sh must ktap image busybox record_cost),
);

our $top = abs_path(dirname(__FILE__) . '/../../..');
our $O = abs_path($ENV{O} || "$top/build");
die "no build directory; run make first\n" unless defined $O && -d $O;
# A make that a test starts is not part of the one that started the test.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
my $script = basename($0);
my $home = "$O/test/$script";
my $rows_file = "$O/test/rows.d/$script.tsv";
remove_tree($home);
make_path($home, "$O/test/rows.d");
unlink $rows_file;

sub image { return "$O/pagewalk.img" }

sub slurp {
	my ($path) = @_;
	open my $fh, '<:raw', $path or return '';
	local $/;
	return scalar(<$fh>) // '';
}

sub spew {
	my ($path, $data) = @_;
	open my $fh, '>:raw', $path or die "$path: $!\n";
	print $fh $data;
	close $fh or die "$path: $!\n";
	return $path;
}

# A fresh directory for one boot or one build.
sub scratch {
	my ($name) = @_;
	my $dir = "$home/$name";
	remove_tree($dir);
	make_path($dir);
	return $dir;
}

# Run a command, give back (status, output with stderr).
sub sh {
	my (@argv) = @_;
	my $pid = open my $out, '-|';
	defined $pid or die "fork: $!\n";
	if (!$pid) {
		open STDERR, '>&', \*STDOUT;
		exec(@argv) or print STDERR "";
		print "$argv[0]: $!\n";
		POSIX::_exit(127);
	}
	local $/;
	my $text = <$out> // '';
	close $out;
	return ($? >> 8, $text);
}

# The same for what a test cannot do without; its output.
sub must {
	my ($status, $text) = sh(@_);
	die "@_: $text\n" if $status;
	return $text;
}

# BusyBox of Debian, as make deps has unpacked it for this mode.
sub busybox {
	my ($mode) = @_;
	my $unpacked = $ENV{UNPACKED} // ($ENV{XDG_CACHE_HOME} || ($ENV{HOME} || '/var/tmp') . '/.cache') . '/pagewalk';
	return "$unpacked/busybox-" . ($mode == 4 ? 'amd64' : 'i386') . '/bin/busybox';
}

# ---- booting ------------------------------------------------------------------------

# quick(): options for tests to which neither firmware nor screen matters; firmware.t and the matrix
# are about firmware.
sub quick { return (ovmf(), vga => 'none') }

# uboot(): U-Boot's UEFI, which leaves more of a small memory free, and has no screen.  It waits two
# seconds for a key, and where instructions are counted (`icount`) that takes long.
sub uboot { return (firmware => 'uboot', bus => 'virtio-blk') }

# ovmf(): for tests that need a screen, and no particular bus: half as long as the default, whose
# stick is behind USB and which has no TPM.
sub ovmf { return (firmware => '2m', bus => 'virtio-blk', tpm => 1) }

# What a step has cost goes to $O/test/costs.tsv: test, step, seconds, of the processor, of its kernel.
# `sort -k4 -n` shows where the time of `make check` is.
sub record_cost {
	my ($name, $seconds, @before) = @_;
	my @now = times;
	open my $fh, '>>', "$O/test/costs.tsv" or return;
	printf $fh "%s\t%s\t%.1f\t%.1f\t%.1f\n", $script, $name, $seconds // 0, $now[2] - $before[2] + $now[3] - $before[3],
		$now[3] - $before[3];
	return;
}

# boot(name =>, paging => 4|2|'both', cmdline =>, timeout => seconds, script => sub { $vm },
# and everything that Qemu::command takes).  `cmdline` comes after our defaults
# (timeout=0 exit=qemu), so it may override them.  Without `paging` no key is given.
my $boots = 0;
sub boot {
	my (%o) = @_;
	my $name = delete $o{name} // 'boot' . ++$boots;
	my $paging = delete $o{paging};
	my $limit = (delete $o{timeout} // 120) * ($ENV{PAGEWALK_SLOW} // 1);
	my $on = delete $o{script};
	my @key = ('timeout=0', 'exit=qemu');
	push @key, "paging=$paging" if defined $paging;
	push @key, $o{cmdline} if defined $o{cmdline} && $o{cmdline} ne '';
	$o{cmdline} = join ' ', @key;
	$o{stick} //= image();
	my @before = times;
	my $vm = PagewalkVM->start(dir => scratch($name), limit => $limit, %o);
	if ($on) {
		eval { $on->($vm); 1 } or do {
			my $why = $@;
			$vm->kill_now;
			diag("$name: $why");
			$vm->{script_error} = $why;
		};
	}
	my $r = $vm->finish;
	$r->{name} = $name;
	record_cost($name, $r->{seconds}, @before);
	$r->{wanted_paging} = $paging;
	$r->{smoke} = $o{cmdline} =~ /.*\btest=(\S+)/s && $1 eq 'smoke';
	$r->{runs} = ktap($r->{serial});
	# The screen and the debug port show what the serial line shows; without COM1 the
	# debug port is what there is.
	$r->{runs} = ktap($r->{debugcon}) unless @{ $r->{runs} };
	return $r;
}

# Split a log into KTAP runs: ({ paging, plan, rows => { ID => { ok, text, line, n } },
# order => [ID...], info => ['# ...'], final => { pass, fail, skip } }, ...)
sub ktap {
	my ($text) = @_;
	my @runs;
	my $run;
	for my $line (clean_lines($text)) {
		if ($line =~ /^KTAP version 1\b/) {
			push @runs, $run = { rows => {}, order => [], info => [], notes => {} };
			next;
		}
		next unless $run;
		if ($line =~ /^# pagewalk (\S+) paging=(\d)/) {
			@{$run}{qw(version paging head)} = ($1, $2, $line);
		} elsif ($line =~ /^1\.\.(\d+)/) {
			$run->{plan} = $1;
		} elsif ($line =~ /^(not ok|ok) (\d+)(?: -)? (\S+) ?(.*)$/) {
			$run->{rows}{$3} = { ok => $1 eq 'ok', n => $2, text => $4, line => $line,
				notes => delete $run->{pending} // [] };
			push @{ $run->{order} }, $3;
		} elsif ($line =~ /^# pagewalk: pass=(\d+) fail=(\d+) skip=(\d+)/) {
			$run->{final} = { pass => $1, fail => $2, skip => $3 };
		} elsif ($line =~ /^\s*#/) {
			push @{ $run->{info} }, $line;
			push @{ $run->{pending} }, $line if defined $run->{plan};
		}
	}
	return \@runs;
}

sub clean_lines {
	my ($text) = @_;
	$text =~ s/\e\[[0-9;?]*[A-Za-z]//g;
	$text =~ s/\r//g;
	return split /\n/, $text;
}

# 'passed', or what is wrong in a few words.
sub verdict {
	my ($r) = @_;
	return "script: $r->{script_error}" if $r->{script_error};
	return "timed out after $r->{limit} s" if $r->{timed_out};
	return "QEMU died of signal $r->{signal}" if $r->{signal};
	return 'panic, oops or early fault (37)' if $r->{exit} == 37;
	my @runs = @{ $r->{runs} };
	return "exit $r->{exit}, no KTAP" unless @runs;
	my $want = ($r->{wanted_paging} // '') eq 'both' ? 2 : 1;
	return 'exit ' . $r->{exit} . ', ' . @runs . " of $want runs" if @runs != $want;
	my $total = 0;
	for my $run (@runs) {
		my $who = 'paging=' . ($run->{paging} // '?');
		return "$who: plan missing (exit $r->{exit})" unless defined $run->{plan};
		my $seen = keys %{ $run->{rows} };
		return "$who: $seen of $run->{plan} rows (exit $r->{exit})" if $seen != $run->{plan};
		my @bad = grep { !$run->{rows}{$_}{ok} } @{ $run->{order} };
		return "$who: not ok: @bad" if @bad;
		$total += $seen;
	}
	# The last kernel prints the sum over both.
	my $f = $runs[-1]{final} // return "no final line (exit $r->{exit})";
	# What only real hardware has may be skipped in the smoke test, no row of the catalogue.
	return "final line says fail=$f->{fail} skip=$f->{skip}" if $f->{fail} || ($f->{skip} && !$r->{smoke});
	return "final line counts $f->{pass} and $f->{skip} of $total" if $f->{pass} + $f->{skip} != $total;
	my $last = $runs[-1]{paging} // '?';
	return "ran paging=$last" if ($r->{wanted_paging} // '') =~ /^[42]$/ && $last ne $r->{wanted_paging};
	return "exit $r->{exit}, not 33" if $r->{exit} != 33;
	return 'passed';
}

# Show the end of the log after a failure.
sub trouble {
	my ($r) = @_;
	my $log = length $r->{serial} ? $r->{serial} : $r->{debugcon};
	my @lines = clean_lines($log);
	my @bad = grep { /^not ok|^# .*(seen|expected)/ } @lines;
	splice @lines, 0, @lines - 25 if @lines > 25;
	diag("$r->{name}: " . verdict($r) . sprintf(', %.1f s, log %s', $r->{seconds}, "$r->{dir}/serial.log"));
	diag("    $_") for @bad;
	diag("  | $_") for @lines;
	diag("  qemu: $_") for split /\n/, $r->{stderr};
	return 0;
}

# "# figures: name=value ..." of one run as a hash.
sub figures {
	my ($run) = @_;
	my %f;
	for (@{ $run->{info} }) {
		next unless /^# figures?: (.*)/;
		$f{$1} = $2 while $1 && $_ =~ /(\w+)=([\w.-]+)/g;
	}
	return \%f;
}

# ---- rows of the catalogue -----------------------------------------------------------

sub rows_wanted {
	my $rows = $ENV{ROWS} // '';
	return () if $rows eq '';
	return map { uc } split /[,\s]+/, $rows;
}

# Those of the rows that were asked for; all without ROWS=.
sub wanted {
	my @ids = @_;
	return @ids unless rows_wanted();
	my %want = map { $_ => 1 } rows_wanted();
	return grep { $want{$_} } @ids;
}

# At the top of a test that proves these rows: with ROWS= the file is skipped when none of
# them is asked for.
sub rows_here {
	my (@ids) = @_;
	return if wanted(@ids);
	plan(skip_all => 'proves none of ROWS=' . join ',', sort { $a cmp $b } rows_wanted());
}

# The rows that the kernels have, by their sources: ID => is it part of test=all?
sub kernel_rows {
	my %kernel;
	for my $file (glob "$top/test/kernel/*.c") {
		my $text = slurp($file);
		$kernel{$1} = 1 while $text =~ /^(?:USER_)?ROW\((\w+),/mg;
		while ($text =~ /^(?:USER_)?ROW_FLAGS\((\w+),([^;]*);/mg) {
			my ($row, $flags) = ($1, $2);
			$kernel{$row} = $flags !~ /ROW_EXPLICIT/;
		}
	}
	return %kernel;
}

# Keep the evidence for one row in one mode, without a test line of its own.
sub evidence {
	my ($id, $mode, $ok, $what) = @_;
	$what =~ s/[\t\n]/ /g;
	open my $fh, '>>', $rows_file or die "$rows_file: $!\n";
	print $fh join("\t", $id, $mode, $ok ? 'ok' : 'not ok', "test/boot/$script: $what"), "\n";
	close $fh;
	return $ok;
}

# The same with a test line.
sub record_row {
	my ($id, $mode, $ok, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $result = ok($ok, "$id in mode $mode: $what");
	evidence($id, $mode, $ok, ($ok ? 'ok' : 'not ok') . " - $id $what");
	return $result;
}

# Every row that a boot printed, as tests and as evidence.
sub record_rows {
	my ($r) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	for my $run (@{ $r->{runs} }) {
		for my $id (@{ $run->{order} }) {
			my $row = $run->{rows}{$id};
			ok($row->{ok}, "$id in mode $run->{paging}: $row->{text}")
				or diag(map { "$_\n" } $row->{line}, @{ $row->{notes} });
			evidence($id, $run->{paging}, $row->{ok}, $row->{line});
		}
	}
	return;
}

1;
