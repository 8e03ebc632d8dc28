# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Reads across the link, counted where nothing can hide: every access is a message."""

import time

from framework.testpmd import command_all

PACKETS = 10000
TIMEOUT = 120
PORTS = ("rc-ntb", "rc-dma")


def test_no_reads_in_data_path(rig):
    """The host reads nothing across the link while packets flow, arrangement `ep`.

    Steps:
        Start the board in trap mode and both sides. When the link is up, note the host's reads.
        Forward with flowgen until 10,000 packets have arrived on each side.
    Verify:
        The host has read before the link was up, which shows that reads are counted. Since then
        it has not read once. It has written entries by message, and the engine moved the payload.
        The host's driver has counted its reads as the board has.
    """
    softep = rig.start_board("--trap")
    rig.start_pair("ep")
    before = softep.stats()
    reads = {port: softep.reads(port) for port in PORTS}
    assert reads["rc-ntb"] > 0
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    deadline = time.monotonic() + TIMEOUT
    while min(pmd.stats()["RX-packets"] for pmd in rig.pair) < PACKETS:
        assert time.monotonic() < deadline, [pmd.stats() for pmd in rig.pair]
        time.sleep(0.2)
    after = softep.stats()
    assert {port: softep.reads(port) for port in PORTS} == reads
    assert rig.rc.xstats()["raw_Link-reads"] == after["rc-ntb region 0"]["reads"]
    window = "rc-ntb region 2"
    assert after[window]["writes"] >= before[window]["writes"] + PACKETS
    assert softep.channels()["rd0"]["elements"] >= PACKETS
    command_all(rig.pair, "stop")
