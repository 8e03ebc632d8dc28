/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <netinet/in.h>

#include <rte_byteorder.h>
#include <rte_errno.h>
#include <rte_ip.h>
#include <rte_net.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "ntb_ethdev.h"

/*
 * Checksums that an application leaves to the port. That of an IPv4 header is completed here. That
 * of TCP or UDP may cross uncomputed, as the PCIe link has a CRC of its own, if the peer's
 * application takes such packets; else it is completed here, too.
 */

/* Headers of a packet, by what its sender says of them. */
struct ntb_eth_headers {
	uint8_t *l3;
	uint8_t *field;         /* L4 checksum; NULL: not asked for */
	uint32_t l4_off;
	uint32_t need;          /* bytes that must be there in one piece */
	uint8_t proto;
};

static uint32_t
ntb_eth_field_offset(uint8_t proto)
{
	return proto == IPPROTO_TCP ? offsetof(struct rte_tcp_hdr, cksum) :
				      offsetof(struct rte_udp_hdr, dgram_cksum);
}

static void
ntb_eth_headers_find(struct rte_mbuf *m, struct ntb_eth_headers *h)
{
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;

	h->l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, m->l2_len);
	h->l4_off = m->l2_len + m->l3_len;
	h->need = h->l4_off;
	h->field = NULL;
	h->proto = l4 == RTE_MBUF_F_TX_TCP_CKSUM ? IPPROTO_TCP : IPPROTO_UDP;
	if (l4 != RTE_MBUF_F_TX_TCP_CKSUM && l4 != RTE_MBUF_F_TX_UDP_CKSUM)
		return;
	h->field = rte_pktmbuf_mtod_offset(m, uint8_t *,
					   h->l4_off + ntb_eth_field_offset(h->proto));
	h->need += ntb_eth_field_offset(h->proto) + sizeof(uint16_t);
}

static uint16_t
ntb_eth_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/*
 * Adds up len bytes from an offset on. rte_raw_cksum_mbuf() of DPDK 22.11 loses carries where a
 * segment begins at an odd place. False: the segments hold less.
 */
static bool
ntb_eth_sum(const struct rte_mbuf *m, uint32_t off, uint32_t len, uint32_t *sum)
{
	uint32_t part, done = 0;
	uint16_t s;

	for (; m != NULL && done < len; m = m->next) {
		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		part = RTE_MIN(m->data_len - off, len - done);
		s = rte_raw_cksum(rte_pktmbuf_mtod_offset(m, const char *, off), part);
		*sum += done % 2 == 0 ? s : rte_bswap16(s);
		done += part;
		off = 0;
	}
	return done == len;
}

/* Sum of the pseudo header's addresses, and the bytes of L4 that the IP header tells of. */
static bool
ntb_eth_pseudo_header(const struct rte_mbuf *m, const struct ntb_eth_headers *h, uint32_t *sum,
		      uint32_t *len)
{
	const struct rte_ipv4_hdr *ip4 = (const struct rte_ipv4_hdr *)h->l3;
	const struct rte_ipv6_hdr *ip6 = (const struct rte_ipv6_hdr *)h->l3;
	uint32_t l3_bytes, options = 0;

	if ((m->ol_flags & RTE_MBUF_F_TX_IPV4) != 0) {
		if (m->l3_len < sizeof(*ip4))
			return false;
		*sum = rte_raw_cksum(&ip4->src_addr, 2 * sizeof(ip4->src_addr));
		l3_bytes = rte_be_to_cpu_16(ip4->total_length);
		options = m->l3_len;
	} else {
		if (m->l3_len < sizeof(*ip6))
			return false;
		*sum = rte_raw_cksum(&ip6->src_addr, 2 * sizeof(ip6->src_addr));
		l3_bytes = rte_be_to_cpu_16(ip6->payload_len);
		options = m->l3_len - sizeof(*ip6);
	}
	*len = l3_bytes - options;
	/* Fewer bytes than options are very many here. */
	return *len <= m->pkt_len - h->l4_off && *len >= h->need - h->l4_off;
}

static bool
ntb_eth_complete_l4(struct rte_mbuf *m, const struct ntb_eth_headers *h)
{
	uint16_t zero = 0, cksum;
	uint32_t sum, len;

	if (!ntb_eth_pseudo_header(m, h, &sum, &len))
		return false;
	memcpy(h->field, &zero, sizeof(zero));
	if (!ntb_eth_sum(m, h->l4_off, len, &sum))
		return false;
	sum += rte_cpu_to_be_16(len) + rte_cpu_to_be_16(h->proto);
	cksum = ~ntb_eth_fold(sum);
	/* For UDP 0 means that there is none. */
	if (cksum == 0 && h->proto == IPPROTO_UDP)
		cksum = 0xffff;
	memcpy(h->field, &cksum, sizeof(cksum));
	return true;
}

static bool
ntb_eth_complete_ip(const struct rte_mbuf *m, const struct ntb_eth_headers *h)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)h->l3;

	if (m->l3_len < sizeof(*ip))
		return false;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = ~rte_raw_cksum(ip, m->l3_len);
	return true;
}

/* Completes those of the checksums in flags. False: the packet is not what its sender says. */
static bool
ntb_eth_complete(struct rte_mbuf *m, uint64_t flags)
{
	struct ntb_eth_headers h;

	ntb_eth_headers_find(m, &h);
	if (h.need > m->data_len)
		return false;
	if ((flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && !ntb_eth_complete_ip(m, &h))
		return false;
	if ((flags & RTE_MBUF_F_TX_L4_MASK) != 0 && h.field != NULL && !ntb_eth_complete_l4(m, &h))
		return false;
	m->ol_flags &= ~flags;
	return true;
}

/* May the headers be written to? They are in the first segment, and nobody else's. */
static bool
ntb_eth_is_own(struct rte_mbuf *m)
{
	struct ntb_eth_headers h;

	ntb_eth_headers_find(m, &h);
	if (h.need > m->data_len || rte_mbuf_refcnt_read(m) != 1)
		return false;
	if (RTE_MBUF_HAS_EXTBUF(m))
		return rte_mbuf_ext_refcnt_read(m->shinfo) == 1;
	return RTE_MBUF_DIRECT(m);
}

/* A pool with room for data: an attached mbuf's own one may have none. */
static struct rte_mempool *
ntb_eth_data_pool(struct rte_mbuf *m)
{
	struct rte_mempool *mp = RTE_MBUF_CLONED(m) ? rte_mbuf_from_indirect(m)->pool : m->pool;

	return rte_pktmbuf_data_room_size(mp) > RTE_PKTMBUF_HEADROOM ? mp : NULL;
}

/*
 * Completes the checksums in flags, which are those of the mbuf or fewer. Returns the packet, or a
 * copy if its headers are not its own or are cut; NULL if it cannot be done.
 */
struct rte_mbuf *
ntb_eth_cksum_finish(struct rte_mbuf *m, uint64_t flags)
{
	struct rte_mbuf *copy;
	struct rte_mempool *mp;

	if (likely(ntb_eth_is_own(m)))
		return ntb_eth_complete(m, flags) ? m : NULL;
	mp = ntb_eth_data_pool(m);
	copy = mp != NULL ? rte_pktmbuf_copy(m, mp, 0, UINT32_MAX) : NULL;
	if (copy == NULL || ntb_eth_complete(copy, flags))
		return copy;
	rte_pktmbuf_free(copy);
	return NULL;
}

static int
ntb_eth_prepare_one(const struct ntb_eth_txq *txq, struct rte_mbuf *m)
{
	uint64_t can = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | txq->cksum_flags;

	if ((m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK & ~can) != 0 ||
	    (m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_SCTP_CKSUM)
		return -ENOTSUP;
	if (m->nb_segs > NTB_ETH_MAX_SEGS || m->pkt_len == 0 ||
	    m->pkt_len > ntb_eth_frame_len(NTB_ETH_MAX_MTU))
		return -EINVAL;
	return rte_net_intel_cksum_prepare(m);
}

uint16_t
ntb_eth_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct ntb_eth_txq *txq = queue;
	uint16_t i;
	int ret;

	for (i = 0; i < nb_pkts; i++) {
		ret = ntb_eth_prepare_one(txq, pkts[i]);
		if (ret != 0) {
			rte_errno = -ret;
			break;
		}
	}
	return i;
}
