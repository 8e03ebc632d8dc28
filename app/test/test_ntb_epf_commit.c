/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Completions that the engine writes. The DMA devices are named like channels and keep fences. */

#include "ntb_epf_queues.h"

static const char *const movers[] = { "split", "rc", "ep" };

/* By side: what it pushes with, and pulls with. */
static struct fake_dma *pusher[2], *puller[2];

static int
set_up_commit(void **state)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pusher[i]->held = pusher[i]->refuses = pusher[i]->refuses_fences = false;
		puller[i]->held = false;
		pusher[i]->fail_at = puller[i]->fail_at = UINT32_MAX;
		pusher[i]->watch = NULL;
	}
	dma_prefix = "dw";
	return set_up_test(state);
}

static void
again(void **state)
{
	assert_int_equal(tear_down_test(state), 0);
	set_up_commit(state);
}

static struct ntb_epf_stats *
tx_stats(uint8_t side, unsigned int queue)
{
	return &ring_of(side, true, queue)->stats;
}

/* By default the engine commits on write channels, with which the endpoint pushes. */
static void
test_defaults(void **state)
{
	static const struct {
		const char *mover, *args;
		uint64_t commit[2];
	} cases[] = {
		{ "split", "", { 1, 2 } },
		{ "rc", "", { 1, 0 } },
		{ "ep", "", { 0, 2 } },
		{ "split", ",commit=engine", { 2, 2 } },
		{ "split", ",commit=cpu", { 1, 1 } },
		{ "cpu", ",commit=engine", { 0, 0 } },
	};
	unsigned int c, side;

	for (c = 0; c < RTE_DIM(cases); c++) {
		bring_up_queues(cases[c].mover, 1, cases[c].args);
		for (side = 0; side < 2; side++) {
			assert_int_equal(attr(side, "commit"), cases[c].commit[side]);
			assert_int_equal(attr(side, "Link-commit"), cases[c].commit[side]);
		}
		again(state);
	}
}

static void
test_arguments(void **state)
{
	static const char *const bad[] = { "", "0", "none", "Engine", "engine2" };
	char text[64];
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(bad); i++) {
		snprintf(text, sizeof(text), "fake=1,side=rc,commit=%s", bad[i]);
		assert_int_equal(rte_vdev_init("raw_ntb_epf_rc", text), -EINVAL);
	}
}

static void
test_names_of_channels(void **state)
{
	static const char *const good[] = { "a-wr0", "dma_dw_edma0-rd63", "0000:01:00.0-wr12" };
	static const char *const bad[] = {
		"", "0", "wr0", "-wr0", "a-wr", "a-wrx", "a-wr0x", "a-rw0", "0000:00:01.0-q0", "a_wr0",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(good); i++)
		assert_true(ntb_epf_dma_fences(good[i]));
	for (i = 0; i < RTE_DIM(bad); i++)
		assert_false(ntb_epf_dma_fences(bad[i]));
}

/* Many laps with bursts that do not divide the ring: one operation more for each, two at its end. */
static void
test_packets_cross(void **state)
{
	unsigned int m, lap;

	for (m = 0; m < RTE_DIM(movers); m++) {
		uint32_t ops = 0, sent = 0, bursts = 0, wraps = 0;

		bring_up_queues(movers[m], 1, ",commit=engine");
		for (lap = 0; lap < 300; lap++) {
			cross(NTB_EPF_SIDE_RC, 1 + lap % 31, 60 + lap);
			cross(NTB_EPF_SIDE_EP, 1 + lap % 29, 1500 - lap);
			wraps += (sent + lap % 31) / QUEUE_SIZE != (sent ? (sent - 1) : 0) / QUEUE_SIZE &&
				 sent % QUEUE_SIZE != 0;
			sent += 1 + lap % 31;
			bursts++;
		}
		if (attr(0, "commit") == 2) {
			ops = pusher[0]->tail;
			assert_int_equal(tx_stats(0, 0)->commits, bursts);
			assert_int_equal(tx_stats(0, 0)->commit_failures, 0);
			assert_true(ops >= sent + bursts && ops <= sent + bursts + wraps);
			assert_true(ops > sent + bursts);
		}
		again(state);
	}
}

/* Nothing of a burst is seen before all of its data; then all is, without a call by the sender. */
static void
test_engine_commits(void **state)
{
	uint32_t before;

	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	look_at(1, 0);
	pusher[0]->held = true;
	before = pusher[0]->tail;
	assert_int_equal(send_on(0, 0, 8, 100, 3), 8);
	assert_int_equal(pusher[0]->tail - before, 9);
	assert_true(pusher[0]->ops[(pusher[0]->tail - 1) % FAKE_DMA_RING].fence);
	assert_int_equal(pusher[0]->ops[(pusher[0]->tail - 1) % FAKE_DMA_RING].len, 64);
	fake_dma_run(pusher[0], 8);
	look_at(0, 0);
	look_at(1, 0);
	fake_dma_run(pusher[0], 1);
	assert_int_equal(receive_on(1, 0, 64, 100, 3), 8);
	/* The sender's buffers come back when it hears of the commit, not before. */
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS - 64 - 8);
	look_at(0, 0);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS - 64);
}

/* The ring number that a burst begins at, so that it goes past the end or not. */
static void
advance_to(unsigned int slot)
{
	struct ntb_epf_ring *r = ring_of(0, true, 0);

	while ((r->sq & r->mask) != slot) {
		look_at(1, 0);
		assert_int_equal(send_on(0, 0, 1, 64, 0), 1);
		look_at(0, 0);
		assert_int_equal(receive_on(1, 0, 1, 64, 0), 1);
	}
}

/* Sends 6 packets of which one operation fails: a copy, or what commits. */
static void
fail_once(unsigned int op, unsigned int ops)
{
	const uint64_t failures = tx_stats(0, 0)->commit_failures;
	const uint64_t tx_errors = tx_stats(0, 0)->errors;
	const uint64_t rx_errors = ring_of(1, false, 0)->stats.errors;
	unsigned int first = RTE_MIN(op, 6u);
	bool lost = op < 6;
	unsigned int got;

	look_at(1, 0);
	pusher[0]->fail_at = pusher[0]->tail + op;
	assert_int_equal(send_on(0, 0, 6, 333, 50), 6);
	assert_int_equal(pusher[0]->tail - pusher[0]->fail_at, ops - op);
	look_at(0, 0);
	look_at(0, 0);
	got = receive_on(1, 0, first, 333, 50);
	assert_int_equal(got, first);
	got += receive_on(1, 0, 64, 333, 50 + first + 1);
	assert_int_equal(got, lost ? 5 : 6);
	assert_int_equal(tx_stats(0, 0)->errors, tx_errors + lost);
	assert_int_equal(ring_of(1, false, 0)->stats.errors, rx_errors + lost);
	assert_int_equal(tx_stats(0, 0)->commit_failures, failures + 1);
	/* And the queue goes on, the engine committing. */
	assert_int_equal(send_on(0, 0, 6, 64, 5), 6);
	assert_int_equal(receive_on(1, 0, 6, 64, 5), 6);
	look_at(0, 0);
	assert_int_equal(tx_stats(0, 0)->commit_failures, failures + 1);
}

static void
test_failures(void **state)
{
	static const unsigned int starts[] = { 10, QUEUE_SIZE - 2, QUEUE_SIZE - 6 };
	unsigned int s, op;

	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	for (s = 0; s < RTE_DIM(starts); s++) {
		unsigned int ops = starts[s] == QUEUE_SIZE - 2 ? 8 : 7;

		for (op = 0; op < ops; op++) {
			advance_to(starts[s]);
			fail_once(op, ops);
		}
	}
}

/* Bursts that were enqueued before anybody knew are not committed by the engine either. */
static void
test_bursts_behind_a_failure(void **state)
{
	unsigned int i;

	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	look_at(1, 0);
	pusher[0]->held = true;
	pusher[0]->fail_at = pusher[0]->tail + 1;
	for (i = 0; i < 4; i++)
		assert_int_equal(send_on(0, 0, 3, 200, 10 * i), 3);
	fake_dma_run(pusher[0], UINT32_MAX);
	look_at(0, 0);
	look_at(0, 0);
	assert_int_equal(tx_stats(0, 0)->commit_failures, 4);
	assert_int_equal(tx_stats(0, 0)->errors, 1);
	assert_int_equal(receive_on(1, 0, 1, 200, 0), 1);
	assert_int_equal(receive_on(1, 0, 1, 200, 2), 1);
	for (i = 1; i < 4; i++)
		assert_int_equal(receive_on(1, 0, 3, 200, 10 * i), 3);
	assert_int_equal(ring_of(1, false, 0)->stats.errors, 1);
	assert_int_equal(send_on(0, 0, 3, 200, 77), 3);
	fake_dma_run(pusher[0], UINT32_MAX);
	assert_int_equal(receive_on(1, 0, 3, 200, 77), 3);
}

/* A chain of buffers: one piece fails, the packet is gone as a whole, at both ends. */
static void
test_chain_fails(void **state)
{
	struct rte_mempool *big = pool[1];
	unsigned int piece;

	for (piece = 0; piece < 4; piece++) {
		pool[1] = small_pool;
		bring_up_queues("split", 1, ",commit=engine");
		look_at(1, 0);
		/* A packet takes five copies: two of its segments meet within a buffer. */
		pusher[0]->fail_at = pusher[0]->tail + 5 + piece;
		assert_int_equal(send_on(0, 0, 3, 4 * SMALL_ROOM + 7, 20), 3);
		look_at(0, 0);
		look_at(0, 0);
		assert_int_equal(receive_on(1, 0, 1, 4 * SMALL_ROOM + 7, 20), 1);
		assert_int_equal(receive_on(1, 0, 1, 4 * SMALL_ROOM + 7, 22), 1);
		assert_int_equal(tx_stats(0, 0)->errors, 1);
		assert_int_equal(ring_of(1, false, 0)->stats.errors, 1);
		pool[1] = big;
		again(state);
	}
}

/* A device that takes no fenced copy, or nothing at all. */
static void
test_refused_operations(void **state)
{
	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	look_at(1, 0);
	pusher[0]->refuses_fences = true;
	assert_int_equal(send_on(0, 0, 3, 200, 1), 3);
	look_at(0, 0);
	assert_int_equal(receive_on(1, 0, 3, 200, 1), 3);
	assert_int_equal(tx_stats(0, 0)->commit_failures, 1);
	assert_int_equal(tx_stats(0, 0)->errors, 0);
	pusher[0]->refuses = true;
	assert_int_equal(send_on(0, 0, 3, 200, 1), 3);
	look_at(0, 0);
	look_at(1, 0);
	assert_int_equal(tx_stats(0, 0)->errors, 3);
	assert_int_equal(ring_of(1, false, 0)->stats.errors, 3);
	pusher[0]->refuses = pusher[0]->refuses_fences = false;
	assert_int_equal(send_on(0, 0, 3, 200, 1), 3);
	assert_int_equal(receive_on(1, 0, 3, 200, 1), 3);
}

/* Two operations are kept for the commit, however little room there is. */
static void
test_no_room(void **state)
{
	struct ntb_epf_ring *r;

	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	r = ring_of(0, true, 0);
	advance_to(QUEUE_SIZE - 2);
	look_at(1, 0);
	pusher[0]->held = true;
	r->share.room = r->share.cap = 7;
	assert_int_equal(send_on(0, 0, 10, 64, 0), 5);
	assert_int_equal(r->share.room, 0);
	assert_int_equal(send_on(0, 0, 10, 64, 5), 0);
	fake_dma_run(pusher[0], UINT32_MAX);
	assert_int_equal(send_on(0, 0, 10, 64, 5), 5);
	fake_dma_run(pusher[0], UINT32_MAX);
	assert_int_equal(receive_on(1, 0, 10, 64, 0), 10);
	assert_int_equal(tx_stats(0, 0)->commit_failures, 0);
	look_at(0, 0);
}

/* What a peer says of its window is looked at; the rings work all the same. */
static void
test_window_address(void **state)
{
	const uint64_t end = RTE_BIT64(57);
	const uint64_t bytes = NTB_EPF_WINDOW_BYTES(1, QUEUE_SIZE);
	const struct {
		uint64_t addr;
		uint64_t commit;
	} cases[] = {
		{ 0, 1 }, { 4, 1 }, { 0x1001, 1 }, { end, 1 }, { end - bytes + 8, 1 },
		{ UINT64_MAX - 7, 1 }, { UINT64_MAX, 1 }, { end - bytes, 2 }, { 8, 2 },
	};
	unsigned int c;

	probe(0, ",mover=ep");
	probe(1, ",mover=ep,dma=dwep");
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	poll_links(20);
	assert_true(both_up());
	for (c = 0; c < RTE_DIM(cases); c++) {
		/* Only a header says it: the host's window stays where the endpoint was told. */
		dev_of(1)->peer_hdr.window_addr = rte_cpu_to_le_64(cases[c].addr);
		ntb_epf_commit_agree(dev_of(1));
		assert_int_equal(attr(1, "commit"), cases[c].commit);
	}
	again(state);
	probe(0, ",mover=ep");
	dev_of(0)->window_iova = 0;
	probe(1, ",mover=ep,dma=dwep");
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	bridge.any_window = true;
	poll_links(20);
	bridge.any_window = false;
	assert_true(both_up());
	assert_int_equal(attr(1, "commit"), 1);
	cross(NTB_EPF_SIDE_EP, 10, 200);
}

/* Devices that are not known to keep fences. */
static void
test_other_devices(void **state)
{
	(void)state;
	dma_prefix = "";
	bring_up_queues("split", 1, ",commit=engine");
	assert_int_equal(attr(0, "commit"), 1);
	assert_int_equal(attr(1, "commit"), 1);
	cross(NTB_EPF_SIDE_EP, 10, 200);
	assert_int_equal(tx_stats(1, 0)->commits, 0);
}

/* The link goes in mid-burst: copies end, nothing leaks, and nobody writes to the peer's window. */
static void
test_link_down_in_a_burst(void **state)
{
	static uint8_t before[WINDOW_BYTES - NTB_EPF_RING_OFFSET];
	unsigned int done;

	(void)state;
	bring_up_queues("split", 1, ",commit=engine");
	for (done = 0; done <= 10; done++) {
		look_at(1, 0);
		pusher[0]->held = true;
		assert_int_equal(send_on(0, 0, 4, 64, 0), 4);
		assert_int_equal(send_on(0, 0, 4, 64, 4), 4);
		pusher[0]->fail_at = pusher[0]->executed + 6;
		fake_dma_run(pusher[0], done);
		bridge.present[1] = false;
		poll_links(1);
		memcpy(before, bridge.window[1] + NTB_EPF_RING_OFFSET, sizeof(before));
		poll_links(5);
		assert_int_equal(dev_of(0)->state, done < 10 ? NTB_EPF_QUIESCE : NTB_EPF_WAIT);
		/* The rest of the data, and of the commits of which only the first is done. */
		fake_dma_run(pusher[0], 10 - done);
		if (done > 5)
			assert_memory_equal(before, bridge.window[1] + NTB_EPF_RING_OFFSET,
					    sizeof(before));
		memcpy(before, bridge.window[1] + NTB_EPF_RING_OFFSET, sizeof(before));
		poll_links(5);
		assert_int_equal(dev_of(0)->state, NTB_EPF_WAIT);
		assert_memory_equal(before, bridge.window[1] + NTB_EPF_RING_OFFSET, sizeof(before));
		assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS);
		bridge.present[1] = true;
		pusher[0]->held = false;
		pusher[0]->fail_at = UINT32_MAX;
		poll_links(40);
		assert_true(both_up());
		cross(NTB_EPF_SIDE_RC, 20, 500);
		look_at(0, 0);
	}
}

/* Channels that queue pairs share: the failure of one is no loss for another. */
static void
test_shared_channel(void **state)
{
	unsigned int q;

	(void)state;
	bring_up_queues("split", 3, ",commit=engine");
	for (q = 0; q < 3; q++)
		look_at(1, q);
	pusher[0]->held = true;
	/* Four copies and a commit each: the third packet of queue 1. */
	pusher[0]->fail_at = pusher[0]->tail + 5 + 2;
	for (q = 0; q < 3; q++)
		assert_int_equal(send_on(0, q, 4, 90, 30 * q), 4);
	fake_dma_run(pusher[0], UINT32_MAX);
	for (q = 0; q < 6; q++)
		look_at(0, q % 3);
	assert_int_equal(receive_on(1, 0, 4, 90, 0), 4);
	assert_int_equal(receive_on(1, 1, 2, 90, 30), 2);
	assert_int_equal(receive_on(1, 1, 2, 90, 33), 1);
	assert_int_equal(receive_on(1, 2, 4, 90, 60), 4);
	for (q = 0; q < 3; q++) {
		assert_int_equal(tx_stats(0, q)->errors, q == 1);
		assert_int_equal(ring_of(1, false, q)->stats.errors, q == 1);
		assert_int_equal(tx_stats(0, q)->commit_failures, q != 0);
	}
}

#define RANDOM_QUEUES 3

/* Sent and received so far, by queue: packets carry their number. */
static uint32_t next_sent[RANDOM_QUEUES], next_received[RANDOM_QUEUES];
static uint64_t lost[RANDOM_QUEUES];

static void
random_send(unsigned int q)
{
	unsigned int n = rand() % 20;
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = make_packet(pool[0], 64, 0);

		*rte_pktmbuf_mtod(m, uint32_t *) = next_sent[q] + i;
		bufs[i]->buf_addr = m;
	}
	sent = rte_rawdev_enqueue_buffers(raw[0]->dev_id, bufs, n, (void *)(uintptr_t)q);
	assert_true(sent >= 0);
	next_sent[q] += sent;
	for (i = sent; i < n; i++)
		rte_pktmbuf_free(bufs[i]->buf_addr);
}

/* In order; what is missing failed. */
static void
random_receive(unsigned int q)
{
	int n = rte_rawdev_dequeue_buffers(raw[1]->dev_id, bufs, 1 + rand() % 64,
					   (void *)(uintptr_t)q);
	int i;

	assert_true(n >= 0);
	for (i = 0; i < n; i++) {
		uint32_t number = *rte_pktmbuf_mtod((struct rte_mbuf *)bufs[i]->buf_addr, uint32_t *);

		assert_true(number >= next_received[q] && number < next_sent[q]);
		lost[q] += number - next_received[q];
		next_received[q] = number + 1;
		rte_pktmbuf_free(bufs[i]->buf_addr);
	}
}

/* Bursts, steps of the engine and failures at random: no packet is wrong, and none lost unseen. */
static void
test_random(void **state)
{
	unsigned int round, q;

	(void)state;
	srand(20261125);
	bring_up_queues("split", RANDOM_QUEUES, ",commit=engine");
	pusher[0]->held = true;
	for (round = 0; round < 20000; round++) {
		q = rand() % RANDOM_QUEUES;
		if (rand() % 40 == 0)
			pusher[0]->fail_at = pusher[0]->executed + rand() % 30;
		random_send(q);
		fake_dma_run(pusher[0], rand() % 25);
		random_receive(q);
		look_at(0, rand() % RANDOM_QUEUES);
	}
	pusher[0]->fail_at = UINT32_MAX;
	for (round = 0; round < 50; round++) {
		fake_dma_run(pusher[0], UINT32_MAX);
		look_at(0, round % RANDOM_QUEUES);
		random_receive(round % RANDOM_QUEUES);
	}
	for (q = 0; q < RANDOM_QUEUES; q++) {
		lost[q] += next_sent[q] - next_received[q];
		assert_int_equal(tx_stats(0, q)->errors, lost[q]);
		assert_int_equal(ring_of(1, false, q)->stats.errors, lost[q]);
		assert_true(lost[q] > 50 && next_sent[q] > 10000);
		assert_true(tx_stats(0, q)->commits > tx_stats(0, q)->commit_failures);
	}
}

static int
create_channels(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pusher[i] = fake_dma_create(i == 0 ? "dwrc-rd0" : "dwep-wr0",
					    RTE_DMA_CAPA_MEM_TO_DEV);
		puller[i] = fake_dma_create(i == 0 ? "dwrc-wr0" : "dwep-rd0",
					    RTE_DMA_CAPA_DEV_TO_MEM);
		if (pusher[i] == NULL || puller[i] == NULL)
			return -1;
		pusher[i]->fences = puller[i]->fences = true;
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_commit, tear_down_test)
		TEST(test_defaults),
		TEST(test_arguments),
		TEST(test_names_of_channels),
		TEST(test_packets_cross),
		TEST(test_engine_commits),
		TEST(test_failures),
		TEST(test_bursts_behind_a_failure),
		TEST(test_chain_fails),
		TEST(test_refused_operations),
		TEST(test_no_room),
		TEST(test_window_address),
		TEST(test_other_devices),
		TEST(test_link_down_in_a_burst),
		TEST(test_shared_channel),
		TEST(test_random),
	};

	if (env_create("test_ntb_epf_commit") != 0 || create_channels() != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
