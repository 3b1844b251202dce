/* SPDX-License-Identifier: MIT */
/*
 * JSON into a buffer: objects one to a line.  Numbers that are addresses, frames or entries are
 * strings ("0x1f"), since they may have 64 bits and readers often have doubles.
 */
#ifndef USER_JSON_H
#define USER_JSON_H

#include "lib.h"

struct json {
	char *buf;
	size_t size, len;
	bool full;		/* something did not fit: the text is worthless */
	bool first;		/* no comma before the next member */
};

void json_begin(struct json *j, char *buf, size_t size);

/* name NULL: an element of an array. */
void json_open(struct json *j, const char *name, char bracket);		/* '{' or '[' */
void json_close(struct json *j, char bracket);				/* '}' or ']' */
void json_number(struct json *j, const char *name, u64 value);
void json_hex(struct json *j, const char *name, u64 value);
void json_bool(struct json *j, const char *name, bool value);
void json_null(struct json *j, const char *name);

/* NULL becomes null.  Bytes that are no UTF-8 become U+FFFD. */
void json_string(struct json *j, const char *name, const char *value);

/* Print the line; false: it did not fit. */
bool json_print(struct json *j);

#endif
