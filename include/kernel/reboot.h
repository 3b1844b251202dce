/* SPDX-License-Identifier: MIT */
/*
 * The ways a run can end.  What exit= says: "poweroff", "reboot", "halt" or "qemu" (a
 * status byte to the debug-exit port; where that does nothing, power off).
 */
#ifndef KERNEL_REBOOT_H
#define KERNEL_REBOOT_H

#include <kernel/kernel.h>

/* The contract with the host: QEMU exits with 2 * status + 1. */
enum exit_status {
	KERNEL_PASS = 0x10,
	KERNEL_FAIL = 0x11,
	KERNEL_PANIC = 0x12,
};

/*
 * End the run.  Any context; interrupts are turned off.  Without exit= the
 * machine halts, so that the screen can be read.
 */
__noreturn void exit_kernel(enum exit_status status);

/*
 * Restart, by each method in turn until one works: reset= or efi,acpi,cf9,kbc,triple.
 * Each is given a bounded time.
 */
__noreturn void machine_restart(void);

/* Firmware, then ACPI S5, else a message and a halt. */
__noreturn void machine_power_off(void);

/* A message is the caller's; interrupts off for ever. */
__noreturn void machine_halt(void);

/*
 * fn is called before the machine gets another owner: another kernel, the firmware, nobody.
 * Once, interrupts off, the last one registered first; it must not sleep, and its waits are
 * bounded.  Registering again does nothing.
 */
struct shutdown_hook {
	void (*fn)(void);
	struct shutdown_hook *next;
	bool registered;
};
void register_shutdown(struct shutdown_hook *hook);

/* Call them. */
void run_shutdown(void);

/* What an architecture offers (arch/x86/kernel/reboot.c). */
struct reset_method {
	const char *name;
	void (*reset)(void);	/* returns if it did not work */
};
extern const struct reset_method reset_methods[];
extern const unsigned reset_method_count;

void arch_power_off(void);		/* returns if nothing worked */
void arch_debug_exit(unsigned status);	/* returns if there is no such device */
void arch_quiesce(void);		/* interrupts and timers off */
__noreturn void arch_halt(void);

#endif
