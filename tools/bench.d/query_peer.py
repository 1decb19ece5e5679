"""DuckDB in process, asked as query-bench is: query_peer.py LOCATION THREADS, then a query a line, `T` the table.

Each answer is a line: seconds and rows.
"""

import json
import sys
import time
from pathlib import Path

import duckdb


def source(location):
    """What DuckDB reads for a table: a file, or the files that a Delta log of one commit names."""
    if Path(location).is_file():
        return f"read_parquet('{location}')"
    files = []
    for entry in sorted(Path(location, "_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                files.append(f"'{location}/{action['add']['path']}'")
    return f"read_parquet([{', '.join(files)}])"


def main():
    location, threads = sys.argv[1], int(sys.argv[2])
    con = duckdb.connect()
    con.execute(f"set threads = {threads}; set timezone = 'UTC'; set enable_progress_bar = false")
    con.execute("set parquet_metadata_cache = true")
    con.execute(f"create view T as select * from {source(location)}")
    for line in sys.stdin:
        start = time.perf_counter()
        rows = con.sql(line).to_arrow_table()
        print(f"{time.perf_counter() - start}\t{rows.num_rows}", flush=True)


if __name__ == "__main__":
    main()
