#!/usr/bin/env python3
"""Holds files that we wrote against the values that belong in them, as other readers see them.

usage: parquet_write_check.py FOLDER

Each sample-N.parquet lies beside sample-N.json (see Benchmarks/parquet-bench/WriteSamples.swift).
"""

import glob
import json
import os
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq


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


def check(path):
    wanted = json.load(open(path[: -len("parquet")] + "json"))
    table = pq.read_table(path)
    table.validate(full=True)
    for index, values in enumerate(wanted["columns"]):
        column = table.column(index)
        found = plain(column)
        right = expected(values, column.type)
        if found != right:
            at = next((i for i, (a, b) in enumerate(zip(found, right)) if a != b), min(len(found), len(right)))
            return f"column {index} ({column.type}) row {at}: {found[at:at+1]} for {right[at:at+1]}; {wanted['settings']}"
    return None


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.parquet"))):
        try:
            wrong = check(path)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            failed += 1
            print(f"failed {os.path.basename(path)}: {wrong}"[:600])
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
