# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""devtools/bench.sh: what it makes of results, and one small part of it."""

import json
import sys

import pytest

from framework import programs

sys.path.append(str(programs.ROOT / "devtools"))

# pylint: disable=wrong-import-position
from bench import curves, noise
from bench.figures import figures
from bench.goals import verdicts
from bench.samples import Plan, sample_of
from bench.table import goal_lines, table

BENCH = programs.ROOT / "devtools" / "bench.sh"
QUIET = {"steal": 0.0, "iowait": 0.0}
STAT = """cpu  30 0 30 300 6 0 0 4 0 0
cpu0 10 0 10 100 {0} 0 0 1 0 0
cpu1 20 0 20 200 3 0 0 {1} 0 0
intr 12345
"""


def result(size, mpps, share=1.0, **changes):
    """What dpdk-ntb-perf tells of a run."""
    harm = dict.fromkeys(("lost", "reordered", "duplicates", "corrupt", "foreign"), 0)
    flow = {"mpps": mpps, "gbps": mpps * size * 8 / 1e3, "cpu_share": share, **harm, **changes}
    return {"size": size, "burst": 32, "directions": [flow]}


def sample(port, number, mpps, size=64, around=None, limit=0.1, **changes):
    """A sample of the part that has most goals."""
    plan = Plan("throughput", (), "throughput", [])
    return sample_of(plan, port, number, result(size, mpps, **changes), around or QUIET, limit)


def test_noise():
    """Steal and iowait from /proc/stat.

    Steps:
        Take the shares between two times of two CPUs.
    Verify:
        Both are parts of the time of both CPUs; the line of all CPUs is not counted again.
    """
    before, after = (noise.parse_stat(STAT.format(*ticks)) for ticks in ((3, 3), (6, 4)))
    assert after[0]["iowait"] == 6 and after[1]["steal"] == 4 and set(after) == {0, 1}
    assert noise.shares(before, after) == {"steal": 0.25, "iowait": 0.75}
    assert noise.shares(before, before) == {"steal": 0, "iowait": 0}
    assert noise.model("processor : 0\nmodel name\t: Some CPU 3000\n") == "Some CPU 3000"
    assert noise.machine()["cpus"] >= 1


def test_samples():
    """Which runs count, and what a rate is.

    Steps:
        Make samples of runs with noise, with harm, and with part of a CPU only.
    Verify:
        A port that cores work for has its rate per second of CPU, one with an engine per
        second; noise, harm, and a CPU that an engine's lcore did not have, are not kept.
    """
    half = sample("memif", 0, 2.0, share=0.5)
    assert half["values"]["mpps"] == 4.0 and half["values"]["wall_mpps"] == 2.0 and half["kept"]
    half = sample("ntb-ep", 0, 2.0, share=0.5)
    assert half["values"]["mpps"] == 2.0 and not half["kept"]
    assert sample("ntb-ep", 0, 2.0, share=0.95)["kept"]
    assert not sample("memif", 0, 2.0, around={"steal": 0.06, "iowait": 0.06})["kept"]
    assert sample("memif", 0, 2.0, around={"steal": 0.06, "iowait": 0.06}, limit=0.2)["kept"]
    assert not sample("memif", 0, 2.0, corrupt=1)["kept"]
    assert not sample("memif", 0, 2.0, lost=1)["kept"]


def rounds():
    """Three rounds in which the machine becomes slower, the second of memif with noise."""
    loud = {"steal": 0.5, "iowait": 0.0}
    return [
        sample("ntb-cpu", 0, 12.0), sample("memif", 0, 10.0),
        sample("ntb-cpu", 1, 6.0), sample("memif", 1, 60.0, around=loud),
        sample("ntb-cpu", 2, 3.3), sample("memif", 2, 3.0),
        sample("ntb-ep", 0, 2.0, size=1500), sample("memif", 0, 4.0, size=1500),
    ]


def test_figures():
    """Medians and ratios.

    Steps:
        Take figures of rounds of which one counts for one port only.
    Verify:
        Medians leave out what is not kept; ratios are those of rounds with both.
    """
    ours, memif, engine, _ = figures(rounds(), "memif", "mpps")
    assert (ours["runs"], ours["kept"], ours["medians"]["mpps"]) == (3, 3, 6.0)
    assert (memif["runs"], memif["kept"], memif["medians"]["mpps"]) == (3, 2, 6.5)
    assert ours["ratio"] == pytest.approx((1.2 + 1.1) / 2)
    assert memif["steal"] == 0.5 and memif["ratio"] == 1
    assert engine["setting"]["size"] == 1500 and engine["ratio"] == 0.5


def test_goals():
    """Which goals are met.

    Steps:
        Compare figures with the goals; once more with nothing kept, and of parts that did not run.
    Verify:
        Met, missed and not measured are told apart; what did not run is not spoken of.
    """
    lines = figures(rounds(), "memif", "mpps")
    words = {(goal.port, goal.setting["size"]): word for goal, _, word in
             verdicts(lines, ["throughput"])}
    assert words.pop(("ntb-ep", 9000)).startswith("not measured")
    assert words == {("ntb-cpu", 64): "met", ("ntb-ep", 1500): "missed"}
    assert verdicts(lines, ["dma"]) == []
    plan = Plan("latency", (), "latency", [])
    times = [
        sample_of(plan, port, 0, {"size": 64, "p50_ns": ns, "lost": 0, "strange": 0,
                                  "cpu_share": 1.0, "histogram": []}, QUIET, 0.1)
        for port, ns in (("ntb-cpu", 121), ("memif", 100))
    ]
    (goal, ratio, word), _ = verdicts(figures(times, "memif", "p50_ns"), ["latency"])
    assert goal.most and ratio == 1.21 and word == "missed"
    text = "\n".join([*table(lines), *goal_lines(verdicts(lines, ["throughput"]))])
    assert "64 B, burst 32                    ntb-cpu" in text
    assert "1.15  at least 1.0  met" in text and "0.50  at least 1.0  missed" in text


def test_curves():
    """What plots are drawn of.

    Steps:
        Merge histograms of samples, one of which does not count; take figures by port.
    Verify:
        Counts add up; each point has the part that took longer; what is missing is left out.
    """
    samples = [
        {"port": "memif", "kept": kept, "setting": {"size": 64}, "histogram": buckets}
        for kept, buckets in (
            (True, [(10, 1), (20, 2)]), (True, [(20, 5), (40, 2)]), (False, [(10, 100)])
        )
    ]
    merged = curves.merged(samples, "memif", 64)
    assert merged == [(10, 1), (20, 7), (40, 2)]
    assert curves.steps(merged) == [(10, 0.9), (20, 0.2), (40, 0)]
    assert curves.merged(samples, "ring", 64) == []
    lines = curves.by_port(figures(rounds(), "memif", "mpps"), "throughput",
                           lambda figure: figure["ratio"])
    assert lines["ntb-cpu"][0] == [64] and lines["memif"] == ([64, 1500], [1, 1])


def test_plots(tmp_path):
    """The plots themselves.

    Steps:
        Draw all of them from canned results, twice.
    Verify:
        Four files of SVG, the same both times.
    """
    pytest.importorskip("matplotlib")
    from bench import plots  # pylint: disable=import-outside-toplevel

    times = [{"part": "latency", "port": "memif", "kept": True, "setting": {"size": 64},
              "histogram": [(10, 1), (20, 2)]}]
    report = {
        "samples": rounds() + times,
        "figures": figures(rounds(), "memif", "mpps"),
        "cost": {"figures": {"ep, 64 B": [60, 70], "copy": [30]}},
    }
    texts = []
    for name in ("a", "b"):
        directory = tmp_path / name
        directory.mkdir()
        drawn = plots.draw(report, directory)
        assert drawn == ["throughput.svg", "ratio.svg", "latency.svg", "instructions.svg"]
        texts.append([(directory / plot).read_text(encoding="utf-8") for plot in drawn])
    assert texts[0] == texts[1] and all("<svg" in text for text in texts[0])
    report = {"samples": [], "figures": [], "cost": {}}
    assert plots.draw(report, tmp_path) == []


def test_part(tmp_path):
    """One part, for real.

    Steps:
        Run the part about round trips with two pairs of ports, one round, any noise.
    Verify:
        Table and results are there, with a ratio for each size, and speak of the goal.
    """
    words = ["--fair", "--rounds", "1", "--noise", "100", "--ports", "ntb-cpu,memif"]
    env = {"NTB_EDMA_BUILD": str(programs.BUILD)}
    code, output = programs.run([BENCH, *words, "--out", tmp_path, "latency"], 120, env)
    assert code == 0, output
    report = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    seen = {(one["port"], one["setting"]["size"]): one for one in report["figures"]}
    assert set(seen) == {(port, size) for port in ("ntb-cpu", "memif") for size in (64, 1500)}
    assert all(one["ratio"] > 0 and one["kept"] == 1 for one in seen.values())
    assert report["goals"][0]["ratio"] == seen["ntb-cpu", 64]["ratio"]
    table_text = (tmp_path / "bench.txt").read_text(encoding="utf-8")
    assert "latency, ratio to memif" in table_text and "round trip, 64 B, mover=cpu" in table_text


def test_arguments():
    """Arguments of the script.

    Steps:
        List the parts; give bad arguments.
    Verify:
        Every part is listed; a bad argument is named with what was expected, exit code 2.
    """
    env = {"NTB_EDMA_BUILD": str(programs.BUILD)}
    code, output = programs.run([BENCH, "--list"], 30, env)
    assert code == 0 and {"throughput", "latency", "dma", "cost"} <= set(output.split())
    for words, text in (
        (["latncy"], 'PART: "latncy": expected one of throughput,'),
        (["--rounds", "0"], 'argument --rounds: "0": expected a number, 1 or more'),
        (["--noise", "101"], 'argument --noise: "101": expected a percentage, 0 to 100'),
        (["--ports", "memif,x"], 'argument --ports: "x": expected some of ntb-cpu,'),
    ):
        code, output = programs.run([BENCH, *words], 30, env)
        assert code == 2 and text in output, output
