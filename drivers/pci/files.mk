# SPDX-License-Identifier: MIT
obj-y += access.o msi.o pci.o scan.o
