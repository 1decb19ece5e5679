"""Makes a small table with all that the log has; started by tools/golden-table, which says more."""

import argparse
import base64
import json
import pathlib
import shutil
import sys

import confluent_kafka

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

from processes import ROOT, Command, check, check_equal, tail, wait_until  # noqa: E402

TOPIC = "vitals"
PARTITIONS = 2
BAD = [b"no reading", b'{"patient_id":"P1","event_time":1767312000000,"heart_rate":4000}', None]


class World:
    def __init__(self, folder):
        self.folder = folder
        self.table = folder / TOPIC
        self.broker = Command(folder, "kafka-dev-broker", "--topic", f"{TOPIC}:{PARTITIONS}")
        text = wait_until(lambda: self.broker.stdout.strip() or not self.broker.runs, 20, "the broker's address")
        check(self.broker.runs, f"the broker ended:\n{tail(self.broker.stderr)}")
        self.bootstrap = text.split()[-1]
        self.groups = 0

    def produce(self, count, seed, start):
        Command(
            self.folder, "vitals-producer", "--bootstrap-servers", self.bootstrap, "--topic", TOPIC, "--count", count,
            "--seed", seed, "--patients", 5, "--rate", 0, "--interval", 30, "--start-time", start,
        ).expect_exit()  # fmt: skip

    def send(self, values):
        producer = confluent_kafka.Producer({"bootstrap.servers": self.bootstrap})
        for value in values:
            producer.produce(TOPIC, value, b"key", headers={"source": "golden"})
        check_equal(producer.flush(60), 0, "records that the broker did not take")

    def land(self, *arguments):
        self.groups += 1
        Command(
            self.folder, "vitals-sink", "--bootstrap-servers", self.bootstrap, "--topic", TOPIC, "--table", self.table,
            "--group-id", f"group{self.groups}", "--until-end", *arguments,
        ).expect_exit()  # fmt: skip

    def set_property(self, name, value):
        """Commits a setting of the table as another engine would."""
        log = self.table / "_delta_log"
        actions = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
        metadata = next(action for action in actions if "metaData" in action)
        metadata["metaData"]["configuration"][name] = value
        info = {"commitInfo": {"operation": "SET TBLPROPERTIES", "timestamp": 1_767_312_000_000}}
        version = len(list(log.glob("*.json")))
        (log / f"{version:020}.json").write_text("\n".join(map(json.dumps, (info, metadata))) + "\n")

    def messages(self):
        """All that is in the topic, as lines of what the tables must hold."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.bootstrap, "group.id": "golden"})
        for partition in range(PARTITIONS):
            place = confluent_kafka.TopicPartition(TOPIC, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=10)
            consumer.assign([place])
            for _ in range(end):
                # In a list, since a tombstone counts as false.
                found = wait_until(lambda: consumer.consume(1, 1), 20, "a message of the topic")
                yield self.line(found[0])
        consumer.close()

    @staticmethod
    def line(message):
        line = {"partition": message.partition(), "offset": message.offset(), "timestamp": message.timestamp()[1]}
        value = message.value()
        if value in BAD:
            return {**line, "letter": None if value is None else base64.b64encode(value).decode()}
        return {**line, "row": json.loads(value)}


def grown_schema(folder):
    schema = json.loads((ROOT / "Schemas" / "vitals.avsc").read_text())
    schema["fields"].append({"name": "ward", "type": ["null", "string"], "default": None})
    path = folder / "grown.avsc"
    path.write_text(json.dumps(schema))
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    world = World(arguments.folder)
    try:
        world.produce(60, 1, "2026-01-01T23:57:00Z")
        world.land()
        world.set_property("delta.checkpointInterval", "2")
        world.send(BAD)
        world.produce(40, 2, "2026-01-02T00:10:00Z")
        world.land("--batch-size", 20)
        time = 1_767_313_000_000
        world.send(json.dumps({"patient_id": "Ü1", "event_time": time + n, "spo2": 97.5, "ward": f"W{n}"}).encode()
                   for n in range(5))  # fmt: skip
        world.land("--schema", grown_schema(arguments.folder))
        lines = list(world.messages())
    finally:
        world.broker.end()
    arguments.target.mkdir(parents=True)
    with open(arguments.target / "topic.ndjson", "w") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    for name in (TOPIC, f"{TOPIC}_dead_letters"):
        leftovers = shutil.ignore_patterns("_landing", ".*")
        shutil.copytree(arguments.folder / name, arguments.target / name, ignore=leftovers)
    check((arguments.target / TOPIC / "_delta_log" / "_last_checkpoint").exists(), "no checkpoint was written")


main()
