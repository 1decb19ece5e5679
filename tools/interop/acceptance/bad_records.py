"""What cannot be read goes to the dead letters with its reason, and the stream goes on."""

import collections
import json
import time

import confluent_kafka
import pyarrow as pa

import tables
from processes import check, check_equal, tail

DAY = 86_400_000
GOOD_RECORDS = 1_000


def message(**changes):
    """A good record with some fields changed; a field set to `...` is left out."""
    fields = {"patient_id": "P0001", "event_time": int(time.time() * 1000), "heart_rate": 72.5, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def bad_values():
    """Pairs of a value that cannot become a row and the code of the reason."""
    now = int(time.time() * 1000)
    return [
        (b"not JSON at all", "not-json"),
        (b'{"patient_id": "P0001", "event_time": 1', "not-json"),
        (message() + b" and more", "not-json"),
        (b'{"patient_id": "\xff\xfe", "event_time": 1, "heart_rate": 60}', "not-json"),
        (b"[1, 2, 3]", "not-an-object"),
        (message(patient_id=...), "missing-field"),
        (message(patient_id=None), "missing-field"),
        (message(event_time=...), "missing-field"),
        (message(heart_rate=...), "no-measurement"),
        (message(heart_rate="fast"), "wrong-type"),
        (message(patient_id=17), "wrong-type"),
        (message(event_time="yesterday"), "wrong-type"),
        (message(heart_rate=1_000), "out-of-limits"),
        (message(spo2=101), "out-of-limits"),
        (message(temperature=-4), "out-of-limits"),
        (b'{"patient_id":"P1","patient_id":"P2","event_time":1,"heart_rate":60}', "duplicate-field"),
        (b"[" * 5_000 + b"]" * 5_000, "too-deep"),
        (b'{"other":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "too-deep"),
        (b"All work and no play. " * 480_000, "not-json"),  # 10 MB
        (b"", "empty"),
        (None, "tombstone"),
        (message(event_time=now + 3 * 365 * DAY), "in-the-future"),
        (message(event_time=now - 5 * 365 * DAY), "in-the-past"),
    ]


def send(scene, values):
    """Sends values and returns the place, (partition, offset), of each."""
    places = {}

    def delivered(index):
        def report(error, sent):
            check(error is None, f"a record was not delivered: {error}")
            places[index] = (sent.partition(), sent.offset())

        return report

    producer = confluent_kafka.Producer({
        "bootstrap.servers": scene.bootstrap, "compression.codec": "zstd", "message.max.bytes": 20_000_000,
    })  # fmt: skip
    for index, value in enumerate(values):
        key = f"key {index}".encode()
        producer.produce(scene.topic, value, key, index % scene.partitions, delivered(index), headers={"n": str(index)})
        producer.poll(0)
    check_equal(producer.flush(60), 0, "records that the broker did not take")
    return [places[index] for index in range(len(values))]


def bad_records(scene):
    """Good records with bad ones among them, then the dead letters one by one."""
    scene.start_broker(partitions=3)
    bad = bad_values()
    spacing = GOOD_RECORDS // len(bad)
    values = [message(heart_rate=50 + index % 80) for index in range(GOOD_RECORDS)]
    for number, (value, _) in enumerate(bad):
        values.insert(number * (spacing + 1), value)
    places = send(scene, values)
    bad_places = {places[number * (spacing + 1)]: entry for number, entry in enumerate(bad)}

    sink = scene.sink(
        scene.hdfs.location("vitals"), "--batch-size", 300, "--until-end", "-X", "fetch.message.max.bytes=20000000"
    ).expect_exit()
    table = tables.read(scene.hdfs.copy("vitals", scene.folder / "copy"))
    high = collections.Counter(partition for partition, _ in places)
    tables.check_offsets(table, high, missing=bad_places)
    good = [value for value, place in zip(values, places) if place not in bad_places]
    tables.check_same_rows(tables.rows_of(table), tables.rows_of_messages(good))

    letters = tables.read(scene.hdfs.copy("vitals_dead_letters", scene.folder / "letters"))
    check_letters(letters, bad_places, values, places)
    counts = collections.Counter(code for _, code in bad)
    reasons = ", ".join(f"{counts[code]} {code}" for code in sorted(counts))
    summary = f"{len(bad)} dead letters ({reasons})"
    check(summary in sink.stderr, f"the sink does not report {summary!r}:\n{tail(sink.stderr)}")


def check_letters(letters, bad_places, values, places):
    """Each dead letter is there once, as it came, with the right reason, which tells nothing of the patient."""
    rows = {(row["_kafka_partition"], row["_kafka_offset"]): row for row in pa.Table.to_pylist(letters)}
    check_equal(letters.num_rows, len(bad_places), "dead letters")
    check_equal(sorted(rows), sorted(bad_places), "places of the dead letters")
    for index, place in enumerate(places):
        if place not in bad_places:
            continue
        value, code = bad_places[place]
        shown = (value or b"")[:40]
        check_equal(rows[place]["error_code"], code, f"reason of the dead letter {shown!r}")
        check(rows[place]["error"], f"the dead letter {shown!r} has no text that explains it")
        check("P0001" not in rows[place]["error"], f"the text of {shown!r} names the patient")
        check(rows[place]["value"] == values[index], f"the value of the dead letter {shown!r} is not kept as it came")
        check_equal(rows[place]["key"], f"key {index}".encode(), f"key of the dead letter {shown!r}")
