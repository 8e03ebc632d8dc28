/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdlib.h>

#include "complain.h"
#include "ends.h"
#include "flow.h"
#include "out.h"
#include "perf.h"
#include "report.h"

#define DEFAULT_SECONDS 1

static int
check(const struct args *args)
{
	if (args->tx == NULL && args->rx == NULL)
		return parse_bad("tx", "", "a port, here or for rx");
	if (args->both && (args->tx == NULL || args->rx == NULL))
		return parse_bad("both", "yes", "tx and rx, two ports");
	return 0;
}

static int
measure(const struct args *args, const struct ends *ends, uint64_t size, uint64_t burst)
{
	const struct flow_plan plan = {
		.size = (uint16_t)size,
		.burst = (uint16_t)burst,
		.rate = (double)args->rate,
		.seconds = args->seconds != 0 ? args->seconds : DEFAULT_SECONDS,
	};
	struct flows flows;
	uint64_t harmed;
	int ret = flows_measure(&flows, args, ends, &plan);

	if (ret != 0)
		return ret;
	out_begin("throughput");
	report_setting(args, size, burst);
	report_flows(&flows);
	out_end();
	harmed = flow_harmed(&flows.flow[0]) + flow_harmed(&flows.flow[1]);
	if (harmed == 0)
		return 0;
	complain("%" PRIu64 " packets: expected each as it was sent, and once", harmed);
	return EXIT_FAILURE;
}

static int
run(const struct args *args)
{
	const char *first = args->tx != NULL ? args->tx : args->rx;
	struct ends ends;
	unsigned int i, k;
	int ret;

	ret = ends_open(&ends, args, first, args->rx);
	if (ret != 0)
		return ret;
	if (args->both && ends.n != 2)
		ret = parse_bad("both", "yes", "two different ports, tx and rx");
	for (i = 0; i < args->size.n; i++)
		for (k = 0; k < args->burst.n && ret == 0 && perf_stopped == 0; k++)
			ret = measure(args, &ends, args->size.value[i], args->burst.value[k]);
	ends_close(&ends);
	return ret;
}

const struct cmd_def cmd_throughput = {
	.name = "throughput",
	.help =
	"    tx=PORT             it sends; nothing: packets come from another process\n"
	"    rx=PORT             it receives; nothing: packets go to another process\n"
	"    both=yes|no         and the same the other way round (no)\n"
	"    size=BYTES,...      of a frame without CRC, 60 to 9216 (64)\n"
	"    burst=N,...         1 to 256 (32)\n"
	"    apart=yes|no        the ends of a queue may be on different lcores (yes)\n"
	"    queues=N depth=N    pairs of queues (1), descriptors of each (512)\n"
	"    rate=N              packets per second and direction (as many as possible)\n"
	"    full=yes|no         fill and check all bytes, not only the first 40 (no)\n"
	"    seconds=N warmup=N  that count (1), and in front of these (0.2)\n",
	.keys = "tx rx both apart size burst queues depth rate full seconds warmup ",
	.check = check,
	.run = run,
};
