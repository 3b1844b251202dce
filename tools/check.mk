# SPDX-License-Identifier: MIT
#
# make check and the longer tests.  Everything ends in prove; the rows of the catalogue and
# their evidence end up in $(O)/rows.tsv.

# ---- host tests ----------------------------------------------------------------------
#
# test/host/*.mk: host-tests += NAME, NAME-src := files from the top, NAME-cflags if needed;
# they are for the link too.  Each is built for both word sizes, hence for both depths of page
# table, or for NAME-bits.

host-tests :=
-include $(wildcard test/host/*.mk)

# -g1: lines for the sanitizers' reports, in two thirds of the time; HOSTDEBUG=-g for gdb.
HOSTDEBUG ?= -g1 -fno-var-tracking
host-cflags := -std=gnu11 -O1 $(HOSTDEBUG) -pipe -fno-omit-frame-pointer -fno-strict-aliasing \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-builtin \
	-DDEBUG_VM=1 -D_FILE_OFFSET_BITS=64 -Itest/host/include -Iarch/x86/include -Iinclude $(version)

# Tests with the same flags share their objects: $(O)/host/64, or 64 and the flags.
space := $(subst ,, )
host-dir = $(O)/host/$(2)$(subst =,_,$(subst $(space),,$(strip $($(1)-cflags))))
host-bits = $(or $($(1)-bits),64 32)
host-objs = $(patsubst %.c,$(call host-dir,$(1),$(2))/%.o,$($(1)-src))

# $(1) test, $(2) word size
define host-compile
host-dirs += $(call host-dir,$(1),$(2))
$(call host-dir,$(1),$(2))/%.o: %.c $(O)/host/.flags
	$$(call say,HOSTCC,$$@)$$(GCC) -m$(2) $$(host-cflags) $$(warnings) $($(1)-cflags) \
		-MMD -MP -c -o $$@ $$<
endef

define host-rules
$(if $(filter $(call host-dir,$(1),$(2)),$(host-dirs)),,$(call host-compile,$(1),$(2)))

$(O)/host/$(1)-$(2): $(call host-objs,$(1),$(2))
	$$(call say,HOSTLD,$$@)$$(GCC) -m$(2) -fsanitize=address,undefined $($(1)-cflags) -o $$@ $$^ $$($(1)-libs)

-include $(patsubst %.o,%.d,$(call host-objs,$(1),$(2)))
endef
host-dirs :=
$(eval $(call flags-file,host,$$(host-cflags),$$(foreach t,$$(host-tests),$$(foreach b,$$(call host-bits,$$(t)),$$(call host-objs,$$(t),$$(b))))))
$(foreach t,$(host-tests),$(foreach b,$(call host-bits,$(t)),$(eval $(call host-rules,$(t),$(b)))))

host-programs := $(foreach t,$(host-tests),$(foreach b,$(call host-bits,$(t)),$(O)/host/$(t)-$(b)))
host: $(host-programs)

# ---- the second compiler -------------------------------------------------------------
#
# Its warnings come with the optimiser; nobody reads the assembly, and none is assembled.

gcc-x86_64 := $(GCC) -m64 -mcmodel=kernel
gcc-i386 := $(GCC) -m32 $(mode-i386)
gcc-flags = -nostdinc $(kernel-cppflags) -isystem $(gcc-include) $(kernel-cflags) -Werror
gcc-files = $(patsubst %.c,$(O)/gcc/$(1)/%.s,$(filter %.c,$(wildcard $(patsubst $(O)/$(1)/%.o,%.c,$(objs-$(1))))))
define gcc-rules
$(O)/gcc/$(1)/%.s: %.c $(O)/gcc/$(1)/.flags
	$$(call say,GCC,$$@)$$(gcc-$(1)) $$(gcc-flags) -MMD -MP -S -o $$@ $$<

-include $(patsubst %.s,%.d,$(call gcc-files,$(1)))
endef
gcc-include = $(shell $(GCC) -print-file-name=include)
$(foreach m,x86_64 i386,$(eval $(call flags-file,gcc/$(m),$$(gcc-flags),$$(call gcc-files,$(m)))))
$(foreach m,x86_64 i386,$(eval $(call gcc-rules,$(m))))
gcc-warnings: $(foreach m,x86_64 i386,$(call gcc-files,$(m)))

# What gcc compiles for no host test, and what only the i386 kernel has: the part for `make check`.
host-sources := $(sort $(foreach t,$(host-tests),$($(t)-src)))
gcc-warnings-rest: $(filter-out $(host-sources:%.c=$(O)/gcc/x86_64/%.s),$(call gcc-files,x86_64)) \
	$(filter-out $(patsubst $(O)/gcc/x86_64/%,$(O)/gcc/i386/%,$(call gcc-files,x86_64)),$(call gcc-files,i386))

# Everything is built once more in another directory, and compared.
reproducible: all
	O='$(abspath $(O))' REPRODUCIBLE=1 perl -Itest/boot/lib test/boot/build.t

# ---- the misbehaving firmware --------------------------------------------------------
#
# EFI applications like the loader, test/boot/badfw: badfw stands on test sticks in the
# loader's place and starts it as \EFI\pagewalk\REAL.EFI; victim checks badfw.

badfw-y :=
badfw-x86_64 :=
badfw-i386 :=
victim-y :=
victim-x86_64 :=
victim-i386 :=
-include test/boot/badfw/files.mk
badfw-cppflags-x64 := -isystem /usr/include/efi -isystem /usr/include/efi/x86_64
badfw-cppflags-ia32 := -isystem /usr/include/efi -isystem /usr/include/efi/ia32

# $(1) x64 or ia32
define badfw-rules
$(O)/badfw/$(1)/%.o: test/boot/badfw/%.c $(O)/efi/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(efi-target-$(1)) $$(badfw-cppflags-$(1)) -DGNU_EFI_USE_MS_ABI \
		$$(efi-cflags) $$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/badfw/$(1)/%.o: test/boot/badfw/%.S $(O)/efi/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,AS,$$@)$$(efi-target-$(1)) $$(paths) -MMD -MP -c -o $$@ $$<
endef
$(foreach w,x64 ia32,$(eval $(call badfw-rules,$(w))))

# $(1) the file, $(2) x64 or ia32, $(3) its objects
define badfw-program
$(O)/badfw/$(1): $(addprefix $(O)/badfw/$(2)/,$(3))
	$$(call say,LD,$$@)$$(efi-link-$(2)) /out:$$@ $$^

-include $(patsubst %.o,$(O)/badfw/$(2)/%.d,$(3))
endef
$(eval $(call badfw-program,badfw.efi,x64,$(badfw-y) $(badfw-x86_64)))
$(eval $(call badfw-program,badfwia32.efi,ia32,$(badfw-y) $(badfw-i386)))
$(eval $(call badfw-program,victim.efi,x64,$(victim-y) $(victim-x86_64)))
$(eval $(call badfw-program,victimia32.efi,ia32,$(victim-y) $(victim-i386)))

$(O)/badfw/x64.img: $(O)/badfw/badfw.efi $(O)/BOOTX64.EFI disk/mkimage
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTX64.EFI=$< \
		EFI/pagewalk/REAL.EFI=$(O)/BOOTX64.EFI
$(O)/badfw/ia32.img: $(O)/badfw/badfwia32.efi $(O)/BOOTIA32.EFI disk/mkimage
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTIA32.EFI=$< \
		EFI/pagewalk/REAL.EFI=$(O)/BOOTIA32.EFI
badfw: $(O)/badfw/x64.img $(O)/badfw/ia32.img

# Is each misbehaviour really in force?
verify-badfw: deps
	+$(MAKE) $(parallel) $(addprefix $(O)/badfw/,badfw.efi badfwia32.efi victim.efi victimia32.efi)
	test/boot/badfw/verify $(O)/badfw $(CELLS)

# ---- tests ---------------------------------------------------------------------------

parallel = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
test-env = O='$(abspath $(O))' ROWS='$(ROWS)' CELLS='$(CELLS)' JOBS='$(JOBS)' HOST_PROGRAMS='$(host-programs)'
# Three tests, two machines of the matrix: its largest have 8 GiB, and the smoke test writes to all of it.
jobs-given := $(JOBS)
JOBS	?= 3
PROVE	= prove --timer -Itest/boot/lib

check: deps
	+$(MAKE) $(parallel) all badfw
	rm -rf $(O)/test/rows.d $(O)/test/costs.tsv
	$(test-env) HARNESS_RULESFILE=test/boot/order.yml $(PROVE) -j$(JOBS) test/boot/*.t

matrix: JOBS := $(or $(jobs-given),2)
matrix: deps
	+$(MAKE) $(parallel) all badfw
	$(test-env) perl -Itest/boot/lib test/boot/matrix $(if $(CELLS),'$(CELLS)')

bugs: deps
	+$(test-env) test/bugs/run $(ROWS)

# QEMU killed at CUTS random moments while the guest writes.
powercut: deps
	+$(MAKE) $(parallel) all
	$(test-env) CUTS='$(or $(CUTS),50)' SEED='$(SEED)' $(PROVE) -v test/boot/powercut.t

# Four programs that swap and change their address spaces, ten minutes in each mode.
swapsoak: deps
	+$(MAKE) $(parallel) all
	SWAPSOAK=1 $(test-env) perl -Itest/boot/lib test/boot/reclaim.t

# The i386 kernel with 2 and 1 GiB for programs (K11).
splits: deps
	+$(MAKE) $(parallel) all
	$(test-env) SPLITS='$(or $(SPLITS),2 1)' ROWS=K11 perl -Itest/boot/lib test/boot/tasks.t

.PHONY: splits powercut host gcc-warnings gcc-warnings-rest reproducible badfw verify-badfw check matrix bugs swapsoak

# ---- editors -------------------------------------------------------------------------

# Made from the lists, so it is there before the first build.
MODE	?= x86_64
compile_commands.json: FORCE
	$(file >$@,[)
	$(foreach o,$(objs-$(MODE)),$(call compile-command,$(o:$(O)/$(MODE)/%.o=%)))
	$(file >>$@,{}])
	perl -0pi -e 's/,\n\{\}\]/\n]/' $@
compile-command = $(if $(wildcard $(1).c),$(file >>$@,{"directory":"$(CURDIR)","file":"$(1).c","command":"$(clang-$(MODE)) $(subst ",\",$(subst ',,$(kernel-cppflags))) $(kernel-cflags) $(mode-$(MODE)) -c $(1).c"}$(comma)))
comma := ,

# ---- help ----------------------------------------------------------------------------

help:
	@cat tools/help.txt
.PHONY: help
