# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Reads across the link, counted where nothing can hide: every access is a message."""

import time

from framework.testpmd import command_all, wait_packets

PACKETS = 10000
# Bytes of an entry that offers a packet.
SUBMISSION = 16
TIMEOUT = 120
PORTS = ("rc-ntb", "rc-dma")
# Where each side writes the other's window: a BAR, and the endpoint's outbound window.
WINDOWS = ("rc-ntb region 2", "ep-ntb region 11")
# Bytes of entries for each packet, at the most: 16 for the cell, 8 for the completion, and the cells
# that are published before they are needed.
METADATA = 32


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
    posted = after[window]["write_bytes"] - before[window]["write_bytes"]
    assert posted >= SUBMISSION * PACKETS
    assert softep.channels()["rd0"]["elements"] >= PACKETS
    command_all(rig.pair, "stop")


def test_cpu(rig):
    """Nobody reads across the link and nobody uses the engine, arrangement `cpu`.

    Steps:
        Start the board in trap mode and both sides, without a DMA device. When the link is up, note
        what both have read. Forward with flowgen until 10,000 packets have arrived on each side.
    Verify:
        Neither side has read anything by message since then. Both have written entries and
        payload by message, entries of at most 32 bytes for each packet. No client has attached to
        the engine, and no channel has moved anything.
    """
    softep = rig.start_board("--trap")
    rig.start_pair("cpu")
    before = softep.stats()
    reads = {port: softep.reads(port) for port in ("rc-ntb", "ep-ntb")}
    assert reads["rc-ntb"] > 0
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    for pmd in rig.pair:
        wait_packets(pmd, PACKETS, TIMEOUT)
    command_all(rig.pair, "stop")
    after = softep.stats()
    assert {port: softep.reads(port) for port in reads} == reads
    sent = [pmd.stats() for pmd in rig.pair]
    posted = [after[w]["write_bytes"] - before[w]["write_bytes"] for w in WINDOWS]
    for side, window in zip(sent, WINDOWS):
        # A message of payload for each packet, and some of entries.
        writes = after[window]["writes"] - before[window]["writes"]
        assert writes > side["TX-packets"]
    metadata = sum(posted) - sum(side["TX-bytes"] for side in sent)
    assert 0 < metadata <= METADATA * sum(side["TX-packets"] for side in sent)
    assert all(after[port]["attached"] == 0 for port in ("rc-dma", "ep-dma"))
    assert all(channel["elements"] == 0 for channel in softep.channels().values())
