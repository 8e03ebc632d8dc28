# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors

"""The software endpoint as PCI devices of QEMU: Linux guests whose own drivers use it."""

import re

import pytest

from framework import guest as guests
from framework.bench import wait_until
from framework.softep import Softep

# A guest with an IOMMU, which remaps interrupts as well: with it a device has several of MSI.
IOMMU = ("-device", "intel-iommu,intremap=on,caching-mode=on",
         "-append", "console=ttyS0 quiet panic=-1 intel_iommu=on")
DMA_BUS_ADDRESS = "lspci -v -s 4.0 | sed -n 's/.*Memory at \\([0-9a-f]*\\).*/0x\\1/p' | head -n 1"

pytestmark = pytest.mark.long


@pytest.fixture
def lab(tmp_path):
    """Starts boards and guests, and ends them."""
    lab = Lab(tmp_path)
    yield lab
    lab.close()


class Lab:
    """A board and guests that have functions of it."""

    def __init__(self, directory):
        self.directory = directory
        self.board = None
        self.guests = []

    def close(self):
        for guest in self.guests:
            guest.close()
        if self.board is not None:
            self.board.close()

    def start_board(self, *args):
        self.board = Softep(self.directory / "board", self.directory, *args)

    def start_guest(self, *functions, kernel="6.12", qemu_args=()):
        """Starts a guest with the functions of the board; it boots while others do."""
        reason = guests.missing(kernel)
        if reason is not None:
            pytest.skip(reason)
        sockets = [self.directory / "board" / f"{function}.sock" for function in functions]
        name = f"guest{len(self.guests)}"
        self.guests.append(guests.Guest(name, self.directory, sockets, kernel, qemu_args))
        return self.guests[-1]


def check_dma(lab, guest, channels=2):
    """Moves data with all channels; returns how many interrupts the guest had for that."""
    before = lab.board.stats()
    guest.run("dmesg -c > /dev/null; modprobe edma_check")
    log = guest.run("dmesg | grep edma_check")
    for way in ("from", "to"):
        done = rf"{way} the device: 3 of 3 rounds of 2048 bytes in 100 pieces, result 0"
        assert len(re.findall(done, log)) == channels, log
    assert f"{2 * channels} channels, passed" in log
    guest.run("rmmod edma_check")
    after = lab.board.stats()
    for direction in ("wr", "rd"):
        for channel in range(channels):
            name = f"{direction}{channel}"
            moved = {key: after[name][key] - before[name][key] for key in after[name]}
            # Lists of 84 elements take 100 pieces in two laps, each with an interrupt.
            assert moved["bytes"] == 3 * 2048 and moved["elements"] == 300
            assert moved["doorbells"] == moved["laps"] == moved["imwr"] == 6
    assert after["engine"]["violations"] == 0
    assert after["rc-dma"]["irqs"] - before["rc-dma"]["irqs"] == 12 * channels
    line = guest.run("grep dw-edma /proc/interrupts")
    return int(line.split()[1])


@pytest.mark.parametrize("kernel, args", [
    ("6.12", ()),
    ("6.12", ("--map", "legacy", "--wr", "1", "--rd", "1")),
    ("6.12", ("--map", "hdma-compat", "--trap")),
    ("7", ()),
    ("7", ("--map", "hdma")),
    ("7", ("--map", "hdma", "--dma-id", "amd")),
], ids=lambda value: value if isinstance(value, str) else "-".join(value) or "default")
def test_dma(lab, kernel, args):
    """Linux's dw-edma-pcie moves data both ways, with interrupts.

    Steps:
        Guest with rc-dma; load the driver; slave transfers of 100 pieces on each channel.
    Verify:
        Capabilities as the guest sees them; bytes and interrupts, in the guest and on the board;
        no violation of the programming rules.
    """
    lab.start_board(*args)
    guest = lab.start_guest("rc-dma", kernel=kernel).booted()
    config = guest.run("lspci -vvv -s 4.0")
    assert ("10ee:b054" if "amd" in args else "16c3:edda") in config
    assert "Vendor Specific Information: ID=0006 Rev=0 Len=018" in config
    guest.run("modprobe dw-edma-pcie")
    # The driver's table has two channels of the prototype, and eight of the other.
    channels = 1 if "--wr" in args else 4 if "amd" in args else 2
    assert check_dma(lab, guest, channels) == 12 * channels


def test_iommu(lab):
    """The same behind an IOMMU, whose pages are maps of their own.

    Steps:
        As before, in a guest with a virtual IOMMU.
    Verify:
        The same; the function is in a group of the IOMMU.
    """
    lab.start_board()
    guest = lab.start_guest("rc-dma", qemu_args=IOMMU).booted()
    guest.run("modprobe dw-edma-pcie; test -e /sys/bus/pci/devices/0000:00:04.0/iommu_group")
    check_dma(lab, guest)


def test_no_data(lab):
    """The check sees that nothing was moved, or it would be none.

    Steps:
        An engine that completes its elements and moves no byte.
    Verify:
        All channels fail for what they compare.
    """
    lab.start_board("--set", "no_data=1")
    guest = lab.start_guest("rc-dma").booted()
    guest.run("modprobe dw-edma-pcie")
    assert guest.attempt("modprobe edma_check")[0] != 0
    log = guest.run("dmesg | grep edma_check")
    # modprobe tries twice.
    failures = re.findall(r"0 of 3 rounds .* and then a failure, result -74", log)
    assert len(failures) == 4 * log.count("4 channels, FAILED") > 0


@pytest.mark.parametrize("kernel", ["6.12", "7"])
def test_both_functions(lab, kernel):
    """One guest has the NTB and the engine, as the functions of one device.

    Steps:
        Bind the drivers of both and check the engine. Linux 6.12 leaves the function number at 0,
        which is the NTB's: its driver has to be there first, which makes it a bus master. Linux 7
        sets it to 1.
    Verify:
        Transfers and interrupts.
    """
    lab.start_board("--vntb", "--ntb-irq", "msix", "--ntb-map", "nxp", "--mw", "1M")
    guest = lab.start_guest("rc-ntb", "rc-dma", kernel=kernel).booted()
    assert len(guest.run("lspci -s 4.0; lspci -s 4.1").splitlines()) == 2
    drivers = ["ntb_hw_epf", "dw-edma-pcie"]
    for driver in drivers if kernel == "6.12" else reversed(drivers):
        guest.run(f"modprobe {driver}")
        if driver == "dw-edma-pcie":
            check_dma(lab, guest)


def test_guest_killed(lab):
    """A killed guest leaves the board to the next one.

    Steps:
        Kill a guest whose driver is bound. Start another one.
    Verify:
        One line of the board; bus mastering off; the second guest's transfers.
    """
    lab.start_board()
    guest = lab.start_guest("rc-dma").booted()
    guest.run("modprobe dw-edma-pcie")
    assert lab.board.stats()["rc-dma"]["bus_master"] == 1
    start = len(lab.board.output)
    guest.kill()
    lab.board.wait_for(r"rc-dma: left: .*\n", 5, start)
    assert lab.board.output[start:].count("\n") == 1
    state = lab.board.stats()["rc-dma"]
    assert (state["attached"], state["bus_master"], state["maps"]) == (0, 0, 0)
    guest = lab.start_guest("rc-dma").booted()
    guest.run("modprobe dw-edma-pcie")
    check_dma(lab, guest)


def test_board_killed(lab):
    """A killed board is a dead link to the guest, which lives on.

    Steps:
        Kill the board of a guest whose driver is bound; read a register, load the check, which
        rings and waits for interrupts, and unload the driver.
    Verify:
        All-ones; the check ends with an error; the guest still answers.
    """
    lab.start_board()
    guest = lab.start_guest("rc-dma").booted()
    guest.run("modprobe dw-edma-pcie")
    address = guest.run(DMA_BUS_ADDRESS).strip()
    assert guest.run(f"devmem {address} 32").strip() != "0xFFFFFFFF"
    lab.board.kill()
    assert guest.run(f"devmem {address} 32").strip() == "0xFFFFFFFF"
    word = guest.run("head -c 4 /sys/bus/pci/devices/0000:00:04.0/config | hexdump -e '1/4 \"%x\"'")
    assert word == "ffffffff"
    code, _ = guest.attempt("modprobe edma_check rounds=1", 60)
    assert code != 0 and "FAILED" in guest.run("dmesg")
    guest.run("modprobe -r dw-edma-pcie; uptime")


def load_netdev(guest, number):
    """Loads Linux's network device and gives it an address; it waits for the other side."""
    guest.run("modprobe ntb_hw_epf && modprobe ntb_transport && modprobe ntb_netdev")
    guest.run(f"ip addr add 10.0.0.{number}/24 dev eth0 && ip link set eth0 up")


def wait_for_carrier(guests, value):
    for guest in guests:
        guest.wait_until("cat /sys/class/net/eth0/carrier", value, 60)


def ping_both_ways(guests):
    for number, guest in enumerate(guests, 1):
        answer = guest.run(f"ping -c 5 -W 10 10.0.0.{3 - number}", 60)
        assert "5 packets transmitted, 5 packets received" in answer


def send_file(sender, receiver, address, size):
    """Moves random bytes through a TCP connection; both sides' checksums have to agree."""
    receiver.run("nc -l -p 5000 > /got & true")
    receiver.wait_until("netstat -tln", ":5000 ")
    sender.run(f"head -c {size} /dev/urandom > /sent")
    sender.run(f"nc {address} 5000 < /sent", 120)
    receiver.run("wait")
    checksum = sender.run("md5sum < /sent")
    assert checksum == receiver.run("md5sum < /got")
    assert receiver.run("wc -c < /got").strip() == str(size)


@pytest.mark.parametrize("kernel, args", [
    ("6.12", ("--ntb-map", "nxp", "--mw", "1M")),
    ("6.12", ("--ntb-map", "ti", "--mw", "1M,512K")),
    ("7", ()),
], ids=["nxp", "ti", "renesas"])
def test_netdev(lab, kernel, args):
    """Two guests on the two host functions of a board talk IP over Linux's own drivers.

    Steps:
        A guest on each side; ntb_hw_epf, ntb_transport, ntb_netdev; ping and TCP both ways. Kill
        one guest and start another one in its place.
    Verify:
        Link, answers and bytes; that the side that stays sees the link go down and come back.
    """
    lab.start_board("--back-to-back", *args)
    first = lab.start_guest("rc-ntb", kernel=kernel)
    second = lab.start_guest("rc2-ntb", kernel=kernel)
    for guest in (first, second):
        guest.booted()
    for number, guest in enumerate((first, second), 1):
        load_netdev(guest, number)
    wait_for_carrier((first, second), "1")
    ping_both_ways([first, second])
    send_file(first, second, "10.0.0.2", 300_000)
    send_file(second, first, "10.0.0.1", 300_000)
    stats = lab.board.stats()
    for side, port in (("ntb host 1", "rc-ntb"), ("ntb host 2", "rc2-ntb")):
        assert stats[side]["bad_commands"] == stats[side]["stray_db"] == 0
        assert stats[side]["early_mw"] == stats[side]["mw_errors"] == 0
        assert stats[side]["doorbells"] > 10 and stats[port]["irqs"] > 10
    start = len(lab.board.output)
    second.kill()
    lab.board.wait_for(r"rc2-ntb: left: ", 5, start)
    wait_for_carrier([first], "0")
    third = lab.start_guest("rc2-ntb", kernel=kernel).booted()
    load_netdev(third, 2)
    wait_for_carrier((first, third), "1")
    ping_both_ways([first, third])


@pytest.mark.parametrize("kernel, args, qemu_args", [
    ("6.12", ("--ntb-map", "nxp"), IOMMU),
    ("7", ("--ntb-irq", "msix"), ()),
], ids=["msi", "msix"])
def test_vntb(lab, kernel, args, qemu_args):
    """Linux's host driver with the endpoint's kernel that the board plays.

    Steps:
        ntb_tool in the guest, commands on the board: link, scratchpads and doorbells both ways.
    Verify:
        Each arrives; interrupts are of the kind that the board was told.
    """
    lab.start_board("--vntb", "--mw", "1M", *args)
    guest = lab.start_guest("rc-ntb", kernel=kernel, qemu_args=qemu_args).booted()
    guest.run("modprobe ntb_hw_epf && modprobe ntb_tool && cd /sys/kernel/debug/ntb_tool/*/")
    assert lab.board.stats()["ntb"]["link"] == 0
    guest.run("echo Y > link")
    guest.wait_until("cat peer0/link", "Y")
    assert lab.board.stats()["ntb"]["link"] == 1
    guest.run("echo 0x1234 > peer0/spad3; echo 0x77 > spad2")
    assert "spad=0x1234" in lab.board.command("ntb spad get own 3")
    assert "spad=0x77" in lab.board.command("ntb spad get peer 2")
    lab.board.command("ntb ring 3")
    guest.wait_until("cat db", "^0x8$")
    guest.run("echo 's 4' > peer_db")
    wait_until(lambda: "db=0x4" in lab.board.command("ntb db"), "doorbell", 5)
    kind = "IR-PCI-MSI-" if qemu_args else "PCI-MSIX-"
    used = [line for line in guest.run("grep ntb_epf /proc/interrupts").splitlines()
            if line.split()[1] != "0"]
    assert len(used) == 1 and re.search(rf" 1 +{kind}\S+ +5-edge", used[0])


def test_ntb_clients(lab):
    """Linux's own test clients of the bridge between two guests.

    Steps:
        ntb_pingpong, which answers each doorbell with one; ntb_perf, which fills the window.
    Verify:
        The counts grow on both sides; the volume written.
    """
    lab.start_board("--back-to-back", "--ntb-map", "nxp", "--mw", "1M")
    pair = [lab.start_guest(port) for port in ("rc-ntb", "rc2-ntb")]
    for guest in pair:
        guest.booted().run("modprobe ntb_hw_epf && modprobe ntb_pingpong delay_ms=20")
    for guest in pair:
        guest.wait_until("cat /sys/kernel/debug/ntb_pingpong/*/count", "^[0-9]{2,}$", 60)
    for guest in pair:
        guest.run("rmmod ntb_pingpong")
    for guest in pair:
        guest.run("modprobe ntb_perf chunk_order=14 total_order=18; "
                  "cd /sys/kernel/debug/ntb_perf/*/")
    for guest in pair:
        guest.wait_until("cat info", "Link status: up", 60)
    for guest in pair:
        guest.run("echo 0 > run", 120)
        assert "copied 262144 bytes" in guest.run("cat run")
