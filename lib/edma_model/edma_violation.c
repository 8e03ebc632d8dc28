/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Violations of the programming rules: names, counters, and the line that tells of one.
 */

#include <stdarg.h>
#include <stdio.h>

#include "edma_model_priv.h"

/* Longest line handed to edma_model_conf::complain. */
#define LINE_BYTES 160

static const char *const names[EDMA_VIOLATIONS] = {
	[EDMA_VIOLATION_RUNNING_WRITE] = "running-write",
	[EDMA_VIOLATION_DISABLED_WRITE] = "disabled-write",
	[EDMA_VIOLATION_DOORBELL_ABSENT] = "doorbell-absent",
	[EDMA_VIOLATION_DOORBELL_DISABLED] = "doorbell-disabled",
	[EDMA_VIOLATION_DOORBELL_UNPOWERED] = "doorbell-unpowered",
	[EDMA_VIOLATION_DOORBELL_UNRESET] = "doorbell-unreset",
	[EDMA_VIOLATION_STOP_IDLE] = "stop-idle",
	[EDMA_VIOLATION_DISABLE_RUNNING] = "disable-running",
	[EDMA_VIOLATION_ENABLE_EARLY] = "enable-early",
	[EDMA_VIOLATION_POWER_LOST] = "power-lost",
	[EDMA_VIOLATION_INT_STATUS_WRITE] = "int-status-write",
	[EDMA_VIOLATION_SIZE_ZERO] = "size-zero",
	[EDMA_VIOLATION_RIE_WITHOUT_LIE] = "rie-without-lie",
	[EDMA_VIOLATION_IMWR_UNSET] = "imwr-unset",
	[EDMA_VIOLATION_BAD_CYCLE] = "bad-cycle",
	[EDMA_VIOLATION_RESERVED_BITS] = "reserved-bits",
	[EDMA_VIOLATION_UNALIGNED_LIST] = "unaligned-list",
	[EDMA_VIOLATION_STALE_LIST] = "stale-list",
	[EDMA_VIOLATION_CTRL_FIRST] = "ctrl-first",
	[EDMA_VIOLATION_ACCESS_WIDTH] = "access-width",
	[EDMA_VIOLATION_FOREIGN_DOORBELL] = "foreign-doorbell",
	[EDMA_VIOLATION_FOREIGN_RESET] = "foreign-reset",
	[EDMA_VIOLATION_FOREIGN_CLEAR] = "foreign-clear",
	[EDMA_VIOLATION_FOREIGN_ENABLE] = "foreign-enable",
};

static const char *const dir_names[EDMA_DIRS] = {
	[EDMA_DIR_WR] = "wr",
	[EDMA_DIR_RD] = "rd",
};

const char *
edma_violation_name(enum edma_violation kind)
{
	return (unsigned int)kind < EDMA_VIOLATIONS ? names[kind] : NULL;
}

static void __attribute__((format(printf, 4, 0)))
violate(struct edma_model *m, const struct edma_chan *ch, enum edma_violation kind, const char *fmt,
	va_list ap)
{
	char line[LINE_BYTES];
	int n;

	m->violations[kind]++;
	if (m->complain == NULL)
		return;
	n = snprintf(line, sizeof(line), "%s: ", names[kind]);
	if (ch != NULL)
		n += snprintf(line + n, sizeof(line) - n, "%s%u: ", dir_names[ch->dir], ch->num);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	m->complain(m->bus_ctx, line);
}

void
edma_violate(struct edma_model *m, const struct edma_chan *ch, enum edma_violation kind,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	violate(m, ch, kind, fmt, ap);
	va_end(ap);
}

void
edma_model_violate(struct edma_model *m, enum edma_violation kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	violate(m, NULL, kind, fmt, ap);
	va_end(ap);
}

uint64_t
edma_model_violations_of(const struct edma_model *m, enum edma_violation kind)
{
	return (unsigned int)kind < EDMA_VIOLATIONS ? m->violations[kind] : 0;
}

uint64_t
edma_model_violations(const struct edma_model *m)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < EDMA_VIOLATIONS; i++)
		sum += m->violations[i];
	return sum;
}
