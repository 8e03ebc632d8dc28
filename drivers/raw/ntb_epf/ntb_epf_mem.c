/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/* Control accesses to memory that may be mapped or reached by message. Little endian. */

#include "ntb_epf_priv.h"

/** Everything that the host reads here is in memory of the endpoint. */
static void
count_read(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem)
{
	if (dev->side == NTB_EPF_SIDE_RC || mem == &dev->peer)
		rte_atomic_fetch_add_explicit(&dev->link_reads, 1, rte_memory_order_relaxed);
}

uint32_t
ntb_epf_mem_read32(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off)
{
	uint32_t value;

	if (off + sizeof(value) > mem->bytes)
		return UINT32_MAX;
	count_read(dev, mem);
	if (mem->va != NULL)
		return rte_le_to_cpu_32(rte_read32(mem->va + off));
	if (dev->plat_ops->mem_read(dev, mem, off, &value, sizeof(value)) != 0)
		return UINT32_MAX;
	return rte_le_to_cpu_32(value);
}

uint16_t
ntb_epf_mem_read16(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off)
{
	uint16_t value;

	if (off + sizeof(value) > mem->bytes)
		return UINT16_MAX;
	count_read(dev, mem);
	if (mem->va != NULL)
		return rte_le_to_cpu_16(rte_read16(mem->va + off));
	if (dev->plat_ops->mem_read(dev, mem, off, &value, sizeof(value)) != 0)
		return UINT16_MAX;
	return rte_le_to_cpu_16(value);
}

void
ntb_epf_mem_write32(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off,
		    uint32_t value)
{
	uint32_t le = rte_cpu_to_le_32(value);

	if (off + sizeof(le) > mem->bytes)
		return;
	if (mem->va != NULL)
		rte_write32(le, mem->va + off);
	else
		dev->plat_ops->mem_write(dev, mem, off, &le, sizeof(le));
}

void
ntb_epf_mem_write16(struct ntb_epf_dev *dev, const struct ntb_epf_mem *mem, uint64_t off,
		    uint16_t value)
{
	uint16_t le = rte_cpu_to_le_16(value);

	if (off + sizeof(le) > mem->bytes)
		return;
	if (mem->va != NULL)
		rte_write16(le, mem->va + off);
	else
		dev->plat_ops->mem_write(dev, mem, off, &le, sizeof(le));
}
