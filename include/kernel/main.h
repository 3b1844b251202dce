/* SPDX-License-Identifier: MIT */
/* The order of start-up, and what it leaves for the report. */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include <kernel/kernel.h>

/* The first C function of either kernel; head_*.S calls it with boot_info's address. */
__noreturn void start_kernel(unsigned long boot_info_phys);

/* Figures of this boot, printed as "# figures:" and asserted by the tests. */
struct boot_figures {
	u64 init_ticks;			/* TSC ticks from kernel entry to the end of init */
	u64 busy_wait_us;		/* spent waiting for hardware */
	unsigned long free_pages;	/* after init */
	unsigned long usable_pages;	/* above 1 MiB by the firmware's map */
	unsigned long kept_pages;	/* initramfs and screen shadow: not counted against us */
};
extern struct boot_figures boot_figures;

/* kernel/banner.c: the header lines of screen and log; needs everything initialised. */
void print_banner(void);

/*
 * kernel/init.c: split init= into words and give back the first, the program that process 1
 * starts; "" if there is none.  Once, before init_thread().
 */
const char *first_program(void);

/* Process 1; ends the run, does not return. */
int init_thread(void *unused);

/* drivers/init.c: the drivers that sleep while they look for their devices.  By process 1. */
void drivers_init(void);

/* fs/swapon.c: what swap= asks for; says what it cannot do.  Sleeps. */
void swap_setup(void);

/* kernel/finish.c: start the other kernel or end the run as exit= says. */
__noreturn void finish(unsigned pass, unsigned fail, unsigned skip);

#endif
