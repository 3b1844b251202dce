# SPDX-License-Identifier: MIT
#
# make run, smoke, debug: one machine with the image as its USB stick.  Each installs what
# is missing and builds first; in this order also with -j, hence the second make.

PAGING	?= 4
run-env	= PAGING='$(PAGING)' MEM='$(MEM)' FIRMWARE='$(FIRMWARE)' ACCEL='$(ACCEL)' \
	CMDLINE='$(CMDLINE)' CPU='$(CPU)' MACHINE='$(MACHINE)' BUS='$(BUS)' VGA='$(VGA)' SMP='$(SMP)'

ifeq ($(BUG),)
run: deps
	+$(MAKE) all
	$(run-env) tools/qemu-run $(O)
else
# The same with a bug of test/bugs put into a scratch copy of the tree.
run: deps
	O='$(abspath $(O))' test/bugs/run --apply $(BUG)
	+$(MAKE) -C $(O)/bugs/tree O=build BUG= run
endif

smoke: deps
	+$(MAKE) all
	$(run-env) tools/smoke $(O)

debug: deps
	+$(MAKE) all
	@echo "QEMU waits for the debugger.  In another terminal:"
	@echo "    gdb -x tools/gdb-$(if $(filter 2,$(PAGING)),i386,x86_64)"
	GDB=1 $(run-env) tools/qemu-run $(O)

replay: deps
	+$(MAKE) all
	PAGING='$(PAGING)' SEED='$(SEED)' PROGRAM='$(PROGRAM)' UNTIL='$(UNTIL)' MEM='$(MEM)' \
		CMDLINE='$(CMDLINE)' tools/replay $(O)

# The pictures of README.md and doc/ (SHOTS=name,name for some).
screenshots: deps
	+$(MAKE) all
	SHOTS='$(SHOTS)' tools/screenshots $(O)

.PHONY: run smoke debug replay screenshots
