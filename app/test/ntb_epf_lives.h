/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_LIVES_H_
#define _NTB_EPF_LIVES_H_

/**
 * @file
 * Random lives of a link. In the honest ones both sides stop, start, lose the link and
 * wait for copies, in any order: no copy may touch a buffer that its owner has taken back, and
 * packets arrive whole. In the hostile ones somebody also rewrites windows, control region,
 * scratchpads and commands while traffic runs: nothing may break. After both kinds the link comes
 * up again by itself, carries packets, and all buffers come back.
 */

#include "ntb_epf_env.h"

/** Polls in which a link that nobody disturbs any more must be up. */
#define CALM_POLLS 6000
/** Bytes of a packet: within one mbuf, so that a forged length damages payload and nothing else. */
#define PACKET_MAX 1500

static const char *const life_movers[] = { "split", "rc", "ep", "cpu" };
static uint8_t scratch[2 * 65536];
static unsigned int landed_late;
static uintptr_t pool_start[2], pool_end[2];

/** A number less than @p n, and any number: from wherever the program that includes this has them. */
static uint32_t below(uint32_t n);
static uint64_t next_random(void);

static void
add_chunk(struct rte_mempool *mp, void *opaque, struct rte_mempool_memhdr *hdr, unsigned int index)
{
	unsigned int side = *(unsigned int *)opaque;
	uintptr_t start = (uintptr_t)hdr->addr;

	(void)mp;
	(void)index;
	if (pool_start[side] == 0 || start < pool_start[side])
		pool_start[side] = start;
	pool_end[side] = RTE_MAX(pool_end[side], start + hdr->len);
}

/** A side in any other state than these has every buffer back. */
static bool
gave_buffers_away(uint8_t side)
{
	enum ntb_epf_state state = dev_of(side)->state;

	return state == NTB_EPF_UP || state == NTB_EPF_QUIESCE;
}

/** No copy touches the memory of a side that believes to be safe. */
static void
watch_copy(const struct fake_dma *d, const struct fake_dma_op *op)
{
	uint8_t peer = d == push_dma[0] || d == pull_dma[0] ? 1 : 0;
	bool push = d == push_dma[0] || d == push_dma[1];
	uint64_t addr = push ? op->dst : op->src;

	if (addr >= pool_start[peer] && addr < pool_end[peer] && !gave_buffers_away(peer))
		landed_late++;
}

/** One look at the link. Bursts take none, so that a seed does not depend on the clock. */
static void
poll_one(uint8_t side)
{
	dev_of(side)->next_service = 0;
	dev_of(side)->host_retry = 0;
	dev_of(side)->host_settle = 0;
	ntb_epf_service(dev_of(side));
	dev_of(side)->next_service = UINT64_MAX;
}

static void
poll_both(unsigned int times)
{
	while (times-- > 0) {
		poll_one(0);
		poll_one(1);
	}
}

/* Packets are told by their length and its shadow in each byte. */
static void
send_some(uint8_t side)
{
	unsigned int n = 1 + below(40);
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++) {
		uint32_t len = 1 + below(PACKET_MAX);

		bufs[i]->buf_addr = make_packet(pool[side], len, (uint8_t)len);
	}
	sent = rte_rawdev_enqueue_buffers(raw[side]->dev_id, bufs, n, NULL);
	assert_in_range(sent, 0, n);
	for (i = sent; i < n; i++)
		rte_pktmbuf_free(bufs[i]->buf_addr);
}

static unsigned int
receive_some(uint8_t side, bool check)
{
	int n = rte_rawdev_dequeue_buffers(raw[side]->dev_id, bufs, 1 + below(40), NULL);
	int i;

	assert_in_range(n, 0, 40);
	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = bufs[i]->buf_addr;
		const char *reason;

		assert_in_range(m->pkt_len, 1, NTB_EPF_MAX_PKT_LEN);
		assert_int_equal(rte_mbuf_check(m, 1, &reason), 0);
		if (check)
			check_packet(m, m->pkt_len, (uint8_t)m->pkt_len);
		rte_pktmbuf_free(m);
	}
	return n;
}

static void
release_dma(void)
{
	struct fake_dma *all[] = { push_dma[0], push_dma[1], pull_dma[0], pull_dma[1] };
	unsigned int i;

	for (i = 0; i < RTE_DIM(all); i++) {
		all[i]->held = false;
		all[i]->fail_at = UINT32_MAX;
		fake_dma_run(all[i], UINT32_MAX);
	}
}

static void
disturb_dma(void)
{
	struct fake_dma *all[] = { push_dma[0], push_dma[1], pull_dma[0], pull_dma[1] };
	struct fake_dma *d = all[below(RTE_DIM(all))];

	switch (below(4)) {
	case 0:
		d->held = true;
		break;
	case 1:
		d->held = false;
		fake_dma_run(d, UINT32_MAX);
		break;
	case 2:
		fake_dma_run(d, below(8));
		break;
	default:
		d->fail_at = d->tail + below(16);
		break;
	}
}

/** Stop asked for, and carried out when the polls of both sides let it. */
static void
stop_or_start(uint8_t side)
{
	struct ntb_epf_dev *dev = dev_of(side);

	if (!dev->stopping) {
		dev->stopping = true;
		return;
	}
	if (dev->state != NTB_EPF_STOPPED)
		return;
	rte_rawdev_stop(raw[side]->dev_id);
	assert_int_equal(rte_rawdev_start(raw[side]->dev_id), 0);
}

/** Time passes without the test waiting for it. */
static void
expire_waits(void)
{
	uint8_t side = below(2);

	dev_of(side)->deadline = 0;
	dev_of(0)->command_deadline = 0;
}

/** What befalls a link now and then. */
static void
honest_trouble(void)
{
	uint32_t what = below(32);

	if (what < 8)
		disturb_dma();
	else if (what < 14)
		bridge.trained = !bridge.trained;
	else if (what < 26)
		bridge.trained = true;
	else if (what < 31)
		stop_or_start(what & 1);
	else
		expire_waits();
}

static void
honest_step(bool check)
{
	uint32_t what = below(24);
	uint8_t side = below(2);

	if (what < 5)
		honest_trouble();
	else if (what < 13)
		poll_one(side);
	else if (what < 18)
		send_some(side);
	else
		receive_some(side, check);
}

/** Somewhere that may be read and written; of cells, any place of the window or none at all. */
static uint64_t
forged_address(const struct ntb_epf_ring *r)
{
	if (r->role != NTB_EPF_ROLE_CPU_TX)
		return (uintptr_t)scratch + below(65536);
	switch (below(4)) {
	case 0:
		return next_random() & NTB_EPF_SQE0_ADDR_MASK;
	case 1:
		return below(2 * WINDOW_BYTES);
	default:
		return RTE_ALIGN_FLOOR(below(WINDOW_BYTES), 64);
	}
}

static uint32_t
forged_length(void)
{
	static const uint32_t lengths[] = { 0, 1, 60, 2047, 2048, 65535, 65536, INT32_MAX, UINT32_MAX };

	return below(2) == 0 ? below(3000) : lengths[below(RTE_DIM(lengths))];
}

/** An entry of the present lap or of none; its address is one that may be read and written. */
static void
forge_entry(uint8_t side)
{
	struct ntb_epf_queue *q = &dev_of(side)->queues[0];
	struct ntb_epf_ring *r = below(2) == 0 ? &q->tx : &q->rx;
	bool mover = is_mover(r) || r->role == NTB_EPF_ROLE_CPU_TX;
	uint32_t at = ((mover ? r->sq : r->cq) + below(4)) & r->mask;
	struct ntb_epf_lap lap = mover ? r->sq_lap : r->cq_lap;
	uint64_t *words;

	if (r->local == NULL || r->role == NTB_EPF_ROLE_NONE)
		return;
	if (below(8) == 0)
		lap.ent ^= (uint64_t)below(256) << NTB_EPF_ENT_TAG_SHIFT;
	if (!mover) {
		words = (uint64_t *)r->local + at;
		words[0] = ntb_epf_ent(&lap, forged_length(),
				       below(4) == 0 ? below(65536) : at, (uint8_t)below(256));
		return;
	}
	words = (uint64_t *)r->local + 2 * at;
	words[0] = ntb_epf_sqe0(&lap, forged_address(r));
	words[1] = ntb_epf_ent(&lap, forged_length(), below(65536), (uint8_t)below(256));
}

static void
forge_header(uint8_t side)
{
	uint32_t *words = (uint32_t *)bridge.window[side];
	unsigned int at = below(sizeof(struct ntb_epf_win_hdr) / sizeof(*words));

	switch (below(4)) {
	case 0:
		words[at] = 0;
		break;
	case 1:
		words[at] ^= UINT32_C(1) << below(32);
		break;
	case 2:
		words[at] = UINT32_MAX;
		break;
	default:
		words[at] = (uint32_t)next_random();
		break;
	}
}

static void
forge_command(void)
{
	struct ntb_epf_ctrl *ctrl = (struct ntb_epf_ctrl *)bridge.ctrl;

	switch (below(6)) {
	case 0:
	case 1:
		ctrl->command = below(9);
		ctrl->argument = below(3) == 0 ? (uint32_t)next_random() : 0;
		break;
	case 2:
		ctrl->cmd_status = (uint16_t)below(4);
		break;
	case 3:
		ctrl->link_status = (uint16_t)below(3);
		break;
	case 4:
		ctrl->addr_lo = (uint32_t)next_random();
		break;
	default:
		ctrl->size_lo = below(2) == 0 ? (uint32_t)next_random() : below(WINDOW_BYTES);
		break;
	}
}

/** Any word of the control region, its scratchpads, or the doorbells: both sides can write there. */
static void
forge_control(void)
{
	uint32_t *words = (uint32_t *)(below(8) == 0 ? bridge.db : bridge.ctrl);
	unsigned int at = below(4) == 0 ? below(1024) : below(0x34 / sizeof(*words));
	uint32_t value = below(3) == 0 ? UINT32_MAX : below(2) == 0 ? below(8) : (uint32_t)next_random();

	words[at] = value;
}

/** What an application may ask for at any time, whatever its peer is up to. */
static void
ask_something(uint8_t side)
{
	static const char *const names[] = { "spad_user_0", "spad_user_127", "link_status", "mw_count",
					     "spad_count", "max_pkt_len", "peer_mac", "Rx-errors" };
	const char *name = names[below(RTE_DIM(names))];
	uint16_t id = raw[side]->dev_id;
	uint64_t value;
	FILE *f;

	switch (below(8)) {
	case 0:
		assert_int_equal(rte_rawdev_selftest(id), 0);
		break;
	case 1:
		f = fopen("/dev/null", "w");
		assert_non_null(f);
		assert_int_equal(rte_rawdev_dump(id, f), 0);
		fclose(f);
		break;
	case 2:
		rte_rawdev_set_attr(id, name, below(100));
		break;
	default:
		rte_rawdev_get_attr(id, name, &value);
		break;
	}
	dev_of(side)->next_service = UINT64_MAX;
}

static void
hostile_step(void)
{
	switch (below(8)) {
	case 0:
		forge_entry(below(2));
		break;
	case 1:
		if (below(4) == 0)
			forge_header(below(2));
		break;
	case 2:
		if (below(4) == 0)
			forge_command();
		else if (below(8) == 0)
			forge_control();
		else if (below(8) == 0)
			ask_something(below(2));
		break;
	case 3:
		receive_some(below(2), false);
		break;
	case 4:
		send_some(below(2));
		break;
	default:
		poll_one(below(2));
		break;
	}
	if (below(16) == 0)
		honest_step(false);
}

/** One time-out of each kind. */
static void
expire_all(void)
{
	dev_of(0)->deadline = dev_of(1)->deadline = dev_of(0)->command_deadline = 1;
}

/** Whoever is on the way to a stop gets there and starts again. */
static void
finish_stops(void)
{
	unsigned int side;
	unsigned int i;

	for (side = 0; side < 2; side++)
		for (i = 0; dev_of(side)->stopping; i++) {
			assert_in_range(i, 0, 400);
			poll_both(2);
			if (i % 100 == 99)
				expire_all();
			if (dev_of(side)->state == NTB_EPF_STOPPED)
				stop_or_start(side);
		}
}

/** Commands in the host's name took away what the host believes to have: it has to ask anew. */
static void
lose_link(bool hostile)
{
	bridge.trained = !hostile;
	poll_both(2);
	bridge.trained = true;
}

static void
calm_down(bool hostile)
{
	unsigned int i;

	release_dma();
	lose_link(hostile);
	finish_stops();
	lose_link(hostile);
	for (i = 0; i < CALM_POLLS && !both_up(); i++) {
		poll_both(1);
		if (i % 1500 == 1499)
			expire_all();
	}
}

/** What the trouble left behind goes first; what comes then is whole. */
static void
check_link(void)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		receive_some(0, false);
		receive_some(1, false);
	}
	cross(0, 20, 500);
	cross(1, 20, 500);
}

static void
stop_both(void)
{
	unsigned int i;

	dev_of(0)->stopping = dev_of(1)->stopping = true;
	for (i = 0; i < 100; i++)
		poll_both(1);
	assert_int_equal(dev_of(0)->state, NTB_EPF_STOPPED);
	assert_int_equal(dev_of(1)->state, NTB_EPF_STOPPED);
	rte_rawdev_stop(raw[0]->dev_id);
	rte_rawdev_stop(raw[1]->dev_id);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS);
}

static void
begin_life(bool hostile)
{
	unsigned int side;

	bridge.unmapped = below(2) == 0;
	bring_up(life_movers[below(RTE_DIM(life_movers))]);
	poll_both(1);
	for (side = 0; side < 2; side++) {
		push_dma[side]->watch = hostile ? NULL : watch_copy;
		pull_dma[side]->watch = hostile ? NULL : watch_copy;
	}
	landed_late = 0;
}

/** Calms down, and checks that link and buffers are whole again. */
static void
end_life(bool hostile)
{
	calm_down(hostile);
	assert_int_equal(landed_late, 0);
	assert_true(both_up());
	if (hostile) {
		/* Entries that were forged live as long as the link that they are of. */
		stop_both();
		assert_int_equal(rte_rawdev_start(raw[0]->dev_id), 0);
		assert_int_equal(rte_rawdev_start(raw[1]->dev_id), 0);
		poll_both(200);
		assert_true(both_up());
	}
	check_link();
	stop_both();
	assert_int_equal(landed_late, 0);
}

static int
lives_create(const char *file_prefix)
{
	unsigned int side;

	if (env_create(file_prefix) != 0)
		return -1;
	for (side = 0; side < 2; side++)
		rte_mempool_mem_iter(pool[side], add_chunk, &side);
	return 0;
}

#endif /* _NTB_EPF_LIVES_H_ */
