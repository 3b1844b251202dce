/* SPDX-License-Identifier: MIT */
/*
 * A device path as text, in the notation of the UEFI specification but shorter, so that it
 * fits into boot_info: "PciRoot(0)/Pci(4,0)/USB(0,0)/HD(1,GPT,8f2c61d0)/\EFI\BOOT\...".
 *
 * Own code instead of the DevicePathToText protocol: smaller firmware (U-Boot, some board
 * firmware) does not have it, and the text should be the same everywhere.  Paths come from
 * firmware, so lengths are checked and the number of nodes is bounded.
 */
#include "loader.h"

#define MAX_NODES	32

struct out {
	char *buf;
	size_t size, len;
};

static void __attribute__((format(printf, 2, 3))) add(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->buf + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->len += (size_t)n;
	if (o->len >= o->size)
		o->len = o->size - 1;
}

/* Fields lie unaligned behind the 4-byte header. */
static uint32_t field(const uint8_t *node, unsigned size, unsigned off, unsigned bytes)
{
	uint32_t v = 0;

	if (off + bytes <= size)
		memcpy(&v, node + off, bytes);
	return v;
}

static void add_acpi(struct out *o, const uint8_t *p, unsigned size)
{
	uint32_t hid = field(p, size, 4, 4), uid = field(p, size, 8, 4);

	if ((hid & 0xffff) != 0x41d0)		/* not "PNP" */
		add(o, "Acpi(%x,%x)", hid, uid);
	else if (hid >> 16 == 0x0a03 || hid >> 16 == 0x0a08)
		add(o, "%s(%x)", hid >> 16 == 0x0a03 ? "PciRoot" : "PcieRoot", uid);
	else
		add(o, "Acpi(PNP%04x,%x)", hid >> 16, uid);
}

static void add_messaging(struct out *o, const uint8_t *p, unsigned size)
{
	switch (p[1]) {
	case MSG_ATAPI_DP:
		add(o, "Ata(%u,%u)", field(p, size, 4, 1), field(p, size, 5, 1));
		break;
	case MSG_SCSI_DP:
		add(o, "Scsi(%u,%u)", field(p, size, 4, 2), field(p, size, 6, 2));
		break;
	case MSG_USB_DP:
		add(o, "USB(%u,%u)", field(p, size, 4, 1), field(p, size, 5, 1));
		break;
	case MSG_USB_CLASS_DP:
		add(o, "UsbClass(%x,%x)", field(p, size, 4, 2), field(p, size, 6, 2));
		break;
	case MSG_DEVICE_LOGICAL_UNIT_DP:
		add(o, "Unit(%u)", field(p, size, 4, 1));
		break;
	case MSG_SATA_DP:
		add(o, "Sata(%u,%u)", field(p, size, 4, 2), field(p, size, 6, 2));
		break;
	case MSG_MAC_ADDR_DP:
		add(o, "MAC(%02x%02x%02x%02x%02x%02x)", field(p, size, 4, 1),
		    field(p, size, 5, 1), field(p, size, 6, 1), field(p, size, 7, 1),
		    field(p, size, 8, 1), field(p, size, 9, 1));
		break;
	case 0x17:
		add(o, "NVMe(%x)", field(p, size, 4, 4));
		break;
	case MSG_URI_DP:
		add(o, "Uri(%.*s)", (int)(size - 4), (const char *)p + 4);
		break;
	case 0x1a:
		add(o, "SD(%u)", field(p, size, 4, 1));
		break;
	case 0x1d:
		add(o, "eMMC(%u)", field(p, size, 4, 1));
		break;
	default:
		add(o, "Msg(%u)", p[1]);
	}
}

static void add_file_name(struct out *o, const uint8_t *p, unsigned size)
{
	unsigned i;
	uint32_t c;

	for (i = 4; i + 2 <= size; i += 2) {
		c = field(p, size, i, 2);
		if (!c)
			break;
		add(o, "%c", c >= ' ' && c <= '~' ? (char)c : '?');
	}
}

static void add_media(struct out *o, const uint8_t *p, unsigned size)
{
	switch (p[1]) {
	case MEDIA_HARDDRIVE_DP:
		add(o, "HD(%u,%s,%08x)", field(p, size, 4, 4),
		    field(p, size, 40, 1) == 2 ? "GPT" : "MBR", field(p, size, 24, 4));
		break;
	case MEDIA_CDROM_DP:
		add(o, "CDROM(%u)", field(p, size, 4, 4));
		break;
	case MEDIA_FILEPATH_DP:
		add_file_name(o, p, size);
		break;
	case MEDIA_PIWG_FW_FILE_DP:
		add(o, "FvFile(%08x)", field(p, size, 4, 4));
		break;
	case MEDIA_PIWG_FW_VOL_DP:
		add(o, "Fv(%08x)", field(p, size, 4, 4));
		break;
	default:
		add(o, "Media(%u)", p[1]);
	}
}

static void add_hardware(struct out *o, const uint8_t *p, unsigned size)
{
	switch (p[1]) {
	case HW_PCI_DP:
		add(o, "Pci(%x,%x)", field(p, size, 5, 1), field(p, size, 4, 1));
		break;
	case HW_VENDOR_DP:
		add(o, "VenHw(%08x)", field(p, size, 4, 4));
		break;
	case HW_CONTROLLER_DP:
		add(o, "Ctrl(%x)", field(p, size, 4, 4));
		break;
	default:
		add(o, "Hw(%u)", p[1]);
	}
}

static void add_node(struct out *o, const uint8_t *p, unsigned size)
{
	if (o->len)
		add(o, "/");
	switch (p[0] & EFI_DP_TYPE_MASK) {
	case HARDWARE_DEVICE_PATH:
		add_hardware(o, p, size);
		break;
	case ACPI_DEVICE_PATH:
		if (p[1] == ACPI_DP)
			add_acpi(o, p, size);
		else
			add(o, "Acpi(type %u)", p[1]);
		break;
	case MESSAGING_DEVICE_PATH:
		add_messaging(o, p, size);
		break;
	case MEDIA_DEVICE_PATH:
		add_media(o, p, size);
		break;
	default:
		add(o, "Path(%u,%u)", p[0], p[1]);
	}
}

void device_path_text(const void *path, char *buf, size_t size)
{
	struct out o = { .buf = buf, .size = size, .len = strlen(buf) };
	const uint8_t *p = path;
	unsigned nodes, len;

	for (nodes = 0; p && nodes < MAX_NODES; nodes++, p += len) {
		len = p[2] | p[3] << 8;
		if (len < 4 || (p[0] & EFI_DP_TYPE_MASK) == END_DEVICE_PATH_TYPE)
			break;
		add_node(&o, p, len);
	}
}
