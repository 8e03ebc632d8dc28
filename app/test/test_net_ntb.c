/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Devargs, ops, data path and statistics of the ethdev, over a pair of rawdevs made for it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_rawdev_pmd.h>

#include "ntb_args.c"
#include "ntb_cksum.c"
#include "ntb_ethdev.c"
#include "ntb_link.c"
#include "ntb_pool.c"
#include "ntb_queue.c"
#include "ntb_raw.c"
#include "ntb_regs.c"
#include "ntb_rxtx.c"
#include "ntb_stats.c"

#include "test_net_ntb_fake.h"

static void
test_devargs(void **state)
{
	static const struct {
		const char *args, *message;
	} bad[] = {
		{ "raw=", "raw=: expected a rawdev name" },
		{ "raw", "raw=: expected a rawdev name" },
		{ "raw=0123456789012345678901234567890123456789012345678901234567890123",
		  "expected a rawdev name of 1 to 63" },
		{ "queues=0", "queues=0: expected a number from 1 to 64" },
		{ "queues=65", "queues=65: expected a number from 1 to 64" },
		{ "queues=-1", "queues=-1: expected a number" },
		{ "queues= 1", "expected a number" },
		{ "queues=1x", "queues=1x: expected a number" },
		{ "queues=0x10", "queues=0x10: expected a number" },
		{ "queues=99999999999999999999", "expected a number" },
		{ "queues=", "queues=: expected a number" },
		{ "queues", "queues=: expected a number" },
		{ "mac=02:00:00:00:00", "expected a unicast address" },
		{ "mac=03:00:00:00:00:01", "mac=03:00:00:00:00:01: expected a unicast" },
		{ "mac=00:00:00:00:00:00", "expected a unicast address" },
		{ "mac=zz:00:00:00:00:01", "expected a unicast address" },
		{ "mac=", "mac=: expected a unicast address" },
		{ "speed=1", "speed=1: unknown argument, expected raw=, queues= or mac=" },
		{ "RAW=x", "RAW=x: unknown argument" },
		{ "queues=1,queues=2", "given 2 times, expected once" },
		{ "=x", "expected" },
	};
	static const char * const good[] = {
		"", "raw=x", "queues=1", "queues=64", "mac=02:00:00:00:00:01",
		"raw=x,queues=3,mac=52:54:00:00:00:01",
	};
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < RTE_DIM(bad); i++) {
		log_clear();
		if (port_add("net_ntb0", bad[i].args) >= 0)
			fail_msg("accepted: %s", bad[i].args);
		assert_logged(bad[i].message);
		assert_logged("net_ntb0: ");
		assert_int_equal(rte_eth_dev_count_avail(), 0);
	}
	for (i = 0; i < RTE_DIM(good); i++) {
		assert_true(port_add("net_ntb0", good[i]) >= 0);
		assert_int_equal(rte_vdev_uninit("net_ntb0"), 0);
		assert_int_equal(rte_eth_dev_count_avail(), 0);
	}
}

static void
test_infos(void **state)
{
	struct pair *p = *state;
	struct rte_eth_dev_info info;
	int port;

	assert_int_equal(rte_eth_dev_info_get(p->a, &info), 0);
	assert_int_equal(info.max_rx_queues, 8);
	assert_int_equal(info.max_tx_queues, 8);
	assert_int_equal(info.max_mtu, 65522);
	assert_int_equal(info.min_mtu, 68);
	assert_int_equal(info.max_rx_pktlen - info.max_mtu, 18);
	assert_int_equal(info.rx_desc_lim.nb_min, 64);
	assert_int_equal(info.rx_desc_lim.nb_max, 4096);
	assert_int_equal(info.tx_desc_lim.nb_max, 4096);
	assert_int_equal(info.tx_desc_lim.nb_seg_max, 64);
	assert_int_equal(info.default_rxportconf.ring_size, 512);
	assert_int_equal(info.flow_type_rss_offloads, 0);
	/* Generation 3, 4 lanes: 31.5 Gb/s. */
	assert_int_equal(info.speed_capa, RTE_ETH_LINK_SPEED_25G);
	assert_string_equal(info.driver_name, "net_ntb");
	rte_vdev_uninit("net_ntb0");

	port = port_add("net_ntb0", "raw=fake_a,queues=3");
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	assert_int_equal(info.max_rx_queues, 3);
	assert_int_equal(port_configure(port, 4, 4, 0, 0), -EINVAL);
	rte_vdev_uninit("net_ntb0");

	/* Before its rawdev is there, a port promises no less. */
	port = port_add("net_ntb0", "raw=later");
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	assert_int_equal(info.max_rx_queues, 64);
}

static void
test_speed(void **state)
{
	static const struct {
		uint64_t speed, width;
		uint32_t mbps;
	} t[] = {
		{ 0, 4, RTE_ETH_SPEED_NUM_UNKNOWN },
		{ 1, 1, 1000 }, { 2, 1, 2500 }, { 3, 1, 5000 }, { 3, 8, 56000 }, { 4, 16, 200000 },
		{ 6, 32, 200000 }, { 3, 0, RTE_ETH_SPEED_NUM_UNKNOWN },
		{ 3, UINT64_MAX, RTE_ETH_SPEED_NUM_UNKNOWN },
		{ 31508, 0, 25000 }, { 10000, 0, 10000 }, { 999, 0, RTE_ETH_SPEED_NUM_UNKNOWN },
	};
	struct pair *p = *state;
	struct rte_eth_link link;
	unsigned int i;

	port_up(p->a, 1);
	port_up(p->b, 1);
	for (i = 0; i < RTE_DIM(t); i++) {
		p->fa->speed = t[i].speed;
		p->fa->width = t[i].width;
		assert_int_equal(rte_eth_link_get_nowait(p->a, &link), 0);
		assert_int_equal(link.link_speed, t[i].mbps);
		assert_int_equal(link.link_status, 1);
		assert_int_equal(link.link_duplex, 1);
	}
}

static void
test_orders(void **state)
{
	struct pair *p = *state;
	struct rte_eth_rxconf rxconf = { 0 };
	struct rte_eth_txconf txconf = { .tx_free_thresh = 125 };
	int i;

	/* Nothing configured. */
	assert_true(rte_eth_dev_start(p->a) != 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	/* No queue at all is ethdev's default of one; no Rx queue is refused. */
	assert_int_equal(port_configure(p->a, 0, 1, 0, 0), -EINVAL);
	assert_logged("Rx queues: 0, expected at least 1");
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), 0);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_logged("Rx queue 0 of 2 is not set up");
	port_queues(p->a, 2, 1, RING);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_logged("Tx queue 1 of 2 is not set up");
	assert_int_equal(p->fa->configures, 0);

	log_clear();
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, 192, 0, &rxconf, pool), -EINVAL);
	assert_logged("Rx queue 0: nb_desc=192, expected a power of two from 64 to 4096");
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, 32, 0, &rxconf, pool), -EINVAL);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, 8192, 0, &txconf), -EINVAL);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, RING, 0, &txconf), -EINVAL);
	assert_logged("tx_free_thresh=125, expected less than nb_desc - 3 = 125");
	txconf.tx_free_thresh = 124;
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, RING, 0, &txconf), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 1, RING, 0, NULL), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, RING, 0, NULL, pool), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(rte_eth_dev_start(p->a), 0);
		assert_int_equal(rte_eth_devices[p->a].data->rx_queue_state[1],
				 RTE_ETH_QUEUE_STATE_STARTED);
		assert_int_equal(rte_eth_dev_start(p->a), 0);
		assert_int_equal(port_configure(p->a, 1, 1, 0, 0), -EBUSY);
		assert_true(p->fa->started);
		assert_int_equal(p->fa->q[0].tx_free_thresh, 124);
		assert_int_equal(p->fa->q[1].tx_free_thresh, RING / 4);
		assert_int_equal(rte_eth_dev_close(p->a), -EINVAL);
		assert_int_equal(rte_eth_dev_stop(p->a), 0);
		assert_int_equal(rte_eth_dev_stop(p->a), 0);
		assert_false(p->fa->started);
		assert_false(p->fa->q[0].set_up);
		assert_int_equal(rte_eth_devices[p->a].data->tx_queue_state[1],
				 RTE_ETH_QUEUE_STATE_STOPPED);
		assert_int_equal(p->fa->releases, 2 * (i + 1));
	}
	/* Fewer queues, then other depths. */
	port_up(p->a, 1);
	assert_int_equal(p->fa->queue_num, 1);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, 0, 0, NULL, pool), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->queue_size, 512);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_close(p->a), 0);
	/* Removal while started, by teardown. */
	port_up(p->b, 1);
}

static void
test_bursts(void **state)
{
	static const uint16_t sizes[] = { 1, 31, 32, 63, 64, 65, 128, 512, 1000 };
	struct pair *p = *state;
	struct rte_mbuf *m[1024];
	struct rte_eth_stats a, b;
	uint64_t bytes = 0;
	unsigned int calls, i, j;

	port_up(p->a, 1);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 0), 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, m, 0), 0);
	calls = p->fb->deq_calls;
	assert_int_equal(rte_eth_rx_burst(p->b, 0, m, 512), 0);
	assert_int_equal(p->fb->deq_calls, calls + 1);

	for (i = 0; i < RTE_DIM(sizes); i++)
		for (j = 0; j < RTE_DIM(sizes); j++)
			exchange(p, 1000, sizes[i], sizes[j]);
	for (i = 0; i < 1000; i++)
		bytes += 60 + (i * 37) % 1454;
	a = stats_of(p->a);
	b = stats_of(p->b);
	assert_int_equal(a.opackets, 1000 * RTE_DIM(sizes) * RTE_DIM(sizes));
	assert_int_equal(a.obytes, bytes * RTE_DIM(sizes) * RTE_DIM(sizes));
	assert_int_equal(b.ipackets, a.opackets);
	assert_int_equal(b.ibytes, a.obytes);
	assert_int_equal(xstat_of(p->a, "tx_q0_packets"), a.opackets);
	assert_int_equal(xstat_of(p->b, "rx_q0_bytes"), a.obytes);
	assert_int_equal(a.ipackets + b.opackets + a.oerrors + b.ierrors + b.imissed, 0);
	assert_int_equal(b.rx_nombuf, 0);
}

static void
test_full_ring(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[512], *rx[512];
	struct rte_eth_stats s;
	unsigned int i;

	port_up(p->a, 1);
	port_up(p->b, 1);
	packets(m, 512, 100);
	/* More than the ring: what it holds is taken, the rest stays the caller's. */
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 512), RING);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 512 - RING);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m + RING, 32), 0);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 512 - RING + 32);
	s = stats_of(p->a);
	assert_int_equal(s.opackets, RING);
	assert_int_equal(s.obytes, RING * 100);
	assert_int_equal(s.oerrors, 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 10), 10);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m + RING, 32), 10);
	rte_pktmbuf_free_bulk(m + RING + 10, 512 - RING - 10);
	for (i = 0; i < 10; i++)
		packet_check(rx[i], 100, i, p->b);
	rte_pktmbuf_free_bulk(rx, 10);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 512), RING);
	for (i = 0; i < RING; i++)
		packet_check(rx[i], 100, 10 + i, p->b);
	rte_pktmbuf_free_bulk(rx, RING);
	/* Packets under way when the receiver stops go back to its pool: see teardown. */
	packets(m, 64, 100);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 64), 64);
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
}

static void
test_odd_answers(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[64], *rx[256];

	port_up(p->a, 1);
	port_up(p->b, 1);
	/* More than was asked for: only what fits the answer is looked at. */
	packets(m, 64, 64);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 64), 64);
	p->fb->deq_return = 65536 + 1;
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 64), 64);
	p->fb->deq_return = -EIO;
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx + 64, 64), 0);
	p->fb->deq_return = 0;
	assert_int_equal(stats_of(p->b).ipackets, 64);
	rte_pktmbuf_free_bulk(rx, 64);
}

static void
test_queues(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m, *rx[4];
	struct rte_eth_rxq_info rxinfo;
	struct rte_eth_txq_info txinfo;
	struct rte_eth_burst_mode mode;

	/* 1 Rx and 2 Tx here, 2 Rx and 1 Tx there, of various depths. */
	assert_int_equal(port_configure(p->a, 1, 2, 0, 0), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, 64, 0, NULL, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, 128, 0, NULL), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 1, 256, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->queue_num, 2);
	assert_int_equal(p->fa->queue_size, 256);
	assert_ptr_equal(p->fa->q[1].mp, pool);
	assert_int_equal(port_configure(p->b, 2, 1, 0, 0), 0);
	port_queues(p->b, 2, 1, 256);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(p->fb->queue_num, 2);

	m = packet(1000, 2048, 1);
	assert_int_equal(rte_eth_tx_burst(p->a, 1, &m, 1), 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 4), 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 1, rx, 4), 1);
	packet_check(rx[0], 1000, 1, p->b);
	rte_pktmbuf_free(rx[0]);
	assert_int_equal(xstat_of(p->a, "tx_q0_packets"), 0);
	assert_int_equal(xstat_of(p->a, "tx_q1_packets"), 1);
	assert_int_equal(xstat_of(p->a, "tx_q0_bytes"), 0);
	assert_int_equal(xstat_of(p->a, "tx_q1_bytes"), 1000);
	assert_int_equal(xstat_of(p->b, "rx_q1_bytes"), 1000);

	assert_int_equal(rte_eth_rx_queue_info_get(p->a, 0, &rxinfo), 0);
	assert_int_equal(rxinfo.nb_desc, 64);
	assert_ptr_equal(rxinfo.mp, pool);
	assert_int_equal(rte_eth_tx_queue_info_get(p->a, 1, &txinfo), 0);
	assert_int_equal(txinfo.nb_desc, 256);
	assert_int_equal(txinfo.conf.tx_free_thresh, 64);
	assert_int_equal(rte_eth_rx_burst_mode_get(p->a, 0, &mode), 0);
	assert_string_equal(mode.info, "Scalar");
	assert_int_equal(rte_eth_tx_burst_mode_get(p->a, 0, &mode), 0);
	assert_string_equal(mode.info, "Scalar");
}

static void
test_mtu(void **state)
{
	struct pair *p = *state;
	uint16_t mtu;

	/* 2048 bytes of room: an MTU of 2030 with 18 bytes of header and tag. */
	assert_int_equal(port_configure(p->a, 1, 1, 0, 2031), 0);
	port_queues(p->a, 1, 1, RING);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_logged("mtu=2031: frames of 2049 bytes exceed the 2048 bytes of a buffer");
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 2030), 0);
	log_clear();
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 2032), -EINVAL);
	assert_logged("mtu=2032: frames of 2050 bytes exceed the 2048 bytes");
	assert_int_equal(rte_eth_dev_get_mtu(p->a, &mtu), 0);
	assert_int_equal(mtu, 2030);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->max_pkt_len, 2048);
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 2030), 0);
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 1500), -EBUSY);
	assert_logged("mtu=1500: the peer was told 2030");
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 68), 0);
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 67), -EINVAL);
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 65523), -EINVAL);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->max_pkt_len, 86);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);

	/* Scattered, any MTU goes. */
	assert_int_equal(port_configure(p->a, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 65522), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->max_pkt_len, 65540);
	assert_int_equal(rte_eth_devices[p->a].data->scattered_rx, 1);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);

	/* But for what 64 buffers do not hold. */
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, RING, 0, NULL, small_pool), 0);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_logged("mtu=65522: frames of 65540 bytes exceed the 32768 bytes of 64 buffers");
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 32750), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);

	/* So does a small pool only with scatter. */
	assert_int_equal(port_configure(p->a, 1, 1, 0, 1500), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, RING, 0, NULL, small_pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, RING, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_int_equal(port_configure(p->a, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 1500), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, RING, 0, NULL, small_pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, RING, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
}

static void
test_scatter(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m, *rx;
	struct rte_eth_stats s;

	assert_int_equal(port_configure(p->a, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 65522), 0);
	assert_int_equal(port_configure(p->b, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 65522), 0);
	port_queues(p->a, 1, 1, RING);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	/* The longest frame of all, and one byte more. */
	m = packet(65540, 2048, 9);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, &m, 1), 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, &rx, 1), 1);
	packet_check(rx, 65540, 9, p->b);
	assert_int_equal(rx->nb_segs, 33);
	rte_pktmbuf_free(rx);
	m = packet(65541, 2048, 9);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, &m, 1), 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, &rx, 1), 0);
	assert_int_equal(stats_of(p->a).oerrors, 1);
	assert_int_equal(rte_eth_stats_reset(p->a), 0);
	assert_int_equal(rte_eth_stats_reset(p->b), 0);
	m = packet(9014, 1000, 3);
	assert_int_equal(m->nb_segs, 10);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, &m, 1), 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, &rx, 1), 1);
	packet_check(rx, 9014, 3, p->b);
	assert_int_equal(rx->nb_segs, 5);
	rte_pktmbuf_free(rx);
	s = stats_of(p->b);
	assert_int_equal(s.ibytes, 9014);
	s = stats_of(p->a);
	assert_int_equal(s.obytes, 9014);
}

/* One segment for who did not ask for scatter, as the sender's segments may all arrive. */
static void
test_linear(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *rx[2];
	struct fake_queue *q = &p->fb->q[0];

	port_up(p->a, 1);
	port_up(p->b, 1);
	/* Past fake_enqueue(), which would put it together. */
	q->ring[q->head++] = packet(1514, 500, 1);
	q->ring[q->head++] = packet(4000, 2048, 2);
	q->ring[q->head++] = packet(60, 60, 3);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 2), 1);
	packet_check(rx[0], 1514, 1, p->b);
	assert_int_equal(rx[0]->nb_segs, 1);
	rte_pktmbuf_free(rx[0]);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 2), 1);
	packet_check(rx[0], 60, 3, p->b);
	rte_pktmbuf_free(rx[0]);
	assert_int_equal(stats_of(p->b).ierrors, 1);
	assert_int_equal(stats_of(p->b).ibytes, 1574);
}

/* A packet that can never be sent must not stop those behind it. */
static void
too_long(struct pair *p)
{
	struct rte_mbuf *m[80], *rx[80];
	struct rte_eth_stats s;
	unsigned int i;

	assert_int_equal(port_configure(p->b, 1, 1, 0, 1000), 0);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	port_up(p->a, 1);
	for (i = 0; i < 80; i++)
		m[i] = packet(i == 0 || i == 64 || i == 65 || i == 79 ? 1019 : 1018, 2048, i);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 80), 80);
	s = stats_of(p->a);
	assert_int_equal(s.opackets, 76);
	assert_int_equal(s.obytes, 76 * 1018);
	assert_int_equal(s.oerrors, 4);
	assert_int_equal(xstat_of(p->a, "tx_too_long_packets"), 4);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 80), 76);
	packet_check(rx[0], 1018, 1, p->b);
	packet_check(rx[75], 1018, 78, p->b);
	rte_pktmbuf_free_bulk(rx, 76);
	/* The longest that the peer accepts waits for room like any other. */
	packets(m, 80, 1018);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 80), 80);
	packets(m, 80, 1018);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 80), RING - 80);
	assert_int_equal(stats_of(p->a).oerrors, 4);
	rte_pktmbuf_free_bulk(m + RING - 80, 160 - RING);
	assert_int_equal(p->fa->dropped, 0);
}

static void
test_too_long_refused(void **state)
{
	too_long(*state);
}

static void
test_too_long_dropped(void **state)
{
	struct pair *p = *state;

	p->fa->drops = true;
	too_long(p);
}

/* No burst for longer than the limit holds. */
static void
pause_sender(void)
{
	rte_delay_us_block(2 * NTB_ETH_LIMIT_US);
}

/* Without a pause the limit is not asked for, whatever the length, and if taken or not. */
static void
test_limit_steady(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[64], *rx[64];
	struct ntb_eth_txq *txq;
	unsigned int asked, i;

	assert_int_equal(port_configure(p->a, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 9000), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(port_configure(p->b, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 9000), 0);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	/* Before and after the first packets are taken. */
	asked = p->fa->limit_asked;
	m[0] = packet(9018, 2048, 0);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 1);
	assert_int_equal(p->fa->limit_asked, asked + 2);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 64), 1);
	rte_pktmbuf_free(rx[0]);
	/* Filling packets is slow: a pause is to be longer than this test. */
	txq = rte_eth_devices[p->a].data->tx_queues[0];
	txq->limit_cycles = 60 * rte_get_tsc_hz();
	for (i = 0; i < RING / 32; i++) {
		packets(m, 32, 9018);
		m[32] = packet(9019, 2048, 0);
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 33), 33);
	}
	m[0] = packet(9018, 2048, 0);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 0);
	rte_pktmbuf_free(m[0]);
	assert_int_equal(p->fa->limit_asked, asked + 2);
	assert_int_equal(stats_of(p->a).opackets, RING + 1);
	assert_int_equal(stats_of(p->a).oerrors, RING / 32);
}

/* The limit is known again after every change of the link. */
static void
test_limit_changes(void **state)
{
	static const uint16_t mtus[] = { 1500, 9000, 1000, 68, 1600 };
	struct pair *p = *state;
	struct rte_mbuf *m[4], *rx[4];
	unsigned int i;
	uint64_t sent = 0;

	p->fa->drops = true;
	assert_int_equal(port_configure(p->a, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 9000), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	for (i = 0; i < RTE_DIM(mtus); i++) {
		assert_int_equal(port_configure(p->b, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, mtus[i]),
				 0);
		port_queues(p->b, 1, 1, RING);
		/* Without a link a packet is refused. */
		m[0] = packet(60, 60, 0);
		pause_sender();
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 0);
		assert_int_equal(rte_eth_dev_start(p->b), 0);
		m[1] = packet(mtus[i] + 18, 2048, 1);
		m[2] = packet(mtus[i] + 19, 2048, 2);
		m[3] = packet(60, 60, 3);
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 4), 4);
		sent += 60 + mtus[i] + 18 + 60;
		assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 4), 3);
		rte_pktmbuf_free_bulk(rx, 3);
		assert_int_equal(stats_of(p->a).opackets, 3);
		assert_int_equal(stats_of(p->a).obytes, sent);
		assert_int_equal(stats_of(p->a).oerrors, 1);
		assert_int_equal(rte_eth_stats_reset(p->b), 0);
		assert_int_equal(rte_eth_dev_stop(p->b), 0);
		assert_int_equal(rte_eth_stats_reset(p->a), 0);
		m[0] = packet(60, 60, 0);
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 0);
		rte_pktmbuf_free(m[0]);
		sent = 0;
		assert_int_equal(p->fa->dropped, 0);
	}
	/* The link goes and comes with nothing sent meanwhile. */
	assert_int_equal(port_configure(p->b, 1, 1, RTE_ETH_RX_OFFLOAD_SCATTER, 9000), 0);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	pause_sender();
	m[0] = packet(9018, 2048, 0);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 1);
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	assert_int_equal(rte_eth_dev_set_mtu(p->b, 1500), 0);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	pause_sender();
	m[0] = packet(9018, 2048, 0);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 1);
	assert_int_equal(stats_of(p->a).opackets, 1);
	assert_int_equal(stats_of(p->a).oerrors, 1);
	assert_int_equal(p->fa->dropped, 0);
}

static void
test_link(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[8], *rx[8];
	struct rte_eth_link link;
	unsigned int calls;
	uint64_t start;

	port_up(p->a, 1);
	assert_int_equal(link_status(p->a), 0);
	/* Without a link packets stay with the caller, yet the rawdev is called. */
	packets(m, 8, 64);
	calls = p->fa->enq_calls;
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 8), 0);
	assert_int_equal(p->fa->enq_calls, calls + 1);
	calls = p->fa->deq_calls;
	assert_int_equal(rte_eth_rx_burst(p->a, 0, rx, 8), 0);
	assert_int_equal(p->fa->deq_calls, calls + 1);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 8);

	log_clear();
	port_up(p->b, 1);
	assert_int_equal(link_status(p->a), 1);
	assert_int_equal(link_status(p->a), 1);
	assert_int_equal(link_status(p->b), 1);
	assert_int_equal(log_count("net_ntb0: link up, 25000 Mb/s"), 1);
	assert_int_equal(log_count("net_ntb1: link up"), 1);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 4), 4);

	p->fb->cut = true;
	assert_int_equal(link_status(p->a), 0);
	assert_int_equal(link_status(p->a), 0);
	assert_int_equal(log_count("net_ntb0: link down"), 1);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m + 4, 4), 0);
	p->fb->cut = false;
	/* A query that waits ends as soon as the link is up. */
	start = rte_get_timer_cycles();
	assert_int_equal(rte_eth_link_get(p->a, &link), 0);
	assert_int_equal(link.link_status, 1);
	assert_true(rte_get_timer_cycles() - start < rte_get_timer_hz() / 2);
	assert_int_equal(xstat_of(p->a, "link_changes"), 3);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m + 4, 4), 4);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 8), 8);
	rte_pktmbuf_free_bulk(rx, 8);

	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	assert_int_equal(link_status(p->b), 0);
	assert_int_equal(link_status(p->a), 0);
	/* Waiting is bounded. */
	assert_int_equal(rte_eth_link_get(p->a, &link), 0);
	assert_int_equal(link.link_status, 0);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(link_status(p->a), 1);
}

static void
test_mac(void **state)
{
	struct pair *p = *state;
	struct rte_ether_addr a, b, mine = { { 0x02, 1, 2, 3, 4, 5 } }, before;
	struct rte_ether_addr group = { { 0x03, 1, 2, 3, 4, 5 } };
	int port;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	rte_eth_macaddr_get(p->a, &a);
	assert_true(rte_is_local_admin_ether_addr(&a));
	assert_true(rte_is_valid_assigned_ether_addr(&a));
	/* Two processes have the same port name; the side makes the difference. */
	rte_vdev_uninit("net_ntb0");
	port = port_add("net_ntb0", "raw=fake_b");
	rte_eth_macaddr_get(port, &before);
	assert_int_equal(port_configure(port, 1, 1, 0, 0), 0);
	rte_eth_macaddr_get(port, &b);
	assert_false(rte_is_same_ether_addr(&a, &b));
	assert_false(rte_is_same_ether_addr(&before, &b));
	p->fb->topo = 1;
	assert_int_equal(port_configure(port, 1, 1, 0, 0), 0);
	rte_eth_macaddr_get(port, &before);
	assert_false(rte_is_same_ether_addr(&before, &b));
	assert_false(rte_is_same_ether_addr(&before, &a));
	p->fb->topo = 2;
	rte_vdev_uninit("net_ntb0");
	/* And it is the same again next time. */
	p->a = port_add("net_ntb0", "raw=fake_a");
	port_up(p->a, 1);
	rte_eth_macaddr_get(p->a, &b);
	assert_true(rte_is_same_ether_addr(&a, &b));
	assert_int_equal(p->fa->mac & 0xff, a.addr_bytes[0]);
	assert_int_equal(p->fa->mac >> 40, a.addr_bytes[5]);

	/* The peer of a running port is told at the next start. */
	assert_true(rte_eth_dev_default_mac_addr_set(p->a, &group) != 0);
	assert_int_equal(rte_eth_dev_default_mac_addr_set(p->a, &mine), 0);
	assert_int_equal(p->fa->mac & 0xff, a.addr_bytes[0]);
	rte_eth_macaddr_get(p->a, &b);
	assert_true(rte_is_same_ether_addr(&mine, &b));
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->mac, UINT64_C(0x050403020102));
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	port_up(p->a, 1);
	rte_eth_macaddr_get(p->a, &a);
	assert_true(rte_is_same_ether_addr(&a, &mine));
	rte_vdev_uninit("net_ntb1");
	port = port_add("net_ntb1", "raw=fake_b,mac=52:54:00:aa:bb:cc");
	port_up(port, 1);
	assert_int_equal(p->fb->mac, UINT64_C(0xccbbaa005452));
}

static void
test_filters(void **state)
{
	struct pair *p = *state;

	port_up(p->a, 1);
	assert_int_equal(rte_eth_promiscuous_enable(p->a), 0);
	assert_int_equal(rte_eth_promiscuous_get(p->a), 1);
	assert_int_equal(rte_eth_allmulticast_enable(p->a), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_promiscuous_disable(p->a), 0);
	assert_int_equal(rte_eth_allmulticast_disable(p->a), 0);
	assert_int_equal(rte_eth_allmulticast_get(p->a), 0);
}

static void
test_stats(void **state)
{
	struct pair *p = *state;
	struct rte_eth_xstat_name names[64];
	struct rte_eth_xstat values[64];
	struct rte_mbuf *m[32], *rx[32];
	struct rte_eth_stats s;
	char text[8192] = "";
	FILE *f;
	int n, i;

	/* The rawdev's counters are there once it is known. */
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), 0);
	n = rte_eth_xstats_get_names(p->a, NULL, 0);
	assert_int_equal(rte_eth_xstats_get(p->a, NULL, 0), n);
	port_up(p->a, 2);
	port_up(p->b, 2);
	packets(m, 32, 64);
	assert_int_equal(rte_eth_tx_burst(p->a, 1, m, 32), 32);
	assert_int_equal(rte_eth_rx_burst(p->b, 1, rx, 32), 32);
	rte_pktmbuf_free_bulk(rx, 32);
	p->fb->nombuf = 5;
	n = rte_eth_xstats_get_names(p->a, names, 64);
	assert_int_equal(rte_eth_xstats_get(p->a, values, 64), n);
	for (i = 0; i < n; i++)
		assert_int_equal(values[i].id, i);
	assert_int_equal(xstat_of(p->a, "raw_sent"), 32);
	assert_int_equal(xstat_of(p->a, "tx_q1_packets"), 32);
	assert_int_equal(xstat_of(p->b, "rx_q1_bytes"), 32 * 64);
	assert_int_equal(xstat_of(p->b, "raw_Rx-no-buffer"), 5);
	s = stats_of(p->b);
	assert_int_equal(s.rx_nombuf, 5);

	/* A plain reset leaves the rawdev's counters alone, an extended one does not. */
	assert_int_equal(rte_eth_stats_reset(p->b), 0);
	s = stats_of(p->b);
	assert_int_equal(s.ipackets + s.ibytes + s.rx_nombuf, 0);
	assert_int_equal(xstat_of(p->b, "rx_q1_packets"), 0);
	assert_int_equal(xstat_of(p->b, "raw_Rx-no-buffer"), 5);
	p->fb->nombuf++;
	assert_int_equal(stats_of(p->b).rx_nombuf, 1);
	assert_int_equal(rte_eth_xstats_reset(p->b), 0);
	assert_int_equal(xstat_of(p->b, "raw_Rx-no-buffer"), 0);
	assert_int_equal(stats_of(p->b).rx_nombuf, 0);
	assert_int_equal(xstat_of(p->b, "link_changes"), 0);
	packets(m, 3, 70);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 3), 3);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 32), 3);
	rte_pktmbuf_free_bulk(rx, 3);
	s = stats_of(p->b);
	assert_int_equal(s.ipackets, 3);
	assert_int_equal(s.ibytes, 210);
	assert_int_equal(stats_of(p->a).obytes, 32 * 64 + 210);

	assert_int_equal(rte_eth_stats_reset(p->a), 0);
	s = stats_of(p->a);
	assert_int_equal(s.opackets + s.obytes, 0);
	assert_int_equal(xstat_of(p->a, "tx_q1_bytes"), 0);

	f = fmemopen(text, sizeof(text), "w");
	assert_int_equal(rte_eth_dev_priv_dump(p->a, f), 0);
	fclose(f);
	assert_non_null(strstr(text, "net_ntb0: raw=fake_a, mtu 1500, frames up to 1518 bytes"));
	assert_non_null(strstr(text, "txq 1: 0 packets, 0 bytes, 0 too long, 0 refused"));
	assert_non_null(strstr(text, "started, claimed"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAIN(test_devargs),
		PAIR(test_infos),
		PAIR(test_speed),
		PAIR(test_orders),
		PAIR(test_bursts),
		PAIR(test_full_ring),
		PAIR(test_odd_answers),
		PAIR(test_queues),
		PAIR(test_mtu),
		PAIR(test_scatter),
		PAIR(test_linear),
		PAIR(test_too_long_refused),
		PAIR(test_too_long_dropped),
		PAIR(test_limit_steady),
		PAIR(test_limit_changes),
		PAIR(test_link),
		PAIR(test_mac),
		PAIR(test_filters),
		PAIR(test_stats),
	};

	start_eal();
	return stop_eal(cmocka_run_group_tests(tests, NULL, NULL));
}
