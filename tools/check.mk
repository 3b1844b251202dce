# SPDX-License-Identifier: MIT
#
# make check and the longer tests.  Everything ends in prove; the rows of the catalogue and
# their evidence end up in $(O)/rows.tsv.

# ---- host tests ----------------------------------------------------------------------
#
# test/host/*.mk: host-tests += NAME, NAME-src := files from the top, NAME-cflags if needed.
# Each is built for both word sizes, hence for both depths of page table.

host-tests :=
-include $(wildcard test/host/*.mk)

host-cflags := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-builtin \
	-Itest/host/include -Iarch/x86/include -Iinclude $(version)

# $(1) test, $(2) word size
define host-rules
$(O)/host/$(1)-$(2).d/%.o: %.c $(O)/host/.flags
	@mkdir -p $$(@D)
	$$(call say,HOSTCC,$$@)$$(GCC) -m$(2) $$(host-cflags) $$(warnings) $$($(1)-cflags) \
		-MMD -MP -c -o $$@ $$<

$(O)/host/$(1)-$(2): $(patsubst %.c,$(O)/host/$(1)-$(2).d/%.o,$($(1)-src))
	$$(call say,HOSTLD,$$@)$$(GCC) -m$(2) -fsanitize=address,undefined -o $$@ $$^ $$($(1)-libs)

-include $(patsubst %.c,$(O)/host/$(1)-$(2).d/%.d,$($(1)-src))
endef
$(eval $(call flags-file,host,$$(host-cflags)))
$(foreach t,$(host-tests),$(foreach b,64 32,$(eval $(call host-rules,$(t),$(b)))))

host-programs := $(foreach t,$(host-tests),$(O)/host/$(t)-64 $(O)/host/$(t)-32)
host: $(host-programs)

# ---- the second compiler -------------------------------------------------------------

gcc-x86_64 := $(GCC) -m64 -mcmodel=kernel
gcc-i386 := $(GCC) -m32 $(mode-i386)
gcc-objs :=
define gcc-rules
$(O)/gcc/$(1)/%.o: %.c $(O)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,GCC,$$@)$$(gcc-$(1)) -nostdinc $$(kernel-cppflags) -isystem $$(gcc-include) \
		$$(kernel-cflags) -Werror -MMD -MP -c -o $$@ $$<

gcc-objs += $(patsubst $(O)/$(1)/%,$(O)/gcc/$(1)/%,$(patsubst %.c,$(O)/$(1)/%.o,$(filter %.c,$(wildcard $(patsubst $(O)/$(1)/%.o,%.c,$(objs-$(1)))))))
-include $(patsubst $(O)/$(1)/%.o,$(O)/gcc/$(1)/%.d,$(objs-$(1)))
endef
gcc-include = $(shell $(GCC) -print-file-name=include)
$(foreach m,x86_64 i386,$(eval $(call gcc-rules,$(m))))
gcc-warnings: $(gcc-objs)

# ---- the misbehaving firmware --------------------------------------------------------
#
# An EFI application like the loader, put on test sticks in its place: test/boot/badfw.

badfw-y :=
badfw-x86_64 :=
badfw-i386 :=
-include test/boot/badfw/files.mk
badfw-objs-x64 := $(addprefix $(O)/badfw/x64/,$(badfw-y) $(badfw-x86_64))
badfw-objs-ia32 := $(addprefix $(O)/badfw/ia32/,$(badfw-y) $(badfw-i386))
badfw-include-x64 := -isystem /usr/include/efi -isystem /usr/include/efi/x86_64
badfw-include-ia32 := -isystem /usr/include/efi -isystem /usr/include/efi/ia32

define badfw-rules
$(O)/badfw/$(1)/%.o: test/boot/badfw/%.c $(O)/efi/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(efi-target-$(1)) $$(badfw-include-$(1)) -DGNU_EFI_USE_MS_ABI \
		$$(efi-cflags) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/badfw/$(1)/%.o: test/boot/badfw/%.S $(O)/efi/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,AS,$$@)$$(efi-target-$(1)) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/badfw/BOOT$(2).EFI: $$(badfw-objs-$(1))
	$$(call say,LD,$$@)$$(efi-link-$(1)) /out:$$@ $$(badfw-objs-$(1))

-include $$(badfw-objs-$(1):.o=.d)
endef
$(eval $(call badfw-rules,x64,X64))
$(eval $(call badfw-rules,ia32,IA32))

# The stick that starts it; it starts \EFI\pagewalk\REAL.EFI.
badfw: $(O)/badfw/pagewalk.img
$(O)/badfw/pagewalk.img: $(O)/badfw/BOOTX64.EFI $(O)/badfw/BOOTIA32.EFI $(O)/pagewalk.img
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTX64.EFI=$(O)/badfw/BOOTX64.EFI \
		EFI/pagewalk/REAL.EFI=$(O)/BOOTX64.EFI
$(O)/badfw/ia32.img: $(O)/badfw/BOOTX64.EFI $(O)/badfw/BOOTIA32.EFI $(O)/pagewalk.img
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTIA32.EFI=$(O)/badfw/BOOTIA32.EFI \
		EFI/pagewalk/REAL.EFI=$(O)/BOOTIA32.EFI
badfw: $(O)/badfw/ia32.img

# ---- tests ---------------------------------------------------------------------------

parallel = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
test-env = O='$(abspath $(O))' ROWS='$(ROWS)' CELLS='$(CELLS)' HOST_PROGRAMS='$(host-programs)'
PROVE	= prove -Itest/boot/lib

check: deps
	+$(MAKE) $(parallel) all
	+$(MAKE) $(parallel) host gcc-warnings badfw
	rm -rf $(O)/test/rows.d
	$(test-env) HARNESS_RULESFILE=test/boot/order.yml $(PROVE) -j2 test/boot/*.t

matrix: deps
	+$(MAKE) $(parallel) all badfw
	$(test-env) perl -Itest/boot/lib test/boot/matrix $(if $(CELLS),'$(CELLS)')

bugs: deps
	+$(test-env) test/bugs/run $(ROWS)


.PHONY: host gcc-warnings badfw check matrix bugs

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
