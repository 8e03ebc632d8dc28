/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>

#include "ends.h"
#include "out.h"
#include "report.h"
#include "run.h"

static int
check(const struct args *args)
{
	return args->port != NULL ? 0 : parse_bad("port", "", "a port");
}

static void
reflect(struct run *run, const struct args *args, const struct ends *ends)
{
	uint64_t done = 0, refused = 0;
	uint16_t q;

	for (q = 0; q < args->queues; q++) {
		struct task *t = run_add(run, &task_reflector_ops, q);

		t->port = ends->port[0].id;
		t->queue = q;
		t->burst = (uint16_t)args->burst.value[0];
	}
	run->seconds = args->seconds;
	run_all(run);
	for (q = 0; q < run->nb_tasks; q++) {
		done += run->tasks[q].task.done;
		refused += run->tasks[q].task.out.refused;
	}
	out_begin("reflect");
	out_str("port", args->port);
	out_u64("reflected", done);
	out_u64("refused", refused);
	out_end();
}

static int
run_cmd(const struct args *args)
{
	struct run *run = run_new();
	struct ends ends;
	int ret;

	if (run == NULL)
		return EXIT_FAILURE;
	ret = ends_open(&ends, args, args->port, NULL);
	if (ret == 0) {
		reflect(run, args, &ends);
		ends_close(&ends);
	}
	free(run);
	return ret;
}

const struct cmd_def cmd_reflect = {
	.name = "reflect",
	.help =
	"    sends back what comes\n"
	"    port=PORT size= burst= queues= depth=\n"
	"    seconds=N           (until a signal comes)\n",
	.keys = "port size burst queues depth seconds ",
	.check = check,
	.run = run_cmd,
};
