/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_ATTR_H_
#define _NTB_ATTR_H_

/**
 * @file
 * Attributes (uint64) by which an NTB rawdev says what rte_pmd_ntb.h has no words for.
 *
 * From rte_pmd_ntb.h the ethdev uses link_status, speed, width and topo, and queue_size and
 * queue_num, which it sets before configure where any_pool is absent. The attributes below are
 * optional; each says what its absence means, which is what DPDK's own raw_ntb does.
 *
 * Besides attributes, the ethdev relies on these rules of the rawdev:
 * - The context of rte_rawdev_enqueue_buffers() and rte_rawdev_dequeue_buffers() is the queue
 *   number, and buf_addr of a buffer is a struct rte_mbuf pointer.
 * - Enqueue returns how many packets it took, from the first on. A packet is taken whole, with its
 *   segments, and belongs to the rawdev from then on; the others stay the caller's. Offered none,
 *   it still gives back to their pools those that have been sent.
 * - Dequeue hands over packets whose pkt_len, data_len, nb_segs and next are valid; ol_flags as far
 *   as the attribute of that name says.
 * - Both may be called with the link down: they move nothing, and advance the handshake.
 */

/**
 * 1: queues receive into any mempool given at queue_setup. Absent or 0: only into a pool that lies
 * in the memory zones given at configure; the ethdev then makes one and copies.
 */
#define NTB_ATTR_ANY_POOL "any_pool"

/**
 * 1: starts without a peer, the link comes up later; and stops while enqueue and dequeue are being
 * called, which then move nothing. Absent or 0: start fails until link_status, which is negotiated
 * from configure on, is not 0; stop wants queues at rest.
 */
#define NTB_ATTR_START_WITHOUT_PEER "start_without_peer"

/**
 * Bytes of a packet, without CRC. Set before start: the longest one that this side accepts. Get:
 * the longest one that may be sent now, the lesser of both sides' once the link is up; the ethdev
 * drops and counts longer ones. Absent: packets of any length pass.
 */
#define NTB_ATTR_MAX_PKT_LEN "max_pkt_len"

/** Most queue pairs. Present: queues have up to 4096 entries. Absent: 64 pairs, 1024 entries. */
#define NTB_ATTR_MAX_QUEUES "max_queues"

/**
 * Own MAC address, told to the peer; byte 0 of the address is the value's lowest byte. Set before
 * start. Absent: the peer is not told.
 */
#define NTB_ATTR_MAC "mac"

/** Get: the peer's MAC address, 0 until the peer told it. Absent: unknown. */
#define NTB_ATTR_PEER_MAC "peer_mac"

/**
 * Flags of mbufs that cross with packets. Set before start: RTE_MBUF_F_TX_L4_MASK, if packets are
 * sent whose TCP or UDP checksum has not been computed, RTE_MBUF_F_RX_L4_CKSUM_NONE, if such are
 * taken. Get: those of them that hold now, the former only while the link is up and the peer
 * takes such packets: one with RTE_MBUF_F_TX_TCP_CKSUM or RTE_MBUF_F_TX_UDP_CKSUM then arrives with
 * RTE_MBUF_F_RX_L4_CKSUM_NONE. Absent: no flag crosses, and the port offers no checksum offload.
 */
#define NTB_ATTR_OL_FLAGS "ol_flags"

/**
 * Name of a rawdev xstat: times that a receiving pool was found empty. If present, it is the port's
 * rx_nombuf.
 */
#define NTB_XSTAT_RX_NOMBUF "Rx-no-buffer"

/**
 * Names of rawdev xstats: packets dropped here on arrival, and packets taken that did not arrive. If
 * present they are part of the port's ierrors and oerrors. Heeded with any_pool alone: what raw_ntb
 * counts under the latter name is for raw_ntb to say.
 */
#define NTB_XSTAT_RX_ERRORS "Rx-errors"
#define NTB_XSTAT_TX_ERRORS "Tx-errors"

/**
 * Names of rawdev xstats of a queue: entries of the Rx ring that the peer has sent and nobody has
 * taken, entries of the Tx ring that have not come back. Without them the port cannot tell.
 */
#define NTB_XSTAT_RX_READY "Rx-q%u-ready"
#define NTB_XSTAT_TX_PENDING "Tx-q%u-pending"

#endif /* _NTB_ATTR_H_ */
