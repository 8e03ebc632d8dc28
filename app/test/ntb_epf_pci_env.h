/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#ifndef _NTB_EPF_PCI_ENV_H_
#define _NTB_EPF_PCI_ENV_H_

/**
 * @file
 * The host's side of the NTB rawdev over plain memory, without EAL: a PCI function whose
 * configuration space, BARs, interrupts and clock are the test's, and an endpoint that takes
 * commands as the test says.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_vfio.h>
#include <sys/ioctl.h>

static uint64_t fake_now; /* microseconds */
static void *fake_zmalloc(size_t bytes);
static int fake_read_config(const struct rte_pci_device *dev, void *buf, size_t len, off_t at);
static int fake_write_config(const struct rte_pci_device *dev, const void *buf, size_t len,
			     off_t at);
static int fake_ioctl(int fd, unsigned long request, void *arg);
static const struct rte_memzone *fake_reserve(const char *name, size_t len, int socket,
					      unsigned int flags, unsigned int align);
static int fake_free(const struct rte_memzone *mz);
static int fake_dma_map(int fd, uint64_t va, uint64_t iova, uint64_t len);
static int fake_dma_unmap(int fd, uint64_t va, uint64_t iova, uint64_t len);

#define rte_rdtsc() fake_now
#define rte_get_tsc_hz() UINT64_C(1000000)
#define rte_delay_us_sleep(us) fake_sleep(us)
#define rte_zmalloc(type, bytes, align) fake_zmalloc(bytes)
#define rte_free(p) free(p)
#define rte_pci_read_config fake_read_config
#define rte_pci_write_config fake_write_config
#define rte_memzone_reserve_aligned fake_reserve
#define rte_memzone_free fake_free
#define rte_vfio_container_dma_map fake_dma_map
#define rte_vfio_container_dma_unmap fake_dma_unmap
#define rte_intr_dev_fd_get(handle) ((void)(handle), 77)
#define ioctl(fd, request, arg) fake_ioctl(fd, request, arg)

static void fake_sleep(unsigned int us);

#include "ntb_epf_db.c"
#include "ntb_epf_host.c"
#include "ntb_epf_mem.c"
#include "ntb_epf_pci_link.c"
#include "ntb_epf_pci_map.c"
#include "ntb_epf_pci_msi.c"
#include "ntb_epf_pci_plat.c"
#include "ntb_epf_region.c"

#undef ioctl

#define MS 1000u
#define BAR_BYTES 0x10000

int ntb_epf_logtype;

/* One thread, no lock. */
void
ntb_epf_link_lock(struct ntb_epf_dev *dev)
{
	RTE_SET_USED(dev);
}

void
ntb_epf_link_unlock(struct ntb_epf_dev *dev)
{
	RTE_SET_USED(dev);
}

struct given_command {
	uint32_t code;
	uint32_t argument;
	uint64_t addr;
	uint64_t size;
	bool bus_master;
};

static struct {
	uint32_t bar[NTB_EPF_BARS][BAR_BYTES / 4] __rte_aligned(64);
	uint8_t config[256];
	bool config_sticks;     /* writes change nothing */
	unsigned int config_reads;
	bool no_memory;
	bool no_zone;
	struct rte_memzone zone;
	unsigned int zones;
	size_t zone_align;
	uint64_t zone_shift;    /* added to the address that the test wants */
	/* Interrupts. */
	unsigned int vectors;   /* of the function */
	unsigned int granted;   /* by the kernel */
	unsigned int enabled;
	int32_t events[32];
	uint64_t mapped;        /* bytes at IOVA 0 */
	/* Endpoint. */
	bool deaf;              /* picks no command up */
	bool mute;              /* answers none */
	uint16_t answer;
	bool tidy;              /* clears region B at LINK_DOWN */
	struct given_command given[64];
	unsigned int nb_given;
} fake;

static struct rte_pci_device function;
static struct ntb_epf_dev dev;

static inline struct ntb_epf_ctrl *
ctrl(void)
{
	return (struct ntb_epf_ctrl *)fake.bar[0];
}

static int
fake_read_config(const struct rte_pci_device *pci, void *buf, size_t len, off_t at)
{
	assert_ptr_equal(pci, &function);
	fake.config_reads++;
	memcpy(buf, fake.config + at, len);
	return (int)len;
}

static int
fake_write_config(const struct rte_pci_device *pci, const void *buf, size_t len, off_t at)
{
	assert_ptr_equal(pci, &function);
	if (!fake.config_sticks)
		memcpy(fake.config + at, buf, len);
	return (int)len;
}

static inline bool
is_master(void)
{
	return (fake.config[4] & 4) != 0;
}

static void *
fake_zmalloc(size_t bytes)
{
	return fake.no_memory ? NULL : calloc(1, bytes);
}

static const struct rte_memzone *
fake_reserve(const char *name, size_t len, int socket, unsigned int flags, unsigned int align)
{
	RTE_SET_USED(socket);
	if (fake.no_zone)
		return NULL;
	assert_true(strncmp(name, "ntb_epf_function", 16) == 0);
	assert_int_equal(flags, RTE_MEMZONE_IOVA_CONTIG);
	fake.zone.addr = aligned_alloc(4096, len);
	fake.zone.len = len;
	fake.zone.iova = UINT64_C(0x7000000000) + fake.zone_shift;
	fake.zone_align = align;
	fake.zones++;
	return &fake.zone;
}

static int
fake_free(const struct rte_memzone *mz)
{
	if (mz == NULL)
		return -EINVAL;
	assert_ptr_equal(mz, &fake.zone);
	free(fake.zone.addr);
	fake.zones--;
	return 0;
}

static int
fake_dma_map(int fd, uint64_t va, uint64_t iova, uint64_t len)
{
	RTE_SET_USED(fd);
	assert_int_not_equal(va, 0);
	assert_int_equal(iova, 0);
	fake.mapped += len;
	return 0;
}

static int
fake_dma_unmap(int fd, uint64_t va, uint64_t iova, uint64_t len)
{
	RTE_SET_USED(fd);
	assert_int_not_equal(va, 0);
	assert_int_equal(iova, 0);
	fake.mapped -= len;
	return 0;
}

static int
fake_ioctl(int fd, unsigned long request, void *arg)
{
	const struct vfio_irq_set *set = arg;
	struct vfio_irq_info *info = arg;

	assert_int_equal(fd, 77);
	if (request == VFIO_DEVICE_GET_IRQ_INFO) {
		assert_int_equal(info->index, VFIO_PCI_MSI_IRQ_INDEX);
		info->flags = VFIO_IRQ_INFO_EVENTFD;
		info->count = fake.vectors;
		return 0;
	}
	assert_int_equal(request, VFIO_DEVICE_SET_IRQS);
	assert_int_equal(set->index, VFIO_PCI_MSI_IRQ_INDEX);
	assert_int_equal(set->start, 0);
	assert_int_equal(set->argsz, sizeof(*set) + 4 * set->count);
	if (set->count > fake.granted)
		return (int)fake.granted;
	memcpy(fake.events, set->data, 4 * set->count);
	fake.enabled = set->count;
	return 0;
}

/** One look of the endpoint at its control region. */
static void
endpoint(void)
{
	struct ntb_epf_ctrl *c = ctrl();
	uint32_t code = c->command;

	if (code == 0 || fake.deaf)
		return;
	assert_true(fake.nb_given < RTE_DIM(fake.given));
	fake.given[fake.nb_given++] = (struct given_command){
		.code = code,
		.argument = c->argument,
		.addr = c->addr_lo | (uint64_t)c->addr_hi << 32,
		.size = c->size_lo | (uint64_t)c->size_hi << 32,
		.bus_master = is_master(),
	};
	c->command = 0;
	c->argument = 0;
	if (code == NTB_EPF_CMD_LINK_DOWN && fake.tidy)
		memset((uint8_t *)c + c->spad_offset + 4 * c->spad_count, 0, 4 * c->spad_count);
	if (code == NTB_EPF_CMD_LINK_DOWN || code == NTB_EPF_CMD_LINK_UP)
		c->link_status = code == NTB_EPF_CMD_LINK_UP;
	if (!fake.mute)
		c->cmd_status = fake.answer;
}

static void
fake_sleep(unsigned int us)
{
	fake_now += us;
	endpoint();
}

/** Polls of the host once in a millisecond, and of the endpoint. */
static inline void
run_ms(unsigned int ms)
{
	while (ms-- > 0) {
		ntb_epf_host_poll(&dev);
		fake_sleep(MS);
	}
}

/** A control region as an endpoint fills it. */
static inline void
fill_region(void)
{
	struct ntb_epf_ctrl *c = ctrl();
	unsigned int n;

	memset(fake.bar, 0, sizeof(fake.bar));
	c->mw_count = 1;
	c->spad_offset = sizeof(*c);
	c->spad_count = 16;
	c->db_entry_size = 4;
	for (n = 0; n < 8; n++)
		c->db_data[n] = n + 1;
}

static inline int
open_as(const char *map, enum ntb_epf_pci_msi msi)
{
	struct ntb_epf_pci_conf conf = { .msi = msi };

	assert_int_equal(ntb_epf_pci_map_parse(map, &conf.map), 0);
	return ntb_epf_pci_open(&dev, &function, &conf);
}

static inline int
env_setup(void **state)
{
	unsigned int i;

	RTE_SET_USED(state);
	memset(&fake, 0, sizeof(fake));
	memset(&dev, 0, sizeof(dev));
	fake.answer = NTB_EPF_STATUS_OK;
	fake.tidy = true;
	fake.config[4] = 6; /* as VFIO leaves it: decodes memory, is bus master */
	fake.vectors = fake.granted = 16;
	fake_now = 5000 * MS;
	for (i = 0; i < NTB_EPF_BARS; i++)
		function.mem_resource[i] = (struct rte_mem_resource){
			.addr = fake.bar[i], .len = BAR_BYTES,
		};
	snprintf(dev.name, sizeof(dev.name), "function");
	dev.side = NTB_EPF_SIDE_RC;
	dev.nb_queues = 1;
	dev.queue_size = 64;
	dev.state = NTB_EPF_WAIT;
	fill_region();
	return 0;
}

static inline int
env_teardown(void **state)
{
	RTE_SET_USED(state);
	if (dev.plat != NULL)
		dev.plat_ops->close(&dev);
	return fake.zones == 0 && fake.enabled == 0 && fake.mapped == 0 ? 0 : -1;
}

#endif /* _NTB_EPF_PCI_ENV_H_ */
