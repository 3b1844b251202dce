/* SPDX-License-Identifier: MIT */
/* sys.h - raw Linux system calls, entry stub, number printing. No libc.
 * One header, two ABIs: x86-64 (`syscall`) and i386 (`int $0x80`). */
#ifndef MMB_SYS_H
#define MMB_SYS_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long ulong;

#define PAGE 4096ul
#define NOINLINE __attribute__((noinline))

#ifdef __x86_64__
enum {
  NR_read = 0, NR_write = 1, NR_open = 2, NR_close = 3, NR_lseek = 8, NR_mmap = 9,
  NR_mprotect = 10, NR_munmap = 11, NR_brk = 12, NR_pipe = 22, NR_sched_yield = 24,
  NR_mremap = 25, NR_madvise = 28, NR_getpid = 39, NR_fork = 57, NR_execve = 59,
  NR_wait4 = 61, NR_kill = 62, NR_ftruncate = 77, NR_mkdir = 83, NR_unlink = 87,
  NR_getrusage = 98, NR_sysinfo = 99, NR_getppid = 110, NR_sched_setscheduler = 144,
  NR_mlock = 149, NR_munlock = 150, NR_mount = 165, NR_swapon = 167, NR_reboot = 169,
  NR_exit_group = 231, NR_finit_module = 313, NR_mknod = 133, NR_nanosleep = 35,
  NR_symlink = 88, NR_dup2 = 33, NR_uname = 63,
};
static inline long sc6(long n, long a, long b, long c, long d, long e, long f) {
  long r;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return r;
}
static inline long sc3(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}
static inline long sc0(long n) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n) : "rcx", "r11", "memory");
  return r;
}
static inline long sc5(long n, long a, long b, long c, long d, long e) {
  long r;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return r;
}
__asm__(".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call start_c\n hlt\n");
#else
enum {
  NR_fork = 2, NR_read = 3, NR_write = 4, NR_open = 5, NR_close = 6, NR_unlink = 10,
  NR_execve = 11, NR_mknod = 14, NR_lseek = 19, NR_getpid = 20, NR_mount = 21, NR_kill = 37,
  NR_mkdir = 39, NR_pipe = 42, NR_brk = 45, NR_dup2 = 63, NR_getppid = 64, NR_getrusage = 77,
  NR_symlink = 83, NR_swapon = 87, NR_reboot = 88, NR_munmap = 91, NR_ftruncate = 93,
  NR_wait4 = 114, NR_sysinfo = 116, NR_uname = 122, NR_mprotect = 125, NR_mlock = 150,
  NR_munlock = 151, NR_sched_setscheduler = 156, NR_sched_yield = 158, NR_nanosleep = 162,
  NR_mremap = 163, NR_mmap = 192 /* mmap2 */, NR_madvise = 219, NR_exit_group = 252,
  NR_finit_module = 350,
};
long sc6(long n, long a, long b, long c, long d, long e, long f);
__asm__(".text\nsc6:\n push %ebp\n push %ebx\n push %esi\n push %edi\n"
        " mov 20(%esp),%eax\n mov 24(%esp),%ebx\n mov 28(%esp),%ecx\n mov 32(%esp),%edx\n"
        " mov 36(%esp),%esi\n mov 40(%esp),%edi\n mov 44(%esp),%ebp\n int $0x80\n"
        " pop %edi\n pop %esi\n pop %ebx\n pop %ebp\n ret\n");
static inline long sc3(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("int $0x80" : "=a"(r) : "0"(n), "b"(a), "c"(b), "d"(c) : "memory");
  return r;
}
static inline long sc0(long n) {
  long r;
  __asm__ volatile("int $0x80" : "=a"(r) : "0"(n) : "memory");
  return r;
}
static inline long sc5(long n, long a, long b, long c, long d, long e) {
  long r;
  __asm__ volatile("int $0x80" : "=a"(r) : "0"(n), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
  return r;
}
__asm__(".text\n.globl _start\n_start:\n xor %ebp,%ebp\n mov %esp,%eax\n and $-16,%esp\n sub $12,%esp\n push %eax\n"
        " call start_c\n hlt\n");
#endif

#define PROT_NONE 0
#define PROT_R 1
#define PROT_RW 3
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANON 0x20
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
#define MADV_DONTNEED 4
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_TRUNC 01000
#define IS_ERR(x) ((ulong)(x) >= (ulong)-4095)

static inline u8 *map(ulong len, int prot, int flags, int fd) {
  return (u8 *)sc6(NR_mmap, 0, (long)len, prot, flags, fd, 0);
}
static inline long unmap(void *p, ulong len) { return sc3(NR_munmap, (long)p, (long)len, 0); }
static inline void die(int code) {
  for (;;) sc3(NR_exit_group, code, 0, 0);
}
static inline long waitpid_(long pid, int *st) { return sc5(NR_wait4, pid, (long)st, 0, 0, 0); }

void *memset(void *d, int c, ulong n) {
  u8 *p = d;
  while (n--) *p++ = (u8)c;
  return d;
}
void *memcpy(void *d, const void *s, ulong n) {
  u8 *p = d;
  const u8 *q = s;
  while (n--) *p++ = *q++;
  return d;
}
static ulong slen(const char *s) {
  ulong n = 0;
  while (s[n]) n++;
  return n;
}
static int seq(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}
static u64 div64(u64 n, u64 d) { /* no libgcc on the 32-bit side */
  u64 q = 0, r = 0;
  if (!d) return 0;
  for (int i = 63; i >= 0; i--) {
    r = r << 1 | (n >> i & 1);
    if (r >= d) r -= d, q |= 1ull << i;
  }
  return q;
}
static char obuf[512];
static ulong olen;
static void oflush(void) {
  if (olen) sc3(NR_write, 1, (long)obuf, (long)olen);
  olen = 0;
}
static void os(const char *s) {
  while (*s && olen < sizeof obuf) obuf[olen++] = *s++;
}
static void on(u64 v) {
  char t[24];
  int i = 24;
  t[--i] = 0;
  do {
    u64 q = div64(v, 10);
    t[--i] = (char)('0' + (v - q * 10));
    v = q;
  } while (v);
  os(t + i);
}
static u64 num(const char *s) {
  u64 v = 0;
  while (*s >= '0' && *s <= '9') v = v * 10 + (u64)(*s++ - '0');
  return v;
}
#endif
