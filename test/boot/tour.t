#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The tour: a stop for each heading of the book's chapter and each paragraph of the other sources,
# each of them ends in `ok`, in both modes, on a machine that has all that they need.  The
# transcript is what was shown; one stop by its section; errors that help.  With four levels
# also by keys and by time alone.
use strict;
use warnings;
use PagewalkTest;
use Time::HiRes 'sleep';

rows_here('TOUR');

# The headings of Gorman's chapter 5, as its table of contents has them.
my @headings = (
	['5.0', 'Process Address Space'], ['5.1', 'Linear Address Space'],
	['5.2', 'Managing the Address Space'], ['5.3', 'Process Address Space Descriptor'],
	['5.4', 'Memory Regions'], ['5.4.1', 'File/Device backed memory regions'],
	['5.4.2', 'Creating A Memory Region'], ['5.4.3', 'Finding a Mapped Memory Region'],
	['5.4.4', 'Finding a Free Memory Region'], ['5.4.5', 'Inserting a memory region'],
	['5.4.6', 'Merging contiguous regions'], ['5.4.7', 'Remapping and moving a memory region'],
	['5.4.8', 'Locking a Memory Region'], ['5.4.9', 'Unlocking the region'],
	['5.4.10', 'Fixing up regions after locking'], ['5.4.11', 'Deleting a memory region'],
	['5.4.12', 'Deleting all memory regions'], ['5.5', 'Exception Handling'],
	['5.6', 'Page Faulting'], ['5.6.1', 'Handling a Page Fault'], ['5.6.2', 'Demand Allocation'],
	['5.6.3', 'Demand Paging'], ['5.6.4', 'Copy On Write (COW) Pages'],
	['5.7', 'Copying To/From Userspace'],
);
# What the others have paragraphs about, in their order; W and I are the two halves of a page.
my @paragraphs = (
	(map { "K.$_" } 1 .. 4),	# shared tables; mm_struct; links: kernel allocation, swapping
	(map { "W.$_" } 1 .. 15),	# the definition ... what the structures are good for
	(map { "I.$_" } 1 .. 9),	# riel's answers, up to the example
	(map { "A.$_" } 1 .. 6),	# the chapter's purpose, 4.1, its four points
);
my @sections = ((map { $_->[0] } @headings), @paragraphs);

# ---- the run -----------------------------------------------------------------------------

my $busybox = "$O/busybox.cpio";
-e $busybox or sh('make', '-s', $busybox);
my $script = scratch('script') . '/tour.cpio';
sh('tools/mkinitramfs', $script, 'common/bin/tour-try=test/boot/tour.sh');
my $stick = stick(scratch('stick') . '/stick.img',
	add => { 'EFI/pagewalk/busybox.cpio' => \$busybox, 'EFI/pagewalk/tour.cpio' => \$script });

my $waits;		# for whoever has guessed, longer than the clock would let him read

# A guess that is right, one that is not, back, on, on, and away: five stops are seen.
sub press_keys {
	my ($vm) = @_;
	my $answer = sub { $vm->must_see(qr/^\[1 2 3: guess/m); $vm->keys_press($_[0]) };
	my $go_on = sub { $vm->must_see(qr/^\[Enter: next/m); $vm->keys_press($_[0]) };
	$vm->must_see(qr/^tour-test: keys/m);
	$answer->('p');
	$vm->must_see(qr/^\(the clock stands still/m);
	$vm->keys_press('3');	# 5.4: right
	$go_on->('ret');
	$answer->('1');		# 5.4.6: wrong
	$go_on->('b');
	$answer->('spc');	# 5.4 again: no guess
	$go_on->('right');
	$answer->('2');		# 5.4.6: right
	$go_on->('n');
	$answer->('q');		# 5.4.10: away
	$vm->must_see(qr/^tour-test: clock/m);
	$answer->('3');
	$vm->must_see(qr/^\[Enter: next/m);
	sleep 6;
	$waits = $vm->serial !~ /^tour-test: clock.*5\.4\.6/ms;
	$vm->keys_press('ret');
	$answer->('q');
	return;
}

# A shell while the answer is read, with a job that stays and keys that it has not read; one in the place of a
# question, which is killed; and one that goes on after /bin/shell.  What they make of ^C and ^Z is their own affair.
sub use_shell {
	my ($vm) = @_;
	my $answer = sub { $vm->must_see(qr/^\[1 2 3: guess/m); $vm->type($_[0]) };
	my $go_on = sub { $vm->must_see(qr/^\[Enter: next/m); $vm->type($_[0]) };
	my $prompt = sub { $vm->must_see(qr/\@$_[0]> \z/) };
	my $shell = sub {
		$vm->must_see(qr/^shell: `exit` leaves it\r?\n.*pagewalk:\/# \z/ms);
		$vm->type("PS1='\@\$?> '\r");
		$prompt->(0);
	};
	$vm->must_see(qr/^tour-test: shell\r?\n/m);
	$answer->('3');		# 5.4: right
	$go_on->('s');
	$shell->();
	$vm->type("echo \$((6 * 7)); tty; (exit 4)\r");
	$prompt->(4);
	for (["\003", 130], ["\032", 148]) {
		$vm->type("sleep 99\r");
		$vm->must_see(qr/sleep 99\r?\n/);
		sleep 1;
		$vm->type($_->[0]);
		$prompt->($_->[1]);
	}
	$vm->type("kill -9 %1; shell now /bin/true; yes >/dev/null &\r");
	$prompt->(0);
	$vm->type("exit 5\rqqq\r");
	$go_on->('n');
	$answer->('p');
	$vm->must_see(qr/^\(the clock stands still/m);
	$vm->type('s');
	$shell->();
	$vm->type("sh -c 'usleep 1500000; kill -9 \$PPID'\r");
	$vm->must_see(qr/PPID'\r?\n/);
	sleep 0.5;
	$vm->type('qqq');	# read by nobody
	$vm->must_see(qr/shell: \/bin\/sh was killed by SIGKILL/);
	$answer->('1');		# 5.4.6: wrong
	$go_on->('n');
	$answer->('s');		# 5.4.10
	$shell->();
	$vm->type("kill -9 \$PPID; usleep 500000; echo over; exit\r");
	$vm->must_see(qr/^over\r?\n/m);
	$answer->('n');
	$vm->must_see(qr/^tour-test: shellless/m);
	$answer->('s');
	$vm->must_see(qr/^\(no shell/m);
	$vm->type('n');
	return;
}

my $r = boot(name => 'tour', quick(), paging => 'both', mem => '256M', timeout => 400, stick => $stick,
	writable => 1, typed => 1, cmdline => 'test=off swap=auto loglevel=4 init=/bin/tour-try', script => sub {
	press_keys(@_);
	use_shell(@_) for 4, 2;
});
is($r->{exit}, 33, 'both runs ended well') or trouble($r);

# ---- what it said ------------------------------------------------------------------------

# The log of one mode: part => its lines; after "status" stands the one of the part before.
sub parts_of {
	my (%part, $name);
	for (@_) {
		if (/^tour-test: (\w+)(?: (\d+))?$/) {
			$1 eq 'status' ? ($part{"$name status"} = $2) : ($name = $1);
		} elsif (defined $name) {
			push @{ $part{$name} }, $_;
		}
	}
	return \%part;
}

# A part without its shells: [what is left, what was seen in each shell, its lines].  Where a shell has ended
# the stop is shown again from its title's blank line on.
sub without_shells {
	my (@kept, @shells);
	while (defined(my $line = shift)) {
		push(@kept, $line), next if $line !~ /^shell: /;
		my @said = $line;
		do { push @said, $line = shift // last } until $line =~ /shell: \/bin\/sh (?:ended|was killed)|^over$/;
		my ($title) = grep { $kept[$_] =~ /^---/ } reverse 0 .. $#kept;
		my @stop = @kept[$title - 1 .. $#kept];
		push @shells, { said => \@said, stop => \@stop, again => [splice @_, 0, @stop] };
	}
	return (\@kept, @shells);
}

sub results { return grep { /^(?:ok|not ok|skip) \S+ / } @_ }

my @lines = PagewalkTest::clean_lines($r->{serial});
my @starts = grep { $lines[$_] eq 'tour-test: list' } 0 .. $#lines;
is(scalar @starts, 2, 'two modes') or trouble($r);
@starts == 2 or done_testing, exit;
my %log = (4 => [@lines[$starts[0] .. $starts[1] - 1]], 2 => [@lines[$starts[1] .. $#lines]]);

for my $mode (4, 2) {
	my $part = parts_of(@{ $log{$mode} });
	my %listed = map { /^ +\d+ +(\S+) +(.+)$/ ? ($1, $2) : () } @{ $part->{list} };
	is(join(' ', map { /^ +\d+ +(\S+)/ ? $1 : () } @{ $part->{list} }), join(' ', @sections),
		"paging=$mode: the list has every section, once, in order");
	is(join("\n", map { $listed{ $_->[0] } // '?' } @headings), join("\n", map { $_->[1] } @headings),
		'the headings are those of the book');

	my @all = @{ $part->{all} };
	my @results = results(@all);
	is(join(' ', map { /^(?:ok|not ok|skip) (\S+)/ } @results), join(' ', @sections),
		'every stop is visited and ends in a result');
	my @bad = grep { !/^ok / } @results;
	record_row('TOUR', $mode, !@bad && @results == @sections,
		sprintf('%d of %d stops hold%s', @results - @bad, scalar @sections, join '', map { "; $_" } @bad));
	diag(map { "$_\n" } grep { /^ *\[NO\]/ } @all);
	is($part->{'all status'}, @bad ? 1 : 0, 'the status says the same');
	is(scalar(grep { /^ *\[NO\]/ } @all), 0, 'no expectation failed');
	my $want = sprintf 'tour: %d of %d stops visited: %d ok, 0 not ok, 0 skipped', (scalar @sections) x 3;
	is($all[-1], $want, 'the sum');
	is(scalar(grep { length > 79 } @all), 0, 'no line is longer than the terminal');
	is_deeply($part->{transcript}, \@all, 'the transcript is what was shown');

	is(join(' ', map { /^ok (\S+)/ } results(@{ $part->{one} })), '5.6.4 5.6.4',
		'one stop, by its section here and in the printed book');
	is($part->{'one status'}, 0, 'its status');
	is_deeply($part->{unknown}, ['tour: there is no stop "5.9": tour --list shows all'], 'no such stop');
	is($part->{'unknown status'}, 2, 'its status');
	is_deeply($part->{number}, ['tour: --seconds soon: a number from 0 to 86400 is wanted'], 'no number');
	is($part->{'number status'}, 2, 'its status');
	is_deeply($part->{unwritable}, ['tour: --transcript /nowhere/x cannot be written: error 2'],
		'a transcript that cannot be');
	is($part->{'unwritable status'}, 2, 'its status');

	my ($kept, @shells) = without_shells(@{ $part->{shell} });
	is(scalar @shells, 3, 'three shells');
	is_deeply($_->{again}, $_->{stop}, 'when it ends the stop is there again') for @shells;
	is_deeply([grep { /^(?:42|\/dev\/.*|\^[CZ].*|.*shell: .*)$/ } map { @{ $_->{said} } } @shells],
		['shell: `exit` leaves it', 42, '/dev/console', '^C', '^Z[1]+  Stopped                    sleep 99',
		'shell: /bin/true ended with status 0', 'shell: /bin/sh ended with status 5',
		'shell: `exit` leaves it', 'qqqshell: /bin/sh was killed by SIGKILL', 'shell: `exit` leaves it'], 'what they did');
	is_deeply($part->{kept}, $kept, 'the transcript is that of a tour without');
	is(join(' ', map { /^--- \d+\/\d+  (\S+)/ } @$kept), '5.4 5.4.6 5.4.10', 'so are the stops');
	is_deeply([@$kept[-2, -1]], ['1 of 2 guesses were right.',
		'tour: 3 of 3 stops visited: 3 ok, 0 not ok, 0 skipped'], 'the sum');
	is($part->{'shell status'}, 0, 'and the status');
	my @keys_there = grep { /^\[|^\(/ } @{ $part->{shellless} };
	is_deeply(\@keys_there, ['[1 2 3: guess, clock stops  Enter: answer  b: back  q: quit  100 s]',
		'(no shell: copy busybox.cpio of the build to \EFI\pagewalk on the stick)'],
		'without BusyBox none is offered, and a line says what to do');
	is($part->{'shellless status'}, 0, 'and the tour goes on');
	is($part->{busy}[-1], $want, 'the proofs hold beside a program that takes every moment it gets');
	diag(map { "$_\n" } grep { /^ *\[NO\]/ } @{ $part->{busy} });
	next if $mode == 2;

	my @keys = @{ $part->{keys} };
	is(join(' ', map { /^--- \d+\/\d+  (\S+)/ } @keys), '5.4 5.4.6 5.4 5.4.6 5.4.10', 'keys: stops shown');
	is(join(' ', map { /^ok (\S+)/ } results(@keys)), '5.4 5.4.6 5.4 5.4.6', 'keys: stops that were proven');
	is(join('|', map { /^((?:Right\. |Not quite\. )?Answer \d)/ } @keys),
		'Right. Answer 3|Not quite. Answer 2|Answer 3|Right. Answer 2', 'keys: guesses');
	is_deeply([@keys[-2, -1]], ['2 of 3 guesses were right.',
		'tour: 2 of 4 stops visited: 2 ok, 0 not ok, 0 skipped'], 'keys: the sum');
	is($part->{'keys status'}, 0, 'keys: status');
	my ($clock, $none) = ('p: pause  s: shell  q: quit  100 s]', 's: shell  q: quit  no clock]');
	is_deeply([grep { /^\[Enter/ } @keys], [map { "[Enter: next  b: back  $_" } $none, $none, $clock, $none],
		'keys: the clock stands still for whoever has guessed');
	ok($waits, 'and the next stop comes with Enter');
	is_deeply([map { /^--- \d+\/\d+  (\S+)/ } @{ $part->{clock} }], ['5.4', '5.4.6'], 'then it does');
	is(join(' ', map { /^ok (\S+)/ } results(@{ $part->{time} })), '5.4.10', 'without a key, by time');
	is($part->{'time status'}, 0, 'its status');
}
done_testing;
