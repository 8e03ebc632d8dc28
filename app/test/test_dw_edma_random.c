/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Random sequences of calls against an oracle: on an engine that works and fails whenever it likes,
 * and on the model of the loopback attachment, with data.
 *
 * test_dw_edma_random [FIRST [COUNT]] runs the seeds from FIRST on, for longer tests and to see one
 * again that failed.
 */

#include <inttypes.h>
#include <stdio.h>

#include "dw_edma_sim.h"

#include "dw_edma_env.h"

#include "dw_edma_user.h"

#define SEEDS 400
/** What is done with a channel in one run. */
#define ACTS 400
/** Seeds of which one gets so many that ids wrap. */
#define LONG_EVERY 50
#define LONG_ACTS 16000

static uint64_t seed;

static const struct dw_edma_map_ops * const kinds[] = {
	&dw_edma_legacy_ops, &dw_edma_unroll_ops, &dw_edma_hdma_compat_ops, &dw_edma_hdma_ops,
};

static void
act_all(void (*disturb)(struct user *u))
{
	bool is_long = seed % LONG_EVERY == 0;
	unsigned int i, acts = is_long ? LONG_ACTS : ACTS;

	for (i = 0; i < acts; i++) {
		acting = &users[sim_random(user_cnt)];
		if (is_long || sim_random(128) != 0) {
			act(acting);
			continue;
		}
		/* It takes its time. */
		i += ACTS / 8;
		disturb(acting);
	}
	for (i = 0; i < user_cnt; i++) {
		acting = &users[i];
		user_finish(acting);
	}
	acting = NULL;
	for (i = 0; i < user_cnt; i++)
		assert_int_equal(rte_dma_stop(users[i].id), 0);
}

/* The engine of the simulation ----------------------------------------------------------------- */

static void
told(int dir, unsigned int index, const struct dw_edma_elem *e, enum rte_dma_status_code status)
{
	struct user *u = NULL;
	uint32_t n = (uint32_t)(e->sar >> 8);
	uint16_t piece = e->sar & 0xff;
	unsigned int i;

	for (i = 0; i < user_cnt; i++)
		if (users[i].ch->dir == dir && users[i].ch->index == index)
			u = &users[i];
	assert_non_null(u);
	if (fake_is_mark(e)) {
		if (status != RTE_DMA_STATUS_SUCCESSFUL)
			oracle_mark_aborted(&u->o);
		return;
	}
	assert_true(e->sar == src_of(u, n, piece));
	assert_true(e->dar == dst_of(u, n, piece));
	assert_int_equal(e->size, length_of(n, piece));
	if (status == RTE_DMA_STATUS_SUCCESSFUL)
		oracle_executed(&u->o, n, piece);
	else
		oracle_aborted(&u->o, n, status);
}

/** The device is gone, and comes back as after a power cycle. */
static void
lose_link(void)
{
	unsigned int i;
	int dir;

	acting = NULL;
	fake.gone = true;
	for (i = 0; i < user_cnt; i++) {
		users[i].o.gone = true;
		submit(&users[i]);
	}
	for (i = 0; i < user_cnt; i++)
		user_collect_all(&users[i]);
	for (i = 0; i < user_cnt; i++)
		assert_int_equal(rte_dma_stop(users[i].id), 0);
	for (dir = 0; dir < DW_EDMA_DIRS; dir++) {
		for (i = 0; i < DW_EDMA_MAX_CH; i++) {
			fake_set_cs(dir, i, DW_EDMA_CS_NONE);
			sim.ch[dir][i].busy = false;
		}
	}
	fake.gone = false;
	for (i = 0; i < user_cnt; i++)
		user_start(&users[i]);
}

static void
disturb_sim(struct user *u)
{
	if (sim_random(2) == 0)
		user_restart(u);
	else
		lose_link();
}

/** One of the ways to learn of completions, and what it can be combined with. */
static void
choose_way(const struct dw_edma_map_ops *map, enum dw_edma_dir dir)
{
	static const uint16_t bytes[] = { 112, 136, 512, 4080 };
	bool far = sim_random(2) == 0;
	bool legacy = map == &dw_edma_legacy_ops;

	fake.list_bytes = bytes[sim_random(RTE_DIM(bytes))];
	fake.unmapped = sim_random(6) == 0;
	/* What arrives late cannot tell whether the view port was locked. */
	if (!legacy)
		sim.late = sim_random(3);
	engine->completion = DW_EDMA_COMPLETION_LLP;
	if (far) {
		engine->completion = DW_EDMA_COMPLETION_IMWR;
		if (dir == DW_EDMA_WR && sim_random(2) == 0)
			engine->completion = DW_EDMA_COMPLETION_TAIL;
		fake.silent = sim_random(16) == 0;
	}
	if (!legacy && !fake.unmapped && sim_random(2) == 0) {
		sim_ops.direct = sim_direct;
		sim.late = sim_random(2);
	}
	sim.at_fetch = sim_random(2) == 0;
	engine->llp_completed = !sim.at_fetch && sim_random(2) == 0;
}

/** What goes wrong, and how often. */
static void
choose_faults(void)
{
	static const uint16_t fails[] = { 0, 8, 60 }, loses[] = { 0, 100, 500 },
		halts[] = { 0, 4, 60 };

	sim.fails = fails[sim_random(RTE_DIM(fails))];
	sim.mark_fails = sim_random(4) == 0 ? 30 : 0;
	sim.loses = loses[sim_random(RTE_DIM(loses))];
	sim.halts = halts[sim_random(RTE_DIM(halts))];
	sim.timeouts = sim_random(2) == 0;
}

static void
one_sim(void)
{
	enum dw_edma_dir dir;
	unsigned int i;

	sim_init(seed);
	dir = sim_random(DW_EDMA_DIRS);
	i = sim_random(RTE_DIM(kinds));
	fake_init(kinds[i], 0);
	fake.turn = sim_turn;
	fake.mute = true;
	engine_init(kinds[i], 0xf, 0xf);
	engine->ops = &sim_ops;
	sim_io.engine = engine;
	choose_way(kinds[i], dir);
	choose_faults();
	sim.told = told;
	user_cnt = 1 + sim_random(2);
	for (i = 0; i < user_cnt; i++) {
		fake.own_bits[dir] |= DW_EDMA_INT_DONE(i + 1) | DW_EDMA_INT_ABORT(i + 1);
		assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, i + 1), 0);
		user_init(&users[i], engine->chan[dir][i + 1]);
		user_start(&users[i]);
	}
	sim.other = act_elsewhere;
	act_all(disturb_sim);
	engine_free(engine);
	engine = NULL;
	assert_int_equal(fake.dirty_clears, 0);
}

/* The model ------------------------------------------------------------------------------------ */

static void
disturb_model(struct user *u)
{
	struct edma_switches sw = {
		.doorbell_delay = sim_random(3),
		.element_delay = sim_random(3),
		.link_delay = sim_random(50),
		.stop_delay = sim_random(100),
		.lose_doorbell = sim_random(2) == 0,
		.llp_at_fetch = sim_random(2) == 0,
		.late_list = sim_random(2) * sim_random(100),
		.torn_list = sim_random(2) * sim_random(20),
		.shuffle = sim_random(2) * sim_random(1000),
	};
	struct loopback *lb = engine->attachment;

	if (sim_random(2) == 0)
		user_restart(u);
	else
		edma_model_set_switches(lb->model, &sw);
}

static struct dw_edma_attach_ops model_ops;

/** The loopback's lists are never late, but those of a model can be made so. */
static void
model_list_flush(struct dw_edma_io *io, enum dw_edma_dir dir, unsigned int ch)
{
	struct loopback *lb = io->engine->attachment;

	RTE_SET_USED(dir);
	RTE_SET_USED(ch);
	edma_model_flush_lists(lb->model);
}

static void
model_probe(const struct dw_edma_map_ops *map, enum dw_edma_dir dir)
{
	static const char * const modes[] = { "auto", "imwr", "tail" };
	const char *mode = modes[sim_random(dir == DW_EDMA_WR ? 3 : 2)];
	struct rte_kvargs *kvlist;
	struct dw_edma_args args;
	char text[128];

	snprintf(text, sizeof(text), "loopback=1,map=%s,wr=%d,rd=%d,completion=%s", map->name,
		 dir == DW_EDMA_WR ? 3 : 0, dir == DW_EDMA_RD ? 3 : 0, mode);
	assert_int_equal(dw_edma_args_parse("model", text, NULL, &args, &kvlist), 0);
	assert_int_equal(dw_edma_probe(&device, "model", &args), 0);
	rte_kvargs_free(kvlist);
	engine = engine_find("model");
	assert_non_null(engine);
	model_ops = *engine->ops;
	model_ops.list_flush = model_list_flush;
	engine->ops = &model_ops;
}

static uint8_t *memory[2][2];

static void
one_model(void)
{
	const struct dw_edma_map_ops *map;
	unsigned int i, bads = 0;
	enum dw_edma_dir dir;

	sim_init(seed);
	memset(&fake, 0, sizeof(fake));
	fake.turn = sim_turn;
	fake.mute = true;
	sim.away = true;
	dir = sim_random(DW_EDMA_DIRS);
	map = kinds[sim_random(RTE_DIM(kinds))];
	model_probe(map, dir);
	user_cnt = 1 + sim_random(2);
	for (i = 0; i < user_cnt; i++) {
		users[i].src = memory[i][0];
		users[i].dst = memory[i][1];
		users[i].bads = sim_random(3);
		bads += users[i].bads;
		user_init(&users[i], engine->chan[dir][i]);
		user_start(&users[i]);
	}
	sim.other = act_elsewhere;
	act_all(disturb_model);
	/* A channel that aborted may get doorbells, and a reset hits the others of a direction. */
	if (bads == 0)
		assert_int_equal(edma_model_violations(
			((struct loopback *)engine->attachment)->model), 0);
	assert_int_equal(dw_edma_remove("model"), 0);
	engine = NULL;
}

/* A device that tells lies --------------------------------------------------------------------- */

static bool lying;

static uint32_t
lie(void)
{
	const struct dw_edma_chan *ch = users[0].ch;

	switch (sim_random(6)) {
	case 0:
		return UINT32_MAX;
	case 1:
		return sim_random(UINT32_MAX);
	case 2:
		return sim_random(4) << DW_EDMA_CS_SHIFT | sim_random(4);
	default:
		return ch->ll_lo + sim_random(ch->ll_slots + 2) * sizeof(struct dw_edma_elem);
	}
}

static uint32_t
lying_read32(struct dw_edma_io *io, uint32_t offset)
{
	/* The clock runs on. */
	sim_clock();
	return lying && sim_random(3) != 0 ? lie() : fake_read32(io, offset);
}

static void
lying_write32(struct dw_edma_io *io, uint32_t offset, uint32_t value)
{
	*fake_reg(fake_native() ? offset : fake_keep(io, offset)) = value;
}

/** Writes where the engine writes, and elsewhere in list memory. */
static void
scribble(struct dw_edma_chan *ch)
{
	struct dw_edma_irq *irq = ch->irq != NULL ? ch->irq : &ch->own;

	ch->own.words.tail = sim_random(2) * sim_random(ch->ll_slots + 3);
	irq->words.done = sim_random(2);
	irq->words.abort = sim_random(16) == 0;
	fake.list[ch->dir][ch->index][sim_random(fake.list_bytes)] = sim_random(256);
}

/** Whatever the device says, the application gets as many answers as it is owed, in order. */
static void
act_in_doubt(struct user *u)
{
	enum rte_dma_status_code status[DESC_MAX];
	enum rte_dma_vchan_status vstatus;
	struct oracle *o = &u->o;
	uint16_t n = 0, last = o->rep - 1, max = 1 + sim_random(DESC_MAX);
	struct oracle_op op = { .pieces = 1 };
	bool error;
	int id;

	switch (sim_random(8)) {
	case 0:
		assert_int_equal(rte_dma_vchan_status(u->id, 0, &vstatus), 0);
		break;
	case 1:
		rte_dma_submit(u->id, 0);
		break;
	case 2:
		n = rte_dma_completed(u->id, 0, max, &last, &error);
		break;
	case 3:
		n = rte_dma_completed_status(u->id, 0, max, &last, status);
		break;
	default:
		op.lists = sim_random(4) == 0;
		op.pieces = op.lists ? 1 + sim_random(MAX_PIECES) : 1;
		id = call_copy(u, &op, o->enq, sim_random(8));
		assert_true(id == (uint16_t)o->enq || (id < 0 && (oracle_full(o) || op.lists ||
								  u->ch->dead)));
		o->enq += id >= 0;
		break;
	}
	assert_true(n <= max && n <= o->enq - o->rep);
	o->rep += n;
	assert_int_equal(last, (uint16_t)(o->rep - 1));
	assert_int_equal(rte_dma_burst_capacity(u->id, 0),
			 u->ch->dead ? 0 : o->cap - (o->enq - o->rep));
}

/** A channel that was given up, or is just stopped, begins anew once there is truth again. */
static void
tell_truth(struct user *u)
{
	lying = false;
	fake_set_cs(u->ch->dir, u->ch->index, DW_EDMA_CS_STOPPED);
	user_restart(u);
	lying = true;
}

static void
one_lie(void)
{
	enum dw_edma_dir dir;
	unsigned int i;

	sim_init(seed);
	dir = sim_random(DW_EDMA_DIRS);
	i = sim_random(RTE_DIM(kinds));
	fake_init(kinds[i], 0);
	fake.mute = true;
	sim.away = true;
	engine_init(kinds[i], 0xf, 0xf);
	choose_way(kinds[i], dir);
	sim_ops.read32 = lying_read32;
	sim_ops.peek32 = lying_read32;
	sim_ops.write32 = lying_write32;
	sim_ops.direct = NULL;
	engine->ops = &sim_ops;
	lying = false;
	assert_int_equal(dw_edma_dmadev_create(engine, &device, dir, 1), 0);
	user_init(&users[0], engine->chan[dir][1]);
	user_start(&users[0]);
	lying = true;
	for (i = 0; i < ACTS; i++) {
		scribble(users[0].ch);
		act_in_doubt(&users[0]);
		if (users[0].ch->dead || sim_random(100) == 0)
			tell_truth(&users[0]);
	}
	tell_truth(&users[0]);
	lying = false;
	engine_free(engine);
	engine = NULL;
}

/* Runs ----------------------------------------------------------------------------------------- */

static uint64_t first_seed = 1, seed_cnt = SEEDS;

static void
for_all_seeds(void (*run_one)(void))
{
	memset(users, 0, sizeof(users));
	for (seed = first_seed; seed < first_seed + seed_cnt; seed++)
		run_one();
	seed = 0;
}

static void
test_sim(void **state)
{
	RTE_SET_USED(state);
	for_all_seeds(one_sim);
}

static void
test_lies(void **state)
{
	RTE_SET_USED(state);
	for_all_seeds(one_lie);
}

static void
test_model(void **state)
{
	const size_t bytes = (size_t)REAL_MAX * MAX_PIECES * MAX_BYTES;
	unsigned int i;

	RTE_SET_USED(state);
	for (i = 0; i < 4; i++) {
		memory[i / 2][i % 2] = rte_malloc(NULL, bytes, 0);
		assert_non_null(memory[i / 2][i % 2]);
	}
	for_all_seeds(one_model);
	for (i = 0; i < 4; i++)
		rte_free(memory[i / 2][i % 2]);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sim),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_lies),
	};
	int rc;

	if (argc > 1)
		first_seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed_cnt = strtoull(argv[2], NULL, 0);
	if (!env_eal((char[]){ "--file-prefix=test_dw_edma_random" }))
		return EXIT_FAILURE;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (seed != 0)
		printf("test_dw_edma_random: failed with seed %" PRIu64 "\n", seed);
	rte_eal_cleanup();
	return rc;
}
