/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include "ntb_ctrl.h"

void
ntb_ctrl_init(struct ntb_ctrl *ctrl, const struct ntb_shape *shape, uint8_t *ram)
{
	ctrl->shape = shape;
	ctrl->more = (struct ntb_ctrl_words){ .cnt = 0 };
	ctrl->ram = ram;
	/* Little endian on the wire, and so are the machines that this runs on. */
	ctrl->regs = (struct ntb_epf_ctrl *)(void *)ram;
}

static void
ctrl_bind_doorbells(struct ntb_epf_ctrl *regs, unsigned int cnt, enum ntb_db_mode mode)
{
	const bool array = mode == NTB_DB_POLLED || mode == NTB_DB_PEER;
	unsigned int slot;

	regs->db_entry_size = array ? sizeof(uint32_t) : 0;
	for (slot = 0; slot < cnt; slot++) {
		switch (mode) {
		case NTB_DB_POLLED:
			regs->db_data[slot] = slot + 1;
			break;
		case NTB_DB_MSI:
			regs->db_data[slot] = NTB_DB_MSI_DATA + slot;
			regs->db_offset[slot] = NTB_DB_MSI_OFFSET;
			break;
		case NTB_DB_EDMA:
			regs->db_offset[slot] = NTB_DB_EDMA_OFFSET;
			break;
		case NTB_DB_PEER:
			break;
		}
	}
}

static void
ctrl_bind_v1(struct ntb_epf_ctrl_v1 *v1, const struct ntb_shape *shape)
{
	unsigned int mw;

	v1->base.topology = NTB_EPF_LAYOUT_V1;
	for (mw = 0; mw < shape->mw_cnt; mw++) {
		v1->mw_offset[mw] = ntb_shape_mw_offset(shape, mw);
		v1->mw_size[mw] = ntb_shape_mw_size(shape, mw);
	}
}

void
ntb_ctrl_bind(struct ntb_ctrl *ctrl, enum ntb_db_mode mode)
{
	const struct ntb_shape *shape = ctrl->shape;
	struct ntb_epf_ctrl *regs = ctrl->regs;

	memset(ctrl->ram, 0, ntb_shape_ctrl_bytes(shape));
	regs->mw_count = shape->mw_cnt;
	regs->mw1_offset = ntb_shape_mw_offset(shape, 0);
	regs->spad_offset = shape->spad_offset;
	regs->spad_count = shape->spad_cnt;
	ctrl_bind_doorbells(regs, shape->db_cnt, mode);
	if (shape->layout == NTB_EPF_LAYOUT_V1)
		ctrl_bind_v1((struct ntb_epf_ctrl_v1 *)(void *)ctrl->ram, shape);
	if (ctrl->more.cnt > 0)
		memcpy(ctrl->ram + ctrl->more.offset, ctrl->more.words,
		       ctrl->more.cnt * sizeof(ctrl->more.words[0]));
}

void
ntb_ctrl_set_link(struct ntb_ctrl *ctrl, bool up)
{
	if (up)
		ctrl->regs->link_status |= NTB_EPF_LINK_UP;
	else
		ctrl->regs->link_status &= (uint16_t)~NTB_EPF_LINK_UP;
}

uint8_t *
ntb_ctrl_spad(const struct ntb_ctrl *ctrl, enum ntb_spad_region region, unsigned int index)
{
	const struct ntb_epf_ctrl *regs = ctrl->regs;
	const uint64_t bytes = ntb_shape_ctrl_bytes(ctrl->shape);
	uint64_t cell = index;

	if (index >= regs->spad_count)
		return NULL;
	if (region == NTB_SPAD_B)
		cell += regs->spad_count;
	cell = regs->spad_offset + cell * NTB_EPF_SPAD_BYTES;
	return cell <= bytes - NTB_EPF_SPAD_BYTES ? ctrl->ram + cell : NULL;
}

uint8_t *
ntb_ctrl_region_a(const struct ntb_ctrl *ctrl)
{
	return ctrl->ram + ctrl->shape->spad_offset;
}

uint8_t *
ntb_ctrl_region_b(const struct ntb_ctrl *ctrl)
{
	return ntb_ctrl_region_a(ctrl) + ctrl->shape->spad_cnt * NTB_EPF_SPAD_BYTES;
}

void
ntb_ctrl_copy(uint8_t *ram, uint8_t *data, uint64_t count, bool write)
{
	if (write)
		memcpy(ram, data, count);
	else
		memcpy(data, ram, count);
}
