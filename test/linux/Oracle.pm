# SPDX-License-Identifier: MIT
package Oracle;
#
# Transcripts of /bin/oracle: take them out of a log, keep them in expected/, compare two.
#
# A transcript is a list of [name, line...].  In a log each line has a '|' in front, so that
# what a kernel prints in between does no harm.
#
use strict;
use warnings;
use Cwd 'abs_path';
use Exporter 'import';
use File::Basename 'dirname';
use File::Path qw(make_path remove_tree);
use PagewalkVM;

our @EXPORT = qw($here $O arch transcript expected record compare unused run_pagewalk run_linux linux_log);

our $here = abs_path(dirname(__FILE__));
our $O = abs_path($ENV{O} || "$here/../../build");

sub arch { return { 4 => 'x86_64', 2 => 'i386' }->{ $_[0] } }

sub slurp {
	my ($path) = @_;
	open my $fh, '<:raw', $path or return '';
	local $/;
	return scalar(<$fh>) // '';
}

# ---- transcripts -----------------------------------------------------------------------

# ([name, line...], ...), and whether the last line is there.
sub transcript {
	my ($log) = @_;
	my (@all, $done);
	for (split /\n/, $log =~ s/\r//gr) {
		next unless s/^\|//;
		if (/^== (\S+)/) {
			push @all, [$1];
		} elsif (/^done (\d+)$/) {
			$done = $1 == @all;
		} elsif (@all) {
			push @{ $all[-1] }, $_;
		}
	}
	return (\@all, $done);
}

# Which file: what stands before the first '_'.
sub group { return $_[0] =~ /^([^_]+)/ ? $1 : $_[0] }

# All that is recorded of a mode: name => [line...].
sub expected {
	my ($mode) = @_;
	my (%lines, $now);
	for my $file (sort glob "$here/expected/" . arch($mode) . '/*') {
		for (split /\n/, slurp($file)) {
			if (/^== (\S+)/) {
				$now = $lines{$1} = [];
			} elsif ($now) {
				push @$now, $_;
			}
		}
	}
	return \%lines;
}

# Write what Linux said.  `part`: other cases than these stay as they are.
sub record {
	my ($mode, $all, $part) = @_;
	my $dir = "$here/expected/" . arch($mode);
	my %new = map { my ($name, @lines) = @$_; ($name => \@lines) } @$all;
	my @order = map { $_->[0] } @$all;
	if ($part) {
		my $old = expected($mode);
		push @order, grep { !$new{$_} } sort keys %$old;
		%new = (%$old, %new);
	}
	remove_tree($dir);
	make_path($dir);
	my %text;
	$text{ group($_) } .= join "\n", "== $_", @{ $new{$_} }, '' for @order;
	for my $group (keys %text) {
		open my $fh, '>:raw', "$dir/$group" or die "$dir/$group: $!\n";
		print $fh $text{$group};
		close $fh or die "$dir/$group: $!\n";
	}
	return scalar keys %text;
}

# ---- allowed differences -----------------------------------------------------------------

# test/linux/allowed: blocks of `key: value` lines, a free line between; comments say why.
my @allowed;
sub allowed {
	return \@allowed if @allowed;
	my $n = 0;
	for my $block (split /\n\s*\n/, slurp("$here/allowed")) {
		my %rule = map { /^(case|mode|linux|here|why):\s*(.*)$/ ? ($1 => $2) : () } split /\n/, $block;
		next unless %rule;
		die "allowed: a block without case, linux, here or why:\n$block\n"
			if grep { !defined $rule{$_} } qw(case linux here why);
		push @allowed, { %rule, used => 0 };
	}
	return \@allowed;
}

sub is_allowed {
	my ($mode, $name, $linux, $ours) = @_;
	for my $rule (@{ allowed() }) {
		next if defined $rule->{mode} && $rule->{mode} ne $mode;
		next unless $name =~ /^(?:$rule->{case})$/ && $linux =~ /^(?:$rule->{linux})$/
			&& $ours =~ /^(?:$rule->{here})$/;
		$rule->{used}++;
		return 1;
	}
	return 0;
}

# Rules that no difference needed: they should go.
sub unused { return map { "$_->{case}: $_->{why}" } grep { !$_->{used} } @{ allowed() } }

# ---- comparing ---------------------------------------------------------------------------

# One case: undef, or the first lines that differ as text.
sub compare {
	my ($mode, $name, $linux, $ours) = @_;
	return 'not recorded from Linux' unless $linux;
	return 'did not run' unless $ours;
	my $end = @$linux > @$ours ? @$linux : @$ours;
	my @bad;
	for my $i (0 .. $end - 1) {
		my ($l, $h) = ($linux->[$i] // '(no line)', $ours->[$i] // '(no line)');
		next if $l eq $h || is_allowed($mode, $name, $l, $h);
		push @bad, sprintf "line %d%s\n    Linux: %s\n    here:  %s", $i + 1,
			$i && !@bad ? "\n    after: $linux->[$i - 1]" : '', $l, $h;
		last if @bad == 6;
	}
	return @bad ? join "\n", @bad : undef;
}

# ---- running -------------------------------------------------------------------------------

# Both return the log of `/bin/oracle WORDS`.

sub run_pagewalk {
	my ($mode, $words, %o) = @_;
	my $dir = $o{dir} // "$O/oracle/run/" . arch($mode);
	remove_tree($dir);
	make_path($dir);
	my $vm = PagewalkVM->start(dir => $dir, limit => ($o{timeout} // 900) * ($ENV{PAGEWALK_SLOW} // 1),
		mem => '512M', stick => "$O/oracle/oracle.img", vga => 'none',
		cmdline => "timeout=0 exit=qemu test=off console=serial,plain paging=$mode init=\"/bin/oracle $words\"");
	my $r = $vm->finish;
	return wantarray ? ($r->{serial}, $r) : $r->{serial};
}

sub run_linux {
	my ($mode, $words, %o) = @_;
	my $arch = arch($mode);
	my $dir = "$O/oracle/linux/$arch";
	my ($log, $command) = ("$dir/serial.log", "$dir/command");
	unlink $log;
	open my $fh, '>', $command or die "$command: $!\n";
	print $fh "/bin/oracle $words\n";
	close $fh;
	system("$here/../../tools/mkinitramfs", "$dir/initrd", "init=$O/$arch/bin/oracle-init",
		"bin/oracle=$O/$arch/bin/oracle", "command=$command") == 0 or die "no initramfs\n";
	my $append = 'console=ttyS0,115200 quiet loglevel=1 panic=-1 rdinit=/init nokaslr norandmaps '
		. 'vdso=0 vdso32=0 vsyscall=none transparent_hugepage=never';
	my @argv = ('timeout', '-k', 5, ($o{timeout} // 1200) * ($ENV{PAGEWALK_SLOW} // 1),
		$mode == 4 ? 'qemu-system-x86_64' : 'qemu-system-i386', '-nodefaults',
		'-machine', 'q35', '-accel', 'tcg', '-cpu', 'max,la57=off,pku=off', '-m', '512',
		'-smp', 1, '-display', 'none', '-no-reboot', '-kernel', "$dir/vmlinuz",
		'-initrd', "$dir/initrd", '-append', $append, '-serial', "file:$log");
	system(@argv);
	return slurp($log);
}

# Of the last time.
sub linux_log { return slurp("$O/oracle/linux/" . arch($_[0]) . '/serial.log') }

1;
