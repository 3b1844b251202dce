/* SPDX-License-Identifier: MIT */
/* linux-init - PID 1 of the Linux peer's initramfs: load modules, swap on, run
 * mmbench with the words of the environment string MMB, power off.
 * The kernel hands unknown NAME=value words of its command line to init. */
#include "sys.h"
static char *get(char **envp, const char *k) {
  ulong n = slen(k);
  for (; *envp; envp++) {
    ulong i = 0;
    while (i < n && (*envp)[i] == k[i]) i++;
    if (i == n && (*envp)[i] == '=') return *envp + n + 1;
  }
  return 0;
}
static void cat(const char *path, const char *tag, int first) {
  static char b[8192];
  long fd = sc3(NR_open, (long)path, O_RDONLY, 0), n;
  if (fd < 0) return;
  n = sc3(NR_read, fd, (long)b, sizeof b - 1);
  sc3(NR_close, fd, 0, 0);
  if (n <= 0) return;
  b[n] = 0;
  char *p = b;
  for (int l = 0; *p && l < first; l++) {
    char *e = p;
    while (*e && *e != '\n') e++;
    os(tag), os("\t");
    char c = *e;
    *e = 0;
    ulong len = slen(p);
    if (len > 400) p[400] = 0;
    os(p), os("\n"), oflush();
    *e = c;
    p = *e ? e + 1 : e;
  }
}
void start_c(long *sp) {
  long argc = sp[0];
  char **argv = (char **)(sp + 1), **envp = argv + argc + 1;
  u32 a, d;
  int st;
  __asm__ volatile("rdtsc" : "=a"(a), "=d"(d));
  os("PEER\tinit_tsc\t"), on((u64)d << 32 | a), os("\n"), oflush();
  sc5(NR_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
  sc5(NR_mount, (long)"sys", (long)"/sys", (long)"sysfs", 0, 0);
  sc5(NR_mount, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0);
  struct { char f[6][65]; } un;
  if (!sc3(NR_uname, (long)&un, 0, 0)) {
    os("PEER\tuname\t"), os(un.f[2]), os(" "), os(un.f[4]), os("\n"), oflush();
  }
  cat("/proc/meminfo", "PEER\tmeminfo", 5);
  if (get(envp, "MMBINFO")) {
    static const char *const v[] = {"meltdown", "spectre_v1", "spectre_v2", "spec_store_bypass", "l1tf", "mds",
      "itlb_multihit", "srbds", "tsx_async_abort", "retbleed", "mmio_stale_data", "gather_data_sampling", "spec_rstack_overflow", 0};
    char path[96];
    for (int i = 0; v[i]; i++) {
      const char *pre = "/sys/devices/system/cpu/vulnerabilities/";
      memcpy(path, pre, slen(pre));
      memcpy(path + slen(pre), v[i], slen(v[i]) + 1);
      os("PEER\tvuln "), os(v[i]);
      cat(path, "", 1);
    }
    cat("/proc/cpuinfo", "PEER\tcpu", 25);
    cat("/sys/kernel/mm/transparent_hugepage/enabled", "PEER\tthp", 1);
    cat("/sys/kernel/mm/lru_gen/enabled", "PEER\tlru_gen", 1);
    cat("/sys/devices/system/clocksource/clocksource0/current_clocksource", "PEER\tclocksource", 1);
  }
  char *m = get(envp, "MMBMOD"); /* comma separated module names under /mod */
  while (m && *m) {
    char path[64] = "/mod/", *q = path + 5;
    while (*m && *m != ',') *q++ = *m++;
    memcpy(q, ".ko", 4);
    if (*m) m++;
    long fd = sc3(NR_open, (long)path, O_RDONLY, 0);
    char *o = get(envp, "MMBMODARG"); /* brd's parameters, comma separated */
    for (char *x = o; x && *x; x++)
      if (*x == ',') *x = ' ';
    long r = fd < 0 ? fd : sc3(NR_finit_module, fd, (long)(o && q[-1] == 'd' && q[-2] == 'r' && q[-3] == 'b' ? o : ""), 0);
    if (r < 0) os("PEER\tmodfail "), os(path), os("\t"), on((u64)-r), os("\n"), oflush();
    if (fd >= 0) sc3(NR_close, fd, 0, 0);
  }
  char *sw = get(envp, "MMBSWAP");
  if (sw) {
    long fd = -1;
    for (int i = 0; i < 200 && fd < 0; i++) { /* wait for the disk */
      fd = sc3(NR_open, (long)sw, O_RDWR, 0);
      long ts[2] = {0, 10000000};
      if (fd < 0) sc3(NR_nanosleep, (long)ts, 0, 0);
    }
    static u8 pg[65536] __attribute__((aligned(4096)));
    u64 size = num(get(envp, "MMBSWAPMIB")) << 20;
    if (get(envp, "MMBFILL")) /* a RAM disk takes its pages on first write: take them all now */
      for (u64 o = 0; o < size; o += sizeof pg) sc3(NR_write, fd, (long)pg, sizeof pg);
    sc3(NR_lseek, fd, 0, 0);
    u32 *h = (u32 *)(pg + 1024); /* mkswap: version 1, last page */
    h[0] = 1;
    h[1] = (u32)(size >> 12) - 1;
    memcpy(pg + 4086, "SWAPSPACE2", 10);
    long r1 = sc3(NR_write, fd, (long)pg, 4096);
    sc3(NR_close, fd, 0, 0);
    long r = sc3(NR_swapon, (long)sw, 0, 0);
    os("PEER\tswapon\t"), on((u64)(r < 0 ? -r : 0)), os(" "), on((u64)r1), os("\n"), oflush();
    cat("/proc/meminfo", "PEER\tmeminfo", 5);
  }
  char *args[24] = {"/mmbench"}, *s = get(envp, "MMB");
  int n = 1;
  while (s && *s && n < 23) { /* '+' separates words */
    args[n++] = s;
    while (*s && *s != '+') s++;
    if (*s) *s++ = 0;
  }
  if (!(s && args[1] && seq(args[1], "none"))) {
    long pid = sc0(NR_fork);
    if (pid == 0) {
      char *env[] = {0};
      sc3(NR_execve, (long)args[0], (long)args, (long)env);
      die(127);
    }
    waitpid_(pid, &st);
  }
  if (get(envp, "MMBINFO") || sw) {
    cat("/proc/interrupts", "PEER\tirq", 40);
    cat("/proc/swaps", "PEER\tswaps", 3);
  }
  os("PEER\tend\n"), oflush();
  sc5(NR_reboot, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0); /* power off */
  for (;;) sc0(NR_sched_yield);
}
