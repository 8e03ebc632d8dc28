# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The DMA driver on PCI functions that are not as they should be, and with bad arguments."""

import re

import pytest

from framework import edma_meta, pci, programs
from framework.edma_functions import (
    AMD,
    ANYBODY,
    EDDA,
    LOCAL,
    NAME,
    NTB_TI,
    add_engine,
    edda,
    function,
    lists,
    pedm,
)

CHECK = programs.BUILD / "app" / "test" / "dma-copy-check"

pytestmark = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")


def assert_refused(tmp_path, func, args, *words):
    """One line of the driver's says what is wrong, and nothing is left of the attempt."""
    argv = [CHECK] + programs.eal_args(
        [], programs.cpus()[0], functions=[f"{NAME},{args}".rstrip(",")]
    )
    code, output = programs.run(argv, 20, pci.shim_env(tmp_path))
    assert code == 1, output[-4000:]
    lines = re.findall(r"^DW_EDMA: (.*)$", output, re.MULTILINE)
    assert len(lines) == 1, lines
    assert lines[0].startswith(NAME)
    for word in words:
        assert word in lines[0]
    if func.report().get("opened"):
        assert func.end_word("config", pci.COMMAND) & pci.COMMAND_MASTER == 0


# Arguments for an EDDA, and what the line has to say. Unit tests have more that cannot be parsed.
ARGUMENTS = {
    "class": ("class=net", "class=net: expected dma"),
    "unknown": ("side=rc", "unknown argument side=rc, expected one of class, meta, "),
    "meta": ("meta=other", "meta=other: expected auto, table, pedm, epdm, ndma or info"),
    "meta-off-pedm": ("meta=pedm,meta_off=4", "meta_off=0x4, expected 0"),
    "meta-none": ("meta=pedm", "no BAR starts with 0x4d444550"),
    "meta-given": ("meta=pedm,ll_local=0", "ll_local given, expected with meta=table only"),
    "meta-info": ("meta=info", "meta_bar= is missing, expected with meta=info"),
    "meta-ndma": ("meta=ndma,meta_bar=1", "control region of 0x0 bytes at 0x0 of BAR 1"),
    "reg-bar-none": ("reg_bar=1", "of BAR 1, expected at least"),
    "reg-off": ("reg_off=0x3ffc", "at 0x3ffc of BAR 0, expected at least"),
    "reg-off-odd": ("reg_off=2", "at 0x2 of BAR 0, expected"),
    "ll-bar": ("ll_bar=0", "list", "BAR 0, expected"),
    "ll-off": ("ll_off=0xa00000", "list of", "of BAR 2, expected at least"),
    "ll-local": ("ll_local=0xffffffffffffffff", "ll_local 0xffffffffffffffff"),
    "ll-local-4g": ("ll_local=0xfffffc00", "list memory of 2048 bytes at 0xfffffc00"),
    "blocks": ("wr_blocks=0+0x200", "wr_blocks= given, expected it with map hdma only"),
    "blocks-meet": ("map=hdma,rd_blocks=0x80+0x200", "write blocks at 0x0 and read blocks at 0x80"),
    "count": ("wr_cnt=9", "map 1 with wr_cnt 9, expected"),
    "mask": ("wr=0x7", "wr=0x7: the engine has 2 such channels"),
    "part": ("rd=0x1", "rd=0x1: channels of map unroll share registers"),
    "completion": ("completion=tail", "a read channel cannot write to the host"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(tmp_path, case):
    """A bad argument.

    Steps:
        Run dma-copy-check on an EDDA with the argument.
    Verify:
        One line names the argument, its value and what was expected. There is no device, the
        function is no bus master, and the process ends by itself.
    """
    args, *words = ARGUMENTS[case]
    assert_refused(tmp_path, edda(tmp_path), args, *words)


# Capabilities of an EDDA.
CAPABILITIES = {
    "bar": ([pci.dma_vsec(1, (2, 2), bar=7)], "registers in BAR 7, expected 0 to 5"),
    "no-channels": ([pci.dma_vsec(1, (0, 0))], "0 channels, expected at least 1"),
    "offset": ([pci.dma_vsec(1, (2, 2), offset=1 << 40)], "0x10000000000 of BAR 0, expected"),
}


@pytest.mark.parametrize("case", CAPABILITIES)
def test_capabilities(tmp_path, case):
    """A vendor-specific capability with values that cannot be.

    Steps:
        Run dma-copy-check on an EDDA with the capability, register offset added.
    Verify:
        As above.
    """
    caps, words = CAPABILITIES[case]
    assert_refused(tmp_path, edda(tmp_path, caps=caps), "reg_off_add=1", words)


def test_capability_loop(tmp_path):
    """A list of capabilities without an end.

    Steps:
        Run dma-copy-check on an EDDA whose second capability is followed by the first.
    Verify:
        As above.
    """
    func = edda(tmp_path, caps=[(1, [0]), (2, [0])])
    func.set_config(pci.CAP_EXTENDED + 0x28, pci.words(0x0002 | 1 << 16 | 0x100 << 20))
    assert_refused(tmp_path, func, "", "follows itself")


def test_no_memory_capability(tmp_path):
    """AMD's part without the capability that tells where its memory is.

    Steps:
        Run dma-copy-check on 10ee:b054 with the first capability only.
    Verify:
        As above.
    """
    func = function(tmp_path, AMD, caps=[pci.dma_vsec(7, (8, 8))])
    func.bar(0, 0x4000).bar(2, 0x4000000).add("engine", 7, 8, 8, 0, 0)
    assert_refused(tmp_path, func, "", "no capability 0x20", "give ll_local")


def test_no_engine(tmp_path):
    """Registers that read as all-ones.

    Steps:
        Run dma-copy-check on an EDDA whose BAR 0 leads nowhere.
    Verify:
        As above.
    """
    func = function(tmp_path, EDDA)
    func.bar(0, 0x4000, b"\xff" * 0x4000).bar(2, 0x1000000)
    assert_refused(tmp_path, func, "", "no engine answers at its registers")


def pedm_block(changes):
    """A good block of 2 + 2 channels, but for some words."""
    block = edma_meta.pedm_words((2, 0, 0x2000), 1, lists(2), lists(2, 0x4000, LOCAL + 0x100000))
    for index, value in changes.items():
        block[index] = value
    return pci.words(*block)


# Words of the block that are changed, and the line.
PEDM = {
    "revision": ({1: 2 | 0xCC << 16}, "revision 2, expected 1"),
    "legacy": ({5: 1}, "register map 0"),
    "regs": ({6: 0x20000}, "registers of 0x20000 bytes at 0x0 of BAR 2"),
    "list": ({8: 0xFF80}, "list of write channel 0", "at 0xff80 of BAR 2"),
    "length": ({1: 1 | 0xCD << 16}, "0xcd bytes in all"),
}


@pytest.mark.parametrize("case", PEDM)
def test_pedm(tmp_path, case):
    """Metadata of a DMA function with a wrong word.

    Steps:
        Run dma-copy-check on a function of class DMA with such metadata.
    Verify:
        As above. The request, if there was one, has been taken back.
    """
    changes, *words = PEDM[case]
    func = pedm(tmp_path, False)
    (func.directory / "bar0").write_bytes(pedm_block(changes))
    assert_refused(tmp_path, func, "class=dma", *words)
    assert func.end_word("bar0", edma_meta.PEDM_CONTROL) & edma_meta.PEDM_REQUEST == 0


def test_pedm_silent(tmp_path):
    """An endpoint that never gets ready.

    Steps:
        Run dma-copy-check on a function of class DMA whose endpoint ignores the request.
    Verify:
        As above, after 2 s.
    """
    func = function(tmp_path, ANYBODY)
    func.bar(0, 0x1000, pedm_block({})).bar(2, 0x10000)
    assert_refused(tmp_path, func, "class=dma", "expected bit 31 (READY)")
    assert func.end_word("bar0", edma_meta.PEDM_CONTROL) & edma_meta.PEDM_REQUEST == 0


def test_ndma_refused(tmp_path):
    """An endpoint that does not take commands.

    Steps:
        Run dma-copy-check on an NTB function with an NDMA block and nobody behind it.
    Verify:
        As above, after a second.
    """
    read = lists(2)
    func = function(tmp_path, NTB_TI, pci.CLASS_MEMORY)
    func.bar(0, 0x1000, edma_meta.ndma_region((2, 0, 0x2000), read)).bar(2, 0x10000)
    add_engine(func, edma_meta.UNROLL, [], read)
    assert_refused(tmp_path, func, "class=dma", "NDMA: ", "command 7 after")


@pytest.mark.parametrize(
    "ids, cls, size",
    [(ANYBODY, pci.CLASS_DMA, 0x1000), (ANYBODY, pci.CLASS_DMA, 0x100),
     (NTB_TI, pci.CLASS_MEMORY, 0x1000)],
)
def test_no_metadata(tmp_path, ids, cls, size):
    """A function that says nothing about an engine.

    Steps:
        Run dma-copy-check with class=dma on a function whose BARs are zeros; one is too small for a
        control region.
    Verify:
        As above: the line tells where was looked, and what to give.
    """
    func = function(tmp_path, ids, cls)
    func.bar(0, size).bar(2, 0x10000)
    words = ("no metadata", "of BAR 0; expected meta= and where", "reg_bar=")
    assert_refused(tmp_path, func, "class=dma", *words)
