/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* How the driver learns of completions: by words in memory, and by the list pointer. */

#include "dw_edma_fake.h"

#include "dw_edma_env.h"

#define LIST 512

/** A started channel that learns of completions in @p mode; a second one of its direction. */
static struct dw_edma_chan *
words_init(const struct dw_edma_map_ops *map, enum dw_edma_dir dir, enum dw_edma_completion mode,
	   bool second)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vconf = { .direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = DESC };
	int16_t other;

	fake_init(map, LIST);
	engine_init(map, 0xf, 0xf);
	engine->completion = mode;
	fake.own_bits[dir] = 0x00060006;
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, 1), 0);
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, 2), 0);
	dev_id = rte_dma_get_dev_id_by_name(dir == DW_EDMA_WR ? "fake-wr1" : "fake-rd1");
	other = rte_dma_get_dev_id_by_name(dir == DW_EDMA_WR ? "fake-wr2" : "fake-rd2");
	chan = engine->chan[dir][1];
	channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
	assert_int_equal(rte_dma_start(dev_id), 0);
	if (second) {
		assert_int_equal(rte_dma_configure(other, &conf), 0);
		assert_int_equal(rte_dma_vchan_setup(other, 0, &vconf), 0);
		assert_int_equal(rte_dma_start(other), 0);
	}
	fake.mute = true;
	return engine->chan[dir][2];
}

static uint16_t
collect(void)
{
	bool error = false;
	uint16_t n = rte_dma_completed(dev_id, 0, DESC, NULL, &error);

	assert_false(error);
	return n;
}

static const struct {
	const struct dw_edma_map_ops *map;
	enum dw_edma_dir dir;
	enum dw_edma_completion mode;
} rows[] = {
	{ &dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL },
	{ &dw_edma_hdma_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL },
	{ &dw_edma_legacy_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL },
	{ &dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_IMWR },
	{ &dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR },
	{ &dw_edma_hdma_compat_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR },
	{ &dw_edma_hdma_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_IMWR },
	{ &dw_edma_hdma_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR },
};

/** Many laps of bursts of all sizes: every copy is reported in order, and no register is read. */
static void
one_stream(unsigned int row)
{
	unsigned int reads, n, sent = 0, got = 0;

	words_init(rows[row].map, rows[row].dir, rows[row].mode, false);
	reads = fake.reads;
	while (got < 5000) {
		for (n = sent % 7; n != 0 && rte_dma_burst_capacity(dev_id, 0) != 0; n--) {
			assert_int_equal(rte_dma_copy(dev_id, 0, sent, sent, 64, 0),
					 (uint16_t)sent);
			sent++;
		}
		if (sent % 3 != 0 || n == 0)
			assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run(1 + sent % 5);
		got += collect();
		/* What the engine has not done is not reported. */
		assert_true(got <= fake.executed - fake.marks);
		sent += sent % 7 == 0 && rte_dma_copy(dev_id, 0, sent, sent, 64, 0) >= 0;
	}
	assert_int_equal(fake.reads, reads);
	assert_int_equal(chan->looks, 0);
	assert_int_equal(chan->misses, 0);
	assert_true(fake.marks > 0);
}

static void
test_streams(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		one_stream(i);
		assert_int_equal(teardown(state), 0);
	}
}

/** Behind a burst comes an element that copies the number of its slot to the channel's word. */
static void
test_tail_element(void **state)
{
	const struct dw_edma_elem *list = (const void *)fake.list[DW_EDMA_WR][1];
	const uint32_t *word;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	/* 17 data slots, the link, and a word for each slot. */
	assert_int_equal(chan->ll_slots, 17);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(list[2].size, 4);
	assert_int_equal(list[2].control, DW_EDMA_CB);
	assert_int_equal(list[2].dar, (uintptr_t)&chan->own.words.tail);
	word = (const uint32_t *)(uintptr_t)list[2].sar;
	assert_ptr_equal(word, fake.list[DW_EDMA_WR][1] + 18 * 24 + 2 * 4);
	assert_int_equal(*word, 3);
	assert_int_equal(run(2), 2);
	assert_int_equal(collect(), 0);
	assert_int_equal(run(1), 1);
	assert_int_equal(collect(), 2);
	/* Never asked for: an interrupt write. */
	assert_int_equal(chan->first_word, DW_EDMA_CB);
}

/** A mark in the same slot lap after lap is news each time. */
static void
test_tail_same_slot(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	for (i = 0; i < 20; i++) {
		/* 10 and 5 copies with their marks: 17 slots. */
		enqueue(10, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		assert_int_equal(run(100), 11);
		assert_int_equal(collect(), 10);
		enqueue(5, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		assert_int_equal(run(100), 6);
		/* Not looked at in between. */
		assert_int_equal(collect(), 5);
	}
	assert_int_equal(chan->looks, 0);
}

/** Values that no mark of ours has written: nothing is taken for done. */
static void
test_tail_foreign(void **state)
{
	static const uint32_t values[] = { 1, 2, 4, 17, 18, UINT32_MAX };
	unsigned int i;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	for (i = 0; i < RTE_DIM(values); i++) {
		chan->own.words.tail = values[i];
		assert_int_equal(collect(), 0);
	}
	run(100);
	assert_int_equal(collect(), 2);
}

/** One flagged element at a time; what is submitted meanwhile is reported by one of its own. */
static void
test_imwr_one_flag(void **state)
{
	const struct dw_edma_elem *list = (const void *)fake.list[DW_EDMA_RD][1];

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(list[0].control, DW_EDMA_CB | DW_EDMA_LIE | DW_EDMA_RIE);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(list[1].control, DW_EDMA_CB);
	assert_int_equal(list[2].control, DW_EDMA_CB);
	assert_int_equal(run(100), 3);
	/* The report is of the first; the next mark comes behind the others, by itself. */
	assert_int_equal(collect(), 1);
	assert_int_equal(list[3].size, 4);
	assert_int_equal(list[3].control, DW_EDMA_CB | DW_EDMA_LIE | DW_EDMA_RIE);
	assert_int_equal(list[3].sar, (uintptr_t)&chan->own.words.none);
	assert_int_equal(list[3].dar, (uintptr_t)fake.list[DW_EDMA_RD][1] + LIST - 8);
	assert_int_equal(*fake_reg(DW_EDMA_RD_INT_STATUS), 0);
	assert_int_equal(run(100), 1);
	assert_int_equal(collect(), 2);
	assert_int_equal(chan->extras, 1);
	/* All is reported: no more marks. */
	assert_int_equal(run(100), 0);
	assert_int_equal(collect(), 0);
	/* A burst's last element is the one, wherever the lap ends. */
	enqueue(3, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(list[6].control, DW_EDMA_CB | DW_EDMA_LIE | DW_EDMA_RIE);
	assert_int_equal(list[5].control, DW_EDMA_CB);
}

/** The interrupt writes of a direction go to its words, and those of the other are left alone. */
static void
test_imwr_registers(void **state)
{
	struct dw_edma_words *words;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, true);
	words = &engine->irq[DW_EDMA_RD].words;
	assert_ptr_equal(fake_pointer(DW_EDMA_RD_DONE_IMWR_LO), &words->done);
	assert_ptr_equal(fake_pointer(DW_EDMA_RD_ABORT_IMWR_LO), &words->abort);
	assert_int_equal(*fake_reg(DW_EDMA_RD_IMWR_DATA), 0x00020000);
	assert_int_equal(*fake_reg(DW_EDMA_RD_IMWR_DATA + 4), 0x00000003);
	assert_int_equal(*fake_reg(DW_EDMA_RD_LL_ERR_EN), 0x6);
	assert_int_equal(*fake_reg(DW_EDMA_RD_INT_MASK), 0x000f000f);
	assert_int_equal(*fake_reg(DW_EDMA_WR_DONE_IMWR_LO), 0);
	assert_int_equal(*fake_reg(DW_EDMA_WR_LL_ERR_EN), 0);
}

/** Two channels with one word: a report costs one read, and each channel gets what is its own. */
static void
test_imwr_shared(void **state)
{
	struct dw_edma_chan *other;
	int16_t other_id;
	unsigned int i, reads;

	RTE_SET_USED(state);
	other = words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, true);
	other_id = rte_dma_get_dev_id_by_name("fake-rd2");
	/* Somebody else's channel has something to tell as well: it is not ours to clear. */
	engine->mask[DW_EDMA_RD] = 0x7;
	*fake_reg(DW_EDMA_RD_INT_STATUS) = DW_EDMA_INT_DONE(3);
	for (i = 0; i < 50; i++) {
		enqueue(2, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		assert_true(rte_dma_copy(other_id, 0, 1, 2, 64, RTE_DMA_OP_FLAG_SUBMIT) >= 0);
		reads = fake.reads;
		assert_int_equal(fake_run(DW_EDMA_RD, 2, 100), 1);
		/* The other's report, taken by whoever comes first. */
		assert_int_equal(collect(), 0);
		assert_int_equal(fake.reads, reads + 1);
		assert_int_equal(collect(), 0);
		assert_int_equal(fake.reads, reads + 1);
		assert_int_equal(rte_dma_completed(other_id, 0, 9, NULL, NULL), 1);
		assert_int_equal(fake.reads, reads + 1);
		assert_int_equal(run(100), 2);
		assert_int_equal(collect(), 2);
		assert_int_equal(fake.reads, reads + 2);
		assert_int_equal(*fake_reg(DW_EDMA_RD_INT_STATUS), DW_EDMA_INT_DONE(3));
	}
	assert_int_equal(other->looks + chan->looks, 0);
	/* While one reads, the other does not wait. */
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	run(100);
	rte_spinlock_lock(&engine->irq[DW_EDMA_RD].reader);
	assert_int_equal(collect(), 0);
	rte_spinlock_unlock(&engine->irq[DW_EDMA_RD].reader);
	assert_int_equal(collect(), 1);
}

/** A channel that starts while another one's report is on its way takes nothing from it. */
static void
test_imwr_becomes_shared(void **state)
{
	struct rte_dma_conf conf = { .nb_vchans = 1 };
	struct rte_dma_vchan_conf vconf = { .direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = DESC };
	int16_t other_id;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	other_id = rte_dma_get_dev_id_by_name("fake-rd2");
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	run(100);
	assert_int_equal(collect(), 1);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(rte_dma_configure(other_id, &conf), 0);
	assert_int_equal(rte_dma_vchan_setup(other_id, 0, &vconf), 0);
	assert_int_equal(rte_dma_start(other_id), 0);
	assert_true(rte_dma_copy(other_id, 0, 1, 2, 64, RTE_DMA_OP_FLAG_SUBMIT) >= 0);
	assert_int_equal(fake_run(DW_EDMA_RD, 2, 100), 1);
	/* Not ours, though there is one of ours outstanding. */
	assert_int_equal(collect(), 0);
	assert_int_equal(rte_dma_completed(other_id, 0, 9, NULL, NULL), 1);
	run(100);
	assert_int_equal(collect(), 1);
	/* Alone again, it stays careful until none is started. */
	assert_int_equal(rte_dma_stop(other_id), 0);
	assert_int_equal(engine->irq[DW_EDMA_RD].shared, 1);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(engine->irq[DW_EDMA_RD].shared, 0);
}

/* Failures ------------------------------------------------------------------------------------- */

/** An abort is found by its word, without waiting, and reported on the operation that failed. */
static void
one_abort(unsigned int row)
{
	enum rte_dma_status_code status[DESC];
	unsigned int i;
	bool error;

	words_init(rows[row].map, rows[row].dir, rows[row].mode, false);
	enqueue(3, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(run(1), 1);
	fake_abort(rows[row].dir, 1, DW_EDMA_ERR_DATA(1), 0);
	assert_int_equal(rte_dma_completed(dev_id, 0, DESC, NULL, &error), 1);
	assert_int_equal(chan->looks, 1);
	for (i = 0; i < 10 && chan->done != chan->sub; i++) {
		run(100);
		dw_edma_poll(chan);
	}
	assert_int_equal(status_of(DESC, status), 4);
	assert_int_not_equal(status[0], RTE_DMA_STATUS_SUCCESSFUL);
	for (i = 1; i < 4; i++)
		assert_int_equal(status[i], RTE_DMA_STATUS_SUCCESSFUL);
	assert_int_equal(chan->recoveries, 1);
	/* Marks work as before. */
	enqueue(4, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run(100);
	assert_int_equal(collect(), 4);
	assert_int_equal(chan->looks, 1);
}

static void
test_aborts(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		one_abort(i);
		assert_int_equal(teardown(state), 0);
	}
}

/** A mark that fails is nobody's failure. */
static void
test_mark_aborts(void **state)
{
	unsigned int i, got = 0;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	for (i = 0; i < 2; i++) {
		enqueue(2, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	}
	for (i = 0; i < 10 && got < 4; i++) {
		run(2);
		fake_abort(DW_EDMA_WR, 1, 0, 0);
		got += collect();
		got += collect();
	}
	assert_int_equal(got, 4);
	assert_int_equal(chan->errors, 0);
	assert_int_equal(chan->err_cnt, 0);
}

/** Waits, within reason, until @p counter has moved. */
static void
poll_until(const uint64_t *counter, uint64_t value)
{
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();

	while (*counter < value) {
		assert_true(rte_get_timer_cycles() < end);
		assert_int_equal(collect(), 0);
	}
}

/** A lost doorbell is rung again by a write; registers are read only much later. */
static void
test_lost_doorbell(void **state)
{
	unsigned int reads;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	fake.lose_doorbell = true;
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	reads = fake.reads;
	poll_until(&chan->kicks, 1);
	assert_int_equal(fake.reads, reads);
	assert_int_equal(run(100), 0);
	fake.lose_doorbell = false;
	poll_until(&chan->kicks, 2);
	assert_int_equal(fake.reads, reads);
	assert_int_equal(run(100), 3);
	assert_int_equal(collect(), 2);
	assert_int_equal(chan->looks, 0);
}

/** A device that is gone shows that only to who reads: that happens after a while. */
static void
test_gone(void **state)
{
	enum rte_dma_status_code status[DESC];
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	enqueue(2, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	fake.gone = true;
	while (status_of(DESC, status) == 0)
		assert_true(rte_get_timer_cycles() < end);
	assert_int_equal(status[1], RTE_DMA_STATUS_DEV_LINK_ERROR);
	assert_true(chan->dead);
}

/** Words that never come are given up after some times. */
static void
one_silence(unsigned int row)
{
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();
	unsigned int n, got;

	words_init(rows[row].map, rows[row].dir, rows[row].mode, false);
	fake.silent = true;
	for (n = 0; n < DW_EDMA_MAX_MISSES + 2; n++) {
		enqueue(2, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		for (got = 0; got < 2; got += collect()) {
			/* A doorbell that is rung again finds nothing more. */
			run(100);
			assert_true(rte_get_timer_cycles() < end);
		}
	}
	assert_int_equal(chan->looks, DW_EDMA_MAX_MISSES);
	assert_int_equal(chan->mode, DW_EDMA_COMPLETION_LLP);
	/* A start tries again. */
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(rte_dma_start(dev_id), 0);
	assert_int_equal(chan->mode, rows[row].mode);
}

static void
test_silence(void **state)
{
	one_silence(0);
	assert_int_equal(teardown(state), 0);
	one_silence(4);
}

/** Given up while more marks are in the list: they are no operations. */
static void
test_silence_midway(void **state)
{
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();
	unsigned int n;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	fake.silent = true;
	for (n = 0; n < DW_EDMA_MAX_MISSES + 1; n++)
		enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	for (n = 0; n < DW_EDMA_MAX_MISSES; n++) {
		fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
		assert_int_equal(run(2), 2);
		do {
			fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
			assert_true(rte_get_timer_cycles() < end);
		} while (collect() == 0);
	}
	assert_int_equal(chan->mode, DW_EDMA_COMPLETION_LLP);
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(run(2), 2);
	assert_int_equal(collect(), 1);
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(collect(), 0);
}

/** What waits for its submit may be in the way of the mark that others wait for. */
static void
test_mark_blocked(void **state)
{
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();
	unsigned int got = 0;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_RD, DW_EDMA_COMPLETION_IMWR, false);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	enqueue(1, 0);
	assert_int_equal(run(100), 2);
	while (got < 2) {
		assert_true(rte_get_timer_cycles() < end);
		got += collect();
	}
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	assert_int_equal(run(100), 1);
	while (got < 3) {
		assert_true(rte_get_timer_cycles() < end);
		got += collect();
	}
}

/* Lists ---------------------------------------------------------------------------------------- */

/** Operations of more elements than the list has slots: marks stand in their middle. */
static void
one_lists(unsigned int row)
{
	struct rte_dma_sge src[40], dst[40];
	unsigned int i, round, got = 0, sent = 0;

	words_init(rows[row].map, rows[row].dir, rows[row].mode, false);
	for (i = 0; i < RTE_DIM(src); i++) {
		src[i] = (struct rte_dma_sge){ .addr = 0x1000 + i, .length = 16 };
		dst[i] = (struct rte_dma_sge){ .addr = 0x2000 + i, .length = 16 };
	}
	for (round = 0; round < 200; round++) {
		if (rte_dma_burst_capacity(dev_id, 0) > 2) {
			i = 1 + round % RTE_DIM(src);
			if (rte_dma_copy_sg(dev_id, 0, src, dst, i, i, 0) >= 0)
				sent++;
			enqueue(1, 0);
			sent++;
		}
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		run(1 + round % 9);
		got += collect();
	}
	for (i = 0; i < 1000 && got < sent; i++) {
		run(100);
		got += collect();
	}
	assert_int_equal(got, sent);
	assert_int_equal(chan->sg, 0);
	assert_int_equal(chan->sg_part, 0);
	assert_int_equal(chan->piece_head, chan->piece_tail);
	assert_int_equal(chan->looks, 0);
}

static void
test_lists(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		one_lists(i);
		assert_int_equal(teardown(state), 0);
	}
}

/** A mark that is behind what the registers showed knows less than is known by then. */
static void
test_nothing_before_mark(void **state)
{
	uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();
	struct rte_dma_sge none = { 0x100000, 0 };

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_TAIL, false);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(run(1), 1);
	do {
		fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_STOPPED);
		assert_true(rte_get_timer_cycles() < end);
	} while (collect() == 0);
	assert_int_equal(chan->looks, 1);
	/* Has no element, and so is done at once. */
	assert_int_equal(rte_dma_copy_sg(dev_id, 0, &none, &none, 1, 1, RTE_DMA_OP_FLAG_SUBMIT), 1);
	assert_int_equal(collect(), 1);
	/* Now comes the mark of the first. */
	fake_set_cs(DW_EDMA_WR, 1, DW_EDMA_CS_RUNNING);
	assert_int_equal(run(1), 1);
	enqueue(1, RTE_DMA_OP_FLAG_SUBMIT);
	assert_int_equal(collect(), 0);
	run(2);
	assert_int_equal(collect(), 1);
	assert_int_equal(rte_dma_burst_capacity(dev_id, 0), DESC);
}

/* The list pointer ----------------------------------------------------------------------------- */

/** While the channel runs, the element before the pointer may have been fetched only. */
static void
test_held_back(void **state)
{
	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, false);
	engine->llp_completed = false;
	assert_int_equal(rte_dma_stop(dev_id), 0);
	assert_int_equal(rte_dma_start(dev_id), 0);
	enqueue(3, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run(1);
	assert_int_equal(collect(), 0);
	run(1);
	assert_int_equal(collect(), 1);
	assert_int_equal(collect(), 0);
	run(1);
	assert_int_equal(collect(), 2);
	assert_int_equal(fake_cs(DW_EDMA_WR, 1), DW_EDMA_CS_STOPPED);
	/* An abort: what is before the pointer is done. */
	enqueue(3, 0);
	assert_int_equal(rte_dma_submit(dev_id, 0), 0);
	run(2);
	fake_abort(DW_EDMA_WR, 1, DW_EDMA_ERR_DATA(1), 0);
	assert_int_equal(collect(), 2);
}

/* Choice of the mode --------------------------------------------------------------------------- */

static void
test_choice(void **state)
{
	enum { AUTO = DW_EDMA_COMPLETION_AUTO, LLP, TAIL, IMWR };
	static const struct {
		enum dw_edma_side side;
		enum dw_edma_dir dir;
		uint32_t mask; /* of 4 channels */
		const struct dw_edma_map_ops *map;
		int wanted;
		int chosen; /* negative: refused */
	} choices[] = {
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, AUTO, TAIL },
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, 0xf, &dw_edma_unroll_ops, AUTO, IMWR },
		{ DW_EDMA_SIDE_EP, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, AUTO, LLP },
		{ DW_EDMA_SIDE_EP, DW_EDMA_RD, 0xf, &dw_edma_unroll_ops, AUTO, LLP },
		{ DW_EDMA_SIDE_BOTH, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, AUTO, LLP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, LLP, LLP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, IMWR, IMWR },
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, 0xf, &dw_edma_unroll_ops, TAIL, -ENOTSUP },
		{ DW_EDMA_SIDE_EP, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, TAIL, -ENOTSUP },
		{ DW_EDMA_SIDE_EP, DW_EDMA_RD, 0xf, &dw_edma_unroll_ops, IMWR, -ENOTSUP },
		{ DW_EDMA_SIDE_BOTH, DW_EDMA_WR, 0xf, &dw_edma_unroll_ops, TAIL, TAIL },
		/* Where somebody else's interrupt writes go is not ours to say. */
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0x7, &dw_edma_unroll_ops, AUTO, LLP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, 0x2, &dw_edma_legacy_ops, AUTO, LLP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0x7, &dw_edma_unroll_ops, TAIL, -ENOTSUP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, 0x6, &dw_edma_hdma_compat_ops, IMWR, -ENOTSUP },
		{ DW_EDMA_SIDE_RC, DW_EDMA_RD, 0x2, &dw_edma_hdma_ops, AUTO, IMWR },
		{ DW_EDMA_SIDE_RC, DW_EDMA_WR, 0x2, &dw_edma_hdma_ops, TAIL, TAIL },
	};
	unsigned int i;

	RTE_SET_USED(state);
	words_init(&dw_edma_unroll_ops, DW_EDMA_WR, DW_EDMA_COMPLETION_LLP, false);
	assert_int_equal(rte_dma_stop(dev_id), 0);
	for (i = 0; i < RTE_DIM(choices); i++) {
		engine->side = choices[i].side;
		engine->completion = choices[i].wanted;
		engine->mask[choices[i].dir] = choices[i].mask;
		chan->map = choices[i].map;
		chan->dir = choices[i].dir;
		if (choices[i].chosen < 0) {
			assert_int_equal(dw_edma_mode_select(chan), choices[i].chosen);
			continue;
		}
		assert_int_equal(dw_edma_mode_select(chan), 0);
		assert_int_equal(chan->mode_wanted, choices[i].chosen);
		assert_int_equal(chan->irq != NULL, choices[i].chosen != LLP);
	}
	chan->map = &dw_edma_unroll_ops;
	chan->dir = DW_EDMA_WR;
}

/** The shortest lists of each mode work; shorter ones are refused. */
static void
test_short_lists(void **state)
{
	static const struct {
		enum dw_edma_completion mode;
		uint64_t bytes;
	} shortest[] = {
		{ DW_EDMA_COMPLETION_LLP, 72 },
		{ DW_EDMA_COMPLETION_TAIL, 112 },
		{ DW_EDMA_COMPLETION_IMWR, 112 },
	};
	unsigned int i, n;

	for (i = 0; i < RTE_DIM(shortest); i++) {
		fake_init(&dw_edma_unroll_ops, shortest[i].bytes - 8);
		engine_init(&dw_edma_unroll_ops, 0xf, 0xf);
		engine->completion = shortest[i].mode;
		assert_int_equal(dw_edma_dmadev_create(engine, &device, DW_EDMA_WR, 1), -EINVAL);
		fake.list_bytes = shortest[i].bytes;
		fake.own_bits[DW_EDMA_WR] = 0x00020002;
		assert_int_equal(dw_edma_dmadev_create(engine, &device, DW_EDMA_WR, 1), 0);
		dev_id = rte_dma_get_dev_id_by_name("fake-wr1");
		chan = engine->chan[DW_EDMA_WR][1];
		channel_configure(RTE_DMA_DIR_MEM_TO_MEM, DESC);
		assert_int_equal(rte_dma_start(dev_id), 0);
		enqueue(DESC, 0);
		assert_int_equal(rte_dma_submit(dev_id, 0), 0);
		for (n = 0; n < DESC; n += collect())
			run(100);
		assert_int_equal(fake.executed - fake.marks, DESC);
		assert_int_equal(teardown(state), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test_teardown(test_tail_element, teardown),
		cmocka_unit_test_teardown(test_tail_same_slot, teardown),
		cmocka_unit_test_teardown(test_tail_foreign, teardown),
		cmocka_unit_test_teardown(test_imwr_one_flag, teardown),
		cmocka_unit_test_teardown(test_imwr_registers, teardown),
		cmocka_unit_test_teardown(test_imwr_shared, teardown),
		cmocka_unit_test_teardown(test_imwr_becomes_shared, teardown),
		cmocka_unit_test(test_aborts),
		cmocka_unit_test_teardown(test_mark_aborts, teardown),
		cmocka_unit_test_teardown(test_lost_doorbell, teardown),
		cmocka_unit_test_teardown(test_gone, teardown),
		cmocka_unit_test_teardown(test_silence, teardown),
		cmocka_unit_test_teardown(test_silence_midway, teardown),
		cmocka_unit_test_teardown(test_mark_blocked, teardown),
		cmocka_unit_test(test_lists),
		cmocka_unit_test_teardown(test_nothing_before_mark, teardown),
		cmocka_unit_test_teardown(test_held_back, teardown),
		cmocka_unit_test_teardown(test_choice, teardown),
		cmocka_unit_test(test_short_lists),
	};
	int rc;

	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_words" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return rc;
}
