/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _SOFTEP_TRACE_H_
#define _SOFTEP_TRACE_H_

/**
 * @file
 * A file with a line for each register access and each element, with the model time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "edma_model.h"

struct softep;
struct softep_device;

struct softep_trace {
	FILE *file; /**< NULL: nobody traces */
};

/**
 * Begins a new file, in place of the one before. What is there is emptied if it is a regular file,
 * and refused otherwise. Returns 0 or a negative errno; nothing is traced after an error.
 */
int softep_trace_open(struct softep *board, const char *path);

/** Ends the trace, if there is one. */
void softep_trace_close(struct softep *board);

/** Writes out what is buffered. */
void softep_trace_flush(struct softep *board);

/* Lines. To be called only while there is a file. */

void softep_trace_access(struct softep_device *dev, const char *what, uint32_t offset,
			 uint32_t value);
void softep_trace_element(struct softep *board, const struct edma_element *elem);
void softep_trace_message(struct softep *board, unsigned int fn, uint64_t addr, uint32_t data);

#endif /* _SOFTEP_TRACE_H_ */
