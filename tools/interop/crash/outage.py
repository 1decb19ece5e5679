"""HDFS is away for minutes of full load, and comes back: nothing lost, the order kept, memory and spool bounded."""

import json
import os
import signal
import threading
import time
import urllib.parse
import urllib.request

import confluent_kafka
import duckdb

import tables
from processes import check, check_equal, tail, wait_until

RATE = 20_000
PARTITIONS = 16
MEMORY_LIMIT = 256 << 20
# Bytes of spool a record may take; a vitals record takes about 25 as Parquet.
SPOOL_BYTES_PER_RECORD = 64


def size(file):
    """Bytes of a file; none when it went home meanwhile."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class Watch:
    """Looks at a sink twice a second: its memory, its spool, and what it has not landed yet."""

    def __init__(self, sink, spool):
        self.sink, self.spool = sink, spool
        found = wait_until(lambda: "port=" in sink.stderr, 30, "the port of the metrics") and sink.stderr
        self.url = f"http://127.0.0.1:{int(found.split('port=')[1].split()[0])}/metrics"
        self.peak_spool = 0
        self.last = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def metrics(self):
        """The sums of the gauges and counters over their labels."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        sums = {}
        with opener.open(self.url, timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("#"):
                    continue
                name, value = line.rsplit(" ", 1)
                name = name.split("{")[0]
                sums[name] = sums.get(name, 0) + float(value)
        return sums

    def _run(self):
        while not self.stopping.wait(0.5):
            self.peak_spool = max(self.peak_spool, sum(map(size, self.spool.glob("date=*/*"))))
            try:
                self.last = self.metrics()
            except OSError:
                continue

    @property
    def peak_memory(self):
        """The most that was ever resident, in bytes."""
        status = open(f"/proc/{self.sink.process.pid}/status").read()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])

    def end(self):
        self.stopping.set()
        self.thread.join()


class BadRecords:
    """One bad record for every thousand good ones, over all partitions."""

    def __init__(self, world, rate):
        self.world, self.pause = world, 1_000 / rate
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        producer = confluent_kafka.Producer({"bootstrap.servers": self.world.bootstrap, "compression.codec": "zstd"})
        number = 0
        while not self.stopping.wait(self.pause):
            producer.produce(self.world.topic, b"not a record", b"k", number % self.world.partitions)
            producer.poll(0)
            number += 1
        check_equal(producer.flush(60), 0, "messages that the broker did not take")

    def end(self):
        self.stopping.set()
        self.thread.join()


def produced(world):
    """The end of each partition."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": world.bootstrap, "group.id": "watermarks"})
    places = [confluent_kafka.TopicPartition(world.topic, number) for number in range(world.partitions)]
    ends = {place.partition: consumer.get_watermark_offsets(place, timeout=10)[1] for place in places}
    consumer.close()
    return ends


def check_order(world):
    """In the order of the log each partition's end only grows, and no entry brings rows from below the last end."""
    names = sorted(entry["pathSuffix"] for entry in world.hdfs.list("vitals/_delta_log"))
    ends = {}
    for name in (name for name in names if name.endswith(".json") and name[:20].isdigit()):
        with world.hdfs._get(f"vitals/_delta_log/{name}", "OPEN") as answer:
            actions = [json.loads(line) for line in answer.read().splitlines()]
        marks = [action["txn"] for action in actions if "txn" in action]
        marks = {int(mark["appId"].rsplit("/", 1)[1]): mark["version"] for mark in marks}
        for tags in (action["add"]["tags"] for action in actions if "add" in action):
            partition, start, following = (int(tags[f"kafka.{key}"]) for key in ("partition", "start", "next"))
            what = f"offsets {start} to {following} of partition {partition} in {name}"
            check(ends.get(partition, 0) <= start <= following <= marks[partition], f"{what} are out of order")
        for partition, end in marks.items():
            check(end > ends.get(partition, 0), f"the end of partition {partition} goes back in {name}")
        ends |= marks
    return ends


def check_rows(world, ends):
    """Every offset once, as a row or as a dead letter, and each patient's events in the order of the offsets."""
    files = tables.active_files(world.hdfs.copy("vitals", world.folder / "copy"))
    letters = tables.active_files(world.hdfs.copy("vitals_dead_letters", world.folder / "letters"))
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '2GB'; set threads = 2")
        connection.execute(f"set temp_directory = '{world.folder / 'duckdb'}'")
        connection.execute(f"create view landed as select * from read_parquet({files!r})")
        connection.execute(f"create view letters as select * from read_parquet({letters!r})")
        found = connection.execute(
            "select _kafka_partition, count(*), count(distinct _kafka_offset), min(_kafka_offset), max(_kafka_offset)"
            " from (select _kafka_partition, _kafka_offset from landed"
            " union all select _kafka_partition, _kafka_offset from letters) group by 1"
        ).fetchall()
        for partition, rows, offsets, low, high in found:
            end = ends[partition]
            check_equal((rows, offsets, low, high), (end, end, 0, end - 1), f"records of partition {partition}")
        check_equal(len(found), world.partitions, "partitions that have rows")
        back = connection.execute(
            "select count(*) from (select event_time < lag(event_time) over"
            " (partition by _kafka_partition, patient_id order by _kafka_offset) as is_back from landed) where is_back"
        ).fetchone()[0]
        check_equal(back, 0, "records that stand behind a later one of their patient")


def story(minutes, rate=RATE):
    """A story of an outage of so many minutes under a load of so many records a second."""

    def play(world):
        lead, longest = 5, int(60 * minutes) + 600
        sink = world.run(
            "vitals-sink", "--bootstrap-servers", world.bootstrap, "--topic", world.topic, "--group-id", "outage",
            "--table", world.hdfs.location("vitals"), "--spool", world.spool, "--metrics-port", 0,
            "--memory-limit", MEMORY_LIMIT, "--log-level", "info",
        )  # fmt: skip
        watch = Watch(sink, world.spool)
        load = world.produce("--patients", 1_000, "--rate", rate, "--count", rate * longest, "--seed", 1)
        bad = BadRecords(world, rate)
        wait_until(lambda: world.commits() > 0 or not load.runs, 60, "the first commit")
        time.sleep(lead)
        world.hdfs.control("kill-namenode")
        try:
            away = time.monotonic()
            wait_until(lambda: " spooled bytes=" in sink.stderr, 60, "the first batch in the spool")
            while time.monotonic() < away + 60 * minutes:
                time.sleep(0.2)
                check(sink.runs and load.runs, f"the sink or the load ended:\n{tail(sink.stderr)}")
        finally:
            world.hdfs.control("start-namenode")
        back = time.monotonic()
        is_home = "the spool is drained; batches go to the table again"
        wait_until(lambda: is_home in sink.stderr or not sink.runs, 300, "the end of the drain")
        check(sink.runs, f"the sink ended:\n{tail(sink.stderr)}")
        drained = time.monotonic() - back
        load.send(signal.SIGTERM)
        load.wait(30)
        bad.end()
        ends = produced(world)
        total = sum(ends.values())

        def landed():
            sums = watch.last
            check(sink.runs, f"the sink ended:\n{tail(sink.stderr)}")
            landed = sums["vitals_sink_records_total"] + sums["vitals_sink_dead_letters_total"]
            return landed >= total and sums["vitals_sink_lag_records"] == 0

        wait_until(landed, 120, f"a lag of zero; the last metrics: {watch.last}")
        behind = time.monotonic() - back
        check_equal(watch.last["vitals_sink_spool_files"], 0, "files in the spool")
        letters = int(watch.last["vitals_sink_dead_letters_total"])
        peak_memory, spooled = watch.peak_memory, sink.stderr.count(" spooled bytes=")
        watch.end()
        sink.send(signal.SIGTERM)
        sink.expect_exit()
        print(
            f"         {total} records at {rate}/s, {letters} of them bad; HDFS away for {back - away:.0f} s; peak "
            f"memory {peak_memory / 1e6:.0f} MB, peak spool {watch.peak_spool / 1e6:.1f} MB in {spooled} commits; "
            f"after its return the spool was home in {drained:.1f} s, the load still on, and then all landed after "
            f"{behind:.1f} s", flush=True,
        )  # fmt: skip
        check(watch.peak_spool <= SPOOL_BYTES_PER_RECORD * total, "the spool is larger than its records account for")
        if "VITALS_SANITIZE" in os.environ:
            print("         the limit of memory is not held: a sanitizer takes memory of its own", flush=True)
        else:
            check(peak_memory <= MEMORY_LIMIT, f"the sink took {peak_memory} bytes of memory")
        check_equal(check_order(world), ends, "ends of the partitions in the table's log")
        check_rows(world, ends)

    play.partitions = PARTITIONS
    return play
