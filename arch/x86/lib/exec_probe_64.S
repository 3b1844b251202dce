/* SPDX-License-Identifier: MIT */
/* int exec_probe(const void *addr): asm/exec_probe.h.  Offsets: target, fixup, sp. */
	.text
	.globl exec_probe
exec_probe:
	movq	%rdi, exec_probe_state
	movq	$1f, exec_probe_state + 8
	movq	%rsp, exec_probe_state + 16
	call	*%rdi
	xorl	%eax, %eax
	jmp	2f
1:	movq	exec_probe_state + 16, %rsp
	movl	$-14, %eax			/* -EFAULT */
2:	movq	$0, exec_probe_state
	ret
