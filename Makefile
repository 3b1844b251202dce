# SPDX-License-Identifier: MIT
#
# Pagewalk: one UEFI image with an x86-64 and an i386 kernel inside.
#
#	make			build/pagewalk.img and everything in it
#	make help		all targets
#	make V=1 O=dir		show the commands; build in another directory
#	make SPLIT=2		2 GiB of user space in the i386 kernel (3, 2 or 1)
#
# What is built comes from lists: <dir>/files.mk adds to obj-y (both kernels), obj-x86_64
# and obj-i386; efi/files.mk to efi-y, efi-x64 and efi-ia32; test/host/*.mk names the host
# tests.  Running and testing is in tools/run.mk and tools/check.mk.

MAKEFLAGS += -rR
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

O	?= build
# One name for it, whether it was given as a path from here or from the root: else dependencies
# that were written under the one name mean nothing under the other.  Goals may have either.
override O := $(patsubst $(CURDIR)/%,%,$(abspath $(O)))
$(CURDIR)/%: % ;
SPLIT	?= 3
VERSION	:= $(shell cat VERSION)
export SOURCE_DATE_EPOCH ?= 1700000000
export LC_ALL := C
export TZ := UTC

ifeq ($(V),1)
say =
else
.SILENT:
say = @printf '  %-8s %s\n' "$(1)" "$(2)";
endif

all: $(O)/pagewalk.img

# ---- tools ---------------------------------------------------------------------------

CLANG	:= clang
LD	:= ld.lld
LLDLINK	:= lld-link
NM	:= llvm-nm
STRIP	:= llvm-strip
OBJCOPY	:= llvm-objcopy
GCC	:= gcc

# ---- flags ---------------------------------------------------------------------------

warnings := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
	-Werror=incompatible-pointer-types -Werror=implicit-function-declaration

# For gdb and llvm-symbolizer; nothing of it is shipped, so another choice makes no object old.
DEBUGINFO ?= -g

# Nothing in an object may depend on where the tree or the build directory is.
paths	:= -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(O)=build
version	:= -DPAGEWALK_VERSION='"$(VERSION)"'

kernel-cppflags := -Iarch/x86/include -Iinclude $(version) \
	-idirafter /usr/include/x86_64-linux-gnu -idirafter /usr/include
kernel-cflags := -std=gnu11 -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer -fno-strict-aliasing \
	-fno-common -fno-asynchronous-unwind-tables $(warnings)

split-3	:= 0xC0000000
split-2	:= 0x80000000
split-1	:= 0x40000000
mode-x86_64 := -mcmodel=kernel
mode-i386 := -march=i686 -mregparm=3 -DPAGE_OFFSET_RAW=$(split-$(SPLIT))
ifeq ($(split-$(SPLIT)),)
$(error SPLIT is $(SPLIT): it can be 3, 2 or 1 (GiB of user space in the i386 kernel))
endif

clang-x86_64 := $(CLANG) -target x86_64-elf -nostdlibinc
clang-i386 := $(CLANG) -target i686-elf -nostdlibinc

ldflags-common := -nostdlib --build-id=none -z max-page-size=4096 -z noexecstack \
	--no-undefined --orphan-handling=warn
ldflags-x86_64 := -m elf_x86_64 -static $(ldflags-common)
ldflags-i386 := -m elf_i386 -pie -z notext --no-dynamic-linker -Bsymbolic \
	--hash-style=sysv $(ldflags-common)

# ---- the two kernels -----------------------------------------------------------------

kernel-dirs := arch/x86/boot arch/x86/kernel arch/x86/mm arch/x86/lib mm kernel fs fs/fat \
	drivers $(patsubst %/files.mk,%,$(sort $(wildcard drivers/*/files.mk))) \
	lib test/kernel

objs-x86_64 :=
objs-i386 :=
define read-list
obj-y :=
obj-x86_64 :=
obj-i386 :=
-include $(1)/files.mk
objs-x86_64 += $$(addprefix $(O)/x86_64/$(1)/,$$(obj-y) $$(obj-x86_64))
objs-i386 += $$(addprefix $(O)/i386/$(1)/,$$(obj-y) $$(obj-i386))
endef
$(foreach d,$(kernel-dirs),$(eval $(call read-list,$(d))))

# The screen fonts: three sizes in two weights, from Debian's console fonts.
fonts := $(foreach f,16 24x12 32x16,$(foreach w,Terminus TerminusBold,\
	/usr/share/consolefonts/Uni2-$(w)$(f).psf.gz))
objs-x86_64 := $(sort $(objs-x86_64) $(O)/x86_64/drivers/video/font.o)
objs-i386 := $(sort $(objs-i386) $(O)/i386/drivers/video/font.o)

$(O)/gen/drivers/video/font.c: tools/mkfont
	@mkdir -p $(@D)
	$(call say,GEN,$@)tools/mkfont $(fonts) >$@

# Rebuild when the flags change (SPLIT=, VERSION): the file is touched only then.  Whoever
# depends on it finds the directories of its objects, $(3), made: one mkdir for all.
define flags-file
$$(O)/$(1)/.flags: FORCE
	@mkdir -p $$(@D) $$(sort $$(dir $(3)))
	@printf '%s\n' $$(call quote,$(2)) | cmp -s - $$@ || printf '%s\n' $$(call quote,$(2)) >$$@
endef
quote = '$(subst ','\'',$(1))'

# $(1) is the mode.
define kernel-rules
$(O)/$(1)/%.o: %.c $(O)/$(1)/.flags
	$$(call say,CC,$$@)$$(clang-$(1)) $$(kernel-cppflags) $$(kernel-cflags) $$(mode-$(1)) \
		$$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/%.o: $(O)/gen/%.c $(O)/$(1)/.flags
	$$(call say,CC,$$@)$$(clang-$(1)) $$(kernel-cppflags) $$(kernel-cflags) $$(mode-$(1)) \
		$$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/%.o: %.S $(O)/$(1)/.flags
	$$(call say,AS,$$@)$$(clang-$(1)) $$(kernel-cppflags) -D__ASSEMBLY__ $$(mode-$(1)) \
		$$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/vmlinux.lds: arch/x86/boot/vmlinux.lds.S $(O)/$(1)/.flags
	$$(call say,CPP,$$@)$$(clang-$(1)) $$(kernel-cppflags) -D__ASSEMBLY__ -DLINKER_SCRIPT \
		$$(mode-$(1)) -E -P -x assembler-with-cpp -MMD -MP -MT $$@ -MF $$@.d -o $$@ $$<

$(O)/$(1)/pagewalk.elf: $$(objs-$(1)) $(O)/$(1)/vmlinux.lds tools/link-kernel \
		$$(wildcard tools/mkkallsyms tools/sortextable)
	$$(call say,LD,$$@)AS="$$(clang-$(1))" LD="$$(LD) $$(ldflags-$(1))" NM=$$(NM) \
		tools/link-kernel $$@ $(O)/$(1)/vmlinux.lds $$(objs-$(1))

-include $$(patsubst %.o,%.d,$$(objs-$(1))) $(O)/$(1)/vmlinux.lds.d
endef
$(foreach m,x86_64 i386,$(eval $(call flags-file,$(m),$$(kernel-cppflags) $$(kernel-cflags) $$(mode-$(m)),$$(objs-$(m)))))
$(foreach m,x86_64 i386,$(eval $(call kernel-rules,$(m))))

# ---- programs and the initramfs ------------------------------------------------------

include user/files.mk

# ---- what the loader carries ---------------------------------------------------------

$(O)/kernel64.elf: $(O)/x86_64/pagewalk.elf
	$(call say,STRIP,$@)$(STRIP) --strip-all -o $@ $<

$(O)/kernel32.elf: $(O)/i386/pagewalk.elf
	$(call say,STRIP,$@)$(STRIP) --strip-all -o $@ $<

$(O)/trampoline.o: efi/trampoline.S
	@mkdir -p $(@D)
	$(call say,AS,$@)$(clang-i386) -Iinclude -MMD -MP -c -o $@ $<

$(O)/trampoline.bin: $(O)/trampoline.o
	$(call say,OBJCOPY,$@)$(OBJCOPY) -O binary -j .text $< $@

blobs := $(O)/kernel64.elf $(O)/kernel32.elf $(O)/initramfs.cpio $(O)/trampoline.bin

$(O)/manifest.h: $(blobs) tools/mkmanifest
	$(call say,GEN,$@)tools/mkmanifest $(blobs) >$@

# ---- the loader, once for each width of firmware ---------------------------------------

efi-y :=
efi-x64 :=
efi-ia32 :=
efi-cppflags :=
-include efi/files.mk
efi-objs-x64 := $(addprefix $(O)/efi/x64/,$(efi-y) $(efi-x64))
efi-objs-ia32 := $(addprefix $(O)/efi/ia32/,$(efi-y) $(efi-ia32))

efi-all-cppflags := -Iinclude -Iarch/x86/include -Iefi -I$(O) $(efi-cppflags) $(version) -DGNU_EFI_USE_MS_ABI
efi-cflags := -std=gnu11 -O2 -gdwarf-4 -ffreestanding -fshort-wchar -fno-stack-protector \
	-mno-red-zone -mgeneral-regs-only -mno-stack-arg-probe -fno-strict-aliasing \
	-include stdint.h $(warnings)
efi-target-x64 := $(CLANG) -target x86_64-unknown-windows
efi-target-ia32 := $(CLANG) -target i686-unknown-windows -march=i686
efi-link := $(LLDLINK) /nologo /subsystem:efi_application /entry:efi_main /nodefaultlib \
	/Brepro /dynamicbase /nxcompat
efi-link-x64 := $(efi-link) /machine:x64
efi-link-ia32 := $(efi-link) /machine:x86 /safeseh:no

# What holds the blobs or their checksums.
manifest-users := efi/blobs.S $(filter-out efi/blobs.S,$(shell grep -l manifest.h efi/*.[cS] 2>/dev/null))

# $(1) x64 or ia32, $(2) X64 or IA32
define efi-rules
$(O)/efi/$(1)/%.o: efi/%.c $(O)/efi/$(1)/.flags
	$$(call say,CC,$$@)$$(efi-target-$(1)) $$(efi-all-cppflags) $$(efi-cflags) $$(DEBUGINFO) $$(paths) \
		-MMD -MP -c -o $$@ $$<

$(O)/efi/$(1)/lib/%.o: lib/%.c $(O)/efi/$(1)/.flags
	$$(call say,CC,$$@)$$(efi-target-$(1)) $$(efi-all-cppflags) $$(efi-cflags) $$(DEBUGINFO) $$(paths) \
		-MMD -MP -c -o $$@ $$<

$(O)/efi/$(1)/%.o: efi/%.S $(O)/efi/$(1)/.flags
	$$(call say,AS,$$@)$$(efi-target-$(1)) $$(efi-all-cppflags) $$(paths) \
		-MMD -MP -c -o $$@ $$<

$(patsubst efi/%,$(O)/efi/$(1)/%.o,$(basename $(manifest-users))): $(O)/manifest.h

# The second link is the same program with DWARF, for gdb.
$(O)/BOOT$(2).EFI: $$(efi-objs-$(1))
	$$(call say,LD,$$@)$$(efi-link-$(1)) /out:$$@ $$(efi-objs-$(1))
	$$(efi-link-$(1)) /debug:dwarf /out:$(O)/efi/$(1)/loader.debug $$(efi-objs-$(1))

-include $$(efi-objs-$(1):.o=.d)
endef
$(foreach w,x64 ia32,$(eval $(call flags-file,efi/$(w),$$(filter-out -I$(O),$$(efi-all-cppflags)) $$(efi-cflags),$$(efi-objs-$(w)))))
$(eval $(call efi-rules,x64,X64))
$(eval $(call efi-rules,ia32,IA32))
-include $(O)/trampoline.d

# ---- the stick -----------------------------------------------------------------------

stick := $(sort $(wildcard disk/esp/*))

$(O)/pagewalk.img: $(O)/BOOTX64.EFI $(O)/BOOTIA32.EFI $(O)/libc.cpio $(busybox-archive) \
		disk/mkimage disk/mksuper $(stick)
	$(if $(strip $(busybox-archive)),,@echo "No BusyBox: the image has no shell (make deps)")
	$(call say,IMAGE,$@)DATA_MIB=40 SWAP_MIB=128 disk/mkimage $@ \
		EFI/BOOT/BOOTX64.EFI=$(O)/BOOTX64.EFI \
		EFI/BOOT/BOOTIA32.EFI=$(O)/BOOTIA32.EFI \
		EFI/pagewalk/libc.cpio=$(O)/libc.cpio \
		$(addprefix EFI/pagewalk/busybox.cpio=,$(busybox-archive)) \
		EFI/pagewalk/pagewalk.conf=disk/esp/pagewalk.conf \
		README.TXT=disk/esp/README.TXT

include tools/deps.mk
include tools/run.mk
include tools/check.mk
include tools/bench.mk
include tools/oracle.mk

kernels: $(O)/x86_64/pagewalk.elf $(O)/i386/pagewalk.elf
efi: $(O)/BOOTX64.EFI $(O)/BOOTIA32.EFI

clean:
	rm -rf $(O) compile_commands.json

FORCE:
.PHONY: all kernels efi clean FORCE
