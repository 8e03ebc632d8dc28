/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_COMPAT_H_
#define _NTB_COMPAT_H_

/* What newer DPDK has and the code here uses, for older DPDK. */

#include <stdint.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_version.h>

#if __has_include(<rte_stdatomic.h>)
#include <rte_stdatomic.h>
#else
#define RTE_ATOMIC(type) type
#define rte_memory_order_acquire __ATOMIC_ACQUIRE
#define rte_memory_order_release __ATOMIC_RELEASE
#define rte_atomic_load_explicit(ptr, order) __atomic_load_n(ptr, order)
#define rte_atomic_store_explicit(ptr, val, order) __atomic_store_n(ptr, val, order)
#endif

#ifndef RTE_LOG_COMMA
#define RTE_LOG_COMMA ,
#endif

#ifndef RTE_LOG_LINE_PREFIX
#define RTE_LOG_LINE_PREFIX(l, t, prefix, args, ...) \
	RTE_LOG(l, t, RTE_FMT(prefix RTE_FMT_HEAD(__VA_ARGS__ ,) "\n", \
		args RTE_LOG_COMMA RTE_FMT_TAIL(__VA_ARGS__ ,)))
#endif

/*
 * NTB_STATS_GET_OP(fn) defines fn_op(), the op of this DPDK around fn(dev, stats, qstats); qstats
 * may be NULL.
 */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define NTB_STATS_GET_OP(fn) \
static int \
fn ## _op(struct rte_eth_dev *dev, struct rte_eth_stats *stats, struct eth_queue_stats *qstats) \
{ \
	return fn(dev, stats, qstats); \
}
#else
struct eth_queue_stats {
	uint64_t q_ipackets[RTE_ETHDEV_QUEUE_STAT_CNTRS];
	uint64_t q_opackets[RTE_ETHDEV_QUEUE_STAT_CNTRS];
	uint64_t q_ibytes[RTE_ETHDEV_QUEUE_STAT_CNTRS];
	uint64_t q_obytes[RTE_ETHDEV_QUEUE_STAT_CNTRS];
	uint64_t q_errors[RTE_ETHDEV_QUEUE_STAT_CNTRS];
};

#define NTB_STATS_GET_OP(fn) \
static int \
fn ## _op(struct rte_eth_dev *dev, struct rte_eth_stats *stats) \
{ \
	struct eth_queue_stats q = { 0 }; \
	int ret = fn(dev, stats, &q); \
	memcpy(stats->q_ipackets, q.q_ipackets, sizeof(q.q_ipackets)); \
	memcpy(stats->q_opackets, q.q_opackets, sizeof(q.q_opackets)); \
	memcpy(stats->q_ibytes, q.q_ibytes, sizeof(q.q_ibytes)); \
	memcpy(stats->q_obytes, q.q_obytes, sizeof(q.q_obytes)); \
	memcpy(stats->q_errors, q.q_errors, sizeof(q.q_errors)); \
	return ret; \
}
#endif

/* What the op rx_queue_count returns. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
typedef int ntb_queue_count;
#else
typedef uint32_t ntb_queue_count;
#endif

#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define NTB_HAVE_TX_QUEUE_COUNT
#endif

#endif /* _NTB_COMPAT_H_ */
