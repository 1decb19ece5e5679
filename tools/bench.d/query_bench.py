"""Runs ten queries by DuckDB and by ours, in turn, and prints the best seconds of each."""

import argparse
import math
import re
import subprocess
import time

import duckdb

from bench_report import report

QUERIES = {
    "count": "select count(*) from {T}",
    "scan": "select sum(heart_rate), avg(spo2), min(systolic_bp), max(diastolic_bp), avg(temperature) from {T}",
    "group by patient": "select patient_id, count(*), avg(heart_rate), min(spo2) from {T} "
    "group by all order by 1 limit 5",
    "time window": "select patient_id, avg(heart_rate) from {T} "
    "where event_time >= timestamptz '2026-01-03 10:00:00+00' "
    "and event_time < timestamptz '2026-01-03 11:30:00+00' group by 1 order by 1 limit 5",
    "last of a patient": "select event_time, heart_rate from {T} where patient_id = 'P00042' order by 1 desc limit 20",
    "selective": "select count(*), min(event_time) from {T} where spo2 < 90 and heart_rate > 110",
    "buckets": "select date_trunc('minute', event_time), avg(heart_rate) from {T} where patient_id = 'P00042' "
    "group by 1 order by 1 limit 5",
    "top ten": "select event_time, patient_id, heart_rate from {T} order by heart_rate desc, event_time limit 10",
    "distinct": "select count(distinct patient_id) from {T}",
    "hour and patient": "select date_trunc('hour', event_time), patient_id, avg(heart_rate), avg(spo2) from {T} "
    "group by 1, 2 order by 1, 2 limit 5",
}


def make(con, path, rows):
    step = 7 * 86_400_000 / rows
    con.execute(f"""copy (select timestamptz '2026-01-01 00:00:00+00' + to_milliseconds((i * {step})::bigint)
        as event_time,
        printf('P%05d', hash(i) % 1000) as patient_id, (60 + hash(i + 1) % 60 + hash(i + 2) % 30)::int as heart_rate,
        (86 + hash(i + 3) % 8 + hash(i + 4) % 7)::int as spo2, (90 + hash(i + 5) % 70)::int as systolic_bp,
        (50 + hash(i + 6) % 50)::int as diastolic_bp, 36 + (hash(i + 7) % 30) / 10.0::double as temperature
        from range({rows}) t(i)) to '{path}' (compression zstd, row_group_size 1048576)""")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    con = duckdb.connect()
    con.execute(f"set timezone = 'UTC'; set threads = {options.threads}")
    path = f"{options.folder}/vitals.parquet"
    make(con, path, options.rows)
    lines, ratios = [], []
    for name, text in QUERIES.items():
        sql = text.replace("{T}", f"'{path}'")
        theirs = math.inf
        for _ in range(options.rounds):
            start = time.perf_counter()
            con.sql(sql).to_arrow_table()
            theirs = min(theirs, time.perf_counter() - start)
        run = subprocess.run(
            [options.program, path, str(options.threads), str(options.rounds), sql],
            capture_output=True,
            text=True,
            check=True,
        )
        ours = float(re.search(r"^seconds (\S+)", run.stdout, re.M)[1])
        ratio = 1.0 if ours < 0.005 and ours <= theirs + 0.001 and ours > theirs else theirs / ours
        ratios.append(ratio)
        lines.append([name, round(ours, 4), "DuckDB", round(theirs, 4), "s", round(ratio, 2), 1, ratio >= 1])
    mean = math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))
    lines.append(["geometric mean", "", "DuckDB", "", "", round(mean, 2), 2, mean >= 2])
    report(lines, options.json)


if __name__ == "__main__":
    main()
