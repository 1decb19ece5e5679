"""Measures vitals-serve and Python servers in turn: serve_bench.py --folder F --bin B [--json] [--trees N]."""

import argparse
import csv
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import joblib
import numpy as np
import process_memory
from bench_report import report
from sklearn.ensemble import RandomForestClassifier

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PATIENT = json.dumps(
    {
        "pregnancies": 2, "glucose": 138, "blood_pressure": 62, "skin_thickness": 35, "insulin": 90, "bmi": 33.6,
        "diabetes_pedigree_function": 0.127, "age": 47,
    }
)  # fmt: skip


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server on one core, until the block ends."""

    def __init__(self, command, port):
        self.command, self.port = command, port

    def __enter__(self):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/predict", PATIENT.encode(), {"Content-Type": "application/json"}
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.answer = json.load(urllib.request.urlopen(request, timeout=10))
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{self.command[0]} does not answer: {self.process.stderr.read().decode()[-500:]}")
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def memory(self):
        return process_memory.peak(self.process.pid) / (1 << 20)

    def load(self, path, connections, seconds, script):
        """Requests a second, and the 99th percentile of the time of each in milliseconds."""
        command = [
            "taskset", "-c", "1", "wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency",
            "-s", script, f"http://127.0.0.1:{self.port}{path}",
        ]  # fmt: skip
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in text:
            sys.exit(f"{self.command}: refused\n{text}")
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
        return rate, float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def fit_sklearn(path, trees):
    with open(f"{ROOT}/data/diabetes-synthetic.csv") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "outcome"]
    values = np.array([[float(row[name] or 0) for name in names] for row in rows], dtype=np.float32)
    target = [int(row["outcome"]) for row in rows]
    forest = RandomForestClassifier(trees, random_state=0, n_jobs=1).fit(values, target)
    joblib.dump(forest, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trees", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    folder = arguments.folder
    model = f"{folder}/model"
    fit = [
        f"{arguments.bin}/vitals-train", "fit", "--data", f"{ROOT}/data/diabetes-synthetic.csv", "--out", model,
        "--trees", str(arguments.trees), "--cv", "3x1",
    ]  # fmt: skip
    subprocess.run(fit, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fit_sklearn(f"{folder}/forest.joblib", arguments.trees)
    script = f"{folder}/post.lua"
    with open(script, "w") as file:
        file.write(
            f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = {json.dumps(PATIENT)}\n'
        )
    peer = [sys.executable, f"{ROOT}/tools/bench.d/serve_peer.py"]
    servers = {
        "vitals-serve": lambda port: [f"{arguments.bin}/vitals-serve", "--model", model, "--port", str(port)],
        "fastapi-onnx": lambda port: [*peer, "onnx", f"{model}/model.onnx", str(port)],
        "fastapi-joblib": lambda port: [*peer, "joblib", f"{folder}/forest.joblib", str(port)],
        "fastapi-joblib-shap": lambda port: [*peer, "joblib-shap", f"{folder}/forest.joblib", str(port)],
    }
    rates, slowest, memory, answers = {}, {}, {}, {}
    for round_ in range(arguments.rounds):
        for name, command in servers.items():
            port = free_port()
            with Server(command(port), port) as server:
                answers[name] = server.answer
                cases = [("/predict", 32), ("/predict", 1)]
                if name == "vitals-serve":
                    cases += [("/explain", 32), ("/explain", 1)]
                for path, connections in cases:
                    rate, late = server.load(path, connections, arguments.seconds, script)
                    rates.setdefault((name, path, connections), []).append(rate)
                    slowest.setdefault((name, path, connections), []).append(late)
                    print(
                        f"bench serve: {name} {path} {connections}: {rate:.0f}/s, 99 % {late:.2f} ms", file=sys.stderr
                    )
                memory[name] = max(memory.get(name, 0), server.memory())
    if abs(answers["vitals-serve"]["probability"] - answers["fastapi-onnx"]["probability"]) > 1e-5:
        sys.exit(f"the answers differ: {answers}")
    middle = {key: statistics.median(values) for key, values in rates.items()}
    late = {key: statistics.median(values) for key, values in slowest.items()}
    lines = []

    def compare(path, connections, rival, target):
        ours, theirs = middle["vitals-serve", path, connections], middle[rival, "/predict", connections]
        ratio = round(ours / theirs, 2)
        lines.append(
            [f"{path[1:]}, {connections} connections", round(ours), rival, round(theirs), "requests/s", ratio, target,
             ratio >= target]
        )  # fmt: skip
        ours, theirs = late["vitals-serve", path, connections], late[rival, "/predict", connections]
        ratio = round(theirs / ours, 2)
        lines.append(
            [f"{path[1:]}, {connections} connections, 99 %", round(ours, 2), rival, round(theirs, 2), "ms", ratio, 1.0,
             ratio >= 1]
        )  # fmt: skip

    compare("/predict", 32, "fastapi-onnx", 8.0)
    compare("/predict", 1, "fastapi-onnx", 2.0)
    compare("/predict", 32, "fastapi-joblib", 100.0)
    compare("/explain", 32, "fastapi-joblib-shap", 100.0)
    ours = round(memory["vitals-serve"])
    lines.append(["peak memory", ours, "limit", 100, "MB", round(100 / ours, 2), 1.0, ours < 100])
    report(lines, arguments.json)


main()
