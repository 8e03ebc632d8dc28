/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _REPORT_H_
#define _REPORT_H_

/**
 * @file
 * Results that more than one command has.
 */

#include "flow.h"
#include "histogram.h"

/** What was measured, at the start of a result. */
void report_setting(const struct args *args, uint64_t size, uint64_t burst);

void report_flows(const struct flows *flows);

/** Percentiles in nanoseconds; in JSON all buckets as well. */
void report_times(const struct histogram *h);

#endif /* _REPORT_H_ */
