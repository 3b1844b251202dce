/* SPDX-License-Identifier: MIT */
/* mmbench - memory-manager and scheduler micro-benchmarks over the Linux
 * system-call ABI.  One static program for Linux and for any kernel that runs
 * Linux ELF programs.  Under QEMU's -icount shift=0 a tick of rdtsc is one
 * executed guest instruction, kernel included.
 *
 *   mmbench [name-prefix ...]          run all, or those with a prefix
 *   mmbench swap PAGES PASSES [soak]   cycle a working set larger than RAM
 *
 * Output, one line per benchmark (tab separated):
 *   MMB name ops ticks ticks_per_op best_round_ticks_per_op
 *   MMB name SKIP errno      (a call it needs is missing)
 *   MMB name FAIL code       (its process died)
 */
#include "sys.h"

static inline u64 now(void) {
  u32 a, d;
  __asm__ volatile("rdtsc" : "=a"(a), "=d"(d) : : "memory");
  return (u64)d << 32 | a;
}
#define BAD ((u64)1 << 63)
#define ERR(r) return BAD | (u64)(-(long)(r))

static u64 ops_done; /* a benchmark may correct the op count of its round */

static char *const noargs[] = {"tiny", 0};
static char *const noenv[] = {0};
static u8 buf64[65536] __attribute__((aligned(4096)));

static inline void touch_w(u8 *p, ulong n, ulong stride) {
  for (ulong i = 0; i < n; i++) ((volatile u8 *)p)[i * stride] = 1;
}
static inline void touch_r(u8 *p, ulong n, ulong stride) {
  for (ulong i = 0; i < n; i++) (void)((volatile u8 *)p)[i * stride];
}

/* ---- calibration ------------------------------------------------------ */
static u64 cal_loop(ulong n) { /* exactly 2 instructions an op, + ~4 */
  u64 t = now();
  __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(n));
  return now() - t;
}
static u64 cal_rdtsc(ulong n) { /* the loop and both reads */
  u64 s = 0;
  for (ulong i = 0; i < n; i++) {
    u64 t = now();
    s += now() - t;
  }
  return s;
}
static u64 cal_touch(ulong n) { /* the touch loop itself, pages present */
  u8 *p = map(PAGE * 16, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, 16, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i += 16) touch_w(p, 16, PAGE);
  t = now() - t;
  unmap(p, PAGE * 16);
  return t;
}
static u64 cal_repstosb(ulong n) { /* does a rep iteration count? n bytes */
  u8 *d = buf64;
  ulong c = n;
  u64 t = now();
  __asm__ volatile("rep stosb" : "+D"(d), "+c"(c) : "a"(0) : "memory");
  return now() - t;
}

/* ---- calls and faults ------------------------------------------------- */
static u64 null_syscall(ulong n) {
  u64 t = now();
  for (ulong i = 0; i < n; i++) sc0(NR_getppid);
  return now() - t;
}
static u64 touch(ulong n, int w, int flags) {
  u8 *p = map(n * PAGE, PROT_RW, flags | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  u64 t = now();
  if (w) touch_w(p, n, PAGE);
  else touch_r(p, n, PAGE);
  t = now() - t;
  unmap(p, n * PAGE);
  return t;
}
static u64 anon_write_fault(ulong n) { return touch(n, 1, MAP_PRIVATE); }
static u64 anon_read_fault(ulong n) { return touch(n, 0, MAP_PRIVATE); }
static u64 shared_write_fault(ulong n) { return touch(n, 1, MAP_SHARED); }
static u64 zero_to_write_fault(ulong n) { /* write after the zero page is mapped */
  u8 *p = map(n * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_r(p, n, PAGE);
  u64 t = now();
  touch_w(p, n, PAGE);
  t = now() - t;
  unmap(p, n * PAGE);
  return t;
}
static u64 *shm; /* one shared page, for results from children */
static u64 cow(ulong n, int in_child) {
  int st;
  u8 *p = map(n * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, n, PAGE);
  long pid = sc0(NR_fork);
  if (IS_ERR(pid)) ERR(pid);
  if (pid == 0) {
    if (in_child) {
      u64 t = now();
      touch_w(p, n, PAGE);
      shm[0] = now() - t;
    }
    die(0);
  }
  waitpid_(pid, &st);
  u64 t = now();
  touch_w(p, n, PAGE); /* sole owner again: no copy needed */
  t = now() - t;
  unmap(p, n * PAGE);
  return in_child ? shm[0] : t;
}
static u64 cow_fault(ulong n) { return cow(n, 1); }
static u64 wp_reuse_fault(ulong n) { return cow(n, 0); }

#define DATAFILE "/mmbench.dat"
static int datafile(ulong n) {
  int fd = (int)sc3(NR_open, (long)DATAFILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return fd;
  for (ulong i = 0; i < n; i += 16)
    if (sc3(NR_write, fd, (long)buf64, 65536) != 65536) return -28;
  return fd;
}
static u64 filemap(ulong n, ulong stride, int w) {
  int fd = datafile(n * stride);
  if (fd < 0) ERR(fd);
  u8 *p = map(n * stride * PAGE, PROT_RW, MAP_PRIVATE, fd);
  if (IS_ERR(p)) ERR(p);
  u64 t = now();
  if (w) touch_w(p, n, stride * PAGE);
  else touch_r(p, n, stride * PAGE);
  t = now() - t;
  unmap(p, n * stride * PAGE);
  sc3(NR_close, fd, 0, 0);
  sc3(NR_unlink, (long)DATAFILE, 0, 0);
  return t;
}
static u64 file_read_seq(ulong n) { return filemap(n, 1, 0); }
static u64 file_read_stride16(ulong n) { return filemap(n, 16, 0); }
static u64 file_cow_fault(ulong n) { return filemap(n, 1, 1); }

/* ---- mapping calls ---------------------------------------------------- */
static u64 mmap_munmap(ulong n) {
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    u8 *p = map(PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(p)) ERR(p);
    unmap(p, PAGE);
  }
  return now() - t;
}
static u64 mtm(ulong n, ulong pages) {
  u64 t = now();
  for (ulong i = 0; i < n; i += pages) {
    u8 *p = map(pages * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(p)) ERR(p);
    touch_w(p, pages, PAGE);
    unmap(p, pages * PAGE);
  }
  return now() - t;
}
static u64 mmap_touch_munmap(ulong n) { return mtm(n, 1); }
static u64 mmap_touch_munmap_1m(ulong n) { return mtm(n, 256); }
static u64 munmap_1m(ulong n) { /* the munmap only, a touched page */
  u64 s = 0;
  for (ulong i = 0; i < n; i += 256) {
    u8 *p = map(256 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(p)) ERR(p);
    touch_w(p, 256, PAGE);
    u64 t = now();
    unmap(p, 256 * PAGE);
    s += now() - t;
  }
  return s;
}
static u64 mprot(ulong n, ulong pages, ulong at) {
  u8 *p = map(pages * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, pages, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i += 2) {
    long r = sc3(NR_mprotect, (long)(p + at * PAGE), PAGE, PROT_R);
    if (r) ERR(r);
    sc3(NR_mprotect, (long)(p + at * PAGE), PAGE, PROT_RW);
  }
  t = now() - t;
  unmap(p, pages * PAGE);
  return t;
}
/* A guard page of another protection on each side keeps the one-page VMA from
 * merging with whatever the kernel placed next to it. */
static u64 mprotect_flip(ulong n) {
  u8 *p = map(3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  long r = sc3(NR_mprotect, (long)(p + PAGE), PAGE, PROT_RW);
  if (r) ERR(r);
  p[PAGE] = 1;
  u64 t = now();
  for (ulong i = 0; i < n; i += 2) {
    sc3(NR_mprotect, (long)(p + PAGE), PAGE, PROT_R);
    sc3(NR_mprotect, (long)(p + PAGE), PAGE, PROT_RW);
  }
  t = now() - t;
  unmap(p, 3 * PAGE);
  return t;
}
static u64 mprotect_split(ulong n) { return mprot(n, 3, 1); }
static u64 mremap_move64(ulong n) {
  u8 *a = map(64 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  u8 *b = map(64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(a)) ERR(a);
  if (IS_ERR(b)) ERR(b);
  touch_w(a, 64, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    long r = sc5(NR_mremap, (long)a, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (long)b);
    if (IS_ERR(r)) ERR(r);
    u8 *x = a;
    a = b;
    b = x;
  }
  t = now() - t;
  unmap(a, 64 * PAGE);
  return t;
}
static u64 brk_pair(ulong n) { /* grow by a page, touch nothing, shrink */
  long b = sc3(NR_brk, 0, 0, 0);
  if (sc3(NR_brk, b + (long)PAGE, 0, 0) != b + (long)PAGE) ERR(-12);
  sc3(NR_brk, b, 0, 0);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    sc3(NR_brk, b + (long)PAGE, 0, 0);
    sc3(NR_brk, b, 0, 0);
  }
  return now() - t;
}
static u64 brk_touch_pair(ulong n) {
  long b = sc3(NR_brk, 0, 0, 0);
  if (sc3(NR_brk, b + (long)PAGE, 0, 0) != b + (long)PAGE) ERR(-12);
  sc3(NR_brk, b, 0, 0);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    sc3(NR_brk, b + (long)PAGE, 0, 0);
    *(volatile u8 *)((b + (long)PAGE - 1) & ~(long)(PAGE - 1)) = 1;
    sc3(NR_brk, b, 0, 0);
  }
  return now() - t;
}
static u64 dontneed_retouch(ulong n) {
  u8 *p = map(256 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, 256, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i += 256) {
    long r = sc3(NR_madvise, (long)p, 256 * PAGE, MADV_DONTNEED);
    if (r) ERR(r);
    touch_w(p, 256, PAGE);
  }
  t = now() - t;
  unmap(p, 256 * PAGE);
  return t;
}
static u64 mlock64(ulong n) { /* mlock + munlock of 64 present pages */
  u8 *p = map(64 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, 64, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    long r = sc3(NR_mlock, (long)p, 64 * PAGE, 0);
    if (r) ERR(r);
    sc3(NR_munlock, (long)p, 64 * PAGE, 0);
  }
  t = now() - t;
  unmap(p, 64 * PAGE);
  return t;
}

/* ---- many VMAs -------------------------------------------------------- */
#define MAXV 60000
static u8 *va[MAXV];
static ulong nva;
static u64 vma_make_ticks;
static long vma_make(ulong n) { /* alternate protections: no two merge */
  u64 t = now();
  for (; nva < n; nva++) {
    va[nva] = map(PAGE, nva & 1 ? PROT_R : PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(va[nva])) return (long)va[nva];
  }
  vma_make_ticks = now() - t;
  return 0;
}
static ulong vma_n;
static u64 vma_create(ulong n) { /* the mmap calls that made the space */
  ops_done = vma_n;
  return vma_make_ticks;
}
static u64 vma_fault(ulong n) { /* n faults, each in another VMA, tables warm */
  u64 s = 0;
  if (vma_n == 1) {
    u8 *p = map(n * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(p)) ERR(p);
    touch_w(p, n, PAGE);
    sc3(NR_madvise, (long)p, (long)(n * PAGE), MADV_DONTNEED);
    u64 t = now();
    for (ulong i = 0; i < n; i++) ((volatile u8 *)p)[(i * 167 % n) * PAGE] = 1;
    s = now() - t;
    unmap(p, n * PAGE);
    return s;
  }
  ulong half = vma_n / 2, step = 7919; /* a prime: visits spread, order fixed */
  ulong m = n < half ? n : half;
  ops_done = m;
  for (ulong i = 0; i < m; i++) va[(i * step % half) * 2][0] = 1;
  for (ulong i = 0; i < m; i++) {
    long r = sc3(NR_madvise, (long)va[(i * step % half) * 2], PAGE, MADV_DONTNEED);
    if (r) ERR(r);
  }
  u64 t = now();
  for (ulong i = 0; i < m; i++) *(volatile u8 *)va[(i * step % half) * 2] = 1;
  return now() - t;
}
static u64 vma_mmap(ulong n) { return mmap_munmap(n); }
static u64 vma_holes(ulong n) { /* n maps of 2 pages; every hole below is 1 page */
  static u8 *got[512];
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    got[i] = map(2 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
    if (IS_ERR(got[i])) ERR(got[i]);
  }
  t = now() - t;
  for (ulong i = 0; i < n; i++) unmap(got[i], 2 * PAGE);
  return t;
}

/* ---- processes -------------------------------------------------------- */
static u64 fork_res(ulong n, ulong mib) {
  int st;
  struct { long up; ulong loads[3], total, free, sh, bu, ts, fs; unsigned short p, pad; ulong th, fh; u32 unit; u8 x[64]; } si;
  if (mib > 16 && !sc3(NR_sysinfo, (long)&si, 0, 0) && (u64)si.free * si.unit < (u64)(mib + 96) << 20) ERR(-12);
  ulong pages = mib ? mib << 8 : 1;
  u8 *p = map(pages * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) ERR(p);
  touch_w(p, pages, PAGE);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    long pid = sc0(NR_fork);
    if (pid == 0) die(0);
    if (IS_ERR(pid)) ERR(pid);
    waitpid_(pid, &st);
  }
  t = now() - t;
  unmap(p, pages * PAGE);
  return t;
}
static u64 fork_exit_0m(ulong n) { return fork_res(n, 0); }
static u64 fork_exit_1m(ulong n) { return fork_res(n, 1); }
static u64 fork_exit_16m(ulong n) { return fork_res(n, 16); }
static u64 fork_exit_256m(ulong n) { return fork_res(n, 256); }
static u64 fork_exec_exit(ulong n) {
  int st = 0;
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    long pid = sc0(NR_fork);
    if (pid == 0) {
      sc3(NR_execve, (long)"/tiny", (long)noargs, (long)noenv);
      die(99);
    }
    if (IS_ERR(pid)) ERR(pid);
    waitpid_(pid, &st);
    if (st >> 8 == 99) ERR(-2);
  }
  return now() - t;
}
static u64 yield2(ulong n) { /* an op is a switch that really happened */
  volatile u64 *s = shm;
  int st;
  s[0] = s[1] = s[2] = s[3] = 0; /* last runner, switches, start, stop */
  long pid = sc0(NR_fork);
  if (IS_ERR(pid)) ERR(pid);
  u64 me = pid == 0 ? 2 : 1, sw = 0, t = 0;
  if (me == 2) {
    while (!s[3]) {
      sc0(NR_sched_yield);
      if (s[0] != me) s[0] = me, s[1]++;
    }
    die(0);
  }
  while (s[1] < 8) { /* both are running */
    sc0(NR_sched_yield);
    if (s[0] != me) s[0] = me, s[1]++;
  }
  sw = s[1];
  t = now();
  while (s[1] - sw < n) {
    sc0(NR_sched_yield);
    if (s[0] != me) s[0] = me, s[1]++;
  }
  t = now() - t;
  ops_done = (ulong)(s[1] - sw);
  s[3] = 1;
  waitpid_(pid, &st);
  return t;
}
static u64 ring(ulong n, int k) { /* a token round k processes; an op is a hop */
  static int fd[16][2];
  static long pid[16];
  int st;
  u8 c = 1;
  for (int i = 0; i < k; i++) {
    long r = sc3(NR_pipe, (long)fd[i], 0, 0);
    if (r) ERR(r);
  }
  for (int i = 1; i < k; i++) {
    pid[i] = sc0(NR_fork);
    if (IS_ERR(pid[i])) ERR(pid[i]);
    if (pid[i] == 0) {
      for (;;) {
        if (sc3(NR_read, fd[i][0], (long)&c, 1) != 1) die(1);
        sc3(NR_write, fd[(i + 1) % k][1], (long)&c, 1);
        if (c == 0) die(0);
      }
    }
  }
  u64 t = 0;
  for (ulong i = 0; i <= n / (ulong)k; i++) {
    if (i == 1) t = now(); /* the first lap only warms */
    sc3(NR_write, fd[1][1], (long)&c, 1);
    sc3(NR_read, fd[0][0], (long)&c, 1);
  }
  t = now() - t;
  ops_done = n / (ulong)k * (ulong)k;
  c = 0;
  sc3(NR_write, fd[1][1], (long)&c, 1);
  for (int i = 1; i < k; i++) waitpid_(pid[i], &st);
  for (int i = 0; i < k; i++) sc3(NR_close, fd[i][0], 0, 0), sc3(NR_close, fd[i][1], 0, 0);
  return t;
}
static u64 pipe_hop_2(ulong n) { return ring(n, 2); }
static u64 pipe_hop_16(ulong n) { return ring(n, 16); }
static u64 pipe_bw_64k(ulong n) { /* 64 KiB from one process to another */
  int fd[2], st;
  long r = sc3(NR_pipe, (long)fd, 0, 0);
  if (r) ERR(r);
  long pid = sc0(NR_fork);
  if (IS_ERR(pid)) ERR(pid);
  if (pid == 0) {
    sc3(NR_close, fd[0], 0, 0);
    for (ulong i = 0; i < n; i++)
      for (ulong left = 65536; left;) {
        long w = sc3(NR_write, fd[1], (long)buf64, (long)left);
        if (w <= 0) die(1);
        left -= (ulong)w;
      }
    die(0);
  }
  sc3(NR_close, fd[1], 0, 0);
  u64 got = 0, t = now();
  while (got < (u64)n << 16) {
    r = sc3(NR_read, fd[0], (long)buf64, 65536);
    if (r <= 0) ERR(-32);
    got += (u64)r;
  }
  t = now() - t;
  sc3(NR_close, fd[0], 0, 0);
  waitpid_(pid, &st);
  return t;
}
static u64 pipe_wr_64k(ulong n) { /* same process: write 64 KiB, read it back */
  int fd[2];
  long r = sc3(NR_pipe, (long)fd, 0, 0);
  if (r) ERR(r);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    if (sc3(NR_write, fd[1], (long)buf64, 65536) != 65536) ERR(-11);
    if (sc3(NR_read, fd[0], (long)buf64, 65536) != 65536) ERR(-11);
  }
  t = now() - t;
  sc3(NR_close, fd[0], 0, 0);
  sc3(NR_close, fd[1], 0, 0);
  return t;
}
static u64 rw64(ulong n, const char *path, int wr) {
  int fd = (int)sc3(NR_open, (long)path, wr ? O_WRONLY : O_RDONLY, 0);
  if (fd < 0) ERR(fd);
  u64 t = now();
  for (ulong i = 0; i < n; i++) {
    long r = sc3(wr ? NR_write : NR_read, fd, (long)buf64, 65536);
    if (r != 65536) ERR(r < 0 ? r : -5);
  }
  t = now() - t;
  sc3(NR_close, fd, 0, 0);
  return t;
}
static u64 write_null_64k(ulong n) { return rw64(n, "/dev/null", 1); }
static u64 read_zero_64k(ulong n) { return rw64(n, "/dev/zero", 0); }
static u64 file_rw(ulong n, int wr) {
  int fd = datafile(16);
  if (fd < 0) ERR(fd);
  u64 s = 0;
  for (ulong i = 0; i < n; i++) {
    sc3(NR_lseek, fd, 0, 0);
    u64 t = now();
    long r = sc3(wr ? NR_write : NR_read, fd, (long)buf64, 65536);
    s += now() - t;
    if (r != 65536) ERR(-5);
  }
  sc3(NR_close, fd, 0, 0);
  sc3(NR_unlink, (long)DATAFILE, 0, 0);
  return s;
}
static u64 write_file_64k(ulong n) { return file_rw(n, 1); }
static u64 read_file_64k(ulong n) { return file_rw(n, 0); }

/* ---- the table -------------------------------------------------------- */
struct bench {
  const char *name;
  u64 (*fn)(ulong);
  ulong n;      /* ops a round */
  ulong rounds; /* after one warm-up round */
  ulong vmas;   /* run in a space with this many extra VMAs */
  int holes;
};
static const struct bench tab[] = {
    {"cal_loop2", cal_loop, 1000000, 3, 0, 0},
    {"cal_rdtsc_pair", cal_rdtsc, 1000, 3, 0, 0},
    {"cal_touch_loop", cal_touch, 16000, 3, 0, 0},
    {"cal_rep_stosb", cal_repstosb, 65536, 3, 0, 0},
    {"null_syscall", null_syscall, 5000, 5, 0, 0},
    {"anon_write_fault", anon_write_fault, 4096, 5, 0, 0},
    {"anon_read_fault", anon_read_fault, 4096, 5, 0, 0},
    {"zero_to_write_fault", zero_to_write_fault, 4096, 3, 0, 0},
    {"shared_write_fault", shared_write_fault, 1024, 5, 0, 0},
    {"cow_fault", cow_fault, 1024, 5, 0, 0},
    {"wp_reuse_fault", wp_reuse_fault, 1024, 5, 0, 0},
    {"file_read_seq", file_read_seq, 1024, 5, 0, 0},
    {"file_read_stride16", file_read_stride16, 256, 5, 0, 0},
    {"file_cow_fault", file_cow_fault, 1024, 5, 0, 0},
    {"mmap_munmap", mmap_munmap, 2000, 5, 0, 0},
    {"mmap_touch_munmap", mmap_touch_munmap, 2000, 5, 0, 0},
    {"mmap_touch_munmap_1m", mmap_touch_munmap_1m, 2560, 5, 0, 0},
    {"munmap_1m", munmap_1m, 2560, 5, 0, 0},
    {"mprotect_flip", mprotect_flip, 2000, 5, 0, 0},
    {"mprotect_split", mprotect_split, 2000, 5, 0, 0},
    {"mremap_move64", mremap_move64, 500, 5, 0, 0},
    {"brk_pair", brk_pair, 1000, 5, 0, 0},
    {"brk_touch_pair", brk_touch_pair, 1000, 5, 0, 0},
    {"dontneed_retouch", dontneed_retouch, 2560, 5, 0, 0},
    {"mlock_munlock64", mlock64, 200, 5, 0, 0},
    {"vma_create_1000", vma_create, 1000, 1, 1000, 0},
    {"vma_create_10000", vma_create, 10000, 1, 10000, 0},
    {"vma_create_60000", vma_create, 60000, 1, 60000, 0},
    {"vma_fault_1", vma_fault, 500, 5, 1, 0},
    {"vma_fault_1000", vma_fault, 500, 5, 1000, 0},
    {"vma_fault_10000", vma_fault, 500, 5, 10000, 0},
    {"vma_fault_60000", vma_fault, 500, 5, 60000, 0},
    {"vma_mmap_1", vma_mmap, 500, 5, 1, 0},
    {"vma_mmap_1000", vma_mmap, 500, 5, 1000, 0},
    {"vma_mmap_10000", vma_mmap, 500, 5, 10000, 0},
    {"vma_mmap_60000", vma_mmap, 500, 5, 60000, 0},
    {"vma_holes_1000", vma_holes, 500, 5, 1000, 1},
    {"vma_holes_10000", vma_holes, 500, 5, 10000, 1},
    {"vma_holes_60000", vma_holes, 500, 5, 60000, 1},
    {"fork_exit_0m", fork_exit_0m, 100, 5, 0, 0},
    {"fork_exit_1m", fork_exit_1m, 50, 5, 0, 0},
    {"fork_exit_16m", fork_exit_16m, 10, 5, 0, 0},
    {"fork_exit_256m", fork_exit_256m, 2, 3, 0, 0},
    {"fork_exec_exit", fork_exec_exit, 50, 5, 0, 0},
    {"yield_switch", yield2, 2000, 5, 0, 0},
    {"pipe_hop_2", pipe_hop_2, 2000, 5, 0, 0},
    {"pipe_hop_16", pipe_hop_16, 3200, 5, 0, 0},
    {"pipe_bw_64k", pipe_bw_64k, 100, 5, 0, 0},
    {"pipe_wr_64k", pipe_wr_64k, 100, 5, 0, 0},
    {"write_null_64k", write_null_64k, 1000, 5, 0, 0},
    {"read_zero_64k", read_zero_64k, 100, 5, 0, 0},
    {"write_file_64k", write_file_64k, 100, 5, 0, 0},
    {"read_file_64k", read_file_64k, 100, 5, 0, 0},
};

static void per(u64 t, u64 n) { /* t/n with one decimal */
  u64 x = div64(t * 10 + n / 2 * 0, n);
  on(div64(x, 10));
  os(".");
  on(x - div64(x, 10) * 10);
}
static void line(const char *name, u64 ops, u64 total, u64 best, u64 bops) {
  os("MMB\t"), os(name), os("\t"), on(ops), os("\t"), on(total), os("\t");
  per(total, ops), os("\t"), per(best, bops), os("\n"), oflush();
}
static void run1(const struct bench *b) {
  u64 total = 0, ops = 0, best = ~0ull, bops = 1;
  vma_n = b->vmas;
  if (vma_n > 1) {
    long r = vma_make(vma_n);
    if (IS_ERR(r)) {
      os("MMB\t"), os(b->name), os("\tSKIP\t"), on((u64)-r), os("\n"), oflush();
      return;
    }
    if (b->holes)
      for (ulong i = 1; i < nva; i += 2) unmap(va[i], PAGE);
  }
  for (ulong i = 0; i <= b->rounds; i++) {
    ops_done = b->n;
    u64 t = b->fn(b->n);
    if (t & BAD) {
      os("MMB\t"), os(b->name), os("\tSKIP\t"), on(t & 0xffff), os("\n"), oflush();
      return;
    }
    if (i == 0) continue;
    total += t, ops += ops_done;
    if (t < best) best = t, bops = ops_done;
  }
  line(b->name, ops, total, best, bops);
}

/* ---- swap ------------------------------------------------------------- */
static void swaptest(ulong pages, ulong passes, int soak) {
  struct { long ut[2], st[2], maxrss, a, b, c, minflt, majflt, rest[8]; } ru0, ru1;
  long pid = -1;
  if (soak) { /* an idle-class spinner, so that waiting for the disk is countable */
    sc3(NR_mlock, (long)shm, PAGE, 0);
    shm[8] = 0;
    pid = sc0(NR_fork);
    if (pid == 0) {
      int prio = 0;
      sc3(NR_sched_setscheduler, 0, 5, (long)&prio);
#ifdef __x86_64__
      __asm__ volatile("1: addq $1,(%0)\n jmp 1b" : : "r"(&shm[8]) : "memory");
#else
      __asm__ volatile("1: addl $1,(%0)\n adcl $0,4(%0)\n jmp 1b" : : "r"(&shm[8]) : "memory");
#endif
    }
  }
  ulong *p = (ulong *)map(pages * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANON, -1);
  if (IS_ERR(p)) {
    os("MMB\tswap\tSKIP\t12\n"), oflush();
    return;
  }
  for (ulong k = 0; k < passes; k++) {
    ulong bad = 0;
    sc3(NR_getrusage, 0, (long)&ru0, 0);
    u64 s0 = *(volatile u64 *)&shm[8], t = now();
    for (ulong i = 0; i < pages; i++) {
      ulong *q = p + i * (PAGE / sizeof(ulong));
      if (k && *q != (i ^ (k - 1) << 20)) bad++;
      *(volatile ulong *)q = i ^ k << 20;
    }
    t = now() - t;
    u64 s1 = *(volatile u64 *)&shm[8];
    sc3(NR_getrusage, 0, (long)&ru1, 0);
    os("SWAP\tpass "), on(k), os("\tpages "), on(pages), os("\tticks "), on(t);
    os("\tsoak_iter "), on(s1 - s0), os("\tmajflt "), on((u64)(ru1.majflt - ru0.majflt));
    os("\tminflt "), on((u64)(ru1.minflt - ru0.minflt)), os("\tbad "), on(bad), os("\n"), oflush();
#ifdef __x86_64__
    u64 net = t - 2 * (s1 - s0);
#else
    u64 net = t - 3 * (s1 - s0);
#endif
    line(k ? "swap_cycle" : "swap_fill", pages, net, net, pages);
    if (bad) os("MMB\tswap\tFAIL\t"), on(bad), os("\n"), oflush();
  }
  if (pid > 0) {
    int st;
    sc3(NR_kill, pid, 9, 0);
    waitpid_(pid, &st);
  }
}

static int wanted(const char *name, char **pre) {
  if (!*pre || seq(*pre, "all")) return 1;
  for (; *pre; pre++) {
    const char *a = *pre, *b = name;
    while (*a && *a == *b) a++, b++;
    if (!*a) return 1;
  }
  return 0;
}
void start_c(long *sp) {
  long argc = sp[0];
  char **argv = (char **)(sp + 1);
  shm = (u64 *)map(PAGE, PROT_RW, MAP_SHARED | MAP_ANON, -1);
  if (IS_ERR(shm)) shm = (u64 *)buf64;
  shm[0] = 0;
  os("MMB\tbegin\t"), on(sizeof(long) * 8), os("\n"), oflush();
  if (argc >= 4 && seq(argv[1], "swap")) {
    swaptest((ulong)num(argv[2]), (ulong)num(argv[3]), argc > 4);
  } else {
    for (ulong i = 0; i < sizeof tab / sizeof *tab; i++) {
      if (!wanted(tab[i].name, argv + 1)) continue;
      int st = 0; /* a fresh process each: one cannot spoil another's space */
      long pid = sc0(NR_fork);
      if (pid == 0) {
        run1(&tab[i]);
        die(0);
      }
      if (IS_ERR(pid)) run1(&tab[i]);
      else waitpid_(pid, &st);
      if (st) os("MMB\t"), os(tab[i].name), os("\tFAIL\t"), on((u64)st), os("\n"), oflush();
    }
  }
  os("MMB\tend\n"), oflush();
  die(0);
}
