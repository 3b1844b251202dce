/* SPDX-License-Identifier: MIT */
/* int exec_probe(const void *addr): asm/exec_probe.h.  Offsets: target, fixup, sp. */
	.text
	.globl exec_probe
exec_probe:
	movl	%eax, exec_probe_state
	movl	$1f, exec_probe_state + 4
	movl	%esp, exec_probe_state + 8
	call	*%eax
	xorl	%eax, %eax
	jmp	2f
1:	movl	exec_probe_state + 8, %esp
	movl	$-14, %eax			/* -EFAULT */
2:	movl	$0, exec_probe_state
	ret
