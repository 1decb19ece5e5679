"""Two measures of the sink besides speed: its memory over a long backlog, and the age of records when they are seen."""

import datetime
import json
import os
import pathlib
import statistics
import subprocess
import time
import urllib.parse

import deltalake
import pyarrow.parquet as pq

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


def latency(bootstrap, topic, folder, rate, seconds, flush):
    """Seconds from produced to visible, sorted: of each record, its Kafka time against the time of its log entry."""
    table = folder / "latency"
    # The mock cluster answers a fetch that finds nothing only when its wait is over; a real broker does so with the
    # next record.
    options = ["--flush-seconds", flush, "-X", "fetch.wait.max.ms=20"]
    process = subprocess.Popen(sink(bootstrap, topic, table, *options), stdout=subprocess.DEVNULL)
    # The group has to be joined first, or its waiting would be measured.
    subprocess.run(produce(bootstrap, topic, "--rate", 100, "--count", 100), check=True, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(table.glob("_delta_log/*1.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    begin = time.time()
    subprocess.run(
        produce(bootstrap, topic, "--rate", rate, "--count", rate * seconds), check=True, stdout=subprocess.DEVNULL
    )
    time.sleep(2 * flush)
    process.terminate()
    process.wait(60)
    ages = []
    log = table / "_delta_log"
    for version in range(1, len(list(log.glob("*.json")))):
        entry = log / f"{version:020}.json"
        visible = entry.stat().st_mtime
        for action in map(json.loads, entry.read_text().splitlines()):
            if "add" not in action:
                continue
            column = pq.ParquetFile(table / urllib.parse.unquote(action["add"]["path"])).read(["_kafka_timestamp"])
            times = [value.timestamp() for value in column["_kafka_timestamp"].to_pylist()]
            # The first flushes of the load are warm-up for the forecast of commit times.
            ages += [visible - at for at in times if at >= begin + 2 * flush]
    if not ages:
        raise SystemExit("nothing was landed while the latency was measured")
    ages.sort()
    return statistics.median(ages), ages[len(ages) * 99 // 100]
