"""The tables that the differential test asks: made ones, and files of other writers."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from deltalake import write_deltalake

INTEGERS = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"}
KINDS = {"float": "float", "double": "float", "decimal": "decimal", "varchar": "text", "date": "date"}
KINDS |= {"boolean": "bool", "timestamp": "time"} | dict.fromkeys(INTEGERS, "int")
LARGEST = 50_000


def make_files(folder):
    """Vitals with nulls in several row groups, as a file and as a Delta table; a table of many types with values at
    their edges; and one of structures and lists."""
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
    con.execute(f"""copy (select i as id,
        case when i % 7 = 0 then null else {{'pulse': case when i % 5 = 0 then null else (60 + i % 50)::int end,
            'unit': 'U' || (i % 3), 'deep': {{'degree': (36 + i % 4)::double}}}} end as vital,
        case i % 6 when 0 then null when 1 then []::int[] else [i % 10, null, (i % 4)::int, 97] end as marks,
        case when i % 8 = 0 then null else ['P00001', 'ä' || (i % 5)] end as tags
        from range(3000) t(i)) to '{folder}/nested.parquet' (row_group_size 1000)""")
    rows = pq.read_table(f"{folder}/vitals.parquet")
    for start in range(0, rows.num_rows, 3_000):
        write_deltalake(f"{folder}/vitals-delta", rows.slice(start, 3_000), mode="append", partition_by=["ward"])


def vitals(name):
    return {
        "from": name,
        "key": "id",
        "columns": {
            "int": ["heart_rate", "spo2", "id"],
            "float": ["temperature"],
            "text": ["patient_id", "ward"],
            "time": ["event_time"],
            "bool": ["is_alarm"],
        },
    }


def tables(folder, corpus):
    """The files with their columns by kind; those of other writers have no key."""
    result = [
        vitals(f"'{folder}/vitals.parquet'"),
        vitals(f"'{folder}/vitals-delta'"),
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
        {
            "from": f"'{folder}/nested.parquet'",
            "key": "id",
            "columns": {
                "int": ["id", "vital.pulse", "marks[1]", "marks[3]"],
                "float": ["vital.deep.degree"],
                "text": ["vital.unit", "tags[2]", "tags[1]"],
            },
        },
    ]
    for path in sorted(Path(corpus, "data").glob("*.parquet")):
        # We refuse pages that differ from their checksum, which DuckDB does not look at.
        if "corrupt-checksum" in path.name:
            continue
        table = of_other_writer(path.resolve())
        if table:
            result.append(table)
    return result


def of_other_writer(path):
    """A file as DuckDB describes it; nothing where it cannot read it, or where it is large."""
    con = duckdb.connect()
    try:
        relation = con.sql(f"from '{path}'")
        if not 0 < len(relation.fetchall()) <= LARGEST:
            return None
    except duckdb.Error:
        return None
    columns = {}
    for name, kind in zip(relation.columns, relation.types):
        for expression, leaf in leaves(f'"{name}"', kind):
            if leaf in KINDS:
                columns.setdefault(KINDS[leaf], []).append(expression)
    times = ["timestamp '2009-01-01 00:01:00'"]
    return {"from": f"'{path}'", "key": None, "times": times, "columns": columns} if columns else None


def leaves(expression, kind, depth=2):
    """Fields of structures and first items of lists, with the names of their types."""
    if depth and kind.id == "struct":
        for name, inner in kind.children:
            yield from leaves(f'{expression}."{name}"', inner, depth - 1)
    elif depth and kind.id == "list":
        yield from leaves(f"{expression}[1]", kind.children[0][1], depth - 1)
    else:
        yield expression, kind.id
