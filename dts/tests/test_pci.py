# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The DMA driver on PCI functions, by DPDK's own PCI bus and VFIO code.

The functions are directories, and the process is on both sides of the link: memory that it has
announced to VFIO is the host's, and by its own addresses the endpoint's too. dmadev_autotest cannot
run on such devices: it wants MEM_TO_MEM.
"""

import os
import re

import pytest

from framework import edma_meta, hugepages, pci, programs
from framework.edma_functions import (
    AMD,
    ANYBODY,
    EDDA,
    LOCAL,
    NAME,
    NTB_NXP,
    NTB_RENESAS,
    NTB_TI,
    add_engine,
    edda,
    function,
    lists,
    pedm,
)
from framework.pci_check import CHECK, COPIES, TIMEOUT, check_report, check_run, run
from framework.process import Process

SECONDARY = programs.BUILD / "app" / "test" / "dma-secondary-check"
SHARED_MB = 96
pytestmark = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")


def test_table(tmp_path):
    """A device that the table knows, without capabilities.

    Steps:
        Run dma-copy-check on 16c3:edda with no arguments. Its engine has more channels.
    Verify:
        It has 2 + 2 devices, named after the function. Every copy arrived; the engine moved the
        same bytes, saw no violation of the programming rules and no access to memory that was not
        announced, and requests carried the function's number. At the end the function is no bus
        master.
    """
    output = check_run(tmp_path, edda(tmp_path, channels=(3, 4)))
    assert output.count("function 3, own channels wr 0x3 of 2 rd 0x3 of 2") == 4
    assert "registers at 0x0 of BAR 0, 2 write and 2 read channels" in output


@pytest.mark.parametrize("how", ["short", "cut-off"])
def test_no_extended_space(tmp_path, how):
    """Extended configuration space that is not there, or behind a bridge that does not pass it on.

    Steps:
        Run dma-copy-check on 16c3:edda with 256 bytes of configuration space, and with all-ones
        behind them.
    Verify:
        As above.
    """
    func = edda(tmp_path)
    if how == "short":
        func.short_config()
    else:
        func.set_config(pci.CAP_EXTENDED, b"\xff" * 0xF00)
    assert "2 write and 2 read channels" in check_run(tmp_path, func)


def test_vsec(tmp_path):
    """The vendor-specific capability limits the channels and tells the map.

    Steps:
        Run dma-copy-check on 16c3:edda whose capability says HDMA compatible, 2 + 1 channels,
        behind capabilities of other kinds.
    Verify:
        As above, with the map and channels of the capability.
    """
    caps = [
        (0x0001, [0] * 8),
        pci.vsec(0x0099, [1, 2, 3]),
        pci.dma_vsec(5, (2, 1)),
    ]
    output = check_run(tmp_path, edda(tmp_path, caps=caps, code=5), channels=3)
    assert output.count("map hdma-compat") == 4


@pytest.mark.parametrize("args", ["reg_off_add=1", "reg_bar=0,reg_off=4096"])
def test_register_offset(tmp_path, args):
    """Registers at the offset that the table tells, which has to be asked for.

    Steps:
        Run dma-copy-check on 16c3:edda with its engine at offset 0x1000, and an argument for that.
    Verify:
        As above.
    """
    output = check_run(tmp_path, edda(tmp_path, offset=0x1000), args)
    assert "registers at 0x1000 of BAR 0" in output


def test_described(tmp_path):
    """A function that nothing but arguments describes.

    Steps:
        Run dma-copy-check on a function of class DMA with registers in BAR 4 and lists in BAR 0, of
        which arguments tell everything.
    Verify:
        As above.
    """
    func = function(tmp_path, ANYBODY)
    func.short_config()
    func.bar(0, 0x10000).bar(4, 0x8000).add("engine", edma_meta.NATIVE, 2, 2, 4, 0x3000)
    func.add("local", LOCAL, 0, 0, 0x10000)
    args = "class=dma,map=hdma,wr_cnt=2,rd_cnt=1,reg_bar=4,reg_off=0x3000,ll_bar=0,ll_off=0x4000"
    args += f",ll_bytes=0x400,ll_stride=0x1000,ll_local={LOCAL},wr_blocks=0+0x200"
    output = check_run(tmp_path, func, args + ",rd_blocks=0x100+0x200", channels=3)
    assert output.count("list: mapped, 41 data slots") == 1, "read channel: 1024 / 24 - 1"


@pytest.mark.parametrize("args, channels", [("", 16), ("wr=0x5,rd=0x80", 3)])
def test_amd(tmp_path, args, channels):
    """AMD's parts: native HDMA, list memory where the second capability tells.

    Steps:
        Run dma-copy-check on 10ee:b054 with both capabilities, once with all channels, once with
        some: those of the native map share nothing.
    Verify:
        As above.
    """
    caps = [pci.memory_vsec(LOCAL), pci.dma_vsec(7, (8, 8))]
    func = function(tmp_path, AMD, caps=caps)
    func.bar(0, 0x4000).bar(2, 0x4000000).add("engine", 7, 8, 8, 0, 0)
    func.add("local", LOCAL, 2, 0, 0x4000000)
    output = check_run(tmp_path, func, args, channels)
    assert output.count("map hdma,") == channels + 1


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("code, name", [(1, "unroll"), (7, "hdma")])
def test_pedm(tmp_path, long, code, name):
    """A DMA function with metadata, in both forms of its header.

    Steps:
        Run dma-copy-check on a function of class DMA with any ids and class=dma. The endpoint
        answers a request with READY a while later.
    Verify:
        As above. At the end the request has been taken back.
    """
    func = pedm(tmp_path, long, code)
    output = check_run(tmp_path, func, "class=dma" + (",meta=pedm,meta_bar=0" if long else ""))
    assert output.count(f"map {name},") == 5
    control = func.end_word("bar0", edma_meta.PEDM_CONTROL)
    assert control & (edma_meta.PEDM_REQUEST | edma_meta.PEDM_READY) == 0
    assert not long or func.end_word("bar0", edma_meta.PEDM_HOST_CONTROL) == 0


@pytest.mark.parametrize("args", ["", ",meta=ndma,meta_bar=0,meta_off=0"])
def test_ndma(tmp_path, args):
    """An NTB function whose control region has an NDMA block.

    Steps:
        Run dma-copy-check on an NTB function with class=dma.
    Verify:
        As above, with read channels only. The endpoint was told to configure and to tear down, and
        its half of the status word was left alone. Reads of the R-Car are limited to 128 bytes.
    """
    read = lists(3)
    func = function(tmp_path, NTB_RENESAS, pci.CLASS_MEMORY)
    func.bar(0, 0x1000, edma_meta.ndma_region((2, 0, 0x2000), read)).bar(2, 0x10000)
    func.bar(4, 0x1000).add("commands", 0, 0)
    # The link's half of the status word, which is the endpoint's.
    content = bytearray((func.directory / "bar0").read_bytes())
    content[0x0A] = 1
    (func.directory / "bar0").write_bytes(content)
    add_engine(func, edma_meta.UNROLL, [], read)
    output = check_run(tmp_path, func, "class=dma" + args, channels=3)
    assert (func.report()["command0"], func.report()["command1"]) == (7, 8)
    assert func.end_word("bar0", 0x08) == 0x10000
    assert "reads are limited to 128 bytes, were to 512" in output
    assert func.end_word("config", pci.DEVICE_CONTROL) & 0x7000 == 0


def test_epdm(tmp_path):
    """An NTB function whose control region of version 1 locates a slice with a header.

    Steps:
        Run dma-copy-check on an NTB function with class=dma.
    Verify:
        As above, with read channels only.
    """
    read = lists(2, 0x9000)
    func = function(tmp_path, NTB_NXP, pci.CLASS_MEMORY)
    func.bar(0, 0x1000, edma_meta.epdm_region((2, 0x8000, 0x4000), 2))
    content = bytes(0x8000) + edma_meta.epdm_slice(0x4000, (2, 0, 0x2000), read)
    func.bar(2, 0x10000, content)
    add_engine(func, edma_meta.UNROLL, [], read)
    check_run(tmp_path, func, "class=dma", channels=2)


def test_info(tmp_path):
    """An NTB function with an information block at the start of the engine's window.

    Steps:
        Run dma-copy-check on an NTB function with arguments that tell where the window is.
    Verify:
        As above, with the five read channels of such a block.
    """
    read = lists(5, 0x24000)
    func = function(tmp_path, NTB_TI, pci.CLASS_MEMORY)
    content = bytes(0x20000) + edma_meta.info_block(0x2000, read)
    func.bar(0, 0x1000).bar(2, 0x40000, content)
    func.add("engine", edma_meta.UNROLL, 1, 5, 2, 0x22000)
    for bar, offset, size, local in read:
        func.add("local", local, bar, offset, size)
    check_run(tmp_path, func, "class=dma,meta=info,meta_bar=2,meta_off=0x20000", channels=5)


@pytest.mark.parametrize("mode, args", [("llp", ""), ("tail", ",rd=0"), ("imwr", "")])
def test_completion(tmp_path, mode, args):
    """Each way to learn of completions.

    Steps:
        Run dma-copy-check with completion=...; a read channel has no tail.
    Verify:
        As above. The engine made interrupt writes if it was to.
    """
    func = edda(tmp_path)
    channels = 2 if mode == "tail" else 4
    output = check_run(tmp_path, func, f"completion={mode}{args}", channels)
    assert output.count(f"completion {mode}") == channels
    written = sum(count for key, count in func.report().items() if key.startswith("imwr-"))
    assert (written > 0) == (mode == "imwr")


def test_read_limit(tmp_path):
    """The size of read requests as an argument.

    Steps:
        Run dma-copy-check with mrrs=256 on a function whose maximum payload is 512 bytes.
    Verify:
        Device control says so, and nothing else in it changed; a line warns of the payload.
    """
    func = edda(tmp_path)
    func.set_config(pci.DEVICE_CONTROL, pci.words(0x5850))
    output = check_run(tmp_path, func, "mrrs=256")
    assert func.end_word("config", pci.DEVICE_CONTROL) == 0x1850
    assert "reads have to be limited to 256 bytes, and the maximum payload is 512" in output


def test_left_alone(tmp_path):
    """Functions that may be somebody else's are not touched, nor do they change EAL's mind.

    Steps:
        Allow an EDDA, functions of class DMA, and NTB functions with arguments of another driver.
    Verify:
        The EDDA works. Nobody opened the others, no line of ours is about them, and the driver asks
        for no IOVA mode on their behalf.
    """
    func = edda(tmp_path)
    tree = tmp_path / "tree"
    others = {
        "0000:02:00.0": (ANYBODY, pci.CLASS_DMA, ""),
        "0000:02:00.1": (NTB_TI, pci.CLASS_MEMORY, ",class=eth,speed=9"),
        "0000:02:00.2": (NTB_NXP, pci.CLASS_MEMORY, ",class=eth"),
        "0000:02:00.4": (NTB_RENESAS, pci.CLASS_DMA, ""),
    }
    functions = [NAME]
    for name, (ids, cls, args) in others.items():
        pci.Function(tree, name, ids, cls).bar(0, 0x1000)
        functions.append(name + args)
    code, output = run(tmp_path, functions, logs=["lib.eal:debug"])
    assert code == 0, output[-4000:]
    check_report(func.report(), output)
    assert "DW_EDMA: 0000:02" not in output
    for name in others:
        assert not (tree / name / "report").exists(), "somebody asked the shim for it"
        assert f"dma_dw_edma_pci for device {name} wants IOVA as 'DC'" in output


def test_secondary(tmp_path):
    """A secondary process looks at the devices of a function, and does not touch it.

    Steps:
        Run dma-copy-check on an EDDA until it waits, and dma-secondary-check beside it.
    Verify:
        The secondary sees four devices and may look at them only. It opens nothing, and the primary
        ends in order.
    """
    func = edda(tmp_path)
    try:
        pages = hugepages.Hugepages(tmp_path, 2 * SHARED_MB)
    except hugepages.Unavailable as reason:
        pytest.skip(str(reason))
    env = pci.shim_env(tmp_path)
    eal = [pages, f"pci-{os.getpid()}", programs.cpus()[0], ()]
    argv = [CHECK, *hugepages.shared_args(*eal, False, SHARED_MB, [NAME]), "--", "--hold"]
    primary = Process("primary", pages.wrap([*argv, "--copies", COPIES]), tmp_path, env)
    try:
        primary.wait_for("(?m)^devices started, waiting", TIMEOUT)
        argv = [SECONDARY, *hugepages.shared_args(*eal, True, functions=[NAME])]
        code, output = programs.run(pages.wrap(argv), TIMEOUT, env)
        assert code == 0, output[-4000:]
        assert len(re.findall(rf"(?m)^{NAME}-\w\w\d: {COPIES} submitted", output)) == 4
        primary.close_input()
        assert primary.wait(TIMEOUT) == 0
    finally:
        primary.close()
        pages.close()
    assert func.report()["opened"] == 1
    check_report(func.report(), primary.output)


@pytest.mark.parametrize("args, lines", [("", 0), (",rd=0", 1)])
def test_not_bound(tmp_path, args, lines):
    """A function that the kernel's own driver has.

    Steps:
        Allow an EDDA that is bound to dw-edma-pcie, once with arguments.
    Verify:
        There is no device. Somebody who gave arguments is told why.
    """
    func = pci.Function(tmp_path / "tree", NAME, EDDA, driver="dw-edma-pcie")
    func.bar(0, 0x4000)
    code, output = run(tmp_path, [NAME + args])
    assert code != 0 and "no DMA device" in output
    assert output.count("DW_EDMA: ") == lines
    assert output.count("expected vfio-pci") == lines


def test_pmdinfo():
    """dpdk-pmdinfo.py tells the functions that the driver is for.

    Steps:
        Run it on the plugin.
    Verify:
        The PCI driver is listed with its ids, kernel module and arguments.
    """
    plugin = programs.PLUGINS / "librte_dma_dw_edma.so"
    info = {entry["name"]: entry for entry in programs.pmdinfo(plugin)}
    driver = info["dma_dw_edma_pci"]
    ids = [(entry["vendor"], entry["device"]) for entry in driver["pci_ids"]]
    known = [EDDA, AMD, (0x10EE, 0xB00F), NTB_TI, NTB_NXP, NTB_RENESAS]
    assert [(f"{vendor:04x}", f"{device:04x}") for vendor, device in known] == ids[:6]
    assert "vfio-pci" in driver["kmod"]
    for arg in ("class=dma", "meta=", "reg_bar=", "ll_local=", "completion="):
        assert arg in driver["params"]


MAPS = {"legacy": 0, "unroll": 1, "hdma-compat": 5, "hdma": 7}


@pytest.mark.parametrize(
    "side, regs",
    [("rc", "legacy"), ("rc", "hdma"), ("ep", "unroll"), ("ep", "hdma-compat")],
)
def test_path(tmp_path, side, regs):
    """Engines in files, of each map and on both sides.

    Steps:
        Run dma-copy-check on a virtual device with registers and lists in a file that can be
        mapped.
    Verify:
        As above, without an IOMMU.
    """
    func = function(tmp_path, ANYBODY)
    func.bar(0, 0x4000).bar(2, 0x10000).add("engine", MAPS[regs], 2, 2, 0, 0x1000).add("no-iommu")
    func.add("local", LOCAL, 2, 0x140, 0x4000)
    count = ",wr_cnt=2,rd_cnt=2" if regs == "hdma" else ""
    vdev = f"dma_dw_edma0,regs={func.path(0, 0x1000, 0x1200)},map={regs},side={side}{count}"
    vdev += f",ll={func.path(2, 0x140, 0x4000)}:{LOCAL}"
    code, output = run(tmp_path, [], [vdev])
    assert code == 0, output[-4000:]
    assert output.count(f"side {side}, map {regs}, ") == 4
    check_report(func.report(), output)
