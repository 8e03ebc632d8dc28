import os, pytest, re, time
from framework import hugepages, programs
from framework.process import Process
from framework.rig import ntb_vdevs
from framework.testpmd import TestPmd

MEMORY_MB = 192

@pytest.fixture
def pages(tmp_path):
    try:
        held = hugepages.Hugepages(tmp_path, 3 * MEMORY_MB)
    except hugepages.Unavailable as reason:
        pytest.skip(str(reason))
    yield held
    held.close()

def test_try(rig, pages):
    rig.start_board()
    prefix = f"net-{os.getpid()}"
    env = programs.eal_env(rig.directory)
    args = hugepages.shared_args(pages, prefix, programs.cpus()[0], ntb_vdevs("rc", rig.board, "split"), memory=MEMORY_MB)
    args[1] = "0@0,1@0"
    argv = ["dpdk-testpmd", *args, "--", "-i", "--nb-cores=1", "--no-lsc-interrupt", "--disable-link-check", "--total-num-mbufs=8192"]
    rc = Process("primary", pages.wrap(argv), rig.directory, env)
    rig.children.append(rc)
    rc.wait_for("testpmd> ", 20)
    ep = rig.start_side("ep", "split", mtu=None)
    ep.wait_ready()
    ep.start("io"); rc.send("start tx_first")
    time.sleep(1)
    sec = hugepages.shared_args(pages, prefix, programs.cpus()[1], secondary=True)
    for tool in (["dpdk-proc-info", *sec, "--", "-p", "1", "--stats"], ["dpdk-proc-info", *sec, "--", "-p","1","--xstats"], ["dpdk-proc-info", *sec, "--", "-p","1", "--show-port"],):
        print("=====", tool[-1])
        print(programs.run(["timeout", "20", *pages.wrap(tool)], 30, env))
    rc.send("quit"); ep.send("quit")
    rc.wait(10)
