/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include "link.h"

/** Of a byte on one lane, by speed: 10 bits of 8b/10b, above 5 GT/s 8 bits of 128b/130b. */
static const uint64_t lane_byte_time[] = {
	[1] = 4000 * 512,
	[2] = 2000 * 512,
	[3] = 8125 * 512 / 8,
	[4] = 8125 * 512 / 16,
	[5] = 8125 * 512 / 32,
};

static unsigned int
log2_of(unsigned int power)
{
	return (unsigned int)__builtin_ctz(power);
}

void
softep_link_derive(struct softep_link *link, const struct softep_link_conf *conf)
{
	*link = (struct softep_link){
		.byte_time = lane_byte_time[conf->speed] / conf->width,
		.latency = conf->latency_ns * SOFTEP_TIME_PER_NS,
		.mps_shift = log2_of(conf->mps),
		.mrrs_shift = log2_of(conf->mrrs),
		.cpl_shift = log2_of(conf->rcb != 0 ? conf->rcb : conf->mps),
		.store_shift = log2_of(conf->store),
	};
	/* A request is answered for itself: what it did not ask for is not in its completions. */
	if (link->cpl_shift > link->mrrs_shift)
		link->cpl_shift = link->mrrs_shift;
	if (link->store_shift > link->mps_shift)
		link->store_shift = link->mps_shift;
	/* Where it is cut, and how long an address it needs. */
	link->write_bits = UINT64_C(0xffffffff) << 32 | (conf->mps - 1);
	link->read_bits = UINT64_C(0xffffffff) << 32 | (conf->mrrs - 1);
	link->answer_time =
		softep_link_completions(0, conf->mrrs, link->cpl_shift).wire * link->byte_time;
}
