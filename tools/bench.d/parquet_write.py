"""Writes the same rows with our writer and with others, each alone on one thread; called by tools/bench parquet."""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

TARGETS = {"speed": 1.2, "size": 1 / 0.9}


def peer(name, codec, source, target):
    """Seconds of one writing by a peer, in a process of its own: this one."""
    if name == "pyarrow":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pa.set_cpu_count(1)
        table = pq.read_table(source)
        start = time.perf_counter()
        pq.write_table(table, target, compression=codec)
    elif name == "polars":
        import polars

        frame = polars.read_parquet(source)
        start = time.perf_counter()
        frame.write_parquet(target, compression=codec)
    else:
        import duckdb

        duckdb.sql("set threads = 1")
        duckdb.sql(f"create table t as select * from read_parquet('{source}')")
        version = ", parquet_version v2" if name == "duckdb-v2" else ""
        start = time.perf_counter()
        duckdb.sql(f"copy t to '{target}' (format parquet, compression {codec}{version})")
    return time.perf_counter() - start


def run_peer(name, codec, source, target):
    command = [sys.executable, "-B", __file__, "--peer", name, codec, source, target]
    environment = dict(os.environ, POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1")
    found = json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)
    return found["seconds"], os.path.getsize(target), found["kilobytes"]


def run_ours(codec, source):
    program = os.path.join(os.environ["VITALS_BIN"], "parquet-bench")
    with subprocess.Popen([program, "write", source, "--codec", codec], stdout=subprocess.PIPE) as process:
        found = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
    if status != 0:
        sys.exit(f"parquet-bench write ended with {status}")
    return found["seconds"], found["bytes"], usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=False)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--nested-rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", nargs=4)
    arguments = parser.parse_args()
    if arguments.peer:
        seconds = peer(*arguments.peer)
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"seconds": seconds, "kilobytes": kilobytes}))
        return
    # The rows are those that the part of reading reads.
    from parquet_read_bench import made, nested, show_shares, vitals

    target = os.path.join(arguments.folder, "peer.parquet")
    for case, make, rows in [("vitals", vitals, arguments.rows), ("nested", nested, arguments.nested_rows)]:
        source = os.path.join(arguments.folder, f"{case}-{rows}.parquet")
        if not os.path.exists(source):
            made(make, source, rows)
        for codec in ["snappy", "zstd"]:
            runs = {}
            for _ in range(arguments.rounds):
                runs.setdefault("ours", []).append(run_ours(codec, source))
                for name in ["pyarrow", "polars", "duckdb", "duckdb-v2"]:
                    runs.setdefault(name, []).append(run_peer(name, codec, source, target))
            report(f"{case} {codec}", runs, arguments)
            program = os.path.join(os.environ["VITALS_BIN"], "parquet-bench")
            show_shares(arguments, f"write {case} {codec}", [program, "write", source, "--codec", codec, "--shares"])


def report(codec, runs, arguments):
    median = {name: statistics.median(run[0] for run in found) for name, found in runs.items()}
    size = {name: found[0][1] for name, found in runs.items()}
    rivals = [name for name in runs if name != "ours"]
    fastest = min(rivals, key=lambda name: median[name])
    smallest = min(rivals, key=lambda name: size[name])
    lines = [
        (f"write {codec}, seconds", median["ours"], fastest, median[fastest], "s", median[fastest] / median["ours"],
         TARGETS["speed"]),
        (f"write {codec}, size", size["ours"] / 1e6, smallest, size[smallest] / 1e6, "MB",
         size[smallest] / size["ours"], TARGETS["size"]),
    ]
    memory = max(run[2] for run in runs["ours"]) / 1024
    lines.append((f"write {codec}, resident", memory, "limit", 300, "MB", 300 / memory, 1))
    for case, ours, rival, theirs, unit, ratio, target in lines:
        if arguments.json:
            print(json.dumps({"case": case, "ours": ours, "rival": rival, "theirs": theirs, "unit": unit,
                              "ratio": ratio, "target": target, "met": ratio >= target}))
        else:
            met = "met" if ratio >= target else "missed"
            print(f"{case:30} ours {ours:8.2f}  {rival:10} {theirs:8.2f} {unit:3} ratio {ratio:5.2f}  "
                  f"target {target:.2f}  {met}")
    if not arguments.json:
        for name in runs:
            print(f"  {name:10} {median[name]:7.2f} s {size[name] / 1e6:8.1f} MB "
                  f"{max(run[2] for run in runs[name]) / 1024:7.0f} MB resident")


if __name__ == "__main__":
    main()
