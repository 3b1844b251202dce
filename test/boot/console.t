#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# B7: the screen holds, pixel by pixel, what the serial line says; also when the frame
# buffer lies above 4 GiB.  B9: exit codes, power-off, reset, halt, and a machine whose
# only console is port 0xE9 or none at all.  A run without its last line is a failure.
use strict;
use warnings;
use PagewalkTest;
use PagewalkScreen;

rows_here(qw(B7 B9));

# ---- B9: how it ends ---------------------------------------------------------------------

# Panic and oops (37) are in faults.t.  Power-off and reset ask the firmware first, so they
# are on OVMF; what the kernel does by itself needs no particular firmware.
# [name, command line, exit code, reason that QEMU gives, what verdict() says, mode, options]
my @ends = (
	['passed', 'test=E2', 33, '', qr/^passed$/, undef, quick()],
	['failed', 'test=E2,E99', 35, '', qr/^final line says fail=1/, undef, quick()],
	['poweroff', 'test=E2 exit=poweroff', 0, 'guest-shutdown', qr/^exit 0, not 33$/, undef, ovmf()],
	['reboot', 'test=E2 exit=reboot', 0, 'guest-reset', qr/^exit 0, not 33$/, undef, ovmf()],
	['reset-acpi', 'test=E2 exit=reboot reset=acpi', 0, 'guest-reset', qr/^exit 0, not 33$/, 4, quick()],
	['reset-triple', 'test=E2 exit=reboot reset=triple', 0, 'guest-reset', qr/^exit 0, not 33$/, 4, quick()],
	['reset-cf9', 'test=E2 exit=reboot reset=cf9', 0, 'guest-reset', qr/^exit 0, not 33$/, 2, quick()],
	['reset-kbc', 'test=E2 exit=reboot reset=kbc', 0, 'guest-reset', qr/^exit 0, not 33$/, 2, quick()],
);
for my $mode (wanted('B9') ? (4, 2) : ()) {
	for (@ends) {
		my ($name, $cmdline, $exit, $reason, $verdict, $only, @options) = @$_;
		next if $only && $only != $mode;
		my $r = boot(name => "$name-$mode", @options, paging => $mode, cmdline => $cmdline, timeout => 90,
			script => sub { $_[0]->qmp('query-status') });
		my $seen = $r->{reason} // 'none';
		my $good = $r->{exit} == $exit && verdict($r) =~ $verdict && ($reason eq '' || $seen eq $reason);
		record_row('B9', $mode, $good, "$name: exit $r->{exit}, expected $exit"
			. ($reason ? "; QEMU ended by $seen, expected $reason" : '') . '; verdict: ' . verdict($r))
			or trouble($r);
	}
}

# Both kernels, the second started by the first: it is as alone as that one.  Without any console
# only the exit code tells something, and of one kernel alone.
if (wanted('B9')) {
	my $r = boot(name => 'e9-only', ovmf(), paging => 'both', cmdline => 'test=E2', no_serial => 1, vga => 'none');
	my @passed = $r->{debugcon} =~ /^# (?:paging=4|pagewalk): pass=(\d+) fail=0 skip=0\b/mg;
	record_row('B9', $_, verdict($r) eq 'passed' && "@passed" eq '1 2',
		'only port 0xE9: ' . verdict($r) . "; rows passed so far: @passed, expected 1 2") or trouble($r) for 4, 2;
	for my $mode (4, 2) {
		$r = boot(name => "nothing-$mode", ovmf(), paging => $mode, cmdline => 'test=E2', no_serial => 1,
			no_debugcon => 1, vga => 'none');
		record_row('B9', $mode, $r->{exit} == 33, "no console at all: exit $r->{exit}, expected 33") or trouble($r);
	}
}

# The harness itself: what must not count as passed.
sub fake {
	my ($text, %o) = @_;
	return verdict({ exit => 33, limit => 1, %o, runs => ktap($text) });
}
my $head = "KTAP version 1\n# pagewalk 0 paging=4 x\n1..2\nok 1 - A1 x\n";
is(fake("${head}ok 2 - A2 x\n# pagewalk: pass=2 fail=0 skip=0\n"), 'passed', 'harness: a good log passes');
isnt(fake("${head}ok 2 - A2 x\n"), 'passed', 'harness: no final line is a failure');
isnt(fake("${head}# pagewalk: pass=2 fail=0 skip=0\n"), 'passed', 'harness: a missing row is a failure');
isnt(fake("${head}not ok 2 - A2 x\n# pagewalk: pass=2 fail=0 skip=0\n"), 'passed', 'harness: not ok is a failure');
isnt(fake("${head}ok 2 - A2 x\n# pagewalk: pass=2 fail=0 skip=0\n", exit => 0), 'passed', 'harness: exit 0 is a failure');
isnt(fake("${head}ok 2 - A2 x\n# pagewalk: pass=2 fail=0 skip=0\n", timed_out => 1), 'passed', 'harness: a time-out is a failure');
isnt(fake('', exit => 33), 'passed', 'harness: an empty log is a failure');

# ---- B7: the screen -----------------------------------------------------------------------

# Pieces of lines in one weight of the font.
my @texts = ('KTAP version 1', 'swapper_pg_dir at image base', '# pagewalk: pass=1 fail=0 skip=0');

# Are they all on this picture?  One line of evidence.
sub see_texts {
	my ($mode, $picture, $what) = @_;
	my (@seen, @missing);
	for my $text (@texts) {
		my $hit = find_text($picture, $text);
		if ($hit) {
			push @seen, sprintf '%08x at %d,%d', $hit->{crc}, $hit->{x}, $hit->{y};
		} else {
			push @missing, $text;
		}
	}
	return record_row('B7', $mode, !@missing, sprintf '%s, %dx%d: pixels of %d texts, CRC %s; missing: %s',
		$what, $picture->{width}, $picture->{height}, scalar @texts, join(', ', @seen), join(' | ', @missing) || 'none');
}

for my $mode (wanted('B7') ? (4, 2) : ()) {
	for my $size ('800x600', '1920x1080') {
		my $r = boot(name => "screen-$size-$mode", ovmf(), paging => $mode,
			cmdline => "test=E2 exit=halt screen=$size", script => sub {
			my ($vm) = @_;
			$vm->must_see(qr/^# pagewalk: pass=.*\n/m);
			sleep 1;
			$vm->screen_png("$vm->{dir}/screen.png");
			see_texts($mode, $vm->screen, 'screendump');
			$vm->quit;
		});
		ok(!$r->{script_error}, "screen $size, paging=$mode") or trouble($r);
	}

	# The frame buffer in RAM above 4 GiB, reported by the misbehaving firmware.
	my $r = boot(name => "fb-high-$mode", ovmf(), paging => $mode, mem => '5G', stick => "$O/badfw/x64.img",
		extra => ['-fw_cfg', 'name=opt/badfw,string=fb=high'],
		cmdline => 'test=E2 exit=halt', script => sub {
		my ($vm) = @_;
		my $line = $vm->must_see(qr/screen \d+x\d+ at 0x[0-9a-f]+.*\n/);
		my ($w, $h, $base) = $line =~ /screen (\d+)x(\d+) at 0x([0-9a-f]+)/;
		$vm->must_see(qr/^# pagewalk: pass=.*\n/m);
		sleep 1;
		no warnings 'portable';
		my $at = hex $base;
		cmp_ok($at, '>=', 1 << 32, "fb=high, paging=$mode: the frame buffer is at 0x$base");
		my $file = "$vm->{dir}/fb";
		$vm->qmp('pmemsave', val => $at, size => $w * $h * 4, filename => $file);
		my $rgb = join '', map { substr $_, 0, 3 } unpack '(a4)*', slurp($file);
		see_texts($mode, { width => $w, height => $h, rgb => $rgb }, "frame buffer at 0x$base");
		$vm->quit;
	});
	ok(!$r->{script_error}, "fb=high, paging=$mode") or trouble($r);
}
done_testing;
