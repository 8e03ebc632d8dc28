/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "complain.h"
#include "ends.h"
#include "flow.h"
#include "out.h"
#include "perf.h"
#include "report.h"
#include "search.h"

#define DEFAULT_SECONDS 1
/** A trial in the end of which sources owed more than this part of their packets has failed. */
#define OWED 0.01

static int
check(const struct args *args)
{
	if (args->tx == NULL)
		return parse_bad("tx", "", "a port");
	if (args->rx == NULL)
		return parse_bad("rx", "", "a port of this process, which may be that of tx");
	return 0;
}

/** Every packet arrived, and the port took as many as wanted. */
static bool
has_passed(const struct flows *flows)
{
	unsigned int i;

	for (i = 0; i < flows->n; i++) {
		const struct flow *f = &flows->flow[i];

		if (f->sent == 0 || f->lost + flow_harmed(f) != 0 ||
		    (double)f->owed > OWED * (double)f->sent)
			return false;
	}
	return true;
}

static double
slower(const struct flows *flows)
{
	double rate = flows->flow[0].rate;

	return flows->n == 2 && flows->flow[1].rate < rate ? flows->flow[1].rate : rate;
}

/** Tries rates until the search ends: 0, or an exit code after telling. */
static int
try_rates(const struct args *args, const struct ends *ends, struct flow_plan *plan,
	  struct search *search)
{
	struct flows flows;
	bool passed, more = true;
	int ret = 0;

	if (args->rate != 0) {
		search_begin(search, (double)args->rate, (double)args->resolution / 100);
	} else {
		plan->rate = 0;
		ret = flows_measure(&flows, args, ends, plan);
		if (ret != 0)
			return ret;
		search_begin(search, slower(&flows), (double)args->resolution / 100);
	}
	while (ret == 0 && more && perf_stopped == 0) {
		plan->rate = search->rate;
		ret = flows_measure(&flows, args, ends, plan);
		passed = has_passed(&flows);
		fprintf(stderr, "trial %u: %.4f Mpps: %s\n", search->trials + 1, plan->rate / 1e6,
			passed ? "passed" : "failed");
		more = search_next(search, passed);
	}
	if (ret == 0 && perf_stopped != 0) {
		complain("search: expected to go on, but a signal came");
		ret = EXIT_FAILURE;
	}
	return ret;
}

static int
measure(const struct args *args, const struct ends *ends, uint64_t size, uint64_t burst)
{
	struct flow_plan plan = {
		.size = (uint16_t)size,
		.burst = (uint16_t)burst,
		.seconds = args->seconds != 0 ? args->seconds : DEFAULT_SECONDS,
	};
	struct search search;
	int ret = try_rates(args, ends, &plan, &search);

	if (ret != 0)
		return ret;
	out_begin("search");
	report_setting(args, size, burst);
	out_u64("resolution_percent", args->resolution);
	out_fixed("trial_seconds", plan.seconds, 3);
	out_u64("trials", search.trials);
	out_fixed("mpps", search.low / 1e6, 4);
	out_fixed("gbps", search.low * (double)size * 8 / 1e9, 4);
	out_end();
	return 0;
}

static int
run(const struct args *args)
{
	struct ends ends;
	unsigned int i, k;
	int ret = ends_open(&ends, args, args->tx, args->rx);

	if (ret != 0)
		return ret;
	if (args->both && ends.n != 2)
		ret = parse_bad("both", "yes", "two different ports, tx and rx");
	for (i = 0; i < args->size.n; i++)
		for (k = 0; k < args->burst.n && ret == 0; k++)
			ret = measure(args, &ends, args->size.value[i], args->burst.value[k]);
	ends_close(&ends);
	return ret;
}

const struct cmd_def cmd_search = {
	.name = "search",
	.help =
	"    the highest rate at which nothing is lost; settings of throughput, and\n"
	"    rate=N              to try first (what throughput measures)\n"
	"    resolution=PERCENT  of the result, 1 to 50 (1)\n"
	"    seconds=N           of a trial (1)\n",
	.keys = "tx rx both apart size burst queues depth rate full seconds warmup resolution ",
	.check = check,
	.run = run,
};
