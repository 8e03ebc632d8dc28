/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ntb_bridge.h"

/** Longest complaint. */
#define BRIDGE_LINE_BYTES 160
/** Vector of the link event. */
#define BRIDGE_LINK_VECTOR 0

void
bridge_bind(struct bridge *bridge, uint64_t now)
{
	struct bridge_side *side;
	unsigned int host;

	bridge->bound = true;
	for (host = 0; host < BRIDGE_SIDES; host++) {
		side = &bridge->side[host];
		ntb_ctrl_bind(&side->ctrl, NTB_DB_PEER);
		ntb_windows_clear(&side->windows);
		ntb_work_reset(&side->work, now);
		side->link_up = false;
	}
}

void
bridge_unbind(struct bridge *bridge)
{
	unsigned int host;

	bridge->bound = false;
	for (host = 0; host < BRIDGE_SIDES; host++)
		ntb_work_reset(&bridge->side[host].work, 0);
}

void
bridge_init(struct bridge *bridge, const struct bridge_conf *conf, uint64_t now)
{
	unsigned int host;

	memset(bridge, 0, sizeof(*bridge));
	bridge->conf = *conf;
	bridge->sw = (struct ntb_switches){
		.period = NTB_PERIOD_POLLED_MS,
		.notice = true,
		.window = { .granule = 4096, .limit = 8 },
	};
	for (host = 0; host < BRIDGE_SIDES; host++)
		ntb_ctrl_init(&bridge->side[host].ctrl, &bridge->conf.shape, conf->ctrl[host]);
	bridge_bind(bridge, now);
}

static void
bridge_bad(struct bridge *bridge, unsigned int host, const char *what, uint64_t value,
	   const char *expected)
{
	char line[BRIDGE_LINE_BYTES];

	bridge->side[host].counters.bad_commands++;
	snprintf(line, sizeof(line), "host %u: %s %" PRIu64 ": expected %s", host + 1, what, value,
		 expected);
	bridge->conf.bus->complain(bridge->conf.bus_ctx, line);
}

/* Accesses of a host. */

struct bridge_host_access {
	struct bridge *bridge;
	unsigned int host;
	uint64_t now;
};

/** The slot whose doorbell is a write of @p value at @p offset; slots beyond: there is none. */
static unsigned int
bridge_slot(const struct bridge_side *side, uint64_t offset, uint32_t value)
{
	const struct ntb_epf_ctrl *regs = side->ctrl.regs;
	unsigned int slot;

	for (slot = 0; slot < NTB_EPF_MAX_DB; slot++) {
		if ((regs->db_data[slot] != 0 || regs->db_offset[slot] != 0) &&
		    slot * sizeof(uint32_t) + regs->db_offset[slot] == offset &&
		    regs->db_data[slot] == value)
			break;
	}
	return slot;
}

/** A doorbell is the interrupt of the other host: nothing is kept, and nothing can be read. */
static void
bridge_db_access(const struct bridge_host_access *access, uint64_t offset, uint8_t *data,
		 uint64_t count, bool write)
{
	struct bridge *bridge = access->bridge;
	struct bridge_side *side = &bridge->side[access->host];
	unsigned int slot = NTB_EPF_MAX_DB;
	uint32_t value;

	if (!write) {
		memset(data, 0, count);
		return;
	}
	if (count == sizeof(value)) {
		memcpy(&value, data, sizeof(value));
		slot = bridge_slot(side, offset, value);
	}
	if (slot == NTB_EPF_MAX_DB) {
		side->counters.stray_db++;
		return;
	}
	side->counters.doorbells++;
	bridge->conf.bus->raise(bridge->conf.bus_ctx, !access->host, slot);
}

static void
bridge_mw_access(const struct bridge_host_access *access, const struct ntb_place *place,
		 uint8_t *data, uint64_t count, bool write)
{
	struct bridge *bridge = access->bridge;
	struct bridge_counters *counters = &bridge->side[access->host].counters;
	const struct ntb_windows *windows = &bridge->side[!access->host].windows;
	uint64_t done, target, len;

	for (done = 0; done < count; done += len) {
		len = count - done;
		if (!ntb_windows_translate(windows, &bridge->sw.window, place->window,
					   place->offset + done, &target, &len)) {
			if (!write)
				memset(data + done, 0xff, len);
			counters->early_mw++;
			return;
		}
		counters->mw_errors += bridge->conf.bus->copy(bridge->conf.bus_ctx, !access->host,
							      target, data + done, len, write);
	}
}

static void
bridge_piece(void *ctx, const struct ntb_place *place, uint8_t *data, uint64_t count, bool write)
{
	const struct bridge_host_access *access = ctx;
	struct bridge_side *side = &access->bridge->side[access->host];
	const struct bridge_side *peer = &access->bridge->side[!access->host];

	switch (place->area) {
	case NTB_AREA_CTRL:
		ntb_ctrl_copy(side->ctrl.ram + place->offset, data, count, write);
		if (write && side->ctrl.regs->command != 0)
			ntb_work_want(&side->work, access->now);
		break;
	case NTB_AREA_PEER:
		ntb_ctrl_copy(ntb_ctrl_region_a(&peer->ctrl) + place->offset, data, count, write);
		break;
	case NTB_AREA_DB:
		bridge_db_access(access, place->offset, data, count, write);
		break;
	case NTB_AREA_MW:
		bridge_mw_access(access, place, data, count, write);
		break;
	case NTB_AREA_NONE:
		if (!write)
			memset(data, 0, count);
		break;
	}
}

void
bridge_access(struct bridge *bridge, unsigned int host, const struct ntb_access *access,
	      uint64_t now)
{
	struct bridge_host_access ctx = { .bridge = bridge, .host = host, .now = now };

	if (access->write)
		bridge->side[host].counters.writes++;
	else
		bridge->side[host].counters.reads++;
	if (bridge->bound)
		ntb_shape_access(&bridge->conf.shape, access, bridge_piece, &ctx);
	else if (!access->write)
		memset(access->data, 0xff, access->count);
}

/* Commands. */

/** What the other host writes to ring this one: the number of the vector, so that 0 is none. */
static void
bridge_set_doorbells(struct bridge *bridge, unsigned int host, uint32_t cnt)
{
	struct ntb_epf_ctrl *peer = bridge->side[!host].ctrl.regs;
	uint32_t slot;

	memset(peer->db_data, 0, sizeof(peer->db_data));
	memset(peer->db_offset, 0, sizeof(peer->db_offset));
	for (slot = 0; slot < cnt; slot++)
		peer->db_data[slot] = slot + 1;
}

static uint16_t
bridge_configure_doorbell(struct bridge *bridge, unsigned int host, uint32_t argument)
{
	const uint32_t cnt = argument & NTB_EPF_DB_VECTORS;

	if (cnt > NTB_EPF_MAX_DB) {
		bridge_bad(bridge, host, "vectors", cnt, "32 at the most");
		return NTB_EPF_STATUS_ERROR;
	}
	bridge_set_doorbells(bridge, host, cnt);
	return NTB_EPF_STATUS_OK;
}

static bool
bridge_window_exists(struct bridge *bridge, unsigned int host, uint32_t window)
{
	if (window < bridge->conf.shape.mw_cnt)
		return true;
	/* The kernel does not look: it would go on behind the end of an array. */
	bridge_bad(bridge, host, "window", window, "one below MW_COUNT");
	return false;
}

static uint16_t
bridge_configure_mw(struct bridge *bridge, unsigned int host, uint32_t window)
{
	struct bridge_side *side = &bridge->side[host];
	const struct ntb_epf_ctrl *regs = side->ctrl.regs;
	uint64_t target = regs->addr_lo | (uint64_t)regs->addr_hi << 32;
	uint64_t size = regs->size_lo | (uint64_t)regs->size_hi << 32;
	struct ntb_window_refusal refusal;

	if (!bridge_window_exists(bridge, host, window))
		return NTB_EPF_STATUS_ERROR;
	if (size > ntb_shape_mw_size(&bridge->conf.shape, window)) {
		bridge_bad(bridge, host, "size", size, "no more than the window has");
		return NTB_EPF_STATUS_ERROR;
	}
	if (ntb_windows_map(&side->windows, &bridge->sw.window, window, target, size, &refusal))
		return NTB_EPF_STATUS_OK;
	bridge_bad(bridge, host, refusal.what, refusal.value, refusal.expected);
	return NTB_EPF_STATUS_ERROR;
}

static uint16_t
bridge_teardown_mw(struct bridge *bridge, unsigned int host, uint32_t window)
{
	if (!bridge_window_exists(bridge, host, window))
		return NTB_EPF_STATUS_ERROR;
	ntb_windows_unmap(&bridge->side[host].windows, window);
	return NTB_EPF_STATUS_OK;
}

/** Both hosts hear of it, whoever caused it. */
static void
bridge_link_event(struct bridge *bridge, bool up)
{
	unsigned int host;

	for (host = 0; host < BRIDGE_SIDES; host++) {
		ntb_ctrl_set_link(&bridge->side[host].ctrl, up);
		bridge->side[host].counters.link_events++;
		bridge->conf.bus->raise(bridge->conf.bus_ctx, host, BRIDGE_LINK_VECTOR);
	}
}

static uint16_t
bridge_set_link(struct bridge *bridge, unsigned int host, bool up)
{
	bridge->side[host].link_up = up;
	if (!up || bridge->side[!host].link_up)
		bridge_link_event(bridge, up);
	return NTB_EPF_STATUS_OK;
}

static uint16_t
bridge_execute(struct bridge *bridge, unsigned int host, uint32_t command, uint32_t argument)
{
	bridge->side[host].counters.commands++;
	switch (command) {
	case NTB_EPF_CMD_CONFIGURE_DOORBELL:
		return bridge_configure_doorbell(bridge, host, argument);
	case NTB_EPF_CMD_TEARDOWN_DOORBELL:
		bridge_set_doorbells(bridge, host, 0);
		return NTB_EPF_STATUS_OK;
	case NTB_EPF_CMD_CONFIGURE_MW:
		return bridge_configure_mw(bridge, host, argument);
	case NTB_EPF_CMD_TEARDOWN_MW:
		return bridge_teardown_mw(bridge, host, argument);
	case NTB_EPF_CMD_LINK_UP:
		return bridge_set_link(bridge, host, true);
	case NTB_EPF_CMD_LINK_DOWN:
		return bridge_set_link(bridge, host, false);
	default:
		bridge_bad(bridge, host, "command", command, "1 to 6");
		return NTB_EPF_STATUS_NONE;
	}
}

static void
bridge_serve(struct bridge *bridge, unsigned int host)
{
	struct bridge_side *side = &bridge->side[host];
	uint32_t command, argument;
	uint16_t status;

	command = ntb_work_command(side->ctrl.regs, &argument);
	if (command == 0)
		return;
	status = bridge_execute(bridge, host, command, argument);
	ntb_work_answer(&side->work, status, bridge->sw.status_delay * NTB_MSEC);
}

uint64_t
bridge_next(const struct bridge *bridge)
{
	uint64_t next = NTB_NEVER;
	unsigned int host;
	uint64_t due;

	for (host = 0; host < BRIDGE_SIDES; host++) {
		due = ntb_work_next(&bridge->side[host].work, bridge->sw.period * NTB_MSEC);
		if (due < next)
			next = due;
	}
	return next;
}

void
bridge_run(struct bridge *bridge, uint64_t now)
{
	struct bridge_side *side;
	unsigned int host;

	for (host = 0; host < BRIDGE_SIDES; host++) {
		side = &bridge->side[host];
		if (ntb_work_take(&side->work, bridge->sw.period * NTB_MSEC, now))
			bridge_serve(bridge, host);
		ntb_work_finish(&side->work, side->ctrl.regs, now);
	}
}

void
bridge_host_gone(struct bridge *bridge, unsigned int host)
{
	struct bridge_side *side = &bridge->side[host];

	if (!bridge->sw.notice || !bridge->bound)
		return;
	ntb_windows_clear(&side->windows);
	bridge_set_doorbells(bridge, host, 0);
	/* A host that never was up is no news. */
	if (side->link_up)
		bridge_set_link(bridge, host, false);
}
