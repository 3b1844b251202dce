# SPDX-License-Identifier: MIT
obj-y += bpb.o data.o dir.o entry.o inode.o intent.o meta.o name.o namei.o runs.o super.o table.o
