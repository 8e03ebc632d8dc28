/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "args.h"
#include "complain.h"
#include "copier.h"
#include "out.h"
#include "perf.h"
#include "report.h"

#define DEFAULT_SECONDS 0.5
#define MAX_COPIERS 16

/** One device's part of a measurement. */
struct job {
	struct copier copier;
	double seconds;
	double rate; /**< copies per second */
	struct histogram times;
	int ret;
};

static int
check(const struct args *args)
{
	return args->device != NULL ? 0 :
		parse_bad("device", "", "names of DMA devices with commas, or " COPIER_CORE);
}

/** Opens the devices of a list; *n is how many of them have to be closed. */
static int
open_all(struct job *jobs, unsigned int *n, const struct args *args)
{
	const char *at = args->device;
	char name[COPIER_NAME_MAX];
	size_t len;
	int ret = 0;

	for (*n = 0; ret == 0; at += len + 1) {
		len = strcspn(at, ",");
		if (*n == MAX_COPIERS || len == 0 || len >= sizeof(name))
			return parse_bad("device", args->device, "1 to 16 names with commas");
		memcpy(name, at, len);
		name[len] = '\0';
		jobs[*n].seconds = args->seconds != 0 ? args->seconds : DEFAULT_SECONDS;
		ret = copier_open(&jobs[*n].copier, name, *n, args->memory,
				  (uint32_t)args->depth);
		++*n;
		if (at[len] == '\0')
			break;
	}
	return ret;
}

/** On any lcore. */
static int
run_job(void *arg)
{
	struct job *job = arg;

	memset(&job->times, 0, sizeof(job->times));
	job->ret = copier_rate(&job->copier, job->seconds, &job->rate);
	if (job->ret == 0)
		job->ret = copier_times(&job->copier, job->seconds, &job->times);
	return job->ret;
}

static void
report(const struct job *job, const struct args *args, uint64_t round)
{
	const struct copier *c = &job->copier;

	out_begin("dma");
	out_str("device", c->name);
	out_u64("bytes", c->bytes);
	out_u64("burst", c->burst);
	out_u64("depth", c->depth);
	out_u64("round", round);
	out_str("parallel", args->parallel ? "yes" : "no");
	out_fixed("mcopies_per_s", job->rate / 1e6, 4);
	out_fixed("gbytes_per_s", job->rate * c->bytes / 1e9, 4);
	out_group("times");
	report_times(&job->times);
	out_group_end();
	out_end();
}

/** All at once, the first one on this lcore and each other on one of its own. */
static void
run_parallel(struct job *jobs, unsigned int n)
{
	unsigned int lcore, i = 1;

	RTE_LCORE_FOREACH_WORKER(lcore)
		if (i < n)
			rte_eal_remote_launch(run_job, &jobs[i++], lcore);
	run_job(&jobs[0]);
	rte_eal_mp_wait_lcore();
}

static int
measure(struct job *jobs, unsigned int n, const struct args *args, uint64_t bytes, uint64_t burst)
{
	uint64_t round;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++) {
		ret = copier_set(&jobs[i].copier, (uint32_t)bytes, (uint32_t)burst);
		if (ret == 0)
			ret = copier_verify(&jobs[i].copier);
	}
	for (round = 0; round < args->rounds && ret == 0 && perf_stopped == 0; round++) {
		if (args->parallel)
			run_parallel(jobs, n);
		for (i = 0; i < n && ret == 0; i++) {
			if (!args->parallel)
				run_job(&jobs[i]);
			ret = jobs[i].ret;
			if (ret == 0)
				report(&jobs[i], args, round);
		}
	}
	return ret;
}

static int
run_jobs(struct job *jobs, unsigned int n, const struct args *args)
{
	unsigned int i, k;
	int ret = 0;

	if (args->parallel && n > rte_lcore_count()) {
		complain("argument parallel: \"yes\": expected a lcore for each of %u devices, "
			 "there are %u", n, rte_lcore_count());
		return EXIT_USAGE;
	}
	for (i = 0; i < args->size.n; i++)
		for (k = 0; k < args->burst.n && ret == 0 && perf_stopped == 0; k++)
			ret = measure(jobs, n, args, args->size.value[i], args->burst.value[k]);
	return ret;
}

static int
run(const struct args *args)
{
	struct job *jobs = calloc(MAX_COPIERS, sizeof(*jobs));
	unsigned int i, n;
	int ret;

	if (jobs == NULL) {
		complain("%zu bytes of memory are not there", MAX_COPIERS * sizeof(*jobs));
		return EXIT_FAILURE;
	}
	ret = open_all(jobs, &n, args);
	if (ret == 0)
		ret = run_jobs(jobs, n, args);
	for (i = 0; i < n; i++)
		copier_close(&jobs[i].copier);
	free(jobs);
	return ret;
}

const struct cmd_def cmd_dma = {
	.name = "dma",
	.help =
	"    copies per second, and nanoseconds of a burst from its first to its last\n"
	"    device=NAME,...     DMA devices in turns; \"memcpy\": the core\n"
	"    bytes=N,...         of a copy, 1 to 1048576 (64)\n"
	"    burst=N,... depth=N copies of a submit (32), most under way (512)\n"
	"    memory=BYTES        of source and of target (4M)\n"
	"    rounds=N            A B A B ... (1)\n"
	"    parallel=yes|no     all devices at once, a lcore each (no)\n"
	"    seconds=N           for each of the two figures (0.5)\n",
	.keys = "device bytes burst depth memory rounds parallel seconds ",
	.check = check,
	.run = run,
};
