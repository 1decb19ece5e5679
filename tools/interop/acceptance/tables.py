"""Reads a Delta table with three engines of other people, and compares it with what was produced."""

import collections
import datetime
import json
import urllib.parse

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from processes import ROOT, check, check_equal

FIELDS = [field["name"] for field in json.loads((ROOT / "Schemas" / "vitals.avsc").read_text())["fields"]]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def active_files(folder):
    """The files that the log names, as delta-rs reads it."""
    paths = deltalake.DeltaTable(str(folder)).file_uris()
    return sorted(urllib.parse.unquote(path.removeprefix("file://")) for path in paths)


def read(folder):
    """The active rows of a table as pyarrow reads them, after pyarrow, DuckDB and delta-rs have agreed on the count."""
    files = active_files(folder)
    if not files:
        return pa.table({})
    # Files of before a column was added lack it.
    table = pa.concat_tables([pq.ParquetFile(file).read() for file in files], promote_options="default")
    with duckdb.connect() as connection:
        identity = "(_kafka_incarnation, _kafka_partition, _kafka_offset)"
        query = f"select count(*), count(distinct {identity}) from read_parquet(?, union_by_name = true)"
        rows, identities = connection.execute(query, [files]).fetchone()
    delta_rows = pa.table(deltalake.DeltaTable(str(folder)).to_pyarrow_table()).num_rows
    check_equal(rows, table.num_rows, "rows that DuckDB counts, against pyarrow")
    check_equal(delta_rows, table.num_rows, "rows that delta-rs counts, against pyarrow")
    check_equal(identities, rows, f"distinct {identity} that DuckDB counts")
    return table


def check_offsets(table, high_watermarks, missing=frozenset()):
    """Each partition's offsets are there once, from 0 to the end of what the broker holds, but for those missing."""
    found = list(zip(table["_kafka_partition"].to_pylist(), table["_kafka_offset"].to_pylist()))
    twice = [identity for identity, count in collections.Counter(found).items() if count > 1]
    check(not twice, f"{len(twice)} records are there twice, {twice[:3]} first")
    expected = {(partition, offset) for partition, high in high_watermarks.items() for offset in range(high)}
    expected -= set(missing)
    lost = sorted(expected - set(found))
    extra = sorted(set(found) - expected)
    check(not lost, f"{len(lost)} of {len(expected)} records are lost, {lost[:3]} first")
    check(not extra, f"{len(extra)} records are there that the broker never had, {extra[:3]} first")


def rows_of(table):
    """The payload of each row as a tuple in the order of FIELDS; times in milliseconds since 1970."""
    columns = []
    for name in FIELDS:
        values = table[name].to_pylist() if name in table.column_names else [None] * table.num_rows
        if name == "event_time":
            values = [milliseconds(value) for value in values]
        columns.append(values)
    return collections.Counter(zip(*columns))


def milliseconds(time):
    """Exact milliseconds since 1970 of a datetime with a time zone."""
    difference = time - EPOCH
    check_equal(difference.microseconds % 1000, 0, "microseconds below a millisecond")
    return (difference.days * 86_400 + difference.seconds) * 1000 + difference.microseconds // 1000


def rows_of_messages(lines):
    """The same tuples from messages as they were sent: one JSON object a line."""
    rows = collections.Counter()
    for line in lines:
        message = json.loads(line)
        unknown = message.keys() - set(FIELDS)
        check(not unknown, f"the producer sends fields that the schema does not have: {sorted(unknown)}")
        rows[tuple(message.get(name) for name in FIELDS)] += 1
    return rows


def check_same_rows(actual, expected):
    """Two multisets of rows are equal, value by value."""
    lost = expected - actual
    extra = actual - expected
    check(
        not lost and not extra,
        f"{lost.total()} rows are missing or changed, first {next(iter(lost), None)}; "
        f"{extra.total()} rows are there that were not sent, first {next(iter(extra), None)}",
    )


def check_dates(folder):
    """Each file lies in the partition of the UTC day of all its event times."""
    for file in active_files(folder):
        column = pq.ParquetFile(file).read(["event_time"])["event_time"].to_pylist()
        days = {(EPOCH + (time - EPOCH)).date().isoformat() for time in column}
        parts = [part for part in file.split("/") if part.startswith("date=")]
        check_equal([f"date={day}" for day in sorted(days)], parts, f"day of the rows in {file}")
