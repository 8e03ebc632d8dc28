/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"

#define LINE_BYTES 512

static const char *origin = "";

void
complain_about(const char *where)
{
	origin = where;
}

void
complain(const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;
	char *c;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* Text from elsewhere cannot make two lines of one, or speak to a terminal. */
	for (c = line; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fprintf(stderr, "%s: %s%s\n", program_invocation_short_name, origin, line);
}
