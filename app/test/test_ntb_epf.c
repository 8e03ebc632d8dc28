/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Behaviour of the NTB rawdev, both sides in one process: see ntb_epf_env.h. */

#include "ntb_epf_env.h"

static const char *const movers[] = { "split", "rc", "ep", "cpu" };

static void
test_packets_cross_both_ways(void **state)
{
	unsigned int m, lap;

	for (m = 0; m < RTE_DIM(movers); m++) {
		bring_up(movers[m]);
		/* Many laps, with bursts that do not divide the ring. */
		for (lap = 0; lap < 300; lap++) {
			cross(NTB_EPF_SIDE_RC, 1 + lap % 37, 60 + lap);
			cross(NTB_EPF_SIDE_EP, 1 + lap % 29, 1500 - lap);
		}
		assert_int_equal(attr(0, "arrangement"), attr(1, "arrangement"));
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_unmapped_windows(void **state)
{
	unsigned int before;

	(void)state;
	bridge.unmapped = true;
	bring_up("ep");
	before = bridge.messages;
	cross(NTB_EPF_SIDE_RC, 32, 64);
	/* The entries, their completions, and twice 32 buffers for the other direction. */
	assert_int_equal(bridge.messages - before, 4);
}

static void
test_segments_and_small_buffers(void **state)
{
	struct rte_mempool *big = pool[1];
	unsigned int m;

	for (m = 0; m < RTE_DIM(movers); m++) {
		/* The endpoint's buffers are small: packets to it arrive as chains. */
		pool[1] = small_pool;
		bring_up(movers[m]);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		assert_int_equal(send_packets(0, 5, 3 * SMALL_ROOM + 7, pool[0]), 5);
		assert_int_equal(receive_packets(1, 5, 3 * SMALL_ROOM + 7), 5);
		assert_int_equal(receive_packets(0, 1, 0), 0);
		assert_int_equal(send_packets(1, 4, 2 * SMALL_ROOM + 1, small_pool), 4);
		assert_int_equal(receive_packets(0, 4, 2 * SMALL_ROOM + 1), 4);
		pool[1] = big;
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_full_ring_refuses_and_counts(void **state)
{
	unsigned int m;

	for (m = 0; m < RTE_DIM(movers); m++) {
		bring_up(movers[m]);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		assert_int_equal(send_packets(0, 100, 64, pool[0]), QUEUE_SIZE);
		assert_int_equal(dev_of(0)->queues[0].tx.stats.ring_full, 100 - QUEUE_SIZE);
		assert_int_equal(dev_of(0)->queues[0].tx.stats.packets, QUEUE_SIZE);
		assert_int_equal(receive_packets(1, QUEUE_SIZE, 64), QUEUE_SIZE);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_failed_copy_is_never_data(void **state)
{
	static const struct {
		const char *mover;
		bool push;
		uint8_t by;
	} cases[] = { { "split", true, 0 }, { "ep", false, 1 } };
	unsigned int c;

	for (c = 0; c < RTE_DIM(cases); c++) {
		struct fake_dma *d = cases[c].push ? push_dma[cases[c].by] : pull_dma[cases[c].by];
		struct rte_rawdev_buf one, *p = &one;
		unsigned int got = 0, tries;

		bring_up(cases[c].mover);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		d->fail_at = d->tail + 2;
		assert_int_equal(send_packets(0, 6, 200, pool[0]), 6);
		for (tries = 0; tries < 20; tries++) {
			if (rte_rawdev_dequeue_buffers(raw[1]->dev_id, &p, 1, NULL) == 1) {
				/* The third is missing, the others are whole. */
				check_packet(one.buf_addr, 200, got < 2 ? got : got + 1);
				rte_pktmbuf_free(one.buf_addr);
				got++;
			}
			rte_rawdev_dequeue_buffers(raw[0]->dev_id, &p, 1, NULL);
		}
		assert_int_equal(got, 5);
		assert_int_equal(dev_of(1)->queues[0].rx.stats.errors, 1);
		assert_int_equal(receive_packets(0, 1, 0), 0);
		assert_int_equal(send_packets(0, 0, 200, pool[0]), 0);
		assert_int_equal(dev_of(0)->queues[0].tx.stats.errors, 1);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_packets_that_cannot_cross(void **state)
{
	(void)state;
	probe(0, ",mover=ep");
	probe(1, ",mover=ep,dma=ep");
	assert_int_equal(rte_rawdev_set_attr(raw[1]->dev_id, "max_pkt_len", 1000), 0);
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_int_equal(attr(0, "max_pkt_len"), 1000);
	assert_int_equal(send_packets(0, 1, 1000, pool[0]), 1);
	assert_int_equal(send_packets(0, 1, 1001, pool[0]), 1);
	assert_int_equal(dev_of(0)->queues[0].tx.stats.errors, 1);
	assert_int_equal(dev_of(0)->queues[0].tx.stats.packets, 1);
	assert_int_equal(receive_packets(1, 2, 1000), 1);
}

/* Stop with copies under way: they end first, then the buffers come back. */
static void
test_link_down_waits_for_copies(void **state)
{
	(void)state;
	bring_up("split");
	push_dma[0]->held = true;
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_int_equal(send_packets(0, 8, 64, pool[0]), 8);
	bridge.present[1] = false;
	poll_links(5);
	assert_int_equal(dev_of(0)->link_up, 0);
	assert_int_equal(dev_of(0)->state, NTB_EPF_QUIESCE);
	fake_dma_run(push_dma[0], 7);
	poll_links(5);
	assert_int_equal(dev_of(0)->state, NTB_EPF_QUIESCE);
	fake_dma_run(push_dma[0], 1);
	poll_links(5);
	assert_int_equal(dev_of(0)->state, NTB_EPF_WAIT);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS);
	bridge.present[1] = true;
}

/* The host moves into the endpoint's memory; the endpoint may not take buffers back on its own. */
static void
test_endpoint_keeps_buffers_until_host_lets_go(void **state)
{
	unsigned int i;

	(void)state;
	bring_up("rc");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_true(rte_mempool_avail_count(pool[1]) < POOL_MBUFS);
	dev_of(1)->stopping = true;
	for (i = 0; i < 10; i++) {
		dev_of(1)->next_service = 0;
		ntb_epf_service(dev_of(1));
	}
	assert_int_equal(dev_of(1)->state, NTB_EPF_QUIESCE);
	assert_true(rte_mempool_avail_count(pool[1]) < POOL_MBUFS);
	/* The host looks, lets go and says so. */
	poll_links(5);
	assert_int_equal(dev_of(1)->state, NTB_EPF_STOPPED);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS);
}

static void
test_bus_master_is_off_until_endpoint_answers(void **state)
{
	(void)state;
	bridge.bus_master = false;
	probe(0, ",mover=ep");
	probe(1, ",dma=ep");
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	poll_links(10);
	assert_false(bridge.bus_master);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(bridge.bus_master);
	assert_true(both_up());
}

static void
test_restart_brings_link_back(void **state)
{
	unsigned int round;
	uint8_t side;

	(void)state;
	bring_up("split");
	for (round = 0; round < 6; round++) {
		side = round & 1;
		cross(0, 20, 100);
		/* Gone without a word: its process died. */
		bridge.present[side] = false;
		poll_links(3);
		assert_int_equal(dev_of(other(side))->link_up, 0);
		/* Its remains: state of a process that is no more. */
		rings_run(dev_of(side), 0);
		ntb_epf_ring_release(&dev_of(side)->queues[0].tx);
		ntb_epf_ring_release(&dev_of(side)->queues[0].rx);
		ntb_epf_dma_stop(dev_of(side));
		dev_of(side)->state = NTB_EPF_STOPPED;
		raw[side]->started = 0;
		remove_side(side);
		probe(side, side == 0 ? ",mover=split,dma=rc" : ",mover=split,dma=ep");
		assert_int_equal(configure_and_start(side, 1, QUEUE_SIZE, pool[side]), 0);
		poll_links(70);
		assert_true(both_up());
		cross(1, 20, 100);
	}
}

static void
test_stop_start_without_new_process(void **state)
{
	unsigned int round;

	(void)state;
	bring_up("split");
	for (round = 0; round < 6; round++) {
		uint8_t side = round & 1;
		uint32_t generation = dev_of(side)->generation;

		cross(other(side), 10, 300);
		dev_of(side)->stopping = true;
		poll_links(10);
		assert_int_equal(dev_of(side)->state, NTB_EPF_STOPPED);
		assert_int_equal(dev_of(other(side))->link_up, 0);
		rte_rawdev_stop(raw[side]->dev_id);
		assert_int_equal(rte_rawdev_start(raw[side]->dev_id), 0);
		assert_int_not_equal(dev_of(side)->generation, generation);
		poll_links(20);
		assert_true(both_up());
	}
}

static void
test_board_gone(void **state)
{
	(void)state;
	bring_up("split");
	cross(0, 10, 64);
	bridge.alive = false;
	poll_links(5);
	assert_int_equal(dev_of(0)->state, NTB_EPF_DEAD);
	assert_int_equal(dev_of(1)->state, NTB_EPF_DEAD);
	assert_int_equal(send_packets(0, 3, 64, pool[0]), 0);
}

struct mismatch {
	uint16_t queues;
	uint16_t queue_size;
	const char *mover;
};

static void
test_mismatch_is_refused(void **state)
{
	static const struct mismatch cases[] = {
		{ 2, QUEUE_SIZE, "split" },
		{ 1, QUEUE_SIZE, "ep" },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		char args[64];
		bool enough = cases[i].queues == 1;

		probe(0, ",mover=split,dma=rc");
		snprintf(args, sizeof(args), ",mover=%s,dma=ep", enough ? cases[i].mover : "auto");
		probe(1, args);
		assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
		assert_int_equal(configure_and_start(1, cases[i].queues, cases[i].queue_size,
						     pool[1]), 0);
		poll_links(30);
		assert_int_equal(dev_of(0)->link_up, 0);
		assert_int_equal(dev_of(1)->link_up, 0);
		assert_true(dev_of(0)->rejected != 0 || dev_of(1)->rejected != 0);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_forged_header_is_refused(void **state)
{
	struct ntb_epf_win_hdr *h = (struct ntb_epf_win_hdr *)bridge.window[0];
	struct ntb_epf_win_hdr good;
	unsigned int i;

	(void)state;
	bring_up("split");
	good = *h;
	for (i = 0; i < 7; i++) {
		*h = good;
		switch (i) {
		case 0: h->magic++; break;
		case 1: h->version++; break;
		case 2: h->hdr_bytes++; break;
		case 3: h->side = NTB_EPF_SIDE_RC; break;
		case 4: h->wish = 200; break;
		case 5: h->max_pkt_len = 0; break;
		case 6: h->queue_count = 9; break;
		}
		h->generation = good.generation + 100 + i;
		/* Only the host looks: the endpoint would put its own header back. */
		dev_of(0)->next_service = 0;
		ntb_epf_service(dev_of(0));
		dev_of(0)->next_service = 0;
		ntb_epf_service(dev_of(0));
		for (unsigned int k = 0; k < 6; k++) {
			dev_of(0)->next_service = 0;
			ntb_epf_service(dev_of(0));
		}
		assert_int_equal(dev_of(0)->rejected, good.generation + 100 + i);
		assert_int_equal(dev_of(0)->link_up, 0);
	}
	*h = good;
	poll_links(40);
	assert_true(both_up());
}

/* A completion that names another buffer or more bytes than there is room for is no packet. */
static void
test_forged_completions(void **state)
{
	struct ntb_epf_ring *r;
	uint64_t *cqe;
	struct rte_rawdev_buf one, *p = &one;

	(void)state;
	bring_up("split");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	r = &dev_of(1)->queues[0].rx;
	cqe = (uint64_t *)r->local;
	cqe[0] = ntb_epf_ent(&r->cq_lap, 100, 7, 0);
	cqe[1] = ntb_epf_ent(&r->cq_lap, r->buf_room + 1, 1, 0);
	cqe[2] = ntb_epf_ent(&r->cq_lap, 0, 2, 0);
	/* An older life's entry, and one of the next lap, are no entries at all. */
	cqe[3] = ntb_epf_ent(&r->cq_lap, 100, 3, 0) ^ (UINT64_C(1) << NTB_EPF_ENT_TAG_SHIFT);
	assert_int_equal(rte_rawdev_dequeue_buffers(raw[1]->dev_id, &p, 1, NULL), 0);
	assert_int_equal(r->cq, 3);
	assert_int_equal(r->stats.errors, 3);
	cqe[3] = ntb_epf_ent(&r->cq_lap, 100, 3, 0) ^ NTB_EPF_PHASE;
	assert_int_equal(rte_rawdev_dequeue_buffers(raw[1]->dev_id, &p, 1, NULL), 0);
	assert_int_equal(r->cq, 3);
	/* More completions than submissions: stops at what was given. */
	for (unsigned int i = 0; i < QUEUE_SIZE; i++)
		cqe[i] = ntb_epf_ent(&r->cq_lap, 64, i, NTB_EPF_FLAG_MORE);
	assert_int_equal(rte_rawdev_dequeue_buffers(raw[1]->dev_id, &p, 1, NULL), 0);
	assert_int_equal(r->cq, QUEUE_SIZE);
	assert_non_null(r->chain);
	assert_in_range(r->chain->nb_segs, 1, NTB_EPF_MAX_SEGS);
	assert_in_range(r->sq - r->cq, 0, QUEUE_SIZE);
}

static uint32_t longest_copy;

static void
note_longest(const struct fake_dma *d, const struct fake_dma_op *op)
{
	(void)d;
	longest_copy = RTE_MAX(longest_copy, op->len);
}

/* A buffer under a wrong id has the room that it says, not what a sum with the id would make of it. */
static void
test_forged_room(void **state)
{
	struct ntb_epf_ring *r;
	struct ntb_epf_sqe *sqe;

	(void)state;
	bring_up("split");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	r = &dev_of(0)->queues[0].tx;
	sqe = (struct ntb_epf_sqe *)r->local;
	sqe[0].word[1] = ntb_epf_ent(&r->sq_lap, 63, 1, 0);
	longest_copy = 0;
	push_dma[0]->watch = note_longest;
	assert_int_equal(send_packets(0, 1, 64, pool[0]), 1);
	assert_int_equal(longest_copy, 63);
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_int_equal(dev_of(1)->queues[0].rx.stats.errors, 1);
	cross(0, 10, 64);
}

/* Submissions of a hostile sender: lengths of 0 and beyond all bounds, chains without end. */
static void
test_forged_submissions(void **state)
{
	struct ntb_epf_ring *r;
	struct ntb_epf_sqe *sqe;
	struct rte_rawdev_buf one, *p = &one;
	struct rte_mbuf *m;
	unsigned int i;

	(void)state;
	bring_up("ep");
	r = &dev_of(1)->queues[0].rx;
	sqe = (struct ntb_epf_sqe *)r->local;
	m = make_packet(pool[0], 64, 0);
	for (i = 0; i < QUEUE_SIZE; i++) {
		uint32_t len = i == 0 ? 0 : i == 1 ? UINT32_MAX : i == 2 ? r->max_pkt_len + 1 : 64;

		sqe[i].word[0] = ntb_epf_sqe0(&r->sq_lap, rte_pktmbuf_iova(m));
		sqe[i].word[1] = ntb_epf_ent(&r->sq_lap, len, i, i > 2 ? NTB_EPF_FLAG_MORE : 0);
	}
	for (i = 0; i < 10; i++)
		assert_int_equal(rte_rawdev_dequeue_buffers(raw[1]->dev_id, &p, 1, NULL), 0);
	assert_int_equal(r->cq, QUEUE_SIZE);
	assert_int_equal(r->stats.errors, 3);
	assert_true(r->chain == NULL || r->chain->nb_segs <= NTB_EPF_MAX_SEGS);
	rte_pktmbuf_free(m);
}

static void
test_arguments(void **state)
{
	static const char *const bad[] = {
		"", "side=rc", "fake=1", "fake=1,side=xx", "fake=1,side=rc,side=ep", "fake=1,side",
		"fake=1,side=rc,mover=cpu0", "fake=1,side=rc,fallback", "fake=1,side=rc,fallback=2",
		"fake=1,side=rc,fallback=yes", "fake=1,side=rc,mover",
		"fake=1,side=rc,dma=", "fake=1,side=rc,transport=linux",
		"fake=1,side=rc,transport=x", "fake=1,side=rc,bogus=1", "fake=1,side=rc,,=",
		"fake=1,side=rc,dma=1,dma=2,dma=3,dma=4,dma=5,dma=6,dma=7,dma=8,dma=9",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(bad); i++) {
		assert_int_not_equal(rte_vdev_init("raw_ntb_epf_bad", bad[i]), 0);
		assert_null(rte_rawdev_pmd_get_named_dev("raw_ntb_epf_bad"));
	}
}

static void
test_configure_arguments(void **state)
{
	struct ntb_dev_config conf = { .num_queues = 1, .queue_size = QUEUE_SIZE };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = QUEUE_SIZE, .rx_mp = pool[0] };
	static const struct { uint16_t queues, size; int error; } bad[] = {
		{ 0, 64, -EINVAL }, { 65, 64, -EINVAL }, { 1, 0, -EINVAL }, { 1, 63, -EINVAL },
		{ 1, 100, -EINVAL }, { 1, 8192, -EINVAL }, { 64, 4096, -ENOSPC },
	};
	unsigned int i;
	uint16_t id;

	(void)state;
	probe(0, ",mover=ep");
	id = raw[0]->dev_id;
	assert_int_not_equal(rte_rawdev_start(id), 0);
	for (i = 0; i < RTE_DIM(bad); i++) {
		conf.num_queues = bad[i].queues;
		conf.queue_size = bad[i].size;
		assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), bad[i].error);
	}
	conf.num_queues = 1;
	conf.queue_size = QUEUE_SIZE;
	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf) - 1), -EINVAL);
	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), 0);
	assert_int_equal(rte_rawdev_queue_setup(id, 1, &qconf, sizeof(qconf)), -EINVAL);
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf) + 1), -EINVAL);
	qconf.nb_desc = 2 * QUEUE_SIZE;
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), -EINVAL);
	qconf.nb_desc = QUEUE_SIZE;
	qconf.rx_mp = NULL;
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), -EINVAL);
	assert_int_not_equal(rte_rawdev_start(id), 0);
	qconf.rx_mp = pool[0];
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), 0);
	assert_int_equal(rte_rawdev_start(id), 0);
	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), -EBUSY);
	assert_int_equal(rte_rawdev_enqueue_buffers(id, bufs, 1, (void *)(uintptr_t)1), -EINVAL);
	assert_int_equal(rte_rawdev_dequeue_buffers(id, bufs, 1, (void *)(uintptr_t)1), -EINVAL);
}

/* Closing what never ran, and bursts on it, touch nothing. */
static void
test_bursts_without_queues(void **state)
{
	(void)state;
	probe(0, ",mover=ep");
	assert_int_equal(configure_and_start(0, 64, 4096, pool[0]), -ENOSPC);
	assert_int_equal(rte_rawdev_enqueue_buffers(raw[0]->dev_id, bufs, 1, NULL), -EINVAL);
	assert_int_equal(rte_rawdev_dequeue_buffers(raw[0]->dev_id, bufs, 1, NULL), -EINVAL);
	remove_side(0);
	assert_int_equal(bridge.present[0], false);
}

static void
test_mover_without_dma_is_refused(void **state)
{
	(void)state;
	probe(1, ",mover=ep,dma=rc-push");
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), -ENODEV);
	remove_side(1);
	probe(1, ",mover=split,dma=nothing");
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), -ENODEV);
}

static void
test_xstats(void **state)
{
	struct rte_rawdev_xstats_name names[64];
	unsigned int ids[64], id;
	uint64_t values[64];
	uint16_t dev_id;
	int n, i;

	(void)state;
	bring_up("ep");
	cross(0, 10, 100);
	dev_id = raw[0]->dev_id;
	n = rte_rawdev_xstats_names_get(dev_id, names, RTE_DIM(names));
	assert_in_range(n, 10, RTE_DIM(names));
	for (i = 0; i < n; i++) {
		ids[i] = i;
		assert_true(rte_rawdev_xstats_by_name_get(dev_id, names[i].name, &id) != (uint64_t)-EINVAL);
		assert_int_equal(id, i);
	}
	assert_int_equal(rte_rawdev_xstats_get(dev_id, ids, values, n), n);
	assert_int_equal(rte_rawdev_xstats_by_name_get(dev_id, "Tx-packets", NULL), 10);
	assert_int_equal(rte_rawdev_xstats_by_name_get(dev_id, "Tx-q0-bytes", NULL), 1000);
	id = 0;
	assert_int_equal(rte_rawdev_xstats_reset(dev_id, &id, 1), 0);
	assert_int_equal(rte_rawdev_xstats_by_name_get(dev_id, "Tx-packets", NULL), 0);
	assert_int_equal(rte_rawdev_xstats_by_name_get(dev_id, "Tx-bytes", NULL), 1000);
	id = n;
	assert_int_not_equal(rte_rawdev_xstats_reset(dev_id, &id, 1), 0);
}

static void
test_scratchpads(void **state)
{
	uint64_t value;

	(void)state;
	bring_up("ep");
	assert_int_equal(attr(0, NTB_SPAD_CNT_NAME), 128);
	assert_int_equal(rte_rawdev_set_attr(raw[0]->dev_id, "spad_user_0", 0x1234), 0);
	assert_int_equal(rte_rawdev_set_attr(raw[1]->dev_id, "spad_user_0", 0x5678), 0);
	assert_int_equal(attr(1, "spad_user_0"), 0x1234);
	assert_int_equal(attr(0, "spad_user_0"), 0x5678);
	assert_int_equal(rte_rawdev_get_attr(raw[0]->dev_id, "spad_user_128", &value), -EINVAL);
	assert_int_equal(rte_rawdev_get_attr(raw[0]->dev_id, "spad_user_", &value), -EINVAL);
	assert_int_equal(rte_rawdev_get_attr(raw[0]->dev_id, "spad_user_1x", &value), -EINVAL);
	assert_int_equal(rte_rawdev_get_attr(raw[0]->dev_id, "nothing", &value), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_packets_cross_both_ways),
		TEST(test_unmapped_windows),
		TEST(test_segments_and_small_buffers),
		TEST(test_full_ring_refuses_and_counts),
		TEST(test_failed_copy_is_never_data),
		TEST(test_packets_that_cannot_cross),
		TEST(test_link_down_waits_for_copies),
		TEST(test_endpoint_keeps_buffers_until_host_lets_go),
		TEST(test_bus_master_is_off_until_endpoint_answers),
		TEST(test_restart_brings_link_back),
		TEST(test_stop_start_without_new_process),
		TEST(test_board_gone),
		TEST(test_mismatch_is_refused),
		TEST(test_forged_header_is_refused),
		TEST(test_forged_completions),
		TEST(test_forged_room),
		TEST(test_forged_submissions),
		TEST(test_arguments),
		TEST(test_configure_arguments),
		TEST(test_bursts_without_queues),
		TEST(test_mover_without_dma_is_refused),
		TEST(test_xstats),
		TEST(test_scratchpads),
	};

	if (env_create("test_ntb_epf") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
