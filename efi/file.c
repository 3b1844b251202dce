/* SPDX-License-Identifier: MIT */
/*
 * Files on the volume that we were started from, through the firmware's file system.
 *
 * The volume may be missing (network boot, started from memory) or read-only; callers get
 * an error and go on.  Paths start at the root and use backslashes.  Handles are closed
 * before a function returns; only the root stays open until ExitBootServices.
 */
#include "loader.h"

static EFI_LOADED_IMAGE *loaded_image;
static EFI_FILE_HANDLE root;
static bool write_failed;

/* Room for an EFI_FILE_INFO with a long name; the firmware wants it 8-byte aligned. */
#define INFO_SIZE	1024

EFI_LOADED_IMAGE *file_loaded_image(void)
{
	return loaded_image;
}

EFI_STATUS file_init(void)
{
	static EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	static EFI_GUID fs_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *fs = NULL;
	EFI_STATUS status;

	status = bs->HandleProtocol(self, &image_guid, (void **)&loaded_image);
	if (EFI_ERROR(status) || !loaded_image) {
		loaded_image = NULL;
		return EFI_NOT_FOUND;
	}
	if (!loaded_image->DeviceHandle)
		return EFI_NOT_FOUND;
	status = bs->HandleProtocol(loaded_image->DeviceHandle, &fs_guid, (void **)&fs);
	if (EFI_ERROR(status) || !fs)
		return EFI_NOT_FOUND;
	status = fs->OpenVolume(fs, &root);
	if (EFI_ERROR(status))
		root = NULL;
	return status;
}

EFI_STATUS file_open(const CHAR16 *path, EFI_FILE_HANDLE *f)
{
	*f = NULL;
	if (!root)
		return EFI_NOT_FOUND;
	return root->Open(root, f, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
}

static uint64_t file_size(EFI_FILE_HANDLE f)
{
	static EFI_GUID info_guid = EFI_FILE_INFO_ID;
	static uint64_t room[INFO_SIZE / 8];
	EFI_FILE_INFO *info = (EFI_FILE_INFO *)room;
	UINTN n = sizeof(room);

	if (EFI_ERROR(f->GetInfo(f, &info_guid, &n, info)))
		return 0;
	return info->FileSize;
}

EFI_STATUS file_read(const CHAR16 *path, void *buf, UINTN max, UINTN *got, uint64_t *size)
{
	EFI_FILE_HANDLE f;
	EFI_STATUS status;

	*got = 0;
	*size = 0;
	status = file_open(path, &f);
	if (EFI_ERROR(status))
		return status;
	*size = file_size(f);
	*got = max;
	status = f->Read(f, got, buf);
	if (EFI_ERROR(status))
		*got = 0;
	f->Close(f);
	return status;
}

static EFI_STATUS make_empty(const CHAR16 *path, EFI_FILE_HANDLE *f)
{
	const uint64_t rw = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_FILE_HANDLE dir;

	/* An existing file is deleted first: there is no other way to shorten it. */
	if (!EFI_ERROR(root->Open(root, f, (CHAR16 *)path, rw, 0)))
		(*f)->Delete(*f);
	else if (!EFI_ERROR(root->Open(root, &dir, OUR_DIR, rw | EFI_FILE_MODE_CREATE,
				       EFI_FILE_DIRECTORY)))
		dir->Close(dir);
	return root->Open(root, f, (CHAR16 *)path, rw | EFI_FILE_MODE_CREATE, 0);
}

EFI_STATUS file_write(const CHAR16 *path, const void *buf, UINTN len)
{
	EFI_FILE_HANDLE f = NULL;
	EFI_STATUS status, closed;
	UINTN n = len;

	if (!root)
		return EFI_NOT_FOUND;
	if (!file_writable())
		return EFI_WRITE_PROTECTED;
	status = make_empty(path, &f);
	if (EFI_ERROR(status))
		goto failed;
	status = f->Write(f, &n, (void *)buf);
	if (!EFI_ERROR(status) && n != len)
		status = EFI_VOLUME_FULL;
	closed = f->Flush(f);
	/* Half a file is worse than none; Delete closes the handle too. */
	if (EFI_ERROR(status))
		f->Delete(f);
	else
		f->Close(f);
	if (!EFI_ERROR(status) && closed != EFI_UNSUPPORTED)
		status = closed;
	if (!EFI_ERROR(status))
		return EFI_SUCCESS;
failed:
	write_failed = true;
	return status;
}

void file_mkdir(const CHAR16 *path)
{
	const uint64_t rw = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_FILE_HANDLE dir = NULL;

	if (!root)
		return;
	if (!EFI_ERROR(root->Open(root, &dir, (CHAR16 *)path, EFI_FILE_MODE_READ, 0)) ||
	    !EFI_ERROR(root->Open(root, &dir, (CHAR16 *)path, rw | EFI_FILE_MODE_CREATE,
				  EFI_FILE_DIRECTORY)))
		dir->Close(dir);
}

void file_delete(const CHAR16 *path)
{
	const uint64_t rw = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_FILE_HANDLE f = NULL;

	if (root && !EFI_ERROR(root->Open(root, &f, (CHAR16 *)path, rw, 0)))
		f->Delete(f);
}

bool file_writable(void)
{
	static EFI_GUID info_guid = EFI_FILE_SYSTEM_INFO_ID;
	static uint64_t room[INFO_SIZE / 8];
	EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)room;
	UINTN n = sizeof(room);

	if (!root || write_failed)
		return false;
	if (EFI_ERROR(root->GetInfo(root, &info_guid, &n, info)))
		return true;		/* not said: an attempt will tell */
	return !info->ReadOnly;
}

static bool is_dots(const CHAR16 *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

EFI_STATUS file_list(const CHAR16 *path, unsigned max,
		     bool (*fn)(const CHAR16 *name, uint64_t size, bool is_dir, void *arg),
		     void *arg)
{
	uint64_t room[INFO_SIZE / 8];	/* not static: fn may list a subdirectory */
	EFI_FILE_INFO *info = (EFI_FILE_INFO *)room;
	EFI_FILE_HANDLE dir;
	EFI_STATUS status;
	UINTN n;

	status = file_open(path, &dir);
	if (EFI_ERROR(status))
		return status;
	while (max--) {
		n = sizeof(room);
		status = dir->Read(dir, &n, info);
		if (EFI_ERROR(status) || n < SIZE_OF_EFI_FILE_INFO)
			break;		/* n == 0: the end */
		room[ARRAY_SIZE(room) - 1] = 0;
		if (!is_dots(info->FileName) &&
		    !fn(info->FileName, info->FileSize,
			info->Attribute & EFI_FILE_DIRECTORY, arg))
			break;
	}
	dir->Close(dir);
	return status;
}

/* A file path may come as several nodes, each with or without a backslash. */
void file_own_path(CHAR16 *path, size_t n)
{
	const uint8_t *p;
	size_t len = 0;
	unsigned size, nodes, i;
	CHAR16 c;

	path[0] = 0;
	if (!loaded_image || !loaded_image->FilePath)
		return;
	p = (const uint8_t *)loaded_image->FilePath;
	for (nodes = 0; nodes < 16; nodes++, p += size) {
		size = p[2] | p[3] << 8;
		if (size < 4 || p[0] != MEDIA_DEVICE_PATH || p[1] != MEDIA_FILEPATH_DP)
			break;
		for (i = 4; i + 2 <= size && len + 2 < n; i += 2) {
			memcpy(&c, p + i, 2);
			if (!c)
				break;
			if (c == '/')
				c = '\\';
			if (i == 4 && c != '\\')
				path[len++] = '\\';
			if (c != '\\' || !len || path[len - 1] != '\\')
				path[len++] = c;
		}
		path[len] = 0;
	}
}

static CHAR16 upper(CHAR16 c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

int file_name_cmp(const CHAR16 *a, const CHAR16 *b)
{
	while (*a && upper(*a) == upper(*b))
		a++, b++;
	return (int)upper(*a) - (int)upper(*b);
}

bool file_name_ends(const CHAR16 *name, const CHAR16 *suffix)
{
	size_t n = wide_len(name), m = wide_len(suffix);

	return n >= m && !file_name_cmp(name + n - m, suffix);
}
