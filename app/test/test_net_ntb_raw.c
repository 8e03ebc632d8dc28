/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* The rawdev below the ethdev: found, claimed, removed, failing, and with raw_ntb's rules. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_rawdev_pmd.h>

#include "ntb_args.c"
#include "ntb_cksum.c"
#include "ntb_ethdev.c"
#include "ntb_link.c"
#include "ntb_pool.c"
#include "ntb_queue.c"
#include "ntb_raw.c"
#include "ntb_regs.c"
#include "ntb_rxtx.c"
#include "ntb_stats.c"

#include "test_net_ntb_fake.h"

static void
test_resolve(void **state)
{
	struct fake *a, *b;
	int port, other;

	RTE_SET_USED(state);
	port = port_add("net_ntb0", "");
	assert_int_equal(port_configure(port, 1, 1, 0, 0), -ENODEV);
	assert_logged("raw=: no NTB rawdev found");

	/* Of another kind: neither found nor accepted by name. */
	fake_new_driver("other", "raw_other", false);
	assert_int_equal(port_configure(port, 1, 1, 0, 0), -ENODEV);

	/* The rawdev may come after the port. */
	a = fake_new("fake_a");
	assert_int_equal(port_configure(port, 1, 1, 0, 0), 0);
	assert_int_equal(port_priv(port)->raw.id, a->dev->dev_id);

	/* The one that was found stays, whatever comes. */
	b = fake_new("fake_b");
	assert_int_equal(port_configure(port, 1, 1, 0, 0), 0);
	assert_int_equal(port_priv(port)->raw.id, a->dev->dev_id);

	other = port_add("net_ntb1", "");
	log_clear();
	assert_int_equal(port_configure(other, 1, 1, 0, 0), -ENOTUNIQ);
	assert_logged("2 NTB rawdevs found");
	rte_vdev_uninit("net_ntb1");

	other = port_add("net_ntb1", "raw=fake_a");
	log_clear();
	assert_int_equal(port_configure(other, 1, 1, 0, 0), -EBUSY);
	assert_logged("raw=fake_a: rawdev 1 is in use by net_ntb0");
	rte_vdev_uninit("net_ntb1");

	other = port_add("net_ntb1", "raw=other");
	log_clear();
	assert_int_equal(port_configure(other, 1, 1, 0, 0), -EINVAL);
	assert_logged("raw=other: not an NTB rawdev");
	rte_vdev_uninit("net_ntb1");

	other = port_add("net_ntb1", "raw=nobody");
	log_clear();
	assert_int_equal(port_configure(other, 1, 1, 0, 0), -ENODEV);
	assert_logged("raw=nobody: no such NTB rawdev found, 3 rawdevs present");
	rte_vdev_uninit("net_ntb1");

	/* A name is also found by that of its device, at a number above the count. */
	other = port_add("net_ntb1", "raw=fake_b");
	rte_strlcpy(b->dev->name, "called otherwise", sizeof(b->dev->name));
	assert_int_equal(port_configure(other, 1, 1, 0, 0), 0);
	assert_int_equal(port_priv(other)->raw.id, b->dev->dev_id);
	/* A claim ends with its port. */
	assert_int_equal(rte_eth_dev_close(port), 0);
	assert_null(ntb_eth_claims[a->dev->dev_id]);
}

static void
test_rawdev_removed(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m = NULL;
	struct fake *other;

	port_up(p->a, 1);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), -ENODEV);
	/* Another device under the same name, at the same number. */
	p->fa = fake_new("fake_a");
	fake_join(p->fa, p->fb);
	p->fa->max_queues = 2;
	assert_int_equal(port_configure(p->a, 3, 3, 0, 0), -EINVAL);
	port_up(p->a, 2);
	/* Once more behind the port's back: same number, other abilities. */
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	p->fa = fake_new("fake_a");
	p->fa->max_queues = 1;
	log_clear();
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), -EINVAL);
	assert_logged("queues: 2, expected at most the rawdev's 1");
	port_up(p->a, 1);
	/* And again, with another NTB rawdev at the old number. */
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	other = fake_new("other");
	p->fa = fake_new("fake_a");
	fake_join(p->fa, p->fb);
	assert_true(other->dev->dev_id < p->fa->dev->dev_id);
	port_up(p->a, 2);
	assert_true(p->fa->started);
	assert_false(other->started);
	port_up(p->b, 1);
	assert_int_equal(link_status(p->a), 1);
	/* Removed while running: only the control path is asked to survive. */
	rte_rawdev_stop(p->fa->dev->dev_id);
	fake_drain(&p->fa->q[0]);
	fake_free(p->fa);
	p->fa = NULL;
	assert_int_equal(rte_eth_rx_burst(p->b, 0, &m, 1), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(rte_eth_dev_close(p->a), 0);
}

/* A port whose rawdev has gone does not keep others from what has its number now. */
static void
test_rawdev_replaced(void **state)
{
	struct pair *p = *state;
	uint16_t id = p->fa->dev->dev_id;

	port_up(p->a, 1);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	fake_free(p->fb);
	p->fb = fake_new("fake_b");
	assert_int_equal(p->fb->dev->dev_id, id);
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_close(p->a), 0);
	assert_ptr_equal(ntb_eth_claims[id], port_priv(p->b));
	assert_true(p->fb->started);
}

/* Started without a new configure, a port whose rawdev has gone touches nobody else's. */
static void
test_rawdev_forgotten(void **state)
{
	struct pair *p = *state;
	struct rte_eth_dev_info info;

	/* What a forgotten number points at is not this port's. */
	port_up(p->b, 1);
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	fake_free(p->fb);
	p->fb = NULL;
	assert_int_equal(rte_eth_dev_info_get(p->b, &info), 0);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->b), -ENODEV);
	assert_logged("net_ntb1: raw=fake_b: the rawdev has been removed");
	assert_int_equal(p->fa->configures, 0);
	assert_int_equal(p->fa->queue_num, 0);
	/* Back under its name it is found, and still not used before a configure. */
	p->fb = fake_new("fake_b");
	assert_int_equal(rte_eth_dev_info_get(p->b, &info), 0);
	assert_int_equal(rte_eth_dev_start(p->b), -ENODEV);
	assert_int_equal(p->fb->configures, 0);
	port_up(p->b, 1);
}

/* The rawdev's counter of missing buffers comes and goes with it; the port's never wraps. */
static void
test_rawdev_nombuf(void **state)
{
	struct pair *p = *state;
	int names;

	p->fa->nombuf = 3;
	port_up(p->a, 1);
	names = rte_eth_xstats_get_names(p->a, NULL, 0);
	assert_int_equal(stats_of(p->a).rx_nombuf, 0);
	p->fa->nombuf = 5;
	assert_int_equal(stats_of(p->a).rx_nombuf, 2);
	assert_int_equal(rte_eth_stats_reset(p->a), 0);
	p->fa->nombuf = 1;
	assert_int_equal(stats_of(p->a).rx_nombuf, 1);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	fake_free(p->fa);
	assert_int_equal(stats_of(p->a).rx_nombuf, 0);
	assert_int_equal(rte_eth_xstats_get_names(p->a, NULL, 0), names - 6);
	p->fa = fake_new("fake_a");
	port_up(p->a, 1);
	p->fa->nombuf = 4;
	assert_int_equal(stats_of(p->a).rx_nombuf, 4);
}

/* What the rawdev has lost is lost to the port. raw_ntb may mean something else by the name. */
static void
test_rawdev_errors(void **state)
{
	struct pair *p = *state;

	p->fa->tx_errors = 2;
	port_up(p->a, 1);
	p->fa->tx_errors = 5;
	p->fa->rx_errors = 7;
	assert_int_equal(stats_of(p->a).oerrors, 3);
	assert_int_equal(stats_of(p->a).ierrors, 7);
	assert_int_equal(rte_eth_stats_reset(p->a), 0);
	assert_int_equal(stats_of(p->a).oerrors + stats_of(p->a).ierrors, 0);
	p->fa->rx_errors++;
	assert_int_equal(stats_of(p->a).ierrors, 1);
}

static void
test_rawdev_failures(void **state)
{
	struct pair *p = *state;

	assert_int_equal(port_configure(p->a, 3, 3, 0, 0), 0);
	port_queues(p->a, 3, 3, RING);
	p->fa->fail_configure = ENOMEM;
	assert_int_equal(rte_eth_dev_start(p->a), -ENOMEM);
	assert_logged("refused 3 queue pairs of 128 entries");
	p->fa->fail_configure = 0;
	p->fa->fail_queue = 1 + 2;
	assert_int_equal(rte_eth_dev_start(p->a), -EINVAL);
	assert_logged("refused queue 2 of 128 entries");
	assert_int_equal(p->fa->releases, 2);
	p->fa->fail_queue = 0;
	p->fa->fail_start = EIO;
	assert_int_equal(rte_eth_dev_start(p->a), -EIO);
	assert_logged("did not start");
	assert_int_equal(p->fa->releases, 5);
	p->fa->fail_start = 0;
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(rte_eth_dev_stop(p->a), 0);
	assert_int_equal(p->fa->releases, 8);
}

static void
test_strict(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[64], *rx[64];
	struct rte_eth_burst_mode mode;
	struct rte_eth_dev_info info;
	unsigned int asked, i;

	assert_int_equal(rte_eth_dev_info_get(p->a, &info), 0);
	assert_int_equal(info.rx_desc_lim.nb_max, 1024);
	assert_int_equal(info.max_rx_queues, 64);
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), 0);
	assert_int_equal(port_configure(p->b, 2, 2, 0, 0), 0);
	assert_int_equal(rte_eth_rx_queue_setup(p->a, 0, 2048, 0, NULL, pool), -EINVAL);
	port_queues(p->a, 2, 2, RING);
	port_queues(p->b, 2, 2, RING);
	/* No start without a peer, but the handshake begins and goes on at the next try. */
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	assert_logged("cannot start without its peer");
	assert_true(p->fa->configured);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	assert_int_equal(p->fa->configures, 1);
	assert_int_equal(link_status(p->a), 1);
	assert_int_equal(rte_eth_rx_burst_mode_get(p->a, 0, &mode), 0);
	assert_string_equal(mode.info, "Scalar, copied out of the memory window");

	asked = p->fa->unknown_attrs;
	packets(m, 64, 1514);
	assert_int_equal(rte_eth_tx_burst(p->a, 1, m, 64), 64);
	assert_int_equal(rte_eth_rx_burst(p->b, 1, rx, 64), 64);
	for (i = 0; i < 64; i++) {
		packet_check(rx[i], 1514, i, p->b);
		assert_ptr_equal(rx[i]->pool, pool);
	}
	rte_pktmbuf_free_bulk(rx, 64);
	assert_int_equal(stats_of(p->b).ibytes, 64 * 1514);
	assert_int_equal(stats_of(p->a).obytes, 64 * 1514);
	exchange(p, 1000, 32, 512);
	/* A full ring asks for no attribute that is not there: raw_ntb logs each such request. */
	for (i = 0; i < RING; i += 64) {
		packets(m, 64, 64);
		assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 64), 64);
	}
	m[0] = packet(64, 64, 0);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 1), 0);
	assert_int_equal(p->fa->unknown_attrs, asked);
	rte_pktmbuf_free(m[0]);
	/* Stop with packets under way, start again: pool and zones are made anew. */
	assert_int_equal(rte_eth_dev_stop(p->b), 0);
	assert_int_equal(rte_mempool_avail_count(port_priv(p->b)->pool.mp),
			 port_priv(p->b)->pool.mp->size);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
}

static void
test_strict_nombuf(void **state)
{
	struct pair *p = *state;
	static struct rte_mbuf *hold[POOL_MBUFS];
	struct rte_mbuf *m[8], *rx[8];
	unsigned int held = 0;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	assert_int_equal(port_configure(p->b, 1, 1, 0, 0), 0);
	port_queues(p->a, 1, 1, RING);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	packets(m, 8, 64);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 8), 8);
	while (held < POOL_MBUFS && (hold[held] = rte_pktmbuf_alloc(pool)) != NULL)
		held++;
	rte_pktmbuf_free_bulk(hold, 3);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 8), 3);
	rte_pktmbuf_free_bulk(hold + 3, held - 3);
	packet_check(rx[2], 64, 2, p->b);
	rte_pktmbuf_free_bulk(rx, 3);
	assert_int_equal(stats_of(p->b).ipackets, 3);
	assert_int_equal(stats_of(p->b).rx_nombuf, 5);
	assert_int_equal(xstat_of(p->b, "rx_copy_nombuf_packets"), 5);
}

static void
test_strict_errors(void **state)
{
	struct pair *p = *state;

	strict_ops.xstats_get = fake_ops.xstats_get;
	strict_ops.xstats_get_names = fake_ops.xstats_get_names;
	strict_ops.xstats_get_by_name = fake_ops.xstats_get_by_name;
	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	p->fa->nombuf = 2;
	p->fa->tx_errors = 5;
	assert_int_equal(stats_of(p->a).rx_nombuf, 2);
	assert_int_equal(stats_of(p->a).oerrors, 0);
	strict_ops.xstats_get = NULL;
	strict_ops.xstats_get_names = NULL;
	strict_ops.xstats_get_by_name = NULL;
}

/* raw_ntb knows no limit of length: what does not fit one buffer needs scatter. */
static void
test_strict_segments(void **state)
{
	struct pair *p = *state;
	struct rte_mbuf *m[65], *rx[64];
	unsigned int i;

	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	assert_int_equal(port_configure(p->b, 1, 1, 0, 0), 0);
	port_queues(p->a, 1, 1, RING);
	port_queues(p->b, 1, 1, RING);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	assert_int_equal(rte_eth_dev_start(p->b), 0);
	assert_int_equal(rte_eth_dev_start(p->a), 0);
	m[0] = packet(1514, 300, 0);
	m[1] = packet(5000, 2048, 1);
	m[2] = packet(60, 60, 2);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 3), 3);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 3), 2);
	packet_check(rx[0], 1514, 0, p->b);
	packet_check(rx[1], 60, 2, p->b);
	assert_int_equal(rx[0]->nb_segs, 1);
	rte_pktmbuf_free_bulk(rx, 2);
	assert_int_equal(stats_of(p->b).ipackets, 2);
	assert_int_equal(stats_of(p->b).ibytes, 1574);
	assert_int_equal(stats_of(p->b).ierrors, 1);
	/* A burst ends when as many as asked for were looked at, wherever they went. */
	for (i = 0; i < 65; i++)
		m[i] = packet(i < 64 ? 2049 : 60, 2048, i);
	assert_int_equal(rte_eth_tx_burst(p->a, 0, m, 65), 65);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 64), 0);
	assert_int_equal(rte_eth_rx_burst(p->b, 0, rx, 64), 1);
	packet_check(rx[0], 60, 64, p->b);
	rte_pktmbuf_free(rx[0]);
	assert_int_equal(stats_of(p->b).ierrors, 65);
}

static void
test_strict_windows(void **state)
{
	struct pair *p = *state;

	assert_int_equal(port_configure(p->a, 4, 4, 0, 0), 0);
	port_queues(p->a, 4, 4, 1024);
	log_clear();
	assert_int_equal(rte_eth_dev_start(p->a), -ENOSPC);
	assert_logged("buffers, expected 4608 for 4 queues of 1024");
	assert_int_equal(p->fa->configures, 0);
	assert_null(port_priv(p->a)->pool.mp);
	/* Both windows are used when one is too small. */
	assert_int_equal(port_configure(p->a, 2, 2, 0, 0), 0);
	port_queues(p->a, 2, 2, 512);
	assert_int_equal(rte_eth_dev_start(p->a), -EAGAIN);
	assert_int_equal(p->fa->mz_num, 2);
	/* Another configuration gives up the one that waits. */
	assert_int_equal(port_configure(p->a, 1, 1, 0, 0), 0);
	assert_int_equal(p->fa->releases, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAIN(test_resolve),
		PAIR(test_rawdev_removed),
		PAIR(test_rawdev_replaced),
		PAIR(test_rawdev_forgotten),
		PAIR(test_rawdev_nombuf),
		PAIR(test_rawdev_errors),
		PAIR(test_rawdev_failures),
		STRICT(test_strict),
		STRICT(test_strict_nombuf),
		STRICT(test_strict_errors),
		STRICT(test_strict_segments),
		STRICT(test_strict_windows),
	};

	start_eal();
	return stop_eal(cmocka_run_group_tests(tests, NULL, NULL));
}
