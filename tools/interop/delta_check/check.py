"""Our Delta tables in the eyes of other engines, and theirs in ours; tools/interop/delta starts it and says more."""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

import deltalake
import pyarrow as pa

HERE = pathlib.Path(__file__).resolve().parent


class Checks:
    """Counts what passed, failed and was skipped."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0

    def equal(self, name, ours, theirs):
        if ours == theirs:
            self.passed += 1
            print(f"passed {name}")
        else:
            self.failed += 1
            print(f"failed {name}: {str(ours)[:300]} is not {str(theirs)[:300]}")

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped {name}: {reason}")


def expected(ids):
    """The rows with these ids, as delta-peer makes them."""
    origin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    return {
        i: (i / 4 if i % 3 else None, f'note "{i}" é', origin + datetime.timedelta(microseconds=1001 * i)) for i in ids
    }


def rows_of(table):
    """The rows of an Arrow table by their id; fails on an id that comes twice."""
    rows = table.select(["id", "value", "note", "at"]).to_pylist()
    result = {row["id"]: (row["value"], row["note"], row["at"]) for row in rows}
    if len(result) != len(rows):
        return f"{len(rows) - len(result)} ids come twice"
    return result


class Peer:
    """Our own program."""

    def __init__(self, program):
        self.program = program

    def __call__(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"delta-peer {' '.join(map(str, words))}: {done.stderr[-2000:]}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def total(self, table):
        said = self("rows", table)
        return said["rows"], said["sum"]


def by_delta_rs(path):
    return rows_of(deltalake.DeltaTable(str(path)).to_pyarrow_table())


def check_reading(checks, peer, folder, others):
    """A table of ours with hundreds of commits, in all eyes."""
    table = folder / "ours"
    peer("write", table, "--commits", 300, "--rows", 7, "--checkpoint-interval", 10)
    want = expected(range(2100))
    log = table / "_delta_log"
    checks.equal("checkpoints are there", len(list(log.glob("*.checkpoint.parquet"))), 30)
    checks.equal("delta-rs reads 300 commits", by_delta_rs(table), want)
    checks.equal("we read 300 commits", peer.total(table), (2100, sum(range(2100))))
    # Without the entries below the newest checkpoint, all rests on what we wrote into it.
    bare = folder / "ours-cleaned"
    shutil.copytree(table, bare)
    for entry in (bare / "_delta_log").glob("*.json"):
        if int(entry.stem) < 300:
            entry.unlink()
    checks.equal("delta-rs reads our checkpoint alone", by_delta_rs(bare), want)
    checks.equal("we read our checkpoint alone", peer.total(bare), (2100, sum(range(2100))))
    theirs = deltalake.DeltaTable(str(bare))
    checks.equal("delta-rs finds our mark in the checkpoint", theirs.transaction_version("delta-peer"), 2100)
    files = pa.table(theirs.get_add_actions(flatten=True)).to_pylist()
    checks.equal("delta-rs reads our statistics", sum(f["num_records"] for f in files), 2100)
    check_pruning(checks, theirs, want)
    check_others(checks, bare, want, others)


def check_pruning(checks, table, want):
    """Filters prune by our statistics: what is left must be what matches."""
    for name, filters, keep in [
        ("id", [("id", ">=", 2000)], lambda i: i >= 2000),
        ("note", [("note", "=", 'note "77" é')], lambda i: i == 77),
        ("value", [("value", "<", 10.0)], lambda i: i % 3 and i / 4 < 10),
    ]:
        got = rows_of(table.to_pyarrow_table(filters=filters))
        checks.equal(f"delta-rs prunes by {name}", got, {i: want[i] for i in want if keep(i)})


def check_others(checks, table, want, others):
    """DuckDB's delta extension and Spark, in an environment of their own."""
    if not others:
        checks.skip("DuckDB and Spark", "their environment could not be made")
        return
    files = [str(table / urllib.parse.unquote(f)) for f in deltalake.DeltaTable(str(table)).to_pyarrow_dataset().files]
    listing = table.parent / "files.json"
    listing.write_text(json.dumps(files))
    for engine in ["duckdb", "spark"]:
        copy = table.parent / f"copy-{engine}"
        shutil.copytree(table, copy)
        done = subprocess.run(
            [others, "-B", HERE / "others.py", engine, copy, listing], capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            checks.equal(f"{engine} reads", done.stderr.strip()[-300:], "")
            continue
        said = json.loads(done.stdout.strip().splitlines()[-1])
        if "skipped" in said:
            checks.skip(engine, said["skipped"])
            continue
        checks.equal(f"{engine} reads our table", [said["rows"], said["sum"], said["notes"]],
                     [len(want), sum(want), len({v[1] for v in want.values()})])


def arrow_rows(ids):
    rows = expected(ids)
    return pa.table(
        {
            "id": pa.array(list(rows), pa.int64()),
            "value": pa.array([r[0] for r in rows.values()], pa.float64()),
            "note": pa.array([r[1] for r in rows.values()], pa.string()),
            "at": pa.array([r[2] for r in rows.values()], pa.timestamp("us", "UTC")),
            "day": pa.array([datetime.date(2026, 2, 1)] * len(rows), pa.date32()),
        }
    )


def check_turns(checks, peer, folder):
    """Ours and delta-rs append in turn to one table, and each writes checkpoints that the other goes by."""
    table = folder / "turns"
    ids = 0
    for turn in range(6):
        peer("write", table, "--commits", 7, "--rows", 5, "--from", ids, "--checkpoint-interval", 10)
        ids += 35
        theirs = deltalake.DeltaTable(str(table))
        deltalake.write_deltalake(theirs, arrow_rows(range(ids, ids + 10)), mode="append")
        ids += 10
        if turn % 2:
            deltalake.DeltaTable(str(table)).create_checkpoint()
        checks.equal(f"turn {turn}: we see both", peer.total(table), (ids, sum(range(ids))))
        checks.equal(f"turn {turn}: delta-rs sees both", by_delta_rs(table), expected(range(ids)))
    log = table / "_delta_log"
    newest = json.loads((log / "_last_checkpoint").read_text())["version"]
    for entry in log.glob("*.json"):
        if int(entry.stem) < newest:
            entry.unlink()
    checks.equal("we read delta-rs's checkpoint alone", peer.total(table), (ids, sum(range(ids))))
    checks.equal("our mark survives their checkpoint", peer("rows", table)["mark"], 45 * 5 + 35)
    # Removing and widening, by each in turn.
    deltalake.DeltaTable(str(table)).delete("id < 5")
    left = range(5, ids)
    checks.equal("we see their delete", peer.total(table), (len(left), sum(left)))
    peer("write", table, "--rows", 5, "--from", ids, "--add-column")
    left = range(5, ids + 5)
    checks.equal("delta-rs sees our new column", by_delta_rs(table), expected(left))
    names = pa.schema(deltalake.DeltaTable(str(table)).schema().to_arrow()).names
    checks.equal("the column is in their schema", "extra" in names, True)


def check_foreign(checks, peer, folder):
    """A table that delta-rs made, with its own checkpoint, in our eyes; and ours on top of it."""
    table = folder / "theirs"
    for start in range(0, 60, 10):
        deltalake.write_deltalake(str(table), arrow_rows(range(start, start + 10)), mode="append", partition_by=["day"])
    deltalake.DeltaTable(str(table)).create_checkpoint()
    for entry in (table / "_delta_log").glob("*.json"):
        if int(entry.stem) < 5:
            entry.unlink()
    checks.equal("we read a table of delta-rs", peer.total(table), (60, sum(range(60))))
    peer("write", table, "--commits", 3, "--rows", 10, "--from", 60)
    checks.equal("delta-rs reads it with our rows", by_delta_rs(table), expected(range(90)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--others", default="")
    arguments = parser.parse_args()
    checks, peer = Checks(), Peer(arguments.peer)
    check_reading(checks, peer, arguments.folder, arguments.others)
    check_turns(checks, peer, arguments.folder)
    check_foreign(checks, peer, arguments.folder)
    print(f"{checks.passed} passed, {checks.failed} failed, {checks.skipped} skipped", flush=True)
    # Not sys.exit: now and then the engines' own threads abort the interpreter while it ends.
    os._exit(1 if checks.failed else 0)


main()
