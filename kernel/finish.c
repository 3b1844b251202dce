/* SPDX-License-Identifier: MIT */
/* The end of a run: the other kernel, or the exit that was asked for. */
#include <asm/setup.h>
#include <asm/tramp.h>
#include <kernel/console.h>
#include <kernel/main.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/report.h>

void finish(unsigned pass, unsigned fail, unsigned skip)
{
	struct boot_results *before = &boot_info->results;

	report_result(pass, fail, skip);
	report_step("finish");
	if (other_kernel_follows()) {
		printk_raw("# paging=%d: pass=%u fail=%u skip=%u, now starting the %u-level kernel\n",
			   PGTABLE_LEVELS, pass, fail, skip, boot_info->package[1].paging);
		console_flush();
		run_shutdown();
		report_handover(fail);
		start_other_kernel(pass, fail, skip);
	}
	pass += before->pass;
	fail += before->fail;
	skip += before->skip;
	printk_raw("# pagewalk: pass=%u fail=%u skip=%u\n", pass, fail, skip);
	console_flush();
	exit_kernel(fail ? KERNEL_FAIL : KERNEL_PASS);
}
