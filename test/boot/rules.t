#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The rules of the tree that a program can check.
exec 'tools/checkrules';
