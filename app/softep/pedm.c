/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include "board.h"
#include "pedm.h"

#define PEDM_MAGIC 0x4d444550u /* "PEDM" */
#define PEDM_REVISION 1u
#define PEDM_LAYOUT_DW 1u

/** Words of the header. */
#define PEDM_WORD_CONTROL 2
#define PEDM_WORD_HOST_CONTROL 7 /* of the long form */

/** Bits of the control word, and of the host's. */
#define PEDM_CONTROL_REQUEST 0x40000000u
#define PEDM_CONTROL_READY 0x80000000u
#define PEDM_HOST_REQUEST 0x1u

static unsigned int
pedm_header_words(enum softep_pedm_form form)
{
	return form == SOFTEP_PEDM_LONG ? SOFTEP_PEDM_HEADER_WORDS : SOFTEP_PEDM_HEADER_WORDS - 1;
}

/** The only word that the host writes, and the bit of it that it can change. */
static uint32_t *
pedm_request(struct softep_pedm *pedm, uint32_t *bit)
{
	if (pedm->form == SOFTEP_PEDM_LONG) {
		*bit = PEDM_HOST_REQUEST;
		return &pedm->words[PEDM_WORD_HOST_CONTROL];
	}
	*bit = PEDM_CONTROL_REQUEST;
	return &pedm->words[PEDM_WORD_CONTROL];
}

static void
pedm_fill_header(struct softep *board)
{
	const struct softep_options *opt = board->opt;
	struct softep_pedm *pedm = &board->pedm;
	uint32_t *words = pedm->words;

	words[0] = PEDM_MAGIC;
	words[1] = PEDM_REVISION | pedm->cnt * 4 << 16;
	words[PEDM_WORD_CONTROL] = SOFTEP_DMA_REGION_REGS | opt->wr_cnt << 3 | opt->rd_cnt << 11 |
				   SOFTEP_PEDM_ENTRY_WORDS * 4 << 19;
	words[3] = 0; /* registers begin the BAR */
	words[4] = 0;
	words[5] = PEDM_LAYOUT_DW | opt->map << 8;
	words[6] = board->regs_bytes;
}

/** Entry of a channel: its hardware number, and the @p nth list. No auxiliary window. */
static void
pedm_fill_entry(const struct softep_board *page, uint32_t *words, unsigned int ch,
		unsigned int nth)
{
	const uint64_t offset = nth * page->ll_stride;
	const uint64_t local = page->ll_local + offset;

	words[0] = ch | SOFTEP_DMA_REGION_LL << 8;
	words[1] = (uint32_t)offset;
	words[2] = offset >> 32;
	words[3] = page->ll_ch_bytes;
	words[4] = (uint32_t)local;
	words[5] = local >> 32;
}

void
softep_pedm_init(struct softep *board, enum softep_pedm_form form)
{
	const unsigned int wr_cnt = board->opt->wr_cnt;
	const unsigned int cnt = wr_cnt + board->opt->rd_cnt;
	struct softep_pedm *pedm = &board->pedm;
	unsigned int i;

	memset(pedm, 0, sizeof(*pedm));
	pedm->form = form;
	pedm->cnt = pedm_header_words(form) + cnt * SOFTEP_PEDM_ENTRY_WORDS;
	pedm_fill_header(board);
	for (i = 0; i < cnt; i++)
		pedm_fill_entry(board->state,
				&pedm->words[pedm_header_words(form) + i * SOFTEP_PEDM_ENTRY_WORDS],
				i < wr_cnt ? i : i - wr_cnt, i);
}

void
softep_pedm_read(const struct softep *board, uint64_t offset, void *data, uint32_t count)
{
	memcpy(data, (const uint8_t *)board->pedm.words + offset, count);
}

/** The request as it is to be, and the answer to it. */
static void
pedm_ask(struct softep_pedm *pedm, bool asked)
{
	uint32_t *request, bit;

	request = pedm_request(pedm, &bit);
	*request &= ~bit;
	pedm->words[PEDM_WORD_CONTROL] &= ~PEDM_CONTROL_READY;
	if (asked) {
		*request |= bit;
		pedm->words[PEDM_WORD_CONTROL] |= PEDM_CONTROL_READY;
	}
}

void
softep_pedm_write(struct softep *board, uint64_t offset, const void *data, uint32_t count)
{
	struct softep_pedm *pedm = &board->pedm;
	uint32_t written[SOFTEP_PEDM_MAX_WORDS];
	const uint32_t *request;
	uint32_t bit;

	memcpy(written, pedm->words, sizeof(written));
	memcpy((uint8_t *)written + offset, data, count);
	request = pedm_request(pedm, &bit);
	pedm_ask(pedm, (written[request - pedm->words] & bit) != 0);
}

void
softep_pedm_reset(struct softep *board)
{
	pedm_ask(&board->pedm, false);
}
