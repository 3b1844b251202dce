#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# O6: the smoke test, both modes in one run.  Its lines carry figures; here the host works
# out the same figures from what it knows of the machine.
use strict;
use warnings;
use PagewalkTest;
use Time::Local 'timegm';

rows_here('O6');

my ($pci, $began, $ended);
my $r = boot(name => 'smoke', paging => 'both', mem => '512M', cmdline => 'test=smoke', script => sub {
	my ($vm) = @_;
	$vm->must_see(qr/leaving boot services/);
	$began = time;
	$pci = $vm->hmp('info pci');
	$vm->wait_for(qr/^# pagewalk: pass=/m);
	$ended = time;
});
is(verdict($r), 'passed', 'test=smoke, one kernel starting the other') or trouble($r);
cmp_ok(($ended // 0) - ($began // 0), '<=', 20, 'both smoke tests end within 10 s each');

my ($bar) = ($pci // '') =~ /VGA.*?BAR0: \d+ bit prefetchable memory at 0x([0-9a-f]+)/s;
my $image_kib = pe("$O/BOOTX64.EFI")->{image_size} >> 10;

# check name => what the host expects to find in its line
my %expected = (
	'map.count' => sub { /(\d+) descriptors of 48 bytes/ && $1 > 50 },
	'map.covers-image' => sub { /\+$image_kib KiB/ },
	'map.fb-not-in-ram' => sub { my ($at) = /0x([0-9a-f]+)/; hex $at == hex($bar // '0') },
	'gop.stride' => sub { my ($w, $h, $at) = /(\d+)x(\d+) BGR.* at 0x([0-9a-f]+)/;
		$w == 1280 && $h == 800 && hex $at == hex($bar // '0') },
	'ebs.tries' => sub { /PASS 1$/ },
	# Archives of the stick are kept in memory: what they take is not the kernel's.
	'pages.write-verify-all' => sub { my ($done, $free) = /(\d+) of (\d+) free pages/;
		$done >= 0.98 * $free && $free + figures($_[0])->{kept_pages} > 0.955 * 131072 && $free < 131072 },
	'acpi.reset-reg' => sub { /port 0xcf9, value 0x0f/ },
	'secureboot.state' => sub { /off/ },
	'rt.gettime' => sub { my @t = /(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)/ or return 0;
		abs(timegm($t[5], $t[4], $t[3], $t[2], $t[1] - 1, $t[0]) - time) < 120 },
	'lapic.timer-rate' => sub { /250 wanted/ },
);

my %names;
for my $run (@{ $r->{runs} }) {
	my $mode = $run->{paging};
	my (@wrong, $counted);
	for my $name (sort keys %expected) {
		my $line = $run->{rows}{$name}{line} // 'missing';
		local $_ = $line;
		push @wrong, "$name: $line" unless $expected{$name}->($run);
	}
	$counted = grep { $_->{line} =~ /^ok \d+ - \S+ (PASS|WARN|SKIP)\b/ } values %{ $run->{rows} };
	$names{$mode} = join ' ', sort @{ $run->{order} };
	record_row('O6', $mode, !@wrong && $counted == $run->{plan} && $counted >= 25 && verdict($r) eq 'passed',
		sprintf '%d checks, plan %d; %d figures worked out by the host, %d differ%s', $counted, $run->{plan},
			scalar keys %expected, scalar @wrong, @wrong ? ": @wrong" : '');
}
is($names{4}, $names{2}, 'the same checks in both modes');
done_testing;
