/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Stores to registers. Their pages are mapped read-only; the processor's trap flag lets through the
 * one instruction that faulted. The lock is held from the fault to the trap, so that the engine
 * changes no register in between.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "vfio_shim.h"

#define MAX_TRAPS 8
#define EFLAGS_TRAP 0x100
#define REGS_PAGES_BYTES(page) ((DW_EDMA_REGS_BYTES + (page) - 1) / (page) * (page))

/** Pages with registers, as the driver has them. */
static struct {
	struct shim_dev *dev;
	uint8_t *va;
	size_t bytes;
	uint64_t bar_offset; /**< of @c va */
} traps[MAX_TRAPS];
static unsigned int nb_traps;

/** The store that is being let through. */
static struct {
	struct shim_dev *dev; /**< NULL: none */
	void *page;
	uint64_t bar_offset; /**< of the word */
} pending;

static uint64_t page_bytes;

static void
protect(void *page, int prot)
{
	/* There is no way back from a failure, and no reason for one. */
	if (mprotect(page, page_bytes, prot) != 0)
		_exit(99);
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint8_t *at = info->si_addr;
	unsigned int i;

	for (i = 0; i < nb_traps; i++)
		if (at >= traps[i].va && at < traps[i].va + traps[i].bytes)
			break;
	if (i == nb_traps || pending.dev != NULL) {
		/* Not ours: happens again, without us. */
		signal(sig, SIG_DFL);
		return;
	}
	shim_lock();
	pending.dev = traps[i].dev;
	pending.page = at - (uintptr_t)at % page_bytes;
	pending.bar_offset = traps[i].bar_offset + (at - traps[i].va);
	protect(pending.page, PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= EFLAGS_TRAP;
}

/** Tells the model of the store, and shows in its place what the register reads as. */
static void
apply(struct shim_dev *dev, uint64_t bar_offset)
{
	volatile uint32_t *word = (volatile uint32_t *)(dev->bar[dev->regs_bar] + bar_offset);
	uint64_t reg = bar_offset - dev->regs_offset;

	if (reg >= DW_EDMA_REGS_BYTES)
		return;
	if (reg % 4 != 0 ||
	    (reg + 4 < DW_EDMA_REGS_BYTES && word[1] != edma_model_read(dev->model, reg + 4)))
		dev->wide++;
	dev->writes++;
	edma_model_write(dev->model, (uint32_t)reg, *word);
	*word = edma_model_read(dev->model, (uint32_t)reg);
}

static void
on_trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct shim_dev *dev = pending.dev;

	(void)info;
	if (dev == NULL) {
		signal(sig, SIG_DFL);
		return;
	}
	uc->uc_mcontext.gregs[REG_EFL] &= ~EFLAGS_TRAP;
	protect(pending.page, PROT_READ);
	apply(dev, pending.bar_offset);
	pending.dev = NULL;
	shim_unlock();
	shim_wake();
}

static int
install(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };

	page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	sigfillset(&sa.sa_mask);
	sa.sa_sigaction = on_fault;
	if (sigaction(SIGSEGV, &sa, NULL) != 0)
		return -errno;
	sa.sa_sigaction = on_trap;
	return sigaction(SIGTRAP, &sa, NULL) != 0 ? -errno : 0;
}

int
shim_trap(struct shim_dev *dev, uint8_t *va, uint64_t file_offset, size_t bytes)
{
	uint64_t start, end, from = file_offset & ((UINT64_C(1) << SHIM_REGION_SHIFT) - 1);
	int rc;

	if (dev->model == NULL || file_offset >> SHIM_REGION_SHIFT != dev->regs_bar)
		return 0;
	rc = page_bytes == 0 ? install() : 0;
	if (rc != 0)
		return rc;
	start = dev->regs_offset - dev->regs_offset % page_bytes;
	end = start + REGS_PAGES_BYTES(page_bytes);
	if (start < from)
		start = from;
	if (end > from + bytes)
		end = from + bytes;
	if (start >= end)
		return 0;
	if (nb_traps == MAX_TRAPS)
		return -ENOSPC;
	traps[nb_traps].dev = dev;
	traps[nb_traps].va = va + (start - from);
	traps[nb_traps].bytes = end - start;
	traps[nb_traps].bar_offset = start;
	if (mprotect(traps[nb_traps].va, end - start, PROT_READ) != 0)
		return -errno;
	nb_traps++;
	return 0;
}
