# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""dpdk-ntb-tool: what Linux's ntb_test.sh tries, on both sides at once, and what goes wrong."""

import re
import time

import pytest

from framework import ntb_tool, programs
from framework.rig import SIDES
from framework.testpmd import wait_links

PEER = {"rc": "ep", "ep": "rc"}
DOORBELLS = 30
SCRATCHPADS = 128
WINDOW = 4 << 20
# One queue pair of 512 entries: 4 KiB, twice 512 * 16 bytes, and 16 KiB for requests of copies.
USER = 0x9000

# A peer that is gone is noticed within this time.
NOTICE = 5


class Pair(dict):
    """A tool on each side of a board, by side."""

    def __init__(self, rig, *options, engine=True, lcores=1, board_args=()):
        super().__init__()
        self.rig = rig
        self.engine = engine
        rig.start_board(*board_args)
        for side in SIDES:
            self.start(side, *options, lcores=lcores)

    def start(self, side, *options, lcores=1):
        """Start, or start again, the tool of one side."""
        cpu = dict(zip(SIDES, programs.cpus()))[side]
        devices = ntb_tool.vdevs(side, self.rig.board, self.engine)
        tool = ntb_tool.NtbTool(side, devices, cpu, self.rig.directory, *options, lcores=lcores)
        self.rig.children.append(tool)
        self[side] = tool
        return tool

    def both(self, *commands):
        """Run commands on both sides; returns the last result of each."""
        for tool in self.values():
            tool.ask(*commands)
        return [[tool.result() for _ in commands][-1] for tool in self.values()]

    def wait_up(self):
        """Wait for the link on both sides."""
        for result in self.both("link wait up"):
            assert result["link"] == "up"
        return self

    def quit(self):
        """End both; none may have complained."""
        for tool in self.values():
            tool.close_input()
        for tool in self.values():
            assert tool.wait(ntb_tool.TIMEOUT) == 0, tool.output
            assert not ntb_tool.COMPLAINT.findall(tool.output), tool.output


def test_info(rig):
    """Both sides show everything.

    Steps:
        Ask both sides for information, before and after the link is up.
    Verify:
        JSON with names, sides, link, windows, counts, MAC addresses, generation, statistics and
        DMA devices, as they are on this board.
    """
    pair = Pair(rig, "--down")
    for side, info in zip(SIDES, pair.both("info")):
        assert info["device"] == "raw_ntb_epf0" and info["driver"] == "raw_ntb_epf"
        assert info["side"] == side
        assert info["link"] == "down" and info["arrangement"] == "none"
        assert info["peer_window"]["access"] == "out of reach"
        assert info["peer_window"]["bytes"] == 0
    pair.both("link up")
    pair.wait_up()
    pair["rc"].do("spad write peer 7 0x123")
    rc, ep = pair.both("info")
    for info in (rc, ep):
        assert info["link"] == "up" and info["arrangement"] == "ep"
        assert info["transport"] == "ring" and info["peer_present"] == "yes"
        assert info["queues"] == 1 and info["queue_size"] == info["link_queue_size"] == 512
        assert info["windows"] == 1 and info["scratchpads"] == SCRATCHPADS
        assert info["doorbells"] == DOORBELLS
        assert info["doorbells_valid"] == (1 << DOORBELLS) - 1
        for window in ("own_window", "peer_window"):
            assert info[window]["bytes"] == WINDOW
            assert info[window]["access"] == "mapped"
            assert info[window]["address"] != 0
            assert info[window]["user_offset"] == USER
        assert info["peer_window"]["dma_address"] != 0
        assert info["xstats"]["Link-flaps"] == 0
        assert {dma["name"] for dma in info["dma_devices"]} == {
            f"dma_dw_edma0-{kind}{n}" for kind in ("wr", "rd") for n in range(4)
        }
    # The host reads with write channels and writes with read channels.
    assert {d["name"][-3:]: d["to_peer"] for d in rc["dma_devices"]}["rd0"] == "yes"
    assert {d["name"][-3:]: d["to_peer"] for d in ep["dma_devices"]}["rd0"] == "no"
    assert rc["generation"] == ep["peer_generation"] != 0
    assert ep["generation"] == rc["peer_generation"] != 0
    assert ep["own_scratchpads"] == rc["peer_scratchpads"] == {"7": 0x123}
    assert rc["own_scratchpads"] == ep["peer_scratchpads"] == {}
    pair.quit()


@pytest.mark.parametrize("side", SIDES)
def test_link(rig, side):
    """Each side takes the link down and up, and the other one sees it.

    Steps:
        Three times: take the link down on one side, wait for it on the other; take it up, wait
        for it on both.
    Verify:
        Every wait ends well; the flaps are counted.
    """
    pair = Pair(rig).wait_up()
    for _ in range(3):
        pair[PEER[side]].ask("link wait down")
        down = pair[side].do("link down")
        assert down["link"] == "down" and down["peer_window"] == "out of reach"
        assert pair[PEER[side]].result()["link"] == "down"
        pair[side].do("link up")
        pair.wait_up()
    assert pair[PEER[side]].do("info")["xstats"]["Link-flaps"] == 3
    pair.quit()


def test_doorbells(rig):
    """Every doorbell, both ways.

    Steps:
        For each bit: ring it, wait for it at the other side, look, clear it. Then ring several at
        once while the other side waits for all of them.
        At last one waits for two bits, of which one is rung.
    Verify:
        That bit and no other is seen, at the other side only, until it is cleared. One of two is
        not enough.
    """
    pair = Pair(rig, engine=False)
    pair.both("link wait window")
    for tool, other in ((pair["rc"], pair["ep"]), (pair["ep"], pair["rc"])):
        for bit in range(DOORBELLS):
            assert tool.do(f"db ring {1 << bit}")["status"] == 0
            assert other.do(f"db wait {1 << bit}", "db read")["status"] == 1 << bit
            assert other.do(f"db clear {1 << bit}")["status"] == 0
        other.ask("db wait 0x30000003")
        tool.do("db ring 1", "db ring 0x20000000", "db ring 0x10000002", "db ring 1")
        assert other.result()["status"] == 0x30000003
        assert other.do("db clear 0x10000001")["status"] == 0x20000002
        other.do("db clear 0xffffffff")
    pair["rc"].do("db ring 1")
    code, complaint = pair["ep"].fail_at("db wait 3 0.2")
    assert code == 1 and "0x1 after 0.2 s: expected 0x3" in complaint
    assert pair["rc"].quit() == 0


def test_scratchpads(rig):
    """Every scratchpad of both sides, from both sides.

    Steps:
        Each side writes the peer's scratchpads, reads its own, then writes its own and reads the
        peer's. One side waits for a value while the other writes it.
    Verify:
        Each value is where it was written and nowhere else.
    """
    pair = Pair(rig, engine=False)
    pair.both("link wait window")
    numbers = range(SCRATCHPADS)
    for tool, mark in ((pair["rc"], 0xA000), (pair["ep"], 0xB000)):
        tool.do(*(f"spad write peer {n} {mark + n}" for n in numbers))
    for tool, mark in ((pair["rc"], 0xB000), (pair["ep"], 0xA000)):
        assert tool.do("info")["own_scratchpads"] == {str(n): mark + n for n in numbers}
        tool.do(*(f"spad write own {n} {mark + 0x100 + n}" for n in numbers))
    for tool, mark in ((pair["rc"], 0xA000), (pair["ep"], 0xB000)):
        assert tool.do("spad read peer 127")["value"] == mark + 0x100 + 127
        assert tool.do("info")["peer_scratchpads"] == {str(n): mark + 0x100 + n for n in numbers}
    for tool, other in ((pair["rc"], pair["ep"]), (pair["ep"], pair["rc"])):
        other.ask("spad wait own 9 0xffffffff")
        tool.do("spad write peer 9 0xfffffffe", "spad write peer 9 0xffffffff")
        assert other.result()["value"] == 0xFFFFFFFF
    pair.quit()


@pytest.mark.sanitizers
def test_windows(rig):
    """The windows, both ways, by word and by pattern.

    Steps:
        Each side fills the peer's window behind the rings with a pattern; the other verifies it.
        Words are poked into the peer's window and peeked from the own one, and the other way
        round. At last a word of a pattern is changed.
    Verify:
        Everything arrives; the changed word is found and named.
    """
    pair = Pair(rig, engine=False)
    pair.both("link wait window")
    size = WINDOW - USER
    for tool, other, seed in ((pair["rc"], pair["ep"], 1), (pair["ep"], pair["rc"], 2)):
        assert tool.do(f"window fill peer +0 {size} {seed}")["bytes"] == size
    for tool, other, seed in ((pair["rc"], pair["ep"], 1), (pair["ep"], pair["rc"], 2)):
        assert other.do(f"window verify own {USER} {size} {seed}")["bytes"] == size
        assert tool.do(f"window verify peer +0 {size} {seed}")["bytes"] == size
        tool.do(f"window poke peer {WINDOW - 8} 0x11223344 5")
        words = other.do(f"window peek own {WINDOW - 8} 2")["words"]
        assert list(words.items()) == [("0x3ffff8", 0x11223344), ("0x3ffffc", 5)]
        other.do("window poke own +4096 77")
        assert tool.do("window peek peer +0x1000")["words"] == {"0xa000": 77}
    code, complaint = pair["rc"].fail_at(f"window verify peer +0 {size} 1")
    assert code == 1
    assert "0x4d at 0xa000: expected 0x" in complaint, complaint
    assert f"; 3 of {size // 4} words differ" in complaint, complaint
    assert pair["ep"].quit() == 0


@pytest.mark.parametrize(
    "command, expected",
    [
        ("window poke peer 0x8ffc 1", "from 0x9000 on to fit below 0x400000"),
        ("window fill own 0 4096 1", "from 0x9000 on to fit below 0x400000"),
        ("window fill peer +0 4M 1", "4194304 bytes from 0x9000 on to fit below 0x400000"),
        ("window poke peer 0x3ffffc 1 2", "8 bytes from 0x9000 on to fit"),
        ("window peek own 0x400000", "4 bytes from 0x0 on to fit below 0x400000"),
        ("window poke peer +0xfffffffffffffffc 1", "4 bytes from 0x9000 on to fit"),
        ("spad read own 128", '"128": expected a number, 0 to 127'),
        ("db ring 0x40000000", '"0x40000000": expected bits of 0x3fffffff'),
        ("bandwidth cpu write chunk=8M", '"8388608": expected at most 4157440 bytes'),
        ("bandwidth dma read device=nobody", '"nobody": expected the name of a DMA device'),
        (
            "bandwidth dma read device=dma_dw_edma0-rd3",
            '"dma_dw_edma0-rd3": expected one that copies from the peer',
        ),
    ],
)
def test_refused_by_device(rig, command, expected):
    """What the device cannot do, or the rings would suffer from, is refused.

    Steps:
        With the link up, give the command.
    Verify:
        Exit code 2, one line that names the value and what was expected; the link was never down
        at the other side.
    """
    pair = Pair(rig).wait_up()
    code, complaint = pair["rc"].fail_at(command)
    assert code == 2
    assert expected in complaint, complaint
    assert pair["ep"].do("link wait down")["link"] == "down"
    assert pair["ep"].do("info")["xstats"]["Link-flaps"] == 1
    assert pair["ep"].quit() == 0


@pytest.mark.sanitizers
@pytest.mark.parametrize("method", ["spad", "db", "window", "queue"])
def test_ping(rig, method):
    """Latency by every method, from both sides, with either side there first.

    Steps:
        One side is at "pong"; the other sends pings and reports. Then the other way round, and the
        pings begin before "pong".
    Verify:
        All rounds come back; least, mean, percentiles and most are in order and fit the histogram.
    """
    pair = Pair(rig, engine=method == "queue")
    rounds = 300
    ping = f"ping {method} rounds={rounds}"
    for tool, other, first in ((pair["rc"], pair["ep"], "pong"), (pair["ep"], pair["rc"], "ping")):
        if first == "pong":
            other.ask(f"pong {method}")
            tool.ask(ping)
        else:
            tool.ask(ping)
            other.ask(f"pong {method}")
        result = tool.result()
        assert result["method"] == method and result["rounds"] == rounds
        assert 0 < result["min_ns"] <= result["p50_ns"] <= result["p99_ns"] <= result["max_ns"]
        assert result["min_ns"] <= result["avg_ns"] <= result["max_ns"]
        counts = [(row["up_to_ns"], row["count"]) for row in result["histogram"]]
        assert counts == sorted(counts)
        assert sum(count for _, count in counts) == rounds
        assert counts[-1][0] >= result["max_ns"] and counts[0][0] >= result["min_ns"]
        # Beside the rounds at least one for the meeting; a bell has no number to tell them by.
        assert other.result()["echoed"] > rounds
    pair.quit()


@pytest.mark.sanitizers
@pytest.mark.parametrize("side", SIDES)
def test_bandwidth(rig, side):
    """Bandwidth by core and by DMA, and the bytes that really moved.

    Steps:
        Write to the peer by core and by DMA, each with a pattern of its own; the peer verifies.
        The peer fills its window; read by core and by DMA, verifying.
    Verify:
        Figures that fit each other; every pattern arrives; the engine counts the bytes of the
        copies.
    """
    pair = Pair(rig).wait_up()
    tool, other = pair[side], pair[PEER[side]]
    moved = {}
    for method in ("cpu", "dma"):
        for direction in ("write", "read"):
            seed = 1 + len(moved)
            if direction == "read":
                other.do(f"window fill own +0 64k {seed}")
            result = tool.do(f"bandwidth {method} {direction} chunk=64k seconds=0.3 seed={seed}")
            assert result["method"] == method and result["direction"] == direction
            assert result["copies"] > 0
            assert result["bytes"] == result["copies"] * 65536
            rate = result["bytes"] / result["seconds"] / 1e6
            assert result["mbytes_per_second"] == pytest.approx(rate, rel=0.01)
            if direction == "write":
                other.do(f"window verify own +0 64k {seed}")
            moved[method, direction] = result["bytes"]
    channels = rig.softep.channels()
    assert sum(channel["bytes"] for channel in channels.values()) >= (
        moved["dma", "write"] + moved["dma", "read"]
    )
    other.do("window fill own +0 64k 9")
    code, complaint = tool.fail_at("bandwidth dma read chunk=64k seconds=0.1 seed=10")
    assert code == 1 and "bandwidth read: 0x" in complaint
    assert other.quit() == 0


def test_bandwidth_both_at_once(rig):
    """Both sides write with two lcores each, at the same time.

    Steps:
        Start the measurement on both sides; verify what arrived in the windows.
    Verify:
        Both report two lcores; both patterns are whole, one chunk of each lcore.
    """
    pair = Pair(rig, engine=False, lcores=2)
    pair.both("link wait window")
    rates = pair.both("bandwidth cpu write chunk=128k seconds=0.5 seed=21")
    assert all(rate["by"] == "2 lcores" and rate["copies"] >= 2 for rate in rates)
    pair.both("window verify own +0 256k 21")
    pair.quit()


def test_beside_traffic(rig):
    """The tool does not disturb a peer that uses the rings.

    Steps:
        A testpmd on the endpoint, the tool on the host: bring the link up, fill the peer's
        window behind the rings, measure bandwidth, ring doorbells, ping through the queue, which
        testpmd sends back.
    Verify:
        testpmd's link stays up and what it received it sent back.
    """
    rig.start_board()
    pmd = rig.start_side("ep", "ep")
    pmd.wait_ready()
    devices = ntb_tool.vdevs("rc", rig.board, engine=False)
    tool = ntb_tool.NtbTool("rc", devices, programs.cpus()[0], rig.directory)
    rig.children.append(tool)
    pmd.command("set fwd io")
    # Forwarding polls the device, which advances its link.
    pmd.command("start")
    tool.do("link wait up")
    wait_links([pmd])
    size = WINDOW - USER
    assert tool.do(f"window fill peer +0 {size} 3")["bytes"] == size
    tool.do("bandwidth cpu write seconds=0.3", "db ring 0x3fffffff")
    result = tool.do("ping queue rounds=200 bytes=1000")
    assert result["rounds"] == 200 and result["bytes"] == 1000
    pmd.command("stop")
    stats = pmd.stats()
    assert stats["RX-packets"] == stats["TX-packets"] >= 201
    assert tool.do("info")["xstats"]["Link-flaps"] == 0
    assert tool.quit() == 0


def test_peer_that_never_rests(rig):
    """A peer that sends all the time is no trap.

    Steps:
        A testpmd on the endpoint sends without end. The tool on the host pings it through the
        queue; another one is at "pong" and gets SIGTERM.
    Verify:
        The ping gives up in time, the pong ends at once, both with exit code 1.
    """
    rig.start_board()
    pmd = rig.start_side("ep", "ep")
    pmd.wait_ready()
    pmd.start("flowgen")
    devices = ntb_tool.vdevs("rc", rig.board, engine=False)
    tool = ntb_tool.NtbTool("rc", devices, programs.cpus()[0], rig.directory)
    rig.children.append(tool)
    code, complaint = tool.fail_at("ping queue seconds=1")
    assert code == 1 and "no answer within 1.0 s" in complaint
    tool = ntb_tool.NtbTool("rc2", devices, programs.cpus()[0], rig.directory)
    rig.children.append(tool)
    tool.ask("pong queue")
    assert int(tool.wait_for(r"pong: 2 s, (\d+) rounds", ntb_tool.TIMEOUT).group(1)) > 0
    assert tool.terminate(NOTICE) == 1
    assert "pong: interrupted after" in tool.output


@pytest.mark.sanitizers
def test_trap_mode(rig):
    """Where nothing is shared over the link, the tool says what it cannot do and does the rest.

    Steps:
        With a board in trap mode: doorbells and scratchpads both ways; the host's own window;
        DMA into the peer's window; a look into the peer's window.
    Verify:
        The last ends with exit code 1 and says that the window is reached by message; everything
        else works.
    """
    pair = Pair(rig, board_args=("--trap",)).wait_up()
    rc, ep = pair["rc"], pair["ep"]
    for tool, other in ((rc, ep), (ep, rc)):
        tool.do("db ring 5", "spad write peer 1 0x55")
        assert other.do("db wait 5")["status"] == 5
        assert other.do("spad wait own 1 0x55")["value"] == 0x55
        assert tool.do("info")["peer_window"]["access"] == "by message"
        tool.do("bandwidth dma write chunk=4k seconds=0.1 seed=4")
        other.do("window verify own +0 4k 4")
    code, complaint = rc.fail_at("window peek peer 0")
    assert code == 1
    assert "the peer's window is not mapped here, but reached by message" in complaint
    assert ep.quit() == 0


def test_one_command_per_call(rig):
    """Each call runs one command; the other side only serves.

    Steps:
        The endpoint is at "serve". On the host, one call each: write a scratchpad, fill and verify
        the window, in text and JSON.
    Verify:
        Exit code 0 and the results; the endpoint sees what was done; SIGTERM ends "serve" with
        exit code 0.
    """
    rig.start_board()
    devices = ntb_tool.vdevs("ep", rig.board, engine=False)
    ep = ntb_tool.NtbTool("ep", devices, programs.cpus()[1], rig.directory)
    rig.children.append(ep)
    devices = ntb_tool.vdevs("rc", rig.board, engine=False)

    def call(*words):
        code, output = ntb_tool.once(rig.directory, devices, "--wait", "10", *words)
        assert code == 0, output
        return output

    assert "value: 0xbeef\n" in call("spad", "write", "peer", "2", "0xbeef")
    assert "bytes: 8192\n" in call("window", "fill", "peer", "+0", "8k", "6")
    assert '{"command":"window verify",' in call("--json", "window", "verify", "peer", "+0", "8k", "6")
    assert "link: down\n" in call("info")
    # The endpoint clears its scratchpads when the host leaves; the window stays as it is.
    assert ep.do("window verify own +0 8k 6")["bytes"] == 8192
    assert ep.do("spad read own 2")["value"] == 0
    ep.ask("serve")
    call("db", "ring", "1")
    assert ep.terminate(ntb_tool.TIMEOUT) == 0


@pytest.mark.sanitizers
def test_script_file(rig, tmp_path):
    """A file of commands is looked at as a whole before anything is done.

    Steps:
        Run a good file with comments and empty lines, one that ends early by "quit", one with an
        error in its third line, and one that fails when it runs.
    Verify:
        Results in order; nothing after "quit"; exit code 2 and no result for the bad one; exit
        code 1 at the failure, with the line's number.
    """
    rig.start_board()
    devices = ntb_tool.vdevs("ep", rig.board, engine=False)
    script = tmp_path / "script"

    def call(text):
        script.write_text(text, encoding="utf-8")
        return ntb_tool.once(rig.directory, devices, "--json", "--file", script)

    good = "# bring-up\n\nserve 0.1\n  spad write own 1 5 # five\nspad read own 1\n"
    code, output = call(good)
    assert code == 0, output
    assert output.count('"command":"spad"') == 2 and '"value":5' in output
    code, output = call(good + "quit\ninfo\n")
    assert code == 0 and '"command":"info"' not in output
    code, output = call("serve 0.1\n\nspad read own 70000\n")
    assert code == 2
    assert f'{script}:3: argument N: "70000": expected a number, 0 to 65535' in output, output
    assert '"command"' not in output
    code, output = call("link show\nspad wait own 1 5 0.1\nlink show\n")
    assert code == 1
    assert f"{script}:2: waiting for scratchpad own 1: 0x0 after 0.1 s: expected 0x5" in output
    assert output.count('"command"') == 1
    code, output = call("# a\n" + 81 * " a")
    assert code == 2 and f"{script}:2: line: expected at most 80 words" in output
    code, output = call("info\0")
    assert code == 2 and f'argument --file: "{script}": expected text' in output
    code, output = ntb_tool.usage("--file", str(tmp_path))
    assert code == 2 and "cannot be read: Is a directory" in output
    tool = ntb_tool.NtbTool("long", devices, programs.cpus()[0], tmp_path)
    rig.children.append(tool)
    code, complaint = tool.fail_at(5000 * "x")
    assert code == 2 and "line: expected less than 4096 characters" in complaint


# Which of the signs of a death is seen first is a matter of luck: the link, the endpoint's memory, or
# a copy that fails.
DEATH = re.compile(
    r": the link went down after \d"
    r"|^spad_own_\d: the endpoint is not there"
    r"|^DMA device \S+: a copy ended with status [1-9]"
)


@pytest.mark.parametrize(
    "command",
    ["spad wait own 3 1 60", "db wait 1 60", "pong spad seconds=60", "bandwidth dma write seconds=60"],
)
@pytest.mark.parametrize("side", SIDES)
def test_peer_killed(rig, side, command):
    """A peer that dies ends what waits for it.

    Steps:
        With the link up, one side waits, or measures; the other is killed.
    Verify:
        Exit code 1 within seconds, and one line that says why.
    """
    pair = Pair(rig).wait_up()
    tool, other = pair[side], pair[PEER[side]]
    tool.ask("link show", command)
    tool.result()
    # It is at the command when it has taken some time over it.
    tool.wait_for(r": 2 s( of at most 60)?(, \d+ \w+)?\n", ntb_tool.TIMEOUT)
    other.kill()
    code, complaint = tool.failure(NOTICE)
    assert code == 1
    assert DEATH.search(complaint.split(": ", 1)[1]), complaint


def test_wait_for_dead_and_new_peer(rig):
    """A wait for the link sees a peer die and another one come.

    Steps:
        Wait for link down; kill the other side. Wait for link up; start it again.
    Verify:
        Both waits end well, on either side.
    """
    pair = Pair(rig).wait_up()
    for side in SIDES:
        tool = pair[side]
        tool.ask("link wait down")
        pair[PEER[side]].kill()
        assert tool.result(NOTICE)["link"] == "down"
        tool.ask("link wait up")
        pair.start(PEER[side])
        assert tool.result()["link"] == "up"
        pair.wait_up()
    pair.quit()


def test_board_killed(rig):
    """A board that dies ends the commands that need it.

    Steps:
        Kill the board while both sides wait. Then give each a command that needs the peer's
        window.
    Verify:
        The waits see the link go down; the commands end with exit code 1 and say that the peer's
        window is out of reach.
    """
    pair = Pair(rig).wait_up()
    for tool in pair.values():
        tool.ask("link wait down")
    rig.softep.kill()
    for tool in pair.values():
        assert tool.result(NOTICE)["link"] == "down"
        code, complaint = tool.fail_at("window peek peer 0")
        assert code == 1 and "the peer's window is out of reach" in complaint


@pytest.mark.parametrize(
    "command, expected",
    [
        ("link wait up 0.2", "waiting for link up: not within 0.2 s"),
        ("link wait window 0.2", "waiting for the peer's window: not within 0.2 s"),
        ("db ring 1", "db_ring: the peer's window is out of reach"),
        ("db wait 3 0.2", "waiting for doorbells: 0x0 after 0.2 s: expected 0x3"),
        ("window poke peer +0 1", "the peer's window is out of reach"),
        ("bandwidth cpu write", "the peer's window is out of reach"),
        ("ping spad seconds=0.2", "waiting for the peer's window: not within 0.2 s"),
        ("ping queue seconds=0.2", "waiting for link up: not within 0.2 s"),
    ],
)
def test_no_peer(rig, command, expected):
    """Without a peer, what needs one says so.

    Steps:
        Start the endpoint's side alone and give the command.
    Verify:
        Exit code 1 and one line that says what was waited for, or is missing.
    """
    rig.start_board()
    devices = ntb_tool.vdevs("ep", rig.board, engine=False)
    code, output = ntb_tool.once(rig.directory, devices, *command.split())
    assert code == 1
    assert [expected] == [
        line[: len(expected)] for line in ntb_tool.COMPLAINT.findall(output)
    ], output


def test_no_pong(rig):
    """Nobody answers, nobody asks.

    Steps:
        One side pings for a while without an answer, then the other is at "pong" without a ping.
    Verify:
        Both give up after the time they were told, with exit code 1.
    """
    pair = Pair(rig, engine=False)
    pair.both("link wait window")
    code, complaint = pair["rc"].fail_at("ping window seconds=0.3")
    assert code == 1 and 'no answer within 0.3 s: expected "pong window"' in complaint
    pair.start("rc")
    pair["rc"].do("link wait window")
    code, complaint = pair["rc"].fail_at("pong db seconds=0.3")
    assert code == 1 and 'no ping within 0.3 s, after 0: expected "ping db"' in complaint
    assert pair["ep"].quit() == 0


def test_progress(rig):
    """What takes long shows that it goes on, and can be interrupted.

    Steps:
        Wait 3.2 s for a scratchpad; then for a long time, and send SIGTERM.
    Verify:
        No line before 2 s, then one a second; the second wait ends at once with exit code 1.
    """
    rig.start_board()
    devices = ntb_tool.vdevs("ep", rig.board, engine=False)
    ep = ntb_tool.NtbTool("ep", devices, programs.cpus()[1], rig.directory)
    rig.children.append(ep)
    ep.do("serve 0.1")
    began = time.monotonic()
    ep.ask("spad wait own 1 5 3.2")
    ep.wait_for("waiting for scratchpad own 1: 2 s of at most 3\n", ntb_tool.TIMEOUT)
    assert time.monotonic() - began >= 1.9
    code, complaint = ep.failure()
    assert code == 1 and "0x0 after 3.2 s: expected 0x5" in complaint
    assert ep.output.count(" s of at most 3\n") == 2

    ep = ntb_tool.NtbTool("ep2", devices, programs.cpus()[1], rig.directory)
    rig.children.append(ep)
    ep.ask("db wait 1 600")
    ep.wait_for("waiting for doorbells: 2 s of at most 600\n", ntb_tool.TIMEOUT)
    assert ep.terminate(NOTICE) == 1
    assert "waiting for doorbells: interrupted after" in ep.output


@pytest.mark.parametrize(
    "words, expected",
    [
        ("", 'argument COMMAND: "": expected a command, or --file'),
        ("infos", 'command "infos": expected one of those that --help lists'),
        ("info now", 'argument now: "": expected no more arguments'),
        ("--jsn info", 'argument --jsn: "": expected an option of --help, or a command'),
        ("--file", 'argument --file: "": expected a value'),
        ("--file /none", 'argument --file: "/none": cannot be read: No such file'),
        ("--file - info", 'argument COMMAND: "info": expected no command together with --file'),
        ("--wait soon info", 'argument --wait: "soon": expected seconds, 0 to 86400'),
        ("--queues 65 info", 'argument --queues: "65": expected a number, 1 to 64'),
        ("--queue-size 63 info", 'argument --queue-size: "63": expected a number, 64 to 4096'),
        ("link", 'argument link: "": expected show, up, down or wait'),
        ("link wait", 'argument link wait: "": expected up, down or window'),
        ("link wait up -1", 'argument SECONDS: "-1": expected seconds'),
        ("serve for-ever", 'argument SECONDS: "for-ever": expected seconds'),
        ("spad read mine 1", 'argument OWNER: "mine": expected own or peer'),
        ("spad read own", 'argument N: "": expected a number, 0 to 65535'),
        ("spad write own 1", 'argument VALUE: "": expected a number, 0x0 to 0xffffffff'),
        ("spad write own 1 0x100000000", 'argument VALUE: "0x100000000": expected a number'),
        ("spad wait own 1 1 1e9", 'argument SECONDS: "1e9": expected seconds'),
        ("db", 'argument db: "": expected read, clear, wait or ring'),
        ("db ring 0", 'argument MASK: "0": expected a number, 0x1 to 0xffffffff'),
        ("db clear all", 'argument MASK: "all": expected a number'),
        ("window peek own 2", 'argument OFFSET: "2": expected a multiple of 4'),
        ("window peek own +", 'argument OFFSET: "+": expected a multiple of 4'),
        ("window peek own 0 65", 'argument WORDS: "65": expected a number, 1 to 64'),
        ("window poke peer 0", 'argument VALUE: "": expected a number'),
        ("window poke peer 0" + 65 * " 1", 'argument VALUE: "1": expected at most 64 of them'),
        ("window fill peer 0 3 1", 'argument BYTES: "3": expected a multiple of 4, more than 0'),
        ("window fill peer 0 0 1", 'argument BYTES: "0": expected a multiple of 4, more than 0'),
        ("window verify peer 0 4", 'argument SEED: "": expected a number'),
        ("ping", 'argument ping: "": expected spad, db, window or queue'),
        ("ping db number=29", 'argument number: "29": expected a number, 0 to 28'),
        ("ping queue bytes=2049", 'argument bytes: "2049": expected a number, 60 to 2048'),
        ("pong spad rounds=5", 'argument rounds=5: "": expected seconds= or number='),
        ("bandwidth", 'argument bandwidth: "": expected cpu or dma'),
        ("bandwidth cpu", 'argument DIRECTION: "": expected write or read'),
        ("bandwidth cpu write chunk=100", 'argument chunk: "100": expected a multiple of 64'),
        ("bandwidth cpu write chunk=2G", 'argument chunk: "2G": expected a number, 64 to'),
        ("bandwidth cpu write seconds=0", 'argument seconds: "0": expected seconds'),
        ("bandwidth cpu read device=x", 'argument device: "x": expected it with "dma" only'),
        ("bandwidth dma read device=", 'argument device: "": expected a name'),
    ],
)
def test_usage(words, expected):
    """A bad command line is refused before EAL starts.

    Steps:
        Run the tool with the arguments.
    Verify:
        Exit code 2; one line that names the argument, its value and what was expected.
    """
    code, output = ntb_tool.usage(*words.split())
    assert code == 2
    assert output.startswith(f"dpdk-ntb-tool: {expected}"), output
    assert output.count("\n") == 1


def test_help():
    """Help and version need no device.

    Steps:
        Ask for help with and without "--", and for the version.
    Verify:
        Exit code 0; every command is listed.
    """
    code, output = ntb_tool.usage("--help")
    assert code == 0
    for command in ("info", "link up", "serve", "spad read", "db ring", "window peek", "ping"):
        assert f"\n  {command}" in output
    env = programs.sanitizer_env()
    assert programs.run([ntb_tool.PROGRAM, "--help"], 10, env) == (0, output)
    code, output = programs.run([ntb_tool.PROGRAM, "--version"], 10, env)
    assert code == 0 and output.startswith("dpdk-ntb-tool ")
    code, output = programs.run([ntb_tool.PROGRAM], 10, env)
    assert code == 2 and '"--" and a command' in output


def test_wrong_device(rig):
    """Devices that are not there, several, or that cannot be what was asked for.

    Steps:
        Start the tool without an NTB rawdev, with the name of none, with more queues than the
        window has room for.
    Verify:
        One line each that says what was expected; no crash.
    """
    rig.start_board()
    devices = ntb_tool.vdevs("ep", rig.board, engine=False)
    code, output = ntb_tool.once(rig.directory, [], "info")
    assert code == 1 and "no NTB rawdev: expected EAL arguments that make one" in output
    code, output = ntb_tool.once(rig.directory, devices, "--device", "raw_ntb_epf7", "info")
    assert code == 2
    assert '"raw_ntb_epf7": expected the name of an NTB rawdev' in output
    code, output = ntb_tool.once(rig.directory, devices, "--device", "raw_ntb_epf0", "info")
    assert code == 0, output
    two = devices + [f"raw_ntb_epf1,softep={rig.board},side=rc"]
    code, output = ntb_tool.once(rig.directory, two, "info")
    assert code == 2 and "2 NTB rawdevs: expected --device" in output
    options = ("--queues", "2", "--queue-size", "100", "info")
    code, output = ntb_tool.once(rig.directory, devices, *options)
    assert code == 1 and "refused 2 queue pairs of 100" in output
