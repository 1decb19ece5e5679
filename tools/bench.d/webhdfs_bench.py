"""Runs the benchmark of the WebHDFS client; started by tools/bench, which says more."""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

from bench_report import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["VITALS_BIN"])
USER = os.environ.get("USER", "root")


def say(text):
    print(f"bench webhdfs: {text}", file=sys.stderr, flush=True)


def timed(words, **options):
    """Runs a command to its end; returns seconds and peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               **options)  # fmt: skip
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{words[0]} exited {process.returncode}: {errors.decode(errors='replace')[-1000:]}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


class Cluster:
    def __init__(self, instance):
        self.instance = instance
        self.url = self.tool("url").strip()
        self.environment = {**os.environ, "HDFS_URL": self.url, "HDFS_USER": USER}

    def tool(self, *words):
        command = [ROOT / "tools/hdfs", *words, "--instance", self.instance]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def call(self, method, path, query):
        request = urllib.request.Request(f"{self.url}/webhdfs/v1{path}?user.name={USER}&{query}", method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def fresh(self, path):
        """An empty directory."""
        self.call("DELETE", path, "op=DELETE&recursive=true")
        self.call("PUT", path, "op=MKDIRS")

    def expect(self, path, files, size):
        """Fails the run unless a directory holds so many files of that length, and nothing else."""
        entries = self.call("GET", path, "op=LISTSTATUS")["FileStatuses"]["FileStatus"]
        lengths = [entry["length"] for entry in entries if entry["type"] == "FILE"]
        if lengths != [size] * files:
            sys.exit(f"{path} holds {len(lengths)} files, not {files} of {size} bytes")


class Field:
    """The contenders of one case, run in turn in every round."""

    def __init__(self):
        self.seconds, self.peaks = {}, {}

    def run(self, name, words, **options):
        seconds, peak = timed(words, **options)
        self.add(name, seconds, peak)

    def add(self, name, seconds, peak):
        self.seconds.setdefault(name, []).append(seconds)
        self.peaks.setdefault(name, []).append(peak)
        say(f"{name}: {seconds:.2f} s, {peak:.0f} MB")

    def median(self, name):
        return statistics.median(self.seconds[name])


def java(cluster, *words):
    return [ROOT / "tools/hdfs", "shell", *words, "--instance", cluster.instance]


def python_client(action, url, *words):
    code = """
import sys, hdfs
action, url, user, source, target, threads = sys.argv[1:]
client = hdfs.InsecureClient(url, user=user)
if action == "put": client.upload(target, source, n_threads=int(threads), overwrite=True)
else: client.download(source, target, n_threads=int(threads), overwrite=True)
"""
    return [sys.executable, "-c", code, action, url, USER, *words]


def large(cluster, folder, megabytes, rounds):
    """One large file, up and down."""
    up, down = Field(), Field()
    source = folder / "large"
    with open(source, "wb") as file:
        block = os.urandom(1 << 20)
        for index in range(megabytes):
            file.write(index.to_bytes(8, "big") + block[8:])
    size = megabytes << 20
    fs = ("webhdfs://" + cluster.url.removeprefix("http://")) + "/bench"
    curl = (
        'set -e; location=$(curl -s -X PUT -o /dev/null -w "%{redirect_url}" "$1"); '
        'curl -s -f -H Expect: -T "$2" "$location"'
    )
    putters = {
        "hdfs-fs": [BIN / "hdfs-fs", "put", source, "/bench/large"],
        "curl": ["bash", "-c", curl, "-",
                 f"{cluster.url}/webhdfs/v1/bench/large?op=CREATE&overwrite=true&user.name={USER}", source],
        "bare-libcurl": [BIN / "webhdfs-libcurl", "put", cluster.url, "/bench", source, "--user", USER],
        "java-webhdfs": java(cluster, "-put", "-f", source, f"{fs}/large"),
        "python-hdfs": python_client("put", cluster.url, source, "/bench/large", "1"),
    }  # fmt: skip
    target = folder / "back"
    getters = {
        "hdfs-fs": [BIN / "hdfs-fs", "get", "/bench/large", target],
        "curl": ["curl", "-s", "-f", "-L", "-o", target,
                 f"{cluster.url}/webhdfs/v1/bench/large?op=OPEN&user.name={USER}"],
        "bare-libcurl": [BIN / "webhdfs-libcurl", "get", cluster.url, "/bench", folder / "b" / "large", "--user", USER],
        "java-webhdfs": java(cluster, "-get", f"{fs}/large", target),
        "python-hdfs": python_client("get", cluster.url, "/bench/large", target, "1"),
    }  # fmt: skip
    (folder / "b").mkdir(exist_ok=True)
    # A server that has just started is slow: nobody is to be the one who warms it up.
    for _ in range(2):
        cluster.fresh("/bench")
        timed(putters["bare-libcurl"], env=cluster.environment)
        timed(getters["bare-libcurl"], env=cluster.environment)
    for number in range(rounds):
        names = list(putters)
        # Each begins a round in its turn.
        for name in names[number % len(names):] + names[:number % len(names)]:
            cluster.fresh("/bench")
            up.run(name, putters[name], env=cluster.environment)
            cluster.expect("/bench", 1, size)
        for name in names[number % len(names):] + names[:number % len(names)]:
            for old in (target, folder / "b" / "large"):
                old.unlink(missing_ok=True)
            down.run(name, getters[name], env=cluster.environment)
            arrived = folder / "b" / "large" if name == "bare-libcurl" else target
            if subprocess.run(["cmp", "-s", source, arrived]).returncode != 0:
                sys.exit(f"what {name} brought back differs")
    for old in (target, folder / "b" / "large", source):
        old.unlink(missing_ok=True)
    return up, down


def small(cluster, folder, files, rounds):
    """Many files of 20 kB, eight at a time."""
    field = Field()
    source = folder / "small"
    source.mkdir()
    for index in range(files):
        (source / f"f{index:04}").write_bytes(os.urandom(20_000))
    paths = sorted(source.iterdir())
    putters = {
        "hdfs-fs": [BIN / "hdfs-fs", "put", "--parallel", 8, *paths, "/bench"],
        "bare-libcurl": [BIN / "webhdfs-libcurl", "put", cluster.url, "/bench", *paths, "--user", USER, "--threads", 8],
        "python-hdfs": python_client("put", cluster.url, source, "/bench", "8"),
    }
    for number in range(rounds):
        names = list(putters)
        for name in names[number % len(names):] + names[:number % len(names)]:
            cluster.fresh("/bench")
            field.run(name, putters[name], env=cluster.environment)
            # The Python client puts a folder into a folder.
            cluster.expect("/bench/small" if name == "python-hdfs" else "/bench", files, 20_000)
    return field


SCHEMA = {"type": "struct", "fields": [
    {"name": "patient", "type": "string", "nullable": True, "metadata": {}},
    {"name": "heart_rate", "type": "double", "nullable": True, "metadata": {}},
    {"name": "_kafka_offset", "type": "long", "nullable": True, "metadata": {}},
    {"name": "date", "type": "date", "nullable": True, "metadata": {}},
]}  # fmt: skip


def make_spool(spool, files):
    """Writes a spool in a process of its own: what a process is started from counts as its peak memory."""
    code = "import sys, webhdfs_bench; webhdfs_bench.write_spool(sys.argv[1], int(sys.argv[2]), 1000)"
    environment = os.environ | {"PYTHONPATH": str(pathlib.Path(__file__).parent)}
    subprocess.run([sys.executable, "-B", "-c", code, spool, str(files)], check=True, env=environment)


def write_spool(folder, files, rows):
    """A spool as vitals-sink leaves it after an outage: small files of adjacent ranges and the marks of their chain."""
    import pyarrow
    import pyarrow.parquet

    spool = pathlib.Path(folder)
    log = spool / "_delta_log"
    log.mkdir(parents=True)
    (spool / "date=2026-01-01").mkdir()
    now = int(datetime.datetime.now().timestamp() * 1000)
    first = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "3d0ab3ed-4c79-4b6e-9d3f-000000000000", "format": {"provider": "parquet", "options": {}},
                      "schemaString": json.dumps(SCHEMA), "partitionColumns": ["date"], "configuration": {},
                      "createdTime": now}},
    ]  # fmt: skip
    (log / f"{0:020}.json").write_text("\n".join(json.dumps(action) for action in first) + "\n")
    for index in range(files):
        start, end = index * rows, (index + 1) * rows
        offsets = range(start, end)
        table = pyarrow.table({
            "patient": [f"P{offset * 2654435761 % 100000:05}" for offset in offsets],
            "heart_rate": [60 + (offset * 48271 % 65537) / 1000 for offset in offsets],
            "_kafka_offset": list(offsets),
        })  # fmt: skip
        path = f"date=2026-01-01/vitals-0-{start:020}-{end:020}-0-{index:08x}.parquet"
        pyarrow.parquet.write_table(table, spool / path, compression="none", use_dictionary=False)
        actions = [
            {"txn": {"appId": "vitals-sink/vitals@0/0", "version": end, "lastUpdated": now}},
            {"add": {"path": path.replace("=", "%3D"), "partitionValues": {"date": "2026-01-01"},
                     "size": (spool / path).stat().st_size, "modificationTime": now, "dataChange": True,
                     "tags": {"kafka.topic": "vitals", "kafka.incarnation": "0", "kafka.partition": "0",
                              "kafka.start": str(start), "kafka.next": str(end)}}},
        ]  # fmt: skip
        if index == 0:
            actions.insert(0, {"txn": {"appId": "vitals-spool-chain/vitals@0/0", "version": 0, "lastUpdated": now}})
        (log / f"{index + 1:020}.json").write_text("\n".join(json.dumps(action) for action in actions) + "\n")


def sync(cluster, folder, files, rounds):
    """The same spool, file by file and merged."""
    field = Field()
    for number in range(rounds):
        for name, flag in (("merged", "--merge"), ("file-by-file", "--no-merge")):
            spool = folder / f"spool-{number}-{name}"
            make_spool(spool, files)
            cluster.fresh("/table")
            command = [BIN / "hdfs-sync", "--spool", spool, "--table", "webhdfs" + cluster.url[4:] + "/table", flag]
            field.run(name, command, env=cluster.environment)
            summary = cluster.call("GET", "/table/date=2026-01-01", "op=GETCONTENTSUMMARY")["ContentSummary"]
            if name == "file-by-file" and summary["fileCount"] != files or summary["fileCount"] == 0:
                sys.exit(f"{name}: {summary['fileCount']} files came home")
    return field


def compare(case, field, amount, unit, targets, ours="hdfs-fs"):
    """Lines of ours against each rival with a target: amounts a second, by median times."""
    lines = []
    for rival, target in targets.items():
        mine, theirs = amount / field.median(ours), amount / field.median(rival)
        ratio = mine / theirs
        lines.append([case, round(mine, 1), rival, round(theirs, 1), unit, round(ratio, 2), target, ratio >= target])
    return lines


def main():
    parser = argparse.ArgumentParser(prog="tools/bench webhdfs")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--instance", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["large", "small", "sync"], help="one case alone")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    cluster = Cluster(arguments.instance)
    lines, peaks = [], []
    if arguments.only in (None, "large"):
        up, down = large(cluster, arguments.folder, arguments.megabytes, arguments.rounds)
        amount = arguments.megabytes * 1.048576
        targets = {"curl": 0.95, "java-webhdfs": 1.0, "bare-libcurl": 0.9, "python-hdfs": 1.0}
        lines += compare("upload", up, amount, "MB/s", targets)
        lines += compare("download", down, amount, "MB/s", targets)
        peaks += up.peaks["hdfs-fs"] + down.peaks["hdfs-fs"]
    if arguments.only in (None, "small"):
        field = small(cluster, arguments.folder, arguments.files, arguments.rounds)
        lines += compare("20 kB files up", field, arguments.files, "files/s", {"bare-libcurl": 0.9, "python-hdfs": 1.0})
        peaks += field.peaks["hdfs-fs"]
    if arguments.only in (None, "sync"):
        field = sync(cluster, arguments.folder, arguments.files, max(arguments.rounds - 1, 1))
        targets = {"file-by-file": 10.0}
        lines += compare("spool of small files", field, arguments.files, "files/s", targets, ours="merged")
        peaks += field.peaks["merged"]
    peak = max(peaks)
    lines.append(["peak memory", round(peak), "limit", 64, "MB", round(64 / peak, 2), 1.0, peak <= 64])
    report(lines, arguments.json)


if __name__ == "__main__":
    main()
