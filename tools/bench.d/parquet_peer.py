"""Reads all columns of a Parquet file on one thread with another library; prints the seconds of each round."""

import json
import os
import sys
import time

name, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ["POLARS_MAX_THREADS"] = "1"


def pyarrow():
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    return sum(batch.num_rows for batch in pq.ParquetFile(path).iter_batches(65536, use_threads=False))


def pyarrow_table():
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    return pq.ParquetFile(path).read(use_threads=False).num_rows


def polars():
    import polars

    return polars.read_parquet(path, use_statistics=False).height


def duckdb():
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    reader = connection.execute(f"SELECT * FROM read_parquet('{path}')").to_arrow_reader(65536)
    return sum(batch.num_rows for batch in reader)


read = {"pyarrow": pyarrow, "pyarrow-table": pyarrow_table, "polars": polars, "duckdb": duckdb}[name]
for _ in range(rounds):
    started = time.perf_counter()
    rows = read()
    print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started}), flush=True)
