# SPDX-License-Identifier: MIT
package PagewalkVM;
#
# One running QEMU: start with a hard time limit, watch its serial line, talk QMP, end.
#
# QMP goes over a socket pair that QEMU inherits, so there is no path to collide on.  Every
# wait here ends at the machine's time limit at the latest, and then the machine is killed
# by its own process id.
#
use strict;
use warnings;
use Errno;
use Fcntl;
use IO::Select;
use JSON::PP ();
use POSIX ':sys_wait_h';
use Socket;
use Time::HiRes qw(sleep time);
use Qemu;

my %running;
END { my $status = $?; kill 'KILL', keys %running if %running; $? = $status; }
$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);

# start(dir =>, limit => seconds, no_serial => 1, no_debugcon => 1, options of Qemu::command).
# typed => 1: somebody types on COM1 (type()); its log is kept as without.
sub start {
	my ($class, %o) = @_;
	my $self = bless { dir => $o{dir}, limit => $o{limit} // 120, seen => 0 }, $class;
	delete $o{limit};
	socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!\n";
	fcntl($theirs, F_SETFD, 0);
	my @extra = ('-chardev', 'socket,id=qmp,fd=' . fileno($theirs),
		'-mon', 'chardev=qmp,mode=control', @{ delete $o{extra} // [] });
	my $serial = delete $o{no_serial} ? 'none' : "file:$o{dir}/serial.log";
	$serial = $self->_line(\@extra) if delete $o{typed};
	my $debugcon = delete $o{no_debugcon} ? undef : "$o{dir}/debugcon.log";
	my @argv = Qemu::command(serial => $serial, debugcon => $debugcon, %o, extra => \@extra);
	main::spew("$o{dir}/command", join(' ', map { "'$_'" } @argv) . "\n") if main->can('spew');

	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$o{dir}/qemu.log";
		open STDERR, '>&', \*STDOUT;
		close $ours;
		exec(@argv) or print STDERR "";
		print "$argv[0]: $!\n";
		POSIX::_exit(127);
	}
	close $theirs;
	$running{$pid} = 1;
	@{$self}{qw(pid qmp started buffer)} = ($pid, $ours, time, '');
	return $self;
}

sub elapsed { return time - $_[0]{started} }
sub left { return $_[0]{limit} - $_[0]->elapsed }

# COM1 as two pipes, which hold more single bytes than a socket does.
sub _line {
	my ($self, $extra) = @_;
	my $path = "$self->{dir}/com1";
	for ("$path.in", "$path.out") {
		POSIX::mkfifo($_, 0600) or die "$_: $!\n";
	}
	# For both directions, so that nobody waits for the other end.
	sysopen $self->{keys}, "$path.in", O_RDWR | O_NONBLOCK or die "$path.in: $!\n";
	sysopen $self->{line}, "$path.out", O_RDWR | O_NONBLOCK or die "$path.out: $!\n";
	unshift @$extra, '-chardev', "pipe,id=com1,path=$path,logfile=$self->{dir}/serial.log";
	return 'chardev:com1';
}

# The serial line's own bytes go nowhere: the log has them.  Without this QEMU would wait.
sub _drain {
	my ($self) = @_;
	return unless $self->{line};
	1 while sysread $self->{line}, my $bytes, 65536;
	return;
}

# Type on the serial line; needs typed => 1.
sub type {
	my ($self, $text) = @_;
	while (length $text) {
		$self->_drain;
		my $n = syswrite $self->{keys}, $text;
		die "COM1: $!\n" if !defined $n && !$!{EAGAIN};
		die "nobody reads what is typed\n" if $self->left <= 0;
		defined $n ? substr $text, 0, $n, '' : sleep 0.02;
	}
	return;
}

# Has it ended?  Collects the status.
sub ended {
	my ($self) = @_;
	$self->_drain;
	return 1 if defined $self->{status};
	return 0 if waitpid($self->{pid}, WNOHANG) != $self->{pid};
	$self->{status} = $?;
	$self->{seconds} = $self->elapsed;
	delete $running{ $self->{pid} };
	return 1;
}

sub kill_now {
	my ($self) = @_;
	return if $self->ended;
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	$self->{status} = $?;
	$self->{seconds} = $self->elapsed;
	$self->{killed} = 1;
	delete $running{ $self->{pid} };
	return;
}

# Wait for the end or the limit; everything there is to know about the run.
sub finish {
	my ($self) = @_;
	until ($self->ended) {
		if ($self->left <= 0) {
			$self->{timed_out} = 1;
			$self->kill_now;
			last;
		}
		sleep 0.05;
	}
	eval { $self->_reply while 1 } if $self->{greeted} && !$self->{killed};
	my ($shutdown) = grep { $_->{event} eq 'SHUTDOWN' } @{ $self->{events} // [] };
	return {
		# guest-shutdown, guest-reset, ...: why QEMU ended; needs a talk over QMP before
		reason => $shutdown ? $shutdown->{data}{reason} : undef,
		events => $self->{events} // [],
		dir => $self->{dir}, limit => $self->{limit}, seconds => $self->{seconds},
		timed_out => $self->{timed_out}, killed => $self->{killed},
		script_error => $self->{script_error},
		exit => $self->{status} >> 8,
		signal => $self->{killed} ? 0 : $self->{status} & 127,
		serial => _read("$self->{dir}/serial.log"),
		debugcon => _read("$self->{dir}/debugcon.log"),
		stderr => _read("$self->{dir}/qemu.log"),
	};
}

sub _read {
	my ($path) = @_;
	open my $fh, '<:raw', $path or return '';
	local $/;
	return scalar(<$fh>) // '';
}

sub serial { return _read("$_[0]{dir}/serial.log") }
sub debugcon { return _read("$_[0]{dir}/debugcon.log") }

# Wait until the log (COM1, or port 0xE9 with log => 'debugcon') matches after the place
# of the previous match.  The matched text, or undef at the end, the limit or `seconds`.
sub wait_for {
	my ($self, $re, %o) = @_;
	my $until = time + ($o{seconds} // $self->left);
	my $which = $o{log} // 'serial';
	for (;;) {
		my $end = $self->ended;
		my $text = $self->$which;
		$text =~ s/\e\[[0-9;?]*[A-Za-z]//g;
		pos($text) = $self->{"seen_$which"} // 0;
		if ($text =~ /$re/g) {
			$self->{"seen_$which"} = pos $text;
			return $&;
		}
		return undef if $end || time > $until || $self->left <= 0;
		sleep 0.05;
	}
}

# As wait_for, but dies: for steps that a script cannot do without.
sub must_see {
	my ($self, $re, %o) = @_;
	return $self->wait_for($re, %o)
		// die sprintf("no %s in the log after %.0f s\n", $re, $self->elapsed);
}

# ---- QMP -----------------------------------------------------------------------------

my $json = JSON::PP->new->utf8;

sub _reply {
	my ($self) = @_;
	for (;;) {
		while ($self->{buffer} =~ s/^([^\n]*)\n//) {
			my $line = $1;
			next unless $line =~ /\S/;
			my $message = $json->decode($line);
			return $message unless $message->{event};
			push @{ $self->{events} }, $message;
		}
		my $wait = $self->left;
		die "QMP: no answer before the time limit\n" if $wait <= 0;
		next unless IO::Select->new($self->{qmp})->can_read($wait < 1 ? $wait : 1);
		my $n = sysread $self->{qmp}, $self->{buffer}, 65536, length $self->{buffer};
		die "QMP: QEMU is gone\n" unless $n;
	}
}

# One command; the value of "return".
sub qmp {
	my ($self, $command, %arguments) = @_;
	local $SIG{PIPE} = 'IGNORE';
	if (!$self->{greeted}) {
		$self->{greeted} = 1;
		$self->_reply;
		$self->_command('qmp_capabilities');
	}
	return $self->_command($command, %arguments);
}

sub _command {
	my ($self, $command, %arguments) = @_;
	my $text = $json->encode({ execute => $command, %arguments ? (arguments => \%arguments) : () });
	syswrite $self->{qmp}, "$text\n" or die "QMP: QEMU is gone\n";
	my $reply = $self->_reply;
	die "QMP $command: $reply->{error}{desc}\n" if $reply->{error};
	return $reply->{return};
}

# A command of the human monitor: `info registers`, `xp /4gx 0x1000`, `nmi`.
sub hmp { return $_[0]->qmp('human-monitor-command', 'command-line' => $_[1]) }

# Press keys one after the other: names as QEMU has them (down ret esc a shift-a).
sub keys_press {
	my ($self, @keys) = @_;
	for (@keys) {
		$self->qmp('send-key', keys => [map { { type => 'qcode', data => $_ } } split /-/]);
		sleep 0.25;
	}
	return;
}

# A picture of the screen: PPM as { width, height, rgb }, or written to `png`.
sub screen {
	my ($self) = @_;
	my $file = "$self->{dir}/screen.ppm";
	$self->qmp('screendump', filename => $file);
	return ppm($file);
}

sub screen_png { return $_[0]->qmp('screendump', filename => $_[1], format => 'png') }

sub ppm {
	my ($file) = @_;
	my $data = _read($file);
	$data =~ /\GP6\s+(\d+)\s+(\d+)\s+255\s/gc or die "$file: not a PPM\n";
	return { width => $1, height => $2, rgb => substr $data, pos $data };
}

sub nmi { return $_[0]->qmp('inject-nmi') }
sub quit { return eval { $_[0]->qmp('quit') } }

# Registers by name, as `info registers` prints them ({ CR0 => 0x80000011, EFER => ... }).
sub registers {
	my ($self) = @_;
	my $text = $self->hmp('info registers');
	my %r;
	$r{$1} = hex $2 while $text =~ /\b([A-Z][A-Z0-9]{1,5}|CR\d) *= *([0-9a-f]{3,16})\b/g;
	return \%r;
}

1;
