"""Runs the benchmark of the Delta log; started by tools/bench, which says more."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

from bench_report import report

PEER = pathlib.Path(os.environ["VITALS_BIN"]) / "delta-peer"

# delta-rs opens the table in a process of its own, so that peaks of memory can be told apart.
RIVAL = """
import json, sys, time
import deltalake
opens, refreshes = [], []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    table = deltalake.DeltaTable(sys.argv[1])
    files = len(table.file_uris())
    opens.append(time.perf_counter() - started)
    started = time.perf_counter()
    table.update_incremental()
    refreshes.append(time.perf_counter() - started)
print(json.dumps({"files": files, "open": opens, "refresh": refreshes}))
"""


def run(words, log):
    """Runs a command; returns what it said and its peak memory in MB."""
    with open(log, "wb") as output:
        process = subprocess.Popen([str(word) for word in words], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{words[0]} exited {process.returncode}")
    text = pathlib.Path(log).read_text().strip()
    return (json.loads(text.splitlines()[-1]) if text else {}), usage.ru_maxrss / 1024


def measure(table, arguments, folder):
    """Both programs in turn; medians of their seconds, and their peaks."""
    said = {"ours": [], "theirs": []}
    commands = {
        "ours": [PEER, "open", table, "--rounds", 3],
        "theirs": [sys.executable, "-c", RIVAL, table, 3],
    }
    for _ in range(arguments.rounds):
        for name, words in commands.items():
            result, peak = run(words, folder / "log")
            if result["files"] != arguments.commits * arguments.files:
                sys.exit(f"{name}: {result['files']} files")
            said[name].append((statistics.median(result["open"]), statistics.median(result["refresh"]), peak))
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in said.items()}


def main():
    parser = argparse.ArgumentParser(prog="tools/bench delta")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    lines = []
    for case, interval in [("entries", 0), ("checkpoint", arguments.commits)]:
        table = arguments.folder / case
        run([PEER, "fill", table, "--commits", arguments.commits, "--files", arguments.files,
             "--checkpoint-interval", interval], arguments.folder / "log")  # fmt: skip
        figures = measure(table, arguments, arguments.folder)
        for name, index, unit in [("open", 0, "s"), ("refresh", 1, "s"), ("peak memory", 2, "MB")]:
            ours, theirs = figures["ours"][index], figures["theirs"][index]
            ratio = round(theirs / ours, 2)
            lines.append([f"{name}, {case}", round(ours, 5), "delta-rs", round(theirs, 5), unit, ratio, 1, ratio >= 1])
    report(lines, arguments.json)


main()
