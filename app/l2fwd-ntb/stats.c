/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>

#include <rte_cycles.h>

#include "port.h"
#include "stats.h"

void
stats_begin(struct stats *stats)
{
	*stats = (struct stats){ .at = rte_get_tsc_cycles() };
}

static inline uint64_t
read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/** What all workers have counted of a port. */
static struct counters
sum(const struct bridge *bridge, uint16_t port)
{
	struct counters total = { 0 };
	uint16_t i;

	for (i = 0; i < bridge->nb_workers; i++) {
		const struct counters *one = &bridge->workers[i].counters[port];

		total.received += read_counter(&one->received);
		total.sent += read_counter(&one->sent);
		total.refused += read_counter(&one->refused);
		total.filtered += read_counter(&one->filtered);
	}
	return total;
}

static void
print_port(struct stats *stats, const struct bridge *bridge, uint16_t port, double seconds)
{
	struct counters now = sum(bridge, port);
	const struct counters *last = &stats->last[port];
	uint16_t id = bridge->ports[port];

	printf("%4u  %-16s %-4s %14" PRIu64 " %14" PRIu64 " %10" PRIu64 " %10" PRIu64
	       " %12.0f %12.0f\n", id, port_name(id), port_is_up(id) ? "up" : "down", now.received,
	       now.sent, now.refused, now.filtered, (now.received - last->received) / seconds,
	       (now.sent - last->sent) / seconds);
	stats->last[port] = now;
}

void
stats_print(struct stats *stats, struct bridge *bridge)
{
	uint64_t at = rte_get_tsc_cycles();
	double seconds = (double)(at - stats->at) / rte_get_tsc_hz();
	uint16_t port;

	printf("\nport  %-16s %-4s %14s %14s %10s %10s %12s %12s\n", "device", "link", "received",
	       "sent", "refused", "filtered", "received/s", "sent/s");
	for (port = 0; port < bridge->nb_ports; port++)
		print_port(stats, bridge, port, seconds);
	if (bridge->table != NULL)
		printf("addresses: %u\n", mac_table_count(bridge->table, atomic_load(&bridge->now)));
	fflush(stdout);
	stats->at = at;
}
