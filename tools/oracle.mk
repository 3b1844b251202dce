# SPDX-License-Identifier: MIT
#
# make oracle: the same programs on Debian's Linux and here, line by line.  See
# test/linux/README.md.
#
# They go to a stick of their own as an extra archive, so the image that is shipped carries
# nothing of this.

oracle-files := $(foreach m,x86_64 i386,$(O)/$(m)/bin/oracle)

$(O)/oracle/oracle.cpio: $(oracle-files) tools/mkinitramfs
	@mkdir -p $(@D)
	$(call say,CPIO,$@)tools/mkinitramfs $@ $(foreach m,x86_64 i386,$(m)/bin/oracle=$(O)/$(m)/bin/oracle)

$(O)/oracle/oracle.img: $(O)/BOOTX64.EFI $(O)/oracle/oracle.cpio disk/mkimage
	$(call say,IMAGE,$@)disk/mkimage $@ EFI/BOOT/BOOTX64.EFI=$< \
		EFI/pagewalk/oracle.cpio=$(O)/oracle/oracle.cpio

oracle-image: $(O)/oracle/oracle.img

# MODES="4 2"  RECORD=1 writes test/linux/expected  CASES=prefix,prefix  RANDOM=FIRST,COUNT
# SEED=N shows every step of one program on both sides.
oracle: deps
	+$(MAKE) $(parallel) $(O)/oracle/oracle.img $(foreach m,x86_64 i386,$(O)/$(m)/bin/oracle-init)
	test/linux/fetch '$(O)/oracle/linux'
	O='$(abspath $(O))' MODES='$(MODES)' RECORD='$(RECORD)' CASES='$(CASES)' RANDOM='$(RANDOM)' \
		SEED='$(SEED)' $(if $(LINUX),LINUX='$(LINUX)') test/linux/oracle

.PHONY: oracle oracle-image
