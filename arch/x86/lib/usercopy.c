/* SPDX-License-Identifier: MIT */
/*
 * Copies between kernel and user memory (Gorman 5.7): words by one string instruction, the
 * rest by bytes.
 *
 * If a word faults, what is left of the words is tried again by bytes: the copy stops at
 * exactly the byte that cannot be reached, and the counter says how many are left.
 */
#include <asm/processor.h>
#include <asm/string.h>
#include <asm/uaccess.h>
#include <kernel/string.h>

bool smap_on;
int pagefault_disabled;

#ifdef __x86_64__
#define WORD		"8"
#define HIGH_BITS	0x8080808080808080ul
#else
#define WORD		"4"
#define HIGH_BITS	0x80808080ul
#endif
#define LOW_BITS	(HIGH_BITS >> 7)

/*
 * words_insn, then bytes_insn for the rest; [count] is what is left.  In the fix-up: words
 * not done times their size, and the rest, as bytes once more.
 */
#define WORDS_THEN_BYTES(words_insn, bytes_insn) \
	"1:	" words_insn "\n" \
	"	mov %[rest], %[count]\n" \
	"2:	" bytes_insn "\n" \
	"3:\n" \
	"	.pushsection .text.fixup, \"ax\"\n" \
	"4:	lea (%[rest], %[count], " WORD "), %[count]\n" \
	"	jmp 2b\n" \
	"	.popsection\n" \
	_ASM_EXTABLE(1b, 4b) \
	_ASM_EXTABLE(2b, 3b)

static __always_inline unsigned long copy_bytes_left(void *to, const void *from, unsigned long n)
{
	unsigned long count = n / sizeof(long), rest = n % sizeof(long);

	user_access_begin();
	__asm__ __volatile__(WORDS_THEN_BYTES(REP_MOVS_WORD, "rep movsb")
			     : [count] "+c" (count), "+D" (to), "+S" (from)
			     : [rest] "r" (rest) : "memory");
	user_access_end();
	return count;
}

unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	return access_ok(to, n) ? copy_bytes_left(to, from, n) : n;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	unsigned long left = access_ok(from, n) ? copy_bytes_left(to, from, n) : n;

	if (unlikely(left))
		memset((char *)to + n - left, 0, left);
	return left;
}

unsigned long clear_user(void *to, unsigned long n)
{
	unsigned long count = n / sizeof(long), rest = n % sizeof(long);

	if (!access_ok(to, n))
		return n;
	user_access_begin();
	__asm__ __volatile__(WORDS_THEN_BYTES(REP_STOS_WORD, "rep stosb")
			     : [count] "+c" (count), "+D" (to)
			     : [rest] "r" (rest), "a" (0ul) : "memory");
	user_access_end();
	return count;
}

/* Strings end in words that do not cross a page, or in bytes. */
static bool word_aligned(const char *s)
{
	return IS_ALIGNED((unsigned long)s, sizeof(long));
}

static bool has_zero_byte(unsigned long word)
{
	return (word - LOW_BITS) & ~word & HIGH_BITS;
}

/* Bytes of user memory that a string may have: n, or up to the end of the user half. */
static unsigned long reachable(const char *s, unsigned long n)
{
	unsigned long addr = (unsigned long)s;

	return addr >= TASK_SIZE ? 0 : min(n, TASK_SIZE - addr);
}

static int read_word(unsigned long *word, const char *s)
{
#ifdef __x86_64__
	return __get_user_8(word, s);
#else
	return __get_user_4((u32 *)word, s);
#endif
}

unsigned long strnlen_user(const char *s, unsigned long n)
{
	unsigned long max = reachable(s, n), i = 0, word, result = 0;
	u8 c;

	user_access_begin();
	while (i < max) {
		if (word_aligned(s + i) && max - i >= sizeof(long)) {
			if (read_word(&word, s + i))
				goto out;
			if (!has_zero_byte(word)) {
				i += sizeof(long);
				continue;
			}
		}
		if (__get_user_1(&c, s + i))
			goto out;
		i++;
		if (!c) {
			result = i;
			goto out;
		}
	}
	result = max == n ? n + 1 : 0;
out:
	user_access_end();
	return result;
}

long strncpy_from_user(char *to, const char *from, unsigned long n)
{
	unsigned long max = reachable(from, n), i = 0, word;
	long result = -EFAULT;

	user_access_begin();
	while (i < max) {
		if (word_aligned(from + i) && max - i >= sizeof(long)) {
			if (read_word(&word, from + i))
				goto out;
			if (!has_zero_byte(word)) {
				__builtin_memcpy(to + i, &word, sizeof(word));
				i += sizeof(long);
				continue;
			}
		}
		if (__get_user_1((u8 *)to + i, from + i))
			goto out;
		if (!to[i]) {
			result = (long)i;
			goto out;
		}
		i++;
	}
	if (max == n)
		result = (long)n;
out:
	user_access_end();
	return result;
}
