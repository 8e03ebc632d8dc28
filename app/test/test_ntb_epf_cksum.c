/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Packets whose checksum is left to the receiver cross with a flag, if he takes them. */

#include "ntb_epf_env.h"

#define TX RTE_MBUF_F_TX_L4_MASK
#define RX RTE_MBUF_F_RX_L4_CKSUM_NONE

static const char * const movers[] = { "split", "ep", "rc", "cpu" };

static uint64_t
ol_flags(uint8_t side)
{
	uint64_t value = ~UINT64_C(0);

	assert_int_equal(rte_rawdev_get_attr(raw[side]->dev_id, "ol_flags", &value), 0);
	return value;
}

static void
bring_up_using(const char *mover, uint64_t rc, uint64_t ep)
{
	char args[64];
	uint8_t side;

	for (side = 0; side < 2; side++) {
		snprintf(args, sizeof(args), ",mover=%s,dma=%s", mover, side == 0 ? "rc" : "ep");
		probe(side, args);
		assert_int_equal(rte_rawdev_set_attr(raw[side]->dev_id, "ol_flags",
						     side == 0 ? rc : ep), 0);
		/* Nothing is promised before there is a link. */
		assert_int_equal(ol_flags(side) & TX, 0);
		assert_int_equal(configure_and_start(side, 1, QUEUE_SIZE, pool[side]), 0);
	}
	poll_links(20);
	assert_true(both_up());
	assert_int_equal(receive_packets(0, 1, 0), 0);
	assert_int_equal(receive_packets(1, 1, 0), 0);
}

/* Send a packet with some flags; returns the flags that it arrives with. */
static uint64_t
cross_with(uint8_t from, uint32_t len, uint64_t flags)
{
	struct rte_mbuf *m = make_packet(pool[from], len, 3);
	struct rte_rawdev_buf buf = { .buf_addr = m }, *one = &buf;
	uint64_t arrived;
	unsigned int tries;
	int n = 0;

	m->ol_flags |= flags;
	assert_int_equal(rte_rawdev_enqueue_buffers(raw[from]->dev_id, &one, 1, NULL), 1);
	for (tries = 0; tries < 64 && n == 0; tries++) {
		assert_int_equal(rte_rawdev_enqueue_buffers(raw[from]->dev_id, &one, 0, NULL), 0);
		n = rte_rawdev_dequeue_buffers(raw[other(from)]->dev_id, &one, 1, NULL);
	}
	assert_int_equal(n, 1);
	m = buf.buf_addr;
	check_packet(m, len, 3);
	arrived = m->ol_flags;
	rte_pktmbuf_free(m);
	return arrived;
}

static void
test_crosses(void **state)
{
	static const uint32_t lengths[] = { 60, 1514, 2048, 9000, 40000 };
	unsigned int i, k;

	for (i = 0; i < RTE_DIM(movers); i++) {
		bring_up_using(movers[i], TX, RX);
		assert_int_equal(ol_flags(0), TX);
		assert_int_equal(ol_flags(1), RX);
		for (k = 0; k < RTE_DIM(lengths); k++) {
			if (lengths[k] > attr(0, "max_pkt_len"))
				continue;
			assert_int_equal(cross_with(0, lengths[k], RTE_MBUF_F_TX_TCP_CKSUM), RX);
			assert_int_equal(cross_with(0, lengths[k], RTE_MBUF_F_TX_UDP_CKSUM), RX);
			/* Not of this packet, nor of anything else that is asked of a port. */
			assert_int_equal(cross_with(0, lengths[k], 0), 0);
			assert_int_equal(cross_with(0, lengths[k], RTE_MBUF_F_TX_SCTP_CKSUM), 0);
			assert_int_equal(cross_with(0, lengths[k], RTE_MBUF_F_TX_IP_CKSUM |
						    RTE_MBUF_F_TX_IPV4), 0);
			/* The other way it was not agreed on. */
			assert_int_equal(cross_with(1, lengths[k], RTE_MBUF_F_TX_TCP_CKSUM), 0);
		}
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* Both have to want it. */
static void
test_is_agreed_on(void **state)
{
	static const struct {
		uint64_t rc, ep;
	} no[] = { { TX, 0 }, { 0, RX }, { TX, TX }, { RX, RX }, { 0, 0 } };
	unsigned int i, k;

	for (i = 0; i < RTE_DIM(movers); i++) {
		for (k = 0; k < RTE_DIM(no); k++) {
			bring_up_using(movers[i], no[k].rc, no[k].ep);
			assert_int_equal(ol_flags(0) & TX, 0);
			assert_int_equal(cross_with(0, 100, RTE_MBUF_F_TX_TCP_CKSUM), 0);
			assert_int_equal(tear_down_test(state), 0);
			set_up_test(state);
		}
	}
}

/* A peer that sets the flag unasked changes nothing. */
static void
test_unasked(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(movers); i++) {
		bring_up_using(movers[i], TX, 0);
		dev_of(0)->queues[0].tx.ol_flags = RTE_MBUF_F_TX_TCP_CKSUM;
		assert_int_equal(cross_with(0, 100, RTE_MBUF_F_TX_TCP_CKSUM), 0);
		assert_int_equal(cross_with(0, 5000, RTE_MBUF_F_TX_TCP_CKSUM), 0);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* Unknown bits of a header are passed over; what was agreed on ends with the link. */
static void
test_next_link(void **state)
{
	(void)state;
	bring_up_using("split", TX, RX | TX);
	assert_int_equal(ol_flags(0), TX);
	rte_rawdev_stop(raw[1]->dev_id);
	poll_links(20);
	assert_int_equal(ol_flags(0), 0);
	assert_int_equal(rte_rawdev_set_attr(raw[1]->dev_id, "ol_flags", 0), 0);
	assert_int_equal(rte_rawdev_start(raw[1]->dev_id), 0);
	poll_links(20);
	assert_true(both_up());
	assert_int_equal(ol_flags(0), 0);
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_int_equal(cross_with(0, 100, RTE_MBUF_F_TX_TCP_CKSUM), 0);
	/* Back to what an application finds. */
	rte_rawdev_stop(raw[0]->dev_id);
	poll_links(20);
	assert_int_equal(rte_rawdev_reset(raw[0]->dev_id), 0);
	assert_int_equal(dev_of(0)->ol_flags, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_crosses),
		TEST(test_is_agreed_on),
		TEST(test_unasked),
		TEST(test_next_link),
	};

	if (env_create("test_ntb_epf_cksum") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
