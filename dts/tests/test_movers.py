# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Who moves the data: what two processes make of each other's wishes, engines and fallback."""

import re
from collections import namedtuple

import pytest

from framework.refusal import assert_link_refused
from framework.rig import SIDES
from framework.testpmd import command_all, drain, wait_packets

Offer = namedtuple("Offer", "mover engine fallback", defaults=[0])
ENGINE = Offer("auto", True)
BARE = Offer("auto", False)
WILLING = Offer("auto", False, 1)
CPU = Offer("cpu", False)

# Offers of host and endpoint, and what comes of it: an arrangement, or words of the refusal.
ABILITIES = "abilities none"
MATRIX = {
    "engines": (ENGINE, ENGINE, "ep"),
    "engine-at-rc": (ENGINE, BARE, "rc"),
    "cpu-wish-of-rc": (CPU, ENGINE, "cpu"),
    "fallback": (WILLING, WILLING, "cpu"),
    "fallback-of-a-wish": (Offer("split", True, 1), WILLING, "cpu"),
    "one-fallback": (WILLING, BARE, ("mover=auto", ABILITIES, "fallback=0", "fallback=1")),
    "wishes-differ": (CPU._replace(fallback=1), Offer("ep", True, 1), ("mover=cpu", "mover=ep")),
}
NUMBERS = {"split": 1, "rc": 2, "ep": 3, "cpu": 4}


def start(rig, side, offer):
    """Start the testpmd of a side with what it offers."""
    vdevs = [f"dma_dw_edma0,softep={rig.board},side={side}"] if offer.engine else []
    raw = f"raw_ntb_epf0,softep={rig.board},side={side},fallback={offer.fallback}"
    # auto is what is meant by saying nothing.
    raw += "" if offer.mover == "auto" else f",mover={offer.mover}"
    setattr(rig, side, rig.start_testpmd(side, [*vdevs, raw, "net_ntb0"]))


@pytest.mark.parametrize("case", MATRIX)
def test_matrix(rig, case):
    """Two processes agree on who moves the data, or say why they do not.

    Steps:
        Start both sides with what they offer. If there is to be a link, let both send.
    Verify:
        The link comes up in the arrangement that follows, which both log once and show in their
        statistics; what was sent is received. Or one line names what both sides said; the link
        stays down and both end in order.
    """
    *offers, outcome = MATRIX[case]
    rig.start_board()
    for side, offer in zip(SIDES, offers):
        start(rig, side, offer)
    if not isinstance(outcome, str):
        assert_link_refused(rig, ("link refused", *outcome))
        return
    for pmd in rig.pair:
        pmd.wait_ready()
    rig.wait_links()
    for pmd in rig.pair:
        assert re.findall(r"link up: \w+, arrangement (\w+),", pmd.output) == [outcome]
        assert pmd.xstats()["raw_Link-arrangement"] == NUMBERS[outcome]
        assert pmd.xstats()["raw_Link-flaps"] == 0
    command_all(rig.pair, "set fwd flowgen")
    command_all(rig.pair, "start")
    for pmd in rig.pair:
        wait_packets(pmd, 100)
    command_all(rig.pair, "stop")
    rc, ep = drain(rig.pair)
    assert rc["TX-packets"] == ep["RX-packets"] > 0
    assert ep["TX-packets"] == rc["RX-packets"] > 0
