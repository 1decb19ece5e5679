"""The sink as it would be written in Python, as fast as Python goes: what vitals-sink is measured against.

confluent-kafka in batches, a parser over whole batches, pyarrow's Parquet writer with snappy; the same columns, the
same partition by date and the same number of rows a flush as vitals-sink. It does less: no limits are checked, no
dead letters are kept, no log is committed, nothing is synced to disk, and a crash loses or repeats records.

Parsers: `orjson` parses each batch as one JSON array; `polars` gives the batch to polars' reader of NDJSON, which is
the fastest of those tried (pyarrow's own reader is at half its speed).

Prints {"records":N,"seconds":S}: the time from the first record to the close of the last file.
"""

import argparse
import concurrent.futures
import io
import json
import os
import pathlib
import time

import confluent_kafka
import orjson
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "Schemas" / "vitals.avsc").read_text())
ARROW = {"string": pa.string(), "long": pa.int64(), "double": pa.float64(), "boolean": pa.bool_()}
POLARS = {"string": polars.String, "long": polars.Int64, "double": polars.Float64, "boolean": polars.Boolean}


def base_type(field):
    """The primitive type of a field of the schema, null and logical types left aside."""
    kind = field["type"]
    kind = next(part for part in kind if part != "null") if isinstance(kind, list) else kind
    kind = kind["type"] if isinstance(kind, dict) else kind
    return "string" if kind == "enum" else kind


FIELDS = {field["name"]: base_type(field) for field in SCHEMA["fields"]}


def parse_orjson(values):
    rows = orjson.loads(b"[" + b",".join(values) + b"]")
    return [pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in FIELDS.items()]


def parse_polars(values):
    schema = {name: POLARS[kind] for name, kind in FIELDS.items()}
    return polars.read_ndjson(io.BytesIO(b"\n".join(values)), schema=schema).to_arrow().columns


PARSERS = {"orjson": parse_orjson, "polars": parse_polars}


class Sink:
    """Collects batches; at every flush a thread of its own parses them and writes a file for each day.

    The parsers and the writer let other threads run meanwhile, so that the next batches are read at the same time.
    """

    def __init__(self, folder, parse, flush_rows):
        self.folder, self.parse, self.flush_rows = folder, parse, flush_rows
        self.messages = []
        self.files = 0
        self.worker = concurrent.futures.ThreadPoolExecutor(1)
        self.pending = None

    def add(self, messages):
        self.messages += messages
        if len(self.messages) >= self.flush_rows:
            self.flush()

    def flush(self):
        self.wait()
        self.pending = self.worker.submit(self.write, self.messages)
        self.messages = []

    def wait(self):
        if self.pending:
            self.pending.result()

    def write(self, messages):
        if not messages:
            return
        columns = dict(zip(FIELDS, self.parse([message.value() for message in messages])))
        columns["event_time"] = columns["event_time"].cast(pa.timestamp("ms", "UTC")).cast(pa.timestamp("us", "UTC"))
        columns["_kafka_partition"] = pa.array([message.partition() for message in messages], pa.int32())
        columns["_kafka_offset"] = pa.array([message.offset() for message in messages], pa.int64())
        timestamps = pa.array([message.timestamp()[1] for message in messages], pa.int64())
        columns["_kafka_timestamp"] = timestamps.cast(pa.timestamp("ms", "UTC")).cast(pa.timestamp("us", "UTC"))
        columns["_kafka_incarnation"] = pa.repeat(pa.scalar(0, pa.int32()), len(messages))
        table = pa.table(columns)
        days = pc.cast(table["event_time"], pa.date32())
        for day in pc.unique(days).to_pylist():
            part = table if pc.all(pc.equal(days, day)).as_py() else table.filter(pc.equal(days, day))
            path = self.folder / f"date={day}" / f"{self.files:08}.parquet"
            path.parent.mkdir(exist_ok=True, parents=True)
            pq.write_table(part, path, compression="snappy")
            self.files += 1


def read_all(consumer, topic, sink):
    """Reads to the end of every partition; returns the number of records and the seconds since the first."""
    unfinished = None
    first = None
    records = 0

    def assigned(_, partitions):
        nonlocal unfinished
        unfinished = {partition.partition for partition in partitions}

    consumer.subscribe([topic], on_assign=assigned)
    while unfinished is None or unfinished:
        messages = consumer.consume(10_000, 0.05)
        if first is None and messages:
            first = time.perf_counter()
        batch = [message for message in messages if message.error() is None]
        if len(batch) < len(messages):
            for message in messages:
                error = message.error()
                if error is not None and error.code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    unfinished.discard(message.partition())
        records += len(batch)
        sink.add(batch)
    sink.flush()
    sink.wait()
    return records, time.perf_counter() - first if first else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", default="vitals")
    parser.add_argument("--table", type=pathlib.Path, required=True)
    parser.add_argument("--flush-rows", type=int, default=50_000)
    parser.add_argument("--parser", choices=PARSERS, default="polars")
    arguments = parser.parse_args()
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": arguments.bootstrap_servers,
        "group.id": f"sink-peer-{os.getpid()}",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "check.crcs": True,
        # The library's default of 100,000 leaves the consumer waiting for the broker: 2.5 times slower here.
        "queued.min.messages": 1_000_000,
    })  # fmt: skip
    records, seconds = read_all(
        consumer, arguments.topic, Sink(arguments.table, PARSERS[arguments.parser], arguments.flush_rows)
    )
    consumer.close()
    print(json.dumps({"records": records, "seconds": seconds}))


main()
