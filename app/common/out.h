/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _OUT_H_
#define _OUT_H_

/**
 * @file
 * Results on standard output: lines of "name: value", or with --json one object per command and
 * line.
 */

#include <stdbool.h>
#include <stdint.h>

void out_set_json(bool json);
bool out_json(void);

/** One command's result, between begin and end. */
void out_begin(const char *command);
void out_end(void);

/** Values with names, below a name; in a list, @p name is NULL. */
void out_group(const char *name);
void out_group_end(void);
/** Groups one after the other, below a name. */
void out_list(const char *name);
void out_list_end(void);

void out_u64(const char *name, uint64_t value);
/** Hexadecimal where people read it. */
void out_hex(const char *name, uint64_t value);
void out_fixed(const char *name, double value, unsigned int decimals);
void out_str(const char *name, const char *value);

#endif /* _OUT_H_ */
