# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-ntb-perf over ports and DMA devices whose behaviour is known."""

import pytest

from framework import ntb_perf, programs

RING = ["net_ring0"]
LOOP = ["tx=net_ring0", "rx=net_ring0"]
SHORT = ["seconds=0.05", "warmup=0.01"]
HARM = ("lost", "reordered", "duplicates", "corrupt", "foreign")
ENGINE = "dma_dw_edma0,loopback=1"


def good(tmp_path, vdevs, words, **kwargs):
    """Results of a run that ends well."""
    code, results, output = ntb_perf.run(vdevs, words, tmp_path, **kwargs)
    assert code == 0, output
    return results


def bad(tmp_path, vdevs, words, code, text, **kwargs):
    """The run fails with one line that has the text."""
    ended, results, output = ntb_perf.run(vdevs, words, tmp_path, **kwargs)
    lines = [line for line in output.splitlines() if line.startswith("dpdk-ntb-perf: ")]
    assert ended == code and results == [], output
    assert lines == [f"dpdk-ntb-perf: {text}"], output


def check_flow(flow, size):
    """A direction that carried packets, and harmed none."""
    assert flow["mpps"] > 0 and 0 < flow["cpu_share"] <= 1.05
    assert flow["received"] == flow["sent"] > 0
    assert {key: flow[key] for key in HARM} == dict.fromkeys(HARM, 0)
    assert flow["gbps"] == pytest.approx(flow["mpps"] * size * 8 / 1e3, rel=0.01, abs=2e-4)


def test_throughput(tmp_path):
    """Throughput of several sizes and bursts through a ring.

    Steps:
        Send on a net_ring and receive from it, all bytes checked.
    Verify:
        A result for each size and burst; all that was sent arrived; rates fit each other.
    """
    words = ["throughput", *LOOP, "size=60,1500,9000", "burst=1,32", "full=yes", *SHORT]
    results = good(tmp_path, RING, words)
    seen = [(result["size"], result["burst"]) for result in results]
    assert seen == [(size, burst) for size in (60, 1500, 9000) for burst in (1, 32)]
    for result in results:
        (flow,) = result["directions"]
        check_flow(flow, result["size"])


def test_rate(tmp_path):
    """A rate that is asked for is kept.

    Steps:
        Send 20,000 packets per second for half a second.
    Verify:
        So many were received.
    """
    words = ["throughput", *LOOP, "rate=20000", "seconds=0.5"]
    (result,) = good(tmp_path, RING, words)
    assert result["directions"][0]["mpps"] == pytest.approx(0.02, rel=0.2)
    # Warm-up included.
    assert result["directions"][0]["sent"] == pytest.approx(0.7 * 20000, rel=0.2)


def test_two_lcores(rig):
    """Two ports, both ways, an lcore for each end.

    Steps:
        Both sides of a board whose packets are moved by cores, in one process.
    Verify:
        Both directions carried packets; nothing was harmed.
    """
    rig.start_board()
    vdevs, (host, endpoint) = ntb_perf.ntb_pair(rig.board, "cpu")
    words = ["throughput", f"tx={host}", f"rx={endpoint}", "both=yes", *SHORT, "full=yes"]
    (result,) = good(rig.directory, vdevs, words, cpu=list(programs.cpus()))
    assert result["lcores"] == 2 and len(result["directions"]) == 2
    for flow in result["directions"]:
        check_flow(flow, 64)


def test_foreign(tmp_path):
    """What is not a packet of the program's own is not counted as received.

    Steps:
        Receive from net_null, which makes packets of its own.
    Verify:
        All of them are foreign.
    """
    vdevs = ["net_null0", "net_null1"]
    words = ["throughput", "tx=net_null0", "rx=net_null1", *SHORT]
    (result,) = good(tmp_path, vdevs, words)
    (flow,) = result["directions"]
    assert flow["received"] == 0 and flow["foreign"] > 0
    assert flow["lost"] == flow["sent"] > 0


def check_times(times):
    """Percentiles in order, and a histogram that fits them."""
    names = ("min_ns", "p50_ns", "p90_ns", "p99_ns", "p99.9_ns", "p99.99_ns", "max_ns")
    values = [times[name] for name in names]
    assert values == sorted(values) and values[0] > 0
    assert sum(bucket["count"] for bucket in times["histogram"]) == times["count"] > 0


def test_latency(rig):
    """Round trips through a reflector of the same process.

    Steps:
        Both sides of a board; the one that is asked is named first, and starts first.
    Verify:
        Round trips were counted, none was lost, percentiles are in order.
    """
    rig.start_board()
    vdevs, (host, endpoint) = ntb_perf.ntb_pair(rig.board, "cpu")
    words = ["latency", f"rx={endpoint}", f"tx={host}", "size=64,1500", "full=yes", *SHORT]
    for result in good(rig.directory, vdevs, words):
        assert result["lost"] == result["strange"] == 0
        check_times(result)


def test_two_processes(rig):
    """Source and sink, asking and answering end, in processes of their own.

    Steps:
        On a board, start a sink on the endpoint, then a source on the host.
        Then a reflector on the endpoint, and ask it from the host.
    Verify:
        Each tells its end; no number is missing between source and sink. The reflector
        ends by a signal and has answered as often as answers were counted at least.
    """
    rig.start_board().prefer()
    host, endpoint = ntb_perf.ntb_sides(rig.board, "ep")
    cpus = programs.cpus()
    words = ["throughput", "rx=net_ntb1", "seconds=0.2"]
    sink = ntb_perf.NtbPerf("sink", endpoint, words, rig.directory, cpus[0])
    rig.children.append(sink)
    words = ["throughput", "tx=net_ntb0", "seconds=0.3", "rate=20000"]
    (source,) = good(rig.directory, host, words, cpu=cpus[1])
    assert sink.wait(20) == 0
    (sent,) = source["directions"]
    (received,) = sink.results()[0]["directions"]
    assert "received" not in sent and "sent" not in received
    assert 0 < received["received"] <= sent["sent"]
    assert {key: received[key] for key in HARM} == dict.fromkeys(HARM, 0)

    words = ["reflect", "port=net_ntb1"]
    reflector = ntb_perf.NtbPerf("reflector", endpoint, words, rig.directory, cpus[0])
    rig.children.append(reflector)
    (result,) = good(rig.directory, host, ["latency", "tx=net_ntb0", "seconds=0.2"], cpu=cpus[1])
    check_times(result)
    assert reflector.terminate(10) == 0
    assert reflector.results()[0]["reflected"] >= result["count"]


def test_no_answer(tmp_path):
    """Requests that nobody answers.

    Steps:
        Ask on a net_null, which swallows them.
    Verify:
        The run fails and says what it lacks.
    """
    code, results, output = ntb_perf.run(
        ["net_null0,no-rx=1"], ["latency", "tx=net_null0", *SHORT], tmp_path
    )
    assert code == 1 and results[0]["count"] == 0, output
    assert "dpdk-ntb-perf: port net_null0: expected answers, from a reflector" in output


def test_search(tmp_path):
    """Search for the highest rate.

    Steps:
        From a rate that a ring carries in any case; then from one that no machine reaches.
    Verify:
        The first is found at once; the second is halved until something passes.
    """
    words = ["search", *LOOP, *SHORT, "rate=1000"]
    (result,) = good(tmp_path, RING, words)
    assert result["mpps"] == 0.001 and result["trials"] == 1
    words = ["search", *LOOP, *SHORT, "rate=1000000000", "resolution=50"]
    (result,) = good(tmp_path, RING, words)
    assert 0 < result["mpps"] < 500 and result["trials"] > 2


def test_search_loss(tmp_path):
    """A port on which nothing arrives has no rate.

    Steps:
        Search with net_null as receiver.
    Verify:
        The result is 0.
    """
    words = ["search", "tx=net_null0", "rx=net_null1", "rate=1000", "seconds=0.01", "warmup=0.01"]
    (result,) = good(tmp_path, ["net_null0", "net_null1"], words, timeout=60)
    assert result["mpps"] == 0


def test_board(rig):
    """Both sides of a board in one process.

    Steps:
        Start a board; send both ways on two queues with all bytes checked; ask and answer.
    Verify:
        All that was sent arrived, in order and as it was; no answer was lost.
    """
    rig.start_board().prefer()
    vdevs, (host, endpoint) = ntb_perf.ntb_pair(rig.board, "ep")
    words = ["throughput", f"tx={host}", f"rx={endpoint}", "both=yes", "size=64,9000", "full=yes"]
    for result in good(rig.directory, vdevs, words + ["queues=2", "apart=no", "seconds=0.2"]):
        for flow in result["directions"]:
            check_flow(flow, result["size"])
    words = ["latency", f"tx={host}", f"rx={endpoint}", *SHORT]
    (result,) = good(rig.directory, vdevs, words)
    check_times(result)
    assert result["lost"] == 0


def test_dma(tmp_path):
    """DMA devices in turns, and the core.

    Steps:
        dma_skeleton, an engine in this process, and memcpy, two rounds of two sizes.
    Verify:
        A result for each, in turns; rates fit each other; times are in order.
    """
    names = ("dma_skeleton", "dma_dw_edma0-wr0", "memcpy")
    words = ["dma", f"device={','.join(names)}", "bytes=64,4096", "rounds=2", "seconds=0.02"]
    results = good(tmp_path, ["dma_skeleton", ENGINE], words)
    seen = [(result["bytes"], result["round"], result["device"]) for result in results]
    assert seen == [(size, k, name) for size in (64, 4096) for k in (0, 1) for name in names]
    for result in results:
        rate = result["mcopies_per_s"]
        assert rate > 0
        bytes_rate = rate * result["bytes"] / 1e3
        assert result["gbytes_per_s"] == pytest.approx(bytes_rate, abs=2e-4, rel=0.01)
        check_times(result["times"])


def test_dma_parallel(tmp_path):
    """Two channels at once, each with a lcore of its own.

    Steps:
        Two channels of the engine in this process, two lcores, then one.
    Verify:
        Both tell a rate; without a lcore for each the run is refused.
    """
    words = ["dma", "device=dma_dw_edma0-wr0,dma_dw_edma0-rd0", "parallel=yes", "seconds=0.02"]
    results = good(tmp_path, [ENGINE], words, cpu=list(programs.cpus()))
    assert [result["mcopies_per_s"] > 0 for result in results] == [True, True]
    text = 'argument parallel: "yes": expected a lcore for each of 2 devices, there are 1'
    bad(tmp_path, [ENGINE], words, 2, text)


BAD_WORDS = (
    ([], 'argument COMMAND: "": expected a command: see --help'),
    (["thruput"], 'argument COMMAND: "thruput": expected one of those that --help lists'),
    (["--fast"], 'argument --fast: "": expected an option of --help, or a command'),
    (["--wait"], 'argument --wait: "": expected a value'),
    (["--wait", "-1"], 'argument --wait: "-1": expected seconds, 0 to 86400, such as 2.5'),
    (["--late"], 'argument --late: "": expected a value'),
    (["throughput"], 'argument tx: "": expected a port, here or for rx'),
    (["throughput", "tx="], 'argument tx: "": expected a name'),
    (["throughput", "tx=a", "both=yes"], 'argument both: "yes": expected tx and rx, two ports'),
    (["throughput", "tx=a", "both=1"], 'argument both: "1": expected yes or no'),
    (["throughput", "tx=a", "apart=x"], 'argument apart: "x": expected yes or no'),
    (["throughput", "tx=a", "full=all"], 'argument full: "all": expected yes or no'),
    (
        ["throughput", "tx=a", "size=59"],
        'argument size: "59": expected up to 16 numbers, 60 to 9216, with commas',
    ),
    (
        ["throughput", "tx=a", "size=64,9217"],
        'argument size: "64,9217": expected up to 16 numbers, 60 to 9216, with commas',
    ),
    (
        ["throughput", "tx=a", "burst=0"],
        'argument burst: "0": expected up to 16 numbers, 1 to 256, with commas',
    ),
    (["throughput", "tx=a", "queues=65"], 'argument queues: "65": expected a number, 1 to 64'),
    (["throughput", "tx=a", "depth=63"], 'argument depth: "63": expected a number, 64 to 4096'),
    (["throughput", "tx=a", "rate=0"], 'argument rate: "0": expected a number, 1 to 1000000000'),
    (
        ["throughput", "tx=a", "seconds=0"],
        'argument seconds: "0": expected seconds, 0 to 86400, such as 2.5',
    ),
    (
        ["throughput", "tx=a", "warmup=x"],
        'argument warmup: "x": expected seconds, 0 to 86400, such as 2.5',
    ),
    (["latency"], 'argument tx: "": expected a port'),
    (["search", "rx=a"], 'argument tx: "": expected a port'),
    (
        ["search", "tx=a"],
        'argument rx: "": expected a port of this process, which may be that of tx',
    ),
    (
        ["search", "tx=a", "rx=b", "resolution=51"],
        'argument resolution: "51": expected a number, 1 to 50',
    ),
    (["reflect"], 'argument port: "": expected a port'),
    (
        ["reflect", "port=a", "rate=1"],
        'argument rate=1: "": expected port=, size=, burst=, queues=, depth= or seconds=',
    ),
    (["dma"], 'argument device: "": expected names of DMA devices with commas, or memcpy'),
    (
        ["dma", "device=a", "bytes=0"],
        'argument bytes: "0": expected up to 16 numbers, 1 to 1048576, with commas',
    ),
    (
        ["dma", "device=a", "memory=1k"],
        'argument memory: "1k": expected a number, 1048576 to 1073741824',
    ),
    (["dma", "device=a", "rounds=0"], 'argument rounds: "0": expected a number, 1 to 1000'),
    (["dma", "device=a", "parallel=2"], 'argument parallel: "2": expected yes or no'),
)


def test_bad_words():
    """Every bad word is told in one line, before EAL starts.

    Steps:
        Call the program with each.
    Verify:
        Exit code 2; the line names the argument, its value and what was expected.
    """
    for words, text in BAD_WORDS:
        code, output = programs.run([ntb_perf.NTB_PERF, "--", *words], 5)
        assert (code, output) == (2, f"dpdk-ntb-perf: {text}\n"), words
    code, output = programs.run([ntb_perf.NTB_PERF, "-l", "0"], 5)
    assert code == 2 and "see --help" in output


@pytest.mark.parametrize(
    "vdevs,words,text",
    (
        (
            RING,
            ["throughput", "tx=net_rong0"],
            'port "net_rong0": expected the name of an Ethernet port of this process',
        ),
        (
            RING,
            ["throughput", *LOOP, "both=yes"],
            'argument both: "yes": expected two different ports, tx and rx',
        ),
        (
            RING,
            ["throughput", *LOOP, "queues=64"],
            'argument queues: "64": expected at most 16, which port net_ring0 has',
        ),
        (
            [],
            ["dma", "device=dma9"],
            'argument device: "dma9": expected the name of a DMA device of this process, or memcpy',
        ),
        (
            [],
            ["dma", "device=memcpy,"],
            'argument device: "memcpy,": expected 1 to 16 names with commas',
        ),
        (
            [],
            ["dma", "device=memcpy", "bytes=1048576", "burst=8"],
            'argument burst: "8": expected at most 4, with which copies of 1048576 bytes have '
            "room in the memory and in memcpy",
        ),
    ),
)
def test_bad_for_device(tmp_path, vdevs, words, text):
    """What only the device shows to be wrong is told in one line, too.

    Steps:
        Name ports and devices that are not there, and ask them for more than they have.
    Verify:
        Exit code 2 and the line.
    """
    bad(tmp_path, vdevs, words, 2, text)


def test_no_link(tmp_path):
    """A link that does not come up.

    Steps:
        A memif server without a client, half a second.
    Verify:
        Exit code 1 and a line with port and time; the same for a late device that is none.
    """
    vdevs, (server, _) = ntb_perf.memif_pair(tmp_path)
    text = f"port {server}: expected the link to come up within 0.5 s"
    options = ("--wait", "0.5")
    bad(tmp_path, vdevs[:1], ["throughput", f"tx={server}"], 1, text, options=options)
    code, _, output = ntb_perf.run(
        RING, ["throughput", *LOOP], tmp_path, options=("--late", "no_such_device0")
    )
    assert code == 1
    assert 'dpdk-ntb-perf: device "no_such_device0": ' in output
