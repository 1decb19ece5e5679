"""Runs the benchmark of compaction; started by tools/bench, which says more."""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse

import deltalake
import numpy
import pyarrow

import process_memory
from bench_report import report
from query_bench import queries

BIN = pathlib.Path(os.environ["VITALS_BIN"])
MEMORY = "256MB"
START = 1_767_225_600_000_000

# Each rival runs in a process of its own, so that peaks of memory can be told apart.
DELTA_RS = """
import sys, deltalake
deltalake.DeltaTable(sys.argv[1]).optimize.compact(target_size=128 << 20, max_concurrent_tasks=1)
"""
DUCKDB = f"""
import sys, duckdb
duckdb.sql("set threads = 1; set memory_limit = '{MEMORY}'; set temp_directory = '" + sys.argv[1] + "/tmp'")
duckdb.sql("copy (from read_parquet('" + sys.argv[1] + "/*.parquet') order by patient_id, event_time) "
           "to '" + sys.argv[1] + "/sorted' (format parquet, file_size_bytes '128MB')")
"""

# Point queries, whose bytes must shrink, too; of the others it is enough that none becomes slower.
POINT = {"q05_last20", "q07_bucket"}


def readings(random, first, count):
    """Rows as a sink lands them: patients in any order, times that rise, offsets that follow each other."""
    patients = random.integers(0, 1000, count)
    times = START + (first + numpy.arange(count)) * 8_000 + random.integers(0, 50_000, count)
    systolic = numpy.clip(random.normal(122, 16, count), 60, 250).astype("int32")
    return pyarrow.table({
        "patient_id": pyarrow.array([f"P{number:05d}" for number in range(1000)]).take(pyarrow.array(patients)),
        "event_time": pyarrow.array(times, pyarrow.timestamp("us", tz="UTC")),
        "heart_rate": random.normal(78, 12, count).round(1),
        "spo2": numpy.clip(random.normal(96.5, 1.8, count), 70, 100).round(1),
        "systolic_bp": systolic,
        "diastolic_bp": (systolic * 0.63).astype("int32"),
        "respiratory_rate": random.normal(17, 3.5, count).round(1),
        "temperature": random.normal(36.9, 0.5, count).round(2),
        "_kafka_partition": pyarrow.array(numpy.full(count, first % 6, "int32")),
        "_kafka_offset": pyarrow.array(first + numpy.arange(count)),
        "_kafka_timestamp": pyarrow.array(times + 1_000, pyarrow.timestamp("us", tz="UTC")),
        "_kafka_incarnation": pyarrow.array(numpy.zeros(count, "int32")),
    })  # fmt: skip


def size(folder):
    return sum(file.stat().st_size for file in folder.glob("*.parquet"))


def size_now(folder, case):
    """Bytes of a table that was compacted, or of the files that were sorted into a folder within it."""
    if (folder / "sorted").exists():
        return size(folder / "sorted")
    files = deltalake.DeltaTable(str(folder)).file_uris()
    return sum(os.path.getsize(urllib.parse.unquote(file.removeprefix("file://"))) for file in files)


def make_table(folder, files, megabytes):
    """A table of so many files; the first one shows how many rows the others need."""
    random = numpy.random.default_rng(7)
    sample = folder.with_name("sample")
    deltalake.write_deltalake(str(sample), readings(random, 0, 20_000))
    rows = int(20_000 * megabytes * 1e6 / files / size(sample))
    for number in range(files):
        deltalake.write_deltalake(str(folder), readings(random, number * rows, rows), mode="append")
    return rows * files


def run(words):
    """Runs a command on one processor; returns its seconds and its peak memory in MB."""
    started = time.perf_counter()
    held = 0
    process = subprocess.Popen(["taskset", "-c", "0", *map(str, words)], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        held = max(held, process_memory.peak(process.pid) or 0)
        time.sleep(0.01)
    if process.returncode:
        sys.exit(f"{words[0]} exited {process.returncode}")
    return time.perf_counter() - started, held / (1 << 20)


def ask(sql, rounds):
    """Bytes of files that a query reads, and the best of its seconds."""
    words = [BIN / "pq-query", "--analyze", sql, "--threads", "1", "--format", "csv"]
    answers = []
    for _ in range(rounds):
        said = subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout
        answers.append([float(re.search(rf"{name}: ([0-9.]+)", said)[1]) for name in ("bytes read", "seconds")])
    return [min(column) for column in zip(*answers)]


def main():
    parser = argparse.ArgumentParser(prog="tools/bench compact")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bench", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    table = arguments.folder / "table"
    rows = make_table(table, arguments.files, arguments.megabytes)
    megabytes = size(table) / 1e6
    ours = [BIN / "pq-compact", "--memory-limit", MEMORY, "--scratch", arguments.folder]
    commands = {
        "unsorted": ([*ours, "--sort-by", "none"], "delta-rs", [sys.executable, "-c", DELTA_RS]),
        "sorted": (ours, "DuckDB", [sys.executable, "-c", DUCKDB]),
    }
    lines = []
    for case, (own, rival, other) in commands.items():
        said, sizes = {"ours": [], "theirs": []}, {}
        for _ in range(arguments.rounds):
            for name, words in (("ours", own), ("theirs", other)):
                copy = arguments.folder / "copy"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(table, copy)
                said[name].append(run([*words, copy]))
                sizes[name] = round(size_now(copy, case) / 1e6)
                if name == "ours" and deltalake.DeltaTable(str(copy)).count() != rows:
                    sys.exit("the compacted table has other rows")
                if name == "ours" and case == "sorted":
                    shutil.rmtree(arguments.folder / "ours", ignore_errors=True)
                    copy.rename(arguments.folder / "ours")
        (seconds, memory), (their_seconds, their_memory) = (
            [statistics.median(column) for column in zip(*said[name])] for name in ("ours", "theirs")
        )
        speed, their_speed = megabytes / seconds, megabytes / their_seconds
        ratio = round(speed / their_speed, 2)
        lines.append([case, round(speed, 1), rival, round(their_speed, 1), "MB/s", ratio, 1.5, ratio >= 1.5])
        ratio = round(their_memory / memory, 2)
        lines.append([f"{case}, size of the table", sizes["ours"], rival, sizes["theirs"], "MB", round(
            sizes["theirs"] / sizes["ours"], 2), "", True])  # fmt: skip
        lines.append([f"{case}, peak memory", round(memory), rival, round(their_memory), "MB", ratio, "≤ 256 MB",
                      memory <= 256])  # fmt: skip
    places = (table, arguments.folder / "ours")
    texts = [dict(queries(arguments.bench / "queries.sql", f"'{place}'")) for place in places]
    for query in texts[0]:
        before, after = (ask(text[query], arguments.rounds) for text in texts)
        for index, unit in ((0, "bytes"), (1, "s")):
            target = (20, 5)[index] if query in POINT else 1
            if unit == "bytes" and query not in POINT:
                continue
            ratio = round(before[index] / max(after[index], 1e-9), 2)
            # Two milliseconds more or less are the noise of a process.
            is_met = ratio >= target or (target == 1 and after[index] <= before[index] + 0.002)
            lines.append([f"{query}, afterwards", after[index], "before", before[index], unit, ratio, target, is_met])
    report(lines, arguments.json)


main()
