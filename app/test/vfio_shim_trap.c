/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Stores to registers. Their pages are mapped read-only, and a store that faults is done here: its
 * value goes to the model, and the processor behind the instruction. Nobody else ever finds such a
 * page writable, so threads may store at the same time.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "vfio_shim.h"

#define MAX_TRAPS 8

/* The two instructions that compilers make of a store to a register, and what may be before them. */
#define OP_STORE_REGISTER 0x89
#define OP_STORE_CONSTANT 0xc7
#define IS_REX(byte) (((byte) & 0xf0) == 0x40)
#define REX_WIDE 0x8
#define REX_REGISTER 0x4
/** Kind of operand, register, and base register of a memory operand. */
#define MOD(byte) ((byte) >> 6)
#define REG(byte) ((byte) >> 3 & 7)
#define RM(byte) ((byte) & 7)
#define MOD_DISP8 1
#define MOD_DISP32 2
#define MOD_REGISTER 3
#define RM_SIB 4
#define RM_DISP32 5

/** Pages with registers, as the driver has them. */
static struct {
	struct shim_dev *dev;
	uint8_t *va;
	size_t bytes;
	uint64_t bar_offset; /**< of @c va */
} traps[MAX_TRAPS];
static unsigned int nb_traps;

static uint64_t page_bytes;

struct store {
	uint64_t value;
	bool wide;           /**< of 64 bits */
	unsigned int length; /**< of the instruction */
};

/** Bytes of a memory operand behind ModRM. */
static unsigned int
operand_bytes(const uint8_t *modrm)
{
	unsigned int bytes = 0;
	bool disp32 = MOD(modrm[0]) == MOD_DISP32;

	if (RM(modrm[0]) == RM_SIB) {
		bytes = 1;
		disp32 |= MOD(modrm[0]) == 0 && RM(modrm[1]) == RM_DISP32;
	} else if (MOD(modrm[0]) == 0 && RM(modrm[0]) == RM_DISP32) {
		disp32 = true;
	}
	if (MOD(modrm[0]) == MOD_DISP8)
		bytes++;
	return bytes + (disp32 ? 4 : 0);
}

/** False if it is no store of 32 or 64 bits from a register or of a constant. */
static bool
decode(const uint8_t *ip, const greg_t *gregs, struct store *store)
{
	static const uint8_t number[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};
	uint8_t rex = IS_REX(ip[0]) ? ip[0] : 0;
	const uint8_t *op = ip + (rex != 0);
	const uint8_t *modrm = op + 1;
	const uint8_t *end = modrm + 1 + operand_bytes(modrm);
	int32_t constant;

	if (MOD(modrm[0]) == MOD_REGISTER)
		return false;
	store->wide = (rex & REX_WIDE) != 0;
	store->length = (unsigned int)(end - ip);
	if (op[0] == OP_STORE_REGISTER) {
		store->value = (uint64_t)gregs[number[REG(modrm[0]) |
						      ((rex & REX_REGISTER) != 0 ? 8 : 0)]];
		return true;
	}
	if (op[0] != OP_STORE_CONSTANT || REG(modrm[0]) != 0)
		return false;
	memcpy(&constant, end, sizeof(constant));
	store->value = (uint64_t)(int64_t)constant;
	store->length += sizeof(constant);
	return true;
}

/** Beside registers, a page may have other memory. */
static void
write_word(struct shim_dev *dev, uint64_t bar_offset, uint32_t value)
{
	uint64_t reg = bar_offset - dev->regs_offset;

	if (reg >= dev->regs_bytes) {
		memcpy(dev->bar[dev->regs_bar] + bar_offset, &value, sizeof(value));
		return;
	}
	dev->writes++;
	edma_model_write(dev->model, (uint32_t)reg, value);
}

static void
apply(struct shim_dev *dev, uint64_t bar_offset, const struct store *store)
{
	shim_lock();
	write_word(dev, bar_offset, (uint32_t)store->value);
	if (store->wide || bar_offset % 4 != 0)
		dev->wide++;
	if (store->wide)
		write_word(dev, bar_offset + 4, (uint32_t)(store->value >> 32));
	shim_unlock();
	shim_wake();
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *gregs = uc->uc_mcontext.gregs;
	uint8_t *at = info->si_addr;
	struct store store;
	unsigned int i;

	for (i = 0; i < nb_traps; i++)
		if (at >= traps[i].va && at < traps[i].va + traps[i].bytes)
			break;
	if (i == nb_traps || !decode((const uint8_t *)gregs[REG_RIP], gregs, &store)) {
		/* Not ours, or not one that is known: happens again, and ends the process. */
		signal(sig, SIG_DFL);
		return;
	}
	apply(traps[i].dev, traps[i].bar_offset + (uint64_t)(at - traps[i].va), &store);
	gregs[REG_RIP] += store.length;
}

static int
install(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };

	page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	sigfillset(&sa.sa_mask);
	sa.sa_sigaction = on_fault;
	return sigaction(SIGSEGV, &sa, NULL) != 0 ? -errno : 0;
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
	end = dev->regs_offset + dev->regs_bytes + page_bytes - 1;
	end -= end % page_bytes;
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
