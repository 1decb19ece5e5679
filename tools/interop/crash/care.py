"""Two sinks write while compactions, vacuums and readers run: every reader sees each row once, and in the end all rows
are there once."""

import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse

import tables
from outage import BadRecords, check_rows, produced
from processes import Failure, check, check_equal, rows_landed, tail, wait_until

RATE = 2_000
PARTITIONS = 4
QUERY = (
    "select _kafka_partition as p, count(*) as n, count(distinct _kafka_offset) as d, max(_kafka_offset) as m "
    "from '{}' group by 1 order by 1"
)


class Loop:
    """Does something again and again beside everything else, until it is told to end or fails."""

    def __init__(self, work, pause=0.0):
        self.work, self.pause = work, pause
        self.count = 0
        self.failure = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.wait(self.pause):
            try:
                self.work()
            except Exception as failure:  # Raised again where somebody waits for it.
                self.failure = failure
                return
            self.count += 1

    def end(self):
        self.stopping.set()
        self.thread.join()
        if self.failure is not None:
            raise self.failure


def compact(world, *arguments, **options):
    """Runs the care of a table; that another one was faster again and again is no fault here."""
    command = world.start_compact(*arguments, **options)
    if command.wait(300) != 75:
        command.expect_exit()


class Reader:
    """Asks the table on HDFS by pq-query; rows may come and never go."""

    def __init__(self, world):
        self.world = world
        self.rows = {}

    def look(self):
        text = self.world.run("pq-query", QUERY.format(self.world.table), "--format", "csv").expect_exit().stdout
        for line in csv.DictReader(io.StringIO(text)):
            partition, rows, offsets, highest = (int(line[name]) for name in ("p", "n", "d", "m"))
            check_equal(offsets, rows, f"different offsets among the rows of partition {partition}")
            check(rows >= self.rows.get(partition, 0), f"partition {partition} has fewer rows than before")
            check(rows <= highest + 1, f"partition {partition} has more rows than offsets")
            self.rows[partition] = rows


class Spark:
    """Asks Spark about files on HDFS; with no Spark it says so once, and nothing else."""

    def __init__(self, world):
        self.root = f"webhdfs://{urllib.parse.urlsplit(world.hdfs.url).netloc}{world.hdfs.folder}"
        self.log = open(world.folder / "spark.stderr", "wb")
        python = os.environ.get("VITALS_SPARK_PYTHON")
        self.process = None
        if not python or not shutil.which("java"):
            print("skipped  Spark as a reader: there is no Java, or its environment could not be made", flush=True)
            return
        script = pathlib.Path(__file__).with_name("spark_peer.py")
        self.process = subprocess.Popen(
            [python, "-B", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, "HADOOP_USER_NAME": world.hdfs.user},
        )  # fmt: skip

    def check(self, copy, rows):
        """The files that the log of a copy names are read where they lie, and hold so many rows, each once."""
        if self.process is None:
            return
        files = [f"{self.root}/vitals/{pathlib.Path(file).relative_to(copy)}" for file in tables.active_files(copy)]
        self.process.stdin.write(json.dumps(files) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        check(answer, f"Spark ended: {pathlib.Path(self.log.name).read_text()[-1000:]}")
        check_equal(tuple(map(int, answer.split())), (rows, rows), "rows that Spark counts, and different offsets")

    def end(self):
        if self.process is not None:
            self.process.communicate(timeout=60)
        self.log.close()


def story(minutes, rate=RATE):
    """A story of so many minutes at so many records a second."""

    def play(world):
        sinks = [
            world.start_sink(
                "--instance-id", name, "--flush-bytes", 16 << 20, group="shared", until_end=False,
                spool=world.folder / f"spool-{name}")
            for name in ("a", "b")
        ]  # fmt: skip
        load = world.produce("--patients", 1_000, "--rate", rate, "--count", int(rate * (60 * minutes + 600)))
        bad = BadRecords(world, rate)
        wait_until(lambda: world.commits() > 1, 60, "the first commits")
        reader = Reader(world)
        spark = Spark(world)
        world.others.append(spark)

        def others():
            # pyarrow, DuckDB and delta-rs on the log, as it is copied: they must agree, and each row be there once.
            copy = world.hdfs.copy("vitals", world.folder / "look")
            rows = tables.read(copy).num_rows
            if rows:
                spark.check(copy, rows)
            shutil.rmtree(copy)

        loops = {
            "compactions": Loop(lambda: compact(world, "compact", "--min-files", 4)),
            "sortings": Loop(lambda: compact(world, "compact", "--all", "--sort-by", "event_time"), 11),
            "vacuums": Loop(lambda: compact(world, "vacuum"), 3),
            "compactions of dead letters": Loop(lambda: compact(world, table=world.table + "_dead_letters"), 5),
            "readings": Loop(reader.look),
            "readings by others": Loop(others, 10),
        }
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            time.sleep(0.5)
            for sink in sinks:
                check(sink.runs, f"a sink ended:\n{tail(sink.stderr)}")
            check(load.runs, f"the load ended:\n{tail(load.stderr)}")
            broken = next((loop for loop in loops.values() if loop.failure is not None), None)
            if broken is not None:
                raise broken.failure
        load.send(signal.SIGTERM)
        load.wait(30)
        bad.end()
        ends = produced(world)
        total = sum(ends.values())
        wait_until(lambda: sum(map(rows_landed, sinks)) >= total, 300, "the rest of the rows")
        for loop in loops.values():
            loop.end()
        for sink in sinks:
            sink.send(signal.SIGTERM)
        for sink in sinks:
            sink.expect_exit()
        done = ", ".join(f"{loop.count} {what}" for what, loop in loops.items())
        print(f"         {total} records at {rate}/s, {world.commits()} versions; {done}", flush=True)
        missing = [what for what, loop in loops.items() if loop.count == 0]
        if missing:
            raise Failure(f"there was no time for {', '.join(missing)}")
        world.compact()
        check(" 0 faults" in world.compact("verify").stdout, "verify found faults")
        check_rows(world, ends)

    play.partitions = PARTITIONS
    return play
