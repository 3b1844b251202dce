/* SPDX-License-Identifier: MIT */
/* The loader's half of the reports (efi/report_text.c). */
#undef ARRAY_SIZE
#include "../../efi/report_text.c"
