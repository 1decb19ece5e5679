"""Two measures of the sink besides speed: its memory over a long backlog, and the age of records when they are seen."""

import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import deltalake
import pyarrow.parquet as pq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop" / "acceptance"))

from processes import Hdfs  # noqa: E402

BIN = pathlib.Path(os.environ["VITALS_BIN"])
DAYS = 30
PATIENTS = 1_000


def words(command):
    return [str(word) for word in command]


def sink(bootstrap, topic, table, *arguments):
    return words([
        BIN / "vitals-sink", "--bootstrap-servers", bootstrap, "--topic", topic, "--group-id", f"age-{topic}",
        "--table", table, "--log-level", "warning", *arguments,
    ])  # fmt: skip


def produce(bootstrap, topic, *arguments):
    broker = ["--bootstrap-servers", bootstrap, "--topic", topic, "-X", "compression.codec=zstd"]
    return words([BIN / "vitals-producer", *broker, "--patients", PATIENTS, "--seed", 1, *arguments])


def backlog(bootstrap, topic, folder, records):
    """Lands a topic whose events spread over thirty days; the sink's peak memory in MB."""
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=DAYS)
    interval = DAYS * 86_400 * PATIENTS / records
    subprocess.run(
        produce(bootstrap, topic, "--rate", 0, "--count", records, "--interval", interval, "--start-time",
                begin.strftime("%Y-%m-%dT%H:%M:%SZ"), "-X", "linger.ms=50"),
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    table = folder / "backlog"
    process = subprocess.Popen(sink(bootstrap, topic, table, "--until-end"), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("the sink failed on the backlog")
    rows = deltalake.DeltaTable(str(table)).count()
    if rows != records:
        raise SystemExit(f"the backlog landed {rows} rows of {records}")
    return usage.ru_maxrss / 1024


class LocalTable:
    """A table in a local folder; a log entry is visible from the link to its name on, which sets its change time."""

    def __init__(self, folder):
        self.location = self.folder = folder

    def commits(self):
        return len(list(self.folder.glob("_delta_log/*.json"))) - 1

    def visible(self):
        """By version the time at which a commit became visible."""
        return {int(entry.stem): entry.stat().st_ctime for entry in self.folder.glob("_delta_log/*.json")}

    def finish(self):
        return self.folder


class HdfsTable:
    """A table on HDFS, whose log is listed again and again: a commit is visible when it is seen there."""

    def __init__(self, instance, folder):
        self.hdfs, self.folder = Hdfs(instance, "bench-latency"), folder
        self.location = self.hdfs.location("vitals")
        self.seen = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.stopping.wait(0.02):
            names = [entry["pathSuffix"] for entry in self.hdfs.list("vitals/_delta_log")]
            now = time.time()
            for name in names:
                if name.endswith(".json") and name[:20].isdigit():
                    self.seen.setdefault(int(name[:20]), now)

    def commits(self):
        return len(self.seen) - 1

    def visible(self):
        return self.seen

    def finish(self):
        self.stopping.set()
        self.thread.join()
        return self.hdfs.copy("vitals", self.folder)


def latency(bootstrap, topic, table, rate, seconds, flush, *arguments):
    """The median and the 99th percentile of the seconds from produced to visible: of each record, its Kafka time against
    the time at which the log entry with its file was there."""
    # The mock cluster answers a fetch that finds nothing only when its wait is over; a real broker does so with the
    # next record.
    options = ["--flush-seconds", flush, "-X", "fetch.wait.max.ms=20", *arguments]
    process = subprocess.Popen(sink(bootstrap, topic, table.location, *options), stdout=subprocess.DEVNULL)
    # The group has to be joined first, or its waiting would be measured.
    subprocess.run(produce(bootstrap, topic, "--rate", 100, "--count", 100), check=True, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while table.commits() < 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    begin = time.time()
    subprocess.run(
        produce(bootstrap, topic, "--rate", rate, "--count", rate * seconds), check=True, stdout=subprocess.DEVNULL
    )
    time.sleep(2 * flush)
    process.terminate()
    process.wait(60)
    folder = table.finish()
    ages = []
    for version, visible in table.visible().items():
        for action in map(json.loads, (folder / "_delta_log" / f"{version:020}.json").read_text().splitlines()):
            if "add" not in action:
                continue
            column = pq.ParquetFile(folder / urllib.parse.unquote(action["add"]["path"])).read(["_kafka_timestamp"])
            times = [value.timestamp() for value in column["_kafka_timestamp"].to_pylist()]
            # The first flushes of the load are warm-up for the forecast of commit times.
            ages += [visible - at for at in times if at >= begin + 2 * flush]
    if not ages:
        raise SystemExit("nothing was landed while the latency was measured")
    ages.sort()
    return statistics.median(ages), ages[len(ages) * 99 // 100]
