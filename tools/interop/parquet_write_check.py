"""Holds files that we wrote against the values that belong in them, as other readers see them.

usage: parquet_write_check.py FOLDER

Each NAME.parquet lies beside NAME.json (see Benchmarks/parquet-bench/WriteSamples.swift).
"""

import copy
import glob
import json
import os
import re
import struct
import sys

os.environ["RUST_BACKTRACE"] = "0"

import datafusion
import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import dataset


def plain(array):
    """The values of an array in the form of the expectation."""
    kind = array.type
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], kind)
    if isinstance(array, pa.ExtensionArray):
        return plain(array.storage)
    valid = array.is_valid().to_pylist()
    if pa.types.is_struct(kind):
        parts = [plain(field) for field in array.flatten()]
        return [list(row) if ok else None for ok, row in zip(valid, zip(*parts))]
    if pa.types.is_list(kind) or pa.types.is_map(kind):
        offsets = array.offsets.to_pylist()
        if pa.types.is_map(kind):
            items = [list(pair) for pair in zip(plain(array.keys), plain(array.items))]
            # keys and items are those of the whole parent, whatever its offset
        else:
            items = plain(array.values)
        return [items[a:b] if ok else None for ok, a, b in zip(valid, offsets, offsets[1:])]
    if pa.types.is_decimal(kind):
        return [None if v is None else int(v.scaleb(kind.scale)) for v in array.to_pylist()]
    if pa.types.is_float16(kind):
        return [None if v is None else struct.pack("<e", v).hex() for v in array.to_pylist()]
    if pa.types.is_floating(kind):
        code, whole = ("<f", "<I") if kind == pa.float32() else ("<d", "<Q")
        bits = array.view(pa.uint32() if kind == pa.float32() else pa.uint64()).to_pylist()
        return [None if v is None else format(v, "x") for v in bits]
    if pa.types.is_temporal(kind):
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        return array.view(width).to_pylist()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [None if v is None else v.encode().hex() for v in array.to_pylist()]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return [None if v is None else v.hex() for v in array.to_pylist()]
    return array.to_pylist()


def expected(values, kind):
    """Decimals come as hexadecimal two's complement where they are stored so."""
    if isinstance(kind, pa.BaseExtensionType):
        return expected(values, kind.storage_type)
    if pa.types.is_decimal(kind):
        return [int.from_bytes(bytes.fromhex(v), "big", signed=True) if isinstance(v, str) else v for v in values]
    if pa.types.is_struct(kind):
        for index in range(kind.num_fields):
            inner = [row[index] for row in values if row is not None]
            for row, value in zip([row for row in values if row is not None], expected(inner, kind.field(index).type)):
                row[index] = value
    elif pa.types.is_map(kind):
        for index, child in enumerate((kind.key_type, kind.item_type)):
            pairs = [pair for row in values if row is not None for pair in row]
            for pair, value in zip(pairs, expected([p[index] for p in pairs], child)):
                pair[index] = value
    elif pa.types.is_list(kind):
        flat = iter(expected([item for row in values if row is not None for item in row], kind.value_type))
        return [None if row is None else [next(flat) for _ in row] for row in values]
    return values


def read_pyarrow(path):
    table = pq.read_table(path, page_checksum_verification=True)
    table.validate(full=True)
    return table


def read_duckdb(path):
    return duckdb.sql(f"select * from read_parquet('{path}')").to_arrow_table()


def read_polars(path):
    return polars.read_parquet(path).to_arrow()


def read_datafusion(path):
    return datafusion.SessionContext().read_parquet(path).to_arrow_table()


def spark_reader():
    """Spark's own reader, where pyspark and Java are there; None elsewhere."""
    try:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        # Times of day and unsigned numbers have no type in Spark; nanoseconds come as plain numbers.
        builder = builder.config("spark.sql.legacy.parquet.nanosAsLong", "true")
        session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
        session.sparkContext.setLogLevel("OFF")
    except Exception as error:
        print(f"skipped Spark: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:200])
        return None
    return lambda path: session.read.parquet(path).toArrow()


READERS = {"pyarrow": read_pyarrow, "DuckDB": read_duckdb, "Polars": read_polars, "DataFusion": read_datafusion}


def difference(table, reference, wanted):
    """The first column that differs from what is expected, or None; another type of equal values will do."""
    if table.num_columns != len(wanted):
        return f"{table.num_columns} columns for {len(wanted)}"
    for index, values in enumerate(wanted):
        column, known = table.column(index), reference.column(index)
        try:
            found = plain(column)
        except Exception:
            found = None
        right = expected(copy.deepcopy(values), known.type)
        if found == right or found == expected(copy.deepcopy(values), column.type):
            continue
        if column.type != known.type:
            # The same values in the reader's own type, where Arrow knows how to get there.
            try:
                if plain(known.cast(column.type, safe=False)) == found:
                    continue
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError):
                pass
            return f"column {index}: {known.type} as {column.type}, which cannot be compared"
        at = next((i for i, (a, b) in enumerate(zip(found, right)) if a != b), min(len(found), len(right)))
        return f"column {index} ({column.type}) row {at}: DIFFERENT {found[at:at+1]} for {right[at:at+1]}"
    return None


def check_samples(folder, report):
    """Reads all samples with all readers; prints which reader covers which feature."""
    covered, features, refusals = {}, {}, {}
    for path in sorted(glob.glob(os.path.join(folder, "*.parquet"))):
        name = os.path.basename(path)
        wanted = json.load(open(path[: -len("parquet")] + "json"))
        reference = None
        for feature in wanted["features"]:
            features[feature] = features.get(feature, 0) + 1
        for reader, read in READERS.items():
            try:
                table = read(path)
                reference = table if reference is None else reference
                wrong = difference(table, reference, wanted["columns"])
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a panic in a reader written in Rust is no Exception
                wrong = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            if wrong is None:
                for feature in wanted["features"]:
                    covered[reader, feature] = covered.get((reader, feature), 0) + 1
            else:
                refusals.setdefault((reader, wrong[:90]), []).append(name)
                if reader == "pyarrow" or "DIFFERENT" in wrong:
                    report(False, f"{reader} on {name}: {wrong}")
    print(f"{'feature':40} files " + " ".join(f"{reader:>10}" for reader in READERS))
    for feature in sorted(features):
        counts = [covered.get((reader, feature), 0) for reader in READERS]
        print(f"{feature:40} {features[feature]:5} " + " ".join(f"{count or '-':>10}" for count in counts))
        report(any(counts), f"{feature}: read by some reader")
        if feature.startswith("default settings"):
            for reader, count in zip(READERS, counts):
                report(count == features[feature], f"{reader} reads what is written with {feature}")
    for (reader, wrong), names in sorted(refusals.items()):
        print(f"{reader} refuses {len(names)} files such as {names[0]}: {wrong}")


def metric(plan, name):
    """What a DataFusion plan pruned, such as `row_groups_pruned_bloom_filter=4 total → 0 matched`."""
    found = re.search(name + r"=(\d+)[^→,]*→\s*(\d+) matched", plan)
    return (int(found[1]), int(found[2])) if found else None


def check_skipping(path, report):
    """What readers leave out of `skippable.file`: see Benchmarks/parquet-bench/WriteSkippable.swift."""
    context = datafusion.SessionContext()
    context.sql("set datafusion.execution.parquet.pushdown_filters = true").collect()
    context.register_parquet("t", path, file_extension=".file")

    def plan(where):
        rows = context.sql(f"explain analyze select count(*) from t where {where}").collect()
        return "\n".join(str(value) for batch in rows for value in batch.column(1).to_pylist())

    for name, where, key in [
        ("row groups by statistics", "time = 600000", "row_groups_pruned_statistics"),
        ("pages by page index", "time = 600000", "page_index_pages_pruned"),
        ("row groups by Bloom filter", "name = 'name-1000001'", "row_groups_pruned_bloom_filter"),
    ]:
        text = plan(where)
        found = metric(text, key)
        if found is None:
            print(text[-1500:])
        print(f"DataFusion keeps of {name}: {found}")
        report(found is not None and found[1] < found[0], f"DataFusion skips {name}: {found}")
    probe = duckdb.sql(f"select bloom_filter_excludes from parquet_bloom_probe('{path}', 'name', 'name-1000001')")
    excluded = [row[0] for row in probe.fetchall()]
    report(all(excluded) and len(excluded) == 4, f"DuckDB's probe of the Bloom filter excludes {excluded}")
    present = f"select bloom_filter_excludes from parquet_bloom_probe('{path}', 'name', 'name-1000000')"
    report(not all(row[0] for row in duckdb.sql(present).fetchall()), "DuckDB's probe finds a name that is there")
    fragment = next(iter(dataset.dataset(path, format="parquet").get_fragments()))
    kept = fragment.subset(dataset.field("time") == 600_000).num_row_groups
    report(kept == 1, f"pyarrow keeps {kept} of 4 row groups by statistics")
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    report(chunk.has_offset_index and chunk.has_column_index, "pyarrow sees the page index")


def main():
    counts = {True: 0, False: 0}

    def report(holds, what):
        counts[holds] += 1
        if not holds or not what.endswith("some reader"):
            print(("passed " if holds else "failed ") + what[:500])

    spark = spark_reader()
    if spark:
        READERS["Spark"] = spark
    check_samples(sys.argv[1], report)
    skippable = os.path.join(sys.argv[1], "skippable.file")
    if os.path.exists(skippable):
        check_skipping(skippable, report)
    print(f"{counts[True]} passed, {counts[False]} failed, {0 if spark else 1} skipped")
    return 1 if counts[False] else 0


sys.exit(main())
