/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Operations of the NTB rawdev as an application calls them: attributes, statistics, orders. */

#include <limits.h>

#include <rte_malloc.h>

/** Allocations of queues and rings that succeed before one fails. */
static unsigned int allocations_left = UINT_MAX;

static void *
limited_zmalloc(const char *type, size_t bytes, unsigned int align, int socket)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return rte_zmalloc_socket(type, bytes, align, socket);
}

#define rte_zmalloc_socket limited_zmalloc

#include "ntb_epf_env.h"

#define MANY 512

static uint16_t
id_of(uint8_t side)
{
	return raw[side]->dev_id;
}

static uint64_t
xstat(uint8_t side, const char *name)
{
	unsigned int id = 0;
	uint64_t value = rte_rawdev_xstats_by_name_get(id_of(side), name, &id);

	assert_int_not_equal(id, UINT32_MAX);
	return value;
}

/* Those that can be set come last. */
static const char *const read_only[] = {
	NTB_TOPO_NAME, NTB_LINK_STATUS_NAME, NTB_SPEED_NAME, NTB_WIDTH_NAME, NTB_MW_CNT_NAME,
	NTB_DB_CNT_NAME, NTB_SPAD_CNT_NAME, "any_pool", "start_without_peer", "max_queues",
	"peer_mac", "peer", "arrangement", "transport", "generation", "peer_generation",
	"link_queue_size", "export_count", "Req-copies", "Tx-packets", "Link-flaps", "Rx-q0-missed",
};
static const char *const settable[] = {
	NTB_QUEUE_SZ_NAME, NTB_QUEUE_NUM_NAME, "max_pkt_len", "mac", "ol_flags", "export_addr",
	"export_len", "spad_user_0", "spad_user_127",
};

static void
test_attributes_of_a_link(void **state)
{
	uint64_t value;
	unsigned int i;
	uint8_t side;

	(void)state;
	bring_up("split");
	cross(0, 7, 100);
	for (side = 0; side < 2; side++) {
		for (i = 0; i < RTE_DIM(read_only); i++) {
			attr(side, read_only[i]);
			assert_int_equal(rte_rawdev_set_attr(id_of(side), read_only[i], 1), -EPERM);
		}
		for (i = 0; i < RTE_DIM(settable); i++)
			attr(side, settable[i]);
		assert_int_equal(attr(side, NTB_TOPO_NAME), side);
		assert_int_equal(attr(side, NTB_LINK_STATUS_NAME), 1);
		assert_int_equal(attr(side, NTB_SPEED_NAME), 4);
		assert_int_equal(attr(side, NTB_WIDTH_NAME), 8);
		assert_int_equal(attr(side, NTB_MW_CNT_NAME), 1);
		assert_int_equal(attr(side, NTB_DB_CNT_NAME), 30);
		assert_int_equal(attr(side, "peer"), 1);
		assert_int_equal(attr(side, "arrangement"), NTB_EPF_MOVER_SPLIT);
		assert_int_equal(attr(side, "transport"), 1);
		assert_int_equal(attr(side, "generation"), attr(other(side), "peer_generation"));
		assert_int_equal(attr(side, "link_queue_size"), QUEUE_SIZE);
	}
	assert_int_equal(attr(0, "Tx-packets"), 7);
	assert_int_equal(attr(1, "Rx-q0-bytes"), 700);
	assert_int_equal(rte_rawdev_get_attr(id_of(0), "Rx-q1-bytes", &value), -EINVAL);
}

/** Most platforms have no PCIe link that they could tell of. */
static void
test_attributes_without_pcie(void **state)
{
	struct ntb_epf_plat_ops ops = fake_plat;

	(void)state;
	probe(1, "");
	ops.pcie_link = NULL;
	dev_of(1)->plat_ops = &ops;
	assert_int_equal(attr(1, NTB_SPEED_NAME), 0);
	assert_int_equal(attr(1, NTB_WIDTH_NAME), 0);
	assert_int_equal(rte_rawdev_set_attr(id_of(1), NTB_SPEED_NAME, 1), -EPERM);
	dev_of(1)->plat_ops = &fake_plat;
}

static void
test_attributes_without_peer(void **state)
{
	(void)state;
	probe(0, "");
	assert_int_equal(attr(0, "peer"), 0);
	assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
	assert_int_equal(attr(0, NTB_MW_CNT_NAME), 0);
	assert_int_equal(attr(0, "arrangement"), 0);
	assert_int_equal(attr(0, "peer_generation"), 0);
	assert_int_equal(attr(0, "link_queue_size"), 0);
	assert_int_equal(attr(0, NTB_QUEUE_SZ_NAME), 512);
	assert_int_equal(attr(0, NTB_QUEUE_NUM_NAME), 1);
}

static void
test_bad_attributes(void **state)
{
	static const struct { const char *name; uint64_t value; int error; } bad[] = {
		{ NTB_QUEUE_SZ_NAME, 0, -EINVAL }, { NTB_QUEUE_SZ_NAME, 32, -EINVAL },
		{ NTB_QUEUE_SZ_NAME, 65, -EINVAL }, { NTB_QUEUE_SZ_NAME, 8192, -EINVAL },
		{ NTB_QUEUE_SZ_NAME, RTE_BIT64(32) + 64, -EINVAL },
		{ NTB_QUEUE_NUM_NAME, 0, -EINVAL }, { NTB_QUEUE_NUM_NAME, 65, -EINVAL },
		{ NTB_QUEUE_NUM_NAME, 65537, -EINVAL }, { "max_pkt_len", 63, -EINVAL },
		{ "max_pkt_len", 65541, -EINVAL }, { "", 0, -EINVAL }, { "nothing", 0, -EINVAL },
		{ "queue_size ", 64, -EINVAL }, { "spad_user_0", RTE_BIT64(32), -EINVAL },
		{ "spad_user_128", 0, -EINVAL }, { "spad_user_", 0, -EINVAL },
		{ "spad_user_-1", 0, -EINVAL }, { "spad_user_+1", 0, -EINVAL },
		{ "spad_user_ 1", 0, -EINVAL }, { "spad_user_1x", 0, -EINVAL },
		{ "spad_user_18446744073709551616", 0, -EINVAL }, { NULL, 0, -EINVAL },
		{ "ol_flags", RTE_MBUF_F_TX_IP_CKSUM, -EINVAL }, { "ol_flags", 1, -EINVAL },
	};
	uint64_t value;
	unsigned int i;

	(void)state;
	probe(1, "");
	ntb_epf_ep_bind(dev_of(1));
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(rte_rawdev_set_attr(id_of(1), bad[i].name, bad[i].value),
				 bad[i].error);
	for (i = 10; i < RTE_DIM(bad); i++)
		if (bad[i].value == 0)
			assert_int_equal(rte_rawdev_get_attr(id_of(1), bad[i].name, &value), -EINVAL);
	assert_int_equal(rte_rawdev_get_attr(id_of(1), NTB_TOPO_NAME, NULL), -EINVAL);
	assert_int_equal(attr(1, NTB_QUEUE_SZ_NAME), 512);
}

static void
test_attributes_at_their_time(void **state)
{
	(void)state;
	bring_up("ep");
	assert_int_equal(rte_rawdev_set_attr(id_of(0), NTB_QUEUE_SZ_NAME, QUEUE_SIZE), 0);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), NTB_QUEUE_SZ_NAME, MANY), -EBUSY);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), NTB_QUEUE_NUM_NAME, 1), 0);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), NTB_QUEUE_NUM_NAME, 2), -EBUSY);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), "max_pkt_len", 1500), -EBUSY);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), "mac", 1), -EBUSY);
	assert_int_equal(rte_rawdev_set_attr(id_of(0), "ol_flags", 0), -EBUSY);
}

/* All-ones, or anything that cannot be: nothing is read or written by what it says. */
static void
test_dead_control_region(void **state)
{
	uint64_t value = 77;

	(void)state;
	bring_up("ep");
	memset(bridge.ctrl, 0xff, 4096);
	assert_int_equal(attr(1, NTB_MW_CNT_NAME), 0);
	assert_int_equal(attr(1, NTB_SPAD_CNT_NAME), 0);
	assert_int_equal(rte_rawdev_get_attr(id_of(1), "spad_user_0", &value), -ENODEV);
	assert_int_equal(value, 0);
	assert_int_equal(rte_rawdev_set_attr(id_of(1), "spad_user_0", 1), -ENODEV);
	/* The host goes by what it read when the link came up. */
	assert_int_equal(attr(0, NTB_MW_CNT_NAME), 1);
	assert_int_equal(attr(0, NTB_SPAD_CNT_NAME), 128);
	assert_int_equal(attr(0, "spad_user_0"), UINT32_MAX);
}

static void
test_xstats_names(void **state)
{
	struct rte_rawdev_xstats_name names[64];
	int n, i, k;

	(void)state;
	bring_up("ep");
	n = rte_rawdev_xstats_names_get(id_of(0), NULL, 0);
	assert_in_range(n, 20, RTE_DIM(names));
	memset(names, 0x11, sizeof(names));
	assert_int_equal(rte_rawdev_xstats_names_get(id_of(0), names, n - 1), n);
	assert_int_equal(names[0].name[0], 0x11);
	assert_int_equal(rte_rawdev_xstats_names_get(id_of(0), names, n), n);
	assert_int_equal(names[n].name[0], 0x11);
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(names[i].name, names[k].name);
	assert_int_equal(rte_rawdev_xstats_names_get(id_of(0), names, RTE_DIM(names)), n);
}

static void
test_xstats_values(void **state)
{
	struct rte_rawdev_xstats_name names[64];
	uint64_t values[64];
	unsigned int ids[64], id;
	int n, i;

	(void)state;
	bring_up("ep");
	cross(0, 10, 100);
	cross(1, 3, 200);
	n = rte_rawdev_xstats_names_get(id_of(0), names, RTE_DIM(names));
	/* In any order, and twice. */
	for (i = 0; i < n; i++)
		ids[i] = n - 1 - i;
	assert_int_equal(rte_rawdev_xstats_get(id_of(0), ids, values, n), n);
	for (i = 0; i < n; i++) {
		uint64_t value = rte_rawdev_xstats_by_name_get(id_of(0), names[ids[i]].name, &id);

		assert_int_equal(id, ids[i]);
		if (strcmp(names[id].name, "Link-heartbeat-age-ms") != 0)
			assert_int_equal(value, values[i]);
	}
	assert_int_equal(xstat(0, "Tx-packets"), 10);
	assert_int_equal(xstat(0, "Tx-q0-bytes"), 1000);
	assert_int_equal(xstat(0, "Rx-q0-packets"), 3);
	assert_int_equal(xstat(0, "Rx-bytes"), 600);
	ids[0] = n;
	assert_int_equal(rte_rawdev_xstats_get(id_of(0), ids, values, 1), -EINVAL);
	assert_int_equal((int64_t)rte_rawdev_xstats_by_name_get(id_of(0), "nothing", &id), -EINVAL);
	assert_int_equal(id, UINT32_MAX);
	assert_int_equal((int64_t)rte_rawdev_xstats_by_name_get(id_of(0), "nothing", NULL), -EINVAL);
}

static void
test_xstats_reset(void **state)
{
	uint32_t ids[2], bad[2];
	uint64_t reads;

	(void)state;
	bring_up("ep");
	cross(0, 10, 100);
	assert_int_equal(send_packets(0, 100, 64, pool[0]), QUEUE_SIZE);
	reads = xstat(0, "Link-reads");
	assert_true(reads > 0);
	assert_true(ntb_epf_xstat_find(dev_of(0), "Tx-packets", &ids[0]));
	assert_true(ntb_epf_xstat_find(dev_of(0), "Link-reads", &ids[1]));
	/* All or nothing. */
	bad[0] = ids[0];
	bad[1] = 1000;
	assert_int_equal(rte_rawdev_xstats_reset(id_of(0), bad, 2), -EINVAL);
	assert_int_equal(xstat(0, "Tx-packets"), 10 + QUEUE_SIZE);
	assert_int_equal(rte_rawdev_xstats_reset(id_of(0), ids, 2), 0);
	assert_int_equal(xstat(0, "Tx-packets"), 0);
	assert_int_equal(xstat(0, "Link-reads"), 0);
	assert_int_equal(xstat(0, "Tx-bytes"), 1000 + 64 * QUEUE_SIZE);
	assert_int_equal(xstat(0, "Tx-ring-full"), 100 - QUEUE_SIZE);
	dev_of(0)->flaps = 3;
	assert_int_equal(rte_rawdev_xstats_reset(id_of(0), NULL, 0), 0);
	assert_int_equal(xstat(0, "Tx-q0-bytes"), 0);
	assert_int_equal(xstat(0, "Tx-ring-full"), 0);
	assert_int_equal(xstat(0, "Link-flaps"), 0);
}

/* How full rings are: what the sender waits for, what the receiver has not taken. */
static void
test_xstats_of_rings(void **state)
{
	static const char * const movers[] = { "split", "ep", "rc" };
	unsigned int m, sent;
	uint32_t id;

	for (m = 0; m < RTE_DIM(movers); m++) {
		bring_up(movers[m]);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		assert_int_equal(send_packets(0, 5, 100, pool[0]), 5);
		assert_int_equal(xstat(0, "Tx-q0-pending"), 5);
		/* There is nothing to reset, nor is anything else reset instead. */
		assert_true(ntb_epf_xstat_find(dev_of(0), "Tx-pending", &id));
		assert_int_equal(rte_rawdev_xstats_reset(id_of(0), &id, 1), 0);
		assert_int_equal(xstat(0, "Tx-pending"), 5);
		assert_int_equal(xstat(0, "Tx-packets"), 5);
		/* Offered nothing, a sender that copies reports what has been copied. */
		assert_int_equal(send_packets(0, 0, 0, pool[0]), 0);
		assert_int_equal(xstat(0, "Tx-pending"), m == 1 ? 5 : 0);
		assert_int_equal(xstat(1, "Rx-q0-ready"), 5);
		assert_int_equal(xstat(0, "Rx-ready"), 0);
		assert_int_equal(receive_packets(1, 5, 100), 5);
		assert_int_equal(xstat(1, "Rx-ready"), 0);
		/* All that there is room for, past the end of the ring. */
		sent = send_packets(0, 100, 100, pool[0]);
		assert_in_range(sent, QUEUE_SIZE - 5, QUEUE_SIZE);
		send_packets(0, 0, 0, pool[0]);
		assert_int_equal(xstat(1, "Rx-ready"), sent);
		rte_rawdev_stop(id_of(1));
		assert_int_equal(xstat(1, "Rx-ready"), 0);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_empty_pool_is_counted(void **state)
{
	struct rte_mbuf *all[POOL_MBUFS];
	unsigned int m;

	for (m = 0; m < 2; m++) {
		bring_up(m == 0 ? "split" : "ep");
		assert_int_equal(rte_pktmbuf_alloc_bulk(pool[1], all, POOL_MBUFS), 0);
		send_packets(0, 3, 64, pool[0]);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		assert_true(xstat(1, "Rx-no-buffer") > 0);
		assert_int_equal(xstat(1, "Rx-q0-missed"), 32 * xstat(1, "Rx-q0-no-buffer"));
		rte_pktmbuf_free_bulk(all, POOL_MBUFS);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* What crosses the link costs no read, whoever moves it. */
static void
test_reads_across_the_link(void **state)
{
	static const char *const movers[] = { "split", "rc", "ep", "cpu" };
	unsigned int m;

	for (m = 0; m < RTE_DIM(movers); m++) {
		uint64_t reads;

		bring_up(movers[m]);
		assert_int_equal(xstat(1, "Link-reads"), 0);
		reads = xstat(0, "Link-reads");
		assert_true(reads > 0);
		cross(0, 40, 100);
		cross(1, 40, 100);
		poll_links(200);
		assert_int_equal(xstat(0, "Link-reads"), reads);
		assert_int_equal(xstat(1, "Link-reads"), 0);
		attr(0, NTB_MW_CNT_NAME);
		attr(0, "spad_user_0");
		assert_int_equal(xstat(0, "Link-reads"), reads + 1);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
check_selftest(uint8_t side)
{
	uint8_t *ctrl = malloc(4096), *db = malloc(4096);

	memcpy(ctrl, bridge.ctrl, 4096);
	memcpy(db, bridge.db, 4096);
	assert_int_equal(rte_rawdev_selftest(id_of(side)), 0);
	assert_memory_equal(ctrl, bridge.ctrl, 4096);
	assert_memory_equal(db, bridge.db, 4096);
	free(ctrl);
	free(db);
}

static void
test_selftest(void **state)
{
	uint8_t side;

	(void)state;
	for (side = 0; side < 2; side++) {
		probe(side, "");
		assert_int_equal(rte_rawdev_set_attr(id_of(side), NTB_QUEUE_SZ_NAME, 1024), 0);
		assert_int_equal(rte_rawdev_set_attr(id_of(side), NTB_QUEUE_NUM_NAME, 3), 0);
		check_selftest(side);
		assert_int_equal(attr(side, NTB_QUEUE_SZ_NAME), 1024);
		assert_int_equal(attr(side, NTB_QUEUE_NUM_NAME), 3);
		assert_null(dev_of(side)->queues);
		assert_int_equal(dev_of(side)->state, NTB_EPF_STOPPED);
	}
	/* With scratchpads to look at. */
	ntb_epf_ep_bind(dev_of(1));
	check_selftest(0);
	check_selftest(1);
	bridge.alive = false;
	assert_int_equal(rte_rawdev_selftest(id_of(0)), -EIO);
	assert_int_equal(rte_rawdev_close(id_of(0)), 0);
	assert_int_equal(rte_rawdev_selftest(id_of(0)), -ENODEV);
}

static void
test_selftest_under_traffic(void **state)
{
	(void)state;
	bring_up("split");
	cross(0, 20, 100);
	check_selftest(0);
	check_selftest(1);
	cross(0, 20, 100);
	cross(1, 20, 100);
	assert_true(both_up());
}

/* The dump of a device as text, for the caller to free. */
static char *
dump_text(uint8_t side)
{
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);

	assert_non_null(f);
	assert_int_equal(rte_rawdev_dump(id_of(side), f), 0);
	fclose(f);
	return text;
}

static void
expect_in_dump(uint8_t side, const char *const *words)
{
	char *text = dump_text(side);

	for (; *words != NULL; words++)
		if (strstr(text, *words) == NULL)
			fail_msg("no '%s' in: %s", *words, text);
	free(text);
}

static void
test_dump(void **state)
{
	static const char *const fresh[] = { "side RC", "link stopped", "started no", "queue pairs",
					     "looks for the control region", NULL };
	static const char *const up[] = { "side EP", "link up", "started yes", "arrangement split",
					  "peer: 1 queue pairs of 64", "control region served yes",
					  "DMA device", "pushes, started", "is pushed to", "flaps 0",
					  "granted 0x", "heartbeat", NULL };
	static const char *const closed[] = { "closed", NULL };
	enum ntb_epf_host_state host;
	char *text;

	(void)state;
	probe(0, "");
	expect_in_dump(0, fresh);
	for (host = NTB_EPF_HOST_PROBE; host <= NTB_EPF_HOST_READY; host++) {
		dev_of(0)->host_state = host;
		text = dump_text(0);
		assert_null(strstr(text, "null"));
		free(text);
	}
	remove_side(0);
	bring_up("split");
	expect_in_dump(1, up);
	assert_int_equal(ntb_epf_dump(raw[1], NULL), -EINVAL);
	remove_side(0);
	rte_rawdev_stop(id_of(1));
	assert_int_equal(rte_rawdev_close(id_of(1)), 0);
	expect_in_dump(1, closed);
}

static void
test_info(void **state)
{
	struct ntb_dev_info ntb;
	struct rte_rawdev_info info = { .dev_private = &ntb };

	(void)state;
	probe(0, "");
	/* What an application does not fill in is not looked at. */
	memset(&ntb, 0x5a, sizeof(ntb));
	assert_int_equal(rte_rawdev_info_get(id_of(0), &info, sizeof(ntb)), 0);
	assert_int_equal(ntb.mw_cnt, 1);
	assert_int_equal(ntb.mw_size_align, 0);
	assert_true(ntb.mw_size[0] - ntb.ntb_hdr_size > UINT64_C(1) << 40);
	assert_int_equal(rte_rawdev_info_get(id_of(0), &info, sizeof(ntb) - 1), -EINVAL);
}

static void
test_reset(void **state)
{
	(void)state;
	bring_up("split");
	assert_int_equal(rte_rawdev_reset(id_of(0)), -EBUSY);
	dev_of(0)->stopping = true;
	poll_links(10);
	rte_rawdev_stop(id_of(0));
	assert_int_equal(rte_rawdev_reset(id_of(0)), 0);
	assert_null(dev_of(0)->queues);
	assert_int_equal(attr(0, NTB_QUEUE_SZ_NAME), 512);
	assert_int_equal(attr(0, "Link-flaps"), 0);
	assert_int_not_equal(rte_rawdev_start(id_of(0)), 0);
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	poll_links(20);
	assert_true(both_up());
	cross(0, 5, 100);
}

enum step { RELEASE, STOP, CLOSE, RESET, START, NB_STEPS };

static void
take_step(uint8_t side, enum step step)
{
	switch (step) {
	case RELEASE:
		rte_rawdev_queue_release(id_of(side), 0);
		break;
	case STOP:
		/* The other side answers in its own calls: it is given some first. */
		if (raw[side]->started) {
			dev_of(side)->stopping = true;
			poll_links(10);
		}
		rte_rawdev_stop(id_of(side));
		break;
	case CLOSE:
		rte_rawdev_close(id_of(side));
		break;
	case RESET:
		rte_rawdev_reset(id_of(side));
		break;
	default:
		rte_rawdev_start(id_of(side));
		break;
	}
}

/* Every order of three steps, each also twice in a row, on either side, after traffic. */
static void
test_orders(void **state)
{
	unsigned int order;

	for (order = 0; order < NB_STEPS * NB_STEPS * NB_STEPS; order++) {
		enum step steps[] = { order % NB_STEPS, order / NB_STEPS % NB_STEPS,
				      order / NB_STEPS / NB_STEPS };
		uint8_t side = order & 1;
		unsigned int i;

		bring_up(order % 3 == 0 ? "ep" : "split");
		cross(0, 10, 100);
		cross(1, 10, 100);
		for (i = 0; i < RTE_DIM(steps); i++) {
			take_step(side, steps[i]);
			take_step(side, steps[i]);
		}
		/* Links that are still up go down in the same polls. */
		dev_of(0)->stopping = dev_of(1)->stopping = true;
		poll_links(10);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_calls_after_close(void **state)
{
	struct ntb_dev_config conf = { .num_queues = 1, .queue_size = QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = QUEUE_SIZE, .rx_mp = pool[0] };
	uint64_t value;
	uint16_t id;

	(void)state;
	probe(0, "");
	id = id_of(0);
	assert_int_equal(rte_rawdev_close(id), 0);
	assert_int_equal(rte_rawdev_close(id), 0);
	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), -ENODEV);
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), -ENODEV);
	assert_int_equal(rte_rawdev_get_attr(id, NTB_LINK_STATUS_NAME, &value), -ENODEV);
	assert_int_equal(rte_rawdev_set_attr(id, NTB_QUEUE_SZ_NAME, 64), -ENODEV);
	assert_int_equal(rte_rawdev_reset(id), -ENODEV);
	assert_int_not_equal(rte_rawdev_start(id), 0);
	assert_int_equal(rte_rawdev_enqueue_buffers(id, bufs, 1, NULL), -EINVAL);
	assert_int_equal(rte_rawdev_dequeue_buffers(id, bufs, 1, NULL), -EINVAL);
}

static void
test_queue_operations(void **state)
{
	struct ntb_dev_config conf = { .num_queues = 2, .queue_size = QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = QUEUE_SIZE, .rx_mp = pool[0] };
	uint16_t id;

	(void)state;
	probe(0, ",mover=ep");
	id = id_of(0);
	assert_int_equal(rte_rawdev_queue_release(id, 0), -EINVAL);
	assert_int_equal(rte_rawdev_queue_conf_get(id, 0, &qconf, sizeof(qconf)), -EINVAL);
	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), 0);
	assert_int_equal(rte_rawdev_queue_count(id), 2);
	assert_int_equal(rte_rawdev_queue_conf_get(id, 2, &qconf, sizeof(qconf)), -EINVAL);
	assert_int_equal(rte_rawdev_queue_conf_get(id, 0, &qconf, sizeof(qconf) - 1), -EINVAL);
	qconf = (struct ntb_queue_conf){ .rx_mp = pool[0] };
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), 0);
	assert_int_equal(rte_rawdev_queue_conf_get(id, 0, &qconf, sizeof(qconf)), 0);
	assert_int_equal(qconf.nb_desc, QUEUE_SIZE);
	assert_ptr_equal(qconf.rx_mp, pool[0]);
	/* One is missing. */
	assert_int_equal(rte_rawdev_start(id), -EINVAL);
	assert_int_equal(rte_rawdev_queue_setup(id, 1, &qconf, sizeof(qconf)), 0);
	assert_int_equal(rte_rawdev_queue_release(id, 0), 0);
	assert_int_equal(rte_rawdev_queue_release(id, 0), 0);
	assert_int_equal(rte_rawdev_start(id), -EINVAL);
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), 0);
	assert_int_equal(rte_rawdev_start(id), 0);
	assert_int_equal(rte_rawdev_queue_release(id, 0), -EBUSY);
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), -EBUSY);
}

/** What the platform's engine cannot reach, as far as the next test says so. */
static const uint8_t *far_memory;

static bool
fake_reaches(const void *addr, size_t bytes)
{
	const uint8_t *first = addr;

	return far_memory < first || far_memory >= first + bytes;
}

static int
set_up_pool(const char *args, struct rte_mempool *mp)
{
	struct ntb_epf_plat_ops ops = fake_plat;
	int ret;

	probe(0, args);
	ops.engine_reaches = fake_reaches;
	dev_of(0)->plat_ops = &ops;
	ret = configure_and_start(0, 1, QUEUE_SIZE, mp);
	dev_of(0)->plat_ops = &fake_plat;
	remove_side(0);
	return ret;
}

/** Wherever in the pool it is. Only a side that wants cores to copy may have it. */
static void
test_pool_beyond_reach(void **state)
{
	const struct rte_mempool_memhdr *chunk = STAILQ_FIRST(&pool[0]->mem_list);

	(void)state;
	far_memory = (const uint8_t *)chunk->addr + chunk->len;
	assert_int_equal(set_up_pool(",mover=split,dma=rc", pool[0]), 0);
	far_memory--;
	assert_int_equal(set_up_pool(",mover=split,dma=rc", pool[0]), -EINVAL);
	assert_int_equal(set_up_pool(",mover=ep", pool[0]), -EINVAL);
	assert_int_equal(set_up_pool(",fallback=1,dma=rc", pool[0]), -EINVAL);
	assert_int_equal(set_up_pool(",mover=cpu", pool[0]), 0);
}

/** Pinned buffers are elsewhere than their mbufs. */
static void
test_pinned_beyond_reach(void **state)
{
	enum { COUNT = 255, ROOM = 1024 };
	const struct rte_memzone *mz = rte_memzone_reserve("pinned", COUNT * ROOM, 0, 0);
	struct rte_pktmbuf_extmem ext = {
		.buf_ptr = mz->addr, .buf_iova = mz->iova, .buf_len = mz->len, .elt_size = ROOM,
	};
	struct rte_mempool *mp;

	(void)state;
	mp = rte_pktmbuf_pool_create_extbuf("pinned", COUNT, 0, 0, ROOM, 0, &ext, 1);
	assert_non_null(mp);
	far_memory = (const uint8_t *)STAILQ_FIRST(&mp->mem_list)->addr;
	assert_int_equal(set_up_pool(",mover=ep", mp), 0);
	far_memory = (const uint8_t *)mz->addr + (COUNT - 1) * ROOM;
	assert_int_equal(set_up_pool(",mover=ep", mp), -EINVAL);
	assert_int_equal(set_up_pool(",mover=cpu", mp), 0);
	rte_mempool_free(mp);
	rte_memzone_free(mz);
}

/** Pieces of EAL's memory that are in use. */
static unsigned int
pieces_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.alloc_count;
}

/** Configures the host with two queue pairs and sets the first up; so many allocations succeed. */
static int
set_up_with(unsigned int allocations)
{
	struct ntb_dev_config conf = { .num_queues = 2, .queue_size = QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = QUEUE_SIZE, .rx_mp = pool[0] };
	int ret;

	allocations_left = allocations;
	ret = rte_rawdev_configure(id_of(0), &info, sizeof(conf));
	if (ret == 0)
		ret = rte_rawdev_queue_setup(id_of(0), 0, &qconf, sizeof(qconf));
	if (ret == 0)
		ret = rte_rawdev_queue_setup(id_of(0), 1, &qconf, sizeof(qconf));
	allocations_left = UINT_MAX;
	return ret;
}

/** Configure takes one piece, each queue pair two: without any of them there is no start. */
static void
test_no_memory(void **state)
{
	const unsigned int needed = 1 + 2 * 2;
	unsigned int before, i;

	(void)state;
	probe(0, ",mover=ep");
	before = pieces_in_use();
	for (i = 0; i < needed; i++) {
		assert_int_equal(set_up_with(i), -ENOMEM);
		assert_int_equal(pieces_in_use(), before + i);
		assert_int_equal(rte_rawdev_start(id_of(0)), -EINVAL);
		assert_int_equal(rte_rawdev_enqueue_buffers(id_of(0), bufs, 1, NULL), -EINVAL);
		assert_int_equal(rte_rawdev_dequeue_buffers(id_of(0), bufs, 1, NULL), -EINVAL);
		/* What there was goes with the reset, or the next configure. */
		if (i % 2 == 0)
			assert_int_equal(rte_rawdev_reset(id_of(0)), 0);
	}
	assert_int_equal(set_up_with(needed), 0);
	assert_int_equal(rte_rawdev_start(id_of(0)), 0);
	rte_rawdev_stop(id_of(0));
	/* After a run, too. */
	assert_int_equal(set_up_with(0), -ENOMEM);
	assert_int_equal(rte_rawdev_start(id_of(0)), -EINVAL);
	assert_int_equal(pieces_in_use(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_attributes_of_a_link),
		TEST(test_attributes_without_pcie),
		TEST(test_attributes_without_peer),
		TEST(test_bad_attributes),
		TEST(test_attributes_at_their_time),
		TEST(test_dead_control_region),
		TEST(test_xstats_names),
		TEST(test_xstats_values),
		TEST(test_xstats_reset),
		TEST(test_xstats_of_rings),
		TEST(test_empty_pool_is_counted),
		TEST(test_reads_across_the_link),
		TEST(test_selftest),
		TEST(test_selftest_under_traffic),
		TEST(test_dump),
		TEST(test_info),
		TEST(test_reset),
		TEST(test_orders),
		TEST(test_calls_after_close),
		TEST(test_queue_operations),
		TEST(test_pool_beyond_reach),
		TEST(test_pinned_beyond_reach),
		TEST(test_no_memory),
	};

	if (env_create("test_ntb_epf_api") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
