/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_COMPAT_H_
#define _NTB_EPF_COMPAT_H_

/**
 * @file
 * Newest DPDK names on older releases. An in-tree copy of this driver does not need this file.
 */

#include <rte_common.h>
#include <rte_log.h>
#include <rte_version.h>

#if __has_include(<rte_stdatomic.h>)
#include <rte_stdatomic.h>
#else
#define RTE_ATOMIC(type) type
#define rte_memory_order_relaxed __ATOMIC_RELAXED
#define rte_memory_order_acquire __ATOMIC_ACQUIRE
#define rte_memory_order_release __ATOMIC_RELEASE
#define rte_memory_order_seq_cst __ATOMIC_SEQ_CST
#define rte_atomic_load_explicit(ptr, order) __atomic_load_n(ptr, order)
#define rte_atomic_store_explicit(ptr, val, order) __atomic_store_n(ptr, val, order)
#define rte_atomic_exchange_explicit(ptr, val, order) __atomic_exchange_n(ptr, val, order)
#define rte_atomic_fetch_add_explicit(ptr, val, order) __atomic_fetch_add(ptr, val, order)
#endif

#ifndef RTE_LOG_LINE_PREFIX
#define NTB_EPF_LOG_COMMA ,
#define RTE_LOG_LINE_PREFIX(level, type, prefix, args, ...) \
	RTE_LOG(level, type, RTE_FMT(prefix RTE_FMT_HEAD(__VA_ARGS__ ,) "\n", \
		args NTB_EPF_LOG_COMMA RTE_FMT_TAIL(__VA_ARGS__ ,)))
#endif

#endif /* _NTB_EPF_COMPAT_H_ */
