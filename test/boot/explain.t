#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# explain and pagewalk: their rows (EXPLAIN: a sentence for each reason; PAGEWALK: 100,000 addresses
# against WALK; BIOGRAPHY: a frame's scripted life), then what they print, for people and as JSON
# that python3 reads.  And the price of an event that is off, in the code of both kernels.  What a
# fault costs is counted in cycles here, in instructions in icount.t.
use strict;
use warnings;
no warnings 'portable';
use JSON::PP ();
use PagewalkTest;

rows_here(qw(EXPLAIN BIOGRAPHY PAGEWALK));

my $json = JSON::PP->new->utf8->allow_bignum;
my $r = boot(name => 'explain', quick(), paging => 'both', mem => '256M', timeout => 300,
	cmdline => 'test=EXPLAIN,BIOGRAPHY,PAGEWALK swap=ram trace=32768 init="/bin/rows TOOLS"');
is(verdict($r), 'passed', 'sentences, addresses and biographies are true') or trouble($r);
record_rows($r);

# What the tools printed: NAME => { status, lines }, mode by mode.
sub shown {
	my ($text) = @_;
	my (%shown, $name);
	for (PagewalkTest::clean_lines($text)) {
		if (/^== facts (.*)/) {
			$shown{facts} = { split ' ', $1 };
		} elsif (defined $name && /^== \Q$name\E (-?\d+)$/) {
			$shown{$name}{status} = $1;
			undef $name;
		} elsif (/^== (\S+)$/) {
			$name = $1;
			$shown{$name}{lines} = [];
		} elsif (defined $name) {
			push @{ $shown{$name}{lines} }, $_;
		}
	}
	return \%shown;
}

sub python_reads {
	my ($file) = @_;
	my ($status, $text) = sh('python3', '-c',
		'import json, sys; print(len([json.loads(line) for line in open(sys.argv[1])]))', $file);
	return $status ? "status $status: $text" : $text + 0;
}

sub objects {
	my ($shown, $name, $mode) = @_;
	my @lines = grep { /^\{/ } @{ $shown->{$name}{lines} // [] };
	my $file = spew(scratch("json-$mode-$name") . '/lines', join '', map { "$_\n" } @lines);
	is(python_reads($file), scalar @lines, "mode $mode: python3 reads each line of $name");
	return map { eval { $json->decode($_) } // {} } @lines;
}

sub faults_of {
	my ($shown, $name) = @_;
	my ($n) = map { /^explain: (\d+) faults up to event \d+, 0 events were overwritten too early$/ } @{ $shown->{$name}{lines} };
	return $n // 'no summary';
}

sub check_explain {
	my ($shown, $mode) = @_;
	my @o = objects($shown, 'explain-json', $mode);
	is(scalar @o, faults_of($shown, 'explain-json'), "mode $mode: an object for each fault");
	my @bad = grep { ($_->{unit} // '') ne 'cycles' || !$_->{ticks} || ($_->{sentence} // '') !~
		/^(kernel for )?\w+\[\d+\] (read from|wrote to|executed) 0x[0-9a-f]+ .*, so .*; \w.* > .*; PTE 0x[0-9a-f]+ -> 0x[0-9a-f]+.*; $_->{ticks} cycles \(Gorman \Q$_->{section}\E\)$/ } @o;
	is(scalar @bad, 0, "mode $mode: each with its cost and its section")
		or diag($json->encode($bad[0]));
	my @seen = grep { $_->{comm} eq 'hello' && $_->{decision} eq 'file_map' && $_->{region}{name} eq '/bin/hello' } @o;
	cmp_ok(scalar @seen, '>', 0, "mode $mode: hello gets its pages from its file");
	my @lines = grep { !/^explain: |^[^\[]*$/ } @{ $shown->{explain}{lines} };
	is(scalar(grep { / \(Gorman 5[.0-9]*\)$/ } @lines), faults_of($shown, 'explain'), "mode $mode: a line for each fault");
	return;
}

my %shift = (4 => [39, 30, 21, 12], 2 => [22, 12]);
sub split_address {
	my ($address, $mode) = @_;
	my $mask = $mode == 4 ? 511 : 1023;
	return [map { $address >> $_ & $mask } @{ $shift{$mode} }];
}

# The three views on terminals of 78 and 49 columns; the last cell of the widest line is free.
sub check_widths {
	my ($shown, $mode, $frame) = @_;
	my $rights = $mode == 4 ? 'rw- user' : 'rwx user';
	my %format = (78 => '%-9s %-16s %-17s %s', 49 => '%-8s %-10s %-10s %s');
	my %heads = (78 => ["kernel's lookup", 'independent walk', 'entries decoded here'], 49 => ['kernel', 'walk', 'decoded here']);
	for my $width (78, 49) {
		my @lines = grep { /^ {8}|^(?:present|frame|rights|Accessed|Dirty) +\S+ +\S/ && !/:/ } @{ $shown->{"walk-$width"}{lines} };
		is_deeply(\@lines, [map { sprintf $format{$width}, @$_ } ['', @{ $heads{$width} }], [present => ('yes') x 3],
			[frame => ($frame) x 3], [rights => $width == 78 ? 'rw-p (region)' : 'rw-p', ($rights) x 2],
			[Accessed => '-', 'yes', 'yes'], [Dirty => '-', 'yes', 'yes']], "mode $mode: the views on $width columns");
		my ($none) = grep { /^frame .*PROT_NONE/ } @{ $shown->{"none-$width"}{lines} };
		like($none // '', $width == 78 ? qr/^frame +\S+ +none +0x[0-9a-f]+ \(PROT_NONE\)$/ : qr/^frame +\S+ +none +0x[0-9a-f]+ PROT_NONE$/,
			"mode $mode: a page without rights");
		cmp_ok(length($none // 'x' x 99), '<', $width, "mode $mode: fits into $width columns");
	}
	return;
}

sub check_walk {
	my ($shown, $mode) = @_;
	my ($at, $pid, $frame) = (hex $shown->{facts}{at}, $shown->{facts}{pid}, $shown->{facts}{frame});
	my ($o) = objects($shown, 'walk-json', $mode);
	is_deeply([@{$o}{qw(address pid levels frame disagreement)}], [$shown->{facts}{at}, $pid, $mode, $frame, undef],
		"mode $mode: address, process, frame");
	is_deeply($o->{split}{index}, split_address($at, $mode), "mode $mode: the bits by level");
	my $other = $mode == 4 ? 2 : 4;
	is_deeply($o->{other_mode} && $o->{other_mode}{index}, $at >> 32 && $other == 2 ? undef : split_address($at, $other),
		"mode $mode: and with $other levels");
	is(scalar @{ $o->{entries} // [] }, $mode, "mode $mode: an entry of each level");
	is(hex($o->{entries}[-1]{entry}) >> 12 & 0xffffffffff, hex $frame, "mode $mode: the last one names the frame");
	is_deeply([map { $_ ? 1 : 0 } @{$o}{qw(present write user accessed dirty)}], [1, 1, 1, 1, 1],
		"mode $mode: written to, so Accessed and Dirty are set");
	like($o->{entries}[-1]{words}, qr/^page of 4 KiB in frame $frame; present, writable, user, cached, accessed, dirty, PAT 0, not global, software bits 0/,
		"mode $mode: every bit in words");
	is_deeply([@{ $o->{kernel} }{qw(type mapped)}], ['anonymous', 1], "mode $mode: the kernel's view");

	my $text = join "\n", @{ $shown->{walk}{lines} };
	like($text, qr/^$shown->{facts}{at} in rows\[$pid\]$/m, "mode $mode: whose address");
	like($text, qr/^frame +$frame +$frame +$frame$/m, "mode $mode: three views, one frame");
	like($text, qr/^Accessed +- +yes +yes\nDirty +- +yes +yes$/m, "mode $mode: the hardware's bits");
	check_widths($shown, $mode, $frame);
	like($text, qr/^kernel: region 4000*-4[0-9a-f]* rw-p anonymous$/m, "mode $mode: the region");
	like(join("\n", @{ $shown->{hole}{lines} }), qr/^kernel: no region; an access is a fault that ends in SIGSEGV$/m,
		"mode $mode: a hole");
	($o) = objects($shown, 'kernel-json', $mode);
	is_deeply([@{$o}{qw(pid phys)}, $o->{user} ? 1 : 0, $o->{kernel}{region}{name}], ['kernel', '0x200000', 0, 'direct map'],
		"mode $mode: an address of the kernel");
	like(join("\n", @{ $shown->{kernel}{lines} }), qr/^frame +0x200 +0x200 +0x200$/m, "mode $mode: the direct map's rule holds");
	return;
}

sub check_frame {
	my ($shown, $mode) = @_;
	my ($at, $pid, $frame) = @{ $shown->{facts} }{qw(at pid frame)};
	my ($o) = objects($shown, 'frame-json', $mode);
	my $page = sprintf '0x%x', hex($at) & ~4095;
	is_deeply([map { [@{$_}{qw(pid comm address)}] } @{ $o->{rmap} }], [[$pid, 'rows', $page]], "mode $mode: one process maps the frame");
	is_deeply($o->{scan}, $o->{rmap}, "mode $mode: as a scan of all tables finds");
	ok($o->{agree}, "mode $mode: and pagewalk says so");
	like(join("\n", @{ $shown->{frame}{lines} }), qr/^reverse mapping finds 1 entry that names it\n  rows\[$pid\] at $page in anonymous, entry/m,
		"mode $mode: in words");
	return;
}

sub refused {
	my ($shown, $mode, $name, $status, $line) = @_;
	is_deeply($shown->{$name}, { status => $status, lines => [$line] }, "mode $mode: $line");
	return;
}

my @halves = split /^(?=KTAP version 1)/m, $r->{serial};
for my $half (@halves[1 .. $#halves]) {
	my ($mode) = $half =~ /^# pagewalk \S+ paging=(\d)/m or next;
	my $shown = shown($half);
	my $at = $shown->{facts}{at} // 0;
	for (qw(explain-json explain walk-json walk hole walk-78 none-78 walk-49 none-49 kernel kernel-json frame frame-json)) {
		is($shown->{$_}{status} // 'none', 0, "mode $mode: status of $_");
	}
	check_explain($shown, $mode);
	check_walk($shown, $mode);
	check_frame($shown, $mode);
	if ($mode == 4) {
		is($shown->{odd}{lines}[1] // '', 'not canonical: bits 63-48 do not continue bit 47, and an access is a general '
			. 'protection fault before any table is looked at', 'mode 4: an address that is none');
	} else {
		refused($shown, $mode, 'odd', 2, 'pagewalk: 0x123456789 has more than 32 bits: with two levels there is no such address');
	}
	refused($shown, $mode, 'nobody', 1, 'pagewalk: there is no process 30000; ls /proc shows which there are');
	refused($shown, $mode, 'beyond', 1, 'pagewalk: there is no frame 0xfffffff: RAM ends before it');
	refused($shown, $mode, 'word', 2, 'pagewalk: "hello" is no hexadecimal address');
	refused($shown, $mode, 'nothing', 2, 'pagewalk: an address is missing; pagewalk --help says more');
	refused($shown, $mode, 'option', 2, 'explain: there is no option "--all"; explain --help lists the options');
	refused($shown, $mode, 'number', 2, 'explain: no process has the number "x"; explain --help lists the options');
	is($shown->{missing}{lines}[0] // '', 'explain: /bin/nothing cannot be started: error 2 (no such file; write the whole path)',
		"mode $mode: a command that is not there");
	is($shown->{missing}{status}, 1, "mode $mode: its status");
}

# ---- two instructions -------------------------------------------------------------------

# Who may touch trace_on otherwise: who switches it, what only runs while it is on, and tests.  The
# compiler may put a MOV of the code around it between the comparison and the branch.
my $others = qr/^(trace_\w+|baseline_take|p7_resident)$/;
my @must = qw(do_page_fault alloc_pages alloc_page_nowait free_page_chain unmap_one);
for my $kernel (qw(x86_64 i386)) {
	my $elf = "$O/$kernel/pagewalk.elf";
	my ($status, $symbols) = sh('nm', $elf);
	my ($address) = $symbols =~ /^0*([0-9a-f]+) \w trace_on$/m or fail("$kernel: no trace_on"), next;
	my ($code, %sites, @odd) = (sh('objdump', '-d', '--no-show-raw-insn', $elf))[1];
	my ($function, @lines) = ('', split /\n/, $code);
	for my $i (0 .. $#lines) {
		$function = $1 if $lines[$i] =~ /^[0-9a-f]+ <(.*)>:$/;
		next unless $lines[$i] =~ /\b(?:0x)?$address\b/;
		next if $function =~ $others;
		my ($next) = grep { !/\tmov / } @lines[$i + 1 .. $i + 2];
		if ($lines[$i] =~ /\tcmpb +\$0x0,/ && $next && $next =~ /\tj(ne|e) /) {
			$sites{$function}++;
		} else {
			push @odd, "$function: $lines[$i]";
		}
	}
	is_deeply([grep { !$sites{$_} } @must], [], "$kernel: faults, frames and entries have events");
	is_deeply(\@odd, [], "$kernel: each of the events is a comparison and a branch");
}
done_testing;
