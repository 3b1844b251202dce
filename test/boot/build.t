#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# What can be seen in the files that the build makes: PE headers, ELF symbols of both
# kernels, the disk image; and that a second build in another directory gives the same.
use strict;
use warnings;
use PagewalkTest;

rows_here(qw(B1 B8 E2));

# ---- the PE files --------------------------------------------------------------------

sub check_pe {
	my ($file, $machine, $magic) = @_;
	my $pe = pe("$O/$file");
	is($pe->{machine}, $machine, "$file: machine");
	is($pe->{magic}, $magic, "$file: PE32" . ($magic == 0x20b ? '+' : ''));
	is($pe->{subsystem}, 10, "$file: an EFI application");
	is($pe->{section_align}, 4096, "$file: sections are 4 KiB aligned");
	ok($pe->{dll} & 0x100, "$file: NX_COMPAT");
	ok($pe->{dll} & 0x40, "$file: DYNAMIC_BASE");
	my @wx = grep { ($_->{flags} & 0xa0000000) == 0xa0000000 } @{ $pe->{sections} };
	is("@{[map { $_->{name} } @wx]}", '', "$file: no section is writable and executable");
	my @odd = grep { $_->{vaddr} % 4096 } @{ $pe->{sections} };
	is("@{[map { $_->{name} } @odd]}", '', "$file: every section starts on a page");
	my %s = map { $_->{name} => $_ } @{ $pe->{sections} };
	ok($s{'.reloc'} && $s{'.reloc'}{vsize} > 8 && $pe->{reloc_size} > 8, "$file: .reloc is not empty");
	ok($s{'.sbat'}, "$file: has .sbat") and do {
		my $text = substr $s{'.sbat'}{data}, 0, $s{'.sbat'}{vsize};
		like($text, qr/\Asbat,1,[^\0]*\npagewalk,1,[^\0]*\n\z/, "$file: .sbat is exactly its text");
	};
	my $end = 0;
	for (@{ $pe->{sections} }) {
		my $top = $_->{vaddr} + $_->{vsize};
		$end = $top if $top > $end;
	}
	is($pe->{image_size}, ($end + 4095) & ~4095, "$file: SizeOfImage covers every section");
	my ($status, $text) = sh('sbverify', '--list', "$O/$file");
	unlike($text, qr/gap in section table|warning/i, "$file: sbverify finds no gap");
	cmp_ok($pe->{file_size}, '<=', 2 << 20, "$file: $pe->{file_size} bytes, at most 2 MiB");
	return;
}

check_pe('BOOTX64.EFI', 0x8664, 0x20b);
check_pe('BOOTIA32.EFI', 0x14c, 0x10b);

# ---- the two kernels -----------------------------------------------------------------

my %kernel = (4 => "$O/x86_64", 2 => "$O/i386");
my %base = (4 => ~0 - 0x7fffffff, 2 => 0xc0000000);
my (%sym, %type);
for my $mode (4, 2) {
	$type{$mode} = {};
	$sym{$mode} = elf_symbols("$kernel{$mode}/pagewalk.elf", $type{$mode});
	my $offset = ($sym{$mode}{swapper_pg_dir} // 0) - $base{$mode};
	record_row('E2', $mode, $offset == 0x1000,
		sprintf 'swapper_pg_dir is at image base + 0x%x, expected 0x1000', $offset);
}

# Which objects define a symbol that others can use.
sub defined_in {
	my ($dir) = @_;
	my %where;
	my ($status, $text) = sh('sh', '-c', "cd '$dir' && find . -name '*.o' ! -path './user/*' -exec llvm-nm -A --defined-only --extern-only {} +");
	for (split /\n/, $text) {
		$where{$2} = $1 if m{^(?:\./)?(.*?\.o): *[0-9a-f]* \S (\S+)$};
	}
	return \%where;
}

my %where = map { $_ => defined_in($kernel{$_}) } 4, 2;
for my $mode (4, 2) {
	my $other = 6 - $mode;
	my @only = grep { !exists $where{$other}{$_} } sort keys %{ $where{$mode} };
	# Arithmetic that the compiler calls in 32-bit code is machine code by another name.
	my @wrong = grep { $where{$mode}{$_} !~ m{^(arch/x86/|lib/div64\.o)} } @only;
	record_row('B8', $mode, !@wrong && @only && keys %{ $where{$mode} } > 100,
		sprintf('%d symbols, %d only in this kernel, of these outside arch files: %s (expected none)',
			scalar keys %{ $where{$mode} }, scalar @only,
			@wrong ? join ' ', map { "$_ ($where{$mode}{$_})" } @wrong : 'none'));
}

# ---- the image -----------------------------------------------------------------------

my $gpt = gpt(image());
is($gpt->{mbr_magic}, 0xaa55, 'image: MBR signature');
is("@{ $gpt->{mbr_types} }", '238 0 0 0', 'image: protective MBR, no hybrid');
is($gpt->{signature}, 'EFI PART', 'image: GPT');
is(scalar @{ $gpt->{parts} }, 3, 'image: three partitions');
is($gpt->{parts}[1]{type}, '50414745-5741-4C4B-8000-446174610001', 'image: the second is for our data');
is($gpt->{parts}[2]{type}, '50414745-5741-4C4B-8000-537761700001', 'image: the third is for swap');
is($gpt->{parts}[0]{type}, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'image: an EFI system partition');
is($gpt->{parts}[0]{first}, 2048, 'image: which starts at 1 MiB');
my $boot = slurp(image());
is(substr($boot, (1 << 20) + 82, 8), 'FAT32   ', 'image: FAT32');
is(ord substr($boot, (1 << 20) + 13, 1), 1, 'image: clusters of 512 bytes');
cmp_ok(($gpt->{parts}[0]{last} - $gpt->{parts}[0]{first} + 1) * 512, '>=', 40 << 20, 'image: at least 40 MiB');

my @files = stick_files(image());
is_deeply(\@files, [qw(EFI/BOOT/BOOTIA32.EFI EFI/BOOT/BOOTX64.EFI EFI/pagewalk/busybox.cpio EFI/pagewalk/libc.cpio
	EFI/pagewalk/pagewalk.conf README.TXT)],
	'image: our files and no others');
my @loaders = grep { /\.efi$/i } @files;
my $same = stick_file(image(), 'EFI/BOOT/BOOTX64.EFI') eq slurp("$O/BOOTX64.EFI");
for my $mode (4, 2) {
	record_row('B1', $mode, @loaders == 2 && $same,
		scalar(@loaders) . " loaders on the stick, expected 2 (@loaders); BOOTX64.EFI is the built file");
}

# ---- the same again, from another directory --------------------------------------------
#
# mm/ and lib/ of one kernel, and a program; `make reproducible` compares all that is built.

my $tree = scratch('another-directory/with-a-longer-name');
my @part = ('x86_64/bin/picture', map { my $dir = $_; map { "x86_64/$dir/$_" }
	map { /\S+\.o/g } slurp("$top/$dir/files.mk") =~ /^obj-y \+= (.*)/mg } qw(mm lib));
my @made = $ENV{REPRODUCIBLE} ? qw(BOOTX64.EFI BOOTIA32.EFI pagewalk.img) : @part;
ok(@made > 2, 'files to compare: ' . @made);
my ($status, $text) = sh('sh', '-c',
	"cd '$top' && find . \\( -name .git -o -path ./build \\) -prune -o -type f -print0 | xargs -0 cp --parents -t '$tree' && cd '$tree' && make -s -j2 O=out @{[map { \"out/$_\" } @made]}");
is($status, 0, 'the tree builds in another directory') or diag(substr $text, -3000);

# Symbols and debug information name the build directory.
sub loaded {
	my ($file) = @_;
	return slurp($file) if $file =~ /\.(EFI|img)$/;
	must('llvm-objcopy', $file =~ /\.o$/ ? '--strip-debug' : '--strip-all', $file, "$tree/stripped");
	return slurp("$tree/stripped");
}
for my $file (@made) {
	my ($ours, $theirs) = map { loaded("$_/$file") } $O, "$tree/out";
	ok(length $ours && $ours eq $theirs, "$file: byte for byte the same");
}
PagewalkTest::remove_tree($tree);

done_testing;
