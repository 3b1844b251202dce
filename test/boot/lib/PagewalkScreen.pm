# SPDX-License-Identifier: MIT
package PagewalkScreen;
#
# Reading a picture of the screen: draw a line of text with Debian's console fonts and look
# for exactly these pixels.  The kernel's fonts come from the same files, but no code is
# shared: a picture that holds the text was drawn by a console that works.
#
#	my $hit = find_text($picture, 'ok 1 - E2 ...');
#	# undef, or { x, y, font, crc }
#
use strict;
use warnings;
use Compress::Zlib ();
use Exporter 'import';

our @EXPORT = qw(find_text crop png count_colours);

my $fonts = '/usr/share/consolefonts';
my @sizes = ('16', '24x12', '32x16');

# A PSF1 or PSF2 font: { width, height, glyph => { character => [row as 0/1 string, ...] } }
sub font {
	my ($path) = @_;
	my $gz = Compress::Zlib::gzopen($path, 'rb') or die "$path: cannot be read\n";
	my ($data, $piece) = ('');
	$data .= $piece while $gz->gzread($piece, 65536) > 0;
	my ($start, $count, $size, $height, $width, $table);
	if (substr($data, 0, 2) eq "\x36\x04") {
		my $mode;
		($mode, $size) = unpack 'x2CC', $data;
		($start, $count, $height, $width) = (4, $mode & 1 ? 512 : 256, $size, 8);
		$table = 1;
	} else {
		(undef, undef, $start, undef, $count, $size, $height, $width) = unpack 'V8', $data;
		$table = 2;
	}
	my $bytes = int(($width + 7) / 8);
	my @map = split $table == 1 ? qr/\xff\xff/ : qr/\xff/, substr $data, $start + $count * $size;
	my %glyph;
	for my $i (0 .. $count - 1) {
		my @rows = map { substr unpack('B*', substr $data, $start + $i * $size + $_ * $bytes, $bytes), 0, $width }
			0 .. $height - 1;
		my $codes = $map[$i] // '';
		my @codes = $table == 1 ? unpack('v*', $codes) : map { ord } grep { length == 1 } split //, $codes;
		$glyph{ chr $_ } = \@rows for grep { $_ >= 0x20 && $_ < 0x7f } @codes;
	}
	return { width => $width, height => $height, glyph => \%glyph };
}

my %cache;
sub fonts {
	return map {
		my $size = $_;
		map { $cache{"$_$size"} //= font("$fonts/Uni2-$_$size.psf.gz") } 'Terminus', 'TerminusBold';
	} @sizes;
}

# The text as rows of 0/1.
sub draw {
	my ($font, $text) = @_;
	my @rows = ('') x $font->{height};
	for my $c (split //, $text) {
		my $glyph = $font->{glyph}{$c} // return;
		$rows[$_] .= $glyph->[$_] for 0 .. $#rows;
	}
	return \@rows;
}

# Pixels of each colour: { rgb => n }.  Equal neighbours are counted at once.
sub count_colours {
	my ($rgb) = @_;
	my %n;
	$n{$1} += 1 + length($2) / 3 while $rgb =~ /\G(...)((?:\1){0,30000})/gs;
	return \%n;
}

# The picture as rows of 0/1: 1 where it is not the background, its most frequent colour.  All
# pixels at once: what differs from the background in one of three bytes.
sub bits {
	my ($picture) = @_;
	return $picture->{bits} //= do {
		my ($w, $h) = @{$picture}{qw(width height)};
		my $n = count_colours($picture->{rgb});
		my ($background) = sort { $n->{$b} <=> $n->{$a} } keys %$n;
		my $differs = $picture->{rgb} ^ ($background x ($w * $h));
		$differs |= substr($differs, 1) | substr($differs, 2);
		$differs =~ tr/\0/0/;
		$differs =~ tr/0/1/c;
		my $all = join '', unpack '(a1x2)*', $differs;
		[map { substr $all, $_ * $w, $w } 0 .. $h - 1];
	};
}

sub find_text {
	my ($picture, $text) = @_;
	my $bits = bits($picture);
	for my $font (fonts()) {
		for my $scale (1, 2, 3) {
			my $drawn = draw($font, $text) or next;
			my @want = map { my $row = join '', map { $_ x $scale } split //; ($row) x $scale } @$drawn;
			my ($first) = grep { $want[$_] =~ /1/ } 0 .. $#want;
			Y: for my $y (0 .. $picture->{height} - @want) {
				my $x = -1;
				while (($x = index $bits->[$y + $first], $want[$first], $x + 1) >= 0) {
					my $same = 1;
					for my $row (0 .. $#want) {
						next if substr($bits->[$y + $row], $x, length $want[$row]) eq $want[$row];
						$same = 0;
						last;
					}
					next unless $same;
					return { x => $x, y => $y, font => "$font->{width}x$font->{height}",
						scale => $scale, crc => Compress::Zlib::crc32(join '', @want) };
				}
			}
		}
	}
	return undef;
}

# A part of a picture.
sub crop {
	my ($p, $x, $y, $w, $h) = @_;
	return { width => $w, height => $h,
		rgb => join '', map { substr $p->{rgb}, 3 * ($_ * $p->{width} + $x), 3 * $w } $y .. $y + $h - 1 };
}

# { width, height, rgb } of a PNG with a palette and without filters.
sub png {
	my ($data) = @_;
	die "not a PNG\n" unless $data =~ s/^\x89PNG\r\n\x1a\n//;
	my ($w, $h, $idat, @palette) = (0, 0, '');
	while ($data =~ s/^(.{4})(.{4})//s) {
		my ($n, $name) = (unpack('N', $1), $2);
		my $body = substr $data, 0, $n, '';
		my $crc = unpack 'N', substr $data, 0, 4, '';
		die "$name: wrong CRC\n" if $crc != Compress::Zlib::crc32($name . $body);
		($w, $h) = unpack 'NN', $body if $name eq 'IHDR';
		@palette = $body =~ /(.{3})/gs if $name eq 'PLTE';
		$idat .= $body if $name eq 'IDAT';
	}
	my $raw = Compress::Zlib::uncompress($idat) // die "the data cannot be unpacked\n";
	die "wrong length\n" if length $raw != ($w + 1) * $h;
	my $rgb = '';
	for my $y (0 .. $h - 1) {
		die "a filter\n" if ord substr $raw, $y * ($w + 1), 1;
		$rgb .= join '', @palette[unpack 'C*', substr $raw, $y * ($w + 1) + 1, $w];
	}
	return { width => $w, height => $h, rgb => $rgb };
}

1;
