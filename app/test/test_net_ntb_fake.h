/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _TEST_NET_NTB_FAKE_H_
#define _TEST_NET_NTB_FAKE_H_

/*
 * Rawdevs joined back to back, ports over them, packets and the log, for tests that include the
 * ethdev's sources. A rawdev follows either the rules of DPDK's raw_ntb (strict: no attribute of
 * ours, own memory zones, no start without a peer) or offers what ntb_attr.h lists.
 */

#define RING 128
#define POOL_MBUFS 4096

/* ---- the rawdevs ---- */

struct fake_queue {
	struct rte_mempool *mp;
	uint16_t nb_desc;
	uint16_t tx_free_thresh;
	bool set_up;
	uint32_t head, tail;
	struct rte_mbuf *ring[NTB_ETH_MAX_RING];
	struct rte_mbuf *sent[NTB_ETH_MAX_RING]; /* of a lazy rawdev: not given back yet */
	unsigned int nb_sent;
};

struct fake {
	struct rte_device device;
	struct rte_rawdev *dev;
	struct fake *peer;
	char name[32];
	bool strict;
	bool cut;                 /* link cut by the test */
	bool drops;               /* takes and drops a packet that is too long */
	bool lazy;                /* gives packets back at the next enqueue */
	bool blind;               /* has no xstats of rings */
	unsigned int dropped, limit_asked;
	bool configured, started;
	uint64_t queue_size, queue_num, max_queues, max_pkt_len, mac, speed, width, topo, ol_flags;
	const struct rte_memzone **mz;
	uint8_t mz_num;
	uint64_t mw_size[2];
	struct fake_queue q[NTB_ETH_MAX_QUEUES];
	uint64_t nombuf, rx_errors, tx_errors, xstat_sent;
	unsigned int enq_calls, deq_calls, configures, releases, unknown_attrs, resets;
	/* errno; fail_queue: 1 + number of queue */
	int fail_configure, fail_start, fail_queue, fail_reset;
	int deq_return;           /* if not 0, what dequeue answers whatever there is */
};

static struct fake *fakes[4];

static struct fake *
fake_of(const struct rte_rawdev *dev)
{
	return *(struct fake **)dev->dev_private;
}

static bool
fake_link(const struct fake *f)
{
	if (f->peer == NULL || f->cut || f->peer->cut)
		return false;
	if (f->strict)
		return f->configured && f->peer->configured;
	return f->started && f->peer->started;
}

static int
fake_info_get(struct rte_rawdev *dev, rte_rawdev_obj_t obj, size_t size)
{
	struct fake *f = fake_of(dev);
	struct ntb_dev_info *info = obj;

	assert_int_equal(size, sizeof(*info));
	info->mw_cnt = RTE_DIM(f->mw_size);
	info->mw_size = f->mw_size;
	info->mw_size_align = 1;
	if (f->queue_size == 0 || f->queue_num == 0)
		return -EAGAIN;
	info->ntb_hdr_size = f->queue_num * f->queue_size * 24;
	return 0;
}

static int
fake_configure(const struct rte_rawdev *dev, rte_rawdev_obj_t obj, size_t size)
{
	struct fake *f = fake_of(dev);
	struct ntb_dev_config *conf = obj;
	uint8_t i;

	if (f->fail_configure != 0)
		return -f->fail_configure;
	assert_int_equal(size, sizeof(*conf));
	if (f->strict) {
		assert_int_equal(conf->num_queues, f->queue_num);
		assert_int_equal(conf->queue_size, f->queue_size);
		assert_true(conf->mz_num >= 1);
		for (i = 0; i < conf->mz_num; i++) {
			assert_true(conf->mz_list[i]->len <= f->mw_size[i]);
			assert_int_equal((uintptr_t)conf->mz_list[i]->addr % f->mw_size[i], 0);
		}
	} else {
		assert_int_equal(conf->mz_num, 0);
		assert_null(conf->mz_list);
	}
	f->queue_num = conf->num_queues;
	f->queue_size = conf->queue_size;
	f->mz = conf->mz_list;
	f->mz_num = conf->mz_num;
	f->configured = true;
	f->configures++;
	return 0;
}

static void
fake_check_obj(struct rte_mempool *mp, void *opaque, void *obj, unsigned int idx)
{
	const struct fake *f = opaque;
	uintptr_t start = (uintptr_t)obj, end = start + mp->elt_size, lo;
	bool inside = false;
	uint8_t i;

	RTE_SET_USED(idx);
	for (i = 0; i < f->mz_num; i++) {
		lo = (uintptr_t)f->mz[i]->addr + (i == 0 ? f->queue_num * f->queue_size * 24 : 0);
		if (start >= lo && end <= (uintptr_t)f->mz[i]->addr + f->mz[i]->len)
			inside = true;
	}
	assert_true(inside);
}

static int
fake_queue_setup(struct rte_rawdev *dev, uint16_t q, rte_rawdev_obj_t obj, size_t size)
{
	struct fake *f = fake_of(dev);
	struct ntb_queue_conf *conf = obj;

	assert_int_equal(size, sizeof(*conf));
	assert_true(f->configured);
	assert_true(q < f->queue_num);
	if (f->fail_queue == 1 + q)
		return -EINVAL;
	assert_non_null(conf->rx_mp);
	assert_int_equal(conf->nb_desc, f->queue_size);
	assert_true(conf->tx_free_thresh > 0 && conf->tx_free_thresh < conf->nb_desc - 3);
	if (f->strict)
		rte_mempool_obj_iter(conf->rx_mp, fake_check_obj, f);
	f->q[q].mp = conf->rx_mp;
	f->q[q].nb_desc = conf->nb_desc;
	f->q[q].tx_free_thresh = conf->tx_free_thresh;
	f->q[q].set_up = true;
	return 0;
}

static void
fake_drain(struct fake_queue *fq)
{
	while (fq->tail != fq->head)
		rte_pktmbuf_free(fq->ring[fq->tail++ % NTB_ETH_MAX_RING]);
}

static int
fake_queue_release(struct rte_rawdev *dev, uint16_t q)
{
	struct fake *f = fake_of(dev);

	assert_true(f->q[q].set_up);
	assert_false(f->started);
	fake_drain(&f->q[q]);
	rte_pktmbuf_free_bulk(f->q[q].sent, f->q[q].nb_sent);
	memset(&f->q[q], 0, sizeof(f->q[q]));
	f->releases++;
	return 0;
}

static int
fake_start(struct rte_rawdev *dev)
{
	struct fake *f = fake_of(dev);
	uint64_t q;

	if (f->fail_start != 0)
		return -f->fail_start;
	if (f->strict && !fake_link(f))
		return -EINVAL;
	for (q = 0; q < f->queue_num; q++)
		assert_true(f->q[q].set_up);
	f->started = true;
	return 0;
}

static void
fake_stop(struct rte_rawdev *dev)
{
	struct fake *f = fake_of(dev);

	f->started = false;
	f->configured = false;
}

static int
fake_reset(struct rte_rawdev *dev)
{
	struct fake *f = fake_of(dev);

	f->resets++;
	return -f->fail_reset;
}

static int
fake_close(struct rte_rawdev *dev)
{
	RTE_SET_USED(dev);
	return 0;
}

static uint64_t
fake_limit(const struct fake *f)
{
	return fake_link(f) ? RTE_MIN(f->max_pkt_len, f->peer->max_pkt_len) : f->max_pkt_len;
}

static bool
fake_sends_no_cksum(const struct fake *f)
{
	return fake_link(f) && (f->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0 &&
		(f->peer->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_NONE) != 0;
}

/* Leftovers of a former user, which the ethdev must not pass on, and what crosses. */
static uint64_t
fake_ol_flags(const struct fake *f, const struct rte_mbuf *m)
{
	uint64_t flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_IP_CKSUM;

	if (f->strict)
		flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	else if (fake_sends_no_cksum(f) && (m->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM) != 0)
		flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
	return flags;
}

static int
fake_enqueue(struct rte_rawdev *dev, struct rte_rawdev_buf **bufs, unsigned int count,
	     rte_rawdev_obj_t context)
{
	struct fake *f = fake_of(dev);
	size_t q = (size_t)context;
	struct fake_queue *to;
	struct rte_mbuf *m, *copy;
	unsigned int i;

	f->enq_calls++;
	assert_true(f->started);
	assert_true(q < f->queue_num);
	assert_true(count > 0 || !f->strict);
	rte_pktmbuf_free_bulk(f->q[q].sent, f->q[q].nb_sent);
	f->q[q].nb_sent = 0;
	if (!fake_link(f) || !f->peer->q[q].set_up)
		return 0;
	to = &f->peer->q[q];
	for (i = 0; i < count; i++) {
		m = bufs[i]->buf_addr;
		if (!f->strict && m->pkt_len > fake_limit(f)) {
			if (!f->drops)
				break;
			f->dropped++;
			rte_pktmbuf_free(m);
			continue;
		}
		if (to->head - to->tail == to->nb_desc)
			break;
		copy = rte_pktmbuf_copy(m, to->mp, 0, UINT32_MAX);
		if (copy == NULL) {
			f->peer->nombuf++;
			break;
		}
		copy->ol_flags = fake_ol_flags(f, m);
		copy->packet_type = RTE_PTYPE_L2_ETHER;
		copy->port = 77;
		to->ring[to->head++ % NTB_ETH_MAX_RING] = copy;
		/* Make the length unreadable for whoever looks after the hand-over. */
		m->pkt_len = 0;
		if (f->lazy)
			f->q[q].sent[f->q[q].nb_sent++] = m;
		else
			rte_pktmbuf_free(m);
		f->xstat_sent++;
	}
	return i;
}

static int
fake_dequeue(struct rte_rawdev *dev, struct rte_rawdev_buf **bufs, unsigned int count,
	     rte_rawdev_obj_t context)
{
	struct fake *f = fake_of(dev);
	size_t q = (size_t)context;
	struct fake_queue *fq = &f->q[q];
	unsigned int i;

	f->deq_calls++;
	assert_true(f->started);
	assert_true(q < f->queue_num);
	assert_true(count > 0);
	for (i = 0; i < count && fq->tail != fq->head; i++)
		bufs[i]->buf_addr = fq->ring[fq->tail++ % NTB_ETH_MAX_RING];
	return f->deq_return != 0 ? f->deq_return : (int)i;
}

/* Where a value lives; settable says whether it may be set. */
static uint64_t *
fake_attr(struct fake *f, const char *name, bool *settable)
{
	*settable = true;
	if (strcmp(name, NTB_QUEUE_SZ_NAME) == 0)
		return &f->queue_size;
	if (strcmp(name, NTB_QUEUE_NUM_NAME) == 0)
		return &f->queue_num;
	if (!f->strict && strcmp(name, NTB_ATTR_MAX_PKT_LEN) == 0)
		return &f->max_pkt_len;
	if (!f->strict && strcmp(name, NTB_ATTR_MAC) == 0)
		return &f->mac;
	if (!f->strict && strcmp(name, NTB_ATTR_OL_FLAGS) == 0)
		return &f->ol_flags;
	*settable = false;
	if (strcmp(name, NTB_SPEED_NAME) == 0)
		return &f->speed;
	if (strcmp(name, NTB_WIDTH_NAME) == 0)
		return &f->width;
	if (strcmp(name, NTB_TOPO_NAME) == 0)
		return &f->topo;
	if (!f->strict && strcmp(name, NTB_ATTR_MAX_QUEUES) == 0)
		return &f->max_queues;
	return NULL;
}

static int
fake_attr_get(struct rte_rawdev *dev, const char *name, uint64_t *value)
{
	struct fake *f = fake_of(dev);
	bool settable;
	uint64_t *at = fake_attr(f, name, &settable);

	if (strcmp(name, NTB_LINK_STATUS_NAME) == 0)
		*value = fake_link(f);
	else if (!f->strict && strcmp(name, NTB_ATTR_MAX_PKT_LEN) == 0) {
		*value = fake_limit(f);
		f->limit_asked++;
	} else if (at == &f->ol_flags)
		*value = f->ol_flags & (fake_sends_no_cksum(f) ? UINT64_MAX : ~RTE_MBUF_F_TX_L4_MASK);
	else if (!f->strict && strcmp(name, NTB_ATTR_PEER_MAC) == 0)
		*value = f->peer != NULL ? f->peer->mac : 0;
	else if (at != NULL)
		*value = *at;
	else if (!f->strict && (strcmp(name, NTB_ATTR_ANY_POOL) == 0 ||
		 strcmp(name, NTB_ATTR_START_WITHOUT_PEER) == 0))
		*value = 1;
	else {
		f->unknown_attrs++;
		return -EINVAL;
	}
	return 0;
}

static int
fake_attr_set(struct rte_rawdev *dev, const char *name, const uint64_t value)
{
	struct fake *f = fake_of(dev);
	bool settable;
	uint64_t *at = fake_attr(f, name, &settable);

	if (at == NULL || !settable)
		return -EINVAL;
	/* Once configured, one that is not strict has its sizes from there. */
	if (f->started || (!f->strict && f->queue_num != 0 &&
	    (at == &f->queue_size || at == &f->queue_num)))
		return -EBUSY;
	*at = value;
	return 0;
}

#define FAKE_XSTATS 4

static unsigned int
fake_nb_xstats(const struct fake *f)
{
	return FAKE_XSTATS + (f->blind ? 0 : 2 * f->queue_num);
}

static void
fake_xstat_name(unsigned int id, char *name, size_t room)
{
	static const char * const own[FAKE_XSTATS] = {
		"sent", NTB_XSTAT_RX_NOMBUF, NTB_XSTAT_RX_ERRORS, NTB_XSTAT_TX_ERRORS,
	};
	unsigned int q = (id - FAKE_XSTATS) / 2;

	if (id < FAKE_XSTATS)
		snprintf(name, room, "%s", own[id]);
	else if (id % 2 == 0)
		snprintf(name, room, NTB_XSTAT_RX_READY, q);
	else
		snprintf(name, room, NTB_XSTAT_TX_PENDING, q);
}

static uint64_t
fake_xstat(const struct fake *f, unsigned int id)
{
	const uint64_t own[FAKE_XSTATS] = { f->xstat_sent, f->nombuf, f->rx_errors, f->tx_errors };
	const struct fake_queue *q;

	if (id < FAKE_XSTATS)
		return own[id];
	q = &f->q[(id - FAKE_XSTATS) / 2];
	return id % 2 == 0 ? q->head - q->tail : q->nb_sent;
}

static int
fake_xstats_names(const struct rte_rawdev *dev, struct rte_rawdev_xstats_name *names,
		  unsigned int size)
{
	unsigned int n = fake_nb_xstats(fake_of(dev));
	unsigned int i;

	for (i = 0; i < n && i < size; i++)
		fake_xstat_name(i, names[i].name, sizeof(names[i].name));
	return n;
}

static int
fake_xstats_get(const struct rte_rawdev *dev, const unsigned int ids[], uint64_t values[],
		unsigned int n)
{
	const struct fake *f = fake_of(dev);
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (ids[i] >= fake_nb_xstats(f))
			return -EINVAL;
		values[i] = fake_xstat(f, ids[i]);
	}
	return n;
}

static uint64_t
fake_xstats_by_name(const struct rte_rawdev *dev, const char *name, unsigned int *id)
{
	const struct fake *f = fake_of(dev);
	char own[RTE_RAW_DEV_XSTATS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < fake_nb_xstats(f); i++) {
		fake_xstat_name(i, own, sizeof(own));
		if (strcmp(name, own) != 0)
			continue;
		*id = i;
		return fake_xstat(f, i);
	}
	return -EINVAL;
}

static int
fake_xstats_reset(struct rte_rawdev *dev, const uint32_t ids[], uint32_t n)
{
	struct fake *f = fake_of(dev);

	assert_non_null(ids);
	assert_int_equal(n, fake_nb_xstats(f));
	f->xstat_sent = 0;
	f->nombuf = 0;
	return 0;
}

static const struct rte_rawdev_ops fake_ops = {
	.dev_info_get = fake_info_get,
	.dev_configure = fake_configure,
	.dev_start = fake_start,
	.dev_stop = fake_stop,
	.dev_reset = fake_reset,
	.dev_close = fake_close,
	.queue_setup = fake_queue_setup,
	.queue_release = fake_queue_release,
	.enqueue_bufs = fake_enqueue,
	.dequeue_bufs = fake_dequeue,
	.attr_get = fake_attr_get,
	.attr_set = fake_attr_set,
	.xstats_get = fake_xstats_get,
	.xstats_get_names = fake_xstats_names,
	.xstats_get_by_name = fake_xstats_by_name,
	.xstats_reset = fake_xstats_reset,
};

/* Under raw_ntb's rules there is no xstat of ours either. */
static struct rte_rawdev_ops strict_ops;

static struct fake *
fake_new_driver(const char *name, const char *driver, bool strict)
{
	struct fake *f = calloc(1, sizeof(*f));
	unsigned int i;

	assert_non_null(f);
	strict_ops = fake_ops;
	strict_ops.xstats_get_names = NULL;
	strict_ops.xstats_get_by_name = NULL;
	strict_ops.xstats_get = NULL;
	strict_ops.xstats_reset = NULL;
	strict_ops.dev_reset = NULL;
	rte_strlcpy(f->name, name, sizeof(f->name));
	f->device.name = f->name;
	f->strict = strict;
	f->max_queues = 8;
	f->speed = 3;
	f->width = 4;
	f->max_pkt_len = UINT32_MAX;
	f->mw_size[0] = 1 << 20;
	f->mw_size[1] = 8 << 20;
	f->dev = rte_rawdev_pmd_allocate(name, sizeof(struct fake *), SOCKET_ID_ANY);
	assert_non_null(f->dev);
	*(struct fake **)f->dev->dev_private = f;
	f->dev->dev_ops = strict ? &strict_ops : &fake_ops;
	f->dev->driver_name = driver;
	f->dev->device = &f->device;
	for (i = 0; fakes[i] != NULL; i++)
		;
	assert_true(i < RTE_DIM(fakes));
	fakes[i] = f;
	return f;
}

static inline struct fake *
fake_new(const char *name)
{
	return fake_new_driver(name, "raw_ntb_fake", false);
}

static void
fake_join(struct fake *a, struct fake *b)
{
	a->peer = b;
	b->peer = a;
	a->topo = 1;
	b->topo = 2;
}

static void
fake_free(struct fake *f)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(fakes); i++)
		if (fakes[i] == f)
			fakes[i] = NULL;
	if (f->peer != NULL)
		f->peer->peer = NULL;
	assert_int_equal(rte_rawdev_pmd_release(f->dev), 0);
	free(f);
}

/* ---- log, pools, ports ---- */

static char *log_text;
static size_t log_size;
static FILE *log_file;
static struct rte_mempool *pool, *small_pool;

static void
log_clear(void)
{
	fflush(log_file);
	rewind(log_file);
	memset(log_text, 0, log_size);
}

static unsigned int
log_count(const char *what)
{
	const char *p = log_text;
	unsigned int n = 0;

	fflush(log_file);
	for (p = strstr(p, what); p != NULL; p = strstr(p + 1, what))
		n++;
	return n;
}

static inline void
assert_logged(const char *what)
{
	if (log_count(what) == 0)
		fail_msg("not logged: '%s'; log:\n%s", what, log_text);
}

static int
port_add(const char *name, const char *args)
{
	uint16_t port = UINT16_MAX;

	if (rte_vdev_init(name, args) != 0)
		return -1;
	assert_int_equal(rte_eth_dev_get_port_by_name(name, &port), 0);
	return port;
}

static inline struct ntb_eth_port *
port_priv(int port)
{
	return rte_eth_devices[port].data->dev_private;
}

static int
port_configure(int port, uint16_t rxq, uint16_t txq, uint64_t rx_offloads, uint32_t mtu)
{
	struct rte_eth_conf conf = { .rxmode = { .offloads = rx_offloads, .mtu = mtu } };

	return rte_eth_dev_configure(port, rxq, txq, &conf);
}

static void
port_queues(int port, uint16_t rxq, uint16_t txq, uint16_t nb_desc)
{
	uint16_t q;

	for (q = 0; q < rxq; q++)
		assert_int_equal(rte_eth_rx_queue_setup(port, q, nb_desc, 0, NULL, pool), 0);
	for (q = 0; q < txq; q++)
		assert_int_equal(rte_eth_tx_queue_setup(port, q, nb_desc, 0, NULL), 0);
}

static void
port_up(int port, uint16_t queues)
{
	assert_int_equal(port_configure(port, queues, queues, 0, 0), 0);
	port_queues(port, queues, queues, RING);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

static inline unsigned int
link_status(int port)
{
	struct rte_eth_link link;

	assert_int_equal(rte_eth_link_get_nowait(port, &link), 0);
	return link.link_status;
}

static struct rte_eth_stats
stats_of(int port)
{
	struct rte_eth_stats s;

	assert_int_equal(rte_eth_stats_get(port, &s), 0);
	return s;
}

static uint64_t
xstat_of(int port, const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(port, name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(port, &id, &value, 1), 1);
	return value;
}

/* A packet of len bytes in segments of at most seg bytes, filled from seed. */
static struct rte_mbuf *
packet(uint32_t len, uint32_t seg, uint32_t seed)
{
	struct rte_mbuf *head = NULL, *m;
	uint32_t i, n, pos = 0;
	uint8_t *p;

	while (pos < len) {
		n = RTE_MIN(seg, len - pos);
		m = rte_pktmbuf_alloc(pool);
		assert_non_null(m);
		p = (uint8_t *)rte_pktmbuf_append(m, n);
		assert_non_null(p);
		for (i = 0; i < n; i++)
			p[i] = (pos + i) * 7 + seed;
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
		pos += n;
	}
	return head;
}

static void
packet_check(const struct rte_mbuf *m, uint32_t len, uint32_t seed, uint16_t port)
{
	uint32_t pos = 0, i;

	assert_int_equal(m->pkt_len, len);
	assert_int_equal(m->port, port);
	assert_int_equal(m->packet_type, 0);
	assert_int_equal(m->ol_flags, 0);
	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++, pos++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(m, uint8_t *, i),
					 (uint8_t)(pos * 7 + seed));
	assert_int_equal(pos, len);
}

static inline void
packets(struct rte_mbuf **m, unsigned int n, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		m[i] = packet(len, 2048, i);
}

/* DPDK allocations in being, to see that all were given back. */
static unsigned int allocs_at_setup;

static unsigned int
heap_allocs(void)
{
	struct rte_malloc_socket_stats s;

	assert_int_equal(rte_malloc_get_socket_stats(0, &s), 0);
	return s.alloc_count;
}

/* Two ports over joined rawdevs. */
struct pair {
	struct fake *fa, *fb;
	int a, b;
};

static int
pair_new(void **state, bool strict)
{
	struct pair *p = calloc(1, sizeof(*p));

	log_clear();
	allocs_at_setup = heap_allocs();
	p->fa = fake_new_driver("fake_a", "raw_ntb_fake", strict);
	p->fb = fake_new_driver("fake_b", "raw_ntb_fake", strict);
	fake_join(p->fa, p->fb);
	p->a = port_add("net_ntb0", "raw=fake_a");
	p->b = port_add("net_ntb1", "raw=fake_b");
	*state = p;
	return p->a < 0 || p->b < 0;
}

static int
pair_setup(void **state)
{
	return pair_new(state, false);
}

static inline int
strict_setup(void **state)
{
	return pair_new(state, true);
}

/* Removes whatever a test left, in any state, and looks for lost buffers. */
static int
teardown(void **state)
{
	unsigned int i;

	rte_vdev_uninit("net_ntb0");
	rte_vdev_uninit("net_ntb1");
	for (i = 0; i < RTE_DIM(fakes); i++)
		if (fakes[i] != NULL)
			fake_free(fakes[i]);
	for (i = 0; i < RTE_RAWDEV_MAX_DEVS; i++)
		assert_null(ntb_eth_claims[i]);
	assert_int_equal(rte_mempool_avail_count(pool), POOL_MBUFS - 1);
	assert_int_equal(rte_eth_dev_count_avail(), 0);
	assert_int_equal(heap_allocs(), allocs_at_setup);
	free(*state);
	return 0;
}

static inline int
plain_setup(void **state)
{
	log_clear();
	allocs_at_setup = heap_allocs();
	*state = NULL;
	return 0;
}

/* Send n packets in bursts of the given size; the receiver takes bursts of another. */
static inline void
exchange(struct pair *p, unsigned int n, uint16_t tx_burst, uint16_t rx_burst)
{
	struct rte_mbuf *tx[1024], *rx[1024];
	unsigned int sent = 0, got = 0, i;
	uint16_t k;

	for (i = 0; i < n; i++)
		tx[i] = packet(60 + (i * 37) % 1454, 700, i);
	while (got < n) {
		k = RTE_MIN(tx_burst, n - sent);
		sent += rte_eth_tx_burst(p->a, 0, tx + sent, k);
		k = rte_eth_rx_burst(p->b, 0, rx, rx_burst);
		assert_true(k <= rx_burst);
		for (i = 0; i < k; i++) {
			packet_check(rx[i], 60 + ((got + i) * 37) % 1454, got + i, p->b);
			rte_pktmbuf_free(rx[i]);
		}
		got += k;
	}
	assert_int_equal(sent, n);
}

static void
start_eal(void)
{
	char *argv[] = {
		(char *)(uintptr_t)"test", (char *)(uintptr_t)"--no-huge",
		(char *)(uintptr_t)"-m", (char *)(uintptr_t)"256",
		(char *)(uintptr_t)"--no-pci", (char *)(uintptr_t)"--iova-mode=va",
		(char *)(uintptr_t)"--no-telemetry", (char *)(uintptr_t)"--no-shconf",
		(char *)(uintptr_t)"-l", (char *)(uintptr_t)"0",
		(char *)(uintptr_t)"--log-level=pmd.net.ntb:debug",
	};

	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		exit(77);
	log_file = open_memstream(&log_text, &log_size);
	fputc('\n', log_file);
	fflush(log_file);
	rte_openlog_stream(log_file);
	pool = rte_pktmbuf_pool_create("pool", POOL_MBUFS - 1, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	small_pool = rte_pktmbuf_pool_create("small", 255, 0, 0, 512 + RTE_PKTMBUF_HEADROOM, 0);
	if (pool == NULL || small_pool == NULL)
		exit(1);
	/* ethdev allocates some things once. */
	if (rte_vdev_init("net_ntb0", "") != 0 || rte_vdev_uninit("net_ntb0") != 0)
		exit(1);
}

static int
stop_eal(int failed)
{
	rte_openlog_stream(NULL);
	fclose(log_file);
	free(log_text);
	rte_mempool_free(small_pool);
	rte_mempool_free(pool);
	rte_eal_cleanup();
	return failed != 0;
}

#define PAIR(fn) cmocka_unit_test_setup_teardown(fn, pair_setup, teardown)
#define STRICT(fn) cmocka_unit_test_setup_teardown(fn, strict_setup, teardown)
#define PLAIN(fn) cmocka_unit_test_setup_teardown(fn, plain_setup, teardown)

#endif /* _TEST_NET_NTB_FAKE_H_ */
