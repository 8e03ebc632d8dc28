/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <stdbool.h>

#include "board.h"
#include "vector.h"

/** Interrupt writes of a channel. */
struct vector_message {
	uint64_t done;
	uint64_t abort;
	uint64_t watermark; /* native HDMA */
	uint32_t data;
};

static uint64_t
vector_address(const struct softep *board, uint32_t offset)
{
	return edma_model_read(board->model, offset) |
	       (uint64_t)edma_model_read(board->model, offset + 4) << 32;
}

static struct vector_message
vector_native(const struct softep *board, enum edma_dir dir, unsigned int ch)
{
	uint32_t base = ch * DW_HDMA_STRIDE + (dir == EDMA_DIR_RD ? DW_HDMA_RD_OFFSET : 0);

	return (struct vector_message){
		.done = vector_address(board, base + DW_HDMA_MSI_STOP_LO),
		.abort = vector_address(board, base + DW_HDMA_MSI_ABORT_LO),
		.watermark = vector_address(board, base + DW_HDMA_MSI_WATERMARK_LO),
		.data = edma_model_read(board->model, base + DW_HDMA_MSI_MSGDATA),
	};
}

/** Channels of a direction share the addresses, and two of them a word of data. */
static struct vector_message
vector_edma(const struct softep *board, enum edma_dir dir, unsigned int ch)
{
	bool wr = dir == EDMA_DIR_WR;
	uint32_t pair = edma_model_read(board->model,
					(wr ? DW_EDMA_WR_IMWR_DATA : DW_EDMA_RD_IMWR_DATA) +
					ch / 2 * 4);

	return (struct vector_message){
		.done = vector_address(board, wr ? DW_EDMA_WR_DONE_IMWR_LO :
						   DW_EDMA_RD_DONE_IMWR_LO),
		.abort = vector_address(board, wr ? DW_EDMA_WR_ABORT_IMWR_LO :
						    DW_EDMA_RD_ABORT_IMWR_LO),
		.data = ch % 2 == 0 ? pair & UINT16_MAX : pair >> 16,
	};
}

/** The message of channel @p i, write channels first. */
static struct vector_message
vector_message(const struct softep *board, unsigned int i)
{
	const unsigned int wr_cnt = board->opt->wr_cnt;
	enum edma_dir dir = i < wr_cnt ? EDMA_DIR_WR : EDMA_DIR_RD;
	unsigned int ch = i < wr_cnt ? i : i - wr_cnt;

	if (board->opt->map == DW_EDMA_MAP_HDMA_NATIVE)
		return vector_native(board, dir, ch);
	return vector_edma(board, dir, ch);
}

/** True if a channel before @p i has the same message, which has been counted with that one. */
static bool
vector_is_known(const struct vector_message *messages, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < i; k++) {
		if (messages[k].done == messages[i].done && messages[k].data == messages[i].data)
			return true;
	}
	return false;
}

int
softep_vector_find(const struct softep *board, uint64_t addr, uint32_t data)
{
	struct vector_message messages[2 * DW_HDMA_MAX_CH];
	const unsigned int cnt = board->opt->wr_cnt + board->opt->rd_cnt;
	const struct vector_message *m;
	unsigned int i;
	int vector = 0;

	for (i = 0; i < cnt; i++) {
		messages[i] = vector_message(board, i);
		m = &messages[i];
		/* Nobody has programmed this one. */
		if (m->done == 0 || vector_is_known(messages, i))
			continue;
		if (data == m->data && (addr == m->done || addr == m->abort ||
					addr == m->watermark))
			return vector;
		vector++;
	}
	return -1;
}
