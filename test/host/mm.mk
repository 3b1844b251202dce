# SPDX-License-Identifier: MIT
# Host tests of mm/: each links all of it and the simulated machine.
mm-src := $(addprefix test/host/,host.c host_user.c fake_task.c fake_file.c) \
	$(addprefix lib/,bitmap.c interval_tree.c radix_tree.c random.c rbtree.c) kernel/rwsem.c kernel/wait.c \
	$(addprefix mm/,access.c bootmem.c copy.c debug.c filemap.c highmem.c init.c madvise.c \
	memory.c mlock.c mm.c mmap.c mprotect.c mremap.c msync.c oom.c overcommit.c page_alloc.c \
	page_init.c pagewalk.c pgtable.c populate.c readahead.c remap.c rmap.c slab.c stack.c swap.c swap_state.c swapfile.c syscalls.c truncate.c \
	vma.c vmalloc.c vmscan.c writeback.c zap.c)
mm-tests := test_bootmem test_buddy test_slab test_vmalloc test_pagewalk test_pgtable \
	test_highmem test_vma test_radix test_memory test_mmap test_fork test_filemap test_mmfuzz \
	test_mremap test_mlock test_swap test_swapfuzz

define mm-test
host-tests += $(1)
$(1)-src := test/host/$(1).c $$(mm-src)
endef
$(foreach t,$(mm-tests),$(eval $(call mm-test,$(t))))

# The fuzz in 32 bits without sanitizers: under QEMU's emulation they leave time for few
# operations.  There a return costs the most: no thunks for position independence.
host-tests += test_mmsoak
test_mmsoak-bits := 32
test_mmsoak-src := test/host/test_mmfuzz.c $(mm-src)
test_mmsoak-cflags := -DSOAK -O2 -fno-sanitize=all -fno-pie -no-pie

# Callers are told apart by the stack: see alloc_sites.h.  The sites are the same in 32 bits, where
# emulation makes them expensive: FAILALLOC_BITS="64 32" for both.
FAILALLOC_BITS ?= 64
host-tests += test_failalloc
test_failalloc-bits := $(FAILALLOC_BITS)
test_failalloc-src := test/host/test_failalloc.c $(mm-src)
test_failalloc-cflags := -fno-inline -finstrument-functions

# It includes arch/x86/mm/kstack.c.
host-tests += test_kstack
test_kstack-src := test/host/test_kstack.c $(mm-src)

# It includes mm/pgtable.c.
host-tests += test_tables
test_tables-src := test/host/test_tables.c $(filter-out mm/pgtable.c,$(mm-src))
