/* SPDX-License-Identifier: MIT */
/* /proc/partitions, diskstats, interrupts: devices, in Linux's formats (man 5 proc). */
#include <asm/hw_irq.h>
#include <fs/proc.h>
#include <kernel/blkdev.h>
#include <kernel/irq.h>

static unsigned major_of(const struct block_device *b)
{
	return (unsigned)(b->rdev >> 8);
}

static unsigned minor_of(const struct block_device *b)
{
	return (unsigned)b->rdev & 255;
}

int proc_show_partitions(struct seq *s, struct task_struct *p)
{
	const struct block_device *b;

	seq_puts(s, "major minor  #blocks  name\n\n");
	for_each_blkdev(b)
		seq_printf(s, "%4u  %7u %10llu %s\n", major_of(b), minor_of(b),
			   (unsigned long long)(b->capacity / 2), b->name);
	return 0;
}

/* Requests, merged ones, sectors, milliseconds; nothing here is merged or timed. */
int proc_show_diskstats(struct seq *s, struct task_struct *p)
{
	static const struct disk_counters none;
	const struct disk_counters *c;
	const struct block_device *b;

	for_each_blkdev(b) {
		c = b->parent ? &none : &b->disk->count;
		seq_printf(s, "%4u %7u %s %lu 0 %lu 0 %lu 0 %lu 0 0 0 0 0 0 0 0 %lu 0\n",
			   major_of(b), minor_of(b), b->name, c->reads, c->read_sectors,
			   c->writes, c->write_sectors, c->flushes);
	}
	return 0;
}

/* By vector; those that never came and have no handler are left out. */
int proc_show_interrupts(struct seq *s, struct task_struct *p)
{
	unsigned v;

	seq_printf(s, "%16s\n", "CPU0");
	for (v = FIRST_DEVICE_VECTOR; v < NR_VECTORS; v++)
		if (irq_count[v] || irq_handlers[v].fn)
			seq_printf(s, "%3u: %10lu  %s\n", v, irq_count[v],
				   irq_handlers[v].fn ? irq_handlers[v].name : "nobody");
	seq_printf(s, "ERR: %10lu\n", irq_spurious);
	return 0;
}
