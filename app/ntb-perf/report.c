/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <rte_lcore.h>

#include "out.h"
#include "report.h"

void
report_setting(const struct args *args, uint64_t size, uint64_t burst)
{
	out_u64("size", size);
	out_u64("burst", burst);
	out_u64("queues", args->queues);
	out_u64("lcores", rte_lcore_count());
}

static void
report_flow(const struct flow *f)
{
	out_str("from", f->from != NULL ? f->from : "");
	out_str("to", f->to != NULL ? f->to : "");
	out_fixed("seconds", f->seconds, 3);
	out_fixed("cpu_share", f->cpu_share, 3);
	if (f->from != NULL) {
		out_fixed("sent_mpps", f->sent_rate / 1e6, 4);
		out_u64("sent", f->sent);
		out_u64("refused", f->refused);
		out_u64("no_mbuf", f->no_mbuf);
	}
	if (f->to == NULL)
		return;
	out_fixed("mpps", f->rate / 1e6, 4);
	out_fixed("gbps", f->bit_rate / 1e9, 4);
	out_u64("received", f->received);
	out_u64("lost", f->lost);
	out_u64("reordered", f->reordered);
	out_u64("duplicates", f->duplicates);
	out_u64("corrupt", f->corrupt);
	out_u64("foreign", f->foreign);
}

void
report_flows(const struct flows *flows)
{
	unsigned int i;

	out_list("directions");
	for (i = 0; i < flows->n; i++) {
		out_group(NULL);
		report_flow(&flows->flow[i]);
		out_group_end();
	}
	out_list_end();
}

static void
report_buckets(const struct histogram *h)
{
	unsigned int i;

	out_list("histogram");
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		out_group(NULL);
		out_u64("up_to_ns", histogram_bucket_max(i));
		out_u64("count", h->count[i]);
		out_group_end();
	}
	out_list_end();
}

void
report_times(const struct histogram *h)
{
	static const struct {
		const char *name;
		double percent;
	} lines[] = {
		{ "p50_ns", 50 }, { "p90_ns", 90 }, { "p99_ns", 99 },
		{ "p99.9_ns", 99.9 }, { "p99.99_ns", 99.99 },
	};
	unsigned int i;

	out_u64("count", h->total);
	out_u64("min_ns", h->min);
	out_u64("avg_ns", h->total != 0 ? h->sum / h->total : 0);
	for (i = 0; i < RTE_DIM(lines); i++)
		out_u64(lines[i].name, histogram_percentile(h, lines[i].percent));
	out_u64("max_ns", h->max);
	if (out_json())
		report_buckets(h);
}
