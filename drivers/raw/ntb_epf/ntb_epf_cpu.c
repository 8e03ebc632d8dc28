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

static inline void
copy_lines(uint8_t *dst, const uint8_t *src, uint32_t lines)
{
	for (; lines >= 4; lines -= 4, src += 4 * NTB_EPF_LINE, dst += 4 * NTB_EPF_LINE)
		rte_mov256(dst, src);
	for (; lines != 0; lines--, src += NTB_EPF_LINE, dst += NTB_EPF_LINE)
		rte_mov64(dst, src);
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
	unsigned int i;

	if (b->nb_words == 0)
		return;
	stored_payload_before_entry();
	for (i = 0; i < b->nb_words; i++)
		ntb_epf_peer_store64(r->dev, r->remote + (uint64_t)((b->first + i) & r->mask) *
				     NTB_EPF_CQE_BYTES, b->words[i]);
	rte_pktmbuf_free_bulk(b->mbufs, b->nb_mbufs);
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

/** Any packet over any cells. */
static bool
send_any(struct ntb_epf_ring *r, struct cpu_burst *b, struct rte_mbuf *m)
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

/** The common case: one segment, one cell, no flags. False: no room now, the packet stays the caller's. */
static inline bool
send_one(struct ntb_epf_ring *r, struct cpu_burst *b, struct rte_mbuf *m)
{
	uint64_t at, ent;
	uint32_t room;

	if (unlikely(!ntb_epf_sendable(r, m)))
		return drop_unsent(r, m);
	if (!ntb_epf_sqe_read(r, &r->sq_lap, r->sq, &at, &ent))
		return false;
	room = ntb_epf_ent_len(ent);
	if (unlikely(!cell_is_sound(&r->dev->cells, at, room))) {
		complete(r, b, ent, 0, NTB_EPF_FLAG_ERROR);
		return drop_unsent(r, m);
	}
	if (unlikely(m->nb_segs != 1 || m->pkt_len > room || ntb_epf_no_cksum(r, m)))
		return send_any(r, b, m);
	store_payload(r->dev, at, rte_pktmbuf_mtod(m, const uint8_t *), m->pkt_len);
	complete(r, b, ent, m->pkt_len, 0);
	ntb_epf_accepted(r, m->pkt_len);
	b->mbufs[b->nb_mbufs++] = m;
	return true;
}

unsigned int
ntb_epf_cpu_tx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	struct cpu_burst b;
	unsigned int i;

	b.first = r->sq;
	b.nb_words = 0;
	b.nb_mbufs = 0;
	for (i = 0; i < count; i++) {
		if (!send_one(r, &b, bufs[i]->buf_addr))
			break;
		if (b.nb_words >= NTB_EPF_FENCE_AT)
			burst_end(r, &b);
	}
	burst_end(r, &b);
	return i;
}

static inline uint8_t *
cell(const struct ntb_epf_ring *r, uint32_t number)
{
	const struct ntb_epf_cells *c = &r->dev->cells;

	return r->dev->window + r->cells + (uint64_t)(number & (c->count - 1)) * c->bytes;
}

/** Reads up to @p max completions and fetches what they tell of. */
static inline unsigned int
look(const struct ntb_epf_ring *r, uint64_t *ents, unsigned int max)
{
	struct ntb_epf_lap lap = r->cq_lap;
	uint32_t number = r->cq;
	unsigned int n;

	for (n = 0; n < max && number != r->sq; n++) {
		ents[n] = ntb_epf_load64(r->local + (uint64_t)(number & r->mask) * NTB_EPF_CQE_BYTES);
		if (!ntb_epf_ent_is_new(&lap, ents[n]))
			break;
		rte_prefetch0(cell(r, number));
		number = ntb_epf_lap_next(&lap, number, r->mask);
	}
	ntb_epf_entry_before_use();
	return n;
}

/** Whole lines if the mbuf has the room: what is behind the payload in the cell comes along. */
static inline void
load_payload(struct rte_mbuf *m, const uint8_t *src, uint32_t len, uint32_t room)
{
	uint8_t *dst = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t lines = (len + NTB_EPF_LINE - 1) / NTB_EPF_LINE;

	if (likely(lines * NTB_EPF_LINE <= room))
		copy_lines(dst, src, lines);
	else
		rte_memcpy(dst, src, len);
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

/** A cell that is a packet. NULL: the pool is empty. */
static inline struct rte_mbuf *
load_packet(struct ntb_epf_ring *r, const uint8_t *src, uint32_t len)
{
	struct rte_mbuf *m;

	if (unlikely(len > r->buf_room))
		return load_chain(r, src, len);
	m = ntb_epf_mbuf_next(r);
	if (likely(m != NULL)) {
		m->data_len = (uint16_t)len;
		m->pkt_len = len;
		load_payload(m, src, len, r->buf_room);
	}
	return m;
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
 * Takes the next cell; checks what the peer says of it.
 *
 * @param done  The packet, if this was its last part; else NULL.
 * @return False: the pool is empty, and the cell is left for later.
 */
static inline bool
take_cell(struct ntb_epf_ring *r, uint64_t ent, struct rte_mbuf **done)
{
	const uint8_t *src = cell(r, r->cq);
	uint32_t len = ntb_epf_ent_len(ent);
	uint8_t flags = ntb_epf_ent_flags(ent);
	bool taken = true;

	if (unlikely(ntb_epf_ent_id(ent) != (uint16_t)r->cq || len > r->dev->cells.bytes ||
		     !ntb_epf_takeable(r, len)))
		flags |= NTB_EPF_FLAG_ERROR;
	if (likely(flags == 0 && r->chain == NULL && !r->chain_bad)) {
		*done = load_packet(r, src, len);
		taken = *done != NULL;
	} else if ((flags & NTB_EPF_FLAG_ERROR) == 0) {
		taken = load_part(r, src, len, flags, done);
	} else {
		*done = ntb_epf_chain_add(r, NULL, len, flags);
	}
	if (likely(taken))
		r->cq = ntb_epf_lap_next(&r->cq_lap, r->cq, r->mask);
	return taken;
}

/** Gives the sender the cells that have been emptied, a batch or more at a time. */
static void
publish_cells(struct ntb_epf_ring *r)
{
	const struct ntb_epf_cells *c = &r->dev->cells;
	uint32_t n = c->count - (r->sq - r->cq);

	if (n < c->batch)
		return;
	cell_read_before_entry();
	for (n &= ~(c->batch - 1); n > 0; n--)
		ntb_epf_sqe_write(r, (uint64_t)(cell(r, r->sq) - r->dev->window), c->bytes, 0);
}

unsigned int
ntb_epf_cpu_rx(struct ntb_epf_ring *r, struct rte_rawdev_buf **bufs, unsigned int count)
{
	uint64_t ents[NTB_EPF_STASH];
	unsigned int n = 0;
	unsigned int ready, i;

	do {
		ready = look(r, ents, RTE_MIN(count - n, (unsigned int)RTE_DIM(ents)));
		for (i = 0; i < ready; i++) {
			struct rte_mbuf *m;

			if (!take_cell(r, ents[i], &m))
				break;
			if (likely(m != NULL))
				ntb_epf_deliver(r, m, bufs[n++]);
		}
	} while (i == RTE_DIM(ents) && n < count);
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
