/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Arrangement cpu: cells in windows, and what a hostile peer may say of them. */

#include "ntb_epf_env.h"

#define RC NTB_EPF_SIDE_RC
#define EP NTB_EPF_SIDE_EP

/** Windows of @p bytes on both sides; what is behind them is watched. */
static void
bring_up_with(uint64_t bytes, uint16_t queues, uint16_t depth)
{
	unsigned int side;

	probe(RC, ",mover=cpu,dma=rc");
	probe(EP, ",mover=cpu,dma=ep");
	dev_of(RC)->mw_bar.bytes = bytes;
	for (side = 0; side < 2; side++) {
		dev_of(side)->window_bytes = bytes;
		memset(bridge.window[side] + bytes, 0xa5, WINDOW_BYTES - bytes);
		assert_int_equal(configure_and_start(side, queues, depth, pool[side]), 0);
	}
	poll_links(30);
}

static void
check_guards(uint64_t bytes)
{
	unsigned int side;
	uint64_t i;

	for (side = 0; side < 2; side++)
		for (i = bytes; i < WINDOW_BYTES; i++)
			assert_int_equal(bridge.window[side][i], 0xa5);
}

/* Every plan: cells lie behind the rings, do not overlap, and hold a frame of Ethernet. */
static void
test_plans(void **state)
{
	uint64_t room;
	uint32_t depth;
	uint16_t queues;
	unsigned int plans = 0;

	(void)state;
	for (queues = 1; queues <= NTB_EPF_MAX_QUEUES; queues *= 2)
		for (depth = NTB_EPF_MIN_QUEUE_SIZE; depth <= NTB_EPF_MAX_QUEUE_SIZE; depth *= 2)
			for (room = 4096; room <= (64 << 20); room += room / 8 + 64) {
				uint64_t least = ntb_epf_cells_least_room(queues, depth);
				struct ntb_epf_cells c;

				assert_int_equal(ntb_epf_cells_plan(&c, room, queues, depth),
						 room >= least);
				if (room < least)
					continue;
				assert_int_equal(c.start, NTB_EPF_PAYLOAD_OFFSET(queues, depth));
				assert_int_equal(c.start % 64, 0);
				assert_true(c.start + (uint64_t)queues * c.count * c.bytes <= room);
				assert_in_range(c.count, 16, depth);
				assert_true(rte_is_power_of_2(c.count));
				assert_in_range(c.bytes, 256, 2112);
				assert_int_equal(c.bytes % 128, 64);
				assert_true(rte_is_power_of_2(c.batch));
				assert_in_range(c.batch, 4, c.count / 4);
				assert_true(ntb_epf_cells_max_pkt_len(&c) >= 1518);
				plans++;
			}
	assert_true(plans > 1000);
	/* Room for all: as many cells as entries, and the largest. */
	{
		struct ntb_epf_cells c;

		assert_true(ntb_epf_cells_plan(&c, 2 << 20, 1, 512));
		assert_int_equal(c.count, 512);
		assert_int_equal(c.bytes, 2112);
	}
}

static void
test_no_engine_is_touched(void **state)
{
	unsigned int starts[4], i;
	struct fake_dma *all[] = { push_dma[0], push_dma[1], pull_dma[0], pull_dma[1] };

	(void)state;
	for (i = 0; i < RTE_DIM(all); i++)
		starts[i] = all[i]->starts;
	bring_up("cpu");
	cross(RC, 40, 64);
	cross(EP, 40, 1500);
	assert_int_equal(attr(RC, "arrangement"), NTB_EPF_MOVER_CPU);
	assert_int_equal(attr(EP, "Link-arrangement"), NTB_EPF_MOVER_CPU);
	for (i = 0; i < RTE_DIM(all); i++) {
		assert_int_equal(all[i]->starts, starts[i]);
		assert_int_equal(all[i]->tail, 0);
	}
	/* Nor looked for: no device is configured. */
	assert_int_equal(dev_of(RC)->nb_chans, 0);
	assert_int_equal(dev_of(EP)->nb_chans, 0);
}

/* Packets of every length around lines and cells, as one segment and as many. */
static void
test_lengths(void **state)
{
	static const uint32_t lengths[] = { 1, 8, 59, 60, 63, 64, 65, 127, 128, 129, 255, 256, 257,
					    2047, 2048, 2049, 2111, 2112, 2113, 4224, 4225, 9000 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unsigned int k;

		bridge.unmapped = i == 1;
		bring_up("cpu");
		for (k = 0; k < RTE_DIM(lengths); k++) {
			cross(RC, 3, lengths[k]);
			cross(EP, 3, lengths[k]);
		}
		assert_int_equal(receive_packets(EP, 1, 0), 0);
		assert_int_equal(send_packets(RC, 2, 9000, small_pool), 2);
		assert_int_equal(receive_packets(EP, 2, 9000), 2);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* What the sender's mbuf holds behind the packet is nobody else's business. */
static void
test_nothing_leaks(void **state)
{
	struct rte_mbuf *m;
	uint8_t *at;
	unsigned int i;

	(void)state;
	bring_up("cpu");
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	memset(bridge.window[EP] + dev_of(EP)->cells.start, 0x5a, 4096);
	m = make_packet(pool[RC], 70, 1);
	memset(rte_pktmbuf_mtod_offset(m, uint8_t *, 70), 0xee, 200);
	bufs[0]->buf_addr = m;
	assert_int_equal(rte_rawdev_enqueue_buffers(raw[RC]->dev_id, bufs, 1, NULL), 1);
	at = bridge.window[EP] + dev_of(EP)->queues[0].rx.cells;
	for (i = 70; i < 128; i++)
		assert_int_equal(at[i], 0);
	assert_int_equal(at[128], 0x5a);
	assert_int_equal(receive_packets(EP, 0, 70), 0);
}

/* Long packets that need nearly all cells go on crossing, whatever was published last. */
static void
test_longest_packets(void **state)
{
	uint64_t bytes = ntb_epf_cells_least_room(1, QUEUE_SIZE);
	uint32_t longest;
	unsigned int i;

	(void)state;
	bring_up_with(bytes, 1, QUEUE_SIZE);
	assert_true(both_up());
	assert_int_equal(dev_of(RC)->cells.count, 16);
	longest = (uint32_t)attr(RC, "max_pkt_len");
	assert_int_equal(longest, 12 * 320);
	for (i = 0; i < 100; i++) {
		cross(RC, 1, 1 + i * 7);
		cross(RC, 1, longest);
		cross(EP, 1, longest - i);
	}
	/* One byte more never fits: dropped and counted, and it blocks nothing. */
	assert_int_equal(send_packets(RC, 1, longest + 1, pool[RC]), 1);
	assert_int_equal(attr(RC, "Tx-errors"), 1);
	cross(RC, 1, longest);
	check_guards(bytes);
}

static void
test_tiny_windows_are_refused(void **state)
{
	uint16_t queues;

	for (queues = 1; queues <= 4; queues *= 2) {
		uint64_t least = ntb_epf_cells_least_room(queues, QUEUE_SIZE);

		bring_up_with(least - 64, queues, QUEUE_SIZE);
		assert_false(both_up());
		assert_true(dev_of(RC)->rejected != 0 || dev_of(EP)->rejected != 0);
		assert_int_equal(attr(RC, "arrangement"), 0);
		check_guards(least - 64);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);

		bring_up_with(least, queues, QUEUE_SIZE);
		assert_true(both_up());
		cross(RC, 12, 64);
		cross(EP, 2, 1500);
		check_guards(least);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static struct ntb_epf_ring *
tx_of(uint8_t side)
{
	return &dev_of(side)->queues[0].tx;
}

/** The peer publishes this instead of its next cell. */
static void
forge_cell(uint8_t sender, uint32_t number, uint64_t at, uint32_t room)
{
	struct ntb_epf_ring *r = tx_of(sender);
	struct ntb_epf_sqe *sqe = (struct ntb_epf_sqe *)r->local + (number & r->mask);

	sqe->word[0] = ntb_epf_sqe0(&r->sq_lap, at & NTB_EPF_SQE0_ADDR_MASK);
	sqe->word[1] = ntb_epf_ent(&r->sq_lap, room, (uint16_t)number, 0);
}

/** The peer publishes these instead of all its next cells. */
static void
forge_ring(uint8_t sender, uint64_t at, uint32_t room)
{
	struct ntb_epf_ring *r = tx_of(sender);
	struct ntb_epf_lap lap = r->sq_lap;
	uint32_t number = r->sq;

	while (number - r->sq <= r->mask) {
		struct ntb_epf_sqe *sqe = (struct ntb_epf_sqe *)r->local + (number & r->mask);

		sqe->word[0] = ntb_epf_sqe0(&lap, at);
		sqe->word[1] = ntb_epf_ent(&lap, room, (uint16_t)number, 0);
		number = ntb_epf_lap_next(&lap, number, r->mask);
	}
}

/* A cell that is none takes one packet with it and nothing else is written. */
static void
test_hostile_cells(void **state)
{
	const uint64_t bytes = 65536;
	const uint64_t start = NTB_EPF_PAYLOAD_OFFSET(1, QUEUE_SIZE);
	const struct { uint64_t at; uint32_t room; } cells[] = {
		{ 0, 2048 }, { start - 64, 2048 }, { start + 1, 2048 }, { start, 2047 }, { start, 0 },
		{ bytes, 64 }, { bytes - 64, 128 }, { bytes - 2048 + 64, 2048 },
		{ UINT64_MAX, 2048 }, { UINT64_MAX & ~UINT64_C(63), 64 },
		{ start, UINT32_MAX & ~63u }, { UINT64_MAX & ~UINT64_C(63), UINT32_MAX & ~63u },
		{ (UINT64_C(1) << 57) - 64, 64 }, { UINT64_C(1) << 32, 64 },
	};
	uint8_t *before = malloc(bytes);
	unsigned int i;

	(void)state;
	bring_up_with(bytes, 1, QUEUE_SIZE);
	assert_true(both_up());
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	for (i = 0; i < RTE_DIM(cells); i++) {
		struct ntb_epf_ring *r = tx_of(RC);
		uint32_t number = r->sq;

		memcpy(before, bridge.window[EP], bytes);
		forge_cell(RC, number, cells[i].at, cells[i].room);
		assert_int_equal(send_packets(RC, 1, 64, pool[RC]), 1);
		assert_int_equal(r->stats.errors, i + 1);
		assert_int_equal(r->sq, number + 1);
		/* The completion that says so, and not a byte of payload. */
		*(uint64_t *)(before + r->remote + 8 * (number & r->mask)) =
			ntb_epf_ent(&r->cq_lap, 0, (uint16_t)number, NTB_EPF_FLAG_ERROR);
		assert_memory_equal(before + start, bridge.window[EP] + start, bytes - start);
		assert_memory_equal(before + r->remote, bridge.window[EP] + r->remote,
				    NTB_EPF_AREA_BYTES(QUEUE_SIZE));
		check_guards(bytes);
	}
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	assert_int_equal(attr(EP, "Rx-errors"), RTE_DIM(cells));
	free(before);
	cross(RC, 30, 100);
}

/* A packet over cells of which one is none: never delivered, never beyond the window. */
static void
test_hostile_chains(void **state)
{
	const uint64_t bytes = 65536;
	const uint64_t start = NTB_EPF_PAYLOAD_OFFSET(1, QUEUE_SIZE);
	const struct { uint64_t at; uint32_t room; } second[] = {
		{ bytes - 64, 2048 }, { 0, 2048 }, { start, 0 },
	};
	uint8_t before[NTB_EPF_AREA_BYTES(QUEUE_SIZE)];
	unsigned int i;

	(void)state;
	bring_up_with(bytes, 1, QUEUE_SIZE);
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	for (i = 0; i < RTE_DIM(second); i++) {
		struct ntb_epf_ring *r = tx_of(RC);

		forge_cell(RC, r->sq + 1, second[i].at, second[i].room);
		assert_int_equal(send_packets(RC, 1, 3 * dev_of(RC)->cells.bytes, pool[RC]), 1);
		assert_int_equal(r->stats.errors, i + 1);
		check_guards(bytes);
		assert_int_equal(receive_packets(EP, 1, 0), 0);
		assert_int_equal(attr(EP, "Rx-errors"), i + 1);
	}
	/* One that needs more cells than a chain may have. */
	memcpy(before, tx_of(RC)->local, sizeof(before));
	forge_ring(RC, start, 64);
	assert_int_equal(send_packets(RC, 1, 64 * 64 + 1, pool[RC]), 1);
	assert_int_equal(attr(RC, "Tx-errors"), i + 1);
	memcpy(tx_of(RC)->local, before, sizeof(before));
	cross(RC, 1, 64);
}

/* Completions that are wrong are no packets, and the cell comes back. */
static void
test_hostile_completions(void **state)
{
	static const struct { uint32_t len, id_off; uint8_t flags; } wrong[] = {
		{ 0, 0, 0 }, { 100, 1, 0 }, { 2113, 0, 0 }, { UINT32_MAX, 0, 0 },
		{ 100, 0, NTB_EPF_FLAG_ERROR }, { 0, 0, 0xff },
	};
	struct rte_rawdev_buf one, *p = &one;
	struct ntb_epf_ring *r;
	unsigned int i;

	(void)state;
	bring_up("cpu");
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	r = &dev_of(EP)->queues[0].rx;
	for (i = 0; i < 40; i++) {
		uint64_t *cqe = (uint64_t *)r->local + (r->cq & r->mask);
		unsigned int k = i % RTE_DIM(wrong);

		*cqe = ntb_epf_ent(&r->cq_lap, wrong[k].len, (uint16_t)(r->cq + wrong[k].id_off),
				   wrong[k].flags & ~NTB_EPF_FLAG_MORE);
		assert_int_equal(rte_rawdev_dequeue_buffers(raw[EP]->dev_id, &p, 1, NULL), 0);
		assert_int_equal(r->cq, i + 1);
		assert_int_equal(r->stats.errors, i + 1);
	}
	assert_in_range(r->sq - r->cq, QUEUE_SIZE - r->dev->cells.batch + 1, QUEUE_SIZE);
	/* Chains without end stop at what a packet may be. */
	for (i = 0; i < 60; i++) {
		uint64_t *cqe = (uint64_t *)r->local + (r->cq & r->mask);

		*cqe = ntb_epf_ent(&r->cq_lap, 2112, (uint16_t)r->cq, NTB_EPF_FLAG_MORE);
		assert_int_equal(rte_rawdev_dequeue_buffers(raw[EP]->dev_id, &p, 1, NULL), 0);
		assert_true(r->chain == NULL || r->chain->nb_segs <= NTB_EPF_MAX_SEGS);
		assert_true(r->chain == NULL || r->chain->pkt_len <= r->max_pkt_len);
	}
	assert_true(r->chain_bad);
	/* Nothing of an older life, or more than was published. */
	assert_int_equal(rte_rawdev_dequeue_buffers(raw[EP]->dev_id, &p, 1, NULL), 0);
}

/* An empty pool costs no packet, in whole packets and in the middle of one. */
static void
test_empty_pool(void **state)
{
	struct rte_mbuf *all[POOL_MBUFS];
	struct ntb_epf_ring *rx;
	static const uint32_t lengths[] = { 64, 9000 };
	unsigned int i, n;

	(void)state;
	bring_up("cpu");
	for (i = 0; i < RTE_DIM(lengths); i++) {
		assert_int_equal(receive_packets(EP, 1, 0), 0);
		assert_int_equal(send_packets(RC, 5, lengths[i], pool[RC]), 5);
		rx = &dev_of(EP)->queues[0].rx;
		rte_pktmbuf_free_bulk(rx->stash, rx->nb_stash);
		rx->nb_stash = 0;
		n = rte_mempool_avail_count(pool[EP]);
		assert_int_equal(rte_pktmbuf_alloc_bulk(pool[EP], all, n), 0);
		assert_int_equal(receive_packets(EP, 1, 0), 0);
		assert_true(attr(EP, "Rx-no-buffer") > 0);
		rte_pktmbuf_free_bulk(all, n);
		assert_int_equal(receive_packets(EP, 5, lengths[i]), 5);
	}
	assert_int_equal(attr(EP, "Rx-errors"), 0);
}

/* A peer that is gone holds nothing: all is back at the first look, with no engine to wait for. */
static void
test_death_of_the_peer(void **state)
{
	(void)state;
	bring_up("cpu");
	assert_int_equal(receive_packets(EP, 1, 0), 0);
	assert_int_equal(send_packets(RC, 30, 64, pool[RC]), 30);
	assert_int_equal(rte_mempool_avail_count(pool[RC]), POOL_MBUFS);
	bridge.present[RC] = false;
	poll_links(3);
	assert_int_equal(dev_of(EP)->link_up, 0);
	assert_int_equal(dev_of(EP)->state, NTB_EPF_WAIT);
	assert_int_equal(attr(EP, "Link-quarantined"), 0);
	assert_int_equal(rte_mempool_avail_count(pool[EP]), POOL_MBUFS);
	bridge.present[RC] = true;
}

/* A burst that the peer's process was in when the link went down ends before a cell is given anew. */
static void
test_no_cell_while_a_burst_is_inside(void **state)
{
	struct ntb_epf_ring *tx;
	unsigned int i;

	(void)state;
	bring_up("cpu");
	cross(RC, 5, 64);
	tx = tx_of(RC);
	tx->busy = 1;
	dev_of(EP)->stopping = true;
	poll_links(10);
	assert_int_equal(dev_of(EP)->state, NTB_EPF_STOPPED);
	rte_rawdev_stop(raw[EP]->dev_id);
	assert_int_equal(rte_rawdev_start(raw[EP]->dev_id), 0);
	for (i = 0; i < 100; i++) {
		poll_links(1);
		assert_int_equal(dev_of(EP)->link_up, 0);
		assert_int_equal(dev_of(EP)->queues[0].rx.sq, dev_of(EP)->queues[0].rx.cq);
	}
	tx->busy = 0;
	poll_links(70);
	assert_true(both_up());
	cross(RC, 5, 64);
}

/** Room of a buffer that is not made of whole lines, and bytes behind it that belong to nobody. */
#define ODD_ROOM 100
#define PADDING 28

static unsigned int spoilt;

static void
paint(struct rte_mempool *mp, void *check, void *object, unsigned int index)
{
	struct rte_mbuf *m = object;
	uint8_t *padding = (uint8_t *)m->buf_addr + m->buf_len;
	unsigned int i;

	(void)mp;
	(void)index;
	for (i = 0; check != NULL && i < PADDING; i++)
		spoilt += padding[i] != 0x77;
	memset(padding, 0x77, PADDING);
}

/* Payload is copied by whole lines only into buffers that have whole lines. */
static void
test_odd_buffers(void **state)
{
	struct rte_mempool *good = pool[EP];
	uint32_t len;

	(void)state;
	pool[EP] = make_pool("odd", ODD_ROOM);
	assert_non_null(pool[EP]);
	rte_mempool_obj_iter(pool[EP], paint, NULL);
	bring_up("cpu");
	for (len = 1; len < 5 * ODD_ROOM; len++) {
		assert_int_equal(receive_packets(EP, 1, 0), 0);
		assert_int_equal(send_packets(RC, 3, len, pool[RC]), 3);
		assert_int_equal(receive_packets(EP, 3, len), 3);
	}
	rte_mempool_obj_iter(pool[EP], paint, pool);
	assert_int_equal(spoilt, 0);
	remove_side(RC);
	remove_side(EP);
	assert_int_equal(rte_mempool_avail_count(pool[EP]), POOL_MBUFS);
	rte_mempool_free(pool[EP]);
	pool[EP] = good;
}

/* The windows' user part is empty: cells are all over it. */
static void
test_user_part(void **state)
{
	unsigned int starts = push_dma[RC]->starts + pull_dma[RC]->starts;

	(void)state;
	probe(RC, ",dma=rc");
	probe(EP, ",mover=cpu");
	assert_int_not_equal(attr(RC, "mw_0_user"), WINDOW_BYTES);
	assert_int_equal(attr(EP, "mw_0_user"), WINDOW_BYTES);
	assert_int_equal(configure_and_start(RC, 1, QUEUE_SIZE, pool[RC]), 0);
	assert_int_equal(configure_and_start(EP, 1, QUEUE_SIZE, pool[EP]), 0);
	poll_links(20);
	assert_true(both_up());
	assert_int_equal(attr(RC, "mw_0_user"), WINDOW_BYTES);
	/* Channels that the host took, as it did not know better, are left alone. */
	assert_int_equal(dev_of(RC)->nb_chans, 2);
	cross(RC, 5, 64);
	assert_int_equal(push_dma[RC]->starts + pull_dma[RC]->starts, starts);
}

/* Several queue pairs: each has cells of its own. */
static void
test_queues(void **state)
{
	unsigned int q;

	(void)state;
	bring_up_with(WINDOW_BYTES, 4, 128);
	assert_true(both_up());
	for (q = 1; q < 4; q++) {
		struct ntb_epf_ring *r = &dev_of(EP)->queues[q].rx;
		const struct ntb_epf_cells *c = &dev_of(EP)->cells;

		assert_int_equal(r->cells - dev_of(EP)->queues[q - 1].rx.cells,
				 (uint64_t)c->count * c->bytes);
		assert_true(r->cells + (uint64_t)c->count * c->bytes <= WINDOW_BYTES);
	}
	for (q = 0; q < 4; q++) {
		void *context = (void *)(uintptr_t)q;
		unsigned int i;

		assert_int_equal(rte_rawdev_dequeue_buffers(raw[EP]->dev_id, bufs, 1, context), 0);
		for (i = 0; i < 8; i++)
			bufs[i]->buf_addr = make_packet(pool[RC], 100, (uint8_t)(16 * q + i));
		assert_int_equal(rte_rawdev_enqueue_buffers(raw[RC]->dev_id, bufs, 8, context), 8);
	}
	for (q = 0; q < 4; q++) {
		void *context = (void *)(uintptr_t)q;
		unsigned int i;

		assert_int_equal(rte_rawdev_dequeue_buffers(raw[EP]->dev_id, bufs, 32, context), 8);
		for (i = 0; i < 8; i++) {
			check_packet(bufs[i]->buf_addr, 100, (uint8_t)(16 * q + i));
			rte_pktmbuf_free(bufs[i]->buf_addr);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_plans),
		TEST(test_no_engine_is_touched),
		TEST(test_lengths),
		TEST(test_nothing_leaks),
		TEST(test_longest_packets),
		TEST(test_tiny_windows_are_refused),
		TEST(test_hostile_cells),
		TEST(test_hostile_chains),
		TEST(test_hostile_completions),
		TEST(test_empty_pool),
		TEST(test_death_of_the_peer),
		TEST(test_no_cell_while_a_burst_is_inside),
		TEST(test_odd_buffers),
		TEST(test_user_part),
		TEST(test_queues),
	};

	if (env_create("test_ntb_epf_cpu") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
