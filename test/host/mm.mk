# SPDX-License-Identifier: MIT
# Host tests of mm/: each links all of it and the simulated machine.
mm-src := test/host/host.c lib/bitmap.c lib/random.c lib/rbtree.c $(addprefix mm/,bootmem.c debug.c \
	highmem.c init.c page_alloc.c page_init.c pagewalk.c pgtable.c slab.c vma.c vmalloc.c)
mm-tests := test_bootmem test_buddy test_slab test_vmalloc test_pagewalk test_pgtable \
	test_highmem test_vma

define mm-test
host-tests += $(1)
$(1)-src := test/host/$(1).c $$(mm-src)
$(1)-cflags := -DDEBUG_VM=1 -D_FILE_OFFSET_BITS=64
endef
$(foreach t,$(mm-tests),$(eval $(call mm-test,$(t))))
