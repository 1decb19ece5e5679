"""Compares pq-query with DuckDB: hand-picked queries, and queries made at random, over the same files."""

import argparse
import datetime
import json
import math
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import duckdb

from generator import Generator

EPOCH = datetime.datetime(1970, 1, 1)


def make_files(folder):
    """A table of vitals with nulls in several row groups, and one of many types with values at their edges."""
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'; select setseed(0.5)")
    con.execute(f"""copy (select i as id, timestamptz '2026-01-01 00:00:00+00' + to_milliseconds(i * 7001)
        as event_time,
        printf('P%05d', (i * 7919) % 60) as patient_id,
        case when i % 11 = 0 then null else (60 + (i * 31) % 80)::int end as heart_rate,
        case when i % 5 = 0 then null else (85 + (i * 17) % 16)::smallint end as spo2,
        case when i % 13 = 0 then null else 36 + ((i * 7) % 40) / 10.0::double end as temperature,
        (i % 3 = 0) as is_alarm, case when i % 17 = 0 then null else 'W' || (i % 4) end as ward
        from range(20000) t(i)) to '{folder}/vitals.parquet' (row_group_size 4096)""")
    con.execute(f"""copy (select i as id, (i % 256 - 128)::tinyint as i8, (i * 1000003)::bigint as i64,
        case when i % 7 = 0 then null else (i / 8.0 - 20)::float end as f32,
        case i % 9 when 0 then 'nan'::double when 1 then 'inf'::double when 2 then '-inf'::double
        else i / 16.0 end as f64,
        (i / 100.0)::decimal(10, 2) as price,
        case when i % 6 = 0 then null else (i / 1000.0)::decimal(20, 3) end as wide,
        date '2020-01-01' + (i * 5)::int as day, timestamp '1969-12-31 12:00:00' + to_seconds(i * 4321) as moment,
        case when i % 4 = 0 then null else ['a', 'ä', '', 'Zz', 'P00001'][1 + i % 5] end as name,
        (i % 250)::utinyint as u8,
        case when i % 3 = 0 then null else i % 2 = 0 end as flag
        from range(600) t(i)) to '{folder}/types.parquet' (row_group_size 200)""")


def tables(folder, corpus):
    """The files with their columns by kind."""
    result = [
        {
            "from": f"'{folder}/vitals.parquet'",
            "key": "id",
            "columns": {
                "int": ["heart_rate", "spo2", "id"],
                "float": ["temperature"],
                "text": ["patient_id", "ward"],
                "time": ["event_time"],
                "bool": ["is_alarm"],
            },
        },
        {
            "from": f"'{folder}/types.parquet'",
            "key": "id",
            "times": ["timestamp '1970-01-10 00:00:00'"],
            "columns": {
                "int": ["i8", "id", "u8", "i64"],
                "float": ["f32"],
                "decimal": ["price", "wide"],
                "text": ["name"],
                "time": ["moment"],
                "date": ["day"],
                "bool": ["flag"],
            },
        },
    ]
    plain = Path(corpus) / "data/alltypes_plain.parquet"
    if plain.exists():
        result.append(
            {
                "from": f"'{plain.resolve()}'",
                "key": "id",
                "columns": {
                    "int": ["id", "tinyint_col", "int_col", "bigint_col"],
                    "float": ["double_col", "float_col"],
                    "bool": ["bool_col"],
                },
            }
        )
    return result


def theirs(con, sql):
    """The rows of DuckDB; timestamps by UTC as microseconds."""
    described = con.execute(f"describe {sql}").fetchall()
    names = [f"c{n}" for n in range(len(described))]
    items = [f"epoch_us({name})" if "TIME ZONE" in row[1] else name for name, row in zip(names, described)]
    rows = con.execute(f"select {', '.join(items)} from ({sql}) q({', '.join(names)})").fetchall()
    return [[canonical(value, row[1]) for value, row in zip(values, described)] for values in rows], described


def canonical(value, kind):
    """A value of DuckDB as the comparison has it."""
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and "TIME ZONE" not in kind:
        return Decimal(value)
    return value


def parsed(value, kind):
    """A value of ours, out of JSON, as the comparison has it."""
    if value is None or isinstance(value, bool):
        return value
    if "TIMESTAMP" in kind:
        text = value.rstrip("Z")
        moment = datetime.datetime.fromisoformat(text[:26])
        return (moment - EPOCH) // datetime.timedelta(microseconds=1)
    if kind in ("DOUBLE", "FLOAT"):
        return (
            {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value)
            if isinstance(value, str)
            else float(value)
        )
    return value


def same(a, b):
    if isinstance(a, float) and isinstance(b, (float, Decimal)):
        if math.isnan(a):
            return math.isnan(b)
        return a == b or abs(a - float(b)) <= 1e-6 * max(abs(a), abs(float(b)))
    return type(a) is type(b) and a == b


def order(row):
    """What rows are sorted by; the two zeros are one value."""
    return [
        (value is None, str(type(value)), f"{value + 0.0:.5g}" if isinstance(value, float) else value) for value in row
    ]


def sort(rows):
    try:
        return sorted(rows, key=lambda row: [str(part) for part in order(row)])
    except TypeError:
        return rows


def ours(program, sql):
    run = subprocess.run(
        [program, "--format", "ndjson", "--threads", "2", sql], capture_output=True, text=True, timeout=60
    )
    rows = [
        json.JSONDecoder(object_pairs_hook=list, parse_float=Decimal, parse_int=Decimal).decode(line)
        for line in run.stdout.splitlines()
    ]
    return run.returncode, [[value for _, value in row] for row in rows], run.stderr


def asked(sql, setting=""):
    """(rows, types, refusal) of DuckDB."""
    con = duckdb.connect()
    con.execute(f"set timezone = 'UTC'; {setting}")
    try:
        return *theirs(con, sql), None
    except duckdb.Error as error:
        return None, None, str(error).splitlines()[0]
    finally:
        con.close()


def check(program, sql):
    """(verdict, message) of one query."""
    expected, described, refused = asked(sql)
    try:
        status, rows, message = ours(program, sql)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return "failed", f"no answer: {error}"
    if status not in (0, 1, 64) or "Fatal error" in message:
        return "failed", f"exit status {status}: {message[-300:]}"
    if "not supported:" in message:
        return "unsupported", message.splitlines()[0]
    if refused is not None:
        return ("passed", "") if status else ("failed", f"rows, where DuckDB says {refused}")
    if status:
        # Whether an overflow is met may hang on what the optimizer leaves out: count(i8 - 100) needs no difference.
        if "out of the range of its type" in message and asked(sql, "pragma disable_optimizer")[2] is not None:
            return "passed", ""
        return "failed", f"an error, where DuckDB has rows: {message.splitlines()[0]}"
    rows = [[parsed(value, row[1]) for value, row in zip(values, described)] for values in rows]
    if len(rows) != len(expected):
        return "failed", f"{len(rows)} rows, not {len(expected)}"
    for mine, other in zip(sort(rows), sort(expected)):
        if not all(same(a, b) for a, b in zip(mine, other)):
            return "failed", f"{mine} is not {other}"
    return "passed", ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pq-query", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "unsupported": 0}
    with tempfile.TemporaryDirectory() as folder:
        make_files(folder)
        generator = Generator(arguments.seed, tables(folder, arguments.corpus))
        queries = [
            line.strip().replace("FOLDER", folder)
            for line in (Path(__file__).parent / "picked.sql").read_text().splitlines()
            if line.strip() and not line.startswith("--")
        ]
        queries += [generator.query() for _ in range(arguments.queries)]
        with ThreadPoolExecutor(2) as pool:
            for sql, (verdict, message) in zip(queries, pool.map(lambda sql: check(arguments.pq_query, sql), queries)):
                counts[verdict] += 1
                if verdict == "failed" or (verdict == "unsupported" and arguments.verbose):
                    print(f"{verdict} {sql}\n    {message}")
    print(f"{counts['unsupported']} of the queries are not supported by us")
    print(f"{counts['passed'] + counts['unsupported']} passed, {counts['failed']} failed, 0 skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
