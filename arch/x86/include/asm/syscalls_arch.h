/* SPDX-License-Identifier: MIT */
/*
 * System calls of the architecture: TLS, sigreturn, 32-bit wrappers; Linux man pages,
 * section 2, are the contract.
 */
#ifndef ASM_SYSCALLS_ARCH_H
#define ASM_SYSCALLS_ARCH_H

#include <kernel/types.h>

long sys_rt_sigreturn(void);

#ifdef __x86_64__

long sys_arch_prctl(int option, unsigned long arg);

#else

struct user_desc;
struct mmap_args;

long sys_sigreturn(void);
long sys_set_thread_area(struct user_desc *u);
long sys_get_thread_area(struct user_desc *u);

/* compat_32.c */
long sys32_old_mmap(const struct mmap_args *args);
long sys32_clone(unsigned long flags, unsigned long sp, int *parent_tid, unsigned long tls,
		 int *child_tid);
long sys32_setuid16(u32 uid);
long sys32_setgid16(u32 gid);
long sys32_setreuid16(u32 ruid, u32 euid);
long sys32_setregid16(u32 rgid, u32 egid);
long sys32_setresuid16(u32 ruid, u32 euid, u32 suid);
long sys32_setresgid16(u32 rgid, u32 egid, u32 sgid);
long sys32_setfsuid16(u32 uid);
long sys32_setfsgid16(u32 gid);
long sys32_getresuid16(u16 *ruid, u16 *euid, u16 *suid);
long sys32_getresgid16(u16 *rgid, u16 *egid, u16 *sgid);
long sys32_chown16(const char *path, u32 uid, u32 gid);
long sys32_lchown16(const char *path, u32 uid, u32 gid);
long sys32_fchown16(int fd, u32 uid, u32 gid);

#endif

#endif
