"""Recorded vitals, replayed through the broker, land value by value as the recording has them."""

import collections
import csv
import os
import pathlib

import tables
from processes import ROOT, Skip, check, check_equal

RECORDING = "mimic2_s00001_vitals_1min.csv"
PATIENT = "s00001"

# A field and the columns that it comes from, the better one first: cuff pressure only where no arterial line is.
SOURCES = {
    "heart_rate": ["HR"],
    "spo2": ["SpO2"],
    "systolic_bp": ["ABPSys", "NBPSys"],
    "diastolic_bp": ["ABPDias", "NBPDias"],
    "respiratory_rate": ["RESP"],
}


def recording():
    """The file, or a skip that says where it was looked for."""
    folder = pathlib.Path(os.environ.get("VITALS_RECORDED", ROOT.parent / "shared" / "data" / "recorded"))
    file = folder / RECORDING
    if not file.is_file():
        raise Skip(f"there is no {file}; VITALS_RECORDED names the folder of the recordings")
    return file


def expected_rows(file):
    """What the recording says: a multiset of (minute, values of SOURCES); a zero or nothing is missing."""
    rows = collections.Counter()
    with open(file, newline="") as lines:
        for line in csv.DictReader(lines):
            values = []
            for columns in SOURCES.values():
                readings = [float(line[column] or 0) for column in columns]
                values.append(next((reading for reading in readings if reading != 0), None))
            if any(value is not None for value in values):
                rows[(int(line["minute"]), *values)] += 1
    return rows


def recorded(scene):
    """One stay in intensive care, minute by minute."""
    file = recording()
    scene.start_broker(partitions=1)
    mapping = [f"{column}={field}" for field, columns in SOURCES.items() for column in columns]
    arguments = [word for entry in ["minute=event_time", *mapping] for word in ("--map", entry)]
    zeros = ",".join(column for columns in SOURCES.values() for column in columns)
    arguments += ["--zero-is-missing", zeros, "--patient-id", PATIENT]
    scene.produce("--replay", file, "--speed", 0, *arguments).expect_exit()
    scene.sink(scene.hdfs.location("vitals"), "--until-end").expect_exit()
    table = tables.read(scene.hdfs.copy("vitals", scene.folder / "copy"))

    expected = expected_rows(file)
    check(expected.total() > 1_000, f"the recording has only {expected.total()} readings")
    check_equal(table.num_rows, expected.total(), "rows on HDFS")
    millis = [tables.milliseconds(time) for time in table["event_time"].to_pylist()]
    # The recording counts minutes from an unknown hour: the replay may place the first one freely, and no other.
    first_minute = min(minute for minute, *_ in expected)
    minutes = [(milli - min(millis)) / 60_000 + first_minute for milli in millis]
    actual = collections.Counter(zip(minutes, *(table[field].to_pylist() for field in SOURCES)))
    tables.check_same_rows(actual, expected)
    check_equal(set(table["patient_id"].to_pylist()), {PATIENT}, "patients")
    others = set(tables.FIELDS) - set(SOURCES) - {"patient_id", "event_time", "device_id"}
    for field in sorted(others):
        check_equal(table[field].null_count, table.num_rows, f"missing values of {field}, which was not recorded")
