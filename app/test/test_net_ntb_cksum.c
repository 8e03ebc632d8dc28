/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Checksums that an application leaves to the port: carried across uncomputed, or completed. */

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

#define L2 14
/* Bytes behind what the IP header tells of, as a switch pads short frames. */
#define TRAILER 3

/* A kind of packet: IPv4 with 4 bytes of options, or IPv6 with an extension header of 8. */
struct kind {
	bool v6, tcp;
};

static const struct kind kinds[] = {
	{ false, false }, { false, true }, { true, false }, { true, true },
};

static unsigned int
l3_len(const struct kind *k)
{
	return k->v6 ? 48 : 24;
}

static unsigned int
field_of(const struct kind *k)
{
	return L2 + l3_len(k) + (k->tcp ? 16 : 6);
}

static void
put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static unsigned int
get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* RFC 1071, byte by byte. */
static unsigned int
sum_bytes(unsigned int sum, const uint8_t *p, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i % 2 == 0 ? p[i] << 8 : p[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static unsigned int
pseudo_sum(const uint8_t *frame, const struct kind *k, unsigned int l4)
{
	uint8_t rest[4] = { 0, k->tcp ? 6 : 17, l4 >> 8, l4 };
	unsigned int sum = sum_bytes(0, frame + L2 + (k->v6 ? 8 : 12), k->v6 ? 32 : 8);

	return sum_bytes(sum, rest, sizeof(rest));
}

/* A frame with l4 bytes of TCP or UDP, and the sum of the pseudo header where its checksum goes. */
static unsigned int
make_frame(uint8_t *frame, const struct kind *k, unsigned int l4, unsigned int seed)
{
	unsigned int len = L2 + l3_len(k) + l4, i;
	uint8_t *ip = frame + L2;

	for (i = 0; i < len + TRAILER; i++)
		frame[i] = i * 13 + seed;
	put16(frame + 12, k->v6 ? 0x86dd : 0x0800);
	ip[0] = k->v6 ? 0x60 : 0x46;
	if (k->v6) {
		put16(ip + 4, l4 + 8);
		ip[6] = 0;
		ip[40] = k->tcp ? 6 : 17;
		ip[41] = 0;
	} else {
		put16(ip + 2, l4 + 24);
		ip[9] = k->tcp ? 6 : 17;
	}
	put16(frame + field_of(k), pseudo_sum(frame, k, l4));
	return len + TRAILER;
}

/* What the fields of that frame must be once they are complete. */
static unsigned int
l4_cksum(const uint8_t *frame, const struct kind *k, unsigned int l4)
{
	unsigned int field = field_of(k), sum = pseudo_sum(frame, k, l4);

	sum = sum_bytes(sum, frame + L2 + l3_len(k), field - L2 - l3_len(k));
	sum = sum_bytes(sum, frame + field + 2, L2 + l3_len(k) + l4 - field - 2);
	sum = ~sum & 0xffff;
	return sum == 0 && !k->tcp ? 0xffff : sum;
}

/* The frame in segments of at most seg bytes; all or nothing is asked of the port. */
static struct rte_mbuf *
to_mbuf(const uint8_t *frame, const struct kind *k, unsigned int len, unsigned int seg,
	uint64_t flags)
{
	struct rte_mbuf *head = NULL, *m;
	unsigned int pos, n;

	for (pos = 0; pos < len; pos += n) {
		n = RTE_MIN(seg, len - pos);
		m = rte_pktmbuf_alloc(pool);
		assert_non_null(m);
		memcpy(rte_pktmbuf_append(m, n), frame + pos, n);
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	}
	head->l2_len = L2;
	head->l3_len = l3_len(k);
	head->l4_len = k->tcp ? 20 : 8;
	head->ol_flags |= (k->v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4) |
		(k->tcp ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM) | flags;
	return head;
}

static void
check_bytes(const struct rte_mbuf *m, const uint8_t *frame, unsigned int len)
{
	uint8_t copy[16384];

	assert_int_equal(m->pkt_len, len);
	assert_memory_equal(rte_pktmbuf_read(m, 0, len, copy), frame, len);
}

static void
start_port(int port, uint64_t rx, uint64_t tx)
{
	struct rte_eth_conf conf = {
		.rxmode = { .offloads = rx | RTE_ETH_RX_OFFLOAD_SCATTER, .mtu = 9000 },
		.txmode = { .offloads = tx },
	};

	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	port_queues(port, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

static void
start_ports(struct pair *p, uint64_t rx, uint64_t tx)
{
	start_port(p->a, 0, tx);
	start_port(p->b, rx, 0);
}

/* Send one packet and receive it. */
static struct rte_mbuf *
cross(struct pair *p, struct rte_mbuf *m)
{
	struct rte_mbuf *rx;

	assert_int_equal(rte_eth_tx_burst(p->a, 0, &m, 1), 1);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, &rx, 1), 1);
	return rx;
}

static void
cross_checked(struct pair *p, struct rte_mbuf *m, const uint8_t *frame, unsigned int len,
	      uint64_t flags)
{
	struct rte_mbuf *rx = cross(p, m);

	assert_int_equal(rx->ol_flags, flags);
	check_bytes(rx, frame, len);
	rte_pktmbuf_free(rx);
}

static void
test_offered(void **state)
{
	struct pair *p = *state;
	struct rte_eth_dev_info info;
	struct rte_eth_burst_mode mode;

	assert_int_equal(rte_eth_dev_info_get(p->a, &info), 0);
	assert_true((info.rx_offload_capa & NTB_ETH_RX_CKSUM) == NTB_ETH_RX_CKSUM);
	assert_true((info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0);
	assert_true((info.tx_offload_capa & NTB_ETH_TX_CKSUM) == NTB_ETH_TX_CKSUM);
	/* The header's alone asks for nothing that the peer could leave out. */
	start_port(p->a, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, 0);
	assert_int_equal(p->fa->ol_flags, 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, NTB_ETH_RX_CKSUM, NTB_ETH_TX_CKSUM);
	assert_int_equal(p->fa->ol_flags, RTE_MBUF_F_RX_L4_CKSUM_NONE | RTE_MBUF_F_TX_L4_MASK);
	assert_int_equal(rte_eth_tx_burst_mode_get(p->a, 0, &mode), 0);
	assert_string_equal(mode.info, "Scalar, with checksums");
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	/* Completing a header's checksum takes nobody's consent. */
	start_port(p->a, RTE_ETH_RX_OFFLOAD_TCP_CKSUM, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	assert_int_equal(p->fa->ol_flags, 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, 0, RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
	assert_int_equal(p->fa->ol_flags, RTE_MBUF_F_TX_L4_MASK);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, 0, 0);
	assert_int_equal(p->fa->ol_flags, 0);
}

/* raw_ntb carries no flags: what flags its mbufs have mean nothing. */
static void
test_not_offered(void **state)
{
	struct pair *p = *state;
	struct rte_eth_conf conf = { .txmode = { .offloads = RTE_ETH_TX_OFFLOAD_UDP_CKSUM } };
	struct rte_eth_dev_info info;
	struct rte_mbuf *m;

	assert_int_equal(rte_eth_dev_info_get(p->a, &info), 0);
	assert_int_equal(info.rx_offload_capa &
			 (NTB_ETH_RX_CKSUM | RTE_ETH_RX_OFFLOAD_IPV4_CKSUM), 0);
	assert_int_equal(info.tx_offload_capa & NTB_ETH_TX_CKSUM, 0);
	assert_int_equal(rte_eth_dev_configure(p->a, 1, 1, &conf), -EINVAL);
	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	port_queues(p->a, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	m = cross(p, packet(100, 100, 1));
	packet_check(m, 100, 1, p->b);
	rte_pktmbuf_free(m);
}

static void
test_crosses(void **state)
{
	struct pair *p = *state;
	uint8_t frame[2048];
	unsigned int i, len;
	struct rte_mbuf *m;

	start_ports(p, NTB_ETH_RX_CKSUM, NTB_ETH_TX_CKSUM);
	for (i = 0; i < RTE_DIM(kinds); i++) {
		len = make_frame(frame, &kinds[i], 100 + i, i);
		cross_checked(p, to_mbuf(frame, &kinds[i], len, 2048, 0), frame, len,
			      RTE_MBUF_F_RX_L4_CKSUM_NONE);
	}
	/* And no flag without being asked to. */
	m = cross(p, packet(64, 64, 5));
	packet_check(m, 64, 5, p->b);
	rte_pktmbuf_free(m);
}

static void
test_completed(void **state)
{
	static const unsigned int segs[] = { 2048, 200, 97 };
	struct pair *p = *state;
	uint8_t frame[4096];
	unsigned int i, k, l4, len;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (i = 0; i < RTE_DIM(kinds); i++) {
		for (l4 = kinds[i].tcp ? 20 : 8; l4 < 3000; l4 += 61) {
			for (k = 0; k < RTE_DIM(segs); k++) {
				struct rte_mbuf *m;

				len = make_frame(frame, &kinds[i], l4, l4 + k);
				m = to_mbuf(frame, &kinds[i], len, segs[k], 0);
				put16(frame + field_of(&kinds[i]), l4_cksum(frame, &kinds[i], l4));
				cross_checked(p, m, frame, len, 0);
			}
		}
	}
	assert_int_equal(stats_of(p->a).oerrors, 0);
}

/* A UDP checksum that comes to 0 is sent as all ones; one of TCP is not. */
static void
test_zero(void **state)
{
	struct pair *p = *state;
	uint8_t frame[256];
	struct rte_mbuf *m, *rx;
	unsigned int i, len, data;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (i = 0; i < 2; i++) {
		len = make_frame(frame, &kinds[i], 40, 0);
		/* Data that makes up for the sum of all the rest. */
		data = L2 + l3_len(&kinds[i]) + 30;
		put16(frame + data, 0);
		put16(frame + data, l4_cksum(frame, &kinds[i], 40));
		m = to_mbuf(frame, &kinds[i], len, 2048, 0);
		rx = cross(p, m);
		assert_int_equal(get16(rte_pktmbuf_mtod_offset(rx, uint8_t *, field_of(&kinds[i]))),
				 i == 0 ? 0xffff : 0);
		rte_pktmbuf_free(rx);
	}
}

static void
test_ip(void **state)
{
	struct pair *p = *state;
	uint8_t frame[256];
	unsigned int i, len;
	uint8_t *field = frame + L2 + 10;

	start_ports(p, NTB_ETH_RX_CKSUM, NTB_ETH_TX_CKSUM);
	for (i = 0; i < 2; i++) {
		struct rte_mbuf *m;

		len = make_frame(frame, &kinds[i], 40, 7);
		m = to_mbuf(frame, &kinds[i], len, 2048, RTE_MBUF_F_TX_IP_CKSUM);
		put16(field, 0);
		put16(field, ~sum_bytes(0, frame + L2, l3_len(&kinds[i])));
		cross_checked(p, m, frame, len, RTE_MBUF_F_RX_L4_CKSUM_NONE);
		/* Of a fragment, say, that is all there is to do. */
		make_frame(frame, &kinds[i], 40, 7);
		m = to_mbuf(frame, &kinds[i], len, 2048, RTE_MBUF_F_TX_IP_CKSUM);
		m->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
		put16(field, 0);
		put16(field, ~sum_bytes(0, frame + L2, l3_len(&kinds[i])));
		cross_checked(p, m, frame, len, 0);
	}
}

/* Without the offload flags mean nothing, as they may be leftovers. */
static void
test_not_enabled(void **state)
{
	struct pair *p = *state;
	uint8_t frame[256];
	unsigned int len;

	start_ports(p, NTB_ETH_RX_CKSUM, 0);
	len = make_frame(frame, &kinds[1], 40, 7);
	cross_checked(p, to_mbuf(frame, &kinds[1], len, 2048, RTE_MBUF_F_TX_IP_CKSUM), frame, len, 0);
	/* Nor do those of the other layer's. */
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, 0, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	cross_checked(p, to_mbuf(frame, &kinds[1], len, 2048, 0), frame, len, 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, 0, RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
	cross_checked(p, to_mbuf(frame, &kinds[1], len, 2048, RTE_MBUF_F_TX_IP_CKSUM), frame, len,
		      RTE_MBUF_F_RX_L4_CKSUM_NONE);
}

/* Headers that are also somebody else's, or cut in pieces, are left as they are. */
static void
test_shared(void **state)
{
	struct pair *p = *state;
	uint8_t frame[512], before[512];
	struct rte_mbuf *m, *clone;
	unsigned int i, len;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (i = 0; i < RTE_DIM(kinds); i++) {
		len = make_frame(frame, &kinds[i], 300, i);
		memcpy(before, frame, len);
		put16(frame + field_of(&kinds[i]), l4_cksum(frame, &kinds[i], 300));
		/* The clone is sent, then the original while there is a clone. */
		m = to_mbuf(before, &kinds[i], len, 2048, 0);
		clone = rte_pktmbuf_clone(m, pool);
		cross_checked(p, clone, frame, len, 0);
		check_bytes(m, before, len);
		clone = rte_pktmbuf_clone(m, pool);
		rte_mbuf_refcnt_update(m, 1);
		cross_checked(p, m, frame, len, 0);
		check_bytes(clone, before, len);
		rte_pktmbuf_free(clone);
		assert_int_equal(rte_mbuf_refcnt_read(m), 1);
		rte_pktmbuf_free(m);
		/* Cut in the midst of a header. */
		cross_checked(p, to_mbuf(before, &kinds[i], len, 20, 0), frame, len, 0);
	}
	assert_int_equal(stats_of(p->a).oerrors, 0);
}

static void
no_free(void *addr, void *opaque)
{
	RTE_SET_USED(addr);
	RTE_SET_USED(opaque);
}

static void
test_external(void **state)
{
	static uint8_t memory[1024];
	uint16_t room = sizeof(memory);
	struct rte_mbuf_ext_shared_info *info;
	struct pair *p = *state;
	uint8_t frame[512], before[512];
	struct rte_mbuf *m;
	unsigned int len, shared;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (shared = 0; shared < 2; shared++) {
		info = rte_pktmbuf_ext_shinfo_init_helper(memory, &room, no_free, NULL);
		len = make_frame(frame, &kinds[1], 300, 5);
		memcpy(before, frame, len);
		put16(frame + field_of(&kinds[1]), l4_cksum(frame, &kinds[1], 300));
		m = to_mbuf(before, &kinds[1], len, 2048, 0);
		rte_pktmbuf_attach_extbuf(m, memory, (rte_iova_t)(uintptr_t)memory, room, info);
		memcpy(rte_pktmbuf_append(m, 0), before, len);
		m->data_len = len;
		m->pkt_len = len;
		if (shared != 0)
			rte_mbuf_ext_refcnt_update(info, 1);
		cross_checked(p, m, frame, len, 0);
		assert_memory_equal(memory, shared != 0 ? before : frame, len);
		room = sizeof(memory);
	}
}

/* What the ring refuses stays the caller's, whatever was made of it. */
static void
test_refused(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[RING + 8], *clone[RING + 8], *rx[RING];
	uint8_t frame[256];
	unsigned int i, len;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	len = make_frame(frame, &kinds[1], 40, 7);
	for (i = 0; i < RING + 8; i++) {
		m[i] = to_mbuf(frame, &kinds[1], len, 2048, 0);
		clone[i] = i % 2 == 0 ? rte_pktmbuf_clone(m[i], pool) : NULL;
	}
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, RING + 8), RING);
	assert_int_equal(stats_of(p->a).obytes, RING * len);
	for (i = RING; i < RING + 8; i++) {
		if (i % 2 == 0) {
			check_bytes(m[i], frame, len);
			assert_true((m[i]->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM) != 0);
		} else {
			/* Complete, which must not be taken for the sum of a pseudo header. */
			assert_int_equal(m[i]->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
		}
	}
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, RING), RING);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m + RING, 8), 8);
	put16(frame + field_of(&kinds[1]), l4_cksum(frame, &kinds[1], 40));
	for (i = 0; i < RING; i++)
		check_bytes(rx[i], frame, len);
	rte_pktmbuf_free_bulk(rx, RING);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, RING), 8);
	for (i = 0; i < 8; i++)
		check_bytes(rx[i], frame, len);
	rte_pktmbuf_free_bulk(rx, 8);
	rte_pktmbuf_free_bulk(clone, RING + 8);
}

/* Packets that are not what they are said to be have no checksum. Those around them go on. */
static void
test_malformed(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[12], *rx[12];
	uint8_t frame[256];
	unsigned int i, len, n = 0;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (i = 0; i < RTE_DIM(kinds); i++) {
		len = make_frame(frame, &kinds[i], 40, i);
		m[n++] = to_mbuf(frame, &kinds[i], len, 2048, 0);
		/* Longer than it is; shorter than its header. */
		put16(frame + L2 + (kinds[i].v6 ? 4 : 2), kinds[i].v6 ? 8 + 44 : 24 + 44);
		m[n++] = to_mbuf(frame, &kinds[i], len, 2048, 0);
		put16(frame + L2 + (kinds[i].v6 ? 4 : 2), kinds[i].v6 ? 8 + 7 : 20);
		m[n++] = to_mbuf(frame, &kinds[i], len, 2048, 0);
	}
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, n), n);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, n), 4);
	rte_pktmbuf_free_bulk(rx, 4);
	assert_int_equal(stats_of(p->a).oerrors, 8);
	assert_int_equal(stats_of(p->a).opackets, 4);
	assert_int_equal(xstat_of(p->a, "tx_checksum_errors"), 8);
	assert_int_equal(xstat_of(p->a, "tx_too_long_packets"), 0);
	assert_int_equal(xstat_of(p->a, "tx_refused_packets"), 0);
	/* Headers that end behind the packet, or are too short to be any. */
	len = make_frame(frame, &kinds[1], 40, i);
	m[0] = to_mbuf(frame, &kinds[1], len, 2048, 0);
	m[0]->l2_len = 100;
	m[1] = to_mbuf(frame, &kinds[1], len, 2048, 0);
	m[1]->l3_len = 16;
	m[2] = to_mbuf(frame, &kinds[1], len, 2048, RTE_MBUF_F_TX_IP_CKSUM);
	m[2]->l3_len = 16;
	m[2]->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	m[3] = to_mbuf(frame, &kinds[1], len, 2048, RTE_MBUF_F_TX_IP_CKSUM);
	m[3]->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	m[3]->data_len = m[3]->pkt_len = L2 + 23;
	len = make_frame(frame, &kinds[3], 40, i);
	m[4] = to_mbuf(frame, &kinds[3], len, 2048, 0);
	m[4]->l3_len = 36;
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 5), 5);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 5), 0);
	assert_int_equal(stats_of(p->a).oerrors, 13);
	assert_int_equal(rte_eth_stats_reset(p->a), 0);
	assert_int_equal(xstat_of(p->a, "tx_checksum_errors"), 0);
}

/* What the peer takes is known again after every change of the link. */
static void
test_peer_changes(void **state)
{
	struct pair *p = *state;
	uint8_t frame[256], done[256];
	unsigned int i, len;

	start_port(p->a, 0, NTB_ETH_TX_CKSUM);
	len = make_frame(frame, &kinds[1], 40, 7);
	memcpy(done, frame, len);
	put16(done + field_of(&kinds[1]), l4_cksum(frame, &kinds[1], 40));
	for (i = 0; i < 4; i++) {
		start_port(p->b, i % 2 == 0 ? NTB_ETH_RX_CKSUM : 0, 0);
		rte_delay_us_block(2 * NTB_ETH_LIMIT_US);
		cross_checked(p, to_mbuf(frame, &kinds[1], len, 2048, 0), i % 2 == 0 ? frame : done,
			      len, i % 2 == 0 ? RTE_MBUF_F_RX_L4_CKSUM_NONE : 0);
		assert_int_equal(rte_eth_dev_stop(p->b), 0);
	}
}

static void
test_prepare(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[2];
	uint8_t frame[256];
	unsigned int i, len;

	start_ports(p, 0, NTB_ETH_TX_CKSUM);
	for (i = 0; i < 2; i++) {
		len = make_frame(frame, &kinds[i], 40, i);
		m[0] = to_mbuf(frame, &kinds[i], len, 2048, RTE_MBUF_F_TX_IP_CKSUM);
		put16(rte_pktmbuf_mtod_offset(m[0], uint8_t *, field_of(&kinds[i])), 0x1234);
		assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 1), 1);
		put16(frame + L2 + 10, 0);
		check_bytes(m[0], frame, len);
		rte_pktmbuf_free(m[0]);
	}
	/* Refused, with what is before them let pass. */
	m[0] = packet(64, 64, 0);
	m[1] = packet(64, 64, 0);
	m[1]->ol_flags |= RTE_MBUF_F_TX_SCTP_CKSUM;
	assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 2), 1);
	assert_int_equal(rte_errno, ENOTSUP);
	m[1]->ol_flags = RTE_MBUF_F_TX_TCP_SEG;
	assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 2), 1);
	assert_int_equal(rte_errno, ENOTSUP);
	m[1]->ol_flags = 0;
	m[1]->nb_segs = 65;
	assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 2), 1);
	assert_int_equal(rte_errno, EINVAL);
	m[1]->nb_segs = 1;
	assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 2), 2);
	/* Not enabled. */
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	start_port(p->a, 0, 0);
	m[1]->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	assert_int_equal(rte_eth_tx_prepare(p->a, 0, m, 2), 1);
	assert_int_equal(rte_errno, ENOTSUP);
	rte_pktmbuf_free_bulk(m, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR(test_offered),
		STRICT(test_not_offered),
		PAIR(test_crosses),
		PAIR(test_completed),
		PAIR(test_zero),
		PAIR(test_ip),
		PAIR(test_not_enabled),
		PAIR(test_shared),
		PAIR(test_external),
		PAIR(test_refused),
		PAIR(test_malformed),
		PAIR(test_peer_changes),
		PAIR(test_prepare),
	};

	start_eal();
	return stop_eal(cmocka_run_group_tests(tests, NULL, NULL));
}
