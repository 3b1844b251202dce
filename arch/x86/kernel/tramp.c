/* SPDX-License-Identifier: MIT */
/*
 * Going through the trampoline: firmware calls from either mode, and the start of the
 * other kernel.
 *
 * The switch runs on a table of its own, tramp_pgd: the kernel half of swapper_pg_dir and
 * the trampoline at its physical address, so that neither swapper_pg_dir nor any mm ever
 * has a user-half entry for it.  It is filled anew for every trip.
 */
#include <linux/errno.h>
#include <asm/apic.h>
#include <asm/irqflags.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/thread.h>
#include <asm/tramp.h>
#include <asm/traps.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/ioremap.h>

void tramp_switch(struct tramp_request *req, unsigned long tramp, unsigned long cr3);

#define RUNTIME_HEADER		24	/* then one pointer per service */
#define RUNTIME_TABLE_SIZE	136

/* What a trip may change besides what the trampoline restores. */
struct saved_msrs {
	u64 efer, fs_base, kernel_gs_base;
};

static void save_msrs(struct saved_msrs *s)
{
	rdmsr_safe(MSR_EFER, &s->efer);
	rdmsr_safe(MSR_FS_BASE, &s->fs_base);
	rdmsr_safe(MSR_KERNEL_GS_BASE, &s->kernel_gs_base);
}

/* The segment reload cleared the FS base, and the firmware may use SWAPGS. */
static void restore_msrs(const struct saved_msrs *s)
{
#ifdef __x86_64__
	wrmsr(MSR_FS_BASE, s->fs_base);
	wrmsr(MSR_KERNEL_GS_BASE, s->kernel_gs_base);
#endif
}

static bool wants_long_mode(const struct tramp_request *req)
{
	return req->target == TRAMP_CALL64 || req->target == TRAMP_PROBE64 ||
	       req->target == TRAMP_ENTER_L4;
}

static int tramp_enter(struct tramp_request *req)
{
	if (wants_long_mode(req) && !cpu_has(X86_FEATURE_LM))
		return -ENODEV;
	if (!traps_ready() || !boot_info || !boot_info->trampoline.size)
		return -ENODEV;
	req->back_cr3 = tramp_pgd_build();
	if (!req->back_cr3)
		return -ENODEV;
	tramp_switch(req, (unsigned long)boot_info->trampoline.base, req->back_cr3);
	return 0;
}

int tramp_call(struct tramp_request *req)
{
	unsigned long flags = local_irq_save();
	struct saved_msrs msrs;
	int err;

	user_state_release();
	save_msrs(&msrs);
	req->back_mode = PGTABLE_LEVELS;
	req->back_cr0 = read_cr0();
	req->back_cr4 = read_cr4() & ~(X86_CR4_PGE | X86_CR4_PCIDE | X86_CR4_SMEP |
				       X86_CR4_SMAP | X86_CR4_CET | X86_CR4_PKE);
	req->back_efer = msrs.efer;
	err = tramp_enter(req);
	if (!err)
		restore_msrs(&msrs);
	user_state_reload();
	local_irq_restore(flags);
	return err;
}

static void fill_firmware_state(struct tramp_request *req)
{
	const struct boot_info *bi = boot_info;

	req->fw_cr0 = (u32)bi->cpu.cr0;
	req->fw_cr3 = (u32)bi->cpu.cr3;
	req->fw_cr4 = (u32)bi->cpu.cr4;
	req->fw_gdtr_base = (u32)bi->fw_gdtr_base;
	req->fw_gdtr_limit = bi->fw_gdtr_limit;
	req->fw_idtr_base = (u32)bi->fw_idtr_base;
	req->fw_idtr_limit = bi->fw_idtr_limit;
	req->fw_cs = bi->fw_cs;
	req->fw_ds = bi->fw_ds;
	req->fw_es = bi->fw_es;
	req->fw_fs = bi->fw_fs;
	req->fw_gs = bi->fw_gs;
	req->fw_ss = bi->fw_ss;
}

static int call_firmware(u64 entry, const u64 *args, bool timed, u64 *result)
{
	struct tramp_request req = { .entry = entry };
	int err;

	if (!entry || !traps_ready())
		return -ENODEV;
	memcpy(req.arg, args, sizeof(req.arg));
	req.target = boot_info->firmware_width == 32 ? TRAMP_CALL32 : TRAMP_CALL64;
	req.cr3 = boot_info->identity.base;
	req.fw_timed = timed;
	fill_firmware_state(&req);
	err = tramp_call(&req);
	if (!err && result)
		*result = req.result;
	return err;
}

int firmware_call(u64 entry, u64 a0, u64 a1, u64 a2, u64 a3, u64 *result)
{
	const u64 args[4] = { a0, a1, a2, a3 };

	return call_firmware(entry, args, false, result);
}

/* The timer's vector must lie inside the trampoline's IDT of 32 entries. */
/*
 * Take what is still pending: a tick that came in just before its source was masked would
 * be delivered when the trampoline turns interrupts on, and find no handler there.
 */
static void drain_interrupts(void)
{
	local_irq_enable();
	__asm__ __volatile__("nop; nop" : : : "memory");	/* STI holds off for one */
	local_irq_disable();
}

int firmware_call_timed(u64 entry, const u64 args[4], unsigned ms, u64 *result)
{
	bool timed = lapic_present && lapic_khz;
	int err;

	if (timed) {
		drain_interrupts();
		lapic_timer_start(lapic_khz / 16 * ms, TRAMP_TIMEOUT_VECTOR, false);
	}
	err = call_firmware(entry, args, timed, result);
	if (timed) {
		lapic_timer_stop();
		lapic_clear_in_service();
	}
	return err;
}

/*
 * The table of runtime services is looked at for every call: U-Boot exchanges its functions
 * in ExitBootServices, and those from before are gone.
 */
u64 firmware_service(enum runtime_service n)
{
	unsigned width = boot_info->firmware_width / 8;
	u64 table = boot_info->runtime_services, entry = 0;
	const u8 *t = table ? early_memremap(table, RUNTIME_TABLE_SIZE) : NULL;

	if (t) {
		if (!memcmp(t, "RUNTSERV", 8))
			memcpy(&entry, t + RUNTIME_HEADER + n * width, width);
		early_memunmap();
	}
	return entry;
}

bool other_kernel_present(void)
{
	return boot_info && boot_info->package[1].image.size && !boot_info->results.paging;
}

void start_other_kernel(unsigned pass, unsigned fail, unsigned skip)
{
	const struct boot_package *p = &boot_info->package[1];
	struct tramp_request req = {
		.target = p->paging == 4 ? TRAMP_ENTER_L4 : TRAMP_ENTER_L2,
		.entry = p->entry,
		.cr3 = boot_info->identity.base,
		.arg = { p->info.base },
	};
	struct boot_info *other = NULL;

	if (other_kernel_present())
		other = memremap(p->info.base, sizeof(*other));
	if (!other || other->magic != BOOT_INFO_MAGIC)
		panic("the other kernel is not in memory or its boot_info is damaged");
	other->results = (struct boot_results){
		.paging = PGTABLE_LEVELS, .pass = pass, .fail = fail, .skip = skip,
	};
	pr_info("starting the %u-level kernel\n", p->paging);
	console_flush();
	arch_quiesce();
	tramp_enter(&req);
	panic("no trampoline, or no 64-bit mode, for the other kernel");
}
