#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# The first program of busybox.t.
echo "busybox: begin"
/bin/busybox sh -c 'ls / | wc -l; cat /proc/self/maps'
echo "busybox: status $?"
