/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Cores copy: the sender's into cells of the receiver's window, the receiver's out of it.
 *
 *     receiver                               sender
 *     empty cells    --- submissions --->    own window
 *     own window     <=== payload =======    mbufs
 *     own window     <-- completions ----
 *     mbufs <= copy
 *
 * The receiver cuts its payload area into cells of one size and publishes their offsets in its
 * window. They come back in order, so that a cell is told by its free-running number alone. Nothing
 * is left under way between two bursts: the sender's mbufs are free when it has copied them, and
 * what is in the window belongs to the window. So nothing has to be kept for a peer that is gone.
 *
 * The last stores of a peer's earlier life cannot spoil a cell that its next life fills: a cell is
 * published only after the peer has written that its earlier life is quiet, or after its next life
 * has written a header, and stores that are posted to one window arrive in order.
 */

#include <inttypes.h>

#include <rte_memcpy.h>

#include "ntb_epf_rxtx.h"

/** Write-combining buffers leave for the link as whole lines of this size. */
#define NTB_EPF_LINE 64
/**
 * Largest cell, bytes: 2 KiB, what an mbuf usually holds, and one line more. An odd number of lines
 * spreads the first lines of cells, all that short packets use, over all sets of a cache.
 */
#define NTB_EPF_MAX_CELL (33 * NTB_EPF_LINE)
#define NTB_EPF_MIN_CELL (5 * NTB_EPF_LINE)
#define NTB_EPF_MIN_CELLS 16
/** Cells for which smaller ones are not taken in exchange. */
#define NTB_EPF_GOOD_CELLS 64
/** Publish this many cells together: whole lines of entries cross the link. */
#define NTB_EPF_MAX_PUBLISH 32
/** Completions that wait for one fence; room for the longest packet behind them. */
#define NTB_EPF_FENCE_AT 64

static uint32_t
cell_bytes(uint64_t area, uint32_t cells)
{
	uint64_t lines = RTE_MIN(area / cells, (uint64_t)NTB_EPF_MAX_CELL) / NTB_EPF_LINE;

	return (uint32_t)((lines - 1) | 1) * NTB_EPF_LINE;
}

bool
ntb_epf_cells_plan(struct ntb_epf_cells *c, uint64_t room, uint16_t queues, uint16_t depth)
{
	uint64_t start = NTB_EPF_PAYLOAD_OFFSET(queues, depth);
	uint64_t area = room > start ? (room - start) / queues : 0;

	*c = (struct ntb_epf_cells){ .start = start, .room = room, .count = depth };
	while (c->count > NTB_EPF_GOOD_CELLS && area / c->count < NTB_EPF_MAX_CELL)
		c->count /= 2;
	while (c->count > NTB_EPF_MIN_CELLS && area / c->count < NTB_EPF_MIN_CELL)
		c->count /= 2;
	if (area / c->count < NTB_EPF_MIN_CELL)
		return false;
	c->bytes = cell_bytes(area, c->count);
	c->batch = RTE_MIN(c->count / 4, (uint32_t)NTB_EPF_MAX_PUBLISH);
	return true;
}

uint64_t
ntb_epf_cells_least_room(uint16_t queues, uint16_t depth)
{
	return NTB_EPF_PAYLOAD_OFFSET(queues, depth) +
		(uint64_t)queues * NTB_EPF_MIN_CELLS * NTB_EPF_MIN_CELL;
}

/** Up to a batch of free cells waits to be published: no packet may need these, too. */
uint32_t
ntb_epf_cells_max_pkt_len(const struct ntb_epf_cells *c)
{
	return RTE_MIN(c->count - c->batch, (uint32_t)NTB_EPF_MAX_SEGS) * c->bytes;
}

/** Makes payload that a core has stored visible before the entry that says so. */
static inline void
stored_payload_before_entry(void)
{
	/* On x86 this flushes write-combining buffers, which rte_io_wmb() does not. */
	rte_wmb();
}

/** Keeps reads of a cell before the entry that lets the sender fill it again. */
static inline void
cell_read_before_entry(void)
{
	rte_io_mb();
}

static inline uint32_t
lines_of(uint32_t len)
{
	return (len + NTB_EPF_LINE - 1) / NTB_EPF_LINE;
}

/** Apart, so that short packets do not pay for it. */
static __rte_noinline uint32_t
copy_long(uint8_t *dst, const uint8_t *src, uint32_t lines)
{
	uint32_t at;

	for (at = 0; at + 4 <= lines; at += 4)
		rte_mov256(dst + at * NTB_EPF_LINE, src + at * NTB_EPF_LINE);
	return at;
}

static inline void
copy_lines(uint8_t *dst, const uint8_t *src, uint32_t lines)
{
	uint32_t at = unlikely(lines >= 8) ? copy_long(dst, src, lines) : 0;

	for (; at != lines; at++)
		rte_mov64(dst + at * NTB_EPF_LINE, src + at * NTB_EPF_LINE);
}

/*
 * Stores whole lines, the last one filled up with zeroes. Plain stores: a window that combines
 * writes needs no other kind, one that does not ignores the hint of a non-temporal one, and the
 * software endpoint's is read out of the cache.
 */
static inline void
store_lines(uint8_t *dst, const uint8_t *src, uint32_t len)
{
	uint32_t whole = len / NTB_EPF_LINE;
	uint32_t rest = len % NTB_EPF_LINE;

	copy_lines(dst, src, whole);
	if (rest != 0) {
		uint8_t last[NTB_EPF_LINE] __rte_aligned(NTB_EPF_LINE) = { 0 };

		rte_memcpy(last, src + whole * NTB_EPF_LINE, rest);
		rte_mov64(dst + whole * NTB_EPF_LINE, last);
	}
}

static inline void
store_payload(struct ntb_epf_dev *dev, uint64_t at, const uint8_t *src, uint32_t len)
{
	if (unlikely(dev->peer.va == NULL))
		dev->plat_ops->mem_write(dev, &dev->peer, at, src, len);
	else if (likely(at % NTB_EPF_LINE == 0))
		store_lines(dev->peer.va + at, src, len);
	else
		rte_memcpy(dev->peer.va + at, src, len);
}

/** Completions that wait for the fence, and the packets that they end. */
struct cpu_burst {
	uint32_t first; /**< number of the first completion */
	unsigned int nb_words;
	unsigned int nb_mbufs;
	uint64_t words[NTB_EPF_FENCE_AT + NTB_EPF_MAX_SEGS];
	struct rte_mbuf *mbufs[NTB_EPF_FENCE_AT + NTB_EPF_MAX_SEGS];
};

static void
burst_end(struct ntb_epf_ring *r, struct cpu_burst *b)
{
	uint32_t at = b->first & r->mask;
	uint32_t row = RTE_MIN(b->nb_words, r->mask + 1 - at);

	if (b->nb_words == 0)
		return;
	stored_payload_before_entry();
	ntb_epf_peer_store_words(r->dev, r->remote + (uint64_t)at * NTB_EPF_CQE_BYTES, b->words, row);
	ntb_epf_peer_store_words(r->dev, r->remote, b->words + row, b->nb_words - row);
	ntb_epf_sent_free(b->mbufs, b->nb_mbufs);
	r->cq = r->sq;
	r->cq_lap = r->sq_lap;
	b->first = r->sq;
	b->nb_words = 0;
	b->nb_mbufs = 0;
}

/** Notes the completion of the next cell, whose entry has been read. */
static inline void
complete(struct ntb_epf_ring *r, struct cpu_burst *b, uint64_t ent, uint32_t len, uint8_t flags)
{
	b->words[b->nb_words++] = ntb_epf_ent(&r->sq_lap, len, ntb_epf_ent_id(ent), flags);
	r->sq = ntb_epf_lap_next(&r->sq_lap, r->sq, r->mask);
}

/** Is this a place that the peer may have published: whole lines, all of them payload? */
static inline bool
cell_is_sound(const struct ntb_epf_cells *c, uint64_t at, uint32_t room)
{
	return ((at | room) & (NTB_EPF_LINE - 1)) == 0 && room != 0 && at >= c->start && at <= c->room &&
		room <= c->room - at;
}

/** A place in a packet. */
struct cursor {
	const struct rte_mbuf *seg;
	uint32_t pos;
	uint32_t left; /**< bytes of the packet */
};

/** Fills a cell from where the packet has got to. Returns bytes: few only if there are no more. */
static uint32_t
fill_cell(struct ntb_epf_dev *dev, struct cursor *c, uint64_t at, uint32_t room)
{
	uint32_t want = RTE_MIN(room, c->left);
	uint32_t filled = 0;

	while (filled < want && c->seg != NULL) {
		uint32_t part = RTE_MIN(c->seg->data_len - c->pos, want - filled);

		if (part != 0)
			store_payload(dev, at + filled,
				      rte_pktmbuf_mtod_offset(c->seg, const uint8_t *, c->pos), part);
		filled += part;
		c->pos += part;
		if (c->pos == c->seg->data_len) {
			c->seg = c->seg->next;
			c->pos = 0;
		}
	}
	c->left -= filled;
	return filled;
}

/**
 * Cells that a packet needs, from the next on. 0: they are not there yet; more than
 * NTB_EPF_MAX_SEGS: so many would not do.
 */
static uint32_t
cells_needed(const struct ntb_epf_ring *r, uint32_t pkt_len)
{
	struct ntb_epf_lap lap = r->sq_lap;
	uint32_t number = r->sq;
	uint64_t room = 0;
	uint64_t addr, ent;
	uint32_t n;

	for (n = 1; n <= NTB_EPF_MAX_SEGS; n++) {
		if (!ntb_epf_sqe_read(r, &lap, number, &addr, &ent))
			return 0;
		room += ntb_epf_ent_len(ent);
		if (room >= pkt_len)
			return n;
		number = ntb_epf_lap_next(&lap, number, r->mask);
	}
	return n;
}

static bool
drop_unsent(struct ntb_epf_ring *r, struct rte_mbuf *m)
{
	r->stats.errors++;
	rte_pktmbuf_free(m);
	return true;
}

/** Any packet over any cells. As send_one(). */
static bool
send_over(struct ntb_epf_ring *r, struct cpu_burst *b, struct rte_mbuf *m)
{
	struct cursor c = { .seg = m, .left = m->pkt_len };
	uint32_t n = cells_needed(r, m->pkt_len);
	bool good = true;

	if (n > NTB_EPF_MAX_SEGS)
		return drop_unsent(r, m);
	if (n == 0)
		return false;
	ntb_epf_accepted(r, m->pkt_len);
	while (n-- > 0) {
		uint8_t flags = n != 0 ? NTB_EPF_FLAG_MORE : ntb_epf_last_flags(r, m);
		uint64_t at = 0, ent = 0;
		uint32_t len = 0;

		/* The peer may have taken it back, or published what is no cell, meanwhile. */
		if (ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &at, &ent) &&
		    cell_is_sound(&r->dev->cells, at, ntb_epf_ent_len(ent)))
			len = fill_cell(r->dev, &c, at, ntb_epf_ent_len(ent));
		if (len == 0 || (n == 0 && c.left != 0)) {
			flags |= NTB_EPF_FLAG_ERROR;
			len = 0;
			good = false;
		}
		complete(r, b, ent, len, flags);
	}
	r->stats.errors += !good;
	b->mbufs[b->nb_mbufs++] = m;
	return true;
}

/** Any packet into any cells. False: no room now, the packet stays the caller's. */
static bool
send_one(struct ntb_epf_ring *r, struct cpu_burst *b, struct rte_mbuf *m)
{
	uint64_t at, ent;

	if (!ntb_epf_sendable(r, m))
		return drop_unsent(r, m);
	if (!ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &at, &ent))
		return false;
	if (!cell_is_sound(&r->dev->cells, at, ntb_epf_ent_len(ent))) {
		complete(r, b, ent, 0, NTB_EPF_FLAG_ERROR);
		return drop_unsent(r, m);
	}
	return send_over(r, b, m);
}

static inline uint64_t
cell_offset(const struct ntb_epf_ring *r, uint32_t number)
{
	const struct ntb_epf_cells *c = &r->dev->cells;

	return r->cells + (uint64_t)(number & (c->count - 1)) * c->bytes;
}

/** Cells from a number on that are in one piece: so are their entries, and they are of one lap. */
static inline uint32_t
cells_in_row(const struct ntb_epf_ring *r, uint32_t number)
{
	return r->dev->cells.count - (number & (r->dev->cells.count - 1));
}

/**
 * The common case: single packets into the cells that follow from the plan, which both sides know.
 * That an entry is the expected one, bit by bit, says all at once that it is new and sound.
 *
 * @return Packets that were sent. The next one is a case for send_one().
 */
static unsigned int
send_row(struct ntb_epf_ring *r, struct cpu_burst *b, struct rte_rawdev_buf **bufs,
	 unsigned int count)
{
	const uint32_t room = r->dev->cells.bytes;
	const uint8_t *sqe = r->local + (uint64_t)(r->sq & r->mask) * NTB_EPF_SQE_BYTES;
	uint64_t at = cell_offset(r, r->sq);
	uint64_t word0 = rte_le_to_cpu_64(ntb_epf_sqe0(&r->sq_lap, at));
	uint64_t word1 = rte_le_to_cpu_64(ntb_epf_ent(&r->sq_lap, room, (uint16_t)r->sq, 0));
	uint64_t *words = &b->words[b->nb_words];
	struct rte_mbuf **mbufs = &b->mbufs[b->nb_mbufs];
	uint8_t *cell = r->dev->peer.va + at;
	uint64_t bytes = 0;
	unsigned int n;

	count = RTE_MIN(count, cells_in_row(r, r->sq));
	count = RTE_MIN(count, NTB_EPF_FENCE_AT - b->nb_words);
	for (n = 0; n < count; n++) {
		struct rte_mbuf *m = bufs[n]->buf_addr;

		if (ntb_epf_load64(sqe) != word0 || ntb_epf_load64(sqe + sizeof(word0)) != word1 ||
		    unlikely(!ntb_epf_is_single(r, m) || m->pkt_len > room))
			break;
		store_lines(cell, rte_pktmbuf_mtod(m, const uint8_t *), m->pkt_len);
		words[n] = rte_cpu_to_le_64(word1 - room + m->pkt_len);
		mbufs[n] = m;
		bytes += m->pkt_len;
		sqe += NTB_EPF_SQE_BYTES;
		cell += room;
		word0 += room;
		word1 += RTE_BIT64(NTB_EPF_ENT_ID_SHIFT);
	}
	b->nb_words += n;
	b->nb_mbufs += n;
	r->stats.packets += n;
	r->stats.bytes += bytes;
	r->sq = ntb_epf_lap_skip(&r->sq_lap, r->sq, n, r->mask);
	return n;
}

unsigned int
ntb_epf_cpu_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	const bool mapped = r->dev->peer.va != NULL;
	struct cpu_burst b;
	unsigned int i = 0;

	b.first = r->sq;
	b.nb_words = 0;
	b.nb_mbufs = 0;
	while (i < count) {
		unsigned int n = mapped ? send_row(r, &b, &bufs[i], count - i) : 0;

		if (n == 0 && !send_one(r, &b, bufs[i]->buf_addr))
			break;
		i += RTE_MAX(n, 1u);
		if (b.nb_words >= NTB_EPF_FENCE_AT)
			burst_end(r, &b);
	}
	burst_end(r, &b);
	return i;
}

/** Reads up to @p max completions of cells in a row and fetches what they tell of. */
static inline unsigned int
look(const struct ntb_epf_ring *r, uint64_t *ents, unsigned int max)
{
	const uint8_t *cqe = r->local + (uint64_t)(r->cq & r->mask) * NTB_EPF_CQE_BYTES;
	const uint8_t *cell = r->dev->window + cell_offset(r, r->cq);
	const uint32_t step = r->dev->cells.bytes;
	const struct ntb_epf_lap lap = r->cq_lap;
	unsigned int n;

	max = RTE_MIN(max, r->sq - r->cq);
	max = RTE_MIN(max, cells_in_row(r, r->cq));
	for (n = 0; n < max; n++) {
		ents[n] = ntb_epf_load64(cqe);
		if (!ntb_epf_ent_is_new(&lap, ents[n]))
			break;
		rte_prefetch0(cell);
		cqe += NTB_EPF_CQE_BYTES;
		cell += step;
	}
	ntb_epf_entry_before_use();
	return n;
}

/** Longest packet that a buffer takes by whole lines: what is behind it in the cell comes along. */
static inline uint32_t
longest_by_lines(const struct ntb_epf_ring *r)
{
	uint32_t longest = RTE_MIN(r->dev->cells.bytes, RTE_ALIGN_FLOOR(r->buf_room, NTB_EPF_LINE));

	return RTE_MIN(longest, r->max_pkt_len);
}

/**
 * The common case: cells in a row that are packets for one mbuf, with nothing to say of them.
 *
 * @return Packets delivered. The next one is a case for take_cell().
 */
static unsigned int
take_row(struct ntb_epf_ring *r, const uint64_t *ents, unsigned int count,
	 struct rte_rawdev_buf **bufs)
{
	const uint8_t *cell = r->dev->window + cell_offset(r, r->cq);
	const uint32_t step = r->dev->cells.bytes;
	const uint32_t longest = longest_by_lines(r);
	/* Tag, phase, no flags, and the id that comes next. */
	uint64_t expected = rte_le_to_cpu_64(ntb_epf_ent(&r->cq_lap, 0, (uint16_t)r->cq, 0));
	uint64_t bytes = 0;
	unsigned int n;

	if (unlikely(r->chain != NULL || r->chain_bad))
		return 0;
	for (n = 0; n < count; n++) {
		uint64_t len = ents[n] - expected;
		struct rte_mbuf *m;

		if (unlikely(len - 1 >= longest))
			break;
		m = ntb_epf_mbuf_next(r);
		if (unlikely(m == NULL))
			break;
		copy_lines(rte_pktmbuf_mtod(m, uint8_t *), cell, lines_of(len));
		m->data_len = (uint16_t)len;
		m->pkt_len = (uint32_t)len;
		bufs[n]->buf_addr = m;
		bytes += len;
		cell += step;
		expected += RTE_BIT64(NTB_EPF_ENT_ID_SHIFT);
	}
	r->stats.packets += n;
	r->stats.bytes += bytes;
	r->cq = ntb_epf_lap_skip(&r->cq_lap, r->cq, n, r->mask);
	return n;
}

static struct rte_mbuf *
load_chain(struct ntb_epf_ring *r, const uint8_t *src, uint32_t len)
{
	struct rte_mbuf *head = ntb_epf_mbufs_for(r, len);
	struct rte_mbuf *m;

	for (m = head; m != NULL; m = m->next) {
		rte_memcpy(rte_pktmbuf_mtod(m, uint8_t *), src, m->data_len);
		src += m->data_len;
	}
	return head;
}

/** A part of a packet: what room its last mbuf has, then new ones. As take_cell(). */
static bool
load_part(struct ntb_epf_ring *r, const uint8_t *src, uint32_t len, uint8_t flags,
	  struct rte_mbuf **done)
{
	struct rte_mbuf *tail = r->chain_tail;
	uint32_t part = tail != NULL ? RTE_MIN(len, r->buf_room - tail->data_len) : 0;
	struct rte_mbuf *m = NULL;

	if (r->chain_bad || (r->chain != NULL && len > r->max_pkt_len - r->chain->pkt_len)) {
		*done = ntb_epf_chain_add(r, NULL, len, flags);
		return true;
	}
	if (part != len) {
		m = load_chain(r, src + part, len - part);
		if (m == NULL)
			return false;
	}
	if (part != 0) {
		rte_memcpy(rte_pktmbuf_mtod_offset(tail, uint8_t *, tail->data_len), src, part);
		tail->data_len += (uint16_t)part;
		r->chain->pkt_len += part;
	}
	*done = m != NULL ? ntb_epf_chain_add(r, m, len - part, flags) :
			    ntb_epf_chain_end(r, flags);
	return true;
}

/**
 * Takes any cell; checks what the peer says of it.
 *
 * @param done  The packet, if this was its last part; else NULL.
 * @return False: the pool is empty, and the cell is left for later.
 */
static bool
take_cell(struct ntb_epf_ring *r, uint64_t ent, struct rte_mbuf **done)
{
	const uint8_t *src = r->dev->window + cell_offset(r, r->cq);
	uint32_t len = ntb_epf_ent_len(ent);
	uint8_t flags = ntb_epf_ent_flags(ent);

	if (ntb_epf_ent_id(ent) != (uint16_t)r->cq || len > r->dev->cells.bytes ||
	    !ntb_epf_takeable(r, len))
		flags |= NTB_EPF_FLAG_ERROR;
	if ((flags & NTB_EPF_FLAG_ERROR) != 0)
		*done = ntb_epf_chain_add(r, NULL, len, flags);
	else if (!load_part(r, src, len, flags, done))
		return false;
	r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
	return true;
}

/** A batch divides ring and cells, so it is in one piece in both. */
static void
publish_batch(struct ntb_epf_ring *r)
{
	const struct ntb_epf_cells *c = &r->dev->cells;
	const uint64_t remote = r->remote + (uint64_t)(r->sq & r->mask) * NTB_EPF_SQE_BYTES;
	uint64_t words[2 * NTB_EPF_MAX_PUBLISH];
	uint64_t at = cell_offset(r, r->sq);
	unsigned int i;

	for (i = 0; i < c->batch; i++, at += c->bytes) {
		words[2 * i] = ntb_epf_sqe0(&r->sq_lap, at);
		words[2 * i + 1] = ntb_epf_ent(&r->sq_lap, c->bytes, (uint16_t)(r->sq + i), 0);
	}
	ntb_epf_peer_store_words(r->dev, remote, words, 2 * i);
	r->sq = ntb_epf_lap_skip(&r->sq_lap, r->sq, i, r->mask);
}

/** Gives the sender the cells that have been emptied. */
static void
publish_cells(struct ntb_epf_ring *r)
{
	const struct ntb_epf_cells *c = &r->dev->cells;

	if (c->count - (r->sq - r->cq) < c->batch)
		return;
	cell_read_before_entry();
	while (c->count - (r->sq - r->cq) >= c->batch)
		publish_batch(r);
}

unsigned int
ntb_epf_cpu_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint64_t ents[NTB_EPF_STASH];
	unsigned int n = 0;
	unsigned int ready, i;

	do {
		ready = look(r, ents, RTE_MIN(count - n, (unsigned int)RTE_DIM(ents)));
		i = take_row(r, ents, ready, &bufs[n]);
		n += i;
		for (; i < ready; i++) {
			struct rte_mbuf *m;

			if (!take_cell(r, ents[i], &m))
				break;
			if (m != NULL)
				ntb_epf_deliver(r, m, bufs[n++]);
		}
	} while (ready != 0 && i == ready && n < count);
	publish_cells(r);
	return n;
}

void
ntb_epf_cpu_ring_reset(struct ntb_epf_ring *r, uint16_t queue)
{
	const struct ntb_epf_cells *c = &r->dev->cells;

	r->cells = c->start + (uint64_t)queue * c->count * c->bytes;
	if (r->role == NTB_EPF_ROLE_CPU_TX)
		r->max_pkt_len = RTE_MIN(r->max_pkt_len, ntb_epf_cells_max_pkt_len(c));
}
