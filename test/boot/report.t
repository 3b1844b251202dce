#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# O7: a run leaves a report on the stick.  The machine is reset, by the kernel, by a triple
# fault or by the reset button (QMP system_reset), memory is kept, and the loader of the next
# start writes what it finds there.  Everything is read from the image and compared with what
# the serial line and the screen have shown.
# A loop without end, interrupts on: the watchdog ends the run, nobody has to press reset.
# Also: a ring that is damaged, a stick that is write-protected or full, a run without result.
use strict;
use warnings;
use JSON::PP ();
use PagewalkTest;
use PagewalkScreen;

rows_here(qw(O7));

my $dir = scratch('sticks');
my $reports = 'EFI/pagewalk/reports';
my $stopped = qr/report: stopped; a key starts a new run/;

# A boot with a stick of its own that is written, on a machine that a reset does not end.
sub run_on {
	my ($stick, %o) = @_;
	my $script = delete $o{script};
	# U-Boot has no screen here, and with 128 MiB there is no room for a picture.
	my @machine = delete $o{screen} ? (ovmf(), mem => '192M') : (uboot(), mem => '128M');
	return boot(@machine, writable => 1, %o, stick => $stick, timeout => 240,
		extra => ['-action', 'reboot=reset', @{ $o{extra} // [] }],
		script => sub { my ($vm) = @_; $script->($vm); $vm->quit });
}

# Wait until the processor is halted: whatever the kernel does at its end has been done.
sub until_halted {
	my ($vm) = @_;
	for (1 .. 300) {
		return if $vm->hmp('info registers') =~ /\bHLT=1/;
		Time::HiRes::sleep(0.1);
	}
	die "the processor does not halt\n";
}

sub log_of { return join "\n", PagewalkTest::clean_lines($_[0]{serial}) }

# The files of the only report but one: { json => text, tap => ..., txt => ..., png => ... }, its name.
sub report_of {
	my ($stick, $number) = @_;
	my %file;
	my $base = '';
	for my $path (stick_files($stick)) {
		next unless $path =~ m{^$reports/((?:\d{8}|nodate)-(\d+))\.(\w+)$}i && $2 == $number;
		$base = lc $1;
		$file{ lc $3 } = stick_file($stick, $path);
	}
	my $json = eval { JSON::PP->new->utf8->decode($file{json} // '') } // {};
	return (\%file, $base, $json);
}

# Rows as pairs "ok ID": of a log, and of a kernel in the JSON file.
sub rows_of_run { my ($run) = @_; return join ' ', map { ($run->{rows}{$_}{ok} ? 'ok ' : 'not ok ') . "$_ $run->{rows}{$_}{text}" } @{ $run->{order} } }
sub rows_of_json { my ($k) = @_; return join ' ', map { ($_->{ok} ? 'ok ' : 'not ok ') . "$_->{id} $_->{text}" } @{ $k->{rows} } }

# ---- a run that ends well, both kernels, and resets the machine by itself -------------------

sub round_trip {
	my $stick = stick("$dir/both.img");
	my $r = run_on($stick, name => 'both', paging => 'both', cmdline => 'test=B3,B4,map.sorted exit=reboot', script => sub {
		my ($vm) = @_;
		$vm->must_see(qr/reset: by efi/);
		$vm->must_see($stopped);
	});
	my ($file, $name, $json) = report_of($stick, 1);
	my $log = log_of($r);
	my $kernels = $json->{kernels} // [];
	# The log as each kernel has printed it, from its first line to the reset.
	my ($printed) = $log =~ /^((?:\[[ \d.]+\] )?pagewalk \S+: 4-level paging, image.*?^\S* *[^\n]*reset: by efi)$/ms;
	my $kept = join "\n", grep { $_ ne '' && !/^(?:Pagewalk report|passed: |\d-level page tables: )/ } split /\n/, $file->{txt} // '';
	for my $i (0, 1) {
		my $mode = (4, 2)[$i];
		my ($run) = grep { ($_->{paging} // 0) == $mode } @{ $r->{runs} };
		my $k = $kernels->[$i] // {};
		my ($said, $kept_rows) = (rows_of_run($run // {}), rows_of_json($k));
		my @tap = ($file->{tap} // '') =~ /^  (.*)$/mg;
		my @ktap = grep { /^(KTAP|1\.\.|ok |not ok |# )/ } split /\n/, $log;
		record_row('O7', $mode, ($k->{paging} // 0) == $mode && $said ne '' && $said eq $kept_rows
			&& "@tap" eq "@ktap" && $json->{state} eq 'passed' && $k->{state} eq 'passed' && $k->{pass} == 3,
			sprintf '%d rows in the JSON file, %d on the serial line, equal: %d; %d lines of TAP, %d on the serial line; state %s, pass=%s',
				scalar @{ $k->{rows} // [] }, scalar @{ $run->{order} // [] }, $said eq $kept_rows ? 1 : 0,
				scalar @tap, scalar @ktap, $k->{state} // 'none', $k->{pass} // 'none') or trouble($r);
	}
	is($kept, ($printed // '') =~ s/\n+/\n/gr, 'the text is what the serial line has shown') or trouble($r);
	my $tap = spew("$dir/report.tap", $file->{tap} // '');
	my ($status, $out) = sh('prove', '-e', 'cat', $tap);
	is($status, 0, 'prove says that the run passed') or diag($out);
	($status, $out) = sh('python3', '-m', 'json.tool', spew("$dir/report.json", $file->{json} // ''));
	is($status, 0, 'Python reads the JSON file') or diag($out);
	like($json->{machine}{firmware} // '', qr/U-Boot/, 'the machine is described');
	is_deeply([$json->{picture}, $file->{png}], [undef, undef], 'no picture without a screen');
	unlink $stick;
	return;
}

# ---- runs that do not end -------------------------------------------------------------------

# knob, how the machine comes to its reset, state, summary
my @ends = (
	['oops', sub { $_[0]->must_see(qr/The machine is stopped/); until_halted($_[0]) }, 'panic', 'panic of the %d-level kernel in the step "tests"'],
	['hang', sub { $_[0]->must_see(qr/knob=hang: nothing/); until_halted($_[0]) }, 'unfinished',
		'unfinished: the %d-level kernel never came back after the step "tests"'],
	['triple-fault', undef, 'unfinished', 'unfinished: the %d-level kernel never came back after the step "tests"'],
);

sub no_end {
	my ($mode, $knob, $before_reset, $state, $summary) = @_;
	my $stick = stick("$dir/$knob-$mode.img");
	my $screen;
	my $r = run_on($stick, name => "$knob-$mode", screen => $knob eq 'oops', paging => $mode, cmdline => "test=E2 knob=$knob exit=halt", script => sub {
		my ($vm) = @_;
		if ($before_reset) {
			$before_reset->($vm);
			$screen = $vm->screen if $knob eq 'oops';
			$vm->qmp('system_reset');
		}
		$vm->must_see($stopped);
		return if !$screen || $mode == 2;
		# Only a key lets it go on.
		Time::HiRes::sleep(1);
		ok(!$vm->wait_for(qr/report: this is run/, seconds => 1), 'it stays stopped');
		$vm->keys_press('spc');
		ok($vm->wait_for(qr/report: this is run \S+-2/), 'a key starts the next run');
	});
	my ($file, $name, $json) = report_of($stick, 1);
	my $wanted = sprintf $summary, $mode;
	my $picture = defined $file->{png} ? eval { png($file->{png}) } // { width => -1, height => -1, rgb => '' } : undef;
	my ($w, $h) = $picture ? @$picture{qw(width height)} : (0, 0);
	my $same = !$screen ? !$picture : $picture && $w == $screen->{width} && $h == $screen->{height}
		&& $picture->{rgb} eq $screen->{rgb};
	my @unsaid = grep { index($file->{txt} // '', $_) < 0 } map { s/^\[ *[\d.]+\] //r }
		grep { /kernel oops|knob=hang: |^IP |error code|devices? found|paging, image/ } split /\n/, log_of($r) =~ s/reset: by.*//sr;
	record_row('O7', $mode, ($json->{state} // '') eq $state && ($json->{summary} // '') eq $wanted && $same && !@unsaid
			&& index($file->{txt} // '', "\n$wanted\n") > 0 && log_of($r) =~ /report: run \Q$name\E \Q$wanted\E/,
		sprintf '%s: state %s, expected %s; "%s"; the picture (%dx%d) is %sthe screen; %d lines of the log missing',
			$knob, $json->{state} // 'none', $state, $json->{summary} // 'no summary', $w, $h,
			$screen ? $same ? '' : 'not ' : 'not made of ', scalar @unsaid) or trouble($r);
	unlink $stick;
	return;
}

# ---- a loop without end ---------------------------------------------------------------------

# The kernel takes itself out of it: as a panic, with all that belongs to one.  100 ticks of 4 ms.
my $lockup = qr/^ *kernel oops: soft lockup: the kernel has run for 0\.4 s without a pause, now at turn_for_ever\+0x[0-9a-f]+\/0x[0-9a-f]+ \(task init, pid 1, step "tests"\): a loop there has no end, or no cond_resched\(\) *$/m;

sub lockup {
	my ($mode) = @_;
	my $stick = stick("$dir/lockup-$mode.img");
	my $r = run_on($stick, name => "lockup-$mode", screen => 1, paging => $mode, cmdline => 'test=E2 knob=lockup:100 exit=reboot screen=800x600', script => sub {
		my ($vm) = @_;
		$vm->must_see(qr/reset: by efi/);
		$vm->must_see($stopped);
	});
	my ($file, $name, $json) = report_of($stick, 1);
	my $text = join "\n", map { s/^\[ *[\d.]+\] //r } split /\n/, $file->{txt} // '';
	my ($line) = $text =~ /^(.*(?:soft lockup|oops).*)$/m;
	my @trace = $text =~ /^ *#\d+ +[0-9a-f]+ +(\w+)\+/mg;
	my $k = $json->{kernels}[0] // {};
	my $wanted = "panic of the $mode-level kernel in the step \"tests\"";
	my $picture = eval { png($file->{png} // '') } // { width => 0, height => 0, rgb => '' };
	my @unseen = grep { !find_text($picture, $_) } 'turn_for_ever+0x', 'Call trace (innermost first):';
	record_row('O7', $mode, $text =~ $lockup && ($json->{state} // '') eq 'panic' && ($json->{summary} // '') eq $wanted
			&& ($k->{state} // '') eq 'panic' && ($k->{step} // '') eq 'tests'
			&& "@trace[0 .. 1]" eq 'turn_for_ever test_provoke' && $text !~ /^error code/m
			&& "$picture->{width}x$picture->{height}" eq '800x600' && !@unseen,
		sprintf 'lockup: state %s, kernel %s in the step %s; "%s"; called by %s; picture %dx%d, expected 800x600, without: %s; %s',
			$json->{state} // 'none', $k->{state} // 'none', $k->{step} // 'none', $json->{summary} // 'no summary',
			join(' ', @trace[0 .. 1]), $picture->{width}, $picture->{height}, join(', ', @unseen) || 'nothing',
			$line // 'no such line') or trouble($r);
	unlink $stick;
	return;
}

# ---- what cannot be written or read ----------------------------------------------------------

# One line says it, and the run goes on to its end.
sub said {
	my ($r, $re, $what) = @_;
	like(log_of($r), $re, "$what: said") or trouble($r);
	return;
}

sub misfortunes {
	# The report of a run that passed is dropped, since a byte of its ring is wrong; the record stays.
	my $stick = stick("$dir/spoilt.img");
	my $r = run_on($stick, name => 'spoilt', paging => 4, cmdline => 'test=B3 knob=spoil-report exit=reboot', script => sub {
		my ($vm) = @_;
		$vm->must_see(qr/reset: by efi/);
		$vm->must_see(qr/report: this is run/);
	});
	said($r, qr/report: the ring at 0x[0-9a-f]+ is damaged, dropped: its checksum is wrong/, 'damaged ring');
	my (undef, undef, $json) = report_of($stick, 1);
	is($json->{state}, 'lost', 'damaged ring: the record is closed as lost');
	my ($second) = report_of($stick, 2);
	is_deeply([sort keys %$second], ['json'], 'the next run has the next number');
	unlink $stick;

	# Full: neither the record nor the report, and both are said.
	my $free = 512 * (gpt(image())->{parts}[0]{last} - gpt(image())->{parts}[0]{first} + 1);
	$stick = stick("$dir/full.img");
	for (my $n = $free; $n >= 512; $n >>= 1) {
		my $filler = "$dir/filler";
		open my $fh, '>', $filler or die "$filler: $!\n";
		truncate $fh, $n;
		close $fh;
		sh('env', 'MTOOLS_SKIP_CHECK=1', 'mcopy', '-i', "$stick\@\@1M", $filler, "::/filler.$n");
	}
	$r = run_on($stick, name => 'full', paging => 2, cmdline => 'test=E2 knob=triple-fault', script => sub { $_[0]->must_see(qr/report: run .* unfinished/); $_[0]->wait_for(qr/nothing/, seconds => 1) });
	said($r, qr/report: \S+ cannot be written to the stick: [a-z ]+; make room/, 'full stick');
	said($r, qr/report: run \S+ unfinished: the 2-level kernel never came back after the step "tests"/, 'full stick: the result');
	unlink $stick;

	# Write-protected.
	$stick = stick("$dir/protected.img");
	chmod 0444, $stick;
	$r = run_on($stick, name => 'protected', paging => 4, read_only => 1, cmdline => 'test=B3 exit=reboot',
		script => sub { $_[0]->must_see($stopped) });
	said($r, qr/report: .*cannot be written/, 'write-protected stick');
	said($r, qr/report: run \S+ passed: pass=1 fail=0 skip=0/, 'write-protected stick: the result');
	unlink $stick;
	return;
}

round_trip();
for my $mode (4, 2) {
	no_end($mode, @$_) for @ends;
	lockup($mode);
}
misfortunes();
done_testing;
