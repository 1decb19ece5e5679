"""Compares pq-cat with other readers, value by value, over a folder of Parquet files."""

import argparse
import json
import os
import resource
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path

import oracles
from canonical import same

ROOT = Path(__file__).resolve().parents[3]
VERDICTS = ROOT / "Tests/ParquetTests/CorpusVerdicts.tsv"
# Rows that no oracle can hold, and why.
BEYOND = {"data/int96_from_spark.parquet": (5, "a day that only 32 bits of days reach, not 64 of a smaller unit")}
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


def difference(rows, columns, count, skipped=None):
    """The first difference, or None. columns: [(name, values)]."""
    if len(rows) != count:
        return f"{len(rows)} rows where the oracle has {count}"
    for number, row in enumerate(rows):
        if number == skipped:
            continue
        if len(row) != len(columns):
            return f"{len(row)} columns where the oracle has {len(columns)}"
        for (name, value), (their_name, values) in zip(row, columns):
            if name != their_name:
                return f"column {name!r} where the oracle has {their_name!r}"
            if not same(value, values[number]):
                theirs = str(values[number])[:200]
                return f"row {number}, column {name}: {str(value)[:200]!r} where the oracle has {theirs!r}"
    return None


def check(options, table, path):
    """(status, name, what was found, and the last column of the table)."""
    name = str(path.relative_to(options.corpus))
    expected, reason = table.get(name, ("ok", ""))
    try:
        rows, error = ours(options.pq_cat, path)
    except (AssertionError, subprocess.TimeoutExpired, ValueError) as problem:
        return "failed", name, str(problem), ""
    problems = []
    if error is not None:
        text = error.split(f"{path}: ")[-1]
        for oracle, _, count in oracles.readings(path, problems):
            problems.append(f"{oracle}: reads {count} rows")
        return "failed" if expected == "ok" else "passed", name, text, f"{text}; {'; '.join(problems)}"
    if expected != "ok":
        return "failed", name, f"read, though the table says {expected}", ""
    wrong = []
    for oracle, columns, count in oracles.readings(path, problems):
        skipped, why = BEYOND.get(name, (None, ""))
        found = difference(rows, columns, count, skipped)
        if found is None:
            text = f"as {oracle}" + (f", but for row {skipped}: {why}" if why else "")
            return "passed", name, f"{len(rows)} rows, {text}", text
        wrong.append(f"{oracle}: {found}")
    if not wrong:
        status = "passed" if reason.startswith("no oracle") else "failed"
        return status, name, "; ".join(problems), f"no oracle: {'; '.join(problems)}"
    return "failed", name, "; ".join(wrong + problems), ""


def limited():
    """512 MiB over what a process has at its start."""
    resource.setrlimit(resource.RLIMIT_AS, ((512 + 192) << 20,) * 2)


def survive(options, path):
    """Whether a damaged file gives rows or one line of error, in 5 seconds and 512 MiB."""
    name = f"fuzz/{path.relative_to(options.fuzz)}"
    for flags in ([], ["--verify"], ["--pages"], ["--stats"], ["--schema"], ["--meta"]):
        try:
            run = subprocess.run(
                [options.pq_cat, *flags, "--format", "ndjson", "--", str(path)],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=5, preexec_fn=limited,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "failed", name, f"more than 5 s {flags}", ""
        text = run.stderr.decode(errors="replace").strip()
        if run.returncode < 0 or (run.returncode > 0 and (not text or "\n" in text)):
            return "failed", name, f"exit {run.returncode} {flags}: {text[:300]!r}", ""
    return "passed", name, text or "rows", ""


def record(options, results):
    """Writes the table: what the Swift test read (path, verdict, rows, digest), and what confirms it."""
    found = {name: last for _, name, _, last in results}
    lines = VERDICTS.read_text().splitlines() if VERDICTS.exists() else []
    head = [line for line in lines if line.startswith("#")]
    body = []
    for line in options.record.read_text().splitlines():
        cells = line.split("\t")
        body.append("\t".join([*cells[:4], found.get(cells[0], "").replace("\t", " ")]))
    VERDICTS.write_text("\n".join(head + sorted(body)) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pq-cat", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--record", type=Path, help="what the Swift test wrote: make the table of it")
    options = parser.parse_args()
    options.fuzz = options.corpus.parent / "fuzz"
    table = verdicts()
    chosen = [p for p in options.corpus.rglob("*") if p.is_file() and options.only in str(p)]
    paths = sorted(p for p in chosen if ".parquet" in p.name)
    hostile = sorted(p for p in options.fuzz.rglob("*") if p.is_file() and options.only in str(p))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with ProcessPoolExecutor(options.jobs) as pool:
        results = list(pool.map(partial(check, options, table), paths, chunksize=8))
        results += pool.map(partial(survive, options), hostile, chunksize=8)
    for status, name, text, _ in results:
        counts[status] += 1
        if options.verbose or status != "passed":
            print(status, f"{name}: {text}", flush=True)
    if options.record:
        record(options, results)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
