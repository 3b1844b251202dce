#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Tasks, looked at from outside.
# O1: programs are separate ELF files, and QEMU finds them in ring 3 with tables of their
# own.  O2: equal shares, under icount, where equal shares are equal loops.  M8: two tasks
# at one address; registers and physical memory confirm both values.  O10: the default path
# ends by itself on a machine without keyboard and serial line, or by a key.  K11: the
# usual split (`make splits`: the others).  And all rows on small and split memory.
use strict;
use warnings;
use List::Util 'max';
use PagewalkTest;
use PagewalkScreen;
use Time::HiRes qw(sleep time);

rows_here(qw(O1 O2 O10 M8 K11));

my %dir = (4 => 'x86_64', 2 => 'i386');
my %word = (4 => 8, 2 => 4);

sub number { no warnings 'portable'; return hex($_[0] =~ s/^0x//r) }

# ---- the machine as QEMU sees it -------------------------------------------------------

# CPL, CR3, instruction pointer of a machine that stands still.
sub processor {
	my ($vm) = @_;
	my $text = $vm->hmp('info registers');
	my ($cpl) = $text =~ /\bCPL=(\d)/;
	my ($cr3) = $text =~ /\bCR3=([0-9a-f]+)/;
	my ($ip) = $text =~ /\b[RE]IP=([0-9a-f]+)/;
	return { cpl => $cpl, cr3 => number($cr3), ip => number($ip) };
}

# Words of physical memory (xp), bytes of virtual memory (x).
sub physical {
	my ($vm, $mode, $at) = @_;
	my ($value) = $vm->hmp(sprintf 'xp /1%sx 0x%x', $mode == 4 ? 'g' : 'w', $at) =~ /: 0x([0-9a-f]+)/;
	return number($value // '0');
}

sub bytes_at {
	my ($vm, $at, $n) = @_;
	my $text = $vm->hmp(sprintf 'x /%dxb 0x%x', $n, $at);
	my @bytes;
	for my $line (split /\n/, $text) {
		push @bytes, $line =~ /0x([0-9a-f]{2})\b/g if $line =~ s/^[0-9a-f]+://;
	}
	return join '', map { chr hex } @bytes;
}

# The physical address behind a virtual one, by the tables at $cr3; undef: none.
sub translate {
	my ($vm, $mode, $cr3, $va) = @_;
	my @shift = $mode == 4 ? (39, 30, 21, 12) : (22, 12);
	my $mask = $mode == 4 ? (1 << 52) - 4096 : (1 << 32) - 4096;
	my $table = $cr3 & $mask;
	for my $shift (@shift) {
		my $index = ($va >> $shift) & ($mode == 4 ? 511 : 1023);
		my $entry = physical($vm, $mode, $table + $index * $word{$mode});
		return undef if ($entry & 5) != 5;		# present, and user may
		$table = $entry & $mask;
	}
	return $table + ($va & 0xfff);
}

# ---- M8: one address, two values --------------------------------------------------------

# Stop at random moments until each of the two was caught in ring 3.
sub look_at_two_tasks {
	my ($vm, $mode) = @_;
	my @task;
	for (1, 2) {
		my $line = $vm->must_see(qr/^# M8: pid=\d+ address=.*\n/m);
		my %t = map { my ($k, $v) = split /=/; $k => $v =~ /^0x/ ? number($v) : $v } $line =~ /(\w+=\w+)/g;
		push @task, \%t;
	}
	my (%caught, $stops);
	for ($stops = 0; $stops < 200 && keys %caught < 2; $stops++) {
		sleep 0.01;
		$vm->qmp('stop');
		my $cpu = processor($vm);
		for my $t (grep { $cpu->{cpl} == 3 && $_->{cr3} == $cpu->{cr3} } @task) {
			next if $caught{ $t->{pid} }++;
			# Both tasks' values are in their frames, whichever of them runs.
			for my $o (@task) {
				my $pa = translate($vm, $mode, $o->{cr3}, $o->{address});
				my $value = defined $pa ? physical($vm, $mode, $pa) : -1;
				my $good = defined $pa && $pa >> 12 == $o->{frame} && $value == $o->{value}
					&& physical($vm, $mode, ($o->{frame} << 12) + 4096 - $word{$mode}) == $o->{value};
				record_row('M8', $mode, $good, sprintf 'QEMU: pid %d runs in ring 3 with CR3 0x%x; at 0x%x pid %d has frame 0x%x, expected 0x%x, value 0x%x, expected 0x%x',
					$t->{pid}, $cpu->{cr3}, $o->{address}, $o->{pid}, ($pa // 0) >> 12, $o->{frame}, $value, $o->{value});
			}
		}
		$vm->qmp('cont');
	}
	record_row('M8', $mode, keys %caught == 2, sprintf '%d of 2 tasks caught in ring 3 with their own CR3 (0x%x, 0x%x) in %d stops',
		scalar keys %caught, $task[0]{cr3}, $task[1]{cr3}, $stops);
	return;
}

# ---- O1: the list of programs -------------------------------------------------------------

my %program;	# mode => name => hash

sub compare_programs {
	my ($mode, $run) = @_;
	my %seen;
	for (@{ $run->{info} }) {
		$seen{$1} = [$2, $3] if /^# O1: program (\S+) (\d+) ([0-9a-f]{64})$/;
	}
	my @wrong;
	for my $name (sort keys %seen) {
		my $file = $name eq 'busybox' ? busybox($mode) : "$O/$dir{$mode}/bin/$name";
		my ($hash) = -f $file ? qx(sha256sum '$file') =~ /^([0-9a-f]{64})/ : ();
		push @wrong, $name unless defined $hash && $hash eq $seen{$name}[1] && -s $file == $seen{$name}[0];
		$program{$mode}{$name} = $seen{$name}[1];
	}
	my @listed = map { split } slurp("$top/user/files.mk") =~ /^(?:libc-)?programs := (.*)/mg;
	push @listed, 'busybox' if -e "$O/busybox.cpio";
	my @missing = grep { !$seen{$_} } @listed;
	record_row('O1', $mode, keys %seen >= 12 && keys %seen == @listed && !@wrong && !@missing, sprintf '%d programs in /bin, expected %d, 12 or more; missing of user/files.mk: %s (expected none); SHA-256 or size differs from the built ELF%d file: %s',
		scalar keys %seen, scalar @listed, join(' ', @missing) || 'none', $mode == 4 ? 64 : 32, join(' ', @wrong) || 'none');
	return;
}

# ---- one boot for what can be counted -----------------------------------------------------

my @counted = wanted(qw(O1 O2 M8 K11));
if (@counted) {
	my $test = join ',', @counted;
	# 16 ns an instruction.  The tick comes more often, so 10,000 preemptions take seconds.
	my $r = boot(name => 'counted', quick(), paging => 'both', mem => '1G', icount => 4, timeout => 180,
		cmdline => "test=$test hz=2000 trace=65536", script => sub {
		my ($vm) = @_;
		$vm->qmp('query-status');
		return unless wanted('M8');
		look_at_two_tasks($vm, $_) for 4, 2;
	});
	is(verdict($r), 'passed', "rows $test under icount") or trouble($r);
	record_rows($r);
	if (wanted('O1')) {
		compare_programs($_->{paging}, $_) for @{ $r->{runs} };
		my @both = grep { $program{2}{$_} } sort keys %{ $program{4} };
		my @same = grep { $program{4}{$_} eq $program{2}{$_} } @both;
		record_row('O1', $_, @both >= 12 && !@same, sprintf '%d programs in both modes, expected 12 or more; the same file in both: %s (expected none)',
			scalar @both, join(' ', @same) || 'none') for 4, 2;
	}
	check_split($_, 3, $_->{paging} == 2) for wanted('K11') ? @{ $r->{runs} } : ();
}

# ---- O10 and O1: the default path -----------------------------------------------------------

# Where the file of a program has the code that runs at $ip: [offset in file, bytes].
my %elf;
sub program_at {
	my ($mode, $ip, $code) = @_;
	my $files = $elf{$mode} //= [map { { name => s{.*/}{}r, data => slurp($_) } } glob "$O/$dir{$mode}/bin/*"];
	for my $f (@$files) {
		my ($phoff, $size, $num) = $mode == 4 ? unpack 'x32 Q x14 v v', $f->{data} : unpack 'x28 V x10 v v', $f->{data};
		for my $i (0 .. $num - 1) {
			my $ph = substr $f->{data}, $phoff + $i * $size, $size;
			my ($type, $offset, $va, $filesz) = $mode == 4 ? unpack 'V x4 Q Q x8 Q', $ph : unpack 'V V V x4 V', $ph;
			next if $type != 1 || $ip < $va || $ip + length $code > $va + $filesz;
			return $f->{name} if substr($f->{data}, $offset + $ip - $va, length $code) eq $code;
		}
	}
	return undef;
}

# Stops at random moments: ring 3 means a program's own tables and code from its file.
sub look_at_programs {
	my ($vm, $mode) = @_;
	my ($image) = map { number($_) } $vm->serial =~ /\b$mode-level paging, image at 0x([0-9a-f]+)/;
	my $swapper = $image + 0x1000;
	my (%cr3, %name, $user, @wrong);
	for (1 .. 40) {
		sleep 0.05 + rand 0.05;
		$vm->qmp('stop');
		my $cpu = processor($vm);
		if ($cpu->{cpl} == 3) {
			my $name = program_at($mode, $cpu->{ip}, bytes_at($vm, $cpu->{ip}, 16));
			push @wrong, sprintf 'ip 0x%x with CR3 0x%x', $cpu->{ip}, $cpu->{cr3}
				if !defined $name || $cpu->{cr3} == $swapper;
			$name{$name}++ if defined $name;
			$cr3{ $cpu->{cr3} }++;
			$user++;
		}
		$vm->qmp('cont');
	}
	record_row('O1', $mode, keys %cr3 >= 2 && !@wrong, sprintf '%d of 40 stops in ring 3, with %d CR3s, expected 2 or more, none of them 0x%x; running %s; code or tables of no program: %s',
		$user // 0, scalar keys %cr3, $swapper, join(' ', sort keys %name), join(', ', @wrong) || 'none');
	return;
}

my $any_key = qr/init: \d+ programs for \d+ s; any key ends it/;
my $result = qr/^init: (\d+) programs, (\d+) of (\d+) that misbehaved were killed, (\d+) went wrong/m;

sub show_ended {
	my ($r, $what, $how, $log) = @_;
	my @ends = $log =~ /^init: (a key was pressed|the time is over|no program.*)$/mg;
	my @parts = $log =~ /$result/g;
	for my $mode (4, 2) {
		my $end = shift @ends // 'nothing';
		my ($programs, $killed, $crashes, $wrong) = splice @parts, 0, 4;
		record_row('O10', $mode, $r->{exit} == 33 && $end eq $how && ($programs // 0) >= 4 && !$wrong
			&& $killed == $crashes, sprintf '%s: ended by "%s", expected "%s"; exit %d, expected 33; %d programs, %d went wrong, %d of %d bad ones killed',
			$what, $end, $how, $r->{exit}, $programs // 0, $wrong // -1, $killed // 0, $crashes // -1) or trouble($r);
	}
	return;
}

# What a machine does by itself: every stop of the tour, which says how many there are, and the end.
sub default_ended {
	my ($r, $what, $visited, $log) = @_;
	$log =~ s/\e\[[0-9;?]*[A-Za-z]//g;
	my @tours = $log =~ /^tour: (\d+) of (\d+) stops visited: (\d+) ok, (\d+) not ok, (\d+) skipped$/mg;
	my @ends = $log =~ m{^(?:\[[^]]*\] )?init: /bin/init ended with status (\d+)$}mg;
	for my $mode (4, 2) {
		my ($seen, $all, $good, $bad, $skipped) = @tours ? splice(@tours, 0, 5) : (-1) x 5;
		my $status = shift @ends // -1;
		# Two stops need swap, one the data partition: nothing on the stick has a driver.
		my $without = defined $visited ? 0 : 3;
		record_row('O10', $mode, $r->{exit} == 33 && !$status && !$bad && $good + $skipped == $seen
			&& $skipped == $without && $seen == ($visited // $all), sprintf '%s: exit %d, expected 33; /bin/init ended with status %d; %d of %d stops visited, expected %s: %d ok, %d not ok, %d skipped, expected %d',
			$what, $r->{exit}, $status, $seen, $all, $visited // 'all', $good, $bad, $skipped, $without) or trouble($r);
	}
	return;
}

# The head of the console beside the picture, without its title: six rows of 8x16.  It is 78 columns
# wide: the limits of two windows of 64 bits have no room beside each other, their
# beginnings and sizes have.
sub head_ok {
	my ($picture, $mode, $log) = @_;
	my $width = $mode == 4 ? 16 : 8;
	my ($start, $end) = $log =~ /window +direct map +([0-9a-f]{$width})-([0-9a-f]{$width}) /;
	my $text = $mode == 2 ? "direct map  $start-$end"
		: sprintf 'direct map %s +%dM', $start, (number($end) + 1 - number($start)) >> 20;
	return ok(find_text(crop($picture, 0, 28, $picture->{width} / 2, 6 * 16), $text), "paging=$mode: beside the picture the head has \"$text\"");
}

# A shell in the tour's place, beside the picture; then the same question again.  The tour is the one of
# whoever has not been there.
my %beside;
sub shell_in_tour {
	my ($vm, $mode) = @_;
	$vm->keys_press('s');
	$vm->must_see(qr/^shell: `exit` leaves it; `kill \d+` ends the picture and makes room\r?\n.*pagewalk:\/# \z/ms);
	$vm->keys_press(qw(s t t y spc s i z e ret));
	$vm->must_see(qr/^\d+ 78\r?\n/m);
	$vm->keys_press(qw(p s spc minus o spc p i d comma c o m m ret));
	$vm->must_see(qr/^ *\d+ ps\r?\n/m);
	sleep 1;
	$vm->screen_png("$vm->{dir}/shell-$mode.png");
	$beside{$mode} = $vm->screen;
	$vm->keys_press(qw(ctrl-c ctrl-z q ret ctrl-d));
	$vm->must_see(qr/^shell: \/bin\/sh ended with status 127\r?\n/m);
	$vm->must_see(qr/^\[1 2 3: guess/m);
	return;
}

# With a shell beside the picture: how to leave it, room, and the picture alone until Ctrl-C.
my $title;
sub look_from_shell {
	my ($vm) = @_;
	$vm->keys_press('x');
	my ($pid) = $vm->must_see(qr/^shell: `exit` leaves it; `kill \d+` ends the picture and makes room/m) =~ /(\d+)/;
	$vm->must_see(qr/pagewalk:\/# \z/);
	$vm->keys_press(qw(k i l l spc), split(//, $pid), 'ret', qw(s t t y spc s i z e ret));
	$vm->must_see(qr/^\d+ 158\r?\n/m);
	$vm->keys_press(qw(p i c t u r e spc minus minus o n c e ret));
	$vm->must_see(qr/^picture: shown, until it is stopped/m);
	sleep 1;
	my $screen = $vm->screen;
	$title = find_text(crop($screen, 0, 0, $screen->{width}, 22), 'Ctrl-C ends it');
	$vm->keys_press('ctrl-c');
	$vm->must_see(qr/pagewalk:\/# \z/);
	$vm->keys_press(qw(e x i t ret));
	$vm->must_see(qr/^shell: \/bin\/sh ended with status/m);
	return;
}

if (wanted('O10')) {
	# Nothing but what README calls the whole installation.  It is idle for most of forty minutes, in which
	# only the tick costs something here.
	my $bare = stick(scratch('bare') . '/stick.img', remove => [grep { !/\.EFI\z/ } stick_files(image())]);
	my $r = boot(name => 'unattended', paging => 'both', machine => 'q35,i8042=off', no_serial => 1, vga => 'none',
		icount => 6, timeout => 180, stick => $bare, cmdline => 'hz=75');
	my $said = $r->{debugcon} =~ s/\r//gr;
	default_ended($r, 'no keyboard, no serial line, no screen, nobody there', undef, $said);
	is(scalar(() = $said =~ /^show: no shell: copy busybox\.cpio of the build to \\EFI\\pagewalk on the stick$/mg),
		2, 'no shell is offered where there is none, and that is no failure');
	unlike($said, qr/^shell:/m, 'and nobody is asked');

	$r = boot(name => 'programs', ovmf(), paging => 'both', machine => 'q35,i8042=off', no_serial => 1,
		icount => 6, timeout => 180, cmdline => 'init="/bin/init programs"');
	show_ended($r, 'seven programs, and nobody there', 'the time is over', $r->{debugcon} =~ s/\r//gr);

	# Somebody who has seen enough.
	my %screen;
	$r = boot(name => 'show', ovmf(), paging => 'both', timeout => 180, script => sub {
		my ($vm) = @_;
		for my $mode (4, 2) {
			$vm->must_see(qr/show: the tour of the book, beside the live picture/);
			$vm->must_see(qr/1 2 3: guess/);
			sleep 2;
			$vm->screen_png("$vm->{dir}/screen-$mode.png");
			$screen{$mode} = $vm->screen;
			shell_in_tour($vm, $mode);
			$vm->keys_press('q');
			$vm->must_see(qr/shell: press a key/);
			look_from_shell($vm) if $mode == 4;
		}
	});
	default_ended($r, 'q after the first look', 0, $r->{serial} =~ s/\r//gr);
	head_ok($screen{$_}, $_, $r->{serial}) for grep { $screen{$_} } 4, 2;
	ok($beside{$_} && find_text(crop($beside{$_}, 0, 0, $beside{$_}{width} / 2, $beside{$_}{height}), 'ps -o pid,comm'),
		"paging=$_: the shell is in the tour's half") for 4, 2;
	is(join(' ', map { /^--- \d+\/\d+  (\S+)/ } PagewalkTest::clean_lines($r->{serial})), '5.0 5.0 5.0 5.0', 'and then the tour is where it was');
	# The title's line is as long as the pane beside the picture allows: 78 columns, and one stays free.
	my @tour = split /^show: the tour of the book/m, join "\n", PagewalkTest::clean_lines($r->{serial});
	is(join(' ', map { max(map { length } split /\n/, s/^tour: .*//msr) } @tour[1 .. $#tour]), '77 77',
		'the longest line of each tour') or diag(@tour);
	# A picture that does not come, and one that ends at once.
	my $dir = scratch('others');
	my $others = "$dir/others.cpio";
	must("$top/tools/mkinitramfs", $others, "x86_64/bin/picture=$O/x86_64/bin/sleeper", "i386/bin/picture=$O/i386/bin/hello");
	my $q = boot(name => 'no-picture', ovmf(), paging => 'both', cmdline => 'test=off init="/bin/show seconds=0 key=0"',
		stick => stick("$dir/stick.img", add => { 'EFI/pagewalk/others.cpio' => \$others }));
	is($q->{exit}, 33, 'without a picture the tour goes on') or trouble($q);
	is_deeply([grep { /^show: .*picture.*: on/ } PagewalkTest::clean_lines($q->{serial})],
		['show: the picture is not there after 5 s: on without it', 'show: there is no picture: on without it'],
		'and a line says why');
	ok($title, 'the title bar of the picture on all of the screen says how to leave it') or trouble($r);
}

if (wanted(qw(O10 O1))) {
	my $r = boot(name => 'keys', ovmf(), paging => 'both', cmdline => 'screen=800x600 init="/bin/init programs"', timeout => 180, script => sub {
		my ($vm) = @_;
		for my $mode (4, 2) {
			$vm->must_see($any_key);
			look_at_programs($vm, $mode) if wanted('O1');
			sleep 2;
			$vm->screen_png("$vm->{dir}/screen-$mode.png");
			$vm->keys_press('spc');
			$vm->must_see(qr/init: (a key was pressed|the time is over)/);
		}
	});
	show_ended($r, 'a key of the PS/2 keyboard', 'a key was pressed', $r->{serial} =~ s/\r//gr) if wanted('O10');
}

# ---- K11: the split ---------------------------------------------------------------------------

sub check_split {
	my ($run, $gib, $ram) = @_;
	my $mode = $run->{paging} // 0;
	my $line = $run->{rows}{K11}{line} // 'no row K11';
	my ($offset, $task, $low) = $line =~ /PAGE_OFFSET 0x([0-9a-f]+), TASK_SIZE 0x([0-9a-f]+), direct map (\d+) MiB/;
	my $at = $mode == 4 ? 'ffff888000000000' : sprintf '%x', $gib << 30;
	my $end = $mode == 4 ? '7ffffffff000' : $at;
	my $good = ($offset // '') eq $at && ($task // '') eq $end;
	$good &&= $low == 4096 - $gib * 1024 - 128 if $ram;
	return record_row('K11', $mode, $good && $run->{rows}{K11}{ok}, sprintf 'SPLIT=%d: expected PAGE_OFFSET 0x%s, TASK_SIZE 0x%s%s; the kernel says: %s',
		$gib, $at, $end, $ram ? ', direct map ' . (4096 - $gib * 1024 - 128) . ' MiB' : '', $line);
}

# A stick whose i386 kernel has another split; all else is taken from the build as it is.
sub split_stick {
	my ($gib) = @_;
	my $dir = scratch("split$gib");
	# Times are kept, so only what depends on the split is made again.
	sh('sh', '-c', "cd '$O' && cp -a --parents x86_64 efi gen i386/user i386/bin trampoline.* *64.elf* initramfs.* '$dir'");
	my ($status, $text) = sh('make', '-s', '-C', $top, "O=$dir", "SPLIT=$gib", "DEBUGINFO=-g0", "$dir/BOOTX64.EFI");
	is($status, 0, "SPLIT=$gib builds") or diag(substr $text, -3000), return;
	my $s = elf_symbols("$dir/i386/pagewalk.elf");
	is($s->{_head}, $gib << 30, sprintf 'SPLIT=%d: linked at 0x%x', $gib, $gib << 30);
	($status, $text) = sh("$top/disk/mkimage", "$dir/split.img", "EFI/BOOT/BOOTX64.EFI=$dir/BOOTX64.EFI");
	is($status, 0, "SPLIT=$gib: a stick with it") or diag($text);
	return "$dir/split.img";
}

if (wanted('K11')) {
	# More RAM than the direct map has room for, below 4 GiB.  Each costs a build, hence `make splits`.
	my %machine = (2 => ['q35', '2G'], 1 => ['pc', '3400M']);
	for my $gib (split ' ', $ENV{SPLITS} // '') {
		my $stick = split_stick($gib) // next;
		my ($machine, $mem) = @{ $machine{$gib} };
		my $r = boot(name => "split-$gib", uboot(), paging => 2, stick => $stick, machine => $machine, mem => $mem,
			cmdline => 'test=K2,K11,K14,H1');
		is(verdict($r), 'passed', "SPLIT=$gib") or trouble($r);
		record_rows($r);
		# U-Boot gives this much RAM to programs, and part of the addresses to devices.
		like($r->{serial}, qr/the firmware put its registers to \w+, where RAM is: device not used/,
			"SPLIT=$gib: no registers in RAM") if $mem eq '3400M';
		check_split($_, $gib, 1) for @{ $r->{runs} };
		PagewalkTest::remove_tree("$r->{dir}/../split$gib") if verdict($r) eq 'passed';
	}
}

# ---- all rows on other memories ----------------------------------------------------------------

# All but K16, whose workload of 10 seconds is the same on any memory (boot-rows.t has it).  Of 64 MiB
# OVMF leaves no room for the archive with M6's program; U-Boot does, and has no frame buffer for F13.
my %rows = kernel_rows();
my @memory = (
	['64M', [qw(K16 F13)], uboot(), mem => '64M'],
	['lowmem-48M', ['K16'], mem => '512M', cmdline => 'lowmem=48M'],
);
for (rows_wanted() ? () : @memory) {
	my ($name, $without, %o) = @$_;
	my %without = map { $_ => 1 } @$without;
	my $rows = join ' ', sort grep { $rows{$_} && !$without{$_} } keys %rows;
	$o{cmdline} = join ' ', 'test=all,' . join(',', map { "-$_" } @$without), $o{cmdline} // ();
	my $r = boot(name => $name, paging => 'both', timeout => 400, %o);
	is(verdict($r), 'passed', "$name: $o{cmdline}") or trouble($r);
	is(join(' ', sort @{ $_->{order} }), $rows, "$name, mode $_->{paging}: all rows ran, only @$without did not")
		for @{ $r->{runs} };
	record_rows($r);
}
done_testing;
