#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The shell: somebody types on the serial line, in both modes, and sees exactly what he would
# see on Linux (SHELL).  Job control, line editing, the tools and the /proc files that they read,
# vi, mounts, swap; and the keyboard with its layouts.  The table of tasks is in nobody's way.
use strict;
use warnings;
use PagewalkTest;
use PagewalkScreen;

rows_here('SHELL');
plan(skip_all => 'no BusyBox: make deps') unless -e "$O/busybox.cpio";


sub page_down { my ($n) = @_; return $n - $n % 4096 }
sub page_up { my ($n) = @_; return page_down($n + 4095) }

# What maps must say of the file: start, end, rights, offset; and where the heap begins.
sub regions_of {
	my ($file) = @_;
	my ($status, $text) = sh('readelf', '-lW', $file);
	my (@regions, $bss, @relro);
	for (split /\n/, $text) {
		my ($type, @n) = /^\s+(LOAD|GNU_RELRO)\s+(0x\w+)\s+(0x\w+)\s+0x\w+\s+(0x\w+)\s+(0x\w+)\s+(.{3})/ or next;
		my ($offset, $at, $size, $memory) = map { hex } @n[0 .. 3];
		my $rights = join '', map { $n[4] =~ /$_->[0]/ ? $_->[1] : '-' } ['R', 'r'], ['W', 'w'], ['E', 'x'];
		if ($type eq 'GNU_RELRO') {
			@relro = (page_down($at), page_down($at + $memory));
			next;
		}
		push @regions, [page_down($at), page_up($at + $size), "${rights}p", page_down($offset)];
		$bss = page_up($at + $memory) if $memory > $size;
	}
	# The C library takes the right to write away from what was relocated.
	my $data = pop @regions;
	push @regions, [$relro[0], $relro[1], 'r--p', $data->[3]],
		[$relro[1], $data->[1], $data->[2], $data->[3] + $relro[1] - $data->[0]];
	return map { sprintf '%08x-%08x %s %08x', @$_ } @regions;
}

# ---- typing ------------------------------------------------------------------------------

my ($vm, $mode);

# Nothing here takes long.
sub see {
	my ($re) = @_;
	return $vm->must_see($re, seconds => 20 * ($ENV{PAGEWALK_SLOW} // 1));
}

# What appears up to the next prompt, and the status that the prompt shows.
sub answer {
	my $text = see(qr/.*?\@\d+> \z/s);
	$text =~ s/\r//g;
	my ($out, $status) = $text =~ /\A(.*?)\@(\d+)> \z/s;
	return ($out, $status);
}

# Type a line; what it prints, without the line itself, and its status.
sub run {
	my ($line) = @_;
	$vm->type("$line\r");
	my ($out, $status) = answer();
	$out =~ s/\A[^\n]*\n//;
	return ($out, $status);
}

sub says {
	my ($line, $out, $name, $status) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @seen = run($line);
	return is_deeply([@seen], [$out, $status // 0], "paging=$mode: $name");
}

# ---- what is tried -----------------------------------------------------------------------

sub language {
	says('echo $((6 * 7)); false', "42\n", 'arithmetic and status', 1);
	says('(exit 3)', '', 'status of a subshell', 3);
	says('for i in 3 1 2; do echo $i; done | sort -n | tail -1', "3\n", 'a pipeline of three');
	$vm->type("cat <<E | tr a-z A-Z\r");
	see(qr/^> /m);
	$vm->type("here\r");
	see(qr/^> \z/m);
	says('E', "HERE\n", 'a here-document');
	says('ls / | wc -l', "10\n", 'names in /');
	says('sh -c "kill -9 \$\$"', "Killed\n", 'killed', 137);
}

sub jobs {
	run('sleep 77 &');
	my ($pid) = (run('echo $!'))[0] =~ /(\d+)/;
	says('jobs', "[1]+  Running                    sleep 77\n", 'jobs');
	says("kill -STOP %1; usleep 100000; cut -d' ' -f3 /proc/$pid/stat", "T\n[1]+  Stopped (signal)           sleep 77\n",
		'stopped by a signal');
	$vm->type("fg\r");
	see(qr/^sleep 77\r?\n/m);
	select undef, undef, undef, 0.5;
	$vm->type("\032");
	is_deeply([answer()], ["^Z[1]+  Stopped                    sleep 77\n", 148], "paging=$mode: ^Z");
	says('bg', "[1] sleep 77\n", 'bg');
	my ($stat) = run("cut -d' ' -f1,3,5-8 /proc/$pid/stat /proc/self/stat");
	my ($cut) = $stat =~ /\n(\d+)/;
	is($stat, "$pid S $pid " . shell_pid() . " 1025 $cut\n$cut R $cut " . shell_pid() . " 1025 $cut\n",
		"paging=$mode: which group is in the foreground");
	$vm->type("fg\r");
	see(qr/^sleep 77\r?\n/m);
	select undef, undef, undef, 0.5;
	$vm->type("\003");
	is_deeply([answer()], ["^C\n", 130], "paging=$mode: ^C");
	says('jobs', '', 'no job is left');
	run('cat &');
	says('usleep 200000; jobs', "[1]+  Stopped (tty input)        cat\n", 'who reads in the background is stopped');
	says('kill %1; usleep 200000; jobs', "[1]+  Stopped (tty input)        cat\n", 'a signal waits for it');
	says('fg', "cat\nTerminated\n", 'until it goes on', 143);
	run('stty tostop; echo hidden &');
	says('usleep 200000; stty -tostop; jobs', "[1]+  Stopped (tty output)       echo hidden\n",
		'who writes, with tostop');
	says('fg', "echo hidden\nhidden\n", 'goes on in the foreground');
}

my $shell_pid;
sub shell_pid {
	return $shell_pid;
}

sub editing {
	says('echo one', "one\n", 'a command');
	$vm->type("\e[A\r");
	my ($out) = answer();
	like($out, qr/one\n\z/, "paging=$mode: arrow up brings it back");
	$vm->type("echo ac\e[Db\r");
	($out) = answer();
	like($out, qr/\nabc\n\z/, "paging=$mode: arrow left goes into the line");
	$vm->type("echo lost\003");
	is((answer())[1], 130, "paging=$mode: ^C leaves the line");
	$vm->type("vi /tmp/f\r");
	see(qr/\/tmp\/f.*1\/1/s);
	$vm->type("ione two\rthree\e");
	see(qr/three/);
	select undef, undef, undef, 0.5;	# ESC alone, not the beginning of a key
	$vm->type("kdwx:wq\r");
	answer();
	says('cat /tmp/f', "one\nthree\n", 'vi');
}

sub files {
	says('dd if=/dev/zero of=/tmp/z bs=4k count=100 2>/dev/null; cp /tmp/z /tmp/y; cmp /tmp/z /tmp/y && wc -c </tmp/y',
		"409600\n", 'dd, cp, cmp');
	says('rm /tmp/*; ls /tmp | wc -l', "0\n", 'rm');
	says('find /etc -type f | sort', "/etc/group\n/etc/passwd\n/etc/profile\n/etc/shrc\n", 'find');
	says('ls -ld /etc /bin/sh | tr -s " " | cut -d" " -f1,3,4,9-', "lrwxrwxrwx root root /bin/sh -> busybox\ndrwxr-xr-x root root /etc\n",
		'ls -l');
	says('mount -t tmpfs -o size=10M tmpfs /mnt; df /mnt | tail -1 | tr -s " "; umount /mnt',
		"tmpfs 10240 0 10240 0% /mnt\n", 'the example of doc/shell.md');
	says('mount -t tmpfs -o size=1M tmpfs /mnt; grep mnt /proc/mounts; df /mnt | tail -1 | tr -s " "',
		"tmpfs /mnt tmpfs rw 0 0\ntmpfs 1024 0 1024 0% /mnt\n", 'mount of a tmpfs');
	says('dd if=/dev/zero of=/mnt/big bs=64k 2>&1 | head -1; wc -c </mnt/big',
		"dd: error writing '/mnt/big': No space left on device\n1048576\n", 'it has its limit');
	says('cd /mnt; umount /mnt 2>&1; cd /', "umount: can't unmount /mnt: Device or resource busy\n", 'it is in use');
	says('umount /mnt; ls /mnt | wc -l', "0\n", 'umount');
	says('mount -t proc proc /mnt; cat /mnt/self/comm; umount /mnt', "cat\n", 'another /proc');
}

sub tools {
	says("free | awk 'NR == 2 { print \$2 }'; awk '/MemTotal/ { print \$2 }' /proc/meminfo", total() x 2, 'free');
	my ($out) = run('top -b -n1');
	my ($used, $free) = $out =~ /^Mem: (\d+)K used, (\d+)K free,/;
	is(($used // 0) + ($free // 0) . "\n", total(), "paging=$mode: top counts all memory");
	my @rows = $out =~ /^ +(\d+) .* \Q-sh\E$/mg;
	is("@rows", shell_pid(), "paging=$mode: and shows the shell");
	# By then the shell waits for both.
	($out) = run("sh -c 'sleep 0.3; exec ps -o pid,ppid,pgid,tty,stat,comm' | tail -3");
	my @ps = map { [split ' '] } split /\n/, $out;
	my $ps = $ps[1][0] // 0;
	is_deeply($ps[0], [shell_pid(), shell_pid() - 1, shell_pid(), '4,1', 'S', 'sh'], "paging=$mode: ps, the shell")
		or diag($out);
	is_deeply($ps[1], [$ps, shell_pid(), $ps, '4,1', 'R', 'ps'], "paging=$mode: ps itself");
	my $late = time - (run('date +%s'))[0];
	ok($late >= -2 && $late <= 60, "paging=$mode: the date is that of the firmware's clock, $late s late");
	says('uptime | sed "s/.*load/load/; s/[0-9]/N/g"', "load average: N.NN, N.NN, N.NN\n", 'uptime');
	says(q{sh -c 'sleep 0.3; exec cut -d" " -f4 /proc/loadavg'}, "1/" . tasks() . "\n", 'who runs');
	says('awk "/vda/ { print \$3, \$4 }" /proc/partitions',
		"237568 vda\n63488 vda1\n40960 vda2\n131072 vda3\n", 'partitions');
	my ($disk) = run('grep "^vda " /proc/pagewalk/disks');
	my @counts = $disk =~ /reads (\d+) read_sectors (\d+) writes (\d+) write_sectors (\d+)/;
	says('awk "/ vda / { print NF, \$4, \$6, \$8, \$10 }" /proc/diskstats', "20 @counts\n", 'diskstats');
	says('grep -c "lapic timer" /proc/interrupts', "1\n", 'interrupts');
	says('dmesg | grep -c "i8042: keyboard controller found"', "1\n", 'dmesg');
	says('swapon /dev/vda3; free | awk "/Swap/ { print \$2, \$3 }"; swapoff /dev/vda3; free | awk "/Swap/ { print \$2 }"',
		"131068 0\n0\n", 'swapon and swapoff');
	says('sleep 9 & until pidof sleep >/dev/null; do usleep 10000; done; pidof sleep | wc -w; killall sleep; wait', "1\n[1]+  Terminated                 sleep 9\n", 'pidof, killall');
	says('nice=$(renice -n 5 -p $$; cut -d" " -f19 /proc/$$/stat); renice -n -5 -p $$; echo $nice', "5\n", 'renice');
}

sub total { return (run("awk '/MemTotal/ { print \$2 }' /proc/meminfo"))[0] }
sub tasks { return scalar grep { /^\d+$/ } split ' ', (run('ls /proc'))[0] }

sub maps {
	my @file = regions_of(busybox($mode));
	my @maps = split /\n/, (run('cat /proc/self/maps'))[0];
	my (%where, @seen);
	for (@maps[0 .. $#file]) {
		my ($head, $where) = ($_ // '') =~ m{^(\S+ \S+ \S+) (\S+ \d+) +/bin/busybox$};
		push @seen, $head;
		$where{$where // 'none'}++;
	}
	is_deeply(\@seen, \@file, "paging=$mode: the file's regions, as its headers say");
	is(scalar keys %where, 1, 'all of one file');
	my ($last) = $file[-1] =~ /-(\w+)/;
	my @rest = @maps[@file .. $#maps];
	like($rest[0] // '', qr/^$last-[0-9a-f]{8} rw-p 00000000 00:00 0 +\[heap\]$/, 'bss and heap in one');
	like($rest[-1] // '', qr/^[0-9a-f]+-[0-9a-f]+ rw-p 00000000 00:00 0 +\[stack\]$/, 'the stack is the last');
	is(scalar(grep { !/^[0-9a-f]{8,12}-[0-9a-f]{8,12} rw-p 00000000 00:00 0 *(\[heap\]|\[stack\])?$/ } @rest), 0,
		'what is left is memory of its own');
}

# The same keys of the keyboard, read with each layout.
sub layouts {
	my %typed = (
		us => ['yz;\'[-', [qw(y z semicolon apostrophe bracket_left minus)]],
		de => ['zyöäüß@Z', [qw(y z semicolon apostrophe bracket_left minus alt_r-q shift-y)]],
		fr => ['azéàm1', [qw(q w 2 0 semicolon shift-1)]],
	);
	for (qw(de fr us)) {
		my ($text, $keys) = @{ $typed{$_} };
		run("keymap $_");
		$vm->type("read -r x; echo \"<\$x>\"\r");
		see(qr/<\$x>"\r?\n/);
		select undef, undef, undef, 0.5;	# until the shell has given the terminal's echo back
		$vm->keys_press(@$keys, 'ret');
		my ($out) = answer();
		is($out, "$text\n<$text>\n", "paging=$mode: keymap $_");
	}
	says('keymap', "[us] de fr\n", 'the layout in force');
	says('keymap xx', "keymap: no layout xx; there are: [us] de fr\n", 'no such layout', 1);
}

sub nested {
	says('shell seconds=1', "shell: press a key within 1 s for a shell\nshell: no key: the run goes on\n", 'nobody presses a key');
	says('shell now /bin/sh -c "tty; exit 3"', "/dev/console\nshell: /bin/sh ended with status 3\n", 'a shell of the shell');
	says('shell now /bin/sh -c "shell now /bin/true" >/dev/null', '', 'a shell in a shell of the shell');
	says('cut -d" " -f5-7 /proc/$$/stat', sprintf("%d %d 1025\n", (shell_pid()) x 2), 'the terminal comes all the way back');
	my ($out, $status) = run('shell soon');
	is_deeply([$out =~ /^(shell: soon:)/, $status], ['shell: soon:', 2], "paging=$mode: bad argument");
	($out, $status) = run('shell picture=0 now');
	is_deeply([$out =~ /^(shell: picture=0:)/, $status], ['shell: picture=0:', 2], "paging=$mode: no process");
	my $beside = sub { return "sh -c 'shell now picture=$_[0] </dev/null' 2>&1 | head -1" };
	says($beside->('$PPID'), "shell: `exit` leaves it; `kill " . shell_pid() . "` ends the picture and makes room\n", 'beside a picture');
	says($beside->(77), "shell: `exit` leaves it\n", 'beside one that has ended');
	says('shell now /bin/none', "shell: /bin/none cannot be started: error 2\n", 'no such program', 1);
	terminal_comes_back();
}

# Who was in the foreground may read again: the shell does not take the terminal back in between.
sub terminal_comes_back {
	$vm->type("sh -c 'shell now /bin/true; read x; echo \"<\$x>\"'\r");
	see(qr/^shell: \/bin\/true ended with status 0\r?\n/m);
	$vm->type("mine\r");
	return if is_deeply([answer()], ["mine\n<mine>\n", 0], "paging=$mode: the terminal is that of the job again");
	# What was typed was a command for the shell, and its prompt comes once more.
	$vm->wait_for(qr/\@\d+> \z/s, seconds => 3);
	run('kill -9 %1; wait');
	return;
}

sub session {
	$vm->must_see(qr/press a key within 20 s for a shell/, seconds => 90);
	$vm->type('x');
	see(qr/^shell: `exit` leaves it\r?\n/m);
	see(qr/pagewalk:\/# \z/);
	$vm->type("PS1='\@\$?> '; stty rows 30 cols 160\r");
	answer();
	($shell_pid) = (run('echo $$'))[0] =~ /(\d+)/;
	language();
	jobs();
	editing();
	files();
	tools();
	maps();
	nested();
	layouts();
	$vm->type("exit 127\r");
	ok(see(qr/shell: \/bin\/sh ended with status 127\r?\n/), "paging=$mode: leaving the shell");
	return;
}

# The row of a mode: all that is tried.
sub session_row {
	my $before = Test::More->builder->current_test;
	my $done = eval { session(); 1 };
	my $why = $@;
	my @seen = (Test::More->builder->details)[$before .. Test::More->builder->current_test - 1];
	my @other = map { $_->{name} } grep { !$_->{ok} } @seen;
	record_row('SHELL', $mode, $done && !@other, join '; ', sprintf('%d of %d answers are those of Linux', @seen - @other,
		scalar @seen), @other, $done ? () : "then $why");
	die $why unless $done;
	return;
}

my $r = boot(name => 'shell', quick(), paging => 'both', mem => '256M', timeout => 300, typed => 1,
	cmdline => 'test=off loglevel=4 init=/bin/shell', script => sub {
	($vm) = @_;
	for (4, 2) {
		$mode = $_;
		session_row();
	}
});
is($r->{exit}, 33, 'the run ends with its verdict') or trouble($r);

# What follows proves no row.
done_testing, exit if rows_wanted();

# ---- the table of tasks --------------------------------------------------------------------

# A line that is typed on the keyboard, slowly: the table that comes every five seconds is neither
# on the serial line nor does it end the line on the screen, but before and after the shell it comes.
my $table = qr/^# \d+ tasks, \d+ MiB free, up \d+ s\r?\n/m;
sub type_slowly {
	($vm) = @_;
	$vm->must_see(qr/press a key within 60 s for a shell/, seconds => 90);
	ok(see($table), 'the table comes on the serial line while nobody has the terminal');
	$vm->type('x');
	see(qr/pagewalk:\/# \z/);
	$vm->type("PS1='\@\$?> '\r");
	answer();
	select undef, undef, undef, 0.5;	# until the shell reads keys
	$vm->keys_press(qw(e c h o spc h e l l));
	sleep 6;
	$vm->keys_press(qw(o spc w));
	ok(find_text($vm->screen, 'echo hello w'), 'a pause does not end the line on the screen');
	$vm->keys_press('ret');
	# The screen answers for the keyboard where its cursor is, and the prompt is written once more.
	is((answer())[0] =~ s/\A\@0> //r, "echo hello w\nhello w\n", 'nor does anything come between on the serial line');
	$vm->type("exit\r");
	see(qr/shell: \/bin\/sh ended with status 0\r?\n/);
	ok(see($table), 'it goes on when the shell has ended');
	return;
}

my $dir = scratch('slowly-stick');
my $first = spew("$dir/first", "#!/bin/sh\n/bin/shell seconds=60\nsleep 7\n");
chmod 0755, $first;
my $cpio = "$dir/first.cpio";
must("$top/tools/mkinitramfs", $cpio, "common/bin/first=$first");
$r = boot(name => 'slowly', ovmf(), paging => 4, timeout => 180, typed => 1,
	stick => stick("$dir/stick.img", add => { 'EFI/pagewalk/first.cpio' => \$cpio }),
	cmdline => 'init=/bin/first', script => \&type_slowly);
is($r->{exit}, 33, 'this one, too') or trouble($r);

# The shell as the first program.  What BusyBox asks process 1 for, in a script, too; what was written is
# on the disk.  (U-Boot has no ACPI tables, and so no way to switch the machine off.)
sub ends_by {
	my ($paging, $what, $reason, @firmware) = @_;
	my $disk = stick(scratch("$what-$paging-stick") . '/stick.img');
	my $r = boot(name => "$what-$paging", @firmware, paging => $paging, typed => 1, stick => $disk, writable => 1,
		cmdline => 'test=off loglevel=4 init=/bin/sh', script => sub {
		my ($first) = @_;
		$first->qmp('query-status');
		$first->must_see(qr/pagewalk:\/# \z/);
		$first->type("kill -HUP 1; echo $what >/data/kept; sh -c '$what; sleep 9'\r");
		return if $reason;
		$first->must_see(qr/asked for a halt: no verdict/);
		select undef, undef, undef, 0.5;
		is($first->hmp('info registers') =~ /FL=(\w+).* HLT=1/s ? hex($1) & 0x200 : 'it runs', 0,
			"paging=$paging: it stands still, for ever");
		$first->quit;
	});
	is($r->{reason}, $reason // 'host-qmp-quit', "paging=$paging: $what in a script of init=/bin/sh") or trouble($r);
	my %asked = (poweroff => 'power off', reboot => 'a restart', halt => 'a halt');
	is_deeply([$r->{serial} =~ /^# (.*) asked for (.*): no verdict\r?$/mg], [($r->{serial} =~ /^# ($what\[\d+\]) asked/m)[0] // 'nobody', $asked{$what}],
		'who ends the run, and how');
	is((sh('mtype', '-i', "$disk\@\@" . gpt($disk)->{parts}[1]{first} * 512, '::/kept'))[1], "$what\n", 'with everything written');
	return;
}
ends_by(4, 'poweroff', 'guest-shutdown', ovmf());
ends_by(2, 'poweroff', 'guest-shutdown', ovmf());
ends_by(4, 'halt', undef, quick());
ends_by(2, 'reboot', 'guest-reset', quick());
done_testing;
