#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Forward packets both ways over the software endpoint and show what happened.

usage: demo.py [split|ep|rc|cpu]

Exit code 0: packets arrived on both sides, as many as the other side sent.
"""

import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dts"))

# pylint: disable=wrong-import-position
from framework.process import ProcessError
from framework.rig import ENGINES, Rig
from framework.testpmd import command_all, drain

SECONDS = 4
FRAME = 1500
# testpmd's flowgen takes 4 bytes for a CRC off the length that it is told.
FLOWGEN_CRC = 4


def say(text):
    print(text, flush=True)


def link_line(pmd):
    """What the rawdev of one side logged when its link came up: arrangement and queues."""
    return pmd.wait_for(r"link up: \w+, ([^\n]*), generation", 5).group(1)


def forward(rig):
    """Let both sides send and receive; returns seconds and the statistics of both."""
    command_all(rig.pair, f"set txpkts {FRAME + FLOWGEN_CRC}")
    for pmd in rig.pair:
        pmd.start("flowgen")
    began = time.monotonic()
    for left in range(SECONDS, 0, -1):
        say(f"  forwarding, {left} s to go ...")
        time.sleep(1)
    seconds = time.monotonic() - began
    command_all(rig.pair, "stop")
    # What is on its way when the senders stop still arrives.
    return seconds, drain(rig.pair)


def show(seconds, rc, ep, channels, refused):
    """Print the tables a person wants to see; returns whether packets arrived, and who moved them."""
    good = True
    say("")
    say(f"{'direction':<12}{'accepted':>12}{'received':>12}{'lost':>8}{'Gb/s':>8}{'refused':>12}")
    for name, sender, receiver, full in (
        ("RC -> EP", rc, ep, refused[0]),
        ("EP -> RC", ep, rc, refused[1]),
    ):
        sent, received = sender["TX-packets"], receiver["RX-packets"]
        rate = receiver["RX-bytes"] * 8 / seconds / 1e9
        say(f"{name:<12}{sent:>12}{received:>12}{sent - received:>8}{rate:>8.2f}{full:>12}")
        good &= received > 0 and sent == received
        good &= sender["TX-bytes"] == receiver["RX-bytes"]
    say(f"packets of {FRAME} bytes; refused: offers to a full ring, counted at the sender")
    say("")
    say(f"{'eDMA channel':<14}{'elements':>12}{'bytes':>16}{'doorbells':>12}")
    for name, count in sorted(channels.items()):
        if count["elements"] == 0:
            continue
        say(f"{name:<14}{count['elements']:>12}{count['bytes']:>16}{count['doorbells']:>12}")
    moved = sum(count["bytes"] for count in channels.values())
    payload = rc["RX-bytes"] + ep["RX-bytes"]
    say(f"{'all':<14}{'':>12}{moved:>16}")
    say(f"payload that arrived: {payload} bytes")
    return good, moved >= payload


def demo(arrangement):
    """Run one demonstration; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="ntb-edma.") as name:
        rig = Rig(pathlib.Path(name))
        try:
            say("starting the software endpoint and two testpmd processes ...")
            rig.start_board().prefer()
            rig.start_pair(arrangement)
            for pmd in rig.pair:
                say(f"  {pmd.name.upper()}: link up, {link_line(pmd)}")
            seconds, (rc, ep) = forward(rig)
            refused = [pmd.xstats()["tx_refused_packets"] for pmd in rig.pair]
            good, by_engine = show(seconds, rc, ep, rig.softep.channels(), refused)
            good &= by_engine == bool(ENGINES[arrangement])
            command_all(rig.pair, "port stop 0")
            good &= [pmd.quit() for pmd in rig.pair] == [0, 0]
        except ProcessError as error:
            say(f"FAILED: {error}")
            return 1
        finally:
            rig.close()
    say("OK: every packet that a sender's ring accepted arrived" if good else "FAILED: see above")
    return 0 if good else 1


def main():
    arrangement = sys.argv[1] if len(sys.argv) > 1 else "split"
    if len(sys.argv) > 2 or arrangement not in ENGINES:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    return demo(arrangement)


if __name__ == "__main__":
    sys.exit(main())
