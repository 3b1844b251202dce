/* SPDX-License-Identifier: MIT */
/* The search in the exception table (see <kernel/extable.h>). */
#include <asm/ptrace.h>
#include <kernel/extable.h>

extern const struct exception_table_entry __start___ex_table[], __stop___ex_table[];

/* Both members are distances from their own address. */
static unsigned long entry_insn(const struct exception_table_entry *e)
{
	return (unsigned long)&e->insn + (unsigned long)(long)e->insn;
}

static unsigned long entry_fixup(const struct exception_table_entry *e)
{
	return (unsigned long)&e->fixup + (unsigned long)(long)e->fixup;
}

unsigned long search_extable(unsigned long ip)
{
	const struct exception_table_entry *low = __start___ex_table;
	const struct exception_table_entry *high = __stop___ex_table;

	while (low < high) {
		const struct exception_table_entry *mid = low + (high - low) / 2;
		unsigned long insn = entry_insn(mid);

		if (insn == ip)
			return entry_fixup(mid);
		if (insn < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

bool fixup_exception(struct pt_regs *regs)
{
	unsigned long to = search_extable(regs->ip);

	if (!to)
		return false;
	regs->ip = to;
	return true;
}

unsigned long extable_insn(size_t n)
{
	return entry_insn(&__start___ex_table[n]);
}

size_t extable_check(bool *sorted)
{
	size_t n = (size_t)(__stop___ex_table - __start___ex_table), i;

	*sorted = true;
	for (i = 1; i < n; i++)
		if (extable_insn(i - 1) >= extable_insn(i))
			*sorted = false;
	return n;
}
