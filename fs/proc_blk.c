/* SPDX-License-Identifier: MIT */
/* /proc/pagewalk/disks and requests: the block devices, and what their drivers were given. */
#include <fs/proc.h>
#include <kernel/blkdev.h>

static void show_counts(struct seq *s, const struct disk *disk)
{
	const struct disk_counters *c = &disk->count;

	seq_printf(s, " reads %lu read_sectors %lu writes %lu write_sectors %lu flushes %lu",
		   c->reads, c->read_sectors, c->writes, c->write_sectors, c->flushes);
	seq_printf(s, " errors %lu timeouts %lu resets %lu refused %lu bounced %lu interrupts %lu",
		   c->errors, c->timeouts, c->resets, c->refused, c->bounced, c->interrupts);
}

/* A line for each device: name, start and size in sectors, access; a partition's type. */
int proc_show_disks(struct seq *s, struct task_struct *p)
{
	struct block_device *b;
	char type[GUID_TEXT];

	for_each_blkdev(b) {
		guid_format(type, &b->type);
		seq_printf(s, "%s start %llu sectors %llu block %u %s", b->name,
			   (unsigned long long)b->start, (unsigned long long)b->capacity,
			   b->block_size, b->writable ? "rw" : "ro");
		if (b->parent)
			seq_printf(s, " type %s", type);
		else
			show_counts(s, b->disk);
		seq_puts(s, "\n");
	}
	return 0;
}

/* For proc_read_log(). */
static u64 next_request(u64 seq, void *record)
{
	u64 last = blk_log_seq();

	seq = max(seq, last > PAGEWALK_DISK_LOG ? last - PAGEWALK_DISK_LOG : 0);
	return seq < last && blk_log_read(seq + 1, record) ? seq + 1 : 0;
}

static long requests_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct pagewalk_disk_request record;

	return proc_read_log(buf, n, pos, &record, sizeof(record), next_request);
}

/* SEEK_END: behind the last record that there is now. */
static loff_k requests_llseek(struct file *f, loff_k offset, int whence)
{
	return llseek_by_size(f, offset, whence, (loff_k)blk_log_seq());
}

const struct file_operations pagewalk_requests_ops = {
	.read = requests_read, .llseek = requests_llseek,
};
