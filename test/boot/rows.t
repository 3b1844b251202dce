#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The last test: is every due row of the catalogue proven?  Writes build/rows.tsv.
use strict;
use warnings;
my $o = $ENV{O} || 'build';
exec 'tools/checkrows', $o, $ENV{ROWS} // '';
