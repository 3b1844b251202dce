#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# The first program of tour.t: the tour in all the ways there are.  With an argument, by key too.
say() { echo "tour-test: $*"; }

say list
tour --list
say all
tour --seconds 0 --plain --transcript /tmp/shown
say status $?
say transcript
busybox cat /tmp/shown
say one
tour --seconds 0 --plain 5.6.4 4.6.4
say status $?
say unknown
tour 5.9
say status $?
say number
tour --seconds soon
say status $?
if busybox uname -m | busybox grep -q x86_64; then
	say keys
	tour --seconds 100 --plain 5.4 5.4.6 5.4.10 5.4.9
	say status $?
	say clock
	tour --seconds 4 --plain 5.4 5.4.6
	say status $?
	say time
	tour --seconds 1 --plain 5.4.10
	say status $?
fi
say shell
tour --seconds 100 --plain --transcript /tmp/shown 5.4 5.4.6 5.4.10
say status $?
busybox killall yes
say kept
busybox cat /tmp/shown
say shellless
busybox mv /bin/sh /tmp/sh
tour --seconds 100 --plain 5.4.10
say status $?
busybox mv /tmp/sh /bin/sh
say busy
yes >/dev/null &
tour --seconds 0 --plain
say status $?
busybox killall yes
say unwritable
tour --transcript /nowhere/x 5.4
say status $?
say end
