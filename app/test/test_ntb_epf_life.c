/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Lives of a link: joined before start, agreed on or refused, stalled, failing engines. */

#include "ntb_epf_env.h"

#define DEEP 512
/** Looks between two judgements of the same refused header, and some. */
#define LONG_ENOUGH 2200

static const char *const movers[] = { "split", "rc", "ep", "cpu" };

/** Those of them that an engine serves. */
#define ENGINE_MOVERS 3

static char *log_text;
static size_t log_bytes;
static FILE *log_file;

static void
log_begin(void)
{
	log_file = open_memstream(&log_text, &log_bytes);
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
}

/* Occurrences of some words in what was logged since. */
static unsigned int
log_end(const char *words)
{
	const char *at;
	unsigned int n = 0;

	rte_openlog_stream(NULL);
	fclose(log_file);
	for (at = log_text; (at = strstr(at, words)) != NULL; at++)
		n++;
	if (n == 0)
		print_message("logged: %s\n", log_text);
	free(log_text);
	log_text = NULL;
	return n;
}

static void
poll_side(uint8_t side, unsigned int times)
{
	while (times-- > 0) {
		dev_of(side)->next_service = 0;
		dev_of(side)->host_retry = 0;
		dev_of(side)->host_settle = 0;
		ntb_epf_service(dev_of(side));
	}
}

static void
configure_only(uint8_t side, uint16_t queue_size)
{
	struct ntb_dev_config conf = { .num_queues = 1, .queue_size = queue_size };
	struct rte_rawdev_info info = { .dev_private = &conf };
	struct ntb_queue_conf qconf = { .nb_desc = queue_size, .rx_mp = pool[side] };
	uint16_t id = raw[side]->dev_id;

	assert_int_equal(rte_rawdev_configure(id, &info, sizeof(conf)), 0);
	assert_int_equal(rte_rawdev_queue_setup(id, 0, &qconf, sizeof(qconf)), 0);
}

static void
ask_for_links(unsigned int times)
{
	while (times-- > 0) {
		attr(0, NTB_LINK_STATUS_NAME);
		attr(1, NTB_LINK_STATUS_NAME);
	}
}

/* DPDK's ntb sample waits for its peer between configure and start. */
static void
test_link_before_start(void **state)
{
	unsigned int m;

	for (m = 0; m < RTE_DIM(movers); m++) {
		char args[64];

		snprintf(args, sizeof(args), ",mover=%s,dma=rc", movers[m]);
		probe(0, args);
		snprintf(args, sizeof(args), ",mover=%s,dma=ep", movers[m]);
		probe(1, args);
		configure_only(0, QUEUE_SIZE);
		ask_for_links(20);
		assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
		configure_only(1, QUEUE_SIZE);
		ask_for_links(20);
		assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 1);
		assert_int_equal(attr(1, NTB_LINK_STATUS_NAME), 1);
		assert_int_equal(rte_rawdev_enqueue_buffers(raw[0]->dev_id, bufs, 1, NULL), -EINVAL);
		assert_int_equal(rte_rawdev_start(raw[0]->dev_id), 0);
		/* The peer has given no buffers yet and takes none. */
		assert_int_equal(receive_packets(0, 0, 0), 0);
		send_packets(0, 10, 64, pool[0]);
		assert_int_equal(rte_rawdev_start(raw[1]->dev_id), 0);
		assert_int_equal(attr(0, "Link-flaps") + attr(1, "Link-flaps"), 0);
		receive_packets(1, 10, 64);
		cross(0, 20, 100);
		cross(1, 20, 100);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* A link that nothing ran on is left without waiting for anybody. */
static void
test_configure_again_before_start(void **state)
{
	unsigned int round;

	(void)state;
	probe(0, ",mover=split,dma=rc");
	probe(1, ",mover=split,dma=ep");
	configure_only(0, QUEUE_SIZE);
	configure_only(1, QUEUE_SIZE);
	for (round = 0; round < 6; round++) {
		uint64_t start = rte_rdtsc();

		configure_only(round & 1, QUEUE_SIZE << round / 2);
		assert_true(rte_rdtsc() - start < rte_get_tsc_hz() / 5);
		ask_for_links(20);
		assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 1);
		assert_int_equal(attr(1, NTB_LINK_STATUS_NAME), 1);
	}
	assert_int_equal(rte_rawdev_queue_release(raw[0]->dev_id, 0), 0);
	assert_int_equal(dev_of(0)->state, NTB_EPF_STOPPED);
	ask_for_links(5);
	assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
	assert_int_equal(attr(1, NTB_LINK_STATUS_NAME), 0);
}

static void
test_stopped_stays_away(void **state)
{
	(void)state;
	bring_up("split");
	dev_of(0)->stopping = true;
	poll_links(10);
	rte_rawdev_stop(raw[0]->dev_id);
	ask_for_links(20);
	assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
	assert_int_equal(dev_of(0)->state, NTB_EPF_STOPPED);
}

static void
test_early_join_that_cannot(void **state)
{
	(void)state;
	probe(0, ",mover=split,dma=nothing");
	configure_only(0, QUEUE_SIZE);
	log_begin();
	assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
	assert_int_equal(attr(0, NTB_LINK_STATUS_NAME), 0);
	assert_int_equal(log_end("dma=nothing"), 1);
	log_begin();
	assert_int_equal(rte_rawdev_start(raw[0]->dev_id), -ENODEV);
	assert_int_equal(log_end("dma=nothing"), 1);
}

/* Rings are as deep as the shallower side's, whichever that is and whoever moves. */
static void
test_depths(void **state)
{
	unsigned int m, shallow, lap, sent;

	for (m = 0; m < RTE_DIM(movers); m++) {
		for (shallow = 0; shallow < 2; shallow++) {
			char args[64];

			snprintf(args, sizeof(args), ",mover=%s,dma=rc", movers[m]);
			probe(0, args);
			snprintf(args, sizeof(args), ",mover=%s,dma=ep", movers[m]);
			probe(1, args);
			assert_int_equal(configure_and_start(shallow, 1, QUEUE_SIZE, pool[shallow]), 0);
			assert_int_equal(configure_and_start(other(shallow), 1, DEEP,
							     pool[other(shallow)]), 0);
			poll_links(20);
			assert_true(both_up());
			assert_int_equal(attr(0, "link_queue_size"), QUEUE_SIZE);
			assert_int_equal(attr(1, "link_queue_size"), QUEUE_SIZE);
			assert_int_equal(attr(other(shallow), NTB_QUEUE_SZ_NAME), DEEP);
			for (lap = 0; lap < 30; lap++) {
				cross(0, 1 + lap, 60 + lap);
				cross(1, 1 + lap, 60 + lap);
			}
			/* No more under way than the shallow side has slots for. */
			assert_int_equal(receive_packets(1, 1, 0), 0);
			sent = send_packets(0, 200, 64, pool[0]);
			assert_in_range(sent, QUEUE_SIZE / 2, QUEUE_SIZE);
			assert_int_equal(receive_packets(1, QUEUE_SIZE, 64), sent);
			assert_int_equal(tear_down_test(state), 0);
			set_up_test(state);
		}
	}
}

/* A deep side meets others, one after another. */
static void
test_depth_of_each_link(void **state)
{
	static const uint16_t depths[] = { 64, 1024, 128, 512 };
	unsigned int i;

	(void)state;
	bring_up("split");
	for (i = 0; i < RTE_DIM(depths); i++) {
		dev_of(1)->stopping = true;
		poll_links(10);
		rte_rawdev_stop(raw[1]->dev_id);
		dev_of(0)->stopping = true;
		poll_links(10);
		rte_rawdev_stop(raw[0]->dev_id);
		assert_int_equal(configure_and_start(0, 1, DEEP, pool[0]), 0);
		assert_int_equal(configure_and_start(1, 1, depths[i], pool[1]), 0);
		poll_links(20);
		assert_int_equal(attr(0, "link_queue_size"), RTE_MIN(depths[i], DEEP));
		cross(0, 60, 100);
		cross(1, 60, 100);
	}
}

struct refusal {
	void (*forge)(struct ntb_epf_win_hdr *h);
	const char *line; /* of the other side's log */
};

static void
newer_version(struct ntb_epf_win_hdr *h)
{
	h->version = 2;
}

static void
longer_header(struct ntb_epf_win_hdr *h)
{
	h->hdr_bytes = 192;
}

static void
other_magic(struct ntb_epf_win_hdr *h)
{
	h->magic = 1234567;
}

static void
odd_depth(struct ntb_epf_win_hdr *h)
{
	h->queue_size = 100;
}

static void
no_depth(struct ntb_epf_win_hdr *h)
{
	h->queue_size = 0;
}

static void
vast_depth(struct ntb_epf_win_hdr *h)
{
	h->queue_size = 32768;
}

/* One line that names both values, however often the peer's header is looked at, on either side. */
static void
test_refusals_are_told_once(void **state)
{
	static const struct refusal cases[] = {
		{ newer_version, "link refused: ring protocol version: peer has 2, this side 1" },
		{ longer_header, "link refused: header size: peer has 192, this side 128" },
		{ other_magic, "link refused: magic: peer has 1234567, this side 1380078670" },
		{ odd_depth, "link refused: queue_size: peer has 100: expected a power of two, 64 to" },
		{ no_depth, "link refused: queue_size: peer has 0: expected" },
		{ vast_depth, "link refused: queue_size: peer has 32768: expected" },
	};
	struct ntb_epf_win_hdr good, *h;
	unsigned int i;
	uint8_t side;

	for (side = 0; side < 2; side++) {
		bring_up("split");
		h = (struct ntb_epf_win_hdr *)bridge.window[side];
		good = *h;
		for (i = 0; i < RTE_DIM(cases); i++) {
			*h = good;
			cases[i].forge(h);
			h->generation = good.generation + 1 + i;
			log_begin();
			/* The other side makes no calls, or it would put its own header back. */
			poll_side(side, LONG_ENOUGH);
			assert_int_equal(log_end(cases[i].line), 1);
			assert_int_equal(dev_of(side)->link_up, 0);
			assert_int_equal(dev_of(side)->rejected, h->generation);
			/* Not granted. */
			h = (struct ntb_epf_win_hdr *)bridge.window[other(side)];
			assert_int_equal(h->quiesced, 0);
			h = (struct ntb_epf_win_hdr *)bridge.window[side];
		}
		*h = good;
		poll_links(40);
		assert_true(both_up());
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* What one side can follow may still be more than the other's window has room for. */
static void
test_window_of_the_peer_is_too_small(void **state)
{
	struct ntb_epf_win_hdr *h = (struct ntb_epf_win_hdr *)bridge.window[0];

	(void)state;
	bring_up("split");
	dev_of(0)->peer.bytes = NTB_EPF_RING_OFFSET;
	h->generation++;
	log_begin();
	poll_side(0, 50);
	assert_int_equal(log_end("raw_ntb_epf_rc: link refused: 1 queue pairs of 64 need windows of 6144 "
				 "bytes: own window has 1048576, peer's 4096"), 1);
	assert_int_equal(dev_of(0)->link_up, 0);
	assert_int_equal(attr(0, "link_queue_size"), 0);
	dev_of(0)->peer.bytes = WINDOW_BYTES;
	poll_links(LONG_ENOUGH);
	assert_true(both_up());
}

static void
age_heartbeat(uint8_t side, unsigned int ms)
{
	dev_of(side)->peer_heartbeat_at -= rte_get_tsc_hz() / 1000 * ms;
}

static void
test_heartbeat(void **state)
{
	(void)state;
	bring_up("ep");
	poll_links(40);
	assert_in_range(attr(0, "Link-heartbeat-age-ms"), 0, 900);
	age_heartbeat(0, 5000);
	/* Nobody asked for a time-out: the link stays. */
	poll_side(0, 10);
	assert_in_range(attr(0, "Link-heartbeat-age-ms"), 5000, 5900);
	assert_true(both_up());
	/* One call of the peer in a while is life enough. */
	dev_of(1)->next_heartbeat = 0;
	poll_side(1, 1);
	poll_side(0, 1);
	assert_in_range(attr(0, "Link-heartbeat-age-ms"), 0, 900);
	remove_side(1);
	poll_side(0, 10);
	assert_int_equal(attr(0, "Link-heartbeat-age-ms"), 0);
}

static void
test_peer_timeout(void **state)
{
	uint8_t side;

	for (side = 0; side < 2; side++) {
		probe(0, ",mover=split,dma=rc,peer_timeout=5000");
		probe(1, ",mover=split,dma=ep,peer_timeout=5000");
		assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
		assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
		poll_links(40);
		assert_true(both_up());
		age_heartbeat(side, 4000);
		poll_side(side, 1);
		assert_int_equal(dev_of(side)->link_up, 1);
		age_heartbeat(side, 1001);
		log_begin();
		poll_side(side, 1);
		assert_int_equal(log_end("link down: the peer has made no calls within peer_timeout"), 1);
		assert_int_equal(dev_of(side)->link_up, 0);
		/* It was asleep, no more. */
		poll_links(60);
		assert_true(both_up());
		cross(side, 20, 100);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

static void
test_peer_timeout_argument(void **state)
{
	static const char *const bad[] = {
		"", "99", "-1", "1e3", "100ms", " 100", "86400001", "18446744073709551716",
	};
	static const char *const good[] = { "0", "100", "86400000" };
	char args[64];
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(bad); i++) {
		snprintf(args, sizeof(args), "fake=1,side=rc,peer_timeout=%s", bad[i]);
		log_begin();
		assert_int_not_equal(rte_vdev_init("raw_ntb_epf_bad", args), 0);
		assert_int_equal(log_end("peer_timeout="), 1);
	}
	for (i = 0; i < RTE_DIM(good); i++) {
		snprintf(args, sizeof(args), ",peer_timeout=%s", good[i]);
		probe(0, args);
		assert_int_equal(dev_of(0)->peer_timeout_ms, strtoul(good[i], NULL, 10));
		remove_side(0);
	}
}

/* Buffers that are with the peer are counted while they wait for it. */
static void
test_quarantine(void **state)
{
	(void)state;
	bring_up("split");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_int_equal(attr(1, "Link-quarantined"), 0);
	/* The endpoint stops; the host, which may copy into its buffers, makes no calls. */
	dev_of(1)->stopping = true;
	poll_side(1, 5);
	assert_int_equal(attr(1, "Link-quarantined"), QUEUE_SIZE);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS - QUEUE_SIZE);
	poll_links(10);
	assert_int_equal(attr(1, "Link-quarantined"), 0);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS);
}

static void
test_engine_that_does_not_start(void **state)
{
	(void)state;
	probe(0, ",mover=ep");
	probe(1, ",mover=ep,dma=ep");
	pull_dma[1]->start_error = -EBUSY;
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(50);
	assert_int_equal(dev_of(0)->link_up | dev_of(1)->link_up, 0);
	/* The one that did start is stopped again. */
	assert_false(dev_of(1)->chans[0].started || dev_of(1)->chans[1].started);
	pull_dma[1]->start_error = 0;
	poll_links(LONG_ENOUGH);
	assert_true(both_up());
	cross(0, 10, 100);
}

/* Nor does one that has started without the other, at once: it is stopped before it starts anew. */
static void
test_engine_that_neither_starts_nor_stops(void **state)
{
	(void)state;
	probe(0, ",mover=ep");
	probe(1, ",mover=ep,dma=ep");
	pull_dma[1]->start_error = -EBUSY;
	push_dma[1]->stop_error = -EBUSY;
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	assert_int_equal(configure_and_start(1, 1, QUEUE_SIZE, pool[1]), 0);
	poll_links(LONG_ENOUGH);
	assert_int_equal(dev_of(0)->link_up | dev_of(1)->link_up, 0);
	pull_dma[1]->start_error = 0;
	push_dma[1]->stop_error = 0;
	poll_links(2 * LONG_ENOUGH);
	assert_true(both_up());
	cross(0, 10, 100);
}

/* While a channel may still copy, no buffer comes back. */
static void
test_engine_that_does_not_stop(void **state)
{
	(void)state;
	bring_up("split");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	push_dma[0]->held = true;
	push_dma[0]->stop_error = -EBUSY;
	assert_int_equal(send_packets(0, 5, 64, pool[0]), 5);
	dev_of(0)->stopping = true;
	poll_links(5);
	dev_of(0)->deadline = 0;
	poll_links(20);
	assert_int_equal(dev_of(0)->state, NTB_EPF_QUIESCE);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS - 5 - QUEUE_SIZE);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS - QUEUE_SIZE);
	push_dma[0]->stop_error = 0;
	dev_of(0)->deadline = 0;
	poll_links(20);
	assert_int_equal(dev_of(0)->state, NTB_EPF_STOPPED);
	assert_int_equal(rte_mempool_avail_count(pool[0]), POOL_MBUFS);
	assert_int_equal(rte_mempool_avail_count(pool[1]), POOL_MBUFS);
}

/* An engine with room that takes nothing: packets are counted as lost, and never delivered. */
static void
test_engine_that_takes_nothing(void **state)
{
	unsigned int m;

	for (m = 0; m < ENGINE_MOVERS; m++) {
		uint8_t mover_side = m == 2 ? 1 : 0;

		bring_up(movers[m]);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		push_dma[mover_side]->refuses = pull_dma[mover_side]->refuses = true;
		assert_int_equal(send_packets(0, 5, 64, pool[0]), 5);
		assert_int_equal(receive_packets(1, 1, 0), 0);
		assert_int_equal(attr(1, "Rx-errors"), 5);
		push_dma[mover_side]->refuses = pull_dma[mover_side]->refuses = false;
		cross(0, 10, 64);
		/* A sender that is pulled from learns it when it sends again. */
		assert_int_equal(attr(0, "Tx-errors"), 5);
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* A word for the peer comes behind the packets that it is about, though nobody polls any more. */
static void
test_scratchpad_comes_behind_packets(void **state)
{
	struct ntb_epf_ring *rx;
	uint64_t ent;

	(void)state;
	bring_up("split");
	assert_int_equal(receive_packets(1, 1, 0), 0);
	assert_int_equal(send_packets(0, 5, 64, pool[0]), 5);
	rx = &dev_of(1)->queues[0].rx;
	assert_false(ntb_epf_cqe_read(rx, &ent));
	assert_int_equal(rte_rawdev_set_attr(raw[0]->dev_id, "spad_user_3", 5), 0);
	assert_int_equal(attr(1, "spad_user_3"), 5);
	assert_true(ntb_epf_cqe_read(rx, &ent));
	assert_int_equal(dev_of(0)->queues[0].tx.cq, 5);
}

/* Commands that the endpoint refuses are asked again; one line tells. */
static void
test_refused_command(void **state)
{
	struct ntb_epf_ctrl *ctrl = (struct ntb_epf_ctrl *)bridge.ctrl;
	unsigned int i;

	(void)state;
	bridge.present[1] = true;
	bridge.life[1]++;
	ctrl->mw_count = 1;
	ctrl->spad_offset = sizeof(*ctrl);
	probe(0, ",mover=ep");
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	log_begin();
	for (i = 0; i < 30; i++) {
		dev_of(0)->host_retry = 0;
		poll_side(0, 1);
		if (ctrl->command != 0) {
			ctrl->command = 0;
			ctrl->cmd_status = NTB_EPF_STATUS_ERROR;
		}
	}
	assert_int_equal(log_end("command 6: status 2"), 1);
	assert_int_equal(dev_of(0)->link_up, 0);
	assert_false(bridge.bus_master);
}

/* A window that is moved while it is open is closed: its old length and place are no good now. */
static void
test_window_moved_while_open(void **state)
{
	struct ntb_epf_ctrl *ctrl = (struct ntb_epf_ctrl *)bridge.ctrl;
	unsigned int opens, i;

	(void)state;
	bring_up("ep");
	opens = bridge.outbound_opens;
	ctrl->size_lo = WINDOW_BYTES / 2;
	ctrl->argument = 0;
	ctrl->command = NTB_EPF_CMD_CONFIGURE_MW;
	for (i = 0; i < 20; i++) {
		poll_side(1, 1);
		assert_true(dev_of(1)->peer.bytes == 0 || dev_of(1)->state == NTB_EPF_QUIESCE);
	}
	assert_int_equal(ctrl->command, 0);
	assert_int_equal(dev_of(1)->state, NTB_EPF_WAIT);
	assert_int_equal(bridge.outbound_opens, opens);
	ctrl->command = NTB_EPF_CMD_LINK_UP;
	poll_side(1, 1);
	assert_int_equal(bridge.outbound_opens, opens + 1);
	assert_int_equal(dev_of(1)->peer.bytes, WINDOW_BYTES / 2);
}

/* Values that a control region cannot have are no control region. */
static void
test_control_region_is_checked(void **state)
{
	struct ntb_epf_ctrl *ctrl = (struct ntb_epf_ctrl *)bridge.ctrl;
	const struct ntb_epf_ctrl bad[] = {
		{ .mw_count = 0, .spad_offset = sizeof(*ctrl) },
		{ .mw_count = 5, .spad_offset = sizeof(*ctrl) },
		{ .mw_count = UINT32_MAX, .spad_offset = UINT32_MAX, .spad_count = UINT32_MAX },
		{ .mw_count = 1, .spad_offset = sizeof(*ctrl) - 4 },
		{ .mw_count = 1, .spad_offset = sizeof(*ctrl) + 2 },
		{ .mw_count = 1, .spad_offset = 4100 },
		{ .mw_count = 1, .spad_offset = sizeof(*ctrl), .spad_count = 1000 },
	};
	unsigned int i;

	(void)state;
	bridge.present[1] = true;
	bridge.life[1]++;
	probe(0, ",mover=ep");
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	for (i = 0; i < RTE_DIM(bad); i++) {
		*ctrl = bad[i];
		poll_side(0, 5);
		assert_int_equal(dev_of(0)->host_state, NTB_EPF_HOST_PROBE);
		assert_int_equal(ctrl->command, bad[i].command);
	}
	*ctrl = (struct ntb_epf_ctrl){ .mw_count = 1, .spad_offset = sizeof(*ctrl) };
	poll_side(0, 2);
	assert_int_equal(ctrl->command, NTB_EPF_CMD_LINK_DOWN);
}

static unsigned int operations;

static void
count_operation(const struct fake_dma *d, const struct fake_dma_op *op)
{
	(void)d;
	(void)op;
	operations++;
}

/* A core that sends rarely finds the peer gone before it sends, not behind. */
static void
test_nothing_is_sent_to_who_has_gone(void **state)
{
	uint8_t side;

	for (side = 0; side < 2; side++) {
		bring_up("split");
		cross(side, 10, 100);
		assert_int_equal(receive_packets(other(side), 1, 0), 0);
		push_dma[side]->watch = count_operation;
		operations = 0;
		/* Its next life is there already, and has memory at the same addresses. */
		bridge.life[other(side)]++;
		dev_of(side)->next_service = 0;
		assert_int_equal(send_packets(side, 10, 100, pool[side]), 0);
		assert_int_equal(operations, 0);
		bridge.trained = false;
		poll_links(5);
		bridge.trained = true;
		poll_links(60);
		assert_true(both_up());
		assert_int_equal(tear_down_test(state), 0);
		set_up_test(state);
	}
}

/* What the endpoint says of itself comes back when a host has written over it. */
static void
test_control_region_is_put_right(void **state)
{
	static const size_t words[] = {
		offsetof(struct ntb_epf_ctrl, topology), offsetof(struct ntb_epf_ctrl, mw_count),
		offsetof(struct ntb_epf_ctrl, mw1_offset), offsetof(struct ntb_epf_ctrl, spad_offset),
		offsetof(struct ntb_epf_ctrl, spad_count),
		offsetof(struct ntb_epf_ctrl, db_entry_size),
	};
	uint8_t before[sizeof(struct ntb_epf_ctrl)];
	unsigned int i;

	(void)state;
	bring_up("ep");
	memcpy(before, bridge.ctrl, sizeof(before));
	for (i = 0; i < RTE_DIM(words); i++) {
		memset(bridge.ctrl + words[i], 0x77, 4);
		bridge.trained = false;
		poll_links(5);
		bridge.trained = true;
		poll_links(40);
		assert_true(both_up());
		assert_memory_equal(bridge.ctrl, before, sizeof(before));
	}
	/* Doorbells are not looked at; the next host gets them right. */
	memset(bridge.ctrl + offsetof(struct ntb_epf_ctrl, db_data), 0x77, 256);
	remove_side(0);
	poll_links(5);
	probe(0, ",mover=ep,dma=rc");
	assert_int_equal(configure_and_start(0, 1, QUEUE_SIZE, pool[0]), 0);
	poll_links(100);
	assert_true(both_up());
	assert_memory_equal(bridge.ctrl, before, sizeof(before));
}

static int
tear_down(void **state)
{
	/* A test that forged an endpoint leaves it to the next life. */
	if (raw[1] == NULL)
		bridge.present[1] = false;
	return tear_down_test(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_test, tear_down)
		TEST(test_link_before_start),
		TEST(test_configure_again_before_start),
		TEST(test_stopped_stays_away),
		TEST(test_early_join_that_cannot),
		TEST(test_depths),
		TEST(test_depth_of_each_link),
		TEST(test_refusals_are_told_once),
		TEST(test_window_of_the_peer_is_too_small),
		TEST(test_heartbeat),
		TEST(test_peer_timeout),
		TEST(test_peer_timeout_argument),
		TEST(test_quarantine),
		TEST(test_engine_that_does_not_start),
		TEST(test_engine_that_neither_starts_nor_stops),
		TEST(test_engine_that_does_not_stop),
		TEST(test_engine_that_takes_nothing),
		TEST(test_scratchpad_comes_behind_packets),
		TEST(test_refused_command),
		TEST(test_window_moved_while_open),
		TEST(test_control_region_is_checked),
		TEST(test_control_region_is_put_right),
		TEST(test_nothing_is_sent_to_who_has_gone),
	};

	if (env_create("test_ntb_epf_life") != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
