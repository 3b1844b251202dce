# SPDX-License-Identifier: MIT
#
# make bench, bench-events, bench-profile: the cost of each operation in executed
# instructions, next to Linux's.  See test/bench/README.md.
#
# The programs go to a stick of their own as an extra archive, so the image that is shipped
# carries nothing of this.  gcc and these flags made Linux's figures: keep them.

bench-cflags := -O2 -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -fno-tree-loop-distribute-patterns \
	-mno-sse -mno-mmx -Wall -Wextra -Wno-unused-function -Wno-unused-parameter \
	-Wl,--build-id=none -Wl,-z,noseparate-code
bench-x86_64 := -m64
bench-i386 := -m32 -march=i686
bench-names := mmbench tiny

define bench-rules
$(O)/bench/$(1)/%: test/bench/%.c test/bench/sys.h tools/bench.mk
	@mkdir -p $$(@D)
	$$(call say,GCC,$$@)$$(GCC) $$(bench-$(1)) $$(bench-cflags) -o $$@ $$<
endef
$(foreach m,x86_64 i386,$(eval $(call bench-rules,$(m))))

bench-files := $(foreach m,x86_64 i386,$(bench-names:%=$(m)/%))
bench-programs: $(bench-files:%=$(O)/bench/%)

$(O)/bench/bench.cpio: $(bench-files:%=$(O)/bench/%) tools/mkinitramfs
	$(call say,CPIO,$@)tools/mkinitramfs $@ $(foreach f,$(bench-files),$(f)=$(O)/bench/$(f))

$(O)/bench/bench.img: $(O)/BOOTX64.EFI $(O)/bench/bench.cpio disk/mkimage
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTX64.EFI=$< \
		EFI/pagewalk/bench.cpio=$(O)/bench/bench.cpio

# A plugin for QEMU: it counts instructions by kind and by address.
$(O)/bench/insnprof.so: test/bench/insnprof.c
	@mkdir -p $(@D)
	$(call say,GCC,$@)$(GCC) -O2 -Wall -shared -fPIC -o $@ $<

bench-image: $(O)/bench/bench.img

# BENCH=prefix,prefix  MODES="4 2"  STRICT=1 counts what is skipped as missed, STRICT=0 only
# reports.
MODES	?= 4 2
bench-env = O='$(abspath $(O))' BENCH='$(BENCH)' MODES='$(MODES)' MODE='$(MODE)' STRICT='$(STRICT)'

bench: deps
	+$(MAKE) $(parallel) $(O)/bench/bench.img
	$(bench-env) test/bench/bench

bench-events: deps
	+$(MAKE) $(parallel) $(O)/bench/bench.img $(O)/bench/insnprof.so
	$(bench-env) test/bench/events

bench-profile: deps
	+$(MAKE) $(parallel) $(O)/bench/bench.img $(O)/bench/insnprof.so
	$(bench-env) test/bench/profile

bench-disk: deps
	+$(MAKE) $(parallel) all $(O)/bench/insnprof.so
	$(bench-env) test/bench/diskread

bench-swap: deps
	+$(MAKE) $(parallel) $(O)/bench/bench.img
	$(bench-env) test/bench/swapcycle

.PHONY: bench bench-disk bench-swap bench-image bench-programs bench-events bench-profile
