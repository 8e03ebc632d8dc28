/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ntb_window.h"

__attribute__((format(printf, 4, 5))) static bool
refuse(struct ntb_window_refusal *refusal, const char *what, uint64_t value, const char *fmt, ...)
{
	va_list ap;

	refusal->what = what;
	refusal->value = value;
	va_start(ap, fmt);
	vsnprintf(refusal->expected, sizeof(refusal->expected), fmt, ap);
	va_end(ap);
	return false;
}

bool
ntb_windows_map(struct ntb_windows *windows, const struct ntb_window_rules *rules,
		unsigned int window, uint64_t target, uint64_t size,
		struct ntb_window_refusal *refusal)
{
	unsigned int i;

	if (size == 0 || size > NTB_WINDOW_REGION_BYTES)
		return refuse(refusal, "size", size, "1 to %" PRIu64, NTB_WINDOW_REGION_BYTES);
	if ((target & (rules->granule - 1)) != 0)
		return refuse(refusal, "target", target, "a multiple of %" PRIu64, rules->granule);
	for (i = 0; i < rules->limit; i++) {
		if (windows->entries[i].used)
			continue;
		windows->entries[i] = (struct ntb_window_entry){
			.used = true,
			.window = window,
			.target = target,
			.size = size,
		};
		return true;
	}
	return refuse(refusal, "window", window, "no more than %u entries in use", rules->limit);
}

bool
ntb_windows_unmap(struct ntb_windows *windows, unsigned int window)
{
	unsigned int i;

	for (i = 0; i < NTB_WINDOW_MAX_ENTRIES; i++) {
		struct ntb_window_entry *entry = &windows->entries[i];

		if (entry->used && entry->window == window) {
			entry->used = false;
			return true;
		}
	}
	return false;
}

void
ntb_windows_clear(struct ntb_windows *windows)
{
	memset(windows, 0, sizeof(*windows));
}

unsigned int
ntb_windows_count(const struct ntb_windows *windows, unsigned int window)
{
	unsigned int cnt = 0;
	unsigned int i;

	for (i = 0; i < NTB_WINDOW_MAX_ENTRIES; i++) {
		if (windows->entries[i].used && windows->entries[i].window == window)
			cnt++;
	}
	return cnt;
}

bool
ntb_windows_translate(const struct ntb_windows *windows, const struct ntb_window_rules *rules,
		      unsigned int window, uint64_t offset, uint64_t *target, uint64_t *len)
{
	const struct ntb_window_entry *hit = NULL;
	unsigned int i;

	for (i = 0; i < NTB_WINDOW_MAX_ENTRIES; i++) {
		const struct ntb_window_entry *entry = &windows->entries[i];

		if (!entry->used || entry->window != window || offset >= entry->size)
			continue;
		if (hit == NULL || rules->last_wins)
			hit = entry;
	}
	if (hit == NULL)
		return false;
	*target = hit->target + offset;
	if (*len > hit->size - offset)
		*len = hit->size - offset;
	return true;
}
