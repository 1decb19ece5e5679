"""Readers to compare with, the best first."""

import csv
import io
import json
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from canonical import column


def readings(path, problems):
    """(oracle, columns, rows) for each oracle that reads the file; what the others say goes to problems."""
    for name, read in (("pyarrow", by_pyarrow), ("duckdb", by_duckdb), ("json", by_json)):
        try:
            columns, rows = read(path)
        except Exception as error:  # an oracle may fail in any way: it is then none
            problems.append(f"{name}: {type(error).__name__}: {str(error)[:120]!r}")
            continue
        yield name, columns, rows


def by_pyarrow(path):
    file = pq.ParquetFile(path, arrow_extensions_enabled=False)
    table = file.read(use_threads=False)
    return [(name, column(values)) for name, values in zip(table.schema.names, table.columns)], table.num_rows


def by_duckdb(path):
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    table = connection.execute(f"SELECT * FROM read_parquet('{path}', hive_partitioning=false)").to_arrow_table()
    return [(name, column(values)) for name, values in zip(table.schema.names, table.columns)], table.num_rows


def by_json(path):
    beside = path.with_suffix(".json")
    rows = json.loads(beside.read_text(), object_pairs_hook=list, parse_float=Decimal)
    names = [name for name, _ in rows[0]] if rows else []
    return [(name, [dict(row).get(name) for row in rows]) for name in names], len(rows)


def is_lenient(name, found):
    """Whether a difference from pyarrow is pyarrow's: another oracle is asked then."""
    return False
