# SPDX-License-Identifier: MIT
package PagewalkImage;
#
# Looking into what was built (PE headers, GPT, the FAT file system) and making variants
# of the stick.
#
use strict;
use warnings;
use Exporter 'import';
use IPC::Open3 ();

our @EXPORT = qw(pe gpt read_at stick stick_files stick_file elf_symbols);

sub bytes {
	my ($path) = @_;
	open my $fh, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$fh>;
}

# n bytes of a file or a disk image; fewer if it ends before.
sub read_at {
	my ($path, $at, $n) = @_;
	open my $fh, '<:raw', $path or die "$path: $!\n";
	seek $fh, $at, 0;
	my $data;
	read $fh, $data, $n;
	return $data;
}

# The headers of a PE file.
sub pe {
	my ($path) = @_;
	my $d = bytes($path);
	substr($d, 0, 2) eq 'MZ' or die "$path: no MZ\n";
	my $at = unpack 'V', substr $d, 0x3c, 4;
	substr($d, $at, 4) eq "PE\0\0" or die "$path: no PE header\n";
	my ($machine, $nsec, undef, undef, undef, $optsize, $chars) = unpack 'vvVVVvv', substr $d, $at + 4, 20;
	my $opt = substr $d, $at + 24, $optsize;
	my $magic = unpack 'v', $opt;
	my $plus = $magic == 0x20b;
	my %pe = (machine => $machine, characteristics => $chars, magic => $magic, file_size => length $d,
		time => unpack('V', substr $d, $at + 8, 4));
	@pe{qw(section_align file_align)} = unpack 'VV', substr $opt, 32, 8;
	@pe{qw(image_size header_size)} = unpack 'VV', substr $opt, 56, 8;
	@pe{qw(subsystem dll)} = unpack 'vv', substr $opt, 68, 4;
	my $dirs = $plus ? 112 : 96;
	@pe{qw(reloc_rva reloc_size)} = unpack 'VV', substr $opt, $dirs + 5 * 8, 8;
	@pe{qw(debug_rva debug_size)} = unpack 'VV', substr $opt, $dirs + 6 * 8, 8;
	for my $i (0 .. $nsec - 1) {
		my $h = substr $d, $at + 24 + $optsize + 40 * $i, 40;
		my %s;
		@s{qw(name vsize vaddr rawsize rawptr)} = unpack 'Z8VVVV', $h;
		$s{flags} = unpack 'V', substr $h, 36, 4;
		$s{data} = substr $d, $s{rawptr}, $s{rawsize} < $s{vsize} ? $s{rawsize} : $s{vsize};
		push @{ $pe{sections} }, \%s;
	}
	return \%pe;
}

# Protective MBR and partitions of a disk image.
sub gpt {
	my ($path) = @_;
	open my $fh, '<:raw', $path or die "$path: $!\n";
	read $fh, my $d, 34 * 512;
	my %g = (size => -s $path, signature => substr($d, 512, 8), mbr_magic => unpack('v', substr $d, 510, 2));
	$g{mbr_types} = [map { ord substr $d, 446 + 16 * $_ + 4, 1 } 0 .. 3];
	for my $i (0 .. 127) {
		my $e = substr $d, 1024 + 128 * $i, 128;
		my ($a, $b, $c) = unpack 'Vvv', $e;
		next unless $a;
		my ($first, $last) = unpack 'QQ', substr $e, 32, 16;
		push @{ $g{parts} }, { type => uc sprintf('%08x-%04x-%04x-%s', $a, $b, $c,
			join '-', unpack 'H4H12', substr $e, 8, 8), first => $first, last => $last };
	}
	return \%g;
}

sub run {
	my (@argv) = @_;
	open my $null, '<', '/dev/null';
	my $pid = IPC::Open3::open3('<&' . fileno $null, my $out, undef, @argv);
	local $/;
	my $text = <$out> // '';
	waitpid $pid, 0;
	die "@argv: $text" if $?;
	return $text;
}

# stick(PATH, add => { NAME => contents or \FILE }, remove => [NAME...], base => IMAGE):
# a copy of the image with files of its first partition changed.  Names with slashes.
sub stick {
	my ($path, %o) = @_;
	local $ENV{MTOOLS_SKIP_CHECK} = 1;
	my $base = $o{base} // PagewalkTest::image();
	run('cp', '--sparse=always', $base, $path);
	my $esp = "$path\@\@1M";
	for my $name (@{ $o{remove} // [] }) {
		run('mdel', '-i', $esp, "::/$name");
	}
	for my $name (sort keys %{ $o{add} // {} }) {
		my $content = $o{add}{$name};
		my $file = $path . '.tmp';
		if (ref $content) {
			$file = $$content;
		} else {
			open my $fh, '>:raw', $file or die "$file: $!\n";
			print $fh $content;
			close $fh;
		}
		my $dir = '';
		my @dirs = split m{/}, $name;
		pop @dirs;
		for (@dirs) {
			$dir .= "/$_";
			eval { run('mmd', '-D', 's', '-i', $esp, "::$dir") };
		}
		run('mcopy', '-o', '-i', $esp, $file, "::/$name");
		unlink $path . '.tmp';
	}
	return $path;
}

# The files on the first partition, as sorted paths with slashes.
sub stick_files {
	my ($path) = @_;
	local $ENV{MTOOLS_SKIP_CHECK} = 1;
	return sort map { s{^::/}{}r } grep { !m{/$} } split /\n/, run('mdir', '-b', '-/', '-i', "$path\@\@1M", '::/');
}

# The contents of one file, undef if it is not there.
sub stick_file {
	my ($path, $name) = @_;
	local $ENV{MTOOLS_SKIP_CHECK} = 1;
	return eval { run('mtype', '-i', "$path\@\@1M", "::/$name") };
}

# { symbol => address } of an ELF file; `types` gets { symbol => letter }.
sub elf_symbols {
	my ($path, $types) = @_;
	my %s;
	for (split /\n/, run('llvm-nm', $path)) {
		my ($addr, $type, $name) = /^([0-9a-f]+) (\S) (\S+)/ or next;
		# hex() of 64 bits is fine on a 64-bit perl
		no warnings 'portable';
		$s{$name} = hex $addr;
		$types->{$name} = $type if $types;
	}
	return \%s;
}

1;
