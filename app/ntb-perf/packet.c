/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#include "packet.h"

#define ETHER_TYPE 0x88b5
#define MAGIC 0x6e74
/* Odd constants with many bits: 2^64 divided by the golden ratio, and by pi. */
#define MIX_SEQ UINT64_C(0x9e3779b97f4a7c15)
#define MIX_PLACE UINT64_C(0x517cc1b727220a95)

struct head {
	struct rte_ether_hdr eth;
	rte_le16_t magic;
	rte_le32_t check;
	rte_le16_t stream;
	rte_le16_t length;
	rte_le64_t seq;
	rte_le64_t time;
};
_Static_assert(sizeof(struct head) == PACKET_HEAD, "the payload begins at 40");

/** Locally administered; the last byte tells the ends of a link apart. */
static const struct rte_ether_hdr ether = {
	.dst_addr = { { 0x02, 0x6e, 0x74, 0x62, 0x00, 0x02 } },
	.src_addr = { { 0x02, 0x6e, 0x74, 0x62, 0x00, 0x01 } },
	.ether_type = RTE_BE16(ETHER_TYPE),
};

static uint32_t
check_of(const struct packet *p)
{
	uint64_t mix = (p->seq + 1) * MIX_SEQ;

	mix = (mix ^ mix >> 29 ^ p->time) * MIX_PLACE;
	mix = (mix ^ mix >> 32 ^ ((uint64_t)p->stream << 16 | p->length)) * MIX_SEQ;
	return (uint32_t)(mix >> 32);
}

static rte_le64_t
pattern(uint64_t seq, size_t place)
{
	return rte_cpu_to_le_64((seq + 1) * MIX_SEQ ^ (place + 1) * MIX_PLACE);
}

static void
fill(uint8_t *data, size_t length, uint64_t seq)
{
	rte_le64_t word;
	size_t at, n;

	for (at = PACKET_HEAD; at < length; at += n) {
		n = length - at < sizeof(word) ? length - at : sizeof(word);
		word = pattern(seq, at);
		memcpy(data + at, &word, n);
	}
}

static bool
is_filled(const uint8_t *data, size_t length, uint64_t seq)
{
	rte_le64_t word;
	size_t at, n;

	for (at = PACKET_HEAD; at < length; at += n) {
		n = length - at < sizeof(word) ? length - at : sizeof(word);
		word = pattern(seq, at);
		if (memcmp(data + at, &word, n) != 0)
			return false;
	}
	return true;
}

void
packet_write(void *data, const struct packet *packet, bool full)
{
	const struct head head = {
		.eth = ether,
		.magic = rte_cpu_to_le_16(MAGIC),
		.check = rte_cpu_to_le_32(check_of(packet)),
		.stream = rte_cpu_to_le_16(packet->stream),
		.length = rte_cpu_to_le_16(packet->length),
		.seq = rte_cpu_to_le_64(packet->seq),
		.time = rte_cpu_to_le_64(packet->time),
	};

	memcpy(data, &head, sizeof(head));
	if (full)
		fill(data, packet->length, packet->seq);
}

enum packet_state
packet_read(const void *data, size_t length, bool full, struct packet *packet)
{
	struct head head;

	if (length < sizeof(head))
		return PACKET_FOREIGN;
	memcpy(&head, data, sizeof(head));
	if (head.eth.ether_type != ether.ether_type || head.magic != rte_cpu_to_le_16(MAGIC))
		return PACKET_FOREIGN;
	*packet = (struct packet){
		.stream = rte_le_to_cpu_16(head.stream),
		.length = rte_le_to_cpu_16(head.length),
		.seq = rte_le_to_cpu_64(head.seq),
		.time = rte_le_to_cpu_64(head.time),
	};
	if (rte_le_to_cpu_32(head.check) != check_of(packet) || packet->length != length)
		return PACKET_CORRUPT;
	return !full || is_filled(data, length, packet->seq) ? PACKET_GOOD : PACKET_CORRUPT;
}

void
packet_turn(void *data)
{
	struct rte_ether_hdr *eth = data;
	struct rte_ether_addr sender = eth->src_addr;

	eth->src_addr = eth->dst_addr;
	eth->dst_addr = sender;
}
