/* SPDX-License-Identifier: MIT */
/*
 * What the loader has to say, on every console that there is.
 *
 * A line goes to the firmware's text console, to COM1, to port 0xE9 (QEMU's debug console)
 * and into a buffer that boot_info carries to the kernel, which prints it again in its own
 * log.  Any of the three may be missing.
 *
 * COM1 is driven by its ports, so that the last line before ExitBootServices and the
 * errors after it can be seen.  Where the firmware's console is itself redirected to COM1
 * each line would appear twice: then the ports are left alone until the exit.
 *
 * No call here waits without a bound, allocates memory or fails.
 */
#include "loader.h"

#define LOG_SIZE	(32 * 1024)
#define LINE_SIZE	512
#define WARNINGS	6

#define COM1		0x3f8
#define COM_LCR		(COM1 + 3)
#define COM_MCR		(COM1 + 4)
#define COM_LSR		(COM1 + 5)
#define COM_SCRATCH	(COM1 + 7)
#define LSR_READY	0x20
#define E9_PORT		0xe9

/* An I/O read takes about 1 us on real hardware: 20 ms for a byte that needs 87 us. */
#define COM_SPINS	20000
#define COM_STRIKES	3

static struct {
	bool conout;		/* firmware text console usable */
	bool com1;		/* COM1 found and not dropped */
	bool com1_by_firmware;	/* ConOut already reaches it */
	bool e9;
	unsigned strikes;
	uint32_t len;
	unsigned warnings;
	uint32_t warning_at[WARNINGS];
	char text[LOG_SIZE];
} logger;

static void com1_putc(char c)
{
	unsigned spins;

	if (!logger.com1)
		return;
	for (spins = 0; spins < COM_SPINS; spins++) {
		if (inb(COM_LSR) & LSR_READY) {
			outb(COM1, (uint8_t)c);
			return;
		}
	}
	if (++logger.strikes >= COM_STRIKES)
		logger.com1 = false;
}

static void ports_puts(const char *s, bool com1)
{
	for (; *s; s++) {
		if (logger.e9)
			outb(E9_PORT, (uint8_t)*s);
		if (!com1)
			continue;
		if (*s == '\n')
			com1_putc('\r');
		com1_putc(*s);
	}
}

/*
 * A UART keeps what is written into its scratch register and four bits of its interrupt
 * enable register; an absent one reads as 0xff or 0x00 whatever was written.
 */
static bool com1_probe(void)
{
	uint8_t ier, scratch;
	bool found;

	if (inb(COM_LSR) == 0xff)
		return false;
	outb(COM_LCR, inb(COM_LCR) & 0x7f);	/* DLAB off: port 1 is the IER */
	ier = inb(COM1 + 1);
	scratch = inb(COM_SCRATCH);
	outb(COM1 + 1, 0x0a);
	outb(COM_SCRATCH, 0x5a);
	found = (inb(COM1 + 1) & 0x0f) == 0x0a && inb(COM_SCRATCH) == 0x5a;
	outb(COM_SCRATCH, 0xa5);
	found = found && inb(COM_SCRATCH) == 0xa5;
	outb(COM_SCRATCH, scratch);
	outb(COM1 + 1, found ? 0 : ier);
	return found;
}

static void com1_setup(void)
{
	outb(COM_LCR, 0x80);
	outb(COM1, 1);			/* 115200 baud */
	outb(COM1 + 1, 0);
	outb(COM_LCR, 0x03);		/* 8N1 */
	outb(COM1 + 2, 0x07);		/* FIFO on and empty */
	outb(COM_MCR, 0x03);		/* DTR, RTS */
}

/* Does this device path name a UART at the first serial port? */
static bool path_is_com1(const EFI_DEVICE_PATH *p)
{
	const uint32_t pnp0501 = 0x050141d0;
	unsigned nodes, size;
	uint32_t id[2];

	for (nodes = 0; nodes < 16; nodes++) {
		size = p->Length[0] | p->Length[1] << 8;
		if (p->Type == 0x7f || size < sizeof(*p))
			return false;
		if (p->Type == ACPI_DEVICE_PATH && p->SubType == 1 && size >= 12) {
			memcpy(id, p + 1, sizeof(id));
			if (id[0] == pnp0501)
				return id[1] == 0;
		}
		p = (const EFI_DEVICE_PATH *)((const uint8_t *)p + size);
	}
	return false;
}

EFI_GUID console_out_guid = {
	0xd3b36f2c, 0xd551, 0x11d4, {0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}
};

/*
 * edk2 marks every handle that the console splitter writes to.  U-Boot has a single
 * console, of which the serial line is a part.  From other firmware lines may appear
 * twice, which is better than not at all.
 */
static bool conout_reaches_com1(void)
{
	static EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	EFI_DEVICE_PATH *path;
	UINTN count = 0, i;
	char vendor[16] = "";
	bool found = false;

	if (st->FirmwareVendor)
		ascii_from_wide(vendor, sizeof(vendor), st->FirmwareVendor);
	if (st->ConOut && !strcmp(vendor, "Das U-Boot"))
		return true;
	if (!st->ConOut || EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &console_out_guid,
							    NULL, &count, &handles)))
		return false;
	for (i = 0; i < count && !found; i++) {
		path = NULL;
		if (handles[i] == st->ConsoleOutHandle)
			continue;
		if (EFI_ERROR(bs->HandleProtocol(handles[i], &path_guid, (void **)&path)))
			continue;
		found = path && path_is_com1(path);
	}
	bs->FreePool(handles);
	return found;
}

void log_init(void)
{
	logger.conout = st->ConOut && st->ConOut->OutputString;
	logger.e9 = inb(E9_PORT) == 0xe9;
	logger.com1_by_firmware = conout_reaches_com1();
	logger.com1 = com1_probe();
	if (logger.com1 && !logger.com1_by_firmware)
		com1_setup();
}

bool log_has_conout(void)
{
	return logger.conout;
}

static void conout_puts(const char *s, UINTN attribute)
{
	CHAR16 wide[LINE_SIZE + 3];
	size_t n;

	if (!logger.conout)
		return;
	n = wide_from_ascii(wide, LINE_SIZE, s);
	wide[n++] = '\r';
	wide[n++] = '\n';
	wide[n] = 0;
	if (attribute)
		st->ConOut->SetAttribute(st->ConOut, attribute);
	st->ConOut->OutputString(st->ConOut, wide);
	if (attribute)
		st->ConOut->SetAttribute(st->ConOut, EFI_LIGHTGRAY);
}

static void remember(const char *line)
{
	size_t n = strlen(line);

	if (logger.len + n + 2 > LOG_SIZE)
		return;
	memcpy(logger.text + logger.len, line, n);
	logger.len += n;
	logger.text[logger.len++] = '\n';
	logger.text[logger.len] = 0;
}

static void emit(const char *line)
{
	remember(line);
	ports_puts(line, !logger.com1_by_firmware);
	ports_puts("\n", !logger.com1_by_firmware);
}

void log_line(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	emit(line);
	conout_puts(line, 0);
}

void log_warn(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (logger.warnings < WARNINGS)
		logger.warning_at[logger.warnings] = logger.len;
	logger.warnings++;
	emit(line);
	conout_puts(line, EFI_YELLOW);
}

void log_quiet(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	emit(line);
}

unsigned log_warnings(void)
{
	return logger.warnings;
}

const char *log_warning(unsigned i)
{
	static char line[LINE_SIZE];
	const char *from, *end;
	size_t n;

	if (i >= logger.warnings || i >= WARNINGS || logger.warning_at[i] >= logger.len)
		return "";
	from = logger.text + logger.warning_at[i];
	end = strchr(from, '\n');
	n = end ? (size_t)(end - from) : strlen(from);
	if (n >= sizeof(line))
		n = sizeof(line) - 1;
	memcpy(line, from, n);
	line[n] = 0;
	return line;
}

void log_leaving(void)
{
	log_line("pagewalk: leaving boot services");
	logger.conout = false;
	logger.com1_by_firmware = false;
}

const char *log_text(uint32_t *len)
{
	*len = logger.len;
	return logger.text;
}

void log_raw(const char *s)
{
	ports_puts(s, true);
}

const char *status_text(EFI_STATUS status)
{
	static const char *const names[] = {
		"success", "load error", "invalid parameter", "unsupported",
		"bad buffer size", "buffer too small", "not ready", "device error",
		"write protected", "out of resources", "volume corrupted", "volume full",
		"no media", "media changed", "not found", "access denied", "no response",
		"no mapping", "timeout", "not started", "already started", "aborted",
	};
	static char other[32];
	UINTN code = status & ~EFI_ERROR_MASK;

	if (code == 26)
		return "security violation";
	if (code < ARRAY_SIZE(names) && (EFI_ERROR(status) || !code))
		return names[code];
	snprintf(other, sizeof(other), "status 0x%llx", (unsigned long long)status);
	return other;
}
