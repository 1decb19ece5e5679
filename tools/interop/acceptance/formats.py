"""Messages in Avro behind a schema registry that comes and goes, tombstones, headers, and every codec of a topic."""

import io
import json
import signal
import time

import confluent_kafka
import fastavro

import tables
from landing import Load, check_landed, high_watermarks
from processes import ROOT, check, check_equal, rows_landed, wait_until
from registry import Registry

VITALS = json.loads((ROOT / "Schemas" / "vitals.avsc").read_text())
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def encoded(schema, record, number=None):
    output = io.BytesIO()
    fastavro.schemaless_writer(output, schema, record)
    header = b"" if number is None else b"\0" + number.to_bytes(4, "big")
    return header + output.getvalue()


def reading(index, **more):
    return {"patient_id": f"P{index}", "event_time": 1_000 * (int(time.time()) - 3_600) + index, "heart_rate": 60.5,
            **more}  # fmt: skip


def send(scene, values, **settings):
    producer = confluent_kafka.Producer({"bootstrap.servers": scene.bootstrap, **settings})
    for value, headers in values:
        producer.produce(scene.topic, value, b"key", headers=headers)
    check_equal(producer.flush(60), 0, "records that the broker did not take")


def confluent(scene):
    """The registry is away at first, forgets a schema, and learns of one with a new field."""
    registry = Registry()
    try:
        play(scene, registry)
    finally:
        registry.close()


def play(scene, registry):
    scene.start_broker(partitions=3)
    load = Load(scene)
    form = ("--message-format", "confluent", "--schema-registry", registry.url)
    scene.produce(*load.arguments, "--rate", 0, *form).expect_exit()
    registry.close()
    location = scene.hdfs.location("vitals")
    sink = scene.sink(location, "--flush-seconds", 1, "--log-level", "info", *form)
    complaint = "the schema registry does not serve; reading is paused"
    wait_until(lambda: complaint in sink.stderr, 60, "a word of the pause")
    time.sleep(2)
    check(sink.runs, "the sink ended because the registry is away")
    said = sink.stderr.count(complaint)
    check(said <= 2, f"the sink says {said} times that the registry is away")
    check_equal(scene.hdfs.list("vitals_dead_letters/_delta_log")[1:], [], "dead letters while the registry is away")
    registry.open()
    rows = load.expected_rows()
    total = rows.total()
    wait_until(lambda: rows_landed(sink) == total, 120, "all records")
    sink.send(signal.SIGTERM)
    sink.expect_exit()
    check_landed(scene, rows)
    interleave(scene, registry, form)
    grow(scene, registry, form, total + 400)


def interleave(scene, registry, form):
    """Messages of a known schema stand among those of one that nobody can be asked for: none may be passed over."""
    location = scene.hdfs.location("vitals")
    sink = scene.sink(location, "--flush-seconds", 1, "--log-level", "info", "--group-id", "interleaved", *form)
    known = registry.add(VITALS)
    send(scene, [(encoded(VITALS, reading(index), known), None) for index in range(100)])
    wait_until(lambda: rows_landed(sink) == 100, 60, "the records of the known schema")
    registry.close()
    late = registry.add({**VITALS, "doc": "another number for the same fields"})
    numbers = [known if index % 3 else late for index in range(300)]
    send(scene, [(encoded(VITALS, reading(index), number), None) for index, number in enumerate(numbers)])
    wait_until(lambda: "reading is paused until it does" in sink.stderr, 60, "a word of the pause")
    time.sleep(2)
    registry.open()
    wait_until(lambda: rows_landed(sink) == 400, 60, "all records of both schemas")
    sink.send(signal.SIGTERM)
    sink.expect_exit()
    check_equal(scene.hdfs.list("vitals_dead_letters/_delta_log")[1:], [], "dead letters of the known schemas")


def grow(scene, registry, form, before):
    """New fields become columns; what cannot be read is a dead letter with its reason."""
    wide = {**VITALS, "fields": [*VITALS["fields"],
                                 {"name": "lactate", "type": ["null", "double"], "default": None},
                                 {"name": "ward", "type": ["null", "string"], "default": None}]}  # fmt: skip
    other = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "int"}]}
    vitals, wider, strange = registry.add(VITALS), registry.add(wide), registry.add(other)
    unknown = 77_777
    values = []
    for index in range(300):
        values.append((encoded(VITALS, reading(index), vitals), None))
        values.append((encoded(wide, reading(index, lactate=index / 4, ward="W1"), wider), None))
    bad = {
        "unknown-schema": encoded(VITALS, reading(1), unknown),
        "schema-mismatch": encoded(other, {"x": 1}, strange),
        "no-schema-id": b'{"patient_id":"P1"}',
        "not-avro": encoded(VITALS, reading(2), vitals)[:-3],
        "out-of-limits": encoded(VITALS, reading(3, heart_rate=4_000.0), vitals),
        "tombstone": None,
        "empty": b"",
    }
    for number, value in enumerate(bad.values()):
        values.insert(number * 40, (value, {"source": "bed 7", "nothing": None}))
    send(scene, values)
    sink = scene.sink(scene.hdfs.location("vitals"), "--until-end", *form).expect_exit()
    check("writers have new fields, which become columns" in sink.stderr, "the sink does not tell of the new columns")
    table = tables.read(scene.hdfs.copy("vitals", scene.folder / "grown"))
    check_equal(table.num_rows, before + 600, "rows after the schema grew")
    lactate = [value for value in table["lactate"].to_pylist() if value is not None]
    check_equal(sorted(lactate), [index / 4 for index in range(300)], "values of the new column")
    check_equal(table["ward"].to_pylist().count("W1"), 300, "values of the other new column")
    letters = tables.read(scene.hdfs.copy("vitals_dead_letters", scene.folder / "letters")).to_pylist()
    check_equal(sorted(row["error_code"] for row in letters), sorted(bad), "reasons of the dead letters")
    for row in letters:
        check_equal(row["value"], bad[row["error_code"]], f"value of the dead letter {row['error_code']}")
        headers = [{"name": "source", "value": "YmVkIDc="}, {"name": "nothing"}]
        check_equal(json.loads(row["headers"]), headers, "headers of a dead letter")
    asked = registry.asked.count(f"/schemas/ids/{unknown}")
    check_equal(asked, 1, "questions for the unknown schema")


def compressed(scene):
    """Topics that were compressed with each codec, in JSON and in Avro."""
    scene.start_broker(*[word for codec in CODECS for word in ("--topic", f"{codec}:2")], partitions=1)
    for codec in CODECS:
        scene.topic = codec
        records = [reading(index, device_id=f"device {index % 7} " * 20) for index in range(2_000)]
        form = "avro" if codec in ("gzip", "lz4") else "json"
        values = [encoded(VITALS, record) if form == "avro" else json.dumps(record).encode() for record in records]
        send(scene, [(value, None) for value in values], **{"compression.codec": codec})
        # A group for each, since a member that ended is missed for a while.
        scene.run(
            "vitals-sink", "--bootstrap-servers", scene.bootstrap, "--topic", codec, "--group-id", codec, "--table",
            scene.folder / codec, "--message-format", form, "--until-end",
        ).expect_exit()  # fmt: skip
        table = tables.read(scene.folder / codec)
        want = tables.rows_of_messages(json.dumps(record) for record in records)
        tables.check_same_rows(tables.rows_of(table), want)


def largest(scene):
    """Good records as long as a broker takes by default, and longer ones where it is told to, under a small limit of
    memory; each lands whole, and those around it too."""
    scene.start_broker(partitions=2)
    lengths = [900_000, 1_048_000 - 200, 4_000_000, 10]
    records = [reading(index, device_id="x" * length) for length in lengths for index in range(12)]
    settings = {"message.max.bytes": 10_000_000, "compression.codec": "zstd"}
    send(scene, [(json.dumps(record).encode(), None) for record in records], **settings)
    scene.sink(
        scene.hdfs.location("vitals"), "--until-end", "--memory-limit", 67_108_864,
        "-X", "fetch.message.max.bytes=100000",
    ).expect_exit()  # fmt: skip
    table = tables.read(scene.hdfs.copy("vitals", scene.folder / "copy"))
    want = tables.rows_of_messages(json.dumps(record) for record in records)
    tables.check_same_rows(tables.rows_of(table), want)
    tables.check_offsets(table, high_watermarks(scene))


SCENARIOS = {"largest": largest, "confluent": confluent, "compressed": compressed}
