"""Checks pq-query over a Delta table on HDFS: how much it reads, and what COPY writes there."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench.d"))
from query_bench import make_delta  # noqa: E402

FILES = 100
counts = {"passed": 0, "failed": 0}


def check(name, holds, detail=""):
    verdict = "passed" if holds else "failed"
    counts[verdict] += 1
    print(f"{verdict} {name}{': ' if detail else ''}{detail}")


def make_rows(path, count, waves):
    """A week of vitals of a thousand patients, in the order of time, with raw waves that nothing compresses."""
    rng = np.random.default_rng(11)
    step = 7 * 86_400_000 // count
    times = 1_767_225_600_000 + np.arange(count) * step
    columns = {
        "event_time": pa.array(times, pa.timestamp("ms", tz="UTC")),
        "patient_id": np.array([f"P{n:05d}" for n in range(1_000)])[rng.integers(0, 1_000, count)],
        "heart_rate": rng.normal(78, 12, count).clip(30, 220).astype("int32"),
        "temperature": rng.normal(36.9, 0.5, count).round(1),
    }
    columns |= {f"wave_{number}": rng.random(count) for number in range(waves)}
    pq.write_table(pa.table(columns), path, compression="zstd")
    return times


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "folder", "url"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--waves", type=int, default=2)
    options = parser.parse_args()
    table = Path(options.folder, "table")
    whole = Path(options.folder, "rows.parquet")
    times = make_rows(whole, options.rows, options.waves)
    make_delta(whole, table, FILES)
    whole.unlink()
    place = f"{options.url.rstrip('/').replace('http', 'webhdfs', 1)}/query-hdfs-{os.getpid()}"

    def run(program, *arguments):
        done = subprocess.run([f"{options.bin}/{program}", *arguments], capture_output=True, text=True, timeout=600)
        if done.returncode:
            sys.exit(f"{program} {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def ask(sql, *more):
        return [json.loads(line) for line in run("pq-query", "--format", "ndjson", *more, sql).splitlines()]

    try:
        run("hdfs-fs", "mkdir", f"{place}/table/_delta_log")
        run("hdfs-fs", "put", *map(str, sorted(table.glob("*.parquet"))), f"{place}/table")
        run("hdfs-fs", "put", *map(str, sorted(table.glob("_delta_log/*"))), f"{place}/table/_delta_log")
        size = sum(path.stat().st_size for path in table.glob("*.parquet"))
        moment = np.datetime64(int(times[options.rows // 3]), "ms")
        sql = f"select * from '{place}/table' where event_time = timestamptz '{moment}+00'"
        check("one moment has one row", len(ask(sql)) == 1)
        plan = "\n".join(row["plan"] for row in ask(sql, "--analyze"))
        read = int(re.search(r"bytes read: (\d+)", plan)[1])
        check("a point query reads less than 2 %", 0 < read < size * 0.02, f"{read} of {size} bytes")
        for name in ("copy.parquet", "copy.csv"):
            part = f"select * from '{place}/table' where patient_id = 'P00007'"
            written = ask(f"copy ({part}) to '{place}/{name}'")
            totals = "select count(*) as n, sum(heart_rate) as s, min(event_time) as t from"
            same = ask(f"{totals} '{place}/{name}'") == ask(f"{totals} ({part})")
            check(f"COPY to {name} on HDFS gives back the rows", same and written[0]["count"] > 0)
        again = subprocess.run(
            [f"{options.bin}/pq-query", f"copy (select 1 as a) to '{place}/copy.parquet'"],
            capture_output=True,
            text=True,
        )
        check("COPY replaces nothing unasked", again.returncode != 0 and "OVERWRITE" in again.stderr)
    finally:
        subprocess.run([f"{options.bin}/hdfs-fs", "rm", "--recursive", place], capture_output=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, 0 skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
