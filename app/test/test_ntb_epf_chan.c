/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Queue pairs of the NTB rawdev that share DMA channels. */

#include <pthread.h>
#include <sched.h>

#include "ntb_epf_queues.h"

#define QUEUES 5

static const char *const movers[] = { "split", "rc", "ep" };

/* Channels more than the one per direction and side that others have: "two-push0" and so on. */
static struct fake_dma *more[4];

static void
test_queues_share_a_channel(void **state)
{
	unsigned int m, lap, q;

	for (m = 0; m < RTE_DIM(movers); m++) {
		bring_up_queues(movers[m], QUEUES, "");
		for (lap = 0; lap < 60; lap++) {
			uint8_t from = lap & 1;
			uint8_t to = other(from);
			unsigned int n = 1 + lap % 31;

			for (q = 0; q < QUEUES; q++)
				look_at(to, q);
			for (q = 0; q < QUEUES; q++)
				assert_int_equal(send_on(from, q, n, 60 + q, 16 * q + lap), n);
			/* A pull takes a look to begin and one to end, a push one by the sender. */
			for (q = 0; q < QUEUES; q++)
				look_at(from, q);
			for (q = 0; q < QUEUES; q++) {
				unsigned int got = receive_on(to, q, n, 60 + q, 16 * q + lap);

				if (got == 0)
					got = receive_on(to, q, n, 60 + q, 16 * q + lap);
				assert_int_equal(got, n);
			}
			for (q = 0; q < QUEUES; q++)
				look_at(from, q);
		}
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* Queue i has channel i mod n. */
static void
test_mapping(void **state)
{
	unsigned int q;

	(void)state;
	probe(0, ",mover=rc,dma=two");
	probe(1, ",mover=rc");
	assert_int_equal(configure_and_start(0, QUEUES, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, QUEUES, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
	for (q = 0; q < QUEUES; q++) {
		assert_int_equal(ring_of(0, true, q)->share.dma, rte_dma_get_dev_id_by_name(
				 q % 2 == 0 ? "two-push0" : "two-push1"));
		assert_int_equal(ring_of(0, false, q)->share.dma, rte_dma_get_dev_id_by_name(
				 q % 2 == 0 ? "two-pull0" : "two-pull1"));
		assert_null(ring_of(1, true, q)->share.chan);
		assert_null(ring_of(1, false, q)->share.chan);
		look_at(1, q);
		assert_int_equal(send_on(0, q, 3, 100, q), 3);
		look_at(0, q);
		assert_int_equal(receive_on(1, q, 3, 100, q), 3);
	}
	assert_int_equal(more[0]->tail, 3 * 3);
	assert_int_equal(more[1]->tail, 2 * 3);
}

/* More channels than queue pairs: those left over are not touched. */
static void
test_channels_left_over(void **state)
{
	unsigned int starts = more[1]->starts;

	(void)state;
	probe(0, ",mover=rc,dma=two");
	probe(1, ",mover=rc");
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
	assert_int_equal(more[1]->starts, starts);
	assert_false(ring_of(0, true, 0)->share.shared);
}

/* The failure is booked on the ring whose operation it was, whoever saw it. */
static void
test_failures_find_their_ring(void **state)
{
	static const struct {
		const char *mover;
		uint8_t by;
		bool push;
	} cases[] = { { "split", 0, true }, { "ep", 1, false } };
	unsigned int c, q, tries;

	for (c = 0; c < RTE_DIM(cases); c++) {
		struct fake_dma *d = cases[c].push ? push_dma[cases[c].by] : pull_dma[cases[c].by];
		unsigned int got[3] = { 0 };

		bring_up_queues(cases[c].mover, 3, "");
		for (q = 0; q < 3; q++)
			look_at(1, q);
		/* Operation 5 is the second of queue 1. */
		d->held = true;
		d->fail_at = d->tail + 5;
		for (q = 0; q < 3; q++)
			assert_int_equal(send_on(0, q, 4, 200, q), 4);
		for (q = 0; q < 3; q++)
			look_at(1, q);
		fake_dma_run(d, UINT32_MAX);
		for (tries = 0; tries < 8; tries++) {
			/* Always the same ring goes to the channel first. */
			look_at(0, 2);
			for (q = 2; q < 3; q--) {
				uint8_t seed = q + got[q] + (q == 1 && got[q] > 0);

				got[q] += receive_on(1, q, 1, 200, seed);
			}
			look_at(0, 0);
			look_at(0, 1);
		}
		assert_int_equal(got[0], 4);
		assert_int_equal(got[1], 3);
		assert_int_equal(got[2], 4);
		for (q = 0; q < 3; q++) {
			assert_int_equal(ring_of(1, false, q)->stats.errors, q == 1);
			send_on(0, q, 0, 200, 0);
			assert_int_equal(ring_of(0, true, q)->stats.errors, q == 1);
		}
		d->held = false;
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* Sends 4 packets on each of two queues; of queue q the one of number bad[q] fails. */
static void
fail_one_each(const unsigned int bad[2])
{
	struct fake_dma *d = push_dma[0];
	unsigned int q;

	for (q = 0; q < 2; q++)
		look_at(1, q);
	for (q = 0; q < 2; q++)
		assert_int_equal(send_on(0, q, 4, 100, 0), 4);
	for (q = 0; q < 2; q++) {
		d->fail_at = bad[q] < 4 ? d->executed + bad[q] : UINT32_MAX;
		fake_dma_run(d, 4);
	}
	/* Twice: a device tells of successes up to a failure, then of what comes behind it. */
	for (q = 0; q < 4; q++)
		look_at(0, q & 1);
	for (q = 0; q < 2; q++) {
		unsigned int first = RTE_MIN(bad[q], 4u);

		assert_int_equal(receive_on(1, q, first, 100, 0), first);
		if (bad[q] < 3)
			assert_int_equal(receive_on(1, q, 4, 100, first + 1), 3 - first);
		look_at(1, q);
	}
}

/* Marks of one share are not another one's, and are gone when they have been booked. */
static void
test_marks(void **state)
{
	unsigned int lap;

	(void)state;
	bring_up_queues("split", 2, "");
	push_dma[0]->held = true;
	fail_one_each((unsigned int[]){ 0, 1 });
	assert_int_equal(ring_of(0, true, 0)->stats.errors, 1);
	assert_int_equal(ring_of(0, true, 1)->stats.errors, 1);
	for (lap = 1; lap < (ring_of(0, true, 0)->share.failed_mask + 1) / 4; lap++)
		fail_one_each((unsigned int[]){ 4, 4 });
	fail_one_each((unsigned int[]){ 3, 3 });
	assert_int_equal(ring_of(0, true, 0)->stats.errors, 2);
	assert_int_equal(ring_of(0, true, 1)->stats.errors, 2);
}

/* Somebody else is inside: nobody waits, nothing is lost, and what has ended is still booked. */
static void
test_channel_is_taken(void **state)
{
	struct ntb_epf_chan *chan;
	uint64_t full;

	(void)state;
	bring_up_queues("split", 2, "");
	chan = ring_of(0, true, 0)->share.chan;
	look_at(1, 0);
	look_at(1, 1);
	assert_int_equal(send_on(0, 0, 4, 64, 0), 4);
	look_at(0, 1);
	assert_int_equal(send_on(0, 1, 4, 64, 9), 4);
	look_at(0, 1);
	assert_int_equal(receive_on(1, 1, 4, 64, 9), 4);
	assert_int_equal(send_on(0, 1, 4, 64, 13), 4);
	chan->busy = 1;
	full = ring_of(0, true, 0)->stats.ring_full;
	assert_int_equal(send_on(0, 0, 4, 64, 4), 0);
	assert_int_equal(ring_of(0, true, 0)->stats.ring_full, full + 4);
	/* The other's look booked queue 0; queue 1 waits. */
	assert_int_equal(receive_on(1, 0, 4, 64, 0), 4);
	look_at(0, 1);
	look_at(1, 1);
	chan->busy = 0;
	look_at(0, 1);
	assert_int_equal(receive_on(1, 1, 4, 64, 13), 4);
	assert_int_equal(send_on(0, 0, 4, 64, 4), 4);
	look_at(0, 0);
	assert_int_equal(receive_on(1, 0, 4, 64, 4), 4);
}

/* A receiver that pulls delivers nothing and takes nothing while another one is inside. */
static void
test_pulled_channel_is_taken(void **state)
{
	struct ntb_epf_chan *chan;

	(void)state;
	bring_up_queues("ep", 2, "");
	chan = ring_of(1, false, 0)->share.chan;
	assert_int_equal(send_on(0, 0, 4, 64, 0), 4);
	chan->busy = 1;
	look_at(1, 0);
	assert_int_equal(pull_dma[1]->tail, 0);
	chan->busy = 0;
	look_at(1, 0);
	assert_int_equal(pull_dma[1]->tail, 4);
	/* A ring without work does not go to the channel. */
	look_at(1, 1);
	assert_int_equal(chan->busy, 0);
	assert_int_equal(receive_on(1, 0, 4, 64, 0), 4);
}

/* One ring fills its share and no more; the other one can still send. */
static void
test_room_is_divided(void **state)
{
	struct ntb_epf_ring *r;

	(void)state;
	bring_up_queues("split", 2, "");
	r = ring_of(0, true, 0);
	assert_true(r->share.shared);
	assert_int_equal(r->share.cap, push_dma[0]->nb_desc / 2);
	push_dma[0]->held = true;
	look_at(1, 0);
	look_at(1, 1);
	r->share.room = r->share.cap = 10;
	assert_int_equal(send_on(0, 0, 30, 64, 0), 10);
	assert_int_equal(send_on(0, 0, 30, 64, 0), 0);
	assert_int_equal(send_on(0, 1, 30, 64, 50), 30);
	fake_dma_run(push_dma[0], UINT32_MAX);
	look_at(0, 1);
	assert_int_equal(receive_on(1, 1, 30, 64, 50), 30);
	assert_int_equal(send_on(0, 0, 2, 64, 10), 2);
	assert_int_equal(receive_on(1, 0, 10, 64, 0), 10);
	fake_dma_run(push_dma[0], UINT32_MAX);
	look_at(0, 0);
	assert_int_equal(receive_on(1, 0, 2, 64, 10), 2);
}

/* A packet that needs more operations than the share has is an error, and not in the way. */
static void
test_packet_beyond_the_share(void **state)
{
	struct ntb_epf_ring *r;
	struct rte_mbuf *m, *tail;
	unsigned int i;

	(void)state;
	bring_up_queues("split", 2, "");
	r = ring_of(0, true, 0);
	look_at(1, 0);
	r->share.room = r->share.cap = 4;
	m = tail = make_packet(pool[0], 100, 0);
	for (i = 0; i < 4; i++) {
		tail->next = make_packet(pool[0], 100, 0);
		tail = tail->next;
		m->nb_segs++;
		m->pkt_len += 100;
	}
	bufs[0]->buf_addr = m;
	assert_int_equal(rte_rawdev_enqueue_buffers(raw[0]->dev_id, bufs, 1, NULL), 1);
	assert_int_equal(r->stats.errors, 1);
	assert_int_equal(send_on(0, 0, 1, 64, 7), 1);
	look_at(0, 0);
	assert_int_equal(receive_on(1, 0, 1, 64, 7), 1);
}

/* All rings of a device go down together, when the copies of all of them have ended. */
static void
test_link_down_waits_for_all(void **state)
{
	(void)state;
	bring_up_queues("split", 3, "");
	push_dma[0]->held = true;
	look_at(1, 0);
	look_at(1, 2);
	assert_int_equal(send_on(0, 0, 3, 64, 0), 3);
	assert_int_equal(send_on(0, 2, 3, 64, 0), 3);
	bridge.present[1] = false;
	poll_links(5);
	assert_int_equal(dev_of(0)->state, NTB_EPF_QUIESCE);
	fake_dma_run(push_dma[0], 3);
	poll_links(5);
	assert_int_equal(ntb_epf_share_under_way(&ring_of(0, true, 0)->share), 0);
	assert_int_equal(ntb_epf_share_under_way(&ring_of(0, true, 2)->share), 3);
	assert_int_equal(dev_of(0)->state, NTB_EPF_QUIESCE);
	fake_dma_run(push_dma[0], 3);
	poll_links(5);
	assert_int_equal(dev_of(0)->state, NTB_EPF_WAIT);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS);
	bridge.present[1] = true;
	push_dma[0]->held = false;
	poll_links(40);
	assert_true(both_up());
	assert_int_equal(ring_of(0, true, 2)->share.room, ring_of(0, true, 2)->share.cap);
	look_at(1, 2);
	assert_int_equal(send_on(0, 2, 3, 64, 0), 3);
	look_at(0, 2);
	assert_int_equal(receive_on(1, 2, 3, 64, 0), 3);
}

/* An idle sender's packets are finished by the link service, on a shared channel too. */
static void
test_idle_senders(void **state)
{
	unsigned int q;

	(void)state;
	bring_up_queues("split", 3, "");
	for (q = 0; q < 3; q++)
		look_at(1, q);
	for (q = 0; q < 3; q++)
		assert_int_equal(send_on(0, q, 2, 64, q), 2);
	poll_links(3);
	for (q = 0; q < 3; q++)
		assert_int_equal(receive_on(1, q, 2, 64, q), 2);
}

/* The user besides the rings: same channel, own counts, own failures. */
static void
test_other_user(void **state)
{
	static struct ntb_epf_share mine __rte_cache_aligned;
	uint8_t from[64], to[64];
	uint32_t room, n;
	bool failed;

	(void)state;
	probe(0, ",mover=split,dma=rc");
	probe(1, ",mover=split,dma=ep");
	dev_of(0)->others[true] = &mine;
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_true(both_up());
	assert_ptr_equal(mine.chan, ring_of(0, true, 0)->share.chan);
	assert_true(mine.shared && ring_of(0, true, 0)->share.shared);

	memset(from, 0x5a, sizeof(from));
	memset(to, 0, sizeof(to));
	look_at(1, 0);
	push_dma[0]->held = true;
	push_dma[0]->fail_at = push_dma[0]->tail + 4;
	assert_int_equal(send_on(0, 0, 3, 64, 0), 3);
	assert_true(ntb_epf_share_enter(&mine));
	assert_false(ntb_epf_share_enter(&ring_of(0, true, 0)->share));
	room = mine.room;
	assert_true(ntb_epf_share_copy(&mine, (uintptr_t)from, (uintptr_t)to, 32, 0));
	assert_true(ntb_epf_share_copy(&mine, (uintptr_t)from, (uintptr_t)to + 32, 32, 0));
	ntb_epf_share_submit(&mine, room);
	ntb_epf_share_leave(&mine);
	assert_int_equal(send_on(0, 0, 3, 64, 3), 3);
	fake_dma_run(push_dma[0], UINT32_MAX);
	look_at(0, 0);
	assert_int_equal(receive_on(1, 0, 6, 64, 0), 6);
	n = ntb_epf_share_ended(&mine, &failed);
	assert_true(n == 1 && !failed);
	n = ntb_epf_share_ended(&mine, &failed);
	assert_true(n == 1 && failed);
	assert_int_equal(ntb_epf_share_ended(&mine, &failed), 0);
	assert_int_equal(mine.room, mine.cap);
	assert_true(to[31] == 0x5a && to[32] == 0);
	push_dma[0]->held = false;
	rte_rawdev_stop(raw[1]->dev_id);
	poll_links(10);
	assert_null(mine.chan);
}

/* A device that takes too few operations for all of its users. */
static void
test_too_many_users(void **state)
{
	(void)state;
	push_dma[0]->most = 3 * NTB_EPF_MIN_SHARE - 1;
	probe(0, ",mover=split,dma=rc");
	probe(1, ",mover=split,dma=ep");
	assert_int_equal(configure_and_start(0, 3, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 3, QUEUE_SIZE, pool[1]), 0);
	poll_links(20);
	assert_int_equal(dev_of(0)->link_up, 0);
	assert_false(dev_of(0)->chans[0].started);
	push_dma[0]->most = 0;
}

#define STRESS_PACKETS 5000

struct stress {
	unsigned int queue;
	unsigned int sent;
	unsigned int received;
	unsigned int wrong;
};

/* A thread that sends on a queue of one side and receives on the same queue of the other. */
static unsigned int
stress_burst(struct stress *s)
{
	struct rte_rawdev_buf store[32], *mine[32];
	void *queue = (void *)(uintptr_t)s->queue;
	unsigned int want = RTE_MIN(32u, STRESS_PACKETS - s->sent);
	unsigned int i, n;

	for (i = 0; i < 32; i++)
		mine[i] = &store[i];
	for (n = 0; n < want; n++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool[0]);

		if (m == NULL)
			break;
		m->data_len = 64;
		m->pkt_len = 64;
		*rte_pktmbuf_mtod(m, uint32_t *) = s->queue << 24 | (s->sent + n);
		store[n].buf_addr = m;
	}
	i = n != 0 ? (unsigned int)rte_rawdev_enqueue_buffers(raw[0]->dev_id, mine, n, queue) : 0;
	s->sent += i;
	for (; i < n; i++)
		rte_pktmbuf_free(store[i].buf_addr);
	rte_rawdev_dequeue_buffers(raw[0]->dev_id, mine, 0, queue);
	n = (unsigned int)rte_rawdev_dequeue_buffers(raw[1]->dev_id, mine, 32, queue);
	for (i = 0; i < n; i++) {
		s->wrong += *rte_pktmbuf_mtod((struct rte_mbuf *)store[i].buf_addr, uint32_t *) !=
			(s->queue << 24 | s->received++);
		rte_pktmbuf_free(store[i].buf_addr);
	}
	return n;
}

static void *
stress_thread(void *arg)
{
	struct stress *s = arg;
	uint64_t end = rte_get_timer_cycles() + 60 * rte_get_timer_hz();

	while (s->received < STRESS_PACKETS && rte_get_timer_cycles() < end)
		if (stress_burst(s) == 0)
			sched_yield(); /* there may be fewer cores than threads */
	return NULL;
}

/* Threads that share a channel are never in the device together, and lose nothing. */
static void
test_threads(void **state)
{
	struct stress stress[3];
	pthread_t threads[3];
	unsigned int m, t;

	for (m = 0; m < RTE_DIM(movers); m++) {
		bring_up_queues(movers[m], RTE_DIM(threads), "");
		for (t = 0; t < RTE_DIM(threads); t++) {
			stress[t] = (struct stress){ .queue = t };
			assert_int_equal(pthread_create(&threads[t], NULL, stress_thread,
							&stress[t]), 0);
		}
		for (t = 0; t < RTE_DIM(threads); t++)
			pthread_join(threads[t], NULL);
		for (t = 0; t < RTE_DIM(threads); t++) {
			assert_int_equal(stress[t].received, STRESS_PACKETS);
			assert_int_equal(stress[t].wrong, 0);
		}
		for (t = 0; t < 2; t++) {
			assert_int_equal(push_dma[t]->overlaps, 0);
			assert_int_equal(pull_dma[t]->overlaps, 0);
		}
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static int
create_more(void)
{
	static const struct {
		const char *name;
		uint64_t caps;
	} devices[] = {
		{ "two-push0", RTE_DMA_CAPA_MEM_TO_DEV }, { "two-push1", RTE_DMA_CAPA_MEM_TO_DEV },
		{ "two-pull0", RTE_DMA_CAPA_DEV_TO_MEM }, { "two-pull1", RTE_DMA_CAPA_DEV_TO_MEM },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(devices); i++) {
		more[i] = fake_dma_create(devices[i].name, devices[i].caps);
		if (more[i] == NULL)
			return -1;
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down_test)
		TEST(test_queues_share_a_channel),
		TEST(test_mapping),
		TEST(test_channels_left_over),
		TEST(test_failures_find_their_ring),
		TEST(test_marks),
		TEST(test_channel_is_taken),
		TEST(test_pulled_channel_is_taken),
		TEST(test_room_is_divided),
		TEST(test_packet_beyond_the_share),
		TEST(test_link_down_waits_for_all),
		TEST(test_idle_senders),
		TEST(test_other_user),
		TEST(test_too_many_users),
		TEST(test_threads),
	};

	if (env_create("test_ntb_epf_chan") != 0 || create_more() != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
