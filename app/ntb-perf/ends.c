/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>

#include "complain.h"
#include "ends.h"

static uint64_t
greatest(const struct setting_list *list)
{
	uint64_t most = 0;
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (list->value[i] > most)
			most = list->value[i];
	return most;
}

static int
create_late(const char *device)
{
	int ret = device != NULL ? rte_dev_probe(device) : 0;

	if (ret == 0)
		return 0;
	complain("device \"%s\": %s", device, rte_strerror(-ret));
	return EXIT_FAILURE;
}

static int
open_ports(struct ends *ends, const struct args *args, const char *first, const char *second)
{
	const struct port_options options = {
		.queues = args->queues,
		.depth = args->depth,
		.burst = greatest(&args->burst),
		.size = greatest(&args->size),
	};
	const char *name[] = { first, second };
	unsigned int i, k;
	int ret = 0;

	ends->n = second == NULL || strcmp(first, second) == 0 ? 1 : 2;
	ends->first = ends->n == 2 && args->rx_first;
	for (i = 0; i < ends->n && ret == 0; i++) {
		k = ends->first ^ i;
		ret = port_open(&ends->port[k], name[k], &options);
		if (ret == 0 && i == 0)
			ret = create_late(args->late);
	}
	return ret;
}

int
ends_open(struct ends *ends, const struct args *args, const char *first, const char *second)
{
	int ret;

	*ends = (struct ends){ .n = 0 };
	ret = open_ports(ends, args, first, second);
	if (ret == 0)
		ret = port_wait_links(ends->port, ends->n, args->wait);
	if (ret != 0)
		ends_close(ends);
	return ret;
}

void
ends_close(struct ends *ends)
{
	unsigned int i;

	/* A port may hold buffers of the other's pool until it is closed. */
	for (i = ends->n; i-- > 0; )
		port_close(&ends->port[ends->first ^ i]);
	for (i = 0; i < ends->n; i++)
		port_free(&ends->port[i]);
}
