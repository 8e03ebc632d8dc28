/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Operations with gather and scatter lists: one descriptor and id, but several elements, which need
 * not all fit into the engine's list at once. They are cut into pieces when they are enqueued.
 * While there is one among the operations not done, list slots are not descriptors, and the data
 * path counts here.
 */

#include <errno.h>

#include "dw_edma_priv.h"

/** A list of segments that is being walked. */
struct cursor {
	const struct rte_dma_sge *sge;
	uint16_t left;   /**< segments, this one included */
	uint32_t offset; /**< bytes of this one that are done */
};

static uint32_t
segment_left(const struct cursor *c)
{
	return c->sge->length - c->offset;
}

/** Moves by @p bytes, and on to a segment that has some left. Empty ones are passed over. */
static void
advance(struct cursor *c, uint32_t bytes)
{
	c->offset += bytes;
	while (c->left != 0 && segment_left(c) == 0) {
		c->offset = 0;
		c->sge++;
		c->left--;
	}
}

/**
 * Cuts an operation into pieces behind piece_head. Returns their number, -EINVAL for lists of
 * different lengths, -ENOSPC if there is no room.
 */
static int
cut(struct dw_edma_chan *ch, struct cursor *src, struct cursor *dst)
{
	uint32_t room = ch->piece_mask + 1 - (ch->piece_head - ch->piece_tail);
	uint32_t n, bytes;

	advance(src, 0);
	advance(dst, 0);
	for (n = 0; src->left != 0 && dst->left != 0; n++) {
		bytes = RTE_MIN(segment_left(src), segment_left(dst));
		if (n == room)
			return -ENOSPC;
		ch->pieces[(ch->piece_head + n) & ch->piece_mask] = (struct dw_edma_piece){
			.src = src->sge->addr + src->offset,
			.dst = dst->sge->addr + dst->offset,
			.length = bytes,
		};
		advance(src, bytes);
		advance(dst, bytes);
	}
	return src->left == 0 && dst->left == 0 ? (int)n : -EINVAL;
}

int
dw_edma_copy_sg(void *priv, uint16_t vchan, const struct rte_dma_sge *src,
		const struct rte_dma_sge *dst, uint16_t nb_src, uint16_t nb_dst, uint64_t flags)
{
	struct cursor from = { .sge = src, .left = nb_src };
	struct cursor to = { .sge = dst, .left = nb_dst };
	struct dw_edma_chan *ch = priv;
	uint16_t id = ch->enq;
	int n;

	if ((uint16_t)(id - ch->rep) >= ch->cap)
		return ch->dead ? -ENODEV : -ENOSPC;
	if (nb_src == 0 || nb_src > DW_EDMA_MAX_SGES || nb_dst == 0 || nb_dst > DW_EDMA_MAX_SGES)
		return -EINVAL;
	n = cut(ch, &from, &to);
	if (n < 0)
		return n;
	dw_edma_fall_back(ch);
	ch->ring[id & ch->ring_mask] = (struct dw_edma_desc){
		.word = DW_EDMA_DESC_LISTS |
			((flags & RTE_DMA_OP_FLAG_FENCE) != 0 ? DW_EDMA_DESC_FENCE : 0),
		.src = ch->piece_head,
		.dst = n,
	};
	ch->piece_head += n;
	ch->sg++;
	ch->enq = id + 1;
	ch->limit = ch->enq;
	if ((flags & RTE_DMA_OP_FLAG_SUBMIT) != 0)
		dw_edma_submit(priv, vchan);
	return id;
}

/** Elements that an operation takes. */
static uint16_t
elements(const struct dw_edma_desc *desc)
{
	return (desc->word & DW_EDMA_DESC_LISTS) == 0 ? 1 : (uint16_t)desc->dst;
}

/** Writes element @p i of an operation. */
static void
emit_one(struct dw_edma_chan *ch, const struct dw_edma_desc *desc, uint16_t i)
{
	const struct dw_edma_piece *piece;

	if ((desc->word & DW_EDMA_DESC_LISTS) == 0) {
		dw_edma_emit(ch, desc->src, desc->dst, (uint32_t)(desc->word >> 32));
		return;
	}
	piece = &ch->pieces[((uint32_t)desc->src + i) & ch->piece_mask];
	dw_edma_emit(ch, piece->src, piece->dst, piece->length);
}

/** Fills @p room slots of the list with operations up to @p end. */
void
dw_edma_sg_hand_over(struct dw_edma_chan *ch, uint16_t end, uint16_t room)
{
	const struct dw_edma_desc *desc;

	while (room != 0) {
		if (ch->sg_left == 0) {
			if (ch->hw == end)
				break;
			ch->sg_left = elements(&ch->ring[ch->hw & ch->ring_mask]);
			ch->hw++;
			continue;
		}
		desc = &ch->ring[(uint16_t)(ch->hw - 1) & ch->ring_mask];
		emit_one(ch, desc, elements(desc) - ch->sg_left);
		ch->sg_left--;
		room--;
	}
}

uint16_t
dw_edma_sg_listed(const struct dw_edma_chan *ch)
{
	return elements(&ch->ring[(uint16_t)(ch->hw - 1) & ch->ring_mask]) - ch->sg_left;
}

void
dw_edma_sg_retire(struct dw_edma_chan *ch, uint16_t n)
{
	const struct dw_edma_desc *desc = &ch->ring[ch->done & ch->ring_mask];

	n += ch->sg_part;
	while (ch->done != ch->hw && n >= elements(desc)) {
		n -= elements(desc);
		dw_edma_desc_done(ch, desc);
		ch->done++;
		desc = &ch->ring[ch->done & ch->ring_mask];
	}
	ch->sg_part = n;
}
