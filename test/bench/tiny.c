/* SPDX-License-Identifier: MIT */
/* tiny - the smallest static program: exit(0). Target of the exec benchmark. */
#ifdef __x86_64__
__asm__(".globl _start\n_start:\n mov $231,%eax\n xor %edi,%edi\n syscall\n hlt\n");
#else
__asm__(".globl _start\n_start:\n mov $252,%eax\n xor %ebx,%ebx\n int $0x80\n hlt\n");
#endif
