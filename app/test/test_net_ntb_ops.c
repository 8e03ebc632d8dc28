/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Single queues, the link by hand, resets, what rings hold, and secondary processes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_rawdev_pmd.h>

/* The driver is told that it runs in a process of this type. */
static enum rte_proc_type_t process_type = RTE_PROC_PRIMARY;
#define rte_eal_process_type() process_type

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
send_one(int port, uint16_t q, uint32_t seed)
{
	struct rte_mbuf *m = packet(64, 64, seed);

	assert_int_equal(rte_eth_tx_burst(port, q, &m, 1), 1);
}

static void
receive_one(int port, uint16_t q, uint32_t seed)
{
	struct rte_mbuf *m;

	assert_int_equal(rte_eth_rx_burst(port, q, &m, 1), 1);
	packet_check(m, 64, seed, port);
	rte_pktmbuf_free(m);
}

static void
refuse_one(int port, uint16_t q)
{
	struct rte_mbuf *m = packet(64, 64, 0);

	assert_int_equal(rte_eth_tx_burst(port, q, &m, 1), 0);
	rte_pktmbuf_free(m);
}

static void
receive_none(int port, uint16_t q)
{
	struct rte_mbuf *m[4];

	assert_int_equal(rte_eth_rx_burst(port, q, m, 4), 0);
}

static uint8_t
rx_state(int port, uint16_t q)
{
	return rte_eth_devices[port].data->rx_queue_state[q];
}

static uint8_t
tx_state(int port, uint16_t q)
{
	return rte_eth_devices[port].data->tx_queue_state[q];
}

static void
test_queue_stop(void **state)
{
	struct pair *p = *state;
	unsigned int calls;

	port_up(p->a, 2);
	port_up(p->b, 2);
	assert_int_equal(rte_eth_dev_rx_queue_stop(p->b, 1), 0);
	assert_int_equal(rx_state(p->b, 0), RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(rx_state(p->b, 1), RTE_ETH_QUEUE_STATE_STOPPED);
	/* What arrives meanwhile waits; the other queue goes on. */
	send_one(p->a, 1, 1);
	send_one(p->a, 0, 2);
	calls = p->fb->deq_calls;
	receive_none(p->b, 1);
	assert_int_equal(p->fb->deq_calls, calls);
	receive_one(p->b, 0, 2);
	assert_int_equal(rte_eth_dev_rx_queue_start(p->b, 1), 0);
	receive_one(p->b, 1, 1);

	assert_int_equal(rte_eth_dev_tx_queue_stop(p->a, 0), 0);
	assert_int_equal(tx_state(p->a, 0), RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(tx_state(p->a, 1), RTE_ETH_QUEUE_STATE_STARTED);
	calls = p->fa->enq_calls;
	refuse_one(p->a, 0);
	assert_int_equal(p->fa->enq_calls, calls);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 1);
	send_one(p->a, 1, 3);
	receive_one(p->b, 1, 3);
	assert_int_equal(rte_eth_dev_tx_queue_start(p->a, 0), 0);
	send_one(p->a, 0, 4);
	receive_one(p->b, 0, 4);

	/* A start of the port starts all. */
	assert_int_equal(rte_eth_dev_rx_queue_stop(p->b, 1), 0);
	assert_int_equal(rte_eth_dev_tx_queue_stop(p->b, 0), 0);
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	assert_true(rte_eth_dev_rx_queue_start(p->b, 1) != 0);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(rx_state(p->b, 1), RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(tx_state(p->b, 0), RTE_ETH_QUEUE_STATE_STARTED);
	send_one(p->a, 1, 5);
	receive_one(p->b, 1, 5);
	assert_true(rte_eth_dev_rx_queue_stop(p->b, 2) != 0);
	assert_true(rte_eth_dev_tx_queue_start(p->b, 2) != 0);
}

static void
test_queue_stop_strict(void **state)
{
	struct pair *p = *state;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_rx_queue_stop(p->b, 0), 0);
	send_one(p->a, 0, 1);
	receive_none(p->b, 0);
	assert_int_equal(rte_eth_dev_rx_queue_start(p->b, 0), 0);
	receive_one(p->b, 0, 1);
}

static void
test_deferred(void **state)
{
	struct rte_eth_rxconf rxconf = { .rx_deferred_start = 1 };
	struct rte_eth_txconf txconf = { .tx_deferred_start = 1 };
	struct rte_eth_rxq_info rxinfo;
	struct rte_eth_txq_info txinfo;
	struct pair *p = *state;

	port_up(p->b, 2);
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), 0);
	port_queues(p->a, 2, 2, RING);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 1, RING, 0, &rxconf, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(p->a, 0, RING, 0, &txconf), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rx_state(p->a, 0), RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(rx_state(p->a, 1), RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(tx_state(p->a, 0), RTE_ETH_QUEUE_STATE_STOPPED);
	assert_int_equal(tx_state(p->a, 1), RTE_ETH_QUEUE_STATE_STARTED);
	assert_int_equal(rte_eth_rx_queue_info_get(p->a, 1, &rxinfo), 0);
	assert_int_equal(rxinfo.conf.rx_deferred_start, 1);
	assert_int_equal(rte_eth_tx_queue_info_get(p->a, 0, &txinfo), 0);
	assert_int_equal(txinfo.conf.tx_deferred_start, 1);
	assert_int_equal(rte_eth_tx_queue_info_get(p->a, 1, &txinfo), 0);
	assert_int_equal(txinfo.conf.tx_deferred_start, 0);
	refuse_one(p->a, 0);
	send_one(p->b, 1, 1);
	receive_none(p->a, 1);
	assert_int_equal(rte_eth_dev_rx_queue_start(p->a, 1), 0);
	receive_one(p->a, 1, 1);
	assert_int_equal(rte_eth_dev_tx_queue_start(p->a, 0), 0);
	send_one(p->a, 0, 2);
	receive_one(p->b, 0, 2);
}

static void
test_link_set(void **state)
{
	struct pair *p = *state;
	struct rte_ether_addr mine = { { 0x02, 1, 2, 3, 4, 5 } };
	int i;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
	log_clear();
	assert_int_equal(rte_eth_dev_set_link_up(p->a), -EINVAL);
	assert_logged("link up: the port is stopped");
	port_up(p->a, 1);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_set_link_up(p->a), 0);
	for (i = 0; i < 3; i++) {
		send_one(p->b, 0, i);
		receive_one(p->a, 0, i);
		assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
		assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
		assert_false(p->fa->started);
		/* At both ends, and the burst functions leave the rawdev alone: it would mind. */
		assert_int_equal(link_status(p->a), 0);
		assert_int_equal(link_status(p->b), 0);
		refuse_one(p->a, 0);
		receive_none(p->a, 0);
		refuse_one(p->b, 0);
		/* A queue that is started now waits for the link, too. */
		assert_int_equal(rte_eth_dev_rx_queue_stop(p->a, 0), 0);
		assert_int_equal(rte_eth_dev_rx_queue_start(p->a, 0), 0);
		receive_none(p->a, 0);
		assert_int_equal(rte_eth_dev_set_link_up(p->a), 0);
		assert_int_equal(link_status(p->a), 1);
		assert_int_equal(link_status(p->b), 1);
	}
	/* What cannot come back says so, and can be tried again. */
	assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
	assert_int_equal(rte_eth_dev_default_mac_addr_set(p->a, &mine), 0);
	p->fa->fail_start = EBUSY;
	assert_int_equal(rte_eth_dev_set_link_up(p->a), -EBUSY);
	assert_int_equal(link_status(p->a), 0);
	refuse_one(p->a, 0);
	p->fa->fail_start = 0;
	assert_int_equal(rte_eth_dev_set_link_up(p->a), 0);
	assert_int_equal(p->fa->mac, UINT64_C(0x050403020102));
	send_one(p->a, 0, 9);
	receive_one(p->b, 0, 9);
	/* Stopped with the link down, started with it up. */
	assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(link_status(p->a), 1);
	/* Removed meanwhile. */
	assert_int_equal(rte_eth_dev_set_link_down(p->a), 0);
	fake_drain(&p->fa->q[0]);
	fake_free(p->fa);
	assert_int_equal(rte_eth_dev_set_link_up(p->a), -ENODEV);
}

/* raw_ntb cannot be stopped under a lcore that polls. */
static void
test_link_set_strict(void **state)
{
	struct pair *p = *state;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_set_link_up(p->a), 0);
	assert_int_equal(rte_eth_dev_set_link_down(p->a), -ENOTSUP);
	assert_logged("link down: rawdev");
	assert_true(p->fa->started);
	send_one(p->a, 0, 1);
	receive_one(p->b, 0, 1);
}

static void
test_reset(void **state)
{
	struct pair *p = *state;
	struct rte_ether_addr first, mine = { { 0x02, 1, 2, 3, 4, 5 } }, now;
	int i;

	port_up(p->b, 1);
	port_up(p->a, 2);
	assert_int_equal(rte_eth_macaddr_get(p->a, &first), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	for (i = 0; i < 3; i++) {
		port_up(p->a, 1);
		assert_int_equal(rte_eth_dev_default_mac_addr_set(p->a, &mine), 0);
		send_one(p->a, 0, 1);
		receive_one(p->b, 0, 1);
		assert_int_equal(rte_eth_dev_reset(p->a), 0);
		assert_int_equal(p->fa->resets, i + 1);
		assert_false(p->fa->started);
		assert_int_equal(link_status(p->b), 0);
		assert_int_equal(rte_eth_macaddr_get(p->a, &now), 0);
		assert_true(rte_is_same_ether_addr(&first, &now));
		assert_int_equal(stats_of(p->a).opackets, 0);
		assert_int_equal(xstat_of(p->a, "link_changes"), 0);
	}
	p->fa->fail_reset = EBUSY;
	assert_int_equal(rte_eth_dev_reset(p->a), -EBUSY);
	assert_logged("did not reset");
	p->fa->fail_reset = 0;
	port_up(p->a, 1);
	/* With no rawdev there is nothing to reset but the port. */
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	assert_int_equal(rte_eth_dev_reset(p->a), 0);
}

/* An address by devarg is the first one; a rawdev without reset is no obstacle. */
static void
test_reset_strict(void **state)
{
	struct pair *p = *state;
	struct rte_ether_addr mine = { { 0x02, 1, 2, 3, 4, 5 } }, now;

	rte_vdev_uninit("net_ntb0");
	p->a = port_add("net_ntb0", "raw=fake_a,mac=52:54:00:aa:bb:cc");
	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	assert_int_equal(rte_eth_dev_default_mac_addr_set(p->a, &mine), 0);
	assert_int_equal(rte_eth_dev_reset(p->a), 0);
	assert_int_equal(rte_eth_macaddr_get(p->a, &now), 0);
	assert_int_equal(now.addr_bytes[5], 0xcc);
}

static void
test_ring_counts(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[8];

	port_up(p->a, 2);
	port_up(p->b, 2);
	p->fa->lazy = true;
	assert_int_equal(rte_eth_rx_queue_count(p->b, 1), 0);
	packets(m, 5, 64);
	assert_int_equal(rte_eth_tx_burst(p->a, 1, m, 5), 5);
	assert_int_equal(rte_eth_rx_queue_count(p->b, 1), 5);
	assert_int_equal(rte_eth_rx_queue_count(p->b, 0), 0);
	assert_int_equal(rte_eth_rx_descriptor_status(p->b, 1, 4), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(rte_eth_rx_descriptor_status(p->b, 1, 5), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(rte_eth_rx_descriptor_status(p->b, 1, RING - 1), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(rte_eth_rx_descriptor_status(p->b, 1, RING), -EINVAL);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, 0), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, RING - 6), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, RING - 5), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, RING - 1), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, RING), -EINVAL);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 0, RING - 1), RTE_ETH_TX_DESC_DONE);

	assert_int_equal(rte_eth_tx_done_cleanup(p->a, 0, 0), 0);
	assert_int_equal(rte_eth_tx_done_cleanup(p->a, 1, 0), 5);
	assert_int_equal(rte_eth_tx_done_cleanup(p->a, 1, 0), 0);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 1, RING - 1), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(rte_eth_dev_tx_queue_stop(p->a, 1), 0);
	assert_int_equal(rte_eth_tx_done_cleanup(p->a, 1, 0), 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 1, m, 8), 5);
	rte_pktmbuf_free_bulk(m, 5);
	assert_int_equal(rte_eth_rx_queue_count(p->b, 1), 0);
}

/* Without the rawdev's help none of that is offered. */
static void
test_ring_counts_blind(void **state)
{
	struct pair *p = *state;

	p->fa->blind = true;
	port_up(p->a, 1);
	assert_int_equal(rte_eth_rx_queue_count(p->a, 0), -ENOTSUP);
	assert_int_equal(rte_eth_rx_descriptor_status(p->a, 0, 0), -ENOTSUP);
	assert_int_equal(rte_eth_tx_descriptor_status(p->a, 0, 0), -ENOTSUP);
	assert_int_equal(rte_eth_tx_done_cleanup(p->a, 0, 0), -ENOTSUP);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	p->fa->blind = false;
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_rx_queue_count(p->a, 0), 0);
}

static void
test_registers(void **state)
{
	struct pair *p = *state;
	uint32_t data[16];
	struct rte_dev_reg_info info = { 0 };

	port_up(p->a, 3);
	port_up(p->b, 3);
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), 0);
	assert_int_equal(info.width, 4);
	assert_int_equal(info.length, 9);
	memset(data, 0x11, sizeof(data));
	info.data = data;
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), 0);
	assert_int_equal(data[0], 2);          /* topo */
	assert_int_equal(data[1], 1);          /* link status */
	assert_int_equal(data[2], 3);          /* speed */
	assert_int_equal(data[3], 4);          /* width */
	assert_int_equal(data[4], UINT32_MAX); /* not there */
	assert_int_equal(data[7], RING);
	assert_int_equal(data[8], 3);
	assert_int_equal(data[9], 0x11111111);
	/* Some of them. */
	info = (struct rte_dev_reg_info){ .data = data, .offset = 7, .length = 2 };
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), 0);
	assert_int_equal(data[0], RING);
	assert_int_equal(data[1], 3);
	assert_int_equal(data[2], 3);
	info.length = 3;
	log_clear();
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), -EINVAL);
	assert_logged("registers 7 to 10: expected some of the first 9");
	info = (struct rte_dev_reg_info){ .data = data, .offset = 1, .length = UINT32_MAX };
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), -EINVAL);
	info = (struct rte_dev_reg_info){ .data = data, .offset = 10 };
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), -EINVAL);
	/* Gone. */
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	fake_free(p->fb);
	info = (struct rte_dev_reg_info){ .data = data };
	assert_int_equal(rte_eth_dev_get_reg_info(p->b, &info), 0);
	assert_int_equal(data[0], UINT32_MAX);
	assert_int_equal(data[8], UINT32_MAX);
}

static void
test_multicast(void **state)
{
	struct pair *p = *state;
	struct rte_ether_addr group = { { 0x01, 0, 0x5e, 0, 0, 1 } };

	port_up(p->a, 1);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(p->a, &group, 1), 0);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(p->a, NULL, 0), 0);
}

/* Ports of one process on two boards, one side each of either. */
static void
test_boards(void **state)
{
	struct pair *p = *state;
	struct fake *fc = fake_new("fake_c"), *fd = fake_new("fake_d");
	struct rte_ether_addr a, c;
	int i, ports[2];

	fake_join(fc, fd);
	ports[0] = port_add("net_ntb2", "raw=fake_c");
	ports[1] = port_add("net_ntb3", "raw=fake_d");
	port_up(p->a, 1);
	port_up(p->b, 1);
	port_up(ports[0], 1);
	assert_int_equal(link_status(p->a), 1);
	assert_int_equal(link_status(ports[0]), 0);
	port_up(ports[1], 1);
	assert_int_equal(link_status(ports[0]), 1);
	rte_eth_macaddr_get(p->a, &a);
	rte_eth_macaddr_get(ports[0], &c);
	assert_false(rte_is_same_ether_addr(&a, &c));
	/* Forwarded from board to board. */
	for (i = 0; i < 200; i++) {
		struct rte_mbuf *m;

		send_one(p->a, 0, i);
		assert_int_equal(rte_eth_rx_burst(p->b, 0, &m, 1), 1);
		assert_int_equal(rte_eth_tx_burst(ports[0], 0, &m, 1), 1);
		receive_none(p->a, 0);
		receive_one(ports[1], 0, i);
	}
	assert_int_equal(rte_eth_dev_close(p->a), -EINVAL);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_close(p->a), 0);
	send_one(ports[1], 0, 7);
	receive_one(ports[0], 0, 7);
	rte_vdev_uninit("net_ntb2");
	rte_vdev_uninit("net_ntb3");
}

static void
external_freed(void *addr, void *opaque)
{
	RTE_SET_USED(addr);
	++*(unsigned int *)opaque;
}

/* Buffers outside of pools, and shared ones, are given back once they have been sent. */
static void
test_attached(void **state)
{
	static uint8_t memory[2048];
	uint16_t room = sizeof(memory);
	struct rte_mbuf_ext_shared_info *info;
	struct pair *p = *state;
	struct rte_mbuf *m, *clone, *rx[2];
	unsigned int freed = 0;

	port_up(p->a, 1);
	port_up(p->b, 1);
	info = rte_pktmbuf_ext_shinfo_init_helper(memory, &room, external_freed, &freed);
	m = rte_pktmbuf_alloc(pool);
	rte_pktmbuf_attach_extbuf(m, memory, (rte_iova_t)(uintptr_t)memory, room, info);
	memset(rte_pktmbuf_append(m, 300), 0x5a, 300);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, &m, 1), 1);
	assert_int_equal(freed, 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 2), 1);
	assert_int_equal(rx[0]->pkt_len, 300);
	assert_int_equal(*rte_pktmbuf_mtod_offset(rx[0], uint8_t *, 299), 0x5a);
	rte_pktmbuf_free(rx[0]);

	m = packet(64, 64, 3);
	clone = rte_pktmbuf_clone(m, pool);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, &clone, 1), 1);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	packet_check(m, 64, 3, RTE_MBUF_PORT_INVALID);
	rte_pktmbuf_free(m);
	receive_one(p->b, 0, 3);
}

/* What an application promises of its mbufs is taken note of; they all come back. */
static void
test_fast_free(void **state)
{
	struct rte_eth_conf conf = {
		.txmode = { .offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE },
	};
	struct pair *p = *state;
	struct rte_eth_txq_info info;
	struct rte_mbuf *m[64];
	unsigned int free_before = rte_mempool_avail_count(pool), i;

	assert_int_equal(rte_eth_dev_configure(p->a, 1, 1, &conf), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_tx_queue_info_get(p->a, 0, &info), 0);
	assert_int_equal(info.conf.offloads, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	for (i = 0; i < 3 * RING / 64; i++) {
		packets(m, 64, 100);
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 64), 64);
		assert_int_equal(rte_eth_rx_burst(p->b, 0, m, 64), 64);
		rte_pktmbuf_free_bulk(m, 64);
	}
	assert_int_equal(rte_mempool_avail_count(pool), free_before);
}

/* An application that only sends, or only receives, makes all the calls that a link needs. */
static void
test_one_way(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[4];
	unsigned int i;

	assert_int_equal(port_configure(p->a, 1, 0, 0, 0), 0);
	port_queues(p->a, 1, 0, RING);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	port_up(p->b, 1);
	for (i = 0; i < 3; i++) {
		receive_none(p->a, 0);
		send_one(p->b, 0, i);
		receive_one(p->a, 0, i);
	}
	assert_int_equal(p->fb->deq_calls, 0);
	assert_int_equal(p->fa->enq_calls, 0);
	assert_int_equal(rte_eth_tx_burst(p->b, 0, m, 0), 0);
	assert_int_equal(p->fb->enq_calls, 3);
}

/* What a secondary process sees of a port that the primary runs. */
static void
test_secondary(void **state)
{
	struct pair *p = *state;
	struct rte_eth_dev *dev = &rte_eth_devices[p->a];
	struct rte_vdev_device *vdev = RTE_DEV_TO_VDEV(dev->device);
	struct ntb_eth_port *port = dev->data->dev_private;
	struct rte_eth_dev_info info;
	struct rte_eth_rxq_info rxinfo;
	struct rte_mbuf *m = NULL;
	char text[8192] = "";
	unsigned int calls;
	FILE *f;

	port_up(p->a, 2);
	port_up(p->b, 2);
	send_one(p->a, 1, 1);
	receive_one(p->b, 1, 1);
	assert_int_equal(link_status(p->a), 1);
	calls = p->fa->enq_calls + p->fa->deq_calls;

	process_type = RTE_PROC_SECONDARY;
	assert_int_equal(ntb_eth_probe(vdev), 0);
	assert_ptr_equal(dev->dev_ops, &ntb_eth_ops_secondary);
	/* Nothing of the rawdev is asked for: whatever has its number is not it. */
	p->fa->cut = true;
	p->fa->nombuf = 7;
	assert_int_equal(link_status(p->a), 1);
	assert_int_equal(stats_of(p->a).rx_nombuf, 0);
	assert_int_equal(rte_eth_dev_info_get(p->a, &info), 0);
	assert_int_equal(info.max_rx_queues, 8);
	assert_int_equal(info.speed_capa, 0);
	assert_int_equal(stats_of(p->a).opackets, 1);
	assert_int_equal(xstat_of(p->a, "tx_q1_packets"), 1);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 0);
	assert_int_equal(rte_eth_rx_queue_info_get(p->a, 1, &rxinfo), 0);
	assert_int_equal(rxinfo.nb_desc, RING);
	f = fmemopen(text, sizeof(text), "w");
	assert_int_equal(rte_eth_dev_priv_dump(p->a, f), 0);
	fclose(f);
	assert_non_null(strstr(text, "txq 1: 1 packets, 64 bytes"));
	assert_null(strstr(text, "rawdev"));
	/* Control is the primary's. */
	assert_int_equal(rte_eth_dev_set_mtu(p->a, 1000), -ENOTSUP);
	assert_int_equal(rte_eth_dev_stop(p->a), -ENOTSUP);
	assert_int_equal(rte_eth_dev_rx_queue_stop(p->a, 0), -ENOTSUP);
	assert_int_equal(rte_eth_dev_set_link_down(p->a), -ENOTSUP);
	assert_int_equal(rte_eth_stats_reset(p->a), -ENOTSUP);
	/* So are the queues. */
	log_clear();
	assert_int_equal(dev->rx_pkt_burst(dev->data->rx_queues[0], &m, 1), 0);
	assert_int_equal(dev->tx_pkt_burst(dev->data->tx_queues[0], &m, 1), 0);
	assert_int_equal(log_count("queues polled in a secondary process: expected the primary"),
			 1);
	assert_int_equal(dev->dev_ops->dev_close(dev), 0);
	assert_true(port->raw.started);
	/* Closed, it leaves its name behind, by which the bus wants to have it removed at the end. */
	dev->state = RTE_ETH_DEV_UNUSED;
	dev->dev_ops = NULL;
	assert_int_equal(ntb_eth_remove(vdev), 0);
	dev->state = RTE_ETH_DEV_ATTACHED;
	assert_int_equal(p->fa->enq_calls + p->fa->deq_calls, calls);
	process_type = RTE_PROC_PRIMARY;
	p->fa->cut = false;
	dev->dev_ops = &ntb_eth_ops;
	send_one(p->a, 0, 2);
	receive_one(p->b, 0, 2);
}

/* Of a port that the primary does not have. */
static void
test_secondary_alone(void **state)
{
	RTE_SET_USED(state);
	process_type = RTE_PROC_SECONDARY;
	log_clear();
	assert_true(port_add("net_ntb0", "") < 0);
	process_type = RTE_PROC_PRIMARY;
	assert_logged("net_ntb0: secondary process: expected a port of the primary's");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR(test_queue_stop),
		STRICT(test_queue_stop_strict),
		PAIR(test_deferred),
		PAIR(test_link_set),
		STRICT(test_link_set_strict),
		PAIR(test_reset),
		STRICT(test_reset_strict),
		PAIR(test_ring_counts),
		PAIR(test_ring_counts_blind),
		PAIR(test_registers),
		PAIR(test_multicast),
		PAIR(test_boards),
		PAIR(test_attached),
		PAIR(test_fast_free),
		PAIR(test_one_way),
		PAIR(test_secondary),
		PLAIN(test_secondary_alone),
	};

	start_eal();
	return stop_eal(cmocka_run_group_tests(tests, NULL, NULL));
}
