/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * dma-secondary-check --proc-type=secondary [EAL options] -- [--loop]
 *
 * A secondary process looks at all DMA devices of its primary: it tells their information,
 * statistics and dump. Then it tries to use and to control them. All of that must be refused, since
 * the devices are the primary's.
 *
 *   --loop   go on until killed
 *
 * Exit status 0: what may be looked at was there, and everything else was refused.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#define COPY_BYTES 64

/** Memory of the primary's, so that a copy that was not refused would be a good one. */
static uint8_t *buffer;

static bool
told(const char *name, const char *what, int rc, bool good)
{
	printf("%s: %s returned %d%s\n", name, what, rc, good ? "" : ", unexpected");
	return good;
}

static bool
refused(const char *name, const char *what, int rc)
{
	return told(name, what, rc, rc < 0);
}

static bool
look(int16_t id, struct rte_dma_info *info)
{
	struct rte_dma_stats stats;
	int rc;

	rc = rte_dma_info_get(id, info);
	if (rc != 0)
		return told("device", "info_get", rc, false);
	printf("%s: capabilities 0x%" PRIx64 ", %u vchans of %u, %u to %u descriptors, %u segments\n",
	       info->dev_name, info->dev_capa, info->nb_vchans, info->max_vchans, info->min_desc,
	       info->max_desc, info->max_sges);
	rc = rte_dma_stats_get(id, 0, &stats);
	if (rc != 0)
		return told(info->dev_name, "stats_get", rc, false);
	printf("%s: %" PRIu64 " submitted, %" PRIu64 " completed, %" PRIu64 " errors\n",
	       info->dev_name, stats.submitted, stats.completed, stats.errors);
	rc = rte_dma_dump(id, stdout);
	return rc == 0 || told(info->dev_name, "dump", rc, false);
}

static bool
try_data_path(int16_t id, const char *name)
{
	rte_iova_t src = rte_mem_virt2iova(buffer);
	struct rte_dma_sge from = { .addr = src, .length = COPY_BYTES };
	struct rte_dma_sge to = { .addr = src + COPY_BYTES, .length = COPY_BYTES };
	enum rte_dma_status_code status;
	bool error = false;
	bool good = true;
	uint16_t last;
	int n;

	good &= refused(name, "copy", rte_dma_copy(id, 0, from.addr, to.addr, COPY_BYTES, 0));
	good &= refused(name, "copy_sg", rte_dma_copy_sg(id, 0, &from, &to, 1, 1, 0));
	good &= refused(name, "fill", rte_dma_fill(id, 0, 0, to.addr, COPY_BYTES, 0));
	good &= refused(name, "submit", rte_dma_submit(id, 0));
	/* These have no room for an error. */
	n = rte_dma_completed(id, 0, 1, &last, &error);
	good &= told(name, "completed", n, n == 0);
	n = rte_dma_completed_status(id, 0, 1, &last, &status);
	return told(name, "completed_status", n, n == 0) && good;
}

/** The direction that the primary has set the device up for. */
static enum rte_dma_direction
direction_of(const struct rte_dma_info *info)
{
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_MEM) != 0)
		return RTE_DMA_DIR_MEM_TO_MEM;
	if ((info->dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0)
		return RTE_DMA_DIR_MEM_TO_DEV;
	return RTE_DMA_DIR_DEV_TO_MEM;
}

static bool
try_control(int16_t id, const struct rte_dma_info *info, bool last)
{
	struct rte_dma_vchan_conf vconf = { .direction = direction_of(info) };
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	const char *name = info->dev_name;
	bool good = true;
	int rc;

	vconf.nb_desc = info->min_desc;
	if (vconf.direction == RTE_DMA_DIR_MEM_TO_DEV)
		vconf.dst_port.port_type = RTE_DMA_PORT_PCIE;
	else if (vconf.direction == RTE_DMA_DIR_DEV_TO_MEM)
		vconf.src_port.port_type = RTE_DMA_PORT_PCIE;
	good &= refused(name, "configure", rte_dma_configure(id, &conf));
	good &= refused(name, "vchan_setup", rte_dma_vchan_setup(id, 0, &vconf));
	good &= refused(name, "stats_reset", rte_dma_stats_reset(id, 0));
	/*
	 * The library itself has nothing to do for the start of a started device and for the stop
	 * of a stopped one, so one of the two is 0 without the driver being asked.
	 */
	rc = rte_dma_start(id);
	good &= told(name, "start", rc, rc <= 0);
	if (rc == 0) {
		good &= refused(name, "stop", rte_dma_stop(id));
		return refused(name, "close", rte_dma_close(id)) && good;
	}
	rc = rte_dma_stop(id);
	good &= told(name, "stop", rc, rc == 0);
	if (!last)
		return good;
	/* A process may let go of what it sees of a stopped device. */
	rc = rte_dma_close(id);
	return told(name, "close", rc, rc <= 0) && good;
}

/** @p last: the devices are not needed any more. */
static bool
pass(bool last)
{
	struct rte_dma_info info;
	int16_t id = -1;
	bool good = true;
	unsigned int n = 0;

	while ((id = rte_dma_next_dev(id + 1)) >= 0) {
		if (!look(id, &info))
			return false;
		good &= try_data_path(id, info.dev_name);
		good &= try_control(id, &info, last);
		n++;
	}
	printf("dma-secondary-check: %u devices, %s\n", n, good && n != 0 ? "passed" : "failed");
	fflush(stdout);
	return good && n != 0;
}

int
main(int argc, char **argv)
{
	int rc = rte_eal_init(argc, argv);
	bool loop;
	bool good;

	if (rc < 0)
		return EXIT_FAILURE;
	loop = argc > rc + 1 && strcmp(argv[rc + 1], "--loop") == 0;
	if (argc > rc + 1 + loop) {
		fprintf(stderr, "argument '%s', expected --loop or none\n", argv[rc + 1 + loop]);
		return EXIT_FAILURE;
	}
	if (rte_eal_process_type() != RTE_PROC_SECONDARY) {
		fprintf(stderr, "this is not a secondary process: give --proc-type=secondary\n");
		return EXIT_FAILURE;
	}
	buffer = rte_zmalloc(NULL, 2 * COPY_BYTES, 64);
	good = buffer != NULL;
	do
		good = good && pass(!loop);
	while (loop && good);
	rte_free(buffer);
	rte_eal_cleanup();
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
