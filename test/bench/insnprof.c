/* SPDX-License-Identifier: MIT */
/* insnprof - TCG plugin: count executed guest instructions, exactly.
 *
 *   gcc -O2 -shared -fPIC -o insnprof.so insnprof.c
 *   qemu ... -plugin ./insnprof.so,out=FILE,mark=HEX:NAME,mark=...,from=HEX
 *
 * total        all instructions executed (waiting in hlt counts nothing)
 * mark         instruction count when an address is first executed
 * events=1     at every rdtsc of the program, print how many costly instructions
 *              (CR3 loads, invlpg, iret, ...) have run so far
 * from=ADDR    also keep a per-address profile, from the first execution of ADDR
 * begin=ADDR   a benchmark begins whenever ADDR is executed: "begin" and its number among
 *              the stamps
 * profile=S+P+F+K  per-address profile of measured windows only: a window is what runs
 *              between two rdtsc of the program; leave out S windows, then of every P count
 *              number F and every K-th after it.  Given several times: for the first
 *              benchmark, the second, ...; printed when the next begins
 * user=LO-HI   where the program's rdtsc are (400000-9000000)
 * range=LO-HI  look only at code in these ranges (everything): a firmware's boot then
 *              runs at full speed
 * The declarations below restate the plugin API, version 1. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct {
  const char *target_name;
  struct { int min, cur; } version;
  bool system_emulation;
  struct { int smp_vcpus, max_vcpus; } system;
} qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *, uint64_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t total, from;
static uint64_t user_lo = 0x400000, user_hi = 0x9000000;
static struct { uint64_t lo, hi; } ranges[8];
static int nranges;
static bool events, rex;
#define NPROF 64
static struct { unsigned skip, period, first, step; } profiles[NPROF];
static unsigned nprofiles, begun;
static uint64_t stamps, windows, begin_at;
enum { CR3, INVLPG, IRET, SYSRET, INT80, WRMSR, PORT, REPIT, STAC, FENCE, LOCK, PAUSE, NEV };
static const char *const evname[NEV] = {"cr3", "invlpg", "iret", "sysret", "int80", "wrmsr", "port", "rep_iter", "stac_clac", "fence", "lock", "pause"};
static uint64_t ev[NEV];
static bool on; /* profile recording */
static FILE *out;
static struct mark { uint64_t a; char name[32]; bool seen; } marks[16];
static int nmarks;
#define HB 20
static struct cell { uint64_t a, n, base, sum; struct cell *next, *all; } *hash[1 << HB], *cells;

static struct cell *cell(uint64_t a) {
  struct cell **h = &hash[(a ^ a >> HB) & ((1 << HB) - 1)], *c;
  for (c = *h; c; c = c->next)
    if (c->a == a) return c;
  c = calloc(1, sizeof *c);
  c->a = a, c->next = *h, *h = c;
  c->all = cells, cells = c;
  return c;
}
/* Does the window that now begins or ends count? */
static bool counts(uint64_t w) {
  unsigned i = begun ? begun - 1 : 0;
  if (i >= nprofiles || w < profiles[i].skip) return false;
  w = (w - profiles[i].skip) % profiles[i].period;
  return w >= profiles[i].first && (w - profiles[i].first) % profiles[i].step == 0;
}
static void window(void) {
  bool end = stamps & 1;
  if (counts(stamps++ / 2)) {
    for (struct cell *c = cells; c; c = c->all)
      if (end) c->sum += c->n - c->base;
      else c->base = c->n;
    windows += end;
  }
}
static void hit(unsigned cpu, void *p) {
  struct mark *m = p;
  if (m->seen) return;
  m->seen = true;
  fprintf(out, "mark\t%s\t%llu\n", m->name, (unsigned long long)total);
  fflush(out);
  if (m->a == from && !on) {
    on = true; /* forget what ran before */
    for (int i = 0; i < 1 << HB; i++)
      for (struct cell *c = hash[i]; c; c = c->next) c->n = 0;
  }
}
/* The class of an instruction, or -1; *lock set for a lock prefix. */
static int classify(const uint8_t *b, size_t n, bool *lock, bool *tsc) {
  size_t i = 0;
  bool rep = false;
  for (; i < n; i++) {
    if (b[i] == 0xf0) *lock = true;
    else if (b[i] == 0xf2 || b[i] == 0xf3) rep = true;
    else if (!(b[i] == 0x66 || b[i] == 0x67 || b[i] == 0x2e || b[i] == 0x36 || b[i] == 0x3e || b[i] == 0x26 || b[i] == 0x64 || b[i] == 0x65))
      break;
  }
  if (rex && i < n && (b[i] & 0xf0) == 0x40) i++;
  if (i >= n) return -1;
  uint8_t o = b[i], p = i + 1 < n ? b[i + 1] : 0, m = i + 2 < n ? b[i + 2] : 0;
  if (o == 0xcf) return IRET;
  if (o == 0xcd && p == 0x80) return INT80;
  if (o == 0x90 && rep) return PAUSE;
  if ((o >= 0xe4 && o <= 0xe7) || (o >= 0xec && o <= 0xef) || (o >= 0x6c && o <= 0x6f)) return PORT;
  if (rep && (o == 0xa4 || o == 0xa5 || o == 0xaa || o == 0xab)) return REPIT;
  if ((o == 0x86 || o == 0x87) && p < 0xc0) *lock = true;
  if (o != 0x0f) return -1;
  if (p == 0x31) *tsc = true;
  if (p == 0x07) return SYSRET;
  if (p == 0x30) return WRMSR;
  if (p == 0x22 && (m >> 3 & 7) == 3) return CR3;
  if (p == 0x01 && m < 0xc0 && (m >> 3 & 7) == 7) return INVLPG;
  if (p == 0x01 && (m == 0xca || m == 0xcb)) return STAC;
  if (p == 0xae && (m == 0xe8 || m == 0xf0)) return FENCE;
  return -1;
}
static void print_profile(void) {
  fprintf(out, "windows\t%llu\n", (unsigned long long)windows);
  for (struct cell *c = cells; c; c = c->all) {
    if (c->sum) fprintf(out, "pc\t%llx\t%llu\n", (unsigned long long)c->a, (unsigned long long)c->sum);
    c->sum = 0;
  }
  windows = 0;
}
static void begin(unsigned cpu, void *p) {
  if (begun && nprofiles) print_profile();
  stamps = 0;
  fprintf(out, "begin\t%u\n", ++begun);
}
static void stamp(unsigned cpu, void *p) {
  if (nprofiles) window();
  if (!events) return;
  fprintf(out, "r\t%llx\t%llu", (unsigned long long)(uintptr_t)p, (unsigned long long)total);
  for (int i = 0; i < NEV; i++) fprintf(out, "\t%llu", (unsigned long long)ev[i]);
  fputc('\n', out);
}
static bool wanted(uint64_t a) {
  for (int i = 0; i < nranges; i++)
    if (a >= ranges[i].lo && a <= ranges[i].hi) return true;
  return !nranges;
}
static void trans(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  size_t n = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < n; i++) {
    struct qemu_plugin_insn *in = qemu_plugin_tb_get_insn(tb, i);
    uint64_t a = qemu_plugin_insn_vaddr(in);
    if (!wanted(a)) continue;
    qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &total, 1);
    if (events || nprofiles) {
      bool lock = false, tsc = false;
      int c = classify(qemu_plugin_insn_data(in), qemu_plugin_insn_size(in), &lock, &tsc);
      if (c >= 0) qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &ev[c], 1);
      if (lock) qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &ev[LOCK], 1);
      if (tsc && a >= user_lo && a < user_hi) qemu_plugin_register_vcpu_insn_exec_cb(in, stamp, 0, (void *)(uintptr_t)a);
    }
    if (from || nprofiles) qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &cell(a)->n, 1);
    if (begin_at == a && a) qemu_plugin_register_vcpu_insn_exec_cb(in, begin, 0, 0);
    for (int k = 0; k < nmarks; k++)
      if (marks[k].a == a) qemu_plugin_register_vcpu_insn_exec_cb(in, hit, 0, &marks[k]);
  }
}
static void done(qemu_plugin_id_t id, void *p) {
  fprintf(out, "total\t%llu\n", (unsigned long long)total);
  if (nprofiles) print_profile();
  for (int i = 0; from && i < 1 << HB; i++)
    for (struct cell *c = hash[i]; c; c = c->next)
      if (c->n) fprintf(out, "pc\t%llx\t%llu\n", (unsigned long long)c->a, (unsigned long long)c->n);
  fclose(out);
}
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  out = stderr;
  for (int i = 0; i < argc; i++) {
    if (!strncmp(argv[i], "out=", 4)) out = fopen(argv[i] + 4, "w");
    if (!strncmp(argv[i], "events=", 7)) events = true;
    if (!strncmp(argv[i], "from=", 5)) from = strtoull(argv[i] + 5, 0, 16);
    if (!strncmp(argv[i], "user=", 5)) sscanf(argv[i] + 5, "%" SCNx64 "-%" SCNx64, &user_lo, &user_hi);
    if (!strncmp(argv[i], "range=", 6) && nranges < 8) {
      if (sscanf(argv[i] + 6, "%" SCNx64 "-%" SCNx64, &ranges[nranges].lo, &ranges[nranges].hi) != 2) return -1;
      nranges++;
    }
    if (!strncmp(argv[i], "begin=", 6)) begin_at = strtoull(argv[i] + 6, 0, 16);
    if (!strncmp(argv[i], "profile=", 8) && nprofiles < NPROF) {
      unsigned *f = &profiles[nprofiles++].skip;
      if (sscanf(argv[i] + 8, "%u+%u+%u+%u", f, f + 1, f + 2, f + 3) != 4 || !f[1] || !f[3]) return -1;
    }
    if (!strncmp(argv[i], "mark=", 5) && nmarks < 15) {
      char *e;
      marks[nmarks].a = strtoull(argv[i] + 5, &e, 16);
      strncpy(marks[nmarks++].name, *e ? e + 1 : "?", 31);
    }
  }
  if (!out) return -1;
  rex = !strcmp(info->target_name, "x86_64");
  if (events) {
    fprintf(out, "r\tpc\tinsns");
    for (int i = 0; i < NEV; i++) fprintf(out, "\t%s", evname[i]);
    fputc('\n', out);
  }
  if (from) {
    marks[nmarks].a = from;
    strcpy(marks[nmarks++].name, "from");
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
  qemu_plugin_register_atexit_cb(id, done, 0);
  return 0;
}
