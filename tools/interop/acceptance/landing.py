"""100,000 records, exactly once: on a quiet day, through an outage of HDFS, and through three kills of the sink."""

import datetime
import random
import signal
import time

import confluent_kafka

import tables
from processes import check, check_equal, wait_until

RECORDS = 100_000
SEED = 20_260_101


def start_time():
    """Ten minutes before a midnight, UTC, so that the records fall on two days, none of them ahead of the clock."""
    midnight = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - datetime.timedelta(days=1, minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Load:
    """A seeded load: the producer's arguments, and the rows that it must become."""

    def __init__(self, scene):
        self.scene = scene
        # The interval is given since it follows from the rate otherwise, and the same load is sent at several rates.
        self.arguments = [
            "--patients", 100, "--count", RECORDS, "--seed", SEED, "--start-time", start_time(), "--interval", 1,
        ]  # fmt: skip

    def expected_rows(self):
        printed = self.scene.run("vitals-producer", "--print", *self.arguments, "--rate", 0).expect_exit()
        with open(printed.stdout_path) as lines:
            rows = tables.rows_of_messages(lines)
        check_equal(rows.total(), RECORDS, "records that the producer prints")
        return rows

    def produce(self, rate=0):
        return self.scene.produce(*self.arguments, "--rate", rate)


def high_watermarks(scene):
    """The end of each partition, after a check that the broker has dropped nothing at its beginning."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": scene.bootstrap, "group.id": "watermarks"})
    found = {}
    for partition in range(scene.partitions):
        topic_partition = confluent_kafka.TopicPartition(scene.topic, partition)
        low, high = consumer.get_watermark_offsets(topic_partition, timeout=10)
        check_equal(low, 0, f"first offset that the broker holds of partition {partition}")
        found[partition] = high
    consumer.close()
    return found


def check_landed(scene, expected, copy="copy"):
    """The table on HDFS holds exactly the expected rows, each once."""
    folder = scene.hdfs.copy("vitals", scene.folder / copy)
    table = tables.read(folder)
    check_equal(table.num_rows, expected.total(), "rows on HDFS")
    tables.check_offsets(table, high_watermarks(scene))
    tables.check_same_rows(tables.rows_of(table), expected)
    tables.check_dates(folder)
    for name in ("vitals", "vitals_dead_letters"):
        check_equal(scene.hdfs.leftovers(name), [], f"temporary files left under {name}/_landing")


def landing(scene):
    """A quiet day."""
    scene.start_broker()
    load = Load(scene)
    load.produce().expect_exit()
    sink = scene.sink(scene.hdfs.location("vitals"), "--batch-size", 20_000, "--until-end")
    sink.expect_exit(seconds=300)
    check_landed(scene, load.expected_rows())


def outage(scene):
    """HDFS dies under the sink and comes back later."""
    scene.start_broker()
    load = Load(scene)
    producer = load.produce(rate=10_000)
    sink = scene.sink(scene.hdfs.location("vitals"), "--batch-size", 5_000, "--flush-seconds", 1)
    wait_until(lambda: scene.hdfs.versions("vitals") >= 2, 60, "the first commits on HDFS")
    scene.hdfs.control("kill-namenode")
    try:
        check(producer.runs, "the records were all sent before HDFS was stopped: the outage hits nothing")
        producer.expect_exit()
        wait_until(lambda: list(scene.spool.glob("**/_delta_log/*.json")), 120, "the sink's turn to the spool")
        sink.send(signal.SIGTERM)
        sink.expect_exit(seconds=120)
        # What the first sink did not come to is landed by a second one, which has never seen HDFS.
        scene.sink(scene.hdfs.location("vitals"), "--until-end").expect_exit(seconds=300)
    finally:
        scene.hdfs.control("start-namenode")
    before = tables.read(scene.hdfs.copy("vitals", scene.folder / "before")).num_rows
    check(0 < before < RECORDS, f"{before} rows were on HDFS before the sync: the outage was not in the middle")
    sync = ("--spool", scene.spool, "--table", scene.hdfs.location("vitals"))
    scene.run("hdfs-sync", *sync).expect_exit(seconds=300)
    check_landed(scene, load.expected_rows())
    versions = scene.hdfs.versions("vitals")
    scene.run("hdfs-sync", *sync).expect_exit(seconds=60)
    check_equal(scene.hdfs.versions("vitals"), versions, "commits after a second sync with nothing to do")


def kill(scene):
    """The sink is killed three times, at moments chosen by a seed, without a chance to tidy up."""
    scene.start_broker()
    load = Load(scene)
    load.produce().expect_exit()
    moments = random.Random(SEED)
    for round_number in range(1, 4):
        before = scene.hdfs.versions("vitals")
        # Bytes bind a batch even while the one before is being landed, so that there are many to be killed in.
        sink = scene.sink(scene.hdfs.location("vitals"), "--flush-bytes", 500_000, "--until-end")
        wait_until(
            lambda: not sink.runs or scene.hdfs.versions("vitals") >= before + 3, 120, f"commits of sink {round_number}"
        )
        time.sleep(moments.uniform(0, 0.5))
        sink.send(signal.SIGKILL)
        check_equal(sink.wait(), -signal.SIGKILL, f"end of sink {round_number}")
    landed = tables.read(scene.hdfs.copy("vitals", scene.folder / "before")).num_rows
    check(0 < landed < RECORDS, f"{landed} rows had landed before the last sink: the kills were not on the way")
    scene.sink(scene.hdfs.location("vitals"), "--batch-size", 20_000, "--until-end").expect_exit(seconds=300)
    check_landed(scene, load.expected_rows())
