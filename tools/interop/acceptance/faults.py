"""What the sink does when something is missing: one clear line on standard error, and no loss."""

import os
import re
import signal
import socket
import subprocess
import time

import tables
from landing import RECORDS, Load, check_landed, high_watermarks
from processes import BIN, Skip, check, check_equal, tail, wait_until

UNAVAILABLE = 69


def free_port():
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_clear_lines(text, pattern, what, at_most=1):
    """Some lines of a log say what is wrong, and not again and again; nothing looks like a crash."""
    lines = [line for line in text.splitlines() if re.search(pattern, line, re.IGNORECASE)]
    check(1 <= len(lines) <= at_most, f"{len(lines)} lines about {what}, 1 to {at_most} expected:\n{tail(text)}")
    for sign in ("Fatal error", "Stack dump", "backtrace", "Crash"):
        check(sign not in text, f"the log looks like a crash:\n{tail(text)}")


def rows_in(folder):
    """Active rows of a local table, 0 where there is none yet."""
    return tables.read(folder).num_rows if (folder / "_delta_log").is_dir() else 0


def spooled_table(spool):
    """The folder of the vitals inside the spool."""
    logs = [log.parent for log in spool.glob("**/_delta_log") if "dead_letters" not in str(log)]
    check_equal(len(logs), 1, "tables in the spool")
    return logs[0]


def no_broker(scene):
    """No broker listens: a sink that shall end says so and ends as "unavailable"; one that runs on waits for it."""
    port = free_port()
    scene.bootstrap = f"127.0.0.1:{port}"
    ending = scene.sink(scene.hdfs.location("vitals"), "--until-end")
    waiting = scene.sink(scene.hdfs.location("vitals"), "--flush-seconds", 1)
    ending.expect_exit(UNAVAILABLE, seconds=90)
    for sink in (ending, waiting):
        check_clear_lines(sink.stderr, re.escape(scene.bootstrap), "the broker", at_most=2)
    check(waiting.runs, f"the sink ended because there was no broker:\n{tail(waiting.stderr)}")
    scene.start_broker("--port", port)
    load = Load(scene)
    load.produce().expect_exit()
    wait_until(lambda: rows_on_hdfs(scene) == RECORDS, 120, "all rows on HDFS after the broker came")
    waiting.send(signal.SIGTERM)
    waiting.expect_exit()
    check_landed(scene, load.expected_rows())


def rows_on_hdfs(scene):
    """Rows of the table on HDFS by the product's own count, which is cheap to ask again and again."""
    table = scene.hdfs.location("vitals")
    found = subprocess.run([BIN / "pq-cat", table, "--count"], capture_output=True, text=True)
    return int(found.stdout) if found.returncode == 0 else 0


def no_hdfs(scene):
    """HDFS is away from the start: all goes to the spool, and to HDFS once it is there."""
    scene.start_broker()
    load = Load(scene)
    load.produce().expect_exit()
    scene.hdfs.control("kill-namenode")
    try:
        sink = scene.sink(scene.hdfs.location("vitals"), "--until-end").expect_exit(seconds=300)
        check_clear_lines(sink.stderr, "spool", "the spool", at_most=4)
        check_equal(rows_in(spooled_table(scene.spool)), RECORDS, "rows in the spool")
    finally:
        scene.hdfs.control("start-namenode")
    scene.run("hdfs-sync", "--spool", scene.spool, "--table", scene.hdfs.location("vitals")).expect_exit(seconds=300)
    check_landed(scene, load.expected_rows())


def disk_full(scene):
    """The disk of the spool is full: the sink waits, drops nothing, and goes on when there is room again."""
    disk = scene.folder / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        raise Skip("a small file system for the spool can only be mounted by root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        raise Skip(f"a small file system for the spool cannot be mounted: {mounted.stderr.strip()}")
    try:
        scene.spool = disk / "spool"
        scene.start_broker()
        load = Load(scene)
        load.produce().expect_exit()
        scene.hdfs.control("kill-namenode")
        try:
            sink = scene.sink(scene.hdfs.location("vitals"), "--batch-size", 10_000, "--until-end")
            complaint = re.compile("full|no space", re.IGNORECASE)
            wait_until(lambda: complaint.search(sink.stderr), 120, "a word about the full disk")
            time.sleep(3)
            check(sink.runs, f"the sink ended because the disk was full:\n{tail(sink.stderr)}")
            check_clear_lines(sink.stderr, "full|no space", "the full disk", at_most=3)
            subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
            sink.expect_exit(seconds=300)
            check_equal(rows_in(spooled_table(scene.spool)), RECORDS, "rows in the spool")
        finally:
            scene.hdfs.control("start-namenode")
        sync = scene.run("hdfs-sync", "--spool", scene.spool, "--table", scene.hdfs.location("vitals"))
        sync.expect_exit(seconds=300)
        check_landed(scene, load.expected_rows())
    finally:
        scene.close()
        subprocess.run(["umount", disk], check=False)


def sigterm(scene):
    """SIGTERM lands what is buffered, and the sink exits 0."""
    scene.start_broker()
    load = Load(scene)
    load.produce().expect_exit()
    # Neither rows nor seconds nor bytes fill a batch: what lands, lands because of the signal.
    sink = scene.sink(
        scene.hdfs.location("vitals"), "--batch-size", 10_000_000, "--flush-seconds", 3600, "--flush-bytes", 1 << 30
    )
    time.sleep(10)
    check_equal(scene.hdfs.versions("vitals") <= 1, True, "no rows before the signal")
    sink.send(signal.SIGTERM)
    sink.expect_exit(seconds=60)
    landed = tables.read(scene.hdfs.copy("vitals", scene.folder / "after")).num_rows
    check_equal(landed, sum(high_watermarks(scene).values()), "rows that the signal landed")
    check_landed(scene, load.expected_rows())


SCENARIOS = {
    "no-broker": no_broker,
    "no-hdfs": no_hdfs,
    "disk-full": disk_full,
    "sigterm": sigterm,
}
