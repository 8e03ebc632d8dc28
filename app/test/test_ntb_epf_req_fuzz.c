/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Hostile requesters and hostile executors, by seed: words that are random, or right in all but one
 * field. Whatever they write, copies stay within exported memory, and every operation that a user
 * has enqueued is reported once.
 */

#include "ntb_epf_req_env.h"

#define SEEDS 20
#define STEPS 900

static uint64_t random_state;

/** splitmix64 */
static uint64_t
next_random(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(next_random() % n);
}

/** An address in, near or far from the exported memory of the victim, or such a length. */
static uint64_t
some_address(uint8_t side)
{
	switch (below(6)) {
	case 0:
		return next_random();
	case 1:
		return (uintptr_t)mem(side) + AREA_BYTES - below(64);
	case 2:
		return (uintptr_t)mem(side) - below(64);
	default:
		return (uintptr_t)mem(side) + below(AREA_BYTES);
	}
}

static uint32_t
some_length(void)
{
	switch (below(6)) {
	case 0:
		return (uint32_t)next_random();
	case 1:
		return UINT32_MAX - below(64);
	case 2:
		return 0;
	default:
		return below(512);
	}
}

static uint64_t *
words_at(uint8_t side, uint64_t at)
{
	uint64_t area_at = NTB_EPF_REQ_OFFSET(1, QUEUE_SIZE);

	return (uint64_t *)(uintptr_t)(bridge.window[side] + area_at + at);
}

/** What the next request of a direction would be, spoilt now and then. */
static void
forge_request(enum ntb_epf_dir dir)
{
	struct ntb_epf_exec_ring *r = &dev_of(other(asker))->exec->rings[dir];
	struct ntb_epf_lap lap = r->sq_lap;
	uint32_t number = r->sq + (below(8) == 0 ? below(NTB_EPF_REQ_RING) : 0);
	uint64_t *w = words_at(other(asker), NTB_EPF_REQ_RING_AT(dir)) +
		(uint64_t)(number % NTB_EPF_REQ_RING) * NTB_EPF_REQ_WORDS;
	uint64_t own = (uintptr_t)mem(asker);
	uint64_t foreign = some_address(other(asker)) & NTB_EPF_SQE0_ADDR_MASK;

	/* Honest as to the requester's memory: the engine of this test really copies. */
	w[0] = ntb_epf_sqe0(&lap, r->local_is_dst ? own : foreign);
	w[1] = ntb_epf_sqe0(&lap, r->local_is_dst ? foreign : own);
	w[2] = ntb_epf_ent(&lap, some_length(), (uint16_t)next_random(), (uint8_t)next_random());
	if (below(8) == 0)
		w[below(NTB_EPF_REQ_WORDS)] ^= RTE_BIT64(57 + below(7));
}

static void
forge_completion(enum ntb_epf_dir dir)
{
	struct ntb_epf_vchan *v = &dev_of(asker)->vdma->rings[dir];
	uint64_t *w = words_at(asker, NTB_EPF_REQ_DONE_AT(dir));
	uint32_t at = below(4) == 0 ? below(NTB_EPF_REQ_RING) : v->cq % NTB_EPF_REQ_RING;

	w[at] = below(4) == 0 ? next_random() :
		ntb_epf_ent(&v->cq_lap, some_length(),
			    (uint16_t)(below(4) == 0 ? next_random() : v->cq), (uint8_t)next_random());
}

static void
forge_anything(void)
{
	*(words_at(below(2), 0) + below(NTB_EPF_REQ_BYTES / 8)) = next_random();
}

/* What users of the device see. */
static uint32_t enqueued[2], reported[2];

static void
report_some(uint16_t vchan)
{
	enum rte_dma_status_code status[16];
	uint16_t last = 0;
	uint16_t n = rte_dma_completed_status(vdma, vchan, 1 + below(16), &last, status);

	reported[vchan] += n;
	assert_true(reported[vchan] <= enqueued[vchan]);
	assert_int_equal((uint16_t)(last + 1), (uint16_t)reported[vchan]);
}

static void
use_device(void)
{
	uint16_t vchan = below(2);
	uint64_t own = (uintptr_t)mem(asker) + below(AREA_BYTES / 2);
	uint64_t peer = some_address(other(asker)) & NTB_EPF_SQE0_ADDR_MASK;
	uint32_t len = some_length();
	int ret;

	len = RTE_MIN(len, (uint32_t)AREA_BYTES / 2);
	if (below(3) == 0) {
		report_some(vchan);
		return;
	}
	ret = vchan == TO_PEER ? rte_dma_copy(vdma, vchan, own, peer, len, RTE_DMA_OP_FLAG_SUBMIT) :
				 rte_dma_copy(vdma, vchan, peer, own, len, RTE_DMA_OP_FLAG_SUBMIT);
	if (ret >= 0) {
		assert_int_equal(ret, (uint16_t)enqueued[vchan]);
		enqueued[vchan]++;
	} else {
		assert_true(ret == -ENOSPC || ret == -EINVAL || ret == -ENOLINK);
	}
}

static void
bounce(uint8_t side)
{
	dev_of(side)->stopping = true;
	poll_links(8);
	rte_rawdev_stop(raw[side]->dev_id);
	assert_int_equal(rte_rawdev_start(raw[side]->dev_id), 0);
	poll_links(30);
	assert_true(both_up());
}

static void
live(uint64_t seed, void (*forge)(enum ntb_epf_dir dir))
{
	unsigned int step;
	uint16_t vchan;

	random_state = seed;
	enqueued[0] = enqueued[1] = reported[0] = reported[1] = 0;
	ask_from(seed & 1, 2 + below(255));
	for (step = 0; step < STEPS; step++) {
		switch (below(8)) {
		case 0:
			use_device();
			break;
		case 1:
			forge_anything();
			break;
		case 2:
			poll_executor(1);
			break;
		case 3:
			if (below(40) == 0)
				bounce(below(2));
			break;
		default:
			forge(below(2));
		}
	}
	/* A requester may have had its ring spoilt for good: a new link ends what is left. */
	bounce(below(2));
	for (vchan = TO_PEER; vchan <= FROM_PEER; vchan++) {
		for (step = 0; step < 256 && reported[vchan] != enqueued[vchan]; step++)
			report_some(vchan);
		assert_int_equal(reported[vchan], enqueued[vchan]);
	}
}

static void
live_many(void **state, uint64_t base, void (*forge)(enum ntb_epf_dir dir))
{
	unsigned int i;

	for (i = 0; i < SEEDS; i++) {
		live(base + i, forge);
		assert_int_equal(tear_down_req(state), 0);
		set_up_req(state);
	}
}

static void
test_hostile_requester(void **state)
{
	live_many(state, 1000, forge_request);
}

static void
test_hostile_executor(void **state)
{
	live_many(state, 2000, forge_completion);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hostile_requester, set_up_req, tear_down_req),
		cmocka_unit_test_setup_teardown(test_hostile_executor, set_up_req, tear_down_req),
	};

	if (req_env_create("test_ntb_epf_req_fuzz") != 0)
		return EXIT_FAILURE;
	rte_log_set_level(ntb_epf_logtype, RTE_LOG_CRIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
