# SPDX-License-Identifier: MIT
#
# User programs: static Linux ELF files for both modes, /bin/NAME in the initramfs.
# `programs` are one C file each; `initramfs-files` are NAME=FILE pairs for anything else
# (a name starts with x86_64/, i386/ or common/).

programs := init
initramfs-files :=

user-cflags := -std=gnu11 -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -Iinclude $(warnings)
user-x86_64 := $(CLANG) -target x86_64-linux-gnu
user-i386 := $(CLANG) -target i686-linux-gnu -march=i686
user-ld-x86_64 := $(LD) -m elf_x86_64
user-ld-i386 := $(LD) -m elf_i386
user-ldflags := -static -nostdlib --build-id=none -z max-page-size=4096 -z noexecstack --gc-sections

define user-rules
$(O)/$(1)/user/%.o: user/%.c $(O)/$(1)/.flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(user-$(1)) $$(user-cflags) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/bin/%: $(O)/$(1)/user/%.o
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(user-ld-$(1)) $$(user-ldflags) --strip-all -o $$@ $$<

-include $(programs:%=$(O)/$(1)/user/%.d)
endef
$(foreach m,x86_64 i386,$(eval $(call user-rules,$(m))))

user-files := $(foreach m,x86_64 i386,$(programs:%=$(O)/$(m)/bin/%))

$(O)/initramfs.cpio: $(user-files) tools/mkinitramfs $(foreach f,$(initramfs-files),$(lastword $(subst =, ,$(f))))
	$(call say,CPIO,$@)tools/mkinitramfs $@ \
		$(foreach f,$(user-files),$(f:$(O)/%=%)=$(f)) $(initramfs-files)
