/* SPDX-License-Identifier: MIT */
/*
 * /bin/matrix: floating point.  Multiplies matrices and compares each result, bit by bit,
 * with the first one: a task switch that loses a part of the FPU or SSE state shows.  Under
 * i386 the arithmetic is x87, under x86-64 SSE2; both also keep a pattern in XMM7 over
 * each round, if the processor has SSE.
 */
#include "lib/worker.h"

#define N	48

static double a[N][N], b[N][N], c[N][N], first[N][N];

static void fill(void)
{
	unsigned i, k;

	for (i = 0; i < N; i++) {
		for (k = 0; k < N; k++) {
			a[i][k] = 1.0 / (i + k + 1);
			b[i][k] = (double)(i * 7 % 13) - k * 0.125;
		}
	}
}

static void multiply(void)
{
	unsigned i, k, m;

	for (i = 0; i < N; i++) {
		for (k = 0; k < N; k++) {
			double sum = 0;

			for (m = 0; m < N; m++)
				sum += a[i][m] * b[m][k];
			c[i][k] = sum;
		}
	}
}

static bool has_sse(void)
{
	u32 eax = 1, ebx, ecx, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	return edx & 1u << 25;
}

#ifdef __x86_64__
#define XMM	"xmm15"		/* the compiler has no use for it here */
#else
#define XMM	"xmm7"
#endif

static void put_xmm(const u32 value[4])
{
	__asm__ volatile("movups (%0), %%" XMM : : "r"(value) : "memory");
}

static void get_xmm(u32 value[4])
{
	__asm__ volatile("movups %%" XMM ", (%0)" : : "r"(value) : "memory");
}

int main(int argc, char **argv, char **envp)
{
	u32 pattern[4] = { 0x01234567, 0x89abcdef, (u32)sys_getpid(), 0xf00dcafe }, seen[4];
	bool sse = has_sse();

	worker_begin("matrix");
	fill();
	multiply();
	memcpy(first, c, sizeof(c));
	while (worker_round()) {
		if (sse)
			put_xmm(pattern);
		memset(c, 0, sizeof(c));
		multiply();
		if (memcmp(c, first, sizeof(c)))
			worker_fail("the product differs from the first one");
		if (sse)
			get_xmm(seen);
		if (sse && memcmp(seen, pattern, sizeof(seen)))
			worker_fail(XMM " holds %08x %08x %08x %08x", seen[0], seen[1], seen[2],
				    seen[3]);
	}
	return worker_end("%ux%u doubles%s", N, N, sse ? ", " XMM " kept" : "");
}
