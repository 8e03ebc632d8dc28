/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_dmadev.h>
#include <rte_pmd_ntb.h>
#include <rte_rawdev.h>

#include "cmd.h"
#include "out.h"

static int
parse(struct cmd *cmd, struct words *w)
{
	(void)cmd;
	return take_end(w);
}

static void
show_mac(const char *name, uint64_t mac)
{
	char text[20];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned int)(mac & 0xff),
		 (unsigned int)(mac >> 8 & 0xff), (unsigned int)(mac >> 16 & 0xff),
		 (unsigned int)(mac >> 24 & 0xff), (unsigned int)(mac >> 32 & 0xff),
		 (unsigned int)(mac >> 40 & 0xff));
	out_str(name, text);
}

static void
show_arrangement(const char *name, uint64_t mover)
{
	static const char *const names[] = { "none", "split", "rc", "ep", "cpu" };

	out_str(name, mover < RTE_DIM(names) ? names[mover] : "unknown");
}

static void
show_transport(const char *name, uint64_t transport)
{
	out_str(name, transport == 1 ? "ring" : "unknown");
}

static void
show_yes_no(const char *name, uint64_t yes)
{
	out_str(name, yes != 0 ? "yes" : "no");
}

/** Attributes, shown where there are; behind each what it is called here. */
static const struct {
	const char *attr;
	const char *name;
	void (*show)(const char *name, uint64_t value);
} attrs[] = {
	{ NTB_SPEED_NAME, "speed", out_u64 },
	{ NTB_WIDTH_NAME, "width", out_u64 },
	{ "peer", "peer_present", show_yes_no },
	{ "transport", "transport", show_transport },
	{ "arrangement", "arrangement", show_arrangement },
	{ "generation", "generation", out_hex },
	{ "peer_generation", "peer_generation", out_hex },
	{ NTB_QUEUE_NUM_NAME, "queues", out_u64 },
	{ NTB_QUEUE_SZ_NAME, "queue_size", out_u64 },
	{ "link_queue_size", "link_queue_size", out_u64 },
	{ "max_queues", "max_queues", out_u64 },
	{ "max_pkt_len", "max_pkt_len", out_u64 },
	{ "mac", "mac", show_mac },
	{ "peer_mac", "peer_mac", show_mac },
	{ NTB_MW_CNT_NAME, "windows", out_u64 },
	{ NTB_SPAD_CNT_NAME, "scratchpads", out_u64 },
	{ NTB_DB_CNT_NAME, "doorbells", out_u64 },
	{ "db_valid", "doorbells_valid", out_hex },
	{ "db_status", "doorbells_rung", out_hex },
};

static void
show_attrs(const struct device *dev)
{
	uint64_t value;
	unsigned int i;

	for (i = 0; i < RTE_DIM(attrs); i++)
		if (device_try_get(dev, attrs[i].attr, &value) == 0)
			attrs[i].show(attrs[i].name, value);
}

static void
show_window(const struct device *dev, const char *name, enum window_owner owner)
{
	struct window w;
	uint64_t dma;

	device_window_look(dev, owner, &w);
	out_group(name);
	out_u64("bytes", w.bytes);
	out_str("access", w.bytes == 0 ? "out of reach" : w.va != NULL ? "mapped" : "by message");
	out_hex("address", (uintptr_t)w.va);
	if (owner == WINDOW_PEER && device_try_get(dev, "mw_0_dma", &dma) == 0)
		out_hex("dma_address", dma);
	out_hex("user_offset", w.user);
	out_group_end();
}

/** All 128 of each side would hide the ones that matter. */
static void
show_scratchpads(const struct device *dev, const char *name, const char *owner)
{
	uint64_t count, value;
	char text[32];
	unsigned int i;

	if (device_try_get(dev, NTB_SPAD_CNT_NAME, &count) != 0 || count > UINT16_MAX)
		return;
	out_group(name);
	for (i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "spad_%s_%u", owner, i);
		if (device_try_get(dev, text, &value) != 0)
			break;
		if (value == 0)
			continue;
		snprintf(text, sizeof(text), "%u", i);
		out_hex(text, value);
	}
	out_group_end();
}

static void
show_xstats(const struct device *dev)
{
	int n = rte_rawdev_xstats_names_get(dev->id, NULL, 0);
	struct rte_rawdev_xstats_name *names;
	int i;

	if (n <= 0)
		return;
	names = calloc(n, sizeof(*names));
	if (names == NULL)
		return;
	n = rte_rawdev_xstats_names_get(dev->id, names, n);
	out_group("xstats");
	for (i = 0; i < n; i++) {
		unsigned int id = i;
		uint64_t value;

		if (rte_rawdev_xstats_get(dev->id, &id, &value, 1) == 1)
			out_u64(names[i].name, value);
	}
	out_group_end();
	free(names);
}

static void
show_dma(void)
{
	int16_t id;

	out_list("dma_devices");
	RTE_DMA_FOREACH_DEV(id) {
		struct rte_dma_info info;

		if (rte_dma_info_get(id, &info) != 0)
			continue;
		out_group(NULL);
		out_str("name", info.dev_name);
		out_str("to_peer", (info.dev_capa & RTE_DMA_CAPA_MEM_TO_DEV) != 0 ? "yes" : "no");
		out_str("from_peer", (info.dev_capa & RTE_DMA_CAPA_DEV_TO_MEM) != 0 ? "yes" : "no");
		out_group_end();
	}
	out_list_end();
}

static int
run(struct tool *tool, const struct cmd *cmd)
{
	struct device *dev = &tool->dev;

	(void)cmd;
	out_begin("info");
	out_str("device", dev->name);
	out_str("driver", dev->driver);
	out_str("side", dev->host ? "rc" : "ep");
	out_str("link", device_link_is_up(dev) ? "up" : "down");
	show_attrs(dev);
	show_window(dev, "own_window", WINDOW_OWN);
	show_window(dev, "peer_window", WINDOW_PEER);
	show_scratchpads(dev, "own_scratchpads", "own");
	show_scratchpads(dev, "peer_scratchpads", "peer");
	show_dma();
	show_xstats(dev);
	out_end();
	return 0;
}

const struct cmd_def cmd_info = {
	.name = "info",
	.usage = "  info                                 everything; of scratchpads those not 0\n",
	.parse = parse,
	.run = run,
};
