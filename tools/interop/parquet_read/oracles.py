"""Readers to compare with, the best first."""

import json
from decimal import Decimal

import duckdb
import pyarrow.parquet as pq

import canonical
from canonical import column


def readings(path, problems):
    """(oracle, columns, rows) for each oracle that reads the file; what the others say goes to problems."""
    oracles = (
        ("pyarrow", by_pyarrow), ("pyarrow with INT96 as milliseconds", by_pyarrow_in_milliseconds),
        ("DuckDB", by_duckdb), ("the JSON beside it", by_json),
    )  # fmt: skip
    for name, read in oracles:
        try:
            columns, rows = read(path)
        except Exception as error:  # an oracle may fail in any way: it is then none
            problems.append(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
            continue
        yield name, columns, rows


def look_at(file):
    """Tells the comparison which kinds of values the file may have."""
    leaves = [file.schema.column(index) for index in range(len(file.schema))]
    kinds = {leaf.logical_type.type for leaf in leaves} | {leaf.converted_type for leaf in leaves}
    canonical.ENUMS, canonical.UUIDS, canonical.INTERVALS = "ENUM" in kinds, "UUID" in kinds, "INTERVAL" in kinds
    return any(leaf.physical_type == "INT96" for leaf in leaves)


def by_pyarrow(path, unit=None):
    file = pq.ParquetFile(path, arrow_extensions_enabled=False, coerce_int96_timestamp_unit=unit)
    has_int96 = look_at(file)
    canonical.MILLISECONDS = unit == "ms"
    if unit and not has_int96:
        raise ValueError("no INT96")
    table = file.read(use_threads=False)
    return [(name, column(values)) for name, values in zip(table.schema.names, table.columns)], table.num_rows


def by_pyarrow_in_milliseconds(path):
    """INT96 beyond the years that nanoseconds in 64 bits can count."""
    return by_pyarrow(path, "ms")


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
