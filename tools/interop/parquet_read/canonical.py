"""What pyarrow read, in the JSON conventions of the commands' output."""

import base64
from decimal import Decimal

import pyarrow as pa

# Whether the file at hand may have values of these kinds, and INT96 was read as milliseconds; set by the oracle.
ENUMS = UUIDS = INTERVALS = MILLISECONDS = False


class Tagged:
    """A value that Arrow knows less about than Parquet does."""

    def __init__(self, kind, value):
        self.kind, self.value = kind, value

    def __repr__(self):
        return f"{self.kind} {self.value!r}"


UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DIGITS = {"s": 3, "ms": 3, "us": 6, "ns": 9}


def date(days):
    """The proleptic Gregorian date of a day counted from 1970-01-01, beyond what datetime holds."""
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    year = yoe + era * 400 + (1 if mp >= 10 else 0)
    month = mp + 3 if mp < 10 else mp - 9
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{doy - (153 * mp + 2) // 5 + 1:02}"


def time(ticks, unit):
    if ticks < 0:
        return "-" + time(-ticks, unit)
    per = UNITS[unit]
    seconds, rest = divmod(ticks, per)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + "." + str(rest * (10 ** DIGITS[unit] // per)).zfill(DIGITS[unit])


def timestamp(ticks, unit, is_utc):
    days, rest = divmod(ticks, 86400 * UNITS[unit])
    return f"{date(days)}T{time(rest, unit)}{'Z' if is_utc else ''}"


def floating(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def uuid(value):
    text = value.hex()
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def column(array):
    """A list of one JSON value a row; floats of four bytes as Tagged("f4", value), of two as Tagged("f2", value)."""
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in column(chunk)]
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            return [None if v is None else uuid(v) for v in array.storage.to_pylist()]
        return column(array.storage)
    if pa.types.is_dictionary(kind):
        return column(array.dictionary_decode())
    valid = array.is_valid().to_pylist()
    values = plain(array, kind)
    return [value if is_valid else None for value, is_valid in zip(values, valid)]


def plain(array, kind):
    types = pa.types
    if types.is_null(kind):
        return [None] * len(array)
    if types.is_struct(kind):
        names = [kind.field(i).name for i in range(kind.num_fields)]
        parts = [column(array.field(i)) for i in range(kind.num_fields)]
        return [list(zip(names, row)) for row in zip(*parts)] if parts else [[] for _ in range(len(array))]
    if types.is_map(kind):
        return lists(array, [[("key", k), ("value", v)] for k, v in zip(column(array.keys), column(array.items))])
    if types.is_list(kind) or types.is_large_list(kind):
        return lists(array, column(array.values))
    if types.is_fixed_size_list(kind):
        items = column(array.values)
        size, start = kind.list_size, array.offset
        return [items[(start + i) * size : (start + i + 1) * size] for i in range(len(array))]
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_decimal(kind):
        return array.to_pylist()
    if types.is_float16(kind):
        return [None if v is None else Tagged("f2", floating(float(v))) for v in array.to_pylist()]
    if types.is_float32(kind):
        return [None if v is None else Tagged("f4", floating(v)) for v in array.to_pylist()]
    if types.is_float64(kind):
        return [None if v is None else floating(v) for v in array.to_pylist()]
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        values = array.cast(pa.large_binary() if not types.is_string_view(kind) else pa.binary_view()).to_pylist()
        return [None if v is None else v.decode("utf-8", "replace") for v in values]
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return [None if v is None else Tagged("bytes", v) for v in array.to_pylist()]
    if types.is_date32(kind):
        return [None if v is None else date(v) for v in array.cast(pa.int32()).to_pylist()]
    if types.is_date64(kind):
        return [None if v is None else date(v // 86400000) for v in array.cast(pa.int64()).to_pylist()]
    if types.is_time32(kind):
        return [None if v is None else Tagged("time", time(v, kind.unit)) for v in array.cast(pa.int32()).to_pylist()]
    if types.is_time64(kind):
        return [None if v is None else Tagged("time", time(v, kind.unit)) for v in array.cast(pa.int64()).to_pylist()]
    if types.is_timestamp(kind):
        is_utc = kind.tz is not None
        if MILLISECONDS and kind.unit == "ms" and not is_utc:
            ticks = array.cast(pa.int64()).to_pylist()
            return [None if v is None else Tagged("start", timestamp(v, "ms", False)) for v in ticks]
        return [None if v is None else timestamp(v, kind.unit, is_utc) for v in array.cast(pa.int64()).to_pylist()]
    if types.is_duration(kind):
        return array.cast(pa.int64()).to_pylist()
    raise TypeError(f"no JSON form for {kind}")


def lists(array, items):
    offsets = array.offsets.to_pylist()
    return [items[a:b] for a, b in zip(offsets, offsets[1:])]


def same(ours, theirs):
    """Whether a value of our output is the one of the oracle; objects are lists of pairs.

    Arrow lacks three things that Parquet knows: that a time of day is in UTC, and that bytes are an ENUM or a UUID.
    """
    if isinstance(theirs, Tagged):
        return same_tagged(ours, theirs.kind, theirs.value)
    if isinstance(theirs, bool) or isinstance(ours, bool) or theirs is None or ours is None:
        return ours is theirs
    if isinstance(theirs, float):
        return isinstance(ours, (int, Decimal)) and float(ours) == theirs
    if isinstance(theirs, (int, Decimal)):
        return isinstance(ours, (int, Decimal)) and ours == theirs
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, tuple):
        return isinstance(ours, tuple) and ours[0] == theirs[0] and same(ours[1], theirs[1])
    return ours == theirs


def same_tagged(ours, kind, value):
    if kind == "time":
        return isinstance(ours, str) and ours.removesuffix("Z") == value
    if kind == "start":
        return isinstance(ours, str) and ours.startswith(value)
    if kind == "bytes":
        forms = [base64.b64encode(value).decode()]
        if ENUMS:
            forms.append(value.decode("utf-8", "replace"))
        if len(value) == 16 and UUIDS:
            forms.append(uuid(value))
        if len(value) == 12 and INTERVALS:
            parts = (("months", 0), ("days", 4), ("millis", 8))
            forms.append([(name, int.from_bytes(value[at : at + 4], "little")) for name, at in parts])
        return ours in forms
    if not isinstance(ours, (int, float, Decimal)) or isinstance(ours, bool):
        return ours == value
    return isinstance(value, float) and narrow(float(ours), kind) == value


def narrow(value, width):
    import struct

    code = "<f" if width == "f4" else "<e"
    return struct.unpack(code, struct.pack(code, value))[0]
