"""Runs the benchmark of the sink; started by tools/bench, which says more."""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

import confluent_kafka
import deltalake

import sink_age
from bench_report import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["VITALS_BIN"])
FULL, EMPTY, BACKLOG, LATENCY, LATENCY_HDFS = "vitals", "empty", "backlog", "latency", "latency-hdfs"

# What ours has to reach, as a ratio to the rival: records a second, then peak memory (the rival's by ours).
TARGETS = {"python-polars": (5.0, 1.0), "python-orjson": (5.0, 1.0), "bare-consumer": (0.6, None)}
# Resident memory that the sink may take, in MB, also with a long backlog of many days.
MEMORY_TARGET = 256


def say(text):
    print(f"bench sink: {text}", file=sys.stderr, flush=True)


def use_two_cores():
    """Binds this process, and so all that it starts, to the first two cores that it may use."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


class Contender:
    """A program that reads a topic to its end, once over."""

    def __init__(self, name, command):
        self.name, self.command = name, command
        self.empty_seconds, self.seconds, self.peaks = [], [], []

    def run(self, topic, folder, number):
        """Runs it once; returns its seconds and its peak memory in MB."""
        table = folder / f"table-{self.name}-{number}-{topic}"
        # A group of its own: in the mock cluster a second member waits for the session of the first to end.
        words = [str(word) for word in self.command(topic, table, f"{self.name}-{number}-{topic}")]
        log = folder / f"{self.name}.log"
        started = time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{words[0]} exited {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
        self.check(topic, table)
        # The table stays until the end: ext4 looks for a free inode past all that were freed in the last minutes, which
        # would slow down whoever makes files next.
        return seconds, usage.ru_maxrss / 1024

    def check(self, topic, table):
        """Fails the run when a table does not hold what the topic holds."""
        if topic != FULL or not table.is_dir():
            return
        if (table / "_delta_log").is_dir():
            rows = deltalake.DeltaTable(str(table)).count()
        else:
            import pyarrow.dataset

            rows = pyarrow.dataset.dataset(table, format="parquet").count_rows()
        if rows != self.expected:
            sys.exit(f"{self.name} landed {rows} rows of {self.expected}")

    def round(self, folder, number):
        self.empty_seconds.append(self.run(EMPTY, folder, number)[0])
        seconds, peak = self.run(FULL, folder, number)
        self.seconds.append(seconds)
        self.peaks.append(peak)
        say(f"round {number}: {self.name} {seconds:.2f} s, on an empty topic {self.empty_seconds[-1]:.2f} s")

    @property
    def rate(self):
        """Records a second: median time, less what start, group join and end take on an empty topic."""
        return self.expected / (statistics.median(self.seconds) - statistics.median(self.empty_seconds))

    @property
    def peak(self):
        return max(self.peaks)


def contenders(bootstrap, arguments):
    broker = ["--bootstrap-servers", bootstrap]
    flush = arguments.flush_rows

    def peer(parser):
        script = ROOT / "tools" / "bench.d" / "sink_peer.py"
        return lambda topic, table, group: [
            sys.executable, script, *broker, "--topic", topic, "--table", table, "--flush-rows", flush,
            "--parser", parser,
        ]  # fmt: skip

    def ours(topic, table, group):
        return [
            BIN / "vitals-sink", *broker, "--topic", topic, "--group-id", group, "--table", table,
            "--spool", f"{table}-spool", "--batch-size", flush, "--until-end", "--log-level", "warning",
        ]  # fmt: skip

    def bare(topic, table, group):
        return [BIN / "sink-consumer", *broker, "--topic", topic, "--group-id", group]

    return [
        Contender("vitals-sink", ours),
        Contender("python-polars", peer("polars")),
        Contender("python-orjson", peer("orjson")),
        Contender("bare-consumer", bare),
    ]


def start_broker(folder, partitions):
    """Starts the broker with an empty and a full topic, and returns it with its address."""
    topics = [word for topic in (FULL, EMPTY, BACKLOG) for word in ("--topic", f"{topic}:{partitions}")]
    topics += ["--topic", f"{LATENCY}:4", "--topic", f"{LATENCY_HDFS}:4"]
    log = open(folder / "broker.log", "wb")
    broker = subprocess.Popen([BIN / "kafka-dev-broker", *topics], stdout=subprocess.PIPE, stderr=log, text=True)
    address = broker.stdout.readline().split()
    if not address:
        sys.exit("the broker did not start:\n" + (folder / "broker.log").read_text())
    return broker, address[-1]


def fill(bootstrap, arguments):
    """Fills the topic and returns how many records the broker holds, none of them dropped again."""
    say(f"filling {arguments.partitions} partitions with {arguments.records} records")
    command = [
        BIN / "vitals-producer", "--bootstrap-servers", bootstrap, "--topic", FULL, "--patients", 1_000, "--rate", 0,
        "--count", arguments.records, "--seed", 1, "-X", "compression.codec=zstd", "-X", "linger.ms=50",
    ]  # fmt: skip
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": "count"})
    held = 0
    for partition in range(arguments.partitions):
        low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(FULL, partition), timeout=10)
        if low != 0:
            sys.exit(f"the broker has dropped {low} records of partition {partition}: take more partitions")
        held += high
    consumer.close()
    if held != arguments.records:
        sys.exit(f"the broker holds {held} of {arguments.records} records")
    return held


def measure_speed(bootstrap, arguments):
    """Ours and the rivals in turn on the full topic."""
    Contender.expected = fill(bootstrap, arguments)
    field = contenders(bootstrap, arguments)
    for number in range(1, arguments.rounds + 1):
        for contender in field:
            contender.round(arguments.folder, number)
    ours, *rivals = field
    lines = []
    for rival in rivals:
        rate_target, memory_target = TARGETS[rival.name]
        ratio = ours.rate / rival.rate
        lines.append(["sink", round(ours.rate), rival.name, round(rival.rate), "records/s", round(ratio, 2),
                      rate_target, ratio >= rate_target])  # fmt: skip
        if memory_target is not None:
            ratio = rival.peak / ours.peak
            lines.append(["sink peak memory", round(ours.peak), rival.name, round(rival.peak), "MB", round(ratio, 2),
                          memory_target, ratio >= memory_target])  # fmt: skip
    return lines


def measure_age(bootstrap, arguments):
    """The memory over a backlog, and the age at visibility, against their limits."""
    lines = []
    if arguments.backlog > 0:
        say(f"a backlog of {arguments.backlog} records over {sink_age.DAYS} days")
        peak = sink_age.backlog(bootstrap, BACKLOG, arguments.folder, arguments.backlog)
        lines.append(["backlog peak memory", round(peak), "limit", MEMORY_TARGET, "MB", round(MEMORY_TARGET / peak, 2),
                      1.0, peak <= MEMORY_TARGET])  # fmt: skip
    flush = arguments.flush_seconds
    say("from produced to visible at 20,000 records/s")
    tables = [("local table", LATENCY, sink_age.LocalTable(arguments.folder / "latency"), 0.3, 0.0, [])]
    if arguments.hdfs_instance:
        table = sink_age.HdfsTable(arguments.hdfs_instance, arguments.folder / "latency-hdfs")
        tables.append(("HDFS", LATENCY_HDFS, table, 0.8, 1.0, ["--spool", arguments.folder / "latency-spool"]))
    for place, topic, table, slack, high_slack, options in tables:
        median, high = sink_age.latency(bootstrap, topic, table, 20_000, 10 * flush, flush, *options)
        limits = ("median age when visible", median, flush / 2 + slack), ("99th percentile", high, flush + high_slack)
        for name, age, limit in limits:
            met = age <= limit
            lines.append([f"{name}, {place}", round(age, 2), "limit", limit, "s", round(limit / age, 2), 1.0, met])
    return lines


def main():
    parser = argparse.ArgumentParser(prog="tools/bench sink")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--hdfs-instance", default="", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--partitions", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flush-rows", type=int, default=50_000)
    parser.add_argument("--backlog", type=int, default=5_000_000)
    parser.add_argument("--flush-seconds", type=int, default=2)
    arguments = parser.parse_args()
    use_two_cores()
    broker, bootstrap = start_broker(arguments.folder, arguments.partitions)
    try:
        lines = measure_speed(bootstrap, arguments) if arguments.rounds > 0 else []
        lines += measure_age(bootstrap, arguments)
    finally:
        broker.terminate()
        broker.wait()
    report(lines, arguments.json)


main()
