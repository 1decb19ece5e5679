"""Compares pq-cat with other readers, value by value, over a folder of Parquet files."""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import oracles
from canonical import same

ROOT = Path(__file__).resolve().parents[3]
VERDICTS = ROOT / "Tests/ParquetTests/CorpusVerdicts.tsv"
DECODER = json.JSONDecoder(object_pairs_hook=list, parse_float=Decimal)


def verdicts():
    """What the table says of each file: the verdict and the reason."""
    table = {}
    if VERDICTS.exists():
        for line in VERDICTS.read_text().splitlines():
            if line and not line.startswith("#"):
                cells = line.split("\t")
                table[cells[0]] = (cells[1], cells[-1])
    return table


def ours(pq_cat, path):
    """Our rows as lists of (name, value), or the one line of the error."""
    run = subprocess.run(
        [pq_cat, "--format", "ndjson", "--", str(path)], capture_output=True, timeout=120,
        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
    )
    if run.returncode < 0:
        raise AssertionError(f"died of signal {-run.returncode}")
    if run.returncode != 0:
        text = run.stderr.decode().strip()
        if "\n" in text or not text:
            raise AssertionError(f"the error is not one line: {text!r}")
        return None, text
    return [DECODER.decode(line) for line in run.stdout.decode().splitlines()], None


def difference(rows, columns, count):
    """The first difference, or None. columns: [(name, values)]."""
    if len(rows) != count:
        return f"{len(rows)} rows where the oracle has {count}"
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            return f"{len(row)} columns where the oracle has {len(columns)}"
        for (name, value), (their_name, values) in zip(row, columns):
            if name != their_name:
                return f"column {name!r} where the oracle has {their_name!r}"
            if not same(value, values[number]):
                return f"row {number}, column {name}: {str(value)[:200]!r} where the oracle has {str(values[number])[:200]!r}"
    return None


def check(options, table, path):
    name = str(path.relative_to(options.corpus))
    expected, reason = table.get(name, ("ok", ""))
    try:
        rows, error = ours(options.pq_cat, path)
    except (AssertionError, subprocess.TimeoutExpired, ValueError) as problem:
        return "failed", f"{name}: {problem}"
    if error is not None:
        status = "failed" if expected == "ok" else "passed"
        return status, f"{name}: {error}" + (f" [{reason}]" if status == "passed" else "")
    if expected != "ok":
        return "failed", f"{name}: read, though the table says {expected}"
    problems = []
    for oracle, columns, count in oracles.readings(path, problems):
        found = difference(rows, columns, count)
        if found is None:
            return "passed", f"{name}: {len(rows)} rows, as {oracle}"
        problems.append(f"{oracle}: {found}")
        if oracle == "pyarrow" and not oracles.is_lenient(name, found):
            break
    if reason.startswith("no oracle"):
        return "skipped", f"{name}: {reason}; {'; '.join(problems)}"
    return "failed", f"{name}: {'; '.join(problems)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pq-cat", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    table = verdicts()
    paths = sorted(p for p in options.corpus.rglob("*") if ".parquet" in p.name and p.is_file() and options.only in str(p))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with ThreadPoolExecutor(options.jobs) as pool:
        for status, text in pool.map(lambda path: check(options, table, path), paths):
            counts[status] += 1
            if options.verbose or status != "passed":
                print(status, text, flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
