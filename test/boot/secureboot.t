#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Secure Boot: signed with the key that the firmware trusts the image boots, unsigned the
# firmware refuses it.  The 32-bit file can be signed too.
use strict;
use warnings;
use PagewalkTest;

plan(skip_all => 'proves no rows by itself') if rows_wanted();

my $dir = scratch('keys');
my $cert = '/usr/share/ovmf/PkKek-1-snakeoil.pem';
my ($status, $text) = sh('openssl', 'rsa', '-in', '/usr/share/ovmf/PkKek-1-snakeoil.key',
	'-passin', 'pass:snakeoil', '-out', "$dir/key.pem");
is($status, 0, 'the snakeoil key') or diag($text);

for my $file ('BOOTX64.EFI', 'BOOTIA32.EFI') {
	($status, $text) = sh('sbsign', '--key', "$dir/key.pem", '--cert', $cert,
		'--output', "$dir/$file", "$O/$file");
	is($status, 0, "$file can be signed") or diag($text);
	unlike($text, qr/warning/i, "$file: sbsign has nothing to say about it");
	($status, $text) = sh('sbverify', '--cert', $cert, "$dir/$file");
	is($status, 0, "$file: sbverify accepts the signature") or diag($text);
}

my $stick = stick("$dir/stick.img", add => { 'EFI/BOOT/BOOTX64.EFI' => \"$dir/BOOTX64.EFI" });
for my $mode (4, 2) {
	my $r = boot(name => "signed-$mode", firmware => 'secboot', paging => $mode, stick => $stick,
		cmdline => 'test=smoke');
	is(verdict($r), 'passed', "signed, paging=$mode: boots with Secure Boot on") or trouble($r);
	like($r->{serial}, qr/secure ?boot[^\n]*\b(on|enabled|1)\b/i, "signed, paging=$mode: and says that it is on");
}

my $refused;
my $r = boot(name => 'unsigned', firmware => 'secboot', cmdline => 'test=smoke', timeout => 60, script => sub {
	my ($vm) = @_;
	$refused = $vm->wait_for(qr/Access Denied|Security Violation/i);
	$vm->kill_now;
});
ok($refused, 'unsigned: the firmware refuses it') or trouble($r);
unlike($r->{serial} . $r->{debugcon}, qr/KTAP|pagewalk:/, 'unsigned: nothing of it ran');

done_testing;
