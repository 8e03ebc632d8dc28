/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

/*
 * Accesses that have to be seen. Pages with registers are mapped read-only, memory that a board
 * reaches by message is not accessible at all. An access that faults is done here: by the model or
 * by message, and the processor goes on behind the instruction. Nobody else ever finds such a page
 * accessible, so threads may access it at the same time.
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

#define MAX_TRAPS 24

/* The instructions that compilers make of such an access, and what may be before them. */
#define OP_STORE_REGISTER 0x89
#define OP_LOAD_REGISTER 0x8b
#define OP_STORE_CONSTANT 0xc7
#define OP_ESCAPE 0x0f
#define OP_LOAD_WORD 0xb7 /* behind the escape: 16 bits, the rest of the register is 0 */
#define PREFIX_WORD 0x66
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

/** Pages as the driver has them. */
static struct {
	struct shim_dev *dev;
	uint8_t *va;
	size_t bytes;
	unsigned int bar;
	uint64_t bar_offset; /**< of @c va */
} traps[MAX_TRAPS];
static unsigned int nb_traps;

static bool installed;

struct access {
	bool load;
	bool clears;         /**< a load that sets all of its register */
	unsigned int bytes;
	unsigned int reg;    /**< of a load, index in gregs */
	uint64_t value;      /**< of a store */
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

static unsigned int
greg_of(uint8_t rex, uint8_t modrm)
{
	static const uint8_t number[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	return number[REG(modrm) | ((rex & REX_REGISTER) != 0 ? 8 : 0)];
}

/** A constant behind the operand: 16 bits, or 32 with the sign of more. */
static void
take_constant(const uint8_t *at, struct access *access)
{
	int32_t constant;
	uint16_t word;

	memcpy(&constant, at, sizeof(constant));
	memcpy(&word, at, sizeof(word));
	access->value = access->bytes == 2 ? word : (uint64_t)(int64_t)constant;
	access->length += access->bytes == 2 ? sizeof(word) : sizeof(constant);
}

/** False if it is no access of 16, 32 or 64 bits from or to a register, or of a constant. */
static bool
decode(const uint8_t *ip, const greg_t *gregs, struct access *access)
{
	bool word = ip[0] == PREFIX_WORD;
	uint8_t rex = IS_REX(ip[word]) ? ip[word] : 0;
	const uint8_t *op = ip + word + (rex != 0);
	bool escaped = op[0] == OP_ESCAPE;
	const uint8_t *modrm = op + 1 + escaped;
	const uint8_t *end = modrm + 1 + operand_bytes(modrm);

	if (MOD(modrm[0]) == MOD_REGISTER || (escaped && op[1] != OP_LOAD_WORD))
		return false;
	access->length = (unsigned int)(end - ip);
	access->bytes = word || escaped ? 2 : (rex & REX_WIDE) != 0 ? 8 : 4;
	access->reg = greg_of(rex, modrm[0]);
	access->load = escaped || op[0] == OP_LOAD_REGISTER;
	access->clears = !word;
	if (access->load)
		return true;
	if (op[0] == OP_STORE_CONSTANT && REG(modrm[0]) == 0)
		take_constant(end, access);
	else if (op[0] == OP_STORE_REGISTER)
		access->value = (uint64_t)gregs[access->reg];
	else
		return false;
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

/** Only stores to registers fault, and none of 16 bits is any driver's. */
static bool
apply_to_registers(struct shim_dev *dev, uint64_t bar_offset, const struct access *access)
{
	if (access->load || access->bytes == 2)
		return false;
	shim_lock();
	write_word(dev, bar_offset, (uint32_t)access->value);
	if (access->bytes == 8 || bar_offset % 4 != 0)
		dev->wide++;
	if (access->bytes == 8)
		write_word(dev, bar_offset + 4, (uint32_t)(access->value >> 32));
	shim_unlock();
	shim_wake();
	return true;
}

static void
apply_by_message(struct shim_dev *dev, unsigned int bar, uint64_t bar_offset,
		 struct access *access, greg_t *gregs)
{
	uint64_t value = access->value;

	shim_board_access(dev, bar, bar_offset, &value, access->bytes, !access->load);
	if (!access->load)
		return;
	if (access->clears)
		gregs[access->reg] = 0;
	memcpy(&gregs[access->reg], &value, access->bytes);
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *gregs = uc->uc_mcontext.gregs;
	uint8_t *at = info->si_addr;
	struct access access = { .value = 0 };
	bool done = false;
	uint64_t offset;
	unsigned int i;

	for (i = 0; i < nb_traps; i++)
		if (at >= traps[i].va && at < traps[i].va + traps[i].bytes)
			break;
	if (i < nb_traps && decode((const uint8_t *)gregs[REG_RIP], gregs, &access)) {
		offset = traps[i].bar_offset + (uint64_t)(at - traps[i].va);
		done = traps[i].dev->board != NULL ||
		       apply_to_registers(traps[i].dev, offset, &access);
		if (traps[i].dev->board != NULL)
			apply_by_message(traps[i].dev, traps[i].bar, offset, &access, gregs);
	}
	if (done)
		gregs[REG_RIP] += access.length;
	else
		/* Not ours, or not one that is known: happens again, and ends the process. */
		signal(sig, SIG_DFL);
}

static int
install(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };

	sigfillset(&sa.sa_mask);
	sa.sa_sigaction = on_fault;
	installed = sigaction(SIGSEGV, &sa, NULL) == 0;
	return installed ? 0 : -errno;
}

static int
add_trap(struct shim_dev *dev, unsigned int bar, uint64_t bar_offset, uint8_t *va, size_t bytes)
{
	int rc = installed ? 0 : install();

	if (rc == 0 && nb_traps == MAX_TRAPS)
		rc = -ENOSPC;
	if (rc != 0)
		return rc;
	traps[nb_traps].dev = dev;
	traps[nb_traps].bar = bar;
	traps[nb_traps].va = va;
	traps[nb_traps].bytes = bytes;
	traps[nb_traps].bar_offset = bar_offset;
	if (mprotect(va, bytes, dev->board != NULL ? PROT_NONE : PROT_READ) != 0)
		return -errno;
	nb_traps++;
	return 0;
}

int
shim_trap_board(struct shim_dev *dev, unsigned int bar, uint64_t bar_offset, uint8_t *va,
		size_t bytes)
{
	return add_trap(dev, bar, bar_offset, va, bytes);
}

int
shim_trap(struct shim_dev *dev, uint8_t *va, uint64_t file_offset, size_t bytes)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start, end, from = file_offset & ((UINT64_C(1) << SHIM_REGION_SHIFT) - 1);

	if (dev->model == NULL || file_offset >> SHIM_REGION_SHIFT != dev->regs_bar)
		return 0;
	start = dev->regs_offset - dev->regs_offset % page;
	end = dev->regs_offset + dev->regs_bytes + page - 1;
	end -= end % page;
	if (start < from)
		start = from;
	if (end > from + bytes)
		end = from + bytes;
	if (start >= end)
		return 0;
	return add_trap(dev, dev->regs_bar, start, va + (start - from), end - start);
}
