# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""Rules of the source tree: who may know whom."""

import re
import subprocess

import pytest

from framework import programs

DPDK_HEADER = re.compile(r"(^|/)(rte_\w+\.h|\w*_driver\.h|ethdev_\w+\.h)$")
NO_LICENCE_LINE = {"LICENSE", "VERSION", ".gitignore"}
SOURCES = ("*.c", "*.h")


def tree_files():
    """Files of the repository: everything but what .gitignore names and tools hide."""
    ignored = re.compile(r"^(build|build-[^/]*|\.(?!ci/)[^/]*)/|(^|/)__pycache__/")
    names = (path.relative_to(programs.ROOT) for path in programs.ROOT.rglob("*") if path.is_file())
    return [name for name in map(str, names) if not ignored.search(name)]


def included(part):
    """Headers that the objects of a part of the build were really compiled with, by object."""
    done = subprocess.run(
        ["ninja", "-C", programs.BUILD, "-t", "deps"],
        capture_output=True,
        check=True,
        text=True,
    )
    graph = {}
    current = None
    for line in done.stdout.splitlines():
        if line and not line.startswith(" ") and ": #deps" in line:
            name = line.split(":", 1)[0]
            current = name if part in name else None
            if current is not None:
                graph[current] = set()
        elif line.startswith("    ") and current is not None:
            graph[current].add(line.strip())
    assert graph, f"the build has no object of {part}"
    return graph


def symbols(library):
    """Symbols that a static library of the build defines or wants."""
    path = next(programs.BUILD.rglob(library))
    done = subprocess.run(["nm", path], capture_output=True, check=True, text=True)
    return set(re.findall(r"^[0-9a-f ]{16} \w (\S+)$", done.stdout, re.MULTILINE))


def assert_no_header(part, pattern):
    """No object of a part includes a header whose path matches."""
    for name, headers in included(part).items():
        wrong = [header for header in headers if re.search(pattern, header)]
        assert not wrong, f"{name} includes {wrong}"


def assert_no_text(folder, pattern):
    """No source file of a folder has a match, in code or comment."""
    for glob in SOURCES:
        for path in (programs.ROOT / folder).glob(glob):
            match = re.search(pattern, path.read_text(encoding="utf-8"))
            assert match is None, f"{path.name} names {match.group()}"


def test_ethdev_knows_rawdev_api_only():
    """The ethdev reaches what is below it through the public rawdev API.

    Steps:
        Take the include graph, the symbols and the text of drivers/net/ntb.
    Verify:
        No header of another driver or library of ours, no name of the rawdev driver, no DMA call.
    """
    assert_no_header("rte_net_ntb", r"drivers/(raw|dma|common)/|lib/(edma_model|vfio_user)/")
    assert_no_text("drivers/net/ntb", r"(?i)ntb_epf|dw_edma|softep|vfio")
    names = symbols("libtmp_rte_net_ntb.a")
    assert "rte_rawdevs" in names or "rte_rawdev_enqueue_buffers" in names
    assert not [name for name in names if re.search("ntb_epf|edma|softep|vfio|rte_dma", name)]


def test_rawdev_knows_no_engine():
    """The rawdev moves payload through rte_dma and knows no register of an engine.

    Steps:
        Take the include graph, the symbols and the text of drivers/raw/ntb_epf.
    Verify:
        No header of the DMA driver or the model, no register name; rte_dma is used.
    """
    assert_no_header("rte_raw_ntb_epf", r"drivers/(net|dma)/|lib/edma_model/")
    assert_no_text("drivers/raw/ntb_epf", r"(?i)dw_edma|edma_model")
    names = symbols("libtmp_rte_raw_ntb_epf.a")
    assert [name for name in names if name.startswith("rte_dma_")]
    assert not [name for name in names if "edma" in name]


def test_dma_driver_knows_no_bridge():
    """The DMA driver knows nothing of the bridge above it.

    Steps:
        Take the include graph and the symbols of drivers/dma/dw_edma.
    Verify:
        No header of the rawdev or the ethdev, no rawdev or ethdev call.
    """
    assert_no_header("rte_dma_dw_edma", r"drivers/(net|raw)/")
    names = symbols("libtmp_rte_dma_dw_edma.a")
    assert not [name for name in names if re.search("ntb|rte_rawdev|rte_eth_", name)]


@pytest.mark.parametrize("tool", ["dpdk-ntb-tool", "dpdk-ntb-perf"])
def test_tool_knows_public_api_only(tool):
    """The tools reach devices as any application could.

    Steps:
        Take the include graph of the tool.
    Verify:
        No header of a driver folder, none of DPDK for drivers.
    """
    assert_no_header(f"app/{tool}", r"drivers/|_driver\.h$|_pmd\.h$")


@pytest.mark.parametrize("part", ["lib/libvfio_user", "lib/libedma_model", "app/dpdk-softep"])
def test_no_dpdk(part):
    """Model, messages and board are plain POSIX.

    Steps:
        Take the include graph of the part.
    Verify:
        No DPDK header in it.
    """
    for name, headers in included(part).items():
        wrong = [header for header in headers if DPDK_HEADER.search(header)]
        assert not wrong, f"{name} includes {wrong}"


def test_model_and_driver_share_registers_only():
    """Driver and model have the register header in common and nothing else of each other's.

    Steps:
        Take the include graph of the model.
    Verify:
        Of the drivers' headers it has only dw_edma_hw.h.
    """
    shared = {
        header.rsplit("/", 1)[-1]
        for headers in included("lib/libedma_model").values()
        for header in headers
        if "drivers/" in header
    }
    assert shared == {"dw_edma_hw.h"}


def test_licence_lines():
    """Every file says its licence in the first lines.

    Steps:
        Read the first three lines of every file of the repository.
    Verify:
        The SPDX tag of this project is in them.
    """
    wrong = []
    for name in tree_files():
        if name in NO_LICENCE_LINE:
            continue
        head = (programs.ROOT / name).read_text(encoding="utf-8").splitlines()[:3]
        if not any("SPDX-License-Identifier: BSD-3-Clause" in line for line in head):
            wrong.append(name)
    assert not wrong


def test_maintained():
    """Every file has an entry in MAINTAINERS, and every entry has a file.

    Steps:
        Match the F: lines against the files of the repository.
    Verify:
        Neither side is without the other.
    """
    text = (programs.ROOT / "MAINTAINERS").read_text(encoding="utf-8")
    entries = re.findall(r"^F: (\S+)$", text, re.MULTILINE)
    patterns = {
        entry: re.compile(
            re.escape(entry).replace(r"\*", "[^/]*") + (".*" if entry.endswith("/") else "") + "$"
        )
        for entry in entries
    }
    files = tree_files()
    assert not [entry for entry, regex in patterns.items() if not any(map(regex.match, files))]
    assert not [name for name in files if not any(r.match(name) for r in patterns.values())]
