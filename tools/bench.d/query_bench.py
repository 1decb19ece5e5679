"""Asks DuckDB and ours the same queries in turn, and prints the best seconds of each."""

import argparse
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

import process_memory
from bench_report import report


class Asked:
    """A process that answers a query a line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        """The seconds and the number of rows of an answer."""
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n").split("\t")
        if len(answer) < 2 or answer[0] == "failed":
            sys.exit(f"{sql}\n{' '.join(answer)}")
        return float(answer[0]), int(answer[1])

    def end(self):
        """The most memory that the process has held."""
        held = process_memory.peak(self.process.pid)
        self.process.communicate()
        return held


def queries(path, table):
    """(name, SQL) by the lines of a file; T stands for the table."""
    for line in path.read_text().splitlines():
        if "|" in line and not line.startswith("--"):
            name, sql = line.strip().split("|", 1)
            yield name, re.sub(r"\bT\b", table, sql)


def statistics(group):
    """What a Delta log says of a file, by the footer of its one row group."""
    low, high, nulls = {}, {}, {}
    for index in range(group.num_columns):
        column = group.column(index)
        name, known = column.path_in_schema, column.statistics
        low[name], high[name], nulls[name] = [
            value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if hasattr(value, "isoformat") else value
            for value in (known.min, known.max, known.null_count)
        ]
    return json.dumps({"numRecords": group.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls})


def make_delta(source, folder, count):
    """The rows of a file in order as a Delta table of so many files, in one commit."""
    folder.joinpath("_delta_log").mkdir(parents=True)
    table = pq.read_table(source)
    types = {"timestamp[ms, tz=UTC]": "timestamp", "int32": "integer"}
    fields = [
        {"name": field.name, "type": types.get(str(field.type), str(field.type)), "nullable": True, "metadata": {}}
        for field in table.schema
    ]
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {
            "metaData": {
                "id": "5b5a3cf1-6d1c-4a60-9b35-3c1f3d1d7a10",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": [],
                "configuration": {},
                "createdTime": 0,
            }
        },
    ]
    step = -(-table.num_rows // count)
    for number in range(count):
        path = folder / f"part-{number:05d}.parquet"
        # Each file has the dictionaries of its own rows.
        part = table.slice(number * step, step).combine_chunks()
        pq.write_table(part, path, compression="zstd", write_page_index=True, coerce_timestamps="us")
        add = {"path": path.name, "partitionValues": {}, "size": path.stat().st_size, "modificationTime": 0}
        add |= {"dataChange": True, "stats": statistics(pq.ParquetFile(path).metadata.row_group(0))}
        actions.append({"add": add})
    log = folder / "_delta_log/00000000000000000000.json"
    log.write_text("".join(json.dumps(action) + "\n" for action in actions))


def compare(kind, location, options):
    """The lines of the report for one table."""
    peer = Asked(
        sys.executable, "-B", str(Path(__file__).with_name("query_peer.py")), str(location), str(options.threads)
    )
    own = Asked(options.program, str(location), str(options.threads))
    lines, ratios = [], []
    for name, sql in queries(Path(options.bench, "queries.sql"), "T"):
        mine, theirs = math.inf, math.inf
        own_sql = sql.replace(" T", " 'T'")
        counts = {peer.ask(sql)[1], own.ask(own_sql)[1]}
        if len(counts) > 1:
            sys.exit(f"{sql}\nnot as many rows as DuckDB's")
        for _ in range(options.rounds):
            theirs = min(theirs, peer.ask(sql)[0])
            mine = min(mine, own.ask(own_sql)[0])
        ratio = 1.0 if mine < 0.005 and theirs < mine <= theirs + 0.001 else theirs / mine
        ratios.append(ratio)
        figures = [round(mine, 4), "DuckDB", round(theirs, 4), "s", round(ratio, 2)]
        lines.append([f"{kind} {name}", *figures, 1, ratio >= 1])
    mean = math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))
    lines.append([f"{kind} geometric mean", "", "DuckDB", "", "", round(mean, 2), 2, mean >= 2])
    mine, theirs = own.end() / 1e6, peer.end() / 1e6
    lines.append(
        [f"{kind} peak memory", round(mine), "DuckDB", round(theirs), "MB", round(theirs / mine, 2), 1, mine <= theirs]
    )
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--data")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    path = options.data or f"{options.folder}/vitals.parquet"
    if not options.data:
        maker = Path(options.bench, "make_vitals.py")
        subprocess.run([sys.executable, "-B", maker, str(options.rows), path], check=True)
    delta = Path(options.folder, "vitals-delta")
    make_delta(path, delta, options.files)
    report(compare("file", path, options) + compare("delta", delta, options), options.json)


if __name__ == "__main__":
    main()
