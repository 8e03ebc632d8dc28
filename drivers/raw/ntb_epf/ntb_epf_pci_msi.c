/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * MSIs that nobody waits for.
 *
 * An endpoint rings the host by a memory write to the address of the function's MSI capability.
 * DesignWare endpoints look neither at the enable bit nor at the number of vectors: with MSI off
 * the write goes to address 0. A host that polls wants no interrupt, but it has to see to it that
 * these writes do no harm. So either the kernel takes them, all vectors that the function may
 * raise, or there is a page of ours at address 0, or it is left to the IOMMU, which refuses them.
 */

#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_interrupts.h>
#include <rte_vfio.h>

#include "ntb_epf_pci.h"

/** MSI has no more. */
#define NTB_EPF_MAX_VECTORS 32

/** Where an endpoint without an MSI address writes. */
#define NTB_EPF_SINK_IOVA 0
#define NTB_EPF_SINK_BYTES 4096

/** The request with the descriptors that follow it. */
union msi_request {
	struct vfio_irq_set set;
	uint8_t bytes[sizeof(struct vfio_irq_set) + NTB_EPF_MAX_VECTORS * sizeof(int32_t)];
};

/** All vectors to one event; none: switches MSI off. */
static int
set_vectors(struct rte_pci_device *pci, unsigned int n, int event)
{
	union msi_request request = {
		.set = {
			.argsz = sizeof(request.set) + n * sizeof(int32_t),
			.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
				 (n != 0 ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE),
			.index = VFIO_PCI_MSI_IRQ_INDEX,
			.count = n,
		},
	};
	int32_t word = event;
	unsigned int i;

	for (i = 0; i < n; i++)
		memcpy(request.set.data + i * sizeof(word), &word, sizeof(word));
	/* A positive number: there are only so many. */
	return ioctl(rte_intr_dev_fd_get(pci->intr_handle), VFIO_DEVICE_SET_IRQS, &request);
}

/** Vectors that the function's capability has; 0: it can raise none. */
static unsigned int
vectors_offered(struct rte_pci_device *pci)
{
	struct vfio_irq_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_MSI_IRQ_INDEX,
	};

	if (ioctl(rte_intr_dev_fd_get(pci->intr_handle), VFIO_DEVICE_GET_IRQ_INFO, &info) != 0 ||
	    (info.flags & VFIO_IRQ_INFO_EVENTFD) == 0)
		return 0;
	return RTE_MIN(info.count, (uint32_t)NTB_EPF_MAX_VECTORS);
}

static bool
open_vectors(struct ntb_epf_dev *dev, struct rte_pci_device *pci,
	     struct ntb_epf_pci_msi_state *state)
{
	unsigned int n = vectors_offered(pci);
	int ret;

	if (n == 0)
		return false;
	/* Saturates and blocks nobody: it is never read. */
	state->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = state->event < 0 ? -1 : set_vectors(pci, n, state->event);
	if (ret == 0) {
		state->vectors = n;
		state->mode = NTB_EPF_MSI_VECTORS;
		NTB_EPF_LOG(INFO, dev, "MSI: on, %u vectors, nobody waits for them", n);
		return true;
	}
	NTB_EPF_LOG(WARNING, dev, "MSI: %d of %u vectors: expected all of them, or the endpoint "
		    "may raise one of somebody else", RTE_MAX(ret, 0), n);
	if (state->event >= 0)
		close(state->event);
	state->event = -1;
	return false;
}

static int
open_sink(struct ntb_epf_dev *dev, struct ntb_epf_pci_msi_state *state)
{
	void *va = mmap(NULL, NTB_EPF_SINK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (va == MAP_FAILED)
		return -ENOMEM;
	if (rte_vfio_container_dma_map(RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)va,
				       NTB_EPF_SINK_IOVA, NTB_EPF_SINK_BYTES) != 0) {
		NTB_EPF_LOG(ERR, dev, "msi=sink: no page can be mapped at IOVA 0: expected an "
			    "IOMMU that leaves it free");
		munmap(va, NTB_EPF_SINK_BYTES);
		return -ENOTSUP;
	}
	state->sink = va;
	state->mode = NTB_EPF_MSI_SINK;
	NTB_EPF_LOG(INFO, dev, "MSI: off, a page at IOVA 0 takes what the endpoint writes");
	return 0;
}

int
ntb_epf_pci_msi_open(struct ntb_epf_dev *dev, struct rte_pci_device *pci,
		     enum ntb_epf_pci_msi wish, struct ntb_epf_pci_msi_state *state)
{
	*state = (struct ntb_epf_pci_msi_state){ .mode = NTB_EPF_MSI_NONE, .event = -1 };
	if (wish == NTB_EPF_MSI_SINK)
		return open_sink(dev, state);
	if (wish == NTB_EPF_MSI_VECTORS && open_vectors(dev, pci, state))
		return 0;
	NTB_EPF_LOG(INFO, dev, "MSI: off; an endpoint that raises one writes to IOVA 0, which the "
		    "IOMMU refuses");
	return 0;
}

void
ntb_epf_pci_msi_close(struct rte_pci_device *pci, struct ntb_epf_pci_msi_state *state)
{
	if (state->vectors != 0)
		set_vectors(pci, 0, -1);
	if (state->event >= 0)
		close(state->event);
	if (state->sink != NULL) {
		rte_vfio_container_dma_unmap(RTE_VFIO_DEFAULT_CONTAINER_FD, (uintptr_t)state->sink,
					     NTB_EPF_SINK_IOVA, NTB_EPF_SINK_BYTES);
		munmap(state->sink, NTB_EPF_SINK_BYTES);
	}
	*state = (struct ntb_epf_pci_msi_state){ .mode = NTB_EPF_MSI_NONE, .event = -1 };
}
