/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_ENV_H_
#define _NTB_EPF_ENV_H_

/**
 * @file
 * The NTB rawdev, both sides in one process over plain memory: no board, no engine. The driver is
 * included as source, so that tests can look at and forge what the sides write into each other's
 * windows.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* Version 2 has a macro of this name, the drivers have operations. */
#undef stop

#include <stdlib.h>

#include <rte_eal.h>

#include "ntb_epf_args.c"
#include "ntb_epf_attr.c"
#include "ntb_epf_chan.c"
#include "ntb_epf_commit.c"
#include "ntb_epf_cpu.c"
#include "ntb_epf_db.c"
#include "ntb_epf_dma.c"
#include "ntb_epf_dump.c"
#include "ntb_epf_ep.c"
#include "ntb_epf_exec.c"
#include "ntb_epf_export.c"
#include "ntb_epf_host.c"
#include "ntb_epf_link.c"
#include "ntb_epf_mem.c"
#include "ntb_epf_negotiate.c"
#include "ntb_epf_pool.c"
#include "ntb_epf_probe.c"
#include "ntb_epf_pull.c"
#include "ntb_epf_push.c"
#include "ntb_epf_rawdev.c"
#include "ntb_epf_region.c"
#include "ntb_epf_rxtx.c"
#include "ntb_epf_selftest.c"
#include "ntb_epf_vdev.c"
#include "ntb_epf_vdma.c"
#include "ntb_epf_vdma_op.c"
#include "ntb_epf_window.c"
#include "ntb_epf_xstats.c"

#include "fake_dma.h"
#include "ntb_epf_bridge.h"

#define QUEUE_SIZE 64
#define POOL_MBUFS 1023
#define SMALL_ROOM 512

static struct rte_mempool *pool[2];  /* by side */
static struct rte_mempool *small_pool;
static struct rte_rawdev *raw[2];
static struct fake_dma *push_dma[2], *pull_dma[2];
static struct rte_rawdev_buf buf_array[256];
static struct rte_rawdev_buf *bufs[256];

static inline struct ntb_epf_dev *
dev_of(uint8_t side)
{
	return raw[side]->dev_private;
}

/* One look at the link by each side, without waiting for the clock. */
static inline void
poll_links(unsigned int times)
{
	unsigned int side;

	while (times-- > 0) {
		for (side = 0; side < 2; side++) {
			if (raw[side] == NULL)
				continue;
			dev_of(side)->next_service = 0;
			dev_of(side)->host_retry = 0;
			dev_of(side)->host_settle = 0;
			ntb_epf_service(dev_of(side));
		}
	}
}

static inline uint64_t
attr(uint8_t side, const char *name)
{
	uint64_t value = UINT64_MAX;

	dev_of(side)->next_service = 0;
	assert_int_equal(rte_rawdev_get_attr(raw[side]->dev_id, name, &value), 0);
	return value;
}

static inline bool
both_up(void)
{
	return dev_of(0)->link_up != 0 && dev_of(1)->link_up != 0;
}

static inline void
probe(uint8_t side, const char *args)
{
	char text[256];
	const char *name = side == NTB_EPF_SIDE_RC ? "raw_ntb_epf_rc" : "raw_ntb_epf_ep";

	snprintf(text, sizeof(text), "fake=1,side=%s%s", side == NTB_EPF_SIDE_RC ? "rc" : "ep", args);
	assert_int_equal(rte_vdev_init(name, text), 0);
	raw[side] = rte_rawdev_pmd_get_named_dev(name);
	assert_non_null(raw[side]);
}

static inline int
configure_and_start(uint8_t side, uint16_t queues, uint16_t queue_size, struct rte_mempool *mp)
{
	struct ntb_dev_config conf = { .num_queues = queues, .queue_size = queue_size };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = queue_size, .rx_mp = mp };
	uint16_t id = raw[side]->dev_id;
	uint16_t q;
	int ret;

	ret = rte_rawdev_configure(id, &info, sizeof(conf));
	for (q = 0; ret == 0 && q < queues; q++)
		ret = rte_rawdev_queue_setup(id, q, &qconf, sizeof(qconf));
	return ret != 0 ? ret : rte_rawdev_start(id);
}

static inline void
bring_up(const char *mover)
{
	char args[128];

	snprintf(args, sizeof(args), ",mover=%s,dma=rc", mover);
	probe(NTB_EPF_SIDE_RC, args);
	snprintf(args, sizeof(args), ",mover=%s,dma=ep", mover);
	probe(NTB_EPF_SIDE_EP, args);
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
}

static inline void
remove_side(uint8_t side)
{
	if (raw[side] == NULL)
		return;
	rte_vdev_uninit(side == NTB_EPF_SIDE_RC ? "raw_ntb_epf_rc" : "raw_ntb_epf_ep");
	raw[side] = NULL;
}

static inline int
set_up_test(void **state)
{
	unsigned int i;

	(void)state;
	bridge_reset();
	for (i = 0; i < 2; i++) {
		push_dma[i]->held = pull_dma[i]->held = false;
		push_dma[i]->fail_at = pull_dma[i]->fail_at = UINT32_MAX;
		push_dma[i]->watch = pull_dma[i]->watch = NULL;
		push_dma[i]->start_error = pull_dma[i]->start_error = 0;
		push_dma[i]->stop_error = pull_dma[i]->stop_error = 0;
		push_dma[i]->refuses = pull_dma[i]->refuses = false;
	}
	for (i = 0; i < RTE_DIM(bufs); i++)
		bufs[i] = &buf_array[i];
	return 0;
}

static inline int
tear_down_test(void **state)
{
	(void)state;
	/* Stopping together lets both sides answer: polls of one are no calls of the other. */
	remove_side(NTB_EPF_SIDE_RC);
	remove_side(NTB_EPF_SIDE_EP);
	return rte_mempool_avail_count(pool[0]) == POOL_MBUFS &&
		rte_mempool_avail_count(pool[1]) == POOL_MBUFS &&
		rte_mempool_avail_count(small_pool) == POOL_MBUFS ? 0 : -1;
}

/* Packets whose bytes tell which they are. */
static inline struct rte_mbuf *
make_packet(struct rte_mempool *mp, uint32_t len, uint8_t seed)
{
	struct rte_mbuf *head = NULL, *tail = NULL;
	uint32_t room = rte_pktmbuf_data_room_size(mp) - RTE_PKTMBUF_HEADROOM;
	uint32_t done = 0;

	while (done < len) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
		uint32_t part = RTE_MIN(len - done, room);
		uint8_t *p;
		uint32_t i;

		assert_non_null(m);
		p = rte_pktmbuf_mtod(m, uint8_t *);
		for (i = 0; i < part; i++)
			p[i] = (uint8_t)(seed + done + i);
		m->data_len = (uint16_t)part;
		m->pkt_len = part;
		if (head == NULL) {
			head = m;
		} else {
			tail->next = m;
			head->nb_segs++;
			head->pkt_len += part;
		}
		tail = m;
		done += part;
	}
	return head;
}

static inline void
check_packet(const struct rte_mbuf *m, uint32_t len, uint8_t seed)
{
	uint32_t done = 0;
	unsigned int segs = 0;

	assert_int_equal(m->pkt_len, len);
	segs = m->nb_segs;
	for (; m != NULL; m = m->next, segs--) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
		uint32_t i;

		for (i = 0; i < m->data_len; i++)
			assert_int_equal(p[i], (uint8_t)(seed + done + i));
		done += m->data_len;
	}
	assert_int_equal(segs, 0);
	assert_int_equal(done, len);
}

static inline unsigned int
send_packets(uint8_t side, unsigned int n, uint32_t len, struct rte_mempool *mp)
{
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++)
		bufs[i]->buf_addr = make_packet(mp, len, (uint8_t)i);
	sent = rte_rawdev_enqueue_buffers(raw[side]->dev_id, bufs, n, NULL);
	assert_true(sent >= 0);
	for (i = sent; i < n; i++)
		rte_pktmbuf_free(bufs[i]->buf_addr);
	return sent;
}

/* Polls the receiver, and the sender's receive side, as an application does. */
static inline unsigned int
receive_packets(uint8_t side, unsigned int max, uint32_t len)
{
	struct rte_rawdev_buf *mine[64];
	struct rte_rawdev_buf store[64];
	unsigned int got = 0;
	unsigned int tries, i;

	for (i = 0; i < 64; i++)
		mine[i] = &store[i];
	for (tries = 0; tries < 16 && got < max; tries++) {
		int n = rte_rawdev_dequeue_buffers(raw[side]->dev_id, mine,
						   RTE_MIN(max - got, 64u), NULL);

		assert_true(n >= 0);
		for (i = 0; i < (unsigned int)n; i++) {
			check_packet(store[i].buf_addr, len, (uint8_t)(got + i));
			rte_pktmbuf_free(store[i].buf_addr);
		}
		got += n;
		assert_int_equal(rte_rawdev_dequeue_buffers(raw[other(side)]->dev_id, mine, 64,
							    NULL), 0);
	}
	return got;
}

static inline void
cross(uint8_t from, unsigned int n, uint32_t len)
{
	uint8_t to = other(from);

	/* A push needs published buffers, which the receiver gives when it polls. */
	assert_int_equal(receive_packets(to, 1, 0), 0);
	assert_int_equal(send_packets(from, n, len, pool[from]), n);
	assert_int_equal(receive_packets(to, n, len), n);
}

static inline struct rte_mempool *
make_pool(const char *name, uint16_t room)
{
	/* No cache: the count of free mbufs is exact. */
	return rte_pktmbuf_pool_create(name, POOL_MBUFS, 0, 0, room + RTE_PKTMBUF_HEADROOM, 0);
}

/** EAL, pools, DMA devices and memory of the bridge, once per program. */
static inline int
env_create(const char *file_prefix)
{
	char *eal[] = { (char[]){ "test" }, (char[]){ "--no-huge" }, (char[]){ "-m" },
		(char[]){ "128" }, (char[]){ "--no-pci" }, (char[]){ "--iova-mode=va" },
		(char[]){ "--no-shconf" }, (char[]){ "--log-level=lib.eal:error" },
		(char[]){ "--file-prefix" }, (char *)(uintptr_t)file_prefix };
	unsigned int i;

	if (rte_eal_init(RTE_DIM(eal), eal) < 0)
		return -1;
	ntb_epf_platform_register(&fake_platform);
	for (i = 0; i < 2; i++) {
		pool[i] = make_pool(i == 0 ? "rc" : "ep", 2048);
		push_dma[i] = fake_dma_create(i == 0 ? "rc-push" : "ep-push",
					      RTE_DMA_CAPA_MEM_TO_DEV);
		pull_dma[i] = fake_dma_create(i == 0 ? "rc-pull" : "ep-pull",
					      RTE_DMA_CAPA_DEV_TO_MEM);
		if (pool[i] == NULL || push_dma[i] == NULL || pull_dma[i] == NULL)
			return -1;
		push_dma[i]->gate = pull_dma[i]->gate = i == NTB_EPF_SIDE_EP ? &bridge.bus_master : NULL;
	}
	small_pool = make_pool("small", SMALL_ROOM);
	return small_pool == NULL ? -1 : bridge_create();
}

#endif /* _NTB_EPF_ENV_H_ */
