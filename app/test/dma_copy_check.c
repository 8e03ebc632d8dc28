/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dma-copy-check [EAL options] -- [--seconds N] [--max BYTES] [--depth N] [--seed N] [--errors N]
 *                              [--dump]
 *
 * Copies, with gather and scatter lists where a device takes them, between random places of this
 * process's memory on all DMA devices at once, whatever their direction, and compares every byte,
 * and the bytes around. For devices that reach memory of two sides, the process must be on both:
 * with the software endpoint, one device per side.
 *
 * Exit status 0: every device copied something, everything arrived, and as many copies failed as
 * was expected, on any of the devices.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_random.h>

#define MAX_DEVICES 32
#define MAX_DEPTH 256
#define SOURCE_BYTES (4u << 20)
/** Bytes watched on both sides of a destination. */
#define GUARD 64
#define GUARD_BYTE 0xa5
/** Segments of a list, at most. */
#define MAX_SGES 64
/** A device that has work and finishes none of it in this time has failed. */
#define STALL_SECONDS 5

static double opt_seconds = 2;
static unsigned int opt_max = 65536;
static unsigned int opt_depth = 64;
static uint64_t opt_seed = 1;
static unsigned int opt_errors;
static bool opt_dump;

struct copy {
	uint32_t src; /**< offset in the source */
	uint32_t pos; /**< offset behind the guard */
	uint32_t bytes;
};

struct device {
	int16_t id;
	bool sg; /**< takes gather and scatter lists */
	char name[RTE_DEV_NAME_MAX_LEN];
	uint8_t *area; /**< opt_depth destinations of area_bytes() */
	struct copy copy[MAX_DEPTH];
	uint16_t next; /**< id of the next copy */
	uint16_t done; /**< id of the next completion */
	uint64_t copies;
	uint64_t lists; /**< of these with lists */
	uint64_t bytes;
	uint64_t errors;
	uint64_t last; /**< TSC of the last completion */
};

static uint8_t *source;
static struct device devices[MAX_DEVICES];
static unsigned int nb_devices;

static size_t
area_bytes(void)
{
	return (size_t)opt_max + 64 + 2 * GUARD;
}

static uint8_t *
area_of(const struct device *d, uint16_t id)
{
	return d->area + (id % opt_depth) * area_bytes();
}

static enum rte_dma_direction
direction_of(const struct rte_dma_info *info)
{
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_MEM) != 0)
		return RTE_DMA_DIR_MEM_TO_MEM;
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0)
		return RTE_DMA_DIR_MEM_TO_DEV;
	return RTE_DMA_DIR_DEV_TO_MEM;
}

static int
device_start(struct device *d)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vconf = { 0 };
	struct rte_dma_info info;
	int rc;

	rc = rte_dma_info_get(d->id, &info);
	if (rc != 0)
		return rc;
	d->sg = (info.dev_capa & RTE_DMA_CAPA_OPS_COPY_SG) != 0;
	snprintf(d->name, sizeof(d->name), "%s", info.dev_name);
	vconf.direction = direction_of(&info);
	/* The library wants to be told where a device end is. */
	if (vconf.direction == RTE_DMA_DIR_MEM_TO_DEV)
		vconf.dst_port.port_type = RTE_DMA_PORT_PCIE;
	else if (vconf.direction == RTE_DMA_DIR_DEV_TO_MEM)
		vconf.src_port.port_type = RTE_DMA_PORT_PCIE;
	vconf.nb_desc = opt_depth;
	rc = rte_dma_configure(d->id, &conf);
	if (rc == 0)
		rc = rte_dma_vchan_setup(d->id, 0, &vconf);
	if (rc == 0)
		rc = rte_dma_start(d->id);
	if (rc != 0)
		return rc;
	d->area = rte_malloc(NULL, opt_depth * area_bytes(), 64);
	if (d->area == NULL)
		return -ENOMEM;
	memset(d->area, GUARD_BYTE, opt_depth * area_bytes());
	d->last = rte_get_timer_cycles();
	return 0;
}

/** Half of the copies are small, so that the ring is full of them at times. */
static uint32_t
random_bytes(void)
{
	return 1 + rte_rand_max(rte_rand_max(2) == 0 ? RTE_MIN(opt_max, 256u) : opt_max);
}

/** Cuts @p bytes from @p addr on into 1 to MAX_SGES segments. Returns their number. */
static uint16_t
random_cut(struct rte_dma_sge *sge, uint64_t addr, uint32_t bytes)
{
	uint32_t max = RTE_MIN(bytes, (uint32_t)MAX_SGES);
	uint16_t n = 1 + rte_rand_max(max);
	uint16_t i;

	n = RTE_MIN(n, max);
	for (i = 0; i < n; i++) {
		sge[i].addr = addr;
		/* At least a byte is left for each of the others. */
		sge[i].length = i == n - 1 ? bytes : 1 + rte_rand_max((bytes - n + i + 1) / 2 + 1);
		sge[i].length = RTE_MIN(sge[i].length, bytes - (n - 1 - i));
		addr += sge[i].length;
		bytes -= sge[i].length;
	}
	return n;
}

/** Returns what the library returns. */
static int
enqueue_lists(struct device *d, uint64_t src, uint64_t dst, uint32_t bytes)
{
	struct rte_dma_sge from[MAX_SGES], to[MAX_SGES];
	uint16_t nb_from = random_cut(from, src, bytes);
	uint16_t nb_to = random_cut(to, dst, bytes);

	return rte_dma_copy_sg(d->id, 0, from, to, nb_from, nb_to, 0);
}

static int
enqueue_one(struct device *d)
{
	struct copy *c = &d->copy[d->next % opt_depth];
	uint64_t src, dst;
	int rc = -ENOSPC;

	c->bytes = random_bytes();
	c->src = rte_rand_max(SOURCE_BYTES - c->bytes + 1);
	c->pos = rte_rand_max(64);
	src = (uintptr_t)(source + c->src);
	dst = (uintptr_t)(area_of(d, d->next) + GUARD + c->pos);
	if (d->sg && rte_rand_max(4) == 0) {
		rc = enqueue_lists(d, src, dst, c->bytes);
		d->lists += rc >= 0;
	}
	/* Lists may need more room than there is. */
	if (rc == -ENOSPC)
		rc = rte_dma_copy(d->id, 0, src, dst, c->bytes, 0);
	if (rc != d->next) {
		fprintf(stderr, "%s: copy returned %d, expected id %u\n", d->name, rc, d->next);
		return -1;
	}
	d->next++;
	return 0;
}

static int
enqueue_some(struct device *d)
{
	uint16_t room = opt_depth - (uint16_t)(d->next - d->done);
	uint16_t n = rte_rand_max(room + 1);

	if (rte_dma_burst_capacity(d->id, 0) != room) {
		fprintf(stderr, "%s: capacity %u, expected %u\n", d->name,
			rte_dma_burst_capacity(d->id, 0), room);
		return -1;
	}
	while (n-- != 0)
		if (enqueue_one(d) != 0)
			return -1;
	return rte_dma_submit(d->id, 0);
}

static bool
all_guard(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != GUARD_BYTE)
			return false;
	return true;
}

static int
check_copy(const struct device *d, enum rte_dma_status_code status)
{
	const struct copy *c = &d->copy[d->done % opt_depth];
	uint8_t *area = area_of(d, d->done);
	uint8_t *dst = area + GUARD + c->pos;

	if (status == RTE_DMA_STATUS_SUCCESSFUL && memcmp(dst, source + c->src, c->bytes) != 0) {
		fprintf(stderr, "%s: copy %u of %u bytes arrived wrong\n", d->name, d->done,
			c->bytes);
		return -1;
	}
	if (!all_guard(area, GUARD + c->pos) || !all_guard(dst + c->bytes, GUARD)) {
		fprintf(stderr, "%s: copy %u of %u bytes wrote outside\n", d->name, d->done,
			c->bytes);
		return -1;
	}
	memset(dst, GUARD_BYTE, c->bytes);
	return 0;
}

static int
check_one(struct device *d, enum rte_dma_status_code status)
{
	if (check_copy(d, status) != 0)
		return -1;
	d->bytes += d->copy[d->done % opt_depth].bytes;
	d->copies++;
	d->done++;
	if (status == RTE_DMA_STATUS_SUCCESSFUL)
		return 0;
	d->errors++;
	printf("%s: copy %u failed with status %d\n", d->name, (uint16_t)(d->done - 1), status);
	return 0;
}

/** Completions, by either of the two calls. */
static uint16_t
completed(struct device *d, uint16_t *last, enum rte_dma_status_code *status)
{
	bool error = false;
	uint16_t n = 0;

	if (rte_rand_max(2) == 0) {
		n = rte_dma_completed(d->id, 0, opt_depth, last, &error);
		memset(status, 0, n * sizeof(*status));
	}
	if (n == 0)
		n = rte_dma_completed_status(d->id, 0, opt_depth, last, status);
	return n;
}

static int
collect(struct device *d)
{
	enum rte_dma_status_code status[MAX_DEPTH];
	uint16_t last;
	uint16_t n = completed(d, &last, status);
	uint16_t i;

	if (last != (uint16_t)(d->done + n - 1)) {
		fprintf(stderr, "%s: last id %u, expected %u\n", d->name, last,
			(uint16_t)(d->done + n - 1));
		return -1;
	}
	if (n != 0 || d->done == d->next)
		d->last = rte_get_timer_cycles();
	else if (rte_get_timer_cycles() - d->last > STALL_SECONDS * rte_get_timer_hz()) {
		fprintf(stderr, "%s: no completion in %d s\n", d->name, STALL_SECONDS);
		return -1;
	}
	for (i = 0; i < n; i++)
		if (check_one(d, status[i]) != 0)
			return -1;
	return 0;
}

static int
run(void)
{
	uint64_t end = rte_get_timer_cycles() + (uint64_t)(opt_seconds * rte_get_timer_hz());
	bool pending;
	unsigned int i;

	do {
		pending = false;
		for (i = 0; i < nb_devices; i++) {
			if (rte_get_timer_cycles() < end && enqueue_some(&devices[i]) != 0)
				return -1;
			if (collect(&devices[i]) != 0)
				return -1;
			pending |= devices[i].done != devices[i].next;
		}
	} while (pending || rte_get_timer_cycles() < end);
	return 0;
}

static int
set_up(void)
{
	int16_t id = -1;
	unsigned int i;
	int rc;

	rte_srand(opt_seed);
	source = rte_malloc(NULL, SOURCE_BYTES, 64);
	if (source == NULL)
		return -ENOMEM;
	for (i = 0; i < SOURCE_BYTES; i++)
		source[i] = rte_rand();
	while ((id = rte_dma_next_dev(id + 1)) >= 0 && nb_devices < MAX_DEVICES) {
		devices[nb_devices].id = id;
		rc = device_start(&devices[nb_devices]);
		if (rc != 0) {
			fprintf(stderr, "DMA device %d cannot be started: %s\n", id, strerror(-rc));
			return rc;
		}
		nb_devices++;
	}
	if (nb_devices == 0)
		fprintf(stderr, "no DMA device\n");
	return nb_devices == 0 ? -ENODEV : 0;
}

static int
report(int rc)
{
	uint64_t errors = 0;
	unsigned int i;

	for (i = 0; i < nb_devices; i++)
		errors += devices[i].errors;
	if (errors != opt_errors) {
		fprintf(stderr, "%" PRIu64 " copies failed, expected %u\n", errors, opt_errors);
		rc = -1;
	}
	for (i = 0; i < nb_devices; i++) {
		printf("%s: %" PRIu64 " copies, %" PRIu64 " bytes, %" PRIu64 " lists\n",
		       devices[i].name, devices[i].copies, devices[i].bytes, devices[i].lists);
		if (devices[i].copies == 0 || (devices[i].sg && devices[i].lists == 0))
			rc = -1;
		if (opt_dump || rc != 0)
			rte_dma_dump(devices[i].id, stdout);
		rte_dma_stop(devices[i].id);
		rte_free(devices[i].area);
	}
	printf("dma-copy-check: %s\n", rc == 0 ? "passed" : "failed");
	return rc;
}

static int
parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "max", required_argument, NULL, 'm' },
		{ "depth", required_argument, NULL, 'd' },
		{ "seed", required_argument, NULL, 'r' },
		{ "errors", required_argument, NULL, 'e' },
		{ "dump", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			opt_seconds = strtod(optarg, NULL);
		else if (c == 'm')
			opt_max = strtoul(optarg, NULL, 0);
		else if (c == 'd')
			opt_depth = strtoul(optarg, NULL, 0);
		else if (c == 'r')
			opt_seed = strtoull(optarg, NULL, 0);
		else if (c == 'e')
			opt_errors = strtoul(optarg, NULL, 0);
		else if (c == 'v')
			opt_dump = true;
		else
			return -EINVAL;
	}
	if (opt_max == 0 || opt_max > SOURCE_BYTES || opt_depth < 2 || opt_depth > MAX_DEPTH) {
		fprintf(stderr, "expected --max 1 to %u, --depth 2 to %u\n", SOURCE_BYTES,
			MAX_DEPTH);
		return -EINVAL;
	}
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
	if (rc == 0)
		rc = set_up();
	if (rc == 0)
		rc = report(run());
	rte_eal_cleanup();
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
