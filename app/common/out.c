/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include "out.h"

#define MAX_DEPTH 8

static struct {
	bool json;
	unsigned int depth;
	bool filled[MAX_DEPTH]; /* something has been written at this depth */
} out;

void
out_set_json(bool json)
{
	out.json = json;
}

bool
out_json(void)
{
	return out.json;
}

/** A JSON string. */
static void
quote(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

/** The name of a value or a group, and in JSON what stands before and behind it. */
static void
label(const char *name)
{
	if (!out.json) {
		printf("%*s%s", 2 * (int)(out.depth - 1), "", name != NULL ? name : "-");
		return;
	}
	if (out.filled[out.depth])
		putchar(',');
	out.filled[out.depth] = true;
	if (name == NULL)
		return;
	quote(name);
	putchar(':');
}

static void
enter(char bracket)
{
	if (out.json)
		putchar(bracket);
	else if (out.depth != 0)
		putchar('\n');
	out.depth++;
	out.filled[out.depth] = false;
}

static void
leave(char bracket)
{
	out.depth--;
	if (out.json)
		putchar(bracket);
}

static void
value_begin(const char *name)
{
	label(name);
	if (!out.json)
		fputs(": ", stdout);
}

static void
value_end(void)
{
	if (!out.json)
		putchar('\n');
}

void
out_begin(const char *command)
{
	out.depth = 0;
	enter('{');
	if (out.json)
		out_str("command", command);
}

void
out_end(void)
{
	leave('}');
	if (out.json)
		putchar('\n');
	fflush(stdout);
}

void
out_group(const char *name)
{
	label(name);
	enter('{');
}

void
out_group_end(void)
{
	leave('}');
}

void
out_list(const char *name)
{
	label(name);
	enter('[');
}

void
out_list_end(void)
{
	leave(']');
}

void
out_u64(const char *name, uint64_t value)
{
	value_begin(name);
	printf("%" PRIu64, value);
	value_end();
}

void
out_hex(const char *name, uint64_t value)
{
	value_begin(name);
	/* JSON has no hexadecimal numbers. */
	if (out.json)
		printf("%" PRIu64, value);
	else
		printf("0x%" PRIx64, value);
	value_end();
}

void
out_fixed(const char *name, double value, unsigned int decimals)
{
	value_begin(name);
	printf("%.*f", (int)decimals, value);
	value_end();
}

void
out_str(const char *name, const char *value)
{
	value_begin(name);
	if (out.json)
		quote(value);
	else
		fputs(value, stdout);
	value_end();
}
