# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The NTB rawdev on a PCI function, by DPDK's own PCI bus and VFIO code, against a process.

The function is that of a board, whose memories are behind the BARs. The endpoint is played by a
process that attaches to the board in the ordinary way.
"""

import struct

import pytest

from framework import ntb_function, ntb_tool, pcap, pci, programs
from framework.ntb_function import NAME, served, start_host
from framework.rig import SIDES
from framework.testpmd import command_all, replay_lossless, wait_packets
from framework.vfio_user import CONFIG_REGION, Client

pytestmark = pytest.mark.skipif(not pci.has_shim(), reason="the shim is for x86-64")

FRAMES = 600
DOORBELLS = 30
TIMEOUT = 20


def start_pair(rig, arrangement, board=(), pcaps=None, ids="renesas", **kwargs):
    """A board, the host on its function, and the endpoint; returns the function."""
    rig.start_board("--ntb-map", ids, *board)
    func = served(rig.directory, rig.softep, ntb_function.IDS[ids])
    engine = [f"dma_dw_edma0,softep={rig.board},side=rc"] if arrangement != "ep" else []
    capture = [f"net_pcap0,{pcaps['rc']}"] if pcaps else []
    start_host(rig, f"mover={arrangement}", engine, capture, **kwargs)
    rig.start_side("ep", arrangement, (pcaps or {}).get("ep"), **kwargs)
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    return func


def config_command(rig):
    """The function's command register as its next client finds it."""
    with Client(rig.board / "rc-ntb.sock") as client:
        return struct.unpack("<H", client.read(CONFIG_REGION, pci.COMMAND, 2))[0]


def replay(rig, arrangement, ids):
    """Frames of all sizes both ways, which have to arrive byte for byte."""
    sent = {side: rig.directory / f"{side}-in.pcap" for side in SIDES}
    got = {side: rig.directory / f"{side}-out.pcap" for side in SIDES}
    frames = {}
    for number, side in enumerate(SIDES):
        frames[side] = pcap.make_frames(FRAMES, 60, 9014, seed=number)
        pcap.write(sent[side], frames[side])
    pcaps = {side: f"rx_pcap={sent[side]},tx_pcap={got[side]}" for side in SIDES}
    func = start_pair(rig, arrangement, (), pcaps, ids, workers=2)
    for pmd in rig.pair:
        replay_lossless(pmd)
    command_all(rig.pair, "start")
    for pmd in rig.pair:
        wait_packets(pmd, FRAMES, TIMEOUT)
    command_all(rig.pair, "stop")
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]
    assert pcap.read(got["ep"]) == frames["rc"]
    assert pcap.read(got["rc"]) == frames["ep"]
    return func


@pytest.mark.parametrize("arrangement, ids", [("ep", "nxp"), ("split", "renesas"), ("rc", "nxp")])
def test_replay(rig, arrangement, ids):
    """Frames both ways, in each arrangement and with two maps of BARs.

    Steps:
        Replay a capture of frames of 60 to 9014 bytes on each side.
    Verify:
        Each side has the other's frames, byte for byte. The function was opened once; in the end
        it has no MSI and is no bus master, and no memory is announced but EAL's own.
    """
    func = replay(rig, arrangement, ids)
    report = func.report()
    assert (report["opened"], report["msi-on"], report["msi-most"]) == (1, 0, 1)
    assert report["pieces-refused"] == 0
    assert config_command(rig) & pci.COMMAND_MASTER == 0
    log = rig.rc.output
    assert "MSI: on, 1 vectors" in log
    assert "link up: RC, arrangement " + arrangement in log


def test_trap(rig):
    """Every access to a BAR is a message, which the board counts.

    Steps:
        Bring up the link with --trap, and let packets flow.
    Verify:
        While they flow the host reads nothing but the registers that tell of the endpoint's life,
        some times a second.
    """
    start_pair(rig, "ep", ["--trap"])
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    wait_packets(rig.rc, 100)
    before = rig.softep.stats()
    seen = rig.rc.stats()["RX-packets"]
    wait_packets(rig.rc, seen + 2000)
    after = rig.softep.stats()
    command_all(rig.pair, "stop")

    def reads(region):
        name = f"rc-ntb region {region}"
        return after.get(name, {}).get("reads", 0) - before.get(name, {}).get("reads", 0)

    assert reads(0) < 200, "at most 10 a second"
    assert reads(2) == 0 and reads(4) == 0
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


def flow(rig):
    """Packets cross in both directions."""
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    for pmd in rig.pair:
        wait_packets(pmd, pmd.stats()["RX-packets"] + 1000)
    command_all(rig.pair, "stop")


def test_host_killed(rig):
    """A host that dies leaves its mapping, its link bit and an endpoint that does not know.

    Steps:
        Kill the host while packets flow, and start it anew.
    Verify:
        The link comes up again and packets flow. The endpoint has all of its buffers back.
    """
    start_pair(rig, "ep")
    command_all(rig.pair, "port stop 0")
    free = rig.ep.idle_buffers()
    command_all(rig.pair, "port start 0")
    rig.wait_links()
    flow(rig)
    command_all(rig.pair, "start")
    rig.rc.kill()
    start_host(rig, "mover=ep").wait_ready()
    rig.ep.stop()
    rig.wait_links()
    flow(rig)
    command_all(rig.pair, "port stop 0")
    assert rig.ep.idle_buffers() == free
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


def test_endpoint_killed(rig):
    """Nothing tells a host on PCI that its endpoint has died: it finds out when it is back.

    Steps:
        Kill the endpoint while packets flow, and start it anew. Stop and start the host's port.
    Verify:
        The host sees a link that has gone, switches bus mastering off until no copy can be under
        way any more, and comes up again. All of its buffers are back after the stop.
    """
    start_pair(rig, "ep")
    command_all(rig.pair, "port stop 0")
    free = rig.rc.idle_buffers()
    command_all(rig.pair, "port start 0")
    rig.wait_links()
    flow(rig)
    command_all(rig.pair, "start")
    rig.ep.kill()
    rig.rc.stop()
    rig.start_side("ep", "ep").wait_ready()
    rig.wait_links()
    assert "link down: " in rig.rc.output
    flow(rig)
    command_all(rig.pair, "port stop 0")
    assert rig.rc.idle_buffers() == free
    assert [pmd.quit() for pmd in rig.pair] == [0, 0]


def test_board_killed(rig):
    """A function that leaves the bus.

    Steps:
        Kill the board while packets flow.
    Verify:
        The host says so and its link goes down, for good. It returns its buffers and ends.
    """
    start_pair(rig, "ep")
    command_all(rig.pair, "port stop 0")
    free = rig.rc.idle_buffers()
    command_all(rig.pair, "port start 0")
    rig.wait_links()
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    rig.softep.kill()
    rig.rc.wait_for("the function has left the bus", TIMEOUT)
    rig.rc.stop()
    rig.rc.wait_link(False, TIMEOUT)
    rig.rc.command("port stop 0")
    assert rig.rc.idle_buffers() == free
    assert rig.rc.quit() == 0


def start_tools(rig, ids):
    """A board and dpdk-ntb-tool on both sides, the host's on the function; returns them by side."""
    rig.start_board("--ntb-map", ids)
    served(rig.directory, rig.softep, ntb_function.IDS[ids])
    cpus = dict(zip(SIDES, programs.cpus()))
    host = {"functions": [NAME], "env": pci.shim_env(rig.directory)}
    endpoint = ntb_tool.vdevs("ep", rig.board, engine=False)
    tools = {}
    for side, devices, more in (("rc", [], host), ("ep", endpoint, {})):
        tools[side] = ntb_tool.NtbTool(side, devices, cpus[side], rig.directory, **more)
        rig.children.append(tools[side])
    return tools


def ring_all(tool, peer):
    """Ring the peer's doorbells one by one; each is the one that the peer sees, and can clear."""
    for bit in range(DOORBELLS):
        assert tool.do(f"db ring {1 << bit}")["status"] == 0
        assert peer.do(f"db wait {1 << bit}", "db read")["status"] == 1 << bit
        assert peer.do(f"db clear {1 << bit}")["status"] == 0


@pytest.mark.parametrize("ids", ["renesas", "nxp"])
def test_tool(rig, ids):
    """dpdk-ntb-tool as the host on the function, and as the endpoint.

    Steps:
        Ask the host for information; change speed and width of the link and ask again. Each side
        rings all of the other's doorbells, one by one, then writes the other's scratchpads.
    Verify:
        The information is that of the function and of its link as it is then. Each doorbell and
        each scratchpad arrives as the one that it is, and none beside it.
    """
    tools = start_tools(rig, ids)
    for tool in tools.values():
        tool.ask("link wait window")
    for tool in tools.values():
        tool.result()
    rc, ep = tools["rc"], tools["ep"]
    for speed, width in ((3, 4), (5, 16)):
        rig.softep.set("link_speed", speed)
        rig.softep.set("link_width", width)
        info = rc.do("info")
        assert (info["speed"], info["width"]) == (speed, width)
    assert info["device"] == NAME and info["side"] == "rc" and info["peer_window"]["bytes"] != 0
    assert info["doorbells_valid"] == (1 << DOORBELLS) - 1
    ep_info = ep.do("info")
    assert (ep_info["speed"], ep_info["width"]) == (0, 0), "it is not behind the link"
    ring_all(rc, ep)
    ring_all(ep, rc)
    spads = info["scratchpads"]
    for tool, mark in ((rc, 0xA000), (ep, 0xB000)):
        tool.do(*(f"spad write peer {n} {mark + n}" for n in range(spads)))
    for tool, own, theirs in ((rc, 0xB000, 0xA000), (ep, 0xA000, 0xB000)):
        info = tool.do("info")
        assert info["own_scratchpads"] == {str(n): own + n for n in range(spads)}
        assert info["peer_scratchpads"] == {str(n): theirs + n for n in range(spads)}
    assert [tool.quit() for tool in tools.values()] == [0, 0]


def test_pmdinfo():
    """dpdk-pmdinfo.py tells the functions that the driver is for.

    Steps:
        Run it on the plugin.
    Verify:
        The PCI driver is listed with its ids, kernel module and arguments.
    """
    info = programs.pmdinfo(programs.PLUGINS / "librte_raw_ntb_epf.so")
    driver = {entry["name"]: entry for entry in info}["raw_ntb_epf_pci"]
    ids = [(entry["vendor"], entry["device"]) for entry in driver["pci_ids"]]
    known = [f"{vendor:04x}:{device:04x}" for vendor, device in ntb_function.IDS.values()]
    assert [f"{vendor}:{device}" for vendor, device in ids[:3]] == known
    assert "vfio-pci" in driver["kmod"]
    for arg in ("map=", "msi=", "mover=", "dma="):
        assert arg in driver["params"]


def test_name(rig):
    """The rawdev has the function's name.

    Steps:
        Start a host whose net_ntb0 asks for that name.
    Verify:
        It has its port.
    """
    rig.start_board()
    served(rig.directory, rig.softep)
    env = pci.shim_env(rig.directory)
    pmd = rig.start_testpmd("rc", [f"net_ntb0,raw={NAME}"], functions=[NAME], env=env)
    pmd.wait_ready()
    assert pmd.quit() == 0
