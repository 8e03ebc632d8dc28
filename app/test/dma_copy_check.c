/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dma-copy-check [EAL options] -- [OPTION...]
 *
 *   --seconds N   time to begin copies in (2)
 *   --copies N    end earlier, after so many copies on each device; without --seconds: then only
 *   --max BYTES   longest copy, up to 16 MiB (65536)
 *   --devices N   use the first N devices only
 *   --depth N     descriptors of each device, 2 to 256 (64)
 *   --drain       submit only while nothing is in flight on the device
 *   --rounds N    start, copy and stop so many times (1)
 *   --errors N    so many copies may fail (0)
 *   --seed N      repeat the copies of an earlier run; by default each run has its own
 *   --dump        show the devices at the end of each round
 *   --hold        at the end of each round, before and after the devices are stopped, wait for a
 *                 line of input, so that others can look at them
 *
 * Copies, with gather and scatter lists where a device takes them, between random places of this
 * process's memory on all DMA devices, whatever their direction, and compares every byte, and the
 * bytes around. The lcores share the devices. For devices that reach memory of two sides, the
 * process must be on both: with the software endpoint, one device per side.
 *
 * Exit status 0: every device copied something, everything arrived but the copies that were
 * reported as failed, and these are not more than were allowed. SIGTERM and SIGINT end the copying
 * early.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "dma_copy_device.h"

#define MAX_DEVICES 32
#define DEFAULT_SECONDS 2
/** For --copies without --seconds. */
#define LONGEST_SECONDS 3600

static struct copy_options copy_opt = {
	.max_bytes = 65536,
	.depth = 64,
};
static unsigned int opt_seconds;
static unsigned int opt_devices = MAX_DEVICES;
static unsigned int opt_rounds = 1;
static unsigned int opt_errors;
static bool opt_dump;
static bool opt_hold;

static struct copy_device devices[MAX_DEVICES];
static unsigned int nb_devices;
static uint64_t round_end; /**< TSC value */
static volatile sig_atomic_t stopped;

static void
on_signal(int signum)
{
	(void)signum;
	stopped = 1;
}

/** One turn of a device. Returns as copy_device_work(), and sets @p pending if it has to go on. */
static int
turn(struct copy_device *d, bool *pending)
{
	bool more = stopped == 0 && rte_get_timer_cycles() < round_end && !copy_device_enough(d);
	int n = copy_device_work(d, more);

	*pending |= !copy_device_idle(d) || (more && !copy_device_enough(d));
	return n;
}

/** The share of one lcore. */
static int
lcore_main(void *arg)
{
	unsigned int first = rte_lcore_index(rte_lcore_id());
	bool pending;
	unsigned int i;
	int busy;
	int n;

	(void)arg;
	do {
		pending = false;
		busy = 0;
		for (i = first; i < nb_devices; i += rte_lcore_count()) {
			n = turn(&devices[i], &pending);
			if (n < 0) {
				stopped = 1;
				return n;
			}
			busy += n;
		}
		/* The software endpoint may need this CPU. */
		if (busy == 0)
			sched_yield();
	} while (pending);
	return 0;
}

static int
copy_all(void)
{
	unsigned int lcore;
	int rc;

	round_end = rte_get_timer_cycles() + opt_seconds * rte_get_timer_hz();
	rte_eal_mp_remote_launch(lcore_main, NULL, SKIP_MAIN);
	rc = lcore_main(NULL);
	RTE_LCORE_FOREACH_WORKER(lcore)
		if (rte_eal_wait_lcore(lcore) != 0)
			rc = -1;
	return rc;
}

/** Lets others look. The end of input is as good as a line. */
static void
hold(const char *what)
{
	int c;

	if (!opt_hold)
		return;
	printf("devices %s, waiting for a line\n", what);
	fflush(stdout);
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

static int
start_all(void)
{
	unsigned int i;
	int rc;

	for (i = 0; i < nb_devices; i++) {
		rc = copy_device_start(&devices[i]);
		if (rc != 0) {
			fprintf(stderr, "%s: cannot be started: %s\n", devices[i].name,
				strerror(-rc));
			return rc;
		}
	}
	return 0;
}

static int
report_all(uint64_t *errors)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < nb_devices; i++) {
		if (copy_device_report(&devices[i]) != 0)
			rc = -1;
		*errors += devices[i].errors;
	}
	return rc;
}

static int
stop_all(int rc)
{
	unsigned int i;

	for (i = 0; i < nb_devices; i++) {
		if (opt_dump || rc != 0)
			rte_dma_dump(devices[i].id, stdout);
		if (copy_device_stop(&devices[i]) != 0)
			rc = -1;
	}
	return rc;
}

static int
one_round(uint64_t *errors)
{
	int rc = start_all();

	if (rc != 0)
		return rc;
	printf("devices started\n");
	fflush(stdout);
	rc = copy_all();
	if (rc == 0)
		rc = report_all(errors);
	if (rc == 0)
		hold("started");
	rc = stop_all(rc);
	if (rc == 0)
		hold("stopped");
	return rc;
}

static int
run(void)
{
	uint64_t errors = 0;
	unsigned int i;
	int rc = 0;

	for (i = 0; rc == 0 && i < opt_rounds; i++)
		rc = one_round(&errors);
	if (!copy_source_intact(copy_opt.seed))
		rc = -1;
	if (errors > opt_errors) {
		fprintf(stderr, "%" PRIu64 " copies failed, expected at most %u\n", errors,
			opt_errors);
		rc = -1;
	}
	for (i = 0; i < nb_devices; i++)
		copy_device_free(&devices[i]);
	if (rc == 0)
		printf("dma-copy-check: passed\n");
	else
		printf("dma-copy-check: failed, repeat with --seed %u\n", copy_opt.seed);
	return rc;
}

static int
set_up(void)
{
	int16_t id = -1;
	int rc;

	printf("dma-copy-check: seed %u, %u lcores\n", copy_opt.seed, rte_lcore_count());
	rc = copy_source_init(copy_opt.seed);
	while (rc == 0 && (id = rte_dma_next_dev(id + 1)) >= 0 && nb_devices < opt_devices) {
		rc = copy_device_init(&devices[nb_devices], id, nb_devices, &copy_opt);
		if (rc == 0)
			nb_devices++;
	}
	if (rc != 0)
		fprintf(stderr, "set-up failed: %s\n", strerror(-rc));
	else if (nb_devices == 0)
		fprintf(stderr, "no DMA device\n");
	return rc == 0 && nb_devices == 0 ? -ENODEV : rc;
}

/** Returns -EINVAL, after a line that says so, for what is not a number in the range. */
static int
parse_number(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	/* strtoull() takes signs and blanks. */
	if (text[0] >= '0' && text[0] <= '9' && errno == 0 && *end == '\0' && *number >= min &&
	    *number <= max)
		return 0;
	fprintf(stderr, "--%s %s: expected %" PRIu64 " to %" PRIu64 "\n", name, text, min, max);
	return -EINVAL;
}

static int
parse_option(int c, const char *name, const char *text)
{
	uint64_t number;
	int rc;

	switch (c) {
	case 's':
		rc = parse_number(name, text, 1, LONGEST_SECONDS, &number);
		opt_seconds = number;
		return rc;
	case 'c':
		return parse_number(name, text, 1, UINT32_MAX, &copy_opt.copies);
	case 'm':
		rc = parse_number(name, text, 1, COPY_MAX_BYTES, &number);
		copy_opt.max_bytes = number;
		return rc;
	case 'd':
		rc = parse_number(name, text, 2, COPY_MAX_DEPTH, &number);
		copy_opt.depth = number;
		return rc;
	case 'n':
		rc = parse_number(name, text, 1, MAX_DEVICES, &number);
		opt_devices = number;
		return rc;
	case 'o':
		rc = parse_number(name, text, 1, UINT16_MAX, &number);
		opt_rounds = number;
		return rc;
	case 'e':
		rc = parse_number(name, text, 0, UINT32_MAX, &number);
		opt_errors = number;
		return rc;
	default:
		rc = parse_number(name, text, 0, UINT32_MAX, &number);
		copy_opt.seed = number;
		return rc;
	}
}

static int
parse_options(int argc, char **argv)
{
	int dump = 0, hold_on = 0, drain = 0;
	const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "copies", required_argument, NULL, 'c' },
		{ "max", required_argument, NULL, 'm' },
		{ "depth", required_argument, NULL, 'd' },
		{ "devices", required_argument, NULL, 'n' },
		{ "rounds", required_argument, NULL, 'o' },
		{ "errors", required_argument, NULL, 'e' },
		{ "seed", required_argument, NULL, 'r' },
		{ "drain", no_argument, &drain, 1 },
		{ "dump", no_argument, &dump, 1 },
		{ "hold", no_argument, &hold_on, 1 },
		{ NULL, 0, NULL, 0 },
	};
	int index;
	int c;

	copy_opt.seed = (uint32_t)rte_rdtsc();
	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (c == '?')
			return -EINVAL;
		if (c != 0 && parse_option(c, options[index].name, optarg) != 0)
			return -EINVAL;
	}
	if (optind != argc) {
		fprintf(stderr, "argument '%s', expected options only\n", argv[optind]);
		return -EINVAL;
	}
	copy_opt.drain = drain != 0;
	opt_dump = dump != 0;
	opt_hold = hold_on != 0;
	if (opt_seconds == 0)
		opt_seconds = copy_opt.copies == 0 ? DEFAULT_SECONDS : LONGEST_SECONDS;
	return 0;
}

int
main(int argc, char **argv)
{
	int rc = rte_eal_init(argc, argv);

	if (rc < 0)
		return EXIT_FAILURE;
	/* Lines stay whole among those of the log. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = parse_options(argc - rc, argv + rc);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	if (rc == 0)
		rc = set_up();
	if (rc == 0)
		rc = run();
	rte_eal_cleanup();
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
