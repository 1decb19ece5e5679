"""Reads a Delta table with DuckDB's delta extension, or its active files with Spark, and says what it holds.

usage: others.py duckdb|spark TABLE FILES.json
"""

import json
import pathlib
import shutil
import sys


def duckdb_total(table):
    import duckdb
    import duckdb_extension_delta

    # The package brings the extension as a file: nothing is fetched.
    (extension,) = pathlib.Path(duckdb_extension_delta.__path__[0]).glob("extensions/*/delta.duckdb_extension")
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    row = connection.execute(f"SELECT count(*), sum(id), count(DISTINCT note) FROM delta_scan('{table}')").fetchone()
    return [int(value) for value in row]


def spark_total(files):
    if not shutil.which("java"):
        print(json.dumps({"skipped": "there is no Java"}))
        sys.exit(0)
    from pyspark.sql import SparkSession, functions

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    rows = spark.read.parquet(*files)
    row = rows.agg(functions.count("*"), functions.sum("id"), functions.countDistinct("note")).first()
    spark.stop()
    return [int(value) for value in row]


engine, table, listing = sys.argv[1:]
rows, total, notes = duckdb_total(table) if engine == "duckdb" else spark_total(json.load(open(listing)))
print(json.dumps({"rows": rows, "sum": total, "notes": notes}))
