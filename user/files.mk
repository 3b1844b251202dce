# SPDX-License-Identifier: MIT
#
# User programs: static Linux ELF files for both modes, /bin/NAME in the initramfs, all
# linked at the same address.
#
#	programs	names; each is user/NAME.c, or the files of NAME-objs (without .c),
#			linked with user/lib
#	initramfs-files	NAME=FILE pairs for anything else (a name starts with x86_64/, i386/
#			or common/), and NAME/ for directories
#	libc-archive	those of libc-programs that are too large for the loader to carry:
#			on the stick in \EFI\pagewalk\libc.cpio
#
# $(O)/MODE/user/NAME.elf keeps its symbols for gdb, $(O)/MODE/bin/NAME is what is packed.

programs := init show record chance disks scribbler hello tiny crash rows sieve matrix grower forker sleeper talker mapper bigprog stress attack explain ptdump pagetypes riel tour keymap shell pagewalk picture
tour-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/tour/*.c)))
attack-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/attacks/*.c)))
pagewalk-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/pagewalk/*.c)))
rows-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/rows/*.c)))
picture-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/picture/*.c))) font crc32
disks-objs := disks crc32
initramfs-files := common/mnt/

# For the comparison with Linux: built with the same rules, not part of the image.
oracle-programs := oracle oracle-init
oracle-objs := $(patsubst user/%.c,%,$(sort $(wildcard user/oracle/*.c)))
oracle-init-objs := oracle-init

user-lib := lib/crt0 $(patsubst user/%.c,%,$(filter-out %/div64.c,$(sort $(wildcard user/lib/*.c))))
user-lib-x86_64 := $(user-lib)
user-lib-i386 := $(user-lib) lib/div64

user-cflags := -std=gnu11 -O2 -ffreestanding -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fno-strict-aliasing \
	-ffunction-sections -fdata-sections -Iinclude $(warnings) -Wno-main
user-x86_64 := $(CLANG) -target x86_64-linux-gnu
user-i386 := $(CLANG) -target i686-linux-gnu -march=i686
user-ld-x86_64 := $(LD) -m elf_x86_64 --image-base=0x400000
user-ld-i386 := $(LD) -m elf_i386 --image-base=0x8048000
user-ldflags := -static -nostdlib --build-id=none -z max-page-size=4096 -z separate-code \
	-z noexecstack -z nostart-stop-gc --gc-sections --fatal-warnings

# $(1) the mode
define user-rules
$(O)/$(1)/user/%.o: user/%.c $(O)/$(1)/user/.flags
	$$(call say,CC,$$@)$$(user-$(1)) $$(user-cflags) $$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/user/%.o: user/%.S $(O)/$(1)/user/.flags
	$$(call say,AS,$$@)$$(user-$(1)) $$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/user/font.o: $(O)/gen/drivers/video/font.c $(O)/$(1)/user/.flags
	$$(call say,CC,$$@)$$(user-$(1)) $$(user-cflags) $$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/user/crc32.o: lib/crc32.c $(O)/$(1)/user/.flags
	$$(call say,CC,$$@)$$(user-$(1)) $$(user-cflags) $$(DEBUGINFO) $$(paths) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/bin/%: $(O)/$(1)/user/%.elf
	@mkdir -p $$(@D)
	$$(call say,STRIP,$$@)$$(STRIP) --strip-all -o $$@ $$<
endef
$(foreach m,x86_64 i386,$(eval $(call flags-file,$(m)/user,$$(user-$(m)) $$(user-cflags),$$(foreach p,$$(programs) $$(oracle-programs),$$(call user-objs,$(m),$$(p))))))
$(foreach m,x86_64 i386,$(eval $(call user-rules,$(m))))

# $(1) the mode, $(2) the program
user-objs = $(patsubst %,$(O)/$(1)/user/%.o,$(user-lib-$(1)) $(or $($(2)-objs),$(2)))
define user-program
$(O)/$(1)/user/$(2).elf: $(call user-objs,$(1),$(2)) user/files.mk
	$$(call say,LD,$$@)$$(user-ld-$(1)) $$(user-ldflags) -o $$@ $$(filter %.o,$$^)

-include $(patsubst %.o,%.d,$(call user-objs,$(1),$(2)))
endef
$(foreach m,x86_64 i386,$(foreach p,$(programs) $(oracle-programs),$(eval $(call user-program,$(m),$(p)))))

# ---- ordinary programs with C libraries of Debian ------------------------------------
#
# hello-glibc and hello-musl are linked at a fixed address, hello-pie (musl) is placed by
# the kernel; threads-* use pthreads.  musl for i386 is unpacked, not installed
# (tools/deps-unpacked says why), where every build directory finds it.

UNPACKED ?= $(or $(XDG_CACHE_HOME),$(or $(HOME),/var/tmp)/.cache)/pagewalk
MUSL_I386 ?= $(UNPACKED)/musl-i386
libc-programs := hello-glibc hello-musl hello-pie threads-glibc threads-musl
libc-archive := hello-glibc threads-glibc
libc-cflags := -std=gnu11 -Os -Wall -Wextra -Wno-unused-parameter
libc-ldflags := -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--strip-all
musl-root-x86_64 :=
musl-root-i386 = $(MUSL_I386)
libc-bits-x86_64 := -m64
libc-bits-i386 := -m32

# $(1) the mode; musl-link: the C run-time object and extra flags of the link
musl-include = -nostdinc -isystem $(musl-root-$(1))/usr/include/$(1)-linux-musl \
	-isystem $$$$($(GCC) -print-file-name=include)
musl-lib = $(musl-root-$(1))/usr/lib/$(1)-linux-musl
musl-link = $(GCC) $(libc-bits-$(1)) -nostdlib -static $(2) $(libc-ldflags) -o $$@ \
	$(musl-lib)/$(3) $(musl-lib)/crti.o $$< -Wl,--start-group $(musl-lib)/libc.a -lgcc \
	-lgcc_eh -Wl,--end-group $(musl-lib)/crtn.o

define libc-rules
$(O)/$(1)/user/libc/musl.o: user/libc/hello.c user/files.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$(GCC) $(libc-bits-$(1)) $(libc-cflags) -fno-pie $(call musl-include,$(1)) \
		$$(paths) -c -o $$@ $$<

$(O)/$(1)/user/libc/pie.o: user/libc/hello.c user/files.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$(GCC) $(libc-bits-$(1)) $(libc-cflags) -fPIE $(call musl-include,$(1)) \
		$$(paths) -c -o $$@ $$<

$(O)/$(1)/user/libc/threads.o: user/libc/threads.c user/files.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$(GCC) $(libc-bits-$(1)) $(libc-cflags) -fno-pie $(call musl-include,$(1)) \
		$$(paths) -c -o $$@ $$<

$(O)/$(1)/bin/threads-musl: $(O)/$(1)/user/libc/threads.o
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$(call musl-link,$(1),-no-pie,crt1.o)

$(O)/$(1)/bin/threads-glibc: user/libc/threads.c user/files.mk
	@mkdir -p $$(@D)
	$$(call say,CCLD,$$@)$(GCC) $(libc-bits-$(1)) $(libc-cflags) -no-pie -fno-pie $$(paths) \
		-static -pthread $(libc-ldflags) -o $$@ $$<

$(O)/$(1)/bin/hello-musl: $(O)/$(1)/user/libc/musl.o
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$(call musl-link,$(1),-no-pie,crt1.o)

$(O)/$(1)/bin/hello-pie: $(O)/$(1)/user/libc/pie.o
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$(call musl-link,$(1),-static-pie,rcrt1.o)

$(O)/$(1)/bin/hello-glibc: user/libc/hello.c user/files.mk
	@mkdir -p $$(@D)
	$$(call say,CCLD,$$@)$(GCC) $(libc-bits-$(1)) $(libc-cflags) -no-pie -fno-pie $$(paths) \
		-static $(libc-ldflags) -o $$@ $$<
endef
$(foreach m,x86_64 i386,$(eval $(call libc-rules,$(m))))

user-files := $(foreach m,x86_64 i386,$(addprefix $(O)/$(m)/bin/,$(programs) \
	$(filter-out $(libc-archive),$(libc-programs))))
libc-files := $(foreach m,x86_64 i386,$(addprefix $(O)/$(m)/bin/,$(libc-archive)))
user: $(user-files) $(libc-files)
.PHONY: user

$(O)/libc.cpio: $(libc-files) tools/mkinitramfs user/files.mk
	$(call say,CPIO,$@)tools/mkinitramfs $@ $(foreach f,$(libc-files),$(f:$(O)/%=%)=$(f))

$(O)/initramfs.cpio: $(user-files) tools/mkinitramfs user/files.mk \
		$(foreach f,$(filter-out %/,$(initramfs-files)),$(lastword $(subst =, ,$(f))))
	$(call say,CPIO,$@)tools/mkinitramfs $@ \
		$(foreach f,$(user-files),$(f:$(O)/%=%)=$(f)) $(initramfs-files)

# ---- a program that somebody else made -----------------------------------------------
#
# BusyBox as Debian ships it: a shell and the usual tools, on the stick in
# \EFI\pagewalk\busybox.cpio.  Not there (make deps fetches it): an image without a shell.
# The shell finds every applet by itself; the links are for scripts and other programs.

busybox-x86_64 = $(UNPACKED)/busybox-amd64/bin/busybox
busybox-i386 = $(UNPACKED)/busybox-i386/bin/busybox
busybox-copyright = $(UNPACKED)/busybox-amd64/usr/share/doc/busybox-static/copyright
busybox-links := sh ash awk base64 basename bc cal cat chgrp chmod chown clear cmp cp cpio \
	cut date dc dd df diff dirname dmesg du echo ed egrep env expr false find fold free \
	grep gunzip gzip halt head hexdump hostname id kill killall less ln ls md5sum mkdir \
	mkfifo mknod mktemp more mount mv nl od passwd patch pidof poweroff printf \
	ps pwd readlink realpath reboot renice reset rev rm rmdir sed seq setsid \
	sha1sum sha256sum sleep sort stat strings stty swapoff swapon sync sysctl tac tail tar \
	tee test time timeout top touch tr true truncate tty umount uname uniq uptime usleep vi \
	watch wc which whoami xargs xxd yes zcat
busybox-files := etc/profile=user/busybox/profile etc/shrc=user/busybox/shrc etc/passwd=user/busybox/passwd \
	etc/group=user/busybox/group usr/share/doc/busybox-static/NOTICE=user/busybox/NOTICE \
	usr/share/doc/busybox-static/copyright=$(busybox-copyright)
busybox-archive := $(if $(wildcard $(busybox-x86_64)),$(if $(wildcard $(busybox-i386)),\
	$(O)/busybox.cpio))

$(O)/busybox.cpio: tools/mkinitramfs user/files.mk $(wildcard user/busybox/*)
	$(call say,CPIO,$@)tools/mkinitramfs $@ $(addprefix common/,$(busybox-files)) \
		$(foreach l,$(busybox-links),common/bin/$l=@busybox) \
		$(foreach m,x86_64 i386,$(m)/bin/busybox=$(busybox-$(m)))
