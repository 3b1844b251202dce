#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Every bug of test/bugs still applies to the tree.
exec 'test/bugs/run', '--check';
