#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The image on different firmware and machines: the fast cells of the matrix, with both
# kernels, one starting the other.  Evidence for B10 (32-bit firmware), K5 (processor features).
use strict;
use warnings;
use PagewalkTest;
use PagewalkMatrix;

rows_here(qw(B10 K5));

for my $cell (grep { $_->{fast} } cells()) {
	my $id = $cell->{name} =~ /ia32/ ? 'B10' : $cell->{name} =~ /^cpu-/ ? 'K5' : undef;
	next if rows_wanted() && !($id && wanted($id));
	# `both` starts four levels from the firmware, and two levels from there.
	for my $mode (@{ ref $cell->{fast} ? $cell->{fast} : $cell->{modes} // ['both'] }) {
		my ($verdict, $r) = run_cell($cell, $mode);
		is($verdict, 'passed', "$cell->{name}, paging=$mode") or trouble($r);
		next unless $id;
		evidence($id, $_, $verdict eq 'passed', "$cell->{name} booted with paging=$mode: $verdict")
			for $mode eq 'both' ? (4, 2) : $mode;
	}
}
done_testing;
