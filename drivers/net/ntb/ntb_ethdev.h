/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_ETHDEV_H_
#define _NTB_ETHDEV_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_dev_info.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>
#include <rte_rawdev.h>
#include <ethdev_driver.h>

#include "ntb_compat.h"

/*
 * An ethdev over an NTB rawdev, by the public rawdev API alone.
 *
 *     ethdev ops          ntb_ethdev.c    probe, configure, start, stop, MTU, MAC
 *                         ntb_queue.c     queues
 *                         ntb_link.c      link
 *                         ntb_stats.c     statistics, private dump
 *                         ntb_regs.c      registers dump
 *     arguments           ntb_args.c
 *     checksums           ntb_cksum.c
 *     burst functions     ntb_rxtx.c      mbuf arrays <-> rte_rawdev_buf arrays
 *     the device below    ntb_raw.c       find, claim, bring up and down
 *     receive pool        ntb_pool.c      only for a rawdev that cannot use the application's
 *
 * The rawdev sets up Rx and Tx of a queue together and at one depth, so the setup of queues is only
 * remembered until the port is started.
 */

extern int ntb_eth_logtype;
#define RTE_LOGTYPE_NTB_ETH ntb_eth_logtype
#define NTB_ETH_LOG(level, port, ...) \
	RTE_LOG_LINE_PREFIX(level, NTB_ETH, "%s: ", (port)->name, __VA_ARGS__)

#define NTB_ETH_MAX_QUEUES 64
#define NTB_ETH_MIN_RING 64
#define NTB_ETH_MAX_RING 4096
#define NTB_ETH_DEFAULT_RING 512
#define NTB_ETH_DEFAULT_BURST 32

/* Segments of a packet: the smallest ring holds one such packet. */
#define NTB_ETH_MAX_SEGS NTB_ETH_MIN_RING

/* A frame is its MTU, an Ethernet header and a VLAN tag. No CRC crosses the bridge. */
#define NTB_ETH_OVERHEAD (RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
#define NTB_ETH_MAX_MTU 65522

/* Checksum offloads: those that a port takes part in are done if all are enabled. */
#define NTB_ETH_RX_CKSUM (RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
#define NTB_ETH_TX_L4_CKSUM (RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)
#define NTB_ETH_TX_CKSUM (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | NTB_ETH_TX_L4_CKSUM)

/* Packets handed to the rawdev in one call: two of the usual bursts, and few enough for the L1. */
#define NTB_ETH_CHUNK 64

/* Memory windows that a private receive pool is spread over; the hardware known has 2 or 3. */
#define NTB_ETH_MAX_MW 8

/* Flags that describe an mbuf's buffer. */
#define NTB_ETH_BUF_FLAGS (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)

/* Written by the queue's polling thread alone and never reset: a reset remembers their values. */
struct ntb_eth_counters {
	uint64_t packets;
	uint64_t bytes;
	uint64_t lost;    /* Rx: no mbuf for the copy; Tx: longer than the peer accepts */
	uint64_t errors;  /* Rx: needs several mbufs, without scatter; Tx: no checksum for it */
	uint64_t refused; /* Tx: given back to the caller: ring full or no link */
};

struct __rte_cache_aligned ntb_eth_rxq {
	uint16_t raw_id;
	uint16_t queue_id;
	uint16_t port_id;
	uint16_t nb_desc;
	RTE_ATOMIC(bool) run;            /* written by control functions: may be served */
	bool scatter;
	bool deferred;                   /* not started with the port */
	int gauge;                       /* of the rawdev's xstat: entries that wait; or -1 */
	uint64_t keep_flags;             /* of an mbuf that arrives: what is not a leftover */
	struct rte_mempool *mp;          /* the application's */
	struct ntb_eth_counters cnt;
	struct ntb_eth_counters cnt_base;
	struct rte_rawdev_buf *ptrs[NTB_ETH_CHUNK];
	struct rte_rawdev_buf bufs[NTB_ETH_CHUNK];
};

struct __rte_cache_aligned ntb_eth_txq {
	uint16_t raw_id;
	uint16_t queue_id;
	uint16_t nb_desc;
	uint16_t free_thresh;
	RTE_ATOMIC(bool) run;            /* written by control functions: may be served */
	bool deferred;                   /* not started with the port */
	int gauge;                       /* of the rawdev's xstat: entries under way; or -1 */
	uint64_t cksum_flags;            /* of mbufs: checksums that may be left to the port */
	bool peer_cksum;                 /* the peer takes uncomputed ones; holds as max_pkt_len */
	uint32_t max_pkt_len;            /* bytes; how long it holds: see ntb_rxtx.c */
	struct rte_mbuf *unfit;          /* first packet of a burst that has no checksum */
	uint64_t taken_at;               /* TSC of the last burst that the rawdev took from */
	uint64_t limit_cycles;           /* TSC cycles that max_pkt_len holds after it */
	struct ntb_eth_counters cnt;
	struct ntb_eth_counters cnt_base;
	struct rte_rawdev_buf *ptrs[NTB_ETH_CHUNK];
	struct rte_rawdev_buf bufs[NTB_ETH_CHUNK];
};

/* Counters of the rawdev that are part of the port's statistics. */
enum ntb_eth_raw_count_id {
	NTB_ETH_RAW_NOMBUF,
	NTB_ETH_RAW_RX_ERRORS,
	NTB_ETH_RAW_TX_ERRORS,
	NTB_ETH_RAW_COUNTS,
};

struct ntb_eth_raw_count {
	int id;                          /* of the xstat, or -1 */
	uint64_t base;                   /* its value when found, or at the last reset */
};

/* The rawdev below, and what it can do. */
struct ntb_eth_raw {
	uint16_t id;
	bool known;                      /* found; the rest is valid */
	bool claimed;                    /* by this port, against other ports of this process */
	bool configured;                 /* with the current parameters, queues set up */
	bool started;
	char device[RTE_DEV_NAME_MAX_LEN]; /* its name, to see that id is still the same one */
	uint16_t nb_pairs;
	uint16_t ring_size;
	uint16_t max_queues;
	uint16_t max_ring;
	bool any_pool;
	bool start_without_peer;
	bool has_max_pkt_len;
	bool has_mac;
	bool has_ol_flags;
	bool has_gauges;                 /* xstats that tell how full rings are */
	uint64_t topo;
	struct ntb_eth_raw_count counts[NTB_ETH_RAW_COUNTS];
};

/* Receive pool in the memory windows, for a rawdev that needs it; see ntb_pool.c. */
struct ntb_eth_pool {
	struct rte_mempool *mp;          /* NULL: not needed */
	const struct rte_memzone *mz[NTB_ETH_MAX_MW];
	uint8_t nb_mz;
};

/* What the devargs say; filled before anything is allocated. */
struct ntb_eth_args {
	const char *name;                /* of the device, for messages */
	char raw_name[RTE_RAWDEV_NAME_MAX_LEN];
	uint16_t queues;
	struct rte_ether_addr mac;
	bool has_mac;
};

/* In memory shared with secondary processes, which look at it and change nothing. */
struct ntb_eth_port {
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_eth_dev_data *data;
	char raw_name[RTE_RAWDEV_NAME_MAX_LEN]; /* devarg raw=, empty if absent */
	uint16_t queues_arg;             /* devarg queues=, 0 if absent */
	struct rte_ether_addr mac_arg;   /* devarg mac= */
	bool has_mac_arg;
	bool mac_chosen;                 /* by devarg or application; else derived from names */
	struct ntb_eth_raw raw;
	struct ntb_eth_pool pool;
	uint64_t link_changes;
	uint64_t link_changes_base;
};

/* Bytes of the longest frame of an MTU. */
static inline uint32_t
ntb_eth_frame_len(uint16_t mtu)
{
	return (uint32_t)mtu + NTB_ETH_OVERHEAD;
}

static inline void *
ntb_eth_context(uint16_t queue_id)
{
	return (void *)(uintptr_t)queue_id;
}

/* ntb_args.c */
int ntb_eth_parse_args(struct ntb_eth_args *args, const char *devargs);

/* ntb_ethdev.c */
void ntb_eth_config_changed(struct ntb_eth_port *port);

/* ntb_queue.c */
int ntb_eth_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
			   unsigned int socket_id, const struct rte_eth_rxconf *conf,
			   struct rte_mempool *mp);
int ntb_eth_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
			   unsigned int socket_id, const struct rte_eth_txconf *conf);
void ntb_eth_rx_queue_release(struct rte_eth_dev *dev, uint16_t q);
void ntb_eth_tx_queue_release(struct rte_eth_dev *dev, uint16_t q);
int ntb_eth_queues_check(const struct rte_eth_dev *dev);
void ntb_eth_queues_run(struct rte_eth_dev *dev, bool raw_runs);
void ntb_eth_queues_start(struct rte_eth_dev *dev);
void ntb_eth_queues_stop(struct rte_eth_dev *dev);
int ntb_eth_rx_queue_start(struct rte_eth_dev *dev, uint16_t q);
int ntb_eth_rx_queue_stop(struct rte_eth_dev *dev, uint16_t q);
int ntb_eth_tx_queue_start(struct rte_eth_dev *dev, uint16_t q);
int ntb_eth_tx_queue_stop(struct rte_eth_dev *dev, uint16_t q);
void ntb_eth_rxq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info);
void ntb_eth_txq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info);
int ntb_eth_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode);
int ntb_eth_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode);
void ntb_eth_set_count_ops(struct rte_eth_dev *dev, bool can);
int ntb_eth_tx_done_cleanup(void *queue, uint32_t free_cnt);

/* ntb_link.c */
int ntb_eth_link_update(struct rte_eth_dev *dev, int wait_to_complete);
int ntb_eth_set_link_down(struct rte_eth_dev *dev);
int ntb_eth_set_link_up(struct rte_eth_dev *dev);

/* ntb_regs.c */
int ntb_eth_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);

/* ntb_raw.c */
bool ntb_eth_raw_alive(const struct ntb_eth_port *port);
void ntb_eth_raw_forget(struct ntb_eth_port *port);
uint64_t ntb_eth_raw_count_since(const struct ntb_eth_port *port, enum ntb_eth_raw_count_id which);
void ntb_eth_raw_counts_reset(struct ntb_eth_port *port);
int ntb_eth_raw_resolve(struct ntb_eth_port *port);
int ntb_eth_raw_claim(struct ntb_eth_port *port);
void ntb_eth_raw_release(struct ntb_eth_port *port);
int ntb_eth_raw_up(struct ntb_eth_port *port);
void ntb_eth_raw_pause(struct ntb_eth_port *port);
void ntb_eth_raw_down(struct ntb_eth_port *port);
int ntb_eth_raw_reset(struct ntb_eth_port *port);
void ntb_eth_raw_link_get(struct ntb_eth_port *port, struct rte_eth_link *link);
uint32_t ntb_eth_raw_speed(struct ntb_eth_port *port);
bool ntb_eth_raw_attr(const struct ntb_eth_port *port, const char *name, uint64_t *value);

/* ntb_pool.c */
int ntb_eth_pool_create(struct ntb_eth_port *port);
void ntb_eth_pool_free(struct ntb_eth_port *port);

/* ntb_cksum.c */
struct rte_mbuf *ntb_eth_cksum_finish(struct rte_mbuf *m, uint64_t flags);
uint16_t ntb_eth_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

/* ntb_rxtx.c */
uint16_t ntb_eth_no_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
void ntb_eth_rxq_init(struct ntb_eth_rxq *rxq);
void ntb_eth_txq_init(struct ntb_eth_txq *txq);
void ntb_eth_txq_bind(struct ntb_eth_txq *txq, const struct ntb_eth_raw *raw);
uint16_t ntb_eth_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t ntb_eth_rx_burst_copy(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t ntb_eth_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t ntb_eth_tx_burst_cksum(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

/* ntb_stats.c */
int ntb_eth_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		      struct eth_queue_stats *qstats);
int ntb_eth_stats_reset(struct rte_eth_dev *dev);
int ntb_eth_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int ntb_eth_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			     unsigned int n);
int ntb_eth_xstats_reset(struct rte_eth_dev *dev);
int ntb_eth_priv_dump(struct rte_eth_dev *dev, FILE *f);

#endif /* _NTB_ETHDEV_H_ */
