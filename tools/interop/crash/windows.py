"""The crash windows, each by its number: a story that makes the condition, and what recovery must do."""

import signal

import confluent_kafka

import tables
from processes import check, check_equal, rows_landed, tail, wait_until
from world import FalseClock

RECORDS = 2_000


def says(command, text):
    """The log of a command holds a text."""
    check(text in command.stderr, f"{command.name} does not say {text!r}:\n{tail(command.stderr, 30)}")


def dies(*faults, count=RECORDS, all_bad=False):
    """A story: the sink dies at its fault, one after the other, and the next one lands the rest."""

    def story(world):
        world.feed.send(count, all_bad=all_bad)
        for fault in faults:
            world.die(fault)
        world.land()
        world.check()

    return story


def survives(*faults, count=RECORDS):
    """A story: the sink goes on over its faults and lands all in one run."""

    def story(world):
        world.feed.send(count)
        world.land(fault=",".join(faults))
        world.check()

    return story


def away(*faults):
    """A story: HDFS is away from the start, and the sink dies at its fault on the way to the spool."""

    def story(world):
        world.feed.send(RECORDS)
        world.road.cut()
        for fault in faults:
            world.die(fault)
        world.land()
        check(world.spooled() > 0, "nothing was spooled")
        world.road.open()
        world.sync()
        world.check()

    return story


def draining(fault):
    """A story: the sync dies at its fault, and the next one finishes."""

    def story(world):
        world.feed.send(RECORDS)
        world.road.cut()
        world.land()
        world.road.open()
        world.expect_killed(world.start_sync(fault=fault), fault)
        world.sync()
        world.check()
        says_nothing = world.sync()
        check("nothing to do" in says_nothing.stdout, f"a second sync found work: {says_nothing.stdout}")

    return story


def group_offset_above(world):
    world.feed.send(RECORDS)
    # The group that is ahead must be unknown so far: the mock cluster takes no commit from outside for another one.
    world.die("table.committed:2", group="before")
    consumer = confluent_kafka.Consumer({"bootstrap.servers": world.bootstrap, "group.id": "ahead"})
    places = []
    for partition in range(world.partitions):
        place = confluent_kafka.TopicPartition(world.topic, partition)
        _, place.offset = consumer.get_watermark_offsets(place, timeout=10)
        places.append(place)
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()
    says(world.land(group="ahead"), "the group's offset is above what has landed")
    world.check()


def late_zombie(world):
    world.feed.send(RECORDS)
    zombie = world.start_sink(fault="table.files-written:2:stop", session=120_000)
    world.expect_stopped(zombie, "its second commit")
    world.land(spool=world.folder / "other")
    world.go_on(zombie)
    zombie.expect_exit()
    says(zombie, "another sink landed records of a partition")
    world.check()


def fenced(world):
    """Two sinks own the same partition for good: the one that loses three commits in a row lets go."""
    world.feed.send(200)
    faults = ",".join(f"table.files-written:{count}:stop" for count in (2, 3, 4))
    # The group must not take the partitions away while the sink is stopped: it shall not be told.
    loser = world.start_sink(fault=faults, until_end=False, session=120_000)
    wait_until(lambda: world.commits() >= 1, 60, "the first commit")
    for _ in range(3):
        world.feed.send(200)
        world.expect_stopped(loser, "a commit")
        world.land(spool=world.folder / "other")
        world.go_on(loser)
    check_equal(loser.wait(60), 1, "end of the sink that lost")
    says(loser, "fenced: another sink lands this partition")
    world.land(spool=world.folder / "other")
    world.check()


def rebalance(world):
    """A second sink joins and leaves; each hands its partitions over with all that it had gathered."""
    first = world.start_sink("--instance-id", "a", group="shared", until_end=False)
    world.feed.send(RECORDS)
    second = world.start_sink("--instance-id", "b", group="shared", until_end=False, spool=world.folder / "other")
    wait_until(lambda: "partitions assigned" in second.stderr, 60, "the second sink's partitions")
    world.feed.send(RECORDS)
    second.send(signal.SIGTERM)
    second.expect_exit()
    world.feed.send(RECORDS)
    first.send(signal.SIGTERM)
    first.expect_exit()
    world.land(group="shared")
    world.check()


def in_doubt(did_land):
    """The answer to a commit is lost together with HDFS: the batch is spooled too, and lands once."""

    def story(world):
        world.feed.send(RECORDS)
        sink = world.start_sink(fault="hdfs.renamed.log:3:stop-lose" if did_land else "hdfs.staged.log:3:stop")
        world.expect_stopped(sink, "its second commit")
        world.road.cut()
        world.go_on(sink)
        sink.expect_exit()
        check(world.spooled() > 0, "the batch in doubt was not spooled")
        world.road.open()
        world.sync()
        world.check()

    return story


def two_syncs_and_a_sink(world):
    world.feed.send(RECORDS)
    world.road.cut()
    world.land()
    world.road.open()
    first = world.start_sync(fault="drain.uploaded:1:stop")
    world.expect_stopped(first, "its first upload")
    world.start_sync().expect_exit(75)
    world.feed.send(RECORDS)
    # Another host, which knows nothing of the spool, lands the same records meanwhile.
    world.land(spool=world.folder / "other")
    world.go_on(first)
    first.expect_exit()
    world.sync()
    world.check()


def topic_made_anew(count):
    """The topic is deleted and created again, with fewer or more records than had landed."""

    def story(world):
        world.feed.send(RECORDS)
        world.land()
        # The mock cluster keeps its topic in memory: another process is another life.
        next(command for command in world.commands if command.name == "kafka-dev-broker").end()
        world.start_broker(partitions=world.partitions)
        world.feed.incarnation = 1
        world.feed.send(count)
        stopped = world.start_sink().expect_exit(1)
        says(stopped, "deleted and created again")
        world.land("--new-incarnation")
        world.check()
        # The flag may stay: the topic goes on where the table ends.
        world.feed.send(100)
        says(world.land("--new-incarnation"), "is not needed")
        world.check()

    return story


def clock_jumps(world):
    """The clock is set a day ahead and half an hour back, in a zone with daylight saving, while batches are gathered:
    flushes come by the monotonic clock, and folders are days in UTC by the events' own time."""
    clock = FalseClock(world.folder)
    sink = world.start_sink("--batch-size", 1_000_000, until_end=False, environment=clock.environment)
    landed = 0
    for minutes in (0, 24 * 60, -30, 40, 0):
        clock.set(minutes)
        world.feed.send(400)
        landed = world.commits_after(landed, sink)
    # Idle, and the clock jumps under a batch that is being gathered.
    world.feed.send(50)
    clock.set(24 * 60)
    world.commits_after(landed, sink)
    sink.send(signal.SIGTERM)
    sink.expect_exit()
    world.check()
    tables.check_dates(world.hdfs.copy("vitals", world.folder / "by-day"))


def spool_full(world):
    # Enough for a full batch to wait behind the one that has no room: else there is nothing to be paused for.
    world.feed.send(2 * RECORDS)
    world.road.cut()
    sink = world.start_sink("--spool-limit", 60_000)
    wait_until(lambda: "the spool is full" in sink.stderr, 60, "a word about the full spool")
    check(sink.runs, "the sink ended because the spool was full")
    wait_until(lambda: "paused" in sink.stderr, 60, "a word about the pause")
    held = sum(file.stat().st_size for file in world.spool.glob("date=*/*.parquet"))
    check(held <= 60_000, f"the spool holds {held} bytes")
    world.road.open()
    world.sync()
    sink.expect_exit(seconds=120)
    world.sync()
    world.check()


def spool_overlaps(world):
    world.feed.send(RECORDS)
    world.road.cut()
    world.land()
    world.road.open()
    # Another host lands a part of what is spooled here.
    world.die("table.committed:2", "--flush-bytes", 100_000, spool=world.folder / "other")
    world.sync()
    world.land()
    world.check()


def second_outage(world):
    for _ in range(2):
        world.feed.send(RECORDS)
        world.land()
        world.feed.send(RECORDS // 2)
        world.road.cut()
        world.land()
        world.road.open()
        world.sync()
    world.check()


def host_lost(world):
    """The host dies with its spool: another one lands all from Kafka, and the spool, found again, adds nothing."""
    world.feed.send(RECORDS)
    world.die("table.committed:2")
    world.road.cut()
    world.land()
    world.road.open()
    world.land(spool=world.folder / "other")
    world.check()
    world.sync()
    world.check()


def checkpoint(world):
    """Death on the way to a checkpoint and to its pointer: readers do with the one before, or with none."""
    world.feed.send(200)
    world.land()
    world.set_property("delta.checkpointInterval", "2")
    for fault in ("hdfs.staged.checkpoint:1", "hdfs.renamed.checkpoint:1", "hdfs.staged.pointer:1"):
        world.feed.send(RECORDS)
        world.die(fault)
    world.land()
    world.check()


def suspended(world):
    """A writer sleeps in the middle of a commit while others write many, and the log is cleaned up behind it."""
    world.feed.send(200)
    world.land()
    world.set_property("delta.checkpointInterval", "2")
    world.feed.send(RECORDS)
    sleeper = world.start_sink(fault="hdfs.staged.log:3:stop")
    world.expect_stopped(sleeper, "its second commit")
    for _ in range(3):
        world.feed.send(200)
        world.land(spool=world.folder / "other")
    world.clean_up_log()
    world.go_on(sleeper)
    sleeper.expect_exit()
    world.land()
    world.check()


def safe_mode(world):
    """The NameNode refuses the rename of a log entry: no version is skipped, and nothing is lost."""
    world.feed.send(RECORDS)
    sink = world.start_sink(fault="hdfs.staged.log:3:stop")
    world.expect_stopped(sink, "its second commit")
    world.hdfs.control("safemode", "enter")
    try:
        world.go_on(sink)
        wait_until(lambda: "afe mode" in sink.stderr or world.spooled() > 0, 60, "a word about the safe mode")
    finally:
        world.hdfs.control("safemode", "leave")
    sink.expect_exit()
    world.sync()
    world.check()


def quota(world):
    """The space quota of the table is used up: the sink turns to the spool and comes home when there is room."""
    world.feed.send(RECORDS // 2)
    world.land()
    path = f"{world.hdfs.folder}/vitals"
    world.hdfs.control("quota", path, "--space", "1")
    try:
        world.feed.send(RECORDS)
        world.land()
        check(world.spooled() > 0, "nothing was spooled")
    finally:
        world.hdfs.control("quota", path, "--clear")
    world.sync()
    world.check()


def land_small_files(world, rounds=3):
    for _ in range(rounds):
        world.feed.send(RECORDS // 4)
        world.land()


def compacting(*faults):
    """A story: a compaction dies at its fault, one after the other; each time the table is whole, and the next one
    finishes. The sink goes on behind it, and knows its topic again by what the compacted files tell."""

    def story(world):
        land_small_files(world)
        for fault in faults:
            world.expect_killed(world.start_compact(fault=fault), fault)
            world.check(leftovers=False)
            land_small_files(world, 2)
        world.compact()
        world.compact(table=world.table + "_dead_letters")
        world.check()
        files = world.hdfs.versions("vitals")
        says_nothing = world.compact()
        check("nothing to do" in says_nothing.stdout, f"a second compaction found work: {says_nothing.stdout}")
        check_equal(world.hdfs.versions("vitals"), files, "versions after a compaction of nothing")
        land_small_files(world, 1)
        world.check()

    return story


def compacting_lossy(world):
    """The answers to a compaction's uploads and to its commit are lost: it goes on, and nothing is there twice."""
    land_small_files(world)
    world.compact(fault="hdfs.renamed.data:1:lose,hdfs.renamed.log:1:lose")
    world.check()


def two_compactions(world):
    """A compaction that slept while another was faster does nothing twice; neither does one that slept while an older
    version came back, whose rows the sink lands anew."""
    for other in ("compact", "restore"):
        land_small_files(world)
        sleeper = world.start_compact(fault="compact.before-commit:1:stop")
        world.expect_stopped(sleeper, "its commit")
        if other == "compact":
            world.compact()
        else:
            world.compact("restore", "--table-version", world.hdfs.versions("vitals") - 2, "--rewind")
        world.go_on(sleeper)
        sleeper.expect_exit()
        world.land()
        world.check()


def compacting_beside_a_sink(world):
    """Compactions one after the other while a sink lands: no conflict costs a row, and readers see each once."""
    sink = world.start_sink(until_end=False)
    for _ in range(4):
        world.feed.send(RECORDS)
        wait_until(lambda: rows_landed(sink), 60, "the table")
        world.compact("compact", "--min-files", 2)
    wait_until(lambda: rows_landed(sink) >= len(world.feed.sent), 60, "the rest of the rows")
    sink.send(signal.SIGTERM)
    sink.expect_exit()
    world.compact()
    world.check()
    says = world.compact("verify").stdout
    check(" 0 faults" in says, f"verify found faults: {says}")


def restoring(*faults):
    """A story: going back to an older version dies at its fault; the table is as it was, or as it is to be."""

    def story(world):
        land_small_files(world)
        world.compact()
        world.compact(table=world.table + "_dead_letters")
        version = world.hdfs.versions("vitals") - 1
        for fault in faults:
            land_small_files(world, 1)
            restore = world.start_compact("restore", "--table-version", version, "--rewind", fault=fault)
            world.expect_killed(restore, fault)
            world.land()
            world.check(leftovers=False)
        world.compact("restore", "--table-version", version, "--rewind")
        world.land()
        world.check()

    return story


# Number, name, story.
WINDOWS = [
    ("1", "buffering in memory", dies("sink.buffered:1", "sink.buffered:4")),
    ("2", "writing the spool's temporary file", away("local.half-written:3", "local.half-written:6")),
    ("3", "spool's files closed, not in its log", away("spool.files-written:1", "spool.files-written:2")),
    ("4", "middle of the WebHDFS body", dies("hdfs.body:3", "hdfs.body:5")),
    ("5", "201 lost, or death behind it", survives("hdfs.created.data:2:lose", "hdfs.created.log:3:lose")),
    ("5k", "death behind the 201", dies("hdfs.created.data:2", "hdfs.created.log:2")),
    ("6", "reply of the data rename lost", survives("hdfs.renamed.data:3:lose", "hdfs.renamed.letters-data:2:lose")),
    ("6k", "death behind the data rename", dies("hdfs.renamed.data:2", "hdfs.renamed.letters-data:1")),
    ("7", "data files final, no commit", dies("table.files-written:1", "table.files-written:3")),
    ("8", "log's temporary file written", dies("hdfs.staged.log:1", "hdfs.staged.log:2")),
    ("9", "reply of the log rename lost", survives("hdfs.renamed.log:2:lose", "hdfs.renamed.log:4:lose")),
    ("9k", "death behind the log rename", dies("hdfs.renamed.log:1", "hdfs.renamed.log:2",
                                               "hdfs.renamed.letters-log:1")),
    ("10", "committed, group offset not", dies("table.committed:1", "table.committed:2")),
    ("11", "group offset above the watermark", group_offset_above),
    ("12", "a zombie that finishes late", late_zombie),
    ("12f", "two owners: one is fenced", fenced),
    ("12r", "rebalance", rebalance),
    ("13", "during a checkpoint or its pointer", checkpoint),
    ("14", "compaction: death at its files and its commit", compacting(
        "hdfs.created.data:1", "hdfs.renamed.data:1", "compact.file-written:1", "compact.before-commit:1",
        "hdfs.staged.log:1", "hdfs.renamed.log:1", "compact.committed:1")),
    ("14l", "compaction: answers lost", compacting_lossy),
    ("14s", "compaction beside a sink", compacting_beside_a_sink),
    ("15", "compaction against compaction, erasing and restoring", two_compactions),
    ("15r", "restoring: death at its commit", restoring(
        "restore.before-commit:1", "hdfs.staged.log:1", "restore.committed:1")),
    ("16", "switch to the spool after a commit that happened", in_doubt(True)),
    ("16n", "switch to the spool after a commit that did not happen", in_doubt(False)),
    ("17", "sync: uploaded, not committed", draining("drain.uploaded:1")),
    ("18", "sync: committed on HDFS, not marked", draining("drain.landed:1")),
    ("19", "sync: marked, files not unlinked", draining("drain.marked:2")),
    ("20", "two syncs and a live writer", two_syncs_and_a_sink),
    ("21", "topic made anew, shorter", topic_made_anew(RECORDS // 2)),
    ("21l", "topic made anew, longer", topic_made_anew(RECORDS * 2)),
    ("22", "spool full", spool_full),
    ("23", "clock set ahead and back, daylight saving", clock_jumps),
    ("24", "bad records only; between the two commits", dies("table.letters-committed:1", "table.letters-committed:1",
                                                            all_bad=True)),
    ("24m", "between the two commits", dies("table.letters-committed:2", "table.letters-committed:1")),
    ("25", "spool overlaps the watermark", spool_overlaps),
    ("26", "second outage after a drained first", second_outage),
    ("27", "writer suspended past a clean-up of the log", suspended),
    ("28q", "quota", quota),
    ("host", "host lost with its spool", host_lost),
]  # fmt: skip

# These change the whole HDFS, and so run alone.
ALONE = [("28", "safe mode answers the log rename", safe_mode)]
