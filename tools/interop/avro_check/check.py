"""Our Avro against fastavro's; started by tools/interop/avro, which says more."""

import argparse
import io
import json
import math
import pathlib
import struct
import sys
import time

import confluent_kafka
import fastavro

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import schemas  # noqa: E402
import tables  # noqa: E402
from processes import ROOT, Command, Failure, check, check_equal, tail, wait_until  # noqa: E402
from registry import Registry  # noqa: E402

READERS = 6
EPOCH_UNITS = {"timestamp-millis": 1_000, "timestamp-micros": 1}


class World:
    """A broker, a registry and commands, which end with it."""

    def __init__(self, folder):
        self.folder = folder
        self.commands = []
        self.registry = Registry()

    def run(self, name, *arguments, **options):
        command = Command(self.folder, name, *arguments, **options)
        self.commands.append(command)
        return command

    def start_broker(self, topics):
        words = [word for topic in topics for word in ("--topic", f"{topic}:1")]
        broker = self.run("kafka-dev-broker", *words)
        text = wait_until(lambda: broker.stdout.strip() or not broker.runs, 20, "the broker's address")
        check(broker.runs, f"the broker ended:\n{tail(broker.stderr)}")
        self.bootstrap = text.split()[-1]

    def land(self, topic, schema, *arguments):
        """Lands a topic in a table of its own; gives the places of the table and its dead letters."""
        path = self.folder / f"{topic}.avsc"
        path.write_text(json.dumps(schema))
        table = self.folder / topic
        self.run(
            "vitals-sink", "--bootstrap-servers", self.bootstrap, "--topic", topic, "--group-id", topic,
            "--table", table, "--schema", path, "--until-end", *arguments,
        ).expect_exit()  # fmt: skip
        return table, self.folder / f"{topic}_dead_letters"

    def close(self):
        for command in reversed(self.commands):
            command.end()
        self.registry.close()


def encoded(schema, record):
    output = io.BytesIO()
    fastavro.schemaless_writer(output, schema, record)
    return output.getvalue()


def resolved(message, writer, table):
    """What fastavro makes of a message, as a row of the table; `None` where it refuses it."""
    try:
        # Aliases of the reader's fields are names of the writer's.
        row = fastavro.schemaless_reader(io.BytesIO(message), writer, table)
    except Exception:  # It has several errors, and lets those of Python through.
        return None
    for field in table["fields"]:
        kind = field["type"][1] if isinstance(field["type"], list) else field["type"]
        value = row[field["name"]]
        # fastavro widens numbers and converts text only where both are no unions; the table has one type for all.
        if kind in ("float", "double") and isinstance(value, int):
            row[field["name"]] = float(value)
        if kind == "float" and value is not None:
            row[field["name"]] = struct.unpack("f", struct.pack("f", value))[0]
        if kind == "string" and isinstance(value, bytes):
            try:
                row[field["name"]] = value.decode()
            except UnicodeDecodeError:
                return None
        if kind == "bytes" and isinstance(value, str):
            row[field["name"]] = value.encode("utf-8")
    return row


def number_of_time(field, value):
    """A time or day of the table as the number that the message had."""
    kind = field["type"][1] if isinstance(field["type"], list) else field["type"]
    if value is None or not isinstance(kind, dict):
        return value
    if kind.get("logicalType") == "date":
        return (value - tables.EPOCH.date()).days
    if kind.get("logicalType") in EPOCH_UNITS:
        since = value - tables.EPOCH
        micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        return micros // EPOCH_UNITS[kind["logicalType"]]
    return value


def same(left, right):
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    return left == right


def check_reading(world, topic, seed, arguments):
    """One reader's schema, many writers' ones, each message by the number of its schema."""
    chance = schemas.seeded(seed)
    table = schemas.reader(chance)
    plain_table = schemas.without_logical_types(table)
    producer = confluent_kafka.Producer({"bootstrap.servers": world.bootstrap})
    expected = []
    for _ in range(arguments.schemas):
        writer = schemas.writer(chance, table)
        plain_writer = schemas.without_logical_types(writer)
        number = world.registry.add(writer)
        for _ in range(arguments.records):
            message = encoded(plain_writer, schemas.value(chance, writer))
            expected.append(resolved(message, plain_writer, plain_table))
            producer.produce(topic, b"\0" + number.to_bytes(4, "big") + message)
    check_equal(producer.flush(60), 0, "records that the broker did not take")
    place, letters = world.land(
        topic, table, "--message-format", "confluent", "--schema-registry", world.registry.url, "--fixed-schema")
    compare(table, expected, tables.read(place).to_pylist(), tables.read(letters).to_pylist())
    return f"{len(expected)} records of {arguments.schemas} writers, {expected.count(None)} refused by both"


def compare(table, expected, rows, letters):
    rows = {row["_kafka_offset"]: row for row in rows}
    codes = {letter["_kafka_offset"]: letter["error"] for letter in letters}
    for offset, want in enumerate(expected):
        if want is None:
            check(offset in codes, f"record {offset} is a row, and fastavro refuses it: {rows.get(offset)}")
            continue
        check(offset in rows, f"record {offset} is a dead letter ({codes.get(offset)}), and fastavro reads {want}")
        for field in table["fields"]:
            found = number_of_time(field, rows[offset].get(field["name"]))
            check(same(found, want[field["name"]]),
                  f"record {offset}, {field}: {found!r}, and fastavro reads {want[field['name']]!r}")
    check_equal(len(rows) + len(codes), len(expected), "rows and dead letters")


def check_writing(world, arguments):
    """The producer's messages, decoded by fastavro, are those that it prints as JSON."""
    count = 5_000
    words = ["--count", count, "--seed", arguments.seed, "--patients", 20, "--rate", 0, "--interval", 60]
    words += ["--start-time", "2026-01-01T00:00:00Z"]
    printed = world.run("vitals-producer", "--print", *words).expect_exit()
    want = [json.loads(line) for line in printed.stdout.splitlines()]
    schema = json.loads((ROOT / "Schemas" / "vitals.avsc").read_text())
    plain = schemas.without_logical_types(schema)
    for form in ("avro", "confluent"):
        world.run(
            "vitals-producer", "--bootstrap-servers", world.bootstrap, "--topic", form, *words,
            "--message-format", form, *(["--schema-registry", world.registry.url] if form == "confluent" else []),
        ).expect_exit()  # fmt: skip
        found = []
        for message in consumed(world, form, count):
            if form == "confluent":
                number = int.from_bytes(message[1:5], "big")
                check_equal(message[0], 0, "the first byte")
                check_equal(json.loads(world.registry.schemas[number]), schema, "the registered schema")
                message = message[5:]
            source = io.BytesIO(message)
            record = fastavro.schemaless_reader(source, plain, None)
            check_equal(source.read(), b"", "bytes behind the record")
            found.append({name: value for name, value in record.items() if value is not None})
        check_equal(found, want, f"messages in {form}")
    check_equal(world.registry.subjects.get("confluent-value") is not None, True, "the subject is registered")
    return f"{count} messages in each form"


def consumed(world, topic, count):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": world.bootstrap, "group.id": f"check-{topic}", "auto.offset.reset": "earliest",
    })  # fmt: skip
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    values, deadline = [], time.monotonic() + 60
    while len(values) < count and time.monotonic() < deadline:
        values += [message.value() for message in consumer.consume(1_000, 1) if message.error() is None]
    consumer.close()
    return values


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--schemas", type=int, default=60)
    parser.add_argument("--records", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    world = World(arguments.folder)
    topics = [f"reader{number}" for number in range(READERS)]
    failures = 0
    try:
        world.start_broker([*topics, "avro", "confluent"])
        parts = [("writing", lambda: check_writing(world, arguments))]
        for number, topic in enumerate(topics):
            seed = arguments.seed * 1_000 + number
            parts.append((topic, lambda topic=topic, seed=seed: check_reading(world, topic, seed, arguments)))
        for name, part in parts:
            try:
                print(f"passed {name}: {part()}", flush=True)
            except Failure as failure:
                failures += 1
                print(f"failed {name}: {failure}", flush=True)
    finally:
        world.close()
    print(f"{len(parts) - failures} passed, {failures} failed, 0 skipped")
    sys.exit(1 if failures else 0)


main()
