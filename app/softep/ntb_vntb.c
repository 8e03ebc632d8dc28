/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ntb_vntb.h"

/** Longest complaint. */
#define VNTB_LINE_BYTES 160

void
vntb_bind(struct vntb *vntb, uint64_t now)
{
	vntb->bound = true;
	ntb_ctrl_bind(&vntb->ctrl, vntb->conf.db_mode);
	memset(vntb->slots, 0, sizeof(vntb->slots));
	memset(vntb->mw_trans, 0, sizeof(vntb->mw_trans));
	vntb->doorbells = 0;
	ntb_windows_clear(&vntb->windows);
	ntb_work_reset(&vntb->work, now);
	vntb->cleanup_at = NTB_NEVER;
}

void
vntb_unbind(struct vntb *vntb)
{
	vntb->bound = false;
	ntb_work_reset(&vntb->work, 0);
	vntb->cleanup_at = NTB_NEVER;
}

void
vntb_init(struct vntb *vntb, const struct vntb_conf *conf, uint64_t now)
{
	memset(vntb, 0, sizeof(*vntb));
	vntb->conf = *conf;
	vntb->sw = (struct ntb_switches){
		.period = conf->db_mode == NTB_DB_POLLED ? NTB_PERIOD_POLLED_MS : NTB_PERIOD_IRQ_MS,
		.window = { .granule = 4096, .limit = 8 },
	};
	ntb_ctrl_init(&vntb->ctrl, &vntb->conf.shape, conf->ctrl);
	vntb->ctrl.more = conf->more;
	vntb_bind(vntb, now);
}

/** The host's mistake: told and counted where the kernel would crash or go astray. */
static void
vntb_bad(struct vntb *vntb, const char *what, uint64_t value, const char *expected)
{
	char line[VNTB_LINE_BYTES];

	snprintf(line, sizeof(line), "%s %" PRIu64 ": expected %s", what, value, expected);
	vntb->conf.bus->complain(vntb->conf.bus_ctx, line);
}

/* Doorbells, host to endpoint. */

uint64_t
vntb_db_valid_mask(const struct vntb *vntb)
{
	unsigned int bits = vntb->conf.shape.db_cnt;

	if (vntb->conf.version >= 7)
		bits -= NTB_EPF_DB_FIRST_SLOT;
	return (UINT64_C(1) << bits) - 1;
}

/** Slot 2 is bit 0, but for old kernels, which take it for bit 1 and event 2. */
static void
vntb_db_event(struct vntb *vntb, unsigned int slot)
{
	const bool old = vntb->conf.version < 7;

	vntb->doorbells |= UINT64_C(1) << (slot - (old ? 1 : NTB_EPF_DB_FIRST_SLOT));
	vntb->last_event = old ? slot : slot - NTB_EPF_DB_FIRST_SLOT;
	vntb->counters.doorbells++;
}

static void
vntb_scan_doorbells(struct vntb *vntb)
{
	unsigned int slot = vntb->conf.version < 7 ? 1 : NTB_EPF_DB_FIRST_SLOT;

	for (; slot < vntb->conf.shape.db_cnt; slot++) {
		if (vntb->slots[slot] == 0)
			continue;
		vntb_db_event(vntb, slot);
		vntb->slots[slot] = 0;
	}
}

/** A write to the array: RAM, looked at in the next period. */
static void
vntb_db_array(struct vntb *vntb, uint64_t offset, uint8_t *data, uint64_t count, bool write,
	      uint64_t now)
{
	const uint64_t first = NTB_EPF_DB_FIRST_SLOT * sizeof(uint32_t);
	const uint64_t end = vntb->conf.shape.db_cnt * sizeof(uint32_t);
	uint8_t *at = (uint8_t *)vntb->slots + offset;

	if (!write) {
		memcpy(data, at, count);
		return;
	}
	memcpy(at, data, count);
	if (offset < first || offset + count > end)
		vntb->counters.stray_db++;
	ntb_work_want(&vntb->work, now);
}

/** A write to the one address that is an interrupt; all else would hit something else. */
static void
vntb_db_message(struct vntb *vntb, uint64_t offset, const uint8_t *data, uint64_t count)
{
	const unsigned int slots = vntb->conf.shape.db_cnt;
	unsigned int slot = NTB_EPF_DB_FIRST_SLOT;
	uint32_t value = 0;
	uint32_t event;

	if (count == sizeof(value))
		memcpy(&value, data, sizeof(value));
	event = value - NTB_DB_MSI_DATA;
	if (count == sizeof(value) && vntb->conf.db_mode == NTB_DB_MSI &&
	    offset == NTB_DB_MSI_OFFSET && event >= slot && event < slots) {
		vntb_db_event(vntb, event);
	} else if (count == sizeof(value) && vntb->conf.db_mode == NTB_DB_EDMA &&
		   offset == NTB_DB_EDMA_OFFSET) {
		/* One line for all slots: the kernel cannot tell which one it was. */
		for (; slot < slots; slot++)
			vntb_db_event(vntb, slot);
	} else {
		vntb->counters.stray_db++;
	}
}

static void
vntb_db_access(struct vntb *vntb, uint64_t offset, uint8_t *data, uint64_t count, bool write,
	       uint64_t now)
{
	if (vntb->conf.db_mode == NTB_DB_POLLED)
		vntb_db_array(vntb, offset, data, count, write, now);
	else if (write)
		vntb_db_message(vntb, offset, data, count);
	else
		memset(data, 0, count);
}

/* The other areas of the BARs. */

static void
vntb_mw_access(struct vntb *vntb, const struct ntb_place *place, uint8_t *data, uint64_t count,
	       bool write)
{
	const uint64_t end = vntb->mw_trans[place->window];
	uint8_t *at = vntb->conf.mw[place->window] + place->offset;
	uint64_t good = 0;

	if (place->offset < end)
		good = count < end - place->offset ? count : end - place->offset;
	if (write) {
		memcpy(at, data, good);
	} else {
		memcpy(data, at, good);
		memset(data + good, 0xff, count - good);
	}
	if (good < count)
		vntb->counters.early_mw++;
}

struct vntb_host_access {
	struct vntb *vntb;
	uint64_t now;
};

static void
vntb_piece(void *ctx, const struct ntb_place *place, uint8_t *data, uint64_t count, bool write)
{
	const struct vntb_host_access *host = ctx;
	struct vntb *vntb = host->vntb;

	switch (place->area) {
	case NTB_AREA_CTRL:
		ntb_ctrl_copy(vntb->ctrl.ram + place->offset, data, count, write);
		if (write && vntb->ctrl.regs->command != 0)
			ntb_work_want(&vntb->work, host->now);
		break;
	case NTB_AREA_PEER:
		ntb_ctrl_copy(ntb_ctrl_region_b(&vntb->ctrl) + place->offset, data, count, write);
		break;
	case NTB_AREA_DB:
		vntb_db_access(vntb, place->offset, data, count, write, host->now);
		break;
	case NTB_AREA_MW:
		vntb_mw_access(vntb, place, data, count, write);
		break;
	case NTB_AREA_NONE:
		if (!write)
			memset(data, 0, count);
		break;
	}
}

void
vntb_access(struct vntb *vntb, const struct ntb_access *access, uint64_t now)
{
	struct vntb_host_access host = { .vntb = vntb, .now = now };

	if (access->write)
		vntb->counters.writes++;
	else
		vntb->counters.reads++;
	if (vntb->bound)
		ntb_shape_access(&vntb->conf.shape, access, vntb_piece, &host);
	else if (!access->write)
		memset(access->data, 0xff, access->count);
}

/* Commands. */

static bool
vntb_window_exists(struct vntb *vntb, uint32_t window)
{
	if (window < vntb->conf.shape.mw_cnt)
		return true;
	/* The kernel does not look: it would go on behind the end of an array. */
	vntb->counters.bad_commands++;
	vntb_bad(vntb, "window", window, "one below MW_COUNT");
	return false;
}

static uint16_t
vntb_configure_mw(struct vntb *vntb, uint32_t window)
{
	const struct ntb_epf_ctrl *regs = vntb->ctrl.regs;
	uint64_t target = regs->addr_lo | (uint64_t)regs->addr_hi << 32;
	uint64_t size = regs->size_lo | (uint64_t)regs->size_hi << 32;
	struct ntb_window_refusal refusal;

	if (!vntb_window_exists(vntb, window))
		return NTB_EPF_STATUS_ERROR;
	if (ntb_windows_map(&vntb->windows, &vntb->sw.window, window, target, size, &refusal))
		return NTB_EPF_STATUS_OK;
	vntb->counters.bad_commands++;
	vntb_bad(vntb, refusal.what, refusal.value, refusal.expected);
	return NTB_EPF_STATUS_ERROR;
}

static uint16_t
vntb_teardown_mw(struct vntb *vntb, uint32_t window)
{
	if (!vntb_window_exists(vntb, window))
		return NTB_EPF_STATUS_ERROR;
	ntb_windows_unmap(&vntb->windows, window);
	return NTB_EPF_STATUS_OK;
}

/** The event is handed on; what the client does about it comes later. */
static uint16_t
vntb_link_event(struct vntb *vntb, bool up, uint64_t when)
{
	ntb_ctrl_set_link(&vntb->ctrl, up);
	vntb->counters.link_events++;
	if (!up && vntb->sw.client)
		vntb->cleanup_at = when + vntb->sw.cleanup * NTB_MSEC;
	return NTB_EPF_STATUS_OK;
}

/** Not this endpoint's: no answer. */
static uint16_t
vntb_unknown(struct vntb *vntb, uint32_t command)
{
	vntb->counters.bad_commands++;
	vntb_bad(vntb, "command", command,
		 vntb->conf.shape.dma == NTB_DMA_NDMA ? "1 to 8" : "1 to 6");
	return NTB_EPF_STATUS_NONE;
}

static uint16_t
vntb_execute(struct vntb *vntb, uint32_t command, uint32_t argument)
{
	vntb->counters.commands++;
	switch (command) {
	case NTB_EPF_CMD_CONFIGURE_DOORBELL:
	case NTB_EPF_CMD_TEARDOWN_DOORBELL:
		return NTB_EPF_STATUS_OK;
	case NTB_EPF_CMD_CONFIGURE_MW:
		return vntb_configure_mw(vntb, argument);
	case NTB_EPF_CMD_TEARDOWN_MW:
		return vntb_teardown_mw(vntb, argument);
	case NTB_EPF_CMD_LINK_UP:
		return vntb_link_event(vntb, true, vntb->work.last);
	case NTB_EPF_CMD_LINK_DOWN:
		return vntb_link_event(vntb, false, vntb->work.last);
	case NTB_EPF_CMD_CONFIGURE_DMA:
	case NTB_EPF_CMD_TEARDOWN_DMA:
		/* The engine is in a BAR for good: there is nothing to map or to unmap. */
		if (vntb->conf.shape.dma == NTB_DMA_NDMA)
			return NTB_EPF_STATUS_OK;
		return vntb_unknown(vntb, command);
	default:
		return vntb_unknown(vntb, command);
	}
}

/** The client of the endpoint takes its leave: it zeroes its own scratchpads. */
static void
vntb_clean_up(struct vntb *vntb)
{
	uint8_t *cell;
	unsigned int i;

	vntb->cleanup_at = NTB_NEVER;
	vntb->counters.cleanups++;
	for (i = 0; i < vntb->conf.shape.spad_cnt; i++) {
		cell = ntb_ctrl_spad(&vntb->ctrl, NTB_SPAD_B, i);
		if (cell != NULL)
			memset(cell, 0, NTB_EPF_SPAD_BYTES);
	}
}

static void
vntb_serve(struct vntb *vntb)
{
	uint32_t command, argument;
	uint16_t status;

	if (vntb->conf.db_mode == NTB_DB_POLLED)
		vntb_scan_doorbells(vntb);
	command = ntb_work_command(vntb->ctrl.regs, &argument);
	if (command == 0)
		return;
	status = vntb_execute(vntb, command, argument);
	ntb_work_answer(&vntb->work, status, vntb->sw.status_delay * NTB_MSEC);
}

uint64_t
vntb_next(const struct vntb *vntb)
{
	uint64_t next = ntb_work_next(&vntb->work, vntb->sw.period * NTB_MSEC);

	return next < vntb->cleanup_at ? next : vntb->cleanup_at;
}

void
vntb_run(struct vntb *vntb, uint64_t now)
{
	if (ntb_work_take(&vntb->work, vntb->sw.period * NTB_MSEC, now))
		vntb_serve(vntb);
	ntb_work_finish(&vntb->work, vntb->ctrl.regs, now);
	if (vntb->cleanup_at <= now)
		vntb_clean_up(vntb);
}

void
vntb_host_gone(struct vntb *vntb, uint64_t now)
{
	if (!vntb->sw.notice || !vntb->bound)
		return;
	ntb_windows_clear(&vntb->windows);
	vntb_link_event(vntb, false, now);
}

/* The endpoint's client. */

int
vntb_spad_get(const struct vntb *vntb, enum ntb_spad_region region, unsigned int index,
	      uint32_t *value)
{
	const uint8_t *cell = ntb_ctrl_spad(&vntb->ctrl, region, index);

	if (cell == NULL)
		return -EINVAL;
	memcpy(value, cell, sizeof(*value));
	return 0;
}

int
vntb_spad_set(struct vntb *vntb, enum ntb_spad_region region, unsigned int index, uint32_t value)
{
	uint8_t *cell = ntb_ctrl_spad(&vntb->ctrl, region, index);

	if (cell == NULL)
		return -EINVAL;
	memcpy(cell, &value, sizeof(value));
	return 0;
}

void
vntb_db_clear(struct vntb *vntb, uint64_t bits)
{
	vntb->doorbells &= ~bits;
}

/** A host that never programmed MSI gets the message all the same: at address 0. */
static void
vntb_raise(struct vntb *vntb, unsigned int bit)
{
	const struct vntb_conf *conf = &vntb->conf;
	uint32_t vector = bit + NTB_EPF_DB_FIRST_SLOT;

	vntb->counters.msis++;
	if (conf->bus->raise(conf->bus_ctx, 0, vector))
		return;
	vntb->counters.zero_msis++;
	if (vntb->sw.sink)
		conf->bus->copy(conf->bus_ctx, 0, 0, &vector, sizeof(vector), true);
}

void
vntb_ring(struct vntb *vntb, uint64_t bits)
{
	uint64_t left = bits & vntb_db_valid_mask(vntb);
	unsigned int bit;

	while (left != 0) {
		bit = __builtin_ctzll(left);
		vntb_raise(vntb, bit);
		/* Old kernels ring the lowest one alone. */
		left = vntb->conf.version < 7 ? 0 : left & (left - 1);
	}
}

int
vntb_translate(struct vntb *vntb, unsigned int mw, uint64_t bytes)
{
	if (mw >= vntb->conf.shape.mw_cnt || (bytes & (bytes - 1)) != 0 ||
	    bytes > ntb_shape_mw_size(&vntb->conf.shape, mw))
		return -EINVAL;
	vntb->mw_trans[mw] = bytes;
	return 0;
}

static bool
vntb_range_ok(const struct vntb *vntb, unsigned int mw, uint64_t offset, uint64_t len)
{
	uint64_t bytes;

	if (mw >= vntb->conf.shape.mw_cnt)
		return false;
	bytes = ntb_shape_mw_size(&vntb->conf.shape, mw);
	return len <= bytes && offset <= bytes - len;
}

int
vntb_outbound(struct vntb *vntb, unsigned int mw, uint64_t offset, void *data, uint64_t len,
	      bool write)
{
	const struct vntb_conf *conf = &vntb->conf;
	uint8_t *at = data;
	uint64_t target, piece;

	if (!vntb_range_ok(vntb, mw, offset, len))
		return -EINVAL;
	for (; len > 0; len -= piece, offset += piece, at += piece) {
		piece = len;
		if (ntb_windows_translate(&vntb->windows, &vntb->sw.window, mw, offset, &target,
					  &piece)) {
			vntb->counters.out_errors += conf->bus->copy(conf->bus_ctx, 0, target, at,
								     piece, write);
			continue;
		}
		if (!write)
			memset(at, 0xff, len);
		vntb->counters.out_errors++;
		break;
	}
	return 0;
}

int
vntb_memory(struct vntb *vntb, unsigned int mw, uint64_t offset, void *data, uint64_t len,
	    bool write)
{
	if (!vntb_range_ok(vntb, mw, offset, len))
		return -EINVAL;
	ntb_ctrl_copy(vntb->conf.mw[mw] + offset, data, len, write);
	return 0;
}
