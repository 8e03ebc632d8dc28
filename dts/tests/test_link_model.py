# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""What crosses the link for a packet, and how long a link would take, in model time."""

import sys

import pytest

from framework import programs

SCRIPT = programs.ROOT / "devtools" / "link_model.py"


def check(rig, *args):
    """Run devtools/link_model.py, which judges its figures."""
    code, output = programs.run(
        [sys.executable, SCRIPT, "--check", *args], 300,
        {"NTB_EDMA_BUILD": str(programs.BUILD), **programs.eal_env(rig.directory)})
    assert code == 0, output
    return output


def test_ep(rig):
    """Rates both ways at once, metadata and reads where the endpoint moves all.

    Steps:
        Send packets of 64 and of 1500 bytes both ways over Gen4 x2, MPS 256, write-combined.
    Verify:
        Rates in model time reach 97 % of 2.12 Mpps and 90 % of 24 Mpps. Nobody reads across the link.
        At most 32 bytes of metadata are posted for a packet.
    """
    check(rig, "--movers", "ep")


@pytest.mark.parametrize("mover", ["split", "rc", "cpu"])
def test_metadata(rig, mover):
    """Metadata and reads of the other arrangements.

    Steps:
        Send packets of 64 bytes both ways.
    Verify:
        At most 56 bytes of metadata for a packet, elements of the lists among them, 32 with cpu. At
        most one read across the link for 32 packets, none with cpu.
    """
    check(rig, "--movers", mover, "--sizes", "64")


@pytest.mark.long
def test_links(rig):
    """Links of other speeds, widths and settings.

    Steps:
        Send packets of 1500 bytes over Gen3 x1, x2, x4 and Gen4 x2, x4, with MPS 128 and 256, and with
        windows that are not cached.
    Verify:
        Metadata and reads are what they are elsewhere.
    """
    check(rig, "--movers", "ep", "--links", "3x1,3x2,3x4,4x2,4x4", "--mps", "128,256",
          "--store", "8,64", "--sizes", "1500", "--latency", "500,2000", "--packets", "2000")


def test_gate(rig):
    """The check fails if a goal is missed.

    Steps:
        Send packets of 64 bytes with 8 bytes in a packet of the link, as to a window that is not
        cached, judged as if it were write-combined.
    Verify:
        The program says which rate is too low.
    """
    code, output = programs.run(
        [sys.executable, SCRIPT, "--check", "--movers", "ep", "--sizes", "64", "--store", "8",
         "--judge-store", "8"], 300,
        {"NTB_EDMA_BUILD": str(programs.BUILD), **programs.eal_env(rig.directory)})
    assert code == 1, output
    assert "expected at least 90% of 24.00" in output
