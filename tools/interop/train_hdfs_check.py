"""Checks vitals-train over a Delta table of vitals on HDFS: what it learns, its memory and its progress bar."""

import argparse
import json
import os
import pty
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench.d"))
import process_memory  # noqa: E402

FILE_ROWS = 100_000
STEP_MILLIS = 5_000
counts = {"passed": 0, "failed": 0}


def check(name, holds, detail=""):
    verdict = "passed" if holds else "failed"
    counts[verdict] += 1
    print(f"{verdict} {name}{': ' if detail else ''}{detail}", flush=True)


class Ward:
    """Patients whose vitals wander, and now and then drift towards a crisis."""

    def __init__(self, patients):
        self.chance = np.random.default_rng(7)
        self.names = np.array([f"P{number:05d}" for number in range(patients)])
        self.wander = self.chance.normal(size=(4, patients))
        self.drift = np.zeros(patients)
        self.falls = np.zeros(patients, dtype=bool)

    def step(self):
        """The vitals of all patients, five seconds later."""
        size = len(self.names)
        self.wander = 0.98 * self.wander + 0.2 * self.chance.normal(size=self.wander.shape)
        self.falls |= self.chance.random(size) < 0.0008
        self.falls &= self.drift < 1
        self.drift = np.clip(self.drift + np.where(self.falls, 0.004, -0.004), 0, 1)
        return {
            "heart_rate": 78 + 6 * self.wander[0] + 50 * self.drift,
            "spo2": np.minimum(97.5 + 0.6 * self.wander[1] - 5 * self.drift, 100),
            "systolic_bp": 128 + 8 * self.wander[2],
            "diastolic_bp": 76 + 6 * self.wander[2],
            "respiratory_rate": 16 + 1.2 * self.wander[3] + 9 * self.drift,
            "temperature": 36.9 + 0.2 * self.wander[3],
        }


def make_table(folder, rows):
    """Readings in the order of time as a Delta table in one commit."""
    folder.joinpath("_delta_log").mkdir(parents=True)
    ward = Ward(max(50, rows // 10_000))
    patients = len(ward.names)
    steps = max(1, FILE_ROWS // patients)
    now, left, number, adds, fields = 1_767_225_600_000, rows, 0, [], []
    while left > 0:
        parts = [ward.step() for _ in range(min(steps, -(-left // patients)))]
        times = np.repeat(now + STEP_MILLIS * np.arange(len(parts)), patients)
        columns = {"patient_id": np.tile(ward.names, len(parts)), "event_time": times}
        for name in parts[0]:
            values = np.concatenate([part[name] for part in parts]).round(1)
            columns[name] = pa.array(values, mask=ward.chance.random(len(values)) < 0.05)
        columns["event_time"] = pa.array(times, pa.timestamp("ms", tz="UTC"))
        table = pa.table(columns).slice(0, left)
        path = folder / f"part-{number:05d}.parquet"
        pq.write_table(table, path, compression="zstd", coerce_timestamps="us")
        adds.append({"add": {"path": path.name, "partitionValues": {}, "size": path.stat().st_size,
                             "modificationTime": 0, "dataChange": True}})  # fmt: skip
        fields = table.schema
        now, left, number = now + STEP_MILLIS * len(parts), left - table.num_rows, number + 1
    types = {"patient_id": "string", "event_time": "timestamp"}
    schema = [{"name": field.name, "type": types.get(field.name, "double"), "nullable": True, "metadata": {}}
              for field in fields]  # fmt: skip
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "7d0cf0ce-31c2-4b8a-a8b1-3b0c8f1d2a55", "format": {"provider": "parquet", "options": {}},
                      "schemaString": json.dumps({"type": "struct", "fields": schema}), "partitionColumns": [],
                      "configuration": {}, "createdTime": 0}},
        *adds,
    ]  # fmt: skip
    log = folder / "_delta_log/00000000000000000000.json"
    log.write_text("".join(json.dumps(action) + "\n" for action in actions))


def watched(command, folder):
    """Runs a command with a terminal for its errors: status, what it wrote there, and its most memory in bytes."""
    main, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    said = bytearray()

    def listen():
        while True:
            try:
                some = os.read(main, 65_536)
            except OSError:
                return
            if not some:
                return
            said.extend(some)

    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal, cwd=folder)
    os.close(terminal)
    listener = threading.Thread(target=listen)
    listener.start()
    most = 0
    while process.poll() is None:
        most = max(most, process_memory.peak(process.pid) or 0)
        time.sleep(0.01)
    listener.join(timeout=10)
    os.close(main)
    return process.returncode, said.decode(errors="replace"), most


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "folder", "url"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--trees", type=int, default=100)
    options = parser.parse_args()
    table = Path(options.folder, "table")
    make_table(table, options.rows)
    place = f"{options.url.rstrip('/').replace('http', 'webhdfs', 1)}/train-hdfs-{os.getpid()}"

    def files(*arguments):
        done = subprocess.run([f"{options.bin}/hdfs-fs", *arguments], capture_output=True, text=True, timeout=600)
        if done.returncode:
            sys.exit(f"hdfs-fs {arguments[0]}: {done.stderr.strip()}")

    try:
        files("mkdir", f"{place}/table/_delta_log")
        files("put", *map(str, sorted(table.glob("*.parquet"))), f"{place}/table")
        files("put", *map(str, sorted(table.glob("_delta_log/*"))), f"{place}/table/_delta_log")
        started = time.monotonic()
        status, said, most = watched(
            [f"{options.bin}/vitals-train", "--table", f"{place}/table", "--label", "deteriorates", "--out", "m",
             "--trees", str(options.trees)], options.folder)  # fmt: skip
        seconds = time.monotonic() - started
        check("it trains", status == 0, f"{options.rows:,} readings in {seconds:.0f} s" if status == 0 else said[-800:])
        check("all readings are read", f"{options.rows} readings of" in said)
        check("within 1 GB", most <= 1 << 30, f"{most >> 20} MiB at most")
        check("a progress bar shows", "%" in said and "\r" in said)
        if status == 0:
            with open(f"{options.folder}/m/metrics.json") as file:
                metrics = json.load(file)
            area = metrics["roc_auc"]["mean"]
            news2 = metrics["baselines"]["news2"]["roc_auc"]["mean"]
            check("it foretells better than chance", area > 0.6, f"ROC AUC {area:.3f}, NEWS2's {news2:.3f}")
    finally:
        subprocess.run([f"{options.bin}/hdfs-fs", "rm", "--recursive", place], capture_output=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, 0 skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
