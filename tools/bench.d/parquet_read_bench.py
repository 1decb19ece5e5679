"""Runs the benchmark of the Parquet reader; started by tools/bench, which says more."""

import argparse
import functools
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BIN = pathlib.Path(os.environ["VITALS_BIN"])
HERE = pathlib.Path(__file__).resolve().parent
RIVALS = ["pyarrow", "pyarrow-table", "polars", "duckdb"]
TARGET = 1.5
MEMORY_MB = 300


def say(text):
    print(f"bench parquet: {text}", file=sys.stderr, flush=True)


def vitals(path, rows, codec="zstd"):
    """A week of readings of a thousand patients, in row groups of a million."""
    random = np.random.default_rng(7)
    patients = np.array([f"P{number:05d}" for number in range(1000)])
    number = random.integers(0, 1000, rows)
    base = random.normal(78, 12, 1000)[number]

    def clipped(values, low, high):
        return np.clip(values, low, high).astype("int32")

    systolic = clipped(random.normal(122, 16, rows), 60, 250)
    step = 7 * 86_400_000 / rows
    table = pa.table(
        {
            "event_time": pa.array(
                (1_767_225_600_000 + np.arange(rows) * step).astype("int64") + random.integers(0, 50, rows),
                pa.timestamp("ms", tz="UTC"),
            ),
            "patient_id": pa.DictionaryArray.from_arrays(number.astype("int32"), patients).cast(pa.string()),
            "heart_rate": clipped(base + random.normal(0, 8, rows), 30, 220),
            "spo2": clipped(random.normal(96.5, 1.8, rows), 70, 100),
            "systolic_bp": systolic,
            "diastolic_bp": clipped(systolic * 0.63 + random.normal(0, 6, rows), 30, 150),
            "respiratory_rate": clipped(random.normal(17, 3.5, rows), 4, 60),
            "temperature": np.round(np.clip(random.normal(36.9, 0.5, rows), 33, 42), 1),
        }
    )
    pq.write_table(table, path, compression=codec, row_group_size=1 << 20, write_page_index=True)


def nested(path, rows):
    """A wide table of hospital stays, a row each: numbers, texts, flags and times with nulls, lists of samples and of
    structures, maps. Values are as skewed and as rounded as such data are; two columns are noise, as the worst case."""
    random = np.random.default_rng(11)

    def nulls(values, share=0.1):
        return pa.array(values, mask=random.random(len(values)) < share)

    def offsets(most):
        lengths = random.integers(0, most + 1, rows)
        return pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype("int32")), int(lengths.sum())

    def skewed(count, distinct):
        """Few values are frequent and many are rare."""
        return np.minimum(distinct * random.random(count) ** 3, distinct - 1).astype("int64")

    def words(count, distinct, prefix="word"):
        table = pa.array([f"{prefix}-{value:05d}" for value in range(distinct)])
        return table.take(pa.array(skewed(count, distinct)))

    admitted = 1_767_225_600_000_000 + np.sort(random.integers(0, 365 * 86_400_000, rows)) * 1_000
    columns = {
        "stay": pa.array(10_000_000 + np.cumsum(random.integers(1, 4, rows))),
        "record": pa.array([f"R-2026-{value:09d}" for value in 7_000 + np.arange(rows)]),
        "admitted": pa.array(admitted, pa.timestamp("us", tz="UTC")),
        "discharged": nulls(admitted + (random.lognormal(2.5, 1, rows) * 3_600).astype("int64") * 1_000_000).cast(
            pa.timestamp("us", tz="UTC")
        ),
        "ward": words(rows, 40, "ward"),
        "reason": words(rows, 5_000, "reason"),
        "physician": words(rows, 800, "physician"),
        "noise": nulls(random.normal(0, 1, rows)),
        "noise_id": pa.array(random.integers(0, 10**12, rows)),
    }
    for index in range(8):
        columns[f"count_{index}"] = nulls(random.poisson(4 ** (index % 5), rows))
        measures = random.normal(10 * index + 5, index + 1, rows).round(index % 3)
        columns[f"measure_{index}"] = nulls(measures, 0.1 * index)
        columns[f"flag_{index}"] = nulls(random.random(rows) < 0.05 * (index + 1))
        ends, count = offsets(4)
        samples = np.clip(random.normal(80 + 5 * index, 4 * (index + 1), count), 0, 300).astype("int32")
        columns[f"samples_{index}"] = pa.ListArray.from_arrays(ends, nulls(samples, 0.02))
    for index in range(4):
        ends, count = offsets(3)
        visit = pa.StructArray.from_arrays(
            [
                nulls(skewed(count, 100)),
                words(count, 5_000, "reason"),
                nulls(random.normal(50, 12, count).round(index % 3)),
            ],
            ["ward", "reason", "score"],
        )
        columns[f"visits_{index}"] = pa.ListArray.from_arrays(ends, visit)
        ends, count = offsets(3)
        columns[f"labs_{index}"] = pa.MapArray.from_arrays(
            ends, words(count, 50, "lab"), nulls(random.lognormal(2, 0.6, count).round(2))
        )
    pq.write_table(pa.table(columns), path, compression="snappy", row_group_size=1 << 18)


def made(make, path, rows):
    """Makes a file in a process of its own: the peak memory of ours would count for each reader started from it."""
    process = multiprocessing.get_context("spawn").Process(target=make, args=(path, rows))
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit(f"{path} could not be made")


def run(command):
    """The rounds that a program prints, and its peak memory in MB."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} exited {process.returncode}")
    return [json.loads(line) for line in lines], usage.ru_maxrss / 1024


def seconds(rounds):
    """The median of the warm rounds: the first one is left out."""
    return statistics.median(each["seconds"] for each in rounds[1:])


def show_shares(arguments, title, command):
    """Where the time of our side goes, column by column, the slowest ones first."""
    if arguments.json:
        return
    lines = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    columns = sorted(map(json.loads, lines.splitlines()), key=lambda column: -column["seconds"])
    total = sum(column["seconds"] for column in columns)
    codec = sum(column["codec_seconds"] for column in columns)
    print(f"{title}: {total:.3f} s column by column, {codec:.3f} s of it the codec's")
    for column in columns[:12]:
        print(f"  {column['column']:22} {column['seconds']:7.3f} s   codec {column['codec_seconds']:7.3f} s")


def report(arguments, case, ours, rival, theirs, unit, ratio, target):
    met = target is None or ratio >= target
    line = {
        "case": case, "ours": round(ours, 3), "rival": rival, "theirs": round(theirs, 3), "unit": unit,
        "ratio": round(ratio, 3), "target": target, "met": met,
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(line), flush=True)
    else:
        aim = f"{target or '':>5} {'yes' if met else 'NO'}"
        print(f"{case:24} {ours:10.3f} {rival:14} {theirs:10.3f} {unit:5} {ratio:6.2f} {aim}", flush=True)
    return met


def measure(arguments, case, path, rows):
    rounds = arguments.rounds + 1
    own, peak = run([BIN / "parquet-reads", path, "--rounds", rounds])
    assert own[0]["rows"] == rows, "ours read another number of rows"
    say(f"{case}: ours {[round(each['seconds'], 3) for each in own]} s, {peak:.0f} MB")
    results = {}
    for rival in RIVALS:
        theirs, their_peak = run([sys.executable, HERE / "parquet_peer.py", rival, path, rounds])
        assert theirs[0]["rows"] == rows, f"{rival} read another number of rows"
        say(f"{case}: {rival} {[round(each['seconds'], 3) for each in theirs]} s, {their_peak:.0f} MB")
        results[rival] = seconds(theirs)
    best = min(results, key=results.get)
    ok = True
    for rival, value in results.items():
        target = TARGET if rival == best else None
        ok &= report(arguments, f"{case}-read", seconds(own), rival, value, "s", value / seconds(own), target)
    return report(arguments, f"{case}-memory", peak, "limit", MEMORY_MB, "MB", MEMORY_MB / peak, 1.0) and ok


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--nested-rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ok = True
    for case, make, rows in (
        ("vitals", vitals, arguments.rows),
        ("vitals-snappy", functools.partial(vitals, codec="snappy"), arguments.rows),
        ("nested", nested, arguments.nested_rows),
    ):
        path = arguments.folder / f"{case}-{rows}.parquet"
        if not path.exists():
            say(f"making {path}")
            made(make, path, rows)
        ok &= measure(arguments, case, path, rows)
        show_shares(arguments, f"{case}-read", [BIN / "parquet-reads", path, "--shares"])
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
