/* SPDX-License-Identifier: MIT */
/*
 * The ACPI power-management timer: 3.579545 MHz, the reference that real machines agree
 * on.  Its port comes from the FADT, which U-Boot fills with ports of other devices on
 * some machines: those below 0x400 are not touched, and a timer must be seen ticking.
 */
#include <asm/clock.h>
#include <asm/io.h>
#include <kernel/acpi.h>
#include <kernel/poll.h>
#include <kernel/printk.h>

u32 pmtimer_read(void)
{
	u32 mask = acpi_info.pm_timer_32bit ? 0xffffffff : 0xffffff;

	if (!acpi_port_sane(acpi_info.pm_timer_port))
		return 0;
	return inl((u16)acpi_info.pm_timer_port) & mask;
}

bool ref_clock_ticks(const struct ref_clock *c, unsigned us)
{
	u32 first = c->read();

	return poll_until(c->read() != first, us);
}

static bool pmtimer_init(struct ref_clock *c)
{
	u32 port = acpi_info.pm_timer_port;

	if (!port)
		return false;
	if (!acpi_port_sane(port)) {
		pr_warn("pmtimer: the FADT names port 0x%x, which belongs to another device; "
			"not used\n", port);
		return false;
	}
	/* Some chips report 24 bits and have them; the low 24 are right in any case. */
	c->mask = 0xffffff;
	return ref_clock_ticks(c, 20);
}

struct ref_clock pmtimer_clock = {
	.name = "acpi-pm", .init = pmtimer_init, .read = pmtimer_read, .hz = PMTIMER_HZ,
};
