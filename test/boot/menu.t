#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# B2: the menu on the firmware's console, with scripted keys.  Each entry starts what it
# says, and the next boot without keys remembers the choice.
use strict;
use warnings;
use PagewalkTest;

rows_here('B2');

my $stick = stick(scratch('stick') . '/stick.img');
my %remembered;

# One boot with these keys; which modes ran and what last.conf says afterwards.
sub choose {
	my ($name, $keys, %o) = @_;
	my $r = boot(name => $name, ovmf(), cmdline => $o{cmdline} // 'timeout=30 test=E2', stick => $stick,
		writable => 1, script => sub {
			my ($vm) = @_;
			$vm->qmp('query-status');
			$vm->must_see(qr/any key stops the clock/);
			$vm->keys_press(@$keys);
		});
	$r->{modes} = join ' ', map { $_->{paging} // '?' } @{ $r->{runs} };
	my $conf = stick_file($stick, 'EFI/pagewalk/last.conf') // '';
	$r->{conf} = join ' ', sort grep { !/^#/ && /=/ } split /\r?\n/, $conf;
	return $r;
}

sub expect {
	my ($r, $modes, $conf, $what) = @_;
	my $good = $r->{modes} eq $modes && $r->{exit} == 33 && $r->{conf} =~ $conf;
	my $text = "$what: ran paging=$r->{modes}, expected $modes; last.conf: $r->{conf}; exit $r->{exit}";
	ok($good, $text) or trouble($r);
	evidence('B2', $_, $good, $text) for $what =~ /both|smoke/ ? (4, 2) : substr $modes, 0, 1;
	return;
}

expect(choose('two', ['2']), 2, qr/^paging=2$/, 'key 2');
expect(choose('two-again', [], cmdline => 'timeout=1 test=E2'), 2, qr/^paging=2$/, 'no key, after 2');
expect(choose('four', ['1']), 4, qr/^paging=4$/, 'key 1');
expect(choose('four-again', [], cmdline => 'timeout=1 test=E2'), 4, qr/^paging=4$/, 'no key, after 1');
expect(choose('both', ['down', 'down', 'ret']), '4 2', qr/^paging=both$/, 'arrows to both');

# Limits: memory once to the right from `all` is 64 MiB; then the smoke test.
my $r = choose('smoke', ['m', '4']);
expect($r, '4 2', qr/^mem=64M paging=both test=smoke$/, 'smoke test with less memory');
done_testing;
