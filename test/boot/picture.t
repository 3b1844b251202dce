#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The live picture: each square of it has the colour that its frames have in the snapshot which
# was saved at the same instant, in the first picture and in one in which only what changed was
# drawn; the sums of that snapshot are the allocator's counters (PICTURE); the screen shows what the file shows; the console gets its screen back; and a picture of 5 GiB
# costs no more than it may.  Pictures are decoded by nothing of ours.
use strict;
use warnings;
no warnings 'portable';
use List::Util 'sum';
use PagewalkTest;
use PagewalkScreen;

rows_here('PICTURE');

my @types = qw(kernel slab table vmalloc anon file reserved free absent);
my @states = ('free', 'reserved', 'kernel', 'slab', 'page table', 'vmalloc', 'anonymous', 'file',
	'zero page', 'swap cache', 'locked', 'no RAM');
my %state_of = (kernel => 2, slab => 3, table => 4, vmalloc => 5, anon => 6, file => 7,
	reserved => 1, free => 0, absent => 11);

# ---- reading -----------------------------------------------------------------------------

# A saved /proc/pagewalk/framemap.
sub snapshot {
	my ($data) = @_;
	my %s;
	(@s{qw(size changes frames ns)}, my @n) = unpack 'L2Q2Q9Q2Q12', $data;
	@{ $s{count} }{@types} = splice @n, 0, 9;
	@s{qw(swapcache mlocked)} = splice @n, 0, 2;
	$s{bytes} = substr $data, $s{size};
	return \%s;
}

sub state {
	my ($byte) = @_;
	return 10 if $byte & 0x80;
	return 9 if $byte & 0x40;
	return 8 if ($byte & 15) == 9;
	return $state_of{ $types[$byte & 15] };
}
my @state = map { state($_) } grep { ($_ & 15) <= 9 } 0 .. 255;
my %state_byte;
@state_byte{ grep { ($_ & 15) <= 9 } 0 .. 255 } = @state;

# What a text says.
sub said {
	my ($text) = @_;
	my %t;
	for my $name (@states, 'all') {
		@{ $t{frames} }{$name} = $1, $t{cells}{$name} = $2, $t{rgb}{$name} = $3 // ''
			if $text =~ /^\Q$name\E +(\d+) +\d+ +(\d+)(?:  ([0-9a-f]{6}))?$/m;
	}
	@{ $t{map} }{qw(width height x y w h block size per_row)} = ($1, $2, $3, $4, $5, $6, $7, $8 + 1, $9)
		if $text =~ /^map: (\d+)x(\d+) at (\d+),(\d+) of (\d+)x(\d+), (\d+) frames a square, squares of (\d+) pixels, (\d+) in a row$/m;
	push @{ $t{segments} }, [hex $1, hex $2, $3]
		while $text =~ /^segment: \w+ frames 0x([0-9a-f]+)-0x([0-9a-f]+), from line (\d+),/mg;
	$t{counters} = { map { /(\w+)=(\d+)/ } split / /, $1 } if $text =~ /^counters: (.*): the sums are equal$/m;
	return \%t;
}

# The colours of each state: cold, then those after a change.
sub heats {
	return map { [map { pack 'H6', $_ } /0x(\w{6})/g] }
		slurp("$top/user/picture/colors.c") =~ /HEAT\(STATE_\w+, (.*?)\)/g;
}

# ---- checking ----------------------------------------------------------------------------

my %seen;	# of PICTURE: arch => pictures, squares, wrong: squares, sums: that hold

# The sums of the snapshot's bytes, the counters in its head, and both in the text.
sub check_sums {
	my ($name, $snap, $text) = @_;
	my (%type, @n);
	my ($swapcache, $mlocked) = (0, 0);
	$n[$_]++ for unpack 'C*', $snap->{bytes};
	my %state = map { $_ => 0 } @states;
	for my $byte (grep { $n[$_] } 0 .. $#n) {
		$type{ ($byte & 15) == 9 ? 'kernel' : $types[$byte & 15] } += $n[$byte];
		$swapcache += $n[$byte] if $byte & 0x40;
		$mlocked += $n[$byte] if $byte & 0x80;
		$state{ $states[$state_byte{$byte}] } += $n[$byte];
	}
	$type{$_} //= 0 for @types;
	is(length $snap->{bytes}, $snap->{frames}, "$name: a byte for each frame");
	is($snap->{changes}, 0, "$name: one instant");
	my $hold = is_deeply(\%type, $snap->{count}, "$name: frames of each type are what the allocator counts");
	$seen{ (split ' ', $name)[0] }{sums} += $hold;
	is("$swapcache $mlocked", "$snap->{swapcache} $snap->{mlocked}", "$name: swap cache and locked frames, too");
	is_deeply($text->{counters}, { %type, swapcache => $swapcache, mlocked => $mlocked },
		"$name: the text has the same counters");
	is_deeply($text->{frames}, { %state, all => $snap->{frames} }, "$name: the text has the frames of each colour");
	return;
}

# What a block of frames shows: what most are, the first of equals; no RAM if nothing else.
sub shows {
	my ($bytes) = @_;
	return $state_byte{ ord $bytes } if length $bytes == 1;
	my @n = (0) x @states;
	$n[$state_byte{$_}]++ for unpack 'C*', $bytes;
	my $best = 0;
	for (1 .. 10) { $best = $_ if $n[$_] > $n[$best] }
	return $n[$best] ? $best : 11;
}

# Every square is where it must be and has its colour, whole; there are no others.  In a live
# picture it may still be bright.
sub check_squares {
	my ($name, $picture, $snap, $text, $live) = @_;
	my ($m, $w) = ($text->{map}, $picture->{width});
	my @rgb = map { pack 'H6', $text->{rgb}{$_} } @states;
	my @heats = $live ? heats() : map { [$_] } @rgb;
	is_deeply([map { $_->[0] } @heats], \@rgb, "$name: the cold colours are those of the text") if $live;
	my %state_of_rgb = map { my $s = $_; map { $_ => $s } @{ $heats[$s] } } 0 .. $#heats;
	my (@cells, @pixels);
	my $wrong = 0;
	@cells = @pixels = (0) x @states;
	my $seen = 0;
	for my $segment (@{ $text->{segments} }) {
		my ($start, $end, $line) = @$segment;
		for (my ($pfn, $i) = ($start, 0); $pfn < $end; $pfn += $m->{block}, $i++) {
			my $n = $pfn + $m->{block} > $end ? $end - $pfn : $m->{block};
			my $s = shows(substr $snap->{bytes}, $pfn, $n);
			my $x = $m->{x} + $i % $m->{per_row} * $m->{size};
			my $y = $line + int($i / $m->{per_row}) * $m->{size};
			my $rgb = $live ? substr $picture->{rgb}, 3 * ($y * $w + $x), 3 : $rgb[$s];
			my $row = $rgb x ($m->{size} - 1);
			$cells[$s]++;
			$seen += $n;
			$wrong++ if ($state_of_rgb{$rgb} // -1) != $s ||
				grep { substr($picture->{rgb}, 3 * (($y + $_) * $w + $x), length $row) ne $row } 0 .. $m->{size} - 2;
		}
	}
	my $n = count_colours(crop($picture, @$m{qw(x y width height)})->{rgb});
	$pixels[$state_of_rgb{$_}] += $n->{$_} // 0 for keys %state_of_rgb;
	is($wrong, 0, "$name: squares with another colour than their frames have");
	my $of_arch = $seen{ (split ' ', $name)[0] } //= {};
	$of_arch->{pictures}++;
	$of_arch->{squares} += sum(@cells);
	$of_arch->{wrong} += $wrong;
	my %counted = map { $states[$_] => $cells[$_] } 0 .. $#states;
	is_deeply($text->{cells}, { %counted, all => sum(@cells) },
		"$name: squares of each colour, as the text says");
	is_deeply(\@pixels, [map { $_ * ($m->{size} - 1) ** 2 } @cells], "$name: pixels of each colour");
	my $absent = $snap->{bytes} =~ tr/\x08//;
	my $drawn = 0;
	$drawn += substr($snap->{bytes}, $_->[0], $_->[1] - $_->[0]) =~ tr/\x08// for @{ $text->{segments} };
	is($seen - $drawn, $snap->{frames} - $absent, "$name: every frame of RAM is drawn once");
	is("$m->{w}x$m->{h}", "$picture->{width}x$picture->{height}", "$name: the size");
	return;
}

# One in which what has changed was drawn after the first; frames of a square.
sub check_live {
	my ($arch, $size, $output) = @_;
	my ($text, $snap) = (said($output->{text}), snapshot(file("$arch-$size.map")));
	is($output->{status}, 0, "$arch live $size: its status");
	check_sums("$arch live $size", $snap, $text);
	check_squares("$arch live $size", png(file("$arch-$size.png")), $snap, $text, 1);
	return $text->{map}{block};
}

# The half of a screen of 800x600.
sub check_pane {
	my ($arch, $text, $picture) = @_;
	my (@all, @drawn);
	while ($text =~ /^task: (\d+) (\w+),.* pages(; no room to draw it)?$/mg) {
		push @all, "$1 $2" if $2 ne 'picture';
		push @drawn, "$1 $2" if !$3;
	}
	is_deeply(\@drawn, [(grep { / sieve$/ } @all), @all[-2, -1]], "$arch: ribbons for who runs, then for the newest");
	cmp_ok(scalar @all, '>=', 7, "$arch: of many") or diag($text);
	my $t = said($text);
	my $levels = $arch eq 'i386' ? 2 : 4;
	my $title = crop($picture, 0, 0, 400, 22);
	my $want = sprintf '%d MiB, %d levels, square %d KiB', ($t->{frames}{all} - $t->{frames}{'no RAM'}) * 4 >> 10, $levels,
		$t->{map}{block} * 4;
	ok(find_text($title, $want), "$arch: the title has room for \"$want\"");
	ok(!find_text($title, 'Ctrl-C'), "$arch: and is not on the screen");
	# Where each entry leads, as the text has it.
	my ($panel, $back) = map { pack 'H6', slurp("$top/user/picture/colors.c") =~ /\[COLOR_$_\] = 0x(\w{6})/ ? $1 : die } qw(PANEL BACK);
	my $flat = { width => 400, height => 600, rgb => join '', map { $_ eq $panel ? $back : $_ } unpack '(a3)*', $picture->{rgb} };
	my @entries = map { hex } $text =~ /^walk: (.*)/m ? $1 =~ /\] 0x([0-9a-f]+)/g : ();
	is(scalar @entries, $levels, "$arch: an entry of each level");
	my @frames = map { sprintf '%s%x', $levels == 2 ? '-> ' : '', ($_ & 0xffffffffff000) >> 12 } @entries;
	is_deeply([grep { !find_text($flat, $_) } @frames], [], "$arch: the boxes have the frames @frames");
	return;
}

# ---- booting -----------------------------------------------------------------------------

my ($dir, $fs);

# A disk with the commands of both modes; MODE in them is the mode's directory.
sub disk {
	my ($name, @commands) = @_;
	my @files;
	for my $arch ('x86_64', 'i386') {
		my $file = spew("$dir/$name-$arch", join '', map { s/MODE/$arch/gr . "\n" } @commands);
		push @files, "$arch/etc/commands=$file";
	}
	my ($status, $out) = sh("$top/tools/mkinitramfs", "$dir/$name.cpio", @files);
	die $out if $status;
	my $disk = stick("$dir/$name.img", add => { 'EFI/pagewalk/commands.cpio' => \"$dir/$name.cpio" });
	$fs = $disk . '@@' . gpt($disk)->{parts}[1]{first} * 512;
	return (stick => $disk, writable => 1);
}

sub file {
	my ($name) = @_;
	my $to = "$dir/" . $name;
	my ($status, $out) = sh('mcopy', '-n', '-i', $fs, "::/$name", $to);
	die "$name: $out" if $status;
	return slurp($to);
}

# What each kernel has printed, and of that what command n has.
sub outputs {
	my ($r) = @_;
	my @lines = PagewalkTest::clean_lines($r->{serial});
	my (%output, $arch);
	my @now;
	for (@lines) {
		if (/^# pagewalk \S+ paging=(\d)/) {
			($arch, @now) = ($1 == 4 ? 'x86_64' : 'i386');
		} elsif (/^inturn: (\d+): status (-?\d+) signal (\d+)/ && $arch) {
			$output{$arch}[$1] = { text => join("\n", @now) . "\n", status => $2, signal => $3 };
			@now = ();
		} else {
			push @now, $_;
		}
	}
	return \%output;
}

$dir = scratch('disk');
my @sizes = ('320x240', '400x400', '800x600', '1280x800', '1920x1080');
# Of 64 MiB: pixels of the map, frames of a square, its pixels with the gap.
my %map_of = ('320x240' => '304x96 32 5', '400x400' => '384x130 8 4',
	'800x600' => '784x268 2 4', '1280x800' => '1264x382 1 5', '1920x1080' => '1896x454 1 6',
	'i386 800x600' => '784x260 2 4');		# twice as many kmap slots
my @live_sizes = ('360x480', '1920x1200');
my $help = '; picture --help lists the options';
my $size = "WIDTHxHEIGHT is wanted, from 320x240 to 16384x16384$help";
my @bad = (
	['--size 10x10', 2, "--size 10x10: $size"],
	['--size 800', 2, "--size 800: $size"],
	['--region middle', 2, "--region middle: all, left, right, top or bottom is wanted, and how many per cent, as in right:60$help"],
	['--region right:95', 2, "--region right:95: a part is 10 to 90 per cent$help"],
	['--nothing', 2, "--nothing: there is no such option$help"],
	['--png', 2, "--png and --save need the name of a file$help"],
	['--seconds soon', 2, "--seconds soon: a number from 0 to 1000000 is wanted$help"],
	['--screen --size 800x600', 2, "--size is for pictures that are not on the screen, which has a size of its own$help"],
	['--png /nowhere/x.png', 1, '/nowhere/x.png cannot be written: error 2'],
	['--text --pid 99999', 1, '--pid 99999: there is no such process'],
);
# More address spaces than have room: an old one that is busy, and new ones that sleep.
my @crowd = ('& /bin/timeout 6 /bin/sieve', ('& /bin/sleep 6') x 4,
	'/bin/picture --text --seconds 3 --size 400x600 --png /data/MODE-pane.png');
# Its own canvas is new when a picture looks for the second time.  One with a square for each
# frame, one with squares of many.
my @live = map { "/bin/picture --text --seconds 1 --interval 50 --png /data/MODE-$_.png --save /data/MODE-$_.map --size $_" }
	@live_sizes;
my @headless = ('/bin/rows framemap',
	(map { "/bin/picture --text --png /data/MODE-$_.png --save /data/MODE-$_.map --size $_" } @sizes),
	@live, '/bin/picture --once', (map { "/bin/picture $_->[0]" } @bad), -e "$O/busybox.cpio" ? @crowd : ());

my $r = boot(name => 'small', uboot(), paging => 'both', mem => '64M', disk('small', @headless),
	cmdline => 'test=off loglevel=4 init="/bin/rows inturn /etc/commands"');
is($r->{exit}, 33, '64 MiB: all commands were started') or trouble($r), done_testing, exit;
my $output = outputs($r);
for my $arch ('x86_64', 'i386') {
	my @o = @{ $output->{$arch} // [] };
	like($o[1]{text}, qr/^checks=\d+ failed=0$/m, "$arch: framemap and frames say the same");
	for my $i (0 .. $#sizes) {
		my $text = said($o[2 + $i]{text});
		my $snap = snapshot(file("$arch-$sizes[$i].map"));
		my $picture = png(file("$arch-$sizes[$i].png"));
		is("$o[2 + $i]{status} $picture->{width}x$picture->{height}", "0 $sizes[$i]", "$arch: a picture of $sizes[$i]");
		my $m = $text->{map};
		is("$m->{width}x$m->{height} $m->{block} $m->{size}", $map_of{"$arch $sizes[$i]"} // $map_of{$sizes[$i]}, "$arch $sizes[$i]: the map");
		check_sums("$arch $sizes[$i]", $snap, $text);
		check_squares("$arch $sizes[$i]", $picture, $snap, $text);
	}
	my @blocks = map { check_live($arch, $live_sizes[$_], $o[2 + @sizes + $_]) } 0 .. $#live_sizes;
	ok($blocks[0] >= 8 && $blocks[1] == 1, "$arch live: squares of $blocks[0] frames, and of one");
	is($o[4 + @sizes]{text}, "picture: /dev/fb0 cannot be opened (error 2): this machine has no screen that programs can use; try --text or --png FILE\n",
		"$arch: without a screen");
	for my $i (0 .. $#bad) {
		my ($arguments, $status, $message) = @{ $bad[$i] };
		is("$o[5 + @sizes + $i]{text}$o[5 + @sizes + $i]{status}", "picture: $message\n$status", "$arch: picture $arguments");
	}
	check_pane($arch, $o[4 + @sizes + @bad + @crowd]{text}, png(file("$arch-pane.png"))) if -e "$O/busybox.cpio";
}

# ---- on the screen -----------------------------------------------------------------------

my @shown = (
	'/bin/picture --screen --once --text --png /data/MODE-all.png --save /data/MODE-all.map --seconds 4',
	'/bin/picture --region right:50 --once --text --png /data/MODE-right.png --seconds 4',
	'@1 /bin/picture --interval 100',
	'/bin/picture --text --seconds 4',
	'& /bin/picture --region left --once --seconds 5',
	'@2 /bin/picture --text --seconds 9',
	'/bin/picture --screen --once --seconds 0');

my %screen;
$r = boot(name => 'screen', paging => 'both', mem => '256M', ovmf(), disk('screen', @shown), timeout => 240,
	cmdline => 'test=off loglevel=4 trace=on screen=1280x800 init="/bin/rows inturn /etc/commands"', script => sub {
	my ($vm) = @_;
	for my $arch ('x86_64', 'i386') {
		$vm->must_see($arch eq 'i386' ? qr/^# pagewalk \S+ paging=2/m : qr/^# pagewalk \S+ paging=4/m);
		for ([all => qr/^picture: shown/m], [right => qr/^picture: shown/m],
			[after => qr/^inturn: 3: status 0 signal 9/m]) {
			my ($name, $line) = @$_;
			$vm->must_see($line);
			sleep 1;
			$screen{$arch}{$name} = $vm->screen;
			$vm->screen_png("$vm->{dir}/$arch-$name.png");
		}
	}
});
is($r->{script_error} // $r->{exit}, 33, 'on the screen: all commands were started') or trouble($r), done_testing, exit;
$output = outputs($r);
for my $arch ('x86_64', 'i386') {
	my @o = @{ $output->{$arch} // [] };
	my ($all, $right, $after) = map { $screen{$arch}{$_} } qw(all right after);
	my $picture = png(file("$arch-all.png"));
	my $text = said($o[1]{text});
	my $snap = snapshot(file("$arch-all.map"));
	unlike($o[1]{text}, qr/no room to draw/, "$arch: every address space has a ribbon");
	ok($picture->{rgb} eq $all->{rgb}, "$arch: the screen shows what the file shows, pixel by pixel");
	check_sums("$arch screen", $snap, $text);
	check_squares("$arch screen", $all, $snap, $text);

	$picture = png(file("$arch-right.png"));
	is($picture->{width}, 640, "$arch: half of the screen");
	ok(crop($right, 640, 0, 640, 800)->{rgb} eq $picture->{rgb}, "$arch: the right half is the picture");
	my $left = crop($right, 0, 0, 640, 800);
	ok(find_text($left, 'picture: shown'), "$arch: the left half is the console's");
	is("$o[3]{status} $o[3]{signal}", '0 9', "$arch: one that was killed");
	ok(find_text($after, 'inturn: 3: status 0 signal 9'), "$arch: the console has its screen back");
	like($o[7]{text}, qr/^picture: another program has the screen: end it first, or use --png or --text$/m,
		"$arch: one at a time");
}

# ---- what it costs -----------------------------------------------------------------------

$r = boot(name => 'large', quick(), paging => 'both', mem => '5G', icount => 0, timeout => 240,
	disk('large', '/bin/picture --cost --text', '/bin/picture --text --png /data/MODE.png --save /data/MODE.map'),
	cmdline => 'test=off loglevel=4 init="/bin/rows inturn /etc/commands"');
is($r->{exit}, 33, '5 GiB') or trouble($r), done_testing, exit;
$output = outputs($r);
for my $arch ('x86_64', 'i386') {
	my $o = $output->{$arch};
	my $text = said($o->[2]{text});
	my @ticks = $o->[1]{text} =~ /^picture: all took (\d+) ticks/mg;
	is(scalar @ticks, 2, "$arch: two whole pictures");
	cmp_ok($ticks[1] // 1e12, '<=', 50_000_000, "$arch: instructions for a whole picture of $text->{frames}{all} frames");
	check_sums("$arch 5 GiB", snapshot(file("$arch.map")), $text);
	check_squares("$arch 5 GiB", png(file("$arch.png")), snapshot(file("$arch.map")), $text);
}

# ---- the row -----------------------------------------------------------------------------

for ([4, 'x86_64'], [2, 'i386']) {
	my ($mode, $arch) = @$_;
	my $s = $seen{$arch};
	record_row('PICTURE', $mode, !$s->{wrong} && $s->{sums} == $s->{pictures},
		"$s->{pictures} pictures: $s->{wrong} of $s->{squares} squares have another colour than their frames; "
		. "$s->{sums} sums are the allocator's");
}
done_testing;
