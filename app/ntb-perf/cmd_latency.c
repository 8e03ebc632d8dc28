/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>

#include <rte_cycles.h>

#include "complain.h"
#include "ends.h"
#include "out.h"
#include "perf.h"
#include "report.h"
#include "run.h"

#define DEFAULT_SECONDS 1

static int
check(const struct args *args)
{
	return args->tx != NULL ? 0 : parse_bad("tx", "", "a port");
}

/** Requests on the first end, and answers on the second if that is here. */
static void
plan(struct run *run, const struct args *args, const struct ends *ends, uint16_t size,
     struct histogram *times)
{
	struct task *t = run_add(run, &task_ping_ops, 0);

	t->port = ends->port[0].id;
	t->size = size;
	t->burst = (uint16_t)args->burst.value[0];
	t->full = args->full;
	t->ping.pool = ends->port[0].pool;
	t->ping.times = times;
	t->ping.ns_per_tick = 1e9 / (double)rte_get_tsc_hz();
	if (ends->n == 2) {
		t = run_add(run, &task_reflector_ops, args->apart);
		t->port = ends->port[1].id;
		t->burst = (uint16_t)args->burst.value[0];
	}
	run->warmup = args->warmup;
	run->seconds = args->seconds != 0 ? args->seconds : DEFAULT_SECONDS;
}

static int
measure(struct run *run, const struct args *args, const struct ends *ends, uint64_t size)
{
	struct histogram *times = calloc(1, sizeof(*times));
	const struct task_ping *ping = &run->tasks[0].task.ping;

	if (times == NULL) {
		complain("%zu bytes of memory are not there", sizeof(*times));
		return EXIT_FAILURE;
	}
	run->nb_tasks = 0;
	plan(run, args, ends, (uint16_t)size, times);
	run_all(run);
	out_begin("latency");
	out_u64("size", size);
	out_u64("lcores", rte_lcore_count());
	out_str("from", args->tx);
	out_str("to", args->rx != NULL ? args->rx : "");
	out_fixed("cpu_share", run_cpu_share(&run->tasks[0]), 3);
	out_u64("lost", ping->lost);
	out_u64("strange", ping->strange);
	report_times(times);
	out_end();
	if (times->total == 0)
		complain("port %s: expected answers, from a reflector", args->tx);
	free(times);
	return run->tasks[0].task.done != 0 ? 0 : EXIT_FAILURE;
}

static int
run_cmd(const struct args *args)
{
	struct run *run = run_new();
	struct ends ends;
	unsigned int i;
	int ret;

	if (run == NULL)
		return EXIT_FAILURE;
	ret = ends_open(&ends, args, args->tx, args->rx);
	if (ret == 0) {
		for (i = 0; i < args->size.n && ret == 0 && perf_stopped == 0; i++)
			ret = measure(run, args, &ends, args->size.value[i]);
		ends_close(&ends);
	}
	free(run);
	return ret;
}

const struct cmd_def cmd_latency = {
	.name = "latency",
	.help =
	"    round trips of one packet at a time\n"
	"    tx=PORT             asks\n"
	"    rx=PORT             answers; nothing: a reflector of another process does\n"
	"    apart= size= depth= full= seconds= warmup=  as for throughput\n",
	.keys = "tx rx apart size depth full seconds warmup ",
	.check = check,
	.run = run_cmd,
};
